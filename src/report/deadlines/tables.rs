//! The tables of the page: what is ahead by date, what passed, the sums by week, and what is to be entered.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use super::words::{afterwards, confirmed, silence};
use super::{counted, program_name};
use crate::error::Error;
use crate::language::{Language, label};
use crate::model::id::ProgramId;
use crate::model::money::{Currency, Money, MoneyByCurrency};
use crate::model::time::{Period, date_in_words};
use crate::reconcile::deadlines::{About, RECENT_DAYS, Untold};
use crate::reconcile::{Action, Deadline};
use crate::report::Report;
use crate::report::lists::{self, LISTED, count_of, subject_cell};
use crate::report::scopes::ScopeKey;
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::words::amounts;
use crate::{mark, say};

/// What is said of a line that only has to be confirmed.
const NOTHING: &str = mark!("nothing to object to");

/// What the list shows as one row.
enum Entry<'d> {
    /// One deadline.
    One(&'d Deadline),
    /// Lines of one program and currency to confirm on one day, with nothing to object to.
    Many(Option<ProgramId>, Currency, Vec<&'d Deadline>),
}

/// The deadlines ahead, soonest first, under a row for each day. What has something to object to comes first within a
/// day; several lines of a program that only have to be confirmed are one row.
pub(super) fn ahead(report: &Report<'_>) -> Result<Table, Error> {
    let all = &report.deadlines.ahead;
    let mut table = Table {
        id: "ahead-list".to_owned(),
        layout: "cards",
        columns: columns(mark!("If nothing is done")),
        empty: say!("No deadline is ahead.").to_owned(),
        ..Table::default()
    };
    let mut shown = 0;
    for of_day in all.chunk_by(|a, b| a.date == b.date) {
        if shown >= LISTED {
            break;
        }
        let day = of_day[0].date;
        let text = say!(
            "{day}, {left}: {day_2}",
            day = date_in_words(day),
            left = of_day[0].left(),
            day_2 = counts(of_day.iter())
        );
        table.rows.push(Row { style: "grp", id: format!("d-{day}"), cells: vec![Cell::text(text)] });
        for entry in entries(report, of_day) {
            shown += 1;
            table.rows.push(match entry {
                Entry::One(deadline) => row(report, deadline, silence(deadline))?,
                Entry::Many(program, currency, lines) => folded_row(report, program, currency, &lines),
            });
        }
    }
    let listed: usize = table.rows.iter().filter(|row| row.style != "grp").count();
    let days = table.rows.len() - listed;
    let all_days = all.chunk_by(|a, b| a.date == b.date).count();
    table.caption = if days < all_days {
        say!(
            "The first {days} of {all_days}, soonest first; the file holds all.",
            days = count_of(days, "day", "days"),
            all_days
        )
    } else {
        say!("Soonest first. Amounts in the currency beside them.").to_owned()
    };
    Ok(table)
}

/// The deadlines that passed lately, the latest first.
pub(super) fn passed(report: &Report<'_>) -> Result<Table, Error> {
    let all = &report.deadlines.passed;
    let mut table = Table {
        id: "passed-list".to_owned(),
        caption: if all.len() > LISTED {
            say!("The latest {LISTED} of {all}; the file holds all.", LISTED, all = all.len())
        } else {
            say!("Latest first.").to_owned()
        },
        layout: "cards",
        columns: columns(mark!("What can still be done")),
        empty: say!("No known deadline passed in the last {RECENT_DAYS} days.", RECENT_DAYS),
        ..Table::default()
    };
    let shown = &all[..all.len().min(LISTED)];
    for of_day in shown.chunk_by(|a, b| a.date == b.date) {
        let text = say!("{day}, {left}", day = date_in_words(of_day[0].date), left = of_day[0].left());
        table.rows.push(Row { style: "grp", cells: vec![Cell::text(text)], ..Row::default() });
        for deadline in of_day {
            table.rows.push(row(report, deadline, afterwards(report, deadline))?);
        }
    }
    Ok(table)
}

fn columns(then: &str) -> Vec<Column> {
    vec![
        Column::text("Order"),
        Column::text("What to do"),
        Column::text("Program"),
        Column::text("The day comes from").minor(),
        Column::text(then),
        Column::text("Currency"),
        Column::money("Silence confirms", "confirmed-by-silence"),
        Column::money("At stake", "at-stake"),
    ]
}

/// `3 to confirm, 1 to dispute`.
pub(super) fn counts<'d>(deadlines: impl Iterator<Item = &'d Deadline>) -> String {
    let mut by_action: BTreeMap<Action, usize> = BTreeMap::new();
    for deadline in deadlines {
        *by_action.entry(deadline.action).or_default() += 1;
    }
    let parts: Vec<String> = by_action
        .into_iter()
        .map(|(action, count)| say!("{count} to {action}", count, action = action.code()))
        .collect();
    parts.join(say!(", "))
}

fn entries<'d>(report: &Report<'_>, of_day: &'d [Deadline]) -> Vec<Entry<'d>> {
    let mut entries: Vec<Entry<'d>> = of_day.iter().filter(|d| d.is_objection).map(Entry::One).collect();
    let mut rest: BTreeMap<(Option<ProgramId>, Currency), Vec<&Deadline>> = BTreeMap::new();
    for deadline in of_day.iter().filter(|d| !d.is_objection) {
        rest.entry((deadline.program, currency(report, deadline))).or_default().push(deadline);
    }
    for ((program, currency), lines) in rest {
        entries.push(match lines[..] {
            [line] => Entry::One(line),
            [] | [_, _, ..] => Entry::Many(program, currency, lines),
        });
    }
    entries
}

/// The currency of the line or order.
pub(super) fn currency(report: &Report<'_>, deadline: &Deadline) -> Currency {
    match deadline.about {
        About::Order(number) => report.order(number).amount_net.currency(),
        About::Line(number) => report.line(number).currency,
    }
}

/// The program of a deadline, as a name that leads to its page.
fn program_cell(report: &Report<'_>, program: Option<ProgramId>) -> Cell {
    let Some(id) = program else { return Cell::text(say!("no program declared")) };
    Cell::link(program_name(report, id), report.scopes.path(&ScopeKey::program(id)))
}

/// An amount beside the currency of its row; in another currency, with its code.
fn money_cell(amount: Option<Money>, currency: Currency, none: &'static str) -> Cell {
    match amount {
        Some(amount) if amount.currency() == currency => Cell::money(amount),
        Some(amount) => {
            let code = amount.currency();
            let text = format!("{} {code}", amount.grouped());
            Cell { text, csv: Some(format!("{amount} {code}")), ..Cell::money(amount) }
        }
        None => Cell { none: Some(none), ..Cell::default() },
    }
}

fn row(report: &Report<'_>, deadline: &Deadline, then: String) -> Result<Row, Error> {
    let currency = currency(report, deadline);
    let Some(case) = report.reconciled.case_of(deadline) else { return Ok(Row::default()) };
    let subject = subject_cell(report, case);
    let subject = match deadline.about {
        About::Line(number) if subject.note.is_none() => {
            subject.with_note(say!("line {id}", id = report.line(number).id))
        }
        About::Line(_) | About::Order(_) => subject,
    };
    let what = to_do(
        deadline.action,
        match case.primary() {
            Some(_) if deadline.is_objection => lists::next_step(report, case)?,
            Some(finding) => report.sources.content.kind(finding.kind).title.clone(),
            None => label(NOTHING).to_owned(),
        },
    );
    Ok(Row {
        cells: vec![
            subject,
            what,
            program_cell(report, deadline.program),
            Cell::text(deadline.basis.in_words()),
            Cell::text(then),
            Cell::text(currency.code()),
            confirmed_cell(deadline, currency),
            at_stake_cell(deadline, currency),
        ],
        ..Row::default()
    })
}

/// `Claim: Ask the vendor why the line was removed`.
fn to_do(action: Action, how: String) -> Cell {
    Cell::text(say!("{action}:", action = action.label())).with_note(how)
}

fn confirmed_cell(deadline: &Deadline, currency: Currency) -> Cell {
    let none = if deadline.action == Action::Confirm { say!("no amount yet") } else { say!("nothing") };
    money_cell(deadline.confirmed, currency, none)
}

fn at_stake_cell(deadline: &Deadline, currency: Currency) -> Cell {
    money_cell(
        deadline.at_stake,
        currency,
        if deadline.is_loss { say!("amount not known") } else { say!("nothing") },
    )
}

fn folded_row(
    report: &Report<'_>,
    program: Option<ProgramId>,
    currency: Currency,
    lines: &[&Deadline],
) -> Row {
    let mut sums = MoneyByCurrency::default();
    sums.extend(lines.iter().filter_map(|line| line.confirmed));
    let sum = Some(sums.get(currency)).filter(|_| !sums.is_empty());
    let name = count_of(lines.len(), "line", "lines");
    let place = program.map(|id| format!("{}#lines", report.scopes.path(&ScopeKey::program(id))));
    let bases: std::collections::BTreeSet<String> = lines.iter().map(|d| d.basis.in_words()).collect();
    Row {
        cells: vec![
            place.map_or_else(|| Cell::text(name.clone()), |place| Cell::link(name.clone(), place)),
            to_do(Action::Confirm, label(NOTHING).to_owned()),
            program_cell(report, program),
            Cell::text(match bases.len() {
                1 => bases.into_iter().next().unwrap_or_default(),
                _ => say!("each line's own day; the file has it").to_owned(),
            }),
            Cell::text(say!("{confirmed}.", confirmed = confirmed(sum))),
            Cell::text(currency.code()),
            money_cell(sum, currency, say!("no amount yet")),
            money_cell(None, currency, say!("nothing")),
        ],
        ..Row::default()
    }
}

/// Every deadline that is ahead or passed lately, one row each.
pub(super) fn file(report: &Report<'_>) -> Result<Table, Error> {
    let mut table = Table {
        columns: vec![
            Column::date("Last day"),
            Column::number("Days left"),
            Column::text("What to do"),
            Column::text("Order"),
            Column::text("Line"),
            Column::text("Customer"),
            Column::text("Program"),
            Column::text("Program ID"),
            Column::text("Period"),
            Column::text("Status"),
            Column::text("Discrepancy"),
            Column::text("Next step"),
            Column::text("If nothing is done"),
            Column::text("The day comes from"),
            Column::text("Currency"),
            Column::money("Silence confirms", "confirmed-by-silence"),
            Column::money("At stake", "at-stake"),
        ],
        ..Table::default()
    };
    for deadline in report.deadlines.ahead.iter().chain(&report.deadlines.passed) {
        let Some(case) = report.reconciled.case_of(deadline) else { continue };
        let currency = currency(report, deadline);
        let line = match deadline.about {
            About::Line(number) => Some(report.line(number)),
            About::Order(_) => None,
        };
        let orders: Vec<&str> = case.orders.iter().map(|id| id.raw()).collect();
        let kind = case.primary().map(|finding| report.sources.content.kind(finding.kind).title.clone());
        let then = if deadline.is_passed() { afterwards(report, deadline) } else { silence(deadline) };
        table.rows.push(Row {
            cells: vec![
                Cell::date(Some(deadline.date)),
                Cell::text(deadline.days_left.to_string()),
                Cell::text(deadline.action.label()),
                Cell::text(orders.join(";")),
                Cell::text(line.map_or("", |line| line.id.raw())),
                Cell::text(report.facts(case).get("customer").unwrap_or_default()),
                Cell::text(deadline.program.map_or(String::new(), |id| program_name(report, id))),
                Cell::text(deadline.program.map_or("", |id| id.raw())),
                Cell::text(deadline.period.to_string()),
                Cell::text(line.map_or(say!("No rebate line"), |line| line.status.words())),
                Cell::text(kind.unwrap_or_default()),
                Cell::text(lists::next_step(report, case)?),
                Cell::text(then),
                Cell::text(deadline.basis.in_words()),
                Cell::text(currency.code()),
                confirmed_cell(deadline, currency),
                at_stake_cell(deadline, currency),
            ],
            ..Row::default()
        });
    }
    Ok(table)
}

/// Monday of the week of a day.
fn monday(day: NaiveDate) -> NaiveDate {
    let after = u64::from(day.weekday().num_days_from_monday());
    day.checked_sub_days(Days::new(after)).unwrap_or(day)
}

/// What a week adds up to.
struct Week {
    count: usize,
    confirmed: Money,
    at_stake: Money,
}

impl Week {
    fn new(currency: Currency) -> Week {
        Week { count: 0, confirmed: Money::zero(currency), at_stake: Money::zero(currency) }
    }

    fn add(&mut self, other: &Week) {
        self.count += other.count;
        self.confirmed = self.confirmed.checked_add(other.confirmed).unwrap_or(self.confirmed);
        self.at_stake = self.at_stake.checked_add(other.at_stake).unwrap_or(self.at_stake);
    }
}

/// The sums of what is ahead by calendar week, one table per currency, that with most deadlines first.
///
/// A case with two deadlines counts once, in the week of its first; so the total is what is at stake now.
pub(super) fn by_week(report: &Report<'_>) -> Vec<(Currency, Table)> {
    let mut currencies: BTreeMap<Currency, BTreeMap<NaiveDate, Week>> = BTreeMap::new();
    for (deadline, at_stake) in counted(&report.deadlines.ahead) {
        let mut add = |week: Week| {
            let currency = week.confirmed.currency();
            let weeks = currencies.entry(currency).or_default();
            weeks.entry(monday(deadline.date)).or_insert_with(|| Week::new(currency)).add(&week);
        };
        // An amount can be in another currency than its line: it counts in its own.
        add(Week { count: 1, ..Week::new(currency(report, deadline)) });
        if let Some(confirmed) = deadline.confirmed {
            add(Week { confirmed, ..Week::new(confirmed.currency()) });
        }
        if let Some(at_stake) = at_stake {
            add(Week { at_stake, ..Week::new(at_stake.currency()) });
        }
    }
    let mut tables: Vec<(usize, Currency, Table)> = Vec::new();
    for (currency, weeks) in currencies {
        let mut total = Week::new(currency);
        let mut table = Table {
            id: format!("weeks-{}", currency.code().to_lowercase()),
            caption: say!(
                "Calendar weeks, Monday to Sunday. A case with two deadlines counts once, at its first. Amounts in \
                 {currency}.",
                currency
            ),
            layout: "tight",
            columns: vec![
                Column::text("Week"),
                Column::number("Deadlines"),
                Column::money("Silence confirms", "confirmed-by-silence"),
                Column::money("At stake", "at-stake"),
            ],
            ..Table::default()
        };
        let row = |style, name: Cell, week: &Week| Row {
            style,
            cells: vec![
                name,
                Cell::count(week.count),
                Cell::money(week.confirmed),
                Cell::money(week.at_stake),
            ],
            ..Row::default()
        };
        for (monday, week) in &weeks {
            total.add(week);
            let name = Cell { csv: Some(monday.to_string()), ..Cell::text(week_in_words(*monday)) };
            table.rows.push(row("", name, week));
        }
        table.foot.push(row("tot", Cell::text(say!("All weeks")), &total));
        tables.push((total.count, currency, table));
    }
    tables.sort_by_key(|(count, currency, _)| (std::cmp::Reverse(*count), *currency));
    tables.into_iter().map(|(_, currency, table)| (currency, table)).collect()
}

/// The programs without a rule for a deadline, and what to enter.
pub(super) fn untold(report: &Report<'_>) -> Table {
    let mut table = Table {
        id: "to-enter-list".to_owned(),
        caption: say!("One row per program, with what waits for it.").to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Program"),
            Column::text("What to enter"),
            Column::number("Lines to confirm"),
            Column::number("Cases to object to"),
            Column::money("At stake", "at-stake"),
        ],
        ..Table::default()
    };
    for (program, untold) in &report.deadlines.untold {
        table.rows.push(Row {
            cells: vec![
                program_cell(report, *program),
                Cell::text(to_enter(report, *program, untold)),
                Cell::count(untold.to_confirm),
                Cell::count(untold.to_object),
                amounts(&untold.at_stake),
            ],
            ..Row::default()
        });
    }
    table
}

/// `No deadline known: enter confirm_days and dispute_days for program CORE.`
fn to_enter(report: &Report<'_>, program: Option<ProgramId>, untold: &Untold) -> String {
    let columns = match (untold.to_confirm > 0, untold.to_object > 0) {
        (true, true) => say!("confirm_days and dispute_days"),
        (true, false) => "confirm_days",
        (false, _) => "dispute_days",
    };
    match program {
        Some(id) if report.reconciled.rules.program(id).is_some() => {
            say!("No deadline known: enter {columns} for program {id}.", columns, id)
        }
        Some(id) => {
            say!(
                "No deadline known: add program {id} to reference/programs.csv, with {columns}.",
                id,
                columns
            )
        }
        None => say!("No deadline known: these orders declare no program that has a rule.").to_owned(),
    }
}

/// The days of a week in words: `22–28 Jun 2026`, `29 Jun–5 Jul 2026`.
fn week_in_words(monday: NaiveDate) -> String {
    let sunday = monday.checked_add_days(Days::new(6)).unwrap_or(monday);
    if !Language::spoken().is_english() {
        return Period { start: monday, end: sunday.succ_opt().unwrap_or(sunday) }.in_words();
    }
    let first = match (monday.year() == sunday.year(), monday.month() == sunday.month()) {
        (true, true) => monday.format("%-d"),
        (true, false) => monday.format("%-d %b"),
        (false, _) => monday.format("%-d %b %Y"),
    };
    format!("{first}–{}", date_in_words(sunday))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_runs_from_monday_to_sunday() {
        for (day, first, words) in [
            ("2026-06-22", "2026-06-22", "22–28 Jun 2026"),
            ("2026-06-28", "2026-06-22", "22–28 Jun 2026"),
            ("2026-07-01", "2026-06-29", "29 Jun–5 Jul 2026"),
            ("2027-01-01", "2026-12-28", "28 Dec 2026–3 Jan 2027"),
        ] {
            let monday = monday(day.parse().unwrap());
            assert_eq!((monday.to_string().as_str(), week_in_words(monday).as_str()), (first, words));
        }
    }
}
