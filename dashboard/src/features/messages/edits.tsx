import { useTranslation } from 'react-i18next';

import { RelativeTime } from '@/components/time';
import type { MessageDetail } from '@/lib/api';

/** What the message said before, oldest first, and what it says now. */
export function Edits({ detail }: { detail: MessageDetail }) {
  const { t } = useTranslation('messages');
  const versions = [...detail.edits.map(({ content, edited_at }) => ({ content, at: edited_at })), { content: detail.content, at: detail.edited_at ?? detail.sent_at }];
  return (
    <section aria-label={t('edits', { count: detail.edits.length })}>
      <h3 className="mb-2 text-xs font-semibold text-muted">{t('edits', { count: detail.edits.length })}</h3>
      <ol className="space-y-2 border-l-2 border-border pl-3">
        {versions.map(({ content, at }, i) => {
          const last = i === versions.length - 1;
          return (
            <li key={at + String(i)}>
              <p className="text-xs text-muted">
                {last ? t('versionNow') : t('versionBefore')} · <RelativeTime at={at} focusable />
              </p>
              <p className="break-words whitespace-pre-wrap">
                {last ? (
                  <ins className="bg-success-soft text-foreground no-underline">
                    <bdi>{content}</bdi>
                  </ins>
                ) : (
                  <del className="text-muted decoration-danger/60">
                    <bdi>{content}</bdi>
                  </del>
                )}
              </p>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
