// Enhancements only: every page reads, links and prints without this file.
(function () {
'use strict';
var html = document.documentElement, root = html.dataset.root || './', live = document.getElementById('live');

function say(text) {
  if (!live) return;
  live.textContent = '';
  setTimeout(function () { live.textContent = text; }, 60);
}

// The language of the page: assets/messages-*.js has the texts of all scripts where it is not English, and how dates are
// written. The English text is the key; {name} stands for a value.
var spoken = window.tieoutMessages || { texts: {}, dates: null };

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, function (whole, name) { return values && name in values ? String(values[name]) : whole; });
}

function tr(text, values) {
  return fill(Object.prototype.hasOwnProperty.call(spoken.texts, text) ? spoken.texts[text] : text, values);
}

// From what was typed to the address of an order: the rule of the program (contract, section 5), written a second time.

// White space, dashes, underscores, slashes, dots, and characters without a width: src/ingest/grammar.rs, is_left_out.
var LEFT_OUT = new RegExp('[\\s\\u0000-\\u001f\\u007f-\\u009f\\-_/.' +
  '\\u00ad\\u02d7\\u034f\\u058a\\u05be\\u061c\\u115f\\u1160\\u1400\\u17b4\\u17b5\\u1806\\u180b-\\u180f' +
  '\\u200b-\\u200f\\u2010-\\u2015\\u2028-\\u202e\\u203f\\u2040\\u2043\\u2053\\u2054\\u2060-\\u206f\\u207b\\u208b\\u2212' +
  '\\u2800\\u2e17\\u2e1a\\u2e3a\\u2e3b\\u2e40\\u2e5d\\u301c\\u3030\\u30a0\\u3164\\ufe00-\\ufe0f\\ufe31\\ufe32\\ufe58\\ufe63' +
  '\\ufeff\\uff0d\\uffa0\\ufff0-\\ufffb\\u{10ead}\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}]', 'gu');
var RESERVED = /^(?:index|404|con|prn|aux|nul|(?:com|lpt)[1-9])$/;

function canonical(text) {
  // What is left out can bring a letter and an accent together, so once is not always enough.
  for (var i = 0; i < 9; i++) {
    var next = text.normalize('NFKC').replace(LEFT_OUT, '').toUpperCase().replace(LEFT_OUT, '');
    if (next === text) break;
    text = next;
  }
  return text;
}

function hex(byte) { return '_' + (byte < 16 ? '0' : '') + byte.toString(16); }

// null for an id that is too long: its address holds a checksum, which a script on a page opened from disk cannot make.
function slug(text) {
  var out = '';
  new TextEncoder().encode(canonical(text).toLowerCase()).forEach(function (byte) {
    var c = String.fromCharCode(byte);
    out += /[a-z0-9-]/.test(c) ? c : hex(byte);
  });
  if (RESERVED.test(out)) out = hex(out.charCodeAt(0)) + out.slice(1);
  return out.length > 120 ? null : out;
}

window.tieout = { canonical: canonical, slug: slug, say: say, tr: tr, fill: fill, spoken: spoken, regions: function () { requestAnimationFrame(regions); } };

// What is typed into the header goes to the page of queries, which knows every id and opens its page.
var form = document.querySelector('form.find');
if (form) form.addEventListener('submit', function (e) {
  var input = form.elements.q;
  if (canonical(input.value) !== '') return;
  e.preventDefault();
  input.focus();
  say(tr('Enter an ID or a word.'));
});

// Copy buttons: data-copy holds the id of the element whose text is copied.
document.addEventListener('click', function (e) {
  var button = e.target.closest && e.target.closest('[data-copy]');
  var from = button && document.getElementById(button.dataset.copy);
  if (!from) return;
  var text = from.textContent.trim();
  function copied() {
    say(tr('Copied'));
    if (button.dataset.was) return;
    button.dataset.was = button.lastChild.textContent;
    button.lastChild.textContent = tr('Copied');
    setTimeout(function () { button.lastChild.textContent = button.dataset.was; delete button.dataset.was; }, 1600);
  }
  // On a page opened from disk or over plain http.
  function fallback() {
    var area = document.createElement('textarea'), done = false;
    area.value = text;
    area.readOnly = true;
    area.className = 'vh';
    document.body.appendChild(area);
    area.select();
    try { done = document.execCommand('copy'); } catch (_) { done = false; }
    area.remove();
    button.focus();
    if (done) copied(); else say(tr('Copying did not work. Select the text and copy it.'));
  }
  if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).then(copied, fallback);
  else fallback();
});

// Sortable tables: the text of the header is already a button.
var MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
function key(row, index, kind) {
  var cell = row.cells[index], copy = cell ? cell.cloneNode(true) : null;
  if (!copy || copy.querySelector('.none')) return null;
  if (kind) copy.querySelectorAll('.quiet,.vh').forEach(function (x) { x.remove(); });
  var text = copy.textContent.trim();
  if (text === '') return null;
  if (kind === 'n') {
    var number = parseFloat(text.replace(/\u2212/g, '-').replace(/[^0-9.-]/g, ''));
    return isNaN(number) ? (text === 'today' ? 0 : null) : number;
  }
  if (kind === 'd') {
    // The other way to write a date: all numbers, the year first.
    var numbers = spoken.dates && /^(\d{4})\D+(\d{1,2})(?:\D+(\d{1,2}))?/.exec(text);
    if (numbers) return numbers[1] * 10000 + (numbers[2] - 1) * 300 + +(numbers[3] || 0);
    var parts = /^(?:(\d{1,2}) )?([A-Z][a-z]{2})[a-z]* (\d{4})/.exec(text);
    // A month is the place of its name: three letters each.
    return parts ? parts[3] * 10000 + MONTHS.indexOf(parts[2]) * 100 + +(parts[1] || 0) : null;
  }
  return text.toLowerCase();
}
document.addEventListener('click', function (e) {
  var button = e.target.closest && e.target.closest('table.sortable thead button');
  if (!button) return;
  var th = button.parentNode, table = th.closest('table'), index = th.cellIndex;
  var up = th.getAttribute('aria-sort') !== 'ascending';
  var kind = th.classList.contains('n') ? 'n' : th.classList.contains('c-date') ? 'd' : '';
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (c) { c.removeAttribute('aria-sort'); });
  th.setAttribute('aria-sort', up ? 'ascending' : 'descending');
  var body = table.tBodies[0], sorted = document.createDocumentFragment();
  Array.prototype.map.call(body.rows, function (row, i) { return { key: key(row, index, kind), i: i, row: row }; })
    .sort(function (a, b) {
      // Rows without a value stay at the end, whichever way the others go.
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.i - b.i;
      var order = typeof a.key === 'string' ? a.key.localeCompare(b.key, 'en') : a.key - b.key;
      return order ? (up ? order : -order) : a.i - b.i;
    })
    .forEach(function (x) { sorted.appendChild(x.row); });
  body.appendChild(sorted);
  say(tr('Sorted by {label}, {isUp}', { label: button.textContent.trim(), isUp: up ? tr('ascending') : tr('descending') }));
});

// A link to a record as it was known earlier (#v2, or the day of a snapshot, #s-2026-06-17): say so above the page, and what
// changed since. Without a script the row of the timeline is marked.
function seen() {
  var old = document.getElementById('seen'), table = document.querySelector('table.rail'), hash = location.hash.slice(1);
  if (old) old.remove();
  if (!table || !/^(?:v\d+|s-\d{4}-\d\d-\d\d)/.test(hash)) return;
  var rows = Array.prototype.slice.call(table.tBodies[0].rows), day = /^s-(\d{4})-(\d\d)-(\d\d)/.exec(hash);
  var at = rows.findIndex(function (row) { return row.id === hash || day && key(row, 0, 'd') <= day[1] * 10000 + (day[2] - 1) * 300 + +day[3]; });
  if (at < 0) return;
  function words(row, cell) { return row.cells[cell].textContent.trim(); }
  function line(into, text, bold) {
    var part = document.createElement(bold ? 'b' : 'span');
    part.textContent = text;
    into.appendChild(part);
  }
  var note = document.createElement('div'), row = rows[at], status = row.cells[1].querySelector('b');
  note.id = 'seen';
  note.className = 'note s-calculated';
  line(note, at ? tr('As you may have seen it on {day}: ', { day: words(row, 0) }) : tr('This is the newest record. '), true);
  if (at) {
    line(note, (status || row.cells[1]).textContent.trim() + tr(', ') + words(row, 2).replace(/^\u2013\s*/, '') + tr('. Since then:'));
    var list = document.createElement('ul');
    rows.slice(0, at).reverse().forEach(function (later) {
      var item = document.createElement('li'), what = later.cells[1].querySelector('.nt');
      item.textContent = words(later, 0) + tr(': ') + (what || later.cells[1]).textContent.trim() + ' (' + words(later, 2).replace(/^\u2013\s*/, '') + ')';
      list.appendChild(item);
    });
    note.appendChild(list);
  }
  var head = document.querySelector('main .wrap');
  head.insertBefore(note, head.firstChild);
}
seen();
addEventListener('hashchange', seen);

// Lists of articles, filtered while typing.
document.querySelectorAll('.filter').forEach(function (box) {
  var input = box.querySelector('input'), items = box.querySelectorAll('.kbl > li'), none = box.lastElementChild;
  input.addEventListener('input', function () {
    var words = input.value.toLowerCase().split(/\s+/), found = 0;
    items.forEach(function (item) {
      var text = (item.textContent + ' ' + (item.dataset.k || '')).toLowerCase();
      item.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
      if (!item.hidden) found++;
    });
    none.hidden = found > 0;
    say(found === 1 ? tr('1 article') : tr('{count} articles', { count: found }));
  });
});

// The box around a wide table is a tab stop only while it scrolls.
function regions() {
  document.querySelectorAll('.tw').forEach(function (box) {
    var caption = box.querySelector('caption');
    if (box.scrollWidth > box.clientWidth + 1) {
      box.tabIndex = 0;
      if (caption && caption.id) {
        box.setAttribute('role', 'region');
        box.setAttribute('aria-labelledby', caption.id);
      }
    } else {
      ['tabindex', 'role', 'aria-labelledby'].forEach(function (name) { box.removeAttribute(name); });
    }
  });
}
regions();
addEventListener('resize', regions);
addEventListener('toggle', regions, true);
}());
