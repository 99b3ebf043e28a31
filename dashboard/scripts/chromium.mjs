import { existsSync } from 'node:fs';

import { chromium } from 'playwright-core';

/** The machine's own Chromium. */
export function launch(...args) {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find(existsSync);
  if (!executablePath) throw new Error('Chromium is needed');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking', ...args] });
}
