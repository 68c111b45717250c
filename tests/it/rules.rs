//! What a program pays: figures derived by hand for every method, and properties that hold for all amounts.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;
use tieout::model::id::Id;
use tieout::model::money::{Currency, Money, RoundMode};
use tieout::model::record::{Cancellation, Order, Origin, SourceRef};
use tieout::model::reference::{
    BaseBasis, Baseline, Cap, CapOn, CapScope, DateBasis, Growth, Method, Program, ProgramRate, Reference,
    Refunds, RoundLevel, RuleSource, ScopeOwner, ScopeWindow, Sku, Stacking, TierScope, Validity,
};
use tieout::rules::entitlement::Claim;
use tieout::rules::{Entitlement, Entitlements, Ineligible, Rules};
use ustr::Ustr;

use super::support::Project;

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

fn usd(minor: i128) -> Money {
    Money::from_minor(minor, Currency::parse("USD").unwrap())
}

fn origin() -> Origin {
    Origin { source: SourceRef { file: 0, record: 0 }, copies: Vec::new(), digest: 0 }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An order of an account in May, invoiced on a day of the month.
fn order(number: usize, account: &str, on: u32, minor: i128) -> Order {
    let id = format!("O{number:04}");
    let date = NaiveDate::from_ymd_opt(2026, 5, on).unwrap();
    Order {
        id: Id::new(&id, &id),
        line: None,
        reseller: None,
        account: Id::new(account, account),
        customer: None,
        subscription: None,
        invoice: None,
        invoice_date: Some(date),
        order_date: date,
        usage_from: None,
        payment_date: None,
        sku: Id::new("SERVER", "SERVER"),
        region: None,
        site: None,
        billing_model: None,
        contract_type: None,
        contract_active_from: None,
        campaign: None,
        amount_list: None,
        amount_tax: None,
        amount_net: usd(minor),
        amount_voucher: None,
        amount_paid: None,
        quantity: None,
        customer_class: None,
        status: None,
        origin: origin(),
    }
}

/// A program of 2026 that rounds each line, half up.
fn program(id: &str, method: Method) -> Program {
    Program {
        id: Id::new(id, id),
        name: id.into(),
        campaign: None,
        site: None,
        currency: Currency::parse("USD").unwrap(),
        valid: Validity { from: Some(day("2026-01-01")), to: Some(day("2026-12-31")) },
        contract_types: Vec::new(),
        billing_models: Vec::new(),
        regions: Vec::new(),
        resellers: Vec::new(),
        customer_classes: Vec::new(),
        requires_enrollment: None,
        enrollment_tier: None,
        exclusive_group: None,
        stacking: Stacking::default(),
        priority: 0,
        method,
        tier_scope: TierScope::default(),
        growth: None,
        threshold_min: None,
        caps: Vec::new(),
        refunds: Refunds::default(),
        clawback_days: None,
        confirm_days: None,
        dispute_days: None,
        settlement_currency: None,
        period_basis: DateBasis::default(),
        window_basis: DateBasis::default(),
        base_basis: BaseBasis::default(),
        round_mode: RoundMode::default(),
        round_level: RoundLevel::default(),
        source: RuleSource::default(),
        origin: origin(),
    }
}

const QUARTER: TierScope = TierScope { owner: ScopeOwner::Account, window: ScopeWindow::Quarter };

fn rate(program: &str, from: &str, to: Option<&str>, rate: &str) -> ProgramRate {
    ProgramRate {
        program: Id::new(program, program),
        category: "compute".into(),
        sku: None,
        tier_from: decimal(from),
        tier_to: to.map(decimal),
        rate: decimal(rate),
        valid: Validity::default(),
        origin: origin(),
    }
}

/// Programs, their rates and the orders that claim in all of them; `batch` puts each order into a batch and payout.
struct World {
    reference: Reference,
    orders: Vec<Order>,
    batch: fn(u32) -> Option<&'static str>,
    refunds: Vec<Cancellation>,
}

impl World {
    fn new(programs: Vec<Program>, rates: Vec<ProgramRate>, orders: Vec<Order>) -> World {
        let sku = Sku {
            id: Id::new("SERVER", "SERVER"),
            vendor: None,
            category: "compute".into(),
            valid: Validity::default(),
            origin: origin(),
        };
        let reference = Reference { programs, rates, skus: vec![sku], ..Reference::default() }.sorted();
        World { reference, orders, batch: |_| None, refunds: Vec::new() }
    }

    fn look<T>(&self, look: impl FnOnce(&Rules<'_>, &Entitlements<'_>) -> T) -> T {
        self.look_at(|_| {}, look)
    }

    /// As [`World::look`], with claims that are changed first.
    fn look_at<T>(
        &self,
        change: impl Fn(&mut Claim<'_>),
        look: impl FnOnce(&Rules<'_>, &Entitlements<'_>) -> T,
    ) -> T {
        let rules = Rules::new(&self.reference);
        let mut refunds: HashMap<_, Vec<&Cancellation>> = HashMap::new();
        for refund in &self.refunds {
            refunds.entry(refund.order).or_default().push(refund);
        }
        let mut claims = Vec::new();
        for number in 0..u32::try_from(self.orders.len()).unwrap() {
            for program in &self.reference.programs {
                let batch = (self.batch)(number).map(Ustr::from);
                let mut claim = Claim {
                    order: number,
                    program,
                    excluded_by: None,
                    is_counted: true,
                    batch,
                    payout: batch,
                };
                change(&mut claim);
                claims.push(claim);
            }
        }
        look(&rules, &Entitlements::new(&rules, &self.orders, &claims, &refunds))
    }

    /// What each order earns in the first program, in minor units.
    fn earned(&self) -> Vec<i128> {
        self.earned_in(0)
    }

    fn earned_in(&self, program: usize) -> Vec<i128> {
        self.each(program, |e| e.expected.unwrap().minor())
    }

    fn each<T>(&self, program: usize, of: impl Fn(&Entitlement<'_>) -> T) -> Vec<T> {
        let count = u32::try_from(self.orders.len()).unwrap();
        self.look(|_, all| (0..count).map(|n| of(&all.of_order(n)[program])).collect())
    }

    fn words(&self) -> Vec<String> {
        self.look(|rules, all| {
            let words =
                |(n, order)| all.of_order(n)[0].in_words(rules, order).unwrap_or_else(|| "-".to_owned());
            (0..).zip(&self.orders).map(words).collect()
        })
    }
}

/// Three tiers in major units: 1 % to 1,000, 2 % to 3,000, 3 % above.
fn tiers() -> Vec<ProgramRate> {
    vec![
        rate("P", "0", Some("1000"), "0.01"),
        rate("P", "1000", Some("3000"), "0.02"),
        rate("P", "3000", None, "0.03"),
    ]
}

/// Orders of 800, 1,500 and 1,700 of one account on three days; with units, so that every method has what it needs.
fn three() -> Vec<Order> {
    let units = [(80_000, "3"), (150_000, "4"), (170_000, "5")];
    let orders = units.iter().zip(1_u32..).map(|((minor, quantity), n)| Order {
        quantity: Some(decimal(quantity)),
        ..order(n as usize, "A", n, *minor)
    });
    orders.collect()
}

fn growth(on_increment: bool) -> Option<Growth> {
    Some(Growth { baseline: Baseline::Amount(usd(250_000)), in_percent: true, on_increment })
}

fn growth_tiers() -> Vec<ProgramRate> {
    vec![rate("P", "0", Some("0.5"), "0.01"), rate("P", "0.5", None, "0.05")]
}

#[test]
fn each_method_pays_what_was_worked_out_by_hand() {
    // Goal: one set of orders and tiers, and what each method makes of it (Dynamics shows the same: 350, 500, 600). Method:
    // figures and sentences derived on paper. The volume of the quarter is 4,000: retroactive pays its 3 % on all;
    // marginal pays 1,000 × 1 % + 2,000 × 2 % + 1,000 × 3 % = 80, order by order; alone, each order has its own bands.
    // Growth over 2,500 is 1,500 or 60 %, so 5 %: of 4,000, or of the 1,500, whose 75.00 are shared by base; the two
    // orders tie for the last cent, and the earlier one gets it.
    let wide = |method| Program { tier_scope: QUARTER, ..program("P", method) };
    let flat = || vec![rate("P", "0", None, "0.02")];
    let growing = |on_increment| Program { growth: growth(on_increment), ..wide(Method::Growth) };
    for (name, program, rates, earned, words) in [
        (
            "flat",
            program("P", Method::Flat),
            flat(),
            [1_600, 3_000, 3_400],
            ["800.00 × 2% = 16.00", "1,500.00 × 2% = 30.00", "1,700.00 × 2% = 34.00"],
        ),
        (
            "retroactive over a quarter",
            wide(Method::Retroactive),
            tiers(),
            [2_400, 4_500, 5_100],
            [
                "800.00 × 3% at a volume of 4,000.00 = 24.00",
                "1,500.00 × 3% at a volume of 4,000.00 = 45.00",
                "1,700.00 × 3% at a volume of 4,000.00 = 51.00",
            ],
        ),
        (
            "retroactive by order",
            program("P", Method::Retroactive),
            tiers(),
            [800, 3_000, 3_400],
            [
                "800.00 × 1% at a volume of 800.00 = 8.00",
                "1,500.00 × 2% at a volume of 1,500.00 = 30.00",
                "1,700.00 × 2% at a volume of 1,700.00 = 34.00",
            ],
        ),
        (
            "marginal over a quarter",
            wide(Method::Marginal),
            tiers(),
            [800, 2_800, 4_400],
            [
                "800.00 × 1% = 8.00",
                "200.00 × 1% + 1,300.00 × 2% = 28.00",
                "700.00 × 2% + 1,000.00 × 3% = 44.00",
            ],
        ),
        (
            "marginal by order",
            program("P", Method::Marginal),
            tiers(),
            [800, 2_000, 2_400],
            [
                "800.00 × 1% = 8.00",
                "1,000.00 × 1% + 500.00 × 2% = 20.00",
                "1,000.00 × 1% + 700.00 × 2% = 24.00",
            ],
        ),
        (
            "growth on all",
            growing(false),
            growth_tiers(),
            [4_000, 7_500, 8_500],
            [
                "800.00 × 5% at a growth of 1,500.00 to a volume of 4,000.00 = 40.00",
                "1,500.00 × 5% at a growth of 1,500.00 to a volume of 4,000.00 = 75.00",
                "1,700.00 × 5% at a growth of 1,500.00 to a volume of 4,000.00 = 85.00",
            ],
        ),
        (
            "growth on the increment",
            growing(true),
            growth_tiers(),
            [1_500, 2_813, 3_187],
            [
                "800.00 × 5% × 1,500.00 of growth ÷ 4,000.00 of volume = 15.00",
                "1,500.00 × 5% × 1,500.00 of growth ÷ 4,000.00 of volume = 28.125, rounded to 28.13",
                "1,700.00 × 5% × 1,500.00 of growth ÷ 4,000.00 of volume = 31.875, rounded to 31.88, 31.87 as its part of the rounded sum",
            ],
        ),
        (
            "per unit",
            program("P", Method::PerUnit),
            vec![rate("P", "0", None, "2.50")],
            [750, 1_000, 1_250],
            ["3 units × 2.5 = 7.50", "4 units × 2.5 = 10.00", "5 units × 2.5 = 12.50"],
        ),
        (
            "fixed",
            program("P", Method::Fixed),
            vec![rate("P", "0", None, "20")],
            [2_000; 3],
            ["a fixed 20 per order = 20.00"; 3],
        ),
    ] {
        let world = World::new(vec![program], rates, three());
        assert_eq!(world.earned(), earned, "{name}");
        assert_eq!(world.words(), words, "{name}");
    }
    let lump = World::new(vec![program("P", Method::LumpSum)], flat(), three());
    assert_eq!(lump.each(0, |e| e.expected), [None; 3], "granted by hand, never recomputed");
    assert_eq!(lump.words(), ["-"; 3]);
}

#[test]
fn what_changes_an_amount_stands_in_its_sentence() {
    // Goal: a person with a pocket calculator arrives at the amount: voucher, tax, refund, caps, and an uneven cent.
    // Method: one order of 1,500.00 at 2 % or an odd rate, changed in one respect; sentences written by hand.
    let one = |change: fn(&mut Program, &mut Order), rated: &str| {
        let (mut program, mut order) = (program("P", Method::Flat), order(1, "A", 1, 150_000));
        change(&mut program, &mut order);
        World::new(vec![program], vec![rate("P", "0", None, rated)], vec![order])
    };
    for (change, rated, minor, words) in [
        (
            (|_, o| o.amount_voucher = Some(usd(10_000))) as fn(&mut Program, &mut Order),
            "0.02",
            2_800,
            "(1,500.00 − 100.00 voucher) × 2% = 28.00",
        ),
        (
            |p, o| {
                p.base_basis = BaseBasis::NetLessVoucherAndTax;
                o.amount_tax = Some(usd(25_000));
            },
            "0.02",
            2_500,
            "(1,500.00 − 250.00 tax) × 2% = 25.00",
        ),
        (
            |p, _| p.caps = vec![Cap { scope: CapScope::Order, on: CapOn::Rebate, amount: usd(1_000) }],
            "0.02",
            1_000,
            "1,500.00 × 2% = 30.00, capped at 10.00",
        ),
        (
            |p, _| p.caps = vec![Cap { scope: CapScope::Program, on: CapOn::Base, amount: usd(50_000) }],
            "0.02",
            1_000,
            "the 500.00 that the cap leaves of 1,500.00 × 2% = 10.00",
        ),
        (|_, _| {}, "0.012345", 1_852, "1,500.00 × 1.2345% = 18.5175, rounded to 18.52"),
    ] {
        let world = one(change, rated);
        assert_eq!((world.earned(), world.words()), (vec![minor], vec![words.to_owned()]));
    }
    let mut refunded = one(|p, _| p.refunds = Refunds::DeductInPeriod, "0.02");
    refunded.refunds.push(Cancellation {
        id: Id::new("C1", "C1"),
        order: refunded.orders[0].id,
        date: day("2026-05-20"),
        amount_refund: usd(30_000),
        kind: None,
        origin: origin(),
    });
    assert_eq!(refunded.earned(), [2_400], "1,200.00 × 2 %");
    assert_eq!(refunded.words(), ["(1,500.00 − 300.00 deducted) × 2% = 24.00"]);
    refunded.refunds[0].date = day("2026-06-01");
    assert_eq!(refunded.earned(), [3_000], "a refund after the period changes nothing");
}

#[test]
fn a_credit_note_gives_back_the_bands_it_crosses() {
    // Goal: a negative order takes back what the volume earned, no more and no less. Method: 1,500.00 and then 700.00 back
    // leave 800.00, which earn 8.00.
    let p = Program { tier_scope: QUARTER, ..program("P", Method::Marginal) };
    let world = World::new(vec![p], tiers(), vec![order(1, "A", 1, 150_000), order(2, "A", 2, -70_000)]);
    assert_eq!(world.earned(), [2_000, -1_200]);
    assert_eq!(world.words()[1], "−200.00 × 1% + −500.00 × 2% = −12.00");
}

#[test]
fn no_growth_pays_nothing() {
    // Goal: a volume at its baseline or below has not grown, although a tier begins at 0. Method: the three orders, whose
    // volume is 4,000.00, against that baseline and a higher one.
    for (baseline, on_increment) in [(400_000, false), (400_000, true), (450_000, false), (450_000, true)] {
        let growth = Growth { baseline: Baseline::Amount(usd(baseline)), in_percent: true, on_increment };
        let p = Program { growth: Some(growth), tier_scope: QUARTER, ..program("P", Method::Growth) };
        for tiers in [growth_tiers(), vec![rate("P", "0", None, "0.05")]] {
            assert_eq!(World::new(vec![p.clone()], tiers, three()).earned(), [0, 0, 0], "{baseline}");
        }
    }
}

#[test]
fn a_fixed_amount_is_paid_once_per_order() {
    // Goal: `fixed` is an amount per order, however many rows the order has. Method: an order of three rows, the first of
    // which does not qualify; another order.
    let p = Program { regions: vec!["eu".into()], ..program("P", Method::Fixed) };
    let row = |number, region: &str| Order { region: Some(region.into()), ..order(number, "A", 1, 100) };
    let orders = vec![row(1, "us"), row(1, "eu"), row(1, "eu"), row(2, "eu")];
    let world = World::new(vec![p], vec![rate("P", "0", None, "20")], orders);
    assert_eq!(world.earned(), [0, 2_000, 0, 2_000]);
    assert_eq!(
        world.words()[2],
        "nothing beside another row of the order, which has its fixed amount = 0.00"
    );
}

#[test]
fn an_order_that_only_counts_in_the_volume_takes_nothing_from_a_cap() {
    // Goal: an order that earns elsewhere lifts the tier and leaves cap and rounding to the others. Method: of two equal
    // orders under a cap for one of them, the first is only counted.
    let caps = |on| {
        vec![Cap {
            scope: CapScope::Program,
            on,
            amount: usd(if on == CapOn::Base { 100_000 } else { 3_000 }),
        }]
    };
    for (on, earned) in [(CapOn::Rebate, 2_000), (CapOn::Base, 2_000)] {
        let p = Program { caps: caps(on), tier_scope: QUARTER, ..program("P", Method::Retroactive) };
        let orders = vec![order(1, "A", 1, 100_000), order(2, "A", 2, 100_000)];
        let world = World::new(vec![p], tiers(), orders);
        let found = world.look_at(
            |claim| claim.is_counted = claim.order != 0,
            |_, all| all.of_order(1)[0].expected.unwrap().minor(),
        );
        assert_eq!(found, earned, "{on:?}: 1,000.00 at the 2 % of 2,000.00");
    }
}

#[test]
fn one_program_of_an_exclusive_group_earns() {
    // Goal: programs that exclude each other never both pay for an order. Method: every order row of the sample, by group;
    // and a claim that another program stands for, which earns nothing and shows what it would earn.
    Project::sample().reconcile(|seen| {
        let mut with_group = 0;
        for number in 0..u32::try_from(seen.reconciled.snapshot.records.orders.len()).unwrap() {
            let mut groups: BTreeMap<Ustr, usize> = BTreeMap::new();
            for one in seen.reconciled.entitlements.of_order(number).iter().filter(|e| e.claim.is_counted) {
                let group = one.claim.program.exclusive_group;
                if let Some(group) = group.filter(|_| one.expected.is_some_and(|m| !m.is_zero())) {
                    *groups.entry(group).or_default() += 1;
                }
            }
            assert!(groups.values().all(|count| *count == 1), "{groups:?}");
            with_group += groups.len();
        }
        assert!(with_group > 40, "the sample has groups");
    });
    let world = World::new(vec![program("P", Method::Flat)], vec![rate("P", "0", None, "0.02")], three());
    let other = program("Q", Method::Flat);
    let rules = Rules::new(&world.reference);
    let claim = Claim {
        order: 0,
        program: &world.reference.programs[0],
        excluded_by: Some(&other),
        is_counted: true,
        batch: None,
        payout: None,
    };
    let all = Entitlements::new(&rules, &world.orders[..1], &[claim], &HashMap::new());
    let one = &all.of_order(0)[0];
    assert_eq!((one.expected, one.potential), (Some(usd(0)), Some(usd(1_600))));
}

/// Orders of up to three accounts with whole cents, in the order of their ids and in any order of dates.
fn orders() -> impl Strategy<Value = Vec<Order>> {
    prop::collection::vec((0_usize..3, 1_u32..29, 0_i128..900_000), 1..14).prop_map(|rows| {
        let account = ["A", "B", "C"];
        rows.into_iter().enumerate().map(|(n, (who, on, minor))| order(n, account[who], on, minor)).collect()
    })
}

/// Orders of one account.
fn orders_of_one() -> impl Strategy<Value = Vec<Order>> {
    orders()
        .prop_map(|rows| rows.into_iter().map(|row| Order { account: Id::new("A", "A"), ..row }).collect())
}

/// A rate in ten-thousandths.
fn rate_of(number: u32) -> String {
    format!("0.{number:04}")
}

fn level() -> impl Strategy<Value = RoundLevel> {
    prop::sample::select(vec![RoundLevel::Line, RoundLevel::Order, RoundLevel::Batch, RoundLevel::Payout])
}

fn mode() -> impl Strategy<Value = RoundMode> {
    prop::sample::select(vec![RoundMode::HalfUp, RoundMode::HalfEven, RoundMode::Down])
}

fn cap_scope() -> impl Strategy<Value = CapScope> {
    prop::sample::select(vec![CapScope::Order, CapScope::Account, CapScope::Period, CapScope::Program])
}

/// A method over a wide scope, with rates.
fn method() -> impl Strategy<Value = (Program, Vec<ProgramRate>)> {
    let wide = |method| Program { tier_scope: QUARTER, ..program("P", method) };
    prop::sample::select(vec![
        (program("P", Method::Flat), vec![rate("P", "0", None, "0.0333")]),
        (wide(Method::Retroactive), tiers()),
        (wide(Method::Marginal), tiers()),
        (Program { growth: growth(false), ..wide(Method::Growth) }, growth_tiers()),
        (Program { growth: growth(true), ..wide(Method::Growth) }, growth_tiers()),
    ])
}

/// Two batches, by turns.
fn two_batches(number: u32) -> Option<&'static str> {
    Some(if number.is_multiple_of(2) { "B1" } else { "B2" })
}

/// Rounds ten-thousandths of a cent, of an amount that is not negative; written differently from the program on purpose.
fn cents(exact: i128, mode: RoundMode) -> i128 {
    let (whole, rest) = (exact / 10_000, exact % 10_000);
    match mode {
        RoundMode::Down => whole,
        RoundMode::HalfUp => whole + i128::from(rest >= 5_000),
        RoundMode::HalfEven => whole + i128::from(rest > 5_000 || (rest == 5_000 && whole % 2 == 1)),
    }
}

/// What the three tiers pay for a volume, in ten-thousandths of a cent.
fn banded(volume: i128) -> i128 {
    let band = |from: i128, to: i128, rate: i128| (volume.min(to) - from).max(0) * rate;
    band(0, 100_000, 100) + band(100_000, 300_000, 200) + band(300_000, i128::MAX, 300)
}

fn bases(orders: &[Order]) -> Vec<i128> {
    orders.iter().map(|o| o.amount_net.minor()).collect()
}

proptest! {
    #[test]
    fn no_cap_on_the_rebate_is_exceeded(
        (program, rates) in method(), orders in orders(), scope in cap_scope(), level in level(), mode in mode(),
        share in 0_i128..110,
    ) {
        // Goal: whatever method and rounding, a scope never earns more than its cap, and all of it once there is enough
        // (domain 3.3, step 5). Method: sums over each scope, with and without the cap.
        let free = Program { round_level: level, round_mode: mode, ..program };
        let key = |order: &Order| match scope {
            CapScope::Order => order.id.to_string(),
            CapScope::Account => order.account.to_string(),
            CapScope::Period | CapScope::Program => String::new(),
        };
        let sums = |program: Program| {
            let mut world = World::new(vec![program], rates.clone(), orders.clone());
            world.batch = two_batches;
            let mut sums: BTreeMap<String, i128> = BTreeMap::new();
            for (order, minor) in world.orders.iter().zip(world.earned()) {
                *sums.entry(key(order)).or_default() += minor;
            }
            sums
        };
        let unlimited = sums(free.clone());
        // Of the largest scope a share, so that the cap falls between its orders.
        let amount = unlimited.values().max().unwrap() * share / 100;
        let caps = vec![Cap { scope, on: CapOn::Rebate, amount: usd(amount) }];
        let capped = sums(Program { caps, ..free });
        let slack = i128::try_from(orders.len()).unwrap();
        for (key, sum) in &capped {
            prop_assert!(*sum <= amount, "{key}: {sum} of {amount}");
            // One minor unit per order at most is lost to rounding beside the cap.
            prop_assert!(*sum >= unlimited[key].min(amount) - slack, "{key}: {sum}, {amount}, {}", unlimited[key]);
        }
    }

    #[test]
    fn no_cap_on_the_base_is_exceeded(
        orders in orders(), scope in cap_scope(), level in level(), percent in 1_u32..5_000, amount in 0_i128..900_000,
    ) {
        // Goal: no more base than the cap earns, and all of it once there is enough. Method: rounding down, the rebate of
        // a scope is at most the cap's, and at most one minor unit per order less.
        let caps = vec![Cap { scope, on: CapOn::Base, amount: usd(amount) }];
        let p = Program { caps, round_level: level, round_mode: RoundMode::Down, ..program("P", Method::Flat) };
        let mut world = World::new(vec![p], vec![rate("P", "0", None, &rate_of(percent))], orders);
        world.batch = two_batches;
        let mut sums: BTreeMap<String, (i128, i128, i128)> = BTreeMap::new();
        for (order, minor) in world.orders.iter().zip(world.earned()) {
            let key = match scope {
                CapScope::Order => order.id.to_string(),
                CapScope::Account => order.account.to_string(),
                CapScope::Period | CapScope::Program => String::new(),
            };
            let sum = sums.entry(key).or_default();
            *sum = (sum.0 + minor, sum.1 + order.amount_net.minor(), sum.2 + 1);
        }
        for (key, (sum, base, count)) in sums {
            let most = base.min(amount) * i128::from(percent);
            prop_assert!(sum * 10_000 < most + 10_000 * count && sum * 10_000 > most - 10_000 * count, "{key}: {sum}");
            if level == RoundLevel::Line {
                prop_assert!(sum * 10_000 <= most, "{key}: {sum}");
            }
        }
    }

    #[test]
    fn bands_over_a_sequence_are_the_bands_of_the_total(orders in orders_of_one(), level in level(), mode in mode()) {
        // Goal: a marginal program pays the same for a sequence of orders as for their total (I-34). Method: the bands of
        // the total, computed apart; with one batch exactly, else within the units that rounding moves.
        let p = Program { tier_scope: QUARTER, round_level: level, round_mode: mode, ..program("P", Method::Marginal) };
        let mut world = World::new(vec![p], tiers(), orders);
        world.batch = |_| Some("B");
        let sum: i128 = world.earned().iter().sum();
        let total = banded(bases(&world.orders).iter().sum());
        match level {
            RoundLevel::Batch | RoundLevel::Payout => prop_assert_eq!(sum, cents(total, mode)),
            RoundLevel::Line | RoundLevel::Order => {
                let slack = 10_000 * i128::try_from(world.orders.len()).unwrap();
                prop_assert!((sum * 10_000 - total).abs() <= slack, "{sum} {total}");
            }
        }
    }

    #[test]
    fn a_retroactive_rate_is_that_of_the_total(orders in orders(), mode in mode()) {
        // Goal: every order of a scope has the rate that the volume of the scope reaches. Method: base times that rate,
        // account by account, computed apart.
        let p = Program { tier_scope: QUARTER, round_mode: mode, ..program("P", Method::Retroactive) };
        let world = World::new(vec![p], tiers(), orders);
        for (order, earned) in world.orders.iter().zip(world.earned()) {
            let same = world.orders.iter().filter(|o| o.account == order.account);
            let volume: i128 = same.map(|o| o.amount_net.minor()).sum();
            let rate = match volume { ..100_000 => 100, 100_000..300_000 => 200, _ => 300 };
            prop_assert_eq!(earned, cents(order.amount_net.minor() * rate, mode));
        }
    }

    #[test]
    fn parts_of_an_increment_sum_to_its_rebate(
        orders in orders_of_one(), baseline in 1_i128..3_000_000,
        percent in prop_oneof![Just(5_000_u32), 1_u32..9_999], mode in mode(),
    ) {
        // Goal: the rebate on an increment is rounded once and shared by base, exactly. Method: increment times rate,
        // computed apart, half of them at 50 % where odd cents tie; every part is within one unit of its exact share.
        let growth = Growth { baseline: Baseline::Amount(usd(baseline)), in_percent: true, on_increment: true };
        let p = Program {
            growth: Some(growth), tier_scope: QUARTER, round_mode: mode, ..program("P", Method::Growth)
        };
        let world = World::new(vec![p], vec![rate("P", "0", None, &rate_of(percent))], orders);
        let (bases, earned) = (bases(&world.orders), world.earned());
        let volume: i128 = bases.iter().sum();
        let exact = (volume - baseline).max(0) * i128::from(percent);
        prop_assert_eq!(earned.iter().sum::<i128>(), cents(exact, mode));
        for (base, earned) in bases.iter().zip(earned).filter(|_| exact > 0) {
            prop_assert!((earned * 10_000 * volume - exact * base).abs() <= 10_000 * volume, "{base} {earned}");
        }
    }

    #[test]
    fn rounded_parts_sum_to_the_rounded_total(
        orders in orders(), level in level(), mode in mode(), percent in 1_u32..9_999,
    ) {
        // Goal: a sum is rounded once at its level, and no order is off by a minor unit (domain 3.3, step 7). Method: the
        // products computed apart, summed by order, batch or payout.
        let p = Program { round_level: level, round_mode: mode, ..program("P", Method::Flat) };
        let mut world = World::new(vec![p], vec![rate("P", "0", None, &rate_of(percent))], orders);
        world.batch = two_batches;
        let mut sums: BTreeMap<String, (i128, i128)> = BTreeMap::new();
        for ((n, order), earned) in (0..).zip(&world.orders).zip(world.earned()) {
            let exact = order.amount_net.minor() * i128::from(percent);
            prop_assert!((earned * 10_000 - exact).abs() < 10_000, "{earned} of {exact}");
            let key = match level {
                RoundLevel::Line | RoundLevel::Order => order.id.to_string(),
                RoundLevel::Batch | RoundLevel::Payout => two_batches(n).unwrap().to_owned(),
            };
            let sum = sums.entry(key).or_default();
            *sum = (sum.0 + earned, sum.1 + exact);
        }
        for (earned, exact) in sums.into_values() {
            prop_assert_eq!(earned, cents(exact, mode));
        }
    }

    #[test]
    fn an_earlier_program_takes_its_rebate_off_the_base_of_a_later_one(
        orders in orders(), priorities in Just(vec![1_u32, 2, 3]).prop_shuffle(), percent in prop::array::uniform3(1_u32..3_000),
    ) {
        // Goal: with `reduce_base`, programs are computed by priority, each on what the earlier ones leave (domain 3.3,
        // step 6). Method: the chain computed apart, order by order, for every order of priorities.
        let ids = ["P", "Q", "R"];
        let programs = ids.iter().zip(&priorities).map(|(id, priority)| Program {
            exclusive_group: Some("G".into()),
            stacking: Stacking::ReduceBase,
            priority: *priority,
            ..program(id, Method::Flat)
        });
        let rates = ids.iter().zip(percent).map(|(id, number)| rate(id, "0", None, &rate_of(number)));
        let world = World::new(programs.collect(), rates.collect(), orders);
        let earned: Vec<Vec<i128>> = (0..3).map(|n| world.earned_in(n)).collect();
        let mut turns: Vec<usize> = (0..3).collect();
        turns.sort_by_key(|n| priorities[*n]);
        for (n, order) in world.orders.iter().enumerate() {
            let mut base = order.amount_net.minor();
            for program in &turns {
                let expected = cents(base * i128::from(percent[*program]), RoundMode::HalfUp);
                prop_assert_eq!(earned[*program][n], expected);
                base -= expected;
            }
        }
    }

    #[test]
    fn units_and_fixed_amounts_do_not_depend_on_the_base(
        orders in orders(), units in 0_u32..5_000, each in 0_u32..9_999,
    ) {
        // Goal: an amount per unit is units times amount, a fixed one is itself. Method: ten-thousandths of a dollar,
        // rounded apart.
        let price = rate_of(each);
        let quantity = Some(Decimal::from(units));
        let orders: Vec<Order> = orders.into_iter().map(|o| Order { quantity, ..o }).collect();
        let rates = || vec![rate("P", "0", None, &price)];
        let world = World::new(vec![program("P", Method::PerUnit)], rates(), orders.clone());
        let expected = cents(i128::from(units) * i128::from(each) * 100, RoundMode::HalfUp);
        prop_assert!(world.earned().iter().all(|earned| *earned == expected));
        let world = World::new(vec![program("P", Method::Fixed)], rates(), orders);
        let expected = cents(i128::from(each) * 100, RoundMode::HalfUp);
        prop_assert!(world.earned().iter().all(|earned| *earned == expected));
    }

    #[test]
    fn nothing_is_earned_below_the_minimum(orders in orders_of_one(), minimum in 1_i128..3_000_000) {
        // Goal: below the minimum volume an order earns nothing and says how much is missing; from it on, all of it
        // (domain 3.3, step 8). Method: both sides of the minimum, and the minimum itself.
        let free = Program { tier_scope: QUARTER, ..program("P", Method::Flat) };
        let rates = || vec![rate("P", "0", None, "0.02")];
        let open = World::new(vec![free.clone()], rates(), orders.clone()).earned();
        let volume: i128 = bases(&orders).iter().sum();
        for minimum in [minimum, volume, volume + 1] {
            let p = Program { threshold_min: Some(usd(minimum)), ..free.clone() };
            let world = World::new(vec![p], rates(), orders.clone());
            if volume >= minimum {
                prop_assert_eq!(world.earned(), open.clone());
                continue;
            }
            prop_assert!(world.earned().iter().all(|earned| *earned == 0));
            let short = world.each(0, |e| match &e.failures[..] {
                [Ineligible::Threshold { short, volume, .. }] => Some((short.minor(), volume.minor())),
                _ => None,
            });
            prop_assert!(short.iter().all(|s| *s == Some((minimum - volume, volume))), "{short:?}");
        }
    }

    #[test]
    fn a_flat_rebate_grows_with_its_base(
        (less, more) in (0_i128..9_000_000, 0_i128..9_000_000), percent in 0_u32..9_999, cap in 0_i128..100_000,
    ) {
        // Goal: no order earns less for a larger base, at most its cap; ten times the base earn ten times as much before
        // rounding; a rate of 0 earns nothing. Method: two orders of different accounts in one program.
        let (less, more) = (less.min(more), less.max(more));
        let caps = vec![Cap { scope: CapScope::Order, on: CapOn::Rebate, amount: usd(cap) }];
        let rates = |number| vec![rate("P", "0", None, &rate_of(number))];
        let orders = |a, b| vec![order(1, "A", 1, a), order(2, "B", 2, b)];
        let capped = World::new(vec![Program { caps, ..program("P", Method::Flat) }], rates(percent), orders(less, more));
        let earned = capped.earned();
        prop_assert!(earned[0] <= earned[1] && earned[1] <= cap);
        let flat = || vec![program("P", Method::Flat)];
        // Whole hundreds of dollars make a product of whole cents: nothing is rounded.
        let (one, ten) = (less / 10_000 * 10_000, less / 10_000 * 100_000);
        let scaled = World::new(flat(), rates(percent), orders(one, ten)).earned();
        prop_assert_eq!(scaled[0] * 10, scaled[1]);
        prop_assert_eq!(World::new(flat(), rates(0), orders(less, more)).earned(), vec![0, 0]);
    }

    #[test]
    fn what_does_not_qualify_earns_nothing_and_counts_for_nobody(
        (program, rates) in method(), orders in orders(), level in level(), scope in cap_scope(),
    ) {
        // Goal: an order outside the program changes no figure of the others (domain 3.3, step 3). Method: every order
        // twice, one of them of a region that the program does not have, against the orders alone.
        let caps = vec![Cap { scope, on: CapOn::Rebate, amount: usd(5_000) }];
        let p = Program { regions: vec!["eu".into()], round_level: level, caps, ..program };
        let within = |o: &Order| Order { region: Some("eu".into()), ..o.clone() };
        let alone = World::new(vec![p.clone()], rates.clone(), orders.iter().map(within).collect()).earned();
        let mut all = Vec::new();
        for order in &orders {
            let outside = format!("{}X", order.id);
            let outside = Order { id: Id::new(&outside, &outside), region: Some("us".into()), ..order.clone() };
            all.extend([within(order), outside]);
        }
        let beside = World::new(vec![p], rates, all).earned();
        for (pair, alone) in beside.chunks(2).zip(alone) {
            prop_assert_eq!(pair, &[alone, 0][..]);
        }
    }

    #[test]
    fn the_order_of_rates_and_programs_does_not_matter(
        orders in orders(), rates in Just(tiers()).prop_shuffle(), level in level(),
    ) {
        // Goal: rows may stand in any order (I-26). Method: the tiers shuffled; a second program before and after the first.
        let p = Program { tier_scope: QUARTER, round_level: level, ..program("P", Method::Marginal) };
        let other = program("Q", Method::Flat);
        let sorted = World::new(vec![p.clone(), other.clone()], tiers(), orders.clone());
        let shuffled = World::new(vec![other, p], rates, orders);
        prop_assert_eq!(sorted.earned(), shuffled.earned());
        prop_assert_eq!(sorted.words(), shuffled.words());
    }
}
