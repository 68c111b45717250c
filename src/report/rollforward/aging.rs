//! What is unpaid at the end of a month, by age.

use super::{Files, item_cell, program_cell, share, suffix};
use crate::model::time::date_in_words;
use crate::reconcile::rollforward::{Age, Band, RollForward, Statement, total};
use crate::report::Report;
use crate::report::page::{Block, Link};
use crate::report::table::{Cell, Column, Row, Table};
use crate::say;

/// The section of a month: one table per currency, and one by program where there are several.
pub(super) fn section(
    report: &Report<'_>,
    rolled: &RollForward,
    statements: &[&Statement],
    name: &str,
    files: &mut Files,
) -> Block {
    let mut actions = Vec::new();
    let mut blocks = Vec::new();
    for (number, statement) in statements.iter().filter(|s| s.aging.items() > 0).enumerate() {
        let (code, suffix) = (statement.currency.code(), suffix(statement.currency));
        let mut table = age_table(report, rolled, statement);
        let path = format!("{name}.unpaid-by-age.{suffix}.csv");
        actions.push(Link::to(say!("{code} CSV", code), path.clone()));
        files.push((path, table.clone()));
        if number > 0 {
            table.rows = age_rows(report, statement, |band| band.items > 0);
        }
        blocks.push(Block::Table(table));
        if statement.aging.programs.len() > 1 {
            let table = program_table(report, statement);
            let path = format!("{name}.unpaid-by-age-programs.{suffix}.csv");
            actions.push(Link::to(say!("{code} by program CSV", code), path.clone()));
            files.push((path, table.clone()));
            blocks.push(Block::Table(table));
        }
    }
    Block::Section {
        id: "unpaid-by-age".to_owned(),
        heading: say!("Unpaid by age").to_owned(),
        actions,
        blocks,
    }
}

/// `0–30 days`, `Over 120 days`.
fn in_words(age: Age) -> &'static str {
    match age {
        Age::To30 => say!("0–30 days"),
        Age::To60 => say!("31–60 days"),
        Age::To90 => say!("61–90 days"),
        Age::To120 => say!("91–120 days"),
        Age::Over120 => say!("Over 120 days"),
    }
}

/// What the amounts of an age measure; the names are those of `data/totals.csv`.
fn measure(age: Age) -> &'static str {
    match age {
        Age::To30 => "aging-0-30",
        Age::To60 => "aging-31-60",
        Age::To90 => "aging-61-90",
        Age::To120 => "aging-91-120",
        Age::Over120 => "aging-over-120",
    }
}

fn age_table(report: &Report<'_>, rolled: &RollForward, statement: &Statement) -> Table {
    let code = statement.currency.code();
    let closing = statement.aging.total();
    let mut table = Table {
        id: format!("unpaid-by-age-{}", suffix(statement.currency)),
        caption: say!(
            "Days from the end of the earning period to {to}, as known at {known}. Amounts in {code}.",
            to = date_in_words(rolled.to.day),
            known = rolled.known.in_words(),
            code
        ),
        layout: "tight",
        columns: vec![
            Column::text("Age"),
            Column::number("Open items"),
            Column::money("Amount", "amount"),
            Column::number("Share").minor(),
            Column::text("Oldest").minor(),
        ],
        ..Table::default()
    };
    table.rows = age_rows(report, statement, |_| true);
    table.foot.push(Row {
        style: "tot",
        cells: vec![
            Cell::text(say!("Closing balance")),
            Cell::count(statement.aging.items()),
            Cell::money(closing),
            share(closing, closing),
            Cell::empty(),
        ],
        ..Row::default()
    });
    table
}

/// One row for each age that is wanted.
fn age_rows(report: &Report<'_>, statement: &Statement, is_wanted: impl Fn(&Band) -> bool) -> Vec<Row> {
    let closing = statement.aging.total();
    let bands = Age::ALL.into_iter().map(|age| (age, statement.aging.band(age)));
    let row = |(age, band): (Age, Band)| Row {
        cells: vec![
            Cell::text(in_words(age)),
            Cell::count(band.items),
            Cell::money(band.amount),
            share(band.amount, closing),
            band.oldest.map_or(Cell { none: Some(say!("no open item")), ..Cell::default() }, |oldest| {
                item_cell(report, &oldest)
            }),
        ],
        ..Row::default()
    };
    bands.filter(|(_, band)| is_wanted(band)).map(row).collect()
}

fn program_table(report: &Report<'_>, statement: &Statement) -> Table {
    let code = statement.currency.code();
    let mut columns = vec![Column::text("Program")];
    columns.extend(Age::ALL.map(|age| Column::money_of(|| in_words(age).to_owned(), measure(age))));
    columns.push(Column::money("Closing", "closing"));
    let mut table = Table {
        id: format!("unpaid-by-age-programs-{}", suffix(statement.currency)),
        caption: say!("The same by program. Amounts in {code}.", code),
        layout: "wide",
        columns,
        ..Table::default()
    };
    let row = |style, first: Cell, bands: &[Band; 5]| Row {
        style,
        cells: std::iter::once(first)
            .chain(Age::ALL.map(|age| Cell::money(bands[age as usize].amount)))
            .chain([Cell::money(total(bands))])
            .collect(),
        ..Row::default()
    };
    for (program, bands) in &statement.aging.programs {
        table.rows.push(row("", program_cell(report, *program), bands));
    }
    table.foot.push(row("tot", Cell::text(say!("Total")), &statement.aging.bands));
    table
}
