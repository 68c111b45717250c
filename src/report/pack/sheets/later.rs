//! Sheet 11: what came between the end of the month and the snapshot (domain 1.6).

use super::super::close::Close;
use super::super::sheet::{Column, Kind, Sheet, Value};
use super::payouts::form_words;
use super::{CURRENCY, amount, code, column, percent};
use crate::model::time::date_in_words;
use crate::reconcile::rollforward::{Class, Form};

const COLUMNS: &[Column] = &[
    column("event", "Event", Kind::Text, "adjustment or receipt."),
    column("id", "Id", Kind::Id, "The adjustment or the payout, as received."),
    column("date", "Date", Kind::Date, "After the end of the month, up to the snapshot."),
    column("line_id", "Line", Kind::Id, "The line of an adjustment."),
    CURRENCY,
    column("adjustment", "Adjustment", Kind::Amount, "The adjustment, signed."),
    column("received", "Received", Kind::Amount, "The money of a payout."),
    column(
        "lines_sum",
        "Sum of lines",
        Kind::Amount,
        "What the lines say was paid with it, of whatever period.",
    ),
    column("netted", "Netted", Kind::Amount, "What was netted in it without a line."),
    column("of_closing", "Of closing", Kind::Amount, "What of it settles the closing balance."),
    column("unapplied", "Not applied", Kind::Amount, "Lines and netted less the money received."),
    column(
        "class",
        "Proposed class",
        Kind::Text,
        "Adjusting where the cause lay in the month or before; a person decides.",
    ),
    column("cause", "Cause", Kind::Text, "What the class rests on."),
];

/// 11: subsequent receipts and adjustments.
pub(in super::super) fn subsequent(close: &Close<'_, '_>) -> Sheet {
    let report = close.report;
    let records = &report.reconciled.snapshot.records;
    let mut sheet = Sheet {
        number: 11,
        name: "Subsequent events",
        purpose: "Receipts and adjustments after the end of the month: evidence for the closing balance, or a change to it.",
        notes: vec![format!(
            "Dated after {} and up to {}. The class is a proposal; a person decides.",
            date_in_words(close.closing_day()),
            close.rolled.known.in_words()
        )],
        columns: COLUMNS.to_vec(),
        empty: "Neither a receipt nor an adjustment came after the end of the month.",
        ..Sheet::default()
    };
    for statement in close.rolled.statements.values() {
        let (settled, closing) = (statement.later.closing, statement.closing_balance());
        let share = percent(settled.minor(), closing.minor()).csv();
        if !settled.is_zero() && !share.is_empty() {
            sheet.notes.push(format!(
                "Receipts since settle {} of the closing balance of {}: {share}.",
                settled.in_words(),
                closing.in_words()
            ));
        }
    }
    for later in &close.rolled.later.adjustments {
        let adjustment = &records.adjustments[later.adjustment as usize];
        let (class, cause) = match (later.class, later.cause) {
            (Class::Adjusting, Some(day)) => ("adjusting", format!("cancelled on {}", date_in_words(day))),
            (Class::Adjusting, None) => ("adjusting", String::new()),
            (Class::NonAdjusting, Some(day)) => {
                ("non-adjusting", format!("cancelled on {}, after the month", date_in_words(day)))
            }
            (Class::NonAdjusting, None) => ("non-adjusting", "names no cancellation of ours".to_owned()),
        };
        let mut row = vec![
            Value::text("adjustment"),
            Value::id(adjustment.id.raw()),
            Value::Date(adjustment.date),
            Value::or_empty(adjustment.line, |id| Value::id(id.raw())),
            code(adjustment.amount.currency()),
            Value::Amount(adjustment.amount),
        ];
        row.resize(COLUMNS.len() - 2, Value::Empty);
        row.extend([Value::text(class), Value::text(cause)]);
        sheet.rows.push(row);
    }
    for later in &close.rolled.later.payouts {
        let payout = &records.payouts[later.payout as usize];
        let currency = payout.amount.currency();
        let gap = later.lines.minor() + later.netted.minor() - payout.amount.minor();
        sheet.rows.push(vec![
            Value::text("receipt"),
            Value::id(payout.id.raw()),
            Value::Date(payout.date),
            Value::Empty,
            code(currency),
            Value::Empty,
            Value::Amount(payout.amount),
            Value::Amount(later.lines),
            Value::Amount(later.netted),
            Value::Amount(later.closing),
            amount(gap, currency),
            Value::Empty,
            Value::text(form_words(Form::of(payout))),
        ]);
    }
    sheet.rows.sort_by_key(|row| (row[0].csv(), row[2].csv(), row[1].csv()));
    sheet.add_totals(&["adjustment", "received", "lines_sum", "netted", "of_closing", "unapplied"]);
    sheet
}
