//! Why a record has no counterpart: the causal chain as checks, each with what both sides say and how it ended.
//!
//! The chain is that of the kinds (domain 4.2): data, identity, history, mapping, eligibility, timing, amount. Nothing
//! here is decided a second time: every check tells what the matching, the rules and the case of the record found.
//! Cost: a few look-ups per page. *Absent:* words.

mod conditions;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use ustr::Ustr;

use super::kinds::Kind;
use super::matching::Pass;
use super::suggest::{Likeness, Suggestion};
use super::{Case, Reconciled, trace};
use crate::model::money::Money;
use crate::model::record::{Feed, Line, Order};
use crate::model::reference::{BaseBasis, Method, Program, Validity};
use crate::model::time::Month;
use crate::rules::Rules;

/// A link of the chain; a later one cannot be judged while an earlier one is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// The rows could be read and the feed is current.
    Data,
    /// The keys of both sides meet.
    Identity,
    /// An earlier snapshot had it.
    History,
    /// Our own maps know it.
    Mapping,
    /// It meets the conditions of its program.
    Eligibility,
    /// The period is final.
    Timing,
    /// Something is owed.
    Amount,
}

macro_rules! questions {
    ($($name:ident $link:ident $kind:expr, $doc:literal;)*) => {
        /// What a check asks, in the order of the chain.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Question {
            $(#[doc = $doc] $name,)*
        }

        impl Question {
            /// Every question, in the order of the chain.
            pub const ALL: &'static [Question] = &[$(Question::$name),*];

            /// The link it belongs to.
            pub fn link(self) -> Link {
                match self { $(Question::$name => Link::$link,)* }
            }

            /// The kind that explains an order whose first broken check this is; `None` where no kind does.
            pub fn kind(self) -> Option<Kind> {
                match self { $(Question::$name => $kind,)* }
            }
        }
    };
}

questions! {
    Readable Data Some(Kind::RowQuarantined), "Whether every row of the record could be read.";
    Fresh Data Some(Kind::SourceStale), "Whether the feed of the other side is current.";
    Alias Identity None, "Whether a confirmed alias leads to the other side.";
    OrderId Identity None, "Whether the other side has the order id.";
    Invoice Identity None, "Whether the other side has the invoice id, in the same account.";
    Subscription Identity None, "Whether the other side has the subscription id, in the same account.";
    Product Identity None, "Whether the other side has the account, product and month, where no order is named.";
    Month Identity None, "Whether the other side has the account and month, where neither order nor product is named.";
    SameFacts Identity None, "Whether exactly one record of the other side agrees in everything but the id.";
    NearId Identity Some(Kind::NearMissIdentifier), "Whether a record of the other side has nearly the same id.";
    Earlier History Some(Kind::LineVanished), "Whether an earlier snapshot had the pair.";
    Account Mapping Some(Kind::AccountUnmapped), "Whether the account is mapped.";
    Sku Mapping Some(Kind::SkuUnmapped), "Whether the product is mapped.";
    Region Mapping Some(Kind::RegionMissing), "Whether a region code is known.";
    Billing Mapping Some(Kind::BillingUnconfirmed), "Whether invoice and billing model are known.";
    Program Eligibility None, "Which program applies.";
    Window Eligibility Some(Kind::WindowMissed), "Whether its date lies in the program's window.";
    Contract Eligibility Some(Kind::ContractIneligible), "Whether the program accepts its contract type.";
    BillingModel Eligibility Some(Kind::ContractIneligible), "Whether the program accepts its billing model.";
    Reseller Eligibility Some(Kind::ContractIneligible), "Whether the program is for its reseller.";
    ProgramRegion Eligibility Some(Kind::ContractIneligible), "Whether the program is for its region.";
    CustomerClass Eligibility Some(Kind::ContractIneligible), "Whether the program is for its class of customers.";
    Enrollment Eligibility Some(Kind::EnrollmentMissing), "Whether its reseller was enrolled on the day.";
    Category Eligibility Some(Kind::SkuNotEligible), "Whether the program has a rate for its category.";
    Threshold Eligibility Some(Kind::BelowThreshold), "Whether the volume reaches a paying tier.";
    Period Timing Some(Kind::OrderOutsidePeriod), "Whether it counts in the month of its order date.";
    Final Timing Some(Kind::AwaitingVendorData), "Whether the vendor's figures of the period are final.";
    Expected Amount None, "Whether our own rule gives an amount.";
}

/// What one side says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing: what that means depends on the question.
    Nothing,
    /// An id or a code, as received.
    Id(String),
    /// A record under a key, in an account.
    Record {
        /// The record or the key.
        id: String,
        /// The vendor account.
        account: String,
    },
    /// A word of the data.
    Text(String),
    /// Words of which one is accepted; any when empty.
    OneOf(Vec<Ustr>),
    /// Columns that are empty.
    Empty(Vec<&'static str>),
    /// An amount.
    Money(Money),
    /// A rate.
    Rate(Decimal),
    /// A day.
    Day(NaiveDate),
    /// Days.
    Days(Validity),
    /// A period.
    Month(Month),
    /// How fresh a feed is.
    Feed {
        /// Its name.
        id: String,
        /// The day its newest data describes.
        last: Option<NaiveDate>,
        /// Its error code, or its state when it failed.
        failed: Option<String>,
    },
    /// A row that could not be read, and why.
    Row {
        /// The file.
        file: String,
        /// The physical line.
        row: String,
        /// The reason.
        reason: String,
    },
    /// A line of an earlier snapshot.
    Earlier {
        /// The line, or the order it belonged to.
        id: String,
        /// Its amount then, in words.
        amount: Option<String>,
        /// When, in words.
        date: String,
    },
}

/// What would make a check testable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A value in a column of a file.
    Cell {
        /// The file.
        file: &'static str,
        /// The column.
        column: &'static str,
    },
    /// An earlier snapshot.
    Snapshot,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is wrong here.
    Pass,
    /// The chain is broken here.
    Fail,
    /// A key was looked for and leads nowhere; that explains nothing by itself.
    NotFound,
    /// It cannot be tested without an input.
    Untested(Input),
}

/// One check of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was asked.
    pub question: Question,
    /// What we say.
    pub ours: Value,
    /// What the vendor or the rule says.
    pub theirs: Value,
    /// How it ended.
    pub outcome: Outcome,
}

/// The proof of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The checks, in the order of the chain.
    pub checks: Vec<Check>,
    /// The record of the other side that comes closest, by index.
    pub nearest: Option<u32>,
    /// Whether the nearest is a suggested pair, and how it was found.
    pub likeness: Option<Likeness>,
    /// All candidates where several would do, by index; none is chosen.
    pub candidates: Vec<u32>,
}

impl Proof {
    /// The first check that is broken.
    pub fn first_broken(&self) -> Option<&Check> {
        self.checks.iter().find(|c| c.outcome == Outcome::Fail)
    }

    /// The check of a question; `None` where it was not asked.
    pub fn check(&self, question: Question) -> Option<&Check> {
        self.checks.iter().find(|c| c.question == question)
    }
}

/// Why our own computation gives no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRecomputed {
    /// No order of ours belongs to it.
    NoOrder,
    /// The program has no row in `programs.csv`: a gap in our rules.
    NoRule,
    /// It is granted by hand, or stands for no order by its type.
    LumpSum,
    /// The line is not in the currency of its order.
    Currency,
    /// Our own extract or map lacks a value.
    Missing {
        /// The file.
        file: &'static str,
        /// The column.
        column: &'static str,
    },
}

fn check(question: Question, ours: Value, theirs: Value, outcome: Outcome) -> Check {
    Check { question, ours, theirs, outcome }
}

fn untested(file: &'static str, column: &'static str) -> Outcome {
    Outcome::Untested(Input::Cell { file, column })
}

fn pass_if(passes: bool) -> Outcome {
    if passes { Outcome::Pass } else { Outcome::Fail }
}

fn id_or_nothing(id: Option<impl Into<String>>) -> Value {
    id.map_or(Value::Nothing, |id| Value::Id(id.into()))
}

impl<'a> Reconciled<'a> {
    /// The chain of an order row that no line names; `case` is its case.
    pub fn prove_order(&self, number: u32, case: &Case) -> Proof {
        let order = &self.snapshot.records.orders[number as usize];
        let program = self.rules.declared_program(order);
        let suggestion = self.suggestions.of_order(number);
        let mut checks = self.order_data(order, case);
        checks.extend(self.trace_order(number).iter().map(|step| of_step(step, Side::Order)));
        checks.extend(self.order_likeness(order, suggestion));
        checks.push(self.order_history(case));
        checks.extend(self.mapping_checks(order));
        checks.extend(self.eligibility_checks(number, program));
        checks.extend(self.order_timing(number, order));
        checks.push(self.order_amount(number, order, program));
        let nearest = self.suggestions.nearest_line(&self.snapshot.records, &self.rules, number);
        proof(checks, nearest, suggestion)
    }

    /// The chain of a line that names no order of ours.
    pub fn prove_line(&self, number: u32) -> Proof {
        let line = &self.snapshot.records.lines[number as usize];
        let suggestion = self.suggestions.of_line(number);
        let nearest = self.suggestions.nearest_order(&self.snapshot.records, &self.rules, number);
        let mut checks = self.line_data(number, line);
        checks.extend(self.trace_line(number).iter().map(|step| of_step(step, Side::Line)));
        checks.extend(self.line_likeness(line, suggestion));
        checks.push(self.line_history(line));
        let account = nearest.map(|order| self.snapshot.records.orders[order as usize].account.raw());
        checks.push(check(
            Question::Account,
            id_or_nothing(account),
            id_or_nothing(line.account_ref.map(|a| a.raw())),
            match (line.account_ref, account) {
                (None, _) => untested("rebate_lines.csv", "account_ref"),
                (Some(_), Some(_)) => Outcome::Pass,
                (Some(_), None) => Outcome::NotFound,
            },
        ));
        let program = self.rules.program(line.program);
        checks.push(check(
            Question::Program,
            program.map_or(Value::Nothing, |p| Value::Text(p.name.to_string())),
            Value::Id(line.program.raw().to_owned()),
            if program.is_some() { Outcome::Pass } else { untested("reference/programs.csv", "program_id") },
        ));
        proof(checks, nearest, suggestion)
    }

    /// The rows of the order and the feed it waits for.
    pub fn order_data(&self, order: &Order, case: &Case) -> Vec<Check> {
        let row = aside(case);
        let readable = check(
            Question::Readable,
            Value::Id(order.id.raw().to_owned()),
            row.clone().unwrap_or(Value::Nothing),
            pass_if(row.is_none()),
        );
        vec![readable, self.fresh("rebate", order.site)]
    }

    fn line_data(&self, number: u32, line: &Line) -> Vec<Check> {
        let row = aside(self.line_case(number));
        let readable = check(
            Question::Readable,
            row.clone().unwrap_or(Value::Nothing),
            Value::Id(line.id.raw().to_owned()),
            pass_if(row.is_none()),
        );
        vec![readable, self.fresh("order", None)]
    }

    /// Whether the feeds of one side are current: the first that is not, else the first.
    fn fresh(&self, kind: &str, site: Option<Ustr>) -> Check {
        let as_of = self.as_of().date();
        let covers = |f: &&Feed| {
            f.kind.map_or(kind == "rebate", |k| k.contains(kind))
                && (f.site.is_none() || site.is_none() || f.site == site)
        };
        let feeds = &self.snapshot.records.feeds;
        let stale = feeds.iter().filter(covers).find(|f| f.is_stale(as_of));
        let Some(feed) = stale.or(feeds.iter().find(covers)) else {
            let outcome = untested("sources.csv", "last_as_of");
            return check(Question::Fresh, Value::Nothing, Value::Nothing, outcome);
        };
        let failed = feed.state.filter(|s| s.eq_ignore_ascii_case("failed"));
        let value = Value::Feed {
            id: feed.id.to_string(),
            last: feed.last_as_of,
            failed: failed.map(|state| feed.error_code.unwrap_or(state).to_string()),
        };
        let outcome = match (stale, feed.last_as_of) {
            (Some(_), _) => Outcome::Fail,
            (None, Some(_)) => Outcome::Pass,
            (None, None) => untested("sources.csv", "last_as_of"),
        };
        let due = feed.expected_by.map_or(Value::Nothing, Value::Day);
        match kind {
            "rebate" => check(Question::Fresh, due, value, outcome),
            _ => check(Question::Fresh, value, due, outcome),
        }
    }

    fn order_likeness(&self, order: &Order, suggestion: Option<&Suggestion>) -> Vec<Check> {
        let account = self.rules.account(order.account, order.order_date).found().and_then(|a| a.vendor);
        let missing = account.is_none().then(|| untested("reference/accounts.csv", "vendor_account_id"));
        let lines = &self.snapshot.records.lines;
        let name = |n: u32| lines[n as usize].order_ref.raw().to_owned();
        likeness_checks(suggestion, [missing; 2], |theirs| {
            (Value::Id(order.id.raw().to_owned()), theirs.map_or(Value::Nothing, |n| Value::Id(name(n))))
        })
    }

    fn line_likeness(&self, line: &Line, suggestion: Option<&Suggestion>) -> Vec<Check> {
        let without = |is_none: bool, column| is_none.then(|| untested("rebate_lines.csv", column));
        let account = without(line.account_ref.is_none(), "account_ref");
        let facts = account
            .or(without(line.sku_ref.is_none(), "sku_ref"))
            .or(without(line.amount_base.is_none(), "base_amount"));
        let orders = &self.snapshot.records.orders;
        let name = |n: u32| orders[n as usize].id.raw().to_owned();
        likeness_checks(suggestion, [facts, account], |ours| {
            (ours.map_or(Value::Nothing, |n| Value::Id(name(n))), Value::Id(line.order_ref.raw().to_owned()))
        })
    }

    fn order_history(&self, case: &Case) -> Check {
        let gone = case
            .findings
            .iter()
            .find(|f| matches!(f.kind, Kind::LineVanished | Kind::ClosedPeriodRestatement));
        let fact = |name: &str| gone.and_then(|f| f.facts.get(name)).cloned();
        let ours = id_or_nothing(case.orders.first().map(|id| id.raw()));
        match (gone, self.past.previous()) {
            (Some(_), _) => {
                let theirs = Value::Earlier {
                    id: fact("line").unwrap_or_default(),
                    amount: fact("was"),
                    date: fact("date").unwrap_or_default(),
                };
                check(Question::Earlier, ours, theirs, Outcome::Fail)
            }
            (None, Some(before)) => check(Question::Earlier, ours, Value::Day(before.date()), Outcome::Pass),
            (None, None) => {
                check(Question::Earlier, ours, Value::Nothing, Outcome::Untested(Input::Snapshot))
            }
        }
    }

    fn line_history(&self, line: &Line) -> Check {
        let seen = self.past.line(line.id);
        let (ours, theirs, outcome) = match (seen, self.past.previous()) {
            (Some(seen), _) => {
                let date = Value::Day(seen.as_of.date());
                match seen.order {
                    Some(order) => (Value::Id(order.raw().to_owned()), date, Outcome::Fail),
                    None => (Value::Nothing, date, Outcome::Pass),
                }
            }
            (None, Some(_)) => (Value::Nothing, Value::Nothing, Outcome::Pass),
            (None, None) => (Value::Nothing, Value::Nothing, Outcome::Untested(Input::Snapshot)),
        };
        check(Question::Earlier, ours, theirs, outcome)
    }

    fn order_timing(&self, number: u32, order: &Order) -> Vec<Check> {
        let own = self.orders[number as usize].period;
        let row = self.rules.reference.period_row(own).and_then(|row| row.vendor_final);
        let from = row.unwrap_or(self.rules.reference.period(own).end);
        let as_of = self.as_of().date();
        let is_final = from <= as_of;
        let of_date = self.rules.month_of(order.order_date);
        let period = check(
            Question::Period,
            Value::Month(of_date),
            Value::Month(own),
            pass_if(is_final || of_date == own),
        );
        let outcome = match (row, is_final) {
            (None, true) => untested("reference/periods.csv", "vendor_final_date"),
            (Some(_), true) => Outcome::Pass,
            (_, false) => Outcome::Fail,
        };
        vec![period, check(Question::Final, Value::Day(as_of), Value::Day(from), outcome)]
    }

    fn order_amount(&self, number: u32, order: &Order, program: Option<&Program>) -> Check {
        let (ours, outcome) = match self.orders[number as usize].expected {
            _ if order.is_void() => {
                (Value::Text(order.status.map_or_else(String::new, |s| s.to_string())), Outcome::Fail)
            }
            Some(amount) => (Value::Money(amount), pass_if(!amount.is_zero() && !amount.is_negative())),
            None => (
                Value::Nothing,
                match self.lacks(order, program) {
                    NotRecomputed::Missing { file, column } => untested(file, column),
                    NotRecomputed::NoOrder
                    | NotRecomputed::NoRule
                    | NotRecomputed::LumpSum
                    | NotRecomputed::Currency => untested("reference/programs.csv", "program_id"),
                },
            ),
        };
        check(Question::Expected, ours, Value::Nothing, outcome)
    }

    /// Why a line is not recomputed; `None` where it is.
    pub fn not_recomputed(&self, number: u32) -> Option<NotRecomputed> {
        if self.lines[number as usize].expected.is_some() {
            return None;
        }
        let line = &self.snapshot.records.lines[number as usize];
        let shares = &self.matching.of_line(number).shares;
        let orders = shares.iter().map(|s| &self.snapshot.records.orders[s.order as usize]);
        let program = self.rules.program(line.program);
        if program.is_some() && line.has_no_order_by_design() {
            return Some(NotRecomputed::LumpSum);
        }
        let mut reasons = orders.map(|order| {
            if program.is_some() && order.amount_net.currency() != line.currency {
                NotRecomputed::Currency
            } else {
                self.lacks(order, program)
            }
        });
        // A gap in our rules comes first: it stands whether or not the line has an order.
        let without_order = if program.is_none() { NotRecomputed::NoRule } else { NotRecomputed::NoOrder };
        Some(reasons.next().unwrap_or(without_order))
    }

    /// What the rule of a program lacks for an order.
    fn lacks(&self, order: &Order, program: Option<&Program>) -> NotRecomputed {
        let Some(program) = program else { return NotRecomputed::NoRule };
        let missing = |file, column| NotRecomputed::Missing { file, column };
        if program.method == Method::LumpSum {
            return NotRecomputed::LumpSum;
        }
        if Rules::base(order, program.base_basis).is_none() {
            let column = match program.base_basis {
                BaseBasis::List => "list_amount",
                BaseBasis::PaidOnly => "paid_amount",
                BaseBasis::Net | BaseBasis::NetLessVoucher | BaseBasis::NetLessVoucherAndTax => "net_amount",
            };
            return missing("orders.csv", column);
        }
        if self.rules.category(order).is_none() {
            return missing("reference/skus.csv", "category");
        }
        match program.method {
            Method::PerUnit => missing("orders.csv", "quantity"),
            Method::Growth => missing("reference/programs.csv", "growth_baseline"),
            Method::Flat | Method::Retroactive | Method::Marginal | Method::Fixed | Method::LumpSum => {
                missing("reference/program_rates.csv", "rate")
            }
        }
    }
}

fn proof(checks: Vec<Check>, nearest: Option<u32>, suggestion: Option<&Suggestion>) -> Proof {
    Proof {
        checks,
        nearest,
        likeness: suggestion.map(|s| s.likeness),
        candidates: suggestion.filter(|s| !s.is_unique).map_or_else(Vec::new, |s| s.candidates.clone()),
    }
}

/// The row that was set aside, as the case of the record tells it.
fn aside(case: &Case) -> Option<Value> {
    let finding = case.findings.iter().find(|f| f.kind == Kind::RowQuarantined)?;
    let fact = |name: &str| finding.facts.get(name).cloned().unwrap_or_default();
    Some(Value::Row { file: fact("file"), row: fact("row"), reason: fact("reason") })
}

/// From whose side a key was looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Order,
    Line,
}

fn of_step(step: &trace::Step, side: Side) -> Check {
    let question = match step.pass {
        Pass::Alias => Question::Alias,
        Pass::OrderId => Question::OrderId,
        Pass::Invoice => Question::Invoice,
        Pass::Subscription => Question::Subscription,
        Pass::Instance | Pass::Product => Question::Product,
        Pass::Month => Question::Month,
    };
    let key = if step.key.is_empty() { Value::Nothing } else { Value::Id(step.key.clone()) };
    let (other, outcome) = match &step.verdict {
        trace::Verdict::Matched | trace::Verdict::NotNeeded => (key.clone(), Outcome::Pass),
        // A line says which order it is for; an order need not have a line.
        trace::Verdict::NoRecord if side == Side::Line && question == Question::OrderId => {
            (Value::Nothing, Outcome::Fail)
        }
        // A line that names no order must be found by what it says.
        trace::Verdict::NoRecord if side == Side::Line && is_level(question) => {
            (Value::Nothing, Outcome::Fail)
        }
        trace::Verdict::NoRecord => (Value::Nothing, Outcome::NotFound),
        trace::Verdict::Several { lines, orders } => {
            (Value::Id(format!("{lines} lines, {orders} orders")), Outcome::Fail)
        }
        trace::Verdict::DeadAlias { to } => (Value::Id(to.clone()), Outcome::NotFound),
        trace::Verdict::OtherAccount { record, ours, theirs } => {
            let with =
                |id: &str, account: &String| Value::Record { id: id.to_owned(), account: account.clone() };
            return match side {
                Side::Order => check(question, with(&step.key, ours), with(record, theirs), Outcome::Fail),
                Side::Line => check(question, with(record, ours), with(&step.key, theirs), Outcome::Fail),
            };
        }
        trace::Verdict::NotTested { file, column } => (Value::Nothing, untested(file, column)),
    };
    match side {
        Side::Order => check(question, key, other, outcome),
        Side::Line => check(question, other, key, outcome),
    }
}

fn is_level(question: Question) -> bool {
    matches!(question, Question::Product | Question::Month)
}

/// The two ways in which a record may be the other one under another id; `missing` says what each lacks.
fn likeness_checks(
    suggestion: Option<&Suggestion>,
    missing: [Option<Outcome>; 2],
    values: impl Fn(Option<u32>) -> (Value, Value),
) -> Vec<Check> {
    let of = |question, likeness, missing: Option<Outcome>| {
        let found = suggestion.filter(|s| s.likeness == likeness).and_then(|s| s.candidates.first());
        let (ours, theirs) = values(found.copied());
        let outcome = missing.unwrap_or_else(|| pass_if(found.is_none()));
        check(question, ours, theirs, outcome)
    };
    let [facts, id] = missing;
    vec![of(Question::SameFacts, Likeness::SameFacts, facts), of(Question::NearId, Likeness::NearId, id)]
}
