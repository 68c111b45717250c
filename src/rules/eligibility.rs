//! Whether an order qualifies for a program: every predicate is tested, and every failure listed.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use ustr::Ustr;

use super::{Method, Rules};
use crate::model::money::Money;
use crate::model::record::Order;
use crate::model::reference::Program;

/// Why an order does not qualify, with what would be needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ineligible {
    /// Its date is outside the program's window.
    Window {
        /// The date that counts.
        date: NaiveDate,
    },
    /// The program does not accept its contract type.
    Contract,
    /// The reseller was not enrolled on the day; `ended` is the last day of the enrollment before it.
    Enrollment {
        /// When the last enrollment before that day ended.
        ended: Option<NaiveDate>,
    },
    /// The program has no rate for its category.
    Category {
        /// The category.
        category: Ustr,
    },
    /// The volume has not reached the first paying tier.
    Threshold {
        /// The volume so far.
        volume: Money,
        /// What is missing to the next tier.
        short: Money,
        /// The rate of that tier.
        next_rate: Decimal,
    },
}

/// Whether a program accepts the contract type of an order; one that lists none accepts all.
pub(super) fn accepts_contract(program: &Program, order: &Order) -> bool {
    program.contract_types.is_empty()
        || order
            .contract_type
            .is_some_and(|t| program.contract_types.iter().any(|c| t.eq_ignore_ascii_case(c)))
}

impl Rules<'_> {
    /// Why an order does not qualify for a program; empty when it does.
    ///
    /// Shape: failures in the order of domain 3.3 step 2; the threshold is tested apart ([`Rules::below_threshold`]),
    /// because it needs the volume of orders that do qualify. A product that no map knows fails no check here.
    pub fn ineligible(&self, order: &Order, program: &Program) -> Vec<Ineligible> {
        let mut failures = Vec::new();
        let date = Rules::basis_date(order, program.window_basis);
        if !program.valid.contains(date) {
            failures.push(Ineligible::Window { date });
        }
        if !accepts_contract(program, order) {
            failures.push(Ineligible::Contract);
        }
        if let Some(failure) = self.not_enrolled(order, program) {
            failures.push(failure);
        }
        if let Some(category) = self.category(order)
            && !self.has_rate(program.id, category)
        {
            failures.push(Ineligible::Category { category });
        }
        failures
    }

    /// A program in which nobody is enrolled needs no enrollment.
    fn not_enrolled(&self, order: &Order, program: &Program) -> Option<Ineligible> {
        let reseller = order.reseller?;
        if !self.reference.enrollments.iter().any(|e| e.program == program.id) {
            return None;
        }
        let rows = self.enrollments.get(&(reseller, program.id)).map_or(&[][..], Vec::as_slice);
        if rows.iter().any(|e| e.valid.contains(order.order_date)) {
            return None;
        }
        let ended = rows.iter().filter_map(|e| e.valid.to).filter(|to| *to < order.order_date).max();
        Some(Ineligible::Enrollment { ended })
    }

    /// Whether a tiered program pays nothing yet at the volume reached.
    pub fn below_threshold(&self, order: &Order, program: &Program) -> Option<Ineligible> {
        let scope = program.tier_scope?;
        if program.method != Some(Method::Retroactive) {
            return None;
        }
        let category = self.category(order)?;
        let rates = self.rates.get(&(program.id, category))?;
        let volume = self.volume(order, program, scope)?;
        if !self.tier(order, program, rates, scope)?.rate.is_zero() {
            return None;
        }
        let next = rates.iter().find(|r| {
            !r.rate.is_zero() && super::minor(r.tier_from, volume.currency()) > Some(volume.minor())
        })?;
        let start = Money::from_decimal(next.tier_from, volume.currency()).ok()?;
        Some(Ineligible::Threshold { volume, short: start.checked_sub(volume).ok()?, next_rate: next.rate })
    }

    /// The program other than `current` in which an order would earn most: it has a rate for the category and accepts
    /// the contract type; enrollment is what would have to be arranged. Source: catalogue, `sku-not-eligible`.
    pub fn better_program(&self, order: &Order, current: &Program) -> Option<(&Program, Money)> {
        let category = self.category(order)?;
        self.reference
            .programs
            .iter()
            .filter(|p| p.id != current.id && p.currency == order.amount_net.currency())
            .filter(|p| p.site.is_none() || order.site.is_none() || p.site == order.site)
            .filter(|p| {
                p.valid.contains(Rules::basis_date(order, p.window_basis)) && accepts_contract(p, order)
            })
            .filter_map(|p| Some((p, self.earns(order, p, category)?)))
            .filter(|(_, amount)| !amount.is_zero())
            .max_by(|(a, x), (b, y)| x.minor().cmp(&y.minor()).then(b.id.cmp(&a.id)))
    }
}
