//! From the bytes of a file to tables of text, whatever it is packed, encoded and laid out in.
//!
//! Not its job: which rows are data, what a column means. Its invariant: a cell comes out as it was written or as a text
//! that no amount, date or id can be read from; nothing is rounded, repaired or left out silently.

mod caught;
pub mod columnar;
pub mod dialect;
pub mod encoding;
pub mod objects;
pub mod packed;
pub mod text;
pub mod typed;
pub mod workbook;

use super::scan::Marks;
use crate::diagnostic::{Diagnostic, Severity};
use typed::Typed;

/// What is declared of a file; what is not is detected, and the result says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// A label of the WHATWG encoding standard, such as `gb18030`.
    pub encoding: Option<String>,
    /// The byte between two fields of a text file, ASCII.
    pub delimiter: Option<u8>,
    /// The byte around a field of a text file that holds a delimiter, ASCII.
    pub quote: Option<u8>,
    /// The sheet of a workbook, the member of an archive (`*` stands for any text), or the path of the list in a JSON
    /// document, such as `Data.OrderList`.
    pub table: Option<String>,
}

/// A table as it lies in a file: every cell as text, nothing of it interpreted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The sheet, the member or the list; empty where the file is one table.
    pub name: String,
    /// All rows in the order of the file, what stands above and below the data too: delimited text with `"` as quote, in
    /// UTF-8. A text file that has this shape already is taken over byte for byte, so that its lines stay its lines.
    pub text: String,
    /// The byte between two fields of `text`.
    pub delimiter: u8,
    /// The row in the file of each record of `text`, 1-based; none where that is the physical line of `text`.
    pub rows: Option<Vec<u32>>,
    /// How many columns of the file stand left of the first one of `text`.
    pub left: u32,
    /// Which cells were numbers or days rather than text, by their record of `text`.
    pub typed: Typed,
    /// How many records the file itself says there are, where it says so once and for all: fewer in `text` is a page that
    /// is missing.
    pub declared_rows: Option<u64>,
    /// What was found out rather than declared, in words: `encoding GB18030`, `delimiter ;`.
    pub detected: Vec<String>,
}

/// One reason why a file cannot be read, with its place and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Kebab-case code, stable.
    pub code: &'static str,
    /// The sheet, member or list; empty where the file is one table.
    pub sheet: String,
    /// The physical line or the row of the sheet, 1-based; 0 where the problem is the whole file's.
    pub line: u64,
    /// The field or the column of the sheet, 1-based; 0 where the problem is the whole row's.
    pub column: u64,
    /// The offending text, made visible; empty where there is none to show.
    pub value: String,
    /// The violated fact, a lowercase fragment without full stop.
    pub message: String,
    /// The next action.
    pub help: String,
}

impl Sheet {
    /// What stands between and around the fields of `text`.
    pub fn marks(&self) -> Marks {
        Marks::new(self.delimiter, b'"').unwrap_or(Marks::COMMA)
    }
}

impl Problem {
    /// The problem of a file as a diagnostic that stops the run.
    pub fn diagnostic(self, path: &str) -> Diagnostic {
        // A member of an archive is named by its path behind that of the archive.
        let inner = self.sheet.strip_prefix(path).unwrap_or(&self.sheet).trim_start_matches('/');
        let place = if inner.is_empty() { path.to_owned() } else { format!("{path}#{inner}") };
        Diagnostic {
            line: u32::try_from(self.line).unwrap_or(u32::MAX),
            column: u32::try_from(self.column).unwrap_or(u32::MAX),
            value: self.value,
            ..Diagnostic::of_file(Severity::Fatal, self.code, &place, self.message, &self.help)
        }
    }
}

/// Reads the tables of a file, by what is in it and never by how it is called: unpacked where it is packed, then as a
/// workbook, Parquet, JSON or delimited text.
///
/// Shape: one sheet for each table that is meant, in the order of the file; of an archive, those of all members that are
/// meant, each named by its member.
///
/// # Errors
/// Every reason why the file cannot be read.
pub fn open(name: &str, bytes: Vec<u8>, declared: &Declared) -> Result<Vec<Sheet>, Vec<Problem>> {
    let members = packed::unpack(name, bytes, declared)?;
    if let [(only, _)] = &members[..]
        && !only.starts_with(&format!("{name}/"))
    {
        return members
            .into_iter()
            .map(|(_, bytes)| table(name, bytes, declared))
            .next()
            .unwrap_or(Ok(Vec::new()));
    }
    // What is declared of the table has chosen the members.
    let declared = Declared { table: None, ..declared.clone() };
    let (mut sheets, mut problems) = (Vec::new(), Vec::new());
    for (path, bytes) in members {
        let member = path.strip_prefix(&format!("{name}/")).unwrap_or(&path).to_owned();
        let named =
            |inner: String| if inner.is_empty() { member.clone() } else { format!("{member}#{inner}") };
        match table(&path, bytes, &declared) {
            Ok(found) => sheets.extend(found.into_iter().map(|s| Sheet { name: named(s.name.clone()), ..s })),
            Err(found) => {
                problems.extend(found.into_iter().map(|p| Problem { sheet: named(p.sheet.clone()), ..p }));
            }
        }
    }
    if problems.is_empty() { Ok(sheets) } else { Err(problems) }
}

/// Reads the tables of a file that is not packed.
fn table(path: &str, bytes: Vec<u8>, declared: &Declared) -> Result<Vec<Sheet>, Vec<Problem>> {
    if workbook::looks_like(&bytes).is_some() {
        workbook::read(path, &bytes, declared)
    } else if columnar::looks_like(&bytes) {
        columnar::read("", bytes, declared)
    } else if objects::sniff(&bytes) {
        let text = encoding::decode(bytes, declared)?;
        objects::read("", &text.text, declared)
    } else {
        text::read(bytes, declared)
    }
}
