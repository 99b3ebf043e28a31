import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { startBrowser, violations, visit, type Visit } from './browser';
import { startProxy } from './proxy';
import { createTask, sendUpdate, startStandalone, textUpdate, type Standalone } from './standalone';

let server: Standalone;
let browser: Browser;
let visits: Visit[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startStandalone(), startBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(async () => {
  const faults = visits.flatMap((each) => each.faults);
  await Promise.all(visits.map(({ page }) => page.context().close()));
  visits = [];
  expect(faults).toEqual([]);
});

async function open(path: string, options: BrowserContextOptions = {}, base = server.url): Promise<Page> {
  const opened = await visit(browser, base + path, options);
  visits.push(opened);
  return opened.page;
}

const line = (page: Page, text: string) => page.locator('[data-list=messages] [data-key]').filter({ hasText: text });

describe('messages', () => {
  it('appear as they arrive, are confirmed, and change with an edit, without a reload', async () => {
    const page = await open('/messages');
    const update = textUpdate('Чек 18:52 загубився');
    await sendUpdate(server.url, update);
    await line(page, 'Чек 18:52 загубився').and(page.locator('[data-persisted=true]')).waitFor();
    await sendUpdate(server.url, { update_id: 1_000_001, edited_message: { ...update.message, text: 'Чек 18:52 знайшовся', edit_date: Math.floor(Date.now() / 1000) + 1 } });
    await line(page, 'Чек 18:52 знайшовся').click();
    expect(await line(page, 'Чек 18:52 загубився').count()).toBe(0);
    await page.getByRole('heading', { name: 'Edited once' }).waitFor();
    await page.getByRole('deletion').filter({ hasText: 'Чек 18:52 загубився' }).waitFor();
  });

  it('lead to the task that is made of them, which shows them as its evidence', async () => {
    const page = await open('/messages');
    await page.locator('[data-phase=live]').waitFor();
    await sendUpdate(server.url, textUpdate('The till prints nothing'));
    await line(page, 'The till prints nothing').click();
    await page.getByRole('button', { name: 'Make a task' }).click();
    await page.getByRole('button', { name: 'Create the task' }).click();
    await page.getByRole('link', { name: /^Open task/ }).click();
    await page.getByRole('region', { name: 'Evidence' }).getByText('The till prints nothing').waitFor();

    // Another is added to a task that there is, by keys, and taken out again.
    await createTask(server.url, 'Look after the printers');
    await sendUpdate(server.url, textUpdate('The printer hums', { chat: { id: -1002988379207, title: 'Склад', type: 'supergroup' } }));
    await page.goto(`${server.url}/messages`);
    const hums = line(page, 'The printer hums').and(page.locator('[data-persisted=true]'));
    await hums.getByRole('checkbox').check();
    await page.keyboard.press('m');
    await page.getByRole('textbox', { name: "A task's words or number" }).fill('Look after');
    await page.getByRole('button', { name: 'Add to Look after the printers' }).click();
    await hums.getByText(/^Task \d+$/).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('1 message is as it was').waitFor();
    await hums.getByText(/^Task \d+$/).waitFor({ state: 'detached' });
  });

  it('with hostile text are shown as text', async () => {
    const page = await open('/messages');
    await sendUpdate(server.url, textUpdate('<img src=x onerror="document.title=1"><script>document.title=2</script>\u202Eabc'));
    await line(page, 'onerror').waitFor();
    expect(await page.title()).toBe('Messages · Task Tracker');
  });

  it('wait above while the reader is scrolled away, and the list does not jump', async () => {
    for (let i = 0; i < 60; i++) await sendUpdate(server.url, textUpdate(`Line ${i}`));
    const page = await open('/messages');
    await line(page, 'Line 59').waitFor();
    const list = page.locator('[data-list=messages]');
    await list.evaluate((element) => element.scrollTo({ top: 900 }));
    const shown = () => list.evaluate((element) => [...element.querySelectorAll('[data-key]')].filter((row) => row.getBoundingClientRect().top >= element.getBoundingClientRect().top)[0]?.textContent);
    await expect.poll(shown).toMatch(/Line 3\d/);
    const before = await shown();
    await sendUpdate(server.url, textUpdate('News one'));
    await sendUpdate(server.url, textUpdate('News two'));
    const pill = page.getByRole('button', { name: '2 new' });
    await pill.waitFor();
    expect(await shown()).toBe(before);
    await pill.click();
    await line(page, 'News two').waitFor();
  });

  it('are filtered from the address, live ones too, and a chip removes the filter', async () => {
    const page = await open('/messages?author=nobody');
    await page.getByText('Nothing matches').waitFor();
    await sendUpdate(server.url, textUpdate('From somebody else'));
    await sendUpdate(server.url, textUpdate('From the one', { from: { id: 5, is_bot: false, first_name: 'Nobody' } }));
    await line(page, 'From the one').waitFor();
    expect(await line(page, 'From somebody else').count()).toBe(0);
    await page.getByRole('button', { name: 'Remove filter Author: nobody' }).click();
    await line(page, 'From somebody else').waitFor();
    expect(new URL(page.url()).search).toBe('');
  });
});

describe('by keyboard alone', () => {
  it('a message becomes a task, the task is found, changed and undone, while another browser looks on', async () => {
    await sendUpdate(server.url, textUpdate('The printer of till 3 prints blanks'));
    const other = await open('/tasks');
    const page = await open('/');
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await line(page, 'The printer of till 3').waitFor();
    await page.keyboard.press('j');
    await page.getByRole('article', { name: 'Message' }).waitFor();
    await page.keyboard.press('t');
    await page.getByRole('textbox', { name: 'Title' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await other.getByRole('button', { name: 'The printer of till 3' }).waitFor();

    await page.keyboard.press('g');
    await page.keyboard.press('t');
    const row = page.getByRole('button', { name: 'The printer of till 3 prints blanks', exact: true });
    await row.waitFor();
    await page.keyboard.press('j');
    await expect.poll(() => row.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('s');
    await page.getByRole('menuitemradio', { name: 'Completed' }).waitFor();
    // Radix moves the focus a moment after each key, as no person is too fast for.
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await expect.poll(focused).toBe('Open');
    await page.keyboard.press('End');
    await expect.poll(focused).toBe('Cancelled');
    await page.keyboard.press('ArrowUp');
    await expect.poll(focused).toBe('Completed');
    await page.keyboard.press('Enter');
    // Making the task can be undone as well, for ten seconds.
    const undo = page.locator('[data-sonner-toast]').filter({ hasText: 'Changed: The printer of till 3' }).getByRole('button', { name: 'Undo' });
    await undo.waitFor();
    await other.getByRole('button', { name: /^Completed 1$/ }).waitFor();
    await undo.press('Enter');
    await other.getByRole('button', { name: /^Completed 0$/ }).waitFor();
  });

  it('a card moves on the board, which says where it is', async () => {
    await createTask(server.url, 'Move me');
    const page = await open('/tasks');
    await page.keyboard.press('v');
    const card = page.getByRole('region', { name: 'Open' }).getByRole('button', { name: 'Move me' });
    await card.focus();
    await page.keyboard.press('Space');
    await page.getByText('Picked up: Move me').waitFor({ state: 'attached' });
    await page.keyboard.press('ArrowRight');
    await page.getByText('Over Pending').waitFor({ state: 'attached' });
    await page.keyboard.press('Space');
    const moved = page.getByRole('region', { name: 'Pending' }).getByRole('button', { name: 'Move me' });
    await moved.waitFor();
    await expect.poll(() => moved.evaluate((each) => each === document.activeElement)).toBe(true); // the next move begins where it is
  });

  it('the palette opens, finds a page and gives the focus back; Esc closes one layer', async () => {
    const page = await open('/tasks');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type('mess');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Messages', level: 1 }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe('/messages');
  });
});

describe('the focus', () => {
  it('is in what comes in place of what had it, and going back takes one step', async () => {
    const id = await createTask(server.url, 'Edit me');
    const page = await open(`/tasks/${id}`);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id);
    await page.getByRole('button', { name: 'Edit the title' }).waitFor();
    await page.keyboard.press('e');
    await expect.poll(focused).toBe('Title');
    await page.keyboard.press('Escape');
    await expect.poll(focused).toBe('Edit the title');
    await page.getByRole('link', { name: 'All tasks' }).press('Enter');
    await page.getByRole('heading', { name: 'Tasks', level: 1 }).waitFor();
    await expect.poll(focused).toBe('main');

    await page.goto(`${server.url}/settings/telegram`);
    await page.getByRole('tab', { name: 'Groups' }).click();
    await page.waitForURL('**/settings/groups');
    await page.goBack();
    await page.waitForURL('**/settings/telegram');
  });
});

describe('a lost connection', () => {
  it('is said with since when, keeps what is known, blocks changes, and what was missed arrives', async () => {
    await sendUpdate(server.url, textUpdate('Known before'));
    const proxy = await startProxy(server.url);
    const page = await open('/messages', {}, proxy.url);
    await line(page, 'Known before').click();
    await page.getByRole('button', { name: 'Make a task' }).waitFor();
    proxy.cut();
    await page.locator('[data-phase=reconnecting]').waitFor();
    await page.getByText(/Connection lost at \d\d:\d\d/).waitFor();
    expect(await line(page, 'Known before').count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Make a task' }).getAttribute('aria-disabled')).toBe('true');
    await sendUpdate(server.url, textUpdate('Said meanwhile'));
    // What the browser itself says of the refused attempts is no fault of the page.
    const own = visits.at(-1);
    if (own) own.faults = [];
    proxy.mend();
    await page.locator('[data-phase=live]').waitFor();
    await line(page, 'Said meanwhile').waitFor();
    proxy.stop();
  });
});

describe('a part of the page that cannot be fetched', () => {
  it('is asked for again until it can', async () => {
    await sendUpdate(server.url, textUpdate('Look closer'));
    const page = await open('/tasks');
    let refused = 0;
    await page.route('**/assets/message-detail-*', (route) => (++refused === 1 ? route.abort() : route.continue()));
    await page.goto(`${server.url}/messages`);
    await line(page, 'Look closer').click();
    await page.getByRole('button', { name: 'Make a task' }).waitFor();
    expect(refused).toBeGreaterThan(1);
    const own = visits.at(-1);
    if (own) own.faults = [];
  });
});

describe('the window', () => {
  it('does not scroll, whatever stands far down in a page', async () => {
    const page = await open('/status');
    await page.setViewportSize({ width: 900, height: 400 });
    await page.getByRole('heading', { level: 1 }).waitFor();
    const inside = page.locator('main').evaluate((main) => {
      const far = document.createElement('span'); // as words for screen readers are
      far.className = 'sr-only';
      far.style.top = '3000px';
      main.append(far);
      return document.scrollingElement?.scrollHeight;
    });
    expect(await inside).toBe(400);
  });
});

describe('language and theme', () => {
  it('switch without a reload and are remembered', async () => {
    const page = await open('/tasks');
    await page.evaluate(() => Object.assign(window, { same: true }));
    await page.getByRole('button', { name: 'Language' }).click();
    await page.getByRole('menuitemradio', { name: 'Українська' }).click();
    await page.getByRole('heading', { name: 'Завдання', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Вигляд' }).click();
    await page.getByRole('menuitemradio', { name: 'Темна' }).click();
    await expect.poll(() => page.evaluate(() => [document.documentElement.className, document.documentElement.lang, 'same' in window])).toEqual(['dark', 'uk', true]);
    await page.reload();
    await page.getByRole('heading', { name: 'Завдання', level: 1 }).waitFor();
    expect(await page.evaluate(() => document.documentElement.className)).toBe('dark');
  });
});

/**
 * What a finger does not meet: 44 px, less a row's own line. Links in a text and the hours of a heat map are as they are, a box is as large as
 * its label, and some links are as large as their card.
 */
function tooSmall(): string[] {
  const controls = [...document.querySelectorAll<HTMLElement>('button, a[href], select, textarea, input:not([type=checkbox]):not([type=radio])')];
  return controls
    .filter((each) => {
      const { width, height } = each.getBoundingClientRect();
      return width > 1 && height > 0 && height < 43 && getComputedStyle(each).display !== 'inline' && getComputedStyle(each, '::after').position !== 'absolute' && !each.closest('[role=grid], table');
    })
    .map((each) => `${Math.round(each.getBoundingClientRect().height)} px: ${each.getAttribute('aria-label') ?? each.textContent}`);
}

const pages = ['/', '/messages', '/tasks', '/review', '/analytics', '/status', '/settings'];

describe('accessibility', () => {
  it.each(['light', 'dark'] as const)('has no fault on any page in %s', async (colorScheme) => {
    const id = await createTask(server.url, 'Look at me', { description: 'With a description' });
    await sendUpdate(server.url, textUpdate(`What was said before (${colorScheme})`));
    await sendUpdate(server.url, textUpdate(`Read me (${colorScheme})`));
    const page = await open('/', { colorScheme });
    // The dark page is the light one in other colours.
    const check = async (name: string) => (await violations(page, colorScheme === 'dark' ? ['color-contrast'] : undefined)).map((fault) => `${name} ${fault}`);
    const found: string[] = [];
    for (const path of [...pages, `/tasks/${id}`, `/tasks?task=${id}`]) {
      await page.goto(server.url + path);
      await page.locator('[data-phase=live]').waitFor();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      found.push(...(await check(path)));
    }
    await page.goto(`${server.url}/messages`);
    await line(page, `Read me (${colorScheme})`).click();
    await page.getByRole('heading', { name: 'Conversation that day' }).waitFor();
    found.push(...(await check('a message')));
    await page.keyboard.press('t');
    await page.getByRole('textbox', { name: 'Title' }).waitFor();
    found.push(...(await check('a new task')));
    await page.keyboard.press('Escape');
    await page.keyboard.press('x');
    await page.getByRole('toolbar').waitFor();
    found.push(...(await check('messages that are chosen')));
    await page.keyboard.press('m');
    await page.getByRole('textbox', { name: "A task's words or number" }).waitFor();
    found.push(...(await check('adding to a task')));
    await page.keyboard.press('Escape');
    await page.goto(`${server.url}/tasks`);
    await page.getByRole('button', { name: 'Board', exact: true }).click();
    await page.getByRole('region', { name: 'Open' }).waitFor();
    found.push(...(await check('the board')));
    expect(found).toEqual([]);
  }, 600_000);

  it.each([390, 768])('fits into %s px without scrolling sideways, and a finger meets its controls', async (width) => {
    const page = await open('/', { viewport: { width, height: 844 }, hasTouch: true, isMobile: true });
    for (const path of pages) {
      await page.goto(server.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), path).toBeLessThanOrEqual(0);
      expect(await page.evaluate(tooSmall), path).toEqual([]);
    }
    // A task covers its list, which no Tab reaches until it is closed.
    const id = await createTask(server.url, `Cover the list at ${width}`);
    await page.goto(`${server.url}/tasks`);
    await page.locator(`[data-row="${id}"]`).first().waitFor();
    await page.goto(`${server.url}/tasks?task=${id}`);
    await page.getByRole('complementary', { name: `Task ${id}` }).waitFor();
    expect(await page.locator(`[data-row="${id}"]`).first().isVisible()).toBe(false);
    await page.keyboard.press('Escape');
    await page.locator(`[data-row="${id}"]`).first().waitFor();
    await page.waitForFunction((row) => document.activeElement?.closest(`[data-row="${row}"]`) !== null, id);
  }, 600_000);
});
