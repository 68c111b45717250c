use proptest::prelude::*;

use super::*;

/// A cohort with batches of so many lines, each batch paid as a whole on a day of its own, from day 10 on.
fn cohort(batches: &[u64]) -> Cohort {
    let mut cohort = Cohort::default();
    for (number, lines) in batches.iter().enumerate() {
        for _ in 0..*lines {
            let left = 10 + u32::try_from(number).unwrap();
            let spell = Followed { entered: None, left, outcome: Outcome::Paid, off_by: None };
            cohort.add(spell, Ustr::from(&format!("B{number}")));
        }
    }
    cohort
}

#[test]
fn a_median_needs_six_batches_and_nine_in_ten_need_twenty_two() {
    // Goal: no estimate below its gate, and batches count (domain 5.3, rules 8 and 9). Method: at and just below each gate,
    // a hundred lines per batch so that lines alone would pass.
    let few = Stay::new(&cohort(&[100; 5]));
    assert_eq!(few.median(), Days::TooFew { needs: 6, has: 5, batches: 5 });
    let some = Stay::new(&cohort(&[100; 21]));
    assert_eq!(some.median().known(), Some(20));
    assert_eq!(some.p90(), Days::TooFew { needs: 22, has: 21, batches: 21 });
    let many = Stay::new(&cohort(&[100; 22]));
    assert_eq!(many.p90().known(), Some(29), "the 20th of 22 days: 19.8 are nine in ten");
    let journey = Journey::new(&cohort(&[100; 22]));
    assert_eq!(
        (journey.median(None), journey.p90(None).known()),
        (Days::Known { days: 20, interval: None }, Some(29))
    );
}

#[test]
fn one_large_batch_does_not_pass_for_many() {
    // Goal: a batch that holds nearly all lines decides nearly alone and counts so. Method: one of 200 lines beside
    // twenty-one of one; nearly equal ones count as equal.
    let mut sizes = vec![1; 21];
    sizes.push(200);
    let evidence = cohort(&sizes).evidence();
    assert_eq!((evidence.all.settled, evidence.all.batches, evidence.all.effective()), (221, 22, 1));
    assert_eq!(cohort(&[10, 12, 9, 11, 10, 8]).evidence().all.effective(), 6);
    assert_eq!(Weight::default().effective(), 0);
}

#[test]
fn lines_of_a_batch_do_not_narrow_an_interval() {
    // Goal: a hundred lines of a batch teach what one does. Method: the interval of eight batches of a hundred lines is that
    // of eight lines.
    let one = Stay::new(&cohort(&[1; 8])).median();
    let hundred = Stay::new(&cohort(&[100; 8])).median();
    let Days::Known { days: 13, interval: Some(Interval { from: Some(10), to: Some(16) }) } = one else {
        panic!("{one:?}")
    };
    assert_eq!(one, hundred);
}

#[test]
fn the_gate_counts_what_ended_after_the_age() {
    // Goal: a line that waits long is not told what a few others taught. Method: eight lines, paid on days 10 to 17: after
    // day 11 six are left and half of them are paid on day 14, after day 12 too few.
    let journey = Journey::new(&cohort(&[1; 8]));
    assert_eq!(journey.median(Some(11)), Days::Known { days: 3, interval: None });
    assert_eq!(journey.median(Some(12)), Days::TooFew { needs: 6, has: 5, batches: 5 });
    assert_eq!(journey.median(Some(90)), Days::TooFew { needs: 6, has: 0, batches: 0 });
}

#[test]
fn a_curve_that_begins_thin_gives_no_days() {
    // Goal: one early end among few at risk is no median for all. Method: a line that ends on day 3, when it is the only one
    // at risk, beside twenty-four batches that come under observation on day 20. What was asked of lines that have waited
    // beyond that day is answered.
    let mut cohort = Cohort::default();
    let mut add = |entered, left, batch: String| {
        let spell = Followed { entered, left, outcome: Outcome::Paid, off_by: None };
        cohort.add(spell, Ustr::from(&batch));
    };
    add(None, 3, "first".to_owned());
    add(None, 60, "last".to_owned());
    (0..24).for_each(|n| add(Some(20), 30 + n, format!("B{n}")));
    let stay = Stay::new(&cohort);
    assert_eq!(stay.curve().quantile(0.5), Some(3));
    assert_eq!((stay.median(), stay.p90()), (Days::ThinStart, Days::ThinStart));
    let journey = Journey::new(&cohort);
    assert_eq!(journey.median(None), Days::ThinStart);
    assert_eq!(
        journey.median(Some(20)),
        Days::Known { days: 22, interval: None },
        "the 13th of 25, on day 42"
    );
}

#[test]
fn most_never_getting_there_is_said() {
    // Goal: where too many still wait, the page says how many and for how long (domain 5.3, rule 3). Method: six paid, ten
    // open after 40 days.
    let mut cohort = cohort(&[1; 6]);
    for _ in 0..10 {
        let spell = Followed { entered: None, left: 40, outcome: Outcome::Open, off_by: Some(3) };
        cohort.add(spell, Ustr::from("B"));
    }
    let Days::NotReached { after: 40, waiting } = Stay::new(&cohort).median() else { panic!("reached") };
    assert!((waiting - 0.625).abs() < 1e-12);
    assert_eq!((cohort.between(), cohort.evidence().lines), ((10, 3), 16));
}

proptest! {
    #[test]
    fn evidence_never_counts_more_than_there_is(
        spells in prop::collection::vec((0_u32..30, 0_u8..6, any::<bool>()), 0..80), age in prop::option::of(0_u32..35),
    ) {
        // Goal: the weighed number of batches never exceeds the batches, nor they the lines, at any age, and a merge of
        // parts is the whole. Method: spells of six batches; counts by their definition.
        let mut whole = Cohort::default();
        let mut parts = [Cohort::default(), Cohort::default()];
        for (number, (left, batch, is_open)) in spells.iter().enumerate() {
            let outcome = if *is_open { Outcome::Open } else { Outcome::Left };
            let spell = Followed { entered: None, left: *left, outcome, off_by: None };
            let batch = Ustr::from(&format!("B{batch}"));
            whole.add(spell, batch);
            parts[number % 2].add(spell, batch);
        }
        let [mut merged, other] = parts;
        merged.merge(&other);
        prop_assert_eq!(&merged, &whole);
        let weight = whole.evidence().after(age);
        let counted: Vec<u8> = spells
            .iter()
            .filter(|(left, _, is_open)| !is_open && age.is_none_or(|age| *left > age))
            .map(|(_, batch, _)| *batch)
            .collect();
        let sizes: Vec<u64> =
            (0..6).map(|b| counted.iter().filter(|c| **c == b).count() as u64).filter(|n| *n > 0).collect();
        prop_assert_eq!(weight.settled, counted.len() as u64);
        prop_assert_eq!(weight.batches, sizes.len() as u64);
        prop_assert_eq!(weight.squares, sizes.iter().map(|n| u128::from(n * n)).sum::<u128>());
        prop_assert!(weight.effective() <= weight.batches && weight.batches <= weight.settled);
        let (stay, journey) = (Stay::new(&whole), Journey::new(&whole));
        prop_assert!(stay.median().known().is_none() || whole.evidence().all.effective() >= MEDIAN_FROM);
        prop_assert!(journey.p90(age).known().is_none() || weight.effective() >= P90_FROM);
    }
}
