//! The intervals of a number of events that was counted, and of how two such numbers compare.

#![expect(clippy::float_arithmetic, reason = "numbers of events, never amounts")]

use super::binomial;

/// Parts of one in which a share is looked for when two rates are compared.
const PARTS: u32 = 1_000_000;

/// The exact interval of 95 % (Garwood) of how many events are to be expected where `k` were counted, in thousandths.
pub fn interval(k: u64) -> (u64, u64) {
    // From which expectation on are k or more no rarer than one in forty, and up to which are k or fewer?
    let from = if k == 0 { 0 } else { first(k, |mean| 1.0 - up_to(k - 1, mean) >= 0.025) };
    let to = first(k, |mean| up_to(k, mean) < 0.025);
    (from, to)
}

/// The exact interval of 95 % of a rate against another: `k` events in `size` against `k_before` in `size_before`.
///
/// Given how many there were in both, how they fall on the two is a matter of a share, so the interval follows from that of
/// the share. Shape: both ends as a fraction; the upper one is `None` where it has no end.
pub fn ratio(k: u64, size: u64, k_before: u64, size_before: u64) -> ((u128, u128), Option<(u128, u128)>) {
    let (from, to) = binomial::interval_in(k, k + k_before, PARTS);
    let of = |share: u64| {
        let rest = u128::from(u64::from(PARTS).saturating_sub(share)) * u128::from(size);
        (rest > 0).then(|| (u128::from(share) * u128::from(size_before), rest))
    };
    (of(from).unwrap_or((0, 1)), of(to))
}

/// The first thousandth at which something holds that holds from there on, among all that `k` events may come from.
fn first(k: u64, holds: impl Fn(f64) -> bool) -> u64 {
    // Ten standard errors and a few beyond are far outside of every interval.
    let (mut low, mut high) = (0_u64, (4 * k + 40) * 1000);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle as f64 / 1000.0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The chance of `k` or fewer where `mean` are to be expected.
fn up_to(k: u64, mean: f64) -> f64 {
    if mean <= 0.0 {
        return 1.0;
    }
    // In logarithms: e to the power of a large number would vanish.
    let mut term = -mean;
    let mut sum = term.exp();
    for i in 1..=k {
        term += mean.ln() - (i as f64).ln();
        sum += term.exp();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_of_counts_are_those_of_the_tables() {
        // Goal: the interval is the exact one. Method: the expectations at which k or more, and k or fewer, are one in forty,
        // solved for with sixty decimal digits in another language; in thousandths, rounded up.
        for (k, from, to) in [
            (0, 0, 3689),
            (1, 26, 5572),
            (3, 619, 8768),
            (8, 3454, 15764),
            (10, 4796, 18391),
            (100, 81364, 121627),
        ] {
            assert_eq!(interval(k), (from, to), "{k}");
        }
    }

    #[test]
    fn a_rate_against_another_has_the_interval_of_its_share() {
        // Goal: the interval of a ratio is the exact one. Method: for 3 events in 450 and 8 in 820 the share of 3 in 11 lies
        // between 0.0602 and 0.6097 (Clopper and Pearson, from a table), so the ratio lies between 0.0602 / 0.9398 × 820 / 450
        // and 0.6097 / 0.3903 × 820 / 450, which is 0.117 and 2.847; no event now has no lower end, none before no upper one.
        let thousandths = |(part, whole): (u128, u128)| (part * 1000 + whole / 2) / whole;
        let (from, to) = ratio(3, 450, 8, 820);
        assert_eq!((thousandths(from), to.map(thousandths)), (117, Some(2847)));
        assert_eq!(ratio(0, 450, 8, 820).0.0, 0);
        assert_eq!(ratio(3, 450, 0, 820).1, None);
    }
}
