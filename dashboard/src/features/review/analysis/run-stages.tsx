import { CircleCheck, CircleDashed, Loader } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { useLanguage } from '@/components/time';
import { useProgress, type AnalysisRun } from '@/data/analysis';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';

const STAGES = ['waiting', 'reading', 'summarizing', 'done'] as const;

/** Where a run is, with its counts as frames tell them. */
export function RunStages({ run }: { run: AnalysisRun }) {
  const { t } = useTranslation('review');
  const language = useLanguage();
  const progress = useProgress(run.id);
  const at = STAGES.indexOf(run.stage);
  const number = (n: number) => formatNumber(n, language);
  const share = run.messages > 0 ? Math.min(run.processed / run.messages, 1) : 0;
  const detail = (stage: (typeof STAGES)[number]) => {
    if (stage === 'reading' && at >= 1 && run.messages > 0) return t('run.progress', { done: number(run.processed), total: number(run.messages) });
    if (stage === 'summarizing' && at === 2 && progress?.steps) return t('analysis.portions', { done: number(progress.step ?? 0), total: number(progress.steps) });
    return '';
  };
  return (
    <div className="space-y-2">
      <ol aria-label={t('run.stages')} className="grid grid-cols-[repeat(auto-fit,minmax(10rem,1fr))] gap-2">
        {STAGES.map((stage, i) => {
          const state = i < at ? 'done' : i === at ? 'now' : 'ahead';
          const Icon = state === 'done' ? CircleCheck : state === 'now' ? Loader : CircleDashed;
          return (
            <li
              key={stage}
              data-stage-state={state}
              aria-current={state === 'now' ? 'step' : undefined}
              className={cn('flex items-start gap-2 rounded-md border px-3 py-2 text-sm', state === 'now' ? 'border-primary bg-selected' : 'border-border')}
            >
              <Icon className={cn('mt-0.5 size-4 shrink-0', state === 'done' ? 'text-success' : state === 'now' ? 'animate-spin text-primary-text' : 'text-muted')} aria-hidden />
              <span className="min-w-0">
                <span className="block">{t(`analysis.stage.${stage}`)}</span>
                <span className="block text-xs text-muted tabular-nums">{detail(stage)}</span>
              </span>
            </li>
          );
        })}
      </ol>
      <div role="progressbar" aria-label={t('analysis.progress')} aria-valuenow={Math.round(share * 100)} aria-valuemin={0} aria-valuemax={100} className="h-1.5 overflow-hidden rounded-full bg-sunken ring-1 ring-border ring-inset">
        <div className="h-full bg-primary transition-[width]" style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
