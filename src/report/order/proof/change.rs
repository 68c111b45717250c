//! What the first broken check found, and the smallest change that would clear it.

use super::values::days_in_words;
use super::{Of, needs, sentence};
use crate::model::reference::Validity;
use crate::model::time::date_in_words;
use crate::reconcile::proof::{Check, Outcome, Proof, Question, Value};
use crate::report::Report;
use crate::report::page::{Block, Text};
use crate::say;

/// The columns of `reference/aliases.csv`.
const ALIAS: &str = "own_id,vendor_id,kind,approved_by,approved_on,reason";

/// What a broken check found, as a sentence.
pub(super) fn finding(report: &Report<'_>, check: &Check, of: Of) -> String {
    let as_of = date_in_words(report.reconciled.as_of().date());
    let (ours, theirs) = (plain(&check.ours), plain(&check.theirs));
    let words = match (check.question, of) {
        (Question::Readable, _) => {
            let row = if matches!(of, Of::Order(_)) { &check.theirs } else { &check.ours };
            if let Value::Row { file, row, reason } = row {
                say!("a row that names it was set aside ({file}, row {row}): {reason}", file, row, reason)
            } else {
                say!("a row was set aside").to_owned()
            }
        }
        (Question::Fresh, Of::Order(_)) => {
            say!(
                "the feed stands at {theirs} on {as_of}, so a line that is absent proves nothing",
                theirs,
                as_of
            )
        }
        (Question::Fresh, Of::Line(_)) => {
            say!("our order feed stands at {ours} on {as_of}, so the order may only be late", ours, as_of)
        }
        (Question::OrderId, _) => say!("the line names {theirs}, and no order of ours has this ID", theirs),
        (Question::Alias, _) => say!("the alias leads to {theirs}, which nothing has", theirs),
        (Question::Invoice | Question::Subscription, Of::Order(_)) => {
            say!("a line names it, but the accounts differ: ours {ours}, the vendor's {theirs}", ours, theirs)
        }
        (Question::Invoice | Question::Subscription, Of::Line(_)) => {
            say!("an order has it, but the accounts differ: ours {ours}, the vendor's {theirs}", ours, theirs)
        }
        (Question::Product | Question::Month, _) => {
            if let Value::Id(several) = &check.ours {
                say!("{several} say the same, and the line names none of them", several)
            } else {
                say!("the line names no order, and no order of ours says the same").to_owned()
            }
        }
        (Question::SameFacts, _) => say!(
            "our {ours} and the vendor's {theirs} agree in account, product, period, currency and base, and differ in the ID",
            ours,
            theirs
        ),
        (Question::NearId, _) => {
            say!("the vendor's {theirs} is almost our {ours}, and the other facts agree", theirs, ours)
        }
        (Question::Earlier, Of::Order(_)) => {
            say!("the vendor showed line {theirs}, and does not show it any more", theirs)
        }
        (Question::Earlier, Of::Line(_)) => {
            say!("on {theirs} the line belonged to order {ours}", theirs, ours)
        }
        (Question::Account, _) => {
            if let Value::Days(days) = &check.theirs {
                say!(
                    "account {ours} is in reference/accounts.csv, but only for {days}",
                    ours,
                    days = days_in_words(*days)
                )
            } else {
                say!("account {ours} is not in reference/accounts.csv", ours)
            }
        }
        (Question::Sku, _) => {
            if let Value::Days(days) = &check.theirs {
                say!(
                    "product {ours} is in reference/skus.csv, but only for {days}",
                    ours,
                    days = days_in_words(*days)
                )
            } else {
                say!("product {ours} is not in reference/skus.csv", ours)
            }
        }
        (Question::Region, _) => say!("neither the order nor its account has a region code").to_owned(),
        (Question::Billing, _) => say!("in our orders, {ours}", ours),
        (Question::Window, _) => say!("the date {ours} is outside {theirs}", ours, theirs),
        (Question::Contract, _) => say!("the order has {ours}, the program accepts {theirs}", ours, theirs),
        (Question::BillingModel | Question::ProgramRegion | Question::CustomerClass, _) => {
            say!("the order has {ours}, the program accepts {theirs}", ours, theirs)
        }
        (Question::Reseller, _) => say!("the order is of {ours}, the program is for {theirs}", ours, theirs),
        (Question::Enrollment, _) => {
            if let Value::Days(Validity { to: Some(to), .. }) = &check.theirs {
                say!("the enrollment of reseller {ours} ended on {to}", ours, to = date_in_words(*to))
            } else {
                say!("reseller {ours} is not enrolled in the program on the order date", ours)
            }
        }
        (Question::Category, _) => say!("the program has no rate for {ours}", ours),
        (Question::Threshold, _) => {
            say!("the volume is {ours}, the first paying tier starts at {theirs}", ours, theirs)
        }
        (Question::Period, _) => {
            say!("ordered in {ours}, it counts in {theirs}, which is not final yet", ours, theirs)
        }
        (Question::Final, _) => {
            say!(
                "the vendor's figures of the period become final on {theirs}; this snapshot is of {ours}",
                theirs,
                ours
            )
        }
        (Question::Expected, _) => {
            if let Value::Text(status) = &check.ours {
                say!("our own books call the order {status}, so nothing is owed", status)
            } else {
                say!("our own rule gives nothing for it").to_owned()
            }
        }
        (Question::Program, _) => say!("no program applies").to_owned(),
    };
    sentence(&words)
}

/// A value inside a sentence.
fn plain(value: &Value) -> String {
    match value {
        Value::Nothing => say!("nothing").to_owned(),
        Value::Id(id) | Value::Text(id) => id.clone(),
        Value::Record { account, .. } => account.clone(),
        Value::OneOf(words) => super::either(words),
        Value::Empty(columns) => {
            say!(
                "{columns} {else_} empty",
                columns = columns.join(say!(" and ")),
                else_ = if columns.len() == 1 { say!("is") } else { say!("are") }
            )
        }
        Value::Money(amount) => amount.in_words(),
        Value::Rate(rate) => crate::rules::arithmetic::rate_in_words(*rate),
        Value::Day(day) => date_in_words(*day),
        Value::Days(days) => days_in_words(*days),
        Value::Month(month) => month.in_words(),
        Value::Feed { id, last, .. } => last.map_or_else(
            || say!("no data ({id})", id),
            |d| say!("{value} ({id})", value = date_in_words(d), id),
        ),
        Value::Row { file, row, .. } => say!("{file}, row {row}", file, row),
        Value::Earlier { id, amount, date } => match amount {
            Some(amount) => say!("{id} of {amount} on {date}", id, amount, date),
            None => say!("{id} on {date}", id, date),
        },
    }
}

/// The smallest change, as a sentence and, where it is a row to add, that row to copy.
pub(super) fn blocks(report: &Report<'_>, proof: &Proof, of: Of) -> Vec<Block> {
    let (words, row) = change(report, proof, of);
    let mut blocks = vec![Block::Paragraph {
        text: vec![Text::strong(say!("What would clear it: ")), Text::plain(words)],
    }];
    if let Some(row) = row {
        blocks.push(Block::CopyBox { id: "row-to-add".to_owned(), text: row });
    }
    blocks
}

fn change(report: &Report<'_>, proof: &Proof, of: Of) -> (String, Option<String>) {
    if let Some(pair) = suggested_pair(report, proof, of) {
        return pair;
    }
    let Some(check) = proof.first_broken() else { return (unbroken(proof, of), None) };
    let (ours, theirs) = (plain(&check.ours), plain(&check.theirs));
    let add = |file: &str, columns: &str, row: String| {
        (
            say!(
                "add a row to {file} and fill in what is in capital letters. Its columns: {columns}.",
                file,
                columns
            ),
            Some(row),
        )
    };
    let day = match of {
        Of::Order(number) => report.order(number).order_date.to_string(),
        Of::Line(_) => report.reconciled.as_of().date().to_string(),
    };
    match check.question {
        Question::Account => {
            if let Value::Days(_) = check.theirs {
                (
                    say!(
                        "let the row of {ours} in reference/accounts.csv hold on {day}, if it did.",
                        ours,
                        day
                    ),
                    None,
                )
            } else {
                add(
                    "reference/accounts.csv",
                    "account_id,vendor_account_id,customer_id,customer_name,region,valid_from,valid_to",
                    format!(
                        "{ours},VENDOR-ACCOUNT,CUSTOMER-ID,CUSTOMER NAME,REGION,FROM,TO",
                        ours = csv(&ours)
                    ),
                )
            }
        }
        Question::Sku => {
            if let Value::Days(_) = check.theirs {
                (
                    say!("let the row of {ours} in reference/skus.csv hold on {day}, if it did.", ours, day),
                    None,
                )
            } else {
                add(
                    "reference/skus.csv",
                    "sku,vendor_sku,category,valid_from,valid_to",
                    format!("{ours},VENDOR-SKU,CATEGORY,FROM,TO", ours = csv(&ours)),
                )
            }
        }
        Question::Invoice | Question::Subscription => match (&check.ours, &check.theirs) {
            (Value::Record { account: ours, .. }, Value::Record { account: theirs, .. }) => (
                say!(
                    "account {theirs} instead of {ours} in vendor_account_id of reference/accounts.csv, if both are the \
                     same account; else ask the vendor to correct the line.",
                    theirs,
                    ours
                ),
                None,
            ),
            (_, _) => (say!("the same account on both sides.").to_owned(), None),
        },
        Question::Product | Question::Month => {
            let needed = if matches!(check.ours, Value::Id(_)) {
                say!("an order ID, an instance or other bases in the vendor's file.")
            } else {
                say!("an order of this account, product and month, with the account mapped.")
            };
            (needed.to_owned(), None)
        }
        Question::Readable => (say!("correct that row, or get the file again, and build.").to_owned(), None),
        Question::Fresh => {
            (say!("get the extract again once the feed has caught up, and build.").to_owned(), None)
        }
        Question::Earlier => {
            (say!("ask the vendor why the line is gone, naming its ID and both dates.").to_owned(), None)
        }
        Question::Region => (
            say!("a region in orders.csv for this order, or in reference/accounts.csv for its account.")
                .to_owned(),
            None,
        ),
        Question::Billing => (say!("in orders.csv, {ours}: fill in what is known.", ours), None),
        Question::Window => (
            say!(
                "nothing in our data: only a date within {theirs} qualifies. Correct the date if it is wrong.",
                theirs
            ),
            None,
        ),
        Question::Contract
        | Question::BillingModel
        | Question::Reseller
        | Question::ProgramRegion
        | Question::CustomerClass => (
            say!(
                "{theirs} instead of {ours} in orders.csv, if that is what was agreed; else nothing is owed.",
                theirs,
                ours
            ),
            None,
        ),
        Question::Enrollment => add(
            say!("reference/enrollments.csv, if the enrollment held on the order date,"),
            "reseller_id,program_id,tier,valid_from,valid_to",
            format!("{ours},{of},TIER,{day},TO", ours = csv(&ours), of = program(report, of)),
        ),
        Question::Category => (
            say!(
                "a category with a rate instead of {ours}, or the order under a program that pays for {ours}.",
                ours
            ),
            None,
        ),
        Question::Threshold => {
            (say!("a volume of {theirs} in the same scope; it is {ours} now.", theirs, ours), None)
        }
        Question::Period | Question::Final => {
            let from = proof.check(Question::Final).map_or(String::new(), |c| plain(&c.theirs));
            (say!("nothing to change: look again in the first snapshot after {from}.", from), None)
        }
        Question::Expected => (say!("nothing: no rebate is owed for it.").to_owned(), None),
        Question::OrderId => (
            say!(
                "if {theirs} is an order of ours, add it to orders.csv; if it is one under another ID, add a row to \
                 reference/aliases.csv and fill in what is in capital letters. Its columns: {ALIAS}. Else ask the vendor \
                 whose sale it is.",
                theirs,
                ALIAS
            ),
            Some(format!("OUR-ORDER,{theirs},order,YOUR-NAME,DATE,REASON", theirs = csv(&theirs))),
        ),
        Question::Alias | Question::SameFacts | Question::NearId | Question::Program => {
            (say!("compare both records, and confirm the pair if it is one.").to_owned(), None)
        }
    }
}

/// Of a pair that only a person can confirm: the row that does.
fn suggested_pair(report: &Report<'_>, proof: &Proof, of: Of) -> Option<(String, Option<String>)> {
    let is_first = |q| proof.first_broken().is_some_and(|c| c.question == q);
    let is_about_ids = [Question::OrderId, Question::NearId, Question::SameFacts].into_iter().any(is_first);
    proof.likeness.filter(|_| is_about_ids)?;
    if proof.candidates.len() > 1 {
        let words = say!(
            "several records would do: compare them below, then confirm one with a row in \
                     reference/aliases.csv."
        );
        return Some((words.to_owned(), None));
    }
    let nearest = proof.nearest?;
    let (order, line) = match of {
        Of::Order(order) => (report.order(order), report.line(nearest)),
        Of::Line(line) => (report.order(nearest), report.line(line)),
    };
    let (own, other) = (order.id.raw(), line.order_ref.raw());
    let words = say!(
        "if {other} is {own}, add this row to reference/aliases.csv and fill in what is in capital letters. Its columns: \
         {ALIAS}.",
        other,
        own,
        ALIAS
    );
    Some((
        words,
        Some(format!("{own},{other},order,YOUR-NAME,DATE,REASON", own = csv(own), other = csv(other))),
    ))
}

fn unbroken(proof: &Proof, of: Of) -> String {
    let open = proof.checks.iter().find_map(|check| match check.outcome {
        Outcome::Untested(input) if check.question == Question::Expected => Some(needs(input)),
        Outcome::Untested(_) | Outcome::Pass | Outcome::Fail | Outcome::NotFound => None,
    });
    match (of, open) {
        (Of::Order(_), Some(needs)) => {
            say!("our own computation {needs}; then the vendor can be asked.", needs)
        }
        (Of::Order(_), None) => say!("nothing on our side: claim the line from the vendor.").to_owned(),
        (Of::Line(_), _) => say!("ask the vendor whose sale it is.").to_owned(),
    }
}

fn program(report: &Report<'_>, of: Of) -> String {
    match of {
        Of::Order(number) => report
            .reconciled
            .rules
            .declared_program(report.order(number))
            .map_or_else(|| "PROGRAM".to_owned(), |p| csv(p.id.raw())),
        Of::Line(number) => csv(report.line(number).program.raw()),
    }
}

/// A cell of a CSV row.
fn csv(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
