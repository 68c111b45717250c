//! The whole run as one list of stages, each timed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::config::Config;
use crate::content::Content;
use crate::content::claims::ClaimFiles;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::error::Error;
use crate::explain::Sentences;
use crate::history::History;
use crate::ingest::{self, Files, Input};
use crate::language::{Fault, Language};
use crate::metrics::{self, Given};
use crate::model::booked::Booked;
use crate::model::money::Currency;
use crate::model::record::Feed;
use crate::model::reference::Reference;
use crate::model::time::{AsOf, Month};
use crate::normalize::{self, FileUse, Quarantined, Snapshot, Snapshots};
use crate::publish::manifest::{Check, Facts as ManifestFacts, Manifest};
use crate::publish::{Published, Target};
use crate::reconcile::figures::Totals;
use crate::reconcile::{self, Materiality, Past, Reconciled};
use crate::render::{self, Renderer, SiteFacts, Standalone};
use crate::report::controls::controls;
use crate::report::{Dossier, Made, PageKey, Report, SnapshotFacts, SourceState, Sources, identities};
use crate::site::{Entry, Site};
use crate::{embedded, export, fs};

mod audiences;
mod cache;
pub mod customers;
pub mod pack;
pub mod sealed;
mod unchanged;
mod verify;

pub use cache::Cache;
use cache::{State, States, Written};
use sealed::Sealed;
use unchanged::Basis;
pub use verify::{MadeAgain, Skipped, Verified, verify};

/// Where everything is.
#[derive(Debug, Clone)]
pub struct Options {
    /// The input folder.
    pub input: PathBuf,
    /// The content folder; what it lacks comes from the embedded defaults.
    pub content: PathBuf,
    /// The templates folder; what it lacks comes from the embedded defaults.
    pub templates: PathBuf,
    /// The configuration file.
    pub config: PathBuf,
    /// The folder of the site.
    pub output: PathBuf,
    /// The snapshot to show; the newest when `None`.
    pub snapshot: Option<AsOf>,
    /// Where what is known of earlier snapshots is kept; the output does not depend on it.
    pub cache: Cache,
    /// The home folder of the user, which is never published into.
    pub home: Option<PathBuf>,
    /// The environment, which holds the secret of the customers' folders where the configuration says so.
    pub environment: fn(&str) -> Option<String>,
}

/// How long each stage took, in order. It goes to the run log and never into the site.
#[derive(Debug, Clone, Default)]
pub struct Timings(pub Vec<(&'static str, Duration)>);

impl Timings {
    fn timed<T>(&mut self, stage: &'static str, progress: &dyn Progress, run: impl FnOnce() -> T) -> T {
        progress.stage(stage, 0);
        let start = Instant::now();
        let value = run();
        self.0.push((stage, start.elapsed()));
        value
    }
}

/// Hears how the run goes on; a terminal shows it.
pub trait Progress: Sync {
    /// A stage begins; `total` items, or 0 where they are not counted.
    fn stage(&self, name: &'static str, total: u64);
    /// So many more items are done.
    fn step(&self, items: u64);
}

/// Shows nothing.
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _name: &'static str, _total: u64) {}
    fn step(&self, _items: u64) {}
}

/// Everything that was read: files, reference data, configuration and the problems found.
pub struct Loaded {
    /// The files.
    pub files: Files,
    /// Which file is what.
    pub input: Input,
    /// The reference data of the shown snapshot.
    pub reference: Reference,
    /// Its rows that were set aside.
    pub reference_quarantined: Vec<Quarantined>,
    /// Its files.
    pub reference_uses: Vec<FileUse>,
    /// The reference data of earlier snapshots that have another one.
    earlier: BTreeMap<AsOf, Arc<Reference>>,
    /// The configuration.
    pub config: Config,
    /// The configuration's text, for its checksum.
    pub config_text: String,
    /// The language of the words.
    pub language: Language,
    /// The words.
    pub content: Content,
    /// The sentence templates.
    pub sentences: Sentences,
    /// The English words, where the others are not: close packs are English in every language.
    english: Option<Box<EnglishWords>>,
    /// The columns of claim files.
    pub claim_files: ClaimFiles,
    /// The snapshot that is shown.
    pub shown: AsOf,
    /// SHA-256 over the content and over the templates.
    checksums: [String; 2],
    /// The sealed packs, by period and number.
    pub sealed: Vec<Sealed>,
    /// The folder whose `reference` holds the current reference files: the input folder, or a sealed pack.
    reference_in: PathBuf,
    materiality: Materiality,
    /// The problems of the files themselves, whatever snapshot is shown.
    file_problems: Diagnostics,
    booked: Booked,
    functional: Option<Currency>,
    /// What was given for the success metrics.
    metrics: Given,
    diagnostics: Diagnostics,
    states: States,
    state: Option<State>,
}

/// The words of what is English in a site of another language.
struct EnglishWords {
    content: Content,
    sentences: Sentences,
    /// SHA-256 over the content.
    checksum: String,
}

impl Loaded {
    /// The words and sentence templates in the language of the thread.
    fn words(&self) -> (&Content, &Sentences) {
        match self.english.as_ref().filter(|_| Language::spoken().is_english()) {
            Some(english) => (&english.content, &english.sentences),
            None => (&self.content, &self.sentences),
        }
    }

    /// SHA-256 over the content in the language of the thread, and over the templates.
    fn checksums(&self) -> [&str; 2] {
        let english = self.english.as_ref().filter(|_| Language::spoken().is_english());
        [english.map_or(&*self.checksums[0], |english| &english.checksum), &self.checksums[1]]
    }

    /// The reference data that holds for a snapshot.
    fn reference_at(&self, as_of: AsOf) -> &Reference {
        self.earlier.get(&as_of).map_or(&self.reference, Arc::as_ref)
    }

    fn reconcile<'a>(&'a self, snapshot: &'a Snapshot, past: &'a Past) -> Reconciled<'a> {
        self.reconcile_under(snapshot, self.reference_at(snapshot.as_of), past)
    }

    fn reconcile_under<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        reference: &'a Reference,
        past: &'a Past,
    ) -> Reconciled<'a> {
        reconcile::reconcile(snapshot, reference, past, &self.materiality).booking(&self.booked)
    }

    /// Whether the mapping and rules of a snapshot are those of another: the same files, byte for byte.
    fn has_same_rules(&self, a: AsOf, b: AsOf) -> bool {
        let sums = |as_of| -> Vec<&str> {
            let files = self.input.reference_files(as_of).into_iter().map(|file| self.files.get(file));
            files.filter(|file| file.kind().is_rule()).map(ingest::Extract::sha256).collect()
        };
        sums(a) == sums(b)
    }
}

/// The reference data of every snapshot before the shown one that has another one than it; each set is read once.
fn earlier_references(
    files: &Files,
    input: &Input,
    shown: AsOf,
    content: &Content,
    diagnostics: &mut Diagnostics,
) -> Result<BTreeMap<AsOf, Arc<Reference>>, Error> {
    let current = input.reference_files(shown);
    let mut read: Vec<(Vec<u32>, Arc<Reference>)> = Vec::new();
    let mut earlier = BTreeMap::new();
    for as_of in input.snapshots().filter(|as_of| *as_of < shown) {
        let set = input.reference_files(as_of);
        if set == current {
            continue;
        }
        let known = read.iter().find(|(files, _)| *files == set).map(|(_, reference)| Arc::clone(reference));
        let reference = match known {
            Some(reference) => reference,
            None => {
                let (reference, _, _) = diagnostics.absorb(normalize::reference(files, input, as_of));
                content.check_reference(&reference)?;
                let reference = Arc::new(reference);
                read.push((set, Arc::clone(&reference)));
                reference
            }
        };
        earlier.insert(as_of, reference);
    }
    Ok(earlier)
}

/// One snapshot, read, and what came before it.
pub struct Known {
    /// The records of the shown snapshot.
    pub snapshot: Snapshot,
    /// What earlier snapshots said.
    pub past: Past,
    /// Every problem, sorted.
    pub diagnostics: Vec<Diagnostic>,
    history: History,
    snapshots: Vec<SnapshotFacts>,
    /// The problems of the rows of all snapshots.
    problems: Vec<Diagnostic>,
    coverage: BTreeMap<String, BTreeSet<Month>>,
}

/// The shown snapshot, reconciled, with the history up to it.
pub struct Shown<'a> {
    /// The snapshot.
    pub reconciled: Reconciled<'a>,
    /// Every problem, sorted.
    pub diagnostics: &'a [Diagnostic],
    /// What was known when, over all snapshots up to it.
    pub history: &'a History,
    /// What each snapshot rests on, oldest first.
    pub snapshots: &'a [SnapshotFacts],
}

/// What a build gives back.
pub struct Outcome {
    /// How long each stage took.
    pub timings: Timings,
    /// Figures for the summary.
    pub summary: Summary,
    /// What was published.
    pub published: Published,
}

/// The figures of a run: rows, money, cases, problems.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// The shown snapshot.
    pub snapshot: String,
    /// The name of the set of inputs, as at the foot of every page.
    pub record_set: String,
    /// Rows of the shown snapshot's files.
    pub rows: normalize::RowCounts,
    /// Headline total of the last full month per currency, in words.
    pub totals: Vec<String>,
    /// The last full month, in words.
    pub month: String,
    /// Cases by kind, most important first; clean ones apart.
    pub cases: Vec<(&'static str, usize)>,
    /// Clean cases.
    pub clean: usize,
    /// Every problem, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// The highest severity of any case; at least high where a part of the input is not there.
    pub severity: Option<reconcile::Severity>,
}

/// Reads configuration, content and every input file, and checks the reference data against the content. The words are
/// English, as commands print them.
///
/// # Errors
/// [`Error::Usage`], [`Error::Content`], [`Error::Read`] and [`Error::NoInput`] as their stages describe; file problems
/// that make the input unusable come with [`stop_on_fatal`].
pub fn load(options: &Options, timings: &mut Timings, progress: &dyn Progress) -> Result<Loaded, Error> {
    load_with(options, None, Tongue::English, timings, progress)
}

/// As [`load`], with the words in the language of the site.
///
/// # Errors
/// As [`load`], and [`Error::Usage`] for a language without messages.
pub fn load_site(options: &Options, timings: &mut Timings, progress: &dyn Progress) -> Result<Loaded, Error> {
    load_with(options, None, Tongue::Site, timings, progress)
}

/// In which language words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tongue {
    /// That of the code and of the terminal.
    English,
    /// That of the site.
    Site,
}

/// The words of a site.
struct Words {
    language: Language,
    /// The texts of the content in this language.
    texts: BTreeMap<String, String>,
    /// The texts of its messages, for the checksum.
    messages: Vec<(String, String)>,
    /// What is wrong with its messages.
    faults: Vec<Fault>,
    /// The content files that have no translation.
    untranslated: Vec<String>,
}

impl Words {
    fn read(options: &Options, config: &Config, tongue: Tongue) -> Result<Words, Error> {
        let code = match tongue {
            Tongue::English => "en",
            Tongue::Site => config.language.as_str(),
        };
        let texts = embedded::content(&options.content)?;
        let (texts, untranslated) = Content::in_language(&texts, code)?;
        if code == "en" {
            let (messages, faults) = (Vec::new(), Vec::new());
            return Ok(Words {
                language: Language::ENGLISH,
                texts,
                messages,
                faults,
                untranslated: Vec::new(),
            });
        }
        let messages = embedded::messages(&options.content, code)?;
        if messages.is_empty() {
            let known: Vec<&str> = std::iter::once("en").chain(embedded::languages()).collect();
            return Err(Error::Usage {
                message: format!("`tieout.toml`: there are no messages for language = \"{code}\""),
                help: format!(
                    "the languages are {}; another one needs its messages in `content/messages/{code}.toml`",
                    known.join(", ")
                ),
            });
        }
        let (language, faults) =
            Language::read(code, &messages).map_err(|problems| Error::Content { problems })?;
        Ok(Words { language, texts, messages, faults, untranslated })
    }
}

/// What the language of the site lacks.
#[derive(Debug, Clone, Default)]
pub struct Translations {
    /// The code of the language: `zh`; empty in English, which lacks nothing.
    pub language: String,
    /// Messages without a translation, and keys that are no message.
    pub faults: Vec<Fault>,
    /// The content files without a translation, such as `kb/order-id-missing.md`.
    pub files: Vec<String>,
}

/// What the language of the site lacks; nothing in English.
///
/// # Errors
/// [`Error::Usage`] for a language without messages, [`Error::Content`] for translations that cannot be used: in a
/// sentence, a placeholder that its English text has not.
pub fn translations(options: &Options, config: &Config) -> Result<Translations, Error> {
    if config.language == "en" {
        return Ok(Translations::default());
    }
    let Words { language, texts, faults, untranslated, .. } = Words::read(options, config, Tongue::Site)?;
    Sentences::new(&Content::read(&texts)?)?;
    Ok(Translations { language: language.code().to_owned(), faults, files: untranslated })
}

/// As [`load`]; with the reference files that a sealed pack keeps, where one is given with its manifest.
fn load_with(
    options: &Options,
    pack: Option<(&Path, &Manifest)>,
    tongue: Tongue,
    timings: &mut Timings,
    progress: &dyn Progress,
) -> Result<Loaded, Error> {
    let mut diagnostics = Diagnostics::default();
    let config_text = match fs::kind(&options.config)? {
        Some(_) => text(&options.config)?,
        None => String::new(),
    };
    let config = Config::parse(&config_text)?;
    let words = Words::read(options, &config, tongue)?;
    let texts = &words.texts;
    let content = timings.timed("content", progress, || Content::read(texts))?;
    let sentences = Sentences::new(&content)?;
    let claim_texts = embedded::claim_files(&options.templates)?;
    let claim_files = ClaimFiles::read(&claim_texts)?;
    let templates = embedded::templates(&options.templates)?;
    let english = if words.language.is_english() {
        None
    } else {
        let Words { texts, .. } = Words::read(options, &config, Tongue::English)?;
        let content = Content::read(&texts)?;
        let sentences = Sentences::new(&content)?;
        let checksum = checksum(pairs(&texts));
        Some(Box::new(EnglishWords { content, sentences, checksum }))
    };
    let messages = words.messages.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let checksums = [
        checksum(pairs(texts).chain(messages)),
        checksum(
            templates
                .iter()
                .map(|(path, text)| (path.as_str(), text.as_str()))
                .chain(claim_texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))),
        ),
    ];
    let mut found = timings.timed("read", progress, || ingest::find(&options.input, config.mappings()?))?;
    if let Some((folder, manifest)) = pack {
        let is_cited = |path: &str| manifest.inputs.iter().any(|input| input.path == path);
        found = found.with_reference_of(folder, is_cited)?;
    }
    let shown = choose(found.snapshots(), options.snapshot)?;
    let states = States::new(&options.cache, &found, &[&config_text]);
    let mut state = timings.timed("recall", progress, || states.before(shown));
    let is_flawless = |sha256: &str| state.as_ref().is_some_and(|state| state.is_flawless(sha256));
    let sealed =
        diagnostics.absorb(timings.timed("seals", progress, || sealed::read(&options.input, &found))?);
    let (files, input) = diagnostics.absorb(timings.timed("read", progress, || found.read(&is_flawless)));
    if let Some(state) = &mut state {
        state.renumber(&files);
    }
    let given = diagnostics.absorb(timings.timed("metrics", progress, || metrics::read(&options.input))?);
    let loaded = Loaded {
        metrics: Given { go_live: config.go_live()?, ..given },
        materiality: config.materiality()?,
        booked: config.booked()?,
        functional: config.functional_currency()?,
        files,
        input,
        reference: Reference::default(),
        reference_quarantined: Vec::new(),
        reference_uses: Vec::new(),
        earlier: BTreeMap::new(),
        config,
        config_text,
        language: words.language,
        content,
        sentences,
        english,
        claim_files,
        shown,
        checksums,
        sealed,
        reference_in: pack.map_or(&*options.input, |(folder, _)| folder).to_owned(),
        file_problems: diagnostics,
        diagnostics: Diagnostics::default(),
        states,
        state,
    };
    timings.timed("reference", progress, || loaded.with_reference())
}

impl Loaded {
    /// The same with the reference data of the shown snapshot.
    fn with_reference(mut self) -> Result<Loaded, Error> {
        let mut diagnostics = self.file_problems.clone();
        let (reference, quarantined, uses) =
            diagnostics.absorb(normalize::reference(&self.files, &self.input, self.shown));
        self.content.check_reference(&reference)?;
        self.earlier =
            earlier_references(&self.files, &self.input, self.shown, &self.content, &mut diagnostics)?;
        (self.reference, self.reference_quarantined, self.reference_uses) = (reference, quarantined, uses);
        diagnostics.absorb(((), sealed::unknown_signatures(&self)));
        self.diagnostics = diagnostics;
        Ok(self)
    }

    /// The same input as known at another snapshot. What is known of it is kept for later builds only where `is_kept`.
    ///
    /// # Errors
    /// [`Error::Content`] when the reference data of that snapshot names a reason that has no page.
    fn showing(mut self, as_of: AsOf, is_kept: bool) -> Result<Loaded, Error> {
        self.shown = as_of;
        self.states.set_kept(is_kept);
        self.state = self.states.before(as_of);
        if let Some(state) = &mut self.state {
            state.renumber(&self.files);
        }
        self.with_reference()
    }
}

fn pairs(texts: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
}

/// SHA-256 over texts by path.
fn checksum<'t>(texts: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in texts.flat_map(|(path, text)| [path, text]) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(path: &std::path::Path) -> Result<String, Error> {
    String::from_utf8(fs::read(path)?).map_err(|_| Error::Usage {
        message: format!("`{}` is not UTF-8 text", path.display()),
        help: "save it as UTF-8".to_owned(),
    })
}

fn choose(snapshots: impl Iterator<Item = AsOf>, wanted: Option<AsOf>) -> Result<AsOf, Error> {
    let known: Vec<AsOf> = snapshots.collect();
    let newest = known.last().copied();
    match wanted {
        None => newest.ok_or_else(|| Error::Identity("no snapshot".to_owned())),
        Some(as_of) if known.contains(&as_of) => Ok(as_of),
        Some(as_of) => Err(Error::Usage {
            message: format!("there is no snapshot `{as_of}`"),
            help: format!(
                "the snapshots are {}",
                known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            ),
        }),
    }
}

/// Reads every snapshot up to the shown one that is not known yet, and reconciles those before it, oldest first; only the
/// shown one is kept.
pub fn know(loaded: &mut Loaded, timings: &mut Timings, progress: &dyn Progress) -> Known {
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    let State { mut past, mut history, snapshots: mut facts, mut problems, coverage, .. } =
        loaded.state.take().unwrap_or_default();
    let delta = loaded.config.delta();
    let mut snapshots = Snapshots::new(&loaded.files, &loaded.input, &delta).with_coverage(&coverage);
    let mut before = history.snapshots().last().copied();
    let known = before;
    let mut shown = None;
    for as_of in
        loaded.input.snapshots().filter(|s| *s <= loaded.shown && known.is_none_or(|known| *s > known))
    {
        let reference = loaded.reference_at(as_of);
        past.set_waits(history.spells.waits(&reference.programs));
        // Where our mapping or rules changed since the snapshot before, that one is read again under the new ones: what
        // differs is our own doing and no news from the vendor.
        if let Some(before) = before.filter(|before| !loaded.has_same_rules(*before, as_of)) {
            let (again, _) = timings.timed("normalize", progress, || snapshots.at(before, reference));
            timings.timed("history", progress, || {
                history.fold_own(&loaded.reconcile_under(&again, reference, &past));
            });
        }
        let (snapshot, found) = timings.timed("normalize", progress, || snapshots.at(as_of, reference));
        if as_of == loaded.shown {
            shown = Some((snapshot, found));
            break;
        }
        problems.extend(found);
        past = timings.timed("history", progress, || {
            let reconciled = loaded.reconcile(&snapshot, &past);
            history.fold(&loaded.files, &reconciled);
            facts.push(snapshot_facts(loaded, &reconciled));
            past.with(&reconciled)
        });
        before = Some(as_of);
    }
    // Whatever was computed although a file is there: that file is no state.
    if let Some(before) = before.filter(|before| known != Some(*before) && loaded.states.is_written()) {
        timings.timed("keep", progress, || {
            let said = (&facts[..], &problems[..]);
            let written = Written::new(&loaded.files, &past, &history, said, snapshots.coverage());
            loaded.states.write(before, &written);
        });
    }
    let (snapshot, found): (Snapshot, Vec<Diagnostic>) =
        shown.unwrap_or_else(|| unreachable!("the shown snapshot is one of the input's"));
    problems.extend(found);
    diagnostics.absorb(((), problems.clone()));
    diagnostics.absorb(((), normalize::controls::problems(&loaded.files, &snapshot)));
    let drifted = timings.timed("drift", progress, || {
        normalize::drift::problems(&loaded.files, &loaded.input, loaded.shown, &loaded.reference)
    });
    diagnostics.absorb(((), drifted));
    let coverage = snapshots.coverage();
    Known { snapshot, past, history, snapshots: facts, diagnostics: diagnostics.sorted(), problems, coverage }
}

/// Reconciles the shown snapshot and completes the history with it.
pub fn shown<'a>(loaded: &'a Loaded, known: &'a mut Known) -> Shown<'a> {
    let Known { snapshot, past, diagnostics, history, snapshots, problems, coverage } = known;
    let reconciled = loaded.reconcile(snapshot, past);
    history.fold(&loaded.files, &reconciled);
    snapshots.push(snapshot_facts(loaded, &reconciled));
    if loaded.states.wants(loaded.shown) {
        let next = past.with(&reconciled);
        let said = (&snapshots[..], &problems[..]);
        let written = Written::new(&loaded.files, &next, history, said, coverage.clone());
        loaded.states.write(loaded.shown, &written);
    }
    loaded.states.tidy(loaded.shown);
    Shown { reconciled, diagnostics, history, snapshots }
}

fn snapshot_facts(loaded: &Loaded, reconciled: &Reconciled<'_>) -> SnapshotFacts {
    let records = &reconciled.snapshot.records;
    let mut totals = Totals::default();
    for (line, figures) in records.lines.iter().zip(&reconciled.lines) {
        totals.add(line, figures);
    }
    SnapshotFacts {
        as_of: reconciled.as_of(),
        uses: reconciled.snapshot.uses.clone(),
        totals,
        counts: (records.lines.len(), records.orders.len(), reconciled.snapshot.quarantined.len()),
        record_set: record_set(loaded, reconciled.as_of()),
        sources: records.feeds.iter().map(|feed| source_state(feed, reconciled.as_of())).collect(),
    }
}

fn source_state(feed: &Feed, as_of: AsOf) -> SourceState {
    SourceState {
        id: feed.id.to_string(),
        kind: feed.kind.map_or_else(String::new, |kind| kind.to_string()),
        expected_by: feed.expected_by,
        last_as_of: feed.last_as_of,
        state: feed.error_code.or(feed.state).map_or_else(String::new, |state| state.to_string()),
        is_stale: feed.is_stale(as_of.date()),
    }
}

/// Puts rows that somebody wants to try over the reference data, in memory alone; [`know`] and [`shown`] then tell what
/// they change.
///
/// `fixes` are reference files from beside the input folder. Shape: what became of the rows of each, and the problems of
/// these rows and of the reference data as it then is.
///
/// # Errors
/// [`Error::Content`] when a row names a reason that has no page.
pub fn try_fixes(
    loaded: &mut Loaded,
    fixes: Vec<ingest::Extract>,
) -> Result<(Vec<FileUse>, Vec<Diagnostic>), Error> {
    let places: Vec<u32> = fixes.into_iter().map(|fix| loaded.files.add(fix)).collect();
    let ((reference, uses), problems) = normalize::overlaid(&loaded.files, &loaded.reference, &places);
    loaded.content.check_reference(&reference)?;
    loaded.reference = reference;
    Ok((uses, problems))
}

/// Stops a run whose input cannot be used, after all problems were found.
///
/// # Errors
/// [`Error::InputUnusable`] when a problem is fatal.
pub fn stop_on_fatal(diagnostics: &[Diagnostic]) -> Result<(), Error> {
    let count = diagnostics.iter().filter(|d| d.severity == Severity::Fatal).count();
    if count > 0 { Err(Error::InputUnusable { count }) } else { Ok(()) }
}

/// Arranges a reconciled snapshot for pages and commands.
pub fn report<'a>(loaded: &'a Loaded, shown: &'a Shown<'a>) -> Report<'a> {
    let (content, sentences) = loaded.words();
    Report::new(
        &shown.reconciled,
        Sources {
            files: &loaded.files,
            input: &loaded.input,
            content,
            sentences,
            history: shown.history,
            diagnostics: shown.diagnostics,
            reference_uses: &loaded.reference_uses,
            reference_quarantined: &loaded.reference_quarantined,
            snapshots: shown.snapshots,
            prose: &render::markdown::to_html,
            claim_files: &loaded.claim_files,
            organization: &loaded.config.organization,
            time_zone: &loaded.config.time_zone,
            functional_currency: loaded.functional,
            metrics: &loaded.metrics,
            base_url: &loaded.config.base_url,
            version: env!("CARGO_PKG_VERSION"),
        },
    )
}

/// Builds the whole site and publishes it.
///
/// # Errors
/// Every [`Error`]; whatever it is, the site that was there before stays whole. `problems` receives the problems of the
/// data, also when the run stops because of them.
pub fn build(
    options: &Options,
    progress: &dyn Progress,
    problems: &mut Vec<Diagnostic>,
) -> Result<Outcome, Error> {
    let mut timings = Timings::default();
    let target = Target::open(&options.output, options.home.as_deref())?;
    let (basis, unchanged) = timings.timed("compare", progress, || {
        let basis = Basis::of(options);
        let unchanged = basis.as_ref().and_then(|basis| basis.recall(options, &target));
        (basis, unchanged)
    });
    if let Some((summary, published)) = unchanged {
        problems.clone_from(&summary.diagnostics);
        return Ok(Outcome { timings, summary, published });
    }
    let staging = target.stage()?;
    let site = staging.tree(TREE)?;
    let loaded = load_site(options, &mut timings, progress)?;
    let put = |tree: &MadeTree<'_>| {
        let site = staging.tree(tree.folder)?;
        (tree.make)(&site)?;
        staging.seal(tree.folder, site, tree.facts)
    };
    let language = loaded.language;
    let (facts, summary) =
        language.within(|| fill(loaded, options, (&site, &put), &mut timings, progress, problems))?;
    timings.timed("seal", progress, || staging.seal(TREE, site, &facts))?;
    let published = timings.timed("publish", progress, || staging.publish(&facts, Check::Hashes))?;
    if let Some(basis) = basis {
        basis.keep(options, &summary, &published);
    }
    Ok(Outcome { timings, summary, published })
}

/// The folder of the tree for the company's own people, and its audience.
const TREE: &str = "internal";

/// A tree beside the internal one.
pub struct MadeTree<'m> {
    /// Its folder in the site.
    pub folder: &'m str,
    /// Adds every file but its two lists.
    pub make: &'m (dyn Fn(&Site) -> Result<(), Error> + Sync),
    /// What its manifest says.
    pub facts: &'m ManifestFacts,
}

/// Takes each tree beside the internal one, from several threads.
pub type Put<'p> = dyn Fn(&MadeTree<'_>) -> Result<(), Error> + Sync + 'p;

/// Makes every file of the internal tree but its manifest, for which it gives the facts, and hands over the other trees.
fn fill(
    loaded: Loaded,
    options: &Options,
    (site, put): (&Site, &Put<'_>),
    timings: &mut Timings,
    progress: &dyn Progress,
    problems: &mut Vec<Diagnostic>,
) -> Result<(ManifestFacts, Summary), Error> {
    // Close packs are English in every language: workbook, CSV files and page say the same, and a pack that was sealed stays
    // what it was when the language of the site changes.
    let (mut loaded, mut packs) = timings.timed("close", progress, || {
        Language::ENGLISH.within(|| pack::closed(loaded, options, progress, problems))
    })?;
    let mut known = know(&mut loaded, timings, progress);
    problems.clone_from(&known.diagnostics);
    stop_on_fatal(&known.diagnostics)?;
    let shown = timings.timed("reconcile", progress, || shown(&loaded, &mut known));
    let mut report = timings.timed("arrange", progress, || report(&loaded, &shown));
    timings.timed("identities", progress, || identities::check_identities(&report))?;
    let mut trees =
        timings.timed("customers", progress, || customers::make(&report, &loaded, options, put))?;
    trees.audiences =
        timings.timed("audiences", progress, || audiences::make(&report, &loaded, options, put))?;
    report.trees = trees;
    timings.timed("close", progress, || {
        packs.extend(current_packs(&report, &loaded, &shown, options)?);
        report.packs = pack::publish(site, &loaded, packs)?;
        for (path, document) in report.addenda() {
            site.add(&path, pack::rendered(document, options, &loaded)?.as_bytes())?;
        }
        Ok::<(), Error>(())
    })?;
    let query = timings.timed("query", progress, || export::query::files(&report, site))?;
    let plan = report.plan();
    timings.timed("render", progress, || pages(&report, options, &loaded, (site, query, &plan), progress))?;
    timings.timed("export", progress, || {
        export::data_files(&report, site)?;
        export::changes::files(&report, site)
    })?;
    Ok((manifest_facts(&loaded), summarize(&report)))
}

/// The packs that follow from the shown snapshot, in English.
fn current_packs(
    report: &Report<'_>,
    loaded: &Loaded,
    shown: &Shown<'_>,
    options: &Options,
) -> Result<Vec<pack::Packed>, Error> {
    let packed = |report: &Report<'_>| {
        let make = |month| pack::packed(report, loaded, options, month, pack::Purpose::default());
        let packs: Vec<_> = pack::current(loaded).into_iter().map(make).collect::<Result<_, Error>>()?;
        Ok(packs.into_iter().flatten().collect())
    };
    if loaded.english.is_none() {
        return packed(report);
    }
    Language::ENGLISH.within(|| {
        let Shown { reconciled, diagnostics, history, snapshots } = shown;
        // Once more, because findings have facts in words.
        let reconciled = loaded.reconcile(reconciled.snapshot, reconciled.past);
        let shown = Shown { reconciled, diagnostics, history, snapshots };
        packed(&self::report(loaded, &shown))
    })
}

/// Renders pages into a site, with the files that every page loads; `query` is the set of the query's first data file.
///
/// # Errors
/// [`Error::Content`] where a template or a sentence fails, [`Error::Publish`] and [`Error::Identity`] as [`Site::add`].
pub fn pages(
    report: &Report<'_>,
    options: &Options,
    loaded: &Loaded,
    (site, query, plan): (&Site, String, &[PageKey]),
    progress: &dyn Progress,
) -> Result<(), Error> {
    for asset in render::assets::all().of_internal() {
        site.add(&asset.path, asset.bytes)?;
    }
    if let Some(file) = render::assets::messages(loaded.language) {
        site.add(&file.path, file.text.as_bytes())?;
    }
    let renderer = renderer(options, loaded, query)?;
    site.add("404.html", renderer.not_found()?.as_bytes())?;
    progress.stage("render", plan.len() as u64);
    let made = |key: &PageKey| {
        let Made { page, exports } = report.make(key)?;
        site.add(&page.path, renderer.page(&page)?.as_bytes())?;
        let mut figures = Vec::new();
        for (path, table) in exports {
            site.add(&path, &export::csv::table(&table))?;
            figures.extend(controls(&path, &table));
        }
        progress.step(1);
        Ok(figures)
    };
    let figures: Vec<Vec<[String; 5]>> =
        plan.par_iter().map(|key| loaded.language.within(|| made(key))).collect::<Result<_, Error>>()?;
    export::controls(figures.into_iter().flatten().collect(), site)
}

/// The templates with what every page says; `query` is the set of the query's first data file.
fn renderer(options: &Options, loaded: &Loaded, query: String) -> Result<Renderer, Error> {
    Renderer::new(&embedded::templates(&options.templates)?, &site_facts(loaded, query))
}

/// What every page says.
fn site_facts(loaded: &Loaded, query: String) -> SiteFacts {
    let assets = render::assets::all();
    SiteFacts {
        organization: loaded.config.organization.clone(),
        snapshot: loaded.shown.to_string(),
        as_of: loaded.shown.in_words(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        record_set: record_set(loaded, loaded.shown),
        lang: Language::spoken().lang().to_owned(),
        css: assets.css,
        js: assets.js,
        messages: render::assets::messages(Language::spoken()).map_or_else(String::new, |file| file.path),
        query,
        audience: None,
        scripts: assets.scripts,
    }
}

/// The dossier of an id in any spelling as one HTML file; `None` where no record has this id.
///
/// # Errors
/// [`Error::Usage`] where several orders are meant, [`Error::Content`] where a template or a sentence fails.
pub fn dossier(
    report: &Report<'_>,
    options: &Options,
    loaded: &Loaded,
    id: &str,
) -> Result<Option<String>, Error> {
    let Some(Dossier { page, name, running, facts }) = report.dossier(id)? else { return Ok(None) };
    let document = Standalone { name, running, facts, is_numbered: false };
    renderer(options, loaded, String::new())?.standalone(&page, &document).map(Some)
}

/// A name for the set of inputs of a snapshot: the first 12 hex digits over the checksums of all files up to it.
fn record_set(loaded: &Loaded, as_of: AsOf) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    // With the signature in it, the name that was signed would be another one.
    for entry in inputs(loaded, as_of, pack::is_of_figures) {
        hash.update(entry.path.as_bytes());
        hash.update(entry.sha256.as_bytes());
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Problems that say a part of the input is not there. What is missing may weigh as much as any finding.
const INCOMPLETE: [&str; 3] = ["control-total-difference", "file-part-missing", "records-missing"];

/// The files that a snapshot rests on: the extracts up to it, and the reference files that hold for it or for one before
/// it.
fn inputs(loaded: &Loaded, as_of: AsOf, is_wanted: impl Fn(&ingest::Extract) -> bool) -> Vec<Entry> {
    let snapshots = loaded.input.snapshots().filter(|s| *s <= as_of);
    let reference: BTreeSet<u32> = snapshots.flat_map(|s| loaded.input.reference_files(s)).collect();
    let is_used = |number: &u32, file: &ingest::Extract| {
        reference.contains(number)
            || (!file.kind().is_reference() && file.snapshot().is_some_and(|s| s <= as_of))
    };
    let entries = loaded.files.iter().filter(|(number, file)| is_used(number, file) && is_wanted(file)).map(
        |(_, file)| Entry {
            path: file.file().to_owned(),
            size: file.size() as u64,
            sha256: file.sha256().to_owned(),
        },
    );
    // Several tables of one file, and several sources that read it, are next to each other.
    let mut entries: Vec<Entry> = entries.collect();
    entries.dedup();
    entries
}

fn manifest_facts(loaded: &Loaded) -> ManifestFacts {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(loaded.config_text.as_bytes());
    let mut inputs = inputs(loaded, loaded.shown, |_| true);
    let given = loaded.metrics.files.iter();
    inputs.extend(given.map(|f| Entry { path: f.path.clone(), size: f.size, sha256: f.sha256.clone() }));
    inputs.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
    ManifestFacts {
        audience: TREE.to_owned(),
        snapshot: loaded.shown.to_string(),
        configuration_sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        content_sha256: loaded.checksums()[0].to_owned(),
        templates_sha256: loaded.checksums()[1].to_owned(),
        inputs,
    }
}

/// The name of the set of inputs of the shown snapshot, as at the foot of every page.
pub fn record_set_of<'r>(report: &Report<'r>) -> &'r str {
    report.sources.snapshots.last().map_or("", |shown| shown.record_set.as_str())
}

/// The figures of a run for its summary.
pub fn summarize(report: &Report<'_>) -> Summary {
    let reconciled = report.reconciled;
    let mut rows = normalize::RowCounts::default();
    for file in &reconciled.snapshot.uses {
        rows.rows += file.counts.rows;
        rows.loaded += file.counts.loaded;
        rows.merged += file.counts.merged;
        rows.quarantined += file.counts.quarantined;
        rows.blank += file.counts.blank;
    }
    let month = reconciled.as_of().last_full_month();
    let mut totals = Totals::default();
    for (line, figures) in reconciled.snapshot.records.lines.iter().zip(&reconciled.lines) {
        if line.period == month {
            totals.add(line, figures);
        }
    }
    let mut cases: BTreeMap<reconcile::Kind, usize> = BTreeMap::new();
    let mut clean = 0;
    for case in &reconciled.cases {
        match case.primary() {
            Some(finding) => *cases.entry(finding.kind).or_default() += 1,
            None => clean += 1,
        }
    }
    let is_incomplete = report.sources.diagnostics.iter().any(|d| INCOMPLETE.contains(&d.code));
    Summary {
        snapshot: reconciled.as_of().to_string(),
        record_set: record_set_of(report).to_owned(),
        rows,
        totals: totals.total().iter().map(|m| m.in_words()).collect(),
        month: month.in_words(),
        severity: reconciled
            .cases
            .iter()
            .filter_map(|case| reconciled.severity(case))
            .chain(is_incomplete.then_some(reconcile::Severity::High))
            .max(),
        cases: cases.into_iter().map(|(kind, count)| (kind.code(), count)).collect(),
        clean,
        diagnostics: report.sources.diagnostics.to_vec(),
    }
}
