//! What both sides of a check say, as cells.

use super::{Of, either};
use crate::model::reference::Validity;
use crate::model::time::date_in_words;
use crate::reconcile::proof::{Check, Outcome, Question, Value};
use crate::report::table::Cell;
use crate::rules::arithmetic::rate_in_words;

/// Our side.
pub(super) fn ours(check: &Check, of: Of) -> Cell {
    match (check.question, &check.ours) {
        (Question::Fresh, Value::Day(day)) => return Cell::text(format!("due {}", date_in_words(*day))),
        (Question::Final, Value::Day(day)) => return Cell::text(format!("as of {}", date_in_words(*day))),
        (_, _) => {}
    }
    cell(&check.ours).unwrap_or_else(|| {
        Cell::text(match (check.question, of, check.outcome) {
            (Question::Readable, Of::Line(_), _) => "no row of ours was set aside",
            (Question::Fresh, Of::Order(_), _) => "no due date given",
            (Question::Fresh, Of::Line(_), _) => "no feed is listed",
            (Question::Alias, Of::Line(_), _) => "no alias",
            (Question::OrderId, Of::Line(_), _) => "no such order",
            (Question::Invoice | Question::Subscription, Of::Line(_), _) => "no order has it",
            (Question::Invoice | Question::Subscription, Of::Order(_), _) => "the order has none",
            (Question::Product | Question::Month, Of::Line(_), _) => "no order says the same",
            (Question::SameFacts | Question::NearId, Of::Line(_), Outcome::Untested(_)) => "not compared",
            (Question::SameFacts, Of::Line(_), _) => "no order under an unlike ID has its facts",
            (Question::NearId, Of::Line(_), _) => "no order without a line is near",
            (Question::Earlier, Of::Line(_), Outcome::Pass) => "no order then either",
            (Question::Account, Of::Line(_), _) => "no order without a line in this account",
            (Question::Region, _, _) => "no region code",
            (Question::Program, Of::Order(_), _) => "no campaign tag",
            (Question::Program, Of::Line(_), _) => "no rule",
            (Question::Threshold, _, _) => "does not count",
            (Question::Category, _, _) => "no category",
            (Question::Expected, _, _) => "not recomputed",
            (_, _, _) => "not given",
        })
    })
}

/// The vendor's side, or what our map or the rule says.
pub(super) fn theirs(check: &Check, of: Of) -> Cell {
    let day = |words: &str, day| Cell::text(format!("{words} {}", date_in_words(day)));
    match (check.question, &check.theirs, check.outcome) {
        (Question::Enrollment, Value::Days(Validity { to: Some(to), .. }), Outcome::Fail) => {
            return day("ended on", *to);
        }
        (Question::Fresh, Value::Day(due), _) => return day("due", *due),
        (Question::Earlier, Value::Day(then), Outcome::Fail) => return day("on", *then),
        (Question::Earlier, Value::Day(then), _) => {
            return day(if matches!(of, Of::Order(_)) { "no line on" } else { "there on" }, *then);
        }
        (Question::Final, Value::Day(from), Outcome::Untested(_)) => {
            return day("the period ended before", *from);
        }
        (Question::Final, Value::Day(from), _) => return day("final on", *from),
        (_, _, _) => {}
    }
    cell(&check.theirs).unwrap_or_else(|| {
        Cell::text(match (check.question, of, check.outcome) {
            (Question::Readable, Of::Order(_), _) => "no row of it was set aside",
            (Question::Fresh, Of::Order(_), _) => "no feed is listed",
            (Question::Fresh, Of::Line(_), _) => "",
            (Question::Alias, _, _) => "no alias",
            (Question::OrderId, _, _) => "no line names it",
            (Question::Invoice | Question::Subscription, Of::Order(_), Outcome::Untested(_)) => {
                "not looked up"
            }
            (Question::Invoice | Question::Subscription, _, _) => "no line names it",
            (Question::SameFacts | Question::NearId, _, Outcome::Untested(_)) => "not compared",
            (Question::SameFacts, _, _) => "no line under an unlike ID has its facts",
            (Question::NearId, _, _) => "no line without an order is near",
            (Question::Earlier, _, Outcome::Pass) => "new in this snapshot",
            (Question::Account, Of::Order(_), Outcome::Untested(_)) => "no vendor account in the map",
            (Question::Account, Of::Order(_), _) => "no row in reference/accounts.csv",
            (Question::Sku, _, _) => "no row in reference/skus.csv",
            (Question::Region, _, Outcome::Fail) => "none in reference/accounts.csv either",
            (Question::Region, _, Outcome::Pass) if matches!(check.ours, Value::Nothing) => {
                "decides nothing here"
            }
            (Question::Region | Question::Billing, _, _) => "needed",
            (Question::Program, _, _) => "no program in reference/programs.csv",
            (Question::Enrollment, _, Outcome::Fail) => "not enrolled",
            (Question::Enrollment, _, Outcome::Pass) => "none asked for",
            (Question::Category, _, Outcome::Fail) => "no rate",
            (Question::Threshold, _, Outcome::Pass) if check.ours == Value::Nothing => "no threshold",
            (Question::Threshold, _, Outcome::Pass) => "reached",
            (Question::Expected, _, _) => "no line",
            (_, _, _) => "not given",
        })
    })
}

/// A value; `None` where there is none and the question says what that means.
fn cell(value: &Value) -> Option<Cell> {
    Some(match value {
        Value::Nothing => return None,
        Value::Id(id) => Cell::code(id.clone()),
        Value::Record { id, account } => Cell::code(id.clone()).with_note(format!("account {account}")),
        Value::Text(text) => Cell::text(text.clone()),
        Value::OneOf(words) => Cell::text(either(words)),
        Value::Empty(columns) => Cell::text(match columns[..] {
            [one] => format!("{one} is empty"),
            _ => format!("{} are empty", columns.join(" and ")),
        }),
        Value::Money(amount) => Cell::text(amount.in_words()),
        Value::Rate(rate) => Cell::text(rate_in_words(*rate)),
        Value::Day(day) => Cell::text(date_in_words(*day)),
        Value::Days(days) => Cell::text(days_in_words(*days)),
        Value::Month(month) => Cell::text(month.in_words()),
        Value::Feed { id, last, failed } => {
            let last =
                last.map_or_else(|| "no data yet".to_owned(), |d| format!("data of {}", date_in_words(d)));
            let failed = failed.as_ref().map_or(String::new(), |code| format!(", failed with {code}"));
            Cell::text(format!("{last}{failed}")).with_note(id.clone())
        }
        Value::Row { file, row, reason } => {
            Cell::text(reason.clone()).with_note(format!("{file}, row {row}"))
        }
        Value::Earlier { id, amount, date } => {
            let amount = amount.as_ref().map_or(String::new(), |a| format!("{a} on "));
            Cell::code(id.clone()).with_note(format!("{amount}{date}"))
        }
    })
}

/// Days of which an end may be open.
pub(super) fn days_in_words(days: Validity) -> String {
    match (days.from, days.to) {
        (Some(from), Some(to)) => format!("{} to {}", date_in_words(from), date_in_words(to)),
        (Some(from), None) => format!("from {}", date_in_words(from)),
        (None, Some(to)) => format!("to {}", date_in_words(to)),
        (None, None) => "any day".to_owned(),
    }
}
