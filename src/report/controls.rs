//! What an exported table states of itself: its rows, and the sum of every column of amounts.

use std::collections::BTreeMap;

use super::table::Table;
use crate::model::money::{Currency, Money};

/// The address of the file.
pub const CONTROLS: &str = "data/exports.csv";

/// The names of its columns.
pub const HEADER: [&str; 5] = ["path", "rows", "column", "currency", "total"];

/// The control figures of one exported table, as rows of `data/exports.csv`.
///
/// Shape: a row for each column of amounts and currency, in the order of the columns; one with neither where the table has
/// no amount. Units: plain decimals of the currency; rows as a reader of the file counts them. A cell that holds several
/// amounts as words is no amount.
pub fn controls(path: &str, table: &Table) -> Vec<[String; 5]> {
    let rows = table.rows.len().to_string();
    let mut all = Vec::new();
    for (place, column) in table.columns.iter().enumerate() {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for amount in table.rows.iter().filter_map(|row| row.cells.get(place)?.amount) {
            *sums.entry(amount.currency()).or_insert(0) += amount.minor();
        }
        all.extend(sums.into_iter().map(|(currency, minor)| {
            let total = Money::from_minor(minor, currency).to_string();
            [path.to_owned(), rows.clone(), column.label.clone(), currency.code().to_owned(), total]
        }));
    }
    if all.is_empty() {
        all.push([path.to_owned(), rows, String::new(), String::new(), String::new()]);
    }
    all
}
