//! A dossier: what the page of an order, an account or a batch says, as one document for a ticket. It is made of the blocks
//! of that page, so its figures and words are the page's; what only helps to find one's way in the site is left out.

use super::order::{self, unknown};
use super::page::{Block, Definition, Page, Text};
use super::query::{Measure, scope::Query};
use super::scopes::{ScopeKey, ScopeKind};
use super::{PageKey, Report, address, lists};
use crate::error::Error;
use crate::history::Scope;
use crate::ingest::grammar;
use crate::language::label;
use crate::model::id::OrderId;
use crate::model::reference::AliasKind;
use crate::reconcile::matching::numbered;
use crate::say;

/// The sections of a page that a dossier has, by their anchors.
const KEPT: [&str; 12] = [
    "no-line",
    "no-order",
    "nearest",
    "amounts",
    "why",
    "when",
    "status-now",
    "compared",
    "findings",
    "orders-without-line",
    "timeline",
    "evidence",
];

/// Rows of a table before the rest is only counted, but for those that do not pass: a dossier is one or two printed pages.
const ROWS: usize = 10;
/// The same of the checks of a proof, whose outcome is told above them.
const CHECKS: usize = 7;

/// A document about one subject.
#[derive(Debug)]
pub struct Dossier {
    /// What it shows, with links of the site that a document has to leave out.
    pub page: Page,
    /// What it is: `Dossier of order ORD-2001`.
    pub name: String,
    /// What every printed page repeats: snapshot and record set.
    pub running: Vec<String>,
    /// What its figures rest on: snapshot, record set, version of the record, receipts.
    pub facts: Vec<Definition>,
}

impl Report<'_> {
    /// The dossier of an id in any spelling: of an order, of the order of a line, of an account or a batch. `None` where no
    /// record has this id.
    ///
    /// # Errors
    /// [`Error::Usage`] where several orders differ only in spelling, and what [`Report::make`] gives.
    pub fn dossier(&self, id: &str) -> Result<Option<Dossier>, Error> {
        let Some(key) = self.page_of_id(id)? else { return Ok(None) };
        let page = self.make(&key)?.page;
        let as_of = self.reconciled.as_of();
        let record_set = self.sources.snapshots.last().map_or("", |facts| facts.record_set.as_str());
        let fact = |name: &str, value: Text| Definition { name: name.to_owned(), value: vec![value] };
        let mut facts = vec![
            fact(
                say!("Snapshot"),
                Text::plain(say!("{snapshot}, {day}", snapshot = as_of, day = as_of.in_words())),
            ),
            fact(say!("Record set"), Text::code(record_set)),
        ];
        facts.extend(record_of(&page).filter(|row| row.name != "Snapshot").cloned());
        facts.extend(self.receipts_of(&key).into_iter().map(|(name, code)| fact(&name, Text::code(code))));
        let name =
            say!("Dossier of {kind} {heading}", kind = page.kind.to_lowercase(), heading = page.heading);
        let running = vec![say!("Snapshot {as_of}", as_of), say!("record set {record_set}", record_set)];
        Ok(Some(Dossier { page: trimmed(page), name, running, facts }))
    }

    /// The page that an id leads to.
    fn page_of_id(&self, id: &str) -> Result<Option<PageKey>, Error> {
        let canonical = &*grammar::canonical(id);
        let records = &self.reconciled.snapshot.records;
        let orders: Vec<(u32, u32)> = self
            .order_ranges()
            .filter(|(start, _)| grammar::canonical(self.order(*start).id.raw()) == canonical)
            .collect();
        let exact = orders.iter().find(|(start, _)| self.order(*start).id.raw() == id);
        match (exact, orders.as_slice()) {
            (Some((start, end)), _) | (None, [(start, end)]) => {
                return Ok(Some(PageKey::Order(*start, *end)));
            }
            (None, []) => {}
            (None, several) => {
                let ids: Vec<&str> = several.iter().map(|(start, _)| self.order(*start).id.raw()).collect();
                return Err(Error::Usage {
                    message: format!("`{id}` may be several orders, whose IDs differ only in spelling"),
                    help: format!("write the one that is meant as it stands here: {}", ids.join(", ")),
                });
            }
        }
        let line = numbered(&records.lines)
            .find(|(_, line)| line.id.canonical() == canonical || line.id.raw() == id)
            .map(|(number, _)| number);
        if let Some(line) = line {
            return Ok(Some(self.page_of_line(line)));
        }
        if let Some(key) = unknown::plan(self).remove(&format!("order/{}.html", address::of_id(canonical))) {
            return Ok(Some(self.without_alias(key)));
        }
        let scope = |kind| ScopeKey { kind, id: ustr::Ustr::from(canonical) };
        let scopes = [ScopeKind::Batch, ScopeKind::Account].map(scope);
        Ok(scopes.into_iter().find(|key| self.scopes.members(key).is_some()).map(PageKey::Scope))
    }

    fn page_of_line(&self, line: u32) -> PageKey {
        if let Some(share) = self.reconciled.matching.of_line(line).shares.first() {
            return self.page_of_order(self.order(share.order).id);
        }
        let path = self.line_path(line);
        match (unknown::plan(self).remove(&path), self.line(line).batch) {
            (Some(key), _) => key,
            (None, Some(batch)) => PageKey::Scope(ScopeKey::batch(batch)),
            (None, None) => PageKey::Scope(ScopeKey::program(self.line(line).program)),
        }
    }

    fn page_of_order(&self, id: OrderId) -> PageKey {
        self.order_ranges()
            .find(|(start, _)| self.order(*start).id == id)
            .map_or(PageKey::GoneOrder(id), |(start, end)| PageKey::Order(start, end))
    }

    /// A confirmed alias of an order speaks of the order.
    fn without_alias(&self, key: PageKey) -> PageKey {
        let PageKey::AliasOrder(vendor) = key else { return key };
        let mut aliases = self.reconciled.rules.reference.aliases.iter();
        let own = aliases.find(|a| a.kind == AliasKind::Order && a.vendor.as_str() == vendor.canonical());
        own.map_or(PageKey::AliasOrder(vendor), |own| self.page_of_order(OrderId::new(&own.own, &own.own)))
    }

    /// The receipts of the totals of a subject, by their names: with one of them a figure is found again later.
    fn receipts_of(&self, key: &PageKey) -> Vec<(String, String)> {
        let lines = if let PageKey::Order(start, _) = key {
            Scope { order: Scope::part(self.order(*start).id.canonical()), ..Scope::default() }
        } else if let PageKey::Scope(ScopeKey { kind: ScopeKind::Account, id }) = key {
            Scope { account: Scope::part(id), ..Scope::default() }
        } else if let PageKey::Scope(ScopeKey { kind: ScopeKind::Batch, id }) = key {
            Scope { batch: Scope::part(id), ..Scope::default() }
        } else {
            return Vec::new();
        };
        let query = Query { lines, ..Query::default() };
        let answer = self.query(&query);
        if !answer.rows.iter().any(|row| row.is_counted()) {
            return Vec::new();
        }
        let receipt = |currency| {
            let receipt = self.query_receipt(&query, &answer, Measure::Total, currency);
            (say!("Receipt, total {currency}", currency = receipt.value.in_words()), receipt.code())
        };
        answer.summary.currencies().into_iter().map(|(currency, _)| receipt(currency)).collect()
    }
}

/// What the page says of the version of its record.
fn record_of(page: &Page) -> impl Iterator<Item = &Definition> {
    page.side_more.iter().filter(|block| is_panel(block, label(order::RECORD))).flat_map(|block| {
        let Block::Panel { blocks, .. } = block else { return [].as_slice() };
        if let Some(Block::Definitions { rows }) = blocks.first() { rows.as_slice() } else { &[] }
    })
}

fn is_panel(block: &Block, name: &str) -> bool {
    matches!(block, Block::Panel { heading, .. } if heading == name)
}

/// The page with the sections that a dossier has, and tables that are not longer than it.
fn trimmed(mut page: Page) -> Page {
    page.main.retain(|block| {
        let Block::Section { id, .. } = block else { return true };
        KEPT.contains(&id.as_str())
    });
    page.side_more
        .retain(|block| !is_panel(block, label(order::RECORD)) && !is_panel(block, label(order::KNOWLEDGE)));
    for panel in &mut page.side {
        if let Block::Panel { blocks, .. } = panel {
            // The dossier is what is sent, and articles cannot be reached from it: they stand just before those words.
            let end = blocks.iter().position(|block| {
                matches!(block, Block::Paragraph { text } if text.first().is_some_and(|t| t.text == label(order::TEXT_TO_SEND)))
            });
            blocks.truncate(end.map_or(blocks.len(), |end| end.saturating_sub(1)));
        }
    }
    for blocks in [&mut page.main, &mut page.side_more, &mut page.top] {
        shorten(blocks);
    }
    page
}

fn shorten(blocks: &mut Vec<Block>) {
    let mut at = 0;
    while at < blocks.len() {
        let mut left_out = None;
        if let Block::Section { blocks, .. } | Block::Panel { blocks, .. } = &mut blocks[at] {
            shorten(blocks);
        } else if let Block::Pair { left, right } = &mut blocks[at] {
            shorten(left);
            shorten(right);
        } else if let Block::Table(table) = &mut blocks[at] {
            let all = table.rows.len();
            let most = if table.id == order::CHAIN { CHECKS } else { ROWS };
            let mut at = 0;
            table.rows.retain(|row| {
                at += 1;
                at <= most || row.cells.iter().any(|cell| cell.icon == Some("bad"))
            });
            left_out = Some(all - table.rows.len()).filter(|rows| *rows > 0);
        }
        if let Some(rows) = left_out {
            let words = say!(
                "{rows} more on the page in the site.",
                rows = lists::count_of(rows, "row is", "rows are")
            );
            at += 1;
            blocks.insert(at, Block::Paragraph { text: vec![Text::quiet(words)] });
        }
        at += 1;
    }
}
