// What the browser tests share: the site under test, its pages, and one Chromium for each test file.
//
// Nothing here skips: a missing site, page or browser is an error, and every test of the file fails.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

/** The checkout. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The tree of the internal audience: TIEOUT_SITE, or one built from the sample for this run. */
export const SITE = findSite();

/** Every page of the tree, as its address from the root. */
export const PAGES = readdirSync(SITE, { recursive: true })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.html'))
  .sort();

/**
 * One page or more of every type. `matches` tells which pages are of the type: a page of the tree that is of no type
 * fails `load.test.mjs`, so that a new type is not left out of the tests below by accident.
 */
export const TYPES = [
  { type: 'overview', matches: /^index\.html$/, samples: ['index.html'] },
  { type: 'periods', matches: /^period\/index\.html$/, samples: ['period/index.html'] },
  { type: 'period', matches: /^period\/\d{4}-\d\d\.html$/, samples: ['period/2026-05.html', 'period/2026-04.html'] },
  { type: 'orders of a period', matches: /^period\/\d{4}-\d\d\.orders\.html$/, samples: ['period/2026-05.orders.html'] },
  { type: 'posted periods', matches: /^period\/posted\.html$/, samples: ['period/posted.html'] },
  { type: 'orders', matches: /^order\/index\.html$/, samples: ['order/index.html'] },
  {
    type: 'order',
    matches: /^order\/(?!index\.)[^/]+\.html$/,
    samples: [
      'order/ord2001.html', // paid, with an adjustment
      'order/ord1003.html', // under review
      'order/ord3001.html', // rejected
      'order/ord4018.html', // no rebate line
      'order/ord6004.html', // one line for several orders
      'order/ord4011.html', // region missing
    ],
  },
  ...[
    ['program', 'mig'],
    ['campaign', 'spring-growth'],
    ['account', 'acc3001'],
    ['customer', 'cust06'],
    ['batch', 'sg2605xyz'],
    ['payout', 'po5001'],
    ['status', 'under-review'],
    ['reason', 'invoice-confirmation'],
    ['discrepancy', 'refund-adjustment'],
    ['kb', 'kb-clawbacks'],
    ['snapshot', '2026-06-18'],
  ].flatMap(([folder, sample]) => [
    { type: `list of ${folder}`, matches: new RegExp(`^${folder}/index\\.html$`), samples: [`${folder}/index.html`] },
    { type: folder, matches: new RegExp(`^${folder}/(?!index\\.)[^/]+\\.html$`), samples: [`${folder}/${sample}.html`] },
  ]),
  { type: 'bridge', matches: /^discrepancy\/bridge-[^/]+\.html$/, samples: ['discrepancy/bridge-2026-05.html'] },
  { type: 'changes', matches: /^changes\/[^/]+-to-[^/]+\.html$/, samples: ['changes/2026-06-17-to-2026-06-18.html'] },
  { type: 'close pack', matches: /^close\/\d{4}-\d\d(\.html|\/close-pack\.html)$/, samples: ['close/2026-04.html', 'close/2026-05.html'] },
  { type: 'late changes', matches: /^close\/\d{4}-\d\d\.addendum\.html$/, samples: ['close/2026-04.addendum.html'] },
  { type: 'list of closes', matches: /^close\/index\.html$/, samples: ['close/index.html'] },
  { type: 'claims', matches: /^claims\.html$/, samples: ['claims.html'] },
  { type: 'deadlines', matches: /^deadlines\.html$/, samples: ['deadlines.html'] },
  { type: 'query', matches: /^query\.html$/, samples: ['query.html'] },
  { type: 'compare', matches: /^changes\/index\.html$/, samples: ['changes/index.html'] },
  { type: 'quarantine', matches: /^quarantine\.html$/, samples: ['quarantine.html'] },
  { type: 'mapping', matches: /^mapping\.html$/, samples: ['mapping.html'] },
  { type: 'health', matches: /^health\.html$/, samples: ['health.html'] },
  { type: 'audiences', matches: /^audiences\.html$/, samples: ['audiences.html'] },
  { type: 'about', matches: /^about\.html$/, samples: ['about.html'] },
  { type: 'not found', matches: /^404\.html$/, samples: ['404.html'] },
];

/** One page or more of every type, as addresses. */
export const SAMPLES = TYPES.flatMap((type) => type.samples);

/** The field of every page that takes an id or words. */
export const FIND = 'form.find input[name=q]';

/** The address of a page on disk. */
export const fileUrl = (path) => pathToFileURL(join(SITE, path)).href;

/** The markup of a page as it was written. */
export const source = (path) => readFileSync(join(SITE, path), 'utf8');

/** Starts Chromium: CHROMIUM, or Debian's. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

const TYPE = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.csv': 'text/csv', '.txt': 'text/plain; charset=utf-8', '.ics': 'text/calendar', '.json': 'application/json' };

/** A plain server of a tree on 127.0.0.1, below a folder and with nothing else: its address there, and how to end it. */
export async function serve(site, base = '/some/sub/folder/') {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const file = join(site, normalize(path.slice(base.length) || 'index.html'));
    const found = path.startsWith(base) && file.startsWith(site) && statSync(file, { throwIfNoEntry: false })?.isFile();
    if (found) {
      response.writeHead(200, { 'content-type': TYPE[extname(file)] ?? 'application/octet-stream' });
      createReadStream(file).pipe(response);
    } else {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { root: `http://127.0.0.1:${server.address().port}${base}`, close: () => server.close() };
}

/**
 * Writes down what goes wrong on a page and what it asks for: console errors and warnings, exceptions, failed requests.
 * Violations of the Content-Security-Policy are console errors.
 */
export function watch(page) {
  const seen = { problems: [], requests: [] };
  page.on('console', (message) => {
    if (['error', 'warning', 'assert'].includes(message.type())) seen.problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => seen.problems.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => seen.problems.push(`failed: ${request.url()}: ${request.failure()?.errorText}`));
  page.on('request', (request) => seen.requests.push(request.url()));
  return seen;
}

const RULES = {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'] },
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations', 'incomplete', 'passes'],
};

/**
 * What axe finds wrong on a page, and how many rules it checked. Only a context that bypasses the policy of the pages lets
 * its script in.
 */
export async function violations(page, width) {
  await page.evaluate(axe.source);
  return page.evaluate(async ({ options, wide }) => {
    const { violations, incomplete, passes } = await window.axe.run(document, options);
    const undecided = wide ? incomplete.filter((rule) => rule.id === 'color-contrast') : [];
    // The texts of a chart stand in a picture, where axe never decides: chart.test.mjs measures them.
    const isInChart = (node) => node.target.length === 1 && document.querySelector(node.target[0])?.matches('svg.chart text');
    const lines = [...violations, ...undecided].flatMap((rule) =>
      rule.nodes.filter((node) => rule.id !== 'color-contrast' || !isInChart(node)).map((node) => `${rule.id} at ${node.target.join(' ')}: ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message}`));
    // A run that checked next to nothing must not pass.
    return { lines, ran: passes.length + violations.length };
  }, { options: RULES, wide: width > 700 });
}

/** Fails with what was found wrong, one a line, if anything was. */
export function assertNone(wrong, what = 'nothing is wrong') {
  const shown = wrong.slice(0, 60).join('\n  ');
  const more = wrong.length > 60 ? `\n  and ${wrong.length - 60} more` : '';
  assert.ok(wrong.length === 0, `not so: ${what}\n  ${shown}${more}`);
}

/** Presses Tab until an element that fits the selector has the focus. */
export async function tabTo(page, selector, most = 150) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
  }
  throw new Error(`${selector} is not reached by pressing Tab ${most} times`);
}

/** Waits until the live region says a text that fits. */
export async function announced(page, pattern) {
  await page.waitForFunction(
    ([s, f]) => new RegExp(s, f).test(document.getElementById('live').textContent),
    [pattern.source, pattern.flags],
    { timeout: 3000 },
  ).catch(async () => {
    throw new Error(`the live region says "${await page.textContent('#live')}", not ${pattern}`);
  });
}

/** Runs the program, TIEOUT_BIN or the one that cargo builds, and gives back what it prints. */
export function program(args, { cwd = ROOT } = {}) {
  const [command, first] = process.env.TIEOUT_BIN
    ? [resolve(process.env.TIEOUT_BIN), []]
    : ['cargo', ['run', '--release', '--quiet', '--manifest-path', join(ROOT, 'Cargo.toml'), '--']];
  return execFileSync(command, [...first, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 });
}

function findSite() {
  if (process.env.TIEOUT_SITE) return checked(resolve(process.env.TIEOUT_SITE));
  const folder = mkdtempSync(join(tmpdir(), 'tieout-browser-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  program(['build', '--quiet', '--output', join(folder, 'site')]);
  return checked(join(folder, 'site', 'internal'));
}

function checked(site) {
  if (!existsSync(join(site, 'index.html'))) throw new Error(`there is no site in ${site}: no index.html`);
  return site;
}
