//! Statement B: the closing balance of our sub-ledger against the general ledger, per currency (domain 1.3).
//!
//! Sub-ledger less ledger = items + unexplained. Items are journals that one of the two books has and the other has not, and
//! layers that our policy does not book where the ledger agrees to the cent with them in it. What is left is shown as it is:
//! nothing is entered to make the statement balance.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Reconciled;
use super::layers::{Layer, Layered};
use super::rollforward::{End, RollForward, journal_owner};
use crate::model::id::ProgramId;
use crate::model::ledger::{Journal, LedgerBalance};
use crate::model::money::{Currency, Money};

/// Why the two balances differ.
#[derive(Debug, Clone, Copy)]
pub enum Cause<'a> {
    /// In our sub-ledger, and not posted in the ledger up to the date.
    NotPosted(&'a Journal),
    /// Posted in the ledger up to the date, and of a later date or period in our sub-ledger.
    PostedAhead(&'a Journal),
    /// In the ledger alone, by its kind.
    LedgerOnly(&'a Journal),
    /// A layer that our policy does not book: the ledger agrees to the cent when it holds it. An inference from two figures
    /// that were made apart from each other, which a person confirms.
    NotBooked(Layer),
}

impl<'a> Cause<'a> {
    /// The journal, where it is one.
    pub fn journal(self) -> Option<&'a Journal> {
        match self {
            Cause::NotPosted(journal) | Cause::PostedAhead(journal) | Cause::LedgerOnly(journal) => {
                Some(journal)
            }
            Cause::NotBooked(_) => None,
        }
    }

    /// Since when it is open; a layer has no one day.
    pub fn since(self) -> Option<NaiveDate> {
        match self {
            Cause::NotPosted(journal) => Some(journal.date),
            Cause::PostedAhead(journal) | Cause::LedgerOnly(journal) => journal.in_ledger_from(),
            Cause::NotBooked(_) => None,
        }
    }

    /// The name in data files.
    pub fn code(self) -> &'static str {
        match self {
            Cause::NotPosted(_) => "not-posted",
            Cause::PostedAhead(_) => "posted-ahead",
            Cause::LedgerOnly(_) => "ledger-only",
            Cause::NotBooked(_) => "not-booked-by-policy",
        }
    }
}

/// One reconciling item.
#[derive(Debug, Clone, Copy)]
pub struct LedgerItem<'a> {
    /// What it is.
    pub cause: Cause<'a>,
    /// Its part of sub-ledger less ledger.
    pub amount: Money,
}

impl LedgerItem<'_> {
    /// Days from when it is open to the end of the period (domain 1.3).
    pub fn age(&self, at: End) -> Option<i64> {
        Some((at.day - self.cause.since()?).num_days())
    }
}

/// Whether the two balances agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// `ledger.csv` has no balance of the period and currency: nothing can be said.
    NoBalance,
    /// The items explain the whole difference.
    Balanced,
    /// They leave this much of it.
    NotBalanced(Money),
}

/// Statement B of one currency.
#[derive(Debug, Clone)]
pub struct LedgerStatement<'a> {
    /// The closing balance of the roll-forward.
    pub sub_ledger: Money,
    /// The rows of `ledger.csv`, by account and program; they add up to the balance of the ledger.
    pub balances: Vec<&'a LedgerBalance>,
    /// Why the two differ: journals by id, then layers.
    pub items: Vec<LedgerItem<'a>>,
    /// The closing balance by program.
    pub programs: BTreeMap<Option<ProgramId>, Money>,
}

impl LedgerStatement<'_> {
    /// The balance of the ledger; `None` where it is not given.
    pub fn ledger(&self) -> Option<Money> {
        self.sum(|_| true)
    }

    /// The balance of the ledger that is given for a program, or for none.
    pub fn ledger_of(&self, program: Option<ProgramId>) -> Option<Money> {
        self.sum(|balance| balance.program == program)
    }

    fn sum(&self, is_wanted: impl Fn(&LedgerBalance) -> bool) -> Option<Money> {
        let mut wanted = self.balances.iter().filter(|balance| is_wanted(balance)).peekable();
        wanted.peek()?;
        let minor = wanted.map(|balance| balance.balance.minor()).sum();
        Some(Money::from_minor(minor, self.sub_ledger.currency()))
    }

    /// Sub-ledger less ledger.
    pub fn difference(&self) -> Option<Money> {
        Some(self.minus(self.ledger()?.minor()))
    }

    /// The sum of the items.
    pub fn explained(&self) -> Money {
        let minor = self.items.iter().map(|item| item.amount.minor()).sum();
        Money::from_minor(minor, self.sub_ledger.currency())
    }

    /// Difference less items: zero, or the statement is not balanced.
    pub fn unexplained(&self) -> Option<Money> {
        Some(self.minus(self.ledger()?.minor() + self.explained().minor()))
    }

    /// Whether the two balances agree.
    pub fn agreement(&self) -> Agreement {
        match self.unexplained() {
            None => Agreement::NoBalance,
            Some(left) if left.is_zero() => Agreement::Balanced,
            Some(left) => Agreement::NotBalanced(left),
        }
    }

    fn minus(&self, minor: i128) -> Money {
        Money::from_minor(self.sub_ledger.minor() - minor, self.sub_ledger.currency())
    }
}

/// Statement B of a month, currency by currency: of those that have a balance in either book, or an item.
///
/// `layers` are those at the end of the month ([`Layers::at`](super::layers::Layers::at)). Never fails: what is not
/// explained is told by [`LedgerStatement::agreement`].
pub fn statement_b<'a>(
    reconciled: &Reconciled<'a>,
    rolled: &RollForward,
    layers: &BTreeMap<Currency, Layered>,
) -> BTreeMap<Currency, LedgerStatement<'a>> {
    let mut all: BTreeMap<Currency, LedgerStatement<'a>> = BTreeMap::new();
    for (currency, statement) in &rolled.statements {
        let of = at(&mut all, *currency);
        of.sub_ledger = statement.closing_balance();
        for (program, rows) in &statement.programs {
            let closing = rows.values().map(|sum| sum.total()).sum();
            of.programs.insert(*program, Money::from_minor(closing, *currency));
        }
    }
    let reference = reconciled.rules.reference;
    for balance in reference.ledger.iter().filter(|balance| balance.period == rolled.to.month) {
        at(&mut all, balance.balance.currency()).balances.push(balance);
    }
    for journal in reconciled.journals() {
        if let Some(item) = item(reconciled, journal, rolled.to).filter(|item| !item.amount.is_zero()) {
            at(&mut all, item.amount.currency()).items.push(item);
        }
    }
    for (currency, statement) in &mut all {
        if let (Agreement::NotBalanced(left), Some(layered)) = (statement.agreement(), layers.get(currency)) {
            statement.items.extend(not_booked(layered, left));
        }
    }
    all
}

fn at<'m, 'a>(
    all: &'m mut BTreeMap<Currency, LedgerStatement<'a>>,
    currency: Currency,
) -> &'m mut LedgerStatement<'a> {
    all.entry(currency).or_insert_with(|| LedgerStatement {
        sub_ledger: Money::zero(currency),
        balances: Vec::new(),
        items: Vec::new(),
        programs: BTreeMap::new(),
    })
}

/// What a journal adds to sub-ledger less ledger; nothing where both books have it, or neither.
fn item<'a>(reconciled: &Reconciled<'_>, journal: &'a Journal, at: End) -> Option<LedgerItem<'a>> {
    let is_in_ledger = journal.in_ledger_from().is_some_and(|day| day <= at.day);
    if !journal.is_ours() {
        let cause = Cause::LedgerOnly(journal);
        return is_in_ledger.then(|| LedgerItem { cause, amount: journal.amount.negated() });
    }
    let (_, _, period) = journal_owner(reconciled, journal);
    match (at.reaches(period, Some(journal.date)), is_in_ledger) {
        (true, false) => Some(LedgerItem { cause: Cause::NotPosted(journal), amount: journal.amount }),
        (false, true) => {
            Some(LedgerItem { cause: Cause::PostedAhead(journal), amount: journal.amount.negated() })
        }
        (true, true) | (false, false) => None,
    }
}

/// The layers that are not booked and, taken together, are exactly what is left; none where several sets are, for then it is
/// not known which.
fn not_booked<'a>(layered: &Layered, left: Money) -> Vec<LedgerItem<'a>> {
    let candidates: Vec<LedgerItem<'a>> = layered
        .all
        .iter()
        .filter(|(_, sum)| !sum.is_booked && !sum.amount.is_zero())
        .map(|(layer, sum)| LedgerItem { cause: Cause::NotBooked(*layer), amount: sum.amount.negated() })
        .collect();
    let chosen = |set: u32| (0..candidates.len()).filter(move |number| set >> number & 1 == 1);
    let explains = |set: &u32| {
        chosen(*set).map(|number| candidates[number].amount.minor()).sum::<i128>() == left.minor()
    };
    // At most ten layers.
    let mut sets = (1..1_u32 << candidates.len()).filter(explains);
    match (sets.next(), sets.next()) {
        (Some(set), None) => chosen(set).map(|number| candidates[number]).collect(),
        (Some(_) | None, _) => Vec::new(),
    }
}
