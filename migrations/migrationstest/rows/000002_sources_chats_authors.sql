INSERT INTO sources (name) VALUES ('telegram'), ('api');
INSERT INTO chats (source_id, external_id, kind, name, username, is_forum, facts_at, migrated_to_chat, bot_status, bot_status_at, unmonitored_messages, last_seen_at, reported_at)
VALUES (1, '-1001234567890', 'supergroup', 'Магазин «Дніпро»', 'dnipro', true, now(), '', 'member', now(), 7, now(), now()),
       (1, '-42', 'group', 'стара', '', false, now(), '-1001234567890', '', NULL, 0, NULL, NULL);
INSERT INTO topics (chat_id, thread_id, name) VALUES (1, '5', E'Каса \\ "тест"\t|');
INSERT INTO authors (source_id, external_id, name, named_at, avatar_file_id, avatar_version, avatar_checked_at, avatar_next_check_at)
VALUES (1, '42', 'Оля', now(), 'AQADfile', 3, now(), now());
INSERT INTO avatars (author_id, content_type, image) VALUES (1, 'image/png', '\x89504e470d0a1a0a00ff5c0a');
INSERT INTO author_names (source_id, name) VALUES (1, 'Оля'), (1, ''), (2, repeat('дуже довге ім''я ', 500));
