//! The cells of one sheet as they come, and the table of text that they make.
//!
//! Not its job: where cells come from. Its invariant: a cell stands in the row and the column of the sheet or stops it, and
//! what is held is bounded, whatever comes.

use calamine::{Data, DataType, Range};

use super::value::{self, Loss};
use super::{Fault, SAVE_AGAIN, fault};
use crate::ingest::format::Sheet;
use crate::ingest::format::typed::Typed;

/// Rows and columns of a sheet in any spreadsheet program: it ends at `XFD1048576`.
const MAX_ROWS: u32 = 1 << 20;
const MAX_COLUMNS: u32 = 1 << 14;
/// Columns from the first used one to the last. No extract has more; a stray cell far off would pad every row up to it.
pub(super) const MAX_WIDTH: u32 = 4_096;
/// Cells with a value in all sheets that are read, four times those of the largest extract a vendor writes (300,000 rows).
pub(super) const MAX_CELLS: usize = 5_000_000;
/// Cells of all sheets in a format that is read as a whole, blank ones inside of a table too: some 60 bytes each. XLS ends at
/// 65,536 rows, so it is a table of 128 columns.
pub(super) const MAX_GRID: u64 = 8 << 20;
/// Bytes of text in all sheets that are read, fifty for each of the most cells. It bounds the memory of a file in which
/// millions of cells share one long text.
pub(super) const MAX_TEXT: usize = 256 << 20;
/// Bytes of one cell; Excel's own limit is 32,767 characters.
const MAX_CELL: usize = 1 << 20;

/// A formula whose result is not in the file.
const UNCALCULATED: &str = "#UNCALCULATED!";

pub(super) const TOO_LARGE: &str = "split the file into several, or export the sheet as CSV";
pub(super) const TOO_WIDE: &str = "delete the cells that do not belong to the table";

/// What may still be read of a workbook.
#[derive(Debug)]
pub(super) struct Budget {
    cells: usize,
    text: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { cells: MAX_CELLS, text: MAX_TEXT }
    }
}

/// How often something happened, and where first.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    count: u64,
    first: (u32, u32),
}

impl Tally {
    fn add(&mut self, place: (u32, u32)) {
        if self.count == 0 {
            self.first = place;
        }
        self.count += 1;
    }

    /// `3 formulas … (first in C14)`; nothing where it did not happen.
    fn told(&self, one: &str, many: &str) -> Option<String> {
        let noun = if self.count == 1 { one } else { many };
        (self.count > 0).then(|| format!("{} {noun} (first in {})", self.count, reference(self.first)))
    }
}

/// The cells of a sheet, in the order of its rows and in a row from left to right. Rows and columns count from 0.
#[derive(Debug)]
pub(super) struct Cells<'b> {
    sheet: String,
    budget: &'b mut Budget,
    /// The texts of all cells, one behind the other.
    text: String,
    /// Where each cell stands, and where its text ends.
    cells: Vec<((u32, u32), u32)>,
    /// Which of them are numbers or days, by their place in `cells`.
    typed: Typed,
    last: Option<(u32, u32)>,
    left: u32,
    right: u32,
    shortened: Tally,
    too_long: Tally,
    uncalculated: Tally,
}

impl<'b> Cells<'b> {
    pub(super) fn new(sheet: &str, budget: &'b mut Budget) -> Self {
        let none = Tally::default();
        Cells {
            sheet: sheet.to_owned(),
            budget,
            text: String::new(),
            cells: Vec::new(),
            typed: Typed::default(),
            last: None,
            left: u32::MAX,
            right: 0,
            shortened: none,
            too_long: none,
            uncalculated: none,
        }
    }

    /// The row of the last cell that was read, 1-based; 0 before the first.
    pub(super) fn row(&self) -> u64 {
        self.last.map_or(0, |(row, _)| u64::from(row) + 1)
    }

    /// A cell with its value, or the formula that should have one.
    pub(super) fn put(
        &mut self,
        place: (u32, u32),
        value: &impl DataType,
        is_formula: bool,
    ) -> Result<(), Fault> {
        if value.is_empty() && is_formula {
            self.uncalculated.add(place);
            return self.text(place, UNCALCULATED);
        }
        let (text, loss) = value::text(value);
        match loss {
            Loss::None => {}
            Loss::Shortened => self.shortened.add(place),
            Loss::TooLong => self.too_long.add(place),
        }
        let count = self.cells.len();
        self.text(place, &text)?;
        if value::is_typed(value) && self.cells.len() > count {
            self.typed.put(count, 0);
        }
        Ok(())
    }

    /// The cells of a sheet that was read as a whole: a formula without a value is a cell too.
    pub(super) fn range(&mut self, values: &Range<Data>, formulas: &Range<String>) -> Result<(), Fault> {
        let from = |start: Option<(u32, u32)>, (row, column): (usize, usize)| {
            let (top, left) = start.unwrap_or_default();
            let [row, column] = [row, column].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
            (top.saturating_add(row), left.saturating_add(column))
        };
        let mut missing = formulas
            .used_cells()
            .map(|(row, column, _)| from(formulas.start(), (row, column)))
            .filter(|place| values.get_value(*place).is_none_or(DataType::is_empty))
            .peekable();
        for (row, column, value) in values.used_cells() {
            let place = from(values.start(), (row, column));
            while let Some(formula) = missing.next_if(|formula| *formula < place) {
                self.put(formula, &Data::Empty, true)?;
            }
            self.put(place, value, false)?;
        }
        missing.try_for_each(|formula| self.put(formula, &Data::Empty, true))
    }

    /// A cell's text as it is; an empty one takes its place and no room.
    fn text(&mut self, place: (u32, u32), text: &str) -> Result<(), Fault> {
        let (row, column) = place;
        let here = |fault: Fault| fault.at(&self.sheet, place);
        if row >= MAX_ROWS || column >= MAX_COLUMNS {
            let message = "a cell lies outside of any sheet".to_owned();
            return Err(here(fault("cell-misplaced", message, SAVE_AGAIN)));
        }
        if let Some(last) = self.last
            && last >= place
        {
            let (here_is, before) = (reference(place), reference(last));
            let message =
                format!("the cell {here_is} comes behind {before}, so cells are out of order or doubled");
            return Err(here(fault("cell-misplaced", message, SAVE_AGAIN)));
        }
        self.last = Some(place);
        if text.is_empty() {
            return Ok(());
        }
        if text.len() > MAX_CELL {
            let message = format!("a cell holds more than {MAX_CELL} bytes");
            return Err(here(fault("cell-too-long", message, "shorten the cell, or leave its column out")));
        }
        if self.budget.cells == 0 {
            return Err(here(too_many_cells(MAX_CELLS as u64)));
        }
        if text.len() > self.budget.text {
            return Err(here(too_much_text()));
        }
        self.left = self.left.min(column);
        self.right = self.right.max(column);
        if self.right - self.left >= MAX_WIDTH {
            let (left, right) = (letters(self.left), letters(self.right));
            let message =
                format!("the cells reach from column {left} to {right}, more than {MAX_WIDTH} columns");
            return Err(here(fault("sheet-too-wide", message, TOO_WIDE)));
        }
        self.budget.cells -= 1;
        self.budget.text -= text.len();
        self.text.push_str(text);
        self.cells.push((place, u32::try_from(self.text.len()).unwrap_or(u32::MAX)));
        Ok(())
    }

    /// The table of the cells, without blank rows and without columns that are blank at either side; nothing where no cell
    /// holds anything. Delimited by commas.
    pub(super) fn table(self) -> Result<Option<Sheet>, Fault> {
        if self.cells.is_empty() {
            return Ok(None);
        }
        let rows: Vec<&[_]> = self.cells.chunk_by(|a, b| a.0.0 == b.0.0).collect();
        let width = (self.right - self.left + 1) as usize;
        // A delimiter for each cell that is not there counts as text: rows that hold little and reach far.
        if rows.len().saturating_mul(width) > self.budget.text {
            return Err(too_much_text().of(&self.sheet));
        }
        self.budget.text -= rows.len() * width;
        let mut writer =
            csv::Writer::from_writer(Vec::with_capacity(self.text.len() + rows.len() * (width + 1)));
        let (mut start, mut cell, mut typed) = (0, 0, Typed::default());
        for (number, row) in rows.iter().enumerate() {
            let mut record = vec![""; width];
            for &((_, column), end) in *row {
                let column = (column - self.left) as usize;
                record[column] = &self.text[start..end as usize];
                start = end as usize;
                if self.typed.has(cell, 0) {
                    typed.put(number, column);
                }
                cell += 1;
            }
            if writer.write_record(record).is_err() {
                unreachable!("bug: memory takes every record");
            }
        }
        let bytes = writer.into_inner().unwrap_or_default();
        let Ok(text) = String::from_utf8(bytes) else { unreachable!("bug: text became no text") };
        let detected = [
            self.shortened.told(
                "number shortened to 15 significant digits, as a spreadsheet shows it",
                "numbers shortened to 15 significant digits, as a spreadsheet shows them",
            ),
            self.too_long.told(
                "number of more than 15 digits before the point, whose end a spreadsheet does not keep",
                "numbers of more than 15 digits before the point, whose ends a spreadsheet does not keep",
            ),
            self.uncalculated.told(
                "formula whose result is not in the file",
                "formulas whose results are not in the file",
            ),
        ];
        Ok(Some(Sheet {
            rows: Some(rows.iter().map(|row| row[0].0.0 + 1).collect()),
            name: self.sheet,
            text,
            delimiter: b',',
            left: self.left,
            typed,
            declared_rows: None,
            detected: detected.into_iter().flatten().collect(),
        }))
    }
}

pub(super) fn too_many_cells(limit: u64) -> Fault {
    fault("workbook-too-many-cells", format!("the sheets have more than {limit} cells"), TOO_LARGE)
}

pub(super) fn too_much_text() -> Fault {
    fault("workbook-too-much-text", format!("the sheets hold more than {MAX_TEXT} bytes of text"), TOO_LARGE)
}

/// The letters of a column that counts from 0: `A`, `Z`, `AA`.
fn letters(column: u32) -> String {
    let before = if column < 26 { String::new() } else { letters(column / 26 - 1) };
    let letter = char::from(u8::try_from(column % 26).unwrap_or(0) + b'A');
    format!("{before}{letter}")
}

/// `C14` of a row and a column that count from 0.
fn reference((row, column): (u32, u32)) -> String {
    format!("{}{}", letters(column), u64::from(row) + 1)
}
