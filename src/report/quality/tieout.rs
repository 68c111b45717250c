//! The tie-out: every row of every file is in one place, and what was loaded agrees with what was declared.

use std::collections::BTreeMap;

use super::super::Report;
use super::super::table::{Cell, Column, Row, Table};
use super::{all_uses, row_cells, row_columns};
use crate::ingest::columns::FileKind;
use crate::model::money::{Currency, Money};
use crate::model::record::ControlTotal;
use crate::normalize::{FileUse, RowCounts};

/// A declared total of one file and currency, against what was read from the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlCheck {
    /// The file, relative to the input folder.
    pub(crate) file: String,
    /// The currency of all amounts.
    pub(crate) currency: Currency,
    /// Rows that the file should hold, of all currencies.
    pub(crate) declared_rows: Option<u64>,
    /// Rows that it holds, of all currencies, without blank ones.
    pub(crate) rows: usize,
    /// The declared sum of the calculated amounts.
    pub(crate) declared: Money,
    /// The calculated amounts of its lines in the snapshot.
    pub(crate) loaded: Money,
    /// The amounts of its rows that are set aside, as far as they can be read.
    pub(crate) quarantined: Money,
    /// Declared less loaded less set aside: zero, or unexplained (I-4).
    pub(crate) difference: Money,
    /// Whether a newer file stands for some of its lines, so that the amounts cannot agree.
    pub(crate) is_restated: bool,
}

impl ControlCheck {
    /// Whether amounts and rows agree, or a newer file explains why they do not.
    pub(crate) fn is_explained(&self) -> bool {
        self.is_restated || (self.difference.is_zero() && self.has_declared_rows())
    }

    fn has_declared_rows(&self) -> bool {
        self.declared_rows.is_none_or(|rows| usize::try_from(rows) == Ok(self.rows))
    }

    fn verdict(&self) -> &'static str {
        match (self.is_restated, self.difference.is_zero(), self.has_declared_rows()) {
            (true, _, _) => "a newer file restates part of it",
            (false, true, true) => "ties",
            (false, true, false) => "rows differ",
            (false, false, _) => "unexplained",
        }
    }
}

/// Checks every declared total of the files that the snapshot rests on, by file and currency.
///
/// Shape: a total that is declared for a file which was not received has nothing loaded, so it is unexplained; one for
/// a file that a newer one replaced is left out. Units: minor units, exact. Source: domain 1.5 and I-4.
pub fn control_totals(report: &Report<'_>) -> Vec<ControlCheck> {
    let declared = &report.reconciled.snapshot.records.control_totals;
    if declared.is_empty() {
        return Vec::new();
    }
    let read = Read::new(report);
    let mut checks: Vec<ControlCheck> =
        declared.iter().filter_map(|total| read.check(report, total)).collect();
    checks
        .sort_by(|a, b| (&a.file, a.currency, a.declared_rows).cmp(&(&b.file, b.currency, b.declared_rows)));
    checks
}

/// What the snapshot holds of each file.
struct Read {
    uses: BTreeMap<u32, RowCounts>,
    lines: BTreeMap<u32, usize>,
    loaded: BTreeMap<(u32, Currency), Money>,
    quarantined: BTreeMap<(u32, Currency), Money>,
}

impl Read {
    fn new(report: &Report<'_>) -> Read {
        let snapshot = report.reconciled.snapshot;
        let mut read = Read {
            uses: snapshot.uses.iter().map(|used| (used.file, used.counts)).collect(),
            lines: BTreeMap::new(),
            loaded: BTreeMap::new(),
            quarantined: BTreeMap::new(),
        };
        for line in &snapshot.records.lines {
            let file = line.origin.source.file;
            *read.lines.entry(file).or_default() += 1;
            add(&mut read.loaded, file, line.amount_calculated);
        }
        for row in &snapshot.quarantined {
            add(&mut read.quarantined, row.source.file, row.amount);
        }
        read
    }

    fn check(&self, report: &Report<'_>, total: &ControlTotal) -> Option<ControlCheck> {
        let files = report.sources.files;
        let folder = files.get(total.origin.source.file).snapshot()?;
        let path = format!("{folder}/{}", total.file);
        let file = files.iter().find(|(_, extract)| extract.path() == path).map(|(file, _)| file);
        let counts = match file {
            Some(file) => *self.uses.get(&file)?,
            None => RowCounts::default(),
        };
        let currency = total.declared.currency();
        let sum = |sums: &BTreeMap<(u32, Currency), Money>| {
            file.and_then(|file| sums.get(&(file, currency)).copied()).unwrap_or(Money::zero(currency))
        };
        let (loaded, quarantined) = (sum(&self.loaded), sum(&self.quarantined));
        let found = loaded.checked_add(quarantined).unwrap_or(loaded);
        let is_rebates = file.is_some_and(|file| files.get(file).kind() == FileKind::RebateLines);
        let lines = file.and_then(|file| self.lines.get(&file).copied()).unwrap_or(0);
        Some(ControlCheck {
            file: path,
            currency,
            declared_rows: total.rows,
            rows: counts.rows - counts.blank,
            declared: total.declared,
            loaded,
            quarantined,
            difference: total.declared.checked_sub(found).unwrap_or(total.declared),
            is_restated: is_rebates && lines < counts.loaded,
        })
    }
}

fn add(sums: &mut BTreeMap<(u32, Currency), Money>, file: u32, amount: Option<Money>) {
    if let Some(amount) = amount {
        let sum = sums.entry((file, amount.currency())).or_insert(Money::zero(amount.currency()));
        *sum = sum.checked_add(amount).unwrap_or(*sum);
    }
}

/// Where the rows of every file are, with the sum over all files.
pub(super) fn files_table(report: &Report<'_>) -> Table {
    let mut columns = vec![Column::text("File")];
    columns.extend(row_columns());
    columns.push(Column::text("Check"));
    let mut table = Table {
        id: "files-list".to_owned(),
        caption:
            "Rows = loaded + merged + set aside + blank. Merged: the same row given twice, counted once."
                .to_owned(),
        layout: "wide",
        columns,
        empty: "No file was read.".to_owned(),
        ..Table::default()
    };
    let mut all = RowCounts::default();
    for FileUse { file, counts } in all_uses(report) {
        all = RowCounts {
            rows: all.rows + counts.rows,
            loaded: all.loaded + counts.loaded,
            merged: all.merged + counts.merged,
            quarantined: all.quarantined + counts.quarantined,
            blank: all.blank + counts.blank,
        };
        table.rows.push(counts_row("", Cell::code(report.sources.files.get(*file).path()), *counts));
    }
    table.foot.push(counts_row("tot", Cell::text("All files"), all));
    table
}

fn counts_row(style: &'static str, first: Cell, counts: RowCounts) -> Row {
    let mut cells = vec![first];
    cells.extend(row_cells(counts));
    cells.push(Cell::text(if counts.is_conserved() { "ties" } else { "does not tie" }));
    Row { style, id: String::new(), cells }
}

/// Declared against loaded, per file and currency.
pub(super) fn control_table(report: &Report<'_>) -> Table {
    let mut table = Table {
        id: "control-totals-list".to_owned(),
        caption: "Difference = declared − loaded − set aside, in calculated amounts. Rows are those of the whole file."
            .to_owned(),
        layout: "wide",
        columns: vec![
            Column::text("File"),
            Column::text("Currency"),
            Column::number("Rows declared"),
            Column::number("Rows found"),
            Column::number("Declared"),
            Column::number("Loaded"),
            Column::number("Set aside"),
            Column::number("Difference"),
            Column::text("Check"),
        ],
        empty: "No control total was received: ask the vendor for the row count and the sum of each file, and put them \
                into control_totals.csv."
            .to_owned(),
        ..Table::default()
    };
    for check in control_totals(report) {
        let rows =
            check.declared_rows.map_or(Cell { none: Some("not declared"), ..Cell::default() }, |rows| {
                Cell::count(usize::try_from(rows).unwrap_or(usize::MAX))
            });
        let verdict = check.verdict();
        table.rows.push(Row {
            cells: vec![
                Cell::code(check.file),
                Cell::text(check.currency.code()),
                rows,
                Cell::count(check.rows),
                Cell::money(check.declared),
                Cell::money(check.loaded),
                Cell::money(check.quarantined),
                Cell::money(check.difference),
                Cell::text(verdict),
            ],
            ..Row::default()
        });
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(difference: i128, declared_rows: Option<u64>, is_restated: bool) -> ControlCheck {
        let currency = Currency::parse("USD").unwrap();
        let money = |minor| Money::from_minor(minor, currency);
        ControlCheck {
            file: "2026-06-18/rebate_lines.csv".to_owned(),
            currency,
            declared_rows,
            rows: 49,
            declared: money(40_000 + difference),
            loaded: money(0),
            quarantined: money(40_000),
            difference: money(difference),
            is_restated,
        }
    }

    #[test]
    fn a_control_total_ties_only_when_amounts_and_rows_agree() {
        // I-4: a difference is zero or it is named as unexplained.
        assert_eq!(check(0, Some(49), false).verdict(), "ties");
        assert_eq!(check(0, None, false).verdict(), "ties");
        assert_eq!(check(0, Some(50), false).verdict(), "rows differ");
        assert_eq!(check(1, Some(49), false).verdict(), "unexplained");
        assert!(!check(1, Some(49), false).is_explained());
        assert!(!check(0, Some(50), false).is_explained());
        assert!(check(7, Some(49), true).is_explained());
    }
}
