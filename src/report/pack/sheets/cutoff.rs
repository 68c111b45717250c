//! Sheets 13 and 14: orders around the end of the month by both calendars, and what was accrued against what came (domain 1.6).

use std::collections::BTreeMap;

use super::super::close::Close;
use super::super::sheet::{At, Column, Formula, Kind, Place, Sheet, Value, Verdict};
use super::balance::program_name;
use super::{CURRENCY, amount, code, column, joined, percent};
use crate::model::id::{OrderId, ProgramId};
use crate::model::money::{Currency, Money};
use crate::model::time::date_in_words;
use crate::reconcile::kinds::Group;
use crate::reconcile::matching::numbered;
use crate::rules::Rules;

/// Days before and after the end of the month that the test looks at.
const CUTOFF_DAYS: i64 = 5;

const CUTOFF: &[Column] = &[
    column("order_id", "Order", Kind::Id, "Our order."),
    column("date", "Date", Kind::Date, "The date by which the program counts it."),
    column("days", "Days from the end", Kind::Count, "Days from the end of the month; negative before it."),
    column("period_own", "Period (own)", Kind::Month, "The month in which it counts by our books."),
    column(
        "period_vendor",
        "Period (vendor)",
        Kind::Text,
        "The month in which the vendor counts its lines; none where it has none.",
    ),
    column("line_id", "Line", Kind::Id, "Its lines."),
    CURRENCY,
    column("amount", "Amount", Kind::Amount, "What the vendor calculated for it, else what our rules give."),
    column(
        "shifted",
        "In another month",
        Kind::Amount,
        "The part of the amount that the vendor counts in another month than we do.",
    ),
    column(
        "result",
        "Result",
        Kind::Verdict,
        "pass: both sides count it in the same month; fail: they do not; open: there is no line to compare with.",
    ),
];

/// 13: the cut-off test.
pub(in super::super) fn cut_off(close: &Close<'_, '_>) -> Sheet {
    let report = close.report;
    let reconciled = report.reconciled;
    let end = close.closing_day();
    let mut sheet = Sheet {
        number: 13,
        name: "Cut-off",
        purpose: "Whether orders around the end of the month count in the same month on both sides.",
        notes: vec![format!(
            "Orders within {CUTOFF_DAYS} days of {}, and every order of another distance that one side counts in this month \
             and the other does not.",
            date_in_words(end)
        )],
        columns: CUTOFF.to_vec(),
        empty: "No order lies near the end of the month, and none counts in two months.",
        ..Sheet::default()
    };
    for (number, order) in numbered(&reconciled.snapshot.records.orders) {
        let figures = &reconciled.orders[number as usize];
        let lines = reconciled.matching.of_order(number);
        let program = lines.first().and_then(|line| reconciled.rules.program(report.line(*line).program));
        let program = program.or_else(|| reconciled.rules.declared_program(order));
        let date = Rules::basis_date(order, program.map(|p| p.period_basis).unwrap_or_default());
        let days = (date - end).num_days();
        let own = reconciled.rules.own_period(order, program);
        let vendor: Vec<_> = lines.iter().map(|line| report.line(*line).period).collect();
        let is_shifted = vendor.iter().any(|month| *month != own);
        let touches = own == close.month || vendor.contains(&close.month);
        if days.abs() > CUTOFF_DAYS && !(is_shifted && touches) {
            continue;
        }
        let of_lines =
            || lines.iter().map(|line| report.line(*line)).filter_map(|line| line.amount_calculated);
        let currency =
            of_lines().next().or(figures.expected).map_or(order.amount_net.currency(), Money::currency);
        let sum = |amounts: &mut dyn Iterator<Item = Money>| -> i128 {
            amounts.filter(|amount| amount.currency() == currency).map(Money::minor).sum()
        };
        let whole =
            if lines.is_empty() { sum(&mut figures.expected.into_iter()) } else { sum(&mut of_lines()) };
        let mut elsewhere = lines
            .iter()
            .map(|line| report.line(*line))
            .filter(|line| line.period != own)
            .filter_map(|line| line.amount_calculated);
        let shifted = sum(&mut elsewhere);
        let verdict = match (lines.is_empty(), is_shifted) {
            (true, _) => Verdict::Open,
            (false, true) => Verdict::Fail,
            (false, false) => Verdict::Pass,
        };
        sheet.rows.push(vec![
            Value::id(order.id.raw()),
            Value::Date(date),
            Value::Count(days),
            Value::Month(own),
            Value::text(if vendor.is_empty() { "none".to_owned() } else { joined(vendor) }),
            Value::id(joined(lines.iter().map(|line| report.line(*line).id.raw()))),
            code(currency),
            amount(whole, currency),
            amount(shifted, currency),
            Value::Verdict(verdict),
        ]);
    }
    sheet.rows.sort_by_key(|row| (row[1].csv(), row[0].csv()));
    sheet.add_totals(&["amount", "shifted"]);
    sheet
}

const ACCRUALS: &[Column] = &[
    column("program", "Program", Kind::Text, "The program that the orders declare."),
    CURRENCY,
    column(
        "cause",
        "Cause",
        Kind::Text,
        "Why estimate and calculation differ: none, rate or tier, base or volume, eligibility, mapping, settlement, timing, no line yet, and so on.",
    ),
    column("orders", "Orders", Kind::Count, "Orders that had no line at the close of the month before."),
    column(
        "accrued",
        "Accrued",
        Kind::Amount,
        "What our rules gave for them at that close: the accrual candidate.",
    ),
    column("calculated", "Calculated", Kind::Amount, "What the vendor calculated for them since."),
    column("difference", "Difference", Kind::Amount, "Calculated less accrued."),
    column("percent", "Difference %", Kind::Text, "Difference in percent of what was accrued."),
];

/// 14: the accrual of the close before against what the vendor calculated since.
pub(in super::super) fn accruals(close: &Close<'_, '_>) -> Sheet {
    let report = close.report;
    let reconciled = report.reconciled;
    let before = reconciled.past.at_close(close.rolled.from.month);
    let mut sheet = Sheet {
        number: 14,
        name: "Accrual true-up",
        purpose: "How good the estimate of the month before was: what our rules gave for orders without a line, and what came.",
        notes: vec![match before {
            Some(close) => format!("Accrued as known at the close, {}.", close.as_of.in_words()),
            None => "No close of the month before is known: there is no estimate to compare with.".to_owned(),
        }],
        columns: ACCRUALS.to_vec(),
        empty: "At the close of the month before, no order was without a line.",
        ..Sheet::default()
    };
    let Some(before) = before else {
        sheet.empty = "No estimate of the month before is known.";
        return sheet;
    };
    type Group = (Option<ProgramId>, Currency, &'static str);
    let mut groups: BTreeMap<Group, (usize, i128, i128)> = BTreeMap::new();
    for accrual in &before.accruals {
        let currency = accrual.amount.currency();
        let (calculated, cause) = since(close, accrual.order, accrual.line, accrual.amount);
        let sums = groups.entry((accrual.program, currency, cause)).or_default();
        *sums = (sums.0 + 1, sums.1 + accrual.amount.minor(), sums.2 + calculated);
    }
    for ((program, currency, cause), (orders, accrued, calculated)) in groups {
        let at = |key| At { sheet: 14, row: Place::Row(sheet.rows.len()), key };
        let difference = Formula::difference(at("calculated"), at("accrued"));
        let row = vec![
            Value::text(program_name(close, program)),
            code(currency),
            Value::text(cause),
            Value::count(orders),
            amount(accrued, currency),
            amount(calculated, currency),
            Value::formula(difference, amount(calculated - accrued, currency)),
            percent(calculated - accrued, accrued),
        ];
        sheet.rows.push(row);
    }
    sheet.add_totals(&["accrued", "calculated", "difference"]);
    sheet
}

/// What the vendor calculated for an order since, in the currency of its accrual, and why that differs.
fn since(
    close: &Close<'_, '_>,
    order: OrderId,
    row: Option<ustr::Ustr>,
    accrued: Money,
) -> (i128, &'static str) {
    let reconciled = close.report.reconciled;
    let rows = reconciled.matching.rows(order);
    let number = rows.iter().copied().find(|number| close.report.order(*number).line == row);
    let Some(number) = number.or(rows.first().copied()) else { return (0, "order gone") };
    let mut calculated = 0;
    let mut cause = None;
    for line in reconciled.matching.of_order(number) {
        let shares = &reconciled.matching.of_line(*line).shares;
        let share =
            shares.iter().find(|share| share.order == number).and_then(|share| share.amount_calculated);
        calculated += share.filter(|amount| amount.currency() == accrued.currency()).map_or(0, Money::minor);
        let primary = reconciled.line_case(*line).primary();
        cause = cause.or(primary.map(|finding| cause_of(finding.kind.group())));
    }
    if reconciled.matching.of_order(number).is_empty() {
        let primary = reconciled.order_case(number).and_then(|case| case.primary());
        return (0, primary.map_or("no line yet", |finding| cause_of(finding.kind.group())));
    }
    if calculated == accrued.minor() {
        (calculated, "none")
    } else {
        (calculated, cause.unwrap_or("base or volume"))
    }
}

/// The cause of a true-up for a link of the causal chain.
fn cause_of(group: Group) -> &'static str {
    match group {
        Group::Data => "data",
        Group::Identity => "identity",
        Group::History => "restated",
        Group::Mapping => "mapping",
        Group::Eligibility => "eligibility",
        Group::Calculation => "rate, tier or base",
        Group::Settlement => "settlement",
        Group::Timing => "timing",
        Group::Missing => "no line yet",
    }
}
