//! Rate tables that cannot be used: a gap, an overlap or an empty tier refuses the run (domain 3.3); and rows of programs
//! and rates that earn nothing, or not what their author meant.
//!
//! Its invariant: of a program that passes, every volume from 0 up has exactly one tier on every day on which the program
//! has rates, and a program without tiers has at most one rate for a product on a day.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use ustr::Ustr;

use super::place;
use crate::diagnostic::{Diagnostic, Severity};
use crate::ingest::Files;
use crate::ingest::columns::{FileKind, program_rates};
use crate::model::id::{ProgramId, SkuId};
use crate::model::record::SourceRef;
use crate::model::reference::{Method, Program, ProgramRate, Reference};

/// Every problem of the rate tables. Never fails.
pub(super) fn problems(files: &Files, reference: &Reference) -> Vec<Diagnostic> {
    let mut tables: BTreeMap<(ProgramId, Ustr, Option<SkuId>), Vec<&ProgramRate>> = BTreeMap::new();
    for row in &reference.rates {
        tables.entry((row.program, row.category, row.sku)).or_default().push(row);
    }
    let programs: BTreeMap<ProgramId, &Program> = reference.programs.iter().map(|p| (p.id, p)).collect();
    let mut problems = Vec::new();
    for ((program, _, _), rows) in &tables {
        if let Some(program) = programs.get(program).filter(|p| p.method != Method::LumpSum) {
            let mut table = Table { files, program, rows, told: BTreeSet::new(), problems: Vec::new() };
            table.check();
            problems.append(&mut table.problems);
        }
    }
    problems.extend(strangers(files, reference, &programs));
    problems.extend(reference.rates.iter().filter(|r| r.rate.is_sign_negative() && !r.rate.is_zero()).map(
        |row| Diagnostic {
            field: FileKind::ProgramRates.columns()[program_rates::RATE].name.to_owned(),
            value: row.rate.to_string(),
            ..of_row(
                files,
                row.origin.source,
                (Severity::Warning, "rate-negative"),
                format!("the rate {} of {} takes money away", row.rate, row.program),
                "a rate is a fraction above zero, such as 0.08 for 8 %; remove the sign, or this row",
            )
        },
    ));
    problems.extend(reference.programs.iter().filter_map(|program| idle(files, program, &tables)));
    problems
}

fn of_row(
    files: &Files,
    source: SourceRef,
    (severity, code): (Severity, &'static str),
    message: String,
    help: &str,
) -> Diagnostic {
    Diagnostic {
        line: files.line(source),
        ..Diagnostic::of_file(severity, code, files.path(source), message, help)
    }
}

/// Rates of programs that do not exist: one problem per program, at the first of its rows.
fn strangers<'a>(
    files: &'a Files,
    reference: &'a Reference,
    programs: &BTreeMap<ProgramId, &Program>,
) -> impl Iterator<Item = Diagnostic> + use<'a> {
    let mut rows: BTreeMap<ProgramId, Vec<SourceRef>> = BTreeMap::new();
    for row in reference.rates.iter().filter(|r| !programs.contains_key(&r.program)) {
        rows.entry(row.program).or_default().push(row.origin.source);
    }
    rows.into_iter().filter_map(|(program, rows)| {
        let count = rows.len();
        let message = if count == 1 {
            format!("program `{program}` is not in programs.csv; this rate is not used")
        } else {
            format!("program `{program}` is not in programs.csv; its {count} rates are not used")
        };
        let help = "write the program's id as in programs.csv, or add its row there";
        Some(of_row(
            files,
            rows.into_iter().min()?,
            (Severity::Warning, "rate-without-program"),
            message,
            help,
        ))
    })
}

/// A program whose own row, or whose lack of rates, keeps it from paying anything.
fn idle(
    files: &Files,
    program: &Program,
    tables: &BTreeMap<(ProgramId, Ustr, Option<SkuId>), Vec<&ProgramRate>>,
) -> Option<Diagnostic> {
    let at = |code, message, help: &str| {
        Some(of_row(files, program.origin.source, (Severity::Warning, code), message, help))
    };
    if program.method == Method::Growth && program.growth.is_none() {
        return at(
            "growth-without-baseline",
            format!(
                "program `{}` pays for growth and has no `growth_baseline`; nothing it pays is recomputed",
                program.id
            ),
            "write what growth is measured against: an amount, `previous_window` or `previous_year`",
        );
    }
    let has_rates = tables.keys().any(|(id, _, _)| *id == program.id);
    if program.method.is_tiered() && !has_rates {
        return at(
            "program-without-rates",
            format!("program `{}` pays by tiers and has no rate in program_rates.csv", program.id),
            "add its tiers, the first from 0 and the last without an end",
        );
    }
    None
}

/// The rates of one program for one category, or for one product in it.
struct Table<'a> {
    files: &'a Files,
    program: &'a Program,
    rows: &'a [&'a ProgramRate],
    /// Pairs that were told about: one that holds over several days is one problem.
    told: BTreeSet<(Option<SourceRef>, Option<SourceRef>)>,
    problems: Vec<Diagnostic>,
}

/// A row in a table, in the order of its tier.
type Place = (Decimal, usize);

impl<'a> Table<'a> {
    /// Goes through the days on which a row begins or ceases to hold, and looks at its neighbors there.
    ///
    /// Cost: grows with the rows times their logarithm, however many dates they have.
    fn check(&mut self) {
        let mut changes: BTreeMap<NaiveDate, (Vec<Place>, Vec<Place>)> = BTreeMap::new();
        for (number, row) in self.rows.iter().enumerate() {
            self.check_row(row);
            let from = row.valid.from.unwrap_or(NaiveDate::MIN);
            if row.valid.to.is_some_and(|to| to < from) {
                continue;
            }
            let place = (row.tier_from, number);
            changes.entry(from).or_default().0.push(place);
            if let Some(after) = row.valid.to.and_then(|to| to.succ_opt()) {
                changes.entry(after).or_default().1.push(place);
            }
        }
        let mut held: BTreeSet<Place> = BTreeSet::new();
        for (day, (begin, cease)) in changes {
            cease.iter().for_each(|place| {
                held.remove(place);
            });
            held.extend(&begin);
            for place in begin.iter().chain(&cease) {
                let row = |place: &Place| self.rows[place.1];
                let before = held.range(..place).next_back().map(row);
                let after = held.range((Excluded(place), Unbounded)).next().map(row);
                if held.contains(place) {
                    let here = Some(row(place));
                    self.meet(before, here, day);
                    self.meet(here, after, day);
                } else {
                    self.meet(before, after, day);
                }
            }
        }
    }

    /// What a row says alone.
    fn check_row(&mut self, row: &ProgramRate) {
        if is_empty(row) && self.program.method.is_tiered() {
            self.refuse(
                "tier-empty",
                row.origin.source,
                format!("a tier of {} {}", self.name(), span(row)),
                "`tier_to` is the first number above the tier: make it larger than `tier_from`",
            );
        }
        if self.program.method == Method::Marginal {
            let digits = self.program.currency.digits();
            let edges = [Some(row.tier_from), row.tier_to];
            if let Some(edge) = edges.into_iter().flatten().find(|edge| edge.normalize().scale() > digits) {
                self.refuse(
                    "tier-too-precise",
                    row.origin.source,
                    format!(
                        "`{edge}` is no amount of {}, which has {digits} decimals; the bands of {} start and end at amounts",
                        self.program.currency,
                        self.name()
                    ),
                    "write the edge with the digits of the currency",
                );
            }
        }
    }

    /// Two tiers that follow each other on a day; `None` stands for what is below the first and above the last.
    fn meet(&mut self, left: Option<&'a ProgramRate>, right: Option<&'a ProgramRate>, day: NaiveDate) {
        let source = |row: Option<&ProgramRate>| row.map(|r| r.origin.source);
        // An empty tier is a problem of its own; what lies around it shows once it is gone.
        if left.into_iter().chain(right).any(is_empty) && self.program.method.is_tiered() {
            return;
        }
        let told = (source(left), source(right));
        if self.told.contains(&told) {
            return;
        }
        let found = match (left, right) {
            (Some(left), Some(right)) if !self.program.method.is_tiered() => self.twice(left, right, day),
            (Some(left), Some(right)) => self.edges(left, right, day),
            (None, None) => false,
            (_, _) if !self.program.method.is_tiered() => false,
            (None, Some(first)) => self.first(first, day),
            (Some(last), None) => self.last(last, day),
        };
        if found {
            self.told.insert(told);
        }
    }

    /// Two rates of a program without tiers.
    fn twice(&mut self, left: &ProgramRate, right: &ProgramRate, day: NaiveDate) -> bool {
        let (a, b) = in_order(left, right);
        self.refuse(
            "tier-overlap",
            b.origin.source,
            format!(
                "{} has two rates{}: {} on {}, which {}, and {} on {}, which {}; its method `{}` knows no tiers",
                self.name(),
                on(day),
                a.rate,
                place(self.files, a.origin.source, b.origin.source),
                span(a),
                b.rate,
                place(self.files, b.origin.source, b.origin.source),
                span(b),
                self.program.method.code()
            ),
            "keep one of the two rows, give them days that do not overlap, or give the program a `method` with tiers: marginal, retroactive or growth",
        );
        true
    }

    fn edges(&mut self, left: &ProgramRate, right: &ProgramRate, day: NaiveDate) -> bool {
        if left.tier_to == Some(right.tier_from) {
            return false;
        }
        let is_gap = left.tier_to.is_some_and(|to| to < right.tier_from);
        let (at, other) = (left.origin.source.max(right.origin.source), left.origin.source);
        let (lower, upper) = (place(self.files, other, at), place(self.files, right.origin.source, at));
        let (code, what) = if is_gap { ("tier-gap", "leave a gap") } else { ("tier-overlap", "overlap") };
        self.refuse(
            code,
            at,
            format!(
                "the tiers of {} {what}{}: the one on {lower} {}, the one on {upper} {}",
                self.name(),
                on(day),
                span(left),
                span(right)
            ),
            &format!("write one number as `tier_to` of {lower} and as `tier_from` of {upper}"),
        );
        true
    }

    fn first(&mut self, first: &ProgramRate, day: NaiveDate) -> bool {
        if first.tier_from.is_zero() {
            return false;
        }
        let help = if first.tier_from.is_sign_negative() {
            "start it at 0: a tier below 0 is never reached".to_owned()
        } else {
            format!("add a row from 0 to {}, with rate 0 where nothing is earned", first.tier_from)
        };
        self.refuse(
            "tier-gap",
            first.origin.source,
            format!(
                "the first tier of {} does not start at 0{}: the one on {} {}",
                self.name(),
                on(day),
                place(self.files, first.origin.source, first.origin.source),
                span(first)
            ),
            &help,
        );
        true
    }

    fn last(&mut self, last: &ProgramRate, day: NaiveDate) -> bool {
        let Some(to) = last.tier_to else { return false };
        self.refuse(
            "tier-gap",
            last.origin.source,
            format!(
                "the last tier of {} has an end{}: the one on {} {}, and nothing goes on from there",
                self.name(),
                on(day),
                place(self.files, last.origin.source, last.origin.source),
                span(last)
            ),
            &format!("leave its `tier_to` empty, or add a row from {to}"),
        );
        true
    }

    fn refuse(&mut self, code: &'static str, at: SourceRef, message: String, help: &str) {
        self.problems.push(of_row(self.files, at, (Severity::Fatal, code), message, help));
    }

    fn name(&self) -> String {
        let row = self.rows[0];
        let product = row.sku.map_or_else(String::new, |sku| format!(", product {sku}"));
        format!("program `{}`, category {}{product}", self.program.id, row.category)
    }
}

/// The row that stands first in its file, and the other.
fn in_order<'a>(a: &'a ProgramRate, b: &'a ProgramRate) -> (&'a ProgramRate, &'a ProgramRate) {
    if a.origin.source <= b.origin.source { (a, b) } else { (b, a) }
}

fn is_empty(row: &ProgramRate) -> bool {
    row.tier_to.is_some_and(|to| to <= row.tier_from)
}

/// The edges of a tier: `starts at 0 and ends at 100`.
fn span(row: &ProgramRate) -> String {
    match row.tier_to {
        Some(to) => format!("starts at {} and ends at {to}", row.tier_from),
        None => format!("starts at {} and has no end", row.tier_from),
    }
}

/// The first of the days of which a message speaks; nothing where it is of all days.
fn on(day: NaiveDate) -> String {
    if day == NaiveDate::MIN { String::new() } else { format!(" from {day} on") }
}
