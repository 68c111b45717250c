//! One level of a JSON document at a time, as slices of its text, and the place of what is wrong in it.
//!
//! Its job: take an object or a list apart, unescape a string, and refuse what is lost without a word elsewhere (a key
//! given twice, half of a surrogate pair) or has no end (depth, width). Not its job: which list holds the records.
//! Invariant: a number is never anything but its text.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::super::Problem;
use crate::ingest::grammar::shown;
use crate::ingest::scan::{MAX_COLUMNS, MAX_FIELD_BYTES};

/// How deep objects and lists may lie in each other. Answers of partner APIs have at most 6 levels; each level is read
/// once more, so this also bounds the time.
pub(super) const MAX_DEPTH: usize = 32;
/// How many records, or elements of one list, there may be (reliability T12: five million rows).
pub(super) const MAX_RECORDS: usize = 5_000_000;

/// What is wrong at one place of the text.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    /// In bytes from the start of the text.
    pub(super) offset: usize,
    pub(super) value: String,
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// The text of a file; every part that is handled is a slice of it, so its place is known.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    /// An offset and the line it is on: places are mostly asked for in their order.
    last: Cell<(usize, u32)>,
}

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Source { text, last: Cell::new((0, 1)) }
    }

    /// Where a part of the text begins, in bytes.
    pub(super) fn offset(&self, part: &str) -> usize {
        part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr()).min(self.text.len())
    }

    /// The physical line of an offset; CRLF, LF and a lone CR each end one, as in delimited text.
    pub(super) fn line(&self, offset: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let (from, mut line) = match self.last.get() {
            last if last.0 <= offset => last,
            _ => (0, 1),
        };
        for at in from..offset.min(bytes.len()) {
            let is_end = match bytes[at] {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            line += u32::from(is_end);
        }
        self.last.set((offset, line));
        line
    }

    /// The problem of a fault; its column counts characters, because a document is often one long line.
    pub(super) fn problem(&self, sheet: &str, fault: Fault) -> Problem {
        let before = &self.text.as_bytes()[..fault.offset.min(self.text.len())];
        let start = before.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
        let is_first_byte = |byte: &&u8| (**byte as i8) >= -0x40;
        Problem {
            code: fault.code,
            sheet: sheet.to_owned(),
            line: u64::from(self.line(fault.offset)),
            column: before[start..].iter().filter(is_first_byte).count() as u64 + 1,
            value: fault.value,
            message: fault.message,
            help: fault.help.to_owned(),
        }
    }

    /// Every value at the top of the text, in its order.
    pub(super) fn values(&self) -> Result<Vec<&'t str>, Fault> {
        let mut all = Vec::new();
        for value in serde_json::Deserializer::from_str(self.text).into_iter::<&RawValue>() {
            match value {
                Ok(_) if all.len() == MAX_RECORDS => return Err(self.too_many(self.text.len())),
                Ok(value) => all.push(value.get()),
                Err(error) => return Err(self.syntax(self.text, &error)),
            }
        }
        Ok(all)
    }

    /// The keys and values of an object, in its order.
    pub(super) fn entries(&self, object: &'t str) -> Result<Vec<(Cow<'t, str>, &'t str)>, Fault> {
        let mut deserializer = serde_json::Deserializer::from_str(object);
        let entries = deserializer.deserialize_map(Entries).map_err(|error| {
            if !error.is_data() {
                return self.syntax(object, &error);
            }
            Fault {
                code: "too-many-columns",
                offset: self.offset(object),
                value: String::new(),
                message: format!("the object has more than {MAX_COLUMNS} keys"),
                help: "if its keys are ids rather than names, ask for the records as a list",
            }
        })?;
        let mut keys: Vec<(&str, &str)> = entries.iter().map(|(key, value)| (key.as_ref(), *value)).collect();
        keys.sort_by_key(|(key, _)| *key);
        match keys.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(Fault {
                code: "key-given-twice",
                offset: self.offset(pair[1].1),
                value: shown(pair[1].0),
                message: format!("the key {} stands twice in one object", shown(pair[1].0)),
                help: "only one of the two values can be meant; correct it where the file is made",
            }),
            None => Ok(entries),
        }
    }

    /// The elements of a list.
    pub(super) fn items(&self, list: &'t str) -> Result<Vec<&'t str>, Fault> {
        let mut deserializer = serde_json::Deserializer::from_str(list);
        deserializer.deserialize_seq(Items).map_err(|error| match error.is_data() {
            true => self.too_many(self.offset(list)),
            false => self.syntax(list, &error),
        })
    }

    /// The text that a string stands for.
    pub(super) fn unescaped(&self, string: &'t str) -> Result<Cow<'t, str>, Fault> {
        if !string.contains('\\') {
            return Ok(Cow::Borrowed(string.get(1..string.len().saturating_sub(1)).unwrap_or_default()));
        }
        serde_json::from_str::<String>(string).map(Cow::Owned).map_err(|error| self.syntax(string, &error))
    }

    /// A value as the text of a cell: `null` is nothing, a number its digits, a list its JSON without blanks.
    pub(super) fn cell(&self, value: &'t str) -> Result<Cow<'t, str>, Fault> {
        // An escape has at most six bytes for one of the text.
        if value.len() > 6 * MAX_FIELD_BYTES {
            return Err(self.too_long(value, value.len()));
        }
        let cell = match value.as_bytes().first() {
            Some(b'"') => self.unescaped(value)?,
            Some(b'[' | b'{') => Cow::Owned(compact(value)),
            Some(b'n') => Cow::Borrowed(""),
            Some(_) | None => Cow::Borrowed(value),
        };
        if cell.len() > MAX_FIELD_BYTES {
            return Err(self.too_long(value, cell.len()));
        }
        if cell.contains('\0') {
            return Err(Fault {
                code: "nul-byte",
                offset: self.offset(value),
                value: shown(&cell),
                message: "the value holds the character NUL".to_owned(),
                help: "export it again from the system that made it; NUL is never part of a text",
            });
        }
        Ok(cell)
    }

    pub(super) fn check_depth(&self, value: &str, depth: usize) -> Result<(), Fault> {
        if depth <= MAX_DEPTH {
            return Ok(());
        }
        Err(Fault {
            code: "too-deep",
            offset: self.offset(value),
            value: String::new(),
            message: format!("objects and lists lie more than {MAX_DEPTH} deep in each other"),
            help: "ask for the records as a plain list",
        })
    }

    fn too_long(&self, value: &str, bytes: usize) -> Fault {
        Fault {
            code: "field-too-long",
            offset: self.offset(value),
            value: shown(value),
            message: format!("the value has {bytes} bytes; at most {MAX_FIELD_BYTES} fit in a cell"),
            help: "leave this key out of what is asked for",
        }
    }

    fn too_many(&self, offset: usize) -> Fault {
        Fault {
            code: "too-many-records",
            offset,
            value: String::new(),
            message: format!("there are more than {MAX_RECORDS} values in one list"),
            help: "export fewer periods per file and build again",
        }
    }

    /// What `serde_json` finds wrong in a part of the text; it counts LF alone, and from the start of the part.
    fn syntax(&self, part: &str, error: &serde_json::Error) -> Fault {
        let starts = part.match_indices('\n').map(|(at, _)| at + 1);
        let start = std::iter::once(0).chain(starts).nth(error.line().saturating_sub(1)).unwrap_or(0);
        let within = (start + error.column().saturating_sub(1)).min(part.len());
        let offset = self.offset(part) + within;
        if error.is_eof() {
            return Fault {
                code: "json-cut-off",
                offset: self.text.len(),
                value: String::new(),
                message: "the text ends in the middle of a value: it was cut off here".to_owned(),
                help: "fetch it again; the transfer stopped before the end",
            };
        }
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or_default();
        // Both are syntax to `serde_json`; what is wrong is one character, though, not the shape of the document.
        if reason.contains("surrogate") || reason.contains("hex escape") {
            return Fault {
                code: "half-character",
                offset: self.offset(part),
                value: shown(part),
                message: "the text holds half of a character (one surrogate of a pair)".to_owned(),
                help: "the system that made the file cut the text; export it again",
            };
        }
        let rest = &self.text.as_bytes()[offset..];
        let around = String::from_utf8_lossy(&rest[..rest.len().min(40)]);
        let around: String = around.chars().take(20).take_while(|c| !matches!(c, '\n' | '\r')).collect();
        Fault {
            code: "json-syntax",
            offset,
            value: shown(&around),
            message: format!("this is not JSON: {reason}"),
            help: "fetch or export it again; a file of JSON is never edited by hand",
        }
    }
}

/// Whether a value is a number rather than a text that looks like one.
pub(super) fn is_number(value: &str) -> bool {
    value.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

/// JSON without the blanks between its parts; strings and numbers stay as they are written.
fn compact(json: &str) -> String {
    let (mut is_text, mut is_escaped) = (false, false);
    let is_kept = |c: &char| {
        let is_quote = *c == '"' && !is_escaped;
        is_escaped = is_text && *c == '\\' && !is_escaped;
        is_text ^= is_quote;
        is_text || !c.is_ascii_whitespace()
    };
    json.chars().filter(is_kept).collect()
}

/// A key, borrowed where it has no escape.
#[derive(serde::Deserialize)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(Cow<'de, str>, &'de str)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &RawValue>()? {
            if entries.len() == MAX_COLUMNS {
                return Err(A::Error::custom("too many keys"));
            }
            entries.push((key, value.get()));
        }
        Ok(entries)
    }
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<&RawValue>()? {
            if items.len() == MAX_RECORDS {
                return Err(A::Error::custom("too many elements"));
            }
            items.push(item.get());
        }
        Ok(items)
    }
}
