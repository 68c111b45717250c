//! The history kinds: what earlier snapshots said, and what a closed period was closed with.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Direction, Finding, Kind};
use crate::model::id::{OrderId, ProgramId};
use crate::model::money::Money;
use crate::model::record::{Feed, Line};
use crate::model::status::Status;
use crate::model::time::{Month, date_in_words};
use crate::reconcile::Reconciled;
use crate::reconcile::matching::numbered;
use crate::reconcile::past::Seen;
use crate::rules::arithmetic::rate_in_words;
use crate::say;

/// Adds the findings of a line against its own past to those that its orders brought.
pub(super) fn add(reconciled: &Reconciled<'_>, number: u32, line: &Line, findings: &mut Vec<Finding>) {
    // A case has one finding of a kind: lines of the order that were closed and are gone add their amounts (I-31).
    let gone = findings.extract_if(.., |f| f.kind == Kind::ClosedPeriodRestatement);
    let whole =
        restated(reconciled, number, line).into_iter().chain(gone).reduce(|own, gone| together(own, &gone));
    findings.extend(whole);
    findings.extend(went_back(reconciled, line));
    if line.status == Status::Paid
        && line.approved_date.is_none()
        && !reconciled.past.line(line.id).is_some_and(|seen| seen.was_approved)
    {
        let paid = line.amount_paid.unwrap_or(Money::zero(line.currency));
        findings.push(
            Finding::new(Kind::PaidWithoutApproval, Direction::Control, Some(paid))
                .with("date", reconciled.past.line(line.id).map(|seen| date_in_words(seen.as_of.date()))),
        );
    }
}

/// Two restatements of one case: the amounts add up, and both are named.
fn together(own: Finding, gone: &Finding) -> Finding {
    let signed = |f: &Finding| match f.direction {
        Direction::Receivable => f.amount.map(Money::negated),
        Direction::Exposure
        | Direction::Blocked
        | Direction::Timing
        | Direction::AtRisk
        | Direction::Control
        | Direction::Potential
        | Direction::Explained
        | Direction::None => f.amount,
    };
    let sum = signed(&own).zip(signed(gone)).and_then(|(a, b)| a.checked_add(b).ok());
    let Some(sum) = sum else { return own };
    let variant = own.facts.get("variant").cloned().unwrap_or_default();
    let whole = Finding::signed(Kind::ClosedPeriodRestatement, sum);
    Finding { facts: own.facts, ..whole }
        .with("diff", sum.in_words())
        .with("variant", say!("{variant}, and line removed", variant))
        .with("line", gone.facts.get("line").cloned())
}

/// A status of a lower rank than the last one that is known of earlier snapshots; Calculated and Under Review are one
/// rank. A line that was paid and is rejected fell back furthest.
fn went_back(reconciled: &Reconciled<'_>, line: &Line) -> Option<Finding> {
    let before = reconciled.past.line(line.id).filter(|s| Some(s.as_of) == reconciled.past.previous())?;
    let is_review = |s| s == Status::Calculated || s == Status::UnderReview;
    let fell = match (before.rank, reconciled.status_rank(line)) {
        (Some(then), Some(now)) => now < then && !(is_review(before.status) && is_review(line.status)),
        (Some(_), None) => before.status == Status::Paid && line.status == Status::Rejected,
        (None, _) => false,
    };
    let amount = line.amount_calculated.or(before.calculated);
    fell.then(|| {
        Finding::new(Kind::StatusRegression, Direction::AtRisk, amount)
            .with("was", before.status.words().to_owned())
            .with("date", date_in_words(before.as_of.date()))
    })
}

/// A line of a closed period that is not what it was closed with.
fn restated(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Option<Finding> {
    let past = reconciled.past;
    // Its own id first, in whatever period; else the line that its order and program lost, one for one.
    let before = past.closed_line(line.id).or_else(|| {
        let (month, place) = *reconciled.since_close.successors.get(&number)?;
        let close = past.at_close(month)?;
        Some((month, close.as_of, &close.lines[place as usize]))
    });
    let zero = Money::zero(line.currency);
    let now = line.amount_calculated.unwrap_or(zero);
    let (closed, variant, difference, was) = match before {
        None => {
            let close = past.at_close(line.period).filter(|_| !now.is_zero())?;
            (close.as_of, "late line", now, None)
        }
        Some((_, closed, seen)) if seen.currency != line.currency => {
            (closed, "currency changed", now, seen.calculated)
        }
        Some((month, closed, seen)) => {
            let was = seen.calculated.unwrap_or(zero);
            let is_lost = seen.bucket.is_in_total() && !line.bucket.is_in_total();
            let difference = now.checked_sub(was).ok()?;
            match (month == line.period, difference.is_zero(), is_lost) {
                // Its period was closed with an amount that counts elsewhere now.
                (false, _, _) if was.is_zero() => return None,
                (false, _, _) => (closed, "moved to another period", was.negated(), Some(was)),
                (true, true, false) => return None,
                (true, true, true) => (closed, "no longer recognized", was.negated(), Some(was)),
                (true, false, _) => (closed, "amount changed", difference, Some(was)),
            }
        }
    };
    Some(
        Finding::signed(Kind::ClosedPeriodRestatement, difference)
            .with("diff", difference.in_words())
            .with("was", was.map(Money::in_words))
            .with("amount", now.in_words())
            .with("date", date_in_words(closed.date()))
            .with("variant", variant.to_owned())
            .with("reason", before.and_then(|(_, _, seen)| changes(seen, line))),
    )
}

/// Which fields are not what they were: `base 12,500.00 → 11,000.00`.
fn changes(seen: &Seen, line: &Line) -> Option<String> {
    let mut changed = Vec::new();
    let mut note = |name: &str, was: Option<String>, now: Option<String>| {
        if was != now {
            let word = |value: Option<String>| value.unwrap_or_else(|| say!("none").to_owned());
            changed.push(format!("{name} {} → {}", word(was), word(now)));
        }
    };
    note(say!("base"), seen.base.map(Money::grouped), line.amount_base.map(Money::grouped));
    note(say!("rate"), seen.rate.map(rate_in_words), line.rate.map(rate_in_words));
    note(say!("category"), seen.category.map(|c| c.to_string()), line.category.map(|c| c.to_string()));
    note(say!("currency"), Some(seen.currency.code().to_owned()), Some(line.currency.code().to_owned()));
    if seen.bucket.is_in_total() != line.bucket.is_in_total() {
        note(say!("status"), Some(seen.status.words().to_owned()), Some(line.status.words().to_owned()));
    }
    (!changed.is_empty()).then(|| changed.join(say!(", ")))
}

/// What became of the lines of closed periods that are gone under their own id.
#[derive(Default)]
pub(in crate::reconcile) struct SinceClose {
    /// The line at close that a new line stands for, by the index of the new one: the first new id of an order, program
    /// and period takes the first that is gone, and so on.
    successors: HashMap<u32, (Month, u32)>,
    /// The lines at close that nothing stands for.
    removed: Vec<(Month, u32)>,
}

/// What a line is for.
type Purpose = (OrderId, ProgramId, Month);

impl SinceClose {
    pub(in crate::reconcile) fn new(reconciled: &Reconciled<'_>) -> SinceClose {
        let mut gone: BTreeMap<Purpose, Vec<(Month, u32)>> = BTreeMap::new();
        let mut since = SinceClose::default();
        for (month, close) in reconciled.past.closes() {
            for (place, seen) in numbered(&close.lines) {
                if reconciled.line_number(seen.id).is_none() {
                    match seen.order {
                        Some(order) => {
                            gone.entry((order, seen.program, month)).or_default().push((month, place));
                        }
                        None => since.removed.push((month, place)),
                    }
                }
            }
        }
        if gone.is_empty() {
            return since;
        }
        let mut taken: BTreeMap<Purpose, usize> = BTreeMap::new();
        for (number, line) in numbered(&reconciled.snapshot.records.lines) {
            if reconciled.past.closed_line(line.id).is_some() {
                continue;
            }
            let Some(share) = reconciled.matching.of_line(number).shares.first() else { continue };
            let order = reconciled.snapshot.records.orders[share.order as usize].id;
            let purpose = (order, line.program, line.period);
            let Some(lost) = gone.get(&purpose) else { continue };
            let taken = taken.entry(purpose).or_insert(0);
            if let Some(line_at_close) = lost.get(*taken) {
                since.successors.insert(number, *line_at_close);
            }
            *taken += 1;
        }
        for (purpose, lost) in gone {
            since.removed.extend(lost.iter().skip(taken.get(&purpose).copied().unwrap_or(0)));
        }
        since
    }
}

/// Lines that earlier snapshots had and this one has no more, by the order row they were for.
pub(super) fn gone(reconciled: &Reconciled<'_>, stale: &[&Feed]) -> HashMap<u32, Vec<Finding>> {
    let feeds = Feeds { reconciled, stale: stale.to_vec() };
    let mut gone: HashMap<u32, Vec<Finding>> = HashMap::new();
    let mut add = |seen: &Seen, finding: Finding| {
        if let Some(row) = seen.order.and_then(|id| reconciled.matching.rows(id).first().copied()) {
            gone.entry(row).or_default().push(finding.with("line", seen.id.raw().to_owned()));
        }
    };
    for (month, place) in &reconciled.since_close.removed {
        let Some(close) = reconciled.past.at_close(*month) else { continue };
        let seen = &close.lines[*place as usize];
        let Some(was) = seen.calculated.filter(|m| !m.is_zero()) else { continue };
        if feeds.is_stale(seen) {
            continue;
        }
        add(
            seen,
            Finding::signed(Kind::ClosedPeriodRestatement, was.negated())
                .with("diff", was.negated().in_words())
                .with("was", was.in_words())
                .with("date", date_in_words(close.as_of.date()))
                .with("variant", "line removed".to_owned()),
        );
    }
    let lost: Vec<&Seen> =
        reconciled.past.previous_lines().filter(|s| reconciled.line_number(s.id).is_none()).collect();
    let kept = purposes_of(reconciled, &lost);
    for seen in lost {
        let is_kept = seen.order.is_some_and(|order| kept.contains(&(order, seen.program, seen.period)));
        if is_kept || seen.calculated.is_some_and(Money::is_negative) || feeds.is_stale(seen) {
            continue;
        }
        add(
            seen,
            Finding::new(Kind::LineVanished, Direction::Receivable, seen.calculated)
                .with("was", seen.calculated.map(Money::in_words))
                .with("date", date_in_words(seen.as_of.date())),
        );
    }
    gone
}

/// Which orders, programs and periods of lost lines have a line now.
fn purposes_of(reconciled: &Reconciled<'_>, lost: &[&Seen]) -> HashSet<Purpose> {
    let wanted: HashSet<Purpose> =
        lost.iter().filter_map(|s| Some((s.order?, s.program, s.period))).collect();
    let mut kept = HashSet::new();
    if wanted.is_empty() {
        return kept;
    }
    let records = &reconciled.snapshot.records;
    for (number, line) in numbered(&records.lines) {
        for share in &reconciled.matching.of_line(number).shares {
            let purpose = (records.orders[share.order as usize].id, line.program, line.period);
            if wanted.contains(&purpose) {
                kept.insert(purpose);
            }
        }
    }
    kept
}

/// Feeds from which absence proves nothing.
struct Feeds<'r, 'a> {
    reconciled: &'r Reconciled<'a>,
    stale: Vec<&'r Feed>,
}

impl Feeds<'_, '_> {
    fn is_stale(&self, seen: &Seen) -> bool {
        let row = seen.order.and_then(|id| self.reconciled.matching.rows(id).first().copied());
        let site = row.and_then(|row| self.reconciled.snapshot.records.orders[row as usize].site);
        self.stale.iter().any(|f| f.site.is_none() || site.is_none() || f.site == site)
    }
}
