//! Statement B on the page of a month: our closing balance against the general ledger, and why they differ.

use std::collections::BTreeMap;

use super::{Files, by_items, file};
use crate::language::label;
use crate::model::ledger::Journal;
use crate::model::money::{Currency, Money};
use crate::model::time::date_in_words;
use crate::reconcile::layers::Layered;
use crate::reconcile::ledger::{Agreement, Cause, LedgerItem, LedgerStatement, statement_b};
use crate::reconcile::rollforward::RollForward;
use crate::report::Report;
use crate::report::page::{Block, Link, Text};
use crate::report::table::{Cell, Column, Row, Table};
use crate::{mark, say};

/// What a cell says where `ledger.csv` has no balance.
const NOT_GIVEN: &str = mark!("not given");

/// The section of a month; nothing where neither book has a balance.
pub(super) fn section(
    report: &Report<'_>,
    rolled: &RollForward,
    layers: &BTreeMap<Currency, Layered>,
    name: &str,
    files: &mut Files,
) -> Option<Block> {
    let statements = statement_b(report.reconciled, rolled, layers);
    if statements.is_empty() {
        return None;
    }
    let mut actions = Vec::new();
    let mut blocks = Vec::new();
    let mut add = |label: &str, part: &str, table: Table| {
        let path = format!("{name}.{part}.csv");
        actions.push(Link::to(label, path.clone()));
        files.push((path, file(&table)));
        Block::Table(table)
    };
    // Where nothing is given and nothing is known to differ, one sentence says so.
    if statements.values().any(|statement| !statement.balances.is_empty() || !statement.items.is_empty()) {
        blocks.push(add(say!("Balances CSV"), "ledger", balances(rolled, &statements)));
    }
    blocks.push(verdict(rolled, &statements));
    if statements.values().any(|statement| !statement.items.is_empty()) {
        blocks.push(add(say!("Items CSV"), "ledger-items", items(report, rolled, &statements)));
    }
    Some(Block::Section {
        id: "ledger".to_owned(),
        heading: say!("Agreement with the ledger").to_owned(),
        actions,
        blocks,
    })
}

fn balances(rolled: &RollForward, statements: &BTreeMap<Currency, LedgerStatement<'_>>) -> Table {
    let given = |amount: Option<Money>| {
        amount.map_or(Cell { none: Some(label(NOT_GIVEN)), ..Cell::default() }, Cell::money)
    };
    let row = |currency: Currency| {
        let statement = &statements[&currency];
        let result = match statement.agreement() {
            Agreement::NoBalance => say!("No balance given"),
            Agreement::Balanced => say!("Balanced"),
            Agreement::NotBalanced(_) => say!("Not balanced"),
        };
        Row {
            cells: vec![
                Cell::text(currency.code()),
                Cell::money(statement.sub_ledger),
                given(statement.ledger()),
                given(statement.difference()),
                Cell::money(statement.explained()),
                given(statement.unexplained()),
                Cell::text(result),
            ],
            ..Row::default()
        }
    };
    Table {
        id: "ledger-balances".to_owned(),
        caption: say!(
            "Balances on {to}: this roll-forward as known at {known}, and the general ledger as ledger.csv gives it. Each row in its \
             own currency.",
            to = date_in_words(rolled.to.day),
            known = rolled.known.in_words()
        ),
        layout: "wide",
        columns: vec![
            Column::text("Currency"),
            Column::money("Sub-ledger", "sub-ledger"),
            Column::money("Ledger", "ledger"),
            Column::money("Difference", "difference"),
            Column::money("Explained", "explained"),
            Column::money("Unexplained", "unexplained"),
            Column::text("Result"),
        ],
        rows: by_items(rolled, statements.keys()).into_iter().map(row).collect(),
        ..Table::default()
    }
}

/// The result in words, with the next step where it is not balanced.
fn verdict(rolled: &RollForward, statements: &BTreeMap<Currency, LedgerStatement<'_>>) -> Block {
    let (mut wrong, mut missing) = (Vec::new(), Vec::new());
    for (currency, statement) in statements {
        match statement.agreement() {
            Agreement::Balanced => {}
            Agreement::NoBalance => missing.push(currency.code()),
            Agreement::NotBalanced(left) => wrong.push(left.in_words()),
        }
    }
    let rows = || {
        let row = |code: &&str| format!("{},{code},…", rolled.to.month);
        missing.iter().map(row).collect::<Vec<_>>().join(say!(" and "))
    };
    if !wrong.is_empty() {
        return Block::Note {
            tone: "bad",
            text: vec![
                Text::strong(say!("Not balanced. ")),
                Text::plain(say!(
                    "{wrong} of the difference is not explained. Find the entry that one book has and the other has not, and add \
                     it to journals.csv, or correct the balance in ledger.csv.",
                    wrong = wrong.join(say!(" and "))
                )),
            ],
        };
    }
    if !missing.is_empty() {
        return Block::Paragraph {
            text: vec![Text::plain(say!(
                "The ledger’s balance of {missing} is not given, so nothing is said of whether the books agree. Add period, currency \
                 and balance to ledger.csv: {rows}",
                missing = missing.join(say!(", ")),
                rows = rows()
            ))],
        };
    }
    Block::Note {
        tone: "ok",
        text: vec![
            Text::strong(say!("Balanced. ")),
            Text::plain(say!("Every difference between the two books is an item below, or there is none.")),
        ],
    }
}

fn items(
    report: &Report<'_>,
    rolled: &RollForward,
    statements: &BTreeMap<Currency, LedgerStatement<'_>>,
) -> Table {
    let row = |item: &LedgerItem<'_>| Row {
        cells: vec![
            what(report, item.cause),
            Cell::text(why(item.cause)),
            Cell::text(item.amount.currency().code()),
            Cell::money(item.amount),
            Cell::date(item.cause.since()),
            item.age(rolled.to).map_or(Cell { none: Some(say!("no date")), ..Cell::default() }, |days| {
                Cell { csv: Some(days.to_string()), ..Cell::text(days.to_string()) }
            }),
            Cell::text(next(item.cause)),
        ],
        ..Row::default()
    };
    Table {
        id: "ledger-items".to_owned(),
        caption: say!(
            "Reconciling items: sub-ledger less ledger. Age in days from the item’s date to {to}.",
            to = date_in_words(rolled.to.day)
        ),
        layout: "cards",
        columns: vec![
            Column::text("Item"),
            Column::text("Why"),
            Column::text("Currency"),
            Column::money("Amount", "amount"),
            Column::date("Since"),
            Column::number("Age"),
            Column::text("Next step"),
        ],
        rows: statements.values().flat_map(|statement| &statement.items).map(row).collect(),
        ..Table::default()
    }
}

fn what(report: &Report<'_>, cause: Cause<'_>) -> Cell {
    let of_journal = |journal: &Journal| {
        let line = journal.line.and_then(|id| report.reconciled.line_number(id));
        let cell = match line {
            Some(number) => Cell { code: true, ..Cell::link(journal.id.raw(), report.line_path(number)) },
            None => Cell::code(journal.id.raw()),
        };
        match journal.text {
            Some(text) => cell.with_note(text.as_str()),
            None => cell,
        }
    };
    match cause {
        Cause::NotPosted(journal) | Cause::PostedAhead(journal) | Cause::LedgerOnly(journal) => {
            of_journal(journal)
        }
        Cause::NotBooked(layer) => {
            let cell = Cell::text(
                say!("Layer {code} {name}", code = layer.code(), name = layer.label()).replace("  ", " "),
            );
            cell.with_note(say!("inferred: the ledger agrees to the cent when it holds it"))
        }
    }
}

fn why(cause: Cause<'_>) -> &'static str {
    match cause {
        Cause::NotPosted(_) => say!("Not posted in the ledger"),
        Cause::PostedAhead(_) => say!("Posted ahead of its date or period"),
        Cause::LedgerOnly(_) => say!("In the ledger alone"),
        Cause::NotBooked(_) => say!("Not booked by our policy"),
    }
}

fn next(cause: Cause<'_>) -> &'static str {
    match cause {
        Cause::NotPosted(_) => say!("Post the journal in the ledger and fill in posted_on"),
        Cause::PostedAhead(_) => say!("Clears when its own date or the period of its line is reached"),
        Cause::LedgerOnly(_) => say!("Reverse it in the ledger, or enter it as a journal of our own"),
        Cause::NotBooked(_) => {
            say!("Confirm that the ledger books it; then change the policy, or reverse it in the ledger")
        }
    }
}
