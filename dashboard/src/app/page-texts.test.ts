import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import pageTexts from './page-texts.json';

const root = resolve(import.meta.dirname, '..');

function fileOf(from: string, to: string): string | undefined {
  const path = to.startsWith('@/') ? join(root, to.slice(2)) : join(dirname(from), to);
  return [`${path}.tsx`, `${path}.ts`].find(existsSync);
}

/** The namespaces of a file and of all that it imports at once; not of what it loads when asked for. */
function textsOf(file: string, seen: Set<string>): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  const code = readFileSync(file, 'utf8');
  for (const [, list = ''] of code.matchAll(/use(?:Translation|Words)\(([^)]*)\)/g)) for (const [, name = ''] of list.matchAll(/'(\w+)'/g)) found.add(name);
  for (const [, to = ''] of code.matchAll(/^(?:import|export) (?!type )[^;]*?from '([@.]\/[^']+|\.\.\/[^']+)'/gm)) {
    const next = fileOf(file, to);
    if (next) for (const name of textsOf(next, seen)) found.add(name);
  }
  return found;
}

describe('the texts that are loaded with a page', () => {
  it.each(Object.entries(pageTexts))('%s: those that it shows', (name, texts) => {
    const feature = name === 'task' ? 'tasks' : name;
    const shown = textsOf(join(root, `features/${feature}/${name}-page.tsx`), new Set());
    shown.delete('common');
    expect([...shown].sort()).toEqual([...texts].sort());
  });
});
