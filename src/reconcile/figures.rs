//! The amounts of every line and order: eligible base, expected, calculated, adjustments, net and paid.
//!
//! The four amounts are never mixed (domain 0.1): *expected* is our own computation, *calculated* the vendor's, *net* is
//! calculated plus adjustments, *paid* is what the vendor says it paid.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ustr::Ustr;

use crate::model::money::{Currency, Money, MoneyByCurrency};
use crate::model::record::{Line, Order, Records};
use crate::model::status::{Bucket, Status};
use crate::model::time::Month;
use crate::rules::{Entitlement, Entitlements, Rules};

use super::Index;
use super::claims::RepeatedLines;
use super::matching::{Matching, numbered};
use super::waterfall::{self, Waterfall};

/// The amounts of one line, all in the line's currency.
#[derive(Debug, Clone)]
pub struct LineFigures {
    /// What its orders contribute to the base, by our own books; `None` without an order in the line's currency.
    pub base_own: Option<Money>,
    /// What it should be by our own computation; `None` where not recomputed, zero where it is no claim of its own.
    pub expected: Option<Money>,
    /// Sum of its adjustments in the line's currency.
    pub adjustments: Money,
    /// Calculated plus adjustments; `None` while nothing is calculated, and for a rejected line.
    pub net: Option<Money>,
    /// Where calculated and expected part ways; nothing where no step has an effect or the line is not recomputed.
    pub waterfall: Option<Box<Waterfall>>,
}

/// The amounts of one order row, in its currency.
#[derive(Debug, Clone, Copy)]
pub struct OrderFigures {
    /// The period it earns in by our own books.
    pub period: Month,
    /// What the rate applies to.
    pub base: Option<Money>,
    /// What it should earn: in the programs of its lines, else in the one it declares; `None` where not recomputed, zero
    /// where not eligible.
    pub expected: Option<Money>,
    /// What it would earn, eligible or not.
    pub potential: Option<Money>,
}

/// Every amount of a snapshot.
pub(super) struct Figures {
    pub(super) lines: Vec<LineFigures>,
    pub(super) orders: Vec<OrderFigures>,
    pub(super) parts: Parts,
}

/// Each order's part of what is expected for each line: in the order's currency, aligned with the shares of the lines.
pub(super) struct Parts {
    start: Vec<u32>,
    expected: Vec<Option<Money>>,
}

impl Parts {
    /// The parts of a line, in the order of its shares.
    pub(super) fn of_line(&self, line: u32) -> &[Option<Money>] {
        &self.expected[self.start[line as usize] as usize..self.start[line as usize + 1] as usize]
    }
}

/// Measures every line and order.
pub(super) fn measure(
    records: &Records,
    rules: &Rules<'_>,
    matching: &Matching,
    claims: (&Entitlements<'_>, &RepeatedLines),
    index: &Index<'_>,
) -> Figures {
    let (entitlements, repeated) = claims;
    let mut cells = Cells::new(records, rules, matching);
    for (number, _) in numbered(&records.orders) {
        cells.measure_order(number, entitlements, repeated);
    }
    let lines = numbered(&records.lines)
        .map(|(number, line)| {
            let zero = Money::zero(line.currency);
            let adjustments = index
                .adjustments(line.id)
                .iter()
                .filter_map(|a| zero.checked_add(a.amount).ok())
                .fold(zero, plus);
            let net = line.amount_calculated.filter(|_| line.status != Status::Rejected);
            let (base_own, expected, waterfall) = cells.line(number);
            LineFigures {
                base_own,
                expected,
                adjustments,
                net: net.and_then(|c| c.checked_add(adjustments).ok()),
                waterfall,
            }
        })
        .collect();
    let orders = numbered(&records.orders)
        .map(|(number, order)| order_figures(number, order, rules, matching, entitlements))
        .collect();
    let expected = cells.cells.iter().map(|cell| cell.expected).collect();
    Figures { lines, orders, parts: Parts { start: cells.start, expected } }
}

fn order_figures(
    number: u32,
    order: &Order,
    rules: &Rules<'_>,
    matching: &Matching,
    entitlements: &Entitlements<'_>,
) -> OrderFigures {
    let counted = || entitlements.of_order(number).iter().filter(|e| e.claim.is_counted);
    let declared = rules.declared_program(order);
    let main = counted().find(|e| declared.is_some_and(|d| d.id == e.claim.program.id)).or(counted().next());
    let program = main.map(|e| e.claim.program).or(declared);
    let sum = |amount: fn(&Entitlement<'_>) -> Option<Money>| {
        counted().map(amount).try_fold(None, |sum: Option<Money>, amount| {
            Some(Some(match sum {
                None => amount?,
                Some(sum) => sum.checked_add(amount?).ok()?,
            }))
        })?
    };
    // A void order earns nothing, unless the vendor says otherwise.
    let is_void = order.is_void() && matching.of_order(number).is_empty();
    let nothing = Money::zero(order.amount_net.currency());
    let amount = |amount: Option<Money>| if is_void { Some(nothing) } else { amount };
    OrderFigures {
        period: rules.own_period(order, program),
        base: Rules::base(order, program.map(|p| p.base_basis).unwrap_or_default()),
        expected: amount(sum(|e| e.expected)),
        potential: amount(sum(|e| e.potential)),
    }
}

/// One order's part of one line, in the order's currency.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    /// The vendor's base.
    vendor: Option<Money>,
    /// Our base.
    own: Option<Money>,
    /// `E0` of the waterfall.
    expected: Option<Money>,
    /// `E1`: our rule on the vendor's base.
    on_vendor_base: Option<Money>,
    /// `E2`: the same in the vendor's category.
    in_vendor_category: Option<Money>,
    /// What caps leave.
    room: Option<Money>,
    /// Whether the order qualifies, so that steps can be compared.
    is_eligible: bool,
}

/// The parts of all lines, computed order by order: an order's lines in one program share its base and its entitlement
/// in proportion to the bases the vendor gives them.
struct Cells<'r, 'a> {
    records: &'r Records,
    rules: &'r Rules<'a>,
    matching: &'r Matching,
    start: Vec<u32>,
    cells: Vec<Cell>,
}

impl<'r, 'a> Cells<'r, 'a> {
    fn new(records: &'r Records, rules: &'r Rules<'a>, matching: &'r Matching) -> Cells<'r, 'a> {
        let mut start = Vec::with_capacity(records.lines.len() + 1);
        let mut cells = Vec::with_capacity(records.lines.len());
        for (number, line) in numbered(&records.lines) {
            start.push(u32::try_from(cells.len()).unwrap_or(u32::MAX));
            let shares = &matching.of_line(number).shares;
            let parts = match line.amount_base {
                Some(base) if shares.len() > 1 => {
                    let basis = rules.program(line.program).map_or_else(Default::default, |p| p.base_basis);
                    let own = |order: u32| Rules::base(&records.orders[order as usize], basis);
                    let weight = |b: Option<Money>| {
                        b.filter(|b| b.currency() == line.currency).map_or(0, Money::minor)
                    };
                    let weights: Vec<i128> = shares.iter().map(|s| weight(own(s.order))).collect();
                    base.split(&weights).into_iter().map(Some).collect()
                }
                base => vec![base; shares.len()],
            };
            cells.extend(parts.into_iter().map(|vendor| Cell { vendor, ..Cell::default() }));
        }
        start.push(u32::try_from(cells.len()).unwrap_or(u32::MAX));
        Cells { records, rules, matching, start, cells }
    }

    /// The place of an order's part of a line.
    fn place(&self, line: u32, order: u32) -> Option<usize> {
        let shares = &self.matching.of_line(line).shares;
        let share = shares.binary_search_by_key(&order, |s| s.order).ok()?;
        Some(self.start[line as usize] as usize + share)
    }

    fn measure_order(&mut self, order: u32, entitlements: &Entitlements<'_>, repeated: &RepeatedLines) {
        let mut rest: Vec<u32> = Vec::new();
        for line in self.matching.of_order(order) {
            if repeated.contains_key(line) {
                self.set_repeated(*line, order);
            } else {
                rest.push(*line);
            }
        }
        while let Some(first) = rest.first() {
            let program = self.records.lines[*first as usize].program;
            let line = |l: &u32| &self.records.lines[*l as usize];
            let (group, others): (Vec<u32>, Vec<u32>) = rest.iter().partition(|l| line(l).program == program);
            // What was rejected claims nothing beside the line that came instead.
            let (rejected, standing): (Vec<u32>, Vec<u32>) =
                group.iter().partition(|l| line(l).status == Status::Rejected);
            let group = if standing.is_empty() {
                group
            } else {
                rejected.iter().for_each(|l| self.set_repeated(*l, order));
                standing
            };
            rest = others;
            if let Some(entitlement) = entitlements.get(order, program) {
                self.measure_group(order, &group, entitlement);
            }
        }
    }

    /// A line that repeats another has no base and no entitlement of its own.
    fn set_repeated(&mut self, line: u32, order: u32) {
        let zero = Money::zero(self.records.orders[order as usize].amount_net.currency());
        if let Some(place) = self.place(line, order) {
            self.cells[place].own = Some(zero);
            self.cells[place].expected = Some(zero);
        }
    }

    /// The lines of an order in one program: each gets its part of every step.
    fn measure_group(&mut self, number: u32, group: &[u32], entitlement: &Entitlement<'_>) {
        let order = &self.records.orders[number as usize];
        let places: Vec<usize> = group.iter().filter_map(|line| self.place(*line, number)).collect();
        let vendor: Option<Vec<i128>> =
            places.iter().map(|p| self.cells[*p].vendor.map(Money::minor)).collect();
        let weights: Vec<i128> = vendor.clone().unwrap_or_else(|| vec![0; places.len()]);
        let parts = |amount: Option<Money>| -> Vec<Option<Money>> {
            match amount {
                Some(amount) if places.len() > 1 => amount.split(&weights).into_iter().map(Some).collect(),
                amount => vec![amount; places.len()],
            }
        };
        let own = parts(entitlement.base);
        let expected = parts(entitlement.expected);
        let is_in_currency =
            |line: u32| self.records.lines[line as usize].currency == order.amount_net.currency();
        let sum = vendor
            .filter(|_| group.iter().all(|l| is_in_currency(*l)))
            .map(|v| Money::from_minor(v.iter().sum(), order.amount_net.currency()))
            .or(entitlement.base);
        let on_vendor_base = if sum == entitlement.base {
            expected.clone()
        } else {
            parts(
                sum.zip(entitlement.category).and_then(|(sum, c)| entitlement.of(self.rules, order, sum, c)),
            )
        };
        let mut room = entitlement.room().map(Money::minor);
        let mut in_categories: Vec<(Ustr, Vec<Option<Money>>)> = Vec::new();
        for (position, (line, place)) in group.iter().zip(&places).enumerate() {
            let line = &self.records.lines[*line as usize];
            let category = line.category.filter(|c| Some(*c) != entitlement.category);
            let in_vendor_category = match (category, sum) {
                (Some(category), Some(sum)) => match in_categories.iter().find(|(c, _)| *c == category) {
                    Some((_, amounts)) => amounts[position],
                    None => {
                        let amounts = parts(entitlement.of(self.rules, order, sum, category));
                        let own = amounts[position];
                        in_categories.push((category, amounts));
                        own
                    }
                },
                (_, _) => on_vendor_base[position],
            };
            let cell = &mut self.cells[*place];
            cell.own = own[position];
            cell.expected = expected[position];
            cell.on_vendor_base = on_vendor_base[position];
            cell.in_vendor_category = in_vendor_category;
            cell.is_eligible = entitlement.is_eligible();
            cell.room = room.map(|r| Money::from_minor(r, order.amount_net.currency()));
            let taken = waterfall::at_vendor_rate(line, self.rules).map_or(0, Money::minor);
            room = room.map(|room| (room - taken).max(0));
        }
    }

    /// Base, expected amount and waterfall of a line: the sums over its orders.
    fn line(&self, number: u32) -> (Option<Money>, Option<Money>, Option<Box<Waterfall>>) {
        let line = &self.records.lines[number as usize];
        let cells =
            &self.cells[self.start[number as usize] as usize..self.start[number as usize + 1] as usize];
        let add = |part: fn(&Cell) -> Option<Money>| {
            let first = Money::zero(line.currency);
            let sum = |sum: Money, cell| sum.checked_add(part(cell)?).ok();
            cells.iter().try_fold(first, sum).filter(|_| !cells.is_empty())
        };
        let (own, expected) = (add(|c| c.own), add(|c| c.expected));
        let steps = expected
            .zip(add(|c| c.on_vendor_base))
            .zip(add(|c| c.in_vendor_category))
            .filter(|_| cells.iter().all(|c| c.is_eligible))
            .map(|((expected, on_vendor_base), in_vendor_category)| {
                Waterfall::new(
                    line,
                    self.rules,
                    [expected, on_vendor_base, in_vendor_category],
                    add(|c| c.room),
                )
            });
        (own, expected, steps.filter(Waterfall::has_effect).map(Box::new))
    }
}

/// Adds up the lines of a scope, per currency. The same sums stand on every page, export and index.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Totals {
    currencies: BTreeMap<Currency, CurrencyTotals>,
}

/// The sums of one currency.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
