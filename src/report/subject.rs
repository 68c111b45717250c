//! What the figures of a page are about, as its markup says it: a scope in the spelling of the query, and a snapshot.

use super::query::scope::encoded;
use super::{PageKey, Report};
use crate::model::status::Status;
use crate::model::time::{AsOf, Month};

/// The scope of a page that is about everything.
const ALL: &str = "all";

impl Report<'_> {
    /// The scope of a page: `period=2026-05`, `order=ORD-2001`, `all`.
    pub(super) fn scope_of(&self, key: &PageKey) -> String {
        let month = |month: &Month| format!("period={month}");
        let named = |part: &str, id: &str| format!("{part}={}", encoded(id));
        match key {
            PageKey::Overview => month(&self.default_month()),
            PageKey::Period(of) | PageKey::PeriodOrders(of, _) | PageKey::Bridge(of) => month(of),
            PageKey::Order(start, _) => named("order", self.order(*start).id.raw()),
            PageKey::UnknownOrder(lines) => {
                named("order", lines.first().map_or("", |line| self.line(*line).order_ref.raw()))
            }
            PageKey::AliasOrder(id) | PageKey::GoneOrder(id) => named("order", id.raw()),
            PageKey::OrderDisambiguation(folded) => named("order", folded),
            PageKey::Scope(key) => named(key.kind.folder(), &key.id),
            PageKey::Status(number) => {
                named("status", Status::ALL.get(*number).map_or("", |status| status.slug()))
            }
            PageKey::Reason(code) => named("reason", code),
            PageKey::Kind(kind) => named("kind", kind.code()),
            PageKey::Article(_)
            | PageKey::Periods
            | PageKey::Posted
            | PageKey::Closes
            | PageKey::Orders
            | PageKey::ScopeIndex(_)
            | PageKey::Disambiguation(_)
            | PageKey::Statuses
            | PageKey::Reasons
            | PageKey::Kinds
            | PageKey::Deadlines
            | PageKey::Claims
            | PageKey::Articles
            | PageKey::Quarantine
            | PageKey::Gaps
            | PageKey::Snapshots
            | PageKey::Snapshot(_)
            | PageKey::Changes(_, _)
            | PageKey::Compare
            | PageKey::Query
            | PageKey::Health
            | PageKey::Audiences
            | PageKey::About => ALL.to_owned(),
        }
    }

    /// The snapshot that a page is about, where it is not the one of its frame.
    pub(super) fn snapshot_of(&self, key: &PageKey) -> Option<AsOf> {
        if let PageKey::Snapshot(number) = key {
            return Some(self.sources.snapshots[*number].as_of);
        }
        if let PageKey::Changes(_, to) = key { Some(self.sources.history.as_of(*to)) } else { None }
    }
}
