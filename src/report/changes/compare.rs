//! `changes/index.html`: any two snapshots and any scope, compared in the browser; without JavaScript, the pairs that have a
//! page.

use super::data::{scope_name, set};
use super::page::path;
use crate::history::SnapshotNumber;
use crate::model::time::AsOf;
use crate::report::lists::LISTED;
use crate::report::page::{Block, Choice, Field, Link, Text};
use crate::report::scopes::{ScopeKey, ScopeKind};
use crate::report::words::{head, section};
use crate::report::{Made, Report};
use crate::say;

/// The page's address.
pub(in crate::report) const PAGE: &str = "changes/index.html";

/// The address of a comparison: the scope as names and values, readable and to be shared.
pub(in crate::report) fn address(from: AsOf, to: AsOf, scope: &[(&str, &str)]) -> String {
    let mut address = format!("{PAGE}?from={from}&to={to}");
    for (name, value) in scope {
        address.push_str(&format!("&{name}="));
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    address.push(char::from(byte))
                }
                _ => address.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    address
}

/// The part of a comparison's address that asks for the lines of a scope page; `None` for a kind that it cannot ask for.
pub(in crate::report) fn of_scope(key: &ScopeKey) -> Option<(&'static str, String)> {
    let name = match key.kind {
        ScopeKind::Program => "program",
        ScopeKind::Campaign => "campaign",
        ScopeKind::Customer => "customer",
        ScopeKind::Account | ScopeKind::Batch | ScopeKind::Payout => return None,
    };
    Some((name, key.id.to_string()))
}

/// The page.
pub(in crate::report) fn compare(report: &Report<'_>) -> Made {
    let history = report.sources.history;
    let newest = history.newest();
    let lead = if newest == 0 {
        say!("There is one snapshot so far; with the next one, this page shows what changed in between.")
    } else {
        say!(
            "Pick two snapshots, and a scope where you want one, to see exactly what changed between them, line by line."
        )
    };
    let parent = Link::to(say!("Snapshots"), "snapshot/index.html");
    let mut page = head(PAGE, "snapshots", parent, say!("Compare two snapshots"), vec![Text::plain(lead)]);
    page.facts = vec![vec![Text::link(say!("All snapshots"), "snapshot/index.html")]];
    if let Some(before) = newest.checked_sub(1) {
        page.scripts = &["kit", "compare"];
        page.main.push(Block::Ask {
            id: "compare",
            label: say!("Compare two snapshots"),
            button: say!("Compare"),
            set: set(report).to_owned(),
            fields: fields(report),
        });
        page.main.push(ready(report));
        page.main.push(command(history.as_of(before), history.as_of(newest)));
    }
    page.into()
}

fn fields(report: &Report<'_>) -> Vec<Field> {
    let history = report.sources.history;
    let newest = history.newest();
    let snapshots = |chosen: SnapshotNumber| -> Vec<Choice> {
        let all = (0..=newest).rev();
        all.map(|number| {
            let as_of = history.as_of(number);
            Choice { value: as_of.to_string(), text: as_of.in_words(), is_chosen: number == chosen }
        })
        .collect()
    };
    let any = |text: &str| Choice { text: text.to_owned(), ..Choice::default() };
    let choice = |value: String, text: String| Choice { value, text, ..Choice::default() };
    let mut periods = vec![any(say!("All periods"))];
    let mut months: Vec<_> = history.facts.periods().collect();
    months.reverse();
    periods.extend(months.into_iter().map(|month| choice(month.to_string(), month.in_words())));
    let scopes = |kind| {
        let known = report.scopes.of_kind(kind).map(|(key, _)| *key);
        known.filter(|key| !report.scopes.ever(key).is_empty())
    };
    let mut programs = vec![any(say!("All programs"))];
    programs
        .extend(scopes(ScopeKind::Program).map(|key| choice(key.id.to_string(), scope_name(report, &key))));
    let mut campaigns = vec![any(say!("All campaigns"))];
    for key in scopes(ScopeKind::Campaign) {
        // One campaign, whatever the capitals.
        if !campaigns.iter().any(|other| other.value.eq_ignore_ascii_case(&key.id)) {
            campaigns.push(choice(key.id.to_string(), key.id.to_string()));
        }
    }
    let mut currencies = vec![any(say!("All currencies"))];
    currencies.extend(
        history.facts.currencies().into_iter().map(|c| choice(c.code().to_owned(), c.code().to_owned())),
    );
    let field = |name, label, choices| Field { name, label, hint: "", choices };
    vec![
        field("from", say!("From snapshot"), snapshots(newest.saturating_sub(1))),
        field("to", say!("To snapshot"), snapshots(newest)),
        field("period", say!("Period"), periods),
        field("program", say!("Program"), programs),
        field("campaign", say!("Campaign"), campaigns),
        Field { name: "customer", label: say!("Customer"), hint: say!("ID or name"), choices: Vec::new() },
        field("currency", say!("Currency"), currencies),
    ]
}

/// The pairs that have a page, newest first.
pub(in crate::report) fn ready(report: &Report<'_>) -> Block {
    let history = report.sources.history;
    let mut pairs = report.pairs();
    pairs.sort_unstable_by_key(|(from, to)| std::cmp::Reverse((*to, *from)));
    let mut items: Vec<Vec<Text>> = pairs
        .iter()
        .take(LISTED)
        .map(|(from, to)| {
            let words = if from + 1 == *to {
                say!("with the snapshot before")
            } else {
                say!("with the newest close")
            };
            let (from, to) = (history.as_of(*from), history.as_of(*to));
            let name = say!("{from} to {to}", from = from.in_words(), to = to.in_words());
            vec![Text::link(name, path(from, to)), Text::plain(" "), Text::quiet(words)]
        })
        .collect();
    if pairs.len() > LISTED {
        items.push(vec![Text::link(say!("Older ones, in the list of all snapshots"), "snapshot/index.html")]);
    }
    section("ready", say!("Comparisons ready to read"), vec![Block::List { ordered: false, items }])
}

fn command(from: AsOf, to: AsOf) -> Block {
    let run = vec![
        Text::plain(say!(
            "For any other pair or scope, also by order, account, batch, payout, category or region: "
        )),
        Text::code(format!("tieout diff {from} {to} --period YYYY-MM --program ID")),
    ];
    let more = vec![
        Text::code("tieout diff --help"),
        Text::plain(say!(" lists every part of a scope; ")),
        Text::code("--csv"),
        Text::plain(say!(" and ")),
        Text::code("--format json"),
        Text::plain(say!(" give files.")),
    ];
    let blocks = [run, more].map(|text| Block::Paragraph { text });
    section("terminal", say!("In a terminal"), blocks.into())
}
