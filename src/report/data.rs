//! The machine-readable files of `data/` (contract, section 6), row by row.
//!
//! Fields are plain text: ids as they were received, amounts with the currency's own digits and empty where not known,
//! dates as `2026-05-31`, several values joined by `;`. What a column holds stands beside its name in the tables below.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{Display, Write};

mod reconciliation;

use super::scopes::ScopeKey;
use super::{Report, causes};
use crate::diagnostic::Diagnostic;
use crate::ingest::columns::FileKind;
use crate::model::id::{CustomerId, ProgramId};
use crate::model::money::{Currency, Money, MoneyByCurrency};
use crate::model::record::{Line, Order, SourceRef};
use crate::model::reference::{Account, Program};
use crate::model::status::Bucket;
use crate::model::time::Month;
use crate::reconcile::figures::Totals;
use crate::reconcile::kinds::{Direction, Severity};
use crate::reconcile::matching::numbered;
use crate::reconcile::{Case, Finding, LineFigures, OrderFigures, Subject};

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
            DataFile::Cases => names(CASES),
            DataFile::Totals => names(TOTALS),
            DataFile::Lines => names(LINES),
            DataFile::Orders => names(ORDERS),
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
            DataFile::Cases => each(CASES, cases(report), visit),
            DataFile::Totals => each(TOTALS, totals(report), visit),
            DataFile::Lines => each(LINES, lines(report), visit),
            DataFile::Orders => each(ORDERS, orders(report), visit),
            DataFile::Diagnostics => each(DIAGNOSTICS, report.sources.diagnostics, visit),
            DataFile::Trees => each(TREES, [["internal", "", "internal"]], visit),
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

/// A case and the order rows it is about.
struct CaseRow<'r, 'a> {
    report: &'r Report<'a>,
    case: &'r Case,
    subject_type: &'static str,
    subject_id: Cow<'static, str>,
    orders: Vec<u32>,
}

type CaseColumn = (&'static str, fn(&CaseRow<'_, '_>, &mut String));

const CASES: &[CaseColumn] = &[
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

    /// The program of a line or an adjustment, and the one an order declares.
    fn program(&self) -> Option<ProgramId> {
        match self.case.subject {
            Subject::Line(number) => Some(self.report.line(number).program),
            Subject::Order(number) => {
                self.report.reconciled.rules.declared_program(self.report.order(number)).map(|p| p.id)
            }
            Subject::Adjustment(number) => {
                self.report.reconciled.snapshot.records.adjustments[number as usize].program
            }
            Subject::Payout(_) | Subject::Feed(_) | Subject::Row(_) => None,
        }
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
fn cases<'r, 'a>(report: &'r Report<'a>) -> impl Iterator<Item = CaseRow<'r, 'a>> {
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

const TOTALS: &[Column<(String, String)>] =
    &[("key", |r, out| out.push_str(&r.0)), ("value", |r, out| out.push_str(&r.1))];

/// Every total by its key.
///
/// Units: plain decimals of the key's currency; counts for `rows.`. `bucket.`: net amounts. `control.`: what was read
/// from the snapshot's own file of lines, and what the vendor declares about it. `rows.*.read` leaves blank rows out.
fn totals(report: &Report<'_>) -> BTreeMap<String, String> {
    let records = &report.reconciled.snapshot.records;
    let mut totals = BTreeMap::new();
    let mut add = |key: String, value: String| {
        let before = totals.insert(key, value);
        debug_assert!(before.is_none(), "bug: two totals have one key");
    };
    for snapshot in report.sources.snapshots {
        for sum in parsed(report, snapshot).iter() {
            add(format!("control.{}.{}.parsed", snapshot.as_of, sum.currency()), sum.to_string());
        }
    }
    for sum in declared(report).iter() {
        add(format!("control.{}.{}.declared", report.reconciled.as_of(), sum.currency()), sum.to_string());
    }
    for ((currency, direction), minor) in stakes(report.reconciled.cases.iter()) {
        if minor != 0 && direction != Direction::None {
            let sum = Money::from_minor(minor, currency);
            add(format!("stake.{currency}.{}", direction.label()), sum.to_string());
        }
    }
    let month = report.reconciled.as_of().last_full_month();
    for ((_, currency), bridge) in report.bridges.iter().filter(|((period, _), _)| *period == month) {
        let ends = [
            (format!("own_expected_{month}"), bridge.own_expected),
            (format!("vendor_calculated_{month}"), bridge.vendor_calculated),
            ("difference".to_owned(), bridge.difference()),
        ];
        let by = bridge.rows.iter().map(|(row, (_, amount))| (format!("by.{}", row.code()), *amount));
        for (name, amount) in ends.into_iter().chain(by) {
            add(format!("bridge.{currency}.{name}"), amount.to_string());
        }
    }
    let read = |kind: FileKind| -> usize {
        let uses = &report.reconciled.snapshot.uses;
        let of_kind = uses.iter().filter(|u| report.sources.files.get(u.file).kind() == kind);
        of_kind.map(|u| u.counts.rows - u.counts.blank).sum()
    };
    add("rows.orders.read".to_owned(), read(FileKind::Orders).to_string());
    add("rows.orders.unique".to_owned(), records.orders.len().to_string());
    add("rows.lines.read".to_owned(), read(FileKind::RebateLines).to_string());
    add("rows.lines.good".to_owned(), records.lines.len().to_string());
    for ((program, month), sums) in by_program_and_month(report) {
        for (currency, sums) in sums.iter() {
            for bucket in Bucket::ALL {
                let key = format!("bucket.{program}.{month}.{currency}.{}", bucket.label());
                add(key, sums.bucket(bucket).1.to_string());
            }
        }
    }
    totals
}

/// What the lines add up to that were read from the snapshot's own file; nothing where only other files are known to
/// have been read, or that sum was not kept.
fn parsed(report: &Report<'_>, snapshot: &super::SnapshotFacts) -> MoneyByCurrency {
    let mut sums = MoneyByCurrency::default();
    let is_own = |file| report.sources.files.get(file).snapshot() == Some(snapshot.as_of);
    if snapshot.as_of == report.reconciled.as_of() {
        let lines = &report.reconciled.snapshot.records.lines;
        let own = lines.iter().filter(|line| is_own(line.origin.source.file));
        sums.extend(own.map(|line| line.amount_calculated.unwrap_or(Money::zero(line.currency))));
        return sums;
    }
    let mut files = snapshot
        .uses
        .iter()
        .map(|u| u.file)
        .filter(|f| report.sources.files.get(*f).kind() == FileKind::RebateLines);
    if let (Some(file), None) = (files.next(), files.next())
        && is_own(file)
    {
        sums.extend(snapshot.totals.iter().map(|(_, sums)| sums.calculated_all));
    }
    sums
}

/// What the vendor declares about the shown snapshot's own file of lines.
fn declared(report: &Report<'_>) -> MoneyByCurrency {
    let controls = report.reconciled.snapshot.records.control_totals.iter();
    let is_own = |source: SourceRef| {
        report.sources.files.get(source.file).snapshot() == Some(report.reconciled.as_of())
    };
    let is_of_lines = |file: &str| {
        file.split('.').next().is_some_and(|name| name.eq_ignore_ascii_case(FileKind::RebateLines.name()))
    };
    let mut sums = MoneyByCurrency::default();
    sums.extend(controls.filter(|c| is_own(c.origin.source) && is_of_lines(&c.file)).map(|c| c.declared));
    sums
}

/// Amounts at stake, by currency and direction.
pub(super) fn stakes<'c>(cases: impl Iterator<Item = &'c Case>) -> BTreeMap<(Currency, Direction), i128> {
    let mut sums = BTreeMap::new();
    for case in cases {
        if let Some(amount) = case.at_stake() {
            *sums.entry((amount.currency(), case.direction())).or_insert(0) += amount.minor();
        }
    }
    sums
}

/// The lines of every program and month, and under `all` those of every month.
fn by_program_and_month(report: &Report<'_>) -> BTreeMap<(String, Month), Totals> {
    let mut groups: BTreeMap<(Option<ProgramId>, Month), Totals> = BTreeMap::new();
    // One program may be spelled in several ways: its row in the table decides, else the first by its bytes.
    let mut names: BTreeMap<ProgramId, &'static str> = BTreeMap::new();
    for (number, line) in numbered(&report.reconciled.snapshot.records.lines) {
        let figures = report.figures(number);
        groups.entry((Some(line.program), line.period)).or_default().add(line, figures);
        groups.entry((None, line.period)).or_default().add(line, figures);
        let name = names.entry(line.program).or_insert(line.program.raw());
        *name = line.program.raw().min(name);
    }
    let name = |program: Option<ProgramId>| {
        let Some(id) = program else { return "all" };
        let name = report.reconciled.rules.program(id).map_or(names[&id], |program| program.id.raw());
        // The key of all programs is taken.
        if name == "all" { id.canonical() } else { name }
    };
    groups.into_iter().map(|((program, month), sums)| ((name(program).to_owned(), month), sums)).collect()
}

/// A line and what was found for it.
struct LineRow<'r, 'a> {
    report: &'r Report<'a>,
    number: u32,
    line: &'a Line,
    figures: &'a LineFigures,
    case: &'r Case,
}

type LineColumn = (&'static str, fn(&LineRow<'_, '_>, &mut String));

const LINES: &[LineColumn] = &[
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

fn lines<'r, 'a>(report: &'r Report<'a>) -> impl Iterator<Item = LineRow<'r, 'a>> {
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

/// An order row and what was found for it.
struct OrderRow<'r, 'a> {
    report: &'r Report<'a>,
    order: &'a Order,
    figures: &'a OrderFigures,
    program: Option<&'a Program>,
    number: u32,
    lines: &'a [u32],
    /// Its own case, which it has when no line names it.
    case: Option<&'r Case>,
    /// What explains it: of its own case, else the first of its lines' in the causal chain.
    finding: Option<&'r Finding>,
}

type OrderColumn = (&'static str, fn(&OrderRow<'_, '_>, &mut String));

const ORDERS: &[OrderColumn] = &[
    ("order_id", |r, out| out.push_str(r.order.id.raw())),
    ("order_line", |r, out| put_all(out, r.order.line)),
    ("reseller_id", |r, out| put_all(out, r.order.reseller)),
    ("customer_id", |r, out| put_all(out, customer_id(r.report, r.order))),
    ("customer", |r, out| put_all(out, customer_name(r.report, r.number))),
    ("account_id", |r, out| out.push_str(r.order.account.raw())),
    ("invoice_id", |r, out| put_all(out, r.order.invoice)),
    ("invoice_date", |r, out| put_all(out, r.order.invoice_date)),
    ("order_date", |r, out| put(out, r.order.order_date)),
    ("period", |r, out| put(out, r.figures.period)),
    ("sku", |r, out| out.push_str(r.order.sku.raw())),
    ("category", |r, out| put_all(out, r.report.reconciled.rules.category(r.order))),
    ("region", |r, out| put_all(out, r.order.region)),
    ("site", |r, out| put_all(out, r.order.site)),
    ("billing_model", |r, out| put_all(out, r.order.billing_model)),
    ("contract_type", |r, out| put_all(out, r.order.contract_type)),
    ("campaign", |r, out| put_all(out, r.order.campaign)),
    // The program it declares.
    ("program", |r, out| put_all(out, r.program.map(|p| p.id))),
    ("currency", |r, out| out.push_str(r.order.amount_net.currency().code())),
    ("net_amount", |r, out| put(out, r.order.amount_net)),
    ("base", |r, out| put_all(out, r.figures.base)),
    ("expected", |r, out| put_all(out, r.figures.expected)),
    ("line_ids", |r, out| put_all(out, r.lines.iter().map(|n| r.report.line(*n).id))),
    // The vendor's amounts for it in its own currency.
    ("calculated", |r, out| put_all(out, r.calculated())),
    ("primary", |r, out| out.push_str(primary(r.finding))),
    ("direction", |r, out| out.push_str(r.finding.map_or(Direction::None, |f| f.direction).label())),
    // Empty where the amount is counted on its lines.
    ("at_stake", |r, out| put_all(out, r.case.and_then(Case::at_stake))),
    ("record_version", |r, out| put_all(out, r.report.sources.versions.get(r.order.id).map(|v| v.number))),
    ("source_file", |r, out| out.push_str(r.report.sources.files.path(r.order.origin.source))),
    ("source_line", |r, out| put(out, r.report.sources.files.line(r.order.origin.source))),
    ("page", |r, out| out.push_str(&r.report.order_path(r.order.id))),
];

impl OrderRow<'_, '_> {
    fn calculated(&self) -> Option<Money> {
        let currency = self.order.amount_net.currency();
        let parts = self.lines.iter().flat_map(|line| {
            let shares = self.report.reconciled.matching.of_line(*line).shares.iter();
            shares.filter(|share| share.order == self.number).filter_map(|share| share.amount_calculated)
        });
        let of_currency = parts.filter(|amount| amount.currency() == currency).map(Money::minor);
        of_currency.reduce(|sum, minor| sum + minor).map(|minor| Money::from_minor(minor, currency))
    }
}

fn orders<'r, 'a>(report: &'r Report<'a>) -> impl Iterator<Item = OrderRow<'r, 'a>> {
    let mut sorted: Vec<(&'static str, u32)> = numbered(&report.reconciled.snapshot.records.orders)
        .map(|(number, order)| (order.id.raw(), number))
        .collect();
    // Rows of one order stay in the order of their lines.
    sorted.sort_unstable();
    sorted.into_iter().map(|(_, number)| {
        let order = report.order(number);
        let lines = report.reconciled.matching.of_order(number);
        let case = report.reconciled.order_case(number);
        let of_lines = || {
            let primaries = lines.iter().filter_map(|n| report.reconciled.line_case(*n).primary());
            primaries.min_by_key(|f| f.kind.rank())
        };
        OrderRow {
            report,
            order,
            figures: &report.reconciled.orders[number as usize],
            program: report.reconciled.rules.declared_program(order),
            number,
            lines,
            case,
            finding: case.map_or_else(of_lines, Case::primary),
        }
    })
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

const TREES: &[Column<[&str; 3]>] = &[
    ("audience", |r, out| out.push_str(r[0])),
    ("customer_id", |r, out| out.push_str(r[1])),
    ("folder", |r, out| out.push_str(r[2])),
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
    report.reconciled.reason(line.reason_raw).map(|row| row.reason)
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
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::super::identities::check_identities;
    use super::super::{SnapshotFacts, Sources};
    use super::*;
    use crate::content::Content;
    use crate::explain::Sentences;
    use crate::history::Versions;
    use crate::ingest;
    use crate::normalize::{self, Snapshots};
    use crate::reconcile::{self, Materiality, Past, Reconciled};

    /// Reads an input folder whole, lets a test spoil what was reconciled, and shows it the report.
    fn with_report(input: &Path, spoil: impl FnOnce(&mut Reconciled<'_>), test: impl FnOnce(&Report<'_>)) {
        let ((files, input), mut diagnostics) = ingest::read_all(input).unwrap();
        let ((reference, reference_quarantined, reference_uses), _) = normalize::reference(&files, &input);
        let delta = BTreeSet::new();
        let mut reader = Snapshots::new(&files, &input, &reference, &delta);
        let (mut versions, mut past, none) = (Versions::default(), Past::default(), Materiality::new());
        let mut facts = Vec::new();
        let mut shown = None;
        let newest = input.snapshots().last();
        for as_of in input.snapshots() {
            let (snapshot, found) = reader.at(as_of);
            diagnostics.extend(found);
            let reconciled = reconcile::reconcile(&snapshot, &reference, &past, &none);
            versions.fold(&reconciled);
            let mut totals = Totals::default();
            for (line, figures) in snapshot.records.lines.iter().zip(&reconciled.lines) {
                totals.add(line, figures);
            }
            facts.push(SnapshotFacts { as_of, uses: snapshot.uses.clone(), totals, counts: (0, 0, 0) });
            let next = (Some(as_of) != newest).then(|| past.with(&reconciled));
            drop(reconciled);
            past = next.unwrap_or(past);
            shown = Some(snapshot);
        }
        let snapshot = shown.unwrap();
        let mut reconciled = reconcile::reconcile(&snapshot, &reference, &past, &none);
        spoil(&mut reconciled);
        let content = Content::read(&crate::embedded::content(Path::new("no such folder")).unwrap()).unwrap();
        let sentences = Sentences::new(&content).unwrap();
        let sources = Sources {
            files: &files,
            content: &content,
            sentences: &sentences,
            versions: &versions,
            diagnostics: &diagnostics,
            reference_uses: &reference_uses,
            reference_quarantined: &reference_quarantined,
            snapshots: &facts,
            prose: &|markdown| Ok(markdown.to_owned()),
            time_zone: "UTC",
            base_url: "",
            version: "0",
        };
        test(&Report::new(&reconciled, sources));
    }

    fn sample() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/input"))
    }

    /// A folder with one snapshot and no reference data but the status map and the accounts.
    fn small(orders: &str, lines: &str) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        let files = [
            (
                "2026-06-18/orders.csv",
                format!("order_id,order_line,account_id,order_date,sku,currency,net_amount\n{orders}"),
            ),
            (
                "2026-06-18/rebate_lines.csv",
                format!("line_id,program_id,order_ref,period,calculated_amount,currency,status\n{lines}"),
            ),
            ("reference/status_map.csv", "raw_status,canonical\nPAID,Paid\nREJECTED,Rejected\n".to_owned()),
            (
                "reference/accounts.csv",
                "account_id,customer_id,customer_name\nA-1,C-1,\"Acme, Inc.\"\nA-2,C-2,Beta\n".to_owned(),
            ),
        ];
        for (path, text) in files {
            let path = home.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        home
    }

    fn rows(file: DataFile, report: &Report<'_>) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        file.for_each_row(report, &mut |fields| rows.push(fields.map(str::to_owned).collect()));
        rows
    }

    /// The fields of some columns, joined by commas.
    fn columns(file: DataFile, report: &Report<'_>, names: &str) -> Vec<String> {
        let header = file.header();
        let places: Vec<usize> =
            names.split(',').map(|name| header.iter().position(|column| *column == name).unwrap()).collect();
        let pick =
            |row: &Vec<String>| places.iter().map(|place| row[*place].as_str()).collect::<Vec<_>>().join(",");
        rows(file, report).iter().map(pick).collect()
    }

    fn unspoiled(_: &mut Reconciled<'_>) {}

    #[test]
    fn the_sample_data_gives_every_file_in_order_and_holds_every_identity() {
        with_report(sample(), unspoiled, |report| {
            check_identities(report).unwrap();
            for file in DataFile::ALL {
                let (header, rows) = (file.header(), rows(file, report));
                let is_fixes = matches!(file, DataFile::Fixes(_));
                assert!(is_fixes || !rows.is_empty(), "{file:?}");
                assert!(rows.iter().all(|row| row.len() == header.len()), "{file:?}");
                assert_eq!(header.iter().collect::<BTreeSet<_>>().len(), header.len(), "{file:?}");
                // Causes and the rows that clear them are ranked by money.
                if !is_fixes && file != DataFile::Diagnostics && file != DataFile::Causes {
                    let keys = [(DataFile::Cases, 2), (DataFile::Bridge, 3)]
                        .iter()
                        .find(|(f, _)| *f == file)
                        .map_or(1, |(_, n)| *n);
                    assert!(
                        rows.is_sorted_by(|a, b| a[..keys] < b[..keys]),
                        "{file:?}: sorted, each key once"
                    );
                }
            }
        });
    }

    #[test]
    fn the_first_columns_of_cases_are_a_promise() {
        let promised =
            "subject_type,subject_id,order_id,period,currency,primary,secondary,direction,at_stake"
                .split(',');
        assert!(DataFile::Cases.header().into_iter().zip(promised).all(|(name, promised)| name == promised));
    }

    #[test]
    fn cases_of_every_subject_are_written() {
        with_report(sample(), unspoiled, |report| {
            let names =
                "subject_type,subject_id,order_id,period,currency,primary,secondary,direction,at_stake,page";
            let cases = columns(DataFile::Cases, report, names);
            for expected in [
                "line,L-1002,ORD-1002,2026-05,USD,clean,,none,0.00,order/ord1002.html",
                "line,L-1003,ORD-1003,2026-05,USD,invoice-confirmation-delay,manual-review,timing,1900.00,order/ord1003.html",
                "line,L-6002,ORD-6002,2026-05,JPY,clean,,none,0,order/ord6002.html",
                "line,L-6004,ORD-6004;ORD-6005,2026-05,USD,clean,,none,0.00,order/ord6004.html",
                "order,ORD-4001,ORD-4001,2026-05,USD,row-quarantined,,at-risk,400.00,order/ord4001.html",
                "payout,PO-5003,,,USD,payout-batch-mismatch,,receivable,35.00,payout/po5003.html",
                "row,2026-06-18/rebate_lines.csv:10,ORD-4001,2026-05,USD,row-quarantined,,at-risk,0.00,quarantine.html",
                "source,vendor-rebates-cn,,,,source-stale,,none,0.00,",
            ] {
                assert!(cases.iter().any(|case| case == expected), "{expected}");
            }
            let lines =
                columns(DataFile::Lines, report, "line_id,order_ids,calculated,net,paid,bucket,match_rule");
            assert!(lines.contains(&"L-2001,ORD-2001,2540.00,2230.00,2230.00,Paid,order ID".to_owned()));
            let orders =
                columns(DataFile::Orders, report, "order_id,customer,line_ids,calculated,primary,at_stake");
            assert!(orders.iter().any(|row| row.starts_with("ORD-6004,") && row.contains(",L-6004,160.00,")));
            assert!(
                orders
                    .iter()
                    .any(|row| row.starts_with("ORD-4001,") && row.ends_with(",,,row-quarantined,400.00"))
            );
        });
    }

    #[test]
    fn totals_are_those_worked_out_by_hand() {
        with_report(sample(), unspoiled, |report| {
            let totals = totals(report);
            for (key, value) in [
                ("control.2026-06-18.USD.parsed", "40297.84"),
                ("control.2026-06-18.USD.declared", "40697.84"),
                ("control.2026-06-18.JPY.parsed", "61728"),
                ("control.2026-06-17.USD.parsed", "34261.84"),
                ("control.2026-05-08.USD.parsed", "7678.76"),
                ("rows.orders.read", "60"),
                ("rows.orders.unique", "59"),
                ("rows.lines.read", "49"),
                ("rows.lines.good", "48"),
                ("stake.USD.explained", "469.61"),
                ("bucket.SPRING.2026-05.USD.Calculated", "9200.00"),
                ("bucket.SPRING.2026-05.USD.Approved", "6050.00"),
                ("bucket.SPRING.2026-05.USD.Paid", "3170.00"),
                ("bucket.SPRING.2026-05.USD.Pending", "0.00"),
            ] {
                assert_eq!(totals.get(key).map(String::as_str), Some(value), "{key}");
            }
        });
    }

    #[test]
    fn a_program_that_is_called_all_or_spelled_twice_keeps_keys_apart() {
        let home = small(
            "",
            "1,all,X-1,2026-05,1.00,USD,PAID\n2,Core,X-2,2026-05,2.00,USD,PAID\n3,CORE,X-3,2026-05,4.00,USD,PAID\n",
        );
        with_report(home.path(), unspoiled, |report| {
            check_identities(report).unwrap();
            let totals = totals(report);
            assert_eq!(totals["bucket.all.2026-05.USD.Paid"], "7.00");
            assert_eq!(totals["bucket.ALL.2026-05.USD.Paid"], "1.00");
            assert_eq!(totals["bucket.CORE.2026-05.USD.Paid"], "6.00");
            assert!(!totals.contains_key("bucket.Core.2026-05.USD.Paid"));
        });
    }

    #[test]
    fn ids_stay_as_received_and_rows_of_one_order_stay_apart() {
        let home = small(
            "=1+1,2,A-1,2026-05-04,S,USD,10.00\n=1+1,1,A-2,2026-05-04,S,USD,30.00\n000123,,A-9,2026-05-04,S,JPY,5\n",
            "\"L,1\",P,=1+1,2026-05,1.01,USD,PAID\n0L,P,000123,2026-05,7.00,USD,REJECTED\n",
        );
        with_report(home.path(), unspoiled, |report| {
            check_identities(report).unwrap();
            assert_eq!(
                columns(
                    DataFile::Orders,
                    report,
                    "order_id,order_line,customer,line_ids,calculated,net_amount"
                ),
                ["000123,,,0L,,5", "=1+1,1,Beta,L,1,0.76,30.00", "=1+1,2,Acme, Inc.,L,1,0.25,10.00"],
            );
            assert_eq!(
                columns(DataFile::Lines, report, "line_id,order_ids,customer,net,currency,bucket"),
                ["0L,000123,,,USD,Rejected", "L,1,=1+1,Beta;Acme, Inc.,1.01,USD,Paid"],
            );
        });
    }

    #[test]
    fn figures_that_disagree_stop_the_run() {
        let problem = |spoil: fn(&mut Reconciled<'_>)| {
            let mut message = String::new();
            with_report(sample(), spoil, |report| {
                message = check_identities(report).unwrap_err().to_string()
            });
            message
        };
        let net = problem(|reconciled| {
            let first = &mut reconciled.lines[0];
            first.net = first.net.map(|net| Money::from_minor(net.minor() + 1, net.currency()));
        });
        assert_eq!(
            net,
            "internal check failed: USD: the total is 39415.25, but calculated 40057.84 and adjustments -642.60 are 39415.24"
        );
        let lost = problem(|reconciled| {
            reconciled.cases.pop();
            reconciled.cases.remove(0);
        });
        assert_eq!(lost, "internal check failed: 48 lines have 47 cases");
    }
}
