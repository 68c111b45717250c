// Goal: paper gets the content and nothing else, dark on white whatever the screen is set to.
// Method: the print medium in a context that prefers dark; then Chromium prints an order and a period to PDF, and the
// pages of the PDF are counted.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { PAGES, SAMPLES, assertNone, fileUrl, launch, program, watch } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test('navigation, buttons and forms do not print, and the text is dark on white', async () => {
  const page = await browser.newPage({ colorScheme: 'dark', viewport: { width: 1280, height: 900 } });
  const wrong = [];
  for (const path of SAMPLES) {
    await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
    await page.goto(fileUrl(path), { waitUntil: 'load' });
    const screen = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.notEqual(screen, 'rgb(255, 255, 255)', `${path} is dark on the screen, or this test tests nothing`);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const found = await page.evaluate(() => {
      const problems = [];
      const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().height > 1;
      // The headers of a sortable table are buttons that print as their text.
      for (const e of document.querySelectorAll('nav, form, input, button, .btn, .js-only, .skip, header')) {
        if (shown(e) && !e.matches('th > button')) problems.push(`${e.tagName}.${e.className} is printed`);
      }
      for (const e of document.querySelectorAll('th > button')) {
        if (getComputedStyle(e, '::after').content !== 'none') problems.push('the arrows of sortable headers are printed');
      }
      const light = (color) => {
        const parts = color.match(/[\d.]+/g).map(Number);
        return parts[3] === 0 ? null : parts[0] * 0.2126 + parts[1] * 0.7152 + parts[2] * 0.0722;
      };
      for (const e of [document.documentElement, document.body]) {
        const back = light(getComputedStyle(e).backgroundColor);
        if (back !== null && back < 254) problems.push(`${e.tagName} has the background ${getComputedStyle(e).backgroundColor}`);
      }
      for (const e of document.querySelectorAll('main *:not(svg *)')) {
        if (!shown(e) || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
        const { color } = getComputedStyle(e);
        if (light(color) > 130) problems.push(`${e.tagName}.${e.className} prints in ${color}`);
      }
      if (!shown(document.querySelector('h1'))) problems.push('the heading is not printed');
      return [...new Set(problems)];
    });
    wrong.push(...found.map((problem) => `${path}: ${problem}`));
  }
  await page.close();
  assertNone(wrong, 'only the content prints, dark on white');
});

test('everything that an order page answers is printed', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(fileUrl('order/ord2001.html'), { waitUntil: 'load' });
  await page.emulateMedia({ media: 'print' });
  for (const selector of ['h1', '.lead', '.facts', '.answers p', 'main h2', 'main table', 'main tbody tr', '.ck', 'footer']) {
    assert.equal(await page.locator(`${selector}:visible`).count(), await page.locator(selector).count(), selector);
  }
  // On paper nothing scrolls.
  assert.deepEqual(await page.$$eval('.tw', (boxes) => boxes.map((box) => getComputedStyle(box).overflowX).filter((x) => x !== 'visible')), []);
  await page.close();
});

for (const [path, most] of [['order/ord2001.html', 4], ['period/2026-05.html', 12]]) {
  test(`${path} prints to a PDF, dark preference or not`, async () => {
    for (const colorScheme of ['light', 'dark']) {
      const page = await browser.newPage({ colorScheme });
      await page.goto(fileUrl(path), { waitUntil: 'load' });
      const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true, printBackground: true });
      const text = pdf.toString('latin1');
      assert.ok(text.startsWith('%PDF-'));
      const pages = (text.match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length;
      assert.ok(pages >= 1 && pages <= most, `${pages} pages`);
      await page.close();
    }
  });
}

test('the dossier of every order is one or two printed pages, each with its name, and is read without a console error', async () => {
  const page = await browser.newPage({ colorScheme: 'dark' });
  const { problems } = watch(page);
  const orders = PAGES.filter((path) => path.startsWith('order/') && path !== 'order/index.html');
  assert.ok(orders.length > 50);
  const folder = mkdtempSync(join(tmpdir(), 'tieout-dossier-'));
  for (const path of orders) {
    const id = path.slice('order/'.length, -'.html'.length);
    const file = join(folder, `${id}.html`);
    writeFileSync(file, program(['explain', id, '--dossier']));
    await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
    const pdf = (await page.pdf({ format: 'A4', printBackground: true })).toString('latin1');
    const pages = (pdf.match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length;
    assert.ok(pages === 1 || pages === 2, `${id}: ${pages} pages`);
  }
  // The policy of the last one lets its own style in, and nothing scrolls sideways.
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.kv')).display), 'grid');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.close();
  rmSync(folder, { recursive: true });
  assertNone(problems, 'a dossier loads without a word in the console');
});
