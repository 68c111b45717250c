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
use crate::{mark, say};

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
            Text::strong(say!("First broken check: {check}.", check = name(check.question, of))),
            Text::plain(say!(" {sentence}", sentence = change::finding(report, check, of))),
        ],
        None => {
            let passed = proof.checks.iter().filter(|c| c.outcome == Outcome::Pass).count();
            let untested = untested(proof).count();
            let rest = match untested {
                0 => say!("all that can be asked is answered").to_owned(),
                _ => say!("{untested} cannot be made", untested = count_of(untested, "check", "checks")),
            };
            vec![
                Text::strong(say!("No check fails.")),
                Text::plain(say!(
                    " {passed} passed, {rest}.",
                    passed = count_of(passed, "check", "checks"),
                    rest
                )),
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
        (Link::Data, say!("a row that could not be read or a late feed")),
        (Link::Identity, say!("the same sale under another ID")),
        (Link::History, say!("a pair that an earlier snapshot had")),
        (Link::Mapping, say!("a gap in our own maps")),
        (Link::Eligibility, say!("a condition of the program that is not met")),
        (Link::Timing, say!("a period that is not final yet")),
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
        Some((last, [])) => say!("Ruled out: {last}.", last),
        Some((last, before)) => {
            say!("Ruled out: {before} and {last}.", before = before.join(say!(", ")), last)
        }
    };
    let open: Vec<String> = untested(proof).map(|(check, _)| lower(name(check.question, of))).collect();
    if !open.is_empty() {
        let open = say!("Not tested for want of data: {open}.", open = open.join(say!(", ")));
        words = if words.is_empty() { open } else { say!("{first} {then}", first = words, then = open) };
    }
    words
}

fn lower(name: &str) -> String {
    if name.starts_with("SKU") {
        return name.to_owned();
    }
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The checks, in the order of the chain.
fn chain(report: &Report<'_>, proof: &Proof, of: Of) -> Block {
    let caption = say!("Every check, in the order in which one depends on the other.").to_owned();
    let mut chain = table(CHAIN, caption, "cards");
    let theirs = match of {
        Of::Order(_) => mark!("Vendor, map or rule"),
        Of::Line(_) => mark!("Vendor"),
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
        Link::Data => say!("Data"),
        Link::Identity => say!("Identity"),
        Link::History => say!("History"),
        Link::Mapping => say!("Our own maps"),
        Link::Eligibility => say!("Conditions of the program"),
        Link::Timing => say!("Timing"),
        Link::Amount => say!("Amount"),
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
        Outcome::Pass => icon("ok", say!("Pass")),
        Outcome::Fail if is_first => icon("bad", say!("Fails first")),
        Outcome::Fail => icon("bad", say!("Fails")),
        Outcome::NotFound => Cell::text(say!("None found")),
        Outcome::Untested(input) => icon("unknown", say!("Cannot be tested")).with_note(needs(input)),
    }
}

/// Which input would make a check testable.
pub(super) fn needs(input: Input) -> String {
    match input {
        Input::Cell { file, column } => say!("needs {column} in {file}", column, file),
        Input::Snapshot => say!("needs an earlier snapshot in input/").to_owned(),
    }
}

fn name(question: Question, of: Of) -> &'static str {
    match (question, of) {
        (Question::Readable, Of::Order(_)) => say!("Vendor's rows can be read"),
        (Question::Readable, Of::Line(_)) => say!("Our rows can be read"),
        (Question::Fresh, Of::Order(_)) => say!("Vendor's feed is current"),
        (Question::Fresh, Of::Line(_)) => say!("Our order feed is current"),
        (Question::Alias, _) => say!("Confirmed other ID"),
        (Question::OrderId, _) => say!("Order ID"),
        (Question::Invoice, _) => say!("Invoice ID"),
        (Question::Subscription, _) => say!("Subscription ID"),
        (Question::Product, _) => say!("Account, product and month"),
        (Question::Month, _) => say!("Account and month"),
        (Question::SameFacts, _) => say!("Same facts under another ID"),
        (Question::NearId, _) => say!("Nearly the same ID"),
        (Question::Earlier, _) => say!("Earlier snapshots"),
        (Question::Account, Of::Order(_)) => say!("Account mapping"),
        (Question::Account, Of::Line(_)) => say!("Orders of the account"),
        (Question::Sku, _) => say!("Product mapping"),
        (Question::Region, _) => say!("Region code"),
        (Question::Billing, _) => say!("Invoice and billing model"),
        (Question::Program, _) => say!("Program"),
        (Question::Window, _) => say!("Window of the program"),
        (Question::Contract, _) => say!("Contract type"),
        (Question::BillingModel, _) => say!("Billing model"),
        (Question::Reseller, _) => say!("Reseller"),
        (Question::ProgramRegion, _) => say!("Region"),
        (Question::CustomerClass, _) => say!("Customer class"),
        (Question::Enrollment, _) => say!("Enrollment"),
        (Question::Category, _) => say!("Product category"),
        (Question::Threshold, _) => say!("Volume"),
        (Question::Period, _) => say!("Month it counts in"),
        (Question::Final, _) => say!("Vendor's figures are final"),
        (Question::Expected, _) => say!("Amount we expect"),
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
        None => say!("any").to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => say!("{before} or {last}", before = before.join(say!(", ")), last),
    }
}

/// A sentence that ends with a full stop and starts with a capital letter.
fn sentence(words: &str) -> String {
    say!("{words}.", words = capitalized(words.trim_end_matches(['.', '。'])))
}
