//! The roll-forward of a month on its page: the statement of every currency with its tie-out, what is unpaid by age, and
//! what came after the end of the month. Both dates of every balance stand on it.

mod aging;
mod fx;
mod later;
mod layers;
mod ledger;

use super::lists::count_of;
use super::page::{Block, Link, Text};
use super::scopes::ScopeKey;
use super::table::{Cell, Column, Row, Table};
use super::{Report, address, close};
use crate::model::id::ProgramId;
use crate::model::money::{Currency, Money};
use crate::model::status::{Bucket, Status};
use crate::model::time::{Month, date_in_words};
use crate::reconcile::matching::numbered;
use crate::reconcile::rollforward::{
    Basis, Form, Item, Movement, OpenItem, Reason, RollForward, Statement, Sum,
};
use crate::say;

/// The anchor of the statement on its page.
const ANCHOR: &str = "roll-forward";

/// Tables with the addresses of their files.
type Files = Vec<(String, Table)>;

/// Rows that are only shown where they are not zero: nothing of the kind happens in most months.
const RARE: [Movement; 5] = [
    Movement::BackdatedAdjustments,
    Movement::BackdatedReceipts,
    Movement::BackdatedJournals,
    Movement::Received(Form::Other),
    Movement::Journals,
];

/// What became of earlier periods since their books.
pub(super) const EARLIER: [Movement; 6] = [
    Movement::PriorChanges,
    Movement::LateLines,
    Movement::RemovedLines,
    Movement::BackdatedAdjustments,
    Movement::BackdatedReceipts,
    Movement::BackdatedJournals,
];

/// Adjustments of the month.
pub(super) const ADJUSTED: [Movement; 4] = [
    Movement::Adjusted(Reason::Refund),
    Movement::Adjusted(Reason::Eligibility),
    Movement::Adjusted(Reason::Fee),
    Movement::Adjusted(Reason::Other),
];

/// Receipts of the month.
pub(super) const RECEIVED: [Movement; 4] = [
    Movement::Received(Form::Cash),
    Movement::Received(Form::Credit),
    Movement::Received(Form::Coupon),
    Movement::Received(Form::Other),
];

/// The sections of a month's page, with their files; nothing for a month that is not over. `name` is the address of the
/// page without its ending.
pub(super) fn sections(report: &Report<'_>, month: Month, name: &str) -> (Vec<Block>, Files) {
    let Some(rolled) = report.rollforwards.get(&month) else { return (Vec::new(), Vec::new()) };
    let mut files = Files::new();
    let mut statements: Vec<&Statement> = rolled.statements.values().collect();
    statements.sort_by_key(|s| (std::cmp::Reverse(s.aging.items()), s.currency));
    let mut sections = vec![statement_section(report, rolled, &statements, name, &mut files)];
    let layered = report.layers.at(rolled.to);
    sections.extend(layers::section(report, rolled, &layered, name, &mut files));
    sections.extend(ledger::section(report, rolled, &layered, name, &mut files));
    sections.extend(fx::section(report, rolled, name, &mut files));
    if statements.iter().any(|s| s.aging.items() > 0) {
        sections.push(aging::section(report, rolled, &statements, name, &mut files));
    }
    sections.push(later::section(report, rolled, &statements, name, &mut files));
    (sections, files)
}

fn statement_section(
    report: &Report<'_>,
    rolled: &RollForward,
    statements: &[&Statement],
    name: &str,
    files: &mut Files,
) -> Block {
    let mut actions = Vec::new();
    let mut blocks = Vec::new();
    for (number, statement) in statements.iter().enumerate() {
        let (code, suffix) = (statement.currency.code(), suffix(statement.currency));
        let table = statement_table(report, rolled, statement);
        let path = format!("{name}.roll-forward.{suffix}.csv");
        actions.push(Link::to(say!("{code} CSV", code), path.clone()));
        files.push((path, file(&table)));
        // The first currency shows what did not happen as well; of the others that would be most of the page.
        blocks.push(Block::Table(if number == 0 {
            table
        } else {
            without_empty_rows(table, rolled, statement)
        }));
        blocks.push(verdict(statement));
        blocks.extend(since_close(report, rolled, statement));
        if statement.programs.len() > 1 {
            let table = program_table(report, rolled, statement);
            let path = format!("{name}.roll-forward-programs.{suffix}.csv");
            actions.push(Link::to(say!("{code} by program CSV", code), path.clone()));
            files.push((path, table.clone()));
            blocks.push(Block::Table(table));
        }
    }
    if blocks.is_empty() {
        blocks.push(Block::Paragraph {
            text: vec![Text::plain(say!(
                "Nothing was open before {to}, and nothing moved in it.",
                to = rolled.to.month.in_words()
            ))],
        });
    }
    blocks.extend(memo(report, rolled));
    Block::Section {
        id: ANCHOR.to_owned(),
        heading: say!("Roll-forward of unpaid rebates").to_owned(),
        actions,
        blocks,
    }
}

/// The dates that a statement stands between.
fn dates(rolled: &RollForward) -> String {
    let known = rolled.known.in_words();
    let opening = match rolled.basis {
        Basis::Close(as_of) => as_of.in_words(),
        Basis::ThisSnapshot
        | Basis::NeverClosed
        | Basis::ClosedWithoutSnapshot(_)
        | Basis::UnknownSnapshot(_) => known.clone(),
    };
    say!(
        "From {from} as known at {opening} to {to} as known at {known}.",
        from = date_in_words(rolled.from.day),
        opening,
        to = date_in_words(rolled.to.day),
        known
    )
}

/// As of when the opening balance was known, in a few words: they do not wrap.
fn opening_known(rolled: &RollForward) -> String {
    match rolled.basis {
        Basis::Close(as_of) => say!("as closed, known at {as_of}", as_of = as_of.in_words()),
        Basis::ThisSnapshot => say!("known at {known}", known = rolled.known.in_words()),
        Basis::NeverClosed | Basis::ClosedWithoutSnapshot(_) | Basis::UnknownSnapshot(_) => {
            say!("recomputed as known at {known}", known = rolled.known.in_words())
        }
    }
}

/// Where the opening balance comes from.
pub(super) fn basis_words(rolled: &RollForward) -> String {
    let before = rolled.from.month.name();
    let known = date_in_words(rolled.known.date());
    match rolled.basis {
        Basis::Close(_) => say!("unpaid when {before} was closed", before),
        Basis::ThisSnapshot => {
            say!("{before} is closed with this snapshot, {known}", before, known = rolled.known.in_words())
        }
        Basis::NeverClosed => {
            say!("{before} was never closed; opening recomputed as known on {known}", before, known)
        }
        Basis::ClosedWithoutSnapshot(day) => say!(
            "{before} was closed on {day}, but periods.csv names no close_snapshot; opening recomputed as known on {known}",
            before,
            day = date_in_words(day),
            known
        ),
        Basis::UnknownSnapshot(as_of) if as_of > rolled.known => say!(
            "{before} is closed with the later snapshot of {as_of}; opening recomputed as known on {known}",
            before,
            as_of = as_of.in_words(),
            known
        ),
        Basis::UnknownSnapshot(as_of) => say!(
            "{before} was closed with snapshot {as_of}, whose books are not at hand; opening recomputed as known on {known}",
            before,
            as_of,
            known
        ),
    }
}

/// What a row is called, and what it means.
pub(super) fn movement_words(rolled: &RollForward, movement: Movement) -> (String, String) {
    let opening = date_in_words(rolled.from.day);
    let month = rolled.to.month.in_words();
    // Without a close to compare with, nothing can have changed since.
    let since = |words: &str| match rolled.basis {
        Basis::Close(_) => words.to_owned(),
        Basis::ThisSnapshot
        | Basis::NeverClosed
        | Basis::ClosedWithoutSnapshot(_)
        | Basis::UnknownSnapshot(_) => say!("no earlier close to compare with").to_owned(),
    };
    let dated = say!("dated in {month}", month);
    let (name, meaning) = match movement {
        Movement::Opening => return (say!("Opening balance, {opening}", opening), basis_words(rolled)),
        Movement::Earned => {
            return (
                say!("Earned in {month}", month),
                say!("calculated lines of this period, whatever was paid").to_owned(),
            );
        }
        Movement::PriorChanges => (
            say!("Prior-period changes"),
            since(say!("lines of the opening with another amount, status or period now")),
        ),
        Movement::LateLines => {
            (say!("Late lines"), since(say!("lines of earlier periods that the close did not have")))
        }
        Movement::RemovedLines => {
            (say!("Removed lines"), since(say!("lines that the close had and the extract has no more")))
        }
        Movement::BackdatedAdjustments => {
            (say!("Backdated adjustments"), say!("dated up to {opening}, other than at the close", opening))
        }
        Movement::BackdatedReceipts => {
            (say!("Backdated receipts"), say!("dated up to {opening}, other than at the close", opening))
        }
        Movement::BackdatedJournals => {
            (say!("Backdated journals"), say!("dated up to {opening}, other than at the close", opening))
        }
        Movement::Adjusted(Reason::Refund) => (say!("Adjustments: refunds"), dated),
        Movement::Adjusted(Reason::Eligibility) => (say!("Adjustments: eligibility"), dated),
        Movement::Adjusted(Reason::Fee) => (say!("Adjustments: fees"), dated),
        Movement::Adjusted(Reason::Other) => (say!("Adjustments: other or no reason"), dated),
        Movement::Received(Form::Cash) => {
            (say!("Received: cash"), say!("{dated}, with a payout record", dated))
        }
        Movement::Received(Form::Credit) => {
            (say!("Received: credit notes"), say!("{dated}, with a payout record", dated))
        }
        Movement::Received(Form::Coupon) => {
            (say!("Received: coupons"), say!("{dated}, with a payout record", dated))
        }
        Movement::Received(Form::Other) => {
            (say!("Received: form not known"), say!("payouts.csv names no form, or another one").to_owned())
        }
        Movement::Journals => {
            (say!("Write-offs and manual journals"), say!("{dated}; our own entries in journals.csv", dated))
        }
    };
    (name.to_owned(), meaning)
}

fn statement_table(report: &Report<'_>, rolled: &RollForward, statement: &Statement) -> Table {
    let currency = statement.currency;
    let code = currency.code();
    let money = |minor: i128| Cell::money(Money::from_minor(minor, currency));
    let row = |style, first: Cell, meaning: &str, records: Option<usize>, sum: Sum| Row {
        style,
        cells: vec![
            first,
            Cell::text(meaning),
            records.map_or_else(Cell::empty, Cell::count),
            money(sum.earlier),
            money(sum.this_month),
            money(sum.total()),
        ],
        ..Row::default()
    };
    let mut table = Table {
        id: format!("roll-forward-{}", code.to_lowercase()),
        caption: say!("{rolled} Amounts in {code}.", rolled = dates(rolled), code),
        layout: "tight",
        columns: vec![
            Column::text("Movement"),
            Column::text("What it means").minor(),
            Column::number("Records").minor(),
            Column::money("Earlier periods", "earlier-periods").minor(),
            Column::money_of(|| rolled.to.month.in_words(), "this-month").minor(),
            Column::money("Total", "total"),
        ],
        ..Table::default()
    };
    for movement in Movement::ALL {
        let sum = statement.row(movement);
        if RARE.contains(&movement) && sum == Sum::default() {
            continue;
        }
        let (name, meaning) = movement_words(rolled, movement);
        if movement == Movement::Opening {
            let first = match close::pack_of(report, rolled.from.month) {
                Some(_) => Cell::link(name, close::path(rolled.from.month)),
                None => Cell::text(name),
            };
            // Also on a phone: a balance never stands without the date as of which it was known.
            let first = first.with_note(opening_known(rolled));
            table.rows.push(row("sub", first, &meaning, Some(sum.records), sum));
        } else {
            table.rows.push(row("ind", Cell::text(name), &meaning, Some(sum.records), sum));
        }
    }
    let name = say!("Closing balance, {to}", to = date_in_words(rolled.to.day));
    table.foot.push(row(
        "tot",
        Cell::text(name),
        say!("opening and movements added up"),
        None,
        statement.closing(),
    ));
    let total = |name: &str, meaning: &str, records: Option<usize>, amount: Money| Row {
        style: "sub",
        cells: vec![
            Cell::text(name),
            Cell::text(meaning),
            records.map_or_else(Cell::empty, Cell::count),
            Cell::empty(),
            Cell::empty(),
            Cell::money(amount),
        ],
        ..Row::default()
    };
    let (items, detail) = (statement.aging.items(), statement.aging.total());
    table.foot.push(total(say!("Closing per detail"), say!("the open items added up"), Some(items), detail));
    table.foot.push(total(say!("Check"), say!("closing balance less detail"), None, statement.check()));
    table
}

/// A statement without the rows in which nothing moved.
fn without_empty_rows(mut table: Table, rolled: &RollForward, statement: &Statement) -> Table {
    let empty: Vec<String> = Movement::ALL
        .into_iter()
        .filter(|movement| *movement != Movement::Opening && statement.row(*movement) == Sum::default())
        .map(|movement| movement_words(rolled, movement).0)
        .collect();
    table.rows.retain(|row| !row.cells.first().is_some_and(|cell| empty.contains(&cell.text)));
    table.caption.push_str(say!(" Rows in which nothing moved are left out; the file has them."));
    table
}

/// A statement as a file: its last rows are rows like the others.
fn file(table: &Table) -> Table {
    let mut file = table.clone();
    let foot = std::mem::take(&mut file.foot);
    file.rows.extend(foot);
    file
}

/// The tie-out in words.
fn verdict(statement: &Statement) -> Block {
    let detail = statement.aging.total();
    let check = statement.check();
    let items = count_of(statement.aging.items(), "open item", "open items");
    let sum = say!(
        "Closing per detail {detail}, difference {check}",
        detail = detail.grouped(),
        check = check.grouped()
    );
    let (tone, word) =
        if check.is_zero() { ("ok", say!("Ties out. ")) } else { ("bad", say!("Does not tie out. ")) };
    Block::Note {
        tone,
        text: vec![
            Text::strong(word),
            Text::plain(say!(
                "{sum} {currency}: the closing balance is the sum of {items}.",
                sum,
                currency = statement.currency,
                items
            )),
        ],
    }
}

/// What the month was closed with, where it is closed, and what became of it since.
fn since_close(report: &Report<'_>, rolled: &RollForward, statement: &Statement) -> Option<Block> {
    let (as_of, was) = (rolled.closed?, statement.at_close?);
    let now = statement.closing_balance();
    let difference = now.checked_sub(was).ok()?;
    let closed = say!(
        "{to} was closed with {was} at {as_of}",
        to = rolled.to.month.in_words(),
        was = was.in_words(),
        as_of = as_of.in_words()
    );
    if difference.is_zero() {
        return Some(Block::Paragraph {
            text: vec![Text::plain(say!("{closed}; this is the same now.", closed))],
        });
    }
    let more = if difference.is_negative() { say!("less") } else { say!("more") };
    let mut text = vec![Text::plain(say!(
        "{closed}; as known at {known} it is {now}, {difference} {more}.",
        closed,
        known = rolled.known.in_words(),
        now = now.in_words(),
        difference = difference.abs().in_words(),
        more
    ))];
    let next = rolled.to.month.next();
    if report.rollforwards.contains_key(&next) {
        text.push(Text::plain(say!(" The change is a movement of ")));
        text.push(Text::link(next.in_words(), format!("{}#{ANCHOR}", address::of_month(next))));
        text.push(Text::plain(say!(".")));
    }
    Some(Block::Paragraph { text })
}

/// What is eligible or reported and not in the balance (domain 1.1: layers L0 and L1, and statuses nobody knows).
fn memo(report: &Report<'_>, rolled: &RollForward) -> Option<Block> {
    let lines = &report.reconciled.snapshot.records.lines;
    let numbers: Vec<u32> = numbered(lines)
        .filter(|(_, line)| line.period <= rolled.to.month)
        .map(|(number, _)| number)
        .collect();
    let mut items: Vec<Vec<Text>> = Vec::new();
    for (_, sums) in report.totals(&numbers).by_weight() {
        let (pending, _) = sums.bucket(Bucket::Pending);
        if pending > 0 {
            items.push(vec![Text::plain(say!(
                "{pending} not calculated yet: {expected_pending} by our own rules, an estimate.",
                pending = count_of(pending, "line", "lines"),
                expected_pending = sums.expected_pending.in_words()
            ))]);
        }
        let (unknown, amount) = sums.status(Status::Unknown);
        if unknown > 0 {
            items.push(vec![
                Text::plain(say!(
                    "{unknown} in a status that is not in the status map, {amount}: ",
                    unknown = count_of(unknown, "line", "lines"),
                    amount = amount.in_words()
                )),
                Text::link(say!("what to do"), format!("status/{}.html", Status::Unknown.slug())),
                Text::plain(say!(".")),
            ]);
        }
    }
    (!items.is_empty()).then(|| Block::Panel {
        heading: say!("Not in the balance").to_owned(),
        tone: "",
        blocks: vec![Block::List { ordered: false, items }],
    })
}

/// The statement program by program: one row each.
fn program_table(report: &Report<'_>, rolled: &RollForward, statement: &Statement) -> Table {
    let currency = statement.currency;
    let code = currency.code();
    // Most companies have no journals: then there is no column for them.
    let has_journals = statement.programs.values().any(|rows| rows.contains_key(&Movement::Journals));
    let sums = |rows: &dyn Fn(Movement) -> i128| -> Vec<i128> {
        let group = |movements: &[Movement]| movements.iter().map(|m| rows(*m)).sum::<i128>();
        let mut parts = vec![
            group(&[Movement::Opening]),
            group(&EARLIER),
            group(&[Movement::Earned]),
            group(&ADJUSTED),
            group(&RECEIVED),
        ];
        parts.extend(has_journals.then(|| group(&[Movement::Journals])));
        let closing = parts.iter().sum();
        parts.into_iter().chain([closing]).collect()
    };
    let row = |style, first: Cell, sums: Vec<i128>| Row {
        style,
        cells: std::iter::once(first)
            .chain(sums.into_iter().map(|minor| Cell::money(Money::from_minor(minor, currency))))
            .collect(),
        ..Row::default()
    };
    let mut table = Table {
        id: format!("roll-forward-programs-{}", code.to_lowercase()),
        caption: say!(
            "By program. Earlier periods: prior-period changes, late and removed lines, backdated records. Amounts in \
             {code}.",
            code
        ),
        layout: "wide",
        columns: vec![
            Column::text("Program"),
            Column::money("Opening", "opening"),
            Column::money("Earlier periods", "earlier-periods"),
            Column::money_of(|| say!("Earned in {to}", to = rolled.to.month.in_words()), "earned"),
            Column::money("Adjustments", "adjustments"),
            Column::money("Received", "received"),
        ],
        ..Table::default()
    };
    table.columns.extend(has_journals.then(|| Column::money("Write-offs and journals", "journals")));
    table.columns.push(Column::money("Closing", "closing"));
    for (program, rows) in &statement.programs {
        let of_program = |movement| rows.get(&movement).map_or(0, |sum: &Sum| sum.total());
        table.rows.push(row("", program_cell(report, *program), sums(&of_program)));
    }
    let of_all = |movement| statement.row(movement).total();
    table.foot.push(row("tot", Cell::text(say!("Total")), sums(&of_all)));
    table
}

/// A program by its name, leading to its page.
fn program_cell(report: &Report<'_>, program: Option<ProgramId>) -> Cell {
    let Some(id) = program else { return Cell::text(say!("No program named")) };
    let key = ScopeKey::program(id);
    match report.scopes.members(&key) {
        Some(members) => Cell::link(members.name.clone(), report.scopes.path(&key)),
        // Only the close had lines of it.
        None => Cell::text(id.raw()),
    }
}

/// An open item: its line, leading to its page, or its adjustment.
fn item_cell(report: &Report<'_>, open: &OpenItem) -> Cell {
    let cell = match open.item {
        Item::Line(id) => match report.reconciled.line_number(id) {
            Some(number) => Cell { code: true, ..Cell::link(id.raw(), report.line_path(number)) },
            None => Cell::code(id.raw()),
        },
        Item::Lump(id) => Cell::code(id.raw()),
        Item::Journal(id) => Cell::code(id.raw()),
    };
    cell.with_note(open.period.in_words())
}

/// A share in percent with one decimal; nothing where parts of both signs make a share meaningless.
fn share(part: Money, whole: Money) -> Cell {
    let (part, whole) = (part.minor(), whole.minor());
    if part < 0 || whole <= 0 || part > whole {
        return Cell { none: Some(say!("no share")), ..Cell::default() };
    }
    let tenths = (part * 1_000 + whole / 2) / whole;
    Cell::text(format!("{}.{}%", tenths / 10, tenths % 10))
}

/// Currencies in the order of the statements: those with most open items first.
fn by_items<'k>(rolled: &RollForward, currencies: impl Iterator<Item = &'k Currency>) -> Vec<Currency> {
    let mut all: Vec<Currency> = currencies.copied().collect();
    let items = |currency| rolled.statements.get(&currency).map_or(0, |s| s.aging.items());
    all.sort_by_key(|currency| (std::cmp::Reverse(items(*currency)), *currency));
    all
}

/// The ending of the file names of a currency.
fn suffix(currency: Currency) -> String {
    currency.code().to_lowercase()
}
