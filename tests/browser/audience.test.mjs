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
columns = ["month", "customer-name", "customer", "order", "status", "explanation", "calculated", "total"]
answers = ["customer"]
`;

/** The tree of the audience in a language. */
function tree(language) {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-audience-'));
  folders.push(folder);
  cpSync(join(ROOT, 'input'), join(folder, 'input'), { recursive: true });
  writeFileSync(join(folder, 'tieout.toml'), `language = "${language}"\n${POLICY}`);
  const [command, first] = process.env.TIEOUT_BIN
    ? [resolve(process.env.TIEOUT_BIN), []]
    : ['cargo', ['run', '--release', '--quiet', '--manifest-path', join(ROOT, 'Cargo.toml'), '--']];
  execFileSync(command, [...first, 'build', '-q'], { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] });
  return join(folder, 'site', 'sales');
}

for (const [language, words] of [['en', ['Sales', 'All rows by status']], ['zh', ['Sales', '按状态的全部行']]]) {
  test(`the pages of an audience have no barrier, ${language}`, async () => {
    const root = tree(language);
    const wrong = [];
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [1280, 390]) {
        const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 900 } });
        const page = await context.newPage();
        for (const path of ['index.html', 'customer/index.html', 'customer/cust04.html']) {
          await page.goto(pathToFileURL(join(root, path)).href);
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
