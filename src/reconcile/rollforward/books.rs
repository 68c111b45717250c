//! The books of one snapshot: every amount that the balance is made of, with the dates from which it counts.

use std::cmp::Ordering;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ustr::Ustr;

use super::{End, Scope};
use crate::model::booked::Booked;
use crate::model::id::{AdjustmentId, JournalId, LineId, ProgramId};
use crate::model::ledger::Journal;
use crate::model::money::{Currency, Money};
use crate::model::record::{Adjustment, Line, Payout};
use crate::model::time::{AsOf, Month};
use crate::normalize::word;
use crate::reconcile::Reconciled;

/// What is open until it is settled: the unit that ages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Item {
    /// A line, with its adjustments and receipts.
    Line(LineId),
    /// An adjustment that no line has: a lump sum, or one whose line is not in the extract.
    Lump(AdjustmentId),
    /// A journal of ours that no line has, or whose line is not in the extract.
    Journal(JournalId),
}

/// Why an amount was adjusted, by its canonical reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// A refund or cancellation.
    Refund,
    /// Eligibility found to be another one.
    Eligibility,
    /// A fee or a tax.
    Fee,
    /// Any other reason, and none.
    Other,
}

impl Reason {
    fn of(canonical: Option<Ustr>) -> Reason {
        match canonical.as_ref().map(Ustr::as_str) {
            Some("refund") => Reason::Refund,
            Some("eligibility") => Reason::Eligibility,
            Some("fee") => Reason::Fee,
            Some(_) | None => Reason::Other,
        }
    }
}

/// How money was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Form {
    /// Transferred.
    Cash,
    /// As a credit note.
    Credit,
    /// As a coupon or voucher.
    Coupon,
    /// In a form that the payout does not name, or in another one.
    Other,
}

impl Form {
    /// Reads the `form` of a payout; a word that is not known is not guessed at.
    pub fn of(payout: &Payout) -> Form {
        match payout.form.map(|form| word(&form)).as_ref().map(Ustr::as_str) {
            Some("TRANSFER" | "CASH" | "BANK" | "BANK TRANSFER" | "WIRE") => Form::Cash,
            Some("CREDIT" | "CREDIT NOTE" | "CREDIT-NOTE" | "CREDIT MEMO") => Form::Credit,
            Some("COUPON" | "VOUCHER") => Form::Coupon,
            Some(_) | None => Form::Other,
        }
    }
}

/// Which part of an item an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// What the vendor calculated, where the status is in a booked layer.
    Recognized,
    /// An adjustment.
    Adjusted(AdjustmentId, Reason),
    /// What was received with a payout record; negative.
    Received(Form),
    /// A journal of ours.
    Journal(JournalId),
}

impl Part {
    /// What tells the parts of an item apart.
    fn place(self) -> (u8, Option<AdjustmentId>) {
        match self {
            Part::Recognized => (0, None),
            Part::Adjusted(id, _) => (1, Some(id)),
            Part::Received(_) => (2, None),
            Part::Journal(id) => (3, Some(id.cast())),
        }
    }
}

/// One amount of the balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The item it belongs to.
    pub item: Item,
    /// Which part of it.
    pub part: Part,
    /// The program of the line, else the one the adjustment names.
    pub program: Option<ProgramId>,
    /// The period of the line, else the one the adjustment names, else the month of its date.
    pub period: Month,
    /// When it took effect, besides its period; a line has no other date.
    pub date: Option<NaiveDate>,
    /// Signed as it moves the balance: receipts are negative.
    pub amount: Money,
}

impl Entry {
    /// Where it stands among the entries of its books.
    pub(super) fn place(&self, other: &Entry) -> Ordering {
        (self.item, self.part.place()).cmp(&(other.item, other.part.place()))
    }

    /// Which sums it is part of.
    pub(super) fn scope(&self) -> Scope {
        (self.amount.currency(), self.program)
    }

    /// What it adds to which sums.
    pub(super) fn effect(&self) -> (Money, Option<ProgramId>) {
        (self.amount, self.program)
    }
}

/// Everything one snapshot knew of the balance, whatever the period.
#[derive(Debug, Clone)]
pub struct Books {
    /// The snapshot.
    pub as_of: AsOf,
    entries: Vec<Entry>,
}

impl Books {
    /// Books of their entries, in any order. Every line that the snapshot had must have its [`Part::Recognized`], also
    /// one of zero: it tells a line that changed from one that is new.
    pub fn new(as_of: AsOf, mut entries: Vec<Entry>) -> Books {
        entries.sort_by(Entry::place);
        Books { as_of, entries }
    }

    /// The books of a reconciled snapshot, under its policy of recognition.
    ///
    /// Source: domain 1.1 (what is booked), 1.2 (what is received, and our own journals).
    pub fn of(reconciled: &Reconciled<'_>) -> Books {
        let records = &reconciled.snapshot.records;
        let mut entries = Vec::with_capacity(records.lines.len() + records.adjustments.len());
        for line in &records.lines {
            entries.push(Entry {
                item: Item::Line(line.id),
                part: Part::Recognized,
                program: Some(line.program),
                period: line.period,
                date: None,
                amount: recognized(line, &reconciled.booked),
            });
            if let Some((payout, amount)) = received(reconciled, line) {
                entries.push(Entry {
                    item: Item::Line(line.id),
                    part: Part::Received(Form::of(payout)),
                    program: Some(line.program),
                    period: line.period,
                    date: Some(payout.date),
                    amount: amount.negated(),
                });
            }
        }
        for adjustment in &records.adjustments {
            let (item, program, period) = owner(reconciled, adjustment);
            let reason = Reason::of(reconciled.reason(adjustment.reason_key).map(|row| row.reason));
            let entry = Entry {
                item,
                part: Part::Adjusted(adjustment.id, reason),
                program,
                period,
                date: Some(adjustment.date),
                amount: adjustment.amount,
            };
            entries.push(entry);
            // A bank fee or tax that names its payout was settled with it.
            if let Some(payout) = netted_in(reconciled, adjustment) {
                entries.push(Entry {
                    part: Part::Received(Form::of(payout)),
                    date: Some(payout.date),
                    amount: adjustment.amount.negated(),
                    ..entry
                });
            }
        }
        for journal in reconciled.journals().filter(|journal| journal.is_ours()) {
            let (item, program, period) = journal_owner(reconciled, journal);
            entries.push(Entry {
                item,
                part: Part::Journal(journal.id),
                program,
                period,
                date: Some(journal.date),
                amount: journal.amount,
            });
        }
        Books::new(reconciled.as_of(), entries)
    }

    /// The entries by item and part.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The balance of a currency at an effective date.
    pub fn balance(&self, at: End, currency: Currency) -> Money {
        let of_currency = self.entries.iter().filter(|e| e.amount.currency() == currency && at.counts(e));
        Money::from_minor(of_currency.map(|entry| entry.amount.minor()).sum(), currency)
    }

    /// The currencies of the entries that count at an effective date and are not zero, each once.
    pub(super) fn currencies(&self, at: End) -> Vec<Currency> {
        let mut all: Vec<Currency> = Vec::new();
        for entry in self.entries.iter().filter(|e| !e.amount.is_zero() && at.counts(e)) {
            if !all.contains(&entry.amount.currency()) {
                all.push(entry.amount.currency());
            }
        }
        all
    }
}

/// What of a line is booked: its calculated amount where the policy books its status, else nothing (domain 1.1).
pub(super) fn recognized(line: &Line, booked: &Booked) -> Money {
    line.amount_calculated.filter(|_| booked.has(line.status)).unwrap_or(Money::zero(line.currency))
}

/// What was received for a line: paid, as the vendor says, and found in a payout record.
pub(crate) fn received<'a>(reconciled: &Reconciled<'a>, line: &Line) -> Option<(&'a Payout, Money)> {
    let payout = reconciled.payout(line.payout?)?;
    Some((payout, line.amount_paid?))
}

/// The payout that an adjustment without a line names: it was netted there.
pub(crate) fn netted_in<'a>(reconciled: &Reconciled<'a>, adjustment: &Adjustment) -> Option<&'a Payout> {
    if adjustment.line.is_some() {
        return None;
    }
    let payout = reconciled.payout(adjustment.reference?.cast())?;
    (payout.amount.currency() == adjustment.amount.currency()).then_some(payout)
}

/// The item, program and period of an adjustment: those of its line; without one in the extract its own, and the month
/// that holds its date where it names no period.
pub(in crate::reconcile) fn owner(
    reconciled: &Reconciled<'_>,
    adjustment: &Adjustment,
) -> (Item, Option<ProgramId>, Month) {
    let number = adjustment.line.and_then(|id| reconciled.line_number(id));
    if let Some(number) = number {
        let line = &reconciled.snapshot.records.lines[number as usize];
        return (Item::Line(line.id), Some(line.program), line.period);
    }
    let period = adjustment.period.unwrap_or_else(|| reconciled.rules.reference.month_of(adjustment.date));
    (Item::Lump(adjustment.id), adjustment.program, period)
}

/// The item, program and period of a journal: those of its line; without one in the extract its own program, and the month
/// that holds its date.
pub(crate) fn journal_owner(
    reconciled: &Reconciled<'_>,
    journal: &Journal,
) -> (Item, Option<ProgramId>, Month) {
    match journal.line.and_then(|id| reconciled.line_number(id)) {
        Some(number) => {
            let line = &reconciled.snapshot.records.lines[number as usize];
            (Item::Line(line.id), Some(line.program), line.period)
        }
        None => {
            let period = reconciled.rules.reference.month_of(journal.date);
            (Item::Journal(journal.id), journal.program, period)
        }
    }
}
