//! Bars: one per position, stacked from the baseline up in the reverse order of the series, so that the first one is on
//! top. What is below zero hangs from the baseline.

use super::layout::{Tenths, push_length, width_of};
use super::{Anchor, GAP, HALF_TEXT, Plot, push_text};
use crate::render::html::push_enclosed;
use crate::report::chart::Amount;
use crate::say;

/// The widest band of a bar with the white space on its sides, and the widest bar: few bars stand side by side, and the
/// baseline ends with them.
const WIDEST: Tenths = 1500;
const WIDEST_BAR: Tenths = 640;
/// A narrower bar has no lines between its pieces: they would take away most of them.
const NARROW_BAR: Tenths = 50;

/// A piece of a bar.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) series: usize,
    pub(super) top: Tenths,
    pub(super) height: Tenths,
}

/// The pieces of a bar, from the baseline outward. Each starts where the one before it ends, so that their heights add
/// up to that of the bar.
pub(super) fn pieces(plot: &Plot<'_>, position: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut above, mut below) = (0, 0);
    for (number, series) in plot.chart.series.iter().enumerate().rev() {
        let Some(value) = series.values[position].map(Amount::number) else { continue };
        let side = if value < 0 { &mut below } else { &mut above };
        let from = plot.y(*side);
        *side += value;
        let to = plot.y(*side);
        if from != to {
            pieces.push(Piece { series: number, top: from.min(to), height: (from - to).abs() });
        }
    }
    pieces
}

pub(super) fn push(out: &mut String, plot: &mut Plot<'_>) {
    let chart = plot.chart;
    let count = chart.positions.len();
    let is_last = |at: usize| at + 1 == count;
    let totals: Vec<Option<Amount>> = (0..count).map(|at| chart.total(at)).collect();
    let text = |total: Amount| chart.axis.short(total.number());
    let widths = totals.iter().enumerate().filter_map(|(at, t)| Some(width_of(&text((*t)?), is_last(at))));
    // Every bar has its total above it, or else only the last one, beside it.
    let is_beside = widths.max().unwrap_or(0) + GAP / 2 > band(plot, count);
    if is_beside && let Some(Some(total)) = totals.last() {
        plot.right -= width_of(&text(*total), true) + GAP / 2;
    }
    let band = band(plot, count);
    plot.right = plot.right.min(plot.left + WIDEST * Tenths::try_from(count).unwrap_or(Tenths::MAX / WIDEST));
    let width = (band * 68 / 100).clamp(10, WIDEST_BAR);
    let start = |at: usize| plot.left + place(plot, count, at) + (band - width) / 2;

    plot.push_axis(out);
    let zero = plot.y(0);
    for (at, total) in totals.iter().enumerate() {
        let Some(total) = *total else { continue };
        let pieces = pieces(plot, at);
        let top = pieces.iter().map(|p| p.top).min().unwrap_or(zero);
        let bottom = pieces.iter().map(|p| p.top + p.height).max().unwrap_or(zero);
        let bar = Bar { at, total, x: start(at), width, top, bottom };
        bar.push(out, plot, &pieces);
        let (words, bold) = (text(total), is_last(at));
        if !is_beside {
            let hangs = total.number() < 0 && top == zero;
            let y = if hangs { bottom + 140 } else { top - 50 };
            push_text(out, bar.x + width / 2, y, Anchor::Middle, bold, &words);
        } else if bold {
            let y = plot.y(total.number()) + HALF_TEXT;
            push_text(out, bar.x + width + GAP / 2, y, Anchor::Start, bold, &words);
        }
    }
    let places: Vec<Tenths> = (0..count).map(|at| start(at) + width / 2).collect();
    plot.push_names(out, &places);
}

/// A bar and where it stands.
struct Bar {
    at: usize,
    total: Amount,
    x: Tenths,
    width: Tenths,
    top: Tenths,
    bottom: Tenths,
}

impl Bar {
    fn push(&self, out: &mut String, plot: &Plot<'_>, pieces: &[Piece]) {
        let chart = plot.chart;
        out.push_str("<g>");
        push_title(out, plot, self.at, self.total);
        for piece in pieces {
            push_enclosed(out, "<rect class=\"a-", chart.series[piece.series].fill, "\"");
            push_box(out, self.x, piece.top, self.width, piece.height);
        }
        // Thin lines of the color of the page between the pieces: colors alone do not keep them apart.
        let zero = plot.y(0);
        let inner = pieces.iter().map(|p| if p.top < zero { p.top + p.height } else { p.top });
        let inner: Vec<Tenths> = inner.filter(|y| *y != zero).collect();
        if !inner.is_empty() && self.width >= NARROW_BAR {
            out.push_str("<path class=\"a-gap\" d=\"");
            inner.into_iter().for_each(|y| push_stroke(out, self.x, y, self.width));
            out.push_str("\"/>");
        }
        if chart.positions[self.at].open.is_some() && self.bottom > self.top {
            push_enclosed(out, "<rect fill=\"url(#", &plot.pattern(), ")\"");
            push_box(out, self.x, self.top, self.width, self.bottom - self.top);
        }
        if chart.is_mixed(self.at) {
            out.push_str("<path class=\"a-total\" d=\"");
            push_stroke(out, self.x - 20, plot.y(self.total.number()), self.width + 40);
            out.push_str("\"/>");
        }
        out.push_str("</g>");
    }
}

/// How much width a bar has with the white space on its sides.
fn band(plot: &Plot<'_>, count: usize) -> Tenths {
    ((plot.right - plot.left) / Tenths::try_from(count).unwrap_or(Tenths::MAX)).min(WIDEST)
}

/// Where the band of a bar begins, from the left end of the plot: all bands together are as wide as it, to the tenth.
fn place(plot: &Plot<'_>, count: usize, at: usize) -> Tenths {
    let (count, at) = (Tenths::try_from(count).unwrap_or(1), Tenths::try_from(at).unwrap_or(0));
    (plot.right - plot.left) * at / count
}

/// A horizontal line, as the data of a path.
fn push_stroke(out: &mut String, x: Tenths, y: Tenths, width: Tenths) {
    out.push('M');
    push_length(out, x);
    out.push(' ');
    push_length(out, y);
    out.push('h');
    push_length(out, width);
}

fn push_box(out: &mut String, x: Tenths, y: Tenths, width: Tenths, height: Tenths) {
    for (name, length) in [(" x=\"", x), (" y=\"", y), (" width=\"", width), (" height=\"", height)] {
        out.push_str(name);
        push_length(out, length);
        out.push('"');
    }
    out.push_str("/>");
}

/// The figures of a bar, for who points at it: all of them are in the table too.
fn push_title(out: &mut String, plot: &Plot<'_>, at: usize, total: Amount) {
    let chart = plot.chart;
    let position = &chart.positions[at];
    let mut words = position.name.clone();
    if let Some(why) = position.open {
        words.push_str(say!(", "));
        words.push_str(why);
    }
    words.push_str(say!(": "));
    if chart.series.len() > 1 {
        for series in &chart.series {
            if let Some(value) = series.values[at] {
                words.push_str(&series.name);
                words.push(' ');
                words.push_str(&value.in_words());
                words.push_str(say!("; "));
            }
        }
        words.push_str(say!("total "));
    }
    words.push_str(&total.in_words());
    super::push_title(out, &words);
}
