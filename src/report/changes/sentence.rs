//! A change as a sentence: what happened, in the words of both snapshots.

use super::{money, signed_in_words};
use crate::history::State;
use crate::history::changes::{Change, Class, Difference};
use crate::model::money::Money;
use crate::model::time::AsOf;
use crate::report::Report;
use crate::rules::arithmetic::rate_in_words;

/// What happened to a line, without its name and amount.
pub(super) fn sentence(report: &Report<'_>, change: &Change<'_>) -> String {
    let (before, after) = (change.before, change.after);
    match change.class {
        Class::NewlyCalculated => match (before, after) {
            (Some(before), Some(after)) => {
                format!(
                    "amount determined: {} → {}{}",
                    before.status(),
                    after.status(),
                    reason(report, &after)
                )
            }
            (None, Some(after)) => format!("new line, {}{}", after.status(), reason(report, &after)),
            (Some(_) | None, None) => String::new(),
        },
        Class::Late => {
            let period = after.map_or_else(String::new, |after| after.place.period.in_words());
            format!("new line, although the vendor's figures of {period} were final")
        }
        Class::Remeasured => match (before, after) {
            (Some(before), Some(after)) => measured(report, &before, &after),
            (Some(_) | None, Some(_) | None) => String::new(),
        },
        Class::Adjusted => match (before, after) {
            (Some(before), Some(after)) => {
                format!("adjustments {} → {}", before.adjustments().grouped(), after.adjustments().grouped())
            }
            (Some(_) | None, Some(_) | None) => String::new(),
        },
        Class::Approved => match (before, after) {
            (Some(before), Some(after)) if change.effect.approved < 0 => {
                format!("approval withdrawn: {} → {}", before.status(), after.status())
            }
            (Some(_) | None, Some(_) | None) => format!("approved: {}", steps(before, after)),
        },
        Class::NewlyPaid => paid(before, after),
        Class::Rejected => match after {
            Some(after) => format!("rejected{}", reason(report, &after)),
            None => "rejected".to_owned(),
        },
        Class::Reopened => format!("reopened: {}", steps(before, after)),
        Class::Removed => match before {
            Some(before) if change.is_aside => {
                format!("its row could not be read this time; it was {}", before.status())
            }
            Some(before) => format!("not in the extract any more; it was {}", before.status()),
            None => String::new(),
        },
        Class::Moved => moved(change),
        Class::Rekeyed => {
            let facts = &report.sources.history.facts;
            let old = change.instead_of.map_or_else(String::new, |line| facts.id(line).raw().to_owned());
            let new = facts.id(change.line);
            let amounts = match (before, after) {
                (Some(before), Some(after)) if change.effect.total != 0 => {
                    format!("; {}", measured(report, &before, &after))
                }
                (Some(_) | None, Some(_) | None) => String::new(),
            };
            format!("line {old} is line {new} now{amounts}")
        }
        Class::OwnRules => {
            format!("our own mapping or rules changed; the extracts say the same{}", own(before, after))
        }
        Class::StatusOnly => match (before, after) {
            (None, Some(after)) => format!("new line, {}, no amount yet", after.status()),
            (Some(_) | None, Some(_) | None) => steps(before, after),
        },
    }
}

/// `Calculated → Approved`.
fn steps(before: Option<State<'_>>, after: Option<State<'_>>) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before.status() != after.status() => {
            format!("{} → {}", before.status(), after.status())
        }
        (_, Some(state)) | (Some(state), None) => state.status().to_string(),
        (None, None) => String::new(),
    }
}

/// The vendor's reason in plain words, after a colon.
fn reason(report: &Report<'_>, state: &State<'_>) -> String {
    reason_words(report, state).map_or_else(String::new, |words| format!(": {words}"))
}

/// The vendor's reason in plain words, or its code where no words are known.
pub(super) fn reason_words(report: &Report<'_>, state: &State<'_>) -> Option<&'static str> {
    let row = report.reconciled.reason(state.reason());
    row.map(|row| row.plain_text.as_str().trim_end_matches('.')).or(state.reason().map(|raw| raw.as_str()))
}

/// Which of the fields that make the amount differ: `base 27,800.00 → 31,000.00`.
fn measured(report: &Report<'_>, before: &State<'_>, after: &State<'_>) -> String {
    if before.is_counted() && !after.is_counted() {
        return format!("no amount any more: {} → {}", before.status(), after.status());
    }
    let money = |amount: Option<Money>| amount.map(Money::grouped);
    let text = |value: Option<ustr::Ustr>| value.map(|v| v.to_string());
    let mut parts: Vec<String> = [
        changed("base", money(before.base()), money(after.base())),
        changed("rate", before.rate().map(rate_in_words), after.rate().map(rate_in_words)),
        changed("category", text(before.place.category), text(after.place.category)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        parts.extend(changed("calculated", money(before.calculated()), money(after.calculated())));
    }
    if before.calculated() == after.calculated() {
        parts.extend(changed("our own expectation", money(before.expected()), money(after.expected())));
    }
    if before.status() != after.status() {
        parts.push(format!("{} → {}{}", before.status(), after.status(), reason(report, after)));
    }
    parts.join(", ")
}

/// `base 27,800.00 → 31,000.00`; nothing where both are the same.
fn changed(name: &str, was: Option<String>, is: Option<String>) -> Option<String> {
    let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    (was != is).then(|| format!("{name} {} → {}", word(&was), word(&is)))
}

fn paid(before: Option<State<'_>>, after: Option<State<'_>>) -> String {
    let was = before.and_then(|state| state.paid()).filter(|paid| !paid.is_zero());
    let with = after.and_then(|state| state.place.payout);
    match (was, after.and_then(|state| state.paid())) {
        (Some(was), Some(is)) if was != is => format!("paid {} → {}", was.grouped(), is.grouped()),
        (Some(was), None) => format!("paid {} before, nothing now", was.grouped()),
        (Some(_) | None, Some(_)) => match with {
            Some(payout) => format!("paid with payout {}", payout.raw()),
            None => "paid, no payout named".to_owned(),
        },
        (None, None) => steps(before, after),
    }
}

/// Where it counted and where it counts.
fn moved(change: &Change<'_>) -> String {
    let there = |state: Option<State<'_>>| {
        state.map(|state| {
            format!("{}, {}, {}", state.place.period.in_words(), state.place.program, state.place.currency)
        })
    };
    match (there(change.before), there(change.after)) {
        (Some(from), None) => format!("counts elsewhere now; it was in {from}"),
        (None, Some(to)) => format!("counts in {to} now"),
        (Some(from), Some(to)) if from != to => format!("{from} → {to}"),
        (Some(_), Some(_)) | (None, None) => "counts elsewhere in between".to_owned(),
    }
}

/// What of a line our own rules decide.
fn own(before: Option<State<'_>>, after: Option<State<'_>>) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before.status() != after.status() => {
            format!(": {} → {}", before.status(), after.status())
        }
        (Some(before), Some(after)) if before.expected() != after.expected() => {
            let word =
                |amount: Option<Money>| amount.map_or_else(|| "not recomputed".to_owned(), Money::grouped);
            format!(": expected {} → {}", word(before.expected()), word(after.expected()))
        }
        (Some(_) | None, Some(_) | None) => String::new(),
    }
}

/// The sentence of the brief: "Correct, it was $12,000.00 yesterday, and here's what changed" (A-123, domain 5.6).
///
/// Shape: `subject` is what the amount is of, such as `the total rebate for May 2026`. "Yesterday" is said only of the day
/// before the newer snapshot.
pub fn correct(subject: &str, bridge: &Difference<'_>, from: AsOf, to: AsOf) -> String {
    let (was, is) =
        (money(bridge.opening.total, bridge.currency), money(bridge.closing.total, bridge.currency));
    let day = from.in_words();
    let when = if to.date().pred_opt() == Some(from.date()) {
        format!("yesterday, {day}")
    } else {
        format!("on {day}")
    };
    let change = money(is.minor() - was.minor(), bridge.currency);
    if change.is_zero() {
        let whether = if bridge.changes.is_empty() { "nothing changed" } else { "the total did not change" };
        return format!(
            "Correct: {subject} was {} {when}, and {whether} until {}.",
            was.in_words(),
            to.in_words()
        );
    }
    format!(
        "Correct: {subject} was {} {when}, and here's what changed. It is {} on {}, {}.",
        was.in_words(),
        is.in_words(),
        to.in_words(),
        signed_in_words(change)
    )
}
