//! The same page as known earlier: what a scope was worth in each snapshot in which that changed, so that an old figure is
//! found again and leads to what changed since.

use std::collections::BTreeMap;

use super::changes::{self, compare, money};
use super::lists::LISTED;
use super::page::{Block, Link, Text};
use super::table::{Cell, Column, Row, Table};
use super::{Report, scopes::ScopeKey};
use crate::history::{Measures, SnapshotNumber};
use crate::model::money::Currency;
use crate::model::time::Month;
use crate::reconcile::Place;
use crate::say;

/// What a scope was worth over the snapshots, by currency.
pub(super) type Series = BTreeMap<Currency, BTreeMap<SnapshotNumber, Measures>>;

/// What a scope was worth in each snapshot in which its lines changed.
pub(super) fn of_scope(report: &Report<'_>, key: &ScopeKey) -> Series {
    report.sources.history.facts.series(&report.scopes.ever(key), |place| key.contains(place))
}

/// The same of a month.
pub(super) fn of_period(report: &Report<'_>, month: Month) -> Series {
    let facts = &report.sources.history.facts;
    facts.series(&facts.of_period(month), |place: &Place| place.period == month)
}

/// The section, with the file of each table; nothing where every snapshot that has the scope says the same.
pub(super) fn section(
    report: &Report<'_>,
    series: &Series,
    name: &str,
    scope: Option<(&str, &str)>,
) -> (Option<Block>, Vec<(String, Table)>) {
    let mut blocks = vec![Block::Paragraph {
        text: vec![
            Text::plain(say!(
                "This page as known earlier, where its figures differ. A link or a ticket from that day cites these; the \
                 order pages tell line by line what changed. "
            )),
            Text::link(say!("All snapshots"), "snapshot/index.html"),
        ],
    }];
    let (mut actions, mut exports) = (Vec::new(), Vec::new());
    for (currency, series) in series {
        let mut table = rows(report, *currency, series, scope);
        if table.rows.len() < 2 {
            continue;
        }
        let code = currency.code();
        let file = format!("{name}.known.{}.csv", code.to_lowercase());
        actions.push(Link::to(say!("{code} CSV", code), file.clone()));
        exports.push((file, table.clone()));
        table.rows.truncate(LISTED);
        blocks.push(Block::Table(table));
    }
    if exports.is_empty() {
        return (None, exports);
    }
    let heading = say!("As known earlier").to_owned();
    (Some(Block::Section { id: "known-earlier".to_owned(), heading, actions, blocks }), exports)
}

/// One row for each snapshot in which a measure moved, newest first.
///
/// The amount of a change leads to everything that came with its snapshot; "What changed" to the changes of the scope alone.
fn rows(
    report: &Report<'_>,
    currency: Currency,
    series: &BTreeMap<SnapshotNumber, Measures>,
    scope: Option<(&str, &str)>,
) -> Table {
    let history = report.sources.history;
    let code = currency.code();
    let mut table = Table {
        id: format!("known-{}", code.to_lowercase()),
        caption: say!(
            "Each row is a snapshot in which the figures changed, newest first. Amounts in {code}.",
            code
        ),
        layout: "wide",
        columns: vec![
            Column::date("Snapshot"),
            Column::money("Calculated so far", "calculated-so-far"),
            Column::money("Approved so far", "approved-so-far"),
            Column::money("Paid so far", "paid-so-far"),
            Column::money("Total rebate", "total"),
            Column::money("Change", "change"),
            Column::text("What changed"),
        ],
        ..Table::default()
    };
    // Our own expectation is no figure of the vendor; it moves with the rules and has its place on the changes page.
    let shown = |m: &Measures| [m.calculated, m.adjustments, m.total, m.approved, m.paid];
    let mut before = Measures::default();
    for (at, measures) in series {
        if shown(measures) == shown(&before) {
            continue;
        }
        let as_of = history.as_of(*at);
        let level = |minor| Cell::money(money(minor, currency));
        let change = money(measures.total - before.total, currency);
        let (moved, what) = match (at.checked_sub(1).map(|at| history.as_of(at)), scope) {
            (Some(previous), Some(scope)) => (
                Cell { href: Some(changes::path(previous, as_of)), ..Cell::change(change) },
                Cell::link(say!("What changed"), compare::address(previous, as_of, &[scope])),
            ),
            (Some(previous), None) => {
                (Cell::change(change), Cell::link(say!("What changed"), changes::path(previous, as_of)))
            }
            (None, _) => (Cell::change(change), Cell::text(say!("First snapshot"))),
        };
        table.rows.push(Row {
            id: format!("s-{as_of}-{}", code.to_lowercase()),
            cells: vec![
                Cell::snapshot(as_of),
                level(measures.calculated),
                level(measures.approved),
                level(measures.paid),
                level(measures.total),
                moved,
                Cell { csv: Some(String::new()), ..what },
            ],
            ..Row::default()
        });
        before = *measures;
    }
    table.rows.reverse();
    table
}
