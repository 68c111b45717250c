//! Rebate lines and orders, tied together, measured and explained.
//!
//! Its invariants: every line and every order without a line is in exactly one case (I-2); a line split over several
//! orders sums to itself (I-15); nothing here depends on the order of rows, files or threads (I-26, I-33).

pub mod cases;
pub mod figures;
pub mod kinds;
pub mod matching;
mod settlement;
mod trace;

use std::collections::HashMap;

use crate::model::id::{CancellationId, LineId, OrderId, PayoutId};
use crate::model::record::{Adjustment, Cancellation, Payout};
use crate::model::reference::{ReasonRow, Reference};
use crate::model::time::AsOf;
use crate::normalize::{Snapshot, word};
use crate::rules::Rules;
use ustr::Ustr;

pub use cases::{Case, Finding, Subject};
pub use figures::{LineFigures, OrderFigures};
pub use kinds::{Direction, Kind, Severity};
pub use matching::{Matching, Pass, Share};
pub use trace::{Step, Verdict};

/// One snapshot, reconciled.
pub struct Reconciled<'a> {
    /// The records.
    pub snapshot: &'a Snapshot,
    /// The rules they were checked against.
    pub rules: Rules<'a>,
    /// Which line belongs to which order.
    pub matching: Matching,
    /// Amounts per line, in the order of the lines.
    pub lines: Vec<LineFigures>,
    /// Amounts per order row, in the order of the orders.
    pub orders: Vec<OrderFigures>,
    /// Every case, sorted by subject.
    pub cases: Vec<Case>,
    case_of_line: Vec<u32>,
    case_of_order: HashMap<u32, u32>,
    index: Index<'a>,
}

/// Lookups by id that several steps need.
pub(crate) struct Index<'a> {
    pub(crate) adjustments: HashMap<LineId, Vec<&'a Adjustment>>,
    pub(crate) cancellations: HashMap<OrderId, Vec<&'a Cancellation>>,
    pub(crate) cancellation: HashMap<CancellationId, &'a Cancellation>,
    pub(crate) payouts: HashMap<PayoutId, &'a Payout>,
    pub(crate) reasons: HashMap<Ustr, &'a ReasonRow>,
    pub(crate) limits: HashMap<Ustr, u32>,
}

impl<'a> Index<'a> {
    fn new(snapshot: &'a Snapshot, reference: &'a Reference) -> Index<'a> {
        let records = &snapshot.records;
        let mut index = Index {
            adjustments: HashMap::new(),
            cancellations: HashMap::new(),
            cancellation: records.cancellations.iter().map(|c| (c.id, c)).collect(),
            payouts: records.payouts.iter().map(|p| (p.id, p)).collect(),
            reasons: reference.reasons.iter().map(|r| (r.raw, r)).collect(),
            limits: reference.statuses.iter().filter_map(|s| Some((s.raw, s.limit_days?))).collect(),
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
    pub(crate) fn reason(&self, raw: Option<Ustr>) -> Option<&'a ReasonRow> {
        self.reasons.get(&word(&raw?)).copied()
    }
}

/// Matches, measures and explains one snapshot.
///
/// Source: domain 2 (matching), 3 (own entitlement), 4 (cases). Never fails: what cannot be matched is a case.
pub fn reconcile<'a>(snapshot: &'a Snapshot, reference: &'a Reference) -> Reconciled<'a> {
    let rules = Rules::new(reference, &snapshot.records.orders);
    let matching = Matching::new(&snapshot.records, &rules);
    let index = Index::new(snapshot, reference);
    let (lines, orders) = figures::measure(&snapshot.records, &rules, &matching, &index);
    let mut reconciled = Reconciled {
        snapshot,
        rules,
        matching,
        lines,
        orders,
        cases: Vec::new(),
        case_of_line: Vec::new(),
        case_of_order: HashMap::new(),
        index,
    };
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

    /// The index of a line.
    pub fn line_number(&self, id: LineId) -> Option<u32> {
        let place = self.snapshot.records.lines.binary_search_by_key(&id, |l| l.id).ok()?;
        u32::try_from(place).ok()
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
    pub fn reason(&self, raw: Option<Ustr>) -> Option<&'a ReasonRow> {
        self.index.reason(raw)
    }
}
