//! The dictionary of the site: statuses, reasons, discrepancy kinds and articles.
//!
//! What they mean is content that people edit; this module adds what the snapshot says about each of them now: how
//! many lines or cases, which, and what is at stake.

mod article;
mod kind;
mod kinds;
mod reason;
mod status;

pub(super) use article::{article, articles, repeated};
pub(super) use kind::kind;
pub(super) use kinds::kinds;
pub(super) use reason::{reason, reasons};
pub(super) use status::{status, statuses};

use super::Report;
use super::lists;
use super::page::{Block, Link, Page, Text};
use super::table::{Cell, Table};
use crate::error::Error;
use crate::model::money::{Money, MoneyByCurrency};
use crate::model::record::Origin;
use crate::reconcile::{Case, Severity};
use crate::say;

/// A page with its head: title and heading are one, the description is the lead without its markup.
pub(super) fn head(
    path: impl Into<String>,
    nav: &'static str,
    parent: Link,
    name: &str,
    lead: Vec<Text>,
) -> Page {
    Page {
        path: path.into(),
        title: name.to_owned(),
        description: lists::plain(&lead),
        nav,
        crumbs: vec![parent, Link::here(name)],
        heading: name.to_owned(),
        lead,
        ..Page::default()
    }
}

/// The way to an index page.
pub(super) fn from_overview() -> Link {
    Link::to(say!("Overview"), "index.html")
}

/// A section without links beside its heading.
pub(super) fn section(id: &str, heading: &str, blocks: Vec<Block>) -> Block {
    Block::Section { id: id.to_owned(), heading: heading.to_owned(), actions: Vec::new(), blocks }
}

/// A paragraph of plain words.
pub(super) fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph { text: vec![Text::plain(text)] }
}

/// A box without a mark.
pub(super) fn panel(heading: &str, blocks: Vec<Block>) -> Block {
    Block::Panel { heading: heading.to_owned(), tone: "", blocks }
}

/// Items of a list, one plain text each.
fn plain_list(items: &[String]) -> Block {
    Block::List { ordered: false, items: items.iter().map(|item| vec![Text::plain(item.clone())]).collect() }
}

/// Amounts of several currencies as the words of a cell: `2,120.00 USD; 5,000.00 CNY`. Zeros are left out.
pub(super) fn amounts(sums: &MoneyByCurrency) -> Cell {
    let write = |amount: fn(Money) -> String| {
        let parts: Vec<String> =
            sums.iter().filter(|m| !m.is_zero()).map(|m| format!("{} {}", amount(m), m.currency())).collect();
        parts.join(say!("; "))
    };
    let text = write(Money::grouped);
    if text.is_empty() {
        return Cell { none: Some(say!("no amount")), ..Cell::default() };
    }
    Cell { csv: Some(write(|m| m.to_string())), ..Cell::text(text) }
}

/// Amounts of several currencies in a sentence: `$2,120.00 and 5,000.00 CNY`. Zeros are left out.
pub(crate) fn amounts_in_words(sums: &MoneyByCurrency) -> String {
    let parts: Vec<String> = sums.iter().filter(|m| !m.is_zero()).map(Money::in_words).collect();
    match parts.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            say!("{rest} and {last}", rest = rest.join(say!(", ")), last)
        }
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// What is at stake in cases, per currency.
fn at_stake<'c>(cases: impl IntoIterator<Item = &'c Case>) -> MoneyByCurrency {
    let mut sums = MoneyByCurrency::default();
    sums.extend(cases.into_iter().filter_map(Case::at_stake));
    sums
}

/// A severity in words: what it asks of a reader.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => say!("Info: nothing to do"),
        Severity::Low => say!("Low: act when there is time"),
        Severity::Medium => say!("Medium: act soon"),
        Severity::High => say!("High: act now"),
        Severity::Critical => say!("Critical: act before anything else"),
    }
}

/// A table without some of its columns: those that would say the same in every row, or that only the file has.
pub(super) fn without_columns(mut table: Table, labels: &[&str]) -> Table {
    for label in labels {
        let Some(place) = table.columns.iter().position(|column| column.label == *label) else { continue };
        table.columns.remove(place);
        for row in table.rows.iter_mut().chain(&mut table.foot).filter(|row| place < row.cells.len()) {
            row.cells.remove(place);
        }
    }
    table
}

/// Where a row of a reference file stands: `reference/status_map.csv, line 3`.
fn place(report: &Report<'_>, origin: &Origin) -> Cell {
    let files = report.sources.files;
    Cell::code(format!("{}:{}", files.path(origin.source), files.line(origin.source)))
}

/// The address of an article.
fn article_path(id: &str) -> String {
    format!("kb/{id}.html")
}

/// An article by its title, as a cell.
fn article_cell(report: &Report<'_>, id: &str) -> Cell {
    report
        .sources
        .content
        .articles
        .get(id)
        .map_or_else(Cell::empty, |a| Cell::link(a.title.clone(), article_path(id)))
}

/// The panel that leads from a page to the articles that help, after the steps that hold for every case.
fn recommended_actions(report: &Report<'_>, steps: Vec<Vec<Text>>, articles: &[String]) -> Block {
    let mut blocks = Vec::new();
    if !steps.is_empty() {
        blocks.push(Block::List { ordered: true, items: steps });
    }
    let links: Vec<Vec<Text>> = articles
        .iter()
        .filter_map(|id| report.sources.content.articles.get(id))
        .map(|a| {
            vec![
                Text::link(a.title.clone(), article_path(&a.id)),
                Text::quiet(say!(": {summary}", summary = a.summary)),
            ]
        })
        .collect();
    if !links.is_empty() {
        blocks.push(Block::List { ordered: false, items: links });
    }
    Block::Panel { heading: say!("Recommended actions").to_owned(), tone: "flag", blocks }
}

/// The body of a content page; nothing where it has none.
///
/// # Errors
/// [`Error::Content`] when the Markdown cannot be shown.
fn body(report: &Report<'_>, place: &str, markdown: &str) -> Result<Vec<Block>, Error> {
    if markdown.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![Block::Prose { html: report.prose(place, markdown)? }])
}

/// The lines of a page with their files: tables per currency, or one sentence where there are none.
fn lines_now(report: &Report<'_>, lines: &[u32], name: &str, none: &str) -> (Block, Vec<(String, Table)>) {
    let (mut blocks, exports, actions) = lists::line_tables(report, lines, name);
    if blocks.is_empty() {
        blocks.push(paragraph(none));
    }
    (
        Block::Section { id: "lines".to_owned(), heading: say!("Lines now").to_owned(), actions, blocks },
        exports,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::money::Currency;

    fn sums(amounts: &[(i128, &str)]) -> MoneyByCurrency {
        let mut sums = MoneyByCurrency::default();
        sums.extend(
            amounts.iter().map(|(minor, code)| Money::from_minor(*minor, Currency::parse(code).unwrap())),
        );
        sums
    }

    #[test]
    fn amounts_of_several_currencies_are_listed_and_never_added() {
        let both = sums(&[(212_000, "USD"), (500_000, "CNY"), (0, "EUR")]);
        assert_eq!(amounts(&both).text, "5,000.00 CNY; 2,120.00 USD");
        assert_eq!(amounts(&both).value(), "5000.00 CNY; 2120.00 USD");
        assert_eq!(amounts_in_words(&both), "5,000.00 CNY and $2,120.00");
        assert_eq!(amounts(&sums(&[(0, "USD")])).none, Some("no amount"));
        assert_eq!(amounts_in_words(&sums(&[])), "");
    }
}
