//! `tieout audit show`: the last records as a table.

use std::path::Path;

use serde_json::{Value, json};

use super::verify::place;
use crate::audit::chain::{self, Chain, Entry};
use crate::cli::{Format, Shared, print};
use crate::diagnostic::visible;
use crate::error::{Error, exit};
use crate::export;
use crate::report::table::{Cell, Column, Row, Table};

pub(super) const EXAMPLES: &str = "Examples:
  tieout audit show                            the last 20 records
  tieout audit show --last 500 --format csv > runs.csv
  tieout audit show --format json

Exit 10 when the log is not whole: tieout audit verify says where.";

/// How much of a checksum a person is shown.
const SHORT: usize = 12;

/// Runs the command.
pub(super) fn run(file: Option<&Path>, last: usize, shared: &Shared) -> Result<u8, Error> {
    let (_, bytes) = super::read(file, shared)?;
    let chain = chain::check(&bytes, None);
    let entries = &chain.entries[chain.entries.len().saturating_sub(last)..];
    match shared.format {
        Format::Json => {
            let records: Vec<Value> = entries.iter().map(in_json).collect();
            print::result(
                &json!({
                    "schema": 1, "whole": chain.problem.is_none(), "head": chain.head(), "in_log": chain.entries.len(),
                    "records": records,
                })
                .to_string(),
            );
        }
        Format::Csv => print::file(&export::csv::table(&table(entries))),
        Format::Human => tell(entries, &chain),
    }
    Ok(warn_of(&chain))
}

/// Says where a log is not whole; the exit code that follows.
pub(super) fn warn_of(chain: &Chain) -> u8 {
    let Some(problem) = &chain.problem else { return exit::DONE };
    print::say(&format!("warning: the audit log is not whole; {}", place(problem)));
    print::say("  help: tieout audit verify");
    exit::FINDINGS
}

/// The first digits of a checksum.
pub(super) fn short(sha256: &str) -> &str {
    sha256.get(..SHORT).unwrap_or(sha256)
}

fn tell(entries: &[Entry], chain: &Chain) {
    for Entry { record, .. } in entries {
        let made = if record.sha256.is_empty() {
            String::new()
        } else {
            format!("  {} {}", record.made.word(), short(&record.sha256))
        };
        let snapshot = if record.snapshot.is_empty() {
            String::new()
        } else {
            format!("  snapshot {}", visible(&record.snapshot))
        };
        print::result(&format!(
            "{:>6}  {}  {:<8} {:<10} {}{snapshot}{made}",
            record.seq,
            record.time,
            visible(&record.command),
            record.outcome.word(),
            visible(&record.who()),
        ));
        if !record.arguments.is_empty() {
            print::result(&format!("        {}", shown(&record.arguments_in_words())));
        }
    }
    print::result(&format!("{} of {} records, head {}", entries.len(), chain.entries.len(), chain.head()));
}

/// A text of any length as it can be printed anywhere.
pub(super) fn shown(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(64).map(|piece| visible(&piece.iter().collect::<String>())).collect()
}

fn table(entries: &[Entry]) -> Table {
    let texts = [
        "Time",
        "Command",
        "Arguments",
        "Declared",
        "Account",
        "Account number",
        "Snapshot",
        "Record set",
        "Made",
    ];
    let more = ["SHA-256", "Outcome", "Exit code", "Version", "Hash"];
    let columns = [Column::number("Record")].into_iter();
    let columns = columns.chain(texts.into_iter().chain(more).map(Column::text)).collect();
    let row = |Entry { record, hash, .. }: &Entry| {
        let cells = [
            record.seq.to_string(),
            record.time.to_string(),
            record.command.clone(),
            record.arguments_in_words(),
            record.declared.clone(),
            record.user.clone(),
            record.uid.to_string(),
            record.snapshot.clone(),
            record.record_set.clone(),
            record.made.word().to_owned(),
            record.sha256.clone(),
            record.outcome.word().to_owned(),
            record.exit.to_string(),
            record.version.clone(),
            hash.clone(),
        ];
        Row { cells: cells.map(Cell::text).to_vec(), ..Row::default() }
    };
    Table { id: "audit".to_owned(), columns, rows: entries.iter().map(row).collect(), ..Table::default() }
}

fn in_json(Entry { line, record, hash }: &Entry) -> Value {
    json!({
        "line": line,
        "record": record.seq,
        "time": record.time.to_string(),
        "command": record.command,
        "arguments": record.arguments,
        "declared": record.declared,
        "user": record.user,
        "uid": record.uid,
        "snapshot": record.snapshot,
        "record_set": record.record_set,
        "made": record.made.word(),
        "sha256": record.sha256,
        "outcome": record.outcome.word(),
        "exit": record.exit,
        "version": record.version,
        "hash": hash,
    })
}
