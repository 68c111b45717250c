//! Where the vendor's amount and our own part ways, step by step, in a fixed order (domain 3.4).

use rust_decimal::Decimal;

use crate::model::money::{Money, RoundMode};
use crate::model::record::Line;
use crate::rules::Rules;
use crate::say;

/// One step of the waterfall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Another base.
    Base,
    /// Another category.
    Category,
    /// Another rate or tier.
    Rate,
    /// Above the cap.
    Cap,
    /// The vendor's own numbers do not multiply.
    Arithmetic,
}

impl Effect {
    /// Every step, in its order.
    pub const ALL: [Effect; 5] =
        [Effect::Base, Effect::Category, Effect::Rate, Effect::Cap, Effect::Arithmetic];

    /// Its name on a page.
    pub fn label(self) -> &'static str {
        match self {
            Effect::Base => say!("Base"),
            Effect::Category => say!("Category"),
            Effect::Rate => say!("Rate or tier"),
            Effect::Cap => say!("Cap"),
            Effect::Arithmetic => say!("Arithmetic"),
        }
    }
}

/// The five steps from expected to calculated, in the line's currency. Their effects sum to the difference exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waterfall {
    /// `E0` to `E4`, then the vendor's amount.
    steps: [Money; 6],
    /// Whether the vendor has calculated an amount; else the last steps repeat the third.
    pub is_calculated: bool,
    /// Whether the vendor gives a rate to compare.
    pub has_rate: bool,
}

impl Waterfall {
    /// Shape: `own` holds our rule on our base, on the vendor's base, and there in the vendor's category; `room` is what
    /// caps leave. Where the vendor gives no rate, the rate step is skipped and arithmetic carries the rest.
    pub(super) fn new(line: &Line, rules: &Rules<'_>, own: [Money; 3], room: Option<Money>) -> Waterfall {
        let [expected, on_vendor_base, in_category] = own;
        let is_rejected = line.status == crate::model::status::Status::Rejected;
        let calculated = line.amount_calculated.or_else(|| is_rejected.then(|| Money::zero(line.currency)));
        let vendor = calculated.unwrap_or(in_category);
        let limit = |amount: Money| room.filter(|r| r.minor() < amount.minor()).unwrap_or(amount);
        let (capped, multiplied) = match at_vendor_rate(line, rules) {
            // What agrees needs no explanation, whatever rate is displayed.
            _ if vendor == in_category => (vendor, vendor),
            Some(multiplied) => (limit(multiplied), multiplied),
            None => {
                let over = vendor.minor() - limit(vendor).minor();
                (in_category, Money::from_minor(in_category.minor() + over, in_category.currency()))
            }
        };
        Waterfall {
            steps: [expected, on_vendor_base, in_category, capped, multiplied, vendor],
            is_calculated: calculated.is_some(),
            has_rate: line.rate.is_some(),
        }
    }

    /// What we expect: our rule on our base and category.
    pub fn expected(&self) -> Money {
        self.steps[0]
    }

    /// The vendor's amount.
    pub fn vendor(&self) -> Money {
        self.steps[5]
    }

    /// Vendor less expected.
    pub fn difference(&self) -> Money {
        self.between(0, 5)
    }

    /// The amounts after each step: expected first, the vendor's last.
    pub fn steps(&self) -> &[Money; 6] {
        &self.steps
    }

    /// What a step adds.
    pub fn effect(&self, effect: Effect) -> Money {
        let place = effect as usize;
        self.between(place, place + 1)
    }

    /// The steps with an effect.
    pub fn effects(&self) -> impl Iterator<Item = (Effect, Money)> {
        Effect::ALL.into_iter().map(|e| (e, self.effect(e))).filter(|(_, amount)| !amount.is_zero())
    }

    /// Whether any step has an effect.
    pub(super) fn has_effect(&self) -> bool {
        self.effects().next().is_some()
    }

    fn between(&self, from: usize, to: usize) -> Money {
        Money::from_minor(self.steps[to].minor() - self.steps[from].minor(), self.steps[0].currency())
    }
}

/// The vendor's base times the vendor's rate, rounded by the program; `None` where it gives no base or no rate, or the
/// program pays amounts rather than rates.
pub(super) fn at_vendor_rate(line: &Line, rules: &Rules<'_>) -> Option<Money> {
    let program = rules.program(line.program);
    if program.is_some_and(|p| !p.method.pays_rates()) {
        return None;
    }
    line.amount_base?.times(line.rate?, program.map_or_else(RoundMode::default, |p| p.round_mode))
}

/// What half a unit of the last printed digit of a rate is worth on a base: the most that a rounded display explains
/// (domain 2.4).
pub(super) fn display_tolerance(base: Money, rate: Decimal) -> Money {
    let half_digit = Decimal::new(5, rate.scale() + 1);
    base.abs().times(half_digit, RoundMode::HalfUp).unwrap_or(Money::zero(base.currency()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::money::Currency;

    #[test]
    fn the_effects_sum_to_the_difference() {
        let usd = |minor| Money::from_minor(minor, Currency::parse("USD").unwrap());
        let waterfall = Waterfall {
            steps: [usd(100), usd(90), usd(120), usd(110), usd(115), usd(117)],
            is_calculated: true,
            has_rate: true,
        };
        let sum: i128 = Effect::ALL.iter().map(|e| waterfall.effect(*e).minor()).sum();
        assert_eq!((sum, waterfall.difference()), (17, usd(17)));
        assert_eq!(waterfall.effects().count(), 5);
    }

    #[test]
    fn a_rate_shown_with_few_digits_hides_half_of_the_last() {
        let base = Money::from_minor(1_000_000, Currency::parse("USD").unwrap());
        assert_eq!(display_tolerance(base, "0.075".parse().unwrap()).to_string(), "5.00");
    }
}
