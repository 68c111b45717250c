//! A project of files as they were received.

use std::collections::BTreeSet;
use std::path::Path;

use super::{CONFIG, EXTRACTS, Plan, reference};
use crate::cli::Shared;
use crate::cli::map::shipped::{self, Fit};
use crate::error::Error;
use crate::fs;
use crate::ingest::columns::{FileKind, absence};
use crate::ingest::format::{self, Declared};
use crate::ingest::mapping::propose::{self, Opened, Seen, Wish, counted};
use crate::model::time::AsOf;

/// A file as it was received, by its path below the folder it came in.
struct Received {
    name: String,
    bytes: Vec<u8>,
}

/// Plans a project of the files of a folder.
///
/// # Errors
/// [`Error::Read`] where the folder or a file cannot be read; [`Error::Usage`] where it has no file, or no day is stated.
pub(super) fn plan(from: &Path, as_of: Option<AsOf>, shared: &Shared) -> Result<Plan, Error> {
    let (own, files) = received(from)?;
    let mut plan = Plan::default();
    let seen = look(&files, &mut plan.said);
    let as_of = match as_of {
        Some(as_of) => as_of,
        None => {
            let as_of = stated(&seen, &mut plan.said)?;
            plan.said.extend(too_early(as_of, &seen));
            as_of
        }
    };
    plan.snapshots.push(as_of.to_string());
    let mut config = CONFIG.to_owned();
    let is_canonical = |seen: &Seen| seen.proposal.as_ref().is_some_and(|proposal| proposal.is_canonical);
    let fits: Vec<Option<Fit>> =
        seen.iter().map(|seen| shipped::best(seen, None).filter(|_| !is_canonical(seen))).collect();
    let blocks = shipped::blocks(seen.iter().zip(&fits).map(|(seen, fit)| (seen, fit.as_ref())));
    for ((seen, fit), block) in seen.iter().zip(&fits).zip(blocks) {
        let Some(proposal) = &seen.proposal else {
            plan.said
                .push(format!("{}: no source is proposed, as fewer than two columns are known", named(seen)));
            continue;
        };
        let name = &proposal.spec.name;
        let how = match (fit, block) {
            _ if proposal.is_canonical => "canonical, read as it is".to_owned(),
            (Some(fit), None) => format!("read by the source of the preset {} as well", fit.name),
            (Some(fit), Some(block)) => {
                config.push('\n');
                config.push_str(&block);
                let points = u64::try_from(fit.points(seen)).unwrap_or(u64::MAX);
                format!(
                    "the preset {} as the source `{name}`, with {} to confirm",
                    fit.name,
                    counted(points, "point")
                )
            }
            (None, block) => {
                config.push('\n');
                config.push_str(&block.unwrap_or_default());
                format!("the source `{name}`, with {} to confirm", counted(doubts(proposal), "point"))
            }
        };
        plan.said.push(format!(
            "{}: {}, {}; {how}",
            named(seen),
            proposal.kind.name(),
            counted(seen.table.records, "record")
        ));
    }
    absent(&seen, &mut plan.said);
    plan.add(&shared.config, config);
    for needed in reference::NEEDED {
        let name = format!("{}.csv", needed.kind.name());
        if own.iter().any(|file| file.name == name) {
            continue;
        }
        let (text, rows) = reference::file(needed, &seen);
        let count = u64::try_from(rows).unwrap_or(u64::MAX);
        plan.said.push(match rows {
            0 => format!("reference/{name}: the header only"),
            _ => format!(
                "reference/{name}: {} from your files; blank: {}",
                counted(count, "row"),
                needed.blank
            ),
        });
        plan.add(shared.input.join("reference").join(name), text);
    }
    for file in own {
        plan.add(shared.input.join("reference").join(file.name), file.bytes);
    }
    for file in files {
        plan.add(shared.input.join(as_of.to_string()).join(file.name), file.bytes);
    }
    plan.next.push(
        "confirm what is marked with ? in tieout.toml, and fill in the blanks of input/reference".to_owned(),
    );
    plan.next.push("tieout check".to_owned());
    Ok(plan)
}

fn named(seen: &Seen) -> String {
    let sheet = if seen.table.sheet.is_empty() { String::new() } else { format!(" # {}", seen.table.sheet) };
    format!("{}{sheet}", seen.files.join(", "))
}

fn doubts(proposal: &propose::Proposal) -> u64 {
    let of_columns: usize = proposal.columns.iter().map(|chosen| chosen.doubts.len()).sum();
    let unknown = proposal.statuses.iter().filter(|(_, _, status)| status.is_none()).count();
    let required = proposal.missing.iter().filter(|missing| missing.is_required).count();
    let rows = proposal.marked.iter().filter(|marked| !marked.is_sure).count();
    u64::try_from(of_columns + unknown + required + rows + proposal.doubts.len()).unwrap_or(u64::MAX)
}

/// The files of a folder: reference files of our own, and the others. Hidden files stay where they are.
fn received(from: &Path) -> Result<(Vec<Received>, Vec<Received>), Error> {
    let (mut own, mut files): (Vec<Received>, Vec<Received>) = (Vec::new(), Vec::new());
    if fs::kind(from)? != Some(fs::Kind::Folder) {
        return Err(Error::Usage {
            message: format!("`{}` is not a folder", from.display()),
            help: "name the folder in which your files are".to_owned(),
        });
    }
    for found in fs::list(from)? {
        let parts: Vec<String> = found.path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if found.kind != fs::Kind::File || parts.iter().any(|part| part.starts_with('.')) {
            continue;
        }
        let bytes = fs::read_within(from, &found.path)?;
        let last = parts.last().cloned().unwrap_or_default();
        let kind = last.strip_suffix(".csv").and_then(FileKind::parse).filter(|kind| kind.is_reference());
        if kind.is_some() && !own.iter().any(|file| file.name == last) {
            own.push(Received { name: last, bytes });
        } else {
            // In a snapshot, a folder of this name means reference files that were kept.
            let parts = if parts[0] == "reference" { &parts[1..] } else { &parts[..] };
            files.push(Received { name: parts.join("/"), bytes });
        }
    }
    if files.is_empty() {
        return Err(Error::Usage {
            message: format!("`{}` holds no extract", from.display()),
            help: "put the files of the vendor and your own orders into it, as they are".to_owned(),
        });
    }
    Ok((own, files))
}

/// Proposes a source for each table of the files; a file that cannot be read is kept and named.
fn look(files: &[Received], said: &mut Vec<String>) -> Vec<Seen> {
    let mut opened = Vec::new();
    for file in files {
        match format::open(&file.name, file.bytes.clone(), &Declared::default()) {
            Ok(sheets) => opened.push(Opened { name: file.name.clone(), sheets }),
            Err(problems) => {
                let why = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
                said.push(unread(&file.name, &why));
            }
        }
    }
    let wish = Wish { names: shipped::headers_of_all(), ..Wish::default() };
    loop {
        match propose::propose(&opened, &wish) {
            Ok(seen) => return seen,
            Err(problems) => {
                let names: BTreeSet<&str> = problems.iter().map(|(name, _)| name.as_str()).collect();
                let before = opened.len();
                opened.retain(|file| !names.contains(file.name.as_str()));
                said.extend(problems.iter().map(|(name, problem)| unread(name, &problem.message)));
                if opened.len() == before {
                    return Vec::new();
                }
            }
        }
    }
}

fn unread(name: &str, why: &str) -> String {
    format!(
        "{name}: copied, and no source is proposed: {why}; see tieout map with --encoding, --delimiter or --table"
    )
}

/// The newest day that the files state.
fn stated(seen: &[Seen], said: &mut Vec<String>) -> Result<AsOf, Error> {
    let newest = propose::stated_days(seen).pop();
    let as_of = newest.as_ref().and_then(|(day, _)| AsOf::parse(day));
    match (as_of, newest) {
        (Some(as_of), Some((day, place))) => {
            said.push(format!("as of {day}: the newest day that the files state, by {place}"));
            Ok(as_of)
        }
        _ => Err(Error::Usage {
            message: "the files state no day on which they were known".to_owned(),
            help: "say it with --as-of, such as --as-of 2026-06-18".to_owned(),
        }),
    }
}

/// Says where lines are of a month that is not over on a day: the site shows the last month that is.
fn too_early(as_of: AsOf, seen: &[Seen]) -> Option<String> {
    let months = reference::months(seen);
    let last = months.last()?;
    (*last > as_of.last_full_month()).then(|| {
        format!(
            "the lines are of {}, which is not over on that day, so the site shows the month before; where you received them \
             later, say so with --as-of",
            last.in_words()
        )
    })
}

/// Kinds of extracts that no file gives, and what that makes impossible.
fn absent(seen: &[Seen], said: &mut Vec<String>) {
    for kind in EXTRACTS {
        let is_there = seen.iter().any(|seen| seen.proposal.as_ref().is_some_and(|p| p.kind == *kind));
        if let Some(without) = absence::without(*kind, None).filter(|_| !is_there) {
            said.push(without.to_owned());
        }
    }
}
