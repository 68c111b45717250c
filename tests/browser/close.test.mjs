// Goal: finance attaches the printed close pack: every sheet of paper says which pack it is of, and no table is cut.
// Method: Chromium prints the page of both packs and of the late changes to PDF; pdftotext reads what is on each sheet of
// paper; every amount of the page is on one of them, and at the width of the paper no cell reaches beyond it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SITE, fileUrl, launch, watch } from './support.mjs';

/** The width between the margins of A4 and Letter, in CSS pixels. */
const WIDTHS = { A4: Math.floor(((210 - 28) / 25.4) * 96), Letter: Math.floor(((215.9 - 28) / 25.4) * 96) };
const DOCUMENTS = [
  ['close/2026-04.html', 'April 2026', 'snapshot 2026-05-08'],
  ['close/2026-05.html', 'May 2026', 'snapshot 2026-06-18'],
  ['close/2026-04.addendum.html', 'April 2026', 'known at 2026-06-18'],
];

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** The text of each sheet of paper. */
function sheets(pdf) {
  const text = execFileSync('pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8', maxBuffer: 1 << 26 });
  return text.split('\f').slice(0, -1);
}

const plain = (text) => text.replace(/\s+/g, ' ');

for (const [path, month, known] of DOCUMENTS) {
  test(`${path} prints with its pack, period and snapshot on every sheet of paper`, async () => {
    const pack = JSON.parse(readFileSync(join(SITE, path.replace(/(\.addendum)?\.html$/, ''), 'pack.json'), 'utf8'));
    for (const [format, scheme] of [['A4', 'dark'], ['Letter', 'light']]) {
      const page = await browser.newPage({ colorScheme: scheme });
      await page.goto(fileUrl(path), { waitUntil: 'load' });
      const paper = sheets(await page.pdf({ format, preferCSSPageSize: true, printBackground: true }));
      assert.ok(paper.length >= 1 && paper.length <= 14, `${paper.length} sheets`);
      paper.forEach((sheet, number) => {
        const text = plain(sheet);
        for (const words of [pack.id, month, known, `Page ${number + 1} of ${paper.length}`]) {
          assert.ok(text.includes(words), `sheet ${number + 1} of ${paper.length} lacks \`${words}\`: ${text.slice(0, 300)}`);
        }
      });
      const amounts = await page.$$eval('td data, td[data-value], th data', (cells) => cells.map((cell) => cell.textContent));
      assert.ok(path.includes('addendum') || amounts.length > 20, `${amounts.length} amounts`);
      const all = plain(paper.join(' '));
      assert.deepEqual(amounts.filter((amount) => !all.includes(amount)), [], 'every amount of a table is on paper');
      await page.close();
    }
  });

  test(`no table of ${path} reaches beyond the paper`, async () => {
    for (const [format, width] of Object.entries(WIDTHS)) {
      const page = await browser.newPage({ viewport: { width, height: 1000 } });
      await page.goto(fileUrl(path), { waitUntil: 'load' });
      await page.emulateMedia({ media: 'print' });
      const cut = await page.$$eval('table, td, th, dd, code', (all, right) => all
        .filter((e) => e.checkVisibility() && (e.getBoundingClientRect().right > right + 1 || e.getBoundingClientRect().left < -1))
        .map((e) => `${e.tagName} ${e.textContent.slice(0, 40)} ends at ${Math.round(e.getBoundingClientRect().right)}`), width);
      assert.deepEqual(cut, [], format);
      await page.close();
    }
  });
}

test('the list of closes leads to every file of a pack, and to the late changes', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const { problems } = watch(page);
  await page.goto(fileUrl('close/index.html'), { waitUntil: 'load' });
  const links = await page.$$eval('main a', (all) => all.map((a) => a.getAttribute('href')));
  for (const file of ['close-2026-05.xlsx', 'close-pack.html', 'csv/04-roll-forward.csv', 'manifest.json', 'SHA256SUMS']) {
    assert.ok(links.includes(`../close/2026-05/${file}`), file);
  }
  await page.getByRole('link', { name: 'Addendum' }).click();
  assert.match(await page.locator('h1').textContent(), /Late changes, April 2026/);
  assert.deepEqual(problems, []);
  await page.close();
});
