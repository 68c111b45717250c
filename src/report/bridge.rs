//! The bridge of a period: from what our own rules give to what the vendor calculated, row by row, with the cases
//! behind each row (I-9).

use std::collections::BTreeMap;

use super::lists::{self, count_of, segments};
use super::page::{Block, Link, Page, Text};
use super::table::{Cell, Column, Row, Table};
use super::words::without_columns;
use super::{Made, Report, address};
use crate::model::money::{Currency, Money};
use crate::model::time::Month;
use crate::reconcile::bridge::{Bridge, BridgeRow};
use crate::reconcile::matching::numbered;
use crate::reconcile::{Reconciled, Subject};
use crate::say;

/// What one case adds to one bridge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effect {
    /// Its row.
    pub(super) row: BridgeRow,
    /// The case, by index.
    case: u32,
    /// Vendor less own, in minor units.
    pub(super) minor: i128,
}

/// The effects of all cases by period and currency, in the order of the cases.
pub(super) type Effects = BTreeMap<(Month, Currency), Vec<Effect>>;

/// Sorts every case into the bridges that it has an effect on.
pub(super) fn effects(reconciled: &Reconciled<'_>) -> Effects {
    let mut effects = Effects::new();
    for (number, case) in numbered(&reconciled.cases) {
        let parts = reconciled.contributions(case);
        if parts.is_empty() {
            continue;
        }
        let row = reconciled.bridge_row(case);
        for (key, minor) in parts {
            effects.entry(key).or_default().push(Effect { row, case: number, minor });
        }
    }
    effects
}

/// The address of the bridge of a month.
pub(super) fn path(month: Month) -> String {
    format!("discrepancy/bridge-{month}.html")
}

/// The months that have a bridge, oldest first.
pub(super) fn months(report: &Report<'_>) -> Vec<Month> {
    let mut months: Vec<Month> = report.bridges.keys().map(|(month, _)| *month).collect();
    months.dedup();
    months
}

/// The name of the row of programs without a rule.
pub(super) fn rule_gap_title() -> &'static str {
    say!("No rule entered")
}

/// What a row is called.
fn title(report: &Report<'_>, row: BridgeRow) -> String {
    match row {
        BridgeRow::Kind(kind) => report.sources.content.kind(kind).title.clone(),
        BridgeRow::NotCalculated => say!("Not calculated yet").to_owned(),
        BridgeRow::RuleGap => rule_gap_title().to_owned(),
        BridgeRow::LumpSum => say!("Lump sums and bonuses").to_owned(),
        BridgeRow::NotRecomputed => say!("Not recomputed").to_owned(),
    }
}

/// What a row means.
fn meaning(report: &Report<'_>, row: BridgeRow) -> String {
    match row {
        BridgeRow::Kind(kind) => report.sources.content.kind(kind).definition.clone(),
        BridgeRow::NotCalculated => {
            say!("The vendor has not calculated these lines yet; nothing is wrong with them.").to_owned()
        }
        BridgeRow::RuleGap => {
            say!("The rule of the program is not entered, so our own amount is blank and never guessed; the vendor's \
             amount stands alone.")
                .to_owned()
        }
        BridgeRow::LumpSum => {
            say!("Granted by hand or for growth: they stand for no order, so there is no amount of ours to compare.")
                .to_owned()
        }
        BridgeRow::NotRecomputed => {
            say!("The rule cannot be computed from what the orders say, so the vendor's amount stands alone.").to_owned()
        }
    }
}

/// Where the cases of a row are listed.
pub(super) fn cases_path(month: Month, currency: Currency, row: BridgeRow) -> String {
    format!("{}#{}", path(month), anchor(currency, row))
}

fn anchor(currency: Currency, row: BridgeRow) -> String {
    format!("{}-{}", currency.code().to_lowercase(), row.code())
}

/// The bridges of a month, the currency with the most cases first.
fn of_month<'r>(report: &'r Report<'_>, month: Month) -> Vec<(Currency, &'r Bridge)> {
    let mut all: Vec<(Currency, &Bridge)> =
        report.bridges.iter().filter(|((m, _), _)| *m == month).map(|((_, c), b)| (*c, b)).collect();
    all.sort_by_key(|(currency, bridge)| {
        let cases: usize = bridge.rows.values().map(|(count, _)| count).sum();
        (std::cmp::Reverse(cases), std::cmp::Reverse(bridge.vendor_calculated.minor()), *currency)
    });
    all
}

/// From own expected through each row to vendor calculated; the largest effect first.
fn table(report: &Report<'_>, month: Month, currency: Currency, bridge: &Bridge) -> Table {
    let code = currency.code();
    let mut rows: Vec<(BridgeRow, usize, Money)> =
        bridge.rows.iter().map(|(row, (count, amount))| (*row, *count, *amount)).collect();
    rows.sort_by_key(|(row, _, amount)| (std::cmp::Reverse(amount.abs().minor()), *row));
    let mut table = Table {
        id: format!("bridge-{}", code.to_lowercase()),
        caption: say!(
            "{month}, largest effect first. A minus: the vendor has less than our rules give. Amounts in {code}.",
            month = month.in_words(),
            code
        ),
        layout: "cards",
        columns: vec![
            Column::text("Step"),
            Column::text("What it means"),
            Column::number("Cases"),
            Column::text("Chart").minor(),
            Column::money("Amount", "amount"),
        ],
        ..Table::default()
    };
    let mut running = bridge.own_expected.minor();
    let mut whole = running.max(bridge.vendor_calculated.minor());
    for (_, _, amount) in &rows {
        running += amount.minor();
        whole = whole.max(running);
    }
    let money = |minor: i128| Money::from_minor(minor, currency);
    let bar = |low: i128, high: i128, fill: &'static str| Cell {
        bar: segments(&[(money(low), "none"), (money(high - low.max(0)), fill)], money(whole))
            .into_iter()
            .filter(|segment| segment.fill != "none")
            .collect(),
        ..Cell::default()
    };
    let end = |style, name: &str, fill, why: &str, amount: Money| Row {
        style,
        cells: vec![
            Cell::text(name),
            Cell::text(why),
            Cell::empty(),
            bar(0, amount.minor(), fill),
            Cell::money(amount),
        ],
        ..Row::default()
    };
    table.rows.push(end(
        "sub",
        say!("Own expected"),
        "elig",
        say!("what our orders should earn by the program rules, in our own period, with or without a rebate line"),
        bridge.own_expected,
    ));
    let mut running = bridge.own_expected.minor();
    for (row, count, amount) in rows {
        let next = running + amount.minor();
        let name = match row {
            BridgeRow::Kind(kind) => {
                Cell::link(title(report, row), format!("discrepancy/{}.html", kind.code()))
            }
            BridgeRow::NotCalculated | BridgeRow::RuleGap | BridgeRow::LumpSum | BridgeRow::NotRecomputed => {
                Cell::link(title(report, row), cases_path(month, currency, row))
            }
        };
        table.rows.push(Row {
            style: "ind",
            cells: vec![
                name,
                Cell::text(meaning(report, row)),
                Cell { href: Some(cases_path(month, currency, row)), ..Cell::count(count) },
                bar(running.min(next), running.max(next), "review"),
                Cell::money(amount),
            ],
            ..Row::default()
        });
        running = next;
    }
    table.rows.push(end(
        "sub",
        say!("Vendor calculated"),
        "calc",
        say!("what the vendor calculated, in the vendor's period"),
        bridge.vendor_calculated,
    ));
    let foot = |style, name: &str, why: &str, amount: Money| Row {
        style,
        cells: vec![Cell::text(name), Cell::text(why), Cell::empty(), Cell::empty(), Cell::money(amount)],
        ..Row::default()
    };
    table.foot.push(foot(
        "sub",
        say!("Difference"),
        say!("vendor calculated less own expected"),
        bridge.difference(),
    ));
    table.foot.push(foot("tot", say!("Remainder"), say!("the difference less all rows"), bridge.remainder()));
    table
}

/// The table of a bridge as a file: its last rows are rows like the others, and it has no chart.
fn file(table: &Table) -> Table {
    let mut file = without_columns(table.clone(), &["Chart"]);
    let foot = std::mem::take(&mut file.foot);
    file.rows.extend(foot);
    file
}

fn file_path(month: Month, currency: Currency) -> String {
    format!("discrepancy/bridge-{month}.{}.csv", currency.code().to_lowercase())
}

fn cases_file(month: Month, currency: Currency) -> String {
    format!("discrepancy/bridge-{month}.cases.{}.csv", currency.code().to_lowercase())
}

/// The remainder in words.
fn verdict(bridge: &Bridge) -> Block {
    let currency = bridge.own_expected.currency();
    let remainder = bridge.remainder();
    let sum = say!(
        "Vendor calculated {vendor_calculated} less own expected {own_expected} is {difference} {currency}.",
        vendor_calculated = bridge.vendor_calculated.grouped(),
        own_expected = bridge.own_expected.grouped(),
        difference = bridge.difference().grouped(),
        currency
    );
    let (tone, rest) = if remainder.is_zero() {
        (
            "ok",
            say!(
                "Remainder {remainder}: every cent of the difference is explained.",
                remainder = remainder.grouped()
            ),
        )
    } else {
        ("bad", say!("Remainder {remainder}: this part is not explained.", remainder = remainder.grouped()))
    };
    Block::Note { tone, text: vec![Text::plain(say!("{sentence} ", sentence = sum)), Text::strong(rest)] }
}

/// The bridges of a month as a section of another page; nothing for a month without one.
pub(super) fn section(report: &Report<'_>, month: Month) -> Option<Block> {
    let bridges = of_month(report, month);
    if bridges.is_empty() {
        return None;
    }
    let mut actions = vec![Link::to(say!("Cases behind each row"), path(month))];
    let mut blocks = Vec::new();
    for (currency, bridge) in bridges {
        actions.push(Link::to(say!("{currency} CSV", currency), file_path(month, currency)));
        blocks.push(Block::Table(table(report, month, currency, bridge)));
        blocks.push(verdict(bridge));
    }
    Some(Block::Section {
        id: "bridge".to_owned(),
        heading: say!("From own expected to vendor calculated").to_owned(),
        actions,
        blocks,
    })
}

/// The page of the bridges of a month.
pub(super) fn page(report: &Report<'_>, month: Month) -> Made {
    let bridges = of_month(report, month);
    let heading = say!("From own expected to vendor calculated, {month}", month = month.in_words());
    let lead = lead(month, &bridges);
    let mut main = Vec::new();
    let mut exports = Vec::new();
    for (currency, bridge) in bridges {
        let shown = table(report, month, currency, bridge);
        let path = file_path(month, currency);
        exports.push((path.clone(), file(&shown)));
        main.push(Block::Section {
            id: currency.code().to_lowercase(),
            heading: say!("Bridge in {currency}", currency),
            actions: vec![
                Link::to(say!("{currency} CSV", currency), path),
                Link::to(say!("All periods CSV"), "data/bridge.csv"),
            ],
            blocks: vec![Block::Table(shown), verdict(bridge)],
        });
        if let Some((block, export)) = behind(report, month, currency, bridge) {
            main.push(block);
            exports.push(export);
        }
    }
    let period = match report.scopes.period(month) {
        Some(_) => Text::link(say!("All of {month}", month = month.in_words()), address::of_month(month)),
        None => Text::plain(month.in_words()),
    };
    let page = Page {
        path: path(month),
        title: say!("Own expected to vendor calculated, {month}", month = month.in_words()),
        description: lists::plain(&lead),
        nav: "discrepancies",
        crumbs: vec![
            Link::to(say!("Discrepancies"), "discrepancy/index.html"),
            Link::here(say!("Bridge of {month}", month = month.in_words())),
        ],
        heading,
        lead,
        facts: vec![
            vec![Text::plain(lists::period_words(report, month))],
            vec![period],
            vec![Text::plain(say!("As known at {as_of}", as_of = report.reconciled.as_of().in_words()))],
        ],
        main,
        ..Page::default()
    };
    Made { page, exports }
}

fn lead(month: Month, bridges: &[(Currency, &Bridge)]) -> Vec<Text> {
    let Some((_, bridge)) = bridges.first() else {
        return vec![Text::plain(say!(
            "There is neither an order nor a rebate line in {month}.",
            month = month.in_words()
        ))];
    };
    let mut lead = vec![
        Text::plain(say!("The vendor calculated ")),
        Text::strong(bridge.vendor_calculated.in_words()),
        Text::plain(say!(" for {month}; our own rules give ", month = month.in_words())),
        Text::strong(bridge.own_expected.in_words()),
        Text::plain(say!(". ")),
    ];
    if bridge.difference().is_zero() {
        lead.push(Text::plain(say!("There is no difference.")));
    } else {
        lead.extend([
            Text::plain(say!("The difference of ")),
            Text::strong(bridge.difference().in_words()),
            Text::plain(say!(
                " is explained by {rows} below, and nothing is left over.",
                rows = count_of(bridge.rows.len(), "row", "rows")
            )),
        ]);
    }
    if bridges.len() > 1 {
        lead.push(Text::plain(say!(" Each currency has its own bridge; currencies are never added.")));
    }
    lead
}

/// The cases behind the rows of a bridge, by row: on the page those with the largest effect, in the file all.
fn behind(
    report: &Report<'_>,
    month: Month,
    currency: Currency,
    bridge: &Bridge,
) -> Option<(Block, (String, Table))> {
    let effects = report.effects.get(&(month, currency))?;
    let code = currency.code();
    let mut all: Vec<&Effect> = effects.iter().collect();
    all.sort_by_key(|e| (std::cmp::Reverse(e.minor.abs()), e.case));
    let mut shown: BTreeMap<BridgeRow, Vec<&Effect>> = bridge.rows.keys().map(|r| (*r, Vec::new())).collect();
    for effect in all.iter().take(lists::LISTED) {
        shown.entry(effect.row).or_default().push(effect);
    }
    let columns = vec![
        Column::text("Order"),
        Column::text("Line").minor(),
        Column::text("Customer"),
        Column::money("Own expected", "own-expected"),
        Column::money("Vendor calculated", "vendor-calculated"),
        Column::money("Effect", "effect"),
    ];
    let mut list = Table {
        id: format!("behind-{}", code.to_lowercase()),
        caption: if all.len() > lists::LISTED {
            say!(
                "The {shown} largest effects of {all}. Amounts in {code}; the file holds all of them.",
                shown = lists::LISTED,
                all = all.len(),
                code
            )
        } else {
            say!(
                "Every case with an effect in {month}; where both sides agree there is none. Amounts in {code}.",
                month = month.in_words(),
                code
            )
        },
        layout: "cards",
        columns: columns.clone(),
        ..Table::default()
    };
    for (row, effects) in shown {
        let Some((count, amount)) = bridge.rows.get(&row) else { continue };
        let words = say!(
            "{row}: {count}, {amount} {code}",
            row = title(report, row),
            count = count_of(*count, "case", "cases"),
            amount = amount.grouped(),
            code
        );
        list.rows.push(Row { style: "grp", id: anchor(currency, row), cells: vec![Cell::text(words)] });
        list.rows.extend(effects.into_iter().map(|effect| case_row(report, month, currency, effect)));
    }
    let mut file = Table { columns, ..Table::default() };
    file.columns.insert(0, Column::text("Row"));
    for effect in all {
        let mut row = case_row(report, month, currency, effect);
        row.cells.insert(0, Cell::text(title(report, effect.row)));
        file.rows.push(row);
    }
    let path = cases_file(month, currency);
    let block = Block::Section {
        id: format!("cases-{}", code.to_lowercase()),
        heading: say!("Cases behind the rows, in {code}", code),
        actions: vec![Link::to(say!("Cases CSV"), path.clone())],
        blocks: vec![Block::Table(list)],
    };
    Some((block, (path, file)))
}

fn case_row(report: &Report<'_>, month: Month, currency: Currency, effect: &Effect) -> Row {
    let case = &report.reconciled.cases[effect.case as usize];
    let line = match case.subject {
        Subject::Line(number) => Some(report.line(number)),
        Subject::Order(_)
        | Subject::Payout(_)
        | Subject::Feed(_)
        | Subject::Row(_)
        | Subject::Adjustment(_) => None,
    };
    let vendor = line
        .filter(|line| line.period == month && line.currency == currency)
        .and_then(|line| line.amount_calculated);
    let own = vendor.map_or(0, Money::minor) - effect.minor;
    let none = |words| Cell { none: Some(words), ..Cell::default() };
    Row {
        cells: vec![
            lists::subject_cell(report, case),
            line.map_or_else(|| none(say!("no rebate line")), |line| Cell::code(line.id.raw())),
            Cell::text(report.facts(case).get("customer").unwrap_or_default()),
            if own == 0 && vendor.is_some() {
                none(say!("nothing expected in this period"))
            } else {
                Cell::money(Money::from_minor(own, currency))
            },
            vendor.map_or_else(|| none(say!("nothing calculated in this period")), Cell::money),
            Cell::money(Money::from_minor(effect.minor, currency)),
        ],
        ..Row::default()
    }
}
