// Goal: no known barrier on any type of page: WCAG 2.0, 2.1 and 2.2 at A and AA, and axe's best practices such as the
// order of headings, in light and dark, on a wide screen and on a phone, and with the phone's menu open.
// Method: axe-core in Chromium. The policy of the pages forbids injected scripts, so this context alone goes around it.
// `target-size` is on because axe leaves it off by default. What axe cannot decide about contrast counts as a violation on
// the wide screen; on a phone it cannot see the cells that a table has scrolled out of sight.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { SAMPLES, assertNone, fileUrl, launch } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const OPTIONS = {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'] },
  rules: { 'target-size': { enabled: true } },
  resultTypes: ['violations', 'incomplete', 'passes'],
};

async function violations(page, width) {
  await page.evaluate(axe.source);
  return page.evaluate(async ({ options, wide }) => {
    const { violations, incomplete, passes } = await window.axe.run(document, options);
    const undecided = wide ? incomplete.filter((rule) => rule.id === 'color-contrast') : [];
    const lines = [...violations, ...undecided].flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id} at ${node.target.join(' ')}: ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message}`));
    // A run that checked next to nothing must not pass.
    return { lines, ran: passes.length + violations.length };
  }, { options: OPTIONS, wide: width > 700 });
}

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
