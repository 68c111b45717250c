//! The checksums of a site or tree: its files against `manifest.json` and `SHA256SUMS`, and these two against each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::fs::{self, Kind};
use crate::publish::is_note;
use crate::publish::manifest::{self, MANIFEST, Manifest, SUMS};
use crate::site::hex;

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It is listed and not there.
    Missing,
    /// Its bytes are not those whose checksum is listed.
    Changed,
    /// It is there and not listed.
    Extra,
    /// `manifest.json` and `SHA256SUMS` give it different checksums, or one of them does not list it.
    Disagreement,
}

impl Fault {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Fault::Missing => "missing",
            Fault::Changed => "changed",
            Fault::Extra => "extra",
            Fault::Disagreement => "lists-disagree",
        }
    }

    /// The same as the end of a sentence about the file.
    pub fn in_words(self) -> &'static str {
        match self {
            Fault::Missing => "is listed and not there",
            Fault::Changed => "is not the file that was published",
            Fault::Extra => "is there and not listed",
            Fault::Disagreement => "has not the same checksum in manifest.json and SHA256SUMS",
        }
    }
}

/// What the checksums say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many files are listed.
    pub files: usize,
    /// Their bytes, as listed.
    pub bytes: u64,
    /// What is wrong, by path.
    pub faults: Vec<(String, Fault)>,
}

/// Checks a folder whose manifest is read, with the trees below it.
///
/// # Errors
/// [`Error::Read`]: a file or folder cannot be read. [`Error::Target`]: the manifest of a tree cannot be used.
pub fn check(root: &Path, top: &Manifest) -> Result<Sums, Error> {
    let mut faults: BTreeSet<(String, Fault)> = BTreeSet::new();
    // Path from the root → the checksum that was listed first.
    let mut listed: BTreeMap<String, String> = BTreeMap::new();
    let mut bytes = 0;
    let mut unit = |folder: &str, manifest: &Manifest| -> Result<(), Error> {
        let within =
            |path: &str| if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
        let files = manifest.files.iter().map(|file| (within(&file.path), file.sha256.clone()));
        let by_manifest: BTreeMap<String, String> = files.collect();
        bytes += manifest.files.iter().map(|file| file.size).sum::<u64>();
        let (own, sums) = (within(MANIFEST), within(SUMS));
        match text(root, &sums)? {
            None => drop(faults.insert((sums.clone(), Fault::Missing))),
            Some(text) => {
                let by_sums: BTreeMap<String, String> =
                    lines(&text).map(|(path, sum)| (within(path), sum.to_owned())).collect();
                let paths = by_manifest.keys().chain(by_sums.keys()).filter(|path| **path != own);
                for path in paths.filter(|path| by_manifest.get(*path) != by_sums.get(*path)) {
                    faults.insert((path.clone(), Fault::Disagreement));
                }
                match by_sums.get(&own) {
                    Some(sum) => drop(listed.insert(own.clone(), sum.clone())),
                    None => drop(faults.insert((own.clone(), Fault::Disagreement))),
                }
            }
        }
        for (path, sum) in by_manifest {
            listed.entry(path).or_insert(sum);
        }
        Ok(())
    };
    unit("", top)?;
    for tree in &top.trees {
        if let Some(manifest) = manifest::read(&root.join(tree))? {
            unit(tree, &manifest)?;
        }
    }
    let compared: Vec<Option<(String, Fault)>> = listed
        .par_iter()
        .map(|(path, sum)| {
            let fault = match fs::kind(&root.join(path))? {
                Some(Kind::File) => {
                    let bytes = fs::read(&root.join(path))?;
                    (hex(&Sha256::digest(&bytes).into()) != *sum).then_some(Fault::Changed)
                }
                Some(Kind::Folder | Kind::Link | Kind::Other) | None => Some(Fault::Missing),
            };
            Ok(fault.map(|fault| (path.clone(), fault)))
        })
        .collect::<Result<_, Error>>()?;
    faults.extend(compared.into_iter().flatten());
    for found in fs::list(root)?.into_iter().filter(|found| found.kind != Kind::Folder) {
        let path = found.path.to_string_lossy().into_owned();
        let is_sums = path == SUMS || path.ends_with(&format!("/{SUMS}"));
        if !listed.contains_key(&path) && !is_sums && path != MANIFEST && !is_note(&path) {
            faults.insert((path, Fault::Extra));
        }
    }
    Ok(Sums { files: listed.len(), bytes, faults: faults.into_iter().collect() })
}

/// The text of a list, if it is there; what is no text has no line that says anything.
fn text(root: &Path, path: &str) -> Result<Option<String>, Error> {
    let path = root.join(path);
    Ok(match fs::kind(&path)? {
        Some(Kind::File) => Some(String::from_utf8_lossy(&fs::read(&path)?).into_owned()),
        Some(Kind::Folder | Kind::Link | Kind::Other) | None => None,
    })
}

/// Path and checksum of each line of a list as `sha256sum` writes it.
fn lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| line.split_once("  ")).map(|(sum, path)| (path, sum))
}
