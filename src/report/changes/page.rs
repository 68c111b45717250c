//! The page of a pair of snapshots: the sentence that answers "it was another amount", then the bridge behind it.

use std::collections::BTreeMap;

use super::tables::{self, by_class, by_period, step_by_step};
use super::{brief, compare, correct, signed_in_words};
use crate::history::changes::Difference;
use crate::history::{Measures, Scope, SnapshotNumber};
use crate::model::money::Currency;
use crate::model::time::{AsOf, Month};
use crate::report::lists::count_of;
use crate::report::page::{Block, Link, Text};
use crate::report::words::{head, paragraph, section};
use crate::report::{Made, Report};
use crate::say;

/// The address of the page of a pair of snapshots.
pub(in crate::report) fn path(from: AsOf, to: AsOf) -> String {
    format!("changes/{from}-to-{to}.html")
}

/// `changes/<from>-to-<to>.html`.
pub(in crate::report) fn page(report: &Report<'_>, from: SnapshotNumber, to: SnapshotNumber) -> Made {
    let history = report.sources.history;
    let (before, after) = (history.as_of(from), history.as_of(to));
    let month = after.last_full_month();
    let all = report.differences(from, to, &Scope::default());
    let of_month = report.differences(from, to, &Scope::of_period(month));
    let lead = match of_month.first() {
        Some(bridge) => {
            let subject = say!("the total rebate for {month}", month = month.in_words());
            correct(&subject, bridge, before, after)
        }
        None => say!("There are no lines of {month} in either snapshot.", month = month.in_words()),
    };
    let lead = format!("{lead}{}", largest(report, of_month.first()));
    let mut page = head(
        path(before, after),
        "snapshots",
        Link::to(say!("Snapshots"), "snapshot/index.html"),
        &say!("What changed, {before} to {after}", before = before.in_words(), after = after.in_words()),
        vec![Text::plain(lead)],
    );
    page.facts = facts(report, &all, before, after);
    let file = format!("changes/{before}-to-{after}.csv");
    let mut exports = vec![(file.clone(), tables::file(report, &all))];
    if report.has_same_extracts(before, after) {
        page.top.push(same_extracts(&all));
    }
    for bridge in of_month.iter().filter(|bridge| !bridge.changes.is_empty()) {
        let code = bridge.currency.code().to_lowercase();
        let table = step_by_step(
            report,
            (&format!("steps-{month}-{code}"), &month.in_words()),
            bridge,
            before,
            after,
        );
        let heading =
            say!("{month}, step by step, {currency}", month = month.in_words(), currency = bridge.currency);
        page.main.push(section(&format!("month-{code}"), &heading, vec![Block::Table(table)]));
    }
    for bridge in all.iter().filter(|bridge| !bridge.changes.is_empty()) {
        let code = bridge.currency.code().to_lowercase();
        let classes = by_class(&format!("classes-{code}"), bridge);
        let steps =
            step_by_step(report, (&format!("steps-{code}"), say!("All periods")), bridge, before, after);
        page.main.push(Block::Section {
            id: format!("all-{code}"),
            heading: say!("All periods, {currency}", currency = bridge.currency),
            actions: vec![Link::to(say!("Changes CSV"), file.clone())],
            blocks: vec![Block::Table(classes), Block::Table(steps)],
        });
    }
    page.main.extend(unchanged(&all));
    let mut periods = periods(report, from, to);
    for bridge in all.iter().filter(|bridge| !bridge.changes.is_empty()) {
        let Some(periods) = periods.remove(&bridge.currency) else { continue };
        let code = bridge.currency.code().to_lowercase();
        let table = by_period(report, &format!("periods-{code}"), bridge.currency, &periods, before, after);
        let name = format!("changes/{before}-to-{after}.periods.{code}.csv");
        page.main.push(Block::Section {
            id: format!("by-period-{code}"),
            heading: say!("By period, {currency}", currency = bridge.currency),
            actions: vec![Link::to(say!("Periods CSV"), name.clone())],
            blocks: vec![Block::Table(table.clone())],
        });
        exports.push((name, table));
    }
    page.main.push(others(report, all.first(), before, after));
    Made { page, exports }
}

/// The largest changes in words, after the first sentence.
fn largest(report: &Report<'_>, bridge: Option<&Difference<'_>>) -> String {
    let largest = bridge.map(|bridge| brief::largest(report, bridge)).unwrap_or_default();
    let parts: Vec<String> = largest
        .iter()
        .map(|(amount, told)| {
            say!(
                "{amount} {order} ({sentence})",
                amount = signed_in_words(*amount),
                order = told.order,
                sentence = told.sentence
            )
        })
        .collect();
    if parts.is_empty() { String::new() } else { say!(" Largest: {parts}.", parts = parts.join(say!("; "))) }
}

fn facts(report: &Report<'_>, all: &[Difference<'_>], from: AsOf, to: AsOf) -> Vec<Vec<Text>> {
    let history = report.sources.history;
    let mut lines: Vec<u32> = all.iter().flat_map(|b| b.changes.iter().map(|c| c.line)).collect();
    lines.sort_unstable();
    lines.dedup();
    let there = history.number(to).map_or(0, |to| history.facts.lines_at(to).count());
    let link = |as_of: AsOf| Text::link(as_of.to_string(), format!("snapshot/{as_of}.html"));
    vec![
        vec![Text::plain(say!("From snapshot ")), link(from)],
        vec![Text::plain(say!("To snapshot ")), link(to)],
        vec![
            Text::strong(lines.len().to_string()),
            Text::plain(say!(" lines changed, {lines} did not", lines = there.saturating_sub(lines.len()))),
        ],
        vec![Text::plain(say!("Not explained: {all}", all = unexplained(all)))],
    ]
}

/// What the bridges leave open: `0.00 USD`, in every currency.
fn unexplained(all: &[Difference<'_>]) -> String {
    let parts: Vec<String> =
        all.iter().map(|b| format!("{} {}", b.money(b.remainder().total).grouped(), b.currency)).collect();
    if parts.is_empty() { say!("nothing").to_owned() } else { parts.join(say!(", ")) }
}

/// The currencies in which nothing changed, in one sentence.
fn unchanged(all: &[Difference<'_>]) -> Option<Block> {
    let same: Vec<String> = all
        .iter()
        .filter(|bridge| bridge.changes.is_empty())
        .map(|bridge| bridge.money(bridge.closing.total).in_words())
        .collect();
    let words = say!(
        "Nothing changed in other currencies; total rebate of all periods at both ends: {same}.",
        same = same.join(say!(", "))
    );
    (!same.is_empty()).then(|| section("unchanged", say!("Unchanged"), vec![paragraph(words)]))
}

/// Both snapshots rest on the same files.
fn same_extracts(all: &[Difference<'_>]) -> Block {
    let changes: usize = all.iter().map(|bridge| bridge.changes.len()).sum();
    let words = if changes == 0 {
        say!("Both snapshots rest on the same extracts, and nothing changed.").to_owned()
    } else {
        say!(
            "Both snapshots rest on the same extracts: only our own configuration or reference data changed, with {changes}.",
            changes = count_of(changes, "effect", "effects")
        )
    };
    Block::Note { tone: "calculated", text: vec![Text::plain(words)] }
}

/// Both ends of every period, per currency.
fn periods(
    report: &Report<'_>,
    from: SnapshotNumber,
    to: SnapshotNumber,
) -> BTreeMap<Currency, BTreeMap<Month, [Measures; 2]>> {
    let facts = &report.sources.history.facts;
    let mut all: BTreeMap<Currency, BTreeMap<Month, [Measures; 2]>> = BTreeMap::new();
    for (end, snapshot) in [from, to].into_iter().enumerate() {
        for (_, state) in facts.lines_at(snapshot) {
            let periods = all.entry(state.place.currency).or_default();
            periods.entry(state.place.period).or_default()[end] += state.measures();
        }
    }
    all
}

/// How to see another scope of the pair, with the program of its largest change as the example.
fn others(report: &Report<'_>, bridge: Option<&Difference<'_>>, from: AsOf, to: AsOf) -> Block {
    let largest = bridge.and_then(|bridge| report.tell_change(bridge.changes.first()?));
    let scope = largest.map_or_else(String::new, |told| {
        let program = told.program;
        let is_plain = program.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let program = if is_plain { program } else { format!("'{}'", program.replace('\'', "")) };
        format!(" --program {program} --period {told}", told = told.period)
    });
    section(
        "others",
        say!("Any other pair or scope"),
        vec![Block::List {
            ordered: false,
            items: vec![
                vec![Text::link(
                    say!("Compare any two snapshots, for any scope"),
                    compare::address(from, to, &[]),
                )],
                vec![
                    Text::plain(say!("In a terminal: ")),
                    Text::code(format!("tieout diff {from} {to}{scope}")),
                ],
                vec![Text::link(say!("All snapshots"), "snapshot/index.html")],
            ],
        }],
    )
}
