// Measures the page of messages under load. Fills a running server through its webhook until it has so many messages, then
// sends more at a steady rate while a browser scrolls the list, and prints frames, memory and what arrived. It asserts nothing.
//
//   node scripts/volume.mjs [http://localhost:8080] [messages: 100000] [a second: 200] [seconds: 15]
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

import { launch } from './chromium.mjs';

const [url = 'http://localhost:8080', messages = '100000', rate = '200', seconds = '15'] = process.argv.slice(2);
// Of this run alone: a message that was sent before is no new one. Fewer than one a millisecond are sent.
let next = Date.now() % 1_000_000_000;

async function say(words, chat) {
  const id = ++next;
  const message = {
    message_id: id,
    date: Math.floor(Date.now() / 1000),
    from: { id: 1 + (id % 20), is_bot: false, first_name: `Author ${id % 20}` },
    chat: { id: chat, title: `Load ${-chat % 10}`, type: 'supergroup' },
    text: `${words} ${id}, some words long, as people write`,
  };
  const status = await post(JSON.stringify({ update_id: id, message }));
  if (status === 503) {
    await new Promise((done) => setTimeout(done, 1000));
    return say(words, chat);
  }
  if (status !== 200) throw new Error(`the webhook answered ${status}`);
}

// Not fetch, which takes a third of a core for 200 a second, on the cores that draw the page.
const agent = new Agent({ keepAlive: true });
const post = (body) =>
  new Promise((done, failed) => {
    const asked = request(`${url}/webhook/telegram`, { method: 'POST', agent, headers: { 'Content-Type': 'application/json' } }, (answer) => {
      answer.resume();
      answer.on('end', () => done(answer.statusCode));
    });
    asked.on('error', failed);
    asked.end(body);
  });

/** Sends so many, `perSecond` at most, and says how long it took. */
async function send(count, perSecond, words) {
  const began = Date.now();
  let sent = 0;
  const one = async () => {
    while (sent < count) {
      const n = sent++;
      const wait = began + (n / perSecond) * 1000 - Date.now();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      await say(words, -1002988379200 - (n % 8));
    }
  };
  await Promise.all(Array.from({ length: 32 }, one));
  return (Date.now() - began) / 1000;
}

const stored = async () => (await (await fetch(`${url}/api/messages/filters`)).json()).total_messages;
const missing = Number(messages) - (await stored());
if (missing > 0) await send(missing, Infinity, 'Message');
while ((await stored()) < Number(messages)) await new Promise((done) => setTimeout(done, 500));
console.log(`stored    ${await stored()} messages`);

const browser = await launch('--enable-precise-memory-info');
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(`${url}/messages`);
await page.locator('[data-phase=live]').waitFor();
await page.locator('[data-list=messages] [data-key]').first().waitFor();
await page.evaluate(() => {
  window.gaps = { scrolling: [], 'at the top': [] };
  let last = performance.now();
  const frame = (now) => {
    window.gaps[Math.sin(last / 1500) > 0 ? 'scrolling' : 'at the top'].push(now - last);
    last = now;
    const list = document.querySelector('[data-list=messages]');
    // Down and up again, then at the top for as long: arrivals are held back and shown by turns.
    if (list) list.scrollTop = Math.max(0, Math.sin(now / 1500)) * 4000;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
});
const total = Number(rate) * Number(seconds);
const session = await page.context().newCDPSession(page);
await session.send('Performance.enable', { timeDomain: 'threadTicks' });
const before = await busy();
const took = await send(total, Number(rate), 'New');
const after = await busy();
const gaps = await page.evaluate(() => window.gaps);
await session.send('HeapProfiler.collectGarbage');
const { heap, rows } = await page.evaluate(() => ({ heap: performance.memory.usedJSHeapSize, rows: document.querySelectorAll('[data-list=messages] [data-key]').length }));
console.log(`sent      ${total} in ${took.toFixed(1)} s`);
for (const [where, of] of Object.entries(gaps)) {
  of.sort((a, b) => a - b);
  const at = (share) => of[Math.min(of.length - 1, Math.floor(of.length * share))].toFixed(1);
  console.log(`frames    ${where}: ${(of.length / (of.reduce((a, b) => a + b, 0) / 1000)).toFixed(1)} a second; gap median ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`);
}
const spent = (name) => (((after[name] - before[name]) * 1000) / Object.values(gaps).flat().length).toFixed(1);
console.log(`a frame   ${spent('TaskDuration')} ms of the processor on the page's thread: script ${spent('ScriptDuration')}, style ${spent('RecalcStyleDuration')}, layout ${spent('LayoutDuration')} ms`);
console.log(`memory    ${(heap / 1e6).toFixed(0)} MB of script, ${(await processMemory()).toFixed(0)} MB of the page's process, ${rows} rows drawn`);
await browser.close();

/** What the page's thread has used of a processor so far, in seconds: waiting for its turn on busy cores does not count. */
async function busy() {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** What the process of the page has for itself, in MB (Linux). */
async function processMemory() {
  const root = await browser.newBrowserCDPSession();
  const { processInfo } = await root.send('SystemInfo.getProcessInfo');
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => [...readFileSync(`/proc/${id}/smaps_rollup`, 'utf8').matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, [, kB]) => sum + Number(kB), 0) / 1000);
  return Math.max(...sizes);
}
