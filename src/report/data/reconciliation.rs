//! The files of the reconciliation: every bridge row by row, and every cause with the row that would clear it.

use super::{Column, put, put_all};
use crate::model::money::{Currency, Money};
use crate::model::time::Month;
use crate::reconcile::causes::Cause;
use crate::report::{Report, causes};

/// A row of a bridge: the two ends, the difference, the remainder, and each effect between them.
pub(super) struct BridgeRow {
    period: Month,
    currency: Currency,
    row: &'static str,
    /// Nothing for what is no row of cases.
    cases: Option<usize>,
    amount: Money,
}

pub(super) const BRIDGE: &[Column<BridgeRow>] = &[
    ("period", |r, out| put(out, r.period)),
    ("currency", |r, out| out.push_str(r.currency.code())),
    // A kind, `not-calculated`, `rule-gap`, `lump-sum`, `not-recomputed`, or an end in capitals.
    ("row", |r, out| out.push_str(r.row)),
    ("cases", |r, out| put_all(out, r.cases)),
    ("amount", |r, out| put(out, r.amount)),
];

/// Every row of every bridge, by the bytes of period, currency and row.
pub(super) fn bridge(report: &Report<'_>) -> Vec<BridgeRow> {
    let mut rows = Vec::new();
    for ((period, currency), bridge) in &report.bridges {
        let mut push = |row, cases, amount| {
            rows.push(BridgeRow { period: *period, currency: *currency, row, cases, amount });
        };
        push("OWN-EXPECTED", None, bridge.own_expected);
        push("VENDOR-CALCULATED", None, bridge.vendor_calculated);
        push("DIFFERENCE", None, bridge.difference());
        push("REMAINDER", None, bridge.remainder());
        for (row, (cases, amount)) in &bridge.rows {
            push(row.code(), Some(*cases), *amount);
        }
    }
    rows.sort_by_key(|r| (r.period, r.currency.code(), r.row));
    rows
}

/// A cause in one of its currencies.
pub(super) struct CauseRow<'r> {
    report: &'r Report<'r>,
    cause: &'r Cause,
    amount: Option<Money>,
}

type CauseColumn = (&'static str, fn(&CauseRow<'_>, &mut String));

pub(super) const CAUSES: &[CauseColumn] = &[
    ("kind", |r, out| out.push_str(r.cause.kind.code())),
    ("root", |r, out| out.push_str(&r.cause.root)),
    ("cases", |r, out| put(out, r.cause.cases.len())),
    ("order_ids", |r, out| put_all(out, &r.cause.orders)),
    ("currency", |r, out| put_all(out, r.amount.map(Money::currency))),
    ("at_stake", |r, out| put_all(out, r.amount)),
    ("is_group", |r, out| put(out, r.cause.is_group())),
    ("fix_file", |r, out| put_all(out, r.cause.fix.as_ref().map(causes::path_of))),
    // What a person has to fill in stands in angle brackets.
    ("fix_row", |r, out| put_all(out, r.cause.fix.as_ref().map(causes::line))),
    ("what", |r, out| {
        put_all(out, r.cause.fix.as_ref().map(|fix| causes::what(r.report, r.cause, fix)));
    }),
];

/// Every cause, most money first, once for each of its currencies and once where it has none.
pub(super) fn causes<'r>(report: &'r Report<'_>) -> impl Iterator<Item = CauseRow<'r>> {
    report.causes.iter().flat_map(move |cause| {
        let mut amounts: Vec<Option<Money>> = cause.at_stake.iter().map(Some).collect();
        if amounts.is_empty() {
            amounts.push(None);
        }
        amounts.into_iter().map(move |amount| CauseRow { report, cause, amount })
    })
}
