// Goal: the tree works wherever it is put: below any folder of a plain static server, with nothing to configure.
// Method: a server of node's on 127.0.0.1 with the tree below /some/sub/folder/ and nothing else. From index.html every
// link, style sheet, script and download is followed once by plain requests, fragments included; then Chromium opens one
// page of every type and the page for missing addresses.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FIND, PAGES, SAMPLES, SITE, assertNone, launch, serve, watch } from './support.mjs';

let server, root, browser;
before(async () => {
  server = await serve(SITE);
  ({ root } = server);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});

const decode = (text) => text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&#x2F;', '/').replaceAll('&amp;', '&');

/** Follows everything from one address; what is wrong, and what was reached. */
async function crawl(start) {
  const wrong = [];
  const ids = new Map();
  const fragments = [];
  const queue = [start];
  const seen = new Set(queue);
  while (queue.length) {
    const url = queue.pop();
    const answer = await fetch(url);
    const body = await answer.text();
    if (answer.status !== 200) {
      wrong.push(`${answer.status} ${url}`);
      continue;
    }
    if (!answer.headers.get('content-type').startsWith('text/html')) continue;
    ids.set(url, new Set([...body.matchAll(/\sid="([^"]*)"/g)].map((m) => decode(m[1]))));
    for (const [, , value] of body.matchAll(/\s(href|src|action)="([^"]*)"/g)) {
      const link = decode(value);
      // Icons, and the icon of the window.
      if (link.startsWith('data:') || link.startsWith('#i-')) continue;
      const to = new URL(link, url);
      const fragment = decodeURIComponent(to.hash.slice(1));
      to.hash = '';
      if (!to.href.startsWith(root)) {
        wrong.push(`${url} leads out of the tree: ${link}`);
        continue;
      }
      if (fragment) fragments.push([url, to.href, fragment]);
      if (!seen.has(to.href)) {
        seen.add(to.href);
        queue.push(to.href);
      }
    }
  }
  for (const [from, to, fragment] of fragments) {
    if (ids.has(to) && !ids.get(to).has(fragment)) wrong.push(`${from} leads to ${to}#${fragment}, which is not there`);
  }
  return { wrong: [...new Set(wrong)].map((line) => line.replaceAll(root, '')), seen };
}

test('every link of the tree resolves, and every page can be reached', async () => {
  const { wrong, seen } = await crawl(`${root}index.html`);
  assertNone(wrong, 'every address answers, inside the tree');
  assert.ok(seen.size > 100, `${seen.size} addresses`);
  const lost = PAGES.filter((path) => path !== '404.html' && !seen.has(root + path.split('/').map(encodeURIComponent).join('/')));
  assertNone(lost, 'a link leads to every page');
});

test('the folder itself opens, and the links of the page for missing addresses resolve', async () => {
  assert.equal((await fetch(root)).status, 200);
  const { wrong, seen } = await crawl(`${root}404.html`);
  assertNone(wrong, 'every address answers, inside the tree');
  assert.ok(seen.size > 100);
});

test('every type of page loads over http with a clean console', async () => {
  const page = await browser.newPage();
  const log = watch(page);
  const wrong = [];
  for (const path of SAMPLES) {
    log.problems.length = log.requests.length = 0;
    const answer = await page.goto(root + path, { waitUntil: 'load' });
    if (answer.status() !== 200) wrong.push(`${path}: ${answer.status()}`);
    wrong.push(...log.problems.map((problem) => `${path}: ${problem}`));
    wrong.push(...log.requests.filter((url) => !url.startsWith(root) && !url.startsWith('data:')).map((url) => `${path}: asks for ${url}`));
    if ((await page.locator('h1:visible').count()) !== 1) wrong.push(`${path}: no heading`);
  }
  await page.close();
  assertNone(wrong, 'every address answers, inside the tree');
});

test('an order is found and its text is copied over plain http', async () => {
  const page = await browser.newPage();
  await page.goto(`${root}kb/index.html`);
  await page.fill(FIND, 'ord 2001');
  await page.press(FIND, 'Enter');
  await page.waitForURL(`${root}order/ord2001.html`);
  await page.click('[data-copy="ticket"]');
  await page.waitForFunction(() => document.getElementById('live').textContent === 'Copied', undefined, { timeout: 3000 });
  await page.close();
});
