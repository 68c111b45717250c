//! The list of all scopes of a kind, and the page for two names with one address.

use std::collections::BTreeMap;

use super::super::lists;
use super::super::page::{Block, Link, Page, Text};
use super::super::table::{Cell, Table};
use super::super::{Made, Report};
use super::{ScopeKind, money_row, money_table, trimmed};
use crate::model::money::Currency;
use crate::say;

/// The list of all scopes of a kind.
pub(in crate::report) fn index(report: &Report<'_>, kind: ScopeKind) -> Made {
    let (_, many) = kind.words();
    let folder = kind.folder();
    let mut blocks = Vec::new();
    let mut exports = Vec::new();
    let mut actions = Vec::new();
    let mut tables: BTreeMap<Currency, Table> = BTreeMap::new();
    let mut without_lines = Vec::new();
    for (key, members) in report.scopes.of_kind(kind) {
        let path = report.scopes.path(key);
        if members.lines.is_empty() {
            without_lines.push(vec![Text::link(members.name.clone(), path.clone())]);
        }
        for (currency, sums) in report.totals(&members.lines).iter() {
            let table = tables.entry(currency).or_insert_with(|| {
                money_table(&format!("all-{}", currency.code().to_lowercase()), String::new(), kind.label())
            });
            table.rows.push(money_row("", Cell::link(members.name.clone(), path.clone()), sums));
        }
    }
    let count = report.scopes.of_kind(kind).count();
    for (currency, mut table) in tables {
        let code = currency.code();
        let file = format!("{folder}/index.{}.csv", code.to_lowercase());
        exports.push((file.clone(), table.clone()));
        actions.push(Link::to(say!("{code} CSV", code), file));
        let all = table.rows.len();
        table.rows.truncate(lists::LISTED * 5);
        table.caption = if table.rows.len() < all {
            say!(
                "The first {rows} of {all}, by ID. Amounts in {code}; the file holds all of them.",
                rows = table.rows.len(),
                all,
                code
            )
        } else {
            say!("All periods. Amounts in {code}.", code)
        };
        blocks.push(Block::Table(trimmed(table)));
    }
    let mut main = vec![Block::Section {
        id: "all".to_owned(),
        heading: say!("All {many}", many = many.to_lowercase()),
        actions,
        blocks,
    }];
    if !without_lines.is_empty() {
        without_lines.truncate(lists::LISTED);
        main.push(Block::Section {
            id: "no-lines".to_owned(),
            heading: say!("Without rebate lines").to_owned(),
            actions: Vec::new(),
            blocks: vec![Block::List { ordered: false, items: without_lines }],
        });
    }
    let lead = say!(
        "{many} in this snapshot. Each page shows its total, where the money is now, and every line.",
        many = kind.counted(count)
    );
    let others = ScopeKind::ALL
        .iter()
        .filter(|other| **other != kind)
        .map(|other| vec![Text::link(other.words().1, format!("{}/index.html", other.folder()))])
        .collect();
    Made {
        page: Page {
            path: format!("{folder}/index.html"),
            title: many.to_owned(),
            description: lead.clone(),
            nav: if kind == ScopeKind::Program { "programs" } else { "" },
            crumbs: vec![Link::to(say!("Overview"), "index.html"), Link::here(many)],
            heading: many.to_owned(),
            lead: vec![Text::plain(lead)],
            facts: others,
            main,
            ..Page::default()
        },
        exports,
    }
}

/// A short page for two names with one address.
pub(in crate::report) fn disambiguation(report: &Report<'_>, number: usize) -> Made {
    let (path, keys) = &report.scopes.shared_addresses()[number];
    let items = keys
        .iter()
        .map(|key| {
            let name = report.scopes.members(key).map_or("", |m| m.name.as_str());
            vec![Text::link(name, report.scopes.path(key))]
        })
        .collect();
    let (_, many) = keys[0].kind.words();
    Page {
        path: path.clone(),
        title: say!("{many} with one address", many),
        description: say!("Several names lead to this address; choose the one you mean.").to_owned(),
        crumbs: vec![
            Link::to(many, format!("{}/index.html", keys[0].kind.folder())),
            Link::here(say!("Choose")),
        ],
        heading: say!("Which one do you mean?").to_owned(),
        lead: vec![Text::plain(say!("Several names lead to this address; choose the one you mean."))],
        main: vec![Block::List { ordered: false, items }],
        ..Page::default()
    }
    .into()
}
