//! `manifest.json` and `SHA256SUMS`: what a tree consists of, for people, for `sha256sum -c` and for the next build.
//!
//! Invariants: the bytes depend only on the files and the facts (no clock, no absolute path, no user, no host), and a
//! path read back from a manifest is checked like one that is about to be written, since files are removed by it.
//!
//! A site of several trees has a manifest at its top as well. It names the trees and holds the hashes of *their*
//! manifests, so that one hash covers all files, and a tree can be handed to its customer without the others' names.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::fs::{self, Kind};
use crate::site::{Entry, Site, check_path, hex};

/// The name of the manifest in the root of a tree.
pub const MANIFEST: &str = "manifest.json";
/// The name of the list of hashes in the root of a tree.
pub const SUMS: &str = "SHA256SUMS";

/// The version of the format. A newer one is refused, since files are removed by what the manifest says.
const SCHEMA: u32 = 1;
/// How a manifest of ours is told from another program's.
const PROGRAM: &str = "tieout";

/// What a manifest states beyond its files. Everything in it is published with the tree: for a customer's tree, leave
/// out inputs whose names, sizes or hashes that customer must not see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// For whom the tree is, such as `internal`.
    pub audience: String,
    /// The newest snapshot shown, such as `2026-06-18`.
    pub snapshot: String,
    /// SHA-256 of the configuration.
    pub configuration_sha256: String,
    /// SHA-256 over the content, the built-in one included.
    pub content_sha256: String,
    /// SHA-256 over the templates, the built-in ones included.
    pub templates_sha256: String,
    /// The input files, in any order; paths are relative to the input folder.
    pub inputs: Vec<Entry>,
}

/// The content of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the format.
    pub schema: u32,
    /// Always `tieout`.
    pub program: String,
    /// The version of the program.
    pub version: String,
    /// For whom the tree is.
    pub audience: String,
    /// The newest snapshot shown.
    pub snapshot: String,
    /// SHA-256 of the configuration.
    pub configuration_sha256: String,
    /// SHA-256 over the content; empty in a manifest of an older version.
    #[serde(default)]
    pub content_sha256: String,
    /// SHA-256 over the templates; empty in a manifest of an older version.
    #[serde(default)]
    pub templates_sha256: String,
    /// The input files, sorted by path.
    pub inputs: Vec<Listed>,
    /// Folders of trees below this one, each with its own manifest; empty in an audience's tree.
    #[serde(default)]
    pub trees: Vec<String>,
    /// Every file except `manifest.json`, `SHA256SUMS` and the files that the manifest of a tree below lists.
    pub files: Vec<Listed>,
}

/// A file in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Relative, with `/`.
    pub path: String,
    /// 64 hexadecimal digits in lower case.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
}

impl From<Entry> for Listed {
    fn from(Entry { path, size, sha256 }: Entry) -> Self {
        Self { path, sha256, size }
    }
}

/// Adds `manifest.json` and `SHA256SUMS` to a tree that is complete, and checks its links.
///
/// Shape: the two entries, manifest first.
///
/// # Errors
/// [`Error::Content`]: dead links. [`Error::Identity`]: an input's path is absolute, or the tree is sealed already.
/// [`Error::Publish`]: a file cannot be written.
pub fn seal(site: &Site, facts: &Facts) -> Result<[Entry; 2], Error> {
    let files = site.entries();
    let ours = write(site, facts, Vec::new(), files)?;
    // After writing, so that a page may link to both.
    site.finish()?;
    Ok(ours)
}

/// Adds the manifest that holds several sealed trees together.
///
/// Shape: as [`seal`].
///
/// # Errors
/// As [`seal`].
pub fn seal_top(
    site: &Site,
    facts: &Facts,
    trees: &BTreeMap<String, [Entry; 2]>,
) -> Result<[Entry; 2], Error> {
    let within =
        |tree: &str, entry: &Entry| Entry { path: format!("{tree}/{}", entry.path), ..entry.clone() };
    let mut files: Vec<Entry> =
        trees.iter().flat_map(|(tree, ours)| ours.iter().map(|entry| within(tree, entry))).collect();
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    write(site, facts, trees.keys().cloned().collect(), files)
}

fn write(site: &Site, facts: &Facts, trees: Vec<String>, files: Vec<Entry>) -> Result<[Entry; 2], Error> {
    let texts = texts(facts, trees, files)?;
    for (path, text) in &texts {
        site.add(path, text.as_bytes())?;
    }
    Ok(texts.map(|(path, text)| Entry {
        path: path.to_owned(),
        size: text.len() as u64,
        sha256: hex(&Sha256::digest(&text).into()),
    }))
}

/// The two lists that [`seal`] would add to a tree of these files: name and text.
///
/// # Errors
/// [`Error::Identity`]: an input's path is absolute.
pub fn lists(facts: &Facts, files: Vec<Entry>) -> Result<[(&'static str, String); 2], Error> {
    texts(facts, Vec::new(), files)
}

fn texts(facts: &Facts, trees: Vec<String>, files: Vec<Entry>) -> Result<[(&'static str, String); 2], Error> {
    if let Some(input) = facts.inputs.iter().find(|input| input.path.starts_with('/')) {
        return Err(Error::Identity(format!("the manifest refuses the absolute path `{}`", input.path)));
    }
    let mut inputs: Vec<Listed> = facts.inputs.iter().cloned().map(Listed::from).collect();
    inputs.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let manifest = Manifest {
        schema: SCHEMA,
        program: PROGRAM.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        audience: facts.audience.clone(),
        snapshot: facts.snapshot.clone(),
        configuration_sha256: facts.configuration_sha256.clone(),
        content_sha256: facts.content_sha256.clone(),
        templates_sha256: facts.templates_sha256.clone(),
        inputs,
        trees,
        files: files.into_iter().map(Listed::from).collect(),
    };
    let text =
        manifest.to_text().map_err(|error| Error::Identity(format!("the manifest has no JSON: {error}")))?;
    let sums = manifest.sums(text.as_bytes());
    Ok([(MANIFEST, text), (SUMS, sums)])
}

impl Manifest {
    /// JSON with one line per fact and per file, so that two manifests compare line by line.
    fn to_text(&self) -> Result<String, serde_json::Error> {
        let mut fields = Vec::new();
        fields.push(format!("\"schema\": {}", self.schema));
        for (name, value) in [
            ("program", &self.program),
            ("version", &self.version),
            ("audience", &self.audience),
            ("snapshot", &self.snapshot),
            ("configuration_sha256", &self.configuration_sha256),
            ("content_sha256", &self.content_sha256),
            ("templates_sha256", &self.templates_sha256),
        ] {
            fields.push(format!("\"{name}\": {}", serde_json::to_string(value)?));
        }
        fields.push(format!("\"inputs\": {}", lines(&self.inputs)?));
        fields.push(format!("\"trees\": {}", lines(&self.trees)?));
        fields.push(format!("\"files\": {}", lines(&self.files)?));
        Ok(format!("{{\n  {}\n}}\n", fields.join(",\n  ")))
    }

    /// The text of `SHA256SUMS`, given the bytes of the manifest itself.
    fn sums(&self, manifest: &[u8]) -> String {
        let own = hex(&Sha256::digest(manifest).into());
        let mut files: Vec<(&str, &str)> =
            self.files.iter().map(|file| (file.path.as_str(), file.sha256.as_str())).collect();
        files.push((MANIFEST, &own));
        files.sort_unstable();
        files.iter().map(|(path, sha256)| format!("{sha256}  {path}\n")).collect()
    }
}

fn lines<T: Serialize>(items: &[T]) -> Result<String, serde_json::Error> {
    let lines: Vec<String> = items.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    Ok(if lines.is_empty() { "[]".to_owned() } else { format!("[\n    {}\n  ]", lines.join(",\n    ")) })
}

/// SHA-256 of bytes as a manifest writes it.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes).into())
}

/// A manifest and the bytes it was read from.
type ManifestAndBytes = (Manifest, Vec<u8>);

/// Reads the manifest in `folder`; `None` when there is none or it is another program's.
///
/// # Errors
/// [`Error::Target`]: a newer version of the program wrote it, or it names an unsafe path.
/// [`Error::Read`]: it cannot be read.
pub fn read(folder: &Path) -> Result<Option<Manifest>, Error> {
    Ok(read_with_bytes(folder)?.map(|(manifest, _)| manifest))
}

fn read_with_bytes(folder: &Path) -> Result<Option<ManifestAndBytes>, Error> {
    /// The part that every version shares.
    #[derive(Deserialize)]
    struct Head {
        schema: u32,
        program: String,
    }
    let path = folder.join(MANIFEST);
    if fs::kind(&path)? != Some(Kind::File) {
        return Ok(None);
    }
    let bytes = fs::read(&path)?;
    let Some(head) = serde_json::from_slice(&bytes).ok().filter(|head: &Head| head.program == PROGRAM) else {
        return Ok(None);
    };
    let refuse = |reason: String, help: &str| {
        Err(Error::Target { path: folder.to_owned(), reason, help: help.to_owned() })
    };
    if head.schema > SCHEMA {
        let reason =
            format!("its {MANIFEST} has the format {}, and this version knows {SCHEMA}", head.schema);
        return refuse(reason, "use the newer version of tieout, or choose another folder with --output");
    }
    let again = "move the folder away and build again";
    let manifest: Manifest = match serde_json::from_slice(&bytes) {
        Ok(manifest) => manifest,
        Err(error) => return refuse(format!("its {MANIFEST} is damaged: {error}"), again),
    };
    let paths = manifest.files.iter().map(|file| &file.path).chain(&manifest.trees);
    if let Some(path) = paths.into_iter().find(|path| check_path(path).is_err()) {
        return refuse(format!("its {MANIFEST} names the unsafe path `{path}`"), again);
    }
    Ok(Some((manifest, bytes)))
}

/// A site as its manifests describe it.
struct Described {
    /// Every file that a manifest lists, by path from the top.
    files: BTreeMap<String, Listed>,
    /// The text that belongs in the `SHA256SUMS` at the top.
    sums: String,
}

fn described(root: &Path) -> Result<Option<Described>, Error> {
    let Some((top, bytes)) = read_with_bytes(root)? else { return Ok(None) };
    let sums = top.sums(&bytes);
    let mut files = BTreeMap::new();
    for tree in &top.trees {
        // A tree whose manifest is gone has no files of ours any more: it is removed after them.
        let Some(manifest) = read(&root.join(tree))? else { continue };
        for file in manifest.files {
            files.insert(format!("{tree}/{}", file.path), file);
        }
    }
    files.extend(top.files.into_iter().map(|file| (file.path.clone(), file)));
    Ok(Some(Described { files, sums }))
}

/// The paths of all files of a site that are ours, or `None` when the folder holds no manifest of ours.
pub(super) fn owned(root: &Path) -> Result<Option<HashSet<String>>, Error> {
    Ok(sums_of(root)?.map(|files| files.into_keys().collect()))
}

/// The same with their checksums; zeros for the two lists at the top, which nothing lists.
pub(super) fn sums_of(root: &Path) -> Result<Option<HashMap<String, [u8; 32]>>, Error> {
    let Some(site) = described(root)? else { return Ok(None) };
    let lists = [MANIFEST, SUMS].map(|name| (name.to_owned(), [0; 32]));
    let files =
        site.files.into_iter().map(|(path, listed)| (path, bytes_of(&listed.sha256).unwrap_or_default()));
    Ok(Some(files.chain(lists).collect()))
}

/// How closely [`verify`] looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Check {
    /// Every file is there with its size, and no other.
    Sizes,
    /// And has its hash; reads everything.
    #[default]
    Hashes,
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It is listed and not there.
    Missing,
    /// It is not what was published.
    Changed,
    /// It is there and not listed.
    Extra,
}

impl Fault {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Fault::Missing => "missing",
            Fault::Changed => "changed",
            Fault::Extra => "not of this site",
        }
    }
}

/// What [`verify`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many files were compared.
    pub files: usize,
    /// The bytes they should have.
    pub bytes: u64,
    /// Path from the top and what is wrong, sorted.
    pub faults: Vec<(String, Fault)>,
}

/// The checksum of the manifest in a folder; `None` where there is none.
pub(super) fn sha256_of(root: &Path) -> Result<Option<String>, Error> {
    let path = root.join(MANIFEST);
    if fs::kind(&path)? != Some(Kind::File) {
        return Ok(None);
    }
    Ok(Some(hex(&Sha256::digest(fs::read(&path)?).into())))
}

/// 32 bytes of 64 digits.
fn bytes_of(sha256: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(sha256.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Compares the folder of a site or a tree with its manifests.
///
/// Shape: `None` when the folder holds no manifest of ours. Files that somebody put beside ours are [`Fault::Extra`].
///
/// # Errors
/// [`Error::Target`]: a manifest cannot be used. [`Error::Read`]: a file or folder cannot be read.
pub fn verify(root: &Path, check: Check) -> Result<Option<Verified>, Error> {
    verify_but(root, check, &HashSet::new())
}

/// As [`verify`]; of files that were compared already, the size alone.
pub(super) fn verify_but(
    root: &Path,
    check: Check,
    seen: &HashSet<String>,
) -> Result<Option<Verified>, Error> {
    let Some(Described { files, sums }) = described(root)? else { return Ok(None) };
    let mut faults = Vec::new();
    let mut present = HashSet::new();
    for found in fs::list(root)? {
        let path = found.path.to_string_lossy().into_owned();
        if found.kind == Kind::File {
            let ours = files.contains_key(&path) || path == MANIFEST || path == SUMS;
            if !ours {
                faults.push((path.clone(), Fault::Extra));
            }
            present.insert(path);
        } else if found.kind != Kind::Folder {
            // A link in the place of a file of ours is named twice: as extra and as missing.
            faults.push((path, Fault::Extra));
        }
    }
    let compared: Vec<Option<(String, Fault)>> = files
        .par_iter()
        .map(|(path, listed)| {
            let fault = if present.contains(path) {
                let check = if seen.contains(path) { Check::Sizes } else { check };
                compare(&root.join(path), listed, check)?.then_some(Fault::Changed)
            } else {
                Some(Fault::Missing)
            };
            Ok(fault.map(|fault| (path.clone(), fault)))
        })
        .collect::<Result<_, Error>>()?;
    faults.extend(compared.into_iter().flatten());
    if !present.contains(SUMS) {
        faults.push((SUMS.to_owned(), Fault::Missing));
    } else if fs::read(&root.join(SUMS))? != sums.as_bytes() {
        faults.push((SUMS.to_owned(), Fault::Changed));
    }
    faults.sort_unstable();
    Ok(Some(Verified { files: files.len(), bytes: files.values().map(|file| file.size).sum(), faults }))
}

/// Whether the file differs from what is listed.
fn compare(path: &Path, listed: &Listed, check: Check) -> Result<bool, Error> {
    match check {
        Check::Sizes => Ok(fs::metadata(path)?.is_none_or(|metadata| metadata.len() != listed.size)),
        Check::Hashes => {
            let bytes = fs::read(path)?;
            Ok(bytes.len() as u64 != listed.size || hex(&Sha256::digest(&bytes).into()) != listed.sha256)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifest_has_a_line_per_file_and_comes_back() {
        // Goal: the format is the documented one and survives a round trip. Method: literal text, parsed again.
        let site = Site::in_memory();
        site.add("a.txt", b"a").unwrap();
        let inputs = ["z.csv", "b.csv"].map(|path| Entry { path: path.into(), size: 2, sha256: "00".into() });
        let facts = Facts {
            audience: "internal".into(),
            snapshot: "2026-06-18".into(),
            configuration_sha256: "11".into(),
            content_sha256: "22".into(),
            templates_sha256: "33".into(),
            inputs: inputs.into(),
        };
        seal(&site, &facts).unwrap();
        let text = String::from_utf8(site.bytes(MANIFEST).unwrap()).unwrap();
        let expected = format!(
            r#"{{
  "schema": 1,
  "program": "tieout",
  "version": "{}",
  "audience": "internal",
  "snapshot": "2026-06-18",
  "configuration_sha256": "11",
  "content_sha256": "22",
  "templates_sha256": "33",
  "inputs": [
    {{"path":"b.csv","sha256":"00","size":2}},
    {{"path":"z.csv","sha256":"00","size":2}}
  ],
  "trees": [],
  "files": [
    {{"path":"a.txt","sha256":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb","size":1}}
  ]
}}
"#,
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(text, expected);
        let again: Manifest = serde_json::from_str(&text).unwrap();
        assert_eq!(again.to_text().unwrap(), text);
    }

    #[test]
    fn foreign_newer_and_unsafe_manifests_are_told_apart() {
        // Goal: nothing is removed by a list that is not ours to trust. Method: one manifest per kind.
        let home = tempfile::tempdir().unwrap();
        let with = |text: &str| {
            std::fs::write(home.path().join(MANIFEST), text).unwrap();
            owned(home.path())
        };
        let ours = r#""schema":1,"program":"tieout","version":"","audience":"","snapshot":"","configuration_sha256":"","inputs":[]"#;
        assert!(with("not JSON").unwrap().is_none());
        assert!(with(r#"{"schema":1,"program":"other"}"#).unwrap().is_none());
        assert_eq!(with(&format!(r#"{{{ours},"files":[]}}"#)).unwrap().unwrap().len(), 2);
        for (text, expected) in [
            (r#"{"schema":2,"program":"tieout"}"#.to_owned(), "has the format 2"),
            (r#"{"schema":1,"program":"tieout"}"#.to_owned(), "is damaged"),
            (format!(r#"{{{ours},"files":[{{"path":"../x","sha256":"","size":0}}]}}"#), "unsafe path `../x`"),
            (format!(r#"{{{ours},"trees":["/etc"],"files":[]}}"#), "unsafe path `/etc`"),
        ] {
            assert!(with(&text).unwrap_err().to_string().contains(expected), "{text}");
        }
    }
}
