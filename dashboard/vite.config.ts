import { fileURLToPath } from 'node:url';

import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// In development (npx vite) the page comes from Vite and everything else from `just run`.
const backend = 'http://localhost:8080';

export default defineConfig({
  plugins: [react(), tailwindcss()],
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
