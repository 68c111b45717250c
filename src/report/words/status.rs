//! Statuses: what each means, what comes next, and which lines are in it now.

use std::collections::BTreeMap;

use ustr::Ustr;

use super::super::lists::{self, count_of};
use super::super::page::{Block, Link, Text};
use super::super::table::{Cell, Column, Row, Table};
use super::super::{Made, Report, times};
use super::{amounts, article_cell, body, from_overview, head, lines_now, panel, paragraph, place, section};
use crate::content::StatusPage;
use crate::error::Error;
use crate::model::money::MoneyByCurrency;
use crate::model::reference::StatusRow;
use crate::model::status::{Bucket, Status};
use crate::reconcile::figures::Totals;
use crate::reconcile::matching::numbered;
use crate::say;

/// `status/index.html`: the eight statuses, and which of them make up the total.
pub(in crate::report) fn statuses(report: &Report<'_>) -> Result<Made, Error> {
    let lines: Vec<u32> =
        numbered(&report.reconciled.snapshot.records.lines).map(|(number, _)| number).collect();
    let totals = report.totals(&lines);
    let lead = say!(
        "Eight statuses, always with the same meaning. A line has exactly one at a time. The circle fills as money \
                gets closer to paid."
    );
    let mut page =
        head("status/index.html", "statuses", from_overview(), say!("Statuses"), vec![Text::plain(lead)]);
    page.facts = vec![
        vec![Text::plain(count_of(lines.len(), "line", "lines"))],
        vec![Text::link(say!("Why a line has its status: all reasons"), "reason/index.html")],
        vec![Text::link(say!("How payment dates held"), "health.html#dates")],
        vec![Text::plain(say!("Snapshot {as_of}", as_of = report.reconciled.as_of().in_words()))],
    ];
    page.main = vec![
        section("all", say!("In order"), vec![Block::Table(dictionary(report, &totals))]),
        section("groups", say!("What adds up to the total rebate"), vec![Block::Table(groups(&totals))]),
    ];
    Ok(page.into())
}

fn dictionary(report: &Report<'_>, totals: &Totals) -> Table {
    let mut table = Table {
        id: "statuses".to_owned(),
        caption: say!("All periods of this snapshot. Amounts are calculated plus adjustments; each line is counted once.")
            .to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Status"),
            Column::text("Meaning"),
            Column::text("Expected next step"),
            Column::text("Typical timeline"),
            Column::text("Amount now").of("amount-now"),
            Column::number("Lines now"),
        ],
        ..Table::default()
    };
    for status in Status::ALL {
        let page = report.sources.content.status(status);
        let (count, sums) = now(totals, |sums| sums.status(status));
        table.rows.push(Row {
            cells: vec![
                Cell::status(status),
                Cell::text(page.definition.clone()),
                Cell::text(page.next_step.clone()),
                Cell::text(page.timeline.clone()),
                amounts(&sums),
                Cell::count(count),
            ],
            ..Row::default()
        });
    }
    table
}

/// Lines and net amounts over all currencies.
fn now(
    totals: &Totals,
    of: impl Fn(&crate::reconcile::figures::CurrencyTotals) -> (usize, crate::model::money::Money),
) -> (usize, MoneyByCurrency) {
    let mut lines = 0;
    let mut sums = MoneyByCurrency::default();
    for (_, currency) in totals.iter() {
        let (count, amount) = of(currency);
        lines += count;
        sums.add(amount);
    }
    (lines, sums)
}

/// The buckets: those of the total rebate with their sum, then those beside it.
fn groups(totals: &Totals) -> Table {
    let mut table = Table {
        id: "buckets".to_owned(),
        caption: say!("Total rebate = Calculated + Approved + Paid. Currencies are never added.").to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Counts as"),
            Column::text("Statuses"),
            Column::text("In the total rebate"),
            Column::text("Amount now").of("amount-now"),
            Column::number("Lines now"),
        ],
        ..Table::default()
    };
    let (inside, outside): (Vec<Bucket>, Vec<Bucket>) = Bucket::ALL.iter().partition(|b| b.is_in_total());
    for bucket in inside {
        table.rows.push(bucket_row(totals, bucket));
        if bucket == Bucket::Calculated {
            let (count, sums) = now(totals, |sums| sums.under_review);
            table.rows.push(Row {
                style: "ind",
                cells: vec![
                    Cell::status(Status::UnderReview).with_note(say!("of which")),
                    Cell::text(Status::UnderReview.words()),
                    Cell::text(say!("Yes, inside Calculated")),
                    amounts(&sums),
                    Cell::count(count),
                ],
                ..Row::default()
            });
        }
    }
    let count = totals.iter().map(|(_, sums)| sums.total_lines()).sum();
    let sums = totals.total();
    table.rows.push(Row {
        style: "tot",
        cells: vec![
            Cell::text(say!("Total rebate")),
            Cell::empty(),
            Cell::empty(),
            amounts(&sums),
            Cell::count(count),
        ],
        ..Row::default()
    });
    table.rows.extend(outside.into_iter().map(|bucket| bucket_row(totals, bucket)));
    table
}

fn bucket_row(totals: &Totals, bucket: Bucket) -> Row {
    let names: Vec<&str> =
        Status::ALL.into_iter().filter(|s| s.default_bucket() == bucket).map(Status::words).collect();
    let (count, sums) = now(totals, |sums| sums.bucket(bucket));
    Row {
        cells: vec![
            Cell::text(bucket.words()),
            Cell::text(names.join(say!(", "))),
            Cell::text(counts_how(bucket)),
            amounts(&sums),
            Cell::count(count),
        ],
        ..Row::default()
    }
}

fn counts_how(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Calculated | Bucket::Approved | Bucket::Paid => say!("Yes"),
        Bucket::Pending => say!("No amount yet; our own expectation is shown apart"),
        Bucket::Rejected => say!("No, listed beside it"),
        Bucket::Unknown => say!("No, listed beside it until the status is known"),
    }
}

/// `status/<slug>.html`.
///
/// # Errors
/// [`Error::Content`] when its text cannot be shown.
pub(in crate::report) fn status(report: &Report<'_>, number: usize) -> Result<Made, Error> {
    let status = Status::ALL[number];
    let content = report.sources.content.status(status);
    let name = format!("status/{}", status.slug());
    let lines: Vec<u32> = numbered(&report.reconciled.snapshot.records.lines)
        .filter(|(_, line)| line.status == status)
        .map(|(number, _)| number)
        .collect();
    let mut page = head(
        format!("{name}.html"),
        "statuses",
        Link::to(say!("Statuses"), "status/index.html"),
        &content.label,
        vec![Text::plain(content.definition.clone())],
    );
    page.kind = say!("status");
    page.facts = facts(report, status, &lines);
    let none = say!("No line is {content} in this snapshot.", content = content.label);
    let (now, exports) = lines_now(report, &lines, &name, &none);
    let mut timeline = vec![panel(say!("Typical timeline"), vec![paragraph(content.timeline.clone())])];
    timeline.extend(times::panel(report, status));
    page.top = vec![Block::Pair {
        left: vec![panel(say!("Expected next step"), vec![paragraph(content.next_step.clone())])],
        right: timeline,
    }];
    page.main =
        vec![Block::Pair { left: vec![causes(report, content)], right: vec![helpful(report, content)] }];
    let prose = body(report, &format!("statuses/{}.md", status.slug()), &content.body)?;
    if !prose.is_empty() {
        page.main.push(section("for-you", say!("What it means for your work"), prose));
    }
    page.main.extend(times::section(report, status));
    page.main.push(now);
    page.main.push(vendor_words(report, status, &lines));
    Ok(Made { page, exports })
}

fn facts(report: &Report<'_>, status: Status, lines: &[u32]) -> Vec<Vec<Text>> {
    let totals = report.totals(lines);
    let mut facts = vec![vec![Text::link(
        say!("{lines} now", lines = count_of(lines.len(), "line", "lines")),
        format!("status/{}.html#lines", status.slug()),
    )]];
    for (_, sums) in totals.iter() {
        let (_, amount) = sums.status(status);
        if !amount.is_zero() {
            facts.push(vec![Text::strong(amount.in_words())]);
        }
    }
    facts.push(vec![Text::plain(match status {
        Status::PendingData | Status::InCalculation => say!("Not in the total rebate: no amount yet"),
        Status::Calculated | Status::Approved | Status::Paid => say!("Counts in the total rebate"),
        Status::UnderReview => say!("Counts in the total rebate, inside Calculated"),
        Status::Rejected => say!("Not in the total rebate: listed beside it"),
        Status::Unknown => say!("Not in the total rebate until the status is known"),
    })]);
    facts.push(vec![Text::plain(say!("In data files ")), Text::code(status.code())]);
    facts
}

fn causes(report: &Report<'_>, content: &StatusPage) -> Block {
    let mut table = Table {
        id: "causes-list".to_owned(),
        caption: say!("Usual causes, and the article that helps.").to_owned(),
        layout: "cards",
        columns: vec![Column::text("Cause"), Column::text("What helps")],
        empty: say!("No common cause is on record for this status.").to_owned(),
        ..Table::default()
    };
    table.rows.extend(content.causes.iter().map(|cause| Row {
        cells: vec![Cell::text(cause.text.clone()), article_cell(report, &cause.kb)],
        ..Row::default()
    }));
    section("causes", say!("Common causes"), vec![Block::Table(table)])
}

fn helpful(report: &Report<'_>, content: &StatusPage) -> Block {
    super::recommended_actions(report, vec![vec![Text::plain(content.next_step.clone())]], &content.kb)
}

/// The vendor's words that lead to a status, with the row of the status map that says so; a word without a row is
/// there too, because it is what makes a line Unknown / Error.
fn vendor_words(report: &Report<'_>, status: Status, lines: &[u32]) -> Block {
    let mut counts: BTreeMap<Ustr, usize> = BTreeMap::new();
    for number in lines {
        *counts.entry(report.line(*number).status_key).or_default() += 1;
    }
    let mut table = Table {
        id: "vendor-words-list".to_owned(),
        caption: say!("As the status map of this build says. Case and spaces do not matter.").to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("The vendor's word"),
            Column::text("Counts as"),
            Column::text("Overdue after"),
            Column::text("Written in"),
            Column::number("Lines now"),
        ],
        empty: say!("No word of the vendor leads here: the status map has no row for this status.")
            .to_owned(),
        ..Table::default()
    };
    for row in report.reconciled.rules.reference.statuses.iter().filter(|row| row.status == status) {
        let count = counts.remove(&row.key).unwrap_or(0);
        table.rows.push(mapped_word(report, row, count));
    }
    table.rows.extend(counts.into_iter().map(|(key, count)| Row {
        cells: vec![
            Cell::code(crate::diagnostic::visible(crate::normalize::raw_of(&key))),
            Cell::text(
                if status == Status::Unknown { Bucket::Unknown } else { status.default_bucket() }.words(),
            ),
            Cell { none: Some(say!("no limit")), ..Cell::default() },
            Cell::text(if status == Status::Unknown {
                say!("Not in the status map: ask the vendor what it means, then add it")
            } else {
                say!("The mapping of its source in tieout.toml")
            }),
            Cell::count(count),
        ],
        ..Row::default()
    }));
    section("vendor-words", say!("Vendor words that lead here"), vec![Block::Table(table)])
}

fn mapped_word(report: &Report<'_>, row: &StatusRow, count: usize) -> Row {
    let limit = row.limit_days.map_or(Cell { none: Some(say!("no limit")), ..Cell::default() }, |days| {
        Cell::text(lists::count_of(days as usize, "day", "days"))
    });
    Row {
        cells: vec![
            Cell::code(row.raw.as_str()),
            Cell::text(row.bucket.words()),
            limit,
            place(report, &row.origin),
            Cell::count(count),
        ],
        ..Row::default()
    }
}
