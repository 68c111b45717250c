//! The close pack of a month: what finance attaches to the close and auditors ask about, sheet by sheet (domain 1.11).

pub mod sheet;

pub(crate) use super::lists::count_of;
use crate::model::time::{AsOf, Month, Period};
use sheet::Sheets;

/// What every sheet, file and printed page of a pack names.
#[derive(Debug, Clone)]
pub struct Head {
    /// `CP-2026-05-1439d6fd45fe`: the month and the beginning of the fingerprint.
    pub id: String,
    /// SHA-256 over everything the pack follows from: inputs, configuration, version of the program, month, snapshot and
    /// parent; 64 hexadecimal digits.
    pub fingerprint: String,
    /// The name of the reader's company; empty when not known.
    pub organization: String,
    /// The month.
    pub month: Month,
    /// Its days.
    pub period: Period,
    /// The snapshot as of which everything is known.
    pub known: AsOf,
    /// Version of the program.
    pub version: &'static str,
}

/// A close pack.
#[derive(Debug, Clone)]
pub struct Pack {
    /// What names it.
    pub head: Head,
    /// Its sheets.
    pub sheets: Sheets,
}
