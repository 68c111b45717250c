//! The last days to confirm, to dispute and to claim, with the money behind each (domain 3.1, 3.2; glossary 70 to 72).
//!
//! Some vendors take silence for consent, others accept an objection for a number of days only. A day comes from a cell
//! (`confirm_by` of the line) or from a rule (`confirm_days`, `dispute_days` of the program) and is never invented:
//! where neither gives one, the program is listed with what to enter. Days count from the as-of date of the snapshot.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::{Case, Direction, Kind, Reconciled, Subject};
use crate::model::id::ProgramId;
use crate::model::money::{Money, MoneyByCurrency};
use crate::model::record::{Line, Order};
use crate::model::status::Status;
use crate::model::time::{Month, date_in_words};
use crate::say;

/// A case whose deadline is as near as this weighs more (domain 4.4).
pub const NEAR_DAYS: i64 = 10;
/// A deadline that passed longer ago is only counted.
pub const RECENT_DAYS: i64 = 30;

/// What a deadline is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Confirm or dispute a calculated line: after it, the vendor takes silence for consent.
    Confirm,
    /// Object to a line.
    Dispute,
    /// Claim a line that is missing.
    Claim,
}

impl Action {
    /// The word in files.
    pub fn code(self) -> &'static str {
        match self {
            Action::Confirm => "confirm",
            Action::Dispute => "dispute",
            Action::Claim => "claim",
        }
    }

    /// What to do, as the start of a sentence.
    pub fn label(self) -> &'static str {
        match self {
            Action::Confirm => say!("Confirm or dispute"),
            Action::Dispute => say!("Dispute"),
            Action::Claim => say!("Claim"),
        }
    }
}

/// The day that a rule counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The day of the payout.
    Payout,
    /// The approval.
    Approved,
    /// Since when the line has its status.
    Status,
    /// When the vendor's figures of the period are final.
    VendorFinal,
    /// The last day of the period.
    PeriodEnd,
}

impl Start {
    fn in_words(self) -> &'static str {
        match self {
            Start::Payout => say!("the payout of"),
            Start::Approved => say!("the approval of"),
            Start::Status => say!("the status date,"),
            Start::VendorFinal => say!("the vendor's final date,"),
            Start::PeriodEnd => say!("the end of the period,"),
        }
    }
}

/// Which cell or rule gave the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The line's own `confirm_by`.
    ConfirmBy,
    /// A number of days of the program.
    Rule {
        /// Its column: `confirm_days` or `dispute_days`.
        column: &'static str,
        /// Its value.
        days: u32,
        /// What it counts from.
        start: Start,
        /// The day of that.
        from: NaiveDate,
    },
}

impl Basis {
    /// As a phrase: `30 days (dispute_days) from the payout of 1 Jun 2026`.
    pub fn in_words(self) -> String {
        match self {
            Basis::ConfirmBy => say!("confirm_by of the line").to_owned(),
            Basis::Rule { column, days, start, from } => {
                let (start, from) = (start.in_words(), date_in_words(from));
                if days == 1 {
                    say!("1 day ({column}) from {start} {from}", column, start, from)
                } else {
                    say!("{days} days ({column}) from {start} {from}", days, column, start, from)
                }
            }
        }
    }
}

/// What a deadline is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// A line, by index.
    Line(u32),
    /// An order row that no line names, by index.
    Order(u32),
}

/// A last day to do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// What for.
    pub action: Action,
    /// The last day.
    pub date: NaiveDate,
    /// Days from the as-of date to it: 0 on the last day, negative once it has passed.
    pub days_left: i64,
    /// What it is about.
    pub about: About,
    /// Its program; `None` for an order that declares none.
    pub program: Option<ProgramId>,
    /// Its period: the vendor's of a line, our own of an order.
    pub period: Month,
    /// What silence confirms: the net amount of a line to confirm. `None` for other actions, and where it is not known.
    pub confirmed: Option<Money>,
    /// Whether its case has something to object to.
    pub is_objection: bool,
    /// Whether silence would lose it: always to dispute or to claim; to confirm only an amount that can be claimed, for a
    /// doubt in our favor is nothing that silence would lose.
    pub is_loss: bool,
    /// What silence would lose: the amount of the case. `None` where that is nothing, or not known.
    pub at_stake: Option<Money>,
    /// Which cell or rule gave the day.
    pub basis: Basis,
}

impl Deadline {
    /// Whether the last day is over.
    pub fn is_passed(&self) -> bool {
        self.days_left < 0
    }

    /// How near it is: `2 days left`, `the last day`, `passed 3 days ago`.
    pub fn left(&self) -> String {
        match self.days_left {
            0 => say!("the last day").to_owned(),
            1 => say!("1 day left").to_owned(),
            days @ 2.. => say!("{days} days left", days),
            -1 => say!("passed 1 day ago").to_owned(),
            days @ ..=-2 => say!("passed {days} days ago", days = -days),
        }
    }

    /// As a phrase: `Confirm or dispute by 20 Jun 2026, 2 days left`.
    pub fn in_words(&self) -> String {
        let last_day =
            say!("{action} by {date}", action = self.action.label(), date = date_in_words(self.date));
        let left = self.left();
        if self.is_passed() {
            say!("{last_day}: {left}, ask whether the vendor still accepts it", last_day, left)
        } else {
            format!("{last_day}, {left}")
        }
    }

    /// Whether it is at most [`NEAR_DAYS`] ahead.
    pub fn is_near(&self) -> bool {
        (0..=NEAR_DAYS).contains(&self.days_left)
    }
}

/// A program whose deadlines cannot be told, with what to enter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Untold {
    /// Lines to confirm: `confirm_days` is missing.
    pub to_confirm: usize,
    /// Cases to object to: `dispute_days` is missing.
    pub to_object: usize,
    /// What is at stake in these cases.
    pub at_stake: MoneyByCurrency,
}

/// Every deadline of a snapshot.
#[derive(Debug, Clone, Default)]
pub struct Deadlines {
    /// Those ahead, the last day included, soonest first.
    pub ahead: Vec<Deadline>,
    /// Those that passed up to [`RECENT_DAYS`] days ago, latest first.
    pub passed: Vec<Deadline>,
    /// Lines and orders whose last deadline passed before that, and what is at stake in them.
    pub earlier: (usize, MoneyByCurrency),
    /// The programs without a rule, by id; `None` for orders that declare no program. What has one deadline is not here.
    pub untold: BTreeMap<Option<ProgramId>, Untold>,
}

/// The days of a line or order that deadlines count from.
#[derive(Debug, Clone, Copy)]
struct Dates {
    confirm_by: Option<NaiveDate>,
    payout: Option<NaiveDate>,
    approved: Option<NaiveDate>,
    status: Option<NaiveDate>,
    vendor_final: Option<NaiveDate>,
    period_end: NaiveDate,
}

impl Dates {
    /// The first of several days that is known; the end of the period always is.
    fn first(&self, starts: &[Start]) -> (Start, NaiveDate) {
        let day = |start: &Start| match start {
            Start::Payout => self.payout,
            Start::Approved => self.approved,
            Start::Status => self.status,
            Start::VendorFinal => self.vendor_final,
            Start::PeriodEnd => Some(self.period_end),
        };
        let known = starts.iter().find_map(|start| Some((*start, day(start)?)));
        known.unwrap_or((Start::PeriodEnd, self.period_end))
    }

    /// The day until which a line can be confirmed: its own, else `confirm_days` from its status date, the vendor's final
    /// date or the end of its period, the first that is known.
    fn confirm(&self, days: Option<u32>) -> Option<(NaiveDate, Basis)> {
        let given = self.confirm_by.map(|day| (day, Basis::ConfirmBy));
        let starts = [Start::Status, Start::VendorFinal, Start::PeriodEnd];
        given.or_else(|| after(self.first(&starts), "confirm_days", days?))
    }

    /// The day until which a line can be disputed: `dispute_days` from its payout, its approval, its status date, the
    /// vendor's final date or the end of its period, the first that is known.
    fn dispute(&self, days: Option<u32>) -> Option<(NaiveDate, Basis)> {
        let starts = [Start::Payout, Start::Approved, Start::Status, Start::VendorFinal, Start::PeriodEnd];
        after(self.first(&starts), "dispute_days", days?)
    }

    /// The day until which a missing line can be claimed: `dispute_days` from the vendor's final date or the end of the
    /// period.
    fn claim(&self, days: Option<u32>) -> Option<(NaiveDate, Basis)> {
        after(self.first(&[Start::VendorFinal, Start::PeriodEnd]), "dispute_days", days?)
    }
}

fn after((start, from): (Start, NaiveDate), column: &'static str, days: u32) -> Option<(NaiveDate, Basis)> {
    let date = from.checked_add_days(Days::new(days.into()))?;
    Some((date, Basis::Rule { column, days, start, from }))
}

/// What a case can have a deadline for, and the deadlines that are known.
struct Chances {
    can_confirm: bool,
    can_object: bool,
    program: Option<ProgramId>,
    known: [Option<Deadline>; 2],
}

impl Reconciled<'_> {
    /// The deadlines of a case, soonest first, however long ago: of a line at most one to confirm and one to dispute, of
    /// an order that no line names at most one to claim.
    ///
    /// To confirm: a Calculated or Under Review line. To dispute or claim: a case whose amount is receivable, blocked or
    /// at risk, and not known to be zero.
    pub fn deadlines_of(&self, case: &Case) -> impl Iterator<Item = Deadline> + use<> {
        let mut known = self.chances(case).map_or([None, None], |chances| chances.known);
        known.sort_by_key(|deadline| deadline.as_ref().map(|d| (d.date, d.action)));
        known.into_iter().flatten()
    }

    /// The case that a deadline belongs to.
    pub fn case_of(&self, deadline: &Deadline) -> Option<&Case> {
        match deadline.about {
            About::Line(number) => Some(self.line_case(number)),
            About::Order(number) => self.order_case(number),
        }
    }

    /// Every deadline of the snapshot, and the programs that lack a rule for one.
    pub fn deadlines(&self) -> Deadlines {
        let mut all = Deadlines::default();
        for case in &self.cases {
            let Some(chances) = self.chances(case) else { continue };
            let at_stake = amount(case).filter(|_| chances.can_object);
            let known = || chances.known.iter().flatten();
            if known().next().is_none() {
                let untold = all.untold.entry(chances.program).or_default();
                untold.to_confirm += usize::from(chances.can_confirm);
                untold.to_object += usize::from(chances.can_object);
                untold.at_stake.extend(at_stake);
            } else if known().all(|deadline| deadline.days_left < -RECENT_DAYS) {
                all.earlier.0 += 1;
                all.earlier.1.extend(at_stake);
            }
            for deadline in chances.known.into_iter().flatten() {
                if !deadline.is_passed() {
                    all.ahead.push(deadline);
                } else if deadline.days_left >= -RECENT_DAYS {
                    all.passed.push(deadline);
                }
            }
        }
        let largest_first = |d: &Deadline| {
            let amount = d.at_stake.or(d.confirmed).map_or(0, Money::minor);
            (!d.is_objection, Reverse(amount), d.action, d.about)
        };
        all.ahead.sort_by_key(|d| (d.date, largest_first(d)));
        all.passed.sort_by_key(|d| (Reverse(d.date), largest_first(d)));
        all
    }

    /// Nothing for a case that can have no deadline.
    fn chances(&self, case: &Case) -> Option<Chances> {
        let records = &self.snapshot.records;
        let chances = match case.subject {
            Subject::Line(number) => self.of_line(case, number, &records.lines[number as usize]),
            Subject::Order(number) => self.of_order(case, number, &records.orders[number as usize]),
            Subject::Payout(_) | Subject::Feed(_) | Subject::Row(_) | Subject::Adjustment(_) => return None,
        };
        Some(chances).filter(|chances| chances.can_confirm || chances.can_object)
    }

    fn of_line(&self, case: &Case, number: u32, line: &Line) -> Chances {
        let rule = self.rules.program(line.program);
        let (can_confirm, can_object) = (is_to_confirm(line.status), is_objection(case));
        let payout = line.payout.filter(|_| line.status == Status::Paid).and_then(|id| self.payout(id));
        let dates = Dates {
            confirm_by: line.confirm_by,
            payout: payout.map(|payout| payout.date),
            // An approval that was taken back decides nothing any more.
            approved: line.approved_date.filter(|_| line.status != Status::Rejected),
            status: line.status_date,
            ..self.dates(line.period)
        };
        let confirm = dates.confirm(rule.and_then(|p| p.confirm_days)).filter(|_| can_confirm);
        let dispute = dates.dispute(rule.and_then(|p| p.dispute_days)).filter(|_| can_object);
        let is_claimable = matches!(case.direction(), Direction::Receivable | Direction::Blocked);
        let of = (case, About::Line(number), Some(line.program), line.period);
        let known = [
            confirm.map(|found| Deadline {
                confirmed: self.lines[number as usize].net,
                is_objection: can_object,
                ..self.deadline(of, Action::Confirm, found, can_object && is_claimable)
            }),
            dispute.map(|found| self.deadline(of, Action::Dispute, found, true)),
        ];
        Chances { can_confirm, can_object, program: Some(line.program), known }
    }

    fn of_order(&self, case: &Case, number: u32, order: &Order) -> Chances {
        let rule = self.rules.declared_program(order);
        let (program, period) = (rule.map(|p| p.id), self.orders[number as usize].period);
        let can_object = is_objection(case);
        let of = (case, About::Order(number), program, period);
        let found = self.dates(period).claim(rule.and_then(|p| p.dispute_days)).filter(|_| can_object);
        let claim = found.map(|found| self.deadline(of, Action::Claim, found, true));
        Chances { can_confirm: false, can_object, program, known: [claim, None] }
    }

    fn deadline(
        &self,
        (case, about, program, period): (&Case, About, Option<ProgramId>, Month),
        action: Action,
        (date, basis): (NaiveDate, Basis),
        is_loss: bool,
    ) -> Deadline {
        Deadline {
            action,
            date,
            days_left: (date - self.as_of().date()).num_days(),
            about,
            program,
            period,
            confirmed: None,
            is_objection: true,
            is_loss,
            at_stake: amount(case).filter(|_| is_loss),
            basis,
        }
    }

    /// The days that a period gives.
    fn dates(&self, period: Month) -> Dates {
        let reference = self.rules.reference;
        Dates {
            confirm_by: None,
            payout: None,
            approved: None,
            status: None,
            vendor_final: reference.period_row(period).and_then(|row| row.vendor_final),
            period_end: reference.period(period).last_day(),
        }
    }
}

/// Whether a line waits for the reseller's word.
fn is_to_confirm(status: Status) -> bool {
    match status {
        Status::Calculated | Status::UnderReview => true,
        Status::PendingData
        | Status::InCalculation
        | Status::Approved
        | Status::Paid
        | Status::Rejected
        | Status::Unknown => false,
    }
}

/// Whether a case has something to object to.
fn is_objection(case: &Case) -> bool {
    let can = match case.direction() {
        Direction::Receivable | Direction::Blocked | Direction::AtRisk => true,
        Direction::Exposure
        | Direction::Timing
        | Direction::Control
        | Direction::Potential
        | Direction::Explained
        | Direction::None => false,
    };
    // The amount of such a pair is counted on its order, which has the deadline.
    let is_counted_elsewhere = matches!(case.subject, Subject::Line(_))
        && case.primary().is_some_and(|finding| finding.kind == Kind::NearMissIdentifier);
    can && !is_counted_elsewhere && !amount(case).is_some_and(Money::is_zero)
}

/// The amount of a case; `None` where it is not known.
fn amount(case: &Case) -> Option<Money> {
    case.primary()?.amount
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Every day that a line can have, each on another one.
    fn all() -> Dates {
        Dates {
            confirm_by: Some(day("2026-06-25")),
            payout: Some(day("2026-06-15")),
            approved: Some(day("2026-06-12")),
            status: Some(day("2026-06-11")),
            vendor_final: Some(day("2026-06-10")),
            period_end: day("2026-05-31"),
        }
    }

    /// Date and words of a deadline.
    fn told(found: Option<(NaiveDate, Basis)>) -> Option<(String, String)> {
        found.map(|(date, basis)| (date.to_string(), basis.in_words()))
    }

    fn expect(date: &str, basis: &str) -> Option<(String, String)> {
        Some((date.to_owned(), basis.to_owned()))
    }

    #[test]
    fn silence_counts_from_the_cell_then_the_status_then_the_final_date_then_the_period() {
        let mut dates = all();
        assert_eq!(told(dates.confirm(Some(10))), expect("2026-06-25", "confirm_by of the line"));
        assert_eq!(told(dates.confirm(None)), expect("2026-06-25", "confirm_by of the line"));
        dates.confirm_by = None;
        let basis = "10 days (confirm_days) from the status date, 11 Jun 2026";
        assert_eq!(told(dates.confirm(Some(10))), expect("2026-06-21", basis));
        dates.status = None;
        let basis = "10 days (confirm_days) from the vendor's final date, 10 Jun 2026";
        assert_eq!(told(dates.confirm(Some(10))), expect("2026-06-20", basis));
        dates.vendor_final = None;
        let basis = "1 day (confirm_days) from the end of the period, 31 May 2026";
        assert_eq!(told(dates.confirm(Some(1))), expect("2026-06-01", basis));
        assert_eq!(told(dates.confirm(None)), None, "neither cell nor rule: nothing is invented");
    }

    #[test]
    fn a_dispute_counts_from_the_payout_then_the_approval_then_the_status_then_the_period() {
        let mut dates = all();
        let basis = "30 days (dispute_days) from the payout of 15 Jun 2026";
        assert_eq!(told(dates.dispute(Some(30))), expect("2026-07-15", basis));
        dates.payout = None;
        let basis = "30 days (dispute_days) from the approval of 12 Jun 2026";
        assert_eq!(told(dates.dispute(Some(30))), expect("2026-07-12", basis));
        dates.approved = None;
        let basis = "30 days (dispute_days) from the status date, 11 Jun 2026";
        assert_eq!(told(dates.dispute(Some(30))), expect("2026-07-11", basis));
        dates.status = None;
        let basis = "30 days (dispute_days) from the vendor's final date, 10 Jun 2026";
        assert_eq!(told(dates.dispute(Some(30))), expect("2026-07-10", basis));
        dates.vendor_final = None;
        let basis = "0 days (dispute_days) from the end of the period, 31 May 2026";
        assert_eq!(told(dates.dispute(Some(0))), expect("2026-05-31", basis));
        // The day to confirm is another promise: it says nothing about a dispute.
        assert_eq!(told(all().dispute(None)), None);
    }

    #[test]
    fn a_claim_counts_from_the_period_alone() {
        let mut dates = all();
        let basis = "30 days (dispute_days) from the vendor's final date, 10 Jun 2026";
        assert_eq!(told(dates.claim(Some(30))), expect("2026-07-10", basis));
        dates.vendor_final = None;
        let basis = "30 days (dispute_days) from the end of the period, 31 May 2026";
        assert_eq!(told(dates.claim(Some(30))), expect("2026-06-30", basis));
        assert_eq!(told(dates.claim(None)), None);
    }
}
