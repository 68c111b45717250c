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

use super::rows::RowKey;
use super::scope::{CLEAN, NO_LINE, part_of};
use super::summary::{Dimension, State, Summary, Sums};
use crate::error::Error;
use crate::model::money::Currency;
use crate::model::time::Month;
use crate::reconcile::Kind;
use crate::report::Report;
use crate::report::script::{DataScript, Grid, Texts, day, place};

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
    pub(super) campaigns: BTreeSet<Ustr>,
    pub(super) categories: BTreeSet<Ustr>,
    pub(super) regions: BTreeSet<Ustr>,
    pub(super) kinds: BTreeSet<Kind>,
    pub(super) programs: BTreeSet<Ustr>,
    pub(super) currencies: BTreeSet<Currency>,
    pub(super) days: Option<(NaiveDate, NaiveDate)>,
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

pub(super) fn status_part(state: State) -> &'static str {
    state.map_or(NO_LINE, |(status, _)| status.slug())
}

pub(super) fn count(number: usize) -> i128 {
    place(number)
}

pub(super) fn days(day_of: Option<NaiveDate>) -> i128 {
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

pub(super) fn file(name: &str, texts: Texts, grids: Vec<(&'static str, Grid)>) -> DataScript {
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
}
