//! The page of deadlines: what to confirm, dispute or claim by which day, what it is worth, and what happens if nothing
//! is done; and the same as short facts for the pages of orders, programs and periods.

mod events;
mod tables;
mod words;

pub(super) use events::CALENDAR;
pub(super) use words::{fact, of_members};

use std::collections::HashSet;

use super::lists::count_of;
use super::page::{Block, Link, Text};
use super::words::{amounts_in_words, head, paragraph};
use super::{Made, Report, claims};
use crate::error::Error;
use crate::model::id::ProgramId;
use crate::model::money::{Money, MoneyByCurrency};
use crate::model::time::date_in_words;
use crate::reconcile::Deadline;
use crate::reconcile::deadlines::{About, NEAR_DAYS, RECENT_DAYS};
use crate::say;

/// The address of the page.
pub(super) const PAGE: &str = "deadlines.html";
const FILE: &str = "deadlines.csv";

/// `deadlines.html`.
///
/// # Errors
/// [`Error::Content`] when a sentence template fails.
pub(super) fn page(report: &Report<'_>) -> Result<Made, Error> {
    let parent = Link::to(say!("Discrepancies"), "discrepancy/index.html");
    let mut page = head(PAGE, "discrepancies", parent, say!("Deadlines"), lead(report));
    page.facts = facts(report);
    let mut exports = vec![(FILE.to_owned(), tables::file(report)?)];
    let mut actions = Vec::new();
    let mut weeks = Vec::new();
    for (currency, table) in tables::by_week(report) {
        let path = format!("deadlines.weeks.{}.csv", currency.code().to_lowercase());
        actions.push(Link::to(say!("{currency} CSV", currency), path.clone()));
        exports.push((path, table.clone()));
        weeks.push(Block::Table(table));
    }
    if !weeks.is_empty() {
        page.main.push(section("weeks", say!("By week"), actions, weeks));
    }
    let files = vec![Link::to(say!("Deadlines CSV"), FILE), Link::to(say!("Calendar file (.ics)"), CALENDAR)];
    page.main.push(section("ahead", say!("Ahead"), files, vec![Block::Table(tables::ahead(report)?)]));
    page.main.push(passed(report)?);
    if !report.deadlines.untold.is_empty() {
        let table = tables::untold(report);
        let path = "deadlines.to-enter.csv";
        exports.push((path.to_owned(), table.clone()));
        let words = paragraph(say!(
            "Neither a cell nor a rule gives a day here, and none is guessed. Enter the days that the contract gives \
             in reference/programs.csv, or ask the vendor for confirm_by in its extract; then build again."
        ));
        let actions = vec![Link::to("CSV", path)];
        page.main.push(section(
            "to-enter",
            say!("No deadline known"),
            actions,
            vec![words, Block::Table(table)],
        ));
    }
    Ok(Made { page, exports })
}

fn section(id: &str, heading: &str, actions: Vec<Link>, blocks: Vec<Block>) -> Block {
    Block::Section { id: id.to_owned(), heading: heading.to_owned(), actions, blocks }
}

/// Deadlines with the amount that each adds to a sum: a case that has two counts once, at its first.
fn counted<'d>(
    deadlines: impl IntoIterator<Item = &'d Deadline>,
) -> impl Iterator<Item = (&'d Deadline, Option<Money>)> {
    let mut seen: HashSet<About> = HashSet::new();
    deadlines.into_iter().map(move |deadline| {
        let is_first = deadline.is_loss && seen.insert(deadline.about);
        (deadline, deadline.at_stake.filter(|_| is_first))
    })
}

/// What silence confirms in some deadlines, and what there is to object to.
fn sums<'d>(deadlines: impl IntoIterator<Item = &'d Deadline>) -> [MoneyByCurrency; 2] {
    let (mut confirmed, mut at_stake) = (MoneyByCurrency::default(), MoneyByCurrency::default());
    for (deadline, amount) in counted(deadlines) {
        confirmed.extend(deadline.confirmed);
        at_stake.extend(amount);
    }
    [confirmed, at_stake]
}

fn lead(report: &Report<'_>) -> Vec<Text> {
    let deadlines = &report.deadlines;
    let Some(first) = deadlines.ahead.first() else {
        let mut lead = vec![Text::plain(if deadlines.untold.is_empty() {
            say!(
                "No deadline is ahead in this snapshot: no line waits to be confirmed, and no case to be disputed or claimed."
            )
        } else {
            say!("No deadline is known in this snapshot.")
        })];
        if !deadlines.untold.is_empty() {
            let programs = count_of(deadlines.untold.len(), "program", "programs");
            lead.push(Text::plain(say!(
                " Days to confirm or to dispute are not entered for {programs}.",
                programs
            )));
        }
        return lead;
    };
    let [confirmed, at_stake] = sums(&deadlines.ahead).map(|sums| amounts_in_words(&sums));
    let is =
        if deadlines.ahead.len() == 1 { say!(" is ahead, on ") } else { say!(" are ahead, the first on ") };
    let mut lead = vec![
        Text::strong(count_of(deadlines.ahead.len(), "deadline", "deadlines")),
        Text::plain(is),
        Text::strong(date_in_words(first.date)),
        Text::plain(say!(" ({left}).", left = first.left())),
    ];
    if !confirmed.is_empty() {
        lead.push(Text::plain(say!(" Silence confirms ")));
        lead.push(Text::strong(confirmed));
        lead.push(Text::plain(say!(".")));
    }
    if !at_stake.is_empty() {
        lead.push(Text::plain(say!(" ")));
        lead.push(Text::strong(at_stake));
        lead.push(Text::plain(say!(" is there to dispute or to claim.")));
    }
    lead
}

fn facts(report: &Report<'_>) -> Vec<Vec<Text>> {
    let deadlines = &report.deadlines;
    let near = deadlines.ahead.iter().filter(|d| d.is_near()).count();
    let mut facts = Vec::new();
    if !deadlines.ahead.is_empty() {
        facts.push(vec![Text::plain(say!("{near} within {NEAR_DAYS} days", near, NEAR_DAYS))]);
    }
    if !deadlines.passed.is_empty() {
        facts.push(vec![Text::link(
            say!(
                "{passed} passed in the last {RECENT_DAYS} days",
                passed = deadlines.passed.len(),
                RECENT_DAYS
            ),
            format!("{PAGE}#passed"),
        )]);
    }
    if !deadlines.untold.is_empty() {
        facts.push(vec![Text::link(say!("Where no deadline is known"), format!("{PAGE}#to-enter"))]);
    }
    facts.push(vec![Text::link(say!("Claims"), claims::PAGE)]);
    let as_of = report.reconciled.as_of();
    facts.push(vec![
        Text::plain(say!("Days count from snapshot ")),
        Text::link(as_of.in_words(), format!("snapshot/{as_of}.html")),
    ]);
    facts
}

/// What passed lately, and what passed before that as a sentence.
fn passed(report: &Report<'_>) -> Result<Block, Error> {
    let (count, sums) = &report.deadlines.earlier;
    let mut blocks = vec![Block::Table(tables::passed(report)?)];
    if *count > 0 {
        let at_stake = amounts_in_words(sums);
        let at_stake =
            if at_stake.is_empty() { String::new() } else { say!(", {at_stake} at stake", at_stake) };
        blocks.push(paragraph(say!(
            "The last deadline of {count} passed before that{at_stake}. Each order page gives its day.",
            count = count_of(*count, "more line or order", "more lines and orders"),
            at_stake
        )));
    }
    Ok(section("passed", &say!("Passed in the last {RECENT_DAYS} days", RECENT_DAYS), Vec::new(), blocks))
}

/// The overview's fact: how many are near, and the way to the page.
pub(super) fn near(report: &Report<'_>) -> Option<Vec<Text>> {
    let near: Vec<&Deadline> = report.deadlines.ahead.iter().filter(|d| d.is_near()).collect();
    let first = near.first()?;
    Some(vec![Text::link(
        say!(
            "{near} within {NEAR_DAYS} days, the first on {date}",
            near = count_of(near.len(), "deadline", "deadlines"),
            NEAR_DAYS,
            date = date_in_words(first.date)
        ),
        PAGE,
    )])
}

/// The name of a program; its id where no rule file knows it.
fn program_name(report: &Report<'_>, id: ProgramId) -> String {
    report
        .reconciled
        .rules
        .program(id)
        .map_or_else(|| id.raw().to_owned(), |program| program.name.to_string())
}
