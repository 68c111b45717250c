//! The computation of one program: volumes, thresholds, caps and rounding over all its claims, in processing order.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use ustr::Ustr;

use super::{Entitlement, Entitlements, part_of_increment, rounded};
use crate::model::id::{AccountId, CustomerId, OrderId, ResellerId};
use crate::model::money::{Money, RoundMode};
use crate::model::record::{Cancellation, Order};
use crate::model::reference::{
    Baseline, CapOn, CapScope, Growth, Method, Program, Refunds, RoundLevel, ScopeOwner, ScopeWindow,
    Stacking,
};
use crate::model::time::Month;
use crate::rules::tiers::{major, whole};
use crate::rules::{Ineligible, Rules};

use super::Claim;

/// Whose volume: the key of a tier scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Owner {
    Order(OrderId),
    Account(AccountId),
    Customer(CustomerId),
    Reseller(Option<ResellerId>),
}

/// Over which time: year and part of the year, zeros for what is not divided.
type Window = (i16, u8);

/// Over what a cap is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum CapKey {
    Order(OrderId),
    Account(AccountId),
    Period(Month),
    Program,
}

/// Over what amounts are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RoundKey {
    Order(OrderId),
    Named(Ustr),
    Period(Month),
}

/// A group is rounded for itself; one that shares an increment is of one scope, too.
type RoundGroup = (RoundKey, Option<(Owner, Window)>);

/// The computation of one program.
pub(super) struct Run<'r, 'a> {
    pub(super) rules: &'r Rules<'a>,
    pub(super) orders: &'r [Order],
    pub(super) program: &'a Program,
    pub(super) refunds: &'r HashMap<OrderId, Vec<&'r Cancellation>>,
    /// Its entitlements, by place, in the order of the order rows.
    pub(super) members: &'r [usize],
}

/// One claim that qualifies, in processing order.
struct Step {
    place: usize,
    exact: Option<Decimal>,
    /// Where an increment is shared out: what the whole base would earn. `None` once a cap took some of it.
    product: Option<Decimal>,
}

impl<'a> Run<'_, 'a> {
    pub(super) fn compute(&self, all: &mut Entitlements<'a>) {
        for (place, base) in self.members.iter().zip(self.bases(all)) {
            let claim = all.rows[*place].claim;
            let order = self.order(&claim);
            let base = base.map(|base| match self.program.stacking {
                Stacking::ReduceBase => {
                    Money::from_minor(base.minor() - all.earned_before(&claim, base), base.currency())
                }
                Stacking::Exclude | Stacking::Stack => base,
            });
            let row = &mut all.rows[*place];
            row.base = base;
            row.category = self.rules.category(order);
            row.failures = self.rules.ineligible(order, self.program);
        }
        let mut sorted = self.members.to_vec();
        sorted.sort_by_key(|place| self.turn(&all.rows[*place].claim));
        self.set_volumes(all, &sorted);
        self.test_thresholds(all);
        self.set_base_rooms(all, &sorted);
        let mut steps = self.exact_amounts(all, &sorted);
        self.cap(all, &mut steps);
        self.round(all, &steps);
    }

    fn order(&self, claim: &Claim<'_>) -> &Order {
        &self.orders[claim.order as usize]
    }

    fn turn(&self, claim: &Claim<'_>) -> (NaiveDate, u32) {
        // Rows of the extract are sorted by order id, so that their index stands for it.
        (Rules::basis_date(self.order(claim), self.program.period_basis), claim.order)
    }

    fn period(&self, claim: &Claim<'_>) -> Month {
        self.rules.own_period(self.order(claim), Some(self.program))
    }

    /// What the rate applies to, per member. Refunds inside an order's own period lower its base where the program says
    /// so (domain 3.3, step 1): once per order, spread over its rows by their bases.
    fn bases(&self, all: &Entitlements<'a>) -> Vec<Option<Money>> {
        let order = |place: &usize| self.order(&all.rows[*place].claim);
        let of_rows = |rows: &[usize]| -> Vec<Option<Money>> {
            let base = |place| Rules::base(order(place), self.program.base_basis);
            rows.iter().map(|p| base(p).filter(|b| b.currency() == self.program.currency)).collect()
        };
        if self.program.refunds != Refunds::DeductInPeriod {
            return of_rows(self.members);
        }
        let mut bases = Vec::with_capacity(self.members.len());
        for rows in self.members.chunk_by(|a, b| order(a).id == order(b).id) {
            let whole = of_rows(rows);
            let first = order(&rows[0]);
            let period = self.rules.reference.period(self.rules.own_period(first, Some(self.program)));
            let refunds = self.refunds.get(&first.id).map_or(&[][..], Vec::as_slice);
            let inside = refunds
                .iter()
                .filter(|c| period.contains(c.date) && c.amount_refund.currency() == self.program.currency)
                .map(|c| c.amount_refund.minor());
            let refunded = Money::from_minor(inside.sum(), self.program.currency);
            let weights: Vec<i128> = whole.iter().map(|base| base.map_or(0, Money::minor)).collect();
            let parts = refunded.split(&weights);
            bases.extend(whole.into_iter().zip(parts).map(|(base, part)| base?.checked_sub(part).ok()));
        }
        bases
    }

    fn scope(&self, claim: &Claim<'_>) -> (Owner, Window) {
        let order = self.order(claim);
        let owner = match self.program.tier_scope.owner {
            ScopeOwner::Order => return (Owner::Order(order.id), (0, 0)),
            ScopeOwner::Account => Owner::Account(order.account),
            ScopeOwner::Customer => {
                self.rules.customer(order).map_or(Owner::Account(order.account), Owner::Customer)
            }
            ScopeOwner::Reseller => Owner::Reseller(order.reseller),
        };
        let month = self.period(claim);
        let window = match self.program.tier_scope.window {
            ScopeWindow::Month => (month.year(), month.number()),
            ScopeWindow::Quarter => month.quarter(),
            ScopeWindow::Year => (month.year(), 0),
            ScopeWindow::Program => (0, 0),
        };
        (owner, window)
    }

    /// The volume of each scope from the orders that qualify, and where each order stands in it (domain 3.3, step 3).
    fn set_volumes(&self, all: &mut Entitlements<'a>, sorted: &[usize]) {
        if !self.program.method.is_tiered() && self.program.threshold_min.is_none() {
            return;
        }
        let mut volumes: HashMap<(Owner, Window), i128> = HashMap::new();
        for place in sorted {
            let row = &mut all.rows[*place];
            let Some(base) = row.base.map(Money::minor) else { continue };
            let volume = volumes.entry(self.scope(&row.claim)).or_insert(0);
            row.place.before = *volume;
            // A product that no map knows qualifies for nothing yet.
            if row.is_eligible() && row.category.is_some() {
                *volume += base;
            }
        }
        for place in sorted {
            let row = &all.rows[*place];
            let Some(base) = row.base else { continue };
            let scope = self.scope(&row.claim);
            let total = volumes.get(&scope).copied().unwrap_or(0);
            // One that does not qualify is measured as if it came last.
            let (before, volume) =
                if row.is_eligible() { (row.place.before, total) } else { (total, total + base.minor()) };
            let growth = self.program.growth.and_then(|g| self.growth(&g, scope, volume, base, &volumes));
            let place = &mut all.rows[*place].place;
            (place.before, place.volume, place.growth) = (before, volume, growth);
        }
    }

    /// The measure of growth and the increment; `None` where there is nothing to measure against.
    fn growth(
        &self,
        growth: &Growth,
        (owner, window): (Owner, Window),
        volume: i128,
        base: Money,
        volumes: &HashMap<(Owner, Window), i128>,
    ) -> Option<(Decimal, i128)> {
        let baseline = match growth.baseline {
            Baseline::Amount(amount) => amount.minor(),
            Baseline::PreviousYear => *volumes.get(&(owner, (window.0 - 1, window.1)))?,
            Baseline::PreviousWindow => *volumes.get(&(owner, self.window_before(window)))?,
        };
        let increment = volume - baseline;
        let measure = if growth.in_percent {
            whole(increment)?.checked_div(whole(baseline).filter(|b| !b.is_zero())?)?
        } else {
            major(Money::from_minor(increment, base.currency()))?
        };
        Some((measure, increment))
    }

    fn window_before(&self, (year, part): Window) -> Window {
        let last = match self.program.tier_scope.window {
            ScopeWindow::Month => 12,
            ScopeWindow::Quarter => 4,
            ScopeWindow::Year | ScopeWindow::Program => return (year - 1, part),
        };
        if part == 1 { (year - 1, last) } else { (year, part - 1) }
    }

    /// A tier that pays nothing, or a minimum that is not reached, is the last failure (domain 3.3, step 8).
    fn test_thresholds(&self, all: &mut Entitlements<'a>) {
        if !self.program.method.is_tiered() && self.program.threshold_min.is_none() {
            return;
        }
        for place in self.members {
            let row = &all.rows[*place];
            if !row.failures.is_empty() {
                continue;
            }
            if let Some(failure) = self.threshold(row) {
                all.rows[*place].failures.push(failure);
            }
        }
    }

    fn threshold(&self, row: &Entitlement<'a>) -> Option<Ineligible> {
        let base = row.base?;
        let volume = Money::from_minor(row.place.volume, base.currency());
        let rates = self.rules.rates(self.order(&row.claim), self.program, row.category?);
        let short_of = |start: Decimal, next_rate: Decimal| {
            let short = Money::from_decimal(start, base.currency()).ok()?.checked_sub(volume).ok()?;
            Some(Ineligible::Threshold { volume, short, next_rate })
        };
        if let Some(minimum) = self.program.threshold_min.filter(|m| volume.minor() < m.minor()) {
            let rate = rates.at(major(minimum)?).or(rates.first())?.rate;
            return short_of(major(minimum)?, rate);
        }
        match self.program.method {
            Method::Retroactive | Method::Marginal => {
                let measure = major(volume)?;
                let is_marginal = self.program.method == Method::Marginal;
                if is_marginal && !rates.bands(0, volume)?.is_zero() {
                    return None;
                }
                if rates.at(measure).is_some_and(|tier| !tier.rate.is_zero()) {
                    return None;
                }
                let next = rates.next_paying(measure)?;
                short_of(next.tier_from, next.rate)
            }
            Method::Growth => {
                let (measure, increment) = row.place.growth?;
                if increment > 0 && rates.at(measure).is_some_and(|tier| !tier.rate.is_zero()) {
                    return None;
                }
                let next = rates.next_paying(measure)?;
                let baseline = row.place.volume - increment;
                let start = if self.program.growth?.in_percent {
                    let factor = Decimal::ONE.checked_add(next.tier_from)?;
                    major(Money::from_minor(baseline, base.currency()))?.checked_mul(factor)?
                } else {
                    major(Money::from_minor(baseline, base.currency()))?.checked_add(next.tier_from)?
                };
                short_of(
                    start.round_dp_with_strategy(
                        base.currency().digits(),
                        rust_decimal::RoundingStrategy::AwayFromZero,
                    ),
                    next.rate,
                )
            }
            Method::Flat | Method::PerUnit | Method::Fixed | Method::LumpSum => None,
        }
    }

    fn cap_key(&self, scope: CapScope, claim: &Claim<'_>) -> CapKey {
        match scope {
            CapScope::Order => CapKey::Order(self.order(claim).id),
            CapScope::Account => CapKey::Account(self.order(claim).account),
            CapScope::Period => CapKey::Period(self.period(claim)),
            CapScope::Program => CapKey::Program,
        }
    }

    /// A cap on the base leaves the orders that come first their whole base (domain 3.3, step 5).
    fn set_base_rooms(&self, all: &mut Entitlements<'a>, sorted: &[usize]) {
        for cap in self.program.caps.iter().filter(|c| c.on == CapOn::Base) {
            let mut taken: HashMap<CapKey, i128> = HashMap::new();
            for place in sorted {
                let row = &mut all.rows[*place];
                let Some(base) = row.base.map(Money::minor) else { continue };
                let taken = taken.entry(self.cap_key(cap.scope, &row.claim)).or_insert(0);
                let room = (cap.amount.minor() - *taken).max(0);
                row.place.base_room = Some(row.place.base_room.map_or(room, |other| other.min(room)));
                if earns(row) {
                    *taken += base.min(room);
                }
            }
        }
    }

    /// The exact amount of each claim; those that qualify come back for capping and rounding.
    fn exact_amounts(&self, all: &mut Entitlements<'a>, sorted: &[usize]) -> Vec<Step> {
        self.set_repeats(all, sorted);
        let mut steps = Vec::new();
        for place in sorted {
            let row = &all.rows[*place];
            let (Some(base), Some(category)) = (row.base, row.category) else { continue };
            let order = self.order(&row.claim);
            if earns(row) {
                let exact = row.exact(self.rules, order, base, category);
                let rates = self.rules.rates(order, self.program, category);
                let product = self.is_distributed().then(|| row.growth_product(&rates, base)).flatten();
                steps.push(Step { place: *place, exact, product });
            }
        }
        steps
    }

    /// What is paid once per order goes to the first of its rows that earns.
    fn set_repeats(&self, all: &mut Entitlements<'a>, sorted: &[usize]) {
        if self.program.method != Method::Fixed {
            return;
        }
        let (mut paid, mut seen) = (HashSet::new(), HashSet::new());
        for place in sorted {
            let row = &mut all.rows[*place];
            if row.base.is_none() || row.category.is_none() {
                continue;
            }
            let order = self.orders[row.claim.order as usize].id;
            let is_seen = !seen.insert(order);
            row.place.is_repeat = if earns(row) { !paid.insert(order) } else { is_seen };
        }
    }

    /// Caps on the rebate in processing order: what is over falls on the orders that cross (domain 3.3, step 5).
    fn cap(&self, all: &mut Entitlements<'a>, steps: &mut [Step]) {
        for cap in self.program.caps.iter().filter(|c| c.on == CapOn::Rebate) {
            let mut taken: HashMap<CapKey, Decimal> = HashMap::new();
            let Some(whole_cap) = whole(cap.amount.minor()) else { continue };
            for step in &mut *steps {
                let Some(exact) = step.exact else { continue };
                let key = self.cap_key(cap.scope, &all.rows[step.place].claim);
                let taken = taken.entry(key).or_insert(Decimal::ZERO);
                let room = (whole_cap - *taken).max(Decimal::ZERO);
                let kept = exact.min(room);
                if kept != exact {
                    (step.exact, step.product) = (Some(kept), None);
                }
                *taken += kept;
            }
        }
        // One that does not qualify is measured against caps that nobody else uses.
        for cap in self.program.caps.iter().filter(|c| c.on == CapOn::Rebate) {
            let cap = cap.amount.minor();
            for place in self.members {
                let room = &mut all.rows[*place].place.room;
                *room = Some(room.map_or(cap, |room| room.min(cap)));
            }
        }
    }

    /// One rounding at the program's level, largest remainders first; then what caps leave (domain 3.3, steps 5 and 7).
    fn round(&self, all: &mut Entitlements<'a>, steps: &[Step]) {
        let mut amounts: Vec<Option<i128>> = vec![None; steps.len()];
        if self.program.round_level == RoundLevel::Line && !self.is_distributed() {
            for (amount, step) in amounts.iter_mut().zip(steps) {
                *amount = step.exact.and_then(|exact| self.rounded(exact));
            }
        } else {
            let mut groups: HashMap<RoundGroup, Vec<usize>> = HashMap::new();
            for (number, step) in steps.iter().enumerate() {
                let claim = &all.rows[step.place].claim;
                let scope = self.is_distributed().then(|| self.scope(claim));
                groups.entry((self.round_key(claim), scope)).or_default().push(number);
            }
            #[expect(clippy::iter_over_hash_type, reason = "each group is rounded for itself")]
            for group in groups.values() {
                self.distribute(group, steps, all, &mut amounts);
            }
        }
        let mut taken: Vec<HashMap<CapKey, i128>> = vec![HashMap::new(); self.program.caps.len()];
        for (step, amount) in steps.iter().zip(amounts) {
            let row = &mut all.rows[step.place];
            let mut kept = amount;
            let mut room: Option<i128> = None;
            for (cap, taken) in self.program.caps.iter().zip(&mut taken) {
                if cap.on == CapOn::Rebate {
                    let taken = taken.entry(self.cap_key(cap.scope, &row.claim)).or_insert(0);
                    let left = (cap.amount.minor() - *taken).max(0);
                    room = Some(room.map_or(left, |room| room.min(left)));
                    kept = kept.map(|amount| amount.min(left));
                }
            }
            for (cap, taken) in self.program.caps.iter().zip(&mut taken) {
                if cap.on == CapOn::Rebate {
                    *taken.entry(self.cap_key(cap.scope, &row.claim)).or_insert(0) += kept.unwrap_or(0);
                }
            }
            row.place.room = room;
            row.expected = kept.map(|minor| Money::from_minor(minor, self.program.currency));
            row.potential = row.expected;
        }
        self.set_others(all);
    }

    /// What does not qualify, or does not earn here, gets nothing, and shows what it would earn.
    fn set_others(&self, all: &mut Entitlements<'a>) {
        for place in self.members {
            let row = &mut all.rows[*place];
            if earns(row) {
                continue;
            }
            let (Some(base), Some(category)) = (row.base, row.category) else { continue };
            let order = &self.orders[row.claim.order as usize];
            row.potential = row.of(self.rules, order, base, category);
            row.expected = row.potential.map(|amount| Money::zero(amount.currency()));
        }
    }

    /// Whether an amount is computed for the scope and then spread over its orders.
    fn is_distributed(&self) -> bool {
        self.program.method == Method::Growth && self.program.growth.is_some_and(|g| g.on_increment)
    }

    fn round_key(&self, claim: &Claim<'_>) -> RoundKey {
        let period = RoundKey::Period(self.period(claim));
        let of_batch = claim.batch.map_or(period, RoundKey::Named);
        match self.program.round_level {
            RoundLevel::Line if self.is_distributed() => RoundKey::Named(Ustr::default()),
            RoundLevel::Line | RoundLevel::Order => RoundKey::Order(self.order(claim).id),
            RoundLevel::Batch => of_batch,
            RoundLevel::Payout => claim.payout.map_or(of_batch, RoundKey::Named),
        }
    }

    /// The exact sum of a group. Parts of an increment are quotients that may not be exact each: their sum is divided once.
    fn sum(&self, group: &[usize], steps: &[Step], all: &Entitlements<'a>) -> Option<Decimal> {
        let sum_of = |number: fn(&Step) -> Option<Decimal>| {
            group.iter().try_fold(Decimal::ZERO, |sum, n| sum.checked_add(number(&steps[*n])?))
        };
        let place = all.rows[steps[*group.first()?].place].place;
        match (place.growth, sum_of(|step| step.product)) {
            (Some((_, increment)), Some(product)) => part_of_increment(product, increment, place.volume),
            (_, _) => sum_of(|step| step.exact),
        }
    }

    fn rounded(&self, exact: Decimal) -> Option<i128> {
        rounded(exact, Money::zero(self.program.currency), self.program.round_mode)
    }

    /// Rounds the sum of a group and gives the units left over to the largest remainders; ties to the earlier order.
    fn distribute(
        &self,
        group: &[usize],
        steps: &[Step],
        all: &Entitlements<'a>,
        amounts: &mut [Option<i128>],
    ) {
        let exact: Option<Vec<Decimal>> = group.iter().map(|n| steps[*n].exact).collect();
        let Some(exact) = exact else { return };
        let Some(total) = self.sum(group, steps, all).and_then(|sum| self.rounded(sum)) else { return };
        let floors: Vec<i128> = exact
            .iter()
            .map(|e| rounded(e.floor(), Money::zero(self.program.currency), RoundMode::Down).unwrap_or(0))
            .collect();
        let mut left = total - floors.iter().sum::<i128>();
        let mut order: Vec<usize> = (0..group.len()).collect();
        order.sort_by_key(|i| (std::cmp::Reverse(exact[*i] - exact[*i].floor()), steps[group[*i]].place));
        for i in order {
            let extra = i128::from(left > 0);
            left -= extra;
            amounts[group[i]] = Some(floors[i] + extra);
        }
    }
}

/// Whether a claim takes part in amounts and caps: it qualifies, and is more than a part of the volume.
fn earns(row: &Entitlement<'_>) -> bool {
    row.is_eligible() && row.claim.is_counted
}
