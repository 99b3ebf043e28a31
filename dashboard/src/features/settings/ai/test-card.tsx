import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

import { CategoryChip, PriorityChip } from '@/components/chips';
import { ChangeButton } from '@/components/guarded';
import { Notice } from '@/components/notice';
import { Card } from '@/components/page';
import { Said } from '@/components/said';
import { useErrorText } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Label } from '@/components/ui/label';
import { Textarea } from '@/components/ui/textarea';
import type { AIProvider, AITestReport } from '@/data/ai';
import { api, unwrap, type TaskCategory, type TaskPriority } from '@/lib/api';
import { useDraft } from '@/lib/drafts';
import { formatNumber, formatPercent } from '@/lib/format';
import { keys } from '@/lib/query-keys';
import { CATEGORIES, PRIORITIES } from '@/lib/task-values';
import { oneOf } from '@/lib/url-state';

/** Has a sample judged by a provider, with the settings as they are stored. */
export function TestCard({ providers }: { providers: readonly AIProvider[] }) {
  const { t } = useTranslation('settings');
  const errorText = useErrorText();
  const cache = useQueryClient();
  const id = useId();
  const [typed, setText] = useDraft('ai.sample', '');
  const text = typed ?? '';
  const test = useMutation({
    mutationFn: (provider: AIProvider['id']) => unwrap(api.POST('/api/ai/providers/{id}/test', { params: { path: { id: provider } }, body: text.trim() ? { text } : {} })),
    onSettled: () => void cache.invalidateQueries({ queryKey: keys.settings }),
  });
  return (
    <Card title={t('ai.test.title')}>
      <div className="space-y-3 p-4">
        <p className="text-sm text-pretty text-muted">{t('ai.test.text')}</p>
        <div className="flex flex-col gap-1">
          <Label htmlFor={id}>{t('ai.test.sample')}</Label>
          <Textarea id={id} rows={3} maxLength={30_000} placeholder={t('ai.test.placeholder')} value={text} onChange={(event) => setText(event.target.value)} />
        </div>
        <div className="flex flex-wrap gap-2">
          {providers.map((provider) => (
            <ChangeButton key={provider.id} disabled={test.isPending || !provider.configured} onClick={() => test.mutate(provider.id)}>
              <FlaskConical aria-hidden />
              {test.isPending && test.variables === provider.id ? t('ai.test.running') : t(`ai.test.run.${provider.id}`)}
            </ChangeButton>
          ))}
        </div>
        {test.error ? (
          <Notice tone="danger" announce title={t('ai.test.failed')}>
            {errorText(test.error)}
          </Notice>
        ) : test.data ? (
          <Report report={test.data} />
        ) : null}
      </div>
    </Card>
  );
}

function Report({ report: { ok, milliseconds, model, prompt_tokens, completion_tokens, cost, result, detail, detail_clauses } }: { report: AITestReport }) {
  const { t } = useTranslation('settings');
  const language = useLanguage();
  const number = (n: number) => formatNumber(n, language);
  const tokens = prompt_tokens + completion_tokens;
  const category: TaskCategory | undefined = oneOf(result?.category ?? null, CATEGORIES);
  const priority: TaskPriority | undefined = oneOf(result?.priority ?? null, PRIORITIES);
  return (
    <Notice tone={ok ? 'success' : 'danger'} announce title={ok ? t('ai.test.ok') : t('ai.test.notOk')}>
      {detail ? (
        <p>
          <Said sentence={detail} clauses={detail_clauses} />
        </p>
      ) : null}
      {result ? (
        <div className="space-y-1.5 py-1">
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone={result.is_issue ? 'primary' : 'neutral'}>{result.is_issue ? t('ai.test.issue') : t('ai.test.noIssue')}</Badge>
            {category ? <CategoryChip category={category} /> : null}
            {priority ? <PriorityChip priority={priority} /> : null}
            <span className="text-xs">{t('ai.test.sure', { share: formatPercent(result.confidence, language) })}</span>
          </p>
          {result.quote ? <blockquote className="border-l-2 border-border-strong pl-3 [overflow-wrap:anywhere]">{result.quote}</blockquote> : null}
          {result.reason ? (
            <p className="text-muted">
              <Said sentence={result.reason} clauses={result.reason_clauses} />
            </p>
          ) : null}
        </div>
      ) : null}
      <p className="text-xs text-muted tabular-nums">
        {model} · {t('ai.test.time', { ms: number(Math.round(milliseconds * 10) / 10) })}
        {tokens > 0 ? ` · ${t('ai.test.tokens', { count: tokens, n: number(tokens) })}` : ''}
        {cost === null ? '' : ` · ${t('ai.test.cost', { cost: cost.toPrecision(2) })}`}
      </p>
    </Notice>
  );
}
