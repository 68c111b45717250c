//! Every file-system call of the program: list, read, stage, sync, rename. Each error names its path.
//!
//! Reading fails with [`Error::Read`], everything that changes the disk with [`Error::Publish`]. This module knows
//! nothing of sites or extracts; which path is ours to change is decided in [`publish`](crate::publish).
//! Invariants: only regular files are read, a listing is sorted by bytes, no call follows a link when it removes,
//! and what is created has mode 0644 or 0755 whatever the umask.

use std::fs::{self, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Access, AtFlags, CWD, OFlags, RenameFlags, Timespec, Timestamps, UTIME_NOW};
use rustix::io::Errno;

use crate::error::Error;

/// How often a file that changes under the reader is read before it is refused.
const READ_ATTEMPTS: u32 = 3;
/// How long the writer of such a file is given before the next attempt.
const READ_PAUSE: Duration = Duration::from_millis(50);

/// How long a command waits for another one that adds to the same file, and how long between two looks.
const APPEND_WAIT: Duration = Duration::from_secs(10);
const APPEND_PAUSE: Duration = Duration::from_millis(10);
/// How much of the end of a file is read first; where it is not enough, twice as much.
const TAIL: u64 = 64 << 10;
/// The list of accounts of the system.
const ACCOUNTS: &str = "/etc/passwd";

const MODE_FILE: u32 = 0o644;
const MODE_FOLDER: u32 = 0o755;

/// What a directory entry is; a link is a link, whatever it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, socket or device.
    Other,
}

/// One entry of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Relative to the folder that was listed.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
}

/// Whether two folders changed places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// They did, in one step.
    Done,
    /// The file system has no such call (FUSE, some network drives); nothing happened.
    Unsupported,
}

/// Lists everything below `root`, folders included, sorted by the bytes of the relative path. No link is followed.
///
/// # Errors
/// [`Error::Read`]: a folder cannot be listed.
pub fn list(root: &Path) -> Result<Vec<Found>, Error> {
    let mut found = Vec::new();
    look(root, || Ok(()))?;
    for entry in walkdir::WalkDir::new(root).min_depth(1) {
        let entry = entry.map_err(|error| Error::Read {
            path: error.path().unwrap_or(root).to_owned(),
            source: error.into_io_error().unwrap_or_else(|| io::Error::other("it contains itself")),
        })?;
        let path = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned();
        found.push(Found { path, kind: kind_of(entry.file_type()) });
    }
    found.sort_unstable_by(|a, b| a.path.as_os_str().as_bytes().cmp(b.path.as_os_str().as_bytes()));
    Ok(found)
}

/// Reads a whole regular file, once and consistently: one that changes meanwhile is read again, then refused.
///
/// # Errors
/// [`Error::Read`]: it is missing, unreadable, a folder, pipe or device, or it kept changing.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    look(path, || read_stable(path, OFlags::empty()))
}

/// Reads `root/relative` like [`read`], and refuses a path or link that leads out of `root`.
///
/// # Errors
/// [`Error::Read`]: as for [`read`], or the file is outside.
pub fn read_within(root: &Path, relative: &Path) -> Result<Vec<u8>, Error> {
    let path = root.join(relative);
    let root = look(root, || root.canonicalize())?;
    look(&path, || {
        let real = path.canonicalize()?;
        if !real.starts_with(&root) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it leads out of the folder it was found in",
            ));
        }
        // Nothing may turn the checked path into a link between the check and the opening.
        read_stable(&real, OFlags::NOFOLLOW)
    })
}

/// What `path` is, or `None` when there is nothing. A link is not followed.
///
/// # Errors
/// [`Error::Read`]: a folder on the way cannot be searched.
pub fn kind(path: &Path) -> Result<Option<Kind>, Error> {
    Ok(metadata(path)?.map(|metadata| kind_of(metadata.file_type())))
}

/// Size, times and identity of `path`, or `None` when there is nothing. A link is not followed.
///
/// # Errors
/// [`Error::Read`]: a folder on the way cannot be searched.
pub fn metadata(path: &Path) -> Result<Option<Metadata>, Error> {
    look(path, || match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        // A path below a file does not exist either.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    })
}

/// Whether others than the owner of a file may read it.
pub fn is_open_to_others(metadata: &Metadata) -> bool {
    metadata.mode() & 0o077 != 0
}

/// The path without links, `.` and `..`; for comparing two paths, never for printing.
///
/// # Errors
/// [`Error::Read`]: it does not exist.
pub fn canonical(path: &Path) -> Result<PathBuf, Error> {
    look(path, || path.canonicalize())
}

/// Fails unless this user may create and remove entries in the folder.
///
/// # Errors
/// [`Error::Publish`]: the folder is read-only, for this user or altogether.
pub fn require_writable(folder: &Path) -> Result<(), Error> {
    change("write into", folder, || Ok(rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK)?))
}

/// Creates one folder; one that is there already is fine.
///
/// # Errors
/// [`Error::Publish`]: it cannot be created, or a file of that name is in the way.
pub fn create_folder(path: &Path) -> Result<(), Error> {
    create_folder_with(path, MODE_FOLDER)
}

/// Creates one folder with the permissions of another; one that is there already stays as it is.
///
/// # Errors
/// [`Error::Publish`]: it cannot be created. [`Error::Read`]: the model cannot be looked at.
pub fn create_folder_like(path: &Path, model: &Path) -> Result<(), Error> {
    let mode = metadata(model)?.map_or(MODE_FOLDER, |metadata| metadata.mode() & 0o7777);
    create_folder_with(path, mode)
}

fn create_folder_with(path: &Path, mode: u32) -> Result<(), Error> {
    change("create", path, || match fs::create_dir(path) {
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(mode)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    })
}

/// Creates a folder and those above it.
///
/// # Errors
/// [`Error::Publish`]: one of them cannot be created.
pub fn create_folders(path: &Path) -> Result<(), Error> {
    change("create", path, || fs::create_dir_all(path))
}

/// Writes a file that must not exist yet, with mode 0644.
///
/// # Errors
/// [`Error::Publish`]: something of that name exists, or the bytes cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = change("create", path, || {
        OpenOptions::new().write(true).create_new(true).mode(MODE_FILE).open(path)
    })?;
    change("write", path, || {
        file.write_all(bytes)?;
        file.set_permissions(Permissions::from_mode(MODE_FILE))
    })
}

/// Whether `path` is a regular file of these bytes; a link is none.
///
/// # Errors
/// [`Error::Read`]: it cannot be read.
pub fn holds(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    let is_alike = metadata(path)?.is_some_and(|found| found.is_file() && found.len() == bytes.len() as u64);
    Ok(is_alike && read(path)? == bytes)
}

/// Sets when a file changed last: as another file, or now.
///
/// # Errors
/// [`Error::Publish`]: it cannot be set.
pub fn touch(path: &Path, like: Option<&Path>) -> Result<(), Error> {
    change("touch", path, || {
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        let time = match like.map(fs::symlink_metadata).transpose()? {
            Some(found) => Timespec { tv_sec: found.mtime(), tv_nsec: found.mtime_nsec() },
            None => now,
        };
        let times = Timestamps { last_access: now, last_modification: time };
        Ok(rustix::fs::utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)?)
    })
}

/// Adds bytes at the end of a file that only grows, with one write and one sync; the file is made where there is none.
///
/// `next` is given the last bytes of the file, and whether they are all of them, while no other command can add to it; it
/// gives what is to be added, or `None` when it needs more of the end, which it then gets.
///
/// # Errors
/// [`Error::Publish`]: it is no regular file or a link, cannot be written or synced, or another command holds it for more
/// than ten seconds.
pub fn append(path: &Path, mut next: impl FnMut(&[u8], bool) -> Option<Vec<u8>>) -> Result<(), Error> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits().cast_signed();
    let is_new = metadata(path).is_ok_and(|found| found.is_none());
    let mut file = change("open", path, || {
        let mut waited = Duration::ZERO;
        loop {
            let mut options = OpenOptions::new();
            let options = options.read(true).append(true).create(true).mode(MODE_FILE).custom_flags(flags);
            let file = options.open(path)?;
            let ours = file.metadata()?;
            if !ours.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
            }
            match file.try_lock() {
                // Unless somebody has put another file in its place meanwhile.
                Ok(()) if fs::symlink_metadata(path).is_ok_and(|now| same_file(&ours, &now)) => {
                    return Ok(file);
                }
                Ok(()) | Err(TryLockError::WouldBlock) if waited < APPEND_WAIT => {
                    std::thread::sleep(APPEND_PAUSE);
                    waited += APPEND_PAUSE;
                }
                Ok(()) | Err(TryLockError::WouldBlock) => {
                    return Err(io::Error::new(io::ErrorKind::WouldBlock, "another command holds it"));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    })?;
    let bytes = change("read the end of", path, || {
        let size = file.metadata()?.len();
        let mut length = TAIL.min(size);
        loop {
            file.seek(io::SeekFrom::Start(size - length))?;
            let mut tail = Vec::new();
            Read::by_ref(&mut file).take(length).read_to_end(&mut tail)?;
            if let Some(bytes) = next(&tail, length == size) {
                return Ok(bytes);
            }
            if length == size {
                return Err(io::Error::other("its end cannot be found"));
            }
            length = (2 * length).min(size);
        }
    })?;
    change("add to", path, || file.write_all(&bytes))?;
    change("sync", path, || file.sync_all())?;
    if is_new {
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        sync_folder(folder)?;
    }
    Ok(())
}

/// The account that runs this program: its number, and its name where the system's list of accounts has it.
pub fn account() -> (u32, Option<String>) {
    let uid = rustix::process::getuid().as_raw();
    let list = fs::read_to_string(ACCOUNTS).unwrap_or_default();
    let name = list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let number = fields.nth(1)?;
        (number == uid.to_string()).then(|| name.to_owned())
    });
    (uid, name)
}

/// Gives `from` a second name, or copies it where links are not possible; a link is made anew with the same text.
///
/// # Errors
/// [`Error::Publish`]: neither is possible, or `to` exists.
pub fn link_or_copy(from: &Path, to: &Path) -> Result<(), Error> {
    change("keep", from, || match fs::symlink_metadata(from)?.file_type() {
        kind if kind.is_symlink() => std::os::unix::fs::symlink(fs::read_link(from)?, to),
        kind => match fs::hard_link(from, to) {
            Err(error) if kind.is_file() && error.kind() != io::ErrorKind::AlreadyExists => {
                fs::copy(from, to).map(|_| ())
            }
            done => done,
        },
    })
}

/// Renames a file or folder. An empty folder of the new name is replaced, a full one is refused.
///
/// # Errors
/// [`Error::Publish`]: the system refuses it.
pub fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    change("rename", from, || fs::rename(from, to))
}

/// Lets two folders change places in one step, so that no reader finds neither.
///
/// # Errors
/// [`Error::Publish`]: the system refuses it for another reason than not having the call.
pub fn exchange(one: &Path, other: &Path) -> Result<Exchange, Error> {
    change("exchange", one, || {
        #[cfg(test)]
        if fault::exchange_is_unsupported() {
            return Ok(Exchange::Unsupported);
        }
        match rustix::fs::renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(Exchange::Done),
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(Exchange::Unsupported),
            Err(error) => Err(error.into()),
        }
    })
}

/// Brings everything on the file system of `folder` to disk with one call: 5,000 files take 1.2 s instead of 9.7 s.
///
/// # Errors
/// [`Error::Publish`]: it failed. Never try again: the second call may succeed although data was lost.
pub fn sync_file_system(folder: &Path) -> Result<(), Error> {
    change("sync", folder, || Ok(rustix::fs::syncfs(File::open(folder)?)?))
}

/// Brings the names in a folder to disk.
///
/// # Errors
/// [`Error::Publish`]: it failed. Never try again, as above.
pub fn sync_folder(folder: &Path) -> Result<(), Error> {
    change("sync", folder, || File::open(folder)?.sync_all())
}

/// Removes a file, or a link but not what it leads to.
///
/// # Errors
/// [`Error::Publish`]: it cannot be removed.
pub fn remove_file(path: &Path) -> Result<(), Error> {
    change("remove", path, || fs::remove_file(path))
}

/// Removes a folder that is empty.
///
/// # Errors
/// [`Error::Publish`]: it is not empty, or cannot be removed.
pub fn remove_empty_folder(path: &Path) -> Result<(), Error> {
    change("remove", path, || fs::remove_dir(path))
}

/// A lock that ends with its owner, by whatever means that ends. The file holds the number of the process.
#[derive(Debug)]
pub struct Lock {
    /// Closing it gives the lock back.
    _file: File,
    path: PathBuf,
}

/// The answer to [`lock`].
#[derive(Debug)]
pub enum Locked {
    /// The lock is ours until it is dropped.
    Ours(Lock),
    /// Another process holds it; its number, where known.
    Theirs(Option<u32>),
}

/// Takes the lock file `path`, without waiting.
///
/// # Errors
/// [`Error::Publish`]: the file cannot be created or the file system has no locks.
pub fn lock(path: &Path) -> Result<Locked, Error> {
    change("lock", path, || {
        loop {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(MODE_FILE)
                .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
                .open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    file.read_to_string(&mut holder)?;
                    return Ok(Locked::Theirs(holder.trim().parse().ok()));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // The owner removes the file as it ends; a lock on a removed file would exclude nobody.
            if fs::symlink_metadata(path)
                .is_ok_and(|now| file.metadata().is_ok_and(|ours| same_file(&ours, &now)))
            {
                file.set_len(0)?;
                file.rewind()?;
                writeln!(file, "{}", std::process::id())?;
                return Ok(Locked::Ours(Lock { _file: file, path: path.to_owned() }));
            }
        }
    })
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A file that stays behind is harmless: the next build takes it over.
        let _ = remove_file(&self.path);
    }
}

/// Whether both describe the same file under whatever name.
pub fn same_file(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

fn kind_of(kind: fs::FileType) -> Kind {
    if kind.is_symlink() {
        Kind::Link
    } else if kind.is_dir() {
        Kind::Folder
    } else if kind.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

fn read_stable(path: &Path, flags: OFlags) -> io::Result<Vec<u8>> {
    for attempt in 0..READ_ATTEMPTS {
        if attempt > 0 {
            std::thread::sleep(READ_PAUSE);
        }
        // Without O_NONBLOCK, opening a pipe would wait for a writer for ever.
        let flags = (flags | OFlags::NONBLOCK | OFlags::CLOEXEC).bits().cast_signed();
        let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let before = file.metadata()?;
        if !before.is_file() {
            let what = if before.is_dir() { "it is a folder" } else { "it is a pipe, socket or device" };
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{what}, not a regular file")));
        }
        let size = usize::try_from(before.len()).map_err(io::Error::other)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size.saturating_add(1)).map_err(io::Error::other)?;
        file.read_to_end(&mut bytes)?;
        #[cfg(test)]
        fault::after_reading();
        let unchanged = fs::metadata(path).is_ok_and(|after| state(&after) == state(&before));
        if unchanged && bytes.len() == size {
            return Ok(bytes);
        }
    }
    Err(io::Error::other("it changed while it was read"))
}

/// What differs after a file was written, replaced or cut.
fn state(metadata: &Metadata) -> (u64, u64, u64, i64, i64, i64, i64) {
    (
        metadata.dev(),
        metadata.ino(),
        metadata.len(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.ctime(),
        metadata.ctime_nsec(),
    )
}

/// One call that only looks.
fn look<T>(path: &Path, call: impl FnOnce() -> io::Result<T>) -> Result<T, Error> {
    step().and_then(|()| call()).map_err(|source| Error::Read { path: path.to_owned(), source })
}

/// One call that changes the disk.
fn change<T>(action: &'static str, path: &Path, call: impl FnOnce() -> io::Result<T>) -> Result<T, Error> {
    step().and_then(|()| call()).map_err(|source| Error::Publish { action, path: path.to_owned(), source })
}

/// The place where tests let a call fail; nothing at all otherwise.
#[cfg(not(test))]
#[inline(always)]
fn step() -> io::Result<()> {
    Ok(())
}
#[cfg(test)]
use fault::step;

/// Faults for tests, per thread: the n-th call from now fails, once or with all that follow (as after `kill -9`).
#[cfg(test)]
pub(crate) mod fault {
    use std::cell::{Cell, RefCell};
    use std::io;

    /// How long the fault lasts.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Lasting {
        Once,
        ForGood,
    }

    thread_local! {
        static COUNTDOWN: Cell<Option<(u32, Lasting)>> = const { Cell::new(None) };
        static HIT: Cell<bool> = const { Cell::new(false) };
        static NO_EXCHANGE: Cell<bool> = const { Cell::new(false) };
        static AFTER_READING: RefCell<Option<Box<dyn FnMut()>>> = const { RefCell::new(None) };
    }

    /// Runs `body` on this thread with the `n`-th call failing; says whether there were that many calls.
    pub(crate) fn inject<T>(n: u32, lasting: Lasting, body: impl FnOnce() -> T) -> (T, bool) {
        COUNTDOWN.set(Some((n, lasting)));
        HIT.set(false);
        let result = body();
        COUNTDOWN.set(None);
        (result, HIT.get())
    }

    pub(crate) fn without_exchange(unsupported: bool) {
        NO_EXCHANGE.set(unsupported);
    }

    pub(crate) fn on_reading(hook: impl FnMut() + 'static) {
        AFTER_READING.set(Some(Box::new(hook)));
    }

    pub(super) fn exchange_is_unsupported() -> bool {
        NO_EXCHANGE.get()
    }

    pub(super) fn after_reading() {
        AFTER_READING.with_borrow_mut(|hook| {
            if let Some(hook) = hook {
                hook();
            }
        });
    }

    pub(super) fn step() -> io::Result<()> {
        let Some((left, lasting)) = COUNTDOWN.get() else { return Ok(()) };
        if left > 1 {
            COUNTDOWN.set(Some((left - 1, lasting)));
            return Ok(());
        }
        HIT.set(true);
        if lasting == Lasting::Once {
            COUNTDOWN.set(None);
        }
        Err(io::Error::from_raw_os_error(28)) // ENOSPC
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn reason(error: Error) -> String {
        let Error::Read { source, .. } = error else { panic!("not a reading error: {error}") };
        source.to_string()
    }

    #[test]
    fn listing_is_sorted_by_bytes_of_the_whole_path() {
        // Goal: the order never depends on the folder. Method: `-` sorts before `/`, which a walk per folder gets wrong.
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("a")).unwrap();
        for name in ["a/b", "a-b", "B"] {
            fs::write(home.path().join(name), "").unwrap();
        }
        symlink("nowhere", home.path().join("z")).unwrap();
        let found = list(home.path()).unwrap();
        let names: Vec<_> = found.iter().map(|found| (found.path.to_str().unwrap(), found.kind)).collect();
        let expected = [
            ("B", Kind::File),
            ("a", Kind::Folder),
            ("a-b", Kind::File),
            ("a/b", Kind::File),
            ("z", Kind::Link),
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn only_regular_files_are_read() {
        // Goal: no hang, no device. Method: a folder, a pipe without writer, a device and a missing file.
        let home = tempfile::tempdir().unwrap();
        let pipe = home.path().join("pipe");
        rustix::fs::mknodat(CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        assert_eq!(reason(read(&pipe).unwrap_err()), "it is a pipe, socket or device, not a regular file");
        assert_eq!(reason(read(home.path()).unwrap_err()), "it is a folder, not a regular file");
        assert!(
            reason(read(Path::new("/dev/zero")).unwrap_err()).starts_with("it is a pipe, socket or device")
        );
        assert!(matches!(read(&home.path().join("none")), Err(Error::Read { .. })));
    }

    #[test]
    fn links_out_of_the_root_are_refused() {
        // Goal: /etc/passwd is never published. Method: links to a file inside, a file outside, a folder outside; `..`.
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("root");
        fs::create_dir(&root).unwrap();
        fs::write(root.join("file"), "inside").unwrap();
        fs::write(home.path().join("secret"), "outside").unwrap();
        symlink("file", root.join("good")).unwrap();
        symlink("../secret", root.join("bad")).unwrap();
        symlink("..", root.join("up")).unwrap();
        assert_eq!(read_within(&root, Path::new("good")).unwrap(), b"inside");
        for path in ["bad", "up/secret", "../secret"] {
            let error = read_within(&root, Path::new(path)).unwrap_err();
            assert_eq!(reason(error), "it leads out of the folder it was found in", "{path}");
        }
    }

    #[test]
    fn a_file_that_changes_is_read_again_then_refused() {
        // Goal: neither old nor new is never returned. Method: the hook appends after the first read, then after each.
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("extract.csv");
        for (changes, expected) in [(1, true), (2, true), (3, false)] {
            fs::write(&path, "a").unwrap();
            let (target, mut left) = (path.clone(), changes);
            fault::on_reading(move || {
                if left > 0 {
                    left -= 1;
                    OpenOptions::new().append(true).open(&target).unwrap().write_all(b"b").unwrap();
                }
            });
            let result = read(&path);
            fault::on_reading(|| {});
            match result {
                Ok(bytes) => assert!(expected && bytes == fs::read(&path).unwrap(), "{changes}"),
                Err(error) => {
                    assert!(!expected && reason(error) == "it changed while it was read", "{changes}")
                }
            }
        }
    }

    #[test]
    fn modes_do_not_depend_on_what_the_system_made() {
        // Goal: 0644 and 0755. Method: look at what write_new and create_folder leave.
        let home = tempfile::tempdir().unwrap();
        let (folder, file) = (home.path().join("folder"), home.path().join("folder/file"));
        create_folder(&folder).unwrap();
        create_folder(&folder).unwrap();
        write_new(&file, b"x").unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o7777, 0o755);
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o644);
        assert!(matches!(write_new(&file, b"y"), Err(Error::Publish { action: "create", .. })));
    }
}
