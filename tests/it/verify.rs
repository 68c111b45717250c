//! `tieout verify`: every figure of the site that is changed is found and named, also where the checksums were repaired.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;
use tieout::publish::manifest::{self, Facts, MANIFEST, Manifest, SUMS};
use tieout::site::{Entry, Site};
use tieout::verify::{Difference, Mode, What, compare};

use super::support::{Project, Run, Tree, sample};

/// A file of the sample by its bytes.
fn files(tree: &Tree, is_wanted: impl Fn(&str) -> bool) -> BTreeMap<String, Vec<u8>> {
    let paths = tree.paths().into_iter().filter(|path| is_wanted(path));
    paths.map(|path| (path.clone(), fs::read(tree.root.join(&path)).unwrap())).collect()
}

/// The text with another digit at a place.
fn with_other_digit(text: &[u8], at: usize) -> Vec<u8> {
    let mut changed = text.to_vec();
    changed[at] = if changed[at] == b'9' { b'1' } else { changed[at] + 1 };
    changed
}

/// `line 3, column 14` of a byte.
fn place(text: &[u8], at: usize) -> String {
    let before = std::str::from_utf8(&text[..at]).unwrap();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    format!("line {line}, column {column}")
}

/// From one byte to another.
type Range = (usize, usize);

/// The ranges of the texts of all marked amounts of a page, and those of their values.
fn amounts(html: &str) -> (Vec<Range>, Vec<Range>) {
    let (mut shown, mut values) = (Vec::new(), Vec::new());
    for (at, start) in html.match_indices("<data value=\"") {
        let value = at + start.len();
        let value_end = value + html[value..].find('"').unwrap();
        let end = value + html[value..].find("</data>").unwrap();
        values.push((value, value_end));
        shown.push((value_end + 2, end));
    }
    for (at, start) in html.match_indices(" data-value=\"") {
        let value = at + start.len();
        values.push((value, value + html[value..].find('"').unwrap()));
        let text = value + html[value..].find('>').unwrap() + 1;
        let amount = text + html[text..].find(['$', '€', '£']).unwrap();
        shown.push((amount, text + html[text..].find('<').unwrap()));
    }
    (shown, values)
}

/// The digits of a range, as places.
fn digits(text: &[u8], (from, to): Range) -> Vec<usize> {
    (from..to).filter(|at| text[*at].is_ascii_digit()).collect()
}

#[test]
fn every_amount_of_every_page_that_is_changed_is_named() {
    // Goal: a digit of any figure of any page cannot be changed unseen, whatever the checksums say: verify names the file,
    // the place, the figure before and after, its measure, scope and snapshot. Method: all marked amounts of all pages of the
    // sample, one after the other, one digit of what is shown (each time another one), and of every seventh the value as
    // well, through the comparison that the command runs.
    let pages = files(&sample().tree, |path| path.ends_with(".html"));
    let wrong: Vec<String> = pages
        .par_iter()
        .flat_map_iter(|(path, bytes)| {
            let html = std::str::from_utf8(bytes).unwrap();
            let (shown, values) = amounts(html);
            let values = values.into_iter().step_by(7);
            shown.into_iter().chain(values).enumerate().filter_map(move |(number, range)| {
                let all = digits(bytes, range);
                let at = all[number % all.len()];
                let changed = with_other_digit(bytes, at);
                let found = compare(path, &changed, bytes, Mode::Bytes);
                let problem = |why: &str| Some(format!("{path} at {at}: {why}: {found:?}"));
                let [one] = &found[..] else { return problem("not exactly one difference") };
                let Some(about) = &one.about else { return problem("not what it is about") };
                let is_said =
                    !about.measure.is_empty() && !about.scope.is_empty() && !about.snapshot.is_empty();
                // The amount as a whole, before and after, without what is small in it.
                let words = |text: &[u8]| {
                    let text = std::str::from_utf8(&text[range.0..range.1]).unwrap();
                    text.replace("<small>", "").replace("</small>", "")
                };
                if one.path != *path || one.what != What::Figure {
                    problem("not named as a figure of the file")
                } else if !is_said {
                    problem("not what it measures, of which scope, at which snapshot")
                } else if !one.found.contains(&words(&changed)) || !one.expected.contains(&words(bytes)) {
                    problem("not the figure before and after")
                } else if !is_near(bytes, at, &one.place) {
                    problem("not its place")
                } else {
                    None
                }
            })
        })
        .collect();
    let count: usize = pages.values().map(|bytes| amounts(std::str::from_utf8(bytes).unwrap()).0.len()).sum();
    assert!(count > 9_000, "{count} amounts");
    assert!(wrong.is_empty(), "{} were not found:\n{}", wrong.len(), wrong[..wrong.len().min(10)].join("\n"));
}

/// Whether a place in words is where the tag or text that holds a byte begins.
fn is_near(text: &[u8], at: usize, words: &str) -> bool {
    let start = text[..at].iter().rposition(|byte| matches!(byte, b'<' | b'>')).unwrap() + 1;
    let expected = place(text, start);
    words == expected || words.starts_with(&format!("{expected},"))
}

#[test]
fn every_other_number_of_a_page_that_is_changed_is_named() {
    // Goal: counts, dates, bars and the words for screen readers are compared as well as amounts. Method: one digit of every
    // run of digits of one page of each kind.
    let wanted = [
        "index.html",
        "period/2026-05.html",
        "order/ord2001.html",
        "snapshot/index.html",
        "about.html",
        "health.html",
    ];
    let pages = files(&sample().tree, |path| wanted.contains(&path));
    assert_eq!(pages.len(), wanted.len());
    for (path, bytes) in &pages {
        let starts: Vec<usize> = (1..bytes.len())
            .filter(|at| bytes[*at].is_ascii_digit() && !bytes[at - 1].is_ascii_digit())
            .collect();
        assert!(starts.len() > 100, "{path}: {}", starts.len());
        starts.par_iter().step_by(3).for_each(|at| {
            let found = compare(path, &with_other_digit(bytes, *at), bytes, Mode::Bytes);
            assert!(found.len() == 1 && is_near(bytes, *at, &found[0].place), "{path} at {at}: {found:?}");
        });
    }
}

#[test]
fn every_number_of_every_csv_file_that_is_changed_is_named() {
    // Goal: as for pages: file, row, key, column and both values. Method: one digit of every number of every cell of every
    // CSV file, through the comparison; the cell is found by a reader of its own.
    let all = files(&sample().tree, |path| path.ends_with(".csv"));
    let counts: Vec<usize> = all
        .par_iter()
        .map(|(path, bytes)| {
            let skip = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            let mut reader =
                csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(&bytes[skip..]);
            let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            let mut count = 0;
            for (row, record) in rows.iter().enumerate().skip(1) {
                for (column, cell) in record.iter().enumerate() {
                    let is_number = !cell.is_empty()
                        && cell.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'))
                        && cell.parse::<f64>().is_ok();
                    if !is_number {
                        continue;
                    }
                    // Written again with another cell: the files of the sample need quotes only where the writer puts them.
                    let places = digits(cell.as_bytes(), (0, cell.len()));
                    let other = with_other_digit(cell.as_bytes(), places[count % places.len()]);
                    let other = std::str::from_utf8(&other).unwrap();
                    let start = start_of_cell(bytes, skip, row, column);
                    assert_eq!(&bytes[start..start + cell.len()], cell.as_bytes(), "{path}");
                    let mut changed = bytes.clone();
                    changed[start..start + cell.len()].copy_from_slice(other.as_bytes());
                    let found = compare(path, &changed, bytes, Mode::Bytes);
                    let key = if column == 0 || record[0].is_empty() {
                        String::new()
                    } else {
                        format!(" ({})", &record[0])
                    };
                    let named = |found: &Difference| {
                        found.path == *path
                            && found.what == What::Figure
                            && found.place.starts_with(&format!("row {}{key}", row + 1))
                            && found.place.ends_with(&format!(", column {}", &rows[0][column]))
                            && (found.found.as_str(), found.expected.as_str()) == (other, cell)
                    };
                    assert!(
                        found.len() == 1 && named(&found[0]),
                        "{path} row {row} column {column}: {found:?}"
                    );
                    count += 1;
                }
            }
            count
        })
        .collect();
    let count: usize = counts.iter().sum();
    assert!(count > 7_000, "{count} numbers");
}

/// Where a cell begins, by the quotes and separators of the file.
fn start_of_cell(bytes: &[u8], skip: usize, row: usize, column: usize) -> usize {
    let (mut at_row, mut at_column, mut is_quoted) = (0, 0, false);
    for (at, byte) in bytes.iter().enumerate().skip(skip) {
        if (at_row, at_column) == (row, column) {
            return at;
        }
        match byte {
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => at_column += 1,
            b'\n' if !is_quoted => (at_row, at_column) = (at_row + 1, 0),
            _ => {}
        }
    }
    unreachable!("the cell is in the file")
}

#[test]
fn every_number_of_every_data_file_that_is_changed_is_named() {
    // Goal: the data that the browser computes with, and the calendar, are compared too. Method: one digit of every run of
    // digits of every script of data and of the calendar; the message names the line.
    let is_data = |path: &str| {
        path.ends_with(".ics")
            || path.ends_with(".js") && (path.starts_with("query/") || path.starts_with("changes/"))
    };
    let all = files(&sample().tree, is_data);
    assert!(all.len() > 20, "{} files", all.len());
    let numbers: usize = all
        .par_iter()
        .map(|(path, bytes)| {
            let mut count = 0;
            let starts =
                (1..bytes.len()).filter(|at| bytes[*at].is_ascii_digit() && !bytes[at - 1].is_ascii_digit());
            for at in starts {
                let found = compare(path, &with_other_digit(bytes, at), bytes, Mode::Bytes);
                let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
                let is_named =
                    found.len() == 1 && found[0].path == *path && found[0].place == format!("line {line}");
                assert!(is_named && found[0].found != found[0].expected, "{path} at {at}: {found:?}");
                count += 1;
            }
            count
        })
        .sum();
    assert!(numbers > 10_000, "{numbers} numbers");
}

// ---- The program itself.

/// Writes both lists of a folder anew, so that its checksums agree with whatever is there.
fn reseal(folder: &Path, manifest: &Manifest, top: Option<[Entry; 2]>) -> [Entry; 2] {
    let site = Site::in_memory();
    let facts = Facts {
        audience: manifest.audience.clone(),
        snapshot: manifest.snapshot.clone(),
        configuration_sha256: manifest.configuration_sha256.clone(),
        content_sha256: manifest.content_sha256.clone(),
        templates_sha256: manifest.templates_sha256.clone(),
        inputs: manifest
            .inputs
            .iter()
            .map(|i| Entry { path: i.path.clone(), size: i.size, sha256: i.sha256.clone() })
            .collect(),
    };
    let entries = match top {
        Some(tree) => {
            manifest::seal_top(&site, &facts, &[("internal".to_owned(), tree)].into()).unwrap();
            [MANIFEST, SUMS].map(|name| Entry { path: name.to_owned(), size: 0, sha256: String::new() })
        }
        None => {
            for entry in walkdir::WalkDir::new(folder)
                .into_iter()
                .map(Result::unwrap)
                .filter(|e| e.file_type().is_file())
            {
                let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap();
                // A page that is no page any more has no links to check.
                if path != MANIFEST && path != SUMS {
                    site.add(path, &fs::read(entry.path()).unwrap()).unwrap();
                }
            }
            manifest::seal(&site, &facts).unwrap()
        }
    };
    for name in [MANIFEST, SUMS] {
        fs::write(folder.join(name), site.bytes(name).unwrap()).unwrap();
    }
    entries
}

/// Repairs every checksum of the site of a project.
fn repair(project: &Project) {
    let site = project.path("site");
    let tree = site.join("internal");
    let entries = reseal(&tree, &manifest::read(&tree).unwrap().unwrap(), None);
    reseal(&site, &manifest::read(&site).unwrap().unwrap(), Some(entries));
}

fn built() -> Project {
    let project = Project::sample();
    project.run(&["build", "-q"]).code(0);
    project
}

/// The differences of a run by file, with what each is.
fn named(run: &Run) -> Vec<(String, String)> {
    let json = run.json();
    let list = |value: &Value, what: &str| -> Vec<(String, String)> {
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
        value.as_array().into_iter().flatten().map(|entry| (text(entry, "path"), text(entry, what))).collect()
    };
    let mut all = list(&json["checksums"]["faults"], "fault");
    all.extend(list(&json["input"]["differences"], "what"));
    all.extend(list(&json["made_again"]["differences"], "what"));
    all
}

fn verify(project: &Project) -> Run {
    project.run(&["verify", "--format", "json"])
}

fn pair(path: &str, what: &str) -> (String, String) {
    (path.to_owned(), what.to_owned())
}

#[test]
fn a_site_as_it_was_built_agrees() {
    // Goal: exit 0, everything counted, in words and as JSON; nothing is written but the record of it; a tree alone is verified
    // as well. Method: the sample, built and verified in three ways, with the folder listed before and after.
    let project = built();
    let list = || {
        let entries = walkdir::WalkDir::new(project.path("")).min_depth(1).sort_by_file_name();
        let entries = entries.into_iter().map(Result::unwrap).filter(|e| e.file_name() != "audit.jsonl");
        entries.map(|e| (e.path().to_owned(), e.metadata().unwrap().modified().unwrap())).collect::<Vec<_>>()
    };
    let before = list();
    let run = project.run(&["verify"]).code(0);
    for words in [
        "verified    site, snapshot 2026-06-18",
        "every file is the one that was published",
        "files: all as they were",
        "the same, byte for byte",
        "CSV files and workbooks: all agree",
        "everything agrees",
        "It does not show who made them",
    ] {
        assert!(run.stdout.contains(words), "`{words}` is not in\n{}", run.stdout);
    }
    let json = verify(&project).code(0).json();
    assert_eq!(json["agrees"], true);
    assert_eq!(json["made_again"]["compared"], "bytes");
    assert!(json["made_again"]["amounts"].as_u64().unwrap() > 9_000);
    assert!(json["made_again"]["numbers"].as_u64().unwrap() > 7_000);
    let files = walkdir::WalkDir::new(project.path("site/internal")).into_iter().map(Result::unwrap);
    assert_eq!(json["made_again"]["files"], files.filter(|e| e.file_type().is_file()).count());
    let sha256sum = super::support::sha256(&fs::read(project.path("site/manifest.json")).unwrap());
    assert_eq!(json["manifest_sha256"], sha256sum.as_str());
    project.run(&["verify", "site/internal"]).code(0);
    assert_eq!(list(), before, "verify writes nothing");

    // A note that a repository keeps beside the tree is no finding, and neither is an older snapshot's site.
    project.write("site/README.md", "output");
    assert_eq!(named(&verify(&project).code(0)), []);
    project.run(&["build", "-q", "--snapshot", "2026-06-17"]).code(0);
    assert_eq!(verify(&project).code(0).json()["snapshot"], "2026-06-17");
}

#[test]
fn a_changed_figure_is_found_with_and_without_repaired_checksums() {
    // Goal: without repair the checksums name the file, and in both cases the figure is named with its place. Method: one
    // digit of a page, of a CSV file and of a script of data.
    let project = built();
    project.change_file(
        "site/internal/campaign/spring-growth.html",
        "Total rebate for Spring Growth, all periods, is <b class=\"num\"><data value=\"18420.00 USD\">$18,420.00</data></b>",
        "Total rebate for Spring Growth, all periods, is <b class=\"num\"><data value=\"18420.00 USD\">$18,421.00</data></b>",
    );
    let run = project.run(&["verify"]).code(10);
    for words in [
        "internal/campaign/spring-growth.html is not the file that was published",
        "internal/campaign/spring-growth.html, line ",
        "(figure)",
        "is `$18,421.00` and should be `$18,420.00`; measure lead, scope campaign=Spring+Growth, snapshot 2026-06-18",
        "DOES NOT AGREE",
    ] {
        assert!(run.stdout.contains(words), "`{words}` is not in\n{}", run.stdout);
    }
    repair(&project);
    assert_eq!(named(&verify(&project).code(10)), [pair("internal/campaign/spring-growth.html", "figure")]);

    let project = built();
    let line = project.read("site/internal/data/lines.csv").lines().nth(1).unwrap().to_owned();
    project.change_file("site/internal/data/lines.csv", &line, &line.replacen("4200.00", "4300.00", 1));
    repair(&project);
    let run = verify(&project).code(10);
    let json = run.json();
    let difference = &json["made_again"]["differences"][0];
    assert_eq!(named(&run), [pair("internal/data/lines.csv", "figure")]);
    assert_eq!(difference["place"], "row 2 (L-1001), column expected");
    assert_eq!((&difference["found"], &difference["expected"]), (&"4300.00".into(), &"4200.00".into()));
    assert_eq!(json["checksums"]["faults"], Value::Array(Vec::new()));
}

#[test]
fn files_that_are_gone_added_or_swapped_are_named() {
    // Goal: each is named by its file, with and without repaired checksums. Method: a page deleted, one added, two swapped.
    // Not only pages that nothing links: the repair keeps the links of the others.
    let project = built();
    project.remove("site/internal/data/trees.csv").write("site/internal/order/own.html", "<p>mine</p>");
    let [a, b] = ["kb/kb-fees.html", "kb/kb-caps.html"].map(|path| format!("site/internal/{path}"));
    let (was_a, was_b) = (project.read(&a), project.read(&b));
    project.write(&a, was_b).write(&b, was_a);
    let found = named(&verify(&project).code(10));
    for (path, what) in [
        ("internal/data/trees.csv", "missing"),
        ("internal/order/own.html", "extra"),
        ("internal/kb/kb-fees.html", "changed"),
        ("internal/kb/kb-caps.html", "changed"),
        ("internal/kb/kb-fees.html", "words"),
        ("internal/kb/kb-caps.html", "words"),
    ] {
        assert!(found.contains(&pair(path, what)), "{path} is not {what} in {found:?}");
    }
    // Both are named once.
    assert_eq!(found.iter().filter(|(path, _)| path.ends_with("trees.csv")).count(), 1);

    let project = built();
    project.write("site/internal/order/own.html", "<p>mine</p>");
    fs::copy(project.path(&a.replace("kb-fees", "kb-caps")), project.path(&a)).unwrap();
    repair(&project);
    let found = named(&verify(&project).code(10));
    assert!(found.contains(&pair("internal/order/own.html", "extra")), "{found:?}");
    assert!(found.iter().any(|(path, _)| path == "internal/kb/kb-fees.html"), "{found:?}");
    assert!(
        found.iter().all(|(path, _)| path.ends_with("own.html") || path.ends_with("kb-fees.html")),
        "{found:?}"
    );
}

#[test]
fn lists_that_were_altered_are_named() {
    // Goal: a checksum that was changed, a line that was taken out, and a fact of the manifest. Method: each in its list.
    let project = built();
    let sums = project.read("site/internal/SHA256SUMS");
    let first = sums.lines().next().unwrap().to_owned();
    let path = first.split_once("  ").unwrap().1.to_owned();
    project.change_file("site/internal/SHA256SUMS", &format!("{first}\n"), "");
    let found = named(&verify(&project).code(10));
    assert!(found.contains(&pair(&format!("internal/{path}"), "lists-disagree")), "{found:?}");
    assert!(found.contains(&pair("internal/SHA256SUMS", "changed")), "{found:?}");

    let project = built();
    project.change_file(
        "site/internal/manifest.json",
        "\"snapshot\": \"2026-06-18\"",
        "\"snapshot\": \"2026-06-17\"",
    );
    let found = named(&verify(&project).code(10));
    assert!(found.contains(&pair("internal/manifest.json", "changed")), "{found:?}");

    // Another audience with repaired lists: nothing else says that it is another one.
    let project = built();
    let manifest = project.read("site/manifest.json");
    project.write(
        "site/manifest.json",
        manifest.replace("\"audience\": \"internal\"", "\"audience\": \"everybody\""),
    );
    let site = project.path("site");
    let manifest = manifest::read(&site).unwrap().unwrap();
    let tree = manifest::read(&site.join("internal")).unwrap().unwrap();
    let entries = reseal(&site.join("internal"), &tree, None);
    reseal(&site, &manifest, Some(entries));
    let found = named(&verify(&project).code(10));
    assert_eq!(found[0], pair("manifest.json", "words"), "{found:?}");
}

#[test]
fn other_input_is_named_before_what_follows_from_it() {
    // Goal: an input file that is missing, altered or new is named first, with what it means, and exit 10. Method: one of each.
    let project = built();
    let lines = project.read("input/2026-06-18/rebate_lines.csv");
    project.write("input/2026-06-18/rebate_lines.csv", lines.replace("4200.00", "4300.00"));
    let run = project.run(&["verify"]).code(10);
    let place =
        |words: &str| run.stdout.find(words).unwrap_or_else(|| panic!("`{words}` is not in\n{}", run.stdout));
    assert!(place("2026-06-18/rebate_lines.csv is altered") < place("(figure)"));
    assert!(place("figures cannot be made again from other input") < place("(figure)"));
    assert!(run.stdout.contains("… and "), "more than fifty are counted:\n{}", run.stdout);

    let project = built();
    fs::remove_dir_all(project.path("input/2026-06-18")).unwrap();
    let run = project.run(&["verify"]).code(10);
    for words in
        ["2026-06-18/orders.csv is missing", "nothing: there is no snapshot `2026-06-18`", "NOT VERIFIED"]
    {
        assert!(run.stdout.contains(words), "`{words}` is not in\n{}", run.stdout);
    }

    let project = built();
    project.remove("input/reference/fx.csv");
    assert!(named(&verify(&project).code(10)).contains(&pair("reference/fx.csv", "missing")));
    let project = built();
    project.write("input/2026-06-18/payouts.csv", "payout_id,paid_date,currency,amount\n");
    let found = named(&verify(&project));
    assert!(found.iter().any(|(path, _)| path == "2026-06-18/payouts.csv"), "{found:?}");
}

#[test]
fn other_words_leave_the_figures_comparable() {
    // Goal: where content or templates are others by now, words may differ; then figures alone are compared, and a figure that
    // was changed is still found. Method: another title in the content and other words in a template; then one digit of a
    // page and of a CSV file with repaired checksums; then another configuration.
    let project = built();
    let page = fs::read_to_string(super::support::repository().join("templates/page.html")).unwrap();
    project.write("templates/page.html", page.replace("Breadcrumb", "Where you are"));
    let status = fs::read_to_string(super::support::repository().join("content/statuses/paid.md")).unwrap();
    project.write("content/statuses/paid.md", status.replacen("Final.", "Done.", 1));
    let run = project.run(&["verify"]).code(0);
    for words in [
        "with another version of the content, the templates",
        "words differ or may differ, all figures agree",
    ] {
        assert!(run.stdout.contains(words), "`{words}` is not in\n{}", run.stdout);
    }
    project.change_file(
        "site/internal/order/ord2001.html",
        "<td role=\"cell\" data-l=\"Paid\" class=\"n\"><data value=\"2230.00 USD\">2,230.00</data>",
        "<td role=\"cell\" data-l=\"Paid\" class=\"n\"><data value=\"2230.00 USD\">2,240.00</data>",
    );
    let csv = project.read("site/internal/period/2026-05.lines.usd.csv");
    project.write("site/internal/period/2026-05.lines.usd.csv", csv.replacen("4200.00", "4200.01", 1));
    repair(&project);
    let run = verify(&project).code(10);
    assert_eq!(
        named(&run),
        [
            pair("internal/order/ord2001.html", "figure"),
            pair("internal/period/2026-05.lines.usd.csv", "figure")
        ]
    );
    let json = run.json();
    assert_eq!(json["made_again"]["compared"], "figures");
    assert_eq!(json["made_again"]["differences"][0]["measure"], "paid");

    let project = built();
    project.write("tieout.toml", "organization = \"Another\"\n");
    assert_eq!(verify(&project).code(0).json()["other_versions"][0], "the configuration");
}

#[test]
fn a_close_pack_is_verified_sealed_or_not() {
    // Goal: a pack alone is checked as a site is: as written, as a folder of the site, and as sealed, from the input alone; a
    // figure that was changed in its page, in a sheet or in a CSV file is named, with repaired lists too. Method: the packs of
    // the sample; one digit each; a pack that is sealed, and the one that corrects it.
    let project = built();
    project.run(&["close", "2026-05", "-q"]);
    for folder in ["close/2026-05", "site/internal/close/2026-05", "site/internal/close/2026-04"] {
        let run = project.run(&["verify", folder]).code(0);
        assert!(run.stdout.contains("the same, byte for byte"), "{folder}: {}", run.stdout);
    }
    let pack = project.path("close/2026-05");
    let csv = project.read("close/2026-05/csv/02-checks.csv");
    let at = csv.rfind("35957.84").expect("the closing balance of the worked example");
    project.write("close/2026-05/csv/02-checks.csv", format!("{}35957.85{}", &csv[..at], &csv[at + 8..]));
    let page = project.read("close/2026-05/close-pack.html");
    project.write("close/2026-05/close-pack.html", page.replacen(">35,957.84<", ">35,957.85<", 1));
    let other = project.path("site/internal/close/2026-04/close-2026-04.xlsx");
    fs::copy(other, project.path("close/2026-05/close-2026-05.xlsx")).unwrap();
    let verify = |folder: &str| project.run(&["verify", folder, "--format", "json"]);
    let found = named(&verify("close/2026-05").code(10));
    assert_eq!(found.iter().filter(|(_, what)| what == "changed").count(), 3, "{found:?}");
    reseal(&pack, &manifest::read(&pack).unwrap().unwrap(), None);
    let json = verify("close/2026-05").code(10).json();
    assert_eq!(json["checksums"]["faults"], Value::Array(Vec::new()));
    let differences = json["made_again"]["differences"].as_array().unwrap().clone();
    let of = |path: &str| {
        differences.iter().filter(|d| d["path"] == path && d["what"] == "figure").collect::<Vec<_>>()
    };
    let cell = of("csv/02-checks.csv")[0];
    assert!(cell["place"].as_str().unwrap().starts_with("row ") && cell["expected"] == "35957.84", "{cell}");
    assert_eq!(of("close-pack.html")[0]["expected"], "35,957.84");
    let place = of("close-2026-05.xlsx")[0]["place"].as_str().unwrap();
    assert!(place.starts_with("sheet ") && place.contains(", cell "), "{place}");

    let project = Project::sample();
    let seal = |reason: &str| {
        let mut arguments = vec!["close", "2026-05", "--seal", "-q"];
        if !reason.is_empty() {
            arguments.extend(["--reason", reason]);
        }
        project.run(&arguments)
    };
    seal("the first");
    seal("a late correction");
    for folder in ["input/closes/2026-05", "input/closes/2026-05.2"] {
        let run = project.run(&["verify", folder]);
        assert_eq!(run.code, 0, "{folder}: {}{}", run.stdout, run.stderr);
    }
    let csv = project.read("input/closes/2026-05/csv/02-checks.csv");
    project.write("input/closes/2026-05/csv/02-checks.csv", csv.replace("35957.84", "35957.85"));
    let run = project.run(&["verify", "input/closes/2026-05"]).code(10);
    for words in
        ["csv/02-checks.csv is not the file that was published", "is `35957.85` and should be `35957.84`"]
    {
        assert!(run.stdout.contains(words), "`{words}` is not in\n{}", run.stdout);
    }
    reseal(
        &project.path("input/closes/2026-05"),
        &manifest::read(&project.path("input/closes/2026-05")).unwrap().unwrap(),
        None,
    );
    let found = named(&project.run(&["verify", "input/closes/2026-05", "--format", "json"]).code(10));
    assert!(found.contains(&pair("csv/02-checks.csv", "figure")), "{found:?}");
}

/// A project whose month is sealed.
fn sealed() -> Project {
    let project = Project::sample();
    project.run(&["close", "2026-04", "--seal", "-q"]).code(0);
    project
}

#[test]
fn a_site_does_not_vouch_for_a_sealed_pack_that_was_changed_in_the_input_too() {
    // Goal: a sealed pack is copied into the site, so the site agrees with any pack in the input; its figures are made again
    // as well. Method: one figure, changed in the input with its lists repaired, and a site built of it; also when the rules
    // of the input are others by then.
    let project = sealed();
    project.run(&["build", "-q"]).code(0);
    let run = project.run(&["verify"]).code(0);
    assert!(run.stdout.contains("close/2026-04: made again from what it cites"), "{}", run.stdout);
    let path = "input/closes/2026-04/csv/04-roll-forward.csv";
    let csv = project.read(path);
    assert!(csv.contains("7198.76"), "{csv}");
    project.write(path, csv.replace("7198.76", "7199.76"));
    let pack = project.path("input/closes/2026-04");
    reseal(&pack, &manifest::read(&pack).unwrap().unwrap(), None);
    project.run(&["build", "-q"]).code(0);
    for _ in 0..2 {
        let run = project.run(&["verify", "--format", "json"]).code(10);
        let difference = run.json()["made_again"]["differences"][0].clone();
        assert_eq!(difference["path"], "internal/close/2026-04/csv/04-roll-forward.csv");
        assert_eq!((&difference["found"], &difference["expected"]), (&"7199.76".into(), &"7198.76".into()));
        project.append("input/reference/programs.csv", "\n");
        project.run(&["build", "-q"]).code(0);
    }
}

#[test]
fn what_cannot_be_verified_says_why() {
    // Goal: wrong use is told from a finding. Method: no folder, a folder of somebody else, another snapshot, a damaged
    // manifest, and another format than this command has.
    let project = built();
    for arguments in [
        &["verify", "nowhere"][..],
        &["verify", "input"],
        &["verify", "--snapshot", "2026-06-17"],
        &["verify", "--format", "csv"],
    ] {
        let run = project.run(arguments).code(2);
        assert!(run.stderr.contains("help: "), "{arguments:?}: {}", run.stderr);
    }
    project.change_file("site/manifest.json", "\"files\": [", "\"files\": {");
    let run = project.run(&["verify"]).code(2);
    assert!(run.stderr.contains("no manifest of tieout"), "{}", run.stderr);
    let help = project.run(&["verify", "--help"]).code(0);
    assert!(help.stdout.contains("tieout verify site/internal"), "{}", help.stdout);
    // Without any input the checksums still say what they say, and that is all.
    let project = built();
    fs::remove_dir_all(project.path("input")).unwrap();
    let run = project.run(&["verify"]).code(10);
    assert!(run.stdout.contains("every file is the one that was published"), "{}", run.stdout);
    assert!(run.stdout.contains("NOT VERIFIED"), "{}", run.stdout);
}
