// Goal: whatever somebody has in hand (an id in any spelling, a column of a spreadsheet that damaged it, a whole e-mail, a word)
// leads to its page or its lines; what lost digits is never taken for certain; what is not in the data is told with what is
// nearest; nothing of a pasted text is sent or kept in the address; and only the files are loaded that the ids need.
// Method: the sample for e-mails, words and the field of every page, from disk and over http; then 3,000 orders made here with
// ids of six kinds (letters, slashes, leading zeros, 9, 16 and 19 digits), of which 500 are pasted with every damage in turn:
// the rows of the answer must be those ids, in that order. What is asked for over the network is written down.

import assert from 'node:assert/strict';
import { cpSync, createReadStream, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { FIND, ROOT, SITE, announced, assertNone, fileUrl, launch, program, tabTo, violations, watch } from './support.mjs';

const PAGE = 'query.html', MADE = 3000;
let browser, folder, tree;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), 'tieout-find-'));
  makeProject();
  program(['build', '--quiet'], { cwd: folder });
  tree = join(folder, 'site', 'internal');
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

// ---- The project: an order with one line each, two orders on an invoice.

const KINDS = [
  (i) => `ORD-${10001 + i}`,
  (i) => `SO/2026/${String(i).padStart(5, '0')}`,
  (i) => String(i).padStart(6, '0'),
  (i) => String(700000000 + i * 13),
  (i) => `5123${String(i * 7919 + 1).padStart(12, '0')}`,
  (i) => `9223372036${String((i * 37000111) % 1000000000).padStart(9, '0')}`,
];
const idOf = (i) => KINDS[i % 6](i);

function makeProject() {
  const input = join(folder, 'input', '2026-06-18');
  mkdirSync(input, { recursive: true });
  cpSync(join(ROOT, 'input', 'reference'), join(folder, 'input', 'reference'), { recursive: true });
  const numbers = Array.from({ length: MADE }, (_, i) => i);
  const orders = numbers.map((i) => `${idOf(i)},R-100,ACC-1001,,INV-${90000 + (i >> 1)},2026-06-08,2026-06-04,ECS-C7,ap-southeast-1,intl,prepay,standard,2026-01-01,,USD,100.00,0.00,active`);
  writeFileSync(join(input, 'orders.csv'), 'order_id,reseller_id,account_id,subscription_id,invoice_id,invoice_date,order_date,sku,region,site,billing_model,contract_type,' +
    `contract_activation_date,campaign,currency,net_amount,voucher_amount,order_status\n${orders.join('\n')}\n`);
  const lines = numbers.map((i) => `L-${i},R-100,CORE,B-${i % 6},${idOf(i)},,,compute,,2026-06,100.00,0.08,8.00,USD,CALCULATED,2026-06-18`);
  writeFileSync(join(input, 'rebate_lines.csv'), 'line_id,reseller_id,program_id,batch_id,order_ref,account_ref,sku_ref,category,region,period,base_amount,rate,' +
    `calculated_amount,currency,status,status_date\n${lines.join('\n')}\n`);
}

const wide = (text) => text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));

/** What happens to ids on their way. Each is undone without a guess. */
const SPELLED = [
  (id) => id.toLowerCase().replace(/[-/]/g, ' '),
  (id) => wide(id),
  (id) => id.replace(/[-/]/, '\u200b$&\u00ad'),
  (id) => `="${id}"`,
  (id) => `'${id}`,
  (id) => `\u201c${id}\u201d,`,
  (id) => `<${id}>.`,
  (id) => `[${id}]`,
  (id) => `(${id});`,
  (id) => `Order: ${id}`,
  (id) => `Order#${id}`,
  (id) => `Order no. ${id}`,
  (id) => `- ${id}`,
  (id) => `${id}\t2026-06-04\t1,100.00\tUSD`,
  (id) => `${id.replace(/[-/]/, '\u2011')}:`,
  (id) => `> ${id}`,
  (id) => id.replace('-', '\u00ad-\n'),
];
const OF_DIGITS = [(id) => `${id}.0`, (id) => `${id}.00`, (id) => `#${id}`, (id) => `="${id}"`, (id) => `'${id}`];
const bare = (id) => id.replace(/^0+/, '');
const DAMAGES = [
  SPELLED,
  SPELLED,
  [...OF_DIGITS, bare, (id) => `${bare(id)}.0`, (id) => `${bare(id)}.00`, (id) => `"${bare(id)}",`, (id) => `Order: ${bare(id)}`],
  [...OF_DIGITS, (id) => id.replace(/\B(?=(\d{3})+$)/g, ','), (id) => id.replace(/\B(?=(\d{3})+$)/g, ' '), (id) => id.replace(/\B(?=(\d{3})+$)/g, '.'),
    (id) => `${id.replace(/\B(?=(\d{3})+$)/g, ',')}.00`],
  [...OF_DIGITS.slice(2), (id) => `\u2022 ${id}`],
  [...OF_DIGITS.slice(2), (id) => wide(id)],
];

/** What loses digits: 15 are kept and zeros put for the rest, scientific notation, a number of a program. */
const scientific = (id, digits) => {
  const unit = 10n ** BigInt(id.length - digits), short = String((BigInt(id) + unit / 2n) / unit);
  return `${short[0]}.${short.slice(1)}E+${id.length - 1}`;
};
const LOSING = [
  (id) => id.slice(0, 15) + '0'.repeat(id.length - 15),
  (id) => scientific(id, 14),
  (id) => `="${scientific(id, 13)}"`,
  (id) => `${id.slice(0, 15)}${'0'.repeat(id.length - 15)}.0`,
];

const at = (site, address = '') => pathToFileURL(join(site, PAGE)).href + address;
const flat = (text) => text.replace(/\s+/g, ' ').trim();

async function paste(page, text) {
  if (!await page.isVisible('#paste textarea')) await page.click('#paste summary');
  await page.fill('#paste textarea', text);
  // The answer of before is gone when the next one is there.
  await page.evaluate(() => document.getElementById('found').replaceChildren());
  await page.click('#paste button');
  await page.waitForSelector('#found-heading', { timeout: 20000 });
}

/** The rows of the answer: as pasted, its note, the id, what it is, the status and the amount. */
const rowsOf = (page) => page.$$eval('#found table tbody tr', (rows) => rows.map((row) => ({
  pasted: row.cells[0].querySelector('bdi').textContent, note: row.cells[0].querySelector('.nt')?.textContent ?? '', id: row.cells[1].querySelector('bdi').textContent,
  page: row.cells[1].querySelector('a')?.getAttribute('href') ?? null, what: row.cells[1].querySelector('.nt').textContent, status: row.cells[2].textContent,
  period: row.cells[3].textContent, means: row.cells[4].textContent, amount: row.cells[5].textContent,
})));
const itemsOf = (page, heading) => page.$$eval('#found section', (sections, words) => sections.filter((of) => of.querySelector(':scope > .sec-h > h3')?.textContent.includes(words))
  .flatMap((of) => [...of.querySelectorAll('li')].map((li) => li.textContent)), heading);

test('500 ids pasted with every damage are found, and only files of the site are asked for', async () => {
  const page = await browser.newPage();
  const seen = watch(page);
  await page.goto(at(tree), { waitUntil: 'load' });
  const chosen = Array.from({ length: 500 }, (_, i) => i * 5), pasted = [], expected = [], uncertain = [];
  for (const i of chosen) {
    const id = idOf(i), kind = i % 6, turn = Math.floor(i / 30);
    if (kind >= 4 && turn % 3 === 0) {
      pasted.push(LOSING[(turn / 3) % LOSING.length](id));
      uncertain.push(id);
    } else {
      pasted.push(DAMAGES[kind][turn % DAMAGES[kind].length](id));
      expected.push(id);
    }
  }
  assert.ok(uncertain.length >= 50, `${uncertain.length} lose digits`);
  await paste(page, pasted.join('\r\n'));
  assert.equal(await page.textContent('#found-heading'), `${expected.length} of 500 IDs are in this snapshot`);
  const rows = await rowsOf(page);
  assert.equal(rows.length, expected.length);
  assertNone(rows.flatMap((row, i) => row.id === expected[i] ? [] : [`${row.pasted} is ${row.id}, not ${expected[i]}`]), 'each is the id that was damaged');
  assert.ok(rows.every((row) => row.status === 'Calculated' && row.amount === '$8.00' && row.period === 'June 2026' && /line L-\d+$/.test(row.what)), JSON.stringify(rows[0]));
  const items = await itemsOf(page, 'Not certain');
  assert.equal(items.length, uncertain.length);
  assertNone(items.flatMap((item, i) => item.includes(uncertain[i]) && /digits were lost/.test(item) ? [] : [`${item}: without ${uncertain[i]}`]), 'the id is among those that fit');
  // Nothing leaves, and no more is loaded than there is.
  assertNone(seen.requests.filter((url) => !url.startsWith(pathToFileURL(tree).href) && !/^(?:data|blob):/.test(url)), 'no request outside the site');
  assertNone(seen.problems, 'nothing on the console');
  const shards = seen.requests.filter((url) => /\/find-\d+\.js/.test(url));
  assert.equal(new Set(shards).size, shards.length, 'each file of the index once');
  assert.equal(page.url(), at(tree), 'the address has nothing of it');
  await page.close();
});

test('of the index only the files that the ids need are loaded', async () => {
  const page = await browser.newPage();
  const seen = watch(page), shards = () => new Set(seen.requests.filter((url) => /\/find-\d+\.js/.test(url))).size;
  const all = readdirSync(join(tree, 'query/data')).filter((name) => /^find-\d+\.js$/.test(name)).length;
  assert.ok(all > 6, `${all} files`);
  await page.goto(at(tree), { waitUntil: 'load' });
  assert.equal(shards(), 0, 'none before a question');
  await paste(page, Array.from({ length: 60 }, (_, i) => `ORD-${10001 + i * 6}`).join('\n'));
  assert.equal((await rowsOf(page)).length, 60);
  assert.ok(shards() <= 2, `${shards()} of ${all}`);
  await page.close();
});

test('each damage by itself: what is taken, what is only possible, and why', async () => {
  const page = await browser.newPage();
  await page.goto(at(tree), { waitUntil: 'load' });
  const look = (texts) => page.evaluate(async (all) => (await window.tieout.find.lookup(all)).map(({ exact, how, maybe, lost }) => ({
    exact: exact.map((entry) => `${entry.type} ${entry.shown}`), how, maybe: maybe.map(({ entry }) => entry.shown), lost: lost && lost.why, tooMany: lost && lost.tooMany,
  })), texts);
  const taken = [
    ['ord10001', 'order ORD-10001', null], ['ORD\u221210001', 'order ORD-10001', null], ['OrderORD-10001', 'order ORD-10001', null], ['ORDER ID: ord 10001', 'order ORD-10001', null],
    ['="000008"', 'order 000008', null], ['8', 'order 000008', /leading zeros/], ['8.0', 'order 000008', /leading zeros/], ['000008.00', 'order 000008', /decimals/],
    ['7.00000039E+08', 'order 700000039', /written out/], ['700,000,039', 'order 700000039', /separators/], ['l 8', 'line L-8', null], ['INV-90000', 'invoice INV-90000', null],
  ];
  const results = await look(taken.map(([text]) => text));
  taken.forEach(([text, what, how], i) => {
    assert.deepEqual(results[i].exact, [what], text);
    if (how === null) assert.equal(results[i].how, null, text); else assert.match(results[i].how, how, text);
  });
  const [few, zeros, rounded, none] = await look(['5.123E+15', '9223372036000000000', String(Number(idOf(11))), '5.99E+15']);
  assert.deepEqual([few.exact, few.maybe, few.tooMany], [[], [], true], 'too many fit four digits');
  // It exists as it stands; a spreadsheet would have made it of no other.
  assert.match(String(zeros.lost), /15 digits/);
  assert.deepEqual(zeros.exact, []);
  assert.ok(rounded.maybe.includes(idOf(11)) && rounded.exact.length === 0, JSON.stringify(rounded));
  assert.deepEqual([none.exact, none.maybe, none.tooMany], [[], [], false]);
  assert.match(none.lost, /scientific/);
  await page.close();
});

test('a column goes without a guess: a header, a look-alike letter, a typing error and repeated ids are named', async () => {
  const page = await browser.newPage();
  await page.goto(at(tree), { waitUntil: 'load' });
  await paste(page, ['Order ID', 'ORD-10001', 'ord 10007', '\u041eRD-10001', 'ORD-100O1', 'ORD-10001', '10001 ORD', '77777777777', 'ORD 10,001', '=cmd|1'].join('\n'));
  const rows = await rowsOf(page);
  assert.deepEqual(rows.map((row) => [row.pasted, row.id, row.note]), [['ORD-10001', 'ORD-10001', '2 times'], ['ord 10007', 'ORD-10007', '']]);
  const unknown = await itemsOf(page, 'not in this snapshot');
  assert.match(unknown[0], /^\u041eRD-10001: it has a letter that only looks like O \(it is Cyrillic\)\. Nearest: order ORD-10001 \(the same in ordinary letters\)\.$/);
  assert.match(unknown[1], /^ORD-100O1: nearest: order ORD-10001 \(one character differs\)/);
  assert.ok(unknown.some((item) => item.startsWith('77777777777')));
  assert.match(await page.textContent('#found'), /Searched: every order, rebate line, account/);
  assert.doesNotMatch(await page.textContent('#found'), /not found/i);
  await page.close();
});

test('of the rows of a spreadsheet each gives one id; figures beside it are none, although such ids exist', async () => {
  const page = await browser.newPage();
  await page.goto(at(tree), { waitUntil: 'load' });
  await paste(page, ['Order\tUnits\tBase\tPaid', 'ORD-10001\t8\t1,100\t14.00', '2\tORD-10007\t20\t26.0', '32\t38\t44.00\t2026-06-04', 'SO/2026/00001 | 50 | 56.00'].join('\n'));
  assert.deepEqual((await rowsOf(page)).map((row) => row.id), ['ORD-10001', 'ORD-10007', '000032', 'SO/2026/00001']);
  // In running text a number is a number.
  await paste(page, 'In 2026 we had 8 orders with 1,100 units and 26.0 days, among them 000032 and ord 10001; and order 14 is no ID.');
  assert.deepEqual((await rowsOf(page)).map((row) => row.id), ['000032', 'ORD-10001']);
  await page.close();
});

test('the page of queries asks for the files of an id and for what is near', async () => {
  const page = await browser.newPage();
  await page.goto(at(tree), { waitUntil: 'load' });
  const said = await page.evaluate(async () => {
    const { find } = window.tieout, known = await find.entry('order', 'ORD10001');
    return {
      known: known && { shown: known.entry.shown, page: known.entry.page, files: known.files.map((file) => file.path), months: known.files.map((file) => file.month).join() },
      other: await find.entry('batch', 'ORD10001'), none: await find.entry('order', 'ORD1'),
      near: (await find.nearest('ORD-1O001', 'order')).map((entry) => entry.shown), ofType: (await find.nearest('ORD10001X', 'batch')).length,
    };
  });
  assert.deepEqual([said.known.shown, said.known.page, said.known.months, said.other, said.none], ['ORD-10001', 'order/ord10001.html', '2026-06', null, null]);
  assert.match(said.known.files.join(), /^query\/data\/2026-06-lines-\d+\.js$/);
  assert.deepEqual([said.near, said.ofType], [['ORD-10001'], 0]);
  await page.close();
});

test('a whole e-mail: the ids in it, and no date, amount, phone number or address', async () => {
  const page = await browser.newPage();
  const seen = watch(page);
  await page.goto(fileUrl(PAGE), { waitUntil: 'load' });
  await paste(page, `Hi Anna,

on 31 May 2026 at 10:45 we sent invoice INV-1001 (USD 4,200.00) for order ORD-
1002 and ord 1003. Please see batch SG 2605 XYZ, ORD\u20133001/ORD-2001, and
https://portal.example/site/order/ord1004.html?ref=mail for 8 % of $12,000.00.

Call +49 30 1234567 or (555) 123-4567, or write to anna1001@vendor.example.
> Order:ORD-4001 was paid on 2026-05-31 with payout PO-5001; ORD4001 again.
> ORD-40O9 is missing, ticket 4711, version v2, Q2, 3rd time, 10GB.
The account is 5.123E+15, and the last is ORD
4002 which was 960.00 late.
`);
  const rows = await rowsOf(page);
  const ids = [...new Set(rows.map((row) => row.id))];
  assert.deepEqual(ids, ['INV-1001', 'ORD-1002', 'ORD-1003', 'SG-2605-XYZ', 'ORD-3001', 'ORD-2001', 'ORD-1004', 'ORD-4001', 'PO-5001', 'ORD-4002']);
  assert.equal(rows.find((row) => row.id === 'ORD-4001').note, '2 times');
  assert.match(rows.find((row) => row.id === 'SG-2605-XYZ').means, /^3 orders, 3 lines: /);
  assert.equal(rows.find((row) => row.id === 'ORD-2001').amount, '$2,230.00');
  assert.equal(rows.find((row) => row.id === 'ORD-2001').status, 'Paid');
  assert.match(rows.find((row) => row.id === 'ORD-3001').means, /SKU not eligible for current rebate program tier\..*Recommended fix: Confirm if product should be enrolled/s);
  assert.match(rows.find((row) => row.id === 'ORD-1003').means, /Invoice confirmation pending\..*Expected update after billing cycle closure\./s);
  const unknown = await itemsOf(page, 'not in this snapshot');
  assert.deepEqual(unknown.map((item) => item.slice(0, item.indexOf(':'))), ['ORD-40O9']);
  assert.match((await itemsOf(page, 'Not certain')).join(), /^5\.123E\+15: Digits were lost/);
  const left = await page.$eval('#found details p', (p) => p.textContent.split(' \u00b7 '));
  for (const other of ['31 May 2026', '10:45', 'USD 4,200.00', '$12,000.00', '+49 30 1234567', '(555) 123-4567', '2026-05-31', '960.00']) assert.ok(left.includes(other), `${other} in ${left}`);
  assert.equal(page.url(), fileUrl(PAGE));
  assertNone(seen.problems, 'nothing on the console');
  await page.close();
});

test('batches, invoices, customers and programs: orders and sums, and the way to their query', async () => {
  const page = await browser.newPage();
  await page.goto(at(tree), { waitUntil: 'load' });
  await paste(page, 'INV-90003\nB-1\nCORE');
  const rows = await rowsOf(page), by = (id) => rows.find((row) => row.id.replace('-', '') === id);
  assert.match(by('INV90003').means, /^2 orders, 2 lines: 2 Calculated.*Order .*Order /);
  assert.equal(by('INV90003').amount, '$16.00');
  assert.match(by('B1').means, /^500 orders, 500 lines: 500 Calculated/);
  assert.equal(by('B1').amount, '$4,000.00');
  const links = await page.$$eval('#found td:nth-child(5) a', (all) => all.map((a) => a.getAttribute('href')));
  assert.ok(links.some((href) => /query\.html\?from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d&batch=B1$/.test(href)), links.join());
  assert.ok(links.some((href) => /&program=CORE$/.test(href)), links.join());
  // One line may stand for several orders: each has its link.
  await page.goto(fileUrl(PAGE), { waitUntil: 'load' });
  await paste(page, 'SUB-77');
  const own = await page.$$eval('#found tbody tr:last-child td:nth-child(5) a', (all) => all.map((a) => a.textContent));
  assert.deepEqual(own, ['Order ORD-6004', 'Order ORD-6005']);
  await page.close();
});

test('the field of any page opens the page of an id, and Back returns to where one was', async () => {
  const page = await browser.newPage();
  const seen = watch(page);
  for (const [from, typed, to] of [
    ['index.html', 'ord 2001', 'order/ord2001.html'], ['kb/index.html', 'Order: ORD-2001', 'order/ord2001.html'], ['order/ord1003.html', 'sg2605xyz', 'batch/sg2605xyz.html'],
    ['status/index.html', 'INV-1001', 'order/ord1001.html'], ['about.html', 'po-5001', 'payout/po5001.html'], ['404.html', '5123000000001001', 'account/acc1001.html'],
    ['health.html', 'l-1001', 'order/ord1001.html'], ['index.html', 'CUST-01', 'customer/cust01.html'],
  ]) {
    if (from === '404.html' && !await hasField(page, from)) continue;
    await page.goto(fileUrl(from), { waitUntil: 'load' });
    await page.fill(FIND, typed);
    await page.press(FIND, 'Enter');
    await page.waitForURL((url) => url.href.replace(/#.*/, '') === fileUrl(to), { timeout: 5000 }).catch(() => assert.fail(`"${typed}" on ${from} leads to ${page.url()}`));
    await page.goBack();
    await page.waitForURL(fileUrl(from), { timeout: 5000 });
  }
  assertNone(seen.problems, 'nothing on the console');
  await page.close();
});

async function hasField(page, path) {
  await page.goto(fileUrl(path), { waitUntil: 'load' });
  return await page.locator(FIND).count() > 0;
}

test('words lead to customers, programs, campaigns, articles, statuses and kinds; an id that is also a word is a list', async () => {
  const page = await browser.newPage();
  const find = async (words) => {
    await page.goto(at(SITE, `?q=${encodeURIComponent(words)}`), { waitUntil: 'load' });
    await page.waitForSelector('#found-heading');
    return { heading: await page.textContent('#found-heading'), links: await page.$$eval('#found ul a', (all) => all.map((a) => a.getAttribute('href').replace('./', ''))), rows: await rowsOf(page) };
  };
  for (const [words, to] of [
    ['northwind', 'customer/cust01.html'], ['retail NORTHW', 'customer/cust01.html'], ['spring growth', 'campaign/spring-growth.html'], ['growth spr', 'program/spring.html'],
    ['claw', 'kb/kb-clawbacks.html'], ['under review', 'status/under-review.html'], ['region code', 'discrepancy/region-missing.html'], ['compare snap', 'changes/index.html'],
  ]) {
    const { links, heading } = await find(words);
    assert.ok(links.includes(to), `${words}: ${heading}: ${links}`);
  }
  const spring = await find('spring');
  assert.deepEqual([spring.rows.map((row) => row.page), spring.links], [['./program/spring.html'], ['campaign/spring-growth.html']]);
  // One slip, or one word too many, is told.
  assert.ok((await find('nortwhind')).links.includes('customer/cust01.html'));
  const none = await find('growth zzzzz');
  assert.match(none.heading, /^Nothing here is called \u201cgrowth zzzzz\u201d$/);
  assert.ok(none.links.includes('campaign/spring-growth.html'));
  assert.equal(none.rows.length, 0);
  await page.close();
});

test('several ids in the field are a list; one that is not in the data is told with what is nearest', async () => {
  const page = await browser.newPage();
  await page.goto(fileUrl(`${PAGE}`) + '?q=' + encodeURIComponent('ORD-2001, ORD-1003'), { waitUntil: 'load' });
  await page.waitForSelector('#found-heading');
  assert.deepEqual((await rowsOf(page)).map((row) => row.id), ['ORD-2001', 'ORD-1003']);
  await page.goto(fileUrl(`${PAGE}`) + '?q=' + encodeURIComponent('ORD-2001 ORD-2002'), { waitUntil: 'load' });
  await page.waitForSelector('#found-heading');
  assert.equal((await itemsOf(page, 'not in this snapshot')).length, 1, 'the one that is there does not hide the other');
  await page.goto(fileUrl(`${PAGE}`) + '?q=ORD-2OO1', { waitUntil: 'load' });
  await page.waitForSelector('#found-heading');
  assert.match(flat(await page.textContent('#found')), /Nothing here is called \u201cORD-2OO1\u201d.*ORD-2001 Order, 2 characters differ.*Searched: every order/);
  await page.goto(fileUrl(`${PAGE}`) + '?q=5123000000001000', { waitUntil: 'load' });
  await page.waitForSelector('#found-heading');
  assert.match(await page.textContent('#found'), /digits were lost.*5123000000001001/);
  assert.equal((await rowsOf(page)).length, 0, 'nothing is taken');
  await page.close();
});

test('a receipt goes to the page that reads it, as it was typed', async () => {
  const page = await browser.newPage();
  await page.goto(fileUrl('index.html'), { waitUntil: 'load' });
  await page.fill(FIND, 'TO-0G8N4-00K2H-ABCDE-FGHJK-MNPQR-ST');
  await page.press(FIND, 'Enter');
  await page.waitForURL((url) => url.searchParams.get('receipt') === 'TO-0G8N4-00K2H-ABCDE-FGHJK-MNPQR-ST');
  await page.close();
});

test('by keyboard: the answer has the focus, is announced, and is copied as text for a spreadsheet', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(fileUrl(PAGE), { waitUntil: 'load' });
  await tabTo(page, '#find input');
  await tabTo(page, '#paste summary', 3);
  await page.keyboard.press('Enter');
  await tabTo(page, '#paste textarea', 2);
  await page.keyboard.insertText('ORD-2001\n=1+FOO-9999\nORD-2OO1');
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('#found-heading');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'found-heading');
  await announced(page, /^1 of 3 IDs are in this snapshot$/);
  await tabTo(page, '[data-copy="found-text"]', 3);
  await page.keyboard.press('Enter');
  await announced(page, /^Copied$/);
  const table = (await page.textContent('#found-text')).split('\n').map((row) => row.split('\t'));
  assert.deepEqual(table[0].slice(0, 5), ['As pasted', 'Times', 'What it is', 'ID', 'Line']);
  assert.deepEqual(table[1].slice(0, 9), ['ORD-2001', '1', 'Order', 'ORD-2001', 'L-2001', 'Paid', 'April 2026', 'USD', '2230.00']);
  assert.ok(table.slice(1).every((row) => row.length === table[0].length && !/^[=+@]/.test(row[0])) && table.some((row) => row[0] === '\'=1+FOO-9999'), JSON.stringify(table));
  const files = await page.$$eval('#found a[download]', (all) => all.map((a) => a.getAttribute('download')));
  assert.deepEqual(files, await page.evaluate(() => window.tieout.out ? ['found.csv', 'found.xlsx'] : []));
  // An empty box and an empty field say what they need.
  await page.fill('#paste textarea', ' - \n');
  await page.click('#paste button');
  await announced(page, /^Paste a list or a text first\.$/);
  await page.fill('#find input', ' -/ ');
  await page.press('#find input', 'Enter');
  await announced(page, /^Enter an ID or a word\.$/);
  await page.close();
});

test('text of a paste stays text', async () => {
  const page = await browser.newPage();
  const seen = watch(page);
  await page.goto(fileUrl(PAGE), { waitUntil: 'load' });
  await paste(page, '<img src=x1>\n<b>ORD-2001</b>\nORD-9999"><script>1</script>\n');
  assert.equal(await page.locator('#found img, #found script, #found table b').count(), 0);
  assertNone(seen.problems, 'nothing on the console');
  await page.close();
});

test('a file of the index that is missing or of another build is named with its code', async () => {
  const page = await browser.newPage(), site = join(folder, 'broken');
  cpSync(SITE, site, { recursive: true });
  const file = join(site, 'query/data/find.js'), good = readFileSync(file, 'utf8');
  for (const [spoil, code] of [[() => rmSync(file), 'Q-301'], [() => writeFileSync(file, good.slice(0, 40)), 'Q-303'], [() => writeFileSync(file, good.replace(/"set":"[^"]*"/, '"set":"00000000"')), 'Q-304']]) {
    spoil();
    await page.goto(at(site, '?q=ORD-2001'), { waitUntil: 'load' });
    await page.waitForSelector('#found-heading');
    assert.match(await page.textContent('#found'), new RegExp(`Code ${code}: query/data/find\\.js`), code);
  }
  await page.close();
});

test('over http below a folder the field and the box work as from disk', async () => {
  const asked = [], base = '/some/folder/';
  const server = createServer((request, response) => {
    asked.push(request.method + request.url);
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname), file = join(SITE, normalize(path.slice(base.length)));
    if (!file.startsWith(SITE) || !statSync(file, { throwIfNoEntry: false })?.isFile()) { response.writeHead(404).end(); return; }
    response.writeHead(200, { 'content-type': file.endsWith('.html') ? 'text/html; charset=utf-8' : file.endsWith('.js') ? 'text/javascript' : 'text/css' });
    createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const root = `http://127.0.0.1:${server.address().port}${base}`, page = await browser.newPage();
  await page.goto(`${root}kb/index.html`);
  await page.fill(FIND, 'ord 2001');
  await page.press(FIND, 'Enter');
  await page.waitForURL(`${root}order/ord2001.html`);
  await page.goto(root + PAGE);
  asked.length = 0;
  await paste(page, 'secret words with ORD-2001 and a name');
  assert.deepEqual((await rowsOf(page)).map((row) => row.id), ['ORD-2001']);
  assertNone(asked.filter((line) => !/^GET\/some\/folder\/query\/data\/[\w-]+\.js\?[0-9a-f]+$/.test(line)), 'only data files were asked for, by names that say nothing of the text');
  await page.close();
  server.close();
});

test('an answer has no barrier, light and dark, wide and on a phone, and does not scroll sideways', async () => {
  const wrong = [];
  for (const colorScheme of ['light', 'dark']) {
    for (const [width, height] of [[1280, 900], [390, 844]]) {
      const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height }, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(fileUrl(PAGE), { waitUntil: 'load' });
      await paste(page, 'ord 2001\nORD-3001\nSG-2605-XYZ\nINV-1001\nORD-2OO1\n5123000000001000\n5.123E+15\nORD-1001-WITH-A-LONG-END-THAT-NOBODY-KNOWS-12345678901234567890');
      const { lines, ran } = await violations(page, width), what = `${colorScheme}, ${width} px`;
      assert.ok(ran > 20, `${ran} rules`);
      wrong.push(...lines.map((line) => `${what}: ${line}`));
      if (await page.evaluate(() => document.scrollingElement.scrollWidth > innerWidth)) wrong.push(`${what}: scrolls sideways`);
      await context.close();
    }
  }
  assertNone(wrong, 'no violations');
});
