import { useEffect, useRef, useState } from 'react';

import { parseFrame, placeAfter, type Frame } from './frames';

export type LiveState = 'connecting' | 'live' | 'offline';

const STABLE_MS = 60_000;
const MAX_DELAY_MS = 15_000;

/** Back-off with full jitter, so that clients of a restarted server do not return all at once. */
export function delay(attempt: number, random: () => number = Math.random): number {
  return Math.round(200 + random() * Math.min(MAX_DELAY_MS, 500 * 2 ** attempt));
}

/** Keeps one WebSocket open; resumes after the last seq that was seen. */
export function useLive(onFrame: (frame: Frame) => void): LiveState {
  const [state, setState] = useState<LiveState>('connecting');
  const handler = useRef(onFrame);
  handler.current = onFrame;

  useEffect(() => {
    let since = '';
    let attempt = 0;
    let closed = false;
    let socket: WebSocket | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let stable: ReturnType<typeof setTimeout> | undefined;

    const open = () => {
      const url = new URL('/ws', window.location.href);
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
      if (since) url.searchParams.set('since', since);
      socket = new WebSocket(url);
      socket.onmessage = (event: MessageEvent<string>) => {
        const frame = parseFrame(event.data);
        if (!frame) return;
        if (frame.type === 'connection') {
          setState('live');
          stable = setTimeout(() => (attempt = 0), STABLE_MS);
        }
        since = placeAfter(since, frame);
        handler.current(frame);
      };
      socket.onclose = () => {
        clearTimeout(stable);
        if (closed) return;
        setState('offline');
        retry = setTimeout(open, delay(attempt++));
      };
    };
    open();
    return () => {
      closed = true;
      clearTimeout(retry);
      clearTimeout(stable);
      socket?.close();
    };
  }, []);
  return state;
}
