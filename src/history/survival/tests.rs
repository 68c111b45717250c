#![expect(clippy::float_arithmetic, reason = "the estimates again, by their definitions")]

use proptest::prelude::*;

use super::*;

type Spell = (Option<u32>, u32, Outcome);

fn sample(spells: &[Spell]) -> Sample {
    let mut sample = Sample::default();
    for (entered, left, outcome) in spells {
        sample.add(*entered, *left, *outcome);
    }
    sample
}

fn any_end(outcome: Outcome) -> bool {
    outcome != Outcome::Open
}

fn curve(spells: &[Spell]) -> Curve {
    Curve::new(&sample(spells), any_end)
}

#[test]
fn a_median_is_reached_in_spite_of_roundings() {
    // Goal: a share that is one half by fractions counts as one half. Method: all numbers of spells up to 400 without
    // censoring; half are done on the day on which (n + 1) / 2 of them have ended, which floats alone miss.
    for n in 1..400 {
        let spells: Vec<Spell> = (1..=n).map(|day| (None, day, Outcome::Left)).collect();
        assert_eq!(curve(&spells).quantile(0.5), Some(n.div_ceil(2)), "{n}");
        assert_eq!(curve(&spells).quantile(0.9), Some((9 * n).div_ceil(10)), "{n}");
    }
}

#[test]
fn nothing_is_said_beyond_what_was_observed() {
    // Goal: no curve is drawn out (domain 5.3, rule 3). Method: three of five spells are open after the others ended.
    let open = |day| (None, day, Outcome::Open);
    let curve = curve(&[(None, 2, Outcome::Left), (None, 3, Outcome::Left), open(4), open(9), open(9)]);
    assert_eq!(curve.quantile(0.5), None);
    assert_eq!(curve.quantile(0.4), Some(3));
    assert_eq!(curve.last(), (9, curve.survival(3)));
    assert!((curve.survival(100) - 0.6).abs() < 1e-12);
    assert_eq!(Curve::default().last(), (0, 1.0));
}

#[test]
fn a_spell_is_at_risk_after_the_day_it_came_under_observation() {
    // Goal: late entry as R has it: (entered, left]. Method: one spell ends on the day another enters, which must not
    // count among those that could have ended; a spell not followed beyond its entry says nothing.
    let spells = [(None, 5, Outcome::Left), (Some(5), 8, Outcome::Left), (Some(4), 9, Outcome::Open)];
    let curve = curve(&spells);
    let at_risk: Vec<(u32, u64)> = curve.steps().iter().map(|s| (s.day, s.at_risk)).collect();
    assert_eq!(at_risk, [(5, 2), (8, 2)]);
    let mut sample = Sample::default();
    assert!(!sample.add(Some(3), 3, Outcome::Left));
    assert!(sample.add(None, 0, Outcome::Left), "approved and paid on one day");
    assert_eq!(sample.spells(), 1);
}

#[test]
fn a_thin_start_is_told_from_a_thin_end() {
    // Goal: a curve that one early spell pulls down is not trusted; one that ends with few spells is. Method: one spell at
    // risk ends while ninety come later; then the same spells from their first day on.
    let late: Vec<Spell> = (0..90).map(|n| (Some(10), 20 + n, Outcome::Left)).collect();
    let mut thin = late.clone();
    thin.push((None, 3, Outcome::Left));
    assert_eq!(curve(&thin).quantile(0.5), Some(3), "the only one at risk");
    assert!(!curve(&thin).is_founded(None, 3));
    assert!(curve(&thin).is_founded(Some(3), 200), "beyond it nothing is wrong");
    let whole: Vec<Spell> = late.iter().map(|(_, left, outcome)| (None, *left, *outcome)).collect();
    assert!(curve(&whole).is_founded(None, 200));
}

#[test]
fn what_is_rejected_is_not_paid_later() {
    // Goal: rejections compete with payments (domain 5.3, rule 5). Method: ten lines, four rejected on day 1, six paid on
    // day 2: 60 % are paid; a curve of payments alone would say all.
    let mut spells: Vec<Spell> = vec![(None, 1, Outcome::Rejected); 4];
    spells.extend(vec![(None, 2, Outcome::Paid); 6]);
    let incidence = Incidence::new(&sample(&spells));
    let Shares { paid, rejected, open } = incidence.last();
    assert!((paid - 0.6).abs() < 1e-12 && (rejected - 0.4).abs() < 1e-12 && open.abs() < 1e-12);
    assert_eq!(incidence.days_to_paid(None, 0.5), Some(2));
    assert_eq!(incidence.days_to_paid(None, 0.9), None, "nine in ten are never paid");
    assert_eq!(incidence.days_to_paid(Some(1), 0.9), Some(1), "of those not rejected on day 1, all are");
    assert_eq!(incidence.days_to_paid(Some(2), 0.5), None, "none is open after day 2");
    let payments = Curve::new(&sample(&spells), |outcome| outcome == Outcome::Paid);
    assert!(payments.survival(2).abs() < 1e-12);
}

/// Spells of up to 40 days, some under observation late; days repeat, so that ends are tied.
fn spells() -> impl Strategy<Value = Vec<Spell>> {
    let outcome = prop::sample::select(vec![Outcome::Open, Outcome::Paid, Outcome::Rejected, Outcome::Left]);
    prop::collection::vec((prop::option::of(0_u32..25), 0_u32..40, outcome), 0..60)
}

/// Spells at risk on a day, by the definition.
fn at_risk(spells: &[Spell], day: u32) -> usize {
    spells.iter().filter(|(entered, left, _)| entered.is_none_or(|e| e < day) && day <= *left).count()
}

fn ends(spells: &[Spell], day: u32, is_event: impl Fn(Outcome) -> bool) -> usize {
    let counts = |(entered, left, outcome): &&Spell| {
        *left == day && entered.is_none_or(|e| e < *left) && is_event(*outcome)
    };
    spells.iter().filter(counts).count()
}

proptest! {
    #[test]
    fn a_curve_is_the_product_over_days_of_what_stays(spells in spells()) {
        // Goal: counts per day give what the definition gives (domain 5.3, rule 2). Method: every day from 0 to 45, at risk
        // and ended counted spell by spell; the curve never rises, stays in [0, 1], and bands lie around it.
        let curve = curve(&spells);
        let mut survival = 1.0;
        for day in 0..45 {
            let (n, d) = (at_risk(&spells, day), ends(&spells, day, any_end));
            if d > 0 {
                survival *= 1.0 - d as f64 / n as f64;
            }
            prop_assert!((curve.survival(day) - survival).abs() < 1e-12);
            prop_assert!((0.0..=1.0).contains(&curve.survival(day)));
            prop_assert!(day == 0 || curve.survival(day) <= curve.survival(day - 1));
            let (lower, upper) = curve.band(day, 1.0);
            prop_assert!(lower <= curve.survival(day) + 1e-12 && curve.survival(day) <= upper + 1e-12);
            let (wider_lower, wider_upper) = curve.band(day, 3.0);
            prop_assert!(wider_lower <= lower + 1e-12 && upper <= wider_upper + 1e-12);
        }
    }

    #[test]
    fn paid_rejected_and_open_are_everything(spells in spells()) {
        // Goal: the shares add up to 1 on every day (I-37). Method: shares by their definition, spell by spell; open is a
        // product and the others are sums, so that they agree is no matter of course.
        let incidence = Incidence::new(&sample(&spells));
        let decides = |outcome| matches!(outcome, Outcome::Paid | Outcome::Rejected);
        let (mut paid, mut rejected, mut open) = (0.0, 0.0, 1.0);
        for day in 0..45 {
            let n = at_risk(&spells, day) as f64;
            let part = |outcome| match ends(&spells, day, |o| o == outcome) {
                0 => 0.0,
                d => open * d as f64 / n,
            };
            let (more_paid, more_rejected) = (part(Outcome::Paid), part(Outcome::Rejected));
            paid += more_paid;
            rejected += more_rejected;
            if ends(&spells, day, decides) > 0 {
                open *= 1.0 - ends(&spells, day, decides) as f64 / n;
            }
            let at = incidence.at(day);
            prop_assert!((at.paid - paid).abs() < 1e-12 && (at.rejected - rejected).abs() < 1e-12);
            prop_assert!((at.paid + at.rejected + at.open - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn days_are_picked_from_observed_ones(spells in spells(), age in prop::option::of(0_u32..40), p in 0.05_f64..0.95) {
        // Goal: every figure is a day on which some spell ended, the first that fits (domain 5.3, rules 3 and 11). Method:
        // any share; the day before it is not enough. Days from now count from the age, and a day of payment lies ahead.
        let days: Vec<u32> = spells.iter().map(|(_, left, _)| *left).collect();
        let curve = curve(&spells);
        if let Some(day) = curve.quantile(p) {
            prop_assert!(days.contains(&day) && curve.survival(day) <= 1.0 - p + 1e-11);
            prop_assert!(day == 0 || curve.survival(day - 1) > 1.0 - p);
        }
        let interval = curve.interval(p, 1.0);
        prop_assert!([interval.from, interval.to].into_iter().flatten().all(|day| days.contains(&day)));
        if let (Some(from), Some(day)) = (interval.from, curve.quantile(p)) {
            prop_assert!(from <= day && interval.to.is_none_or(|to| day <= to));
        }
        let incidence = Incidence::new(&sample(&spells));
        if let Some(more) = incidence.days_to_paid(age, p) {
            let is_paid = |(_, left, outcome): &Spell| *left == age.unwrap_or(0) + more && *outcome == Outcome::Paid;
            prop_assert!(spells.iter().any(is_paid));
            prop_assert!(age.is_none() || more > 0);
        }
    }

    #[test]
    fn order_and_grouping_change_nothing(spells in spells(), cut in 0_usize..60) {
        // Goal: a fold over snapshots may add and merge as it likes. Method: backwards, and as two samples merged.
        let whole = sample(&spells);
        let backwards: Vec<Spell> = spells.iter().rev().copied().collect();
        prop_assert_eq!(&sample(&backwards), &whole);
        let (one, other) = spells.split_at(cut.min(spells.len()));
        let mut merged = sample(other);
        merged.merge(&sample(one));
        prop_assert_eq!(&merged, &whole);
        prop_assert_eq!(whole.spells(), spells.iter().filter(|(e, l, _)| e.is_none_or(|e| e < *l)).count() as u64);
    }
}
