//! Sealed close packs: folders in `input/closes/` that are never made again. What they rest on must stay as it was.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Loaded;
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::Error;
use crate::fs;
use crate::ingest::Found;
use crate::model::signoff::Signoff;
use crate::model::time::Month;
use crate::publish::manifest::{self, Check, Manifest};
use crate::report::pack::Facts;

/// The folder of sealed packs, in the input folder.
pub const FOLDER: &str = "closes";
/// What a pack says of itself, in its folder.
pub const FACTS: &str = "pack.json";

/// The configuration that a sealed pack was made with, in its folder.
pub const CONFIGURATION: &str = "tieout.toml";

/// Whether a sealed pack keeps a copy of an input file: it has no date of its own, so it changes after the close.
pub fn is_kept(path: &str) -> bool {
    path.starts_with("reference/")
}

/// The code of the problem that a sealed pack is not as it was sealed.
pub(super) const ALTERED: &str = "sealed-pack-altered";

/// A sealed pack.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// Its month.
    pub month: Month,
    /// 1 for the first pack of the month, 2 for the one that corrects it.
    pub number: u32,
    /// Its folder.
    pub folder: PathBuf,
    /// What it says of itself.
    pub facts: Facts,
    /// Its manifest.
    pub manifest: Manifest,
    /// The checksum of its manifest: what is signed.
    pub sha256: String,
}

/// The name of the folder of a pack: `2026-05`, and `2026-05.2` for the one that corrects it.
pub fn name(month: Month, number: u32) -> String {
    if number == 1 { month.to_string() } else { format!("{month}.{number}") }
}

/// The text of [`FACTS`].
pub(super) fn facts_text(facts: &Facts) -> String {
    let mut text = serde_json::to_string_pretty(facts).unwrap_or_default();
    text.push('\n');
    text
}

/// What the pack in a folder says of itself; `None` where that cannot be read.
///
/// # Errors
/// [`Error::Read`] when the file cannot be read.
pub(super) fn facts_of(folder: &Path) -> Result<Option<Facts>, Error> {
    let path = folder.join(FACTS);
    Ok(match fs::kind(&path)? {
        Some(fs::Kind::File) => serde_json::from_slice(&fs::read(&path)?).ok(),
        Some(_) | None => None,
    })
}

fn parse_name(name: &str) -> Option<(Month, u32)> {
    let (period, number) = name.split_once('.').map_or((name, Some(1)), |(p, n)| (p, n.parse().ok()));
    let month = Month::parse(period)?;
    number.filter(|number| self::name(month, *number) == name).map(|number| (month, number))
}

/// Reads the sealed packs of an input folder and checks that neither they nor what they cite was touched.
///
/// Shape: by period and number. A pack that is damaged, and one that cites an extract which is gone or altered, is a fatal
/// problem: a figure that was reported could not be shown to be right any more. Reference files without a date may change;
/// that is a note. Source: domain 1.10, I-27.
///
/// # Errors
/// [`Error::Read`] when the folder cannot be read, [`Error::Target`] when a manifest cannot be used.
pub fn read(input: &Path, found: &Found) -> Result<(Vec<Sealed>, Vec<Diagnostic>), Error> {
    let folder = input.join(FOLDER);
    let (mut packs, mut problems) = (Vec::new(), Vec::new());
    if fs::kind(&folder)? != Some(fs::Kind::Folder) {
        return Ok((packs, problems));
    }
    let mut names: Vec<String> = fs::list(&folder)?
        .into_iter()
        .filter_map(|found| Some(found.path.components().next()?.as_os_str().to_string_lossy().into_owned()))
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names.dedup();
    for name in names {
        let place = format!("{FOLDER}/{name}");
        let Some((month, number)) = parse_name(&name) else {
            problems.push(Diagnostic::of_file(
                Severity::Warning,
                "file-not-used",
                &place,
                format!("`{place}` is no close pack: its name is no period"),
                "sealed packs are made by `tieout close PERIOD --seal`; move anything else out of the folder",
            ));
            continue;
        };
        match open(&folder.join(&name), &place, &mut problems)? {
            Some((facts, manifest, sha256)) => {
                let pack = Sealed { month, number, folder: folder.join(&name), facts, manifest, sha256 };
                cited(&pack, &place, found, &mut problems);
                packs.push(pack);
            }
            None => continue,
        }
    }
    packs.sort_by_key(|pack| (pack.month, pack.number));
    Ok((packs, problems))
}

/// A pack whose files are all there and as they were sealed.
fn open(
    folder: &Path,
    place: &str,
    problems: &mut Vec<Diagnostic>,
) -> Result<Option<(Facts, Manifest, String)>, Error> {
    let restore =
        "restore it from a copy: a sealed pack never changes; `tieout verify` names every difference";
    let mut fatal = |file: &str, what: String| {
        problems.push(Diagnostic::of_file(Severity::Fatal, ALTERED, file, what, restore));
    };
    let Some(verified) = manifest::verify(folder, Check::Hashes)? else {
        fatal(place, format!("the sealed pack `{place}` has no manifest"));
        return Ok(None);
    };
    for (path, fault) in &verified.faults {
        let file = format!("{place}/{path}");
        fatal(&file, format!("`{file}` is {}", fault.word()));
    }
    let Some(manifest) = manifest::read(folder)? else { return Ok(None) };
    let sha256: [u8; 32] = Sha256::digest(fs::read(&folder.join(manifest::MANIFEST))?).into();
    let facts = facts_of(folder)?;
    if facts.is_none() && verified.faults.is_empty() {
        fatal(place, format!("`{place}/{FACTS}` cannot be read"));
    }
    Ok(facts.map(|facts| (facts, manifest, crate::site::hex(&sha256))))
}

/// What a pack cites and is not as it was.
fn cited(pack: &Sealed, place: &str, found: &Found, problems: &mut Vec<Diagnostic>) {
    for input in &pack.manifest.inputs {
        let now = found.files().find(|(path, _, _)| *path == input.path);
        let is_undated = is_kept(&input.path);
        let id = &pack.facts.id;
        match now {
            Some((_, _, sha256)) if sha256 == input.sha256 => {}
            _ if is_undated => problems.push(Diagnostic::of_file(
                Severity::Note,
                "reference-changed-since-close",
                &input.path,
                format!("`{}` is not what pack {id} was computed with; the pack keeps that", input.path),
                "where a rule or a mapping changed, keep the old file in the folder `reference` of the snapshot of the close, \
                 so that later builds show the close as it was",
            )),
            Some(_) => problems.push(Diagnostic::of_file(
                Severity::Fatal,
                "cited-extract-altered",
                &input.path,
                format!("`{}` is not the file that the sealed pack {id} cites: its checksum is another one", input.path),
                "put the file back as it was received; what is known since belongs into a new snapshot folder",
            )),
            None => problems.push(Diagnostic::of_file(
                Severity::Fatal,
                "cited-extract-missing",
                &input.path,
                format!("`{}` is gone, and the sealed pack {id} ({place}) cites it", input.path),
                "put the file back as it was received: what was reported rests on it",
            )),
        }
    }
}

/// Signatures of a sealed month that name none of its packs: a digit is wrong, or the pack was corrected before it was signed.
pub(super) fn unknown_signatures(loaded: &Loaded) -> Vec<Diagnostic> {
    let of_month = |month: Month| loaded.sealed.iter().filter(move |pack| pack.month == month);
    let is_unknown = |signoff: &&Signoff| {
        let is_sealed = of_month(signoff.period).next().is_some();
        is_sealed && !of_month(signoff.period).any(|pack| signoff.signs(pack.month, &pack.sha256))
    };
    let problem = |signoff: &Signoff| Diagnostic {
        line: loaded.files.line(signoff.origin.source),
        ..Diagnostic::of_file(
            Severity::Warning,
            "signoff-unknown-pack",
            loaded.files.path(signoff.origin.source),
            format!(
                "{} signed a pack {} of {}, and no sealed pack has that checksum",
                signoff.name, signoff.pack, signoff.period
            ),
            "name the SHA-256 of the manifest.json of the sealed pack, or its first 12 digits at least",
        )
    };
    loaded.reference.signoffs.iter().filter(is_unknown).map(problem).collect()
}
