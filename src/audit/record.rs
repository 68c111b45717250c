//! One record: its fields, its line, its hash.
//!
//! The fields are written in the order of [`Record`], all but the torn line always; so a record has one spelling, and its
//! hash is over the bytes that stand in the file.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::site::hex;

/// The version of the format that is written, and the newest one that is read.
pub(super) const SCHEMA: u32 = 1;

/// What stands between the bytes that are hashed and the hash.
const HASH: &[u8] = b",\"hash\":\"";
/// What ends a line.
const END: &[u8] = b"\"}";
/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;

/// A moment to the second, written `2026-06-18T06:00:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment(pub DateTime<Utc>);

/// How a moment is written.
const MOMENT: &str = "%Y-%m-%dT%H:%M:%SZ";

impl Moment {
    /// Reads `2026-06-18T06:00:00Z`, and no other spelling.
    pub fn parse(text: &str) -> Option<Moment> {
        let moment = Moment(NaiveDateTime::parse_from_str(text, MOMENT).ok()?.and_utc());
        (moment.to_string() == text).then_some(moment)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format(MOMENT))
    }
}

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Moment, String> {
        Moment::parse(&text).ok_or_else(|| format!("`{text}` is no time"))
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> String {
        moment.to_string()
    }
}

/// What the checksum of a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Made {
    /// Nothing came out.
    Nothing,
    /// `manifest.json` at the top of the site, which holds the checksums of all files.
    Site,
    /// `manifest.json` of a close pack.
    Pack,
    /// What was printed on stdout.
    Printed,
}

impl Made {
    /// The word for people and for the log.
    pub fn word(self) -> &'static str {
        match self {
            Made::Nothing => "nothing",
            Made::Site => "site",
            Made::Pack => "pack",
            Made::Printed => "printed",
        }
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Done.
    Done,
    /// Done, with something that was found.
    Findings,
    /// An internal check failed.
    Bug,
    /// Usage, configuration or content.
    Usage,
    /// The input is unusable.
    Input,
    /// It could not be published.
    Publish,
    /// Another build was running.
    Busy,
}

impl Outcome {
    /// The outcome of an exit code (contract, section 4).
    pub fn of_exit(code: u8) -> Outcome {
        use crate::error::exit;
        match code {
            exit::DONE => Outcome::Done,
            exit::FINDINGS => Outcome::Findings,
            exit::USAGE => Outcome::Usage,
            exit::INPUT => Outcome::Input,
            exit::PUBLISH => Outcome::Publish,
            exit::BUSY => Outcome::Busy,
            _ => Outcome::Bug,
        }
    }

    /// The word for people and for the log.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Findings => "findings",
            Outcome::Bug => "bug",
            Outcome::Usage => "usage",
            Outcome::Input => "input",
            Outcome::Publish => "publish",
            Outcome::Busy => "busy",
        }
    }
}

/// A line that was cut while it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Torn {
    /// Its length in bytes.
    pub bytes: usize,
    /// SHA-256 over them.
    pub sha256: String,
}

impl Torn {
    /// Of the bytes of a line.
    pub fn of(line: &[u8]) -> Torn {
        Torn { bytes: line.len(), sha256: sha256(line) }
    }
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The version of the format.
    pub schema: u32,
    /// 1, 2, 3 …
    pub seq: u64,
    /// The hash of the record before.
    pub previous: String,
    /// When it was written, in UTC.
    pub time: Moment,
    /// `build`, `query`, `close`, `verify`, `explain`, `diff` or `serve`.
    pub command: String,
    /// The arguments that say what was asked for; never a path.
    pub arguments: BTreeMap<String, String>,
    /// Who says to have run it: `--as`, else `TIEOUT_ACTOR`; empty where nobody said.
    pub declared: String,
    /// The name of the account that the system knows; empty where it is not in the list of accounts.
    pub user: String,
    /// The number of that account.
    pub uid: u32,
    /// The snapshot that was shown; empty where it did not come to one.
    pub snapshot: String,
    /// The name of the set of inputs, as at the foot of every page; empty where it did not come to one.
    pub record_set: String,
    /// What came out.
    pub made: Made,
    /// SHA-256 of it; empty where nothing came out.
    pub sha256: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The exit code.
    pub exit: u8,
    /// The version of the program.
    pub version: String,
    /// The cut line that stands before this record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub torn: Option<Torn>,
}

impl Record {
    /// A record in which nothing is known but time and command.
    pub fn new(time: Moment, command: &str) -> Record {
        Record {
            schema: SCHEMA,
            seq: 0,
            previous: String::new(),
            time,
            command: command.to_owned(),
            arguments: BTreeMap::new(),
            declared: String::new(),
            user: String::new(),
            uid: 0,
            snapshot: String::new(),
            record_set: String::new(),
            made: Made::Nothing,
            sha256: String::new(),
            outcome: Outcome::Done,
            exit: 0,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            torn: None,
        }
    }

    /// Its line, without the line end, and its hash.
    pub fn sealed(&self) -> (String, String) {
        // No map with other keys than texts and no float is in it, so it always has a text.
        let text = serde_json::to_string(self).unwrap_or_default();
        let open = text.strip_suffix('}').unwrap_or(&text);
        let hash = sha256(open.as_bytes());
        (format!("{open},\"hash\":\"{hash}\"}}"), hash)
    }

    /// The arguments in one line: `format=json scope=from=2026-05-01&to=2026-05-31`.
    pub fn arguments_in_words(&self) -> String {
        self.arguments.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    /// Who ran it: the declared name and the account.
    pub fn who(&self) -> String {
        let account = if self.user.is_empty() { format!("account {}", self.uid) } else { self.user.clone() };
        if self.declared.is_empty() { account } else { format!("{} ({account})", self.declared) }
    }
}

/// A record as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its fields.
    pub record: Record,
    /// The hash that is written.
    pub hash: String,
    /// The hash of what is written.
    computed: String,
}

impl Sealed {
    /// Reads a line without its line end; `None` where it is no record of this format.
    pub fn read(line: &[u8]) -> Option<Sealed> {
        let (open, hash) = taken_apart(line)?;
        let record = serde_json::from_slice(&[open, b"}"].concat()).ok()?;
        Some(Sealed { record, hash: hash.to_owned(), computed: sha256(open) })
    }

    /// Whether the hash is that of the text.
    pub fn is_sound(&self) -> bool {
        self.hash == self.computed
    }
}

/// The hashed bytes of a line and its hash.
pub(super) fn taken_apart(line: &[u8]) -> Option<(&[u8], &str)> {
    let rest = line.strip_suffix(END)?;
    let (rest, hash) = rest.split_at(rest.len().checked_sub(DIGITS)?);
    let hash = std::str::from_utf8(hash).ok().filter(|hash| is_hash(hash))?;
    Some((rest.strip_suffix(HASH)?, hash))
}

/// Whether a text is written like a hash: 64 digits, small letters.
pub(super) fn is_hash(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes).into())
}
