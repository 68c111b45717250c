//! The settlement kinds: what was paid against what was calculated and adjusted (group 3 of the brief).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Reconciled;
use super::cases::{Case, Finding, Subject};
use super::kinds::{Direction, Kind};
use super::matching::numbered;
use crate::model::id::{OrderId, PayoutId, ProgramId};
use crate::model::money::{Money, MoneyByCurrency};
use crate::model::record::{Adjustment, Cancellation, Line, Order};
use crate::model::reference::{Program, Refunds as RefundRule};
use crate::model::status::Status;

/// The settlement findings of one line.
pub(super) fn line_findings(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Vec<Finding> {
    let figures = &reconciled.lines[number as usize];
    let mut findings = adjustment_findings(reconciled, number, line);
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
    // Without a calculated amount nothing is due but what was adjusted.
    let due = figures.net.unwrap_or(figures.adjustments);
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

/// Which line answers for our refunds of which orders: once per order and program, the first line that stands and has a
/// rate.
#[derive(Default)]
pub(super) struct Refunds {
    orders_of: HashMap<u32, Vec<OrderId>>,
    lines_of: HashMap<(OrderId, ProgramId), Vec<u32>>,
}

impl Refunds {
    pub(super) fn new(reconciled: &Reconciled<'_>) -> Refunds {
        let mut refunds = Refunds::default();
        let records = &reconciled.snapshot.records;
        let mut refunded: Vec<OrderId> = records.cancellations.iter().map(|c| c.order).collect();
        refunded.sort_unstable();
        refunded.dedup();
        for order in refunded {
            let rows = reconciled.matching.rows(order);
            let of_rows = rows.iter().flat_map(|row| reconciled.matching.of_order(*row));
            let lines: BTreeSet<u32> = of_rows.copied().collect();
            let mut answers: BTreeMap<ProgramId, u32> = BTreeMap::new();
            for number in lines {
                let line = &records.lines[number as usize];
                refunds.lines_of.entry((order, line.program)).or_default().push(number);
                let stands = line.status != Status::Rejected && !reconciled.repeated.contains_key(&number);
                if stands && line.rate.is_some() {
                    answers.entry(line.program).or_insert(number);
                }
            }
            for number in answers.into_values() {
                refunds.orders_of.entry(number).or_default().push(order);
            }
        }
        refunds
    }
}

/// Our refunds times the rate against what the vendor took back for them: too little is exposed, too much is owed to us
/// (catalogue, `cancellation-without-clawback`, and the over-claw of `refund-adjustment`).
fn refund_balance(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Option<Finding> {
    let orders = reconciled.refunds.orders_of.get(&number)?;
    let program = reconciled.rules.program(line.program);
    let zero = Money::zero(line.currency);
    let (mut refunded, mut taken, mut first_record) = (zero, zero, None);
    let mut lines = BTreeSet::new();
    for order in orders {
        let row = *reconciled.matching.rows(*order).first()?;
        let own = &reconciled.snapshot.records.orders[row as usize];
        for record in reconciled.cancellations(*order) {
            if is_to_be_taken(reconciled, own, program, record) {
                refunded = refunded.checked_add(record.amount_refund).unwrap_or(refunded);
                first_record.get_or_insert(record.id);
            }
        }
        lines.extend(reconciled.refunds.lines_of.get(&(*order, line.program)).into_iter().flatten());
    }
    let record = first_record?;
    for number in lines {
        let other = &reconciled.snapshot.records.lines[number as usize];
        for adjustment in reconciled.adjustments(other.id) {
            if classify(reconciled, number, other, adjustment) == Kind::RefundAdjustment {
                taken = taken.checked_sub(adjustment.amount).unwrap_or(taken);
            }
        }
    }
    let mode = program.map_or_else(Default::default, |p| p.round_mode);
    let missing = refunded.times(line.rate?, mode)?.checked_sub(taken).ok()?;
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
        p.refunds == RefundRule::DeductInPeriod && period.contains(record.date)
    });
    let is_over = program
        .and_then(|p| p.clawback_days)
        .is_some_and(|days| (reconciled.as_of().date() - record.date).num_days() > i64::from(days));
    let is_in_currency = record.amount_refund.currency() == order.amount_net.currency();
    is_in_currency && !lowered_the_base && !is_over
}

/// The findings over the adjustments of a line, one per kind: their amounts in the line's currency, added up.
fn adjustment_findings(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Vec<Finding> {
    let mut by_kind: BTreeMap<Kind, Vec<&Adjustment>> = BTreeMap::new();
    for adjustment in reconciled.adjustments(line.id) {
        by_kind.entry(classify(reconciled, number, line, adjustment)).or_default().push(adjustment);
    }
    by_kind.into_iter().filter_map(|(kind, of_kind)| adjustment_finding(line, kind, &of_kind)).collect()
}

fn adjustment_finding(line: &Line, kind: Kind, of_kind: &[&Adjustment]) -> Option<Finding> {
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
fn classify(reconciled: &Reconciled<'_>, number: u32, line: &Line, adjustment: &Adjustment) -> Kind {
    let Some(reason) = reconciled.reason(adjustment.reason_key) else { return Kind::UnsupportedAdjustment };
    if adjustment.amount.currency() != line.currency {
        return Kind::UnsupportedAdjustment;
    }
    match reason.reason.as_str() {
        "refund" => {
            if is_supported_refund(reconciled, number, line, adjustment) {
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
fn is_supported_refund(
    reconciled: &Reconciled<'_>,
    number: u32,
    line: &Line,
    adjustment: &Adjustment,
) -> bool {
    let Some(record) = adjustment.reference.and_then(|id| reconciled.cancellation(id)) else { return false };
    let records = &reconciled.snapshot.records;
    let mut shares = reconciled.matching.of_line(number).shares.iter();
    record.order == line.order_ref
        || shares.any(|share| records.orders[share.order as usize].id == record.order)
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
            let is_supported = is_lump && reconciled.reason(adjustment.reason_key).is_some();
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
