//! Everything that no customer may see, by what it is: ids of every kind, mapping, rules, codes, payouts, other customers,
//! files and people (domain 4.6, I-23).

use rust_decimal::Decimal;
use ustr::Ustr;

use super::scan::Visit;
use crate::model::id::Id;
use crate::reconcile::kinds::Kind;
use crate::report::Report;

/// Visits every value. The same value may come several times.
pub fn each(report: &Report<'_>, visit: &mut Visit<'_>) {
    records(report, visit);
    aside(report, visit);
    history(report, visit);
    mapping(report, visit);
    rules(report, visit);
    for (_, file) in report.sources.files.iter() {
        visit("input file", file.file());
        visit("checksum of an input file", file.sha256());
    }
    for facts in report.sources.snapshots {
        visit("record set", &facts.record_set);
    }
}

/// An id as it was received, and as it is compared.
fn id<K>(visit: &mut Visit<'_>, kind: &'static str, id: Option<Id<K>>) {
    if let Some(id) = id {
        visit(kind, id.raw());
        visit(kind, id.canonical());
    }
}

fn text(visit: &mut Visit<'_>, kind: &'static str, text: Option<Ustr>) {
    if let Some(text) = text {
        visit(kind, &text);
    }
}

/// A code; a plain word is no code, and would be found in any sentence.
fn code(visit: &mut Visit<'_>, kind: &'static str, text: Option<Ustr>) {
    let is_code = |text: &Ustr| text.chars().any(|c| c.is_ascii_digit() || matches!(c, '-' | '_' | '.'));
    self::text(visit, kind, text.filter(is_code));
}

fn records(report: &Report<'_>, visit: &mut Visit<'_>) {
    let records = &report.reconciled.snapshot.records;
    for order in &records.orders {
        id(visit, "order ID", Some(order.id));
        id(visit, "account ID", Some(order.account));
        id(visit, "customer ID", order.customer);
        id(visit, "reseller ID", order.reseller);
        id(visit, "subscription ID", order.subscription);
        id(visit, "invoice ID", order.invoice);
        id(visit, "SKU", Some(order.sku));
        code(visit, "region", order.region);
        text(visit, "campaign", order.campaign);
    }
    for line in &records.lines {
        id(visit, "line ID", Some(line.id));
        id(visit, "order ID", Some(line.order_ref));
        id(visit, "program", Some(line.program));
        id(visit, "batch", line.batch);
        id(visit, "payout", line.payout);
        id(visit, "reseller ID", line.reseller);
        id(visit, "subscription ID", line.subscription_ref);
        id(visit, "account ID", line.account_ref);
        id(visit, "SKU", line.sku_ref);
        id(visit, "invoice ID", line.invoice_ref);
        code(visit, "category", line.category);
        code(visit, "region", line.region);
        code(visit, "vendor's status", Some(line.status_raw));
        code(visit, "reason code", line.reason_raw);
        line.rate.into_iter().for_each(|rate| self::rate(visit, rate));
    }
    for cancellation in &records.cancellations {
        id(visit, "cancellation", Some(cancellation.id));
        id(visit, "order ID", Some(cancellation.order));
    }
    for adjustment in &records.adjustments {
        id(visit, "adjustment", Some(adjustment.id));
        id(visit, "line ID", adjustment.line);
        id(visit, "cancellation", adjustment.reference);
        code(visit, "reason code", adjustment.reason_raw);
    }
    for payout in &records.payouts {
        id(visit, "payout", Some(payout.id));
        code(visit, "bank reference", payout.bank_ref);
    }
    for feed in &records.feeds {
        code(visit, "source", Some(feed.id));
    }
}

/// Rows that could not be read: their ids are known to nothing else.
fn aside(report: &Report<'_>, visit: &mut Visit<'_>) {
    let rows = report.reconciled.snapshot.quarantined.iter().chain(report.sources.reference_quarantined);
    for row in rows {
        let cells = report.sources.files.get(row.source.file).cells(row.source.record);
        let is_id =
            |text: &str| text.chars().any(|c| c.is_ascii_digit()) && text.chars().any(char::is_alphabetic);
        for (_, text) in cells.iter().filter(|(_, text)| is_id(text)) {
            visit("value of a row set aside", text);
        }
    }
}

/// What earlier snapshots had and the newest has no more.
fn history(report: &Report<'_>, visit: &mut Visit<'_>) {
    let facts = &report.sources.history.facts;
    for line in 0..facts.len() {
        id(visit, "line ID", u32::try_from(line).ok().map(|line| facts.id(line)));
    }
    for (_, place) in facts.places() {
        id(visit, "order ID", place.order);
        id(visit, "order ID", Some(place.order_ref));
        id(visit, "account ID", place.account);
        id(visit, "customer ID", place.customer);
        id(visit, "program", Some(place.program));
        id(visit, "batch", place.batch);
        id(visit, "payout", place.payout);
        text(visit, "campaign", place.campaign);
    }
}

fn mapping(report: &Report<'_>, visit: &mut Visit<'_>) {
    let reference = report.reconciled.rules.reference;
    for account in &reference.accounts {
        id(visit, "account ID", Some(account.id));
        id(visit, "account ID", account.vendor);
        id(visit, "customer ID", account.customer);
        text(visit, "customer", account.customer_name);
        code(visit, "region", account.region);
    }
    for sku in &reference.skus {
        id(visit, "SKU", Some(sku.id));
        id(visit, "SKU", sku.vendor);
        code(visit, "category", Some(sku.category));
    }
    for alias in &reference.aliases {
        visit("alias", &alias.own);
        visit("alias", &alias.vendor);
        text(visit, "person", alias.approved_by);
    }
    for row in &reference.reasons {
        code(visit, "reason code", Some(row.raw));
        code(visit, "reason", Some(row.reason));
    }
    for row in &reference.statuses {
        code(visit, "vendor's status", Some(row.raw));
    }
    for signoff in &reference.signoffs {
        visit("person", &signoff.name);
    }
    for claim in &reference.claims {
        code(visit, "claim", Some(claim.id));
        code(visit, "claim", claim.reference);
    }
    for kind in Kind::ALL {
        code(visit, "kind of discrepancy", Some(Ustr::from(kind.code())));
    }
}

fn rules(report: &Report<'_>, visit: &mut Visit<'_>) {
    let reference = report.reconciled.rules.reference;
    for program in &reference.programs {
        id(visit, "program", Some(program.id));
        visit("program", &program.name);
        text(visit, "campaign", program.campaign);
        program.resellers.iter().for_each(|reseller| id(visit, "reseller ID", Some(*reseller)));
        text(visit, "rule document", program.source.document);
        text(visit, "person", program.source.entered_by);
        text(visit, "person", program.source.checked_by);
        for cap in &program.caps {
            visit("cap", &cap.amount.to_string());
            visit("cap", &cap.amount.grouped());
        }
    }
    for row in &reference.rates {
        rate(visit, row.rate);
        code(visit, "category", Some(row.category));
        for tier in [Some(row.tier_from), row.tier_to].into_iter().flatten().filter(|tier| !tier.is_zero()) {
            visit("tier", &tier.normalize().to_string());
        }
    }
    for row in &reference.enrollments {
        id(visit, "reseller ID", Some(row.reseller));
        code(visit, "tier", row.tier);
    }
}

/// A rate as people and files write it: `8 %`, `8.00 %`, `0.08`.
fn rate(visit: &mut Visit<'_>, rate: Decimal) {
    let percent = rate.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(rate);
    visit("rate", &format!("{}%", percent.normalize()));
    visit("rate", &format!("{percent:.2}%"));
    visit("rate", &rate.normalize().to_string());
}
