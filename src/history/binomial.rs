//! The interval of a share that was counted.

#![expect(clippy::float_arithmetic, reason = "shares of lines, never amounts")]

/// The exact interval of 95 % (Clopper and Pearson) of a share of which `k` in `n` were counted, in thousandths.
pub fn interval(k: u64, n: u64) -> (u64, u64) {
    interval_in(k, n, 1000)
}

/// The same in parts of another size: `parts` of them are the whole.
pub fn interval_in(k: u64, n: u64, parts: u32) -> (u64, u64) {
    // From which share on are k or more no rarer than one in forty, and up to which are k or fewer?
    let from = if k == 0 { 0 } else { first(parts, |p| tail(k, n, p) >= 0.025) };
    let to = if k >= n { u64::from(parts) } else { first(parts, |p| 1.0 - tail(k + 1, n, p) < 0.025) };
    (from, to)
}

/// The first part at which something holds that holds from there on.
fn first(parts: u32, holds: impl Fn(f64) -> bool) -> u64 {
    let (mut low, mut high) = (0_u32, parts);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(f64::from(middle) / f64::from(parts)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    u64::from(low)
}

/// The chance of `k` or more in `n`, each with chance `p`.
fn tail(k: u64, n: u64, p: f64) -> f64 {
    if p <= 0.0 {
        return if k == 0 { 1.0 } else { 0.0 };
    }
    if p >= 1.0 {
        return 1.0;
    }
    // In logarithms: a power of n large numbers would vanish.
    let (yes, no) = (p.ln(), (1.0 - p).ln());
    let mut ways = 0.0;
    let mut sum = 0.0;
    for i in 0..=n {
        if i >= k {
            sum += (ways + i as f64 * yes + (n - i) as f64 * no).exp();
        }
        ways += ((n - i) as f64).ln() - ((i + 1) as f64).ln();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        // Goal: the interval is the exact one. Method: `scipy.stats.binomtest(k, n).proportion_ci()` of scipy 1.17, its ends
        // rounded up to the thousandth.
        for (k, n, from, to) in [
            (0, 6, 0, 460),
            (6, 6, 541, 1000),
            (3, 6, 119, 882),
            (1, 22, 2, 229),
            (20, 22, 709, 989),
            (45, 50, 782, 967),
            (500, 1000, 469, 532),
            (2, 3000, 1, 3),
        ] {
            assert_eq!(interval(k, n), (from, to), "{k} of {n}");
        }
    }
}
