//! The answer to a query from the whole snapshot: the rows of its scope, added up; and where there are none, why.

use chrono::NaiveDate;
use ustr::Ustr;

use super::receipt::{Measure, Receipt};
use super::rows::{Row, RowKey};
use super::scope::{PARTS, Query};
use super::summary::Summary;
use crate::error::Error;
use crate::model::money::{Currency, Money};
use crate::model::time::Month;
use crate::report::Report;
use crate::report::table::{self, Cell, Column, Table};

/// The rows of a scope, in the order of lists, and their sums.
#[derive(Debug, Default)]
pub struct Answer {
    /// The rows.
    pub rows: Vec<Row>,
    /// The sums.
    pub summary: Summary,
}

/// Why a scope has no rows.
#[derive(Debug, Default)]
pub struct Empty {
    /// The parts without which there are rows, with how many.
    pub relaxed: Vec<(&'static str, usize)>,
    /// The last day with rows before the range, and the first one after it, under the other parts.
    pub nearest: (Option<NaiveDate>, Option<NaiveDate>),
    /// The period to which the order that was asked for belongs, where it is outside the range: of several, the one whose
    /// day is nearest to it, the earlier of two that are.
    pub period: Option<Month>,
}

impl Report<'_> {
    /// The answer to a query.
    pub fn query(&self, query: &Query) -> Answer {
        let mut answer = Answer::default();
        for month in self.query_months(&self.query_rows()) {
            for key in month.rows {
                if self.query_contains(query, &self.bare_row(key)) {
                    let row = self.query_row(key);
                    answer.summary.add(&row);
                    answer.rows.push(row);
                }
            }
        }
        answer
    }

    /// Why a query has no rows.
    pub fn query_empty(&self, query: &Query) -> Empty {
        let rows: Vec<Row> = self.query_rows().into_iter().map(|key| self.bare_row(key)).collect();
        let count = |query: &Query| rows.iter().filter(|row| self.query_contains(query, row)).count();
        let given: Vec<&'static str> = query.parts().into_iter().map(|(part, _)| part).collect();
        let relaxed = PARTS
            .into_iter()
            .filter(|part| given.contains(part) && *part != "from")
            .map(|part| (if part == "to" { "dates" } else { part }, count(&query.without(part))))
            .filter(|(_, rows)| *rows > 0)
            .collect();
        let Some((from, to)) = query.range else { return Empty { relaxed, ..Empty::default() } };
        let any_day = query.without("from");
        let days = || rows.iter().filter(|row| self.query_contains(&any_day, row)).map(|row| row.day);
        let nearest = (days().filter(|day| *day < from).max(), days().filter(|day| *day > to).min());
        let period = query.lines.order.and_then(|_| {
            let own = rows.iter().filter(|row| self.query_contains(&any_day, row));
            let nearest = own.min_by_key(|row| ((from - row.day).max(row.day - to), row.day))?;
            Some(nearest.place.period)
        });
        Empty { relaxed, nearest, period }
    }

    /// The receipt of a figure of an answer.
    pub fn query_receipt(
        &self,
        query: &Query,
        answer: &Answer,
        measure: Measure,
        currency: Currency,
    ) -> Receipt {
        let sums = answer.summary.currencies().into_iter().find(|(of, _)| *of == currency);
        let minor = sums.map_or(0, |(_, sums)| measure.of(&sums.measures));
        Receipt {
            snapshot: self.reconciled.as_of(),
            range: query.range,
            parts: query.numbered_parts(),
            measure,
            value: Money::from_minor(minor, currency),
        }
    }

    /// What stands above an exported answer: scope, snapshot, rows and control totals.
    pub fn query_facts(&self, query: &Query, answer: &Answer) -> Vec<(String, String)> {
        let mut facts = vec![
            ("Report".to_owned(), "Rebate query: lines".to_owned()),
            ("Scope".to_owned(), query.to_string()),
            ("Snapshot".to_owned(), self.reconciled.as_of().to_string()),
            ("Rows".to_owned(), answer.rows.len().to_string()),
        ];
        for (currency, sums) in answer.summary.currencies() {
            let total = Money::from_minor(sums.measures.total, currency);
            facts.push((format!("Control total {}", currency.code()), total.to_string()));
        }
        facts
    }

    /// The rows of an answer as a table to export.
    ///
    /// # Errors
    /// [`Error::Content`] where a sentence cannot be filled.
    pub fn query_table(&self, answer: &Answer) -> Result<Table, Error> {
        let rows = answer.rows.iter().map(|row| self.exported(row)).collect::<Result<_, Error>>()?;
        let columns = COLUMNS.iter().map(|name| Column::text(name)).collect();
        Ok(Table { columns, rows, ..Table::default() })
    }

    fn exported(&self, row: &Row) -> Result<table::Row, Error> {
        let at = &row.place;
        let text = |text: Option<&str>| Cell::text(text.unwrap_or_default());
        let money = |minor: Option<i128>| {
            minor.map_or_else(Cell::empty, |minor| Cell::money(Money::from_minor(minor, at.currency)))
        };
        let code = match row.key {
            RowKey::Line(number) => self.line(number).reason_raw,
            RowKey::Order(_) => None,
        };
        let (reason, next) = self.query_words(row.key)?;
        let measures = row.measures();
        let counted = |minor: i128| money(Some(minor).filter(|_| row.is_counted()));
        let date = |date: Option<NaiveDate>| date.map_or_else(Cell::empty, |date| Cell::date(Some(date)));
        let kind = row.kind.map(|kind| self.sources.content.kind(kind).title.as_str());
        let cells = vec![
            Cell::text(at.order.unwrap_or(at.order_ref).raw()),
            text(self.query_line_id(row.key)),
            Cell::text(row.state.map_or("No rebate line", |(status, _)| status.label())),
            text(row.state.map(|(_, bucket)| bucket.label())),
            Cell::text(reason),
            text(code.as_ref().map(Ustr::as_str)),
            Cell::text(next),
            text(self.query_update(row.key)),
            text(kind),
            text(at.customer.map(|id| self.query_customer_name(row).map_or(id.raw(), |name| name.as_str()))),
            text(at.customer.map(|id| id.raw())),
            text(at.account.map(|id| id.raw())),
            Cell::text(at.program.raw()),
            text(at.campaign.as_ref().map(Ustr::as_str)),
            text(at.category.as_ref().map(Ustr::as_str)),
            text(at.region.as_ref().map(Ustr::as_str)),
            text(at.batch.map(|id| id.raw())),
            text(at.payout.map(|id| id.raw())),
            Cell::text(at.period.to_string()),
            date(Some(row.day)),
            Cell::text(at.currency.code()),
            money(row.expected),
            money(row.calculated),
            money(Some(row.adjustments).filter(|_| row.state.is_some())),
            counted(measures.total),
            counted(measures.approved),
            money(row.paid),
            date(row.due),
            Cell::text(self.reconciled.as_of().to_string()),
        ];
        Ok(table::Row { cells, ..table::Row::default() })
    }
}

/// The columns of an exported answer (glossary, D3); `src/render/assets/query.js` writes the same.
const COLUMNS: [&str; 29] = [
    "Order ID",
    "Line ID",
    "Status",
    "Counted as",
    "Reason",
    "Reason code",
    "Next step",
    "Expected update",
    "Discrepancy",
    "Customer name",
    "Customer ID",
    "Customer account ID",
    "Program",
    "Campaign",
    "Rebate category",
    "Region",
    "Batch ID",
    "Payout ID",
    "Earned period",
    "Day",
    "Currency",
    "Expected amount",
    "Calculated amount",
    "Adjustment amount",
    "Total rebate",
    "Approved so far",
    "Paid amount",
    "Expected payment",
    "Snapshot ID",
];
