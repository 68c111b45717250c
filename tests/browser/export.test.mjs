// Goal: what leaves the page of a query is right wherever it is opened: a receipt names its number and is noticed when it was
// copied wrongly, a CSV file runs nothing, and a workbook has ids as text, amounts as numbers and dates as dates.
// Method: the two scripts are loaded into a page of the site and called. Receipts against a list that the program's own tests
// read too. Files against their bytes; workbooks are read by another reader, `examples/sheet.rs`, and their markup by the
// browser's.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, SITE, assertNone, fileUrl, launch, watch } from './support.mjs';

let browser, page, seen, folder;
before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), 'tieout-export-'));
  page = await browser.newPage();
  seen = watch(page);
  await page.goto(fileUrl('about.html'), { waitUntil: 'load' });
  const assets = readdirSync(join(SITE, 'assets'));
  for (const name of ['kit', 'query-export']) {
    const file = assets.find((asset) => new RegExp(`^${name}-[0-9a-f]{8}\\.js$`).test(asset));
    await page.addScriptTag({ url: fileUrl(`assets/${file}`) });
  }
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

// ---- Receipts.

const VECTORS = JSON.parse(readFileSync(new URL('receipts.json', import.meta.url), 'utf8'));
const said = ({ snapshot, scope, measure, currency, value }) => ({ snapshot, scope, measure, currency, value });
const upper = (words) => words[0].toUpperCase() + words.slice(1);

test('a receipt is what the program writes, and is read back', async () => {
  const found = await page.evaluate((receipts) => receipts.map((receipt) => {
    const { write, read } = window.tieout.out.receipt, back = read(receipt.code);
    return { code: write({ ...receipt, value: BigInt(receipt.value) }), back: { ...back, value: String(back.value) } };
  }), VECTORS.receipts);
  assert.ok(found.length >= 7);
  VECTORS.receipts.forEach((receipt, i) => assert.deepEqual(found[i], { code: receipt.code, back: said(receipt) }));
  // Parts in another order, empty ones and other spellings of a value are the same scope.
  const [, receipt] = VECTORS.receipts;
  const again = await page.evaluate((of) => window.tieout.out.receipt.write({ ...of, value: BigInt(of.value) }),
    { ...receipt, scope: '&currency=&campaign=%53pring%20Growth&to=2026-05-31&from=2026-05-01' });
  assert.equal(again, receipt.code);
});

test('a receipt is read as people copy it', async () => {
  const found = await page.evaluate((texts) => texts.map((text) => {
    const back = window.tieout.out.receipt.read(text);
    return { ...back, value: String(back.value) };
  }), VECTORS.spelled.map(({ text }) => text));
  VECTORS.spelled.forEach(({ of, text }, i) => assert.deepEqual(found[i], said(VECTORS.receipts[of]), text));
});

test('a receipt that is none says what is wrong and what to do', async () => {
  const found = await page.evaluate((texts) => texts.map((text) => {
    try { return window.tieout.out.receipt.read(text); } catch (error) { return { ...error }; }
  }), VECTORS.wrong.map(({ text }) => text));
  VECTORS.wrong.forEach(({ text, words, help }, i) =>
    assert.deepEqual(found[i], { code: 'Q-102', path: 'This receipt', words: `${words}. ${upper(help)}` }, text));
});

test('every slip in a receipt is noticed', async () => {
  // Every other character at every place, every two neighbors exchanged, every shorter text.
  const { tried, missed } = await page.evaluate((codes) => {
    const { read } = window.tieout.out.receipt, missed = [];
    let tried = 0;
    const isNoticed = (text, what) => {
      tried++;
      try {
        read(text);
        missed.push(`${text}: ${what}`);
      } catch (error) {
        if (error.code !== 'Q-102') missed.push(`${text}: ${error}`);
        if (what === 'cut' && !/^is cut off/.test(error.words)) missed.push(`${text}: ${error.words}`);
      }
    };
    for (const code of codes) {
      const all = code.replaceAll('-', '');
      for (let i = 2; i < all.length; i++) {
        for (const c of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') if (c !== all[i]) isNoticed(all.slice(0, i) + c + all.slice(i + 1), 'changed');
        if (i > 2 && all[i] !== all[i - 1]) isNoticed(all.slice(0, i - 1) + all[i] + all[i - 1] + all.slice(i + 1), 'exchanged');
        isNoticed(all.slice(0, i), 'cut');
      }
    }
    return { tried, missed };
  }, VECTORS.receipts.map(({ code }) => code));
  assertNone(missed, 'every slip is noticed');
  assert.ok(tried > 10_000, `${tried} slips`);
});

// ---- Files.

/** The texts of the tests of src/export/csv.rs, read from there: what runs as a formula, and what must stay as it is. */
function texts(name) {
  const code = readFileSync(join(ROOT, 'src/export/csv.rs'), 'utf8');
  const list = new RegExp(`let ${name} = \\[\\n([^]*?)\\n        \\];`).exec(code)[1];
  return [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => JSON.parse(
    `"${text.replace(/\\u\{([0-9a-f]+)\}/g, (_, hex) => `\\u${hex.padStart(4, '0')}`).replace(/\\0/g, '\\u0000').replace(/\\'/g, '\'')}"`));
}
const HOSTILE = texts('hostile'), PLAIN = texts('plain');
// What XML or a reader of workbooks would forbid, drop, or take for something else.
const STRANGE = [
  ['<b>&amp;</b> "q" \'a\' ]]>', '<b>&amp;</b> "q" \'a\' ]]>'],
  ['_x0041_ __x005f_ _x005F_x000D_ _xyz_', '_x0041_ __x005f_ _x005F_x000D_ _xyz_'],
  ['  blanks  ', '  blanks  '],
  ['a\tb\nc\r\nd', 'a\tb\nc\r\nd'],
  ['a\u0000b\u001bc\u007f\u0085', 'a\\u{0}b\\u{1b}c\\u{7f}\\u{85}'],
  ['\ufffe\uffff', '\\u{fffe}\\u{ffff}'],
  ['\u8ba2\u5355 \u{1f9fe}', '\u8ba2\u5355 \u{1f9fe}'],
];

/** An amount for the page, which cannot be handed a BigInt. */
const money = (minor, digits = 2) => ({ minor: String(minor), digits });
const COLUMNS = [
  { name: 'Order', kind: 'text' }, { name: 'Calculated', kind: 'amount', digits: 2 }, { name: 'Order date', kind: 'date' },
  { name: 'Rows', kind: 'count' }, { name: '=Reason', kind: 'text' },
];
const FACTS = [['Report', 'Query'], ['Scope', 'from=2026-05-01&to=2026-05-31'], ['Snapshot', '=2026-06-18'], ['Rows', 9], ['Control total USD', money(-31000)]];
const ROWS = [
  ['0012', money(1842000), 739737, 1, 'plain'],
  ['5123000000001001', money(-31000), 693655, 0, null],
  ['2026-05-31', money(0), null, null, '1e5'],
  ['7', money(5), 3652059, 1000000, '-310.00'],
  ['TRUE', money(1234567, 3), 693654, 2, 'a,"b"'],
  ['x', money(-7, 0), 1, 3, ''],
  ['y', money('999999999999999'), 0, 4, 'short'],
  ['z', money('1000000000000000'), null, null, 'long'],
  ['w', money('-12345678901234567890'), null, null, 'longer'],
];

/** Calls a function of the scripts and gives back the bytes of its file. */
async function made(kind, { facts = FACTS, columns = COLUMNS, rows = ROWS, name = 'Query & <b>lines</b>' } = {}) {
  return Buffer.from(await page.evaluate(([of, asked]) => {
    const cell = (value) => value !== null && typeof value === 'object' ? { minor: BigInt(value.minor), digits: value.digits } : value;
    const file = window.tieout.out[of]({
      ...asked, facts: asked.facts.map(([label, value]) => [label, cell(value)]), rows: asked.rows.map((row) => row.map(cell)),
    });
    const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file;
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
  }, [kind, { facts, columns, rows, name }]), 'base64');
}

test('a CSV file says what it is of, then the rows, each value as it is', async () => {
  const text = (await made('csv')).toString('utf8');
  assert.equal(text, [
    '\ufeffReport,Query', 'Scope,from=2026-05-01&to=2026-05-31', 'Snapshot,"\'=2026-06-18"', 'Rows,9', 'Control total USD,-310.00', '',
    'Order,Calculated,Order date,Rows,"\'=Reason"',
    '0012,18420.00,2026-05-01,1,plain',
    '5123000000001001,-310.00,1900-03-01,0,',
    '2026-05-31,0.00,,,1e5',
    '7,0.05,9999-12-31,1000000,-310.00',
    'TRUE,1234.567,1900-02-28,2,"a,""b"""',
    'x,-7,0001-01-01,3,',
    'y,9999999999999.99,0000-12-31,4,short',
    'z,10000000000000.00,,,long',
    'w,-123456789012345678.90,,,longer',
    '',
  ].join('\r\n'));
});

test('no text runs in a CSV file', async () => {
  assert.ok(HOSTILE.length > 35 && PLAIN.length > 20, 'the lists were found');
  // Far in front of the sign, as far as anything goes.
  const hostile = [...HOSTILE, `${'\u200b'.repeat(5000)}=1`], columns = [{ name: 'Value', kind: 'text' }, { name: 'Next', kind: 'text' }];
  const rows = [...hostile, ...PLAIN].map((value) => [value, 'end']);
  const text = (await made('csv', { facts: [], columns, rows })).toString('utf8');
  const quoted = (value, mark) => mark || /[",\r\n]/.test(value) ? `"${mark}${value.replaceAll('"', '""')}"` : value;
  assert.equal(text, `\ufeff\r\nValue,Next\r\n${[
    ...hostile.map((value) => quoted(value, '\'')), ...PLAIN.map((value) => quoted(value, '')),
  ].map((value) => `${value},end\r\n`).join('')}`);
});

/** A workbook as another reader sees it. */
function read(bytes) {
  const path = join(folder, 'book.xlsx');
  writeFileSync(path, bytes);
  const run = ['run', '--release', '--quiet', '--manifest-path', join(ROOT, 'Cargo.toml'), '--example', 'sheet', '--', path];
  return JSON.parse(execFileSync('cargo', run, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 }));
}
const asText = (text) => text === null || text === '' ? null : { text };

test('a workbook has ids as text, amounts as numbers, dates as dates, and what it is of', async () => {
  const book = read(await made('xlsx'));
  assert.deepEqual(Object.keys(book), ['Lines', 'Scope']);
  const number = (of) => ({ number: of }), date = (of) => ({ date: of });
  assert.deepEqual(book.Lines, [
    COLUMNS.map(({ name }) => ({ text: name })),
    [asText('0012'), number(18420), date('2026-05-01'), number(1), asText('plain')],
    [asText('5123000000001001'), number(-310), date('1900-03-01'), number(0), null],
    [asText('2026-05-31'), number(0), null, null, asText('1e5')],
    [asText('7'), number(0.05), date('9999-12-31'), number(1000000), asText('-310.00')],
    // Before March 1900 a workbook counts days wrongly.
    [asText('TRUE'), number(1234.567), asText('1900-02-28'), number(2), asText('a,"b"')],
    [asText('x'), number(-7), asText('0001-01-01'), number(3), asText('')],
    [asText('y'), number(9999999999999.99), asText('0000-12-31'), number(4), asText('short')],
    // More digits than a spreadsheet keeps are not rounded.
    [asText('z'), asText('10000000000000.00'), null, null, asText('long')],
    [asText('w'), asText('-123456789012345678.90'), null, null, asText('longer')],
  ]);
  assert.deepEqual(book.Scope, [
    [{ text: 'Report' }, { text: 'Query' }],
    [{ text: 'Scope' }, { text: 'from=2026-05-01&to=2026-05-31' }],
    [{ text: 'Snapshot' }, { text: '=2026-06-18' }],
    [{ text: 'Rows' }, { number: 9 }],
    [{ text: 'Control total USD' }, { number: -310 }],
    [{ text: 'Amounts as text' }, { text: '2, with more than 15 digits: a spreadsheet would round them, and does not sum them' }],
  ]);
});

test('text stays text in a workbook, whatever it looks like', async () => {
  const columns = [{ name: 'Value', kind: 'text' }, { name: 'Next', kind: 'text' }];
  const long = '\u{1f9fe}'.repeat(20_000);
  const values = [...HOSTILE, ...PLAIN, ...STRANGE.map(([value]) => value), long];
  const { Lines: lines } = read(await made('xlsx', { facts: [['=1', '@x']], columns, rows: values.map((value) => [value, 'end']) }));
  assert.equal(lines.length, values.length + 1);
  const found = lines.slice(1).map(([cell, end]) => [cell === null ? '' : cell.text, end.text]);
  const expected = [...HOSTILE, ...PLAIN, ...STRANGE.map(([, shown]) => shown)];
  expected.forEach((value, i) => assert.deepEqual(found[i], [value, 'end'], JSON.stringify(value)));
  const [cut] = found.at(-1);
  assert.ok(cut.length <= 32_767 && cut.startsWith('\u{1f9fe}'.repeat(16_000)) && /\u{1f9fe} \u2026 \(cut off here;/u.test(cut), 'cut between characters');
  // A lone surrogate cannot come through the reader of the list above.
  const alone = await page.evaluate(() => {
    const file = window.tieout.out.xlsx({ facts: [], columns: [{ name: 'A', kind: 'text' }], rows: [['\ud800x\udc00']], name: '' });
    return new TextDecoder('utf-8', { fatal: true }).decode(file.filter((byte) => byte < 0x80));
  });
  assert.match(alone, /<t xml:space="preserve">\\u\{d800\}x\\u\{dc00\}<\/t>/);
});

/** CRC-32 by a division bit by bit. */
function check(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? rest >>> 1 ^ 0xedb88320 : rest >>> 1;
  }
  return ~rest >>> 0;
}

/** The files in a workbook: none is compressed, so their places are enough. Checks what a careful reader would. */
function entries(bytes) {
  const end = bytes.length - 22, count = bytes.readUInt16LE(end + 10), all = new Map();
  assert.equal(bytes.readUInt32LE(end), 0x06054b50);
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    assert.equal(bytes.readUInt32LE(at), 0x02014b50);
    const [method, time, day] = [10, 12, 14].map((field) => bytes.readUInt16LE(at + field));
    assert.deepEqual([method, time, day], [0, 0, 0x21], 'stored, of a fixed day');
    const [size, name, start] = [bytes.readUInt32LE(at + 24), bytes.readUInt16LE(at + 28), bytes.readUInt32LE(at + 42)];
    const path = bytes.toString('utf8', at + 46, at + 46 + name);
    assert.equal(bytes.toString('utf8', start + 30, start + 30 + name), path);
    const content = bytes.subarray(start + 30 + name, start + 30 + name + size);
    assert.deepEqual([start + 14, at + 16].map((field) => bytes.readUInt32LE(field)), [check(content), check(content)], `check of ${path}`);
    all.set(path, content.toString('utf8'));
    at += 46 + name;
  }
  assert.equal(at, end);
  return all;
}

test('a workbook is well formed, in the order of the standard, and the same each time', async () => {
  const bytes = await made('xlsx'), files = entries(bytes);
  assert.deepEqual([...files.keys()], ['[Content_Types].xml', '_rels/.rels', 'xl/workbook.xml', 'xl/_rels/workbook.xml.rels',
    'xl/worksheets/sheet1.xml', 'xl/worksheets/sheet2.xml', 'xl/sharedStrings.xml', 'xl/styles.xml'], 'no macro, no link to elsewhere');
  assert.ok((await made('xlsx')).equals(bytes), 'the same bytes');
  const shape = await page.evaluate((all) => all.map(([path, text]) => {
    const { documentElement: top } = new DOMParser().parseFromString(text, 'application/xml');
    return [path, [top.localName, ...[...top.children].map((child) => child.localName)].join(' '), top.querySelectorAll('parsererror, f').length];
  }), [...files]);
  assert.deepEqual(shape.filter(([, , wrong]) => wrong), [], 'well formed, no formula');
  const order = Object.fromEntries(shape);
  const paper = 'pageMargins pageSetup headerFooter';
  assert.equal(order['xl/worksheets/sheet1.xml'], `worksheet sheetViews sheetFormatPr cols sheetData autoFilter ${paper}`);
  assert.equal(order['xl/worksheets/sheet2.xml'], `worksheet sheetViews sheetFormatPr cols sheetData ${paper}`);
  assert.equal(order['xl/workbook.xml'], 'workbook bookViews sheets definedNames');
  assert.equal(order['xl/styles.xml'], 'styleSheet numFmts fonts fills borders cellStyleXfs cellXfs cellStyles');
  const lines = files.get('xl/worksheets/sheet1.xml');
  assert.match(lines, /<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"\/>/);
  assert.match(lines, /<autoFilter ref="A1:E10"\/>/);
  assert.match(lines, /<oddHeader>&amp;LQuery &amp;&amp; &lt;b&gt;lines&lt;\/b&gt;<\/oddHeader>/);
  assert.match(files.get('xl/workbook.xml'), /Lines!\$1:\$1/);
  // Each amount has the format of its own currency's digits.
  const styles = await page.evaluate(([sheet, styles]) => {
    const parse = (text) => new DOMParser().parseFromString(text, 'application/xml');
    const codes = new Map([...parse(styles).querySelectorAll('numFmt')].map((format) => [format.getAttribute('numFmtId'), format.getAttribute('formatCode')]));
    const formats = [...parse(styles).querySelectorAll('cellXfs xf')].map((xf) => codes.get(xf.getAttribute('numFmtId')) ?? xf.getAttribute('numFmtId'));
    const cells = new Map([...parse(sheet).querySelectorAll('c')].map((cell) => [cell.getAttribute('r'), formats[cell.getAttribute('s')]]));
    return ['A1', 'A2', 'B2', 'C2', 'D2', 'B6', 'B7', 'B9'].map((at) => cells.get(at));
  }, [lines, files.get('xl/styles.xml')]);
  assert.deepEqual(styles, ['49', '49', '#,##0.00', 'yyyy\\-mm\\-dd', '#,##0', '#,##0.000', '#,##0', '49']);
  assertNone(seen.problems, 'nothing on the console');
});

test('a workbook without rows, with many columns, or with too many rows', async () => {
  const columns = Array.from({ length: 60 }, (_, i) => ({ name: `C${i}`, kind: 'text' }));
  const empty = await made('xlsx', { columns, rows: [] });
  assert.deepEqual(read(empty).Lines, [columns.map(({ name }) => ({ text: name }))]);
  assert.match(entries(empty).get('xl/worksheets/sheet1.xml'), /<autoFilter ref="A1:BH1"\/>/);
  const refused = await page.evaluate(() => {
    try { return window.tieout.out.xlsx({ facts: [], columns: [], rows: { length: 1048576 }, name: '' }); } catch (error) { return String(error); }
  });
  assert.match(refused, /^RangeError: a sheet holds 1048575 rows/);
});
