//! The record version of every order: in how many snapshots it changed, and a fingerprint of what it says now.
//!
//! A fold over the snapshots, oldest first. The fingerprint covers the order's rows, its lines and what settles them,
//! by content and not by place, so that a new column order or a moved row is no change.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::id::OrderId;
use crate::model::time::AsOf;
use crate::reconcile::Reconciled;

/// What is known of one order over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// 1 when it was first seen, one more for every snapshot in which it differs from the one before.
    pub number: u32,
    /// The snapshot that brought the newest version.
    pub since: AsOf,
    /// The snapshot in which it was first seen.
    pub first_seen: AsOf,
    fingerprint: u128,
}

impl Version {
    /// The first 12 hex digits of SHA-256 over the order's canonical record.
    pub fn fingerprint(&self) -> String {
        format!("{:032x}", self.fingerprint)[..12].to_owned()
    }
}

/// The versions of all orders.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Versions {
    newest: HashMap<OrderId, Version>,
    /// The snapshots that brought each version, oldest first, of orders with more than one.
    all: HashMap<OrderId, Vec<AsOf>>,
}

impl Versions {
    /// Adds what a snapshot says. Snapshots must come oldest first; folding one twice changes nothing (I-29).
    pub fn fold(&mut self, reconciled: &Reconciled<'_>) {
        let records = &reconciled.snapshot.records;
        let mut start = 0;
        while start < records.orders.len() {
            let id = records.orders[start].id;
            let end = start + records.orders[start..].iter().take_while(|o| o.id == id).count();
            self.record(id, fingerprint(reconciled, start..end), reconciled.as_of());
            start = end;
        }
    }

    fn record(&mut self, id: OrderId, fingerprint: u128, as_of: AsOf) {
        let new = Version { number: 1, since: as_of, first_seen: as_of, fingerprint };
        let version = self.newest.entry(id).or_insert(new);
        if version.fingerprint != fingerprint {
            self.all.entry(id).or_insert_with(|| vec![version.first_seen]).push(as_of);
            *version = Version { number: version.number + 1, first_seen: version.first_seen, ..new };
        }
    }

    /// The version of an order.
    pub fn get(&self, id: OrderId) -> Option<Version> {
        self.newest.get(&id).copied()
    }

    /// The snapshots that brought the versions of an order, oldest first: the first is version 1.
    pub fn all(&self, id: OrderId) -> Vec<AsOf> {
        let first = || self.newest.get(&id).map(|version| vec![version.first_seen]);
        self.all.get(&id).cloned().or_else(first).unwrap_or_default()
    }

    /// Every order that was ever seen.
    pub fn orders(&self) -> impl Iterator<Item = OrderId> + '_ {
        self.newest.keys().copied()
    }
}

fn fingerprint(reconciled: &Reconciled<'_>, rows: std::ops::Range<usize>) -> u128 {
    let records = &reconciled.snapshot.records;
    let mut digests: Vec<u128> = records.orders[rows.clone()].iter().map(|o| o.origin.digest).collect();
    let mut lines: Vec<u32> = rows
        .clone()
        .flat_map(|row| reconciled.matching.of_order(u32::try_from(row).unwrap_or(u32::MAX)).iter().copied())
        .collect();
    lines.sort_unstable();
    lines.dedup();
    for line in lines {
        let line = &records.lines[line as usize];
        digests.push(line.origin.digest);
        digests.extend(reconciled.adjustments(line.id).iter().map(|a| a.origin.digest));
        digests.extend(line.payout.and_then(|id| reconciled.payout(id)).map(|p| p.origin.digest));
    }
    digests.extend(reconciled.cancellations(records.orders[rows.start].id).iter().map(|c| c.origin.digest));
    let mut hash = Sha256::new();
    for digest in digests {
        hash.update(digest.to_be_bytes());
    }
    let mut first = [0_u8; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    u128::from_be_bytes(first)
}
