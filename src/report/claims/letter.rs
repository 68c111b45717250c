//! The letter that goes with a claim, by the template `content/claims/letter.md`.

use super::Group;
use crate::error::Error;
use crate::explain::Facts;
use crate::model::time::{Month, date_in_words};
use crate::report::Report;
use crate::report::lists::count_of;

/// A letter.
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
}

impl Letter {
    /// As a file: the subject, then the text.
    pub(super) fn file(&self) -> String {
        format!("Subject: {}\n\n{}\n", self.subject, self.text)
    }
}

/// The letter of a claim.
///
/// # Errors
/// [`Error::Content`] where the template prints a fact that is not known.
pub(super) fn letter(report: &Report<'_>, group: &Group) -> Result<Letter, Error> {
    let program = group.program.map(|id| {
        let known = report.reconciled.rules.program(id);
        (known, known.map_or_else(|| id.raw().to_owned(), |program| program.name.to_string()))
    });
    let source = program.as_ref().and_then(|(known, _)| known.map(|program| &program.source));
    let kind = report.sources.content.kind(group.kind);
    let last_day = report.last_day_of(group).filter(|deadline| !deadline.is_passed());
    let (as_of, name) = (report.reconciled.as_of(), group.name());
    let before = group.before();
    let mut facts = Facts::default();
    facts.set("amount", group.amount().in_words());
    facts.set("total", format!("{} {}", group.amount(), group.currency));
    facts.set("before", (!before.is_zero()).then(|| before.in_words()));
    facts.set("clause", source.and_then(|s| s.clause).map(|clause| clause.to_string()));
    facts.set("currency", group.currency.code().to_owned());
    facts.set("claim", name.clone());
    facts.set("date", as_of.in_words());
    facts.set("deadline", last_day.map(|deadline| date_in_words(deadline.date)));
    facts.set("document", source.and_then(|s| s.document).map(|document| document.to_string()));
    facts.set("evidence_file", format!("{name}.evidence.csv"));
    facts.set("file", format!("{name}.csv"));
    facts.set("organization", report.sources.organization.to_owned());
    facts.set("period", periods(report, group));
    facts.set("program", program.map(|(_, name)| name));
    facts.set("rows", count_of(group.items.len(), "item", "items"));
    facts.set("snapshot", as_of.to_string());
    facts.set("what", kind.claimed().to_owned());
    let (subject, text) = report.sources.sentences.letter(&facts)?;
    // A subject is one line, whatever its template says.
    Ok(Letter { subject: subject.split_whitespace().collect::<Vec<_>>().join(" "), text })
}

/// The months of a claim: one, or the first and the last.
fn periods(report: &Report<'_>, group: &Group) -> Option<String> {
    let months = || group.items.iter().filter_map(|item| report.case(item).period);
    let (first, last) = (months().min()?, months().max()?);
    let words = |month: Month| month.in_words();
    Some(if first == last { words(first) } else { format!("{} to {}", words(first), words(last)) })
}
