//! What both sides of a check say, as cells.

use super::{Of, either};
use crate::model::reference::Validity;
use crate::model::time::date_in_words;
use crate::reconcile::proof::{Check, Outcome, Question, Value};
use crate::report::table::Cell;
use crate::rules::arithmetic::rate_in_words;
use crate::say;

/// Our side.
pub(super) fn ours(check: &Check, of: Of) -> Cell {
    match (check.question, &check.ours) {
        (Question::Fresh, Value::Day(day)) => {
            return Cell::text(say!("due {day}", day = date_in_words(*day)));
        }
        (Question::Final, Value::Day(day)) => {
            return Cell::text(say!("as of {day}", day = date_in_words(*day)));
        }
        (_, _) => {}
    }
    cell(&check.ours).unwrap_or_else(|| {
        Cell::text(match (check.question, of, check.outcome) {
            (Question::Readable, Of::Line(_), _) => say!("no row of ours was set aside"),
            (Question::Fresh, Of::Order(_), _) => say!("no due date given"),
            (Question::Fresh, Of::Line(_), _) => say!("no feed is listed"),
            (Question::Alias, Of::Line(_), _) => say!("no alias"),
            (Question::OrderId, Of::Line(_), _) => say!("no such order"),
            (Question::Invoice | Question::Subscription, Of::Line(_), _) => say!("no order has it"),
            (Question::Invoice | Question::Subscription, Of::Order(_), _) => say!("the order has none"),
            (Question::Product | Question::Month, Of::Line(_), _) => say!("no order says the same"),
            (Question::SameFacts | Question::NearId, Of::Line(_), Outcome::Untested(_)) => {
                say!("not compared")
            }
            (Question::SameFacts, Of::Line(_), _) => say!("no order under an unlike ID has its facts"),
            (Question::NearId, Of::Line(_), _) => say!("no order without a line is near"),
            (Question::Earlier, Of::Line(_), Outcome::Pass) => say!("no order then either"),
            (Question::Account, Of::Line(_), _) => say!("no order without a line in this account"),
            (Question::Region, _, _) => say!("no region code"),
            (Question::Program, Of::Order(_), _) => say!("no campaign tag"),
            (Question::Program, Of::Line(_), _) => say!("no rule"),
            (Question::Threshold, _, _) => say!("does not count"),
            (Question::Category, _, _) => say!("no category"),
            (Question::Expected, _, _) => say!("not recomputed"),
            (_, _, _) => say!("not given"),
        })
    })
}

/// The vendor's side, or what our map or the rule says.
pub(super) fn theirs(check: &Check, of: Of) -> Cell {
    let day = |words: &str, day| Cell::text(say!("{words} {day}", words, day = date_in_words(day)));
    match (check.question, &check.theirs, check.outcome) {
        (Question::Enrollment, Value::Days(Validity { to: Some(to), .. }), Outcome::Fail) => {
            return day(say!("ended on"), *to);
        }
        (Question::Fresh, Value::Day(due), _) => return day(say!("due"), *due),
        (Question::Earlier, Value::Day(then), Outcome::Fail) => return day(say!("on"), *then),
        (Question::Earlier, Value::Day(then), _) => {
            return day(
                if matches!(of, Of::Order(_)) { say!("no line on") } else { say!("there on") },
                *then,
            );
        }
        (Question::Final, Value::Day(from), Outcome::Untested(_)) => {
            return day(say!("the period ended before"), *from);
        }
        (Question::Final, Value::Day(from), _) => return day(say!("final on"), *from),
        (_, _, _) => {}
    }
    cell(&check.theirs).unwrap_or_else(|| {
        Cell::text(match (check.question, of, check.outcome) {
            (Question::Readable, Of::Order(_), _) => say!("no row of it was set aside"),
            (Question::Fresh, Of::Order(_), _) => say!("no feed is listed"),
            (Question::Fresh, Of::Line(_), _) => "",
            (Question::Alias, _, _) => say!("no alias"),
            (Question::OrderId, _, _) => say!("no line names it"),
            (Question::Invoice | Question::Subscription, Of::Order(_), Outcome::Untested(_)) => {
                say!("not looked up")
            }
            (Question::Invoice | Question::Subscription, _, _) => say!("no line names it"),
            (Question::SameFacts | Question::NearId, _, Outcome::Untested(_)) => say!("not compared"),
            (Question::SameFacts, _, _) => say!("no line under an unlike ID has its facts"),
            (Question::NearId, _, _) => say!("no line without an order is near"),
            (Question::Earlier, _, Outcome::Pass) => say!("new in this snapshot"),
            (Question::Account, Of::Order(_), Outcome::Untested(_)) => say!("no vendor account in the map"),
            (Question::Account, Of::Order(_), _) => say!("no row in reference/accounts.csv"),
            (Question::Sku, _, _) => say!("no row in reference/skus.csv"),
            (Question::Region, _, Outcome::Fail) => say!("none in reference/accounts.csv either"),
            (Question::Region, _, Outcome::Pass) if matches!(check.ours, Value::Nothing) => {
                say!("decides nothing here")
            }
            (Question::Region | Question::Billing, _, _) => say!("needed"),
            (Question::Program, _, _) => say!("no program in reference/programs.csv"),
            (Question::Enrollment, _, Outcome::Fail) => say!("not enrolled"),
            (Question::Enrollment, _, Outcome::Pass) => say!("none asked for"),
            (Question::Category, _, Outcome::Fail) => say!("no rate"),
            (Question::Threshold, _, Outcome::Pass) if check.ours == Value::Nothing => say!("no threshold"),
            (Question::Threshold, _, Outcome::Pass) => say!("reached"),
            (Question::Expected, _, _) => say!("no line"),
            (_, _, _) => say!("not given"),
        })
    })
}

/// A value; `None` where there is none and the question says what that means.
fn cell(value: &Value) -> Option<Cell> {
    Some(match value {
        Value::Nothing => return None,
        Value::Id(id) => Cell::code(id.clone()),
        Value::Record { id, account } => Cell::code(id.clone()).with_note(say!("account {account}", account)),
        Value::Text(text) => Cell::text(text.clone()),
        Value::OneOf(words) => Cell::text(either(words)),
        Value::Empty(columns) => Cell::text(match columns[..] {
            [one] => say!("{one} is empty", one),
            _ => say!("{columns} are empty", columns = columns.join(say!(" and "))),
        }),
        Value::Money(amount) => Cell::text(amount.in_words()),
        Value::Rate(rate) => Cell::text(rate_in_words(*rate)),
        Value::Day(day) => Cell::text(date_in_words(*day)),
        Value::Days(days) => Cell::text(days_in_words(*days)),
        Value::Month(month) => Cell::text(month.in_words()),
        Value::Feed { id, last, failed } => {
            let last = last.map_or_else(
                || say!("no data yet").to_owned(),
                |d| say!("data of {snapshot}", snapshot = date_in_words(d)),
            );
            let failed = failed.as_ref().map_or(String::new(), |code| say!(", failed with {code}", code));
            Cell::text(format!("{last}{failed}")).with_note(id.clone())
        }
        Value::Row { file, row, reason } => {
            Cell::text(reason.clone()).with_note(say!("{file}, row {row}", file, row))
        }
        Value::Earlier { id, amount, date } => {
            let amount = amount.as_ref().map_or(String::new(), |a| say!("{words} on ", words = a));
            Cell::code(id.clone()).with_note(format!("{amount}{date}"))
        }
    })
}

/// Days of which an end may be open.
pub(super) fn days_in_words(days: Validity) -> String {
    match (days.from, days.to) {
        (Some(from), Some(to)) => say!("{from} to {to}", from = date_in_words(from), to = date_in_words(to)),
        (Some(from), None) => say!("from {from}", from = date_in_words(from)),
        (None, Some(to)) => say!("to {to}", to = date_in_words(to)),
        (None, None) => say!("any day").to_owned(),
    }
}
