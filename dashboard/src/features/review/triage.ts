import type { Decision } from '@/data/proposals';
import type { Proposal } from '@/lib/api';

/** A decision of this visit that stands. */
export interface Decided {
  proposal: Proposal;
  act: Decision['act'];
}

/** What this visit has decided, after one more decision or the taking back of one. */
export function after(decided: readonly Decided[], proposal: Proposal, { act }: Decision): Decided[] {
  const others = decided.filter((other) => other.proposal.id !== proposal.id);
  return act === 'undo' ? others : [...others, { proposal, act }];
}

/** Who is looked at once one is gone: the one after it, else the one before. */
export function neighbour(list: readonly Proposal[], id: number): number | undefined {
  const at = list.findIndex((proposal) => proposal.id === id);
  return (list[at + 1] ?? list[at - 1])?.id;
}

export const count = (decided: readonly Decided[], act: Decision['act']) => decided.filter((each) => each.act === act).length;
