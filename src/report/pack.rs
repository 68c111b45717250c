//! The close pack of a month: what finance attaches to the close and auditors ask about, sheet by sheet (domain 1.11).
//!
//! A pack is computed from one report: the figures of its sheets are those of the pages. Its sheets name cells of each
//! other in formulas, and [`Pack::new`] refuses a pack in which a formula and its value differ.

mod checks;
mod close;
mod cover;
mod facts;
mod page;
pub mod sheet;
mod sheets;
mod words;

use chrono::NaiveDate;

pub(crate) use super::lists::count_of;
use crate::error::Error;
use crate::mark;
use crate::model::money::Money;
use crate::model::time::{AsOf, Month, Period};
use crate::report::Report;
use close::Close;
pub use facts::Facts;
pub use page::Document;
use sheet::{Sheet, Sheets, Value, Verdict};

/// Where a close stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The books of the month are open.
    Draft,
    /// The month is closed with the snapshot of the pack.
    Closed,
    /// The pack is kept and never made again.
    Sealed,
}

impl State {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            State::Draft => mark!("draft until it is sealed and signed"),
            State::Closed => mark!("closed with this snapshot, not sealed"),
            State::Sealed => mark!("sealed"),
        }
    }
}

/// The pack of the month before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// `CP-2026-04-…`.
    pub id: String,
    /// Its fingerprint, or the checksum of its manifest where it is sealed.
    pub sha256: String,
    /// What it closed with, by currency; `None` where it is not sealed.
    pub closing: Option<Vec<Money>>,
}

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
    /// In which time zone days end.
    pub time_zone: String,
    /// The snapshot as of which everything is known.
    pub known: AsOf,
    /// The name of its set of inputs.
    pub record_set: String,
    /// SHA-256 of the configuration.
    pub configuration_sha256: String,
    /// Version of the program.
    pub version: &'static str,
    /// The command that makes it again.
    pub command: String,
    /// Where the close stands.
    pub state: State,
    /// The pack of the month before, where there is one.
    pub parent: Option<Parent>,
    /// The sealed pack that this one corrects: id and checksum of its manifest.
    pub replaces: Option<(String, String)>,
}

impl Head {
    /// The head of a made pack.
    #[cfg(test)]
    pub(crate) fn made(month: Month) -> Head {
        Head {
            id: format!("CP-{month}-0123456789ab"),
            fingerprint: "0".repeat(64),
            organization: String::new(),
            month,
            period: month.period(),
            time_zone: "UTC".to_owned(),
            known: AsOf::parse("2026-06-18").unwrap_or_else(|| unreachable!("a snapshot's name")),
            record_set: "0123456789ab".to_owned(),
            configuration_sha256: "0".repeat(64),
            version: "0.1.0",
            command: format!("tieout close {month}"),
            state: State::Draft,
            parent: None,
            replaces: None,
        }
    }

    /// The last day of the period: the effective date.
    pub fn effective(&self) -> NaiveDate {
        self.period.last_day()
    }

    /// The predecessor in words.
    fn parent_words(&self) -> String {
        match &self.parent {
            None => "none: the month before was not closed with a snapshot of this input".to_owned(),
            Some(parent) if parent.closing.is_some() => {
                format!("{}, sealed, manifest {}", parent.id, parent.sha256)
            }
            Some(parent) => format!("{}, not sealed, fingerprint {}", parent.id, parent.sha256),
        }
    }
}

/// A close pack.
#[derive(Debug, Clone)]
pub struct Pack {
    /// What names it.
    pub head: Head,
    /// Its sheets, by number.
    pub sheets: Sheets,
    /// What it closes with, by currency.
    pub closing: Vec<Money>,
}

impl Pack {
    /// The pack of a month; `None` where the month is not over, or has neither balance nor movement.
    ///
    /// # Errors
    /// [`Error::Identity`] when a formula of a sheet gives another value than the one computed apart from it.
    /// [`Error::Content`] when the sentence of a next step fails.
    pub fn new(report: &Report<'_>, head: Head) -> Result<Option<Pack>, Error> {
        let Some(close) = Close::new(report, head.month) else { return Ok(None) };
        // The sheets that others point at come first.
        let mut sheets = Sheets(vec![
            sheets::lead(&close),
            sheets::reconciliation(&close)?,
            sheets::aging(&close),
            sheets::lines(&close),
            sheets::orders(&close),
            sheets::adjustments(&close),
            sheets::payouts(&close),
            sheets::subsequent(&close),
            sheets::prior_periods(&close),
            sheets::cut_off(&close),
            sheets::accruals(&close),
            sheets::exposure(&close)?,
            sheets::fx(&close),
            sheets::sources(&close),
            sheets::quarantine(&close),
            sheets::rules(&close),
            sheets::changes(&close),
            sheets::sign_off(&close),
        ]);
        add(&mut sheets, |sheets| sheets::roll_forward(&close, sheets));
        let before = head.parent.as_ref().and_then(|parent| parent.closing.as_deref());
        add(&mut sheets, |sheets| checks::checks(&close, sheets, before));
        add(&mut sheets, |sheets| sheets::definitions(&close, sheets));
        add(&mut sheets, |sheets| cover::cover(&close, &head, sheets));
        let wrong = sheets.disagreements();
        if let Some(first) = wrong.first() {
            return Err(Error::Identity(format!("the close pack of {}: {first}", head.month)));
        }
        let closing = sheets::closing(&close);
        Ok(Some(Pack { head, sheets, closing }))
    }

    /// How many checks there are, and how many of them fail and are open.
    pub fn results(&self) -> (usize, usize, usize) {
        let Some(checks) = self.sheets.get(checks::NUMBER) else { return (0, 0, 0) };
        let Some(column) = checks.column("result") else { return (0, 0, 0) };
        let count =
            |wanted| checks.rows.iter().filter(|row| row[column].plain() == &Value::Verdict(wanted)).count();
        (checks.rows.len(), count(Verdict::Fail), count(Verdict::Open))
    }
}

impl Pack {
    /// The checks that fail or are open: code, and what must agree.
    pub fn unsettled(&self) -> Vec<(String, String)> {
        let Some(checks) = self.sheets.get(checks::NUMBER) else { return Vec::new() };
        let Some(result) = checks.column("result") else { return Vec::new() };
        let is_settled = |row: &&Vec<Value>| row[result].plain() == &Value::Verdict(Verdict::Pass);
        checks
            .rows
            .iter()
            .filter(|row| !is_settled(row))
            .map(|row| {
                let currency = row[2].csv();
                let of = if currency.is_empty() { String::new() } else { format!(" ({currency})") };
                (row[0].csv(), format!("{}{of}: {}; {}", row[result].csv(), row[1].csv(), row[8].csv()))
            })
            .collect()
    }
}

/// A pack of the site, for the pages that lead to it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its month.
    pub month: Month,
    /// Its folder from the root of the tree: `close/2026-05`.
    pub folder: String,
    /// What it says of itself.
    pub facts: Facts,
    /// The checksum of its manifest, where it is sealed.
    pub sealed: Option<String>,
    /// Its files and their sizes in bytes.
    pub sizes: Vec<(String, usize)>,
    /// Whether no other pack of the month corrects it.
    pub is_newest: bool,
}

/// Adds a sheet that is made of the others, in its place.
fn add(sheets: &mut Sheets, make: impl FnOnce(&Sheets) -> Sheet) {
    let sheet = make(sheets);
    let place = sheets.0.iter().position(|other| other.number > sheet.number).unwrap_or(sheets.0.len());
    sheets.0.insert(place, sheet);
}
