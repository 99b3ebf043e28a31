// Makes the README's pictures of a demo that it starts itself: the real product, with a team's conversation arriving through
// the real webhook. Run by ./just screenshots.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { launch } from './chromium.mjs';

const root = resolve(import.meta.dirname, '../..');
const docs = join(root, 'docs/screenshots');
mkdirSync(docs, { recursive: true });

const port = await new Promise((found) => {
  const probe = createServer().listen(0, () => {
    const free = probe.address().port;
    probe.close(() => found(free));
  });
});
const data = mkdtempSync(join(tmpdir(), 'tasktracker-screenshots-'));
chmodSync(data, 0o755); // PostgreSQL runs as another user where we are root
const demo = spawn(join(root, 'bin/demo'), [join(root, 'bin/standalone')], { cwd: root, env: { ...process.env, PORT: String(port), DATA_DIR: join(data, 'data') }, stdio: 'ignore' });
const url = `http://localhost:${port}`;

const read = async (path) => {
  try {
    return await (await fetch(url + path)).json();
  } catch {
    return null; // it is starting
  }
};
const until = async (fits) => {
  for (let i = 0; i < 600; i++) {
    if (await fits()) return;
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error('the demo has not come so far in five minutes');
};

const browser = await launch();
try {
  // The conversation is told and tasks are made of it.
  await until(async () => ((await read('/api/stats'))?.total ?? 0) >= 2 && ((await read('/api/messages/filters'))?.total_messages ?? 0) >= 14);
  // Conversations are judged as they go quiet: until no task has come for a while.
  let before = 0;
  await until(async () => {
    const total = (await read('/api/stats'))?.total ?? 0;
    const same = total === before;
    before = total;
    if (!same) await new Promise((done) => setTimeout(done, 8000));
    return same;
  });
  const shoot = async (name, path, prepare = async () => undefined, options = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', timezoneId: 'Europe/Kyiv', ...options });
    const page = await context.newPage();
    await page.goto(url + path);
    await page.locator('[data-phase=live]').waitFor();
    await page.waitForLoadState('networkidle');
    await prepare(page);
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: join(docs, `${name}.png`), animations: 'disabled' });
    await context.close();
  };
  const [task] = await read('/api/tasks');
  await shoot('dashboard', '/');
  await shoot('messages', '/messages', async (page) => {
    await page.locator('[data-list=messages] [data-key] button').nth(10).click();
    await page.getByRole('heading', { name: 'Conversation that day' }).waitFor();
  });
  await shoot('task', `/tasks/${task.id}`, (page) => page.getByRole('link', { name: 'In its conversation' }).first().waitFor());
  await shoot('status-dark', '/status', undefined, { colorScheme: 'dark' });
} finally {
  await browser.close();
  const ended = new Promise((done) => demo.once('exit', done));
  demo.kill('SIGTERM');
  await ended;
  rmSync(data, { recursive: true, force: true });
}
