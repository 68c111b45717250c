//! Ranges of dates with a name, all of them relative to the as-of date: a page made yesterday says the same tomorrow.

use chrono::{Datelike, Days, NaiveDate};

use crate::report::Report;
use crate::say;

/// A range with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The last full month: what a query is about where nothing else is asked.
    Month,
    /// The last 30 days.
    Days30,
    /// The last 90 days.
    Days90,
    /// From the first day of the quarter.
    Quarter,
    /// From the first day of the year.
    Year,
    /// All periods.
    All,
}

impl Span {
    /// Every span, in the order of a page.
    pub const ALL: [Span; 6] =
        [Span::Month, Span::Days30, Span::Days90, Span::Quarter, Span::Year, Span::All];

    /// Its name as an option.
    pub fn name(self) -> &'static str {
        match self {
            Span::Month => "month",
            Span::Days30 => "30",
            Span::Days90 => "90",
            Span::Quarter => "quarter",
            Span::Year => "year",
            Span::All => "all",
        }
    }

    /// Its name on a page.
    pub fn label(self) -> &'static str {
        match self {
            Span::Month => say!("Last full month"),
            Span::Days30 => say!("Last 30 days"),
            Span::Days90 => say!("Last 90 days"),
            Span::Quarter => say!("Quarter to date"),
            Span::Year => say!("Year to date"),
            Span::All => say!("All periods"),
        }
    }
}

impl Report<'_> {
    /// The first and the last day of a span.
    pub fn query_span(&self, span: Span) -> (NaiveDate, NaiveDate) {
        let as_of = self.reconciled.as_of().date();
        let back = |days: u64| (as_of.checked_sub_days(Days::new(days - 1)).unwrap_or(as_of), as_of);
        let first = |month: u32| NaiveDate::from_ymd_opt(as_of.year(), month, 1).unwrap_or(as_of);
        match span {
            Span::Month => self.query_default(),
            Span::Days30 => back(30),
            Span::Days90 => back(90),
            Span::Quarter => (first((as_of.month() - 1) / 3 * 3 + 1), as_of),
            Span::Year => (first(1), as_of),
            Span::All => self.query_all(),
        }
    }
}
