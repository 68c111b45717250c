//! When each case was opened, changed and cleared.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::chain::{Chain, Last};
use super::facts::SnapshotNumber;
use crate::model::money::Money;
use crate::reconcile::matching::numbered;
use crate::reconcile::{CaseName, Kind, Reconciled};

/// What a snapshot says of a case: its primary explanation and the amount at stake; nothing where it is clean.
pub type Open = Option<(Kind, Option<Money>)>;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Track {
    name: CaseName,
    open: Open,
    last: Last,
    round: u32,
}

/// The history of all cases that ever were more than clean.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct CaseLog {
    tracks: Vec<Track>,
    events: Chain<Open>,
    round: u32,
    #[serde(skip)]
    numbers: HashMap<CaseName, u32>,
}

/// What is written down of the log, field by field; the numbers follow from the tracks.
type Kept = (Vec<Track>, Chain<Open>, u32);

impl From<Kept> for CaseLog {
    fn from((tracks, events, round): Kept) -> CaseLog {
        let numbers = numbered(&tracks).map(|(number, track)| (track.name, number)).collect();
        CaseLog { tracks, events, round, numbers }
    }
}

impl CaseLog {
    /// Adds what a snapshot says; snapshots come oldest first.
    pub(super) fn fold(&mut self, reconciled: &Reconciled<'_>, now: SnapshotNumber) {
        self.round += 1;
        for case in &reconciled.cases {
            if let (Some(finding), Some(name)) = (case.primary(), reconciled.case_name(case)) {
                self.see(name, Some((finding.kind, case.at_stake())), now);
            }
        }
        let cleared: Vec<CaseName> = self
            .tracks
            .iter()
            .filter(|track| track.round != self.round && track.open.is_some())
            .map(|track| track.name)
            .collect();
        for name in cleared {
            self.see(name, None, now);
        }
    }

    fn see(&mut self, name: CaseName, open: Open, now: SnapshotNumber) {
        let number = *self.numbers.entry(name).or_insert_with(|| {
            self.tracks.push(Track { name, open: None, last: Last::default(), round: 0 });
            u32::try_from(self.tracks.len() - 1).unwrap_or(u32::MAX)
        });
        let track = &mut self.tracks[number as usize];
        track.round = self.round;
        if track.open != open {
            track.open = open;
            self.events.push(&mut track.last, now, open);
        }
    }

    /// What became of a case, oldest first.
    pub fn of(&self, name: CaseName) -> Vec<(SnapshotNumber, Open)> {
        self.numbers.get(&name).map_or_else(Vec::new, |n| self.events.of(self.tracks[*n as usize].last))
    }

    /// Every case that ever was more than clean, with what became of it, oldest first; in the order in which cases came.
    pub fn iter(&self) -> impl Iterator<Item = (CaseName, Vec<(SnapshotNumber, Open)>)> {
        self.tracks.iter().map(|track| (track.name, self.events.of(track.last)))
    }
}
