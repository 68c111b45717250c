//! How an order was placed: the mapping used, what was tried, and the boundaries that decide where it counts.

use super::super::{Subject, table};
use super::section;
use crate::model::record::{Line, Origin};
use crate::model::time::date_in_words;
use crate::reconcile::{Step, Verdict};
use crate::report::lists::{self, capitalized};
use crate::report::page::{Block, Definition, Text};
use crate::report::scopes::ScopeKey;
use crate::report::table::{Cell, Column, Row};
use crate::say;

/// How our order was tied to the vendor's line, field by field.
pub(in crate::report::order) fn mapping(subject: &Subject<'_>) -> Block {
    let (report, order) = (subject.report, subject.order);
    let rules = &report.reconciled.rules;
    let line: Option<&Line> = subject.headline.map(|l| report.line(l));
    let account = rules.account(order.account, order.order_date).found();
    let sku = rules.sku(order.sku, order.order_date).found();
    let place = |origin: &Origin| {
        say!(
            "{file}, row {row}",
            file = report.sources.files.path(origin.source),
            row = report.sources.files.line(origin.source)
        )
    };
    let theirs = |value: Option<String>| {
        value.map_or(Cell { none: Some(say!("not in the extract")), ..Cell::default() }, Cell::code)
    };
    let row = |name: &str, ours: Cell, theirs: Cell, used: Cell| Row {
        cells: vec![Cell::text(name), ours, theirs, used],
        ..Row::default()
    };
    let pass = subject.headline.and_then(|l| report.reconciled.matching.of_line(l).pass);
    let mut mapped =
        table("mapping", say!("How our order was matched to the rebate extract").to_owned(), "cards");
    mapped.columns = vec![
        Column::text("Field"),
        Column::text("In our orders"),
        Column::text("In the extract"),
        Column::text("Used as"),
    ];
    mapped.rows = vec![
        row(
            say!("Order ID"),
            Cell::code(order.id.raw()),
            theirs(line.map(|l| l.order_ref.raw().to_owned())),
            match pass {
                Some(pass) => {
                    Cell::code(order.id.canonical()).with_note(say!("matched by {pass}", pass = pass.label()))
                }
                None => Cell::code(order.id.canonical()).with_note(say!("no line matched")),
            },
        ),
        row(
            say!("Account ID"),
            Cell::code(order.account.raw()),
            theirs(line.and_then(|l| l.account_ref).map(|a| a.raw().to_owned())),
            match account {
                Some(account) => Cell::text(
                    account
                        .vendor
                        .map_or_else(|| say!("no vendor account").to_owned(), |v| v.raw().to_owned()),
                )
                .with_note(place(&account.origin)),
                None => Cell::link(say!("account mapping not found"), "kb/kb-account-mapping.html"),
            },
        ),
        row(
            say!("SKU and category"),
            Cell::code(order.sku.raw()),
            theirs(line.and_then(|l| {
                Some(format!(
                    "{}{}",
                    l.sku_ref?.raw(),
                    l.category.map_or(String::new(), |c| say!(" ({c})", c))
                ))
            })),
            match sku {
                Some(sku) => Cell::text(sku.category.as_str()).with_note(place(&sku.origin)),
                None => Cell::link(say!("product mapping not found"), "kb/kb-sku-mapping.html"),
            },
        ),
        row(
            say!("Region"),
            order.region.map_or(Cell { none: Some(say!("region code missing")), ..Cell::default() }, |r| {
                Cell::code(r.as_str())
            }),
            theirs(line.and_then(|l| l.region).map(|r| r.to_string())),
            match (order.region, account.and_then(|a| a.region)) {
                (Some(region), _) => Cell::text(region.as_str()).with_note(say!("of the order")),
                (None, Some(region)) => Cell::text(region.as_str()).with_note(say!("of the account")),
                (None, None) => Cell::link(say!("region code missing"), "kb/kb-region-codes.html"),
            },
        ),
        program_row(subject, line),
    ];
    let mut blocks = vec![Block::Table(mapped)];
    if let Some(number) = subject.headline
        && pass.is_none_or(|p| p != crate::reconcile::Pass::OrderId)
    {
        let mut tried =
            table("tried", say!("What was tried to find the order, in this order.").to_owned(), "cards");
        tried.columns = vec![Column::text("Step"), Column::text("Key"), Column::text("Result")];
        tried.rows = report.reconciled.trace_line(number).iter().map(step_row).collect();
        blocks.push(Block::Table(tried));
    }
    section("mapping", say!("Mapping used"), blocks)
}

fn step_row(step: &Step) -> Row {
    let result = match &step.verdict {
        Verdict::Matched => say!("matched").to_owned(),
        Verdict::NoRecord => say!("no record has this key").to_owned(),
        Verdict::DeadAlias { to } => say!("an alias leads to {to}, which no record has", to),
        Verdict::OtherAccount { record, ours, theirs } => {
            say!(
                "{record} has this key, but its account is {ours}, the line's is {theirs}",
                record,
                ours,
                theirs
            )
        }
        Verdict::NotTested { file, column } => {
            say!("cannot be tested: needs {column} in {file}", column, file)
        }
        Verdict::NotNeeded => say!("not needed").to_owned(),
        Verdict::Several { lines, orders } => {
            say!("{lines} lines and {orders} orders say the same; none is chosen", lines, orders)
        }
    };
    Row {
        cells: vec![
            Cell::text(capitalized(step.pass.label())),
            Cell::code(step.key.clone()),
            Cell::text(result),
        ],
        ..Row::default()
    }
}

fn program_row(subject: &Subject<'_>, line: Option<&Line>) -> Row {
    let rules = &subject.report.reconciled.rules;
    let declared = rules.declared_program(subject.order);
    let used = line.map_or(declared, |l| rules.program(l.program));
    let contract = subject
        .order
        .contract_type
        .map_or(say!("contract type not given").to_owned(), |c| say!("contract {c}", c));
    Row {
        cells: vec![
            Cell::text(say!("Program and contract")),
            match subject.order.campaign {
                Some(campaign) => Cell::text(campaign.as_str()).with_note(contract),
                None => {
                    Cell::text(declared.map_or(say!("no program"), |p| p.name.as_str())).with_note(contract)
                }
            },
            line.map_or(Cell { none: Some(say!("not in the extract")), ..Cell::default() }, |l| {
                Cell::code(l.program.raw())
            }),
            match used {
                Some(program) => Cell::link(
                    program.name.as_str(),
                    subject.report.scopes.path(&ScopeKey::program(program.id)),
                ),
                None => Cell::text(say!("no rule in force: not recomputed")),
            },
        ],
        ..Row::default()
    }
}

/// The boundaries that decide where the order counts.
pub(in crate::report::order) fn periods(subject: &Subject<'_>) -> Block {
    let (report, order) = (subject.report, subject.order);
    let rules = &report.reconciled.rules;
    let definition =
        |name: &str, value: String| Definition { name: name.to_owned(), value: vec![Text::plain(value)] };
    let own = report.reconciled.orders[subject.rows[0] as usize].period;
    let mut rows = vec![definition(say!("Our period"), lists::period_words(report, own))];
    for line in subject.headline.iter().map(|l| report.line(*l)) {
        let same = if line.period == own { say!("the same") } else { say!("another one") };
        rows.push(definition(
            say!("Vendor's period"),
            say!("{line} ({same})", line = line.period.in_words(), same),
        ));
    }
    rows.push(definition(say!("Order date"), date_in_words(order.order_date)));
    rows.push(definition(
        say!("Invoice date"),
        order
            .invoice_date
            .map_or_else(|| say!("not invoiced yet; the period is provisional").to_owned(), date_in_words),
    ));
    let program = subject
        .headline
        .map_or_else(|| rules.declared_program(order), |l| rules.program(report.line(l).program));
    if let Some(program) = program
        && let (Some(from), Some(to)) = (program.valid.from, program.valid.to)
    {
        let date = crate::rules::Rules::basis_date(order, program.window_basis);
        let inside = if program.valid.contains(date) { say!("inside") } else { say!("outside") };
        rows.push(definition(
            say!("Program window"),
            say!("{from} to {to}: {inside}", from = date_in_words(from), to = date_in_words(to), inside),
        ));
    }
    if let Some(date) = rules.reference.period_row(own).and_then(|r| r.vendor_final) {
        rows.push(definition(say!("Vendor's figures final"), date_in_words(date)));
    }
    section("periods", say!("Period boundaries"), vec![Block::Definitions { rows }])
}
