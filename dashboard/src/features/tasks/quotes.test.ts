import { describe, expect, it } from 'vitest';

import { blocksOf, saidBy } from './quotes';

const made = 'Олена Ковтун, 2026-03-02 09:15 UTC:\n> Чек 18:52 загубився\n> \n> і каса мовчить\n\nUnknown, 2026-03-02 09:17 UTC:\n> Same here';

describe('a description', () => {
  it('is taken apart into who said what and when', () => {
    expect(blocksOf(made)).toEqual([
      { kind: 'quote', author: 'Олена Ковтун', at: '2026-03-02T09:15:00Z', text: 'Чек 18:52 загубився\n\nі каса мовчить' },
      { kind: 'quote', author: 'Unknown', at: '2026-03-02T09:17:00Z', text: 'Same here' },
    ]);
  });

  it('keeps what a person wrote as it is', () => {
    const text = 'Steps, 2026-03-02 09:15 UTC:\n1. open\n  2. look\n\na > b';
    expect(blocksOf(text)).toEqual([{ kind: 'text', text }]);
    expect(blocksOf('Before\n> quoted\nafter')).toEqual([
      { kind: 'text', text: 'Before' },
      { kind: 'quote', author: null, at: null, text: 'quoted' },
      { kind: 'text', text: 'after' },
    ]);
    expect(blocksOf('')).toEqual([]);
    expect(blocksOf(' \n')).toEqual([]);
  });

  it('knows what the evidence says already', () => {
    const messages = [
      { author: 'Олена Ковтун', sent_at: '2026-03-02T09:15:42Z', content: 'Чек 18:52 загубився\n\nі каса мовчить\n' },
      { author: '', sent_at: '2026-03-02T09:17:01Z', content: 'Same here, since the morning' },
    ];
    const [first, second] = blocksOf(made.replace('Same here', 'Same here, since…'));
    expect([first, second].map((block) => block && saidBy(block, messages))).toEqual([true, true]);
    expect(first && saidBy(first, [{ ...messages[0]!, content: 'Edited since' }])).toBe(false);
    expect(saidBy({ kind: 'text', text: 'Note' }, messages)).toBe(false);
  });
});
