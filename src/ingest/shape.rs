//! Where the header of a table is, and what its rows are there for.

use super::mapping::spec::Role;
use super::mapping::{Mapping, header_key, rows};
use super::scan::{self, Scan};

/// How far down a header is looked for: the longest preamble known has 24 lines (formats 8, trap 3).
pub(super) const HEADER_WITHIN: usize = 64;
/// How many rows at the end of a table may be totals without a rule that says so.
pub(super) const TOTALS_WITHIN: usize = 5;

/// From how many columns on a full row above the header may be a record.
const FULL: usize = 4;

/// Which records are data. A record is numbered from the second thing the scan finds, as it is where the first one is the
/// header.
#[derive(Debug)]
pub(super) enum Records {
    /// All from the first one on.
    All(usize),
    /// These.
    Listed(Vec<u32>),
}

impl Records {
    pub(super) fn len(&self) -> usize {
        match self {
            Records::All(count) => *count,
            Records::Listed(records) => records.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> u32 {
        match self {
            Records::All(_) => u32::try_from(index).unwrap_or(u32::MAX),
            Records::Listed(records) => records.get(index).copied().unwrap_or(u32::MAX),
        }
    }
}

/// What the rows of a table are there for.
#[derive(Debug)]
pub(super) struct Shape {
    /// The header, as an index of the scan.
    pub(super) header: usize,
    pub(super) records: Records,
    /// Records that declare totals.
    pub(super) controls: Vec<u32>,
    /// Another header below the first one, with its columns in another order: what follows it cannot be read by the first.
    pub(super) another: Option<usize>,
    /// A row above the header that is as full as a record.
    pub(super) full_above: Option<usize>,
    above: usize,
    repeated: usize,
    information: usize,
    other: usize,
}

impl Shape {
    /// Of a table whose first row is its header and whose other rows are data.
    pub(super) fn canonical(found: usize) -> Shape {
        Shape {
            header: 0,
            records: Records::All(found.saturating_sub(1)),
            controls: Vec::new(),
            another: None,
            full_above: None,
            above: 0,
            repeated: 0,
            information: 0,
            other: 0,
        }
    }

    /// Rows that are the header, stand above it or repeat it; and all others that are no records.
    pub(super) fn beside(&self) -> (usize, usize) {
        (1 + self.above + self.repeated, self.controls.len() + self.information + self.other)
    }

    /// What is no record and no header, in words; empty where there is nothing.
    pub(super) fn in_words(&self) -> String {
        let parts = [
            (self.above, "above the header"),
            (self.repeated, "repeating the header"),
            (self.controls.len(), "declaring totals"),
            (self.information, "for information"),
            (self.other, "of another source"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {} {what}", if *count == 1 { "row" } else { "rows" }))
            .collect();
        parts.join(", ")
    }
}

/// Finds the header, by the names that the mapping looks for, and sorts the rows below it.
///
/// Shape: the header is the first of the rows with the most of these names, within the first [`HEADER_WITHIN`]; nothing
/// where no row is there. Above it, rows are no records. A row equal to the header repeats it. The rules of the mapping come
/// next, and at last a row among the last [`TOTALS_WITHIN`] that begins with a word for a total.
pub(super) fn find(scan: &Scan, text: &str, mapping: &Mapping) -> Option<(Shape, Vec<String>)> {
    let wanted: Vec<_> = mapping.names().map(header_key).collect();
    let mut decoder = scan.decoder(text);
    let mut best: Option<(usize, usize, Vec<String>)> = None;
    for index in 0..scan.len().min(HEADER_WITHIN) {
        let names: Vec<String> = decoder.row(index)?.iter().map(|name| name.trim().to_owned()).collect();
        let known = names.iter().filter(|name| wanted.contains(&header_key(name))).count();
        if best.as_ref().is_none_or(|(_, most, _)| known > *most) {
            best = Some((index, known, names));
        }
    }
    let (header, known, names) = best?;
    let rules: Vec<_> = mapping.row_rules().iter().filter_map(|rule| rule.place(&names)).collect();
    let mut shape = Shape { header, above: header, ..Shape::canonical(0) };
    let filled = |row: &scan::Row<'_>| row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let width = names.iter().filter(|name| !name.is_empty()).count();
    // One row of titles over a header of two lines is usual; two rows as full as the header are data.
    let full: Vec<usize> = (0..header)
        .filter(|index| decoder.row(*index).is_some_and(|row| width >= FULL && filled(&row) * 4 >= width * 3))
        .collect();
    shape.full_above = full.first().copied().filter(|_| full.len() > 1);
    let mentioned: Vec<&str> =
        names.iter().map(String::as_str).chain(mapping.names()).filter(|name| !name.is_empty()).collect();
    let is_mentioned = |cell: &str| mentioned.iter().any(|name| name.eq_ignore_ascii_case(cell.trim()));
    let mut records = Vec::with_capacity(scan.len());
    for index in header + 1..scan.len() {
        let record = u32::try_from(index - 1).unwrap_or(u32::MAX);
        let row = decoder.row(index)?;
        let get = |position: usize| row.get(position).unwrap_or("");
        if row.len() == names.len()
            && row.iter().zip(&names).all(|(cell, name)| cell.trim().eq_ignore_ascii_case(name))
        {
            shape.repeated += 1;
            continue;
        }
        // A look at two cells first: what follows would cost as much as reading the row.
        let may_be_header = row.iter().take(2).any(is_mentioned);
        if may_be_header && known > 2 && shape.another.is_none() {
            let again = row.iter().filter(|name| wanted.contains(&header_key(name))).count();
            shape.another = (again * 2 > known).then_some(index);
        }
        let by_rule = rules.iter().find_map(|rule| rule.role(get));
        let is_total = || {
            index + TOTALS_WITHIN >= scan.len()
                && row.iter().find(|cell| !cell.trim().is_empty()).is_some_and(rows::is_total)
        };
        match by_rule {
            Some(Role::Control) => shape.controls.push(record),
            Some(Role::Information) => shape.information += 1,
            Some(Role::Other) => shape.other += 1,
            None if is_total() => shape.controls.push(record),
            Some(Role::Data) | None => records.push(record),
        }
    }
    shape.records = Records::Listed(records);
    Some((shape, names))
}
