import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { describe, expect, it } from 'vitest';

/** From the top down: a folder imports from itself and from those below it. */
const layers = ['app', 'features', 'data', 'components', 'live', 'i18n', 'lib', 'api'];

/** A new one wants a reason. */
const exceptions = [
  'components/charts/heat-map.tsx -> data/activity', // draws what data/activity counts, with the lists behind it
  'components/charts/heat.ts -> data/activity',
  'lib/part.ts -> live/backoff', // one way to wait between attempts
];

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.(test|d)\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

const imports = sources(import.meta.dirname).flatMap((file) => {
  const from = relative(import.meta.dirname, file);
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'@\/([^']+)'/g)].map(([, to = '']) => ({ from, to, line: `${from} -> ${to}` }));
});

describe('imports', () => {
  it('were read', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it('go downwards only', () => {
    const layer = (path: string) => layers.indexOf(path.split('/')[0] ?? '');
    const wrong = imports.filter(({ from, to, line }) => !from.startsWith('testing/') && layer(from) > layer(to) && !exceptions.includes(line));
    expect(wrong.map(({ line }) => line)).toEqual([]);
  });

  it('never go from one feature to another', () => {
    const feature = (path: string) => /^features\/([^/]+)/.exec(path)?.[1];
    const wrong = imports.filter(({ from, to }) => feature(from) && feature(to) && feature(from) !== feature(to));
    expect(wrong.map(({ line }) => line)).toEqual([]);
  });
});
