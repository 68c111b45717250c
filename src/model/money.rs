//! Amounts: an exact number of minor units and its currency.
//!
//! No binary floating point holds money anywhere. Sums are exact: a single amount is limited so that even a
//! billion of them cannot overflow the sum, and amounts of two currencies never meet in one.

mod shown;

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use shown::{Shown, amounts};

/// A currency of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Finds a currency by its three-letter code, capital letters.
    pub fn parse(code: &str) -> Option<Currency> {
        iso_currency::Currency::from_code(code).map(Currency)
    }

    /// The three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Decimal digits of the minor unit: 2 for USD, 0 for JPY. A currency without a minor unit has 0.
    pub fn digits(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// The sign that may stand before an amount in a sentence, when it is unambiguous.
    pub fn sign(self) -> Option<&'static str> {
        match self.code() {
            "USD" => Some("$"),
            "EUR" => Some("€"),
            "GBP" => Some("£"),
            _ => None,
        }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.code().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Currency::parse(&code).ok_or_else(|| serde::de::Error::custom("not a currency"))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

/// Why a number cannot be an amount of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyError {
    /// More decimals than the currency has, and they are not zeros.
    TooPrecise,
    /// Beyond [`LARGEST_MAJOR`].
    TooLarge,
    /// The two amounts have different currencies.
    CurrencyMismatch,
}

/// The largest single amount in major units. A billion of them still fit the sum.
pub const LARGEST_MAJOR: i128 = 1_000_000_000_000_000_000;

/// How a product with a rate becomes whole minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RoundMode {
    /// Half away from zero: 0.005 becomes 0.01.
    #[default]
    HalfUp,
    /// Half to the even neighbor.
    HalfEven,
    /// Toward zero.
    Down,
}

/// An exact amount: minor units and their currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i128,
    currency: Currency,
}

impl Money {
    /// An amount of so many minor units.
    pub fn from_minor(minor: i128, currency: Currency) -> Money {
        Money { minor, currency }
    }

    /// Nothing, in a currency.
    pub fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// Makes an amount of a decimal number.
    ///
    /// # Errors
    /// [`MoneyError::TooPrecise`] when digits would be lost, [`MoneyError::TooLarge`] beyond the limit.
    pub fn from_decimal(number: Decimal, currency: Currency) -> Result<Money, MoneyError> {
        let number = number.normalize();
        let missing = currency.digits().checked_sub(number.scale()).ok_or(MoneyError::TooPrecise)?;
        let unit = 10_i128.pow(currency.digits());
        let minor = number.mantissa().checked_mul(10_i128.pow(missing)).ok_or(MoneyError::TooLarge)?;
        if minor.abs() > LARGEST_MAJOR * unit {
            return Err(MoneyError::TooLarge);
        }
        Ok(Money { minor, currency })
    }

    /// Makes an amount of a decimal number with more digits than the currency has, rounded once.
    ///
    /// Shape: the amount, and what the number has more than it. `None` beyond what an amount can be.
    pub fn rounded(number: Decimal, currency: Currency, mode: RoundMode) -> Option<(Money, Decimal)> {
        let number = number.normalize();
        let over = number.scale().saturating_sub(currency.digits());
        let minor = divide(number.mantissa(), 10_i128.checked_pow(over)?, mode);
        let major = Decimal::try_from_i128_with_scale(minor, number.scale() - over).ok()?;
        Some((Money::from_decimal(major, currency).ok()?, number.checked_sub(major)?))
    }

    /// Minor units.
    pub fn minor(self) -> i128 {
        self.minor
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Whether the amount is nothing.
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Whether the amount is below zero.
    pub fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// The amount without its sign.
    pub fn abs(self) -> Money {
        Money { minor: self.minor.abs(), ..self }
    }

    /// The amount with the other sign.
    pub fn negated(self) -> Money {
        Money { minor: -self.minor, ..self }
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] when the currencies differ.
    pub fn checked_add(self, other: Money) -> Result<Money, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        Ok(Money { minor: self.minor + other.minor, ..self })
    }

    /// The difference of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] when the currencies differ.
    pub fn checked_sub(self, other: Money) -> Result<Money, MoneyError> {
        self.checked_add(other.negated())
    }

    /// The amount times an exact rate, rounded once to whole minor units.
    ///
    /// Source: domain 3.3 step 7. `None` when the product does not fit 128 bits, which no amount within
    /// [`LARGEST_MAJOR`] and no rate of up to 17 digits reaches.
    pub fn times(self, rate: Decimal, mode: RoundMode) -> Option<Money> {
        let product = self.minor.checked_mul(rate.mantissa())?;
        let minor = divide(product, 10_i128.checked_pow(rate.scale())?, mode);
        Some(Money { minor, ..self })
    }

    /// Amounts, each times its rate of exchange, as one amount of another currency: added up exactly, rounded once, half away
    /// from zero.
    ///
    /// Units: a rate is what one major unit is worth in major units of `to`. Source: domain 1.9. `None` when a product does
    /// not fit 128 bits.
    pub fn translated(parts: &[(Money, Decimal)], to: Currency) -> Option<Money> {
        let places = |(amount, rate): &(Money, Decimal)| rate.scale() + amount.currency.digits();
        let scale = parts.iter().map(places).max().unwrap_or(0).max(to.digits());
        let mut sum = 0_i128;
        for part in parts {
            let product = part.0.minor.checked_mul(part.1.mantissa())?;
            sum = sum.checked_add(product.checked_mul(10_i128.checked_pow(scale - places(part))?)?)?;
        }
        let unit = 10_i128.checked_pow(scale - to.digits())?;
        Some(Money { minor: divide(sum, unit, RoundMode::HalfUp), currency: to })
    }

    /// The amount for a sentence: `$2,540.00`, `−$310.00`, `5,000.00 CNY`.
    pub fn in_words(self) -> String {
        let sign = if self.minor < 0 { "\u{2212}" } else { "" };
        let digits = self.abs().grouped();
        match self.currency.sign() {
            Some(mark) => format!("{sign}{mark}{digits}"),
            None => format!("{sign}{digits} {}", self.currency),
        }
    }

    /// The amount for a table: `2,540.00`, `\u{2212}310.00`; the currency stands in the caption.
    pub fn grouped(self) -> String {
        let plain = self.abs().to_string();
        let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(w, f)| (w, Some(f)));
        let sign = if self.minor < 0 { "\u{2212}" } else { "" };
        let mut text = format!("{sign}{}", grouped(whole));
        if let Some(fraction) = fraction {
            text.push('.');
            text.push_str(fraction);
        }
        text
    }

    /// Splits the amount by weights so that the parts sum to it exactly.
    ///
    /// Shape: one part per weight, in their order; all parts are zero-weighted equally when no weight is above 0.
    /// Units: each part is within one minor unit of its exact share. Source: domain 2.3: round down, then one unit
    /// each to the largest remainders; a tie goes to the earlier weight.
    pub fn split(self, weights: &[i128]) -> Vec<Money> {
        let positive: Vec<i128> = weights.iter().map(|w| (*w).max(0)).collect();
        let sum: i128 = positive.iter().sum();
        let shares: Vec<i128> = if sum == 0 { vec![1; weights.len()] } else { positive };
        let sum: i128 = shares.iter().sum::<i128>().max(1);
        let sign = if self.minor < 0 { -1 } else { 1 };
        let total = self.minor.abs();
        // total * share may exceed 128 bits only beyond the limits of single amounts; split the product instead.
        let exact = |share: i128| {
            let (whole, rest) = multiply_divide(total % sum, share, sum);
            (total / sum * share + whole, rest)
        };
        let mut parts: Vec<i128> = shares.iter().map(|s| exact(*s).0).collect();
        let mut order: Vec<usize> = (0..shares.len()).collect();
        order.sort_by_key(|i| (std::cmp::Reverse(exact(shares[*i]).1), *i));
        let mut left = total - parts.iter().sum::<i128>();
        for i in order {
            if left == 0 {
                break;
            }
            parts[i] += 1;
            left -= 1;
        }
        parts.into_iter().map(|minor| Money { minor: sign * minor, ..self }).collect()
    }
}

/// Groups the digits of a whole number by thousands: `1,203`.
pub fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `a × b / c` and its remainder, also where the product does not fit; all three are not negative, `a` is below `c`.
fn multiply_divide(a: i128, b: i128, c: i128) -> (i128, i128) {
    if let Some(product) = a.checked_mul(b) {
        return (product / c, product % c);
    }
    let (mut quotient, mut rest) = (0, 0);
    for bit in (0..127).rev() {
        // Below three times `c`, which a sum of amounts keeps within the type.
        rest = rest * 2 + if b >> bit & 1 == 1 { a } else { 0 };
        quotient = quotient * 2 + rest / c;
        rest %= c;
    }
    (quotient, rest)
}

fn divide(product: i128, divisor: i128, mode: RoundMode) -> i128 {
    let (quotient, rest) = (product / divisor, product % divisor);
    let twice = rest.abs() * 2;
    let away = match mode {
        RoundMode::Down => false,
        RoundMode::HalfUp => twice >= divisor,
        RoundMode::HalfEven => twice > divisor || (twice == divisor && quotient % 2 != 0),
    };
    if away { quotient + product.signum() } else { quotient }
}

impl fmt::Display for Money {
    /// The plain decimal with the currency's own digits, as in data files: `-310.00`, never `-0.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.digits() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let text = format!("{:0width$}", self.minor.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = text.split_at(text.len() - digits);
        if digits == 0 { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self)
    }
}

/// A total: one exact sum per currency, in the order of the currency codes. Currencies are never added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyByCurrency(BTreeMap<Currency, i128>);

impl MoneyByCurrency {
    /// Adds an amount to the sum of its currency.
    pub fn add(&mut self, amount: Money) {
        *self.0.entry(amount.currency).or_default() += amount.minor;
    }

    /// The sum of a currency; nothing when it does not occur.
    pub fn get(&self, currency: Currency) -> Money {
        Money { minor: self.0.get(&currency).copied().unwrap_or(0), currency }
    }

    /// The sums in the order of the currency codes.
    pub fn iter(&self) -> impl Iterator<Item = Money> + '_ {
        self.0.iter().map(|(currency, minor)| Money { minor: *minor, currency: *currency })
    }

    /// Whether no amount was added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Extend<Money> for MoneyByCurrency {
    fn extend<T: IntoIterator<Item = Money>>(&mut self, amounts: T) {
        amounts.into_iter().for_each(|amount| self.add(amount));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd(text: &str) -> Money {
        Money::from_decimal(Decimal::from_str_exact(text).unwrap(), Currency::parse("USD").unwrap()).unwrap()
    }

    #[test]
    fn prints_with_the_currencys_own_digits() {
        assert_eq!(usd("1.1").to_string(), "1.10");
        assert_eq!(usd("-0.05").to_string(), "-0.05");
        assert_eq!(usd("-0").to_string(), "0.00");
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(Money::from_minor(-61_728, yen).to_string(), "-61728");
        let dinar = Currency::parse("KWD").unwrap();
        assert_eq!(Money::from_minor(7, dinar).to_string(), "0.007");
    }

    #[test]
    fn refuses_what_it_cannot_hold_exactly() {
        let currency = Currency::parse("USD").unwrap();
        let make = |text: &str| Money::from_decimal(Decimal::from_str_exact(text).unwrap(), currency);
        assert_eq!(make("40.005"), Err(MoneyError::TooPrecise));
        assert_eq!(make("40.000").unwrap().to_string(), "40.00");
        assert_eq!(make("1000000000000000000.01"), Err(MoneyError::TooLarge));
        assert!(make("1000000000000000000").is_ok());
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(usd("1").checked_add(Money::zero(yen)), Err(MoneyError::CurrencyMismatch));
    }

    #[test]
    fn rounds_once_and_by_name() {
        let rate = Decimal::from_str_exact("0.05").unwrap();
        let yen = Money::from_minor(1_234_567, Currency::parse("JPY").unwrap());
        assert_eq!(yen.times(rate, RoundMode::HalfUp).unwrap().to_string(), "61728");
        let half = Decimal::from_str_exact("0.5").unwrap();
        let cases = [
            ("0.01", "0.01", "0.00", "0.00"),
            ("0.03", "0.02", "0.02", "0.01"),
            ("-0.03", "-0.02", "-0.02", "-0.01"),
        ];
        for (amount, up, even, down) in cases {
            assert_eq!(usd(amount).times(half, RoundMode::HalfUp), Some(usd(up)));
            assert_eq!(usd(amount).times(half, RoundMode::HalfEven), Some(usd(even)));
            assert_eq!(usd(amount).times(half, RoundMode::Down), Some(usd(down)));
        }
    }

    #[test]
    fn is_grouped_for_people() {
        assert_eq!(usd("-1234567.5").in_words(), "\u{2212}$1,234,567.50");
        assert_eq!(usd("999").grouped(), "999.00");
        assert_eq!(usd("1000").grouped(), "1,000.00");
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(Money::from_minor(61_728, yen).in_words(), "61,728 JPY");
    }

    #[test]
    fn splits_as_the_worked_example() {
        // 400.08 by 2,000 : 3,001 (worked example, ORD-6004 and ORD-6005).
        let parts = usd("400.08").split(&[200_000, 300_100]);
        assert_eq!(parts, [usd("160.00"), usd("240.08")]);
    }

    proptest! {
        // I-15: parts sum to the whole, and each is within one unit of its exact share.
        #[test]
        fn parts_sum_to_the_whole(minor in -10_000_000_i128..10_000_000, weights in prop::collection::vec(-5_i128..1_000, 1..9)) {
            let amount = Money::from_minor(minor, Currency::parse("USD").unwrap());
            let parts = amount.split(&weights);
            prop_assert_eq!(parts.iter().map(|p| p.minor()).sum::<i128>(), minor);
            let sum: i128 = weights.iter().map(|w| (*w).max(0)).sum();
            if sum > 0 {
                for (part, weight) in parts.iter().zip(&weights) {
                    prop_assert!((part.minor() * sum - minor * (*weight).max(0)).abs() < sum);
                }
            }
        }

        #[test]
        fn adding_then_taking_away_changes_nothing(a in any::<i64>(), b in any::<i64>()) {
            let currency = Currency::parse("EUR").unwrap();
            let (a, b) = (Money::from_minor(a.into(), currency), Money::from_minor(b.into(), currency));
            prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b).unwrap(), a);
        }
    }
}
