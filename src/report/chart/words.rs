//! What stands beside a picture: its caption, its sentence and its table.

use super::{Amount, Chart, Series, Shape, Unit};
use crate::report::table::{Cell, Column, Row, Table};
use crate::say;

/// How many lines the sentence names; all are in the table.
const NAMED: usize = 4;

pub(super) fn caption(what: &str, unit: Unit) -> String {
    match unit {
        Unit::Money(currency) => say!("{what}. Amounts in {currency}.", what, currency),
        Unit::Count => say!("{what}.", what),
    }
}

/// The picture for those who do not see it: what it is, over which time, and its one message.
pub(super) fn sentence(chart: &Chart, what: &str) -> String {
    let shape = match chart.shape {
        Shape::Stacked if chart.series.len() == 1 => say!("bars"),
        Shape::Stacked => say!("stacked bars"),
        Shape::Lines => say!("lines"),
    };
    let (Some(first), Some(last)) = (chart.positions.first(), chart.positions.last()) else {
        return say!("{what}.", what);
    };
    let span = if chart.positions.len() == 1 {
        first.name.clone()
    } else {
        say!("{name} to {last}", name = first.name, last = last.name)
    };
    let message = match chart.shape {
        Shape::Stacked => of_stacks(chart),
        Shape::Lines => of_lines(chart),
    };
    say!("{what}, as {shape}, {span}.{message}", what, shape, span, message)
}

fn of_stacks(chart: &Chart) -> String {
    let totals: Vec<(usize, Amount)> =
        (0..chart.positions.len()).filter_map(|at| Some((at, chart.total(at)?))).collect();
    let Some((last, total)) = totals.last().copied() else {
        return String::new();
    };
    let mut words = String::new();
    let highest = totals.iter().rev().max_by_key(|(_, total)| total.number());
    if let Some((at, highest)) = highest.filter(|(at, _)| *at != last) {
        words.push_str(&say!(
            " The highest is {position} with {highest}.",
            position = chart.positions[*at].name,
            highest = highest.in_words()
        ));
    }
    let position = &chart.positions[last];
    let state = position.open.map(|why| say!(", {why}", why)).unwrap_or_default();
    words.push_str(&say!(
        " {position}{state}: {total}",
        position = position.name,
        state,
        total = total.in_words()
    ));
    if chart.series.len() > 1 {
        let parts: Vec<String> = chart
            .series
            .iter()
            .filter_map(|s| Some((s, s.values[last]?)))
            .filter(|(_, value)| value.number() != 0)
            .map(|(s, value)| format!("{} {}", s.name, value.in_words()))
            .collect();
        if !parts.is_empty() {
            words.push_str(&say!(" ({parts})", parts = parts.join(say!("; "))));
        }
    }
    words.push_str(say!("."));
    words
}

fn of_lines(chart: &Chart) -> String {
    let ends: Vec<String> = chart
        .series
        .iter()
        .rev()
        .filter_map(|s| Some((s, s.last()?.1)))
        .map(|(s, value)| say!("{series} ends at {amount}", series = s.name, amount = value.in_words()))
        .collect();
    match ends.len() {
        0 => String::new(),
        count if count > NAMED => {
            say!(" {ends}, and {count} more.", ends = ends[..NAMED].join(say!(", ")), count = count - NAMED)
        }
        _ => say!(" {ends}.", ends = ends.join(say!(", "))),
    }
}

/// What a layer of a stack measures, by its fill: the part of the total in that status. Lines are totals of their scopes.
fn column(chart: &Chart, series: &Series) -> Column {
    let measure = match (chart.shape, series.fill) {
        (Shape::Stacked, "calc") => "calculated",
        (Shape::Stacked, "review") => "under-review",
        (Shape::Stacked, "appr") => "approved",
        (Shape::Stacked, fill) => fill,
        (Shape::Lines, _) => "total",
    };
    Column::money(&series.name, measure).within(series.scope.clone())
}

/// The figures of the picture, newest first.
pub(super) fn table(chart: &Chart, what: &str, first: &str) -> Table {
    let has_total = chart.shape == Shape::Stacked && chart.series.len() > 1;
    let mut columns = vec![Column::text(first)];
    columns.extend(chart.series.iter().map(|s| column(chart, s)));
    if has_total {
        columns.push(Column::money("Total", "total"));
    }
    let cell = |value: Option<Amount>| {
        value.map_or_else(|| Cell { none: Some(say!("no figure")), ..Cell::default() }, Amount::cell)
    };
    let row = |(at, position): (usize, &super::Position)| {
        let name = match &position.href {
            Some(href) => Cell::link(position.name.clone(), href.clone()),
            None => Cell::text(position.name.clone()),
        };
        let mut cells = vec![match position.open {
            Some(why) => name.with_note(why),
            None => name,
        }];
        cells.extend(chart.series.iter().map(|s| cell(s.values[at])));
        if has_total {
            cells.push(cell(chart.total(at)));
        }
        Row { cells, ..Row::default() }
    };
    let unit = match chart.axis.unit {
        Unit::Money(currency) => say!(" Amounts in {currency}.", currency),
        Unit::Count => String::new(),
    };
    Table {
        id: format!("{}-figures", chart.id),
        caption: say!("{what}, newest first.{unit}", what, unit),
        layout: if columns.len() > 4 { "wide" } else { "tight" },
        columns,
        rows: chart.positions.iter().enumerate().rev().map(row).collect(),
        ..Table::default()
    }
}
