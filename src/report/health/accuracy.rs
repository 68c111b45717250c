//! M5 on the page: how far snapshots were from the final totals, and whether every change between them is explained.

use super::figure::{Figure, Metric, Value};
use super::{Part, formula, not_measurable};
use crate::language::label;
use crate::metrics::accuracy::{Accuracy, measure};
use crate::metrics::{Basis, Span};
use crate::model::money::grouped;
use crate::report::Report;
use crate::report::lists::count_of;
use crate::report::page::{Block, Text};
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::words::paragraph;
use crate::{mark, say};

const METRIC: Metric = Metric::Accuracy;
const FORMULA: &str = mark!(
    "For what a snapshot showed so many days before a period was final, V, and what it came to, F, per currency and never across: \
     WAPE = sum of |V − F| / sum of |F|; bias = sum of (V − F) / sum of F, below zero where snapshots show less than what comes. \
     F is the total of the snapshot that a period was closed with, else of the first one on or after the vendor's final date; V \
     that of the newest snapshot so many days earlier, or up to a week more. All programs and periods are counted, so there is no interval of chance; \
     the smallest and the largest single error stand in its place."
);

pub(super) fn part(report: &Report<'_>, basis: &Basis<'_>) -> Part {
    let mut part = Part { metric: METRIC, figures: Vec::new(), blocks: Vec::new() };
    let found = measure(basis);
    let source = found.source.in_words();
    match &found.accuracy {
        Ok(all) => {
            for of in all {
                part.figures.extend(figures(of, source));
            }
            part.blocks.push(Block::Paragraph { text: sentence(all) });
            part.blocks.push(Block::Table(table(all)));
            let first = if report.sources.metrics.finals.is_some() {
                say!(" A file that is given comes before our own snapshots.")
            } else {
                ""
            };
            part.blocks.push(paragraph(say!("The totals are those of {source}.{first}", source, first)));
        }
        Err(needs) => {
            let figure = Figure::new(METRIC, say!("Snapshots against final totals (WAPE)"), "");
            part.figures.push(figure.noting(not_measurable(needs)).headline());
            part.blocks.push(paragraph(not_measurable(needs)));
        }
    }
    let unexplained = Figure::new(
        METRIC,
        say!("Amounts between snapshots that nothing explains"),
        say!("our own snapshots"),
    );
    let pairs = count_of(found.pairs, "pair of neighboring snapshots", "pairs of neighboring snapshots");
    if found.pairs == 0 {
        let needs = say!("Not measurable: needs a second snapshot.");
        part.figures.push(unexplained.noting(needs).headline());
        part.blocks.push(paragraph(say!("Consistency: {needs}", needs)));
    } else {
        let rests = say!("{changes}, {pairs}", changes = count_of(found.changes, "change", "changes"), pairs);
        let figure = unexplained.valued(Value::count(found.unexplained));
        part.figures
            .push(figure.resting_on(found.unexplained as u64, found.changes as u64, rests).headline());
        let n = if found.unexplained == 0 {
            say!("None").to_owned()
        } else {
            grouped(&found.unexplained.to_string())
        };
        part.blocks.push(Block::Paragraph {
            text: vec![
                Text::strong(n),
                Text::plain(say!(" of the totals in {pairs} changed without an explanation: {changes} each have a class, and nothing is left over. ", pairs, changes = count_of(found.changes, "difference of a line", "differences of lines"))),
                Text::link(say!("What changed between snapshots"), "changes/index.html"),
                Text::plain(say!(".")),
            ],
        });
    }
    part.blocks.push(Block::Paragraph {
        text: vec![
            Text::plain(say!("How payment dates that were shown came true: ")),
            Text::link(say!("Payment dates that were shown"), "health.html#dates"),
            Text::plain(say!(".")),
        ],
    });
    part.blocks.push(formula(label(FORMULA)));
    part
}

fn periods(of: &Accuracy) -> Span {
    Span { from: of.periods.0.first_day(), to: of.periods.1.period().last_day() }
}

fn rests_on(of: &Accuracy) -> String {
    count_of(of.n, "program and period", "programs and periods")
}

fn figures(of: &Accuracy, source: &'static str) -> [Figure; 2] {
    let figure = |measure: &str| {
        let measure = say!(
            "{measure}, {span} before, {currency}",
            measure,
            span = days(of),
            currency = of.last.currency().code()
        );
        let figure = Figure::new(METRIC, measure, source).of_span(periods(of));
        Figure {
            of: of.last.to_string(),
            currency: Some(of.last.currency()),
            rests_on: rests_on(of),
            ..figure
        }
    };
    let value = |ratio| Value::percent(ratio, 2);
    let range = of.range.map_or_else(String::new, |(low, high)| {
        say!(
            "Single errors from {smallest} to {largest}.",
            smallest = low.percent_in_words(2),
            largest = high.percent_in_words(2)
        )
    });
    let wape = Figure {
        counted: of.off.to_string(),
        value: of.wape.map(value),
        ..figure(say!("Snapshots against final totals (WAPE)"))
    };
    let bias = Figure {
        counted: of.lean.to_string(),
        value: of.bias.map(value),
        ..figure(say!("Bias of snapshots"))
    };
    [wape.noting(range).headline(), bias]
}

fn days(of: &Accuracy) -> String {
    crate::report::times::days_words(of.horizon)
}

fn sentence(all: &[Accuracy]) -> Vec<Text> {
    let mut text = Vec::new();
    for of in all {
        let percent = of
            .wape
            .map_or(say!("not known, because it came to nothing").to_owned(), |r| r.percent_in_words(2));
        text.push(Text::plain(say!(
            "{span} before a period was final, snapshots in {currency} were off by ",
            span = days(of),
            currency = of.last.currency().code()
        )));
        text.push(Text::strong(percent));
        text.push(Text::plain(say!(
            " of what it came to, over {periods}; bias {bias}. ",
            periods = rests_on(of),
            bias = of.bias.map_or(say!("not known").to_owned(), |r| r.percent_in_words(2))
        )));
    }
    text
}

fn table(all: &[Accuracy]) -> Table {
    let mut table = Table {
        id: "m5-list".to_owned(),
        caption: say!("What snapshots showed against what it came to, by currency and days before. Difference: each without its sign.")
            .to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Currency"),
            Column::text("Days before"),
            Column::money("Difference", "final-difference"),
            Column::money("With sign", "final-bias"),
            Column::money("Final totals", "final-total"),
            Column::text("WAPE"),
            Column::text("Bias"),
            Column::text("Single errors"),
            Column::text("Rests on"),
            Column::text("Periods"),
        ],
        ..Table::default()
    };
    for of in all {
        let percent = |ratio: Option<crate::metrics::Ratio>| match ratio {
            Some(ratio) => Cell::text(ratio.percent_in_words(2)),
            None => Cell { none: Some(say!("not measurable")), ..Cell::default() },
        };
        let range = of.range.map_or_else(String::new, |(low, high)| {
            say!("{low} to {high}", low = low.percent_in_words(2), high = high.percent_in_words(2))
        });
        table.rows.push(Row {
            cells: vec![
                Cell::text(of.last.currency().code()),
                Cell::text(of.horizon.to_string()),
                Cell::money(of.off),
                Cell::change(of.lean),
                Cell::money(of.last),
                percent(of.wape),
                percent(of.bias),
                Cell::text(range),
                Cell::text(rests_on(of)),
                Cell::text(periods(of).in_words()),
            ],
            ..Row::default()
        });
    }
    table
}
