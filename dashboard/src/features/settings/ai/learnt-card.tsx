import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { Notice } from '@/components/notice';
import { Card } from '@/components/page';
import { ErrorState, LoadingRows, useErrorText } from '@/components/states';
import { RelativeTime } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { aiAdaptersQuery, type AIAdapter, type AIAdapters } from '@/data/ai';
import { api, unwrap } from '@/lib/api';

/** What the built-in classifier has learnt from corrections: each version with what it is worth, and the way back. */
export function LearntCard() {
  const { t } = useTranslation('settings');
  const errorText = useErrorText();
  const cache = useQueryClient();
  const query = useQuery(aiAdaptersQuery);
  const choose = useMutation({
    mutationFn: (id: number | null) => unwrap(api.PUT('/api/ai/adapters/active', { body: { id } })),
    onSuccess: (answer) => cache.setQueryData(aiAdaptersQuery.queryKey, answer),
  });
  return (
    <Card title={t('ai.learnt.title')}>
      {choose.error ? (
        <Notice tone="danger" announce title={t('ai.notSaved')}>
          {errorText(choose.error)}
        </Notice>
      ) : null}
      {query.data ? (
        <Versions learnt={query.data} busy={choose.isPending} choose={choose.mutate} />
      ) : query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <LoadingRows rows={2} />
      )}
    </Card>
  );
}

interface Choice {
  busy: boolean;
  choose: (id: number | null) => void;
}

function Versions({ learnt, busy, choose }: Choice & { learnt: AIAdapters }) {
  const { t } = useTranslation('settings');
  return (
    <>
      <p className="px-4 py-3 text-sm text-pretty text-muted">
        {learnt.items.length === 0 ? t('ai.learnt.none') : t('ai.learnt.text')} {t('ai.learnt.waiting', { count: learnt.new_corrections })}
      </p>
      {learnt.items.length > 0 ? (
        <ul className="divide-y divide-border border-t border-border">
          {learnt.items.map((version) => (
            <Version key={version.id} version={version} busy={busy} choose={choose} />
          ))}
          <li className="flex min-h-11 flex-wrap items-center gap-2 px-4 py-2 text-sm">
            <span className="grow font-medium">{t('ai.learnt.shipped', { version: learnt.base ?? '' })}</span>
            {learnt.active_id === null ? (
              <Badge tone="primary">{t('ai.learnt.active')}</Badge>
            ) : (
              <ChangeButton size="sm" disabled={busy} onClick={() => choose(null)}>
                {t('ai.learnt.useShipped')}
              </ChangeButton>
            )}
          </li>
        </ul>
      ) : null}
    </>
  );
}

function Version({ version: { id, active, fits, learnt, held_back, before, after, created_at }, busy, choose }: Choice & { version: AIAdapter }) {
  const { t } = useTranslation('settings');
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-2 px-4 py-2 text-sm">
      <span className="min-w-0 grow">
        <span className="font-medium">{t('ai.learnt.version', { id })}</span>
        <span className="block text-xs text-muted">
          {t('ai.learnt.worth', { learnt, before: before.right, after: after.right, held: held_back })} · <RelativeTime at={created_at} focusable />
        </span>
      </span>
      {active ? (
        <Badge tone="primary">{t('ai.learnt.active')}</Badge>
      ) : fits ? (
        <ChangeButton size="sm" disabled={busy} aria-label={t('ai.learnt.useVersion', { id })} onClick={() => choose(id)}>
          {t('ai.learnt.use')}
        </ChangeButton>
      ) : (
        <Badge>{t('ai.learnt.old')}</Badge>
      )}
    </li>
  );
}
