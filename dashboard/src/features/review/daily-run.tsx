import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CircleDashed, Info, Loader, Play } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { DateField } from '@/components/date-field';
import { ChangeButton } from '@/components/guarded';
import { Card } from '@/components/page';
import { useErrorText } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Label } from '@/components/ui/label';
import { activityQuery, sumBy } from '@/data/activity';
import { api, ApiError, unwrap } from '@/lib/api';
import { cn } from '@/lib/cn';
import { addDays, formatLongDay, formatNumber, isoDay, timeZone } from '@/lib/format';
import { keys } from '@/lib/query-keys';
import { day, pathWith, useUrlFilter } from '@/lib/url-state';
import { useCanChange } from '@/live/live';

import { stages, stageStates, type StageState } from './run';
import { useRuns, type Run } from './use-runs';

const parse = (parameters: URLSearchParams) => ({ date: day(parameters.get('date')) });

/** A day's messages to one summary; its stages are shown as the server tells them. */
export function DailyRun() {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  const cache = useQueryClient();
  const canChange = useCanChange();
  const id = useId();
  const [filter, change] = useUrlFilter(parse);
  const now = new Date();
  const today = isoDay(now);
  const date = filter.date && filter.date <= today ? filter.date : today;
  const { runs, forget } = useRuns();
  const run = useMutation({
    mutationFn: (target_date: string) => unwrap(api.POST('/api/analyze-day', { params: { query: { target_date, tz: timeZone() } } })),
    onMutate: forget,
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: keys.tasks.lists });
      void cache.invalidateQueries({ queryKey: keys.stats });
    },
  });
  const heard = runs.get(date);
  const mine = run.variables === date;
  const underWay = (mine && run.isPending) || (heard !== undefined && heard.last.stage !== 'done' && heard.last.stage !== 'failed');
  const choose = (next: string) => change({ date: next === today ? undefined : next }, { replace: true });

  return (
    <Card title={t('run.title')}>
      <div className="space-y-4 p-4">
        <p className="text-sm text-pretty text-muted">{t('run.text')}</p>
        <form
          className="flex flex-wrap items-end gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            // Enter reaches here past the button, which says why nothing can be sent.
            if (!underWay && canChange) run.mutate(date);
          }}
        >
          <div className="flex flex-col gap-1">
            <Label htmlFor={id}>{t('run.day')}</Label>
            <DateField id={id} required max={today} value={date} onChange={choose} className="w-44" />
          </div>
          <div role="group" aria-label={t('run.day')} className="flex gap-1">
            <Button aria-pressed={date === today} className="aria-pressed:bg-selected" onClick={() => choose(today)}>
              {t('run.today')}
            </Button>
            <Button aria-pressed={date === isoDay(addDays(now, -1))} className="aria-pressed:bg-selected" onClick={() => choose(isoDay(addDays(now, -1)))}>
              {t('run.yesterday')}
            </Button>
          </div>
          <ChangeButton type="submit" variant="primary" disabled={underWay}>
            <Play aria-hidden />
            {underWay ? t('run.running') : t('run.start')}
          </ChangeButton>
        </form>
        <p className="text-sm text-muted">
          {formatLongDay(new Date(`${date}T00:00`), language)} · {timeZone()} · <MessagesOfDay date={date} />
        </p>
        {underWay || heard ? <Stages run={heard} /> : null}
        {mine && run.data ? <Outcome message={run.data.message} processed={run.data.messages_processed} task={run.data.summary_task_id} date={date} /> : null}
        {mine && run.error ? <Failure error={run.error} retry={() => run.mutate(date)} /> : null}
      </div>
    </Card>
  );
}

/** How many messages the day has, analysed or not, from the counts that the charts use. */
function MessagesOfDay({ date }: { date: string }) {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  const [year = 0, month = 1] = date.split('-').map(Number);
  const activity = useQuery(activityQuery({ kind: 'month', year, month: month - 1 }));
  if (!activity.data) return <span>{activity.error ? t('run.countFailed') : t('common:states.loading')}</span>;
  const count = sumBy(activity.data.hours, ({ day: on }) => on).get(date) ?? 0;
  return (
    <Link to={pathWith('/messages', { date_from: date, date_to: date })} className="text-primary-text underline underline-offset-4">
      {t('run.messages', { count, n: formatNumber(count, language) })}
    </Link>
  );
}

const icons: Record<StageState, typeof Loader> = { done: CircleCheck, now: Loader, ahead: CircleDashed, failed: CircleAlert };
const colors: Record<StageState, string> = { done: 'text-success', now: 'text-primary-text', ahead: 'text-muted', failed: 'text-danger' };

function Stages({ run }: { run: Run | undefined }) {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  const states = stageStates(run?.last, run?.failedAt);
  const { processed = 0, total = 0 } = run?.last ?? {};
  return (
    <ol aria-label={t('run.stages')} aria-live="polite" className="grid grid-cols-[repeat(auto-fit,minmax(10rem,1fr))] gap-2">
      {stages.map((stage) => {
        const state = states[stage];
        const Icon = icons[state];
        return (
          <li key={stage} data-stage-state={state} className={cn('flex items-start gap-2 rounded-md border px-3 py-2 text-sm', state === 'now' ? 'border-primary bg-selected' : 'border-border')}>
            <Icon className={cn('mt-0.5 size-4 shrink-0', colors[state], state === 'now' && 'animate-spin')} aria-hidden />
            <span className="min-w-0">
              <span className="block">{t(`run.stage.${stage}`)}</span>
              <span className={cn('block text-xs', state === 'failed' ? 'text-danger' : 'text-muted')}>
                {state === 'failed' ? t('run.stageFailed') : state === 'now' && total > 0 ? t('run.progress', { done: formatNumber(processed, language), total: formatNumber(total, language) }) : state === 'done' ? t('run.stageDone') : ''}
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Outcome({ message, processed, task, date }: { message: string; processed: number; task: number | undefined; date: string }) {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  if (task === undefined) {
    return (
      <div role="status" className="flex gap-2.5 rounded-md bg-info-soft px-3 py-2.5 text-sm text-info">
        <Info className="mt-0.5 size-4 shrink-0" aria-hidden />
        <div>
          <p className="font-medium">{t('run.nothingLeft', { date: formatLongDay(new Date(`${date}T00:00`), language) })}</p>
          {/* The server's own sentence says the same, in English. */}
          {language === 'en' ? <p className="text-xs">{message}</p> : null}
        </div>
      </div>
    );
  }
  return (
    <div role="status" className="flex flex-wrap items-center gap-2.5 rounded-md bg-success-soft px-3 py-2.5 text-sm text-success">
      <CircleCheck className="size-4 shrink-0" aria-hidden />
      <p className="min-w-0 flex-1 font-medium">{t('run.summarised', { count: processed, n: formatNumber(processed, language) })}</p>
      <Button asChild size="sm">
        <Link to={`/tasks/${task}`}>{t('run.openTask', { id: task })}</Link>
      </Button>
    </div>
  );
}

function Failure({ error, retry }: { error: Error; retry: () => void }) {
  const { t } = useTranslation(['review', 'common']);
  const errorText = useErrorText();
  const after = error instanceof ApiError ? error.retryAfter : null;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-2.5 rounded-md bg-danger-soft px-3 py-2.5 text-sm text-danger">
      <CircleAlert className="size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{t('run.failed')}</p>
        <p className="text-xs">
          {errorText(error)} {after ? t('run.after', { count: after }) : null}
        </p>
      </div>
      <ChangeButton size="sm" onClick={retry}>
        {t('common:actions.retry')}
      </ChangeButton>
    </div>
  );
}
