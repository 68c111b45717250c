// The query of an internal audience (query.html). The address is the question; the answer is made here of the files in
// query/data/ (src/audience/query.rs says what is in them).
(function () {
'use strict';
const tieout = window.tieout, { tr } = tieout, form = document.getElementById('scope'), answer = document.getElementById('answer');
if (!form || !answer) return;
const { amount, countOf, csv, element, file, isolated, lower, note, plain, problem, section, show, shown, text, thousands } = tieout.kit;
const root = document.documentElement.dataset.root || './', ZERO = BigInt(0), LISTED = 200;
const fields = [...form.elements].filter((field) => field.name), names = fields.map((field) => field.name);
const load = (path, set) => tieout.kit.load(path, set);
const readIndex = () => load('query/data/index.js', answer.dataset.set).then((data) => {
  const t = (number) => text(data, number);
  const tables = data.tables.map(([name, words]) => ({ name: t(name), words: t(words), values: [] }));
  for (const [table, value, title, slug] of data.values) tables[table].values.push({ value: t(value), title: t(title), slug: t(slug) });
  return {
    tables,
    states: data.states.map(([code, words]) => ({ code: t(code), words: t(words) })),
    currencies: data.currencies.map(([code, digits]) => ({ code: t(code), digits })),
    columns: data.columns.map(([measure, words, label]) => ({ measure: t(measure), words: t(words), label: t(label) })),
    files: data.files.map(([month, path, set]) => ({ month, path: t(path), set: t(set) })),
  };
});

// ---- The question.

/** The places of the values that are meant by a text in any spelling: an id, or a name in any case. */
function meant(values, asked) {
  const all = values.map((value, place) => ({ ...value, place }));
  const ways = [({ value }) => value === asked, ({ value }) => tieout.canonical(value) === tieout.canonical(asked), ({ title }) => lower(title).includes(lower(asked))];
  for (const way of ways) {
    const found = all.filter(way);
    if (found.length) return found;
  }
  return [];
}

// ---- The answer.

const nothing = (index) => ({ rows: 0, amounts: index.columns.map(() => ZERO) });
function add(sum, rows, amounts) {
  sum.rows += rows;
  sum.amounts = sum.amounts.map((x, i) => x + amounts[i]);
}

/** A table of sums: each row has a head, its sums and their currency. */
function table(index, id, caption, first, rows, foot) {
  const row = (style) => ({ head, sum, currency }) => element('tr', style ? { class: style } : null,
    element('th', { scope: 'row' }, head), element('td', { class: 'n' }, thousands(String(sum.rows))),
    index.columns.length ? element('td', null, currency.code) : null,
    ...sum.amounts.map((minor) => element('td', { class: 'n' }, shown(minor, currency))));
  return element('div', { class: 'tw', role: 'region', 'aria-labelledby': `${id}-caption`, tabindex: '0' },
    element('table', { class: 'wide', id },
      element('caption', { id: `${id}-caption` }, caption),
      element('thead', null, element('tr', null,
        element('th', { scope: 'col' }, first), element('th', { scope: 'col', class: 'n' }, tr('Rows')),
        index.columns.length ? element('th', { scope: 'col' }, tr('Currency')) : null,
        ...index.columns.map(({ words, measure }) => element('th', { scope: 'col', class: 'n', 'data-measure': measure }, words)))),
      element('tbody', null, ...rows.map(row(''))),
      element('tfoot', null, ...foot.map(row('tot')))));
}

/** Sums by a key and the currency, in the order of both. */
function grouped(index, found, key) {
  const groups = new Map();
  for (const { places, state, currency, rows, amounts } of found) {
    const head = key(places, state), id = head * index.currencies.length + currency;
    if (!groups.has(id)) groups.set(id, { head, currency, sum: nothing(index) });
    add(groups.get(id).sum, rows, amounts);
  }
  return [...groups.entries()].sort(([a], [b]) => a - b).map(([, group]) => ({ ...group, currency: index.currencies[group.currency] }));
}

function showAnswer(index, asked, found) {
  const words = names.filter((name) => asked[name]).map((name) => asked[name].words);
  const heading = words.length ? words.join(tr(', ')) : tr('All rows');
  const rows = found.reduce((sum, cells) => sum + cells.rows, 0);
  const all = grouped(index, found, () => 0).map((group) => ({ ...group, head: tr('All rows') }));
  const blocks = [element('p', { class: 'answer' }, countOf(rows, 'row', 'rows'))];
  const states = index.states.length ? grouped(index, found, (places, state) => state) : [];
  blocks.push(table(index, 'sums', tr('What is rejected or waits for a calculation has no amount in the total.'), index.states.length ? tr('Status') : tr('Value'),
    states.map((group) => ({ ...group, head: index.states[group.head].words })), all));
  const lines = [[tr('Table'), tr('Value'), tr('Rows'), tr('Currency'), ...index.columns.map(({ label }) => label)]];
  index.tables.forEach(({ name, words: title, values }, number) => {
    const groups = grouped(index, found, (places) => places[number]);
    for (const { head, sum, currency } of groups) {
      lines.push([title, values[head].value, String(sum.rows), currency.code, ...sum.amounts.map((minor) => plain(minor, currency))]);
    }
    if (asked[name] && groups.every(({ head }) => head === groups[0].head)) {
      blocks.push(element('p', null, tr('All rows of '), link(name, values[groups[0].head])));
      return;
    }
    const listed = groups.slice(0, LISTED).map((group) => ({ ...group, head: link(name, values[group.head]) }));
    const caption = groups.length > LISTED ? tr('The first {LISTED} of {count}; the file has all.', { LISTED, count: groups.length }) : tr('Each value has a page with all of its rows.');
    blocks.push(section(title, table(index, `by-${name}`, caption, title, listed, [])));
  });
  answer.dataset.scope = names.filter((name) => asked[name]).map((name) => `${name}=${encodeURIComponent(asked[name].value)}`).join('&') || 'all';
  document.title = heading;
  show(answer, heading, [file('query.csv', csv(lines), 'text/csv', 'CSV')], ...blocks);
}

const link = (table, { title, slug }) => element('a', { href: `${root}${table}/${slug}.html` }, isolated(title));

function showProblem(error) {
  const known = error && error.code ? error : problem('Q-303', 'query/data/', tr('is damaged'));
  if (known !== error) console.error(error);
  const again = element('button', { type: 'button', class: 'btn' }, tr('Try again'));
  again.addEventListener('click', () => location.reload());
  show(answer, tr('The data of this query could not be loaded'), [], note('unknown-error', tr('Code {code}: {path} {words}.', known)), element('p', null, again));
}

async function ask() {
  const given = new URLSearchParams(location.search), asked = {}, wanted = {};
  const texts = names.map((name) => [name, (given.get(name) || '').trim()]).filter(([, value]) => value);
  if (![...given.keys()].length) return;
  answer.setAttribute('aria-busy', 'true');
  try {
    const index = await readIndex();
    for (const [name, value] of texts) {
      const values = name === 'status' ? index.states.map(({ code, words }) => ({ value: code, title: words })) : index.tables.find((one) => one.name === name).values;
      const found = meant(values, value), field = form.elements[name];
      if (field.options && found.length) field.value = found[0].value;
      else if (!field.options) field.value = value;
      if (!found.length) {
        show(answer, tr('Nothing is called {value}', { value }), [], element('p', null, tr('Check the spelling, or leave it out.')));
        return;
      }
      asked[name] = { value: found.length === 1 ? found[0].value : value, words: found.length === 1 ? found[0].title : value };
      wanted[name] = new Set(found.map(({ place }) => place));
    }
    const files = index.files.filter(({ month }) => month === null || !wanted.month || wanted.month.has(month));
    const data = await Promise.all(files.map(({ path, set }) => load(path, set)));
    const found = [];
    for (const row of data.flatMap(({ sums }) => sums)) {
      const places = row.slice(0, index.tables.length), [state, currency, rows, ...amounts] = row.slice(index.tables.length);
      if (index.tables.some(({ name }, number) => wanted[name] && !wanted[name].has(places[number])) || wanted.status && !wanted.status.has(state)) continue;
      found.push({ places, state, currency, rows, amounts: amounts.map(amount) });
    }
    if (found.length) showAnswer(index, asked, found);
    else show(answer, tr('No row is in this scope'), [], element('p', null, tr('Leave a part out, and query again.')));
  } catch (error) {
    showProblem(error);
  }
}

// Names to choose from, once somebody goes there.
for (const field of fields.filter((one) => one.list)) {
  field.addEventListener('focus', () => {
    readIndex().then(({ tables }) => {
      const { values } = tables.find(({ name }) => name === field.name);
      field.list.replaceChildren(...values.map(({ value, title }) => element('option', { value }, title)));
    }, () => {});
  }, { once: true });
}

ask();
}());
