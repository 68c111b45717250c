//! Lists of cases: what each is about, how bad it is, the next step, and which of them need someone to act.

use super::{capitalized, next_step, why};
use crate::error::Error;
use crate::model::money::{Currency, Money};
use crate::reconcile::kinds::Direction;
use crate::reconcile::{Case, Raise, Subject};
use crate::report::Report;
use crate::report::scopes::ScopeKey;
use crate::report::table::{Cell, Column, Row, Table};
use crate::say;

/// Cases as a table: what it is about, why, the next step and the amount at stake, largest first.
///
/// # Errors
/// [`Error::Content`] when a sentence template fails.
pub(crate) fn case_table(
    report: &Report<'_>,
    id: &str,
    caption: String,
    cases: &[&Case],
    limit: usize,
) -> Result<Table, Error> {
    let mut table = Table {
        id: id.to_owned(),
        caption,
        layout: "cards",
        sortable: true,
        columns: vec![
            Column::text("Order"),
            Column::text("Severity"),
            Column::text("Status"),
            Column::text("Why"),
            Column::text("Next step"),
            Column::text("Customer").minor(),
            Column::date("Period"),
            Column::text("Currency"),
            Column::money("At stake", "at-stake"),
        ],
        empty: say!("No such case in this snapshot.").to_owned(),
        ..Table::default()
    };
    for case in cases.iter().take(limit) {
        table.rows.push(case_row(report, case)?);
    }
    Ok(table)
}

/// What a case is about, as a cell that leads to its page: its first order, else its payout or the rows set aside.
pub(crate) fn subject_cell(report: &Report<'_>, case: &Case) -> Cell {
    let (_, id) = report.subject(case);
    let name = case.orders.first().map_or(id, |order| order.raw().to_owned());
    let known = case.orders.first().filter(|order| !report.reconciled.matching.rows(**order).is_empty());
    match (known, case.subject) {
        (Some(order), _) => Cell::link(name, report.order_path(*order)),
        (None, Subject::Row(_)) => Cell::link(name, "quarantine.html"),
        (None, Subject::Payout(number)) => {
            let payout = report.reconciled.snapshot.records.payouts[number as usize].id;
            Cell::link(name, report.scopes.path(&ScopeKey::payout(payout)))
        }
        (None, Subject::Line(number)) => {
            let name = report.line(number).order_ref.raw();
            Cell::link(name, report.line_path(number)).with_note(say!("no order of ours"))
        }
        (None, Subject::Order(_) | Subject::Feed(_) | Subject::Adjustment(_)) => Cell::text(name),
    }
}

/// How bad a case is, and why it weighs more than its kind where it does.
fn severity_cell(report: &Report<'_>, case: &Case) -> Cell {
    let Some(severity) = report.reconciled.severity(case) else { return Cell::empty() };
    let label = capitalized(severity.words());
    let raises: Vec<&str> = report.reconciled.raises(case).into_iter().map(Raise::in_words).collect();
    if raises.is_empty() {
        return Cell::text(label);
    }
    let why = say!("raised: {raises}", raises = raises.join(say!(", ")));
    Cell { csv: Some(say!("{label} ({why})", label, why)), ..Cell::text(label).with_note(why) }
}

fn case_row(report: &Report<'_>, case: &Case) -> Result<Row, Error> {
    let status = match case.subject {
        Subject::Line(number) => Cell::status(report.line(number).status),
        Subject::Order(_) => Cell::text(say!("No rebate line")),
        Subject::Payout(_) => Cell::text(say!("Payout")),
        Subject::Feed(_) => Cell::text(say!("Source")),
        Subject::Row(_) => Cell::text(say!("Row set aside")),
        Subject::Adjustment(_) => Cell::text(say!("Adjustment")),
    };
    let why_cell = match case.primary() {
        Some(finding) => Cell::link(
            report.sources.content.kind(finding.kind).title.clone(),
            format!("discrepancy/{}.html", finding.kind.code()),
        ),
        None => Cell::text(why(report, case)),
    };
    let facts = report.facts(case);
    Ok(Row {
        cells: vec![
            subject_cell(report, case),
            severity_cell(report, case),
            status,
            why_cell,
            Cell::text(next_step(report, case)?),
            Cell::text(facts.get("customer").unwrap_or_default()),
            case.period.map_or_else(Cell::empty, |month| report.month_cell(month)),
            // An amount at stake can be in another currency than its case: this is always the amount's.
            Cell::text(case.at_stake().map(Money::currency).or(case.currency).map_or("", Currency::code)),
            Cell::money_or_none(case.at_stake()),
        ],
        ..Row::default()
    })
}

/// Cases that need someone to act, the largest amount first; explained ones and notes are left out.
pub(crate) fn attention<'r>(report: &'r Report<'_>, filter: impl Fn(&Case) -> bool) -> Vec<&'r Case> {
    let mut cases: Vec<&Case> = report
        .reconciled
        .cases
        .iter()
        .filter(|c| !matches!(c.direction(), Direction::Explained | Direction::None | Direction::Potential))
        .filter(|c| c.at_stake().is_some_and(|m| !m.is_zero()))
        .filter(|c| filter(c))
        .collect();
    cases.sort_by_cached_key(|case| {
        (
            std::cmp::Reverse(report.reconciled.severity(case)),
            std::cmp::Reverse(case.at_stake().map_or(0, |m| m.minor())),
            case.subject,
        )
    });
    cases
}
