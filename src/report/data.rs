//! The machine-readable files of `data/` (contract, section 6), row by row.
//!
//! Fields are plain text: ids as they were received, amounts with the currency's own digits and empty where not known,
//! dates as `2026-05-31`, several values joined by `;`. What a column holds stands beside its name in the tables here
//! and in the modules below.

mod cases;
mod lines;
mod orders;
mod reconciliation;
mod totals;

pub(super) use totals::{parsed, stakes};

use std::collections::BTreeMap;
use std::fmt::{Display, Write};

use super::{Report, causes};
use crate::diagnostic::Diagnostic;
use crate::ingest::columns::FileKind;
use crate::model::id::CustomerId;
use crate::model::record::{Line, Order};
use crate::model::reference::Account;
use crate::model::time::Month;
use crate::reconcile::Finding;

/// Takes the fields of one row.
pub type Visit<'v> = dyn FnMut(&mut dyn Iterator<Item = &str>) + 'v;

/// A machine-readable file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataFile {
    /// Every case, sorted by the bytes of its subject.
    Cases,
    /// Totals by key, sorted by the bytes of the key.
    Totals,
    /// Every vendor line, sorted by the bytes of its id.
    Lines,
    /// Every order row, sorted by the bytes of its id.
    Orders,
    /// Every problem of the data.
    Diagnostics,
    /// The trees that were built.
    Trees,
    /// The bridges of every period and currency, row by row.
    Bridge,
    /// What cases have in common, most money first.
    Causes,
    /// Rows that would clear causes, as a reference file of this kind; what only a person knows is blank.
    Fixes(FileKind),
}

impl DataFile {
    /// Every file.
    pub const ALL: [DataFile; 14] = [
        DataFile::Cases,
        DataFile::Totals,
        DataFile::Lines,
        DataFile::Orders,
        DataFile::Diagnostics,
        DataFile::Trees,
        DataFile::Bridge,
        DataFile::Causes,
        DataFile::Fixes(FileKind::Accounts),
        DataFile::Fixes(FileKind::Skus),
        DataFile::Fixes(FileKind::Enrollments),
        DataFile::Fixes(FileKind::StatusMap),
        DataFile::Fixes(FileKind::ReasonMap),
        DataFile::Fixes(FileKind::Aliases),
    ];

    /// Its address from the root of the tree.
    pub fn path(self) -> &'static str {
        match self {
            DataFile::Cases => "data/cases.csv",
            DataFile::Totals => "data/totals.csv",
            DataFile::Lines => "data/lines.csv",
            DataFile::Orders => "data/orders.csv",
            DataFile::Diagnostics => "data/diagnostics.csv",
            DataFile::Trees => "data/trees.csv",
            DataFile::Bridge => "data/bridge.csv",
            DataFile::Causes => "data/causes.csv",
            DataFile::Fixes(kind) => causes::file_of(kind),
        }
    }

    /// Whether it is part of a tree: a file of rows that would clear causes only where there are any.
    pub fn is_needed(self, report: &Report<'_>) -> bool {
        match self {
            DataFile::Fixes(kind) => !causes::rows(report, kind).is_empty(),
            DataFile::Cases
            | DataFile::Totals
            | DataFile::Lines
            | DataFile::Orders
            | DataFile::Diagnostics
            | DataFile::Trees
            | DataFile::Bridge
            | DataFile::Causes => true,
        }
    }

    /// The names of its columns.
    pub fn header(self) -> Vec<&'static str> {
        fn names<R>(columns: &[Column<R>]) -> Vec<&'static str> {
            columns.iter().map(|(name, _)| *name).collect()
        }
        match self {
            DataFile::Cases => names(cases::CASES),
            DataFile::Totals => names(totals::TOTALS),
            DataFile::Lines => names(lines::LINES),
            DataFile::Orders => names(orders::ORDERS),
            DataFile::Diagnostics => names(DIAGNOSTICS),
            DataFile::Trees => names(TREES),
            DataFile::Bridge => names(reconciliation::BRIDGE),
            DataFile::Causes => names(reconciliation::CAUSES),
            DataFile::Fixes(kind) => kind.columns().iter().map(|column| column.name).collect(),
        }
    }

    /// Hands each row to a function, in the order of the file; a row has one field per column.
    pub fn for_each_row(self, report: &Report<'_>, visit: &mut Visit<'_>) {
        match self {
            DataFile::Cases => each(cases::CASES, cases::cases(report), visit),
            DataFile::Totals => each(totals::TOTALS, totals::totals(report), visit),
            DataFile::Lines => each(lines::LINES, lines::lines(report), visit),
            DataFile::Orders => each(orders::ORDERS, orders::orders(report), visit),
            DataFile::Diagnostics => each(DIAGNOSTICS, report.sources.diagnostics, visit),
            DataFile::Trees => {
                let own = ["internal", "", "internal"].map(str::to_owned);
                let others = report
                    .trees
                    .trees
                    .iter()
                    .map(|tree| [tree.audience.to_owned(), tree.customer.clone(), tree.folder.clone()]);
                let audiences = report.trees.audiences.iter();
                let audiences = audiences.map(|tree| [tree.name.clone(), String::new(), tree.name.clone()]);
                each(TREES, [own].into_iter().chain(audiences).chain(others), visit);
            }
            DataFile::Bridge => each(reconciliation::BRIDGE, reconciliation::bridge(report), visit),
            DataFile::Causes => each(reconciliation::CAUSES, reconciliation::causes(report), visit),
            DataFile::Fixes(kind) => {
                for row in causes::rows(report, kind) {
                    visit(&mut causes::cells(row).into_iter());
                }
            }
        }
    }
}

/// A column: its name, and what writes its field for a row.
type Column<R> = (&'static str, fn(&R, &mut String));

/// Visits rows one by one in one buffer, so that a million of them cost no more memory than one.
fn each<R>(columns: &[Column<R>], rows: impl IntoIterator<Item = R>, visit: &mut Visit<'_>) {
    let mut text = String::new();
    let mut ends = Vec::with_capacity(columns.len());
    for row in rows {
        text.clear();
        ends.clear();
        for (_, write) in columns {
            write(&row, &mut text);
            ends.push(text.len());
        }
        let mut start = 0;
        visit(&mut ends.iter().map(|end| &text[std::mem::replace(&mut start, *end)..*end]));
    }
}

/// Writes one value.
fn put(out: &mut String, value: impl Display) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{value}");
}

/// Writes every value, joined by `;`; nothing for none.
fn put_all<T: Display>(out: &mut String, values: impl IntoIterator<Item = T>) {
    for (number, value) in values.into_iter().enumerate() {
        if number > 0 {
            out.push(';');
        }
        put(out, value);
    }
}

/// Writes every value that is not among those before it, joined by `;`.
fn put_distinct<T: Display + PartialEq>(out: &mut String, values: impl IntoIterator<Item = T>) {
    let mut seen: Vec<T> = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    put_all(out, seen);
}

/// Every total of a month under its key, for the file of a close pack.
pub fn figures(report: &Report<'_>, month: Month) -> BTreeMap<String, String> {
    totals::figures(report, month)
}

type DiagnosticColumn = (&'static str, fn(&&Diagnostic, &mut String));

const DIAGNOSTICS: &[DiagnosticColumn] = &[
    ("severity", |d, out| out.push_str(d.severity.label())),
    ("code", |d, out| out.push_str(d.code)),
    ("file", |d, out| out.push_str(&d.file)),
    // Empty where the whole file or the whole row is meant.
    ("line", |d, out| put_all(out, (d.line > 0).then_some(d.line))),
    ("column", |d, out| put_all(out, (d.column > 0).then_some(d.column))),
    ("field", |d, out| out.push_str(&d.field)),
    ("value", |d, out| out.push_str(&d.value)),
    ("message", |d, out| out.push_str(&d.message)),
    ("help", |d, out| out.push_str(&d.help)),
];

const TREES: &[Column<[String; 3]>] = &[
    ("audience", |r, out| out.push_str(&r[0])),
    ("customer_id", |r, out| out.push_str(&r[1])),
    ("folder", |r, out| out.push_str(&r[2])),
];

/// The code of a primary explanation, `clean` where there is none.
fn primary(finding: Option<&Finding>) -> &'static str {
    finding.map_or("clean", |f| f.kind.code())
}

/// The order rows that earned a line.
fn order_rows(report: &Report<'_>, line: u32) -> impl Iterator<Item = u32> {
    report.reconciled.matching.of_line(line).shares.iter().map(|share| share.order)
}

/// The canonical reason of a line.
fn reason(report: &Report<'_>, line: &Line) -> Option<ustr::Ustr> {
    report.reconciled.reason(line.reason_key).map(|row| row.reason)
}

fn account<'a>(report: &Report<'a>, order: &Order) -> Option<&'a Account> {
    report.reconciled.rules.account(order.account, order.order_date).found()
}

fn customer_id(report: &Report<'_>, order: &Order) -> Option<CustomerId> {
    order.customer.or_else(|| account(report, order)?.customer)
}

fn customer_name(report: &Report<'_>, order: u32) -> Option<ustr::Ustr> {
    report.scopes.customer_name(report.reconciled, report.order(order))
}

#[cfg(test)]
mod tests;
