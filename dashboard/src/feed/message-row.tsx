import type { Message } from '../api/client';
import type { Language, Texts } from '../i18n/texts';
import { Time } from './time';

interface Props {
  message: Message;
  t: Texts;
  language: Language;
}

/** `bdi` keeps right-to-left text and override characters from turning the rest of the row around. */
export function MessageRow({ message, t, language }: Props) {
  return (
    <li className={message.persisted ? 'row' : 'row pending'}>
      {message.avatar_url ? (
        <img className="avatar" src={message.avatar_url} alt="" width={36} height={36} loading="lazy" />
      ) : (
        <span className="avatar" aria-hidden="true" />
      )}
      <div className="body">
        <p className="meta">
          <bdi className="author">{message.author || t.unknownAuthor}</bdi>
          <bdi className="chat">{message.chat_name ?? message.source_name}</bdi>
          <Time at={message.sent_at} language={language} />
          {message.edited_at ? <span>{t.edited}</span> : null}
          {message.persisted ? null : <span className="saving">{t.saving}</span>}
        </p>
        <p className="content">
          <bdi>{message.content}</bdi>
        </p>
      </div>
    </li>
  );
}
