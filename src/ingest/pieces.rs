//! The pieces of one extract that was split over files, and files that were put into a folder twice.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use ustr::Ustr;

use super::columns::Value;
use super::mapping::files::{PIECE, Parts, month_in};
use super::mapping::{Mapping, derived_id, header_key};
use super::{Extract, FoundFile, grammar};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::model::time::AsOf;

/// From how many rows on two files that share them may be one.
const MANY: usize = 8;

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

/// The extracts with the rows of another one of the same folder and source, however the two are written: line ends, packed or
/// not, in which format; said are also those that share most of their rows. Read twice, their money would count twice. Of
/// rows with an id that is seen row by row.
///
/// Files of equal rows that differ in a column that nothing is read from, such as the number of an invoice, are two: both
/// count, and that is said.
pub(super) fn repeats(extracts: &[&Extract]) -> (BTreeSet<usize>, Vec<Diagnostic>) {
    let mut groups: BTreeMap<(Option<AsOf>, Ustr), Vec<usize>> = BTreeMap::new();
    for (number, extract) in extracts.iter().enumerate() {
        let has_no_id = derived_id(extract.kind()).is_some_and(|id| !extract.has(id));
        if extract.mapping().is_some() && has_no_id {
            groups.entry((extract.snapshot(), extract.stream())).or_default().push(number);
        }
    }
    let (mut said, mut copies) = (Vec::new(), BTreeSet::new());
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let mut owners: HashMap<u64, usize> = HashMap::new();
        let mut sums: HashMap<usize, (usize, u64)> = HashMap::new();
        let mut unread: HashMap<usize, BTreeMap<String, u64>> = HashMap::new();
        for number in group {
            let extract = extracts[number];
            let rows = row_digests(extract);
            let sum = (rows.len(), rows.iter().fold(0_u64, |sum, row| sum.wrapping_add(*row)));
            let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
            for row in &rows {
                let owner = *owners.entry(*row).or_insert(number);
                if owner != number {
                    *shared.entry(owner).or_default() += 1;
                }
            }
            sums.insert(number, sum);
            unread.insert(number, unread_digests(extract, &rows));
            let most = shared.into_iter().max_by_key(|(other, count)| (*count, std::cmp::Reverse(*other)));
            let Some((other, count)) = most else { continue };
            let (path, other_path) = (extract.path(), visible(extracts[other].path()));
            let is_equal = sums[&other] == sum && count == rows.len();
            // A number or a day of a workbook is written otherwise in a text file, so only files of one sort are held
            // against each other in columns of which nothing is known.
            let apart = unread[&number].iter().find(|(name, sum)| {
                extract.is_typed() == extracts[other].is_typed()
                    && unread[&other].get(*name).is_some_and(|theirs| theirs != *sum)
            });
            if let (true, Some((name, _))) = (is_equal, apart) {
                said.push(Diagnostic::of_file(
                    Severity::Warning,
                    "rows-in-two-files",
                    path,
                    format!(
                        "the {} of this file say the same as those of `{other_path}` in every column that is read, and something \
                         else in `{}`: all count in both",
                        counted_rows(rows.len()),
                        visible(name)
                    ),
                    "where they are the same records, remove one of the two; else map the column that tells them apart",
                ));
            } else if is_equal {
                copies.insert(number);
                said.push(Diagnostic::of_file(
                    Severity::Warning,
                    "file-given-twice",
                    path,
                    format!("this file has the same rows as `{other_path}`; it is not read a second time"),
                    "remove one of the two; where they should differ, export again",
                ));
            } else if count >= MANY && count * 2 >= rows.len().min(sums[&other].0) {
                said.push(Diagnostic::of_file(
                    Severity::Warning,
                    "rows-in-two-files",
                    path,
                    format!(
                        "{count} of the {} rows of this file are in `{other_path}` too, and all count in both",
                        rows.len()
                    ),
                    "where they are the same records, remove the file that holds less, or map the column that has their id",
                ));
            }
        }
    }
    (copies, said)
}

fn counted_rows(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// For each column that nothing is read from, by its name, what its cells say beside the rows that they stand in, whatever
/// the order of these; equal within one run.
fn unread_digests(extract: &Extract, rows: &[u64]) -> BTreeMap<String, u64> {
    let read = extract.headers_read();
    let columns: Vec<(usize, &String)> = extract
        .header()
        .iter()
        .enumerate()
        .filter(|(at, name)| !name.is_empty() && !read.contains(at))
        .collect();
    let mut sums = vec![0_u64; columns.len()];
    let mut digests = rows.iter();
    extract.for_each_row(0..extract.row_count(), |row| {
        let Some(digest) = digests.next() else { return };
        for (sum, (at, _)) in sums.iter_mut().zip(&columns) {
            let mut hash = DefaultHasher::new();
            digest.hash(&mut hash);
            hash_text(row.get(*at), true, &mut hash);
            *sum = sum.wrapping_add(hash.finish());
        }
    });
    columns.into_iter().map(|(_, name)| header_key(name).into_owned()).zip(sums).collect()
}

fn hash_text(text: &str, is_number: bool, hash: &mut DefaultHasher) {
    match grammar::decimal(text.trim()).ok().filter(|_| is_number) {
        Some(decimal) => decimal.normalize().hash(hash),
        None => text.trim().hash(hash),
    }
}

/// Files that say that there are more records, or fewer, than are there. Each page of an answer says how many all pages have
/// together, so files of one folder and source that say the same may have them between them.
pub(super) fn records_missing(extracts: &[&Extract]) -> Vec<Diagnostic> {
    type Held<'e> = Vec<(&'e str, u64)>;
    let mut groups: BTreeMap<(Option<AsOf>, Ustr, u64), Held<'_>> = BTreeMap::new();
    for extract in extracts {
        if let Some((declared, records)) = extract.counted() {
            let key = (extract.snapshot(), extract.stream(), declared);
            groups.entry(key).or_default().push((extract.path(), records));
        }
    }
    let mut said = Vec::new();
    for ((_, _, declared), files) in groups {
        let together: u64 = files.iter().map(|(_, records)| *records).sum();
        let wrong = files.iter().filter(|(_, records)| *records != declared && together != declared);
        said.extend(wrong.map(|(path, records)| {
            let others = match files.len() {
                1 => String::new(),
                several => format!("; the {several} files that say so hold {together} together"),
            };
            Diagnostic::of_file(
                Severity::Warning,
                "records-missing",
                path,
                format!("the file says that there are {declared} records, and holds {records}{others}"),
                "fetch the pages that are missing; do not close a period on it before it holds all of them",
            )
        }));
    }
    said
}

/// What each row says in the columns that are read, as a number; equal within one run.
fn row_digests(extract: &Extract) -> Vec<u64> {
    let columns = extract.kind().columns();
    let mut rows = Vec::with_capacity(extract.row_count());
    extract.for_each_row(0..extract.row_count(), |row| {
        let mut hash = DefaultHasher::new();
        for (number, column) in columns.iter().enumerate().filter(|(number, _)| extract.has(*number)) {
            let text = extract.cell(&row, number).unwrap_or_else(|_| extract.as_written(&row, number));
            let is_number = matches!(column.value(), Value::Amount | Value::Number);
            hash_text(&text, is_number, &mut hash);
        }
        rows.push(hash.finish());
    });
    rows
}

/// Files that name their month where the newest one stands for all: the records of the months before are gone with it.
pub(super) fn months_lost(files: &[FoundFile]) -> Vec<Diagnostic> {
    type Months<'f> = BTreeMap<&'f str, &'f str>;
    let mut streams: BTreeMap<Ustr, BTreeMap<AsOf, Months<'_>>> = BTreeMap::new();
    for file in files {
        let FoundFile::Mapped { as_of, path, by, .. } = file else { continue };
        for (mapping, parts) in by.iter().filter(|(mapping, parts)| mapping.restates_all(parts)) {
            let months = streams.entry(mapping.stream(parts)).or_default().entry(*as_of).or_default();
            months.extend(month_in(path).map(|month| (month, path.as_str())));
        }
    }
    let lost = streams.into_values().filter_map(|folders| {
        let (_, newest) = folders.last_key_value()?;
        let (month, path) = newest.last_key_value()?;
        let before = folders.values().rev().skip(1).flatten();
        let (old, other) = before.into_iter().find(|(old, _)| !newest.contains_key(*old))?;
        Some(Diagnostic::of_file(
            Severity::Warning,
            "file-replaces-another-month",
            path,
            format!(
                "this file is of {month}, and it replaces `{}` of {old}: a source has what its newest files have",
                visible(other)
            ),
            "where each file has its own month, write {period} in its place in `files` of the source; where the newest has \
             all months, nothing to do",
        ))
    });
    lost.collect()
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
