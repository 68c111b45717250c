//! "Measured here" on the page of a status: how long lines stay in it and take from it to payment.

use super::{days_cell, days_words, interval_words, pool_words, rests_on, why_not, window_words};
use crate::history::cohort::{Days, Journey};
use crate::history::estimates::{Estimates, Pool, Stays, Trend};
use crate::history::spells::{RECENT_MONTHS, WAITING};
use crate::history::survival::{MEDIAN_FROM, percent};
use crate::model::status::Status;
use crate::report::Report;
use crate::report::lists::count_of;
use crate::report::page::{Block, Segment, Text};
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::words::{panel as box_of, paragraph, section as section_of};
use crate::say;
use ustr::Ustr;

/// The days after which the share that moved on is listed.
const AFTER: [u32; 8] = [3, 7, 14, 21, 30, 45, 60, 90];

/// The short form beside the configured timeline; nothing for a status in which no line waits.
pub(in crate::report) fn panel(report: &Report<'_>, status: Status) -> Option<Block> {
    if !WAITING.contains(&status) {
        return None;
    }
    let estimates = report.sources.history.spells.estimates();
    let mut text = summary(estimates, status);
    text.push(Text::plain(say!(" ")));
    text.push(Text::link(say!("How it is measured"), format!("status/{}.html#measured", status.slug())));
    text.push(Text::plain(say!(".")));
    Some(box_of(say!("Measured here"), vec![Block::Paragraph { text }]))
}

/// One sentence on all programs.
fn summary(estimates: &Estimates, status: Status) -> Vec<Text> {
    let all = estimates.stays.all(status);
    let median =
        all.map_or(Days::TooFew { needs: MEDIAN_FROM, has: 0, batches: 0 }, |stays| stays.stay.median());
    let Days::Known { days, interval } = median else {
        let why = why_not(median).unwrap_or_default();
        return vec![Text::plain(say!("No median yet: {why}.", why))];
    };
    let mut text =
        vec![Text::plain(say!("Half of the lines move on within ")), Text::strong(days_words(days))];
    if let Some(interval) = interval {
        text.push(Text::plain(say!(" (95% interval {interval})", interval = interval_words(interval))));
    }
    match all.map(|stays| stays.stay.p90()) {
        Some(Days::Known { days, .. }) => {
            text.push(Text::plain(say!(", nine in ten within ")));
            text.push(Text::strong(days_words(days)));
            text.push(Text::plain(say!(".")));
        }
        Some(other) => {
            text.push(Text::plain(say!(
                "; for nine in ten: {other}.",
                other = why_not(other).unwrap_or_default()
            )));
        }
        None => text.push(Text::plain(say!("."))),
    }
    text.extend(match all.and_then(|stays| stays.trend) {
        Some(Trend::Slower) => Some(Text::plain(say!(
            " That is slower than before the last {RECENT_MONTHS} months.",
            RECENT_MONTHS
        ))),
        Some(Trend::Faster) => Some(Text::plain(say!(
            " That is faster than before the last {RECENT_MONTHS} months.",
            RECENT_MONTHS
        ))),
        Some(Trend::Same) | None => None,
    });
    text
}

/// The section with every figure and what it rests on; nothing for a status in which no line waits.
pub(in crate::report) fn section(report: &Report<'_>, status: Status) -> Option<Block> {
    if !WAITING.contains(&status) {
        return None;
    }
    let estimates = report.sources.history.spells.estimates();
    let mut blocks = vec![Block::Paragraph { text: summary(estimates, status) }];
    let all = estimates.stays.all(status);
    if let (Some(stays), Some(from)) = (all, estimates.from) {
        let rests = rests_on(report, stays.stay.evidence(), Pool::All);
        let verb = if stays.stay.median().known().is_some() { say!("Rests on") } else { say!("So far:") };
        blocks.push(paragraph(say!(
            "{verb} {rests}, that entered it {from}.",
            verb,
            rests,
            from = window_words(from)
        )));
    }
    let programs: Vec<Ustr> = estimates.programs(status).into_iter().collect();
    let has_any = |days: Days| !matches!(days, Days::TooFew { .. });
    if all.is_some_and(|stays| has_any(stays.stay.median())) {
        blocks.push(Block::Table(by_program(report, estimates, status, &programs)));
        if let Some(stays) = all {
            blocks.push(Block::Table(distribution(stays)));
        }
    }
    if estimates.journeys.all(status).is_some_and(|journey| has_any(journey.median(None))) {
        blocks.push(Block::Table(to_payment(report, estimates, status, &programs)));
    }
    blocks.extend(all.map(left_out));
    blocks.push(method());
    Some(section_of("measured", say!("Measured here"), blocks))
}

/// What is uncertain of the dates themselves.
fn left_out(stays: &Stays) -> Block {
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let excluded = match stays.excluded {
        0 => say!("No line is left out.").to_owned(),
        n => say!(
            "{lines} left out: it is not known since when they were in this status.",
            lines = count_of(count(n), "line is", "lines are")
        ),
    };
    let between = match stays.between {
        (0, _) => say!("Every date is one that the vendor gives.").to_owned(),
        (n, days) => say!(
            "{lines} a date that lies between two snapshots and may be off by up to {days}.",
            lines = count_of(count(n), "line has", "lines have"),
            days = days_words(days)
        ),
    };
    paragraph(say!("{first} {then}", first = excluded, then = between))
}

/// How the figures come about, for whoever has to defend them.
fn method() -> Block {
    Block::Paragraph {
        text: vec![
            Text::quiet(say!(
                "Lines that still wait count as waiting for as long as they were followed (Kaplan-Meier). Lines of a batch move \
                 together, so the number of batches decides what is shown and how wide an interval is: half from 6 settled \
                 batches on, nine in ten from 22. A program with fewer takes the figure of its group, then of all programs, \
                 and says so. "
            )),
            Text::link(say!("How such dates held"), "health.html#dates"),
            Text::quiet(say!(".")),
        ],
    }
}

/// How long lines of each program stay.
fn by_program(report: &Report<'_>, estimates: &Estimates, status: Status, programs: &[Ustr]) -> Table {
    let mut table = Table {
        id: "measured-list".to_owned(),
        caption: say!(
            "Days until a line leaves this status, by program. Change: lines that entered in the last {RECENT_MONTHS} months \
             against those before.",
            RECENT_MONTHS
        ),
        layout: "cards",
        columns: vec![
            Column::text("Program"),
            Column::text("Half move on within"),
            Column::text("Nine in ten within"),
            Column::text("Change"),
            Column::number("Lines"),
            Column::number("Settled"),
            Column::number("Batches"),
        ],
        ..Table::default()
    };
    for program in programs {
        let Some(own) = estimates.stays.program(*program, status) else { continue };
        let of = |measure: fn(&Stays) -> Days| {
            let pooled = estimates.stays.narrowest(*program, status, measure);
            pooled.map_or(Cell::empty(), |pooled| pooled_cell(report, pooled.pool, pooled.days))
        };
        let evidence = own.stay.evidence();
        if evidence.lines == 0 {
            continue;
        }
        table.rows.push(Row {
            cells: vec![
                program_cell(report, *program),
                of(|stays| stays.stay.median()),
                of(|stays| stays.stay.p90()),
                trend_cell(own.trend),
                count(evidence.lines),
                count(evidence.all.settled),
                count(evidence.all.batches),
            ],
            ..Row::default()
        });
    }
    if let Some(all) = estimates.stays.all(status) {
        let evidence = all.stay.evidence();
        table.foot.push(Row {
            style: "tot",
            cells: vec![
                Cell::text(say!("All programs")),
                days_cell(all.stay.median()),
                days_cell(all.stay.p90()),
                trend_cell(all.trend),
                count(evidence.lines),
                count(evidence.all.settled),
                count(evidence.all.batches),
            ],
            ..Row::default()
        });
    }
    table
}

fn trend_cell(trend: Option<Trend>) -> Cell {
    match trend {
        Some(Trend::Slower) => Cell::text(say!("slower than before")),
        Some(Trend::Faster) => Cell::text(say!("faster than before")),
        Some(Trend::Same) => Cell::text(say!("none beyond chance")),
        None => Cell { none: Some(say!("too few batches to compare")), ..Cell::default() },
    }
}

fn count(n: u64) -> Cell {
    Cell::count(usize::try_from(n).unwrap_or(usize::MAX))
}

fn program_cell(report: &Report<'_>, program: Ustr) -> Cell {
    let key =
        crate::report::scopes::ScopeKey { kind: crate::report::scopes::ScopeKind::Program, id: program };
    let name = pool_words(report, Pool::Program(program));
    match report.scopes.members(&key) {
        Some(_) => Cell::link(name, report.scopes.path(&key)),
        None => Cell::text(name),
    }
}

/// Which wider pool a figure is of.
fn as_pool(report: &Report<'_>, pool: Pool) -> String {
    match pool {
        Pool::Group(group) => say!("as group {group}", group),
        Pool::Program(_) | Pool::All => say!("as {pool}", pool = pool_words(report, pool)),
    }
}

/// A figure, with the pool it comes from where that is not the program itself.
fn pooled_cell(report: &Report<'_>, pool: Pool, days: Days) -> Cell {
    let cell = days_cell(days);
    match (pool, days) {
        (Pool::Group(_) | Pool::All, Days::Known { .. } | Days::NotReached { .. }) => {
            cell.with_note(as_pool(report, pool))
        }
        (Pool::Program(_) | Pool::Group(_) | Pool::All, _) => cell,
    }
}

/// The share that has moved on after some days, as far as any line was followed.
fn distribution(stays: &Stays) -> Table {
    let mut table = Table {
        id: "days-list".to_owned(),
        caption: say!("Share of lines that have left this status after so many days, all programs. Shares end where the longest line was followed.")
            .to_owned(),
        layout: "tight",
        columns: vec![
            Column::text("After"),
            Column::text("Chart").minor(),
            Column::number("Moved on"),
            Column::number("Still waiting"),
        ],
        ..Table::default()
    };
    let curve = stays.stay.curve();
    let (last, _) = curve.last();
    let days = AFTER.into_iter().filter(|day| *day < last).chain([last]);
    // Beyond the day on which nobody waits any more, every share says the same.
    let mut is_over = false;
    for day in days.take_while(|day| !std::mem::replace(&mut is_over, percent(curve.survival(*day)) == 0)) {
        let waiting = percent(curve.survival(day));
        let moved = 100 - waiting;
        let bar = Segment { x: "0.00".to_owned(), width: format!("{moved}.00"), fill: "appr" };
        table.rows.push(Row {
            cells: vec![
                Cell { csv: Some(day.to_string()), ..Cell::text(days_words(day)) },
                Cell { bar: if moved > 0 { vec![bar] } else { Vec::new() }, ..Cell::default() },
                share(moved),
                share(waiting),
            ],
            ..Row::default()
        });
    }
    table
}

fn share(percent: u32) -> Cell {
    Cell { csv: Some(percent.to_string()), ..Cell::text(format!("{percent}%")) }
}

/// How long lines of each program take from here to their payment, and what became of them.
fn to_payment(report: &Report<'_>, estimates: &Estimates, status: Status, programs: &[Ustr]) -> Table {
    let mut table = Table {
        id: "to-payment-list".to_owned(),
        caption: say!(
            "Days from entering {status} to payment, by program; rejected lines count as never paid. Paid and rejected: as \
             far as the longest line was followed; the rest is open.",
            status = status.words()
        ),
        layout: "cards",
        columns: vec![
            Column::text("Program"),
            Column::text("Half paid within"),
            Column::text("Nine in ten within"),
            Column::number("Paid"),
            Column::number("Rejected"),
            Column::number("Lines"),
            Column::number("Batches"),
        ],
        ..Table::default()
    };
    let cells = |first: Cell, half: Cell, nine: Cell, journey: &Journey| {
        let evidence = journey.evidence();
        let shares = journey.shares();
        // Shares are estimates as well: no share below the gate.
        let is_shown = evidence.all.effective() >= MEDIAN_FROM;
        let part = |of: f64| {
            if is_shown {
                share(percent(of))
            } else {
                Cell { none: Some(say!("too few batches")), ..Cell::default() }
            }
        };
        let lines = count(evidence.lines);
        vec![first, half, nine, part(shares.paid), part(shares.rejected), lines, count(evidence.all.batches)]
    };
    for program in programs {
        let Some(own) = estimates.journeys.program(*program, status) else { continue };
        if own.evidence().lines == 0 {
            continue;
        }
        let of = |measure: fn(&Journey) -> Days| {
            let pooled = estimates.journeys.narrowest(*program, status, measure);
            pooled.map_or(Cell::empty(), |pooled| paid_cell(report, pooled.pool, pooled.days, pooled.of))
        };
        let row = cells(program_cell(report, *program), of(|j| j.median(None)), of(|j| j.p90(None)), own);
        table.rows.push(Row { cells: row, ..Row::default() });
    }
    if let Some(all) = estimates.journeys.all(status) {
        let of = |days| paid_cell(report, Pool::All, days, all);
        let mut row = cells(Cell::text(say!("All programs")), of(all.median(None)), of(all.p90(None)), all);
        for cell in &mut row[1..3] {
            cell.note = None;
        }
        table.foot.push(Row { style: "tot", cells: row, ..Row::default() });
    }
    table
}

/// Of payments, "not reached" may be because of rejections.
fn paid_cell(report: &Report<'_>, pool: Pool, days: Days, journey: &Journey) -> Cell {
    let Days::NotReached { .. } = days else { return pooled_cell(report, pool, days) };
    let text = say!("not reached: {paid}% are paid so far", paid = percent(journey.shares().paid));
    let cell = Cell { csv: Some(String::new()), ..Cell::text(text) };
    match pool {
        Pool::Program(_) => cell,
        Pool::Group(_) | Pool::All => cell.with_note(as_pool(report, pool)),
    }
}
