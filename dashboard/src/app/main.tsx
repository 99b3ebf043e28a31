import './styles.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter } from 'react-router';

import { startI18n } from '@/i18n/i18n';
import { applyAppearance, watchAppearance } from '@/lib/preferences';
import { createQueryClient } from '@/lib/query-client';
import { Live, socketUrl } from '@/live/live';

import { App } from './app';
import { routes } from './routes';

applyAppearance();
watchAppearance();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

// What is read once this stands is read once: see Live.
const cache = createQueryClient();
const live = new Live(cache, socketUrl());
live.start();

const words = startI18n();
// The router fetches the page that is asked for; the words of the shell come beside it.
const router = createBrowserRouter(routes);
await words;
createRoot(root).render(
  <StrictMode>
    <App router={router} cache={cache} live={live} />
  </StrictMode>,
);
