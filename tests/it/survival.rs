//! The curves of `history::survival` against published packages: `tests/fixtures/survival/README.md` says which and how.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::fs;

use tieout::history::survival::{Curve, Incidence, Outcome, Sample};

use super::support::{Row, rows, tests};

fn fixture(name: &str) -> Vec<Row> {
    rows(&fs::read_to_string(tests().join("fixtures/survival").join(name)).unwrap())
}

fn number(text: &str) -> Option<u32> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

fn sample(name: &str) -> Sample {
    let mut sample = Sample::default();
    for row in fixture(&format!("{name}.csv")) {
        let get = |column: &str| row.get(column).map_or("", String::as_str);
        let left = number(get("left")).or(number(get("days"))).unwrap();
        let outcome = match (get("outcome"), get("event")) {
            ("paid", _) => Outcome::Paid,
            ("rejected", _) => Outcome::Rejected,
            ("left", _) | (_, "1") => Outcome::Left,
            ("open", _) | (_, "0") => Outcome::Open,
            other => panic!("{other:?}"),
        };
        assert!(sample.add(number(get("entered")), left, outcome), "{row:?}");
    }
    sample
}

#[expect(clippy::float_arithmetic, reason = "shares are compared to nine digits")]
fn is_close(ours: f64, theirs: &str) -> bool {
    (ours - theirs.parse::<f64>().unwrap()).abs() < 1e-9
}

/// `None` for `open`; published packages write days as floats.
fn day(text: &str) -> Option<u32> {
    (text != "open").then(|| text.strip_suffix(".0").unwrap().parse().unwrap())
}

#[test]
fn curves_agree_with_a_published_package() {
    // Goal: no formula of ours is one of ours alone (domain 5.3, rules 2 to 4). Method: five data sets of different shape:
    // the share at every event, its band of 95 %, and four quantiles with their intervals, open ends included.
    for (name, spells, ended) in [
        ("approved_to_paid", 14, 10),
        ("leukemia", 42, 30),
        ("gbsg2", 686, 299),
        ("rossi", 432, 114),
        ("aids_cohort", 78, 27),
    ] {
        let sample = sample(name);
        let curve = Curve::new(&sample, |outcome| outcome == Outcome::Left);
        assert_eq!((sample.spells(), curve.events()), (spells, ended), "{name}");
        let expected = fixture(&format!("{name}.expected.csv"));
        let mut compared = 0;
        for row in &expected {
            let (what, value) = (row["what"].as_str(), row["value"].as_str());
            let at = number(&row["day"]).unwrap_or(0);
            let share = |name: &str| match &name[..3] {
                "p25" => 0.25,
                "p50" => 0.5,
                "p75" => 0.75,
                "p90" => 0.9,
                other => panic!("{other}"),
            };
            let agrees = match what {
                "survival" => is_close(curve.survival(at), value),
                "lower" => is_close(curve.band(at, 1.0).0, value),
                "upper" => is_close(curve.band(at, 1.0).1, value),
                lower if lower.ends_with("_lower") => curve.interval(share(lower), 1.0).from == day(value),
                upper if upper.ends_with("_upper") => curve.interval(share(upper), 1.0).to == day(value),
                quantile => curve.quantile(share(quantile)) == day(value),
            };
            assert!(agrees, "{name}: {row:?}");
            compared += 1;
        }
        assert_eq!(compared, expected.len());
        let events = expected.iter().filter(|row| row["what"] == "survival").count();
        assert_eq!(events, curve.steps().len(), "{name}: every event is compared");
    }
}

#[test]
fn competing_ends_agree_with_a_published_package() {
    // Goal: shares paid and rejected are those of Aalen and Johansen (domain 5.3, rule 5). Method: a data set in which both
    // ends fall on the same days and on day 0; the shares at every event.
    let incidence = Incidence::new(&sample("bmt"));
    let expected = fixture("bmt.expected.csv");
    for row in &expected {
        let shares = incidence.at(number(&row["day"]).unwrap());
        let ours = match row["what"].as_str() {
            "paid" => shares.paid,
            "rejected" => shares.rejected,
            _ => shares.open,
        };
        assert!(is_close(ours, &row["value"]), "{row:?}: {ours}");
    }
    assert_eq!(expected.len(), 3 * incidence.decided().steps().len());
}

#[test]
fn the_worked_example_has_the_figures_of_the_specification() {
    // Goal: median 25 days, interval 15 to 34, and after 12 days half are paid within 13 more (domain 5.3, 5.4 and 8); what
    // one gets by leaving the open ones out, 21.5, is not a figure of ours. Method: the sample as it was given.
    let sample = sample("approved_to_paid");
    let curve = Curve::new(&sample, |outcome| outcome == Outcome::Left);
    assert!(is_close(curve.survival(25), "0.4326923076923077"), "12/13 × 10/12 × 9/10 × 7/8 × 6/7 × 5/6");
    let interval = curve.interval(0.5, 1.0);
    assert_eq!((curve.quantile(0.5), interval.from, interval.to), (Some(25), Some(15), Some(34)));
    let mut paid = Sample::default();
    for row in fixture("approved_to_paid.csv") {
        let outcome = if row["event"] == "1" { Outcome::Paid } else { Outcome::Open };
        paid.add(None, row["days"].parse().unwrap(), outcome);
    }
    assert_eq!(Incidence::new(&paid).days_to_paid(Some(12), 0.5), Some(13));
}
