//! Close packs: which months have one, what names it, and its files.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::sealed::{self, Sealed};
use super::{Loaded, Options, Progress, Timings, know, load, record_set, report, shown, stop_on_fatal};
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::ingest::columns::FileKind;
use crate::model::time::{AsOf, Month};
use crate::publish::manifest::{self, Facts as ManifestFacts};
use crate::render::Standalone;
use crate::report::Report;
use crate::report::pack::{Document, Facts, Head, Listed, Pack, Parent, State};
use crate::site::{Site, hex};
use crate::{export, fs, ingest};

/// The printed page, in the folder of a pack.
pub const PAGE: &str = "close-pack.html";

/// How the audience of a pack begins, in its manifest; its period follows.
pub const AUDIENCE: &str = "close pack ";

/// A pack, ready to be written.
#[derive(Debug)]
pub struct Packed {
    /// Its month.
    pub month: Month,
    /// What it says of itself.
    pub facts: Facts,
    /// The name of the set of inputs that it was made of.
    pub record_set: String,
    /// Its files: path in the folder of the pack, and bytes; `manifest.json` and `SHA256SUMS` last.
    pub files: Vec<(String, Vec<u8>)>,
    /// 1, or more for one that corrects a sealed pack.
    pub number: u32,
    /// Whether it is made to be kept.
    pub is_seal: bool,
    /// What its manifest states.
    pub sealing: ManifestFacts,
    /// What `periods.csv` should say of the month and does not; for one that is made to be kept.
    pub period_row: Option<String>,
    /// The checks that fail or are open: code and what must agree.
    pub unsettled: Vec<(String, String)>,
}

impl Packed {
    /// The checksum of the manifest: what is signed.
    pub fn manifest_sha256(&self) -> String {
        let manifest = self.files.iter().find(|(path, _)| path == manifest::MANIFEST);
        manifest.map_or_else(String::new, |(_, bytes)| hex(&Sha256::digest(bytes).into()))
    }
}

/// What a pack is made for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Purpose<'p> {
    /// It is to be kept and never made again.
    pub is_seal: bool,
    /// Why it is sealed although a check fails, or why it replaces another.
    pub reason: &'p str,
    /// The parent that a pack names which is made again: it may have been corrected since.
    pub parent: Option<&'p str>,
}

/// Makes the pack of a month from the input: with the wanted snapshot, else with the one that the month was closed with,
/// else with the newest.
///
/// # Errors
/// [`Error::Usage`] when the month is not over or has nothing to report, and those of a build.
pub fn make(
    options: &Options,
    month: Month,
    purpose: Purpose<'_>,
    progress: &dyn Progress,
    problems: &mut Vec<Diagnostic>,
) -> Result<Packed, Error> {
    let mut loaded = load(options, &mut Timings::default(), progress)?;
    let closed_with =
        close_of(&loaded, month).filter(|as_of| options.snapshot.is_none() && *as_of != loaded.shown);
    if let Some(as_of) = closed_with {
        loaded = loaded.showing(as_of, false)?;
    }
    let (loaded, pack) = with_report(loaded, progress, problems, |report, loaded| {
        packed(report, loaded, options, month, purpose)
    })?;
    pack.ok_or_else(|| nothing(month, &loaded))
}

pub(super) fn nothing(month: Month, loaded: &Loaded) -> Error {
    Error::Usage {
        message: format!("there is nothing to close for {month} as known at {}", loaded.shown),
        help: format!(
            "a pack is for a month that is over and has lines, such as {}; snapshots: {}",
            loaded.shown.last_full_month(),
            loaded.input.snapshots().map(|as_of| as_of.to_string()).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// Reconciles the shown snapshot, asks something of it, and gives the input back.
pub(super) fn with_report<T>(
    mut loaded: Loaded,
    progress: &dyn Progress,
    problems: &mut Vec<Diagnostic>,
    ask: impl FnOnce(&Report<'_>, &Loaded) -> Result<T, Error>,
) -> Result<(Loaded, T), Error> {
    let mut known = know(&mut loaded, &mut Timings::default(), progress);
    stop_on_fatal(&known.diagnostics).inspect_err(|_| problems.clone_from(&known.diagnostics))?;
    let answer = {
        let shown = shown(&loaded, &mut known);
        let report = report(&loaded, &shown);
        crate::report::identities::check_identities(&report)?;
        ask(&report, &loaded)?
    };
    drop(known);
    Ok((loaded, answer))
}

/// The snapshot that a month was closed with, where it is one of the input.
pub fn close_of(loaded: &Loaded, month: Month) -> Option<AsOf> {
    let row = loaded.reference.period_row(month).filter(|row| row.closed_on.is_some())?;
    row.close_snapshot.filter(|as_of| loaded.input.snapshots().any(|known| known == *as_of))
}

/// The newest sealed pack of a month.
pub fn sealed_of(loaded: &Loaded, month: Month) -> Option<&Sealed> {
    loaded.sealed.iter().rfind(|pack| pack.month == month)
}

/// The sealed packs that were known at the shown snapshot: one that was made with a later snapshot tells what nobody knew.
pub(super) fn known_seals(loaded: &Loaded) -> impl DoubleEndedIterator<Item = &Sealed> {
    let is_known =
        |pack: &&Sealed| AsOf::parse(&pack.facts.snapshot).is_none_or(|as_of| as_of <= loaded.shown);
    loaded.sealed.iter().filter(is_known)
}

/// The newest of these of a month.
fn known_seal_of(loaded: &Loaded, month: Month) -> Option<&Sealed> {
    known_seals(loaded).rfind(|pack| pack.month == month)
}

/// The months that were closed with a snapshot up to the shown one and have no sealed pack, by that snapshot.
fn unsealed(loaded: &Loaded) -> BTreeMap<AsOf, Vec<Month>> {
    let mut all: BTreeMap<AsOf, Vec<Month>> = BTreeMap::new();
    for row in &loaded.reference.periods {
        let close = close_of(loaded, row.month).filter(|as_of| *as_of <= loaded.shown);
        if let Some(as_of) = close.filter(|_| known_seal_of(loaded, row.month).is_none()) {
            all.entry(as_of).or_default().push(row.month);
        }
    }
    all
}

/// The packs of all closed months that are not sealed, each as known at its close.
///
/// # Errors
/// Those of a build.
pub fn closed(
    mut loaded: Loaded,
    options: &Options,
    progress: &dyn Progress,
    problems: &mut Vec<Diagnostic>,
) -> Result<(Loaded, Vec<Packed>), Error> {
    let newest = loaded.shown;
    let mut all = Vec::new();
    for (as_of, months) in unsealed(&loaded) {
        if as_of == newest {
            continue;
        }
        let (again, packs) =
            with_report(loaded.showing(as_of, false)?, progress, problems, |report, loaded| {
                let make = |month: &Month| packed(report, loaded, options, *month, Purpose::default());
                months.iter().map(make).collect::<Result<Vec<_>, Error>>()
            })?;
        all.extend(packs.into_iter().flatten());
        loaded = again.showing(newest, true)?;
    }
    Ok((loaded, all))
}

/// The months whose pack follows from the shown snapshot: those that are closed with it, and those still to close: the last
/// full one, and every one between it and the last closed one.
pub fn current(loaded: &Loaded) -> Vec<Month> {
    let mut months = unsealed(loaded).remove(&loaded.shown).unwrap_or_default();
    let last = loaded.shown.last_full_month();
    let is_done = |month: Month| {
        known_seal_of(loaded, month).is_some()
            || close_of(loaded, month).is_some_and(|as_of| as_of <= loaded.shown)
    };
    let before = std::iter::successors(Some(last), |month| Some(month.previous()));
    let known = loaded.reference.periods.iter().map(|row| row.month).filter(|month| is_done(*month)).max();
    let open = before.take_while(|month| known.is_some_and(|known| *month > known) || *month == last);
    months.extend(open.filter(|month| !is_done(*month)));
    months.sort_unstable();
    months
}

/// The pack of a month, as the report knows it; `None` where there is nothing to report.
///
/// # Errors
/// [`Error::Identity`] and [`Error::Content`] as [`Pack::new`] and the renderer.
pub fn packed(
    report: &Report<'_>,
    loaded: &Loaded,
    options: &Options,
    month: Month,
    purpose: Purpose<'_>,
) -> Result<Option<Packed>, Error> {
    let words = loaded.checksums().join(" ");
    let head = head(loaded, &words, month, loaded.shown, purpose);
    let Some(pack) = Pack::new(report, head)? else { return Ok(None) };
    let facts = Facts::of(&pack, purpose.reason);
    let site = Site::in_memory();
    site.add(PAGE, rendered(pack.document(report), options, loaded)?.as_bytes())?;
    site.add(&format!("close-{month}.xlsx"), &export::workbook::workbook(&pack)?)?;
    for (path, bytes) in export::pack_csv::sheets(&pack) {
        site.add(&path, &bytes)?;
    }
    site.add("csv/figures.csv", &export::csv::figures(crate::report::data::figures(report, month)))?;
    site.add(sealed::FACTS, sealed::facts_text(&facts).as_bytes())?;
    if purpose.is_seal {
        for (path, bytes) in kept(loaded)? {
            site.add(&path, &bytes)?;
        }
    }
    let sealing = ManifestFacts {
        audience: format!("{AUDIENCE}{month}"),
        snapshot: loaded.shown.to_string(),
        inputs: super::inputs(loaded, loaded.shown, is_of_figures),
        ..super::manifest_facts(loaded)
    };
    manifest::seal(&site, &sealing)?;
    let paths: Vec<String> = site.entries().into_iter().map(|entry| entry.path).collect();
    let is_last = |path: &String| path == manifest::MANIFEST || path == manifest::SUMS;
    let (last, first): (Vec<String>, Vec<String>) = paths.into_iter().partition(is_last);
    let files = first.into_iter().chain(last).filter_map(|path| Some((path.clone(), site.bytes(&path)?)));
    let files = files.collect();
    let is_closed = close_of(loaded, month) == Some(loaded.shown);
    let period_row = (purpose.is_seal && !is_closed).then(|| {
        let days = loaded.reference.period(month);
        let row = loaded.reference.period_row(month);
        let vendor = row.and_then(|row| row.vendor_final).map_or_else(String::new, |day| day.to_string());
        let (start, end, known) = (days.start, days.last_day(), loaded.shown);
        format!("{month},{start},{end},{vendor},{},{known}", known.date())
    });
    Ok(Some(Packed {
        month,
        facts,
        record_set: record_set(loaded, loaded.shown),
        files,
        number: sealed_of(loaded, month).map_or(1, |pack| pack.number + 1),
        is_seal: purpose.is_seal,
        sealing,
        period_row,
        unsettled: pack.unsettled(),
    }))
}

/// What a sealed pack keeps of what it was made of, because it changes afterwards: the current reference files, in which the
/// month is closed and claims are followed, and the configuration. Extracts have dates and stay where they are.
fn kept(loaded: &Loaded) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let cited = super::inputs(loaded, loaded.shown, is_of_figures).into_iter().map(|input| input.path);
    let mut kept = Vec::new();
    for path in cited.filter(|path| sealed::is_kept(path)) {
        let bytes = fs::read(&loaded.reference_in.join(&path))?;
        kept.push((path, bytes));
    }
    if !loaded.config_text.is_empty() {
        kept.push((sealed::CONFIGURATION.to_owned(), loaded.config_text.clone().into_bytes()));
    }
    Ok(kept)
}

/// A document as one self-contained page.
///
/// # Errors
/// [`Error::Content`] where a template fails.
pub(super) fn rendered(document: Document, options: &Options, loaded: &Loaded) -> Result<String, Error> {
    let Document { page, name, running, facts } = document;
    let document = Standalone { name, running, facts, is_numbered: true };
    super::renderer(options, loaded, String::new())?.standalone(&page, &document)
}

/// Whether the figures of a pack rest on a file: whoever signs one changes none.
pub(super) fn is_of_figures(file: &ingest::Extract) -> bool {
    file.kind() != FileKind::Signoffs
}

/// What names a pack: everything it follows from goes into its fingerprint, so that a change of any of it is another pack.
fn head(loaded: &Loaded, words: &str, month: Month, known: AsOf, purpose: Purpose<'_>) -> Head {
    let configuration_sha256 = super::manifest_facts(loaded).configuration_sha256;
    let closed = close_of(loaded, month);
    let state = match (purpose.is_seal, closed == Some(known)) {
        (true, _) => State::Sealed,
        (false, true) => State::Closed,
        (false, false) => State::Draft,
    };
    let parent = parent(loaded, words, month, purpose.parent);
    let replaces = sealed_of(loaded, month)
        .filter(|_| purpose.is_seal)
        .map(|pack| (pack.facts.id.clone(), pack.sha256.clone()));
    let mut hash = Sha256::new();
    let mut add = |name: &str, value: &str| hash.update(format!("{name} {} {value}\n", value.len()));
    add("pack", "1");
    add("period", &month.to_string());
    add("snapshot", &known.to_string());
    add("state", state.in_words());
    add("program", env!("CARGO_PKG_VERSION"));
    add("configuration", &configuration_sha256);
    add("words", words);
    add("parent", parent.as_ref().map_or("", |parent| &parent.sha256));
    add("replaces", replaces.as_ref().map_or("", |(_, sha256)| sha256));
    add("reason", purpose.reason);
    for input in super::inputs(loaded, known, is_of_figures) {
        add(&input.path, &input.sha256);
    }
    let fingerprint = hex(&hash.finalize().into());
    let seal = if purpose.is_seal { " --seal" } else { "" };
    Head {
        id: format!("CP-{month}-{}", &fingerprint[..12]),
        fingerprint,
        organization: loaded.config.organization.clone(),
        month,
        period: loaded.reference.period(month),
        time_zone: loaded.config.time_zone.clone(),
        known,
        record_set: record_set(loaded, known),
        configuration_sha256,
        version: env!("CARGO_PKG_VERSION"),
        command: format!("tieout close {month} --snapshot {known}{seal}"),
        state,
        parent,
        replaces,
    }
}

/// The pack of the month before: the sealed one that is named, else the newest sealed one, else the one that its close would
/// make.
fn parent(loaded: &Loaded, words: &str, month: Month, named: Option<&str>) -> Option<Parent> {
    let before = month.previous();
    let sealed = loaded.sealed.iter().find(|pack| Some(pack.sha256.as_str()) == named);
    if let Some(sealed) = sealed.or_else(|| sealed_of(loaded, before).filter(|_| named.is_none())) {
        let closing = Some(sealed.facts.closing_balances());
        return Some(Parent { id: sealed.facts.id.clone(), sha256: sealed.sha256.clone(), closing });
    }
    let closed = close_of(loaded, before).filter(|as_of| *as_of <= loaded.shown)?;
    let head = head(loaded, words, before, closed, Purpose::default());
    Some(Parent { id: head.id, sha256: head.fingerprint, closing: None })
}

/// Puts packs into a site: the printed page at `close/<period>.html`, everything in `close/<period>/`; sealed ones as they
/// were sealed.
///
/// Shape: what the pages say of them, by period, the newest of a period last.
///
/// # Errors
/// [`Error::Publish`] and [`Error::Identity`] as [`Site::add`], [`Error::Read`] when a sealed pack cannot be read.
pub(super) fn publish(site: &Site, loaded: &Loaded, packs: Vec<Packed>) -> Result<Vec<Listed>, Error> {
    let mut listed = Vec::new();
    for pack in known_seals(loaded) {
        let paths = pack.manifest.files.iter().map(|file| file.path.as_str());
        let mut files = Vec::new();
        for path in paths.chain([manifest::MANIFEST, manifest::SUMS]) {
            files.push((path.to_owned(), fs::read(&pack.folder.join(path))?));
        }
        let is_newest = known_seal_of(loaded, pack.month).is_some_and(|newest| newest.number == pack.number);
        let folder = format!("close/{}", sealed::name(pack.month, pack.number));
        let sizes = add(site, pack.month, &folder, &files, is_newest)?;
        let (facts, sealed) = (pack.facts.clone(), Some(pack.sha256.clone()));
        listed.push(Listed { month: pack.month, folder, facts, sealed, sizes, is_newest });
    }
    for pack in packs {
        let folder = format!("close/{}", pack.month);
        let sizes = add(site, pack.month, &folder, &pack.files, true)?;
        let facts = pack.facts;
        listed.push(Listed { month: pack.month, folder, facts, sealed: None, sizes, is_newest: true });
    }
    listed.sort_by(|a, b| (a.month, &a.folder).cmp(&(b.month, &b.folder)));
    Ok(listed)
}

/// Adds the files of a pack; gives their sizes.
fn add(
    site: &Site,
    month: Month,
    folder: &str,
    files: &[(String, Vec<u8>)],
    is_newest: bool,
) -> Result<Vec<(String, usize)>, Error> {
    for (path, bytes) in files {
        site.add(&format!("{folder}/{path}"), bytes)?;
        if path == PAGE && is_newest {
            site.add(&format!("close/{month}.html"), bytes)?;
        }
    }
    Ok(files.iter().map(|(path, bytes)| (path.clone(), bytes.len())).collect())
}
