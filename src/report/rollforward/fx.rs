//! The balance in the currency of our own books, on the page of a month: beside the statements, never in them.

use super::{Files, file, movement_words, suffix};
use crate::model::ledger::{FxRate, RateKind};
use crate::model::money::{Currency, Money};
use crate::model::time::date_in_words;
use crate::reconcile::fx::{MissingRate, Translated, Translation, closing_total, translate};
use crate::reconcile::rollforward::{Movement, RollForward};
use crate::report::Report;
use crate::report::page::{Block, Link, Text};
use crate::report::table::{Cell, Column, Row, Table};
use crate::{mark, say};

/// The section of a month; nothing where no currency of our own books is configured, or nothing is to be translated.
pub(super) fn section(
    report: &Report<'_>,
    rolled: &RollForward,
    name: &str,
    files: &mut Files,
) -> Option<Block> {
    let functional = report.sources.functional_currency?;
    let translations = translate(report.reconciled.rules.reference, functional, rolled);
    if translations.keys().all(|currency| *currency == functional) {
        return None;
    }
    let mut actions = Vec::new();
    let mut add = |label: String, part: &str, table: Table| {
        let path = format!("{name}.{part}.csv");
        actions.push(Link::to(label, path.clone()));
        files.push((path, file(&table)));
        Block::Table(table)
    };
    let mut closing = closing_table(rolled, functional);
    closing.rows.extend(translations.iter().map(|(currency, t)| closing_row(*currency, t)));
    closing.foot.extend(closing_total(&translations, functional).map(|total| Row {
        style: "tot",
        cells: vec![
            Cell::text(say!("Total")),
            Cell::empty(),
            Cell::empty(),
            Cell::empty(),
            Cell::empty(),
            Cell::money(total),
        ],
        ..Row::default()
    }));
    let mut blocks = vec![add(say!("Closing CSV").to_owned(), "fx", closing)];
    for (currency, translation) in translations.iter().filter(|(currency, _)| **currency != functional) {
        let table = statement_table(rolled, functional, *currency, translation);
        blocks.push(add(say!("{currency} CSV", currency), &format!("fx.{}", suffix(*currency)), table));
    }
    let missing: Vec<MissingRate> = translations.values().flat_map(Translation::missing).collect();
    if !missing.is_empty() {
        blocks.push(Block::Paragraph {
            text: vec![Text::plain(say!(
                "A row without a rate is not translated. Add the rate and its source to fx.csv:"
            ))],
        });
        let item = |rate: &MissingRate| {
            vec![Text::plain(say!(
                "{from} to {to} on {rate}: {row}",
                from = rate.from,
                to = rate.to,
                rate = date_in_words(rate.date),
                row = rate.row()
            ))]
        };
        blocks.push(Block::List { ordered: false, items: missing.iter().map(item).collect() });
    }
    Some(Block::Section {
        id: "fx".to_owned(),
        heading: say!("In {functional}, the currency of our books", functional),
        actions,
        blocks,
    })
}

/// An amount, or that its rate is missing.
fn translated(amount: Option<Money>) -> Cell {
    amount.map_or(Cell { none: Some(say!("no rate")), ..Cell::default() }, Cell::money)
}

fn closing_table(rolled: &RollForward, functional: Currency) -> Table {
    Table {
        id: "fx-closing".to_owned(),
        caption: say!(
            "Closing balances on {to}, as known at {known}, at the closing rate of fx.csv; half a minor unit rounds away from zero.",
            to = date_in_words(rolled.to.day),
            known = rolled.known.in_words()
        ),
        layout: "wide",
        columns: vec![
            Column::text("Currency"),
            Column::money("Closing", "closing"),
            Column::number("Closing rate"),
            Column::date("Date").minor(),
            Column::text("Source").minor(),
            Column::money_of(|| say!("In {functional}", functional), "functional"),
        ],
        ..Table::default()
    }
}

fn closing_row(currency: Currency, translation: &Translation<'_>) -> Row {
    let rate = translation.closing_rate();
    Row {
        cells: vec![
            Cell::text(currency.code()),
            Cell::money(translation.closing.amount),
            rate.map_or_else(Cell::empty, |rate| Cell::text(rate.rate.to_string())),
            rate.map_or_else(Cell::empty, |rate| Cell::date(Some(rate.date))),
            rate.and_then(|rate| rate.source).map_or_else(Cell::empty, |source| Cell::text(source.as_str())),
            translated(translation.closing.functional),
        ],
        ..Row::default()
    }
}

fn statement_table(
    rolled: &RollForward,
    functional: Currency,
    currency: Currency,
    translation: &Translation<'_>,
) -> Table {
    let row = |style, name: String, row: &Translated<'_>| Row {
        style,
        cells: vec![
            Cell::text(name),
            Cell::money(row.amount),
            Cell::text(rates(row)),
            translated(row.functional),
        ],
        ..Row::default()
    };
    let mut table = Table {
        id: format!("fx-{}", suffix(currency)),
        caption: say!(
            "From {currency} to {functional}: the opening at the closing rate of the month before; a movement at the rate of \
             its date, else at the average of the month, else at the closing rate; FX is what the closing balance differs \
             from them.",
            currency,
            functional
        ),
        layout: "tight",
        columns: vec![
            Column::text("Movement"),
            Column::money(currency.code(), "amount"),
            Column::text("Rate").in_other_words(mark!("Rate of exchange")).minor(),
            Column::money(functional.code(), "functional"),
        ],
        ..Table::default()
    };
    table.rows.push(row("sub", movement_words(rolled, Movement::Opening).0, &translation.opening));
    for (movement, moved) in &translation.movements {
        table.rows.push(row("ind", movement_words(rolled, *movement).0, moved));
    }
    table.rows.push(Row {
        style: "ind",
        cells: vec![Cell::text("FX"), Cell::empty(), Cell::empty(), translated(translation.difference())],
        ..Row::default()
    });
    let name = say!("Closing balance, {to}", to = date_in_words(rolled.to.day));
    table.foot.push(row("tot", name, &translation.closing));
    table
}

/// `1.07 on 12 May 2026, 1.08 average`.
fn rates(row: &Translated<'_>) -> String {
    let rate = |rate: &FxRate| match rate.kind {
        Some(RateKind::Average) => say!("{rate} average", rate = rate.rate),
        Some(RateKind::Closing) => {
            say!("{rate} closing {day}", rate = rate.rate, day = date_in_words(rate.date))
        }
        Some(RateKind::Transaction) | None => {
            say!("{rate} on {day}", rate = rate.rate, day = date_in_words(rate.date))
        }
    };
    let all: Vec<String> = row.parts.iter().filter_map(|part| part.rate).map(rate).collect();
    all.join(say!(", "))
}
