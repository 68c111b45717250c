//! What the sheets of a pack are computed from: the shown snapshot, the roll-forward of the month, and what is left of
//! every line at the end of it.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::history::SnapshotNumber;
use crate::model::id::LineId;
use crate::model::money::{Currency, Money};
use crate::model::time::Month;
use crate::reconcile::layers::Layered;
use crate::reconcile::ledger::{LedgerStatement, statement_b};
use crate::reconcile::rollforward::{Basis, Books, Entry, Item, Movement, Part, RollForward};
use crate::report::Report;

/// What of a line, in its own currency, counts at the end of the month, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Calculated, where its status is booked.
    pub(super) recognized: i128,
    /// Adjustments dated up to the end of the month.
    pub(super) adjusted: i128,
    /// Received up to the end of the month, with a payout record.
    pub(super) received: i128,
    /// Our own journals dated up to the end of the month.
    pub(super) journals: i128,
    /// Whether anything of it moves the balance of this month.
    pub(super) is_moved: bool,
}

impl Parts {
    /// What is open.
    pub(super) fn open(self) -> i128 {
        self.recognized + self.adjusted + self.journals - self.received
    }
}

/// A change of what is recognized for periods that were over before the month began.
#[derive(Debug, Clone, Copy)]
pub(super) struct PriorChange {
    /// The line.
    pub(super) line: LineId,
    /// Its place: of the opening for a line that is gone, else of now.
    pub(super) entry: Entry,
    /// The row of the roll-forward that it stands in.
    pub(super) movement: Movement,
    /// What the opening had.
    pub(super) then: Money,
    /// What counts of it at the same date now.
    pub(super) now: Money,
}

/// One month, ready to be written down.
pub(super) struct Close<'r, 'a> {
    pub(super) report: &'r Report<'a>,
    pub(super) month: Month,
    pub(super) rolled: &'r RollForward,
    /// The books as of the shown snapshot.
    pub(super) books: Books,
    /// The books with which the month before was closed.
    pub(super) opening: Option<Books>,
    parts: HashMap<LineId, Parts>,
}

impl<'r, 'a> Close<'r, 'a> {
    /// `None`: the month is not over, or has neither balance nor lines.
    pub(super) fn new(report: &'r Report<'a>, month: Month) -> Option<Close<'r, 'a>> {
        let rolled = report.rollforwards.get(&month)?;
        let books = Books::of(report.reconciled);
        let opening = report.reconciled.past.books_at_close(rolled.from.month);
        let mut close = Close { report, month, rolled, books, opening, parts: HashMap::new() };
        close.parts = close.measure();
        Some(close)
    }

    fn measure(&self) -> HashMap<LineId, Parts> {
        let mut all: HashMap<LineId, Parts> = HashMap::new();
        let to = self.rolled.to;
        for entry in self.books.entries() {
            let Item::Line(id) = entry.item else { continue };
            let is_own = self.currency_of(id) == Some(entry.amount.currency());
            if !is_own || !to.counts(entry) {
                continue;
            }
            let parts = all.entry(id).or_default();
            let minor = entry.amount.minor();
            match entry.part {
                Part::Recognized => parts.recognized += minor,
                Part::Adjusted(..) => parts.adjusted += minor,
                Part::Received(_) => parts.received -= minor,
                Part::Journal(_) => parts.journals += minor,
            }
            parts.is_moved |= entry.date.is_some_and(|date| self.rolled.from.day < date);
        }
        for change in self.prior_changes() {
            all.entry(change.line).or_default().is_moved = true;
        }
        all
    }

    /// The currency of a line of the shown snapshot.
    fn currency_of(&self, id: LineId) -> Option<Currency> {
        Some(self.report.line(self.report.reconciled.line_number(id)?).currency)
    }

    /// What of a line counts at the end of the month.
    pub(super) fn parts(&self, id: LineId) -> Parts {
        self.parts.get(&id).copied().unwrap_or_default()
    }

    /// The lines of the pack, by number: those of the month, and of earlier months those that are open or moved.
    pub(super) fn lines(&self) -> Vec<u32> {
        let records = &self.report.reconciled.snapshot.records;
        let mut lines: Vec<u32> = crate::reconcile::matching::numbered(&records.lines)
            .filter(|(_, line)| {
                let parts = self.parts(line.id);
                line.period == self.month
                    || (line.period < self.month && (parts.open() != 0 || parts.is_moved))
            })
            .map(|(number, _)| number)
            .collect();
        lines.sort_by_key(|number| self.report.line(*number).id.raw());
        lines
    }

    /// The entries that are open at the end of the month and belong to no line of their currency: lump sums, adjustments in
    /// another currency than their line.
    pub(super) fn is_beside_lines(&self, entry: &Entry) -> bool {
        match entry.item {
            Item::Line(id) => {
                self.currency_of(id).is_some_and(|currency| currency != entry.amount.currency())
            }
            Item::Lump(_) | Item::Journal(_) => true,
        }
    }

    /// What is recognized otherwise for earlier periods than when the month before was closed; nothing where it was not.
    ///
    /// The amounts add up to the rows for prior-period changes, late and removed lines of the roll-forward, which are
    /// added up from both books in another way.
    pub(super) fn prior_changes(&self) -> Vec<PriorChange> {
        let Some(opening) = &self.opening else { return Vec::new() };
        let from = self.rolled.from;
        let recognized = |entry: &&Entry| matches!(entry.part, Part::Recognized);
        let id = |entry: &Entry| match entry.item {
            Item::Line(id) => Some(id),
            Item::Lump(_) | Item::Journal(_) => None,
        };
        let mut both: BTreeMap<LineId, (Option<Entry>, Option<Entry>)> = BTreeMap::new();
        for entry in opening.entries().iter().filter(recognized) {
            if let Some(id) = id(entry) {
                both.entry(id).or_default().0 = Some(*entry);
            }
        }
        for entry in self.books.entries().iter().filter(recognized) {
            if let Some(id) = id(entry) {
                both.entry(id).or_default().1 = Some(*entry);
            }
        }
        let mut changes = Vec::new();
        for (line, (before, after)) in both {
            let movement = match (before, after) {
                (None, _) => Movement::LateLines,
                (_, None) => Movement::RemovedLines,
                (Some(_), Some(_)) => Movement::PriorChanges,
            };
            let then = before.filter(|entry| from.counts(entry));
            let now = after.filter(|entry| from.counts(entry));
            let zero = |entry: Entry| Money::zero(entry.amount.currency());
            match (then, now) {
                (Some(then), Some(now)) if then.amount.currency() == now.amount.currency() => {
                    changes.push(PriorChange {
                        line,
                        entry: now,
                        movement,
                        then: then.amount,
                        now: now.amount,
                    });
                }
                (then, now) => {
                    changes.extend(then.map(|entry| PriorChange {
                        line,
                        entry,
                        movement,
                        then: entry.amount,
                        now: zero(entry),
                    }));
                    changes.extend(now.map(|entry| PriorChange {
                        line,
                        entry,
                        movement,
                        then: zero(entry),
                        now: entry.amount,
                    }));
                }
            }
        }
        changes.retain(|change| change.then != change.now);
        changes
    }

    /// The snapshot of the close before, where it is one of the history.
    pub(super) fn opening_snapshot(&self) -> Option<SnapshotNumber> {
        match self.rolled.basis {
            Basis::Close(as_of) => self.report.sources.history.number(as_of),
            Basis::ThisSnapshot
            | Basis::NeverClosed
            | Basis::ClosedWithoutSnapshot(_)
            | Basis::UnknownSnapshot(_) => None,
        }
    }

    /// Statement B: this sub-ledger against the general ledger, by currency.
    pub(super) fn ledger(&self) -> BTreeMap<Currency, LedgerStatement<'a>> {
        statement_b(self.report.reconciled, self.rolled, &self.layers())
    }

    /// What the balance is made of, by currency.
    pub(super) fn layers(&self) -> BTreeMap<Currency, Layered> {
        self.report.layers.at(self.rolled.to)
    }

    /// `E0`, the end of the month before.
    pub(super) fn opening_day(&self) -> NaiveDate {
        self.rolled.from.day
    }

    /// `E1`, the end of the month.
    pub(super) fn closing_day(&self) -> NaiveDate {
        self.rolled.to.day
    }
}
