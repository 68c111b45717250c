//! Scopes: the lines and orders of a program, campaign, account, customer, batch or payout, each with its page.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ustr::Ustr;

use super::lists::{self, count_of};
use super::page::{Block, Link, Page, Text};
use super::table::{Cell, Column, Row, Table};
use super::{Made, Report, address};
use crate::error::Error;
use crate::model::id::{AccountId, BatchId, PayoutId, ProgramId};
use crate::model::money::Currency;
use crate::model::record::Order;
use crate::model::status::{Bucket, Status};
use crate::model::time::{Month, date_in_words};
use crate::reconcile::Reconciled;
use crate::reconcile::figures::CurrencyTotals;
use crate::reconcile::matching::numbered;

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

    /// The words for one and for many.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            ScopeKind::Program => ("Program", "Programs"),
            ScopeKind::Campaign => ("Campaign", "Campaigns"),
            ScopeKind::Account => ("Account", "Accounts"),
            ScopeKind::Customer => ("Customer", "Customers"),
            ScopeKind::Batch => ("Batch", "Batches"),
            ScopeKind::Payout => ("Payout", "Payouts"),
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
    account_of_vendor: HashMap<AccountId, AccountId>,
    batch_orders: HashMap<BatchId, Vec<&'static str>>,
}

impl Scopes {
    /// Sorts every line and order into its scopes.
    pub fn new(reconciled: &Reconciled<'_>) -> Scopes {
        let reference = reconciled.rules.reference;
        let mut scopes = Scopes {
            members: BTreeMap::new(),
            periods: BTreeMap::new(),
            orders_by_month: BTreeMap::new(),
            paths: HashMap::new(),
            shared: Vec::new(),
            account_of_vendor: reference.accounts.iter().filter_map(|a| Some((a.vendor?, a.id))).collect(),
            batch_orders: HashMap::new(),
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
        scopes.assign_paths();
        scopes
    }

    fn entry(&mut self, key: ScopeKey, name: &str) -> &mut Members {
        let members = self.members.entry(key).or_default();
        if members.name.is_empty() {
            members.name = name.to_owned();
        }
        members
    }

    fn add_line(&mut self, reconciled: &Reconciled<'_>, number: u32) {
        let line = &reconciled.snapshot.records.lines[number as usize];
        let order = reconciled
            .matching
            .of_line(number)
            .shares
            .first()
            .map(|s| &reconciled.snapshot.records.orders[s.order as usize]);
        self.entry(ScopeKey::program(line.program), line.program.raw()).lines.push(number);
        if let Some(tag) = self.campaign_of(reconciled, number) {
            self.entry(ScopeKey::campaign(tag), tag.as_str()).lines.push(number);
        }
        if let Some(batch) = line.batch {
            self.entry(ScopeKey::batch(batch), batch.raw()).lines.push(number);
        }
        if let Some(payout) = line.payout {
            self.entry(ScopeKey::payout(payout), payout.raw()).lines.push(number);
        }
        let account =
            order.map(|o| o.account).or_else(|| self.account_of_vendor.get(&line.account_ref?).copied());
        if let Some(account) = account {
            self.entry(ScopeKey::account(account), account.raw()).lines.push(number);
        }
        if let Some((key, name)) = order.and_then(|o| self.customer(reconciled, o)) {
            self.entry(key, &name).lines.push(number);
        }
        self.periods.entry(line.period).or_default().lines.push(number);
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

    /// The campaign a line counts in: its program's, else the one its order declares.
    pub fn campaign_of(&self, reconciled: &Reconciled<'_>, number: u32) -> Option<Ustr> {
        let line = &reconciled.snapshot.records.lines[number as usize];
        match reconciled.rules.program(line.program) {
            Some(program) => program.campaign,
            None => {
                let share = reconciled.matching.of_line(number).shares.first()?;
                reconciled.snapshot.records.orders[share.order as usize].campaign
            }
        }
    }

    fn customer(&self, reconciled: &Reconciled<'_>, order: &Order) -> Option<(ScopeKey, String)> {
        let row = reconciled.rules.account(order.account, order.order_date).found();
        let id = order.customer.or_else(|| row.and_then(|a| a.customer))?;
        let name = row.and_then(|a| a.customer_name).map_or_else(|| id.raw().to_owned(), |n| n.to_string());
        Some((ScopeKey { kind: ScopeKind::Customer, id: Ustr::from(id.canonical()) }, name))
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

/// The page of a scope: headline, status now, by period, orders without a rebate, lines.
pub(super) fn page(report: &Report<'_>, key: &ScopeKey) -> Result<Made, Error> {
    let empty = Members::default();
    let members = report.scopes.members(key).unwrap_or(&empty);
    let path = report.scopes.path(key);
    let name = path.strip_suffix(".html").unwrap_or(&path);
    let totals = report.totals(&members.lines);
    let (one, many) = key.kind.words();
    let mut lead = match batch_sentence(report, key, members) {
        Some(sentence) => vec![Text::plain(sentence)],
        None => lists::total_sentence(&totals, &format!("Total rebate for {}, all periods,", members.name)),
    };
    if !members.orders.is_empty() {
        lead.push(Text::plain(format!(" {} no rebate line yet.", has_have(members.orders.len()))));
    }
    let (lines, mut exports, links) = lists::line_tables(report, &members.lines, name);
    let periods = by_period(report, members);
    exports.extend(
        periods.iter().enumerate().map(|(n, t)| (format!("{name}.periods{}.csv", suffix(n)), t.clone())),
    );
    let (status, files) = lists::status_section(report, &totals, name);
    exports.extend(files);
    let mut main = vec![status];
    main.push(Block::Section {
        id: "periods".to_owned(),
        heading: "By period".to_owned(),
        actions: periods
            .iter()
            .enumerate()
            .map(|(n, _)| Link::to("Periods CSV", format!("{name}.periods{}.csv", suffix(n))))
            .collect(),
        blocks: periods.into_iter().map(Block::Table).collect(),
    });
    if !members.orders.is_empty() {
        let cases: Vec<_> = members.orders.iter().filter_map(|n| report.reconciled.order_case(*n)).collect();
        let caption = format!("{} without a rebate line, and why.", count_of(cases.len(), "order", "orders"));
        let shown = lists::case_table(report, "missing", caption, &cases, lists::LISTED)?;
        exports.push((
            format!("{name}.orders-without-line.csv"),
            lists::case_table(report, "missing", String::new(), &cases, usize::MAX)?,
        ));
        main.push(Block::Section {
            id: "orders-without-line".to_owned(),
            heading: "Orders without a rebate".to_owned(),
            actions: vec![Link::to("Orders CSV", format!("{name}.orders-without-line.csv"))],
            blocks: vec![Block::Table(shown)],
        });
    }
    if !lines.is_empty() {
        main.push(Block::Section {
            id: "lines".to_owned(),
            heading: "Lines".to_owned(),
            actions: links,
            blocks: lines,
        });
    }
    let page = Page {
        title: format!("{} · {one}", members.name),
        description: lists::plain(&lead),
        nav: if key.kind == ScopeKind::Program { "programs" } else { "" },
        crumbs: vec![
            Link::to(many, format!("{}/index.html", key.kind.folder())),
            Link::here(members.name.clone()),
        ],
        heading: members.name.clone(),
        kind: one,
        lead,
        facts: facts(report, key, members),
        top: Report::main_currency(&totals)
            .and_then(|c| totals.get(c))
            .filter(|_| key.kind != ScopeKind::Payout)
            .map(|sums| vec![lists::flow(sums)])
            .unwrap_or_default(),
        main,
        path,
        ..Page::default()
    };
    Ok(Made { page, exports })
}

fn has_have(count: usize) -> String {
    if count == 1 { "1 order has".to_owned() } else { format!("{} have", count_of(count, "order", "orders")) }
}

fn suffix(number: usize) -> String {
    if number == 0 { String::new() } else { format!("-{}", number + 1) }
}

/// The sentence of the brief for finance: which orders, which condition, which state.
pub(super) fn batch_sentence(report: &Report<'_>, key: &ScopeKey, members: &Members) -> Option<String> {
    if key.kind != ScopeKind::Batch {
        return None;
    }
    let number = *members.lines.iter().min_by_key(|n| {
        let line = report.line(**n);
        // Under review if any line is; else the earliest state (domain 5.5).
        (line.status != Status::UnderReview, line.status, line.id)
    })?;
    let line = report.line(number);
    let conditions: BTreeSet<String> =
        members.lines.iter().filter_map(|n| lists::condition(report, *n)).collect();
    let orders = report.scopes.batch_orders(line.batch?)?;
    let condition = if conditions.is_empty() {
        String::new()
    } else {
        format!("eligibility requires {}; ", conditions.into_iter().collect::<Vec<_>>().join(" and "))
    };
    Some(format!(
        "Rebate batch ID {} includes orders {orders}; {condition}current state is '{}'.",
        line.batch?.raw(),
        state_words(line.status)
    ))
}

/// The status as the middle of a sentence has it: `Under review`.
pub(super) fn state_words(status: Status) -> String {
    let label = status.label();
    match label.split_once(' ') {
        Some((first, rest)) if status != Status::Unknown => format!("{first} {}", rest.to_lowercase()),
        Some(_) | None => label.to_owned(),
    }
}

fn facts(report: &Report<'_>, key: &ScopeKey, members: &Members) -> Vec<Vec<Text>> {
    let mut facts: Vec<Vec<Text>> = vec![vec![Text::plain(count_of(members.lines.len(), "line", "lines"))]];
    match key.kind {
        ScopeKind::Program => {
            if let Some(program) =
                report.reconciled.rules.reference.programs.iter().find(|p| p.id.canonical() == key.id)
            {
                facts.push(vec![Text::plain("Program ID "), Text::code(program.id.raw())]);
                facts.push(vec![Text::plain(format!("Currency {}", program.currency))]);
                if let Some(tag) = program.campaign {
                    facts.push(vec![
                        Text::plain("Campaign "),
                        Text::link(tag.as_str(), report.scopes.path(&ScopeKey::campaign(tag))),
                    ]);
                }
                if let (Some(from), Some(to)) = (program.valid.from, program.valid.to) {
                    facts.push(vec![Text::plain(format!(
                        "Window {} to {}",
                        date_in_words(from),
                        date_in_words(to)
                    ))]);
                }
            } else {
                facts.push(vec![Text::plain("No rule in force: amounts are not recomputed")]);
            }
        }
        ScopeKind::Account => {
            let row = report.reconciled.rules.reference.accounts.iter().find(|a| a.id.canonical() == key.id);
            match row {
                Some(row) => {
                    if let Some(vendor) = row.vendor {
                        facts.push(vec![Text::plain("At the vendor "), Text::code(vendor.raw())]);
                    }
                    if let (Some(id), Some(name)) = (row.customer, row.customer_name) {
                        let key = ScopeKey { kind: ScopeKind::Customer, id: Ustr::from(id.canonical()) };
                        facts.push(vec![Text::link(name.as_str(), report.scopes.path(&key))]);
                    }
                }
                None => facts.push(vec![Text::link(
                    "Account mapping not found: add it to the accounts map",
                    "kb/kb-account-mapping.html",
                )]),
            }
        }
        ScopeKind::Customer => {
            let accounts: BTreeSet<AccountId> = report
                .reconciled
                .rules
                .reference
                .accounts
                .iter()
                .filter(|a| a.customer.is_some_and(|c| c.canonical() == key.id))
                .map(|a| a.id)
                .collect();
            let mut words = vec![Text::plain(if accounts.len() == 1 { "Account " } else { "Accounts " })];
            for (n, account) in accounts.iter().take(8).enumerate() {
                if n > 0 {
                    words.push(Text::plain(", "));
                }
                let key = ScopeKey::account(*account);
                words.push(match report.scopes.members(&key) {
                    Some(_) => Text::link(account.raw(), report.scopes.path(&key)),
                    None => Text::plain(account.raw()),
                });
            }
            if accounts.len() > 8 {
                words.push(Text::plain(format!(" and {} more", accounts.len() - 8)));
            }
            facts.push(words);
        }
        ScopeKind::Payout => {
            match report.reconciled.snapshot.records.payouts.iter().find(|p| p.id.canonical() == key.id) {
                Some(payout) => {
                    facts.push(vec![
                        Text::plain("Received "),
                        Text::strong(payout.amount.in_words()),
                        Text::plain(format!(" on {}", date_in_words(payout.date))),
                    ]);
                    if let Some(form) = payout.form {
                        facts.push(vec![Text::plain(format!("Form {form}"))]);
                    }
                    if let Some(bank) = payout.bank_ref {
                        facts.push(vec![Text::plain("Bank reference "), Text::code(bank.as_str())]);
                    }
                }
                None => facts.push(vec![Text::link(
                    "No payout record with this ID was received",
                    "discrepancy/payout-missing.html",
                )]),
            }
        }
        ScopeKind::Batch | ScopeKind::Campaign => {
            let programs: BTreeSet<ProgramId> =
                members.lines.iter().map(|n| report.line(*n).program).collect();
            for program in programs {
                let name =
                    report.reconciled.rules.program(program).map_or(program.raw(), |p| p.name.as_str());
                facts.push(vec![
                    Text::plain("Program "),
                    Text::link(name, report.scopes.path(&ScopeKey::program(program))),
                ]);
            }
        }
    }
    facts.push(vec![Text::plain(format!("Snapshot {}", report.reconciled.as_of().in_words()))]);
    facts
}

fn by_period(report: &Report<'_>, members: &Members) -> Vec<Table> {
    let mut months: BTreeMap<Month, Vec<u32>> = BTreeMap::new();
    for number in &members.lines {
        months.entry(report.line(*number).period).or_default().push(*number);
    }
    let all = report.totals(&members.lines);
    all.by_weight()
        .into_iter()
        .map(|(currency, sums)| {
            let code = currency.code();
            let mut table = money_table(
                &format!("periods-{}", code.to_lowercase()),
                format!("By earned period, newest first. Amounts in {code}."),
                "Period",
            );
            for (month, lines) in months.iter().rev() {
                if let Some(sums) = report.totals(lines).get(currency) {
                    table.rows.push(money_row(
                        "",
                        Cell::link(month.in_words(), address::of_month(*month)),
                        sums,
                    ));
                }
            }
            table.foot.push(money_row("tot", Cell::text("All periods"), sums));
            table
        })
        .collect()
}

/// A table with the measures of a scope in its columns.
pub(super) fn money_table(id: &str, caption: String, first: &str) -> Table {
    Table {
        id: id.to_owned(),
        caption,
        layout: "wide",
        sortable: true,
        columns: vec![
            Column::text(first),
            Column::number("Lines"),
            Column::number("Eligible"),
            Column::number("Calculated"),
            Column::number("Approved"),
            Column::number("Paid"),
            Column::number("Total rebate"),
        ],
        ..Table::default()
    }
}

/// One row of [`money_table`]: buckets as they are now; they add up to the total.
pub(super) fn money_row(style: &'static str, first: Cell, sums: &CurrencyTotals) -> Row {
    Row {
        style,
        id: String::new(),
        cells: vec![
            first,
            Cell::count(sums.lines),
            Cell::money(sums.expected),
            Cell::money(sums.bucket(Bucket::Calculated).1),
            Cell::money(sums.bucket(Bucket::Approved).1),
            Cell::money(sums.bucket(Bucket::Paid).1),
            Cell::money(sums.total()),
        ],
    }
}

/// The list of all scopes of a kind.
pub(super) fn index(report: &Report<'_>, kind: ScopeKind) -> Made {
    let (one, many) = kind.words();
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
                money_table(&format!("all-{}", currency.code().to_lowercase()), String::new(), one)
            });
            table.rows.push(money_row("", Cell::link(members.name.clone(), path.clone()), sums));
        }
    }
    let count = report.scopes.of_kind(kind).count();
    for (currency, mut table) in tables {
        let code = currency.code();
        let file = format!("{folder}/index.{}.csv", code.to_lowercase());
        exports.push((file.clone(), table.clone()));
        actions.push(Link::to(format!("{code} CSV"), file));
        let all = table.rows.len();
        table.rows.truncate(lists::LISTED * 5);
        table.caption = if table.rows.len() < all {
            format!(
                "The first {} of {all}, by ID. Amounts in {code}; the file holds all of them.",
                table.rows.len()
            )
        } else {
            format!("All periods. Amounts in {code}.")
        };
        blocks.push(Block::Table(table));
    }
    let mut main = vec![Block::Section {
        id: "all".to_owned(),
        heading: format!("All {}", many.to_lowercase()),
        actions,
        blocks,
    }];
    if !without_lines.is_empty() {
        without_lines.truncate(lists::LISTED);
        main.push(Block::Section {
            id: "no-lines".to_owned(),
            heading: "Without rebate lines".to_owned(),
            actions: Vec::new(),
            blocks: vec![Block::List { ordered: false, items: without_lines }],
        });
    }
    let lead = format!(
        "{} in this snapshot. Each page shows its total, where the money is now, and every line.",
        count_of(count, &one.to_lowercase(), &many.to_lowercase())
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
            crumbs: vec![Link::to("Overview", "index.html"), Link::here(many)],
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
pub(super) fn disambiguation(report: &Report<'_>, number: usize) -> Made {
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
        title: format!("{many} with one address"),
        description: "Several names lead to this address; choose the one you mean.".to_owned(),
        crumbs: vec![Link::to(many, format!("{}/index.html", keys[0].kind.folder())), Link::here("Choose")],
        heading: "Which one do you mean?".to_owned(),
        lead: vec![Text::plain("Several names lead to this address; choose the one you mean.")],
        main: vec![Block::List { ordered: false, items }],
        ..Page::default()
    }
    .into()
}
