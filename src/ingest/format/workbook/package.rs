//! What a zipped workbook claims, looked at before `calamine` believes it.
//!
//! Not its job: what the parts mean. Its invariant: what passes unpacks to what its directory says, and makes `calamine` hold
//! no more than a small multiple of that. It trusts three things that a file can say in a few bytes: how many shared strings
//! there are, how long a name is that every style repeats, and how often a cell or a row of ODS is repeated.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use super::cells::{MAX_CELLS, MAX_GRID, MAX_TEXT, MAX_WIDTH, TOO_LARGE, too_many_cells, too_much_text};
use super::{Fault, Kind, SAVE_AGAIN, broken, encrypted, fault};

/// Bytes that all parts may unpack to: the XML of some 5 million cells, read in a few seconds.
const MAX_UNPACKED: u64 = 512 << 20;
/// How far a file may grow once it is larger than [`RATIO_FREE`]. The 100,000 rows of a close pack to a twelfth, a million
/// rows of one repeated text to a fiftieth; what unpacks to more than a hundred times its size is one repeated piece.
const MAX_RATIO: u64 = 100;
/// Unpacked bytes up to which no ratio is asked.
const RATIO_FREE: u64 = 16 << 20;
/// Parts of a workbook: two for each sheet and a few more; media and embedded files count.
const MAX_PARTS: usize = 10_000;
/// Bytes of the shared strings, of which each short one takes four times its room in memory.
const MAX_STRINGS: u64 = 256 << 20;
/// Cell styles of a workbook, and bytes of a tag that each of them may repeat. Excel's own limits are 65,490 styles and 255
/// characters of a number format.
const MAX_STYLES: usize = 65_536;
const MAX_STYLE_TAG: usize = 2_048;

/// Which kind of workbook a zip archive is; one whose directory is gone is known by its first part.
pub(super) fn sniff(bytes: &[u8]) -> Option<Kind> {
    const ODS: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
    let Ok(mut zip) = open(bytes) else {
        // The name of the first part stands behind the 30 bytes of its head.
        let first = bytes.get(30..)?;
        let is_ods = first.starts_with(b"mimetype")
            && memchr::memmem::find(&first[..first.len().min(128)], ODS).is_some();
        let is_xlsx =
            [&b"[Content_Types].xml"[..], b"xl/", b"_rels/.rels"].iter().any(|name| first.starts_with(name));
        return if is_ods { Some(Kind::Ods) } else { is_xlsx.then_some(Kind::Xlsx) };
    };
    let mut start = Vec::new();
    if let Ok(file) = zip.by_name("mimetype") {
        // What cannot be unpacked starts with nothing.
        let _ = file.take(ODS.len() as u64).read_to_end(&mut start);
    }
    let has = |end: &str| zip.file_names().flatten().any(|name| name.to_lowercase().ends_with(end));
    match () {
        () if start == ODS => Some(Kind::Ods),
        () if !has("[content_types].xml") => None,
        () if has("workbook.bin") => Some(Kind::Xlsb),
        () => (has("workbook.xml") || has("sheet1.xml")).then_some(Kind::Xlsx),
    }
}

/// Refuses an archive that is not what it says or that would take more memory than there is.
pub(super) fn check(kind: Kind, bytes: &[u8]) -> Result<(), Fault> {
    let mut zip = open(bytes)?;
    let mut unpacked = 0_u64;
    for index in 0..zip.len() {
        let part = zip.by_index_raw(index).map_err(|error| broken(&error.to_string()))?;
        unpacked = unpacked.saturating_add(part.size());
    }
    if unpacked > MAX_UNPACKED {
        return Err(too_large(&format!("the file unpacks to {unpacked} bytes, more than {MAX_UNPACKED}")));
    }
    if unpacked > RATIO_FREE && unpacked / MAX_RATIO > bytes.len() as u64 {
        let message = format!("the file unpacks to {unpacked} bytes, more than {MAX_RATIO} times its size");
        return Err(too_large(&message));
    }
    for index in 0..zip.len() {
        let part = zip.by_index(index).map_err(|error| {
            let is_locked = matches!(error, ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED));
            if is_locked { encrypted() } else { broken(&error.to_string()) }
        })?;
        let (name, size) = (part.name().map(|name| name.to_lowercase()).unwrap_or_default(), part.size());
        let name = name.replace('\\', "/");
        let told = |error: quick_xml::Error| broken(&format!("its part `{name}` cannot be read: {error}"));
        let mut part = BufReader::with_capacity(1 << 16, part);
        match name.rsplit('/').next().unwrap_or_default() {
            "content.xml" if kind == Kind::Ods && name == "content.xml" => content(&mut part, &told)?,
            _ if kind == Kind::Ods => {}
            "sharedstrings.xml" if size > MAX_STRINGS => {
                return Err(too_large(&format!("its texts have more than {MAX_STRINGS} bytes")));
            }
            "sharedstrings.xml" => strings(&mut part, &told)?,
            "styles.xml" => styles(&mut part, &told)?,
            // Which part is a sheet, and by which name, is for `calamine` to find out.
            _ => values(&mut part)?,
        }
        // `zip` refuses a part that is longer than announced, and compares the checksum where it ends; `calamine` does not
        // read on to there.
        io::copy(&mut part, &mut io::sink()).map_err(|error| told(error.into()))?;
    }
    Ok(())
}

fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, Fault> {
    // Every entry of the directory begins with this; counted before anything is made of it.
    let entries = memchr::memmem::find_iter(bytes, b"PK\x01\x02").take(MAX_PARTS + 1).count();
    if entries > MAX_PARTS {
        let message = format!("the file has more than {MAX_PARTS} parts");
        return Err(fault("workbook-too-many-parts", message, SAVE_AGAIN));
    }
    ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error.to_string()))
}

fn too_large(message: &str) -> Fault {
    fault("workbook-too-large", message.to_owned(), TOO_LARGE)
}

type Told<'t> = &'t dyn Fn(quick_xml::Error) -> Fault;

/// The stated number of shared strings, for which room is made at once.
#[expect(clippy::wildcard_enum_match_arm, reason = "other pieces of XML say nothing here")]
fn strings(part: impl BufRead, told: Told<'_>) -> Result<(), Fault> {
    let (mut reader, mut buffer) = (Reader::from_reader(part), Vec::new());
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(told)? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "sst" => {
                let stated = number(&tag, "uniqueCount", told)?;
                return match stated > MAX_CELLS as u64 {
                    true => Err(too_large(&format!("it claims to have {stated} texts"))),
                    false => Ok(()),
                };
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// What every cell style gets a copy of.
#[expect(clippy::wildcard_enum_match_arm, reason = "other pieces of XML say nothing here")]
fn styles(part: impl BufRead, told: Told<'_>) -> Result<(), Fault> {
    let (mut reader, mut buffer, mut count) = (Reader::from_reader(part), Vec::new(), 0);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(told)? {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.local_name();
                count += usize::from(name.as_ref() == "xf");
                let is_long = tag.len() > MAX_STYLE_TAG && name.as_ref() != "styleSheet";
                if is_long || count > MAX_STYLES {
                    return Err(fault(
                        "workbook-too-large",
                        "its cell styles are too many or too long".to_owned(),
                        SAVE_AGAIN,
                    ));
                }
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The values of cells that `calamine` would read in part, or as another: of a number or the number of a shared text it takes
/// the first piece of XML alone, of a text all but sections of CDATA, and the first shared text where there is no number.
/// No spreadsheet program writes such values.
#[expect(clippy::wildcard_enum_match_arm, reason = "other pieces of XML say nothing here")]
fn values(part: impl BufRead) -> Result<(), Fault> {
    let (mut reader, mut buffer) = (Reader::from_reader(part), Vec::new());
    let config = reader.config_mut();
    (config.check_end_names, config.expand_empty_elements) = (false, true);
    let odd = || broken("a cell has a value that is in pieces, or none of its type");
    // The values of charts are texts of another kind, outside of any sheet.
    let (mut kind, mut pieces, mut values, mut is_sheet, mut is_value) = (String::new(), 0, 0, false, false);
    loop {
        buffer.clear();
        // What is no XML is no sheet, or `calamine` says so.
        let Ok(event) = reader.read_event_into(&mut buffer) else { return Ok(()) };
        let is_text = kind == "str" || kind == "d";
        match event {
            Event::Start(tag) if tag.local_name().as_ref() == "sheetData" => is_sheet = true,
            Event::Start(tag) if tag.local_name().as_ref() == "c" => {
                let mut attributes = tag.attributes();
                let named = attributes.with_checks(false).flatten().find(|found| found.key.as_ref() == "t");
                kind = named.map(|attribute| attribute.value.into_owned()).unwrap_or_default();
                (values, is_value) = (0, false);
            }
            Event::Start(tag) if tag.local_name().as_ref() == "v" && !is_value => {
                (pieces, is_value) = (0, is_sheet);
                values += u32::from(is_sheet);
                if values > 1 {
                    return Err(odd());
                }
            }
            Event::End(tag) if tag.local_name().as_ref() == "v" => is_value = false,
            Event::Eof => return Ok(()),
            Event::Text(piece) if is_value => {
                pieces += 1;
                let is_index = kind != "s" || piece.bytes().all(|byte| byte.is_ascii_digit());
                if !(is_text || pieces == 1 && is_index) {
                    return Err(odd());
                }
            }
            Event::GeneralRef(_) | Event::Comment(_) | Event::PI(_) if is_value && is_text => {}
            _ if is_value => return Err(odd()),
            _ => {}
        }
    }
}

/// How many cells and how much text the tables of ODS come to once repeated cells and rows are written out. All tags are
/// closed, too: `calamine` waits forever for the end of a table.
#[expect(clippy::wildcard_enum_match_arm, reason = "other pieces of XML say nothing here")]
fn content(part: impl BufRead, told: Told<'_>) -> Result<(), Fault> {
    let (mut reader, mut buffer) = (Reader::from_reader(part), Vec::new());
    reader.config_mut().expand_empty_elements = true;
    let (mut depth, mut is_table, mut grid, mut text) = (0_u64, false, 0_u64, 0_u64);
    // Of the table: rows so far, rows to the last that holds anything, columns. Of the row and of the cell: what they hold.
    let (mut rows, mut last, mut width) = (0_u64, 0_u64, 0_u64);
    let (mut row_repeat, mut row_width, mut row_columns, mut row_text) = (1_u64, 0_u64, 0_u64, 0_u64);
    let (mut cell_repeat, mut cell_text, mut is_filled) = (1_u64, 0_u64, false);
    // Of the cell: how deep it lies, whether it has a value of its type, whether its own text is being read.
    let (mut cell_depth, mut has_value, mut is_own) = (0_u64, true, false);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(told)? {
            Event::Start(tag) => {
                depth += 1;
                match tag.name().as_ref() {
                    "table:table" if is_table => return Err(broken("it has a table inside of a table")),
                    "table:table" => (is_table, rows, last, width) = (true, 0, 0, 0),
                    "table:table-row" => {
                        row_repeat = number(&tag, "table:number-rows-repeated", told)?.max(1);
                        (row_width, row_columns, row_text) = (0, 0, 0);
                    }
                    "table:table-cell" | "table:covered-table-cell" => {
                        cell_repeat = number(&tag, "table:number-columns-repeated", told)?.max(1);
                        cell_text = tag.len() as u64;
                        is_filled =
                            ["office:", "calcext:", "table:formula"].iter().any(|key| tag.contains(key));
                        let is_shown = tag.name().as_ref() == "table:table-cell";
                        (cell_depth, has_value, is_own) = (depth, !is_shown || states_value(&tag), false);
                    }
                    "text:p" => is_own |= depth == cell_depth + 1,
                    "text:s" => cell_text = cell_text.saturating_add(number(&tag, "text:c", told)?.max(1)),
                    _ => {}
                }
            }
            Event::Text(piece) => {
                cell_text = cell_text.saturating_add(piece.len() as u64);
                if is_own && !has_value && !piece.trim().is_empty() {
                    return Err(broken("a cell shows a text and has no value"));
                }
            }
            Event::GeneralRef(_) if is_own && !has_value => {
                return Err(broken("a cell shows a text and has no value"));
            }
            // `calamine` leaves it out of the text of a cell; no spreadsheet program writes it.
            Event::CData(_) => return Err(broken("its part `content.xml` has a section of CDATA")),
            Event::End(tag) => {
                is_own &= tag.name().as_ref() != "text:p" || depth != cell_depth + 1;
                depth = depth.saturating_sub(1);
                match tag.name().as_ref() {
                    "table:table" => {
                        is_table = false;
                        grid = grid.saturating_add(last.saturating_mul(width));
                    }
                    "table:table-row" => {
                        // Blank rows count once something stands above them.
                        rows = rows.saturating_add(if width + row_width > 0 { row_repeat } else { 0 });
                        if row_width > 0 {
                            (last, width) = (rows, width.max(row_width));
                            text = text.saturating_add(row_text.saturating_mul(row_repeat));
                        }
                    }
                    "table:table-cell" | "table:covered-table-cell" => {
                        row_columns = row_columns.saturating_add(cell_repeat);
                        if is_filled {
                            row_width = row_columns;
                            row_text = row_text.saturating_add(cell_text.saturating_mul(cell_repeat));
                        }
                    }
                    _ => {}
                }
                if width > u64::from(MAX_WIDTH) {
                    let message = format!("a sheet reaches over more than {MAX_WIDTH} columns");
                    return Err(fault("sheet-too-wide", message, super::cells::TOO_WIDE));
                }
                if grid.saturating_add(last.saturating_mul(width)) > MAX_GRID {
                    return Err(too_many_cells(MAX_GRID));
                }
                if text.max(cell_text) > MAX_TEXT as u64 {
                    return Err(too_much_text());
                }
            }
            Event::Eof if depth > 0 => {
                return Err(broken("its part `content.xml` ends inside of an element"));
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Whether a cell of ODS has a value where its type has it; one that only shows a text comes out of `calamine` as empty.
fn states_value(tag: &BytesStart<'_>) -> bool {
    let stated = |key: &str| {
        let mut attributes = tag.attributes();
        let found = attributes.with_checks(false).flatten().find(|found| found.key.as_ref() == key);
        found.map(|found| found.value.into_owned())
    };
    let key = match stated("office:value-type").as_deref() {
        Some("string") => return true,
        Some("date") => "office:date-value",
        Some("time") => "office:time-value",
        Some("boolean") => "office:boolean-value",
        Some(_) | None => "office:value",
    };
    stated(key).is_some()
}

/// The largest value of an attribute that is a number; 0 where there is none.
fn number(tag: &BytesStart<'_>, key: &str, told: Told<'_>) -> Result<u64, Fault> {
    let mut most = 0;
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| told(error.into()))?;
        if attribute.key.as_ref() == key {
            let Ok(value) = attribute.value.parse::<u64>() else {
                return Err(broken(&format!("`{key}` is `{}`", attribute.value)));
            };
            most = most.max(value);
        }
    }
    Ok(most)
}
