//! A chart and the same figures as a table: amounts or counts over months or snapshots.
//!
//! [`Chart::stacked`] makes bars, [`Chart::lines`] lines. Both take the positions of the horizontal axis and named series
//! with one value or none per position, and fill in the rest: axis, caption, the sentence for those who do not see the
//! picture, and the table. `render::chart` draws it.
//!
//! Whatever is not final is marked here ([`Position::open`], [`Series::open`], [`Series::final_from`]) and drawn unlike
//! what is (design 8). Everything is counted in whole minor units, so the same figures give the same picture everywhere.

mod axis;
mod words;

use chrono::{Datelike, NaiveDate};

pub use axis::{Axis, Tick, Unit};

use super::table::{Cell, Table};
use crate::model::money::{Money, grouped};
use crate::model::time::{AsOf, Month, date_in_words, short_day, short_month};
use crate::say;

/// How many lines of a chart are named beside it; further ones are in its table only.
pub const MOST_NAMED: usize = 12;

/// A chart.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Its anchor; unique on the page. Its table has the anchor `<id>-figures`.
    pub id: String,
    /// What is drawn and in which unit, above the picture.
    pub caption: String,
    /// The picture in a sentence or two.
    pub label: String,
    /// How it is drawn.
    pub shape: Shape,
    /// The horizontal axis, oldest first.
    pub positions: Vec<Position>,
    /// What is drawn: from top to bottom of a stack, or line by line. Each has one entry per position.
    pub series: Vec<Series>,
    /// The vertical axis; it always holds zero.
    pub axis: Axis,
    /// The same figures, newest first, one row per position.
    pub table: Table,
    /// What stands on the page instead when there is no figure at all.
    pub empty: String,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One bar per position, the series on top of each other; amounts below zero hang from the baseline.
    Stacked,
    /// One line per series.
    Lines,
}

/// A place on the horizontal axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// What stands below the axis: `Jun`, `18 Jun`.
    pub label: String,
    /// What stands below that where it changes: `2026`.
    pub group: String,
    /// The name in full: `June 2026`.
    pub name: String,
    /// The page behind it; its name in the table leads there.
    pub href: Option<String>,
    /// Its day, by which lines are spaced; without one on every position they are spaced evenly.
    pub day: Option<NaiveDate>,
    /// Why its figures are not final, such as `in progress`; `None` for figures that are.
    pub open: Option<&'static str>,
}

impl Position {
    /// A month.
    pub fn month(month: Month) -> Position {
        let day = month.first_day();
        Position {
            label: short_month(day),
            group: month.year().to_string(),
            name: month.in_words(),
            href: None,
            day: Some(day),
            open: None,
        }
    }

    /// A snapshot.
    pub fn snapshot(as_of: AsOf) -> Position {
        let day = as_of.date();
        Position {
            label: short_day(day),
            group: day.year().to_string(),
            name: as_of.in_words(),
            href: None,
            day: Some(day),
            open: None,
        }
    }

    /// A day.
    pub fn day(day: NaiveDate) -> Position {
        Position {
            label: short_day(day),
            group: day.year().to_string(),
            name: date_in_words(day),
            href: None,
            day: Some(day),
            open: None,
        }
    }

    /// How many days its day is from a fixed one.
    pub fn days(&self) -> Option<i32> {
        self.day.map(|day| day.num_days_from_ce())
    }

    /// The same, with the page behind it. The page must exist.
    pub fn link(self, href: impl Into<String>) -> Position {
        Position { href: Some(href.into()), ..self }
    }

    /// The same, with figures that are not final, and why: its bar is hatched.
    pub fn open(self, why: &'static str) -> Position {
        Position { open: Some(why), ..self }
    }
}

/// An exact figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// An amount of money.
    Money(Money),
    /// A number of things.
    Count(usize),
}

impl From<Money> for Amount {
    fn from(amount: Money) -> Amount {
        Amount::Money(amount)
    }
}

impl From<usize> for Amount {
    fn from(count: usize) -> Amount {
        Amount::Count(count)
    }
}

impl Amount {
    /// Its unit.
    pub fn unit(self) -> Unit {
        match self {
            Amount::Money(amount) => Unit::Money(amount.currency()),
            Amount::Count(_) => Unit::Count,
        }
    }

    /// How many of the smallest unit: minor units of a currency, or things.
    pub fn number(self) -> i128 {
        match self {
            Amount::Money(amount) => amount.minor(),
            Amount::Count(count) => i128::try_from(count).unwrap_or(i128::MAX),
        }
    }

    /// In full: `$2,540.00`, `1,203`.
    pub fn in_words(self) -> String {
        match self {
            Amount::Money(amount) => amount.in_words(),
            Amount::Count(count) => grouped(&count.to_string()),
        }
    }

    fn cell(self) -> Cell {
        match self {
            Amount::Money(amount) => Cell::money(amount),
            Amount::Count(count) => Cell::count(count),
        }
    }

    fn of(number: i128, unit: Unit) -> Amount {
        match unit {
            Unit::Money(currency) => Amount::Money(Money::from_minor(number, currency)),
            Unit::Count => Amount::Count(usize::try_from(number).unwrap_or(0)),
        }
    }
}

/// One thing that is drawn: a layer of all stacks, or a line.
#[derive(Debug, Clone)]
pub struct Series {
    /// Its name: `Approved`, `May 2026`.
    pub name: String,
    /// Its color: a status fill (`elig`, `pend`, `calc`, `review`, `appr`, `paid`, `rej`, `err`), or for lines that are
    /// no status `quiet` or, for the one that the chart is about, `ink`.
    pub fill: &'static str,
    /// Its values, one per position; `None` where there is none: a gap.
    pub values: Vec<Option<Amount>>,
    /// The first position at which its value is final; before it a line is dashed.
    pub final_from: usize,
    /// The part of the page's scope that a line is about: `period=2026-05`; empty for a layer of a stack.
    pub scope: String,
}

impl Series {
    /// A series of amounts or counts.
    pub fn new<V: Into<Amount>>(
        name: impl Into<String>,
        fill: &'static str,
        values: impl IntoIterator<Item = Option<V>>,
    ) -> Series {
        let values = values.into_iter().map(|value| value.map(Into::into)).collect();
        Series { name: name.into(), fill, values, final_from: 0, scope: String::new() }
    }

    /// The same, with no value that is final: dashed from end to end.
    pub fn open(self) -> Series {
        Series { final_from: usize::MAX, ..self }
    }

    /// The same, with values that are final from a position on, such as the snapshot of a month's close.
    pub fn final_from(self, position: usize) -> Series {
        Series { final_from: position, ..self }
    }

    /// The same, about a part of the page's scope: `period=2026-05`.
    pub fn within(self, scope: impl Into<String>) -> Series {
        Series { scope: scope.into(), ..self }
    }

    /// Its last value and the position of it.
    pub fn last(&self) -> Option<(usize, Amount)> {
        let at = self.values.iter().rposition(Option::is_some)?;
        Some((at, self.values[at]?))
    }
}

impl Chart {
    /// Bars over time, one per position, made of the series from top to bottom: by status always Calculated, Under
    /// Review, Approved, Paid.
    ///
    /// `what` is what is counted (`Total rebate by earned month`), `first` what a position is (`Month`).
    ///
    /// # Panics
    /// When the values have several units, or a series has not one value or `None` per position: a bug of the caller.
    /// Currencies are never added, so each has a chart of its own.
    pub fn stacked(
        id: &str,
        what: &str,
        first: &str,
        positions: Vec<Position>,
        series: Vec<Series>,
    ) -> Chart {
        Chart::new(id, what, first, Shape::Stacked, positions, series)
    }

    /// Lines over time, one per series, such as one per earned month as it matures over snapshots.
    ///
    /// Positions that all have a day stand apart by their days, else evenly. `what` and `first` are as for
    /// [`Chart::stacked`].
    ///
    /// # Panics
    /// As [`Chart::stacked`].
    pub fn lines(id: &str, what: &str, first: &str, positions: Vec<Position>, series: Vec<Series>) -> Chart {
        Chart::new(id, what, first, Shape::Lines, positions, series)
    }

    fn new(
        id: &str,
        what: &str,
        first: &str,
        shape: Shape,
        positions: Vec<Position>,
        series: Vec<Series>,
    ) -> Chart {
        let mut values = series.iter().flat_map(|s| s.values.iter().flatten());
        let unit = values.next().map_or(Unit::Count, |value| value.unit());
        assert!(values.all(|value| value.unit() == unit), "chart {id}: one chart has one unit");
        assert!(
            series.iter().all(|s| s.values.len() == positions.len()),
            "chart {id}: every series has an entry for every position"
        );
        let (low, high) = extent(shape, &series, positions.len());
        let mut chart = Chart {
            id: id.to_owned(),
            caption: words::caption(what, unit),
            label: String::new(),
            shape,
            positions,
            series,
            axis: Axis::new(low, high, unit),
            table: Table::default(),
            empty: say!("There are no figures to draw yet.").to_owned(),
        };
        chart.label = words::sentence(&chart, what);
        chart.table = words::table(&chart, what, first);
        chart
    }

    /// Whether there is no figure at all; zero is one.
    pub fn is_empty(&self) -> bool {
        self.series.iter().all(|s| s.values.iter().all(Option::is_none))
    }

    /// The sum of a position, `None` where nothing has a value.
    pub fn total(&self, position: usize) -> Option<Amount> {
        let mut sum = None;
        for value in self.series.iter().filter_map(|s| s.values.get(position).copied().flatten()) {
            sum = Some(sum.unwrap_or(0) + value.number());
        }
        Some(Amount::of(sum?, self.axis.unit))
    }

    /// Whether a position has amounts on both sides of zero, so that its total is not the end of its bar.
    pub fn is_mixed(&self, position: usize) -> bool {
        let numbers = || {
            self.series.iter().filter_map(|s| s.values.get(position).copied().flatten()).map(Amount::number)
        };
        numbers().any(|n| n < 0) && numbers().any(|n| n > 0)
    }
}

/// The lowest and the highest point of the drawing.
fn extent(shape: Shape, series: &[Series], positions: usize) -> (i128, i128) {
    let (mut low, mut high) = (0, 0);
    for position in 0..positions {
        let numbers = series.iter().filter_map(|s| s.values[position]).map(Amount::number);
        let (mut below, mut above) = (0, 0);
        for number in numbers {
            let side = if number < 0 { &mut below } else { &mut above };
            *side = match shape {
                Shape::Stacked => *side + number,
                Shape::Lines if number < 0 => number.min(*side),
                Shape::Lines => number.max(*side),
            };
        }
        low = low.min(below);
        high = high.max(above);
    }
    (low, high)
}

#[cfg(test)]
mod tests;
