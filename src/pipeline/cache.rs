//! What is known of earlier snapshots, kept on disk so that a new one costs that one.
//!
//! The folder can be deleted at any time without changing one byte of output (contract, section 1). A state is used only if
//! everything that it rests on is byte for byte the same: the program, the configuration, every reference file, and every
//! extract up to its snapshot. A damaged file is no state. Writing is an attempt: a failure costs time, not the build.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostic;
use crate::fs;
use crate::history::History;
use crate::ingest::{Files, Found};
use crate::model::time::{AsOf, Month};
use crate::reconcile::Past;
use crate::report::SnapshotFacts;

/// Whether states are read and written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cache {
    /// Neither.
    Off,
    /// Read from a folder, never written.
    Read(PathBuf),
    /// Both.
    Write(PathBuf),
}

/// Everything that snapshots up to one said, as far as a later one needs it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) past: Past,
    pub(super) history: History,
    pub(super) snapshots: Vec<SnapshotFacts>,
    /// The problems of the rows of these snapshots.
    pub(super) problems: Vec<Diagnostic>,
    /// The periods that occur in a file of rebate lines, by its path.
    pub(super) coverage: BTreeMap<String, BTreeSet<Month>>,
    /// The files by their numbers, as rows cite them.
    files: Vec<String>,
    /// The checksums of files whose shape has no flaw.
    flawless: BTreeSet<String>,
}

/// A state to be written: the same fields as [`State`], in the same order.
#[derive(Serialize)]
pub(super) struct Written<'a> {
    pub(super) past: &'a Past,
    pub(super) history: &'a History,
    pub(super) snapshots: &'a [SnapshotFacts],
    pub(super) problems: &'a [Diagnostic],
    pub(super) coverage: BTreeMap<String, BTreeSet<Month>>,
    files: Vec<String>,
    flawless: BTreeSet<&'a str>,
}

impl<'a> Written<'a> {
    pub(super) fn new(
        files: &'a Files,
        past: &'a Past,
        history: &'a History,
        (snapshots, problems): (&'a [SnapshotFacts], &'a [Diagnostic]),
        coverage: BTreeMap<String, BTreeSet<Month>>,
    ) -> Written<'a> {
        let flawless = files.iter().filter(|(_, file)| file.is_flawless()).map(|(_, file)| file.sha256());
        let flawless = flawless.collect();
        let files = files.iter().map(|(_, file)| file.name()).collect();
        Written { past, history, snapshots, problems, coverage, files, flawless }
    }
}

impl State {
    /// Whether bytes of this checksum need not be checked again.
    pub(super) fn is_flawless(&self, sha256: &str) -> bool {
        self.flawless.contains(sha256)
    }

    /// Gives every file the number that it has now; a file that is gone was not one the state rests on.
    pub(super) fn renumber(&mut self, files: &Files) {
        let now: BTreeMap<String, u32> = files.iter().map(|(number, file)| (file.name(), number)).collect();
        let numbers: Vec<u32> =
            self.files.iter().map(|name| now.get(name).copied().unwrap_or(u32::MAX)).collect();
        let number = |old: u32| numbers.get(old as usize).copied().unwrap_or(u32::MAX);
        self.history.renumber(number);
        for used in self.snapshots.iter_mut().flat_map(|facts| &mut facts.uses) {
            used.file = number(used.file);
        }
    }
}

/// The states of one input, found by what they rest on.
#[derive(Debug)]
pub(super) struct States {
    cache: Cache,
    /// Whether nothing is written although it may be.
    is_paused: bool,
    /// The name of the state of each snapshot.
    names: BTreeMap<AsOf, String>,
}

/// What states begin with: their kind and the version of their form.
const MARK: &[u8; 8] = b"tieout1\n";
/// How long a checksum is.
const CHECKSUM: usize = 32;

impl States {
    /// The names of the states of an input; `own` is what else they rest on.
    pub(super) fn new(cache: &Cache, found: &Found, own: &[&str]) -> States {
        let snapshots: BTreeSet<AsOf> = found.snapshots().collect();
        let name = |as_of: AsOf| {
            let mut hash = Sha256::new();
            let mut add = |text: &str| {
                hash.update(text.len().to_le_bytes());
                hash.update(text);
            };
            add(env!("TIEOUT_BUILD"));
            own.iter().copied().for_each(&mut add);
            for (path, snapshot, sha256) in found.files() {
                // A reference file kept with a later snapshot may hold for this one, too.
                let is_reference = snapshot.is_none() || path.contains("/reference/");
                if is_reference || snapshot.is_some_and(|s| s <= as_of) {
                    add(path);
                    add(sha256);
                }
            }
            let hex: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            format!("history-{as_of}-{hex}.bin")
        };
        let names = if *cache == Cache::Off {
            BTreeMap::new()
        } else {
            snapshots.into_iter().map(|as_of| (as_of, name(as_of))).collect()
        };
        States { cache: cache.clone(), is_paused: false, names }
    }

    /// From now on no state is written and none removed; or again, where they were at first.
    pub(super) fn set_kept(&mut self, is_kept: bool) {
        self.is_paused = !is_kept;
    }

    /// The newest state before a snapshot.
    pub(super) fn before(&self, shown: AsOf) -> Option<State> {
        let folder = match &self.cache {
            Cache::Off => return None,
            Cache::Read(folder) | Cache::Write(folder) => folder,
        };
        self.names.range(..shown).rev().find_map(|(_, name)| read(&folder.join(name)))
    }

    /// Whether states are written at all.
    pub(super) fn is_written(&self) -> bool {
        matches!(self.cache, Cache::Write(_)) && !self.is_paused
    }

    /// Whether the state of a snapshot is still to be written.
    pub(super) fn wants(&self, as_of: AsOf) -> bool {
        if !self.is_written() {
            return false;
        }
        match (&self.cache, self.names.get(&as_of)) {
            (Cache::Write(folder), Some(name)) => !matches!(fs::kind(&folder.join(name)), Ok(Some(_))),
            (Cache::Write(_) | Cache::Read(_) | Cache::Off, _) => false,
        }
    }

    /// Writes the state of a snapshot; one that cannot be written is computed again next time.
    pub(super) fn write(&self, as_of: AsOf, state: &Written<'_>) {
        let (Cache::Write(folder), Some(name)) = (&self.cache, self.names.get(&as_of)) else { return };
        write(folder, name, state);
    }

    /// Removes states that neither the shown snapshot nor the next one will ask for.
    pub(super) fn tidy(&self, shown: AsOf) {
        let (Cache::Write(folder), false) = (&self.cache, self.is_paused) else { return };
        let kept: BTreeSet<&String> =
            self.names.range(..=shown).rev().take(2).map(|(_, name)| name).collect();
        let Ok(found) = fs::list(folder) else { return };
        for file in found {
            let name = file.path.to_string_lossy().into_owned();
            if name.starts_with("history-") && name.ends_with(".bin") && !kept.contains(&name) {
                let _ = fs::remove_file(&folder.join(&name));
            }
        }
    }
}

/// Writes a file of the cache, as an attempt.
pub(super) fn write(folder: &Path, name: &str, what: &impl Serialize) {
    let Ok(body) = postcard::to_stdvec(what) else { return };
    let mut bytes = Vec::with_capacity(MARK.len() + CHECKSUM + body.len());
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(&Sha256::digest(&body));
    bytes.extend_from_slice(&body);
    let draft = folder.join(format!("{name}.new"));
    let _ = fs::create_folders(folder)
        .and_then(|()| {
            // A draft that an interrupted run left behind.
            let _ = fs::remove_file(&draft);
            fs::write_new(&draft, &bytes)
        })
        .and_then(|()| fs::rename(&draft, &folder.join(name)));
}

/// What a file of the cache holds, if it is undamaged.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    if !matches!(fs::kind(path), Ok(Some(_))) {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let rest = bytes.strip_prefix(MARK.as_slice())?;
    let (checksum, body) = rest.split_at_checked(CHECKSUM)?;
    if Sha256::digest(body).as_slice() != checksum {
        return None;
    }
    postcard::from_bytes(body).ok()
}
