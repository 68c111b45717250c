//! M3 on the page: escalated tickets, and what comes back after it was resolved.

use super::figure::{Figure, Metric, Value, of_tickets, trend_table};
use super::inquiries::lower;
use super::{Part, formula, not_measurable};
use crate::language::label;
use crate::metrics::recurrence::{self, Recurrence, WITHIN};
use crate::metrics::{Basis, Share, Source};
use crate::report::lists::count_of;
use crate::report::page::{Block, Text};
use crate::report::words::paragraph;
use crate::{mark, say};

const METRIC: Metric = Metric::Recurrence;
const FORMULA: &str = mark!(
    "Escalation: tickets that were escalated / tickets opened in the same days. Recurrence: what was resolved and came back within \
     90 days / what was resolved; one thing is a code with its root (an account, a SKU, a rule, a source). Tickets say it where \
     they name code and root, else our own cases do: resolved is what the next snapshot shows no more. The intervals are those of \
     Clopper and Pearson."
);
const ESCALATED: &str = mark!("Tickets that are escalated");
const RECURRED: &str = mark!("Resolved and back within 90 days");
const TICKETS_FILE: &str = "metrics/tickets.csv";

pub(super) fn part(basis: &Basis<'_>) -> Part {
    let mut part = Part { metric: METRIC, figures: Vec::new(), blocks: Vec::new() };
    escalation(basis, &mut part);
    match recurrence::recurrence(basis) {
        Ok(found) => came_back(&found, &mut part),
        Err(needs) => {
            part.figures
                .push(Figure::new(METRIC, label(RECURRED), "").noting(not_measurable(&needs)).headline());
            part.blocks.push(paragraph(say!("Recurrence: {needs}", needs = lower(&not_measurable(&needs)))));
        }
    }
    part.blocks.push(formula(label(FORMULA)));
    part
}

fn escalation(basis: &Basis<'_>, part: &mut Part) {
    let found = match recurrence::escalation(basis) {
        Ok(found) => found,
        Err(needs) => {
            part.figures
                .push(Figure::new(METRIC, label(ESCALATED), "").noting(not_measurable(&needs)).headline());
            part.blocks.push(paragraph(say!("Escalation: {needs}", needs = lower(&not_measurable(&needs)))));
            return;
        }
    };
    let figure = |measure: &str, of: &recurrence::Part| {
        let figure =
            Figure::new(METRIC, measure, TICKETS_FILE).of_span(of.span).valued(Value::share(of.share));
        figure.resting_on(of.share.counted, of.share.of, of_tickets(of.share))
    };
    let since = if basis.given.go_live.is_some() { say!(", since go-live") } else { "" };
    let measure = format!("{}{since}", label(ESCALATED));
    let mut text = Vec::new();
    match &found.now {
        Ok(now) => {
            let is_open = found.before.as_ref().is_ok_and(|before| !now.share.is_apart_from(before.share));
            let note = if is_open { label(APART) } else { "" };
            part.figures.push(figure(&measure, now).noting(note).headline());
            text.push(Text::plain(say!(
                "Escalated of the tickets opened{trim_start_matches} ({span}): ",
                trim_start_matches = since.trim_start_matches(','),
                span = now.span.in_words()
            )));
            text.push(Text::strong(of_tickets(now.share)));
            text.push(Text::plain(say!(", {share}.", share = with_interval(now.share))));
        }
        Err(needs) => {
            part.figures
                .push(Figure::new(METRIC, measure, TICKETS_FILE).noting(not_measurable(needs)).headline());
            text.push(Text::plain(say!("Since go-live: {needs}", needs = lower(&not_measurable(needs)))));
        }
    }
    match &found.before {
        Ok(before) => {
            part.figures.push(figure(say!("Tickets that are escalated, before go-live"), before));
            text.push(Text::plain(say!(
                " Before ({span}): {counts}, {share}.",
                span = before.span.in_words(),
                counts = of_tickets(before.share),
                share = with_interval(before.share)
            )));
            if found.now.as_ref().is_ok_and(|now| !now.share.is_apart_from(before.share)) {
                text.push(Text::plain(say!(" {sentence}", sentence = label(APART))));
            }
        }
        Err(needs) => {
            text.push(Text::plain(say!(" Before go-live: {needs}", needs = lower(&not_measurable(needs)))))
        }
    }
    if found.unknown > 0 {
        text.push(Text::plain(say!(
            " Of {unknown} nobody said whether they were.",
            unknown = count_of(found.unknown, "ticket", "tickets")
        )));
    }
    part.blocks.push(Block::Paragraph { text });
    let months: Vec<Figure> = found.months.iter().map(|of| figure(label(ESCALATED), of)).collect();
    let caption = say!("Share of tickets that were escalated, by the month in which they were opened.");
    part.blocks.push(Block::Table(trend_table("m3-list", caption, &months)));
    part.figures.extend(months);
}

/// What is said where two intervals have a share in common.
const APART: &str = mark!("The two intervals overlap, so the difference proves nothing.");

/// `20.0% (95% interval 0.6% to 71.6%)`.
pub(super) fn with_interval(share: Share) -> String {
    let (from, to) = share.ends();
    say!(
        "{share} (95% interval {low} to {high})",
        share = share.ratio().percent_in_words(1),
        low = from.percent_in_words(1),
        high = to.percent_in_words(1)
    )
}

fn came_back(found: &Recurrence, part: &mut Part) {
    let source = found.source.in_words();
    let resolved =
        |share: Share| say!("{counted} of {all} resolved", counted = share.counted, all = share.of);
    let figure = |measure: String, share: Share| {
        let figure = Figure::new(METRIC, measure, source).of_span(found.span).valued(Value::share(share));
        figure.resting_on(share.counted, share.of, resolved(share))
    };
    let young = found.all.of - found.mature.map_or(0, |mature| mature.share.of);
    let note = match young {
        0 => String::new(),
        n => say!(
            "{count} of them were resolved less than {WITHIN} days ago, so the share can still rise.",
            count = n,
            WITHIN
        ),
    };
    part.figures.push(figure(label(RECURRED).to_owned(), found.all).noting(note.clone()).headline());
    let what = match found.source {
        Source::Given(_) => say!("Of the roots that closed tickets name, "),
        Source::Own => say!("Of the roots of discrepancies that a snapshot shows no more, "),
    };
    let mut text = vec![
        Text::plain(what),
        Text::strong(say!("{counted} of {all}", counted = found.all.counted, all = found.all.of)),
        Text::plain(say!(" came back within {WITHIN} days: {all}.", WITHIN, all = with_interval(found.all))),
    ];
    if !note.is_empty() {
        text.push(Text::plain(say!(" {sentence}", sentence = note)));
    }
    let old = say!("{what}, of those resolved at least {WITHIN} days ago", what = label(RECURRED), WITHIN);
    match found.mature {
        Some(mature) => {
            text.push(Text::plain(say!(
                " Of those that were resolved longer ago: {counted} of {all}, {share}.",
                counted = mature.share.counted,
                all = mature.share.of,
                share = with_interval(mature.share)
            )));
            part.figures.push(figure(old, mature.share).of_span(mature.span));
        }
        None => {
            let needs =
                say!("Not measurable: needs something that was resolved at least {WITHIN} days ago.", WITHIN);
            part.figures.push(Figure::new(METRIC, old, source).noting(needs));
        }
    }
    if found.without_root > 0 {
        text.push(Text::plain(say!(
            " {without_root} without code or root left out.",
            without_root = count_of(found.without_root, "closed ticket is", "closed tickets are")
        )));
    }
    part.blocks.push(Block::Paragraph { text });
    let months: Vec<Figure> =
        found.months.iter().map(|of| figure(label(RECURRED).to_owned(), of.share).of_span(of.span)).collect();
    let caption = say!(
        "Share of what was resolved that came back within 90 days, by the month in which it was resolved."
    );
    part.blocks.push(Block::Table(trend_table("m3-back", caption, &months)));
    part.figures.extend(months);
}
