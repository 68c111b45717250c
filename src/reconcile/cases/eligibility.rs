//! Mapping and eligibility: what our own master data and the program's conditions say about an order.

use chrono::NaiveDate;

use super::{Direction, Finding, Kind};
use crate::model::money::Money;
use crate::model::record::Order;
use crate::model::reference::Program;
use crate::model::time::date_in_words;
use crate::reconcile::Reconciled;
use crate::rules::{Entitlement, Ineligible, Lookup, Rules};

/// Rows that the maps lack for an order.
pub(super) fn mapping(reconciled: &Reconciled<'_>, order: &Order, amount: Option<Money>) -> Vec<Finding> {
    let rules = &reconciled.rules;
    let mut findings = Vec::new();
    let unmapped =
        || Finding::new(Kind::AccountUnmapped, Direction::Blocked, amount.or_else(|| bound(rules, order)));
    match rules.account(order.account, order.order_date) {
        Lookup::Found(_) => {}
        Lookup::NotOnThatDay(row) => {
            findings.push(unmapped().with("deadline", row.valid.to.map(date_in_words)));
        }
        Lookup::Missing => findings.push(unmapped()),
    }
    if rules.sku(order.sku, order.order_date).found().is_none() {
        let bound = amount.or_else(|| bound(rules, order));
        findings.push(
            Finding::new(Kind::SkuUnmapped, Direction::Blocked, bound)
                .with("expected", bound.map(Money::in_words)),
        );
    }
    findings
}

/// The upper bound for a product without a category: base times the best rate of the declared program.
fn bound(rules: &Rules<'_>, order: &Order) -> Option<Money> {
    let program = rules.declared_program(order)?;
    Rules::base(order, program.base_basis)?.times(rules.best_rate(program.id)?, program.round_mode)
}

/// Conditions of a program that an order does not meet, each with what it would earn.
pub(super) fn failures(
    reconciled: &Reconciled<'_>,
    order: &Order,
    entitlement: &Entitlement<'_>,
) -> Vec<Finding> {
    let program = entitlement.claim.program;
    let potential = entitlement.potential;
    let of = |kind, amount: Option<Money>| {
        Finding::new(kind, Direction::Potential, amount).with("expected", amount.map(Money::in_words))
    };
    let failed = |failure: &Ineligible| match failure {
        Ineligible::Window { date } => of(Kind::WindowMissed, potential)
            .with("date", date_in_words(*date))
            .with("deadline", window_edge(program, *date).map(date_in_words)),
        Ineligible::Contract
        | Ineligible::BillingModel
        | Ineligible::Reseller
        | Ineligible::Region { .. }
        | Ineligible::CustomerClass => {
            of(Kind::ContractIneligible, potential).with("condition", failure.subject().to_owned())
        }
        Ineligible::Enrollment { ended } => of(Kind::EnrollmentMissing, potential)
            .with("date", date_in_words(order.order_date))
            .with("deadline", ended.map(date_in_words)),
        Ineligible::Category { .. } => not_eligible(reconciled, order, program),
        Ineligible::Threshold { volume, short, next_rate } => {
            let amount = entitlement.base.and_then(|b| b.times(*next_rate, program.round_mode));
            of(Kind::BelowThreshold, amount).with("volume", volume.in_words()).with("diff", short.in_words())
        }
    };
    entitlement.failures.iter().map(failed).collect()
}

fn window_edge(program: &Program, date: NaiveDate) -> Option<NaiveDate> {
    if program.valid.to.is_some_and(|to| date > to) { program.valid.to } else { program.valid.from }
}

/// A product that the program does not rebate, with the program in which it would earn most.
pub(super) fn not_eligible(reconciled: &Reconciled<'_>, order: &Order, program: &Program) -> Finding {
    let better = reconciled.rules.better_program(order, program);
    let amount = better.as_ref().map(|(_, amount)| *amount);
    Finding::new(Kind::SkuNotEligible, Direction::Potential, amount)
        .with("expected", amount.map(Money::in_words))
        .with("alt_program", better.map(|(program, _)| program.name.to_string()))
}
