import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// In development (npx vite) the page comes from Vite and everything else from `just run`.
const backend = 'http://localhost:8080';

/** Packs what is text as small as it gets, once, beside each file: standalone and nginx send that to browsers that take it. */
function pack(): Plugin {
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

export default defineConfig({
  plugins: [react(), tailwindcss(), pack()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/api': backend, '/ws': { target: backend, ws: true } } },
  build: {
    // Fonts and pictures stay files of their own: the Content-Security-Policy knows no data: addresses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // scripts/size.mjs tells the texts of the languages apart by their names.
        chunkFileNames: ({ facadeModuleId }) => {
          const [, language, name] = /\/i18n\/(\w+)\/(\w+)\.json$/.exec(facadeModuleId ?? '') ?? [];
          return language ? `assets/texts-${language}-${name}-[hash].js` : 'assets/[name]-[hash].js';
        },
      },
    },
  },
  json: { namedExports: false },
  test: {
    environment: 'happy-dom',
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // The reader's zone is part of what is tested (days, the clock), so it is not the machine's.
    env: { TZ: 'Europe/Kyiv' },
  },
});
