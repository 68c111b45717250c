//! What cases have in common: the groups on top of the list, and the rows of reference files that would clear them,
//! those with most money first (domain 4.4).

use std::collections::BTreeMap;

use super::lists::{self, capitalized, count_of};
use super::page::{Block, Link, Text};
use super::table::{Cell, Column, Row, Table};
use super::words::{amounts, amounts_in_words, paragraph, section};
use super::{Report, address};
use crate::ingest::columns::FileKind;
use crate::reconcile::Kind;
use crate::reconcile::causes::{Cause, FixRow, GROUP};
use crate::say;

/// The files that a fix can have a row in, each with the address of its file of rows.
pub(super) const FILES: [(FileKind, &str); 6] = [
    (FileKind::Accounts, "data/fixes/accounts.csv"),
    (FileKind::Skus, "data/fixes/skus.csv"),
    (FileKind::Enrollments, "data/fixes/enrollments.csv"),
    (FileKind::StatusMap, "data/fixes/status_map.csv"),
    (FileKind::ReasonMap, "data/fixes/reason_map.csv"),
    (FileKind::Aliases, "data/fixes/aliases.csv"),
];

/// The address of the file that holds the rows for one reference file.
pub(super) fn file_of(kind: FileKind) -> &'static str {
    FILES.iter().find(|(file, _)| *file == kind).map_or("data/fixes/other.csv", |(_, address)| address)
}

/// The place of a cause on the page of its kind.
pub(super) fn anchor(cause: &Cause) -> String {
    format!("cause-{}", address::checksum(&cause.root))
}

/// Where the cases of a cause are listed: below its heading, or all of its kind where it is the only cause.
pub(super) fn place(report: &Report<'_>, cause: &Cause) -> String {
    let is_one = report.causes_by_kind.get(&cause.kind).is_none_or(|causes| causes.len() == 1);
    let anchor = if is_one { "cases".to_owned() } else { anchor(cause) };
    format!("discrepancy/{}.html#{anchor}", cause.kind.code())
}

/// The causes of a kind, those with most money first.
pub(super) fn of_kind<'r>(report: &'r Report<'_>, kind: Kind) -> impl Iterator<Item = &'r Cause> {
    let numbers = report.causes_by_kind.get(&kind).into_iter().flatten();
    numbers.map(|number| &report.causes[*number as usize])
}

/// What the cases of a cause share, as a name: `Account ACC-909`.
pub(super) fn name(report: &Report<'_>, cause: &Cause) -> String {
    if cause.root.is_empty() {
        return report.sources.content.kind(cause.kind).title.clone();
    }
    // Its root is the order's id, which stays as it was received.
    if cause.kind == Kind::NearMissIdentifier {
        return say!("Order {root}", root = cause.root);
    }
    capitalized(&cause.root)
}

/// The groups of five and more cases with one cause; nothing where there is none.
pub(super) fn groups(report: &Report<'_>) -> Option<Block> {
    let all: Vec<&Cause> = report.causes.iter().filter(|cause| cause.is_group()).collect();
    if all.is_empty() {
        return None;
    }
    let mut table = Table {
        id: "groups".to_owned(),
        caption: if all.len() > lists::LISTED {
            say!("The {shown} groups with most money of {all}.", shown = lists::LISTED, all = all.len())
        } else {
            say!("{GROUP} cases and more with one cause, most money first.", GROUP)
        },
        layout: "cards",
        columns: vec![
            Column::text("What they share"),
            Column::text("Discrepancy"),
            Column::text("What clears them"),
            Column::number("Cases"),
            Column::number("Orders"),
            Column::money("At stake", "at-stake"),
        ],
        ..Table::default()
    };
    for cause in all.into_iter().take(lists::LISTED) {
        table.rows.push(Row {
            cells: vec![
                Cell::link(name(report, cause), place(report, cause)),
                Cell::text(report.sources.content.kind(cause.kind).title.clone()),
                match &cause.fix {
                    Some(fix) => Cell::link(
                        say!("One row in {fix}", fix = path_of(fix)),
                        "discrepancy/index.html#fixes",
                    ),
                    None => Cell::link(
                        say!("The steps of the discrepancy"),
                        format!("discrepancy/{}.html", cause.kind.code()),
                    ),
                },
                Cell::count(cause.cases.len()),
                Cell::count(cause.orders.len()),
                amounts(&cause.at_stake),
            ],
            ..Row::default()
        });
    }
    Some(section("groups", say!("Many cases, one cause"), vec![Block::Table(table)]))
}

/// The file of a fix, as it is called in a project: `reference/aliases.csv`.
pub(super) fn path_of(fix: &FixRow) -> String {
    path_of_file(fix.file)
}

/// A reference file, as it is called in a project.
pub(super) fn path_of_file(file: FileKind) -> String {
    format!("reference/{}.csv", file.name())
}

/// What is wrong, as a sentence without its full stop: `Account ACC-909 is not in the accounts map`.
#[expect(clippy::wildcard_enum_match_arm, reason = "kinds without a row that clears them say their name")]
pub(super) fn what(report: &Report<'_>, cause: &Cause, fix: &FixRow) -> String {
    let root = name(report, cause);
    let cell = |column: &str| fix.cells.iter().find(|(name, _)| *name == column).map_or("", |(_, v)| v);
    match cause.kind {
        Kind::AccountUnmapped => say!("{root} is not in the accounts map", root),
        Kind::RegionMissing => say!("{root} has no region in the accounts map", root),
        Kind::SkuUnmapped => say!("{root} is not in the SKU map", root),
        Kind::CategoryMismatch => say!("{root}: our SKU map has another category", root),
        Kind::AccountMismatch => say!("{root}: our accounts map has another account", root),
        Kind::NearMissIdentifier | Kind::OrphanRebate | Kind::MissingRebate | Kind::AwaitingVendorData => {
            say!(
                "Order {ours} may be {theirs} at the vendor",
                ours = cell("own_id"),
                theirs = cell("vendor_id")
            )
        }
        Kind::UnknownStatus => say!("{root} is not in the status map", root),
        Kind::EnrollmentMissing => say!("{root} has no enrollment", root),
        Kind::UnsupportedAdjustment => {
            say!("Reason {reason} is not in the reason map", reason = cell("raw_reason"))
        }
        _ => root,
    }
}

/// Whether the row takes the place of one that is there.
fn replaces(kind: Kind) -> bool {
    matches!(kind, Kind::RegionMissing | Kind::CategoryMismatch)
}

/// What must be true before the row is right; without it the case is a claim.
#[expect(clippy::wildcard_enum_match_arm, reason = "most rows only add what is missing")]
fn only_if(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::CategoryMismatch => Some(say!("only if the vendor's category is right; else claim")),
        Kind::AccountMismatch => Some(say!("only if both are one account; else claim")),
        Kind::NearMissIdentifier | Kind::OrphanRebate | Kind::MissingRebate | Kind::AwaitingVendorData => {
            Some(say!("only if both are one order"))
        }
        Kind::EnrollmentMissing => Some(say!("only if the enrollment exists")),
        _ => None,
    }
}

/// The cells of a row in the order of its file, blank where a person has to fill in.
pub(super) fn cells(fix: &FixRow) -> Vec<&str> {
    let cell = |column: &str| fix.cells.iter().find(|(name, _)| *name == column).map_or("", |(_, v)| v);
    fix.file.columns().iter().map(|column| cell(column.name)).collect()
}

/// A row as a line of its file; what a person has to fill in stands in angle brackets: `<region>`.
pub(super) fn line(fix: &FixRow) -> String {
    let columns = fix.file.columns().iter().zip(cells(fix));
    let shown = columns.map(|(column, value)| {
        if fix.to_fill.contains(&column.name) { format!("<{}>", column.name) } else { field(value) }
    });
    shown.collect::<Vec<_>>().join(",")
}

/// A field of a CSV file, quoted where it must be.
fn field(value: &str) -> String {
    if value.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

fn header(file: FileKind) -> String {
    file.columns().iter().map(|column| column.name).collect::<Vec<_>>().join(",")
}

/// The rows of all fixes in one file, most money first, each once.
pub(super) fn rows<'r>(report: &'r Report<'_>, file: FileKind) -> Vec<&'r FixRow> {
    let mut seen = std::collections::BTreeSet::new();
    let fixes = report.causes.iter().filter_map(|cause| cause.fix.as_ref());
    fixes.filter(|fix| fix.file == file).filter(|fix| seen.insert(cells(fix))).collect()
}

/// The orders of a cause: the one it has leads to its page, several are named.
fn orders_cell(report: &Report<'_>, cause: &Cause) -> Cell {
    match (cause.orders.first(), cause.orders.len()) {
        (Some(id), 1) if !report.reconciled.matching.rows(*id).is_empty() => {
            Cell::link(id.raw(), report.order_path(*id))
        }
        _ => Cell::text(lists::join(cause.orders.iter().map(|id| id.raw()))),
    }
}

fn fix_columns() -> Vec<Column> {
    vec![
        Column::text("What to fix"),
        Column::text("Row"),
        Column::text("File"),
        Column::text("Orders"),
        Column::number("Cases"),
        Column::money("At stake", "at-stake"),
    ]
}

fn fix_row(report: &Report<'_>, cause: &Cause, fix: &FixRow) -> Row {
    let verb = if replaces(cause.kind) { say!("Replaces the row in") } else { say!("Add to") };
    let file = Cell::text(format!("{verb} {}", path_of(fix)));
    Row {
        cells: vec![
            Cell::link(what(report, cause, fix), place(report, cause)),
            Cell::code(line(fix)),
            match only_if(cause.kind) {
                Some(condition) => file.with_note(condition),
                None => file,
            },
            orders_cell(report, cause),
            Cell::count(cause.cases.len()),
            amounts(&cause.at_stake),
        ],
        ..Row::default()
    }
}

/// Records that no row of our reference files covers, with the row that would, most money first.
pub(super) fn unmapped(report: &Report<'_>) -> Table {
    let is_gap = |kind| matches!(kind, Kind::AccountUnmapped | Kind::SkuUnmapped | Kind::RegionMissing);
    let gaps = report.causes.iter().filter(|cause| is_gap(cause.kind));
    Table {
        id: "records-list".to_owned(),
        caption: say!("One row of a reference file each, most money first.").to_owned(),
        layout: "cards",
        columns: fix_columns(),
        rows: gaps
            .filter_map(|cause| Some((cause, cause.fix.as_ref()?)))
            .map(|(cause, fix)| fix_row(report, cause, fix))
            .collect(),
        empty: say!("Every account, product and region of this snapshot is mapped.").to_owned(),
        ..Table::default()
    }
}

/// What one row of a reference file would clear, most money first, and the rows to copy.
pub(super) fn fixes(report: &Report<'_>) -> Block {
    let all: Vec<(&Cause, &FixRow)> =
        report.causes.iter().filter_map(|cause| Some((cause, cause.fix.as_ref()?))).collect();
    let heading = say!("Fixes ranked by money").to_owned();
    if all.is_empty() {
        let none = paragraph(say!("Nothing to fix in the reference files."));
        let actions = vec![Link::to(say!("All causes CSV"), "data/causes.csv")];
        return Block::Section { id: "fixes".to_owned(), heading, actions, blocks: vec![none] };
    }
    let mut table = Table {
        id: "fixes-list".to_owned(),
        caption: if all.len() > lists::LISTED {
            say!(
                "The {shown} with most money of {all}; the files hold all of them.",
                shown = lists::LISTED,
                all = all.len()
            )
        } else {
            say!("One row of a reference file each, most money first.").to_owned()
        },
        layout: "cards",
        columns: fix_columns(),
        ..Table::default()
    };
    let mut by_file: BTreeMap<FileKind, Vec<String>> = BTreeMap::new();
    for (cause, fix) in all.iter().take(lists::LISTED) {
        let row = line(fix);
        table.rows.push(fix_row(report, cause, fix));
        let rows = by_file.entry(fix.file).or_default();
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    let mut actions = vec![Link::to(say!("All causes CSV"), "data/causes.csv")];
    let mut blocks = vec![
        Block::Paragraph {
            text: vec![Text::plain(say!(
                "A person confirms each row before it counts. What stands in angle brackets, only a person knows; \
                 in the files to download it is blank."
            ))],
        },
        Block::Table(table),
    ];
    for (file, address) in FILES {
        let Some(rows) = by_file.get(&file) else { continue };
        let name = file.name();
        actions.push(Link::to(format!("{name}.csv"), address));
        let text = format!("{}\n{}", header(file), rows.join("\n"));
        let words = vec![
            Text::plain(say!(
                "{rows}, header first. Save it as ",
                rows = count_of(rows.len(), "row", "rows")
            )),
            Text::code(format!("{name}.csv")),
            Text::plain(say!(" and see what it would change, before it counts: ")),
            Text::code(format!("tieout check --with-fix {name}.csv")),
        ];
        blocks.push(Block::Panel {
            heading: say!("Rows for reference/{name}.csv", name),
            tone: "",
            blocks: vec![
                Block::Paragraph { text: words },
                Block::CopyBox { id: format!("copy-{name}"), text },
            ],
        });
    }
    Block::Section { id: "fixes".to_owned(), heading, actions, blocks }
}

/// The heading of a cause among the cases of its kind: name, cases and what is at stake.
pub(super) fn heading(report: &Report<'_>, cause: &Cause) -> String {
    let sums = amounts_in_words(&cause.at_stake);
    let at_stake = if sums.is_empty() { String::new() } else { say!(", {sums} at stake", sums) };
    say!(
        "{cause}: {cases}{at_stake}",
        cause = name(report, cause),
        cases = count_of(cause.cases.len(), "case", "cases"),
        at_stake
    )
}
