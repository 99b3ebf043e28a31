import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// In development (npx vite) the page comes from Vite and everything else from `just run`.
const backend = 'http://localhost:8080';

export default defineConfig({
  plugins: [react()],
  server: { proxy: { '/api': backend, '/ws': { target: backend, ws: true } } },
});
