import { existsSync } from 'node:fs';

import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { sendUpdate, startStandalone, textUpdate, type Standalone } from './standalone';

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'].find(existsSync);
if (!executablePath) throw new Error('Chromium is needed for this test');

let server: Standalone;
let browser: Browser;

beforeAll(async () => {
  server = await startStandalone();
  browser = await chromium.launch({
    executablePath: executablePath ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** Opens the page and waits until it is live; errors of the page fail the test. */
async function openPage(colorScheme: 'light' | 'dark' = 'light', locale = 'en-GB'): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ colorScheme, locale });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (line) => line.type() === 'error' && errors.push(line.text()));
  await page.goto(server.url);
  await page.getByRole('status').filter({ hasText: /^(live|наживо)$/ }).waitFor();
  return { page, errors };
}

describe('the page', () => {
  it('shows a message as it arrives, then that it is stored, then its edit, without a reload', async () => {
    const { page, errors } = await openPage();
    await sendUpdate(server.url, textUpdate(101, 'Чек 18:52 загубився'));
    const row = page.getByRole('listitem').filter({ hasText: 'Чек 18:52 загубився' });
    await row.waitFor();
    await expect.poll(() => row.getAttribute('class')).toBe('row');
    await sendUpdate(server.url, {
      update_id: 102,
      edited_message: { ...(textUpdate(101, 'Чек 18:52 знайшовся', { edit_date: Math.floor(Date.now() / 1000) + 1 }) as { message: object }).message },
    });
    await page.getByRole('listitem').filter({ hasText: 'Чек 18:52 знайшовся' }).waitFor();
    expect(await row.count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('shows a task as it is made', async () => {
    const { page } = await openPage();
    const response = await fetch(`${server.url}/api/tasks`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ title: 'Find the lost receipt', description: '', category: 'bug', priority: 'high', source: 'api' }),
    });
    expect(response.status).toBe(201);
    await page.getByRole('listitem').filter({ hasText: 'Find the lost receipt' }).waitFor();
  });

  it('shows hostile text as text', async () => {
    const { page, errors } = await openPage();
    await sendUpdate(server.url, textUpdate(103, '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202Eabc'));
    await page.getByRole('listitem').filter({ hasText: 'onerror' }).waitFor();
    expect(await page.title()).toBe('Task Tracker');
    expect(errors).toEqual([]);
  });

  it('shows what is stored after a reload, and keeps the language that was chosen', async () => {
    const { page } = await openPage();
    await page.getByRole('button', { name: 'Українською' }).click();
    await page.reload();
    await page.getByRole('heading', { name: 'Повідомлення' }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Чек 18:52 знайшовся' }).waitFor();
  });

  it.each(['light', 'dark'] as const)('has no accessibility fault in %s', async (scheme) => {
    const { page } = await openPage(scheme);
    await page.getByRole('listitem').first().waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([]);
  });
});
