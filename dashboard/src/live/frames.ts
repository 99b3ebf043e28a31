import type { components } from '@/api/schema';

type Schemas = components['schemas'];

/** What the server sends over /ws (proto/asyncapi.yaml). */
export type Frame =
  | Schemas['ConnectionFrame']
  | Schemas['MessageNewFrame']
  | Schemas['MessageUpdatedFrame']
  | Schemas['TaskCreatedFrame']
  | Schemas['TaskUpdatedFrame']
  | Schemas['ProposalCreatedFrame']
  | Schemas['ProposalUpdatedFrame']
  | Schemas['StatsUpdatedFrame']
  | Schemas['AnalysisProgressFrame']
  | Schemas['SettingsUpdatedFrame']
  | Schemas['WebhookTestFrame']
  | Schemas['ResyncFrame']
  | Schemas['ErrorFrame']
  | Schemas['PongFrame'];

export type FrameType = Frame['type'];
export type FrameOf<T extends FrameType> = Extract<Frame, { type: T }>;

/** Null for what is no frame of ours: a newer server may send kinds that this page does not know. */
export function parseFrame(text: string): Frame | null {
  try {
    const frame: unknown = JSON.parse(text);
    return frame && typeof frame === 'object' && 'type' in frame && 'data' in frame ? (frame as Frame) : null;
  } catch {
    return null;
  }
}

/**
 * Where to resume after a frame, as a query parameter ('' for nowhere yet). Who resumes keeps its own
 * place until the next event: the seq of the first frame may be beyond it, with a resync to follow, and a
 * connection lost between the two must not lose what lies between.
 */
export function placeAfter(since: string, frame: Frame): string {
  if (!frame.seq || frame.type === 'error' || frame.type === 'pong' || (frame.type === 'connection' && since)) return since;
  return String(frame.seq);
}
