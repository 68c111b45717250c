//! "When it updates" on the page of an order: the expected payment date of each line beside the configured timeline and the
//! vendor's own date, or why there is none.

use super::{days_words, pool_words, rests_on, too_few, window_words};
use crate::history::backtest::{Judgement, Lean, Stated};
use crate::history::cohort::Days;
use crate::history::forecast::{Due, Forecast, NoForecast};
use crate::history::spells::WAITING;
use crate::history::survival::percent;
use crate::model::record::Line;
use crate::model::status::Status;
use crate::model::time::date_in_words;
use crate::report::Report;
use crate::report::lists::count_of;
use crate::report::page::{Block, Definition, Text};
use crate::report::words::section as section_of;
use crate::say;

/// The section for the lines of a page; nothing where it has none.
pub(in crate::report) fn section(report: &Report<'_>, lines: &[u32]) -> Option<Block> {
    let mut blocks = Vec::new();
    for number in lines {
        let line = report.line(*number);
        if lines.len() > 1 {
            blocks.push(Block::Paragraph {
                text: vec![
                    Text::plain(say!("Line ")),
                    Text::code(line.id.raw()),
                    Text::plain(say!(": {status}", status = line.status.words())),
                ],
            });
        }
        blocks.push(Block::Definitions { rows: rows(report, *number) });
    }
    (!blocks.is_empty()).then(|| section_of("when", say!("When it updates"), blocks))
}

fn define(name: &str, value: Vec<Text>) -> Definition {
    Definition { name: name.to_owned(), value }
}

fn rows(report: &Report<'_>, number: u32) -> Vec<Definition> {
    let line = report.line(number);
    let mut rows = Vec::new();
    match report.forecast(number) {
        Ok(forecast) => {
            rows.push(define(say!("Expected payment"), dates(&forecast)));
            rows.push(define(say!("Measured here"), vec![Text::plain(sentence(report, &forecast))]));
            rows.push(define(say!("Rests on"), basis(report, &forecast)));
            rows.extend(record(report, line).map(|text| define(say!("How such dates held"), text)));
        }
        Err(why) => rows.push(define(say!("Expected payment"), no_date(line, why))),
    }
    // Where nothing is waited for, no timeline says more.
    if !WAITING.contains(&line.status) && line.status != Status::Unknown {
        return rows;
    }
    let content = report.sources.content.status(line.status);
    rows.push(define(
        say!("Typical timeline"),
        vec![Text::plain(content.timeline.clone()), Text::quiet(say!(" As configured for this status."))],
    ));
    if let Some(date) = line.expected_payment {
        let own = say!("{date}, in its own extract.", date = date_in_words(date));
        rows.push(define(say!("The vendor expects"), vec![Text::plain(own)]));
    }
    rows
}

/// Both dates, each with what it means.
fn dates(forecast: &Forecast<'_>) -> Vec<Text> {
    let mut text = vec![
        Text::strong(date_in_words(forecast.half.date)),
        Text::plain(say!(" for half of the lines like it")),
    ];
    match &forecast.nine {
        Some(nine) => {
            text.push(Text::plain(say!(", ")));
            text.push(Text::strong(date_in_words(nine.date)));
            text.push(Text::plain(say!(" for nine in ten.")));
        }
        None => text.push(Text::plain(say!(". For nine in ten, too little is known."))),
    }
    text
}

/// What comparable lines took, and what that means for one that has waited so long.
fn sentence(report: &Report<'_>, forecast: &Forecast<'_>) -> String {
    let half = &forecast.half;
    let lines = half.of.evidence().lines;
    let lines = crate::model::money::grouped(&lines.to_string());
    let mut words = String::new();
    if let Days::Known { days, .. } = half.of.median(None) {
        words += &say!(
            "Half of {lines} comparable lines were paid within {days} of {status}",
            lines,
            days = days_words(days),
            status = start(forecast.status)
        );
        if let Days::Known { days, .. } = half.of.p90(None) {
            words += &say!(", nine in ten within {days}", days = days_words(days));
        }
        words += say!(". ");
    }
    words += &say!(
        "This one has waited {age}: half of those that waited as long were paid by {half}",
        age = days_words(forecast.age),
        half = date_in_words(half.date)
    );
    if let Some(nine) = &forecast.nine {
        words += &say!(", nine in ten by {nine}", nine = date_in_words(nine.date));
        if nine.pool != half.pool {
            words += &say!(" (measured on {pool})", pool = pool_words(report, nine.pool));
        }
    }
    let rejected = half.of.shares().rejected;
    words += &match percent(rejected) {
        0 if rejected > 0.0 => say!(". Less than 1% were rejected instead.").to_owned(),
        0 => say!(". None was rejected instead.").to_owned(),
        rejected => say!(". {rejected}% were rejected instead.", rejected),
    };
    words + say!(" An estimate, not a promise.")
}

/// Where the days of a status are counted from.
fn start(status: Status) -> String {
    match status {
        Status::Approved => say!("approval").to_owned(),
        Status::PendingData
        | Status::InCalculation
        | Status::Calculated
        | Status::UnderReview
        | Status::Paid
        | Status::Rejected
        | Status::Unknown => say!("entering {status}", status = status.words()),
    }
}

fn basis(report: &Report<'_>, forecast: &Forecast<'_>) -> Vec<Text> {
    let of = |due: &Due<'_>| rests_on(report, due.of.evidence(), due.pool);
    let mut words = of(&forecast.half);
    if let Some(nine) = forecast.nine.as_ref().filter(|nine| nine.pool != forecast.half.pool) {
        words += &say!("; for nine in ten, {nine}", nine = of(nine));
    }
    words += &say!(
        ". They entered {status} {from}. ",
        status = forecast.status.words(),
        from = window_words(forecast.from)
    );
    let as_of = report.reconciled.as_of().in_words();
    words +=
        &say!("Waiting since {since}, counted to {as_of}. ", since = date_in_words(forecast.since), as_of);
    vec![
        Text::plain(words),
        Text::link(say!("How it is measured"), format!("status/{}.html#measured", forecast.status.slug())),
        Text::plain(say!(".")),
    ]
}

/// How past dates of its program and status came true, where enough of them are past.
fn record(report: &Report<'_>, line: &Line) -> Option<Vec<Text>> {
    let backtest = report.sources.history.spells.backtest();
    let told = Stated::ALL.into_iter().rev().find_map(|stated| {
        let tally = backtest.get(line.program.key(), line.status, stated)?;
        match tally.judgement() {
            Judgement::Measured { lean, .. } => Some((stated, tally, lean)),
            Judgement::TooFew { .. } => None,
        }
    });
    let (stated, tally, lean) = told?;
    let which = match stated {
        Stated::Half => say!("half of the lines"),
        Stated::NineInTen => say!("nine in ten lines"),
    };
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let lean = match lean {
        None => "",
        Some(Lean::Early) => say!(" They run early: expect the payment later."),
        Some(Lean::Late) => say!(" They run late: expect the payment sooner."),
    };
    let words = say!(
        "Of {due} for {which}, {met} met.{lean} ",
        due = count_of(count(tally.due), "past date", "past dates"),
        which,
        met = count_of(count(tally.met), "was", "were"),
        lean
    );
    Some(vec![
        Text::plain(words),
        Text::link(say!("All past dates"), "health.html#dates"),
        Text::plain(say!(".")),
    ])
}

fn no_date(line: &Line, why: NoForecast) -> Vec<Text> {
    let mut text = vec![Text::plain(reason(line, why))];
    if matches!(why, NoForecast::TooFew { .. } | NoForecast::MostNotPaid | NoForecast::ThinStart) {
        text.push(Text::plain(say!(" ")));
        text.push(Text::link(
            say!("How it is measured"),
            format!("status/{}.html#measured", line.status.slug()),
        ));
        text.push(Text::plain(say!(".")));
    }
    text
}

/// Why there is no date, as a sentence.
fn reason(line: &Line, why: NoForecast) -> String {
    match why {
        NoForecast::Paid => say!("It is paid: nothing more is expected.").to_owned(),
        NoForecast::NothingToPay => say!("There is nothing to pay.").to_owned(),
        NoForecast::UnknownStatus => {
            say!("No date: the vendor's word is not in the status map, so it is not known what comes next.")
                .to_owned()
        }
        NoForecast::Frozen => {
            say!("No date: the vendor keeps this earning frozen, and payment depends on when that ends.")
                .to_owned()
        }
        NoForecast::FellBack => {
            say!("No date: it fell back to an earlier status and has not regained the one it had.").to_owned()
        }
        NoForecast::Stale(until) => say!(
            "No date: the vendor's data is late, and this line is known up to {until} only.",
            until = date_in_words(until)
        ),
        NoForecast::UnknownAge => {
            say!("No date: it is not known since when it is {status}.", status = line.status.words())
        }
        NoForecast::MostNotPaid => {
            say!("No date: fewer than half of the lines that waited as long were paid so far.").to_owned()
        }
        NoForecast::TooFew { needs, has, batches } => {
            say!(
                "No date: too few lines that waited as long are settled. It {batches}.",
                batches = too_few(needs, has, batches)
            )
        }
        NoForecast::ThinStart => {
            say!("No date: most lines like it were first seen late, so their first days are not known.")
                .to_owned()
        }
    }
}

/// When a line is expected to be paid, as one sentence.
pub(in crate::report) fn words(report: &Report<'_>, number: u32) -> String {
    match report.forecast(number) {
        Ok(forecast) => sentence(report, &forecast),
        Err(why) => reason(report.line(number), why),
    }
}

/// The later of the two dates in words, the only one that a customer is told; `None` where it is not known.
pub(in crate::report) fn expected_by(report: &Report<'_>, number: u32) -> Option<String> {
    Some(date_in_words(report.forecast(number).ok()?.nine?.date))
}
