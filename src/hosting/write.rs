//! Writes the files of a server, and leaves alone what somebody else wrote or changed.
//!
//! What was written is kept as checksums beside it: a file that still has its checksum is ours to write anew. JSON takes no
//! comment, so a mark inside the files would not do.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Error;
use crate::fs::{self, Kind};
use crate::publish::manifest::sha256 as sum;

use super::ServerFile;

/// The list of what we wrote, in the form of `sha256sum`.
const OURS: &str = "made-by-tieout.sha256";

/// What became of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Written, new or anew.
    pub written: Vec<String>,
    /// They were so already.
    pub same: Vec<String>,
    /// Files that a person completes, and has changed.
    pub kept: Vec<String>,
}

/// Writes the files into `folder`, which is made where it does not exist.
///
/// # Errors
/// [`Error::Target`]: the folder is in the site, or files there are not ours any more; all are named and nothing is written.
/// [`Error::Read`], [`Error::Publish`]: the disk refused.
pub fn write(folder: &Path, site: &Path, files: &[ServerFile]) -> Result<Written, Error> {
    refuse_site(folder, site)?;
    let ours = ours(folder)?;
    let mut done = Written::default();
    let mut strange = Vec::new();
    let mut new = Vec::new();
    for file in files {
        let path = folder.join(&file.path);
        let found = match fs::kind(&path)? {
            None => None,
            Some(Kind::File) => Some(sum(&fs::read(&path)?)),
            Some(Kind::Folder | Kind::Link | Kind::Other) => {
                strange.push(format!("{} is no file", file.path));
                continue;
            }
        };
        let wanted = sum(file.text.as_bytes());
        match (found, ours.get(&file.path)) {
            (None, _) => new.push(file),
            (Some(found), _) if found == wanted => done.same.push(file.path.clone()),
            (Some(found), Some(listed)) if found == *listed => new.push(file),
            (Some(_), _) if file.is_yours => done.kept.push(file.path.clone()),
            (Some(_), Some(_)) => strange.push(format!("{} was changed by hand", file.path)),
            (Some(_), None) => strange.push(format!("{} was not made by tieout", file.path)),
        }
    }
    if !strange.is_empty() {
        return Err(Error::Target {
            path: folder.to_owned(),
            reason: strange.join(", "),
            help: "move these files away, or write into another folder with --output; settings of yours belong into the file \
                   that includes the others"
                .to_owned(),
        });
    }
    fs::create_folders(folder)?;
    for file in new {
        replace(folder, &file.path, file.text.as_bytes())?;
        done.written.push(file.path.clone());
    }
    let mut listed = ours;
    for file in files.iter().filter(|file| !done.kept.contains(&file.path)) {
        listed.insert(file.path.clone(), sum(file.text.as_bytes()));
    }
    let text: String = listed.iter().map(|(path, sum)| format!("{sum}  {path}\n")).collect();
    replace(folder, OURS, text.as_bytes())?;
    Ok(done)
}

/// Never a file of the site: it would be published, and the next build would carry it along.
fn refuse_site(folder: &Path, site: &Path) -> Result<(), Error> {
    let mut existing = folder;
    while fs::kind(existing)?.is_none() {
        existing = match existing.parent() {
            Some(parent) if parent != Path::new("") => parent,
            Some(_) | None => Path::new("."),
        };
    }
    let site = fs::canonical(site)?;
    if fs::canonical(existing)?.starts_with(&site) {
        return Err(Error::Target {
            path: folder.to_owned(),
            reason: "it is in the site, and would be published with it".to_owned(),
            help: "name a folder beside the site with --output".to_owned(),
        });
    }
    Ok(())
}

/// What we wrote, by path; nothing where there is no list.
fn ours(folder: &Path) -> Result<BTreeMap<String, String>, Error> {
    let path = folder.join(OURS);
    if fs::kind(&path)? != Some(Kind::File) {
        return Ok(BTreeMap::new());
    }
    let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
    Ok(text
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(sum, path)| (path.to_owned(), sum.to_owned()))
        .collect())
}

/// A server that reads meanwhile finds the old file or the new one.
fn replace(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), Error> {
    if let Some((inner, _)) = path.rsplit_once('/') {
        fs::create_folders(&folder.join(inner))?;
    }
    let target = folder.join(path);
    let staged = folder.join(format!("{path}.new"));
    if fs::kind(&staged)?.is_some() {
        fs::remove_file(&staged)?;
    }
    fs::write_new(&staged, bytes)?;
    fs::rename(&staged, &target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str, is_yours: bool) -> ServerFile {
        ServerFile { path: path.to_owned(), text: text.to_owned(), is_yours }
    }

    #[test]
    fn only_what_is_still_ours_is_written_anew() {
        // Goal: no work of a person is lost. Method: write, change the logins, edit a file of each sort, put a foreign one.
        let home = tempfile::tempdir().unwrap();
        let (site, folder) = (home.path().join("site"), home.path().join("hosting/nginx"));
        std::fs::create_dir(&site).unwrap();
        let first = [file("rules", "1", false), file("yours", "a", true), file("in/side", "x", false)];
        assert_eq!(write(&folder, &site, &first).unwrap().written.len(), 3);
        assert_eq!(write(&folder, &site, &first).unwrap().same.len(), 3);

        std::fs::write(folder.join("yours"), "mine").unwrap();
        let second = [file("rules", "2", false), file("yours", "b", true), file("in/side", "x", false)];
        let done = write(&folder, &site, &second).unwrap();
        assert_eq!((done.written, done.kept), (vec!["rules".to_owned()], vec!["yours".to_owned()]));
        assert_eq!(std::fs::read_to_string(folder.join("yours")).unwrap(), "mine");
        assert_eq!(std::fs::read_to_string(folder.join("rules")).unwrap(), "2");

        std::fs::write(folder.join("rules"), "edited").unwrap();
        std::fs::write(folder.join("other"), "foreign").unwrap();
        let third = [file("rules", "3", false), file("other", "o", false), file("in/side", "y", false)];
        let said = write(&folder, &site, &third).unwrap_err().to_string();
        assert!(
            said.contains("rules was changed by hand") && said.contains("other was not made by tieout"),
            "{said}"
        );
        assert_eq!(std::fs::read_to_string(folder.join("in/side")).unwrap(), "x", "all or nothing");
        assert_eq!(std::fs::read_to_string(folder.join("other")).unwrap(), "foreign");
    }

    #[test]
    fn nothing_is_written_into_the_site() {
        // Goal: configuration is not published. Method: folders in the site, also through a link.
        let home = tempfile::tempdir().unwrap();
        let site = home.path().join("site");
        std::fs::create_dir_all(site.join("internal")).unwrap();
        std::os::unix::fs::symlink(site.join("internal"), home.path().join("link")).unwrap();
        for folder in [site.clone(), site.join("internal/hosting/nginx"), home.path().join("link/x")] {
            assert!(write(&folder, &site, &[]).unwrap_err().to_string().contains("it is in the site"));
        }
        assert!(std::fs::read_dir(site.join("internal")).unwrap().next().is_none());
    }
}
