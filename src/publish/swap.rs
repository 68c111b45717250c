//! The folders around a published site, and how a new one takes the place of the old one.
//!
//! Beside the site `site` there may be, all on one file system and all ours by name *and* content:
//!
//! | folder | what it is | ends |
//! | --- | --- | --- |
//! | `.stage-site` with [`MARKER`] in it | a build that is not finished | cleared by the next build |
//! | `.stage-site` without it | a finished build, or, after the exchange, the old site | becomes `.prev-site` |
//! | `.swap-site` | the old site, moved out of the way where folders cannot be exchanged | becomes `.prev-site` |
//! | `.prev-site` | the site before this one, for readers that are still in it | until the next build takes it as its `.stage-site` |
//!
//! Files that somebody else put into the site are *foreign*: no manifest lists them. They get a second name in the new
//! site before it goes live. A foreign file in an old folder is removed only when the live site has it, or a newer one
//! of that path; otherwise it arrived after the new site was put together, and the next build carries it over.

use std::collections::{BTreeMap, HashSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::ground::Sums;
use super::manifest::{self, MANIFEST};
use crate::error::Error;
use crate::fs::{self, Exchange, Found, Kind};

/// The file that says: this staging folder is ours and not finished.
pub(super) const MARKER: &str = ".tieout-staging";

/// The folders of one target.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) parent: PathBuf,
    pub(super) target: PathBuf,
    pub(super) stage: PathBuf,
    pub(super) previous: PathBuf,
    aside: PathBuf,
}

/// What a staging folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Absent,
    Unfinished,
    Complete,
}

impl Places {
    pub(super) fn new(parent: &Path, name: &str) -> Self {
        let beside = |prefix: &str| parent.join(format!("{prefix}{name}"));
        Self {
            parent: parent.to_owned(),
            target: beside(""),
            stage: beside(".stage-"),
            previous: beside(".prev-"),
            aside: beside(".swap-"),
        }
    }

    /// Completes or takes back what a dead build left, so that there is a site (if there ever was one), perhaps a
    /// previous one, and nothing else.
    pub(super) fn recover(&self) -> Result<(), Error> {
        let stage = self.stage()?;
        for folder in [&self.aside, &self.previous] {
            if require_folder(folder)? && manifest::owned(folder)?.is_none() && holds_files(folder)? {
                return Err(not_ours(folder));
            }
        }
        if fs::kind(&self.aside)?.is_some() {
            if fs::kind(&self.target)?.is_none() {
                // Died between the two renames: the new site was checked and synced before the first.
                fs::rename(if stage == Stage::Complete { &self.stage } else { &self.aside }, &self.target)?;
                fs::sync_folder(&self.parent)?;
            }
            if fs::kind(&self.aside)?.is_some() {
                self.retire(&self.aside)?;
            }
        }
        match self.stage()? {
            Stage::Absent => Ok(()),
            Stage::Unfinished => self.discard(),
            // Nobody can tell whether this died just before or just after the exchange. Both times it is a whole site
            // that is not the live one, and the next build replaces it.
            Stage::Complete if fs::kind(&self.target)?.is_some() || !foreign(&self.stage)?.is_empty() => {
                self.retire(&self.stage)
            }
            Stage::Complete => self.discard(),
        }
    }

    fn stage(&self) -> Result<Stage, Error> {
        if !require_folder(&self.stage)? {
            return Ok(Stage::Absent);
        }
        if fs::kind(&self.stage.join(MARKER))?.is_some() || !holds_files(&self.stage)? {
            return Ok(Stage::Unfinished);
        }
        match manifest::owned(&self.stage)? {
            Some(_) => Ok(Stage::Complete),
            None => Err(not_ours(&self.stage)),
        }
    }

    /// Creates the staging folder, marked as not finished: of the site before last, where nobody else has files in it. Says
    /// which files of that are there.
    pub(super) fn create_stage(&self) -> Result<Sums, Error> {
        let mut old = Sums::new();
        if require_folder(&self.previous)?
            && let Some(owned) = manifest::sums_of(&self.previous)?
        {
            // Under this name nobody looks for it, so what is in it stays what it is.
            fs::rename(&self.previous, &self.stage)?;
            if foreign(&self.stage)?.is_empty() {
                old = owned;
            } else {
                fs::rename(&self.stage, &self.previous)?;
            }
        }
        if old.is_empty() {
            fs::create_folder(&self.stage)?;
        }
        fs::write_new(
            &self.stage.join(MARKER),
            b"A build that is not finished. The next build removes this folder.\n",
        )?;
        Ok(old)
    }

    /// Removes what the site before last had and the new one has not, and folders that are empty then.
    pub(super) fn clear(&self, old: &Sums) -> Result<(), Error> {
        if old.is_empty() {
            return Ok(());
        }
        let owned = manifest::owned(&self.stage)?.unwrap_or_default();
        for gone in old.keys().filter(|path| !owned.contains(*path)) {
            let path = self.stage.join(gone);
            if matches!(fs::kind(&path)?, Some(Kind::File)) {
                fs::remove_file(&path)?;
            }
        }
        let found = fs::list(&self.stage)?;
        let files = found.iter().filter(|found| found.kind != Kind::Folder);
        let full: HashSet<&Path> = files.flat_map(|found| found.path.ancestors()).collect();
        let mut empty =
            found.iter().rev().filter(|found| found.kind == Kind::Folder && !full.contains(&*found.path));
        empty.try_for_each(|found| fs::remove_empty_folder(&self.stage.join(&found.path)))
    }

    /// Removes the staging folder with all that is in it. Only for one that was never live: what it holds of others
    /// are second names and copies.
    pub(super) fn discard(&self) -> Result<(), Error> {
        let marker = self.stage.join(MARKER);
        if fs::kind(&marker)?.is_none() {
            // Without it, a folder that is half removed would be nobody's.
            fs::write_new(&marker, b"")?;
        }
        let inside: Vec<Found> =
            fs::list(&self.stage)?.into_iter().filter(|found| found.path != Path::new(MARKER)).collect();
        for found in inside.iter().filter(|found| found.kind != Kind::Folder) {
            fs::remove_file(&self.stage.join(&found.path))?;
        }
        for found in inside.iter().rev().filter(|found| found.kind == Kind::Folder) {
            fs::remove_empty_folder(&self.stage.join(&found.path))?;
        }
        fs::remove_file(&marker)?;
        fs::remove_empty_folder(&self.stage)
    }

    /// Gives every foreign file of the live and the previous site a name in the staging folder; says how many.
    ///
    /// The file that changed last wins where both have one. A name that the new site needs is refused.
    pub(super) fn carry(&self) -> Result<usize, Error> {
        let mut sources: BTreeMap<PathBuf, &Path> = BTreeMap::new();
        for generation in [&self.target, &self.previous] {
            for found in foreign(generation)? {
                let has_newer = match sources.get(&found.path) {
                    Some(other) => is_kept(generation, other, &found.path)?,
                    None => false,
                };
                if !has_newer {
                    sources.insert(found.path, generation);
                }
            }
        }
        let mut in_the_way = Vec::new();
        for (path, source) in &sources {
            let mut taken = fs::kind(&self.stage.join(path))?.is_some();
            for parent in parents(path) {
                require_same_device(&self.parent, &source.join(parent))?;
                let kind = fs::kind(&self.stage.join(parent))?;
                taken |= kind.is_some_and(|kind| kind != Kind::Folder);
            }
            if taken {
                in_the_way.push(source.join(path).display().to_string());
            }
        }
        if !in_the_way.is_empty() {
            let reason = "the new site needs names that files of somebody else have: ".to_owned()
                + &in_the_way.join(", ");
            let help = "move or rename these files, then build again".to_owned();
            return Err(Error::Target { path: self.target.clone(), reason, help });
        }
        for (path, source) in &sources {
            create_folders_like(&self.stage, source, path)?;
            fs::link_or_copy(&source.join(path), &self.stage.join(path))?;
        }
        Ok(sources.len())
    }

    /// Puts the staging folder in the place of the site; says where the old site is now, if there was one.
    ///
    /// When it fails, the old site is where it was. Where folders cannot be exchanged, a process that is killed between
    /// the two renames leaves no site; [`Places::recover`] puts the new one in place.
    pub(super) fn swap(&self) -> Result<Option<&Path>, Error> {
        if fs::kind(&self.target)?.is_none() || fs::list(&self.target)?.is_empty() {
            fs::rename(&self.stage, &self.target)?;
            return Ok(None);
        }
        match fs::exchange(&self.stage, &self.target)? {
            Exchange::Done => Ok(Some(&self.stage)),
            Exchange::Unsupported => {
                fs::rename(&self.target, &self.aside)?;
                if let Err(error) = fs::rename(&self.stage, &self.target) {
                    // Should this fail as well, the first error says more, and the next build takes it from here.
                    let _ = fs::rename(&self.aside, &self.target);
                    return Err(error);
                }
                Ok(Some(&self.aside))
            }
        }
    }

    /// Makes the old site in `old` the previous one. The site before it is removed.
    pub(super) fn retire(&self, old: &Path) -> Result<(), Error> {
        if require_folder(&self.previous)? {
            self.dismantle(old)?;
        }
        for found in foreign(old)? {
            if is_kept(old, &self.target, &found.path)? {
                fs::remove_file(&old.join(&found.path))?;
            }
        }
        fs::rename(old, &self.previous)
    }

    /// Removes the previous site. A foreign file that is nowhere else moves to `heir`.
    fn dismantle(&self, heir: &Path) -> Result<(), Error> {
        let previous = &self.previous;
        let Some(owned) = manifest::owned(previous)? else {
            // Nothing but folders: this is where a build died that was removing it.
            return remove_folders(previous);
        };
        let mut manifests = Vec::new();
        for Found { path, .. } in fs::list(previous)?.into_iter().filter(|found| found.kind != Kind::Folder) {
            if path.to_str().is_some_and(|path| owned.contains(path)) {
                if path.file_name().is_some_and(|name| name == MANIFEST) {
                    manifests.push(path);
                } else {
                    fs::remove_file(&previous.join(&path))?;
                }
            } else if is_kept(previous, &self.target, &path)? || is_kept(previous, heir, &path)? {
                fs::remove_file(&previous.join(&path))?;
            } else {
                create_folders_like(heir, previous, &path)?;
                fs::rename(&previous.join(&path), &heir.join(&path))?;
            }
        }
        // The manifest at the top goes last: without it, the rest would be nobody's.
        manifests.sort_by_key(|path| std::cmp::Reverse(path.components().count()));
        for path in manifests {
            fs::remove_file(&previous.join(path))?;
        }
        remove_folders(previous)
    }
}

/// Refuses to go on across a mount: after the swap, files on the other file system would be removed as if they were the
/// second names that they cannot be.
pub(super) fn require_same_device(parent: &Path, folder: &Path) -> Result<(), Error> {
    // With the point at the end, a link to the parent is followed.
    let device = |path: &Path| Ok::<_, Error>(fs::metadata(&path.join("."))?.map(|metadata| metadata.dev()));
    if device(folder)? == device(parent)? {
        return Ok(());
    }
    Err(Error::Target {
        path: folder.to_owned(),
        reason: "it is the root of another file system".to_owned(),
        help: "publish into a folder below it, or unmount it".to_owned(),
    })
}

/// The folders above a relative path, the outermost first.
fn parents(path: &Path) -> impl Iterator<Item = &Path> {
    let parents: Vec<&Path> =
        path.ancestors().skip(1).filter(|parent| !parent.as_os_str().is_empty()).collect();
    parents.into_iter().rev()
}

/// Creates the folders that `path` needs in `root`, with the permissions they have in `model`.
fn create_folders_like(root: &Path, model: &Path, path: &Path) -> Result<(), Error> {
    for parent in parents(path) {
        if fs::kind(&root.join(parent))?.is_none() {
            fs::create_folder_like(&root.join(parent), &model.join(parent))?;
        }
    }
    Ok(())
}

/// Whether `by/path` is the file `old/path`, or one that changed later.
fn is_kept(old: &Path, by: &Path, path: &Path) -> Result<bool, Error> {
    let (Some(kept), Some(old)) = (fs::metadata(&by.join(path))?, fs::metadata(&old.join(path))?) else {
        return Ok(false);
    };
    let is_later = (kept.mtime(), kept.mtime_nsec()) >= (old.mtime(), old.mtime_nsec());
    Ok(!kept.is_dir() && (fs::same_file(&kept, &old) || is_later))
}

/// The files in the folder of a site that its manifests do not list: all of them when it has no manifest, such as the
/// note that a repository keeps in a folder no site was published into yet.
fn foreign(root: &Path) -> Result<Vec<Found>, Error> {
    if fs::kind(root)?.is_none() {
        return Ok(Vec::new());
    }
    let owned = manifest::owned(root)?.unwrap_or_default();
    let is_foreign = |found: &Found| {
        found.kind != Kind::Folder && !found.path.to_str().is_some_and(|path| owned.contains(path))
    };
    Ok(fs::list(root)?.into_iter().filter(is_foreign).collect())
}

/// Whether there is anything but folders in it.
fn holds_files(folder: &Path) -> Result<bool, Error> {
    Ok(fs::list(folder)?.iter().any(|found| found.kind != Kind::Folder))
}

/// Removes a folder of nothing but folders.
fn remove_folders(root: &Path) -> Result<(), Error> {
    for found in fs::list(root)?.iter().rev() {
        fs::remove_empty_folder(&root.join(&found.path))?;
    }
    fs::remove_empty_folder(root)
}

/// Whether there is a folder of that name; anything else is not ours.
fn require_folder(path: &Path) -> Result<bool, Error> {
    match fs::kind(path)? {
        None => Ok(false),
        Some(Kind::Folder) => Ok(true),
        Some(Kind::File | Kind::Link | Kind::Other) => Err(not_ours(path)),
    }
}

fn not_ours(path: &Path) -> Error {
    Error::Target {
        path: path.to_owned(),
        reason: "tieout needs this name, and what has it was not made by tieout".to_owned(),
        help: format!("look at `{}`, move it away, then build again", path.display()),
    }
}
