//! Amounts in the markup: every one that a page shows is marked with its plain value, and says what it measures.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeSet;

use super::support::{Tree, sample};

/// Elements that have no end tag.
const VOID: [&str; 6] = ["meta", "link", "input", "br", "hr", "!doctype"];

/// Where an amount may stand unmarked, each with its reason.
const EXCEPTIONS: [(&str, &str); 4] = [
    ("code", "an extract's row or value as it was received: the source itself, no figure of ours"),
    (
        "prose",
        "articles and definitions are content that people write; their examples are no figures of this snapshot",
    ),
    (
        "chart",
        "labels of an axis and short totals such as $20k are rounded; the table below the chart has the figures",
    ),
    ("style", "no text"),
];

struct Element<'h> {
    name: &'h str,
    /// The start tag behind the name.
    attributes: &'h str,
    /// The column of the next cell, in a row.
    cells: usize,
}

impl<'h> Element<'h> {
    fn attribute(&self, name: &str) -> Option<&'h str> {
        let (_, rest) = self.attributes.split_once(&format!(" {name}=\""))?;
        rest.split('"').next()
    }
}

/// A walk through the markup of a page.
#[derive(Default)]
struct Walk<'h> {
    open: Vec<Element<'h>>,
    /// The measures of the columns of the table that is open.
    columns: Vec<Option<&'h str>>,
    /// What the amount that is open shows.
    shown: String,
    amounts: usize,
    wrong: Vec<String>,
    measures: BTreeSet<String>,
}

impl<'h> Walk<'h> {
    fn page(html: &'h str) -> Walk<'h> {
        let mut walk = Walk::default();
        for part in html.split('<').skip(1) {
            let (tag, text) = part.split_once('>').unwrap();
            if let Some(name) = tag.strip_prefix('/') {
                if name == "data" {
                    walk.amount();
                }
                let closed = walk.open.pop().unwrap();
                assert_eq!(closed.name, name);
                if matches!(name, "th" | "td")
                    && let Some(row) = walk.open.last_mut()
                {
                    row.cells += 1;
                }
            } else if !tag.ends_with('/') {
                walk.start(tag);
            }
            walk.text(text);
        }
        walk
    }

    fn start(&mut self, tag: &'h str) {
        let (name, _) = tag.split_once(' ').unwrap_or((tag, ""));
        if VOID.contains(&name) {
            return;
        }
        let element = Element { name, attributes: &tag[name.len()..], cells: 0 };
        match name {
            "table" => self.columns.clear(),
            "th" if element.attribute("scope") == Some("col") => {
                self.columns.push(element.attribute("data-measure"));
            }
            _ => {}
        }
        self.open.push(element);
    }

    fn is_within(&self, name: &str) -> bool {
        self.open.iter().any(|element| {
            element.name == name
                || element.attribute("class").is_some_and(|c| c.split(' ').any(|c| c == name))
        })
    }

    fn text(&mut self, text: &'h str) {
        let Some(last) = self.open.last() else { return };
        if self.is_within("data") {
            self.shown.push_str(text);
            return;
        }
        if let Some(values) = last.attribute("data-value") {
            let shown: Vec<String> = amounts(text);
            let plain: Vec<String> = values.split(';').map(str::to_owned).collect();
            self.amounts += plain.len();
            if shown != plain {
                self.wrong.push(format!("`{text}` says {values}"));
            }
            return;
        }
        let is_excepted = EXCEPTIONS.iter().any(|(place, _)| self.is_within(place));
        if !is_excepted && looks_like_an_amount(text) {
            self.wrong.push(format!("unmarked in <{}>: {text}", last.name));
        }
    }

    /// An amount has been shown, with what is small behind its point.
    fn amount(&mut self) {
        let text = std::mem::take(&mut self.shown);
        self.amounts += 1;
        let last = self.open.last().unwrap();
        let value = last.attribute("value").unwrap_or_default();
        let (number, code) = value.split_once(' ').unwrap_or((value, ""));
        let shown = plain(&text);
        let is_same = match shown.split_once(' ') {
            Some((shown, of)) => shown == number && of == code,
            None => shown == number,
        };
        if !is_same {
            self.wrong.push(format!("{text} has the value {value}"));
        }
        let around = self.open.iter().rev().find_map(|element| element.attribute("data-measure"));
        let cell = self.open.iter().position(|e| matches!(e.name, "th" | "td"));
        let row = cell.and_then(|at| self.open[..at].last());
        let column = row.and_then(|row| self.columns.get(row.cells).copied().flatten());
        let is_number = cell.is_some_and(|at| {
            self.open[at].attribute("class").is_some_and(|c| c.split(' ').any(|c| c == "n"))
        });
        // In a column of numbers the column itself says what it measures, and the cell which currency it is in.
        if is_number && (column.is_none() || code.is_empty()) && !self.is_within("quiet") {
            self.wrong.push(format!("{text} in a column without a measure, or without its currency"));
        }
        match column.or(around) {
            Some(measure) => {
                let is_code = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                if !measure.chars().all(is_code) {
                    self.wrong.push(format!("{text} measures `{measure}`, which is no code"));
                }
                self.measures.insert(measure.to_owned());
            }
            None => self.wrong.push(format!("{text} does not say what it measures")),
        }
        for needed in ["data-scope", "data-snapshot"] {
            if !self.open.iter().any(|e| e.attribute(needed).is_some_and(|value| !value.is_empty())) {
                self.wrong.push(format!("{text} has no {needed} around it"));
            }
        }
    }
}

/// A shown amount as its plain value: `−$2,230.00` is `-2230.00 USD`.
fn plain(shown: &str) -> String {
    let mut text = shown.replace(',', "").replace('−', "-").replace('+', "");
    for (mark, code) in [("$", "USD"), ("€", "EUR"), ("£", "GBP")] {
        if text.contains(mark) {
            text = format!("{} {code}", text.replace(mark, ""));
        }
    }
    text
}

/// The words of a text that look like amounts, as plain values.
fn amounts(text: &str) -> Vec<String> {
    let words = text.split([' ', ';', '(', ')']).map(|word| word.trim_end_matches([',', '.', ':']));
    words.filter(|word| looks_like_an_amount(word)).map(plain).collect()
}

/// Whether a text holds what a reader takes for an amount: a currency's mark before a digit, two decimals, or a code of
/// the sample's currencies behind a digit. Looser than the program's own grammar.
fn looks_like_an_amount(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    (0..chars.len()).any(|at| {
        let is_marked = matches!(chars[at], '$' | '€' | '£') && digit(at + 1);
        let has_decimals = chars[at] == '.'
            && at > 0
            && digit(at - 1)
            && digit(at + 1)
            && digit(at + 2)
            && !digit(at + 3)
            // A percentage is none, as in the grammar.
            && chars.get(at + 3) != Some(&'%')
            // A cell that is not a number is quoted where it is refused: `4O0.00`.
            && !chars[..at].iter().rev().take_while(|c| c.is_alphanumeric()).any(|c| c.is_alphabetic());
        let rest: String = chars[at..].iter().take(5).collect();
        let has_code =
            digit(at) && ["USD", "EUR", "JPY", "GBP"].iter().any(|code| rest[1..] == format!(" {code}"));
        is_marked || has_decimals || has_code
    })
}

fn pages(tree: &Tree) -> Vec<String> {
    tree.paths().into_iter().filter(|path| path.ends_with(".html")).collect()
}

#[test]
fn every_amount_of_every_page_is_marked() {
    // Goal: whoever checks a page finds all its amounts, not a sample: each with its plain value, its measure, its scope and
    // its snapshot, and none beside them. Method: a walk of its own through every page of the sample; a looser idea of
    // an amount than the program's finds what is not marked, and each marked one is compared with what is shown.
    let tree = &sample().tree;
    let (mut amounts, mut wrong, mut measures) = (0, Vec::new(), BTreeSet::new());
    for path in pages(tree) {
        let html = tree.read(&path);
        let walk = Walk::page(&html);
        amounts += walk.amounts;
        wrong.extend(walk.wrong.into_iter().map(|why| format!("{path}: {why}")));
        measures.extend(walk.measures);
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(amounts > 9_000, "{amounts} amounts were found");
    for measure in
        ["total", "eligible", "paid-so-far", "closing", "at-stake", "lead", "answer-sales", "ticket"]
    {
        assert!(measures.contains(measure), "{measure} is among {measures:?}");
    }
}

#[test]
fn the_test_of_the_amounts_bites() {
    // Goal: the test above sees what it is for. Method: small pages with one fault each.
    let page = |main: &str| {
        format!(
            "<main data-scope=\"all\" data-snapshot=\"2026-06-18\"><p data-measure=\"lead\">{main}</p></main>"
        )
    };
    let count = |html: &str| Walk::page(html).wrong.len();
    assert_eq!(count(&page("<data value=\"2230.00 USD\">$2,230.00</data> is it.")), 0);
    for fault in [
        "It is $2,230.00.",
        "It is 2,230.00.",
        "It is 61,728 JPY.",
        "<data value=\"2231.00 USD\">$2,230.00</data>",
        "<data value=\"2230.00 EUR\">$2,230.00</data>",
        "<data value=\"2230.00 USD\">−$2,230.00</data>",
        "<title data-value=\"1.00 USD\">May: $1.00; $2.00</title>",
        "<table><tr><th scope=\"col\">A</th></tr><tr><td class=\"n\"><data value=\"1.00 USD\">1.00</data></td></tr></table>",
    ] {
        assert_eq!(count(&page(fault)), 1, "{fault}");
    }
    assert!(count("<main><data value=\"1.00\">1.00</data></main>") == 3);
}

#[test]
fn pages_say_what_their_figures_are_about() {
    // Goal: scope and snapshot are those of the page. Method: one page of each kind that differs.
    let tree = &sample().tree;
    let main = |path: &str| {
        let html = tree.read(path);
        let (_, rest) = html.split_once("<main ").unwrap();
        rest.split('>').next().unwrap().to_owned()
    };
    for (path, scope, snapshot) in [
        ("index.html", "period=2026-05", "2026-06-18"),
        ("order/ord2001.html", "order=ORD-2001", "2026-06-18"),
        ("campaign/spring-growth.html", "campaign=Spring+Growth", "2026-06-18"),
        ("status/paid.html", "status=paid", "2026-06-18"),
        ("discrepancy/short-paid.html", "kind=short-paid", "2026-06-18"),
        ("snapshot/2026-06-17.html", "all", "2026-06-17"),
        ("changes/2026-06-17-to-2026-06-18.html", "all", "2026-06-18"),
        ("close/2026-04.html", "period=2026-04", "2026-05-08"),
        ("about.html", "all", "2026-06-18"),
    ] {
        let tag = main(path);
        let expected = format!("data-scope=\"{scope}\" data-snapshot=\"{snapshot}\"");
        assert!(tag.contains(&expected), "{path}: {tag}");
    }
    // Both ends of a comparison, and an earlier state in a row.
    let html = tree.read("changes/2026-06-17-to-2026-06-18.html");
    assert!(html.contains("data-measure=\"total\" data-snapshot=\"2026-06-17\">Rebate 17 Jun 2026</th>"));
    assert!(html.contains("data-measure=\"total\" data-snapshot=\"2026-06-18\">Rebate 18 Jun 2026</th>"));
    assert!(
        tree.read("period/2026-05.html")
            .contains("<tr id=\"s-2026-06-17-usd\" data-snapshot=\"2026-06-17\">")
    );
}
