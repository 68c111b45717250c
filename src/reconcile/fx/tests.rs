//! The rule of rates by hand, and translations added up in another way.

use proptest::prelude::*;

use super::*;
use crate::model::id::{AdjustmentId, LineId};
use crate::model::record::{Origin, SourceRef};
use crate::model::time::{AsOf, Month};
use crate::reconcile::rollforward::{
    Basis, Books, Entry, Form, Item, Later, Part as Booked, Reason, statements,
};

fn day(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn month(number: u32) -> Month {
    Month::new(2026, number).unwrap()
}

fn end(number: u32) -> End {
    End { month: month(number), day: month(number).period().last_day() }
}

/// Rows of `fx.csv`: date, from, to, rate, kind.
fn reference(rows: &[(&str, &str, &str, &str, Option<RateKind>)]) -> Reference {
    let row =
        |(record, (date, from, to, rate, kind)): (u32, &(&str, &str, &str, &str, Option<RateKind>))| FxRate {
            date: day(date),
            from: currency(from),
            to: currency(to),
            rate: Decimal::from_str_exact(rate).unwrap(),
            kind: *kind,
            source: None,
            origin: Origin {
                source: SourceRef { file: 0, record },
                copies: Vec::new(),
                digest: u128::from(record),
            },
        };
    Reference { fx: (0..).zip(rows).map(row).collect(), ..Reference::default() }.sorted()
}

/// May of one line of April and one of May, with an adjustment and a receipt: in euros.
fn rolled(april: i128, may: i128, adjusted: (&str, i128), paid: (&str, i128)) -> RollForward {
    let line = |id: &str, number: u32, minor: i128| Entry {
        item: Item::Line(LineId::new(id, id)),
        part: Booked::Recognized,
        program: None,
        period: month(number),
        date: None,
        amount: Money::from_minor(minor, currency("EUR")),
    };
    let old = line("A", 4, april);
    let dated = |part, (date, minor): (&str, i128)| Entry {
        part,
        date: Some(day(date)),
        amount: Money::from_minor(minor, currency("EUR")),
        ..old
    };
    let books = Books::new(
        AsOf::parse("2026-06-18").unwrap(),
        vec![
            old,
            line("B", 5, may),
            dated(Booked::Adjusted(AdjustmentId::new("a", "a"), Reason::Fee), adjusted),
            dated(Booked::Received(Form::Cash), paid),
        ],
    );
    RollForward {
        from: end(4),
        to: end(5),
        basis: Basis::NeverClosed,
        known: books.as_of,
        closed: None,
        statements: statements(end(4), end(5), &books, &books),
        later: Later::default(),
    }
}

fn translation<'a>(reference: &'a Reference, rolled: &RollForward, to: &str) -> Translation<'a> {
    translate(reference, currency(to), rolled).remove(&currency("EUR")).unwrap()
}

/// The translated amounts: opening, movements, closing, FX.
fn figures(translation: &Translation<'_>) -> Vec<String> {
    let text = |amount: Option<Money>| amount.map_or("none".to_owned(), |amount| amount.to_string());
    let rows = [&translation.opening].into_iter().chain(translation.movements.iter().map(|(_, row)| row));
    let rows = rows.chain([&translation.closing]).map(|row| text(row.functional));
    rows.chain([text(translation.difference())]).collect()
}

const AVERAGE: Option<RateKind> = Some(RateKind::Average);
const CLOSING: Option<RateKind> = Some(RateKind::Closing);
const DAY: Option<RateKind> = Some(RateKind::Transaction);

#[test]
fn every_row_has_the_rate_of_the_rule() {
    // Goal: the rule at the head of the file. Method: April 1,000.00, May 500.00, an adjustment of −10.00 on a day with a
    // rate, a receipt of 300.00 on a day without one; by hand: 1000 × 1.05, 500 × 1.08, −10 × 1.07, −300 × 1.08, 1190 × 1.10;
    // then the average is taken away, and the closing rate of May takes its place.
    let may = rolled(100_000, 50_000, ("2026-05-12", -1_000), ("2026-05-20", -30_000));
    let rows = [
        ("2026-04-30", "EUR", "USD", "1.05", CLOSING),
        ("2026-05-12", "EUR", "USD", "1.07", DAY),
        ("2026-05-31", "EUR", "USD", "1.10", CLOSING),
        ("2026-05-31", "USD", "EUR", "0.9", CLOSING),
        ("2026-05-20", "EUR", "JPY", "160", DAY),
        ("2026-04-30", "EUR", "USD", "1.01", AVERAGE),
        ("2026-05-30", "EUR", "USD", "1.02", AVERAGE),
        ("2026-05-31", "EUR", "USD", "1.08", AVERAGE),
    ];
    let all = reference(&rows);
    let translated = translation(&all, &may, "USD");
    let expected = ["1050.00", "540.00", "-10.70", "-324.00", "1309.00", "53.70"];
    assert_eq!(figures(&translated), expected);
    assert_eq!(translated.closing_rate().unwrap().rate.to_string(), "1.10");
    let without_average = reference(&rows[..6]);
    let expected = ["1050.00", "550.00", "-10.70", "-330.00", "1309.00", "49.70"];
    assert_eq!(figures(&translation(&without_average, &may, "USD")), expected);
}

#[test]
fn a_missing_rate_is_named_and_nothing_is_guessed() {
    // Goal: no rate, no figure, and the row to add. Method: no rate of April; then none at all; then an opening of zero, which
    // needs none.
    let may = rolled(100_000, 50_000, ("2026-05-12", -1_000), ("2026-05-20", -30_000));
    let rows = [("2026-05-31", "EUR", "USD", "1.10", CLOSING), ("2026-04-29", "EUR", "USD", "1.05", CLOSING)];
    let some = reference(&rows);
    let translated = translation(&some, &may, "USD");
    assert_eq!(figures(&translated), ["none", "550.00", "-11.00", "-330.00", "1309.00", "none"]);
    let missing: Vec<String> = translated.missing().into_iter().map(MissingRate::row).collect();
    assert_eq!(missing, ["2026-04-30,EUR,USD,,closing,"]);
    let none = reference(&[("2026-05-31", "USD", "EUR", "0.91", CLOSING)]);
    let translated = translation(&none, &may, "USD");
    assert_eq!(figures(&translated), ["none"; 6]);
    assert_eq!(translated.missing().len(), 2, "April and May, each once");
    let new = rolled(0, 50_000, ("2026-05-12", -1_000), ("2026-05-20", -30_000));
    assert_eq!(
        figures(&translation(&some, &new, "USD")),
        ["0.00", "550.00", "-11.00", "-330.00", "209.00", "0.00"]
    );
    let all = translate(&none, currency("USD"), &may);
    assert_eq!(closing_total(&all, currency("USD")), None);
}

#[test]
fn the_currency_of_the_books_needs_no_rate() {
    // Goal: what is in the currency of the books is what it is, without FX. Method: euros in euros, with no rate at all.
    let may = rolled(100_000, 50_000, ("2026-05-12", -1_000), ("2026-05-20", -30_000));
    let none = Reference::default();
    let translated = translation(&none, &may, "EUR");
    assert_eq!(figures(&translated), ["1000.00", "500.00", "-10.00", "-300.00", "1190.00", "0.00"]);
    assert!(translated.closing_rate().is_none() && translated.missing().is_empty());
}

#[test]
fn halves_are_rounded_away_from_zero_once_per_row() {
    // Goal: the rounding that is stated. Method: 0.10 × 0.05 = 0.005 and its negative; two receipts of one row that would
    // each be rounded up, 0.25 × 0.1 twice, are one 0.05; and a currency without decimals.
    let usd = currency("USD");
    let eur = |minor: i128| Money::from_minor(minor, currency("EUR"));
    let rate = |text: &str| Decimal::from_str_exact(text).unwrap();
    let sum = |parts: &[(Money, Decimal)], to| Money::translated(parts, to).unwrap().to_string();
    assert_eq!(sum(&[(eur(10), rate("0.05"))], usd), "0.01");
    assert_eq!(sum(&[(eur(-10), rate("0.05"))], usd), "-0.01");
    assert_eq!(sum(&[(eur(25), rate("0.1")), (eur(25), rate("0.1"))], usd), "0.05");
    assert_eq!(sum(&[(eur(25), rate("0.1")), (eur(25), rate("0.10001"))], usd), "0.05");
    assert_eq!(sum(&[(eur(150), rate("163.333"))], currency("JPY")), "245");
    assert_eq!(sum(&[(Money::from_minor(61_728, currency("JPY")), rate("0.0065"))], usd), "401.23");
    assert_eq!(sum(&[], usd), "0.00");
}

proptest! {
    // Goal: the FX row is what it is defined as, and each row is its exact sum rounded once. Method: random amounts and
    // rates; decimals of another library multiply and round.
    #[test]
    fn opening_movements_and_fx_are_the_closing(
        april in -1_000_000_i128..1_000_000, may in -1_000_000_i128..1_000_000,
        adjusted in -5_000_i128..5_000, paid in -900_000_i128..0,
        opening in 1_i64..30_000, closing in 1_i64..30_000, on_day in prop::option::of(1_i64..30_000),
        average in prop::option::of(1_i64..30_000), to in prop::sample::select(vec!["USD", "JPY", "KWD"]),
    ) {
        let number = |n: i64| Decimal::new(n, 4).to_string();
        let (opening, closing) = (number(opening), number(closing));
        let (on_day, average) = (on_day.map(number), average.map(number));
        let mut rows = vec![
            ("2026-04-30", "EUR", to, opening.as_str(), CLOSING),
            ("2026-05-31", "EUR", to, closing.as_str(), None),
        ];
        rows.extend(on_day.as_deref().map(|rate| ("2026-05-12", "EUR", to, rate, None)));
        rows.extend(average.as_deref().map(|rate| ("2026-05-31", "EUR", to, rate, AVERAGE)));
        let reference = reference(&rows);
        let rolled = rolled(april, may, ("2026-05-12", adjusted), ("2026-05-20", paid));
        let at = |minor: i128, rate: &str| {
            let exact = Decimal::from_i128_with_scale(minor, 2) * Decimal::from_str_exact(rate).unwrap();
            exact.round_dp_with_strategy(currency(to).digits(), rust_decimal::RoundingStrategy::MidpointAwayFromZero)
        };
        let of_month = average.as_deref().unwrap_or(&closing);
        let parts = [
            at(april, &opening),
            at(may, of_month),
            at(adjusted, on_day.as_deref().unwrap_or(of_month)),
            at(paid, of_month),
        ];
        let end = at(april + may + adjusted + paid, &closing);
        let all = translate(&reference, currency(to), &rolled);
        if april == 0 && may == 0 && adjusted == 0 && paid == 0 {
            prop_assert!(all.is_empty());
            return Ok(());
        }
        let translated = &all[&currency("EUR")];
        let decimal = |amount: Money| Decimal::from_str_exact(&amount.to_string()).unwrap();
        prop_assert_eq!(decimal(translated.opening.functional.unwrap()), parts[0]);
        prop_assert_eq!(decimal(translated.closing.functional.unwrap()), end);
        let moved: Decimal = translated.movements.iter().map(|(_, row)| decimal(row.functional.unwrap())).sum();
        prop_assert_eq!(moved, parts[1] + parts[2] + parts[3]);
        prop_assert_eq!(decimal(translated.difference().unwrap()), end - parts.iter().sum::<Decimal>());
    }
}
