//! Takes files out of what they are packed in: gzip, zstd, zip, and one of these within another.
//!
//! What a file is follows from its first bytes, never from its name. Nothing is written anywhere, so the path of a member
//! is no more than its name. Its invariant: members come out whole and checked against the checksum that their format
//! carries, or the file is refused; memory stays within the limits below whatever the bytes say.

use std::error::Error;
use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Declared, Problem, encoding};
use crate::diagnostic::visible;

/// The most that one file may unpack to, in bytes: 1 GiB. A partner's bill of a million rows is a third of that, and the
/// text, its decoded copy and the index of its records still fit into a laptop's memory.
pub const MAX_UNPACKED_BYTES: u64 = 1 << 30;
/// Up to here a file is unpacked whatever its ratio: 64 MiB harm nobody, and small extracts may hold nothing but zeros.
pub const RATIO_FROM_BYTES: u64 = 64 << 20;
/// How many times its packed size a larger file may have. Extracts measure 5 to 30, rows of zeros with an id of their own 60
/// to 100; gzip ends at 1,032 and zstd at 30,000, which only bombs come near.
pub const MAX_RATIO: u64 = 256;
/// The largest number of members of one archive: a vendor's month has some dozens of parts.
pub const MAX_MEMBERS: usize = 4_096;
/// How many layers are taken off: gzip in zip are two. More is no delivery, but the way of bombs.
pub const MAX_LAYERS: usize = 2;

/// What is known by its first bytes and not unpacked.
const FOREIGN: [Foreign; 6] = [
    (b"\xFD7zXZ\0", "xz", "xz -d FILE"),
    (b"7z\xBC\xAF\x27\x1C", "7-Zip", "7z x FILE"),
    (b"Rar!\x1A\x07", "RAR", "unrar x FILE"),
    (b"PK\x07\x08", "zip in several parts", "7z x FILE"),
    (b"\x04\x22\x4D\x18", "LZ4", "lz4 -d FILE"),
    (b"\x1F\x9D", "compress", "uncompress FILE"),
];

/// The first bytes, the name of the packing, and the command that unpacks it.
type Foreign = (&'static [u8], &'static str, &'static str);

type Members = Vec<(String, Vec<u8>)>;

/// Unpacks a file.
///
/// Shape: the members sorted by name, each with its bytes; a member of an archive is named `archive/member`. What is not
/// packed, and a workbook (which is a zip archive too), comes back untouched under `name`. With a declared table, the
/// members whose name or path fits it; where none does, those that may hold tables of their own. Folders and the hidden files
/// that a desktop leaves behind (`.DS_Store`, `__MACOSX/…`) are no members.
///
/// # Errors
/// Every problem that was found, each with the member it is about:
/// - `archive-truncated`, `archive-damaged`: the bytes are not what was packed.
/// - `archive-encrypted`, `archive-unsupported`, `archive-member-not-a-file`: what is packed in a way that is not read.
/// - `archive-too-large`, `archive-too-many-members`, `archive-nested`: beyond the limits of this module.
/// - `archive-empty`, `archive-member-twice`, `archive-member-missing`: members are not as they must be.
pub fn unpack(name: &str, bytes: Vec<u8>, declared: &Declared) -> Result<Members, Vec<Problem>> {
    let mut budget = Budget { packed: bytes.len() as u64, unpacked: 0 };
    let mut members = open(name, bytes, declared, &mut budget, 0)?;
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(members)
}

/// Whether a file is a workbook: a zip archive with the parts list of Office Open XML, or the content of an OpenDocument.
pub fn is_workbook(bytes: &[u8]) -> bool {
    if !bytes.starts_with(b"PK") {
        return false;
    }
    let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) else { return false };
    let has = |name: &str| archive.index_for_name_raw(name.as_bytes()).is_some();
    has("[Content_Types].xml") || (has("content.xml") && has("mimetype"))
}

fn open(
    name: &str,
    bytes: Vec<u8>,
    declared: &Declared,
    budget: &mut Budget,
    layer: usize,
) -> Result<Members, Vec<Problem>> {
    let is_gzip = bytes.starts_with(b"\x1F\x8B");
    let is_zstd = bytes.starts_with(b"\x28\xB5\x2F\xFD");
    let is_zip = bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06");
    if let Some((what, command)) = foreign(&bytes) {
        let message = format!("the file is packed with {what}, which is not unpacked here");
        let help = format!("unpack it with `{command}`, or pack it with gzip, zstd or zip");
        return Err(problem("archive-unsupported", name, message, &help));
    }
    if !(is_gzip || is_zstd || is_zip && !is_workbook(&bytes)) {
        return Ok(vec![(name.to_owned(), bytes)]);
    }
    if layer == MAX_LAYERS {
        let message = format!("the file is packed more than {MAX_LAYERS} times over");
        let help = "unpack the outer archive and put what it holds there";
        return Err(problem("archive-nested", name, message, help));
    }
    if !is_zip {
        let unpacked = if is_gzip {
            budget.read("gzip file", name, MultiGzDecoder::new(&*bytes))
        } else {
            unzstd(name, &bytes, budget)
        };
        drop(bytes);
        return open(name, unpacked?, declared, budget, layer + 1);
    }
    let members = zip_members(name, &bytes, declared, budget)?;
    drop(bytes);
    let (mut opened, mut problems) = (Vec::new(), Vec::new());
    for (member, bytes) in members {
        match open(&member, bytes, declared, budget, layer + 1) {
            Ok(inner) => opened.extend(inner),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(opened) } else { Err(problems) }
}

fn foreign(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    // A text may begin with the letters of bzip2; the magic of a block makes them that. tar has its own behind a name.
    match bytes {
        [b'B', b'Z', b'h', _, b'1', b'A', b'Y', b'&', ..] => Some(("bzip2", "bunzip2 FILE")),
        _ if bytes.get(257..262) == Some(b"ustar") || is_old_tar(bytes) => Some(("tar", "tar -xf FILE")),
        _ => FOREIGN
            .iter()
            .find(|(magic, ..)| bytes.starts_with(magic))
            .map(|(_, name, command)| (*name, *command)),
    }
}

/// Whether a file begins like tar did before it had a magic: a head of 512 bytes whose checksum fits, a name in front.
fn is_old_tar(bytes: &[u8]) -> bool {
    let Some(head) = bytes.first_chunk::<512>().filter(|head| head[0] != 0) else { return false };
    let stated = head[148..156].iter().filter(|byte| byte.is_ascii_digit());
    let stated = stated.fold(0_u32, |sum, digit| sum.wrapping_mul(8).wrapping_add(u32::from(digit - b'0')));
    // The checksum counts as blanks itself. A text has no zeros where tar has many.
    let outside = head[..148].iter().chain(&head[156..]);
    head.contains(&0) && stated == outside.map(|byte| u32::from(*byte)).sum::<u32>() + 8 * u32::from(b' ')
}

/// How much was unpacked of a file, over all layers and members.
struct Budget {
    packed: u64,
    unpacked: u64,
}

impl Budget {
    /// Reads to the end, or as far as the limits go.
    fn read(&mut self, what: &str, name: &str, from: impl Read) -> Result<Vec<u8>, Vec<Problem>> {
        let allowed = MAX_UNPACKED_BYTES.min(RATIO_FROM_BYTES.max(self.packed.saturating_mul(MAX_RATIO)));
        let left = allowed.saturating_sub(self.unpacked);
        let mut out = Vec::new();
        let read =
            from.take(left + 1).read_to_end(&mut out).map_err(|error| unreadable(what, name, &error))? as u64;
        self.unpacked += read;
        if read <= left {
            return Ok(out);
        }
        let message = if allowed < MAX_UNPACKED_BYTES {
            let packed = self.packed;
            format!(
                "the file unpacks to more than {MAX_RATIO} times its {packed} bytes, as nothing but a bomb does"
            )
        } else {
            format!("the file unpacks to more than {MAX_UNPACKED_BYTES} bytes")
        };
        let help = "unpack it yourself, look at what it holds, and put the extracts there unpacked";
        Err(problem("archive-too-large", name, message, help))
    }
}

fn problem(code: &'static str, member: &str, message: String, help: &str) -> Vec<Problem> {
    let (value, help) = (visible(member), help.to_owned());
    vec![Problem { code, sheet: member.to_owned(), line: 0, column: 0, value, message, help }]
}

fn truncated(what: &str, name: &str) -> Vec<Problem> {
    let help = "it was not copied completely, or still is being copied; copy or download it again";
    problem("archive-truncated", name, format!("the {what} ends before its end"), help)
}

fn damaged(what: &str, name: &str, why: &str) -> Vec<Problem> {
    let help = "copy or download it again; a copy in text mode damages packed files";
    problem("archive-damaged", name, format!("the {what} is damaged: {}", visible(why)), help)
}

/// Tells a file that ends early from one that is damaged: decoders wrap the end in errors of their own.
fn unreadable(what: &str, name: &str, error: &(dyn Error + 'static)) -> Vec<Problem> {
    let mut cause = Some(error);
    while let Some(inner) = cause {
        let io = inner.downcast_ref::<io::Error>();
        if io.is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof) {
            return truncated(what, name);
        }
        cause = inner.source();
    }
    damaged(what, name, &error.to_string())
}

/// Every frame of a zstd file; each is held against its checksum where it has one.
fn unzstd(name: &str, bytes: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Vec<Problem>> {
    let what = "zstd file";
    let (mut out, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let mut decoder = match StreamingDecoder::new(&mut rest) {
            Ok(decoder) => decoder,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                rest = rest.get(length..).ok_or_else(|| truncated(what, name))?;
                continue;
            }
            Err(error) => return Err(unreadable(what, name, &error)),
        };
        out.append(&mut budget.read(what, name, &mut decoder)?);
        let stated = decoder.decoder.get_checksum_from_data();
        if stated.is_some() && stated != decoder.decoder.get_calculated_checksum() {
            return Err(damaged(what, name, "its checksum does not fit"));
        }
    }
    Ok(out)
}

fn zip_members(
    name: &str,
    bytes: &[u8],
    declared: &Declared,
    budget: &mut Budget,
) -> Result<Members, Vec<Problem>> {
    let what = "zip archive";
    let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive,
        // The list of members stands at the end: without it, the end is missing.
        Err(_) if !bytes.windows(22).any(|at| at.starts_with(b"PK\x05\x06")) => {
            return Err(truncated(what, name));
        }
        Err(error) => return Err(damaged(what, name, &error.to_string())),
    };
    if archive.has_duplicate_names() {
        let message = "the archive has two members of one name".to_owned();
        let help = "leave one of them out and pack it again: which of the two holds is not known";
        return Err(problem("archive-member-twice", name, message, help));
    }
    let is_file = |(_, member): &(usize, String)| !member.ends_with('/') && !is_hidden(member);
    let mut members: Vec<_> =
        member_names(&archive, declared).into_iter().enumerate().filter(is_file).collect();
    if members.is_empty() {
        let message = "the archive holds no file".to_owned();
        return Err(problem("archive-empty", name, message, "pack it again with the extracts in it"));
    }
    if members.len() > MAX_MEMBERS {
        let message = format!("the archive has {} members, more than {MAX_MEMBERS}", members.len());
        return Err(problem(
            "archive-too-many-members",
            name,
            message,
            "pack the extracts of fewer periods together",
        ));
    }
    let fits = |member: &str| {
        let base = member.rsplit('/').next().unwrap_or(member);
        declared.table.as_deref().is_none_or(|pattern| matches(pattern, member) || matches(pattern, base))
    };
    let is_meant = members.iter().any(|(_, member)| fits(member));
    members.retain(|(_, member)| !is_meant || fits(member));
    let (mut unzipped, mut problems) = (Vec::new(), Vec::new());
    for (place, member) in members {
        let member = format!("{name}/{member}");
        match unzip(&mut archive, place, &member, budget) {
            Ok(bytes) if is_meant || has_tables(&bytes) => unzipped.push((member, bytes)),
            Ok(_) => {}
            Err(found) => problems.extend(found),
        }
    }
    if unzipped.is_empty() && problems.is_empty() {
        let table = visible(declared.table.as_deref().unwrap_or_default());
        let message =
            format!("no member of the archive is named `{table}`, and none holds tables of its own");
        let help = "name a member of the archive as its table, with `*` for the part that changes";
        return Err(problem("archive-member-missing", name, message, help));
    }
    if problems.is_empty() { Ok(unzipped) } else { Err(problems) }
}

fn unzip(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    place: usize,
    name: &str,
    budget: &mut Budget,
) -> Result<Vec<u8>, Vec<Problem>> {
    let what = "member of the zip archive";
    let file = archive.by_index(place).map_err(|error| {
        let is_unsupported =
            matches!(error, ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_));
        if matches!(error, ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) {
            let help = "unpack it with its password and put the extract there, or pack it without one";
            problem("archive-encrypted", name, "the member is encrypted".to_owned(), help)
        } else if is_unsupported {
            let message = format!("the member is not unpacked here: {error}");
            problem("archive-unsupported", name, message, "pack it as an ordinary zip archive, or unpack it")
        } else {
            unreadable(what, name, &error)
        }
    })?;
    if file.is_symlink() {
        let message = "the member is a link, not a file".to_owned();
        return Err(problem("archive-member-not-a-file", name, message, "pack the file itself"));
    }
    let stated = file.size();
    let out = budget.read(what, name, BufReader::new(file))?;
    if out.len() as u64 != stated {
        return Err(damaged(what, name, "its size is not the one in the list of members"));
    }
    Ok(out)
}

/// Names as text. Old zip programs wrote them in the encoding of their machine, which is the one of the extracts if any.
fn member_names(archive: &ZipArchive<Cursor<&[u8]>>, declared: &Declared) -> Vec<String> {
    let raw: Vec<&[u8]> = archive.file_names_raw().collect();
    let escaped = || raw.iter().map(|name| name.escape_ascii().to_string()).collect();
    let Ok(decoded) = encoding::decode(raw.join(&b'\n'), declared) else { return escaped() };
    let names: Vec<String> = decoded.text.split('\n').map(str::to_owned).collect();
    if names.len() == raw.len() { names } else { escaped() }
}

/// What desktops put beside the files of a person.
fn is_hidden(name: &str) -> bool {
    let is_left_behind = |part| ["__MACOSX", "Thumbs.db", "desktop.ini"].contains(&part);
    name.split('/')
        .any(|part| is_left_behind(part) || part.starts_with('.') && !part.trim_matches('.').is_empty())
}

/// Whether a file may have named tables inside: an archive, a workbook, JSON or XML.
fn has_tables(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let is_packed = [&b"PK"[..], b"\x1F\x8B", b"\x28\xB5\x2F\xFD", b"\xD0\xCF\x11\xE0"];
    is_packed.iter().any(|magic| bytes.starts_with(magic))
        || text.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| b"{[<".contains(byte))
}

/// Whether a name fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = name.find(part) else { return false };
        name = &name[at + part.len()..];
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    const TEXT: &[u8] = b"order_id,amount\nORD-1,10.00\n";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn table(name: &str) -> Declared {
        Declared { table: Some(name.to_owned()), ..Declared::default() }
    }

    fn members(bytes: &[u8], declared: &Declared) -> Vec<(String, Vec<u8>)> {
        unpack("in", bytes.to_vec(), declared).unwrap()
    }

    fn names(bytes: &[u8], declared: &Declared) -> Vec<String> {
        members(bytes, declared).into_iter().map(|(name, _)| name).collect()
    }

    fn code(bytes: &[u8], declared: &Declared) -> &'static str {
        unpack("in", bytes.to_vec(), declared).unwrap_err()[0].code
    }

    /// Goal: what was packed comes out, whatever it is packed in. Method: one text in each packing, in parts, and in two.
    #[test]
    fn what_was_packed_comes_out() {
        let none = Declared::default();
        let whole = vec![("in".to_owned(), TEXT.to_vec())];
        assert_eq!(members(TEXT, &none), whole, "not packed");
        assert_eq!(members(&gzip(TEXT), &none), whole);
        assert_eq!(members(&zstd(TEXT), &none), whole);
        assert_eq!(members(&gzip(&zstd(TEXT)), &none), whole);
        let (head, tail) = TEXT.split_at(9);
        assert_eq!(members(&[gzip(head), gzip(tail)].concat(), &none), whole, "two gzip files in one");
        let skipped = b"\x50\x2A\x4D\x18\x02\0\0\0ab".to_vec();
        assert_eq!(
            members(&[zstd(head), skipped, zstd(tail)].concat(), &none),
            whole,
            "zstd frames and a note"
        );
        let parts = zip(&[("b/part-2.csv", b"2"), ("a/part-1.csv.gz", &gzip(TEXT)), ("__MACOSX/._x", b"x")]);
        let expected =
            [("in/a/part-1.csv.gz".to_owned(), TEXT.to_vec()), ("in/b/part-2.csv".to_owned(), b"2".to_vec())];
        assert_eq!(members(&parts, &none), expected);
    }

    /// Goal: a workbook is no archive. Method: one that is written here, and a zip archive with other members.
    #[test]
    fn a_workbook_stays_whole() {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        workbook.add_worksheet().write(0, 0, "order_id").unwrap();
        let bytes = workbook.save_to_buffer().unwrap();
        assert!(is_workbook(&bytes) && !is_workbook(&zip(&[("a.csv", TEXT)])) && !is_workbook(b"PK"));
        assert_eq!(members(&bytes, &Declared::default()), [("in".to_owned(), bytes)]);
    }

    /// Goal: the declared table picks members by name or path, else those with tables of their own are meant.
    #[test]
    fn the_declared_table_picks_members() {
        let archive = zip(&[("202506/bill.csv", TEXT), ("202506/orders.csv", TEXT), ("list.json", b" [1]")]);
        assert_eq!(names(&archive, &table("bill.csv")), ["in/202506/bill.csv"]);
        assert_eq!(names(&archive, &table("2025*/o*.csv")), ["in/202506/orders.csv"]);
        assert_eq!(names(&archive, &table("Data.OrderList")), ["in/list.json"]);
        assert_eq!(code(&zip(&[("a.csv", TEXT)]), &table("b.csv")), "archive-member-missing");
        for (pattern, name, expected) in [
            ("*", "", true),
            ("a*", "ab", true),
            ("a*a", "a", false),
            ("*b*d", "abcd", true),
            ("*b*b", "ab", false),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    /// Goal: names of old Chinese zip programs are read in the declared encoding, and spelled out where nobody knows.
    /// Method: an archive whose name field holds GBK.
    #[test]
    fn names_are_read_in_the_encoding_of_the_extracts() {
        let place_holder = zip(&[("XXXX202502.csv", TEXT)]);
        let name = encoding_rs::GBK.encode("账单").0;
        let mut bytes = place_holder.clone();
        for at in place_holder.windows(4).enumerate().filter(|(_, four)| four == b"XXXX").map(|(at, _)| at) {
            bytes[at..at + 4].copy_from_slice(&name);
        }
        let declared = Declared { encoding: Some("gbk".to_owned()), ..Declared::default() };
        assert_eq!(names(&bytes, &declared), ["in/账单202502.csv"]);
        assert_eq!(names(&bytes, &Declared::default()), ["in/\\xd5\\xcb\\xb5\\xa5202502.csv"]);
    }

    /// Goal: bombs are refused and named, in bounded time and memory; T11.
    /// Method: 100 MB of zeros in each packing and in two layers, and too many layers.
    #[test]
    fn bombs_are_refused() {
        let zeros = vec![0; 100 << 20];
        let none = Declared::default();
        assert_eq!(code(&gzip(&zeros), &none), "archive-too-large");
        assert_eq!(code(&zstd(&zeros), &none), "archive-too-large");
        assert_eq!(code(&gzip(&gzip(&zeros)), &none), "archive-too-large");
        let halves = zip(&[("a.csv", &zeros[..50 << 20]), ("b.csv", &zeros[..50 << 20])]);
        let problems = unpack("in", halves, &none).unwrap_err();
        assert_eq!(
            (problems.len(), problems[0].code, &*problems[0].sheet),
            (1, "archive-too-large", "in/b.csv")
        );
        assert_eq!(code(&gzip(&gzip(&gzip(TEXT))), &none), "archive-nested");
        assert_eq!(members(&gzip(&zeros[..60 << 20]), &none)[0].1.len(), 60 << 20, "no bomb yet");
    }

    /// Goal: what was cut is told from what is damaged, and never comes out in part.
    /// Method: each packing cut at every byte, and with every byte changed.
    #[test]
    fn what_is_cut_or_damaged_is_refused() {
        for packed in [gzip(TEXT), zstd(TEXT), zip(&[("a.csv", TEXT), ("b.csv", TEXT)])] {
            let whole = members(&packed, &Declared::default());
            for end in 4..packed.len() {
                let found = unpack("in", packed[..end].to_vec(), &Declared::default());
                assert_eq!(found.unwrap_err()[0].code, "archive-truncated", "{end} of {packed:?}");
            }
            for at in 4..packed.len() {
                let mut changed = packed.clone();
                changed[at] ^= 0x55;
                let found = unpack("in", changed, &Declared::default());
                let is_content = |members: &Vec<(String, Vec<u8>)>| {
                    members.iter().map(|(_, bytes)| bytes).eq(whole.iter().map(|(_, bytes)| bytes))
                };
                assert!(found.as_ref().map_or(true, is_content), "{at} of {packed:?}: {found:?}");
            }
        }
        assert_eq!(code(&[gzip(TEXT), b"x".repeat(20)].concat(), &Declared::default()), "archive-damaged");
    }

    /// Goal: what is not read is named. Method: the beginnings of other packings, an empty archive, a link, a repeat.
    #[test]
    fn what_is_not_unpacked_is_named() {
        let none = Declared::default();
        let tar = [vec![b'x'; 257], b"ustar\0".to_vec()].concat();
        let mut old = [vec![b'x'; 5], vec![0; 507]].concat();
        let sum = 5 * u32::from(b'x') + 8 * u32::from(b' ');
        old[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        for (bytes, command) in [
            (&b"BZh91AY&SY"[..], "bunzip2 FILE"),
            (b"\xFD7zXZ\0", "xz -d FILE"),
            (b"7z\xBC\xAF\x27\x1C", "7z x FILE"),
            (b"Rar!\x1A\x07\0", "unrar x FILE"),
            (b"\x1F\x9D\x90", "uncompress FILE"),
            (&tar, "tar -xf FILE"),
            (&gzip(&tar), "tar -xf FILE"),
            (&old, "tar -xf FILE"),
        ] {
            let problems = unpack("in", bytes.to_vec(), &none).unwrap_err();
            assert_eq!(problems[0].code, "archive-unsupported");
            assert!(problems[0].help.contains(command), "{}", problems[0].help);
        }
        old[0] = b'y';
        assert_eq!(members(&old, &none).len(), 1, "zeros and no checksum of tar");
        assert_eq!(members(b"BZh,customer\n1,2\n", &none).len(), 1, "a text");
        assert_eq!(code(&zip(&[]), &none), "archive-empty");
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.add_symlink("a.csv", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        assert_eq!(code(&writer.finish().unwrap().into_inner(), &none), "archive-member-not-a-file");
        let mut locked = zip(&[("a.csv", TEXT)]);
        let list = locked.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        locked[6] |= 1;
        locked[list + 8] |= 1;
        assert_eq!(code(&locked, &none), "archive-encrypted");
        let twice = zip(&[("aaaa.csv", TEXT), ("bbbb.csv", TEXT)]);
        let twice: Vec<u8> = twice.iter().map(|byte| if *byte == b'b' { b'a' } else { *byte }).collect();
        assert_eq!(code(&twice, &none), "archive-member-twice");
    }

    proptest! {
        /// Goal: no bytes make it panic. Method: random bytes behind each magic, and archives with random bytes changed.
        #[test]
        fn any_bytes_are_unpacked_or_refused(
            magic in prop_oneof![Just(vec![]), Just(gzip(TEXT)), Just(zstd(TEXT)), Just(zip(&[("a", TEXT)]))],
            kept in 0_usize..200,
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut all = magic;
            all.truncate(kept);
            all.extend(bytes);
            let _ = unpack("in", all, &Declared::default());
        }
    }
}
