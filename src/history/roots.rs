//! Which roots of discrepancies were there, went, and came back.
//!
//! A root is what cases of one kind have in common: an account, a product, a rule, a source. It is resolved in the first
//! snapshot that shows no case of it any more, and recurs when a later one shows one again. Source: domain 6, M3.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ustr::Ustr;

use super::facts::SnapshotNumber;
use crate::reconcile::Kind;
use crate::reconcile::causes::Cause;

/// A stay of a root: the first snapshot that shows it, and the first one after it that does not.
pub type Stay = (SnapshotNumber, Option<SnapshotNumber>);

/// The stays of every root.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RootLog {
    stays: BTreeMap<(Kind, Ustr), Vec<Stay>>,
}

impl RootLog {
    /// Adds the causes of a snapshot; snapshots come oldest first.
    pub(super) fn fold(&mut self, causes: &[Cause], now: SnapshotNumber) {
        let there = causes.iter().map(|cause| (cause.kind, Ustr::from(&cause.root)));
        self.take(there.collect(), now);
    }

    fn take(&mut self, there: std::collections::BTreeSet<(Kind, Ustr)>, now: SnapshotNumber) {
        for (root, stays) in &mut self.stays {
            if let Some((_, end @ None)) = stays.last_mut().filter(|_| !there.contains(root)) {
                *end = Some(now);
            }
        }
        for root in there {
            let stays = self.stays.entry(root).or_default();
            if stays.last().is_none_or(|(_, end)| end.is_some()) {
                stays.push((now, None));
            }
        }
    }

    /// The stays of one root, oldest first.
    pub fn of(&self, kind: Kind, root: &str) -> &[Stay] {
        self.stays.get(&(kind, Ustr::from(root))).map_or(&[], Vec::as_slice)
    }

    /// Every root that was ever there, with its stays, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, Ustr, &[Stay])> {
        self.stays.iter().map(|((kind, root), stays)| (*kind, *root, stays.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_that_comes_back_has_two_stays() {
        // Goal: gone and back is a recurrence, there all along is not. Method: five snapshots of two roots.
        let of = |names: &[&str]| names.iter().map(|name| (Kind::SkuUnmapped, Ustr::from(name))).collect();
        let mut log = RootLog::default();
        for (now, names) in (0..).zip([&["a", "b"][..], &["b"], &["b"], &["a", "b"], &["a", "b"]]) {
            log.take(of(names), now);
        }
        let stays: Vec<(&str, Vec<Stay>)> =
            log.iter().map(|(_, root, s)| (root.as_str(), s.to_vec())).collect();
        assert_eq!(stays, [("a", vec![(0, Some(1)), (3, None)]), ("b", vec![(0, None)])]);
    }
}
