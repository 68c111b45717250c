//! The trees of customers: made from what each may see, looked through for everything else, then handed over.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use rayon::prelude::*;
use sha2::Sha256;
use ustr::Ustr;

use super::{Loaded, MadeTree, ManifestFacts, Options, Put, renderer, site_facts};
use crate::audience::scan::{Hit, Own, Secrets, Visit, hashed};
use crate::audience::{self, CurrencyView, CustomerView, RowView, page, values};
use crate::config::Customers;
use crate::content::Content;
use crate::content::customer::CustomerPage;
use crate::error::Error;
use crate::model::money::{Currency, Money};
use crate::model::time::date_in_words;
use crate::publish::manifest;
use crate::render::{self, Renderer, customer};
use crate::report::Report;
use crate::report::scopes::{Members, ScopeKey};
use crate::report::trees::{Proof, Tree, Trees};
use crate::site::{Entry, Site};
use crate::{embedded, export, fs};

/// For whom such a tree is, and the folder of all of them.
const AUDIENCE: &str = "customer";
/// The least length of the secret in bytes (reliability T2).
const KEY_MIN: usize = 16;
/// The part of the keyed hash that names a folder, in bytes: it cannot be guessed.
const NAME_BYTES: usize = 16;
/// How many values a message names.
const HITS_SHOWN: usize = 10;

/// Files by their address.
type Files = Vec<(String, Vec<u8>)>;

/// A tree, what was found in it, and the runs of digits in it that may be hashes, each with its file.
type Made = (Tree, BTreeSet<Hit>, BTreeMap<String, String>);

/// Makes the tree of every customer, where the configuration asks for them.
///
/// # Errors
/// [`Error::Usage`] for a secret that cannot be used; [`Error::Identity`] where an amount is not that of our own tree, or a
/// value stands in a tree that may not be there; [`Error::Content`] where a sentence or the template fails; and what `put`
/// gives.
pub fn make(report: &Report<'_>, loaded: &Loaded, options: &Options, put: &Put<'_>) -> Result<Trees, Error> {
    let Some(settings) = loaded.config.customers()? else { return Ok(Trees::default()) };
    let key = key(settings, options)?;
    let renderer = renderer(options, loaded, String::new())?;
    let facts = ManifestFacts {
        audience: AUDIENCE.to_owned(),
        snapshot: loaded.shown.to_string(),
        ..ManifestFacts::default()
    };
    let accounts = report.reconciled.rules.reference.accounts.iter().filter_map(|row| row.customer);
    let orders = report.reconciled.snapshot.records.orders.iter().filter_map(|order| order.customer);
    let ids = orders.chain(accounts).map(|id| (id.key(), id.raw())).collect();
    let names = Names::of(report);
    let maker = Maker { report, settings, renderer: &renderer, facts: &facts, ids, names };
    let all = |visit: &mut Visit<'_>| values::each(report, visit);
    let nobody = nobody(report, loaded, settings, &facts)?;
    let secrets = Secrets::new(&all, &nobody);
    // What stands on every page, such as the checksum of its style, is the hash of nothing of the input.
    let usual = Secrets::default().look(&Own::default(), "", &nobody).runs;
    let made: Vec<Made> = audience::customers(report)
        .into_par_iter()
        .map(|customer| loaded.language.within(|| maker.tree(customer, &key, &secrets, put)))
        .collect::<Result<_, Error>>()?;
    let mut trees = Vec::with_capacity(made.len());
    let (mut hits, mut runs) = (BTreeSet::new(), BTreeMap::new());
    for (tree, found, of_tree) in made {
        trees.push(tree);
        hits.extend(found);
        runs.extend(of_tree.into_iter().filter(|(run, _)| !usual.contains(run)));
    }
    hits.extend(hashed(&all, &runs));
    if !hits.is_empty() {
        return Err(leaked(&hits));
    }
    trees.sort_by(|a, b| a.folder.cmp(&b.folder));
    let proof = Proof {
        values: secrets.kinds.clone(),
        short: secrets.short.len(),
        common: secrets.common,
        runs: runs.len(),
    };
    let places = trees.iter().enumerate().map(|(place, tree)| (tree.key, place)).collect();
    Ok(Trees { trees, places, proof: Some(proof), audiences: Vec::new() })
}

fn leaked(hits: &BTreeSet<Hit>) -> Error {
    let shown: Vec<String> = hits
        .iter()
        .take(HITS_SHOWN)
        .map(|hit| format!("`{}` holds the {} `{}`", hit.path, hit.kind, hit.value))
        .collect();
    let more = hits.len().saturating_sub(HITS_SHOWN);
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    Error::Leak { what: format!("{}{more}", shown.join("; ")) }
}

/// The secret, from where the configuration says.
pub(super) fn key(settings: &Customers, options: &Options) -> Result<Vec<u8>, Error> {
    let usage = |message: String| {
        Error::Usage {
        message: format!("[customers] {message}"),
        help: "make one with `openssl rand -hex 32 > customers.key && chmod 600 customers.key`, keep it outside every \
               repository and site, and keep it the same: the addresses of customers are made with it"
            .to_owned(),
    }
    };
    let bytes = if settings.key_env.is_empty() {
        let folder = options.config.parent().unwrap_or(Path::new(""));
        let path = folder.join(&settings.key_file);
        let Some(metadata) = fs::metadata(&path)? else {
            return Err(usage(format!("key_file = \"{}\": there is no such file", settings.key_file)));
        };
        if fs::is_open_to_others(&metadata) {
            return Err(usage(format!("key_file = \"{}\" can be read by other users", settings.key_file)));
        }
        fs::read(&path)?
    } else {
        let value = (options.environment)(&settings.key_env).ok_or_else(|| {
            usage(format!("key_env = \"{}\": the environment has no such variable", settings.key_env))
        })?;
        value.into_bytes()
    };
    let secret = bytes.trim_ascii();
    if secret.len() < KEY_MIN {
        return Err(usage(format!("the secret has {} bytes; it needs at least {KEY_MIN}", secret.len())));
    }
    Ok(secret.to_vec())
}

/// The folder of a customer: a keyed hash, so that no list of ids leads to it.
fn folder(key: &[u8], customer: &ScopeKey) -> Result<String, Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key)
        .map_err(|_| Error::Identity("a keyed hash takes a key of any length".to_owned()))?;
    mac.update(customer.id.as_bytes());
    let name: String =
        mac.finalize().into_bytes().iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{AUDIENCE}/{name}"))
}

/// Everything that the tree of somebody without a name and without an amount holds, under the built-in template and words:
/// what a project writes there itself may hold what nobody may see.
fn nobody(
    report: &Report<'_>,
    loaded: &Loaded,
    settings: &Customers,
    facts: &ManifestFacts,
) -> Result<Vec<u8>, Error> {
    let templates: Vec<(String, String)> = render::DEFAULT_TEMPLATES
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    let renderer = Renderer::new(&templates, &site_facts(loaded, String::new()))?;
    let (texts, _) = Content::in_language(&embedded::default_content(), loaded.language.code())?;
    let content = Content::read(&texts)?;
    let as_of = report.reconciled.as_of();
    let month = as_of.last_full_month();
    let months = (month, month);
    // Whatever the currency: the words around its amounts are wanted.
    let currencies = Currency::parse("USD").into_iter().map(|currency| CurrencyView {
        currency,
        rows: vec![RowView { months, stages: None, total: Money::zero(currency), as_of }],
        withheld: vec![months],
    });
    let view = CustomerView {
        name: String::new(),
        organization: String::new(),
        contact: String::new(),
        as_of,
        least: settings.min_purchases,
        currencies: currencies.collect(),
        notes: Vec::new(),
    };
    let (files, _) = complete(facts, &files(&renderer, &content.customer, &view)?)?;
    let sentences = content.kinds.iter().map(|page| &page.explain.customer);
    let sentences = sentences.chain(content.statuses.iter().map(|page| &page.explain.customer));
    let days = report.scopes.months().flat_map(|month| {
        let first = month.first_day();
        [
            month.in_words(),
            date_in_words(first),
            content.customer.months((month, month)),
            content.customer.date(first),
        ]
    });
    let more = sentences.cloned().chain(days).map(|text| ("words".to_owned(), text.into_bytes()));
    let files = files.into_iter().chain(more);
    Ok(files
        .into_iter()
        .flat_map(|(path, bytes)| [path.into_bytes(), b"\n".to_vec(), bytes])
        .flatten()
        .collect())
}

fn files(renderer: &Renderer, words: &CustomerPage, view: &CustomerView) -> Result<Files, Error> {
    Ok(vec![
        (customer::PAGE.to_owned(), renderer.customer(&page::page(view, words))?.into_bytes()),
        (page::MISSING.to_owned(), renderer.customer(&page::missing(view, words))?.into_bytes()),
        (page::FILE.to_owned(), export::csv::table(&page::table(view, words))),
    ])
}

/// The files as they will lie there, with their two lists.
fn complete(facts: &ManifestFacts, files: &[(String, Vec<u8>)]) -> Result<(Files, Vec<Entry>), Error> {
    let site = Site::in_memory();
    files.iter().try_for_each(|(path, bytes)| site.add(path, bytes))?;
    manifest::seal(&site, facts)?;
    let entries = site.entries();
    let bytes = |entry: &Entry| (entry.path.clone(), site.bytes(&entry.path).unwrap_or_default());
    Ok((entries.iter().map(bytes).collect(), entries))
}

struct Maker<'m> {
    report: &'m Report<'m>,
    settings: &'m Customers,
    renderer: &'m Renderer,
    facts: &'m ManifestFacts,
    /// The ids of customers as they were received, by their canonical form.
    ids: HashMap<Ustr, &'static str>,
    names: Names,
}

/// The names of customers, each from a row of its own: an order may name another customer than its account does.
struct Names(BTreeMap<Ustr, &'static str>);

impl Names {
    fn of(report: &Report<'_>) -> Names {
        let rows = report.reconciled.rules.reference.accounts.iter();
        Names(rows.filter_map(|row| Some((row.customer?.key(), row.customer_name?.as_str()))).collect())
    }
}

impl Maker<'_> {
    fn tree(
        &self,
        (customer, members): (&ScopeKey, &Members),
        key: &[u8],
        secrets: &Secrets,
        put: &Put<'_>,
    ) -> Result<Made, Error> {
        let received = self.ids.get(&customer.id).copied().unwrap_or(customer.id.as_str());
        let name = self.names.0.get(&customer.id).copied().unwrap_or(received);
        let view = audience::view(self.report, self.settings, (customer, members), name)?;
        audience::check(self.report, &view, members)?;
        let folder = folder(key, customer)?;
        let files = files(self.renderer, &self.report.sources.content.customer, &view)?;
        let (all, entries) = complete(self.facts, &files)?;
        let own = self.own(&view, &entries);
        let mut hits = BTreeSet::new();
        let mut runs = BTreeMap::new();
        for (path, bytes) in &all {
            let seen = secrets.look(&own, path, bytes);
            let path = format!("{folder}/{path}");
            hits.extend(seen.hits.into_iter().map(|hit| Hit { path: path.clone(), ..hit }));
            // The checksums of its own files say nothing that the files do not.
            let is_sum = |run: &String| entries.iter().any(|entry| entry.sha256 == *run);
            runs.extend(seen.runs.into_iter().filter(|run| !is_sum(run)).map(|run| (run, path.clone())));
        }
        let make = |site: &Site| files.iter().try_for_each(|(path, bytes)| site.add(path, bytes));
        put(&MadeTree { folder: &folder, make: &make, facts: self.facts })?;
        let is_current = view.currencies.iter().all(|currency| {
            currency.withheld.is_empty() && currency.rows.iter().all(|row| row.as_of == view.as_of)
        });
        let tree = Tree {
            audience: AUDIENCE,
            customer: received.to_owned(),
            key: customer.id,
            name: view.name,
            folder,
            files: entries.len(),
            bytes: entries.iter().map(|entry| entry.size).sum(),
            is_current,
        };
        Ok((tree, hits, runs))
    }

    fn own(&self, view: &CustomerView, entries: &[Entry]) -> Own {
        let words = &self.report.sources.content.customer;
        let names = [view.name.clone(), view.organization.clone(), view.contact.clone()];
        let lists =
            entries.iter().flat_map(|entry| [entry.sha256.clone(), format!("\"size\":{}", entry.size)]);
        Own::new(names.into_iter().chain(page::figures(view, words)).chain(lists))
    }
}
