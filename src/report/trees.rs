//! The trees beside the internal one: for whom each is, and what was looked for in every byte of them.

use std::collections::{BTreeMap, HashMap};

use ustr::Ustr;

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Trees {
    /// One for each audience or customer, by folder.
    pub trees: Vec<Tree>,
    /// The place of each customer's tree in the list.
    pub places: HashMap<Ustr, usize>,
    /// What was looked for; nothing where there is no such tree.
    pub proof: Option<Proof>,
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
