//! The statement by hand, row by row, and random books that must foot whatever changed between them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::model::id::{AdjustmentId, JournalId, LineId};

fn day(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

fn month(number: u32) -> Month {
    Month::new(2026, number).unwrap()
}

fn end(number: u32) -> End {
    End { month: month(number), day: month(number).period().last_day() }
}

fn last_day(month: Month) -> NaiveDate {
    month.period().last_day()
}

fn usd(minor: i128) -> Money {
    Money::from_minor(minor, Currency::parse("USD").unwrap())
}

fn program(name: &str) -> ProgramId {
    ProgramId::new(name, name)
}

fn line(id: &str, period: u32, minor: i128) -> Entry {
    Entry {
        item: Item::Line(LineId::new(id, id)),
        part: Part::Recognized,
        program: Some(program("P")),
        period: month(period),
        date: None,
        amount: usd(minor),
    }
}

fn adjusted(line: &Entry, id: &str, date: &str, reason: Reason, minor: i128) -> Entry {
    let part = Part::Adjusted(AdjustmentId::new(id, id), reason);
    Entry { part, date: Some(day(date)), amount: usd(minor), ..*line }
}

fn received(line: &Entry, date: &str, form: Form, minor: i128) -> Entry {
    Entry { part: Part::Received(form), date: Some(day(date)), amount: usd(-minor), ..*line }
}

fn books(name: &str, entries: Vec<Entry>) -> Books {
    Books::new(AsOf::parse(name).unwrap(), entries)
}

/// The rows of the only currency that are not zero, in minor units.
fn rows(opening: &Books, now: &Books) -> BTreeMap<Movement, i128> {
    let statements = statements(end(4), end(5), opening, now);
    assert_eq!(statements.len(), 1);
    let statement = statements.values().next().unwrap();
    let all = Movement::ALL.into_iter().map(|movement| (movement, statement.row(movement).total()));
    all.filter(|(_, minor)| *minor != 0).collect()
}

#[test]
fn every_change_of_a_line_has_its_row() {
    // Goal: one row for each thing that can happen to a line of a closed period. Method: one line for each.
    let opening = books(
        "2026-05-08",
        vec![
            line("stays", 3, 10),
            line("restated", 4, 100),
            line("calculated since", 4, 0),
            line("gone", 4, 50),
            line("moved on", 4, 60),
            line("came back", 5, 70),
        ],
    );
    let now = books(
        "2026-06-18",
        vec![
            line("stays", 3, 10),
            line("restated", 4, 90),
            line("calculated since", 4, 30),
            line("moved on", 5, 65),
            line("came back", 4, 70),
            line("late", 4, 15),
            line("new", 5, 300),
            line("next month", 6, 999),
        ],
    );
    let expected = BTreeMap::from([
        (Movement::Opening, 220),
        // 90 − 100, 30 − 0, 0 − 60 (its 65 are earned in May), 70 − 0 (it counted in May before).
        (Movement::PriorChanges, -10 + 30 - 60 + 70),
        (Movement::LateLines, 15),
        (Movement::Earned, 365),
        (Movement::RemovedLines, -50),
    ]);
    assert_eq!(rows(&opening, &now), expected);
    assert_eq!(expected.values().sum::<i128>(), 580);
    assert_eq!(now.balance(end(5), usd(0).currency()), usd(580));
}

#[test]
fn adjustments_and_receipts_go_by_their_own_date() {
    // Goal: reason and form decide the row, the date the month; what was dated before and not known then is backdated; a
    // receipt ahead of its period waits for it. Method: one of each on three lines.
    let (april, may, june) = (line("A", 4, 500), line("B", 5, 400), line("C", 6, 300));
    let known = [april, adjusted(&april, "a0", "2026-04-29", Reason::Refund, -5)];
    let mut entries = vec![
        may,
        june,
        adjusted(&april, "a1", "2026-04-15", Reason::Refund, -1),
        adjusted(&april, "a2", "2026-05-31", Reason::Fee, -2),
        adjusted(&april, "a3", "2026-06-01", Reason::Other, -9),
        adjusted(&may, "a4", "2026-04-30", Reason::Eligibility, -3),
        received(&april, "2026-05-01", Form::Credit, 480),
        received(&may, "2026-04-20", Form::Coupon, 397),
        received(&june, "2026-05-20", Form::Cash, 300),
    ];
    entries.extend(known);
    let expected = BTreeMap::from([
        (Movement::Opening, 495),
        (Movement::Earned, 400),
        (Movement::BackdatedAdjustments, -1),
        (Movement::Adjusted(Reason::Eligibility), -3),
        (Movement::Adjusted(Reason::Fee), -2),
        (Movement::Received(Form::Credit), -480),
        (Movement::Received(Form::Coupon), -397),
    ]);
    assert_eq!(rows(&books("2026-05-08", known.to_vec()), &books("2026-06-18", entries)), expected);
}

#[test]
fn journals_have_rows_of_their_own() {
    // Goal: a write-off of a line lowers what is open of it, one without a line is open on its own, and one that the close did
    // not have and that is dated before it is no movement of this month. Method: one of each, and one of June.
    let april = line("A", 4, 500);
    let written = |id: &str, on: &Entry, date: &str, minor: i128| Entry {
        part: Part::Journal(JournalId::new(id, id)),
        date: Some(day(date)),
        amount: usd(minor),
        ..*on
    };
    let alone = Entry { item: Item::Journal(JournalId::new("j3", "j3")), ..line("", 5, 0) };
    let now = books(
        "2026-06-18",
        vec![
            april,
            written("j1", &april, "2026-05-31", -100),
            written("j2", &april, "2026-04-20", -7),
            written("j3", &alone, "2026-05-02", -20),
            written("j4", &april, "2026-06-01", -300),
        ],
    );
    let expected = BTreeMap::from([
        (Movement::Opening, 500),
        (Movement::BackdatedJournals, -7),
        (Movement::Journals, -120),
    ]);
    assert_eq!(rows(&books("2026-05-08", vec![april]), &now), expected);
    let open = &open_items(&now, end(5))[&usd(0).currency()];
    let amounts: Vec<i128> = open.iter().map(|item| item.amount.minor()).collect();
    assert_eq!(amounts, [393, -20]);
}

#[test]
fn another_currency_or_program_leaves_one_sum_and_enters_another() {
    // Goal: no sum mixes currencies or programs. Method: a line that changed both.
    let before = line("A", 4, 100);
    let euros = Money::from_minor(80, Currency::parse("EUR").unwrap());
    let after = Entry { amount: euros, program: Some(program("Q")), ..before };
    let all =
        statements(end(4), end(5), &books("2026-05-08", vec![before]), &books("2026-06-18", vec![after]));
    let row = |code: &str, name: &str, movement| {
        all[&Currency::parse(code).unwrap()].programs[&Some(program(name))].get(&movement).map(|s| s.total())
    };
    assert_eq!(row("USD", "P", Movement::Opening), Some(100));
    assert_eq!(row("USD", "P", Movement::PriorChanges), Some(-100));
    assert_eq!(row("EUR", "Q", Movement::PriorChanges), Some(80));
    assert_eq!(all[&Currency::parse("USD").unwrap()].closing_balance(), usd(0));
}

#[test]
fn an_age_begins_where_the_one_before_ends() {
    // Goal: the buckets of domain 1.4 to the day. Method: both sides of every border.
    for (days, age) in [
        (0, "0-30"),
        (30, "0-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "91-120"),
        (120, "91-120"),
        (121, ">120"),
    ] {
        assert_eq!(Age::of(days).label(), age, "{days} days");
    }
}

/// A record as two snapshots may know it: which item, which part, and what each snapshot says, if it has it.
#[derive(Debug, Clone)]
struct Drawn {
    item: u8,
    part: u8,
    then: Option<Said>,
    now: Option<Said>,
}

impl Drawn {
    fn key(&self) -> (u8, u8) {
        (self.item, self.part)
    }
}

#[derive(Debug, Clone)]
struct Said {
    period: u32,
    program: u8,
    currency: u8,
    day: u32,
    minor: i128,
}

fn said() -> impl Strategy<Value = Said> {
    (1_u32..7, 0_u8..3, 0_u8..2, 1_u32..190, -5_000_i128..20_000)
        .prop_map(|(period, program, currency, day, minor)| Said { period, program, currency, day, minor })
}

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let one = (0_u8..12, 0_u8..9, prop::option::of(said()), prop::option::of(said()))
        .prop_map(|(item, part, then, now)| Drawn { item, part, then, now });
    prop::collection::vec(one, 0..60)
}

/// The books of one side. Parts 0: the line, 1 to 4: adjustments, 5: a lump sum, 6: the receipt, 7: a journal of the line, 8: one
/// without a line. What belongs to a line has its period and program, and is nothing where the line is not there.
fn side(name: &str, records: &[Drawn], of: fn(&Drawn) -> &Option<Said>) -> Books {
    let mut said: BTreeMap<(u8, u8), &Said> = BTreeMap::new();
    for record in records {
        // The first of a name counts on both sides.
        let first = records.iter().find(|r| r.key() == record.key());
        if let Some(words) = first.and_then(|first| of(first).as_ref()) {
            said.insert(record.key(), words);
        }
    }
    let entries = said.iter().filter_map(|((item, part), words)| {
        let owner = if [5, 8].contains(part) { words } else { said.get(&(*item, 0))? };
        let id = format!("L{item}");
        let line = Entry {
            item: Item::Line(LineId::new(&id, &id)),
            part: Part::Recognized,
            program: Some(program(["P", "Q", "R"][usize::from(owner.program)])),
            period: month(owner.period),
            date: None,
            amount: Money::from_minor(
                words.minor,
                Currency::parse(["USD", "EUR"][usize::from(words.currency)]).unwrap(),
            ),
        };
        let date = Some(day("2026-01-01") + chrono::Days::new(words.day.into()));
        let name = format!("{id}-{part}");
        let name = AdjustmentId::new(&name, &name);
        let reasons = [Reason::Refund, Reason::Eligibility, Reason::Fee, Reason::Other];
        let adjusted = Part::Adjusted(name, reasons[usize::from(*part) % 4]);
        Some(match part {
            0 => line,
            5 => Entry { item: Item::Lump(name), part: adjusted, program: None, date, ..line },
            6 => Entry { part: Part::Received(Form::Credit), date, ..line },
            7 => Entry { part: Part::Journal(name.cast()), date, ..line },
            8 => Entry { item: Item::Journal(name.cast()), part: Part::Journal(name.cast()), date, ..line },
            _ => Entry { part: adjusted, date, ..line },
        })
    });
    books(name, entries.collect())
}

proptest! {
    // Goal: the roll-forward foots and its closing is the detail, whatever changed between two snapshots (I-7, I-8).
    // Method: random lines, adjustments and receipts that came, went and changed in period, program, currency, date and
    // amount; opening, closing and both columns are added up here without the statement.
    #[test]
    fn whatever_changes_the_statement_foots(records in drawn()) {
        let (opening, now) = (side("2026-05-08", &records, |r| &r.then), side("2026-06-18", &records, |r| &r.now));
        let (from, to) = (end(4), end(5));
        let all = statements(from, to, &opening, &now);
        let open = open_items(&now, to);
        for code in ["USD", "EUR"] {
            let currency = Currency::parse(code).unwrap();
            let sum = |books: &Books, at: End, wanted: &dyn Fn(&Entry) -> bool| -> i128 {
                let counted = books.entries().iter().filter(|e| e.amount.currency() == currency && wanted(e));
                counted.filter(|e| e.period <= at.month && e.date.is_none_or(|d| d <= at.day)).map(|e| e.amount.minor()).sum()
            };
            let items = open.get(&currency).cloned().unwrap_or_default();
            let aging = Aging::new(currency, to, &items, last_day);
            prop_assert_eq!(aging.total().minor(), sum(&now, to, &|_| true));
            prop_assert!(items.iter().all(|item| item.period <= to.month), "no age is negative");
            prop_assert_eq!(aging.items(), items.len());
            let programs: i128 = aging.programs.values().map(|bands| total(bands).minor()).sum();
            prop_assert_eq!(programs, aging.total().minor());
            let Some(statement) = all.get(&currency) else {
                prop_assert!(opening.entries().iter().filter(|e| from.counts(e)).all(|e| e.amount.currency() != currency || e.amount.is_zero()));
                prop_assert_eq!(sum(&now, to, &|_| true), 0);
                continue;
            };
            prop_assert_eq!(statement.row(Movement::Opening).total(), sum(&opening, from, &|_| true));
            let closing = statement.closing();
            prop_assert_eq!(closing.total(), sum(&now, to, &|_| true));
            prop_assert_eq!(closing.this_month, sum(&now, to, &|e| e.period == to.month));
            prop_assert_eq!(closing.earlier, sum(&now, to, &|e| e.period < to.month));
            let earned = sum(&now, to, &|e| e.part == Part::Recognized && e.period == to.month);
            prop_assert_eq!(statement.row(Movement::Earned).total(), earned);
            let written = sum(&now, to, &|e| matches!(e.part, Part::Journal(_)) && !from.counts(e));
            prop_assert_eq!(statement.row(Movement::Journals).total(), written);
            for movement in Movement::ALL.into_iter().filter(|movement| *movement != Movement::Opening) {
                let dated: i128 = statement.by_date(movement).map(|(_, minor)| minor).sum();
                prop_assert_eq!(dated, statement.row(movement).total());
            }
            for (program, rows) in &statement.programs {
                let moved: i128 = rows.values().map(|sum| sum.total()).sum();
                prop_assert_eq!(moved, sum(&now, to, &|e| e.program == *program));
            }
        }
    }

    // Goal: books come back as they were put in, close by close. Method: three random books, each added to those before.
    #[test]
    fn books_of_every_close_come_back(first in drawn(), second in drawn(), third in drawn()) {
        let mut closings = Closings::default();
        let names = ["2026-03-08", "2026-04-08", "2026-05-08"];
        let all: Vec<Books> =
            names.iter().zip([&first, &second, &third]).map(|(name, r)| side(name, r, |r| &r.now)).collect();
        for books in &all {
            closings = closings.with(books);
        }
        for books in &all {
            let found = closings.at(books.as_of).unwrap();
            prop_assert_eq!(found.entries(), books.entries());
        }
        prop_assert!(closings.at(AsOf::parse("2026-05-09").unwrap()).is_none());
        // What stays the same is kept once.
        let again = closings.with(&Books::new(AsOf::parse("2026-06-08").unwrap(), all[2].entries().to_vec()));
        prop_assert_eq!(again.kept(), closings.kept());
    }

    // Goal: where nothing changed, nothing is restated, and a month opens with what the one before closed with. Method:
    // random books against themselves, two months in a row.
    #[test]
    fn unchanged_books_restate_nothing(records in drawn()) {
        let now = side("2026-06-18", &records, |r| &r.now);
        let (april, may) = (statements(end(3), end(4), &now, &now), statements(end(4), end(5), &now, &now));
        for (currency, statement) in &may {
            for movement in [
                Movement::PriorChanges,
                Movement::LateLines,
                Movement::RemovedLines,
                Movement::BackdatedAdjustments,
                Movement::BackdatedReceipts,
                Movement::BackdatedJournals,
            ] {
                prop_assert_eq!(statement.row(movement), Sum::default());
            }
            let before = april.get(currency).map_or(0, |statement| statement.closing().total());
            prop_assert_eq!(statement.row(Movement::Opening).total(), before);
        }
    }
}
