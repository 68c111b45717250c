// Goal: no page scrolls sideways on a phone; what is too wide scrolls inside its own box, which the keyboard reaches and a
// screen reader can name.
// Method: every page at 390 and 320 px, the width of its content measured; then, on a phone and on a desk, each box of a
// table that is wider than itself is asked for its overflow, its tab stop and its name. A tight table has room on a desk.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PAGES, SAMPLES, assertNone, fileUrl, launch } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

test('no page scrolls sideways at 390 and at 320 px', async () => {
  const page = await browser.newPage();
  const wrong = [];
  for (const path of PAGES) {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto(fileUrl(path), { waitUntil: 'load' });
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 800 });
      const found = await page.evaluate(() => {
        const content = document.scrollingElement.scrollWidth;
        if (content <= innerWidth) return null;
        // The innermost elements that reach too far, outside the boxes that scroll by themselves.
        const far = [...document.querySelectorAll('body *')].filter((e) =>
          e.getBoundingClientRect().right > innerWidth + 0.5 && !e.closest('.tw, .vh, svg') && !e.children.length);
        return `${content} px: ${far.slice(0, 3).map((e) => `${e.tagName}.${e.className} "${e.textContent.slice(0, 40)}"`).join(', ')}`;
      });
      if (found) wrong.push(`${path}: at ${width} px its content is ${found}`);
    }
  }
  await page.close();
  assertNone(wrong, 'no content is wider than the screen');
});

test('tables that are too wide scroll inside their own box, which can be reached and has a name', async () => {
  const page = await browser.newPage();
  const wrong = [];
  let scrolling = 0;
  for (const [width, path] of [320, 1280].flatMap((width) => SAMPLES.map((path) => [width, path]))) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(fileUrl(path), { waitUntil: 'load' });
    const boxes = await page.evaluate(() => [...document.querySelectorAll('table')].map((table) => {
      const box = table.closest('.tw');
      if (!box) return { problem: `table "${table.caption?.textContent}" is in no box` };
      const name = document.getElementById(box.getAttribute('aria-labelledby'))?.textContent;
      const wide = box.scrollWidth > box.clientWidth + 1;
      const what = `table "${table.caption?.textContent}"`;
      let problem = '';
      if (!table.caption) problem = 'a table has no caption';
      else if (wide && getComputedStyle(box).overflowX !== 'auto') problem = `${what}: its box does not scroll`;
      else if (wide && box.tabIndex !== 0) problem = `${what}: its box is no tab stop`;
      else if (wide && (box.getAttribute('role') !== 'region' || !name)) problem = `${what}: its box has no name`;
      else if (wide && innerWidth >= 1280 && table.classList.contains('tight')) problem = `${what}: it does not fit a desk`;
      if (wide) {
        box.scrollLeft = 9999;
        if (box.scrollLeft === 0) problem = `${what}: its box did not scroll`;
      }
      return { wide, problem };
    }));
    scrolling += boxes.filter((box) => box.wide).length;
    wrong.push(...boxes.filter((box) => box.problem).map((box) => `${path} at ${width} px: ${box.problem}`));
  }
  await page.close();
  assertNone(wrong, 'wide tables scroll in a box of their own');
  assert.ok(scrolling > 0, 'at least one table is wider than a phone, or this test tests nothing');
});
