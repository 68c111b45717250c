//! `verify`: whether a site is what its checksums say, and what its input gives.
//!
//! Everything is made again from the input, without anything that is kept of earlier runs, and compared with what is there
//! while it is made; nothing is written. So a figure that was changed together with its checksums is found as well.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::pack::{self, Purpose};
use super::sealed::Sealed;
use super::{
    Cache, Loaded, MadeTree, Options, Progress, TREE, Timings, Tongue, fill, inputs, load_with,
    manifest_facts, sealed,
};
use crate::error::Error;
use crate::fs::{self, Kind};
use crate::model::time::{AsOf, Month};
use crate::publish::manifest::{self, Facts, MANIFEST, Manifest, SUMS};
use crate::report::pack::State;
use crate::site::{Entry, Site, hex};
use crate::verify::{Comparison, Counts, Difference, Mode, Sums, check_sums};

mod trees;

/// What was found.
#[derive(Debug)]
pub struct Verified {
    /// What the manifest says of the folder.
    pub manifest: Manifest,
    /// SHA-256 of that manifest: the one number to keep elsewhere.
    pub manifest_sha256: String,
    /// What the checksums say.
    pub sums: Sums,
    /// Input files that are others than those that the folder was made of, with what became of them; named first, because
    /// other input gives other figures.
    pub inputs: Vec<(String, &'static str)>,
    /// What else than the input is another one than when the folder was made: `the content`. Then figures alone are compared.
    pub others: Vec<&'static str>,
    /// What making it again gave, or why it was not made.
    pub made: Result<MadeAgain, Skipped>,
}

/// What making everything again gave.
#[derive(Debug)]
pub struct MadeAgain {
    /// What was compared.
    pub mode: Mode,
    /// How much.
    pub counts: Counts,
    /// Where what is there is not what the input gives, by path and place.
    pub differences: Vec<Difference>,
    /// The sealed packs of a site: each was made again from what it cites as well, or why it was not.
    pub sealed: Vec<(String, Result<(), Skipped>)>,
}

/// Why nothing was made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped(pub String);

impl Verified {
    /// Whether nothing is wrong.
    pub fn agrees(&self) -> bool {
        let is_same = self.made.as_ref().is_ok_and(|made| made.differences.is_empty());
        self.sums.faults.is_empty() && self.inputs.is_empty() && is_same
    }
}

/// What a folder is.
enum Folder {
    /// A site: each tree lies in a folder of its own.
    Site,
    /// One tree.
    Tree,
    /// The close pack of a month.
    Pack(Month),
    /// Something that this program does not make again: its audience.
    Other(String),
}

impl Folder {
    fn of(manifest: &Manifest) -> Folder {
        if let Some(month) = manifest.audience.strip_prefix(pack::AUDIENCE).and_then(Month::parse) {
            return Folder::Pack(month);
        }
        match manifest.trees.as_slice() {
            [] if manifest.audience == TREE => Folder::Tree,
            trees if trees.iter().any(|tree| tree == TREE) => Folder::Site,
            [] => Folder::Other(manifest.audience.clone()),
            trees => Folder::Other(trees.join(", ")),
        }
    }
}

/// Verifies a site, a tree of it, or a close pack.
///
/// # Errors
/// [`Error::Usage`] when the folder is none of ours, or another snapshot is asked for than its own; [`Error::Read`]; and what
/// [`load`](super::load) and the stages of a build give when the input cannot be used at all.
pub fn verify(options: &Options, path: &Path, progress: &dyn Progress) -> Result<Verified, Error> {
    let (top, bytes) = read_manifest(path)?;
    if let Some(wanted) = options.snapshot.filter(|wanted| wanted.to_string() != top.snapshot) {
        return Err(Error::Usage {
            message: format!("`{}` shows snapshot {}, not {wanted}", path.display(), top.snapshot),
            help: "leave out --snapshot: the manifest names it".to_owned(),
        });
    }
    progress.stage("checksums", 0);
    let sums = check_sums(path, &top)?;
    let folder = Folder::of(&top);
    let mut verified = Verified {
        manifest_sha256: hex(&Sha256::digest(&bytes).into()),
        inputs: altered(&options.input, path, &top)?,
        sums,
        others: Vec::new(),
        made: Err(Skipped(String::new())),
        manifest: top,
    };
    verified.made = match (&folder, AsOf::parse(&verified.manifest.snapshot)) {
        (Folder::Other(audience), _) => {
            Err(Skipped(format!("this version does not know how to make `{audience}`")))
        }
        (_, None) => {
            Err(Skipped(format!("the manifest names no snapshot: `{}`", verified.manifest.snapshot)))
        }
        (Folder::Site | Folder::Tree | Folder::Pack(_), Some(as_of)) => {
            let options = Options { snapshot: Some(as_of), cache: Cache::Off, ..options.clone() };
            match make_again(&options, (path, &folder), &mut verified, progress) {
                Ok(made) => Ok(made),
                // Without the input that it was made of, that is what there is to say: also that its snapshot is gone.
                Err(error @ (Error::NoInput { .. } | Error::InputUnusable { .. } | Error::Usage { .. }))
                    if !verified.inputs.is_empty() || !verified.sums.faults.is_empty() =>
                {
                    Err(Skipped(error.to_string()))
                }
                Err(error) => return Err(error),
            }
        }
    };
    Ok(verified)
}

/// The manifest of a folder and its bytes.
fn read_manifest(path: &Path) -> Result<(Manifest, Vec<u8>), Error> {
    let usage = |message: String, help: &str| Error::Usage { message, help: help.to_owned() };
    let none = || {
        usage(
            format!("`{}` holds no manifest of tieout, so there is nothing to verify it by", path.display()),
            "name the folder of a site, such as site, one tree of it, such as site/internal, or a close pack, such as \
             close/2026-05",
        )
    };
    if fs::kind(path)? != Some(Kind::Folder) {
        return Err(none());
    }
    match manifest::read(path) {
        Ok(Some(manifest)) => Ok((manifest, fs::read(&path.join(MANIFEST))?)),
        Ok(None) => Err(none()),
        Err(Error::Target { reason, .. }) => Err(usage(
            format!("`{}` cannot be verified: {reason}", path.display()),
            "take the folder from where it was kept, or build it again",
        )),
        Err(error) => Err(error),
    }
}

/// Whether a folder keeps a file of what it was made of, as a sealed pack does.
fn keeps(manifest: &Manifest, path: &str) -> bool {
    matches!(Folder::of(manifest), Folder::Pack(_)) && manifest.files.iter().any(|file| file.path == path)
}

/// The input files of a manifest that are not there, or others by now. What the folder keeps itself is looked for there.
fn altered(input: &Path, folder: &Path, manifest: &Manifest) -> Result<Vec<(String, &'static str)>, Error> {
    let mut altered = Vec::new();
    for file in &manifest.inputs {
        let place = if keeps(manifest, &file.path) { folder } else { input };
        let path = place.join(&file.path);
        let what = match fs::kind(&path)? {
            Some(Kind::File) if hex(&Sha256::digest(fs::read(&path)?).into()) == file.sha256 => continue,
            Some(Kind::File) => "altered",
            Some(Kind::Folder | Kind::Link | Kind::Other) | None => "missing",
        };
        altered.push((file.path.clone(), what));
    }
    Ok(altered)
}

fn make_again(
    options: &Options,
    (path, folder): (&Path, &Folder),
    verified: &mut Verified,
    progress: &dyn Progress,
) -> Result<MadeAgain, Error> {
    let mut timings = Timings::default();
    let manifest = &verified.manifest;
    let has_own = manifest.inputs.iter().any(|input| keeps(manifest, &input.path));
    let own = own_options(options, path, manifest);
    let tongue = match folder {
        Folder::Pack(_) => Tongue::English,
        Folder::Site | Folder::Tree | Folder::Other(_) => Tongue::Site,
    };
    let loaded = load_with(&own, has_own.then_some((path, manifest)), tongue, &mut timings, progress)?;
    let facts = match folder {
        Folder::Pack(_) => {
            let inputs = inputs(&loaded, loaded.shown, pack::is_of_figures);
            Facts { inputs, ..manifest_facts(&loaded) }
        }
        Folder::Site | Folder::Tree | Folder::Other(_) => manifest_facts(&loaded),
    };
    note_others(verified, &facts);
    let mode = if verified.others.is_empty() { Mode::Bytes } else { Mode::Figures };
    let root = match folder {
        Folder::Site => path.join(TREE),
        Folder::Tree | Folder::Pack(_) | Folder::Other(_) => path.to_owned(),
    };
    let comparison = Arc::new(Comparison::new(root.clone(), mode));
    let mut sealed = None;
    let mut packs = Vec::new();
    let trees = trees::Trees::default();
    if let Folder::Pack(month) = folder {
        let files = pack_again(loaded, options, path, *month, progress)?;
        files.into_iter().try_for_each(|(path, bytes)| take(&comparison, mode, &path, &bytes))?;
    } else {
        packs.extend(pack::known_seals(&loaded).cloned());
        let taker = Arc::clone(&comparison);
        let site = Site::handing_out(move |path, bytes| take(&taker, mode, path, bytes));
        let put = |tree: &MadeTree<'_>| match folder {
            Folder::Site => trees.take(path, mode, tree),
            Folder::Tree | Folder::Pack(_) | Folder::Other(_) => Ok(()),
        };
        let language = loaded.language;
        let made =
            language.within(|| fill(loaded, options, (&site, &put), &mut timings, progress, &mut Vec::new()));
        let (facts, _) = made?;
        sealed = Some(manifest::seal(&site, &facts)?);
    }
    let comparison = Arc::into_inner(comparison)
        .ok_or_else(|| Error::Identity("a comparison outlives its site".to_owned()))?;
    let (mut counts, mut differences) = comparison.finish()?;
    // A sealed pack is copied and never made: a site alone would agree with whatever lies in the input.
    let mut seals = Vec::new();
    for pack in packs {
        let made = sealed_again(options, &root, &pack, progress)?;
        seals.push((sealed::name(pack.month, pack.number), made.map(|more| differences.extend(more))));
    }
    differences.sort_unstable();
    differences.dedup();
    if let (Folder::Site, Some(sealed)) = (folder, sealed) {
        for difference in &mut differences {
            difference.path.insert_str(0, &format!("{TREE}/"));
        }
        let others = trees.finish(&verified.manifest.trees, TREE);
        counts.add(others.counts);
        differences.extend(others.differences);
        differences.sort_unstable();
        if differences.is_empty() && mode == Mode::Bytes {
            let mut all = others.sealed;
            all.insert(TREE.to_owned(), sealed);
            differences = compare_top(path, &facts, &all)?;
        }
    }
    // What the checksums name already is not named twice.
    let is_named = |path: &str| verified.sums.faults.iter().any(|(faulty, _)| faulty == path);
    differences.retain(|difference| {
        let is_whole = difference.place.is_empty();
        !(is_whole && is_named(&difference.path))
    });
    Ok(MadeAgain { mode, counts, differences, sealed: seals })
}

/// Where a sealed pack of a site is not what the files that it keeps and cites give; or why that cannot be said.
fn sealed_again(
    options: &Options,
    root: &Path,
    pack: &Sealed,
    progress: &dyn Progress,
) -> Result<Result<Vec<Difference>, Skipped>, Error> {
    let skip = |why: String| Ok(Err(Skipped(why)));
    let manifest = &pack.manifest;
    let Some(as_of) = AsOf::parse(&manifest.snapshot) else {
        return skip(format!("it names no snapshot: `{}`", manifest.snapshot));
    };
    let altered = altered(&options.input, &pack.folder, manifest)?;
    if let Some((path, what)) = altered.first() {
        return skip(format!("{path}, which it cites, is {what}"));
    }
    let options = Options { snapshot: Some(as_of), ..own_options(options, &pack.folder, manifest) };
    let loaded = load_with(
        &options,
        Some((&pack.folder, manifest)),
        Tongue::English,
        &mut Timings::default(),
        progress,
    )?;
    let mode =
        if others(manifest, &manifest_facts(&loaded)).is_empty() { Mode::Bytes } else { Mode::Figures };
    let folder = format!("close/{}", sealed::name(pack.month, pack.number));
    let comparison = Comparison::new(root.join(&folder), mode);
    let files = pack_again(loaded, &options, &pack.folder, pack.month, progress)?;
    files.into_iter().try_for_each(|(path, bytes)| take(&comparison, mode, &path, &bytes))?;
    let (_, mut differences) = comparison.finish()?;
    for difference in &mut differences {
        difference.path.insert_str(0, &format!("{folder}/"));
    }
    Ok(Ok(differences))
}

/// The options with the configuration that a folder keeps, where it keeps what it was made of.
fn own_options(options: &Options, folder: &Path, manifest: &Manifest) -> Options {
    if manifest.inputs.iter().any(|input| keeps(manifest, &input.path)) {
        Options { config: folder.join(sealed::CONFIGURATION), ..options.clone() }
    } else {
        options.clone()
    }
}

/// Hands a file to a comparison. Both lists of checksums follow from the files: where one of these differs, or only figures
/// are compared, they say nothing more; nor do those of the packs in a site where only figures are compared.
fn take(comparison: &Comparison, mode: Mode, path: &str, bytes: &[u8]) -> Result<(), Error> {
    let is_list = path == MANIFEST || path == SUMS;
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_list_of_pack = name == MANIFEST || name == SUMS;
    if (mode == Mode::Figures && is_list_of_pack) || (is_list && comparison.has_differences()) {
        comparison.note(path);
        return Ok(());
    }
    comparison.take(path, bytes)
}

/// The files of a close pack, made again. One that was sealed is made as it was then: without itself and what came after.
fn pack_again(
    mut loaded: Loaded,
    options: &Options,
    path: &Path,
    month: Month,
    progress: &dyn Progress,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    // A damaged pack does not keep its month from being made again: what is damaged is what is asked.
    loaded.diagnostics.leave_out(sealed::ALTERED);
    loaded.diagnostics.leave_out(sealed::MISPLACED);
    let facts = sealed::facts_of(path)?;
    let is_seal = facts.as_ref().is_some_and(|facts| facts.state == State::Sealed.in_words());
    let reason = facts.as_ref().map_or_else(String::new, |facts| facts.reason.clone());
    let parent = facts.as_ref().and_then(|facts| facts.parent.as_ref()).map(|(_, sha256)| sha256.clone());
    if is_seal {
        let replaced = facts.and_then(|facts| facts.replaces).map(|(_, sha256)| sha256);
        let before = loaded.sealed.iter().find(|pack| Some(&pack.sha256) == replaced.as_ref());
        let number = before.map_or(0, |pack| pack.number);
        loaded.sealed.retain(|pack| pack.month != month || pack.number <= number);
    }
    let purpose = Purpose { is_seal, reason: &reason, parent: parent.as_deref() };
    let (loaded, packed) = pack::with_report(loaded, progress, &mut Vec::new(), |report, loaded| {
        pack::packed(report, loaded, options, month, purpose)
    })?;
    packed.map(|packed| packed.files).ok_or_else(|| pack::nothing(month, &loaded))
}

/// The two lists at the top of a site, against those that its trees give.
fn compare_top(
    path: &Path,
    facts: &Facts,
    trees: &BTreeMap<String, [Entry; 2]>,
) -> Result<Vec<Difference>, Error> {
    let site = Site::in_memory();
    manifest::seal_top(&site, facts, trees)?;
    let mut differences = Vec::new();
    for name in [MANIFEST, SUMS] {
        let place: PathBuf = path.join(name);
        let found = if fs::kind(&place)? == Some(Kind::File) { fs::read(&place)? } else { Vec::new() };
        let expected = site.bytes(name).unwrap_or_default();
        differences.extend(crate::verify::compare(name, &found, &expected, Mode::Bytes));
    }
    Ok(differences)
}

/// Notes what is another one than when the folder was made: input files that were added, and what decides words.
fn note_others(verified: &mut Verified, facts: &Facts) {
    let manifest = &verified.manifest;
    let is_listed = |path: &str| manifest.inputs.iter().any(|input| input.path == path);
    let added: Vec<(String, &'static str)> = facts
        .inputs
        .iter()
        .filter(|input| !is_listed(&input.path))
        .map(|input| (input.path.clone(), "added"))
        .collect();
    verified.others = others(manifest, facts);
    verified.inputs.extend(added);
    verified.inputs.sort();
}

/// What decides words and is another one than when a folder was made.
fn others(manifest: &Manifest, facts: &Facts) -> Vec<&'static str> {
    let all = [
        ("the program", manifest.version.as_str(), env!("CARGO_PKG_VERSION")),
        ("the configuration", &manifest.configuration_sha256, &facts.configuration_sha256),
        ("the content", &manifest.content_sha256, &facts.content_sha256),
        ("the templates", &manifest.templates_sha256, &facts.templates_sha256),
    ];
    all.into_iter().filter(|(_, was, is)| was != is).map(|(what, _, _)| what).collect()
}
