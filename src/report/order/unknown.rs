//! The page of an order id that the vendor names and our orders do not have: it stands where a reader looks for it, at
//! the address of the id, and proves for its line that no order of ours is meant. When the order arrives, its own page
//! takes the address; when an alias is confirmed, the address leads on to the order.

use std::collections::{BTreeMap, BTreeSet};

use super::proof::{self, Of};
use super::{answers_of, panels, sections, table, timeline};
use crate::error::Error;
use crate::model::id::OrderId;
use crate::model::money::Money;
use crate::model::reference::AliasKind;
use crate::report::lists::{self, LISTED, count_of};
use crate::report::page::{Block, Link, Page, StatusPill, Text};
use crate::report::scopes::ScopeKey;
use crate::report::table::{Cell, Column, Row};
use crate::report::{Made, PageKey, Report, address, deadlines};
use crate::say;

/// The pages to plan, by their addresses: one per id without an order, and one per confirmed alias of an order.
pub(in crate::report) fn plan(report: &Report<'_>) -> BTreeMap<String, PageKey> {
    let reconciled = report.reconciled;
    let mut by_path: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for number in 0..u32::try_from(reconciled.snapshot.records.lines.len()).unwrap_or(u32::MAX) {
        if has_page(report, number) {
            by_path.entry(report.order_path(report.line(number).order_ref)).or_default().push(number);
        }
    }
    let mut aliases: BTreeMap<String, OrderId> = BTreeMap::new();
    for alias in reconciled.rules.reference.aliases.iter().filter(|a| a.kind == AliasKind::Order) {
        let vendor = OrderId::new(&alias.vendor, &alias.vendor);
        let own = OrderId::new(&alias.own, &alias.own);
        let path = report.order_path(vendor);
        let is_free = reconciled.matching.rows(vendor).is_empty() && !by_path.contains_key(&path);
        if is_free && !reconciled.matching.rows(own).is_empty() {
            aliases.entry(path).or_insert(vendor);
        }
    }
    let aliases = aliases.into_iter().map(|(path, id)| (path, PageKey::AliasOrder(id)));
    by_path.into_iter().map(|(path, lines)| (path, PageKey::UnknownOrder(lines))).chain(aliases).collect()
}

/// Whether a line names an order and no order of ours was found for it.
fn has_page(report: &Report<'_>, number: u32) -> bool {
    report.reconciled.matching.of_line(number).shares.is_empty()
        && !report.line(number).has_no_order_by_design()
}

impl Report<'_> {
    /// The page of a line by its number in the facts; of one that is gone the page of its order, or of the id it named.
    pub(crate) fn track_path(&self, line: u32) -> String {
        let facts = &self.sources.history.facts;
        if let Some(number) = self.reconciled.line_number(facts.id(line)) {
            return self.line_path(number);
        }
        let last = facts.of_line(line).find_map(|(_, _, state)| state);
        match last {
            Some(state) => self.order_path(state.place.order.unwrap_or(state.place.order_ref)),
            None => "order/index.html".to_owned(),
        }
    }

    /// The page of a line: its first order's; without one the page of the id it names; of a line that stands for no order
    /// its batch's, else its program's.
    pub(crate) fn line_path(&self, number: u32) -> String {
        let line = self.line(number);
        let share = self.reconciled.matching.of_line(number).shares.first();
        match (share, line.batch) {
            (Some(share), _) => self.order_path(self.order(share.order).id),
            (None, _) if has_page(self, number) => self.order_path(line.order_ref),
            (None, Some(batch)) => self.scopes.path(&ScopeKey::batch(batch)),
            (None, None) => self.scopes.path(&ScopeKey::program(line.program)),
        }
    }
}

/// The page of an id without an order, for the lines that name it.
pub(in crate::report) fn page(report: &Report<'_>, lines: &[u32]) -> Result<Made, Error> {
    let rank = |line: &u32| {
        let case = report.reconciled.line_case(*line);
        (case.primary().map_or(u16::MAX, |f| f.kind.rank()), *line)
    };
    let Some(first) = lines.iter().copied().min_by_key(rank) else {
        return Err(Error::Identity("a page of an unknown order has no line".to_owned()));
    };
    let (line, case) = (report.line(first), report.reconciled.line_case(first));
    let id = line.order_ref;
    let proof = report.reconciled.prove_line(first);
    let (blocks, below) = proof::blocks(report, &proof, Of::Line(first));
    let mut main = vec![sections::section("no-order", say!("Why no order of ours is found"), blocks)];
    main.extend(below);
    main.push(sections::section(
        "lines",
        say!("Rebate lines that name it"),
        vec![Block::Table(list(report, lines))],
    ));
    let facts = &report.sources.history.facts;
    let tracks = lines.iter().take(LISTED).filter_map(|n| facts.number(report.line(*n).id)).collect();
    main.push(timeline::section(report, &timeline::Record::new(report, id, tracks)));
    main.push(sections::evidence_of(report, lines.iter().take(LISTED).copied()));
    let answers = answers_of(report, case)?;
    let amount = report.figures(first).net.map_or_else(|| say!("no amount yet").to_owned(), Money::in_words);
    // What a line without an order says stands in the place of its ID.
    let (named, what) = if line.is_order_named {
        (
            count_of(lines.len(), "rebate line names", "rebate lines name"),
            say!(", which is not among our orders"),
        )
    } else {
        (
            count_of(lines.len(), "rebate line is", "rebate lines are") + say!(" for an"),
            say!(", and no order of ours can be told from what they say"),
        )
    };
    let program = report.reconciled.rules.program(line.program);
    let mut facts = vec![
        vec![Text::link(
            program.map_or(line.program.raw(), |p| p.name.as_str()),
            report.scopes.path(&ScopeKey::program(line.program)),
        )],
        vec![report.month(line.period)],
    ];
    facts.extend(line.batch.map(|batch| {
        vec![
            Text::plain(say!("Batch ")),
            Text::link(batch.raw(), report.scopes.path(&ScopeKey::batch(batch))),
        ]
    }));
    facts.extend(deadlines::fact(report, lines.iter().map(|line| report.reconciled.line_case(*line))));
    Ok(Page {
        path: report.order_path(id),
        title: say!("{id}: not among our orders", id),
        description: say!("{named} {id}{what}.", named, id, what),
        crumbs: vec![Link::to(say!("Orders"), "order/index.html"), Link::here(id.raw())],
        heading: id.raw().to_owned(),
        kind: say!("order ID without an order"),
        ticket: ticket(report, id, &amount),
        status: Some(StatusPill {
            slug: line.status.slug(),
            label: line.status.words().to_owned(),
            amount: say!("{amount}, line {id}", amount, id = line.id),
        }),
        lead: vec![
            Text::plain(format!("{named} ")),
            Text::strong(id.raw()),
            Text::plain(say!("{what}. ", what)),
            Text::plain(lists::why(report, case)),
            Text::plain(say!(".")),
        ],
        facts,
        top: vec![Block::Answers { answers }],
        main,
        side: vec![panels::action_panel(report, case, Some(first), id.raw())?],
        side_more: vec![panels::knowledge(report, case, Some(first))],
        ..Page::default()
    }
    .into())
}

fn ticket(report: &Report<'_>, id: OrderId, amount: &str) -> String {
    let path = report.order_path(id);
    let address = match report.sources.base_url {
        "" => path,
        base => format!("{}/{path}", base.trim_end_matches('/')),
    };
    say!(
        "{id} · not among our orders · {amount} · snapshot {as_of} · {address}",
        id,
        amount,
        as_of = report.reconciled.as_of(),
        address
    )
}

fn list(report: &Report<'_>, lines: &[u32]) -> crate::report::table::Table {
    let caption = if lines.len() > LISTED {
        say!(
            "The first {LISTED} of {lines} lines; data/lines.csv holds all of them.",
            LISTED,
            lines = lines.len()
        )
    } else {
        say!("As the vendor gives them.").to_owned()
    };
    let mut list = table("unknown-lines", caption, "cards");
    list.columns = vec![
        Column::text("Line"),
        Column::text("Status"),
        Column::text("Account"),
        Column::text("SKU"),
        Column::money("Base", "base"),
        Column::money("Calculated", "calculated"),
    ];
    let amount = |amount: Option<Money>| match amount {
        Some(amount) => Cell { text: amount.in_words(), ..Cell::money(amount) },
        None => Cell::money_or_none(None),
    };
    list.rows = lines
        .iter()
        .take(LISTED)
        .map(|number| {
            let line = report.line(*number);
            Row {
                id: format!("line-{}", address::of_id(line.id.canonical())),
                cells: vec![
                    Cell::text(line.id.raw()),
                    Cell::status(line.status),
                    line.account_ref.map_or_else(Cell::empty, |a| Cell::code(a.raw())),
                    line.sku_ref.map_or_else(Cell::empty, |s| Cell::code(s.raw())),
                    amount(line.amount_base),
                    amount(line.amount_calculated),
                ],
                ..Row::default()
            }
        })
        .collect();
    list
}

/// A short page for an id that a confirmed alias makes another name of an order.
pub(in crate::report) fn alias(report: &Report<'_>, vendor: OrderId) -> Made {
    let aliases = report.reconciled.rules.reference.aliases.iter();
    let own: BTreeSet<OrderId> = aliases
        .filter(|a| a.kind == AliasKind::Order && a.vendor.as_str() == vendor.canonical())
        .map(|a| OrderId::new(&a.own, &a.own))
        .collect();
    let items = own
        .into_iter()
        .filter_map(|id| report.reconciled.matching.rows(id).first().copied())
        .map(|row| report.order(row).id)
        .map(|id| vec![Text::link(id.raw(), report.order_path(id))])
        .collect();
    let lead = say!("{vendor} is the vendor's ID of an order of ours: a confirmed alias says so.", vendor);
    Page {
        path: report.order_path(vendor),
        title: say!("{vendor}: another ID of an order", vendor),
        description: lead.clone(),
        crumbs: vec![Link::to(say!("Orders"), "order/index.html"), Link::here(vendor.raw())],
        heading: vendor.raw().to_owned(),
        lead: vec![Text::plain(lead)],
        main: vec![Block::List { ordered: false, items }],
        ..Page::default()
    }
    .into()
}
