import type { FrameOf } from '@/live/frames';

export type Progress = FrameOf<'analysis_progress'>['data'];

/** Stages in their order; `done` and `failed` end a run. */
export const stages = ['reading', 'summarizing', 'saving', 'done'] as const;
export type Stage = (typeof stages)[number];

export type StageState = 'done' | 'now' | 'ahead' | 'failed';

/**
 * Where each stage of a run stands. `last` is the newest frame of its day, `failedAt` the stage in which it ended where it
 * failed (the frame `failed` does not say).
 */
export function stageStates(last: Progress | undefined, failedAt: Stage | undefined): Record<Stage, StageState> {
  const states: Record<Stage, StageState> = { reading: 'ahead', summarizing: 'ahead', saving: 'ahead', done: 'ahead' };
  if (!last) return { ...states, reading: 'now' };
  const reached = last.stage === 'failed' ? (failedAt ?? 'reading') : last.stage;
  for (const stage of stages) {
    const gap = stages.indexOf(stage) - stages.indexOf(reached);
    states[stage] = gap < 0 || (gap === 0 && reached === 'done') ? 'done' : gap > 0 ? 'ahead' : last.stage === 'failed' ? 'failed' : 'now';
  }
  return states;
}
