//! `claims.html`: what can be claimed, with its files and letters, and what became of what was claimed; and the same as
//! short facts for other pages.

use std::collections::BTreeSet;

use ustr::Ustr;

use super::{Group, PAGE, evidence, files, letter};
use crate::error::Error;
use crate::history::claims::{ClaimState, Followed};
use crate::model::id::{LineId, OrderId, PayoutId};
use crate::model::money::{Money, MoneyByCurrency};
use crate::model::reference::Claimed;
use crate::model::time::date_in_words;
use crate::reconcile::{Case, Kind};
use crate::report::lists::{capitalized, count_of};
use crate::report::page::{Block, Link, Text};
use crate::report::scopes::ScopeKey;
use crate::report::table::{Cell, Column, Row, Table};
use crate::report::words::{amounts_in_words, head, paragraph};
use crate::report::{Made, Report, address};
use crate::say;

/// Letters that stand on the page; every claim has its letter as a file.
const LETTERS: usize = 12;

/// `claims.html`.
///
/// # Errors
/// [`Error::Content`] where the template of the letter prints a fact that is not known.
pub(in crate::report) fn page(report: &Report<'_>) -> Result<Made, Error> {
    let claims = &report.claims;
    let parent = Link::to(say!("Discrepancies"), "discrepancy/index.html");
    let mut page = head(PAGE, "discrepancies", parent, say!("Claims"), lead(report));
    page.facts = facts(report);
    let mut made = Made::default();
    if !claims.claimable.is_empty() {
        let sums = sums(report);
        page.main.push(section(
            "sums",
            say!("Claimable, claimed and not claimed"),
            &[("CSV", "claims.sums.csv")],
            vec![Block::Table(sums.clone())],
        ));
        made.exports.push(("claims.sums.csv".to_owned(), sums));
    }
    let list = to_claim(report);
    let files: &[_] = if claims.groups.is_empty() { &[] } else { &[("CSV", "claims.to-claim.csv")] };
    page.main.push(section("to-claim", say!("To claim"), files, vec![Block::Table(list.clone())]));
    if !claims.groups.is_empty() {
        made.exports.push(("claims.to-claim.csv".to_owned(), list));
    }
    let mut letters = Vec::new();
    for group in &claims.groups {
        let name = group.name();
        made.exports.push((path(&name, "csv"), files::file(report, group)));
        made.exports.push((path(&name, "evidence.csv"), evidence::file(report, group)));
        if letters.len() < LETTERS {
            let letter = letter::letter(report, group)?;
            let id = format!("text-{name}");
            let links = [
                (say!("Rows CSV"), path(&name, "csv")),
                (say!("Evidence CSV"), path(&name, "evidence.csv")),
                (say!("Letter"), path(&name, "txt")),
            ];
            let links: Vec<(&str, &str)> = links.iter().map(|(text, href)| (*text, href.as_str())).collect();
            let text = format!("{}\n\n{}", letter.subject, letter.text);
            letters.push(section(
                &format!("letter-{name}"),
                &title(report, group),
                &links,
                vec![Block::CopyBox { id, text }],
            ));
        }
    }
    let (blocks, export) = followed(report);
    let files: &[_] = if export.is_some() { &[("CSV", FOLLOWED)] } else { &[] };
    page.main.push(section("followed", say!("Claimed before"), files, blocks));
    made.exports.extend(export.map(|table| (FOLLOWED.to_owned(), table)));
    if !letters.is_empty() {
        let words = if claims.groups.len() > LETTERS {
            say!(
                "The letters of the first {LETTERS} claims; each claim above has its own as a file. ",
                LETTERS
            )
        } else {
            String::new()
        };
        let words = paragraph(say!(
            "{intro}The words come from content/claims/letter.md, the columns of the files from templates/claims/. Attach both files.",
            intro = words
        ));
        letters.insert(0, words);
        page.main.push(section("letters", say!("Letters"), &[], letters));
    }
    made.page = page;
    Ok(made)
}

const FOLLOWED: &str = "claims.followed.csv";

fn path(name: &str, extension: &str) -> String {
    format!("claims/{name}.{extension}")
}

fn section(id: &str, heading: &str, actions: &[(&str, &str)], blocks: Vec<Block>) -> Block {
    let actions = actions.iter().map(|(text, href)| Link::to(*text, *href)).collect();
    Block::Section { id: id.to_owned(), heading: heading.to_owned(), actions, blocks }
}

fn lead(report: &Report<'_>) -> Vec<Text> {
    let claims = &report.claims;
    let [all, open, left] = [&claims.claimable, &claims.open(), &claims.to_claim()].map(amounts_in_words);
    if all.is_empty() {
        return vec![Text::plain(say!(
            "Nothing can be claimed in this snapshot: no open case has an amount that we may be owed."
        ))];
    }
    let mut lead = vec![Text::strong(all), Text::plain(say!(" can be claimed"))];
    match (open.is_empty(), left.is_empty()) {
        (true, _) => lead.push(Text::plain(say!(", and nothing of it is claimed yet."))),
        (false, true) => lead.push(Text::plain(say!(", and all of it is claimed and open."))),
        (false, false) => {
            lead.push(Text::plain(say!(": ")));
            lead.push(Text::strong(open));
            lead.push(Text::plain(say!(" is claimed and open, ")));
            lead.push(Text::strong(left));
            lead.push(Text::plain(say!(" is not claimed yet.")));
        }
    }
    lead
}

fn facts(report: &Report<'_>) -> Vec<Vec<Text>> {
    let claims = &report.claims;
    let as_of = report.reconciled.as_of();
    let mut facts = Vec::new();
    if !claims.groups.is_empty() {
        let items = claims.groups.iter().map(|group| group.items.len()).sum();
        facts.push(vec![Text::plain(say!(
            "{groups} for {items}",
            groups = count_of(claims.groups.len(), "claim", "claims"),
            items = count_of(items, "item", "items")
        ))]);
    }
    facts.push(vec![Text::link(say!("Deadlines"), "deadlines.html")]);
    facts.push(vec![
        Text::plain(say!("Snapshot ")),
        Text::link(as_of.in_words(), format!("snapshot/{as_of}.html")),
    ]);
    facts
}

/// Per currency: what can be claimed, what of it is claimed and open, and what is not.
fn sums(report: &Report<'_>) -> Table {
    let claims = &report.claims;
    let mut recovered = MoneyByCurrency::default();
    recovered.extend(claims.followed.iter().map(|f| f.recovered));
    let (open, left) = (claims.open(), claims.to_claim());
    let row = |all: Money| {
        let currency = all.currency();
        let amounts = [recovered.get(currency), open.get(currency), left.get(currency), all];
        let mut cells = vec![Cell::text(currency.code())];
        cells.extend(amounts.map(Cell::money));
        Row { cells, ..Row::default() }
    };
    Table {
        id: "sums-list".to_owned(),
        caption: say!("Claimable is what is at stake in open cases that we may be owed: claimed and open plus not claimed yet. Currencies are never added.").to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Currency"),
            Column::money("Recovered so far", "recovered"),
            Column::money("Claimed and open", "claimed-open"),
            Column::money("Not claimed yet", "not-claimed"),
            Column::money("Claimable", "claimable"),
        ],
        rows: claims.claimable.iter().map(row).collect(),
        ..Table::default()
    }
}

/// The program of a claim, as people call it.
fn program_cell(report: &Report<'_>, group: &Group) -> Cell {
    let Some(id) = group.program else { return Cell::text(say!("No single program")) };
    let name = report.reconciled.rules.program(id).map_or(id.raw(), |program| program.name.as_str());
    Cell::link(name, report.scopes.path(&ScopeKey::program(id)))
}

fn title(report: &Report<'_>, group: &Group) -> String {
    let kind = &report.sources.content.kind(group.kind).title;
    say!(
        "{group}: {kind}, {currency}",
        group = program_cell(report, group).text,
        kind,
        currency = group.currency
    )
}

fn to_claim(report: &Report<'_>) -> Table {
    let claims = &report.claims;
    let row = |group: &Group| {
        let name = group.name();
        let kind = report.sources.content.kind(group.kind);
        let last_day = match report.last_day_of(group) {
            Some(deadline) => Cell {
                csv: Some(deadline.date.to_string()),
                ..Cell::text(date_in_words(deadline.date)).with_note(deadline.left())
            },
            None => Cell { none: Some(say!("no day known")), ..Cell::default() },
        };
        let before = group.before();
        let file = |text, extension| {
            let path = path(&name, extension);
            Cell { csv: Some(path.clone()), ..Cell::link(text, path) }
        };
        Row {
            id: name.clone(),
            cells: vec![
                Cell::link(kind.title.as_str(), format!("discrepancy/{}.html", kind.code)),
                program_cell(report, group),
                Cell::count(group.items.len()),
                if before.is_zero() {
                    Cell::text(say!("Not claimed"))
                } else {
                    let words = say!("{before} claimed before", before = before.in_words());
                    Cell { csv: Some(words.clone()), ..Cell::text(say!("Rest")).with_note(words) }
                },
                last_day,
                file(say!("Rows"), "csv"),
                file(say!("Letter"), "txt"),
                file(say!("Evidence"), "evidence.csv"),
                Cell::text(group.currency.code()),
                Cell::money(group.amount()),
            ],
            ..Row::default()
        }
    };
    Table {
        id: "to-claim-list".to_owned(),
        caption: say!("One claim for each program, kind and currency, largest first; periods stand in its rows. What was claimed before is not in these files.").to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("What differs"),
            Column::text("Program"),
            Column::number("Items"),
            Column::text("State").of("claimed-open"),
            Column::text("Last day"),
            Column::text("Rows"),
            Column::text("Letter"),
            Column::text("Evidence"),
            Column::text("Currency"),
            Column::money("Amount", "not-claimed"),
        ],
        rows: claims.groups.iter().map(row).collect(),
        empty: if claims.claimable.is_empty() { say!("There is nothing to claim.") } else { say!("Everything that can be claimed is claimed.") }.to_owned(),
        ..Table::default()
    }
}

/// What became of a claim, as a sentence without its end.
fn state_words(report: &Report<'_>, claim: &Claimed, followed: &Followed) -> String {
    let days = count_of(usize::try_from(followed.days).unwrap_or(0), "day", "days");
    let answered = || {
        let answer = claim.answer.map_or(say!("answered"), |answer| answer.code());
        let granted = claim
            .answered_amount
            .map_or_else(String::new, |m| say!(", {amount} granted", amount = m.in_words()));
        let on =
            claim.answered_on.map_or_else(String::new, |day| say!(" on {day}", day = date_in_words(day)));
        format!("{answer}{on}{granted}")
    };
    let since = || {
        let at = followed.recovered_at.map(|at| report.sources.history.as_of(at).in_words());
        at.map_or_else(String::new, |at| say!(" by snapshot {snapshot}", snapshot = at))
    };
    let recovered = followed.recovered.in_words();
    let words = match followed.state {
        ClaimState::NoCase => {
            say!("no amount at stake that it could be for: the case was cleared before, it is claimed already, or the ID is not known").to_owned()
        }
        ClaimState::Open => say!("open for {days}", days),
        ClaimState::PartlyRecovered => say!("open for {days}, {recovered} of it recovered{since}", days, recovered, since = since()),
        ClaimState::AnsweredOpen => say!("{answered}, still open for {days}", answered = answered(), days),
        ClaimState::Closed => say!("{answered}; nothing at stake any more{since}", answered = answered(), since = since()),
        ClaimState::Recovered => say!("{recovered} recovered{since}", recovered, since = since()),
    };
    if followed.beyond.is_zero() || followed.state == ClaimState::NoCase {
        words
    } else {
        say!(
            "{state}; {beyond} more was claimed than the case has",
            state = words,
            beyond = followed.beyond.in_words()
        )
    }
}

fn anchor(claim: &Claimed) -> String {
    format!("c-{}", address::of_raw_id(&claim.id))
}

/// Every row of `claims.csv`, those first that ask for something; how to write the first where there is none.
fn followed(report: &Report<'_>) -> (Vec<Block>, Option<Table>) {
    let how = say!(
        "Write what you claim into reference/claims.csv: claim_id, subject (the item), kind, currency, amount, claimed_on and the vendor's ticket as reference. Later builds then follow it and offer only the rest."
    );
    let mut claims: Vec<(&Claimed, &Followed)> = report.claimed().collect();
    if claims.is_empty() {
        return (vec![paragraph(say!("No claim is recorded. {how}", how))], None);
    }
    claims.sort_by_key(|(claim, followed)| (followed.state, claim.claimed_on, claim.id));
    let row = |(claim, followed): &(&Claimed, &Followed)| {
        let kind = match Kind::parse(&claim.kind) {
            Some(kind) => Cell::link(
                report.sources.content.kind(kind).title.as_str(),
                format!("discrepancy/{}.html", kind.code()),
            ),
            None => Cell::code(claim.kind.as_str()).with_note(say!("no kind of discrepancy")),
        };
        Row {
            id: anchor(claim),
            cells: vec![
                Cell::code(claim.id.as_str()),
                subject(report, claim),
                kind,
                Cell::date(Some(claim.claimed_on)),
                Cell::text(claim.amount.currency().code()),
                Cell::money(claim.amount),
                Cell::money(followed.recovered),
                Cell::money(followed.open),
                Cell::text(capitalized(&state_words(report, claim, followed))),
                Cell::text(claim.reference.map_or("", |r| r.as_str())),
                Cell::text(claim.note.map_or("", |n| n.as_str())),
            ],
            ..Row::default()
        }
    };
    let table = Table {
        id: "followed-list".to_owned(),
        caption: say!("Recovered is what was at stake when it was claimed and is not any more, as the snapshots after the claim show. Those first that ask for something.").to_owned(),
        layout: "cards",
        columns: vec![
            Column::text("Claim"),
            Column::text("Item"),
            Column::text("What differs").minor(),
            Column::date("Claimed on"),
            Column::text("Currency"),
            Column::money("Claimed", "claimed"),
            Column::money("Recovered", "recovered"),
            Column::money("Still open", "claimed-open"),
            Column::text("What became of it").of("claimed"),
            Column::text("Reference"),
            Column::text("Note").minor(),
        ],
        rows: claims.iter().map(row).collect(),
        ..Table::default()
    };
    let mut file = table.clone();
    file.columns.insert(8, Column::text("State"));
    for (row, (claim, followed)) in file.rows.iter_mut().zip(&claims) {
        row.cells[8] = Cell::text(state_words(report, claim, followed));
        row.cells.insert(8, Cell::text(followed.state.code()));
    }
    (vec![Block::Table(table), paragraph(how)], Some(file))
}

/// What a claim is about, leading to its page where it has one.
fn subject(report: &Report<'_>, claim: &Claimed) -> Cell {
    let name = claim.subject.as_str();
    let keys = [claim.subject_key.as_str(), name];
    let line = |key: &str| report.reconciled.line_number(LineId::new(key, key)).map(|n| report.line_path(n));
    let order = |key: &str| {
        let row = *report.reconciled.matching.rows(OrderId::new(key, key)).first()?;
        Some(report.order_path(report.order(row).id))
    };
    let payout = |key: &str| {
        let payout = report.reconciled.payout(PayoutId::new(key, key))?;
        Some(report.scopes.path(&ScopeKey::payout(payout.id)))
    };
    let path = keys.into_iter().find_map(|key| line(key).or_else(|| order(key)).or_else(|| payout(key)));
    Cell { href: path, ..Cell::code(name) }
}

impl Report<'_> {
    /// The letters of all claims, by their address.
    ///
    /// # Errors
    /// [`Error::Content`] where the template prints a fact that is not known.
    pub fn claim_letters(&self) -> Result<Vec<(String, String)>, Error> {
        let file = |group: &Group| Ok((path(&group.name(), "txt"), letter::letter(self, group)?.file()));
        self.claims.groups.iter().map(file).collect()
    }
}

/// The facts of an order: its claims with their states, and what of its cases is not claimed yet. `ids` are those of the
/// order and of its lines, canonical.
pub(in crate::report) fn fact<'c>(
    report: &Report<'_>,
    ids: impl IntoIterator<Item = Ustr>,
    cases: impl IntoIterator<Item = &'c Case>,
) -> Vec<Vec<Text>> {
    let claims = &report.claims;
    let rows: BTreeSet<u32> =
        ids.into_iter().filter_map(|id| claims.by_id.get(&id)).flatten().copied().collect();
    let own = rows.into_iter().map(|number| {
        let claim = &report.reconciled.rules.reference.claims[number as usize];
        let words = state_words(report, claim, &claims.followed[number as usize]);
        vec![Text::link(
            say!("Claim {id}: {state}", id = claim.id, state = words),
            format!("{PAGE}#{}", anchor(claim)),
        )]
    });
    let left = cases.into_iter().filter_map(|case| {
        let (group, item) = claims.of_case(case)?;
        let words = say!("{amount} to claim", amount = item.amount.in_words());
        Some(vec![Text::link(words, format!("{PAGE}#{}", group.name()))])
    });
    own.chain(left).collect()
}

/// The fact of the overview and of the lists of discrepancies: what can still be claimed; nothing where that is nothing.
pub(in crate::report) fn near(report: &Report<'_>) -> Option<Vec<Text>> {
    let left = amounts_in_words(&report.claims.to_claim());
    let text = if left.is_empty() { say!("Claims").to_owned() } else { say!("{left} to claim", left) };
    (!report.claims.claimable.is_empty() || !report.claims.followed.is_empty())
        .then(|| vec![Text::link(text, PAGE)])
}
