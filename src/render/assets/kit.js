// What the pages that compute in the browser share: data files, elements, amounts in words, and the cells of a CSV file.
// A page names this script before its own; `tieout.kit` is there when theirs runs.
(function () {
'use strict';
const tieout = window.tieout, { tr, spoken } = tieout, root = document.documentElement.dataset.root || './', ZERO = BigInt(0);

// ---- Data files: classic scripts, because a page opened from disk may load nothing else.

const taken = new Map(), loading = new Map();
/** What a data file calls: its address from the root, and what is in it. */
tieout.take = (path, data) => { taken.set(path, data); };

/** What went wrong, to be thrown: its code, the file it is about, and what is wrong with that, as in "index.js is damaged". */
function problem(code, path, words) { return { code, path, words }; }

function checked(path, set) {
  const data = taken.get(path);
  if (!data) throw problem('Q-303', path, tr('is damaged'));
  if (data.schema === 1 && data.set === set) return data;
  // Not kept: the file may be another one when it is asked for again.
  taken.delete(path);
  throw problem('Q-304', path, tr('belongs to another build of this site than this page'));
}

/** The data of a file, once. `set` is the name of the set it must belong to; whoever names the file knows it. */
function load(path, set) {
  if (taken.has(path)) return Promise.resolve().then(() => checked(path, set));
  const key = path + '?' + set;
  if (!loading.has(key)) {
    const arrival = new Promise((resolve, reject) => {
      const script = document.createElement('script');
      // The name of the set keeps a copy of another build out of the browser's memory.
      script.src = root + key;
      script.onload = () => { try { resolve(checked(path, set)); } catch (error) { reject(error); } };
      script.onerror = () => reject(problem('Q-301', path, tr('is missing, or something keeps it from being loaded')));
      document.head.appendChild(script);
    });
    const done = () => { loading.delete(key); };
    arrival.then(done, done);
    loading.set(key, arrival);
  }
  return loading.get(key);
}

/** A text of a data file by its place there; null for none. */
const text = (data, number) => number === null ? null : data.texts[number];
/** A cell with an amount in minor units: a number, or a decimal text where a number would lose digits. */
const amount = (cell) => cell === null ? null : BigInt(cell);

// ---- Order and case, as the program has them.

const lower = (word) => word.replace(/[A-Z]/g, (c) => c.toLowerCase());

/** In the order of their UTF-8 bytes. */
function byText(a, b) {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const x = a.codePointAt(i), y = b.codePointAt(i);
    if (x !== y) return x - y;
    if (x > 0xffff) i++;
  }
  return a.length - b.length;
}

// ---- Amounts and counts in words. A currency is { code, digits, sign }; amounts are BigInt, in minor units.

const size = (x) => x < ZERO ? -x : x;

/** `-310.00`: the plain decimal of a file. */
function plain(minor, { digits }) {
  const all = size(minor).toString().padStart(digits + 1, '0'), whole = all.slice(0, all.length - digits);
  return (minor < ZERO ? '-' : '') + whole + (digits ? '.' + all.slice(-digits) : '');
}

const thousands = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ',');

/** Digits of the currencies that amounts were written in, by their codes. */
const digitsOf = new Map();

/** `2,540.00`: the amount of a table, whose caption names the currency. */
function grouped(minor, currency) {
  digitsOf.set(currency.code, currency.digits);
  const [whole, fraction] = plain(size(minor), currency).split('.');
  return (minor < ZERO ? '\u2212' : '') + thousands(whole) + (fraction ? '.' + fraction : '');
}

/** `$2,540.00`, `5,000.00 CNY`: the amount of a sentence. */
function inWords(minor, currency) {
  const digits = grouped(size(minor), currency), sign = minor < ZERO ? '\u2212' : '';
  return currency.sign ? sign + currency.sign + digits : `${sign}${digits} ${currency.code}`;
}

const MARKS = { $: 'USD', '\u20ac': 'EUR', '\u00a3': 'GBP' };

/** The amounts of a text with their plain values, as src/model/money/shown.rs finds them. */
function amounts(text) {
  const found = [];
  for (const { 0: digits, index: first } of text.matchAll(/\d(?:[\d,.]*\d)?/g)) {
    if (!/^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$/.test(digits)) continue;
    const fraction = (digits.split('.')[1] || '').length;
    let start = first, end = first + digits.length;
    const mark = MARKS[text[start - 1]];
    if (mark) start--;
    const sign = text[start - 1] === '\u2212' ? '-' : '';
    if (sign || text[start - 1] === '+') start--;
    if (/[\p{L}\p{N}.,\-_/:#]$/u.test(text.slice(0, start)) || /^(?:[%_\p{L}\p{N}]|[-/:][\p{L}\p{N}]| %)/u.test(text.slice(end))) continue;
    const behind = mark ? null : /^ ([A-Z]{3})(?![\p{L}\p{N}\-_])/u.exec(text.slice(end)), code = behind && digitsOf.get(behind[1]) === fraction ? behind[1] : mark;
    if (!code && fraction !== 2 || mark && fraction !== 2) continue;
    if (code && !mark) end += 4;
    found.push({ start, end, value: sign + digits.replace(/,/g, '') + (code ? ` ${code}` : '') });
  }
  return found;
}

const signed = (minor, currency) => (minor > ZERO ? '+' : '') + grouped(minor, currency);
/** A reason or a step as a sentence: with its stop. */
const closed = (words) => /[.!?\u2026\u3002\uff01\uff1f]$/.test(words) ? words : words + tr('.');
/** `1 row`, `1,203 rows`: a message whose key is the plural, `{count} rows`. */
function countOf(count, one, many) {
  const digits = thousands(String(count)), key = `{count} ${many}`;
  return key in spoken.texts ? tr(key, { count: digits }) : `${digits} ${count === 1 ? one : many}`;
}

// ---- CSV, with the guard of src/export/csv.rs against text that runs as a formula.

const INVISIBLE = new RegExp('[\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u2800\\u180b-\\u180f' +
  '\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufe00-\\ufe0f\\ufff0-\\ufffb' +
  '\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}]', 'u');

function needsGuard(value) {
  if (/^-?\d+(\.\d+)?$/.test(value)) return false;
  if (/^[\t\r\n]/.test(value)) return true;
  // The first character that can be seen decides. Each by itself: next to an accent, `=` would compose and hide.
  for (const c of value) {
    const first = Array.from(c.normalize('NFKC')).find((folded) => !INVISIBLE.test(folded));
    if (first !== undefined) return '=+-@'.includes(first);
  }
  return false;
}

/** Text with its control characters spelled out, except tab and line break. */
function visible(value) {
  return value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);
}

/** A text as one cell: readable, guarded and quoted where it has to be. */
function cell(value) {
  const shown = visible(value), guard = needsGuard(value);
  return guard || /[",\n\r]/.test(shown) ? `"${guard ? '\'' : ''}${shown.replace(/"/g, '""')}"` : shown;
}

/** Rows of texts as a file that a spreadsheet opens as UTF-8. */
function csv(rows) { return '\ufeff' + rows.map((row) => row.map(cell).join(',') + '\r\n').join(''); }

// ---- Elements. Text of the data is only ever text.

/** An element; children that are null or empty are left out, and amounts in its words are marked. */
function element(name, attributes, ...children) {
  const made = document.createElement(name), isPlain = PLAIN.has(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  for (const child of children) {
    if (child === null || child === '') continue;
    made.append(...(typeof child === 'string' && !isPlain ? marked(child) : [child]));
  }
  return made;
}

/** Elements whose words are as received, typed or marked already. */
const PLAIN = new Set(['data', 'code', 'option', 'textarea', 'button']);

/** Words, with each amount in an element that has its plain value. */
function marked(words) {
  const parts = [];
  let done = 0;
  for (const { start, end, value } of amounts(words)) {
    parts.push(words.slice(done, start), element('data', { value }, words.slice(start, end)));
    done = end;
  }
  return parts.concat(words.slice(done)).filter(Boolean);
}

/** An amount of a table, marked; a change has its sign. */
function shown(minor, currency, isChange) {
  return element('data', { value: `${plain(minor, currency)} ${currency.code}` }, isChange ? signed(minor, currency) : grouped(minor, currency));
}

/** Words whose direction does not reach beyond them. */
function isolated(words) { return element('bdi', null, words); }

function section(heading, ...blocks) {
  return element('section', { class: 'sec' }, element('div', { class: 'sec-h' }, element('h3', null, heading)), ...blocks);
}

function note(tone, words) { return element('p', { class: `note s-${tone}` }, words); }

/** Puts an answer into its place, tells it to screen readers, and moves there. */
function show(answer, heading, actions, ...blocks) {
  const title = element('h2', { id: 'result', tabindex: '-1' }, heading);
  const head = element('div', { class: 'sec-h' }, title, actions.length ? element('p', { class: 'act' }, ...actions) : null);
  answer.replaceChildren(element('section', { class: 'sec' }, head, ...blocks));
  answer.removeAttribute('aria-busy');
  tieout.regions();
  title.focus();
  tieout.say(heading);
}

/** A link that saves a file made here. */
function file(name, content, type, words) {
  return element('a', { href: URL.createObjectURL(new Blob([content], { type })), download: name }, words);
}

/** A word of a command as a shell reads it back. */
const quoted = (word) => /^[\w.-]+$/.test(word) ? word : `'${word.replace(/'/g, '\'\\\'\'')}'`;

tieout.kit = {
  problem, load, text, amount, lower, byText, size, plain, thousands, grouped, inWords, amounts, closed, countOf,
  visible, cell, csv, element, shown, isolated, section, note, show, file, quoted,
};
}());
