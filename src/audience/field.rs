//! What an internal audience's columns hold: the one place where a field of a policy becomes a cell.
//!
//! Nothing else of a row reaches a tree of a policy: its pages are made of the cells of the columns that it names.

use std::collections::BTreeMap;

use ustr::Ustr;

use crate::config::policy::{Answer, Field, Grouping, Policy};
use crate::error::Error;
use crate::explain::Audience;
use crate::model::id::Id;
use crate::model::money::{Currency, Money};
use crate::model::record::{Line, Order};
use crate::model::status::Status;
use crate::report::Report;
use crate::report::query::rows::{Row, RowKey};
use crate::report::query::summary::{State, Sums};
use crate::report::table::{Cell, Column};
use crate::{mark, say};

/// The name of a row's currency.
pub(super) const CURRENCY: &str = mark!("Currency");

/// The column of a field.
pub(super) fn column(field: Field) -> Column {
    match field {
        Field::Month => Column::date(mark!("Month")),
        Field::Date => Column::date(mark!("Date")),
        Field::CustomerName => Column::text(mark!("Customer name")),
        Field::Customer => Column::text(mark!("Customer")),
        Field::Account => Column::text(mark!("Account")),
        Field::Order => Column::text(mark!("Order")),
        Field::Line => Column::text(mark!("Line")),
        Field::Subscription => Column::text(mark!("Subscription")),
        Field::Invoice => Column::text(mark!("Invoice")),
        Field::Product => Column::text(mark!("Product")),
        Field::Category => Column::text(mark!("Category")),
        Field::Region => Column::text(mark!("Region")),
        Field::Program => Column::text(mark!("Program")),
        Field::Campaign => Column::text(mark!("Campaign")),
        Field::Status => Column::text(mark!("Status")),
        Field::Explanation => Column::text(mark!("Explanation")),
        Field::ReasonCode => Column::text(mark!("Reason code")),
        Field::Rate => Column::text(mark!("Rate")),
        Field::Expected => Column::money(mark!("Expected"), "expected"),
        Field::Calculated => Column::money(mark!("Calculated"), "calculated"),
        Field::Adjustments => Column::money(mark!("Adjustments"), "adjustments"),
        Field::Total => Column::money(mark!("Total"), "total"),
        Field::Paid => Column::money(mark!("Paid"), "paid"),
        Field::PaidBy => Column::date(mark!("Half are paid by")),
        Field::Batch => Column::text(mark!("Batch")),
        Field::Payout => Column::text(mark!("Payout")),
    }
}

/// What `values::each` calls the values that a field shows.
pub(super) fn kinds(field: Field) -> &'static [&'static str] {
    match field {
        Field::CustomerName => &["customer"],
        Field::Customer => &["customer ID"],
        Field::Account => &["account ID"],
        Field::Order => &["order ID", "alias"],
        Field::Line => &["line ID"],
        Field::Subscription => &["subscription ID"],
        Field::Invoice => &["invoice ID"],
        Field::Product => &["SKU"],
        Field::Category => &["category"],
        Field::Region => &["region"],
        Field::Program => &["program"],
        Field::Campaign => &["campaign"],
        Field::ReasonCode => &["reason code", "reason"],
        Field::Rate => &["rate"],
        Field::Batch => &["batch"],
        Field::Payout => &["payout"],
        Field::Month
        | Field::Date
        | Field::Status
        | Field::Explanation
        | Field::Expected
        | Field::Calculated
        | Field::Adjustments
        | Field::Total
        | Field::Paid
        | Field::PaidBy => &[],
    }
}

/// What a field of amounts sums to, in minor units; `None` for a field of something else.
pub(super) fn sum(field: Field, sums: &Sums) -> Option<i128> {
    match field {
        Field::Expected => Some(sums.expected),
        Field::Calculated => Some(sums.measures.calculated),
        Field::Adjustments => Some(sums.measures.adjustments),
        Field::Total => Some(sums.measures.total),
        Field::Paid => Some(sums.measures.paid),
        Field::Month
        | Field::Date
        | Field::CustomerName
        | Field::Customer
        | Field::Account
        | Field::Order
        | Field::Line
        | Field::Subscription
        | Field::Invoice
        | Field::Product
        | Field::Category
        | Field::Region
        | Field::Program
        | Field::Campaign
        | Field::Status
        | Field::Explanation
        | Field::ReasonCode
        | Field::Rate
        | Field::PaidBy
        | Field::Batch
        | Field::Payout => None,
    }
}

/// Whether a field is an amount.
pub(super) fn is_amount(field: Field) -> bool {
    sum(field, &Sums::default()).is_some()
}

/// The columns of a policy's rows: its fields, the currency before the first amount, its answers.
pub(super) fn columns(policy: &Policy) -> Vec<Column> {
    let mut columns: Vec<Column> = policy.columns.iter().map(|field| column(*field)).collect();
    if let Some(first) = policy.columns.iter().position(|field| is_amount(*field)) {
        columns.insert(first, Column::text(CURRENCY));
    }
    columns.extend(policy.answers.iter().map(|answer| Column::words(answer_label(*answer))));
    columns
}

fn answer_label(answer: Answer) -> &'static str {
    match answer {
        Answer::Sales => mark!("For sales"),
        Answer::Finance => mark!("For finance"),
        Answer::Support => mark!("For support"),
        Answer::Customer => mark!("For the customer"),
    }
}

/// The columns of a policy's sums: how many rows, the currency and each amount.
pub(super) fn sum_columns(policy: &Policy) -> Vec<Column> {
    let amounts = policy.columns.iter().filter(|field| is_amount(**field)).map(|field| column(*field));
    let amounts: Vec<Column> = amounts.collect();
    let currency = (!amounts.is_empty()).then(|| Column::text(CURRENCY));
    std::iter::once(Column::number(mark!("Rows"))).chain(currency).chain(amounts).collect()
}

/// The cells of sums under [`sum_columns`].
pub(super) fn sum_cells(policy: &Policy, currency: Currency, sums: &Sums) -> Vec<Cell> {
    let amount = |field: &Field| Some(Cell::money(Money::from_minor(sum(*field, sums)?, currency)));
    let amounts: Vec<Cell> = policy.columns.iter().filter_map(amount).collect();
    let code = (!amounts.is_empty()).then(|| Cell::text(currency.code()));
    std::iter::once(Cell::count(sums.rows)).chain(code).chain(amounts).collect()
}

/// A state in words.
pub(super) fn state_cell(state: State) -> Cell {
    match state {
        Some((status, _)) => status_cell(status),
        None => Cell::text(say!("No rebate line yet")),
    }
}

fn status_cell(status: Status) -> Cell {
    // Without the link: the tree has no page of the status.
    Cell { href: None, ..Cell::status(status) }
}

/// One row of a report, as far as cells ask for it.
struct Seen<'r> {
    row: Row,
    line: Option<&'r Line>,
    order: Option<&'r Order>,
}

/// The cells of a row under [`columns`], and how many of them, from the end, are answers.
///
/// # Errors
/// [`Error::Content`] where the template of an answer fails.
pub(super) fn cells(report: &Report<'_>, policy: &Policy, key: RowKey) -> Result<Vec<Cell>, Error> {
    let (line, order) = match key {
        RowKey::Line(number) => (Some(report.line(number)), report.reconciled.first_order(number)),
        RowKey::Order(number) => (None, Some(report.order(number))),
    };
    let seen = Seen { row: report.query_row(key), line, order };
    let mut cells: Vec<Cell> = policy.columns.iter().map(|field| cell(report, &seen, *field)).collect();
    if let Some(first) = policy.columns.iter().position(|field| is_amount(*field)) {
        cells.insert(first, Cell::text(seen.row.place.currency.code()));
    }
    for answer in &policy.answers {
        let audience = match answer {
            Answer::Sales => Audience::Sales,
            Answer::Finance => Audience::Finance,
            Answer::Support => Audience::Support,
            Answer::Customer => Audience::Customer,
        };
        let told = report.query_case(key).map(|case| report.told_to(case, audience)).transpose()?;
        cells.push(Cell::text(told.unwrap_or_default()));
    }
    Ok(cells)
}

fn cell(report: &Report<'_>, seen: &Seen<'_>, field: Field) -> Cell {
    let Seen { row, line, order } = seen;
    let place = &row.place;
    let money = |minor: Option<i128>| {
        Cell::money_or_none(minor.map(|minor| Money::from_minor(minor, place.currency)))
    };
    let counted = |minor| row.is_counted().then_some(minor);
    match field {
        Field::Month => Cell { csv: Some(place.period.to_string()), ..Cell::text(place.period.in_words()) },
        Field::Date => Cell::date(Some(row.day)),
        Field::CustomerName => {
            let name = order.and_then(|order| report.scopes.customer_name(report.reconciled, order));
            name.map_or_else(Cell::empty, |name| Cell::text(name.as_str()))
        }
        Field::Customer => id(place.customer),
        Field::Account => id(place.account),
        Field::Order => orders(report, row),
        Field::Line => id(line.map(|line| line.id)),
        Field::Subscription => {
            id(order.and_then(|o| o.subscription).or_else(|| line.and_then(|l| l.subscription_ref)))
        }
        Field::Invoice => id(order.and_then(|o| o.invoice).or_else(|| line.and_then(|l| l.invoice_ref))),
        Field::Product => id(order.map(|order| order.sku).or_else(|| line.and_then(|line| line.sku_ref))),
        Field::Category => code(place.category),
        Field::Region => code(place.region),
        Field::Program => Cell::text(program(report, row)),
        Field::Campaign => place.campaign.map_or_else(Cell::empty, |name| Cell::text(name.as_str())),
        Field::Status => state_cell(row.state),
        Field::Explanation => {
            let title = row.kind.map(|kind| report.sources.content.kind(kind).title.clone());
            title.map_or_else(Cell::empty, Cell::text)
        }
        Field::ReasonCode => {
            // Never a code without what it means.
            let reason = line.and_then(|line| report.reconciled.reason(line.reason_key));
            let note = reason.map(|reason| report.plain_reason(reason).to_owned());
            Cell { note, ..code(line.and_then(|line| line.reason_raw)) }
        }
        Field::Rate => {
            let rate = line.and_then(|line| line.rate).and_then(|rate| rate.checked_mul(100.into()));
            rate.map_or_else(Cell::empty, |rate| Cell::text(format!("{} %", rate.normalize())))
        }
        Field::Expected => money(row.expected),
        Field::Calculated => money(counted(row.measures().calculated)),
        Field::Adjustments => money(counted(row.measures().adjustments)),
        Field::Total => money(counted(row.measures().total)),
        Field::Paid => money(row.paid),
        Field::PaidBy => row.due.map_or_else(Cell::empty, |due| Cell::date(Some(due))),
        Field::Batch => id(place.batch),
        Field::Payout => id(place.payout),
    }
}

/// The orders of a row: those that share a line, else the one that the vendor names.
fn orders(report: &Report<'_>, row: &Row) -> Cell {
    let shares = match row.key {
        RowKey::Line(number) => &*report.reconciled.matching.of_line(number).shares,
        RowKey::Order(_) => &[],
    };
    let mut ids: Vec<&str> = shares.iter().map(|share| report.order(share.order).id.raw()).collect();
    ids.dedup();
    match ids.as_slice() {
        [] | [_] => id(Some(row.place.order.unwrap_or(row.place.order_ref))),
        ids => Cell { csv: Some(ids.join(";")), ..Cell::code(ids.join(", ")) },
    }
}

fn id<K>(id: Option<Id<K>>) -> Cell {
    id.map_or_else(Cell::empty, |id| Cell::code(id.raw()))
}

fn code(text: Option<Ustr>) -> Cell {
    text.map_or_else(Cell::empty, |text| Cell::code(text.as_str()))
}

/// The name of a program; its id where no rule names it.
fn program(report: &Report<'_>, row: &Row) -> String {
    let known = report.reconciled.rules.program(row.place.program);
    known.map_or_else(|| row.place.program.raw().to_owned(), |program| program.name.to_string())
}

/// What a grouping puts a row under: what makes the address, and what is shown; `None` where the row has none.
pub(super) fn group(report: &Report<'_>, grouping: Grouping, row: &Row) -> Option<(String, String)> {
    let place = &row.place;
    let of_id = |canonical: &str, raw: &str| (canonical.to_owned(), raw.to_owned());
    match grouping {
        Grouping::Months => Some((place.period.to_string(), place.period.in_words())),
        Grouping::Customers => place.customer.map(|id| of_id(id.canonical(), id.raw())),
        Grouping::Accounts => place.account.map(|id| of_id(id.canonical(), id.raw())),
        Grouping::Programs => Some((place.program.canonical().to_owned(), program(report, row))),
        Grouping::Campaigns => place.campaign.map(|name| of_id(name.as_str(), name.as_str())),
    }
}

/// The name of a row's customer, where the policy has its column.
pub(super) fn customer_name(report: &Report<'_>, policy: &Policy, key: RowKey) -> Option<Ustr> {
    let is_shown = policy.columns.contains(&Field::CustomerName);
    let order = match key {
        RowKey::Line(number) => report.reconciled.first_order(number),
        RowKey::Order(number) => Some(report.order(number)),
    };
    report.scopes.customer_name(report.reconciled, order.filter(|_| is_shown)?)
}

/// Sums by state, in the order in which statuses go on; what has no line comes last.
pub(super) type ByState = BTreeMap<(bool, State), Sums>;
