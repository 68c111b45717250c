//! Every text that the bytes of a file can be read as: as they are, without entities and escapes, without markup, out of
//! archives and images, out of base64 and hexadecimal digits.
//!
//! For looking, not for showing: what cannot be decoded is left as it is, and one text may stand in several layers.

use std::io::{Cursor, Read};

/// The longest text that is unpacked out of one file: the trees that are looked at are made by this program.
const UNPACKED_MAX: u64 = 256 << 20;
/// How deep an archive in an archive is opened, and an escape in an escape read.
const DEPTH_MAX: usize = 3;
/// The shortest run of digits that may stand for something else.
const RUN_MIN: usize = 8;

/// The texts of a file, its name included.
pub(super) fn layers(path: &str, bytes: &[u8]) -> Vec<String> {
    let mut texts = vec![path.to_owned()];
    add(bytes, 0, &mut texts);
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn add(bytes: &[u8], depth: usize, texts: &mut Vec<String>) {
    if depth < DEPTH_MAX {
        archived(bytes, depth, texts);
        chunks_of_image(bytes, depth, texts);
    }
    // A text in two bytes per character reads as one with gaps.
    let raw = String::from_utf8_lossy(bytes).replace('\0', "");
    let plain = unescaped(&raw);
    let bare = without_markup(&plain);
    for run in runs(&plain, |byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte)) {
        for decoded in [from_base64(run), from_hex(run)].into_iter().flatten() {
            if is_text(&decoded) {
                texts.push(unescaped(&String::from_utf8_lossy(&decoded).replace('\0', "")));
            }
        }
    }
    if bare != plain {
        texts.push(bare);
    }
    if plain != raw {
        texts.push(plain);
    }
    texts.push(raw);
}

/// The names, comments and files of a ZIP archive, which a workbook is; and what is packed with gzip.
fn archived(bytes: &[u8], depth: usize, texts: &mut Vec<String>) {
    if bytes.starts_with(b"PK\x03\x04")
        && let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes))
    {
        texts.push(String::from_utf8_lossy(archive.comment()).into_owned());
        for number in 0..archive.len() {
            let Ok(file) = archive.by_index(number) else { continue };
            texts.push(String::from_utf8_lossy(file.name_raw()).into_owned());
            texts.push(file.comment().to_owned());
            let mut unpacked = Vec::new();
            if file.take(UNPACKED_MAX).read_to_end(&mut unpacked).is_ok() {
                add(&unpacked, depth + 1, texts);
            }
        }
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        if flate2::read::GzDecoder::new(bytes).take(UNPACKED_MAX).read_to_end(&mut unpacked).is_ok() {
            add(&unpacked, depth + 1, texts);
        }
    }
}

/// The chunks of a PNG image that hold text, unpacked where they are packed.
fn chunks_of_image(bytes: &[u8], depth: usize, texts: &mut Vec<String>) {
    let Some(mut rest) = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") else { return };
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some((kind, after)) = after.split_first_chunk::<4>() else { return };
        let Some((data, after)) = after.split_at_checked(length) else { return };
        // Behind the checksum.
        let Some((_, after)) = after.split_at_checked(4) else { return };
        if matches!(kind, b"zTXt" | b"iTXt" | b"iCCP") {
            // A keyword and some marks stand before what is packed.
            for start in data.iter().enumerate().filter(|(_, byte)| **byte == 0x78).map(|(at, _)| at) {
                let mut unpacked = Vec::new();
                let packed = flate2::read::ZlibDecoder::new(&data[start..]);
                if packed.take(UNPACKED_MAX).read_to_end(&mut unpacked).is_ok() {
                    add(&unpacked, depth + 1, texts);
                }
            }
        }
        rest = after;
    }
}

/// Entities, percent signs and the escapes of scripts and style sheets replaced by what they stand for.
fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    // One escape may stand in another.
    for _ in 0..DEPTH_MAX {
        let plain = backslashes(&percent(&entities(&text)));
        if plain == text {
            break;
        }
        text = plain;
    }
    text
}

fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let found = after.split_once(';').filter(|(name, _)| name.len() <= 12).and_then(|(name, _)| {
            let character = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                "nbsp" => ' ',
                "hyphen" | "dash" => '-',
                _ => {
                    let number = name.strip_prefix('#')?;
                    let number = match number.strip_prefix(['x', 'X']) {
                        Some(digits) => u32::from_str_radix(digits, 16),
                        None => number.parse(),
                    };
                    char::from_u32(number.ok()?)?
                }
            };
            Some((character, name.len() + 1))
        });
        match found {
            Some((character, length)) => {
                out.push(character);
                rest = &after[length..];
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn percent(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let byte = (*first == b'%').then(|| after.get(..2).and_then(two_digits)).flatten();
        match byte {
            Some(byte) => {
                out.push(byte);
                rest = &after[2..];
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn backslashes(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let digits = after.strip_prefix(['u', 'x', 'U']).unwrap_or(after).trim_start_matches('{');
        let most = if after.starts_with('x') { 2 } else { 6 };
        let fixed = if after.starts_with('u') && !after.starts_with("u{") { 4 } else { most };
        let length = digits.bytes().take(fixed).take_while(u8::is_ascii_hexdigit).count();
        let character =
            digits.get(..length).and_then(|d| u32::from_str_radix(d, 16).ok()).and_then(char::from_u32);
        match character.filter(|_| length >= 2) {
            Some(character) => {
                out.push(character);
                rest = digits[length..].strip_prefix(['}', ' ']).unwrap_or(&digits[length..]);
            }
            None => rest = after,
        }
    }
    out.push_str(rest);
    out
}

/// What a reader sees, so that a value in two elements is one.
fn without_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        match after.split_once('>') {
            Some((_, after)) => rest = after,
            None => rest = "",
        }
        // Ids are compared without blanks, and two words stay two.
        out.push(' ');
    }
    out.push_str(rest);
    out
}

/// The longest runs of such bytes.
pub(super) fn runs(text: &str, is_in: impl Fn(u8) -> bool) -> impl Iterator<Item = &str> {
    text.split(move |c: char| !u8::try_from(c).is_ok_and(&is_in)).filter(|run| run.len() >= RUN_MIN)
}

/// The bytes that base64 digits stand for, also in the alphabet of addresses.
pub(super) fn from_base64(run: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(run.len() / 4 * 3);
    let (mut group, mut bits) = (0_u32, 0);
    for byte in run.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        group = group << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(group >> bits & 0xff).ok()?);
        }
    }
    Some(out)
}

fn from_hex(run: &str) -> Option<Vec<u8>> {
    run.as_bytes().chunks(2).map(two_digits).collect()
}

fn two_digits(pair: &[u8]) -> Option<u8> {
    let [high, low] = pair else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*high)? << 4 | digit(*low)?)
}

/// Whether decoded bytes are a text somebody could have meant; chance makes few of them.
fn is_text(bytes: &[u8]) -> bool {
    let bytes: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    bytes.len() >= 3
        && str::from_utf8(&bytes).is_ok_and(|text| !text.chars().any(|c| c.is_control() && c != '\n'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::grammar;

    fn has(bytes: &[u8], wanted: &str) -> bool {
        layers("x", bytes).iter().any(|text| grammar::canonical(text).contains(wanted))
    }

    #[test]
    fn every_spelling_of_a_value_is_read() {
        // Goal: no encoding hides a value. Method: one id in each of them.
        for spelled in [
            "<p title=ORD-2001>",
            "ORD&#45;2001",
            "ORD&#x2d;2001",
            "&#79;RD-2001",
            "ORD%2D2001",
            "%4FRD-2001",
            "\\u004fRD-2001",
            "\\x4fRD-2001",
            "\\4f RD-2001",
            "<b>ORD</b>-<i>2001</i>",
            "T1JELTIwMDE=",
            "4f52442d32303031",
            "O\0R\0D\0-\x002\x000\x000\x001\0",
            "%26%2379;RD-2001",
        ] {
            assert!(has(spelled.as_bytes(), "ORD2001"), "{spelled}");
        }
        assert!(layers("data/ORD-2001.js", b"").iter().any(|text| text.contains("ORD-2001")));
        assert!(!has(b"ORD-2002 &unknown; % 5 \\ & <", "ORD2001"));
    }
}
