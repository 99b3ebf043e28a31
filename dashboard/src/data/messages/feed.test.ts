import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Message, Page } from '@/lib/api';
import { message } from '@/testing/factory';

import { MessageFeed } from './feed';
import { matches, parseMessageFilter } from './filter';

const at = (second: number) => `2026-03-02T09:15:${String(second).padStart(2, '0')}Z`;
/** Ids fall with age: the server's own order. */
const stored = (id: number, fields: Partial<Message> = {}) => message({ id, sent_at: at(id), ...fields });

let pages: Page<Message>[];
const asked: (string | null)[] = [];
const make = (filter = {}) =>
  new MessageFeed({
    filter,
    fetchPage: async (cursor) => {
      asked.push(cursor);
      const page = pages.shift();
      if (!page) throw new Error('no answer');
      return page;
    },
  });
const ids = (feed: MessageFeed) => feed.state().keys.map((key) => feed.row(key)?.message.id);

describe('MessageFeed', () => {
  beforeEach(() => {
    asked.length = 0;
    pages = [
      { items: [stored(30), stored(29)], next: 'c1' },
      { items: [stored(28), stored(27)], next: null },
    ];
  });

  it('reads page by page, each message once', async () => {
    pages[1]?.items.unshift(stored(29));
    const feed = make();
    await feed.load();
    expect(feed.state()).toMatchObject({ status: 'ready', more: 'idle' });
    await feed.loadMore();
    expect(ids(feed)).toEqual([30, 29, 28, 27]);
    expect(feed.state().more).toBe('none');
    expect(asked).toEqual([null, 'c1']);
  });

  it('shows what arrived while its first page was asked for, in its newest version', async () => {
    const feed = make();
    const loaded = feed.load();
    const arrival = stored(0, { external_message_id: '31', sent_at: at(31), persisted: false });
    feed.receive([arrival]);
    feed.receive([{ ...arrival, id: 31, persisted: true }]);
    await loaded;
    expect(ids(feed)).toEqual([31, 30, 29]);
  });

  it('keeps what arrived before the first connection when that has the list read once more', async () => {
    pages = [{ items: [stored(30)], next: null }, { items: [stored(30), stored(29)], next: null }];
    const feed = make();
    const first = feed.load();
    const arrival = stored(0, { external_message_id: '31', sent_at: at(31), persisted: false });
    feed.receive([arrival]);
    const again = feed.load();
    feed.receive([{ ...arrival, id: 31, persisted: true }]);
    await Promise.all([first, again]);
    expect(ids(feed)).toEqual([31, 30, 29]);
    expect(feed.row(feed.state().keys[0] ?? '')?.message.persisted).toBe(true);
  });

  it('keeps what arrived while its first page could not be had, and takes in only what passes the filter', async () => {
    pages = [];
    const feed = make({ author: 'олена' });
    const failed = feed.load();
    feed.receive([stored(32, { author: 'Priya Raman' }), stored(31)]);
    await failed;
    expect(feed.state().status).toBe('error');
    pages = [{ items: [stored(30)], next: null }];
    await feed.load();
    expect(ids(feed)).toEqual([31, 30]);
  });

  it('marks arrivals as new where they are few', async () => {
    const feed = make();
    await feed.load();
    feed.receive([stored(31)]);
    feed.receive(Array.from({ length: 20 }, (_, i) => stored(32 + i)));
    const marked = feed.state().keys.filter((key) => feed.row(key)?.marked);
    expect(marked.map((key) => feed.row(key)?.message.id)).toEqual([31]);
  });

  it('shows an arrival at the top, and its confirmation, edit and decision in place', async () => {
    const feed = make();
    await feed.load();
    const arrival = stored(0, { external_message_id: '31', sent_at: at(31), persisted: false });
    feed.receive([arrival]);
    expect(ids(feed)).toEqual([0, 30, 29]);
    const key = feed.state().keys[0] ?? '';
    const before = feed.state().keys;
    feed.receive([{ ...arrival, id: 31, persisted: true }]);
    expect(feed.row(key)?.message).toMatchObject({ id: 31, persisted: true });
    feed.receive([{ ...arrival, id: 31, persisted: true, content: 'edited', edited_at: at(40) }]);
    // What took another way and comes late does not undo it.
    feed.receive([arrival, { ...arrival, id: 31, persisted: true }]);
    expect(feed.row(key)?.message).toMatchObject({ id: 31, persisted: true, content: 'edited' });
    expect(feed.state().keys).toBe(before);
  });

  it('puts an arrival that is older than its neighbours where it belongs, and leaves one below all pages to its page', async () => {
    const feed = make();
    await feed.load();
    feed.receive([stored(31, { sent_at: at(29), external_message_id: '31', chat_id: 'other' }), stored(5)]);
    expect(ids(feed)).toEqual([30, 31, 29]);
  });

  it('holds arrivals back while the reader is scrolled away, counts them and shows them on return', async () => {
    const feed = make();
    await feed.load();
    feed.follow(false);
    const { keys: before, version } = feed.state();
    feed.receive([stored(31), stored(32)]);
    feed.receive([stored(32, { content: 'edited', edited_at: at(50) })]);
    expect(feed.state().waiting).toBe(2);
    // The rows are as they were, so that none of them is drawn anew.
    expect(feed.state()).toMatchObject({ keys: before, version });
    feed.reveal();
    expect(ids(feed)).toEqual([32, 31, 30, 29]);
    expect(feed.row(feed.state().keys[0] ?? '')?.message.content).toBe('edited');
    expect(feed.state().waiting).toBe(0);
  });

  it('reads anew where more was held back than is kept', async () => {
    const feed = make();
    await feed.load();
    feed.follow(false);
    const start = Date.parse(at(31));
    feed.receive(Array.from({ length: 700 }, (_, i) => stored(100 + i, { sent_at: new Date(start + i).toISOString() })));
    expect(feed.state().waiting).toBe(700);
    pages = [{ items: [stored(799), stored(798)], next: 'c9' }];
    feed.follow(true);
    await vi.waitFor(() => expect(feed.state().status).toBe('ready'), 20_000);
    expect(ids(feed)).toEqual([799, 798]);
    expect(feed.state().waiting).toBe(0);
  });

  it('takes in only what passes the filter, and greys what passes it no more', async () => {
    pages = [{ items: [stored(30)], next: null }];
    const feed = make({ classification: 'unclassified', author: 'олена' });
    await feed.load();
    feed.receive([stored(31, { author: 'Priya Raman' }), stored(32)]);
    expect(ids(feed)).toEqual([32, 30]);
    const decided = { is_issue: true, category: 'bug', priority: 'high', confidence: 0.9, provider: 'local', classified_at: at(33) } as const;
    feed.receive([stored(32, { classification: decided })]);
    expect(feed.row(feed.state().keys[0] ?? '')).toMatchObject({ gone: true, message: { id: 32 } });
    expect(ids(feed)).toEqual([32, 30]);
  });

  it('asks the server whether an arrival matches a search', async () => {
    pages = [{ items: [stored(30)], next: null }, { items: [stored(31), stored(30)], next: null }];
    const feed = make({ q: 'receipt' });
    await feed.load();
    feed.receive([stored(31), stored(32)]);
    await vi.waitFor(() => expect(ids(feed)).toEqual([31, 30]), 20_000);
  });

  it('keeps what is known when reading anew fails, and says so when nothing is known', async () => {
    const feed = make();
    await feed.load();
    pages = [];
    await feed.load();
    expect(feed.state().status).toBe('ready');
    expect(ids(feed)).toEqual([30, 29]);
    const empty = make();
    await empty.load();
    expect(empty.state().status).toBe('error');
  });

  it('keeps on reading anew what is on the wire and not stored yet', async () => {
    const feed = make();
    await feed.load();
    feed.receive([stored(0, { external_message_id: '31', sent_at: at(31), persisted: false })]);
    pages = [{ items: [stored(30), stored(29)], next: 'c1' }];
    await feed.load();
    expect(ids(feed)).toEqual([0, 30, 29]);
  });
});

describe('the filter of messages', () => {
  const parse = (query: string) => parseMessageFilter(new URLSearchParams(query));

  it('is read from the address, without what the API would refuse', () => {
    expect(parse('q= receipt &classification=issue&chat_id=-100&id=7')).toEqual({ q: 'receipt', classification: 'issue', chat_id: '-100' });
    expect(parse('classification=nonsense&date_from=2026-02-30&date_to=yesterday&author=')).toEqual({});
    expect(parse('date_from=2026-03-09&date_to=2026-03-02')).toEqual({ date_from: '2026-03-02', date_to: '2026-03-09' });
  });

  it('counts days in the zone of the reader', () => {
    // 22:30 UTC is past midnight in Kyiv.
    const late = message({ sent_at: '2026-03-01T22:30:00Z' });
    expect(matches({ date_from: '2026-03-02' }, late)).toBe(true);
    expect(matches({ date_to: '2026-03-01' }, late)).toBe(false);
  });
});
