//! The audit log: who ran which command when, on which snapshot, and what came out. One line of JSON per record, chained by
//! hashes, in a file that only grows and lies outside every site.
//!
//! The hash of a record is SHA-256 over the bytes of its line before `,"hash":"`, so that `sha256sum` can check it; the line
//! holds the hash of the record before. A line that was cut while it was written stays, and the next record says so.
//! *Absent:* the clock, the user and the place of the file, which are the caller's; anything about rebates; paths, names of
//! hosts, secrets. Nothing of a site depends on the log. Its limits are in [`LIMITS`]. Source: reliability T16, T17, F8, F12.

pub mod chain;
mod record;
pub mod views;

use std::path::Path;

use crate::error::Error;
use crate::fs;

pub use record::{Made, Moment, Outcome, Record, Sealed, Torn, sha256};

/// The name of the file, unless the configuration says another one.
pub const FILE: &str = "audit.jsonl";

/// What stands in the place of the hash before the first record.
pub const BEFORE_THE_FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What no chain of hashes without a key can show (reliability T17).
pub const LIMITS: [&str; 3] = [
    "This proves the order of the records and that none was changed alone. It has no key: whoever can write the whole file",
    "can write another one that is sound in itself, and records that are cut off at the end leave no trace in it.",
    "Keep the head (the last hash) where nobody can change it, and compare: tieout audit verify --head HASH.",
];

/// A record that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its number.
    pub seq: u64,
    /// Its hash: the head of the log.
    pub hash: String,
    /// What was noticed of the log, in words for people.
    pub warnings: Vec<String>,
}

/// Adds a record after the last one: one write and one sync, under the lock of the file, which is made where there is none.
///
/// # Errors
/// [`Error::Publish`]: the file is no regular file, cannot be written or synced, or another command holds it for too long.
pub fn append(path: &Path, mut record: Record) -> Result<Recorded, Error> {
    let mut written = None;
    fs::append(path, |tail, is_whole| {
        let end = end_of(tail, is_whole)?;
        let mut warnings = Vec::new();
        let (seq, previous) = match &end.last {
            Some(last) => {
                if record.time < last.record.time {
                    warnings.push(format!(
                        "the clock ({}) is behind the last record of the audit log ({}); the order is by number",
                        record.time, last.record.time
                    ));
                }
                (last.record.seq.saturating_add(1), last.hash.clone())
            }
            None => (1, BEFORE_THE_FIRST.to_owned()),
        };
        if end.is_damaged {
            warnings.push("the end of the audit log was altered; tieout audit verify says where".to_owned());
        }
        if end.torn.is_some() {
            warnings.push(format!(
                "the last line of the audit log is cut (a crash, or a power failure); it stays, and record {seq} notes it"
            ));
        }
        (record.seq, record.previous, record.torn) = (seq, previous, end.torn);
        let (line, hash) = record.sealed();
        written = Some(Recorded { seq, hash, warnings });
        let start = if end.is_line_open { "\n" } else { "" };
        Some(format!("{start}{line}\n").into_bytes())
    })?;
    written.ok_or_else(|| Error::Identity("the audit log was written without a record".to_owned()))
}

/// The end of a log.
#[derive(Debug, Default)]
struct End {
    /// The last line that is a record.
    last: Option<Sealed>,
    /// A line without its end that is no record.
    torn: Option<Torn>,
    /// Whether the last line lacks its end.
    is_line_open: bool,
    /// Whether whole lines follow the last record, or its hash is not that of its text.
    is_damaged: bool,
}

/// Looks for the end of a log in its last bytes; `None` when more of them are needed.
fn end_of(tail: &[u8], is_whole: bool) -> Option<End> {
    let mut end = End::default();
    let mut rest = tail;
    // The first line of a tail may be a piece of one.
    let is_complete = |at: Option<usize>| at.is_some() || is_whole;
    if !rest.is_empty() && !rest.ends_with(b"\n") {
        let at = rest.iter().rposition(|byte| *byte == b'\n');
        if !is_complete(at) {
            return None;
        }
        let line = &rest[at.map_or(0, |at| at + 1)..];
        end.is_line_open = true;
        // Only its line end is missing: then it is a record like any other.
        match Sealed::read(line).filter(Sealed::is_sound) {
            Some(record) => {
                end.last = Some(record);
                return Some(end);
            }
            None => end.torn = Some(Torn::of(line)),
        }
        rest = &rest[..at.map_or(0, |at| at + 1)];
    }
    while let Some(lines) = rest.strip_suffix(b"\n") {
        let at = lines.iter().rposition(|byte| *byte == b'\n');
        if !is_complete(at) {
            return None;
        }
        let line = &lines[at.map_or(0, |at| at + 1)..];
        if let Some(record) = Sealed::read(line) {
            end.is_damaged |= !record.is_sound();
            end.last = Some(record);
            return Some(end);
        }
        end.is_damaged = true;
        rest = &rest[..at.map_or(0, |at| at + 1)];
    }
    is_whole.then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::fault::{self, Lasting};

    fn record(time: &str) -> Record {
        Record::new(Moment::parse(time).unwrap(), "query")
    }

    fn at(second: u32) -> Record {
        record(&format!("2026-06-18T06:00:{second:02}Z"))
    }

    #[test]
    fn records_follow_each_other_whatever_is_at_the_end() {
        // Goal: a crash while a record is written loses no other one, is told once and accounted for (reliability F1, F11).
        // Method: a log of three is cut at every byte of its last two lines, zeros and words are put at its end; the next
        // record goes on, and the chain is sound where nothing but the cut line is wrong.
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(FILE);
        for second in 1..=3 {
            assert_eq!(append(&path, at(second)).unwrap().warnings, Vec::<String>::new());
        }
        let whole = std::fs::read(&path).unwrap();
        let ends: Vec<usize> =
            whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
        for cut in ends[0]..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let torn = chain::check(&whole[..cut], None);
            let is_at_end = ends.contains(&cut);
            assert_eq!(torn.problem.is_none(), is_at_end, "{cut}");
            let written = append(&path, at(9)).unwrap();
            // Where only the line end is gone, the record is whole.
            let is_whole = is_at_end || ends.contains(&(cut + 1));
            assert_eq!(written.warnings.is_empty(), is_whole, "{cut}: {:?}", written.warnings);
            let before = ends.iter().filter(|end| **end <= cut + usize::from(is_whole)).count() as u64;
            assert_eq!(written.seq, before + 1, "{cut}");
            let chain = chain::check(&std::fs::read(&path).unwrap(), Some(&written.hash));
            assert_eq!((chain.problem, chain.notes.len()), (None, usize::from(!is_whole)), "{cut}");
            assert!(std::fs::read(&path).unwrap().starts_with(&whole[..cut]), "what was there stays");
        }
        std::fs::write(&path, [&whole[..], &[0; 100]].concat()).unwrap();
        assert_eq!(append(&path, at(9)).unwrap().seq, 4);
        assert_eq!(chain::check(&std::fs::read(&path).unwrap(), None).problem, None);
        // Whole lines that are no records are nobody's accident: the record is kept, and the check says no.
        std::fs::write(&path, [&whole[..], b"a word\n"].concat()).unwrap();
        let written = append(&path, at(9)).unwrap();
        assert_eq!((written.seq, written.warnings.len()), (4, 1));
        assert!(chain::check(&std::fs::read(&path).unwrap(), None).problem.is_some_and(|p| p.line == 4));
    }

    #[test]
    fn the_end_of_a_long_log_is_found() {
        // Goal: a record costs the same after years, and one that is longer than what is read first is found as well. Method:
        // a record of 300 KB, then others after it.
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(FILE);
        let mut long = at(1);
        long.arguments.insert("scope".to_owned(), "x".repeat(300_000));
        append(&path, long).unwrap();
        for second in 2..=4 {
            assert_eq!(append(&path, at(second)).unwrap().seq, u64::from(second));
        }
        assert_eq!(chain::check(&std::fs::read(&path).unwrap(), None).problem, None);
    }

    #[test]
    fn a_clock_that_went_back_is_told_and_changes_no_order() {
        // Goal: order is by number (reliability F8). Method: a record an hour before the last one.
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(FILE);
        append(&path, record("2026-06-18T06:00:00Z")).unwrap();
        let written = append(&path, record("2026-06-18T05:00:00Z")).unwrap();
        assert_eq!(written.seq, 2);
        assert!(written.warnings[0].contains("is behind the last record"), "{:?}", written.warnings);
        let chain = chain::check(&std::fs::read(&path).unwrap(), None);
        assert_eq!((chain.problem, chain.notes.len()), (None, 1));
    }

    #[test]
    fn many_commands_at_once_make_one_chain() {
        // Goal: two commands never interleave (reliability F5). Method: eight threads write twenty records each.
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(FILE);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..20).for_each(|_| assert!(append(&path, at(1)).is_ok())));
            }
        });
        let chain = chain::check(&std::fs::read(&path).unwrap(), None);
        assert_eq!((chain.entries.len(), chain.problem), (160, None));
    }

    #[test]
    fn a_call_that_fails_leaves_a_log_that_goes_on() {
        // Goal: no fault of the disk breaks the chain (reliability F2). Method: each call of an append fails, once and for
        // good; it is an error, and the next record makes a sound log with every one that was acknowledged.
        for lasting in [Lasting::Once, Lasting::ForGood] {
            for n in 1.. {
                let home = tempfile::tempdir().unwrap();
                let path = home.path().join(FILE);
                append(&path, at(1)).unwrap();
                let (result, hit) = fault::inject(n, lasting, || append(&path, at(2)));
                if !hit {
                    assert!(n > 3, "there are several calls");
                    break;
                }
                let acknowledged = 1 + usize::from(result.is_ok());
                append(&path, at(3)).unwrap();
                let chain = chain::check(&std::fs::read(&path).unwrap(), None);
                assert!(chain.problem.is_none() && chain.entries.len() > acknowledged, "{n}");
            }
        }
    }

    #[test]
    fn no_other_kind_of_file_is_written() {
        // Goal: nothing is written through a link that somebody put there, and no pipe is waited for. Method: a link, a
        // folder, a pipe in the place of the log.
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(FILE);
        let other = home.path().join("other");
        std::fs::write(&other, "mine").unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        assert!(append(&path, at(1)).is_err());
        assert_eq!(std::fs::read(&other).unwrap(), b"mine");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(append(&path, at(1)).is_err());
    }
}
