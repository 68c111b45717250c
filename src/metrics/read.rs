//! Reads `input/metrics/`. Whatever is wrong there is a warning: no rebate depends on these files.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};
use ustr::Ustr;

use super::accuracy::Final;
use super::rows::{self, Bad, Columns, warning};
use super::{FOLDER, Given, GivenFile, Log, Ticket, View, access};
use crate::diagnostic::{Diagnostic, visible};
use crate::error::Error;
use crate::fs;
use crate::history::survival::{Outcome, Sample};
use crate::ingest::format::{Declared, packed};
use crate::ingest::grammar;
use crate::model::money::{Currency, Money};

/// How a file begins that gzip packed.
const PACKED: &[u8] = b"\x1F\x8B";

const TICKETS: Columns = Columns {
    required: &["ticket_id", "opened"],
    optional: &["closed", "team", "requester_team", "code", "root_key", "escalated", "order_id"],
    personal: &[],
};
const USERS: Columns = Columns { required: &["user", "team"], optional: &[], personal: &["user"] };
const ACTIVE: Columns = Columns { required: &["month", "active_lines"], optional: &[], personal: &[] };
const FINALS: Columns = Columns {
    required: &["program", "period", "currency", "horizon_days", "snapshot_total", "final_total"],
    optional: &[],
    personal: &[],
};
const PAID: Columns = Columns { required: &["line_id", "days", "event"], optional: &[], personal: &[] };

/// A file with its bytes, unpacked.
struct Unpacked {
    file: GivenFile,
    name: String,
    bytes: Vec<u8>,
}

/// Reads every file of the folder `metrics` of an input folder; nothing where there is none.
///
/// # Errors
/// [`Error::Read`] when the folder itself cannot be listed. Everything else is a warning.
pub fn read(input: &Path) -> Result<(Given, Vec<Diagnostic>), Error> {
    let folder = input.join(FOLDER);
    let mut problems = Vec::new();
    if fs::kind(&folder)? != Some(fs::Kind::Folder) {
        return Ok((Given::default(), problems));
    }
    let mut files = Vec::new();
    for found in fs::list(&folder)?.into_iter().filter(|found| found.kind != fs::Kind::Folder) {
        let name = found.path.to_string_lossy().replace('\\', "/");
        files.extend(unpacked(&folder, &found, &name, &mut problems));
    }
    let mut given = Given::default();
    // Whose team a user is in, before the logs that name users.
    files.sort_by_key(|file| file.name.contains(".log"));
    let mut teams = HashMap::new();
    let (mut seen, mut tables) = (HashSet::new(), HashSet::new());
    for Unpacked { mut file, name, bytes } in files {
        if file.is_unusable {
            given.files.push(file);
            continue;
        }
        let is_same = !seen.insert((name.contains(".log"), Sha256::digest(&bytes)));
        if is_same || tables.contains(&name) {
            let message = if is_same {
                "an earlier file holds the same, so this one is not used".to_owned()
            } else {
                format!("an earlier file is `{name}` already, so this one is not used")
            };
            problems.push(warning("metrics-file-twice", &file.path, message, "remove one of the two"));
            file.is_unusable = true;
        } else {
            take(&mut given, &mut file, (&name, &bytes), &mut teams, &mut problems);
            // Logs are as many as there are; a table is one file.
            if !file.is_unusable && !name.contains(".log") {
                tables.insert(name);
            }
        }
        given.files.push(file);
    }
    given.files.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
    Ok((given, problems))
}

/// The teams of users, by their name in lower case: of `users.csv` in the folder `metrics` of an input folder.
///
/// # Errors
/// [`Error::Read`] when the folder cannot be listed. Everything else is a warning.
pub fn teams(input: &Path) -> Result<(HashMap<String, Ustr>, Vec<Diagnostic>), Error> {
    let folder = input.join(FOLDER);
    let (mut teams, mut problems) = (HashMap::new(), Vec::new());
    if fs::kind(&folder)? != Some(fs::Kind::Folder) {
        return Ok((teams, problems));
    }
    for found in fs::list(&folder)? {
        let name = found.path.to_string_lossy().replace('\\', "/");
        if known(&name) != Some("users.csv") || !teams.is_empty() {
            continue;
        }
        if let Some(Unpacked { mut file, bytes, .. }) = unpacked(&folder, &found, &name, &mut problems) {
            users(&mut file, &bytes, &mut teams, &mut problems);
        }
    }
    Ok((teams, problems))
}

/// The views of pages in an access log anywhere, plain or packed, with what became of its lines; nothing of it is kept.
///
/// # Errors
/// [`Error::Read`] when it cannot be read or unpacked.
pub fn views(log: &Path, teams: &HashMap<String, Ustr>) -> Result<(Vec<View>, GivenFile), Error> {
    let mut bytes = fs::read(log)?;
    if bytes.starts_with(PACKED) {
        let name = log.to_string_lossy();
        let members = packed::unpack(&name, bytes, &Declared::default()).map_err(|found| {
            let why = found.into_iter().next().map_or_else(String::new, |problem| problem.message);
            Error::Read { path: log.to_owned(), source: io::Error::other(why) }
        })?;
        bytes = members.into_iter().map(|(_, bytes)| bytes).next().unwrap_or_default();
    }
    let mut file = GivenFile::default();
    let views = access::views(&mut file, &bytes, teams);
    Ok((views, file))
}

/// Whether a file is one that is read here: its name, without the ending of a packed file.
fn known(name: &str) -> Option<&str> {
    let plain = name.strip_suffix(".gz").unwrap_or(name);
    let is_log = plain.starts_with("access") && plain.contains(".log");
    let tables =
        ["tickets.csv", "users.csv", "active_lines.csv", "snapshot_vs_final.csv", "approved_to_paid.csv"];
    (is_log || tables.contains(&plain)).then_some(plain)
}

fn unpacked(
    folder: &Path,
    found: &fs::Found,
    name: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<Unpacked> {
    let path = format!("{FOLDER}/{name}");
    let Some(plain) = known(name) else {
        if !name.rsplit('/').next().is_some_and(|name| name.starts_with('.')) {
            problems.push(warning(
                "file-not-used",
                &path,
                format!("`{}` is not a file that tieout reads here", visible(name)),
                "name it as in the list of files for the success metrics (README, section Success metrics)",
            ));
        }
        return None;
    };
    let Ok(bytes) = fs::read_within(folder, &found.path) else {
        problems.push(warning(
            "metrics-file-unreadable",
            &path,
            "the file cannot be read, so it is not used".to_owned(),
            "it must be a regular file in this folder that this account may read and that nobody is writing to",
        ));
        return None;
    };
    let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let file = GivenFile { path: path.clone(), size: bytes.len() as u64, sha256, ..GivenFile::default() };
    let is_packed = bytes.starts_with(PACKED);
    let bytes = if is_packed {
        match packed::unpack(&path, bytes, &Declared::default()) {
            Ok(members) => members.into_iter().map(|(_, bytes)| bytes).next().unwrap_or_default(),
            Err(found) => {
                let why = found.first().map_or("it cannot be unpacked", |problem| problem.message.as_str());
                let help = "copy it again from where it came";
                let message = format!("{why}, so this file is not used");
                problems.push(warning("metrics-file-unreadable", &path, message, help));
                return Some(Unpacked {
                    file: GivenFile { is_unusable: true, ..file },
                    name: plain.to_owned(),
                    bytes: Vec::new(),
                });
            }
        }
    } else {
        bytes
    };
    Some(Unpacked { file, name: plain.to_owned(), bytes })
}

/// Reads one file into its place.
fn take(
    given: &mut Given,
    file: &mut GivenFile,
    (name, bytes): (&str, &[u8]),
    teams: &mut HashMap<String, Ustr>,
    problems: &mut Vec<Diagnostic>,
) {
    match name {
        "tickets.csv" => given.tickets = tickets(file, bytes, problems).or(given.tickets.take()),
        "users.csv" => given.teams = users(file, bytes, teams, problems).or(given.teams.take()),
        "active_lines.csv" => {
            let mut months = BTreeMap::new();
            let read = rows::read(file, bytes, &ACTIVE, problems, |row| {
                let (month, lines) = (row.month("month")?, row.count("active_lines")?);
                if months.contains_key(&month) {
                    return Err(Bad::Repeated("month"));
                }
                months.insert(month, lines);
                Ok(())
            });
            given.active = read.map(|()| months).or(given.active.take());
        }
        "snapshot_vs_final.csv" => given.finals = finals(file, bytes, problems).or(given.finals.take()),
        "approved_to_paid.csv" => {
            let (mut sample, mut seen) = (Sample::default(), HashSet::new());
            let read = rows::read(file, bytes, &PAID, problems, |row| {
                let (line, days) = (row.name("line_id")?, row.count("days")?);
                let is_paid = row
                    .flag("event")?
                    .ok_or_else(|| row.wrong("event", "is empty", "write 1 for paid, 0 for still open"))?;
                let days = u32::try_from(days).ok().filter(|days| *days <= 36_500);
                let days = days.ok_or_else(|| row.wrong("days", "is more than a century", "check it"))?;
                if !seen.insert(line) {
                    return Err(Bad::Repeated("line_id"));
                }
                sample.add(None, days, if is_paid { Outcome::Paid } else { Outcome::Open });
                Ok(())
            });
            given.paid = read.map(|()| sample).or(given.paid.take());
        }
        _ => access::add(given.log.get_or_insert_with(Log::default), file, bytes, teams, problems),
    }
}

fn tickets(file: &mut GivenFile, bytes: &[u8], problems: &mut Vec<Diagnostic>) -> Option<Vec<Ticket>> {
    let (mut tickets, mut seen) = (Vec::new(), HashSet::new());
    rows::read(file, bytes, &TICKETS, problems, |row| {
        let ticket = Ticket {
            id: row.name("ticket_id")?,
            opened: row.date("opened")?,
            closed: row.date_or_none("closed")?,
            requester_team: row.name_or_none("requester_team")?,
            code: row.name_or_none("code")?,
            root: row.name_or_none("root_key")?,
            escalated: row.flag("escalated")?,
        };
        if ticket.closed.is_some_and(|closed| closed < ticket.opened) {
            return Err(row.wrong(
                "closed",
                "is before the day it was opened",
                "correct one of the two dates",
            ));
        }
        if !seen.insert(ticket.id) {
            return Err(Bad::Repeated("ticket_id"));
        }
        tickets.push(ticket);
        Ok(())
    })?;
    tickets.sort_by_key(|ticket| (ticket.opened, ticket.id));
    Some(tickets)
}

fn users(
    file: &mut GivenFile,
    bytes: &[u8],
    teams: &mut HashMap<String, Ustr>,
    problems: &mut Vec<Diagnostic>,
) -> Option<BTreeSet<Ustr>> {
    let mut all = BTreeSet::new();
    rows::read(file, bytes, &USERS, problems, |row| {
        // Names of accounts are compared without case, as directories do.
        let user = row.name("user")?.to_lowercase();
        let team = row.name("team")?;
        if teams.contains_key(&user) {
            return Err(Bad::Repeated("user"));
        }
        teams.insert(user, team);
        all.insert(team);
        Ok(())
    })?;
    Some(all)
}

fn finals(file: &mut GivenFile, bytes: &[u8], problems: &mut Vec<Diagnostic>) -> Option<Vec<Final>> {
    let (mut finals, mut seen) = (Vec::new(), HashSet::new());
    rows::read(file, bytes, &FINALS, problems, |row| {
        let code = row.text("currency");
        let currency = Currency::parse(code).ok_or_else(|| {
            row.wrong("currency", "is not a currency of ISO 4217", "write its three letters")
        })?;
        let amount = |column| {
            let number = grammar::decimal(row.text(column)).map_err(|error| Bad::Cell(column, error))?;
            Money::from_decimal(number, currency).map_err(|_| {
                let what = format!("has more digits than {code} has, or is too large");
                row.wrong(column, &what, "give it in full minor units, such as cents")
            })
        };
        let horizon = u32::try_from(row.count("horizon_days")?).unwrap_or(u32::MAX);
        let one = Final {
            program: row.name("program")?,
            period: row.month("period")?,
            horizon,
            before: amount("snapshot_total")?,
            last: amount("final_total")?,
        };
        if !seen.insert((one.program, one.period, currency, horizon)) {
            return Err(Bad::Repeated("period"));
        }
        finals.push(one);
        Ok(())
    })?;
    Some(finals)
}
