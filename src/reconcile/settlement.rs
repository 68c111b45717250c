//! The settlement kinds: what was paid against what was calculated and adjusted (group 3 of the brief).

use std::collections::{BTreeSet, HashMap};

use super::Reconciled;
use super::cases::{Case, Finding, Subject};
use super::kinds::{Direction, Kind};
use super::matching::numbered;
use crate::model::id::PayoutId;
use crate::model::money::{Money, MoneyByCurrency};
use crate::model::record::{Adjustment, Cancellation, Line, Order};
use crate::model::reference::{Program, Refunds};
use crate::model::status::Status;

/// The settlement findings of one line.
pub(super) fn line_findings(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Vec<Finding> {
    let figures = &reconciled.lines[number as usize];
    let mut findings: Vec<Finding> = if reconciled.adjustments(line.id).is_empty() {
        Vec::new()
    } else {
        Kind::ALL.iter().filter_map(|kind| adjustment_finding(reconciled, line, *kind)).collect()
    };
    findings.extend(refund_balance(reconciled, number, line));
    if line.status != Status::Paid {
        return findings;
    }
    let paid = line.amount_paid.unwrap_or(Money::zero(line.currency));
    if line.payout.is_none_or(|id| reconciled.payout(id).is_none()) {
        findings.push(
            Finding::new(Kind::PayoutMissing, Direction::Control, Some(paid))
                .with("payout", line.payout.map(|id| id.raw().to_owned())),
        );
    }
    let Some(due) = figures.net else { return findings };
    let Ok(difference) = paid.checked_sub(due) else { return findings };
    // Tolerance: one minor unit per line (domain 2.4). It only chooses the kind, never an amount.
    let (kind, direction) = match difference.minor() {
        0 => return findings,
        -1 | 1 => (Kind::RoundingDifference, Direction::Explained),
        i128::MIN..=-2 => (Kind::ShortPaid, Direction::Receivable),
        2.. => (Kind::OverPaid, Direction::Exposure),
    };
    findings.push(Finding::new(kind, direction, Some(difference)).with("diff", difference.abs().in_words()));
    findings
}

/// Our refunds times the rate against what the vendor took back for them: too little is exposed, too much is owed to us
/// (catalogue, `cancellation-without-clawback`, and the over-claw of `refund-adjustment`).
///
/// Counted once per order, on the first of its lines that has a rate.
fn refund_balance(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Option<Finding> {
    if line.status == Status::Rejected || reconciled.repeated.contains_key(&number) {
        return None;
    }
    let program = reconciled.rules.program(line.program);
    let zero = Money::zero(line.currency);
    let mut refunded = zero;
    let mut siblings = BTreeSet::new();
    let mut first_record = None;
    for share in &reconciled.matching.of_line(number).shares {
        let order = &reconciled.snapshot.records.orders[share.order as usize];
        let lines = reconciled.matching.of_order(share.order);
        let has_rate = |l: &&u32| {
            let other = &reconciled.snapshot.records.lines[**l as usize];
            other.program == line.program && other.rate.is_some() && !reconciled.repeated.contains_key(l)
        };
        if lines.iter().find(has_rate) != Some(&number) {
            continue;
        }
        siblings.extend(lines.iter().copied());
        let own = reconciled.cancellations(order.id).iter().copied();
        for record in own.filter(|c| is_to_be_taken(reconciled, order, program, c)) {
            refunded = refunded.checked_add(record.amount_refund).unwrap_or(refunded);
            first_record.get_or_insert(record.id);
        }
    }
    let record = first_record?;
    let mode = program.map_or_else(Default::default, |p| p.round_mode);
    let due = refunded.times(line.rate?, mode)?;
    let taken = siblings
        .iter()
        .map(|l| &reconciled.snapshot.records.lines[*l as usize])
        .flat_map(|l| reconciled.adjustments(l.id).iter().map(move |a| (l, *a)))
        .filter(|(l, a)| classify(reconciled, l, a) == Kind::RefundAdjustment)
        .fold(zero, |sum, (_, a)| sum.checked_sub(a.amount).unwrap_or(sum));
    let missing = due.checked_sub(taken).ok()?;
    let finding = match missing.minor() {
        -1..=1 => return None,
        2.. => Finding::new(Kind::CancellationWithoutClawback, Direction::Exposure, Some(missing)),
        i128::MIN..=-2 => {
            Finding::new(Kind::ClawbackWithoutCancellation, Direction::Receivable, Some(missing))
                .with("adjustment", taken.negated().in_words())
                .with("variant", "more taken back than refund times rate".to_owned())
        }
    };
    Some(finding.with("diff", missing.abs().in_words()).with("cancellation", record.raw().to_owned()))
}

/// A refund lowers the rebate by an adjustment unless it lowered the base, or the vendor's time to take it back is over.
fn is_to_be_taken(
    reconciled: &Reconciled<'_>,
    order: &Order,
    program: Option<&Program>,
    record: &Cancellation,
) -> bool {
    let rules = &reconciled.rules;
    let lowered_the_base = program.is_some_and(|p| {
        let period = rules.reference.period(rules.own_period(order, Some(p)));
        p.refunds == Refunds::DeductInPeriod && period.contains(record.date)
    });
    let is_over = program
        .and_then(|p| p.clawback_days)
        .is_some_and(|days| (reconciled.as_of().date() - record.date).num_days() > i64::from(days));
    let is_in_currency = record.amount_refund.currency() == order.amount_net.currency();
    is_in_currency && !lowered_the_base && !is_over
}

/// The finding of one kind over the adjustments of a line: their amounts in the line's currency, added up.
fn adjustment_finding(reconciled: &Reconciled<'_>, line: &Line, kind: Kind) -> Option<Finding> {
    let of_kind: Vec<&Adjustment> = reconciled
        .adjustments(line.id)
        .iter()
        .copied()
        .filter(|a| classify(reconciled, line, a) == kind)
        .collect();
    let first = of_kind.first()?;
    let mut sums = MoneyByCurrency::default();
    sums.extend(of_kind.iter().map(|a| a.amount));
    let sum = if sums.get(line.currency).is_zero() {
        sums.get(first.amount.currency())
    } else {
        sums.get(line.currency)
    };
    let is_explained =
        [Kind::EligibilityAdjustment, Kind::RefundAdjustment, Kind::FeeAllocation].contains(&kind);
    let direction = match (is_explained, sum.is_negative()) {
        (true, _) => Direction::Explained,
        (false, true) => Direction::Receivable,
        (false, false) => Direction::Exposure,
    };
    Some(
        Finding::new(kind, direction, Some(sum))
            .with("adjustment", sum.in_words())
            .with("diff", sum.abs().in_words())
            .with("cancellation", first.reference.map(|r| r.raw().to_owned()))
            .with("suggestion", first.reference.map(|r| r.raw().to_owned())),
    )
}

/// What an adjustment is: its canonical reason, and whether our own records support it.
pub(super) fn classify(reconciled: &Reconciled<'_>, line: &Line, adjustment: &Adjustment) -> Kind {
    let Some(reason) = reconciled.reason(adjustment.reason_raw) else { return Kind::UnsupportedAdjustment };
    if adjustment.amount.currency() != line.currency {
        return Kind::UnsupportedAdjustment;
    }
    match reason.reason.as_str() {
        "refund" => {
            if is_supported_refund(reconciled, line, adjustment) {
                Kind::RefundAdjustment
            } else {
                Kind::ClawbackWithoutCancellation
            }
        }
        "fee" => Kind::FeeAllocation,
        "eligibility" if adjustment.reference.is_some() => Kind::EligibilityAdjustment,
        _ => Kind::UnsupportedAdjustment,
    }
}

/// A refund is supported when it names a cancellation of one of the line's orders (catalogue, `refund-adjustment`).
fn is_supported_refund(reconciled: &Reconciled<'_>, line: &Line, adjustment: &Adjustment) -> bool {
    let Some(record) = adjustment.reference.and_then(|id| reconciled.cancellation(id)) else { return false };
    if record.order == line.order_ref {
        return true;
    }
    let rows = reconciled.matching.rows(record.order);
    rows.iter().any(|row| {
        reconciled
            .matching
            .of_order(*row)
            .iter()
            .any(|l| reconciled.snapshot.records.lines[*l as usize].id == line.id)
    })
}

/// One case per payout: the money received against the lines that name it (I-13).
pub(super) fn payout_cases(reconciled: &Reconciled<'_>) -> Vec<Case> {
    let records = &reconciled.snapshot.records;
    let mut sums: HashMap<PayoutId, MoneyByCurrency> = HashMap::new();
    for line in &records.lines {
        if let (Some(payout), Some(paid)) = (line.payout, line.amount_paid) {
            sums.entry(payout).or_default().add(paid);
        }
    }
    // An adjustment that names a payout and no line is the payout's own: a bank fee, a tax, a netting.
    for adjustment in records.adjustments.iter().filter(|a| a.line.is_none()) {
        if let Some(reference) = adjustment.reference {
            sums.entry(reference.cast()).or_default().add(adjustment.amount);
        }
    }
    numbered(&records.payouts)
        .map(|(number, payout)| {
            let currency = payout.amount.currency();
            let sum = sums.get(&payout.id).map_or(Money::zero(currency), |sums| sums.get(currency));
            let gap = Money::from_minor(sum.minor() - payout.amount.minor(), currency);
            let findings = if gap.is_zero() {
                Vec::new()
            } else {
                let direction = if gap.is_negative() { Direction::Exposure } else { Direction::Receivable };
                vec![
                    Finding::new(Kind::PayoutBatchMismatch, direction, Some(gap))
                        .with("expected", sum.in_words())
                        .with("paid", payout.amount.in_words())
                        .with("diff", gap.abs().in_words()),
                ]
            };
            Case {
                subject: Subject::Payout(number),
                orders: Vec::new(),
                period: None,
                currency: Some(currency),
                findings,
            }
        })
        .collect()
}

/// One case per adjustment that no line has: none is dropped. One that names a program or a payout, with a known reason
/// and a reference, is a lump adjustment and clean; any other has no support.
pub(super) fn lump_cases(reconciled: &Reconciled<'_>) -> Vec<Case> {
    let records = &reconciled.snapshot.records;
    let has_line = |a: &Adjustment| a.line.is_some_and(|id| reconciled.line_number(id).is_some());
    numbered(&records.adjustments)
        .filter(|(_, adjustment)| !has_line(adjustment))
        .map(|(number, adjustment)| {
            let is_lump = adjustment.line.is_none() && adjustment.reference.is_some();
            let is_supported = is_lump && reconciled.reason(adjustment.reason_raw).is_some();
            let direction =
                if adjustment.amount.is_negative() { Direction::Receivable } else { Direction::Exposure };
            let finding = Finding::new(Kind::UnsupportedAdjustment, direction, Some(adjustment.amount))
                .with("adjustment", adjustment.amount.in_words())
                .with("diff", adjustment.amount.abs().in_words());
            Case {
                subject: Subject::Adjustment(number),
                orders: Vec::new(),
                period: adjustment.period,
                currency: Some(adjustment.amount.currency()),
                findings: if is_supported { Vec::new() } else { vec![finding] },
            }
        })
        .collect()
}
