//! How the totals went over the snapshots: by status, and month by month as each matured.

use super::super::chart::{Chart, Position, Series};
use super::super::page::Block;
use super::super::words::section;
use super::super::{Report, SnapshotFacts, close, earlier, lists};
use crate::history::SnapshotNumber;
use crate::model::money::{Currency, Money};
use crate::model::time::Month;
use crate::say;

/// Earned months that are drawn, the newest ones: more lines than this cannot be told apart.
const MONTHS: usize = 6;

/// The section; nothing while there is a single snapshot, which has no trend.
pub(super) fn section_of(report: &Report<'_>) -> Option<Block> {
    let snapshots = report.sources.snapshots;
    let newest = snapshots.last()?;
    let (currency, _) = newest.totals.by_weight().into_iter().next()?;
    if snapshots.len() < 2 {
        return None;
    }
    let charts = [by_status(snapshots, currency), by_month(report, currency)];
    let blocks = charts.into_iter().map(|chart| Block::Chart(Box::new(chart))).collect();
    Some(section("trends", say!("Over the snapshots"), blocks))
}

fn positions(snapshots: &[SnapshotFacts]) -> Vec<Position> {
    let position = |facts: &SnapshotFacts| {
        Position::snapshot(facts.as_of).link(format!("snapshot/{}.html", facts.as_of))
    };
    snapshots.iter().map(position).collect()
}

/// The total of all periods by status.
fn by_status(snapshots: &[SnapshotFacts], currency: Currency) -> Chart {
    let sums: Vec<_> = snapshots.iter().map(|facts| facts.totals.get(currency)).collect();
    let series = lists::status_series(&sums);
    Chart::stacked(
        "trend-status",
        say!("Total rebate of all periods by status"),
        say!("Snapshot"),
        positions(snapshots),
        series,
    )
}

/// The total of each of the newest earned months, as each snapshot knew it.
fn by_month(report: &Report<'_>, currency: Currency) -> Chart {
    let snapshots = report.sources.snapshots;
    let has_lines = |month: &Month| {
        report
            .scopes
            .period(*month)
            .is_some_and(|members| members.lines.iter().any(|line| report.line(*line).currency == currency))
    };
    let mut months: Vec<Month> = report.scopes.months().rev().filter(has_lines).take(MONTHS).collect();
    months.reverse();
    let series = months.iter().map(|month| {
        let fill = if *month == report.default_month() { "ink" } else { "quiet" };
        let known = earlier::of_period(report, *month).remove(&currency).unwrap_or_default();
        let values = (0..).take(snapshots.len()).map(|at: SnapshotNumber| {
            let last = known.range(..=at).next_back();
            last.map(|(_, measures)| Money::from_minor(measures.total, currency))
        });
        let series = Series::new(month.in_words(), fill, values).within(format!("period={month}"));
        // Up to its close, or to the day on which the vendor's figures were final, a month was still moving.
        let close = close::snapshot_of(report, *month).map(usize::from);
        let day = report.reconciled.rules.reference.final_from(*month);
        let is_final = snapshots.iter().position(|facts| facts.as_of.date() >= day);
        match close.or(is_final) {
            Some(position) => series.final_from(position),
            None => series.open(),
        }
    });
    let series = series.collect();
    Chart::lines(
        "trend-months",
        say!("Total rebate of each earned month as it matured"),
        say!("Snapshot"),
        positions(snapshots),
        series,
    )
}
