import type { DecisionFilter } from '@/data/quality';
import { oneOf } from '@/lib/url-state';

/** In the order in which they are told: what was right, what was not, what waits, what was said of messages. */
export const OUTCOMES = ['accepted', 'edited', 'merged', 'rejected', 'cancelled', 'undecided', 'not_issue', 'missed', 'reclassified'] as const;
const REASONS = ['noise', 'duplicate', 'not_actionable', 'already_done', 'other'] as const;

/** The page with the decisions behind a number, of the same time and group. */
export function decisionsPath(parameters: URLSearchParams, { outcome, reason, right, accepted, version }: DecisionFilter): string {
  const to = new URLSearchParams();
  for (const name of ['period', 'month', 'chat_id']) {
    const value = parameters.get(name);
    if (value) to.set(name, value);
  }
  to.set('decisions', accepted ? 'taken' : right === undefined ? (outcome ?? 'all') : right ? 'right' : 'wrong');
  if (reason) to.set('reason', reason);
  if (version) to.set('version', version);
  return `/analytics?${to.toString()}`;
}

/** Which decisions the address asks for: `decisions` is an outcome, `right`, `wrong`, `taken` for proposals that people accepted, or anything else for all. */
export function parseDecisions(parameters: URLSearchParams): DecisionFilter {
  const which = parameters.get('decisions');
  const outcome = oneOf(which, OUTCOMES);
  const reason = oneOf(parameters.get('reason'), REASONS);
  const version = parameters.get('version')?.slice(0, 600);
  return {
    ...(outcome ? { outcome } : {}),
    ...(reason ? { reason } : {}),
    ...(which === 'right' || which === 'wrong' ? { right: which === 'right' } : {}),
    ...(which === 'taken' ? { accepted: true } : {}),
    ...(version ? { version } : {}),
  };
}
