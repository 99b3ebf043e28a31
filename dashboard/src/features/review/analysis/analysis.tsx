import { useInfiniteQuery } from '@tanstack/react-query';
import { NotebookText } from 'lucide-react';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { Card } from '@/components/page';
import { State } from '@/components/states';
import { runsQuery, type AnalysisRun } from '@/data/analysis';
import { cn } from '@/lib/cn';

import { RunForm } from './run-form';
import { RunList } from './run-list';
import { RunView } from './run-view';
import { parseDays, type Days } from './span';
import { useGroupNames } from './use-group-names';

const numberOf = (text: string | null) => (text && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : undefined);

/** Runs over days and groups: asked for at the left, read at the right. All of it is in the address. */
export function Analysis() {
  const { t } = useTranslation('review');
  const [parameters, setParameters] = useSearchParams();
  const days = parseDays(parameters);
  const groups = [...new Set(parameters.getAll('group'))].slice(0, 50);
  const chosen = numberOf(parameters.get('run'));
  const { data: pages, isError } = useInfiniteQuery(runsQuery);
  const runs = pages?.pages.flatMap(({ items }) => items) ?? [];
  const names = useGroupNames(days);
  const shown = chosen ?? runs[0]?.id;

  const to = useCallback(
    (id: number | undefined) => {
      const next = new URLSearchParams(parameters);
      if (id === undefined) next.delete('run');
      else next.set('run', String(id));
      return `/review?${next.toString()}`;
    },
    [parameters],
  );
  const change = (edit: (next: URLSearchParams) => void, replace = true) =>
    setParameters(
      (before) => {
        const next = new URLSearchParams(before);
        edit(next);
        return next;
      },
      { replace },
    );
  const onStarted = (run: AnalysisRun) => change((next) => next.set('run', String(run.id)), false);
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[22rem_minmax(0,1fr)]">
      <div className={cn('min-w-0 space-y-4', chosen !== undefined && 'max-lg:hidden')}>
        <RunForm
          days={days}
          groups={groups}
          onDays={({ from, to: last }: Days) =>
            change((next) => {
              next.set('from', from);
              next.set('to', last);
            })
          }
          onGroups={(list) =>
            change((next) => {
              next.delete('group');
              for (const id of list) next.append('group', id);
            })
          }
          onStarted={onStarted}
        />
        <RunList chosen={shown} to={to} />
      </div>
      <div className={cn('min-w-0', chosen === undefined && 'max-lg:hidden')}>
        {shown !== undefined ? (
          <RunView key={shown} id={shown} runs={runs} to={to} back={to(undefined)} groupName={(id) => names.get(id) ?? id} onStarted={onStarted} />
        ) : isError ? null : ( // whether there is one is not known then: the list says why
          <Card>
            <State icon={NotebookText} title={t('analysis.nothingShown')} text={t('analysis.nothingShownText')} />
          </Card>
        )}
      </div>
    </div>
  );
}
