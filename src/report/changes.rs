//! What changed between two snapshots: the bridge in sentences, as pages and for `tieout diff`.

mod brief;
pub(super) mod compare;
pub mod data;
mod page;
mod sentence;
mod tables;

use std::collections::BTreeMap;

use super::Report;
use crate::history::changes::{Change, Class, Difference, between};
use crate::history::{Measures, Scope, SnapshotNumber};
use crate::mark;
use crate::model::money::{Currency, Money};
use crate::model::time::{AsOf, Month};

pub(super) use brief::since_before;
pub(super) use page::{page, path};
pub use sentence::correct;
pub use tables::file;
pub(super) use tables::step_by_step;

/// Bridges by currency, the one with most changes first.
pub type Differences<'h> = Vec<Difference<'h>>;

/// One change in words.
#[derive(Debug, Clone)]
pub struct ChangeTold {
    /// Its class.
    pub class: Class,
    /// The order, or what the vendor says the line is for.
    pub order: String,
    /// The line, as received.
    pub line: String,
    /// The program, as received.
    pub program: String,
    /// The earned period, after; before where the line is gone.
    pub period: Month,
    /// The status before, and after: empty where the line is not there.
    pub statuses: [String; 2],
    /// What happened.
    pub sentence: String,
    /// Its effect on each measure.
    pub effect: Measures,
    /// The page of the order.
    pub page: String,
}

impl<'a> Report<'a> {
    /// The bridges of a scope between two snapshots of the history.
    pub fn differences(&self, from: SnapshotNumber, to: SnapshotNumber, scope: &Scope) -> Differences<'a> {
        let reference = self.reconciled.rules.reference;
        let day = self.sources.history.as_of(from).date();
        let is_final = |month| reference.final_from(month) <= day;
        let bridges = between(&self.sources.history.facts, (from, to), scope, is_final);
        let mut bridges: Vec<_> = bridges.into_values().collect();
        bridges.sort_by_key(|bridge| (std::cmp::Reverse(bridge.changes.len()), bridge.currency));
        bridges
    }

    /// A change in words.
    pub fn tell_change(&self, change: &Change<'_>) -> Option<ChangeTold> {
        let facts = &self.sources.history.facts;
        let state = change.after.or(change.before)?;
        let place = state.place;
        let order = place.order.unwrap_or(place.order_ref);
        let status = |state: Option<crate::history::State<'_>>| {
            state.map_or_else(String::new, |state| state.status().words().to_owned())
        };
        Some(ChangeTold {
            class: change.class,
            order: order.raw().to_owned(),
            line: facts.id(change.line).raw().to_owned(),
            program: place.program.raw().to_owned(),
            period: place.period,
            statuses: [status(change.before), status(change.after)],
            sentence: sentence::sentence(self, change),
            effect: change.effect,
            page: self.track_path(change.line),
        })
    }

    /// Whether the extracts of two snapshots are the same files, so that only our own data can have changed.
    pub fn has_same_extracts(&self, from: AsOf, to: AsOf) -> bool {
        let files = |as_of: AsOf| -> Option<BTreeMap<&str, Vec<&str>>> {
            let facts = self.sources.snapshots.iter().find(|s| s.as_of == as_of)?;
            let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for used in &facts.uses {
                let file = self.sources.files.get(used.file);
                files.entry(file.kind().name()).or_default().push(file.sha256());
            }
            Some(files)
        };
        files(from).is_some_and(|before| files(to) == Some(before))
    }
}

/// Whether only our own mapping or rules changed between two snapshots.
pub fn is_only_own(report: &Report<'_>, bridges: &[Difference<'_>], from: AsOf, to: AsOf) -> bool {
    from != to
        && report.has_same_extracts(from, to)
        && bridges.iter().flat_map(|b| &b.changes).all(|change| change.class == Class::OwnRules)
}

/// A signed amount of a change, for a sentence: `+$4,200.00`, `−$120.00`.
pub(super) fn signed_in_words(amount: Money) -> String {
    if amount.minor() > 0 { format!("+{}", amount.in_words()) } else { amount.in_words() }
}

/// The name of a measure, and the measure, in minor units.
pub type Measure = (&'static str, fn(&Measures) -> i128);

/// The measures, in the order of the columns.
pub const MEASURES: [Measure; 6] = [
    (mark!("Eligible"), |m| m.eligible),
    (mark!("Calculated so far"), |m| m.calculated),
    (mark!("Adjustments"), |m| m.adjustments),
    (mark!("Total rebate"), |m| m.total),
    (mark!("Approved so far"), |m| m.approved),
    (mark!("Paid so far"), |m| m.paid),
];

/// The codes of the measures in markup, in their order.
const CODES: [&str; 6] =
    ["eligible", "calculated-so-far", "adjustments", "total", "approved-so-far", "paid-so-far"];

/// An amount in a currency.
pub(super) fn money(minor: i128, currency: Currency) -> Money {
    Money::from_minor(minor, currency)
}
