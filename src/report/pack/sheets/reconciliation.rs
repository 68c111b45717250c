//! Sheet 05: the reconciling items of statement A, each with its proof and next step (domain 1.3). Statement C stands on
//! sheet 10, its gaps are items here.

use std::collections::BTreeMap;

use super::super::close::Close;
use super::super::sheet::{At, Column, Formula, Kind, Place, Sheet, Value, Verdict};
use super::lines::at_stake;
use super::{CURRENCY, amount, code, column, page};
use crate::error::Error;
use crate::model::money::{Currency, Money};
use crate::reconcile::bridge::BridgeRow;
use crate::reconcile::ledger::{Cause, LedgerItem, LedgerStatement};
use crate::reconcile::{Case, Direction, Subject};
use crate::report::{Report, lists};

const COLUMNS: &[Column] = &[
    column(
        "statement",
        "Statement",
        Kind::Text,
        "A: vendor against own; B: this sub-ledger against the general ledger; C: payouts against lines.",
    ),
    column("item", "Item", Kind::Id, "What it is about: a line, an order, a payout or a row of a file."),
    column("order_id", "Order", Kind::Id, "Our order."),
    column("kind", "Kind", Kind::Text, "What explains it first, by the catalogue of kinds."),
    column("title", "What it means", Kind::Text, "The kind in plain words."),
    column(
        "direction",
        "Direction",
        Kind::Text,
        "receivable, exposure, blocked, timing, at-risk, control, potential, explained or none.",
    ),
    column(
        "type",
        "Type",
        Kind::Text,
        "What finance does with it: balance explanation, adjustment at the vendor, and so on.",
    ),
    CURRENCY,
    column(
        "amount",
        "Effect",
        Kind::Amount,
        "What it adds to vendor calculated less own expected; the items of a currency add up to the difference.",
    ),
    column("at_stake", "At stake", Kind::Amount, "The amount of the kind, in the currency of the case."),
    column(
        "age_days",
        "Age in days",
        Kind::Count,
        "Days from the snapshot that first showed it to this one.",
    ),
    column("first_seen", "First seen", Kind::Date, "The snapshot that first showed it."),
    column("owner", "Owner", Kind::Text, "Who moves it next."),
    column("next_step", "Next step", Kind::Text, "What to do."),
    column("due", "Due", Kind::Date, "The next deadline, where there is one."),
    column("proof", "Proof", Kind::Text, "The page with the evidence, from the root of the site."),
];

/// What finance does with a direction (domain 1.3).
fn type_of(direction: Direction) -> &'static str {
    match direction {
        Direction::Explained => "balance explanation",
        Direction::Timing | Direction::AtRisk => "balance explanation, temporary",
        Direction::Blocked => "adjustment to own source",
        Direction::Receivable | Direction::Exposure => "adjustment at the vendor",
        Direction::Control => "evidence gap",
        Direction::Potential => "memo, never in the balance",
        Direction::None => "no amount",
    }
}

/// Who moves it next.
pub(super) fn owner_of(direction: Direction) -> &'static str {
    match direction {
        Direction::Blocked => "master data",
        Direction::Receivable => "claims",
        Direction::Exposure | Direction::Control | Direction::Explained => "finance",
        Direction::Timing | Direction::AtRisk => "vendor",
        Direction::Potential => "sales",
        Direction::None => "",
    }
}

/// 05: every item between what the vendor calculated and what our rules give, and every gap of a payout.
///
/// # Errors
/// [`Error::Content`] when the sentence of a next step fails on the facts of its case.
pub(in super::super) fn reconciliation(close: &Close<'_, '_>) -> Result<Sheet, Error> {
    let report = close.report;
    let mut sheet = Sheet {
        number: 5,
        name: "Reconciliation",
        purpose: "From our own expected rebate to what the vendor calculated: every item between them, with what to do next.",
        notes: vec![format!(
            "Statement A: {}, vendor calculated less own expected. Statement C: payouts up to {}.",
            close.month.in_words(),
            close.rolled.known.in_words()
        )],
        columns: COLUMNS.to_vec(),
        empty: "The vendor calculated what our rules give, and every payout ties.",
        ..Sheet::default()
    };
    let mut rows: Vec<(u16, String, Vec<Value>)> = Vec::new();
    for case in &report.reconciled.cases {
        let rank = case.primary().map_or(u16::MAX, |finding| finding.kind.rank());
        let mut effects: BTreeMap<Currency, i128> = BTreeMap::new();
        for ((month, currency), minor) in report.reconciled.contributions(case) {
            if month == close.month {
                effects.insert(currency, minor);
            }
        }
        let is_of_month = case.period == Some(close.month) && case.primary().is_some();
        if let (true, true, Some(currency)) = (effects.is_empty(), is_of_month, case.currency) {
            effects.insert(currency, 0);
        }
        let statement = match case.subject {
            Subject::Payout(number) => {
                let payout = &report.reconciled.snapshot.records.payouts[number as usize];
                if payout.date <= close.opening_day() || case.primary().is_none() {
                    continue;
                }
                effects = BTreeMap::from([(payout.amount.currency(), 0)]);
                "C"
            }
            Subject::Line(_)
            | Subject::Order(_)
            | Subject::Feed(_)
            | Subject::Row(_)
            | Subject::Adjustment(_) => "A",
        };
        for (currency, minor) in effects {
            let row = item(report, case, (statement, currency, minor))?;
            rows.push((rank, row[1].csv(), row));
        }
    }
    rows.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    sheet.rows = rows.into_iter().map(|(_, _, row)| row).collect();
    let ledger = close.ledger();
    sheet
        .rows
        .extend(ledger.values().flat_map(|statement| &statement.items).map(|item| ledger_item(close, item)));
    bridge_totals(close, &mut sheet);
    ledger_totals(&ledger, &mut sheet);
    Ok(sheet)
}

fn item(
    report: &Report<'_>,
    case: &Case,
    (statement, currency, minor): (&'static str, Currency, i128),
) -> Result<Vec<Value>, Error> {
    let reconciled = report.reconciled;
    let (_, id) = report.subject(case);
    let row = reconciled.bridge_row(case);
    let title = match case.primary() {
        Some(finding) => report.sources.content.kind(finding.kind).title.clone(),
        None => lists::why(report, case),
    };
    let since = reconciled.past.open_since(reconciled, case).unwrap_or(reconciled.as_of()).date();
    let age = (reconciled.as_of().date() - since).num_days();
    let due = reconciled.deadlines_of(case).filter(|d| !d.is_passed()).map(|d| d.date).min();
    let proof = match case.subject {
        Subject::Line(number) => report.line_path(number),
        Subject::Order(number) => report.order_path(report.order(number).id),
        Subject::Payout(number) => {
            let payout = reconciled.snapshot.records.payouts[number as usize].id;
            report.scopes.path(&crate::report::scopes::ScopeKey::payout(payout))
        }
        Subject::Row(_) | Subject::Feed(_) | Subject::Adjustment(_) => "quarantine.html".to_owned(),
    };
    Ok(vec![
        Value::text(statement),
        Value::id(id),
        Value::id(lists::join(case.orders.iter().map(|id| id.raw()))),
        Value::text(row.code()),
        Value::text(title),
        Value::text(case.direction().label()),
        Value::text(type_of(case.direction())),
        code(currency),
        amount(minor, currency),
        at_stake(case),
        Value::Count(age),
        Value::Date(since),
        Value::text(owner_of(case.direction())),
        Value::text(lists::next_step(report, case)?),
        Value::or_empty(due, Value::Date),
        page(&proof),
    ])
}

/// An item of statement B: why this sub-ledger and the general ledger differ.
fn ledger_item(close: &Close<'_, '_>, item: &LedgerItem<'_>) -> Vec<Value> {
    let (id, why, owner, next) = match item.cause {
        Cause::NotPosted(journal) => (
            journal.id.raw().to_owned(),
            "Not posted in the ledger",
            "adjustment to own source",
            "Post the journal in the ledger and fill in posted_on",
        ),
        Cause::PostedAhead(journal) => (
            journal.id.raw().to_owned(),
            "Posted ahead of its date or period",
            "balance explanation, temporary",
            "Clears when its own date or the period of its line is reached",
        ),
        Cause::LedgerOnly(journal) => (
            journal.id.raw().to_owned(),
            "In the ledger alone",
            "adjustment to own source",
            "Reverse it in the ledger, or enter it as a journal of our own",
        ),
        Cause::NotBooked(layer) => (
            format!("{} {}", layer.code(), layer.label()).trim().to_owned(),
            "Not booked by our policy; inferred: the ledger agrees to the cent when it holds it",
            "balance explanation",
            "Confirm that the ledger books it; then change the policy, or reverse it in the ledger",
        ),
    };
    let since = item.cause.since();
    vec![
        Value::text("B"),
        Value::id(id),
        Value::Empty,
        Value::text(item.cause.code()),
        Value::text(why),
        Value::Empty,
        Value::text(owner),
        code(item.amount.currency()),
        Value::Amount(item.amount),
        Value::Empty,
        Value::or_empty(item.age(close.rolled.to), Value::Count),
        Value::or_empty(since, Value::Date),
        Value::text("finance"),
        Value::text(next),
        Value::Empty,
        Value::text("input/reference/journals.csv"),
    ]
}

/// A row of totals: statement, code, words, currency, amount, and its result in the column of types.
fn total(
    statement: &'static str,
    (kind, words): (&'static str, &str),
    currency: Currency,
    value: Value,
    result: Value,
) -> Vec<Value> {
    let mut cells = vec![Value::Empty; COLUMNS.len()];
    cells[0] = Value::text(statement);
    cells[3] = Value::text(kind);
    cells[4] = Value::text(words.to_owned());
    cells[6] = result;
    cells[7] = code(currency);
    cells[8] = value;
    cells
}

/// Statement B below the items: this sub-ledger less the ledger, the items, and what is left unexplained.
fn ledger_totals(ledger: &BTreeMap<Currency, LedgerStatement<'_>>, sheet: &mut Sheet) {
    for (currency, statement) in ledger {
        let first = sheet.totals.len();
        let at = |row| At { sheet: 5, row: Place::Total(row), key: "amount" };
        let push = |sheet: &mut Sheet, name: (&'static str, &str), value: Value, result: Value| {
            sheet.totals.push(total("B", name, *currency, value, result));
        };
        push(
            sheet,
            ("sub-ledger", "Closing balance of this sub-ledger"),
            Value::Amount(statement.sub_ledger),
            Value::Empty,
        );
        let Some(balance) = statement.ledger() else {
            let words = "Balance of the ledger: not given; add period, currency and balance to ledger.csv";
            push(sheet, ("ledger", words), Value::Empty, Value::Verdict(Verdict::Open));
            continue;
        };
        push(sheet, ("ledger", "Balance of the ledger"), Value::Amount(balance), Value::Empty);
        let difference = Formula::difference(at(first), at(first + 1));
        let value = amount(statement.sub_ledger.minor() - balance.minor(), *currency);
        push(sheet, ("ledger-difference", "Difference"), Value::formula(difference, value), Value::Empty);
        let only = vec![("statement", "B".to_owned()), ("currency", currency.code().to_owned())];
        let items = Formula::Sum { sheet: 5, key: "amount", only };
        let value = Value::formula(items, Value::Amount(statement.explained()));
        push(sheet, ("ledger-explained", "Items of statement B"), value, Value::Empty);
        let left = statement.sub_ledger.minor() - balance.minor() - statement.explained().minor();
        let left = Money::from_minor(left, *currency);
        let value = Value::formula(Formula::difference(at(first + 2), at(first + 3)), Value::Amount(left));
        let verdict = Value::formula(Formula::IsZero(at(first + 4)), Value::Verdict(Verdict::of(left)));
        push(sheet, ("ledger-unexplained", "Unexplained"), value, verdict);
    }
}

/// Statement A below the items: both ends, the difference, the sum of each kind, and what is left unexplained.
fn bridge_totals(close: &Close<'_, '_>, sheet: &mut Sheet) {
    let bridges = close.report.bridges.iter().filter(|((month, _), _)| *month == close.month);
    for ((_, currency), bridge) in bridges {
        let row = |kind: &'static str, words: &str, value: Value, result: Value| {
            total("A", (kind, words), *currency, value, result)
        };
        let first = sheet.totals.len();
        let at = |row| At { sheet: 5, row: Place::Total(row), key: "amount" };
        let nothing = || Value::Empty;
        sheet.totals.push(row(
            "vendor-calculated",
            "Vendor calculated",
            Value::Amount(bridge.vendor_calculated),
            nothing(),
        ));
        sheet.totals.push(row("own-expected", "Own expected", Value::Amount(bridge.own_expected), nothing()));
        let difference = Formula::difference(at(first), at(first + 1));
        sheet.totals.push(row(
            "difference",
            "Difference",
            Value::formula(difference, Value::Amount(bridge.difference())),
            nothing(),
        ));
        let mut cells = vec![(false, at(first + 2))];
        for (kind, (_, effect)) in &bridge.rows {
            let only = vec![
                ("statement", "A".to_owned()),
                ("kind", kind.code().to_owned()),
                ("currency", currency.code().to_owned()),
            ];
            cells.push((true, at(sheet.totals.len())));
            let sum = Formula::Sum { sheet: 5, key: "amount", only };
            let words = match kind {
                BridgeRow::Kind(kind) => close.report.sources.content.kind(*kind).title.clone(),
                BridgeRow::NotCalculated => "Not calculated yet".to_owned(),
                BridgeRow::RuleGap => "No rule file knows the program".to_owned(),
                BridgeRow::LumpSum => "Stands for no order by design".to_owned(),
                BridgeRow::NotRecomputed => "Not computed by our rules".to_owned(),
            };
            sheet.totals.push(row(
                kind.code(),
                &words,
                Value::formula(sum, Value::Amount(*effect)),
                nothing(),
            ));
        }
        let left = bridge.remainder();
        let place = sheet.totals.len();
        let verdict = Value::formula(Formula::IsZero(at(place)), Value::Verdict(Verdict::of(left)));
        let unexplained = Value::formula(Formula::Add(cells), Value::Amount(left));
        sheet.totals.push(row("unexplained", "Unexplained", unexplained, verdict));
    }
}
