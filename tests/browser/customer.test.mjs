// Goal: the page of a customer can be read by everyone, on every screen and on paper, and asks for nothing: no script, no
// request, nothing wider than a phone, no known barrier, in both languages of the site.
// Method: the sample is built with pages for customers, in English and in Chinese; each page is opened from disk, and those of
// two customers, one with and one without amounts, are looked at on a desk and a phone, in light and dark, and printed.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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

/** The pages of the customers of the sample by their id, in a language. */
function customers(language) {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-customer-'));
  folders.push(folder);
  cpSync(join(ROOT, 'input'), join(folder, 'input'), { recursive: true });
  const settings = 'key_env = "SECRET"\ncontact = "Rina Patel"\n';
  writeFileSync(join(folder, 'tieout.toml'), `language = "${language}"\norganization = "Meridian Cloud"\n[customers]\n${settings}`);
  const [command, first] = process.env.TIEOUT_BIN
    ? [resolve(process.env.TIEOUT_BIN), []]
    : ['cargo', ['run', '--release', '--quiet', '--manifest-path', join(ROOT, 'Cargo.toml'), '--']];
  execFileSync(command, [...first, 'build', '-q'], {
    cwd: folder,
    env: { ...process.env, SECRET: 'a secret of tests, 32 bytes long' },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const rows = readFileSync(join(folder, 'site/internal/data/trees.csv'), 'utf8').trim().split(/\r?\n/).map((row) => row.split(','));
  const trees = rows.filter(([audience]) => audience === 'customer');
  assert.equal(trees.length, 5);
  return Object.fromEntries(trees.map(([, id, path]) => [id, join(folder, 'site', path, 'index.html')]));
}

for (const [language, lang, words] of [
  ['en', 'en', ['Your rebates', 'In progress', '18,420.00', 'Why something is taking time']],
  ['zh', 'zh-Hans', ['您的返利', '处理中', '18,420.00', '为什么需要时间', '2026年5月', '信息截至2026年6月18日']],
]) {
  test(`a customer's page has no barrier and asks for nothing, ${language}`, async () => {
    const pages = customers(language);
    const wrong = [];
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [1280, 390]) {
        const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 900 } });
        const page = await context.newPage();
        for (const id of ['CUST-04', 'CUST-02']) {
          await page.goto(pathToFileURL(pages[id]).href);
          const { lines, ran } = await violations(page, width);
          assert.ok(ran > 10, `axe checked only ${ran} rules`);
          wrong.push(...lines.map((line) => `${id}, ${colorScheme}, ${width} px: ${line}`));
          const content = await page.evaluate(() => document.scrollingElement.scrollWidth);
          if (content > width) wrong.push(`${id}: ${content} px wide at ${width} px`);
        }
        await context.close();
      }
    }
    assertNone(wrong, 'no violations');
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const log = watch(page);
    await page.goto(pathToFileURL(pages['CUST-01']).href);
    const text = await page.textContent('body');
    for (const word of words) assert.ok(text.includes(word), `${word} is on the page`);
    assert.equal(await page.getAttribute('html', 'lang'), lang);
    assert.equal(await page.locator('script').count(), 0);
    const file = await page.getAttribute('a[download]', 'href');
    assert.ok(existsSync(join(pages['CUST-01'], '..', file)));
    const printed = await page.pdf({ format: 'A4' });
    assert.ok(printed.length > 5_000);
    assertNone(log.problems, 'nothing is refused');
    assert.equal(log.requests.length, 1, 'the page is one file');
    await context.close();
  });
}
