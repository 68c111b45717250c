//! Pages: their amounts with what they are about, and where two versions of a page differ.
//!
//! An amount is a `<data value="…">` or an element with `data-value="…;…"`. Its measure is the `data-measure` of its
//! column, else of the nearest element around it; scope and snapshot likewise, a row before the page. The markup is the
//! one that `render` writes: attributes in double quotes, every element closed.

use std::collections::BTreeMap;

use super::lines::{around, parted};
use super::{About, Difference, Mode, What};

/// Elements that have no end tag.
const VOID: [&str; 8] = ["!doctype", "br", "hr", "img", "input", "link", "meta", "wbr"];

/// How many amounts are marked.
pub(super) fn count(html: &str) -> usize {
    let lists = html.split(" data-value=\"").skip(1).filter_map(|rest| rest.split('"').next());
    html.matches("<data value=\"").count() + lists.map(|list| list.split(';').count()).sum::<usize>()
}

/// The differences of two versions of a page.
pub(super) fn compare(found: &str, expected: &str, mode: Mode) -> Vec<Difference> {
    let (a, b) = (tokens(found), tokens(expected));
    if mode == Mode::Figures {
        return by_figure(found, (&a, &b));
    }
    if a.len() == b.len() {
        return by_token(found, (&a, &b));
    }
    let (from, _) = parted(
        &a.iter().map(|token| token.text).collect::<Vec<_>>(),
        &b.iter().map(|token| token.text).collect::<Vec<_>>(),
    );
    let piece = |tokens: &[Token<'_>]| {
        tokens.iter().skip(from).take(3).map(|token| token.written()).collect::<String>()
    };
    let start = a.get(from).map_or(found.len(), |token| token.start);
    let mut differences = by_figure(found, (&a, &b));
    let (was, is) = around(&piece(&a), &piece(&b));
    let place = format!("from {}, markup was added or taken out", place(found, start));
    differences.push(Difference::new(start, place, What::Words, was, is));
    differences
}

/// A tag or the text between two tags.
#[derive(Debug, Clone, Copy)]
struct Token<'h> {
    start: usize,
    /// Without the brackets of a tag.
    text: &'h str,
    is_tag: bool,
}

impl Token<'_> {
    fn written(&self) -> String {
        if self.is_tag { format!("<{}>", self.text) } else { self.text.to_owned() }
    }
}

impl<'h> Token<'h> {
    /// Name and attributes of a start tag.
    fn opens(&self) -> Option<(&'h str, &'h str)> {
        if !self.is_tag || self.text.starts_with('/') {
            return None;
        }
        let end = self.text.find([' ', '\n', '/']).unwrap_or(self.text.len());
        let (name, attributes) = self.text.split_at(end);
        if self.text.ends_with('/') || VOID.contains(&name) { None } else { Some((name, attributes)) }
    }
}

fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut push = |start: usize, end: usize, is_tag: bool| {
        if start < end || is_tag {
            tokens.push(Token { start, text: &html[start..end], is_tag });
        }
    };
    while let Some(open) = html[start..].find('<').map(|at| start + at) {
        push(start, open, false);
        let end = html[open..].find('>').map_or(html.len(), |at| open + at);
        push(open + 1, end, true);
        start = (end + 1).min(html.len());
    }
    push(start, html.len(), false);
    tokens
}

/// The value of an attribute of a tag.
fn attribute<'h>(attributes: &'h str, name: &str) -> Option<&'h str> {
    let mut rest = attributes;
    while let Some((before, value)) = rest.split_once("=\"") {
        let (value, after) = value.split_once('"').unwrap_or((value, ""));
        if before.trim_start().ends_with(name) && before.trim_start().len() == name.len() {
            return Some(value);
        }
        rest = after;
    }
    None
}

fn unescaped(text: &str) -> String {
    let entities = [("&#39;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

/// `line 12, column 340` of a place in a text.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    format!("line {line}, column {column}")
}

struct Element<'h> {
    name: &'h str,
    attributes: &'h str,
    /// Cells of a row so far.
    cells: usize,
}

/// Where a walk through a page is.
#[derive(Default)]
struct Walk<'h> {
    open: Vec<Element<'h>>,
    /// The start tags of the columns of the table that is open.
    columns: Vec<&'h str>,
    table: &'h str,
    /// The row of the table, and the words of its header.
    row: usize,
    header: String,
}

impl<'h> Walk<'h> {
    fn step(&mut self, token: &Token<'h>) {
        if !token.is_tag {
            // The header of a row is its first cell.
            if let Some(row) = self.open.iter().rposition(|element| element.name == "tr")
                && self.open.len() > row + 1
                && self.open[row].cells == 1
            {
                self.header.push_str(token.text);
            }
            return;
        }
        if let Some(name) = token.text.strip_prefix('/') {
            // A damaged page may close what was never opened.
            if let Some(at) = self.open.iter().rposition(|element| element.name == name) {
                self.open.truncate(at);
            }
            return;
        }
        let Some((name, attributes)) = token.opens() else { return };
        match name {
            "table" => (self.columns, self.table, self.row) = (Vec::new(), "", 0),
            "caption" => self.table = attribute(attributes, "id").unwrap_or_default(),
            "th" if attribute(attributes, "scope") == Some("col") => self.columns.push(attributes),
            "tr" => {
                self.row += 1;
                self.header.clear();
            }
            _ => {}
        }
        if matches!(name, "th" | "td")
            && let Some(row) = self.open.last_mut()
        {
            row.cells += 1;
        }
        self.open.push(Element { name, attributes, cells: 0 });
    }

    /// What is said about the place.
    fn about(&self) -> About {
        let cell = self.open.iter().any(|element| matches!(element.name, "td" | "th"));
        let row = self.open.iter().rev().find(|element| element.name == "tr");
        let column = row.filter(|_| cell).and_then(|row| self.columns.get(row.cells.checked_sub(1)?));
        let said = |name: &str| {
            let around = || self.open.iter().rev().find_map(|element| attribute(element.attributes, name));
            column
                .and_then(|column| attribute(column, name))
                .or_else(around)
                .map_or_else(String::new, unescaped)
        };
        About { measure: said("data-measure"), scope: said("data-scope"), snapshot: said("data-snapshot") }
    }

    /// Table and row of the cell that is open, in words.
    fn in_row(&self) -> String {
        if self.open.iter().all(|element| element.name != "td") {
            return String::new();
        }
        let table = self.table.strip_suffix("-caption").unwrap_or(self.table);
        let table = if table.is_empty() { String::new() } else { format!(", table {table}") };
        let header = unescaped(self.header.trim());
        if header.is_empty() { table } else { format!("{table}, row {header}") }
    }
}

/// The tokens of an amount, from its start tag to its end tag, both included.
fn amount_at(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let (name, attributes) = tokens[at].opens()?;
    let is_amount = name == "data" || attribute(attributes, "data-value").is_some();
    let closes = |token: &Token<'_>| token.is_tag && token.text.strip_prefix('/') == Some(name);
    is_amount.then(|| at + tokens[at..].iter().position(closes).unwrap_or(0))
}

/// What an amount shows.
fn shown(tokens: &[Token<'_>]) -> String {
    unescaped(&tokens.iter().filter(|token| !token.is_tag).map(|token| token.text).collect::<String>())
}

/// The plain value, or several, of an amount.
fn value<'h>(start: &Token<'h>) -> &'h str {
    let attributes = start.opens().map_or("", |(_, attributes)| attributes);
    attribute(attributes, "value").or_else(|| attribute(attributes, "data-value")).unwrap_or_default()
}

/// The differences of two pages of the same markup: amounts as a whole, and every other tag or text by itself.
fn by_token(found: &str, (a, b): (&[Token<'_>], &[Token<'_>])) -> Vec<Difference> {
    let mut walk = Walk::default();
    let mut differences = Vec::new();
    let differs = |at: usize| a[at].text != b[at].text || a[at].is_tag != b[at].is_tag;
    let last = (0..a.len()).rfind(|at| differs(*at)).map_or(0, |at| at + 1);
    // Up to where an amount reaches that is compared already.
    let mut done = 0;
    for at in 0..last {
        walk.step(&a[at]);
        if at < done {
            continue;
        }
        let end = amount_at(b, at).filter(|end| *end > at);
        let what = if end.is_some() { What::Figure } else { What::Words };
        let range = at..=end.unwrap_or(at);
        done = range.end() + 1;
        let Some(first) = range.clone().find(|at| differs(*at)) else { continue };
        let (was, is) = match end {
            Some(end) => {
                let (was, is) = (shown(&a[at..=end]), shown(&b[at..=end]));
                let (plain_was, plain_is) = (value(&a[at]), value(&b[at]));
                if plain_was == plain_is {
                    (was, is)
                } else {
                    (format!("{was} ({plain_was})"), format!("{is} ({plain_is})"))
                }
            }
            None => around(&unescaped(&a[at].written()), &unescaped(&b[at].written())),
        };
        let place = format!("{}{}", place(found, a[first].start), walk.in_row());
        let mut difference = Difference::new(a[first].start, place, what, was, is);
        difference.about = Some(walk.about());
        differences.push(difference);
    }
    differences
}

/// An amount of a page.
struct Figure {
    start: usize,
    shown: String,
    /// The plain value, and the digits of what is shown, which must say the same.
    value: (String, String),
    row: String,
}

/// Where an amount belongs: what it is about, and in a table its row.
type Key = (About, String, usize);

fn figures(tokens: &[Token<'_>]) -> BTreeMap<Key, Vec<Figure>> {
    let mut walk = Walk::default();
    let mut all: BTreeMap<Key, Vec<Figure>> = BTreeMap::new();
    for at in 0..tokens.len() {
        walk.step(&tokens[at]);
        let Some(end) = amount_at(tokens, at) else { continue };
        let is_cell = walk.open.iter().any(|element| matches!(element.name, "td" | "th"));
        let (table, row) = if is_cell { (walk.table.to_owned(), walk.row) } else { (String::new(), 0) };
        let shown = shown(&tokens[at..=end]);
        let digits = shown.chars().map(|c| if c == '\u{2212}' { '-' } else { c });
        let digits = digits.filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-')).collect();
        let figure = Figure {
            start: tokens[at].start,
            value: (value(&tokens[at]).to_owned(), digits),
            shown,
            row: walk.in_row(),
        };
        all.entry((walk.about(), table, row)).or_default().push(figure);
    }
    all
}

/// The amounts that are not the same, whatever the words around them are. Amounts with the same key are a set: a sentence may
/// be built another way.
fn by_figure(found: &str, (a, b): (&[Token<'_>], &[Token<'_>])) -> Vec<Difference> {
    let (mut there, mut expected) = (figures(a), figures(b));
    let keys: Vec<Key> = there.keys().chain(expected.keys()).cloned().collect();
    let mut differences = Vec::new();
    for key in keys {
        let (a, b) = (there.remove(&key).unwrap_or_default(), expected.remove(&key).unwrap_or_default());
        let mut left: Vec<Option<Figure>> = b.into_iter().map(Some).collect();
        let mut more: Vec<Figure> = Vec::new();
        for figure in a {
            let same =
                left.iter_mut().find(|other| other.as_ref().is_some_and(|other| other.value == figure.value));
            match same {
                Some(same) => *same = None,
                None => more.push(figure),
            }
        }
        let mut left = left.into_iter().flatten();
        let mut more = more.into_iter();
        loop {
            let (a, b) = (more.next(), left.next());
            let words = |figure: &Option<Figure>| {
                figure.as_ref().map_or_else(
                    || "no such figure".to_owned(),
                    |figure| format!("{} ({})", figure.shown, figure.value.0),
                )
            };
            let place = match (&a, &b) {
                (None, None) => break,
                (Some(figure), _) => format!("{}{}", place(found, figure.start), figure.row),
                (None, Some(figure)) => format!("taken out{}", figure.row),
            };
            let start = a.as_ref().map_or(usize::MAX, |figure| figure.start);
            let mut difference = Difference::new(start, place, What::Figure, words(&a), words(&b));
            difference.about = Some(key.0.clone());
            differences.push(difference);
        }
    }
    differences.sort_unstable();
    differences
}
