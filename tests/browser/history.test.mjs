// Links to a record as it was known: from disk, with and without a script.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileUrl, launch, watch } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test('a link to an older record says what was seen and what changed since', async () => {
  const page = await browser.newPage();
  const seen = watch(page);
  await page.goto(fileUrl('order/ord1002.html') + '#v2');
  const note = page.locator('#seen');
  const text = await note.textContent();
  assert.match(text, /As you may have seen it on 17 Jun 2026: Calculated, \$2,780\.00\. Since then:/);
  assert.match(text, /18 Jun 2026: Line L-1002: base amount 27800\.00 → 31000\.00/);
  assert.match(text, /\$3,100\.00/);
  // The day of a snapshot leads to the record that was known then.
  await page.evaluate(() => { location.hash = '#s-2026-06-01'; });
  await page.waitForFunction(() => /8 May 2026/.test(document.getElementById('seen').textContent));
  assert.match(await note.textContent(), /No rebate line, no amount yet\. Since then:/);
  assert.equal(await note.locator('li').count(), 2);
  // The newest record says so, and any other anchor says nothing.
  await page.evaluate(() => { location.hash = '#v3'; });
  await page.waitForFunction(() => /newest record/.test(document.getElementById('seen').textContent));
  assert.equal(await note.locator('li').count(), 0);
  await page.evaluate(() => { location.hash = '#evidence'; });
  await page.waitForFunction(() => !document.getElementById('seen'));
  assert.deepEqual(seen.problems, []);
  await page.close();
});

test('without a script the row of the record is marked', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(fileUrl('order/ord1002.html') + '#v2');
  const row = page.locator('tr#v2');
  const marked = await row.evaluate((tr) => getComputedStyle(tr.cells[1], '::before').content);
  assert.match(marked, /As you may have seen it/);
  const plain = await page.locator('tr#v1').evaluate((tr) => getComputedStyle(tr.cells[1], '::before').content);
  assert.doesNotMatch(plain, /seen/);
  await context.close();
});
