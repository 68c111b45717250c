//! On `health.html`: how payment dates that were shown came true.

use std::collections::BTreeMap;

use super::{pool_words, too_few};
use crate::history::backtest::{Judgement, Lean, Stated, Tally};
use crate::history::estimates::Pool;
use crate::history::spells::WAITING;
use crate::history::survival::MEDIAN_FROM;
use crate::model::status::Status;
use crate::report::Report;
use crate::report::lists::count_of;
use crate::report::page::{Block, Text};
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::words::paragraph;
use crate::say;

/// How dates that were shown came true.
pub(in crate::report) fn dates(report: &Report<'_>) -> Vec<Block> {
    let backtest = report.sources.history.spells.backtest();
    let mut all: BTreeMap<(Status, Stated), Tally> = BTreeMap::new();
    for (_, status, stated, tally) in backtest.iter() {
        all.entry((status, stated)).or_default().add(tally);
    }
    let mut blocks = Vec::new();
    if all.is_empty() {
        blocks.push(paragraph(say!("Not measurable yet: no snapshot has shown a payment date. One is shown once {MEDIAN_FROM} batches are settled, and \
             judged when its day is past.", MEDIAN_FROM)));
    }
    blocks.extend(all.iter().filter_map(|((status, stated), tally)| banner(*status, *stated, tally)));
    for (stated, sentence) in
        [(Stated::NineInTen, say!("nine in ten lines")), (Stated::Half, say!("half of the lines"))]
    {
        let mut tally = Tally::default();
        all.iter().filter(|((_, of), _)| *of == stated).for_each(|(_, more)| tally.add(more));
        if tally.due > 0 {
            blocks.push(paragraph(say!(
                "Of {due} by which {sentence} were to be paid, {met} met; {foreseen_met} foreseen.",
                due = count_of(count(tally.due), "past date", "past dates"),
                sentence,
                met = count_of(count(tally.met), "was", "were"),
                foreseen_met = count_of(count(tally.foreseen_met()), "was", "were")
            )));
        }
    }
    if !all.is_empty() {
        blocks.push(Block::Table(table(report, &all)));
    }
    blocks.push(method());
    blocks
}

fn count(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// What to make of dates that are off by more than chance.
fn banner(status: Status, stated: Stated, tally: &Tally) -> Option<Block> {
    let Judgement::Measured { lean: Some(lean), .. } = tally.judgement() else { return None };
    let which = stated_words(stated);
    let (first, rest) = match lean {
        Lean::Early => (
            say!("Estimates run early."),
            say!(
                " Of lines in {status}, fewer were paid by the date for {which} than foreseen: expect payments later.",
                status = status.words(),
                which
            ),
        ),
        Lean::Late => (
            say!("Estimates run late."),
            say!(
                " Of lines in {status}, more were paid by the date for {which} than foreseen: expect payments sooner.",
                status = status.words(),
                which
            ),
        ),
    };
    Some(Block::Note { tone: "under-review", text: vec![Text::strong(first), Text::plain(rest)] })
}

fn stated_words(stated: Stated) -> &'static str {
    match stated {
        Stated::Half => say!("half"),
        Stated::NineInTen => say!("nine in ten"),
    }
}

fn table(report: &Report<'_>, all: &BTreeMap<(Status, Stated), Tally>) -> Table {
    let backtest = report.sources.history.spells.backtest();
    let mut table = Table {
        id: "dates-list".to_owned(),
        caption: say!("The first date that was shown for each line in each status, judged on its day. Foreseen: the share of lines \
                  that a date stands for. Came true: its share with its 95% interval.")
            .to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Program"),
            Column::text("Date for"),
            Column::number("Past"),
            Column::number("Met"),
            Column::text("Came true"),
            Column::text("Foreseen"),
            Column::text("What it says"),
            Column::number("Not past"),
        ],
        ..Table::default()
    };
    for status in WAITING {
        let of_status: Vec<_> = backtest.iter().filter(|(_, of, _, _)| *of == status).collect();
        if of_status.is_empty() {
            continue;
        }
        table.rows.push(Row {
            style: "grp",
            id: status.slug().to_owned(),
            cells: vec![Cell::text(say!("From {status}", status = status.words()))],
        });
        for (program, _, stated, tally) in of_status {
            let name = pool_words(report, Pool::Program(program));
            table.rows.push(Row { cells: cells(Cell::text(name), stated, tally), ..Row::default() });
        }
        for stated in Stated::ALL {
            if let Some(tally) = all.get(&(status, stated)) {
                let cells = cells(Cell::text(say!("All programs")), stated, tally);
                table.rows.push(Row { style: "tot", id: String::new(), cells });
            }
        }
    }
    table
}

fn cells(first: Cell, stated: Stated, tally: &Tally) -> Vec<Cell> {
    let none = |why| Cell { none: Some(why), ..Cell::default() };
    let (came_true, foreseen, says) = match tally.judgement() {
        Judgement::TooFew { needs, has, batches } => (
            none(say!("not measurable")),
            none(say!("not measurable")),
            say!("not measurable: {batches}", batches = too_few(needs, has, batches)),
        ),
        Judgement::Measured { foreseen, from, to, lean } => {
            let share = (1000 * tally.met + tally.due / 2) / tally.due.max(1);
            let came_true = Cell::text(whole(share)).with_note(say!(
                "{from} to {to}",
                from = whole(from),
                to = whole(to)
            ));
            let says = match lean {
                None => say!("as foreseen, within chance"),
                Some(Lean::Early) => say!("dates run early"),
                Some(Lean::Late) => say!("dates run late"),
            };
            (came_true, Cell::text(whole(foreseen)), says.to_owned())
        }
    };
    vec![
        first,
        Cell::text(stated_words(stated)),
        Cell::count(count(tally.due)),
        Cell::count(count(tally.met)),
        came_true,
        foreseen,
        Cell::text(says),
        Cell::count(count(tally.ahead)),
    ]
}

/// Thousandths as whole percents.
fn whole(thousandths: u64) -> String {
    format!("{}%", (thousandths + 5) / 10)
}

fn method() -> Block {
    Block::Paragraph {
        text: vec![Text::quiet(say!(
            "A date is the first that was shown, made of what was known then, and is judged on its day also when the money came \
             earlier. A rejected line is not paid. Lines of a batch are paid together, so the interval is that of the number \
             of batches, weighed by their size; it is told from 6 of them on."
        ))],
    }
}
