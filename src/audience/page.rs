//! What a customer may see in words and figures, for its page and its file.

use serde::Serialize;

use super::steady::STAGES;
use super::{CurrencyView, CustomerView};
use crate::content::customer::{self as content, CustomerPage, fill};
use crate::language::Language;
use crate::model::money::Money;
use crate::model::time::Month;
use crate::report::table::{Cell as TableCell, Column, Row as TableRow, Table};

/// The address of what a server shows where the tree has no such file.
pub const MISSING: &str = "404.html";
/// The address of the file in its tree.
pub const FILE: &str = "rebates.csv";

/// The classes of the stages, in their order.
const SLUGS: [&str; STAGES] = ["in-progress", "confirmed", "completed"];

/// The page in words and figures; its fields are for the template.
#[derive(Debug, Serialize)]
pub struct Page<'p> {
    words: &'p CustomerPage,
    /// Whether it only says that there is no page; then it leads nowhere, because it may be served at any address.
    is_missing: bool,
    language: &'static str,
    name: String,
    organization: String,
    prepared: String,
    as_of: String,
    lead: String,
    contact: String,
    currencies: Vec<Currency>,
    jumps: Vec<Jump>,
    stages: Vec<Stage>,
    split_note: String,
    notes: Vec<Notes>,
}

#[derive(Debug, Serialize)]
struct Currency {
    code: String,
    caption: String,
    sums: Vec<Cell>,
    rows: Vec<Row>,
    total: Vec<Cell>,
    withheld: String,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    months: String,
    cells: Vec<Cell>,
    as_of: String,
}

#[derive(Debug, Serialize)]
struct Cell {
    slug: &'static str,
    label: String,
    /// What is marked in the markup: `2230.00 USD`; empty where there is no amount.
    value: String,
    text: String,
    /// How many columns it takes.
    span: usize,
}

#[derive(Debug, Serialize)]
struct Jump {
    id: String,
    text: String,
}

#[derive(Debug, Serialize)]
struct Stage {
    slug: &'static str,
    label: String,
    meaning: String,
    expected: String,
}

#[derive(Debug, Serialize)]
struct Notes {
    month: String,
    texts: Vec<String>,
}

/// The amounts of a customer as a table for a spreadsheet.
pub fn table(view: &CustomerView, words: &CustomerPage) -> Table {
    let labels = words.all_stages().map(|stage| stage.label.clone());
    let columns = [words.month.clone(), words.currency.clone()]
        .into_iter()
        .chain(labels)
        .chain([words.total.clone(), words.updated.clone()]);
    let rows = view.currencies.iter().flat_map(|currency| {
        currency.rows.iter().map(|row| {
            let stages = row.stages.map_or([None; STAGES], |stages| stages.map(Some));
            let amounts = stages.into_iter().chain([Some(row.total)]);
            let cells = [words.months(row.months), currency.currency.code().to_owned()]
                .into_iter()
                .chain(amounts.map(|amount| amount.map_or_else(String::new, |amount| amount.to_string())))
                .chain([row.as_of.to_string()]);
            TableRow { cells: cells.map(TableCell::text).collect(), ..TableRow::default() }
        })
    });
    Table {
        columns: columns.map(|label| Column::text(&label)).collect(),
        rows: rows.collect(),
        ..Table::default()
    }
}

/// Every day, month and amount that the page and the file of a customer write, as they write them: what a customer may see
/// beside its name.
pub fn figures(view: &CustomerView, words: &CustomerPage) -> Vec<String> {
    let mut all = vec![words.date(view.as_of.date()), view.as_of.to_string()];
    let mut amount = |amount: Money| all.extend([amount.in_words(), amount.grouped(), amount.to_string()]);
    for currency in &view.currencies {
        let (stages, total) = currency.sums();
        let rows = currency.rows.iter().map(|row| (row.stages, row.total));
        for (stages, total) in rows.chain([(stages, total)]) {
            stages.into_iter().flatten().chain([total]).for_each(&mut amount);
        }
    }
    for currency in &view.currencies {
        for row in &currency.rows {
            all.extend([words.months(row.months), words.date(row.as_of.date()), row.as_of.to_string()]);
            all.push(id(currency.currency.code(), row.months));
        }
        all.extend(currency.withheld.iter().map(|months| words.months(*months)));
    }
    all.extend(view.notes.iter().map(|(month, _)| words.months((*month, *month))));
    all
}

/// The page of a customer.
pub fn page<'p>(view: &CustomerView, words: &'p CustomerPage) -> Page<'p> {
    let names = [("name", view.name.as_str()), ("organization", &view.organization)];
    let prepared = if view.organization.is_empty() { &words.prepared } else { &words.prepared_by };
    let least = view.least.to_string();
    let has_rows = view.currencies.iter().any(|currency| !currency.rows.is_empty());
    let stage = |(slug, stage): (&'static str, &content::Stage)| Stage {
        slug,
        label: stage.label.clone(),
        meaning: stage.meaning.clone(),
        expected: stage.expected.clone(),
    };
    Page {
        words,
        is_missing: false,
        language: Language::spoken().lang(),
        name: view.name.clone(),
        organization: view.organization.clone(),
        prepared: fill(prepared, &names),
        as_of: fill(&words.as_of, &[("date", &words.date(view.as_of.date()))]),
        lead: if view.currencies.is_empty() { words.nothing.clone() } else { words.lead.clone() },
        contact: match view.contact.as_str() {
            "" => words.no_contact.clone(),
            contact => fill(&words.contact, &[("contact", contact)]),
        },
        currencies: view.currencies.iter().map(|currency| of_currency(currency, view, words)).collect(),
        jumps: jumps(view, words),
        stages: SLUGS.into_iter().zip(words.all_stages()).map(stage).collect(),
        split_note: if has_rows && view.least > 1 {
            fill(&words.split_note, &[("least", &least)])
        } else {
            String::new()
        },
        notes: notes(view, words),
    }
}

/// The explanations, month by month.
fn notes(view: &CustomerView, words: &CustomerPage) -> Vec<Notes> {
    let months = view.notes.chunk_by(|(one, _), (other, _)| one == other);
    let of_month = |notes: &[(Month, String)]| Notes {
        month: notes.first().map_or_else(String::new, |(month, _)| words.months((*month, *month))),
        texts: notes.iter().map(|(_, text)| text.clone()).collect(),
    };
    months.map(of_month).collect()
}

/// The page that says that there is none.
pub fn missing<'p>(view: &CustomerView, words: &'p CustomerPage) -> Page<'p> {
    Page { is_missing: true, ..page(view, words) }
}

/// From this many rows on the months can be jumped to.
const JUMPS: usize = 6;

fn jumps(view: &CustomerView, words: &CustomerPage) -> Vec<Jump> {
    let rows =
        view.currencies.iter().flat_map(|c| c.rows.iter().map(move |row| (c.currency.code(), row.months)));
    let mut seen: Vec<(Month, Month)> = Vec::new();
    let mut jumps = Vec::new();
    for (code, months) in rows {
        if !seen.contains(&months) {
            seen.push(months);
            jumps.push((months, Jump { id: id(code, months), text: words.months(months) }));
        }
    }
    jumps.sort_by_key(|(months, _)| std::cmp::Reverse(*months));
    if jumps.len() < JUMPS { Vec::new() } else { jumps.into_iter().map(|(_, jump)| jump).collect() }
}

fn of_currency(currency: &CurrencyView, view: &CustomerView, words: &CustomerPage) -> Currency {
    let code = currency.currency.code();
    let (stages, total) = currency.sums();
    let in_table = |amount: Money| amount.grouped();
    let rows = currency.rows.iter().map(|row| Row {
        id: id(code, row.months),
        months: words.months(row.months),
        cells: cells(row.stages, row.total, words, in_table),
        as_of: words.date(row.as_of.date()),
    });
    let least = view.least.to_string();
    let withheld: Vec<String> = currency.withheld.iter().map(|months| words.months(*months)).collect();
    Currency {
        code: code.to_owned(),
        caption: fill(&words.months_caption, &[("currency", code)]),
        sums: cells(stages, total, words, Money::in_words),
        rows: rows.collect(),
        total: cells(stages, total, words, in_table),
        withheld: match withheld.as_slice() {
            [] => String::new(),
            months => fill(&words.withheld, &[("months", &months.join(", ")), ("least", &least)]),
        },
    }
}

/// The stages, where they may be told, and their sum.
fn cells(
    stages: Option<[Money; STAGES]>,
    total: Money,
    words: &CustomerPage,
    write: impl Fn(Money) -> String,
) -> Vec<Cell> {
    let cell = |slug, label: &str, amount: Money| Cell {
        slug,
        label: label.to_owned(),
        value: format!("{amount} {}", amount.currency()),
        text: write(amount),
        span: 1,
    };
    let mut cells: Vec<Cell> = match stages {
        Some(stages) => {
            let labels = words.all_stages().map(|stage| stage.label.as_str());
            SLUGS
                .into_iter()
                .zip(labels)
                .zip(stages)
                .map(|((slug, label), amount)| cell(slug, label, amount))
                .collect()
        }
        None => vec![Cell {
            slug: "",
            label: words.stages_label.clone(),
            value: String::new(),
            text: words.not_split.clone(),
            span: STAGES,
        }],
    };
    cells.push(cell("total", &words.total, total));
    cells
}

/// The place of a row on the page: `usd-2026-05`.
fn id(code: &str, (from, to): (Month, Month)) -> String {
    let code = code.to_lowercase();
    if from == to { format!("{code}-{from}") } else { format!("{code}-{from}-{to}") }
}
