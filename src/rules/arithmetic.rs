//! The arithmetic of a rule as a sentence, so that a person can check it with a pocket calculator.

use rust_decimal::Decimal;

use super::{Entitlement, Rules};
use crate::model::money::{Money, grouped};
use crate::model::record::Order;
use crate::model::reference::{BaseBasis, Method};
use crate::say;

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
            say!(
                "{product} = {base}, rounded to {rounded}",
                product,
                base = in_major(exact, base),
                rounded = rounded.grouped()
            )
        };
        if amount.minor() < rounded.minor() && self.room() == Some(amount) {
            words.push_str(&say!(", capped at {amount}", amount = amount.grouped()));
        } else if amount != rounded {
            words.push_str(&say!(", {amount} as its part of the rounded sum", amount = amount.grouped()));
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
            say!(
                "the {counted} that the cap leaves of {base}",
                counted = counted.grouped(),
                base = base.grouped()
            )
        };
        let times = |rate: Decimal| format!("{base_words} × {}", rate_in_words(rate));
        if rates.is_empty() {
            return Some(say!("{base_words} × no rate for {category}", base_words, category));
        }
        match program.method {
            Method::Flat => Some(times(rates.first()?.rate)),
            Method::Retroactive => {
                let rate = self.rate(rules, order, category).unwrap_or_default();
                Some(say!(
                    "{rate} at a volume of {volume}",
                    rate = times(rate),
                    volume = self.volume()?.grouped()
                ))
            }
            Method::Growth => {
                let rate = self.rate(rules, order, category).unwrap_or_default();
                let (growth, volume) = (self.increment()?.grouped(), self.volume()?.grouped());
                Some(if program.growth?.on_increment && !rate.is_zero() {
                    say!(
                        "{rate} × {growth} of growth ÷ {volume} of volume",
                        rate = times(rate),
                        growth,
                        volume
                    )
                } else {
                    say!(
                        "{rate} at a growth of {growth} to a volume of {volume}",
                        rate = times(rate),
                        growth,
                        volume
                    )
                })
            }
            Method::Marginal => {
                let bands = rates.band_parts(self.before(), counted)?;
                let word = |(part, rate): &(Money, Decimal)| {
                    format!("{} × {}", part.grouped(), rate_in_words(*rate))
                };
                Some(bands.iter().map(word).collect::<Vec<_>>().join(" + "))
            }
            Method::PerUnit => Some(say!(
                "{normalize} units × {normalize_2}",
                normalize = order.quantity?.normalize(),
                normalize_2 = rates.first()?.rate.normalize()
            )),
            Method::Fixed if self.is_repeat() => {
                Some(say!("nothing beside another row of the order, which has its fixed amount").to_owned())
            }
            Method::Fixed => {
                Some(say!("a fixed {normalize} per order", normalize = rates.first()?.rate.normalize()))
            }
            Method::LumpSum => None,
        }
    }
}

/// Something taken off a base, and its name.
type Off = Option<(Money, &'static str)>;

/// The base with what was taken off: `(12,000.00 − 2,000.00 voucher)`.
fn base_in_words(order: &Order, basis: BaseBasis, base: Money) -> String {
    let some = |amount: Option<Money>, name| -> Off { Some((amount.filter(|a| !a.is_zero())?, name)) };
    let (voucher, tax) = (some(order.amount_voucher, say!("voucher")), some(order.amount_tax, say!("tax")));
    let (whole, off): (Option<Money>, [Off; 2]) = match basis {
        BaseBasis::List => (order.amount_list, [None, None]),
        BaseBasis::Net => (Some(order.amount_net), [None, None]),
        BaseBasis::NetLessVoucher => (Some(order.amount_net), [voucher, None]),
        BaseBasis::NetLessVoucherAndTax => (Some(order.amount_net), [voucher, tax]),
        BaseBasis::PaidOnly => (order.amount_paid, [None, None]),
    };
    let whole = whole.unwrap_or(base);
    let left = off.iter().flatten().fold(whole.minor(), |left, (amount, _)| left - amount.minor());
    // Refunds of the period, or what an earlier program of the group earned.
    let deducted = some(Some(Money::from_minor(left - base.minor(), base.currency())), say!("deducted"));
    if left == whole.minor() && deducted.is_none() {
        return whole.grouped();
    }
    let mut words = whole.grouped();
    for (amount, name) in off.iter().chain([&deducted]).flatten() {
        words.push_str(&format!(" − {} {name}", amount.grouped()));
    }
    format!("({words})")
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
