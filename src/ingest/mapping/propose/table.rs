//! A table of an unknown file: where its header is and why, which rows are no records, and what each column holds.

use std::collections::BTreeSet;

use super::aside::{self, Declared, Turn};
use super::layout::Layout;
use super::look::Look;
use crate::ingest::columns::FileKind;
use crate::ingest::format::{Problem, Sheet};
use crate::ingest::mapping::spec::Role;
use crate::ingest::mapping::synonyms::SYNONYMS;
use crate::ingest::mapping::{header_key, rows};
use crate::ingest::scan;
use crate::ingest::shape::{HEADER_WITHIN, TOTALS_WITHIN};

use super::numbers;

/// Ends of the names of members of an archive that are a table each.
const MEMBERS: [&str; 4] = [".csv", ".txt", ".tsv", ".jsonl"];
/// How many rows are named one by one.
const NAMED: usize = 8;

/// What a row of a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowIs {
    Blank,
    Header,
    /// A total at the end, which is one without a rule.
    Total,
    /// A row further up that begins with a word for a total, in this column.
    Inner(usize),
    /// One filled cell, in this column.
    Note(usize),
    Record,
}

/// How many records are kept cell by cell, to see what the columns of a row make of each other.
const SAMPLE: usize = 200;

/// A table with its header found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The sheet, member or list; empty where the file is one table.
    pub sheet: String,
    /// All sheets or members with these columns that one source reads.
    pub(super) members: Vec<String>,
    /// What was found out about the format, in words.
    pub detected: Vec<String>,
    /// What of it the next file may not show.
    pub(super) layout: Layout,
    /// Whether the text is laid out as canonical files are.
    pub is_plain: bool,
    /// The row of the file that is the header.
    pub header_row: u32,
    /// Why that row, in words.
    pub why: String,
    /// The names of the columns.
    pub header: Vec<String>,
    /// Rows above the header.
    pub above: u64,
    /// Rows that repeat the header.
    pub repeated: u64,
    /// Rows at the end that declare totals.
    totals: u64,
    /// Rows elsewhere that add others up, by the column and the word that say so.
    pub declared: Vec<Declared>,
    /// Columns of few words of which some take something back, such as `REFUND`.
    pub turns: Vec<Turn>,
    /// Rows with one filled cell where the header has several: notes, as it seems. The first of them, each with its row, its
    /// column and its text.
    pub notes: (u64, Vec<(u32, usize, String)>),
    /// Rows that are left: the records.
    pub records: u64,
    /// The first records, cell by cell.
    pub(super) sample: Vec<Vec<String>>,
    /// What the columns hold.
    pub looks: Vec<Look>,
}

impl Table {
    /// Reads a sheet, whose header is looked for by names that are known; nothing where it has no row.
    ///
    /// # Errors
    /// What is broken in its text, such as a quote that is not closed.
    pub(super) fn of(sheet: &Sheet, known: &BTreeSet<String>) -> Result<Option<Table>, Vec<Problem>> {
        let scan = scan::scan(sheet.text.as_bytes(), sheet.marks()).map_err(|errors| {
            let problem = |error: scan::ScanError| Problem {
                code: error.code,
                sheet: sheet.name.clone(),
                line: error.line,
                column: u64::try_from(error.column).unwrap_or(u64::MAX),
                value: error.value,
                message: error.message,
                help: error.help,
            };
            errors.into_iter().map(problem).collect::<Vec<_>>()
        })?;
        let mut decoder = scan.decoder(&sheet.text);
        let mut first: Vec<Vec<String>> = Vec::new();
        for index in 0..scan.len().min(HEADER_WITHIN) {
            let Some(row) = decoder.row(index) else { break };
            first.push(row.iter().map(|cell| cell.trim().to_owned()).collect());
        }
        let Some((at, hits)) = header(&first, known) else { return Ok(None) };
        let place = |index: usize| match &sheet.rows {
            Some(rows) => rows.get(index).copied().unwrap_or(0),
            None => scan.line(index).unwrap_or(0),
        };
        let names = first.swap_remove(at);
        let why = match hits {
            0 => "no name of a column is known; it is the first row as wide as those below it".to_owned(),
            1 => "it has 1 name that is known, more than the rows around it".to_owned(),
            _ => format!("it has {hits} names that are known, more than the rows around it"),
        };
        let mut table = Table {
            sheet: sheet.name.clone(),
            members: vec![sheet.name.clone()],
            detected: sheet.detected.clone(),
            layout: Layout::of(&sheet.detected, sheet.delimiter),
            is_plain: sheet.rows.is_none() && sheet.delimiter == b',',
            header_row: place(at),
            why,
            looks: vec![Look::default(); names.len()],
            header: names,
            above: u64::try_from(at).unwrap_or(u64::MAX),
            repeated: 0,
            totals: 0,
            declared: Vec::new(),
            turns: Vec::new(),
            notes: (0, Vec::new()),
            records: 0,
            sample: Vec::new(),
        };
        // Rows that begin with a word for a total, further up than a total is taken for one without a rule.
        let mut inner = aside::Words::default();
        for index in at + 1..scan.len() {
            let Some(row) = decoder.row(index) else { break };
            let cells: Vec<&str> = row.iter().collect();
            match table.is(&cells, index + TOTALS_WITHIN >= scan.len()) {
                RowIs::Blank => {}
                RowIs::Header => table.repeated += 1,
                RowIs::Total => table.totals += 1,
                RowIs::Inner(column) => inner.add(column, &cells),
                RowIs::Note(column) => {
                    table.notes.0 += 1;
                    if table.notes.1.len() < NAMED {
                        table.notes.1.push((place(index), column, cells[column].trim().to_owned()));
                    }
                }
                RowIs::Record => {
                    table.records += 1;
                    if table.sample.len() < SAMPLE {
                        table.sample.push(cells.iter().map(|cell| cell.trim().to_owned()).collect());
                    }
                    for (position, look) in table.looks.iter_mut().enumerate() {
                        look.see(cells.get(position).copied().unwrap_or(""));
                    }
                }
            }
        }
        // A second look at the rows, where words among the records say that there is something to see.
        let totals = aside::columns(&table.looks, aside::is_total);
        let mut turns = Turn::columns(&table.looks);
        let mut among = aside::Words::default();
        if !totals.is_empty() || !turns.is_empty() {
            for index in at + 1..scan.len() {
                let Some(row) = decoder.row(index) else { break };
                let cells: Vec<&str> = row.iter().collect();
                if table.is(&cells, index + TOTALS_WITHIN >= scan.len()) != RowIs::Record {
                    continue;
                }
                let get = |column: usize| cells.get(column).copied().unwrap_or("");
                if let Some(column) = totals.iter().find(|column| aside::is_total(get(**column))) {
                    among.add(*column, &cells);
                }
                turns.iter_mut().for_each(|turn| turn.see(&cells));
            }
        }
        table.declared = aside::settle(inner, among, &mut table.looks);
        table.records +=
            table.declared.iter().filter(|d| !d.is_among && !d.is_sure()).map(|d| d.rows).sum::<u64>();
        table.records -=
            table.declared.iter().filter(|d| d.is_among && d.is_sure()).map(|d| d.rows).sum::<u64>();
        table.turns = turns;
        Ok(Some(table))
    }

    /// What a row is; a total among the records is one of them here.
    fn is(&self, cells: &[&str], is_near_end: bool) -> RowIs {
        let mut filled = cells.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty());
        let Some((first, text)) = filled.next() else { return RowIs::Blank };
        let is_alone = filled.next().is_none();
        if cells.len() == self.header.len()
            && cells.iter().zip(&self.header).all(|(cell, name)| cell.trim() == name)
        {
            RowIs::Header
        } else if rows::is_total(text) {
            if is_near_end { RowIs::Total } else { RowIs::Inner(first) }
        } else if is_alone && self.header.len() > 2 {
            RowIs::Note(first)
        } else {
            RowIs::Record
        }
    }

    /// Rows that declare totals, which the file is checked by.
    pub fn totals(&self) -> u64 {
        self.totals + self.of_role(Role::Control)
    }

    /// Rows that add up some of the records.
    pub fn subtotals(&self) -> u64 {
        self.of_role(Role::Information)
    }

    fn of_role(&self, role: Role) -> u64 {
        self.declared
            .iter()
            .filter(|declared| declared.role == Some(role))
            .map(|declared| declared.rows)
            .sum()
    }

    /// Whether another table has the same columns, so that one source reads both: in another file, or in another member of
    /// an archive.
    pub(super) fn is_like(&self, other: &Table) -> bool {
        let is_member = |name: &str| MEMBERS.iter().any(|end| name.to_lowercase().ends_with(end));
        let keys =
            |table: &Table| table.header.iter().map(|n| header_key(n).into_owned()).collect::<Vec<_>>();
        let is_place = self.sheet == other.sheet || (is_member(&self.sheet) && is_member(&other.sheet));
        is_place && keys(self) == keys(other)
    }

    /// Adds the rows of another file with the same columns.
    pub(super) fn merge(&mut self, other: &Table) {
        if !self.members.contains(&other.sheet) {
            self.members.push(other.sheet.clone());
        }
        self.records += other.records;
        self.repeated += other.repeated;
        self.totals += other.totals;
        self.notes.0 += other.notes.0;
        self.layout.merge(&other.layout);
        aside::merge(&mut self.declared, &other.declared);
        Turn::merge(&mut self.turns, &other.turns);
        for (look, more) in self.looks.iter_mut().zip(&other.looks) {
            look.merge(more);
        }
    }
}

/// Every name that a column is known by, as names are compared.
pub(super) fn known_names(more: &[String]) -> BTreeSet<String> {
    SYNONYMS
        .iter()
        .flat_map(|(kind, column, names)| names.iter().copied().chain([kind.columns()[*column].name]))
        .chain(FileKind::ALL.iter().filter(|k| !k.is_reference()).flat_map(|k| k.columns()).map(|c| c.name))
        .chain(more.iter().map(String::as_str))
        .map(|name| header_key(name).into_owned())
        .collect()
}

/// The row that is the header, and how many of its names are known: the first with the most of them; where none is known, the
/// first row as wide as most, without a number in it.
fn header(first: &[Vec<String>], known: &BTreeSet<String>) -> Option<(usize, usize)> {
    let count = |row: &Vec<String>| {
        let keys: BTreeSet<_> = row.iter().map(|name| header_key(name)).collect();
        keys.iter().filter(|key| known.contains(key.as_ref())).count()
    };
    let counts: Vec<usize> = first.iter().map(count).collect();
    let most = counts.iter().copied().max()?;
    let at = counts.iter().position(|count| *count == most)?;
    if most > 0 {
        return Some((at, most));
    }
    let width = |row: &Vec<String>| row.iter().filter(|cell| !cell.is_empty()).count();
    let mut widths: Vec<usize> = first.iter().map(width).collect();
    widths.sort_unstable();
    let usual = widths[widths.len() / 2];
    let is_header = |row: &Vec<String>| {
        width(row) >= usual && row.iter().all(|cell| cell.is_empty() || !numbers::is_number(cell))
    };
    Some((first.iter().position(is_header).unwrap_or(0), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        let sheet = Sheet {
            name: String::new(),
            text: text.to_owned(),
            delimiter: b',',
            rows: None,
            left: 0,
            typed: Default::default(),
            declared_rows: None,
            detected: Vec::new(),
        };
        Table::of(&sheet, &known_names(&[])).unwrap().unwrap()
    }

    #[test]
    fn the_header_is_found_and_rows_are_sorted() {
        // Goal: titles, repeated headers, totals and notes are no records (formats 8, trap 3). Method: each kind of row once,
        // counted by hand.
        let found = table(
            "Commission of May,,\nprinted on,2026-06-01,\n订单号,金额,币种\nO-1,5,USD\nO-2,6,USD\n小计,11,\n订单号,金额,币种\nO-3,7,USD\nO-4,7,USD\nO-5,7,USD\nfrozen ones are left out,,\nTotal,32,\n",
        );
        assert_eq!((found.header_row, found.above, found.repeated, found.totals), (3, 2, 1, 1));
        let note = (11, 0, "frozen ones are left out".to_owned());
        assert_eq!((found.records, found.notes.clone()), (5, (1, vec![note])));
        let declared: Vec<_> =
            found.declared.iter().map(|d| (d.column, d.word.as_str(), d.rows, d.role)).collect();
        assert_eq!(declared, [(0, "小计", 1, Some(Role::Information))]);
        assert_eq!(found.looks[1].examples(), ["5", "6", "7"]);
    }

    #[test]
    fn an_unknown_header_is_found_by_its_width() {
        // Goal: a file in no known words has a header all the same. Method: a title above it, numbers below it.
        let found = table("Rapport,,\nAlfa,Beta,Gamma\n1,2,x\n3,4,y\n");
        assert_eq!((found.header_row, found.records), (2, 2));
        assert!(found.why.contains("no name of a column is known"));
    }
}
