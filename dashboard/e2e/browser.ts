import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find(existsSync);

export async function startBrowser(): Promise<Browser> {
  if (!executablePath) throw new Error('Chromium is needed for this test');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

export interface Visit {
  page: Page;
  /** What went wrong on the page, and requests that left its origin. Has to be empty. */
  faults: string[];
}

/** Opens a path and waits until the page is live. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Kyiv', viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(120_000); // a busy machine is slow, not wrong
  const page = await context.newPage();
  const faults: string[] = [];
  const { origin } = new URL(url);
  page.on('pageerror', (error) => faults.push(error.message));
  // A network that the machine gets or loses meanwhile is no fault of the page, which asks again.
  page.on('console', (line) => line.type() === 'error' && !line.text().includes('ERR_NETWORK_CHANGED') && faults.push(line.text()));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(`request to ${request.url()}`);
  });
  await page.goto(url);
  await page.locator('[data-phase=live]').waitFor();
  return { page, faults };
}

/** What axe finds wrong on the page: by all its rules, or by these. */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  // There are no frames here, which the other mode is for: it opens a tab of its own for every answer.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode();
  const found = await (rules ? axe.withRules(rules) : axe).analyze();
  return found.violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`);
}

/** Where pictures of a run are kept, to be looked at. */
const shots = join(import.meta.dirname, '../test-results/screenshots');

/** Keeps what the page looks like now. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), animations: 'disabled' });
}
