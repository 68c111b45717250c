//! M1 on the page: tickets for each hundred active lines.

use super::figure::{Figure, Metric, Value, tickets, trend_table};
use super::{Part, formula, not_measurable};
use crate::language::label;
use crate::metrics::inquiries::{Rate, Reduction, measure};
use crate::metrics::{Basis, Ratio};
use crate::model::time::date_in_words;
use crate::report::Report;
use crate::report::lists::count_of;
use crate::report::page::{Block, Text};
use crate::report::words::paragraph;
use crate::{mark, say};

const METRIC: Metric = Metric::Inquiries;
const FORMULA: &str = mark!(
    "Tickets opened in a month / lines active at its end × 100. Active is a line that is there and neither Paid nor Rejected. \
     Reduction: 1 − (newest full month / all full months before go-live together). A question by e-mail counts only where it \
     became a ticket. The interval of a month is that of a Poisson count, of the reduction the exact one of two such counts."
);

pub(super) fn part(report: &Report<'_>, basis: &Basis<'_>) -> Part {
    let mut part = Part { metric: METRIC, figures: Vec::new(), blocks: Vec::new() };
    let found = match measure(basis) {
        Ok(found) => found,
        Err(needs) => {
            let figure = Figure::new(METRIC, say!("Reduction of tickets per 100 active lines"), "");
            part.figures.push(figure.noting(not_measurable(&needs)).headline());
            part.blocks = vec![paragraph(not_measurable(&needs)), formula(label(FORMULA))];
            return part;
        }
    };
    let source = found.source.in_words();
    let change = Figure::new(METRIC, say!("Reduction of tickets per 100 active lines"), source);
    match &found.reduction {
        Ok(reduction) => {
            let mut note =
                if reduction.is_beyond_chance() { String::new() } else { label(PROVES_NOTHING).to_owned() };
            if let Some(days) = basis.ticket_days().filter(|days| days.to < reduction.now.span.to) {
                let last = date_in_words(days.to);
                let open = say!(
                    "The last day that the tickets tell of is {last}: the month may not be complete.",
                    last
                );
                note = if note.is_empty() {
                    open.clone()
                } else {
                    say!("{first} {then}", first = open, then = note)
                };
                part.blocks.push(paragraph(open));
            }
            let value = Value::percent(reduction.reduction, 1).between(
                reduction.from,
                Some(reduction.to),
                |end| end.percent_in_words(1),
                1,
            );
            let words = say!(
                "{now} now, {before} before go-live",
                now = rests_on(reduction.now),
                before = rests_on(reduction.before)
            );
            let figure = change.of_span(reduction.now.span).valued(value).noting(note);
            let figure = figure.resting_on(reduction.now.tickets, reduction.now.lines, words);
            part.figures.push(figure.headline());
            let before = rate(say!("Tickets per 100 active lines before go-live"), reduction.before, source);
            part.figures.push(before);
            part.blocks.push(Block::Paragraph { text: sentence(reduction) });
        }
        Err(needs) => {
            part.figures.push(change.noting(not_measurable(needs)).headline());
            part.blocks.push(paragraph(say!("Reduction: {needs}", needs = lower(&not_measurable(needs)))));
        }
    }
    let months: Vec<Figure> = found
        .months
        .iter()
        .map(|(of, is_over)| {
            let figure = rate(say!("Tickets per 100 active lines"), *of, source);
            if *is_over { figure } else { figure.noting(say!("The month goes on.")) }
        })
        .collect();
    part.blocks.push(Block::Table(trend_table(
        "m1-list",
        say!("Tickets per 100 active lines, by month."),
        &months,
    )));
    part.figures.extend(months);
    if !found.without_lines.is_empty() {
        let months: Vec<String> = found.without_lines.iter().map(|month| month.in_words()).collect();
        part.blocks.push(paragraph(say!(
            "Left out, because the number of active lines is not known: {months}.",
            months = months.join(say!(", "))
        )));
    }
    part.blocks.push(paragraph(say!(
        "Active lines are those of {source}.{else_}",
        source,
        else_ = if report.sources.metrics.active.is_some() {
            say!(" A file that is given comes before our own snapshots.")
        } else {
            ""
        }
    )));
    part.blocks.push(formula(label(FORMULA)));
    part
}

/// What is said where chance alone may explain a figure.
pub(super) const PROVES_NOTHING: &str =
    mark!("The interval holds “as before”, so the difference proves nothing.");

/// A sentence as a part of another.
pub(super) fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn rate(measure: &str, of: Rate, source: &'static str) -> Figure {
    let figure = Figure::new(METRIC, measure, source).of_span(of.span);
    let figure = figure.resting_on(of.tickets, of.lines, rests_on(of));
    match of.ratio() {
        Some(ratio) => figure.valued(Value::per_hundred(ratio, of.interval())),
        None => figure,
    }
}

/// `3 tickets for 450 active lines`.
fn rests_on(of: Rate) -> String {
    let lines = usize::try_from(of.lines).unwrap_or(usize::MAX);
    say!(
        "{tickets} for {lines}",
        tickets = tickets(of.tickets),
        lines = count_of(lines, "active line", "active lines")
    )
}

fn sentence(reduction: &Reduction) -> Vec<Text> {
    let each = |of: Rate| of.ratio().map_or_else(String::new, Ratio::per_hundred);
    let upper = change(reduction.to);
    let interval = match reduction.from {
        Some(from) => say!("from {from} to {upper}", from = change(from), upper),
        None => say!("{upper} at most, and no end the other way", upper),
    };
    let mut text = vec![
        Text::plain(say!(
            "In {span}: {now}, which is ",
            span = reduction.now.span.in_words(),
            now = rests_on(reduction.now)
        )),
        Text::strong(say!("{now} per 100", now = each(reduction.now))),
        Text::plain(say!(
            ". Before go-live ({span}): {before}, {rate} per 100. That is ",
            span = reduction.before.span.in_words(),
            before = rests_on(reduction.before),
            rate = each(reduction.before)
        )),
        Text::strong(change(reduction.reduction)),
        Text::plain(say!("; 95% interval: {interval}.", interval)),
    ];
    if !reduction.is_beyond_chance() {
        text.push(Text::plain(say!(" {sentence}", sentence = label(PROVES_NOTHING))));
    }
    text
}

/// `31.7% fewer`, `184.7% more`.
fn change(reduction: Ratio) -> String {
    let percent = reduction.percent(1);
    match percent.strip_prefix('-') {
        Some(more) => say!("{more}% more", more),
        None => say!("{percent}% fewer", percent),
    }
}
