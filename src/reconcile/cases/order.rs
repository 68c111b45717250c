//! The case of an order that no line names.

use super::{Case, Context, Direction, Finding, Kind, Subject, eligibility, settle, stale_finding};
use crate::model::record::Order;
use crate::model::time::date_in_words;
use crate::reconcile::Reconciled;
use crate::say;

pub(super) fn case(reconciled: &Reconciled<'_>, context: &Context<'_>, number: u32, order: &Order) -> Case {
    let figures = &reconciled.orders[number as usize];
    let rules = &reconciled.rules;
    let mut findings = Vec::new();
    if let Some(row) = context.lines_aside.get(&order.id) {
        findings.push(
            Finding::new(Kind::RowQuarantined, Direction::AtRisk, figures.potential)
                .with_row(reconciled, *row),
        );
    }
    let covers = |site: Option<ustr::Ustr>| site == order.site || site.is_none() || order.site.is_none();
    if let Some(feed) = context.stale.iter().find(|f| covers(f.site)) {
        findings.push(stale_finding(feed, figures.potential));
    }
    findings.extend(reconciled.near_miss(number, figures.expected.or(figures.potential)));
    findings.extend(context.gone.get(&number).into_iter().flatten().cloned());
    findings.extend(eligibility::mapping(reconciled, order, figures.potential));
    if reconciled.needs_region(order) && rules.region(order).is_none() {
        findings.push(Finding::new(Kind::RegionMissing, Direction::Blocked, figures.potential));
    }
    if order.invoice.is_none() || order.billing_model.is_none() {
        findings.push(Finding::new(Kind::BillingUnconfirmed, Direction::Blocked, figures.potential));
    }
    for entitlement in reconciled.entitlements.of_order(number).iter().filter(|e| e.claim.is_counted) {
        findings.extend(eligibility::failures(reconciled, order, entitlement));
    }
    if let Some(campaign) = order.campaign.filter(|tag| !rules.is_campaign(*tag)) {
        findings.push(
            Finding::new(Kind::ContractIneligible, Direction::Potential, None)
                .with("condition", say!("campaign {campaign}, which no program declares", campaign)),
        );
    }
    findings.extend(absence(reconciled, number, order));
    // The residual: it holds only when nothing else does (I-19). A void order is owed nothing.
    let is_due = figures.expected.is_some_and(|e| !e.is_zero() && !e.is_negative());
    if findings.is_empty() && is_due && !order.is_void() {
        findings.push(Finding::new(Kind::MissingRebate, Direction::Receivable, figures.expected));
    }
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

/// Kinds of the group "missing" that only ask for patience: too early, or counted elsewhere.
fn absence(reconciled: &Reconciled<'_>, number: u32, order: &Order) -> Vec<Finding> {
    let figures = &reconciled.orders[number as usize];
    let reference = reconciled.rules.reference;
    let as_of = reconciled.as_of().date();
    let expected = figures.expected;
    let mut findings = Vec::new();
    let final_from = reference.final_from(figures.period);
    let is_final = final_from <= as_of;
    // A hint where to look while the period is open; it never hides what a final period lacks (catalogue, trap).
    if !is_final && reconciled.rules.month_of(order.order_date) != figures.period {
        let basis = order.invoice_date.unwrap_or(order.order_date);
        findings.push(
            Finding::new(Kind::OrderOutsidePeriod, Direction::Timing, expected)
                .with("date", date_in_words(basis))
                .with("suggestion", reference.period(figures.period).in_words()),
        );
    }
    if !is_final {
        findings.push(
            Finding::new(Kind::AwaitingVendorData, Direction::Timing, expected)
                .with("next_date", date_in_words(final_from)),
        );
    }
    findings
}
