//! The roll-forward of a month: from the balance at its start through every movement to the balance at its end, with
//! the open items by age (domain 1.2, 1.4; I-7, I-8).
//!
//! A balance is always as of an effective date and as known at a snapshot: the opening is (`E0`, `K0`), the end of the
//! month before as its close knew it; everything else is (`E1`, `K1`), the end of this month as the shown snapshot knows
//! it. Each record's change between the two stands in exactly one row, so the rows add up; the closing is added up a
//! second time from the open items.

mod aging;
mod books;
mod closings;
mod later;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Reconciled, past};
use crate::model::id::ProgramId;
use crate::model::money::{Currency, Money};
use crate::model::time::{AsOf, Month};

pub use aging::{Age, Aging, Band, OpenItem, open_items, total};
pub(super) use books::owner;
pub use books::{Books, Entry, Form, Item, Part, Reason};
pub(crate) use books::{journal_owner, netted_in, received};
pub use closings::Closings;
pub use later::{Class, Later, LaterAdjustment, LaterPayout, LaterSums};

/// The effective date of a balance: a month and the last day of its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The month.
    pub month: Month,
    /// The last day.
    pub day: NaiveDate,
}

impl End {
    /// Whether a balance at this date holds an entry. An adjustment or a receipt counts from its own date, but never
    /// before the line it belongs to: money received ahead of its period is no negative balance of an earlier one.
    pub fn counts(self, entry: &Entry) -> bool {
        self.reaches(entry.period, entry.date)
    }

    /// Whether a balance at this date holds what belongs to a period and has a date of its own or none.
    pub fn reaches(self, period: Month, date: Option<NaiveDate>) -> bool {
        period <= self.month && date.is_none_or(|date| date <= self.day)
    }
}

/// Where the opening balance comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The month before as it was closed.
    Close(AsOf),
    /// The month before is closed with the shown snapshot itself.
    ThisSnapshot,
    /// It was never closed; recomputed as known now.
    NeverClosed,
    /// It was closed on a day, and `periods.csv` names no snapshot; recomputed as known now.
    ClosedWithoutSnapshot(NaiveDate),
    /// It is closed with a snapshot whose books are not known here: a later one, one that is not in the input, or one whose
    /// own reference data says nothing of the close; recomputed as known now.
    UnknownSnapshot(AsOf),
}

/// A row between opening and closing, in the order of the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Movement {
    /// Opening balance.
    Opening,
    /// Lines that the books of the opening had, in periods up to it: recognized now less recognized then. A line that
    /// moved to a later period takes its amount with it.
    PriorChanges,
    /// Lines of those periods that the books of the opening did not have.
    LateLines,
    /// Lines of this month.
    Earned,
    /// Lines that are gone, whatever they were recognized with.
    RemovedLines,
    /// Adjustments dated up to the opening that its books did not have, had with another amount, or had and are gone.
    BackdatedAdjustments,
    /// The same of receipts.
    BackdatedReceipts,
    /// The same of our own journals.
    BackdatedJournals,
    /// Adjustments dated in this month.
    Adjusted(Reason),
    /// Receipts dated in this month; negative.
    Received(Form),
    /// Our own journals dated in this month.
    Journals,
}

impl Movement {
    /// Every row, in order.
    pub const ALL: [Movement; 17] = [
        Movement::Opening,
        Movement::PriorChanges,
        Movement::LateLines,
        Movement::Earned,
        Movement::RemovedLines,
        Movement::BackdatedAdjustments,
        Movement::BackdatedReceipts,
        Movement::BackdatedJournals,
        Movement::Adjusted(Reason::Refund),
        Movement::Adjusted(Reason::Eligibility),
        Movement::Adjusted(Reason::Fee),
        Movement::Adjusted(Reason::Other),
        Movement::Received(Form::Cash),
        Movement::Received(Form::Credit),
        Movement::Received(Form::Coupon),
        Movement::Received(Form::Other),
        Movement::Journals,
    ];
}

/// The sum of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Records with an amount in it.
    pub records: usize,
    /// The part of earlier periods, in minor units.
    pub earlier: i128,
    /// The part of this month's period, in minor units.
    pub this_month: i128,
}

impl Sum {
    /// Both parts, in minor units.
    pub fn total(self) -> i128 {
        self.earlier + self.this_month
    }

    /// Adds another sum.
    pub fn add(&mut self, other: Sum) {
        self.records += other.records;
        self.earlier += other.earlier;
        self.this_month += other.this_month;
    }
}

/// The roll-forward of one currency.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The currency of all its amounts.
    pub currency: Currency,
    /// The rows of each program, in the order of its id; `None`: adjustments that name no program.
    pub programs: BTreeMap<Option<ProgramId>, BTreeMap<Movement, Sum>>,
    /// The movements by the date of their records, in minor units; a line has none.
    dated: BTreeMap<(Movement, Option<NaiveDate>), i128>,
    /// The open items by age; they add up to the closing balance.
    pub aging: Aging,
    /// What the month was closed with, as its own close knew it; nothing where no close is known.
    pub at_close: Option<Money>,
    /// What came after the end of the month.
    pub later: LaterSums,
}

impl Statement {
    fn empty(currency: Currency) -> Statement {
        Statement {
            currency,
            programs: BTreeMap::new(),
            dated: BTreeMap::new(),
            aging: Aging::empty(currency),
            at_close: None,
            later: LaterSums::empty(currency),
        }
    }

    /// The sum of a row over all programs.
    pub fn row(&self, movement: Movement) -> Sum {
        let mut sum = Sum::default();
        for rows in self.programs.values() {
            sum.add(rows.get(&movement).copied().unwrap_or_default());
        }
        sum
    }

    /// A movement by the date of its records, in minor units, oldest first and those without a date before them. They sum
    /// to the row; the opening has one date, the end of the month before, and none here.
    pub fn by_date(&self, movement: Movement) -> impl Iterator<Item = (Option<NaiveDate>, i128)> + '_ {
        let of_movement = self.dated.iter().filter(move |((of, _), _)| *of == movement);
        of_movement.map(|((_, date), minor)| (*date, *minor))
    }

    /// Opening and movements added up.
    pub fn closing(&self) -> Sum {
        let mut sum = Sum::default();
        for rows in self.programs.values() {
            for row in rows.values() {
                sum.add(*row);
            }
        }
        sum
    }

    /// The sum of some rows.
    pub fn sum_of(&self, movements: &[Movement]) -> Money {
        let minor = movements.iter().map(|movement| self.row(*movement).total()).sum();
        Money::from_minor(minor, self.currency)
    }

    /// The closing balance.
    pub fn closing_balance(&self) -> Money {
        Money::from_minor(self.closing().total(), self.currency)
    }

    /// The closing balance less the sum of the open items; zero, or the program has a bug.
    pub fn check(&self) -> Money {
        Money::from_minor(self.closing().total() - self.aging.total().minor(), self.currency)
    }
}

/// The roll-forward of a month, currency by currency.
#[derive(Debug, Clone)]
pub struct RollForward {
    /// `E0`.
    pub from: End,
    /// `E1`.
    pub to: End,
    /// `K0`, and why it is that one.
    pub basis: Basis,
    /// `K1`.
    pub known: AsOf,
    /// When the month itself was closed, if a snapshot before this one closed it.
    pub closed: Option<AsOf>,
    /// One statement per currency that has a balance or a movement.
    pub statements: BTreeMap<Currency, Statement>,
    /// What came after the end of the month, in detail.
    pub later: Later,
}

/// The roll-forward of every month that has lines, oldest first: of those whose period is over at the as-of date, and of
/// the last full month.
///
/// `months` are oldest first. An older month that nobody closed is rolled forward like the others: both dates stand on it,
/// and whoever is about to close it needs it.
pub fn all(reconciled: &Reconciled<'_>, months: impl Iterator<Item = Month>) -> BTreeMap<Month, RollForward> {
    let now = Books::of(reconciled);
    let payouts = later::Payouts::new(reconciled);
    let as_of = reconciled.as_of();
    let last_day = |month: Month| reconciled.rules.reference.period(month).last_day();
    // The close of a month is the opening of the next one.
    let mut last: Option<(Month, Option<Books>)> = None;
    let mut all = BTreeMap::new();
    for month in months.filter(|m| last_day(*m) < as_of.date() || *m == as_of.last_full_month()) {
        let from = End { month: month.previous(), day: last_day(month.previous()) };
        // A period that ends before the one before it, by a slip in the table, has no days of its own.
        let to = End { month, day: last_day(month).max(from.day) };
        let opening = match last.take() {
            Some((before, books)) if before == from.month => books,
            Some(_) | None => reconciled.past.books_at_close(from.month),
        };
        let basis = basis(reconciled, from.month, opening.as_ref());
        let mut statements = statements(from, to, opening.as_ref().unwrap_or(&now), &now);
        let later = Later::new(reconciled, to, &payouts);
        let close = reconciled.past.books_at_close(month);
        let sums = later.sums(reconciled);
        let at_close = close.as_ref().map_or_else(Vec::new, |books| books.currencies(to));
        for currency in sums.keys().copied().chain(at_close) {
            statements.entry(currency).or_insert_with(|| Statement::empty(currency));
        }
        let mut open = open_items(&now, to);
        for (currency, statement) in &mut statements {
            let items = open.remove(currency).unwrap_or_default();
            statement.aging = Aging::new(*currency, to, &items, last_day);
            statement.at_close = close.as_ref().map(|books| books.balance(to, *currency));
            statement.later = sums.get(currency).copied().unwrap_or(statement.later);
        }
        let closed = close.as_ref().map(|books| books.as_of);
        all.insert(month, RollForward { from, to, basis, known: as_of, closed, statements, later });
        last = Some((month, close));
    }
    all
}

/// Where the opening balance comes from; `opening` are the books of the close of the month before, if they are known.
fn basis(reconciled: &Reconciled<'_>, before: Month, opening: Option<&Books>) -> Basis {
    let closed_on = reconciled.rules.reference.period_row(before).and_then(|row| row.closed_on);
    match (opening, past::closes_with(reconciled, before), closed_on) {
        (Some(books), _, _) => Basis::Close(books.as_of),
        (None, Some(close), _) if close == reconciled.as_of() => Basis::ThisSnapshot,
        (None, Some(close), _) => Basis::UnknownSnapshot(close),
        (None, None, Some(day)) => Basis::ClosedWithoutSnapshot(day),
        (None, None, None) => Basis::NeverClosed,
    }
}

/// Rolls the books of the opening forward to those of now: every entry of either is in exactly one row, with its whole
/// change.
///
/// Shape: a statement per currency that any entry counts in; aging, close and later events are still empty.
/// Source: domain 1.2.
pub fn statements(from: End, to: End, opening: &Books, now: &Books) -> BTreeMap<Currency, Statement> {
    let mut sums = Sums { to, all: Vec::new(), last: 0, dated: BTreeMap::new() };
    let (mut then, mut today) = (opening.entries(), now.entries());
    loop {
        let order = match (then.first(), today.first()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.place(b),
        };
        let (mut before, mut after) = (None, None);
        if order.is_le() {
            (before, then) = then.split_first().map_or((None, then), |(entry, rest)| (Some(entry), rest));
        }
        if order.is_ge() {
            (after, today) = today.split_first().map_or((None, today), |(entry, rest)| (Some(entry), rest));
        }
        sums.record(from, before, after);
    }
    sums.finish()
}

/// What has a sum of its own.
type Scope = (Currency, Option<ProgramId>);

/// Rows by currency and program while they are added up.
struct Sums {
    to: End,
    all: Vec<(Scope, BTreeMap<Movement, Sum>)>,
    /// Neighbors mostly have one program: the place that was found last.
    last: usize,
    dated: BTreeMap<Currency, BTreeMap<(Movement, Option<NaiveDate>), i128>>,
}

impl Sums {
    /// The rows that one record moves: in the opening, after it, or both.
    fn record(&mut self, from: End, before: Option<&Entry>, after: Option<&Entry>) {
        let before_counts = before.filter(|entry| from.counts(entry));
        let after_counts = after.filter(|entry| from.counts(entry));
        if let Some(entry) = before_counts {
            self.add(Movement::Opening, entry, entry.amount.minor());
        }
        let is_same = before_counts.map(Entry::effect) == after_counts.map(Entry::effect);
        if !is_same {
            let row = |entry: &Entry| match entry.part {
                Part::Recognized if before.is_none() => Movement::LateLines,
                Part::Recognized if after.is_none() => Movement::RemovedLines,
                Part::Recognized => Movement::PriorChanges,
                Part::Adjusted(..) => Movement::BackdatedAdjustments,
                Part::Received(_) => Movement::BackdatedReceipts,
                Part::Journal(_) => Movement::BackdatedJournals,
            };
            match (before_counts, after_counts) {
                // The same place: one record changed by the difference.
                (Some(then), Some(now)) if then.scope() == now.scope() => {
                    self.add(row(now), now, now.amount.minor() - then.amount.minor());
                }
                (then, now) => {
                    if let Some(entry) = then {
                        self.add(row(entry), entry, -entry.amount.minor());
                    }
                    if let Some(entry) = now {
                        self.add(row(entry), entry, entry.amount.minor());
                    }
                }
            }
        }
        if let Some(entry) = after.filter(|entry| self.to.counts(entry) && !from.counts(entry)) {
            let movement = match entry.part {
                Part::Recognized => Movement::Earned,
                Part::Adjusted(_, reason) => Movement::Adjusted(reason),
                Part::Received(form) => Movement::Received(form),
                Part::Journal(_) => Movement::Journals,
            };
            self.add(movement, entry, entry.amount.minor());
        }
    }

    fn add(&mut self, movement: Movement, entry: &Entry, minor: i128) {
        if minor == 0 {
            return;
        }
        let key = entry.scope();
        if self.all.get(self.last).is_none_or(|(known, _)| *known != key) {
            self.last = self.all.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
                self.all.push((key, BTreeMap::new()));
                self.all.len() - 1
            });
        }
        let sum = self.all[self.last].1.entry(movement).or_default();
        if movement != Movement::Opening {
            let dated = self.dated.entry(key.0).or_default();
            *dated.entry((movement, entry.date)).or_default() += minor;
        }
        let is_this_month = entry.period == self.to.month;
        sum.add(Sum {
            records: 1,
            earlier: if is_this_month { 0 } else { minor },
            this_month: if is_this_month { minor } else { 0 },
        });
    }

    fn finish(self) -> BTreeMap<Currency, Statement> {
        let mut statements: BTreeMap<Currency, Statement> = BTreeMap::new();
        for ((currency, program), rows) in self.all {
            let statement = statements.entry(currency).or_insert_with(|| Statement::empty(currency));
            statement.programs.insert(program, rows);
        }
        for (currency, dated) in self.dated {
            statements.entry(currency).or_insert_with(|| Statement::empty(currency)).dated = dated;
        }
        statements
    }
}
