import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeSocket } from '@/testing/fake-socket';
import { message } from '@/testing/factory';

import { backoff, pauseAfter } from './backoff';
import { parseFrame, placeAfter, type Frame } from './frames';
import { Live } from './live';
import { LiveSocket, type LiveState } from './socket';

describe('backoff', () => {
  it('grows, stays bounded and never is zero', () => {
    expect(backoff(0, () => 0)).toBe(200);
    expect(backoff(3, () => 1)).toBeGreaterThan(backoff(0, () => 1));
    expect(backoff(1000, () => 1)).toBeLessThanOrEqual(15_200);
  });

  it('follows the table of close codes', () => {
    expect(pauseAfter(4001, 0)).toBe(0);
    expect(pauseAfter(4003, 0)).toBe(0);
    expect(pauseAfter(4001, 4, () => 1)).toBeGreaterThan(1000);
    expect(pauseAfter(1001, 0, () => 1)).toBe(5000);
    expect(pauseAfter(4002, 0)).toBeGreaterThanOrEqual(60_000);
  });
});

describe('parseFrame', () => {
  it.each(['', 'null', '[]', '7', '{"type":1', '{"type":"x"}'])('takes %j for no frame', (text) => {
    expect(parseFrame(text)).toBeNull();
  });
  it('reads a frame', () => {
    expect(parseFrame('{"type":"connection","data":{}}')?.type).toBe('connection');
  });
});

describe('placeAfter', () => {
  const frame = (type: Frame['type'], seq: number) => ({ type, seq, data: {} }) as Frame;
  it('begins where the connection stands and follows events', () => {
    expect(placeAfter('', frame('connection', 7))).toBe('7');
    expect(placeAfter('7', frame('message.new', 8))).toBe('8');
    expect(placeAfter('8', frame('resync', 3))).toBe('3');
  });
  it('keeps its own place when it comes back, until something is shown', () => {
    expect(placeAfter('7', frame('connection', 900))).toBe('7');
    expect(placeAfter('7', frame('error', 900))).toBe('7');
  });
});

describe('LiveSocket', () => {
  let states: LiveState[];
  let socket: LiveSocket;
  const phases = () => states.map((state) => state.phase);

  beforeEach(() => {
    vi.useFakeTimers();
    states = [];
    socket = new LiveSocket({ url: 'ws://localhost/ws', onFrame: () => {}, onState: (state) => states.push(state) });
    socket.start();
  });
  afterEach(() => {
    socket.stop();
    vi.useRealTimers();
  });

  it('comes back with its place, says since when it was away, and is live once it has caught up', () => {
    FakeSocket.last.connect(5);
    FakeSocket.last.send({ type: 'message.new', seq: 6, data: message() });
    const lostAt = Date.now();
    FakeSocket.last.drop(4001);
    expect(states.at(-1)).toEqual({ phase: 'reconnecting', since: lostAt });
    vi.advanceTimersByTime(1);
    expect(FakeSocket.last.since).toBe('6');
    FakeSocket.last.connect(8);
    expect(states.at(-1)).toEqual({ phase: 'catching-up', since: null });
    FakeSocket.last.send({ type: 'message.new', seq: 7, data: message() });
    expect(states.at(-1)?.phase).toBe('catching-up');
    FakeSocket.last.send({ type: 'message.new', seq: 8, data: message() });
    expect(phases()).toEqual(['live', 'reconnecting', 'catching-up', 'live']);
  });

  it('keeps the moment of the loss over failed attempts, and pauses longer', () => {
    FakeSocket.last.connect(5);
    FakeSocket.last.drop();
    const since = states.at(-1)?.since;
    for (let i = 0; i < 4; i++) {
      vi.advanceTimersByTime(16_000);
      FakeSocket.last.drop();
    }
    expect(states.at(-1)).toEqual({ phase: 'reconnecting', since });
    expect(FakeSocket.all).toHaveLength(5);
  });

  it('is live at once where nothing was missed', () => {
    FakeSocket.last.connect(5);
    FakeSocket.last.drop(4003);
    vi.advanceTimersByTime(1);
    FakeSocket.last.connect(5);
    expect(phases()).toEqual(['live', 'reconnecting', 'live']);
  });

  it('asks whether anybody is there where nothing is heard, and takes the connection for lost where no answer comes', () => {
    FakeSocket.last.connect(5);
    const first = FakeSocket.last;
    vi.advanceTimersByTime(24_000);
    first.send({ type: 'message.new', seq: 6, data: message() });
    vi.advanceTimersByTime(24_000);
    expect(first.sent).toEqual([]);
    vi.advanceTimersByTime(30_000);
    expect(first.sent).toEqual(['{"type":"ping"}', '{"type":"ping"}']);
    expect(phases()).toEqual(['live']);
    first.deaf = true;
    vi.advanceTimersByTime(36_000);
    expect(first.closed).toBe(true);
    expect(phases()).toEqual(['live', 'reconnecting']);
    vi.advanceTimersByTime(1_000);
    expect(FakeSocket.last.since).toBe('6');
    FakeSocket.last.connect(6);
    expect(phases()).toEqual(['live', 'reconnecting', 'live']);
  });

  it('asks at once when the page is looked at again', () => {
    FakeSocket.last.connect(5);
    FakeSocket.last.deaf = true;
    vi.advanceTimersByTime(12_000);
    document.dispatchEvent(new Event('visibilitychange'));
    vi.advanceTimersByTime(10_000);
    expect(phases()).toEqual(['live', 'reconnecting']);
  });

  it('does not wait for ever for a connection that does not come about', () => {
    vi.advanceTimersByTime(22_000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
    expect(FakeSocket.all[0]?.closed).toBe(true);
    expect(phases()).toEqual(['reconnecting']);
  });

  it('opens no second connection while one stands, and none once stopped', () => {
    FakeSocket.last.connect(5);
    socket.retryNow();
    expect(FakeSocket.all).toHaveLength(1);
    FakeSocket.last.drop();
    socket.stop();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});

describe('Live', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] }));
  afterEach(() => vi.useRealTimers());

  it('hands on a burst of frames once, in order, by type', () => {
    const cache = new QueryClient();
    const live = new Live(cache, 'ws://localhost/ws');
    const calls: string[][] = [];
    live.add({ 'message.new': (frames) => calls.push(frames.map((frame) => frame.data.content)) });
    live.start();
    FakeSocket.last.connect();
    for (let i = 0; i < 50; i++) FakeSocket.last.send({ type: 'message.new', seq: 2 + i, data: message({ content: String(i) }) });
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(300);
    expect(calls).toEqual([Array.from({ length: 50 }, (_, i) => String(i))]);
    live.stop();
  });

  it('reads once more what was read, or is being read, before the first connection, and nothing when it comes back', async () => {
    const cache = new QueryClient();
    const reads = { done: 0, asked: 0 };
    const done = new QueryObserver(cache, { queryKey: ['done'], queryFn: () => Promise.resolve(++reads.done) });
    const stopDone = done.subscribe(() => {});
    await vi.waitFor(() => expect(done.getCurrentResult().data).toBe(1), 20_000);
    const answers: ((n: number) => void)[] = [];
    const asked = new QueryObserver(cache, { queryKey: ['asked'], queryFn: () => new Promise<number>((answer) => answers.push(answer)) });
    const stopAsked = asked.subscribe(() => {});
    const live = new Live(cache, 'ws://localhost/ws');
    const resync = vi.fn();
    live.add({ resync });
    live.start();
    FakeSocket.last.connect(5);
    await vi.waitFor(() => expect(done.getCurrentResult().data).toBe(2), 20_000);
    await vi.waitFor(() => expect(answers).toHaveLength(2), 20_000);
    answers[0]?.(1);
    answers[1]?.(2);
    await vi.waitFor(() => expect(asked.getCurrentResult().data).toBe(2), 20_000);
    expect(resync).toHaveBeenCalledTimes(1);
    FakeSocket.last.drop();
    vi.advanceTimersByTime(60_000);
    FakeSocket.last.connect(5);
    expect(resync).toHaveBeenCalledTimes(1);
    stopDone();
    stopAsked();
    live.stop();
  });

  it('takes over the connection that was opened before it, and reads once what is read after that', async () => {
    const early = new FakeSocket('ws://localhost/ws');
    window.earlySocket = { socket: early as unknown as WebSocket, frames: [{ data: JSON.stringify({ type: 'connection', seq: 5, ts: '', data: { status: 'connected', message: '' } }) } as MessageEvent<string>] };
    const cache = new QueryClient();
    const live = new Live(cache, 'ws://localhost/ws');
    const heard = vi.fn();
    live.add({ 'message.new': heard });
    live.start();
    expect(FakeSocket.all).toHaveLength(1);
    expect(live.state().phase).toBe('live');
    const read = vi.fn(() => Promise.resolve(1));
    const stop = new QueryObserver(cache, { queryKey: ['tasks'], queryFn: read }).subscribe(() => {});
    early.send({ type: 'message.new', seq: 6, data: message() });
    vi.advanceTimersByTime(300);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(read).toHaveBeenCalledTimes(1);
    early.drop();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.last.since).toBe('6');
    stop();
    live.stop();
  });

  it('opens another connection where the early one is lost', () => {
    const early = new FakeSocket('ws://localhost/ws');
    early.readyState = 3;
    window.earlySocket = { socket: early as unknown as WebSocket, frames: [] };
    const live = new Live(new QueryClient(), 'ws://localhost/ws');
    live.start();
    expect(FakeSocket.all).toHaveLength(2);
    expect(window.earlySocket).toBeUndefined();
    live.stop();
  });

  it('reads everything anew when it is told to resync', () => {
    const cache = new QueryClient();
    cache.setQueryData(['tasks'], 1);
    const live = new Live(cache, 'ws://localhost/ws');
    live.start();
    FakeSocket.last.connect();
    FakeSocket.last.send({ type: 'resync', seq: 900, data: { reason: 'Too long ago', oldest_seq: 300 } });
    vi.advanceTimersByTime(300);
    expect(cache.getQueryState(['tasks'])?.isInvalidated).toBe(true);
    live.stop();
  });
});
