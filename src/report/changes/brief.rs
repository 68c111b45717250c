//! What changed since the snapshot before, in short: for the pages that are opened first.

use super::{ChangeTold, path, signed_in_words};
use crate::history::changes::Difference;
use crate::history::{Scope, SnapshotNumber};
use crate::model::money::Money;
use crate::report::Report;
use crate::report::lists::count_of;
use crate::report::page::{Block, Link, Text};
use crate::say;

/// Changes that are named before the page of the pair tells all of them.
const NAMED: usize = 3;

/// The changes that move the total most, in words, with their amounts.
pub(super) fn largest(report: &Report<'_>, bridge: &Difference<'_>) -> Vec<(Money, ChangeTold)> {
    let moving = bridge.changes.iter().filter(|change| change.effect.total != 0).take(NAMED);
    moving
        .filter_map(|change| Some((bridge.money(change.effect.total), report.tell_change(change)?)))
        .collect()
}

/// A sentence for each currency, and the largest changes of the first; nothing for the first snapshot.
///
/// `subject` says what the amounts are of, with their period: `Total rebate for May 2026`.
pub(in crate::report) fn since_before(
    report: &Report<'_>,
    to: SnapshotNumber,
    scope: &Scope,
    subject: &str,
) -> Option<Block> {
    let from = to.checked_sub(1)?;
    let history = report.sources.history;
    let (before, after) = (history.as_of(from), history.as_of(to));
    let bridges = report.differences(from, to, scope);
    let mut items: Vec<Vec<Text>> = bridges.iter().map(|bridge| sentence(bridge, subject)).collect();
    if items.is_empty() {
        items.push(vec![Text::plain(say!("{subject}: there are no lines in either snapshot.", subject))]);
    }
    // The largest changes stand below the sentence of their currency, before those of the others.
    let largest = bridges.first().map(|bridge| largest(report, bridge)).unwrap_or_default();
    let largest = largest.into_iter().map(|(amount, told)| {
        vec![
            Text::strong(signed_in_words(amount)),
            Text::plain(" "),
            Text::link(told.order, told.page),
            Text::plain(say!(": {sentence}", sentence = told.sentence)),
        ]
    });
    items.splice(1..1, largest);
    Some(Block::Section {
        id: "since-before".to_owned(),
        heading: say!("What changed since {before}", before = before.in_words()),
        actions: vec![Link::to(say!("Every change"), path(before, after))],
        blocks: vec![Block::List { ordered: false, items }],
    })
}

/// `Total rebate for May 2026: $25,615.08 before, $31,771.08 now, +$6,156.00 in 6 changes.`
fn sentence(bridge: &Difference<'_>, subject: &str) -> Vec<Text> {
    let [was, is] = [bridge.opening, bridge.closing].map(|measures| bridge.money(measures.total));
    let by = bridge.money(is.minor() - was.minor());
    if by.is_zero() {
        let words = if bridge.changes.is_empty() {
            say!(", nothing changed.").to_owned()
        } else {
            say!(
                ", the same as before; {changes} without effect on it.",
                changes = count_of(bridge.changes.len(), "change", "changes")
            )
        };
        return vec![
            Text::plain(say!("{subject}: ", subject)),
            Text::strong(is.in_words()),
            Text::plain(words),
        ];
    }
    let count = count_of(bridge.changes.len(), "change", "changes");
    vec![
        Text::plain(say!("{subject}: {was} before, ", subject, was = was.in_words())),
        Text::strong(is.in_words()),
        Text::plain(say!(" now, {by} in {count}.", by = signed_in_words(by), count)),
    ]
}
