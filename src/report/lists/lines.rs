//! Lists of rebate lines: a table per currency, its file, and the lines that no rule computes.

use std::collections::BTreeMap;

use super::{LISTED, count_of, join, sum_of, why};
use crate::reconcile::proof::NotRecomputed;
use crate::report::Report;
use crate::report::page::{Block, Link, Text};
use crate::report::scopes::ScopeKey;
use crate::report::table::{Cell, Column, Row, Table};
use crate::say;

/// Columns of the list of lines.
fn line_columns() -> Vec<Column> {
    vec![
        Column::text("Order"),
        Column::text("Line").minor(),
        Column::text("Customer"),
        Column::text("Program").minor(),
        Column::text("Status"),
        Column::text("Why"),
        Column::money("Eligible", "eligible"),
        Column::money("Calculated", "calculated").minor(),
        Column::money("Adjustments", "adjustments").minor(),
        Column::money("Paid", "paid").minor(),
        Column::money("Rebate", "rebate"),
    ]
}

/// One line as a row of a list: it leads to its order, or to its batch where no order is known.
fn line_row(report: &Report<'_>, number: u32) -> Row {
    let (line, figures) = (report.line(number), report.figures(number));
    let case = report.reconciled.line_case(number);
    let share = report.reconciled.matching.of_line(number).shares.first();
    let order = share.map(|s| report.order(s.order));
    let program = report.reconciled.rules.program(line.program);
    let subject = match order {
        Some(order) => Cell::link(order.id.raw(), report.order_path(order.id)),
        None => {
            Cell::link(line.order_ref.raw(), report.line_path(number)).with_note(say!("no order of ours"))
        }
    };
    Row {
        cells: vec![
            subject,
            Cell::code(line.id.raw()),
            order
                .and_then(|o| report.scopes.customer_name(report.reconciled, o))
                .map_or_else(Cell::empty, |name| Cell::text(name.as_str())),
            Cell::link(
                program.map_or(line.program.raw(), |p| p.name.as_str()),
                report.scopes.path(&ScopeKey::program(line.program)),
            ),
            Cell::status(line.status),
            Cell::text(why(report, case)),
            figures
                .expected
                .map_or(Cell { none: Some(say!("not recomputed")), ..Cell::default() }, Cell::money),
            Cell::money_or_none(line.amount_calculated),
            if figures.adjustments.is_zero() {
                Cell::money_or_none(None)
            } else {
                Cell::money(figures.adjustments)
            },
            Cell::money_or_none(line.amount_paid),
            Cell::money_or_none(figures.net),
        ],
        ..Row::default()
    }
}

/// The lines of a scope as tables, one per currency: on the page the largest, in the file all of them.
pub(crate) fn line_tables(
    report: &Report<'_>,
    lines: &[u32],
    name: &str,
) -> (Vec<Block>, Vec<(String, Table)>, Vec<Link>) {
    let mut blocks = Vec::new();
    let mut exports = Vec::new();
    let mut links = Vec::new();
    let totals = report.totals(lines);
    let several = totals.iter().count() > 1;
    for (currency, sums) in totals.by_weight() {
        let mut of_currency: Vec<u32> =
            lines.iter().copied().filter(|n| report.line(*n).currency == currency).collect();
        of_currency.sort_by_key(|n| {
            (std::cmp::Reverse(report.figures(*n).net.map_or(0, |m| m.abs().minor())), report.line(*n).id)
        });
        let code = currency.code();
        let foot = Row {
            style: "tot",
            id: String::new(),
            cells: vec![
                Cell::text(count_of(of_currency.len(), "line", "lines")),
                Cell::empty(),
                Cell::empty(),
                Cell::empty(),
                Cell::empty(),
                Cell::empty(),
                Cell::money(sum_of(&of_currency, currency, |n| report.figures(n).expected)),
                Cell::money(sums.calculated_all),
                Cell::money(sum_of(&of_currency, currency, |n| Some(report.figures(n).adjustments))),
                Cell::money(sums.paid),
                Cell::money(sum_of(&of_currency, currency, |n| report.figures(n).net)),
            ],
        };
        let table = |rows: Vec<Row>, caption: String| Table {
            id: format!("lines-{}", code.to_lowercase()),
            caption,
            layout: "cards",
            sortable: true,
            columns: line_columns(),
            rows,
            foot: vec![foot.clone()],
            empty: String::new(),
        };
        let shown: Vec<Row> = of_currency.iter().take(LISTED).map(|n| line_row(report, *n)).collect();
        let caption = if of_currency.len() > shown.len() {
            say!(
                "The {shown} largest of {currency}, amounts in {code}. The file holds all of them.",
                shown = shown.len(),
                currency = count_of(of_currency.len(), "line", "lines"),
                code
            )
        } else {
            say!(
                "{currency}, largest first. Amounts in {code}.",
                currency = count_of(of_currency.len(), "line", "lines"),
                code
            )
        };
        blocks.push(Block::Table(table(shown, caption)));
        blocks.extend(not_recomputed(report, &of_currency));
        let all: Vec<Row> = of_currency.iter().map(|n| line_row(report, *n)).collect();
        let path = if several {
            format!("{name}.lines.{}.csv", code.to_lowercase())
        } else {
            format!("{name}.lines.csv")
        };
        links.push(Link::to(
            if several { say!("Lines {code} CSV", code) } else { say!("Lines CSV").to_owned() },
            path.clone(),
        ));
        exports.push((path, table(all, String::new())));
    }
    (blocks, exports, links)
}

/// The lines that no rule computes, counted by reason and named; nothing where every line is recomputed.
pub(crate) fn not_recomputed(report: &Report<'_>, lines: &[u32]) -> Option<Block> {
    let mut reasons: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for number in lines {
        let Some(reason) = report.reconciled.not_recomputed(*number) else { continue };
        let words = match reason {
            NotRecomputed::NoRule => say!("no rule is entered for the program").to_owned(),
            NotRecomputed::LumpSum => say!("lump sum or bonus, which stands for no order").to_owned(),
            NotRecomputed::NoOrder => say!("no order of ours belongs to it").to_owned(),
            NotRecomputed::Currency => say!("our order is in another currency").to_owned(),
            NotRecomputed::Missing { file, column } => say!("it needs {column} in {file}", column, file),
        };
        reasons.entry(words).or_default().push(*number);
    }
    let count: usize = reasons.values().map(Vec::len).sum();
    if count == 0 {
        return None;
    }
    let mut text =
        vec![Text::strong(say!("{count} not recomputed", count = count_of(count, "line", "lines")))];
    for (number, (reason, mut lines)) in reasons.into_iter().enumerate() {
        lines.sort_by_key(|n| report.line(*n).id);
        let names = join(lines.iter().map(|n| report.line(*n).id.raw()));
        text.push(Text::plain(say!(
            "{else_}{reason} ({names})",
            else_ = if number == 0 { say!(": ") } else { say!("; ") },
            reason,
            names
        )));
    }
    text.push(Text::plain(say!(". Eligible leaves them out; it is never guessed.")));
    Some(Block::Paragraph { text })
}
