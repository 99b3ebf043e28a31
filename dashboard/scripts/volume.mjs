// Measures the page of messages under load: sends messages through the webhook of a running server and prints how
// many arrived, the gaps between animation frames while scrolling, and the memory of the page. It asserts nothing.
//
//   node scripts/volume.mjs [http://localhost:8080] [messages a second: 200] [seconds: 10]
import { existsSync } from 'node:fs';

import { chromium } from 'playwright-core';

const [url = 'http://localhost:8080', rate = '200', seconds = '10'] = process.argv.slice(2);
const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--enable-precise-memory-info'] });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(`${url}/messages`);
await page.locator('[data-phase=live]').waitFor();
await page.evaluate(() => {
  window.gaps = [];
  let last = performance.now();
  const frame = (now) => {
    window.gaps.push(now - last);
    last = now;
    const list = document.querySelector('[data-list=messages]');
    // Down and up again, so that rows are made and arrivals are shown and held back by turns.
    if (list) list.scrollTop = Math.max(0, Math.sin(now / 1500)) * 4000;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
});

const began = Date.now();
const total = Number(rate) * Number(seconds);
let sent = 0;
const start = Math.floor(Date.now() / 1000) * 1000;
const send = async () => {
  while (sent < total) {
    const n = sent++;
    const wait = began + (n / Number(rate)) * 1000 - Date.now();
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    const id = start + n;
    const message = {
      message_id: id % 2_000_000_000,
      date: Math.floor(Date.now() / 1000),
      from: { id: 1 + (n % 20), is_bot: false, first_name: `Author ${n % 20}` },
      chat: { id: -1002988379206, title: 'Load', type: 'supergroup' },
      text: `Message ${n} of the load, some words long, as people write`,
    };
    const response = await fetch(`${url}/webhook/telegram`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ update_id: id, message }) });
    if (response.status !== 200) throw new Error(`the webhook answered ${response.status}`);
  }
};
await Promise.all(Array.from({ length: 16 }, send));
const took = (Date.now() - began) / 1000;
const { gaps, heap, shown } = await page.evaluate(() => ({ gaps: window.gaps, heap: performance.memory.usedJSHeapSize, shown: document.querySelectorAll('[data-list=messages] [data-key]').length }));
gaps.sort((a, b) => a - b);
const at = (share) => gaps[Math.floor(gaps.length * share)].toFixed(1);
console.log(`sent      ${total} in ${took.toFixed(1)} s`);
console.log(`frames    ${gaps.length}, gap median ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, longest ${at(0.9999)} ms`);
console.log(`memory    ${(heap / 1e6).toFixed(0)} MB of script, ${shown} rows drawn`);
await browser.close();
