//! Whether a log is one chain: every record with its own hash, each after the one that it names.
//!
//! The first thing that is wrong is named with its line. What it was follows from where the records that are there belong:
//! hashes say of each which one it follows.

use std::collections::HashMap;

use super::record::{SCHEMA, is_hash, taken_apart};
use super::{BEFORE_THE_FIRST, Record, Sealed, Torn, sha256};

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Its text is not what its hash says, or it is no record.
    Altered,
    /// Records that were before it are gone.
    Removed,
    /// It follows a record that another one follows, or none.
    Inserted,
    /// It belongs elsewhere in the file.
    Moved,
    /// It stands in the file already.
    Repeated,
    /// It ends before its end.
    Cut,
    /// A newer version of the program wrote it.
    Newer,
    /// A head that was kept elsewhere is the hash of no record.
    Head,
}

impl Wrong {
    /// The word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Wrong::Altered => "altered",
            Wrong::Removed => "removed",
            Wrong::Inserted => "inserted",
            Wrong::Moved => "moved",
            Wrong::Repeated => "repeated",
            Wrong::Cut => "cut",
            Wrong::Newer => "newer",
            Wrong::Head => "head",
        }
    }
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub wrong: Wrong,
    /// The line of the file, from 1; 0 for the file as a whole.
    pub line: usize,
    /// In words.
    pub words: String,
}

/// A line that is a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its line in the file, from 1.
    pub line: usize,
    /// Its fields.
    pub record: Record,
    /// Its hash, as it is written.
    pub hash: String,
}

/// A log that was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// Every line that is a record, in the order of the file, also those after the first thing that is wrong.
    pub entries: Vec<Entry>,
    /// What is wrong first.
    pub problem: Option<Problem>,
    /// What is worth knowing and not wrong: cut lines that are accounted for, clocks that went back.
    pub notes: Vec<String>,
    /// Where a head that was kept stands: the number of its record, and how many records came later.
    pub kept: Option<(u64, usize)>,
}

impl Chain {
    /// The hash of the last record.
    pub fn head(&self) -> &str {
        self.entries.last().map_or(BEFORE_THE_FIRST, |entry| &entry.hash)
    }
}

/// One line of the file.
struct Line<'b> {
    number: usize,
    bytes: &'b [u8],
    read: Option<Sealed>,
}

/// Whether a text can be a head.
pub fn is_head(text: &str) -> bool {
    is_hash(text)
}

/// Checks a whole log, and where it stands to a `head` that was kept elsewhere.
pub fn check(bytes: &[u8], head: Option<&str>) -> Chain {
    let mut pieces: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    // What follows the last line end is a line only where it is not empty.
    let is_open = pieces.pop_if(|last| last.is_empty()).is_none();
    let lines: Vec<Line<'_>> = pieces
        .into_iter()
        .enumerate()
        .map(|(at, bytes)| Line { number: at + 1, bytes, read: Sealed::read(bytes) })
        .collect();
    let mut chain = Chain::default();
    chain.problem = first_problem(&lines, is_open, &mut chain.notes);
    chain.entries = lines
        .into_iter()
        .filter_map(|line| {
            let Sealed { record, hash, .. } = line.read?;
            Some(Entry { line: line.number, record, hash })
        })
        .collect();
    for pair in chain.entries.windows(2) {
        if pair[1].record.time < pair[0].record.time {
            let (seq, time) = (pair[1].record.seq, pair[1].record.time);
            let before = pair[0].record.time;
            chain.notes.push(format!(
                "record {seq} ({time}) is dated before the one before it ({before}): the clock went back"
            ));
        }
    }
    if let Some(head) = head {
        let at = if head == BEFORE_THE_FIRST {
            Some((0, chain.entries.len()))
        } else {
            let place = chain.entries.iter().position(|entry| entry.hash == head);
            place.map(|at| (chain.entries[at].record.seq, chain.entries.len() - at - 1))
        };
        chain.kept = at;
        if at.is_none() && chain.problem.is_none() {
            let words =
                "no record has the hash that was kept: the file was cut at its end, or it was written anew";
            chain.problem = Some(Problem { wrong: Wrong::Head, line: 0, words: words.to_owned() });
        }
    }
    chain
}

/// The line after a cut one that accounts for it.
fn accounts_for(next: Option<&Line<'_>>, line: &Line<'_>) -> bool {
    let torn = next.and_then(|next| next.read.as_ref()).filter(|read| read.is_sound());
    torn.and_then(|read| read.record.torn.as_ref()).is_some_and(|torn| *torn == Torn::of(line.bytes))
}

fn first_problem(lines: &[Line<'_>], is_open: bool, notes: &mut Vec<String>) -> Option<Problem> {
    let (mut seq, mut previous) = (1, BEFORE_THE_FIRST.to_owned());
    let mut is_torn_before = false;
    for (at, line) in lines.iter().enumerate() {
        let problem = |wrong, words: String| Some(Problem { wrong, line: line.number, words });
        if accounts_for(lines.get(at + 1), line) {
            is_torn_before = true;
            continue;
        }
        let is_last = at + 1 == lines.len();
        let Some(read) = &line.read else {
            return match taken_apart(line.bytes) {
                Some((open, hash)) if sha256(open) == hash && is_newer(open) => problem(
                    Wrong::Newer,
                    "a newer version of tieout wrote this record; check it with that version".to_owned(),
                ),
                _ if is_last && is_open => problem(
                    Wrong::Cut,
                    "the last line ends before its end: a command was killed while it recorded itself, or the file was cut; the \
                     next record will note it"
                        .to_owned(),
                ),
                _ => problem(
                    Wrong::Altered,
                    format!("this is no record of the log (record {seq} belongs here): it was altered, or put there"),
                ),
            };
        };
        let record = &read.record;
        if !read.is_sound() {
            let words =
                format!("the text of record {} is not what its hash says: it was altered", record.seq);
            return problem(Wrong::Altered, words);
        }
        if record.schema > SCHEMA {
            let words = "a newer version of tieout wrote this record; check it with that version";
            return problem(Wrong::Newer, words.to_owned());
        }
        if record.previous != previous || record.seq != seq {
            let (wrong, number, words) = misplaced(lines, at, seq, &previous);
            return Some(Problem { wrong, line: number, words });
        }
        match (&record.torn, is_torn_before) {
            (Some(_), true) => {
                notes.push(format!(
                    "line {} was cut by a crash or a power failure; record {seq} notes it",
                    line.number - 1
                ));
            }
            (Some(_), false) => {
                let words = format!("the cut line that record {seq} notes is not before it any more");
                return problem(Wrong::Removed, words);
            }
            (None, _) => {}
        }
        is_torn_before = false;
        (seq, previous) = (record.seq + 1, read.hash.clone());
    }
    let last = lines.last().filter(|_| is_open)?;
    let words = "the last line lacks its line end: the file was cut, or a command was killed while it recorded itself";
    Some(Problem { wrong: Wrong::Cut, line: last.number, words: words.to_owned() })
}

fn is_newer(open: &[u8]) -> bool {
    let text = String::from_utf8_lossy(open);
    let number =
        text.strip_prefix("{\"schema\":").and_then(|rest| rest.split(',').next()?.parse::<u32>().ok());
    number.is_some_and(|number| number > SCHEMA)
}

/// What became of the log where a record with a hash of its own does not follow the one before it.
fn misplaced(lines: &[Line<'_>], at: usize, seq: u64, previous: &str) -> (Wrong, usize, String) {
    let sound = |line: &Line<'_>| line.read.clone().filter(Sealed::is_sound);
    let Some(found) = sound(&lines[at]) else { return (Wrong::Altered, lines[at].number, String::new()) };
    let number = lines[at].number;
    let own = found.record.seq;
    let by_hash: HashMap<String, usize> =
        lines.iter().enumerate().rev().filter_map(|(place, line)| Some((sound(line)?.hash, place))).collect();
    let follows = |hash: &str, from: usize| {
        let mut after = lines.iter().enumerate().skip(from);
        after.find(|(_, line)| sound(line).is_some_and(|s| s.record.previous == hash)).map(|(place, _)| place)
    };
    if found.record.previous == previous {
        let words = format!(
            "the record on line {number} has number {own} where {seq} follows: it was altered and hashed again"
        );
        return (Wrong::Altered, number, words);
    }
    if let Some(first) = by_hash.get(&found.hash).filter(|first| **first < at) {
        let words = format!("record {own} stands here again; it is on line {} already", lines[*first].number);
        return (Wrong::Repeated, number, words);
    }
    // Two records after the same one: the one that the rest of the file goes on from is ours.
    let fork = (0..at).find(|place| {
        sound(&lines[*place]).is_some_and(|other| other.record.previous == found.record.previous)
    });
    if let Some(fork) = fork {
        let goes_on = follows(&found.hash, at + 1).is_some();
        let place = if goes_on { fork } else { at };
        let words = format!(
            "lines {} and {number} both follow the same record: one of them was put there",
            lines[fork].number
        );
        return (Wrong::Inserted, lines[place].number, words);
    }
    let before = by_hash.get(&found.record.previous).copied();
    if let Some(before) = before {
        let words = format!("record {own} stands here and belongs after line {}", lines[before].number);
        return (Wrong::Moved, number, words);
    }
    if follows(previous, at + 1).is_some() {
        return (
            Wrong::Inserted,
            number,
            format!("record {own} follows no record of this file: it was put there"),
        );
    }
    let is_left = lines.get(at + 1).is_some() && follows(&found.hash, at + 1).is_none();
    match own.checked_sub(seq) {
        Some(0) if is_left => (
            Wrong::Altered,
            number,
            format!(
                "record {own} follows no record of this file, and none follows it: it was altered and hashed again"
            ),
        ),
        Some(0) if at > 0 => (
            Wrong::Altered,
            lines[at - 1].number,
            format!(
                "record {own} on line {number} follows another record than the one before it: that one was altered and hashed \
                 again, or exchanged"
            ),
        ),
        Some(gone @ 1..) => {
            let which = if gone == 1 {
                format!("record {seq} is")
            } else {
                format!("records {seq} to {} are", own - 1)
            };
            (Wrong::Removed, number, format!("{which} gone before record {own}"))
        }
        Some(0) | None => (
            Wrong::Inserted,
            number,
            format!(
                "record {own} follows no record of this file where record {seq} belongs: it was put there"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Moment, Record};
    use super::*;

    /// A log of so many records, as its lines.
    fn lines(count: u64) -> Vec<String> {
        let mut previous = BEFORE_THE_FIRST.to_owned();
        let mut all = Vec::new();
        for seq in 1..=count {
            let time = Moment::parse(&format!("2026-06-18T06:{seq:02}:00Z")).unwrap();
            let mut record = Record::new(time, "query");
            (record.seq, record.previous) = (seq, previous);
            record.arguments.insert("scope".to_owned(), format!("from=2026-05-{seq:02}"));
            let (line, hash) = record.sealed();
            all.push(line);
            previous = hash;
        }
        all
    }

    fn checked(lines: &[String]) -> Option<(Wrong, usize)> {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        check(text.as_bytes(), None).problem.map(|problem| (problem.wrong, problem.line))
    }

    /// The line with one field changed and the hash made again.
    fn forged(line: &str, change: impl FnOnce(&mut Record)) -> String {
        let mut record = Sealed::read(line.as_bytes()).unwrap().record;
        change(&mut record);
        record.sealed().0
    }

    #[test]
    fn what_was_done_to_a_log_is_named_with_its_line() {
        // Goal: an auditor reads where to look and what for (reliability T16). Method: each kind of change at each place of a
        // log of six records, against the word and the line that a person who made it would say.
        let sound = lines(6);
        assert_eq!(checked(&sound), None);
        for at in 0..6 {
            let line = at + 1;
            let mut removed = sound.clone();
            removed.remove(at);
            // A log that is cut at its end is sound in itself.
            assert_eq!(checked(&removed), (at < 5).then_some((Wrong::Removed, line)), "{at}");
            let mut repeated = sound.clone();
            repeated.insert(at + 1, sound[at].clone());
            assert_eq!(checked(&repeated), Some((Wrong::Repeated, line + 1)), "{at}");
            let mut inserted = sound.clone();
            inserted.insert(at, forged(&sound[at], |record| record.command = "build".to_owned()));
            let last = at == 5;
            assert_eq!(
                checked(&inserted),
                Some((Wrong::Inserted, if last { line + 1 } else { line })),
                "{at}"
            );
            let mut altered = sound.clone();
            altered[at] = sound[at].replace("query", "build");
            assert_eq!(checked(&altered), Some((Wrong::Altered, line)), "{at}");
            let mut hashed_again = sound.clone();
            hashed_again[at] = forged(&sound[at], |record| record.command = "build".to_owned());
            assert_eq!(checked(&hashed_again), (at < 5).then_some((Wrong::Altered, line)), "{at}");
            for other in at + 1..6 {
                let mut swapped = sound.clone();
                swapped.swap(at, other);
                assert_eq!(checked(&swapped), Some((Wrong::Moved, line)), "{at} {other}");
            }
            let mut renumbered = sound.clone();
            renumbered[at] = forged(&sound[at], |record| record.seq += 1);
            assert_eq!(checked(&renumbered), Some((Wrong::Altered, line)), "{at}");
            let mut led = sound.clone();
            led[at] = forged(&sound[at], |record| record.previous = "ab".repeat(32));
            let found = checked(&led).unwrap();
            assert!(found.1 == line || (at == 5 && found.1 == line - 1), "{at}: {found:?}");
            let mut foreign = sound.clone();
            foreign.insert(at, "{\"note\":\"all is well\"}".to_owned());
            assert_eq!(checked(&foreign), Some((Wrong::Altered, line)), "{at}");
        }
    }

    #[test]
    fn a_kept_head_shows_what_the_file_alone_cannot() {
        // Goal: a cut end and a file that was written anew are found by who kept a head, and only by them (reliability T17).
        // Method: both, with and without the head; the head of an earlier record is found with what came after it.
        let sound = lines(6);
        let text = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        let head = check(text(&sound).as_bytes(), None).head().to_owned();
        let anew: Vec<String> = {
            let mut previous = BEFORE_THE_FIRST.to_owned();
            let again = |line: &String| {
                let mut record = Sealed::read(line.as_bytes()).unwrap().record;
                record.declared = "somebody else".to_owned();
                record.previous.clone_from(&previous);
                let (line, hash) = record.sealed();
                previous = hash;
                line
            };
            sound.iter().map(again).collect()
        };
        for wrong in [&sound[..5], &sound[..0], &anew] {
            assert_eq!(check(text(wrong).as_bytes(), None).problem, None);
            let found = check(text(wrong).as_bytes(), Some(&head)).problem.unwrap();
            assert_eq!((found.wrong, found.line), (Wrong::Head, 0));
        }
        let chain = check(text(&sound).as_bytes(), Some(&head));
        assert_eq!((chain.problem, chain.kept), (None, Some((6, 0))));
        let early = check(text(&sound[..2]).as_bytes(), None).head().to_owned();
        assert_eq!(check(text(&sound).as_bytes(), Some(&early)).kept, Some((2, 4)));
    }

    #[test]
    fn a_record_of_a_newer_version_is_not_called_altered() {
        // Goal: an old program does not cry wolf. Method: a record with a higher schema and another field, hashed right; the
        // same with a wrong hash is altered.
        let mut all = lines(2);
        let open = all[1].split(",\"hash\"").next().unwrap().replacen(
            "\"schema\":1",
            "\"schema\":2,\"place\":\"x\"",
            1,
        );
        all[1] = format!("{open},\"hash\":\"{}\"}}", sha256(open.as_bytes()));
        assert_eq!(checked(&all), Some((Wrong::Newer, 2)));
        all[1] = all[1].replace("\"x\"", "\"y\"");
        assert_eq!(checked(&all), Some((Wrong::Altered, 2)));
    }
}
