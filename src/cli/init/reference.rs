//! Reference files of a new project: their headers, and the rows that its extracts already say, with blanks to fill in.

use std::collections::{BTreeMap, BTreeSet};

use crate::ingest::columns::{FileKind, adjustments, orders, rebate_lines};
use crate::ingest::grammar;
use crate::ingest::mapping::propose::Seen;
use crate::model::time::Month;

/// A row to write: columns and their cells.
type Row = Vec<(&'static str, String)>;

/// A reference file that every project needs, the rows that extracts say of it, and what is blank in these.
pub(super) struct Needed {
    pub(super) kind: FileKind,
    rows: fn(&[Seen]) -> Vec<Row>,
    pub(super) blank: &'static str,
}

/// Those files.
pub(super) const NEEDED: &[Needed] = &[
    Needed { kind: FileKind::Accounts, rows: accounts, blank: "customer_id and customer_name" },
    Needed { kind: FileKind::Skus, rows: skus, blank: "category, without which a row is set aside" },
    Needed {
        kind: FileKind::Programs,
        rows: programs,
        blank: "everything but the ID; rates go into program_rates.csv",
    },
    Needed { kind: FileKind::ProgramRates, rows: |_| Vec::new(), blank: "" },
    Needed { kind: FileKind::Periods, rows: periods, blank: "vendor_final_date" },
    Needed { kind: FileKind::StatusMap, rows: statuses, blank: "canonical, where the word is not known" },
    Needed { kind: FileKind::ReasonMap, rows: |_| Vec::new(), blank: "" },
];

/// The header of a canonical file.
pub(super) fn header(kind: FileKind) -> String {
    let names: Vec<&str> = kind.columns().iter().map(|column| column.name).collect();
    names.join(",") + "\n"
}

/// A reference file with the rows that the extracts say, and how many these are.
pub(super) fn file(needed: &Needed, seen: &[Seen]) -> (String, usize) {
    let rows = (needed.rows)(seen);
    let mut text = header(needed.kind);
    for row in &rows {
        let row: BTreeMap<&str, &str> = row.iter().map(|(name, cell)| (*name, cell.as_str())).collect();
        let columns = needed.kind.columns().iter();
        let cells: Vec<String> =
            columns.map(|column| cell(row.get(column.name).copied().unwrap_or(""))).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    (text, rows.len())
}

fn cell(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The values of a column of a kind, in all files that give it.
fn values(seen: &[Seen], kind: FileKind, column: usize) -> BTreeSet<String> {
    let of_kind = seen.iter().filter(|seen| seen.proposal.as_ref().is_some_and(|p| p.kind == kind));
    of_kind.flat_map(|seen| seen.values(column)).collect()
}

/// Our own ids, and those of the vendor by their canonical form.
fn both_sides(seen: &[Seen], own: usize, vendor: usize) -> Vec<(String, String)> {
    let own = values(seen, FileKind::Orders, own);
    let mut vendor: BTreeMap<String, String> = values(seen, FileKind::RebateLines, vendor)
        .into_iter()
        .map(|id| (grammar::canonical(&id).into_owned(), id))
        .collect();
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut known = BTreeSet::new();
    for id in own {
        let key = grammar::canonical(&id).into_owned();
        if known.insert(key.clone()) {
            let same = vendor.remove(&key).unwrap_or_default();
            pairs.push((id, same));
        }
    }
    // What only the vendor names is its own account until a person says whose it is.
    pairs.extend(vendor.into_values().map(|id| (id.clone(), id)));
    pairs
}

fn accounts(seen: &[Seen]) -> Vec<Row> {
    let pairs = both_sides(seen, orders::ACCOUNT_ID, rebate_lines::ACCOUNT_REF);
    pairs.into_iter().map(|(own, vendor)| vec![("account_id", own), ("vendor_account_id", vendor)]).collect()
}

fn skus(seen: &[Seen]) -> Vec<Row> {
    let pairs = both_sides(seen, orders::SKU, rebate_lines::SKU_REF);
    pairs.into_iter().map(|(own, vendor)| vec![("sku", own), ("vendor_sku", vendor)]).collect()
}

fn programs(seen: &[Seen]) -> Vec<Row> {
    let mut programs = values(seen, FileKind::RebateLines, rebate_lines::PROGRAM_ID);
    programs.extend(values(seen, FileKind::Adjustments, adjustments::PROGRAM_ID));
    let mut currencies = values(seen, FileKind::RebateLines, rebate_lines::CURRENCY);
    let currency =
        if currencies.len() == 1 { currencies.pop_first().unwrap_or_default() } else { String::new() };
    let row = |id: String| vec![("program_id", id.clone()), ("name", id), ("currency", currency.clone())];
    programs.into_iter().map(row).collect()
}

/// The months that rebate lines are of, oldest first.
pub(super) fn months(seen: &[Seen]) -> Vec<Month> {
    let months = values(seen, FileKind::RebateLines, rebate_lines::PERIOD);
    months.iter().filter_map(|text| Month::parse(text)).collect()
}

fn periods(seen: &[Seen]) -> Vec<Row> {
    months(seen)
        .into_iter()
        .map(|month| {
            let (first, last) = (month.first_day(), month.period().last_day());
            vec![("period", month.to_string()), ("start", first.to_string()), ("end", last.to_string())]
        })
        .collect()
}

/// Words of canonical files; those of mapped files stand with their source.
fn statuses(seen: &[Seen]) -> Vec<Row> {
    let canonical = seen.iter().filter_map(|seen| seen.proposal.as_ref()).filter(|p| p.is_canonical);
    let mut words: BTreeMap<String, String> = BTreeMap::new();
    for (word, _, status) in canonical.flat_map(|proposal| &proposal.statuses) {
        words.insert(word.to_uppercase(), status.map(|status| status.label().to_owned()).unwrap_or_default());
    }
    words.into_iter().map(|(word, status)| vec![("raw_status", word), ("canonical", status)]).collect()
}
