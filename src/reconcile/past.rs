//! What earlier snapshots said: the last state of every line, the lines and the books of a period when it was closed, and
//! since when a case is open. A fold over the snapshots, oldest first; the snapshot that is shown is never folded into its own past.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::accrual::{Accrual, candidates};
use super::rollforward::{Books, Closings};
use super::waits::{Usual, Waits};
use super::{Case, Kind, Reconciled, Subject};
use crate::model::id::{LineId, OrderId, PayoutId, ProgramId};
use crate::model::money::{Currency, Money};
use crate::model::record::Line;
use crate::model::status::{Bucket, Status};
use crate::model::time::{AsOf, Month};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use ustr::Ustr;

/// A line as an earlier snapshot had it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Seen {
    /// The line.
    pub id: LineId,
    /// The newest earlier snapshot that has it.
    pub as_of: AsOf,
    /// The first of its orders.
    pub order: Option<OrderId>,
    /// Its program.
    pub program: ProgramId,
    /// Its period.
    pub period: Month,
    /// Its status; where that was no step on the way to payment, the last one that was.
    pub status: Status,
    /// How far that status is on the way to payment.
    pub rank: Option<u64>,
    /// The status as it was, and the first snapshot that showed it without a break.
    pub spell: (Status, AsOf),
    /// Where a summary counted it.
    pub bucket: Bucket,
    /// What the rate was applied to.
    pub base: Option<Money>,
    /// The rate.
    pub rate: Option<Decimal>,
    /// The category.
    pub category: Option<Ustr>,
    /// The calculated amount.
    pub calculated: Option<Money>,
    /// Its currency.
    pub currency: Currency,
    /// Whether some snapshot up to then showed it Approved, or gave an approval date.
    pub was_approved: bool,
}

/// The lines of a period as they were when it was closed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "(AsOf, Vec<Seen>, Vec<Accrual>)")]
pub struct Close {
    /// The snapshot it was closed with.
    pub as_of: AsOf,
    /// Its lines, by id.
    pub lines: Vec<Seen>,
    /// What could have been accrued for this period and those before it.
    pub accruals: Vec<Accrual>,
    #[serde(skip)]
    places: HashMap<LineId, u32>,
}

impl From<(AsOf, Vec<Seen>, Vec<Accrual>)> for Close {
    fn from((as_of, lines, accruals): (AsOf, Vec<Seen>, Vec<Accrual>)) -> Close {
        Close::new(as_of, lines, accruals)
    }
}

impl Close {
    fn new(as_of: AsOf, lines: Vec<Seen>, accruals: Vec<Accrual>) -> Close {
        let places = super::matching::numbered(&lines).map(|(place, seen)| (seen.id, place)).collect();
        Close { as_of, lines, accruals, places }
    }

    /// A line, when the period was closed with it.
    pub fn line(&self, id: LineId) -> Option<&Seen> {
        self.places.get(&id).map(|place| &self.lines[*place as usize])
    }
}

/// What a case is about, by names that last longer than a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CaseName {
    /// A line.
    Line(LineId),
    /// An order without a line.
    Order(OrderId),
    /// A payout.
    Payout(PayoutId),
    /// A feed.
    Feed(Ustr),
}

/// Everything that earlier snapshots said.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Past {
    previous: Option<AsOf>,
    lines: Vec<Seen>,
    closes: BTreeMap<Month, Arc<Close>>,
    books: Arc<Closings>,
    open: HashMap<CaseName, (Kind, AsOf)>,
    #[serde(skip)]
    places: HashMap<LineId, u32>,
    #[serde(skip)]
    waits: Waits,
}

/// What is written down of the past, field by field; the places follow from the lines.
type Kept =
    (Option<AsOf>, Vec<Seen>, BTreeMap<Month, Arc<Close>>, Arc<Closings>, HashMap<CaseName, (Kind, AsOf)>);

impl From<Kept> for Past {
    fn from((previous, lines, closes, books, open): Kept) -> Past {
        let places = super::matching::numbered(&lines).map(|(place, seen)| (seen.id, place)).collect();
        Past { previous, lines, closes, books, open, places, waits: Waits::default() }
    }
}

impl Past {
    /// The past of the next snapshot: this one and what a snapshot says. Snapshots must come oldest first.
    #[must_use]
    pub fn with(&self, reconciled: &Reconciled<'_>) -> Past {
        let as_of = reconciled.as_of();
        let records = &reconciled.snapshot.records;
        let mut now: Vec<Seen> = Vec::with_capacity(records.lines.len());
        for (number, line) in super::matching::numbered(&records.lines) {
            let before = self.line(line.id);
            let is_approved = line.status == Status::Approved || line.approved_date.is_some();
            let mut seen = seen(reconciled, number, line);
            seen.was_approved = is_approved || before.is_some_and(|b| b.was_approved);
            if let Some(before) = before {
                // A status that nobody knows, or that ends the way, hides no step before it.
                if seen.rank.is_none() {
                    (seen.status, seen.rank) = (before.status, before.rank);
                }
                if before.spell.0 == line.status {
                    seen.spell = before.spell;
                }
            }
            now.push(seen);
        }
        // A line that is gone stays known, so that one that comes back is not new.
        let is_gone = |s: &Seen| reconciled.line_number(s.id).is_none();
        let gone: Vec<Seen> = self.lines.iter().filter(|s| is_gone(s)).cloned().collect();
        let mut closes = self.closes.clone();
        let mut books = Arc::clone(&self.books);
        for period in &reconciled.rules.reference.periods {
            if closes_with(reconciled, period.month) == Some(as_of) {
                let of_period: Vec<Seen> = now.iter().filter(|s| s.period == period.month).cloned().collect();
                closes.insert(
                    period.month,
                    Arc::new(Close::new(as_of, of_period, candidates(reconciled, period.month))),
                );
            }
        }
        if closes.values().any(|close| close.as_of == as_of) {
            books = Arc::new(books.with(&Books::of(reconciled)));
        }
        now.extend(gone);
        now.sort_by_key(|s| s.id);
        let mut open = HashMap::new();
        for case in &reconciled.cases {
            if let (Some(finding), Some(name)) = (case.primary(), reconciled.case_name(case)) {
                let since = self.open.get(&name).filter(|(kind, _)| *kind == finding.kind).map(|(_, s)| *s);
                open.insert(name, (finding.kind, since.unwrap_or(as_of)));
            }
        }
        Past::from((Some(as_of), now, closes, books, open))
    }

    /// Sets how long lines usually stay in a status, as the snapshots of this past tell; without it, nobody knows.
    pub fn set_waits(&mut self, waits: Waits) {
        self.waits = waits;
    }

    /// How long nine in ten lines of a program stay in a status at most.
    pub fn usual(&self, program: ProgramId, status: Status) -> Option<&Usual> {
        self.waits.get(program, status)
    }

    /// The snapshot before.
    pub fn previous(&self) -> Option<AsOf> {
        self.previous
    }

    /// A line as the newest earlier snapshot that has it.
    pub fn line(&self, id: LineId) -> Option<&Seen> {
        self.places.get(&id).map(|place| &self.lines[*place as usize])
    }

    /// The lines of the snapshot before, by id.
    pub(super) fn previous_lines(&self) -> impl Iterator<Item = &Seen> {
        self.lines.iter().filter(|s| Some(s.as_of) == self.previous)
    }

    /// The closed period that was closed with a line, and the line as it was then.
    pub fn closed_line(&self, id: LineId) -> Option<(Month, AsOf, &Seen)> {
        self.closes.iter().find_map(|(month, close)| Some((*month, close.as_of, close.line(id)?)))
    }

    /// What a period was closed with.
    pub fn at_close(&self, period: Month) -> Option<&Close> {
        self.closes.get(&period).map(Arc::as_ref)
    }

    /// The books that a month was closed with: what its close knew of every balance, of older periods too. The one place
    /// that the opening of a roll-forward comes from.
    pub fn books_at_close(&self, period: Month) -> Option<Books> {
        self.books.at(self.closes.get(&period)?.as_of)
    }

    /// Every close that is known, by period.
    pub fn closes(&self) -> impl Iterator<Item = (Month, &Close)> {
        self.closes.iter().map(|(month, close)| (*month, close.as_ref()))
    }

    /// Since when a case has this primary explanation; `None` when it is new.
    pub fn open_since(&self, reconciled: &Reconciled<'_>, case: &Case) -> Option<AsOf> {
        let kind = case.primary()?.kind;
        let (known, since) = self.open.get(&reconciled.case_name(case)?)?;
        (*known == kind).then_some(*since)
    }
}

fn seen(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Seen {
    let records = &reconciled.snapshot.records;
    let first = reconciled.matching.of_line(number).shares.first();
    Seen {
        id: line.id,
        as_of: reconciled.as_of(),
        order: first.map(|share| records.orders[share.order as usize].id),
        program: line.program,
        period: line.period,
        status: line.status,
        rank: reconciled.status_rank(line),
        spell: (line.status, reconciled.as_of()),
        bucket: line.bucket,
        base: line.amount_base,
        rate: line.rate,
        category: line.category,
        calculated: line.amount_calculated,
        currency: line.currency,
        was_approved: false,
    }
}

/// The snapshot a period is closed with: the one that `periods.csv` names.
pub(super) fn closes_with(reconciled: &Reconciled<'_>, period: Month) -> Option<AsOf> {
    let row = reconciled.rules.reference.period_row(period)?;
    row.close_snapshot.filter(|_| row.closed_on.is_some())
}

impl Reconciled<'_> {
    /// What a case is about; `None` for rows, which have no name that lasts.
    pub fn case_name(&self, case: &Case) -> Option<CaseName> {
        let records = &self.snapshot.records;
        match case.subject {
            Subject::Line(n) => Some(CaseName::Line(records.lines[n as usize].id)),
            Subject::Order(n) => Some(CaseName::Order(records.orders[n as usize].id)),
            Subject::Payout(n) => Some(CaseName::Payout(records.payouts[n as usize].id)),
            Subject::Feed(n) => Some(CaseName::Feed(records.feeds[n as usize].id)),
            Subject::Row(_) | Subject::Adjustment(_) => None,
        }
    }
}
