//! What to upload and what to delete, so that an old copy of a site becomes the new one, from the manifests alone.
//!
//! The order keeps a reader whole meanwhile: what pages load comes before them, first pages and lists of files last, and
//! nothing is deleted before everything new is there.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Error;
use crate::publish::manifest::{self, MANIFEST, Manifest, SUMS};

/// One step; each is finished before the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Assets and data: whatever is no page.
    Data,
    /// Pages.
    Pages,
    /// Pages named `index.html`, which lead to the others.
    Index,
    /// `manifest.json` and `SHA256SUMS`.
    Manifest,
    /// What the new site has no more.
    Delete,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Step; 5] = [Step::Data, Step::Pages, Step::Index, Step::Manifest, Step::Delete];

    /// Its name in commands and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Step::Data => "data",
            Step::Pages => "pages",
            Step::Index => "index",
            Step::Manifest => "manifest",
            Step::Delete => "delete",
        }
    }

    fn of(path: &str) -> Step {
        let name = path.rsplit('/').next().unwrap_or(path);
        if path == MANIFEST || path == SUMS {
            Step::Manifest
        } else if name == "index.html" {
            Step::Index
        } else if name.ends_with(".html") {
            Step::Pages
        } else {
            Step::Data
        }
    }
}

/// What is to be done for one tree; paths are from the top of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeChanges {
    /// The folder; empty for the top.
    pub folder: String,
    /// By step, sorted; a step without files is left out.
    pub steps: BTreeMap<Step, Vec<String>>,
}

/// A site or a tree as its manifests describe it: tree → path within it → checksum.
type Described = BTreeMap<String, BTreeMap<String, String>>;

/// Compares the site or tree in `new` with what the manifest `old` (or the one in the folder `old`) describes.
///
/// Of a site, the manifests of its trees lie below the old one as they do in the site; one that is not there and has the checksum
/// of the new one is taken as the same.
///
/// # Errors
/// [`Error::Usage`]: a manifest is missing, or one is of a site and the other of a tree. [`Error::Target`]: one cannot be used.
pub fn changed(old: &Path, new: &Path) -> Result<Vec<TreeChanges>, Error> {
    let old = match old.file_name() {
        Some(name) if name == MANIFEST => old.parent().unwrap_or(Path::new("")),
        Some(_) | None => old,
    };
    let old = if old == Path::new("") { Path::new(".") } else { old };
    let new_top = top(new)?;
    let old_top = top(old)?;
    if new_top.trees.is_empty() != old_top.trees.is_empty() {
        return Err(Error::Usage {
            message: format!("`{}` and `{}` are not both sites or both trees", old.display(), new.display()),
            help: "compare two sites (site/manifest.json) or two trees (site/internal/manifest.json)"
                .to_owned(),
        });
    }
    let new_files = described(new, &new_top, None)?;
    let old_files = described(old, &old_top, Some((&new_top, &new_files)))?;
    let mut folders: Vec<&String> = new_files.keys().chain(old_files.keys()).collect();
    folders.sort();
    folders.dedup();
    // The top goes last: its list names the lists of the trees.
    folders.sort_by_key(|folder| folder.is_empty());
    let none = BTreeMap::new();
    let changes = folders.into_iter().map(|folder| {
        let before = old_files.get(folder).unwrap_or(&none);
        let after = new_files.get(folder).unwrap_or(&none);
        TreeChanges { folder: folder.clone(), steps: steps(folder, before, after) }
    });
    Ok(changes.filter(|changes| !changes.steps.is_empty()).collect())
}

fn steps(
    folder: &str,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> BTreeMap<Step, Vec<String>> {
    let full = |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let mut steps: BTreeMap<Step, Vec<String>> = BTreeMap::new();
    for (path, sum) in after {
        if before.get(path) != Some(sum) {
            steps.entry(Step::of(path)).or_default().push(full(path));
        }
    }
    for path in before.keys().filter(|path| !after.contains_key(*path)) {
        steps.entry(Step::Delete).or_default().push(full(path));
    }
    steps
}

fn top(folder: &Path) -> Result<Manifest, Error> {
    manifest::read(folder)?.ok_or_else(|| Error::Usage {
        message: format!("`{}` has no {MANIFEST} of tieout", folder.display()),
        help: "name the manifest.json of the site that is live, with the manifests of its trees in their folders beside it"
            .to_owned(),
    })
}

/// The files of each tree. The top's list has checksums of the trees' lists, by which one that is not there may be known.
fn described(
    folder: &Path,
    top: &Manifest,
    other: Option<(&Manifest, &Described)>,
) -> Result<Described, Error> {
    let mut all = Described::new();
    let own = |manifest: &Manifest, within: &Path| -> Result<BTreeMap<String, String>, Error> {
        let sums = manifest.files.iter().map(|file| (file.path.clone(), file.sha256.clone()));
        let mut files: BTreeMap<String, String> = sums.collect();
        // Neither lists itself; they differ where anything does.
        let bytes = crate::fs::read(&within.join(MANIFEST))?;
        let sum = manifest::sha256(&bytes);
        files.insert(SUMS.to_owned(), sum.clone());
        files.insert(MANIFEST.to_owned(), sum);
        Ok(files)
    };
    for tree in &top.trees {
        let within = folder.join(tree);
        let path = format!("{tree}/{MANIFEST}");
        let listed = |manifest: &Manifest| {
            manifest.files.iter().find(|file| file.path == path).map(|file| file.sha256.clone())
        };
        let found = manifest::read(&within)?;
        let files = match (found, other) {
            (Some(manifest), _) => {
                let files = own(&manifest, &within)?;
                if listed(top).as_ref() != files.get(MANIFEST) {
                    return Err(Error::Usage {
                        message: format!(
                            "`{}` is not the one that the manifest above names",
                            within.join(MANIFEST).display()
                        ),
                        help: "take all manifests from the same site".to_owned(),
                    });
                }
                files
            }
            (None, Some((new_top, new_files))) if listed(top).is_some() && listed(top) == listed(new_top) => {
                new_files.get(tree).cloned().unwrap_or_default()
            }
            (None, _) => {
                return Err(Error::Usage {
                    message: format!(
                        "`{}` is missing, so the old files of this tree are not known",
                        within.join(MANIFEST).display()
                    ),
                    help: "keep the manifests of all trees of what is live, each in its folder".to_owned(),
                });
            }
        };
        all.insert(tree.clone(), files);
    }
    let mut files = own(top, folder)?;
    files.retain(|path, _| !top.trees.iter().any(|tree| path.starts_with(&format!("{tree}/"))));
    all.insert(String::new(), files);
    Ok(all)
}
