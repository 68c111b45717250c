// Opens the query page in headless Chromium and prints what it loads and how long the answer takes: `node benches/query.mjs SITE ORDER`.
// Part of `cargo bench --bench query`, which makes the site. Each question is asked of a fresh browser profile, so that nothing
// is remembered; the median of several is printed.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';

const [, , site, order] = process.argv, TIMES = 5, COMMAND = process.env.CHROMIUM || '/usr/bin/chromium';
let chromium;
try {
  ({ chromium } = await import('playwright-core'));
} catch {
  console.log('without playwright-core nothing is opened: run `npm ci` to measure the page');
  process.exit(0);
}
if (!existsSync(COMMAND)) {
  console.log('without Chromium nothing is opened: install it, or name it in CHROMIUM, to measure the page');
  process.exit(0);
}

const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css' };
let served = [];
const server = createServer(async (request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname));
  try {
    const bytes = await readFile(join(site, path));
    served.push([path.slice(1), bytes.length]);
    response.writeHead(200, { 'content-type': TYPES[path.split('.').pop()] || 'application/octet-stream' }).end(bytes);
  } catch {
    response.writeHead(404).end('no such file');
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const root = `http://127.0.0.1:${server.address().port}/`;
const browser = await chromium.launch({ executablePath: COMMAND, args: ['--no-sandbox', '--disable-gpu'] });

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

/** Notes when the page is ready to ask, and when the answer stands there. */
function observe() {
  document.addEventListener('DOMContentLoaded', () => {
    window.asked = performance.now();
    const look = () => { if (document.querySelector('#answer #result')) { window.answered = performance.now(); return true; } return false; };
    if (!look()) new MutationObserver((_, own) => { if (look()) own.disconnect(); }).observe(document.getElementById('answer') || document.body, { childList: true, subtree: true });
  });
}

async function ask(address) {
  const runs = [];
  for (let i = 0; i < TIMES; i++) {
    const context = await browser.newContext(), page = await context.newPage();
    await page.addInitScript(observe);
    served = [];
    await page.goto(root + address);
    await page.waitForFunction(() => window.answered !== undefined, undefined, { timeout: 120_000 });
    const [asked, answered] = await page.evaluate(() => [window.asked, window.answered]);
    const data = served.filter(([path]) => path.startsWith('query/data/'));
    runs.push({
      answer: answered - asked, whole: answered, files: data.length, data: data.reduce((sum, [, size]) => sum + size, 0),
      all: served.reduce((sum, [, size]) => sum + size, 0), heading: await page.textContent('#answer .big, #answer .lead').catch(() => ''),
    });
    await context.close();
  }
  return { ...runs[0], answer: median(runs.map((run) => run.answer)), whole: median(runs.map((run) => run.whole)) };
}

/** An id typed into the box: from the question to the page of the order. */
async function find(id) {
  const runs = [];
  for (let i = 0; i < TIMES; i++) {
    const context = await browser.newContext(), page = await context.newPage();
    served = [];
    const start = performance.now();
    await page.goto(`${root}query.html?q=${encodeURIComponent(id)}`);
    await page.waitForURL(/\/order\//);
    const data = served.filter(([path]) => path.startsWith('query/data/'));
    runs.push({ answer: performance.now() - start, whole: performance.now() - start, files: data.length, data: data.reduce((sum, [, size]) => sum + size, 0), all: served.reduce((sum, [, size]) => sum + size, 0), heading: '' });
    await context.close();
  }
  return { ...runs[0], answer: median(runs.map((run) => run.answer)), whole: median(runs.map((run) => run.whole)) };
}

/** The address that the rule of the program makes of an id: one page, and nothing to look up. */
async function open(id) {
  const runs = [];
  for (let i = 0; i < TIMES; i++) {
    const context = await browser.newContext(), page = await context.newPage();
    served = [];
    await page.goto(`${root}order/${id.toLowerCase().replace(/[^a-z0-9]/g, '')}.html`);
    const whole = await page.evaluate(() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd);
    runs.push({ answer: whole, whole, files: 0, data: 0, all: served.reduce((sum, [, size]) => sum + size, 0), heading: '' });
    await context.close();
  }
  return { ...runs[0], answer: median(runs.map((run) => run.answer)), whole: median(runs.map((run) => run.whole)) };
}

const page = await browser.newPage();
await page.goto(`${root}query.html`);
const [campaign, program] = await page.evaluate(() => ['campaign', 'program'].map((name) => [...document.querySelector(`#query [name=${name}]`).options].map((of) => of.value).filter(Boolean)[0]));
await page.close();
const rows = [
  ['(a) the last full month', await ask('query.html?from=2026-05-01&to=2026-05-31'), '60 KB, 50 ms'],
  ['(b) one campaign, one month', await ask(`query.html?from=2026-05-01&to=2026-05-31&campaign=${encodeURIComponent(campaign)}`), '150 KB, 100 ms'],
  ['(c) that campaign, a year', await ask(`query.html?from=2025-06-01&to=2026-05-31&campaign=${encodeURIComponent(campaign)}`), '800 KB, 300 ms'],
  ['    one program, a year', await ask(`query.html?from=2025-06-01&to=2026-05-31&program=${encodeURIComponent(program)}`), ''],
  ['    a category, a year', await ask('query.html?from=2025-06-01&to=2026-05-31&category=compute'), ''],
  ['    the last 90 days', await ask('query.html?from=2026-03-21&to=2026-06-18'), ''],
  ['(d) an order by its address', await open(order), 'one page, no index'],
  ['    the same typed into the box', await find(order), ''],
];
console.log(`\n${'question'.padEnd(32)}${'data KB'.padStart(9)}${'files'.padStart(7)}${'all KB'.padStart(9)}${'ms from page'.padStart(14)}${'ms in all'.padStart(11)}  target`);
for (const [name, run, target] of rows) {
  console.log(`${name.padEnd(32)}${(run.data / 1000).toFixed(1).padStart(9)}${String(run.files).padStart(7)}${(run.all / 1000).toFixed(1).padStart(9)}${run.answer.toFixed(0).padStart(14)}${run.whole.toFixed(0).padStart(11)}  ${target}`);
}
await browser.close();
server.close();
