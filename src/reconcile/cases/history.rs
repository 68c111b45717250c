//! The history kinds: what earlier snapshots said, and what a closed period was closed with.

use std::collections::HashMap;

use super::{Direction, Finding, Kind};
use crate::model::id::{OrderId, ProgramId};
use crate::model::money::Money;
use crate::model::record::Line;
use crate::model::status::Status;
use crate::model::time::{Month, date_in_words};
use crate::reconcile::Reconciled;
use crate::reconcile::past::Seen;
use crate::rules::arithmetic::rate_in_words;

/// Findings of a line against its own past.
pub(super) fn findings(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(restated(reconciled, number, line));
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
    findings
}

/// A status of a lower rank than in the snapshot before; Calculated and Under Review are one rank.
fn went_back(reconciled: &Reconciled<'_>, line: &Line) -> Option<Finding> {
    let before = reconciled.past.line(line.id).filter(|s| Some(s.as_of) == reconciled.past.previous())?;
    let (then, now) = (before.rank?, reconciled.status_rank(line)?);
    let is_review = |s| s == Status::Calculated || s == Status::UnderReview;
    if now >= then || (is_review(before.status) && is_review(line.status)) {
        return None;
    }
    let amount = line.amount_calculated.or(before.calculated);
    Some(
        Finding::new(Kind::StatusRegression, Direction::AtRisk, amount)
            .with("was", before.status.to_string())
            .with("date", date_in_words(before.as_of.date())),
    )
}

/// A line of a closed period that is not what it was closed with.
fn restated(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Option<Finding> {
    let (closed, lines) = reconciled.past.at_close(line.period)?;
    let own = lines.binary_search_by_key(&line.id, |s| s.id).ok().map(|place| &lines[place]);
    // A line that was given a new id replaces the one of the same order and program that is gone.
    let before = own.or_else(|| replaced(reconciled, number, line, lines));
    let zero = Money::zero(line.currency);
    let now = line.amount_calculated.unwrap_or(zero);
    let (variant, difference, was) = match before {
        None if now.is_zero() => return None,
        None => ("late line", now, None),
        Some(seen) if seen.currency != line.currency => ("currency changed", now, seen.calculated),
        Some(seen) => {
            let was = seen.calculated.unwrap_or(zero);
            let is_lost = seen.bucket.is_in_total() && !line.bucket.is_in_total();
            let difference = now.checked_sub(was).ok()?;
            match (difference.is_zero(), is_lost) {
                (true, false) => return None,
                (true, true) => ("no longer recognized", was.negated(), Some(was)),
                (false, _) => ("amount changed", difference, Some(was)),
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
            .with("reason", before.and_then(|seen| changes(seen, line))),
    )
}

/// Which fields are not what they were: `base 12,500.00 → 11,000.00`.
fn changes(seen: &Seen, line: &Line) -> Option<String> {
    let mut changed = Vec::new();
    let mut note = |name: &str, was: Option<String>, now: Option<String>| {
        if was != now {
            let word = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
            changed.push(format!("{name} {} → {}", word(was), word(now)));
        }
    };
    note("base", seen.base.map(Money::grouped), line.amount_base.map(Money::grouped));
    note("rate", seen.rate.map(rate_in_words), line.rate.map(rate_in_words));
    note("category", seen.category.map(|c| c.to_string()), line.category.map(|c| c.to_string()));
    note("currency", Some(seen.currency.code().to_owned()), Some(line.currency.code().to_owned()));
    if seen.bucket.is_in_total() != line.bucket.is_in_total() {
        note("status", Some(seen.status.to_string()), Some(line.status.to_string()));
    }
    (!changed.is_empty()).then(|| changed.join(", "))
}

/// The line at close that a new id stands for: of the same order and program, and gone under its own id.
fn replaced<'s>(
    reconciled: &Reconciled<'_>,
    number: u32,
    line: &Line,
    lines: &'s [Seen],
) -> Option<&'s Seen> {
    let share = reconciled.matching.of_line(number).shares.first()?;
    let order = reconciled.snapshot.records.orders[share.order as usize].id;
    let successors = reconciled.past_index.get(&(order, line.program, line.period))?;
    // The first new id takes the first one that is gone, and so on.
    let is_new = |l: &&u32| {
        let other = &reconciled.snapshot.records.lines[**l as usize];
        (other.program, other.period) == (line.program, line.period)
            && lines.binary_search_by_key(&other.id, |s| s.id).is_err()
    };
    let place = reconciled.matching.of_order(share.order).iter().filter(is_new).position(|l| *l == number)?;
    let gone = successors.get(place)?;
    lines.binary_search_by_key(gone, |s| s.id).ok().map(|place| &lines[place])
}

/// Lines of closed periods that are gone under their own id, by what they were for.
pub(in crate::reconcile) type GoneAtClose =
    HashMap<(OrderId, ProgramId, Month), Vec<crate::model::id::LineId>>;

/// Finds the lines of closed periods that no line of today has the id of.
pub(in crate::reconcile) fn gone_at_close(reconciled: &Reconciled<'_>) -> GoneAtClose {
    let mut gone = GoneAtClose::new();
    for period in reconciled.past.closed_periods() {
        let Some((_, lines)) = reconciled.past.at_close(period) else { continue };
        for seen in lines.iter().filter(|s| reconciled.line_number(s.id).is_none()) {
            if let Some(order) = seen.order {
                gone.entry((order, seen.program, period)).or_default().push(seen.id);
            }
        }
    }
    gone
}

/// Lines that earlier snapshots had and this one has no more, by the order row they were for.
pub(super) fn gone(reconciled: &Reconciled<'_>) -> HashMap<u32, Vec<Finding>> {
    let mut gone: HashMap<u32, Vec<Finding>> = HashMap::new();
    let mut add = |seen: &Seen, finding: Finding| {
        if let Some(row) = seen.order.and_then(|id| reconciled.matching.rows(id).first().copied()) {
            gone.entry(row).or_default().push(finding.with("line", seen.id.raw().to_owned()));
        }
    };
    for period in reconciled.past.closed_periods() {
        let Some((closed, lines)) = reconciled.past.at_close(period) else { continue };
        for seen in lines.iter().filter(|s| is_gone(reconciled, s)) {
            let Some(was) = seen.calculated.filter(|m| !m.is_zero()) else { continue };
            add(
                seen,
                Finding::signed(Kind::ClosedPeriodRestatement, was.negated())
                    .with("diff", was.negated().in_words())
                    .with("was", was.in_words())
                    .with("date", date_in_words(closed.date()))
                    .with("variant", "line removed".to_owned()),
            );
        }
    }
    for seen in reconciled.past.previous_lines().filter(|s| is_gone(reconciled, s)) {
        if seen.calculated.is_some_and(Money::is_negative) {
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

/// Whether a line is gone and nothing stands for it: no line of the same order, program and period, and its feed is
/// fresh, so that absence proves something.
fn is_gone(reconciled: &Reconciled<'_>, seen: &Seen) -> bool {
    if reconciled.line_number(seen.id).is_some() {
        return false;
    }
    let rows = seen.order.map(|id| reconciled.matching.rows(id)).unwrap_or_default();
    let records = &reconciled.snapshot.records;
    let has_successor = rows.iter().flat_map(|row| reconciled.matching.of_order(*row)).any(|l| {
        let line = &records.lines[*l as usize];
        (line.program, line.period) == (seen.program, seen.period)
    });
    let site = rows.first().and_then(|row| records.orders[*row as usize].site);
    let as_of = reconciled.as_of().date();
    let is_stale = records.feeds.iter().any(|f| {
        f.kind.is_none_or(|kind| kind.contains("rebate"))
            && (f.site.is_none() || site.is_none() || f.site == site)
            && f.is_stale(as_of)
    });
    !has_successor && !is_stale
}
