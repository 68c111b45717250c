//! Open items by age: days from the end of the earning period to the end of the month (domain 1.4).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Books, End, Entry, Item};
use crate::model::id::ProgramId;
use crate::model::money::{Currency, Money, MoneyByCurrency};
use crate::model::time::Month;

/// An age in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// Up to 30 days.
    To30,
    /// 31 to 60.
    To60,
    /// 61 to 90.
    To90,
    /// 91 to 120.
    To120,
    /// More.
    Over120,
}

impl Age {
    /// Every age, youngest first.
    pub const ALL: [Age; 5] = [Age::To30, Age::To60, Age::To90, Age::To120, Age::Over120];

    /// The age of so many days; a period that ends later has none yet.
    pub fn of(days: i64) -> Age {
        match days {
            ..=30 => Age::To30,
            31..=60 => Age::To60,
            61..=90 => Age::To90,
            91..=120 => Age::To120,
            121.. => Age::Over120,
        }
    }

    /// The days, in data files.
    pub fn label(self) -> &'static str {
        match self {
            Age::To30 => "0-30",
            Age::To60 => "31-60",
            Age::To90 => "61-90",
            Age::To120 => "91-120",
            Age::Over120 => ">120",
        }
    }
}

/// What is left of an item at the end of a month; not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenItem {
    /// The item.
    pub item: Item,
    /// Its program.
    pub program: Option<ProgramId>,
    /// Its period.
    pub period: Month,
    /// Recognized and adjusted, less received.
    pub amount: Money,
}

/// The open items of one age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// Their sum.
    pub amount: Money,
    /// How many.
    pub items: usize,
    /// The one of the earliest period, the first by its id.
    pub oldest: Option<OpenItem>,
}

/// The open items of a currency by age, in all and by program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aging {
    /// All of them, by age.
    pub bands: [Band; 5],
    /// By program, in the order of its id.
    pub programs: BTreeMap<Option<ProgramId>, [Band; 5]>,
}

impl Aging {
    pub(super) fn empty(currency: Currency) -> Aging {
        Aging { bands: empty(currency), programs: BTreeMap::new() }
    }

    /// Sorts open items by their age at the end of a month.
    pub(super) fn new(
        currency: Currency,
        at: End,
        items: &[OpenItem],
        last_day: impl Fn(Month) -> NaiveDate,
    ) -> Aging {
        let mut aging = Aging::empty(currency);
        for item in items {
            let age = Age::of((at.day - last_day(item.period)).num_days());
            add(&mut aging.bands[age as usize], item);
            let of_program = aging.programs.entry(item.program).or_insert_with(|| empty(currency));
            add(&mut of_program[age as usize], item);
        }
        aging
    }

    /// The open items of one age.
    pub fn band(&self, age: Age) -> Band {
        self.bands[age as usize]
    }

    /// The sum of all open items.
    pub fn total(&self) -> Money {
        total(&self.bands)
    }

    /// How many items are open.
    pub fn items(&self) -> usize {
        self.bands.iter().map(|band| band.items).sum()
    }
}

/// The sum of the open items of every age.
pub fn total(bands: &[Band; 5]) -> Money {
    let minor = bands.iter().map(|band| band.amount.minor()).sum();
    Money::from_minor(minor, bands[0].amount.currency())
}

fn empty(currency: Currency) -> [Band; 5] {
    [Band { amount: Money::zero(currency), items: 0, oldest: None }; 5]
}

fn add(band: &mut Band, item: &OpenItem) {
    band.amount = Money::from_minor(band.amount.minor() + item.amount.minor(), band.amount.currency());
    band.items += 1;
    if band.oldest.is_none_or(|oldest| (item.period, item.item) < (oldest.period, oldest.item)) {
        band.oldest = Some(*item);
    }
}

/// What is open at the end of a month, item by item and by currency: added up from the items themselves and not from the
/// movements, so that it is a second way to the closing balance.
pub fn open_items(books: &Books, at: End) -> BTreeMap<Currency, Vec<OpenItem>> {
    let mut open: BTreeMap<Currency, Vec<OpenItem>> = BTreeMap::new();
    for entries in books.entries().chunk_by(|a, b| a.item == b.item) {
        let Some(Entry { item, program, period, .. }) = entries.first().copied() else { continue };
        // One currency, but for an adjustment in another one than its line.
        let mut sums = MoneyByCurrency::default();
        sums.extend(entries.iter().filter(|entry| at.counts(entry)).map(|entry| entry.amount));
        for amount in sums.iter().filter(|amount| !amount.is_zero()) {
            open.entry(amount.currency()).or_default().push(OpenItem { item, program, period, amount });
        }
    }
    open
}
