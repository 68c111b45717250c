//! Finds the records of a delimited text file, strictly, in front of the `csv` crate.
//!
//! Its job: refuse what the `csv` crate lets pass (an unclosed quote, text after a closing quote, NUL, bytes
//! that are not UTF-8, absurd sizes), count physical lines, and say for each record where it starts. Records
//! with doubled quotes are then decoded by the `csv` crate itself; in all others the fields are slices of the
//! file.
//! Not its job: header names, the number of fields a row must have, what a field means (`grammar`).
//! Invariant: records, their line ends and blank lines cover every byte after the byte-order mark exactly
//! once.

use std::fmt;
use std::io::{self, Read};
use std::str;

use memchr::{memchr, memchr_iter, memchr3};

use super::grammar::shown;
use crate::diagnostic::visible;

/// The longest field, in decoded bytes: 1 MiB.
pub const MAX_FIELD_BYTES: usize = 1 << 20;
/// The largest number of fields in one record.
pub const MAX_COLUMNS: usize = 4_096;
/// The largest file, in bytes: offsets are held in 32 bits (12 bytes per record).
pub const MAX_FILE_BYTES: u64 = u32::MAX as u64;
/// The largest number of physical lines in one file.
pub const MAX_LINES: u64 = (1 << 31) - 1;
/// How many problems of one file are listed; a closing entry `more-problems` says that there are others.
pub const MAX_PROBLEMS: usize = 100;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The two bytes that structure a file: ASCII, no line end, no NUL, not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    delimiter: u8,
    quote: u8,
}

impl Marks {
    /// Those of the canonical files: comma and double quote.
    pub const COMMA: Marks = Marks { delimiter: b',', quote: b'"' };

    /// The byte between two fields and the one around a field that holds it; `None` where they cannot be.
    pub fn new(delimiter: u8, quote: u8) -> Option<Marks> {
        let is_mark = |byte: u8| byte.is_ascii() && !matches!(byte, 0 | b'\n' | b'\r');
        (is_mark(delimiter) && is_mark(quote) && delimiter != quote).then_some(Marks { delimiter, quote })
    }

    /// The byte between two fields.
    pub fn delimiter(self) -> u8 {
        self.delimiter
    }

    /// The byte around a field that holds a delimiter.
    pub fn quote(self) -> u8 {
        self.quote
    }
}

/// One reason why a file cannot be read, with its place and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanError {
    /// Kebab-case code, stable: `quote-unclosed`, `text-after-quote`, `invalid-utf8`, `nul-byte`,
    /// `field-too-long`, `too-many-columns`, `utf16`, `not-text`, `file-too-large`, `too-many-lines`,
    /// `more-problems`.
    pub code: &'static str,
    /// Physical line, 1-based. For an unclosed quote the line where it opened.
    pub line: u64,
    /// Number of the field in its record, 1-based; 1 where the problem is the whole file.
    pub column: usize,
    /// The offending text, escaped and cut at 80 characters; empty where there is none to show.
    pub value: String,
    /// The violated fact, a lowercase fragment without full stop.
    pub message: String,
    /// The next action.
    pub help: String,
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ScanError {}

/// Where one record is: 12 bytes, so that five million records take 60 MB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
    /// The physical line times two, plus one if a field of the record is quoted.
    line_and_quoted: u32,
}

impl Span {
    fn line(self) -> u32 {
        self.line_and_quoted >> 1
    }

    fn is_quoted(self) -> bool {
        self.line_and_quoted & 1 == 1
    }

    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Where the records of one file are that was read without a problem. It holds no text: whoever holds the file hands
/// its text in.
#[derive(Debug, Clone)]
pub struct Scan {
    spans: Vec<Span>,
    blank_lines: u64,
    marks: Marks,
}

/// Finds every record of a file.
///
/// Shape: records in file order, the header among them; a physical line without any byte is counted as blank
/// and is not a record. A UTF-8 byte-order mark is skipped; the last line needs no line end.
/// Units: physical lines, 1-based; CRLF, LF and a lone CR each end one, blank lines and lines inside quotes
/// count.
/// Source: `spec/reliability.md` section 6, R1 to R3; RFC 4180. A quote inside an unquoted field is text
/// (inch marks).
///
/// # Errors
/// All problems of the file in file order, at most [`MAX_PROBLEMS`] and a closing `more-problems`:
/// - `quote-unclosed`: a quoted field never ends; everything behind it is part of it, so nothing more is
///   found there.
/// - `text-after-quote`: a quoted field goes on behind its closing quote.
/// - `invalid-utf8`, `nul-byte`: a field holds such a byte (the first of each field is listed).
/// - `field-too-long`, `too-many-columns`: over [`MAX_FIELD_BYTES`] or [`MAX_COLUMNS`].
/// - `utf16`, `not-text`, `file-too-large`, `too-many-lines`: the file as a whole cannot be read.
pub fn scan(bytes: &[u8], marks: Marks) -> Result<Scan, Vec<ScanError>> {
    if let Some(problem) = refuse_whole_file(bytes) {
        return Err(vec![problem]);
    }
    let bounds = bounds(bytes, marks);
    // Three vectorized passes cost less than one that looks at each byte: 0.35 of plain `csv` together.
    match str::from_utf8(bytes) {
        Ok(_) if bounds.faults.is_empty() && memchr(0, bytes).is_none() => {
            Ok(Scan { spans: bounds.spans, blank_lines: bounds.blank_lines, marks })
        }
        Ok(_) | Err(_) => Err(problems(bytes, marks, bounds)),
    }
}

/// Line and field of a byte, both 1-based; `(0, 0)` where it is in no record.
pub(crate) fn place_of(bytes: &[u8], marks: Marks, at: usize) -> (u64, usize) {
    let found = place(bytes, &bounds(bytes, marks).spans, marks, at, Fault::Nul);
    found.map_or((0, 0), |found| (found.line, found.column))
}

impl Scan {
    /// How many records there are, the header included.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether the file holds no record at all, not even a header.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// How many physical lines held no byte.
    pub fn blank_lines(&self) -> u64 {
        self.blank_lines
    }

    /// The physical line where the record starts, or `None` past the last record.
    pub fn line(&self, index: usize) -> Option<u32> {
        Some(self.spans.get(index)?.line())
    }

    /// The byte range of the record in the file, without its line end, or `None` past the last record.
    pub fn range(&self, index: usize) -> Option<std::ops::Range<usize>> {
        Some(self.spans.get(index)?.range())
    }

    /// The record as it was received, without its line end, or `None` past the last record.
    pub fn raw<'a>(&self, text: &'a str, index: usize) -> Option<&'a str> {
        text.get(self.range(index)?)
    }

    /// Whether a field of the record is quoted, or `None` past the last record.
    pub fn is_quoted(&self, index: usize) -> Option<bool> {
        Some(self.spans.get(index)?.is_quoted())
    }

    /// A reader of rows with buffers of its own. Each thread takes one and reads any records, in any order.
    pub fn decoder<'a>(&'a self, text: &'a str) -> Decoder<'a> {
        Decoder::new(self, text)
    }
}

/// Decodes records into fields, one at a time, reusing its buffers.
///
/// Fields are slices of the file wherever their bytes are their content, quoted or not. A record with a
/// doubled quote has something to decode; it goes through one long-lived `csv::Reader`. Measured on 200 MB as
/// a multiple of plain `csv` byte records, scan and fields together: 0.8 without quotes, 1.8 with every field
/// quoted; with quoted records through `csv`, 0.8 and 2.1. A fresh `csv::Reader` per record would allocate
/// each time, and would swallow U+FEFF at the start of any record as a byte-order mark.
pub struct Decoder<'s> {
    text: &'s str,
    spans: &'s [Span],
    marks: Marks,
    bounds: Vec<(u32, u32)>,
    reader: csv::Reader<Feed<'s>>,
    record: csv::StringRecord,
}

impl fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("records", &self.spans.len()).finish_non_exhaustive()
    }
}

impl<'s> Decoder<'s> {
    fn new(scan: &'s Scan, text: &'s str) -> Self {
        let mut decoder = Decoder {
            text,
            spans: &scan.spans,
            marks: scan.marks,
            bounds: Vec::new(),
            reader: csv::ReaderBuilder::new()
                .delimiter(scan.marks.delimiter)
                .quote(scan.marks.quote)
                .has_headers(false)
                .flexible(true)
                .buffer_capacity(4_096)
                .from_reader(Feed::default()),
            record: csv::StringRecord::new(),
        };
        // `csv` skips a byte-order mark in front of the first bytes it ever sees; ours is already skipped,
        // and a U+FEFF in a cell is content. So its first record is one of ours, without a quote.
        decoder.decode(if scan.marks.quote == b't' { "-" } else { "tieout" });
        decoder
    }

    /// The record with this index (0 is the header), or `None` past the last one.
    pub fn row(&mut self, index: usize) -> Option<Row<'_>> {
        let span = *self.spans.get(index)?;
        let raw = self.text.get(span.range())?;
        let bytes = raw.as_bytes();
        let fields = if !span.is_quoted() {
            split(bytes, self.marks.delimiter, &mut self.bounds);
            Fields::Split(&self.bounds)
        } else if split_quoted(bytes, self.marks, &mut self.bounds) {
            Fields::Split(&self.bounds)
        } else {
            self.decode(raw);
            Fields::Decoded(&self.record)
        };
        Some(Row { line: span.line(), raw, fields })
    }

    fn decode(&mut self, raw: &'s str) {
        let before = self.reader.position().byte();
        *self.reader.get_mut() = Feed { rest: raw.as_bytes(), ended: false };
        let is_record = self.reader.read_record(&mut self.record);
        let consumed = self.reader.position().byte() - before;
        // Both sides must agree where the record ends, or amounts would move from one row to another.
        assert!(
            matches!(is_record, Ok(true)) && consumed == raw.len() as u64 + 1,
            "bug: scan and csv disagree on the record {}",
            shown(raw)
        );
    }
}

const LOW_BITS: u64 = 0x7F7F_7F7F_7F7F_7F7F;
const ONES: u64 = 0x0101_0101_0101_0101;

/// Eight bytes as one number, the first the lowest.
#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The top bit of each byte of `word` that equals `byte`, and no other bit.
#[inline]
fn matches_in(word: u64, byte: u8) -> u64 {
    let differs = word ^ (ONES * u64::from(byte));
    !(((differs & LOW_BITS) + LOW_BITS) | differs | LOW_BITS)
}

/// Writes over `fields` where each field of an unquoted record is. Fields are short (8 bytes), so eight bytes
/// at a time are twice as fast as one `memchr` per field.
fn split(record: &[u8], delimiter: u8, fields: &mut Vec<(u32, u32)>) {
    fields.clear();
    let mut start = 0;
    let mut at = 0;
    // Offsets fit in 32 bits: the whole file does.
    while let Some(word) = word(record, at) {
        let mut found = matches_in(word, delimiter);
        while found != 0 {
            let end = at as u32 + found.trailing_zeros() / 8;
            fields.push((start, end));
            start = end + 1;
            found &= found - 1;
        }
        at += 8;
    }
    for (offset, &byte) in record.get(at..).unwrap_or_default().iter().enumerate() {
        if byte == delimiter {
            let end = (at + offset) as u32;
            fields.push((start, end));
            start = end + 1;
        }
    }
    fields.push((start, record.len() as u32));
}

/// The same for a record with quotes, or `false` if one is doubled: then there is something to decode.
fn split_quoted(record: &[u8], marks: Marks, fields: &mut Vec<(u32, u32)>) -> bool {
    let Marks { delimiter, quote } = marks;
    fields.clear();
    let mut start = 0;
    loop {
        let after;
        if record.get(start) == Some(&quote) {
            let close = find(record, start + 1, [quote; 3]);
            after = close + 1;
            fields.push((start as u32 + 1, close as u32));
        } else {
            after = find(record, start, [delimiter; 3]);
            fields.push((start as u32, after as u32));
        }
        match record.get(after) {
            None => return true,
            Some(&byte) if byte == delimiter => start = after + 1,
            Some(_) => return false,
        }
    }
}

/// Finds the next of three bytes at or after `from`, or the end. Tuned for a hit within a few words.
#[inline]
fn find(bytes: &[u8], from: usize, [first, second, third]: [u8; 3]) -> usize {
    let mut at = from;
    for _ in 0..4 {
        let Some(word) = word(bytes, at) else { break };
        let found = matches_in(word, first) | matches_in(word, second) | matches_in(word, third);
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    memchr3(first, second, third, bytes.get(at..).unwrap_or_default())
        .map_or(bytes.len(), |offset| at + offset)
}

/// Hands one record at a time to the `csv` reader, each followed by one LF, so that the reader never sees an
/// end.
#[derive(Debug, Default)]
struct Feed<'s> {
    rest: &'s [u8],
    ended: bool,
}

impl Read for Feed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.rest.len().min(out.len());
        let (now, later) = self.rest.split_at(length);
        out[..length].copy_from_slice(now);
        self.rest = later;
        match out.get_mut(length) {
            Some(byte) if !self.ended => {
                *byte = b'\n';
                self.ended = true;
                Ok(length + 1)
            }
            Some(_) | None => Ok(length),
        }
    }
}

/// One record: its line and its decoded fields. It lives until the decoder reads the next one.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    line: u32,
    raw: &'r str,
    fields: Fields<'r>,
}

#[derive(Debug, Clone, Copy)]
enum Fields<'r> {
    /// Where each field is in the raw text.
    Split(&'r [(u32, u32)]),
    /// What `csv` made of the record.
    Decoded(&'r csv::StringRecord),
}

impl<'r> Row<'r> {
    /// The physical line where the record starts.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The record as it was received, without its line end.
    pub fn raw(&self) -> &'r str {
        self.raw
    }

    /// How many fields there are; never 0.
    #[expect(clippy::len_without_is_empty, reason = "a record has at least one field")]
    pub fn len(&self) -> usize {
        match self.fields {
            Fields::Split(bounds) => bounds.len(),
            Fields::Decoded(record) => record.len(),
        }
    }

    /// The decoded field at this 0-based index, untrimmed, or `None` if the row is shorter.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'r str> {
        match self.fields {
            Fields::Split(bounds) => {
                let &(start, end) = bounds.get(index)?;
                self.raw.get(start as usize..end as usize)
            }
            Fields::Decoded(record) => record.get(index),
        }
    }

    /// The decoded fields in order.
    pub fn iter(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        let row = *self;
        (0..row.len()).map_while(move |index| row.get(index))
    }

    /// Whether every field is empty or holds only white space, such as `,,,,`: a blank row, not a short one.
    pub fn is_blank(&self) -> bool {
        self.iter().all(|field| field.trim().is_empty())
    }
}

/// What is wrong with one field, before it is put in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    QuoteUnclosed,
    /// The line is the one where the quote opened.
    TextAfterQuote {
        opened: u64,
    },
    FieldTooLong {
        length: usize,
    },
    TooManyColumns,
    InvalidUtf8 {
        byte: u8,
        position: usize,
    },
    Nul,
}

/// A fault and its place: the first byte concerned, its line, the field's number and the field's bytes.
#[derive(Debug, Clone)]
struct Found {
    fault: Fault,
    at: usize,
    line: u64,
    column: usize,
    field: std::ops::Range<usize>,
}

/// What one pass over the structure of the file finds; nothing here depends on the bytes being UTF-8.
struct Bounds {
    spans: Vec<Span>,
    blank_lines: u64,
    /// In file order, cut at one more than are listed.
    faults: Vec<Found>,
    line_ends: u64,
}

fn bounds(bytes: &[u8], marks: Marks) -> Bounds {
    let mut at = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
    let mut line = 1;
    let mut found = Bounds { spans: Vec::new(), blank_lines: 0, faults: Vec::new(), line_ends: 0 };
    while at < bytes.len() {
        let next = memchr3(b'\n', b'\r', marks.quote, &bytes[at..]).map_or(bytes.len(), |offset| at + offset);
        // Without a quote, and too short to break a limit (4,095 delimiters make 4,096 fields), a record has
        // no faults.
        let simple = bytes.get(next) != Some(&marks.quote) && next - at < MAX_COLUMNS;
        let (end, end_line, quoted) = if simple {
            (next, line, false)
        } else {
            let faults = &mut found.faults;
            let walked = walk(bytes, at, line, marks, |field| judge(&field, faults));
            (walked.end, walked.line, walked.quoted)
        };
        if end == at {
            found.blank_lines += 1;
        } else {
            // Both fit: a file over 4 GiB was refused before, one with too many lines will be.
            let line_and_quoted = (line as u32) << 1 | u32::from(quoted);
            found.spans.push(Span { start: at as u32, end: end as u32, line_and_quoted });
        }
        line = end_line;
        let terminator = line_end(bytes, end);
        if terminator > 0 {
            line += 1;
        }
        at = end + terminator;
    }
    found.spans.shrink_to_fit();
    found.line_ends = line - 1;
    found
}

/// How many bytes the line end at this place has: 2 for CRLF, 1 for LF or CR, 0 at the end of the file.
#[inline]
fn line_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => 2,
        Some(b'\n' | b'\r') => 1,
        Some(_) | None => 0,
    }
}

/// One field as the walk over its record sees it.
struct Walk {
    number: usize,
    /// The field in the file, quotes included.
    start: usize,
    end: usize,
    /// The line where the field starts.
    line: u64,
    /// Decoded length in bytes.
    length: usize,
    /// What is wrong with its quotes, from which byte on, and the line of that byte.
    fault: Option<(Fault, usize, u64)>,
}

struct Walked {
    end: usize,
    line: u64,
    quoted: bool,
}

/// Walks one record field by field, from its first byte to the line end that is not inside quotes.
#[inline]
fn walk(bytes: &[u8], start: usize, line: u64, marks: Marks, mut visit: impl FnMut(Walk)) -> Walked {
    let delimiter = marks.delimiter;
    let mut start = start;
    let mut line = line;
    let mut quoted = false;
    let mut number = 1;
    loop {
        let opened = line;
        let mut fault = None;
        let length;
        let end;
        if bytes.get(start) == Some(&marks.quote) {
            quoted = true;
            let content = content(bytes, start + 1, marks.quote);
            line += content.lines;
            if let Some(close) = content.close {
                end = field_end(bytes, close + 1, delimiter);
                // Without both quotes, and each doubled one once.
                length = end - start - 2 - content.doubled;
                if end > close + 1 {
                    fault = Some((Fault::TextAfterQuote { opened }, close + 1, line));
                }
            } else {
                end = bytes.len();
                length = end - start - 1 - content.doubled;
                fault = Some((Fault::QuoteUnclosed, start, opened));
            }
        } else {
            end = field_end(bytes, start, delimiter);
            length = end - start;
        }
        visit(Walk { number, start, end, line: opened, length, fault });
        if bytes.get(end) != Some(&delimiter) {
            return Walked { end, line, quoted };
        }
        start = end + 1;
        number += 1;
    }
}

/// The end of an unquoted field: the next delimiter or line end.
fn field_end(bytes: &[u8], at: usize, delimiter: u8) -> usize {
    if bytes.get(at) == Some(&delimiter) { at } else { find(bytes, at, [delimiter, b'\n', b'\r']) }
}

struct Content {
    /// Where the closing quote is; `None` if the file ends first.
    close: Option<usize>,
    /// How many doubled quotes stand for one.
    doubled: usize,
    /// How many line ends are inside.
    lines: u64,
}

#[inline]
fn content(bytes: &[u8], start: usize, quote: u8) -> Content {
    let mut found = Content { close: None, doubled: 0, lines: 0 };
    let mut at = start;
    loop {
        let here = find(bytes, at, [quote, b'\n', b'\r']);
        match bytes.get(here) {
            None => return found,
            Some(&byte) if byte == quote && bytes.get(here + 1) == Some(&byte) => {
                found.doubled += 1;
                at = here + 2;
            }
            Some(&byte) if byte == quote => {
                found.close = Some(here);
                return found;
            }
            Some(_) => {
                found.lines += 1;
                at = here + line_end(bytes, here);
            }
        }
    }
}

#[inline]
fn judge(field: &Walk, faults: &mut Vec<Found>) {
    if field.fault.is_some() || field.length > MAX_FIELD_BYTES || field.number == MAX_COLUMNS + 1 {
        note(field, faults);
    }
}

#[cold]
fn note(field: &Walk, faults: &mut Vec<Found>) {
    let too_many =
        (field.number == MAX_COLUMNS + 1).then_some((Fault::TooManyColumns, field.start, field.line));
    let length = field.length;
    let too_long =
        (length > MAX_FIELD_BYTES).then_some((Fault::FieldTooLong { length }, field.start, field.line));
    for (fault, at, line) in [too_many, too_long, field.fault].into_iter().flatten() {
        if faults.len() <= MAX_PROBLEMS {
            faults.push(Found { fault, at, line, column: field.number, field: field.start..field.end });
        }
    }
}

/// A problem of the file as a whole.
fn whole_file(code: &'static str, message: String, help: &str) -> ScanError {
    let help = help.to_owned();
    ScanError { code, line: 1, column: 1, value: String::new(), message, help }
}

/// What makes the file as a whole unreadable, so that listing its cells would only confuse.
fn refuse_whole_file(bytes: &[u8]) -> Option<ScanError> {
    let utf16_help = "save the file as UTF-8 (in Excel: Save As, \"CSV UTF-8\") and build again";
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        let mark = if bytes[0] == 0xFF { "FF FE" } else { "FE FF" };
        let message = format!("the file is UTF-16, not UTF-8: it starts with the byte-order mark {mark}");
        return Some(whole_file("utf16", message, utf16_help));
    }
    if let [first, second, third, fourth, ..] = *bytes {
        let little = first != 0 && second == 0 && third != 0 && fourth == 0;
        let big = first == 0 && second != 0 && third == 0 && fourth != 0;
        if little || big {
            let message = "the file looks like UTF-16, not UTF-8: every second byte is zero".to_owned();
            return Some(whole_file("utf16", message, utf16_help));
        }
    }
    if let Some(problem) = refuse_binary(bytes) {
        return Some(problem);
    }
    if is_too_large(bytes.len()) {
        let message = format!("the file has {} bytes, more than {MAX_FILE_BYTES}", bytes.len());
        return Some(whole_file("file-too-large", message, "export fewer periods per file and build again"));
    }
    None
}

/// What begins like a file that is not text at all.
pub(crate) fn refuse_binary(bytes: &[u8]) -> Option<ScanError> {
    let signatures: [(&[u8], &str); 5] = [
        (b"PK\x03\x04", "a zip archive or an Excel workbook (XLSX)"),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook (XLS)"),
        (b"\x1F\x8B", "compressed with gzip"),
        (b"PAR1", "a Parquet file"),
        (b"%PDF-", "a PDF document"),
    ];
    let (_, name) = signatures.iter().find(|(signature, _)| bytes.starts_with(signature))?;
    let help = "unpack it, or export it as comma-separated text in UTF-8, and build again";
    Some(whole_file("not-text", format!("the file is not text: it is {name}"), help))
}

fn is_too_large(length: usize) -> bool {
    length as u64 > MAX_FILE_BYTES
}

/// Puts every fault in words, in file order. Called once a file is known to be refused.
fn problems(bytes: &[u8], marks: Marks, bounds: Bounds) -> Vec<ScanError> {
    let Bounds { spans, faults: mut found, line_ends, blank_lines: _ } = bounds;
    let invalid = invalid_bytes(bytes);
    let nul = memchr_iter(0, bytes).map(|at| (at, Fault::Nul));
    found.extend(place_all(bytes, &spans, marks, invalid));
    found.extend(place_all(bytes, &spans, marks, nul));
    found.sort_by_key(|found| (found.at, found.column));
    let mut listed: Vec<ScanError> =
        found.iter().take(MAX_PROBLEMS).map(|found| describe(bytes, marks, found)).collect();
    if let Some(next) = found.get(MAX_PROBLEMS) {
        listed.push(ScanError {
            code: "more-problems",
            line: next.line,
            column: next.column,
            value: String::new(),
            message: format!("more problems follow; only the first {MAX_PROBLEMS} are listed"),
            help: "correct the ones listed, or the export that made them, and build again".to_owned(),
        });
    }
    if line_ends >= MAX_LINES {
        listed.push(ScanError {
            code: "too-many-lines",
            line: MAX_LINES,
            column: 1,
            value: String::new(),
            message: format!("the file has more than {MAX_LINES} lines"),
            help: "export fewer periods per file and build again".to_owned(),
        });
    }
    listed
}

fn invalid_bytes(bytes: &[u8]) -> impl Iterator<Item = (usize, Fault)> {
    let mut at = 0;
    bytes.utf8_chunks().filter_map(move |chunk| {
        let bad = at + chunk.valid().len();
        at = bad + chunk.invalid().len();
        let byte = *chunk.invalid().first()?;
        Some((bad, Fault::InvalidUtf8 { byte, position: 0 }))
    })
}

/// Finds line and field of each offset (ascending), the first of each field, up to one more than are listed.
fn place_all(
    bytes: &[u8],
    spans: &[Span],
    marks: Marks,
    offsets: impl Iterator<Item = (usize, Fault)>,
) -> Vec<Found> {
    let mut placed: Vec<Found> = Vec::new();
    for (at, fault) in offsets {
        if placed.last().is_some_and(|last| at < last.field.end) {
            continue;
        }
        if placed.len() > MAX_PROBLEMS {
            break;
        }
        placed.extend(place(bytes, spans, marks, at, fault));
    }
    placed
}

fn place(bytes: &[u8], spans: &[Span], marks: Marks, at: usize, fault: Fault) -> Option<Found> {
    let after = spans.partition_point(|span| span.start as usize <= at);
    let span = spans.get(after.checked_sub(1)?)?;
    let mut placed = None;
    walk(bytes, span.start as usize, u64::from(span.line()), marks, |field| {
        if (field.start..field.end).contains(&at) {
            let line = field.line + line_ends_in(&bytes[field.start..at]);
            let fault = match fault {
                Fault::InvalidUtf8 { byte, position: _ } => {
                    Fault::InvalidUtf8 { byte, position: at - field.start + 1 }
                }
                Fault::QuoteUnclosed
                | Fault::TextAfterQuote { .. }
                | Fault::FieldTooLong { .. }
                | Fault::TooManyColumns
                | Fault::Nul => fault,
            };
            placed = Some(Found { fault, at, line, column: field.number, field: field.start..field.end });
        }
    });
    placed
}

fn line_ends_in(bytes: &[u8]) -> u64 {
    let mut count = 0;
    let mut at = 0;
    while at < bytes.len() {
        let terminator = line_end(bytes, at);
        count += u64::from(terminator > 0);
        at += terminator.max(1);
    }
    count
}

fn describe(bytes: &[u8], marks: Marks, found: &Found) -> ScanError {
    let twice = format!(
        "write a quote inside a quoted field twice ({0}{0}), or remove what follows the closing quote",
        char::from(marks.quote)
    );
    let field = &bytes[found.field.clone()];
    let value = lossless(field);
    let shown_value = shown(&value);
    let column = found.column;
    let (code, message, help) = match found.fault {
        Fault::QuoteUnclosed => (
            "quote-unclosed",
            format!("the quote that opens field {column} is never closed: {shown_value}"),
            "close the quote on this line, or remove it (a quote inside a quoted field is written twice)",
        ),
        Fault::TextAfterQuote { opened } => {
            let elsewhere = if opened == found.line {
                String::new()
            } else {
                format!(" (the quote opened on line {opened})")
            };
            let rest = shown(&lossless(&bytes[found.at..found.field.end]));
            (
                "text-after-quote",
                format!(
                    "field {column} goes on after its closing quote with {rest}: {shown_value}{elsewhere}"
                ),
                &*twice,
            )
        }
        Fault::FieldTooLong { length } => (
            "field-too-long",
            format!("field {column} has {length} bytes, more than {MAX_FIELD_BYTES}: {shown_value}"),
            "look for a missing closing quote on this line, or shorten the cell",
        ),
        Fault::TooManyColumns => (
            "too-many-columns",
            format!("the row has more than {MAX_COLUMNS} fields"),
            "check the delimiter and the line ends of this file, then export it again",
        ),
        Fault::InvalidUtf8 { byte, position } => (
            "invalid-utf8",
            format!("field {column} is not UTF-8: byte 0x{byte:02X} at byte {position} of {shown_value}"),
            "export the file as UTF-8 (in Excel: Save As, \"CSV UTF-8\") and build again; under a name that is not canonical a \
             [[source]] reads it as it is, with encoding = \"gb18030\" and the like: `tieout map FILE --encoding gb18030`",
        ),
        Fault::Nul => (
            "nul-byte",
            format!("field {column} holds a NUL byte: {shown_value}"),
            "the file is damaged or was not copied completely; export or copy it again",
        ),
    };
    let value = visible(&value);
    ScanError { code, line: found.line, column, value, message, help: help.to_owned() }
}

/// The bytes as text, those that are not UTF-8 as `\xE9`; only as much as can be shown.
fn lossless(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(400)];
    let mut text = String::new();
    let mut chunks = head.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        text.push_str(chunk.valid());
        // A character that only our cut made incomplete is left out.
        if chunks.peek().is_none() && head.len() < bytes.len() {
            break;
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMA: Marks = Marks { delimiter: b',', quote: b'"' };

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    /// Each record as `line: field|field`, or each problem as `code line:column`.
    fn summary(bytes: &[u8]) -> Vec<String> {
        match scan(bytes, Marks::COMMA) {
            Ok(scan) => {
                let mut decoder = scan.decoder(text(bytes));
                let mut rows = Vec::new();
                for index in 0..scan.len() {
                    let row = decoder.row(index).unwrap();
                    rows.push(format!("{}: {}", row.line(), row.iter().collect::<Vec<_>>().join("|")));
                }
                rows
            }
            Err(problems) => problems
                .iter()
                .map(|problem| format!("{} {}:{}", problem.code, problem.line, problem.column))
                .collect(),
        }
    }

    fn check(bytes: &[u8], expected: &[&str]) {
        assert_eq!(summary(bytes), expected, "input {:?}", bytes.escape_ascii().to_string());
    }

    #[test]
    fn records_and_their_physical_lines() {
        check(b"", &[]);
        check(b"\xEF\xBB\xBF", &[]);
        check(b"\n\r\n\r", &[]);
        check(b"a,b\n1,2\n", &["1: a|b", "2: 1|2"]);
        check(b"a,b\n1,2", &["1: a|b", "2: 1|2"]);
        check(b"a,b\r\n1,2\r\n", &["1: a|b", "2: 1|2"]);
        check(b"a,b\r1,2\r", &["1: a|b", "2: 1|2"]);
        check(b"a\rb\nc\r\nd\n\re", &["1: a", "2: b", "3: c", "4: d", "6: e"]);
        check(b"\xEF\xBB\xBFa,b\n", &["1: a|b"]);
        check(b"\xEF\xBB\xBF\"a\",b\n", &["1: a|b"]);
        check(b"\xEF\xBB\xBF\xEF\xBB\xBF\"a\"\n", &["1: \u{feff}\"a\""]);
        check(b"a\n\xEF\xBB\xBF\"b\",\"c\"\n", &["1: a", "2: \u{feff}\"b\"|c"]);
        check(b"a\n\n\nb\n", &["1: a", "4: b"]);
        check(b"a\r\n\r\nb\r\n", &["1: a", "3: b"]);
        check(b"a\n\"x\r\ny\rz\n\"\nb", &["1: a", "2: x\r\ny\rz\n", "6: b"]);
        check(b"a,\n,\n", &["1: a|", "2: |"]);
        check(b"\"\"\n", &["1: "]);
        check(b" \n", &["1:  "]);
        check(b"\"a\"\"b\",\"\"\"\"", &["1: a\"b|\""]);
        check("Größe,名\n".as_bytes(), &["1: Größe|名"]);
    }

    #[test]
    fn quotes_inside_an_unquoted_field_are_text() {
        check(b"19\" rack,a\"b\"\"c, \"x\"\n", &["1: 19\" rack|a\"b\"\"c| \"x\""]);
        check(b"19\" rack,\"x\"\n", &["1: 19\" rack|x"]);
    }

    #[test]
    fn refusals_name_code_line_and_field() {
        check(b"a,b\n1,\"x\n2,y\n", &["quote-unclosed 2:2"]);
        check(b"a\n\"\"\"", &["quote-unclosed 2:1"]);
        check(b"a\n\"x\"y,2\n", &["text-after-quote 2:1"]);
        check(b"a\n1,\"x\" ,2\n", &["text-after-quote 2:2"]);
        check(b"a\n\"x\r\nz\"y\n", &["text-after-quote 3:1"]);
        check(
            b"a\n\"x\"y\n1,2,\"z\"\"\"u,\"\n",
            &["text-after-quote 2:1", "text-after-quote 3:3", "quote-unclosed 3:4"],
        );
        check(b"a,b\r\n1,caf\xE9\r\n", &["invalid-utf8 2:2"]);
        check(
            b"\"a\r\n\xE9\",\xC3\n\xFF,\xFE\xFE",
            &["invalid-utf8 2:1", "invalid-utf8 2:2", "invalid-utf8 3:1", "invalid-utf8 3:2"],
        );
        check(b"abc\n1,\0\n", &["nul-byte 2:2"]);
        check(b"abc\n\xE9\0,\"\n", &["invalid-utf8 2:1", "nul-byte 2:1", "quote-unclosed 2:2"]);
        check(b"\xFF\xFEa\0", &["utf16 1:1"]);
        check(b"\xFE\xFF\0a", &["utf16 1:1"]);
        check(b"a\0b\0", &["utf16 1:1"]);
        check(b"\0a\0b", &["utf16 1:1"]);
        check(b"a\0bc", &["nul-byte 1:1"]);
        check(b"PK\x03\x04...", &["not-text 1:1"]);
        check(b"PK,x\n", &["1: PK|x"]);
    }

    #[test]
    fn messages_carry_the_value_and_the_way_out() {
        let message = |bytes: &[u8]| scan(bytes, Marks::COMMA).unwrap_err()[0].message.clone();
        assert_eq!(message(b"a\n1,caf\xE9\n"), "field 2 is not UTF-8: byte 0xE9 at byte 4 of `caf\\xE9`");
        assert_eq!(
            message(b"a\n\"x\nz\"y\n"),
            "field 1 goes on after its closing quote with `y`: `\"x\\u{a}z\"y` (the quote opened on line 2)"
        );
        assert_eq!(message(b"a\n\"x,1\n2"), "the quote that opens field 1 is never closed: `\"x,1\\u{a}2`");
        assert_eq!(message(b"abc\0"), "field 1 holds a NUL byte: `abc\\u{0}`");
        assert!(message(b"\xFF\xFEa\0").contains("UTF-16"));
        let problem = &scan(b"a\n\"x\"\xE4\n", Marks::COMMA).unwrap_err()[0];
        assert_eq!(problem.value, "\"x\"\\xE4");
        assert!(problem.help.contains("twice"));
    }

    #[test]
    fn limits_hold_on_both_sides() {
        let long = |length: usize| format!("a,b\n1,{}\n", "x".repeat(length));
        assert_eq!(summary(long(MAX_FIELD_BYTES).as_bytes()).len(), 2);
        check(long(MAX_FIELD_BYTES + 1).as_bytes(), &["field-too-long 2:2"]);
        let quoted = |pairs: usize| format!("a\n\"{}\"\n", "\"\"".repeat(pairs));
        assert_eq!(summary(quoted(MAX_FIELD_BYTES).as_bytes()).len(), 2);
        check(quoted(MAX_FIELD_BYTES + 1).as_bytes(), &["field-too-long 2:1"]);
        let wide = |fields: usize| format!("a\n{}\n", ",".repeat(fields - 1));
        assert_eq!(summary(wide(MAX_COLUMNS).as_bytes()).len(), 2);
        check(wide(MAX_COLUMNS + 1).as_bytes(), &["too-many-columns 2:4097"]);
        assert!(!is_too_large(u32::MAX as usize) && is_too_large(u32::MAX as usize + 1));
    }

    #[test]
    fn a_long_list_of_problems_is_cut_and_says_so() {
        for (count, listed) in [(100, 100), (101, 101), (5_000, 101)] {
            for line in ["\"x\"y\n", "\u{e9}\n"] {
                // One byte per character turns é into a lone 0xE9.
                let bytes: Vec<u8> = line.repeat(count).chars().map(|c| c as u8).collect();
                let problems = scan(&bytes, Marks::COMMA).unwrap_err();
                assert_eq!(problems.len(), listed);
                assert_eq!(problems[99].line, 100);
                assert_eq!(problems.last().unwrap().code == "more-problems", count > 100);
            }
        }
    }

    #[test]
    fn other_delimiters_and_blank_rows() {
        let file = b"a;b\n1,5;\"x;y\"\n;\n\n ; \n";
        let scan = scan(file, Marks::new(b';', b'"').unwrap()).unwrap();
        let mut decoder = scan.decoder(text(file));
        assert_eq!(decoder.row(1).unwrap().iter().collect::<Vec<_>>(), ["1,5", "x;y"]);
        assert_eq!(decoder.row(0).unwrap().iter().collect::<Vec<_>>(), ["a", "b"]);
        assert!(!decoder.row(0).unwrap().is_blank());
        assert!(decoder.row(2).unwrap().is_blank() && decoder.row(3).unwrap().is_blank());
        assert!(decoder.row(4).is_none());
        assert_eq!(decoder.row(0).unwrap().get(2), None);
        assert_eq!(
            (scan.len(), scan.blank_lines(), scan.line(3), scan.raw(text(file), 1)),
            (4, 1, Some(5), Some("1,5;\"x;y\""))
        );
        assert_eq!(
            (scan.is_quoted(0), scan.is_quoted(1), scan.range(0)),
            (Some(false), Some(true), Some(0..3))
        );
        for delimiter in [b'\t', b'|'] {
            let byte = char::from(delimiter);
            let file = format!("a{byte}\"b{byte}\"\n");
            let scan = super::scan(file.as_bytes(), Marks::new(delimiter, b'"').unwrap()).unwrap();
            assert_eq!(scan.decoder(&file).row(0).unwrap().get(1), Some(&*format!("b{byte}")));
        }
    }

    #[test]
    fn a_quoted_record_longer_than_the_buffer_decodes() {
        let long = "ab\"\"\n".repeat(50_000);
        let file = format!("\"{long}\",2\n\"3\",4\n");
        let scan = scan(file.as_bytes(), Marks::COMMA).unwrap();
        let mut decoder = scan.decoder(&file);
        assert_eq!(decoder.row(0).unwrap().get(0).unwrap(), long.replace("\"\"", "\""));
        assert_eq!(decoder.row(0).unwrap().get(1), Some("2"));
        assert_eq!(decoder.row(1).unwrap().iter().collect::<Vec<_>>(), ["3", "4"]);
        assert_eq!(scan.line(1), Some(50_002));
    }

    /// Reads byte by byte with a table of states, as slowly and plainly as possible: starts, ends, lines,
    /// faults.
    #[derive(Debug, Default, PartialEq)]
    struct Plain {
        records: Vec<(usize, usize, u64, bool)>,
        blank_lines: u64,
        faults: Vec<(&'static str, u64, usize)>,
    }

    fn read_plainly(bytes: &[u8], from: usize) -> Plain {
        let mut plain = Plain::default();
        let (mut start, mut start_line, mut line, mut column, mut quoted) = (from, 1, 1, 1, false);
        // s: start of a field, u: unquoted, q: in quotes, c: a quote was seen in quotes, x: text after a
        // quote
        let mut state = 's';
        let mut opened = (0, 0);
        let mut at = from;
        while at < bytes.len() {
            let crlf = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
            let newline = bytes[at] == b'\n' || bytes[at] == b'\r';
            let step = if crlf { 2 } else { 1 };
            if state == 'q' {
                if bytes[at] == b'"' {
                    state = 'c';
                }
                if newline {
                    line += 1;
                }
                at += step;
                continue;
            }
            if newline {
                if at == start {
                    plain.blank_lines += 1;
                } else {
                    plain.records.push((start, at, start_line, quoted));
                }
                line += 1;
                (start, start_line, column, quoted, state) = (at + step, line, 1, false, 's');
            } else if bytes[at] == b',' {
                column += 1;
                state = 's';
            } else if bytes[at] == b'"' && state == 's' {
                quoted = true;
                opened = (line, column);
                state = 'q';
            } else if bytes[at] == b'"' && state == 'c' {
                state = 'q';
            } else if state == 'c' {
                plain.faults.push(("text-after-quote", line, column));
                state = 'x';
            } else if state == 's' {
                state = 'u';
            }
            at += step;
        }
        if start < bytes.len() {
            plain.records.push((start, bytes.len(), start_line, quoted));
        }
        if state == 'q' {
            plain.faults.push(("quote-unclosed", opened.0, opened.1));
        }
        plain
    }

    fn scanned(bytes: &[u8]) -> Plain {
        let bounds = bounds(bytes, COMMA);
        let spans = bounds.spans.iter();
        Plain {
            records: spans
                .map(|span| (span.range().start, span.range().end, u64::from(span.line()), span.is_quoted()))
                .collect(),
            blank_lines: bounds.blank_lines,
            faults: bounds
                .faults
                .iter()
                .map(|f| (describe(bytes, COMMA, f).code, f.line, f.column))
                .collect(),
        }
    }

    /// Records, their line ends and blank lines cover the file once, whatever the bytes.
    fn covers(bytes: &[u8]) {
        let found = bounds(bytes, COMMA);
        let mut at = if bytes.starts_with(BOM) { 3 } else { 0 };
        let mut blank_lines = 0;
        for span in &found.spans {
            while at < span.range().start {
                let terminator = line_end(bytes, at);
                assert!(terminator > 0, "byte {at} is in no record and no line end");
                blank_lines += 1;
                at += terminator;
            }
            assert_eq!(at, span.range().start);
            assert!(span.range().end > at);
            at = span.range().end;
            let terminator = line_end(bytes, at);
            assert!(terminator > 0 || at == bytes.len());
            at += terminator;
        }
        while at < bytes.len() {
            let terminator = line_end(bytes, at);
            assert!(terminator > 0);
            blank_lines += 1;
            at += terminator;
        }
        assert_eq!(blank_lines, found.blank_lines);
    }

    fn structural_bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            4 => Just(b'"'), 3 => Just(b','), 2 => Just(b'\n'), 2 => Just(b'\r'), 4 => Just(b'a'),
            1 => any::<u8>(), 1 => Just(0xC3), 1 => Just(0xA9),
        ];
        proptest::collection::vec(byte, 0..60)
    }

    fn cell() -> impl Strategy<Value = String> {
        let character = prop_oneof![
            4 => proptest::char::range('a', 'z'), 4 => proptest::sample::select(vec!['"', ',']),
            4 => proptest::sample::select(vec!['\n', '\r']), 1 => Just('\u{feff}'), 1 => Just(' '),
            2 => any::<char>(),
        ];
        proptest::collection::vec(character, 0..12)
            .prop_map(|characters| characters.into_iter().filter(|&c| c != '\0').collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Goal: what `csv` writes comes back with the right lines. Lines are counted from the cells, not the
        /// file.
        #[test]
        fn a_written_table_comes_back(
            width in 1usize..6,
            cells in proptest::collection::vec(cell(), 1..40),
            terminator in prop_oneof![
                Just(csv::Terminator::CRLF),
                Just(csv::Terminator::Any(b'\n')),
                Just(csv::Terminator::Any(b'\r')),
            ],
            always in any::<bool>(),
            mark in any::<bool>(),
        ) {
            let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
            let table: Vec<&[String]> = cells.chunks_exact(width).collect();
            let mut writer =
                csv::WriterBuilder::new().terminator(terminator).quote_style(style).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row.iter()).unwrap();
            }
            let mut file = writer.into_inner().unwrap();
            if mark || file.starts_with(BOM) {
                file.splice(0..0, BOM.iter().copied());
            }
            // A cell that happens to begin like a packed file is refused, rightly.
            prop_assume!(refuse_whole_file(&file).is_none());
            let scan = scan(&file, Marks::COMMA).unwrap();
            prop_assert_eq!(scan.len(), table.len());
            prop_assert_eq!(scan.blank_lines(), 0);
            let mut decoder = scan.decoder(text(&file));
            let mut line = 1;
            for (index, row) in table.iter().enumerate() {
                let read = decoder.row(index).unwrap();
                prop_assert_eq!(read.len(), row.len());
                prop_assert_eq!(&read.iter().collect::<Vec<_>>(), row);
                prop_assert_eq!(read.line(), line);
                line += 1;
                for cell in row.iter() {
                    line += cell.replace("\r\n", "\n").replace('\r', "\n").matches('\n').count() as u32;
                }
            }
        }

        /// Goal: no bytes make it panic, all of them are covered, and a reader written plainly agrees.
        #[test]
        fn arbitrary_bytes_are_covered(bytes in prop_oneof![structural_bytes(), any::<Vec<u8>>()]) {
            covers(&bytes);
            let from = if bytes.starts_with(BOM) { 3 } else { 0 };
            prop_assert_eq!(scanned(&bytes), read_plainly(&bytes, from));
            // Refused exactly if there is a reason.
            let plain = read_plainly(&bytes, from);
            let clean = plain.faults.is_empty() && str::from_utf8(&bytes).is_ok() && !bytes.contains(&0);
            match scan(&bytes, Marks::COMMA) {
                Ok(_) => prop_assert!(clean),
                Err(problems) => {
                    prop_assert!(!clean || problems[0].code == "not-text");
                    prop_assert!(!problems.is_empty());
                    let sorted = problems.windows(2).all(|pair| pair[0].line <= pair[1].line);
                    prop_assert!(sorted);
                }
            }
        }

        /// Goal: on everything we accept, `csv` alone reads the same table, whichever way we decoded each
        /// record.
        #[test]
        fn csv_reads_the_same_fields(bytes in structural_bytes()) {
            let Ok(scan) = scan(&bytes, Marks::COMMA) else { return Ok(()) };
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&bytes[..]);
            let expected: Vec<csv::StringRecord> = reader.records().map(|record| record.unwrap()).collect();
            prop_assert_eq!(scan.len(), expected.len());
            let mut decoder = scan.decoder(text(&bytes));
            // Backwards: rows may be read in any order.
            for index in (0..scan.len()).rev() {
                let row = decoder.row(index).unwrap();
                let fields: Vec<&str> = row.iter().collect();
                prop_assert_eq!(fields, expected[index].iter().collect::<Vec<_>>());
                prop_assert_eq!(row.raw().as_bytes(), &bytes[scan.range(index).unwrap()]);
            }
        }
    }
}
