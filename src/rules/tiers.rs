//! The rate table of one program and category on one day, and the amounts it gives.
//!
//! Tier edges: the start is included, the end is not (domain 3.3). All arithmetic is exact; nothing is rounded here.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::model::id::SkuId;
use crate::model::money::{Currency, Money};
use crate::model::reference::ProgramRate;

/// The rate rows that hold, in the order of their tiers.
#[derive(Debug, Clone)]
pub struct Rates<'a>(Vec<&'a ProgramRate>);

impl<'a> Rates<'a> {
    pub(super) fn new(rows: &[&'a ProgramRate], sku: SkuId, day: NaiveDate) -> Rates<'a> {
        let hold = |row: &&&'a ProgramRate| row.valid.contains(day);
        let own: Vec<_> = rows.iter().filter(hold).filter(|r| r.sku == Some(sku)).copied().collect();
        Rates(if own.is_empty() {
            rows.iter().filter(hold).filter(|r| r.sku.is_none()).copied().collect()
        } else {
            own
        })
    }

    /// Whether there is no rate.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rows.
    pub fn rows(&self) -> &[&'a ProgramRate] {
        &self.0
    }

    /// The first row: the only one of a program without tiers.
    pub fn first(&self) -> Option<&'a ProgramRate> {
        self.0.first().copied()
    }

    /// The tier that a measure reaches; measured in major units of a currency, or as a fraction.
    pub fn at(&self, measure: Decimal) -> Option<&'a ProgramRate> {
        self.0.iter().find(|r| r.tier_from <= measure && r.tier_to.is_none_or(|to| measure < to)).copied()
    }

    /// The first tier above a measure that pays.
    pub fn next_paying(&self, measure: Decimal) -> Option<&'a ProgramRate> {
        self.0.iter().find(|r| !r.rate.is_zero() && r.tier_from > measure).copied()
    }

    /// Whether some tier has this rate.
    pub fn has(&self, rate: Decimal) -> bool {
        self.0.iter().any(|r| r.rate == rate)
    }

    /// Each band of a volume at its own rate, for the part of the volume from `before` to `before + base`.
    ///
    /// Units: exact minor units. `None` when the product does not fit, or a tier edge is no amount of the currency.
    pub fn bands(&self, before: i128, base: Money) -> Option<Decimal> {
        let mut exact = Decimal::ZERO;
        for (part, rate) in self.band_parts(before, base)? {
            exact = exact.checked_add(whole(part.minor())?.checked_mul(rate)?)?;
        }
        Some(exact)
    }

    /// The bands that a part of a volume crosses: how much lies in each, and its rate. A negative base gives back, from
    /// the bands below the volume before it, so that a sequence always sums to the bands of its total.
    pub fn band_parts(&self, before: i128, base: Money) -> Option<Vec<(Money, Decimal)>> {
        let mut parts = Vec::new();
        let after = before + base.minor();
        let (start, end) = (before.min(after), before.max(after));
        for rate in &self.0 {
            let from = edge(rate.tier_from, base.currency())?.max(start);
            let to = match rate.tier_to {
                Some(to) => edge(to, base.currency())?.min(end),
                None => end,
            };
            if to > from {
                let part = (to - from) * base.minor().signum();
                parts.push((Money::from_minor(part, base.currency()), rate.rate));
            }
        }
        Some(parts)
    }
}

/// A tier edge in minor units.
fn edge(number: Decimal, currency: Currency) -> Option<i128> {
    Money::from_decimal(number, currency).ok().map(Money::minor)
}

/// Minor units as an exact number.
pub(super) fn whole(minor: i128) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(minor, 0).ok()
}

/// An amount in major units, as tier edges are written.
pub(super) fn major(amount: Money) -> Option<Decimal> {
    Decimal::try_from_i128_with_scale(amount.minor(), amount.currency().digits()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::id::Id;
    use crate::model::record::{Origin, SourceRef};
    use crate::model::reference::Validity;

    pub(crate) fn rate(from: &str, to: Option<&str>, rate: &str) -> ProgramRate {
        ProgramRate {
            program: Id::new("P", "P"),
            category: "compute".into(),
            sku: None,
            tier_from: from.parse().unwrap(),
            tier_to: to.map(|t| t.parse().unwrap()),
            rate: rate.parse().unwrap(),
            valid: Validity::default(),
            origin: Origin { source: SourceRef { file: 0, record: 0 }, copies: Vec::new(), digest: 0 },
        }
    }

    #[test]
    fn a_tier_holds_from_its_start_to_before_its_end() {
        let rows = [rate("0", Some("100"), "0"), rate("100", Some("200"), "0.02"), rate("200", None, "0.03")];
        let rates = Rates(rows.iter().collect());
        let at = |measure: &str| rates.at(measure.parse().unwrap()).unwrap().rate.to_string();
        assert_eq!([at("99.99"), at("100"), at("199.99"), at("200")], ["0", "0.02", "0.02", "0.03"]);
        assert_eq!(rates.next_paying("50".parse().unwrap()).unwrap().rate.to_string(), "0.02");
    }

    proptest! {
        #[test]
        fn bands_in_sequence_are_the_bands_of_the_total(
            parts in prop::collection::vec(-1_000_000_i128..5_000_000, 1..20),
            edges in prop::collection::btree_set(1_u32..200_000, 1..5),
        ) {
            // Goal: a marginal program pays the same for a sequence of orders as for their total (I-34).
            let mut rows = Vec::new();
            let mut from = "0".to_owned();
            for (number, edge) in edges.iter().enumerate() {
                rows.push(rate(&from, Some(&edge.to_string()), &format!("0.0{}", number + 1)));
                from = edge.to_string();
            }
            rows.push(rate(&from, None, "0.09"));
            let rates = Rates(rows.iter().collect());
            let usd = Currency::parse("USD").unwrap();
            let mut before = 0;
            let mut sum = Decimal::ZERO;
            for part in &parts {
                sum += rates.bands(before, Money::from_minor(*part, usd)).unwrap();
                before += part;
            }
            // Below 0 there is no tier: neither a total nor a sequence earns or gives back anything there.
            prop_assert_eq!(sum, rates.bands(0, Money::from_minor(before, usd)).unwrap());
        }
    }
}
