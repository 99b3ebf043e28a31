import { describe, expect, it } from 'vitest';

import type { Row } from '@/data/messages/feed';
import { message } from '@/testing/factory';

import { fold, runName } from './fold';

const rows = (...threads: (string | null)[]): Row[] => threads.map((thread_id, i) => ({ key: `k${i}`, message: message({ id: i + 1, thread_id }), gone: false, live: false, marked: false }));
const shape = (lines: ReturnType<typeof fold>) => lines.map(({ key, count }) => `${key}×${count}`);

describe('fold', () => {
  it('makes one line of three neighbours of a topic, and leaves two and those without one alone', () => {
    expect(shape(fold(rows('7', '7', '7', null, null, null, '8', '8'), true, new Set()))).toEqual(['k0×3', 'k3×1', 'k4×1', 'k5×1', 'k6×1', 'k7×1']);
    expect(fold(rows('7', '7', '7'), false, new Set())).toHaveLength(3);
  });

  it('stays open as newer ones join the run', () => {
    const before = rows('7', '7', '7');
    const name = runName(fold(before, true, new Set()), before, 0);
    const newer: Row = { key: 'new', message: message({ thread_id: '7' }), gone: false, live: true, marked: true };
    const lines = fold([newer, ...before], true, new Set([name]));
    expect(shape(lines)).toEqual(['new×4', 'k0×1', 'k1×1', 'k2×1']);
    expect(runName(lines, [newer, ...before], 0)).toBe(name);
  });

  it('keeps the line of a row that is as it was, wherever it stands', () => {
    const before = rows(null, '7', null);
    const lines = fold(before, true, new Set());
    const [newest] = rows(null) as [Row];
    expect(fold([newest, ...before], true, new Set()).slice(1).every((line, i) => line === lines[i])).toBe(true);
  });

  it('makes one line of an album, with the words that came with it', () => {
    const album: Row[] = [7, 6, 5].map((id) => ({ key: `k${id}`, message: message({ id, media_group_id: 'a', content: id === 5 ? 'The receipts of today' : '[photo]' }), gone: false, live: false, marked: false }));
    const lines = fold([...album, ...rows(null)], true, new Set());
    expect(lines.map(({ kind, count, row }) => [kind, count, row.message.content])).toEqual([['album', 3, 'The receipts of today'], ['message', 1, 'Message 1']]);
    expect(runName(lines, [...album, ...rows(null)], 0)).toBe('k5');
  });
});
