//! A program rule in words: every field that decides an amount, so that a person can read it against the contract.

use rust_decimal::Decimal;
use ustr::Ustr;

use super::super::Report;
use super::super::page::{Definition, Text};
use super::super::table::{Cell, Column, Row, Table};
use crate::language::label;
use crate::model::id::ProgramId;
use crate::model::money::{Money, RoundMode, grouped};
use crate::model::reference::{
    BaseBasis, Baseline, Cap, CapOn, CapScope, DateBasis, Growth, Method, Program, ProgramRate, Refunds,
    RoundLevel, ScopeOwner, ScopeWindow, Stacking, Validity,
};
use crate::model::time::date_in_words;
use crate::rules::arithmetic::rate_in_words;
use crate::{mark, say};

/// How the rate table becomes an amount.
pub(super) fn method(method: Method) -> &'static str {
    match method {
        Method::Flat => say!("Flat: one rate on everything."),
        Method::Retroactive => {
            say!("Whole volume (retroactive): the rate of the tier that the volume reaches, on all of it.")
        }
        Method::Marginal => say!("Bands (marginal): each part of the volume at the rate of its own tier."),
        Method::Growth => say!("Growth: the rate of the tier that the growth over a baseline reaches."),
        Method::PerUnit => say!("An amount per unit."),
        Method::Fixed => say!("A fixed amount per order."),
        Method::LumpSum => say!("Lump sum: granted by hand and never recomputed."),
    }
}

/// The rule in force, field by field.
pub(super) fn definitions(report: &Report<'_>, program: &Program) -> Vec<Definition> {
    let plain =
        |name: &str, value: String| Definition { name: name.to_owned(), value: vec![Text::plain(value)] };
    let mut rows = vec![
        plain(say!("Method"), method(program.method).to_owned()),
        plain(say!("Rate applies to"), base(program.base_basis).to_owned()),
    ];
    if program.method.is_tiered() || program.threshold_min.is_some() {
        rows.push(plain(say!("Volume that decides the tier"), tier_scope(program)));
    }
    rows.extend(program.growth.map(|g| plain(say!("Growth"), growth(g))));
    rows.push(plain(
        say!("Decides the period"),
        say!("{words}.", words = capital(day(program.period_basis))),
    ));
    let is_open = program.valid == Validity::default();
    let decides = capital(day(program.window_basis));
    rows.push(plain(
        say!("Window"),
        if is_open {
            say!("Always open.").to_owned()
        } else {
            say!("{decides} must be {valid}.", decides, valid = window(program.valid))
        },
    ));
    rows.push(plain(say!("Contract types"), one_of(&program.contract_types)));
    rows.push(plain(say!("Billing models"), one_of(&program.billing_models)));
    rows.push(plain(say!("Regions"), one_of(&program.regions)));
    let resellers: Vec<Ustr> = program.resellers.iter().map(|r| Ustr::from(r.raw())).collect();
    rows.push(plain(say!("Resellers"), one_of(&resellers)));
    if !program.customer_classes.is_empty() {
        rows.push(plain(say!("Customer classes"), one_of(&program.customer_classes)));
    }
    rows.push(plain(say!("Enrollment"), enrollment(report, program)));
    let threshold = |t: Money| say!("Nothing is earned below a volume of {volume}.", volume = t.in_words());
    rows.push(plain(
        say!("Threshold"),
        program.threshold_min.map_or_else(|| say!("None.").to_owned(), threshold),
    ));
    let caps: Vec<String> = program.caps.iter().map(|cap| cap_in_words(*cap)).collect();
    rows.push(plain(
        say!("Cap"),
        if caps.is_empty() { say!("None.").to_owned() } else { caps.join(say!(" ")) },
    ));
    rows.push(plain(say!("Together with other programs"), stacking(program)));
    rows.push(plain(say!("Rounding"), rounding(program)));
    rows.push(plain(say!("Refunds"), refunds(program)));
    rows.push(days(say!("Confirm"), program.confirm_days, "confirm_days", label(CONFIRM)));
    rows.push(days(say!("Dispute or claim"), program.dispute_days, "dispute_days", label(DISPUTE)));
    let settled = program.settlement_currency.filter(|c| *c != program.currency);
    rows.push(plain(
        say!("Currency"),
        settled.map_or_else(
            || program.currency.to_string(),
            |c| say!("{currency}, settled in {c}", currency = program.currency, c),
        ),
    ));
    rows.push(source(program));
    rows.push(file(report, program));
    rows
}

fn base(basis: BaseBasis) -> &'static str {
    match basis {
        BaseBasis::List => say!("The list price of the order."),
        BaseBasis::Net => say!("The net amount of the order."),
        BaseBasis::NetLessVoucher => say!("The net amount of the order less what was paid by voucher."),
        BaseBasis::NetLessVoucherAndTax => say!("The net amount of the order less vouchers and tax."),
        BaseBasis::PaidOnly => say!("What the customer has paid in cash."),
    }
}

fn day(basis: DateBasis) -> &'static str {
    match basis {
        DateBasis::Invoice => say!("the invoice date"),
        DateBasis::Order => say!("the order date"),
        DateBasis::Usage => say!("the first day of usage"),
        DateBasis::Payment => say!("the day the customer paid"),
    }
}

fn capital(words: &str) -> String {
    super::super::lists::capitalized(words)
}

/// The days of a validity, both ends included: `from 1 May 2026 to 15 May 2026`.
fn window(valid: Validity) -> String {
    match (valid.from, valid.to) {
        (Some(from), Some(to)) => {
            say!("from {from} to {to}", from = date_in_words(from), to = date_in_words(to))
        }
        (Some(from), None) => say!("on {from} or later", from = date_in_words(from)),
        (None, Some(to)) => say!("on {to} or earlier", to = date_in_words(to)),
        (None, None) => say!("on any day").to_owned(),
    }
}

fn one_of(words: &[Ustr]) -> String {
    if words.is_empty() {
        return say!("All.").to_owned();
    }
    words.iter().map(Ustr::as_str).collect::<Vec<_>>().join(say!(", "))
}

fn tier_scope(program: &Program) -> String {
    let whose = match program.tier_scope.owner {
        ScopeOwner::Order => return say!("Each order alone.").to_owned(),
        ScopeOwner::Account => say!("All eligible orders of an account"),
        ScopeOwner::Customer => say!("All eligible orders of a customer"),
        ScopeOwner::Reseller => say!("All eligible orders of a reseller"),
    };
    let when = match program.tier_scope.window {
        ScopeWindow::Month => say!("in a month"),
        ScopeWindow::Quarter => say!("in a calendar quarter"),
        ScopeWindow::Year => say!("in a calendar year"),
        ScopeWindow::Program => say!("over the whole program"),
    };
    say!("{whose} {when}.", whose, when)
}

fn growth(growth: Growth) -> String {
    let against = match growth.baseline {
        Baseline::Amount(amount) => say!("a fixed volume of {amount}", amount = amount.in_words()),
        Baseline::PreviousWindow => say!("the window before").to_owned(),
        Baseline::PreviousYear => say!("the same window a year earlier").to_owned(),
    };
    let measure = if growth.in_percent { say!("as a share of it") } else { say!("as an amount") };
    let pays = if growth.on_increment { say!("the growth alone") } else { say!("the whole volume") };
    say!("Measured against {against}, {measure}; pays on {pays}.", against, measure, pays)
}

fn enrollment(report: &Report<'_>, program: &Program) -> String {
    let enrolled = report.reconciled.rules.reference.enrollments.iter().any(|row| row.program == program.id);
    let tier = program.enrollment_tier.map_or_else(String::new, |tier| say!(" at tier {tier}", tier));
    match program.requires_enrollment {
        Some(true) => say!("Required{tier}.", tier),
        Some(false) => say!("Not required.").to_owned(),
        None if enrolled => say!("Required{tier}, because enrollments are listed for it.", tier),
        None => say!("Not required.").to_owned(),
    }
}

fn cap_in_words(cap: Cap) -> String {
    let per = match cap.scope {
        CapScope::Order => say!("per order"),
        CapScope::Account => say!("per account, over the whole program"),
        CapScope::Period => say!("per period, over all accounts"),
        CapScope::Program => say!("over the whole program"),
    };
    match cap.on {
        CapOn::Rebate => say!("At most {amount} of rebate {per}.", amount = cap.amount.in_words(), per),
        CapOn::Base => {
            say!("At most {amount} of the base counts {per}.", amount = cap.amount.in_words(), per)
        }
    }
}

fn stacking(program: &Program) -> String {
    let Some(group) = program.exclusive_group else {
        return say!("Earns beside every other program.").to_owned();
    };
    match program.stacking {
        Stacking::Exclude => say!("Group {group}: one program of the group earns on an order.", group),
        Stacking::ReduceBase => say!(
            "Group {group}, place {priority}: what an earlier program earns is taken off the base of this one.",
            group,
            priority = program.priority
        ),
        Stacking::Stack => say!("Group {group}: all programs of the group earn.", group),
    }
}

fn rounding(program: &Program) -> String {
    let level = match program.round_level {
        RoundLevel::Line => say!("each order row"),
        RoundLevel::Order => say!("the sum of an order"),
        RoundLevel::Batch => say!("the sum of a batch; its parts add up to it"),
        RoundLevel::Payout => say!("the sum of a payout; its parts add up to it"),
    };
    let mode = match program.round_mode {
        RoundMode::HalfUp => say!("half up"),
        RoundMode::HalfEven => say!("half to the even neighbor"),
        RoundMode::Down => say!("down"),
    };
    say!(
        "Once, {mode}, on {level}, to the digits of {line_currency}.",
        mode,
        level,
        line_currency = program.line_currency()
    )
}

fn refunds(program: &Program) -> String {
    let what = match program.refunds {
        Refunds::AdjustWhenRefunded => say!("Do not change the base; the vendor sends an adjustment."),
        Refunds::DeductInPeriod => say!("A refund inside the period lowers the base."),
    };
    match program.clawback_days {
        Some(days) => {
            say!("{what} The rebate can be taken back within {days} days of a cancellation.", what, days)
        }
        None => what.to_owned(),
    }
}

const CONFIRM: &str =
    mark!("of the status date; then silence counts as consent. A line's own confirm_by goes first");
const DISPUTE: &str = mark!(
    "of the payment, the approval or the status date; a missing line within as many of the vendor's final date"
);

/// A number of days in which the reseller has to speak up, with the page of the days themselves.
fn days(name: &str, days: Option<u32>, column: &str, from: &str) -> Definition {
    let text = match days {
        Some(1) => say!("Within 1 day {from}. ", from),
        Some(days) => say!("Within {days} days {from}. ", days, from),
        None => say!("Not entered: {column} is empty, so no day is known by rule. ", column),
    };
    let link = Text::link(say!("Deadlines"), super::super::deadlines::PAGE);
    Definition { name: name.to_owned(), value: vec![Text::plain(text), link] }
}

fn source(program: &Program) -> Definition {
    let parts = [
        program.source.document.map(|d| d.to_string()),
        program.source.clause.map(|c| say!("clause {c}", c)),
        program.source.entered_by.map(|who| say!("entered by {who}", who)),
        program.source.checked_by.map(|who| say!("checked by {who}", who)),
    ];
    let known: Vec<String> = parts.into_iter().flatten().collect();
    let value = if known.is_empty() {
        say!("Not recorded: source_document, source_clause, entered_by and checked_by are empty.").to_owned()
    } else {
        known.join(say!(", "))
    };
    Definition { name: say!("Source document").to_owned(), value: vec![Text::plain(value)] }
}

/// Where the rule stands: file, line, and the start of the checksum of the file.
fn file(report: &Report<'_>, program: &Program) -> Definition {
    let files = report.sources.files;
    let source = program.origin.source;
    let sha256 = files.get(source.file).sha256();
    Definition {
        name: say!("Rule file").to_owned(),
        value: vec![
            Text::code(say!("{file}, line {line}", file = files.path(source), line = files.line(source))),
            Text::plain(", SHA-256 "),
            Text::code(sha256.get(..12).unwrap_or(sha256)),
        ],
    }
}

/// The rate table, by category and tier.
pub(super) fn rates(report: &Report<'_>, program: &Program) -> Table {
    let files = report.sources.files;
    let rows: Vec<&ProgramRate> = report.reconciled.rules.all_rates(program.id).collect();
    let mut table = Table {
        id: "rates".to_owned(),
        caption: if program.method.is_tiered() {
            say!("A tier holds from its first amount, included, to its last, not included.").to_owned()
        } else {
            say!("By category.").to_owned()
        },
        layout: "cards",
        columns: vec![
            Column::text("Category"),
            Column::text("SKU"),
            Column::money("From (included)", "from"),
            Column::money("To (not included)", "to"),
            Column::text("Valid"),
            Column::text("File and line").minor(),
            Column::money("Rate", "rate"),
        ],
        empty: say!("No rate is entered: every order earns nothing under this program.").to_owned(),
        ..Table::default()
    };
    for rate in &rows {
        table.rows.push(Row {
            cells: vec![
                Cell::text(rate.category.as_str()),
                rate.sku.map_or_else(|| Cell::text(say!("every SKU")), |sku| Cell::code(sku.raw())),
                edge(program, Some(rate.tier_from)),
                edge(program, rate.tier_to),
                Cell::text(window(rate.valid)),
                Cell::code(format!("{}:{}", files.path(rate.origin.source), files.line(rate.origin.source))),
                amount_of(program, rate.rate),
            ],
            ..Row::default()
        });
    }
    if rows.iter().all(|rate| rate.sku.is_none()) {
        table = super::super::words::without_columns(table, &["SKU"]);
    }
    if !program.method.is_tiered() {
        table = super::super::words::without_columns(table, &["From (included)", "To (not included)"]);
    }
    table
}

/// An edge of a tier: an amount, or a share of the baseline; an open end says so.
fn edge(program: &Program, edge: Option<Decimal>) -> Cell {
    let Some(edge) = edge else { return Cell::text(say!("no end")) };
    let plain = edge.normalize().to_string();
    if program.method == Method::Growth && program.growth.is_some_and(|g| g.in_percent) {
        return Cell { csv: Some(plain), ..Cell::text(rate_in_words(edge)) };
    }
    match Money::from_decimal(edge, program.currency) {
        Ok(amount) => Cell::money(amount),
        Err(_) => Cell::text(plain),
    }
}

/// A rate in percent; for a program per unit or of fixed amounts the amount.
fn amount_of(program: &Program, rate: Decimal) -> Cell {
    let plain = rate.normalize().to_string();
    match program.method {
        Method::PerUnit | Method::Fixed => {
            let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
            let point = if rest.is_empty() { "" } else { "." };
            Cell { csv: Some(plain.clone()), ..Cell::text(format!("{}{point}{rest}", grouped(whole))) }
        }
        Method::Flat | Method::Retroactive | Method::Marginal | Method::Growth | Method::LumpSum => {
            Cell { csv: Some(plain), ..Cell::text(rate_in_words(rate)) }
        }
    }
}

/// What to add so that a program without a rule is recomputed: the rows of both files, ready to fill in.
pub(super) fn to_add(program: ProgramId, currencies: &[String], categories: &[String]) -> [String; 2] {
    let currency = match currencies {
        [one] => one.clone(),
        [] | [_, ..] => "<currency>".to_owned(),
    };
    let program_row = format!(
        "program_id,name,currency,valid_from,valid_to,method,base_basis,period_basis,round_mode,round_level\n\
         {program},<name>,{currency},<valid_from>,<valid_to>,<method>,<base_basis>,<period_basis>,<round_mode>,<round_level>"
    );
    let mut rates = "program_id,category,tier_from,tier_to,rate".to_owned();
    let named: Vec<&str> = if categories.is_empty() {
        vec!["<category>"]
    } else {
        categories.iter().map(String::as_str).collect()
    };
    for category in named {
        rates.push_str(&format!("\n{program},{category},0,,<rate>"));
    }
    [program_row, rates]
}
