// Goal: the three scenarios that the program was made for are answered on its pages, with their figures and their words;
// and no order page weighs more than 60 KB with its style sheet.
// Method: what is visible of the finished page in Chromium, tables row by row, so that a figure counts only in its own row.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PAGES, SITE, assertNone, fileUrl, launch, source } from './support.mjs';

let browser, page;
before(async () => {
  browser = await launch();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
});
after(() => browser?.close());

const open = (path) => page.goto(fileUrl(path), { waitUntil: 'load' });
const text = async (selector) => (await page.locator(selector).first().innerText()).replace(/\s+/g, ' ');
const main = () => text('main');

/** The rows of the tables in a section, as the visible text of their cells. */
const rows = (selector) => page.$$eval(`${selector} :is(tbody, tfoot) tr`, (all) =>
  all.map((row) => [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, ' ').trim())));

/** The row whose first cell fits. */
function row(all, first) {
  const found = all.filter(([cell]) => first.test(cell));
  assert.equal(found.length, 1, `one row ${first} in ${JSON.stringify(all)}`);
  return found[0];
}

const cents = (amount) => Math.round(Number(amount.replaceAll(',', '').replace('−', '-')) * 100);

test('scenario A: the total of Spring Growth, its parts, and the line under review', async () => {
  await open('campaign/spring-growth.html');
  const lead = await text('p.lead');
  for (const amount of ['$18,420.00', '$9,200.00', '$6,050.00', '$3,170.00', '$1,900.00']) assert.ok(lead.includes(amount), `${amount} in: ${lead}`);

  const status = await rows('#status-now');
  const amount = (first) => row(status, first)[2];
  assert.equal(amount(/^Calculated/), '9,200.00');
  assert.equal(amount(/^Approved/), '6,050.00');
  assert.equal(amount(/^Paid/), '3,170.00');
  assert.equal(amount(/Under Review/), '1,900.00');
  assert.equal(amount(/^Total rebate/), '18,420.00');
  assert.equal(cents('9,200.00') + cents('6,050.00') + cents('3,170.00'), cents(amount(/^Total rebate/)));

  // Of the lines, one is under review, and its reason stands beside it.
  const lines = await rows('#lines');
  const review = lines.filter((cells) => cells.includes('Under Review'));
  assert.equal(review.length, 1);
  assert.ok(review[0].includes('ORD-1003') && review[0].includes('Invoice confirmation pending') && review[0].includes('1,900.00'), review[0].join(' | '));
  assert.equal(row(lines, /^\d+ lines$/).at(-1), '18,420.00');

  // One click further: the order, with what to expect.
  await page.click('#lines a:has-text("ORD-1003")');
  await page.waitForURL(fileUrl('order/ord1003.html'));
  assert.match(await text('p.hero'), /Under Review \$1,900\.00/);
  assert.match(await text('#answer-sales'), /Invoice confirmation pending.*Expected update after billing cycle closure\./);
});

test('scenario A: the month has the campaign and leads to it', async () => {
  await open('period/2026-05.html');
  const campaign = (await rows('#campaigns')).filter((cells) => cells.includes('18,420.00') && /^Spring Growth/.test(cells[0]));
  assert.ok(campaign.length >= 1, 'a row of Spring Growth with 18,420.00');
  for (const amount of ['9,200.00', '6,050.00', '3,170.00']) assert.ok(campaign[0].includes(amount), `${amount} in ${campaign[0].join(' | ')}`);
  await page.locator('main a[href$="campaign/spring-growth.html"]').first().click();
  await page.waitForURL(fileUrl('campaign/spring-growth.html'));
});

test('scenario B: calculated, adjusted, paid, and the cancellation that explains it', async () => {
  await open('order/ord2001.html');
  assert.match(await text('p.hero'), /Paid \$2,230\.00/);
  const steps = await rows('#amounts');
  assert.equal(row(steps, /^Calculated rebate/).at(-1), '2,540.00');
  const adjustment = row(steps, /^Adjustment/);
  assert.equal(adjustment.at(-1), '−310.00');
  assert.match(adjustment.join(' '), /Cancellation refund.*CAN-9001/);
  assert.equal(row(steps, /^Paid rebate/).at(-1), '2,230.00');
  assert.equal(cents('2,540.00') + cents(adjustment.at(-1)), cents('2,230.00'));
  assert.match(await text('#answer-finance'), /\$2,540\.00.*−\$310\.00.*cancellation refund.*\$2,230\.00.*CAN-9001/i);

  // The adjustment leads to the record of the cancellation.
  await page.click('#amounts a:has-text("CAN-9001")');
  const target = new URL(page.url()).hash.slice(1);
  assert.match(await text(`[id="${target}"]`), /Cancellation CAN-9001.*cancellations\.csv/);
});

test('scenario C: rejected, why, and what to do, from the account of the customer', async () => {
  await open('account/acc3001.html');
  const line = (await rows('main')).find((cells) => cells[0] === 'ORD-3001');
  assert.ok(line?.includes('Rejected'), `the account tells that ORD-3001 is rejected: ${line}`);
  await page.locator('main a[href$="order/ord3001.html"]').first().click();
  await page.waitForURL(fileUrl('order/ord3001.html'));
  assert.match(await text('p.hero'), /Rejected/);
  assert.ok((await text('#why')).includes('SKU not eligible for current rebate program tier.'), await text('#why'));
  const fix = "Confirm if product should be enrolled under 'Enterprise Eligible' program.";
  const panel = await text('aside .panel.fix');
  assert.ok(panel.startsWith('Recommended fix'), panel);
  assert.ok(panel.replace(/[‘’]/g, "'").includes(fix), panel);
  assert.ok((await main()).includes('SKU not eligible for current rebate program tier.'));
});

test('no order page weighs more than 60 KB with its style sheet', () => {
  const orders = PAGES.filter((path) => /^order\/(?!index\.)/.test(path));
  assert.ok(orders.length > 40);
  const heavy = [];
  for (const path of orders) {
    const css = /<link rel="stylesheet" href="\.\.\/([^"]+)"/.exec(source(path))?.[1];
    assert.ok(css, `${path} has a style sheet`);
    const bytes = statSync(join(SITE, path)).size + statSync(join(SITE, css)).size;
    if (bytes > 60_000) heavy.push(`${path}: ${bytes} bytes`);
  }
  assertNone(heavy, 'at most 60,000 bytes');
});
