//! Rows added up: what stands above every list, in the data files and in the terminal.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use chrono::NaiveDate;

use super::rows::Row;
use super::scope::{CLEAN, NO_LINE, part_of};
use crate::history::Measures;
use crate::model::money::Currency;
use crate::model::status::{Bucket, Status};

/// The rows of one state, or of anything else, in one currency and minor units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many rows.
    pub rows: usize,
    /// How many of them are lines.
    pub lines: usize,
    /// Our own expectation for them, whatever their state.
    pub expected: i128,
    /// The part of it on rows whose state is not in the total: what a list shows beside a total, never in it.
    pub apart: i128,
    /// How many of them are not recomputed.
    pub not_recomputed: usize,
    /// The six measures.
    pub measures: Measures,
    /// The first and the last day on which half of the lines like one of them are paid.
    pub due: Option<(NaiveDate, NaiveDate)>,
    /// How many have such a day.
    pub due_rows: usize,
}

impl Sums {
    /// Adds a row.
    pub fn add(&mut self, row: &Row) {
        let due = row.due.map(|day| (day, day));
        *self += &Sums {
            rows: 1,
            lines: usize::from(row.state.is_some()),
            expected: row.expected.unwrap_or(0),
            apart: row.expected.filter(|_| !row.is_in_total()).unwrap_or(0),
            not_recomputed: usize::from(row.expected.is_none()),
            measures: row.measures(),
            due,
            due_rows: usize::from(due.is_some()),
        };
    }
}

impl AddAssign<&Sums> for Sums {
    fn add_assign(&mut self, other: &Sums) {
        self.rows += other.rows;
        self.lines += other.lines;
        self.expected += other.expected;
        self.apart += other.apart;
        self.not_recomputed += other.not_recomputed;
        self.measures += other.measures;
        self.due_rows += other.due_rows;
        self.due = match (self.due, other.due) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }
}

/// The state of a row: status and bucket of a line, `None` for an order without one.
pub type State = Option<(Status, Bucket)>;

/// What a row can be narrowed by, without loading rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The program.
    Program,
    /// The campaign.
    Campaign,
    /// The category.
    Category,
    /// The region.
    Region,
    /// The status.
    Status,
    /// The bucket.
    Bucket,
    /// The primary explanation.
    Kind,
}

impl Dimension {
    /// Every dimension, in the order of a page.
    pub const ALL: [Dimension; 7] = [
        Dimension::Program,
        Dimension::Campaign,
        Dimension::Category,
        Dimension::Region,
        Dimension::Status,
        Dimension::Bucket,
        Dimension::Kind,
    ];

    /// Its name in a scope.
    pub fn name(self) -> &'static str {
        match self {
            Dimension::Program => "program",
            Dimension::Campaign => "campaign",
            Dimension::Category => "category",
            Dimension::Region => "region",
            Dimension::Status => "status",
            Dimension::Bucket => "bucket",
            Dimension::Kind => "kind",
        }
    }

    /// The value of a row, as a scope takes it; `None` where it has none.
    pub fn of(self, row: &Row) -> Option<String> {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        match self {
            Dimension::Program => text(row.place.program.canonical()),
            Dimension::Campaign => text(row.place.campaign?.as_str()),
            Dimension::Category => text(row.place.category?.as_str()),
            Dimension::Region => text(row.place.region?.as_str()),
            Dimension::Status => text(row.state.map_or(NO_LINE, |(status, _)| status.slug())),
            Dimension::Bucket => row.state.map(|(_, bucket)| part_of(bucket)),
            Dimension::Kind => text(row.kind.map_or(CLEAN, |kind| kind.code())),
        }
    }
}

/// Rows added up by state, and by every value of every dimension.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// By currency and state.
    pub states: BTreeMap<(Currency, State), Sums>,
    /// By dimension, value and currency.
    pub facets: BTreeMap<(Dimension, Option<String>, Currency), Sums>,
}

impl Summary {
    /// Adds a row.
    pub fn add(&mut self, row: &Row) {
        let currency = row.place.currency;
        self.states.entry((currency, row.state)).or_default().add(row);
        for dimension in Dimension::ALL {
            self.facets.entry((dimension, dimension.of(row), currency)).or_default().add(row);
        }
    }

    /// The sums of each currency, the one with most rows first.
    pub fn currencies(&self) -> Vec<(Currency, Sums)> {
        let mut all: BTreeMap<Currency, Sums> = BTreeMap::new();
        for ((currency, _), sums) in &self.states {
            *all.entry(*currency).or_default() += sums;
        }
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by_key(|(currency, sums)| (std::cmp::Reverse(sums.rows), *currency));
        all
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.states.values().map(|sums| sums.rows).sum()
    }
}
