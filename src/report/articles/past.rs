//! What became of the cases of an article: how long they took, when they were seen, and which were cleared last.

use std::collections::HashMap;
use std::sync::OnceLock;

use ustr::Ustr;

use super::names_of;
use crate::content::ArticlePage;
use crate::history::{End, SnapshotNumber, Stay};
use crate::ingest::RuleRow;
use crate::metrics::cleared::{Cleared, of_cases};
use crate::metrics::resolution::{Orders, of_orders};
use crate::metrics::{Basis, Measured};
use crate::model::id::OrderId;
use crate::model::time::AsOf;
use crate::reconcile::kinds::Kind;
use crate::report::Report;

/// Cleared cases that an article tells of; more are counted.
pub const TOLD: usize = 5;

/// What articles look up in the history, made when it is first asked for and kept for the next article.
#[derive(Debug)]
pub(in crate::report) struct Traces {
    /// The lines that were ever of an order, or that named its id, by their numbers in the facts.
    lines: OnceLock<HashMap<OrderId, Vec<u32>>>,
    /// By the number of a snapshot: what our mapping and rules say otherwise than for the one before.
    rules: Vec<OnceLock<Vec<RuleRow>>>,
    confirmed: OnceLock<Measured<Orders>>,
}

impl Traces {
    /// Of a history of so many snapshots; nothing is looked up yet.
    pub(in crate::report) fn new(snapshots: usize) -> Traces {
        Traces {
            lines: OnceLock::new(),
            rules: std::iter::repeat_with(OnceLock::new).take(snapshots).collect(),
            confirmed: OnceLock::new(),
        }
    }
}

/// The earlier cases of an article.
#[derive(Debug)]
pub struct ArticlePast {
    /// The first and the last snapshot that show one; `None` where none does.
    pub seen: Option<(AsOf, AsOf)>,
    /// How long they take.
    pub times: Measured<Cleared>,
    /// Every case that was cleared, with the first snapshot that shows nothing of it, newest first.
    pub cleared: Vec<(SnapshotNumber, Stay)>,
    /// Cases that were there again after they had been cleared, each time counted.
    pub again: usize,
}

impl Report<'_> {
    /// What became of the cases that an article is for: those of the kinds whose page names it, and of its causes.
    pub fn article_past(&self, article: &ArticlePage) -> ArticlePast {
        let kinds = self.kinds_of(article);
        let causes: Vec<(&str, &str)> = article.causes.iter().map(|name| names_of(name)).collect();
        self.past_of(|kind, root| kinds.contains(&kind) || causes.contains(&(kind.code(), root.as_str())))
    }

    /// What became of the cases of a kind and cause that are meant.
    pub(super) fn past_of(&self, is_meant: impl Fn(Kind, Ustr) -> bool) -> ArticlePast {
        let history = self.sources.history;
        let stays = history.cases.stays(is_meant);
        let last = |stay: &Stay| match stay.end {
            End::Open => history.newest(),
            End::Cleared(at) | End::Became(at, _) => at.saturating_sub(1),
        };
        let first = stays.iter().map(|stay| stay.opened).min();
        let seen = first.zip(stays.iter().map(last).max());
        let again = stays
            .windows(2)
            .filter(|pair| pair[0].name == pair[1].name && matches!(pair[1].end, End::Cleared(_)));
        let again = again.count();
        let times = of_cases(history, &stays);
        let mut cleared: Vec<(SnapshotNumber, Stay)> = stays
            .into_iter()
            .filter_map(|stay| match stay.end {
                End::Cleared(at) => Some((at, stay)),
                End::Open | End::Became(..) => None,
            })
            .collect();
        cleared.sort_by_cached_key(|(at, stay)| (std::cmp::Reverse(*at), super::told::id_of(stay.name)));
        ArticlePast {
            seen: seen.map(|(first, last)| (history.as_of(first), history.as_of(last))),
            times,
            cleared,
            again,
        }
    }

    /// What the metrics are made of.
    pub(in crate::report) fn basis(&self) -> Basis<'_> {
        Basis {
            given: self.sources.metrics,
            history: self.sources.history,
            reference: self.reconciled.rules.reference,
            as_of: self.reconciled.as_of(),
        }
    }

    /// How long orders without a rebate line take to a confirmed status: once for the health page and every article.
    pub(in crate::report) fn confirmed(&self) -> &Measured<Orders> {
        self.traces.confirmed.get_or_init(|| of_orders(&self.basis()))
    }

    /// The lines that were ever of an order, or that named its id, by number.
    pub(super) fn lines_ever_of(&self, order: OrderId) -> Vec<u32> {
        let lines = self.traces.lines.get_or_init(|| {
            let mut lines: HashMap<OrderId, Vec<u32>> = HashMap::new();
            for (line, place) in self.sources.history.facts.places() {
                lines.entry(place.order.unwrap_or(place.order_ref)).or_default().push(line);
            }
            lines
        });
        let mut lines = lines.get(&order).cloned().unwrap_or_default();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// What our mapping and rules say for a snapshot otherwise than for the one before it.
    pub(super) fn rules_since(&self, at: SnapshotNumber) -> &[RuleRow] {
        let (history, files) = (self.sources.history, self.sources.files);
        let Some(before) = at.checked_sub(1).map(|before| history.as_of(before)) else { return &[] };
        self.traces.rules.get(usize::from(at)).map_or(&[], |rows| {
            rows.get_or_init(|| self.sources.input.rule_rows(files, before, history.as_of(at)))
        })
    }
}
