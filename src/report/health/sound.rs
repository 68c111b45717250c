//! What every figure of the site rests on: tie-outs, late sources, rows set aside, words and records without a meaning
//!

use std::collections::BTreeSet;

use crate::diagnostic::Severity;
use crate::model::status::Status;
use crate::normalize::controls::control_totals;
use crate::report::Report;
use crate::report::lists::count_of;
use crate::report::page::{Block, Check, Text};
use crate::report::quality;
use crate::say;

/// One check each, with the page that has the details; and how many of them want a look.
pub(super) fn blocks(report: &Report<'_>) -> (usize, Vec<Block>) {
    let checks =
        vec![tied(report), control(report), aside(report), late(report), words(report), warnings(report)];
    let open = checks.iter().filter(|check| check.result != "ok").count();
    let summary = match open {
        0 => say!("Everything that the figures rest on is sound.").to_owned(),
        1 => say!("1 thing to look at.").to_owned(),
        n => say!("{count} things to look at.", count = n),
    };
    (open, vec![Block::Checks { summary, checks }])
}

fn check(result: &'static str, words: String, link: &str, href: &str) -> Check {
    Check {
        result,
        text: vec![Text::plain(format!("{words} ")), Text::link(link, href), Text::plain(say!("."))],
    }
}

fn tied(report: &Report<'_>) -> Check {
    let uses: Vec<_> = report.sources.reference_uses.iter().chain(&report.reconciled.snapshot.uses).collect();
    let open = uses.iter().filter(|file| !file.counts.is_conserved()).count();
    let words = match open {
        0 => say!(
            "Every row of {uses} is loaded, merged, set aside or blank.",
            uses = count_of(uses.len(), "file", "files")
        ),
        _ => say!("{open} not tie.", open = count_of(open, "file does", "files do")),
    };
    check(if open == 0 { "ok" } else { "bad" }, words, say!("Tie-out per file"), "quarantine.html#files")
}

fn control(report: &Report<'_>) -> Check {
    let totals = control_totals(report.sources.files, report.reconciled.snapshot);
    let open = totals.iter().filter(|total| !total.is_explained()).count();
    let (result, words) = match (totals.len(), open) {
        (0, _) => ("unknown", say!("No control total was received to tie to.").to_owned()),
        (n, 0) => ("ok", say!("{totals} agree.", totals = count_of(n, "control total", "control totals"))),
        (_, _) => {
            ("bad", say!("{open} not tie.", open = count_of(open, "control total does", "control totals do")))
        }
    };
    check(result, words, say!("Control totals"), "quarantine.html#control-totals")
}

fn aside(report: &Report<'_>) -> Check {
    let rows = quality::set_aside(report).count();
    let words = match rows {
        0 => say!("No row is set aside.").to_owned(),
        _ => say!("{rows} set aside and in no total.", rows = count_of(rows, "row is", "rows are")),
    };
    check(if rows == 0 { "ok" } else { "bad" }, words, say!("Rows set aside"), "quarantine.html#rows")
}

fn late(report: &Report<'_>) -> Check {
    let feeds = &report.reconciled.snapshot.records.feeds;
    let today = report.reconciled.as_of().date();
    let late = feeds.iter().filter(|feed| feed.is_stale(today)).count();
    let (result, words) = match (feeds.len(), late) {
        (0, _) => (
            "unknown",
            say!("No sources.csv says when a source is due, so a late one is not noticed.").to_owned(),
        ),
        (n, 0) => ("ok", say!("{sources} on time.", sources = count_of(n, "source is", "sources are"))),
        (_, _) => (
            "bad",
            say!(
                "{late} late: what is absent from it proves nothing.",
                late = count_of(late, "source is", "sources are")
            ),
        ),
    };
    check(result, words, say!("Sources by snapshot"), "snapshot/index.html")
}

fn words(report: &Report<'_>) -> Check {
    let mut unknown = BTreeSet::new();
    for line in &report.reconciled.snapshot.records.lines {
        if line.status == Status::Unknown {
            unknown.insert(("status", line.status_raw));
        }
        let reason = line.reason_raw.filter(|_| report.reconciled.reason(line.reason_key).is_none());
        unknown.extend(reason.map(|reason| ("reason", reason)));
    }
    let words = match unknown.len() {
        0 => say!("Every status and reason of a line has a meaning.").to_owned(),
        n => say!(
            "{words} without a meaning.",
            words = count_of(n, "status or reason is", "statuses and reasons are")
        ),
    };
    check(if unknown.is_empty() { "ok" } else { "bad" }, words, say!("Mapping gaps"), "mapping.html")
}

fn warnings(report: &Report<'_>) -> Check {
    let found = report.sources.diagnostics.iter().filter(|d| d.severity >= Severity::Warning).count();
    let words = match found {
        0 => say!("Nothing odd was found in the files.").to_owned(),
        n => say!(
            "{problems} about the files.",
            problems = count_of(n, "warning or error", "warnings and errors")
        ),
    };
    check(
        if found == 0 { "ok" } else { "unknown" },
        words,
        say!("Warnings and notes"),
        "quarantine.html#diagnostics",
    )
}
