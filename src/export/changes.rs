//! The data of `changes/index.html`.

use rayon::prelude::*;

use super::script::script;
use crate::error::Error;
use crate::language::Language;
use crate::report::Report;
use crate::site::Site;

/// Adds every file of `changes/data/` to a site.
///
/// # Errors
/// [`Error::Publish`] when a file cannot be written, [`Error::Identity`] when its path is taken.
pub fn files(report: &Report<'_>, site: &Site) -> Result<(), Error> {
    let language = Language::spoken();
    report.change_data().into_par_iter().try_for_each(|part| {
        let scripts = language.within(|| report.change_scripts(part));
        scripts.iter().try_for_each(|file| site.add(&file.path, script(file).text.as_bytes()))
    })
}
