import './styles.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { startI18n } from '@/i18n/i18n';
import { applyAppearance, watchAppearance } from '@/lib/preferences';

import { App } from './app';

applyAppearance();
watchAppearance();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

await startI18n();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
