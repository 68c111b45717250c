//! When each case was opened, changed and cleared.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use ustr::Ustr;

use super::chain::{Chain, Last};
use super::facts::SnapshotNumber;
use crate::model::money::Money;
use crate::reconcile::causes::Cause;
use crate::reconcile::matching::numbered;
use crate::reconcile::{CaseName, Kind, Reconciled};

/// What a snapshot says of a case: its primary explanation and the amount at stake; nothing where it is clean.
pub type Open = Option<(Kind, Option<Money>)>;

/// The same with what the case has in common with others of its kind: `account ACC-909`.
type Said = Option<(Kind, Option<Money>, Ustr)>;

fn open(said: Said) -> Open {
    said.map(|(kind, at_stake, _)| (kind, at_stake))
}

/// How a stay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// It goes on in the newest snapshot.
    Open,
    /// The first snapshot in which nothing is to be explained any more.
    Cleared(SnapshotNumber),
    /// The first snapshot in which it is something else, and what.
    Became(SnapshotNumber, Kind),
}

/// A time in which a case was what somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// The case.
    pub name: CaseName,
    /// Its kind, and what was at stake, as last said.
    pub kind: Kind,
    /// The amount; `None` where it is not known.
    pub at_stake: Option<Money>,
    /// The first snapshot that shows it.
    pub opened: SnapshotNumber,
    /// How it ended.
    pub end: End,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Track {
    name: CaseName,
    said: Said,
    last: Last,
    round: u32,
}

/// The history of all cases that ever were more than clean.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct CaseLog {
    tracks: Vec<Track>,
    events: Chain<Said>,
    round: u32,
    #[serde(skip)]
    numbers: HashMap<CaseName, u32>,
}

/// What is written down of the log, field by field; the numbers follow from the tracks.
type Kept = (Vec<Track>, Chain<Said>, u32);

impl From<Kept> for CaseLog {
    fn from((tracks, events, round): Kept) -> CaseLog {
        let numbers = numbered(&tracks).map(|(number, track)| (track.name, number)).collect();
        CaseLog { tracks, events, round, numbers }
    }
}

impl CaseLog {
    /// Adds what a snapshot says, whose causes are given; snapshots come oldest first.
    pub(super) fn fold(&mut self, reconciled: &Reconciled<'_>, causes: &[Cause], now: SnapshotNumber) {
        let mut roots = vec![Ustr::from(""); reconciled.cases.len()];
        for cause in causes {
            let root = Ustr::from(&cause.root);
            cause.cases.iter().for_each(|number| roots[*number as usize] = root);
        }
        let said = reconciled.cases.iter().zip(roots).filter_map(|(case, root)| {
            let name = reconciled.case_name(case)?;
            Some((name, (case.primary()?.kind, case.at_stake(), root)))
        });
        self.take(said, now);
    }

    fn take(
        &mut self,
        said: impl Iterator<Item = (CaseName, (Kind, Option<Money>, Ustr))>,
        now: SnapshotNumber,
    ) {
        self.round += 1;
        for (name, said) in said {
            self.see(name, Some(said), now);
        }
        let cleared: Vec<CaseName> = self
            .tracks
            .iter()
            .filter(|track| track.round != self.round && track.said.is_some())
            .map(|track| track.name)
            .collect();
        for name in cleared {
            self.see(name, None, now);
        }
    }

    fn see(&mut self, name: CaseName, said: Said, now: SnapshotNumber) {
        let number = *self.numbers.entry(name).or_insert_with(|| {
            self.tracks.push(Track { name, said: None, last: Last::default(), round: 0 });
            u32::try_from(self.tracks.len() - 1).unwrap_or(u32::MAX)
        });
        let track = &mut self.tracks[number as usize];
        track.round = self.round;
        if track.said != said {
            track.said = said;
            self.events.push(&mut track.last, now, said);
        }
    }

    /// What became of a case, oldest first.
    pub fn of(&self, name: CaseName) -> Vec<(SnapshotNumber, Open)> {
        self.numbers.get(&name).map_or_else(Vec::new, |n| self.opens(self.tracks[*n as usize].last))
    }

    /// The events of a case without those that only say of another cause.
    fn opens(&self, last: Last) -> Vec<(SnapshotNumber, Open)> {
        let mut all: Vec<_> = self.events.of(last).into_iter().map(|(at, said)| (at, open(said))).collect();
        all.dedup_by_key(|(_, open)| *open);
        all
    }

    /// Every case that ever was more than clean, with what became of it, oldest first; in the order in which cases came.
    pub fn iter(&self) -> impl Iterator<Item = (CaseName, Vec<(SnapshotNumber, Open)>)> {
        self.tracks.iter().map(|track| (track.name, self.opens(track.last)))
    }

    /// The times in which cases were of a kind and cause that are meant, in the order in which cases came, the newest time
    /// of each first.
    pub fn stays(&self, is_meant: impl Fn(Kind, Ustr) -> bool) -> Vec<Stay> {
        let mut stays = Vec::new();
        for track in &self.tracks {
            let (mut stay, mut next): (Option<Stay>, Option<(SnapshotNumber, Said)>) = (None, None);
            for (at, said) in self.events.back(track.last) {
                match said.filter(|(kind, _, root)| is_meant(*kind, *root)) {
                    Some((kind, at_stake, _)) => {
                        let end = match next {
                            None => End::Open,
                            Some((at, None)) => End::Cleared(at),
                            Some((at, Some((kind, ..)))) => End::Became(at, kind),
                        };
                        let new = Stay { name: track.name, kind, at_stake, opened: at, end };
                        stay.get_or_insert(new).opened = at;
                    }
                    None => stays.extend(stay.take()),
                }
                next = Some((at, said));
            }
            stays.extend(stay);
        }
        stays
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_goes_on_while_the_case_is_what_is_asked_for() {
        // Goal: what an article is for is followed through other amounts and other kinds of the same article, and ends where the
        // case is cleared or becomes something else; another cause of a kind is no new event for whoever asks without causes.
        // Method: six snapshots of one feed, by hand.
        let name = CaseName::Feed(Ustr::from("F"));
        let money = |minor| Money::from_minor(minor, crate::model::money::Currency::parse("USD").unwrap());
        let said = |kind, minor, root: &str| Some((kind, Some(money(minor)), Ustr::from(root)));
        let mut log = CaseLog::default();
        let all = [
            said(Kind::SkuUnmapped, 1, "a"),
            said(Kind::SkuUnmapped, 1, "b"),
            said(Kind::MissingRebate, 2, ""),
            None,
            said(Kind::SkuUnmapped, 3, "a"),
            said(Kind::TierMismatch, 3, ""),
        ];
        for (now, said) in (0..).zip(all) {
            log.take(said.map(|said| (name, said)).into_iter(), now);
        }
        let stays = |is_meant: &dyn Fn(Kind, Ustr) -> bool| -> Vec<_> {
            let stays = log.stays(is_meant).into_iter();
            stays.map(|s| (s.opened, s.end, s.kind, s.at_stake.map(Money::minor))).collect()
        };
        let both = |kind, _| matches!(kind, Kind::SkuUnmapped | Kind::MissingRebate);
        assert_eq!(
            stays(&both),
            [
                (4, End::Became(5, Kind::TierMismatch), Kind::SkuUnmapped, Some(3)),
                (0, End::Cleared(3), Kind::MissingRebate, Some(2)),
            ]
        );
        let of_a = |kind, root: Ustr| kind == Kind::SkuUnmapped && root == "a";
        assert_eq!(
            stays(&of_a),
            [
                (4, End::Became(5, Kind::TierMismatch), Kind::SkuUnmapped, Some(3)),
                (0, End::Became(1, Kind::SkuUnmapped), Kind::SkuUnmapped, Some(1)),
            ]
        );
        assert_eq!(
            stays(&|kind, _| kind == Kind::TierMismatch),
            [(5, End::Open, Kind::TierMismatch, Some(3))]
        );
        let kinds: Vec<_> = log.of(name).iter().map(|(at, open)| (*at, open.map(|(kind, _)| kind))).collect();
        let expected = [
            (0, Some(Kind::SkuUnmapped)),
            (2, Some(Kind::MissingRebate)),
            (3, None),
            (4, Some(Kind::SkuUnmapped)),
            (5, Some(Kind::TierMismatch)),
        ];
        assert_eq!(kinds, expected);
    }
}
