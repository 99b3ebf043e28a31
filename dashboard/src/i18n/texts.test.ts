import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import en from './en';
import uk from './uk';

/** Plural forms that each language has (CLDR). */
const forms = { en: ['one', 'other'], uk: ['one', 'few', 'many', 'other'] } as const;

function flatten(texts: object, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(texts) as [string, string | object][]) {
    if (typeof value === 'string') flat.set(prefix + key, value);
    else for (const [k, v] of flatten(value, `${prefix}${key}.`)) flat.set(k, v);
  }
  return flat;
}

function all(language: object): Map<string, string> {
  const found = new Map<string, string>();
  for (const [namespace, texts] of Object.entries(language) as [string, object][]) {
    for (const [key, value] of flatten(texts)) found.set(`${namespace}:${key}`, value);
  }
  return found;
}

/** What the server says in English already; components/said.test.tsx holds its other language to the contract. */
const fromServer = 'clauses:';

const texts = { en: all(en), uk: all(uk) };
const base = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '');
const bases = (language: 'en' | 'uk') => new Set([...texts[language].keys()].map(base));
const placeholders = (text: string) => new Set(text.match(/{{[^}]+}}/g) ?? []);

describe('the texts', () => {
  it('are there in both languages', () => {
    expect([...bases('en')].filter((key) => !bases('uk').has(key))).toEqual([]);
    expect([...bases('uk')].filter((key) => !bases('en').has(key) && !key.startsWith(fromServer))).toEqual([]);
  });

  it('have every plural form of their language', () => {
    for (const language of ['en', 'uk'] as const) {
      const keys = texts[language];
      const plural = new Set([...keys.keys()].filter((key) => key !== base(key)).map(base));
      const missing = [...plural].flatMap((key) => forms[language].map((form) => `${key}_${form}`)).filter((key) => !keys.has(key));
      expect(missing).toEqual([]);
    }
  });

  it('are never empty and hold the same values', () => {
    for (const [key, text] of texts.uk) {
      expect(text.trim(), key).not.toBe('');
      if (key.startsWith(fromServer)) continue;
      // A form for one may leave the number out: the form for many has them all.
      const english = texts.en.get(`${base(key)}_other`) ?? texts.en.get(key) ?? '';
      expect(placeholders(text), key).toEqual(placeholders(english));
    }
  });

  it('are all defined where they are used, and those of a page are used', () => {
    const defined = bases('en');
    const undefinedKeys: string[] = [];
    let code = '';
    for (const file of sources(resolve(import.meta.dirname, '..'))) {
      const text = readFileSync(file, 'utf8');
      code += text;
      const namespaces = [...text.matchAll(/(?:use(?:Translation|Words)\(|TFunction<)(?:\[?'([a-z]+)')?/g)].map(([, name]) => name ?? 'common');
      for (const [, key = ''] of text.matchAll(/\bt\('([^'$]+)'/g)) {
        const candidates = key.includes(':') ? [key] : (namespaces.length > 0 ? namespaces : ['common']).map((namespace) => `${namespace}:${key}`);
        if (!candidates.some((full) => defined.has(full))) undefinedKeys.push(`${file}: ${key}`);
      }
    }
    expect(undefinedKeys).toEqual([]);
    // A key is used as a whole, or by a beginning before a value: t(`status.${status}`). The common ones are a
    // vocabulary that pages share.
    const unused = [...defined].filter((full) => {
      if (full.startsWith('common:')) return false;
      const key = full.slice(full.indexOf(':') + 1);
      const stems = [...key.matchAll(/\./g)].map(({ index }) => key.slice(0, index + 1));
      return !code.includes(`'${key}'`) && !code.includes(`:${key}'`) && !stems.some((stem) => code.includes(`\`${stem}\${`) || code.includes(`:${stem}\${`));
    });
    expect(unused).toEqual([]);
  });
});

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.(test|d)\.tsx?$/.test(entry.name) ? [path] : [];
  });
}
