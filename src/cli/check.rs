//! `tieout check`: read and reconcile, write nothing.

mod fix;

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{Format, Shared, print};
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::{Error, exit};
use crate::fs;
use crate::ingest::columns::FileKind;
use crate::ingest::{self, Extract};
use crate::language::Fault;
use crate::model::money::MoneyByCurrency;
use crate::normalize::RowCounts;
use crate::normalize::controls::control_totals;
use crate::pipeline::{self, Known, Loaded, Summary, Timings, Translations};
use crate::report::Report;

/// Checks the whole input folder, then what the rows of some files would change. The exit code is that of the input as it
/// is.
pub(super) fn all(with_rows: bool, fixes: &[PathBuf], shared: &Shared) -> Result<u8, Error> {
    let fixes = fix::read(fixes)?;
    let options = shared.options();
    let progress = shared.progress();
    let mut timings = Timings::default();
    let mut loaded = pipeline::load(&options, &mut timings, &*progress)?;
    let translations = pipeline::translations(&options, &loaded.config)?;
    let mut known = pipeline::know(&mut loaded, &mut timings, &*progress);
    let Checked { mut document, summary, picture } =
        check(&loaded, &mut known, (with_rows, !fixes.is_empty()), shared)?;
    drop(progress);
    if !translations.language.is_empty() {
        if shared.format == Format::Json {
            document.insert("translations".to_owned(), translations_json(&translations));
        } else if !shared.quiet {
            say_translations(&translations);
        }
    }
    let mut problems = known.diagnostics;
    if let Some(picture) = picture.filter(|_| pipeline::stop_on_fatal(&problems).is_ok()) {
        let outcome = fix::run(&mut loaded, fixes, &picture, &problems)?;
        if shared.format == Format::Json {
            document.insert("fix".to_owned(), outcome.json());
        } else {
            print::problems(&outcome.problems, shared);
            outcome.say();
        }
        problems.extend(outcome.problems);
    }
    let is_unusable = pipeline::stop_on_fatal(&problems);
    if shared.format == Format::Json {
        let problems = problems.iter().map(diagnostic_json).collect();
        document.insert("diagnostics".to_owned(), Value::Array(problems));
        print::result(&Value::Object(document).to_string());
        if is_unusable.is_err() {
            // The one document that was printed names every problem.
            return Ok(exit::INPUT);
        }
    }
    is_unusable?;
    Ok(shared.verdict(&summary))
}

/// What the language of the site lacks, one line each.
fn say_translations(translations: &Translations) {
    let Translations { language, faults, files } = translations;
    if faults.is_empty() && files.is_empty() {
        print::say(&format!("language {language}: every message and every content file has its translation"));
        return;
    }
    print::say(&format!(
        "language {language}: {} of its messages and {} content files want a translation",
        faults.len(),
        files.len()
    ));
    for fault in faults {
        print::say(&format!("  content/messages/{language}.toml: {fault}"));
    }
    for file in files {
        print::say(&format!("  content/{language}/{file}: is not there; the page is English"));
    }
}

fn translations_json(translations: &Translations) -> Value {
    let Translations { language, faults, files } = translations;
    let fault = |fault: &Fault| match fault {
        Fault::Missing { key, .. } => json!({"message": key, "problem": "missing"}),
        Fault::Unknown { key } => json!({"message": key, "problem": "unknown"}),
        Fault::Placeholders { key, .. } => json!({"message": key, "problem": "placeholders"}),
    };
    json!({"language": language, "messages": faults.iter().map(fault).collect::<Vec<_>>(), "files": files})
}

/// What a check of the input as it is leaves behind: what was not printed yet, and the cases.
struct Checked {
    document: Map<String, Value>,
    summary: Summary,
    /// The cases, where something is to be tried.
    picture: Option<fix::Picture>,
}

fn check(
    loaded: &Loaded,
    known: &mut Known,
    (with_rows, is_tried): (bool, bool),
    shared: &Shared,
) -> Result<Checked, Error> {
    let shown = pipeline::shown(loaded, known);
    let snapshot = shown.reconciled.snapshot;
    let report = pipeline::report(loaded, &shown);
    crate::report::identities::check_identities(&report)?;
    let summary = pipeline::summarize(&report);
    let mut document = Map::new();
    if shared.format == Format::Json {
        let files: Vec<Value> = report
            .sources
            .reference_uses
            .iter()
            .chain(&snapshot.uses)
            .map(|used| file_json(&report, used.file, &used.counts, with_rows))
            .collect();
        let cases: Map<String, Value> =
            summary.cases.iter().map(|(kind, count)| ((*kind).to_owned(), json!(count))).collect();
        document.insert("schema".to_owned(), json!(1));
        document.insert("snapshot".to_owned(), json!(summary.snapshot));
        document.insert("files".to_owned(), Value::Array(files));
        document.insert("cases".to_owned(), Value::Object(cases));
    } else {
        print::problems(shown.diagnostics, shared);
        if !shared.quiet {
            print::summarize(&summary);
            for check in control_totals(&loaded.files, snapshot) {
                let merged = if check.merged.is_zero() {
                    String::new()
                } else {
                    format!(" + {} merged", check.merged)
                };
                let rounded = if check.rounded.is_zero() {
                    String::new()
                } else {
                    format!(" + {} rounded", check.rounded)
                };
                print::say(&format!(
                    "tie-out  {} {}: {} declared = {} loaded{merged} + {} set aside{rounded}, difference {}",
                    check.file,
                    check.currency,
                    check.declared,
                    check.loaded,
                    check.quarantined,
                    check.difference
                ));
            }
        }
    }
    Ok(Checked { document, picture: is_tried.then(|| fix::Picture::of(&report)), summary })
}

/// Checks one file: its shape and every cell that the file alone decides.
pub(super) fn single(path: &Path, kind: Option<&str>, with_rows: bool, shared: &Shared) -> Result<u8, Error> {
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let name = kind.unwrap_or(&stem);
    let Some(kind) = FileKind::parse(name) else {
        let kinds: Vec<&str> = FileKind::ALL.iter().map(|k| k.name()).collect();
        return Err(Error::Usage {
            message: format!("`{name}` is not a kind of file"),
            help: format!("say what it is with --kind; the kinds are {}", kinds.join(", ")),
        });
    };
    let shown = path.display().to_string();
    let (extract, counts, diagnostics) = match ingest::extract(&shown, kind, None, fs::read(path)?) {
        Err(problems) => (None, RowCounts::default(), problems),
        Ok((extract, mut problems)) => {
            let (counts, more) = crate::normalize::single(&extract);
            problems.extend(more);
            (Some(extract), counts, problems)
        }
    };
    if shared.format == Format::Json {
        let mut file = json!({"path": shown, "kind": kind.name()});
        if let (Some(extract), Some(object)) = (&extract, file.as_object_mut()) {
            object.extend(counts_json(extract, &counts));
            if with_rows {
                object.insert("rows".to_owned(), rows_json(extract));
            }
        }
        let diagnostics: Vec<Value> = diagnostics.iter().map(diagnostic_json).collect();
        print::result(&json!({"schema": 1, "snapshot": Value::Null, "files": [file], "diagnostics": diagnostics, "cases": {}}).to_string());
    } else {
        print::problems(&diagnostics, shared);
        if !shared.quiet {
            print::say(&format!(
                "rows     {} read = {} loaded + {} merged + {} set aside + {} blank",
                counts.rows, counts.loaded, counts.merged, counts.quarantined, counts.blank
            ));
        }
    }
    let is_unusable = diagnostics.iter().any(|d| d.severity == Severity::Fatal);
    Ok(if is_unusable { exit::INPUT } else { exit::DONE })
}

fn counts_json(extract: &Extract, counts: &RowCounts) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("sha256".to_owned(), json!(extract.sha256()));
    object.insert("rows_loaded".to_owned(), json!(counts.loaded));
    object.insert("rows_merged".to_owned(), json!(counts.merged));
    object.insert("rows_quarantined".to_owned(), json!(counts.quarantined));
    object.insert("rows_blank".to_owned(), json!(counts.blank));
    object
}

fn file_json(report: &Report<'_>, file: u32, counts: &RowCounts, with_rows: bool) -> Value {
    let extract = report.sources.files.get(file);
    let mut object = Map::new();
    object.insert("path".to_owned(), json!(extract.path()));
    object.insert("kind".to_owned(), json!(extract.kind().name()));
    object.extend(counts_json(extract, counts));
    let mut totals = MoneyByCurrency::default();
    if extract.kind() != FileKind::RebateLines {
        let uses = report.reconciled.snapshot.uses.iter().filter(|used| used.file == file);
        totals.extend(uses.flat_map(|used| used.loaded.iter()));
    } else {
        let lines = &report.reconciled.snapshot.records.lines;
        totals.extend(
            lines.iter().filter(|l| l.origin.source.file == file).filter_map(|l| l.amount_calculated),
        );
    }
    let money = |sums: &MoneyByCurrency| -> Map<String, Value> {
        sums.iter().map(|m| (m.currency().code().to_owned(), json!(m.to_string()))).collect()
    };
    let mut declared = MoneyByCurrency::default();
    let mut difference = MoneyByCurrency::default();
    for check in control_totals(report.sources.files, report.reconciled.snapshot)
        .into_iter()
        .filter(|c| c.file == extract.path())
    {
        declared.add(check.declared);
        difference.add(check.difference);
    }
    object.insert("totals".to_owned(), Value::Object(money(&totals)));
    object.insert("declared".to_owned(), Value::Object(money(&declared)));
    object.insert("difference".to_owned(), Value::Object(money(&difference)));
    if with_rows {
        object.insert("rows".to_owned(), rows_json(extract));
    }
    Value::Object(object)
}

fn rows_json(extract: &Extract) -> Value {
    let mut rows = Vec::with_capacity(extract.row_count());
    extract.for_each_row(0..extract.row_count(), |row| {
        let cells: Map<String, Value> = extract
            .kind()
            .columns()
            .iter()
            .enumerate()
            .filter_map(|(number, column)| {
                if !extract.has(number) {
                    return None;
                }
                let text = extract.cell(&row, number).unwrap_or_else(|_| extract.as_written(&row, number));
                Some((column.name.to_owned(), json!(text.trim())))
            })
            .collect();
        rows.push(json!({"line": row.line(), "cells": cells}));
    });
    Value::Array(rows)
}

pub(super) fn diagnostic_json(diagnostic: &Diagnostic) -> Value {
    json!({
        "severity": diagnostic.severity.label(),
        "code": diagnostic.code,
        "file": diagnostic.file,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "field": diagnostic.field,
        "value": diagnostic.value,
        "message": diagnostic.message,
        "help": diagnostic.help,
    })
}
