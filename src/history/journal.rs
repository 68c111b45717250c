//! Every change of every field of every record, with the snapshot that brought it.
//!
//! A row is compared with the row of the same record in the snapshot before, cell by cell and by the name of the column,
//! so that a new column order or a moved row is no change. Both are told as they were received.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use ustr::Ustr;

use super::chain::{Chain, Last};
use super::facts::SnapshotNumber;
use crate::ingest::Files;
use crate::model::id::{AdjustmentId, CancellationId, LineId, OrderId, PayoutId};
use crate::model::record::{Origin, SourceRef};
use crate::reconcile::Reconciled;
use crate::reconcile::matching::numbered;

/// A record, by what it is known by in every snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RecordKey {
    /// A row of an order: the order, and its line where the extract has one.
    Order(OrderId, Option<Ustr>),
    /// A line of the vendor.
    Line(LineId),
    /// An adjustment.
    Adjustment(AdjustmentId),
    /// A payout.
    Payout(PayoutId),
    /// A cancellation of ours.
    Cancellation(CancellationId),
}

/// What a snapshot changed about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// It is not in the extracts any more.
    Gone,
    /// It is back.
    Back,
    /// A cell differs. A column that a file lacks counts as empty.
    Field {
        /// The column, in lower case.
        column: Ustr,
        /// The cell before.
        before: Ustr,
        /// The cell after.
        after: Ustr,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    key: RecordKey,
    first: SnapshotNumber,
    digest: u128,
    source: SourceRef,
    is_gone: bool,
    last: Last,
    round: u32,
}

/// The journal of all records.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Journal {
    records: Vec<Record>,
    events: Chain<What>,
    round: u32,
    #[serde(skip)]
    numbers: HashMap<RecordKey, u32>,
}

/// What is written down of the journal, field by field; the numbers follow from the records.
type Kept = (Vec<Record>, Chain<What>, u32);

impl From<Kept> for Journal {
    fn from((records, events, round): Kept) -> Journal {
        let numbers = numbered(&records).map(|(number, record)| (record.key, number)).collect();
        Journal { records, events, round, numbers }
    }
}

impl Journal {
    /// Adds what a snapshot says; snapshots come oldest first.
    pub(super) fn fold(&mut self, files: &Files, reconciled: &Reconciled<'_>, now: SnapshotNumber) {
        self.round += 1;
        let records = &reconciled.snapshot.records;
        let orders = records.orders.iter().map(|o| (RecordKey::Order(o.id, o.line), &o.origin));
        let lines = records.lines.iter().map(|l| (RecordKey::Line(l.id), &l.origin));
        let adjustments = records.adjustments.iter().map(|a| (RecordKey::Adjustment(a.id), &a.origin));
        let payouts = records.payouts.iter().map(|p| (RecordKey::Payout(p.id), &p.origin));
        let cancellations = records.cancellations.iter().map(|c| (RecordKey::Cancellation(c.id), &c.origin));
        for (key, origin) in orders.chain(lines).chain(adjustments).chain(payouts).chain(cancellations) {
            self.see(files, key, origin, now);
        }
        for number in 0..u32::try_from(self.records.len()).unwrap_or(u32::MAX) {
            let record = &mut self.records[number as usize];
            if record.round != self.round && !record.is_gone {
                record.is_gone = true;
                self.push(number, now, What::Gone);
            }
        }
    }

    fn see(&mut self, files: &Files, key: RecordKey, origin: &Origin, now: SnapshotNumber) {
        let round = self.round;
        let Some(number) = self.numbers.get(&key).copied() else {
            let number = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
            let (digest, source) = (origin.digest, origin.source);
            self.records.push(Record {
                key,
                first: now,
                digest,
                source,
                is_gone: false,
                last: Last::default(),
                round,
            });
            self.numbers.insert(key, number);
            return;
        };
        let record = &mut self.records[number as usize];
        let was_gone = std::mem::take(&mut record.is_gone);
        let (digest, source) = (record.digest, record.source);
        (record.digest, record.source, record.round) = (origin.digest, origin.source, round);
        if was_gone {
            self.push(number, now, What::Back);
        }
        if digest != origin.digest {
            for what in fields(files, source, origin.source) {
                self.push(number, now, what);
            }
        }
    }

    fn push(&mut self, record: u32, snapshot: SnapshotNumber, what: What) {
        self.events.push(&mut self.records[record as usize].last, snapshot, what);
    }

    /// Gives every row the number that its file has now.
    pub(super) fn renumber(&mut self, file: impl Fn(u32) -> u32) {
        for record in &mut self.records {
            record.source.file = file(record.source.file);
        }
    }

    /// The first snapshot that has a record; `None` where none has it.
    pub fn first_seen(&self, key: RecordKey) -> Option<SnapshotNumber> {
        self.numbers.get(&key).map(|number| self.records[*number as usize].first)
    }

    /// The newest row of a record.
    pub fn row(&self, key: RecordKey) -> Option<SourceRef> {
        self.numbers.get(&key).map(|number| self.records[*number as usize].source)
    }

    /// What happened to a record since it was first seen, oldest first.
    pub fn of(&self, key: RecordKey) -> Vec<(SnapshotNumber, What)> {
        self.numbers.get(&key).map_or_else(Vec::new, |n| self.events.of(self.records[*n as usize].last))
    }

    /// Whether a record is not in the newest snapshot any more.
    pub fn is_gone(&self, key: RecordKey) -> bool {
        self.numbers.get(&key).is_some_and(|number| self.records[*number as usize].is_gone)
    }

    /// How many events are kept.
    pub fn event_count(&self) -> usize {
        self.events.len()
    }

    /// Every record that is gone, by key.
    pub fn gone(&self) -> impl Iterator<Item = RecordKey> + '_ {
        self.records.iter().filter(|record| record.is_gone).map(|record| record.key)
    }
}

/// The cells that differ between two rows, by column.
fn fields(files: &Files, before: SourceRef, after: SourceRef) -> Vec<What> {
    let cells = |source| -> BTreeMap<String, String> {
        files.cells(source).into_iter().map(|(column, text)| (column.to_lowercase(), text)).collect()
    };
    let (was, is) = (cells(before), cells(after));
    let none = String::new();
    let mut columns: Vec<&String> = was.keys().chain(is.keys()).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
        .into_iter()
        .filter_map(|column| {
            let (before, after) = (was.get(column).unwrap_or(&none), is.get(column).unwrap_or(&none));
            (before.trim() != after.trim()).then(|| What::Field {
                column: Ustr::from(column),
                before: Ustr::from(before.trim()),
                after: Ustr::from(after.trim()),
            })
        })
        .collect()
}
