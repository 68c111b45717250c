//! Files of rows for the page of a query: in the order of lists, and once more by customer.

use std::collections::BTreeMap;

use ustr::Ustr;

use super::data::{count, file, status_part};
use super::rows::{Row, RowKey};
use super::scope::{CLEAN, part_of};
use crate::error::Error;
use crate::ingest::grammar;
use crate::reconcile::Kind;
use crate::report::script::{DataScript, Grid, Texts, day};
use crate::report::{Report, address};

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

/// The canonical form of an id, none where a script makes it of the other, and the id as received.
fn id_texts(texts: &mut Texts, canonical: &str, raw: &str) -> [i128; 2] {
    let is_made = grammar::canonical(raw) == canonical;
    [texts.optional(Some(canonical).filter(|_| !is_made)), texts.number(raw)]
}

impl Report<'_> {
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
