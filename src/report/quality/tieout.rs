//! The tie-out: every row of every file is in one place, and what was loaded agrees with what was declared.

use super::super::Report;
use super::super::table::{Cell, Column, Row, Table};
use super::{all_uses, row_cells, row_columns};
use crate::language::label;
use crate::normalize::controls::control_totals;
use crate::normalize::{FileUse, RowCounts};
use crate::say;

/// Where the rows of every file are, with the sum over all files.
pub(super) fn files_table(report: &Report<'_>) -> Table {
    let mut columns = vec![Column::text("File")];
    columns.extend(row_columns());
    columns.push(Column::text("Check"));
    let mut table = Table {
        id: "files-list".to_owned(),
        caption: say!(
            "Rows = loaded + merged + set aside + blank. Merged: the same row given twice, counted once."
        )
        .to_owned(),
        layout: "wide",
        columns,
        empty: say!("No file was read.").to_owned(),
        ..Table::default()
    };
    let mut all = RowCounts::default();
    for FileUse { file, counts, .. } in all_uses(report) {
        all = RowCounts {
            rows: all.rows + counts.rows,
            loaded: all.loaded + counts.loaded,
            merged: all.merged + counts.merged,
            quarantined: all.quarantined + counts.quarantined,
            blank: all.blank + counts.blank,
        };
        table.rows.push(counts_row("", Cell::code(report.sources.files.get(*file).path()), *counts));
    }
    table.foot.push(counts_row("tot", Cell::text(say!("All files")), all));
    table
}

fn counts_row(style: &'static str, first: Cell, counts: RowCounts) -> Row {
    let mut cells = vec![first];
    cells.extend(row_cells(counts));
    cells.push(Cell::text(if counts.is_conserved() { say!("ties") } else { say!("does not tie") }));
    Row { style, id: String::new(), cells }
}

/// Declared against loaded, per file and currency.
pub(super) fn control_table(report: &Report<'_>) -> Table {
    let checks = control_totals(report.sources.files, report.reconciled.snapshot);
    // Most vendors give the digits of the currency.
    let has_rounded = checks.iter().any(|check| !check.rounded.is_zero());
    let rounded = if has_rounded { say!(" − rounded") } else { "" };
    let mut table = Table {
        id: "control-totals-list".to_owned(),
        caption: say!("Difference = declared − loaded − merged − set aside{rounded}, in the amounts of the file. Rows are those of the whole file.", rounded),
        layout: "wide",
        columns: vec![
            Column::text("File"),
            Column::text("Currency"),
            Column::number("Rows declared"),
            Column::number("Rows found"),
            Column::money("Declared", "declared"),
            Column::money("Loaded", "loaded"),
            Column::money("Merged", "merged"),
            Column::money("Set aside", "set-aside"),
            Column::money("Difference", "difference"),
            Column::text("Check"),
        ],
        empty: say!("No control total was received: ask the vendor for the row count and the sum of each file, and put them \
                into control_totals.csv.")
            .to_owned(),
        ..Table::default()
    };
    if has_rounded {
        table.columns.insert(8, Column::money("Rounded", "rounded"));
    }
    for check in checks {
        let rows = check
            .declared_rows
            .map_or(Cell { none: Some(say!("not declared")), ..Cell::default() }, |rows| {
                Cell::count(usize::try_from(rows).unwrap_or(usize::MAX))
            });
        let verdict = check.verdict();
        let mut row = Row {
            cells: vec![
                Cell::code(check.file),
                Cell::text(check.currency.code()),
                rows,
                Cell::count(check.rows),
                Cell::money(check.declared),
                Cell::money(check.loaded),
                Cell::money(check.merged),
                Cell::money(check.quarantined),
                Cell::money(check.difference),
                Cell::text(label(verdict)),
            ],
            ..Row::default()
        };
        if has_rounded {
            row.cells.insert(8, Cell::money(check.rounded));
        }
        table.rows.push(row);
    }
    table
}
