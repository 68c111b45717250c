// What an answer looks like: the sentence, the total of each currency, its states and measures, what narrows the scope, and the
// list of lines. Everything that narrows is a link to another scope; query.js follows it without loading the page again.
(function () {
'use strict';
const tieout = window.tieout, { kit, scope: scopes, tr } = tieout, { element, isolated, shown, inWords, closed, countOf } = kit, { has } = scopes;
const root = document.documentElement.dataset.root || './', ZERO = BigInt(0), NO_LINE = 'no-line', SHOWN = 8;
/** More bytes than this are loaded only after somebody agreed; more rows than this make no workbook in a browser. */
const ASKED = 5e6, MOST_IN_WORKBOOK = 200000;
const [ELIGIBLE, CALCULATED, ADJUSTMENTS, TOTAL, APPROVED, PAID] = [0, 1, 2, 3, 4, 5];
const CODES = ['eligible', 'calculated-so-far', 'adjustments', 'total', 'approved-so-far', 'paid-so-far'];
const MEASURES = ['Eligible', 'Calculated so far', 'Adjustments', 'Total rebate', 'Approved so far', 'Paid so far'];
/** The name of a measure on the page; files have the English one. */
const measureName = (at) => [tr('Eligible'), tr('Calculated so far'), tr('Adjustments'), tr('Total rebate'), tr('Approved so far'), tr('Paid so far')][at];
const LABELS = {
  from: tr('From'), to: tr('To'), campaign: tr('Campaign'), program: tr('Program'), customer: tr('Customer'), account: tr('Account'), order: tr('Order'), category: tr('Category'), region: tr('Region'),
  batch: tr('Batch'), payout: tr('Payout'), status: tr('Status'), bucket: tr('Counted as'), kind: tr('Discrepancy'), currency: tr('Currency'),
};

// ---- Small parts.

/** A part of a picture, in the language of those that the page has already. */
function drawn(name, attributes, ...children) {
  const made = document.createElementNS(document.querySelector('svg').namespaceURI, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const icon = (name) => drawn('svg', { 'aria-hidden': 'true' }, drawn('use', { href: `#i-${name}` }));
const hidden = (words) => element('span', { class: 'vh' }, words);
const nothing = (words) => element('span', { class: 'none' }, '\u2013', hidden(` ${words}`));
const quiet = (words) => element('span', { class: 'nt' }, words);

/** A link to another scope. */
function toScope(scope, ...words) {
  return element('a', { href: `?${scopes.format(scope)}`, 'data-go': '' }, ...words);
}

function button(words, act, of = null, kind = 'btn btn-s') {
  const made = element('button', { type: 'button', class: kind }, of && icon(of), words);
  if (act) made.addEventListener('click', () => act(made));
  return made;
}

function copyButton(id, words) {
  return element('button', { type: 'button', class: 'btn btn-s', 'data-copy': id }, icon('copy'), words);
}

/** Copied by its button, and read by nobody twice. */
const toCopy = (id, words) => element('span', { id, hidden: '', 'data-measure': 'lead' }, words);

/** What a status is called; an order without a line has none. */
function labelOf(index, slug) {
  if (slug === NO_LINE) return tr('No rebate line');
  const known = index.statuses.find((of) => of.slug === slug);
  return known ? known.label : slug;
}

const iconOf = (index, slug) => index.statuses.some((of) => of.slug === slug) ? slug : 'unknown';

function status(index, slug, words) {
  const own = iconOf(index, slug);
  return element('span', { class: `st s-${own}` }, icon(own), words ?? labelOf(index, slug));
}

/** The words of a value; what only a row knows (a customer's name, an id as received) comes from the rows that are there. */
function namer(index, rows) {
  const first = (part, value) => (rows || []).find((row) => row[part] === value);
  return (part, value) => {
    switch (part) {
      case 'status': return labelOf(index, value);
      case 'bucket': return (index.buckets.find((of) => of.code === value) || { label: value }).label;
      case 'kind': return value === 'clean' ? tr('Nothing to explain') : (index.kinds.find((of) => of.code === value) || { title: value }).title;
      case 'program': {
        const of = index.programs.find((program) => program.id === value);
        return !of ? value : of.name === of.raw ? of.raw : `${of.name} (${of.raw})`;
      }
      case 'customer': {
        const row = first(part, value);
        return !row ? value : row.customerName === row.customerRaw ? row.customerRaw : `${row.customerName} (${row.customerRaw})`;
      }
      case 'account': case 'batch': case 'payout': return (first(part, value) || { [`${part}Raw`]: value })[`${part}Raw`];
      case 'order': {
        const also = (rows || []).flatMap((row) => row.also).find((more) => more.id === value);
        return (first(part, value) || { named: also ? also.raw : value }).named;
      }
      default: return value;
    }
  };
}

// ---- The sentence of an answer (design 5.1).

function sumOf(states, name = 'total') { return states.reduce((sum, state) => sum + state[name], ZERO); }
const rowsIn = (states) => states.reduce((sum, state) => sum + state.rows, 0);
const inBucket = (of, code) => of.states.filter((state) => state.isInTotal && state.bucket === code);
const inStatus = (of, ...slugs) => of.states.filter((state) => !state.isInTotal && slugs.includes(state.status));

function sentence(answer, of, about) {
  const { currency } = of, money = (minor) => inWords(minor, currency), parts = [];
  for (const bucket of answer.index.buckets.filter((known) => known.isInTotal)) {
    const states = inBucket(of, bucket.code);
    if (!states.length) continue;
    const review = states.filter((state) => state.status === 'under-review');
    const within = review.length && states.length > review.length ? tr(' ({review} of it under review)', { review: money(sumOf(review)) }) : review.length ? tr(' (under review)') : '';
    parts.push(`${money(sumOf(states))} ${kit.lower(bucket.label)}${within}`);
  }
  const more = [];
  const beside = (states, words, before, after) => {
    if (!states.length) return;
    const count = rowsIn(states), unknown = states.reduce((sum, state) => sum + state.unknown, 0), amount = money(sumOf(states, 'expected'));
    more.push(tr(' {lines} ({amount}).', { lines: words(count), amount: count === unknown ? tr('no amount known') : `${before}${amount}${after}` }));
  };
  const other = new Set(['rejected', 'unknown-error', NO_LINE]);
  beside(of.states.filter((state) => !state.isInTotal && !other.has(state.status)), (count) => countOf(count, 'line is not calculated yet', 'lines are not calculated yet'), tr('about '), '');
  beside(inStatus(of, 'rejected'), (count) => countOf(count, 'line was rejected', 'lines were rejected'), '', tr(' expected'));
  beside(inStatus(of, 'unknown-error'), (count) => countOf(count, 'line could not be read', 'lines could not be read'), '', tr(' expected'));
  beside(inStatus(of, NO_LINE), (count) => countOf(count, 'order has no rebate line yet', 'orders have no rebate line yet'), '', tr(' expected'));
  return tr('Total rebate for {about}, is {measures}{parts}.{more}', { about, measures: money(of.measures[TOTAL]), parts: parts.length ? tr(': {words}', { words: parts.join(tr(', ')) }) : '', more: more.join('') });
}

function aboutWords(scope, name) {
  return (scopes.others(scope).length ? '' : tr('all programs and customers, ')) + scopes.words(scope, name);
}

// ---- The total of a currency.

function percent(part, whole) {
  if (whole <= ZERO || part < ZERO) return '';
  const tenths = (part * BigInt(2000) / whole + BigInt(1)) / BigInt(2);
  return `${tenths / BigInt(10)}.${tenths % BigInt(10)}%`;
}

const FILLS = { calculated: 'calc', 'under-review': 'review', approved: 'appr', paid: 'paid' };
const fillOf = (state) => FILLS[state.status] || FILLS[state.bucket] || 'calc';

/** States in the order of the table below the bar. */
function ordered(index, of) {
  const place = (state) => state.bucket === null ? 9999 : index.buckets.findIndex((bucket) => bucket.code === state.bucket) * 100 + (state.status === state.bucket ? 0 : 1 + index.statuses.findIndex((known) => known.slug === state.status));
  return [...of.states].sort((a, b) => place(a) - place(b));
}

function bar(index, of) {
  const states = ordered(index, of).filter((state) => state.isInTotal && state.total !== ZERO), whole = of.measures[TOTAL];
  if (whole <= ZERO || states.some((state) => state.total < ZERO)) return null;
  let x = 0;
  const segments = states.map((state) => {
    const width = Number(state.total * BigInt(100000) / whole) / 1000;
    x += width;
    return drawn('rect', { class: `a-${fillOf(state)}`, x: (x - width).toFixed(3), width: width.toFixed(3), height: '12' });
  });
  return drawn('svg', { class: 'stack', viewBox: '0 0 100 12', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, ...segments);
}

/** The configured time and the measured days, each with its basis. */
function timeline(index, slug, states) {
  const known = index.statuses.find((of) => of.slug === slug), due = states.filter((state) => state.due > 0);
  const days = due.length ? scopes.rangeWords(Math.min(...due.map((state) => state.firstDue)), Math.max(...due.map((state) => state.lastDue))) : null;
  const count = due.reduce((sum, state) => sum + state.due, 0);
  return [known ? known.timeline : null, days === null ? null : quiet(tr('Measured here: half of lines like these are paid by {days} ({lines}).', { days, lines: countOf(count, 'line', 'lines') }))];
}

function stateTable(answer, of) {
  const { index, scope } = answer, { currency } = of, id = `states-${kit.lower(currency.code)}`, whole = of.measures[TOTAL];
  // On a phone the time stands below the status.
  const row = ({ style, head, rows, amount, share, time }) => element('tr', style ? { class: style } : null,
    element('th', { scope: 'row' }, ...head, time.some(Boolean) ? element('span', { class: 'show-s nt' }, ...time.map((of) => typeof of === 'string' ? of : of && of.cloneNode(true))) : null), element('td', { class: 'n' }, kit.thousands(String(rows))), element('td', { class: 'n' }, ...amount),
    element('td', { class: 'n hide-s' }, share), element('td', { class: 'hide-s' }, ...time));
  const only = (parts) => scopes.changed(scope, parts);
  const body = [];
  for (const bucket of index.buckets.filter((known) => known.isInTotal)) {
    const states = inBucket(of, bucket.code), within = ordered(index, of).filter((state) => states.includes(state) && state.status !== bucket.code);
    if (!states.length) continue;
    const own = iconOf(index, bucket.code), total = sumOf(states);
    body.push(row({
      head: [element('span', { class: `st s-${own}` }, icon(own), toScope(only({ bucket: [bucket.code], status: null }), bucket.label))], rows: rowsIn(states),
      amount: [shown(total, currency)], share: percent(total, whole), time: timeline(index, bucket.code, states),
    }));
    for (const state of within) {
      const of_ = iconOf(index, state.status);
      body.push(row({
        style: 'ind', head: [tr('of which '), element('span', { class: `st s-${of_}` }, icon(of_), toScope(only({ bucket: [bucket.code], status: [state.status] }), labelOf(index, state.status)))],
        rows: state.rows, amount: [shown(state.total, currency)], share: percent(state.total, whole), time: timeline(index, state.status, []),
      }));
    }
  }
  const inTotal = of.states.filter((state) => state.isInTotal);
  body.push(row({ style: 'tot', head: [tr('Total rebate')], rows: rowsIn(inTotal), amount: [shown(whole, currency)], share: whole > ZERO ? '100.0%' : '', time: [] }));
  const apart = ordered(index, of).filter((state) => !state.isInTotal);
  if (apart.length) {
    body.push(element('tr', { class: 'grp' }, element('th', { scope: 'colgroup', colspan: '5' }, tr('Not in the total: amounts that are expected, not calculated'))));
    for (const state of apart) {
      const own = iconOf(index, state.status), isAlone = of.states.filter((other) => other.status === state.status).length === 1;
      const next = only({ status: [state.status], bucket: isAlone || state.bucket === null ? null : [state.bucket] });
      const isKnown = state.rows > state.unknown;
      body.push(row({
        head: [element('span', { class: `st s-${own}` }, icon(own), toScope(next, labelOf(index, state.status)))], rows: state.rows,
        amount: isKnown ? [element('span', { class: 'quiet' }, tr('est. ')), shown(state.expected, currency)] : [nothing(tr('no amount known'))], share: '', time: timeline(index, state.status, [state]),
      }));
    }
  }
  const caption = tr('By status, in {currency}. Each line once, where it is now.{apart}', { currency: currency.code, apart: apart.length ? tr(' est. = expected by us, not in the total.') : '' });
  return element('div', { class: 'tw' }, element('table', { id, class: 'states' },
    element('caption', { id: `${id}-caption` }, caption),
    element('thead', null, element('tr', null, element('th', { scope: 'col' }, tr('Status')), element('th', { scope: 'col', class: 'n' }, tr('Rows')),
      element('th', { scope: 'col', class: 'n', 'data-measure': 'amount' }, tr('Amount')), element('th', { scope: 'col', class: 'n hide-s' }, tr('Share')), element('th', { scope: 'col', class: 'hide-s' }, tr('Typical timeline')))),
    element('tbody', null, ...body)));
}

function measureTable(of) {
  const { currency, measures } = of, id = `measures-${kit.lower(currency.code)}`, largest = measures.map(kit.size).reduce((a, b) => a > b ? a : b);
  const fills = ['elig', 'calc', 'review', 'ink', 'appr', 'paid'];
  const rows = measures.map((amount, at) => {
    if (at === ADJUSTMENTS && amount === ZERO) return null;
    const width = largest === ZERO ? 0 : Number(kit.size(amount) * BigInt(10000) / largest) / 100;
    const own = drawn('svg', { class: 'wf', viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, drawn('rect', { class: `a-${fills[at]}`, width: Math.max(width, amount === ZERO ? 0 : 0.4).toFixed(2), height: '10' }));
    return element('tr', null, element('th', { scope: 'row' }, measureName(at)), element('td', { class: 'barc' }, own), element('td', { class: 'n', 'data-measure': CODES[at] }, shown(amount, currency)));
  });
  return element('div', { class: 'tw' }, element('table', { id },
    element('caption', { id: `${id}-caption` }, tr('Eligible, calculated and payout, in {currency}', { currency: currency.code })),
    element('thead', null, element('tr', null, element('th', { scope: 'col' }, tr('Step')), element('th', { scope: 'col' }, hidden(tr('Chart'))), element('th', { scope: 'col', class: 'n' }, tr('Amount')))),
    element('tbody', null, ...rows)));
}

function totalOf(answer, of) {
  const { currency, measures } = of, words = inWords(measures[TOTAL], currency), cut = currency.digits && /\.\d+(?=$| )/.exec(words);
  const big = cut ? [words.slice(0, cut.index), element('small', null, words.slice(cut.index))] : [words];
  const orders = answer.currencies.length === 1 && answer.orders !== null && of.lines ? tr(' on {orders}', { orders: countOf(answer.orders, 'order', 'orders') }) : '';
  const counted = of.lines ? `${countOf(of.lines, 'line', 'lines')}${of.withoutLine ? '' : orders}` : '';
  const without = of.withoutLine ? countOf(of.withoutLine, 'order without a line', 'orders without a line') : '';
  const adjusted = measures[ADJUSTMENTS] === ZERO ? '' : tr(', after adjustments of {measures}', { measures: inWords(measures[ADJUSTMENTS], currency) });
  return [
    element('p', { class: 'quiet small' }, answer.currencies.length > 1 ? tr('Total rebate, {currency}', { currency: currency.code }) : tr('Total rebate')),
    element('p', { class: 'big', 'data-measure': CODES[TOTAL] }, element('data', { value: `${kit.plain(measures[TOTAL], currency)} ${currency.code}` }, ...big)),
    element('p', { class: 'muted small', 'data-measure': CODES[ADJUSTMENTS] }, [counted, without].filter(Boolean).join(tr(' and ')) + adjusted),
    bar(answer.index, of),
  ];
}

// ---- The record of a query.

function record(answer, name) {
  const { index, scope } = answer, text = scopes.format(scope), command = `tieout query '${text}'`, rows = [];
  const add = (label, ...value) => rows.push(element('dt', null, label), element('dd', null, ...value));
  add(tr('Scope'), isolated(aboutWords(scope, name)));
  add(tr('Periods'), scopes.monthsWords(index.months, scope.from, scope.to) || tr('none with data'));
  add(tr('As text'), element('code', { id: 'scope-text' }, isolated(text)));
  add(tr('Snapshot'), tr('{words}, days in {zone}', { words: index.words, zone: index.zone }));
  add(tr('Rows'), rowWords(answer));
  add(tr('Run by'), tr('Not recorded by this page. Add your name when you attach it.'));
  add(tr('In a terminal'), element('code', { id: 'command' }, isolated(command)), ' ', copyButton('command', tr('Copy command')));
  return element('div', { class: 'panel', id: 'record' }, element('h3', null, tr('Query record')), element('dl', { class: 'kv' }, ...rows), receipts(answer));
}

/** A code for each figure, by which anybody can show later what this page said. */
function receipts(answer) {
  const { receipt } = tieout.out || {};
  if (!receipt) return null;
  const rows = answer.currencies.flatMap((of) => of.measures.flatMap((value, measure) => {
    const code = receipt.write({ snapshot: answer.index.snapshot, scope: scopes.format(answer.scope), measure, currency: of.currency.code, value });
    return [element('dt', null, tr('{measure}, {amount}', { measure: measureName(measure), amount: inWords(value, of.currency) })), element('dd', null, element('code', null, code))];
  }));
  return element('details', { class: 'figures' }, element('summary', null, tr('A receipt for each figure')),
    element('p', { class: 'small muted' }, tr('A receipt holds the scope, the snapshot and the figure. Whoever gets it can read it on this page, or prove it from the extracts with '), element('code', null, 'tieout query --receipt'), '.'),
    element('dl', { class: 'kv receipts', 'data-measure': 'receipts' }, ...rows));
}

// ---- What narrows a scope.

function chips(answer, name) {
  const { scope } = answer, items = scopes.others(scope).flatMap((part) => {
    const values = scopes.LISTS.includes(part) ? scope[part] : [scope[part]];
    return values.map((value) => {
      const rest = scopes.LISTS.includes(part) ? scope[part].filter((other) => other !== value) : null;
      const link = toScope(scopes.changed(scope, { [part]: rest }), element('span', null, tr('{part}: ', { part: LABELS[part] }), isolated(name(part, value))), icon('bad'), hidden(tr(' (remove)')));
      link.className = 'chip';
      return element('li', null, link);
    });
  });
  return items.length ? element('ul', { class: 'chosen', 'aria-label': tr('Chosen') }, ...items) : null;
}

/** Statuses as a scope takes them: Calculated takes in what is under review within it. */
function withReview(of) {
  const within = of.states.filter((state) => state.status === 'under-review' && state.bucket === 'calculated');
  return (of.facets.get('status') || []).map((facet) => facet.value !== 'calculated' ? facet
    : { ...facet, rows: facet.rows + rowsIn(within), total: facet.total + sumOf(within) });
}

/** Values of one dimension with their rows and amounts, most rows first. */
function valuesOf(answer, dimension) {
  const all = new Map();
  for (const of of answer.currencies) {
    const own = dimension === 'currency' ? [{ value: of.currency.code, rows: of.rows, total: of.measures[TOTAL], expected: ZERO }]
      : dimension === 'status' ? withReview(of) : of.facets.get(dimension) || [];
    for (const { value, rows, total, expected } of own) {
      if (!all.has(value)) all.set(value, { value, rows: 0, amounts: [] });
      const known = all.get(value);
      known.rows += rows;
      if (total !== ZERO) known.amounts.push(inWords(total, of.currency));
      else if (expected > ZERO) known.amounts.push(tr('est. ') + inWords(expected, of.currency));
    }
  }
  return [...all.values()].sort((a, b) => (a.value === null) - (b.value === null) || b.rows - a.rows || kit.byText(a.value ?? '', b.value ?? ''));
}

function facet(answer, dimension, name) {
  const { index, scope } = answer, values = valuesOf(answer, dimension);
  if (values.length < 2) return null;
  const item = ({ value, rows, amounts }) => {
    const words = value === null ? tr('None named') : name(dimension, value);
    const next = value === null ? null : scopes.changed(scope, { [dimension]: scopes.LISTS.includes(dimension) ? [value] : value });
    const label = dimension === 'status' && value !== null ? status(index, value, words) : isolated(words);
    return element('li', null, next && !scopes.same(next, scope) ? toScope(next, label) : label, ' ',
      element('span', { class: 'quiet num' }, `${kit.thousands(String(rows))}${amounts.length ? ` \u00b7 ${amounts.join(tr(', '))}` : ''}`,
        dimension === 'status' && value === 'under-review' && values.some((of) => of.value === 'calculated') ? tr(', within Calculated') : ''));
  };
  const shown = values.slice(0, values.length > SHOWN + 1 ? SHOWN : values.length), rest = values.slice(shown.length, 200);
  const more = rest.length ? element('details', null, element('summary', null, `${countOf(values.length - shown.length, 'more', 'more')}`), element('ul', null, ...rest.map(item))) : null;
  return element('div', null, element('h3', null, LABELS[dimension]), element('ul', null, ...shown.map(item)), more);
}

function narrow(answer, name) {
  const facets = ['program', 'campaign', 'customer', 'category', 'region', 'status', 'kind', 'currency'].map((of) => facet(answer, of, name)).filter(Boolean);
  const chosen = chips(answer, name);
  if (!facets.length && !chosen) return null;
  return element('section', { class: 'sec no-print', id: 'narrow', 'data-measure': 'narrow' }, element('div', { class: 'sec-h' }, element('h2', null, tr('Narrow down'))),
    chosen, facets.length ? element('div', { class: 'roles facets' }, ...facets) : null);
}

// ---- The list of lines.

const countedTotal = (index, row) => row.calculated === null || row.status === 'rejected' || !index.buckets.some((of) => of.isInTotal && of.code === row.bucket)
  ? null : BigInt(row.calculated) + BigInt(row.adjustments ?? 0);

const COLUMNS = [
  { label: tr('Order'), key: (row) => row.order },
  { label: tr('Status'), key: (row, index) => row.status === NO_LINE ? 99 : index.statuses.findIndex((of) => of.slug === row.status) },
  { label: tr('Reason'), measure: 'reason', style: 'why', key: (row) => row.reason || null },
  { label: tr('Customer'), key: (row) => row.customerName },
  { label: tr('Program'), style: 'hide-s', key: (row) => row.programRaw || null },
  { label: tr('Category'), style: 'hide-s', key: (row) => row.category },
  { label: tr('Day'), style: 'c-date hide-s', key: (row) => row.day },
  { label: tr('Eligible'), measure: 'eligible', style: 'n hide-s', key: (row) => row.expected === null ? null : BigInt(row.expected) },
  { label: tr('Calculated'), measure: 'calculated', style: 'n hide-s', key: (row) => row.calculated === null ? null : BigInt(row.calculated) },
  { label: tr('Adjustments'), measure: 'adjustments', style: 'n hide-s', key: (row) => row.calculated === null ? null : BigInt(row.adjustments ?? 0) },
  { label: tr('Rebate'), measure: 'rebate', style: 'n', key: (row, index) => countedTotal(index, row) },
];

function lineRow(answer, row) {
  const { index } = answer, currency = index.currencies.get(row.currency), isOne = answer.currencies.length === 1;
  const money = (cell) => cell === null ? nothing(tr('no amount yet')) : isOne ? shown(BigInt(cell), currency) : inWords(BigInt(cell), currency);
  const slug = row.page === null ? tieout.slug(row.order) : null, page = row.page ?? (slug ? `order/${slug}.html` : null);
  const total = countedTotal(index, row), isRoutine = row.kind === 'clean' || !row.next;
  const reason = [];
  if (row.reason) reason.push(isolated(closed(row.reason)));
  if (row.update) reason.push(quiet(closed(row.update)));
  if (!isRoutine) {
    const fix = tr('Recommended fix: '), isFix = kit.lower(row.next).startsWith(kit.lower(fix).replace(/[:\uff1a] ?$/, ''));
    const lead = row.status === 'rejected' && !isFix ? fix : '';
    reason.push(quiet(lead + closed(row.next)));
  }
  const cell = (style, label, ...children) => element('td', { role: 'cell', ...(style ? { class: style } : {}), ...(label ? { 'data-l': label } : {}) }, ...children);
  const rebate = total !== null ? money(total) : row.expected === null ? nothing(tr('no amount yet')) : [element('span', { class: 'quiet' }, tr('est. ')), money(row.expected)];
  const named = isolated(row.named), also = row.also.length ? quiet(tr('and {also}', { also: row.also.map((of) => of.raw).join(tr(', ')) })) : null;
  const isOther = row.line !== null && answer.severalLines.has(row.order);
  return element('tr', { role: 'row' },
    element('th', { scope: 'row', role: 'rowheader' }, page ? element('a', { class: 'nw', href: root + page }, named) : named, isOther ? quiet(tr('line {line}', { line: row.line })) : null, also),
    cell('', '', status(index, row.status)),
    cell('why', reason.length ? tr('Reason') : '', ...reason),
    cell('', row.customer === null ? '' : tr('Customer'), row.customer === null ? '' : isolated(row.customerName)),
    cell('hide-s', tr('Program'), row.programRaw ? isolated(row.programRaw) : nothing(tr('none'))),
    cell('hide-s', tr('Category'), row.category === null ? nothing(tr('none')) : isolated(row.category)),
    cell('c-date hide-s', tr('Day'), scopes.dayWords(row.day)),
    cell('n hide-s', tr('Eligible'), money(row.expected)),
    cell('n hide-s', tr('Calculated'), money(row.calculated)),
    cell('n hide-s', tr('Adjustments'), row.calculated === null || !row.adjustments ? nothing(tr('none')) : money(row.adjustments)),
    cell('n', '', ...[rebate].flat()));
}

function footRow(answer) {
  const [{ measures, currency }] = answer.currencies, sums = [measures[CALCULATED], measures[ADJUSTMENTS], measures[TOTAL]];
  return element('tfoot', { role: 'rowgroup' }, element('tr', { role: 'row' }, element('th', { scope: 'row', role: 'rowheader' }, tr('Total')),
    ...COLUMNS.slice(1, 8).map(({ style }) => element('td', { role: 'cell', ...(style ? { class: style } : {}) })),
    ...sums.map((sum, at) => element('td', { role: 'cell', class: at < 2 ? 'n hide-s' : 'n' }, shown(sum, currency)))));
}

function compare(a, b) { return typeof a === 'string' ? kit.byText(kit.lower(a), kit.lower(b)) || kit.byText(a, b) : a < b ? -1 : a > b ? 1 : 0; }

/** `about 12 MB`. */
const sizeWords = (bytes) => tr('about {size} MB', { size: kit.thousands(String(Math.max(1, Math.round(bytes / 1e6)))) });

/** The list with its pages and its order; `fail(error)` when a file of it cannot be read. `ready` tells whether it can. */
function lines(answer, actions, fail) {
  const { pager, index } = answer, state = { page: 0, sort: null, isUp: true, sorted: null };
  const head = COLUMNS.map(({ label, style, measure }) => element('th', { scope: 'col', role: 'columnheader', ...(style ? { class: style } : {}), ...(measure ? { 'data-measure': measure } : {}) }, element('button', { type: 'button' }, label)));
  const caption = element('caption', { id: 'lines-caption' }), body = element('tbody', { role: 'rowgroup' }), where = element('p', { class: 'small muted', id: 'where', tabindex: '-1' });
  const isWhole = pager.pages === 1 && answer.currencies.length === 1;
  const table = element('table', { class: 'cards lines', role: 'table', id: 'rows' }, caption,
    element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...head)), body, isWhole ? footRow(answer) : null);
  const unit = answer.currencies.length === 1 ? tr('in {currencies}, ', { currencies: answer.currencies[0].currency.code }) : '';
  const what = rowWords(answer);
  answer.severalLines = new Set();

  // What takes more than a moment is said before it begins, and begins when somebody agrees.
  const place = element('div', { class: 'no-print' });
  const leave = () => place.replaceChildren();
  function tell(words, ...buttons) {
    const message = element('p', { tabindex: '-1' }, words);
    place.replaceChildren(element('div', { class: 'note s-under-review' }, message, element('p', { class: 'frow' }, ...buttons)));
    message.focus();
  }
  answer.tell = (own, words) => tell(words, button(tr('Close'), () => { leave(); own.focus(); }));
  /** Does what needs all rows, after `own` was pressed: at once where they are few. */
  answer.withAll = (own, what, act) => {
    const { files, bytes } = pager.unread();
    leave();
    if (bytes <= ASKED) return act();
    tell(tr('{what} takes all rows ({rowWords}), not only those that are shown: {bytes} in {files}. Narrow the scope down to load less.', { what, rowWords: rowWords(answer), bytes: sizeWords(bytes), files: countOf(files, 'file', 'files') }),
      button(tr('Load {bytes}', { bytes: sizeWords(bytes) }), () => { leave(); own.focus(); act(); }), button(tr('Cancel'), () => { leave(); own.focus(); }));
  };
  answer.isTooLarge = answer.rows > MOST_IN_WORKBOOK;

  async function draw(bytes) {
    const rows = state.sorted ? state.sorted.slice(state.page * pager.size, (state.page + 1) * pager.size) : await pager.page(state.page, bytes);
    const isShort = rows.length < Math.min(pager.size, answer.rows - state.page * pager.size), left = isShort && pager.unread();
    const seen = new Set();
    for (const row of rows) if (row.line !== null) seen.has(row.order) ? answer.severalLines.add(row.order) : seen.add(row.order);
    body.replaceChildren(...rows.map((row) => lineRow(answer, row)));
    const order = state.sort === null ? tr('newest period first, then by program, campaign and day') : tr('by {sort}, {isUp}', { sort: kit.lower(COLUMNS[state.sort].label), isUp: state.isUp ? tr('ascending') : tr('descending') });
    const est = rows.some((row) => countedTotal(index, row) === null && row.expected !== null) ? tr(' est. = expected by us, not in the total.') : '';
    caption.textContent = tr('{what}, {unit}{order}. Open an order for the evidence.{est}', { what, unit, order, est });
    const number = (at) => kit.thousands(String(state.page * pager.size + at)), all = kit.thousands(String(answer.rows));
    where.textContent = isShort ? tr('{rows} of {all} rows are read so far. The sums above have all of them; the others lie far apart, in up to {bytes} of files.', { rows: number(rows.length), all, bytes: sizeWords(left.bytes) })
      : pager.pages > 1 || !more.hidden ? tr('Rows {first}\u2013{last} of {all}', { first: number(1), last: number(rows.length), all }) : '';
    more.hidden = !isShort;
    previous.setAttribute('aria-disabled', String(state.page === 0));
    next.setAttribute('aria-disabled', String(isShort || state.page + 1 >= pager.pages));
    tieout.regions();
  }

  // One thing after the other: pages that are turned quickly stay in order.
  let last = Promise.resolve(true);
  const busy = (work) => {
    last = last.then(async (isWell) => {
      if (!isWell) return false;
      table.setAttribute('aria-busy', 'true');
      try {
        await work();
        return true;
      } catch (error) {
        fail(error);
        return false;
      } finally {
        table.removeAttribute('aria-busy');
      }
    });
    return last;
  };
  const turn = (by) => busy(async () => {
    const to = state.page + by;
    if (to < 0 || to >= pager.pages || by > 0 && !more.hidden) return;
    state.page = to;
    await draw();
    tieout.say(where.textContent);
  });
  const previous = button(tr('Previous'), () => turn(-1)), next = button(tr('Next'), () => turn(1));
  const more = button(tr('Read on'), () => busy(async () => {
    where.textContent = tr('Reading on \u2026');
    tieout.say(where.textContent);
    await draw(Infinity);
    // The button is gone; what it did is said where it was.
    where.focus();
  }));
  more.hidden = true;

  head.forEach((th, at) => th.firstChild.addEventListener('click', () => answer.withAll(th.firstChild, tr('Sorting'), () => busy(async () => {
    if (!pager.isLoaded()) {
      where.textContent = tr('Sorting takes all {what}: loading them \u2026', { what });
      tieout.say(where.textContent);
    }
    const all = await pager.all((done, of) => { where.textContent = tr('Loading all {what} to sort them: file {done} of {of}', { what, done, of }); });
    state.isUp = state.sort === at ? !state.isUp : true;
    state.sort = at;
    state.page = 0;
    const keys = new Map(all.map((row) => [row, COLUMNS[at].key(row, index)]));
    state.sorted = [...all].sort((a, b) => {
      const x = keys.get(a), y = keys.get(b);
      // Rows without a value stay at the end, whichever way the others go.
      if (x === null || y === null) return (x === null) - (y === null);
      return state.isUp ? compare(x, y) : compare(y, x);
    });
    head.forEach((other) => other.removeAttribute('aria-sort'));
    th.setAttribute('aria-sort', state.isUp ? 'ascending' : 'descending');
    await draw();
    tieout.say(tr('Sorted by {label}, {isUp}', { label: COLUMNS[at].label, isUp: state.isUp ? tr('ascending') : tr('descending') }));
  }))));

  const section = element('section', { class: 'sec', id: 'lines' },
    element('div', { class: 'sec-h' }, element('h2', null, tr('Lines')), element('p', { class: 'act' }, ...actions)),
    place, element('div', { class: 'tw' }, table),
    element('div', { class: 'pages' }, where, more, ...(pager.pages > 1 ? [element('nav', { class: 'no-print', 'aria-label': tr('Pages of lines') }, previous, next)] : [])));
  return { section, ready: busy(() => draw()) };
}

// ---- The answer as a whole.

/** `35 lines, 13 orders without a line`: what the rows of an answer are. */
function rowWords({ rows, lines }) {
  const without = rows - lines;
  return [lines || !without ? countOf(lines, 'line', 'lines') : '', without ? countOf(without, 'order without a line', 'orders without a line') : ''].filter(Boolean).join(tr(', '));
}

/** `15 lines. Total rebate $18,420.00`, for screen readers. */
function spoken(answer) {
  return tr('{rowWords}. Total rebate {measures}', { rowWords: rowWords(answer), measures: answer.currencies.map((of) => inWords(of.measures[TOTAL], of.currency)).join(tr(', ')) });
}

/** The sections of an answer. `actions` are buttons by their place. */
function show(answer, { name, link, actions, fail }) {
  const { index, scope, currencies } = answer, sentences = currencies.map((of) => sentence(answer, of, aboutWords(scope, name)));
  const title = element('h2', { id: 'result', tabindex: '-1' }, tr('Summary'));
  const blocks = currencies.map((of, at) => element('div', { class: 'two total' },
    element('div', null, ...totalOf(answer, of), stateTable(answer, of)),
    element('div', null, measureTable(of), element('p', { class: 'small muted' }, tr('\u201cSo far\u201d counts every line that has reached the step. Eligible is what we expect on the lines that can count.')), at === 0 ? record(answer, name) : null)));
  const summary = element('section', { class: 'sec' },
    element('div', { class: 'sec-h' }, title, element('p', { class: 'act' }, copyButton('answer-text', tr('Copy answer')), copyButton('answer-link', tr('Copy link')), ...actions.summary)),
    ...sentences.map((words) => element('p', { class: 'lead answer', 'data-measure': 'lead' }, isolated(words))),
    toCopy('answer-text', tr('{sentences} Snapshot {words}.', { sentences: sentences.join(tr(' ')), words: index.words })), toCopy('answer-link', link),
    element('p', { class: 'print-only' }, tr('Scope {format} \u00b7 snapshot {words}', { format: scopes.format(scope), words: index.words })),
    ...blocks);
  const list = lines(answer, actions.lines, fail);
  return { title, parts: [summary, narrow(answer, name), list.section].filter(Boolean), ready: list.ready };
}

tieout.view = { LABELS, MEASURES, measureName, TOTAL, ELIGIBLE, APPROVED, PAID, COLUMNS, button, toScope, quiet, labelOf, namer, aboutWords, sentence, rowWords, spoken, countedTotal, sizeWords, show };
}());
