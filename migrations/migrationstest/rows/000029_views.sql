INSERT INTO views (page, name, query) VALUES ('tasks', 'Каса · термінове', 'priority=critical&status=open');
