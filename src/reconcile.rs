//! Rebate lines and orders, tied together, measured and explained.
//!
//! Its invariants: every line and every order without a line is in exactly one case (I-2); a line split over several
//! orders sums to itself (I-15); nothing here depends on the order of rows, files or threads (I-26, I-33).

pub mod accrual;
mod arithmetic;
pub mod bridge;
pub mod cases;
pub mod causes;
pub mod claims;
pub mod deadlines;
pub mod figures;
pub mod fx;
pub mod kinds;
pub mod layers;
pub mod ledger;
mod levels;
pub mod matching;
pub mod past;
mod place;
pub mod posted;
pub mod proof;
mod regions;
pub mod rollforward;
mod settlement;
mod severity;
pub mod suggest;
mod trace;
mod waits;
pub mod waterfall;

use std::collections::{HashMap, HashSet};

use crate::model::booked::Booked;
use crate::model::id::{CancellationId, LineId, OrderId, PayoutId};
use crate::model::ledger::Journal;
use crate::model::money::Money;
use crate::model::record::{Adjustment, Cancellation, Line, Order, Payout};
use crate::model::reference::{Program, ReasonRow, Reference};
use crate::model::time::AsOf;
use crate::normalize::Snapshot;
use crate::rules::{Entitlement, Entitlements, Rules};
use ustr::Ustr;

pub use cases::{Case, Finding, Subject};
pub use deadlines::{Action, Deadline, Deadlines};
pub use figures::{LineFigures, OrderFigures};
pub use kinds::{Direction, Kind, Severity};
pub use matching::{Matching, Pass, Share};
pub use past::{CaseName, Past};
pub use place::Place;
pub use severity::{Materiality, Raise};
pub use suggest::Suggestions;
pub use trace::{Step, Verdict};
pub use waits::{Usual, Waits};
pub use waterfall::{Effect, Waterfall};

/// One snapshot, reconciled.
pub struct Reconciled<'a> {
    /// The records.
    pub snapshot: &'a Snapshot,
    /// The rules they were checked against.
    pub rules: Rules<'a>,
    /// Which line belongs to which order.
    pub matching: Matching,
    /// Pairs that a person may confirm.
    pub suggestions: Suggestions,
    /// Lines that claim what another line claims, by index.
    pub repeated: claims::RepeatedLines,
    /// What each order should earn, program by program.
    pub entitlements: Entitlements<'a>,
    /// What earlier snapshots said.
    pub past: &'a Past,
    /// Which lines our books recognize.
    pub booked: Booked,
    /// Amounts per line, in the order of the lines.
    pub lines: Vec<LineFigures>,
    /// Amounts per order row, in the order of the orders.
    pub orders: Vec<OrderFigures>,
    /// Every case, sorted by subject.
    pub cases: Vec<Case>,
    case_of_line: Vec<u32>,
    case_of_order: HashMap<u32, u32>,
    index: Index<'a>,
    parts: figures::Parts,
    since_close: cases::SinceClose,
    refunds: settlement::Refunds,
    materiality: &'a Materiality,
}

/// Lookups by id that several steps need.
pub(crate) struct Index<'a> {
    pub(crate) lines: HashMap<LineId, u32>,
    pub(crate) has_regions: bool,
    pub(crate) adjustments: HashMap<LineId, Vec<&'a Adjustment>>,
    pub(crate) cancellations: HashMap<OrderId, Vec<&'a Cancellation>>,
    pub(crate) cancellation: HashMap<CancellationId, &'a Cancellation>,
    pub(crate) payouts: HashMap<PayoutId, &'a Payout>,
    pub(crate) reasons: HashMap<Ustr, &'a ReasonRow>,
    pub(crate) limits: HashMap<Ustr, u32>,
    pub(crate) ranks: HashMap<Ustr, u64>,
}

impl<'a> Index<'a> {
    fn new(snapshot: &'a Snapshot, reference: &'a Reference) -> Index<'a> {
        let records = &snapshot.records;
        let mut index = Index {
            has_regions: records.lines.iter().any(|line| line.region.is_some()),
            lines: matching::numbered(&records.lines).map(|(number, line)| (line.id, number)).collect(),
            adjustments: HashMap::new(),
            cancellations: HashMap::new(),
            cancellation: records.cancellations.iter().map(|c| (c.id, c)).collect(),
            payouts: records.payouts.iter().map(|p| (p.id, p)).collect(),
            reasons: reference.reasons.iter().map(|r| (r.key, r)).collect(),
            ranks: reference.statuses.iter().filter_map(|s| Some((s.key, s.rank?))).collect(),
            limits: reference.statuses.iter().filter_map(|s| Some((s.key, s.limit_days?))).collect(),
        };
        for adjustment in &records.adjustments {
            if let Some(line) = adjustment.line {
                index.adjustments.entry(line).or_default().push(adjustment);
            }
        }
        for cancellation in &records.cancellations {
            index.cancellations.entry(cancellation.order).or_default().push(cancellation);
        }
        index
    }

    /// The adjustments of a line, by id.
    pub(crate) fn adjustments(&self, line: LineId) -> &[&'a Adjustment] {
        self.adjustments.get(&line).map_or(&[], Vec::as_slice)
    }

    /// The row of the reason map for a vendor's code.
    pub(crate) fn reason(&self, key: Option<Ustr>) -> Option<&'a ReasonRow> {
        self.reasons.get(&key?).copied()
    }
}

/// Matches, measures and explains one snapshot.
///
/// `past` holds the snapshots before it; `materiality` is what raises a severity. Source: domain 2 (matching), 3 (own
/// entitlement), 4 (cases). Never fails: what cannot be matched is a case.
pub fn reconcile<'a>(
    snapshot: &'a Snapshot,
    reference: &'a Reference,
    past: &'a Past,
    materiality: &'a Materiality,
) -> Reconciled<'a> {
    let records = &snapshot.records;
    let rules = Rules::new(reference);
    let matching = Matching::new(records, &rules);
    let set_aside: HashSet<OrderId> = snapshot.quarantined.iter().filter_map(|row| row.order).collect();
    let suggestions = Suggestions::new(records, &rules, &matching, &set_aside);
    let index = Index::new(snapshot, reference);
    let repeated = claims::repeated(records, &rules, &matching);
    let claims = claims::claims(records, &rules, &matching, &repeated);
    let entitlements = Entitlements::new(&rules, &records.orders, &claims, &index.cancellations);
    drop(claims);
    let measured = figures::measure(records, &rules, &matching, (&entitlements, &repeated), &index);
    let mut reconciled = Reconciled {
        snapshot,
        rules,
        matching,
        suggestions,
        repeated,
        entitlements,
        past,
        booked: Booked::default(),
        lines: measured.lines,
        orders: measured.orders,
        cases: Vec::new(),
        case_of_line: Vec::new(),
        case_of_order: HashMap::new(),
        index,
        parts: measured.parts,
        since_close: cases::SinceClose::default(),
        refunds: settlement::Refunds::default(),
        materiality,
    };
    reconciled.since_close = cases::SinceClose::new(&reconciled);
    reconciled.refunds = settlement::Refunds::new(&reconciled);
    let cases = cases::all(&reconciled);
    reconciled.case_of_line = vec![0; snapshot.records.lines.len()];
    for (number, case) in cases.iter().enumerate() {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        match case.subject {
            Subject::Line(line) => reconciled.case_of_line[line as usize] = number,
            Subject::Order(order) => {
                reconciled.case_of_order.insert(order, number);
            }
            Subject::Payout(_) | Subject::Feed(_) | Subject::Row(_) | Subject::Adjustment(_) => {}
        }
    }
    reconciled.cases = cases;
    reconciled
}

impl<'a> Reconciled<'a> {
    /// The same under another policy of recognition than the default one: it decides what the balance holds and no case.
    #[must_use]
    pub fn booking(self, booked: &Booked) -> Reconciled<'a> {
        Reconciled { booked: booked.clone(), ..self }
    }

    /// Our own journals that this snapshot knows, by id: of both books.
    pub fn journals(&self) -> impl Iterator<Item = &'a Journal> {
        let as_of = self.as_of();
        self.rules.reference.journals.iter().filter(move |journal| journal.is_known(as_of))
    }

    /// The as-of date of the snapshot.
    pub fn as_of(&self) -> AsOf {
        self.snapshot.as_of
    }

    /// The case of a line.
    pub fn line_case(&self, line: u32) -> &Case {
        &self.cases[self.case_of_line[line as usize] as usize]
    }

    /// The case of an order row that no line names.
    pub fn order_case(&self, order: u32) -> Option<&Case> {
        self.case_of_order.get(&order).map(|case| &self.cases[*case as usize])
    }

    /// How far the status of a line is on the way to payment; nothing for one that is no step of it.
    pub fn status_rank(&self, line: &Line) -> Option<u64> {
        self.index.ranks.get(&line.status_key).copied().or(line.status.rank())
    }

    /// The first order of a line, and what it should earn in the line's program.
    pub fn first_entitlement(&self, line: u32) -> Option<(&'a Order, &Entitlement<'a>)> {
        let share = self.matching.of_line(line).shares.first()?;
        let program = self.snapshot.records.lines[line as usize].program;
        let entitlement = self.entitlements.get(share.order, program)?;
        Some((&self.snapshot.records.orders[share.order as usize], entitlement))
    }

    /// Each order's part of what is expected for a line, in the order's currency, in the order of its shares.
    pub fn expected_parts(&self, line: u32) -> &[Option<Money>] {
        self.parts.of_line(line)
    }

    /// Whether a region decides something for an order: the vendor's lines carry one, or its program is regional.
    pub fn needs_region(&self, order: &Order) -> bool {
        let is_regional = |p: &Program| !p.regions.is_empty();
        self.index.has_regions || self.rules.declared_program(order).is_some_and(is_regional)
    }

    /// The index of a line.
    pub fn line_number(&self, id: LineId) -> Option<u32> {
        self.index.lines.get(&id).copied()
    }

    /// The adjustments of a line, by id.
    pub fn adjustments(&self, line: LineId) -> &[&'a Adjustment] {
        self.index.adjustments(line)
    }

    /// Our cancellations of an order.
    pub fn cancellations(&self, order: OrderId) -> &[&'a Cancellation] {
        self.index.cancellations.get(&order).map_or(&[], Vec::as_slice)
    }

    /// The cancellation record an adjustment refers to.
    pub fn cancellation(&self, id: CancellationId) -> Option<&'a Cancellation> {
        self.index.cancellation.get(&id).copied()
    }

    /// A payout by its id.
    pub fn payout(&self, id: PayoutId) -> Option<&'a Payout> {
        self.index.payouts.get(&id).copied()
    }

    /// The row of the reason map for a vendor's code.
    pub fn reason(&self, key: Option<Ustr>) -> Option<&'a ReasonRow> {
        self.index.reason(key)
    }
}
