//! How long a line may wait: up to when it is known what became of it, and the limit beyond which it is late.

use std::collections::HashMap;

use chrono::NaiveDate;
use ustr::Ustr;

use super::Reconciled;
use crate::model::id::ProgramId;
use crate::model::record::{Feed, Line};
use crate::model::status::Status;
use crate::say;

/// The longest that nine in ten lines stayed in a status, as our own history tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usual {
    /// The days.
    pub days: u32,
    /// The lines it was measured on, in words: `352 lines of Partner Core`.
    pub lines: String,
}

/// Usual times by program and status; where too little is known, there is none.
#[derive(Debug, Clone, Default)]
pub struct Waits(HashMap<(Ustr, Status), Usual>);

impl Waits {
    /// Sets the usual time of a program, by the canonical form of its id, in a status.
    pub fn set(&mut self, program: Ustr, status: Status, usual: Usual) {
        self.0.insert((program, status), usual);
    }

    /// The usual time of a program in a status.
    pub fn get(&self, program: ProgramId, status: Status) -> Option<&Usual> {
        self.0.get(&(program.key(), status))
    }
}

/// The days beyond which a line is late, and where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) days: u32,
    pub(super) basis: String,
}

impl<'a> Reconciled<'a> {
    /// The feeds of rebates that are late or failed.
    pub fn stale_feeds(&self) -> Vec<&'a Feed> {
        let as_of = self.as_of().date();
        let is_rebate_feed = |f: &&Feed| f.kind.is_none_or(|kind| kind.contains("rebate"));
        self.snapshot.records.feeds.iter().filter(is_rebate_feed).filter(|f| f.is_stale(as_of)).collect()
    }

    /// The vendor site a line comes from: that of its order.
    pub fn site(&self, line: u32) -> Option<Ustr> {
        self.first_order(line)?.site
    }

    /// Up to which day a line waits for all we know: the as-of date, or the last good day of a feed that covers it and is
    /// among the `stale` ones. A line without a site may come from any feed.
    pub fn known_until(&self, line: u32, stale: &[&Feed]) -> NaiveDate {
        let as_of = self.as_of().date();
        if stale.is_empty() {
            return as_of;
        }
        let site = self.site(line);
        let covers = |feed: &&&Feed| feed.site.is_none() || site.is_none() || feed.site == site;
        stale.iter().filter(covers).filter_map(|feed| feed.last_as_of).min().unwrap_or(as_of)
    }

    /// The same, and not beyond the file that gave the line: what an extract does not cover any more keeps its last known
    /// lines, of which nothing new is known.
    pub fn followed_until(&self, line: u32, stale: &[&Feed]) -> NaiveDate {
        let file = self.snapshot.records.lines[line as usize].origin.source.file;
        let known = self.known_until(line, stale);
        self.snapshot.line_files.get(&file).map_or(known, |until| known.min(until.date()))
    }
    /// The limit of a line in its status: that of the status map, or what nine in ten lines took where that is longer: a
    /// slow vendor makes nobody late. Nothing where the status map has none.
    pub(super) fn limit(&self, line: &Line) -> Option<Limit> {
        let mapped = self.index.limits.get(&line.status_key).copied()?;
        let own = |usual: &Usual| {
            say!("nine in ten of {lines} took up to {days} days", lines = usual.lines, days = usual.days)
        };
        Some(match self.past.usual(line.program, line.status) {
            Some(usual) if usual.days > mapped => {
                let basis = say!("{usual}; the status map says {mapped}", usual = own(usual), mapped);
                Limit { days: usual.days, basis }
            }
            Some(usual) => {
                Limit { days: mapped, basis: say!("as the status map says; {usual}", usual = own(usual)) }
            }
            None => Limit { days: mapped, basis: say!("as the status map says").to_owned() },
        })
    }
}
