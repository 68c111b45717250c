// Goal: who writes an article or a template sees the result where they look: a change reloads the browser, and a mistake stands
// over the last good page with its file and line, in the browser and in the terminal, until it is right (authoring loop).
// Method: `tieout serve` on a copy of the sample, one page open; a title is changed, broken and mended, then a template, then the
// input; a first build that fails.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, launch, watch } from './support.mjs';

let browser;
const folders = [];
const servers = [];
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
  for (const server of servers) server.kill('SIGTERM');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A copy of the sample with its content and templates. */
function project() {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-authoring-'));
  folders.push(folder);
  for (const part of ['input', 'content', 'templates']) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  return folder;
}

/** Serves a project; its address, and what the terminal says. */
async function served(folder) {
  const [command, first] = process.env.TIEOUT_BIN
    ? [resolve(process.env.TIEOUT_BIN), []]
    : ['cargo', ['run', '--release', '--quiet', '--manifest-path', join(ROOT, 'Cargo.toml'), '--']];
  const child = spawn(command, [...first, 'serve', '--port', '0'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  servers.push(child);
  const terminal = { text: '' };
  const address = await new Promise((found, failed) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      terminal.text += text;
      const [, url] = terminal.text.match(/serving +(http:\S+)/) ?? [];
      if (url) found(url);
    });
    child.on('exit', (code) => failed(new Error(`serve ended with ${code}: ${terminal.text}`)));
  });
  return { address, terminal };
}

const FAULT = '#tieout-fault';
const change = (folder, path, from, to) => {
  const text = readFileSync(join(folder, path), 'utf8');
  assert.ok(text.includes(from), `${path} has ${from}`);
  writeFileSync(join(folder, path), text.replace(from, to));
};

test('a change shows in the browser, and a mistake with its file and line over the last good page', async () => {
  const folder = project();
  const { address, terminal } = await served(folder);
  const page = await browser.newPage();
  const log = watch(page);
  await page.goto(`${address}kb/kb-caps.html`);
  const article = 'content/kb/kb-caps.md';
  const title = readFileSync(join(folder, article), 'utf8').match(/^title = "(.*)"$/m)[1];
  const heading = (text) => page.waitForFunction((t) => document.querySelector('h1')?.textContent.includes(t), text);
  await heading(title);

  change(folder, article, `title = "${title}"`, 'title = "Caps, told anew"');
  await heading('Caps, told anew');
  assert.equal(await page.locator(FAULT).count(), 0);

  change(folder, article, 'title = "Caps, told anew"', 'titel = "Caps, told anew"');
  await page.waitForSelector(FAULT);
  const told = await page.textContent(FAULT);
  assert.match(told, /kb-caps\.md/);
  assert.match(told, /line \d+/);
  assert.match(terminal.text, /kb-caps\.md/);
  await heading('Caps, told anew');
  await page.reload();
  await page.waitForSelector(FAULT);

  change(folder, article, 'titel = "Caps, told anew"', 'title = "Caps, right again"');
  await heading('Caps, right again');
  await page.waitForSelector(FAULT, { state: 'detached' });

  change(folder, 'templates/page.html', '{%- if page.side -%}', '{%- if page.side -');
  await page.waitForSelector(FAULT);
  assert.match(await page.textContent(FAULT), /page\.html/);
  change(folder, 'templates/page.html', '{%- if page.side -', '{%- if page.side -%}');
  await page.waitForSelector(FAULT, { state: 'detached' });

  change(folder, 'input/2026-06-18/orders.csv', 'order_id,', 'order_no,');
  await page.waitForSelector(FAULT);
  assert.match(await page.textContent(FAULT), /2026-06-18\/orders\.csv/);
  // A page that is loaded again drops what it was waiting for.
  assert.deepEqual(log.problems.filter((problem) => !problem.endsWith('net::ERR_ABORTED')), []);
  await page.close();
});

test('a first build that fails says why, and becomes the site', async () => {
  const folder = project();
  change(folder, 'content/kb/kb-caps.md', 'title = "', 'titel = "');
  const { address } = await served(folder);
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForSelector(FAULT);
  assert.match(await page.textContent(FAULT), /kb-caps\.md/);
  change(folder, 'content/kb/kb-caps.md', 'titel = "', 'title = "');
  await page.waitForFunction(() => document.title.includes('Reseller rebates'));
  await page.close();
});
