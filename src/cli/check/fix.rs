//! `tieout check --with-fix`: what rows of a reference file would change, before anybody writes them into the input.
//!
//! Everything is read and reconciled a second time with these rows, and the cases of both runs are compared by what they are
//! about. Nothing is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::cli::print;
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::Error;
use crate::fs;
use crate::ingest::columns::FileKind;
use crate::ingest::{self, Extract};
use crate::model::money::{Currency, Money};
use crate::normalize::RowCounts;
use crate::pipeline::{self, Loaded, Silent, Timings};
use crate::reconcile::{Direction, Kind};
use crate::report::Report;

/// Cases of one list that are printed before the rest is only counted.
const PRINTED: usize = 20;

/// The kinds of files whose rows can be tried: reference files that decide something.
const KINDS: [FileKind; 9] = [
    FileKind::Aliases,
    FileKind::Accounts,
    FileKind::Skus,
    FileKind::StatusMap,
    FileKind::ReasonMap,
    FileKind::Enrollments,
    FileKind::Programs,
    FileKind::ProgramRates,
    FileKind::Periods,
];

/// Files with rows to try, and the problems of those that cannot be read.
#[derive(Default)]
pub(super) struct Fixes {
    files: Vec<Extract>,
    problems: Vec<Diagnostic>,
}

impl Fixes {
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.problems.is_empty()
    }
}

/// Reads the files, each as the kind that its name says, else its columns.
///
/// # Errors
/// [`Error::Read`] for a file that cannot be read, [`Error::Usage`] for one whose kind cannot be told.
pub(super) fn read(paths: &[PathBuf]) -> Result<Fixes, Error> {
    let mut fixes = Fixes::default();
    for path in paths {
        let bytes = fs::read(path)?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
        let named = FileKind::parse(&stem).filter(|kind| KINDS.contains(kind));
        let Some(kind) = named.or_else(|| ingest::recognize(&bytes, &KINDS)) else {
            let names = KINDS.map(|kind| format!("{}.csv", kind.name())).join(", ");
            return Err(Error::Usage {
                message: format!("`{}` is of no kind whose rows can be tried", path.display()),
                help: format!("name it as one of {names}, or give it the header of one"),
            });
        };
        match ingest::extract(&path.display().to_string(), kind, None, bytes) {
            Ok((extract, warnings)) => {
                fixes.files.push(extract);
                fixes.problems.extend(warnings);
            }
            Err(problems) => fixes.problems.extend(problems),
        }
    }
    Ok(fixes)
}

/// A case as far as it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    /// Its primary explanation; `None` where it is clean.
    kind: Option<Kind>,
    direction: Direction,
    amount: Option<Money>,
}

/// What a case is about: type, id, and its number among those that share both, such as two rows of one order.
type Subject = (&'static str, String, usize);

/// The cases of a run.
pub(super) struct Picture {
    cases: BTreeMap<Subject, State>,
}

impl Picture {
    pub(super) fn of(report: &Report<'_>) -> Picture {
        let mut cases = BTreeMap::new();
        let mut twins: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
        for case in &report.reconciled.cases {
            let (kind, id) = report.subject(case);
            let twin = twins.entry((kind, id.clone())).or_insert(0);
            let subject = (kind, id, *twin);
            *twin += 1;
            let state = State {
                kind: case.primary().map(|finding| finding.kind),
                direction: case.direction(),
                amount: case.primary().and_then(|finding| finding.amount),
            };
            cases.insert(subject, state);
        }
        Picture { cases }
    }

    fn counts(&self) -> BTreeMap<Kind, usize> {
        let mut counts = BTreeMap::new();
        for kind in self.cases.values().filter_map(|state| state.kind) {
            *counts.entry(kind).or_default() += 1;
        }
        counts
    }

    /// What is at stake, by currency and direction; a case without an amount adds none.
    fn stakes(&self) -> BTreeMap<(Currency, Direction), i128> {
        let mut stakes = BTreeMap::new();
        for state in self.cases.values() {
            if let Some(amount) = state.amount.filter(|_| state.direction != Direction::None) {
                *stakes.entry((amount.currency(), state.direction)).or_default() += amount.minor();
            }
        }
        stakes
    }

    fn open(&self, subject: &Subject) -> Option<State> {
        self.cases.get(subject).copied().filter(|state| state.kind.is_some())
    }
}

/// What the rows would change.
pub(super) struct Outcome {
    /// Every problem of the files, and those that the input has only with them.
    pub(super) problems: Vec<Diagnostic>,
    files: Vec<(String, FileKind, RowCounts)>,
    /// `None` where the files cannot be used.
    change: Option<Change>,
}

struct Change {
    counts: BTreeMap<Kind, (usize, usize)>,
    cleared: Vec<(Subject, State)>,
    changed: Vec<(Subject, State, State)>,
    new: Vec<(Subject, State)>,
    stakes: BTreeMap<(Currency, Direction), (i128, i128)>,
}

/// Reconciles again with the rows of the files.
///
/// `before` and `known` are the cases and problems without them.
///
/// # Errors
/// [`Error::Content`] when a row names a reason that has no page, [`Error::Identity`] when a total does not add up.
pub(super) fn run(
    loaded: &mut Loaded,
    fixes: Fixes,
    before: &Picture,
    known: &[Diagnostic],
) -> Result<Outcome, Error> {
    let mut problems = fixes.problems;
    let (mut uses, more) = pipeline::try_fixes(loaded, fixes.files)?;
    // As they were given.
    uses.sort_by_key(|used| used.file);
    problems.extend(more.into_iter().filter(|problem| !known.contains(problem)));
    let files = uses
        .iter()
        .map(|used| {
            let file = loaded.files.get(used.file);
            (file.path().to_owned(), file.kind(), used.counts)
        })
        .collect();
    let mut change = None;
    if problems.iter().all(|problem| problem.severity != Severity::Fatal) {
        let mut again = pipeline::know(loaded, &mut Timings::default(), &Silent);
        problems.extend(again.diagnostics.iter().filter(|problem| !known.contains(problem)).cloned());
        let shown = pipeline::shown(loaded, &mut again);
        let report = pipeline::report(loaded, &shown);
        crate::report::identities::check_identities(&report)?;
        change = Some(Change::between(before, &Picture::of(&report)));
    }
    problems.sort();
    problems.dedup();
    Ok(Outcome { problems, files, change })
}

impl Change {
    fn between(before: &Picture, after: &Picture) -> Change {
        let mut change = Change {
            counts: both(before.counts(), &after.counts()),
            cleared: Vec::new(),
            changed: Vec::new(),
            new: Vec::new(),
            stakes: both(before.stakes(), &after.stakes()),
        };
        for (subject, was) in before.cases.iter().filter(|(_, state)| state.kind.is_some()) {
            match after.open(subject) {
                None => change.cleared.push((subject.clone(), *was)),
                Some(is) if is != *was => change.changed.push((subject.clone(), *was, is)),
                Some(_) => {}
            }
        }
        for subject in after.cases.keys().filter(|subject| before.open(subject).is_none()) {
            change.new.extend(after.open(subject).map(|is| (subject.clone(), is)));
        }
        change
    }
}

/// Two tables side by side; what one of them lacks is nothing there.
fn both<K: Ord + Copy, V: Copy + Default>(
    before: BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> BTreeMap<K, (V, V)> {
    let mut all: BTreeMap<K, (V, V)> =
        before.into_iter().map(|(key, was)| (key, (was, V::default()))).collect();
    for (key, is) in after {
        all.entry(*key).or_default().1 = *is;
    }
    all
}

impl Outcome {
    /// The part of the JSON document; `null` where the files cannot be used.
    pub(super) fn json(&self) -> Value {
        let Some(change) = &self.change else { return Value::Null };
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|(path, kind, counts)| {
                json!({
                    "path": path, "kind": kind.name(), "rows_loaded": counts.loaded, "rows_merged": counts.merged,
                    "rows_quarantined": counts.quarantined, "rows_blank": counts.blank,
                })
            })
            .collect();
        let cases: Map<String, Value> = change
            .counts
            .iter()
            .map(|(kind, (before, after))| {
                (kind.code().to_owned(), json!({"before": before, "after": after}))
            })
            .collect();
        let list = |cases: &[(Subject, State)]| -> Vec<Value> {
            cases.iter().map(|(subject, state)| case_json(subject, [("", *state)])).collect()
        };
        let changed: Vec<Value> = change
            .changed
            .iter()
            .map(|(subject, was, is)| case_json(subject, [("before_", *was), ("after_", *is)]))
            .collect();
        let stakes: Vec<Value> = change
            .stakes
            .iter()
            .map(|((currency, direction), (before, after))| {
                let amount = |minor| Money::from_minor(minor, *currency).to_string();
                json!({
                    "currency": currency.code(), "direction": direction.label(),
                    "before": amount(*before), "after": amount(*after),
                })
            })
            .collect();
        json!({
            "files": files, "cases": cases, "cleared": list(&change.cleared), "changed": changed,
            "new": list(&change.new), "at_stake": stakes,
        })
    }

    /// What a person reads.
    pub(super) fn say(&self) {
        let Some(change) = &self.change else { return };
        for (path, kind, counts) in &self.files {
            let rows =
                if counts.loaded == 1 { "1 row".to_owned() } else { format!("{} rows", counts.loaded) };
            print::say(&format!(
                "fix      {rows} of {path} tried as reference/{}.csv; nothing is written",
                kind.name()
            ));
        }
        let is_same = change.cleared.is_empty() && change.changed.is_empty() && change.new.is_empty();
        if is_same {
            print::say("         no case would change");
            return;
        }
        let sums = change.counts.values().fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        print::say(&format!("cases    {} → {} to explain", sums.0, sums.1));
        for (kind, (before, after)) in change.counts.iter().filter(|(_, (before, after))| before != after) {
            print::say(&format!("         {before:>6} → {after}  {}", kind.code()));
        }
        said("clears", &change.cleared, |(subject, was)| format!("{}: {}", about(subject), in_words(*was)));
        said("changes", &change.changed, |(subject, was, is)| {
            format!("{}: {} → {}", about(subject), in_words(*was), in_words(*is))
        });
        said("new", &change.new, |(subject, is)| format!("{}: {}", about(subject), in_words(*is)));
        let moved = |(_, (before, after)): &(_, &(i128, i128))| before != after;
        for ((currency, direction), (before, after)) in change.stakes.iter().filter(moved) {
            let amount = |minor| Money::from_minor(minor, *currency).in_words();
            let sign = if after > before { "+" } else { "" };
            print::say(&format!(
                "stake    {}: {} → {} ({sign}{})",
                direction.label(),
                amount(*before),
                amount(*after),
                amount(after - before)
            ));
        }
    }
}

fn said<T>(word: &str, cases: &[T], line: impl Fn(&T) -> String) {
    for case in cases.iter().take(PRINTED) {
        print::say(&format!("{word:<8} {}", line(case)));
    }
    if cases.len() > PRINTED {
        print::say(&format!("         … and {} more; --format json lists them all", cases.len() - PRINTED));
    }
}

fn about((kind, id, _): &Subject) -> String {
    format!("{kind} {id}")
}

fn in_words(state: State) -> String {
    let kind = state.kind.map_or("clean", Kind::code);
    match state.amount.filter(|amount| !amount.is_zero()) {
        Some(amount) => format!("{kind}, {} {}", amount.in_words(), state.direction.label()),
        None => kind.to_owned(),
    }
}

/// A case with one state, or with two whose fields begin with a word each.
fn case_json<const N: usize>((kind, id, _): &Subject, states: [(&str, State); N]) -> Value {
    let mut object = Map::new();
    let mut add = |name: String, value: Option<String>| object.insert(name, json!(value));
    add("subject_type".to_owned(), Some((*kind).to_owned()));
    add("subject_id".to_owned(), Some(id.clone()));
    for (word, state) in states {
        add(format!("{word}kind"), Some(state.kind.map_or("clean", Kind::code).to_owned()));
        add(format!("{word}direction"), Some(state.direction.label().to_owned()));
        add(format!("{word}currency"), state.amount.map(|amount| amount.currency().to_string()));
        add(format!("{word}at_stake"), state.amount.map(|amount| amount.to_string()));
    }
    Value::Object(object)
}
