// Goal: amounts that a page computes in the browser are marked like those of the ready pages: each with its plain value, a
// measure, a scope and a snapshot, and none beside them; and both finders of amounts agree.
// Method: a scope with everything, the list of lines, pasted IDs and a comparison, as a reader asks for them; then every text
// of the sample's pages through the script's finder, against the marks that the program made.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PAGES, assertNone, fileUrl, launch, source, watch } from './support.mjs';

let browser, page, seen;
before(async () => {
  browser = await launch();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  seen = watch(page);
});
after(async () => { await browser?.close(); });

/** What is wrong with the amounts below an element, and how many there are. */
const check = (selector) => page.$eval(selector, (root) => {
  const plain = (shown) => {
    const marks = { $: 'USD', '€': 'EUR', '£': 'GBP' }, mark = Object.keys(marks).find((sign) => shown.includes(sign));
    const number = shown.replaceAll(',', '').replace('−', '-').replace('+', '').replace(mark ?? '', '');
    return mark ? `${number} ${marks[mark]}` : number;
  };
  const wrong = [], all = [...root.querySelectorAll('data')];
  for (const amount of all) {
    const shown = plain(amount.textContent), { value } = amount, cell = amount.closest('td, th');
    if (value !== shown && value.split(' ')[0] !== shown) wrong.push(`${amount.textContent} has the value ${value}`);
    const column = cell && cell.closest('table').querySelectorAll('thead th')[cell.cellIndex];
    if (!(column && column.dataset.measure) && !amount.closest('[data-measure]')) wrong.push(`${amount.textContent} measures nothing`);
    if (cell && cell.classList.contains('n') && !/ [A-Z]{3}$/.test(value)) wrong.push(`${amount.textContent} in a table has no currency`);
    for (const of of ['scope', 'snapshot']) if (!amount.closest(`[data-${of}]`)) wrong.push(`${amount.textContent} has no ${of}`);
  }
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { textContent, parentElement } = texts.currentNode;
    if (/[$€£]\d|\d\.\d\d(?![\d%])|\d (USD|EUR|JPY)\b/.test(textContent) && !parentElement.closest('data, code')) wrong.push(`unmarked: ${textContent}`);
  }
  return { wrong, count: all.length };
});

test('the answer of a query', async () => {
  await page.goto(fileUrl('query.html') + '?from=2026-03-01&to=2026-06-30', { waitUntil: 'load' });
  await page.waitForSelector('#answer:not([aria-busy]) #result');
  const { wrong, count } = await check('#answer');
  assertNone(wrong, 'amounts are marked');
  assert.ok(count > 150, `${count} amounts`);
  assert.equal(await page.$eval('#answer', (box) => box.dataset.scope), 'from=2026-03-01&to=2026-06-30');
  assert.equal(await page.$eval('#answer', (box) => box.dataset.snapshot), '2026-06-18');
  const total = await page.$eval('.big data', (amount) => [amount.value, amount.textContent, amount.closest('[data-measure]').dataset.measure]);
  assert.match(total[0], /^\d+\.\d\d USD$/);
  assert.deepEqual(total.slice(1), ['$' + total[0].replace(' USD', '').replace(/\B(?=(\d{3})+\.)/g, ','), 'total']);
});

test('IDs that are looked up', async () => {
  await page.goto(fileUrl('query.html'), { waitUntil: 'load' });
  await page.waitForSelector('#answer:not([aria-busy]) #result');
  await page.click('#paste summary');
  await page.fill('#paste-text', 'ORD-2001\nORD-1003\nORD-4018');
  await page.click('#paste button');
  await page.waitForSelector('#found table');
  const { wrong, count } = await check('#found');
  assertNone(wrong, 'amounts are marked');
  assert.ok(count >= 3, `${count} amounts`);
});

test('a comparison of two snapshots', async () => {
  await page.goto(fileUrl('changes/index.html') + '?from=2026-05-08&to=2026-06-18', { waitUntil: 'load' });
  await page.waitForSelector('#answer:not([aria-busy]) #result');
  const { wrong, count } = await check('#answer');
  assertNone(wrong, 'amounts are marked');
  assert.ok(count > 50, `${count} amounts`);
  const ends = await page.$$eval('#steps-usd tr[data-snapshot]', (rows) => rows.map((row) => row.dataset.snapshot));
  assert.deepEqual(ends, ['2026-05-08', '2026-06-18']);
  assert.equal(await page.$eval('#answer', (box) => box.dataset.scope), 'all');
});

test('the finder of the script is that of the program', async () => {
  await page.goto(fileUrl('query.html'), { waitUntil: 'load' });
  // The currencies of the sample, as an answer tells them.
  await page.evaluate(() => { for (const [code, digits] of [['USD', 2], ['EUR', 2], ['JPY', 0]]) window.tieout.kit.plain && window.tieout.kit.inWords(BigInt(0), { code, digits, sign: null }); });
  // Paragraphs and list items of running text: their marks, and their words. Articles are content and have no marks.
  const texts = PAGES.filter((path) => !/^(kb|discrepancy|reason|status)\//.test(path)).flatMap((path) => [...source(path).matchAll(/<(p|li)(?: class="(?!chosen)[^"]*")?(?: [a-z-]+="[^"]*")*>((?:[^<]|<\/?(?:data|b)[^>]*>)*)<\/\1>/g)].map(([, , inner]) => inner))
    .filter((inner) => /\d/.test(inner));
  const plain = (markup) => markup.replace(/<[^>]*>/g, '').replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  const found = await page.evaluate((all) => all.map((text) => window.tieout.kit.amounts(text).map((amount) => amount.value)), texts.map(plain));
  const marks = texts.map((inner) => [...inner.matchAll(/<data value="([^"]*)">/g)].map(([, value]) => value));
  texts.forEach((inner, at) => assert.deepEqual(found[at], marks[at], inner));
  const none = ['8.00% and 12.50 %', '2026-05-31 06:00', 'tieout 0.1.0', 'CORE-12.50', '4O0.00', '3 CSV files', '$0', '$31.8k', '61,728', '1,23.00', '12,345,6.00', 'a/12.50', '0.085', '12 EURO', '06.30:15'];
  assert.deepEqual(await page.evaluate((all) => all.filter((text) => window.tieout.kit.amounts(text).length), none), []);
  assert.ok(marks.flat().length > 300, `${marks.flat().length} marks`);
});

test('nothing went wrong', () => assertNone(seen.problems, 'nothing on the console'));
