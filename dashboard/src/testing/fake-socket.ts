import { vi } from 'vitest';

import type { Frame } from '@/live/frames';

/** Stands in for the browser's WebSocket: a test plays the server. */
export class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readonly url: string;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closed = false;
  /** What the page sent. */
  readonly sent: string[] = [];
  /** The network is gone, and nobody says so. */
  deaf = false;
  readyState = 1;

  constructor(url: string | URL) {
    this.url = String(url);
    FakeSocket.all.push(this);
  }

  static install(): void {
    FakeSocket.all = [];
    vi.stubGlobal('WebSocket', FakeSocket);
  }

  static uninstall(): void {
    for (const socket of FakeSocket.all) socket.onclose = null;
  }

  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error('no WebSocket was opened');
    return socket;
  }

  /** The query parameter with which this connection resumed; null for a fresh one. */
  get since(): string | null {
    return new URL(this.url).searchParams.get('since');
  }

  /** What the page sends is text, and a ping is answered; what a test sends for the server are frames. */
  send(frame: string | (Pick<Frame, 'type' | 'data'> & { seq?: number })): void {
    if (typeof frame === 'string') {
      this.sent.push(frame);
      if (!this.deaf) this.send({ type: 'pong', data: {} });
      return;
    }
    this.onmessage?.({ data: JSON.stringify({ seq: 1, ts: new Date().toISOString(), ...frame }) });
  }

  connect(seq = 1): void {
    this.send({ type: 'connection', seq, data: { status: 'connected', message: 'Ready for real-time updates', seq } });
  }

  /** The server or the network ends it. */
  drop(code = 1006): void {
    this.closed = true;
    this.onclose?.({ code });
  }

  close(): void {
    this.closed = true;
  }
}
