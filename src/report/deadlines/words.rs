//! Deadlines as phrases: what silence does, and the fact of an order, a program or a period.

use super::PAGE;
use crate::model::money::Money;
use crate::model::time::date_in_words;
use crate::reconcile::{Action, Case, Deadline};
use crate::report::Report;
use crate::report::lists::{capitalized, count_of};
use crate::report::page::Text;
use crate::report::scopes::Members;
use crate::say;

/// The deadline that matters most in some cases: the next one, else the one that passed last.
fn next<'c>(report: &Report<'_>, cases: impl IntoIterator<Item = &'c Case>) -> Option<Deadline> {
    let all = cases.into_iter().flat_map(|case| report.reconciled.deadlines_of(case));
    // A number of days that is not negative comes first, the smallest of them; then the latest of those that passed.
    all.min_by_key(|d| (d.is_passed(), d.days_left.abs(), d.action, d.about))
}

/// The fact of an order: its next deadline, else the one that passed last; nothing where it has none.
pub(in crate::report) fn fact<'c>(
    report: &Report<'_>,
    cases: impl IntoIterator<Item = &'c Case>,
) -> Option<Vec<Text>> {
    let deadline = next(report, cases)?;
    Some(vec![Text::link(deadline.in_words(), PAGE)])
}

/// The fact of a program or a period: how many deadlines are ahead, and the first of them; nothing where none is.
pub(in crate::report) fn of_members(report: &Report<'_>, members: &Members) -> Option<Vec<Text>> {
    let reconciled = report.reconciled;
    let lines = members.lines.iter().map(|n| reconciled.line_case(*n));
    let orders = members.orders.iter().filter_map(|n| reconciled.order_case(*n));
    let all = lines.chain(orders).flat_map(|case| reconciled.deadlines_of(case));
    let (mut count, mut first) = (0, None);
    for deadline in all.filter(|d| !d.is_passed()) {
        count += 1;
        first = Some(first.map_or(deadline.date, |first: chrono::NaiveDate| first.min(deadline.date)));
    }
    let text = say!(
        "{count}, the first on {day}",
        count = count_of(count, "deadline ahead", "deadlines ahead"),
        day = date_in_words(first?)
    );
    Some(vec![Text::link(text, PAGE)])
}

/// What happens if nobody does anything until then.
pub(super) fn silence(deadline: &Deadline) -> String {
    let claim = || match deadline.at_stake {
        Some(amount) => say!("a later claim for {amount} may be refused", amount = amount.in_words()),
        None => say!("a later claim may be refused").to_owned(),
    };
    match deadline.action {
        Action::Confirm => {
            let confirmed = confirmed(deadline.confirmed);
            if deadline.is_loss {
                say!("{confirmed}; {claim}.", confirmed, claim = claim())
            } else {
                say!("{confirmed}.", confirmed)
            }
        }
        Action::Dispute => say!("The line stays as it is; {claim}.", claim = claim()),
        Action::Claim => say!("{claim}.", claim = capitalized(&claim())),
    }
}

/// What silence makes of an amount.
pub(super) fn confirmed(amount: Option<Money>) -> String {
    match amount {
        Some(amount) => say!("{amount} is confirmed as it stands", amount = amount.in_words()),
        None => say!("It is confirmed as it stands").to_owned(),
    }
}

/// What can still be done about a deadline that has passed.
pub(super) fn afterwards(report: &Report<'_>, deadline: &Deadline) -> String {
    let case = report.reconciled.case_of(deadline);
    let open = case.and_then(|case| report.reconciled.deadlines_of(case).find(|d| !d.is_passed()));
    match open {
        Some(open) => {
            say!(
                "{action} by {open}: that day is still ahead.",
                action = open.action.label(),
                open = date_in_words(open.date)
            )
        }
        None if deadline.is_loss => say!("Ask whether the vendor still accepts it.").to_owned(),
        None => say!("Nothing: by the rule, silence has confirmed it.").to_owned(),
    }
}
