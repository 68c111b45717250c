//! `tieout audit verify`: whether the log is whole, and what that does not prove.

use std::path::Path;

use serde_json::json;

use crate::audit::chain::{self, Chain, Problem};
use crate::audit::{BEFORE_THE_FIRST, LIMITS};
use crate::cli::{Format, Shared, print};
use crate::error::{Error, exit};

pub(super) const EXAMPLES: &str = "Examples:
  tieout audit verify                          the log of this project
  tieout audit verify --head 3f0c…             against a head that was kept elsewhere (all 64 digits)
  tieout audit verify old/audit.jsonl --format json

Exit 10 when a record was altered, removed, inserted, moved or repeated, the last line is cut, or the head is not there. Keep the
head of a build elsewhere, such as in the mail that announces the site: every build prints it.";

/// Checks the spelling of a head.
pub(super) fn head(text: &str) -> Result<String, String> {
    let text = text.trim().to_ascii_lowercase();
    if chain::is_head(&text) {
        Ok(text)
    } else {
        Err("a head has 64 digits of 0-9 and a-f; copy all of it".to_owned())
    }
}

/// Runs the command.
pub(super) fn run(file: Option<&Path>, head: Option<&str>, shared: &Shared) -> Result<u8, Error> {
    let (path, bytes) = super::read(file, shared)?;
    let chain = chain::check(&bytes, head);
    if shared.format == Format::Json {
        print::result(&document(&path, head, &chain).to_string());
    } else {
        in_words(&path, head, &chain);
    }
    Ok(if chain.problem.is_some() { exit::FINDINGS } else { exit::DONE })
}

/// `line 5: …`, or the words alone where the whole file is meant.
pub(super) fn place(problem: &Problem) -> String {
    match problem.line {
        0 => problem.words.clone(),
        line => format!("line {line}: {}", problem.words),
    }
}

fn in_words(path: &Path, head: Option<&str>, chain: &Chain) {
    let line = |name: &str, words: &str| print::result(format!("{name:<9} {words}").trim_end());
    let records = match chain.entries.len() {
        0 => "no record".to_owned(),
        1 => "1 record".to_owned(),
        count => format!("{count} records"),
    };
    let days = chain.entries.first().zip(chain.entries.last());
    let days = days.map(|(first, last)| format!(", {} to {}", first.record.time, last.record.time));
    line("log", &format!("{}: {records}{}", path.display(), days.unwrap_or_default()));
    line("head", chain.head());
    match (head, chain.kept) {
        (None, _) => line("kept head", "none was given: an end that was cut off cannot be noticed"),
        (Some(_), Some((seq, 0))) => line("kept head", &format!("it is record {seq}, the last one")),
        (Some(_), Some((seq, later))) => {
            line("kept head", &format!("it is record {seq}; {later} later ones follow it"));
        }
        (Some(_), None) => line("kept head", "NOT THERE: no record has this hash"),
    }
    for note in &chain.notes {
        line("note", note);
    }
    match &chain.problem {
        None => line("result", "the chain is whole"),
        Some(problem) => {
            line("result", "THE CHAIN IS BROKEN");
            line(problem.wrong.code(), &place(problem));
            line("", "what stands after it was not checked; compare the file with a copy of your own");
        }
    }
    LIMITS.iter().for_each(|words| line("", words));
}

fn document(path: &Path, head: Option<&str>, chain: &Chain) -> serde_json::Value {
    let problem = chain.problem.as_ref().map(|problem| {
        let line = (problem.line > 0).then_some(problem.line);
        json!({"what": problem.wrong.code(), "line": line, "message": problem.words})
    });
    let kept = head.map(|head| {
        json!({"hash": head, "record": chain.kept.map(|(seq, _)| seq), "later_records": chain.kept.map(|(_, later)| later)})
    });
    json!({
        "schema": 1,
        "log": path.display().to_string(),
        "records": chain.entries.len(),
        "head": Some(chain.head()).filter(|head| *head != BEFORE_THE_FIRST),
        "kept_head": kept,
        "whole": chain.problem.is_none(),
        "problem": problem,
        "notes": chain.notes,
        "limits": LIMITS.join(" "),
    })
}
