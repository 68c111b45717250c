//! `tieout.toml`: optional, every key has a default.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::error::Error;
use crate::ingest::columns::FileKind;
use crate::ingest::grammar;
use crate::ingest::mapping::spec::{Mode, Spec};
use crate::ingest::mapping::{Mapping, presets};
use crate::model::booked::Booked;
use crate::model::money::{Currency, Money};
use crate::model::time::Month;

pub mod policy;

use policy::Policy;

/// The configuration of a project.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The name in the header of every page, such as the company's.
    pub organization: String,
    /// The name of the time zone in which days and periods end; the extracts' dates are taken to be in it.
    pub time_zone: String,
    /// The language of the site: `en`, or one with messages in `content/messages/`, such as `zh`.
    pub language: String,
    /// Where the site will be reached, for text that leaves it, such as a ticket; empty: tickets name the page only.
    pub base_url: String,
    /// Amounts from which a case weighs more, by currency: `USD = "1000.00"`.
    pub materiality: BTreeMap<String, String>,
    /// The currency in which our own books are kept, such as `USD`; empty: nothing is translated.
    pub functional_currency: String,
    /// Which lines our books recognize.
    pub recognition: Recognition,
    /// What the success metrics rest on besides their files.
    pub metrics: MetricsSection,
    /// Whether customers get pages of their own, and what they show.
    pub customers: Customers,
    /// Further internal audiences, each with a tree of what it may see.
    pub audience: Vec<Policy>,
    /// Whether and where commands are recorded.
    pub audit: AuditSection,
    /// Where extracts come from: files that are mapped, and canonical files that add to what came before.
    pub source: Vec<Spec>,
}

/// What the success metrics rest on besides `input/metrics/` (domain 6).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsSection {
    /// The day or the month from which on people use the site: `2026-06-01` or `2026-06`; empty: nothing is compared.
    pub go_live: String,
}

/// The trees of customers; none are made while neither `key_file` nor `key_env` says where the project's secret is.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Customers {
    /// The file of the secret that the names of their folders are made with, relative to `tieout.toml`.
    pub key_file: String,
    /// Or the environment variable that holds it.
    pub key_env: String,
    /// The fewest purchases that an amount on their pages is made of, and that one moves by; 1 shows every amount as it is.
    pub min_purchases: usize,
    /// After how many days an amount that may not move joins the month beside it.
    pub hold_days: u32,
    /// Whom they ask; empty: their account manager.
    pub contact: String,
}

impl Default for Customers {
    fn default() -> Customers {
        Customers {
            key_file: String::new(),
            key_env: String::new(),
            min_purchases: 3,
            hold_days: 31,
            contact: String::new(),
        }
    }
}

/// Whether and where commands are recorded (reliability T16).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditSection {
    /// Whether builds, queries and packs are recorded.
    pub enabled: bool,
    /// The file, from the folder of the configuration on; empty: `audit.jsonl` beside the configuration.
    pub file: String,
}

impl Default for AuditSection {
    fn default() -> AuditSection {
        AuditSection { enabled: true, file: String::new() }
    }
}

impl AuditSection {
    /// The section of a configuration, whatever else in it is wrong: a run that the configuration stops is recorded as well.
    /// `None` where the text or the section cannot be read.
    pub fn of(text: &str) -> Option<AuditSection> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Part {
            audit: AuditSection,
        }
        toml::from_str(text).ok().map(|Part { audit }| audit)
    }
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

impl Default for Config {
    fn default() -> Config {
        Config {
            organization: String::new(),
            time_zone: "UTC".to_owned(),
            language: "en".to_owned(),
            base_url: String::new(),
            materiality: BTreeMap::new(),
            functional_currency: String::new(),
            recognition: Recognition::default(),
            metrics: MetricsSection::default(),
            customers: Customers::default(),
            audience: Vec::new(),
            audit: AuditSection::default(),
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
            help: "the keys are organization, time_zone, language, base_url, functional_currency, [materiality] with an amount per \
                   currency, [recognition] with booked and accrue_own_estimate, [metrics] with go_live, [audit] with enabled and \
                   file, [customers] with key_file or key_env, min_purchases, hold_days and contact, [[audience]] with name, title, tables, columns, answers and \
                   mentions, and \
                   [[source]] (README, section Sources)"
                .to_owned(),
        }
        };
        let mut config: Config = toml::from_str(text)
            .map_err(|e| usage(format!("`tieout.toml` cannot be read: {}", e.to_string().trim())))?;
        let mut sources = Vec::new();
        for source in std::mem::take(&mut config.source) {
            sources.extend(with_preset(source).map_err(&usage)?);
        }
        for source in &sources {
            if FileKind::parse(&source.kind).is_none_or(FileKind::is_reference) {
                return Err(usage(format!("`tieout.toml`: `{}` is not the name of an extract", source.kind)));
            }
        }
        config.source = sources;
        Ok(config)
    }

    /// The sources whose files are mapped.
    ///
    /// # Errors
    /// [`Error::Usage`] with every source that cannot be applied, and two sources of one name and kind.
    pub fn mappings(&self) -> Result<Vec<Mapping>, Error> {
        let mut problems = Vec::new();
        let mut mappings: Vec<Mapping> = Vec::new();
        let id = |mapping: &Mapping| (mapping.name, mapping.kind, mapping.since);
        for spec in self.source.iter().filter(|spec| !spec.files.0.is_empty() || spec.since.is_some()) {
            match Mapping::new(spec, &self.time_zone) {
                Ok(mapping) if mappings.iter().any(|m| id(m) == id(&mapping)) => {
                    problems.push(format!(
                        "two sources are called `{}` and give {}; where one follows the other, say with since = \"…\" from which \
                         snapshot on it holds",
                        mapping.name,
                        mapping.kind.name()
                    ));
                }
                Ok(mapping) => mappings.push(mapping),
                Err(what) => {
                    let name = if spec.name.is_empty() { &spec.kind } else { &spec.name };
                    problems.push(format!("source `{name}`: {what}"));
                }
            }
        }
        if problems.is_empty() {
            return Ok(mappings);
        }
        Err(Error::Usage {
            message: format!("`tieout.toml`: {}", problems.join("; ")),
            help: "what a source can say is in the README, section Sources; `tieout map FILE` writes one"
                .to_owned(),
        })
    }

    /// The sources of a configuration, each with the line of its text at which it begins, from 1; a preset that reads a file in
    /// several ways gives several at one line. What cannot be applied is left out: [`Config::mappings`] says why.
    pub fn mappings_at(text: &str) -> Vec<(usize, Mapping)> {
        #[derive(Deserialize)]
        struct Sources {
            #[serde(default)]
            source: Vec<toml::Spanned<Spec>>,
        }
        let (Ok(sources), Ok(config)) = (toml::from_str::<Sources>(text), Config::parse(text)) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for source in sources.source {
            let before = text.get(..source.span().start).unwrap_or_default();
            let line = 1 + before.matches('\n').count();
            let specs = with_preset(source.into_inner()).unwrap_or_default();
            let specs = specs.iter().filter(|spec| !spec.files.0.is_empty());
            all.extend(specs.filter_map(|spec| Some((line, Mapping::new(spec, &config.time_zone).ok()?))));
        }
        all
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

    /// The first day on which people use the site; nothing where it is not given (domain 6).
    ///
    /// # Errors
    /// [`Error::Usage`] for a text that is neither a day nor a month.
    pub fn go_live(&self) -> Result<Option<NaiveDate>, Error> {
        let text = self.metrics.go_live.as_str();
        if text.is_empty() {
            return Ok(None);
        }
        let month = || Some(Month::parse(text)?.first_day());
        grammar::date(text).ok().or_else(month).map(Some).ok_or_else(|| Error::Usage {
            message: format!("`tieout.toml`: [metrics] go_live = \"{text}\" is neither a day nor a month"),
            help: "write a day such as \"2026-06-01\" or a month such as \"2026-06\", or leave the key out: then nothing is \
                   compared with the time before"
                .to_owned(),
        })
    }

    /// The trees of customers, where there are any.
    ///
    /// # Errors
    /// [`Error::Usage`] for two secrets, and for a least number of purchases that is none.
    pub fn customers(&self) -> Result<Option<&Customers>, Error> {
        let customers = &self.customers;
        let usage = |what: &str, help: &str| Error::Usage {
            message: format!("`tieout.toml`: [customers] {what}"),
            help: help.to_owned(),
        };
        if customers.min_purchases == 0 {
            return Err(usage(
                "min_purchases = 0 is no number of purchases",
                "write 3, or 1 to show every amount as it is",
            ));
        }
        match (customers.key_file.is_empty(), customers.key_env.is_empty()) {
            (true, true) => Ok(None),
            (false, false) => {
                Err(usage("names a key_file and a key_env", "keep the one that holds the secret"))
            }
            (true, false) | (false, true) => Ok(Some(customers)),
        }
    }

    /// The further internal audiences, in the order of their names.
    ///
    /// # Errors
    /// [`Error::Usage`] for one that cannot be made as it is written, and for two of one name.
    pub fn audiences(&self) -> Result<Vec<&Policy>, Error> {
        let mut all: Vec<&Policy> = self.audience.iter().collect();
        all.iter().try_for_each(|policy| policy.check())?;
        all.sort_by(|a, b| a.name.cmp(&b.name));
        match all.windows(2).find(|pair| pair[0].name == pair[1].name) {
            Some(pair) => Err(Error::Usage {
                message: format!("`tieout.toml`: two [[audience]] are called `{}`", pair[0].name),
                help: "give each its own name: it is the folder of its tree".to_owned(),
            }),
            None => Ok(all),
        }
    }

    /// The kinds of files that add to what came before.
    pub fn delta(&self) -> BTreeSet<FileKind> {
        self.source
            .iter()
            .filter(|s| s.mode == Mode::Delta && s.files.0.is_empty())
            .filter_map(|s| FileKind::parse(&s.kind))
            .collect()
    }
}

/// A source with what its preset says; several where the preset reads a file in several ways and the source does not say
/// which it means.
fn with_preset(source: Spec) -> Result<Vec<Spec>, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Preset {
        source: Vec<Spec>,
    }
    if source.preset.is_empty() {
        return Ok(vec![source]);
    }
    let names =
        || presets::PRESETS.iter().map(|(name, ..)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let text = presets::preset(&source.preset).ok_or_else(|| {
        format!("`tieout.toml`: there is no preset `{}`; there are {}", source.preset, names())
    })?;
    let preset: Preset =
        toml::from_str(text).map_err(|e| format!("the preset `{}` cannot be read: {e}", source.preset))?;
    let mut blocks = preset.source;
    blocks.retain(|block| source.kind.is_empty() || block.kind == source.kind);
    let kinds: Vec<FileKind> = blocks.iter().filter_map(|block| FileKind::parse(&block.kind)).collect();
    let has = |kind: &FileKind, name: &str| kind.columns().iter().any(|column| column.name == name);
    let sources: Vec<Spec> = blocks
        .into_iter()
        .map(|block| {
            let mut own = source.clone();
            // A column that only one of several kinds has is meant for that one; one that none has is told as a mistake.
            if let Some(kind) = FileKind::parse(&block.kind) {
                own.columns.retain(|name, _| has(&kind, name) || !kinds.iter().any(|other| has(other, name)));
            }
            own.over(block)
        })
        .collect();
    if sources.is_empty() {
        return Err(format!("`tieout.toml`: the preset `{}` gives no `{}`", source.preset, source.kind));
    }
    Ok(sources)
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
    fn what_is_written_beside_a_preset_goes_to_the_kind_that_has_it() {
        // Goal: a preset that reads one file in two ways takes the columns that a project adds, each where it exists, and a
        // misspelled one is still refused. Method: a column of both kinds, one of the first, one of neither.
        let sources = |columns: &str| {
            let text = format!(
                "[[source]]\npreset = \"alibaba-agency-customer-orders\"\n[source.columns]\n{columns}\n"
            );
            Config::parse(&text).unwrap()
        };
        let config = sources("currency = { value = \"CNY\" }\nbilling_model = { value = \"prepay\" }");
        let of: Vec<(&str, bool, bool)> = config
            .source
            .iter()
            .map(|s| {
                (s.kind.as_str(), s.columns.contains_key("currency"), s.columns.contains_key("billing_model"))
            })
            .collect();
        assert_eq!(of, [("orders", true, true), ("cancellations", true, false)]);
        assert_eq!(config.mappings().unwrap().len(), 2);
        assert!(sources("billing_modell = { value = \"prepay\" }").mappings().is_err());
    }

    #[test]
    fn the_day_of_going_live_is_a_day_or_a_month() {
        // Goal: a typing error does not move the line between before and after. Method: both spellings of one day, nothing,
        // and texts and keys that are refused.
        let day =
            |text: &str| Config::parse(&format!("[metrics]\n{text}")).and_then(|config| config.go_live());
        let may = NaiveDate::from_ymd_opt(2026, 5, 1);
        assert_eq!(day("go_live = \"2026-05\"").unwrap(), may);
        assert_eq!(day("go_live = \"2026-05-01\"").unwrap(), may);
        assert_eq!(day("").unwrap(), None);
        for wrong in ["go_live = \"May 2026\"", "go_live = \"2026-13\"", "golive = \"2026-05\""] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
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
