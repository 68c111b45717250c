//! What a command leaves behind: a record of who ran it, on what, and what came out.
//!
//! A command begins its trail before it works, adds what it comes to know, and is recorded once at its end: after publishing
//! (reliability F12), also where it fails. A site or a pack that cannot be recorded is published all the same, and the exit
//! code says that it is not in the log; an answer on the screen is worth more than its record, so that is a warning.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Utc;
use serde_json::{Value, json};

use super::{Command, Format, Shared, print};
use crate::audit::{self, FILE, Made, Moment, Outcome, Record, Recorded};
use crate::config::AuditSection;
use crate::diagnostic::is_ignorable;
use crate::error::{Error, exit};
use crate::fs;
use crate::history::Scope;
use crate::ingest::grammar;
use crate::report::query::scope::encoded;

/// The environment variable that says who runs a command.
const ACTOR: &str = "TIEOUT_ACTOR";
/// The longest name of a person, in characters.
const NAME_LENGTH: usize = 80;

/// Checks a name of a person.
pub(super) fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > NAME_LENGTH || text.chars().any(is_ignorable) {
        return Err(format!("a name has at most {NAME_LENGTH} characters, all of them visible"));
    }
    Ok(text.to_owned())
}

/// The section of the configuration; `None` where it cannot be read.
pub(super) fn section(shared: &Shared) -> Result<Option<AuditSection>, Error> {
    if fs::kind(&shared.config)?.is_none() {
        return Ok(Some(AuditSection::default()));
    }
    Ok(String::from_utf8(fs::read(&shared.config)?).ok().and_then(|text| AuditSection::of(&text)))
}

/// Where the log is.
pub(super) fn place(shared: &Shared, section: &AuditSection) -> PathBuf {
    let folder = shared.config.parent().unwrap_or(Path::new(""));
    folder.join(if section.file.is_empty() { FILE } else { &section.file })
}

/// A path that may not exist yet without links, `.` and `..`.
fn real(path: &Path) -> Option<PathBuf> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    match fs::canonical(path) {
        Ok(real) => Some(real),
        Err(_) => Some(real(path.parent()?)?.join(path.file_name()?)),
    }
}

/// Refuses a log inside what is published or read: one would be handed out, the other would change what is built.
fn refuse_inside(log: &Path, shared: &Shared) -> Result<(), Error> {
    let folders = [
        (shared.site(), "the site"),
        (shared.input.clone(), "the input folder"),
        (shared.content.clone(), "the content folder"),
        (shared.templates.clone(), "the templates folder"),
    ];
    for (folder, what) in folders {
        if real(log).zip(real(&folder)).is_some_and(|(log, folder)| log.starts_with(folder)) {
            return Err(Error::Usage {
                message: format!("the audit log `{}` would lie inside {what}", log.display()),
                help: "name a place outside of site, input, content and templates in tieout.toml: [audit] file = \"…\"".to_owned(),
            });
        }
    }
    Ok(())
}

/// What is known of a run for the audit log.
#[derive(Debug, Clone, Default)]
pub(super) struct Trail(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The command, where it is one that is recorded.
    command: Option<&'static str>,
    /// Where it is recorded; nothing where that is off, or why nobody knows where.
    place: Option<Result<PathBuf, String>>,
    declared: String,
    arguments: BTreeMap<String, String>,
    snapshot: String,
    record_set: String,
    is_kept: bool,
    /// What a server recorded last.
    last: String,
}

/// What became of the record of a site or a pack.
#[derive(Debug)]
pub(super) enum Kept {
    /// Nothing is recorded here, because the configuration says so.
    Off,
    /// The site is the one that was recorded before.
    Same,
    /// It is recorded.
    Recorded(Recorded),
    /// It could not be recorded.
    Failed(Unrecorded),
}

/// Why a command is not in the log, in words.
#[derive(Debug)]
pub(super) struct Unrecorded {
    pub(super) what: &'static str,
    pub(super) why: String,
    pub(super) help: &'static str,
}

impl Kept {
    /// The line of a summary.
    pub(super) fn in_words(&self) -> Option<String> {
        match self {
            Kept::Recorded(recorded) => Some(format!("record {}, head {}", recorded.seq, recorded.hash)),
            Kept::Failed(_) => Some("NOT RECORDED".to_owned()),
            Kept::Off => Some("off (tieout.toml: [audit] enabled = false)".to_owned()),
            Kept::Same => None,
        }
    }

    /// The same for programs; null where nothing is recorded.
    pub(super) fn in_json(&self) -> Value {
        match self {
            Kept::Recorded(recorded) => json!({"record": recorded.seq, "head": recorded.hash}),
            Kept::Failed(_) | Kept::Off | Kept::Same => Value::Null,
        }
    }

    /// Says what was noticed.
    pub(super) fn warn(&self, shared: &Shared) {
        match self {
            Kept::Recorded(recorded) => warn(recorded, shared),
            Kept::Failed(failed) => print::unrecorded(failed),
            Kept::Off | Kept::Same => {}
        }
    }

    /// The exit code of a command that published: it says where that is not in the log.
    pub(super) fn exit_code(&self, code: u8) -> u8 {
        match self {
            Kept::Failed(_) => exit::PUBLISH,
            Kept::Off | Kept::Same | Kept::Recorded(_) => code,
        }
    }
}

fn warn(recorded: &Recorded, shared: &Shared) {
    for warning in &recorded.warnings {
        print::say(&format!("warning: {warning}"));
    }
    if shared.verbose {
        print::say(&format!("audit    record {}, head {}", recorded.seq, recorded.hash));
    }
}

/// Begins the trail of a command; `None` for one that leaves none.
///
/// # Errors
/// [`Error::Usage`]: the log would lie inside the site or the input, or [`ACTOR`] is no name.
pub(super) fn begin(command: &Command) -> Option<(&Shared, Result<(), Error>)> {
    let (name, shared, arguments) = told(command)?;
    Some((shared, shared.trail.begin(name, shared, arguments)))
}

type Told<'c> = (&'static str, &'c Shared, Vec<(&'static str, String)>);

/// What is recorded of a command before it runs: never a path, and no text that nobody has understood yet.
fn told(command: &Command) -> Option<Told<'_>> {
    Some(match command {
        Command::Build { shared } => ("build", shared, Vec::new()),
        Command::Serve { shared, .. } => ("serve", shared, Vec::new()),
        Command::Verify { shared, .. } => ("verify", shared, Vec::new()),
        Command::Query { shared, .. } => ("query", shared, Vec::new()),
        Command::Explain { id, dossier, shared } => {
            let id = grammar::canonical(id).chars().take(NAME_LENGTH).collect();
            let dossier = dossier.then(|| ("dossier", "yes".to_owned()));
            ("explain", shared, [("id", id)].into_iter().chain(dossier).collect())
        }
        Command::Diff { a, b, scope, csv, shared } => {
            let days = [("from", a.min(b).to_string()), ("to", a.max(b).to_string())];
            let csv = csv.then(|| ("format", "csv".to_owned()));
            let scope = Some(("scope", spelled(&scope.scope()))).filter(|(_, scope)| !scope.is_empty());
            ("diff", shared, days.into_iter().chain(csv).chain(scope).collect())
        }
        Command::Close { period, seal, shared, .. } => {
            let seal = seal.then(|| ("seal", "yes".to_owned()));
            ("close", shared, [("month", period.to_string())].into_iter().chain(seal).collect())
        }
        Command::Check { .. }
        | Command::Init { .. }
        | Command::Map { .. }
        | Command::Kb { .. }
        | Command::Hosting { .. }
        | Command::Audit { .. } => return None,
    })
}

/// A scope as the query page spells it.
fn spelled(scope: &Scope) -> String {
    let parts = scope.parts().into_iter().map(|(name, value)| format!("{name}={}", encoded(&value)));
    parts.collect::<Vec<_>>().join("&")
}

impl Trail {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(
        &self,
        command: &'static str,
        shared: &Shared,
        arguments: Vec<(&'static str, String)>,
    ) -> Result<(), Error> {
        let declared = match (&shared.declared, std::env::var_os(ACTOR)) {
            (Some(declared), _) => declared.clone(),
            (None, None) => String::new(),
            (None, Some(text)) => {
                text.to_str().ok_or_else(|| "a name is written in UTF-8".to_owned()).and_then(name).map_err(
                    |why| Error::Usage {
                        message: format!("{ACTOR} is no name of a person: {why}"),
                        help: "correct it, or give --as NAME".to_owned(),
                    },
                )?
            }
        };
        let section = section(shared).ok().flatten();
        let log = section.as_ref().map(|section| place(shared, section));
        let is_project = [Some(&shared.config), Some(&shared.input), log.as_ref()]
            .into_iter()
            .flatten()
            .any(|path| fs::kind(path).is_ok_and(|kind| kind.is_some()));
        let mut state = self.state();
        state.place = match (section, log) {
            (Some(section), Some(log)) if section.enabled => {
                refuse_inside(&log, shared)?;
                // In a folder that is no project of ours nothing is left behind.
                is_project.then_some(Ok(log))
            }
            (Some(_), _) => None,
            (None, _) => Some(Err("the configuration cannot be read, so nobody knows where to".to_owned())),
        };
        state.command = Some(command);
        state.declared = declared;
        state.arguments = arguments.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let format = match shared.format {
            Format::Human => None,
            Format::Json => Some("json"),
            Format::Csv => Some("csv"),
        };
        let given = [
            ("format", format.map(str::to_owned)),
            ("snapshot", shared.snapshot.map(|as_of| as_of.to_string())),
            ("output", shared.output.is_some().then(|| "named".to_owned())),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        state.arguments.extend(given);
        Ok(())
    }

    /// Adds what was asked for, once it is understood.
    pub(super) fn argument(&self, name: &str, value: String) {
        self.state().arguments.insert(name.to_owned(), value);
    }

    /// Adds what is shown.
    pub(super) fn shows(&self, snapshot: &str, record_set: &str) {
        let mut state = self.state();
        (state.snapshot, state.record_set) = (snapshot.to_owned(), record_set.to_owned());
    }

    /// Records a site or a pack that went live.
    pub(super) fn keep(&self, code: u8, made: Made, sha256: String) -> Kept {
        let mut state = self.state();
        state.is_kept = true;
        match state.record(code, made, sha256) {
            None => Kept::Off,
            Some(Ok(recorded)) => Kept::Recorded(recorded),
            Some(Err(why)) => Kept::Failed(Unrecorded {
                what: match made {
                    Made::Pack => "error: the pack is written, but it is not recorded in the audit log",
                    Made::Site | Made::Printed | Made::Nothing => {
                        "error: the site is published, but this build is not recorded in the audit log"
                    }
                },
                why,
                help: "make the file one that this account may write, or name another one in tieout.toml ([audit] file), and run \
                       it again: the result is the same, and then it is recorded",
            }),
        }
    }

    /// Records a site that went live, if it is another one than the last.
    pub(super) fn keep_news(&self, code: u8, made: Made, sha256: String) -> Kept {
        if self.state().last == sha256 {
            return Kept::Same;
        }
        let kept = self.keep(code, made, sha256.clone());
        self.state().last = sha256;
        kept
    }

    /// Records the end of a command that is not recorded yet; what cannot be recorded is a warning.
    pub(super) fn end(&self, code: u8, printed: Option<String>, shared: &Shared) {
        let state = self.state();
        if state.is_kept || state.command.is_none_or(|command| command == "serve") {
            return;
        }
        let (made, sha256) = printed.map_or((Made::Nothing, String::new()), |sha256| (Made::Printed, sha256));
        match state.record(code, made, sha256) {
            None => {}
            Some(Ok(recorded)) => warn(&recorded, shared),
            Some(Err(why)) => print::unrecorded(&Unrecorded {
                what: "warning: this is not recorded in the audit log",
                why,
                help: "make the file one that this account may write, or say in tieout.toml where the log is ([audit] file) or that \
                       there is none (enabled = false)",
            }),
        }
    }
}

impl State {
    /// Writes the record; `None` where nothing is recorded.
    fn record(&self, code: u8, made: Made, sha256: String) -> Option<Result<Recorded, String>> {
        let command = self.command?;
        let place = match self.place.as_ref()? {
            Ok(place) => place,
            Err(why) => return Some(Err(why.clone())),
        };
        let (uid, user) = fs::account();
        let record = Record {
            arguments: self.arguments.clone(),
            declared: self.declared.clone(),
            user: user.unwrap_or_default(),
            uid,
            snapshot: self.snapshot.clone(),
            record_set: self.record_set.clone(),
            made,
            sha256,
            outcome: Outcome::of_exit(code),
            exit: code,
            ..Record::new(Moment(Utc::now()), command)
        };
        Some(audit::append(place, record).map_err(|error| {
            let cause = std::error::Error::source(&error).map(|cause| format!(" ({cause})"));
            format!("{error}{}", cause.unwrap_or_default())
        }))
    }
}
