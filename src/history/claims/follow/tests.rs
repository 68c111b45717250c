use chrono::NaiveDate;
use proptest::prelude::*;
use ustr::Ustr;

use super::*;
use crate::model::id::LineId;
use crate::model::record::{Origin, SourceRef};
use crate::model::time::AsOf;

fn usd(major: i128) -> Money {
    Money::from_minor(major * 100, Currency::parse("USD").unwrap())
}

fn line(id: &str) -> ClaimName {
    ClaimName::Line(LineId::new(id, id))
}

fn order(id: &str) -> ClaimName {
    ClaimName::Order(OrderId::new(id, id))
}

/// Snapshots of 1, 11, 21, … June, each with the amounts of subjects of one order `O`.
fn history(snapshots: &[&[(ClaimName, i128)]]) -> History {
    let mut history = History::default();
    for (number, amounts) in snapshots.iter().enumerate() {
        let day = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() + chrono::Days::new(10 * number as u64);
        history.snapshots.push(AsOf::new(day, None).unwrap());
        let of = OrderId::new("O", "O");
        let now = history.newest();
        history.claimable.see(amounts.iter().map(|(name, amount)| (*name, Some(of), usd(*amount))), now);
    }
    history
}

fn claim(subject: &str, amount: i128, day: u32) -> Claimed {
    Claimed {
        id: Ustr::from(&format!("C-{subject}-{day}-{amount}")),
        subject: Ustr::from(subject),
        subject_key: Ustr::from(subject),
        kind: Ustr::from("short-paid"),
        amount: usd(amount),
        claimed_on: NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() + chrono::Days::new(u64::from(day)),
        reference: None,
        answered_on: None,
        answer: None,
        answered_amount: None,
        note: None,
        origin: Origin { source: SourceRef { file: 0, record: 0 }, copies: Vec::new(), digest: 0 },
    }
}

/// State, recovered, the snapshot, open, beyond.
fn told(followed: &Followed) -> (ClaimState, Money, Option<SnapshotNumber>, Money, Money) {
    (followed.state, followed.recovered, followed.recovered_at, followed.open, followed.beyond)
}

fn one(snapshots: &[&[(ClaimName, i128)]], claim: Claimed) -> Followed {
    follow(&history(snapshots), &[claim]).remove(0)
}

#[test]
fn a_claim_is_open_until_its_amount_falls() {
    // Goal: claimed, then partly recovered, then recovered, each with its snapshot. Method: one line whose amount falls in
    // two steps, seen after each of them.
    let all: [&[(ClaimName, i128)]; 4] = [&[(line("L"), 100)], &[(line("L"), 100)], &[(line("L"), 40)], &[]];
    let after = |snapshots| one(&all[..snapshots], claim("L", 100, 3));
    assert_eq!(told(&after(2)), (ClaimState::Open, usd(0), None, usd(100), usd(0)));
    assert_eq!(after(2).days, 7);
    assert_eq!(told(&after(3)), (ClaimState::PartlyRecovered, usd(60), Some(2), usd(40), usd(0)));
    assert_eq!(told(&after(4)), (ClaimState::Recovered, usd(100), Some(3), usd(0), usd(0)));
}

#[test]
fn only_snapshots_after_the_claim_settle_it() {
    // Goal: what fell before or on the day of the claim is not its doing. Method: a fall of the tenth day, and claims of
    // the day before, of the day itself and of the day after.
    let fall: [&[(ClaimName, i128)]; 2] = [&[(line("L"), 100)], &[(line("L"), 30)]];
    assert_eq!(told(&one(&fall, claim("L", 100, 9))).1, usd(70));
    assert_eq!(
        told(&one(&fall, claim("L", 100, 10))),
        (ClaimState::Open, usd(0), None, usd(30), usd(70)),
        "claimed more than the case's amount"
    );
    assert_eq!(told(&one(&fall, claim("L", 30, 11))), (ClaimState::Open, usd(0), None, usd(30), usd(0)));
    let cleared: [&[(ClaimName, i128)]; 2] = [&[(line("L"), 100)], &[]];
    assert_eq!(
        told(&one(&cleared, claim("L", 100, 10))),
        (ClaimState::NoCase, usd(0), None, usd(0), usd(100)),
        "the case was cleared before"
    );
}

#[test]
fn an_answer_alone_settles_nothing() {
    // Goal: what the vendor says is told apart from what its extracts show. Method: the same amounts with each answer.
    let open: [&[(ClaimName, i128)]; 2] = [&[(line("L"), 100)], &[(line("L"), 100)]];
    let cleared: [&[(ClaimName, i128)]; 2] = [&[(line("L"), 100)], &[]];
    for (_, answer) in ClaimAnswer::ALL {
        let answered = Claimed { answer: Some(answer), ..claim("L", 100, 3) };
        assert_eq!(one(&open, answered.clone()).state, ClaimState::AnsweredOpen);
        let then = one(&cleared, answered).state;
        assert_eq!(then == ClaimState::Closed, answer == ClaimAnswer::Rejected);
        assert!(then == ClaimState::Closed || then == ClaimState::Recovered);
    }
}

#[test]
fn a_claim_moves_from_an_order_to_its_line() {
    // Goal: a missing line that arrives with less settles the difference and no more. Method: an order of 720 whose line
    // arrives with 40 to claim; then that is paid too. The other way, a line that vanishes takes its claim to the order.
    let arrives: [&[(ClaimName, i128)]; 3] = [&[(order("O"), 720)], &[(line("L"), 40)], &[]];
    let then = one(&arrives[..2], claim("O", 720, 3));
    assert_eq!(told(&then), (ClaimState::PartlyRecovered, usd(680), Some(1), usd(40), usd(0)));
    assert_eq!(then.backed_by, [(line("L"), usd(40))]);
    assert_eq!(told(&one(&arrives, claim("O", 720, 3))).1, usd(720));
    let vanishes: [&[(ClaimName, i128)]; 2] = [&[(line("L"), 40)], &[(order("O"), 500)]];
    let then = one(&vanishes, claim("L", 40, 3));
    assert_eq!(
        (then.state, then.open, then.backed_by),
        (ClaimState::Open, usd(40), vec![(order("O"), usd(40))])
    );
}

#[test]
fn an_id_means_a_line_before_an_order() {
    let both: [&[(ClaimName, i128)]; 1] = [&[(line("O"), 5), (line("L"), 7), (order("O"), 9)]];
    assert_eq!(one(&both, claim("O", 100, 3)).open, usd(5));
    let order_only: [&[(ClaimName, i128)]; 1] = [&[(line("L"), 7), (order("O"), 9)]];
    assert_eq!(one(&order_only, claim("O", 100, 3)).open, usd(16), "an order is all of it");
}

/// Amounts of the line and of the order in each of up to five snapshots; and up to four claims: whether on the line, the
/// amount, the day.
type World = (Vec<(u8, u8)>, Vec<(bool, u8, u8)>);

fn worlds() -> impl Strategy<Value = World> {
    (
        proptest::collection::vec((0_u8..20, 0_u8..20), 1..6),
        proptest::collection::vec((any::<bool>(), 1_u8..30, 0_u8..60), 1..5),
    )
}

proptest! {
    #[test]
    fn claims_never_take_more_than_there_is((amounts, made) in worlds()) {
        // Goal: open over all claims is at most what is at stake, no part of a claim is lost or counted twice, and a later
        // snapshot takes nothing of what was recovered. Method: random amounts and claims, seen after every snapshot.
        let snapshots: Vec<Vec<(ClaimName, i128)>> = amounts
            .iter()
            .map(|(a, b)| vec![(line("L"), i128::from(*a)), (order("O"), i128::from(*b))])
            .collect();
        let claims: Vec<Claimed> = made
            .iter()
            .map(|(of_line, amount, day)| claim(if *of_line { "L" } else { "O" }, (*amount).into(), (*day).into()))
            .collect();
        let mut recovered: Vec<i128> = vec![0; claims.len()];
        for known in 1..=snapshots.len() {
            let seen: Vec<&[(ClaimName, i128)]> = snapshots[..known].iter().map(Vec::as_slice).collect();
            let followed = follow(&history(&seen), &claims);
            let mut open = std::collections::BTreeMap::<ClaimName, i128>::new();
            for ((claim, now), before) in claims.iter().zip(&followed).zip(&mut recovered) {
                let parts = now.recovered.minor() + now.open.minor() + now.beyond.minor();
                prop_assert_eq!(parts, claim.amount.minor());
                for (name, part) in &now.backed_by {
                    prop_assert!(part.minor() > 0);
                    *open.entry(*name).or_default() += part.minor();
                }
                prop_assert!(now.recovered.minor() >= *before);
                *before = now.recovered.minor();
            }
            for (name, amount) in &snapshots[known - 1] {
                prop_assert!(open.get(name).copied().unwrap_or(0) <= amount * 100);
            }
        }
    }
}
