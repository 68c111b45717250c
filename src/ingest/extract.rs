//! One file as it was received: its rows as text with their places, and where in them the columns of its kind stand.
//!
//! A canonical file is read as it is; a file of a mapped source through its [`Mapping`]. Either way the rows stay as they
//! were received, and a canonical cell is looked up when somebody asks for it.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock};

use sha2::{Digest, Sha256};
use ustr::Ustr;

use super::columns::{FileKind, Value};
use super::format::Sheet;
use super::format::typed::Typed;
use super::grammar::CellError;
use super::mapping::files::Parts;
use super::mapping::synonyms::SYNONYMS;
use super::mapping::view::Place;
use super::mapping::{Mapping, header_key};
use super::scan::{self, Decoder, Marks, Scan};
use super::shape::{self, Shape};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::model::money::RoundMode;
use crate::model::time::AsOf;

/// Rows handed to one thread at a time: large enough that handing over costs nothing, small enough to share out.
const ROWS_PER_CHUNK: usize = 8_192;
/// Rows by which a column that may have another name is judged.
const LOOKED_AT: usize = 64;

/// One file that was read, or one table of it.
#[derive(Debug)]
pub struct Extract {
    place: String,
    file: String,
    kind: FileKind,
    snapshot: Option<AsOf>,
    size: usize,
    sha256: String,
    stream: Ustr,
    family: Ustr,
    /// How many records the file says that there are, and how many it has.
    counted: Option<(u64, u64)>,
    mapping: Option<Arc<Mapping>>,
    /// Whether nothing is to be said about its shape.
    is_flawless: bool,
    /// Bytes that were found without a flaw before and are not looked at until somebody asks for a row.
    bytes: Mutex<Vec<u8>>,
    body: OnceLock<Body>,
}

/// The rows of a file.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) text: String,
    pub(super) scan: Scan,
    /// The row of the file for each record, where that is not its physical line.
    pub(super) rows: Option<Vec<u32>>,
    /// Columns of the file left of the first one.
    pub(super) left: u32,
    /// Which cells were numbers or days in the file.
    typed: Typed,
    pub(super) header: Vec<String>,
    pub(super) shape: Shape,
    /// Where each column of the kind stands.
    pub(super) places: Vec<Option<Place>>,
    /// Every column by name, for a digest that does not depend on their order.
    pub(super) digest_order: Vec<(String, usize)>,
}

/// One row of an extract; `get` takes positions in the header.
pub struct Row<'r> {
    row: scan::Row<'r>,
    record: u32,
    line: u32,
}

impl Row<'_> {
    /// The index of the record in its file.
    pub fn record(&self) -> u32 {
        self.record
    }

    /// The physical line where it starts, or the row of its sheet.
    pub fn line(&self) -> u32 {
        self.line
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
    /// Where it is, for people and links: the path relative to the input folder, with `/`; behind `#` the sheet or member
    /// where the file has several tables.
    pub fn path(&self) -> &str {
        &self.place
    }

    /// The path of the file itself, relative to the input folder, with `/`.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What tells it apart from every other extract: several sources may read one file.
    pub fn name(&self) -> String {
        format!("{} {}", self.place, self.stream)
    }

    /// What it holds.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// The snapshot whose folder it lies in; the current reference files have none.
    pub fn snapshot(&self) -> Option<AsOf> {
        self.snapshot
    }

    /// SHA-256 of the file's bytes, in hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The file's bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// What restates what: of two extracts with one name, the one of the newer snapshot speaks.
    pub fn stream(&self) -> Ustr {
        self.stream
    }

    /// What it is like: the extracts of its source, of whatever month, with what else their names say.
    pub fn family(&self) -> Ustr {
        self.family
    }

    /// How many records the file says that there are, and how many it has.
    pub(super) fn counted(&self) -> Option<(u64, u64)> {
        self.counted
    }

    /// The mapping it is read by; nothing for a canonical file.
    pub fn mapping(&self) -> Option<&Mapping> {
        self.mapping.as_deref()
    }

    /// The source whose words its statuses and reasons are; empty for a canonical file.
    pub fn source(&self) -> &str {
        self.mapping().map_or("", |mapping| mapping.name.as_str())
    }

    /// How amounts with more digits than their currency has are rounded; nothing: they are refused.
    pub fn round(&self) -> Option<RoundMode> {
        self.mapping()?.round
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
            match canonical_body(&self.place, self.kind, bytes) {
                Ok((body, _)) => body,
                Err(_) => unreachable!("bug: bytes without a flaw have one"),
            }
        })
    }

    /// Rows that are records: without the header, what stands above and below, and lines that hold no byte.
    pub fn row_count(&self) -> usize {
        self.body().shape.records.len()
    }

    /// Lines that hold no byte.
    pub fn blank_lines(&self) -> usize {
        usize::try_from(self.body().scan.blank_lines()).unwrap_or(usize::MAX)
    }

    /// Rows that are the header, stand above it or repeat it; and all others that are no records: totals, information, rows
    /// of another source.
    pub fn rows_beside(&self) -> (usize, usize) {
        self.body().shape.beside()
    }

    /// Whether cells of it were numbers or days in the file.
    pub(crate) fn is_typed(&self) -> bool {
        !self.body().typed.is_empty()
    }

    /// The records that declare totals of the rows above them.
    pub(crate) fn controls(&self) -> &[u32] {
        &self.body().shape.controls
    }

    /// Whether the file has a column of its kind, or its mapping gives it.
    pub(crate) fn has(&self, column: usize) -> bool {
        self.body().places.get(column).is_some_and(Option::is_some)
    }

    /// The positions of the columns that canonical ones are read from.
    pub(crate) fn headers_read(&self) -> Vec<usize> {
        self.body().places.iter().flatten().flat_map(Place::columns).copied().collect()
    }

    /// Where the file has a column of its own.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let key = header_key(name);
        self.header().iter().position(|found| header_key(found) == key)
    }

    /// The number of the column to point at, 1-based, and its name in the file; 0 and the canonical name where there is none.
    pub(crate) fn column_of(&self, column: usize) -> (u32, &str) {
        let body = self.body();
        let canonical = self.kind.columns()[column].name;
        match body.places.get(column).and_then(Option::as_ref).and_then(Place::column) {
            Some(position) => (
                u32::try_from(position).unwrap_or(0) + 1 + body.left,
                if self.mapping.is_some() { body.header[position].as_str() } else { canonical },
            ),
            None => (0, canonical),
        }
    }

    /// The text of a canonical column, as it is written in the file.
    pub(crate) fn as_written<'r>(&'r self, row: &'r Row<'_>, column: usize) -> Cow<'r, str> {
        match &self.body().places[column] {
            None => Cow::Borrowed(""),
            Some(place) => place.text(|position| row.get(position)),
        }
    }

    /// The text of a canonical column, in the spelling of the canonical files.
    ///
    /// # Errors
    /// What is written otherwise than the mapping says.
    pub(crate) fn cell<'r>(&'r self, row: &'r Row<'_>, column: usize) -> Result<Cow<'r, str>, CellError> {
        let Some(mapping) = self.mapping() else { return Ok(self.as_written(row, column)) };
        let Some(place) = &self.body().places[column] else { return Ok(Cow::Borrowed("")) };
        let get = |position| {
            let text = row.get(position);
            if mapping.is_empty_text(text) { "" } else { text }
        };
        let text = place.text(get);
        let Some(reading) = mapping.reading(column) else { return Ok(text) };
        let typed = &self.body().typed;
        let is_typed = !typed.is_empty()
            && place.chosen(get).is_some_and(|position| typed.has(row.record as usize + 1, position));
        reading.spelled_as(text, is_typed)
    }

    pub(crate) fn digest_order(&self) -> &[(String, usize)] {
        &self.body().digest_order
    }

    /// Ranges of records that can be read apart from each other.
    pub(crate) fn chunks(&self) -> Vec<std::ops::Range<usize>> {
        let rows = self.row_count();
        (0..rows).step_by(ROWS_PER_CHUNK).map(|start| start..(start + ROWS_PER_CHUNK).min(rows)).collect()
    }

    /// Visits the records of a range of their order.
    pub(crate) fn for_each_row(&self, range: std::ops::Range<usize>, mut visit: impl FnMut(Row<'_>)) {
        let body = self.body();
        let mut decoder = self.decoder();
        for index in range {
            let record = body.shape.records.get(index);
            if let Some(row) = decoder.row(record as usize + 1) {
                visit(Row { line: self.line(record), row, record });
            }
        }
    }

    /// Visits one record, whatever it is there for.
    pub(crate) fn with_row<T>(&self, record: u32, visit: impl FnOnce(Row<'_>) -> T) -> Option<T> {
        let mut decoder = self.decoder();
        let row = decoder.row(record as usize + 1)?;
        Some(visit(Row { line: self.line(record), row, record }))
    }

    fn decoder(&self) -> Decoder<'_> {
        self.body().scan.decoder(&self.body().text)
    }

    /// The row as text, as it was received.
    pub fn raw(&self, record: u32) -> &str {
        self.body().scan.raw(&self.body().text, record as usize + 1).unwrap_or("")
    }

    /// The physical line where a record starts, or the row of its sheet.
    pub fn line(&self, record: u32) -> u32 {
        self.body().line(record as usize + 1)
    }

    /// Every cell of a record, by its column.
    pub fn cells(&self, record: u32) -> Vec<(String, String)> {
        self.cells_at(record, |_| true)
    }

    /// The cells of a record under columns that no canonical column is read from: kept and shown as evidence.
    pub fn unknown_cells(&self, record: u32) -> Vec<(String, String)> {
        let known = self.headers_read();
        if known.len() == self.header().len() {
            return Vec::new();
        }
        self.cells_at(record, |position| !known.contains(&position))
    }

    fn cells_at(&self, record: u32, is_wanted: impl Fn(usize) -> bool) -> Vec<(String, String)> {
        let mut decoder = self.decoder();
        let Some(row) = decoder.row(record as usize + 1) else { return Vec::new() };
        let cell =
            |(position, name): (usize, &String)| (name.clone(), row.get(position).unwrap_or("").to_owned());
        self.header().iter().enumerate().filter(|(position, _)| is_wanted(*position)).map(cell).collect()
    }
}

impl Body {
    /// The physical line or the row of the sheet of what the scan found at an index.
    pub(super) fn line(&self, index: usize) -> u32 {
        match &self.rows {
            Some(rows) => rows.get(index).copied().unwrap_or(0),
            None => self.scan.line(index).unwrap_or(0),
        }
    }
}

/// A file whose bytes are there and nothing else is known of.
pub(super) struct Unread {
    pub(super) path: String,
    pub(super) kind: FileKind,
    pub(super) snapshot: Option<AsOf>,
    pub(super) bytes: Vec<u8>,
    pub(super) sha256: String,
}

/// Makes an extract of the bytes of a canonical file.
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
    let sha256 = super::hex(&Sha256::digest(&bytes));
    checked(Unread { path: path.to_owned(), kind, snapshot, bytes, sha256 })
}

pub(super) fn checked(file: Unread) -> Result<(Extract, Vec<Diagnostic>), Vec<Diagnostic>> {
    let Unread { path, kind, snapshot, bytes, sha256 } = file;
    let size = bytes.len();
    let (body, problems) = canonical_body(&path, kind, bytes)?;
    let is_flawless = problems.is_empty();
    let canonical = Canonical { path, kind, snapshot, size, sha256 };
    Ok((canonical.extract(is_flawless, Vec::new(), body.into()), problems))
}

/// A file whose bytes were found without a flaw before.
pub(super) fn trusted(file: Unread) -> Extract {
    let Unread { path, kind, snapshot, bytes, sha256 } = file;
    let canonical = Canonical { path, kind, snapshot, size: bytes.len(), sha256 };
    canonical.extract(true, bytes, OnceLock::new())
}

struct Canonical {
    path: String,
    kind: FileKind,
    snapshot: Option<AsOf>,
    size: usize,
    sha256: String,
}

impl Canonical {
    fn extract(self, is_flawless: bool, bytes: Vec<u8>, body: OnceLock<Body>) -> Extract {
        let Canonical { path, kind, snapshot, size, sha256 } = self;
        let (place, file, stream) = (path.clone(), path, Ustr::from(kind.name()));
        let bytes = Mutex::new(bytes);
        Extract {
            place,
            file,
            kind,
            snapshot,
            size,
            sha256,
            stream,
            family: stream,
            counted: None,
            mapping: None,
            is_flawless,
            bytes,
            body,
        }
    }
}

/// A table of a file, to be read by a mapping.
pub(super) struct Mapped<'m> {
    pub(super) mapping: &'m Arc<Mapping>,
    pub(super) parts: &'m Parts,
    pub(super) path: &'m str,
    pub(super) snapshot: AsOf,
    pub(super) size: usize,
    pub(super) sha256: &'m str,
    /// Whether the file has other tables that the mapping is about.
    pub(super) is_one_of_several: bool,
}

impl Mapped<'_> {
    /// Makes an extract of one table.
    ///
    /// # Errors
    /// As [`extract`].
    pub(super) fn extract(&self, sheet: Sheet) -> Result<(Extract, Vec<Diagnostic>), Vec<Diagnostic>> {
        let Mapped { mapping, parts, path, snapshot, size, sha256, .. } = *self;
        let place = if self.is_one_of_several { format!("{path}#{}", sheet.name) } else { path.to_owned() };
        let declared_rows = sheet.declared_rows;
        let (body, problems) = mapped_body(&place, mapping, parts, sheet)?;
        // Rows for information and those of another source are records to whoever counted them.
        let records = u64::try_from(body.shape.records.len() + body.shape.beside().1).unwrap_or(u64::MAX);
        let extract = Extract {
            place,
            file: path.to_owned(),
            kind: mapping.kind,
            snapshot: Some(snapshot),
            size,
            sha256: sha256.to_owned(),
            stream: mapping.stream(parts),
            family: mapping.family(parts),
            counted: declared_rows.map(|declared| (declared, records)),
            mapping: Some(Arc::clone(mapping)),
            is_flawless: false,
            bytes: Mutex::default(),
            body: body.into(),
        };
        Ok((extract, problems))
    }
}

fn scanned(place: &str, bytes: &[u8], marks: Marks) -> Result<Scan, Vec<Diagnostic>> {
    scan::scan(bytes, marks).map_err(|errors| {
        let fatal = |error: scan::ScanError| Diagnostic {
            line: u32::try_from(error.line).unwrap_or(u32::MAX),
            column: u32::try_from(error.column).unwrap_or(u32::MAX),
            value: error.value,
            ..Diagnostic::of_file(Severity::Fatal, error.code, place, error.message, &error.help)
        };
        errors.into_iter().map(fatal).collect::<Vec<_>>()
    })
}

fn no_header(place: &str) -> Vec<Diagnostic> {
    let message = "the file is empty: it has no header".to_owned();
    let help = "export it again with its header row; a file without records still needs one";
    vec![Diagnostic::of_file(Severity::Fatal, "no-header", place, message, help)]
}

fn canonical_body(
    path: &str,
    kind: FileKind,
    bytes: Vec<u8>,
) -> Result<(Body, Vec<Diagnostic>), Vec<Diagnostic>> {
    let scan = scanned(path, &bytes, Marks::COMMA)?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => unreachable!("bug: scan has checked that the file is UTF-8"),
    };
    let Some(header) = scan.decoder(&text).row(0).map(names) else { return Err(no_header(path)) };
    let (places, mut problems) = place_columns(path, kind, &header);
    let shape = Shape::canonical(scan.len());
    finish(&mut problems, path, kind, shape.records.len())?;
    let digest_order = digest_order(&header);
    Ok((
        Body {
            text,
            scan,
            rows: None,
            left: 0,
            typed: Typed::default(),
            header,
            shape,
            places,
            digest_order,
        },
        problems,
    ))
}

fn mapped_body(
    place: &str,
    mapping: &Mapping,
    parts: &Parts,
    sheet: Sheet,
) -> Result<(Body, Vec<Diagnostic>), Vec<Diagnostic>> {
    let scan = scanned(place, sheet.text.as_bytes(), sheet.marks())?;
    let (shape, header) = match shape::find(&scan, &sheet.text, mapping) {
        Some(found) => found,
        None => return Err(no_header(place)),
    };
    let Sheet { text, rows, left, typed, detected, .. } = sheet;
    let kind = mapping.kind;
    let places: Vec<Option<Place>> = (0..kind.columns().len())
        .map(|column| mapping.reading(column).and_then(|reading| reading.place(&header, parts)))
        .collect();
    let digest_order = digest_order(&header);
    let body = Body { text, scan, rows, left, typed, header, shape, places, digest_order };
    let mut problems = mapped_problems(place, mapping, &body);
    problems.extend(super::damage::problems(place, mapping, &body));
    if !detected.is_empty() {
        problems.push(Diagnostic::of_file(
            Severity::Note,
            "format-detected",
            place,
            format!("read as {}", detected.join(", ")),
            "nothing to do; where it is wrong, declare it for this source in tieout.toml",
        ));
    }
    finish(&mut problems, place, kind, body.shape.records.len())?;
    Ok((body, problems))
}

/// Stops where a problem makes the file unusable, and says so where it holds no record.
fn finish(
    problems: &mut Vec<Diagnostic>,
    place: &str,
    kind: FileKind,
    records: usize,
) -> Result<(), Vec<Diagnostic>> {
    if records == 0 && matches!(kind, FileKind::Orders | FileKind::RebateLines) {
        problems.push(Diagnostic::of_file(
            Severity::Warning,
            "file-without-records",
            place,
            "the file has a header and no record".to_owned(),
            "if that is not what happened, export it again; a failed export often looks like this",
        ));
    }
    if problems.iter().any(|p| p.severity == Severity::Fatal) {
        return Err(std::mem::take(problems));
    }
    Ok(())
}

fn names(row: scan::Row<'_>) -> Vec<String> {
    row.iter().map(|name| name.trim().to_owned()).collect()
}

fn digest_order(header: &[String]) -> Vec<(String, usize)> {
    let mut order: Vec<(String, usize)> = header.iter().map(|name| name.to_lowercase()).zip(0..).collect();
    order.sort();
    order
}

fn listed(header: &[String]) -> String {
    header.iter().map(|name| format!("`{}`", visible(name))).collect::<Vec<_>>().join(", ")
}

/// The column that may be one of the wanted ones under another name: of those that nothing is read from and that hold what the
/// column may hold, one with a name that is known for it, else the one whose name is nearest, if it is near.
fn heir<'b>(kind: FileKind, number: usize, wanted: &[&str], body: &'b Body) -> Option<&'b str> {
    let read: Vec<usize> = body.places.iter().flatten().flat_map(Place::columns).copied().collect();
    let value = kind.columns()[number].value();
    let free = body.header.iter().enumerate().filter(|(position, name)| {
        !read.contains(position) && !name.is_empty() && may_hold(value, *position, body)
    });
    let is_known = |name: &str| {
        let of_column = SYNONYMS.iter().filter(|(of, column, _)| *of == kind && *column == number);
        let names =
            of_column.flat_map(|(_, _, names)| names.iter().copied()).chain([kind.columns()[number].name]);
        names.into_iter().any(|known| header_key(known) == header_key(name))
    };
    let distance = |name: &str| {
        let key = header_key(name);
        let apart = |wanted: &&str| {
            let wanted = header_key(wanted);
            let is_part = key.contains(&*wanted) || wanted.contains(&*key);
            let edits = strsim::osa_distance(&key, &wanted);
            (is_part || edits * 2 <= key.chars().count().max(wanted.chars().count())).then_some(edits)
        };
        if is_known(name) { Some(0) } else { wanted.iter().filter_map(apart).min() }
    };
    free.filter_map(|(_, name)| Some((distance(name)?, name.as_str()))).min().map(|(_, name)| name)
}

/// Whether the first cells of a column can be what a canonical column holds: names that are masked or have blanks between words
/// are no ids, and what has no digit is neither an amount nor a day.
fn may_hold(value: Value, position: usize, body: &Body) -> bool {
    let mut decoder = body.scan.decoder(&body.text);
    let (mut filled, mut fit) = (0_usize, 0_usize);
    for index in 0..body.shape.records.len().min(LOOKED_AT) {
        let Some(row) = decoder.row(body.shape.records.get(index) as usize + 1) else { continue };
        let text = row.get(position).unwrap_or("").trim();
        filled += usize::from(!text.is_empty());
        fit += usize::from(
            !text.is_empty()
                && match value {
                    Value::Text => true,
                    Value::Id => !text.contains(|c: char| c.is_whitespace() || c == '*'),
                    Value::Day | Value::Month | Value::Amount | Value::Number => {
                        text.contains(|c: char| c.is_ascii_digit())
                    }
                },
        );
    }
    fit * 2 >= filled
}

/// What is to be said of the columns and rows of a mapped file.
fn mapped_problems(place: &str, mapping: &Mapping, body: &Body) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let line = body.line(body.shape.header);
    for (number, column) in mapping.kind.columns().iter().enumerate() {
        if body.places[number].is_some() || !column.required || mapping.can_do_without(number) {
            continue;
        }
        let wanted: Vec<&str> =
            mapping.reading(number).into_iter().flat_map(super::mapping::view::Reading::names).collect();
        let renamed = match heir(mapping.kind, number, &wanted, body) {
            Some(heir) => {
                let mut names: Vec<String> = wanted.iter().map(|name| format!("\"{name}\"")).collect();
                names.push(format!("\"{}\"", visible(heir)));
                format!(
                    "if `{}` is what it is called now, write `{} = [{}]` under [source.columns] of `{}` in tieout.toml",
                    visible(heir),
                    column.name,
                    names.join(", "),
                    mapping.name
                )
            }
            None => "add the header of the file to this column of the source in tieout.toml; `tieout map FILE` proposes it"
                .to_owned(),
        };
        let (wanted, help) = if wanted.is_empty() {
            (
                format!("the source `{}` does not say where", mapping.name),
                format!(
                    "write `{0} = \"…\"` with the header of the file under [source.columns] of the source in tieout.toml, \
                     or `{0} = {{ value = \"…\" }}` where it is the same in every row and the file does not say it",
                    column.name
                ),
            )
        } else {
            let wanted: Vec<String> = wanted.into_iter().map(|name| format!("`{name}`")).collect();
            (format!("the source `{}` looks for {}", mapping.name, wanted.join(" or ")), renamed)
        };
        problems.push(Diagnostic {
            line,
            field: column.name.to_owned(),
            ..Diagnostic::of_file(
                Severity::Fatal,
                "column-missing",
                place,
                format!("no column gives `{}`: {wanted}, the file has {}", column.name, listed(&body.header)),
                &help,
            )
        });
    }
    for rule in mapping.row_rules().iter().filter(|rule| rule.place(&body.header).is_none()) {
        let names: Vec<String> = rule.names().map(|name| format!("`{}`", visible(name))).collect();
        problems.push(Diagnostic {
            line,
            field: rule.names().next().unwrap_or_default().to_owned(),
            ..Diagnostic::of_file(
                Severity::Fatal,
                "column-missing",
                place,
                format!(
                    "a rule of the source `{}` says what rows are by {}, and the file has {}",
                    mapping.name,
                    names.join(" or "),
                    listed(&body.header)
                ),
                "correct the column of [[source.rows]] in tieout.toml: without it rows that are no records would count",
            )
        });
    }
    for name in &mapping.grain {
        if body.header.iter().any(|found| header_key(found) == header_key(name)) {
            continue;
        }
        problems.push(Diagnostic {
            line,
            field: name.clone(),
            ..Diagnostic::of_file(
                Severity::Fatal,
                "column-missing",
                place,
                format!(
                    "the rows of one record are told by `{name}`, and the file has {}: its amounts would count more than once",
                    listed(&body.header)
                ),
                "read the report that has this column, or correct `grain` of the source in tieout.toml",
            )
        });
    }
    for (position, name) in body.header.iter().enumerate() {
        let key = header_key(name);
        if mapping.without.iter().any(|other| header_key(other) == key) {
            problems.push(Diagnostic {
                line,
                column: u32::try_from(position).unwrap_or(0) + 1 + body.left,
                field: name.clone(),
                ..Diagnostic::of_file(
                    Severity::Fatal,
                    "another-extract",
                    place,
                    format!(
                        "the file has the column `{}`, and files of the source `{}` do not: this is another extract",
                        visible(name),
                        mapping.name
                    ),
                    "read it by the source or preset of that extract, or correct `files` of the source in tieout.toml",
                )
            });
        }
        let is_mapped = body
            .places
            .iter()
            .flatten()
            .any(|place| place.columns().iter().any(|column| header_key(&body.header[*column]) == key));
        if is_mapped && body.header[..position].iter().any(|other| header_key(other) == key) {
            problems.push(Diagnostic {
                line,
                column: u32::try_from(position).unwrap_or(0) + 1 + body.left,
                field: name.clone(),
                ..Diagnostic::of_file(
                    Severity::Fatal,
                    "column-given-twice",
                    place,
                    format!(
                        "the column `{}` is there more than once, and the source reads it",
                        visible(name)
                    ),
                    "remove or rename one of the two",
                )
            });
        }
    }
    problems.extend(misplaced(place, body));
    let aside = body.shape.in_words();
    if !aside.is_empty() {
        problems.push(Diagnostic::of_file(
            Severity::Note,
            "rows-that-are-no-records",
            place,
            aside,
            "nothing to do; where a record is among them, correct [[source.rows]] of this source in tieout.toml",
        ));
    }
    problems
}

/// Rows that are no records by where they stand, and may be some.
fn misplaced(place: &str, body: &Body) -> Vec<Diagnostic> {
    let said = |index: usize, severity, code, message: String, help| Diagnostic {
        line: body.line(index),
        ..Diagnostic::of_file(severity, code, place, message, help)
    };
    let header = body.line(body.shape.header);
    let another = body.shape.another.map(|index| {
        said(
            index,
            Severity::Fatal,
            "header-again",
            format!(
                "here is another header, and its columns are not those of the header in row {header}: what stands below it would \
                 be read from the wrong columns"
            ),
            "split the file into one for each header, or export the second table with the columns of the first",
        )
    });
    let above = body.shape.full_above.map(|index| {
        said(
            index,
            Severity::Warning,
            "rows-above-the-header",
            format!("rows above the header, which is row {header}, are as full as records, and none of them is read"),
            "where they are records, move the header to the top of the file, or export it again",
        )
    });
    another.into_iter().chain(above).collect()
}

fn place_columns(path: &str, kind: FileKind, header: &[String]) -> (Vec<Option<Place>>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let found = listed(header);
    let places = kind
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
            first.map(|position| Place::FirstOf(vec![position]))
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
    (places, problems)
}
