//! Tables, data files and calendars become bytes. Which rows and figures there are is the business of
//! [`report`](crate::report); nothing here adds up or decides.

pub mod changes;
pub mod csv;
pub mod ics;
pub mod pack_csv;
pub mod query;
mod script;
pub mod workbook;

use rayon::prelude::*;

use crate::error::Error;
use crate::language::Language;
use crate::report::data::DataFile;
use crate::report::script::DataScript;
use crate::report::{Report, controls};
use crate::site::Site;

/// Adds the file that says what every exported table holds; `rows` in any order.
///
/// # Errors
/// As [`Site::add`].
pub fn controls(mut rows: Vec<[String; 5]>, site: &Site) -> Result<(), Error> {
    // Stable: the columns of a table stay in their order.
    rows.sort_by(|a, b| a[0].cmp(&b[0]));
    let bytes = csv::records(controls::HEADER, |visit| {
        rows.iter().for_each(|row| visit(&mut row.iter().map(String::as_str)));
    });
    site.add(controls::CONTROLS, &bytes)
}

/// A data file for scripts as script text, and the name of its set.
pub fn data_script(file: &DataScript) -> (String, String) {
    let script::Script { text, set } = script::script(file);
    (text, set)
}

/// Adds every file of `data/`, the letters of claims and the calendar to a site.
///
/// # Errors
/// [`Error::Content`] when the template of the letter fails,
/// [`Error::Publish`] when a file cannot be written, [`Error::Identity`] when its path is taken.
pub fn data_files(report: &Report<'_>, site: &Site) -> Result<(), Error> {
    let needed = DataFile::ALL.par_iter().filter(|file| file.is_needed(report));
    // For machines: the words of the program stay English.
    needed.try_for_each(|file| {
        let bytes = Language::ENGLISH.within(|| csv::data(*file, report));
        site.add(file.path(), &bytes)
    })?;
    for (path, letter) in report.claim_letters()? {
        site.add(&path, letter.as_bytes())?;
    }
    let (path, calendar) = report.calendar();
    site.add(path, &ics::calendar(&calendar))
}
