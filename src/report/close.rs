//! Closes on the site: the list of packs, and the addendum of everything that changed since a month was closed.
//!
//! What was reported is the pack itself, which is made of what was known then and of nothing else, so a later snapshot
//! changes no byte of it (I-28); what changed since stands on the page of the period and in the addendum.

use super::changes::{self, correct};
use super::lists::count_of;
use super::pack::{Document, Listed};
use super::page::{Block, Definition, Frame, Link, Page, Text};
use super::table::{Cell, Column, Row, Table};
use super::words::{head, section};
use super::{Made, Report};
use crate::history::{Scope, SnapshotNumber};
use crate::language::label;
use crate::model::money::Money;
use crate::model::signoff::{Role, SignState, Signoff};
use crate::model::time::{AsOf, Month, date_in_words};
use crate::say;

/// The address of the list of packs.
pub(super) const INDEX: &str = "close/index.html";

/// The address of the printed page of a month's pack.
pub(super) fn path(month: Month) -> String {
    format!("close/{month}.html")
}

/// The address of the addendum of a month.
fn addendum_path(month: Month) -> String {
    format!("close/{month}.addendum.html")
}

/// The snapshot with which a period was closed, where it is known.
pub(super) fn snapshot_of(report: &Report<'_>, month: Month) -> Option<SnapshotNumber> {
    let close = report.reconciled.past.at_close(month)?;
    report.sources.history.number(close.as_of)
}

/// The periods that were closed with a snapshot of the history, oldest first.
pub(super) fn months(report: &Report<'_>) -> Vec<Month> {
    report
        .reconciled
        .past
        .closes()
        .filter(|(_, close)| report.sources.history.number(close.as_of).is_some())
        .map(|(month, _)| month)
        .collect()
}

/// The pack of a month on the site.
pub(super) fn pack_of<'r>(report: &'r Report<'_>, month: Month) -> Option<&'r Listed> {
    report.packs.iter().find(|pack| pack.month == month && pack.is_newest)
}

/// The months of the list: from the first that was closed or has a pack to the last full one, without a gap, newest first.
fn series(report: &Report<'_>) -> Vec<Month> {
    let reference = report.reconciled.rules.reference;
    let closed = reference.periods.iter().filter(|row| row.closed_on.is_some()).map(|row| row.month);
    let first = closed.chain(report.packs.iter().map(|pack| pack.month)).min();
    let last = report.default_month();
    let mut months = Vec::new();
    let mut month = first.unwrap_or(last);
    while month <= last {
        months.push(month);
        month = month.next();
    }
    months.reverse();
    months
}

/// `close/index.html`.
pub(super) fn index(report: &Report<'_>) -> Made {
    let months = series(report);
    let without = months.iter().filter(|month| pack_of(report, **month).is_none()).count();
    let mut lead = say!(
        "What finance attaches to the close of {months}.",
        months = count_of(months.len(), "month", "months")
    );
    if without > 0 {
        lead.push_str(&say!(
            " {without} no pack: periods.csv names no snapshot that it was closed with.",
            without = count_of(without, "month has", "months have")
        ));
    }
    let mut page = head(
        INDEX,
        "periods",
        Link::to(say!("Periods"), "period/index.html"),
        say!("Close packs"),
        vec![Text::plain(lead)],
    );
    let mut table = Table {
        id: "packs".to_owned(),
        caption: say!("Newest first, without a gap. A sealed pack never changes; a corrected one is a new pack that names it.").to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Period"),
            Column::text("State"),
            Column::text("Known at"),
            Column::money("Closing balance", "closing"),
            Column::text("Checks"),
            Column::text("Workbook"),
            Column::text("Since the close"),
        ],
        ..Table::default()
    };
    for month in &months {
        let packs: Vec<&Listed> = report.packs.iter().rev().filter(|pack| pack.month == *month).collect();
        if packs.is_empty() {
            table.rows.push(without_pack(report, *month));
        }
        table.rows.extend(packs.into_iter().map(|pack| pack_row(report, pack)));
    }
    let file = "close/index.csv".to_owned();
    page.main.push(Block::Section {
        id: "all".to_owned(),
        heading: say!("All closes").to_owned(),
        actions: vec![Link::to(say!("Closes CSV"), file.clone())],
        blocks: vec![Block::Table(table.clone())],
    });
    for pack in report.packs.iter().rev().filter(|pack| pack.is_newest) {
        page.main.push(files_of(pack));
    }
    page.main.push(section("how", say!("How to close a month"), how_to_close(report)));
    Made { page, exports: vec![(file, table)] }
}

fn without_pack(report: &Report<'_>, month: Month) -> Row {
    let closed = report.reconciled.rules.reference.period_row(month).and_then(|row| row.closed_on);
    let state = match closed {
        Some(day) => say!("Closed on {day}, no snapshot named", day = date_in_words(day)),
        None => say!("Open").to_owned(),
    };
    let mut cells = vec![report.month_cell(month), Cell::text(state)];
    cells.resize(7, Cell::empty());
    Row { cells, ..Row::default() }
}

fn pack_row(report: &Report<'_>, pack: &Listed) -> Row {
    let facts = &pack.facts;
    let (all, failed, open) = facts.checks;
    let checks = match (failed, open) {
        (0, 0) => Cell { icon: Some("ok"), ..Cell::text(say!("All {all} agree", all)) },
        (0, open) => Cell {
            icon: Some("ok"),
            ..Cell::text(say!("{agreeing} agree, {open} open", agreeing = all - open, open))
        },
        (failed, _) => Cell { icon: Some("bad"), ..Cell::text(say!("{failed} of {all} fail", failed, all)) },
    };
    let page = if pack.is_newest { path(pack.month) } else { format!("{}/close-pack.html", pack.folder) };
    let known = AsOf::parse(&facts.snapshot).map_or_else(|| facts.snapshot.clone(), |as_of| as_of.in_words());
    let closing: Vec<String> = facts.closing_balances().into_iter().map(Money::in_words).collect();
    let since = match addendum_of(report, pack) {
        Some(_) if pack.is_newest => Cell::link(say!("Addendum"), addendum_path(pack.month)),
        Some(_) | None => Cell::empty(),
    };
    let workbook = format!("{}/close-{}.xlsx", pack.folder, pack.month);
    let mut state = match (&pack.sealed, pack.is_newest) {
        (Some(_), false) => say!("re-opened: a later pack corrects it").to_owned(),
        (Some(sha256), true) => signed(report, pack.month, sha256),
        (None, _) => label(&facts.state).to_owned(),
    };
    if let Some((id, _)) = &facts.replaces {
        state.push_str(&say!(", instead of {id}", id));
    }
    Row {
        cells: vec![
            Cell::link(pack.month.in_words(), page).with_note(facts.id.clone()),
            Cell::text(super::lists::capitalized(&state)),
            Cell::text(known),
            Cell::text(closing.join(say!(" and "))),
            checks,
            Cell::link("XLSX", workbook),
            since,
        ],
        ..Row::default()
    }
}

/// How far a sealed pack is signed, and by whom.
fn signed(report: &Report<'_>, month: Month, sha256: &str) -> String {
    let signoffs = &report.reconciled.rules.reference.signoffs;
    let of_pack: Vec<&Signoff> = signoffs.iter().filter(|signoff| signoff.signs(month, sha256)).collect();
    let who = |is_wanted: fn(Role) -> bool| {
        let names = of_pack.iter().filter(|signoff| signoff.role.is_some_and(is_wanted));
        names
            .map(|s| say!("{value}, {signed_on}", value = s.name, signed_on = date_in_words(s.signed_on)))
            .collect::<Vec<_>>()
            .join(say!("; "))
    };
    match SignState::of(of_pack.iter().copied()) {
        SignState::Draft => say!("sealed, not signed").to_owned(),
        SignState::Prepared => say!("prepared ({role})", role = who(|role| role == Role::Preparer)),
        SignState::Reviewed => say!(
            "reviewed ({reviewer}; prepared by {preparer})",
            reviewer = who(|role| role != Role::Preparer),
            preparer = who(|role| role == Role::Preparer)
        ),
    }
}

/// The files of a pack with their sizes.
fn files_of(pack: &Listed) -> Block {
    let rows_of = |path: &str| pack.facts.sheets.iter().find(|sheet| sheet.file == path);
    let mut table = Table {
        id: format!("files-{}", pack.month),
        caption: say!("SHA256SUMS has the checksum of each; an export states its rows, pack.json its control totals too.").to_owned(),
        layout: "tight",
        columns: vec![Column::text("File"), Column::number("Rows"), Column::number("Bytes")],
        ..Table::default()
    };
    for (path, bytes) in &pack.sizes {
        let file = format!("{}/{path}", pack.folder);
        let rows = rows_of(path).map_or_else(Cell::empty, |sheet| Cell::count(sheet.rows));
        table.rows.push(Row {
            cells: vec![Cell::link(path.clone(), file), rows, Cell::count(*bytes)],
            ..Row::default()
        });
    }
    section(
        &format!("pack-{}", pack.month),
        &say!("Files of {id}", id = pack.facts.id),
        vec![Block::Table(table)],
    )
}

fn how_to_close(report: &Report<'_>) -> Vec<Block> {
    let month = report.default_month();
    let step = |words: &str, command: String, more: &str| {
        vec![Text::plain(words), Text::code(command), Text::plain(more)]
    };
    vec![Block::List {
        ordered: true,
        items: vec![
            step(
                say!("Look at the pack: "),
                format!("tieout close {month}"),
                say!(", sheet 02 first; correct what fails and make it again."),
            ),
            step(
                say!("Seal it: "),
                format!("tieout close {month} --seal"),
                say!(". It is kept in input/closes and never made again."),
            ),
            step(
                say!("Close the month: closed_on and close_snapshot in "),
                "input/reference/periods.csv".to_owned(),
                say!("."),
            ),
            step(
                say!("Sign it: preparer and reviewer, two people, in "),
                "input/reference/signoffs.csv".to_owned(),
                say!(", with the checksum of manifest.json."),
            ),
            step(
                say!("Whatever is known later is in the addendum; to correct a pack: "),
                format!("tieout close {month} --seal --reason \"…\""),
                say!(", which names the one it replaces."),
            ),
        ],
    }]
}

/// From which snapshot a pack has an addendum: its own, where newer ones are known.
fn addendum_of(report: &Report<'_>, pack: &Listed) -> Option<SnapshotNumber> {
    let from = report.sources.history.number(AsOf::parse(&pack.facts.snapshot)?)?;
    (from < report.sources.history.newest()).then_some(from)
}

/// The addenda of all packs that something newer is known of: address and document.
pub(super) fn addenda(report: &Report<'_>) -> Vec<(String, Document)> {
    let newest = report.packs.iter().filter(|pack| pack.is_newest);
    newest.filter_map(|pack| Some((addendum_path(pack.month), addendum_document(report, pack)?))).collect()
}

fn addendum_document(report: &Report<'_>, pack: &Listed) -> Option<Document> {
    let from = addendum_of(report, pack)?;
    let history = report.sources.history;
    let (closed, now) = (history.as_of(from), report.reconciled.as_of());
    let month = pack.month;
    let (blocks, _) = changed_since(report, month, (from, history.newest()));
    let record_set = report.sources.snapshots.last().map_or(String::new(), |facts| facts.record_set.clone());
    let fact =
        |name: &str, value: String| Definition { name: name.to_owned(), value: vec![Text::plain(value)] };
    let mut facts = vec![
        fact(say!("Adds to"), say!("{id}, {state}", id = pack.facts.id, state = label(&pack.facts.state))),
        fact(say!("Reported at"), closed.in_words()),
        fact(say!("Known at"), now.in_words()),
    ];
    if let Some(sha256) = &pack.sealed {
        facts.push(Definition { name: say!("Manifest").to_owned(), value: vec![Text::code(sha256.clone())] });
    }
    let name = say!("Late changes to {id}", id = pack.facts.id);
    let heading = say!("Late changes, {month}", month = month.in_words());
    let lead =
        say!("What was reported stays as it was. This page names what moved since, line by line, and why.");
    let page = Page {
        path: addendum_path(month),
        scope: format!("period={month}"),
        title: heading.clone(),
        description: lead.to_owned(),
        heading,
        lead: vec![Text::plain(lead)],
        main: vec![section("changes", say!("What moved"), blocks)],
        frame: Some(Frame { snapshot: now.to_string(), as_of: now.in_words(), record_set }),
        ..Page::default()
    };
    let running = vec![month.in_words(), say!("known at {now}", now)];
    Some(Document { page, name, running, facts })
}

/// The difference between two snapshots of a month's lines: sentence and table by currency, and the file of all of them.
fn changed_since(
    report: &Report<'_>,
    month: Month,
    (from, to): (SnapshotNumber, SnapshotNumber),
) -> (Vec<Block>, Table) {
    let history = report.sources.history;
    let (closed, now) = (history.as_of(from), history.as_of(to));
    let bridges = report.differences(from, to, &Scope::of_period(month));
    let mut blocks = Vec::new();
    for bridge in &bridges {
        let subject = say!("the total rebate for {month} as closed", month = month.in_words());
        blocks.push(Block::Paragraph { text: vec![Text::plain(correct(&subject, bridge, closed, now))] });
        if !bridge.changes.is_empty() {
            let id = format!("since-close-{}", bridge.currency.code().to_lowercase());
            blocks.push(Block::Table(changes::step_by_step(
                report,
                (&id, say!("Since the close")),
                bridge,
                closed,
                now,
            )));
        }
    }
    if bridges.is_empty() {
        blocks.push(Block::Paragraph {
            text: vec![Text::plain(say!("No line of this month was known then or is known now."))],
        });
    }
    let file = changes::file(report, &bridges);
    (blocks, file)
}

/// The addendum of a closed period, for its page: from what was reported to what is known now; nothing where the period
/// was not closed with a snapshot of the history.
pub(super) fn addendum(
    report: &Report<'_>,
    month: Month,
    name: &str,
) -> Option<(Block, Vec<(String, Table)>)> {
    let (from, to) = (snapshot_of(report, month)?, report.sources.history.newest());
    let (mut blocks, table) = changed_since(report, month, (from, to));
    let restated = report.cases_of(crate::reconcile::Kind::ClosedPeriodRestatement);
    let count = restated.filter(|case| case.period == Some(month)).count();
    let mut text = vec![Text::plain(say!("What was reported stays as it was"))];
    if pack_of(report, month).is_some() {
        text.extend([
            Text::plain(say!(": ")),
            Text::link(say!("close pack of {month}", month = month.in_words()), path(month)),
        ]);
    }
    text.extend([
        Text::plain(say!(". {restatements} ", restatements = restatements(count))),
        Text::link(say!("Closed-period restatements"), "discrepancy/closed-period-restatement.html"),
    ]);
    blocks.push(Block::Paragraph { text });
    let file = format!("{name}.since-close.csv");
    let block = Block::Section {
        id: "since-close".to_owned(),
        heading: say!("Since it was closed").to_owned(),
        actions: vec![Link::to(say!("Changes CSV"), file.clone())],
        blocks,
    };
    Some((block, vec![(file, table)]))
}

fn restatements(count: usize) -> String {
    match count {
        0 => say!("No calculated amount of it was restated.").to_owned(),
        1 => say!("1 line restates it.").to_owned(),
        count => say!("{count} lines restate it.", count),
    }
}
