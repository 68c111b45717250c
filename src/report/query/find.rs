//! The index of everything that a person may have in hand: ids in canonical form, and words of names.
//!
//! Sorted by key and cut into files of about the same size, so that an id or the beginning of one needs one small file,
//! whatever the number of orders. Ids are upper case and words lower case, so the two never meet.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};
use ustr::Ustr;

use super::data::path;
use super::row_files::is_by_id;
use super::rows::RowKey;
use crate::ingest::grammar;
use crate::model::id::{AccountId, OrderId};
use crate::model::time::Month;
use crate::reconcile::Kind;
use crate::reconcile::matching::numbered;
use crate::report::scopes::{ScopeKey, ScopeKind};
use crate::report::script::{DataScript, Grid, Texts, place};
use crate::report::{Report, order};
use crate::say;

/// Entries of one file: about 50 KB.
const ENTRIES_OF_A_FILE: usize = 1_000;
/// Where ids begin in more ways than these, none is named: nothing is known of an id before its file is looked at.
const HEADS: usize = 200;
/// How much of a word in a script without spaces is looked up.
const SUFFIX: usize = 8;

/// Something with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    /// An order of ours, by its first row.
    Order(u32),
    /// What a line names that is no order of ours, or another name of one: by the line.
    Named(u32),
    /// An order that no extract has any more.
    Gone(OrderId),
    Line(u32),
    Account(ScopeKey),
    /// The vendor's name of an account, by the row of the accounts map.
    VendorAccount(u32),
    /// An account of the vendor's that the accounts map lacks, by a line that names it.
    UnknownAccount(u32),
    /// The invoice of an order row.
    Invoice(u32),
    /// The subscription of an order row.
    Subscription(u32),
    Cancellation(u32),
    Adjustment(u32),
    Scope(ScopeKey),
    /// A word of a name, by the place of that name in the list.
    Word(u32),
}

/// A name that is found by its words.
#[derive(Debug)]
struct Named {
    kind: &'static str,
    shown: String,
    page: String,
    of: Option<Ustr>,
    /// More words by which it is found.
    more: String,
}

/// The index before it is cut into files.
#[derive(Debug)]
pub struct FindIndex {
    entries: Vec<(Ustr, Thing)>,
    named: Vec<Named>,
    /// The lines that name each id that is no order of ours, or another name of one.
    lines: BTreeMap<Ustr, Vec<u32>>,
}

/// In which file each row lies, in the order of lists and by customer.
#[derive(Debug, Default)]
pub struct Locations {
    /// The month of each file of rows, none for one by customer, and its number there.
    files: Vec<(Option<Month>, usize)>,
    lines: Vec<[u32; 2]>,
    orders: Vec<[u32; 2]>,
}

/// Which of the two orders of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sorted {
    /// As lists show them.
    AsListed = 0,
    /// By customer and account.
    ByCustomer = 1,
}

impl Locations {
    /// Nothing located yet.
    pub fn new(report: &Report<'_>) -> Locations {
        let records = &report.reconciled.snapshot.records;
        Locations {
            files: Vec::new(),
            lines: vec![[u32::MAX; 2]; records.lines.len()],
            orders: vec![[u32::MAX; 2]; records.orders.len()],
        }
    }

    /// Takes a file of rows: of a month in the order of lists, without one by customer.
    pub fn add(&mut self, month: Option<Month>, file: usize, rows: &[RowKey]) {
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let sorted = if month.is_some() { Sorted::AsListed } else { Sorted::ByCustomer };
        self.files.push((month, file));
        for key in rows {
            let at = match *key {
                RowKey::Line(line) => &mut self.lines[line as usize],
                RowKey::Order(order) => &mut self.orders[order as usize],
            };
            at[sorted as usize] = number;
        }
    }

    fn of(&self, sorted: Sorted, rows: impl Iterator<Item = RowKey>) -> Vec<u32> {
        let at = |key| match key {
            RowKey::Line(line) => self.lines[line as usize][sorted as usize],
            RowKey::Order(order) => self.orders[order as usize][sorted as usize],
        };
        let mut files: Vec<u32> = rows.map(at).filter(|file| *file != u32::MAX).collect();
        files.sort_unstable();
        files.dedup();
        files
    }
}

/// The words of a name as keys.
fn words(name: &str) -> Vec<String> {
    let folded = name.nfkc().collect::<String>().to_lowercase();
    let mut keys = Vec::new();
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        keys.push(word.to_owned());
        let is_without_spaces = |c: char| {
            matches!(
                c.script(),
                Script::Han | Script::Hiragana | Script::Katakana | Script::Hangul | Script::Thai
            )
        };
        if word.chars().any(is_without_spaces) {
            let places = word.char_indices().skip(1).filter(|(_, c)| is_without_spaces(*c));
            keys.extend(places.map(|(at, _)| word[at..].chars().take(SUFFIX).collect()));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

impl Report<'_> {
    /// Everything that can be found, sorted by key.
    pub fn query_find(&self) -> FindIndex {
        let records = &self.reconciled.snapshot.records;
        let mut entries: Vec<(Ustr, Thing)> = Vec::new();
        let mut lines: BTreeMap<Ustr, Vec<u32>> = BTreeMap::new();
        for (start, end) in self.order_ranges() {
            entries.push((self.order(start).id.key(), Thing::Order(start)));
            for number in start..end {
                let order = self.order(number);
                entries.extend(order.invoice.map(|id| (id.key(), Thing::Invoice(number))));
                entries.extend(order.subscription.map(|id| (id.key(), Thing::Subscription(number))));
            }
        }
        for (number, line) in numbered(&records.lines) {
            entries.push((line.id.key(), Thing::Line(number)));
            let order = self.reconciled.first_order(number);
            if order.is_none_or(|order| order.id != line.order_ref) {
                entries.push((line.order_ref.key(), Thing::Named(number)));
                lines.entry(line.order_ref.key()).or_default().push(number);
            }
            let is_unknown = |id: &AccountId| {
                self.reconciled.rules.account_of_vendor(*id).is_none()
                    && self.scopes.members(&ScopeKey::account(*id)).is_none()
            };
            let unknown = line.account_ref.filter(is_unknown);
            entries.extend(unknown.map(|id| (id.key(), Thing::UnknownAccount(number))));
        }
        for (number, cancellation) in numbered(&records.cancellations) {
            entries.push((cancellation.id.key(), Thing::Cancellation(number)));
        }
        for (number, adjustment) in numbered(&records.adjustments) {
            entries.push((adjustment.id.key(), Thing::Adjustment(number)));
        }
        for key in self.scopes.keys() {
            match key.kind {
                ScopeKind::Account => entries.push((key.id, Thing::Account(key))),
                ScopeKind::Program | ScopeKind::Customer | ScopeKind::Batch | ScopeKind::Payout => {
                    entries.push((key.id, Thing::Scope(key)));
                }
                ScopeKind::Campaign => {}
            }
        }
        for (number, account) in numbered(&self.reconciled.rules.reference.accounts) {
            entries.extend(account.vendor.map(|vendor| (vendor.key(), Thing::VendorAccount(number))));
        }
        entries.extend(order::gone::ids(self).into_iter().map(|id| (id.key(), Thing::Gone(id))));
        let named = self.named();
        for (number, name) in numbered(&named) {
            let keys = words(&name.shown).into_iter().chain(words(&name.more));
            entries.extend(keys.map(|word| (Ustr::from(&word), Thing::Word(number))));
        }
        entries.sort_unstable();
        entries.dedup_by(|a, b| a == b || a.0 == b.0 && self.is_same_pair(a.1, b.1));
        FindIndex { entries, named, lines }
    }

    /// Whether two entries of one key say the same: rows of one order on one invoice.
    fn is_same_pair(&self, a: Thing, b: Thing) -> bool {
        let order = |thing| match thing {
            Thing::Invoice(row) => Some((0, self.order(row).id)),
            Thing::Subscription(row) => Some((1, self.order(row).id)),
            Thing::Named(line) => Some((2, self.line(line).order_ref)),
            Thing::VendorAccount(row) => {
                Some((3, self.reconciled.rules.reference.accounts[row as usize].id.cast()))
            }
            Thing::Order(_)
            | Thing::Gone(_)
            | Thing::Line(_)
            | Thing::Account(_)
            | Thing::UnknownAccount(_)
            | Thing::Cancellation(_)
            | Thing::Adjustment(_)
            | Thing::Scope(_)
            | Thing::Word(_) => None,
        };
        order(a).is_some() && order(a) == order(b)
    }

    /// Everything that is found by its words.
    fn named(&self) -> Vec<Named> {
        let content = self.sources.content;
        let mut all = Vec::new();
        let mut add = |kind, shown: &str, page: String, of| {
            // The code of an article, reason or kind is in its address.
            let code = page.rsplit('/').next().unwrap_or_default().trim_end_matches(".html");
            let is_coded = matches!(kind, "article" | "reason" | "discrepancy");
            let more = if is_coded { code.trim_start_matches("kb-").to_owned() } else { String::new() };
            all.push(Named { kind, shown: shown.to_owned(), page, of, more });
        };
        for key in self.scopes.keys() {
            let kind = match key.kind {
                ScopeKind::Customer => "customer",
                ScopeKind::Program => "program",
                ScopeKind::Campaign => "campaign",
                ScopeKind::Account | ScopeKind::Batch | ScopeKind::Payout => continue,
            };
            let name = self.scopes.members(&key).map_or("", |members| &members.name);
            add(kind, name, self.scopes.path(&key), Some(key.id));
        }
        for article in content.articles.values() {
            add("article", &article.title, format!("kb/{}.html", article.id), None);
        }
        for status in &content.statuses {
            let slug = status.code.replace('_', "-");
            add("status", &status.label, format!("status/{slug}.html"), None);
        }
        for (code, reason) in &content.reasons {
            add("reason", &reason.label, format!("reason/{code}.html"), None);
        }
        for kind in Kind::ALL {
            let title = &content.kind(*kind).title;
            add("discrepancy", title, format!("discrepancy/{}.html", kind.code()), None);
        }
        for (title, page) in [
            (say!("Overview"), "index.html"),
            (say!("Periods"), "period/index.html"),
            (say!("Earned and posted periods"), "period/posted.html"),
            (say!("Deadlines"), "deadlines.html"),
            (say!("Rows set aside (quarantine)"), "quarantine.html"),
            (say!("Compare two snapshots"), "changes/index.html"),
            (say!("Snapshots"), "snapshot/index.html"),
            (say!("Health"), "health.html"),
            (say!("About this build"), "about.html"),
            (say!("All orders"), "order/index.html"),
        ] {
            add("page", title, page.to_owned(), None);
        }
        let mut raw: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in &self.reconciled.rules.reference.reasons {
            raw.entry(row.reason.as_str()).or_default().push(row.raw.as_str());
        }
        for named in &mut all {
            let code = named.more.clone();
            if named.kind == "article" {
                let article =
                    content.articles.values().find(|article| named.page == format!("kb/{}.html", article.id));
                let keywords = article.map_or(&[][..], |article| &article.keywords);
                named.more = format!("{code} {}", keywords.join(" "));
            } else if named.kind == "reason" {
                let codes = raw.get(code.as_str()).map(|codes| codes.join(" ")).unwrap_or_default();
                named.more = format!("{code} {codes}");
            }
        }
        all
    }

    /// A file of the index.
    pub fn query_find_file(
        &self,
        index: &FindIndex,
        number: usize,
        locations: &Locations,
    ) -> Option<DataScript> {
        let entries = index.entries.chunks(ENTRIES_OF_A_FILE).nth(number)?;
        let mut texts = Texts::default();
        let (mut rows, mut at) = (Grid::default(), Grid::default());
        for (entry, (key, thing)) in entries.iter().enumerate() {
            let told = self.tell_found(index, *thing, locations);
            let page = told.page.filter(|page| told.kind != "order" || !is_by_id(page, key));
            // A script makes the canonical form of an id itself.
            let own = Some(key.as_str()).filter(|key| grammar::canonical(&told.shown) != **key);
            rows.push(&[
                texts.optional(own),
                texts.number(told.kind),
                texts.number(&told.shown),
                texts.optional(page.as_deref()),
                texts.optional(told.of.as_ref().map(Ustr::as_str)),
            ]);
            for file in told.files {
                let (month, number) = locations.files[file as usize];
                let month = month.map(|month| month.to_string());
                at.push(&[place(entry), texts.optional(month.as_deref()), place(number)]);
            }
        }
        let grids = vec![("entries", rows), ("at", at)];
        let path = path(&format!("find-{number}"));
        Some(DataScript { path, set: String::new(), texts: texts.all, grids })
    }

    /// The first file of the index; `sets` are those of the others.
    pub fn query_find_head(&self, index: &FindIndex, sets: &[String]) -> DataScript {
        let mut texts = Texts::default();
        let (mut files, mut lengths) = (Grid::default(), Grid::default());
        for (entries, set) in index.entries.chunks(ENTRIES_OF_A_FILE).zip(sets) {
            let first = entries.first().map_or("", |(key, _)| key.as_str());
            files.push(&[texts.number(first), texts.number(set)]);
        }
        let is_digits = |key: &&Ustr| key.bytes().all(|byte| byte.is_ascii_digit());
        let ids = index.entries.iter().filter(|(_, thing)| !matches!(thing, Thing::Word(_)));
        let mut known: Vec<usize> = ids.map(|(key, _)| key).filter(is_digits).map(|key| key.len()).collect();
        known.sort_unstable();
        known.dedup();
        for length in known {
            lengths.push(&[place(length)]);
        }
        let heads = index.heads();
        let mut begin = Grid::default();
        for head in heads.iter().filter(|_| heads.len() <= HEADS) {
            begin.push(&[texts.number(head)]);
        }
        let grids = vec![("files", files), ("lengths", lengths), ("heads", begin)];
        DataScript { path: path("find"), set: String::new(), texts: texts.all, grids }
    }

    fn tell_found(&self, index: &FindIndex, thing: Thing, locations: &Locations) -> Told {
        let records = &self.reconciled.snapshot.records;
        let told = |kind, shown: &str| Told { kind, shown: shown.to_owned(), ..Told::default() };
        match thing {
            Thing::Order(row) => {
                let order = self.order(row);
                Told {
                    page: Some(self.order_path(order.id)),
                    files: self.files_of_order(order.id, locations),
                    ..told("order", order.id.raw())
                }
            }
            Thing::Named(line) => {
                let order = self.reconciled.first_order(line).map(|order| order.id.key());
                // The entry stands for every line that names the id, in whichever period.
                let lines = index.lines.get(&self.line(line).order_ref.key()).into_iter().flatten();
                Told {
                    page: Some(self.line_path(line)),
                    of: order,
                    files: locations.of(Sorted::AsListed, lines.copied().map(RowKey::Line)),
                    ..told("order", self.line(line).order_ref.raw())
                }
            }
            Thing::Gone(id) => Told { page: Some(self.order_path(id)), ..told("order", id.raw()) },
            Thing::Line(line) => {
                let order = self.reconciled.place(line);
                Told {
                    page: Some(self.line_path(line)),
                    of: Some(order.order.unwrap_or(order.order_ref).key()),
                    files: locations.of(Sorted::AsListed, std::iter::once(RowKey::Line(line))),
                    ..told("line", self.line(line).id.raw())
                }
            }
            Thing::Invoice(row) | Thing::Subscription(row) => {
                let order = self.order(row);
                let (kind, shown) = if thing == Thing::Invoice(row) {
                    ("invoice", order.invoice.map_or("", |id| id.raw()))
                } else {
                    ("subscription", order.subscription.map_or("", |id| id.raw()))
                };
                Told {
                    page: Some(self.order_path(order.id)),
                    of: Some(order.id.key()),
                    files: self.files_of_order(order.id, locations),
                    ..told(kind, shown)
                }
            }
            Thing::Cancellation(number) => {
                let cancellation = &records.cancellations[number as usize];
                let id = cancellation.order;
                Told {
                    page: Some(self.page_or_orders(id)),
                    of: Some(id.key()),
                    files: self.files_of_order(id, locations),
                    ..told("cancellation", cancellation.id.raw())
                }
            }
            Thing::Adjustment(number) => {
                let adjustment = &records.adjustments[number as usize];
                let line = adjustment.line.and_then(|id| self.reconciled.line_number(id));
                let place = line.map(|line| self.reconciled.place(line));
                Told {
                    page: line.map(|line| self.line_path(line)),
                    of: place.map(|place| place.order.unwrap_or(place.order_ref).key()),
                    files: locations.of(Sorted::AsListed, line.into_iter().map(RowKey::Line)),
                    ..told("adjustment", adjustment.id.raw())
                }
            }
            Thing::Account(key) | Thing::Scope(key) => {
                let sorted = match key.kind {
                    ScopeKind::Account | ScopeKind::Customer => Some(Sorted::ByCustomer),
                    ScopeKind::Batch | ScopeKind::Payout => Some(Sorted::AsListed),
                    ScopeKind::Program | ScopeKind::Campaign => None,
                };
                let shown = self.scope_shown(&key);
                Told {
                    page: Some(self.scopes.path(&key)),
                    files: sorted
                        .map_or_else(Vec::new, |sorted| self.files_of_scope(&key, sorted, locations)),
                    ..told(key.kind.folder(), &shown)
                }
            }
            Thing::UnknownAccount(line) => Told {
                page: Some(self.line_path(line)),
                files: locations.of(Sorted::AsListed, std::iter::once(RowKey::Line(line))),
                ..told("account", self.line(line).account_ref.map_or("", |id| id.raw()))
            },
            Thing::VendorAccount(row) => {
                let account = &self.reconciled.rules.reference.accounts[row as usize];
                let key = ScopeKey::account(account.id);
                let page = self.scopes.members(&key).map(|_| self.scopes.path(&key));
                Told {
                    page,
                    of: Some(key.id),
                    files: self.files_of_scope(&key, Sorted::ByCustomer, locations),
                    ..told("account", account.vendor.map_or("", |vendor| vendor.raw()))
                }
            }
            Thing::Word(number) => {
                let named = &index.named[number as usize];
                Told { page: Some(named.page.clone()), of: named.of, ..told(named.kind, &named.shown) }
            }
        }
    }

    /// The id of a scope as it was received.
    fn scope_shown(&self, key: &ScopeKey) -> String {
        match key.kind {
            ScopeKind::Customer => {
                let of_map = self.reconciled.rules.reference.accounts.iter().filter_map(|row| row.customer);
                let raw = of_map.clone().find(|id| id.key() == key.id).map(|id| id.raw());
                raw.map_or_else(|| key.id.to_string(), str::to_owned)
            }
            ScopeKind::Program
            | ScopeKind::Campaign
            | ScopeKind::Account
            | ScopeKind::Batch
            | ScopeKind::Payout => {
                let name = self.scopes.members(key).map_or("", |members| &members.name);
                // A program is known by its name there.
                if grammar::canonical(name) == key.id.as_str() { name.to_owned() } else { key.id.to_string() }
            }
        }
    }

    fn page_or_orders(&self, id: OrderId) -> String {
        let is_order = !self.reconciled.matching.rows(id).is_empty();
        if is_order { self.order_path(id) } else { "order/index.html".to_owned() }
    }

    fn files_of_order(&self, id: OrderId, locations: &Locations) -> Vec<u32> {
        let rows = self.reconciled.matching.rows(id);
        let lines =
            rows.iter().flat_map(|row| self.reconciled.matching.of_order(*row)).copied().map(RowKey::Line);
        locations.of(Sorted::AsListed, rows.iter().copied().map(RowKey::Order).chain(lines))
    }

    fn files_of_scope(&self, key: &ScopeKey, sorted: Sorted, locations: &Locations) -> Vec<u32> {
        let Some(members) = self.scopes.members(key) else { return Vec::new() };
        let lines = members.lines.iter().copied().map(RowKey::Line);
        locations.of(sorted, lines.chain(members.orders.iter().copied().map(RowKey::Order)))
    }
}

impl FindIndex {
    /// What comes before the first digit of each id, each once.
    fn heads(&self) -> BTreeSet<&str> {
        let ids = self.entries.iter().filter(|(_, thing)| !matches!(thing, Thing::Word(_)));
        let end = |key: &str| key.find(|c: char| c.is_ascii_digit()).unwrap_or(key.len());
        ids.map(|(key, _)| &key.as_str()[..end(key)]).collect()
    }

    /// How many files it takes.
    pub fn files(&self) -> usize {
        self.entries.len().div_ceil(ENTRIES_OF_A_FILE)
    }
}

/// What the index says of a thing.
#[derive(Debug, Default)]
struct Told {
    kind: &'static str,
    shown: String,
    page: Option<String>,
    of: Option<Ustr>,
    files: Vec<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_cut() {
        // Goal: a name is found by each of its words in any case, one without spaces by any part of it. Method: two names.
        assert_eq!(words("Northwind  Retail (EU)"), ["eu", "northwind", "retail"]);
        assert_eq!(words("青禾科技 Ｑｉｎｇｈｅ"), ["qinghe", "技", "禾科技", "科技", "青禾科技"]);
    }
}
