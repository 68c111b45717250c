//! What a closing balance is made of, on the page of a month: how far each part has come, and which parts are booked.

use std::collections::BTreeMap;

use super::{Files, by_items, program_cell};
use crate::model::money::{Currency, Money};
use crate::model::status::Status;
use crate::model::time::date_in_words;
use crate::reconcile::layers::{Layer, LayerSum, Layered};
use crate::reconcile::rollforward::RollForward;
use crate::report::Report;
use crate::report::page::{Block, Link};
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::words::without_columns;
use crate::{mark, say};

/// A part of a layer.
type Part = fn(&LayerSum) -> Money;

/// Columns of what most months do not have.
const RARE: [(&str, Part); 3] = [
    (mark!("Adjusted"), |sum| sum.adjusted),
    (mark!("Received"), |sum| sum.received),
    (mark!("Journals"), |sum| sum.journals),
];

/// The section of a month; nothing where there is neither line nor estimate up to it.
pub(super) fn section(
    report: &Report<'_>,
    rolled: &RollForward,
    layers: &BTreeMap<Currency, Layered>,
    name: &str,
    files: &mut Files,
) -> Option<Block> {
    if layers.is_empty() {
        return None;
    }
    let table = table(report, rolled, layers);
    let path = format!("{name}.layers.csv");
    let programs = format!("{name}.layers-programs.csv");
    files.push((path.clone(), super::file(&table)));
    files.push((programs.clone(), program_table(report, layers)));
    let has =
        |part: Part| layers.values().flat_map(|layered| layered.all.values()).any(|sum| !part(sum).is_zero());
    let empty: Vec<&str> = RARE.into_iter().filter(|(_, part)| !has(*part)).map(|(label, _)| label).collect();
    Some(Block::Section {
        id: "layers".to_owned(),
        heading: say!("What the balance is made of").to_owned(),
        actions: vec![Link::to(say!("Layers CSV"), path), Link::to(say!("By program CSV"), programs)],
        blocks: vec![Block::Table(without_columns(table, &empty))],
    })
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("Layer"),
        Column::text("Currency"),
        Column::number("Records").minor(),
        Column::money("Amount", "amount"),
        Column::text("Booked").minor(),
        Column::money("Adjusted", "adjusted").minor(),
        Column::money("Received", "received").minor(),
        Column::money("Journals", "journals").minor(),
        Column::money("Balance", "balance"),
    ]
}

fn table(report: &Report<'_>, rolled: &RollForward, layers: &BTreeMap<Currency, Layered>) -> Table {
    let mut table = Table {
        id: "layers-table".to_owned(),
        caption: say!(
            "Periods up to {to}, in the statuses known at {known}. Booked by policy: {booked}. The balance holds the amounts that are \
             booked, and every adjustment, receipt and journal.",
            to = date_in_words(rolled.to.day),
            known = rolled.known.in_words(),
            booked = report.reconciled.booked.in_words()
        ),
        layout: "tight",
        columns: columns(),
        ..Table::default()
    };
    for currency in by_items(rolled, layers.keys()) {
        let layered = &layers[&currency];
        table.rows.extend(layered.all.iter().map(|(layer, sum)| row(name_cell(*layer), *layer, sum)));
        let total = |part: Part| {
            Cell::money(Money::from_minor(layered.all.values().map(|sum| part(sum).minor()).sum(), currency))
        };
        table.rows.push(Row {
            style: "sub",
            cells: vec![
                Cell::text(say!("Closing balance")),
                Cell::text(currency.code()),
                Cell::empty(),
                Cell::empty(),
                Cell::empty(),
                total(|sum| sum.adjusted),
                total(|sum| sum.received),
                total(|sum| sum.journals),
                Cell::money(Money::from_minor(layered.in_balance(), currency)),
            ],
            ..Row::default()
        });
    }
    table
}

fn row(first: Cell, layer: Layer, sum: &LayerSum) -> Row {
    let booked = match (layer, sum.is_booked) {
        (Layer::WithoutLine, _) => "",
        (Layer::OwnEstimate | Layer::NotCalculated, _) => say!("No, an estimate"),
        (_, true) => say!("Yes"),
        (_, false) => say!("No"),
    };
    Row {
        style: "ind",
        cells: vec![
            first,
            Cell::text(sum.amount.currency().code()),
            match sum.without_amount {
                0 => Cell::count(sum.records),
                none => Cell::count(sum.records).with_note(say!("{none} without an amount", none)),
            },
            if layer == Layer::WithoutLine { Cell::empty() } else { Cell::money(sum.amount) },
            Cell::text(booked),
            Cell::money(sum.adjusted),
            Cell::money(sum.received),
            Cell::money(sum.journals),
            Cell::money(sum.in_balance()),
        ],
        ..Row::default()
    }
}

/// `L3 Approved`, leading to the status it stands for.
fn name_cell(layer: Layer) -> Cell {
    let name = format!("{} {}", layer.code(), layer.label()).trim().to_owned();
    let status = match layer {
        Layer::Calculated => Some(Status::Calculated),
        Layer::UnderReview => Some(Status::UnderReview),
        Layer::Approved => Some(Status::Approved),
        Layer::Paid | Layer::Received => Some(Status::Paid),
        Layer::Rejected => Some(Status::Rejected),
        Layer::Unknown => Some(Status::Unknown),
        Layer::OwnEstimate | Layer::NotCalculated | Layer::WithoutLine => None,
    };
    match status {
        Some(status) => Cell::link(name, format!("status/{}.html", status.slug())),
        None => Cell::text(name),
    }
}

/// The same program by program, as a file.
fn program_table(report: &Report<'_>, layers: &BTreeMap<Currency, Layered>) -> Table {
    let mut table = Table { id: "layers-programs".to_owned(), columns: columns(), ..Table::default() };
    table.columns.insert(0, Column::text("Program"));
    for (program, of_program) in layers.values().flat_map(|layered| &layered.programs) {
        for (layer, sum) in of_program {
            let name = format!("{} {}", layer.code(), layer.label()).trim().to_owned();
            let mut row = row(Cell::text(name), *layer, sum);
            row.cells.insert(0, program_cell(report, *program));
            table.rows.push(row);
        }
    }
    table
}
