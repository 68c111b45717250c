//! Tables out of Parquet, the form in which partner APIs split large bills.
//!
//! Its job: every row of every row group a record, every column that has at most one value in a row a column of text
//! (`cells`); a structure becomes columns named with dots (`Price.Amount`). Lists, maps and types without a text are kept
//! out and named. Not its job: Parquet itself, which is the `parquet` crate's.
//! Invariant: decimals and whole numbers are exact; what the footer claims is checked before it is believed, and a file
//! that is not whole is refused.

mod cells;
mod pages;
mod schema;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use bytes::Bytes;
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};

use super::caught::caught;
use super::typed::Typed;
use super::{Declared, Problem, Sheet};
use crate::ingest::grammar::shown;
use crate::ingest::scan::MAX_PROBLEMS;
use cells::{Cell, Kind};
use pages::Pages;

const MAGIC: &[u8; 4] = b"PAR1";
/// The magic of a file whose footer is encrypted.
const MAGIC_ENCRYPTED: &[u8; 4] = b"PARE";

/// The largest footer, in bytes. A table of 4,096 columns needs about 600 KB.
const MAX_FOOTER_BYTES: usize = 1 << 20;
/// How many rows there may be (reliability T12: five million).
const MAX_ROWS: usize = 5_000_000;
/// How many cells there may be: empty ones take no room in the file, but time.
const MAX_CELLS: usize = 200_000_000;
/// How many bytes all pages may have when unpacked (reliability T11: 512 MB), and how many the text of the table.
const MAX_UNPACKED_BYTES: usize = 512 << 20;
/// How many rows are decoded at a time.
const BATCH: usize = 1024;

/// Whether bytes begin like Parquet, so that a file which was cut off is known as one too.
pub fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) || bytes.starts_with(MAGIC_ENCRYPTED)
}

/// Reads the table of a Parquet file; nothing that can be declared applies to one.
///
/// Shape: one sheet, comma-separated, with its header even where there are no rows. `rows` are the numbers of the records
/// in the file, of the header 1 as well. A row without a value is blank: not written, and counted in `detected`. Packed
/// with Snappy, gzip, Zstandard, LZ4 or not at all.
/// Units: times are shown as they are stored, which is UTC where `detected` says so.
/// Source: formats 1.2 (`SubscriptionBill`); reliability T11, T12.
///
/// # Errors
/// All problems of the cells, or the first one of the file; `line` is the record, `column` the column of the file.
/// - `parquet-cut-off`, `parquet-damaged`, `parquet-encrypted`, `parquet-unsupported`
/// - `too-many-columns`, `too-many-records`, `table-too-large`, `columns-missing`
/// - `text-not-utf8`, `nul-byte`, `field-too-long`, `decimal-too-large`
pub fn read(name: &str, bytes: Vec<u8>, _declared: &Declared) -> Result<Vec<Sheet>, Vec<Problem>> {
    let bytes = Bytes::from(bytes);
    // The decoder panics at some damages that it does not look for.
    let result = caught(|| table(&bytes));
    match result.unwrap_or_else(|_| Err(damaged("its values cannot be decoded"))) {
        Ok(sheet) => Ok(vec![Sheet { name: name.to_owned(), ..sheet }]),
        Err(problems) => {
            Err(problems.into_iter().map(|problem| Problem { sheet: name.to_owned(), ..problem }).collect())
        }
    }
}

/// A problem without a place.
fn problem(code: &'static str, message: String, help: &str) -> Problem {
    Problem {
        code,
        sheet: String::new(),
        line: 0,
        column: 0,
        value: String::new(),
        message,
        help: help.to_owned(),
    }
}

fn damaged(what: &str) -> Vec<Problem> {
    let help = "fetch or export it again, and compare its size with the original";
    vec![problem("parquet-damaged", format!("the file is damaged: {what}"), help)]
}

fn too_much(code: &'static str, message: String) -> Vec<Problem> {
    vec![problem(code, message, "export fewer periods per file and build again")]
}

fn unsupported(message: String, help: &str) -> Vec<Problem> {
    vec![problem("parquet-unsupported", message, help)]
}

fn told(error: &ParquetError) -> Vec<Problem> {
    let ParquetError::NYI(what) = error else { return damaged(&error.to_string()) };
    let help =
        "export it with plain or dictionary encoding, packed with Snappy, gzip or Zstandard, or as CSV";
    unsupported(format!("the file uses {what}, which is not read here"), help)
}

/// A column that is read.
struct Column {
    name: String,
    /// Its place among all columns of the file, 0-based.
    place: usize,
    kind: Kind,
    /// Whether its values are numbers or days. A time that is UTC is none: its day depends on the zone that is declared.
    is_typed: bool,
    /// The level that a value has; a lower one is a null.
    level: i16,
}

fn table(bytes: &Bytes) -> Result<Sheet, Vec<Problem>> {
    let metadata = footer(bytes)?;
    let (columns, mut detected) = columns(&metadata);
    check(&metadata, &columns)?;
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    let _ = writer.write_record(columns.iter().map(|column| &column.name));
    let (mut rows, mut row, mut problems, mut typed) = (vec![1], 0_u32, Vec::new(), Typed::default());
    let (allowance, mut room) = (Arc::new(AtomicUsize::new(MAX_UNPACKED_BYTES)), MAX_UNPACKED_BYTES);
    for group in metadata.row_groups() {
        let mut readers = readers(bytes, group, &columns, &allowance).map_err(|error| told(&error))?;
        let mut left = usize::try_from(group.num_rows()).unwrap_or_default();
        while left > 0 {
            let count = left.min(BATCH);
            left -= count;
            let cells = batch(&mut readers, &columns, count, left == 0, &mut room)?;
            for index in 0..count {
                row += 1;
                let faults = columns
                    .iter()
                    .zip(&cells)
                    .filter_map(|(c, cells)| Some((c, cells[index].as_ref().err()?)));
                let placed = faults.map(|(column, fault)| Problem {
                    line: row.into(),
                    column: column.place as u64 + 1,
                    ..(**fault).clone()
                });
                problems.extend(placed.take(MAX_PROBLEMS + 1 - problems.len()));
                let texts = || cells.iter().map(|cells| cells[index].as_deref().unwrap_or_default());
                if texts().any(|text| !text.is_empty()) {
                    for (place, _) in columns.iter().enumerate().filter(|(_, column)| column.is_typed) {
                        typed.put(rows.len(), place);
                    }
                    rows.push(row);
                    let _ = writer.write_record(texts());
                }
            }
        }
    }
    if let Some(next) = problems.get(MAX_PROBLEMS) {
        let message = "there are more problems behind this one".to_owned();
        let more =
            Problem { line: next.line, ..problem("more-problems", message, "correct the ones above first") };
        problems[MAX_PROBLEMS] = more;
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let blank = row as usize + 1 - rows.len();
    if blank > 0 {
        detected.push(format!("{blank} of the rows are empty"));
    }
    let Some(text) = writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        unreachable!("bug: text written into memory is text")
    };
    // A footer that says more rows than there are is refused, so nothing is left to compare.
    Ok(Sheet {
        name: String::new(),
        text,
        delimiter: b',',
        rows: Some(rows),
        left: 0,
        typed,
        declared_rows: None,
        detected,
    })
}

/// The next rows of all columns, each column on its own.
fn batch(
    readers: &mut [ColumnReader],
    columns: &[Column],
    count: usize,
    is_last: bool,
    room: &mut usize,
) -> Result<Vec<Vec<Cell>>, Vec<Problem>> {
    let mut all = Vec::new();
    for (column, reader) in columns.iter().zip(readers) {
        // One row more than the last shows whether there are others.
        let asked = count + usize::from(is_last);
        let cells = cells::read(reader, column.kind, column.level, asked).map_err(|error| told(&error))?;
        if cells.len() != count {
            let name = shown(&column.name);
            return Err(damaged(&format!("the column {name} has not as many rows as its footer says")));
        }
        let size: usize = cells.iter().flatten().map(String::len).sum();
        *room = room.checked_sub(size).ok_or_else(|| {
            too_much("table-too-large", format!("the table has more than {MAX_UNPACKED_BYTES} bytes of text"))
        })?;
        all.push(cells);
    }
    Ok(all)
}

/// What the end of the file says about the rest.
fn footer(bytes: &[u8]) -> Result<ParquetMetaData, Vec<Problem>> {
    let ends = bytes
        .len()
        .checked_sub(8)
        .filter(|at| *at >= MAGIC.len())
        .and_then(|at| bytes[at..].split_first_chunk());
    let Some((length, magic)) = ends.filter(|(_, magic)| looks_like(magic)) else {
        let message = "the file does not end as Parquet does: it was cut off".to_owned();
        return Err(vec![problem(
            "parquet-cut-off",
            message,
            "fetch it again; the transfer stopped before the end",
        )]);
    };
    if magic == MAGIC_ENCRYPTED {
        let message = "the file is encrypted".to_owned();
        return Err(vec![problem("parquet-encrypted", message, "export it without encryption")]);
    }
    let length = u32::from_le_bytes(*length) as usize;
    if length > MAX_FOOTER_BYTES {
        let message = format!("the footer has {length} bytes; at most {MAX_FOOTER_BYTES} are read");
        return Err(too_much("table-too-large", message));
    }
    let end = bytes.len() - 8;
    let footer = end.checked_sub(length).map(|start| &bytes[start..end]);
    let footer = footer.ok_or_else(|| damaged("its footer is longer than the file"))?;
    schema::check(footer)?;
    ParquetMetaDataReader::decode_metadata(footer).map_err(|error| told(&error))
}

/// The columns that are read, and a note for each that is not.
fn columns(metadata: &ParquetMetaData) -> (Vec<Column>, Vec<String>) {
    let (mut columns, mut notes) = (Vec::new(), vec!["Parquet".to_owned()]);
    for (place, description) in metadata.file_metadata().schema_descr().columns().iter().enumerate() {
        let name = description.path().string();
        match cells::kind(description) {
            _ if description.max_rep_level() > 0 => {
                notes.push(format!("column {} is not read: it is a list", shown(&name)));
            }
            None => notes.push(format!("column {} is not read: its type has no text", shown(&name))),
            Some(kind) => {
                let is_utc = cells::is_utc(description);
                if is_utc {
                    notes.push(format!("the times of column {} are UTC", shown(&name)));
                }
                let is_typed = !is_utc && cells::is_typed(description, kind);
                columns.push(Column { name, place, kind, is_typed, level: description.max_def_level() });
            }
        }
    }
    (columns, notes)
}

/// Refuses what is too large, before anything of it is unpacked.
fn check(metadata: &ParquetMetaData, columns: &[Column]) -> Result<(), Vec<Problem>> {
    if columns.is_empty() {
        let help = "export the table with a column for each value";
        return Err(vec![problem(
            "columns-missing",
            "the file has no column that can be read".to_owned(),
            help,
        )]);
    }
    let (mut rows, mut size) = (0_usize, 0_usize);
    for group in metadata.row_groups() {
        let count =
            |number: i64| usize::try_from(number).map_err(|_| damaged("its footer holds a negative size"));
        rows = rows.saturating_add(count(group.num_rows())?);
        for chunk in columns.iter().map(|column| group.column(column.place)) {
            size = size.saturating_add(count(chunk.uncompressed_size())?);
            if chunk.file_path().is_some() {
                let help = "give the files with the rows rather than the one that lists them";
                return Err(unsupported("the rows lie in other files".to_owned(), help));
            }
        }
    }
    if i64::try_from(rows) != Ok(metadata.file_metadata().num_rows()) {
        return Err(damaged("its row groups have not as many rows as its footer says"));
    }
    if rows > MAX_ROWS {
        return Err(too_much(
            "too-many-records",
            format!("the table has {rows} rows; at most {MAX_ROWS} are read"),
        ));
    }
    if rows * columns.len() > MAX_CELLS {
        let message = format!("the table has {} cells; at most {MAX_CELLS} are read", rows * columns.len());
        return Err(too_much("table-too-large", message));
    }
    if size > MAX_UNPACKED_BYTES {
        let message = format!("the table unpacks to {size} bytes; at most {MAX_UNPACKED_BYTES} are read");
        return Err(too_much("table-too-large", message));
    }
    Ok(())
}

fn readers(
    bytes: &Bytes,
    group: &RowGroupMetaData,
    columns: &[Column],
    allowance: &Arc<AtomicUsize>,
) -> Result<Vec<ColumnReader>, ParquetError> {
    let rows = usize::try_from(group.num_rows())?;
    let reader = |column: &Column| {
        let chunk = group.column(column.place);
        let pages = Pages::new(bytes.clone(), chunk, rows, Arc::clone(allowance))?;
        Ok(get_column_reader(group.schema_descr().column(column.place), Box::new(pages)))
    };
    columns.iter().map(reader).collect()
}

#[cfg(test)]
mod tests;
