import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, Ban, Check, Copy, Download, RotateCcw, SearchX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { ChangeButton } from '@/components/guarded';
import { Notice } from '@/components/notice';
import { Card } from '@/components/page';
import { Said } from '@/components/said';
import { ErrorState, LoadingRows, State, useErrorText } from '@/components/states';
import { RelativeTime, useLanguage } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { useDeadlineWords } from '@/data/deadlines';
import { putRun, runQuery, unfinished, type AnalysisRun, type AnalysisSummary } from '@/data/analysis';
import { api, ApiError, unwrap } from '@/lib/api';
import { saveAs } from '@/lib/csv';
import { formatNumber } from '@/lib/format';
import { toast } from '@/lib/toast';

import { figuresOf, previousOf, sameTime } from './compare';
import { fileName, markdownOf } from './markdown';
import { Post, Posts } from './post';
import { useStartRun } from './run-form';
import { RunStages } from './run-stages';
import { ScheduleLine } from './schedule-line';
import { Sections } from './sections';
import { spanText } from './span';

interface Props {
  id: number;
  /** The runs that the list shows: among them is what a result is compared with. */
  runs: readonly AnalysisRun[];
  to: (id: number) => string;
  back: string;
  groupName: (id: string) => string;
  onStarted: (run: AnalysisRun) => void;
}

/** One run: how far it is, or what came of it. */
export function RunView({ id, runs, to, back, groupName, onStarted }: Props) {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  const listed = runs.find((run) => run.id === id);
  const query = useQuery({ ...runQuery(id), ...(listed ? { placeholderData: listed } : {}) });
  const run = query.data;
  const backLink = (
    <Button asChild variant="ghost" size="sm" className="lg:hidden">
      <Link to={back}>
        <ArrowLeft aria-hidden />
        {t('analysis.back')}
      </Link>
    </Button>
  );
  if (!run) {
    return (
      <Card title={t('analysis.run', { id })} actions={backLink}>
        {query.error instanceof ApiError && query.error.status === 404 ? (
          <State icon={SearchX} title={t('analysis.notFound', { id })} />
        ) : query.error ? (
          <ErrorState error={query.error} retry={() => void query.refetch()} />
        ) : (
          <LoadingRows rows={6} />
        )}
      </Card>
    );
  }
  const before = run.summary ? previousOf(run, runs) : undefined;
  return (
    <Card title={`${spanText(run, language)} · #${id}`} actions={backLink}>
      <div className="space-y-3 border-b border-border p-4">
        <p className="text-xs text-muted">
          {run.chats ? run.chats.map(groupName).join(', ') : t('analysis.allGroups')} · {t(`analysis.by.${run.requested_by}`)} · <RelativeTime at={run.created_at} focusable />
        </p>
        {unfinished(run) ? <RunStages run={run} /> : null}
        <Outcome run={run} />
        {run.summary ? <Figures summary={run.summary} /> : null}
        {run.summary && before?.summary ? <Comparison run={run} summary={run.summary} before={before} to={to} /> : null}
        <Acts run={run} groupName={groupName} onStarted={onStarted} />
      </div>
      {run.summary ? <Sections summary={run.summary} before={before && sameTime(run, before) ? (before.summary ?? undefined) : undefined} /> : null}
      {run.status === 'completed' && !run.summary ? <State icon={SearchX} title={t('analysis.nothingTitle')} text={<NothingText />} /> : null}
    </Card>
  );
}

function NothingText() {
  const { t } = useTranslation('review');
  return (
    <div className="space-y-2">
      <p>{t('analysis.nothing')}</p>
      <ScheduleLine />
    </div>
  );
}

/** How it ended, where that needs a word. */
function Outcome({ run }: { run: AnalysisRun }) {
  const { t } = useTranslation('review');
  const language = useLanguage();
  if (run.status === 'failed') {
    return (
      <Notice tone="danger" announce title={t(`analysis.failedAt.${run.stage}`)}>
        {run.error ? <Said sentence={run.error} clauses={run.error_clauses} /> : null}
      </Notice>
    );
  }
  if (run.status === 'cancelled') {
    return (
      <Notice tone="info" announce title={t('analysis.cancelled')}>
        {t('analysis.cancelledAt', { done: formatNumber(run.processed, language), total: formatNumber(run.messages, language) })}
      </Notice>
    );
  }
  if (run.summary?.fallback) {
    return (
      <Notice tone="warning" title={t('analysis.fallback')}>
        <Said sentence={run.summary.fallback} clauses={run.summary.fallback_clauses} />
      </Notice>
    );
  }
  return null;
}

function Figures({ summary }: { summary: AnalysisSummary }) {
  const { t } = useTranslation('review');
  const language = useLanguage();
  const number = (n: number) => formatNumber(n, language);
  const { messages, authors, chats } = summary.counts;
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
      <span>{t('analysis.messages', { count: messages, n: number(messages) })}</span>·<span>{t('analysis.authors', { count: authors, n: number(authors) })}</span>·<span>{t('analysis.chats', { count: chats, n: number(chats) })}</span>
      <Badge tone={summary.provider === 'local' ? 'neutral' : 'violet'}>{summary.provider === 'local' ? t('analysis.writtenByRules') : t('analysis.writtenBy', { model: summary.model ?? summary.provider })}</Badge>
      {summary.tokens > 0 ? <span className="text-xs text-muted">{t('analysis.tokens', { count: summary.tokens, n: number(summary.tokens) })}</span> : null}
    </p>
  );
}

function Comparison({ run, summary, before, to }: { run: AnalysisRun; summary: AnalysisSummary; before: AnalysisRun; to: (id: number) => string }) {
  const { t } = useTranslation('review');
  const language = useLanguage();
  if (!before.summary) return null;
  const now = figuresOf(summary);
  const then = figuresOf(before.summary);
  const changes = (Object.keys(now) as (keyof typeof now)[]).flatMap((name) => {
    const [a, b] = [now[name], then[name]];
    return a === null || b === null || a === b ? [] : [`${t(`analysis.compared.${name}`)} ${a > b ? '+' : '−'}${formatNumber(Math.abs(a - b), language)}`];
  });
  return (
    <p className="text-xs text-pretty text-muted">
      <Link to={to(before.id)} className="underline underline-offset-2">
        {sameTime(run, before) ? t('analysis.comparedSame', { id: before.id }) : t('analysis.comparedWith', { id: before.id, span: spanText(before, language) })}
      </Link>
      {': '}
      {changes.length > 0 ? changes.join(' · ') : t('analysis.noChange')}
    </p>
  );
}

function Acts({ run, groupName, onStarted }: { run: AnalysisRun; groupName: (id: string) => string; onStarted: (run: AnalysisRun) => void }) {
  const { t } = useTranslation(['review', 'common']);
  const errorText = useErrorText();
  const cache = useQueryClient();
  const again = useStartRun(onStarted);
  const cancel = useMutation({
    mutationFn: () => unwrap(api.POST('/api/analysis-runs/{id}/cancel', { params: { path: { id: run.id } } })),
    onSuccess: (answer) => putRun(cache, answer),
  });
  const error = cancel.error ?? again.error;
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap gap-2">
        {unfinished(run) ? (
          <ChangeButton disabled={cancel.isPending} onClick={() => cancel.mutate()}>
            <Ban aria-hidden />
            {cancel.isPending ? t('analysis.cancelling') : t('analysis.cancel')}
          </ChangeButton>
        ) : (
          <ChangeButton variant={run.status === 'failed' ? 'primary' : 'secondary'} disabled={again.isPending} onClick={() => again.mutate({ from: run.from, to: run.to, chats: run.chats })}>
            <RotateCcw aria-hidden />
            {t('analysis.again')}
          </ChangeButton>
        )}
        {run.summary ? <Export run={run} summary={run.summary} groupName={groupName} /> : null}
        {run.summary ? <Post run={run} groupName={groupName} /> : null}
      </div>
      <Posts posts={run.posts} />
      {error ? (
        <Notice tone="danger" announce title={t('analysis.notDone')}>
          {errorText(error)}
        </Notice>
      ) : null}
    </div>
  );
}

function Export({ run, summary, groupName }: { run: AnalysisRun; summary: AnalysisSummary; groupName: (id: string) => string }) {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  const deadline = useDeadlineWords();
  const [copied, setCopied] = useState(false);
  const text = () => {
    const number = (n: number) => formatNumber(n, language);
    const name = (section: 'what_happened' | 'decisions' | 'blockers' | 'promises' | 'questions' | 'new_tasks' | 'closed_tasks') => t(`analysis.sections.${section}`);
    return markdownOf(
      summary,
      {
        title: `${t('analysis.markdownTitle')} · ${spanText(run, language)}`,
        lines: [
          run.chats ? run.chats.map(groupName).join(', ') : t('analysis.allGroups'),
          t('analysis.messages', { count: summary.counts.messages, n: number(summary.counts.messages) }),
          summary.provider === 'local' ? t('analysis.writtenByRules') : t('analysis.writtenBy', { model: summary.model ?? summary.provider }),
        ],
        sections: {
          what_happened: name('what_happened'),
          decisions: name('decisions'),
          blockers: name('blockers'),
          promises: name('promises'),
          questions: name('questions'),
          new_tasks: name('new_tasks'),
          closed_tasks: name('closed_tasks'),
        },
        due: (at) => t('analysis.due', { day: deadline(at).text }),
      },
      window.location.origin,
    );
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setCopied(true);
    } catch {
      toast.error(t('summaries.copyFailed'));
    }
  };
  return (
    <>
      <Button onClick={() => void copy()} onBlur={() => setCopied(false)}>
        {copied ? <Check className="text-success" aria-hidden /> : <Copy aria-hidden />}
        {copied ? t('common:actions.copied') : t('summaries.copy')}
      </Button>
      <Button onClick={() => saveAs(fileName(run), 'text/markdown', text())}>
        <Download aria-hidden />
        {t('analysis.download')}
      </Button>
    </>
  );
}
