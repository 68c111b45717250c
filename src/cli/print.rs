//! What a person reads: problems, the summary, errors, progress.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::trail::{Kept, Unrecorded};
use super::{Format, Shared};
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::Error;
use crate::model::money::Money;
use crate::pipeline::pack::{self, Packed};
use crate::pipeline::{Outcome, Progress, Summary, sealed};

/// Problems of one severity that are printed before the rest is only counted.
const PRINTED: usize = 20;

/// Prints a line for people. A closed pipe is no error of ours.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Everything that went to stdout: its checksum is recorded, so that a file that somebody made of it can be found again.
static RESULTS: Mutex<Option<Sha256>> = Mutex::new(None);

/// Prints a result.
pub(super) fn result(text: &str) {
    file(format!("{text}\n").as_bytes());
}

/// Prints a file as it is, to the byte.
pub(super) fn file(bytes: &[u8]) {
    let mut printed = RESULTS.lock().unwrap_or_else(PoisonError::into_inner);
    printed.get_or_insert_default().update(bytes);
    let _ = std::io::stdout().lock().write_all(bytes);
}

/// SHA-256 of everything that was printed as a result; `None` where nothing was.
pub(super) fn printed_sha256() -> Option<String> {
    let printed = RESULTS.lock().unwrap_or_else(PoisonError::into_inner);
    printed.clone().map(|hash| hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Says that a command is not in the audit log, and what to do.
pub(super) fn unrecorded(Unrecorded { what, why, help }: &Unrecorded) {
    say(&format!("{what}: {why}"));
    say(&format!("  help: {help}"));
}

/// Prints an error with its cause and the next action.
pub(super) fn error(error: &Error, is_json: bool) {
    if is_json {
        let source = std::error::Error::source(error).map(ToString::to_string);
        let help = error.help();
        result(&json!({"schema": 1, "error": error.to_string(), "cause": source, "help": help, "exit_code": error.exit_code()}).to_string());
        return;
    }
    say(&format!("error: {error}"));
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        say(&format!("  cause: {source}"));
        cause = source.source();
    }
    if let Some(help) = error.help() {
        say(&format!("  help: {help}"));
    }
}

/// Prints the problems of the data: all that stop the run or set rows aside, the rest as a count unless asked for.
pub(super) fn problems(problems: &[Diagnostic], shared: &Shared) {
    if shared.format == Format::Json {
        return;
    }
    for severity in [Severity::Fatal, Severity::Error, Severity::Warning, Severity::Note] {
        let of_severity: Vec<&Diagnostic> = problems.iter().filter(|d| d.severity == severity).collect();
        let is_shown =
            severity >= Severity::Error || shared.verbose || (severity == Severity::Warning && !shared.quiet);
        if !is_shown {
            continue;
        }
        if shared.verbose {
            of_severity.iter().for_each(|diagnostic| say(&diagnostic.in_words()));
            continue;
        }
        let groups = alike(&of_severity);
        let limit = if severity == Severity::Fatal { usize::MAX } else { PRINTED };
        for (first, lines) in groups.iter().take(limit) {
            say(&first.in_words());
            if !lines.is_empty() {
                say(&also(lines));
            }
        }
        let left: usize = groups.iter().skip(limit).map(|(_, lines)| lines.len() + 1).sum();
        if left > 0 {
            say(&format!("… and {left} more; all are in data/diagnostics.csv, or run with -v"));
        }
    }
}

/// Problems of one kind in one column of one file, in the order of their first: that one, and the lines of the others.
fn alike<'d>(problems: &[&'d Diagnostic]) -> Vec<(&'d Diagnostic, Vec<u32>)> {
    let mut place: HashMap<(&str, &str, &str), usize> = HashMap::new();
    let mut groups: Vec<(&Diagnostic, Vec<u32>)> = Vec::new();
    for problem in problems {
        let key = (problem.file.as_str(), problem.code, problem.field.as_str());
        match place.get(&key) {
            // What is said of a whole file is said of each in its own words.
            Some(at) if problem.line > 0 => groups[*at].1.push(problem.line),
            Some(_) | None => {
                place.insert(key, groups.len());
                groups.push((problem, Vec::new()));
            }
        }
    }
    groups
}

/// `  the same on lines 12, 15 and 18`
fn also(lines: &[u32]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = lines.iter().take(SHOWN).map(u32::to_string).collect();
    let rest = match lines.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more; -v lists all"),
    };
    let noun = if lines.len() == 1 { "line" } else { "lines" };
    format!("  the same on {noun} {}{rest}", shown.join(", "))
}

/// Prints what a close pack says, where it is, and what to do next.
pub(super) fn packed(made: &Packed, folder: &Path, kept: &Kept, shared: &Shared) {
    let facts = &made.facts;
    if shared.format == Format::Json {
        let folder = folder.display().to_string();
        let (sealed, audit) = (made.is_seal, kept.in_json());
        result(
            &json!({"schema": 1, "folder": folder, "sealed": sealed, "pack": facts, "audit": audit})
                .to_string(),
        );
        return;
    }
    let closing: Vec<String> = facts.closing_balances().into_iter().map(Money::in_words).collect();
    let closing = if closing.is_empty() { "nothing".to_owned() } else { closing.join(" and ") };
    result(&format!("{}  {}  closing balance {closing}", facts.id, facts.state));
    let (all, failed, open) = facts.checks;
    result(&format!("  checks:   {} agree, {failed} fail, {open} open, of {all}", all - failed - open));
    for (id, words) in &made.unsettled {
        result(&format!("            {id} {words}"));
    }
    let bytes: usize = made.files.iter().map(|(_, bytes)| bytes.len()).sum();
    result(&format!(
        "  folder:   {}, {} files, {} KB",
        folder.display(),
        made.files.len(),
        bytes.div_ceil(1024)
    ));
    result(&format!("  print:    {}", folder.join(pack::PAGE).display()));
    result(&format!("  verify:   tieout verify {}", folder.display()));
    if let Some(words) = kept.in_words() {
        result(&format!("  audit:    {words}"));
    }
    if !made.is_seal && made.number > 1 {
        let kept = shared.input.join(sealed::FOLDER).join(sealed::name(made.month, made.number - 1));
        result(&format!(
            "  note:     {} is sealed: {} is the pack that counts, and this one is what a correction would be",
            made.month,
            kept.display()
        ));
    }
    if made.is_seal {
        result(&format!(
            "  next:     sign it: a row in signoffs.csv for {} that names pack {}",
            made.month,
            made.manifest_sha256()
        ));
        if let Some(row) = &made.period_row {
            result(&format!("            and close the month in periods.csv: {row}"));
        }
    }
}

/// Prints the summary of a build and where to open it.
pub(super) fn built(outcome: &Outcome, kept: &Kept, shared: &Shared) {
    let summary = &outcome.summary;
    let page = shared.site().join("internal").join("index.html");
    if shared.format == Format::Json {
        result(&json!({
            "schema": 1,
            "snapshot": summary.snapshot,
            "rows": {"read": summary.rows.rows, "loaded": summary.rows.loaded, "merged": summary.rows.merged, "quarantined": summary.rows.quarantined, "blank": summary.rows.blank},
            "cases": summary.cases.iter().map(|(kind, count)| ((*kind).to_owned(), json!(count))).collect::<serde_json::Map<_, _>>(),
            "clean": summary.clean,
            "unchanged": outcome.published.is_unchanged,
            "files": outcome.published.files,
            "bytes": outcome.published.bytes,
            "manifest_sha256": outcome.published.manifest_sha256,
            "audit": kept.in_json(),
            "open": page.display().to_string(),
        })
        .to_string());
        return;
    }
    if let Some(error) = &outcome.published.unfinished {
        say(&format!("warning: the new site is published, but tidying up failed: {error}"));
    }
    if shared.quiet {
        return;
    }
    summarize(summary);
    if shared.verbose {
        for (stage, taken) in &outcome.timings.0 {
            say(&format!("  {stage:<12} {:>10}", time(*taken)));
        }
    }
    let total: Duration = outcome.timings.0.iter().map(|(_, time)| *time).sum();
    let done = if outcome.published.is_unchanged { "as it was" } else { "wrote   " };
    say(&format!(
        "{done} {} files, {} in {}",
        outcome.published.files,
        size(outcome.published.bytes),
        time(total)
    ));
    if let Some(words) = kept.in_words() {
        say(&format!("audit    {words}"));
    }
    say(&format!("open     {}", page.display()));
}

/// Prints rows, money and cases.
pub(super) fn summarize(summary: &Summary) {
    let rows = &summary.rows;
    say(&format!("snapshot {}", summary.snapshot));
    say(&format!(
        "rows     {} read = {} loaded + {} merged + {} set aside + {} blank",
        rows.rows, rows.loaded, rows.merged, rows.quarantined, rows.blank
    ));
    let totals =
        if summary.totals.is_empty() { "no rebate lines".to_owned() } else { summary.totals.join(", ") };
    say(&format!("money    {} total rebate: {totals}", summary.month));
    let cases: usize = summary.cases.iter().map(|(_, count)| count).sum();
    say(&format!("cases    {} to explain, {} clean", cases, summary.clean));
    for (kind, count) in &summary.cases {
        say(&format!("         {count:>6}  {kind}"));
    }
}

/// A time for the run log: `12.3 ms`, `4.56 s`.
fn time(time: Duration) -> String {
    let micros = time.as_micros();
    if micros < 1_000_000 {
        format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100)
    } else {
        format!("{}.{:02} s", micros / 1_000_000, micros % 1_000_000 / 10_000)
    }
}

fn size(bytes: u64) -> String {
    if bytes < 10_000_000 { format!("{} KB", bytes / 1_000) } else { format!("{} MB", bytes / 1_000_000) }
}

/// A progress bar on a terminal.
#[derive(Default)]
pub(super) struct Bar(Mutex<Option<ProgressBar>>);

impl Progress for Bar {
    fn stage(&self, name: &'static str, total: u64) {
        let Ok(mut slot) = self.0.lock() else { return };
        if let Some(bar) = slot.take() {
            bar.finish_and_clear();
        }
        let (bar, template) = if total == 0 {
            (ProgressBar::new_spinner(), "{spinner} {msg}")
        } else {
            (ProgressBar::new(total), "{msg:<12} {bar:30} {pos}/{len} {per_sec} {eta}")
        };
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_message(name);
        bar.tick();
        *slot = Some(bar);
    }

    fn step(&self, items: u64) {
        if let Ok(slot) = self.0.lock()
            && let Some(bar) = slot.as_ref()
        {
            bar.inc(items);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Ok(mut slot) = self.0.lock()
            && let Some(bar) = slot.take()
        {
            bar.finish_and_clear();
        }
    }
}
