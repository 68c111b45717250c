//! The proof that a record has no counterpart, in words: the checks of the chain, the first that is broken, what is ruled
//! out, the record that comes closest, and the smallest change that would clear it.

mod change;
mod nearest;
mod values;

use crate::reconcile::proof::{Check, Input, Link, Outcome, Proof, Question};
use crate::report::Report;
use crate::report::lists::{capitalized, count_of};
use crate::report::page::{Block, Text};
use crate::report::table::{Cell, Column, Row};

use super::table;

/// The anchor of the table of checks.
pub(in crate::report) const CHAIN: &str = "chain";

/// Whose proof it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    /// An order row that no line names.
    Order(u32),
    /// A line that names no order of ours.
    Line(u32),
}

/// The proof as blocks for one section, and the sections below it.
pub(super) fn blocks(report: &Report<'_>, proof: &Proof, of: Of) -> (Vec<Block>, Vec<Block>) {
    let mut first = vec![Block::Note { tone: tone(proof), text: verdict(report, proof, of) }];
    let ruled_out = ruled_out(proof, of);
    if !ruled_out.is_empty() {
        first.push(Block::Paragraph { text: vec![Text::plain(ruled_out)] });
    }
    first.extend(change::blocks(report, proof, of));
    first.push(chain(report, proof, of));
    (first, nearest::section(report, proof, of).into_iter().collect())
}

fn tone(proof: &Proof) -> &'static str {
    if proof.first_broken().is_some() { "under-review" } else { "ok" }
}

/// The first sentence: where the chain breaks.
fn verdict(report: &Report<'_>, proof: &Proof, of: Of) -> Vec<Text> {
    match proof.first_broken() {
        Some(check) => vec![
            Text::strong(format!("First broken check: {}.", name(check.question, of))),
            Text::plain(format!(" {}", change::finding(report, check, of))),
        ],
        None => {
            let passed = proof.checks.iter().filter(|c| c.outcome == Outcome::Pass).count();
            let untested = untested(proof).count();
            let rest = match untested {
                0 => "all that can be asked is answered".to_owned(),
                _ => format!("{} cannot be made", count_of(untested, "check", "checks")),
            };
            vec![
                Text::strong("No check fails."),
                Text::plain(format!(" {} passed, {rest}.", count_of(passed, "check", "checks"))),
            ]
        }
    }
}

fn untested(proof: &Proof) -> impl Iterator<Item = (&Check, Input)> {
    proof.checks.iter().filter_map(|check| match check.outcome {
        Outcome::Untested(input) => Some((check, input)),
        Outcome::Pass | Outcome::Fail | Outcome::NotFound => None,
    })
}

/// What the links before the first broken one rule out, and what stays open because it cannot be tested.
fn ruled_out(proof: &Proof, of: Of) -> String {
    let end = proof.first_broken().map(|check| check.question.link());
    let clear: Vec<&str> = [
        (Link::Data, "a row that could not be read or a late feed"),
        (Link::Identity, "the same sale under another ID"),
        (Link::History, "a pair that an earlier snapshot had"),
        (Link::Mapping, "a gap in our own maps"),
        (Link::Eligibility, "a condition of the program that is not met"),
        (Link::Timing, "a period that is not final yet"),
    ]
    .into_iter()
    .filter(|(link, _)| end.is_none_or(|end| *link < end))
    .filter(|(link, _)| {
        let mut of_link = proof.checks.iter().filter(|c| c.question.link() == *link).peekable();
        let is_asked = of_link.peek().is_some();
        // A key that the record does not have cannot hide anything.
        let is_open = |c: &Check| {
            matches!(c.outcome, Outcome::Untested(_))
                && !matches!(c.question, Question::Invoice | Question::Subscription)
        };
        is_asked && !of_link.any(is_open)
    })
    .map(|(_, words)| words)
    .collect();
    let mut words = match clear.split_last() {
        None => String::new(),
        Some((last, [])) => format!("Ruled out: {last}."),
        Some((last, before)) => format!("Ruled out: {} and {last}.", before.join(", ")),
    };
    let open: Vec<String> = untested(proof).map(|(check, _)| lower(name(check.question, of))).collect();
    if !open.is_empty() {
        let open = format!("Not tested for want of data: {}.", open.join(", "));
        words = if words.is_empty() { open } else { format!("{words} {open}") };
    }
    words
}

fn lower(name: &str) -> String {
    if name.starts_with("SKU") { name.to_owned() } else { name[..1].to_lowercase() + &name[1..] }
}

/// The checks, in the order of the chain.
fn chain(report: &Report<'_>, proof: &Proof, of: Of) -> Block {
    let caption = "Every check, in the order in which one depends on the other.".to_owned();
    let mut chain = table(CHAIN, caption, "cards");
    let theirs = match of {
        Of::Order(_) => "Vendor, map or rule",
        Of::Line(_) => "Vendor",
    };
    chain.columns =
        vec![Column::text("Check"), Column::text("Ours"), Column::text(theirs), Column::text("Result")];
    let first = proof.first_broken().map(|check| check.question);
    let mut link = None;
    for check in &proof.checks {
        if link != Some(check.question.link()) {
            link = Some(check.question.link());
            let heading = Cell::text(link_name(check.question.link()));
            chain.rows.push(Row { style: "grp", id: String::new(), cells: vec![heading] });
        }
        let is_first = first == Some(check.question);
        chain.rows.push(Row {
            style: if is_first { "sub" } else { "" },
            id: if is_first { "first-broken".to_owned() } else { String::new() },
            cells: vec![
                title(report, check, of),
                values::ours(check, of),
                values::theirs(check, of),
                result(check, is_first),
            ],
        });
    }
    Block::Table(chain)
}

fn link_name(link: Link) -> &'static str {
    match link {
        Link::Data => "Data",
        Link::Identity => "Identity",
        Link::History => "History",
        Link::Mapping => "Our own maps",
        Link::Eligibility => "Conditions of the program",
        Link::Timing => "Timing",
        Link::Amount => "Amount",
    }
}

/// What a check is called; one that is broken leads to its article.
fn title(report: &Report<'_>, check: &Check, of: Of) -> Cell {
    let text = name(check.question, of);
    let article = article(check.question).filter(|id| report.sources.content.articles.contains_key(*id));
    match article.filter(|_| check.outcome == Outcome::Fail) {
        Some(id) => Cell::link(text, format!("kb/{id}.html")),
        None => Cell::text(text),
    }
}

fn result(check: &Check, is_first: bool) -> Cell {
    let icon = |icon, text: &str| Cell { icon: Some(icon), ..Cell::text(text) };
    match check.outcome {
        Outcome::Pass => icon("ok", "Pass"),
        Outcome::Fail if is_first => icon("bad", "Fails first"),
        Outcome::Fail => icon("bad", "Fails"),
        Outcome::NotFound => Cell::text("None found"),
        Outcome::Untested(input) => icon("unknown", "Cannot be tested").with_note(needs(input)),
    }
}

/// Which input would make a check testable.
pub(super) fn needs(input: Input) -> String {
    match input {
        Input::Cell { file, column } => format!("needs {column} in {file}"),
        Input::Snapshot => "needs an earlier snapshot in input/".to_owned(),
    }
}

fn name(question: Question, of: Of) -> &'static str {
    match (question, of) {
        (Question::Readable, Of::Order(_)) => "Vendor's rows can be read",
        (Question::Readable, Of::Line(_)) => "Our rows can be read",
        (Question::Fresh, Of::Order(_)) => "Vendor's feed is current",
        (Question::Fresh, Of::Line(_)) => "Our order feed is current",
        (Question::Alias, _) => "Confirmed other ID",
        (Question::OrderId, _) => "Order ID",
        (Question::Invoice, _) => "Invoice ID",
        (Question::Subscription, _) => "Subscription ID",
        (Question::Product, _) => "Account, product and month",
        (Question::Month, _) => "Account and month",
        (Question::SameFacts, _) => "Same facts under another ID",
        (Question::NearId, _) => "Nearly the same ID",
        (Question::Earlier, _) => "Earlier snapshots",
        (Question::Account, Of::Order(_)) => "Account mapping",
        (Question::Account, Of::Line(_)) => "Orders of the account",
        (Question::Sku, _) => "Product mapping",
        (Question::Region, _) => "Region code",
        (Question::Billing, _) => "Invoice and billing model",
        (Question::Program, _) => "Program",
        (Question::Window, _) => "Window of the program",
        (Question::Contract, _) => "Contract type",
        (Question::BillingModel, _) => "Billing model",
        (Question::Reseller, _) => "Reseller",
        (Question::ProgramRegion, _) => "Region",
        (Question::CustomerClass, _) => "Customer class",
        (Question::Enrollment, _) => "Enrollment",
        (Question::Category, _) => "Product category",
        (Question::Threshold, _) => "Volume",
        (Question::Period, _) => "Month it counts in",
        (Question::Final, _) => "Vendor's figures are final",
        (Question::Expected, _) => "Amount we expect",
    }
}

/// The article that helps where a check is broken.
pub(super) fn article(question: Question) -> Option<&'static str> {
    Some(match question {
        Question::Readable => "kb-quarantined-rows",
        Question::Fresh => "kb-source-stale",
        Question::OrderId | Question::Product | Question::Month => "kb-orphan-rebates",
        Question::Alias | Question::SameFacts | Question::NearId => "kb-identifier-mismatch",
        Question::Invoice | Question::Subscription | Question::Account => "kb-account-mapping",
        Question::Earlier => "kb-vanished-lines",
        Question::Sku => "kb-sku-mapping",
        Question::Region => "kb-region-codes",
        Question::Billing => "kb-billing-confirmation",
        Question::Window => "kb-eligibility-windows",
        Question::Contract
        | Question::BillingModel
        | Question::Reseller
        | Question::ProgramRegion
        | Question::CustomerClass => "kb-contract-types",
        Question::Enrollment => "kb-enrollment",
        Question::Category => "kb-sku-eligibility",
        Question::Threshold => "kb-tiers",
        Question::Period => "kb-period-cutoff",
        Question::Final => "kb-calendar",
        Question::Program | Question::Expected => return None,
    })
}

/// The words of a list of words: `standard or enterprise`.
fn either(words: &[ustr::Ustr]) -> String {
    let words: Vec<&str> = words.iter().map(|w| w.as_str()).collect();
    match words.split_last() {
        None => "any".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
    }
}

/// A sentence that ends with a full stop and starts with a capital letter.
fn sentence(words: &str) -> String {
    format!("{}.", capitalized(words.trim_end_matches('.')))
}
