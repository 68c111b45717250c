//! The file of the vendor's lines: each beside the orders that earned it, our own figures and its case.

use super::{customer_id, customer_name, order_rows, primary, put, put_all, put_distinct, reason};
use crate::model::money::Money;
use crate::model::record::{Line, Order};
use crate::reconcile::matching::numbered;
use crate::reconcile::posted::posted_in;
use crate::reconcile::{Case, LineFigures};
use crate::report::Report;

/// A line and what was found for it.
pub(super) struct LineRow<'r, 'a> {
    report: &'r Report<'a>,
    number: u32,
    line: &'a Line,
    figures: &'a LineFigures,
    case: &'r Case,
}

type LineColumn = (&'static str, fn(&LineRow<'_, '_>, &mut String));

pub(super) const LINES: &[LineColumn] = &[
    ("line_id", |r, out| out.push_str(r.line.id.raw())),
    ("order_ids", |r, out| put_distinct(out, r.orders().map(|o| o.id))),
    ("customer_id", |r, out| put_distinct(out, r.orders().filter_map(|o| customer_id(r.report, o)))),
    ("customer", |r, out| {
        put_distinct(out, order_rows(r.report, r.number).filter_map(|n| customer_name(r.report, n)));
    }),
    ("account_ref", |r, out| put_all(out, r.line.account_ref)),
    ("program", |r, out| out.push_str(r.line.program.raw())),
    ("batch", |r, out| put_all(out, r.line.batch)),
    ("period_own", |r, out| {
        let program = r.report.reconciled.rules.program(r.line.program);
        put_distinct(out, r.orders().map(|o| r.report.reconciled.rules.own_period(o, program)));
    }),
    ("period_vendor", |r, out| put(out, r.line.period)),
    // Empty while it is neither processed nor paid with a payout record.
    ("period_posted", |r, out| put_all(out, posted_in(r.report.reconciled, r.line))),
    // The vendor's product code.
    ("sku", |r, out| put_all(out, r.line.sku_ref)),
    ("category_own", |r, out| {
        put_distinct(out, r.orders().filter_map(|o| r.report.reconciled.rules.category(o)))
    }),
    ("category_vendor", |r, out| put_all(out, r.line.category)),
    ("base_own", |r, out| put_all(out, r.figures.base_own)),
    ("base_vendor", |r, out| put_all(out, r.line.amount_base)),
    // A fraction: 0.08 for 8 %.
    ("rate_vendor", |r, out| put_all(out, r.line.rate.map(|rate| rate.normalize()))),
    ("expected", |r, out| put_all(out, r.figures.expected)),
    ("calculated", |r, out| put_all(out, r.line.amount_calculated)),
    ("adjustments", |r, out| put(out, r.figures.adjustments)),
    ("net", |r, out| put_all(out, r.figures.net)),
    ("paid", |r, out| put_all(out, r.line.amount_paid)),
    ("currency", |r, out| out.push_str(r.line.currency.code())),
    ("status", |r, out| out.push_str(r.line.status.code())),
    ("bucket", |r, out| out.push_str(r.line.bucket.label())),
    ("status_raw", |r, out| out.push_str(&r.line.status_raw)),
    ("status_since", |r, out| put_all(out, r.line.status_date)),
    // The vendor's own code, and the canonical reason it stands for.
    ("reason_raw", |r, out| put_all(out, r.line.reason_raw)),
    ("reason", |r, out| put_all(out, reason(r.report, r.line))),
    ("match_rule", |r, out| {
        put_all(out, r.report.reconciled.matching.of_line(r.number).pass.map(|pass| pass.label()));
    }),
    ("primary", |r, out| out.push_str(primary(r.case.primary()))),
    ("secondary", |r, out| put_all(out, r.case.findings.iter().skip(1).map(|f| f.kind.code()))),
    ("at_stake", |r, out| put_all(out, r.case.at_stake())),
    ("at_stake_currency", |r, out| put_all(out, r.case.at_stake().map(Money::currency))),
    ("direction", |r, out| out.push_str(r.case.direction().label())),
    ("source_file", |r, out| out.push_str(r.report.sources.files.path(r.line.origin.source))),
    ("source_line", |r, out| put(out, r.report.sources.files.line(r.line.origin.source))),
    ("page", |r, out| out.push_str(&r.report.line_path(r.number))),
];

impl<'a> LineRow<'_, 'a> {
    fn orders(&self) -> impl Iterator<Item = &'a Order> {
        order_rows(self.report, self.number).map(|number| self.report.order(number))
    }
}

pub(super) fn lines<'r, 'a>(report: &'r Report<'a>) -> impl Iterator<Item = LineRow<'r, 'a>> {
    let mut sorted: Vec<(&'static str, u32)> = numbered(&report.reconciled.snapshot.records.lines)
        .map(|(number, line)| (line.id.raw(), number))
        .collect();
    sorted.sort_unstable();
    sorted.into_iter().map(|(_, number)| LineRow {
        report,
        number,
        line: report.line(number),
        figures: report.figures(number),
        case: report.reconciled.line_case(number),
    })
}
