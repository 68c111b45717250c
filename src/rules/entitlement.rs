//! What every order should earn, program by program, in the order of domain 3.3: base, eligibility, volume, amount, cap,
//! stacking, rounding.
//!
//! Orders of one scope are processed by the date that decides their period, then by order id, so that the result never
//! depends on the order of rows. Everything is exact until the one rounding at the program's level.

mod run;

use std::collections::HashMap;

use rust_decimal::Decimal;
use ustr::Ustr;

use super::tiers::{Rates, major, whole};
use super::{Ineligible, Rules};
use crate::model::id::{OrderId, ProgramId};
use crate::model::money::{Money, RoundMode};
use crate::model::record::{Cancellation, Order};
use crate::model::reference::{CapOn, CapScope, Method, Program, ScopeOwner};
use run::Run;

/// One order row in one program: the question that an entitlement answers.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Index of the order row.
    pub order: u32,
    /// The program.
    pub program: &'a Program,
    /// The program of the same exclusive group that stands instead.
    pub excluded_by: Option<&'a Program>,
    /// Whether it earns; one that does not is only counted in the volume.
    pub is_counted: bool,
    /// The batch the vendor put it in.
    pub batch: Option<Ustr>,
    /// The payout it was paid with.
    pub payout: Option<Ustr>,
}

/// What one order row should earn in one program.
#[derive(Debug, Clone)]
pub struct Entitlement<'a> {
    /// The question.
    pub claim: Claim<'a>,
    /// What the rate applies to, before caps.
    pub base: Option<Money>,
    /// The rebate category of its product.
    pub category: Option<Ustr>,
    /// Why it does not qualify; the threshold last.
    pub failures: Vec<Ineligible>,
    /// What it earns, qualified or not; `None` where no rule computes it.
    pub potential: Option<Money>,
    /// What it should earn: zero where it does not qualify or another program stands.
    pub expected: Option<Money>,
    place: Place,
}

/// Where an order stands in its scope.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// The volume of the orders before it.
    before: i128,
    /// The volume of the whole scope.
    volume: i128,
    /// Growth over the baseline: the measure that decides the tier, and the increment.
    growth: Option<(Decimal, i128)>,
    /// What caps leave for it of the rebate.
    room: Option<i128>,
    /// What caps leave for it of the base.
    base_room: Option<i128>,
    /// Whether another row of the order has what is paid once per order.
    is_repeat: bool,
}

impl<'a> Entitlement<'a> {
    /// What an order would earn in a program and category if it were the only one: no other volume, caps of an order only.
    pub fn alone(rules: &Rules<'a>, order: &Order, program: &'a Program, category: Ustr) -> Option<Money> {
        let base = Rules::base(order, program.base_basis)?;
        let claim =
            Claim { order: 0, program, excluded_by: None, is_counted: true, batch: None, payout: None };
        let mut one = Entitlement::new(claim, Some(base), Some(category), Vec::new());
        one.place = Place { volume: base.minor(), ..Place::default() };
        let own = |on| program.caps.iter().filter(move |c| c.on == on && c.scope == CapScope::Order);
        one.place.room = own(CapOn::Rebate).map(|c| c.amount.minor()).min();
        one.place.base_room = own(CapOn::Base).map(|c| c.amount.minor()).min();
        one.of(rules, order, base, category)
    }

    fn new(
        claim: Claim<'a>,
        base: Option<Money>,
        category: Option<Ustr>,
        failures: Vec<Ineligible>,
    ) -> Entitlement<'a> {
        Entitlement {
            claim,
            base,
            category,
            failures,
            potential: None,
            expected: None,
            place: Place::default(),
        }
    }

    /// Whether it qualifies and no other program stands instead.
    pub fn is_eligible(&self) -> bool {
        self.failures.is_empty() && self.claim.excluded_by.is_none()
    }

    /// The volume that decides the tier, where one does.
    pub fn volume(&self) -> Option<Money> {
        let program = self.claim.program;
        let is_decided = program.method.is_tiered() || program.threshold_min.is_some();
        Some(Money::from_minor(self.place.volume, self.base?.currency())).filter(|_| is_decided)
    }

    /// What caps leave for it of the rebate; `None` without a cap.
    pub fn room(&self) -> Option<Money> {
        Some(Money::from_minor(self.place.room?, self.base?.currency()))
    }

    /// The rate that its place gives in a category, where there is one rate.
    pub fn rate(&self, rules: &Rules<'_>, order: &Order, category: Ustr) -> Option<Decimal> {
        let rates = rules.rates(order, self.claim.program, category);
        match self.claim.program.method {
            Method::Flat => rates.first().map(|r| r.rate),
            Method::Retroactive => {
                rates.at(major(Money::from_minor(self.place.volume, self.base?.currency()))?).map(|r| r.rate)
            }
            Method::Growth => self.growth_rate(&rates),
            Method::Marginal | Method::PerUnit | Method::Fixed | Method::LumpSum => None,
        }
    }

    /// What the rule gives for another base and category at the same place: `f` of the variance waterfall (domain 3.4),
    /// rounded and capped. The volume of a wider scope stays our own; that of an order follows the base.
    pub fn of(&self, rules: &Rules<'_>, order: &Order, base: Money, category: Ustr) -> Option<Money> {
        let exact = self.exact(rules, order, base, category)?;
        let rounded = rounded(exact, base, self.claim.program.round_mode)?;
        Some(Money::from_minor(self.place.room.map_or(rounded, |room| rounded.min(room)), base.currency()))
    }

    /// The rate of the tier that growth reaches; none without growth.
    fn growth_rate(&self, rates: &Rates<'_>) -> Option<Decimal> {
        let (measure, increment) = self.place.growth?;
        let tier = rates.at(measure).filter(|_| increment > 0);
        Some(tier.map_or(Decimal::ZERO, |tier| tier.rate))
    }

    /// What the volume of its scope is above the baseline.
    pub(super) fn increment(&self) -> Option<Money> {
        Some(Money::from_minor(self.place.growth?.1, self.base?.currency()))
    }

    /// Whether another row of its order has what is paid once per order.
    pub(super) fn is_repeat(&self) -> bool {
        self.place.is_repeat
    }

    /// The base that counts times the rate of the growth, before it is cut down to the increment's part of the volume.
    fn growth_product(&self, rates: &Rates<'_>, base: Money) -> Option<Decimal> {
        whole(self.counted(base).minor())?.checked_mul(self.growth_rate(rates)?)
    }

    /// The volume of the orders before it in its scope.
    pub(super) fn before(&self) -> i128 {
        self.place.before
    }

    /// What caps leave of a base.
    pub(super) fn counted(&self, base: Money) -> Money {
        let minor = self.place.base_room.map_or(base.minor(), |room| base.minor().min(room));
        Money::from_minor(minor, base.currency())
    }

    /// The exact amount in minor units, before caps on the rebate.
    pub(super) fn exact(
        &self,
        rules: &Rules<'_>,
        order: &Order,
        base: Money,
        category: Ustr,
    ) -> Option<Decimal> {
        let program = self.claim.program;
        let rates = rules.rates(order, program, category);
        if rates.is_empty() {
            return (program.method != Method::LumpSum).then_some(Decimal::ZERO);
        }
        let counted = self.counted(base);
        let own = self.base.map_or(0, Money::minor);
        let volume = match program.tier_scope.owner {
            ScopeOwner::Order => self.place.volume - own + base.minor(),
            ScopeOwner::Account | ScopeOwner::Customer | ScopeOwner::Reseller => self.place.volume,
        };
        let at = |measure: Decimal| rates.at(measure).map_or(Decimal::ZERO, |r| r.rate);
        match program.method {
            Method::Flat => whole(counted.minor())?.checked_mul(rates.first()?.rate),
            Method::Retroactive => {
                let rate = at(major(Money::from_minor(volume, base.currency()))?);
                whole(counted.minor())?.checked_mul(rate)
            }
            Method::Marginal => rates.bands(self.place.before, counted),
            Method::Growth => {
                let product = self.growth_product(&rates, base)?;
                if program.growth?.on_increment {
                    part_of_increment(product, self.place.growth?.1, volume)
                } else {
                    Some(product)
                }
            }
            Method::PerUnit => order.quantity?.checked_mul(minor_of(&rates, base)?),
            Method::Fixed if self.place.is_repeat => Some(Decimal::ZERO),
            Method::Fixed => minor_of(&rates, base),
            Method::LumpSum => None,
        }
    }
}

/// The increment's part of what the whole volume would earn. One division of reduced numbers at the end, so that what
/// divides evenly stays exact.
fn part_of_increment(product: Decimal, increment: i128, volume: i128) -> Option<Decimal> {
    if volume <= 0 || increment <= 0 {
        return Some(Decimal::ZERO);
    }
    let (mut divisor, mut rest) = (volume, increment);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    product.checked_mul(whole(increment / divisor)?)?.checked_div(whole(volume / divisor)?)
}

/// The amount that a rate row names, in minor units.
fn minor_of(rates: &Rates<'_>, base: Money) -> Option<Decimal> {
    rates.first()?.rate.checked_mul(whole(10_i128.pow(base.currency().digits()))?)
}

pub(super) fn rounded(exact: Decimal, base: Money, mode: RoundMode) -> Option<i128> {
    Money::from_minor(1, base.currency()).times(exact, mode).map(Money::minor)
}

/// All entitlements, by order row, then program.
pub struct Entitlements<'a> {
    rows: Vec<Entitlement<'a>>,
    first: Vec<u32>,
}

impl<'a> Entitlements<'a> {
    /// Computes every claim.
    ///
    /// `claims` are sorted by order row and program id, one per pair; `refunds` are our cancellations by order.
    /// Programs are computed in the order of their priority, then id. Cost: grows with the claims times their logarithm.
    pub fn new(
        rules: &Rules<'a>,
        orders: &[Order],
        claims: &[Claim<'a>],
        refunds: &HashMap<OrderId, Vec<&Cancellation>>,
    ) -> Entitlements<'a> {
        let mut first = vec![0; orders.len() + 1];
        let mut by_program: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, claim) in claims.iter().enumerate() {
            first[claim.order as usize + 1] += 1;
            by_program.entry(claim.program.id).or_default().push(place);
        }
        for row in 1..first.len() {
            first[row] += first[row - 1];
        }
        let rows = claims.iter().map(|c| Entitlement::new(*c, None, None, Vec::new())).collect::<Vec<_>>();
        let mut entitlements = Entitlements { rows, first };
        let mut programs: Vec<&Program> = rules.reference.programs.iter().collect();
        programs.sort_by_key(|p| (p.priority, p.id));
        for program in programs {
            if let Some(members) = by_program.get(&program.id) {
                Run { rules, orders, program, refunds, members }.compute(&mut entitlements);
            }
        }
        entitlements
    }

    /// The entitlements of an order row.
    pub fn of_order(&self, order: u32) -> &[Entitlement<'a>] {
        &self.rows[self.first[order as usize] as usize..self.first[order as usize + 1] as usize]
    }

    /// The entitlement of an order row in a program.
    pub fn get(&self, order: u32, program: ProgramId) -> Option<&Entitlement<'a>> {
        self.of_order(order).iter().find(|e| e.claim.program.id == program)
    }

    /// What programs of one group before this one earn on the same order row.
    fn earned_before(&self, claim: &Claim<'a>, basis: Money) -> i128 {
        let of_row = self.of_order(claim.order).iter().filter(|e| {
            let other = e.claim.program;
            e.claim.is_counted
                && other.id != claim.program.id
                && other.exclusive_group.is_some()
                && other.exclusive_group == claim.program.exclusive_group
                && (other.priority, other.id) < (claim.program.priority, claim.program.id)
        });
        of_row.filter_map(|e| e.expected).filter(|m| m.currency() == basis.currency()).map(Money::minor).sum()
    }
}
