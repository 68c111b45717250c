//! What is in a folder, compared with what should be there: file by file, each difference with its place.
//!
//! [`Comparison`] takes the files that should be there one by one, as they are made, and holds none of them: it is a sink
//! for a site that writes nothing. Where program, configuration, content or templates are others than those that made the
//! folder, words may differ, so it compares figures alone. It knows nothing about rebates: a figure is what the markup
//! marks as an amount, or a cell of a CSV file that is a plain number.

mod json;
mod lines;
mod markup;
mod rows;
mod sums;
mod workbook;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::error::Error;
use crate::fs::{self, Kind};

pub use sums::{Fault, Sums, check as check_sums};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Every byte.
    #[default]
    Bytes,
    /// Figures: amounts in pages, numbers in CSV files, JSON files and workbooks, and the formulas of these.
    Figures,
}

/// What kind of difference it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A figure is another one.
    Figure,
    /// Something else than a figure: words, markup, order.
    Words,
    /// The file should be there and is not.
    Missing,
    /// The file is there and nothing makes it.
    Extra,
}

impl What {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            What::Figure => "figure",
            What::Words => "words",
            What::Missing => "missing",
            What::Extra => "extra",
        }
    }
}

/// What a figure is about, as the markup around it says.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// The code of its measure: `total`.
    pub measure: String,
    /// Its scope: `period=2026-05`.
    pub scope: String,
    /// The snapshot at which it was known: `2026-06-18`.
    pub snapshot: String,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The file, from the root of what is compared.
    pub path: String,
    /// Where in the file, so that differences are listed in its order: bytes, rows or lines.
    order: usize,
    /// The same in words: `line 12, column 340`, `row 3 (ORD-2001), column Rebate`; empty for the whole file.
    pub place: String,
    /// What kind it is.
    pub what: What,
    /// What is there.
    pub found: String,
    /// What should be there.
    pub expected: String,
    /// What a figure of a page is about.
    pub about: Option<About>,
}

impl Difference {
    fn new(order: usize, place: String, what: What, found: String, expected: String) -> Difference {
        Difference { path: String::new(), order, place, what, found, expected, about: None }
    }

    /// A tree of the site that nothing makes.
    pub fn extra(folder: &str) -> Difference {
        Difference::file(folder, What::Extra)
    }

    /// A tree that should be there and is not.
    pub fn missing(folder: &str) -> Difference {
        Difference::file(folder, What::Missing)
    }

    /// A whole file.
    fn file(path: &str, what: What) -> Difference {
        let path = path.to_owned();
        Difference { path, ..Difference::new(0, String::new(), what, String::new(), String::new()) }
    }
}

/// Compares two versions of a file, `found` with what is `expected`.
///
/// Shape: every difference in the order of the file. Two files with other bytes have at least one in [`Mode::Bytes`].
pub fn compare(path: &str, found: &[u8], expected: &[u8], mode: Mode) -> Vec<Difference> {
    if found == expected {
        return Vec::new();
    }
    let texts = str::from_utf8(found).ok().zip(str::from_utf8(expected).ok());
    let mut differences = match (path.rsplit_once('.').map_or("", |(_, extension)| extension), texts) {
        ("html", Some((found, expected))) => markup::compare(found, expected, mode),
        ("csv", Some((found, expected))) => rows::compare(found, expected, mode),
        ("xlsx", _) => workbook::compare(found, expected, mode),
        ("json", Some((found, expected))) if mode == Mode::Figures => json::compare(found, expected),
        (_, _) if mode == Mode::Figures => Vec::new(),
        (_, Some((found, expected))) => lines::compare(found, expected),
        (_, None) => Vec::new(),
    };
    // What a reader of the format does not see, such as a quote or a line ending, is a difference of bytes all the same.
    if differences.is_empty() && mode == Mode::Bytes {
        differences.push(lines::compare_bytes(found, expected));
    }
    for difference in &mut differences {
        path.clone_into(&mut difference.path);
    }
    differences
}

/// How much was compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files that should be there.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Pages among them.
    pub pages: usize,
    /// Amounts marked in these.
    pub amounts: usize,
    /// CSV files and workbooks among them.
    pub tables: usize,
    /// Numbers in the cells of the CSV files.
    pub numbers: usize,
}

impl Counts {
    /// Adds what was compared elsewhere.
    pub fn add(&mut self, other: Counts) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.pages += other.pages;
        self.amounts += other.amounts;
        self.tables += other.tables;
        self.numbers += other.numbers;
    }
}

#[derive(Debug, Default)]
struct State {
    counts: Counts,
    differences: Vec<Difference>,
    taken: HashSet<String>,
}

/// A folder that is compared, file by file, by several threads.
#[derive(Debug)]
pub struct Comparison {
    root: PathBuf,
    mode: Mode,
    state: Mutex<State>,
}

impl Comparison {
    /// Nothing of a folder is compared yet.
    pub fn new(root: PathBuf, mode: Mode) -> Comparison {
        Comparison { root, mode, state: Mutex::default() }
    }

    /// Takes a file that should be there; its path is relative to the folder.
    ///
    /// # Errors
    /// [`Error::Read`] when what is there cannot be read.
    pub fn take(&self, path: &str, expected: &[u8]) -> Result<(), Error> {
        let counts = counts(path, expected);
        let found = match fs::kind(&self.root.join(path))? {
            Some(Kind::File) => Some(fs::read_within(&self.root, Path::new(path))?),
            Some(Kind::Folder | Kind::Link | Kind::Other) | None => None,
        };
        let differences = match found {
            Some(found) => compare(path, &found, expected, self.mode),
            None if self.counts_in(&counts) => vec![Difference::file(path, What::Missing)],
            None => Vec::new(),
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.taken.insert(path.to_owned());
        state.counts.files += 1;
        state.counts.bytes += expected.len() as u64;
        state.counts.pages += counts.pages;
        state.counts.amounts += counts.amounts;
        state.counts.tables += counts.tables;
        state.counts.numbers += counts.numbers;
        state.differences.extend(differences);
        Ok(())
    }

    /// Notes a file that should be there and is not compared.
    pub fn note(&self, path: &str) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).taken.insert(path.to_owned());
    }

    /// Takes several files.
    ///
    /// # Errors
    /// As [`Comparison::take`].
    pub fn take_all(&self, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<(), Error> {
        files.into_iter().try_for_each(|(path, bytes)| self.take(&path, &bytes))
    }

    /// Whether a difference was found so far.
    pub fn has_differences(&self) -> bool {
        !self.state.lock().unwrap_or_else(PoisonError::into_inner).differences.is_empty()
    }

    /// Whether a file that only one side has is a difference: in a comparison of figures, one without any is not.
    fn counts_in(&self, counts: &Counts) -> bool {
        self.mode == Mode::Bytes || counts.amounts + counts.numbers > 0
    }

    /// Looks for files that nothing made, and gives back everything.
    ///
    /// Shape: differences by path and place.
    ///
    /// # Errors
    /// [`Error::Read`] when the folder cannot be read.
    pub fn finish(self) -> Result<(Counts, Vec<Difference>), Error> {
        let mut extra = Vec::new();
        {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            for found in fs::list(&self.root)?.into_iter().filter(|found| found.kind != Kind::Folder) {
                let path = found.path.to_string_lossy().into_owned();
                if state.taken.contains(&path) {
                    continue;
                }
                let is_file = found.kind == Kind::File;
                let bytes = if is_file { fs::read_within(&self.root, &found.path)? } else { Vec::new() };
                if self.counts_in(&counts(&path, &bytes)) {
                    extra.push(Difference::file(&path, What::Extra));
                }
            }
        }
        let State { counts, mut differences, .. } =
            self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        differences.extend(extra);
        differences.sort_unstable();
        Ok((counts, differences))
    }
}

/// The figures of one file.
fn counts(path: &str, bytes: &[u8]) -> Counts {
    let mut counts = Counts::default();
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => {
            counts.pages = 1;
            counts.amounts = str::from_utf8(bytes).map_or(0, markup::count);
        }
        "csv" => {
            counts.tables = 1;
            counts.numbers = str::from_utf8(bytes).map_or(0, rows::count);
        }
        "xlsx" => {
            counts.tables = 1;
            counts.numbers = workbook::count(bytes);
        }
        _ => {}
    }
    counts
}

/// A minus or none, digits, and at most one point between them.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
