//! The files of an input folder: found, read once, checked for shape, and held as text with the place of every row.
//!
//! Not its job: what a cell means ([`normalize`](crate::normalize)). Its invariant: a file is read exactly as it is or
//! refused, with every reason that holds against it; no byte is guessed, repaired or skipped.

pub mod columns;
mod damage;
mod difference;
mod extract;
pub mod format;
pub mod grammar;
pub mod mapping;
mod pieces;
pub mod scan;
mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use ustr::Ustr;

use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::error::Error;
use crate::fs;
use crate::model::record::SourceRef;
use crate::model::time::AsOf;
use columns::FileKind;
use extract::{Mapped, Unread, checked, trusted};
use mapping::Mapping;
use mapping::files::Parts;

pub use difference::RuleRow;
pub use extract::{Extract, Row, extract};

/// Every file that was read; a [`SourceRef`] points into it.
#[derive(Debug, Default)]
pub struct Files(Vec<Extract>);

impl Files {
    /// A file by its index.
    pub fn get(&self, file: u32) -> &Extract {
        &self.0[file as usize]
    }

    /// Adds a file from beside the input folder; it belongs to no snapshot.
    pub(crate) fn add(&mut self, extract: Extract) -> u32 {
        let index = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(extract);
        index
    }

    /// All of them, with their indices.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Extract)> {
        self.0.iter().enumerate().map(|(index, extract)| (u32::try_from(index).unwrap_or(u32::MAX), extract))
    }

    /// The path of the file a record is in.
    pub fn path(&self, source: SourceRef) -> &str {
        self.get(source.file).path()
    }

    /// The physical line where a record starts.
    pub fn line(&self, source: SourceRef) -> u32 {
        self.get(source.file).line(source.record)
    }

    /// The row as text.
    pub fn raw(&self, source: SourceRef) -> &str {
        self.get(source.file).raw(source.record)
    }

    /// Every cell of a row, by its column, as it was received.
    pub fn cells(&self, source: SourceRef) -> Vec<(String, String)> {
        self.get(source.file).cells(source.record)
    }

    /// SHA-256 of the row as it was received, in hex.
    pub fn row_sha256(&self, source: SourceRef) -> String {
        hex(&Sha256::digest(self.raw(source).as_bytes()))
    }
}

/// Which file is what, and of which snapshot.
#[derive(Debug, Default)]
pub struct Input {
    reference: BTreeMap<FileKind, u32>,
    /// Reference files as they were kept with a snapshot, in `<snapshot>/reference/`.
    kept: BTreeMap<AsOf, BTreeMap<FileKind, u32>>,
    /// The extracts of each snapshot folder, by kind and stream; several where one is split over files.
    snapshots: BTreeMap<AsOf, BTreeMap<FileKind, BTreeMap<Ustr, Vec<u32>>>>,
}

impl Input {
    /// The snapshots that exist, oldest first.
    pub fn snapshots(&self) -> impl DoubleEndedIterator<Item = AsOf> + '_ {
        self.snapshots.keys().copied()
    }

    /// The reference file of a kind that holds for a snapshot: the copy kept with it or with the next snapshot that has
    /// one, else the current one.
    ///
    /// A copy says what was in force up to and with its snapshot, so it speaks for earlier snapshots too.
    pub fn reference_file(&self, kind: FileKind, as_of: AsOf) -> Option<u32> {
        let kept = self.kept.range(as_of..).find_map(|(_, files)| files.get(&kind));
        kept.or_else(|| self.reference.get(&kind)).copied()
    }

    /// The reference files that hold for a snapshot.
    pub fn reference_files(&self, as_of: AsOf) -> Vec<u32> {
        FileKind::ALL.iter().filter_map(|kind| self.reference_file(*kind, as_of)).collect()
    }

    /// The extracts of a kind up to a snapshot, stream by stream; of each, the files of one folder together, newest first.
    pub fn streams(&self, kind: FileKind, as_of: AsOf) -> BTreeMap<Ustr, Vec<&[u32]>> {
        let mut streams: BTreeMap<Ustr, Vec<&[u32]>> = BTreeMap::new();
        for (_, kinds) in self.snapshots.range(..=as_of).rev() {
            for (stream, files) in kinds.get(&kind).into_iter().flatten() {
                streams.entry(*stream).or_default().push(files);
            }
        }
        streams
    }
}

/// The files of an input folder, found and hashed; their rows are not looked at yet.
pub struct Found {
    files: Vec<FoundFile>,
    snapshots: BTreeSet<AsOf>,
    mappings: Vec<Arc<Mapping>>,
    diagnostics: Vec<Diagnostic>,
}

/// A file that will be read.
enum FoundFile {
    Canonical(Place, Unread),
    /// Of one or several sources.
    Mapped {
        as_of: AsOf,
        path: String,
        bytes: Vec<u8>,
        sha256: String,
        by: Vec<(Arc<Mapping>, Parts)>,
    },
}

impl FoundFile {
    fn path(&self) -> &str {
        match self {
            FoundFile::Canonical(_, file) => &file.path,
            FoundFile::Mapped { path, .. } => path,
        }
    }
}

/// Finds every file of an input folder, in the order of their paths; `mappings` say which of them are read how.
///
/// # Errors
/// [`Error::Read`] when a folder or file cannot be read, [`Error::NoInput`] when there is no snapshot folder.
pub fn find(folder: &Path, mappings: Vec<Mapping>) -> Result<Found, Error> {
    if fs::kind(folder)? != Some(fs::Kind::Folder) {
        return Err(no_input(folder, "does not exist"));
    }
    let mappings = mappings.into_iter().map(Arc::new).collect();
    let (files, snapshots, diagnostics) = (Vec::new(), BTreeSet::new(), Vec::new());
    let mut found = Found { files, snapshots, mappings, diagnostics };
    for file in fs::list(folder)? {
        found.take(folder, &file)?;
    }
    found.diagnostics.extend(pieces::leave_out_copies(&mut found.files));
    found.diagnostics.extend(pieces::missing(&found.files));
    found.diagnostics.extend(pieces::months_lost(&found.files));
    if found.snapshots.is_empty() {
        return Err(no_input(folder, "holds no snapshot"));
    }
    Ok(found)
}

/// Reads every file of an input folder: [`find`], then [`Found::read`] of all of them.
///
/// # Errors
/// As [`find`].
pub fn read_all(folder: &Path) -> Result<((Files, Input), Vec<Diagnostic>), Error> {
    Ok(find(folder, Vec::new())?.read(&|_| false))
}

impl Found {
    /// The snapshots that exist, oldest first.
    pub fn snapshots(&self) -> impl DoubleEndedIterator<Item = AsOf> + '_ {
        self.snapshots.iter().copied()
    }

    /// The same with the reference files that another folder keeps in its `reference`, in place of the current ones; of the
    /// copies kept with snapshots, those that `is_cited` by their path.
    ///
    /// # Errors
    /// [`Error::Read`] when a folder or file cannot be read.
    pub fn with_reference_of(
        mut self,
        folder: &Path,
        is_cited: impl Fn(&str) -> bool,
    ) -> Result<Found, Error> {
        self.files.retain(|file| match file {
            FoundFile::Canonical(Place::Reference, _) => false,
            FoundFile::Canonical(Place::Kept(_), file) => is_cited(&file.path),
            FoundFile::Canonical(Place::Snapshot(_), _) | FoundFile::Mapped { .. } => true,
        });
        for file in fs::list(folder)? {
            if file.path.starts_with("reference") && file.kind == fs::Kind::File {
                self.take(folder, &file)?;
            }
        }
        self.files.sort_by(|a, b| a.path().as_bytes().cmp(b.path().as_bytes()));
        Ok(self)
    }

    /// Every file that was found: its path, its snapshot and its checksum, in the order of the paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, Option<AsOf>, &str)> {
        self.files.iter().map(|file| match file {
            FoundFile::Canonical(_, file) => (file.path.as_str(), file.snapshot, file.sha256.as_str()),
            FoundFile::Mapped { as_of, path, sha256, .. } => (path.as_str(), Some(*as_of), sha256.as_str()),
        })
    }

    /// Checks the shape of every file, but for those whose checksum is known to be of bytes without a flaw.
    ///
    /// Shape: files in the order of their paths. Every problem of every file is a diagnostic; a file that cannot be used
    /// is left out and its diagnostic is fatal. Source: contract, sections 2 and 3; reliability 6, R1 to R5.
    pub fn read(self, is_flawless: &(dyn Fn(&str) -> bool + Sync)) -> ((Files, Input), Vec<Diagnostic>) {
        let Found { files, snapshots, mut diagnostics, .. } = self;
        let mut input = Input::default();
        for as_of in snapshots {
            input.snapshots.entry(as_of).or_default();
        }
        let read: Vec<_> = files.into_par_iter().map(|file| read_file(file, is_flawless)).collect();
        let mut extracts: Vec<(Place, Extract)> = Vec::new();
        for (place, some, problems) in read {
            diagnostics.extend(problems);
            extracts.extend(some.into_iter().map(|extract| (place, extract)));
        }
        let (repeats, said) =
            pieces::repeats(&extracts.iter().map(|(_, extract)| extract).collect::<Vec<_>>());
        diagnostics.extend(said);
        let read = extracts.iter().enumerate().filter(|(number, _)| !repeats.contains(number));
        diagnostics
            .extend(pieces::records_missing(&read.map(|(_, (_, extract))| extract).collect::<Vec<_>>()));
        let mut files = Files::default();
        for (number, (place, extract)) in extracts.into_iter().enumerate() {
            if repeats.contains(&number) {
                continue;
            }
            let (kind, stream) = (extract.kind(), extract.stream());
            let index = files.add(extract);
            match place {
                Place::Reference => _ = input.reference.insert(kind, index),
                Place::Kept(as_of) => _ = input.kept.entry(as_of).or_default().insert(kind, index),
                Place::Snapshot(as_of) => {
                    let kinds = input.snapshots.entry(as_of).or_default();
                    kinds.entry(kind).or_default().entry(stream).or_default().push(index);
                }
            }
        }
        ((files, input), diagnostics)
    }
}

/// The extracts of one file, and every problem of it.
fn read_file(
    file: FoundFile,
    is_flawless: &(dyn Fn(&str) -> bool + Sync),
) -> (Place, Vec<Extract>, Vec<Diagnostic>) {
    match file {
        FoundFile::Canonical(place, file) if is_flawless(&file.sha256) => {
            (place, vec![trusted(file)], Vec::new())
        }
        FoundFile::Canonical(place, file) => match checked(file) {
            Ok((extract, warnings)) => (place, vec![extract], warnings),
            Err(problems) => (place, Vec::new(), problems),
        },
        FoundFile::Mapped { as_of, path, bytes, sha256, by } => {
            let (mut extracts, mut problems) = (Vec::new(), Vec::new());
            let size = bytes.len();
            let mut bytes = bytes;
            for (number, (mapping, parts)) in by.iter().enumerate() {
                // The last source takes the bytes: a large file is in memory once.
                let own = if number + 1 == by.len() { std::mem::take(&mut bytes) } else { bytes.clone() };
                let file = Physical { path: &path, as_of, size, sha256: &sha256 };
                let (some, said) = mapped(mapping, parts, &file, own);
                extracts.extend(some);
                problems.extend(said);
            }
            (Place::Snapshot(as_of), extracts, problems)
        }
    }
}

/// A file as it lies in a snapshot folder.
struct Physical<'f> {
    path: &'f str,
    as_of: AsOf,
    size: usize,
    sha256: &'f str,
}

/// The tables of a file that one source is about.
fn mapped(
    mapping: &Arc<Mapping>,
    parts: &Parts,
    file: &Physical<'_>,
    bytes: Vec<u8>,
) -> (Vec<Extract>, Vec<Diagnostic>) {
    let Physical { path, as_of, size, sha256 } = *file;
    let sheets = match format::open(path, bytes, &mapping.declared) {
        Ok(sheets) => sheets,
        Err(problems) => return (Vec::new(), problems.into_iter().map(|p| p.diagnostic(path)).collect()),
    };
    let is_one_of_several = sheets.len() > 1;
    // Of a workbook another sheet may say the same again.
    let said = if is_one_of_several && sheets.iter().all(|sheet| sheet.rows.is_some()) {
        let names: Vec<String> = sheets.iter().map(|sheet| format!("`{}`", visible(&sheet.name))).collect();
        Some(Diagnostic::of_file(
            Severity::Warning,
            "tables-several",
            path,
            format!("{} tables are read: {}", names.len(), names.join(", ")),
            "where one of them repeats the others, name the right one as `table` of the source in tieout.toml",
        ))
    } else {
        None
    };
    let table = Mapped { mapping, parts, path, snapshot: as_of, size, sha256, is_one_of_several };
    let (mut extracts, mut problems) = (Vec::new(), Vec::from_iter(said));
    for sheet in sheets {
        // An answer whose list is empty has not even a header.
        if sheet.text.is_empty() && sheet.rows.is_some() {
            problems.push(Diagnostic::of_file(
                Severity::Warning,
                "file-without-records",
                path,
                "the list in it is empty, so what was known before stays".to_owned(),
                "if that is not what happened, fetch it again; a wrong window or filter looks like this",
            ));
            continue;
        }
        match table.extract(sheet) {
            Ok((extract, said)) => {
                extracts.push(extract);
                problems.extend(said);
            }
            Err(said) => problems.extend(said),
        }
    }
    (extracts, problems)
}

/// What the name of a file says of a program that is still writing it, or has it open.
fn unfinished(name: &str) -> Option<(Severity, &'static str, &'static str)> {
    let name = name.to_ascii_lowercase();
    if name.starts_with("~$") || name.starts_with(".~lock.") {
        return Some((
            Severity::Warning,
            "a spreadsheet program has a file of this folder open",
            "save and close it, so that what is read is what you see",
        ));
    }
    let is_partial = [".part", ".partial", ".filepart", ".crdownload", ".download", ".tmp"];
    is_partial.iter().any(|ending| name.ends_with(ending)).then_some((
        Severity::Fatal,
        "this file is still being written, or its copy was broken off",
        "wait until it has its own name, or remove it and fetch it again",
    ))
}

fn no_input(folder: &Path, what: &str) -> Error {
    Error::NoInput {
        message: format!("input folder `{}` {what}", folder.display()),
        help: "put what was received into a folder named by its date, such as `input/2026-06-18/orders.csv`, or name the folder with --input"
            .to_owned(),
    }
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Reference,
    Snapshot(AsOf),
    /// The folder `reference` of a snapshot.
    Kept(AsOf),
}

impl Found {
    fn take(&mut self, folder: &Path, found: &fs::Found) -> Result<(), Error> {
        let path = found.path.to_string_lossy().replace('\\', "/");
        let parts: Vec<&str> = path.split('/').collect();
        let place = match parts[0] {
            "reference" => Place::Reference,
            // Tickets, users and access logs, for the success metrics; sealed close packs.
            "metrics" | "closes" => return Ok(()),
            name => match AsOf::parse(name) {
                Some(as_of) => Place::Snapshot(as_of),
                None if parts.len() == 1 => {
                    self.warn(
                        &path,
                        "not-a-snapshot",
                        format!("`{}` is neither a snapshot folder nor `reference`", visible(name)),
                        "name a snapshot folder by its date, such as 2026-06-18; this one is not read",
                    );
                    return Ok(());
                }
                None => return Ok(()),
            },
        };
        if parts.len() == 1 {
            if found.kind == fs::Kind::Folder
                && let Place::Snapshot(as_of) = place
            {
                self.snapshots.insert(as_of);
            }
            return Ok(());
        }
        let (place, parts) = match (place, &parts[1..]) {
            (Place::Snapshot(_), ["reference"]) if found.kind == fs::Kind::Folder => return Ok(()),
            (Place::Snapshot(as_of), ["reference", rest @ ..]) if !rest.is_empty() => {
                (Place::Kept(as_of), rest)
            }
            (place, rest) => (place, rest),
        };
        if let (Place::Snapshot(_), Some(unfinished)) = (place, unfinished(parts[parts.len() - 1])) {
            let (severity, message, help) = unfinished;
            self.diagnostics.push(Diagnostic::of_file(
                severity,
                "file-unfinished",
                &path,
                message.to_owned(),
                help,
            ));
            return Ok(());
        }
        if let Place::Snapshot(as_of) = place
            && found.kind != fs::Kind::Folder
        {
            let name = parts.join("/");
            let by: Vec<(Arc<Mapping>, Parts)> = self
                .mappings
                .iter()
                .filter(|mapping| mapping.holds_among(self.mappings.iter().map(Arc::as_ref), as_of))
                .filter_map(|mapping| Some((Arc::clone(mapping), mapping.takes(&name)?)))
                .collect();
            for (number, (mapping, _)) in by.iter().enumerate() {
                let same = by[..number].iter().find(|(other, _)| other.reads_the_same(mapping));
                if let Some((other, _)) = same {
                    self.diagnostics.push(Diagnostic::of_file(
                        Severity::Fatal,
                        "file-read-twice",
                        &path,
                        format!(
                            "the sources `{}` and `{}` both read {} from this file, so its money would count twice",
                            visible(&other.name),
                            visible(&mapping.name),
                            mapping.kind.name()
                        ),
                        "remove one of the two from tieout.toml, narrow its `files`, or share the rows with [[source.rows]]",
                    ));
                }
            }
            if !by.is_empty() {
                let bytes = fs::read_within(folder, &found.path)?;
                let sha256 = hex(&Sha256::digest(&bytes));
                self.files.push(FoundFile::Mapped { as_of, path, bytes, sha256, by });
                return Ok(());
            }
        }
        let kind = parts[0].strip_suffix(".csv").and_then(FileKind::parse);
        let is_expected = |kind: FileKind| kind.is_reference() != matches!(place, Place::Snapshot(_));
        match kind.filter(|kind| parts.len() == 1 && found.kind != fs::Kind::Folder && is_expected(*kind)) {
            Some(kind) => {
                let bytes = fs::read_within(folder, &found.path)?;
                let sha256 = hex(&Sha256::digest(&bytes));
                let snapshot = match place {
                    Place::Reference => None,
                    Place::Snapshot(as_of) | Place::Kept(as_of) => Some(as_of),
                };
                let file = Unread { path, kind, snapshot, bytes, sha256 };
                self.files.push(FoundFile::Canonical(place, file));
                Ok(())
            }
            None => {
                if !parts[parts.len() - 1].starts_with('.') {
                    self.warn(
                        &path,
                        "file-not-used",
                        format!("`{}` is not a file that tieout reads here", visible(&path)),
                        "name it as in the list of canonical files (README, section Input), or add a [[source]] for it to tieout.toml: `tieout map FILE` proposes one",
                    );
                }
                Ok(())
            }
        }
    }

    fn warn(&mut self, path: &str, code: &'static str, message: String, help: &str) {
        self.diagnostics.push(Diagnostic::of_file(Severity::Warning, code, path, message, help));
    }
}

/// The kind among some whose columns a file has: all that the kind requires, and more of its others than of another's.
///
/// `None` where no kind or several would do, or the header cannot be read.
pub fn recognize(bytes: &[u8], kinds: &[FileKind]) -> Option<FileKind> {
    let scan = scan::scan(bytes, scan::Marks::COMMA).ok()?;
    let text = std::str::from_utf8(bytes).ok()?;
    let mut decoder = scan.decoder(text);
    let header: Vec<String> = decoder.row(0)?.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let has = |column: &&columns::Column| header.iter().any(|name| name == column.name);
    let known = |kind: &FileKind| kind.columns().iter().filter(has).count();
    let fits = |kind: &&FileKind| kind.columns().iter().filter(|c| c.required).all(|c| has(&c));
    let best = kinds.iter().filter(fits).map(known).max()?;
    let mut fitting = kinds.iter().filter(fits).filter(|kind| known(kind) == best);
    fitting.next().copied().filter(|_| fitting.next().is_none())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
