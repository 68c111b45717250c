//! What an article says of earlier cases: when they were seen, how long they take, and what resolved the last ones.

use crate::content::ArticlePage;
use crate::history::survival::MEDIAN_FROM;
use crate::metrics::cleared::Cleared;
use crate::model::money::MoneyByCurrency;
use crate::reconcile::Kind;
use crate::report::Report;
use crate::report::articles::{ArticlePast, TOLD, Told};
use crate::report::health::median_words;
use crate::report::lists::count_of;
use crate::report::page::{Block, Text};
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::times::interval_words;
use crate::report::words::{amounts, paragraph, section};

const FORMULA: &str = "Whole days from the first snapshot that shows a case to the first one that shows nothing of it any more, by the estimate of \
     Kaplan and Meier: what is open counts as going on for as long as it was followed, and what becomes another discrepancy ends \
     there, undecided.";

/// When cases of the article were first and last seen, as short facts.
pub(super) fn facts(report: &Report<'_>, past: &ArticlePast) -> Vec<Vec<Text>> {
    let Some((first, last)) = past.seen else {
        return vec![vec![Text::plain("No snapshot shows a case of it")]];
    };
    // What the first snapshot shows may be older.
    let before = if report.sources.history.snapshots().first() == Some(&first) { " or before" } else { "" };
    vec![
        vec![Text::plain(format!("First seen {}{before}", first.in_words()))],
        vec![Text::plain(format!("Last seen {}", last.in_words()))],
    ]
}

/// The sections; nothing of an article whose cases no snapshot shows.
pub(super) fn sections(report: &Report<'_>, article: &ArticlePage, past: &ArticlePast) -> Vec<Block> {
    if past.seen.is_none() {
        return Vec::new();
    }
    vec![
        section("resolved", "What resolved it last time", resolved(report, past)),
        section("times", "Median time to resolve", times(report, article, past)),
    ]
}

/// The newest cleared cases, each with everything that changed when it was cleared.
fn resolved(report: &Report<'_>, past: &ArticlePast) -> Vec<Block> {
    let all = past.cleared.len();
    if all == 0 {
        return vec![paragraph("No case of it was cleared between two of our snapshots yet.")];
    }
    let shown = all.min(TOLD);
    let caption = if shown < all {
        format!("The {shown} newest of {all} cleared cases, {} more.", all - shown)
    } else if all == 1 {
        "1 cleared case.".to_owned()
    } else {
        format!("{all} cleared cases, newest first.")
    };
    let rows = past.cleared.iter().take(TOLD).map(|(at, stay)| row(report, &report.tell_cleared(*at, *stay)));
    let table = Table {
        id: "resolved-list".to_owned(),
        caption,
        layout: "cards",
        columns: vec![
            Column::text("Case"),
            Column::text("Discrepancy"),
            Column::date("Opened"),
            Column::date("Cleared"),
            Column::number("Days"),
            Column::text("What changed"),
            Column::money("Was at stake", "at-stake"),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    let how = "What changed is read off the two snapshots around the day and never concluded; where several things changed, all \
               are named. The day leads to all changes between the two.";
    vec![Block::Table(table), Block::Paragraph { text: vec![Text::quiet(how)] }]
}

fn row(report: &Report<'_>, told: &Told) -> Row {
    let (opened, is_first) = told.opened;
    let (before, after) = told.between;
    let subject = match &told.page {
        Some(page) => Cell::link(told.subject.clone(), page.clone()),
        None => Cell::text(told.subject.clone()),
    };
    let subject = match &told.line {
        Some(line) => subject.with_note(format!("line {line}")),
        None => subject,
    };
    let day = Cell::date(Some(opened.date()));
    let mut sums = MoneyByCurrency::default();
    sums.extend(told.stay.at_stake);
    let kind = told.stay.kind;
    Row {
        cells: vec![
            Cell { snapshot: Some(before.to_string()), ..subject },
            Cell::link(report.sources.content.kind(kind).title.clone(), super::super::kind::path(kind)),
            if is_first { day.with_note("or before") } else { day },
            Cell { href: Some(told.changes.clone()), ..Cell::date(Some(after.date())) },
            if is_first {
                Cell::text(format!("{} or more", told.days))
            } else {
                Cell::text(told.days.to_string())
            },
            Cell::text(told.what.clone()),
            amounts(&sums),
        ],
        ..Row::default()
    }
}

fn times(report: &Report<'_>, article: &ArticlePage, past: &ArticlePast) -> Vec<Block> {
    let mut text = match &past.times {
        Ok(times) => vec![
            Text::strong(median_words(times.between)),
            Text::plain(format!(
                " (95% interval {}; {}).",
                interval_words(times.between.interval),
                rests_on(times)
            )),
        ],
        Err(needs) => vec![Text::plain(format!("Not known: needs {}.", needs.0))],
    };
    if past.again > 0 {
        let again = count_of(past.again, "time", "times");
        text.push(Text::plain(format!(" A cleared case was there again {again}.")));
    }
    let mut blocks = vec![Block::Paragraph { text }];
    blocks.extend(confirmed(report, article));
    let mut formula = FORMULA.to_owned();
    if let Ok(times) = &past.times {
        let count = |n: u64, one, many| count_of(usize::try_from(n).unwrap_or(usize::MAX), one, many);
        if times.excluded > 0 {
            let left = count(
                times.excluded,
                "case is left out: the first snapshot shows it",
                "cases are left out: the first snapshot shows them",
            );
            formula.push_str(&format!(" {left} already."));
        }
        if times.became > 0 {
            formula.push_str(&format!(" {} so.", count(times.became, "case ended", "cases ended")));
        }
    }
    blocks.push(Block::Paragraph { text: vec![Text::quiet(formula)] });
    blocks
}

/// `9 cases, 7 of them cleared; opened 17 Jun 2026 to 18 Jun 2026`.
fn rests_on(times: &Cleared) -> String {
    let n = usize::try_from(times.between.n).unwrap_or(usize::MAX);
    let days = times.span.in_words();
    format!("{}, {} of them cleared; opened {days}", count_of(n, "case", "cases"), times.between.done)
}

/// What the health page measures of the same kinds: how long orders without a rebate line take to a confirmed status.
fn confirmed(report: &Report<'_>, article: &ArticlePage) -> Vec<Block> {
    let Ok(found) = report.confirmed() else { return Vec::new() };
    let is_its = |kind: &Kind| report.sources.content.kind(*kind).kb.contains(&article.id);
    let of_kinds = found.kinds.iter().filter(|(kind, _)| is_its(kind));
    let sentence = |(kind, between): &(Kind, crate::metrics::Between)| {
        let n = usize::try_from(between.n).unwrap_or(usize::MAX);
        let few = if between.done < MEDIAN_FROM {
            format!(" Fewer than {MEDIAN_FROM} are done, so the median proves nothing.")
        } else {
            String::new()
        };
        let text = vec![
            Text::plain(format!(
                "Orders first shown as {}, half with a confirmed status within: ",
                report.sources.content.kind(*kind).title
            )),
            Text::strong(median_words(*between)),
            Text::plain(format!(
                " (95% interval {}; {}, {} of them confirmed), as on the page ",
                interval_words(between.interval),
                count_of(n, "order", "orders"),
                between.done
            )),
            Text::link("Health", "health.html#m2"),
            Text::plain(format!(".{few}")),
        ];
        Block::Paragraph { text }
    };
    of_kinds.map(sentence).collect()
}
