// What the build does beside bundling.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import type { Plugin, Rolldown } from 'vite';

import pageTexts from '../src/app/page-texts.json' with { type: 'json' };

/** What public/start.js reads: the files that a page needs beside those that index.html names. */
interface Chunks {
  /** By page, and by page/tab. */
  pages: Record<string, string[]>;
  /** By language, by namespace. */
  texts: Record<string, Record<string, string>>;
  /** The namespaces of each page. */
  namespaces: Record<string, string[]>;
}

/** Writes into index.html which chunks each page needs, so that the browser fetches them beside the first, not after it has run. */
export function chunksOfPages(): Plugin {
  return {
    name: 'chunks-of-pages',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {}, chunk: entry }) {
        const chunks: Chunks = { pages: {}, texts: {}, namespaces: pageTexts };
        const first = entry ? closure(entry.fileName, bundle) : new Set();
        for (const chunk of Object.values(bundle)) {
          if (chunk.type !== 'chunk' || !chunk.facadeModuleId) continue;
          const [, page] = /([a-z]+)-page\.tsx$/.exec(chunk.facadeModuleId) ?? [];
          const [, feature, tab] = /features\/(\w+)\/(?:\w+\/)?([a-z]+)-tab\.tsx$/.exec(chunk.facadeModuleId) ?? [];
          const key = page ?? (feature && `${feature}/${tab}`);
          if (key) chunks.pages[key] = [...closure(chunk.fileName, bundle)].filter((file) => !first.has(file));
          const [, language, texts] = /\/i18n\/(\w+)\/(\w+)\.json$/.exec(chunk.facadeModuleId) ?? [];
          if (language && texts) (chunks.texts[language] ??= {})[texts] = chunk.fileName;
        }
        // Data, which no Content-Security-Policy minds, before the script that reads it.
        return html.replace('<script src="/start.js">', `<script type="application/json" id="chunks">${JSON.stringify(chunks)}</script>\n    $&`);
      },
    },
  };
}

/** The chunk and everything it imports statically. */
function closure(file: string, bundle: Rolldown.OutputBundle, found = new Set<string>()): Set<string> {
  const chunk = bundle[file];
  if (found.has(file) || chunk?.type !== 'chunk') return found;
  found.add(file);
  for (const next of chunk.imports) closure(next, bundle, found);
  return found;
}

/** Packs what is text as small as it gets, once, beside each file: standalone and nginx send that to browsers that take it. */
export function pack(): Plugin {
  return {
    name: 'pack',
    apply: 'build',
    writeBundle({ dir = 'dist' }) {
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(html|js|css|svg|json|txt)$/.test(entry.name)) continue;
        const file = join(entry.parentPath, entry.name);
        const content = readFileSync(file);
        if (content.length < 1024) continue;
        writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(content));
      }
    },
  };
}
