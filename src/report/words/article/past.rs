//! What an article says of earlier cases: when they were seen, how long they take, and what resolved the last ones.

use crate::content::ArticlePage;
use crate::history::survival::MEDIAN_FROM;
use crate::language::label;
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
use crate::{mark, say};

const FORMULA: &str = mark!(
    "Whole days from the first snapshot that shows a case to the first one that shows nothing of it any more, by the estimate of \
     Kaplan and Meier: what is open counts as going on for as long as it was followed, and what becomes another discrepancy ends \
     there, undecided."
);

/// When cases of the article were first and last seen, as short facts.
pub(super) fn facts(report: &Report<'_>, past: &ArticlePast) -> Vec<Vec<Text>> {
    let Some((first, last)) = past.seen else {
        return vec![vec![Text::plain(say!("No snapshot shows a case of it"))]];
    };
    // What the first snapshot shows may be older.
    let is_first = report.sources.history.snapshots().first() == Some(&first);
    let before = if is_first { say!(" or before") } else { "" };
    vec![
        vec![Text::plain(say!("First seen {first}{before}", first = first.in_words(), before))],
        vec![Text::plain(say!("Last seen {last}", last = last.in_words()))],
    ]
}

/// The sections; nothing of an article whose cases no snapshot shows.
pub(super) fn sections(report: &Report<'_>, article: &ArticlePage, past: &ArticlePast) -> Vec<Block> {
    if past.seen.is_none() {
        return Vec::new();
    }
    vec![
        section("resolved", say!("What resolved it last time"), resolved(report, past)),
        section("times", say!("Median time to resolve"), times(report, article, past)),
    ]
}

/// The newest cleared cases, each with everything that changed when it was cleared.
fn resolved(report: &Report<'_>, past: &ArticlePast) -> Vec<Block> {
    let all = past.cleared.len();
    if all == 0 {
        return vec![paragraph(say!("No case of it was cleared between two of our snapshots yet."))];
    }
    let shown = all.min(TOLD);
    let caption = if shown < all {
        say!("The {shown} newest of {all} cleared cases, {more} more.", shown, all, more = all - shown)
    } else if all == 1 {
        say!("1 cleared case.").to_owned()
    } else {
        say!("{all} cleared cases, newest first.", all)
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
            Column::number("Days to clear"),
            Column::text("What changed"),
            Column::money("Was at stake", "at-stake"),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    let how = say!(
        "What changed is read off the two snapshots around the day and never concluded; where several things changed, all \
         are named. The day leads to all changes between the two."
    );
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
        Some(line) => subject.with_note(say!("line {line}", line)),
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
            if is_first { day.with_note(say!("or before")) } else { day },
            Cell { href: Some(told.changes.clone()), ..Cell::date(Some(after.date())) },
            if is_first {
                Cell::text(say!("{days} or more", days = told.days))
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
            Text::plain(say!(
                " (95% interval {interval}; {rests}).",
                interval = interval_words(times.between.interval),
                rests = rests_on(times)
            )),
        ],
        Err(needs) => vec![Text::plain(say!("Not known: needs {needs}.", needs = needs.0))],
    };
    if past.again > 0 {
        let again = count_of(past.again, "time", "times");
        text.push(Text::plain(say!(" A cleared case was there again {again}.", again)));
    }
    let mut blocks = vec![Block::Paragraph { text }];
    blocks.extend(confirmed(report, article));
    let mut formula = label(FORMULA).to_owned();
    if let Ok(times) = &past.times {
        let whole = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        if times.excluded > 0 {
            let left = count_of(
                whole(times.excluded),
                "case is left out: the first snapshot shows it",
                "cases are left out: the first snapshot shows them",
            );
            formula.push_str(&say!(" {left} already.", left));
        }
        if times.became > 0 {
            let ended = count_of(whole(times.became), "case ended", "cases ended");
            formula.push_str(&say!(" {ended} so.", ended));
        }
    }
    blocks.push(Block::Paragraph { text: vec![Text::quiet(formula)] });
    blocks
}

/// `9 cases, 7 of them cleared; opened 17 Jun 2026 to 18 Jun 2026`.
fn rests_on(times: &Cleared) -> String {
    let n = usize::try_from(times.between.n).unwrap_or(usize::MAX);
    say!(
        "{cases}, {done} of them cleared; opened {days}",
        cases = count_of(n, "case", "cases"),
        done = times.between.done,
        days = times.span.in_words()
    )
}

/// What the health page measures of the same kinds: how long orders without a rebate line take to a confirmed status.
fn confirmed(report: &Report<'_>, article: &ArticlePage) -> Vec<Block> {
    let Ok(found) = report.confirmed() else { return Vec::new() };
    let is_its = |kind: &Kind| report.sources.content.kind(*kind).kb.contains(&article.id);
    let of_kinds = found.kinds.iter().filter(|(kind, _)| is_its(kind));
    let sentence = |(kind, between): &(Kind, crate::metrics::Between)| {
        let n = usize::try_from(between.n).unwrap_or(usize::MAX);
        let few = if between.done < MEDIAN_FROM {
            say!(" Fewer than {MEDIAN_FROM} are done, so the median proves nothing.", MEDIAN_FROM)
        } else {
            String::new()
        };
        let text = vec![
            Text::plain(say!(
                "Orders first shown as {title}, half with a confirmed status within: ",
                title = report.sources.content.kind(*kind).title
            )),
            Text::strong(median_words(*between)),
            Text::plain(say!(
                " (95% interval {interval}; {orders}, {done} of them confirmed), as on the page ",
                interval = interval_words(between.interval),
                orders = count_of(n, "order", "orders"),
                done = between.done
            )),
            Text::link(say!("Health"), "health.html#m2"),
            Text::plain(say!(".{few}", few)),
        ];
        Block::Paragraph { text }
    };
    of_kinds.map(sentence).collect()
}
