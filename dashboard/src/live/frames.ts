import type { components } from '../api/schema';

type Schemas = components['schemas'];

/** What the server sends over /ws (proto/asyncapi.yaml). */
export type Frame =
  | Schemas['ConnectionFrame']
  | Schemas['MessageNewFrame']
  | Schemas['MessageUpdatedFrame']
  | Schemas['TaskCreatedFrame']
  | Schemas['TaskUpdatedFrame']
  | Schemas['StatsUpdatedFrame']
  | Schemas['AnalysisProgressFrame']
  | Schemas['SettingsUpdatedFrame']
  | Schemas['ResyncFrame']
  | Schemas['ErrorFrame'];

/** Null for what is no frame of ours: a newer server may send kinds that this page does not know. */
export function parseFrame(text: string): Frame | null {
  try {
    const frame: unknown = JSON.parse(text);
    return frame && typeof frame === 'object' && 'type' in frame && 'data' in frame ? (frame as Frame) : null;
  } catch {
    return null;
  }
}
