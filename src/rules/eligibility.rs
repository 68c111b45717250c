//! Whether an order qualifies for a program: every predicate is tested, and every failure listed.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use ustr::Ustr;

use super::{Entitlement, Rules};
use crate::model::money::Money;
use crate::model::record::Order;
use crate::model::reference::Program;
use crate::say;

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
    /// The program does not accept its billing model.
    BillingModel,
    /// The program is for other resellers.
    Reseller,
    /// The program is for other regions.
    Region {
        /// The order's.
        region: Ustr,
    },
    /// The reseller was not enrolled on the day, or not at the tier; `ended` is the last day of the enrollment before it.
    Enrollment {
        /// When the last enrollment before that day ended.
        ended: Option<NaiveDate>,
    },
    /// The program is for other classes of customers.
    CustomerClass,
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

impl Ineligible {
    /// What differs, as a word of a sentence.
    pub fn subject(&self) -> &'static str {
        match self {
            Ineligible::Window { .. } => say!("window"),
            Ineligible::Contract => say!("contract type"),
            Ineligible::BillingModel => say!("billing model"),
            Ineligible::Reseller => say!("reseller"),
            Ineligible::Region { .. } => say!("region"),
            Ineligible::Enrollment { .. } => say!("enrollment"),
            Ineligible::CustomerClass => say!("customer class"),
            Ineligible::Category { .. } => say!("category"),
            Ineligible::Threshold { .. } => say!("volume"),
        }
    }
}

/// Whether a list of words holds one, in any case; an empty list accepts all.
fn accepts(list: &[Ustr], word: Option<Ustr>) -> bool {
    list.is_empty() || word.is_some_and(|word| list.iter().any(|w| word.eq_ignore_ascii_case(w)))
}

/// Whether a program accepts the contract type of an order; one that lists none accepts all.
pub(super) fn accepts_contract(program: &Program, order: &Order) -> bool {
    accepts(&program.contract_types, order.contract_type)
}

impl Rules<'_> {
    /// Why an order does not qualify for a program; empty when it does.
    ///
    /// Shape: failures in the order of domain 3.3 step 2; the threshold is tested where volumes are known
    /// ([`Entitlement::failures`]). What the extract does not say fails no check here: it is a mapping to complete.
    pub fn ineligible(&self, order: &Order, program: &Program) -> Vec<Ineligible> {
        let mut failures = Vec::new();
        let date = Rules::basis_date(order, program.window_basis);
        if !program.valid.contains(date) {
            failures.push(Ineligible::Window { date });
        }
        if !accepts_contract(program, order) {
            failures.push(Ineligible::Contract);
        }
        if order.billing_model.is_some() && !accepts(&program.billing_models, order.billing_model) {
            failures.push(Ineligible::BillingModel);
        }
        if !program.resellers.is_empty() && order.reseller.is_some_and(|r| !program.resellers.contains(&r)) {
            failures.push(Ineligible::Reseller);
        }
        if !program.regions.is_empty()
            && let Some(region) = self.region(order)
            && !accepts(&program.regions, Some(region))
        {
            failures.push(Ineligible::Region { region });
        }
        if let Some(failure) = self.not_enrolled(order, program) {
            failures.push(failure);
        }
        if order.customer_class.is_some() && !accepts(&program.customer_classes, order.customer_class) {
            failures.push(Ineligible::CustomerClass);
        }
        if let Some(category) = self.category(order)
            && self.rates(order, program, category).is_empty()
        {
            failures.push(Ineligible::Category { category });
        }
        failures
    }

    /// Unless it says otherwise, a program in which nobody is enrolled needs no enrollment.
    fn not_enrolled(&self, order: &Order, program: &Program) -> Option<Ineligible> {
        let reseller = order.reseller?;
        if !program.requires_enrollment.unwrap_or_else(|| self.enrolled.contains(&program.id)) {
            return None;
        }
        let rows = self.enrollments.get(&(reseller, program.id)).map_or(&[][..], Vec::as_slice);
        let at_tier = |tier: Option<Ustr>| {
            program.enrollment_tier.is_none_or(|wanted| tier.is_some_and(|t| t.eq_ignore_ascii_case(&wanted)))
        };
        if rows.iter().any(|e| e.valid.contains(order.order_date) && at_tier(e.tier)) {
            return None;
        }
        let ended = rows.iter().filter_map(|e| e.valid.to).filter(|to| *to < order.order_date).max();
        Some(Ineligible::Enrollment { ended })
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
            .filter_map(|p| Some((p, Entitlement::alone(self, order, p, category)?)))
            .filter(|(_, amount)| !amount.is_zero())
            .max_by(|(a, x), (b, y)| x.minor().cmp(&y.minor()).then(b.id.cmp(&a.id)))
    }
}
