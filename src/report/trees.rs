//! The trees beside the internal one: for whom each is, and what was looked for in every byte of them.

use std::collections::{BTreeMap, HashMap};

use ustr::Ustr;

use crate::mark;

/// What values are, as `audience::values` calls them.
pub const KINDS: [&str; 34] = [
    mark!("SKU"),
    mark!("account ID"),
    mark!("adjustment"),
    mark!("alias"),
    mark!("bank reference"),
    mark!("batch"),
    mark!("campaign"),
    mark!("cancellation"),
    mark!("cap"),
    mark!("category"),
    mark!("checksum of an input file"),
    mark!("claim"),
    mark!("customer"),
    mark!("customer ID"),
    mark!("input file"),
    mark!("invoice ID"),
    mark!("kind of discrepancy"),
    mark!("line ID"),
    mark!("order ID"),
    mark!("payout"),
    mark!("person"),
    mark!("program"),
    mark!("rate"),
    mark!("reason"),
    mark!("reason code"),
    mark!("record set"),
    mark!("region"),
    mark!("reseller ID"),
    mark!("rule document"),
    mark!("source"),
    mark!("subscription ID"),
    mark!("tier"),
    mark!("value of a row set aside"),
    mark!("vendor's status"),
];

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Trees {
    /// One for each audience or customer, by folder.
    pub trees: Vec<Tree>,
    /// The place of each customer's tree in the list.
    pub places: HashMap<Ustr, usize>,
    /// What was looked for in the trees of customers; nothing where there is none.
    pub proof: Option<Proof>,
    /// The trees of internal audiences, by name.
    pub audiences: Vec<AudienceTree>,
}

/// The tree of an internal audience with a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceTree {
    /// Its name, which is its folder.
    pub name: String,
    /// What its pages call it.
    pub title: String,
    /// Its tables, in words.
    pub tables: Vec<String>,
    /// The columns and answers of its rows, in words.
    pub columns: Vec<String>,
    /// What its answers may name besides, as [`KINDS`] call it.
    pub mentions: Vec<String>,
    /// How many rows it has.
    pub rows: usize,
    /// How many files it has, its two lists included.
    pub files: usize,
    /// Their size in bytes, without the two lists.
    pub bytes: u64,
    /// What was looked for in it.
    pub proof: Proof,
}

/// A tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// `customer`.
    pub audience: &'static str,
    /// Whose it is, as it was received.
    pub customer: String,
    /// The canonical form of that id.
    pub key: Ustr,
    /// Its name.
    pub name: String,
    /// Its folder in the site.
    pub folder: String,
    /// How many files it has, its two lists included.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// Whether every amount is of the newest snapshot.
    pub is_current: bool,
}

/// What no tree holds: a build in which one value is found publishes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// How many values of each kind were looked for.
    pub values: BTreeMap<&'static str, usize>,
    /// How many values are too short to be told from chance.
    pub short: usize,
    /// How many are words of the page itself.
    pub common: usize,
    /// How many runs of digits were compared with the hashes of all values.
    pub runs: usize,
}

impl Trees {
    /// The tree of a customer, by the canonical form of its id.
    pub fn of_customer(&self, key: Ustr) -> Option<&Tree> {
        let at = self.places.get(&key)?;
        self.trees.get(*at)
    }
}
