//! The facts of a case, which sentences are filled with.

use super::join;
use crate::explain::Facts;
use crate::model::money::Money;
use crate::model::status::Status;
use crate::model::time::date_in_words;
use crate::reconcile::{Case, Kind, Subject};
use crate::report::{Report, scopes, times};

/// The facts of a case's subject.
pub(crate) fn facts(report: &Report<'_>, case: &Case) -> Facts {
    let mut facts = Facts::default();
    facts.set("order", join(case.orders.iter().map(|id| id.raw())));
    if let Some(month) = case.period {
        facts.set("period", month.in_words());
        facts.set("month", month.name());
    }
    match case.subject {
        Subject::Line(number) => line_facts(report, number, &mut facts),
        Subject::Order(number) => order_facts(report, number, &mut facts),
        Subject::Payout(number) => {
            let payout = &report.reconciled.snapshot.records.payouts[number as usize];
            facts.set("payout", payout.id.raw().to_owned());
            facts.set("date", date_in_words(payout.date));
        }
        Subject::Feed(number) => {
            facts.set("source", report.reconciled.snapshot.records.feeds[number as usize].id.to_string());
        }
        Subject::Row(number) => {
            let row = &report.reconciled.snapshot.quarantined[number as usize];
            facts.set("line", row.line.map(|id| id.raw().to_owned()));
            facts.set("batch", row.batch.map(|id| id.raw().to_owned()));
            facts.set("amount", row.amount.map(Money::in_words));
        }
        Subject::Adjustment(number) => {
            let adjustment = &report.reconciled.snapshot.records.adjustments[number as usize];
            facts.set("line", adjustment.line.map(|id| id.raw().to_owned()));
            facts.set("adjustment", adjustment.amount.in_words());
            facts.set("program", adjustment.program.map(|id| id.raw().to_owned()));
        }
    }
    if let Some(amount) = case.at_stake() {
        facts.set("diff", amount.in_words());
    }
    if case.primary().is_some_and(|finding| is_to_object(finding.kind)) {
        // One that has passed is no day to name: "before the deadline" stays true, and the page says that it is over.
        let ahead = report.reconciled.deadlines_of(case).find(|deadline| !deadline.is_passed());
        facts.set("deadline", ahead.map(|deadline| date_in_words(deadline.date)));
    }
    facts
}

/// Whether the texts of a kind mean the last day to object where they name a deadline; to others it is the end of a
/// window or the day a feed was due.
fn is_to_object(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::MissingRebate
            | Kind::ShortPaid
            | Kind::EligibilityAdjustment
            | Kind::UnsupportedAdjustment
            | Kind::ClawbackWithoutCancellation
    )
}

fn line_facts(report: &Report<'_>, number: u32, facts: &mut Facts) {
    let (line, figures) = (report.line(number), report.figures(number));
    let program = report.reconciled.rules.program(line.program);
    let name = program.map_or_else(|| line.program.raw().to_owned(), |p| p.name.to_string());
    facts.set("line", line.id.raw().to_owned());
    facts.set("batch", line.batch.map(|id| id.raw().to_owned()));
    facts.set("payout", line.payout.map(|id| id.raw().to_owned()));
    facts.set("program", name.clone());
    facts.set("campaign", report.reconciled.campaign(number).map_or(name, |c| c.to_string()));
    facts.set("status", line.status.label().to_owned());
    facts.set("state", scopes::state_words(line.status));
    facts.set("status_since", line.status_date.map(date_in_words));
    facts.set("amount", line.amount_calculated.map(Money::in_words));
    facts.set("net", figures.net.map(Money::in_words));
    facts.set("expected", figures.expected.map(Money::in_words));
    facts.set("paid", line.amount_paid.map(Money::in_words));
    facts.set("adjustment", (!figures.adjustments.is_zero()).then(|| figures.adjustments.in_words()));
    facts.set("category", line.category.map(|c| c.to_string()));
    facts.set("region", line.region.map(|r| r.to_string()));
    facts.set("sku", line.sku_ref.map(|s| s.raw().to_owned()));
    facts.set("account", line.account_ref.map(|a| a.raw().to_owned()));
    let reason = report.reconciled.reason(line.reason_key);
    facts.set("reason", reason.map(|r| report.plain_reason(r).trim_end_matches(['.', '。']).to_owned()));
    facts.set("condition", condition(report, number));
    facts.set("expected_by", times::expected_by(report, number));
    if let Some(share) = report.reconciled.matching.of_line(number).shares.first() {
        let order = report.order(share.order);
        facts.set("customer", report.scopes.customer_name(report.reconciled, order).map(|n| n.to_string()));
    }
    if let Some(batch) = line.batch {
        facts.set("orders", report.scopes.batch_orders(batch));
    }
}

/// What still has to be confirmed before a line becomes payable, for "eligibility requires …".
pub(crate) fn condition(report: &Report<'_>, number: u32) -> Option<String> {
    let reason = report.reconciled.reason(report.line(number).reason_key)?;
    report.sources.content.reasons.get(reason.reason.as_str())?.condition.clone()
}

fn order_facts(report: &Report<'_>, number: u32, facts: &mut Facts) {
    let order = report.order(number);
    let figures = &report.reconciled.orders[number as usize];
    let program = report.reconciled.rules.declared_program(order);
    facts.set("order", order.id.raw().to_owned());
    facts.set("account", order.account.raw().to_owned());
    facts.set("customer", report.scopes.customer_name(report.reconciled, order).map(|n| n.to_string()));
    facts.set("program", program.map(|p| p.name.to_string()));
    facts.set("campaign", order.campaign.map(|c| c.to_string()));
    facts.set("sku", order.sku.raw().to_owned());
    facts.set("region", order.region.map(|r| r.to_string()));
    facts.set("category", report.reconciled.rules.category(order).map(|c| c.to_string()));
    facts.set("expected", figures.potential.map(Money::in_words));
    facts.set("date", date_in_words(order.order_date));
    facts.set("status", Status::PendingData.label().to_owned());
}
