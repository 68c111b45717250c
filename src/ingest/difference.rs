//! Rows of our own files that differ between two snapshots: what was added to the mapping and the rules, taken out or changed.

use std::collections::BTreeMap;

use super::columns::{
    FileKind, accounts, aliases, enrollments, periods, program_rates, programs, reason_map, skus, status_map,
};
use super::{Extract, Files, Input};
use crate::model::time::AsOf;

/// A row of a reference file that is not the same in two snapshots: its cells in the order of the file's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRow {
    /// The file.
    pub file: FileKind,
    /// The row before; `None` where it was added.
    pub before: Option<Vec<String>>,
    /// The row after; `None` where it was taken out.
    pub after: Option<Vec<String>>,
}

impl RuleRow {
    /// The columns that say what the row is about, each with its cell; empty ones are left out.
    pub fn about(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let cells = self.after.as_ref().or(self.before.as_ref());
        let columns = about(self.file).iter().filter_map(move |column| {
            Some((self.file.columns()[*column].name, cells?.get(*column)?.as_str()))
        });
        columns.filter(|(_, cell)| !cell.is_empty())
    }

    /// The cells that differ, by column; none of a row that was added or taken out.
    pub fn changed(&self) -> impl Iterator<Item = (&'static str, &str, &str)> {
        let cells = self.before.as_deref().unwrap_or_default().iter();
        let both = cells.zip(self.after.as_deref().unwrap_or_default()).zip(self.file.columns());
        both.filter(|((was, is), _)| was != is).map(|((was, is), column)| (column.name, &**was, &**is))
    }
}

/// The columns that say what a row of our mapping and rules is about.
fn about(file: FileKind) -> &'static [usize] {
    match file {
        FileKind::Accounts => &[accounts::ACCOUNT_ID, accounts::VENDOR_ACCOUNT_ID],
        FileKind::Skus => &[skus::SKU, skus::VENDOR_SKU],
        FileKind::Programs => &[programs::PROGRAM_ID],
        FileKind::ProgramRates => &[program_rates::PROGRAM_ID, program_rates::CATEGORY],
        FileKind::Enrollments => &[enrollments::RESELLER_ID, enrollments::PROGRAM_ID],
        FileKind::Periods => &[periods::PERIOD],
        FileKind::StatusMap => &[status_map::RAW_STATUS],
        FileKind::ReasonMap => &[reason_map::RAW_REASON],
        FileKind::Aliases => &[aliases::OWN_ID, aliases::VENDOR_ID],
        FileKind::Orders
        | FileKind::Cancellations
        | FileKind::RebateLines
        | FileKind::Adjustments
        | FileKind::Payouts
        | FileKind::ControlTotals
        | FileKind::Sources
        | FileKind::Fx
        | FileKind::Journals
        | FileKind::Ledger
        | FileKind::Signoffs
        | FileKind::Claims => &[],
    }
}

impl Input {
    /// The rows of our mapping and rules that differ between what held for two snapshots, file by file.
    pub fn rule_rows(&self, files: &Files, from: AsOf, to: AsOf) -> Vec<RuleRow> {
        let mut all = Vec::new();
        for kind in FileKind::ALL.iter().copied().filter(|kind| kind.is_rule()) {
            let [before, after] = [from, to].map(|as_of| self.reference_file(kind, as_of));
            let [before, after] = [before, after].map(|file| file.map(|file| files.get(file)));
            if before.map(Extract::sha256) != after.map(Extract::sha256) {
                all.extend(difference(kind, before, after));
            }
        }
        all
    }
}

/// The rows that only one of two files has; two that are about the same are one that changed.
fn difference(file: FileKind, before: Option<&Extract>, after: Option<&Extract>) -> Vec<RuleRow> {
    let mut counts: BTreeMap<Vec<String>, i64> = BTreeMap::new();
    for (extract, sign) in [(before, -1), (after, 1)] {
        for cells in extract.map(cells).unwrap_or_default() {
            *counts.entry(cells).or_default() += sign;
        }
    }
    let name = |cells: &[String]| -> Vec<String> { about(file).iter().map(|n| cells[*n].clone()).collect() };
    let mut rows: BTreeMap<Vec<String>, [Vec<Vec<String>>; 2]> = BTreeMap::new();
    for (cells, count) in counts {
        let side = usize::from(count > 0);
        let of = &mut rows.entry(name(&cells)).or_default()[side];
        of.extend(std::iter::repeat_n(cells, usize::try_from(count.unsigned_abs()).unwrap_or(0)));
    }
    let mut all = Vec::new();
    for [before, after] in rows.into_values() {
        let (mut before, mut after) = (before.into_iter(), after.into_iter());
        loop {
            let row = RuleRow { file, before: before.next(), after: after.next() };
            if row.before.is_none() && row.after.is_none() {
                break;
            }
            all.push(row);
        }
    }
    all
}

/// The rows of a file, cell by cell in the order of its columns, without blanks around them.
fn cells(extract: &Extract) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    extract.for_each_row(0..extract.row_count(), |row| {
        if row.is_blank() {
            return;
        }
        let cell = |column| {
            let text = extract.cell(&row, column).unwrap_or_else(|_| extract.as_written(&row, column));
            text.trim().to_owned()
        };
        rows.push((0..extract.kind().columns().len()).map(cell).collect());
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::super::extract;
    use super::*;

    #[test]
    fn rows_are_told_by_what_they_are_about() {
        // Goal: an added row, one that was taken out and one that changed are told apart; rows in another order, columns in another
        // order and a blank line are no difference, and one of two equal rows that is gone is one row. Method: a map of accounts
        // before and after, by hand.
        let map = |rows: &str| extract("accounts.csv", FileKind::Accounts, None, rows.into()).unwrap().0;
        let before =
            map("account_id,customer_id,valid_to\nA-1,C-1,\nA-2,C-2,\nA-3,C-3,\nA-4,C-4,\nA-4,C-4,\n");
        let after =
            map("customer_id,account_id,valid_to\nC-3,A-3,\n,,\nC-1,A-1,2026-03-31\nC-4,A-4,\nC-5,A-5,\n");
        let rows = difference(FileKind::Accounts, Some(&before), Some(&after));
        let told: Vec<(Vec<_>, bool, bool, Vec<_>)> = rows
            .iter()
            .map(|row| {
                (row.about().collect(), row.before.is_some(), row.after.is_some(), row.changed().collect())
            })
            .collect();
        let expected = [
            (vec![("account_id", "A-1")], true, true, vec![("valid_to", "", "2026-03-31")]),
            (vec![("account_id", "A-2")], true, false, vec![]),
            (vec![("account_id", "A-4")], true, false, vec![]),
            (vec![("account_id", "A-5")], false, true, vec![]),
        ];
        assert_eq!(told, expected);
        assert_eq!(difference(FileKind::Accounts, Some(&before), Some(&before)), []);
        assert_eq!(difference(FileKind::Accounts, None, Some(&after)).len(), 4);
    }
}
