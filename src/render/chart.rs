//! A chart as markup: inline SVG, drawn once for a wide screen and once for a phone so that its text keeps its size, and
//! the same figures as a table below it.
//!
//! Colors come from classes and all geometry from whole numbers: a length is counted in tenths of a pixel. What is not
//! final is hatched (bars) or dashed (lines). The pattern of the hatching has an id of its own in each drawing, because
//! a drawing that is not shown lends its patterns to no other.

mod bars;
mod layout;
mod lines;

use super::html::{push_enclosed, push_escaped, push_values};
use super::table::push_table;
use crate::report::chart::{Chart, MOST_NAMED, Position, Shape};
use crate::say;
use layout::{Tenths, push_length, thinned, width_of};

/// Writes a chart and its table, or the sentence that stands for one without figures. `root` is the way from the page to
/// the root.
pub(super) fn push_chart(out: &mut String, chart: &Chart, root: &str) {
    if chart.is_empty() {
        push_enclosed(out, "<p class=\"empty muted\" id=\"", &chart.id, "\">");
        push_enclosed(out, "", &chart.empty, "</p>");
        return;
    }
    push_enclosed(out, "<div class=\"fig\"><figure id=\"", &chart.id, "\"><figcaption>");
    push_enclosed(out, "<span>", &chart.caption, "</span>");
    push_key(out, chart);
    out.push_str("</figcaption>");
    push_picture(out, chart, &WIDE);
    push_picture(out, chart, &NARROW);
    let summary = say!("Show these figures as a table");
    push_enclosed(out, "</figure></div><details class=\"figures\"><summary>", summary, "</summary>");
    push_table(out, &chart.table, root);
    out.push_str("</details>");
}

/// The size of a drawing, in pixels, and what tells it from the other.
struct Size {
    /// Class of the drawing and mark of its ids.
    name: &'static str,
    width: Tenths,
    height: Tenths,
    /// The longest name beside the end of a line, with its amount or alone.
    label: Tenths,
}

const WIDE: Size = Size { name: "w", width: 6400, height: 2400, label: 1900 };
const NARROW: Size = Size { name: "n", width: 3400, height: 2300, label: 1200 };

/// Room above the plot, for the label of the highest bar.
const TOP: Tenths = 220;
/// Room below it, for two lines of text.
const BOTTOM: Tenths = 360;
/// Between a text and what it names.
const GAP: Tenths = 80;
/// Half the height of a figure of the text, which is 12 px high.
const HALF_TEXT: Tenths = 40;

/// Where things are drawn.
struct Plot<'a> {
    chart: &'a Chart,
    size: &'a Size,
    left: Tenths,
    right: Tenths,
    top: Tenths,
    bottom: Tenths,
}

impl Plot<'_> {
    /// The height at which a number stands.
    fn y(&self, number: i128) -> Tenths {
        let axis = &self.chart.axis;
        let range = axis.high - axis.low;
        if range == 0 {
            return self.bottom;
        }
        let height = i128::from(self.bottom - self.top);
        let above = ((number - axis.low) * height + range / 2).div_euclid(range);
        self.bottom - Tenths::try_from(above).unwrap_or(0)
    }

    /// The id of the pattern of this drawing.
    fn pattern(&self) -> String {
        format!("{}-{}", self.chart.id, self.size.name)
    }

    /// Baseline and grid lines, with their labels.
    fn push_axis(&self, out: &mut String) {
        for tick in &self.chart.axis.ticks {
            let y = self.y(tick.value);
            out.push_str(if tick.value == 0 {
                "<path class=\"a-base\" d=\"M"
            } else {
                "<path class=\"a-line\" d=\"M"
            });
            push_length(out, self.left);
            out.push(' ');
            push_length(out, y);
            out.push('H');
            push_length(out, self.right);
            out.push_str("\"/>");
            push_text(out, self.left - GAP, y + HALF_TEXT, Anchor::End, false, &tick.label);
        }
    }

    /// The names of the positions, as many as fit, each below its place. The last one is among them and stands out.
    fn push_names(&self, out: &mut String, places: &[Tenths]) {
        for name in thinned(&self.chart.positions, places, self.size.width) {
            let Position { label, group, .. } = &self.chart.positions[name.position];
            let is_last = name.position + 1 == places.len();
            push_text(out, name.middle, self.bottom + 160, Anchor::Middle, is_last, label);
            if name.has_group {
                push_text(out, name.middle, self.bottom + 310, Anchor::Middle, false, group);
            }
        }
    }
}

fn push_picture(out: &mut String, chart: &Chart, size: &Size) {
    let ticks = chart.axis.ticks.iter().map(|tick| width_of(&tick.label, false)).max().unwrap_or(0);
    // Nothing but zeros needs no height.
    let is_flat = chart.axis.low == chart.axis.high;
    let height = if is_flat { TOP + BOTTOM } else { size.height };
    let mut plot =
        Plot { chart, size, left: ticks + GAP, right: size.width, top: TOP, bottom: height - BOTTOM };
    push_enclosed(out, "<svg class=\"chart chart-", size.name, "\" viewBox=\"0 0 ");
    push_length(out, size.width);
    out.push(' ');
    push_length(out, height);
    push_enclosed(out, "\" role=\"img\" aria-label=\"", &chart.label, "\">");
    if has_open_bar(chart) {
        push_pattern(out, &plot.pattern());
    }
    match chart.shape {
        Shape::Stacked => bars::push(out, &mut plot),
        Shape::Lines => lines::push(out, &mut plot),
    }
    out.push_str("</svg>");
}

/// Whether a bar is hatched.
fn has_open_bar(chart: &Chart) -> bool {
    chart.shape == Shape::Stacked && chart.positions.iter().any(|p| p.open.is_some())
}

fn push_pattern(out: &mut String, id: &str) {
    push_enclosed(out, "<pattern id=\"", id, "\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" ");
    out.push_str("patternTransform=\"rotate(45)\"><path class=\"a-hatch\" d=\"M0 3h6\"/></pattern>");
}

/// What the colors and marks mean, behind the caption: only what has no label of its own in the picture.
fn push_key(out: &mut String, chart: &Chart) {
    let item = |out: &mut String, picture: &str, words: &str| {
        out.push_str(" <span class=\"nw\"><svg width=\"10\" height=\"10\" aria-hidden=\"true\">");
        out.push_str(picture);
        push_enclosed(out, "</svg> ", words, "</span>");
    };
    match chart.shape {
        Shape::Stacked => {
            if chart.series.len() > 1 {
                for series in &chart.series {
                    let mut square = String::new();
                    push_enclosed(&mut square, "<rect class=\"a-", series.fill, "\" ");
                    square.push_str("width=\"10\" height=\"10\"/>");
                    item(out, &square, &series.name);
                }
            }
            if let Some(why) = chart.positions.iter().find_map(|p| p.open) {
                let id = format!("{}-k", chart.id);
                let mut square = String::new();
                push_pattern(&mut square, &id);
                square.push_str("<rect class=\"a-elig\" width=\"10\" height=\"10\"/>");
                push_enclosed(&mut square, "<rect fill=\"url(#", &id, ")\" width=\"10\" height=\"10\"/>");
                item(out, &square, &say!("hatched: {why}", why));
            }
            if (0..chart.positions.len()).any(|at| chart.is_mixed(at)) {
                item(out, "<path class=\"a-total\" d=\"M0 5h10\"/>", say!("total"));
            }
        }
        Shape::Lines => {
            let has_open = |final_from: usize, last: usize| final_from > 0 && last > 0 || final_from > last;
            let is_open =
                chart.series.iter().any(|s| s.last().is_some_and(|(at, _)| has_open(s.final_from, at)));
            if is_open {
                item(out, "<path class=\"line open a-quiet\" d=\"M0 5h10\"/>", say!("dashed: not final"));
            }
            if chart.series.len() > MOST_NAMED {
                push_enclosed(out, " <span>", say!("Lines without a name are in the table."), "</span>");
            }
        }
    }
}

/// Words that a pointer brings up. They can hold no markup, so their amounts stand in an attribute.
fn push_title(out: &mut String, words: &str) {
    out.push_str("<title");
    push_values(out, words);
    push_enclosed(out, ">", words, "</title>");
}

/// To which side of its place a text stands.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

fn push_text(out: &mut String, x: Tenths, y: Tenths, anchor: Anchor, bold: bool, text: &str) {
    out.push_str(if bold { "<text class=\"b\" x=\"" } else { "<text x=\"" });
    push_length(out, x);
    out.push_str("\" y=\"");
    push_length(out, y);
    out.push_str(match anchor {
        Anchor::Start => "\"",
        Anchor::Middle => "\" text-anchor=\"middle\"",
        Anchor::End => "\" text-anchor=\"end\"",
    });
    push_values(out, text);
    out.push('>');
    push_escaped(out, text);
    out.push_str("</text>");
}

#[cfg(test)]
mod tests;
