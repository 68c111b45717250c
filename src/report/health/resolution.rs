//! M2 on the page: how long tickets and missing rebates take, and how long lines take from one status to the next.

use super::figure::{Figure, Metric, Value, median_words, tickets, trend_table};
use super::inquiries::lower;
use super::{Part, formula, not_measurable};
use crate::history::spells::WAITING;
use crate::history::survival::MEDIAN_FROM;
use crate::language::label;
use crate::metrics::resolution::{Lasting, approved_to_paid, of_tickets};
use crate::metrics::{Basis, Between, Needs};
use crate::report::Report;
use crate::report::lists::count_of;
use crate::report::page::{Block, Text};
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::times::{days_words, interval_words};
use crate::report::words::paragraph;
use crate::{mark, say};

const METRIC: Metric = Metric::Resolution;
const FORMULA: &str = mark!(
    "The number of days within which half are done, by the estimate of Kaplan and Meier: what is still open counts as going on \
     for as long as it was followed. Tickets: closed − opened. Orders: from the first snapshot that shows an order without a \
     rebate line to the first in which a line of it is Calculated, Approved, Paid, or Rejected with a reason. The interval is \
     the log-log one; a median of fewer than 6 that are done has none of 95%."
);
const TICKETS_NOW: &str = mark!("Half of the tickets closed within");
const ORDERS: &str = mark!("Half of the missing rebates confirmed within");
const TICKETS_FILE: &str = "metrics/tickets.csv";

pub(super) fn part(report: &Report<'_>, basis: &Basis<'_>) -> Part {
    let mut part = Part { metric: METRIC, figures: Vec::new(), blocks: Vec::new() };
    match of_tickets(basis) {
        Ok(found) => {
            let is_compared = basis.given.go_live.is_some();
            let (now, before) = (found.now.as_ref(), found.before.as_ref());
            let mut note = few(now.ok().map(|now| now.between));
            if let (Ok(now), Ok(before)) = (now, before)
                && !now.between.is_apart_from(before.between)
            {
                let overlap = say!(
                    "The interval shares days with the one before go-live, so the difference proves nothing."
                );
                note = if note.is_empty() {
                    overlap.to_owned()
                } else {
                    say!("{first} {then}", first = overlap, then = note)
                };
            }
            part.figures.push(headline(label(TICKETS_NOW), now, TICKETS_FILE, is_compared).noting(
                match now {
                    Ok(_) => note.clone(),
                    Err(needs) => not_measurable(needs),
                },
            ));
            let measure = say!("Half of the tickets closed within, before go-live");
            part.figures
                .push(Figure { is_headline: false, ..headline(measure, before, TICKETS_FILE, false) });
            part.blocks.push(Block::Paragraph { text: sentence(now, before, is_compared, &note) });
            let months: Vec<Figure> =
                found.months.iter().map(|of| lasting(label(TICKETS_NOW), of, TICKETS_FILE)).collect();
            let caption = say!(
                "Days within which half of the tickets are closed, by the month in which they were opened."
            );
            part.blocks.push(Block::Table(trend_table("m2-list", caption, &months)));
            part.figures.extend(months);
        }
        Err(needs) => {
            part.figures
                .push(Figure::new(METRIC, label(TICKETS_NOW), "").noting(not_measurable(&needs)).headline());
            part.blocks.push(paragraph(say!("Tickets: {needs}", needs = lower(&not_measurable(&needs)))));
        }
    }
    orders(report, &mut part);
    part.blocks.push(formula(label(FORMULA)));
    part
}

fn orders(report: &Report<'_>, part: &mut Part) {
    let own = say!("our own snapshots");
    let found = match report.confirmed() {
        Ok(found) => found,
        Err(needs) => {
            part.figures
                .push(Figure::new(METRIC, label(ORDERS), own).noting(not_measurable(needs)).headline());
            part.blocks
                .push(paragraph(say!("Missing rebates: {needs}", needs = lower(&not_measurable(needs)))));
            return;
        }
    };
    let rests = |between: Between| {
        let n = usize::try_from(between.n).unwrap_or(usize::MAX);
        say!(
            "{orders}, {done} of them confirmed",
            orders = count_of(n, "order", "orders"),
            done = between.done
        )
    };
    let figure = |measure: String, between: Between| {
        let figure = Figure::new(METRIC, measure, own).of_span(found.span).valued(Value::median(between));
        figure.resting_on(between.done, between.n, rests(between)).noting(few(Some(between)))
    };
    part.figures.push(figure(label(ORDERS).to_owned(), found.all).headline());
    part.blocks.push(Block::Paragraph { text: orders_sentence(found.all, &rests(found.all)) });
    let mut table = Table {
        id: "m2-orders".to_owned(),
        caption: say!("Days from the first snapshot that shows an order without a rebate line to a confirmed status, by what the case \
                  was first.")
            .to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Kind"),
            Column::text("Half confirmed within"),
            Column::text("95% interval"),
            Column::text("Rests on"),
        ],
        ..Table::default()
    };
    for (kind, between) in &found.kinds {
        let title = report.sources.content.kind(*kind).title.clone();
        let link = Cell::link(title.clone(), format!("discrepancy/{}.html", kind.code()));
        let cells = vec![
            link,
            Cell::text(median_words(*between)),
            Cell::text(interval_words(between.interval)),
            Cell::text(rests(*between)),
        ];
        table.rows.push(Row { cells, ..Row::default() });
        part.figures.push(figure(say!("{label}: {title}", label = label(ORDERS), title), *between));
    }
    part.blocks.push(Block::Table(table));
    if found.excluded > 0 {
        let n = usize::try_from(found.excluded).unwrap_or(usize::MAX);
        part.blocks.push(paragraph(say!(
            "{orders} left out: the first snapshot shows them already, so it is not known since when.",
            orders = count_of(n, "order is", "orders are")
        )));
    }
}

fn orders_sentence(all: Between, rests: &str) -> Vec<Text> {
    let rests = say!("95% interval {interval}; {rests}", interval = interval_words(all.interval), rests);
    let mut text = match all.median {
        Some(days) => vec![
            Text::plain(say!("Half of the orders without a rebate line have a confirmed status within ")),
            Text::strong(days_words(days)),
            Text::plain(say!(" ({rests}).", rests)),
        ],
        None => vec![Text::plain(say!(
            "More than half of the orders without a rebate line still wait for a confirmed status, {longest} at most since they were \
             first seen ({rests}).",
            longest = days_words(all.longest),
            rests
        ))],
    };
    let few = few(Some(all));
    if !few.is_empty() {
        text.push(Text::plain(say!(" {sentence}", sentence = few)));
    }
    text
}

/// Why a median of few proves nothing.
fn few(between: Option<Between>) -> String {
    match between {
        Some(between) if between.done < MEDIAN_FROM => {
            say!("Fewer than {MEDIAN_FROM} are done, so the median proves nothing.", MEDIAN_FROM)
        }
        Some(_) | None => String::new(),
    }
}

fn rests_on(of: &Lasting) -> String {
    say!("{tickets}, {done} of them closed", tickets = tickets(of.between.n), done = of.between.done)
}

fn lasting(measure: &str, of: &Lasting, source: &'static str) -> Figure {
    let figure = Figure::new(METRIC, measure, source).of_span(of.span).valued(Value::median(of.between));
    figure.resting_on(of.between.done, of.between.n, rests_on(of)).noting(few(Some(of.between)))
}

fn headline(measure: &str, of: Result<&Lasting, &Needs>, source: &'static str, is_since: bool) -> Figure {
    let measure = if is_since { say!("{measure}, since go-live", measure) } else { measure.to_owned() };
    match of {
        Ok(of) => lasting(&measure, of, source).headline(),
        Err(needs) => Figure::new(METRIC, measure, source).noting(not_measurable(needs)).headline(),
    }
}

fn sentence(
    now: Result<&Lasting, &Needs>,
    before: Result<&Lasting, &Needs>,
    is_compared: bool,
    note: &str,
) -> Vec<Text> {
    let since = if is_compared { say!(" since go-live") } else { "" };
    let mut text = match now {
        Ok(now) => vec![
            Text::plain(say!(
                "Half of the tickets opened{since} ({span}) are closed within ",
                since,
                span = now.span.in_words()
            )),
            Text::strong(median_words(now.between)),
            Text::plain(say!(
                " (95% interval {interval}; {now}).",
                interval = interval_words(now.between.interval),
                now = rests_on(now)
            )),
        ],
        Err(needs) => {
            vec![Text::plain(say!("Tickets since go-live: {needs}", needs = lower(&not_measurable(needs))))]
        }
    };
    text.push(match before {
        Ok(before) => Text::plain(say!(
            " Before ({span}) it was {between} (95% interval {interval}; {before}).",
            span = before.span.in_words(),
            between = median_words(before.between),
            interval = interval_words(before.between.interval),
            before = rests_on(before)
        )),
        Err(needs) => Text::plain(say!(" Before go-live: {needs}", needs = lower(&not_measurable(needs)))),
    });
    if !note.is_empty() {
        text.push(Text::plain(say!(" {sentence}", sentence = note)));
    }
    text
}

/// How long lines wait, with the way to each status, and the durations of a file where one is given.
pub(super) fn times(basis: &Basis<'_>) -> Vec<Block> {
    let mut text = vec![Text::plain(say!(
        "How long lines stay in a status and take to payment, from our own snapshots: "
    ))];
    for (number, status) in WAITING.into_iter().enumerate() {
        if number > 0 {
            text.push(Text::plain(say!(", ")));
        }
        text.push(Text::link(status.words(), format!("status/{}.html#measured", status.slug())));
    }
    text.push(Text::plain(say!(".")));
    let mut blocks = vec![Block::Paragraph { text }];
    if let Some(between) = approved_to_paid(basis) {
        let n = usize::try_from(between.n).unwrap_or(usize::MAX);
        blocks.push(paragraph(say!("By metrics/approved_to_paid.csv, half of the lines are paid within {between} of approval (95% interval {interval}; {lines}, {done} of them \
             paid, the longest followed for {longest}). Lines that still wait count as waiting. This file was given; our own snapshots \
             are measured apart from it, on the page of the status Approved.", between = median_words(between), interval = interval_words(between.interval), lines = count_of(n, "line", "lines"), done = between.done, longest = days_words(between.longest))));
    }
    blocks
}
