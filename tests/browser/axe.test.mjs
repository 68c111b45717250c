// Goal: no known barrier on any type of page: WCAG 2.0, 2.1 and 2.2 at A and AA, and axe's best practices such as the
// order of headings, in light and dark, on a wide screen and on a phone, and with the phone's menu open.
// Method: axe-core in Chromium. The policy of the pages forbids injected scripts, so this context alone goes around it.
// `target-size` is on because axe leaves it off by default. What axe cannot decide about contrast counts as a violation on
// the wide screen; on a phone it cannot see the cells that a table has scrolled out of sight.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SAMPLES, assertNone, fileUrl, launch, violations } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

for (const colorScheme of ['light', 'dark']) {
  for (const [width, height] of [[1280, 900], [390, 844]]) {
    test(`no violations, ${colorScheme}, ${width} px`, async () => {
      const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height }, reducedMotion: 'reduce' });
      const page = await context.newPage();
      const wrong = [];
      for (const path of SAMPLES) {
        await page.goto(fileUrl(path), { waitUntil: 'load' });
        const { lines, ran } = await violations(page, width);
        assert.ok(ran > 15, `${path}: axe checked only ${ran} rules`);
        wrong.push(...lines.map((line) => `${path}: ${line}`));
      }
      if (width < 700) {
        await page.goto(fileUrl('index.html'), { waitUntil: 'load' });
        await page.click('.menu-b');
        assert.ok(await page.isVisible('#menu a'), 'the menu is open');
        wrong.push(...(await violations(page, width)).lines.map((line) => `open menu: ${line}`));
      }
      await context.close();
      assertNone(wrong, 'no violations');
    });
  }
}
