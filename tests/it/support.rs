//! A project in a folder of its own: change it, build it, read what came out.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, Weak};

use proptest::test_runner::{Config as ProptestConfig, RngSeed};
use sha2::{Digest, Sha256};
use tieout::diagnostic::Diagnostic;
use tieout::error::Error;
use tieout::model::time::{AsOf, Month};
use tieout::pipeline::pack::{self, Packed, Purpose};
use tieout::pipeline::{self, Cache, Loaded, Options, Outcome, Shown, Silent, Timings};
use tieout::reconcile::Reconciled;
use tieout::report::Report;
use tieout::report::data::DataFile;
use tieout::report::identities::check_identities;

/// One row of a CSV file by column name.
pub(crate) type Row = BTreeMap<String, String>;

/// The folder of this repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `tests/`.
pub(crate) fn tests() -> PathBuf {
    repository().join("tests")
}

/// The variable in which a project of tests finds the secret of its customers.
pub(crate) const SECRET: &str = "TIEOUT_TEST_SECRET";

/// A project in a temporary folder: `input/`, and a `site/` after a build. Content and templates are the built-in ones.
pub(crate) struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// Without any input.
    pub(crate) fn empty() -> Project {
        Project { folder: tempfile::tempdir().unwrap() }
    }

    /// Over the files of an input folder.
    pub(crate) fn from_dir(input: &Path) -> Project {
        let project = Project::empty();
        project.overlay(input);
        project
    }

    /// Over the sample input of this repository.
    pub(crate) fn sample() -> Project {
        Project::from_dir(&repository().join("input"))
    }

    /// The clean base of `tests/discrepancies`: three orders, three lines, one payout.
    pub(crate) fn base() -> Project {
        Project::from_dir(&tests().join("discrepancies/_base"))
    }

    /// Copies files over those of the input folder.
    pub(crate) fn overlay(&self, input: &Path) {
        for entry in walkdir::WalkDir::new(input).sort_by_file_name() {
            let entry = entry.unwrap();
            let target = self.path("input").join(entry.path().strip_prefix(input).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir_all(target).unwrap();
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }

    /// A path in the project folder.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// The text of a file of the project.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Project {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// Removes a file of the project.
    pub(crate) fn remove(&self, path: &str) -> &Project {
        fs::remove_file(self.path(path)).unwrap();
        self
    }

    /// Adds text at the end of a file of the project.
    pub(crate) fn append(&self, path: &str, text: &str) -> &Project {
        let before = self.read(path);
        self.write(path, before + text)
    }

    /// Replaces a text of a file of the project, which must occur exactly once.
    pub(crate) fn change_file(&self, path: &str, from: &str, to: &str) -> &Project {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "{path} holds `{from}` not exactly once");
        self.write(path, text.replace(from, to))
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            input: self.path("input"),
            content: self.path("content"),
            templates: self.path("templates"),
            config: self.path("tieout.toml"),
            output: self.path("site"),
            snapshot: None,
            cache: Cache::Off,
            home: None,
            environment: |name| (name == SECRET).then(|| "a secret of tests, 32 bytes long".to_owned()),
        }
    }

    /// Builds with the library; every problem of the data comes with it.
    pub(crate) fn try_build(&self) -> (Result<Outcome, Error>, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let result = pipeline::build(&self.options(), &Silent, &mut problems);
        (result, problems)
    }

    /// Makes the pack of a month with the library, as known at a snapshot, else at its close, else now.
    pub(crate) fn try_pack(&self, month: &str, snapshot: Option<&str>) -> Result<Packed, Error> {
        let options = Options { snapshot: snapshot.map(|id| AsOf::parse(id).unwrap()), ..self.options() };
        pack::make(&options, Month::parse(month).unwrap(), Purpose::default(), &Silent, &mut Vec::new())
    }

    /// Builds with the library, which must succeed.
    pub(crate) fn build(&self) -> Tree {
        let (result, problems) = self.try_build();
        if let Err(error) = result {
            panic!("{error}\n{}", in_words(&problems));
        }
        self.tree()
    }

    /// The tree that the last build wrote.
    pub(crate) fn tree(&self) -> Tree {
        Tree { root: self.path("site/internal") }
    }

    /// Reads and reconciles the newest snapshot with the library, and publishes nothing.
    pub(crate) fn reconcile<T>(&self, look: impl FnOnce(&Seen<'_>) -> T) -> T {
        self.reconcile_at(None, look)
    }

    /// As [`Project::reconcile`], of a chosen snapshot.
    pub(crate) fn reconcile_at<T>(&self, snapshot: Option<&str>, look: impl FnOnce(&Seen<'_>) -> T) -> T {
        let mut timings = Timings::default();
        let options = Options { snapshot: snapshot.map(|id| AsOf::parse(id).unwrap()), ..self.options() };
        let mut loaded = pipeline::load(&options, &mut timings, &Silent).unwrap();
        let mut known = pipeline::know(&mut loaded, &mut timings, &Silent);
        let shown = pipeline::shown(&loaded, &mut known);
        let report = pipeline::report(&loaded, &shown);
        check_identities(&report).unwrap();
        look(&Seen { loaded: &loaded, shown: &shown, reconciled: &shown.reconciled, report: &report })
    }

    /// The program, ready to run in the project folder.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tieout"));
        command.current_dir(self.folder.path());
        command
    }

    /// Runs the program in the project folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::new(self.command().args(arguments).output().unwrap())
    }
}

/// A snapshot as the library sees it.
pub(crate) struct Seen<'a> {
    pub(crate) loaded: &'a Loaded,
    pub(crate) shown: &'a Shown<'a>,
    pub(crate) reconciled: &'a Reconciled<'a>,
    pub(crate) report: &'a Report<'a>,
}

impl Seen<'_> {
    /// The rows of one of the machine-readable files.
    pub(crate) fn data(&self, file: DataFile) -> Vec<Row> {
        let header = file.header();
        let mut all = Vec::new();
        file.for_each_row(self.report, &mut |row| {
            all.push(
                header.iter().zip(row).map(|(name, cell)| ((*name).to_owned(), cell.to_owned())).collect(),
            );
        });
        all
    }

    /// `type id: kind of the primary explanation` of every case that is not clean, sorted.
    pub(crate) fn not_clean(&self) -> Vec<String> {
        let rows = self.data(DataFile::Cases);
        let rows = rows.iter().filter(|row| row["primary"] != "clean");
        let mut all: Vec<String> = rows
            .map(|row| format!("{} {}: {}", row["subject_type"], row["subject_id"], row["primary"]))
            .collect();
        all.sort();
        all
    }

    /// The codes of all problems, sorted, each once.
    pub(crate) fn codes(&self) -> Vec<&'static str> {
        let mut codes: Vec<&str> = self.shown.diagnostics.iter().map(|d| d.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// The problems of one code.
    pub(crate) fn problems(&self, code: &str) -> Vec<&Diagnostic> {
        self.shown.diagnostics.iter().filter(|d| d.code == code).collect()
    }

    /// `rows loaded merged quarantined blank` of a file that the snapshot rests on.
    pub(crate) fn counts(&self, path: &str) -> [usize; 5] {
        let uses = self.reconciled.snapshot.uses.iter().chain(&self.loaded.reference_uses);
        let mut found = uses.filter(|used| self.loaded.files.get(used.file).path() == path);
        let c = found.next().unwrap_or_else(|| panic!("{path} is not used")).counts;
        [c.rows, c.loaded, c.merged, c.quarantined, c.blank]
    }
}

/// A finished run of the program.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn new(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Requires an exit code; the message shows everything that was printed.
    pub(crate) fn code(self, expected: i32) -> Run {
        assert_eq!(self.code, expected, "{self:#?}");
        self
    }

    /// Requires a text on stderr.
    pub(crate) fn says(self, text: &str) -> Run {
        assert!(self.stderr.contains(text), "`{text}` is not in\n{}", self.stderr);
        self
    }

    /// The JSON document on stdout.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}", self.stdout))
    }
}

/// A published tree.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
}

impl Tree {
    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Whether a file exists.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    /// The `<main>` element of a page.
    pub(crate) fn main(&self, path: &str) -> String {
        let page = self.read(path);
        let start = page.find("<main").unwrap_or_else(|| panic!("{path} has no <main>"));
        let end = page.find("</main>").unwrap_or_else(|| panic!("{path} has no </main>"));
        page[start..end + "</main>".len()].to_owned()
    }

    /// What a person reads of `<main>`: no tags, entities resolved, single blanks.
    pub(crate) fn text(&self, path: &str) -> String {
        text_of(&self.main(path))
    }

    /// What a person reads of the element with an id of a page, which must hold no element of its own kind.
    pub(crate) fn text_of_id(&self, path: &str, id: &str) -> String {
        let page = self.read(path);
        let mark = format!(" id=\"{id}\"");
        let at = page.find(&mark).unwrap_or_else(|| panic!("{path} has no #{id}"));
        let start = page[..at].rfind('<').unwrap();
        let name: String = page[start + 1..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let end = start + page[start..].find(&format!("</{name}>")).unwrap();
        text_of(&page[start..end])
    }

    /// The rows of a CSV file.
    pub(crate) fn rows(&self, path: &str) -> Vec<Row> {
        rows(&self.read(path))
    }

    /// Every file below the root, sorted by its path.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for entry in walkdir::WalkDir::new(&self.root) {
            let entry = entry.unwrap();
            if entry.file_type().is_file() {
                paths.push(entry.path().strip_prefix(&self.root).unwrap().to_str().unwrap().to_owned());
            }
        }
        paths.sort();
        paths
    }

    /// Path and SHA-256 of every file.
    pub(crate) fn digest(&self) -> BTreeMap<String, String> {
        let hash = |path: &String| sha256(&fs::read(self.root.join(path)).unwrap());
        self.paths().into_iter().map(|path| (path.clone(), hash(&path))).collect()
    }
}

/// So many cases of a property, the same ones in every run: a change fails on what it broke, not on what a die shows.
/// `PROPTEST_CASES=5000` makes so many others, anew each time; with `PROPTEST_RNG_SEED=7` they are the same again.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let is_set = |name| std::env::var_os(name).is_some();
    let is_search = is_set("PROPTEST_CASES");
    ProptestConfig {
        cases: if is_search { asked.cases } else { cases },
        rng_seed: if is_search || is_set("PROPTEST_RNG_SEED") {
            asked.rng_seed
        } else {
            RngSeed::Fixed(2026)
        },
        failure_persistence: None,
        max_shrink_iters: 600,
        ..asked
    }
}

/// SHA-256 in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The rows of CSV text, by column name.
pub(crate) fn rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        header.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// What a person reads of a piece of HTML: no tags, entities resolved, single blanks.
pub(crate) fn text_of(html: &str) -> String {
    const INLINE: [&str; 10] = ["a", "abbr", "b", "bdi", "code", "data", "span", "strong", "svg", "use"];
    let mut text = String::new();
    for (number, part) in html.split('<').enumerate() {
        let (tag, rest) = if number == 0 { ("", part) } else { part.split_once('>').unwrap_or((part, "")) };
        let name =
            tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        if !INLINE.contains(&name) {
            text.push(' ');
        }
        text.push_str(rest);
    }
    let entities =
        [("&#39;", "'"), ("&#x27;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    for (entity, c) in entities {
        text = text.replace(entity, c);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Requires two texts to be equal; the message shows the first line that differs and nothing else.
pub(crate) fn assert_same(name: &str, found: &str, expected: &str) {
    if found == expected {
        return;
    }
    let pairs = found.lines().chain(std::iter::repeat("(end)")).zip(expected.lines().chain(["(end)"]));
    for (number, (found, expected)) in pairs.enumerate() {
        let start =
            found.bytes().zip(expected.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(40);
        let cut = |line: &str| {
            String::from_utf8_lossy(line.as_bytes().get(start..).unwrap_or(&[]))
                .chars()
                .take(160)
                .collect::<String>()
        };
        assert!(
            found == expected,
            "{name}, line {}:\n   found …{}\nexpected …{}",
            number + 1,
            cut(found),
            cut(expected)
        );
    }
    panic!("{name}: {} bytes, expected {}", found.len(), expected.len());
}

/// Problems as a person reads them.
pub(crate) fn in_words(problems: &[Diagnostic]) -> String {
    problems.iter().map(|d| d.in_words() + "\n").collect()
}

/// The sample site, built once for all tests that only read it, and gone after the last of them.
pub(crate) fn sample() -> Arc<Sample> {
    static SAMPLE: Mutex<Weak<Sample>> = Mutex::new(Weak::new());
    let mut slot = SAMPLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    slot.upgrade().unwrap_or_else(|| {
        let project = Project::sample();
        let tree = project.build();
        let sample = Arc::new(Sample { tree, _project: project });
        *slot = Arc::downgrade(&sample);
        sample
    })
}

/// The sample site.
pub(crate) struct Sample {
    pub(crate) tree: Tree,
    _project: Project,
}
