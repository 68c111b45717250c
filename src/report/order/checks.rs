//! The data checks of an order with lines, as a panel: the checks of the proof that also hold where a line exists.

use super::Subject;
use super::proof::{article, needs};
use crate::model::record::Order;
use crate::reconcile::proof::{self, Outcome, Question};
use crate::report::page::{Block, Check, Text};
use crate::say;

/// The panel with all checks.
pub(super) fn panel(subject: &Subject<'_>) -> Block {
    let checks = all(subject);
    let missing = checks.iter().filter(|c| c.result == "bad").count();
    let open = checks.iter().filter(|c| c.result == "unknown").count();
    let summary = match (missing, open) {
        (0, 0) => say!("Nothing is missing.").to_owned(),
        (1, _) => say!("One thing needs attention.").to_owned(),
        (0, 1) => say!("One check cannot be made.").to_owned(),
        (0, more) => say!("{more} checks cannot be made.", more),
        (more, _) => say!("{more} things need attention.", more),
    };
    Block::Panel {
        heading: say!("Data checks").to_owned(),
        tone: "",
        blocks: vec![Block::Checks { summary, checks }],
    }
}

fn all(subject: &Subject<'_>) -> Vec<Check> {
    let (report, order) = (subject.report, subject.order);
    let reconciled = report.reconciled;
    let program = match subject.headline {
        Some(line) => reconciled.rules.program(report.line(line).program),
        None => reconciled.rules.declared_program(order),
    };
    let mut asked = reconciled.order_data(order, subject.case);
    // The line is there, so the feed has arrived.
    asked.retain(|check| check.question != Question::Fresh);
    asked.extend(reconciled.mapping_checks(order));
    let mut checks: Vec<Check> = asked.iter().map(one).collect();
    checks.push(eligible(&reconciled.eligibility_checks(subject.rows[0], program)));
    checks.push(contract(order));
    checks
}

fn one(check: &proof::Check) -> Check {
    match check.outcome {
        Outcome::Pass | Outcome::NotFound => ok(words(check.question).0),
        Outcome::Fail => bad(words(check.question).1, check.question),
        Outcome::Untested(input) => {
            unknown(say!("{question}: {input}", question = words(check.question).1, input = needs(input)))
        }
    }
}

fn ok(text: &str) -> Check {
    Check { result: "ok", text: vec![Text::plain(text)] }
}

fn bad(text: &str, question: Question) -> Check {
    let text = match article(question) {
        Some(id) => Text::link(text, format!("kb/{id}.html")),
        None => Text::plain(text),
    };
    Check { result: "bad", text: vec![text] }
}

fn unknown(text: String) -> Check {
    Check { result: "unknown", text: vec![Text::plain(text)] }
}

/// All conditions of the program as one check: the first that is not met, else what cannot be tested.
fn eligible(checks: &[proof::Check]) -> Check {
    if let Some(check) = checks.iter().find(|c| c.outcome == Outcome::Fail) {
        return bad(words(check.question).1, check.question);
    }
    let open = checks.iter().find_map(|check| match check.outcome {
        Outcome::Untested(input) => Some((check.question, input)),
        Outcome::Pass | Outcome::Fail | Outcome::NotFound => None,
    });
    match open {
        None => ok(say!("Eligible under the program")),
        Some((Question::Program, _)) => unknown(
            say!("Eligibility cannot be tested: the program has no rule in reference/programs.csv")
                .to_owned(),
        ),
        Some((_, input)) => unknown(say!("Eligibility is not fully tested: {input}", input = needs(input))),
    }
}

/// The finding of a check where it passes, and where it does not.
fn words(question: Question) -> (&'static str, &'static str) {
    match question {
        Question::Readable => {
            (say!("Every row is readable"), say!("A vendor row for this order could not be read"))
        }
        Question::Account => (say!("Account mapping found"), say!("Account mapping not found")),
        Question::Sku => (say!("SKU matched to a category"), say!("Product mapping not found")),
        Question::Region => (say!("Region code present"), say!("Region code missing")),
        Question::Billing => {
            (say!("Invoice and billing model confirmed"), say!("Billing terms not confirmed yet"))
        }
        Question::Window => (say!("In the program's window"), say!("Date is outside the program's window")),
        Question::Contract => (say!("Contract type accepted"), say!("Contract type is not in the program")),
        Question::BillingModel => {
            (say!("Billing model accepted"), say!("Billing model is not in the program"))
        }
        Question::Reseller => (say!("Reseller accepted"), say!("Program is for other resellers")),
        Question::ProgramRegion => (say!("Region accepted"), say!("Region is not in the program")),
        Question::CustomerClass => {
            (say!("Customer class accepted"), say!("Customer class is not in the program"))
        }
        Question::Enrollment => (say!("Enrolled"), say!("No enrollment on the order date")),
        Question::Category => (say!("SKU is eligible"), say!("SKU is not eligible for the program")),
        Question::Threshold => (say!("Tier threshold reached"), say!("Tier threshold not reached")),
        Question::Fresh
        | Question::Alias
        | Question::OrderId
        | Question::Invoice
        | Question::Subscription
        | Question::Product
        | Question::Month
        | Question::SameFacts
        | Question::NearId
        | Question::Earlier
        | Question::Program
        | Question::Period
        | Question::Final
        | Question::Expected => (say!("Checked"), say!("Needs attention")),
    }
}

fn contract(order: &Order) -> Check {
    match order.contract_active_from {
        None => unknown(say!("Contract activation cannot be tested: the extract has no date").to_owned()),
        Some(from) if from <= order.order_date => ok(say!("Contract active on the order date")),
        Some(_) => Check {
            result: "bad",
            text: vec![Text::link(
                say!("Contract became active after the order"),
                "kb/kb-contract-activation.html",
            )],
        },
    }
}
