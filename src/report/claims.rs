//! Claims: what can be claimed from the vendor, as files to send, and what became of what was claimed.
//!
//! Every open case with an amount that we may be owed is in exactly one claim: that of its program, kind and currency. What
//! was claimed before is not offered again; claimed and open plus not claimed is what is at stake (checked at every build).

mod evidence;
mod files;
mod letter;
mod page;

pub(super) use page::{fact, near, page};

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use ustr::Ustr;

use super::{Report, address};
use crate::history::History;
use crate::history::claims::{ClaimName, Followed, claimable, follow};
use crate::model::id::ProgramId;
use crate::model::money::{Currency, Money, MoneyByCurrency};
use crate::model::reference::Claimed;
use crate::reconcile::matching::numbered;
use crate::reconcile::{Case, Deadline, Kind, Reconciled, Subject};

/// The address of the page.
pub(super) const PAGE: &str = "claims.html";

/// A case in a claim.
#[derive(Debug, Clone)]
pub struct Item {
    /// The case, by its place.
    pub case: u32,
    /// What of it is not claimed yet; above zero.
    pub amount: Money,
    /// What of it is claimed and open.
    pub before: Money,
}

/// What can be claimed together: the cases of one program, kind and currency.
#[derive(Debug, Clone)]
pub struct Group {
    /// The program; `None` for what belongs to none or to several, such as a payout.
    pub program: Option<ProgramId>,
    /// The primary explanation.
    pub kind: Kind,
    /// The currency.
    pub currency: Currency,
    /// The cases, in the order of the cases of the snapshot.
    pub items: Vec<Item>,
}

impl Group {
    /// The name of its files: program, kind and currency.
    pub fn name(&self) -> String {
        // No slug of an id holds a hyphen between letters, so no program is taken for none.
        let program =
            self.program.map_or_else(|| "no-program".to_owned(), |id| address::of_id(id.canonical()));
        format!("{program}-{}-{}", self.kind.code(), self.currency.code().to_lowercase())
    }

    /// What is claimed with it.
    pub fn amount(&self) -> Money {
        Money::from_minor(self.items.iter().map(|item| item.amount.minor()).sum(), self.currency)
    }

    /// What of its cases was claimed before.
    pub fn before(&self) -> Money {
        Money::from_minor(self.items.iter().map(|item| item.before.minor()).sum(), self.currency)
    }
}

/// What can be claimed, and what was.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    /// What is not claimed yet: by currency, then the largest first.
    pub groups: Vec<Group>,
    /// What became of every row of `claims.csv`, in their order.
    pub followed: Vec<Followed>,
    /// What can be claimed in all cases together.
    pub claimable: MoneyByCurrency,
    /// Where each case is in the groups: the group and the item.
    places: HashMap<Subject, (u32, u32)>,
    /// The rows of `claims.csv` by the id that each is about, as it was written and canonical.
    by_id: HashMap<Ustr, Vec<u32>>,
}

impl Claims {
    /// Finds the claims of a snapshot.
    pub fn new(reconciled: &Reconciled<'_>, history: &History) -> Claims {
        let followed = follow(history, &reconciled.rules.reference.claims);
        let mut taken: HashMap<(ClaimName, Currency), i128> = HashMap::new();
        for (name, part) in followed.iter().flat_map(|f| &f.backed_by) {
            *taken.entry((*name, part.currency())).or_insert(0) += part.minor();
        }
        let mut all = MoneyByCurrency::default();
        let mut groups: BTreeMap<(Currency, Option<ProgramId>, Kind), Vec<Item>> = BTreeMap::new();
        for (number, case) in numbered(&reconciled.cases) {
            let Some((amount, finding)) = claimable(case).zip(case.primary()) else { continue };
            all.add(amount);
            let currency = amount.currency();
            let name = ClaimName::of(reconciled, case);
            let left = name.and_then(|name| taken.get_mut(&(name, currency)));
            let before = left.map_or(0, |left| {
                let part = amount.minor().min(*left);
                *left -= part;
                part
            });
            if before < amount.minor() {
                let item = Item {
                    case: number,
                    amount: Money::from_minor(amount.minor() - before, currency),
                    before: Money::from_minor(before, currency),
                };
                groups.entry((currency, program_of(reconciled, case), finding.kind)).or_default().push(item);
            }
        }
        let group = |((currency, program, kind), items)| Group { program, kind, currency, items };
        let mut groups: Vec<Group> = groups.into_iter().map(group).collect();
        groups.sort_by_key(|g| (g.currency, Reverse(g.amount().minor()), g.program, g.kind));
        let mut places = HashMap::new();
        for (place, group) in numbered(&groups) {
            let items = numbered(&group.items);
            places.extend(items.map(|(n, item)| (reconciled.cases[item.case as usize].subject, (place, n))));
        }
        let mut by_id: HashMap<Ustr, Vec<u32>> = HashMap::new();
        for (number, claim) in numbered(&reconciled.rules.reference.claims) {
            by_id.entry(claim.subject_key).or_default().push(number);
            if claim.subject != claim.subject_key {
                by_id.entry(claim.subject).or_default().push(number);
            }
        }
        Claims { groups, followed, claimable: all, places, by_id }
    }

    /// The claim that a case is in, and its item there; `None` where nothing of it is left to claim.
    fn of_case(&self, case: &Case) -> Option<(&Group, &Item)> {
        let (group, item) = self.places.get(&case.subject)?;
        let group = &self.groups[*group as usize];
        Some((group, &group.items[*item as usize]))
    }

    /// What is claimed and still at stake.
    pub fn open(&self) -> MoneyByCurrency {
        let mut sums = MoneyByCurrency::default();
        sums.extend(self.followed.iter().map(|f| f.open));
        sums
    }

    /// What is not claimed yet.
    pub fn to_claim(&self) -> MoneyByCurrency {
        let mut sums = MoneyByCurrency::default();
        sums.extend(self.groups.iter().map(Group::amount));
        sums
    }
}

/// The program of a line or an adjustment, and the one an order declares.
pub(super) fn program_of(reconciled: &Reconciled<'_>, case: &Case) -> Option<ProgramId> {
    let records = &reconciled.snapshot.records;
    match case.subject {
        Subject::Line(number) => Some(records.lines[number as usize].program),
        Subject::Order(number) => {
            reconciled.rules.declared_program(&records.orders[number as usize]).map(|program| program.id)
        }
        Subject::Adjustment(number) => records.adjustments[number as usize].program,
        Subject::Payout(_) | Subject::Feed(_) | Subject::Row(_) => None,
    }
}

impl Report<'_> {
    fn case(&self, item: &Item) -> &Case {
        &self.reconciled.cases[item.case as usize]
    }

    /// The last day to claim a case: the nearest that is ahead, else the one that passed last.
    fn last_day(&self, item: &Item) -> Option<Deadline> {
        let all = self.reconciled.deadlines_of(self.case(item)).filter(|deadline| deadline.is_loss);
        all.min_by_key(|d| (d.is_passed(), d.days_left.abs(), d.action))
    }

    /// The same of a claim.
    fn last_day_of(&self, group: &Group) -> Option<Deadline> {
        let all = group.items.iter().filter_map(|item| self.last_day(item));
        all.min_by_key(|d| (d.is_passed(), d.days_left.abs(), d.action, d.about))
    }

    /// The rows of `claims.csv` with what became of them.
    fn claimed(&self) -> impl Iterator<Item = (&Claimed, &Followed)> {
        self.reconciled.rules.reference.claims.iter().zip(&self.claims.followed)
    }
}
