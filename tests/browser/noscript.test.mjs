// Goal: without JavaScript every page still reads and links; what needs the script is not shown.
// Method: a context with JavaScript off. The contents of an order page are counted against the same page with JavaScript.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FIND, SAMPLES, fileUrl, launch } from './support.mjs';

let browser, without, with_;
before(async () => {
  browser = await launch();
  const viewport = { width: 1280, height: 900 };
  without = await (await browser.newContext({ javaScriptEnabled: false, viewport })).newPage();
  with_ = await (await browser.newContext({ viewport })).newPage();
});
after(() => browser?.close());

const open = (path) => Promise.all([without, with_].map((page) => page.goto(fileUrl(path), { waitUntil: 'load' })));

test('no control that needs the script is shown, and with the script each is', async () => {
  let controls = 0;
  for (const path of SAMPLES) {
    await open(path);
    assert.equal(await without.locator('.js-only:visible, [data-copy]:visible, .filter input:visible').count(), 0, path);
    const all = await with_.locator('.js-only').count();
    assert.equal(await with_.locator('.js-only:visible').count(), all, `${path}, with the script`);
    controls += all;
  }
  assert.ok(controls > 10, `${controls} controls that need the script`);
});

test('an order page shows every answer, table and check', async () => {
  for (const path of SAMPLES.filter((path) => /^order\/ord/.test(path))) {
    await open(path);
    for (const [what, selector, least] of [
      ['answers', '.answers .panel p', 3],
      ['tables', 'table', 2],
      ['rows', 'tbody tr', 4],
      // Data checks of an order with a line, the proof of one without.
      ['checks', '.ck, table:has(#chain-caption) tbody tr', 5],
      ['sections', 'main h2', 6],
    ]) {
      const [a, b] = await Promise.all([without, with_].map((page) => page.locator(`${selector}:visible`).count()));
      assert.equal(a, b, `${path}: ${what}`);
      assert.equal(a, await without.locator(selector).count(), `${path}: hidden ${what}`);
      assert.ok(a >= least, `${path}: ${a} ${what}`);
    }
  }
});

test('the navigation works, on a wide screen and from the menu of a phone', async () => {
  for (const width of [1280, 390]) {
    const page = without;
    await page.setViewportSize({ width, height: 844 });
    await page.goto(fileUrl('order/ord2001.html'));
    const count = await page.locator('#menu a').count();
    assert.ok(count >= 5);
    for (let i = 0; i < count; i++) {
      await page.goto(fileUrl('order/ord2001.html'));
      if (width < 700) await page.click('.menu-b');
      const link = page.locator('#menu a').nth(i);
      const to = new URL(await link.getAttribute('href'), page.url()).href;
      await link.click();
      await page.waitForURL(to, { timeout: 3000 });
      assert.equal(await page.locator('main h1').count(), 1, to);
    }
  }
  await without.setViewportSize({ width: 1280, height: 900 });
});

test('the find field leads to the page of queries, that to the list of all orders, and that to the order', async () => {
  const page = without;
  await page.goto(fileUrl('order/ord1003.html'));
  await page.fill(FIND, 'ORD-2001');
  await page.press(FIND, 'Enter');
  await page.waitForURL((url) => url.href.startsWith(fileUrl('query.html')), { timeout: 3000 });
  assert.equal(await page.locator('#find:visible, #paste:visible').count(), 0, 'what needs a script is not there');
  await page.click('main a[href$="order/index.html"] >> nth=0');
  await page.waitForURL((url) => url.href.startsWith(fileUrl('order/index.html')), { timeout: 3000 });
  // From there the orders of each month are one click away.
  await page.click('main a[href$="period/2026-04.orders.html"]');
  await page.click('main a[href$="order/ord2001.html"]');
  await page.waitForURL(fileUrl('order/ord2001.html'), { timeout: 3000 });
});
