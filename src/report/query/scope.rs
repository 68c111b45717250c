//! A query's scope, and its one spelling: the same text is the address of the page, the argument of `tieout query` and a
//! row of each export. `src/render/assets/query-scope.js` reads and writes the same.

use std::fmt;

use chrono::NaiveDate;
use ustr::Ustr;

use super::dates::{DATE_FORMS, End, date};
use super::receipt::Receipt;
use super::rows::{Row, RowKey};
use crate::history::Scope;
use crate::ingest::grammar;
use crate::model::money::Currency;
use crate::model::status::{Bucket, Status};
use crate::model::time::{Month, Period, date_in_words};
use crate::reconcile::{Kind, Place};
use crate::report::scopes::{ScopeKey, ScopeKind};
use crate::report::{Report, address};

/// What a scope calls an order that no line names, in place of a status.
pub const NO_LINE: &str = "no-line";
/// What a scope calls a row with nothing to explain, in place of a kind.
pub const CLEAN: &str = "clean";

/// The parts of a scope in the order in which they are written.
pub const PARTS: [&str; 15] = [
    "from", "to", "campaign", "program", "customer", "account", "order", "category", "region", "batch",
    "payout", "status", "bucket", "kind", "currency",
];

/// How a scope writes a bucket.
pub fn part_of(bucket: Bucket) -> String {
    bucket.label().to_lowercase()
}

/// Which rows are meant: all that agree with every part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// First and last day; all days without it.
    pub range: Option<(NaiveDate, NaiveDate)>,
    /// Which lines; its period is never set, because a period is a range.
    pub lines: Scope,
    /// Statuses, any of them; `None` stands for an order without a line. Empty: any.
    pub statuses: Vec<Option<Status>>,
    /// Buckets, any of them. Empty: any.
    pub buckets: Vec<Bucket>,
    /// Primary explanations, any of them; `None` stands for nothing to explain. Empty: any.
    pub kinds: Vec<Option<Kind>>,
}

/// What cannot be read in a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeProblem {
    /// `Q-101` for a date, `Q-103` for anything else.
    pub code: &'static str,
    /// The part.
    pub part: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for ScopeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

/// Parts and values of a text such as `from=2026-05-01&campaign=Spring+Growth`, in its order. A whole address is read from
/// its question mark on.
pub fn parts(text: &str) -> Vec<(String, String)> {
    let text = text.trim();
    let text = text.split_once('?').map_or(text, |(_, parts)| parts);
    let text = text.split_once('#').map_or(text, |(parts, _)| parts);
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(k, v)| (decoded(k), decoded(v)))
        .collect()
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes[at] == b'%'
            && bytes.get(at + 1..at + 3).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit));
        match (bytes[at], hex) {
            (b'+', _) => out.push(b' '),
            (_, true) => {
                let digit =
                    |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0);
                out.push(digit(bytes[at + 1]) * 16 + digit(bytes[at + 2]));
                at += 2;
            }
            (byte, false) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A value as a scope writes it: readable, and safe in an address.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b',' | b':' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

impl Query {
    /// Everything of a range.
    pub fn of_range(range: (NaiveDate, NaiveDate)) -> Query {
        Query { range: Some(range), ..Query::default() }
    }

    /// Reads a scope; without dates it is about `default`. `period` tells the days of a month.
    ///
    /// # Errors
    /// Every [`ScopeProblem`] of the text.
    pub fn parse(
        text: &str,
        default: (NaiveDate, NaiveDate),
        period: impl Fn(Month) -> Period,
    ) -> Result<Query, Vec<ScopeProblem>> {
        let mut query = Query::default();
        let mut problems = Vec::new();
        let (mut from, mut to, mut whole) = (None, None, None);
        for (part, value) in parts(text) {
            if value.trim().is_empty() {
                continue;
            }
            match part.as_str() {
                "from" => {
                    from = read(date(&value, End::First, &period), &part, &value, &mut problems).or(from)
                }
                "to" => to = read(date(&value, End::Last, &period), &part, &value, &mut problems).or(to),
                "period" => {
                    let first = read(date(&value, End::First, &period), &part, &value, &mut problems);
                    whole = first.zip(date(&value, End::Last, &period)).or(whole);
                }
                _ => {
                    if let Err(message) = query.set(&part, &value) {
                        problems.push(ScopeProblem { code: "Q-103", part, message });
                    }
                }
            }
        }
        // A period is a range of its own, wherever it stands.
        if let Some((first, last)) = whole {
            (from, to) = (Some(first), Some(last));
        }
        let (from, to) = match (from, to) {
            (None, None) => default,
            (Some(from), None) => (from, default.1.max(from)),
            (None, Some(to)) => (default.0.min(to), to),
            (Some(from), Some(to)) => (from, to),
        };
        if from > to {
            let (from, to) = (date_in_words(from), date_in_words(to));
            let message =
                format!("the range ends on {to}, before it begins on {from}; put the earlier date first");
            problems.push(ScopeProblem { code: "Q-101", part: "to".to_owned(), message });
        }
        query.range = Some((from, to));
        if problems.is_empty() { Ok(query) } else { Err(problems) }
    }

    /// Sets a part other than a date; a list that is given again is added to.
    ///
    /// # Errors
    /// What is wrong with it and what to do.
    pub fn set(&mut self, part: &str, value: &str) -> Result<(), String> {
        let id = || Scope::part(&grammar::canonical(value));
        let lines = &mut self.lines;
        match part {
            "campaign" => lines.campaign = Scope::part(value),
            "program" => lines.program = id(),
            "customer" => lines.customer = id(),
            "account" => lines.account = id(),
            "order" => lines.order = id(),
            "category" => lines.category = Scope::part(value),
            "region" => lines.region = Scope::part(value),
            "batch" => lines.batch = id(),
            "payout" => lines.payout = id(),
            "currency" => {
                let currency = Currency::parse(&value.trim().to_ascii_uppercase());
                lines.currency =
                    Some(currency.ok_or_else(|| {
                        format!("`{value}` is not the code of a currency; write it like USD")
                    })?);
            }
            "status" => {
                let all = Status::ALL.map(Status::slug).into_iter().chain([NO_LINE]);
                several(&mut self.statuses, value, "status", all, |name| match name {
                    NO_LINE => Some(None),
                    name => Status::ALL.into_iter().find(|s| s.slug() == name).map(Some),
                })?;
            }
            "bucket" => {
                let names = Bucket::ALL.map(part_of);
                let names = names.iter().map(String::as_str);
                several(&mut self.buckets, value, "bucket", names, Bucket::parse)?;
            }
            "kind" => {
                let all = Kind::ALL.iter().map(|kind| kind.code()).chain([CLEAN]);
                several(&mut self.kinds, value, "kind", all, |name| match name {
                    CLEAN => Some(None),
                    name => Kind::parse(name).map(Some),
                })?;
            }
            // A link says from which snapshot it was made, and a form which dates were chosen; that is no part of the scope.
            "snapshot" | "receipt" | "preset" | "q" => {}
            other => {
                return Err(format!("`{other}` is no part of a scope; the parts are {}", PARTS.join(", ")));
            }
        }
        Ok(())
    }

    /// The parts that are given, in their order.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let joined = |values: Vec<String>| Some(values.join(",")).filter(|text| !text.is_empty());
        let lines = self.lines.parts();
        PARTS
            .into_iter()
            .filter_map(|part| {
                let value = match part {
                    "from" => self.range.map(|(from, _)| from.to_string()),
                    "to" => self.range.map(|(_, to)| to.to_string()),
                    "status" => joined(
                        self.statuses.iter().map(|s| s.map_or(NO_LINE, Status::slug).to_owned()).collect(),
                    ),
                    "bucket" => joined(self.buckets.iter().copied().map(part_of).collect()),
                    "kind" => {
                        joined(self.kinds.iter().map(|k| k.map_or(CLEAN, Kind::code).to_owned()).collect())
                    }
                    part => lines.iter().find(|(name, _)| *name == part).map(|(_, value)| value.clone()),
                };
                Some((part, value?))
            })
            .collect()
    }

    /// The parts beside the range by their numbers in [`PARTS`], as a receipt holds them.
    pub fn numbered_parts(&self) -> Vec<(u8, String)> {
        let number = |part| PARTS.iter().position(|name| *name == part).and_then(|at| u8::try_from(at).ok());
        let parts = self.parts().into_iter().filter(|(part, _)| *part != "from" && *part != "to");
        parts.filter_map(|(part, value)| Some((number(part)?, value))).collect()
    }

    /// The scope of a receipt.
    ///
    /// # Errors
    /// What this version does not know of it.
    pub fn of_receipt(receipt: &Receipt) -> Result<Query, String> {
        let mut query = Query { range: receipt.range, ..Query::default() };
        for (number, value) in &receipt.parts {
            let part = PARTS.get(usize::from(*number)).copied().unwrap_or("unknown");
            query.set(part, value)?;
        }
        Ok(query)
    }

    /// The part and its value without one of its parts; the range stays a range of all days.
    pub fn without(&self, part: &str) -> Query {
        let mut query = self.clone();
        match part {
            "from" | "to" => query.range = None,
            "status" => query.statuses.clear(),
            "bucket" => query.buckets.clear(),
            "kind" => query.kinds.clear(),
            "campaign" => query.lines.campaign = None,
            "program" => query.lines.program = None,
            "customer" => query.lines.customer = None,
            "account" => query.lines.account = None,
            "order" => query.lines.order = None,
            "category" => query.lines.category = None,
            "region" => query.lines.region = None,
            "batch" => query.lines.batch = None,
            "payout" => query.lines.payout = None,
            "currency" => query.lines.currency = None,
            _ => {}
        }
        query
    }

    /// Whether a row is meant, but for further orders of a line that stands for several.
    pub fn contains(&self, row: &Row) -> bool {
        self.range.is_none_or(|(from, to)| from <= row.day && row.day <= to)
            && (self.statuses.is_empty() || self.statuses.iter().any(|wanted| is_in_status(*wanted, row)))
            && (self.buckets.is_empty() || row.state.is_some_and(|(_, b)| self.buckets.contains(&b)))
            && (self.kinds.is_empty() || self.kinds.contains(&row.kind))
            && self.is_campaign(row)
            && Scope { campaign: None, ..self.lines.clone() }.contains(&row.place)
    }

    /// A campaign by its tag, or by the words of its address.
    fn is_campaign(&self, row: &Row) -> bool {
        self.lines.campaign.is_none_or(|wanted| {
            row.place.campaign.is_some_and(|tag| {
                tag.eq_ignore_ascii_case(&wanted) || address::of_name(&tag) == wanted.to_ascii_lowercase()
            })
        })
    }
}

/// Calculated takes the lines under review in its bucket as well: a summary counts them there (design, section 2.2).
fn is_in_status(wanted: Option<Status>, row: &Row) -> bool {
    let state = row.state;
    wanted == state.map(|(status, _)| status)
        || wanted == Some(Status::Calculated) && state == Some((Status::UnderReview, Bucket::Calculated))
}

/// Adds the values of a list that are not in it yet.
fn several<'n, T: PartialEq>(
    values: &mut Vec<T>,
    value: &str,
    part: &str,
    all: impl Iterator<Item = &'n str>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<(), String> {
    let names = value.split(',').map(|name| name.trim().to_lowercase().replace([' ', '_'], "-"));
    for name in names.filter(|name| !name.is_empty()) {
        match read(&name) {
            Some(value) if values.contains(&value) => {}
            Some(value) => values.push(value),
            None => {
                let all: Vec<&str> = all.collect();
                return Err(format!("`{name}` is no {part}; there are {}", all.join(", ")));
            }
        }
    }
    Ok(())
}

fn read<T>(value: Option<T>, part: &str, text: &str, problems: &mut Vec<ScopeProblem>) -> Option<T> {
    if value.is_none() {
        let message =
            format!("the date `{}` of `{part}` is not valid; write it like {DATE_FORMS}", text.trim());
        problems.push(ScopeProblem { code: "Q-101", part: part.to_owned(), message });
    }
    value
}

impl fmt::Display for Query {
    /// The scope as it is written: `from=2026-05-01&to=2026-05-31&campaign=Spring+Growth`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> =
            self.parts().into_iter().map(|(part, value)| format!("{part}={}", encoded(&value))).collect();
        f.write_str(&parts.join("&"))
    }
}

impl Report<'_> {
    /// Whether a row is meant; a line that stands for several orders is meant by each of them.
    pub fn query_contains(&self, query: &Query, row: &Row) -> bool {
        if query.contains(row) {
            return true;
        }
        let (Some(order), RowKey::Line(number)) = (query.lines.order, row.key) else { return false };
        let shares = &self.reconciled.matching.of_line(number).shares;
        shares.iter().skip(1).any(|share| self.order(share.order).id.key() == order)
            && query.without("order").contains(row)
    }

    /// A query with names as its rows spell them: a campaign also by the words of its address. The page knows the same names.
    pub fn query_spelled(&self, query: Query) -> Query {
        let lines = &query.lines;
        let spelled = |wanted: Option<Ustr>, names: &mut dyn Iterator<Item = Ustr>, by_slug: bool| {
            let wanted = wanted?;
            let mut names: Vec<Ustr> = names.collect();
            names.sort_unstable();
            let is_wanted = |name: &&Ustr| name.eq_ignore_ascii_case(&wanted);
            let is_slug = |name: &&Ustr| by_slug && address::of_name(name) == wanted.to_ascii_lowercase();
            let exact = names.iter().find(|name| **name == wanted);
            exact
                .or_else(|| names.iter().find(is_wanted))
                .or_else(|| names.iter().find(is_slug))
                .copied()
                .or(Some(wanted))
        };
        // A program or a customer by its name, where one alone has it.
        let named = |kind: ScopeKind, wanted: Option<Ustr>| {
            let wanted = wanted?;
            if self.scopes.members(&ScopeKey { kind, id: wanted }).is_some() {
                return Some(wanted);
            }
            let is_called = |name: &str| grammar::canonical(name) == wanted.as_str();
            let mut all = self.scopes.of_kind(kind).filter(|(_, members)| is_called(&members.name));
            match (all.next(), all.next()) {
                (Some((key, _)), None) => Some(key.id),
                _ => Some(wanted),
            }
        };
        let names = |of: fn(&Place) -> Option<Ustr>| self.query_places().filter_map(move |place| of(&place));
        let lines = Scope {
            campaign: spelled(lines.campaign, &mut names(|place| place.campaign), true),
            category: spelled(lines.category, &mut names(|place| place.category), false),
            region: spelled(lines.region, &mut names(|place| place.region), false),
            program: named(ScopeKind::Program, lines.program),
            customer: named(ScopeKind::Customer, lines.customer),
            ..lines.clone()
        };
        Query { lines, ..query }
    }

    /// From the first day of the oldest period to the last one of the newest.
    pub fn query_all(&self) -> (NaiveDate, NaiveDate) {
        let (mut from, mut to) = self.query_default();
        for month in self.scopes.months() {
            let period = self.reconciled.rules.reference.period(month);
            (from, to) = (from.min(period.start), to.max(period.last_day()));
        }
        (from, to)
    }

    /// The default range: the last full calendar month before the as-of date.
    pub fn query_default(&self) -> (NaiveDate, NaiveDate) {
        let period = self.reconciled.rules.reference.period(self.default_month());
        (period.start, period.last_day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default()
    }

    fn parse(text: &str) -> Result<Query, Vec<ScopeProblem>> {
        Query::parse(text, (day(2026, 5, 1), day(2026, 5, 31)), Month::period)
    }

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        // Goal: one spelling, whatever the order and the form of the parts. Method: a messy text, and what it is written
        // as; that text is read as the same scope.
        let query = parse("https://x/y/query.html?status=Calculated,under_review,calculated&campaign=Spring%20Growth&order=ord%202001&to=31+May+2026&from=2026-05&snapshot=2026-06-18#lines").unwrap_or_default();
        let text = query.to_string();
        assert_eq!(
            text,
            "from=2026-05-01&to=2026-05-31&campaign=Spring+Growth&order=ORD2001&status=calculated,under-review"
        );
        assert_eq!(parse(&text), Ok(query));
        assert_eq!(encoded("50% & 青/ö"), "50%25+%26+%E9%9D%92%2F%C3%B6");
        assert_eq!(parts("?a=50%25+%26+%E9%9D%92%2F%C3%B6"), [("a".to_owned(), "50% & 青/ö".to_owned())]);
        assert_eq!(parse("period=2026-04").map(|q| q.range), Ok(Some((day(2026, 4, 1), day(2026, 4, 30)))));
    }

    #[test]
    fn a_part_that_is_given_twice_is_read_as_on_the_page() {
        // Goal: an address that a form wrote means the same everywhere. Method: lists come together, of anything else the
        // last one counts, a period is a range wherever it stands, and which dates were chosen from is left out.
        let written = |text: &str| parse(text).map(|query| query.to_string());
        for (text, scope) in [
            ("status=paid&status=approved,PAID", "from=2026-05-01&to=2026-05-31&status=paid,approved"),
            ("bucket=paid&bucket=pending", "from=2026-05-01&to=2026-05-31&bucket=paid,pending"),
            ("kind=clean&kind=orphan_rebate", "from=2026-05-01&to=2026-05-31&kind=clean,orphan-rebate"),
            ("order=a1&order=b2", "from=2026-05-01&to=2026-05-31&order=B2"),
            ("period=2026-04&from=2026-01-02", "from=2026-04-01&to=2026-04-30"),
            ("from=2026-01-02&period=2026-04", "from=2026-04-01&to=2026-04-30"),
            ("preset=year&from=2026-05&to=", "from=2026-05-01&to=2026-05-31"),
        ] {
            assert_eq!(written(text).as_deref(), Ok(scope), "{text}");
        }
    }

    #[test]
    fn every_problem_of_a_scope_is_named() {
        // Goal: one run says all that is wrong, with the forms that are accepted. Method: four problems in one text.
        let problems = parse("from=2026-02-30&status=finished&kind=x&colour=red").unwrap_err();
        let parts: Vec<(&str, &str)> = problems.iter().map(|p| (p.code, p.part.as_str())).collect();
        assert_eq!(parts, [("Q-101", "from"), ("Q-103", "status"), ("Q-103", "kind"), ("Q-103", "colour")]);
        assert!(problems[0].message.contains("31 May 2026"), "{}", problems[0]);
        assert!(problems[1].message.contains("under-review"), "{}", problems[1]);
        let swapped = parse("from=2026-06-01&to=2026-05-01").unwrap_err();
        assert_eq!((swapped[0].code, swapped[0].part.as_str()), ("Q-101", "to"));
    }
}
