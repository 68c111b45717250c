//! The page of an order, or of an id that lines named, which is in no extract any more: a published address stays, and
//! says when it was last seen.

use std::collections::{BTreeMap, BTreeSet};

use super::timeline::{self, Record};
use crate::history::journal::{RecordKey, What};
use crate::model::id::OrderId;
use crate::report::page::{Block, Link, Page, Text};
use crate::report::{Made, PageKey, Report};
use crate::say;

/// Ids of orders, and ids that lines named, which no order has any more.
pub(in crate::report) fn ids(report: &Report<'_>) -> BTreeSet<OrderId> {
    let is_there = |id: OrderId| !report.reconciled.matching.rows(id).is_empty();
    let orders = report.sources.history.versions.orders().filter(|id| !is_there(*id));
    orders.chain(report.former.keys().copied().filter(|id| !is_there(*id))).collect()
}

/// The pages to plan: one for each id that has no other page at its address.
pub(in crate::report) fn plan(report: &Report<'_>, is_taken: impl Fn(&str) -> bool) -> Vec<PageKey> {
    let by_path: BTreeMap<String, OrderId> =
        ids(report).into_iter().map(|id| (report.order_path(id), id)).collect();
    by_path.into_iter().filter(|(path, _)| !is_taken(path)).map(|(_, id)| PageKey::GoneOrder(id)).collect()
}

/// The page.
pub(in crate::report) fn page(report: &Report<'_>, id: OrderId) -> Made {
    let history = report.sources.history;
    let rows: BTreeSet<RecordKey> = history
        .journal
        .gone()
        .filter(|key| matches!(key, RecordKey::Order(order, _) if *order == id))
        .collect();
    let was_ours = !rows.is_empty();
    let record = Record::new(report, id, Vec::new()).with_rows(rows.iter().copied());
    let last = rows
        .iter()
        .flat_map(|key| history.journal.of(*key))
        .filter(|(_, what)| *what == What::Gone)
        .map(|(at, _)| at)
        .max()
        .or_else(|| record.gone_since(report));
    let seen = last.and_then(|at| at.checked_sub(1)).map(|at| history.as_of(at).in_words());
    let lead = match seen {
        Some(day) => {
            say!("{id} is not in the extracts any more. It was last seen in the snapshot of {day}.", id, day)
        }
        None => say!("{id} is not in the extracts any more.", id),
    };
    let next = if was_ours {
        say!(
            "If the order still exists, ask for an export that holds it; if it was cancelled, nothing is to be done here."
        )
    } else {
        say!(
            "The vendor's extract named this id and does not any more. Nothing is to be done unless the amount was right: then ask the vendor why the line went."
        )
    };
    let mut page = Page {
        path: report.order_path(id),
        title: say!("{id}: not in the extracts any more", id),
        description: lead.clone(),
        crumbs: vec![Link::to(say!("Orders"), "order/index.html"), Link::here(id.raw())],
        heading: id.raw().to_owned(),
        kind: say!("order"),
        lead: vec![Text::plain(lead)],
        main: vec![timeline::section(report, &record)],
        ..Page::default()
    };
    page.side.push(Block::Panel {
        heading: say!("Recommended actions").to_owned(),
        tone: "flag",
        blocks: vec![Block::Paragraph { text: vec![Text::plain(next)] }],
    });
    page.into()
}
