//! The staging folder while it is filled: where the site before last lies in it, what stays the same is neither written nor
//! touched.
//!
//! The two generations of a site take turns, so a build costs what differs: writing a file costs a hundred times what
//! comparing it does, and removing one more than writing it. A file whose content stays keeps its time, so what copies a
//! site by time and size copies what changed: between two generations the times of equal files are equal.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::manifest;
use crate::error::Error;
use crate::fs::{self, Kind};
use crate::site::Ground;

/// The checksums of files by their path from the top.
pub(super) type Sums = HashMap<String, [u8; 32]>;

/// What a staging folder begins with.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// The staging folder.
    stage: PathBuf,
    /// The live site.
    live: PathBuf,
    /// The checksums of its files by their path from the top.
    live_sums: Sums,
    /// The files of the site before last, which lie in the staging folder, with their checksums; nothing of it is there where
    /// this is empty.
    pub(super) old: Sums,
    /// The files that were as they should be, and so were compared byte by byte.
    kept: Mutex<HashSet<String>>,
}

impl Turn {
    /// `old` are the files that lie in the staging folder already.
    pub(super) fn new(stage: &Path, live: &Path, old: Sums) -> Result<Turn, Error> {
        let live_sums = manifest::sums_of(live)?.unwrap_or_default();
        Ok(Turn { stage: stage.to_owned(), live: live.to_owned(), live_sums, old, kept: Mutex::default() })
    }

    /// The files that were compared already.
    pub(super) fn kept(&self) -> HashSet<String> {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The path from the top.
    fn name<'p>(&self, path: &'p Path) -> Option<&'p str> {
        path.strip_prefix(&self.stage).ok()?.to_str()
    }
}

impl Ground for Turn {
    fn folder(&self, path: &Path) -> Result<(), Error> {
        match fs::kind(path)? {
            Some(Kind::Folder) if !self.old.is_empty() => Ok(()),
            Some(Kind::File) if self.name(path).is_some_and(|name| self.old.contains_key(name)) => {
                fs::remove_file(path)?;
                fs::create_folder(path)
            }
            Some(_) | None => fs::create_folder(path),
        }
    }

    fn file(&self, path: &Path, bytes: &[u8], sha256: &[u8; 32]) -> Result<(), Error> {
        let name = self.name(path);
        let is_live = name.and_then(|name| self.live_sums.get(name)).is_some_and(|live| live == sha256);
        if let Some((name, old)) = name.and_then(|name| Some((name, self.old.get(name)?))) {
            // Its checksum spares reading what is another file, and vouches for nothing.
            if old == sha256 && fs::holds(path, bytes)? {
                self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
                // Other content was live in between.
                return if is_live { Ok(()) } else { fs::touch(path, None) };
            }
            if fs::kind(path)?.is_some() {
                fs::remove_file(path)?;
            }
        }
        fs::write_new(path, bytes)?;
        match name.filter(|_| is_live).map(|name| self.live.join(name)) {
            Some(live) if fs::kind(&live)? == Some(Kind::File) => fs::touch(path, Some(&live)),
            Some(_) | None => Ok(()),
        }
    }
}
