//! The files that the page of a query loads first: names and sets, and which snapshot is the newest.

use std::collections::BTreeSet;

use ustr::Ustr;

use super::data::{Known, MonthRows, count, days, file};
use crate::model::status::{Bucket, Status};
use crate::report::script::{DataScript, Grid, Texts, day};
use crate::report::{Report, address};

impl Report<'_> {
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
                texts.number(status.words()),
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
}
