//! What finance is told about a batch: its orders, its condition and its state.

use std::collections::BTreeSet;

use super::super::{Report, lists};
use super::{Members, ScopeKey, ScopeKind};
use crate::model::status::Status;
use crate::say;

/// The sentence of the brief for finance: which orders, which condition, which state.
pub(in crate::report) fn batch_sentence(
    report: &Report<'_>,
    key: &ScopeKey,
    members: &Members,
) -> Option<String> {
    if key.kind != ScopeKind::Batch {
        return None;
    }
    let number = *members.lines.iter().min_by_key(|n| {
        let line = report.line(**n);
        // Under review if any line is; else the earliest state (domain 5.5).
        (line.status != Status::UnderReview, line.status, line.id)
    })?;
    let line = report.line(number);
    let conditions: BTreeSet<String> =
        members.lines.iter().filter_map(|n| lists::condition(report, *n)).collect();
    let orders = report.scopes.batch_orders(line.batch?)?;
    let condition = if conditions.is_empty() {
        String::new()
    } else {
        say!(
            "eligibility requires {conditions}; ",
            conditions = conditions.into_iter().collect::<Vec<_>>().join(say!(" and "))
        )
    };
    Some(say!(
        "Rebate batch ID {batch} includes orders {orders}; {condition}current state is '{status}'.",
        batch = line.batch?.raw(),
        orders,
        condition,
        status = state_words(line.status)
    ))
}

/// The status as the middle of a sentence has it: `Under review`.
pub(in crate::report) fn state_words(status: Status) -> String {
    let label = status.words();
    match label.split_once(' ') {
        Some((first, rest)) if status != Status::Unknown => format!("{first} {}", rest.to_lowercase()),
        Some(_) | None => label.to_owned(),
    }
}
