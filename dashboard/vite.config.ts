import { fileURLToPath } from 'node:url';

import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { chunksOfPages, pack } from './scripts/plugins.ts';

// In development (npx vite) the page comes from Vite and everything else from `just run`.
const backend = 'http://localhost:8080';

export default defineConfig({
  plugins: [react(), tailwindcss(), chunksOfPages(), pack()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/api': backend, '/ws': { target: backend, ws: true } } },
  build: {
    // Fonts and pictures stay files of their own: the Content-Security-Policy knows no data: addresses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // scripts/size.mjs tells the texts of the languages apart by their names.
        chunkFileNames: ({ facadeModuleId, name }) => {
          const [, language, texts] = /\/i18n\/(\w+)\/(\w+)\.json$/.exec(facadeModuleId ?? '') ?? [];
          if (language) return `assets/texts-${language}-${texts}-[hash].js`;
          return name.startsWith('shared') ? 'assets/shared-[hash].js' : 'assets/[name]-[hash].js';
        },
        // Few files: each request costs more than the bytes that it saves.
        codeSplitting: {
          groups: [
            { name: 'shell', tags: ['$initial'], priority: 2 },
            // In files of their own: merged as what is small else is, they would bring along the chunk that they fell to.
            { name: 'icons', test: /lucide-react/, minShareCount: 2, priority: 2 },
            { name: 'task-queries', test: /data.tasks.queries/, priority: 2 },
            { name: 'shared', test: /\.(tsx?|m?js)$/, minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 1_800, priority: 1 },
          ],
        },
      },
    },
  },
  json: { namedExports: false },
  test: {
    environment: 'happy-dom',
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
    maxWorkers: '100%', // else one processor of two
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // The reader's zone is part of what is tested (days, the clock), so it is not the machine's.
    env: { TZ: 'Europe/Kyiv' },
  },
});
