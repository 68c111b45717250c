//! What was known when: one fold over all snapshots, oldest first.
//!
//! *Facts* hold the money of every line over time, the *journal* every change of every field, the *case log* when each
//! case was opened and cleared, *claims* what could be claimed and what became of what was, *versions* how often an order changed, *spells* how long lines stay in a status and take
//! to payment. Everything that a page says about time comes from here. Nothing is ever taken back: a snapshot adds to what
//! earlier ones said (I-27), and folding one twice changes nothing (I-29).

pub mod backtest;
pub mod binomial;
pub mod cases;
mod chain;
pub mod changes;
pub mod claims;
pub mod cohort;
pub mod estimates;
pub mod facts;
pub mod forecast;
pub mod journal;
pub mod poisson;
pub mod roots;
pub mod scope;
pub mod spells;
pub mod survival;
pub mod versions;

use serde::{Deserialize, Serialize};

use crate::ingest::Files;
use crate::model::time::AsOf;
use crate::reconcile::Reconciled;

pub use cases::{CaseLog, End, Stay};
pub use claims::ClaimLog;
pub use facts::{Facts, Measures, SnapshotNumber, State};
pub use journal::Journal;
pub use roots::RootLog;
pub use scope::Scope;
pub use spells::Spells;
pub use versions::{Version, Versions};

/// The history up to the shown snapshot.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct History {
    snapshots: Vec<AsOf>,
    /// How often each order changed.
    pub versions: Versions,
    /// The money of every line.
    pub facts: Facts,
    /// Every change of every field.
    pub journal: Journal,
    /// When cases were opened, changed and cleared.
    pub cases: CaseLog,
    /// Which roots of cases were there, went and came back.
    pub roots: RootLog,
    /// What could be claimed of each subject.
    pub claimable: ClaimLog,
    /// How long lines stay in a status and take to payment.
    pub spells: Spells,
}

impl History {
    /// Adds a snapshot. Snapshots come oldest first; one that is not newer than the last one changes nothing.
    pub fn fold(&mut self, files: &Files, reconciled: &Reconciled<'_>) {
        if self.snapshots.last().is_some_and(|last| *last >= reconciled.as_of()) {
            return;
        }
        self.snapshots.push(reconciled.as_of());
        let now = self.newest();
        self.versions.fold(reconciled);
        self.facts.fold(reconciled);
        self.journal.fold(files, reconciled, now);
        let causes = reconciled.causes();
        self.cases.fold(reconciled, &causes, now);
        self.roots.fold(&causes, now);
        self.claimable.fold(reconciled, now);
        self.spells.fold(reconciled);
    }

    /// Adds what the newest snapshot would have said under the mapping and rules of the coming one: whatever that
    /// changes is our own doing.
    pub fn fold_own(&mut self, reconciled: &Reconciled<'_>) {
        self.facts.fold_own(reconciled);
    }

    /// Gives every row that is kept the number that its file has now.
    pub fn renumber(&mut self, file: impl Fn(u32) -> u32) {
        self.journal.renumber(file);
    }

    /// The snapshots, oldest first.
    pub fn snapshots(&self) -> &[AsOf] {
        &self.snapshots
    }

    /// The number of the newest snapshot; 0 while there is none.
    pub fn newest(&self) -> SnapshotNumber {
        SnapshotNumber::try_from(self.snapshots.len().saturating_sub(1)).unwrap_or(SnapshotNumber::MAX)
    }

    /// The number of a snapshot.
    pub fn number(&self, as_of: AsOf) -> Option<SnapshotNumber> {
        self.snapshots.binary_search(&as_of).ok().and_then(|number| SnapshotNumber::try_from(number).ok())
    }

    /// The as-of date of a snapshot.
    pub fn as_of(&self, number: SnapshotNumber) -> AsOf {
        self.snapshots[usize::from(number)]
    }
}
