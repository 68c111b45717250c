//! Puts a finished site in the place of the old one: stage beside it, check, sync, exchange.
//!
//! ```text
//! open      lock · refuse · recover · create .stage-site
//! tree/seal files through a Site each · manifest.json · SHA256SUMS
//! publish   verify against the manifests · carry foreign files over · sync · exchange · sync the parent · retire the old
//! ```
//!
//! Invariants, after any failure and any kill: the published site is exactly the old one or exactly the new one;
//! files that somebody else put there are still there; the next build works without cleaning up by hand.
//! Everything that can fail is before the exchange. Nothing is ever written into a live site, and nothing is removed
//! that no manifest of ours lists.

mod ground;
pub mod manifest;
mod swap;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::fs::{self, Kind, Locked};
use crate::site::{Entry, Ground, Site, check_path};
use ground::Turn;
use manifest::{Check, Facts, Fault};
use swap::{MARKER, Places};

/// How many faults a message about a damaged staging folder lists.
const FAULTS_SHOWN: usize = 5;

/// A build on its way: the lock, and a folder beside the target that is filled through [`Site`]s.
///
/// Dropped before [`Staging::publish`], it removes what it made, and the old site stays.
#[derive(Debug)]
pub struct Staging {
    places: Places,
    /// By folder; `None` until it is sealed.
    trees: Mutex<BTreeMap<String, Option<[Entry; 2]>>>,
    /// What the staging folder began with.
    turn: Arc<Turn>,
    /// Whether the staging folder is ours to remove.
    staged: bool,
    _lock: fs::Lock,
}

/// The place of a site, locked for one build.
#[derive(Debug)]
pub struct Target {
    places: Places,
    lock: fs::Lock,
}

impl Target {
    /// Locks the target, refuses one that is not ours to replace, and clears what a dead build left. `home` is the user's home
    /// folder, where known; it is never published into.
    ///
    /// # Errors
    /// As [`Staging::open`].
    pub fn open(target: &Path, home: Option<&Path>) -> Result<Target, Error> {
        publishing(Self::open_or_fail(target, home))
    }

    fn open_or_fail(target: &Path, home: Option<&Path>) -> Result<Target, Error> {
        let Some(name) = target.file_name().and_then(|name| name.to_str()) else {
            return refuse(target, "it has no plain name of its own", "name a folder, such as --output site");
        };
        let parent = match target.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        refuse_protected(target, home)?;
        fs::create_folders(parent)?;
        let places = Places::new(parent, name);
        // A lock per target, so that `--output` of another name in the same folder is no conflict.
        let lock = match fs::lock(&parent.join(format!(".tieout-{name}.lock")))? {
            Locked::Ours(lock) => lock,
            Locked::Theirs(process) => {
                let holder = process.map_or_else(String::new, |process| format!(" (process {process})"));
                return Err(Error::Busy { path: target.to_owned(), holder });
            }
        };
        // Before the target is looked at: a dead build may have left it half-way between two names.
        places.recover()?;
        require_ours(&places)?;
        Ok(Target { places, lock })
    }

    /// The live site, where its manifest has this checksum and every file of it is as it was published.
    ///
    /// # Errors
    /// [`Error::Publish`]: a file cannot be read.
    pub fn is_live(&self, manifest_sha256: &str) -> Result<Option<Published>, Error> {
        publishing(self.is_live_or_fail(manifest_sha256))
    }

    fn is_live_or_fail(&self, manifest_sha256: &str) -> Result<Option<Published>, Error> {
        if manifest::sha256_of(&self.places.target)?.is_none_or(|live| live != manifest_sha256) {
            return Ok(None);
        }
        let Some(verified) = manifest::verify(&self.places.target, Check::Hashes)? else { return Ok(None) };
        if verified.faults.iter().any(|(_, fault)| *fault != Fault::Extra) {
            return Ok(None);
        }
        let previous = &self.places.previous;
        Ok(Some(Published {
            files: verified.files,
            bytes: verified.bytes,
            manifest_sha256: manifest_sha256.to_owned(),
            carried: 0,
            previous: fs::kind(previous)?.map(|_| previous.clone()),
            unfinished: None,
            is_unchanged: true,
        }))
    }

    /// Creates the staging folder.
    ///
    /// # Errors
    /// As [`Staging::open`].
    pub fn stage(self) -> Result<Staging, Error> {
        publishing(self.stage_or_fail())
    }

    fn stage_or_fail(self) -> Result<Staging, Error> {
        let Target { places, lock } = self;
        let mut staging =
            Staging { places, trees: Mutex::default(), turn: Arc::default(), staged: true, _lock: lock };
        let old = staging.places.create_stage()?;
        let Places { stage, target, .. } = &staging.places;
        staging.turn = Arc::new(Turn::new(stage, target, old)?);
        Ok(staging)
    }
}

/// A site that went live.
#[derive(Debug)]
pub struct Published {
    /// Its files, without those of somebody else and without the top's `manifest.json` and `SHA256SUMS`.
    pub files: usize,
    /// Their size.
    pub bytes: u64,
    /// SHA-256 of the manifest at its top: one number for all files.
    pub manifest_sha256: String,
    /// How many files of somebody else were carried over.
    pub carried: usize,
    /// Where the site before this one is now; `None` when there was none, or when `unfinished` says why not.
    pub previous: Option<PathBuf>,
    /// Whether the site that was live is the one that would have been made, so that nothing was written.
    pub is_unchanged: bool,
    /// The new site is live, but putting the old one away failed; the next build does it. Worth a warning.
    pub unfinished: Option<Error>,
}

impl Staging {
    /// Locks the target, refuses one that is not ours to replace, clears what a dead build left, and creates the
    /// staging folder. `home` is the user's home folder, where known; it is never published into.
    ///
    /// # Errors
    /// [`Error::Busy`]: another build has the lock.
    /// [`Error::Target`]: the target is a link, a file, `/`, the home folder, a mount point, holds the current folder,
    /// cannot be written, or holds files and no manifest of ours.
    /// [`Error::Publish`]: the folder around it cannot be created or written.
    pub fn open(target: &Path, home: Option<&Path>) -> Result<Self, Error> {
        Target::open(target, home)?.stage()
    }

    /// The sink for the tree in `folder`, such as `internal` or `customer/ab12`; empty for a site that is one tree.
    ///
    /// # Errors
    /// [`Error::Identity`]: the folder's name is unsafe, taken, or inside another tree.
    /// [`Error::Publish`]: the folder cannot be created.
    pub fn tree(&self, folder: &str) -> Result<Site, Error> {
        if !folder.is_empty() {
            check_path(folder)
                .map_err(|why| Error::Identity(format!("no tree can be in `{folder}`: {why}")))?;
        }
        let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        {
            let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
            let mut outer = Path::new(folder).ancestors().filter_map(Path::to_str);
            let inner = trees.range(inside.clone()..).next().filter(|(other, _)| other.starts_with(&inside));
            if let Some(other) =
                outer.find(|outer| trees.contains_key(*outer)).or(inner.map(|(inner, _)| &**inner))
            {
                return Err(Error::Identity(format!(
                    "the trees `{folder}` and `{other}` are inside each other"
                )));
            }
            trees.insert(folder.to_owned(), None);
        }
        let root = self.places.stage.join(folder);
        for (end, _) in inside.match_indices('/') {
            self.turn.folder(&self.places.stage.join(&inside[..end]))?;
        }
        Ok(Site::over(root, self.turn()))
    }

    fn turn(&self) -> Arc<dyn Ground> {
        // In its own binding, because the type changes with it.
        let turn: Arc<Turn> = Arc::clone(&self.turn);
        turn
    }

    /// Ends a tree: checks its links, adds `manifest.json` and `SHA256SUMS`.
    ///
    /// # Errors
    /// As [`manifest::seal`]; and [`Error::Identity`] when [`Staging::tree`] did not give out that folder.
    pub fn seal(&self, folder: &str, site: Site, facts: &Facts) -> Result<(), Error> {
        let ours = manifest::seal(&site, facts)?;
        let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        match trees.get_mut(folder) {
            Some(tree) => *tree = Some(ours),
            None => {
                return Err(Error::Identity(format!("the tree `{folder}` was sealed before it was begun")));
            }
        }
        Ok(())
    }

    /// Checks everything that was written, puts it in the place of the old site, and keeps that as `.prev-<name>`.
    ///
    /// `facts` go into the manifest at the top, which holds the trees together; a site that is one tree has that tree's.
    ///
    /// # Errors
    /// The old site stays, except where noted.
    /// [`Error::Identity`]: a tree is not sealed, or what is on disk is not what was written.
    /// [`Error::Target`]: a file of somebody else has a name that the new site needs.
    /// [`Error::Publish`]: the disk refused. With the action `sync` on the folder around the site, the new site is
    /// live, and may be gone after a power cut.
    pub fn publish(self, facts: &Facts, check: Check) -> Result<Published, Error> {
        publishing(self.publish_or_fail(facts, check))
    }

    fn publish_or_fail(mut self, facts: &Facts, check: Check) -> Result<Published, Error> {
        let manifest_sha256 = self.seal_top(facts)?;
        self.places.clear(&self.turn.old)?;
        let (files, bytes) = self.verify(check)?;
        require_ours(&self.places)?;
        let carried = self.places.carry()?;
        fs::sync_file_system(&self.places.stage)?;
        // From here on the folder is a finished site, whole on disk; after a kill it may be put in place.
        fs::remove_file(&self.places.stage.join(MARKER))?;
        let old = self.places.swap()?;
        self.staged = false;
        fs::sync_folder(&self.places.parent)?;
        let unfinished = old.and_then(|old| publishing(self.places.retire(old)).err());
        let previous = old.filter(|_| unfinished.is_none()).map(|_| self.places.previous.clone());
        Ok(Published { files, bytes, manifest_sha256, carried, previous, unfinished, is_unchanged: false })
    }

    /// Gives the checksum of the manifest at the top.
    fn seal_top(&self, facts: &Facts) -> Result<String, Error> {
        let trees = std::mem::take(&mut *self.trees.lock().unwrap_or_else(PoisonError::into_inner));
        let mut sealed = BTreeMap::new();
        for (folder, ours) in trees {
            let Some(ours) = ours else {
                return Err(Error::Identity(format!(
                    "the tree `{folder}` is published before it is complete"
                )));
            };
            sealed.insert(folder, ours);
        }
        if let Some([manifest, _]) = sealed.remove("") {
            return Ok(manifest.sha256);
        }
        let [manifest, _] = {
            let site = Site::over(self.places.stage.clone(), self.turn());
            manifest::seal_top(&site, facts, &sealed)?
        };
        Ok(manifest.sha256)
    }

    /// The other half of the pair: what was hashed while writing must be what is read back.
    fn verify(&self, check: Check) -> Result<(usize, u64), Error> {
        let Some(verified) = manifest::verify_but(&self.places.stage, check, &self.turn.kept())? else {
            return Err(Error::Identity("the staged site has no manifest".to_owned()));
        };
        let faults: Vec<_> = verified.faults.iter().filter(|(path, _)| path != MARKER).collect();
        if faults.is_empty() {
            return Ok((verified.files, verified.bytes));
        }
        let shown: Vec<String> = faults
            .iter()
            .take(FAULTS_SHOWN)
            .map(|(path, fault)| format!("`{path}` is {}", fault.word()))
            .collect();
        let count = faults.len();
        Err(Error::Identity(format!("{count} staged file(s) are not what was written: {}", shown.join(", "))))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.staged {
            // The error that led here says more than one from cleaning up; the next build clears the rest.
            let _ = self.places.discard();
        }
    }
}

/// Refuses places that nobody means to replace, before anything is created.
fn refuse_protected(target: &Path, home: Option<&Path>) -> Result<(), Error> {
    let help = "name a folder for the site alone, such as --output site";
    match fs::kind(target)? {
        None => return Ok(()),
        Some(Kind::Folder) => {}
        Some(Kind::Link) => return refuse(target, "it is a symbolic link", "name the folder it leads to"),
        Some(Kind::File | Kind::Other) => return refuse(target, "it is not a folder", help),
    }
    let real = fs::canonical(target)?;
    if fs::canonical(Path::new("."))?.starts_with(&real) {
        return refuse(target, "it is, or holds, the current folder", help);
    }
    if let Some(home) = home
        && fs::kind(home)?.is_some()
        && fs::canonical(home)?.starts_with(&real)
    {
        return refuse(target, "it is, or holds, the home folder", help);
    }
    Ok(())
}

/// Files that a repository keeps in an otherwise empty folder: a folder of nothing else is as good as empty.
const NOTES: [&str; 4] = [".gitignore", ".gitkeep", "README", "README.md"];

/// Whether a file at the top of a site is a note of the repository around it.
pub fn is_note(path: &str) -> bool {
    NOTES.contains(&path)
}

/// Refuses a target that exists and is not a site of ours; an empty folder, or one with a note only, is fine.
fn require_ours(places: &Places) -> Result<(), Error> {
    let target = &places.target;
    match fs::kind(target)? {
        None => return Ok(()),
        Some(Kind::Folder) => {}
        Some(Kind::File | Kind::Link | Kind::Other) => {
            return refuse(target, "it is not a folder", "name a folder for the site alone");
        }
    }
    swap::require_same_device(&places.parent, target)?;
    fs::require_writable(target)?;
    let is_note = |found: &fs::Found| found.path.to_str().is_some_and(is_note);
    if manifest::read(target)?.is_none() && !fs::list(target)?.iter().all(is_note) {
        let reason = "it holds files and was not made by tieout";
        return refuse(
            target,
            reason,
            "name an empty or a new folder with --output, or move these files away",
        );
    }
    Ok(())
}

fn refuse<T>(path: &Path, reason: &str, help: &str) -> Result<T, Error> {
    Err(Error::Target { path: path.to_owned(), reason: reason.to_owned(), help: help.to_owned() })
}

/// A file that cannot be read while publishing is no fault of the input.
fn publishing<T>(result: Result<T, Error>) -> Result<T, Error> {
    result.map_err(|error| {
        if let Error::Read { path, source } = error {
            Error::Publish { action: "read", path, source }
        } else {
            error
        }
    })
}

#[cfg(test)]
mod tests {
    //! Faults: the n-th file-system call fails, for every n. The rest of the tests is in `tests/it/publish.rs`.

    use super::*;
    use crate::fs::fault::{self, Lasting};
    use std::collections::BTreeSet;

    /// Path and content; a link is its text, a folder is nothing.
    type Tree = BTreeMap<String, Vec<u8>>;

    fn tree(root: &Path) -> Tree {
        let content = |found: &fs::Found| match found.kind {
            Kind::File => Some(std::fs::read(root.join(&found.path)).unwrap()),
            Kind::Link => Some(
                std::fs::read_link(root.join(&found.path)).unwrap().into_os_string().into_encoded_bytes(),
            ),
            Kind::Folder | Kind::Other => None,
        };
        let name = |found: &fs::Found| found.path.to_str().unwrap().to_owned();
        fs::list(root).unwrap().iter().filter_map(|found| Some((name(found), content(found)?))).collect()
    }

    fn build(target: &Path, version: &str) -> Result<Published, Error> {
        let staging = Staging::open(target, None)?;
        // One sorts before `manifest.json`, one after.
        for folder in ["internal", "tree/ab"] {
            let facts = Facts { audience: folder.into(), ..Facts::default() };
            let site = staging.tree(folder)?;
            site.add("index.html", version.as_bytes())?;
            site.add(&format!("order/{version}.html"), br#"<a href="../index.html">"#)?;
            staging.seal(folder, site, &facts)?;
        }
        staging.publish(&Facts::default(), Check::Hashes)
    }

    /// A file of somebody else at the top, one beside our pages, and a link that leads nowhere.
    fn add_foreign(target: &Path) {
        std::fs::write(target.join("CNAME"), "example.com").unwrap();
        std::fs::create_dir(target.join("internal/own")).unwrap();
        std::fs::write(target.join("internal/own/notes.txt"), "mine").unwrap();
        std::os::unix::fs::symlink("/nowhere", target.join("internal/order/link")).unwrap();
    }

    const FOREIGN: [&str; 3] = ["CNAME", "internal/own/notes.txt", "internal/order/link"];

    fn is_foreign(path: &str) -> bool {
        FOREIGN.contains(&path)
    }

    fn without_foreign(tree: &Tree) -> Tree {
        tree.iter()
            .filter(|(path, _)| !is_foreign(path))
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect()
    }

    /// In memory where possible: a thousand builds sync the whole file system.
    fn folder() -> tempfile::TempDir {
        tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
    }

    /// What a build without faults leaves, files of somebody else included.
    fn undisturbed(version: &str, foreign: bool) -> Tree {
        let home = folder();
        let target = home.path().join("site");
        build(&target, version).unwrap();
        if foreign {
            add_foreign(&target);
        }
        tree(&target)
    }

    fn fail_each_call(has_old: bool, lasting: Lasting) -> u32 {
        let [old, new, next] = ["old", "new", "next"].map(|version| undisturbed(version, has_old));
        for n in 1.. {
            let home = folder();
            let target = home.path().join("site");
            if has_old {
                build(&target, "older").unwrap();
                add_foreign(&target);
                build(&target, "old").unwrap();
            }
            let (result, hit) = fault::inject(n, lasting, || build(&target, "new"));
            if !hit {
                assert!(result.unwrap().unfinished.is_none());
                return n - 1;
            }
            let context = format!("call {n}, {lasting:?}, old site {has_old}: {result:?}");
            if !target.exists() && home.path().join(".swap-site").exists() {
                // Killed between the two renames: the one moment without a site, ended by the next start.
                assert!(lasting == Lasting::ForGood, "{context}");
                drop(Staging::open(&target, None).unwrap());
            }
            let live = target.exists().then(|| tree(&target));
            match &live {
                None => assert!(!has_old && result.is_err(), "{context}"),
                Some(live) if *live == old && has_old => assert!(result.is_err(), "{context}"),
                Some(live) => assert!(*live == new, "{context}\n{:?}", live.keys()),
            }
            if lasting == Lasting::Once && live.as_ref() == Some(&new) {
                let synced_late = matches!(&result, Err(Error::Publish { action: "sync", .. }));
                assert!(result.is_ok() || synced_late, "{context}");
                if has_old && synced_late {
                    let aside = [".stage-site", ".swap-site"].map(|name| home.path().join(name));
                    let kept = aside.iter().find(|path| path.exists()).map(|path| tree(path));
                    assert_eq!(kept.as_ref(), Some(&old), "the old site is not ours to discard: {context}");
                }
            }
            let published =
                build(&target, "next").unwrap_or_else(|error| panic!("{context}\nnext: {error:?}"));
            assert!(published.unfinished.is_none(), "{context}\nnext: {published:?}");
            assert_eq!(
                tree(&target),
                if live.is_some() { next.clone() } else { without_foreign(&next) },
                "{context}"
            );
            let mut names = BTreeSet::from(["site".to_owned()]);
            if let Some(live) = live {
                names.insert(".prev-site".to_owned());
                assert_eq!(tree(&home.path().join(".prev-site")), without_foreign(&live), "{context}");
            }
            let left: BTreeSet<String> = std::fs::read_dir(home.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            assert_eq!(left, names, "{context}");
        }
        unreachable!("the loop ends when no call fails")
    }

    fn run(has_exchange: bool) {
        // The faults are per thread, so verification has to stay on this one.
        std::thread::spawn(move || {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().unwrap();
            fault::without_exchange(!has_exchange);
            pool.install(|| {
                for has_old in [false, true] {
                    for lasting in [Lasting::Once, Lasting::ForGood] {
                        let calls = fail_each_call(has_old, lasting);
                        assert!(calls > if has_old { 100 } else { 40 }, "only {calls} calls were failed");
                    }
                }
            });
        })
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    }

    #[test]
    fn any_failing_call_leaves_the_old_or_the_new_site_with_exchange() {
        // Goal: I1, I3, I4, I6 of the fault model. Method: fail call 1, 2, 3 … once and for good (as a kill does), until
        // a build runs through; then the site is all old or all new, and the next build leaves nothing behind.
        run(true);
    }

    #[test]
    fn any_failing_call_leaves_the_old_or_the_new_site_with_two_renames() {
        // Goal and method: as above, on a file system that cannot exchange folders.
        run(false);
    }
}
