//! `pack.json`: what a pack says of itself to programs, and to later builds when it is sealed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sheet::{Sheet, Value};
use super::{Head, Pack, Parent};
use crate::model::money::{Currency, Money};

/// The version of the format.
pub(super) const SCHEMA: u32 = 1;

/// What a pack says of itself. Amounts are plain decimals of their currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The version of the format.
    pub schema: u32,
    /// `CP-2026-05-1439d6fd45fe`.
    pub id: String,
    /// The fingerprint.
    pub fingerprint: String,
    /// `2026-05`.
    pub period: String,
    /// The last day of the period.
    pub effective: String,
    /// The snapshot as of which everything is known.
    pub snapshot: String,
    /// Where the close stands, in words.
    pub state: String,
    /// Version of the program that made it.
    pub version: String,
    /// SHA-256 of the configuration.
    pub configuration_sha256: String,
    /// The command that makes it again.
    pub command: String,
    /// The pack of the month before: id, and checksum of its manifest, or its fingerprint where it is not sealed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<(String, String)>,
    /// The sealed pack that this one corrects: id and checksum of its manifest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replaces: Option<(String, String)>,
    /// Why it was sealed although something speaks against it, or why it replaces another.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub reason: String,
    /// The closing balance by currency, the one with the most lines first.
    pub closing: Vec<(String, String)>,
    /// Checks in all, failed, open.
    pub checks: (usize, usize, usize),
    /// The sheets, with their rows and control totals.
    pub sheets: Vec<SheetFacts>,
}

/// What a sheet holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetFacts {
    /// `04 Roll-forward`.
    pub sheet: String,
    /// Its CSV file.
    pub file: String,
    /// Rows of the table, without totals.
    pub rows: usize,
    /// What each column of amounts adds up to: column, currency, sum.
    pub totals: Vec<(String, String, String)>,
}

impl Facts {
    /// The facts of a pack.
    pub fn of(pack: &Pack, reason: &str) -> Facts {
        let Head { parent, .. } = &pack.head;
        let pair = |parent: &Parent| (parent.id.clone(), parent.sha256.clone());
        Facts {
            schema: SCHEMA,
            id: pack.head.id.clone(),
            fingerprint: pack.head.fingerprint.clone(),
            period: pack.head.month.to_string(),
            effective: pack.head.effective().to_string(),
            snapshot: pack.head.known.to_string(),
            state: pack.head.state.in_words().to_owned(),
            version: pack.head.version.to_owned(),
            configuration_sha256: pack.head.configuration_sha256.clone(),
            command: pack.head.command.clone(),
            parent: parent.as_ref().map(pair),
            replaces: pack.head.replaces.clone(),
            reason: reason.to_owned(),
            closing: pack.closing.iter().map(|a| (a.currency().code().to_owned(), a.to_string())).collect(),
            checks: pack.results(),
            sheets: pack.sheets.0.iter().map(sheet_facts).collect(),
        }
    }

    /// The closing balances.
    pub fn closing_balances(&self) -> Vec<Money> {
        let amount = |(code, text): &(String, String)| {
            let decimal = rust_decimal::Decimal::from_str_exact(text).ok()?;
            Money::from_decimal(decimal, Currency::parse(code)?).ok()
        };
        self.closing.iter().filter_map(amount).collect()
    }
}

fn sheet_facts(sheet: &Sheet) -> SheetFacts {
    let mut totals = Vec::new();
    for (number, column) in sheet.columns.iter().enumerate() {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for amount in sheet.rows.iter().filter_map(|row| row.get(number).and_then(Value::amount)) {
            *sums.entry(amount.currency()).or_default() += amount.minor();
        }
        for (currency, minor) in sums {
            let sum = Money::from_minor(minor, currency).to_string();
            totals.push((column.key.to_owned(), currency.code().to_owned(), sum));
        }
    }
    SheetFacts {
        sheet: sheet.title(),
        file: format!("csv/{}.csv", sheet.file()),
        rows: sheet.rows.len(),
        totals,
    }
}
