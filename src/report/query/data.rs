//! What the page of a query loads: files of rows, of their groups and of months, so that a query loads what it needs and
//! nothing else.
//!
//! A *month file* answers every question about whole periods: the sums of each state and of each value of each dimension.
//! *Groups* are the rows of a cell (program, campaign) added up by everything that a scope may ask for besides a day, an
//! id or a customer. *Rows* are the rows themselves, in the order of the lists, and once more by customer and account.
//! Each file is named by its content in the file that names it, so that a month that did not change keeps its bytes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use ustr::Ustr;

use super::rows::{Row, RowKey};
use super::scope::{CLEAN, NO_LINE, part_of};
use super::summary::{Dimension, State, Summary, Sums};
use crate::error::Error;
use crate::ingest::grammar;
use crate::model::money::Currency;
use crate::model::status::{Bucket, Status};
use crate::model::time::Month;
use crate::reconcile::Kind;
use crate::report::script::{DataScript, Grid, Texts, day, place};
use crate::report::{Report, address};

/// Rows of one file: about 25 KB.
pub const ROWS_OF_A_FILE: usize = 200;
/// Groups in a file before the next cell begins another one: about 20 KB.
const GROUPS_OF_A_FILE: usize = 300;

/// The address of a data file.
pub fn path(name: &str) -> String {
    format!("query/data/{name}.js")
}

/// One period, with its rows in the order of lists, and the files that hold them.
#[derive(Debug)]
pub struct MonthRows {
    /// The period.
    pub month: Month,
    /// Its rows.
    pub rows: Vec<RowKey>,
}

impl MonthRows {
    /// The name of a file of rows.
    pub fn lines_name(&self, number: usize) -> String {
        format!("{}-lines-{number}", self.month)
    }

    /// The name of a file of groups.
    pub fn groups_name(&self, number: usize) -> String {
        format!("{}-groups-{number}", self.month)
    }
}

/// What a month file says besides the names of other files.
#[derive(Debug)]
pub struct MonthData {
    summary: Summary,
    cells: Vec<Cell>,
    /// How many rows each file of them has, its first and its last day.
    days: Vec<(usize, NaiveDate, NaiveDate)>,
    /// The files of groups.
    pub groups: Vec<DataScript>,
}

/// The rows of a program and campaign.
#[derive(Debug)]
struct Cell {
    program: Ustr,
    campaign: Option<Ustr>,
    rows: usize,
    /// The file of its groups.
    groups: usize,
    /// The first and the last file of its rows.
    lines: (usize, usize),
}

/// By what a group is told apart inside its cell.
type Group = (Option<Ustr>, Option<Ustr>, State, Option<Kind>, Currency);

/// What occurs in any month, for the choices of the page.
#[derive(Debug, Default)]
pub struct Known {
    campaigns: BTreeSet<Ustr>,
    categories: BTreeSet<Ustr>,
    regions: BTreeSet<Ustr>,
    kinds: BTreeSet<Kind>,
    programs: BTreeSet<Ustr>,
    currencies: BTreeSet<Currency>,
    days: Option<(NaiveDate, NaiveDate)>,
}

impl Known {
    /// Adds what occurs in a month.
    pub fn add(&mut self, data: &MonthData) {
        for (dimension, value, currency) in data.summary.facets.keys() {
            self.currencies.insert(*currency);
            let Some(value) = value else { continue };
            let name = Ustr::from(value);
            match dimension {
                Dimension::Program => drop(self.programs.insert(name)),
                Dimension::Campaign => drop(self.campaigns.insert(name)),
                Dimension::Category => drop(self.categories.insert(name)),
                Dimension::Region => drop(self.regions.insert(name)),
                Dimension::Kind => self.kinds.extend(Kind::parse(value)),
                Dimension::Status | Dimension::Bucket => {}
            }
        }
        for (_, first, last) in &data.days {
            let (from, to) = self.days.unwrap_or((*first, *last));
            self.days = Some((from.min(*first), to.max(*last)));
        }
    }
}

/// Columns of a file of rows while it is made: a column in which all rows agree is one number.
#[derive(Debug, Default)]
struct Columns {
    names: Vec<&'static str>,
    cells: Vec<Vec<i128>>,
    at: usize,
}

impl Columns {
    fn row(&mut self) {
        self.at = 0;
    }

    fn put(&mut self, name: &'static str, cell: i128) {
        if self.at == self.names.len() {
            self.names.push(name);
            self.cells.push(Vec::new());
        }
        self.cells[self.at].push(cell);
        self.at += 1;
    }

    fn grids(self) -> impl Iterator<Item = (&'static str, Grid)> {
        self.names.into_iter().zip(self.cells).map(|(name, mut cells)| {
            if cells.windows(2).all(|pair| pair[0] == pair[1]) {
                cells.truncate(1);
            }
            (name, Grid { width: cells.len(), cells })
        })
    }
}

/// Rows of a grid, each once.
#[derive(Debug, Default)]
struct Distinct {
    grid: Grid,
    numbers: BTreeMap<Vec<i128>, i128>,
}

impl Distinct {
    fn number(&mut self, row: Vec<i128>) -> i128 {
        if let Some(number) = self.numbers.get(&row) {
            return *number;
        }
        let number = self.grid.push(&row);
        self.numbers.insert(row, number);
        number
    }
}

fn status_part(state: State) -> &'static str {
    state.map_or(NO_LINE, |(status, _)| status.slug())
}

fn count(number: usize) -> i128 {
    place(number)
}

fn days(day_of: Option<NaiveDate>) -> i128 {
    day_of.map_or(Grid::NONE, day)
}

/// Rows, expected, not recomputed, calculated, adjustments, paid, first and last due day, rows with one.
fn sums_row(sums: &Sums) -> [i128; 9] {
    [
        count(sums.rows),
        sums.expected,
        count(sums.not_recomputed),
        sums.measures.calculated,
        sums.measures.adjustments,
        sums.measures.paid,
        days(sums.due.map(|due| due.0)),
        days(sums.due.map(|due| due.1)),
        count(sums.due_rows),
    ]
}

/// The canonical form of an id, none where a script makes it of the other, and the id as received.
fn id_texts(texts: &mut Texts, canonical: &str, raw: &str) -> [i128; 2] {
    let is_made = grammar::canonical(raw) == canonical;
    [texts.optional(Some(canonical).filter(|_| !is_made)), texts.number(raw)]
}

fn file(name: &str, texts: Texts, grids: Vec<(&'static str, Grid)>) -> DataScript {
    DataScript { path: path(name), set: String::new(), texts: texts.all, grids }
}

impl Report<'_> {
    /// The rows of each period, newest period first.
    pub fn query_months(&self, rows: &[RowKey]) -> Vec<MonthRows> {
        let month = |key: &RowKey| match *key {
            RowKey::Line(number) => self.line(number).period,
            RowKey::Order(number) => self.reconciled.orders[number as usize].period,
        };
        let mut months: Vec<MonthRows> = rows
            .chunk_by(|a, b| month(a) == month(b))
            .filter_map(|rows| Some(MonthRows { month: month(rows.first()?), rows: rows.to_vec() }))
            .collect();
        months.reverse();
        months
    }

    /// The rows once more, by customer and account.
    pub fn query_rows_by_customer(&self, rows: &[RowKey]) -> Vec<RowKey> {
        let mut sorted: Vec<_> = rows
            .iter()
            .enumerate()
            .map(|(number, key)| {
                let row = self.bare_row(*key).place;
                (row.customer.map(|id| id.key()), row.account.map(|id| id.key()), number)
            })
            .collect();
        sorted.sort_unstable();
        sorted.into_iter().map(|(_, _, number)| rows[number]).collect()
    }

    /// A month added up.
    pub fn query_month(&self, of: &MonthRows) -> MonthData {
        let mut data = MonthData {
            summary: Summary::default(),
            cells: Vec::new(),
            days: Vec::new(),
            groups: Vec::new(),
        };
        let (mut texts, mut grid) = (Texts::default(), Grid::default());
        let mut groups: BTreeMap<Group, Sums> = BTreeMap::new();
        for (number, key) in of.rows.iter().enumerate() {
            let row = self.query_row(*key);
            data.summary.add(&row);
            let lines = number / ROWS_OF_A_FILE;
            match data.days.get_mut(lines) {
                None => data.days.push((1, row.day, row.day)),
                Some((rows, first, last)) => {
                    (*rows, *first, *last) = (*rows + 1, (*first).min(row.day), (*last).max(row.day));
                }
            }
            let (program, campaign) = (row.place.program.key(), row.place.campaign);
            let is_same =
                data.cells.last().is_some_and(|cell| cell.program == program && cell.campaign == campaign);
            if !is_same {
                self.close_cell(of, &mut data, (&mut texts, &mut grid), &mut groups);
                let groups = data.groups.len();
                data.cells.push(Cell { program, campaign, rows: 0, groups, lines: (lines, lines) });
            }
            if let Some(cell) = data.cells.last_mut() {
                cell.rows += 1;
                cell.lines.1 = lines;
            }
            let place = &row.place;
            let group = (place.category, place.region, row.state, row.kind, place.currency);
            groups.entry(group).or_default().add(&row);
        }
        self.close_cell(of, &mut data, (&mut texts, &mut grid), &mut groups);
        if !grid.cells.is_empty() {
            let name = of.groups_name(data.groups.len());
            data.groups.push(file(&name, texts, vec![("groups", grid)]));
        }
        data
    }

    /// Checks that a month adds up to what its page says (domain, I-5).
    ///
    /// # Errors
    /// [`Error::Identity`] where it does not.
    pub fn check_query_month(&self, of: &MonthRows, data: &MonthData) -> Result<(), Error> {
        let lines = self.scopes.period(of.month).map_or(&[][..], |members| &members.lines);
        let totals = self.totals(lines);
        for (currency, sums) in data.summary.currencies() {
            let (count, total, paid) =
                totals.get(currency).map_or((0, 0, 0), |t| (t.lines, t.total().minor(), t.paid.minor()));
            let measures = sums.measures;
            if (sums.lines, measures.total, measures.paid) != (count, total, paid) {
                return Err(Error::Identity(format!(
                    "the query of {} in {} has {} lines with a total of {}, its page {count} with {total}",
                    of.month,
                    currency.code(),
                    sums.lines,
                    measures.total
                )));
            }
        }
        Ok(())
    }

    /// Writes the groups of the newest cell; a file that is full is finished.
    fn close_cell(
        &self,
        of: &MonthRows,
        data: &mut MonthData,
        (texts, grid): (&mut Texts, &mut Grid),
        groups: &mut BTreeMap<Group, Sums>,
    ) {
        let Some(cell) = data.cells.last() else { return };
        for ((category, region, state, kind, currency), sums) in std::mem::take(groups) {
            let mut row = vec![
                texts.number(&cell.program),
                texts.optional(cell.campaign.as_ref().map(Ustr::as_str)),
                texts.optional(category.as_ref().map(Ustr::as_str)),
                texts.optional(region.as_ref().map(Ustr::as_str)),
                texts.number(status_part(state)),
                texts.optional(state.map(|(_, bucket)| part_of(bucket)).as_deref()),
                texts.number(kind.map_or(CLEAN, Kind::code)),
                texts.number(currency.code()),
            ];
            row.extend(sums_row(&sums));
            grid.push(&row);
        }
        if grid.width > 0 && grid.cells.len() / grid.width >= GROUPS_OF_A_FILE {
            let name = of.groups_name(data.groups.len());
            let grid = std::mem::take(grid);
            data.groups.push(file(&name, std::mem::take(texts), vec![("groups", grid)]));
        }
    }

    /// The file of a month; `groups` and `lines` are the sets of its files.
    pub fn query_month_file(
        &self,
        of: &MonthRows,
        data: &MonthData,
        groups: &[String],
        lines: &[String],
    ) -> DataScript {
        let mut texts = Texts::default();
        let (mut facets, mut states) = (Grid::default(), Grid::default());
        for ((dimension, value, currency), sums) in &data.summary.facets {
            facets.push(&[
                texts.number(dimension.name()),
                texts.optional(value.as_deref()),
                texts.number(currency.code()),
                count(sums.rows),
                count(sums.lines),
                sums.measures.total,
                sums.apart,
            ]);
        }
        for ((currency, state), sums) in &data.summary.states {
            let mut row = vec![
                texts.number(status_part(*state)),
                texts.optional(state.map(|(_, bucket)| part_of(bucket)).as_deref()),
                texts.number(currency.code()),
            ];
            row.extend(sums_row(sums));
            states.push(&row);
        }
        let mut cells = Grid::default();
        for cell in &data.cells {
            cells.push(&[
                texts.number(&cell.program),
                texts.optional(cell.campaign.as_ref().map(Ustr::as_str)),
                count(cell.rows),
                count(cell.groups),
                count(cell.lines.0),
                count(cell.lines.1),
            ]);
        }
        let (mut group_files, mut line_files) = (Grid::default(), Grid::default());
        for set in groups {
            group_files.push(&[texts.number(set)]);
        }
        let start = day(self.reconciled.rules.reference.period(of.month).start);
        for (set, (_, first, last)) in lines.iter().zip(&data.days) {
            line_files.push(&[texts.number(set), day(*first) - start, day(*last) - start]);
        }
        let grids = vec![
            ("facets", facets),
            ("states", states),
            ("cells", cells),
            ("groups", group_files),
            ("lines", line_files),
            ("rows", Grid { width: 2, cells: vec![count(of.rows.len()), count(ROWS_OF_A_FILE)] }),
        ];
        file(&of.month.to_string(), texts, grids)
    }

    /// A file of rows: what many rows share stands once in a list, and a row names its place there.
    ///
    /// Shape: `rows` (how many, the day from which days are counted), one grid with one row for each column, then the lists.
    /// An id whose canonical form a script makes of the id as received is left out (none).
    ///
    /// # Errors
    /// [`Error::Content`] where a sentence cannot be filled.
    pub fn query_rows_file(&self, name: &str, keys: &[RowKey]) -> Result<DataScript, Error> {
        let mut texts = Texts::default();
        let mut columns = Columns::default();
        let [mut places, mut states, mut customers, mut accounts, mut batches, mut payouts]: [Distinct; 6] =
            Default::default();
        let mut also = Grid::default();
        let rows: Vec<Row> = keys.iter().map(|key| self.query_row(*key)).collect();
        let first = rows.iter().map(|row| row.day).min().map_or(0, day);
        for (number, row) in rows.iter().enumerate() {
            let at = &row.place;
            columns.row();
            let place = vec![
                texts.number(&at.period.to_string()),
                texts.number(at.program.canonical()),
                texts.number(at.program.raw()),
                texts.optional(at.campaign.as_ref().map(Ustr::as_str)),
                texts.optional(at.category.as_ref().map(Ustr::as_str)),
                texts.optional(at.region.as_ref().map(Ustr::as_str)),
                texts.number(at.currency.code()),
            ];
            columns.put("place", places.number(place));
            let (reason, next) = self.query_words(row.key)?;
            let code = match row.key {
                RowKey::Line(number) => self.line(number).reason_raw,
                RowKey::Order(_) => None,
            };
            let state = vec![
                texts.number(status_part(row.state)),
                texts.optional(row.state.map(|(_, bucket)| part_of(bucket)).as_deref()),
                texts.number(row.kind.map_or(CLEAN, Kind::code)),
                texts.number(&reason),
                texts.optional(code.as_ref().map(Ustr::as_str)),
                texts.number(&next),
                texts.optional(self.query_update(row.key)),
            ];
            columns.put("state", states.number(state));
            let customer = at.customer.map(|id| {
                let name = self.query_customer_name(row).unwrap_or(Ustr::from(id.raw()));
                let [canonical, raw] = id_texts(&mut texts, id.canonical(), id.raw());
                customers.number(vec![canonical, raw, texts.number(&name)])
            });
            let account = at.account.map(|id| {
                let [canonical, raw] = id_texts(&mut texts, id.canonical(), id.raw());
                accounts.number(vec![canonical, raw, customer.unwrap_or(Grid::NONE)])
            });
            columns.put("account", account.unwrap_or(Grid::NONE));
            let batch =
                at.batch.map(|id| batches.number(id_texts(&mut texts, id.canonical(), id.raw()).into()));
            columns.put("batch", batch.unwrap_or(Grid::NONE));
            let payout =
                at.payout.map(|id| payouts.number(id_texts(&mut texts, id.canonical(), id.raw()).into()));
            columns.put("payout", payout.unwrap_or(Grid::NONE));
            let order = at.order.unwrap_or(at.order_ref);
            let [canonical, raw] = id_texts(&mut texts, order.canonical(), order.raw());
            columns.put("order", canonical);
            columns.put("named", raw);
            columns.put("line", texts.optional(self.query_line_id(row.key)));
            columns.put("page", texts.optional(self.query_page(row.key, order.canonical()).as_deref()));
            columns.put("day", day(row.day) - first);
            columns.put("expected", row.expected.unwrap_or(Grid::NONE));
            columns.put("calculated", row.calculated.unwrap_or(Grid::NONE));
            columns.put("adjustments", row.adjustments);
            columns.put("paid", row.paid.unwrap_or(Grid::NONE));
            columns.put("due", row.due.map_or(Grid::NONE, |due| day(due) - first));
            if let RowKey::Line(line) = row.key {
                for share in self.reconciled.matching.of_line(line).shares.iter().skip(1) {
                    let order = self.order(share.order).id;
                    also.push(&[count(number), texts.number(order.canonical()), texts.number(order.raw())]);
                }
            }
        }
        let mut grids = vec![("rows", Grid { width: 2, cells: vec![count(keys.len()), first] })];
        grids.extend(columns.grids());
        let lists = [
            ("places", places),
            ("states", states),
            ("customers", customers),
            ("accounts", accounts),
            ("batches", batches),
            ("payouts", payouts),
        ];
        grids.extend(lists.map(|(name, list)| (name, list.grid)));
        grids.push(("also", also));
        Ok(file(name, texts, grids))
    }

    /// The sets of the files of rows by customer.
    pub fn query_customers_file(&self, sets: &[String]) -> DataScript {
        let mut texts = Texts::default();
        let cells = sets.iter().map(|set| texts.number(set)).collect();
        file("customers", texts, vec![("files", Grid { width: 1, cells })])
    }

    /// The first file that the page loads: names, the sets of the months, and those of the heads of the index
    /// of ids and of the rows by customer.
    pub fn query_index_file(
        &self,
        months: &[(&MonthRows, String)],
        known: &Known,
        parts: [&str; 2],
    ) -> DataScript {
        let mut texts = Texts::default();
        let reference = self.reconciled.rules.reference;
        let as_of = self.reconciled.as_of();
        let mut about = Grid::default();
        let (first, last) = known.days.unzip();
        about.push(&[
            texts.number(&as_of.to_string()),
            texts.number(&as_of.in_words()),
            day(as_of.date()),
            texts.number(&self.default_month().to_string()),
            texts.number(self.sources.time_zone),
            texts.number(self.sources.base_url),
            days(first),
            days(last),
        ]);
        let mut grid_of_months = Grid::default();
        for (of, set) in months {
            let period = reference.period(of.month);
            grid_of_months.push(&[
                texts.number(&of.month.to_string()),
                texts.number(&of.month.in_words()),
                day(period.start),
                day(period.last_day()),
                count(of.rows.len()),
                texts.number(set),
            ]);
        }
        let mut periods = Grid::default();
        for row in &reference.periods {
            let days = [row.period.start, row.period.last_day()].map(day);
            periods.push(&[texts.number(&row.month.to_string()), days[0], days[1]]);
        }
        let mut currencies = Grid::default();
        for currency in &known.currencies {
            let sign = texts.optional(currency.sign());
            currencies.push(&[texts.number(currency.code()), currency.digits().into(), sign]);
        }
        let (mut statuses, mut buckets, mut kinds) = (Grid::default(), Grid::default(), Grid::default());
        for status in Status::ALL {
            let words = self.sources.content.status(status);
            statuses.push(&[
                texts.number(status.slug()),
                texts.number(status.label()),
                texts.number(&words.next_step),
                texts.number(&words.timeline),
            ]);
        }
        for bucket in Bucket::ALL {
            buckets.push(&[texts.number(bucket.label()), i128::from(bucket.is_in_total())]);
        }
        for kind in &known.kinds {
            let title = &self.sources.content.kind(*kind).title;
            kinds.push(&[texts.number(kind.code()), texts.number(title)]);
        }
        let mut programs = Grid::default();
        for id in &known.programs {
            let program = reference.programs.iter().find(|program| program.id.key() == *id);
            let (raw, name) = program.map_or((id.as_str(), id.as_str()), |p| (p.id.raw(), p.name.as_str()));
            programs.push(&[texts.number(id), texts.number(raw), texts.number(name)]);
        }
        let mut names = |set: &BTreeSet<Ustr>| {
            let mut grid = Grid::default();
            for name in set {
                grid.push(&[texts.number(name)]);
            }
            grid
        };
        let [categories, regions] = [&known.categories, &known.regions].map(&mut names);
        let mut campaigns = Grid::default();
        for name in &known.campaigns {
            campaigns.push(&[texts.number(name), texts.number(&address::of_name(name))]);
        }
        let mut snapshots = Grid::default();
        for as_of in self.sources.history.snapshots() {
            let words = [texts.number(&as_of.to_string()), texts.number(&as_of.in_words())];
            snapshots.push(&[words[0], words[1], day(as_of.date())]);
        }
        let parts = Grid { width: 2, cells: parts.map(|set| texts.number(set)).into() };
        let grids = vec![
            ("about", about),
            ("months", grid_of_months),
            ("periods", periods),
            ("currencies", currencies),
            ("statuses", statuses),
            ("buckets", buckets),
            ("kinds", kinds),
            ("programs", programs),
            ("campaigns", campaigns),
            ("categories", categories),
            ("regions", regions),
            ("snapshots", snapshots),
            ("parts", parts),
        ];
        file("index", texts, grids)
    }

    /// Under a name that stays: which snapshot is the newest, and the set of the first file.
    pub fn query_latest_file(&self, set: &str) -> DataScript {
        let mut texts = Texts::default();
        let as_of = self.reconciled.as_of();
        let row = [&as_of.to_string(), &as_of.in_words(), set].map(|text| texts.number(text));
        let latest = Grid { width: row.len(), cells: row.into() };
        file("latest", texts, vec![("latest", latest)])
    }

    /// The line of a row, as received; `None` for an order without one.
    pub(super) fn query_line_id(&self, key: RowKey) -> Option<&'static str> {
        match key {
            RowKey::Line(number) => Some(self.line(number).id.raw()),
            RowKey::Order(_) => None,
        }
    }

    pub(super) fn query_customer_name(&self, row: &Row) -> Option<Ustr> {
        let order = match row.key {
            RowKey::Line(number) => self.reconciled.first_order(number)?,
            RowKey::Order(number) => self.order(number),
        };
        self.scopes.customer_name(self.reconciled, order)
    }

    /// The page of a row, where it is not the one that a script makes of the order's id.
    fn query_page(&self, key: RowKey, order: &str) -> Option<String> {
        let page = match key {
            RowKey::Line(number) => self.line_path(number),
            RowKey::Order(number) => self.order_path(self.order(number).id),
        };
        Some(page).filter(|page| !is_by_id(page, order))
    }
}

/// Whether a script finds the page of an order from its id alone: a longer address holds a checksum.
pub(super) fn is_by_id(page: &str, order: &str) -> bool {
    let slug = address::of_id(order);
    slug.len() <= 120
        && page.strip_prefix("order/").and_then(|p| p.strip_suffix(".html")) == Some(slug.as_str())
}
