import type { Decision } from '@/data/proposals';
import type { Proposal, Task } from '@/lib/api';

/** A decision of this visit that stands. */
export interface Decided {
  proposal: Proposal;
  act: Decision['act'];
  /** The task that was made, or to which it was added. */
  task: Task | null;
}

/** What this visit has decided, after one more decision or the taking back of one. */
export function after(decided: readonly Decided[], proposal: Proposal, { act }: Decision, task: Task | null): Decided[] {
  const others = decided.filter((other) => other.proposal.id !== proposal.id);
  return act === 'undo' ? others : [...others, { proposal, act, task }];
}

/** Who is looked at once one is gone: the one after it, else the one before. */
export function neighbour(list: readonly Proposal[], id: number): number | undefined {
  const at = list.findIndex((proposal) => proposal.id === id);
  return (list[at + 1] ?? list[at - 1])?.id;
}

export const count = (decided: readonly Decided[], act: Decision['act']) => decided.filter((each) => each.act === act).length;

export const isOverdue = ({ due_at }: Pick<Proposal, 'due_at'>, now: Date) => due_at !== null && Date.parse(due_at) < now.getTime();

/** Where a person's look is worth most first: what is overdue, then what the machine is least sure of. */
export function byRisk(proposals: readonly Proposal[], now: Date): Proposal[] {
  return [...proposals].sort((a, b) => Number(isOverdue(b, now)) - Number(isOverdue(a, now)) || a.confidence - b.confidence || b.id - a.id);
}

/** The bars above which proposals are accepted together, highest first: those above which there is one. */
export function bars(proposals: readonly Proposal[]): number[] {
  return [0.9, 0.8, 0.7, 0.6].filter((bar) => proposals.some(({ confidence }) => confidence >= bar));
}
