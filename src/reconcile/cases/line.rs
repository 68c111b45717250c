//! The case of a vendor line.

use std::collections::BTreeSet;

use super::{Case, Context, Direction, Finding, Kind, Subject, calculation, eligibility, history, settle};
use crate::model::id::OrderId;
use crate::model::money::Money;
use crate::model::record::{Line, Order};
use crate::model::status::Status;
use crate::model::time::date_in_words;
use crate::reconcile::Reconciled;
use crate::reconcile::claims::Repeated;
use crate::reconcile::suggest::{Likeness, has_lost_digits};
use crate::reconcile::{regions, settlement};
use crate::say;

pub(super) fn case(reconciled: &Reconciled<'_>, context: &Context<'_>, number: u32, line: &Line) -> Case {
    let found = reconciled.matching.of_line(number);
    let records = &reconciled.snapshot.records;
    let mut orders: Vec<OrderId> = found.shares.iter().map(|s| records.orders[s.order as usize].id).collect();
    orders.dedup();
    let mut findings = Vec::new();
    if line.status == Status::Unknown {
        findings.push(
            Finding::new(Kind::UnknownStatus, Direction::AtRisk, line.amount_calculated)
                .with("reason", line.status_raw.to_string()),
        );
    }
    let repeated = reconciled.repeated.get(&number);
    findings.extend(repeated.map(|repeated| repeats(reconciled, line, *repeated)));
    if found.shares.is_empty() && !line.has_no_order_by_design() {
        findings.extend(without_order(reconciled, context, number, line));
    }
    for share in &found.shares {
        let order = &records.orders[share.order as usize];
        findings.extend(eligibility::mapping(reconciled, order, line.amount_calculated));
        if !order.origin.copies.is_empty() {
            findings.push(Finding::new(Kind::DuplicateOrder, Direction::None, None));
        }
        // Lines of an order that are gone are its own case only while it has no line left.
        if reconciled.matching.of_order(share.order).first() == Some(&number) {
            findings.extend(context.gone.get(&share.order).into_iter().flatten().cloned());
        }
    }
    history::add(reconciled, number, line, &mut findings);
    findings.extend(compared(reconciled, number, line));
    if repeated.is_none() {
        let failed = conditions(reconciled, number, line);
        if failed.is_empty() {
            findings.extend(calculation::findings(reconciled, number, line));
        }
        findings.extend(failed);
    }
    findings.extend(settlement::line_findings(reconciled, number, line));
    findings.extend(waiting(reconciled, context, number, line));
    let own_period =
        found.shares.first().zip(reconciled.rules.program(line.program)).map(|(share, program)| {
            reconciled.rules.own_period(&records.orders[share.order as usize], Some(program))
        });
    Case {
        subject: Subject::Line(number),
        orders,
        period: Some(own_period.unwrap_or(line.period)),
        currency: Some(line.currency),
        findings: settle(findings),
    }
}

/// The line claims what another line claims.
fn repeats(reconciled: &Reconciled<'_>, line: &Line, repeated: Repeated) -> Finding {
    let other = |n: u32| &reconciled.snapshot.records.lines[n as usize];
    let name = |n: u32| {
        let id = other(n).program;
        reconciled.rules.program(id).map_or_else(|| id.raw().to_owned(), |p| p.name.to_string())
    };
    match repeated {
        Repeated::Duplicate { of } => {
            Finding::new(Kind::DuplicateLine, Direction::Exposure, line.amount_calculated)
                .with("suggestion", other(of).id.raw().to_owned())
        }
        Repeated::SecondProgram { beside } => {
            Finding::new(Kind::DoubleProgram, Direction::Exposure, line.amount_calculated)
                .with("alt_program", name(beside))
        }
    }
}

/// The line names no order of ours: one that is almost named, one that could not be read, or none.
fn without_order(
    reconciled: &Reconciled<'_>,
    context: &Context<'_>,
    number: u32,
    line: &Line,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(suggestion) = reconciled.suggestions.of_line(number)
        && suggestion.likeness == Likeness::NearId
    {
        // The amount is counted once, on the order.
        let order = |n: u32| &reconciled.snapshot.records.orders[n as usize];
        let finding = Finding::new(Kind::NearMissIdentifier, Direction::AtRisk, None)
            .with("suggestion", line.order_ref.raw().to_owned());
        findings.push(match suggestion.candidates[..] {
            [one] if suggestion.is_unique => finding
                .with("order", order(one).id.raw().to_owned())
                .with("score", reconciled.score(one, number)),
            _ => finding.with(
                "candidates",
                suggestion.candidates.iter().map(|n| order(*n).id.raw()).collect::<Vec<_>>().join(", "),
            ),
        });
    }
    // The order is ours when a row of ours names it, even one that could not be read.
    findings.push(match context.orders_aside.get(&line.order_ref) {
        Some(row) => Finding::new(Kind::RowQuarantined, Direction::AtRisk, line.amount_calculated)
            .with_row(reconciled, *row),
        None => Finding::new(Kind::OrphanRebate, Direction::Exposure, line.amount_calculated)
            .with("suggestion", line.order_ref.raw().to_owned()),
    });
    findings
}

/// The line and its orders agree on the order and not on something else that identifies the claim.
fn compared(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Vec<Finding> {
    let rules = &reconciled.rules;
    let program = rules.program(line.program);
    let at_risk = |kind| Finding::new(kind, Direction::AtRisk, line.amount_calculated);
    let mut findings = Vec::new();
    let mut moved: Option<Money> = None;
    let mut own_periods = BTreeSet::new();
    for share in &reconciled.matching.of_line(number).shares {
        let order = &reconciled.snapshot.records.orders[share.order as usize];
        let own_currency = order.amount_net.currency();
        if line.currency != own_currency
            && program.is_none_or(|p| p.settlement_currency != Some(line.currency))
            || program.is_some_and(|p| line.currency != p.line_currency())
        {
            let expected = reconciled.orders[share.order as usize].expected;
            findings.push(
                Finding::new(Kind::CurrencyMismatch, Direction::AtRisk, expected.or(line.amount_calculated))
                    .with("amount", line.amount_calculated.map(Money::in_words))
                    .with("expected", expected.map(Money::in_words)),
            );
        }
        let mapped = rules.account(order.account, order.order_date).found().and_then(|a| a.vendor);
        if let (Some(ours), Some(theirs)) = (mapped, line.account_ref)
            && !reconciled.matching.is_same_account(order, line, rules)
        {
            let lost = has_lost_digits(ours.canonical(), theirs.canonical());
            findings.push(
                at_risk(Kind::AccountMismatch)
                    .with("vendor_account", ours.raw().to_owned())
                    .with("suggestion", theirs.raw().to_owned())
                    .with("variant", lost.then(|| "digits lost in a spreadsheet".to_owned())),
            );
        }
        if let (Some(ours), Some(theirs)) = (rules.region(order), line.region)
            && !regions::is_same(&ours, &theirs)
        {
            findings.push(
                at_risk(Kind::RegionMismatch)
                    .with("region", ours.to_string())
                    .with("vendor_region", theirs.to_string()),
            );
        }
        if let Some(program) = program {
            let period = rules.own_period(order, Some(program));
            if period != line.period {
                own_periods.insert(period);
                moved = match (moved, share.amount_calculated) {
                    (None, amount) => amount,
                    (Some(sum), amount) => amount.and_then(|a| sum.checked_add(a).ok()).or(Some(sum)),
                };
            }
        }
    }
    if let Some(period) = own_periods.first() {
        findings.push(
            Finding::new(Kind::PeriodShift, Direction::Timing, moved)
                .with("period", period.in_words())
                .with("vendor_period", line.period.in_words()),
        );
    }
    findings
}

/// Conditions of the line's program that one of its orders does not meet.
fn conditions(reconciled: &Reconciled<'_>, number: u32, line: &Line) -> Vec<Finding> {
    let implied = reconciled.implied(line) == Some(Kind::SkuNotEligible) && line.status == Status::Rejected;
    let mut findings = Vec::new();
    for share in &reconciled.matching.of_line(number).shares {
        let order = &reconciled.snapshot.records.orders[share.order as usize];
        let Some(entitlement) = reconciled.entitlements.get(share.order, line.program) else { continue };
        findings.extend(eligibility::failures(reconciled, order, entitlement));
        if findings.is_empty() && implied {
            findings.push(eligibility::not_eligible(reconciled, order, entitlement.claim.program));
        }
        if !findings.is_empty() {
            let other = calculation::other_category(reconciled, line, order);
            // An amount the vendor grants although our rules deny it may be taken back: this order's part of it.
            let is_granted = line.status != Status::Rejected;
            if let Some(granted) = share.amount_calculated.filter(|a| is_granted && !a.is_zero()) {
                for finding in &mut findings {
                    finding.direction = Direction::Exposure;
                    finding.amount = Some(granted.abs());
                }
            }
            findings.extend(other);
            break;
        }
    }
    findings
}

/// Kinds that say why a line waits: the vendor's reason, the review, the time it has taken.
fn waiting(reconciled: &Reconciled<'_>, context: &Context<'_>, number: u32, line: &Line) -> Vec<Finding> {
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
    // What is paid or rejected waits for nothing, whatever reason code is left over.
    let is_waiting = !matches!(line.status, Status::Paid | Status::Rejected);
    let implied = reconciled.implied(line).filter(|_| is_waiting);
    let mut findings = Vec::new();
    if line.status == Status::PendingData
        && orders.iter().any(|o| o.invoice.is_none() || o.billing_model.is_none())
    {
        findings.push(Finding::new(Kind::BillingUnconfirmed, Direction::Blocked, amount));
    }
    let late_contract =
        orders.iter().filter_map(|o| o.contract_active_from.filter(|d| *d > o.order_date)).max();
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
    // From the vendor's date, else from the first snapshot that shows the status; a stale feed stops the clock.
    let seen_since = || {
        let spell = reconciled.past.line(line.id)?.spell;
        (spell.0 == line.status).then(|| spell.1.date())
    };
    let until = reconciled.known_until(number, &context.stale);
    let age = line.status_date.or_else(seen_since).map(|since| (until - since).num_days());
    if let (Some(kind), Some(age)) = (kind, age)
        && let Some(limit) = reconciled.limit(line)
        && age > i64::from(limit.days)
    {
        findings.push(
            Finding::new(kind, Direction::Timing, amount)
                .with("days", age.to_string())
                .with("limit", limit.days.to_string())
                .with("limit_basis", limit.basis),
        );
    }
    findings
}

impl Reconciled<'_> {
    /// The base of an order in the program of a line, for the facts of a pair.
    fn score(&self, order: u32, line: u32) -> String {
        let facts = self.side_by_side(order, line);
        let agreeing = facts.iter().filter(|f| f.agrees() == Some(true)).count();
        say!("{agreeing} of {facts}", agreeing, facts = facts.len())
    }

    /// The facts of an order and a line side by side.
    pub fn side_by_side(&self, order: u32, line: u32) -> Vec<crate::reconcile::suggest::Fact> {
        let records = &self.snapshot.records;
        crate::reconcile::suggest::facts(
            &self.rules,
            &records.orders[order as usize],
            &records.lines[line as usize],
        )
    }

    /// The finding of a pair, on the side of the order.
    pub(super) fn near_miss(&self, order: u32, amount: Option<Money>) -> Option<Finding> {
        let suggestion = self.suggestions.of_order(order).filter(|s| s.likeness == Likeness::NearId)?;
        let line = |n: u32| &self.snapshot.records.lines[n as usize];
        let finding = Finding::new(Kind::NearMissIdentifier, Direction::AtRisk, amount);
        Some(match suggestion.candidates[..] {
            [one] if suggestion.is_unique => finding
                .with("suggestion", line(one).order_ref.raw().to_owned())
                .with("line", line(one).id.raw().to_owned())
                .with("score", self.score(order, one)),
            _ => finding.with(
                "candidates",
                suggestion.candidates.iter().map(|n| line(*n).order_ref.raw()).collect::<Vec<_>>().join(", "),
            ),
        })
    }

    /// The kind that the vendor's reason of a line stands for: as the reason map says, else by the canonical reason.
    pub fn implied(&self, line: &Line) -> Option<Kind> {
        let row = self.reason(line.reason_key)?;
        row.implies.and_then(|code| Kind::parse(&code)).or(match row.reason.as_str() {
            "frozen" => Some(Kind::EarningFrozen),
            "contract-activation" => Some(Kind::ContractActivationLate),
            "invoice-confirmation" => Some(Kind::InvoiceConfirmationDelay),
            "documents" => Some(Kind::ManualReview),
            "sku-tier" => Some(Kind::SkuNotEligible),
            _ => None,
        })
    }
}
