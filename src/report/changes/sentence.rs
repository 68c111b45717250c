//! A change as a sentence: what happened, in the words of both snapshots.

use super::{money, signed_in_words};
use crate::history::State;
use crate::history::changes::{Change, Class, Difference};
use crate::model::money::Money;
use crate::model::time::AsOf;
use crate::report::Report;
use crate::rules::arithmetic::rate_in_words;
use crate::say;

/// What happened to a line, without its name and amount.
pub(super) fn sentence(report: &Report<'_>, change: &Change<'_>) -> String {
    let (before, after) = (change.before, change.after);
    match change.class {
        Class::NewlyCalculated => match (before, after) {
            (Some(before), Some(after)) => {
                say!(
                    "amount determined: {before} → {now}{after}",
                    before = before.status().words(),
                    now = after.status().words(),
                    after = reason(report, &after)
                )
            }
            (None, Some(after)) => {
                say!(
                    "new line, {status}{after}",
                    status = after.status().words(),
                    after = reason(report, &after)
                )
            }
            (Some(_) | None, None) => String::new(),
        },
        Class::Late => {
            let period = after.map_or_else(String::new, |after| after.place.period.in_words());
            say!("new line, although the vendor's figures of {period} were final", period)
        }
        Class::Remeasured => match (before, after) {
            (Some(before), Some(after)) => measured(report, &before, &after),
            (Some(_) | None, Some(_) | None) => String::new(),
        },
        Class::Adjusted => match (before, after) {
            (Some(before), Some(after)) => {
                say!(
                    "adjustments {before} → {now}",
                    before = before.adjustments().grouped(),
                    now = after.adjustments().grouped()
                )
            }
            (Some(_) | None, Some(_) | None) => String::new(),
        },
        Class::Approved => match (before, after) {
            (Some(before), Some(after)) if change.effect.approved < 0 => {
                say!(
                    "approval withdrawn: {before} → {now}",
                    before = before.status().words(),
                    now = after.status().words()
                )
            }
            (Some(_) | None, Some(_) | None) => say!("approved: {after}", after = steps(before, after)),
        },
        Class::NewlyPaid => paid(before, after),
        Class::Rejected => match after {
            Some(after) => format!("rejected{}", reason(report, &after)),
            None => say!("rejected").to_owned(),
        },
        Class::Reopened => say!("reopened: {after}", after = steps(before, after)),
        Class::Removed => match before {
            Some(before) if change.is_aside => {
                say!("its row could not be read this time; it was {status}", status = before.status().words())
            }
            Some(before) => {
                say!("not in the extract any more; it was {status}", status = before.status().words())
            }
            None => String::new(),
        },
        Class::Moved => moved(change),
        Class::Rekeyed => {
            let facts = &report.sources.history.facts;
            let old = change.instead_of.map_or_else(String::new, |line| facts.id(line).raw().to_owned());
            let new = facts.id(change.line);
            let amounts = match (before, after) {
                (Some(before), Some(after)) if change.effect.total != 0 => {
                    say!("; {after}", after = measured(report, &before, &after))
                }
                (Some(_) | None, Some(_) | None) => String::new(),
            };
            say!("line {old} is line {new} now{amounts}", old, new, amounts)
        }
        Class::OwnRules => {
            say!(
                "our own mapping or rules changed; the extracts say the same{after}",
                after = own(before, after)
            )
        }
        Class::StatusOnly => match (before, after) {
            (None, Some(after)) => say!("new line, {status}, no amount yet", status = after.status().words()),
            (Some(_) | None, Some(_) | None) => steps(before, after),
        },
    }
}

/// `Calculated → Approved`.
fn steps(before: Option<State<'_>>, after: Option<State<'_>>) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before.status() != after.status() => {
            format!("{} → {}", before.status().words(), after.status().words())
        }
        (_, Some(state)) | (Some(state), None) => state.status().words().to_owned(),
        (None, None) => String::new(),
    }
}

/// The vendor's reason in plain words, after a colon.
fn reason(report: &Report<'_>, state: &State<'_>) -> String {
    reason_words(report, state).map_or_else(String::new, |words| say!(": {words}", words))
}

/// The vendor's reason in plain words, or its code where no words are known.
pub(super) fn reason_words(report: &Report<'_>, state: &State<'_>) -> Option<&'static str> {
    let row = report.reconciled.reason(state.reason());
    row.map(|row| report.plain_reason(row).trim_end_matches(['.', '。']))
        .or(state.reason().map(|raw| raw.as_str()))
}

/// Which of the fields that make the amount differ: `base 27,800.00 → 31,000.00`.
fn measured(report: &Report<'_>, before: &State<'_>, after: &State<'_>) -> String {
    if before.is_counted() && !after.is_counted() {
        return say!(
            "no amount any more: {before} → {now}",
            before = before.status().words(),
            now = after.status().words()
        );
    }
    let money = |amount: Option<Money>| amount.map(Money::grouped);
    let text = |value: Option<ustr::Ustr>| value.map(|v| v.to_string());
    let mut parts: Vec<String> = [
        changed(say!("base"), money(before.base()), money(after.base())),
        changed(say!("rate"), before.rate().map(rate_in_words), after.rate().map(rate_in_words)),
        changed(say!("category"), text(before.place.category), text(after.place.category)),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        parts.extend(changed(say!("calculated"), money(before.calculated()), money(after.calculated())));
    }
    if before.calculated() == after.calculated() {
        parts.extend(changed(say!("our own expectation"), money(before.expected()), money(after.expected())));
    }
    if before.status() != after.status() {
        parts.push(format!(
            "{} → {}{}",
            before.status().words(),
            after.status().words(),
            reason(report, after)
        ));
    }
    parts.join(say!(", "))
}

/// `base 27,800.00 → 31,000.00`; nothing where both are the same.
fn changed(name: &str, was: Option<String>, is: Option<String>) -> Option<String> {
    let word = |value: &Option<String>| value.clone().unwrap_or_else(|| say!("none").to_owned());
    (was != is).then(|| format!("{name} {} → {}", word(&was), word(&is)))
}

fn paid(before: Option<State<'_>>, after: Option<State<'_>>) -> String {
    let was = before.and_then(|state| state.paid()).filter(|paid| !paid.is_zero());
    let with = after.and_then(|state| state.place.payout);
    match (was, after.and_then(|state| state.paid())) {
        (Some(was), Some(is)) if was != is => {
            say!("paid {was} → {is}", was = was.grouped(), is = is.grouped())
        }
        (Some(was), None) => say!("paid {was} before, nothing now", was = was.grouped()),
        (Some(_) | None, Some(_)) => match with {
            Some(payout) => say!("paid with payout {payout}", payout = payout.raw()),
            None => say!("paid, no payout named").to_owned(),
        },
        (None, None) => steps(before, after),
    }
}

/// Where it counted and where it counts.
fn moved(change: &Change<'_>) -> String {
    let there = |state: Option<State<'_>>| {
        state.map(|state| {
            say!(
                "{place}, {program}, {currency}",
                place = state.place.period.in_words(),
                program = state.place.program,
                currency = state.place.currency
            )
        })
    };
    match (there(change.before), there(change.after)) {
        (Some(from), None) => say!("counts elsewhere now; it was in {from}", from),
        (None, Some(to)) => say!("counts in {to} now", to),
        (Some(from), Some(to)) if from != to => format!("{from} → {to}"),
        (Some(_), Some(_)) | (None, None) => say!("counts elsewhere in between").to_owned(),
    }
}

/// What of a line our own rules decide.
fn own(before: Option<State<'_>>, after: Option<State<'_>>) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before.status() != after.status() => {
            say!(": {before} → {now}", before = before.status().words(), now = after.status().words())
        }
        (Some(before), Some(after)) if before.expected() != after.expected() => {
            let word = |amount: Option<Money>| {
                amount.map_or_else(|| say!("not recomputed").to_owned(), Money::grouped)
            };
            say!(
                ": expected {before} → {now}",
                before = word(before.expected()),
                now = word(after.expected())
            )
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
        say!("yesterday, {day}", day)
    } else {
        say!("on {day}", day)
    };
    let change = money(is.minor() - was.minor(), bridge.currency);
    if change.is_zero() {
        let whether = if bridge.changes.is_empty() {
            say!("nothing changed")
        } else {
            say!("the total did not change")
        };
        return say!(
            "Correct: {subject} was {was} {when}, and {whether} until {to}.",
            subject,
            was = was.in_words(),
            when,
            whether,
            to = to.in_words()
        );
    }
    say!(
        "Correct: {subject} was {was} {when}, and here's what changed. It is {is} on {to}, {change}.",
        subject,
        was = was.in_words(),
        when,
        is = is.in_words(),
        to = to.in_words(),
        change = signed_in_words(change)
    )
}
