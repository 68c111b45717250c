//! The identities that hold on every build, checked in release too before anything is published: what does not add up
//! is a bug of ours and never reaches a reader.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::Report;
use super::data::stakes;
use super::scopes::ScopeKind;
use crate::error::Error;
use crate::history::{Measures, Scope};
use crate::ingest::columns::FileKind;
use crate::model::ledger::JournalType;
use crate::model::money::{Currency, Money};
use crate::model::status::Bucket;
use crate::model::time::Month;
use crate::reconcile::bridge::BridgeRow;
use crate::reconcile::figures::{CurrencyTotals, Totals};
use crate::reconcile::kinds::{Direction, Kind};
use crate::reconcile::layers::{Layered, in_balance};
use crate::reconcile::matching::numbered;
use crate::reconcile::posted::Cell as PostedSums;
use crate::reconcile::rollforward::{Basis, End, Movement, Statement, total};
use crate::reconcile::{Case, Subject};

/// Checks that every figure of the product says the same, whichever way it is added up (I-1, I-2, I-7 to I-9, I-14, I-15).
///
/// Runs at every build, before anything is published; its cost grows with the lines and nothing else.
///
/// # Errors
/// [`Error::Identity`] with both figures of the first identity that does not hold.
pub fn check_identities(report: &Report<'_>) -> Result<(), Error> {
    let records = &report.reconciled.snapshot.records;
    let mut all = Totals::default();
    for (number, line) in numbered(&records.lines) {
        all.add(line, report.figures(number));
    }
    for (currency, sums) in all.iter() {
        check_currency(currency, sums)?;
    }
    let all = Figures::of([all]);
    let programs =
        report.scopes.of_kind(ScopeKind::Program).map(|(_, members)| report.totals(&members.lines));
    all.check("all lines", "all programs", &Figures::of(programs))?;
    let months = report.scopes.months().filter_map(|month| report.scopes.period(month));
    all.check("all lines", "all periods", &Figures::of(months.map(|members| report.totals(&members.lines))))?;
    for snapshot in report.sources.snapshots.iter().filter(|s| s.as_of == report.reconciled.as_of()) {
        all.check("all lines", "the list of snapshots", &Figures::of([snapshot.totals.clone()]))?;
    }
    check_cases(report)?;
    check_causes(report)?;
    check_claims(report)?;
    check_bridges(report)?;
    check_waterfalls(report)?;
    check_rollforwards(report)?;
    check_layers(report)?;
    check_posted(report)?;
    check_shares(report)?;
    check_history(report)?;
    check_rows(report)
}

/// The facts of every snapshot add up to what that snapshot said of itself, and no bridge leaves anything over (I-16).
fn check_history(report: &Report<'_>) -> Result<(), Error> {
    let history = report.sources.history;
    for snapshot in report.sources.snapshots {
        let Some(number) = history.number(snapshot.as_of) else { continue };
        let mut sums: BTreeMap<Currency, Measures> = BTreeMap::new();
        for (_, state) in history.facts.lines_at(number) {
            *sums.entry(state.place.currency).or_default() += state.measures();
        }
        for (currency, own) in snapshot.totals.iter() {
            let of_facts = sums.remove(&currency).unwrap_or_default();
            let said = Measures {
                eligible: own.expected.minor(),
                calculated: own.calculated.minor(),
                adjustments: own.adjustments.minor(),
                total: own.total().minor(),
                approved: own.sum(&[Bucket::Approved, Bucket::Paid]).minor(),
                paid: own.paid.minor(),
            };
            holds(of_facts == said, || {
                format!("{}, {currency}: the snapshot says {said:?}, its facts {of_facts:?}", snapshot.as_of)
            })?;
        }
        holds(sums.is_empty(), || {
            format!("{}: facts of a currency without lines: {sums:?}", snapshot.as_of)
        })?;
    }
    for (from, to) in report.pairs() {
        for bridge in report.differences(from, to, &Scope::default()) {
            let rest = bridge.remainder();
            holds(rest.is_zero(), || {
                let (from, to) = (history.as_of(from), history.as_of(to));
                format!("{from} to {to}, {}: {rest:?} is not explained", bridge.currency)
            })?;
        }
    }
    Ok(())
}

fn holds(is_equal: bool, problem: impl FnOnce() -> String) -> Result<(), Error> {
    if is_equal { Ok(()) } else { Err(Error::Identity(problem())) }
}

/// Within one scope: every line is in one bucket and one status, and the headline is its parts.
fn check_currency(currency: Currency, sums: &CurrencyTotals) -> Result<(), Error> {
    let add = |parts: &[(usize, Money)]| {
        parts.iter().fold((0, 0), |(count, minor), part| (count + part.0, minor + part.1.minor()))
    };
    let (by_bucket, by_status) = (add(&sums.by_bucket), add(&sums.by_status));
    let words = |(count, minor)| format!("{} in {count} lines", Money::from_minor(minor, currency));
    holds(by_bucket == by_status && by_bucket.0 == sums.lines, || {
        format!(
            "{currency}: {} lines add up to {} by bucket and to {} by status",
            sums.lines,
            words(by_bucket),
            words(by_status)
        )
    })?;
    let parts = Money::from_minor(sums.calculated.minor() + sums.adjustments.minor(), currency);
    holds(parts == sums.total(), || {
        format!(
            "{currency}: the total is {}, but calculated {} and adjustments {} are {parts}",
            sums.total(),
            sums.calculated,
            sums.adjustments
        )
    })
}

/// Counts and amounts by currency and name, of one scope or several together.
#[derive(PartialEq, Eq)]
struct Figures(BTreeMap<(Currency, &'static str), (usize, i128)>);

impl Figures {
    fn of(scopes: impl IntoIterator<Item = Totals>) -> Figures {
        let mut figures = BTreeMap::new();
        for totals in scopes {
            for (currency, sums) in totals.iter() {
                let buckets = Bucket::ALL.into_iter().map(|bucket| (bucket.label(), sums.bucket(bucket)));
                let others = [
                    ("total", (sums.total_lines(), sums.total())),
                    ("expected", (sums.not_recomputed, sums.expected)),
                    ("paid amount", (0, sums.paid)),
                    ("calculated amount of every line", (sums.lines, sums.calculated_all)),
                ];
                for (name, (count, amount)) in buckets.chain(others) {
                    let entry = figures.entry((currency, name)).or_insert((0, 0));
                    *entry = (entry.0 + count, entry.1 + amount.minor());
                }
            }
        }
        Figures(figures)
    }

    fn check(&self, name: &str, other_name: &str, other: &Figures) -> Result<(), Error> {
        for (currency, figure) in self.0.keys().chain(other.0.keys()) {
            let of = |figures: &Figures| figures.0.get(&(*currency, *figure)).copied().unwrap_or_default();
            let words = |(count, minor)| format!("{} ({count} lines)", Money::from_minor(minor, *currency));
            let (here, there) = (of(self), of(other));
            holds(here == there, || {
                format!("{currency} {figure}: {name} {}, {other_name} {}", words(here), words(there))
            })?;
        }
        Ok(())
    }
}

/// Every line and every order without one has a case, and what is at stake is a partition by primary kind.
fn check_cases(report: &Report<'_>) -> Result<(), Error> {
    let records = &report.reconciled.snapshot.records;
    let cases = &report.reconciled.cases;
    let of_lines = cases.iter().filter(|c| matches!(c.subject, Subject::Line(_))).count();
    holds(of_lines == records.lines.len(), || {
        format!("{} lines have {of_lines} cases", records.lines.len())
    })?;
    let of_orders = cases.iter().filter(|c| matches!(c.subject, Subject::Order(_))).count();
    let without_line =
        numbered(&records.orders).filter(|(n, _)| report.reconciled.matching.of_order(*n).is_empty()).count();
    holds(of_orders == without_line, || {
        format!("{without_line} orders without a line have {of_orders} cases")
    })?;

    let mut over_primaries: BTreeMap<(Currency, Direction), i128> = BTreeMap::new();
    let mut listed = report.clean;
    for kind in Kind::ALL {
        for finding in report.cases_of(*kind).filter_map(Case::primary) {
            listed += 1;
            if let Some(amount) = finding.amount {
                *over_primaries.entry((amount.currency(), finding.direction)).or_insert(0) += amount.minor();
            }
        }
    }
    holds(listed == cases.len(), || {
        format!("{} cases, {listed} of them clean or listed by kind", cases.len())
    })?;
    let over_cases = stakes(cases.iter());
    for (currency, direction) in over_cases.keys().chain(over_primaries.keys()) {
        let of = |sums: &BTreeMap<(Currency, Direction), i128>| {
            Money::from_minor(sums.get(&(*currency, *direction)).copied().unwrap_or(0), *currency)
        };
        let (cases, primaries) = (of(&over_cases), of(&over_primaries));
        holds(cases == primaries, || {
            format!(
                "{currency} {}: at stake over cases {cases}, over primaries {primaries}",
                direction.label()
            )
        })?;
    }
    Ok(())
}

/// Every case with something to explain is in exactly one cause, and causes have the money of their cases.
fn check_causes(report: &Report<'_>) -> Result<(), Error> {
    let cases = &report.reconciled.cases;
    let explained: usize = report.causes.iter().map(|cause| cause.cases.len()).sum();
    holds(explained + report.clean == cases.len(), || {
        format!("{} cases, {explained} of them in causes and {} clean", cases.len(), report.clean)
    })?;
    let mut of_cases: BTreeMap<Currency, i128> = BTreeMap::new();
    for amount in cases.iter().filter(|case| case.primary().is_some()).filter_map(Case::at_stake) {
        *of_cases.entry(amount.currency()).or_insert(0) += amount.minor();
    }
    let mut of_causes: BTreeMap<Currency, i128> = BTreeMap::new();
    for amount in report.causes.iter().flat_map(|cause| cause.at_stake.iter()) {
        *of_causes.entry(amount.currency()).or_insert(0) += amount.minor();
    }
    // A clean case and a case without an amount have nothing at stake.
    of_cases.retain(|_, minor| *minor != 0);
    of_causes.retain(|_, minor| *minor != 0);
    let words = |sums: &BTreeMap<Currency, i128>| {
        let amounts = sums.iter().map(|(c, minor)| format!("{} {c}", Money::from_minor(*minor, *c)));
        amounts.collect::<Vec<_>>().join(", ")
    };
    holds(of_cases == of_causes, || {
        format!("at stake over cases {}, over causes {}", words(&of_cases), words(&of_causes))
    })
}

/// What can be claimed is claimed and open, or in exactly one claim (I-14).
fn check_claims(report: &Report<'_>) -> Result<(), Error> {
    let over_cases = stakes(report.reconciled.cases.iter());
    let (open, left) = (report.claims.open(), report.claims.to_claim());
    let of_cases = over_cases.keys().filter(|(_, direction)| *direction == Direction::Receivable);
    let currencies: BTreeSet<Currency> = of_cases
        .map(|(currency, _)| *currency)
        .chain(open.iter().chain(left.iter()).map(Money::currency))
        .collect();
    for currency in currencies {
        let minor = over_cases.get(&(currency, Direction::Receivable)).copied().unwrap_or(0);
        let (claimable, open, left) =
            (Money::from_minor(minor, currency), open.get(currency), left.get(currency));
        holds(open.minor() + left.minor() == minor && !left.is_negative(), || {
            format!("{currency}: {claimable} can be claimed; claimed and open {open}, in claims {left}")
        })?;
    }
    Ok(())
}

/// Vendor calculated less own expected is the sum of its rows, in every period and currency (I-9).
fn check_bridges(report: &Report<'_>) -> Result<(), Error> {
    for ((period, currency), bridge) in &report.bridges {
        holds(bridge.remainder().is_zero(), || {
            format!(
                "bridge of {period} in {currency}: vendor {} less own {} leaves {} that no case explains",
                bridge.vendor_calculated,
                bridge.own_expected,
                bridge.remainder()
            )
        })?;
        // The lists of cases behind the rows add up to the rows.
        let mut listed: BTreeMap<BridgeRow, (usize, i128)> = BTreeMap::new();
        for effect in report.effects.get(&(*period, *currency)).into_iter().flatten() {
            let sum = listed.entry(effect.row).or_insert((0, 0));
            *sum = (sum.0 + 1, sum.1 + effect.minor);
        }
        let rows = bridge.rows.iter().map(|(row, (count, amount))| (*row, (*count, amount.minor())));
        holds(rows.eq(listed), || {
            format!("bridge of {period} in {currency}: its rows are not what the cases behind them add up to")
        })?;
    }
    Ok(())
}

/// Opening and movements are the closing, and the closing is what is open: item by item, by program, and once more from
/// the records themselves (I-7, I-8).
fn check_rollforwards(report: &Report<'_>) -> Result<(), Error> {
    let recorded = Recorded::new(report);
    for (month, rolled) in &report.rollforwards {
        for (currency, statement) in &rolled.statements {
            let place = || format!("roll-forward of {month} in {currency}");
            let (closing, open) = (statement.closing_balance(), statement.aging.total());
            holds(statement.check().is_zero(), || {
                format!("{}: opening and movements are {closing}, the open items {open}", place())
            })?;
            for (program, rows) in &statement.programs {
                let moved = Money::from_minor(rows.values().map(|sum| sum.total()).sum(), *currency);
                let bands = statement.aging.programs.get(program);
                let open = bands.map_or(Money::zero(*currency), total);
                holds(moved == open, || {
                    let program = program.map_or("that none names", |id| id.raw());
                    format!("{}: program {program} closes with {moved}, its open items {open}", place())
                })?;
            }
            // Without a close of the month before, both months rest on the same books.
            let before = report.rollforwards.get(&month.previous());
            if let (Some(before), false) = (before, matches!(rolled.basis, Basis::Close(_))) {
                let opening = statement.sum_of(&[Movement::Opening]);
                let last = before.statements.get(currency);
                let last = last.map_or(Money::zero(*currency), Statement::closing_balance);
                holds(opening == last, || {
                    format!("{}: it opens with {opening}, the month before closes with {last}", place())
                })?;
            }
        }
        for currency in recorded.currencies() {
            let statement = rolled.statements.get(&currency);
            let closing = statement.map_or(Money::zero(currency), Statement::closing_balance);
            let records = recorded.balance(rolled.to, currency);
            holds(closing == records, || {
                format!("roll-forward of {month} in {currency}: closing {closing}, by the records {records}")
            })?;
        }
    }
    Ok(())
}

/// A closing balance is what its layers hold, in all and by program, and a movement is its records by date.
fn check_layers(report: &Report<'_>) -> Result<(), Error> {
    for (month, rolled) in &report.rollforwards {
        let layered = report.layers.at(rolled.to);
        for currency in layered.keys().chain(rolled.statements.keys()) {
            let (layers, statement) = (layered.get(currency), rolled.statements.get(currency));
            let amount = |minor| Money::from_minor(minor, *currency);
            let place = || format!("roll-forward of {month} in {currency}");
            let closing = amount(statement.map_or(0, |statement| statement.closing().total()));
            let held = amount(layers.map_or(0, Layered::in_balance));
            holds(closing == held, || format!("{}: closing {closing}, its layers hold {held}", place()))?;
            let Some(statement) = statement else { continue };
            for (program, rows) in &statement.programs {
                let closing = amount(rows.values().map(|sum| sum.total()).sum());
                let of_program = layers.and_then(|layered| layered.programs.get(program));
                let held = amount(of_program.map_or(0, in_balance));
                holds(closing == held, || {
                    let program = program.map_or("that none names", |id| id.raw());
                    format!("{}: program {program} closes with {closing}, its layers hold {held}", place())
                })?;
            }
            for movement in Movement::ALL.into_iter().filter(|movement| *movement != Movement::Opening) {
                let row = statement.sum_of(&[movement]);
                let dated = amount(statement.by_date(movement).map(|(_, minor)| minor).sum());
                holds(row == dated, || format!("{}: {movement:?} is {row}, by date {dated}", place()))?;
            }
        }
    }
    Ok(())
}

/// What the records say of the balance, added up by currency, period and date without the books of the roll-forward.
struct Recorded(BTreeMap<(Currency, Month, Option<NaiveDate>), i128>);

impl Recorded {
    fn new(report: &Report<'_>) -> Recorded {
        let (reconciled, mut sums) = (report.reconciled, BTreeMap::new());
        let mut add = |amount: Money, period, date| {
            *sums.entry((amount.currency(), period, date)).or_insert(0) += amount.minor();
        };
        for line in &reconciled.snapshot.records.lines {
            if let Some(amount) = line.amount_calculated.filter(|_| reconciled.booked.has(line.status)) {
                add(amount, line.period, None);
            }
            let payout = line.payout.and_then(|id| reconciled.payout(id));
            if let (Some(payout), Some(paid)) = (payout, line.amount_paid) {
                add(paid.negated(), line.period, Some(payout.date));
            }
        }
        for adjustment in &reconciled.snapshot.records.adjustments {
            let line = adjustment.line.and_then(|id| reconciled.line_number(id));
            let period = line.map(|number| report.line(number).period).or(adjustment.period);
            let period = period.unwrap_or_else(|| reconciled.rules.reference.month_of(adjustment.date));
            add(adjustment.amount, period, Some(adjustment.date));
            let payout = adjustment.reference.filter(|_| adjustment.line.is_none());
            let payout = payout.and_then(|id| reconciled.payout(id.cast()));
            if let Some(payout) = payout.filter(|p| p.amount.currency() == adjustment.amount.currency()) {
                add(adjustment.amount.negated(), period, Some(payout.date));
            }
        }
        for journal in reconciled.journals().filter(|journal| journal.kind != JournalType::LedgerOnly) {
            let line = journal.line.and_then(|id| reconciled.line_number(id));
            let month = || reconciled.rules.reference.month_of(journal.date);
            let period = line.map_or_else(month, |number| report.line(number).period);
            add(journal.amount, period, Some(journal.date));
        }
        Recorded(sums)
    }

    fn currencies(&self) -> BTreeSet<Currency> {
        self.0.keys().map(|(currency, _, _)| *currency).collect()
    }

    fn balance(&self, at: End, currency: Currency) -> Money {
        let counts = |(of, period, date): &(Currency, Month, Option<NaiveDate>)| {
            *of == currency && *period <= at.month && date.is_none_or(|date| date <= at.day)
        };
        let counted = self.0.iter().filter(|(key, _)| counts(key));
        Money::from_minor(counted.map(|(_, minor)| *minor).sum(), currency)
    }
}

/// The posted periods of an earned month add up to the month, and those of all months to everything: total and paid.
fn check_posted(report: &Report<'_>) -> Result<(), Error> {
    let mut counted = 0;
    for month in report.scopes.months() {
        let lines = report.scopes.period(month).map_or(&[][..], |members| &members.lines);
        for (currency, sums) in report.totals(lines).iter() {
            let posted = report.posted.get(&currency).map(|matrix| matrix.sum(currency, |m, _| m == month));
            let posted = posted.unwrap_or_else(|| PostedSums::empty(currency));
            let is_same =
                (sums.total_lines(), sums.total(), sums.paid) == (posted.lines, posted.net, posted.paid);
            holds(is_same, || {
                format!(
                    "{month} in {currency}: total {} and paid {}, by posted period {} and {}",
                    sums.total(),
                    sums.paid,
                    posted.net,
                    posted.paid
                )
            })?;
            counted += posted.lines;
        }
    }
    let mut listed = 0;
    for (currency, matrix) in &report.posted {
        let (mut columns, all) = (PostedSums::empty(*currency), matrix.sum(*currency, |_, _| true));
        for posted in matrix.posted() {
            columns.add(&matrix.sum(*currency, |_, month| month == posted));
        }
        holds(columns == all, || {
            format!("posted periods in {currency}: {} by column, {} in all", columns.net, all.net)
        })?;
        listed += columns.lines;
    }
    holds(counted == listed, || format!("{counted} lines by earned period, {listed} by posted period"))
}

/// The steps from expected to calculated sum to their difference on every recomputed line (I-10).
fn check_waterfalls(report: &Report<'_>) -> Result<(), Error> {
    for (number, line) in numbered(&report.reconciled.snapshot.records.lines) {
        let figures = report.figures(number);
        let Some(waterfall) = &figures.waterfall else { continue };
        let effects: i128 = waterfall.effects().map(|(_, amount)| amount.minor()).sum();
        let calculated = line.amount_calculated.unwrap_or(waterfall.vendor());
        let is_exact = Some(waterfall.expected()) == figures.expected
            && calculated == waterfall.vendor()
            && effects == waterfall.difference().minor();
        holds(is_exact, || format!("line {}: its steps do not lead from expected to calculated", line.id))?;
    }
    Ok(())
}

/// A line that was split over several orders sums to itself.
fn check_shares(report: &Report<'_>) -> Result<(), Error> {
    for (number, line) in numbered(&report.reconciled.snapshot.records.lines) {
        let shares = &report.reconciled.matching.of_line(number).shares;
        let Some(first) = shares.first() else { continue };
        let parts = shares.iter().map(|share| share.amount_calculated);
        let sum = parts.skip(1).fold(first.amount_calculated, |sum, part| sum?.checked_add(part?).ok());
        holds(sum == line.amount_calculated, || {
            let words = |amount: Option<Money>| amount.map_or("none".to_owned(), |m| format!("{m:?}"));
            format!("line {}: {}, its orders {}", line.id, words(line.amount_calculated), words(sum))
        })?;
    }
    Ok(())
}

/// Every row of every file is in exactly one place.
fn check_rows(report: &Report<'_>) -> Result<(), Error> {
    let files = report.sources.files;
    let uses = &report.reconciled.snapshot.uses;
    let earlier = report.sources.snapshots.iter().flat_map(|s| &s.uses);
    for file in uses.iter().chain(report.sources.reference_uses).chain(earlier) {
        let counts = &file.counts;
        holds(counts.is_conserved(), || {
            format!(
                "{}: {} rows, but {} loaded, {} merged, {} quarantined and {} blank",
                files.get(file.file).path(),
                counts.rows,
                counts.loaded,
                counts.merged,
                counts.quarantined,
                counts.blank
            )
        })?;
    }
    let of_lines: Vec<_> =
        uses.iter().filter(|u| files.get(u.file).kind() == FileKind::RebateLines).collect();
    let lines = report.reconciled.snapshot.records.lines.len();
    match of_lines[..] {
        [file] => holds(file.counts.loaded == lines, || {
            format!("{}: {} rows loaded, {lines} lines", files.get(file.file).path(), file.counts.loaded)
        }),
        _ => Ok(()),
    }
}
