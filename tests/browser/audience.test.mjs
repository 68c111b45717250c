// Goal: the pages of an internal audience can be read by everyone, on every screen, and stand alone: no known barrier, nothing
// wider than a phone, no dead link, and without JavaScript as with it.
// Method: the sample is built with one audience, in English and in Chinese; its overview, a list and a group are opened from disk
// on a desk and a phone, in light and dark, and every link of the tree is followed on disk.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ROOT, assertNone, launch, violations, watch } from './support.mjs';

let browser;
const folders = [];
before(async () => { browser = await launch(); });
after(async () => {
  await browser?.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const POLICY = `[[audience]]
name = "sales"
title = "Sales"
tables = ["months", "customers"]
columns = ["month", "customer", "order", "status", "calculated", "total", "customer-name", "explanation"]
`;

/** The tree of the audience in a language. */
function tree(language, more = 'answers = ["customer"]\n') {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-audience-'));
  folders.push(folder);
  cpSync(join(ROOT, 'input'), join(folder, 'input'), { recursive: true });
  writeFileSync(join(folder, 'tieout.toml'), `language = "${language}"\n${POLICY}${more}`);
  const [command, first] = process.env.TIEOUT_BIN
    ? [resolve(process.env.TIEOUT_BIN), []]
    : ['cargo', ['run', '--release', '--quiet', '--manifest-path', join(ROOT, 'Cargo.toml'), '--']];
  execFileSync(command, [...first, 'build', '-q'], { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] });
  return join(folder, 'site', 'sales');
}

for (const [language, words] of [['en', ['Sales', 'By status']], ['zh', ['Sales', '按状态']]]) {
  test(`the pages of an audience have no barrier, ${language}`, async () => {
    const root = tree(language);
    const wrong = [];
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [1280, 390]) {
        const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 900 } });
        const page = await context.newPage();
        for (const path of ['index.html', 'query.html?month=2026-05', 'customer/index.html', 'customer/cust04.html']) {
          await page.goto(`${pathToFileURL(root).href}/${path}`);
          if (path.includes('?')) await page.waitForSelector('#answer:not([aria-busy]) #result');
          const { lines, ran } = await violations(page, width);
          assert.ok(ran > 10, `axe checked only ${ran} rules`);
          wrong.push(...lines.map((line) => `${path}, ${colorScheme}, ${width} px: ${line}`));
          const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
          if (wide > width) wrong.push(`${path}: ${wide} px wide on ${width} px`);
        }
        await context.close();
      }
    }
    assertNone(wrong);
    for (const javaScriptEnabled of [true, false]) {
      const context = await browser.newContext({ javaScriptEnabled });
      const page = await context.newPage();
      const { problems, requests } = watch(page);
      await page.goto(pathToFileURL(join(root, 'index.html')).href);
      const text = await page.textContent('body');
      for (const word of words) assert.ok(text.includes(word), `${word} is not said`);
      await page.click('nav.nav a[href$="customer/index.html"]');
      await page.click('main a[href$="cust01.html"]');
      assert.ok((await page.textContent('main')).includes('18,420.00'));
      assertNone([...problems, ...requests.filter((url) => !url.startsWith('file:'))]);
      await context.close();
    }
  });
}

/** The rows of a CSV file by their headers; the sample's cells of these columns hold no comma. */
function rowsOf(path) {
  const [header, ...rows] = readFileSync(path, 'utf8').replace('\ufeff', '').trim().split(/\r?\n/);
  const names = header.split(',');
  return rows.map((row) => Object.fromEntries(row.split(',').map((cell, i) => [names[i], cell])));
}

test('a query adds up what the files have', async () => {
  // Goal: the sums of a query are those of its rows. Method: each month alone, each customer alone, both together and with a
  // status, against the rows of the months' files, added up here; an id in another spelling; what is not there.
  const root = tree('en', '');
  const rows = readdirSync(join(root, 'month')).filter((name) => /^\d.*csv$/.test(name)).flatMap((name) => rowsOf(join(root, 'month', name)));
  assert.ok(rows.length > 50);
  const page = await (await browser.newContext()).newPage();
  const cents = (text) => BigInt(text.replace(/[^\d-]/g, '') || 0);
  const address = (question) => `${pathToFileURL(join(root, 'query.html')).href}?${new URLSearchParams(question)}`;
  const questions = [];
  for (const month of [undefined, '2026-04', '2026-05']) {
    for (const customer of [undefined, 'CUST-01', 'CUST-04', 'CUST-06']) {
      for (const status of [undefined, 'paid', 'calculated']) questions.push({ month, customer, status });
    }
  }
  let asked = 0;
  for (const { month, customer, status } of questions) {
    const labels = { paid: 'Paid', calculated: 'Calculated' };
    const own = rows.filter((row) => (!month || row.Month === month) && (!customer || row.Customer === customer) && (!status || row.Status === labels[status]));
    const wanted = {};
    for (const { Currency, Total } of own) {
      wanted[Currency] ??= { rows: 0, total: 0n };
      wanted[Currency].rows += 1;
      wanted[Currency].total += cents(Total);
    }
    const question = Object.entries({ month, customer: customer?.toLowerCase().replace('-', ' '), status }).filter(([, value]) => value);
    await page.goto(address(question.length ? question : { month: '' }));
    await page.waitForSelector('#answer:not([aria-busy]) #result');
    if (!own.length) {
      assert.match(await page.textContent('#result'), /No row is in this scope/);
      continue;
    }
    const found = await page.$$eval('#sums tfoot tr', (all) => all.map((row) => [...row.cells].map((cell) => cell.querySelector('data')?.value ?? cell.textContent)));
    const seen = Object.fromEntries(found.map((cells) => [cells[2], { rows: Number(cells[1]), total: cents(cells[4].split(' ')[0]) }]));
    assert.deepEqual(seen, wanted, JSON.stringify({ month, customer, status }));
    asked += 1;
  }
  assert.ok(asked > 20, `only ${asked} questions have rows`);
  await page.goto(address({ customer: 'CUST-99' }));
  await page.waitForSelector('#answer:not([aria-busy]) #result');
  assert.match(await page.textContent('#result'), /Nothing is called CUST-99/);
  await page.goto(address({ customer: 'northwind' }));
  await page.waitForSelector('#answer:not([aria-busy]) #result');
  await page.click('#answer a[href$="customer/cust01.html"]');
  assert.match(await page.textContent('h1'), /CUST-01/);
});

test('every link of the tree of an audience has a file of the tree', () => {
  const root = tree('en');
  let links = 0;
  for (const path of readdirSync(root, { recursive: true }).filter((path) => path.endsWith('.html'))) {
    const html = readFileSync(join(root, path), 'utf8');
    for (const [, href] of html.matchAll(/(?:href|src)="([^"#:]+)(?:#[^"]*)?"/g)) {
      const target = resolve(root, dirname(path), href);
      assert.ok(target.startsWith(root) && existsSync(target), `${path} leads to ${href}`);
      links += 1;
    }
  }
  assert.ok(links > 100, `only ${links} links`);
});
