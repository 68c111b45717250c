//! Rows of the CSV files in `input/metrics/`: found by their header, read cell by cell, counted one by one.
//!
//! Not its job: what a row means. Its invariant: rows read = used + left out, and whatever is left out has a warning with its
//! place. Nothing here stops a run: a metric without its file is not measurable, and every rebate is as it was.

use chrono::NaiveDate;
use ustr::Ustr;

use super::GivenFile;
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::ingest::grammar::{self, CellError};
use crate::ingest::scan::{self, Marks};
use crate::mark;
use crate::model::time::Month;

/// Warnings of one file that are listed; the last one says how many more there are.
pub(super) const LISTED: usize = 20;

/// The words for rows that cannot be read.
pub(super) const UNREADABLE: &str = mark!("cannot be read");
/// The words for rows that repeat another.
pub(super) const REPEATED: &str = mark!("repeats an earlier row");

/// The columns of a file: those that each row must fill, and the others that are used.
pub(super) struct Columns {
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
    /// Columns whose values no message quotes, because they name people.
    pub(super) personal: &'static [&'static str],
}

/// Why a row is left out.
pub(super) enum Bad {
    /// A cell cannot be read.
    Cell(&'static str, CellError),
    /// The row says again what an earlier one said.
    Repeated(&'static str),
}

/// One row.
pub(super) struct Cells<'r> {
    header: &'r [String],
    cells: Vec<&'r str>,
}

impl Cells<'_> {
    /// The text of a cell without blanks around it; empty where the file lacks the column.
    pub(super) fn text(&self, column: &'static str) -> &str {
        let place = self.header.iter().position(|name| name == column);
        place.and_then(|place| self.cells.get(place)).map_or("", |cell| cell.trim())
    }

    /// A text that must be there.
    pub(super) fn name(&self, column: &'static str) -> Result<Ustr, Bad> {
        let text = self.text(column);
        grammar::id(text).map_err(|error| Bad::Cell(column, error))?;
        Ok(Ustr::from(text))
    }

    /// A text that may be there.
    pub(super) fn name_or_none(&self, column: &'static str) -> Result<Option<Ustr>, Bad> {
        if self.text(column).is_empty() { Ok(None) } else { self.name(column).map(Some) }
    }

    /// A day.
    pub(super) fn date(&self, column: &'static str) -> Result<NaiveDate, Bad> {
        grammar::date(self.text(column)).map_err(|error| Bad::Cell(column, error))
    }

    /// A day that may be there.
    pub(super) fn date_or_none(&self, column: &'static str) -> Result<Option<NaiveDate>, Bad> {
        if self.text(column).is_empty() { Ok(None) } else { self.date(column).map(Some) }
    }

    /// A month.
    pub(super) fn month(&self, column: &'static str) -> Result<Month, Bad> {
        let text = self.text(column);
        grammar::period(text).map_err(|error| Bad::Cell(column, error))?;
        Month::parse(text).ok_or_else(|| self.wrong(column, "is not a month", "write it as YYYY-MM"))
    }

    /// A whole number that is not negative.
    pub(super) fn count(&self, column: &'static str) -> Result<u64, Bad> {
        let text = self.text(column);
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if is_plain { text.parse().ok() } else { None };
        // Products of two of them fit into what they are compared in.
        number.filter(|number| *number <= 1_000_000_000_000).ok_or_else(|| {
            self.wrong(column, "is not a whole number", "write plain digits without separators, such as 450")
        })
    }

    /// Yes or no; nothing where the cell is empty.
    pub(super) fn flag(&self, column: &'static str) -> Result<Option<bool>, Bad> {
        match self.text(column) {
            "" => Ok(None),
            "0" | "false" => Ok(Some(false)),
            "1" | "true" => Ok(Some(true)),
            _ => Err(self.wrong(column, "is neither yes nor no", "write 1 or true, 0 or false")),
        }
    }

    /// A cell that says what it cannot.
    pub(super) fn wrong(&self, column: &'static str, what: &str, help: &str) -> Bad {
        let message = format!("{} {what}", grammar::shown(self.text(column)));
        Bad::Cell(column, CellError::new("metrics-cell", message, help))
    }
}

/// Hands every row of a file to `take` and counts what becomes of it.
///
/// Shape: what became of the rows, and a warning for everything that was left out. `None` where the file has no table that
/// can be used; then a warning says why.
pub(super) fn read(
    file: &mut GivenFile,
    bytes: &[u8],
    columns: &Columns,
    problems: &mut Vec<Diagnostic>,
    mut take: impl FnMut(&Cells<'_>) -> Result<(), Bad>,
) -> Option<()> {
    let path = file.path.clone();
    // Where the header is missing, the first row is a person.
    let names_people = !columns.personal.is_empty();
    let scan = match scan::scan(bytes, Marks::COMMA) {
        Ok(scan) => scan,
        Err(found) => {
            file.is_unusable = true;
            let first = found.first()?;
            let why = if names_people { "it is not a proper CSV file" } else { first.message.as_str() };
            problems.push(Diagnostic {
                line: u32::try_from(first.line).unwrap_or(u32::MAX),
                column: u32::try_from(first.column).unwrap_or(u32::MAX),
                ..warning(
                    "metrics-file-unreadable",
                    &path,
                    format!("{why}, so this file is not used"),
                    &first.help,
                )
            });
            return None;
        }
    };
    let text = std::str::from_utf8(bytes).ok()?;
    let mut decoder = scan.decoder(text);
    let header: Vec<String> = decoder
        .row(0)
        .map(|row| row.iter().map(|name| name.trim().to_ascii_lowercase()).collect())
        .unwrap_or_default();
    let missing: Vec<&str> =
        columns.required.iter().copied().filter(|name| !header.iter().any(|h| h == name)).collect();
    let named = |name: &&str| header.iter().filter(|h| h == name).count() > 1;
    let twice = columns.required.iter().chain(columns.optional).copied().find(named);
    if !missing.is_empty() || twice.is_some() {
        file.is_unusable = true;
        let found = header.iter().map(|name| format!("`{}`", visible(name))).collect::<Vec<_>>().join(", ");
        let found = if names_people { String::new() } else { format!("; found: {found}") };
        let message = match twice {
            Some(name) if missing.is_empty() => {
                format!("the column `{name}` is there twice, so this file is not used")
            }
            Some(_) | None => {
                format!("there is no column `{}`, so this file is not used{found}", missing.join("`, `"))
            }
        };
        let all = columns.required.iter().chain(columns.optional).copied().collect::<Vec<_>>().join(", ");
        let help = format!("the first row names the columns: {all}");
        problems.push(Diagnostic { line: 1, ..warning("metrics-column-missing", &path, message, &help) });
        return None;
    }
    let mut list = Listed::new(&path);
    for number in 1..scan.len() {
        let Some(row) = decoder.row(number) else { continue };
        if row.is_blank() {
            continue;
        }
        file.read += 1;
        let line = row.line();
        if row.len() != header.len() {
            let message = format!(
                "the row has {} fields where the header has {}; it is left out",
                row.len(),
                header.len()
            );
            list.add(Diagnostic {
                line,
                ..warning(
                    "metrics-row-fields",
                    &path,
                    message,
                    "put a text that holds a comma in double quotes",
                )
            });
            *file.left_out.entry(UNREADABLE).or_default() += 1;
            continue;
        }
        let cells = Cells { header: &header, cells: row.iter().collect() };
        match take(&cells) {
            Ok(()) => file.used += 1,
            Err(Bad::Cell(column, error)) => {
                *file.left_out.entry(UNREADABLE).or_default() += 1;
                let is_personal = columns.personal.contains(&column);
                let message = if is_personal { "the cell cannot be read".to_owned() } else { error.message };
                list.add(Diagnostic {
                    line,
                    column: place(&header, column),
                    field: column.to_owned(),
                    value: if is_personal { String::new() } else { visible(cells.text(column)) },
                    ..warning(error.code, &path, format!("{message}; the row is left out"), &error.help)
                });
            }
            Err(Bad::Repeated(column)) => {
                *file.left_out.entry(REPEATED).or_default() += 1;
                list.add(Diagnostic {
                    line,
                    column: place(&header, column),
                    field: column.to_owned(),
                    ..warning(
                        "metrics-row-twice",
                        &path,
                        "an earlier row is about the same; this one is left out".to_owned(),
                        "keep the row that is right and remove the other",
                    )
                });
            }
        }
    }
    problems.extend(list.done());
    Some(())
}

fn place(header: &[String], column: &str) -> u32 {
    let place = header.iter().position(|name| name == column);
    place.and_then(|place| u32::try_from(place + 1).ok()).unwrap_or(0)
}

/// A warning of a file.
pub(super) fn warning(code: &'static str, path: &str, message: String, help: &str) -> Diagnostic {
    Diagnostic::of_file(Severity::Warning, code, path, message, help)
}

/// The warnings of a file: the first ones, and how many more there are.
pub(super) struct Listed<'p> {
    path: &'p str,
    all: Vec<Diagnostic>,
    more: usize,
}

impl<'p> Listed<'p> {
    pub(super) fn new(path: &'p str) -> Listed<'p> {
        Listed { path, all: Vec::new(), more: 0 }
    }

    pub(super) fn add(&mut self, problem: Diagnostic) {
        if self.all.len() < LISTED { self.all.push(problem) } else { self.more += 1 }
    }

    pub(super) fn done(mut self) -> Vec<Diagnostic> {
        if self.more > 0 {
            self.all.push(warning(
                "metrics-more",
                self.path,
                format!("{} more lines are left out for such reasons", self.more),
                "correct the export; the page health.html counts what is left out",
            ));
        }
        self.all
    }
}
