// Goal: every page opens from disk as it is meant to: nothing on the console, no violation of its own
// Content-Security-Policy, no request outside the tree, every id once, and every reference inside a page leads somewhere.
// Method: Chromium opens each page of the tree from a file: address; the console and all requests are written down; then
// the finished document is asked for its ids and for the attributes that name ids.

import { after, before, test } from 'node:test';
import { PAGES, SITE, TYPES, assertNone, fileUrl, launch, watch } from './support.mjs';

// The page for a missing address and the documents of a close stand alone, without the script.
const STANDS_ALONE = /^404\.html$|^close\/(?!index)/;

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test('every page is of a known type, and every type has its sample pages', () => {
  assertNone(PAGES.filter((path) => !TYPES.some((type) => type.matches.test(path))), 'every page is of a known type');
  const samples = TYPES.flatMap(({ matches, samples }) => samples.map((path) => [path, PAGES.includes(path) && matches.test(path)]));
  assertNone(samples.filter(([, found]) => !found).map(([path]) => path), 'every sample page is in the tree');
});

test('every page loads from file: with a clean console, asks for nothing outside the tree, and knows its own ids', async () => {
  const page = await browser.newPage();
  const seen = watch(page);
  const tree = fileUrl('');
  const wrong = [];
  for (const path of PAGES) {
    seen.problems.length = seen.requests.length = 0;
    await page.goto(fileUrl(path), { waitUntil: 'load' });
    const found = await page.evaluate(inspect, !STANDS_ALONE.test(path));
    found.push(...seen.problems);
    found.push(...seen.requests.filter((url) => !url.startsWith(tree) && !url.startsWith('data:')).map((url) => `asks for ${url}`));
    wrong.push(...found.map((problem) => `${path}: ${problem}`));
  }
  await page.close();
  assertNone(wrong, `every page of ${SITE} is clean`);
});

/** In the page: what is wrong with the finished document. */
function inspect(hasScript) {
  const problems = [];
  const body = getComputedStyle(document.body);
  if (!document.title) problems.push('no title');
  if (document.querySelectorAll('h1').length !== 1) problems.push('not one h1');
  if (body.marginTop !== '0px' || !/system-ui/.test(body.fontFamily)) problems.push('the style sheet is not applied');
  if (('tieout' in window) !== hasScript) problems.push(hasScript ? 'the script did not run' : 'there is a script');

  const ids = new Map();
  for (const { id } of document.querySelectorAll('[id]')) ids.set(id, (ids.get(id) ?? 0) + 1);
  for (const [id, times] of ids) if (times > 1) problems.push(`id "${id}" stands ${times} times`);
  for (const name of ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'popovertarget', 'data-copy']) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      for (const id of element.getAttribute(name).split(/\s+/)) {
        if (!ids.has(id)) problems.push(`${name}="${id}" names no element`);
      }
    }
  }
  for (const use of document.querySelectorAll('use')) {
    if (!ids.has(use.getAttribute('href').slice(1))) problems.push(`icon ${use.getAttribute('href')} is not there`);
  }
  return [...new Set(problems)];
}
