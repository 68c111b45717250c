//! `tieout.toml`: optional, every key has a default.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::error::Error;
use crate::ingest::columns::FileKind;
use crate::model::booked::Booked;
use crate::model::money::{Currency, Money};

/// The configuration of a project.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The name in the header of every page, such as the company's.
    pub organization: String,
    /// The name of the time zone in which days and periods end; the extracts' dates are taken to be in it.
    pub time_zone: String,
    /// Where the site will be reached, for text that leaves it, such as a ticket; empty: tickets name the page only.
    pub base_url: String,
    /// Amounts from which a case weighs more, by currency: `USD = "1000.00"`.
    pub materiality: BTreeMap<String, String>,
    /// The currency in which our own books are kept, such as `USD`; empty: nothing is translated.
    pub functional_currency: String,
    /// Which lines our books recognize.
    pub recognition: Recognition,
    /// Sources that behave otherwise than a full file.
    pub source: Vec<Source>,
}

/// The policy of recognition (domain 1.1).
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recognition {
    /// The statuses whose lines are booked.
    pub booked: Vec<String>,
    /// Whether our own estimate of orders without a line is booked; not supported, see [`Config::booked`].
    pub accrue_own_estimate: bool,
}

impl Default for Recognition {
    fn default() -> Recognition {
        let booked = Booked::default().statuses().map(|status| status.slug().to_owned()).collect();
        Recognition { booked, accrue_own_estimate: false }
    }
}

/// How one kind of file is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The file it is about: `orders`, `rebate_lines`, ….
    pub kind: String,
    /// `restate` (a full file, the default) or `delta` (adds to what came before).
    #[serde(default)]
    pub mode: Mode,
}

/// Whether a file restates everything or adds to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// A full file.
    #[default]
    Restate,
    /// Adds to what came before; a record with a known key replaces it.
    Delta,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            organization: String::new(),
            time_zone: "UTC".to_owned(),
            base_url: String::new(),
            materiality: BTreeMap::new(),
            functional_currency: String::new(),
            recognition: Recognition::default(),
            source: Vec::new(),
        }
    }
}

impl Config {
    /// Reads the text of `tieout.toml`.
    ///
    /// # Errors
    /// [`Error::Usage`] with the place and the keys that exist.
    pub fn parse(text: &str) -> Result<Config, Error> {
        let usage = |message: String| {
            Error::Usage {
            message,
            help: "the keys are organization, time_zone, base_url, functional_currency, [materiality] with an amount per \
                   currency, [recognition] with booked and accrue_own_estimate, and [[source]] with kind and mode"
                .to_owned(),
        }
        };
        let config: Config = toml::from_str(text)
            .map_err(|e| usage(format!("`tieout.toml` cannot be read: {}", e.to_string().trim())))?;
        for source in &config.source {
            if FileKind::parse(&source.kind).is_none_or(FileKind::is_reference) {
                return Err(usage(format!("`tieout.toml`: `{}` is not the name of an extract", source.kind)));
            }
        }
        Ok(config)
    }

    /// The amounts from which a case weighs more (domain 4.4).
    ///
    /// # Errors
    /// [`Error::Usage`] with the entry that is no amount of its currency.
    pub fn materiality(&self) -> Result<BTreeMap<Currency, Money>, Error> {
        let amount = |(code, text): (&String, &String)| {
            let currency = Currency::parse(code)?;
            let amount = Money::from_decimal(Decimal::from_str_exact(text).ok()?, currency).ok()?;
            Some((currency, amount))
        };
        self.materiality
            .iter()
            .map(|entry| {
                amount(entry).ok_or_else(|| Error::Usage {
                    message: format!(
                        "`tieout.toml`: materiality {} = \"{}\" is not an amount of a currency",
                        entry.0, entry.1
                    ),
                    help: "write a currency code and a plain amount as text, for example USD = \"1000.00\""
                        .to_owned(),
                })
            })
            .collect()
    }

    /// The statuses whose lines are booked (domain 1.1).
    ///
    /// # Errors
    /// [`Error::Usage`] for a word that is no such status, for a list by which a line would leave the books at its next step,
    /// and for `accrue_own_estimate = true`: an order with a near miss, or with a line in another currency, would be booked
    /// twice, once as our estimate and once as the line.
    pub fn booked(&self) -> Result<Booked, Error> {
        if self.recognition.accrue_own_estimate {
            return Err(Error::Usage {
                message: "`tieout.toml`: accrue_own_estimate = true is not supported: an order whose line names it wrongly \
                          would be booked twice, as our estimate and as the line"
                    .to_owned(),
                help: "set it to false; the estimate is shown as layer L0 beside the balance, so that it can be accrued \
                       in the ledger with a row of journals.csv of kind ledger-only"
                    .to_owned(),
            });
        }
        Booked::parse(&self.recognition.booked).map_err(|(what, help)| Error::Usage {
            message: format!("`tieout.toml`: [recognition] {what}"),
            help,
        })
    }

    /// The currency in which our own books are kept; nothing where it is empty (domain 1.9).
    ///
    /// # Errors
    /// [`Error::Usage`] for a text that is no currency.
    pub fn functional_currency(&self) -> Result<Option<Currency>, Error> {
        let code = self.functional_currency.as_str();
        if code.is_empty() {
            return Ok(None);
        }
        Currency::parse(code).map(Some).ok_or_else(|| Error::Usage {
            message: format!("`tieout.toml`: functional_currency = \"{code}\" is not a currency of ISO 4217"),
            help: "write its three-letter code, for example \"USD\", or leave the key out: then nothing is translated"
                .to_owned(),
        })
    }

    /// The kinds of files that add to what came before.
    pub fn delta(&self) -> BTreeSet<FileKind> {
        self.source
            .iter()
            .filter(|s| s.mode == Mode::Delta)
            .filter_map(|s| FileKind::parse(&s.kind))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_key_or_source_is_refused() {
        assert!(Config::parse("organisation = \"x\"").is_err());
        for wrong in ["XYZ = \"1\"", "USD = \"a lot\"", "JPY = \"0.5\""] {
            assert!(
                Config::parse(&format!("[materiality]\n{wrong}")).unwrap().materiality().is_err(),
                "{wrong}"
            );
        }
        assert!(Config::parse("[[source]]\nkind = \"accounts\"\nmode = \"delta\"").is_err());
        let config = Config::parse("[[source]]\nkind = \"orders\"\nmode = \"delta\"").unwrap();
        assert_eq!(config.delta().into_iter().collect::<Vec<_>>(), [FileKind::Orders]);
    }

    #[test]
    fn a_policy_that_cannot_be_kept_is_refused_with_the_way_out() {
        // Goal: nobody closes a month under a policy that the program does not follow. Method: each wrong value, and the
        // values that hold.
        let read = |text: &str| Config::parse(text).unwrap();
        for wrong in [
            "booked = [\"calculated\", \"paid\"]",
            "booked = []",
            "booked = [\"pending-data\", \"paid\"]",
            "accrue_own_estimate = true",
        ] {
            let Err(Error::Usage { message, help }) = read(&format!("[recognition]\n{wrong}")).booked()
            else {
                panic!("{wrong}")
            };
            assert!(message.starts_with("`tieout.toml`: ") && !help.is_empty(), "{message}: {help}");
        }
        assert!(Config::parse("[recognition]\nbook = []").is_err());
        assert_eq!(read("").booked().unwrap(), Booked::default());
        let few = read("[recognition]\nbooked = [\"approved\", \"paid\"]").booked().unwrap();
        assert_eq!(few.in_words(), "Approved and Paid");
        assert_eq!(read("").functional_currency().unwrap(), None);
        assert_eq!(
            read("functional_currency = \"EUR\"").functional_currency().unwrap().unwrap().code(),
            "EUR"
        );
        assert!(read("functional_currency = \"Euro\"").functional_currency().is_err());
    }
}
