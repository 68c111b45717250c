//! Scopes: the lines and orders of a program, campaign, account, customer, batch or payout, each with its page.

mod batch;
mod example;
mod facts;
mod index;
mod page;
mod program;
mod rule;
mod tables;

use std::collections::{BTreeMap, HashMap};

use ustr::Ustr;

use super::lists::count_of;
use super::{address, lists};
use crate::history::History;
use crate::model::id::{AccountId, BatchId, CustomerId, PayoutId, ProgramId};
use crate::model::record::Order;
use crate::model::time::Month;
use crate::reconcile::matching::numbered;
use crate::reconcile::{Place, Reconciled};
use crate::{mark, say};

pub(super) use batch::{batch_sentence, state_words};
pub(super) use index::{disambiguation, index};
pub(super) use page::page;
pub(super) use tables::{eligible, money_row, money_table, trimmed};

/// A kind of scope that has pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeKind {
    /// A rebate program.
    Program,
    /// A campaign tag.
    Campaign,
    /// An account of ours.
    Account,
    /// A customer.
    Customer,
    /// A vendor batch.
    Batch,
    /// A payout.
    Payout,
}

impl ScopeKind {
    /// Every kind.
    pub const ALL: &'static [ScopeKind] = &[
        ScopeKind::Program,
        ScopeKind::Campaign,
        ScopeKind::Account,
        ScopeKind::Customer,
        ScopeKind::Batch,
        ScopeKind::Payout,
    ];

    /// The folder of its pages.
    pub fn folder(self) -> &'static str {
        match self {
            ScopeKind::Program => "program",
            ScopeKind::Campaign => "campaign",
            ScopeKind::Account => "account",
            ScopeKind::Customer => "customer",
            ScopeKind::Batch => "batch",
            ScopeKind::Payout => "payout",
        }
    }

    /// So many of them: `1 program`, `12 programs`.
    pub(crate) fn counted(self, count: usize) -> String {
        match self {
            ScopeKind::Program => count_of(count, "program", "programs"),
            ScopeKind::Campaign => count_of(count, "campaign", "campaigns"),
            ScopeKind::Account => count_of(count, "account", "accounts"),
            ScopeKind::Customer => count_of(count, "customer", "customers"),
            ScopeKind::Batch => count_of(count, "batch", "batches"),
            ScopeKind::Payout => count_of(count, "payout", "payouts"),
        }
    }

    /// The English word for one, as the header of a column.
    pub(crate) fn label(self) -> &'static str {
        match self {
            ScopeKind::Program => mark!("Program"),
            ScopeKind::Campaign => mark!("Campaign"),
            ScopeKind::Account => mark!("Account"),
            ScopeKind::Customer => mark!("Customer"),
            ScopeKind::Batch => mark!("Batch"),
            ScopeKind::Payout => mark!("Payout"),
        }
    }

    /// The words for one and for many.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            ScopeKind::Program => (say!("Program"), say!("Programs")),
            ScopeKind::Campaign => (say!("Campaign"), say!("Campaigns")),
            ScopeKind::Account => (say!("Account"), say!("Accounts")),
            ScopeKind::Customer => (say!("Customer"), say!("Customers")),
            ScopeKind::Batch => (say!("Batch"), say!("Batches")),
            ScopeKind::Payout => (say!("Payout"), say!("Payouts")),
        }
    }
}

/// One scope: its kind and the canonical form of its id, or its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeKey {
    /// The kind.
    pub kind: ScopeKind,
    /// Canonical id; for a campaign its tag.
    pub id: Ustr,
}

impl ScopeKey {
    /// A program's.
    pub fn program(id: ProgramId) -> ScopeKey {
        ScopeKey { kind: ScopeKind::Program, id: Ustr::from(id.canonical()) }
    }

    /// A campaign's.
    pub fn campaign(tag: Ustr) -> ScopeKey {
        ScopeKey { kind: ScopeKind::Campaign, id: tag }
    }

    /// An account's.
    pub fn account(id: AccountId) -> ScopeKey {
        ScopeKey { kind: ScopeKind::Account, id: Ustr::from(id.canonical()) }
    }

    /// A customer's.
    pub fn customer(id: CustomerId) -> ScopeKey {
        ScopeKey { kind: ScopeKind::Customer, id: Ustr::from(id.canonical()) }
    }

    /// Whether a line that counts there is in the scope.
    pub fn contains(&self, place: &Place) -> bool {
        let id = match self.kind {
            ScopeKind::Program => Some(place.program.key()),
            ScopeKind::Campaign => place.campaign,
            ScopeKind::Account => place.account.map(|id| id.key()),
            ScopeKind::Customer => place.customer.map(|id| id.key()),
            ScopeKind::Batch => place.batch.map(|id| id.key()),
            ScopeKind::Payout => place.payout.map(|id| id.key()),
        };
        id == Some(self.id)
    }

    /// A batch's.
    pub fn batch(id: BatchId) -> ScopeKey {
        ScopeKey { kind: ScopeKind::Batch, id: Ustr::from(id.canonical()) }
    }

    /// A payout's.
    pub fn payout(id: PayoutId) -> ScopeKey {
        ScopeKey { kind: ScopeKind::Payout, id: Ustr::from(id.canonical()) }
    }
}

/// What is in one scope.
#[derive(Debug, Clone, Default)]
pub struct Members {
    /// Its name on pages: the raw id, or the name of the program or customer.
    pub name: String,
    /// Its lines.
    pub lines: Vec<u32>,
    /// Its order rows that no line names.
    pub orders: Vec<u32>,
}

/// Every scope with its members.
pub struct Scopes {
    members: BTreeMap<ScopeKey, Members>,
    periods: BTreeMap<Month, Members>,
    orders_by_month: BTreeMap<Month, Vec<u32>>,
    paths: HashMap<ScopeKey, String>,
    shared: Vec<(String, Vec<ScopeKey>)>,
    batch_orders: HashMap<BatchId, Vec<&'static str>>,
    /// Every line that ever counted in a scope, by its number in the facts; one that came back is there twice.
    ever: HashMap<ScopeKey, Vec<u32>>,
}

impl Scopes {
    /// Sorts every line and order into its scopes. What earlier snapshots had keeps its page, also when nothing of it is
    /// left: a published address stays.
    pub fn new(reconciled: &Reconciled<'_>, history: &History) -> Scopes {
        let reference = reconciled.rules.reference;
        let mut scopes = Scopes {
            members: BTreeMap::new(),
            periods: BTreeMap::new(),
            orders_by_month: BTreeMap::new(),
            paths: HashMap::new(),
            shared: Vec::new(),
            batch_orders: HashMap::new(),
            ever: HashMap::new(),
        };
        for program in &reference.programs {
            scopes.entry(ScopeKey::program(program.id), program.name.as_str());
            if let Some(tag) = program.campaign {
                scopes.entry(ScopeKey::campaign(tag), tag.as_str());
            }
        }
        for payout in &reconciled.snapshot.records.payouts {
            scopes.entry(ScopeKey::payout(payout.id), payout.id.raw());
        }
        for (number, line) in numbered(&reconciled.snapshot.records.lines) {
            scopes.add_line(reconciled, number);
            if let Some(batch) = line.batch {
                let names = scopes.batch_orders.entry(batch).or_default();
                let shares = &reconciled.matching.of_line(number).shares;
                if shares.is_empty() {
                    names.push(line.order_ref.raw());
                }
                names.extend(
                    shares.iter().map(|s| reconciled.snapshot.records.orders[s.order as usize].id.raw()),
                );
            }
        }
        for (number, order) in numbered(&reconciled.snapshot.records.orders) {
            let month = reconciled.orders[number as usize].period;
            scopes.orders_by_month.entry(month).or_default().push(number);
            scopes.periods.entry(month).or_default();
            if reconciled.matching.of_order(number).is_empty() {
                scopes.add_order(reconciled, number, order);
            }
        }
        scopes.batch_orders =
            scopes.batch_orders.into_iter().map(|(batch, names)| (batch, sorted(names))).collect();
        scopes.periods.entry(reconciled.as_of().last_full_month()).or_default();
        scopes.add_history(history);
        scopes.assign_paths();
        scopes
    }

    fn add_history(&mut self, history: &History) {
        for (line, place) in history.facts.places() {
            self.periods.entry(place.period).or_default();
            let keys = [
                Some((ScopeKey::program(place.program), place.program.raw())),
                place.campaign.map(|tag| (ScopeKey::campaign(tag), tag.as_str())),
                place.account.map(|id| (ScopeKey::account(id), id.raw())),
                place.customer.map(|id| (ScopeKey::customer(id), id.raw())),
                place.batch.map(|id| (ScopeKey::batch(id), id.raw())),
                place.payout.map(|id| (ScopeKey::payout(id), id.raw())),
            ];
            for (key, name) in keys.into_iter().flatten() {
                if !self.ever.contains_key(&key) {
                    self.entry(key, name);
                }
                self.ever.entry(key).or_default().push(line);
            }
        }
    }

    /// Every line that ever counted in a scope, by its number in the facts.
    pub fn ever(&self, key: &ScopeKey) -> Vec<u32> {
        let mut lines = self.ever.get(key).cloned().unwrap_or_default();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    fn entry(&mut self, key: ScopeKey, name: &str) -> &mut Members {
        let members = self.members.entry(key).or_default();
        if members.name.is_empty() {
            members.name = name.to_owned();
        }
        members
    }

    fn add_line(&mut self, reconciled: &Reconciled<'_>, number: u32) {
        let place = reconciled.place(number);
        self.entry(ScopeKey::program(place.program), place.program.raw()).lines.push(number);
        if let Some(tag) = place.campaign {
            self.entry(ScopeKey::campaign(tag), tag.as_str()).lines.push(number);
        }
        if let Some(batch) = place.batch {
            self.entry(ScopeKey::batch(batch), batch.raw()).lines.push(number);
        }
        if let Some(payout) = place.payout {
            self.entry(ScopeKey::payout(payout), payout.raw()).lines.push(number);
        }
        if let Some(account) = place.account {
            self.entry(ScopeKey::account(account), account.raw()).lines.push(number);
        }
        if let Some((key, name)) = reconciled.first_order(number).and_then(|o| self.customer(reconciled, o)) {
            self.entry(key, &name).lines.push(number);
        }
        self.periods.entry(place.period).or_default().lines.push(number);
    }

    fn add_order(&mut self, reconciled: &Reconciled<'_>, number: u32, order: &Order) {
        if let Some(program) = reconciled.rules.declared_program(order) {
            self.entry(ScopeKey::program(program.id), program.name.as_str()).orders.push(number);
        }
        if let Some(tag) = order.campaign {
            self.entry(ScopeKey::campaign(tag), tag.as_str()).orders.push(number);
        }
        self.entry(ScopeKey::account(order.account), order.account.raw()).orders.push(number);
        if let Some((key, name)) = self.customer(reconciled, order) {
            self.entry(key, &name).orders.push(number);
        }
        self.periods.entry(reconciled.orders[number as usize].period).or_default().orders.push(number);
    }

    fn customer(&self, reconciled: &Reconciled<'_>, order: &Order) -> Option<(ScopeKey, String)> {
        let row = reconciled.rules.account(order.account, order.order_date).found();
        let id = reconciled.rules.customer(order)?;
        let name = row.and_then(|a| a.customer_name).map_or_else(|| id.raw().to_owned(), |n| n.to_string());
        Some((ScopeKey::customer(id), name))
    }

    /// The customer of an order.
    pub fn customer_key(&self, reconciled: &Reconciled<'_>, order: &Order) -> Option<ScopeKey> {
        self.customer(reconciled, order).map(|(key, _)| key)
    }

    /// The name of the customer of an order.
    pub fn customer_name(&self, reconciled: &Reconciled<'_>, order: &Order) -> Option<Ustr> {
        reconciled.rules.account(order.account, order.order_date).found()?.customer_name
    }

    /// The orders of a batch in a sentence: `ORD-1001, ORD-1002 and 3 more`.
    pub(super) fn batch_orders(&self, batch: BatchId) -> Option<String> {
        Some(lists::join(self.batch_orders.get(&batch)?.iter().copied()))
    }

    fn assign_paths(&mut self) {
        let mut by_path: BTreeMap<String, Vec<ScopeKey>> = BTreeMap::new();
        for key in self.members.keys() {
            let slug = match key.kind {
                ScopeKind::Campaign => address::of_name(&key.id),
                ScopeKind::Program
                | ScopeKind::Account
                | ScopeKind::Customer
                | ScopeKind::Batch
                | ScopeKind::Payout => address::of_id(&key.id),
            };
            by_path.entry(format!("{}/{slug}", key.kind.folder())).or_default().push(*key);
        }
        for (path, keys) in by_path {
            if let [key] = keys[..] {
                self.paths.insert(key, format!("{path}.html"));
                continue;
            }
            for key in &keys {
                self.paths.insert(*key, format!("{path}--{}.html", address::checksum(&key.id)));
            }
            self.shared.push((format!("{path}.html"), keys));
        }
    }

    /// The address of a scope's page.
    pub fn path(&self, key: &ScopeKey) -> String {
        self.paths.get(key).cloned().unwrap_or_else(|| format!("{}/index.html", key.kind.folder()))
    }

    /// Every scope.
    pub fn keys(&self) -> impl Iterator<Item = ScopeKey> + '_ {
        self.members.keys().copied()
    }

    /// What is in a scope.
    pub fn members(&self, key: &ScopeKey) -> Option<&Members> {
        self.members.get(key)
    }

    /// Every scope of a kind.
    pub fn of_kind(&self, kind: ScopeKind) -> impl Iterator<Item = (&ScopeKey, &Members)> {
        self.members.iter().filter(move |(key, _)| key.kind == kind)
    }

    /// What counts in a month: lines by the vendor's period, orders without a line by our own.
    pub fn period(&self, month: Month) -> Option<&Members> {
        self.periods.get(&month)
    }

    /// The months that have anything, oldest first.
    pub fn months(&self) -> impl DoubleEndedIterator<Item = Month> + '_ {
        self.periods.keys().copied()
    }

    /// The order rows that earn in a month by our own books, by id.
    pub(super) fn orders_of_month(&self, month: Month) -> &[u32] {
        self.orders_by_month.get(&month).map_or(&[], Vec::as_slice)
    }

    pub(super) fn shared_addresses(&self) -> &[(String, Vec<ScopeKey>)] {
        &self.shared
    }
}

fn sorted(mut names: Vec<&'static str>) -> Vec<&'static str> {
    names.sort_unstable();
    names.dedup();
    names
}
