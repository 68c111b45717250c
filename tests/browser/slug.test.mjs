// Goal: the page of an order is found by one rule, written twice: `src/report/address.rs` and `src/render/assets/site.js`.
// Method: ids of every kind that gave one of the two trouble, and 3,000 made by a fixed generator, go through both. The
// Rust side is `examples/slug.rs`. An id that is too long has a checksum in its address, which a page opened from disk
// cannot make: there the script gives null, and the index of ids (query-find.js) has the address.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { ROOT, assertNone, fileUrl, launch } from './support.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const CHOSEN = [
  // Spellings.
  'ORD-2001', 'ord 2001', 'Ord_2001', 'ORD/2001', 'ORD.2001', ' ord\t2001\n', 'o r d - 2 0 0 1', 'ＯＲＤ２００１', 'ＯＲＤ－２００１',
  '../x', '..', '.', '/', '-', '--', '_', '', ' ', 'a/../b', 'a\\b', 'C:\\x', 'a%20b', '%2e%2e', '?a=b', '#top', 'a&b', '<b>', '"q"', "it's",
  'PO/2026 05#7', 'a+b', 'a*b', 'a|b', 'a:b', '~a', 'a@b', '{a}', '[a]', '`a`', '$1', '^a', 'a,b;c', '(a)', 'a!b', 'a=b',
  // Names that a file system or this site keeps for itself.
  ...['con', 'prn', 'aux', 'nul', 'index', '404', 'com', 'lpt', 'con1', 'conn', '4040', 'indexes'].flatMap((n) => [n, n.toUpperCase(), ` ${n}.`, `${n}-`]),
  ...Array.from({ length: 10 }, (_, i) => [`com${i}`, `LPT${i}`, `com-${i}`, `com${i}${i}`]).flat(),
  'ＣＯＮ', 'com¹', 'LPT²', 'com³', 'con.html', 'index.html',
  // Letters whose case is more than one to one.
  'ä', 'Ä', 'ö', 'ü', 'Müller-1', 'straße', 'STRASSE', 'ß', 'ẞ', 'İ', 'ı', 'i', 'I', 'İstanbul', 'ıSPARTA', 'ŉ', 'ǰ', 'ﬁ', 'ﬃ', 'Σ', 'σ', 'ς', 'ΟΔΟΣ', 'ΟΔΟΣ-1', 'Σ Σ',
  'ǅ', 'ǆ', 'Ǆ', 'ᾳ', 'ᾼ', 'ΐ', 'ſ', 'K', 'Å', 'Ω', 'ℓ', '№ 5', 'ªº', 'µ', 'ʼn', 'և', 'ა', 'Ა', 'Ꭰ', 'ꭰ', '𐐀', '𐐨', '𝐀𝐁', 'ⓐⓑ', 'Ⓐ', 'ⅷ', 'Ⅷ', '㎏', '½', '①', '²',
  // Other scripts, pictures, and characters without a width.
  '订单-0091', '訂單', '注文００１', 'ﾊﾝｶｸ', 'ハンカク', 'が', 'か\u3099', '가', '각', '\u1100\u1161', 'заказ-1', 'ЗАКАЗ', 'ЁЖ', 'طلب١٢', 'הזמנה', 'आदेश', 'คำสั่ง',
  '😀', '👨‍👩‍👧', '🇩🇪', '❤️', '❤', '1️⃣', '𠮷', '\u{1f9fe}-7', 'a\u200bb', '\u200e12', '\ufeffORD1', 'a\u00adb', 'a\u2060b', 'a\u034fb', '\u202eabc', 'a\u00a0b', 'a\u3000b', 'a\u2009b',
  'a\u0000b', 'a\u001fb', 'a\u007fb', 'a\u0085b', 'a\u2028b', '\ufff9a', '\u{e0041}a', '\u{1d173}a', '\u180ea', '\u3164a', '\uffa0a', '\u2800a',
  'a‐b', 'a‑b', 'a‒b', 'a–b', 'a—b', 'a―b', 'a−b', 'a﹣b', 'a－b', 'a＿b', 'a／b', 'a．b', 'a﹘b', 'a゠b', 'a〜b', 'a〰b', 'a\u{10ead}b', 'a·b', 'a…b', 'a‥b', 'a。b', 'a⁄b', 'a∕b',
  // Accents, composed and not, and what comes together only after something between is left out.
  'é', 'e\u0301', 'É', 'E\u0301', 'e\u200b\u0301', 'e-\u0301', 'a\u0323\u0307', 'a\u0307\u0323', '\u0301', 'ö-\u0308', 'i\u0307', 'I\u0307', 'q\u0307\u0323', 'ﬀ\u0301', '¨', '´a', '¯', '˗', '＾', '｀',
  // Around the longest address that is kept whole.
  ...[119, 120, 121].flatMap((n) => ['x'.repeat(n), 'X-'.repeat(n), `${'7'.repeat(n - 1)}#`, `${' '.repeat(n)}a`]),
  ...[39, 40, 41].flatMap((n) => ['é'.repeat(n), '订'.repeat(n)]), ...[19, 20, 21].map((n) => 'é'.repeat(n)), ...[13, 14].map((n) => '订'.repeat(n)),
  `con${'x'.repeat(117)}`, `con${'x'.repeat(118)}`, 'ﷺ', 'ﷺ'.repeat(4), 'x'.repeat(5000),
];

// Blocks whose characters are old enough for every Unicode table in use.
const BLOCKS = [[0x20, 0x7e], [0x20, 0x7e], [0x30, 0x39], [0x41, 0x5a], [0, 0x24f], [0x300, 0x36f], [0x386, 0x3ce], [0x400, 0x52f], [0x5d0, 0x5ea],
  [0x621, 0x64a], [0x1100, 0x1112], [0x1e00, 0x1eff], [0x2000, 0x2064], [0x2070, 0x208e], [0x2100, 0x218b], [0x2460, 0x24ff], [0x3000, 0x30ff],
  [0x3131, 0x318e], [0x3200, 0x32fe], [0x3300, 0x33ff], [0x4e00, 0x9fa5], [0xac00, 0xd7a3], [0xf900, 0xfa2d], [0xfb00, 0xfb06], [0xfe00, 0xfe6b],
  [0xff01, 0xffdc], [0x10400, 0x1044f], [0x1d400, 0x1d454], [0x1f300, 0x1f64f], [0xe0020, 0xe007f]];

function generated(count) {
  let state = 20260618;
  const below = (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  return Array.from({ length: count }, () => {
    const length = 1 + below(below(12) === 0 ? 130 : 9);
    return Array.from({ length }, () => {
      const [from, to] = BLOCKS[below(BLOCKS.length)];
      return String.fromCodePoint(from + below(to - from + 1));
    }).join('');
  });
}

test('the script and the program give every id the same address', async () => {
  const ids = [...new Set([...CHOSEN, ...generated(3000)])];
  assert.ok(CHOSEN.length >= 200);

  const run = spawnSync('cargo', ['run', '--release', '--quiet', '--example', 'slug'], {
    cwd: ROOT,
    input: ids.map((id) => `${JSON.stringify(id)}\n`).join(''),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  assert.equal(run.status, 0, `examples/slug.rs ended with ${run.status ?? run.error}`);
  const program = run.stdout.split('\n').slice(0, -1);
  assert.equal(program.length, ids.length, 'one address for each id');

  const page = await browser.newPage();
  await page.goto(fileUrl('index.html'), { waitUntil: 'load' });
  const script = await page.evaluate((all) => all.map((id) => {
    const { canonical, slug } = window.tieout;
    return { slug: slug(canonical(id)), raw: slug(id), settled: canonical(canonical(id)) === canonical(id) };
  }), ids);
  await page.close();

  const wrong = [];
  let long = 0;
  ids.forEach((id, i) => {
    const { slug, raw, settled } = script[i];
    const show = `${JSON.stringify(id.slice(0, 60))} (${[...id].slice(0, 12).map((c) => c.codePointAt(0).toString(16)).join(' ')})`;
    if (slug !== raw) wrong.push(`${show}: the script gives ${slug} and ${raw}`);
    if (!settled) wrong.push(`${show}: its canonical form has another canonical form`);
    if (slug === null) {
      long += 1;
      if (!/^.{100}--[0-9a-f]{8}$/.test(program[i])) wrong.push(`${show}: too long for the script, ${program[i]} by the program`);
    } else if (slug !== program[i]) {
      wrong.push(`${show}: ${slug} by the script, ${program[i]} by the program`);
    }
  });
  assertNone(wrong, `the two agree about all ${ids.length} ids`);
  assert.ok(long >= 10, `${long} ids were too long`);
});
