use proptest::prelude::*;

use super::bars::{Piece, pieces};
use super::layout::{Name, spread};
use super::lines::places;
use super::*;
use crate::model::money::{Currency, Money};
use crate::model::time::{AsOf, Month};
use crate::report::chart::Series;

fn dollars(minor: i128) -> Option<Money> {
    Currency::parse("USD").map(|dollar| Money::from_minor(minor, dollar))
}

fn months(count: usize) -> Vec<Position> {
    std::iter::successors(Month::new(2025, 3), |month| Some(month.next()))
        .take(count)
        .map(Position::month)
        .collect()
}

/// A stacked chart of one layer per row of amounts.
fn stacked(rows: &[&[Option<i128>]]) -> Chart {
    let fills = ["calc", "review", "appr", "paid"];
    let series = rows
        .iter()
        .zip(fills)
        .map(|(row, fill)| Series::new(fill, fill, row.iter().map(|minor| minor.and_then(dollars))));
    Chart::stacked("c", "Total", "Month", months(rows[0].len()), series.collect())
}

fn lines(rows: &[&[Option<i128>]]) -> Chart {
    let series = (1..)
        .zip(rows)
        .map(|(n, row)| Series::new(format!("Line {n}"), "quiet", row.iter().map(|m| m.and_then(dollars))));
    Chart::lines("c", "Total", "Month", months(rows[0].len()), series.collect())
}

fn markup(chart: &Chart) -> String {
    let mut out = String::new();
    push_chart(&mut out, chart, "./");
    out
}

/// The wide drawing alone.
fn wide(chart: &Chart) -> String {
    let mut out = String::new();
    push_picture(&mut out, chart, &WIDE);
    out
}

fn plot(chart: &Chart) -> Plot<'_> {
    Plot { chart, size: &WIDE, left: 400, right: 6400, top: TOP, bottom: 2000 }
}

/// A number of an attribute behind a place in the markup.
fn attribute(tag: &str, name: &str) -> String {
    tag.split(&format!(" {name}=\""))
        .nth(1)
        .unwrap_or_default()
        .split('"')
        .next()
        .unwrap_or_default()
        .to_owned()
}

proptest! {
    #[test]
    fn the_pieces_of_a_bar_add_up_to_it(
        amounts in proptest::collection::vec(-10_i128.pow(16)..10_i128.pow(16), 4),
        other in 0..10_i128.pow(17),
    ) {
        // Goal: a bar is as high as its total, to a tenth of a pixel, with no gap and no overlap between its pieces.
        // Method: four amounts of both signs beside another bar that decides the scale.
        let rows: Vec<Vec<Option<i128>>> = amounts.iter().map(|a| vec![Some(*a), Some(other)]).collect();
        let rows: Vec<&[Option<i128>]> = rows.iter().map(Vec::as_slice).collect();
        let chart = stacked(&rows);
        let plot = plot(&chart);
        let all = pieces(&plot, 0);
        let zero = plot.y(0);
        for is_above in [true, false] {
            let side: Vec<&Piece> = all.iter().filter(|p| (p.top < zero) == is_above).collect();
            let sum: i128 = amounts.iter().filter(|a| (**a > 0) == is_above).sum();
            let height: Tenths = side.iter().map(|p| p.height).sum();
            prop_assert_eq!(height, (zero - plot.y(sum)).abs());
            // Outward from the baseline, each starts where the one before ends.
            let mut edge = zero;
            for piece in side {
                let (near, far) = if is_above {
                    (piece.top + piece.height, piece.top)
                } else {
                    (piece.top, piece.top + piece.height)
                };
                prop_assert_eq!(near, edge);
                edge = far;
            }
        }
        // The first series is on top, the last one at the baseline.
        let above: Vec<usize> = all.iter().filter(|p| p.top < zero).map(|p| p.series).collect();
        prop_assert!(above.is_sorted_by(|a, b| a > b), "{:?}", above);
        prop_assert!(all.iter().all(|p| p.top >= plot.top && p.top + p.height <= plot.bottom));
    }

    #[test]
    fn names_below_the_axis_never_touch(count in 1..=60_usize, width in 2_000..=6_400_i64, words in 1..14_usize) {
        // Goal: names are thinned so that they keep apart, and the last one is always there. Method: positions at even
        // places in drawings of all widths, names of all lengths; whoever of them begins a year has it below.
        let mut positions = months(count);
        positions.iter_mut().for_each(|p| p.label = "9".repeat(words));
        let places: Vec<Tenths> =
            (0..count).map(|at| 300 + (width - 600) * at as Tenths / count as Tenths).collect();
        let names = thinned(&positions, &places, width);
        prop_assert_eq!(names.last().map(|n| n.position), Some(count - 1));
        let half = |name: &Name| width_of(&positions[name.position].label, name.position + 1 == count) / 2;
        for pair in names.windows(2) {
            prop_assert!(pair[0].middle + half(&pair[0]) + 70 <= pair[1].middle - half(&pair[1]));
        }
        let steps: Vec<usize> = names.windows(2).map(|n| n[1].position - n[0].position).collect();
        prop_assert!(steps.windows(2).all(|s| s[0] == s[1]), "evenly: {:?}", steps);
        prop_assert!(names.first().is_some_and(|n| n.has_group));
        for pair in names.windows(2) {
            let changes = positions[pair[0].position].group != positions[pair[1].position].group;
            prop_assert_eq!(pair[1].has_group, changes);
        }
    }

    #[test]
    fn labels_keep_apart_and_in_order(wanted in proptest::collection::vec(0..2_000_i64, 1..13)) {
        // Goal: names at the ends of lines never overlap, and stand from top to bottom as the lines end. Method: any ends.
        let heights = spread(&wanted, 140, 100, 2_000);
        let mut order: Vec<usize> = (0..wanted.len()).collect();
        order.sort_by_key(|at| heights[*at]);
        for pair in order.windows(2) {
            prop_assert!(heights[pair[1]] - heights[pair[0]] >= 140);
            prop_assert!(wanted[pair[0]] <= wanted[pair[1]]);
        }
        prop_assert!(heights.iter().all(|h| (100..=2_000).contains(h)));
        // What has room stays where it is.
        let far = |at: usize| (0..wanted.len()).all(|b| b == at || (wanted[at] - wanted[b]).abs() >= 2_000);
        prop_assert!((0..wanted.len()).all(|at| !far(at) || heights[at] == wanted[at].max(100)));
    }
}

#[test]
fn amounts_have_their_heights() {
    // Goal: twice the amount is twice the height, from a baseline at zero. Method: 10, 20 and −5 of a scale from −10 to
    // 20 that is 178 px high, so that a third of it is 59.3 px.
    let chart = stacked(&[&[Some(1_000), Some(2_000), Some(-500), Some(0), None]]);
    assert_eq!((chart.axis.low, chart.axis.high), (-1_000, 2_000));
    let plot = plot(&chart);
    assert_eq!((plot.y(2_000), plot.y(0), plot.y(-1_000)), (220, 1_407, 2_000));
    let heights: Vec<Vec<Tenths>> =
        (0..5).map(|at| pieces(&plot, at).iter().map(|p| p.height).collect()).collect();
    assert_eq!(heights, [vec![594], vec![1_187], vec![296], vec![], vec![]]);
    assert_eq!(pieces(&plot, 2)[0].top, 1_407);
    let picture = wide(&chart);
    assert_eq!(picture.matches("class=\"a-base\"").count(), 1);
    assert_eq!(picture.matches("class=\"a-line\"").count(), 3);
    // The month without a value has a name and nothing else; the one with zero says so.
    assert_eq!(picture.matches("<title data-value=").count(), 4);
    assert_eq!(picture.matches("<rect").count(), 3);
    assert!(picture.contains(">Jul</text>") && picture.contains("June 2025: $0.00"));
}

#[test]
fn zeros_have_a_baseline_and_no_bar() {
    // Goal: zero is neither an error nor a bar. Method: nothing but zeros, as bars and as a line.
    let zeros: &[Option<i128>] = &[Some(0), Some(0)];
    let bars = wide(&stacked(&[zeros, zeros]));
    assert!(bars.contains("a-base") && !bars.contains("<rect") && !bars.contains("a-line"));
    assert!(bars.contains("viewBox=\"0 0 640 58\""), "no height for nothing: {bars}");
    let line = wide(&lines(&[zeros]));
    assert_eq!(line.matches("<circle").count(), 2);
}

#[test]
fn a_chart_without_figures_is_a_sentence() {
    // Goal: no empty axes, no table of dashes. Method: one series without a value.
    let html = markup(&stacked(&[&[None, None]]));
    assert_eq!(html, "<p class=\"empty muted\" id=\"c\">There are no figures to draw yet.</p>");
}

#[test]
fn one_position_is_drawn() {
    // Goal: the first snapshot has a chart too. Method: one bar, one dot, each with its name.
    let bar = wide(&stacked(&[&[Some(5_000)]]));
    assert_eq!(bar.matches("<rect").count(), 1);
    assert_eq!(attribute(bar.split("<rect").nth(1).unwrap(), "width"), "64");
    let dot = wide(&lines(&[&[Some(5_000)]]));
    assert_eq!(dot.matches("<circle").count(), 1);
    assert!(!dot.contains("class=\"line\"") && dot.contains(">Line 1 $50</text>"));
}

#[test]
fn what_is_not_final_is_drawn_another_way() {
    // Goal: a figure that is not final is never drawn like one that is (design 8). Method: the last bar of three is open;
    // a line is final from its third position.
    let mut positions = months(3);
    positions[2] = positions[2].clone().open("in progress");
    let values = [1, 2, 3].map(|n| dollars(n * 1_000));
    let chart = Chart::stacked("c", "T", "Month", positions, vec![Series::new("Paid", "paid", values)]);
    let html = markup(&chart);
    for name in ["w", "n"] {
        assert_eq!(html.matches(&format!("<pattern id=\"c-{name}\"")).count(), 1);
        assert_eq!(html.matches(&format!("fill=\"url(#c-{name})\"")).count(), 1, "one hatched bar");
    }
    assert!(html.contains("hatched: in progress"));
    assert!(html.contains("<title data-value=\"30.00 USD\">May 2025, in progress: $30.00</title>"));
    let values = [1, 2, 3, 4].map(|n| dollars(n * 1_000));
    let line = |series: Series| wide(&Chart::lines("c", "T", "Month", months(4), vec![series]));
    let matured = line(Series::new("May", "ink", values).final_from(2));
    let part = |picture: &str, class: &str| -> usize {
        picture
            .split(&format!("class=\"{class}\" d=\""))
            .nth(1)
            .map_or(0, |d| d.split('"').next().unwrap_or_default().matches('L').count())
    };
    assert_eq!((part(&matured, "line open"), part(&matured, "line")), (1, 2));
    assert_eq!(matured.matches("<circle class=\"open\"").count(), 2);
    let open = line(Series::new("May", "ink", values).open());
    assert_eq!((part(&open, "line open"), part(&open, "line")), (3, 0));
    let last = line(Series::new("May", "ink", values));
    assert_eq!((part(&last, "line open"), part(&last, "line")), (0, 3));
}

#[test]
fn a_line_breaks_where_a_value_is_missing() {
    // Goal: no figure is made up between two that are known. Method: five positions, the third without a value.
    let picture = wide(&lines(&[&[Some(100), Some(200), None, Some(300), Some(400)]]));
    let path = picture.split("class=\"line\" d=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!((path.matches('M').count(), path.matches('L').count()), (2, 2));
}

#[test]
fn lines_are_spaced_by_their_days() {
    // Goal: the slope of a line is a speed. Method: snapshots ten days and one day apart; without days, even steps.
    let name = |name: &str| Position::snapshot(AsOf::parse(name).unwrap());
    let mut positions = vec![name("2026-06-01"), name("2026-06-11"), name("2026-06-12")];
    let spaced = |positions: &[Position]| {
        let values = [1, 2, 3].map(dollars);
        let series = vec![Series::new("May", "ink", values)];
        places(&plot(&Chart::lines("c", "T", "Snapshot", positions.to_vec(), series)))
    };
    assert_eq!(spaced(&positions), [460, 5_805, 6_340]);
    positions[1].day = None;
    assert_eq!(spaced(&positions), [460, 3_400, 6_340]);
}

#[test]
fn uneven_names_are_left_out_one_by_one() {
    // Goal: two snapshots on neighboring days do not take their names from all others. Method: the 17th and the 18th.
    let day = |name: &str| Position::snapshot(AsOf::parse(name).unwrap());
    let positions = [day("2026-05-08"), day("2026-06-17"), day("2026-06-18")];
    let names = thinned(&positions, &[400, 5_000, 5_100], 6_400);
    assert_eq!(names.iter().map(|n| n.position).collect::<Vec<_>>(), [0, 2]);
}

#[test]
fn more_lines_than_fit_are_named_in_the_table() {
    // Goal: names never pile up. Method: one line more than can be named.
    let values: Vec<Option<i128>> = vec![Some(1), Some(2)];
    let rows: Vec<&[Option<i128>]> = vec![&values; MOST_NAMED + 1];
    let chart = lines(&rows);
    let picture = wide(&chart);
    assert!(!picture.contains(">Line 1 ") && picture.contains(">Line 2 ") && picture.contains(">Line 13 "));
    assert!(markup(&chart).contains("Lines without a name are in the table."));
    assert_eq!(chart.table.columns.len(), MOST_NAMED + 2);
}

#[test]
fn the_markup_is_safe_and_complete() {
    // Goal: a strict policy, no script, two drawings with one sentence, the table below, names escaped (design 8).
    // Method: a series and a position with markup in their names.
    let mut positions = months(2);
    positions[1].name = "<b>June</b>".to_owned();
    let series = vec![
        Series::new("\"Paid\" & <i>", "paid", [dollars(100), dollars(200)]),
        Series::new("Approved", "appr", [dollars(100), dollars(-50)]),
    ];
    let html = markup(&Chart::stacked("c", "Total", "Month", positions, series));
    for forbidden in ["style=", "<script", "<animate", "onclick", "<b>", "<i>"] {
        assert!(!html.contains(forbidden), "{forbidden} in {html}");
    }
    assert_eq!(html.matches("role=\"img\" aria-label=\"").count(), 2);
    assert_eq!(
        (html.matches("class=\"chart chart-w\"").count(), html.matches("class=\"chart chart-n\"").count()),
        (1, 1)
    );
    assert!(html.contains(
        "</figure></div><details class=\"figures\"><summary>Show these figures as a table</summary>"
    ));
    assert!(
        html.contains("<caption id=\"c-figures-caption\">Total, newest first. Amounts in USD.</caption>")
    );
    assert!(html.contains("&quot;Paid&quot; &amp; &lt;i&gt; $2.00"), "in the title of the bar");
    assert!(html.contains("</svg> total</span>"), "a bar on both sides of zero has its total marked: {html}");
}
