//! Who signed which close pack (domain 1.10). What is signed is the pack's manifest, by its checksum.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use ustr::Ustr;

use super::record::Origin;
use super::time::Month;

/// How few hex digits of a pack's checksum name it.
pub const PACK_DIGITS: usize = 12;

/// What somebody signed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Made the pack.
    Preparer,
    /// Checked it.
    Reviewer,
    /// Checked it a second time.
    SecondReviewer,
}

impl Role {
    /// Every role, in the order in which a pack is signed.
    pub const ALL: [Role; 3] = [Role::Preparer, Role::Reviewer, Role::SecondReviewer];

    /// Its word in `signoffs.csv`.
    pub fn code(self) -> &'static str {
        match self {
            Role::Preparer => "preparer",
            Role::Reviewer => "reviewer",
            Role::SecondReviewer => "second-reviewer",
        }
    }
}

/// A row of `signoffs.csv`.
#[derive(Debug, Clone)]
pub struct Signoff {
    /// The month of the pack.
    pub period: Month,
    /// SHA-256 of the pack's `manifest.json`, or at least its first digits; lower case.
    pub pack: Ustr,
    /// What they signed as; `None` for a word that is no role.
    pub role: Option<Role>,
    /// The role as it is written.
    pub role_raw: Ustr,
    /// Who signed.
    pub name: Ustr,
    /// When.
    pub signed_on: NaiveDate,
    /// What they state, such as the threshold they used and what they looked at.
    pub statement: Option<Ustr>,
    /// The row.
    pub origin: Origin,
}

impl Signoff {
    /// Whether it signs the pack of a month with this checksum of its manifest, or with its first digits.
    pub fn signs(&self, period: Month, sha256: &str) -> bool {
        self.period == period && is_same_pack(&self.pack, sha256)
    }

    /// Whether two rows sign one pack.
    pub fn has_same_pack(&self, other: &Signoff) -> bool {
        self.period == other.period && is_same_pack(&self.pack, &other.pack)
    }

    /// The name without case and blanks, by which people are told apart.
    pub fn person(&self) -> String {
        self.name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    }
}

fn is_same_pack(a: &str, b: &str) -> bool {
    let digits = a.len().min(b.len());
    digits >= PACK_DIGITS && a.as_bytes()[..digits].eq_ignore_ascii_case(&b.as_bytes()[..digits])
}

/// How far a pack is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignState {
    /// By nobody who prepared it.
    Draft,
    /// Somebody signed as its preparer.
    Prepared,
    /// And another person as its reviewer.
    Reviewed,
}

impl SignState {
    /// The state that the sign-offs of one pack give: nobody reviews what they prepared (domain 1.10).
    pub fn of<'a>(signoffs: impl Iterator<Item = &'a Signoff>) -> SignState {
        let (mut prepared, mut reviewed) = (BTreeSet::new(), BTreeSet::new());
        for signoff in signoffs {
            match signoff.role {
                Some(Role::Preparer) => prepared.insert(signoff.person()),
                Some(Role::Reviewer | Role::SecondReviewer) => reviewed.insert(signoff.person()),
                None => false,
            };
        }
        if prepared.is_empty() {
            SignState::Draft
        } else if reviewed.is_subset(&prepared) {
            SignState::Prepared
        } else {
            SignState::Reviewed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::SourceRef;

    const PACK: &str = "1439d6fd45fef3de2b4c3b79db87c9f3cff95ab129c7caf018490666e4f212cb";

    fn signoff(pack: &str, role: Role, name: &str) -> Signoff {
        let source = SourceRef { file: 0, record: 0 };
        Signoff {
            period: Month::new(2026, 5).unwrap(),
            pack: Ustr::from(pack),
            role: Some(role),
            role_raw: Ustr::from(role.code()),
            name: Ustr::from(name),
            signed_on: NaiveDate::from_ymd_opt(2026, 6, 19).unwrap(),
            statement: None,
            origin: Origin { source, copies: Vec::new(), digest: 0 },
        }
    }

    #[test]
    fn nobody_reviews_what_they_prepared() {
        // Goal: domain 1.10. Method: one pack, signed step by step; the second signature is the same person, spelled otherwise.
        let preparer = signoff(PACK, Role::Preparer, "Ana Ruiz");
        let again = signoff(&PACK[..12], Role::Reviewer, "ana  RUIZ");
        let other = signoff(PACK, Role::SecondReviewer, "Bo Lin");
        let state = |all: &[&Signoff]| SignState::of(all.iter().copied());
        assert_eq!(state(&[]), SignState::Draft);
        assert_eq!(state(&[&other]), SignState::Draft);
        assert_eq!(state(&[&preparer, &again]), SignState::Prepared);
        assert_eq!(state(&[&preparer, &again, &other]), SignState::Reviewed);
    }

    #[test]
    fn a_pack_is_named_by_twelve_digits() {
        // Goal: a signature holds for the bytes it names and for no others. Method: the first digits, too few of them, another
        // pack and another month.
        let month = Month::new(2026, 5).unwrap();
        let short = signoff(&PACK[..12], Role::Preparer, "Ana Ruiz");
        assert!(short.signs(month, PACK));
        assert!(short.signs(month, &PACK.to_uppercase()));
        assert!(!short.signs(month.next(), PACK));
        assert!(!short.signs(month, &PACK.replace("1439", "1430")));
        assert!(!signoff(&PACK[..11], Role::Preparer, "Ana Ruiz").signs(month, PACK));
    }
}
