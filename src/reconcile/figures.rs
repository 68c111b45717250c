//! The amounts of every line and order: eligible base, expected, calculated, adjustments, net and paid.
//!
//! The four amounts are never mixed (domain 0.1): *expected* is our own computation, *calculated* the vendor's, *net* is
//! calculated plus adjustments, *paid* is what the vendor says it paid.

use std::collections::BTreeMap;

use crate::model::money::{Currency, Money, MoneyByCurrency};
use crate::model::record::{Line, Order, Records};
use crate::model::reference::Program;
use crate::model::status::{Bucket, Status};
use crate::model::time::Month;
use crate::rules::Rules;

use super::Index;
use super::matching::{Matching, numbered};

/// The amounts of one line, all in the line's currency.
#[derive(Debug, Clone, Copy)]
pub struct LineFigures {
    /// What its orders contribute to the base, by our own books; `None` without an order in the line's currency.
    pub base_own: Option<Money>,
    /// What it should be by our own computation; `None` where not recomputed.
    pub expected: Option<Money>,
    /// Sum of its adjustments in the line's currency.
    pub adjustments: Money,
    /// Calculated plus adjustments; `None` while nothing is calculated, and for a rejected line.
    pub net: Option<Money>,
}

/// The amounts of one order row, in its currency.
#[derive(Debug, Clone, Copy)]
pub struct OrderFigures {
    /// The period it earns in by our own books.
    pub period: Month,
    /// What the rate applies to.
    pub base: Option<Money>,
    /// What it should earn in the program it declares; `None` where not recomputed, zero where not eligible.
    pub expected: Option<Money>,
    /// What it would earn in the program it declares, eligible or not.
    pub potential: Option<Money>,
}

/// Measures every line and order.
pub(super) fn measure(
    records: &Records,
    rules: &Rules<'_>,
    matching: &Matching,
    index: &Index<'_>,
) -> (Vec<LineFigures>, Vec<OrderFigures>) {
    let orders: Vec<OrderFigures> = records.orders.iter().map(|order| measure_order(order, rules)).collect();
    let lines = numbered(&records.lines)
        .map(|(number, line)| measure_line(number, line, records, rules, matching, index))
        .collect();
    (lines, orders)
}

fn measure_order(order: &Order, rules: &Rules<'_>) -> OrderFigures {
    let program = rules.declared_program(order);
    let potential = program.and_then(|p| rules.earns(order, p, rules.category(order)?));
    let is_eligible = program.is_some_and(|p| rules.ineligible(order, p).is_empty());
    OrderFigures {
        period: rules.own_period(order, program),
        base: Rules::base(order, program.map(|p| p.base_basis).unwrap_or_default()),
        expected: potential.map(|amount| if is_eligible { amount } else { Money::zero(amount.currency()) }),
        potential,
    }
}

fn measure_line(
    number: u32,
    line: &Line,
    records: &Records,
    rules: &Rules<'_>,
    matching: &Matching,
    index: &Index<'_>,
) -> LineFigures {
    let zero = Money::zero(line.currency);
    let adjustments = index
        .adjustments(line.id)
        .iter()
        .filter_map(|a| zero.checked_add(a.amount).ok())
        .fold(zero, |sum, amount| sum.checked_add(amount).unwrap_or(sum));
    let is_counted = line.status != Status::Rejected;
    let net = line.amount_calculated.filter(|_| is_counted).and_then(|c| c.checked_add(adjustments).ok());
    let own = rules
        .program(line.program)
        .and_then(|program| own_part(number, line, program, records, rules, matching));
    LineFigures {
        base_own: own.map(|(base, _)| base),
        expected: own.and_then(|(_, expected)| expected),
        adjustments,
        net,
    }
}

/// The part of our own orders' base and entitlement that falls on a line: where several lines of the program share an
/// order, by the bases the vendor gives them.
fn own_part(
    number: u32,
    line: &Line,
    program: &Program,
    records: &Records,
    rules: &Rules<'_>,
    matching: &Matching,
) -> Option<(Money, Option<Money>)> {
    let mut base = Money::zero(line.currency);
    let mut expected = Some(base);
    let shares = &matching.of_line(number).shares;
    for share in shares {
        let order = &records.orders[share.order as usize];
        let whole = Rules::base(order, program.base_basis)?;
        if whole.currency() != line.currency {
            return None;
        }
        let earned = rules.category(order).and_then(|category| rules.earns(order, program, category));
        let siblings: Vec<u32> = matching
            .of_order(share.order)
            .iter()
            .copied()
            .filter(|other| records.lines[*other as usize].program == line.program)
            .collect();
        let place = siblings.iter().position(|other| *other == number)?;
        let weights: Vec<i128> = siblings
            .iter()
            .map(|other| records.lines[*other as usize].amount_base.map_or(0, Money::minor))
            .collect();
        let part = |amount: Money| if siblings.len() > 1 { amount.split(&weights)[place] } else { amount };
        base = base.checked_add(part(whole)).ok()?;
        expected = expected.zip(earned).and_then(|(sum, earned)| sum.checked_add(part(earned)).ok());
    }
    (!shares.is_empty()).then_some((base, expected))
}

/// Adds up the lines of a scope, per currency. The same sums stand on every page, export and index.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    currencies: BTreeMap<Currency, CurrencyTotals>,
}

/// The sums of one currency.
#[derive(Debug, Clone)]
pub struct CurrencyTotals {
    /// How many lines.
    pub lines: usize,
    /// Lines and net amount per status, in the order of [`Status::ALL`].
    pub by_status: [(usize, Money); 8],
    /// Lines and net amount per bucket, in the order of [`Bucket::ALL`].
    pub by_bucket: [(usize, Money); 6],
    /// Under Review lines that count in the Calculated bucket.
    pub under_review: (usize, Money),
    /// Our own expectation for lines that are in the total or on their way there.
    pub expected: Money,
    /// Such lines that are not recomputed.
    pub not_recomputed: usize,
    /// Expectation for lines of the Pending bucket.
    pub expected_pending: Money,
    /// Vendor's calculated amounts in the headline total.
    pub calculated: Money,
    /// Adjustments in the headline total.
    pub adjustments: Money,
    /// Paid, as the vendor says, whatever the bucket.
    pub paid: Money,
    /// All calculated amounts, whatever the bucket: ties to the vendor's control total.
    pub calculated_all: Money,
}

impl CurrencyTotals {
    fn new(currency: Currency) -> CurrencyTotals {
        let zero = Money::zero(currency);
        CurrencyTotals {
            lines: 0,
            by_status: [(0, zero); 8],
            by_bucket: [(0, zero); 6],
            under_review: (0, zero),
            expected: zero,
            not_recomputed: 0,
            expected_pending: zero,
            calculated: zero,
            adjustments: zero,
            paid: zero,
            calculated_all: zero,
        }
    }

    /// Lines and net amount in a bucket.
    pub fn bucket(&self, bucket: Bucket) -> (usize, Money) {
        self.by_bucket[bucket as usize]
    }

    /// Lines and net amount in a status.
    pub fn status(&self, status: Status) -> (usize, Money) {
        self.by_status[status as usize]
    }

    /// The headline total: Calculated + Approved + Paid (requirements, trap T-4).
    pub fn total(&self) -> Money {
        self.sum(&[Bucket::Calculated, Bucket::Approved, Bucket::Paid])
    }

    /// The net amounts of several buckets.
    pub fn sum(&self, buckets: &[Bucket]) -> Money {
        let zero = Money::zero(self.paid.currency());
        buckets.iter().map(|b| self.bucket(*b).1).fold(zero, plus)
    }

    /// Lines in the headline total.
    pub fn total_lines(&self) -> usize {
        Bucket::ALL.into_iter().filter(|b| b.is_in_total()).map(|b| self.bucket(b).0).sum()
    }
}

impl Totals {
    /// Adds one line.
    pub fn add(&mut self, line: &Line, figures: &LineFigures) {
        let sums = self.currencies.entry(line.currency).or_insert_with(|| CurrencyTotals::new(line.currency));
        let zero = Money::zero(line.currency);
        let net = figures.net.unwrap_or(zero);
        sums.lines += 1;
        let status = &mut sums.by_status[line.status as usize];
        *status = (status.0 + 1, plus(status.1, net));
        let bucket = &mut sums.by_bucket[line.bucket as usize];
        *bucket = (bucket.0 + 1, plus(bucket.1, net));
        if line.status == Status::UnderReview && line.bucket == Bucket::Calculated {
            sums.under_review = (sums.under_review.0 + 1, plus(sums.under_review.1, net));
        }
        if line.bucket.is_in_total() || line.bucket == Bucket::Pending {
            match figures.expected {
                Some(expected) => sums.expected = plus(sums.expected, expected),
                None => sums.not_recomputed += 1,
            }
        }
        if line.bucket == Bucket::Pending {
            sums.expected_pending = plus(sums.expected_pending, figures.expected.unwrap_or(zero));
        }
        if line.bucket.is_in_total() && figures.net.is_some() {
            sums.calculated = plus(sums.calculated, line.amount_calculated.unwrap_or(zero));
            sums.adjustments = plus(sums.adjustments, figures.adjustments);
        }
        sums.paid = plus(sums.paid, line.amount_paid.unwrap_or(zero));
        sums.calculated_all = plus(sums.calculated_all, line.amount_calculated.unwrap_or(zero));
    }

    /// The sums, one per currency, in the order of the codes.
    pub fn iter(&self) -> impl Iterator<Item = (Currency, &CurrencyTotals)> {
        self.currencies.iter().map(|(currency, sums)| (*currency, sums))
    }

    /// The sums, the currency with the most lines first, by code where they tie: the order in which a page speaks of
    /// them.
    pub fn by_weight(&self) -> Vec<(Currency, &CurrencyTotals)> {
        let mut all: Vec<_> = self.iter().collect();
        all.sort_by_key(|(currency, sums)| (std::cmp::Reverse(sums.lines), *currency));
        all
    }

    /// The sums of a currency.
    pub fn get(&self, currency: Currency) -> Option<&CurrencyTotals> {
        self.currencies.get(&currency)
    }

    /// Whether no line was added.
    pub fn is_empty(&self) -> bool {
        self.currencies.is_empty()
    }

    /// The headline totals.
    pub fn total(&self) -> MoneyByCurrency {
        let mut sums = MoneyByCurrency::default();
        sums.extend(self.currencies.values().map(CurrencyTotals::total));
        sums
    }
}

fn plus(sum: Money, amount: Money) -> Money {
    sum.checked_add(amount).unwrap_or(sum)
}
