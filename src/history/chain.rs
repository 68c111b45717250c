//! Events of many things, each thing's own in the order in which they came: one list, and for each thing its newest event.

use serde::{Deserialize, Serialize};

use super::facts::SnapshotNumber;

/// The newest event of a thing; none at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Last(u32);

impl Default for Last {
    fn default() -> Last {
        Last(u32::MAX)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Event<E> {
    previous: Last,
    snapshot: SnapshotNumber,
    what: E,
}

/// The events of all things.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Chain<E>(Vec<Event<E>>);

impl<E> Default for Chain<E> {
    fn default() -> Chain<E> {
        Chain(Vec::new())
    }
}

impl<E: Copy> Chain<E> {
    /// Adds an event of the thing whose newest event `last` was.
    pub(super) fn push(&mut self, last: &mut Last, snapshot: SnapshotNumber, what: E) {
        let previous = std::mem::replace(last, Last(u32::try_from(self.0.len()).unwrap_or(u32::MAX)));
        self.0.push(Event { previous, snapshot, what });
    }

    /// The events of the thing whose newest one is `last`, newest first.
    pub(super) fn back(&self, mut last: Last) -> impl Iterator<Item = (SnapshotNumber, E)> {
        std::iter::from_fn(move || {
            let event = self.0.get(last.0 as usize)?;
            last = event.previous;
            Some((event.snapshot, event.what))
        })
    }

    /// The events of the thing whose newest one is `last`, oldest first.
    pub(super) fn of(&self, last: Last) -> Vec<(SnapshotNumber, E)> {
        let mut all: Vec<_> = self.back(last).collect();
        all.reverse();
        all
    }

    /// How many events there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
