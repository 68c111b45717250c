//! Sheet 15: what may have to be given back (domain 1.8).

use super::super::close::Close;
use super::super::sheet::{Column, Kind, Sheet, Value};
use super::lines::at_stake;
use super::reconciliation::owner_of;
use super::{CURRENCY, code, column};
use crate::error::Error;
use crate::reconcile::Direction;
use crate::report::lists;

const COLUMNS: &[Column] = &[
    column("item", "Item", Kind::Id, "The line, order, payout or row."),
    column("order_id", "Order", Kind::Id, "Our order."),
    column("period", "Period", Kind::Month, "The month in which it counts."),
    column("kind", "Kind", Kind::Text, "The primary kind."),
    column("title", "What it means", Kind::Text, "The kind in plain words."),
    CURRENCY,
    column(
        "amount",
        "Exposure",
        Kind::Amount,
        "What the vendor may take back, as a deduction from a later payout.",
    ),
    column("owner", "Owner", Kind::Text, "Who moves it next."),
    column("next_step", "Next step", Kind::Text, "What to do."),
];

/// 15: the exposure and reserve memo: every case of the periods up to this month that may have to be given back.
///
/// # Errors
/// [`Error::Content`] when the sentence of a next step fails on the facts of its case.
pub(in super::super) fn exposure(close: &Close<'_, '_>) -> Result<Sheet, Error> {
    let report = close.report;
    let mut sheet = Sheet {
        number: 15,
        name: "Exposure",
        purpose: "What was calculated or paid and may be taken back: to reserve for rather than to treat as income.",
        notes: vec![
            "Vendors recover what was paid in excess by deducting it from a later payout.".to_owned(),
        ],
        columns: COLUMNS.to_vec(),
        empty: "Nothing may have to be given back.",
        ..Sheet::default()
    };
    let cases = report.reconciled.cases.iter().filter(|case| {
        case.direction() == Direction::Exposure && case.period.is_none_or(|month| month <= close.month)
    });
    for case in cases {
        let (Some(finding), Some(amount)) = (case.primary(), case.at_stake()) else { continue };
        sheet.rows.push(vec![
            Value::id(report.subject(case).1),
            Value::id(lists::join(case.orders.iter().map(|id| id.raw()))),
            Value::or_empty(case.period, Value::Month),
            Value::text(finding.kind.code()),
            Value::text(report.sources.content.kind(finding.kind).title.clone()),
            code(amount.currency()),
            at_stake(case),
            Value::text(owner_of(Direction::Exposure)),
            Value::text(lists::next_step(report, case)?),
        ]);
    }
    sheet.rows.sort_by_key(|row| (row[3].csv(), row[0].csv()));
    sheet.add_totals(&["amount"]);
    Ok(sheet)
}
