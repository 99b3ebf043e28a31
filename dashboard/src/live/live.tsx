import { useQueryClient, type Query, type QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react';

import { FrameBatch } from './batch';
import { LiveFigureKeeper, type LiveFigures } from './figures';
import type { Frame, FrameOf, FrameType } from './frames';
import { LiveSocket, type LiveState } from './socket';

/** Gets all frames of its type that came within one animation frame, in order; `resync` is told with none of what the first connection may have missed. */
export type LiveHandlers = {
  [T in FrameType]?: (frames: FrameOf<T>[], cache: QueryClient) => void;
};

/** The one connection of the page: its state, and whom it feeds. */
export class Live {
  readonly #cache: QueryClient;
  readonly #socket: LiveSocket;
  readonly #batch: FrameBatch<Frame>;
  readonly #handlers = new Set<LiveHandlers>();
  readonly #listeners = new Set<() => void>();
  #state: LiveState = { phase: 'connecting', since: null };
  #wasLost = false;
  #connectedBefore = false;
  readonly #figures = new LiveFigureKeeper();

  constructor(cache: QueryClient, url: string) {
    this.#cache = cache;
    this.#batch = new FrameBatch((frames) => this.#dispatch(frames));
    this.#socket = new LiveSocket({ url, onFrame: (frame) => this.#batch.push(frame), onState: (state) => this.#setState(state) });
  }

  start(): void {
    this.#socket.start();
  }

  stop(): void {
    this.#socket.stop();
    this.#batch.discard();
  }

  retryNow = (): void => this.#socket.retryNow();

  /** Returns how to stop. Handlers of the data layer are added once (app/live-handlers), those of a page while it is shown. */
  add(handlers: LiveHandlers): () => void {
    this.#handlers.add(handlers);
    return () => {
      this.#handlers.delete(handlers);
    };
  }

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  state = (): LiveState => this.#state;

  /** What the connection has been through; read it when shown, nobody is told of changes. */
  figures = (): LiveFigures => this.#figures.read();

  #setState(state: LiveState): void {
    this.#state = state;
    this.#figures.onState(state);
    if (state.phase === 'reconnecting' || state.phase === 'offline') this.#wasLost = true;
    if (state.phase === 'live' && this.#wasLost) {
      this.#wasLost = false;
      // Requests that failed meanwhile are tried again; what the events brought is right already.
      void this.#cache.invalidateQueries({ predicate: (query) => query.state.status === 'error' });
    }
    if (state.phase === 'live' && !this.#connectedBefore) {
      this.#connectedBefore = true;
      void this.#readAnew();
    }
    for (const listener of this.#listeners) listener();
  }

  /** What happened between a read and the first connection came in no event: what was, or is being, read is read once more. */
  async #readAnew(): Promise<void> {
    const cache = this.#cache;
    const read = new Set(cache.getQueryCache().findAll({ predicate: (query) => query.state.data !== undefined || query.state.fetchStatus === 'fetching' }));
    const predicate = (query: Query) => read.has(query);
    await cache.cancelQueries({ predicate });
    for (const handlers of this.#handlers) handlers.resync?.([], cache);
    await cache.invalidateQueries({ predicate });
  }

  #dispatch(frames: Frame[]): void {
    this.#figures.onFrames(frames);
    const byType = new Map<FrameType, Frame[]>();
    for (const frame of frames) {
      const same = byType.get(frame.type);
      if (same) same.push(frame);
      else byType.set(frame.type, [frame]);
    }
    // What was missed cannot be told in events: everything that is shown is read anew.
    if (byType.has('resync')) void this.#cache.invalidateQueries();
    for (const handlers of this.#handlers) {
      for (const [type, ofType] of byType) {
        const handler = handlers[type] as ((frames: Frame[], cache: QueryClient) => void) | undefined;
        handler?.(ofType, this.#cache);
      }
    }
  }
}

const LiveContext = createContext<Live | null>(null);

/** `wss:` behind https. The page's own host: the Content-Security-Policy allows no other. */
export function socketUrl(from: Location = window.location): string {
  return `${from.protocol === 'https:' ? 'wss:' : 'ws:'}//${from.host}/ws`;
}

interface ProviderProps {
  children: ReactNode;
  handlers: readonly LiveHandlers[];
  /** One that was started before anything was shown; else it is made and started here. */
  started?: Live | undefined;
}

export function LiveProvider({ children, handlers, started }: ProviderProps) {
  const cache = useQueryClient();
  const live = useMemo(() => started ?? new Live(cache, socketUrl()), [cache, started]);
  useEffect(() => {
    const remove = handlers.map((h) => live.add(h));
    live.start();
    return () => {
      live.stop();
      for (const stop of remove) stop();
    };
  }, [live, handlers]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('useLive is used outside LiveProvider');
  return live;
}

export function useLiveState(): LiveState {
  const live = useLive();
  return useSyncExternalStore(live.subscribe, live.state);
}

/** Whether changes can reach the server. Controls that change something are disabled while this is false. */
export function useCanChange(): boolean {
  const { phase } = useLiveState();
  return phase !== 'reconnecting' && phase !== 'offline';
}

/** Registers a page's own handlers while it is shown; keep the object stable (useMemo or module level). */
export function useLiveHandlers(handlers: LiveHandlers): void {
  const live = useLive();
  useEffect(() => live.add(handlers), [live, handlers]);
}
