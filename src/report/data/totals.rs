//! The file of totals, each under one key: what the vendor controls by, what is at stake, bridges, the roll-forward, rows
//! and buckets.

use std::collections::BTreeMap;

use super::Column;
use crate::ingest::columns::FileKind;
use crate::model::id::ProgramId;
use crate::model::money::{Currency, Money, MoneyByCurrency};
use crate::model::record::SourceRef;
use crate::model::status::Bucket;
use crate::model::time::Month;
use crate::reconcile::Case;
use crate::reconcile::figures::Totals;
use crate::reconcile::kinds::Direction;
use crate::reconcile::matching::numbered;
use crate::reconcile::rollforward::{Age, Movement};
use crate::report::rollforward::{ADJUSTED, RECEIVED};
use crate::report::{Report, SnapshotFacts};

pub(super) const TOTALS: &[Column<(String, String)>] =
    &[("key", |r, out| out.push_str(&r.0)), ("value", |r, out| out.push_str(&r.1))];

/// Every total by its key.
///
/// Units: plain decimals of the key's currency; counts for `rows.`. `bucket.`: net amounts. `control.`: what was read
/// from the snapshot's own file of lines, and what the vendor declares about it. `rows.*.read` leaves blank rows out.
/// `rollforward.`, `aging.` and `subsequent.` speak of the last full month, see [`rolled_forward`].
pub(super) fn totals(report: &Report<'_>) -> BTreeMap<String, String> {
    let mut totals = figures(report, report.reconciled.as_of().last_full_month());
    let mut add = |key: String, value: String| {
        let before = totals.insert(key, value);
        debug_assert!(before.is_none(), "bug: two totals have one key");
    };
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

/// The totals of a month by their keys: those of [`totals`] but for the buckets, with `bridge.`, `rollforward.`, `aging.`
/// and `subsequent.` of that month.
pub(super) fn figures(report: &Report<'_>, month: Month) -> BTreeMap<String, String> {
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
    for (key, amount) in rolled_forward(report, month) {
        add(key, amount.to_string());
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
    totals
}

/// The roll-forward of a month, per currency that has a balance or a movement.
///
/// Shape: seven keys of `rollforward.`, zero or not; `late_lines`, `removed_lines`, `backdated_adjustments`,
/// `backdated_receipts`, `backdated_journals` and `journals_in_period` beside them only where not zero, so that opening,
/// `restated_prior`, those six, earned, adjustments and receipts add up to the closing. `aging.` has a key for each age that holds something, and
/// `subsequent.` its four keys where anything came after the end of the month; `receipts_netted`, adjustments that name
/// a payout and no line, only where not zero.
pub(in crate::report) fn rolled_forward(report: &Report<'_>, month: Month) -> Vec<(String, Money)> {
    let mut all = Vec::new();
    let Some(rolled) = report.rollforwards.get(&month) else { return all };
    for (currency, statement) in &rolled.statements {
        let mut put = |key: String, amount: Money| all.push((key, amount));
        let row = |movement| statement.sum_of(&[movement]);
        let key = |name: &str| format!("rollforward.{currency}.{name}");
        put(key(&format!("opening_{}", rolled.from.day)), row(Movement::Opening));
        put(key("restated_prior"), row(Movement::PriorChanges));
        put(key(&format!("earned_{month}")), row(Movement::Earned));
        put(key("adjustments_in_period"), statement.sum_of(&ADJUSTED));
        put(key("receipts_in_period"), statement.sum_of(&RECEIVED));
        put(key(&format!("closing_{}", rolled.to.day)), statement.closing_balance());
        put(key("closing_from_detail"), statement.aging.total());
        for (name, movement) in [
            ("late_lines", Movement::LateLines),
            ("removed_lines", Movement::RemovedLines),
            ("backdated_adjustments", Movement::BackdatedAdjustments),
            ("backdated_receipts", Movement::BackdatedReceipts),
            ("backdated_journals", Movement::BackdatedJournals),
            ("journals_in_period", Movement::Journals),
        ] {
            if !row(movement).is_zero() {
                put(key(name), row(movement));
            }
        }
        for age in Age::ALL {
            let band = statement.aging.band(age);
            if band.items > 0 {
                put(format!("aging.{currency}.{}", age.label()), band.amount);
            }
        }
        let later = &statement.later;
        if !later.is_empty() {
            let key = |name: &str| format!("subsequent.{currency}.{name}");
            put(key("adjustments"), later.adjustments.1);
            put(key("receipts_cash"), later.cash.1);
            put(key("receipts_lines"), later.lines);
            put(key("unapplied_difference"), later.unapplied());
            if !later.netted.is_zero() {
                put(key("receipts_netted"), later.netted);
            }
        }
    }
    all
}

/// What the lines add up to that were read from the snapshot's own file; nothing where only other files are known to
/// have been read, or that sum was not kept.
pub(in crate::report) fn parsed(report: &Report<'_>, snapshot: &SnapshotFacts) -> MoneyByCurrency {
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
    let folder = report.reconciled.as_of();
    let kind_of = |file: &str| {
        let path = format!("{folder}/{file}");
        let received = report.sources.files.iter().find(|(_, extract)| extract.path() == path);
        // One that was not received is known by the name it would have.
        let named = || FileKind::parse(&file.split('.').next().unwrap_or_default().to_ascii_lowercase());
        received.map(|(_, extract)| extract.kind()).or_else(named)
    };
    let is_of_lines = |file: &str| kind_of(file) == Some(FileKind::RebateLines);
    let mut sums = MoneyByCurrency::default();
    sums.extend(controls.filter(|c| is_own(c.origin.source) && is_of_lines(&c.file)).map(|c| c.declared));
    sums
}

/// Amounts at stake, by currency and direction.
pub(in crate::report) fn stakes<'c>(
    cases: impl Iterator<Item = &'c Case>,
) -> BTreeMap<(Currency, Direction), i128> {
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
