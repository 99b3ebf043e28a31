import { lazy, type ComponentType } from 'react';

import { backoff } from '@/live/backoff';

const RELOADED_AT = 'task-tracker.reloaded-at';
const RELOAD_PAUSE_MS = 60_000;

/** A part of the page that is a chunk of its own; until it is there its place shows its Suspense fallback. */
export function part<P extends object>(load: () => Promise<ComponentType<P>>) {
  const fetched = early(load);
  return lazy(async () => ({ default: await fetched() }));
}

/** What the first page needs comes before what others may need. */
const FIRST_PAGE_MS = 2000;

const pauseFor = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const idle = () => new Promise<void>((done) => ('requestIdleCallback' in window ? window.requestIdleCallback(() => done()) : setTimeout(done, 100)));

/** The chunks that are fetched early, one after another. */
let fetching: Promise<unknown> | undefined;

/**
 * A chunk that is fetched once the first page is shown and the browser is idle, so that it is there when the connection is not, or at
 * the latest when it is asked for. In a built page only: a test and `vite dev` wait for nobody.
 */
export function early<T>(load: () => Promise<T>): () => Promise<T> {
  if (import.meta.env.PROD) {
    fetching = (fetching ?? pauseFor(FIRST_PAGE_MS)).then(idle).then(load).catch(() => undefined);
  }
  return () => persistently(load);
}

/**
 * Loads a chunk, again and again while the server does not answer. Where it answers and the chunk is not to be had,
 * the page is older than the server (a new version has other chunks), or the browser remembers the failure
 * for the life of the page: both are mended by a reload, which is done once a minute at most.
 * Throws what the browser said where that did not help.
 */
export async function persistently<T>(load: () => Promise<T>, wait: (attempt: number) => Promise<void> = pause): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await load();
    } catch (fault) {
      if (attempt > 0 && (await serverAnswers())) {
        if (!mayReload()) throw fault;
        window.location.reload();
        return new Promise<never>(() => undefined); // the page is about to go
      }
      await wait(attempt);
    }
  }
}

const pause = (attempt: number) => new Promise<void>((done) => setTimeout(done, backoff(attempt)));

async function serverAnswers(): Promise<boolean> {
  try {
    return (await fetch('/', { method: 'HEAD', cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

function mayReload(): boolean {
  try {
    const last = Number(sessionStorage.getItem(RELOADED_AT));
    if (Date.now() - last < RELOAD_PAUSE_MS) return false;
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    return true;
  } catch {
    return false; // storage is off: it might reload for ever
  }
}
