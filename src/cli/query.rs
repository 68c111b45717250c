//! `tieout query`: any scope of rebates in the terminal, with the figures of the site's query page.

use clap::Args;
use serde_json::{Map, Value, json};

use super::scope::ScopeArgs;
use super::{Format, Shared, ask, print};
use crate::error::{Error, exit};
use crate::export;
use crate::model::money::{Currency, Money, grouped};
use crate::model::status::Bucket;
use crate::model::time::{Period, date_in_words};
use crate::report::Report;
use crate::report::changes::MEASURES;
use crate::report::query::dates::DATE_FORMS;
use crate::report::query::scope::{Query, ScopeProblem, encoded, part_of, parts};
use crate::report::query::summary::{Dimension, Summary, Sums};
use crate::report::query::{Answer, Empty, Measure, Span};

pub(super) const EXAMPLES: &str = "Examples:
  tieout query                                              the last full month
  tieout query --last 90 --status approved,paid
  tieout query --from 2026-04 --to 2026-05 --program CORE --format csv > core.csv
  tieout query --receipt TO-04C2N-…                         what a figure was then, and is now
  tieout query 'from=2026-05-01&to=2026-05-31&campaign=Summer+Deal'   the text after ? of the query page's address

Without dates it is about the last full month before the as-of date. Ids in any spelling, names in any case.";

mod receipt;

/// Rows that are listed before the rest is only counted.
const LISTED: usize = 20;

/// What is asked for besides the parts of a scope that every command knows.
#[derive(Debug, Clone, Args)]
pub(super) struct QueryArgs {
    /// A scope as the query page writes it, or its whole address.
    #[arg(value_name = "SCOPE")]
    text: Option<String>,
    /// First day, such as 2026-05-01 or 2026-05.
    #[arg(long, value_name = "DATE", conflicts_with_all = ["last", "period"])]
    from: Option<String>,
    /// Last day, such as 2026-05-31 or 2026-05.
    #[arg(long, value_name = "DATE", conflicts_with_all = ["last", "period"])]
    to: Option<String>,
    /// A range by name: month (the last full one), 30, 90, quarter, year (to date), all.
    #[arg(long, value_name = "RANGE", value_parser = span, conflicts_with = "period")]
    last: Option<Span>,
    /// Statuses with commas between, such as calculated,under-review; no-line for orders without a line.
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Buckets with commas between, such as calculated,approved.
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<String>,
    /// Discrepancy kinds with commas between, such as missing-rebate; clean for nothing to explain.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Open the receipt of a figure: what it was in its snapshot, by the extracts, and what it is now.
    #[arg(long, value_name = "CODE", conflicts_with_all = [
        "text", "from", "to", "last", "status", "bucket", "kind", "all", "period", "program", "campaign", "customer", "account",
        "order", "batch", "payout", "category", "region", "currency",
    ])]
    receipt: Option<String>,
    /// List every row, not only the first 20.
    #[arg(long)]
    all: bool,
}

fn span(text: &str) -> Result<Span, String> {
    let names = || Span::ALL.map(Span::name).join(", ");
    Span::ALL
        .into_iter()
        .find(|span| span.name() == text)
        .ok_or_else(|| format!("`{text}` is not one of {}", names()))
}

/// Runs the command.
pub(super) fn run(args: &QueryArgs, scope: &ScopeArgs, shared: &Shared) -> Result<u8, Error> {
    if let Some(code) = &args.receipt {
        return receipt::run(code, shared);
    }
    ask(&shared.options(), shared, |report| answer(args, scope, report, shared))
}

fn answer(args: &QueryArgs, scope: &ScopeArgs, report: &Report<'_>, shared: &Shared) -> Result<u8, Error> {
    let query = query(args, scope, report).map_err(|problems| Error::Usage {
        message: problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        help: if problems.iter().any(|problem| problem.code == "Q-101") {
            format!("a date is written like {DATE_FORMS}; see `tieout query --help`")
        } else {
            "see `tieout query --help` for the parts of a scope".to_owned()
        },
    })?;
    let query = report.query_spelled(query);
    shared.trail.argument("scope", query.to_string());
    let answer = report.query(&query);
    match shared.format {
        Format::Json => print::result(&document(report, &query, &answer)?.to_string()),
        Format::Csv => {
            let table = report.query_table(&answer)?;
            let bytes = export::csv::report(&report.query_facts(&query, &answer), &table);
            print::file(&bytes);
        }
        Format::Human if answer.rows.is_empty() => tell_empty(report, &query),
        Format::Human => tell(report, &query, &answer, args.all)?,
    }
    Ok(exit::DONE)
}

/// The scope of the arguments: the text, and over it the options.
fn query(args: &QueryArgs, scope: &ScopeArgs, report: &Report<'_>) -> Result<Query, Vec<ScopeProblem>> {
    let reference = report.reconciled.rules.reference;
    let period = |month| reference.period(month);
    let default = args.last.map_or_else(|| report.query_default(), |last| report.query_span(last));
    let text = args.text.clone().unwrap_or_default();
    if !text.is_empty() && !text.contains('=') {
        return Err(vec![ScopeProblem {
            code: "Q-103",
            part: "scope".to_owned(),
            message: format!(
                "`{text}` is no scope; write `order={}` for an order, or ask `tieout explain {text}`",
                encoded(&text)
            ),
        }]);
    }
    let options = [
        ("from", args.from.clone()),
        ("to", args.to.clone()),
        ("status", args.status.clone()),
        ("bucket", args.bucket.clone()),
        ("kind", args.kind.clone()),
    ];
    let options = options.into_iter().filter_map(|(part, value)| Some((part, value?)));
    let options: Vec<(&str, String)> = options.chain(scope.scope().parts()).collect();
    let text = over(parts(&text), &options, args.last.is_some());
    Query::parse(&text, default, period)
}

/// The parts of a text with options in place of its own; a range with a name, or a period, takes the place of all its dates.
fn over(mut given: Vec<(String, String)>, options: &[(&str, String)], is_range: bool) -> String {
    let is_dates = |part: &str| matches!(part, "from" | "to" | "period");
    let is_option = |part: &str| options.iter().any(|(own, _)| *own == part);
    let is_end = is_option("from") || is_option("to");
    let period = given.iter().rev().find(|(part, value)| part == "period" && !value.trim().is_empty());
    if let Some((_, period)) = period.filter(|_| is_end).cloned() {
        given.retain(|(part, _)| !is_dates(part));
        given.extend(["from", "to"].map(|end| (end.to_owned(), period.clone())));
    }
    given.retain(|(part, _)| !is_option(part) && !((is_range || is_option("period")) && is_dates(part)));
    let options = options.iter().map(|(part, value)| ((*part).to_owned(), value.clone()));
    let all = given.into_iter().chain(options);
    all.map(|(part, value)| format!("{}={}", encoded(&part), encoded(&value))).collect::<Vec<_>>().join("&")
}

fn money(minor: i128, currency: Currency) -> Money {
    Money::from_minor(minor, currency)
}

fn tell(report: &Report<'_>, query: &Query, answer: &Answer, is_all: bool) -> Result<(), Error> {
    print::result(&format!("scope     {query}"));
    print::result(&format!("snapshot  {}", report.reconciled.as_of()));
    for (currency, sums) in answer.summary.currencies() {
        tell_currency(&answer.summary, currency, &sums);
    }
    print::result("");
    let listed = if is_all { answer.rows.len() } else { answer.rows.len().min(LISTED) };
    for row in &answer.rows[..listed] {
        let place = &row.place;
        let measures = row.measures();
        let amount = if row.is_counted() {
            money(measures.total, place.currency).grouped()
        } else {
            row.expected
                .map_or_else(|| "-".to_owned(), |own| format!("({})", money(own, place.currency).grouped()))
        };
        let (reason, _) = report.query_words(row.key)?;
        print::result(&format!(
            "  {amount:>14} {}  {}  {}  {}: {}",
            place.currency.code(),
            place.order.unwrap_or(place.order_ref).raw(),
            row.day,
            row.state.map_or("No rebate line", |(status, _)| status.label()),
            match report.query_update(row.key) {
                Some(update) => format!("{}. {update}", reason.trim_end_matches('.')),
                None => reason,
            }
        ));
    }
    if listed < answer.rows.len() {
        print::result(&format!("  and {} more: --all, --format csv or json", answer.rows.len() - listed));
    }
    if answer.rows.iter().any(|row| !row.is_counted() && row.expected.is_some()) {
        print::result("  In brackets: our own expectation, not in the total.");
    }
    for (currency, _) in answer.summary.currencies() {
        let receipt = report.query_receipt(query, answer, Measure::Total, currency);
        print::result(&format!("receipt   {}  ({} {})", receipt.code(), receipt.value, currency.code()));
    }
    print::result(&format!("page      query.html?{query}&snapshot={}", report.reconciled.as_of()));
    Ok(())
}

fn tell_currency(summary: &Summary, currency: Currency, sums: &Sums) {
    print::result("");
    print::result(&format!(
        "Total rebate  {}  ({}{})",
        money(sums.measures.total, currency).in_words(),
        count_of(sums.lines, "line", "lines"),
        match sums.rows - sums.lines {
            0 => String::new(),
            orders => format!(", {} without a line", count_of(orders, "order", "orders")),
        }
    ));
    for bucket in Bucket::ALL {
        let of = of_bucket(summary, currency, bucket);
        if of.rows == 0 {
            continue;
        }
        let (amount, note) = if bucket.is_in_total() {
            (of.measures.total, String::new())
        } else {
            (of.expected, "  expected, not in the total".to_owned())
        };
        print::result(&format!(
            "  {:<12}{:>5}  {:>14}{note}{}",
            bucket.label(),
            of.rows,
            money(amount, currency).grouped(),
            of.due.map_or_else(String::new, |due| due_words(
                [date_in_words(due.0), date_in_words(due.1)],
                of.due_rows
            )),
        ));
    }
    let measures = MEASURES.iter().map(|(name, of)| {
        format!("{} {}", name.to_lowercase(), money(of(&sums.measures), currency).grouped())
    });
    print::result(&format!("  {}", measures.collect::<Vec<_>>().join(", ")));
}

fn due_words([first, last]: [String; 2], rows: usize) -> String {
    let lines = count_of(rows, "line", "lines");
    let days = if first == last { first } else { format!("{first} to {last}") };
    format!("  half of lines like {lines} are paid by {days}")
}

fn count_of(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(&count.to_string()), if count == 1 { one } else { many })
}

fn of_bucket(summary: &Summary, currency: Currency, bucket: Bucket) -> Sums {
    let mut sums = Sums::default();
    for ((of, state), part) in &summary.states {
        if *of == currency && state.is_some_and(|(_, in_bucket)| in_bucket == bucket) {
            sums += part;
        }
    }
    sums
}

/// Why there is nothing, and what to try (requirements ).
fn tell_empty(report: &Report<'_>, query: &Query) {
    let Empty { relaxed, nearest, period } = report.query_empty(query);
    print::result(&format!("scope     {query}"));
    print::result("No line and no order is in this scope (Q-201).");
    if let (Some(month), Some((from, to))) = (period, query.range) {
        let asked = Period { start: from, end: to.succ_opt().unwrap_or(to) }.in_words();
        let own = report.reconciled.rules.reference.period(month).in_words();
        print::result(&format!("The order belongs to period {own}, but you queried {asked}."));
    }
    if let (Some(before), _) | (None, Some(before)) = nearest {
        let after = nearest.1.filter(|after| *after != before);
        let days = [Some(before), after].into_iter().flatten().map(date_in_words).collect::<Vec<_>>();
        let are = if days.len() == 1 { "day with data is" } else { "days with data are" };
        print::result(&format!("Try expanding date range: the nearest {are} {}.", days.join(" and ")));
    }
    for (part, rows) in relaxed {
        print::result(&format!("Without the {part}: {}", count_of(rows, "row", "rows")));
    }
    if query.lines.order.is_some() {
        print::result("Check order identifiers: `tieout explain ID` names those that begin alike.");
    }
}

fn document(report: &Report<'_>, query: &Query, answer: &Answer) -> Result<Value, Error> {
    let amount = |minor: Option<i128>, currency| {
        minor.map_or(Value::Null, |minor| json!(money(minor, currency).to_string()))
    };
    let sums_json = |sums: &Sums, currency: Currency| {
        let mut object = Map::new();
        object.insert("rows".to_owned(), json!(sums.rows));
        object.insert("lines".to_owned(), json!(sums.lines));
        object.insert("expected".to_owned(), amount(Some(sums.expected), currency));
        object.insert("not_recomputed".to_owned(), json!(sums.not_recomputed));
        for (name, of) in MEASURES {
            let name = name.to_lowercase().replace(' ', "_");
            object.insert(name, amount(Some(of(&sums.measures)), currency));
        }
        let due = sums.due.map(|(first, last)| json!([first.to_string(), last.to_string()]));
        object.insert("due".to_owned(), due.unwrap_or(Value::Null));
        object.insert("due_rows".to_owned(), json!(sums.due_rows));
        Value::Object(object)
    };
    let mut currencies = Vec::new();
    for (currency, sums) in answer.summary.currencies() {
        let states = |name: &dyn Fn(Option<(_, Bucket)>) -> String| {
            let mut parts: Map<String, Value> = Map::new();
            let mut all: std::collections::BTreeMap<String, Sums> = std::collections::BTreeMap::new();
            for ((of, state), part) in &answer.summary.states {
                if *of == currency {
                    *all.entry(name(*state)).or_default() += part;
                }
            }
            parts.extend(all.into_iter().map(|(name, sums)| (name, sums_json(&sums, currency))));
            Value::Object(parts)
        };
        let receipts = Measure::ALL.map(|measure| {
            let code = report.query_receipt(query, answer, measure, currency).code();
            (measure.label().to_lowercase().replace(' ', "_"), json!(code))
        });
        currencies.push(json!({
            "currency": currency.code(),
            "receipts": receipts.into_iter().collect::<Map<_, _>>(),
            "sums": sums_json(&sums, currency),
            "by_bucket": states(&|state| state.map_or_else(|| "no-line".to_owned(), |(_, b)| part_of(b))),
            "by_status": states(&|state: Option<(crate::model::status::Status, _)>| {
                state.map_or("no-line", |(status, _)| status.slug()).to_owned()
            }),
        }));
    }
    let mut facets: Map<String, Value> = Map::new();
    for dimension in Dimension::ALL {
        let values = answer.summary.facets.iter().filter(|((of, ..), _)| *of == dimension);
        let values = values.map(|((_, value, currency), sums)| {
            json!({
                "value": value,
                "currency": currency.code(),
                "rows": sums.rows,
                "lines": sums.lines,
                "total": amount(Some(sums.measures.total), *currency),
                "expected": amount(Some(sums.expected), *currency),
            })
        });
        facets.insert(dimension.name().to_owned(), values.collect());
    }
    let table = report.query_table(answer)?;
    let names: Vec<String> =
        table.columns.iter().map(|column| column.label.to_lowercase().replace(' ', "_")).collect();
    let rows: Vec<Value> = table
        .rows
        .iter()
        .map(|row| {
            let cells = names.iter().cloned().zip(row.cells.iter().map(|cell| json!(cell.value())));
            Value::Object(cells.collect())
        })
        .collect();
    Ok(json!({
        "schema": 1,
        "snapshot": report.reconciled.as_of().to_string(),
        "scope": query.to_string(),
        "rows": answer.rows.len(),
        "currencies": currencies,
        "facets": facets,
        "lines": rows,
    }))
}
