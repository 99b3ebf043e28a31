import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startBotApi, TOKEN } from './bot-api';
import { shoot, startBrowser, violations, visit, type Visit } from './browser';
import { startStandalone, type Standalone } from './standalone';

let telegram: Awaited<ReturnType<typeof startBotApi>>;
let server: Standalone;
let browser: Browser;
let first: Visit;
let second: Visit;

// One installation, from empty to busy: each test goes on where the one before it ended.
beforeAll(async () => {
  telegram = await startBotApi();
  [server, browser] = await Promise.all([startStandalone({ TELEGRAM_API_BASE_URL: telegram.url }), startBrowser()]);
  [first, second] = await Promise.all([visit(browser, server.url), visit(browser, server.url, { locale: 'uk-UA' })]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  telegram?.stop();
});

const line = (page: Page, text: string) => page.locator('[data-list=messages] [data-key]').filter({ hasText: text });

describe("an operator's day", () => {
  it('begins with an empty installation, which says what to do', async () => {
    const { page } = first;
    await page.getByText('Paste the token').or(page.getByRole('region', { name: 'Set up' })).or(page.getByRole('link', { name: /token/i })).first().waitFor();
    await shoot(page, 'empty-dashboard');
    await page.goto(`${server.url}/messages`);
    await page.getByText('No bot is connected').or(page.getByRole('link', { name: /Connect/ })).first().waitFor();
    await shoot(page, 'empty-messages');
  });

  it('connects a bot, whose token is shown to nobody again', async () => {
    const { page } = first;
    await page.goto(`${server.url}/settings/telegram`);
    await page.getByLabel('Bot token').fill(TOKEN);
    await page.getByRole('button', { name: 'Check and save' }).click();
    await page.getByText('Telegram knows this token; it is saved.').waitFor();
    await page.getByRole('button', { name: 'Save and register' }).click();
    await page.getByText('Registered with Telegram.').waitFor();
    expect(telegram.webhook.url).toBe(`${server.url}/webhook/telegram`);
    expect(telegram.webhook.secret).not.toBe('');
    expect(await page.content()).not.toContain(TOKEN.slice(12));
    await shoot(page, 'bot-connected');
  });

  it('adds the group as people paste it', async () => {
    const { page } = first;
    await page.goto(`${server.url}/settings/groups`);
    await page.getByRole('textbox').first().fill('@kasa_dev');
    await page.keyboard.press('Enter');
    await page.getByRole('row').filter({ hasText: 'Каса · розробка' }).waitFor();
  });

  it('hears a message, makes a task of it and closes it, while somebody else looks on in Ukrainian', async () => {
    const [{ page }, { page: other }] = [first, second];
    await Promise.all([page.goto(`${server.url}/messages`), other.goto(`${server.url}/tasks`)]);
    await Promise.all([first, second].map((each) => each.page.locator('[data-phase=live]').waitFor()));
    await telegram.say('Чек 18:52 загубився');
    await line(page, 'Чек 18:52 загубився').click();
    await page.getByRole('button', { name: 'Make a task' }).click();
    await page.getByRole('button', { name: 'Create the task' }).click();
    await page.getByRole('link', { name: /^Open task/ }).click();
    const evidence = page.getByRole('region', { name: 'Evidence' });
    await evidence.getByText('Чек 18:52 загубився').waitFor();
    // A public group: the link works for everyone.
    expect(await evidence.getByRole('link', { name: 'In Telegram' }).getAttribute('href')).toBe('https://t.me/kasa_dev/1');
    await other.getByRole('button', { name: 'Чек 18:52 загубився' }).waitFor();
    await page.getByRole('button', { name: 'Status: Open' }).click();
    await page.getByRole('menuitemradio', { name: 'Completed' }).click();
    await page.getByRole('region', { name: 'History' }).getByText('Completed').waitFor();
    await other.getByRole('button', { name: /^Виконане 1$/ }).waitFor();
    await shoot(page, 'task-closed');
    await shoot(other, 'tasks-uk');
  });

  it('sees in the analysis that it was created and closed, and opens the list behind the number', async () => {
    const { page } = first;
    await page.goto(`${server.url}/analytics`);
    await page.getByText('1 created, 1 completed or cancelled.').waitFor();
    await page.getByRole('button', { name: 'Tasks created and closed: as a table' }).click();
    await page.getByRole('table', { name: 'Tasks created and closed' }).getByRole('link', { name: '1', exact: true }).last().click();
    await page.getByRole('button', { name: 'Чек 18:52 загубився', exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.has('closed_from')).toBe(true);
  });
});

describe('the page', () => {
  it('runs under a policy without inline scripts', async () => {
    const policy = (await fetch(server.url)).headers.get('Content-Security-Policy') ?? '';
    const directives = new Map(policy.split(';').map((each) => each.trim().split(/\s+(.*)/s) as [string, string]));
    const scripts = directives.get('script-src') ?? directives.get('default-src') ?? '';
    expect(scripts.trim()).toBe("'self'");
  });

  it('has no serious fault for those who cannot see it, in Ukrainian and in the dark', async () => {
    const { page } = second;
    await page.emulateMedia({ colorScheme: 'dark' });
    const found: string[] = [];
    for (const path of ['/', '/messages', '/tasks', '/analytics', '/status', '/settings']) {
      await page.goto(server.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      found.push(...(await violations(page)).map((fault) => `${path} ${fault}`));
      await shoot(page, `uk-dark${path.replace(/\W/g, '-')}`);
    }
    expect(found).toEqual([]);
  }, 600_000);

  it('goes on through the death of the server: the badge says so, and nothing is missed', async () => {
    const { page } = first;
    await page.goto(`${server.url}/messages`);
    await page.locator('[data-phase=live]').waitFor();
    await server.kill();
    await page.locator('[data-phase=reconnecting]').waitFor();
    await page.getByText(/Connection lost at \d\d:\d\d/).waitFor();
    expect(await line(page, 'Чек 18:52 загубився').count()).toBe(1);
    await server.restart();
    await telegram.say('Said as soon as it was back');
    await page.getByRole('button', { name: 'Try now' }).click({ timeout: 2_000 }).catch(() => undefined); // it may be back by itself
    await page.locator('[data-phase=live]').waitFor();
    await line(page, 'Said as soon as it was back').waitFor();
    // What the browser itself says of the refused attempts is no fault of the page.
    first.faults = first.faults.filter((fault) => fault.startsWith('request to'));
    second.faults = second.faults.filter((fault) => fault.startsWith('request to'));
  });

  it('shows 200 messages a second as they come, in order, and all of them', async () => {
    const { page } = first;
    const total = 1000;
    const began = Date.now();
    let sent = 0;
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        while (sent < total) {
          const n = sent++;
          const wait = began + n * 5 - Date.now();
          if (wait > 0) await new Promise((done) => setTimeout(done, wait));
          await telegram.say(`Load ${n} `);
        }
      }),
    );
    await telegram.say('The last of the load');
    await line(page, 'The last of the load').and(page.locator('[data-persisted=true]')).waitFor();
    // The total is what the database has.
    await expect.poll(async () => ((await (await fetch(`${server.url}/api/messages/filters`)).json()) as { total_messages: number }).total_messages, { timeout: 240_000 }).toBe(total + 3);
    const keys = await page.locator('[data-list=messages] [data-key]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-key')));
    expect(new Set(keys).size).toBe(keys.length);
    expect(first.faults).toEqual([]);
    expect(second.faults).toEqual([]);
    await shoot(page, 'after-load');
  }, 600_000);
});
