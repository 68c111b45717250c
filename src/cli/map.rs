//! `tieout map FILE…`: what a file seems to be, and the `[[source]]` that would read it. Nothing is written.
//!
//! The block goes to stdout, so that it can be appended to `tieout.toml`; what was found out goes to stderr.

pub(super) mod shipped;
mod told;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{Format, Shared, check, print};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, visible};
use crate::error::{Error, exit};
use crate::fs;
use crate::ingest::columns::FileKind;
use crate::ingest::format::{self, Declared};
use crate::ingest::mapping::Mapping;
use crate::ingest::mapping::propose::{self, Opened, Seen, Wish};
use crate::model::time::AsOf;
use shipped::Fit;

pub(super) const EXAMPLES: &str = "Examples:
  tieout map input/2026-06-18/commission.xlsx          what it is, column by column, and what is unsure
  tieout map commission.csv --kind rebate_lines        what it gives is said and not guessed
  tieout map commission.csv >> tieout.toml             keep the proposal; confirm what is marked with ?
  tieout map bills_202604.csv bills_202605.csv         several months of one source: more values, less doubt
  tieout map export.xlsx --table Detail --format json  the same as data

The block goes to stdout and the explanation to stderr, so that the result can be appended. Nothing is written. Where day and
month, or comma and point, have two readings, both are said and neither is taken: choose one, and `tieout check` reads the file.";

/// Which files, and what is declared of them.
#[derive(Debug, Clone, Args)]
pub(super) struct MapArgs {
    /// The files; several of one source are looked at together.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What they give, such as `orders` or `rebate_lines`; the kind that fits best when left out.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<FileKind>,
    /// A mapping that is shipped; the one that the file fits, where it fits one, when left out.
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// The encoding of text files, such as gb18030; found out when left out.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// What stands between two fields, such as ';' or tab; found out when left out.
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// The sheet, the member of an archive, or the path of the list in JSON.
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
}

fn kind(text: &str) -> Result<FileKind, String> {
    FileKind::parse(text).filter(|kind| !kind.is_reference()).ok_or_else(|| {
        let extracts = FileKind::ALL.iter().filter(|kind| !kind.is_reference());
        let known: Vec<&str> = extracts.map(|kind| kind.name()).collect();
        format!("`{text}` is not the name of an extract; these are {}", known.join(", "))
    })
}

fn delimiter(text: &str) -> Result<u8, String> {
    match (text, text.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        (_, [byte]) if byte.is_ascii() => Ok(*byte),
        _ => Err(format!("`{text}` is not one ASCII character; write it like ';', or tab")),
    }
}

/// Runs the command.
pub(super) fn run(args: &MapArgs, shared: &Shared) -> Result<u8, Error> {
    let declared = Declared {
        encoding: args.encoding.clone(),
        delimiter: args.delimiter,
        quote: None,
        table: args.table.clone(),
    };
    let preset = args.preset.as_deref();
    let shipped = preset.map(|name| shipped::mappings(name, args.kind)).transpose()?;
    let text = config(shared)?;
    let config = Config::parse(&text)?;
    let known = Config::mappings_at(&text);
    let wish = Wish {
        kind: args.kind,
        declared,
        names: shipped::headers_of_all(),
        taken: config.source.iter().map(|spec| spec.name.clone()).collect::<BTreeSet<_>>(),
    };
    let mut files = Vec::new();
    for path in &args.files {
        files.push((path.display().to_string(), in_snapshot(path), fs::read(path)?));
    }
    let seen = match look(files, &wish) {
        Ok(seen) => seen,
        Err(problems) => return refuse(&problems, shared),
    };
    let wanted: Vec<FileKind> =
        args.kind.into_iter().chain(shipped.iter().flatten().map(|mapping| mapping.kind)).collect();
    let read: Vec<Option<ReadBy<'_>>> = seen.iter().map(|seen| read_by(seen, &known, &wanted)).collect();
    let fits: Vec<Option<Fit>> = seen
        .iter()
        .map(|seen| match preset {
            Some(name) => shipped::named(name, args.kind, seen),
            None => shipped::best(seen, args.kind),
        })
        .collect();
    let new = seen.iter().zip(&fits).zip(&read).filter(|(_, read)| read.is_none());
    let blocks = shipped::blocks(new.map(|((seen, fit), _)| (seen, fit.as_ref())));
    let blocks = blocks.into_iter().flatten().collect::<Vec<_>>().join("\n");
    if shared.format == Format::Json {
        let files = seen.iter().zip(&fits).zip(&read).map(|((seen, fit), read)| {
            let mut table = told::json(seen);
            table["preset"] = json!(fit.as_ref().map(|fit| fit.json(seen)));
            table["read_by"] = json!(read.as_ref().map(|by| json!({"source": by.source, "line": by.line})));
            table
        });
        let files: Vec<_> = files.collect();
        print::result(&json!({"schema": 1, "tables": files, "toml": blocks, "diagnostics": []}).to_string());
        return Ok(exit::DONE);
    }
    if !shared.quiet {
        for (seen, fit) in seen.iter().zip(&fits) {
            told::say(seen, fit.as_ref(), preset.is_some());
        }
    }
    for by in read.iter().flatten() {
        let (path, line) = (shared.config.display(), by.line);
        print::say(&format!(
            "note: {} is read already by the source `{}` ({path}, line {line}), so no second block is printed: its money would \
             count twice. To have it proposed anew, remove that block.",
            by.file,
            visible(&by.source)
        ));
    }
    if !blocks.is_empty() {
        print::result(blocks.trim_end());
    }
    Ok(exit::DONE)
}

/// Opens files, given as the path that people know, the name in a snapshot folder, and the bytes; and proposes a source for
/// each of their tables.
///
/// # Errors
/// Every reason why one of them cannot be read.
pub(super) fn look(files: Vec<(String, String, Vec<u8>)>, wish: &Wish) -> Result<Vec<Seen>, Vec<Diagnostic>> {
    let (mut opened, mut problems) = (Vec::new(), Vec::new());
    let mut paths = Vec::new();
    for (path, name, bytes) in files {
        match format::open(&path, bytes, &wish.declared) {
            Ok(sheets) => opened.push(Opened { name: name.clone(), sheets }),
            Err(found) => problems.extend(found.into_iter().map(|problem| problem.diagnostic(&path))),
        }
        paths.push((name, path));
    }
    let path =
        |name: &str| paths.iter().find(|(known, _)| known == name).map_or(name, |(_, path)| path).to_owned();
    match propose::propose(&opened, wish) {
        Ok(seen) if problems.is_empty() => return Ok(seen),
        Ok(_) => {}
        Err(found) => {
            problems.extend(found.into_iter().map(|(name, problem)| problem.diagnostic(&path(&name))))
        }
    }
    Err(problems)
}

/// Says why files cannot be read.
fn refuse(problems: &[Diagnostic], shared: &Shared) -> Result<u8, Error> {
    if shared.format == Format::Json {
        let listed: Vec<_> = problems.iter().map(check::diagnostic_json).collect();
        print::result(&json!({"schema": 1, "tables": [], "toml": "", "diagnostics": listed}).to_string());
        return Ok(exit::INPUT);
    }
    for problem in problems {
        print::say(&problem.in_words());
    }
    Err(Error::InputUnusable { count: problems.len() })
}

/// The text of the configuration of the project; empty where there is none.
fn config(shared: &Shared) -> Result<String, Error> {
    if fs::kind(&shared.config)?.is_none() {
        return Ok(String::new());
    }
    Ok(String::from_utf8_lossy(&fs::read(&shared.config)?).into_owned())
}

/// The name of a file as its source sees it: below the snapshot folder it lies in, else its last part.
fn in_snapshot(path: &Path) -> String {
    let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let start = parts.iter().rposition(|part| AsOf::parse(part).is_some()).map_or(parts.len(), |at| at + 1);
    let last = parts.last().cloned().unwrap_or_default();
    if start < parts.len() { parts[start..].join("/") } else { last }
}

/// A source of the project that reads a table already.
struct ReadBy<'s> {
    file: &'s str,
    source: String,
    line: usize,
}

/// The source that reads one of the files of a table already. Where what it should give is said, a source of another kind
/// may share its rows.
fn read_by<'s>(seen: &'s Seen, known: &[(usize, Mapping)], wanted: &[FileKind]) -> Option<ReadBy<'s>> {
    let is_same = |mapping: &Mapping| {
        let is_kind = wanted.is_empty() || wanted.contains(&mapping.kind);
        is_kind && mapping.declared.table.as_ref().is_none_or(|table| *table == seen.table.sheet)
    };
    known.iter().filter(|(_, mapping)| is_same(mapping)).find_map(|(line, mapping)| {
        let file = seen.files.iter().find(|file| mapping.takes(file).is_some())?;
        Some(ReadBy { file, source: mapping.name.to_string(), line: *line })
    })
}
