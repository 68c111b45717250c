// The search field of the page of queries, its box for a pasted list, and what they show. What is typed into the field is in
// the address; what is pasted is not, and nothing of it leaves the browser.
(function () {
'use strict';
const tieout = window.tieout, { kit, find, tr } = tieout, { element, isolated, countOf } = kit;
const form = document.getElementById('find'), box = document.getElementById('paste'), found = document.getElementById('found');
if (!form || !box || !found) return;
const root = document.documentElement.dataset.root || './', ZERO = BigInt(0);
/** Of how many files a sum is made here; beyond, the query makes it. */
const FEW_FILES = 4, FEW_ORDERS = 5;
const WHAT = {
  order: tr('Order'), line: tr('Rebate line'), account: tr('Account'), customer: tr('Customer'), invoice: tr('Invoice'), subscription: tr('Subscription'), batch: tr('Batch'),
  payout: tr('Payout'), program: tr('Program'), campaign: tr('Campaign'), cancellation: tr('Cancellation'), adjustment: tr('Adjustment'), article: tr('Article'),
  status: tr('Status'), reason: tr('Reason'), discrepancy: tr('Discrepancy'), page: tr('Page'),
};
/** Parts of a scope that an entry can be. */
const IN_SCOPE = ['order', 'account', 'customer', 'batch', 'payout', 'program', 'campaign'];

// ---- Rows of the data for what was found.

/** Whether a row belongs to an entry. Several rows can lie in one file with others. */
function belongs(row, entry) {
  switch (entry.type) {
    case 'order': return row.order === entry.key || entry.orders.includes(row.order) || row.also.some((of) => of.id === entry.key);
    case 'line': return row.line !== null && tieout.canonical(row.line) === entry.key;
    case 'account': return row.account === entry.key || entry.orders.includes(row.account);
    case 'customer': case 'batch': case 'payout': return row[entry.type] === entry.key;
    default: return entry.orders.includes(row.order) || row.also.some((of) => entry.orders.includes(of.id));
  }
}

const isDetailed = (entry) => entry.type === 'order' || entry.type === 'line';
const isLoaded = (entry) => entry.files.length > 0 && (isDetailed(entry) || entry.files.length <= FEW_FILES);

/** The rows of each entry: each file is loaded once. */
async function rowsOf(entries, progress) {
  const files = new Map();
  for (const entry of entries.filter(isLoaded)) for (const file of find.files(entry)) files.set(file.path, file);
  const loaded = new Map();
  const { index } = await find.open();
  await tieout.ids.each([...files.values()], async (file) => { loaded.set(file.path, await tieout.data.rows(index, file)); }, progress);
  return new Map(entries.map((entry) => [entry, isLoaded(entry) ? find.files(entry).flatMap((file) => loaded.get(file.path).filter((row) => belongs(row, entry))) : null]));
}

const isInTotal = (index, { bucket }) => bucket !== null && index.buckets.some((of) => of.isInTotal && kit.lower(of.label) === kit.lower(bucket));
/** What a row adds to the total rebate; null where it is not in the total. */
function totalOf(index, row) {
  if (!isInTotal(index, row) || row.status === 'rejected' || row.calculated === null) return null;
  return BigInt(row.calculated) + BigInt(row.adjustments ?? 0);
}

const href = (page) => root + page;
const pageOf = (row) => row.page ?? (tieout.slug(row.order) === null ? null : `order/${tieout.slug(row.order)}.html`);
/** The query of an entry, over all days that have data. */
const queryOf = (index, type, key) => `query.html?${tieout.scope.format({ from: index.first, to: index.last, [type]: key })}`;
const monthWords = (index, name) => (index.months.find((month) => month.name === name) || { words: name }).words;
const statusWords = (index, slug) => slug === null || slug === 'no-line' ? tr('No rebate line yet') : (index.statuses.find((status) => status.slug === slug) || { label: slug }).label;

/** The orders of an entry, as received, with their pages: a line may stand for several. */
function ordersOf(entry, rows) {
  return entry.orders.flatMap((key) => {
    const row = rows.find((of) => of.order === key), also = rows.flatMap((of) => of.also).find((of) => of.id === key), slug = tieout.slug(key);
    const page = row ? pageOf(row) : slug === null ? null : `order/${slug}.html`;
    return page === null || !row && !also ? [] : [[row ? row.named : also.raw, page]];
  });
}

/** What the table says of an entry: a record for each line of an order, one for each currency of anything else. */
function records(index, hit, entry, rows) {
  const base = {
    hit, entry, what: WHAT[entry.type] || entry.type, id: entry.shown, page: entry.page, links: [], line: null, status: undefined, period: null, currency: null,
    total: null, expected: null, why: '', next: '',
  };
  const scoped = entry.type === 'account' && entry.orders.length ? entry.orders[0] : entry.key;
  if (IN_SCOPE.includes(entry.type) && !isDetailed(entry)) base.links.push([tr('Query this {type}', { type: lowered(entry.type) }), queryOf(index, entry.type, scoped)]);
  if (rows === null) {
    const isMany = entry.files.length > FEW_FILES;
    return [{ ...base, why: isMany ? tr('Has too many lines to add up here; the query does.') : entry.type === 'order' ? tr('No extract of this snapshot has it any more; its page says what was last known.') : tr('Its page has the figures.') }];
  }
  const oneOf = (row) => ({
    status: row.status, period: monthWords(index, row.month), currency: index.currencies.get(row.currency), total: totalOf(index, row),
    expected: row.expected === null ? null : BigInt(row.expected), why: row.reason ?? '', update: row.update ?? '', next: row.next ?? '',
  });
  if (isDetailed(entry) && rows.length) return rows.map((row) => ({ ...base, ...oneOf(row), line: row.line, page: pageOf(row) ?? base.page }));
  if (!rows.length) return [{ ...base, why: tr('No rebate line or open order of this snapshot belongs to it; its page says what is known.') }];

  if (!IN_SCOPE.includes(entry.type)) base.links.push(...ordersOf(entry, rows).slice(0, FEW_ORDERS).map(([words, page]) => [tr('Order {words}', { words }), page]));
  const currencies = [...new Set(rows.map((row) => row.currency))];
  return currencies.map((code) => {
    const own = rows.filter((row) => row.currency === code), states = new Map();
    for (const row of own) states.set(row.status, (states.get(row.status) || 0) + 1);
    if (own.length === 1) return { ...base, ...oneOf(own[0]), line: own[0].line };
    const totals = own.map((row) => totalOf(index, row)).filter((total) => total !== null), months = [...new Set(own.map((row) => row.month))];
    const counts = [...states].map(([status, count]) => `${kit.thousands(String(count))} ${statusWords(index, status)}`).join(tr(', '));
    return {
      ...base, status: states.size === 1 ? own[0].status : undefined, currency: index.currencies.get(code),
      period: months.length === 1 ? monthWords(index, months[0]) : countOf(months.length, 'period', 'periods'),
      total: totals.length ? totals.reduce((sum, total) => sum + total, ZERO) : null,
      why: tr('{orders}, {lines}: {counts}', { orders: countOf(new Set(own.map((row) => row.order)).size, 'order', 'orders'), lines: countOf(own.filter((row) => row.line !== null).length, 'line', 'lines'), counts }),
    };
  });
}

// ---- Words and marks.

function icon(name) {
  const { namespaceURI } = document.querySelector('svg'), [picture, use] = ['svg', 'use'].map((part) => document.createElementNS(namespaceURI, part));
  picture.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#i-${name}`);
  picture.append(use);
  return picture;
}

function statusMark(index, slug) {
  if (slug === undefined) return null;
  if (slug === null || slug === 'no-line') return element('span', { class: 'st s-unknown' }, icon('unknown'), statusWords(index, null));
  return element('span', { class: `st s-${slug}` }, icon(slug), statusWords(index, slug));
}

function amountOf(record) {
  if (record.currency === null || record.total === null && record.expected === null) return element('span', { class: 'none' }, '\u2013', element('span', { class: 'vh' }, tr(' no amount')));
  if (record.total !== null) return kit.inWords(record.total, record.currency);
  return element('span', null, element('span', { class: 'quiet' }, tr('expected ')), kit.inWords(record.expected, record.currency));
}

const link = (page, words) => page === null ? isolated(words) : element('a', { href: href(page) }, isolated(words));
const lowered = (type) => (WHAT[type] || type).toLowerCase();

function table(index, all, isTyped) {
  const columns = [isTyped ? tr('As typed') : tr('As pasted'), 'ID', tr('Status'), tr('Period'), tr('What it means'), tr('Rebate')], last = columns.length - 1;
  const head = element('tr', { role: 'row' }, ...columns.map((label, at) => element('th', { scope: 'col', role: 'columnheader', ...(at === last ? { class: 'n', 'data-measure': 'rebate' } : {}) }, label)));
  const cell = (label, ...parts) => element('td', { role: 'cell', ...(label ? { 'data-l': label } : {}) }, ...parts);
  const rows = all.map((record, at) => {
    const { hit, entry } = record, isFirst = at === 0 || all[at - 1].hit !== hit;
    const times = hit.count > 1 ? tr('{count} times', { count: hit.count }) : null, notes = [hit.how, times].filter(Boolean).join(tr(', '));
    return element('tr', { role: 'row' },
      element('th', { scope: 'row', role: 'rowheader' }, isolated(hit.text), isFirst && notes ? element('span', { class: 'nt' }, notes) : null),
      cell('ID', link(record.page, record.id), element('span', { class: 'nt' }, record.what, record.line !== null && entry.type !== 'line' ? element('span', null, tr(', line '), isolated(record.line)) : null)),
      cell(null, statusMark(index, record.status)),
      cell(tr('Period'), record.period ?? element('span', { class: 'none' }, '\u2013', element('span', { class: 'vh' }, tr(' none')))),
      cell(null, record.why && kit.closed(record.why), record.update ? element('span', { class: 'nt' }, kit.closed(record.update)) : null, record.next ? element('span', { class: 'nt' }, record.status === 'rejected' ? tr('Recommended fix: ') : '', kit.closed(record.next)) : null,
        record.links.length ? element('span', { class: 'nt' }, ...record.links.flatMap(([words, page], i) => [i ? tr(', ') : '', link(page, words)])) : null),
      element('td', { role: 'cell', class: 'n' }, amountOf(record)));
  });
  return element('div', { class: 'tw' }, element('table', { class: 'cards found', role: 'table' },
    element('caption', null, tr('As of {words}. An order with several lines has a row for each; the rebate is calculated plus adjustments.', { words: index.words })),
    element('thead', { role: 'rowgroup' }, head), element('tbody', { role: 'rowgroup' }, ...rows)));
}

const COLUMNS = [
  [tr('As pasted')], [tr('Times'), 'count'], [tr('What it is')], ['ID'], [tr('Line')], [tr('Status')], [tr('Period')], [tr('Currency')], [tr('Rebate'), 'amount'], [tr('Expected'), 'amount'], [tr('What it means')],
  [tr('Next step')], [tr('Page')],
].map(([name, kind = 'text']) => ({ name, kind }));

/** The same as a table for a file; what is not certain or not in the data is in it, too. */
function tableOf(all, results, index) {
  const money = (minor, currency) => minor === null || currency === null ? null : { minor, digits: currency.digits };
  const none = [null, null, null, null, null, null, null];
  const rows = [
    ...all.map((record) => [
      record.hit.text, record.hit.count, record.what, record.id, record.line, record.status === undefined ? null : statusWords(index, record.status), record.period,
      record.currency === null ? null : record.currency.code, money(record.total, record.currency), money(record.expected, record.currency), record.why, record.next, record.page,
    ]),
    ...results.maybe.map((one) => [one.text, one.count, tr('Not certain'), ...none, lostWords(one), null, null]),
    ...results.unknown.map((one) => [one.text, one.count, tr('Not in this snapshot'), ...none, nearWords(one), null, null]),
  ];
  return { facts: [[tr('Looked up'), countOf(rows.length, 'row', 'rows')], [tr('Snapshot'), index.words]], columns: COLUMNS, rows, name: tr('IDs looked up, as of {words}', { words: index.words }) };
}

/** The table as text that a spreadsheet takes from the clipboard. */
function asText({ columns, rows }) {
  const plain = (value) => value === null ? '' : typeof value === 'object' ? kit.plain(value.minor, value) : String(value);
  return [columns.map((column) => column.name), ...rows.map((row) => row.map(plain))].map((row) => row.map((words) => {
    const shown = kit.visible(words.replace(/[\t\r\n]+/g, ' '));
    // The guard of a CSV cell, without its quotes.
    return kit.cell(shown).startsWith('"\'') && !shown.startsWith('\'') ? `'${shown}` : shown;
  }).join('\t')).join('\n');
}

function lostWords({ maybe, lost }) {
  const ids = [...new Set(maybe.map(({ entry }) => entry.shown))];
  if (!lost) return tr('This can be read in {ids} ways: {why}', { ids: ids.length === 2 ? tr('two') : ids.length, why: maybe.map(({ entry, why }) => tr('{type} {id} ({why})', { type: lowered(entry.type), id: entry.shown, why })).join(tr(', ')) });
  if (lost.tooMany) return tr('Digits were lost: {why}, and too many IDs fit. Copy the ID from where it comes from, with the column as text.', { why: lost.why });
  if (!ids.length) return tr('Digits were lost: {why}, and no ID of this snapshot fits. Copy the ID from where it comes from, with the column as text.', { why: lost.why });
  return tr('Digits were lost: {why}. {fit}: {ids}', { why: lost.why, fit: ids.length === 1 ? tr('One ID fits') : tr('{ids} IDs fit', { ids: ids.length }), ids: ids.join(tr(', ')) });
}

function difference({ steps }) {
  if (steps === 0) return tr('the same in ordinary letters');
  if (steps === null) return tr('begins or ends alike');
  return steps === 1 ? tr('one character differs') : tr('{steps} characters differ', { steps });
}

function nearWords({ near, alike }) {
  const close = near.length ? tr('Nearest: {entry}.', { entry: near.map((entry) => tr('{type} {id} ({why})', { type: lowered(entry.type), id: entry.shown, why: difference(entry) })).join(tr(', ')) }) : tr('Nothing here is spelled like it.');
  return (alike ? tr('It {alike}. ', { alike: alike.words }) : '') + close;
}

/** The links to what may be meant. */
const links = (entries, words) => entries.flatMap((entry, at) => [at ? tr(', ') : '', `${lowered(entry.type)} `, link(entry.page, entry.shown), words ? tr(' ({words})', { words: words(entry) }) : '']);

function maybeItem(one) {
  const { lost, maybe } = one, item = element('li', null, element('b', null, isolated(one.text)), one.count > 1 ? tr(' ({count} times)', { count: one.count }) : '', tr(': '));
  if (lost && !maybe.length || lost && lost.tooMany) item.append(lostWords(one));
  else if (lost) item.append(...[tr('digits were lost ({why}); {fit}: ', { why: lost.why, fit: new Set(maybe.map(({ entry }) => entry.key)).size === 1 ? tr('one ID fits') : tr('these IDs fit') }), ...links(maybe.map(({ entry }) => entry)), '.']);
  else item.append(tr('can be read in more than one way: '), ...maybe.flatMap(({ entry, why }, at) => [at ? tr('; ') : '', ...links([entry], () => why)]), '.');
  return item;
}

function unknownItem(one) {
  const item = element('li', null, element('b', null, isolated(one.text)), one.count > 1 ? tr(' ({count} times)', { count: one.count }) : '', tr(': '));
  if (one.alike) item.append(tr('it {alike}. ', { alike: one.alike.words }));
  if (one.near.length) item.append(one.alike ? tr('Nearest: ') : 'nearest: ', ...links(one.near, difference), '.');
  else item.append(one.alike ? tr('Nothing here is spelled like it.') : tr('nothing here is spelled like it.'));
  return item;
}

function searched(index, more = '') {
  return element('p', null, tr('Searched: every order, rebate line, account, customer, invoice, subscription, batch, payout, program, cancellation and adjustment as of {words}{more}. ', { words: index.words, more }) +
    tr('Check the letters O and I against the digits 0 and 1, and whether the ID comes from another system or from after that day. '),
  element('a', { href: href('order/index.html') }, tr('All orders')), tr(' lists them by period.'));
}

// ---- The answer.

let run = 0;

function show(heading, actions, ...blocks) {
  const title = element('h2', { id: 'found-heading', tabindex: '-1' }, heading);
  const head = element('div', { class: 'sec-h' }, title, actions.length ? element('p', { class: 'act' }, ...actions) : null);
  found.replaceChildren(element('section', { class: 'sec', 'aria-labelledby': 'found-heading' }, head, ...blocks.filter(Boolean)));
  found.removeAttribute('aria-busy');
  tieout.regions();
  title.focus();
  tieout.say(heading);
}

function busy(words) {
  found.setAttribute('aria-busy', 'true');
  found.replaceChildren(element('p', { class: 'muted', id: 'found-progress' }, words));
}

/** How far it is, on the page at once, and said now and then. */
function progressOf(words) {
  let said = 0;
  return (done, all) => {
    const line = document.getElementById('found-progress');
    if (line) line.textContent = tr('{words}: {done} of {files} \u2026', { words, done, files: countOf(all, 'file', 'files') });
    const quarter = Math.floor(4 * done / all);
    if (all > 20 && quarter > said && done < all) tieout.say(tr('{words}: {quarter} percent', { words, quarter: 25 * (said = quarter) }));
  };
}

/** What can be done with a table: copied, and saved as a file. */
function actionsFor(all) {
  const copy = element('button', { type: 'button', class: 'btn btn-s', 'data-copy': 'found-text' }, icon('copy'), element('span', null, tr('Copy as text for a spreadsheet')));
  const files = tieout.out ? [
    kit.file('found.csv', tieout.out.csv(all), 'text/csv;charset=utf-8', 'CSV'),
    kit.file('found.xlsx', tieout.out.xlsx(all), 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', tr('Excel')),
  ] : [];
  return { actions: [copy, ...files], text: element('pre', { id: 'found-text', hidden: '' }, asText(all)) };
}

/** The list of named things: pages, articles, customers. */
function topics(entries) {
  const items = entries.slice(0, 40).map((entry) => element('li', null, link(entry.page, entry.shown), element('span', { class: 'quiet' }, ` ${WHAT[entry.type] || entry.type}`)));
  const rest = entries.length - items.length;
  return element('ul', { class: 'links' }, ...items, rest > 0 ? element('li', null, tr('and {rest} more: another word narrows it down', { rest })) : null);
}

async function answer(heading, results, own) {
  const { index } = await find.open();
  const hits = results.found, entries = hits.flatMap((hit) => hit.exact);
  const rows = await rowsOf(entries, progressOf(tr('Reading the lines of these IDs')));
  if (own !== run) return;
  const all = hits.flatMap((hit) => hit.exact.flatMap((entry) => records(index, hit, entry, rows.get(entry))));
  const file = all.length || results.unknown.length ? actionsFor(tableOf(all, results, index)) : { actions: [], text: null };
  const named = results.named || [], blocks = [];
  if (all.length) blocks.push(table(index, all, results.isTyped));
  if (results.maybe.length) blocks.push(kit.section(tr('Not certain'), element('p', null, tr('Nothing of these is taken for certain: choose the one that is meant, or copy the ID again from where it comes from, with the column as text.')), element('ul', null, ...results.maybe.map(maybeItem))));
  if (results.unknown.length) {
    blocks.push(kit.section(tr('{unknown} not in this snapshot', { unknown: countOf(results.unknown.length, 'ID is', 'IDs are') }), element('ul', null, ...results.unknown.map(unknownItem)), searched(index)));
  }
  if (named.length) blocks.push(all.length || results.maybe.length ? kit.section(tr('By its words'), topics(named)) : topics(named));
  if (results.left && results.left.length) {
    blocks.push(element('details', { class: 'no-print' }, element('summary', null, tr('{dates} not taken for IDs', { dates: countOf(results.left.length, 'date, amount or number was', 'dates, amounts and numbers were') })),
      element('p', { class: 'small' }, results.left.slice(0, 200).join(' \u00b7 '))));
  }
  show(heading, file.actions, ...blocks, file.text);
}

function failed(error, own) {
  if (own !== run) return;
  const known = error && error.code ? error : kit.problem('Q-303', 'query/data/', tr('is damaged'));
  if (known !== error) console.error(error);
  const again = element('button', { type: 'button', class: 'btn' }, tr('Try again'));
  again.addEventListener('click', () => location.reload());
  show(tr('The index of this site could not be loaded'), [], kit.note('unknown-error', tr('Code {code}: {path} {words}.', known)),
    element('p', null, tr('Reload the page. Where it was copied from somewhere, copy the folder query/data with it. If it stays, send this code to whoever builds this site. '),
      element('a', { href: href('order/index.html') }, tr('All orders')), tr(' and the other lists do not need it.')), element('p', null, again));
}

// ---- The search field: what it finds may be one page, which is then opened.

/** The pages of what was found; places within one page are one page. */
function pagesOf(entries) {
  const pages = new Map();
  for (const entry of entries) for (const page of entry.pages.length ? entry.pages : [entry.page]) pages.set(page === null ? null : page.replace(/#.*/, ''), page);
  return pages;
}

const quoted = (words) => `\u201c${words.length > 60 ? words.slice(0, 60) + '\u2026' : words}\u201d`;

async function ask(words) {
  const own = ++run;
  form.elements.q.value = words;
  // A receipt is longer than ids are; a short one may be an id that begins alike.
  const isReceipt = /^to[-\s]/i.test(words.normalize('NFKC').trim()), leadToReceipt = () => location.replace(`${root}query.html?receipt=${tieout.scope.encode(words.trim())}`);
  if (isReceipt && tieout.canonical(words).length >= 22) { leadToReceipt(); return; }
  busy(tr('Searching \u2026'));
  try {
    const result = await find.search(words), { index } = await find.open(), { exact, many } = result;
    if (own !== run) return;
    const pages = pagesOf(exact), named = result.named.filter((entry) => !pages.has(entry.page));
    const hit = { ...result, text: words.trim(), count: 1 }, isSplit = result.maybe.length > 0 || result.lost !== null;
    const shown = many ? { ...many, left: [] } : { found: exact.length ? [hit] : [], maybe: isSplit ? [hit] : [], unknown: [] };
    if (exact.length && !named.length && !shown.maybe.length && !shown.unknown.length && pages.size === 1 && !pages.has(null)) {
      location.replace(root + [...pages.values()][0]);
      return;
    }
    if (isReceipt && !shown.found.length && !shown.maybe.length) { leadToReceipt(); return; }
    document.title = `${quoted(words)} \u00b7 ${document.title.replace(/^\u201c.*\u201d \u00b7 /, '')}`;
    if (shown.found.length || shown.maybe.length || named.length) {
      const count = exact.length + named.length;
      await answer(count ? tr('{words} has {results}', { words: quoted(words), results: countOf(count, 'result', 'results') }) : tr('{words} is not certain', { words: quoted(words) }), { ...shown, named, isTyped: true }, own);
      return;
    }
    const near = result.near.length
      ? [element('p', null, tr('This is nearest:')), element('ul', { class: 'links' }, ...result.near.map((entry) => element('li', null, link(entry.page, entry.shown), element('span', { class: 'quiet' }, ` ${WHAT[entry.type] || entry.type}${entry.steps === undefined ? '' : tr(', ') + difference(entry)}`))))]
      : [element('p', null, tr('Nothing is spelled like it, either. Try one word of the name, or the ID as it is on the invoice.'))];
    show(tr('Nothing here is called {words}', { words: quoted(words) }), [], result.alike ? kit.note('under-review', tr('It {alike}.', { alike: result.alike.words })) : null, ...near,
      searched(index, tr(', and the names of customers, programs, campaigns, articles, statuses, reasons, discrepancies and pages')));
  } catch (error) {
    failed(error, own);
  }
}

form.addEventListener('submit', (event) => {
  const field = form.elements.q;
  if (tieout.canonical(field.value) !== '') return;
  event.preventDefault();
  field.focus();
  tieout.say(tr('Enter an ID or a word.'));
});

// ---- The pasted list. It stays here: it is sent to nobody, and the address does not have it.

const area = box.querySelector('textarea'), button = box.querySelector('button');

async function lookUp() {
  if (!/[\p{L}\p{N}]/u.test(area.value)) {
    area.focus();
    tieout.say(tr('Paste a list or a text first.'));
    return;
  }
  const own = ++run;
  busy(tr('Looking up \u2026'));
  try {
    const results = await find.paste(area.value, progressOf(tr('Looking up')));
    if (own !== run) return;
    const count = results.found.length + results.maybe.length + results.unknown.length;
    if (count) await answer(tr('{found} of {count} in this snapshot', { found: kit.thousands(String(results.found.length)), count: countOf(count, 'ID is', 'IDs are') }), results, own);
    else {
      show(tr('No ID was recognized in this text'), [], element('p', null, tr('An ID has digits, such as an order number, an invoice or a batch. Put each on a line of its own where it is written in another way; what stands alone on a line is always looked up.')));
    }
  } catch (error) {
    failed(error, own);
  }
}

button.addEventListener('click', lookUp);
area.addEventListener('keydown', (event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); lookUp(); } });

const asked = new URLSearchParams(location.search).get('q');
if (asked !== null && tieout.canonical(asked) !== '') ask(asked);
}());
