//! Data for the scripts of pages: files of texts and tables of whole numbers, which a page opened from disk can load.
//!
//! [`export`](crate::export) makes script text of them.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

/// A data file: texts, and tables of whole numbers, many of which are places in the list of texts.
#[derive(Debug, Clone, Default)]
pub struct DataScript {
    /// Its address from the root of the tree.
    pub path: String,
    /// The name of what it belongs to, so that files of two builds are never added up. Empty: the checksum of its content,
    /// by which the file that names it knows it; a file whose content stays keeps its bytes.
    pub set: String,
    /// Every text that its tables name, each once.
    pub texts: Vec<String>,
    /// The tables by name.
    pub grids: Vec<(&'static str, Grid)>,
}

/// A table of whole numbers: places in a list, or amounts in minor units.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    /// Numbers in a row.
    pub width: usize,
    /// The numbers, row by row.
    pub cells: Vec<i128>,
}

impl Grid {
    /// Stands for no value.
    pub const NONE: i128 = i128::MIN;

    /// Adds a row; its number.
    pub fn push(&mut self, row: &[i128]) -> i128 {
        self.width = row.len();
        let number = self.cells.len() / row.len().max(1);
        self.cells.extend_from_slice(row);
        place(number)
    }
}

/// A number of a row or text as a cell.
pub fn place(number: usize) -> i128 {
    i128::try_from(number).unwrap_or(i128::MAX)
}

/// The texts of a file while it is made.
#[derive(Debug, Default)]
pub struct Texts {
    /// In the order of their numbers.
    pub all: Vec<String>,
    numbers: HashMap<String, i128>,
}

impl Texts {
    /// The number of a text, which is added where it is new.
    pub fn number(&mut self, text: &str) -> i128 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = place(self.all.len());
        self.all.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// The same; [`Grid::NONE`] for no text.
    pub fn optional(&mut self, text: Option<&str>) -> i128 {
        text.map_or(Grid::NONE, |text| self.number(text))
    }
}

/// A day as a number, so that two are compared without a calendar.
pub fn day(date: NaiveDate) -> i128 {
    date.num_days_from_ce().into()
}
