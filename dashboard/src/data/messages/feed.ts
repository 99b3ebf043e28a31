import type { Message, Page } from '@/lib/api';
import { throttle } from '@/lib/throttle';

import { matches, type MessageFilter } from './filter';
import { messageKey, newestFirst, supersedes } from './order';

export interface Row {
  readonly key: string;
  readonly message: Message;
  /** It no longer passes the filter; it stays where it is, greyed, until the list is read anew. */
  readonly gone: boolean;
  /** It arrived while the reader watched. */
  readonly live: boolean;
  /** It did so with few others, so that a mark on each is seen. */
  readonly marked: boolean;
}

export interface FeedState {
  readonly status: 'loading' | 'ready' | 'error';
  readonly error: unknown;
  /** Keys of the rows, newest first. */
  readonly keys: readonly string[];
  /** Newer messages that are held back while the reader is scrolled away. */
  readonly waiting: number;
  readonly more: 'none' | 'idle' | 'loading' | 'error';
  /** Grows with every change of the rows, also of their content; not with what is held back. */
  readonly version: number;
}

interface Options {
  filter: MessageFilter;
  fetchPage: (cursor: string | null) => Promise<Page<Message>>;
}

/** Held back at most; past that the list is read anew when the reader returns to its top. */
const MAX_WAITING = 500;
/** A reader who watches the top for hours must not fill the memory: past this the list is cut to its first page. */
const MAX_FOLLOWED = 2000;
/** So many at once, and none of them is marked as new: who could follow it, and each mark costs a frame its time. */
const CROWD = 6;
/** Least time between two questions to the server whether new messages match a search. */
const ASK_MS = 1500;

/**
 * The messages that pass one filter: pages from the server below, what arrives live above. Rows live in a map, so
 * that a confirmation or an edit touches one row and moves none.
 */
export class MessageFeed {
  readonly filter: MessageFilter;
  readonly #fetchPage: Options['fetchPage'];
  readonly #rows = new Map<string, Row>();
  readonly #listeners = new Set<() => void>();
  readonly #ask = throttle(() => void this.#merge(), ASK_MS);
  readonly #waiting = new Map<string, Message>();
  /** Came while the first page was asked for, which may not have them. */
  #early: Message[] = [];
  #overflow = 0;
  #following = true;
  #cursor: string | null = null;
  #generation = 0;
  #state: FeedState = { status: 'loading', error: null, keys: [], waiting: 0, more: 'none', version: 0 };

  constructor({ filter, fetchPage }: Options) {
    this.filter = filter;
    this.#fetchPage = fetchPage;
  }

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  state = (): FeedState => this.#state;
  row = (key: string): Row | undefined => this.#rows.get(key);
  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Reads the first page; what is shown stays until it is there. */
  async load(): Promise<void> {
    const generation = ++this.#generation;
    if (this.#state.status === 'error') this.#set({ status: 'loading', error: null });
    try {
      const page = await this.#fetchPage(null);
      if (generation === this.#generation) this.#replace(page);
    } catch (error) {
      if (generation !== this.#generation) return;
      // What is known stays shown; the badge says that there is no connection.
      if (this.#state.keys.length > 0) this.#set({ status: 'ready' });
      else this.#set({ status: 'error', error });
    }
  }

  async loadMore(): Promise<void> {
    if (this.#state.more === 'loading' || this.#state.more === 'none') return;
    const generation = this.#generation;
    this.#set({ more: 'loading' });
    try {
      const page = await this.#fetchPage(this.#cursor);
      if (generation !== this.#generation) return;
      this.#cursor = page.next;
      const fresh = page.items.filter((m) => !this.#rows.has(messageKey(m)));
      for (const m of page.items) this.#put(m, false);
      this.#set({ keys: [...this.#state.keys, ...fresh.map(messageKey)], more: page.next ? 'idle' : 'none' });
    } catch (error) {
      if (generation === this.#generation) this.#set({ more: 'error', error });
    }
  }

  /** Whether the reader is at the top, where new rows may push the others down. */
  follow(following: boolean): void {
    this.#following = following;
    if (following && this.#state.waiting > 0) this.reveal();
  }

  /** Shows what was held back. */
  reveal(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    const overflowed = this.#overflow > 0;
    this.#overflow = 0;
    if (overflowed) {
      this.#rows.clear();
      this.#set({ keys: [], waiting: 0, status: 'loading' });
      void this.load();
    } else if (waiting.length > 0) {
      this.#insert(waiting);
    }
  }

  /** What came over the socket, in order. */
  receive(messages: readonly Message[]): void {
    let changed = false;
    let ask = false;
    const fresh = new Map<string, Message>();
    for (const message of messages) {
      const key = messageKey(message);
      const verdict = matches(this.filter, message);
      const known = this.#rows.get(key);
      if (known) {
        changed = this.#put(message, known.live, verdict === false, true) || changed;
        continue;
      }
      const held = this.#waiting.get(key);
      if (held) {
        if (supersedes(message, held, true)) this.#waiting.set(key, message);
        continue;
      }
      if (verdict === 'ask') ask = true;
      else if (verdict) fresh.set(key, newer(message, fresh.get(key)));
    }
    if (ask) this.#ask();
    if (changed) this.#set({});
    if (fresh.size === 0) return;
    if (this.#state.status === 'ready') this.#arrive([...fresh.values()]);
    else this.#early = [...this.#early, ...fresh.values()].slice(-MAX_WAITING);
  }

  #arrive(messages: Message[]): void {
    const last = this.#state.keys.at(-1);
    const oldest = last && this.#state.more !== 'none' ? this.#rows.get(last)?.message : undefined;
    // One that is older than all that is loaded comes with its page.
    const within = oldest ? messages.filter((m) => newestFirst(m, oldest) < 0) : messages;
    if (within.length === 0) return;
    if (this.#following) {
      this.#insert(within);
      if (this.#state.keys.length > MAX_FOLLOWED) void this.load();
      return;
    }
    const room = MAX_WAITING - this.#waiting.size;
    for (const message of within.slice(0, room)) this.#waiting.set(messageKey(message), message);
    this.#overflow += Math.max(0, within.length - room);
    this.#hold();
  }

  /** Puts new rows where they belong; nearly always that is the top. */
  #insert(messages: readonly Message[]): void {
    const keys = [...this.#state.keys];
    for (const message of messages) {
      const key = messageKey(message);
      if (this.#rows.has(key)) {
        this.#put(message, true);
        continue;
      }
      let at = 0;
      for (let other = keys[at]; other !== undefined; other = keys[++at]) {
        const there = this.#rows.get(other)?.message;
        if (!there || newestFirst(message, there) <= 0) break;
      }
      keys.splice(at, 0, key);
      this.#rows.set(key, { key, message, live: true, gone: false, marked: messages.length < CROWD });
    }
    this.#set({ keys, waiting: this.#waiting.size + this.#overflow });
  }

  /** The first page as it is now, and above it what is not stored yet or came while it was asked for. */
  #replace(page: Page<Message>): void {
    const last = page.items.at(-1);
    const inPage = new Set(page.items.map(messageKey));
    const kept = this.#state.keys
      .map((key) => this.#rows.get(key))
      .filter((row) => row !== undefined)
      .filter((row) => row.live && !row.gone && !inPage.has(row.key) && (!last || !page.next || newestFirst(row.message, last) < 0));
    const before = new Map(this.#rows);
    this.#rows.clear();
    for (const row of kept) this.#rows.set(row.key, row);
    for (const m of page.items) {
      const known = before.get(messageKey(m));
      const best = known && !supersedes(m, known.message) ? known.message : m;
      this.#put(best, known?.live ?? false);
    }
    this.#cursor = page.next;
    const messages = [...kept.map((row) => row.message), ...page.items].sort(newestFirst);
    this.#set({ status: 'ready', error: null, keys: messages.map(messageKey), more: page.next ? 'idle' : 'none' });
    const early = this.#early;
    this.#early = [];
    if (early.length > 0) this.receive(early);
  }

  /** Reads the first page and treats what is new in it as arrivals: for searches, which only the server can answer. */
  async #merge(): Promise<void> {
    const generation = this.#generation;
    try {
      const page = await this.#fetchPage(null);
      if (generation !== this.#generation) return;
      const fresh = page.items.filter((m) => !this.#rows.has(messageKey(m)) && !this.#waiting.has(messageKey(m)));
      if (fresh.length > 0) this.#arrive(fresh);
    } catch {
      // The next arrival asks again.
    }
  }

  #put(message: Message, live: boolean, gone = false, told = false): boolean {
    const key = messageKey(message);
    const known = this.#rows.get(key);
    if (known && !supersedes(message, known.message, told)) return false;
    this.#rows.set(key, { key, message, live, gone, marked: known?.marked ?? false });
    return true;
  }

  /** Says how many are held back; the rows are as they were. */
  #hold(): void {
    this.#tell({ ...this.#state, waiting: this.#waiting.size + this.#overflow });
  }

  #set(changes: Partial<FeedState>): void {
    this.#tell({ ...this.#state, ...changes, version: this.#state.version + 1 });
  }

  #tell(state: FeedState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function newer(next: Message, known: Message | undefined): Message {
  return known && !supersedes(next, known) ? known : next;
}
