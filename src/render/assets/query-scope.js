// What a query asks for: dates as whole days, the scope as text (the address, the argument of `tieout query`, a row of each
// export), and the scope in words. Nothing here knows the data, a document or a clock.
(function () {
'use strict';
const tieout = window.tieout, { tr, fill, spoken } = tieout;

/** The parts of a scope, in the order in which they are written. */
const PARTS = ['from', 'to', 'campaign', 'program', 'customer', 'account', 'order', 'category', 'region', 'batch', 'payout', 'status',
  'bucket', 'kind', 'currency'];
/** Parts that take several values, separated by commas. */
const LISTS = ['status', 'bucket', 'kind'];
/** What may stand beside a scope in an address, and is no part of it. */
const BESIDE = ['snapshot', 'receipt'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
/** No extract is older, and none newer. */
const FIRST_YEAR = 1990, LAST_YEAR = 2199;

// ---- Days. A day is a whole number: 1 January of the year 1 is 1, as chrono counts.

const isLeap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const daysIn = (year, month) => month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
const before = (year) => 365 * (year - 1) + Math.floor((year - 1) / 4) - Math.floor((year - 1) / 100) + Math.floor((year - 1) / 400);

/** The day of a date; null for one that no calendar has, such as 30 February. */
function day(year, month, date) {
  if (!(year >= 1 && year <= 9999 && month >= 1 && month <= 12 && date >= 1 && date <= daysIn(year, month))) return null;
  let days = before(year) + date;
  for (let of = 1; of < month; of++) days += daysIn(year, of);
  return days;
}

/** A day as year, month, and day of the month. */
function civil(of) {
  let year = Math.floor(of / 365.2425) + 1;
  while (before(year) >= of) year--;
  while (before(year + 1) < of) year++;
  let date = of - before(year), month = 1;
  while (date > daysIn(year, month)) date -= daysIn(year, month++);
  return { year, month, date };
}

const two = (number) => String(number).padStart(2, '0');

/** `2026-05-31`. */
function iso(of) {
  const { year, month, date } = civil(of);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}`;
}

const short = (month) => MONTHS[month - 1].slice(0, 3);

/** `31 May 2026`. */
function dayWords(of) {
  const { year, month, date } = civil(of);
  if (spoken.dates) return fill(spoken.dates.day, { year, month, day: date });
  return `${date} ${short(month)} ${year}`;
}

/** `1–31 May 2026`, `1 Apr – 31 May 2026`, `1 Dec 2025 – 31 Jan 2026`. */
function rangeWords(from, to) {
  const a = civil(from), b = civil(to);
  if (from === to) return dayWords(from);
  if (spoken.dates) {
    return a.year === b.year && a.month === b.month ? fill(spoken.dates.days, { year: a.year, month: a.month, first: a.date, last: b.date })
      : fill(spoken.dates.span, { from: dayWords(from), to: dayWords(to) });
  }
  if (a.year !== b.year) return `${dayWords(from)} \u2013 ${dayWords(to)}`;
  if (a.month !== b.month) return `${a.date} ${short(a.month)} \u2013 ${dayWords(to)}`;
  return `${a.date}\u2013${dayWords(to)}`;
}

/** `June 1–30`, as the message about an order of another period has it; with the year where that is another one. */
function periodWords(from, to, year) {
  const a = civil(from), b = civil(to);
  if (a.year !== b.year || spoken.dates) return rangeWords(from, to);
  const end = a.month === b.month ? `\u2013${b.date}` : ` \u2013 ${MONTHS[b.month - 1]} ${b.date}`;
  return `${MONTHS[a.month - 1]} ${a.date}${end}${a.year === year ? '' : `, ${a.year}`}`;
}

/** `May` for a range within one month (`May 2025` in another year), else the range. */
function monthOf(from, to, year) {
  const a = civil(from), b = civil(to);
  if (a.year !== b.year || a.month !== b.month) return rangeWords(from, to);
  if (spoken.dates) return fill(spoken.dates.month, { year: a.year, month: a.month });
  return MONTHS[a.month - 1] + (a.year === year ? '' : ` ${a.year}`);
}

/** The number of a month by its name or the beginning of it. */
function monthNumber(word) {
  const at = word.length < 3 ? -1 : MONTHS.findIndex((name) => name.toLowerCase().startsWith(word));
  return at >= 0 ? at + 1 : null;
}

/**
 * A date as people write it, as a day; a month is the first day of its period, or at the end of a range its last. Null: no
 * date. Nothing is guessed: a day and a month that could be swapped are no date, and no impossible day rolls over.
 */
function parseDate(text, isEnd, months) {
  const all = String(text).normalize('NFKC').toLowerCase().replace(/[\u2010-\u2015\u2212]/g, '-').trim();
  const [a, b, c, ...more] = all.split(/[\s\-/.,\u5e74\u6708\u65e5]+/).filter(Boolean);
  const short = (word) => /^\d{1,2}$/.test(word) ? +word : null;
  const year = (word) => /^\d{4}$/.test(word) && +word >= FIRST_YEAR && +word <= LAST_YEAR ? +word : null;
  const date = (y, m, d) => year(y) === null || m === null || d === null ? null : day(year(y), m, d);
  const whole = (y, m) => {
    if (year(y) === null || m === null || m < 1 || m > 12) return null;
    const known = (months || []).find((month) => month.name === `${y}-${two(m)}`);
    return known ? (isEnd ? known.end : known.start) : day(year(y), m, isEnd ? daysIn(year(y), m) : 1);
  };
  if (a === undefined || more.length) return null;
  if (b === undefined) return /^\d{8}$/.test(a) ? date(a.slice(0, 4), +a.slice(4, 6), +a.slice(6)) : null;
  if (c === undefined) return year(a) === null ? whole(b, monthNumber(a)) : whole(a, short(b) ?? monthNumber(b));
  if (year(a) !== null) return date(a, short(b) ?? monthNumber(b), short(c));
  if (monthNumber(b) !== null) return date(c, monthNumber(b), short(a));
  if (monthNumber(a) !== null) return date(c, monthNumber(a), short(b));
  // With points, the day comes first; with anything else only where it can be nothing but the day: 5/6/2026 is 5 June to some
  // and 6 May to others.
  if (all.includes('.') || short(a) > 12) return date(c, short(b), short(a));
  return short(b) > 12 ? date(c, short(a), short(b)) : null;
}

// ---- The scope as text.

const LEFT = /[A-Za-z0-9\-_.~,:]/;

function encode(value) {
  let out = '';
  for (const byte of new TextEncoder().encode(value)) {
    const c = String.fromCharCode(byte);
    out += LEFT.test(c) ? c : byte === 32 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

function decode(value) {
  const bytes = [];
  for (let i = 0; i < value.length; i++) {
    const hex = value[i] === '%' && /^[0-9a-f]{2}/i.exec(value.slice(i + 1));
    if (hex) {
      bytes.push(parseInt(hex[0], 16));
      i += 2;
    } else {
      const c = value[i] === '+' ? ' ' : String.fromCodePoint(value.codePointAt(i));
      bytes.push(...new TextEncoder().encode(c));
      i += c.length - 1;
    }
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

/**
 * Reads a scope from its text, from what stands in an address after `?`, or from a whole address. Dates that are none stay in
 * `problems`; words that are no part of a scope are named in `unknown`; `period` is left to who knows the months.
 */
function parse(text, months) {
  const query = String(text).trim().replace(/^[^?]*\?/, '').replace(/#.*$/, '');
  const read = { scope: {}, period: null, snapshot: null, receipt: null, problems: [], unknown: [] };
  for (const piece of query.split('&')) {
    const at = piece.indexOf('='), name = decode(at < 0 ? piece : piece.slice(0, at)), value = at < 0 ? '' : decode(piece.slice(at + 1)).trim();
    if (value === '' || name === 'preset' || name === 'q') continue;
    if (name === 'from' || name === 'to') {
      const found = parseDate(value, name === 'to', months);
      if (found === null) read.problems.push({ part: name, value });
      else read.scope[name] = found;
    } else if (LISTS.includes(name)) {
      const values = value.split(',').map((one) => one.trim().toLowerCase().replace(/[ _]/g, '-')).filter(Boolean);
      read.scope[name] = [...new Set([...(read.scope[name] || []), ...values])];
    } else if (PARTS.includes(name)) {
      read.scope[name] = name === 'currency' ? value.toUpperCase() : value;
    } else if (name === 'period' || BESIDE.includes(name)) {
      read[name] = value;
    } else {
      read.unknown.push(name);
    }
  }
  return read;
}

const has = (scope, part) => scope[part] !== undefined && scope[part] !== null && scope[part].length !== 0;
const valueText = (scope, part) => part === 'from' || part === 'to' ? iso(scope[part]) : LISTS.includes(part) ? scope[part].join(',') : scope[part];

/** The scope as text; beside it what the address has more, such as the snapshot. */
function format(scope, beside) {
  const pairs = PARTS.filter((part) => has(scope, part)).map((part) => [part, valueText(scope, part)]);
  for (const name of BESIDE) if (beside && beside[name]) pairs.push([name, beside[name]]);
  return pairs.map(([name, value]) => `${name}=${encode(value)}`).join('&');
}

/** A scope with some parts changed; null or an empty list takes a part away. */
function changed(scope, parts) {
  const next = {};
  for (const part of PARTS) {
    const value = part in parts ? parts[part] : scope[part];
    if (value !== undefined && value !== null && value.length !== 0) next[part] = value;
  }
  return next;
}

/** Whether two scopes ask for the same; the order in a list means nothing. */
function same(a, b) {
  const sorted = (scope) => changed(scope, Object.fromEntries(LISTS.filter((part) => has(scope, part)).map((part) => [part, [...scope[part]].sort()])));
  return format(sorted(a)) === format(sorted(b));
}

/** The parts of a scope that are set, apart from its dates. */
const others = (scope) => PARTS.slice(2).filter((part) => has(scope, part));

/** `May 2026`, `April, May and part of June 2026`: the periods of a range, from months with words, start and end. */
function monthsWords(months, from, to) {
  const met = months.filter((month) => month.start <= to && month.end >= from).sort((a, b) => a.start - b.start);
  const names = met.map((month) => (month.start >= from && month.end <= to ? '' : tr('part of ')) + month.words);
  // A year is said once, unless another one follows.
  const short = names.map((name, i) => i + 1 < names.length && name.slice(-5) === names[i + 1].slice(-5) ? name.slice(0, -5) : name);
  if (short.length > 4) return tr('{from} to {to}', { from: names[0], to: names[names.length - 1] });
  return short.length > 1 ? tr('{rest} and {last}', { rest: short.slice(0, -1).join(tr(', ')), last: short[short.length - 1] }) : short.join('');
}

/** `Spring Growth, 1–31 May 2026`: what is asked for, with `name(part, value)` for the words of a value. */
function words(scope, name) {
  const said = {
    customer: tr('customer '), account: tr('account '), order: tr('order '), category: tr('category '), region: tr('region '), batch: tr('batch '), payout: tr('payout '), status: tr('status '),
    bucket: tr('counted as '), kind: tr('discrepancy '),
  };
  const parts = others(scope).map((part) => {
    const values = LISTS.includes(part) ? scope[part] : [scope[part]];
    return (said[part] || '') + values.map((value) => name(part, value)).join(tr(' or '));
  });
  if (has(scope, 'from') && has(scope, 'to')) parts.push(rangeWords(scope.from, scope.to));
  return parts.join(tr(', '));
}

tieout.scope = {
  PARTS, LISTS, day, civil, daysIn, iso, dayWords, rangeWords, periodWords, monthOf, parseDate, encode, decode, parse, format, changed, same, has,
  others, monthsWords, words,
};
}());
