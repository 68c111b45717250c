//! The pieces of one extract that was split over files, and files that were put into a folder twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ustr::Ustr;

use super::FoundFile;
use super::mapping::Mapping;
use super::mapping::files::{PIECE, Parts};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::model::time::AsOf;

/// Leaves out every file whose bytes are those of another one of the same folder and source: read twice, its money would
/// count twice. A canonical file has one name, so only files of mapped sources can be there twice.
pub(super) fn leave_out_copies(files: &mut Vec<FoundFile>) -> Vec<Diagnostic> {
    let mut first: BTreeMap<(AsOf, String, Vec<Ustr>), String> = BTreeMap::new();
    let mut said = Vec::new();
    files.retain(|file| {
        let FoundFile::Mapped { as_of, path, sha256, by, .. } = file else { return true };
        // Two policies may well have the same rows.
        let told = |(mapping, parts): &(Arc<Mapping>, Parts)| {
            Ustr::from(&format!("{} {}", mapping.name, mapping.told_by_name(parts).join(" ")))
        };
        let sources = by.iter().map(told).collect();
        let key = (*as_of, sha256.clone(), sources);
        let Some(other) = first.get(&key) else {
            first.insert(key, path.clone());
            return true;
        };
        said.push(Diagnostic::of_file(
            Severity::Warning,
            "file-given-twice",
            path,
            format!("this file has the same bytes as `{}`; it is not read a second time", visible(other)),
            "remove one of the two; where they should differ, export again",
        ));
        false
    });
    said
}

/// What is missing of extracts that are split over numbered files: `{part}` in the pattern of their source.
///
/// A gap between the numbers is seen, and a first number beyond 1; a last piece that is not there is not.
pub(super) fn missing(files: &[FoundFile]) -> Vec<Diagnostic> {
    let mut numbers: BTreeMap<(AsOf, Ustr), BTreeMap<u64, Vec<&str>>> = BTreeMap::new();
    for file in files {
        let FoundFile::Mapped { as_of, path, by, .. } = file else { continue };
        for (mapping, parts) in by {
            if let Some(number) = parts.get(PIECE).and_then(|number| number.parse().ok()) {
                let pieces = numbers.entry((*as_of, Arc::as_ref(mapping).stream(parts))).or_default();
                pieces.entry(number).or_default().push(path);
            }
        }
    }
    let mut said = Vec::new();
    for pieces in numbers.into_values() {
        let (Some((first, _)), Some((last, of_last))) = (pieces.first_key_value(), pieces.last_key_value())
        else {
            continue;
        };
        let path = of_last.first().copied().unwrap_or_default();
        let start = (*first).min(1);
        let gaps: BTreeSet<u64> =
            (start..*last).filter(|number| !pieces.contains_key(number)).take(8).collect();
        if !gaps.is_empty() {
            let gaps: Vec<String> = gaps.iter().map(u64::to_string).collect();
            said.push(Diagnostic::of_file(
                Severity::Warning,
                "file-part-missing",
                path,
                format!("part {last} is here and part {} is not", gaps.join(", ")),
                "fetch the missing parts; until then the rows in them are missing from every total",
            ));
        }
        for (number, paths) in pieces.iter().filter(|(_, paths)| paths.len() > 1) {
            let others: Vec<String> = paths[1..].iter().map(|path| format!("`{}`", visible(path))).collect();
            said.push(Diagnostic::of_file(
                Severity::Warning,
                "file-part-twice",
                paths[0],
                format!("part {number} is also in {}", others.join(", ")),
                "remove the one that was exported by mistake; all are read",
            ));
        }
    }
    said
}
