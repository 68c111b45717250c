//! What the records of an XLS claim, looked at before `calamine` believes them.
//!
//! Not its job: what the cells hold. Its invariant: what passes has no ring of sectors, no text longer than its record and no
//! cell so far off that the sheet around it would not fit into memory; the sizes that a sheet states and the texts of its
//! formulas, which nobody reads, are blank.
//! Source: \[MS-XLS\] 2.4, the records; the file around them is \[MS-CFB\], read by the crate `cfb`.

use std::io::{Cursor, Read, Write};

use cfb::{CompoundFile, Version};

use super::cells::{MAX_GRID, MAX_TEXT, too_many_cells, too_much_text};
use super::{Fault, MAX_SHEETS, broken, encrypted, not_a_workbook, too_many_sheets};

/// Continuations of a record, 8 kB each; `calamine` takes a time that grows with the square of their number.
const MAX_CONTINUED: usize = 16_384;

const FORMULA: u16 = 0x0006;
const END: u16 = 0x000A;
const PASSWORD: u16 = 0x002F;
const CONTINUE: u16 = 0x003C;
const SHEET: u16 = 0x0085;
const MANY_NUMBERS: u16 = 0x00BD;
const RICH_TEXT: u16 = 0x00D6;
const STRINGS: u16 = 0x00FC;
const SHARED_TEXT: u16 = 0x00FD;
const SIZE: u16 = 0x0200;
const NUMBER: u16 = 0x0203;
const TEXT: u16 = 0x0204;
const TRUTH: u16 = 0x0205;
const RESULT: u16 = 0x0207;
const SHORT_NUMBER: u16 = 0x027E;
const BEGIN: u16 = 0x0809;

/// The same workbook in a file of its own, with nothing in it that could harm.
pub(super) fn checked(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let told = |error: std::io::Error| broken(&error.to_string());
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(told)?;
    if file.exists("/EncryptedPackage") {
        return Err(encrypted());
    }
    let Some(name) = ["/Workbook", "/Book"].into_iter().find(|name| file.is_stream(name)) else {
        return Err(not_a_workbook());
    };
    let mut stream = Vec::new();
    let source = file.open_stream(name).map_err(told)?;
    source.take(bytes.len() as u64).read_to_end(&mut stream).map_err(told)?;
    disarm(&mut stream)?;
    let mut file = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new())).map_err(told)?;
    file.create_stream(name).and_then(|mut target| target.write_all(&stream)).map_err(told)?;
    file.flush().map_err(told)?;
    Ok(file.into_inner().into_inner())
}

/// A record: its number, and where its data begins and ends.
struct Record {
    kind: u16,
    from: usize,
    to: usize,
}

fn record(stream: &[u8], at: usize) -> Result<Record, Fault> {
    let short = || broken("a record is longer than the rest of the file");
    let (kind, length) = (word(stream, at).ok_or_else(short)?, word(stream, at + 2).ok_or_else(short)?);
    let to = at + 4 + usize::from(length);
    if to > stream.len() { Err(short()) } else { Ok(Record { kind, from: at + 4, to }) }
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn disarm(stream: &mut [u8]) -> Result<(), Fault> {
    let (mut sheets, mut lengths, mut at) = (Vec::new(), Vec::new(), 0);
    loop {
        let Record { kind, from, to } = record(stream, at)?;
        at = to;
        let mut pieces = vec![&stream[from..to]];
        while word(stream, at) == Some(CONTINUE) {
            let next = record(stream, at)?;
            pieces.push(&stream[next.from..next.to]);
            at = next.to;
            if pieces.len() > MAX_CONTINUED {
                return Err(broken("a record goes on without end"));
            }
        }
        match kind {
            PASSWORD => return Err(encrypted()),
            SHEET => sheets.push(long(stream, from).map_or(usize::MAX, |at| at as usize)),
            STRINGS => lengths = texts(&pieces).ok_or_else(|| broken("a text is longer than its record"))?,
            END => break,
            _ => {}
        }
    }
    if sheets.len() > MAX_SHEETS {
        return Err(too_many_sheets());
    }
    let (mut grid, mut text, mut walked) = (0_u64, 0_u64, 0);
    for start in sheets {
        let end = sheet(stream, start, &lengths, &mut grid, &mut text)?;
        walked += end - start;
        if walked > stream.len() {
            return Err(broken("two sheets lie in the same place"));
        }
    }
    Ok(())
}

/// Looks at the records of a sheet up to its end, which comes back.
fn sheet(
    stream: &mut [u8],
    start: usize,
    lengths: &[u32],
    grid: &mut u64,
    text: &mut u64,
) -> Result<usize, Fault> {
    let (mut at, mut depth, mut continued) = (start, 0_u32, 0);
    let (mut rows, mut columns) = ((u16::MAX, 0), (u16::MAX, 0));
    while at < stream.len() {
        let Record { kind, from, to } = record(stream, at)?;
        at = to;
        let data = &mut stream[from..to];
        continued = if kind == CONTINUE { continued + 1 } else { 0 };
        if continued > MAX_CONTINUED {
            return Err(broken("a record goes on without end"));
        }
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            SIZE => data.fill(0),
            // Behind 20 bytes with the result comes the formula with its length.
            FORMULA => data.get_mut(20..).unwrap_or_default().fill(0),
            _ => {}
        }
        let told = match kind {
            TEXT | RICH_TEXT => word(data, 6).map(|length| (length, data.len() - 8)),
            RESULT => word(data, 0).map(|length| (length, data.len() - 2)),
            _ => None,
        };
        if told.is_some_and(|(length, room)| usize::from(length) > room) {
            return Err(broken("a text is longer than its record"));
        }
        if [FORMULA, MANY_NUMBERS, RICH_TEXT, SHARED_TEXT, NUMBER, TEXT, TRUTH, SHORT_NUMBER].contains(&kind)
            && let (Some(row), Some(column)) = (word(data, 0), word(data, 2))
        {
            let right =
                if kind == MANY_NUMBERS { word(data, data.len() - 2).unwrap_or(column) } else { column };
            rows = (rows.0.min(row), rows.1.max(row));
            columns = (columns.0.min(column), columns.1.max(column).max(right));
            if kind == SHARED_TEXT {
                let length = long(data, 6).and_then(|index| lengths.get(index as usize));
                *text += u64::from(length.copied().unwrap_or(0));
            }
        }
        if *text > MAX_TEXT as u64 {
            return Err(too_much_text());
        }
    }
    let side = |(first, last): (u16, u16)| u64::from(last.saturating_sub(first)) + 1;
    *grid += side(rows) * side(columns);
    if *grid > MAX_GRID { Err(too_many_cells(MAX_GRID)) } else { Ok(at) }
}

/// How many bytes each shared text may have; nothing where one goes on behind the end of its record and continuations.
fn texts(pieces: &[&[u8]]) -> Option<Vec<u32>> {
    let (mut lengths, mut piece, mut at) = (Vec::new(), 0, 8);
    loop {
        while at >= pieces[piece].len() {
            (piece, at) = (piece + 1, 0);
            match pieces.get(piece) {
                None => return Some(lengths),
                // An empty continuation is an empty text to `calamine`, so it is one here.
                Some([]) => lengths.push(0),
                Some(_) => {}
            }
        }
        let data = pieces[piece];
        let (mut left, mut flags) = (usize::from(word(data, at)?), *data.get(at + 2)?);
        lengths.push(u32::try_from(left).ok()? * 3);
        at += 3;
        let (mut behind, has_runs, has_sounds) = (0, flags & 8 != 0, flags & 4 != 0);
        if has_runs {
            behind += usize::from(word(data, at)?) * 4;
            at += 2;
        }
        if has_sounds {
            behind += long(data, at)? as usize;
            at += 4;
        }
        while left > 0 {
            let size = 1 + usize::from(flags & 1);
            let taken = left.min(pieces[piece].len().saturating_sub(at) / size);
            (left, at) = (left - taken, at + taken * size);
            if left > 0 {
                // Where a text goes on, it says again how its characters are written.
                (piece, at) = (piece + 1, 1);
                flags = *pieces.get(piece)?.first()?;
            }
        }
        while behind > 0 {
            let taken = behind.min(pieces[piece].len().saturating_sub(at));
            (behind, at) = (behind - taken, at + taken);
            if behind > 0 {
                (piece, at) = (piece + 1, 0);
                pieces.get(piece)?;
            }
        }
    }
}
