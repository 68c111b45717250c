//! The first draft of an article for a cause: the issue with its counts, where it happens, the cause and what resolves it, as far
//! as the snapshots know them; the rest stands in angle brackets for a person.

use std::collections::BTreeMap;

use super::{ArticlePast, name_of};
use crate::error::Error;
use crate::ingest::mapping::propose::quoted;
use crate::model::status::Status;
use crate::reconcile::causes::Cause;
use crate::reconcile::{Case, Subject};
use crate::report::lists::count_of;
use crate::report::words::amounts_in_words;
use crate::report::{Report, address, causes};

/// Orders and cleared cases that a draft names.
const NAMED: usize = 3;

/// An article that was begun.
#[derive(Debug)]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// The file.
    pub text: String,
}

/// What somebody says of an article before it is begun.
#[derive(Debug, Clone, Copy, Default)]
pub struct Heading<'t> {
    /// Its id; made of the cause where nothing is said.
    pub id: Option<&'t str>,
    /// Who keeps it up to date.
    pub owner: Option<&'t str>,
}

impl Report<'_> {
    /// A first draft of an article for a cause: what its cases share, how many they are, where they happen, and what is known of
    /// their kind and of how earlier ones were resolved.
    ///
    /// # Errors
    /// [`Error::Content`] when a step of the kind cannot be said.
    pub fn draft_article(&self, cause: &Cause, heading: Heading<'_>) -> Result<Draft, Error> {
        let kind = self.sources.content.kind(cause.kind);
        let made = || format!("kb-{}", address::of_name(&name_of(cause)));
        let id = heading.id.map_or_else(made, str::to_owned);
        let first = cause.cases.first().map(|number| &self.reconciled.cases[*number as usize]);
        let mut facts = first.map(|case| self.facts(case)).unwrap_or_default();
        if let Some(finding) = first.and_then(Case::primary) {
            facts.extend(&finding.facts);
        }
        let steps = self.sources.sentences.fixes(cause.kind, &facts)?;
        let numbered = |texts: &[String]| {
            texts.iter().enumerate().map(|(n, text)| format!("{}. {text}\n", n + 1)).collect::<String>()
        };
        let share = if cause.root.is_empty() {
            kind.title.clone()
        } else {
            format!("{}: {}", kind.title, cause.root)
        };
        let stake = amounts_in_words(&cause.at_stake);
        let stake = if stake.is_empty() { String::new() } else { format!(", {stake} at stake") };
        let orders: Vec<&str> = cause.orders.iter().take(NAMED).map(|order| order.raw()).collect();
        let more = cause.orders.len().saturating_sub(orders.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let seen = self.seen(cause).map_or_else(String::new, |(first, _)| {
            format!(" The snapshot of {} is the first that shows it.", first.in_words())
        });
        let fix = cause.fix.as_ref().map_or_else(
            || "<what made it happen>".to_owned(),
            |fix| format!("`{}` lacks a row for it. <why it was missing>", causes::path_of(fix)),
        );
        let fix_row = cause.fix.as_ref().map_or_else(String::new, |fix| {
            format!("\nThe row to add to `{}`:\n\n```csv\n{}\n```\n", causes::path_of(fix), causes::line(fix))
        });
        let draft = format!(
            "+++\nid = {id}\ntitle = {title}\nsummary = \"<the answer in one sentence>\"\nwho = \"<who acts>\"\n\
             owner = {owner}\nkeywords = [{code}]\nreviewed = {reviewed}\ncauses = [{cause}]\n+++\n\n\
             ## Symptom\n\n[{kind}](../discrepancy/{slug}.html): {cases} of {order_count} with {root} in the snapshot of {as_of}{stake}, \
             such as {orders}{more}.{seen}\n\n## Where it happens\n\n{environment}- <which files or systems>\n\n\
             ## Cause\n\n{fix}\n\n## Resolution\n\n{steps}{fix_row}\n{last}\n## Evidence to attach\n\n{evidence}\n\
             ## Who acts\n\n<who does what, and how long it takes>\n",
            id = quoted(&id),
            title = quoted(&share),
            owner = quoted(heading.owner.unwrap_or("<who keeps it up to date>")),
            code = quoted(cause.kind.code()),
            reviewed = quoted(&self.reconciled.as_of().date().to_string()),
            cause = quoted(&name_of(cause)),
            kind = kind.title,
            slug = cause.kind.code(),
            cases = count_of(cause.cases.len(), "case", "cases"),
            order_count = count_of(cause.orders.len(), "order", "orders"),
            root = if cause.root.is_empty() { "this cause" } else { &cause.root },
            as_of = self.reconciled.as_of().in_words(),
            orders = orders.join(", "),
            environment = self.environment(cause),
            steps = numbered(&steps),
            last = self.resolved_before(cause),
            evidence = kind.evidence.iter().map(|text| format!("- {text}\n")).collect::<String>(),
        );
        Ok(Draft { id, text: draft })
    }

    /// Where the cases of a cause are: periods, statuses and regions, each with its number of cases.
    fn environment(&self, cause: &Cause) -> String {
        let mut counts: [BTreeMap<String, usize>; 3] = Default::default();
        for case in cause.cases.iter().map(|number| &self.reconciled.cases[*number as usize]) {
            let status = match case.subject {
                Subject::Line(number) => Some(Status::label(self.line(number).status)),
                Subject::Order(_) => Some("No rebate line"),
                Subject::Payout(_) | Subject::Feed(_) | Subject::Row(_) | Subject::Adjustment(_) => None,
            };
            let order =
                case.orders.first().and_then(|id| self.reconciled.matching.rows(*id).first().copied());
            let region = order.and_then(|row| self.order(row).region);
            let names = [
                case.period.map(crate::model::time::Month::in_words),
                status.map(str::to_owned),
                region.map(|region| region.to_string()),
            ];
            for (counts, name) in counts.iter_mut().zip(names) {
                if let Some(name) = name {
                    *counts.entry(name).or_default() += 1;
                }
            }
        }
        let mut text = String::new();
        for (label, counts) in ["Periods", "Status", "Regions"].into_iter().zip(counts) {
            let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
            counts.sort_by(|(a, n), (b, more)| more.cmp(n).then_with(|| a.cmp(b)));
            let parts: Vec<String> =
                counts.into_iter().map(|(name, count)| format!("{name} ({count})")).collect();
            if !parts.is_empty() {
                text.push_str(&format!("- {label}: {}\n", parts.join(", ")));
            }
        }
        text
    }

    /// What resolved earlier cases: of the same cause where any was cleared, else of its discrepancy, and which of the two.
    fn resolved_before(&self, cause: &Cause) -> String {
        let told = |past: &ArticlePast| -> String {
            let newest = past.cleared.iter().take(NAMED).map(|(at, stay)| self.tell_cleared(*at, *stay));
            let line = |told: super::Told| {
                let of_line = told.line.map_or_else(String::new, |line| format!(", line {line}"));
                let before = if told.opened.1 { " or before" } else { "" };
                format!(
                    "- {}{of_line}: opened {}{before}, cleared {}. {}\n",
                    told.subject,
                    told.opened.0.in_words(),
                    told.between.1.in_words(),
                    told.what
                )
            };
            newest.map(line).collect()
        };
        let own = self.past_of(|kind, root| kind == cause.kind && root == cause.root.as_str());
        if !own.cleared.is_empty() {
            return format!("What resolved it last time:\n\n{}", told(&own));
        }
        let others = self.past_of(|kind, _| kind == cause.kind);
        if others.cleared.is_empty() {
            return "What resolved it last time is not known: no such case was cleared between two snapshots yet.\n".to_owned();
        }
        format!("What resolved other cases of this discrepancy last time:\n\n{}", told(&others))
    }
}
