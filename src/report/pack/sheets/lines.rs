//! Sheets 07 and 08: the vendor's lines behind the balance, and the orders that no line names.

use super::super::close::Close;
use super::super::sheet::{Column, Kind, Sheet, Value};
use super::balance::dates;
use super::{CURRENCY, amount, code, column, joined, page, snapshot_date};
use crate::history::journal::RecordKey;
use crate::model::money::Money;
use crate::model::time::Month;
use crate::reconcile::matching::numbered;
use crate::reconcile::{Action, Case};
use crate::report::Report;

const LINES: &[Column] = &[
    column("line_id", "Line", Kind::Id, "The vendor's id of the line, as received."),
    column(
        "order_id",
        "Order",
        Kind::Id,
        "Our order, or all of them; the vendor's reference where we have none.",
    ),
    column("customer", "Customer", Kind::Text, "The customer of our orders."),
    column("account", "Account (vendor)", Kind::Id, "The account as the vendor names it."),
    column("program", "Program", Kind::Id, "The program of the line."),
    column("batch", "Batch", Kind::Id, "The vendor's batch."),
    column(
        "period_own",
        "Period (own)",
        Kind::Text,
        "The month in which our order counts by the rule of the program.",
    ),
    column("period_vendor", "Period (vendor)", Kind::Month, "The month in which the vendor counts the line."),
    column("sku", "SKU (vendor)", Kind::Id, "The vendor's product code."),
    column("category", "Category (vendor)", Kind::Text, "The rebate category that the vendor used."),
    column("base_own", "Base (own)", Kind::Amount, "What the rate applies to, by our orders."),
    column("base_vendor", "Base (vendor)", Kind::Amount, "What the rate applies to, as the vendor says."),
    column("rate_own", "Rate (own)", Kind::Rate, "The rate of the program in force, as a fraction."),
    column("rate_vendor", "Rate (vendor)", Kind::Rate, "The rate that the vendor used, as a fraction."),
    column("expected", "Expected", Kind::Amount, "What our rules give."),
    column("calculated", "Calculated", Kind::Amount, "What the vendor calculated."),
    column(
        "adjustments",
        "Adjustments",
        Kind::Amount,
        "Adjustments in the line's currency dated up to the end of the month.",
    ),
    column("paid", "Paid (vendor)", Kind::Amount, "What the vendor says was paid."),
    column("received", "Received", Kind::Amount, "Received with a payout record up to the end of the month."),
    column("open", "Open", Kind::Amount, "Recognized and adjusted, less received, at the end of the month."),
    CURRENCY,
    column("status", "Status", Kind::Text, "The status in the words of this report."),
    column(
        "status_since",
        "Status since",
        Kind::Date,
        "The day from which the vendor says it has this status.",
    ),
    column("reason", "Reason", Kind::Text, "The vendor's reason in plain words."),
    column(
        "primary",
        "Primary kind",
        Kind::Text,
        "What explains the line first; clean where nothing has to be explained.",
    ),
    column("secondary", "Secondary kinds", Kind::Text, "What else holds."),
    column("at_stake", "At stake", Kind::Amount, "The amount of the primary kind."),
    column("direction", "Direction", Kind::Text, "What the amount at stake means."),
    column("first_snapshot", "First snapshot", Kind::Date, "The snapshot in which the line was first seen."),
    column("last_change", "Last change", Kind::Date, "The newest snapshot that changed a field of it."),
    column("page", "Page", Kind::Text, "The page of the line, from the root of the site."),
    column(
        "recognized",
        "Recognized",
        Kind::Amount,
        "The calculated amount where the status is booked by policy.",
    ),
    column(
        "at_stake_currency",
        "At stake in",
        Kind::Text,
        "The currency of the amount at stake, where there is one.",
    ),
    column(
        "journals",
        "Journals",
        Kind::Amount,
        "Our own journals of the line dated up to the end of the month; part of what is open.",
    ),
];

/// 07: the lines of the month, and those of earlier months that are open or moved in it.
pub(in super::super) fn lines(close: &Close<'_, '_>) -> Sheet {
    let mut sheet = Sheet {
        number: 7,
        name: "Lines",
        purpose: "Every line of this month, and every line of an earlier month that is open or moved in it.",
        notes: vec![dates(close)],
        columns: LINES.to_vec(),
        rows: close.lines().into_iter().map(|number| line(close, number)).collect(),
        empty: "No line counts in this month and none is open from before.",
        ..Sheet::default()
    };
    sheet.add_totals(&["calculated", "adjustments", "received", "open", "recognized", "journals"]);
    sheet
}

fn line(close: &Close<'_, '_>, number: u32) -> Vec<Value> {
    let report = close.report;
    let reconciled = report.reconciled;
    let (line, figures, parts) =
        (report.line(number), report.figures(number), close.parts(report.line(number).id));
    let case = reconciled.line_case(number);
    let rows = || reconciled.matching.of_line(number).shares.iter().map(|share| share.order);
    let orders = joined(rows().map(|row| report.order(row).id.raw()));
    let program = reconciled.rules.program(line.program);
    let own = joined(rows().map(|row| reconciled.rules.own_period(report.order(row), program)));
    let customers = rows().filter_map(|row| report.scopes.customer_name(reconciled, report.order(row)));
    let rate = reconciled
        .first_entitlement(number)
        .and_then(|(order, entitlement)| entitlement.rate(&reconciled.rules, order, entitlement.category?));
    let reason = reconciled
        .reason(line.reason_key)
        .map(|row| row.plain_text.as_str())
        .or_else(|| line.reason_raw.as_ref().map(ustr::Ustr::as_str));
    let key = RecordKey::Line(line.id);
    let journal = &report.sources.history.journal;
    let last = journal.of(key).into_iter().map(|(snapshot, _)| snapshot).max();
    let of = |minor| amount(minor, line.currency);
    vec![
        Value::id(line.id.raw()),
        if orders.is_empty() { Value::id(line.order_ref.raw()) } else { Value::id(orders) },
        Value::text(joined(customers)),
        Value::or_empty(line.account_ref, |id| Value::id(id.raw())),
        Value::id(line.program.raw()),
        Value::or_empty(line.batch, |id| Value::id(id.raw())),
        Value::text(own),
        Value::Month(line.period),
        Value::or_empty(line.sku_ref, |id| Value::id(id.raw())),
        Value::or_empty(line.category, |word| Value::text(word.as_str())),
        Value::or_empty(figures.base_own, Value::Amount),
        Value::or_empty(line.amount_base, Value::Amount),
        Value::or_empty(rate, Value::Rate),
        Value::or_empty(line.rate, Value::Rate),
        Value::or_empty(figures.expected, Value::Amount),
        Value::or_empty(line.amount_calculated, Value::Amount),
        of(parts.adjusted),
        Value::or_empty(line.amount_paid, Value::Amount),
        of(parts.received),
        of(parts.open()),
        code(line.currency),
        Value::text(line.status.label()),
        Value::or_empty(line.status_date, Value::Date),
        Value::or_empty(reason, Value::text),
        Value::text(case.primary().map_or("clean", |finding| finding.kind.code())),
        Value::text(joined(case.findings.iter().skip(1).map(|finding| finding.kind.code()))),
        at_stake(case),
        Value::text(case.direction().label()),
        Value::or_empty(journal.first_seen(key), |snapshot| snapshot_date(report, snapshot)),
        Value::or_empty(last.or(journal.first_seen(key)), |snapshot| snapshot_date(report, snapshot)),
        page(&report.line_path(number)),
        of(parts.recognized),
        Value::or_empty(case.at_stake().filter(|a| !a.is_zero()), |a| code(a.currency())),
        of(parts.journals),
    ]
}

/// The amount at stake of a case, where it has one.
pub(super) fn at_stake(case: &Case) -> Value {
    Value::or_empty(case.at_stake().filter(|amount| !amount.is_zero()), Value::Amount)
}

const ORDERS: &[Column] = &[
    column("order_id", "Order", Kind::Id, "Our order."),
    column("customer", "Customer", Kind::Text, "The customer."),
    column("program", "Program", Kind::Text, "The program that it declares."),
    column("period", "Period", Kind::Month, "The month in which it counts by our own books."),
    column("base", "Base", Kind::Amount, "What the rate applies to."),
    column(
        "expected",
        "Expected",
        Kind::Amount,
        "What our rules give; not in the balance unless the policy books it.",
    ),
    CURRENCY,
    column("primary", "Primary kind", Kind::Text, "Why there is no line, as far as it is known."),
    column("at_stake", "At stake", Kind::Amount, "The amount of the primary kind."),
    column("direction", "Direction", Kind::Text, "What the amount at stake means."),
    column("evidence", "Evidence", Kind::Text, "Where the row stands in our own extract."),
    column(
        "claim_by",
        "Claim by",
        Kind::Date,
        "The last day on which the vendor accepts a claim, where the program names one.",
    ),
    column("page", "Page", Kind::Text, "The page of the order, from the root of the site."),
];

/// 08: our orders of this month and before that no line names.
pub(in super::super) fn orders(close: &Close<'_, '_>) -> Sheet {
    let report = close.report;
    let mut sheet = Sheet {
        number: 8,
        name: "Orders without line",
        purpose: "Our orders up to the end of the month that no line of the vendor names: what could still be earned, or claimed.",
        notes: vec![dates(close)],
        columns: ORDERS.to_vec(),
        empty: "Every order up to the end of the month has a line.",
        ..Sheet::default()
    };
    for (number, case) in without_line(report, close.month) {
        sheet.rows.push(order(report, number, case));
    }
    sheet.rows.sort_by_key(|row| row[0].csv());
    sheet.add_totals(&["expected"]);
    sheet
}

/// The order rows up to a month that no line names, with their cases.
pub(super) fn without_line<'r>(
    report: &'r Report<'_>,
    month: Month,
) -> impl Iterator<Item = (u32, &'r Case)> {
    numbered(&report.reconciled.orders)
        .filter(move |(_, figures)| figures.period <= month)
        .filter_map(|(number, _)| Some((number, report.reconciled.order_case(number)?)))
}

fn order(report: &Report<'_>, number: u32, case: &Case) -> Vec<Value> {
    let reconciled = report.reconciled;
    let (order, figures) = (report.order(number), &reconciled.orders[number as usize]);
    let program = reconciled.rules.declared_program(order);
    let claim = reconciled.deadlines_of(case).find(|deadline| deadline.action == Action::Claim);
    let files = report.sources.files;
    let source = order.origin.source;
    vec![
        Value::id(order.id.raw()),
        Value::or_empty(report.scopes.customer_name(reconciled, order), |name| Value::text(name.as_str())),
        Value::or_empty(program, |program| Value::text(program.name.as_str())),
        Value::Month(figures.period),
        Value::or_empty(figures.base, Value::Amount),
        Value::or_empty(figures.expected, Value::Amount),
        code(figures.expected.map_or(order.amount_net.currency(), Money::currency)),
        Value::text(case.primary().map_or("clean", |finding| finding.kind.code())),
        at_stake(case),
        Value::text(case.direction().label()),
        Value::text(format!("{}:{}", files.path(source), files.line(source))),
        Value::or_empty(claim, |deadline| Value::Date(deadline.date)),
        page(&report.order_path(order.id)),
    ]
}
