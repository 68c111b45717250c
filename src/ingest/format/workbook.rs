//! Workbooks: XLSX and XLSM, ODS, and XLS of Excel 5 to 2003, told apart by what is in them, never by their name.
//!
//! Not its job: where in a sheet the table begins, what a column means. Its invariant: a cell comes out as the spreadsheet
//! shows it, or as a text that no amount, date or id can be read from; and whatever the bytes are, reading ends with sheets
//! or with the reason.
//!
//! `calamine` reads. What it takes from a file unseen, and what would end the process rather than the file, is looked at
//! before, by `package` and `records`; where it panics, that is a problem of the file.

mod cells;
mod package;
mod records;
mod value;

use std::fmt::Display;
use std::io::Cursor;

use calamine::{Ods, OdsError, Reader, SheetType, SheetVisible, Xls, Xlsx, XlsxError};

use super::caught::caught;
use super::{Declared, Problem, Sheet};
use crate::diagnostic::visible;
use cells::{Budget, Cells};

/// Bytes of a workbook. The largest that a vendor hands out, 300,000 rows, has some 40 MB.
const MAX_FILE: usize = 64 << 20;
/// Sheets of a workbook: a year of days has 366.
const MAX_SHEETS: usize = 1_000;
/// Names of sheets in a message.
const MAX_NAMES: usize = 20;

const SAVE_AGAIN: &str = "open it in a spreadsheet program and save it as an Excel workbook (.xlsx)";

/// A kind of workbook that is known by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Office Open XML: `.xlsx`, and `.xlsm` with its macros, which are never looked at.
    Xlsx,
    /// Excel's binary form of the same, which is refused by name.
    Xlsb,
    /// OpenDocument.
    Ods,
    /// A compound file: Excel 5 to 2003, or any workbook behind a password.
    Xls,
    /// A stream of records from before that, which is refused by name.
    Old,
    /// A web page or a single file of XML, which portals like to call `.xls`; refused by name.
    Markup,
}

impl Kind {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Xlsx => "XLSX",
            Kind::Xlsb => "XLSB",
            Kind::Ods => "ODS",
            Kind::Xls | Kind::Old => "XLS",
            Kind::Markup => "HTML or XML",
        }
    }

    /// Whether a file of that name is one, as far as its ending says.
    fn fits(self, name: &str) -> bool {
        let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let usual: &[&str] = match self {
            Kind::Xlsx => &["xlsx", "xlsm", "xltx", "xltm"],
            Kind::Xlsb => &["xlsb"],
            Kind::Ods => &["ods", "ots"],
            Kind::Xls | Kind::Old => &["xls", "xlt"],
            Kind::Markup => &["html", "htm", "xml"],
        };
        usual.contains(&ending.as_str())
    }
}

/// Which kind of workbook bytes are, or nothing where they are none: then they may be delimited text, whatever the file is
/// called. Looks at the first bytes, and into the directory of a zip archive, never at a name.
pub fn looks_like(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => Some(Kind::Xls),
        // The first record of BIFF2 to BIFF4, which have no compound file: its number, and a length of 4 to 16 bytes.
        [0x09, 0x00 | 0x02 | 0x04 | 0x08, 4..=16, 0x00, ..] => Some(Kind::Old),
        [b'P', b'K', 3, 4, ..] => package::sniff(bytes),
        _ => is_markup(bytes).then_some(Kind::Markup),
    }
}

fn is_markup(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4_096)]).to_lowercase();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    let is_page = ["<!doctype html", "<html", "<head", "<meta", "<body", "<table"]
        .iter()
        .any(|tag| start.starts_with(tag));
    let is_sheet = ["urn:schemas-microsoft-com:office:", "urn:oasis:names:tc:opendocument:", "<html"]
        .iter()
        .any(|space| start.contains(space));
    is_page || (start.starts_with("<?xml") && is_sheet)
}

/// Reads the sheets of a workbook.
///
/// `declared.table` names one, by its exact name, else without regard to upper and lower case; with `*` for any text it
/// names all that fit. Without it, all sheets come that hold anything. Hidden sheets come only where one is declared by its
/// full name; that they are left out is in [`Sheet::detected`]. The name of the file is compared with what it is, no more.
///
/// Each sheet's text is delimited by commas, its rows and columns are cut to what holds anything, and rows without a value
/// are left out; of merged cells the first has the value. Numbers come out with up to 15 significant digits as a spreadsheet
/// shows them; what was cut is counted in [`Sheet::detected`]. Days and times come out in ISO 8601, by the calendar of the
/// workbook, and only where the cell's format says so. A cell's value is the one that was stored with it: nothing is
/// calculated.
///
/// # Errors
/// Every sheet that cannot be read; or the one reason why the whole file cannot:
/// - `workbook-encrypted`, `workbook-binary`, `workbook-too-old`, `workbook-markup`, `workbook-not-one`: what it is instead
/// - `workbook-broken`, `cell-misplaced`: what no spreadsheet program writes
/// - `workbook-too-large`, `workbook-too-many-parts`, `workbook-too-many-sheets`, `workbook-too-many-cells`,
///   `workbook-too-much-text`, `sheet-too-wide`, `cell-too-long`: limits
/// - `workbook-no-sheet`, `workbook-empty`: nothing to read
pub fn read(name: &str, bytes: &[u8], declared: &Declared) -> Result<Vec<Sheet>, Vec<Problem>> {
    caught(|| read_all(name, bytes, declared))
        .unwrap_or_else(|panic| Err(vec![*broken(&format!("it contradicts itself ({panic})")).0]))
}

fn read_all(name: &str, bytes: &[u8], declared: &Declared) -> Result<Vec<Sheet>, Vec<Problem>> {
    let alone = |fault: Fault| vec![*fault.0];
    if bytes.len() > MAX_FILE {
        let message = format!("the file has more than {MAX_FILE} bytes");
        return Err(alone(fault("workbook-too-large", message, cells::TOO_LARGE)));
    }
    let kind = looks_like(bytes).ok_or_else(not_a_workbook).map_err(alone)?;
    let mut book = Book::open(kind, bytes).map_err(alone)?;
    let tabs = book.tabs().map_err(alone)?;
    let chosen = choose(&tabs, declared.table.as_deref()).map_err(alone)?;
    let (mut budget, mut sheets, mut problems) = (Budget::default(), Vec::new(), Vec::new());
    for tab in &chosen {
        match book.sheet(&tab.name, &mut budget) {
            Ok(sheet) => sheets.extend(sheet),
            Err(fault) => problems.push(*fault.of(&tab.name).0),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if sheets.is_empty() {
        let message = match list(chosen.into_iter()).as_str() {
            "" => "the workbook has no sheet that is not hidden".to_owned(),
            listed => format!("no cell holds anything; looked at {listed}"),
        };
        let help = "name the sheet that holds the table in the file's declaration, or ask for the file again";
        return Err(alone(fault("workbook-empty", message, help)));
    }
    let other = if kind.fits(name) { "" } else { ", whatever its name says" };
    let mut found = vec![format!("{} workbook{other}", kind.name())];
    let left_out: Vec<&Tab> = tabs.iter().filter(|tab| tab.is_hidden).collect();
    let is_one_declared = declared.table.as_deref().is_some_and(|wanted| !wanted.contains('*'));
    if !left_out.is_empty() && !is_one_declared {
        found.push(format!("hidden sheets left out: {}", list(left_out.into_iter())));
    }
    if book.is_of_1904() {
        found.push("days counted from 1904".to_owned());
    }
    for sheet in &mut sheets {
        sheet.detected.splice(0..0, found.iter().cloned());
    }
    Ok(sheets)
}

/// A sheet of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tab {
    name: String,
    is_hidden: bool,
}

/// A workbook that is open.
enum Book<'b> {
    Xlsx(Box<Xlsx<Cursor<&'b [u8]>>>),
    Ods(Box<Ods<Cursor<&'b [u8]>>>),
    Xls(Box<Xls<Cursor<Vec<u8>>>>),
}

impl Book<'_> {
    fn open(kind: Kind, bytes: &[u8]) -> Result<Book<'_>, Fault> {
        match kind {
            Kind::Xlsx => {
                package::check(kind, bytes)?;
                Ok(Book::Xlsx(Box::new(Xlsx::new(Cursor::new(bytes)).map_err(told)?)))
            }
            Kind::Ods => {
                package::check(kind, bytes)?;
                let book = Ods::new(Cursor::new(bytes)).map_err(|error| {
                    if matches!(error, OdsError::Password) { encrypted() } else { told(error) }
                })?;
                Ok(Book::Ods(Box::new(book)))
            }
            Kind::Xls => {
                let bytes = records::checked(bytes)?;
                Ok(Book::Xls(Box::new(Xls::new(Cursor::new(bytes)).map_err(told)?)))
            }
            Kind::Old => {
                let message = "the workbook is of a version before Excel 5".to_owned();
                Err(fault("workbook-too-old", message, SAVE_AGAIN))
            }
            Kind::Xlsb => {
                let message = "the file is an Excel binary workbook (.xlsb)".to_owned();
                Err(fault("workbook-binary", message, SAVE_AGAIN))
            }
            Kind::Markup => {
                let message =
                    "the file is a web page or XML, not a workbook, whatever its name says".to_owned();
                Err(fault("workbook-markup", message, SAVE_AGAIN))
            }
        }
    }

    /// The sheets that can hold a table, in the order of the workbook.
    fn tabs(&self) -> Result<Vec<Tab>, Fault> {
        let sheets = match self {
            Book::Xlsx(book) => book.sheets_metadata(),
            Book::Ods(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
        };
        if sheets.len() > MAX_SHEETS {
            return Err(too_many_sheets());
        }
        let tab = |sheet: &calamine::Sheet| Tab {
            name: sheet.name.clone(),
            is_hidden: sheet.visible != SheetVisible::Visible,
        };
        let tabs: Vec<Tab> =
            sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).map(tab).collect();
        let mut names: Vec<&str> = tabs.iter().map(|tab| tab.name.as_str()).collect();
        names.sort_unstable();
        match names.windows(2).any(|two| two[0] == two[1]) {
            true => Err(broken("two sheets have one name")),
            false => Ok(tabs),
        }
    }

    fn is_of_1904(&self) -> bool {
        match self {
            Book::Xlsx(book) => book.has_1904_epoch(),
            Book::Xls(book) => book.has_1904_epoch(),
            Book::Ods(_) => false,
        }
    }

    /// One sheet; nothing where no cell of it holds anything.
    fn sheet(&mut self, name: &str, budget: &mut Budget) -> Result<Option<Sheet>, Fault> {
        let mut cells = Cells::new(name, budget);
        match self {
            // Cell by cell, so that no more is held than the text that comes of it.
            Book::Xlsx(book) => {
                let mut reader = book.worksheet_cells_reader(name).map_err(told)?;
                let behind = |error: XlsxError, row: u64| {
                    let mut fault = told(error);
                    fault.0.line = row;
                    fault
                };
                while let Some(cell) =
                    reader.next_cell_with_formula_metadata().map_err(|error| behind(error, cells.row()))?
                {
                    cells.put(cell.pos, &cell.value, cell.formula.is_some())?;
                }
            }
            Book::Ods(book) => cells.range(
                &book.worksheet_range(name).map_err(told)?,
                &book.worksheet_formula(name).map_err(told)?,
            )?,
            Book::Xls(book) => cells.range(
                &book.worksheet_range(name).map_err(told)?,
                &book.worksheet_formula(name).map_err(told)?,
            )?,
        }
        cells.table()
    }
}

/// The sheets to read, in the order of the workbook.
fn choose<'t>(tabs: &'t [Tab], declared: Option<&str>) -> Result<Vec<&'t Tab>, Fault> {
    let that =
        |fits: &dyn Fn(&Tab) -> bool| -> Vec<&'t Tab> { tabs.iter().filter(|tab| fits(tab)).collect() };
    let Some(wanted) = declared else { return Ok(that(&|tab| !tab.is_hidden)) };
    let is_pattern = wanted.contains('*');
    let mut chosen = that(&|tab| fits(wanted, &tab.name) && !(is_pattern && tab.is_hidden));
    if chosen.is_empty() {
        let folded = wanted.to_lowercase();
        chosen = that(&|tab| fits(&folded, &tab.name.to_lowercase()) && !(is_pattern && tab.is_hidden));
    }
    if chosen.is_empty() {
        let message = match list(tabs.iter()).as_str() {
            "" => "the workbook has no sheet".to_owned(),
            listed => format!("the workbook has no sheet `{}`; it has {listed}", visible(wanted)),
        };
        let mut fault =
            fault("workbook-no-sheet", message, "name one of its sheets in the file's declaration");
        fault.0.value = visible(wanted);
        return Err(fault);
    }
    Ok(chosen)
}

/// Whether a name is the wanted one, in which `*` stands for any text.
fn fits(wanted: &str, name: &str) -> bool {
    let mut parts = wanted.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// Names in words: `May`, `June` and 3 more.
fn list<'t>(tabs: impl Iterator<Item = &'t Tab>) -> String {
    let tabs: Vec<&Tab> = tabs.collect();
    let name = |tab: &&Tab| {
        let state = if tab.is_hidden { " (hidden)" } else { "" };
        format!("`{}`{state}", visible(&tab.name))
    };
    let mut words = tabs.iter().take(MAX_NAMES).map(name).collect::<Vec<_>>().join(", ");
    if tabs.len() > MAX_NAMES {
        words.push_str(&format!(" and {} more", tabs.len() - MAX_NAMES));
    }
    words
}

/// A problem on its way out.
#[derive(Debug)]
struct Fault(Box<Problem>);

/// The fault of the whole file.
fn fault(code: &'static str, message: String, help: &str) -> Fault {
    let (sheet, value, help) = (String::new(), String::new(), help.to_owned());
    Fault(Box::new(Problem { code, sheet, line: 0, column: 0, value, message, help }))
}

impl Fault {
    /// Of a sheet, where none is named yet.
    fn of(mut self, sheet: &str) -> Fault {
        if self.0.sheet.is_empty() {
            sheet.clone_into(&mut self.0.sheet);
        }
        self
    }

    /// In a cell of a sheet; row and column count from 0.
    fn at(mut self, sheet: &str, (row, column): (u32, u32)) -> Fault {
        (self.0.line, self.0.column) = (u64::from(row) + 1, u64::from(column) + 1);
        self.of(sheet)
    }
}

/// What no spreadsheet program writes; the reason goes on from "the workbook cannot be read:". It may hold bytes of the file,
/// so it is made printable word by word.
fn broken(reason: &str) -> Fault {
    let reason = reason.split(' ').map(visible).take(60).collect::<Vec<_>>().join(" ");
    let help = "ask for the file again; if it opens in a spreadsheet program, save it again there";
    fault("workbook-broken", format!("the workbook cannot be read: {reason}"), help)
}

/// An error of `calamine` in its own words.
fn told(error: impl Display) -> Fault {
    broken(&error.to_string())
}

fn encrypted() -> Fault {
    let message = "the workbook is protected with a password".to_owned();
    fault("workbook-encrypted", message, "open it with the password, remove the password and save it")
}

fn too_many_sheets() -> Fault {
    fault(
        "workbook-too-many-sheets",
        format!("the workbook has more than {MAX_SHEETS} sheets"),
        cells::TOO_LARGE,
    )
}

fn not_a_workbook() -> Fault {
    let message = "the file is no workbook of Excel or OpenDocument".to_owned();
    fault("workbook-not-one", message, "export the table as an Excel workbook (.xlsx) or as CSV")
}

#[cfg(test)]
mod tests;
