//! Figures of counted things: exact ratios, shares with their interval, numbers of days, and the days that were looked at.

use chrono::{Days, NaiveDate};

use crate::history::binomial;
use crate::history::survival::{Curve, Interval, Outcome, Sample};
use crate::model::time::{Month, date_in_words};

/// A fraction, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    part: i128,
    whole: i128,
}

impl Ratio {
    /// A fraction of a whole; `None` where that is nothing.
    pub fn new(part: i128, whole: i128) -> Option<Ratio> {
        match whole {
            0 => None,
            1.. => Some(Ratio { part, whole }),
            _ => Some(Ratio { part: part.checked_neg()?, whole: whole.checked_neg()? }),
        }
    }

    /// One less this.
    pub fn rest(self) -> Ratio {
        Ratio { part: self.whole - self.part, ..self }
    }

    /// Whether it is below another.
    pub fn is_below(self, other: Ratio) -> bool {
        self.compared(other).is_lt()
    }

    fn compared(self, other: Ratio) -> std::cmp::Ordering {
        // Amounts of 10^21 minor units times each other do not fit; beyond that, hundredths of a percent decide.
        match (self.part.checked_mul(other.whole), other.part.checked_mul(self.whole)) {
            (Some(this), Some(that)) => this.cmp(&that),
            (None, _) | (_, None) => self.scaled(1_000_000).cmp(&other.scaled(1_000_000)),
        }
    }

    /// So many times the fraction, as a whole number; half rounds away from zero.
    fn scaled(self, by: i128) -> i128 {
        let Some(part) = self.part.checked_mul(by) else {
            return self.part / (self.whole / by).max(1);
        };
        let (whole, rest) = (part / self.whole, part % self.whole);
        if rest.unsigned_abs() * 2 >= self.whole.unsigned_abs() { whole + part.signum() } else { whole }
    }

    /// In percent with so many decimals, as data: `31.7`, `-1.56`.
    pub fn percent(self, decimals: u32) -> String {
        plain(self.scaled(100 * 10_i128.pow(decimals)), decimals)
    }

    /// The same for people: `31.7%`, `−1.56%`.
    pub fn percent_in_words(self, decimals: u32) -> String {
        format!("{}%", self.percent(decimals).replace('-', "\u{2212}"))
    }

    /// Per hundred with three decimals: `0.667`. With two it would read as an amount.
    pub fn per_hundred(self) -> String {
        self.percent(3)
    }
}

/// A whole number of hundredths, thousandths, … with a point.
fn plain(number: i128, decimals: u32) -> String {
    if decimals == 0 {
        return number.to_string();
    }
    let digits = format!("{:0width$}", number.unsigned_abs(), width = decimals as usize + 1);
    let (whole, rest) = digits.split_at(digits.len() - decimals as usize);
    format!("{}{whole}.{rest}", if number < 0 { "-" } else { "" })
}

/// So many of so many, with the interval of 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Those that are so.
    pub counted: u64,
    /// All.
    pub of: u64,
    /// The interval of 95 %, in thousandths (Clopper and Pearson).
    pub interval: (u64, u64),
}

impl Share {
    /// A share of things; `None` where there is none.
    pub fn new(counted: usize, of: usize) -> Option<Share> {
        let (counted, of) = (counted as u64, of as u64);
        (of > 0).then(|| Share { counted, of, interval: binomial::interval(counted, of) })
    }

    /// The fraction.
    pub fn ratio(self) -> Ratio {
        Ratio { part: self.counted.into(), whole: self.of.max(1).into() }
    }

    /// The ends of the interval.
    pub fn ends(self) -> (Ratio, Ratio) {
        let of = |part: u64| Ratio { part: part.into(), whole: 1000 };
        (of(self.interval.0), of(self.interval.1))
    }

    /// Whether the interval has no share in common with that of another.
    pub fn is_apart_from(self, other: Share) -> bool {
        self.interval.1 < other.interval.0 || other.interval.1 < self.interval.0
    }
}

/// How long half of some things take, where some of them go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between {
    /// How many there are.
    pub n: u64,
    /// How many are done.
    pub done: u64,
    /// The number of days by which half are; nothing where that is later than anything that was observed.
    pub median: Option<u32>,
    /// Its interval of 95 % (log-log).
    pub interval: Interval,
    /// The longest that any was followed.
    pub longest: u32,
}

impl Between {
    /// The median of Kaplan and Meier; `None` of nothing. What is open counts as going on for as long as it was followed.
    pub fn new(sample: &Sample) -> Option<Between> {
        let curve = Curve::new(sample, |outcome| match outcome {
            Outcome::Paid | Outcome::Left => true,
            Outcome::Open | Outcome::Rejected => false,
        });
        (sample.spells() > 0).then(|| Between {
            n: sample.spells(),
            done: curve.events(),
            median: curve.quantile(0.5),
            interval: curve.interval(0.5, 1.0),
            longest: curve.last().0,
        })
    }

    /// Whether the interval has no day in common with that of another.
    pub fn is_apart_from(self, other: Between) -> bool {
        self.interval.is_before(other.interval) || other.interval.is_before(self.interval)
    }
}

/// The days that a figure looks at, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
}

impl Span {
    /// Whether it holds a day.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// So many days from one on.
    pub fn starting(from: NaiveDate, days: u64) -> Span {
        let to = from.checked_add_days(Days::new(days.saturating_sub(1))).unwrap_or(NaiveDate::MAX);
        Span { from, to }
    }

    /// So many days up to the one before.
    pub fn before(day: NaiveDate, days: u64) -> Span {
        let back = |days| day.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN);
        Span { from: back(days), to: back(1) }
    }

    /// `May 2026`, `1 Mar 2026 to 30 Apr 2026`.
    pub fn in_words(self) -> String {
        let month = Month::of(self.from);
        let (first, last) = (date_in_words(self.from), date_in_words(self.to));
        if self.from == month.first_day() && self.to == month.period().last_day() {
            month.in_words()
        } else if self.from == self.to {
            first
        } else {
            format!("{first} to {last}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_printed_to_the_nearest_digit() {
        // Goal: the last digit of a percentage is right. Method: thirds, halves on both sides of zero, nothing, and more than
        // 10^20 of more than 10^20.
        let ratio = |part, whole| Ratio::new(part, whole).unwrap();
        assert_eq!(ratio(1140, 3600).percent(1), "31.7");
        assert_eq!(ratio(60_000, 2_570_000).percent(2), "2.33");
        assert_eq!(ratio(-1, 8).percent(1), "-12.5");
        assert_eq!(ratio(-1, 16).percent(1), "-6.3");
        assert_eq!(ratio(1, 2000).percent(1), "0.1");
        assert_eq!(ratio(0, 5).percent(0), "0");
        assert_eq!(ratio(-4, 257).percent_in_words(2), "\u{2212}1.56%");
        assert_eq!(ratio(3, 450).per_hundred(), "0.667");
        assert_eq!(ratio(3 * 10_i128.pow(20), 10_i128.pow(22)).percent(2), "3.00");
        assert!(Ratio::new(1, 0).is_none());
        assert!(ratio(1, 3).is_below(ratio(1, 2)) && !ratio(1, 2).is_below(ratio(2, 4)));
    }
}
