//! What each line should be by our own rule, what the vendor calculated, and where the two part ways.

use super::{Subject, table};
use crate::model::money::Money;
use crate::model::record::Line;
use crate::reconcile::claims::Repeated;
use crate::reconcile::proof::NotRecomputed;
use crate::reconcile::{Effect, Waterfall};
use crate::report::Report;
use crate::report::lists::{count_of, segments};
use crate::report::page::{Block, Link, Segment, Text};
use crate::report::table::{Cell, Column, Row, Table};
use crate::rules::Ineligible;
use crate::rules::arithmetic::rate_in_words;
use crate::say;

/// Lines of which the steps are shown; a page stays small.
const LISTED: usize = 12;

/// The section: the arithmetic of every line, and its steps where they part ways.
pub(super) fn section(subject: &Subject<'_>) -> Option<Block> {
    let report = subject.report;
    let mut blocks = Vec::new();
    for number in subject.lines.iter().take(LISTED) {
        let line = report.line(*number);
        let shared = if subject.is_shared(*number) { say!(", over all its orders") } else { "" };
        let name = say!("Line {id}, in {currency}{shared}: ", id = line.id, currency = line.currency, shared);
        let words = report.reconciled.arithmetic(*number).unwrap_or_else(|| not_recomputed(report, *number));
        let mut text = vec![Text::strong(name), Text::plain(words)];
        text.extend(why_nothing(report, *number).map(Text::plain));
        blocks.push(Block::Paragraph { text });
        if let Some(waterfall) = &report.figures(*number).waterfall {
            blocks.push(Block::Table(steps(report, *number, waterfall)));
        }
    }
    if subject.lines.len() > LISTED {
        let more = count_of(subject.lines.len() - LISTED, "more line", "more lines");
        blocks.push(Block::Paragraph {
            text: vec![
                Text::plain(say!("{more}: see ", more)),
                Text::link("data/lines.csv", "data/lines.csv"),
            ],
        });
    }
    (!blocks.is_empty()).then(|| Block::Section {
        id: "computation".to_owned(),
        heading: say!("Our own computation and the vendor's").to_owned(),
        actions: Vec::<Link>::new(),
        blocks,
    })
}

/// Why nothing is expected for a line, as a sentence that follows the arithmetic.
fn why_nothing(report: &Report<'_>, number: u32) -> Option<String> {
    let of = |line: u32| report.line(line).id;
    match report.reconciled.repeated.get(&number) {
        Some(Repeated::Duplicate { of: original }) => {
            return Some(say!(
                " It repeats line {original}, so nothing more is expected.",
                original = of(*original)
            ));
        }
        Some(Repeated::SecondProgram { beside }) => {
            return Some(say!(
                " Line {beside} stands in a program that excludes this one, so nothing more is expected.",
                beside = of(*beside)
            ));
        }
        None => {}
    }
    let (_, entitlement) = report.reconciled.first_entitlement(number)?;
    report.figures(number).expected?;
    let failed: Vec<&str> = entitlement.failures.iter().map(Ineligible::subject).collect();
    (!failed.is_empty()).then(|| {
        say!(
            " Nothing is expected, because the order does not qualify for the program: {failed}.",
            failed = failed.join(say!(", "))
        )
    })
}

/// Why a line is not recomputed, as a sentence.
pub(super) fn not_recomputed(report: &Report<'_>, number: u32) -> String {
    let line = report.line(number);
    match report.reconciled.not_recomputed(number) {
        Some(NotRecomputed::NoRule) => {
            say!(
                "Not recomputed: program {program} has no rule in reference/programs.csv.",
                program = line.program
            )
        }
        Some(NotRecomputed::LumpSum) => {
            say!("Not recomputed: it is a lump sum or bonus, granted by hand.").to_owned()
        }
        Some(NotRecomputed::Currency) => {
            let order = report.reconciled.matching.of_line(number).shares.first();
            let own =
                order.map_or(String::new(), |s| report.order(s.order).amount_net.currency().to_string());
            say!(
                "Not recomputed: the line is in {currency}, the order in {own}.",
                currency = line.currency,
                own
            )
        }
        Some(NotRecomputed::Missing { file, column }) => {
            say!("Not recomputed: it needs {column} in {file}.", column, file)
        }
        Some(NotRecomputed::NoOrder) | None => {
            say!("Not recomputed: no order of ours belongs to it.").to_owned()
        }
    }
}

/// From expected to the vendor's amount, a row per step that has an effect.
fn steps(report: &Report<'_>, number: u32, waterfall: &Waterfall) -> Table {
    let line = report.line(number);
    let slug = crate::report::address::of_id(line.id.canonical());
    let mut steps = table(
        &format!("steps-{slug}"),
        say!(
            "Line {id}, from expected to calculated, step by step; steps without an effect are left out. Amounts in {currency}.",
            id = line.id,
            currency = line.currency
        ),
        "cards",
    );
    steps.columns = vec![
        Column::text("Step"),
        Column::text("Chart").minor(),
        Column::text("What differs"),
        Column::money("Effect", "effect"),
        Column::money("Amount", "amount"),
    ];
    let whole = waterfall.steps().iter().copied().max_by_key(|m| m.minor()).unwrap_or(waterfall.vendor());
    let row = |style, name: &str, bar: Vec<Segment>, why: String, effect: Cell, amount: Money| Row {
        style,
        id: String::new(),
        cells: vec![
            Cell::text(name),
            Cell { bar, ..Cell::default() },
            Cell::text(why),
            effect,
            Cell::money(amount),
        ],
    };
    let expected = waterfall.expected();
    steps.rows.push(row(
        "sub",
        say!("Expected"),
        segments(&[(expected, "elig")], whole),
        say!("our rule on our own data").to_owned(),
        Cell::empty(),
        expected,
    ));
    for (effect, amount) in waterfall.effects() {
        let (before, after) = (waterfall.steps()[effect as usize], waterfall.steps()[effect as usize + 1]);
        let low = if after.minor() < before.minor() { after } else { before };
        let mut bar = segments(&[(low, "none"), (amount.abs(), "review")], whole);
        bar.retain(|s| s.fill != "none");
        let why = what_differs(report, number, line, effect, waterfall);
        steps.rows.push(row("ind", effect.label(), bar, why, Cell::change(amount), after));
    }
    let vendor = waterfall.vendor();
    let (name, why) = match (waterfall.is_calculated, line.amount_calculated) {
        (true, Some(_)) => (say!("Vendor calculated"), String::new()),
        (true, None) => (say!("Vendor calculated"), say!("rejected, so nothing").to_owned()),
        (false, _) => (
            say!("With the vendor's base and category"),
            say!("the vendor has not calculated it yet").to_owned(),
        ),
    };
    let total = Cell::change(waterfall.difference());
    steps.rows.push(row("tot", name, segments(&[(vendor, "calc")], whole), why, total, vendor));
    steps
}

/// Both values of a step.
fn what_differs(report: &Report<'_>, number: u32, line: &Line, effect: Effect, steps: &Waterfall) -> String {
    let rules = &report.reconciled.rules;
    let found = report.reconciled.first_entitlement(number);
    let pair = |ours: Option<String>, theirs: Option<String>| {
        let word = |value: Option<String>| value.unwrap_or_else(|| say!("not given").to_owned());
        say!("ours {ours}, the vendor's {theirs}", ours = word(ours), theirs = word(theirs))
    };
    match effect {
        Effect::Base => {
            pair(report.figures(number).base_own.map(Money::grouped), line.amount_base.map(Money::grouped))
        }
        Effect::Category => pair(
            found.and_then(|(_, e)| e.category).map(|c| c.to_string()),
            line.category.map(|c| c.to_string()),
        ),
        Effect::Rate => {
            let rate = found.and_then(|(order, e)| e.rate(rules, order, line.category.or(e.category)?));
            match (rate, line.rate) {
                (Some(ours), Some(theirs)) if ours != theirs => {
                    pair(Some(rate_in_words(ours)), Some(rate_in_words(theirs)))
                }
                (_, Some(theirs)) => say!(
                    "the vendor's {theirs} gives {amount}, our table gives {own}",
                    theirs = rate_in_words(theirs),
                    amount = steps.steps()[3].grouped(),
                    own = steps.steps()[2].grouped()
                ),
                (_, None) => say!("the vendor gives no rate").to_owned(),
            }
        }
        Effect::Cap => say!(
            "the vendor's base × rate is {before}, the cap leaves {after}",
            before = steps.steps()[4].grouped(),
            after = steps.steps()[3].grouped()
        ),
        Effect::Arithmetic => match (line.amount_base, line.rate) {
            (Some(base), Some(rate)) => say!(
                "{base} × {rate} is {steps}, shown as {vendor}",
                base = base.grouped(),
                rate = rate_in_words(rate),
                steps = steps.steps()[4].grouped(),
                vendor = steps.vendor().grouped()
            ),
            (_, _) => say!("calculation differs; the vendor gives no base and rate to follow").to_owned(),
        },
    }
}
