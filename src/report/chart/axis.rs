//! The vertical axis of a chart: where it starts and ends, its few grid lines, and amounts in short.

use crate::model::money::{Currency, Money, grouped};

/// What a chart counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Minor units of a currency.
    Money(Currency),
    /// Things.
    Count,
}

/// A vertical axis. It holds zero; its other marks are at most three.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// What it counts.
    pub unit: Unit,
    /// Its lower end: zero, or a mark below it.
    pub low: i128,
    /// Its upper end: zero, or a mark above it.
    pub high: i128,
    /// Its marks from low to high, zero among them.
    pub ticks: Vec<Tick>,
}

/// A mark of an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Where it is.
    pub value: i128,
    /// What stands beside it: `$20k`.
    pub label: String,
}

/// Short names of large numbers.
const SCALES: [(i128, &str); 4] =
    [(1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")];

impl Axis {
    /// An axis that holds zero and two numbers, `low` not above zero and `high` not below.
    pub(super) fn new(low: i128, high: i128, unit: Unit) -> Axis {
        let (low, high) = (low.min(0), high.max(0));
        let step = step(low, high);
        let (below, above) = (up(-low, step), up(high, step));
        let scale = unit.scale(step * below.max(above));
        let tick = |number: i128| Tick { value: number * step, label: unit.label(number * step, scale) };
        Axis { unit, low: -below * step, high: above * step, ticks: (-below..=above).map(tick).collect() }
    }

    /// A number in about three digits, without the sign of its currency: `31.8k`.
    pub fn short(&self, number: i128) -> String {
        self.unit.short(number)
    }

    /// The same with the sign: `$31.8k`.
    pub fn priced(&self, number: i128) -> String {
        match number {
            ..0 => format!("\u{2212}{}{}", self.unit.sign(), self.unit.short(-number)),
            0.. => format!("{}{}", self.unit.sign(), self.unit.short(number)),
        }
    }
}

/// How often a step fits, rounded up.
fn up(number: i128, step: i128) -> i128 {
    (number + step - 1) / step
}

/// The smallest round step with which no more than three marks stand above and below zero.
fn step(low: i128, high: i128) -> i128 {
    let fits = |step: &i128| up(high, *step) + up(-low, *step) <= 3;
    let mut ten: i128 = 1;
    loop {
        let steps = [1, 2, 3, 4, 5].map(|digit| digit * ten);
        // 2.5, 25, 250: as round as the others, once it is whole.
        let quarter = (ten >= 10).then_some(ten / 10 * 25);
        let mut steps: Vec<i128> = steps.into_iter().chain(quarter).collect();
        steps.sort_unstable();
        if let Some(step) = steps.into_iter().find(fits) {
            return step;
        }
        ten *= 10;
    }
}

impl Unit {
    /// How many of the smallest unit make one.
    fn one(self) -> i128 {
        match self {
            Unit::Money(currency) => 10_i128.pow(currency.digits()),
            Unit::Count => 1,
        }
    }

    /// What may stand before a number.
    fn sign(self) -> &'static str {
        match self {
            Unit::Money(currency) => currency.sign().unwrap_or(""),
            Unit::Count => "",
        }
    }

    /// In what the marks of an axis are counted, by the largest of them.
    fn scale(self, largest: i128) -> (i128, &'static str) {
        let ones = largest / self.one();
        // Four digits are read as easily as they are.
        SCALES
            .into_iter()
            .find(|(size, name)| ones >= if *name == "k" { 10 * size } else { *size })
            .unwrap_or((1, ""))
    }

    /// A mark, exactly.
    fn label(self, value: i128, (size, name): (i128, &str)) -> String {
        let name = if value == 0 { "" } else { name };
        let whole = self.one() * size;
        let digits = grouped(&(value.abs() / whole).to_string());
        let mut rest = value.abs() % whole;
        let mut decimals = String::new();
        while rest > 0 {
            rest *= 10;
            decimals.push(char::from(b'0' + u8::try_from(rest / whole).unwrap_or(0)));
            rest %= whole;
        }
        if let (Unit::Money(currency), false, 1) = (self, decimals.is_empty(), size) {
            // Cents have two digits.
            while decimals.len() < currency.digits() as usize {
                decimals.push('0');
            }
        }
        let minus = if value < 0 { "\u{2212}" } else { "" };
        let point = if decimals.is_empty() { "" } else { "." };
        format!("{minus}{}{digits}{point}{decimals}{name}", self.sign())
    }

    fn short(self, number: i128) -> String {
        let minus = if number < 0 { "\u{2212}" } else { "" };
        let number = number.abs();
        let one = self.one();
        let rounded = |size: i128| (number + size / 2) / size;
        if rounded(one) < 1_000 {
            let text = match self {
                Unit::Money(currency) if number < 10 * one && number % one != 0 => {
                    Money::from_minor(number, currency).grouped()
                }
                Unit::Money(_) | Unit::Count => rounded(one).to_string(),
            };
            return format!("{minus}{text}");
        }
        // The smallest scale in which it has no more than three digits before the point; beyond all, the largest.
        let largest = SCALES[0];
        let fits = |(size, _): &(i128, &str)| rounded(size * one) < 1_000;
        let (size, name) = SCALES.into_iter().rev().find(fits).unwrap_or(largest);
        let tenths = rounded(size * one / 10);
        if tenths < 1_000 {
            return format!("{minus}{}.{}{name}", tenths / 10, tenths % 10);
        }
        format!("{minus}{}{name}", grouped(&rounded(size * one).to_string()))
    }
}
