//! Cases: every line, every order without a line, every payout, feed and row set aside has exactly one, with one
//! primary explanation or none needed (domain 4.1 to 4.3).

mod calculation;
mod eligibility;
mod history;
mod line;
mod order;

use std::collections::{BTreeMap, HashMap};

use super::kinds::{Direction, Kind};
use super::matching::numbered;
use super::{Reconciled, settlement};
use crate::ingest::columns::FileKind;
use crate::model::id::OrderId;
use crate::model::money::{Currency, Money};
use crate::model::record::Feed;
use crate::model::time::{Month, date_in_words};

pub(super) use history::SinceClose;

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A vendor line, by index.
    Line(u32),
    /// An order row that no line names, by index.
    Order(u32),
    /// A payout, by index.
    Payout(u32),
    /// A feed, by index.
    Feed(u32),
    /// A row set aside, by index.
    Row(u32),
    /// An adjustment that no line has, by index.
    Adjustment(u32),
}

/// Facts for the sentences of a finding, by the names that templates use.
pub type Facts = BTreeMap<&'static str, String>;

/// One kind that holds for a case.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which.
    pub kind: Kind,
    /// What its amount means.
    pub direction: Direction,
    /// Its amount; never negative. `None`: it carries none, or it is counted on another case.
    pub amount: Option<Money>,
    /// What its sentences need beyond the facts of its subject.
    pub facts: Facts,
}

impl Finding {
    pub(super) fn new(kind: Kind, direction: Direction, amount: Option<Money>) -> Finding {
        Finding { kind, direction, amount: amount.map(Money::abs), facts: Facts::new() }
    }

    /// A finding whose amount says by its sign what it means: the vendor less than we is owed to us, more is exposed.
    pub(super) fn signed(kind: Kind, vendor_less_own: Money) -> Finding {
        let direction = match vendor_less_own.minor() {
            0 => Direction::None,
            ..=-1 => Direction::Receivable,
            1.. => Direction::Exposure,
        };
        Finding::new(kind, direction, Some(vendor_less_own)).with("diff", vendor_less_own.abs().in_words())
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Option<String>>) -> Finding {
        if let Some(value) = value.into() {
            self.facts.insert(name, value);
        }
        self
    }

    pub(super) fn with_row(self, reconciled: &Reconciled<'_>, row: u32) -> Finding {
        let row = &reconciled.snapshot.quarantined[row as usize];
        let Some(problem) = row.problems.first() else { return self };
        self.with("file", problem.file.clone())
            .with("row", problem.line.to_string())
            .with("reason", problem.message.clone())
    }
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is about.
    pub subject: Subject,
    /// The orders it concerns, by id.
    pub orders: Vec<OrderId>,
    /// The period it counts in by our own books; the vendor's where we have none.
    pub period: Option<Month>,
    /// Its currency.
    pub currency: Option<Currency>,
    /// What holds, by rank: the first is the primary explanation, the rest are secondary. Empty: clean.
    pub findings: Vec<Finding>,
}

impl Case {
    /// The primary explanation; `None` for a clean case.
    pub fn primary(&self) -> Option<&Finding> {
        self.findings.first()
    }

    /// The amount at stake: the primary's. Secondaries add nothing (domain 4.3).
    pub fn at_stake(&self) -> Option<Money> {
        let currency = self.currency?;
        Some(self.primary().and_then(|f| f.amount).unwrap_or(Money::zero(currency)))
    }

    /// What the amount at stake means.
    pub fn direction(&self) -> Direction {
        self.primary().map_or(Direction::None, |f| f.direction)
    }
}

/// Sorts by rank, one finding per kind, and drops what a kept kind suppresses.
fn settle(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|f| f.kind.rank());
    findings.dedup_by_key(|f| f.kind);
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        if !kept.iter().any(|k| k.kind.suppresses().contains(&finding.kind)) {
            kept.push(finding);
        }
    }
    kept
}

/// What several cases need to look up, gathered once.
struct Context<'r> {
    /// Rows of the lines that were set aside, by the order they name.
    lines_aside: HashMap<OrderId, u32>,
    /// Rows of the orders that were set aside, by their order.
    orders_aside: HashMap<OrderId, u32>,
    /// Feeds of rebates that are late or failed.
    stale: Vec<&'r Feed>,
    /// Lines that are gone, by the order row that had them.
    gone: HashMap<u32, Vec<Finding>>,
}

/// Every case of a snapshot, sorted by subject.
pub(super) fn all(reconciled: &Reconciled<'_>) -> Vec<Case> {
    let records = &reconciled.snapshot.records;
    let set_aside = |kind: FileKind| -> HashMap<OrderId, u32> {
        numbered(&reconciled.snapshot.quarantined)
            .filter(|(_, row)| row.kind == kind)
            .filter_map(|(number, row)| Some((row.order?, number)))
            .collect()
    };
    let stale = reconciled.stale_feeds();
    let context = Context {
        gone: history::gone(reconciled, &stale),
        lines_aside: set_aside(FileKind::RebateLines),
        orders_aside: set_aside(FileKind::Orders),
        stale,
    };
    let mut cases: Vec<Case> = Vec::with_capacity(records.lines.len());
    cases.extend(
        numbered(&records.lines).map(|(number, line)| line::case(reconciled, &context, number, line)),
    );
    for (number, order) in numbered(&records.orders) {
        if reconciled.matching.of_order(number).is_empty() {
            cases.push(order::case(reconciled, &context, number, order));
        }
    }
    cases.extend(settlement::payout_cases(reconciled));
    cases.extend(numbered(&records.feeds).map(|(number, feed)| feed_case(reconciled, number, feed)));
    cases.extend(numbered(&reconciled.snapshot.quarantined).map(|(number, _)| row_case(reconciled, number)));
    cases.extend(settlement::lump_cases(reconciled));
    cases
}

fn stale_finding(feed: &Feed, amount: Option<Money>) -> Finding {
    Finding::new(Kind::SourceStale, Direction::Timing, amount)
        .with("source", feed.id.to_string())
        .with("date", feed.last_as_of.map(date_in_words))
        .with("deadline", feed.expected_by.map(date_in_words))
        .with("error", feed.error_code.map(|code| code.to_string()))
}

fn feed_case(reconciled: &Reconciled<'_>, number: u32, feed: &Feed) -> Case {
    let mut findings = Vec::new();
    if feed.is_stale(reconciled.as_of().date()) {
        // The money is counted on the orders that wait for the feed.
        findings.push(Finding { direction: Direction::None, ..stale_finding(feed, None) });
    }
    Case { subject: Subject::Feed(number), orders: Vec::new(), period: None, currency: None, findings }
}

fn row_case(reconciled: &Reconciled<'_>, number: u32) -> Case {
    let row = &reconciled.snapshot.quarantined[number as usize];
    let known = row.order.map(|id| reconciled.matching.rows(id)).unwrap_or_default();
    // Counted once: on the order, when we know the order and no line stands for it.
    let is_counted_on_order = row.kind == FileKind::RebateLines
        && known.iter().any(|order| reconciled.matching.of_order(*order).is_empty());
    let amount = if is_counted_on_order { None } else { row.amount };
    let period = row.period.or_else(|| known.first().map(|order| reconciled.orders[*order as usize].period));
    Case {
        subject: Subject::Row(number),
        orders: row.order.into_iter().collect(),
        period,
        currency: row.currency,
        findings: vec![
            Finding::new(Kind::RowQuarantined, Direction::AtRisk, amount).with_row(reconciled, number),
        ],
    }
}
