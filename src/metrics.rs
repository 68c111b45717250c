//! Whether the site does what it is for: five success metrics and the effect of articles (domain 6).
//!
//! Each is computed from files that somebody exports ([`Given`]) or from our own snapshots ([`History`]), and says of itself
//! how many things it rests on, which days it looks at, how sure it is, and what it needs where it cannot be measured. Now is
//! the as-of date of the shown snapshot: what is dated later is left out. *Absent:* words of pages, files to write, and
//! everybody's name: of an access log, teams and counts are kept and nothing else. [`views`] gives names to the command that
//! prints who saw which version of a page, and keeps nothing either.

mod access;
pub mod accuracy;
pub mod adoption;
pub mod articles;
pub mod cleared;
mod figure;
pub mod inquiries;
mod own;
mod read;
pub mod recurrence;
pub mod resolution;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use ustr::Ustr;

use crate::history::History;
use crate::history::survival::Sample;
use crate::model::reference::Reference;
use crate::model::time::{AsOf, Month};
use crate::say;

pub use access::{Log, View, Views};
pub use accuracy::Final;
pub use figure::{Between, Ratio, Share, Span};
pub use read::{read, teams, views};

/// The folder of these files, below the input folder.
pub const FOLDER: &str = "metrics";

/// What was given in `input/metrics/`; nothing of it is required.
#[derive(Debug, Default)]
pub struct Given {
    /// Every file that was read, in the order of their paths.
    pub files: Vec<GivenFile>,
    /// `tickets.csv`.
    pub tickets: Option<Vec<Ticket>>,
    /// The teams of `users.csv`.
    pub teams: Option<BTreeSet<Ustr>>,
    /// The access logs.
    pub log: Option<Log>,
    /// `active_lines.csv`.
    pub active: Option<BTreeMap<Month, u64>>,
    /// `snapshot_vs_final.csv`.
    pub finals: Option<Vec<Final>>,
    /// `approved_to_paid.csv`.
    pub paid: Option<Sample>,
    /// The first day on which people use the site, from `tieout.toml`.
    pub go_live: Option<NaiveDate>,
}

/// What became of the lines of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenFile {
    /// Its path, relative to the input folder: `metrics/tickets.csv`.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Whether nothing of it can be used; a warning says why.
    pub is_unusable: bool,
    /// Lines or rows in it, without the header and blank lines.
    pub read: u64,
    /// Those that count.
    pub used: u64,
    /// The others, by the reason for which they do not.
    pub left_out: BTreeMap<&'static str, u64>,
}

/// A ticket about a rebate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its number.
    pub id: Ustr,
    /// The day it was opened.
    pub opened: NaiveDate,
    /// The day it was closed; nothing while it is open.
    pub closed: Option<NaiveDate>,
    /// The team that asked.
    pub requester_team: Option<Ustr>,
    /// What it is about, as the code of a discrepancy: `sku-unmapped`.
    pub code: Option<Ustr>,
    /// What would have to change: an account, a SKU, a rule, a source.
    pub root: Option<Ustr>,
    /// Whether it was escalated; nothing where nobody said.
    pub escalated: Option<bool>,
}

/// What the metrics of one snapshot are made of.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    /// The files.
    pub given: &'a Given,
    /// Our own snapshots.
    pub history: &'a History,
    /// Programs and periods.
    pub reference: &'a Reference,
    /// Now.
    pub as_of: AsOf,
}

impl Basis<'_> {
    /// Today.
    fn today(&self) -> NaiveDate {
        self.as_of.date()
    }

    /// The tickets that were opened by now; one that was closed later is open.
    fn tickets(&self) -> Option<Vec<Ticket>> {
        let tickets = self.given.tickets.as_ref()?;
        let known = tickets.iter().filter(|ticket| ticket.opened <= self.today()).cloned();
        Some(known.map(|t| Ticket { closed: t.closed.filter(|day| *day <= self.today()), ..t }).collect())
    }

    /// The days of the first and the last thing that the tickets say of up to now; what is outside may not be in the file.
    pub fn ticket_days(&self) -> Option<Span> {
        let tickets = self.tickets()?;
        let days = || tickets.iter().flat_map(|ticket| ticket.closed.into_iter().chain([ticket.opened]));
        Some(Span { from: days().min()?, to: days().max()? })
    }

    /// How many tickets are dated later than now.
    pub fn tickets_ahead(&self) -> usize {
        let tickets = self.given.tickets.iter().flatten();
        tickets.filter(|ticket| ticket.opened > self.today()).count()
    }
}

/// What a figure needs that is not there; the words end the sentence "Not measurable: needs …".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs(pub String);

impl Needs {
    fn new(what: &str) -> Needs {
        Needs(what.to_owned())
    }
}

/// A measure, or what it needs.
pub type Measured<T> = Result<T, Needs>;

/// Where the data behind a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A file that was given.
    Given(&'static str),
    /// Our own snapshots.
    Own,
}

impl Source {
    /// `metrics/active_lines.csv`, `our own snapshots`.
    pub fn in_words(self) -> &'static str {
        match self {
            Source::Given(file) => file,
            Source::Own => say!("our own snapshots"),
        }
    }
}
