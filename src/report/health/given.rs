//! What the success metrics were made of: the files that were given, and what became of their lines.

use crate::language::label;
use crate::metrics::Basis;
use crate::model::time::date_in_words;
use crate::report::Report;
use crate::report::lists::count_of;
use crate::report::page::{Block, Text};
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::words::paragraph;
use crate::say;

/// What compares before and after, and the files.
pub(super) fn blocks(report: &Report<'_>, basis: &Basis<'_>) -> Vec<Block> {
    let mut blocks = vec![paragraph(match basis.given.go_live {
        Some(day) => say!(
            "Before and after are told apart by go-live, {day}. Now is the day of this snapshot, {as_of}; what is dated later is left out.",
            day = date_in_words(day),
            as_of = report.reconciled.as_of().in_words()
        ),
        None => say!(
            "Nothing is compared with the time before: that needs go_live in [metrics] of tieout.toml. Now is the day of this \
             snapshot, {as_of}; what is dated later is left out.",
            as_of = report.reconciled.as_of().in_words()
        ),
    })];
    if let Some(days) = basis.ticket_days() {
        blocks.push(paragraph(say!("The tickets tell of {days}: a day outside may be one that the file does not have, and not one without tickets.", days = days.in_words())));
    }
    let ahead = basis.tickets_ahead();
    if ahead > 0 {
        blocks.push(paragraph(say!(
            "{ahead} opened later than this snapshot and left out.",
            ahead = count_of(ahead, "ticket was", "tickets were")
        )));
    }
    let files = &basis.given.files;
    if files.is_empty() {
        blocks.push(Block::Paragraph {
            text: vec![
                Text::plain(say!("No file was given. Each metric below says which file of ")),
                Text::code("input/metrics/"),
                Text::plain(say!(" it needs; what our own snapshots say is measured without one.")),
            ],
        });
        return blocks;
    }
    let mut table = Table {
        id: "metrics-files".to_owned(),
        caption: say!("Files of input/metrics/, and what became of their lines: read = used + left out. Of access logs, teams and counts \
                  are kept; no name and no address enters the site.")
            .to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("File"),
            Column::number("Lines read"),
            Column::number("Used"),
            Column::number("Left out"),
            Column::text("Why"),
        ],
        ..Table::default()
    };
    let count = |n: u64| Cell::count(usize::try_from(n).unwrap_or(usize::MAX));
    for file in files {
        let mut why: Vec<String> =
            file.left_out.iter().map(|(why, n)| format!("{n} {}", label(why))).collect();
        why.extend(file.is_unusable.then(|| say!("the file is not used: the warnings say why").to_owned()));
        table.rows.push(Row {
            cells: vec![
                Cell::code(file.path.clone()),
                count(file.read),
                count(file.used),
                count(file.left_out.values().sum()),
                Cell::text(why.join(say!("; "))),
            ],
            ..Row::default()
        });
    }
    blocks.push(Block::Table(table));
    blocks
}
