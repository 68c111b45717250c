//! The calculation kinds: what the steps of the variance waterfall mean (domain 3.4).

use rust_decimal::Decimal;
use ustr::Ustr;

use super::{Direction, Finding, Kind};
use crate::model::money::Money;
use crate::model::record::{Line, Order};
use crate::model::reference::BaseBasis;
use crate::reconcile::Reconciled;
use crate::reconcile::waterfall::{Effect, Waterfall, display_tolerance};
use crate::rules::arithmetic::rate_in_words;
use crate::rules::{Entitlement, Rules};

/// Findings of a line whose calculated amount parts from our own.
///
/// The first by rank carries the whole difference, the others their own step. A step within the tolerance is no
/// finding (domain 2.4); where nothing else explains a difference of one minor unit, it is rounding.
pub(super) fn findings(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Vec<Finding> {
    let figures = &reconciled.lines[number as usize];
    let Some((order, entitlement)) = reconciled.first_entitlement(number) else { return Vec::new() };
    let Some(waterfall) = figures.waterfall.as_deref() else {
        return without_effect(reconciled, number, line, entitlement);
    };
    let difference = waterfall.difference();
    let units = rounding_units(reconciled, number);
    let step = Steps { reconciled, line, order, entitlement, waterfall, units };
    let mut kinds: Vec<(Kind, Money)> = waterfall
        .effects()
        .filter(|(effect, amount)| amount.abs().minor() > step.tolerance(*effect).minor())
        .map(|(effect, amount)| (step.kind(effect), amount))
        .collect();
    if kinds.is_empty() && difference.abs().minor() > units {
        kinds.push((Kind::VendorArithmetic, difference));
    }
    kinds.sort_by_key(|(kind, _)| kind.rank());
    let first = kinds.first().map(|(kind, _)| *kind);
    let mut findings: Vec<Finding> = kinds
        .into_iter()
        .map(|(kind, effect)| {
            let amount = if first == Some(kind) { difference } else { effect };
            step.facts(Finding::signed(kind, amount))
        })
        .collect();
    if findings.is_empty() && !difference.is_zero() {
        findings.push(
            Finding::new(Kind::RoundingDifference, Direction::Explained, Some(difference))
                .with("diff", difference.abs().in_words()),
        );
    }
    let has = |kind| findings.iter().any(|f: &Finding| f.kind == kind);
    let others: Vec<Finding> = without_effect(reconciled, number, line, entitlement)
        .into_iter()
        .filter(|f| !has(f.kind) && (f.kind != Kind::BaseMismatch || findings.is_empty()))
        .collect();
    findings.extend(others);
    findings
}

/// Minor units that rounding explains: one, or half of one for each order that was rounded for itself (domain 2.4).
fn rounding_units(reconciled: &Reconciled<'_>, number: u32) -> i128 {
    let orders = reconciled.matching.of_line(number).shares.len();
    i128::try_from(orders.div_ceil(2)).unwrap_or(1).max(1)
}

/// Another base or category that moves no money: said, with nothing at stake.
fn without_effect(
    reconciled: &Reconciled<'_>,
    number: u32,
    line: &Line,
    entitlement: &Entitlement<'_>,
) -> Vec<Finding> {
    let figures = &reconciled.lines[number as usize];
    if !entitlement.is_eligible() || figures.expected.is_none() {
        return Vec::new();
    }
    let nothing = |kind| Finding::new(kind, Direction::None, Some(Money::zero(line.currency)));
    let mut findings = Vec::new();
    let category = entitlement.category.zip(line.category).filter(|(ours, theirs)| ours != theirs);
    findings.extend(category.map(|(ours, theirs)| {
        nothing(Kind::CategoryMismatch)
            .with("category", ours.to_string())
            .with("vendor_category", theirs.to_string())
    }));
    let base = figures.base_own.zip(line.amount_base).filter(|(ours, theirs)| {
        entitlement.claim.program.method.pays_rates()
            && (ours.minor() - theirs.minor()).abs() > rounding_units(reconciled, number)
    });
    findings.extend(base.map(|(ours, theirs)| {
        nothing(Kind::BaseMismatch).with("base", ours.in_words()).with("vendor_base", theirs.in_words())
    }));
    findings
}

/// The vendor's category is another one, on a line that is not recomputed step by step.
pub(super) fn other_category(reconciled: &Reconciled<'_>, line: &Line, order: &Order) -> Option<Finding> {
    let own = reconciled.rules.category(order)?;
    let theirs = line.category.filter(|c| *c != own)?;
    Some(
        Finding::new(Kind::CategoryMismatch, Direction::AtRisk, line.amount_calculated)
            .with("category", own.to_string())
            .with("vendor_category", theirs.to_string()),
    )
}

struct Steps<'r, 'a> {
    reconciled: &'r Reconciled<'a>,
    line: &'r Line,
    order: &'r Order,
    entitlement: &'r Entitlement<'a>,
    waterfall: &'r Waterfall,
    /// Minor units that rounding explains.
    units: i128,
}

impl Steps<'_, '_> {
    fn rates_category(&self) -> Option<Ustr> {
        self.line.category.or(self.entitlement.category)
    }

    /// The rate that the rule gives for the line's category, where there is one rate.
    fn rule_rate(&self) -> Option<Decimal> {
        self.entitlement.rate(&self.reconciled.rules, self.order, self.rates_category()?)
    }

    /// The largest effect that is no finding. It chooses a kind and never changes an amount.
    fn tolerance(&self, effect: Effect) -> Money {
        let unit = Money::from_minor(self.units, self.line.currency);
        let [_, _, in_category, _, multiplied, vendor] = *self.waterfall.steps();
        let is_explained = |a: Money, b: Money| (a.minor() - b.minor()).abs() <= self.units;
        match effect {
            Effect::Base | Effect::Category => unit,
            Effect::Rate | Effect::Cap if is_explained(vendor, in_category) => {
                Money::from_minor(i128::MAX, self.line.currency)
            }
            Effect::Rate | Effect::Cap => unit,
            Effect::Arithmetic if is_explained(vendor, in_category) => {
                Money::from_minor(i128::MAX, self.line.currency)
            }
            // A rate that differs from the rule's may be one that was rounded for display.
            Effect::Arithmetic => match (self.line.rate, self.line.amount_base) {
                (Some(rate), Some(base)) if self.rule_rate() != Some(rate) => {
                    let shown = display_tolerance(base, rate);
                    if is_explained(vendor, multiplied) || shown.minor() < 1 { unit } else { shown }
                }
                (_, _) => unit,
            },
        }
    }

    fn kind(&self, effect: Effect) -> Kind {
        match effect {
            Effect::Base => Kind::BaseMismatch,
            Effect::Category => Kind::CategoryMismatch,
            Effect::Rate => {
                let program = self.entitlement.claim.program;
                let rates = self
                    .rates_category()
                    .map(|category| self.reconciled.rules.rates(self.order, program, category));
                let is_a_tiers = self.line.rate.zip(rates).is_some_and(|(rate, rates)| rates.has(rate));
                if program.method.is_tiered() && is_a_tiers { Kind::TierMismatch } else { Kind::RateMismatch }
            }
            Effect::Cap => Kind::CapBreach,
            Effect::Arithmetic => Kind::VendorArithmetic,
        }
    }

    fn facts(&self, finding: Finding) -> Finding {
        let rules = &self.reconciled.rules;
        let entitlement = self.entitlement;
        let own_rate = entitlement.category.and_then(|c| entitlement.rate(rules, self.order, c));
        let finding = finding
            .with("expected", self.waterfall.expected().in_words())
            .with("amount", self.waterfall.vendor().in_words())
            .with("category", entitlement.category.map(|c| c.to_string()))
            .with("vendor_category", self.line.category.map(|c| c.to_string()))
            .with("base", entitlement.base.map(Money::in_words))
            .with("vendor_base", self.line.amount_base.map(Money::in_words))
            .with("rate", own_rate.map(rate_in_words))
            .with("vendor_rate", self.line.rate.map(rate_in_words))
            .with("volume", entitlement.volume().map(Money::in_words))
            .with("cap", entitlement.room().map(Money::in_words));
        if finding.kind == Kind::VendorArithmetic {
            // What the vendor's own numbers give, not what we expect of ours.
            finding.with("expected", self.waterfall.steps()[4].in_words())
        } else if finding.kind == Kind::BaseMismatch {
            finding.with("variant", self.base_variant().map(str::to_owned))
        } else {
            finding
        }
    }

    /// Which other base of ours the vendor's equals.
    fn base_variant(&self) -> Option<&'static str> {
        let theirs = self.line.amount_base?;
        let own = |basis| Rules::base(self.order, basis);
        let program = self.entitlement.claim.program;
        let variants = [
            (BaseBasis::Net, "voucher not deducted"),
            (BaseBasis::List, "list instead of net"),
            (BaseBasis::NetLessVoucher, "tax included"),
            (BaseBasis::NetLessVoucherAndTax, "tax deducted"),
        ];
        let same = variants
            .into_iter()
            .find(|(basis, _)| *basis != program.base_basis && own(*basis) == Some(theirs))
            .map(|(_, variant)| variant);
        let refunded = self.reconciled.cancellations(self.order.id).iter().any(|c| {
            self.entitlement.base.is_some_and(|base| base.checked_sub(c.amount_refund) == Ok(theirs))
        });
        same.or(refunded.then_some("refund deducted")).or_else(|| {
            self.entitlement.base.is_some_and(|b| theirs.minor() < b.minor()).then_some("partial coverage")
        })
    }
}
