//! From the bytes of a file to tables of text, whatever it is packed, encoded and laid out in.
//!
//! Not its job: which rows are data, what a column means. Its invariant: a cell comes out as it was written or as a text
//! that no amount, date or id can be read from; nothing is rounded, repaired or left out silently.

pub mod dialect;
pub mod encoding;
pub mod packed;
pub mod text;

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
