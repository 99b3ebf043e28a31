import type { Frame } from './frames';
import type { LiveState } from './socket';

/** What this page's connection has been through since the page was opened. Measured here, nowhere else. */
export interface LiveFigures {
  /** `seq` of the newest event; null before the first. */
  seq: number | null;
  /** Events that arrived. */
  events: number;
  /** When the newest event arrived, in milliseconds; null before the first. */
  lastEventAt: number | null;
  /** When the present connection was made, in milliseconds; null while there is none. */
  connectedAt: number | null;
  /** How often the connection was lost. */
  losses: number;
  /** Events that came again after a loss, because the server had kept them. */
  recovered: number;
  /** How often too much was missed and everything had to be read anew. */
  resyncs: number;
}

const nothing: LiveFigures = { seq: null, events: 0, lastEventAt: null, connectedAt: null, losses: 0, recovered: 0, resyncs: 0 };

export class LiveFigureKeeper {
  #now: LiveFigures = nothing;
  #phase: LiveState['phase'] = 'connecting';

  /** A new object only where something changed. */
  read = (): LiveFigures => this.#now;

  onState(state: LiveState): void {
    const connected = state.phase === 'live' || state.phase === 'catching-up';
    const wasConnected = this.#phase === 'live' || this.#phase === 'catching-up';
    this.#phase = state.phase;
    if (connected === wasConnected) return;
    this.#now = { ...this.#now, connectedAt: connected ? Date.now() : null, losses: this.#now.losses + (connected ? 0 : 1) };
  }

  onFrames(frames: readonly Frame[]): void {
    let { seq, events, lastEventAt, recovered, resyncs } = this.#now;
    for (const frame of frames) {
      if (frame.type === 'error') continue;
      if (frame.type === 'connection') {
        seq ??= frame.seq;
        continue;
      }
      seq = frame.seq;
      if (frame.type === 'resync') {
        resyncs++;
        continue;
      }
      events++;
      lastEventAt = Date.now();
      if (this.#phase === 'catching-up') recovered++;
    }
    this.#now = { ...this.#now, seq, events, lastEventAt, recovered, resyncs };
  }
}
