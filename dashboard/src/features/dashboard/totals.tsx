import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useLanguage } from '@/components/time';
import { statsQuery } from '@/data/insight';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import { pathWith } from '@/lib/url-state';

import { FigureCard, Figures, FiguresFault } from './figure-card';

const names = ['total', 'pending', 'in_progress', 'completed'] as const;

/** All tasks by where they stand; of each, how many were created in the last 30 days. */
export function Totals() {
  const { t } = useTranslation(['dashboard', 'common']);
  const language = useLanguage();
  const { data, error, refetch } = useQuery(statsQuery);
  if (error && !data) return <FiguresFault error={error} title={t('totals.failed')} retry={() => void refetch()} />;
  const number = (n: number) => formatNumber(n, language);
  const status = (name: 'open' | 'pending' | 'in_progress' | 'completed') => pathWith('/tasks', { status: name });
  return (
    <Figures label={t('totals.title')} busy={!data}>
      {names.map((name) => (
        <FigureCard key={name} name={t(`totals.${name}`)} className="has-[.whole:hover]:bg-hover">
          {data ? (
            <>
              {/* What awaits action has two statuses, so two lists. */}
              <Whole {...(name === 'pending' ? {} : { to: name === 'total' ? '/tasks' : status(name) })}>{number(data[name])}</Whole>
              {name === 'pending' ? (
                <span className="flex flex-wrap gap-x-3 text-xs">
                  {(['open', 'pending'] as const).map((one) => (
                    <Link key={one} to={status(one)} className="inline-flex items-center gap-1 text-primary-text underline-offset-4 touch-target hover:underline">
                      {t(`common:status.${one}`)}: <span className="tabular-nums">{number(data.by_status[one])}</span>
                    </Link>
                  ))}
                </span>
              ) : null}
              <span className="text-xs text-muted">{t('totals.trend', { count: data.trend[name], n: number(data.trend[name]) })}</span>
            </>
          ) : null}
        </FigureCard>
      ))}
    </Figures>
  );
}

/** The number; with `to` the whole card is the link. */
function Whole({ to, children }: { to?: string; children: ReactNode }) {
  const look = 'text-2xl font-semibold tabular-nums';
  return to ? (
    <Link to={to} className={cn(look, 'whole rounded-sm after:absolute after:inset-0 after:rounded-lg')}>
      {children}
    </Link>
  ) : (
    <span className={look}>{children}</span>
  );
}
