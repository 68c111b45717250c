//! The query of an internal audience: any values of its tables and any status, added up in the browser, with the pages that have
//! the rows.
//!
//! A file per month holds the sums of rows that are in the same groups; what a query loads is what it asks for. Without a table
//! of months there is one file.

use std::collections::BTreeMap;

use super::field;
use super::internal::{self, Cells, Made, Tables};
use crate::config::policy::Grouping;
use crate::model::money::Currency;
use crate::model::status::Status;
use crate::report::page::{Block, Choice, Field, Link, Page, Text};
use crate::report::query::summary::State;
use crate::report::script::{DataScript, Grid, Texts, place};
use crate::say;

/// The page's address.
pub(super) const PAGE: &str = "query.html";
/// So many values are listed in the form; of more, the field takes a text.
const CHOICES_MAX: usize = 60;

impl Tables<'_> {
    /// The data files of the months, by the place of the group of their month; one without where no table has months.
    pub fn data_files(&self) -> Vec<(Option<usize>, DataScript)> {
        let months = self.policy.tables.iter().position(|table| *table == Grouping::Months);
        let Some(months) = months else {
            return vec![(None, self.data("all", &self.cells.iter().collect::<Vec<_>>()))];
        };
        let mut parts: BTreeMap<u32, Vec<&Cells>> = BTreeMap::new();
        for cells in &self.cells {
            parts.entry(cells.groups[months]).or_default().push(cells);
        }
        let part = |(number, cells): (u32, Vec<&Cells>)| {
            let number = number as usize;
            (Some(number), self.data(&self.tables[months].1[number].slug, &cells))
        };
        parts.into_iter().map(part).collect()
    }

    fn data(&self, name: &str, cells: &[&Cells]) -> DataScript {
        let (states, currencies) = (self.states(), self.currencies());
        let mut sums = Grid::default();
        for cells in cells {
            let mut row: Vec<i128> = cells.groups.iter().map(|group| i128::from(*group)).collect();
            let at = |found: Option<usize>| found.map_or(Grid::NONE, place);
            row.push(at(states.iter().position(|state| *state == cells.state.map(|(status, _)| status))));
            row.push(at(currencies.iter().position(|currency| *currency == cells.currency)));
            row.push(place(cells.sums.rows));
            row.extend(self.policy.columns.iter().filter_map(|column| field::sum(*column, &cells.sums)));
            sums.push(&row);
        }
        DataScript { path: path(name), set: String::new(), texts: Vec::new(), grids: vec![("sums", sums)] }
    }

    /// The file that names the others: `sets` are theirs, in the order of [`Tables::data_files`].
    pub fn data_index(&self, sets: &[(Option<usize>, String, String)]) -> DataScript {
        let mut texts = Texts::default();
        let (mut tables, mut values) = (Grid::default(), Grid::default());
        for (number, (grouping, groups)) in self.tables.iter().enumerate() {
            tables
                .push(&[texts.number(grouping.folder()), texts.number(internal::header_in_words(*grouping))]);
            for group in groups {
                values.push(&[
                    place(number),
                    texts.number(asked_by(*grouping, group)),
                    texts.number(&group.title()),
                    texts.number(&group.slug),
                ]);
            }
        }
        let mut states = Grid::default();
        for status in self.states() {
            let (code, words) = coded(status);
            states.push(&[texts.number(code), texts.number(words)]);
        }
        let mut currencies = Grid::default();
        for currency in self.currencies() {
            let code = if internal::has_amounts(self.policy) { currency.code() } else { "" };
            currencies.push(&[texts.number(code), i128::from(currency.digits())]);
        }
        let mut columns = Grid::default();
        for column in self.policy.columns.iter().filter(|column| field::is_amount(**column)) {
            let column = field::column(*column);
            columns.push(&[
                texts.number(&column.measure),
                texts.number(column.shown()),
                texts.number(&column.label),
            ]);
        }
        let mut files = Grid::default();
        for (month, path, set) in sets {
            files.push(&[month.map_or(Grid::NONE, place), texts.number(path), texts.number(set)]);
        }
        let grids = vec![
            ("tables", tables),
            ("values", values),
            ("states", states),
            ("currencies", currencies),
            ("columns", columns),
            ("files", files),
        ];
        DataScript { path: path("index"), set: String::new(), texts: texts.all, grids }
    }

    /// Every status that occurs, `None` for rows without a line, in the order of the cells of a table by status.
    fn states(&self) -> Vec<Option<Status>> {
        if !internal::has_status(self.policy) {
            return Vec::new();
        }
        let mut states: Vec<(bool, State)> =
            self.cells.iter().map(|c| (c.state.is_none(), c.state)).collect();
        states.sort_unstable();
        let mut states: Vec<Option<Status>> =
            states.into_iter().map(|(_, state)| state.map(|(status, _)| status)).collect();
        states.dedup();
        states
    }

    fn currencies(&self) -> Vec<Currency> {
        let mut all: Vec<Currency> = self.cells.iter().map(|cells| cells.currency).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    pub(super) fn query(&self, set: &str) -> Made {
        let lead = say!("Any values of the tables together: how many rows, and their sums by status.");
        let any = || Choice { value: String::new(), text: say!("Any").to_owned(), is_chosen: true };
        let mut fields: Vec<Field> = Vec::new();
        for (grouping, groups) in &self.tables {
            let choice = |group: &internal::Group| Choice {
                value: asked_by(*grouping, group).to_owned(),
                text: group.title(),
                is_chosen: false,
            };
            let few = groups.len() <= CHOICES_MAX;
            let choices = if few {
                std::iter::once(any()).chain(groups.iter().map(choice)).collect()
            } else {
                Vec::new()
            };
            fields.push(Field {
                name: grouping.folder(),
                label: internal::header_in_words(*grouping),
                hint: "",
                choices,
            });
        }
        if internal::has_status(self.policy) {
            let states = self.states().into_iter().map(coded);
            let choice = |(code, words): (&str, &str)| Choice {
                value: code.to_owned(),
                text: words.to_owned(),
                is_chosen: false,
            };
            fields.push(Field {
                name: "status",
                label: say!("Status"),
                hint: "",
                choices: std::iter::once(any()).chain(states.map(choice)).collect(),
            });
        }
        let own = fields.iter().flat_map(|field| &field.choices);
        let own = own.flat_map(|choice| [choice.value.clone(), choice.text.clone()]).collect();
        let links = self.tables.iter().map(|(grouping, _)| {
            let address = format!("{}/index.html", grouping.folder());
            vec![Text::link(internal::words(*grouping), address)]
        });
        let page = Page {
            path: PAGE.to_owned(),
            title: say!("Query").to_owned(),
            heading: say!("Query").to_owned(),
            description: lead.to_owned(),
            nav: "ask",
            crumbs: vec![internal::overview(), Link::here(say!("Query"))],
            scope: "all".to_owned(),
            lead: vec![Text::plain(lead)],
            scripts: &["kit", "audience"],
            main: vec![
                Block::Ask {
                    id: "scope",
                    label: say!("Query"),
                    button: say!("Query"),
                    set: set.to_owned(),
                    fields,
                },
                internal::section(
                    "browse",
                    say!("Every value has a page, without JavaScript too"),
                    Vec::new(),
                    vec![Block::List { ordered: false, items: links.collect() }],
                ),
            ],
            ..Page::default()
        };
        Made { page, file: None, own }
    }
}

/// What a group is called in the address of a query: the id or name as it was received, a month as `2026-05`.
fn asked_by(grouping: Grouping, group: &internal::Group) -> &str {
    if grouping == Grouping::Months { &group.slug } else { &group.value }
}

/// The code of a status in addresses, and its words.
fn coded(status: Option<Status>) -> (&'static str, &'static str) {
    status.map_or(("no-line", say!("No rebate line yet")), |status| (status.slug(), status.words()))
}

fn path(name: &str) -> String {
    format!("query/data/{name}.js")
}
