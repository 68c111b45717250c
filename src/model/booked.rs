//! Which of the vendor's statuses our books recognize: a policy, written on whatever rests on it (domain 1.1).

use std::collections::BTreeSet;

use super::status::Status;
use crate::say;

/// The statuses whose lines are booked. A status that is booked stays booked at the next step to payment, and Paid always
/// is: else a rebate would leave the books because it came nearer to being paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked(BTreeSet<Status>);

impl Default for Booked {
    fn default() -> Booked {
        Booked(Booked::CHOICES.into_iter().collect())
    }
}

impl Booked {
    /// The statuses that can be booked, in the order of the steps to payment: before them no amount is known, and what is
    /// rejected or in a status nobody knows is no claim.
    pub const CHOICES: [Status; 4] =
        [Status::Calculated, Status::UnderReview, Status::Approved, Status::Paid];

    /// A policy of its words, the names of the status pages.
    ///
    /// # Errors
    /// What is wrong and what to write, as half a sentence each.
    pub fn parse(words: &[String]) -> Result<Booked, (String, String)> {
        let names = Booked::CHOICES.map(Status::slug).join(", ");
        let mut booked = BTreeSet::new();
        for word in words {
            let found = Booked::CHOICES.into_iter().find(|status| status.slug() == word);
            booked.insert(found.ok_or_else(|| {
                (format!("`{word}` is no status that can be booked"), format!("those that can are {names}"))
            })?);
        }
        let earlier = |status: Status| {
            let is_before = |other: &&Status| other.rank() < status.rank();
            booked.iter().find(is_before).map_or("", |status| status.slug())
        };
        for status in [Status::Paid, Status::Approved] {
            let before = earlier(status);
            if !booked.contains(&status) && (status == Status::Paid || !before.is_empty()) {
                let why = if before.is_empty() {
                    "what is paid and not yet received is owed whatever the policy".to_owned()
                } else {
                    format!("a line that was booked as `{before}` would leave the books at its next step")
                };
                let word = status.slug();
                return Err((
                    format!("`booked` lacks `{word}`: {why}"),
                    format!("add \"{word}\" to the list"),
                ));
            }
        }
        Ok(Booked(booked))
    }

    /// Whether lines in a status are booked.
    pub fn has(&self, status: Status) -> bool {
        self.0.contains(&status)
    }

    /// The booked statuses, in their order.
    pub fn statuses(&self) -> impl Iterator<Item = Status> + '_ {
        self.0.iter().copied()
    }

    /// `Calculated, Under Review, Approved and Paid`.
    pub fn in_words(&self) -> String {
        let names: Vec<&str> = self.statuses().map(Status::words).collect();
        match names.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, rest)) => say!("{rest} and {last}", rest = rest.join(say!(", ")), last),
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_never_unbooks_what_comes_nearer_to_payment() {
        // Goal: no line leaves the books by a step forward. Method: each of the 16 lists; in an accepted one, every status of
        // a higher rank than a booked one is booked.
        for mask in 0..16_u8 {
            let chosen: Vec<Status> =
                (0..4).filter(|n| mask >> n & 1 == 1).map(|n| Booked::CHOICES[n]).collect();
            let words: Vec<String> = chosen.iter().map(|status| status.slug().to_owned()).collect();
            let is_sound = chosen.contains(&Status::Paid)
                && Booked::CHOICES
                    .iter()
                    .all(|next| chosen.contains(next) || chosen.iter().all(|s| s.rank() >= next.rank()));
            assert_eq!(Booked::parse(&words).is_ok(), is_sound, "{words:?}");
        }
        let words = |list: &[&str]| Booked::parse(&list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        assert!(words(&["paid", "rejected"]).unwrap_err().0.contains("`rejected`"));
        assert!(words(&["calculated", "paid"]).unwrap_err().1.contains("\"approved\""));
        assert_eq!(words(&["paid", "approved"]).unwrap().in_words(), "Approved and Paid");
        assert_eq!(Booked::default().in_words(), "Calculated, Under Review, Approved and Paid");
    }
}
