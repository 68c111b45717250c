//! Tables out of JSON: the answers of partner APIs, lists of records, and JSON Lines.
//!
//! Its job: every record one row, its keys the header in order of first appearance; objects in a record become columns
//! named with dots (`Price.Amount`), lists stay JSON in their cell, without blanks; the scalars around the list of records
//! (month, partner, request id) become columns at the end, named `^` and their path from the root (`^Data.BillMonth`),
//! the same on each row of that document. Not its job: which list it is (`answers`), one level of JSON (`parts`).
//! Invariant: numbers keep their text, `null` is empty and the text "NULL" is not; a list or document that is not read is
//! named or refused.

mod answers;
mod parts;

use std::borrow::Cow;
use std::collections::HashMap;

use super::typed::Typed;
use super::{Declared, Problem, Sheet};
use crate::ingest::grammar::shown;
use crate::ingest::scan::{MAX_COLUMNS, MAX_PROBLEMS};
use parts::{Fault, Source};

/// The largest text that is read or made, in bytes (reliability T11: 512 MB unpacked).
const MAX_TEXT_BYTES: usize = 512 << 20;
/// How much of a file is looked at to see whether it is JSON.
const SNIFFED_BYTES: usize = 64 << 10;

const BOM: char = '\u{feff}';

/// Whether bytes begin like a JSON document or JSON Lines: an object or a list that goes on without a fault as far as it
/// is looked at, so that a document which was cut off is known as one too.
pub fn sniff(bytes: &[u8]) -> bool {
    let looked_at = &bytes[..bytes.len().min(SNIFFED_BYTES)];
    let text = match std::str::from_utf8(looked_at) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&looked_at[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let begins = |text: &str| text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with(['{', '[']);
    let text = text.strip_prefix(BOM).unwrap_or(text);
    if !begins(text) {
        return false;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    match values.next() {
        // What follows a first value must begin like another: `[1] of 2;…` is delimited text.
        Some(Ok(_)) => {
            let rest = text.get(values.byte_offset()..).unwrap_or_default();
            rest.trim_ascii().is_empty() || begins(rest)
        }
        Some(Err(error)) => error.is_eof(),
        None => false,
    }
}

/// Reads the records of a JSON document, of several that follow each other, or of JSON Lines.
///
/// Shape: one sheet, its name `name` or else the path of the list; comma-separated, no text at all where the list is
/// empty. `rows` are physical lines of the file, of the header the line of the first record; where several records share a
/// line, as in an answer that was never formatted, the numbers of the records, of the header 1 as well. A record of nothing but
/// empty values is a blank row: not written, and counted in `detected`.
/// Declared: the path of the list, keys with dots between them (`Data.OrderList.Order`); a list on the way stands for
/// each of its elements, whose scalars are then those around the records; `.` stands for the documents themselves.
/// Source: formats 1.2, 1.5, 3.2 and traps 1, 8, 9; reliability T11, T12.
///
/// # Errors
/// All problems of the file, in its order; columns count the characters of the line.
/// - `json-syntax`, `json-cut-off`, `half-character`, `key-given-twice`, `too-deep`
/// - `error-answer`: an answer without records that says why, with its code and message
/// - `list-missing`, `record-not-an-object`, `file-empty`
/// - `too-many-columns`, `too-many-records`, `field-too-long`, `nul-byte`, `table-too-large`
pub fn read(name: &str, text: &str, declared: &Declared) -> Result<Vec<Sheet>, Vec<Problem>> {
    let text = text.strip_prefix(BOM).unwrap_or(text);
    let source = Source::new(text);
    let listed = |mut faults: Vec<Fault>| {
        faults.sort_by_key(|fault| fault.offset);
        let is_cut = faults.len() > MAX_PROBLEMS;
        let end = faults.get(MAX_PROBLEMS).map_or(0, |fault| fault.offset);
        faults.truncate(MAX_PROBLEMS);
        faults.extend(is_cut.then(|| Fault {
            code: "more-problems",
            offset: end,
            value: String::new(),
            message: "there are more problems behind this one".to_owned(),
            help: "correct the ones above first",
        }));
        faults.into_iter().map(|fault| source.problem(name, fault)).collect::<Vec<_>>()
    };
    if text.len() > MAX_TEXT_BYTES {
        return Err(listed(vec![too_large(0)]));
    }
    let found = answers::find(&source, declared.table.as_deref()).map_err(listed)?;
    let table = Table::of(&source, &found.groups).map_err(|fault| listed(vec![fault]))?;
    let (text, lines, typed, blank) = table.write(&source, &found.groups).map_err(listed)?;
    let mut detected = found.detected;
    let rows = match numbers_of(&lines) {
        Some(numbers) => {
            detected.push("several records in one line, so that a record is named by its number".to_owned());
            numbers
        }
        None => lines.into_iter().map(|(line, _)| line).collect(),
    };
    if blank > 0 {
        detected.push(format!("{blank} of the records are empty"));
    }
    Ok(vec![Sheet {
        name: if name.is_empty() { found.path } else { name.to_owned() },
        text,
        delimiter: b',',
        rows: Some(rows),
        left: 0,
        typed,
        // A record without a value is none of the rows either.
        declared_rows: found.declared.map(|total| total.saturating_sub(blank as u64)),
        detected,
    }])
}

fn too_large(offset: usize) -> Fault {
    Fault {
        code: "table-too-large",
        offset,
        value: String::new(),
        message: format!("the table has more than {MAX_TEXT_BYTES} bytes up to here"),
        help: "export fewer periods per file and build again",
    }
}

/// The line and the number of each record, the header's first.
type Places = Vec<(u32, u32)>;

/// The columns of a table: those of the records, then those of what stands around them.
struct Table {
    names: Vec<String>,
    own: HashMap<String, usize>,
    around: HashMap<String, usize>,
}

impl Table {
    fn of(source: &Source<'_>, groups: &[answers::Group<'_>]) -> Result<Table, Fault> {
        let mut table = Table { names: Vec::new(), own: HashMap::new(), around: HashMap::new() };
        for record in groups.iter().flat_map(|group| &group.records) {
            let mut is_too_wide = false;
            // What is wrong in a record is told when its row is made.
            let _ = flatten(source, record, "", 0, &mut |name, _| {
                is_too_wide |= !column(&mut table.names, &mut table.own, name);
                Ok(())
            });
            if is_too_wide {
                return Err(too_wide(source.offset(record)));
            }
        }
        for group in groups.iter().filter(|group| !group.records.is_empty()) {
            for (name, value) in &group.around {
                if !column(&mut table.names, &mut table.around, name) {
                    return Err(too_wide(source.offset(value)));
                }
            }
        }
        Ok(table)
    }

    /// The text of the table, the line and the number of each of its records, which cells are numbers, and how many records are
    /// empty.
    fn write<'t>(
        &self,
        source: &Source<'t>,
        groups: &[answers::Group<'t>],
    ) -> Result<(String, Places, Typed, usize), Vec<Fault>> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        let (mut rows, mut number, mut blank, mut faults) = (Vec::new(), 0_u32, 0, Vec::new());
        let mut cells: Vec<Option<Cow<'t, str>>> = vec![None; self.names.len()];
        let (mut typed, mut numbers) = (Typed::default(), Vec::new());
        for group in groups.iter().filter(|group| !group.records.is_empty()) {
            let (mut around, mut around_numbers) = (Vec::new(), Vec::new());
            for (name, value) in &group.around {
                match (source.cell(value), self.around.get(name)) {
                    (Ok(cell), Some(column)) => {
                        around.push((*column, cell));
                        around_numbers.extend(parts::is_number(value).then_some(*column));
                    }
                    (Ok(_), None) => {}
                    (Err(fault), _) => faults.push(fault),
                }
            }
            for record in &group.records {
                cells.fill(None);
                numbers.clear();
                number += 1;
                if let Err(fault) = self.fill(source, record, &mut cells, &mut numbers) {
                    faults.push(fault);
                    continue;
                }
                if cells.iter().flatten().all(|cell| cell.is_empty()) {
                    blank += 1;
                    continue;
                }
                for (column, cell) in &around {
                    cells[*column] = Some(cell.clone());
                }
                let line = source.line(source.offset(record));
                if rows.is_empty() {
                    rows.push((line, 1));
                    let _ = writer.write_record(&self.names);
                }
                numbers.iter().chain(&around_numbers).for_each(|column| typed.put(rows.len(), *column));
                rows.push((line, number));
                let _ = writer.write_record(cells.iter().map(|cell| cell.as_deref().unwrap_or_default()));
                if writer.get_ref().len() > MAX_TEXT_BYTES {
                    faults.push(too_large(source.offset(record)));
                    return Err(faults);
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let Some(text) = writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
            unreachable!("bug: text written into memory is text")
        };
        Ok((text, rows, typed, blank))
    }

    /// The cells of a record by their column, and the columns in which it has a number.
    fn fill<'t>(
        &self,
        source: &Source<'t>,
        record: &'t str,
        cells: &mut [Option<Cow<'t, str>>],
        numbers: &mut Vec<usize>,
    ) -> Result<(), Fault> {
        flatten(source, record, "", 0, &mut |name, value| {
            let Some(column) = self.own.get(name) else { return Ok(()) };
            if cells[*column].is_some() {
                return Err(Fault {
                    code: "key-given-twice",
                    offset: source.offset(value),
                    value: shown(name),
                    message: format!("the record has two values under the name {}", shown(name)),
                    help: "a key with a dot and an object have the same name; rename one where the file is made",
                });
            }
            cells[*column] = Some(source.cell(value)?);
            numbers.extend(parts::is_number(value).then_some(*column));
            Ok(())
        })
    }
}

/// The numbers of the records, where their lines do not tell them apart: of lines and numbers, the header's first.
fn numbers_of(rows: &Places) -> Option<Vec<u32>> {
    let shares_line = rows.iter().skip(1).zip(rows.iter().skip(2)).any(|((a, _), (b, _))| a == b);
    shares_line.then(|| rows.iter().map(|(_, number)| *number).collect())
}

/// Gives a name its column; `false` where there are too many.
fn column(names: &mut Vec<String>, columns: &mut HashMap<String, usize>, name: &str) -> bool {
    if columns.contains_key(name) {
        return true;
    }
    columns.insert(name.to_owned(), names.len());
    names.push(name.to_owned());
    names.len() <= MAX_COLUMNS
}

fn too_wide(offset: usize) -> Fault {
    Fault {
        code: "too-many-columns",
        offset,
        value: String::new(),
        message: format!("up to this record there are more than {MAX_COLUMNS} different keys"),
        help: "if keys are ids rather than names, ask for the records as a list",
    }
}

/// Hands on every value of a record that is no object, with its name.
fn flatten<'t>(
    source: &Source<'t>,
    object: &'t str,
    prefix: &str,
    depth: usize,
    visit: &mut impl FnMut(&str, &'t str) -> Result<(), Fault>,
) -> Result<(), Fault> {
    source.check_depth(object, depth)?;
    for (key, value) in source.entries(object)? {
        let name = if depth == 0 { key } else { Cow::Owned(format!("{prefix}.{key}")) };
        match value.starts_with('{') {
            true => flatten(source, value, &name, depth + 1, visit)?,
            false => visit(&name, value)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
