//! Where everything stands in a workbook, decided before a cell is written: rows, notes, and which formulas are live.

use std::collections::BTreeMap;

use super::formula;
use super::text::{is_cut, is_too_long};
use crate::report::pack::sheet::{Formula, Sheet, Sheets, Value};
use crate::report::pack::{Pack, count_of};

/// Rows that a worksheet holds.
pub(super) const MOST_ROWS: usize = 1_048_576;
/// The row of the first note, from 0: title, purpose and seven pairs stand above.
pub(super) const FIRST_NOTE: u32 = 9;
/// Lines of notes above the table. The rows down to the header stay in sight, so more of them stand below the table.
const NOTES_ABOVE: usize = 8;
/// Characters of a line of notes: longer ones go on in the next row, or they would shrink the printed page.
const NOTE_WIDTH: usize = 120;
/// Rows above the table and empty ones below it, at most.
const OTHER_ROWS: usize = FIRST_NOTE as usize + NOTES_ABOVE + 5;

/// The places of one sheet; rows are counted from 0.
pub(super) struct Place {
    /// Its name in a formula.
    pub(super) title: String,
    /// How many rows of the table are written.
    pub(super) kept: usize,
    /// The row of the header.
    pub(super) header: u32,
    /// How many rows of totals there are.
    totals: usize,
    /// Lines of notes above the table.
    pub(super) above: Vec<String>,
    /// Lines of notes below it.
    pub(super) below: Vec<String>,
}

impl Place {
    /// The first row of the table, or the sentence that says that there is none.
    pub(super) fn first_row(&self) -> u32 {
        self.header + 1
    }

    /// The last row of the table, or the sentence.
    pub(super) fn last_row(&self) -> u32 {
        self.header + self.kept.max(1) as u32
    }

    /// The first row of totals, behind an empty one.
    pub(super) fn first_total(&self) -> u32 {
        self.last_row() + 2
    }

    /// The first line of notes below everything else, behind an empty one.
    pub(super) fn notes_below(&self) -> u32 {
        self.first_total() + if self.totals == 0 { 0 } else { self.totals as u32 + 1 }
    }
}

/// The plan of a workbook.
pub(super) struct Plan<'p> {
    sheets: &'p Sheets,
    places: BTreeMap<u8, Place>,
}

impl<'p> Plan<'p> {
    /// Plans a workbook whose sheets hold so many rows.
    pub(super) fn of(pack: &'p Pack, most_rows: usize) -> Plan<'p> {
        let mut plan = Plan { sheets: &pack.sheets, places: BTreeMap::new() };
        for sheet in &pack.sheets.0 {
            let lines: usize = sheet.notes.iter().map(|note| lines(note).len()).sum();
            let other = OTHER_ROWS + sheet.totals.len() + lines;
            let kept = sheet.rows.len().min(most_rows.saturating_sub(other));
            let place = Place {
                title: sheet.title(),
                kept,
                header: 0,
                totals: sheet.totals.len(),
                above: Vec::new(),
                below: Vec::new(),
            };
            plan.places.insert(sheet.number, place);
        }
        // Which formulas are live depends on the rows of every sheet, and the height of the notes on the formulas.
        let notes: Vec<Vec<String>> = pack.sheets.0.iter().map(|sheet| plan.notes(sheet)).collect();
        for (sheet, notes) in pack.sheets.0.iter().zip(notes) {
            let mut above: Vec<String> = notes.iter().flat_map(|note| lines(note)).collect();
            let below = above.split_off(above.len().min(NOTES_ABOVE));
            if let Some(place) = plan.places.get_mut(&sheet.number) {
                place.header = FIRST_NOTE + above.len() as u32 + 1;
                place.above = above;
                place.below = below;
            }
        }
        plan
    }

    /// The places of a sheet.
    ///
    /// # Panics
    /// When the pack has no sheet of that number.
    pub(super) fn place(&self, number: u8) -> &Place {
        &self.places[&number]
    }

    /// A formula as it is written in a cell of a sheet; nothing when only its value can be written.
    pub(super) fn formula(&self, on: u8, formula: &Formula, said: &Value) -> Option<String> {
        formula::written(self, on, formula, said)
    }

    /// A sheet and its places.
    pub(super) fn sheet(&self, number: u8) -> Option<(&'p Sheet, &Place)> {
        Some((self.sheets.get(number)?, self.places.get(&number)?))
    }

    /// What a workbook cannot hold of a sheet comes first, then the notes of the sheet.
    fn notes(&self, sheet: &Sheet) -> Vec<String> {
        let kept = self.place(sheet.number).kept;
        let file = format!("csv/{}.csv", sheet.file());
        let values = || sheet.rows[..kept].iter().chain(&sheet.totals).flatten();
        let mut notes = Vec::new();
        if kept < sheet.rows.len() {
            let (all, kept) =
                (count_of(sheet.rows.len(), "row", "rows"), count_of(kept, "row is", "rows are"));
            notes.push(format!(
                "The table has {all}, more than a sheet holds; the first {kept} here. The file {file} has all of them."
            ));
        }
        let long = values().filter(|value| is_too_long(value)).count();
        if long > 0 {
            let numbers = count_of(long, "number has", "numbers have");
            notes.push(format!(
                "{numbers} more than 15 digits and stand here as text, because a spreadsheet would round them."
            ));
        }
        let is_cut = |value: &&Value| value.as_text().is_some_and(is_cut);
        let cut = values().filter(is_cut).count();
        if cut > 0 {
            let texts = count_of(cut, "text is", "texts are");
            notes.push(format!("{texts} longer than a cell holds and cut. The file {file} has all of it."));
        }
        let is_plain = |value: &&Value| matches!(value, Value::Formula(both) if self.formula(sheet.number, &both.0, &both.1).is_none());
        let plain = values().filter(is_plain).count();
        if plain > 0 {
            let totals = count_of(plain, "total or check stands", "totals and checks stand");
            notes.push(format!(
                "{totals} here as a value, because a spreadsheet cannot calculate it exactly from these cells."
            ));
        }
        notes.extend(sheet.notes.iter().cloned());
        notes
    }
}

/// A text in lines that fit a page, broken between words.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= NOTE_WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
