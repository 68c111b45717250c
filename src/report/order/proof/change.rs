//! What the first broken check found, and the smallest change that would clear it.

use super::values::days_in_words;
use super::{Of, needs, sentence};
use crate::model::reference::Validity;
use crate::model::time::date_in_words;
use crate::reconcile::proof::{Check, Outcome, Proof, Question, Value};
use crate::report::Report;
use crate::report::page::{Block, Text};

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
                format!("a row that names it was set aside ({file}, row {row}): {reason}")
            } else {
                "a row was set aside".to_owned()
            }
        }
        (Question::Fresh, Of::Order(_)) => {
            format!("the feed stands at {theirs} on {as_of}, so a line that is absent proves nothing")
        }
        (Question::Fresh, Of::Line(_)) => {
            format!("our order feed stands at {ours} on {as_of}, so the order may only be late")
        }
        (Question::OrderId, _) => format!("the line names {theirs}, and no order of ours has this ID"),
        (Question::Alias, _) => format!("the alias leads to {theirs}, which nothing has"),
        (Question::Invoice | Question::Subscription, Of::Order(_)) => {
            format!("a line names it, but the accounts differ: ours {ours}, the vendor's {theirs}")
        }
        (Question::Invoice | Question::Subscription, Of::Line(_)) => {
            format!("an order has it, but the accounts differ: ours {ours}, the vendor's {theirs}")
        }
        (Question::Product | Question::Month, _) => {
            if let Value::Id(several) = &check.ours {
                format!("{several} say the same, and the line names none of them")
            } else {
                "the line names no order, and no order of ours says the same".to_owned()
            }
        }
        (Question::SameFacts, _) => format!(
            "our {ours} and the vendor's {theirs} agree in account, product, period, currency and base, and differ in the ID"
        ),
        (Question::NearId, _) => {
            format!("the vendor's {theirs} is almost our {ours}, and the other facts agree")
        }
        (Question::Earlier, Of::Order(_)) => {
            format!("the vendor showed line {theirs}, and does not show it any more")
        }
        (Question::Earlier, Of::Line(_)) => format!("on {theirs} the line belonged to order {ours}"),
        (Question::Account, _) => {
            if let Value::Days(days) = &check.theirs {
                format!("account {ours} is in reference/accounts.csv, but only for {}", days_in_words(*days))
            } else {
                format!("account {ours} is not in reference/accounts.csv")
            }
        }
        (Question::Sku, _) => {
            if let Value::Days(days) = &check.theirs {
                format!("product {ours} is in reference/skus.csv, but only for {}", days_in_words(*days))
            } else {
                format!("product {ours} is not in reference/skus.csv")
            }
        }
        (Question::Region, _) => "neither the order nor its account has a region code".to_owned(),
        (Question::Billing, _) => format!("in our orders, {ours}"),
        (Question::Window, _) => format!("the date {ours} is outside {theirs}"),
        (Question::Contract, _) => format!("the order has {ours}, the program accepts {theirs}"),
        (Question::BillingModel | Question::ProgramRegion | Question::CustomerClass, _) => {
            format!("the order has {ours}, the program accepts {theirs}")
        }
        (Question::Reseller, _) => format!("the order is of {ours}, the program is for {theirs}"),
        (Question::Enrollment, _) => {
            if let Value::Days(Validity { to: Some(to), .. }) = &check.theirs {
                format!("the enrollment of reseller {ours} ended on {}", date_in_words(*to))
            } else {
                format!("reseller {ours} is not enrolled in the program on the order date")
            }
        }
        (Question::Category, _) => format!("the program has no rate for {ours}"),
        (Question::Threshold, _) => format!("the volume is {ours}, the first paying tier starts at {theirs}"),
        (Question::Period, _) => format!("ordered in {ours}, it counts in {theirs}, which is not final yet"),
        (Question::Final, _) => {
            format!("the vendor's figures of the period become final on {theirs}; this snapshot is of {ours}")
        }
        (Question::Expected, _) => {
            if let Value::Text(status) = &check.ours {
                format!("our own books call the order {status}, so nothing is owed")
            } else {
                "our own rule gives nothing for it".to_owned()
            }
        }
        (Question::Program, _) => "no program applies".to_owned(),
    };
    sentence(&words)
}

/// A value inside a sentence.
fn plain(value: &Value) -> String {
    match value {
        Value::Nothing => "nothing".to_owned(),
        Value::Id(id) | Value::Text(id) => id.clone(),
        Value::Record { account, .. } => account.clone(),
        Value::OneOf(words) => super::either(words),
        Value::Empty(columns) => {
            format!("{} {} empty", columns.join(" and "), if columns.len() == 1 { "is" } else { "are" })
        }
        Value::Money(amount) => amount.in_words(),
        Value::Rate(rate) => crate::rules::arithmetic::rate_in_words(*rate),
        Value::Day(day) => date_in_words(*day),
        Value::Days(days) => days_in_words(*days),
        Value::Month(month) => month.in_words(),
        Value::Feed { id, last, .. } => {
            last.map_or_else(|| format!("no data ({id})"), |d| format!("{} ({id})", date_in_words(d)))
        }
        Value::Row { file, row, .. } => format!("{file}, row {row}"),
        Value::Earlier { id, amount, date } => match amount {
            Some(amount) => format!("{id} of {amount} on {date}"),
            None => format!("{id} on {date}"),
        },
    }
}

/// The smallest change, as a sentence and, where it is a row to add, that row to copy.
pub(super) fn blocks(report: &Report<'_>, proof: &Proof, of: Of) -> Vec<Block> {
    let (words, row) = change(report, proof, of);
    let mut blocks =
        vec![Block::Paragraph { text: vec![Text::strong("What would clear it: "), Text::plain(words)] }];
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
            format!("add a row to {file} and fill in what is in capital letters. Its columns: {columns}."),
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
                (format!("let the row of {ours} in reference/accounts.csv hold on {day}, if it did."), None)
            } else {
                add(
                    "reference/accounts.csv",
                    "account_id,vendor_account_id,customer_id,customer_name,region,valid_from,valid_to",
                    format!("{},VENDOR-ACCOUNT,CUSTOMER-ID,CUSTOMER NAME,REGION,FROM,TO", csv(&ours)),
                )
            }
        }
        Question::Sku => {
            if let Value::Days(_) = check.theirs {
                (format!("let the row of {ours} in reference/skus.csv hold on {day}, if it did."), None)
            } else {
                add(
                    "reference/skus.csv",
                    "sku,vendor_sku,category,valid_from,valid_to",
                    format!("{},VENDOR-SKU,CATEGORY,FROM,TO", csv(&ours)),
                )
            }
        }
        Question::Invoice | Question::Subscription => match (&check.ours, &check.theirs) {
            (Value::Record { account: ours, .. }, Value::Record { account: theirs, .. }) => (
                format!(
                    "account {theirs} instead of {ours} in vendor_account_id of reference/accounts.csv, if both are the \
                     same account; else ask the vendor to correct the line."
                ),
                None,
            ),
            (_, _) => ("the same account on both sides.".to_owned(), None),
        },
        Question::Product | Question::Month => {
            let needed = if matches!(check.ours, Value::Id(_)) {
                "an order ID, an instance or other bases in the vendor's file."
            } else {
                "an order of this account, product and month, with the account mapped."
            };
            (needed.to_owned(), None)
        }
        Question::Readable => ("correct that row, or get the file again, and build.".to_owned(), None),
        Question::Fresh => ("get the extract again once the feed has caught up, and build.".to_owned(), None),
        Question::Earlier => {
            ("ask the vendor why the line is gone, naming its ID and both dates.".to_owned(), None)
        }
        Question::Region => (
            "a region in orders.csv for this order, or in reference/accounts.csv for its account.".to_owned(),
            None,
        ),
        Question::Billing => (format!("in orders.csv, {ours}: fill in what is known."), None),
        Question::Window => (
            format!(
                "nothing in our data: only a date within {theirs} qualifies. Correct the date if it is wrong."
            ),
            None,
        ),
        Question::Contract
        | Question::BillingModel
        | Question::Reseller
        | Question::ProgramRegion
        | Question::CustomerClass => (
            format!(
                "{theirs} instead of {ours} in orders.csv, if that is what was agreed; else nothing is owed."
            ),
            None,
        ),
        Question::Enrollment => add(
            "reference/enrollments.csv, if the enrollment held on the order date,",
            "reseller_id,program_id,tier,valid_from,valid_to",
            format!("{},{},TIER,{day},TO", csv(&ours), program(report, of)),
        ),
        Question::Category => (
            format!(
                "a category with a rate instead of {ours}, or the order under a program that pays for {ours}."
            ),
            None,
        ),
        Question::Threshold => (format!("a volume of {theirs} in the same scope; it is {ours} now."), None),
        Question::Period | Question::Final => {
            let from = proof.check(Question::Final).map_or(String::new(), |c| plain(&c.theirs));
            (format!("nothing to change: look again in the first snapshot after {from}."), None)
        }
        Question::Expected => ("nothing: no rebate is owed for it.".to_owned(), None),
        Question::OrderId => (
            format!(
                "if {theirs} is an order of ours, add it to orders.csv; if it is one under another ID, add a row to \
                 reference/aliases.csv and fill in what is in capital letters. Its columns: {ALIAS}. Else ask the vendor \
                 whose sale it is."
            ),
            Some(format!("OUR-ORDER,{},order,YOUR-NAME,DATE,REASON", csv(&theirs))),
        ),
        Question::Alias | Question::SameFacts | Question::NearId | Question::Program => {
            ("compare both records, and confirm the pair if it is one.".to_owned(), None)
        }
    }
}

/// Of a pair that only a person can confirm: the row that does.
fn suggested_pair(report: &Report<'_>, proof: &Proof, of: Of) -> Option<(String, Option<String>)> {
    let is_first = |q| proof.first_broken().is_some_and(|c| c.question == q);
    let is_about_ids = [Question::OrderId, Question::NearId, Question::SameFacts].into_iter().any(is_first);
    proof.likeness.filter(|_| is_about_ids)?;
    if proof.candidates.len() > 1 {
        let words = "several records would do: compare them below, then confirm one with a row in \
                     reference/aliases.csv.";
        return Some((words.to_owned(), None));
    }
    let nearest = proof.nearest?;
    let (order, line) = match of {
        Of::Order(order) => (report.order(order), report.line(nearest)),
        Of::Line(line) => (report.order(nearest), report.line(line)),
    };
    let (own, other) = (order.id.raw(), line.order_ref.raw());
    let words = format!(
        "if {other} is {own}, add this row to reference/aliases.csv and fill in what is in capital letters. Its columns: \
         {ALIAS}."
    );
    Some((words, Some(format!("{},{},order,YOUR-NAME,DATE,REASON", csv(own), csv(other)))))
}

fn unbroken(proof: &Proof, of: Of) -> String {
    let open = proof.checks.iter().find_map(|check| match check.outcome {
        Outcome::Untested(input) if check.question == Question::Expected => Some(needs(input)),
        Outcome::Untested(_) | Outcome::Pass | Outcome::Fail | Outcome::NotFound => None,
    });
    match (of, open) {
        (Of::Order(_), Some(needs)) => format!("our own computation {needs}; then the vendor can be asked."),
        (Of::Order(_), None) => "nothing on our side: claim the line from the vendor.".to_owned(),
        (Of::Line(_), _) => "ask the vendor whose sale it is.".to_owned(),
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
