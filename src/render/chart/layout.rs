//! Room for text: how wide it is, which names fit side by side, and how labels beside each other keep apart.

use std::fmt::Write;

use crate::report::chart::Position;

/// A length in tenths of a pixel.
pub(super) type Tenths = i64;

/// White space between two names.
const BETWEEN: Tenths = 80;

/// Appends a length in pixels: `46.5`, `103`.
pub(super) fn push_length(out: &mut String, length: Tenths) {
    let (sign, size) = (if length < 0 { "-" } else { "" }, length.unsigned_abs());
    // Writing to a string cannot fail.
    let _ = match size % 10 {
        0 => write!(out, "{sign}{}", size / 10),
        tenth => write!(out, "{sign}{}.{tenth}", size / 10),
    };
}

/// How wide a text is at 12 px, rather too wide than too narrow: nobody knows which font a reader has. Measured in
/// DejaVu Sans, the widest of the fonts in the style sheet.
pub(super) fn width_of(text: &str, bold: bool) -> Tenths {
    let width = |c: char| match c {
        ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | 'i' | 'j' | 'l' | 'I' => 42,
        'f' | 'r' | 't' | '-' | '(' | ')' | '/' => 54,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '\u{2212}' | '–' => 118,
        'A'..='Z' => 92,
        c if c.is_ascii() => 77,
        _ => 130,
    };
    let sum: Tenths = text.chars().map(width).sum();
    if bold { sum * 112 / 100 } else { sum }
}

/// A name that is shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) position: usize,
    /// The middle of its text: its place, unless that is too near to an edge of the drawing.
    pub(super) middle: Tenths,
    /// Whether its group stands below it, because it is another one than that of the name before.
    pub(super) has_group: bool,
}

/// The names that fit side by side in a drawing of a width, from left to right: the last position, and from there every
/// first, second, third one … to the left, whichever is the smallest step that leaves white space between all of them. A
/// name that is too near to the one behind it is left out; that happens where positions are not evenly spaced.
pub(super) fn thinned(positions: &[Position], places: &[Tenths], width: Tenths) -> Vec<Name> {
    let all = positions.len();
    // Where every step leaves some too near, as where two days stand beside each other, they are dropped one by one.
    let evenly =
        (1..=all).map(|step| named(positions, places, width, step)).find(|(_, dropped)| *dropped == 0);
    let one_by_one = || named(positions, places, width, 1);
    let is_even = places.windows(3).all(|p| ((p[1] - p[0]) - (p[2] - p[1])).abs() <= 10);
    if is_even { evenly.unwrap_or_else(one_by_one).0 } else { one_by_one().0 }
}

/// The names at every `step`th position counted from the last, and how many of these had to be dropped.
fn named(positions: &[Position], places: &[Tenths], width: Tenths, step: usize) -> (Vec<Name>, usize) {
    let chosen = (0..positions.len()).rev().step_by(step);
    let mut names: Vec<Name> = Vec::new();
    let (mut edge, mut dropped) = (Tenths::MAX, 0);
    for position in chosen {
        let Position { label, group, .. } = &positions[position];
        // The last one is bold; any of them may turn out to be the first of its group.
        let text = width_of(label, names.is_empty()).max(width_of(group, false));
        let half = text / 2;
        let middle = places[position].min(width - half).max(half);
        if middle + half + BETWEEN > edge {
            dropped += 1;
            continue;
        }
        edge = middle - half;
        names.push(Name { position, middle, has_group: false });
    }
    names.reverse();
    let mut before = "";
    for name in &mut names {
        let group = positions[name.position].group.as_str();
        name.has_group = group != before && !group.is_empty();
        before = group;
    }
    (names, dropped)
}

/// Moves heights apart so that each is at least `least` from the next and all lie between `top` and `bottom`; nearest to
/// where they were. Shape: one height for each, in their order. When there are too many, the last ones go below.
pub(super) fn spread(wanted: &[Tenths], least: Tenths, top: Tenths, bottom: Tenths) -> Vec<Tenths> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|at| (wanted[*at], *at));
    // Groups of labels that touch, each as (sum of wanted heights less own offset, count): a group stands at its mean.
    let mut groups: Vec<(Tenths, Tenths)> = Vec::new();
    let start = |(sum, count): (Tenths, Tenths)| {
        let most = bottom - least * (count - 1);
        sum.div_euclid(count).min(most).max(top)
    };
    for at in &order {
        let mut group = (wanted[*at], 1);
        while let Some(before) = groups.last().copied() {
            if start(before) + least * before.1 <= start(group) {
                break;
            }
            groups.pop();
            // The members of the later group stand below those of the earlier one.
            group = (before.0 + group.0 - least * before.1 * group.1, before.1 + group.1);
        }
        groups.push(group);
    }
    let mut heights = vec![0; wanted.len()];
    let mut places = order.into_iter();
    for group in groups {
        for offset in 0..group.1 {
            if let Some(at) = places.next() {
                heights[at] = start(group) + least * offset;
            }
        }
    }
    heights
}
