//! The trees of internal audiences: made from the columns that their policy names, looked through for everything else.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::{Loaded, MadeTree, ManifestFacts, Options, Put, site_facts};
use crate::audience::internal::{self, Key, Tables};
use crate::audience::scan::{Hit, Own, Secrets, Visit, hashed};
use crate::audience::values;
use crate::config::policy::{Answer, Policy};
use crate::error::Error;
use crate::ingest::grammar;
use crate::model::status::Status;
use crate::publish::manifest;
use crate::reconcile::Kind;
use crate::render::{self, AudienceFacts, NavFacts, Renderer, SiteFacts};
use crate::report::Report;
use crate::report::query::rows::RowKey;
use crate::report::script::DataScript;
use crate::report::table::Table;
use crate::report::trees::{AudienceTree, Proof};
use crate::site::Site;
use crate::{embedded, export, say};

/// Makes the tree of every audience of the configuration.
///
/// # Errors
/// [`Error::Usage`] for a policy that cannot be followed; [`Error::Identity`] where a sum is not that of our own tree;
/// [`Error::Leak`] where a value stands in a tree that may not be there; [`Error::Content`] where a sentence or a template
/// fails; and what `put` gives.
pub(super) fn make(
    report: &Report<'_>,
    loaded: &Loaded,
    options: &Options,
    put: &Put<'_>,
) -> Result<Vec<AudienceTree>, Error> {
    let policies = loaded.config.audiences()?;
    if policies.is_empty() {
        return Ok(Vec::new());
    }
    let rows = report.query_rows();
    policies.into_iter().map(|policy| tree(report, loaded, options, (policy, &rows), put)).collect()
}

fn tree(
    report: &Report<'_>,
    loaded: &Loaded,
    options: &Options,
    (policy, rows): (&Policy, &[RowKey]),
    put: &Put<'_>,
) -> Result<AudienceTree, Error> {
    let tables = Tables::new(report, policy, rows);
    check(report, &tables)?;
    let site_facts = facts(loaded, policy);
    let maker = Maker {
        report,
        loaded,
        policy,
        tables: &tables,
        templates: embedded::templates(&options.templates)?,
        facts: ManifestFacts {
            audience: policy.name.clone(),
            snapshot: loaded.shown.to_string(),
            ..ManifestFacts::default()
        },
        site_facts,
    };
    let shown = internal::kinds(policy)?;
    // The same text may be two things: what the audience may see as one, it may see.
    let mut open: HashSet<String> = HashSet::new();
    values::each(report, &mut |kind, text| {
        if shown.contains(kind) {
            open.insert(grammar::canonical(text).into_owned());
        }
    });
    let all = |visit: &mut Visit<'_>| {
        values::each(report, &mut |kind, text| {
            if !shown.contains(kind) && !open.contains(grammar::canonical(text).as_ref()) {
                visit(kind, text);
            }
        });
    };
    let nobody = maker.nobody()?;
    let secrets = Secrets::new(&all, &nobody);
    let usual = Secrets::default().look(&Own::default(), "", &nobody).runs;
    let found = Found::default();
    let sealed = Mutex::new((0, 0));
    let make = |site: &Site| {
        maker.add(site, &secrets, &found)?;
        let entries = site.entries();
        let sums: HashSet<&str> = entries.iter().map(|entry| entry.sha256.as_str()).collect();
        for (path, text) in manifest::lists(&maker.facts, entries.clone())? {
            let sizes = entries.iter().map(|entry| format!("\"size\":{}", entry.size));
            let seen = secrets.look(
                &Own::new(sizes.chain(entries.iter().map(|e| e.path.clone()))),
                path,
                text.as_bytes(),
            );
            found.hits.lock().unwrap_or_else(PoisonError::into_inner).extend(seen.hits);
        }
        let mut runs = found.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.retain(|run, _| !usual.contains(run) && !sums.contains(run.as_str()));
        let mut hits = found.hits.lock().unwrap_or_else(PoisonError::into_inner);
        hits.extend(hashed(&all, &runs));
        if !hits.is_empty() {
            return Err(leaked(policy, &hits));
        }
        let bytes: u64 = entries.iter().map(|entry| entry.size).sum();
        *sealed.lock().unwrap_or_else(PoisonError::into_inner) = (entries.len() + 2, bytes);
        Ok(())
    };
    put(&MadeTree { folder: &policy.name, make: &make, facts: &maker.facts })?;
    let (files, bytes) = *sealed.lock().unwrap_or_else(PoisonError::into_inner);
    let runs = found.runs.lock().unwrap_or_else(PoisonError::into_inner).len();
    Ok(AudienceTree {
        name: policy.name.clone(),
        title: internal::title(policy).to_owned(),
        tables: policy.tables.iter().map(|table| internal::words(*table).to_owned()).collect(),
        columns: internal::headers(policy),
        mentions: policy.mentions.clone(),
        rows: rows.len(),
        files,
        bytes,
        proof: Proof {
            values: secrets.kinds.clone(),
            short: secrets.short.len(),
            common: secrets.common,
            runs,
        },
    })
}

/// One example of each kind: what is named is a kind, and the answer to it is one word in the policy.
fn leaked(policy: &Policy, hits: &BTreeSet<Hit>) -> Error {
    let mut of_kind: BTreeMap<&str, Vec<&Hit>> = BTreeMap::new();
    for hit in hits {
        of_kind.entry(hit.kind).or_default().push(hit);
    }
    let examples = of_kind.iter().filter_map(|(kind, hits)| {
        let first = hits.first()?;
        let more = hits.len() - 1;
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        Some(format!("`{}/{}` holds the {kind} `{}`{more}", policy.name, first.path, first.value))
    });
    Error::Leak { what: examples.collect::<Vec<_>>().join("; ") }
}

/// What was found so far, from several threads.
#[derive(Default)]
struct Found {
    hits: Mutex<BTreeSet<Hit>>,
    /// Runs of digits that may be hashes, each with a file.
    runs: Mutex<BTreeMap<String, String>>,
}

/// Checks that all rows, and the groups of each table, add up to the totals of our own tree (domain I-22).
fn check(report: &Report<'_>, tables: &Tables<'_>) -> Result<(), Error> {
    let lines = report.reconciled.snapshot.records.lines.len();
    let lines: Vec<u32> = (0..u32::try_from(lines).unwrap_or(u32::MAX)).collect();
    let ours = report.totals(&lines);
    let all = tables.totals();
    let is_ours = !internal::has_amounts(tables.policy)
        || all.iter().all(|(currency, total)| {
            ours.get(*currency).map_or(*total == 0, |totals| totals.total().minor() == *total)
        });
    if is_ours && tables.totals_of_tables().iter().all(|table| *table == all) {
        return Ok(());
    }
    Err(Error::Identity(format!(
        "the rows of the audience `{}` do not add up to our own tree",
        tables.policy.name
    )))
}

/// What every page of a policy's tree says.
fn facts(loaded: &Loaded, policy: &Policy) -> SiteFacts {
    let overview = NavFacts { key: "overview", text: say!("Overview"), href: "index.html".to_owned() };
    let query = NavFacts { key: "ask", text: say!("Query"), href: "query.html".to_owned() };
    let tables = policy.tables.iter().map(|table| NavFacts {
        key: table.folder(),
        text: internal::words(*table),
        href: format!("{}/index.html", table.folder()),
    });
    let audience = AudienceFacts {
        title: internal::title(policy).to_owned(),
        nav: std::iter::once(overview).chain(tables).chain([query]).collect(),
    };
    SiteFacts { audience: Some(audience), ..site_facts(loaded, String::new()) }
}

/// Looks at a file with its own texts.
type Take<'t> = dyn Fn(&Own, &str, &[u8]) + Sync + 't;

struct Maker<'m> {
    report: &'m Report<'m>,
    loaded: &'m Loaded,
    policy: &'m Policy,
    tables: &'m Tables<'m>,
    templates: Vec<(String, String)>,
    facts: ManifestFacts,
    site_facts: SiteFacts,
}

impl Maker<'_> {
    /// Adds every page and file, and looks at each.
    fn add(&self, site: &Site, secrets: &Secrets, found: &Found) -> Result<(), Error> {
        let take = |own: &Own, path: &str, bytes: &[u8]| {
            let seen = secrets.look(own, path, bytes);
            found.hits.lock().unwrap_or_else(PoisonError::into_inner).extend(seen.hits);
            let mut runs = found.runs.lock().unwrap_or_else(PoisonError::into_inner);
            runs.extend(seen.runs.into_iter().map(|run| (run, path.to_owned())));
        };
        for (path, bytes) in assets(self.loaded) {
            take(&Own::default(), &path, &bytes);
            site.add(&path, &bytes)?;
        }
        let query = self.data(site, &take)?;
        let renderer = Renderer::new(&self.templates, &self.site_facts)?;
        let missing = renderer.not_found()?;
        take(&self.own(BTreeSet::new()), "404.html", missing.as_bytes());
        site.add("404.html", missing.as_bytes())?;
        let made = |key: &Key| {
            let made = self.tables.make(self.report, *key, &query)?;
            let html = renderer.page(&made.page)?;
            take(&self.own(made.own), &made.page.path, html.as_bytes());
            site.add(&made.page.path, html.as_bytes())?;
            let Some((path, table)) = made.file else { return Ok(()) };
            site.add(&path, &export::csv::table(&table))?;
            // Piece by piece, because each has few own texts.
            let answers = if path.ends_with("/index.csv") { 0 } else { self.policy.answers.len() };
            for rows in table.rows.chunks(internal::ROWS) {
                let piece = Table { rows: rows.to_vec(), ..table.clone_head() };
                let own = internal::texts(&[&piece], answers);
                take(&self.own(own), &path, &export::csv::table(&piece));
            }
            Ok(())
        };
        let plan = self.tables.plan();
        plan.par_iter().map(|key| self.loaded.language.within(|| made(key))).collect::<Result<(), Error>>()
    }

    /// Adds the data files of the query; the set of the first one.
    fn data(&self, site: &Site, take: &Take<'_>) -> Result<String, Error> {
        let add = |file: &DataScript| {
            let (text, set) = export::data_script(file);
            let cells = file.grids.iter().flat_map(|(_, grid)| &grid.cells).map(ToString::to_string);
            take(&self.own(cells.chain(file.texts.iter().cloned()).collect()), &file.path, text.as_bytes());
            site.add(&file.path, text.as_bytes())?;
            Ok::<String, Error>(set)
        };
        let files = self.tables.data_files();
        let sets: Vec<(Option<usize>, String, String)> = files
            .par_iter()
            .map(|(month, file)| Ok((*month, file.path.clone(), add(file)?)))
            .collect::<Result<_, Error>>()?;
        add(&self.tables.data_index(&sets))
    }

    /// What may stand on a page: its own texts and those of the configuration.
    fn own(&self, texts: BTreeSet<String>) -> Own {
        let facts = &self.site_facts;
        let frame =
            [internal::title(self.policy).to_owned(), facts.organization.clone(), facts.as_of.clone()];
        Own::new(texts.into_iter().chain(frame))
    }

    /// Everything that the tree of an audience without a row holds, under the built-in templates: what a project writes there
    /// itself may hold what nobody may see.
    fn nobody(&self) -> Result<Vec<u8>, Error> {
        let templates: Vec<(String, String)> = render::DEFAULT_TEMPLATES
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        let organization = String::new();
        let renderer = Renderer::new(&templates, &SiteFacts { organization, ..self.site_facts.clone() })?;
        let tables = Tables::nobody(self.policy);
        let mut all: Vec<u8> = Vec::new();
        for key in tables.plan() {
            let made = tables.make(self.report, key, "")?;
            all.extend(renderer.page(&made.page)?.into_bytes());
            if let Some((path, table)) = made.file {
                all.extend(path.into_bytes());
                all.extend(export::csv::table(&table));
            }
        }
        all.extend(renderer.not_found()?.into_bytes());
        all.extend(export::data_script(&tables.data_index(&[])).0.into_bytes());
        for (path, bytes) in assets(self.loaded) {
            all.extend(path.into_bytes());
            all.extend(bytes);
        }
        let content = &self.report.sources.content;
        let titles = Kind::ALL.iter().map(|kind| content.kind(*kind).title.clone());
        let statuses = Status::ALL.iter().map(|status| status.words().to_owned());
        let months = self.report.scopes.months().map(|month| format!("{month} {}", month.in_words()));
        let explained = content.kinds.iter().map(|page| &page.explain);
        let explained = explained.chain(content.statuses.iter().map(|page| &page.explain));
        let answers = explained.flat_map(|explain| {
            self.policy.answers.iter().map(|answer| match answer {
                Answer::Sales => explain.sales.clone(),
                Answer::Finance => explain.finance.clone(),
                Answer::Support => explain.support.clone(),
                Answer::Customer => explain.customer.clone(),
            })
        });
        for text in titles.chain(statuses).chain(months).chain(answers).chain(internal::fixed()) {
            all.push(b'\n');
            all.extend(text.into_bytes());
        }
        Ok(all)
    }
}

/// The files that every page loads, whatever the audience.
fn assets(loaded: &Loaded) -> Vec<(String, Vec<u8>)> {
    let all = render::assets::all();
    let own = all.of_audience();
    let messages = render::assets::messages(loaded.language).map(|file| (file.path, file.text.into_bytes()));
    own.map(|file| (file.path.clone(), file.bytes.to_vec())).chain(messages).collect()
}
