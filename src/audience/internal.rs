//! The tree of an internal audience with a policy: pages of its tables, with its columns and answers and nothing else.
//!
//! Every row is in one group of each table, and groups add up to all rows. A page has up to [`ROWS`] rows; its file has all of
//! its group.

use std::collections::{BTreeMap, BTreeSet};

use ustr::Ustr;

use super::field::{self, ByState};
use crate::config::policy::{Field, Grouping, Policy};
use crate::error::Error;
use crate::language;
use crate::model::money::{Currency, Money, MoneyByCurrency};
use crate::report::page::{Block, Link, Page, Text};
use crate::report::query::rows::RowKey;
use crate::report::query::summary::{State, Sums};
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::trees::KINDS;
use crate::report::{Report, address, amounts_in_words, count_of};
use crate::{mark, say};

/// So many rows stand on a page.
pub const ROWS: usize = 250;
/// The name in addresses of the group of rows that have no value; no value makes it.
const NONE: &str = "_none";

/// The tables of a tree with their groups.
#[derive(Debug)]
pub struct Tables<'p> {
    /// What its audience may see.
    pub policy: &'p Policy,
    pub(super) tables: Vec<(Grouping, Vec<Group>)>,
    all: Sum,
    /// The rows that are in the same group of every table: places of the groups, by table, with their sums.
    pub(super) cells: Vec<Cells>,
}

/// The places of groups by table, whether there is no line, the state, and the currency.
type CellKey = (Vec<u32>, (bool, State), Currency);

/// Rows that are in the same groups, in one state and currency.
#[derive(Debug)]
pub(super) struct Cells {
    /// The place of the group in each table.
    pub(super) groups: Vec<u32>,
    pub(super) state: State,
    pub(super) currency: Currency,
    pub(super) sums: Sums,
}

/// The sums of rows by currency and state.
type Sum = BTreeMap<Currency, ByState>;

/// The rows of one value.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) slug: String,
    /// The value as it is shown; of an id as it was received.
    pub(super) value: String,
    /// The name beside the id, or nothing.
    name: Option<Ustr>,
    rows: Vec<RowKey>,
    sum: Sum,
}

impl Group {
    pub(super) fn title(&self) -> String {
        match self.name {
            Some(name) => format!("{name} ({})", self.value),
            None => self.value.clone(),
        }
    }

    fn parts(&self) -> usize {
        self.rows.len().div_ceil(ROWS).max(1)
    }
}

/// A page to make: a table's list, or a part of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// `index.html`.
    Overview,
    /// `query.html`.
    Query,
    /// `month/index.html`, by its place among the tables.
    Table(usize),
    /// `month/2026-05.html`, by the places of table, group and part.
    Group(usize, usize, usize),
}

/// A page, the file of its group where it is the first part, and every text that its cells show.
#[derive(Debug)]
pub struct Made {
    /// The page.
    pub page: Page,
    /// The file of its table.
    pub file: Option<(String, Table)>,
    /// What the audience may see: every cell that is no answer, name and amount of the page.
    pub own: BTreeSet<String>,
}

/// What a grouping puts together, in words.
pub fn words(grouping: Grouping) -> &'static str {
    match grouping {
        Grouping::Months => say!("Months"),
        Grouping::Customers => say!("Customers"),
        Grouping::Accounts => say!("Accounts"),
        Grouping::Programs => say!("Programs"),
        Grouping::Campaigns => say!("Campaigns"),
    }
}

pub(super) fn header(grouping: Grouping) -> &'static str {
    match grouping {
        Grouping::Months => mark!("Month"),
        Grouping::Customers => mark!("Customer"),
        Grouping::Accounts => mark!("Account"),
        Grouping::Programs => mark!("Program"),
        Grouping::Campaigns => mark!("Campaign"),
    }
}

/// The name of one value of a grouping.
pub(super) fn header_in_words(grouping: Grouping) -> &'static str {
    language::text(header(grouping))
}

fn without(grouping: Grouping) -> &'static str {
    match grouping {
        Grouping::Months => say!("No month"),
        Grouping::Customers => say!("No customer"),
        Grouping::Accounts => say!("No account"),
        Grouping::Programs => say!("No program"),
        Grouping::Campaigns => say!("No campaign"),
    }
}

impl<'p> Tables<'p> {
    /// Puts rows into the tables of a policy.
    pub fn new(report: &Report<'_>, policy: &'p Policy, rows: &[RowKey]) -> Tables<'p> {
        let mut tables: Vec<BTreeMap<Option<String>, (u32, Group)>> =
            policy.tables.iter().map(|_| BTreeMap::new()).collect();
        let mut all = Sum::new();
        // Places in the order in which values come; they are sorted at the end.
        let mut cells: BTreeMap<CellKey, Sums> = BTreeMap::new();
        let mut only: Option<Currency> = None;
        for key in rows {
            let row = report.query_row(*key);
            // Without its column, the status is not there, nor in sums.
            let state = if has_status(policy) { (row.state.is_none(), row.state) } else { (false, None) };
            // And without amounts it is nothing whose currency could differ.
            let currency = if has_amounts(policy) {
                row.place.currency
            } else {
                *only.get_or_insert(row.place.currency)
            };
            let add = |sum: &mut Sum| {
                sum.entry(currency).or_default().entry(state).or_default().add(&row);
            };
            add(&mut all);
            let mut places = Vec::with_capacity(tables.len());
            for (grouping, groups) in policy.tables.iter().zip(&mut tables) {
                let (value, name) = field::group(report, *grouping, &row).unzip();
                let next = u32::try_from(groups.len()).unwrap_or(u32::MAX);
                let (place, group) = groups.entry(value).or_insert_with_key(|value| {
                    (
                        next,
                        Group {
                            slug: value
                                .as_deref()
                                .map_or_else(|| NONE.to_owned(), |value| slug(*grouping, value)),
                            value: name.unwrap_or_else(|| without(*grouping).to_owned()),
                            name: None,
                            rows: Vec::new(),
                            sum: Sum::new(),
                        },
                    )
                });
                places.push(*place);
                group.rows.push(*key);
                if *grouping == Grouping::Customers && group.name.is_none() && group.slug != NONE {
                    group.name = field::customer_name(report, policy, *key);
                }
                add(&mut group.sum);
            }
            cells.entry((places, state, currency)).or_default().add(&row);
        }
        let mut sorted: Vec<Vec<u32>> = Vec::new();
        let tables: Vec<(Grouping, Vec<Group>)> = policy
            .tables
            .iter()
            .zip(tables)
            .map(|(grouping, groups)| {
                let mut groups: Vec<(u32, Group)> = groups.into_values().collect();
                if *grouping == Grouping::Months {
                    groups.reverse();
                }
                let mut places = vec![0; groups.len()];
                for (now, (was, _)) in (0..).zip(&groups) {
                    places[*was as usize] = now;
                }
                sorted.push(places);
                let mut groups: Vec<Group> = groups.into_iter().map(|(_, group)| group).collect();
                let mut taken = BTreeSet::new();
                for group in &mut groups {
                    if !taken.insert(group.slug.clone()) {
                        group.slug = format!("{}--{}", group.slug, address::checksum(&group.value));
                        taken.insert(group.slug.clone());
                    }
                }
                (*grouping, groups)
            })
            .collect();
        let cells = cells.into_iter().map(|((places, (_, state), currency), sums)| {
            let groups = places.iter().zip(&sorted).map(|(place, sorted)| sorted[*place as usize]).collect();
            Cells { groups, state, currency, sums }
        });
        let mut cells: Vec<Cells> = cells.collect();
        cells.sort_by(|a, b| {
            (&a.groups, a.state.is_none(), a.state, a.currency).cmp(&(
                &b.groups,
                b.state.is_none(),
                b.state,
                b.currency,
            ))
        });
        Tables { policy, tables, all, cells }
    }

    /// The tree of an audience that has no row: one group without a name in each table.
    pub fn nobody(policy: &'p Policy) -> Tables<'p> {
        let tables = policy.tables.iter().map(|grouping| {
            let (slug, value) = (NONE.to_owned(), without(*grouping).to_owned());
            (*grouping, vec![Group { slug, value, name: None, rows: Vec::new(), sum: Sum::new() }])
        });
        Tables { policy, tables: tables.collect(), all: Sum::new(), cells: Vec::new() }
    }

    /// Every page.
    pub fn plan(&self) -> Vec<Key> {
        let mut plan = vec![Key::Overview, Key::Query];
        for (table, (_, groups)) in self.tables.iter().enumerate() {
            plan.push(Key::Table(table));
            for (number, group) in groups.iter().enumerate() {
                plan.extend((0..group.parts()).map(|part| Key::Group(table, number, part)));
            }
        }
        plan
    }

    /// The totals by currency: what they have to be is known of our own tree (domain I-22).
    pub fn totals(&self) -> BTreeMap<Currency, i128> {
        self.all.iter().map(|(currency, states)| (*currency, total(states).measures.total)).collect()
    }

    /// The totals by currency of each table, which are those of all rows.
    pub fn totals_of_tables(&self) -> Vec<BTreeMap<Currency, i128>> {
        let of_table = |groups: &[Group]| {
            let mut totals: BTreeMap<Currency, i128> = BTreeMap::new();
            for (currency, states) in groups.iter().flat_map(|group| &group.sum) {
                *totals.entry(*currency).or_default() += total(states).measures.total;
            }
            totals
        };
        self.tables.iter().map(|(_, groups)| of_table(groups)).collect()
    }

    /// Makes a page; `query` is the set of the query's first data file.
    ///
    /// # Errors
    /// [`Error::Content`] where the template of an answer fails.
    pub fn make(&self, report: &Report<'_>, key: Key, query: &str) -> Result<Made, Error> {
        match key {
            Key::Overview => Ok(self.overview(report)),
            Key::Query => Ok(self.query(query)),
            Key::Table(table) => Ok(self.table(table)),
            Key::Group(table, group, part) => self.group(report, table, group, part),
        }
    }

    /// What rows come to: the total, where the audience may see it, as of when, and how many rows.
    fn lead(&self, report: &Report<'_>, sum: &Sum) -> String {
        let rows = sum.values().map(|states| total(states).rows).sum();
        let rows = count_of(rows, "row", "rows");
        let as_of = report.reconciled.as_of().in_words();
        if !self.policy.columns.contains(&Field::Total) {
            return say!("{rows} as of {as_of}.", rows, as_of);
        }
        let mut totals = MoneyByCurrency::default();
        let of_currency = |(currency, states): (&Currency, &ByState)| {
            Money::from_minor(total(states).measures.total, *currency)
        };
        totals.extend(sum.iter().map(of_currency));
        let amounts = amounts_in_words(&totals);
        if amounts.is_empty() {
            return say!("No total rebate yet as of {as_of}, in {rows}.", as_of, rows);
        }
        say!("{amounts} total rebate as of {as_of}, in {rows}.", amounts, as_of, rows)
    }

    fn overview(&self, report: &Report<'_>) -> Made {
        let title = title(self.policy);
        let lead = self.lead(report, &self.all);
        let mut page = Page {
            path: "index.html".to_owned(),
            title: title.to_owned(),
            heading: title.to_owned(),
            description: lead.clone(),
            nav: "overview",
            scope: "all".to_owned(),
            lead: vec![Text::plain(lead)],
            facts: vec![
                vec![Text::plain(say!("All periods"))],
                vec![Text::plain(say!(
                    "What {audience} may see is set in the configuration",
                    audience = title
                ))],
            ],
            ..Page::default()
        };
        let sums = sums(self.policy, &self.all);
        let mut own = texts(&[&sums], 0);
        own.insert(title.to_owned());
        page.main = vec![section("sums", by_status(self.policy), Vec::new(), vec![Block::Table(sums)])];
        for (place, (grouping, groups)) in self.tables.iter().enumerate() {
            let many = words(*grouping);
            let mut table = self.list(place);
            table.rows.truncate(12);
            own.extend(texts(&[&table], 0));
            let all = Link::to(
                say!("All {count}", count = groups.len()),
                format!("{}/index.html", grouping.folder()),
            );
            page.main.push(section(grouping.folder(), many, vec![all], vec![Block::Table(table)]));
        }
        Made { page, file: None, own }
    }

    /// The list of a table's groups.
    fn list(&self, table: usize) -> Table {
        let (grouping, groups) = &self.tables[table];
        let rows = groups.iter().flat_map(|group| {
            group.sum.iter().map(|(currency, states)| {
                let address = format!("{}/{}.html", grouping.folder(), group.slug);
                let plain = (group.slug != NONE).then(|| group.value.clone());
                let name =
                    Cell { csv: Some(plain.unwrap_or_default()), ..Cell::link(group.title(), address) };
                let cells = std::iter::once(name);
                let sums = field::sum_cells(self.policy, *currency, &total(states));
                Row { cells: cells.chain(sums).collect(), ..Row::default() }
            })
        });
        let many = words(*grouping);
        Table {
            id: format!("{}-list", grouping.folder()),
            caption: say!(
                "{what}: how many rows, and their sums. Amounts are of what counts in the total.",
                what = many
            ),
            layout: "wide",
            sortable: true,
            columns: std::iter::once(Column::text(header(*grouping)))
                .chain(field::sum_columns(self.policy))
                .collect(),
            rows: rows.collect(),
            empty: say!("There are no rows.").to_owned(),
            ..Table::default()
        }
    }

    fn table(&self, place: usize) -> Made {
        let (grouping, groups) = &self.tables[place];
        let many = words(*grouping);
        let table = self.list(place);
        let own = texts(&[&table], 0);
        let path = format!("{}/index.html", grouping.folder());
        let file = format!("{}/index.csv", grouping.folder());
        let lead = say!("{count} in this snapshot.", count = count_of(groups.len(), "page", "pages"));
        let page = Page {
            title: many.to_owned(),
            heading: many.to_owned(),
            description: lead.clone(),
            nav: grouping.folder(),
            crumbs: vec![overview(), Link::here(many)],
            scope: "all".to_owned(),
            lead: vec![Text::plain(lead)],
            main: vec![section(
                "list",
                many,
                vec![Link::to("CSV", file.clone())],
                vec![Block::Table(table.clone())],
            )],
            path,
            ..Page::default()
        };
        Made { page, file: Some((file, table)), own }
    }

    fn group(&self, report: &Report<'_>, table: usize, number: usize, part: usize) -> Result<Made, Error> {
        let (grouping, groups) = &self.tables[table];
        let group = &groups[number];
        let many = words(*grouping);
        let parts = group.parts();
        let shown = part * ROWS..group.rows.len().min((part + 1) * ROWS);
        // The file is made once, with the first part.
        let wanted = if part == 0 { 0..group.rows.len() } else { shown.clone() };
        let cells = |key: &RowKey| {
            let cells = field::cells(report, self.policy, *key)?;
            Ok(Row { cells, ..Row::default() })
        };
        let rows: Vec<Row> = group.rows[wanted].iter().map(cells).collect::<Result<_, Error>>()?;
        let whole = Table {
            id: "rows".to_owned(),
            caption: if parts == 1 {
                say!("Rebate lines, and orders that have none yet.").to_owned()
            } else {
                say!(
                    "Rebate lines, and orders that have none yet: {first} to {last} of {all}.",
                    first = shown.start + 1,
                    last = shown.end,
                    all = group.rows.len()
                )
            },
            // What may be wider than its page is moved with the keyboard as well.
            layout: "wide",
            sortable: parts == 1,
            columns: field::columns(self.policy),
            rows,
            empty: say!("There are no rows.").to_owned(),
            ..Table::default()
        };
        let on_page = self.on_page(*grouping, group, &whole);
        let folder = grouping.folder();
        let path = |part: usize| match part {
            0 => format!("{folder}/{}.html", group.slug),
            part => format!("{folder}/{}.{}.html", group.slug, part + 1),
        };
        let file = format!("{folder}/{}.csv", group.slug);
        let sums = sums(self.policy, &group.sum);
        let mut own = texts(&[&sums], 0);
        own.extend(texts(&[&whole], self.policy.answers.len()));
        own.extend([group.value.clone(), group.title()]);
        let lead = self.lead(report, &group.sum);
        let is_month = *grouping == Grouping::Months;
        let facts = if is_month { Vec::new() } else { vec![vec![Text::plain(say!("All periods"))]] };
        let mut main = Vec::new();
        if part == 0 {
            main.push(section("sums", by_status(self.policy), Vec::new(), vec![Block::Table(sums)]));
        }
        let mut actions = vec![Link::to("CSV", file.clone())];
        if part > 0 {
            actions.insert(0, Link::to(say!("Previous rows"), path(part - 1)));
        }
        if part + 1 < parts {
            actions.push(Link::to(say!("Next rows"), path(part + 1)));
        }
        main.push(section("lines", say!("Row by row"), actions, vec![Block::Table(on_page)]));
        let page = Page {
            path: path(part),
            title: group.title(),
            heading: group.title(),
            description: lead.clone(),
            nav: folder,
            crumbs: vec![
                overview(),
                Link::to(many, format!("{folder}/index.html")),
                Link::here(group.title()),
            ],
            scope: scope(*grouping, group),
            lead: vec![Text::plain(lead)],
            facts,
            main,
            ..Page::default()
        };
        own.insert(page.scope.clone());
        let file = (part == 0).then_some((file, whole));
        Ok(Made { page, file, own })
    }
}

impl Tables<'_> {
    /// The first rows of a group's table without what its page says in its heading, and without the currency where it is the
    /// same everywhere.
    fn on_page(&self, grouping: Grouping, group: &Group, whole: &Table) -> Table {
        let mut said = vec![field::column(grouping.field()).label];
        if grouping == Grouping::Customers {
            said.push(field::column(Field::CustomerName).label);
        }
        if group.slug == NONE {
            said.clear();
        }
        if group.sum.len() == 1 {
            said.push(field::CURRENCY.to_owned());
        }
        let is_kept: Vec<bool> = whole.columns.iter().map(|column| !said.contains(&column.label)).collect();
        let kept = |cells: &[Cell]| {
            let cells = cells.iter().zip(&is_kept).filter(|(_, is_kept)| **is_kept);
            cells.map(|(cell, _)| cell.clone()).collect()
        };
        let columns = whole.columns.iter().zip(&is_kept).filter(|(_, is_kept)| **is_kept);
        Table {
            columns: columns.map(|(column, _)| column.clone()).collect(),
            rows: whole
                .rows
                .iter()
                .take(ROWS)
                .map(|row| Row { cells: kept(&row.cells), ..Row::default() })
                .collect(),
            ..whole.clone_head()
        }
    }
}

/// What the figures of a group's page are about.
fn scope(grouping: Grouping, group: &Group) -> String {
    match grouping {
        Grouping::Months => format!("period={}", group.slug),
        Grouping::Customers | Grouping::Accounts | Grouping::Programs | Grouping::Campaigns => {
            format!("{}={}", grouping.folder(), group.value)
        }
    }
}

/// What `values::each` calls the values that an audience may see; the name of the set of inputs stands on each of its pages.
///
/// # Errors
/// [`Error::Usage`] where a policy mentions a kind of value that there is not.
pub fn kinds(policy: &Policy) -> Result<BTreeSet<&'static str>, Error> {
    let known = |name: &String| {
        KINDS.iter().copied().find(|kind| kind == name).ok_or_else(|| Error::Usage {
            message: format!("`tieout.toml`: [[audience]] `{}` mentions `{name}`", policy.name),
            help: format!("what can be mentioned: {}", KINDS.join(", ")),
        })
    };
    let mentioned: Vec<&str> = policy.mentions.iter().map(known).collect::<Result<_, Error>>()?;
    let shown = policy.columns.iter().flat_map(|column| field::kinds(*column)).copied();
    Ok(shown.chain(mentioned).chain(["record set"]).collect())
}

/// The headers of the columns and answers of a policy's rows.
pub fn headers(policy: &Policy) -> Vec<String> {
    field::columns(policy).iter().map(|column| column.shown().to_owned()).collect()
}

/// What the pages of a policy call its audience.
pub fn title(policy: &Policy) -> &str {
    if policy.title.is_empty() { &policy.name } else { &policy.title }
}

fn slug(grouping: Grouping, value: &str) -> String {
    match grouping {
        Grouping::Months => value.to_owned(),
        Grouping::Campaigns => address::of_name(value),
        Grouping::Customers | Grouping::Accounts | Grouping::Programs => address::of_id(value),
    }
}

pub(super) fn overview() -> Link {
    Link::to(say!("Overview"), "index.html")
}

pub(super) fn section(id: &str, heading: &str, actions: Vec<Link>, blocks: Vec<Block>) -> Block {
    Block::Section { id: id.to_owned(), heading: heading.to_owned(), actions, blocks }
}

/// Whether an audience may see what state a row is in.
pub(super) fn has_status(policy: &Policy) -> bool {
    policy.columns.contains(&Field::Status)
}

/// Whether an audience may see any amount.
pub fn has_amounts(policy: &Policy) -> bool {
    policy.columns.iter().any(|column| field::is_amount(*column))
}

/// All states of a currency together; the amounts are of those that count.
fn total(states: &ByState) -> Sums {
    states.values().fold(Sums::default(), |mut sum, state| {
        sum += state;
        sum
    })
}

/// The heading of sums.
fn by_status(policy: &Policy) -> &'static str {
    if has_status(policy) { say!("By status") } else { say!("All rows") }
}

/// Sums by status, and of all that count in the total; the latter alone where the status is not there.
fn sums(policy: &Policy, sum: &Sum) -> Table {
    let cells = |currency: &Currency, sums: &Sums| field::sum_cells(policy, *currency, sums);
    let row = |style, state: Option<Cell>, currency: &Currency, sums: &Sums| Row {
        style,
        cells: state.into_iter().chain(cells(currency, sums)).collect(),
        ..Row::default()
    };
    let table = Table {
        id: "by-status".to_owned(),
        caption: say!("What is rejected or waits for a calculation has no amount in the total.").to_owned(),
        layout: "wide",
        empty: say!("There are no rows.").to_owned(),
        ..Table::default()
    };
    if !has_status(policy) {
        let rows = sum.iter().map(|(currency, states)| row("", None, currency, &total(states)));
        return Table { columns: field::sum_columns(policy), rows: rows.collect(), ..table };
    }
    let rows = sum.iter().flat_map(|(currency, states)| {
        states.iter().map(|((_, state), sums)| row("", Some(field::state_cell(*state)), currency, sums))
    });
    let all = || Some(Cell::text(say!("All rows")));
    let foot = sum.iter().map(|(currency, states)| row("tot", all(), currency, &total(states)));
    Table {
        columns: std::iter::once(Column::text(mark!("Status"))).chain(field::sum_columns(policy)).collect(),
        rows: rows.collect(),
        foot: foot.collect(),
        ..table
    }
}

/// What pages say that [`Tables::nobody`] does not.
pub fn fixed() -> Vec<String> {
    [say!("Previous rows"), say!("Next rows"), say!("no amount yet"), say!("No rebate line yet")]
        .map(str::to_owned)
        .into()
}

/// Every text of tables, but that of the last columns of each.
pub fn texts(tables: &[&Table], answers: usize) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for row in tables.iter().flat_map(|table| table.rows.iter().chain(&table.foot)) {
        for cell in &row.cells[..row.cells.len() - answers.min(row.cells.len())] {
            all.extend([cell.text.clone(), cell.value().to_owned()]);
            all.extend(cell.href.clone());
            all.extend(cell.amount.map(|amount| amount.in_words()));
            all.extend(cell.amount.map(|amount| format!("{amount} {}", amount.currency())));
        }
    }
    all
}
