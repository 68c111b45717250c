//! The files of an input folder: found, read once, checked for shape, and held as text with the place of every row.
//!
//! Not its job: what a cell means ([`normalize`](crate::normalize)). Its invariant: a file is read exactly as it is or
//! refused, with every reason that holds against it; no byte is guessed, repaired or skipped.

pub mod columns;
pub mod format;
pub mod grammar;
pub mod scan;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::error::Error;
use crate::fs;
use crate::model::record::SourceRef;
use crate::model::time::AsOf;
use columns::FileKind;
use scan::{Decoder, Scan};

/// Rows handed to one thread at a time: large enough that handing over costs nothing, small enough to share out.
const ROWS_PER_CHUNK: usize = 8_192;

/// One file that was read.
#[derive(Debug)]
pub struct Extract {
    path: String,
    kind: FileKind,
    snapshot: Option<AsOf>,
    size: usize,
    sha256: String,
    /// Whether nothing is to be said about its shape.
    is_flawless: bool,
    /// Bytes that were found without a flaw before and are not looked at until somebody asks for a row.
    bytes: Mutex<Vec<u8>>,
    body: OnceLock<Body>,
}

/// The rows of a file.
#[derive(Debug)]
struct Body {
    text: String,
    scan: Scan,
    header: Vec<String>,
    /// Where each column of the kind stands in the header.
    positions: Vec<Option<usize>>,
    /// Every column by name, for a digest that does not depend on their order.
    digest_order: Vec<(String, usize)>,
}

/// One row of an extract; `get` takes positions in the header.
pub struct Row<'r> {
    row: scan::Row<'r>,
    record: u32,
}

impl Row<'_> {
    /// The index of the record in its file; the header is not a record.
    pub fn record(&self) -> u32 {
        self.record
    }

    /// The physical line where it starts.
    pub fn line(&self) -> u32 {
        self.row.line()
    }

    /// How many fields it has.
    #[expect(clippy::len_without_is_empty, reason = "a record has at least one field")]
    pub fn len(&self) -> usize {
        self.row.len()
    }

    /// Whether no field holds anything.
    pub fn is_blank(&self) -> bool {
        self.row.is_blank()
    }

    /// The field at a position, or nothing.
    pub fn get(&self, position: usize) -> &str {
        self.row.get(position).unwrap_or("")
    }
}

impl Extract {
    /// The path relative to the input folder, with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it holds.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// The snapshot whose folder it lies in; the current reference files have none.
    pub fn snapshot(&self) -> Option<AsOf> {
        self.snapshot
    }

    /// SHA-256 of its bytes, in hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Its bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether nothing is to be said about its shape: the same bytes need not be checked again.
    pub fn is_flawless(&self) -> bool {
        self.is_flawless
    }

    /// The header as it was found.
    pub fn header(&self) -> &[String] {
        &self.body().header
    }

    fn body(&self) -> &Body {
        self.body.get_or_init(|| {
            let bytes = self.bytes.lock().map(|mut bytes| std::mem::take(&mut *bytes)).unwrap_or_default();
            match body(&self.path, self.kind, bytes) {
                Ok((body, _)) => body,
                Err(_) => unreachable!("bug: bytes without a flaw have one"),
            }
        })
    }

    /// Data rows, without the header and without lines that hold no byte.
    pub fn row_count(&self) -> usize {
        self.body().scan.len().saturating_sub(1)
    }

    /// Lines that hold no byte.
    pub fn blank_lines(&self) -> usize {
        usize::try_from(self.body().scan.blank_lines()).unwrap_or(usize::MAX)
    }

    pub(crate) fn position(&self, column: usize) -> Option<usize> {
        self.body().positions.get(column).copied().flatten()
    }

    pub(crate) fn digest_order(&self) -> &[(String, usize)] {
        &self.body().digest_order
    }

    /// Ranges of records that can be read apart from each other.
    pub(crate) fn chunks(&self) -> Vec<std::ops::Range<usize>> {
        let rows = self.row_count();
        (0..rows).step_by(ROWS_PER_CHUNK).map(|start| start..(start + ROWS_PER_CHUNK).min(rows)).collect()
    }

    pub(crate) fn for_each_row(&self, records: std::ops::Range<usize>, mut visit: impl FnMut(Row<'_>)) {
        let mut decoder = self.decoder();
        for record in records {
            if let Some(row) = decoder.row(record + 1) {
                visit(Row { row, record: u32::try_from(record).unwrap_or(u32::MAX) });
            }
        }
    }

    fn decoder(&self) -> Decoder<'_> {
        self.body().scan.decoder(&self.body().text)
    }

    /// The row as text, as it was received.
    pub fn raw(&self, record: u32) -> &str {
        self.body().scan.raw(&self.body().text, record as usize + 1).unwrap_or("")
    }

    /// The physical line where a record starts.
    pub fn line(&self, record: u32) -> u32 {
        self.body().scan.line(record as usize + 1).unwrap_or(0)
    }

    /// Every cell of a record, by its column.
    pub fn cells(&self, record: u32) -> Vec<(String, String)> {
        let mut decoder = self.decoder();
        let Some(row) = decoder.row(record as usize + 1) else { return Vec::new() };
        let cell =
            |(position, name): (usize, &String)| (name.clone(), row.get(position).unwrap_or("").to_owned());
        self.header().iter().enumerate().map(cell).collect()
    }

    /// The cells of a record under columns that the contract does not know: kept and shown as evidence.
    pub fn unknown_cells(&self, record: u32) -> Vec<(String, String)> {
        let header = self.header();
        let known: Vec<usize> = self.body().positions.iter().flatten().copied().collect();
        if known.len() == header.len() {
            return Vec::new();
        }
        let mut decoder = self.decoder();
        let Some(row) = decoder.row(record as usize + 1) else { return Vec::new() };
        (0..header.len())
            .filter(|position| !known.contains(position))
            .map(|position| (header[position].clone(), row.get(position).unwrap_or("").to_owned()))
            .collect()
    }
}

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
    snapshots: BTreeMap<AsOf, BTreeMap<FileKind, u32>>,
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

    /// The file of a kind in the folder of one snapshot.
    pub fn file_in(&self, as_of: AsOf, kind: FileKind) -> Option<u32> {
        self.snapshots.get(&as_of)?.get(&kind).copied()
    }

    /// The files of a kind up to a snapshot, newest first.
    pub fn files_up_to(&self, kind: FileKind, as_of: AsOf) -> Vec<u32> {
        self.snapshots.range(..=as_of).rev().filter_map(|(_, files)| files.get(&kind).copied()).collect()
    }
}

/// The files of an input folder, found and hashed; their rows are not looked at yet.
pub struct Found {
    files: Vec<(Place, Unread)>,
    snapshots: BTreeSet<AsOf>,
    diagnostics: Vec<Diagnostic>,
}

/// Finds every file of an input folder, in the order of their paths.
///
/// # Errors
/// [`Error::Read`] when a folder or file cannot be read, [`Error::NoInput`] when there is no snapshot folder.
pub fn find(folder: &Path) -> Result<Found, Error> {
    if fs::kind(folder)? != Some(fs::Kind::Folder) {
        return Err(no_input(folder, "does not exist"));
    }
    let mut found = Found { files: Vec::new(), snapshots: BTreeSet::new(), diagnostics: Vec::new() };
    for file in fs::list(folder)? {
        found.take(folder, &file)?;
    }
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
    Ok(find(folder)?.read(&|_| false))
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
        self.files.retain(|(place, file)| match place {
            Place::Reference => false,
            Place::Kept(_) => is_cited(&file.path),
            Place::Snapshot(_) => true,
        });
        for file in fs::list(folder)? {
            if file.path.starts_with("reference") && file.kind == fs::Kind::File {
                self.take(folder, &file)?;
            }
        }
        self.files.sort_by(|(_, a), (_, b)| a.path.as_bytes().cmp(b.path.as_bytes()));
        Ok(self)
    }

    /// Every file that was found: its path, its snapshot and its checksum, in the order of the paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, Option<AsOf>, &str)> {
        self.files.iter().map(|(_, file)| (file.path.as_str(), file.snapshot, file.sha256.as_str()))
    }

    /// Checks the shape of every file, but for those whose checksum is known to be of bytes without a flaw.
    ///
    /// Shape: files in the order of their paths. Every problem of every file is a diagnostic; a file that cannot be used
    /// is left out and its diagnostic is fatal. Source: contract, sections 2 and 3; reliability 6, R1 to R5.
    pub fn read(self, is_flawless: &(dyn Fn(&str) -> bool + Sync)) -> ((Files, Input), Vec<Diagnostic>) {
        let Found { files, snapshots, mut diagnostics } = self;
        let mut input = Input::default();
        for as_of in snapshots {
            input.snapshots.entry(as_of).or_default();
        }
        let read: Vec<_> = files
            .into_par_iter()
            .map(|(place, file)| {
                let kind = file.kind;
                let is_known = is_flawless(&file.sha256);
                (place, kind, if is_known { Ok((trusted(file), Vec::new())) } else { checked(file) })
            })
            .collect();
        let mut files = Files::default();
        for (place, kind, file) in read {
            match file {
                Ok((extract, warnings)) => {
                    diagnostics.extend(warnings);
                    let index = files.add(extract);
                    let files = match place {
                        Place::Reference => &mut input.reference,
                        Place::Snapshot(as_of) => input.snapshots.entry(as_of).or_default(),
                        Place::Kept(as_of) => input.kept.entry(as_of).or_default(),
                    };
                    files.insert(kind, index);
                }
                Err(problems) => diagnostics.extend(problems),
            }
        }
        ((files, input), diagnostics)
    }
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
                self.files.push((place, Unread { path, kind, snapshot, bytes, sha256 }));
                Ok(())
            }
            None => {
                if !parts[parts.len() - 1].starts_with('.') {
                    self.warn(
                        &path,
                        "file-not-used",
                        format!("`{}` is not a file that tieout reads here", visible(&path)),
                        "name it as in the list of canonical files (README, section Input), or remove it",
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
    let scan = scan::scan(bytes, scan::Delimiter::Comma).ok()?;
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

/// Makes an extract of the bytes of a file.
///
/// # Errors
/// Every reason why the file cannot be used, as fatal diagnostics: broken quoting or text, no header, a required column
/// missing, a column given twice.
pub fn extract(
    path: &str,
    kind: FileKind,
    snapshot: Option<AsOf>,
    bytes: Vec<u8>,
) -> Result<(Extract, Vec<Diagnostic>), Vec<Diagnostic>> {
    let sha256 = hex(&Sha256::digest(&bytes));
    checked(Unread { path: path.to_owned(), kind, snapshot, bytes, sha256 })
}

/// A file whose bytes are there and nothing else is known of.
struct Unread {
    path: String,
    kind: FileKind,
    snapshot: Option<AsOf>,
    bytes: Vec<u8>,
    sha256: String,
}

fn checked(file: Unread) -> Result<(Extract, Vec<Diagnostic>), Vec<Diagnostic>> {
    let Unread { path, kind, snapshot, bytes, sha256 } = file;
    let size = bytes.len();
    let (body, problems) = body(&path, kind, bytes)?;
    let is_flawless = problems.is_empty();
    let bytes = Mutex::default();
    let extract = Extract { path, kind, snapshot, size, sha256, is_flawless, bytes, body: body.into() };
    Ok((extract, problems))
}

/// A file whose bytes were found without a flaw before.
fn trusted(file: Unread) -> Extract {
    let Unread { path, kind, snapshot, bytes, sha256 } = file;
    let (size, body) = (bytes.len(), OnceLock::new());
    Extract { path, kind, snapshot, size, sha256, is_flawless: true, bytes: bytes.into(), body }
}

fn body(path: &str, kind: FileKind, bytes: Vec<u8>) -> Result<(Body, Vec<Diagnostic>), Vec<Diagnostic>> {
    let scan = scan::scan(&bytes, scan::Delimiter::Comma).map_err(|errors| {
        let fatal = |error: scan::ScanError| Diagnostic {
            line: u32::try_from(error.line).unwrap_or(0),
            column: u32::try_from(error.column).unwrap_or(0),
            value: error.value,
            ..Diagnostic::of_file(Severity::Fatal, error.code, path, error.message, &error.help)
        };
        errors.into_iter().map(fatal).collect::<Vec<_>>()
    })?;
    let Ok(text) = String::from_utf8(bytes) else {
        unreachable!("the scan refuses what is not UTF-8");
    };
    let mut decoder = scan.decoder(&text);
    let header: Vec<String> = match decoder.row(0) {
        Some(row) => row.iter().map(|name| name.trim().to_owned()).collect(),
        None => {
            let message = "the file is empty: it has no header".to_owned();
            let help = "export it again with its header row; a file without records still needs one";
            return Err(vec![Diagnostic::of_file(Severity::Fatal, "no-header", path, message, help)]);
        }
    };
    drop(decoder);
    let (positions, mut problems) = place_columns(path, kind, &header);
    if scan.len() == 1 && matches!(kind, FileKind::Orders | FileKind::RebateLines) {
        problems.push(Diagnostic::of_file(
            Severity::Warning,
            "file-without-records",
            path,
            "the file has a header and no record".to_owned(),
            "if that is not what happened, export it again; a failed export often looks like this",
        ));
    }
    if problems.iter().any(|p| p.severity == Severity::Fatal) {
        return Err(problems);
    }
    let mut digest_order: Vec<(String, usize)> =
        header.iter().map(|name| name.to_lowercase()).zip(0..).collect();
    digest_order.sort();
    Ok((Body { text, scan, header, positions, digest_order }, problems))
}

fn place_columns(path: &str, kind: FileKind, header: &[String]) -> (Vec<Option<usize>>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let found = header.iter().map(|name| format!("`{}`", visible(name))).collect::<Vec<_>>().join(", ");
    let positions = kind
        .columns()
        .iter()
        .map(|column| {
            let mut places =
                header.iter().enumerate().filter(|(_, name)| name.eq_ignore_ascii_case(column.name));
            let first = places.next().map(|(position, _)| position);
            let mut fatal = |code, position: Option<usize>, message, help: &str| {
                problems.push(Diagnostic {
                    line: 1,
                    column: position.map_or(0, |p| u32::try_from(p).unwrap_or(0) + 1),
                    field: column.name.to_owned(),
                    ..Diagnostic::of_file(Severity::Fatal, code, path, message, help)
                });
            };
            if let Some((second, _)) = places.next() {
                fatal(
                    "column-given-twice",
                    Some(second),
                    format!("extract `{path}` has the column `{}` more than once", column.name),
                    "remove or rename one of the two",
                );
            }
            if first.is_none() && column.required {
                fatal(
                    "column-missing",
                    None,
                    format!("extract `{path}` has no column `{}`; it has {found}", column.name),
                    "name the header as in the list of canonical files (README, section Input)",
                );
            }
            first
        })
        .collect();
    let unknown: Vec<String> = header
        .iter()
        .filter(|name| !kind.columns().iter().any(|column| name.eq_ignore_ascii_case(column.name)))
        .map(|name| format!("`{}`", visible(name)))
        .collect();
    if !unknown.is_empty() {
        problems.push(Diagnostic {
            line: 1,
            ..Diagnostic::of_file(
                Severity::Note,
                "columns-unknown",
                path,
                format!("not used for any answer, kept and shown as evidence: {}", unknown.join(", ")),
                "nothing to do; if one of them is a known column under another name, rename it",
            )
        });
    }
    (positions, problems)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
