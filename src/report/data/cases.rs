//! The file of cases: what each is about, its primary explanation and what is at stake.

use std::borrow::Cow;

use super::{customer_name, each, order_rows, primary, put, put_all, put_distinct, reason};
use crate::model::id::ProgramId;
use crate::model::money::Money;
use crate::model::record::Line;
use crate::reconcile::kinds::Severity;
use crate::reconcile::matching::numbered;
use crate::reconcile::{Case, Subject};
use crate::report::Report;
use crate::report::claims::program_of;
use crate::report::scopes::ScopeKey;

/// A case and the order rows it is about.
pub(super) struct CaseRow<'r, 'a> {
    report: &'r Report<'a>,
    case: &'r Case,
    subject_type: &'static str,
    subject_id: Cow<'static, str>,
    orders: Vec<u32>,
}

type CaseColumn = (&'static str, fn(&CaseRow<'_, '_>, &mut String));

pub(super) const CASES: &[CaseColumn] = &[
    ("subject_type", |r, out| out.push_str(r.subject_type)),
    ("subject_id", |r, out| out.push_str(&r.subject_id)),
    ("order_id", |r, out| put_all(out, &r.case.orders)),
    ("period", |r, out| put_all(out, r.case.period)),
    // An amount at stake can be in another currency than its case: this is always the amount's.
    ("currency", |r, out| put_all(out, r.case.at_stake().map(Money::currency).or(r.case.currency))),
    ("primary", |r, out| out.push_str(primary(r.case.primary()))),
    ("secondary", |r, out| put_all(out, r.case.findings.iter().skip(1).map(|f| f.kind.code()))),
    ("direction", |r, out| out.push_str(r.case.direction().label())),
    ("at_stake", |r, out| match r.case.at_stake() {
        Some(amount) => put(out, amount),
        None => out.push_str("0.00"),
    }),
    ("severity", |r, out| put_all(out, r.report.reconciled.severity(r.case).map(Severity::label))),
    ("status", |r, out| put_all(out, r.line().map(|l| l.status.code()))),
    ("status_raw", |r, out| put_all(out, r.line().map(|l| l.status_raw))),
    ("reason", |r, out| put_all(out, r.line().and_then(|l| reason(r.report, l)))),
    ("customer", |r, out| put_distinct(out, r.orders.iter().filter_map(|n| customer_name(r.report, *n)))),
    // Our own account, of its orders.
    ("account", |r, out| put_distinct(out, r.orders.iter().map(|n| r.report.order(*n).account))),
    ("program", |r, out| put_all(out, r.program())),
    ("batch", |r, out| r.put_batch(out)),
    ("page", |r, out| put_all(out, r.page())),
];

impl<'r, 'a> CaseRow<'r, 'a> {
    fn new(report: &'r Report<'a>, case: &'r Case) -> CaseRow<'r, 'a> {
        let (subject_type, subject_id) = subject(report, case);
        let orders = match case.subject {
            Subject::Line(number) => order_rows(report, number).collect(),
            Subject::Order(number) => vec![number],
            Subject::Payout(_) | Subject::Feed(_) | Subject::Row(_) | Subject::Adjustment(_) => {
                case.orders.iter().flat_map(|id| report.reconciled.matching.rows(*id)).collect()
            }
        };
        CaseRow { report, case, subject_type, subject_id, orders }
    }

    fn line(&self) -> Option<&'a Line> {
        match self.case.subject {
            Subject::Line(number) => Some(self.report.line(number)),
            Subject::Order(_)
            | Subject::Payout(_)
            | Subject::Feed(_)
            | Subject::Row(_)
            | Subject::Adjustment(_) => None,
        }
    }

    fn program(&self) -> Option<ProgramId> {
        program_of(self.report.reconciled, self.case)
    }

    fn put_batch(&self, out: &mut String) {
        match self.case.subject {
            Subject::Line(number) => put_all(out, self.report.line(number).batch),
            Subject::Row(number) => {
                put_all(out, self.report.reconciled.snapshot.quarantined[number as usize].batch);
            }
            Subject::Order(_) | Subject::Payout(_) | Subject::Feed(_) | Subject::Adjustment(_) => {}
        }
    }

    /// The page of its first known order, else of what it is about.
    fn page(&self) -> Option<String> {
        let report = self.report;
        match self.case.subject {
            Subject::Line(number) => Some(report.line_path(number)),
            Subject::Order(number) => Some(report.order_path(report.order(number).id)),
            Subject::Payout(number) => {
                let payout = report.reconciled.snapshot.records.payouts[number as usize].id;
                Some(report.scopes.path(&ScopeKey::payout(payout)))
            }
            Subject::Row(_) => Some("quarantine.html".to_owned()),
            Subject::Adjustment(_) => self.program().map(|id| report.scopes.path(&ScopeKey::program(id))),
            Subject::Feed(_) => None,
        }
    }
}

/// As [`Report::subject`]; text only where there is none yet.
fn subject(report: &Report<'_>, case: &Case) -> (&'static str, Cow<'static, str>) {
    match case.subject {
        Subject::Line(number) => ("line", Cow::Borrowed(report.line(number).id.raw())),
        Subject::Order(number) => ("order", Cow::Borrowed(report.order(number).id.raw())),
        Subject::Payout(_) | Subject::Feed(_) | Subject::Row(_) | Subject::Adjustment(_) => {
            let (kind, id) = report.subject(case);
            (kind, Cow::Owned(id))
        }
    }
}

/// Every case by the bytes of type and id; those that share both, such as two rows of one order, by their other fields.
pub(super) fn cases<'r, 'a>(report: &'r Report<'a>) -> impl Iterator<Item = CaseRow<'r, 'a>> {
    let cases = &report.reconciled.cases;
    let mut sorted: Vec<(&'static str, Cow<'static, str>, u32)> = numbered(cases)
        .map(|(number, case)| {
            let (kind, id) = subject(report, case);
            (kind, id, number)
        })
        .collect();
    sorted.sort_unstable();
    for twins in sorted.chunk_by_mut(|a, b| (a.0, &a.1) == (b.0, &b.1)).filter(|same| same.len() > 1) {
        twins.sort_by_cached_key(|(_, _, number)| {
            let mut fields: Vec<String> = Vec::with_capacity(CASES.len());
            let row = CaseRow::new(report, &cases[*number as usize]);
            each(CASES, [row], &mut |row| fields.extend(row.map(str::to_owned)));
            fields
        });
    }
    sorted.into_iter().map(|(_, _, number)| CaseRow::new(report, &cases[number as usize]))
}
