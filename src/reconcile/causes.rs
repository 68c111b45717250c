//! Root causes: what several cases have in common, and the one row of a reference file that would clear them
//! (domain 4.4).

use std::collections::{BTreeMap, BTreeSet};

use super::suggest::Likeness;
use super::{Case, Kind, Reconciled, Subject};
use crate::ingest::columns::FileKind;
use crate::model::id::OrderId;
use crate::model::money::{Currency, MoneyByCurrency};
use crate::model::record::{Line, Order};
use crate::say;

/// Cases of one cause from which it stands on top of the list.
pub const GROUP: usize = 5;

/// What clears a cause: a row of a reference file, with what a person has to fill in or confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixRow {
    /// The file.
    pub file: FileKind,
    /// Its cells by column, in the order of the file; a column that is not named stays empty.
    pub cells: Vec<(&'static str, String)>,
    /// Columns that only a person knows.
    pub to_fill: Vec<&'static str>,
}

/// Cases with one root.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Their primary explanation.
    pub kind: Kind,
    /// What they have in common: `account ACC-909`.
    pub root: String,
    /// Their indexes.
    pub cases: Vec<u32>,
    /// Their orders.
    pub orders: BTreeSet<OrderId>,
    /// What is at stake.
    pub at_stake: MoneyByCurrency,
    /// The row that would clear them; `None` where no row does.
    pub fix: Option<FixRow>,
}

impl Cause {
    /// Whether it is a group of its own on top of the list.
    pub fn is_group(&self) -> bool {
        self.cases.len() >= GROUP
    }
}

impl Reconciled<'_> {
    /// Every cause, those with most money first.
    ///
    /// Currencies are never added: causes are ranked by the currency that most cases have, then the next.
    pub fn causes(&self) -> Vec<Cause> {
        let mut causes: BTreeMap<(Kind, String), Cause> = BTreeMap::new();
        let mut weight: BTreeMap<Currency, usize> = BTreeMap::new();
        for (number, case) in super::matching::numbered(&self.cases) {
            let Some(finding) = case.primary() else { continue };
            let root = self.root(case);
            let cause = causes.entry((finding.kind, root.clone())).or_insert_with(|| Cause {
                kind: finding.kind,
                root,
                cases: Vec::new(),
                orders: BTreeSet::new(),
                at_stake: MoneyByCurrency::default(),
                fix: None,
            });
            cause.cases.push(number);
            cause.orders.extend(case.orders.iter().copied());
            if let Some(amount) = finding.amount {
                cause.at_stake.add(amount);
                *weight.entry(amount.currency()).or_default() += 1;
            }
        }
        let mut currencies: Vec<Currency> = weight.keys().copied().collect();
        currencies.sort_by_key(|c| (std::cmp::Reverse(weight[c]), *c));
        let mut causes: Vec<Cause> =
            causes.into_values().map(|cause| Cause { fix: self.fix(&cause), ..cause }).collect();
        causes.sort_by_cached_key(|cause| {
            let amounts: Vec<i128> = currencies.iter().map(|c| -cause.at_stake.get(*c).minor()).collect();
            (amounts, std::cmp::Reverse(cause.cases.len()), cause.kind, cause.root.clone())
        });
        causes
    }

    fn line_of(&self, case: &Case) -> Option<&Line> {
        match case.subject {
            Subject::Line(number) => Some(&self.snapshot.records.lines[number as usize]),
            Subject::Order(_)
            | Subject::Payout(_)
            | Subject::Feed(_)
            | Subject::Row(_)
            | Subject::Adjustment(_) => None,
        }
    }

    /// The order row a case is about: its own, or the first of its line.
    fn order_of(&self, case: &Case) -> Option<&Order> {
        let number = match case.subject {
            Subject::Order(number) => number,
            Subject::Line(number) => self.matching.of_line(number).shares.first()?.order,
            Subject::Payout(_) | Subject::Feed(_) | Subject::Row(_) | Subject::Adjustment(_) => return None,
        };
        Some(&self.snapshot.records.orders[number as usize])
    }

    /// What cases of one cause share, in words: an account, a product, a rule, a source.
    pub(crate) fn root(&self, case: &Case) -> String {
        let (line, order) = (self.line_of(case), self.order_of(case));
        let Some(kind) = case.primary().map(|f| f.kind) else { return String::new() };
        let program = line.map(|l| l.program).or_else(|| Some(self.rules.declared_program(order?)?.id));
        let of_program = || program.map_or_else(String::new, |p| say!("program {p}", p));
        let of_batch =
            || line.and_then(|l| l.batch).map_or_else(of_program, |batch| say!("batch {batch}", batch));
        let account = || order.map_or_else(String::new, |o| say!("account {account}", account = o.account));
        let product = || order.map_or_else(String::new, |o| say!("SKU {sku}", sku = o.sku));
        match kind {
            Kind::AccountUnmapped | Kind::RegionMissing => account(),
            Kind::AccountMismatch => line.and_then(|l| l.account_ref).map_or_else(account, |theirs| {
                say!("{account} at the vendor's {theirs}", account = account(), theirs)
            }),
            Kind::SkuUnmapped => product(),
            Kind::CategoryMismatch => line.and_then(|l| l.category).map_or_else(product, |theirs| {
                say!("{product} in the vendor's category {theirs}", product = product(), theirs)
            }),
            Kind::SkuNotEligible => {
                say!("{product} in {program}", product = product(), program = of_program())
            }
            Kind::NearMissIdentifier => match case.subject {
                Subject::Line(n) => self
                    .suggestions
                    .of_line(n)
                    .and_then(|s| s.candidates.first())
                    .map_or_else(String::new, |o| self.snapshot.records.orders[*o as usize].id.to_string()),
                Subject::Order(_)
                | Subject::Payout(_)
                | Subject::Feed(_)
                | Subject::Row(_)
                | Subject::Adjustment(_) => order.map_or_else(String::new, |o| o.id.to_string()),
            },
            Kind::UnknownStatus => line.map_or_else(String::new, |l| {
                say!("status {status_raw}", status_raw = crate::normalize::word(&l.status_raw))
            }),
            Kind::SourceStale => {
                let source = case.primary().and_then(|f| f.facts.get("source"));
                source.map_or_else(String::new, |source| say!("feed {source}", source))
            }
            Kind::EnrollmentMissing => {
                let reseller = order.and_then(|o| o.reseller);
                reseller
                    .map_or_else(of_program, |r| say!("reseller {r} in {program}", r, program = of_program()))
            }
            Kind::ContractIneligible => {
                let contract = order.and_then(|o| o.contract_type);
                contract.map_or_else(of_program, |c| {
                    say!("contract type {c} in {program}", c, program = of_program())
                })
            }
            Kind::RegionMismatch => line
                .zip(order)
                .and_then(|(line, order)| Some((self.rules.region(order)?, line.region?)))
                .map_or_else(String::new, |(ours, theirs)| say!("region {ours} and {theirs}", ours, theirs)),
            Kind::RowQuarantined => match case.primary().and_then(|f| f.facts.get("file")) {
                Some(file) => say!("file {file}", file),
                None => String::new(),
            },
            Kind::PayoutBatchMismatch => match case.subject {
                Subject::Payout(n) => say!("payout {id}", id = self.snapshot.records.payouts[n as usize].id),
                Subject::Line(_)
                | Subject::Order(_)
                | Subject::Feed(_)
                | Subject::Row(_)
                | Subject::Adjustment(_) => String::new(),
            },
            Kind::PayoutMissing => {
                let payout = line.and_then(|l| l.payout);
                payout.map_or_else(of_batch, |id| say!("payout {id}", id))
            }
            Kind::ClosedPeriodRestatement | Kind::OrderOutsidePeriod | Kind::AwaitingVendorData => {
                case.period.map_or_else(String::new, |month| say!("period {month}", month))
            }
            Kind::WindowMissed
            | Kind::BelowThreshold
            | Kind::PeriodShift
            | Kind::TierMismatch
            | Kind::RateMismatch
            | Kind::CapBreach
            | Kind::CurrencyMismatch
            | Kind::DoubleProgram
            | Kind::MissingRebate
            | Kind::LineVanished
            | Kind::BillingUnconfirmed
            | Kind::DuplicateOrder => of_program(),
            Kind::DuplicateLine
            | Kind::OrphanRebate
            | Kind::BaseMismatch
            | Kind::VendorArithmetic
            | Kind::StatusRegression
            | Kind::PaidWithoutApproval
            | Kind::ClawbackWithoutCancellation
            | Kind::UnsupportedAdjustment
            | Kind::CancellationWithoutClawback
            | Kind::ShortPaid
            | Kind::OverPaid
            | Kind::EarningFrozen
            | Kind::ContractActivationLate
            | Kind::InvoiceConfirmationDelay
            | Kind::ManualReview
            | Kind::ApprovedUnpaid
            | Kind::PendingOverdue
            | Kind::EligibilityAdjustment
            | Kind::RefundAdjustment
            | Kind::FeeAllocation
            | Kind::RoundingDifference => of_batch(),
        }
    }

    /// The row that would clear a cause. Values that all its records agree on are filled in; the rest is for a person.
    #[expect(clippy::wildcard_enum_match_arm, reason = "most kinds have no row that clears them")]
    fn fix(&self, cause: &Cause) -> Option<FixRow> {
        let cases: Vec<&Case> = cause.cases.iter().map(|n| &self.cases[*n as usize]).collect();
        let order = cases.iter().find_map(|c| self.order_of(c));
        let lines: Vec<&Line> = cases.iter().filter_map(|c| self.line_of(c)).collect();
        let first_day = cases.iter().filter_map(|c| self.order_of(c)).map(|o| o.order_date).min();
        let from = first_day.map(|day| day.to_string()).unwrap_or_default();
        match cause.kind {
            Kind::AccountUnmapped => Some(row(
                FileKind::Accounts,
                &[
                    ("account_id", Some(order?.account.raw().to_owned())),
                    (
                        "vendor_account_id",
                        agreed(lines.iter().map(|l| l.account_ref.map(|a| a.raw().to_owned()))),
                    ),
                    ("customer_id", order?.customer.map(|c| c.raw().to_owned())),
                    ("customer_name", None),
                    ("region", agreed(cases.iter().map(|c| self.order_of(c)?.region.map(|r| r.to_string())))),
                    ("valid_from", Some(from)),
                ],
            )),
            Kind::RegionMissing => {
                let account = self.rules.account(order?.account, order?.order_date).found()?;
                let text = |value: Option<String>| Some(value.unwrap_or_default());
                Some(row(
                    FileKind::Accounts,
                    &[
                        ("account_id", Some(account.id.raw().to_owned())),
                        ("vendor_account_id", text(account.vendor.map(|v| v.raw().to_owned()))),
                        ("customer_id", text(account.customer.map(|c| c.raw().to_owned()))),
                        ("customer_name", text(account.customer_name.map(|n| n.to_string()))),
                        ("region", None),
                        ("valid_from", text(account.valid.from.map(|d| d.to_string()))),
                        ("valid_to", text(account.valid.to.map(|d| d.to_string()))),
                    ],
                ))
            }
            Kind::SkuUnmapped => Some(row(
                FileKind::Skus,
                &[
                    ("sku", Some(order?.sku.raw().to_owned())),
                    ("vendor_sku", agreed(lines.iter().map(|l| l.sku_ref.map(|s| s.raw().to_owned())))),
                    ("category", agreed(lines.iter().map(|l| l.category.map(|c| c.to_string())))),
                    ("valid_from", Some(from)),
                ],
            )),
            Kind::CategoryMismatch => {
                let sku = self.rules.sku(order?.sku, order?.order_date).found()?;
                let text = |value: Option<String>| Some(value.unwrap_or_default());
                Some(row(
                    FileKind::Skus,
                    &[
                        ("sku", Some(sku.id.raw().to_owned())),
                        ("vendor_sku", text(sku.vendor.map(|v| v.raw().to_owned()))),
                        ("category", agreed(lines.iter().map(|l| l.category.map(|c| c.to_string())))),
                        ("valid_from", text(sku.valid.from.map(|d| d.to_string()))),
                        ("valid_to", text(sku.valid.to.map(|d| d.to_string()))),
                    ],
                ))
            }
            Kind::AccountMismatch => {
                let theirs = agreed(lines.iter().map(|l| l.account_ref.map(|a| a.raw().to_owned())))?;
                Some(alias(order?.account.raw(), theirs, "account"))
            }
            Kind::NearMissIdentifier
            | Kind::OrphanRebate
            | Kind::MissingRebate
            | Kind::AwaitingVendorData => cases.iter().find_map(|case| self.pair(case)),
            Kind::UnknownStatus => Some(row(
                FileKind::StatusMap,
                &[("raw_status", Some(lines.first()?.status_raw.to_string())), ("canonical", None)],
            )),
            Kind::EnrollmentMissing => {
                let line = lines.first();
                let program =
                    line.map(|l| l.program).or_else(|| Some(self.rules.declared_program(order?)?.id))?;
                Some(row(
                    FileKind::Enrollments,
                    &[
                        ("reseller_id", Some(order?.reseller?.raw().to_owned())),
                        ("program_id", Some(program.raw().to_owned())),
                        ("tier", Some(String::new())),
                        ("valid_from", Some(from)),
                    ],
                ))
            }
            Kind::UnsupportedAdjustment => {
                let codes = lines.iter().flat_map(|l| self.adjustments(l.id)).filter_map(|a| a.reason_raw);
                let unknown = codes.filter(|code| self.reason(Some(*code)).is_none()).min()?;
                Some(row(
                    FileKind::ReasonMap,
                    &[
                        ("raw_reason", Some(unknown.to_string())),
                        ("canonical_reason", None),
                        ("implies", Some(String::new())),
                        ("plain_text", None),
                    ],
                ))
            }
            _ => None,
        }
    }

    /// The alias of a pair that is meant by both sides.
    fn pair(&self, case: &Case) -> Option<FixRow> {
        let records = &self.snapshot.records;
        let (order, line) = match case.subject {
            Subject::Order(order) => {
                let suggestion = self.suggestions.of_order(order).filter(|s| s.is_unique)?;
                (order, *suggestion.candidates.first()?)
            }
            Subject::Line(line) => {
                let suggestion = self.suggestions.of_line(line).filter(|s| s.is_unique)?;
                (*suggestion.candidates.first()?, line)
            }
            Subject::Payout(_) | Subject::Feed(_) | Subject::Row(_) | Subject::Adjustment(_) => return None,
        };
        let likeness = self.suggestions.of_order(order)?.likeness;
        debug_assert!(likeness >= Likeness::SameFacts, "bug: a pair without a likeness");
        let own = records.orders[order as usize].id;
        Some(alias(own.raw(), records.lines[line as usize].order_ref.raw().to_owned(), "order"))
    }
}

fn alias(own: &str, vendor: String, kind: &str) -> FixRow {
    row(
        FileKind::Aliases,
        &[
            ("own_id", Some(own.to_owned())),
            ("vendor_id", Some(vendor)),
            ("kind", Some(kind.to_owned())),
            ("approved_by", None),
            ("approved_on", None),
            ("reason", None),
        ],
    )
}

/// A row: a cell without a value is for a person to fill.
fn row(file: FileKind, cells: &[(&'static str, Option<String>)]) -> FixRow {
    FixRow {
        file,
        to_fill: cells.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect(),
        cells: cells.iter().map(|(name, value)| (*name, value.clone().unwrap_or_default())).collect(),
    }
}

/// The value that all records have; nothing where they differ or none has one.
fn agreed(values: impl Iterator<Item = Option<String>>) -> Option<String> {
    let known: BTreeSet<String> = values.flatten().collect();
    if known.len() == 1 { known.into_iter().next() } else { None }
}
