//! The data of `query.html`: row files first, because each file names the content of the files that it leads to.

use rayon::prelude::*;

use super::script::script;
use crate::error::Error;
use crate::language::Language;
use crate::report::Report;
use crate::report::query::Locations;
use crate::report::query::data::{Known, MonthData, MonthRows, ROWS_OF_A_FILE};
use crate::report::query::rows::RowKey;
use crate::report::script::DataScript;
use crate::site::Site;

/// Adds every file of `query/data/` to a site; the set of the first one, by which the page knows it.
///
/// # Errors
/// [`Error::Publish`] when a file cannot be written, [`Error::Identity`] when its path is taken or a month does not add up
/// to its page, [`Error::Content`] where a
/// sentence cannot be filled.
pub fn files(report: &Report<'_>, site: &Site) -> Result<String, Error> {
    let language = Language::spoken();
    let rows = report.query_rows();
    let months = report.query_months(&rows);
    let mut locations = Locations::new(report);
    let mut known = Known::default();
    let mut named: Vec<(&MonthRows, String)> = Vec::new();
    for month in &months {
        let lines = rows_files(report, site, &month.rows, |number| month.lines_name(number))?;
        for (number, rows) in month.rows.chunks(ROWS_OF_A_FILE).enumerate() {
            locations.add(Some(month.month), number, rows);
        }
        let data: MonthData = report.query_month(month);
        report.check_query_month(month, &data)?;
        let groups: Vec<String> =
            data.groups.par_iter().map(|file| add(site, file)).collect::<Result<_, Error>>()?;
        named.push((month, add(site, &report.query_month_file(month, &data, &groups, &lines))?));
        known.add(&data);
    }
    let by_customer = report.query_rows_by_customer(&rows);
    let sets = rows_files(report, site, &by_customer, |number| format!("customers-{number}"))?;
    let customers = add(site, &report.query_customers_file(&sets))?;
    for (number, rows) in by_customer.chunks(ROWS_OF_A_FILE).enumerate() {
        locations.add(None, number, rows);
    }
    let index = report.query_find();
    let sets: Vec<String> = (0..index.files())
        .into_par_iter()
        .filter_map(|number| language.within(|| report.query_find_file(&index, number, &locations)))
        .map(|file| add(site, &file))
        .collect::<Result<_, Error>>()?;
    let find = add(site, &report.query_find_head(&index, &sets))?;
    let set = add(site, &report.query_index_file(&named, &known, [&find, &customers]))?;
    add(site, &report.query_latest_file(&set))?;
    Ok(set)
}

/// Writes files of rows; their sets.
fn rows_files(
    report: &Report<'_>,
    site: &Site,
    rows: &[RowKey],
    name: impl Fn(usize) -> String + Sync,
) -> Result<Vec<String>, Error> {
    let language = Language::spoken();
    let parts: Vec<&[RowKey]> = rows.chunks(ROWS_OF_A_FILE).collect();
    parts
        .into_par_iter()
        .enumerate()
        .map(|(number, rows)| {
            let file = language.within(|| report.query_rows_file(&name(number), rows))?;
            add(site, &file)
        })
        .collect()
}

fn add(site: &Site, file: &DataScript) -> Result<String, Error> {
    let made = script(file);
    site.add(&file.path, made.text.as_bytes())?;
    Ok(made.set)
}
