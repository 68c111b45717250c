//! The snapshots that were received, and what each rests on.

use std::collections::BTreeSet;

use super::super::changes::{compare, since_before};
use super::super::lists::{self, count_of};
use super::super::page::{Block, Link, Text};
use super::super::table::{Cell, Column, Row, Table};
use super::super::words::{amounts, from_overview, head, section};
use super::super::{Made, Report, SnapshotFacts, close};
use super::{row_cells, row_columns, row_words, trends};
use crate::history::{Scope, SnapshotNumber};
use crate::ingest::columns::FileKind;
use crate::model::money::Currency;
use crate::model::time::{AsOf, Month};
use crate::normalize::FileUse;
use crate::say;

/// The page of a snapshot.
fn path(as_of: AsOf) -> String {
    format!("snapshot/{as_of}.html")
}

/// `snapshot/index.html`: all snapshots, newest first.
pub(in crate::report) fn snapshots(report: &Report<'_>) -> Made {
    let all = report.sources.snapshots;
    let shown = report.reconciled.as_of();
    let lead = say!(
        "{all}, each as it was known on its day. This site shows {shown}.",
        all = count_of(all.len(), "snapshot", "snapshots"),
        shown = shown.in_words()
    );
    let mut page =
        head("snapshot/index.html", "snapshots", from_overview(), say!("Snapshots"), vec![Text::plain(lead)]);
    page.facts = vec![
        vec![Text::link(say!("The snapshot this site shows"), path(shown))],
        vec![Text::link(say!("Rows set aside and tie-out"), "quarantine.html")],
        vec![Text::link(say!("About this build"), "about.html")],
    ];
    let table = index(report);
    let file = "snapshot/index.csv";
    page.main = vec![Block::Section {
        id: "all".to_owned(),
        heading: say!("Kept snapshots").to_owned(),
        actions: vec![
            Link::to(say!("Compare two snapshots"), compare::PAGE),
            Link::to(say!("Snapshots CSV"), file),
        ],
        blocks: vec![Block::Table(table.clone())],
    }];
    if all.len() > 1 {
        page.main.push(compare::ready(report));
    }
    page.main.extend(trends::section_of(report));
    Made { page, exports: vec![(file.to_owned(), table)] }
}

fn index(report: &Report<'_>) -> Table {
    let all = report.sources.snapshots;
    let currencies: BTreeSet<Currency> =
        all.iter().flat_map(|facts| facts.totals.iter().map(|(currency, _)| currency)).collect();
    let mut columns = vec![
        Column::text("Snapshot"),
        Column::number("Lines"),
        Column::number("Orders"),
        Column::number("Rows set aside"),
        Column::text("Compared with the one before"),
    ];
    columns.extend(
        currencies
            .iter()
            .map(|currency| Column::money_of(|| say!("Total rebate, {currency}", currency), "total")),
    );
    let mut table = Table {
        id: "snapshots".to_owned(),
        caption: say!("Newest first. Total rebate = Calculated + Approved + Paid, all periods.").to_owned(),
        layout: "wide",
        columns,
        ..Table::default()
    };
    for facts in all.iter().rev() {
        let link = Cell { href: Some(path(facts.as_of)), ..Cell::snapshot(facts.as_of) };
        let is_shown = facts.as_of == report.reconciled.as_of();
        let first = if is_shown { link.with_note(say!("shown by this site")) } else { link };
        let (lines, orders, aside) = facts.counts;
        let mut cells = vec![
            first,
            Cell::count(lines),
            Cell::count(orders),
            Cell::count(aside),
            compared(report, facts.as_of),
        ];
        cells.extend(currencies.iter().map(|currency| {
            let none = Cell { none: Some(say!("no lines in this currency")), ..Cell::default() };
            facts.totals.get(*currency).map_or(none, |sums| Cell::money(sums.total()))
        }));
        table.rows.push(Row { cells, ..Row::default() });
    }
    table
}

/// How many lines changed since the snapshot before.
fn compared(report: &Report<'_>, as_of: AsOf) -> Cell {
    let history = report.sources.history;
    let Some(to) = history.number(as_of) else { return Cell::empty() };
    let Some(from) = to.checked_sub(1) else {
        return Cell { none: Some(say!("the first snapshot")), ..Cell::default() };
    };
    let changed = history.facts.changed(from, to);
    let page = format!("changes/{}-to-{as_of}.html", history.as_of(from));
    Cell { csv: Some(changed.to_string()), ..Cell::link(count_of(changed, "change", "changes"), page) }
}

/// `snapshot/<as-of>.html`.
pub(in crate::report) fn snapshot(report: &Report<'_>, number: usize) -> Made {
    let facts = &report.sources.snapshots[number];
    let name = say!("Snapshot {as_of}", as_of = facts.as_of.in_words());
    let subject = say!("Total rebate of all periods, as known on {as_of},", as_of = facts.as_of.in_words());
    let mut page = head(
        path(facts.as_of),
        "snapshots",
        Link::to(say!("Snapshots"), "snapshot/index.html"),
        &name,
        lists::total_sentence(&facts.totals, &subject),
    );
    page.facts = head_facts(report, facts);
    let table = files(report, facts);
    let file = format!("snapshot/{}.files.csv", facts.as_of);
    let rests_on = Block::Section {
        id: "files".to_owned(),
        heading: say!("What came in").to_owned(),
        actions: vec![Link::to(say!("Files CSV"), file.clone())],
        blocks: vec![Block::Table(table.clone()), row_words()],
    };
    let (status, mut exports) =
        lists::status_section(report, &facts.totals, &format!("snapshot/{}", facts.as_of));
    exports.push((file, table));
    let at = SnapshotNumber::try_from(number).unwrap_or(SnapshotNumber::MAX);
    page.main.extend(since_before(report, at, &Scope::default(), say!("Total rebate of all periods")));
    page.main.extend([status, rests_on]);
    if !facts.sources.is_empty() {
        let table = sources(facts);
        let file = format!("snapshot/{}.sources.csv", facts.as_of);
        page.main.push(Block::Section {
            id: "sources".to_owned(),
            heading: say!("How fresh the sources were").to_owned(),
            actions: vec![Link::to(say!("Sources CSV"), file.clone())],
            blocks: vec![Block::Table(table.clone())],
        });
        exports.push((file, table));
    }
    page.main.extend(closed_with(report, facts.as_of));
    page.main.extend(neighbors(report, number));
    Made { page, exports }
}

/// How fresh each source was.
fn sources(facts: &SnapshotFacts) -> Table {
    let mut table = Table {
        id: "sources-list".to_owned(),
        caption: say!("A late or failed source: what is missing from it proves nothing.").to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Source"),
            Column::text("Delivers"),
            Column::date("Due"),
            Column::date("Newest data"),
            Column::text("State"),
        ],
        ..Table::default()
    };
    for source in &facts.sources {
        let state = match (source.is_stale, source.state.as_str()) {
            (true, "") => "late".to_owned(),
            (true, state) => say!("late or failed: {state}", state),
            (false, "") => say!("on time").to_owned(),
            (false, state) => state.to_owned(),
        };
        let cells = vec![
            Cell::text(source.id.clone()),
            Cell::text(source.kind.clone()),
            Cell::date(source.expected_by),
            Cell::date(source.last_as_of),
            Cell::text(state),
        ];
        table.rows.push(Row { cells, ..Row::default() });
    }
    table
}

/// The periods that were closed with a snapshot.
fn closed_with(report: &Report<'_>, as_of: AsOf) -> Option<Block> {
    let history = report.sources.history;
    let is_closed = |month: &Month| {
        close::snapshot_of(report, *month).is_some_and(|number| history.as_of(number) == as_of)
    };
    let items: Vec<Vec<Text>> = close::months(report)
        .into_iter()
        .filter(is_closed)
        .filter(|month| close::pack_of(report, *month).is_some())
        .map(|month| {
            vec![Text::link(say!("Close pack of {month}", month = month.in_words()), close::path(month))]
        })
        .collect();
    (!items.is_empty()).then(|| {
        section("closed", say!("Closed with this snapshot"), vec![Block::List { ordered: false, items }])
    })
}

fn head_facts(report: &Report<'_>, facts: &SnapshotFacts) -> Vec<Vec<Text>> {
    let (lines, orders, aside) = facts.counts;
    let is_shown = facts.as_of == report.reconciled.as_of();
    let shown = report.reconciled.as_of().in_words();
    let set_aside = say!("{aside} set aside", aside = count_of(aside, "row", "rows"));
    vec![
        vec![Text::plain(if is_shown {
            say!("This site shows this snapshot").to_owned()
        } else {
            say!("The other pages of this site show {shown}", shown)
        })],
        vec![Text::plain(count_of(lines, "line", "lines"))],
        vec![Text::plain(count_of(orders, "order", "orders"))],
        vec![if is_shown { Text::link(set_aside, "quarantine.html") } else { Text::plain(set_aside) }],
        vec![Text::plain(say!("Folder ")), Text::code(facts.as_of.to_string())],
        vec![Text::plain(say!("Record set ")), Text::code(facts.record_set.clone())],
    ]
}

fn files(report: &Report<'_>, facts: &SnapshotFacts) -> Table {
    let mut columns = vec![Column::text("File"), Column::date("As of")];
    columns.extend(row_columns());
    columns.extend([
        Column::text("Amounts loaded"),
        Column::text("Amounts set aside"),
        Column::number("Bytes"),
        Column::text("SHA-256"),
    ]);
    let mut rows: Vec<Row> = facts.uses.iter().map(|used| file_row(report, facts.as_of, used)).collect();
    let has =
        |kind: FileKind| facts.uses.iter().any(|used| report.sources.files.get(used.file).kind() == kind);
    for kind in FileKind::ALL.iter().filter(|kind| !kind.is_reference() && !has(**kind)) {
        let first = Cell::code(format!("{}.csv", kind.name())).with_note(say!("not received so far"));
        let mut cells = vec![first];
        cells.resize_with(columns.len(), Cell::empty);
        rows.push(Row { cells, ..Row::default() });
    }
    Table {
        id: "files-list".to_owned(),
        caption: say!(
            "A file that a snapshot lacks is carried forward from the newest earlier one that has it."
        )
        .to_owned(),
        layout: "wide",
        columns,
        rows,
        empty: say!("This snapshot rests on no file.").to_owned(),
        ..Table::default()
    }
}

fn file_row(report: &Report<'_>, as_of: AsOf, used: &FileUse) -> Row {
    let extract = report.sources.files.get(used.file);
    let path = Cell::code(extract.path());
    let folder = extract.snapshot();
    let path = match folder.filter(|folder| *folder < as_of) {
        Some(folder) => path.with_note(say!("carried forward from {folder}", folder = folder.in_words())),
        None => path,
    };
    let day = folder.map_or_else(Cell::empty, |folder| Cell {
        csv: Some(folder.to_string()),
        ..Cell::text(folder.in_words())
    });
    let mut cells = vec![path, day];
    cells.extend(row_cells(used.counts));
    cells.extend([
        amounts(&used.loaded),
        amounts(&used.quarantined),
        Cell::count(extract.size()),
        Cell::code(extract.sha256()),
    ]);
    Row { cells, ..Row::default() }
}

/// The snapshots before and after.
fn neighbors(report: &Report<'_>, number: usize) -> Option<Block> {
    let all = report.sources.snapshots;
    let before = number.checked_sub(1).map(|n| (say!("The one before: "), &all[n]));
    let after = all.get(number + 1).map(|facts| (say!("The one after: "), facts));
    let items: Vec<Vec<Text>> = before
        .into_iter()
        .chain(after)
        .map(|(words, facts)| vec![Text::plain(words), Text::link(facts.as_of.in_words(), path(facts.as_of))])
        .collect();
    (!items.is_empty())
        .then(|| section("others", say!("Other snapshots"), vec![Block::List { ordered: false, items }]))
}
