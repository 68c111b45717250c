//! What came after the end of a month and before the snapshot: adjustments that may belong to the month, and money that
//! shows that its balance was real (domain 1.6).

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::End;
use super::books::{netted_in, owner, received};
use crate::model::id::PayoutId;
use crate::model::money::{Currency, Money};
use crate::model::time::Month;
use crate::reconcile::Reconciled;
use crate::reconcile::matching::numbered;

/// What is proposed for a later adjustment; a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Its cause lay in the month or before: the closing balance should have it.
    Adjusting,
    /// Nothing of ours shows that it did.
    NonAdjusting,
}

/// An adjustment that took effect after the end of the month, of a line or lump sum of the closing balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaterAdjustment {
    /// The adjustment, by index.
    pub adjustment: u32,
    /// The proposal.
    pub class: Class,
    /// The day of the cancellation of ours that it names.
    pub cause: Option<NaiveDate>,
}

/// A payout after the end of the month that settles something of the closing balance, or that nothing names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaterPayout {
    /// The payout, by index.
    pub payout: u32,
    /// What the lines say was paid with it, whatever their period; in its currency.
    pub lines: Money,
    /// What was netted in it without a line: fees, taxes.
    pub netted: Money,
    /// What of both settles the closing balance.
    pub closing: Money,
}

/// What came after the end of a month.
#[derive(Debug, Clone, Default)]
pub struct Later {
    /// Adjustments, by id.
    pub adjustments: Vec<LaterAdjustment>,
    /// Payouts, by id.
    pub payouts: Vec<LaterPayout>,
}

/// The sums of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaterSums {
    /// Adjustments, and their sum.
    pub adjustments: (usize, Money),
    /// Those that are proposed as adjusting.
    pub adjusting: (usize, Money),
    /// Payouts, and the money received with them.
    pub cash: (usize, Money),
    /// What the lines say was paid with them.
    pub lines: Money,
    /// What was netted in them.
    pub netted: Money,
    /// What settles the closing balance.
    pub closing: Money,
}

impl LaterSums {
    pub(super) fn empty(currency: Currency) -> LaterSums {
        let zero = Money::zero(currency);
        LaterSums {
            adjustments: (0, zero),
            adjusting: (0, zero),
            cash: (0, zero),
            lines: zero,
            netted: zero,
            closing: zero,
        }
    }

    /// What the lines say beyond the money that came: zero where every payout ties out.
    pub fn unapplied(&self) -> Money {
        let minor = self.lines.minor() + self.netted.minor() - self.cash.1.minor();
        Money::from_minor(minor, self.lines.currency())
    }

    /// Whether anything came.
    pub fn is_empty(&self) -> bool {
        self.adjustments.0 == 0 && self.cash.0 == 0
    }
}

/// What every payout was for, by period of its lines and of what was netted, in minor units of its currency.
pub(super) struct Payouts(HashMap<PayoutId, BTreeMap<Month, Applied>>);

#[derive(Default, Clone, Copy)]
struct Applied {
    lines: i128,
    netted: i128,
}

impl Payouts {
    pub(super) fn new(reconciled: &Reconciled<'_>) -> Payouts {
        let mut all: HashMap<PayoutId, BTreeMap<Month, Applied>> = HashMap::new();
        for line in &reconciled.snapshot.records.lines {
            let Some((payout, paid)) = received(reconciled, line) else { continue };
            if paid.currency() == payout.amount.currency() {
                all.entry(payout.id).or_default().entry(line.period).or_default().lines += paid.minor();
            }
        }
        for adjustment in &reconciled.snapshot.records.adjustments {
            let Some(payout) = netted_in(reconciled, adjustment) else { continue };
            let (_, _, period) = owner(reconciled, adjustment);
            all.entry(payout.id).or_default().entry(period).or_default().netted += adjustment.amount.minor();
        }
        Payouts(all)
    }
}

impl Later {
    /// What came after the end of a month, up to the as-of date of the snapshot.
    pub(super) fn new(reconciled: &Reconciled<'_>, to: End, payouts: &Payouts) -> Later {
        let records = &reconciled.snapshot.records;
        let is_later = |date: NaiveDate| to.day < date && date <= reconciled.as_of().date();
        let adjustments = numbered(&records.adjustments)
            .filter(|(_, adjustment)| is_later(adjustment.date))
            .filter(|(_, adjustment)| owner(reconciled, adjustment).2 <= to.month)
            .map(|(number, adjustment)| {
                let record = adjustment.reference.and_then(|id| reconciled.cancellation(id));
                let cause = record.map(|record| record.date);
                let is_before = cause.is_some_and(|date| date <= to.day);
                let class = if is_before { Class::Adjusting } else { Class::NonAdjusting };
                LaterAdjustment { adjustment: number, class, cause }
            })
            .collect();
        let none = BTreeMap::new();
        let payouts = numbered(&records.payouts)
            .filter(|(_, payout)| is_later(payout.date))
            .filter_map(|(number, payout)| {
                let periods = payouts.0.get(&payout.id).unwrap_or(&none);
                let concerns = periods.is_empty() || periods.keys().any(|period| *period <= to.month);
                let sum = |part: fn(&Applied) -> i128, last: Option<Month>| {
                    let counted =
                        periods.iter().filter(|(period, _)| last.is_none_or(|last| **period <= last));
                    Money::from_minor(counted.map(|(_, a)| part(a)).sum(), payout.amount.currency())
                };
                concerns.then(|| LaterPayout {
                    payout: number,
                    lines: sum(|a| a.lines, None),
                    netted: sum(|a| a.netted, None),
                    closing: sum(|a| a.lines + a.netted, Some(to.month)),
                })
            })
            .collect();
        Later { adjustments, payouts }
    }

    /// The sums of every currency that occurs.
    pub fn sums(&self, reconciled: &Reconciled<'_>) -> BTreeMap<Currency, LaterSums> {
        let records = &reconciled.snapshot.records;
        let mut all: BTreeMap<Currency, LaterSums> = BTreeMap::new();
        for later in &self.adjustments {
            let amount = records.adjustments[later.adjustment as usize].amount;
            let currency = amount.currency();
            let sums = all.entry(currency).or_insert_with(|| LaterSums::empty(currency));
            count(&mut sums.adjustments, amount);
            match later.class {
                Class::Adjusting => count(&mut sums.adjusting, amount),
                Class::NonAdjusting => {}
            }
        }
        for later in &self.payouts {
            let amount = records.payouts[later.payout as usize].amount;
            let currency = amount.currency();
            let sums = all.entry(currency).or_insert_with(|| LaterSums::empty(currency));
            count(&mut sums.cash, amount);
            sums.lines = plus(sums.lines, later.lines);
            sums.netted = plus(sums.netted, later.netted);
            sums.closing = plus(sums.closing, later.closing);
        }
        all
    }
}

fn count(sum: &mut (usize, Money), amount: Money) {
    *sum = (sum.0 + 1, plus(sum.1, amount));
}

fn plus(sum: Money, amount: Money) -> Money {
    Money::from_minor(sum.minor() + amount.minor(), sum.currency())
}
