//! The status breakdown of a scope: what adds up to its total, and what is listed beside it.

use super::totals::{percent, total_segments};
use crate::model::money::{Currency, Money};
use crate::model::status::{Bucket, Status};
use crate::reconcile::figures::{CurrencyTotals, Totals};
use crate::report::Report;
use crate::report::page::{Block, Link, Text};
use crate::report::table::{Cell, Column, Row, Table};
use crate::say;

/// The status breakdown of one currency: it adds up to the headline total, and lists beside it what is not in it.
fn status_table(report: &Report<'_>, id: &str, currency: Currency, sums: &CurrencyTotals) -> Table {
    let total = sums.total();
    let share = |amount: Money| {
        let (_, hundredths) = percent(amount.minor(), total.minor());
        let tenths = (hundredths + 5) / 10;
        Cell::text(format!("{}.{}%", tenths / 10, tenths % 10))
    };
    let expect = |status: Status| Cell::text(report.sources.content.status(status).timeline.clone());
    let mut table = Table {
        id: id.to_owned(),
        caption: say!("Each line is counted once, where it is now. Amounts in {currency}.", currency),
        layout: "tight",
        columns: vec![
            Column::text("Status"),
            Column::number("Lines"),
            Column::money("Amount", "amount"),
            Column::number("Share").minor(),
            Column::text("What to expect").minor(),
        ],
        ..Table::default()
    };
    let row = |style, status: Status, count: usize, amount: Money, share: Cell| Row {
        style,
        id: String::new(),
        cells: vec![Cell::status(status), Cell::count(count), Cell::money(amount), share, expect(status)],
    };
    for (bucket, status) in [
        (Bucket::Calculated, Status::Calculated),
        (Bucket::Approved, Status::Approved),
        (Bucket::Paid, Status::Paid),
    ] {
        let (count, amount) = sums.bucket(bucket);
        table.rows.push(row("", status, count, amount, share(amount)));
        if bucket == Bucket::Calculated && sums.under_review.0 > 0 {
            let (count, amount) = sums.under_review;
            let mut of_which = row("ind", Status::UnderReview, count, amount, share(amount));
            of_which.cells[0].text = say!("of which Under Review").to_owned();
            table.rows.push(of_which);
        }
    }
    table.foot.push(Row {
        style: "tot",
        id: String::new(),
        cells: vec![
            Cell::text(say!("Total rebate")),
            Cell::count(sums.total_lines()),
            Cell::money(total),
            share(total),
            Cell::text(if sums.adjustments.is_zero() {
                say!("Calculated + Approved + Paid").to_owned()
            } else {
                say!("After adjustments of {adjustments}", adjustments = sums.adjustments.in_words())
            }),
        ],
    });
    table
}

/// What is listed beside the total: no amount yet, rejected, not recognized.
fn outside_table(report: &Report<'_>, id: &str, currency: Currency, sums: &CurrencyTotals) -> Option<Table> {
    let statuses = [Status::PendingData, Status::InCalculation, Status::Rejected, Status::Unknown];
    if statuses.iter().all(|s| sums.status(*s).0 == 0) {
        return None;
    }
    let mut table = Table {
        id: id.to_owned(),
        caption: say!("Not in the total. Amounts in {currency} where the vendor gives one.", currency),
        layout: "tight",
        columns: vec![
            Column::text("Status"),
            Column::number("Lines"),
            Column::money("Amount", "amount"),
            Column::text("What to expect").minor(),
        ],
        ..Table::default()
    };
    for status in statuses {
        let (count, amount) = sums.status(status);
        if count > 0 {
            let amount = if status == Status::Unknown {
                Cell::money(amount)
            } else {
                Cell { none: Some(say!("not in the total")), ..Cell::default() }
            };
            table.rows.push(Row {
                cells: vec![
                    Cell::status(status),
                    Cell::count(count),
                    amount,
                    Cell::text(report.sources.content.status(status).timeline.clone()),
                ],
                ..Row::default()
            });
        }
    }
    Some(table)
}

/// The breakdown of every currency of a scope, as one section, with the file of each.
pub(crate) fn status_section(
    report: &Report<'_>,
    totals: &Totals,
    name: &str,
) -> (Block, Vec<(String, Table)>) {
    let mut blocks = Vec::new();
    let mut actions = Vec::new();
    let mut exports = Vec::new();
    for (currency, sums) in totals.by_weight() {
        let code = currency.code().to_lowercase();
        blocks.push(Block::Bar { segments: total_segments(sums, sums.total()) });
        let table = status_table(report, &format!("status-{code}"), currency, sums);
        let mut file = table.clone();
        blocks.push(Block::Table(table));
        if let Some(outside) = outside_table(report, &format!("outside-{code}"), currency, sums) {
            // One file for both: what is not in the total has no share of it.
            file.rows.extend(outside.rows.iter().cloned().map(|mut row| {
                row.cells.insert(3, Cell::empty());
                row
            }));
            blocks.push(Block::Table(outside));
        }
        let path = format!("{name}.status.{code}.csv");
        actions.push(Link::to(say!("{currency} CSV", currency), path.clone()));
        exports.push((path, file));
    }
    if blocks.is_empty() {
        blocks.push(Block::Paragraph {
            text: vec![Text::plain(say!("There are no rebate lines here in this snapshot."))],
        });
    }
    let heading = say!("Status now").to_owned();
    (Block::Section { id: "status-now".to_owned(), heading, actions, blocks }, exports)
}
