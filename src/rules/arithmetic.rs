//! The arithmetic of a rule as a sentence, so that a person can check it with a pocket calculator.

use rust_decimal::Decimal;

use super::{Entitlement, Rules};
use crate::model::money::{Money, grouped};
use crate::model::record::Order;
use crate::model::reference::{BaseBasis, Method};

/// A rate for a sentence: `7.5%`.
pub fn rate_in_words(rate: Decimal) -> String {
    rate.checked_mul(Decimal::ONE_HUNDRED).map_or_else(|| rate.to_string(), |p| format!("{}%", p.normalize()))
}

impl Entitlement<'_> {
    /// How the amount comes about: `(12,000.00 − 2,000.00 voucher) × 8% = 800.00`, in the order's currency; eligible or
    /// not. `None` where no rule computes it.
    pub fn in_words(&self, rules: &Rules<'_>, order: &Order) -> Option<String> {
        let (base, amount) = (self.base?, self.potential?);
        let product = self.product(rules, order, base)?;
        let exact = self.exact(rules, order, base, self.category?)?.normalize();
        let rounded = super::entitlement::rounded(exact, base, self.claim.program.round_mode)?;
        let rounded = Money::from_minor(rounded, base.currency());
        let mut words = if exact.scale() == 0 {
            format!("{product} = {}", rounded.grouped())
        } else {
            format!("{product} = {}, rounded to {}", in_major(exact, base), rounded.grouped())
        };
        if amount.minor() < rounded.minor() && self.room() == Some(amount) {
            words.push_str(&format!(", capped at {}", amount.grouped()));
        } else if amount != rounded {
            words.push_str(&format!(", {} as its part of the rounded sum", amount.grouped()));
        }
        Some(words)
    }

    fn product(&self, rules: &Rules<'_>, order: &Order, base: Money) -> Option<String> {
        let category = self.category?;
        let program = self.claim.program;
        let rates = rules.rates(order, program, category);
        let counted = self.counted(base);
        let base_words = if counted == base {
            base_in_words(order, program.base_basis, base)
        } else {
            format!("the {} that the cap leaves of {}", counted.grouped(), base.grouped())
        };
        let times = |rate: Decimal| format!("{base_words} × {}", rate_in_words(rate));
        if rates.is_empty() {
            return Some(format!("{base_words} × no rate for {category}"));
        }
        match program.method {
            Method::Flat => Some(times(rates.first()?.rate)),
            Method::Retroactive => {
                let rate = self.rate(rules, order, category).unwrap_or_default();
                Some(format!("{} at a volume of {}", times(rate), self.volume()?.grouped()))
            }
            Method::Growth => {
                let rate = self.rate(rules, order, category).unwrap_or_default();
                let what = if program.growth?.on_increment { "its part of the growth" } else { "growth" };
                Some(format!("{} on {what}, at a volume of {}", times(rate), self.volume()?.grouped()))
            }
            Method::Marginal => {
                let bands = rates.band_parts(self.before(), counted)?;
                let word = |(part, rate): &(Money, Decimal)| {
                    format!("{} × {}", part.grouped(), rate_in_words(*rate))
                };
                Some(bands.iter().map(word).collect::<Vec<_>>().join(" + "))
            }
            Method::PerUnit => {
                Some(format!("{} units × {}", order.quantity?.normalize(), rates.first()?.rate.normalize()))
            }
            Method::Fixed => Some(format!("a fixed {} per order", rates.first()?.rate.normalize())),
            Method::LumpSum => None,
        }
    }
}

/// The base with what was taken off: `(12,000.00 − 2,000.00 voucher)`.
fn base_in_words(order: &Order, basis: BaseBasis, base: Money) -> String {
    let voucher = order.amount_voucher.filter(|v| !v.is_zero()).map(|v| (v, "voucher"));
    let tax = order.amount_tax.filter(|t| !t.is_zero()).map(|t| (t, "tax"));
    let off: Vec<(Money, &str)> = match basis {
        BaseBasis::NetLessVoucher => voucher.into_iter().collect(),
        BaseBasis::NetLessVoucherAndTax => voucher.into_iter().chain(tax).collect(),
        BaseBasis::List | BaseBasis::Net | BaseBasis::PaidOnly => Vec::new(),
    };
    let left = off.iter().fold(order.amount_net.minor(), |left, (amount, _)| left - amount.minor());
    let mut words = order.amount_net.grouped();
    for (amount, name) in &off {
        words.push_str(&format!(" − {} {name}", amount.grouped()));
    }
    match (off.is_empty(), left == base.minor()) {
        (true, _) => base.grouped(),
        (false, true) => format!("({words})"),
        // Refunds of the period, or what an earlier program of the group earned.
        (false, false) => {
            format!(
                "({words} − {} deducted)",
                Money::from_minor(left - base.minor(), base.currency()).grouped()
            )
        }
    }
}

/// An exact number of minor units in major units: `98.7648`.
fn in_major(exact: Decimal, base: Money) -> String {
    let mut major = exact;
    if major.set_scale(exact.scale() + base.currency().digits()).is_err() {
        return exact.to_string();
    }
    let text = major.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((text.as_str(), ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("\u{2212}", digits));
    format!("{sign}{}.{fraction}", grouped(digits))
}
