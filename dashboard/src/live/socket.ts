import { pauseAfter } from './backoff';
import { takeEarlySocket } from './early';
import { parseFrame, placeAfter, type Frame } from './frames';

/**
 * connecting ─▶ live ─▶ reconnecting ─▶ catching-up ─▶ live
 *     └──────────▲            └───▶ offline (the machine has no network)
 */
export type LivePhase = 'connecting' | 'live' | 'catching-up' | 'reconnecting' | 'offline';

export interface LiveState {
  phase: LivePhase;
  /** When the connection was lost (milliseconds); null while it stands. */
  since: number | null;
}

interface Options {
  url: string;
  /** Every frame, as it comes. */
  onFrame: (frame: Frame) => void;
  onState: (state: LiveState) => void;
}

/** A connection that stood for so long was a good one: the next loss starts with the shortest pause. */
const STABLE_MS = 60_000;
/** Events up to the place where the stream was may have been none of ours: silence ends catching up as well. */
const QUIET_MS = 1500;
/** Nothing heard for so long, and the page asks: a network that is gone ends no connection for minutes, and all looks live. */
const SILENCE_MS = 25_000;
/** As long as an answer may take. */
const ANSWER_MS = 10_000;
/** As long as it may take to connect: browsers go on trying for minutes. */
const OPENING_MS = 20_000;

/** Keeps one WebSocket open; resumes after the last seq that was seen. */
export class LiveSocket {
  readonly #options: Options;
  #socket: WebSocket | undefined;
  #since = '';
  #attempt = 0;
  #target = 0;
  #state: LiveState = { phase: 'connecting', since: null };
  #retry: ReturnType<typeof setTimeout> | undefined;
  #stable: ReturnType<typeof setTimeout> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  /** Until the connection is there; then until nothing was heard for too long, or no answer came. */
  #watch: ReturnType<typeof setTimeout> | undefined;
  #heard = 0;
  #asked = false;
  #started = false;

  constructor(options: Options) {
    this.#options = options;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    window.addEventListener('online', this.#onOnline);
    window.addEventListener('offline', this.#onOffline);
    document.addEventListener('visibilitychange', this.#onVisible);
    this.#open();
  }

  stop(): void {
    this.#started = false;
    window.removeEventListener('online', this.#onOnline);
    window.removeEventListener('offline', this.#onOffline);
    document.removeEventListener('visibilitychange', this.#onVisible);
    this.#clearTimers();
    this.#drop();
  }

  /** Does not wait for the pause to end; for the reader's "try now". */
  retryNow(): void {
    if (!this.#started || this.#state.phase === 'live' || this.#state.phase === 'catching-up') return;
    clearTimeout(this.#retry);
    clearTimeout(this.#watch);
    this.#drop();
    this.#open();
  }

  #open = (): void => {
    const url = new URL(this.#options.url);
    if (this.#since) url.searchParams.set('since', this.#since);
    const early = takeEarlySocket(url.href);
    const socket = early?.socket ?? new WebSocket(url);
    this.#socket = socket;
    socket.onmessage = (event: MessageEvent<string>) => {
      if (this.#socket !== socket) return; // it was given up, and speaks after all
      this.#hear();
      const frame = parseFrame(event.data);
      if (frame && frame.type !== 'pong') this.#receive(frame);
    };
    socket.onclose = (event) => {
      if (this.#socket === socket) this.#lost(event.code);
    };
    this.#watch = setTimeout(this.#giveUp, OPENING_MS);
    early?.frames.forEach((event) => socket.onmessage?.(event));
  };

  #hear(): void {
    const first = this.#heard === 0;
    this.#heard = Date.now();
    if (!first && !this.#asked) return; // its timer looks at the time
    this.#asked = false;
    clearTimeout(this.#watch);
    this.#watch = setTimeout(this.#listen, SILENCE_MS);
  }

  #listen = (): void => {
    const rest = this.#heard + SILENCE_MS - Date.now();
    if (rest > 0) this.#watch = setTimeout(this.#listen, Math.min(rest, SILENCE_MS)); // the clock may be set back
    else this.#ask();
  };

  /** Whether anybody is there: every frame is an answer. */
  #ask(): void {
    if (this.#asked || this.#heard === 0) return;
    this.#asked = true;
    clearTimeout(this.#watch);
    this.#watch = setTimeout(this.#giveUp, ANSWER_MS);
    this.#socket?.send('{"type":"ping"}');
  }

  #giveUp = (): void => {
    this.#drop();
    this.#lost(1006);
  };

  /** A machine that slept, or a page that was hidden for long, may have lost its network meanwhile. */
  #onVisible = (): void => {
    if (document.visibilityState === 'visible' && Date.now() - this.#heard > ANSWER_MS) this.#ask();
  };

  #receive(frame: Frame): void {
    const resumed = this.#since;
    this.#since = placeAfter(this.#since, frame);
    if (frame.type === 'connection') {
      this.#stable = setTimeout(() => (this.#attempt = 0), STABLE_MS);
      this.#target = frame.seq;
      if (resumed && Number(resumed) < frame.seq) this.#set('catching-up');
      else this.#set('live');
    }
    this.#options.onFrame(frame);
    if (this.#state.phase !== 'catching-up') return;
    clearTimeout(this.#quiet);
    if (frame.type !== 'connection' && frame.seq >= this.#target) this.#set('live');
    else this.#quiet = setTimeout(() => this.#set('live'), QUIET_MS);
  }

  #lost(code: number): void {
    this.#clearTimers();
    this.#drop();
    if (!this.#started) return;
    this.#set(navigator.onLine ? 'reconnecting' : 'offline');
    this.#retry = setTimeout(this.#open, pauseAfter(code, this.#attempt++));
  }

  #onOnline = (): void => {
    this.#attempt = 0;
    this.retryNow();
  };

  #onOffline = (): void => {
    // A socket to a dead network takes minutes to notice; the machine knows now. Loopback needs no network.
    if (['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)) return;
    this.#giveUp();
  };

  #drop(): void {
    this.#heard = 0;
    this.#asked = false;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #clearTimers(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#stable);
    clearTimeout(this.#quiet);
    clearTimeout(this.#watch);
  }

  #set(phase: LivePhase): void {
    const connected = phase === 'live' || phase === 'catching-up';
    const since = connected ? null : (this.#state.since ?? Date.now());
    if (phase === this.#state.phase && since === this.#state.since) return;
    this.#state = { phase, since };
    this.#options.onState(this.#state);
  }
}
