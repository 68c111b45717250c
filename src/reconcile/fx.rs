//! Balances in the currency of our own books: a vendor receivable is a monetary item, translated at the closing rate
//! (domain 1.9). Translated amounts stand beside the tables in transaction currency and in none of them.
//!
//! Which rate, always a row of `fx.csv` of exactly this pair of currencies; none is inverted, crossed or taken from a day
//! nearby:
//! 1. A balance: the rate of kind `closing`, else one without a kind, dated the last day of its period. The opening takes the
//!    closing rate of the month before.
//! 2. A movement whose records have a date (adjustments, receipts, journals): the rate of that date of kind `transaction`,
//!    else one without a kind, else the closing rate of that date.
//! 3. Every other movement (lines have no date), and a date that has no rate: the newest rate of kind `average` dated in the
//!    month, else the closing rate of the month.
//!
//! A balance or movement of zero is zero at any rate and needs none. Each row is added up exactly over its rates and rounded
//! once, half away from zero, to the minor unit.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::rollforward::{End, Movement, RollForward, Statement};
use crate::model::ledger::{FxRate, RateKind};
use crate::model::money::{Currency, Money};
use crate::model::reference::Reference;

/// A rate that a row needs and `fx.csv` does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingRate {
    /// Of which currency.
    pub from: Currency,
    /// Into which.
    pub to: Currency,
    /// Of which day.
    pub date: NaiveDate,
}

impl MissingRate {
    /// The row to add to `fx.csv`, where the rate and its source are to be filled in: `2026-04-30,EUR,USD,,closing,`.
    pub fn row(self) -> String {
        format!("{},{},{},,{},", self.date, self.from, self.to, RateKind::Closing.code())
    }
}

/// An amount at its rate.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The part in transaction currency.
    pub amount: Money,
    /// The rate it is translated at; `None` where the transaction currency is that of the books.
    pub rate: Option<&'a FxRate>,
}

/// A row in both currencies.
#[derive(Debug, Clone)]
pub struct Translated<'a> {
    /// In transaction currency.
    pub amount: Money,
    /// In the currency of the books; `None` where a rate is missing, or beyond what an amount can be.
    pub functional: Option<Money>,
    /// Its parts by rate, oldest first; one for a balance. Empty for zero.
    pub parts: Vec<Part<'a>>,
    /// What is missing.
    pub missing: BTreeSet<MissingRate>,
}

/// The roll-forward of one currency in the currency of the books.
#[derive(Debug, Clone)]
pub struct Translation<'a> {
    /// The opening balance at the closing rate of the month before.
    pub opening: Translated<'a>,
    /// The rows in between that hold something, in their order.
    pub movements: Vec<(Movement, Translated<'a>)>,
    /// The closing balance at the closing rate.
    pub closing: Translated<'a>,
}

impl<'a> Translation<'a> {
    /// The row "FX": closing translated less opening and movements translated; `None` where one of them is not.
    pub fn difference(&self) -> Option<Money> {
        let closing = self.closing.functional?;
        let mut minor = closing.minor() - self.opening.functional?.minor();
        for (_, row) in &self.movements {
            minor -= row.functional?.minor();
        }
        Some(Money::from_minor(minor, closing.currency()))
    }

    /// The closing rate, where one is used.
    pub fn closing_rate(&self) -> Option<&'a FxRate> {
        self.closing.parts.first()?.rate
    }

    /// Every rate that is missing, each once.
    pub fn missing(&self) -> BTreeSet<MissingRate> {
        let rows = self.movements.iter().map(|(_, row)| row).chain([&self.opening, &self.closing]);
        rows.flat_map(|row| row.missing.iter().copied()).collect()
    }
}

/// The roll-forward of a month in the currency of the books, by transaction currency.
///
/// Never fails: a row without a rate has no translated figure and says what is missing.
pub fn translate<'a>(
    reference: &'a Reference,
    functional: Currency,
    rolled: &RollForward,
) -> BTreeMap<Currency, Translation<'a>> {
    let of_currency = |statement: &Statement| {
        let rates =
            Rates { reference, from: statement.currency, to: functional, month: (rolled.from, rolled.to) };
        let movements = Movement::ALL
            .into_iter()
            .filter(|movement| *movement != Movement::Opening)
            .filter_map(|movement| {
                let dated: Vec<(Option<NaiveDate>, i128)> = statement.by_date(movement).collect();
                let is_empty = dated.iter().all(|(_, minor)| *minor == 0);
                (!is_empty).then(|| (movement, rates.row(&dated, |date| rates.of_movement(*date))))
            })
            .collect();
        let balance =
            |at: End, amount: Money| rates.row(&[(Some(at.day), amount.minor())], |_| rates.closing(at.day));
        Translation {
            opening: balance(rolled.from, statement.sum_of(&[Movement::Opening])),
            movements,
            closing: balance(rolled.to, statement.closing_balance()),
        }
    };
    rolled.statements.iter().map(|(currency, statement)| (*currency, of_currency(statement))).collect()
}

/// The sum of the closing balances of all currencies in the currency of the books; `None` where one has no rate.
pub fn closing_total(
    translations: &BTreeMap<Currency, Translation<'_>>,
    functional: Currency,
) -> Option<Money> {
    let mut minor = 0;
    for translation in translations.values() {
        minor += translation.closing.functional?.minor();
    }
    Some(Money::from_minor(minor, functional))
}

/// The rates of one pair of currencies in one month.
struct Rates<'a> {
    reference: &'a Reference,
    from: Currency,
    to: Currency,
    month: (End, End),
}

/// The rate of a part: a row, or none where it is in the currency of the books already.
type Found<'a> = Result<Option<&'a FxRate>, MissingRate>;

impl<'a> Rates<'a> {
    fn rows(&self) -> impl Iterator<Item = &'a FxRate> {
        let (from, to) = (self.from, self.to);
        self.reference.fx.iter().filter(move |rate| rate.from == from && rate.to == to)
    }

    /// The rate of a day: of the first of some kinds that it has.
    fn of_day(&self, day: NaiveDate, kinds: &[Option<RateKind>]) -> Option<&'a FxRate> {
        kinds.iter().find_map(|kind| self.rows().find(|rate| rate.date == day && rate.kind == *kind))
    }

    fn closing(&self, day: NaiveDate) -> Found<'a> {
        if self.from == self.to {
            return Ok(None);
        }
        let found = self.of_day(day, &[Some(RateKind::Closing), None]);
        found.map(Some).ok_or(MissingRate { from: self.from, to: self.to, date: day })
    }

    fn of_movement(&self, date: Option<NaiveDate>) -> Found<'a> {
        if self.from == self.to {
            return Ok(None);
        }
        let kinds = [Some(RateKind::Transaction), None, Some(RateKind::Closing)];
        let of_date = date.and_then(|day| self.of_day(day, &kinds));
        let (before, end) = self.month;
        let is_of_month = |rate: &&FxRate| before.day < rate.date && rate.date <= end.day;
        let average = || self.rows().filter(|r| r.kind == Some(RateKind::Average)).filter(is_of_month).last();
        match of_date.or_else(average) {
            Some(rate) => Ok(Some(rate)),
            None => self.closing(end.day),
        }
    }

    /// A row of its parts, each at the rate of its date: parts of one rate are one part.
    fn row(
        &self,
        dated: &[(Option<NaiveDate>, i128)],
        rate: impl Fn(&Option<NaiveDate>) -> Found<'a>,
    ) -> Translated<'a> {
        let (mut parts, mut missing): (Vec<Part<'a>>, _) = (Vec::new(), BTreeSet::new());
        for (date, minor) in dated.iter().filter(|(_, minor)| *minor != 0) {
            match rate(date) {
                Err(needed) => {
                    missing.insert(needed);
                }
                Ok(found) => {
                    let is_same = |part: &&mut Part<'_>| {
                        part.rate.map(|r| r.origin.source) == found.map(|r| r.origin.source)
                    };
                    match parts.iter_mut().find(is_same) {
                        Some(part) => {
                            part.amount = Money::from_minor(part.amount.minor() + minor, self.from);
                        }
                        None => {
                            parts.push(Part { amount: Money::from_minor(*minor, self.from), rate: found })
                        }
                    }
                }
            }
        }
        parts.sort_by_key(|part| part.rate.map(|rate| (rate.date, rate.kind)));
        let at_rates: Vec<(Money, Decimal)> = parts
            .iter()
            .map(|part| (part.amount, part.rate.map_or(Decimal::ONE, |rate| rate.rate)))
            .collect();
        Translated {
            amount: Money::from_minor(dated.iter().map(|(_, minor)| minor).sum(), self.from),
            functional: Money::translated(&at_rates, self.to).filter(|_| missing.is_empty()),
            parts,
            missing,
        }
    }
}
