//! Page models: what each page shows, already in words and figures.
//!
//! Everything here is computed from one reconciled snapshot; the same [`Totals`] stand on every page and in every
//! export. Nothing here knows HTML, templates or files to write.

pub mod address;
pub mod articles;
mod bridge;
pub mod calendar;
mod causes;
pub mod changes;
pub mod chart;
pub mod claims;
mod close;
pub mod controls;
pub mod data;
mod deadlines;
mod dossier;
mod earlier;
mod health;
pub mod identities;
mod lists;
mod order;
mod overview;
pub mod pack;
pub mod page;
mod period;
mod posted;
mod quality;
pub mod query;
mod rollforward;
pub mod scopes;
pub mod script;
mod subject;
pub mod table;
mod tell;
mod times;
pub mod trees;
mod words;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ustr::Ustr;

use crate::content::Content;
use crate::content::claims::ClaimFiles;
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::explain::{Facts, Sentences};
use crate::history::forecast::{Forecast, NoForecast};
use crate::history::{History, SnapshotNumber};
use crate::ingest::{Files, Input, grammar};
use crate::language::Language;
use crate::metrics::Given;
use crate::model::id::OrderId;
use crate::model::money::Currency;
use crate::model::record::{Feed, Line, Order};
use crate::model::reference::ReasonRow;
use crate::model::time::Month;
use crate::normalize::{FileUse, Quarantined};
use crate::reconcile::bridge::Bridges;
use crate::reconcile::causes::Cause;
use crate::reconcile::figures::Totals;
use crate::reconcile::kinds::Kind;
use crate::reconcile::layers::Layers;
use crate::reconcile::matching::numbered;
use crate::reconcile::posted::Matrix;
use crate::reconcile::rollforward::RollForward;
use crate::reconcile::{self, Case, Deadlines, LineFigures, Reconciled, Subject};
use crate::say;
use claims::Claims;
pub use dossier::Dossier;
pub(crate) use lists::count_of;
use page::{Link, Page, Text};
use scopes::{ScopeKey, Scopes};
use table::{Cell, Table};
pub use tell::Told;
use trees::Trees;
pub(crate) use words::amounts_in_words;

/// What the report is made of besides the reconciled snapshot.
pub struct Sources<'a> {
    /// The files that were read.
    pub files: &'a Files,
    /// Which file is what, and of which snapshot.
    pub input: &'a Input,
    /// The words.
    pub content: &'a Content,
    /// The sentence templates.
    pub sentences: &'a Sentences,
    /// What was known when.
    pub history: &'a History,
    /// Every problem of the data, sorted.
    pub diagnostics: &'a [Diagnostic],
    /// Rows of the reference files.
    pub reference_uses: &'a [FileUse],
    /// Rows of the reference files that were set aside.
    pub reference_quarantined: &'a [Quarantined],
    /// The snapshots that exist, oldest first, with what each rests on.
    pub snapshots: &'a [SnapshotFacts],
    /// Markdown to HTML, so that pages hold finished prose.
    pub prose: &'a (dyn Fn(&str) -> Result<String, String> + Sync),
    /// The columns of claim files.
    pub claim_files: &'a ClaimFiles,
    /// Whose site it is; empty when not known.
    pub organization: &'a str,
    /// In which time zone days end.
    pub time_zone: &'a str,
    /// The currency in which our own books are kept; nothing is translated without it.
    pub functional_currency: Option<Currency>,
    /// What was given for the success metrics.
    pub metrics: &'a Given,
    /// Where the site is reached; empty when not known.
    pub base_url: &'a str,
    /// Version of the program.
    pub version: &'a str,
}

/// What is known of one snapshot for the list of snapshots.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SnapshotFacts {
    /// Its as-of date.
    pub as_of: crate::model::time::AsOf,
    /// The files it rests on.
    pub uses: Vec<FileUse>,
    /// Totals of all periods.
    pub totals: Totals,
    /// Lines, orders, rows set aside.
    pub counts: (usize, usize, usize),
    /// The name of its set of inputs.
    pub record_set: String,
    /// How fresh its sources were.
    pub sources: Vec<SourceState>,
}

/// A source at one snapshot.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SourceState {
    /// Its name.
    pub id: String,
    /// What it delivers.
    pub kind: String,
    /// When it was due.
    pub expected_by: Option<NaiveDate>,
    /// The day its newest data describes.
    pub last_as_of: Option<NaiveDate>,
    /// The code of a failed run, or the state it reports.
    pub state: String,
    /// Whether it was late or failed, so that absence proved nothing.
    pub is_stale: bool,
}

/// One reconciled snapshot, arranged for pages.
pub struct Report<'a> {
    /// The snapshot.
    pub reconciled: &'a Reconciled<'a>,
    /// What else it is made of.
    pub sources: Sources<'a>,
    /// Lines and orders by program, campaign, account, customer, batch, payout and period.
    pub scopes: Scopes,
    /// Vendor calculated against own expected, by period and currency.
    pub bridges: Bridges,
    /// What cases have in common, those with most money first.
    pub causes: Vec<Cause>,
    /// The last days to confirm, dispute and claim.
    pub deadlines: Deadlines,
    /// What can be claimed, and what was.
    pub claims: Claims,
    /// From opening to closing balance, of every month that is over.
    pub rollforwards: BTreeMap<Month, RollForward>,
    /// What the balances are made of, by how far it has come.
    pub layers: Layers,
    /// Lines by earned and posted period.
    pub posted: BTreeMap<Currency, Matrix>,
    /// The close packs of the site, by month; none where they were not made.
    pub packs: Vec<pack::Listed>,
    /// The other trees of the site, and what was looked for in them.
    pub trees: Trees,
    /// Feeds of rebates that are late: lines that they cover are known up to their last good day only.
    stale: Vec<&'a Feed>,
    collisions: HashSet<String>,
    cases_by_kind: BTreeMap<Kind, Vec<u32>>,
    causes_by_kind: BTreeMap<Kind, Vec<u32>>,
    effects: bridge::Effects,
    /// Lines that an order, or an id that lines name, had and has no more: by their numbers in the facts.
    former: HashMap<OrderId, Vec<u32>>,
    /// What articles say of earlier cases, as far as it was asked for.
    traces: articles::Traces,
    clean: usize,
}

/// A page to make; making it gives the page and the files of its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageKey {
    /// `index.html`.
    Overview,
    /// `period/index.html`.
    Periods,
    /// `period/posted.html`.
    Posted,
    /// `period/2026-05.html`.
    Period(Month),
    /// A part of `period/2026-05.orders.html`.
    PeriodOrders(Month, usize),
    /// One order: the range of its rows.
    Order(u32, u32),
    /// An order id that lines name and no order of ours has: the lines.
    UnknownOrder(Vec<u32>),
    /// An order id of the vendor that an alias makes another name of an order.
    AliasOrder(OrderId),
    /// An order id that no extract has any more.
    GoneOrder(OrderId),
    /// `order/index.html`.
    Orders,
    /// A page of a scope.
    Scope(ScopeKey),
    /// `program/index.html` and its like.
    ScopeIndex(scopes::ScopeKind),
    /// Two names with one address.
    Disambiguation(usize),
    /// Two orders with one address.
    OrderDisambiguation(String),
    /// `status/index.html`.
    Statuses,
    /// A status, by its place in the list.
    Status(usize),
    /// `reason/index.html`.
    Reasons,
    /// A reason.
    Reason(String),
    /// `discrepancy/index.html`.
    Kinds,
    /// A kind.
    Kind(Kind),
    /// `deadlines.html`.
    Deadlines,
    /// `claims.html`.
    Claims,
    /// `discrepancy/bridge-2026-05.html`.
    Bridge(Month),
    /// `kb/index.html`.
    Articles,
    /// An article.
    Article(String),
    /// `quarantine.html`.
    Quarantine,
    /// `mapping.html`.
    Gaps,
    /// `snapshot/index.html`.
    Snapshots,
    /// A snapshot, by its place in the list.
    Snapshot(usize),
    /// `changes/2026-06-17-to-2026-06-18.html`: two snapshots, by their places in the list.
    Changes(SnapshotNumber, SnapshotNumber),
    /// `changes/index.html`.
    Compare,
    /// `query.html`.
    Query,
    /// `close/index.html`.
    Closes,
    /// `health.html`.
    Health,
    /// `audiences.html`.
    Audiences,
    /// `about.html`.
    About,
}

/// A finished page and the tables behind it, by the address of their CSV file.
#[derive(Debug, Default)]
pub struct Made {
    /// The page.
    pub page: Page,
    /// The tables to export.
    pub exports: Vec<(String, Table)>,
}

impl From<Page> for Made {
    fn from(page: Page) -> Made {
        Made { page, exports: Vec::new() }
    }
}

/// Lines by the orders, and the ids without an order, to which they belong no more.
fn former_lines(reconciled: &Reconciled<'_>, history: &History) -> HashMap<OrderId, Vec<u32>> {
    let mut former: HashMap<OrderId, Vec<u32>> = HashMap::new();
    let newest = history.newest();
    for (line, place) in history.facts.places() {
        let was = place.order.unwrap_or(place.order_ref);
        let number = reconciled.line_number(history.facts.id(line));
        let is = number.and_then(|_| history.facts.at(line, newest)).map(|s| s.place);
        if is.is_none_or(|is| is.order.unwrap_or(is.order_ref) != was) {
            former.entry(was).or_default().push(line);
        }
    }
    former
}

impl<'a> Report<'a> {
    /// Arranges a reconciled snapshot.
    pub fn new(reconciled: &'a Reconciled<'a>, sources: Sources<'a>) -> Report<'a> {
        let orders = &reconciled.snapshot.records.orders;
        let collisions = orders
            .iter()
            .filter(|o| o.id.canonical() == o.id.raw())
            .map(|o| grammar::canonical(o.id.raw()).into_owned())
            .zip(orders.iter().filter(|o| o.id.canonical() == o.id.raw()))
            .filter(|(folded, order)| folded != order.id.raw())
            .map(|(folded, _)| folded)
            .collect();
        let mut cases_by_kind: BTreeMap<Kind, Vec<u32>> = BTreeMap::new();
        let mut clean = 0;
        for (number, case) in reconciled.cases.iter().enumerate() {
            match case.primary() {
                Some(finding) => {
                    cases_by_kind
                        .entry(finding.kind)
                        .or_default()
                        .push(u32::try_from(number).unwrap_or(u32::MAX));
                }
                None => clean += 1,
            }
        }
        let causes = reconciled.causes();
        let mut causes_by_kind: BTreeMap<Kind, Vec<u32>> = BTreeMap::new();
        for (number, cause) in numbered(&causes) {
            causes_by_kind.entry(cause.kind).or_default().push(number);
        }
        let scopes = Scopes::new(reconciled, sources.history);
        Report {
            reconciled,
            rollforwards: reconcile::rollforward::all(reconciled, scopes.months()),
            layers: Layers::new(reconciled),
            posted: reconcile::posted::matrices(reconciled),
            packs: Vec::new(),
            trees: Trees::default(),
            scopes,
            bridges: reconciled.bridges(),
            causes,
            deadlines: reconciled.deadlines(),
            claims: Claims::new(reconciled, sources.history),
            stale: reconciled.stale_feeds(),
            collisions,
            cases_by_kind,
            causes_by_kind,
            effects: bridge::effects(reconciled),
            former: former_lines(reconciled, sources.history),
            traces: articles::Traces::new(sources.history.snapshots().len()),
            clean,
            sources,
        }
    }

    /// Every page of the tree, cheap ones first.
    pub fn plan(&self) -> Vec<PageKey> {
        let mut plan = vec![
            PageKey::Overview,
            PageKey::Periods,
            PageKey::Posted,
            PageKey::Closes,
            PageKey::Orders,
            PageKey::Statuses,
            PageKey::Reasons,
            PageKey::Kinds,
            PageKey::Deadlines,
            PageKey::Claims,
            PageKey::Articles,
            PageKey::Quarantine,
            PageKey::Gaps,
            PageKey::Snapshots,
            PageKey::Health,
            PageKey::Compare,
            PageKey::Query,
            PageKey::Audiences,
            PageKey::About,
        ];
        plan.extend((0..self.sources.content.statuses.len()).map(PageKey::Status));
        plan.extend(self.sources.content.reasons.keys().cloned().map(PageKey::Reason));
        plan.extend(Kind::ALL.iter().copied().map(PageKey::Kind));
        plan.extend(bridge::months(self).into_iter().map(PageKey::Bridge));
        plan.extend(self.sources.content.articles.keys().cloned().map(PageKey::Article));
        plan.extend((0..self.sources.snapshots.len()).map(PageKey::Snapshot));
        plan.extend(self.pairs().into_iter().map(|(from, to)| PageKey::Changes(from, to)));
        for month in self.scopes.months() {
            plan.push(PageKey::Period(month));
            plan.extend((0..self.period_order_parts(month)).map(|part| PageKey::PeriodOrders(month, part)));
        }
        plan.extend(scopes::ScopeKind::ALL.iter().copied().map(PageKey::ScopeIndex));
        plan.extend(self.scopes.keys().map(PageKey::Scope));
        plan.extend((0..self.scopes.shared_addresses().len()).map(PageKey::Disambiguation));
        let mut collisions: Vec<String> = self.collisions.iter().cloned().collect();
        collisions.sort();
        let mut by_path: BTreeMap<String, PageKey> = collisions
            .into_iter()
            .map(|folded| {
                (format!("order/{}.html", address::of_id(&folded)), PageKey::OrderDisambiguation(folded))
            })
            .collect();
        by_path.extend(order::unknown::plan(self));
        let gone = order::gone::plan(self, |path| by_path.contains_key(path));
        plan.extend(by_path.into_values());
        plan.extend(gone);
        plan.extend(self.order_ranges().map(|(start, end)| PageKey::Order(start, end)));
        plan
    }

    /// Makes one page.
    ///
    /// # Errors
    /// [`Error::Content`] when a sentence template fails on the facts of this page or prose cannot be rendered.
    pub fn make(&self, key: &PageKey) -> Result<Made, Error> {
        let mut made = self.made(key)?;
        made.page.scope = self.scope_of(key);
        made.page.snapshot = self.snapshot_of(key).map_or_else(String::new, |as_of| as_of.to_string());
        Ok(made)
    }

    fn made(&self, key: &PageKey) -> Result<Made, Error> {
        match key {
            PageKey::Overview => overview::overview(self),
            PageKey::Periods => Ok(period::index(self)),
            PageKey::Posted => Ok(posted::page(self)),
            PageKey::Period(month) => period::page(self, *month),
            PageKey::PeriodOrders(month, part) => Ok(period::orders(self, *month, *part)),
            PageKey::Order(start, end) => order::page(self, *start, *end),
            PageKey::UnknownOrder(lines) => order::unknown::page(self, lines),
            PageKey::AliasOrder(id) => Ok(order::unknown::alias(self, *id)),
            PageKey::GoneOrder(id) => Ok(order::gone::page(self, *id)),
            PageKey::Orders => Ok(order::index(self)),
            PageKey::Scope(key) => scopes::page(self, key),
            PageKey::ScopeIndex(kind) => Ok(scopes::index(self, *kind)),
            PageKey::Disambiguation(number) => Ok(scopes::disambiguation(self, *number)),
            PageKey::OrderDisambiguation(folded) => Ok(order::disambiguation(self, folded)),
            PageKey::Statuses => words::statuses(self),
            PageKey::Status(number) => words::status(self, *number),
            PageKey::Reasons => words::reasons(self),
            PageKey::Reason(code) => words::reason(self, code),
            PageKey::Kinds => words::kinds(self),
            PageKey::Kind(kind) => words::kind(self, *kind),
            PageKey::Deadlines => deadlines::page(self),
            PageKey::Claims => claims::page(self),
            PageKey::Bridge(month) => Ok(bridge::page(self, *month)),
            PageKey::Articles => Ok(words::articles(self)),
            PageKey::Article(id) => words::article(self, id),
            PageKey::Quarantine => Ok(quality::quarantine(self)),
            PageKey::Gaps => Ok(quality::gaps(self)),
            PageKey::Snapshots => Ok(quality::snapshots(self)),
            PageKey::Snapshot(number) => Ok(quality::snapshot(self, *number)),
            PageKey::Changes(from, to) => Ok(changes::page(self, *from, *to)),
            PageKey::Compare => Ok(changes::compare::compare(self)),
            PageKey::Query => Ok(query::page(self)),
            PageKey::Closes => Ok(close::index(self)),
            PageKey::Health => Ok(health::page(self)),
            PageKey::Audiences => Ok(quality::audiences(self)),
            PageKey::About => Ok(quality::about(self)),
        }
    }

    /// What became of closed months since, as documents of their own: address and document.
    pub fn addenda(&self) -> Vec<(String, pack::Document)> {
        close::addenda(self)
    }

    /// The lines that an order, or an id that lines name, had and has no more, by their numbers in the facts.
    pub(crate) fn former_lines(&self, id: OrderId) -> &[u32] {
        self.former.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The pairs of snapshots that have a page: each with the one before, and the newest close with the shown one.
    pub(crate) fn pairs(&self) -> Vec<(SnapshotNumber, SnapshotNumber)> {
        let newest = self.sources.history.newest();
        let mut pairs: Vec<_> = (1..=newest).map(|to| (to - 1, to)).collect();
        let closes = self.reconciled.past.closes().map(|(_, close)| close.as_of);
        let close = closes.max().and_then(|as_of| self.sources.history.number(as_of));
        pairs.extend(close.filter(|close| *close + 1 < newest).map(|close| (close, newest)));
        pairs
    }

    /// The ranges of order rows that share an id: one page each.
    fn order_ranges(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let orders = &self.reconciled.snapshot.records.orders;
        let mut start = 0;
        std::iter::from_fn(move || {
            let id = orders.get(start)?.id;
            let end = start + orders[start..].iter().take_while(|o| o.id == id).count();
            let range = (u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX));
            start = end;
            Some(range)
        })
    }

    /// The page of an order.
    pub fn order_path(&self, id: OrderId) -> String {
        if self.collisions.is_empty() {
            return format!("order/{}.html", address::of_id(id.canonical()));
        }
        let folded = grammar::canonical(id.raw());
        let slug = address::of_id(&folded);
        if self.collisions.contains(folded.as_ref()) {
            format!("order/{slug}--{}.html", address::checksum(id.raw()))
        } else {
            format!("order/{slug}.html")
        }
    }

    pub(crate) fn line(&self, number: u32) -> &'a Line {
        &self.reconciled.snapshot.records.lines[number as usize]
    }

    /// When a line is expected to be paid, or why no date is given.
    pub(crate) fn forecast(&self, number: u32) -> Result<Forecast<'a>, NoForecast> {
        self.sources.history.spells.forecast(self.reconciled, number, &self.stale)
    }

    pub(crate) fn figures(&self, number: u32) -> &'a LineFigures {
        &self.reconciled.lines[number as usize]
    }

    pub(crate) fn order(&self, number: u32) -> &'a Order {
        &self.reconciled.snapshot.records.orders[number as usize]
    }

    /// Adds up lines.
    pub(crate) fn totals(&self, lines: &[u32]) -> Totals {
        let mut totals = Totals::default();
        for number in lines {
            totals.add(self.line(*number), self.figures(*number));
        }
        totals
    }

    /// The cases of a kind: those whose primary explanation it is.
    pub(crate) fn cases_of(&self, kind: Kind) -> impl Iterator<Item = &Case> + '_ {
        self.cases_by_kind.get(&kind).into_iter().flatten().map(|n| &self.reconciled.cases[*n as usize])
    }

    /// The default scope: the last full calendar month before the as-of date.
    pub(crate) fn default_month(&self) -> Month {
        self.reconciled.as_of().last_full_month()
    }

    /// The months to switch between: those with records around the default one.
    pub(crate) fn month_tabs(&self, here: Option<Month>) -> Vec<Link> {
        let months: Vec<Month> = self.scopes.months().collect();
        let last = months.len().saturating_sub(4);
        let mut tabs: Vec<Link> = months[last..]
            .iter()
            .map(|month| {
                let text = month.short();
                if Some(*month) == here {
                    Link::here(text)
                } else {
                    Link::to(text, address::of_month(*month))
                }
            })
            .collect();
        tabs.push(Link::to(say!("All"), "period/index.html"));
        tabs
    }

    /// A reason in plain words: those of the reason map, in another language those of its page.
    pub(crate) fn plain_reason(&self, row: &ReasonRow) -> &'static str {
        let page = self.sources.content.reasons.get(row.reason.as_str());
        match page.filter(|_| !Language::spoken().is_english()) {
            Some(page) => Ustr::from(&page.label).as_str(),
            None => row.plain_text.as_str(),
        }
    }

    /// A month, leading to its page where it has one: adjustments and payouts can name a month that has nothing else.
    pub(crate) fn month(&self, month: Month) -> Text {
        match self.scopes.period(month) {
            Some(_) => Text::link(month.in_words(), address::of_month(month)),
            None => Text::plain(month.in_words()),
        }
    }

    /// The same in a table.
    pub(crate) fn month_cell(&self, month: Month) -> Cell {
        match self.scopes.period(month) {
            Some(_) => Cell::link(month.in_words(), address::of_month(month)),
            None => Cell::text(month.in_words()),
        }
    }

    /// The currency with the most lines, first by code where they tie: the one a page speaks of first.
    pub(crate) fn main_currency(totals: &Totals) -> Option<Currency> {
        totals.by_weight().first().map(|(currency, _)| *currency)
    }

    pub(crate) fn prose(&self, place: &str, markdown: &str) -> Result<String, Error> {
        (self.sources.prose)(markdown)
            .map_err(|problem| Error::Content { problems: vec![format!("`content/{place}`: {problem}")] })
    }

    /// The facts of a case's subject, for its sentences.
    pub(crate) fn facts(&self, case: &Case) -> Facts {
        lists::facts(self, case)
    }

    /// What a case is about, as people and data files name it: (type, id).
    pub(crate) fn subject(&self, case: &Case) -> (&'static str, String) {
        let records = &self.reconciled.snapshot.records;
        let place =
            |source| format!("{}:{}", self.sources.files.path(source), self.sources.files.line(source));
        match case.subject {
            Subject::Line(n) => ("line", records.lines[n as usize].id.raw().to_owned()),
            Subject::Order(n) => ("order", records.orders[n as usize].id.raw().to_owned()),
            Subject::Payout(n) => ("payout", records.payouts[n as usize].id.raw().to_owned()),
            Subject::Feed(n) => ("source", records.feeds[n as usize].id.to_string()),
            Subject::Row(n) => ("row", place(self.reconciled.snapshot.quarantined[n as usize].source)),
            Subject::Adjustment(n) => ("row", place(records.adjustments[n as usize].origin.source)),
        }
    }
}
