//! Workbooks sheet by sheet and cell by cell, as a spreadsheet reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use calamine::{CellType, Data, DataType, Range, Reader, Xlsx};

use super::{Difference, Mode, What};

/// What is in the cells of a sheet, by row and column.
type Cells<T> = BTreeMap<(u32, u32), T>;

/// The values and the formulas of each sheet, in the order of the sheets.
type Sheets = Vec<(String, Cells<Data>, Cells<String>)>;

fn cells<T: CellType>(range: &Range<T>) -> Cells<T> {
    let (top, left) = range.start().unwrap_or_default();
    let place = |row: usize, column: usize| {
        Some((top + u32::try_from(row).ok()?, left + u32::try_from(column).ok()?))
    };
    range.used_cells().filter_map(|(row, column, cell)| Some((place(row, column)?, cell.clone()))).collect()
}

fn read(bytes: &[u8]) -> Option<Sheets> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).ok()?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let values = cells(&book.worksheet_range(&name).ok()?);
        let formulas = cells(&book.worksheet_formula(&name).ok()?);
        sheets.push((name, values, formulas));
    }
    Some(sheets)
}

/// How many cells are numbers.
pub(super) fn count(bytes: &[u8]) -> usize {
    let sheets = read(bytes).unwrap_or_default();
    sheets.iter().flat_map(|(_, cells, _)| cells.values()).filter(|cell| is_figure(cell)).count()
}

fn is_figure(cell: &Data) -> bool {
    cell.is_float() || cell.is_int()
}

/// The differences of two workbooks; nothing where one cannot be read as such, or where only its package differs.
pub(super) fn compare(found: &[u8], expected: &[u8], mode: Mode) -> Vec<Difference> {
    let (Some(a), Some(b)) = (read(found), read(expected)) else { return Vec::new() };
    let names = |sheets: &Sheets| sheets.iter().map(|(name, _, _)| name.clone()).collect::<Vec<_>>();
    if names(&a) != names(&b) {
        let [a, b] = [&a, &b].map(|sheets| names(sheets).join(", "));
        return vec![Difference::new(0, "the sheets".to_owned(), What::Words, a, b)];
    }
    let mut differences = Vec::new();
    for ((name, a, formulas), (_, b, expected_formulas)) in a.iter().zip(&b) {
        let places: BTreeSet<&(u32, u32)> = a.keys().chain(b.keys()).collect();
        for place in places {
            let (found, expected) = (a.get(place), b.get(place));
            if found == expected {
                continue;
            }
            let is_figure = found.is_some_and(is_figure) || expected.is_some_and(is_figure);
            if mode == Mode::Figures && !is_figure {
                continue;
            }
            let what = if is_figure { What::Figure } else { What::Words };
            let words =
                |cell: Option<&Data>| cell.map_or_else(|| "no such cell".to_owned(), ToString::to_string);
            let place = format!("sheet {name}, cell {}{}", letters(place.1), place.0 + 1);
            let order = differences.len();
            differences.push(Difference::new(order, place, what, words(found), words(expected)));
        }
        // A value that is right and a formula that is not: the next calculation shows another one.
        let places: BTreeSet<&(u32, u32)> = formulas.keys().chain(expected_formulas.keys()).collect();
        for place in places {
            let (found, expected) = (formulas.get(place), expected_formulas.get(place));
            if found != expected {
                let words = |formula: Option<&String>| {
                    formula.map_or_else(|| "no formula".to_owned(), |formula| format!("={formula}"))
                };
                let place = format!("sheet {name}, formula of cell {}{}", letters(place.1), place.0 + 1);
                let order = differences.len();
                differences.push(Difference::new(order, place, What::Figure, words(found), words(expected)));
            }
        }
    }
    differences
}

/// The letters of a column: `A`, `Z`, `AA`.
fn letters(mut column: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from_u32(u32::from(b'A') + column % 26).unwrap_or('?'));
        if column < 26 {
            return letters.iter().rev().collect();
        }
        column = column / 26 - 1;
    }
}
