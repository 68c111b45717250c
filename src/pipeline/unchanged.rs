//! Whether a build would make the site that is live: then nothing is computed, rendered or written.
//!
//! A site is a function of the program, input, content, templates, configuration, shown snapshot and the secret of customers.
//! The checksum of all of them is kept with the site's own; where both are the same and every file of the site is as it was
//! published, the build is done. The record can be deleted at any time, as everything in the cache.

use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Cache, Options, Summary, cache, customers};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::fs::{self, Kind};
use crate::normalize::RowCounts;
use crate::publish::{Published, Target};
use crate::reconcile::{Kind as Discrepancy, Severity};

/// What a site would be made of.
pub(super) struct Basis {
    /// The file of its record in the cache.
    name: String,
    digest: [u8; 32],
}

/// What is kept of a build.
#[derive(Serialize, Deserialize)]
struct Record {
    digest: [u8; 32],
    manifest_sha256: String,
    snapshot: String,
    record_set: String,
    rows: RowCounts,
    totals: Vec<String>,
    month: String,
    cases: Vec<(String, usize)>,
    clean: usize,
    diagnostics: Vec<Diagnostic>,
    severity: Option<u8>,
}

/// Severities by their numbers in a record.
const SEVERITIES: [Severity; 5] =
    [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

impl Basis {
    /// What a build with these options would rest on; `None` where that cannot be said from files alone, and where one cannot
    /// be read, which the build then says itself.
    pub(super) fn of(options: &Options) -> Option<Basis> {
        Self::of_files(options).ok().flatten().filter(|_| options.cache != Cache::Off)
    }

    fn of_files(options: &Options) -> Result<Option<Basis>, Error> {
        let mut hash = Sha256::new();
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        };
        add(env!("TIEOUT_BUILD").as_bytes());
        add(options.snapshot.map_or_else(String::new, |snapshot| snapshot.to_string()).as_bytes());
        let config = match fs::kind(&options.config)? {
            Some(_) => super::text(&options.config)?,
            None => String::new(),
        };
        add(config.as_bytes());
        if let Some(settings) = Config::parse(&config)?.customers()? {
            add(&customers::key(settings, options)?);
        }
        for folder in [&options.input, &options.content, &options.templates] {
            let Some(files) = files(folder)? else { return Ok(None) };
            add(&files.len().to_le_bytes());
            for (path, sha256) in files {
                add(path.as_bytes());
                add(&sha256);
            }
        }
        let target = Sha256::digest(options.output.as_os_str().as_encoded_bytes());
        let target: String = target.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(Basis { name: format!("site-{target}.bin"), digest: hash.finalize().into() }))
    }

    /// What the build of the live site said, where it was made of the same and is whole.
    pub(super) fn recall(&self, options: &Options, target: &Target) -> Option<(Summary, Published)> {
        let (Cache::Read(folder) | Cache::Write(folder)) = &options.cache else { return None };
        let record: Record = cache::read(&folder.join(&self.name))?;
        if record.digest != self.digest {
            return None;
        }
        let published = target.is_live(&record.manifest_sha256).ok().flatten()?;
        Some((record.summary()?, published))
    }

    /// Keeps what a build said, if it rests on the same still: what changed meanwhile may be in the site or not.
    pub(super) fn keep(&self, options: &Options, summary: &Summary, published: &Published) {
        let Cache::Write(folder) = &options.cache else { return };
        if Basis::of(options).is_none_or(|now| now.digest != self.digest) {
            return;
        }
        let record = Record {
            digest: self.digest,
            manifest_sha256: published.manifest_sha256.clone(),
            snapshot: summary.snapshot.clone(),
            record_set: summary.record_set.clone(),
            rows: summary.rows,
            totals: summary.totals.clone(),
            month: summary.month.clone(),
            cases: summary.cases.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect(),
            clean: summary.clean,
            diagnostics: summary.diagnostics.clone(),
            severity: summary.severity.and_then(|severity| {
                let place = SEVERITIES.iter().position(|known| *known == severity)?;
                u8::try_from(place).ok()
            }),
        };
        cache::write(folder, &self.name, &record);
    }
}

impl Record {
    fn summary(self) -> Option<Summary> {
        let kind = |(code, count): (String, usize)| Some((Discrepancy::parse(&code)?.code(), count));
        Some(Summary {
            snapshot: self.snapshot,
            record_set: self.record_set,
            rows: self.rows,
            totals: self.totals,
            month: self.month,
            cases: self.cases.into_iter().map(kind).collect::<Option<_>>()?,
            clean: self.clean,
            diagnostics: self.diagnostics,
            severity: match self.severity {
                None => None,
                Some(number) => Some(*SEVERITIES.get(usize::from(number))?),
            },
        })
    }
}

/// A file by its path, with its checksum.
type Listed = (String, [u8; 32]);

/// Every file of a folder; `None` where there is something else than files and folders, or a name that is no text.
fn files(folder: &Path) -> Result<Option<Vec<Listed>>, Error> {
    if fs::kind(folder)? != Some(Kind::Folder) {
        return Ok(Some(Vec::new()));
    }
    let found = fs::list(folder)?;
    if found
        .iter()
        .any(|found| matches!(found.kind, Kind::Link | Kind::Other) || found.path.to_str().is_none())
    {
        return Ok(None);
    }
    let files = found.par_iter().filter(|found| found.kind == Kind::File).map(|found| {
        let bytes = fs::read(&folder.join(&found.path))?;
        Ok((found.path.to_string_lossy().into_owned(), Sha256::digest(bytes).into()))
    });
    files.collect::<Result<Vec<_>, Error>>().map(Some)
}
