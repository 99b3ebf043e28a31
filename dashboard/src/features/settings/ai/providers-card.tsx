import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Card } from '@/components/page';
import { Said } from '@/components/said';
import { ErrorState, LoadingRows } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Badge, type Tone } from '@/components/ui/badge';
import { aiProvidersQuery, type AIProvider } from '@/data/ai';
import { formatNumber, formatPercent } from '@/lib/format';

const tones: Record<AIProvider['state'], Tone> = { ready: 'success', failing: 'danger', over_budget: 'warning', circuit_open: 'danger', not_configured: 'neutral', unknown: 'neutral' };

/** How those who can judge are doing, as the workers see them. */
export function ProvidersCard() {
  const { t } = useTranslation('settings');
  const query = useQuery(aiProvidersQuery);
  return (
    <Card
      title={t('ai.providers.title')}
      actions={
        <Link to="/messages?classification=unclassified" className="inline-flex items-center text-xs text-primary-text underline-offset-4 touch-target hover:underline">
          {t('ai.providers.waiting')}
        </Link>
      }
    >
      {query.data ? (
        <ul className="divide-y divide-border">
          {query.data.map((provider) => (
            <Provider key={provider.id} provider={provider} />
          ))}
        </ul>
      ) : query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <LoadingRows rows={2} />
      )}
    </Card>
  );
}

function Provider({ provider: { id, active, state, detail, detail_clauses, model, version, tokens_today, budget } }: { provider: AIProvider }) {
  const { t } = useTranslation('settings');
  const language = useLanguage();
  const number = (n: number) => formatNumber(n, language);
  const share = budget ? Math.min(tokens_today / budget, 1) : 0;
  return (
    <li className="space-y-1.5 px-4 py-3 text-sm">
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{t(`ai.provider.${id}`)}</span>
        <Badge tone={tones[state]}>{t(`ai.state.${state}`)}</Badge>
        {active ? <Badge tone="primary">{t('ai.providers.active')}</Badge> : null}
        {model ? (
          <span className="text-xs text-muted">
            {model}
            {version ? ` · ${t('ai.providers.version', { version })}` : ''}
          </span>
        ) : null}
      </p>
      {detail ? (
        <p className="text-xs text-pretty text-muted">
          <Said sentence={detail} clauses={detail_clauses} />
        </p>
      ) : null}
      {id === 'openai' ? (
        <div className="max-w-sm space-y-1">
          <p className="text-xs text-muted tabular-nums">{budget ? t('ai.providers.ofBudget', { used: number(tokens_today), budget: number(budget), share: formatPercent(share, language) }) : t('ai.providers.used', { used: number(tokens_today) })}</p>
          {budget ? (
            <div aria-hidden className="h-1.5 overflow-hidden rounded-full bg-sunken ring-1 ring-border ring-inset">
              <div className={share >= 1 ? 'h-full bg-danger forced-color-adjust-none' : 'h-full bg-primary forced-color-adjust-none'} style={{ width: `${share * 100}%` }} />
            </div>
          ) : null}
        </div>
      ) : null}
    </li>
  );
}
