//! What this build is made of, how it matched, who may see what, and how anyone can check it.

use super::super::page::{Block, Definition, Text};
use super::super::table::{Cell, Column, Row, Table};
use super::super::words::{from_overview, head, paragraph, section};
use super::super::{Made, Report};
use super::{all_uses, holds};
use crate::ingest::columns::FileKind;
use crate::language::label;
use crate::reconcile::kinds::Kind;
use crate::reconcile::matching::{Pass, numbered};
use crate::{mark, say};

/// The files for other programs, with what is in each.
const DATA: [(&str, &str); 9] = [
    ("data/cases.csv", mark!("every case with its explanation and its amount at stake")),
    ("data/totals.csv", mark!("every total by its key")),
    ("data/exports.csv", mark!("rows and control totals of every exported table")),
    ("data/lines.csv", mark!("every rebate line with its reconciled columns")),
    ("data/orders.csv", mark!("every order with its reconciled columns")),
    ("data/diagnostics.csv", mark!("every problem of the data, with file, line and next action")),
    ("data/trees.csv", mark!("which folder is for whom")),
    ("manifest.json", mark!("every file of this tree with its size and SHA-256, and the input files")),
    ("SHA256SUMS", mark!("the same checksums, for sha256sum")),
];

/// `about.html`.
pub(in crate::report) fn about(report: &Report<'_>) -> Made {
    let lead = say!("What was read, how it was matched, and how anyone can check it with the files alone.");
    let mut page =
        head("about.html", "about", from_overview(), say!("About this build"), vec![Text::plain(lead)]);
    page.facts = vec![
        vec![Text::link(say!("Sources"), "about.html#sources")],
        vec![Text::link(say!("Matching"), "about.html#matching")],
        vec![Text::link(say!("Who can see what"), "about.html#audiences")],
        vec![Text::link(say!("Who ran and saw what"), "about.html#audit")],
        vec![Text::link(say!("Check it yourself"), "about.html#verify")],
        vec![Text::link(say!("Data files"), "about.html#data")],
        vec![Text::link(say!("Whether its dates hold"), "health.html")],
    ];
    page.main = vec![
        section("build", say!("Build"), vec![build(report)]),
        section("sources", say!("Sources"), sources(report)),
        section("matching", say!("Matching"), matching(report)),
        section("audiences", say!("Who can see what"), audiences()),
        section("audit", say!("Who ran and saw what"), recorded()),
        section("verify", say!("Check it yourself"), verify()),
        section("data", say!("Data files"), vec![data_files()]),
    ];
    page.into()
}

fn build(report: &Report<'_>) -> Block {
    let as_of = report.reconciled.as_of();
    let define = |name: &str, value: Vec<Text>| Definition { name: name.to_owned(), value };
    let mut rows = vec![
        define(
            say!("Program"),
            vec![Text::plain(format!("tieout {version}", version = report.sources.version))],
        ),
        define(
            say!("Snapshot"),
            vec![
                Text::link(as_of.to_string(), format!("snapshot/{as_of}.html")),
                Text::plain(say!(", data as of {as_of}", as_of = as_of.in_words())),
            ],
        ),
        define(
            say!("Record set"),
            vec![
                Text::plain(say!(
                    "The number at the foot of every page: it stands for all input files. The full values are in "
                )),
                Text::link("manifest.json", "manifest.json"),
            ],
        ),
        define(
            say!("Time zone"),
            vec![Text::plain(say!(
                "Days and periods end at 24:00 {time_zone}",
                time_zone = report.sources.time_zone
            ))],
        ),
        define(
            say!("Clock"),
            vec![Text::plain(say!(
                "None: ages and deadlines count to the day of the snapshot, so that the same input always gives the \
                 same pages. When a build ran stands in its log."
            ))],
        ),
    ];
    if !report.sources.base_url.is_empty() {
        rows.push(define(say!("Address"), vec![Text::plain(report.sources.base_url)]));
    }
    Block::Definitions { rows }
}

/// Every file that this snapshot rests on: extracts first, then the reference files.
fn sources(report: &Report<'_>) -> Vec<Block> {
    let mut table = Table {
        id: "sources-list".to_owned(),
        caption: say!("The files this snapshot rests on. SHA-256 is of the whole file, as it was received.")
            .to_owned(),
        layout: "wide",
        columns: vec![
            Column::text("File"),
            Column::text("What it holds"),
            Column::number("Rows"),
            Column::number("Bytes"),
            Column::text("SHA-256"),
        ],
        empty: say!("No file was read.").to_owned(),
        ..Table::default()
    };
    for used in all_uses(report) {
        let extract = report.sources.files.get(used.file);
        table.rows.push(Row {
            cells: vec![
                Cell::code(extract.path()),
                Cell::text(holds(extract.kind())),
                Cell::count(used.counts.rows - used.counts.blank),
                Cell::count(extract.size()),
                Cell::code(extract.sha256()),
            ],
            ..Row::default()
        });
    }
    let more = vec![
        Text::plain(say!("Where every row of these files went: ")),
        Text::link(say!("rows set aside and tie-out"), "quarantine.html"),
        Text::plain(say!(". Files of other days: ")),
        Text::link(say!("all snapshots"), "snapshot/index.html"),
        Text::plain(say!(".")),
    ];
    vec![Block::Table(table), Block::Paragraph { text: more }]
}

/// How many lines each pass tied to an order, and what happens to the others.
#[derive(Default)]
struct Matched {
    alias: usize,
    order: usize,
    invoice: usize,
    subscription: usize,
    instance: usize,
    product: usize,
    month: usize,
    without_by_design: usize,
    orphan: usize,
}

impl Matched {
    fn count(report: &Report<'_>) -> Matched {
        let mut matched = Matched::default();
        for (number, line) in numbered(&report.reconciled.snapshot.records.lines) {
            let is_transaction = line.line_type.is_none_or(|kind| kind.eq_ignore_ascii_case("transaction"));
            let counter = match report.reconciled.matching.of_line(number).pass {
                Some(Pass::Alias) => &mut matched.alias,
                Some(Pass::OrderId) => &mut matched.order,
                Some(Pass::Invoice) => &mut matched.invoice,
                Some(Pass::Subscription) => &mut matched.subscription,
                Some(Pass::Instance) => &mut matched.instance,
                Some(Pass::Product) => &mut matched.product,
                Some(Pass::Month) => &mut matched.month,
                None if is_transaction => &mut matched.orphan,
                None => &mut matched.without_by_design,
            };
            *counter += 1;
        }
        matched
    }
}

fn matching(report: &Report<'_>) -> Vec<Block> {
    let matched = Matched::count(report);
    let aside =
        report.reconciled.snapshot.quarantined.iter().filter(|row| row.kind == FileKind::RebateLines).count();
    let orphan = Kind::OrphanRebate;
    let orphan = Cell::link(
        report.sources.content.kind(orphan).title.clone(),
        format!("discrepancy/{}.html", orphan.code()),
    );
    let by = |pass: Pass| say!("By {pass}", pass = pass.label());
    let passes = [
        (
            by(Pass::Alias),
            matched.alias,
            Cell::text(say!("A person confirmed the pair; who and when stands in aliases.csv")),
        ),
        (by(Pass::OrderId), matched.order, Cell::text(say!("The line names our order"))),
        (
            by(Pass::Invoice),
            matched.invoice,
            Cell::text(say!("The line names our invoice, and the account is the same")),
        ),
        (
            by(Pass::Subscription),
            matched.subscription,
            Cell::text(say!("The line names our subscription, and the account is the same")),
        ),
        (
            by(Pass::Instance),
            matched.instance,
            Cell::text(say!("The line names no order; account, product, instance and month are the same")),
        ),
        (
            by(Pass::Product),
            matched.product,
            Cell::text(say!("The line names no order; account, product and month are the same")),
        ),
        (
            by(Pass::Month),
            matched.month,
            Cell::text(say!("The line names neither order nor product; account and month are the same")),
        ),
        (
            say!("No order needed").to_owned(),
            matched.without_by_design,
            Cell::text(say!("Such as a growth or lump-sum rebate")),
        ),
        (say!("No order of ours").to_owned(), matched.orphan, orphan),
        (
            say!("Could not be read").to_owned(),
            aside,
            Cell::link(say!("Left out of every total"), "quarantine.html#rows"),
        ),
    ];
    // Only files without order ids have these.
    let levels = [Pass::Instance, Pass::Product, Pass::Month].map(by);
    let all = passes.iter().map(|(_, count, _)| count).sum();
    let row = |style, cells| Row { style, cells, id: String::new() };
    let table = Table {
        id: "matching-list".to_owned(),
        caption: say!(
            "Rebate lines of this snapshot. The first way that finds an order wins, from top to bottom."
        )
        .to_owned(),
        layout: "tight",
        columns: vec![Column::text("Result"), Column::number("Lines"), Column::text("What it means")],
        rows: passes
            .into_iter()
            .filter(|(name, count, _)| *count > 0 || !levels.contains(name))
            .map(|(name, count, meaning)| row("", vec![Cell::text(name), Cell::count(count), meaning]))
            .collect(),
        foot: vec![row("tot", vec![Cell::text(say!("All lines")), Cell::count(all), Cell::empty()])],
        ..Table::default()
    };
    vec![
        Block::Table(table),
        paragraph(say!(
            "IDs are compared without regard to case, spaces, hyphens, underscores, slashes and dots, and shown as they \
             were received. A pair that is only similar is never matched: it moves no money until a person confirms it. \
             A line that stands for several orders is split over them by their amounts; the parts add up to the line."
        )),
    ]
}

fn audiences() -> Vec<Block> {
    let row = |cells: [&str; 3]| Row { cells: cells.map(Cell::text).to_vec(), ..Row::default() };
    let table = Table {
        id: "audiences-list".to_owned(),
        caption: say!("Each audience has a folder of its own. Nothing is hidden by styling: what an audience may not see is \
                  not in its files.")
            .to_owned(),
        layout: "cards",
        columns: vec![Column::text("Audience"), Column::text("Contains"), Column::text("Leaves out")],
        rows: vec![
            row([say!("Internal: sales, finance, support (this tree)"), say!("Everything"), say!("Nothing")]),
            row([
                say!("A customer"),
                say!("Its own rebates by stage and month, and why something takes time"),
                say!("Other customers, orders, mapping, reason codes, adjustments, batches and payouts"),
            ]),
        ],
        ..Table::default()
    };
    let more = vec![
        Text::plain(say!("Each tree, and what was looked for in it: ")),
        Text::link(say!("who can see what"), "audiences.html"),
        Text::plain(say!(".")),
    ];
    vec![Block::Table(table), Block::Paragraph { text: more }]
}

/// Who ran and saw what: what is recorded, where, and what nobody knows (design 10, requirement T-11). The records themselves
/// are no part of the site, or the same input would not give the same pages.
fn recorded() -> Vec<Block> {
    let row = |cells: [&str; 3]| Row { cells: cells.map(Cell::text).to_vec(), ..Row::default() };
    let table = Table {
        id: "audit-list".to_owned(),
        caption: say!("What is recorded of builds, queries and views, where, and what is not.").to_owned(),
        layout: "cards",
        columns: vec![Column::text("What happens"), Column::text("What is recorded"), Column::text("Where")],
        rows: vec![
            row([
                say!("A command is run: build, query, close, verify, explain, diff"),
                say!(
                    "Who, when, which scope, which snapshot and record set, how it ended, and the checksum of what came out"
                ),
                say!(
                    "audit.jsonl beside tieout.toml, outside of this site, unless tieout.toml says that there is none"
                ),
            ]),
            row([
                say!("A page is opened"),
                say!("Not recorded by this page"),
                say!(
                    "The access log of the web server, where it keeps one; tieout audit views adds the version that was live"
                ),
            ]),
            row([
                say!("A query in the browser"),
                say!(
                    "Not recorded by this page; its scope and snapshot stand in its address, its receipt and its exports"
                ),
                say!(
                    "The access log has the address that was opened, and not what is chosen on the page afterwards"
                ),
            ]),
            row([
                say!("A table or file is exported in the browser"),
                say!("Not recorded by this page; the file names its scope and snapshot"),
                say!("Nowhere"),
            ]),
            row([
                say!("A page is opened from disk, from a copy of this folder, or again by the browser alone"),
                say!("Not known"),
                say!("Nowhere"),
            ]),
        ],
        ..Table::default()
    };
    let note = vec![
        Text::strong(say!("What this site does not record.")),
        Text::plain(say!(
            " It is a folder of files, so it cannot know who opens a page. Every page names its snapshot and record set, so \
             what someone saw can always be found again."
        )),
    ];
    vec![
        Block::Table(table),
        Block::Note { tone: "calculated", text: note },
        paragraph(say!(
            "Each record holds the checksum of the one before it. Run this in the folder of tieout.toml: it names the first \
             record that was changed, removed or put in. Without a checksum that was kept elsewhere it cannot notice an end \
             that was cut off, nor a log that was written anew as a whole."
        )),
        Block::CopyBox { id: "audit-command".to_owned(), text: "tieout audit verify".to_owned() },
    ]
}

fn verify() -> Vec<Block> {
    vec![
        paragraph(say!(
            "Run this in the folder of this tree. It reads every file and names each one that was changed, unless the list \
             was changed with it."
        )),
        Block::CopyBox { id: "verify-sums".to_owned(), text: "sha256sum -c SHA256SUMS".to_owned() },
        paragraph(say!(
            "To check the figures themselves, run this where the input is. It makes every file again, compares it byte for \
             byte, and names each difference with its place; it changes nothing."
        )),
        Block::CopyBox { id: "verify-command".to_owned(), text: "tieout verify site".to_owned() },
        paragraph(say!(
            "What neither can show: who made these files, and whether the input is what the vendor sent. Keep the checksum of \
             manifest.json apart from the site, such as in the mail that announced it; tieout verify prints it."
        )),
    ]
}

fn data_files() -> Block {
    let items = DATA
        .iter()
        .map(|(file, words)| {
            vec![Text::link(*file, *file), Text::plain(say!(": {words}", words = label(words)))]
        })
        .collect();
    Block::List { ordered: false, items }
}
