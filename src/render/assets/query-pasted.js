// What somebody typed or pasted, and which ids it can mean: as they were written, or as a spreadsheet, an e-mail or a label
// in front left them. Nothing here knows which ids exist (query-find.js does), and nothing is taken where digits were lost.
(function () {
'use strict';
const tieout = window.tieout, { canonical, tr } = tieout;

// ---- Text as it arrives.

// Characters without a width that a mail program or a web page puts into an id.
const INVISIBLE = /[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/g;

/** One line of text: full-width characters made ordinary, nothing invisible, single blanks. */
const tidy = (text) => text.normalize('NFKC').replace(INVISIBLE, '').replace(/\s+/g, ' ').trim();

// What surrounds an id: quotes, brackets, marks of a list, the formula ="0012", and what ends a sentence.
const AROUND = '\\s"\'`\u00b4\u2018-\u201f\u00ab\u00bb\u2039\u203a<>(){}\\[\\]*|=#:;,.\u2026\u00b7\u2022\u25aa\u25cf\u2010-\u2015\\-_~!?';
const BEFORE = new RegExp(`^[${AROUND}]+`), BEHIND = new RegExp(`[${AROUND}]+$`);
const peel = (text) => text.replace(BEFORE, '').replace(BEHIND, '');

// "Order: ORD-1", "PO#5001": words, then a mark, then the id.
const MARKED = /^\p{L}[\p{L}\s./-]{0,30}[:#=]+\s*(.*\p{N}.*)$/u;
const NAMES = 'orders?|ord|invoices?|inv|subscriptions?|sub|accounts?|acct|acc|customers?|cust|batch|payouts?|payment|po|rebates?|lines?|programs?|campaigns?|' +
  'references?|ref|numbers?|num|nr|no|id';
// "Order no. 2001", "OrderORD-1".
const GLUED = new RegExp(`^(?:${NAMES})[\\s.:#=-]*`, 'i');

/** A text without the names of things in front, one name after the other. */
function unnamed(text) {
  const all = [];
  let rest = text;
  for (let i = 0; i < 4; i++) {
    const name = GLUED.exec(rest);
    if (!name || !/\d/.test(rest.slice(name[0].length))) break;
    const [end, next] = [rest[name[0].length - 1], rest[name[0].length]];
    // "North" does not begin with "no", but "OrderORD" begins with "order".
    if (/\p{Ll}/u.test(next) && /\p{L}/u.test(end) || /\p{Lu}/u.test(next) && /\p{Lu}/u.test(end)) break;
    rest = rest.slice(name[0].length);
    all.push(peel(rest));
  }
  return all;
}

/** The texts that may be the id in a text, the one as it stands first. Each is left only for a better reason than the next. */
function cores(text) {
  const clean = tidy(text), peeled = peel(clean), all = [clean, peeled];
  const marked = MARKED.exec(peeled);
  if (marked) all.push(peeled.replace(/[:#=]/g, ''), peel(marked[1]));
  return [...new Set([...all, ...unnamed(marked ? peel(marked[1]) : peeled)])];
}

const THOUSANDS = /^\d{1,3}(?:[,'\u2019 ]\d{3})+(?:\.0+)?$|^\d{1,3}(?:\.\d{3})+(?:,0+)?$/;

/** What a spreadsheet does to an id of digits without losing one, told from a text: `5001.0`, `5,001,234`, `12` of `0012`. */
function unspoiled(core, lengths, place) {
  const found = [], isBesideOthers = place === 'row';
  // In running text a number is a number.
  if (place === 'text') return found;
  // Beside other cells, `400.00` is an amount.
  const decimal = isBesideOthers ? /^(\d+)[.,]0$/ : /^(\d+)[.,]0+$/;
  let digits = /^\d+$/.test(core) ? core : null;
  const whole = decimal.exec(core);
  if (whole) found.push({ key: digits = whole[1], how: tr('without the decimals that a spreadsheet adds') });
  else if (THOUSANDS.test(core) && !(isBesideOthers && /[.,]\d{2}$/.test(core))) {
    digits = core.replace(/[.,]0+$/, (end) => end.length === 4 ? end : '').replace(/\D/g, '');
    found.push({ key: digits, how: tr('without the thousands separators') });
  }
  const exact = scientific(core);
  if (exact && exact.unit === 1n) found.push({ key: digits = exact.value.toString(), how: tr('written out') });
  if (digits) {
    for (const length of lengths) {
      if (length > digits.length) found.push({ key: digits.padStart(length, '0'), how: tr('with the leading zeros that a spreadsheet drops') });
    }
  }
  return found;
}

/**
 * The ids that a text can be, without guessing a digit: in ranks, of which the first with an id that exists counts. Two ids
 * of one rank are two readings, and the person decides. `place` is where it stands: `alone`, in a `row` of cells, in running `text`.
 */
function readings(text, lengths = [], place = 'alone') {
  const ranks = [], known = new Set();
  for (const core of cores(text)) {
    const rank = [];
    const add = (key, how) => {
      if (!key || key.length > 200 || known.has(key)) return;
      known.add(key);
      rank.push({ key, how });
    };
    add(canonical(core), null);
    for (const { key, how } of unspoiled(core, lengths, place)) add(key, how);
    if (rank.length) ranks.push(rank);
  }
  return ranks;
}

// ---- Digits that were lost.

/** `5.123E+15` as a number and the size of its last digit. */
function scientific(core) {
  const parts = /^(\d)(?:[.,](\d+))?E\+?(\d{1,2})$/i.exec(core);
  if (!parts || core.length > 40) return null;
  const digits = parts[1] + (parts[2] || ''), zeros = Number(parts[3]) - (digits.length - 1);
  if (zeros < 0) return null;
  const unit = 10n ** BigInt(zeros);
  return { digits, unit, value: BigInt(digits) * unit };
}

/** Ids such as `12E5`, which a spreadsheet takes for 1,200,000 and shows as `1.20E+06`. */
function spelledWithE({ digits, unit }) {
  const bare = digits.replace(/0+$/, '') || '0', all = [], power = digits.length - bare.length + unit.toString().length - 1;
  for (let more = 0; more <= Math.min(3, power); more++) {
    const [front, end] = [bare + '0'.repeat(more), String(power - more)];
    all.push(`${front}E${end}`, `${front}E${end.padStart(2, '0')}`);
  }
  return [...new Set(all)];
}

/**
 * What is left of an id that lost digits: the range in which it lies, as numbers with both ends, and the words for it. Null
 * where nothing says that digits were lost.
 */
function lost(text) {
  for (const core of cores(text)) {
    const short = scientific(core);
    if (short && short.unit > 1n) {
      // The last digit that is shown was rounded.
      const low = short.value - short.unit / 2n, high = short.value + short.unit / 2n;
      return { low, high, spelled: spelledWithE(short), fits: (value) => value >= low && value <= high, why: short.digits.length === 1 ? tr('scientific notation keeps only one digit') : tr('scientific notation keeps only {count} digits', { count: short.digits.length }) };
    }
    const digits = core.replace(/[.,]0{1,2}$/, '').replace(/(?<=\d)[,\u2019'](?=\d{3}(?!\d))/g, '');
    if (/^[1-9]\d{15,}$/.test(digits) && digits.length <= 40) {
      const value = BigInt(digits), kept = 10n ** BigInt(digits.length - 15), isCut = value % kept === 0n;
      const near = Number(digits), step = 2n ** BigInt(Math.max(0, value.toString(2).length - 53));
      const low = isCut ? value : value - step, high = isCut ? value + kept - 1n : value + step;
      return {
        low, high, spelled: [], fits: (other) => isCut && other >= low && other <= high || Number(other) === near,
        why: isCut ? tr('a spreadsheet keeps 15 digits and puts zeros for the rest') : tr('a program that takes an ID for a number rounds its last digits'),
      };
    }
  }
  return null;
}

// ---- Letters that look like others. They are named, never replaced: an id may have them.

const ALIKE = new Map();
for (const [latin, others] of Object.entries({
  A: '\u0410\u0391', B: '\u0412\u0392', C: '\u0421\u03f9', E: '\u0415\u0395', H: '\u041d\u0397', I: '\u0406\u0399', J: '\u0408', K: '\u041a\u039a', M: '\u041c\u039c', N: '\u039d', O: '\u041e\u039f', P: '\u0420\u03a1',
  S: '\u0405', T: '\u0422\u03a4', V: '\u0474', X: '\u0425\u03a7', Y: '\u0423\u03a5\u04ae', Z: '\u0396', W: '\u051c', D: '\u0500',
})) for (const other of others) ALIKE.set(other, latin);

/** "has a letter that only looks like O (Cyrillic)", and the id without it, to look for near ones; null without such a letter. */
function lookAlike(text) {
  const key = canonical(tidy(text)), found = [...key].filter((c) => ALIKE.has(c));
  if (!found.length || !/[A-Z\d]/.test(key.replace(/\d/g, '')) && !/\d/.test(key)) return null;
  const letters = [...new Set(found)].map((c) => c < '\u0400' ? tr('{letter} (it is Greek)', { letter: ALIKE.get(c) }) : tr('{letter} (it is Cyrillic)', { letter: ALIKE.get(c) }));
  return {
    words: found.length === 1 ? tr('has a letter that only looks like {letters}', { letters: letters.join(tr(' and ')) }) : tr('has letters that only look like {letters}', { letters: letters.join(tr(' and ')) }),
    plain: [...key].map((c) => ALIKE.get(c) || c).join(''),
  };
}

// ---- A column of ids, rows of a spreadsheet, a whole e-mail.

const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\\.?';
const MONEY = '(?:[$\u20ac\u00a3\u00a5\u20b9]|(?:USD|EUR|CNY|GBP|JPY|SGD|INR|RMB|HKD|AUD|CHF|CAD)\\b)';
const NUMBER = '[+\u2212-]?\\d[\\d.,\']*';
// What has digits and is no id. The first that fits at a place counts.
const OTHERS = [
  ['address', '(?:https?://|www\\.)[^\\s<>"]+'],
  ['mail', '[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+'],
  ['amount', `${MONEY}\\s?${NUMBER}|${NUMBER}\\s?${MONEY}|${NUMBER}\\s?%`],
  ['date', `\\b\\d{4}[-/.]\\d{1,2}[-/.]\\d{1,2}(?:T[\\d:.]+Z?)?\\b|\\b\\d{1,2}[-/.]\\d{1,2}[-/.](?:\\d{4}|\\d{2})\\b|\\b\\d{1,2}(?:st|nd|rd|th)?\\.?[ -]${MONTH}(?:[ -,]+\\d{4})?\\b|` +
    `\\b${MONTH} \\d{1,2}(?:st|nd|rd|th)?(?:,? \\d{4})?\\b|\\b${MONTH}[ -]\\d{4}\\b|\\b\\d{4}-(?:0\\d|1[0-2])\\b`],
  ['time', '\\b\\d{1,2}[:h]\\d{2}(?::\\d{2})?(?:\\s?[ap]\\.?m\\b\\.?)?|\\b\\d{1,2}\\s?[ap]m\\b'],
  ['phone', '\\+\\d{1,3}[ .()\\d/-]{6,18}\\d|\\(\\d{2,5}\\)[ .\\d/-]{5,14}\\d|\\b\\d{3}[-. ]\\d{3}[-. ]\\d{4}\\b'],
  ['amount', '(?<![\\w.,-])[+\u2212-]?(?:\\d{1,3}(?:,\\d{3})+|\\d+)\\.\\d{2}(?![\\w-]|[.,]\\d)|(?<![\\w.,-])\\d{1,3}(?:\\.\\d{3})+,\\d{2}(?![\\w-])'],
];
const OTHER = new RegExp(OTHERS.map(([, pattern]) => `(${pattern})`).join('|'), 'gi');

/** What a text is, where it is nothing but a date, an amount, a time, a phone number or an address; null otherwise. */
function otherThan(text) {
  OTHER.lastIndex = 0;
  const found = OTHER.exec(text);
  return found && found[0].length === text.length ? OTHERS[found.slice(1).findIndex((x) => x !== undefined)][0] : null;
}

const STOP = new Set(('a an the of for from to in on at by and or but is are was were be been we i you it our your their this that these those with without as ' +
  'not no yes please see all per than then so if when until since before after about into over dear hi hello thanks regards').split(' '));

/** The words of a text in which there may be ids, with what keeps two of them apart. */
function wordsOf(text) {
  const words = [];
  let at = 0;
  const plain = (part) => {
    for (const word of part.split(/[\s\t]+|,(?!\d{3}(?!\d))/)) {
      if (!word) continue;
      words.push({ text: word, other: null, ends: /[.,;:!?)\]}>"]$/.test(word) || STOP.has(word.toLowerCase()), starts: /^[([{<"]/.test(word) });
    }
    // A comma that separated two words keeps them apart.
    if (/,\s*$/.test(part) && words.length) words[words.length - 1].ends = true;
  };
  for (const found of text.matchAll(OTHER)) {
    plain(text.slice(at, found.index));
    words.push({ text: found[0], other: OTHERS[found.slice(1).findIndex((x) => x !== undefined)][0], ends: true, starts: true });
    at = found.index + found[0].length;
  }
  plain(text.slice(at));
  return words;
}

const JOINS = /[-\u2010\u2011\u2013/_]$/;

/**
 * A pasted text in pieces. A piece is a cell: a line, or what tabs, bars and semicolons part in one. It may be one id by
 * itself (`isAlone`), and its words are there for the case that it is not. What goes on in the next line after a hyphen,
 * or in running text, is joined there.
 */
function pieces(text) {
  const lines = text.normalize('NFKC').replace(/\u00ad[ \t]*\r?\n[ \t]*(?:>[ \t]?)*/g, '').replace(/=\r?\n(?=\S)/g, '').replace(INVISIBLE, '')
    .split(/\r\n|[\n\r\u0085\u2028\u2029]/).map((line) => line.replace(/^\s*(?:>\s?)+/, '').trim());
  const all = [];
  let open = null;
  for (const [row, line] of lines.entries()) {
    if (!line) { open = null; continue; }
    const cells = line.split(/\t+|\s*[|;]\s*/).filter((cell) => cell.trim());
    for (const cell of cells) {
      const words = wordsOf(cell), tidied = tidy(cell);
      const piece = { text: tidied, words, isAlone: words.length <= 4 && tidied.length <= 80, isBesideOthers: cells.length > 1, row, joined: null };
      // The line before ended inside an id, or inside a sentence.
      if (open && cells.length === 1 && open.words.length && words.length) {
        const last = open.words[open.words.length - 1];
        if (JOINS.test(last.text)) open.joined = { with: piece, text: last.text + words[0].text };
        else if (!last.ends && (open.words.length > 3 || words.length > 3)) open.joined = { with: piece, text: `${last.text} ${words[0].text}` };
      }
      all.push(piece);
      open = cells.length === 1 ? piece : null;
    }
    if (cells.length !== 1) open = null;
  }
  return all;
}

/** The parts of a word that is no id as a whole: of an address, a list without blanks, a pair. */
function partsOf(word) {
  let plain = word;
  try { plain = decodeURIComponent(word.replace(/\+/g, ' ')); } catch (_) { plain = word; }
  const page = /\/[a-z]+\/([a-z\d_-]+)\.html/.exec(plain);
  const parts = plain.split(/[^\p{L}\p{N}._\u2010-\u2015-]+|\.html?\b/u);
  if (page) parts.push(unslugged(page[1]));
  return [...new Set(parts.filter((part) => /\p{N}/u.test(part) && part !== word))];
}

/** The canonical id of a page of this site, of the name of its file. */
function unslugged(name) {
  try { return canonical(decodeURIComponent(name.replace(/_([\da-f]{2})/g, '%$1'))); } catch (_) { return name; }
}

/** Whether a word that is not in the data is worth a word: it looks like an id. `heads` are the letters known ids begin with. */
function isIdLike(text, heads) {
  const key = canonical(peel(tidy(text)));
  if (!/\d/.test(key) || otherThan(peel(tidy(text))) || key.length > 60) return false;
  if (/^\d+$/.test(key)) return key.length >= 5;
  if (!/^[\p{L}\p{N}#+]+$/u.test(key) || /^\d+(?:ST|ND|RD|TH|X|H|D|K|M|G|KB|MB|GB|TB|PM|AM)$/.test(key)) return false;
  const digits = key.match(/\d/g).length;
  return key.length >= 5 && digits >= 3 || digits >= 2 && heads !== null && heads.has(headOf(key));
}

/** The letters with which an id begins. */
const headOf = (key) => /^\D*/.exec(key)[0];

tieout.pasted = { tidy, peel, readings, lost, lookAlike, pieces, partsOf, isIdLike, otherThan, headOf };
}());
