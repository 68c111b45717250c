//! Lines: one per series through its values, broken where there is none, named at its end.

use super::layout::{Tenths, push_length, spread, width_of};
use super::{Anchor, GAP, HALF_TEXT, Plot, push_text};
use crate::render::html::push_enclosed;
use crate::report::chart::{Amount, Chart, MOST_NAMED, Series};
use crate::say;

/// Up to so many positions each value has its dot.
const DOTTED: usize = 12;
/// Between the lines of text of two names.
const APART: Tenths = 140;
/// Between the end of the plot and the names.
const LEADER: Tenths = 140;

pub(super) fn push(out: &mut String, plot: &mut Plot<'_>) {
    let chart = plot.chart;
    let names = names(plot);
    let width = names.iter().map(|(series, text)| width_of(text, is_bold(&chart.series[*series]))).max();
    plot.right -= (LEADER + width.unwrap_or(0)).max(GAP);
    let places = places(plot);
    plot.push_axis(out);
    // A short mark for each position: they need not be evenly spaced, and not all have a name.
    out.push_str("<path class=\"a-base\" d=\"");
    for x in &places {
        out.push('M');
        push_point(out, *x, plot.bottom);
        out.push_str("v4");
    }
    out.push_str("\"/>");
    for series in &chart.series {
        push_series(out, plot, &places, series);
    }
    push_ends(out, plot, &places, &names);
    plot.push_names(out, &places);
}

/// Where the positions stand: apart by their days when all of them have one and they are in order, else evenly.
pub(super) fn places(plot: &Plot<'_>) -> Vec<Tenths> {
    let positions = &plot.chart.positions;
    // Half a dot at both ends.
    let (left, right) = (plot.left + 60, plot.right - 60);
    let days: Option<Vec<Tenths>> = positions.iter().map(|p| p.days().map(Tenths::from)).collect();
    let steps = days
        .filter(|days| days.is_sorted() && days.first() != days.last())
        .unwrap_or_else(|| (0..).take(positions.len()).collect());
    let (first, last) = (steps.first().copied().unwrap_or(0), steps.last().copied().unwrap_or(0));
    if first == last {
        // A single position stands beside the names.
        return vec![right; steps.len()];
    }
    let range = last - first;
    steps.into_iter().map(|step| left + (right - left) * (step - first) / range).collect()
}

/// The series that are named at their end, with the words: the last ones when there are too many.
fn names(plot: &Plot<'_>) -> Vec<(usize, String)> {
    let chart: &Chart = plot.chart;
    let skip = chart.series.len().saturating_sub(MOST_NAMED);
    let words = |with_amount: bool| -> Vec<(usize, String)> {
        let ends = chart.series.iter().enumerate().skip(skip);
        ends.filter_map(|(number, series)| {
            let (_, value) = series.last()?;
            let amount = chart.axis.priced(value.number());
            Some((
                number,
                if with_amount { format!("{} {amount}", series.name) } else { series.name.clone() },
            ))
        })
        .collect()
    };
    let fits = |names: &[(usize, String)]| {
        names.iter().all(|(number, text)| width_of(text, is_bold(&chart.series[*number])) <= plot.size.label)
    };
    let long = words(true);
    if fits(&long) { long } else { words(false) }
}

fn is_bold(series: &Series) -> bool {
    series.fill == "ink"
}

fn push_point(out: &mut String, x: Tenths, y: Tenths) {
    push_length(out, x);
    out.push(' ');
    push_length(out, y);
}

/// A line, its dashed part apart from the rest, and its dots.
fn push_series(out: &mut String, plot: &Plot<'_>, places: &[Tenths], series: &Series) {
    let Some((last, value)) = series.last() else { return };
    let points: Vec<Option<(Tenths, Tenths)>> = series
        .values
        .iter()
        .zip(places)
        .map(|(value, x)| Some((*x, plot.y(value.map(Amount::number)?))))
        .collect();
    push_enclosed(out, "<g class=\"a-", series.fill, "\">");
    let end = &plot.chart.positions[last].name;
    super::push_title(
        out,
        &say!("{series}: {amount}, {end}", series = series.name, amount = value.in_words(), end),
    );
    for (class, is_open) in [("line open", true), ("line", false)] {
        let path = path(&points, |to| (to < series.final_from) == is_open);
        if !path.is_empty() {
            push_enclosed(out, "<path class=\"", class, "\" d=\"");
            out.push_str(&path);
            out.push_str("\"/>");
        }
    }
    for (at, point) in points.iter().enumerate() {
        let is_alone = |other: Option<usize>| other.and_then(|at| points.get(at)).is_none_or(Option::is_none);
        let is_shown = at == last
            || points.len() <= DOTTED
            || is_alone(at.checked_sub(1)) && is_alone(at.checked_add(1));
        if let Some((x, y)) = point.filter(|_| is_shown) {
            out.push_str(if at < series.final_from {
                "<circle class=\"open\" cx=\""
            } else {
                "<circle cx=\""
            });
            push_length(out, x);
            out.push_str("\" cy=\"");
            push_length(out, y);
            out.push_str("\" r=\"3\"/>");
        }
    }
    out.push_str("</g>");
}

/// The parts of a line that lead to the positions that count, as the data of a path; broken where a value is missing.
fn path(points: &[Option<(Tenths, Tenths)>], counts: impl Fn(usize) -> bool) -> String {
    let mut path = String::new();
    let mut pen = None;
    for (to, pair) in points.windows(2).enumerate().map(|(from, pair)| (from + 1, pair)) {
        let (Some(start), Some(end)) = (pair[0], pair[1]) else { continue };
        if !counts(to) {
            continue;
        }
        if pen != Some(to - 1) {
            path.push('M');
            push_point(&mut path, start.0, start.1);
        }
        path.push('L');
        push_point(&mut path, end.0, end.1);
        pen = Some(to);
    }
    path
}

/// The names at the ends, kept apart; a thin line leads to one that does not stand beside its end.
fn push_ends(out: &mut String, plot: &Plot<'_>, places: &[Tenths], names: &[(usize, String)]) {
    let ends: Vec<(Tenths, Tenths)> = names
        .iter()
        .filter_map(|(number, _)| plot.chart.series[*number].last())
        .map(|(at, value)| (places[at], plot.y(value.number())))
        .collect();
    let wanted: Vec<Tenths> = ends.iter().map(|(_, y)| *y).collect();
    let heights = spread(&wanted, APART, plot.top - 100, plot.bottom);
    for (((number, text), (x, y)), height) in names.iter().zip(&ends).zip(&heights) {
        let from = x + 60;
        let to = plot.right + LEADER - 40;
        if (height - y).abs() > 30 || to - from > LEADER {
            out.push_str("<path class=\"a-lead\" d=\"M");
            push_point(out, from, *y);
            if to - from > LEADER {
                out.push('H');
                push_length(out, plot.right);
            }
            out.push('L');
            push_point(out, to, *height);
            out.push_str("\"/>");
        }
        let is_bold = is_bold(&plot.chart.series[*number]);
        push_text(out, plot.right + LEADER, height + HALF_TEXT, Anchor::Start, is_bold, text);
    }
}
