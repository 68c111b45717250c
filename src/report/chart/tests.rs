use proptest::prelude::*;

use super::*;
use crate::model::money::Currency;

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn dollars(minor: i128) -> Option<Money> {
    Some(Money::from_minor(minor, currency("USD")))
}

fn months(count: usize) -> Vec<Position> {
    let first = Month::new(2025, 11);
    std::iter::successors(first, |month| Some(month.next())).take(count).map(Position::month).collect()
}

/// The labels of the marks of an axis, from below.
fn marks(low: i128, high: i128, unit: Unit) -> String {
    let axis = Axis::new(low, high, unit);
    axis.ticks.iter().map(|tick| tick.label.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn an_axis_has_few_round_marks() {
    // Goal: an axis reads at a glance (design 8). Method: amounts of every size, in minor units, by their marks.
    let usd = Unit::Money(currency("USD"));
    for (low, high, expected) in [
        (0, 5_232_800, "$0 $20k $40k $60k"),
        (0, 3_177_108, "$0 $20k $40k"),
        (0, 60_000, "$0 $200 $400 $600"),
        (0, 60_001, "$0 $250 $500 $750"),
        (0, 999_999, "$0 $4k $8k $12k"),
        (0, 68, "$0 $0.25 $0.50 $0.75"),
        (0, 2, "$0 $0.01 $0.02"),
        (0, 0, "$0"),
        (-1_500_000, 4_000_000, "−$20k $0 $20k $40k"),
        (-5_000_000, 0, "−$60k −$40k −$20k $0"),
        (0, 250_000_000, "$0 $1M $2M $3M"),
        (0, 70_000_000, "$0 $250k $500k $750k"),
        (0, 120_000_000, "$0 $0.4M $0.8M $1.2M"),
        (0, 700_000_000_000_000_000, "$0 $2,500T $5,000T $7,500T"),
    ] {
        assert_eq!(marks(low, high, usd), expected, "{low} to {high}");
    }
    assert_eq!(marks(0, 5_000_000, Unit::Money(currency("JPY"))), "0 2M 4M 6M");
    assert_eq!(marks(0, 7, Unit::Count), "0 3 6 9");
    assert_eq!(marks(0, 1, Unit::Count), "0 1");
    assert_eq!(marks(0, 9_000, Unit::Count), "0 3,000 6,000 9,000");
}

proptest! {
    #[test]
    fn an_axis_holds_its_numbers_and_zero_with_at_most_three_other_marks(
        low in -1_000_000_000_000_000_000_000_000_000_i128..=0,
        high in 0..=1_000_000_000_000_000_000_000_000_000_i128,
        shift in 0..90_u32,
    ) {
        // Goal: no drawing leaves its plot, whatever the amounts. Method: ranges of all sizes.
        let (low, high) = (low >> shift, high >> shift);
        let axis = Axis::new(low, high, Unit::Money(currency("USD")));
        prop_assert!(axis.low <= low && high <= axis.high, "{axis:?}");
        prop_assert!(axis.ticks.iter().any(|tick| tick.value == 0 && tick.label == "$0"));
        prop_assert!(axis.ticks.len() <= 4);
        prop_assert_eq!(axis.ticks.first().map(|t| t.value), Some(axis.low));
        prop_assert_eq!(axis.ticks.last().map(|t| t.value), Some(axis.high));
        // Evenly spaced, and no two marks read the same.
        let steps: Vec<i128> = axis.ticks.windows(2).map(|t| t[1].value - t[0].value).collect();
        prop_assert!(steps.iter().all(|step| *step == steps[0] && *step > 0));
        prop_assert!(axis.ticks.windows(2).all(|t| t[0].label != t[1].label));
    }
}

#[test]
fn amounts_in_short_have_about_three_digits() {
    // Goal: a label beside a bar fits and does not mislead. Method: amounts around every change of scale.
    let axis = Axis::new(0, 0, Unit::Money(currency("USD")));
    for (minor, expected) in [
        (0, "0"),
        (68, "0.68"),
        (999, "9.99"),
        (1_000, "10"),
        (99_949, "999"),
        (99_950, "1.0k"),
        (3_177_108, "31.8k"),
        (9_994_999, "99.9k"),
        (9_995_000, "100k"),
        (99_949_999, "999k"),
        (99_950_000, "1.0M"),
        (123_456_789_012, "1.2B"),
        (500_000_000_000_000_000, "5,000T"),
        (-3_177_108, "−31.8k"),
    ] {
        assert_eq!(axis.short(minor), expected, "{minor}");
    }
    assert_eq!(axis.priced(3_177_108), "$31.8k");
    assert_eq!(axis.priced(-3_177_108), "−$31.8k");
    assert_eq!(Axis::new(0, 0, Unit::Count).short(7), "7");
}

#[test]
fn a_stacked_chart_says_and_lists_what_it_draws() {
    // Goal: who does not see the picture gets the same figures. Method: three months, one without a line, the last one in
    // progress: sentence, caption and table word by word.
    let mut positions = months(3);
    positions[0] = positions[0].clone().link("period/2025-11.html");
    positions[2] = positions[2].clone().open("in progress");
    let chart = Chart::stacked(
        "months",
        "Total rebate by month",
        "Month",
        positions,
        vec![
            Series::new("Approved", "appr", [dollars(100_000), None, dollars(5_000)]),
            Series::new("Paid", "paid", [dollars(223_000), None, dollars(-1_000)]),
        ],
    );
    assert_eq!(chart.caption, "Total rebate by month. Amounts in USD.");
    assert_eq!(
        chart.label,
        "Total rebate by month, as stacked bars, November 2025 to January 2026. The highest is November 2025 with \
         $3,230.00. January 2026, in progress: $40.00 (Approved $50.00; Paid −$10.00)."
    );
    let rows: Vec<Vec<&str>> =
        chart.table.rows.iter().map(|row| row.cells.iter().map(Cell::value).collect()).collect();
    assert_eq!(
        rows,
        [
            vec!["January 2026", "50.00", "-10.00", "40.00"],
            vec!["December 2025", "", "", ""],
            vec!["November 2025", "1000.00", "2230.00", "3230.00"],
        ]
    );
    assert_eq!(chart.table.id, "months-figures");
    assert_eq!(chart.table.rows[0].cells[0].note.as_deref(), Some("in progress"));
    assert_eq!(chart.table.rows[1].cells[3].none, Some("no figure"));
    assert_eq!(chart.table.rows[2].cells[0].href.as_deref(), Some("period/2025-11.html"));
    let labels: Vec<&str> = chart.table.columns.iter().map(|column| column.label.as_str()).collect();
    assert_eq!(labels, ["Month", "Approved", "Paid", "Total"]);
    assert!(chart.is_mixed(2) && !chart.is_mixed(0) && !chart.is_mixed(1));
    assert_eq!((chart.axis.low, chart.axis.high), (-200_000, 400_000));
}

#[test]
fn a_line_chart_says_where_each_line_ends() {
    // Goal: as above, for lines; nothing is added up across lines. Method: six of them over two snapshots, one without
    // any value: the newest lines are named, the others counted.
    let snapshots = ["2026-06-17", "2026-06-18"].map(|name| Position::snapshot(AsOf::parse(name).unwrap()));
    let mut series: Vec<Series> = (1..=5)
        .map(|n| Series::new(format!("Month {n}"), "quiet", [dollars(1_000 * n), dollars(2_000 * n)]))
        .collect();
    series.push(Series::new("Month 6", "ink", [dollars(-300), None]));
    series.push(Series::new("Month 7", "ink", [None::<Money>, None]));
    let chart = Chart::lines("m", "Total rebate of each month", "Snapshot", snapshots.to_vec(), series);
    assert_eq!(
        chart.label,
        "Total rebate of each month, as lines, 17 Jun 2026 to 18 Jun 2026. Month 6 ends at −$3.00, Month 5 ends at \
         $100.00, Month 4 ends at $80.00, Month 3 ends at $60.00, and 2 more."
    );
    assert!(chart.table.columns.iter().all(|column| column.label != "Total"));
    assert_eq!((chart.axis.low, chart.axis.high), (-5_000, 10_000));
    assert_eq!(chart.table.layout, "wide");
    let spaced: Vec<i32> = chart.positions.iter().filter_map(Position::days).collect();
    assert_eq!(spaced[1] - spaced[0], 1);
}

#[test]
fn counts_need_no_currency() {
    // Goal: a chart of counts claims no unit. Method: its caption and cells.
    let chart = Chart::stacked(
        "cases",
        "Open cases",
        "Month",
        months(2),
        vec![Series::new("Cases", "elig", [Some(1_203_usize), Some(0)])],
    );
    assert_eq!(chart.caption, "Open cases.");
    assert_eq!(
        chart.label,
        "Open cases, as bars, November 2025 to December 2025. The highest is November 2025 with 1,203. December 2025: 0."
    );
    assert_eq!(chart.table.rows[1].cells[1].text, "1,203");
    // One series is its own total.
    assert_eq!(chart.table.columns.len(), 2);
}

#[test]
fn a_chart_without_figures_knows_it() {
    // Goal: nothing is drawn where nothing is known, and zero is something. Method: no position, no value, only zeros.
    let none = |count| vec![Series::new("Paid", "paid", vec![None::<Money>; count])];
    assert!(Chart::stacked("a", "A", "Month", Vec::new(), Vec::new()).is_empty());
    assert!(Chart::stacked("a", "A", "Month", months(3), none(3)).is_empty());
    assert!(Chart::lines("a", "A", "Month", months(3), none(3)).is_empty());
    let zero = vec![Series::new("Paid", "paid", [dollars(0)])];
    assert!(!Chart::stacked("a", "A", "Month", months(1), zero).is_empty());
}

#[test]
#[should_panic(expected = "one chart has one unit")]
fn two_currencies_are_never_in_one_chart() {
    // Goal: currencies are never added, nor drawn on one scale. Method: one value of another currency.
    let euro = Some(Money::from_minor(1, currency("EUR")));
    Chart::lines("a", "A", "Month", months(2), vec![Series::new("Paid", "paid", [dollars(1), euro])]);
}

#[test]
#[should_panic(expected = "an entry for every position")]
fn every_series_has_an_entry_for_every_position() {
    // Goal: no figure is drawn at another month than its own. Method: a series that is one value short.
    Chart::stacked("a", "A", "Month", months(2), vec![Series::new("Paid", "paid", [dollars(1)])]);
}
