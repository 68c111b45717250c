//! `tieout.toml`: optional, every key has a default.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::error::Error;
use crate::ingest::columns::FileKind;
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
    /// Sources that behave otherwise than a full file.
    pub source: Vec<Source>,
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
            help: "the keys are organization, time_zone, base_url, [materiality] with an amount per currency, and \
                   [[source]] with kind and mode"
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
}
