//! Cases: every line, every order without a line, every payout, feed and row set aside has exactly one, with one
//! primary explanation or none needed (domain 4.1 to 4.3).

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use ustr::Ustr;

use super::kinds::{Direction, Kind};
use super::matching::numbered;
use super::{Reconciled, settlement};
use crate::ingest::columns::FileKind;
use crate::model::id::OrderId;
use crate::model::money::{Currency, Money};
use crate::model::record::{Feed, Line, Order};
use crate::model::reference::Program;
use crate::model::status::Status;
use crate::model::time::{Month, date_in_words};
use crate::rules::{Ineligible, Lookup, Rules};

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

    pub(super) fn with(mut self, name: &'static str, value: impl Into<Option<String>>) -> Finding {
        if let Some(value) = value.into() {
            self.facts.insert(name, value);
        }
        self
    }
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is about.
    pub subject: Subject,
    /// The orders it concerns, by id.
    pub orders: Vec<OrderId>,
    /// The period it counts in.
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

/// Every case of a snapshot, sorted by subject.
pub(super) fn all(reconciled: &Reconciled<'_>) -> Vec<Case> {
    let records = &reconciled.snapshot.records;
    let set_aside = |kind: FileKind| -> HashMap<OrderId, u32> {
        numbered(&reconciled.snapshot.quarantined)
            .filter(|(_, row)| row.kind == kind)
            .filter_map(|(number, row)| Some((row.order?, number)))
            .collect()
    };
    let (lines_aside, orders_aside) = (set_aside(FileKind::RebateLines), set_aside(FileKind::Orders));
    let stale: Vec<&Feed> = records
        .feeds
        .iter()
        .filter(|f| {
            f.kind.is_none_or(|kind| kind.contains("rebate")) && f.is_stale(reconciled.as_of().date())
        })
        .collect();
    let mut cases: Vec<Case> = Vec::with_capacity(records.lines.len());
    cases.extend(
        numbered(&records.lines).map(|(number, line)| line_case(reconciled, number, line, &orders_aside)),
    );
    for (number, order) in numbered(&records.orders) {
        if reconciled.matching.of_order(number).is_empty() {
            cases.push(order_case(reconciled, number, order, &lines_aside, &stale));
        }
    }
    cases.extend(settlement::payout_cases(reconciled));
    cases.extend(numbered(&records.feeds).map(|(number, feed)| feed_case(reconciled, number, feed)));
    cases.extend(numbered(&reconciled.snapshot.quarantined).map(|(number, _)| row_case(reconciled, number)));
    cases.extend(settlement::lump_cases(reconciled));
    cases
}

fn line_case(
    reconciled: &Reconciled<'_>,
    number: u32,
    line: &Line,
    orders_aside: &HashMap<OrderId, u32>,
) -> Case {
    let figures = &reconciled.lines[number as usize];
    let found = reconciled.matching.of_line(number);
    let mut orders: Vec<OrderId> =
        found.shares.iter().map(|s| reconciled.snapshot.records.orders[s.order as usize].id).collect();
    orders.dedup();
    let mut findings = Vec::new();
    if line.status == Status::Unknown {
        findings.push(
            Finding::new(Kind::UnknownStatus, Direction::AtRisk, line.amount_calculated)
                .with("reason", line.status_raw.to_string()),
        );
    }
    let has_no_order_by_design = line.line_type.is_some_and(|t| !t.eq_ignore_ascii_case("transaction"));
    if found.shares.is_empty() && !has_no_order_by_design {
        // The order is ours when a row of ours names it, even one that could not be read.
        findings.push(match orders_aside.get(&line.order_ref) {
            Some(row) => Finding::new(Kind::RowQuarantined, Direction::AtRisk, line.amount_calculated)
                .with_row(reconciled, *row),
            None => Finding::new(Kind::OrphanRebate, Direction::Exposure, line.amount_calculated)
                .with("suggestion", line.order_ref.raw().to_owned()),
        });
    }
    for share in &found.shares {
        let order = &reconciled.snapshot.records.orders[share.order as usize];
        findings.extend(mapping_findings(reconciled, order, line.amount_calculated, Direction::Blocked));
        if !order.origin.copies.is_empty() {
            findings.push(Finding::new(Kind::DuplicateOrder, Direction::None, None));
        }
    }
    if let [share] = &*found.shares {
        findings.extend(line_eligibility(reconciled, share.order, line, figures.net));
    }
    findings.extend(settlement::line_findings(reconciled, line, figures));
    findings.extend(waiting_findings(reconciled, number, line));
    Case {
        subject: Subject::Line(number),
        orders,
        period: Some(line.period),
        currency: Some(line.currency),
        findings: settle(findings),
    }
}

/// Kinds that say why a line waits: the vendor's reason, the review, the time it has taken.
fn waiting_findings(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Vec<Finding> {
    let figures = &reconciled.lines[number as usize];
    let amount = figures.net.filter(|_| line.amount_calculated.is_some()).or(figures.expected);
    let orders: Vec<&Order> = reconciled
        .matching
        .of_line(number)
        .shares
        .iter()
        .map(|s| &reconciled.snapshot.records.orders[s.order as usize])
        .collect();
    let has_no_amount_yet = matches!(line.status, Status::PendingData | Status::InCalculation);
    let mut findings = Vec::new();
    let late_contract =
        orders.iter().filter_map(|o| o.contract_active_from.filter(|d| *d > o.order_date)).max();
    let implied =
        reconciled.reason(line.reason_raw).and_then(|r| r.implies).and_then(|code| Kind::parse(&code));
    if implied == Some(Kind::ContractActivationLate) || (has_no_amount_yet && late_contract.is_some()) {
        findings.push(
            Finding::new(Kind::ContractActivationLate, Direction::Timing, figures.expected.or(amount))
                .with("date", late_contract.map(date_in_words)),
        );
    }
    let period_end = reconciled.rules.reference.period(line.period).end;
    let invoiced_late = orders.iter().any(|o| o.invoice_date.is_some_and(|d| d >= period_end));
    if implied == Some(Kind::InvoiceConfirmationDelay)
        || (line.status == Status::PendingData && invoiced_late)
    {
        findings.push(Finding::new(Kind::InvoiceConfirmationDelay, Direction::Timing, amount));
    }
    if implied == Some(Kind::EarningFrozen) {
        findings.push(Finding::new(Kind::EarningFrozen, Direction::Timing, amount));
    }
    if line.status == Status::UnderReview || implied == Some(Kind::ManualReview) {
        findings.push(Finding::new(Kind::ManualReview, Direction::Timing, amount));
    }
    let kind = match line.status {
        Status::Approved => Some(Kind::ApprovedUnpaid),
        Status::PendingData | Status::InCalculation | Status::Calculated | Status::UnderReview => {
            Some(Kind::PendingOverdue)
        }
        Status::Paid | Status::Rejected | Status::Unknown => None,
    };
    let age = line.status_date.map(|since| (reconciled.as_of().date() - since).num_days());
    let limit =
        reconciled.index.limits.get(&crate::normalize::word(&line.status_raw)).copied().map(i64::from);
    if let (Some(kind), Some(age), Some(limit)) = (kind, age, limit)
        && age > limit
    {
        findings.push(
            Finding::new(kind, Direction::Timing, amount)
                .with("days", age.to_string())
                .with("limit", limit.to_string()),
        );
    }
    findings
}

/// Conditions of the line's program that its order does not meet.
fn line_eligibility(
    reconciled: &Reconciled<'_>,
    order: u32,
    line: &Line,
    net: Option<Money>,
) -> Vec<Finding> {
    let order = &reconciled.snapshot.records.orders[order as usize];
    let Some(program) = reconciled.rules.program(line.program) else { return Vec::new() };
    let mut findings = ineligible_findings(reconciled, order, program);
    let implied =
        reconciled.reason(line.reason_raw).and_then(|r| r.implies).and_then(|code| Kind::parse(&code));
    if line.status == Status::Rejected && implied == Some(Kind::SkuNotEligible) {
        findings.push(not_eligible(reconciled, order, program));
    }
    // An amount the vendor grants although our rules deny it may be taken back.
    if let Some(granted) = net.filter(|n| !n.is_zero()) {
        for finding in &mut findings {
            finding.direction = Direction::Exposure;
            finding.amount = Some(granted.abs());
        }
    }
    findings
}

fn order_case(
    reconciled: &Reconciled<'_>,
    number: u32,
    order: &Order,
    set_aside: &HashMap<OrderId, u32>,
    stale: &[&Feed],
) -> Case {
    let figures = &reconciled.orders[number as usize];
    let rules = &reconciled.rules;
    let program = rules.declared_program(order);
    let mut findings = Vec::new();
    if let Some(row) = set_aside.get(&order.id) {
        findings.push(
            Finding::new(Kind::RowQuarantined, Direction::AtRisk, figures.potential)
                .with_row(reconciled, *row),
        );
    }
    if let Some(feed) =
        stale.iter().find(|f| f.site.is_none() || order.site.is_none() || f.site == order.site)
    {
        findings.push(stale_finding(feed, figures.potential));
    }
    findings.extend(mapping_findings(reconciled, order, figures.potential, Direction::Blocked));
    if order.region.is_none() && mapped_region(rules, order).is_none() {
        findings.push(Finding::new(Kind::RegionMissing, Direction::Blocked, figures.potential));
    }
    if order.invoice.is_none() || order.billing_model.is_none() {
        findings.push(Finding::new(Kind::BillingUnconfirmed, Direction::Blocked, figures.potential));
    }
    if let Some(program) = program {
        findings.extend(ineligible_findings(reconciled, order, program));
    }
    findings.extend(absence_findings(reconciled, number, order));
    if !order.origin.copies.is_empty() {
        findings.push(Finding::new(Kind::DuplicateOrder, Direction::None, None));
    }
    Case {
        subject: Subject::Order(number),
        orders: vec![order.id],
        period: Some(figures.period),
        currency: Some(order.amount_net.currency()),
        findings: settle(findings),
    }
}

/// Kinds of the group "missing": too early, elsewhere, or really missing.
fn absence_findings(reconciled: &Reconciled<'_>, number: u32, order: &Order) -> Vec<Finding> {
    let figures = &reconciled.orders[number as usize];
    let reference = reconciled.rules.reference;
    let as_of = reconciled.as_of().date();
    let expected = figures.expected;
    let mut findings = Vec::new();
    let month_of_order = reference.month_of(order.order_date);
    if month_of_order != figures.period {
        let basis = order.invoice_date.unwrap_or(order.order_date);
        findings.push(
            Finding::new(Kind::OrderOutsidePeriod, Direction::Timing, expected)
                .with("date", date_in_words(basis))
                .with("suggestion", reference.period(figures.period).in_words()),
        );
    }
    let vendor_final = reference.period_row(figures.period).and_then(|row| row.vendor_final);
    let final_from = vendor_final.unwrap_or(reference.period(figures.period).end);
    if final_from > as_of {
        findings.push(
            Finding::new(Kind::AwaitingVendorData, Direction::Timing, expected)
                .with("next_date", date_in_words(final_from)),
        );
    }
    let is_void = order
        .status
        .is_some_and(|s| ["cancelled", "canceled", "void", "test"].iter().any(|w| s.eq_ignore_ascii_case(w)));
    let is_due = figures.expected.is_some_and(|e| !e.is_zero() && !e.is_negative());
    // The residual: it holds only when nothing else does (I-19).
    if findings.is_empty() && is_due && !is_void {
        findings.push(Finding::new(Kind::MissingRebate, Direction::Receivable, expected));
    }
    findings
}

fn mapping_findings(
    reconciled: &Reconciled<'_>,
    order: &Order,
    amount: Option<Money>,
    direction: Direction,
) -> Vec<Finding> {
    let rules = &reconciled.rules;
    let mut findings = Vec::new();
    match rules.account(order.account, order.order_date) {
        Lookup::Found(_) => {}
        Lookup::NotOnThatDay(row) => findings.push(
            Finding::new(Kind::AccountUnmapped, direction, amount.or_else(|| assumed(rules, order)))
                .with("deadline", row.valid.to.map(date_in_words)),
        ),
        Lookup::Missing => findings.push(Finding::new(
            Kind::AccountUnmapped,
            direction,
            amount.or_else(|| assumed(rules, order)),
        )),
    }
    if rules.sku(order.sku, order.order_date).found().is_none() {
        let bound = amount.or_else(|| assumed(rules, order));
        findings.push(
            Finding::new(Kind::SkuUnmapped, direction, bound).with("expected", bound.map(Money::in_words)),
        );
    }
    findings
}

/// The upper bound for a product without a category: base times the best rate of the declared program.
fn assumed(rules: &Rules<'_>, order: &Order) -> Option<Money> {
    let program = rules.declared_program(order)?;
    Rules::base(order, program.base_basis)?.times(rules.best_rate(program.id)?, program.round_mode)
}

/// Our region for an order: its own, else its account's.
pub(crate) fn mapped_region(rules: &Rules<'_>, order: &Order) -> Option<Ustr> {
    order.region.or_else(|| rules.account(order.account, order.order_date).found().and_then(|a| a.region))
}

fn ineligible_findings(reconciled: &Reconciled<'_>, order: &Order, program: &Program) -> Vec<Finding> {
    let rules = &reconciled.rules;
    let potential = rules.category(order).and_then(|category| rules.earns(order, program, category));
    let of = |kind, amount: Option<Money>| {
        Finding::new(kind, Direction::Potential, amount).with("expected", amount.map(Money::in_words))
    };
    let mut findings: Vec<Finding> = rules
        .ineligible(order, program)
        .into_iter()
        .map(|failure| match failure {
            Ineligible::Window { date } => of(Kind::WindowMissed, potential)
                .with("date", date_in_words(date))
                .with("deadline", window_edge(program, date).map(date_in_words)),
            Ineligible::Contract => of(Kind::ContractIneligible, potential),
            Ineligible::Enrollment { ended } => of(Kind::EnrollmentMissing, potential)
                .with("date", date_in_words(order.order_date))
                .with("deadline", ended.map(date_in_words)),
            Ineligible::Category { .. } => not_eligible(reconciled, order, program),
            Ineligible::Threshold { .. } => unreachable!("the threshold is tested apart"),
        })
        .collect();
    if findings.is_empty()
        && let Some(Ineligible::Threshold { volume, short, next_rate }) =
            rules.below_threshold(order, program)
    {
        let amount =
            Rules::base(order, program.base_basis).and_then(|b| b.times(next_rate, program.round_mode));
        findings.push(
            of(Kind::BelowThreshold, amount).with("volume", volume.in_words()).with("diff", short.in_words()),
        );
    }
    findings
}

fn window_edge(program: &Program, date: NaiveDate) -> Option<NaiveDate> {
    if program.valid.to.is_some_and(|to| date > to) { program.valid.to } else { program.valid.from }
}

fn not_eligible(reconciled: &Reconciled<'_>, order: &Order, program: &Program) -> Finding {
    let better = reconciled.rules.better_program(order, program);
    let amount = better.as_ref().map(|(_, amount)| *amount);
    Finding::new(Kind::SkuNotEligible, Direction::Potential, amount)
        .with("expected", amount.map(Money::in_words))
        .with("alt_program", better.map(|(program, _)| program.name.to_string()))
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

impl Finding {
    fn with_row(self, reconciled: &Reconciled<'_>, row: u32) -> Finding {
        let row = &reconciled.snapshot.quarantined[row as usize];
        let Some(problem) = row.problems.first() else { return self };
        self.with("file", problem.file.clone())
            .with("row", problem.line.to_string())
            .with("reason", problem.message.clone())
    }
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
