//! The shape of the program itself: who may import whom, one home per dependency, nothing forgotten.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tieout::ingest::columns::FileKind;

use super::support::{Project, repository, tests};

/// What each module may import of this crate (the table of `spec/style.md`, section 1). `model` stands for
/// `crate::model` and everything in it. The edge (`cli`, `pipeline`, `lib`, `main`) may import everything.
const ARROWS: &[(&str, &[&str])] = &[
    // Vocabulary.
    ("language", &[]),
    ("model", &["language"]),
    ("diagnostic", &["model"]),
    ("error", &["model"]),
    // The file system, which everything that touches files goes through.
    ("fs", &["error"]),
    // Data side: the vocabulary and the results of earlier stages.
    ("config", &["model", "diagnostic", "error"]),
    ("ingest", &["model", "diagnostic", "error", "fs"]),
    ("normalize", &["model", "diagnostic", "error", "ingest"]),
    ("rules", &["model", "diagnostic", "error"]),
    ("reconcile", &["language", "model", "diagnostic", "error", "normalize", "rules"]),
    ("history", &["model", "diagnostic", "error", "reconcile"]),
    ("metrics", &["model", "diagnostic", "error", "reconcile", "history", "fs"]),
    ("content", &["model", "diagnostic", "error", "reconcile::kinds"]),
    ("explain", &["language", "model", "diagnostic", "error", "reconcile", "content"]),
    // Page models.
    ("report", &["language", "model", "diagnostic", "error", "reconcile", "history", "metrics"]),
    // What restricted trees are made of.
    ("audience", &["language", "model", "error", "reconcile", "history", "report"]),
    // Page side.
    ("render", &["language", "error", "report", "site", "audience"]),
    ("export", &["language", "error", "report", "site"]),
    // Output: nothing about rebates.
    ("site", &["error", "fs"]),
    ("publish", &["error", "fs", "site"]),
    ("verify", &["error", "fs", "site", "publish"]),
    // Records of what was run: nothing of a site depends on it.
    ("audit", &["error", "fs", "site"]),
    // What a server is told of a finished site.
    ("hosting", &["error", "fs", "publish"]),
    // Defaults inside the binary: texts of content and templates, overlaid by files.
    ("embedded", &["error", "fs"]),
];

/// The edge of the program.
const EDGE: [&str; 4] = ["cli", "lib", "main", "pipeline"];

/// Arrows beside the table, each with its reason. One that is not used any more fails.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "config",
        "ingest::columns",
        "`[[source]]` names kinds of files, and the closed list of them lives there",
    ),
    ("config", "ingest::mapping", "`[[source]]` is a mapping; presets lie beside the code that applies them"),
    ("config", "ingest::grammar", "the day of going live is written as every day is"),
    ("metrics", "ingest::format", "access logs come packed"),
    ("metrics", "ingest::grammar", "days, months, ids and amounts are written as in every file"),
    ("metrics", "ingest::scan", "tickets, users and totals come as CSV files"),
    ("history", "ingest::Files", "a changed field is told in the words of both rows"),
    ("reconcile", "ingest::columns", "a row set aside says which kind of file it is in"),
    ("report", "ingest::Files", "evidence shows file, line, checksum and text of the row"),
    (
        "report",
        "ingest::Input",
        "which reference files held for a snapshot tells what changed when a case was cleared",
    ),
    ("report", "ingest::RuleRow", "a changed row of our mapping is told in the words of its file"),
    ("report", "ingest::columns", "tie-outs tell lines from orders by the kind of their file"),
    ("report", "ingest::mapping", "the front matter of a drafted article is quoted as a source is"),
    ("report", "ingest::grammar", "addresses are made of the canonical form of an id"),
    ("report", "normalize", "tie-outs show the row counts, and pages the rows set aside"),
    ("report", "rules", "pages show the mapping and the program that were used"),
    ("report", "content", "pages carry the words of finance and support"),
    ("report", "explain", "pages carry the answers of four audiences"),
    ("audience", "config", "what customers and internal audiences are shown is set there"),
    ("audience", "explain", "an internal audience may be told the answers of pages"),
    ("audience", "content", "the words of a customer's page are content"),
    ("audience", "ingest::grammar", "a value is found in any spelling of an id"),
    ("embedded", "render", "the built-in templates lie beside the code that fills them"),
    ("embedded", "hosting", "so do the texts of configurations"),
];

/// What nothing may ever import, whatever the tables above say.
const NEVER: &[(&str, &[&str])] = &[
    ("report", &["ingest::scan", "fs", "publish", "render", "export", "cli", "site", "embedded"]),
    ("render", &["ingest", "normalize", "reconcile", "rules", "history", "model", "fs"]),
    ("export", &["ingest", "normalize", "reconcile", "rules", "history", "model", "fs"]),
    ("site", &["ingest", "normalize", "reconcile", "rules", "history", "model", "report", "content"]),
    ("publish", &["ingest", "normalize", "reconcile", "rules", "history", "model", "report", "content"]),
    ("verify", &["ingest", "normalize", "reconcile", "rules", "history", "model", "report", "content"]),
    (
        "audit",
        &["ingest", "normalize", "reconcile", "rules", "history", "model", "report", "content", "publish"],
    ),
    (
        "hosting",
        &[
            "ingest",
            "normalize",
            "reconcile",
            "rules",
            "history",
            "model",
            "report",
            "content",
            "render",
            "pipeline",
        ],
    ),
];

/// Where each dependency lives: changing it touches these files and no other.
const HOMES: &[(&str, &[&str])] = &[
    ("aho_corasick", &["audience::scan"]),
    ("axum", &["cli::serve"]),
    ("bytes", &["ingest::format::columnar"]),
    ("clap", &["cli"]),
    ("crc32fast", &["audience::scan", "report::query::receipt"]),
    // The workbooks of others, and our own that are checked.
    ("calamine", &["ingest::format::workbook", "verify::workbook"]),
    ("cfb", &["ingest::format::workbook::records"]),
    (
        "csv",
        &[
            "ingest::format",
            "ingest::scan",
            "export::csv",
            "hosting::logins",
            "hosting::trees",
            "verify::rows",
        ],
    ),
    // What packs files, and the pages of Parquet files.
    ("flate2", &["audience::layers", "ingest::format::columnar", "ingest::format::packed"]),
    ("lz4_flex", &["ingest::format::columnar"]),
    ("ruzstd", &["ingest::format::columnar", "ingest::format::packed"]),
    ("snap", &["ingest::format::columnar"]),
    ("chardetng", &["ingest::format::encoding"]),
    ("csv_nose", &["ingest::format::dialect"]),
    ("encoding_rs", &["ingest::format::encoding"]),
    // The names of the folders of customers.
    ("hmac", &["pipeline::customers"]),
    ("indicatif", &["cli::print"]),
    ("iso_currency", &["model::money"]),
    // With sha1: what an id of a small space may be hidden as.
    ("md5", &["audience::scan"]),
    ("sha1", &["audience::scan"]),
    ("memchr", &["ingest::format::workbook::package", "ingest::scan"]),
    ("minijinja", &["explain"]),
    ("notify", &["cli::serve"]),
    ("parquet", &["ingest::format::columnar"]),
    ("postcard", &["pipeline::cache"]),
    ("pulldown_cmark", &["render::markdown"]),
    // Names of files with parts in them, and times of named zones.
    ("chrono_tz", &["ingest::mapping::value"]),
    ("regex", &["ingest::mapping::files"]),
    ("quick_xml", &["ingest::format::workbook::package"]),
    ("rust_xlsxwriter", &["export::workbook"]),
    ("rustix", &["fs"]),
    // `pack.json`, which later builds read back, beside the manifest; figures of JSON files that are compared; extracts
    // that are JSON; rules of stores that take JSON.
    (
        "serde_json",
        &[
            // One record a line.
            "audit::record",
            "cli",
            "hosting::clouds",
            "ingest::format::objects",
            "pipeline::sealed",
            "publish::manifest",
            "verify::json",
        ],
    ),
    ("strsim", &["ingest::extract", "reconcile::suggest"]),
    ("tera", &["render::customer", "render::html", "render::view"]),
    ("thiserror", &["error"]),
    ("tokio", &["cli::serve"]),
    ("toml", &["config", "content", "language::catalog"]),
    // Which letters look like others; which words have no spaces between them.
    ("unicode_script", &["ingest::grammar", "report::query"]),
    ("walkdir", &["fs"]),
    ("zip", &["audience::layers", "ingest::format::packed", "ingest::format::workbook::package"]),
    // Beyond one home, for a reason.
    // The canonical form of an id; the guard against formulas, which looks at the folded first character; dates and words as
    // people write them.
    ("unicode_normalization", &["ingest::grammar", "export::csv", "report::query"]),
    // Stages whose items are apart from each other; `cli` sets the number of threads, `manifest` hashes, and `site` keeps
    // one list of links per thread.
    (
        "rayon",
        &[
            "audience::scan",
            "cli",
            "ingest",
            "pipeline",
            "normalize",
            "export",
            "publish::manifest",
            "site",
            "verify::sums",
        ],
    ),
    // Text that is read or written by machines.
    (
        "serde",
        &[
            "audience::page",
            "audit::record",
            "config",
            "content",
            "language::catalog",
            "diagnostic",
            "history",
            "ingest::format::objects",
            "ingest::mapping::spec",
            "model",
            "normalize",
            "pipeline::cache",
            "pipeline::unchanged",
            "publish::manifest",
            "reconcile",
            "render::html",
            "report::page",
            "report::table",
            "report",
        ],
    ),
    // Checksums: of files, rows, addresses, assets, data files, the manifest and records.
    (
        "sha2",
        &[
            "audience::scan",
            "audit::record",
            // What was printed, for the audit log.
            "cli::print",
            "export::script",
            "history",
            "ingest",
            "metrics",
            "normalize",
            "pipeline",
            "publish::manifest",
            "render::assets",
            "render::html",
            "report::address",
            "site",
            "verify::sums",
        ],
    ),
    // Days, decimals and interned text are the vocabulary's own types.
    (
        "chrono",
        &[
            // The time of a record, and the clock that it comes from.
            "audit::record",
            "cli::audit",
            "cli::trail",
            // The day of going live.
            "config",
            "content::customer",
            "history",
            "ingest::format::columnar",
            "ingest::grammar",
            "ingest::mapping::value",
            "metrics",
            "model",
            "normalize",
            "reconcile",
            "report",
            "rules",
        ],
    ),
    (
        "rust_decimal",
        &[
            "audience::values",
            "config",
            "history",
            "ingest::grammar",
            "ingest::mapping::propose",
            "ingest::mapping::value",
            "model",
            "normalize",
            "reconcile",
            "report",
            "rules",
        ],
    ),
    (
        "ustr",
        &[
            "audience",
            "diagnostic",
            "history",
            "ingest",
            "metrics",
            "model",
            "normalize",
            "pipeline::customers",
            "reconcile",
            "report",
            "rules",
        ],
    ),
];

/// A source file without its tests and comments.
struct Source {
    path: PathBuf,
    /// `render::html` of `src/render/html.rs`.
    module: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = repository().join("src");
    let mut all = Vec::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let is_tests = path.file_name().is_some_and(|name| name == "tests.rs");
        if path.extension().is_some_and(|e| e == "rs") && !is_tests {
            let module = path.strip_prefix(&root).unwrap().with_extension("");
            let module = module.to_str().unwrap().replace(['/', '\\'], "::");
            let code = code(&fs::read_to_string(&path).unwrap());
            all.push(Source { path, module, code });
        }
    }
    assert!(all.len() > 40, "the sources were found");
    all
}

/// Rust text without the test module at the foot of a file and without comments.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap();
    let uncommented = text.lines().map(|line| match line.find("//") {
        Some(at) if line[..at].matches('"').count() % 2 == 0 => &line[..at],
        _ => line,
    });
    uncommented.collect::<Vec<_>>().join("\n")
}

/// Every path of this crate that a module names, without the leading `crate`, use-trees spelled out.
fn arrows(source: &Source) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let own: Vec<&str> = source.module.split("::").collect();
    for (at, _) in source.code.match_indices("crate::") {
        if !is_word_before(&source.code, at) {
            paths("", &source.code[at + "crate::".len()..], &mut all);
        }
    }
    for (at, _) in source.code.match_indices("super::") {
        if is_word_before(&source.code, at) || source.code[..at].ends_with("super::") {
            continue;
        }
        let mut rest = &source.code[at..];
        let mut base = own.clone();
        while let Some(after) = rest.strip_prefix("super::") {
            base.pop();
            rest = after;
        }
        paths(&base.join("::"), rest, &mut all);
    }
    all
}

fn is_word_before(text: &str, at: usize) -> bool {
    text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Spells out a path or use-tree at the start of a text; gives back what follows it.
fn paths<'t>(prefix: &str, text: &'t str, all: &mut BTreeSet<String>) -> &'t str {
    let text = text.trim_start();
    let joined = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}::{name}") };
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = paths(prefix, rest, all).trim_start();
            if let Some(after) = rest.strip_prefix(',') {
                rest = after;
                if let Some(after) = rest.trim_start().strip_prefix('}') {
                    return after;
                }
            } else {
                return rest.strip_prefix('}').unwrap_or(rest);
            }
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let here = if name == "self" { prefix.to_owned() } else { joined(name) };
    if let Some(rest) = rest.strip_prefix("::")
        && !rest.starts_with('<')
    {
        return paths(&here, rest, all);
    }
    all.insert(here);
    let rest = rest.trim_start();
    match rest.strip_prefix("as ") {
        Some(alias) => alias.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == ' '),
        None => rest,
    }
}

fn is_within(path: &str, module: &str) -> bool {
    path == module || path.strip_prefix(module).is_some_and(|rest| rest.starts_with("::"))
}

/// Violations of the tables by sources, and the exceptions that were needed.
fn check_arrows(sources: &[Source]) -> (Vec<String>, BTreeSet<usize>) {
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for source in sources {
        let top = source.module.split("::").next().unwrap();
        if EDGE.contains(&top) {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(module, _)| *module == top) else {
            wrong.push(format!("module `{top}` is not in the table"));
            continue;
        };
        let never = NEVER.iter().find(|(module, _)| *module == top).map_or(&[][..], |(_, never)| never);
        for path in arrows(source) {
            let is_module = |name: &str| ARROWS.iter().any(|(m, _)| *m == name) || EDGE.contains(&name);
            // What `super::` reaches at the top is a module as well; all else is a name of the file itself.
            if !is_module(path.split("::").next().unwrap()) || is_within(&path, top) {
                continue;
            }
            if never.iter().any(|module| is_within(&path, module)) {
                wrong.push(format!("{} imports `{path}`, which it must never", source.module));
            } else if !allowed.iter().any(|module| is_within(&path, module)) {
                let exception = EXCEPTIONS
                    .iter()
                    .position(|(module, target, _)| *module == top && is_within(&path, target));
                match exception {
                    Some(number) => {
                        used.insert(number);
                    }
                    None => wrong.push(format!("{} imports `{path}`", source.module)),
                }
            }
        }
    }
    (wrong, used)
}

#[test]
fn modules_import_only_what_their_layer_may() {
    // Goal: a change of a page touches no rule and a change of a rule no file handling (style 1). Method: every path of
    // this crate in every source file against the table; exceptions are listed with their reason and must be in use.
    let (wrong, used) = check_arrows(&sources());
    assert!(wrong.is_empty(), "{wrong:#?}");
    let idle: Vec<_> =
        EXCEPTIONS.iter().enumerate().filter(|(n, _)| !used.contains(n)).map(|(_, e)| e).collect();
    assert!(idle.is_empty(), "not needed any more: {idle:?}");
}

#[test]
fn the_test_of_the_arrows_bites() {
    // Goal: the test above sees every way to write an arrow. Method: made-up files, each with one forbidden path.
    let source = |module: &str, code: &str| Source {
        path: PathBuf::new(),
        module: module.to_owned(),
        code: self::code(code),
    };
    for (module, text) in [
        ("model::money", "use crate::diagnostic::Diagnostic;"),
        ("report::order", "use crate::{error::Error, ingest::{self, scan::Scan}};"),
        ("report", "fn f() { crate::fs::read(path) }"),
        ("report", "use super::publish::Staging;"),
        ("report::order::checks", "use super::super::super::render::html;"),
        ("render::html", "use crate::report::page::Page;\nuse crate::model::money::Money as Amount;"),
        ("export", "let x = crate::reconcile::reconcile(s, r);"),
        ("publish::swap", "use crate::report::Report;"),
        ("normalize", "use crate::reconcile::Kind;"),
        ("newcomer", ""),
    ] {
        assert!(!check_arrows(&[source(module, text)]).0.is_empty(), "{module}: {text}");
    }
    for (module, text) in [
        ("report", "// use crate::fs;\nuse crate::model::money::{Money, Currency};\nuse self::page::Page;"),
        ("report::order", "use super::lists;\nuse super::Report;"),
        ("report", "fn f() {}\n#[cfg(test)]\nmod tests {\n use crate::fs;\n}"),
        ("pipeline", "use crate::fs;"),
    ] {
        assert_eq!(check_arrows(&[source(module, text)]).0, Vec::<String>::new(), "{module}: {text}");
    }
    let mut all = BTreeSet::new();
    paths("", "{a::{b, c as d, self}, e::F};", &mut all);
    assert_eq!(all.into_iter().collect::<Vec<_>>(), ["a", "a::b", "a::c", "e::F"]);
}

/// The names under `[dependencies]` of `Cargo.toml`, as Rust writes them.
fn dependencies() -> BTreeSet<String> {
    let text = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let section = text.split("[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    section.lines().filter_map(|line| Some(line.split_once('=')?.0.trim().replace('-', "_"))).collect()
}

#[test]
fn every_dependency_has_its_home() {
    // Goal: replacing a dependency touches its home only. Method: its name in front of `::`, or in a `use`, in every
    // source file; each dependency of `Cargo.toml` is in the table, and each home uses what it houses.
    let homes: BTreeMap<&str, &[&str]> = HOMES.iter().copied().collect();
    let listed: BTreeSet<String> = homes.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(listed, dependencies(), "the table and Cargo.toml");
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for source in sources() {
        for (name, homes) in &homes {
            // A module of that name in this file is not the dependency.
            let is_own_module = source.code.contains(&format!("mod {name};"));
            if is_own_module || !names_crate(&source.code, name) {
                continue;
            }
            match homes.iter().find(|home| is_within(&source.module, home)) {
                Some(home) => {
                    used.insert((*name, *home));
                }
                None => wrong.push(format!("{} uses `{name}`, whose home is {homes:?}", source.module)),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let idle: Vec<_> = HOMES
        .iter()
        .flat_map(|(name, homes)| homes.iter().map(move |h| (*name, *h)))
        .filter(|h| !used.contains(h))
        .collect();
    assert!(idle.is_empty(), "homes that do not use what they house: {idle:?}");
}

fn names_crate(code: &str, name: &str) -> bool {
    let starts_path = |at: usize| {
        !is_word_before(code, at) && !code[..at].ends_with("::") && code[at + name.len()..].starts_with("::")
    };
    let is_used =
        |line: &str| line.trim_start().trim_start_matches("pub ").starts_with(&format!("use {name};"));
    code.match_indices(name).any(|(at, _)| starts_path(at)) || code.lines().any(is_used)
}

#[test]
fn only_the_edge_reads_clock_environment_and_terminal() {
    // Goal: the site is a pure function of its input (contract, section 1). Method: names of the standard library and of
    // chrono that read them, in every source outside the edge; the pipeline measures times for the run log only.
    let forbidden = [
        "SystemTime",
        "Utc::now",
        "Local::now",
        "env::var",
        "env::args",
        "env::current_dir",
        "is_terminal",
        "stdin(",
        "thread_rng",
        "RandomState",
    ];
    for source in sources() {
        if source.module == "cli" || source.module.starts_with("cli::") {
            continue;
        }
        for name in forbidden {
            assert!(!source.code.contains(name), "{} reads `{name}`", source.module);
        }
        let is_timer = source.module == "pipeline";
        assert!(is_timer || !source.code.contains("Instant::now"), "{} reads the clock", source.module);
        let prints =
            ["println!", "eprintln!", "print!(", "eprint!("].into_iter().any(|p| source.code.contains(p));
        assert!(!prints, "{} prints", source.module);
    }
}

#[test]
fn every_test_file_is_part_of_the_binary() {
    // Goal: no test file is forgotten (autotests are off). Method: names in `tests/it` against the `mod` lines, and no
    // test is switched off.
    let main = fs::read_to_string(tests().join("it/main.rs")).unwrap();
    let declared: BTreeSet<String> = main
        .lines()
        .filter_map(|line| Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned()))
        .collect();
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(tests().join("it")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let switch = concat!("#[", "ignore");
        assert!(!text.contains(switch), "{} switches a test off", path.display());
        let without_goal: Vec<&str> = tests_without_goal(&text);
        assert!(
            without_goal.is_empty() || name == "main",
            "{}: no goal and method in {without_goal:?}",
            path.display()
        );
        if name != "main" {
            found.insert(name);
        }
    }
    assert_eq!(declared, found);
}

/// Tests whose first lines do not say goal and method.
fn tests_without_goal(text: &str) -> Vec<&str> {
    let mut missing = Vec::new();
    for part in text.split("#[test]\n").skip(1) {
        let name = part.split("fn ").nth(1).unwrap_or(part).split('(').next().unwrap_or("");
        let opening: String =
            part.split("{\n").skip(1).collect::<Vec<_>>().join("{\n").lines().take(6).collect();
        if !(opening.contains("// Goal:") && opening.contains("Method:")) {
            missing.push(name);
        }
    }
    missing
}

#[test]
fn nothing_is_left_to_do_in_the_sources() {
    // Goal: what is published is finished. Method: markers of unfinished work and of floats near money in `src`.
    for source in sources() {
        for name in ["todo!", "unimplemented!", "TODO", "FIXME", "XXX:"] {
            let text = fs::read_to_string(&source.path).unwrap();
            assert!(!text.contains(name), "{} holds `{name}`", source.module);
        }
        if source.module.starts_with("model")
            || source.module.starts_with("reconcile")
            || source.module.starts_with("rules")
        {
            assert!(
                !source.code.contains("f64") && !source.code.contains("f32"),
                "{} holds a float",
                source.module
            );
        }
    }
}

#[test]
fn no_answer_is_made_for_the_sample() {
    // Goal: the sample's answers come out of its data. Method: ids of the sample in the code outside of tests and
    // comments; examples of spellings in help and on the page that explains how to find an order are listed.
    const EXAMPLES: [(&str, &str); 2] = [("cli", "ORD-2001"), ("report::order", "ORD-2001")];
    let rows = |path: &str, column: &str| -> BTreeSet<String> {
        super::support::rows(&fs::read_to_string(repository().join("input").join(path)).unwrap())
            .into_iter()
            .map(|mut row| row.remove(column).unwrap())
            .filter(|id| id.len() > 3)
            .collect()
    };
    let mut ids = rows("2026-06-18/orders.csv", "order_id");
    ids.extend(rows("2026-06-18/rebate_lines.csv", "line_id"));
    ids.extend(rows("2026-06-18/rebate_lines.csv", "batch_id"));
    ids.extend(rows("2026-06-18/cancellations.csv", "cancellation_id"));
    ids.extend(rows("2026-06-18/payouts.csv", "payout_id"));
    ids.extend(rows("reference/accounts.csv", "customer_name"));
    ids.extend(rows("reference/programs.csv", "name"));
    ids.extend([
        "SPRING".to_owned(),
        "Enterprise Eligible".to_owned(),
        "18,420".to_owned(),
        "ORD-8888".to_owned(),
    ]);
    assert!(ids.len() > 100);
    let mut wrong = Vec::new();
    for source in sources() {
        for id in &ids {
            let is_example = EXAMPLES.contains(&(source.module.as_str(), id.as_str()));
            if source.code.contains(id.as_str()) && !is_example {
                wrong.push(format!("{} holds `{id}`", source.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The lines of the fenced blocks of a Markdown text that a shell runs.
fn shell_lines(text: &str) -> Vec<String> {
    let blocks = text.split("\n```").collect::<Vec<_>>();
    let shells = blocks.iter().filter_map(|block| {
        let (language, body) = block.split_once('\n')?;
        ["sh", "bash", "console", "shell"].contains(&language.trim()).then_some(body)
    });
    shells
        .flat_map(str::lines)
        .map(|line| line.trim_start_matches("$ ").trim().to_owned())
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .collect()
}

#[test]
fn the_commands_of_the_readme_exist() {
    // Goal: what the README says can be typed (just's `tests/readme.rs`). Method: the two commands of a fresh machine
    // are there; every `tieout …` in it is a command with options that the help of that command names; files it links
    // exist.
    let readme =
        fs::read_to_string(repository().join("README.md")).expect("README.md is part of what is delivered");
    let lines = shell_lines(&readme);
    for command in ["cargo run --release -- build", "cargo test"] {
        assert!(lines.iter().any(|line| line == command), "`{command}` is not in the README: {lines:?}");
    }
    let project = Project::empty();
    let mut mentioned = BTreeSet::new();
    let spans = readme.split('`').map(str::to_owned).chain(lines);
    for line in
        spans.filter(|line| line.starts_with("tieout ") || line.starts_with("cargo run --release -- "))
    {
        let words: Vec<&str> = line
            .trim_start_matches("cargo run --release -- ")
            .trim_start_matches("tieout ")
            .split_whitespace()
            .collect();
        let command = words[0];
        let help = project.run(&[command, "--help"]);
        assert_eq!(help.code, 0, "`{line}`: no such command");
        mentioned.insert(command.to_owned());
        for option in words.iter().filter(|word| word.starts_with("--") && word.len() > 2) {
            let name = option.split('=').next().unwrap();
            assert!(help.stdout.contains(name), "`{line}`: {command} has no option {name}");
        }
    }
    for command in ["build", "check", "explain", "serve"] {
        assert!(mentioned.contains(command), "the README does not mention `tieout {command}`");
    }
    for link in readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        let is_outside = link.starts_with("http") || link.starts_with('#');
        let file = link.split('#').next().unwrap();
        assert!(
            is_outside || repository().join(file).exists(),
            "the README links {link}, which does not exist"
        );
    }
}

#[test]
fn the_readme_lists_the_canonical_files_as_they_are_read() {
    // Goal: messages send people to "the list of canonical files (README, section Input)". Method: each file of the table
    // of columns has its row with exactly its columns, the required ones bold.
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    assert!(
        readme.contains("\n### Input\n") || readme.contains("\n## Input\n"),
        "the section that messages name"
    );
    for kind in FileKind::ALL {
        let folder = if kind.is_reference() { "reference/" } else { "" };
        let start = format!("| {folder}{}.csv |", kind.name());
        let row = readme
            .lines()
            .find(|line| line.starts_with(&start))
            .unwrap_or_else(|| panic!("no row `{start}`"));
        let cell = row.split('|').nth(2).unwrap();
        let mut listed: Vec<(String, bool)> = cell
            .replace("; optional ", ", ")
            .split(',')
            .map(|word| word.split('(').next().unwrap().trim().to_owned())
            .map(|word| (word.trim_matches('*').to_owned(), word.starts_with("**")))
            .collect();
        let mut expected: Vec<(String, bool)> =
            kind.columns().iter().map(|c| (c.name.to_owned(), c.required)).collect();
        listed.sort();
        expected.sort();
        assert_eq!(listed, expected, "{}", kind.name());
    }
}

#[test]
fn every_source_file_begins_with_its_job() {
    // Goal: a reader knows what a module is for. Method: the first line of each source file is module documentation.
    for source in sources() {
        let text = fs::read_to_string(&source.path).unwrap();
        let is_documented = text.starts_with("//! ") || text.starts_with("#![doc");
        assert!(is_documented, "{} has no module documentation", Path::new(&source.path).display());
    }
}
