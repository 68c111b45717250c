//! Two months of every line: the one it was earned in and the one it was posted in (glossary, *posted period*).
//!
//! The amounts are those of the monthly series: net amounts of lines in the headline total, and beside them what the
//! vendor says was paid. Added up over the posted periods, both are the figures of the earned month; added up over the
//! earned months, they are what was processed in the posted one.

use std::collections::BTreeMap;

use super::Reconciled;
use super::matching::numbered;
use crate::model::money::{Currency, Money};
use crate::model::record::Line;
use crate::model::status::Status;
use crate::model::time::Month;

/// The lines of one earned and one posted period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Lines in the headline total.
    pub lines: usize,
    /// Their net amount.
    pub net: Money,
    /// What the vendor says was paid, for every line.
    pub paid: Money,
}

impl Cell {
    /// Nothing, in a currency.
    pub fn empty(currency: Currency) -> Cell {
        Cell { lines: 0, net: Money::zero(currency), paid: Money::zero(currency) }
    }

    /// Adds another cell of its currency.
    pub fn add(&mut self, other: &Cell) {
        let plus = |a: Money, b: Money| Money::from_minor(a.minor() + b.minor(), a.currency());
        self.lines += other.lines;
        self.net = plus(self.net, other.net);
        self.paid = plus(self.paid, other.paid);
    }
}

/// The lines of one currency by earned and posted period; posted in `None` is not posted yet.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    /// Every pair of periods that has a line in the headline total or an amount paid.
    pub cells: BTreeMap<(Month, Option<Month>), Cell>,
}

impl Matrix {
    /// The earned periods, oldest first.
    pub fn earned(&self) -> Vec<Month> {
        let mut months: Vec<Month> = self.cells.keys().map(|(earned, _)| *earned).collect();
        months.dedup();
        months
    }

    /// The posted periods, oldest first, and last those not posted yet if there are any.
    pub fn posted(&self) -> Vec<Option<Month>> {
        let mut months: Vec<Option<Month>> = self.cells.keys().map(|(_, posted)| *posted).collect();
        months.sort_by_key(|posted| (posted.is_none(), *posted));
        months.dedup();
        months
    }

    /// The sum of the cells that are wanted.
    pub fn sum(&self, currency: Currency, is_wanted: impl Fn(Month, Option<Month>) -> bool) -> Cell {
        let mut sum = Cell::empty(currency);
        for ((earned, posted), cell) in &self.cells {
            if is_wanted(*earned, *posted) {
                sum.add(cell);
            }
        }
        sum
    }
}

/// The period a line was posted in: the one that the vendor says it was processed in; else, of a paid line with a payout
/// record, the month of the payout; else it is not posted yet. A paid line whose payout has no record waits for it, as
/// it does in the roll-forward.
pub fn posted_in(reconciled: &Reconciled<'_>, line: &Line) -> Option<Month> {
    line.period_processed.or_else(|| {
        let payout = line.payout.filter(|_| line.status == Status::Paid)?;
        Some(reconciled.rules.reference.month_of(reconciled.payout(payout)?.date))
    })
}

/// Every line by currency, earned and posted period.
pub fn matrices(reconciled: &Reconciled<'_>) -> BTreeMap<Currency, Matrix> {
    let mut all: BTreeMap<Currency, Matrix> = BTreeMap::new();
    for (number, line) in numbered(&reconciled.snapshot.records.lines) {
        let zero = Money::zero(line.currency);
        let is_in_total = line.bucket.is_in_total();
        let net = reconciled.lines[number as usize].net.filter(|_| is_in_total).unwrap_or(zero);
        let paid = line.amount_paid.unwrap_or(zero);
        if is_in_total || !paid.is_zero() {
            let matrix = all.entry(line.currency).or_default();
            let key = (line.period, posted_in(reconciled, line));
            let cell = matrix.cells.entry(key).or_insert_with(|| Cell::empty(line.currency));
            cell.add(&Cell { lines: usize::from(is_in_total), net, paid });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn month(number: u32) -> Month {
        Month::new(2026, number).unwrap()
    }

    proptest! {
        // Goal: nothing is lost between the two views. Method: random cells; the sums of rows, of columns and of all are
        // one figure, and a row's sum is what was put in for that earned month.
        #[test]
        fn rows_and_columns_add_up_to_the_same(
            lines in prop::collection::vec((1_u32..6, prop::option::of(1_u32..8), -10_000_i128..10_000, 0_i128..10_000), 0..60)
        ) {
            let usd = Currency::parse("USD").unwrap();
            let mut matrix = Matrix::default();
            for (earned, posted, net, paid) in &lines {
                let key = (month(*earned), posted.map(month));
                let cell = Cell {
                    lines: 1,
                    net: Money::from_minor(*net, usd),
                    paid: Money::from_minor(*paid, usd),
                };
                matrix.cells.entry(key).or_insert_with(|| Cell::empty(usd)).add(&cell);
            }
            let all = matrix.sum(usd, |_, _| true);
            prop_assert_eq!(all.lines, lines.len());
            let (mut rows, mut columns) = (Cell::empty(usd), Cell::empty(usd));
            for earned in matrix.earned() {
                let row = matrix.sum(usd, |month, _| month == earned);
                let put: i128 = lines.iter().filter(|l| month(l.0) == earned).map(|l| l.2).sum();
                prop_assert_eq!(row.net.minor(), put);
                rows.add(&row);
            }
            for posted in matrix.posted() {
                columns.add(&matrix.sum(usd, |_, month| month == posted));
            }
            prop_assert_eq!(rows, all);
            prop_assert_eq!(columns, all);
            let posted = matrix.posted();
            prop_assert!(posted.iter().rev().skip(1).all(Option::is_some), "not posted yet comes last");
        }
    }
}
