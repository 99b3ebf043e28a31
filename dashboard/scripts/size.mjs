// Checks what a browser loads before the first page shows: the scripts of index.html, what they import, a page's own
// chunk and its texts in the longer language, compressed. Run after `npm run build`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes of gzip. */
const BOUND = 250_000;
const dist = join(import.meta.dirname, '../dist');

const read = (file) => readFileSync(join(dist, file));
const size = (file) => gzipSync(read(file), { level: 9 }).length;

/** The chunk and everything it imports statically. */
function closure(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, name] of read(file).toString().matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) closure(`assets/${name}`, found);
  return found;
}

const html = read('index.html').toString();
const scripts = [...html.matchAll(/<script[^>]+src="\/([^"]+)"/g)].map(([, name]) => name);
const entry = scripts.find((name) => name.startsWith('assets/'));
const first = new Set(scripts.flatMap((name) => [...closure(name)]));

// The entry names its lazy chunks in import() calls.
const lazy = [...new Set([...first].flatMap((file) => [...read(file).toString().matchAll(/import\([`"']\.\/([^`"']+\.js)[`"']\)/g)].map(([, name]) => `assets/${name}`)))];
const pageTexts = JSON.parse(readFileSync(join(import.meta.dirname, '../src/app/page-texts.json')));
/** The texts of a name in whichever language has the longer ones. */
const texts = (name) => lazy.filter((file) => new RegExp(`/texts-\\w+-${name}-`).test(file)).sort((a, b) => size(b) - size(a))[0];
const pages = lazy.filter((name) => /-page-/.test(name));
if (!entry || !texts('common') || pages.length === 0) throw new Error('dist/ is not as this script expects it: build first');

let failed = false;
for (const page of pages) {
  const words = ['common', ...pageTexts[/\/([a-z]+)-page-/.exec(page)[1]]].map(texts);
  const files = new Set([...first, ...words, ...closure(page)]);
  const bytes = [...files].reduce((sum, file) => sum + size(file), 0);
  const over = bytes > BOUND;
  failed ||= over;
  console.log(`${over ? 'OVER ' : 'ok   '}${(bytes / 1000).toFixed(1).padStart(6)} kB  ${page.replace(/^assets\/|-[\w-]{8}\.js$/g, '')}`);
}
if (failed) {
  console.error(`A page's first load is over ${BOUND / 1000} kB of compressed JavaScript: split what it does not need at once.`);
  process.exit(1);
}
