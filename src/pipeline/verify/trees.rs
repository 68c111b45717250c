//! The trees beside the internal one, made again and compared, each with the folder of its name.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::take;
use crate::error::Error;
use crate::fs::{self, Kind};
use crate::pipeline::MadeTree;
use crate::publish::manifest;
use crate::site::{Entry, Site};
use crate::verify::{Comparison, Counts, Difference, Mode};

/// What the trees gave so far.
#[derive(Debug, Default)]
pub(super) struct Trees {
    made: Mutex<Made>,
}

/// What making the trees again gave.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// How much was compared.
    pub(super) counts: Counts,
    /// Where a tree is another one, by path from the top of the site.
    pub(super) differences: Vec<Difference>,
    /// The two lists of each tree by its folder.
    pub(super) sealed: BTreeMap<String, [Entry; 2]>,
}

impl Trees {
    /// Compares a tree with its folder in the site at `path`.
    pub(super) fn take(&self, path: &Path, mode: Mode, tree: &MadeTree<'_>) -> Result<(), Error> {
        let root = path.join(tree.folder);
        let is_there = fs::kind(&root)? == Some(Kind::Folder);
        let comparison = Arc::new(Comparison::new(root, mode));
        let taker = is_there.then(|| Arc::clone(&comparison));
        let site = Site::handing_out(move |path, bytes| {
            taker.as_ref().map_or(Ok(()), |comparison| take(comparison, mode, path, bytes))
        });
        (tree.make)(&site)?;
        let sealed = manifest::seal(&site, tree.facts)?;
        drop(site);
        if !is_there {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            made.differences.push(Difference::missing(tree.folder));
            made.sealed.insert(tree.folder.to_owned(), sealed);
            return Ok(());
        }
        let comparison = Arc::into_inner(comparison)
            .ok_or_else(|| Error::Identity("a comparison outlives its tree".to_owned()))?;
        let (counts, mut differences) = comparison.finish()?;
        for difference in &mut differences {
            difference.path.insert_str(0, &format!("{}/", tree.folder));
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.counts.add(counts);
        made.differences.extend(differences);
        made.sealed.insert(tree.folder.to_owned(), sealed);
        Ok(())
    }

    /// Everything, with a difference for each tree of the site that nothing makes.
    pub(super) fn finish(self, listed: &[String], internal: &str) -> Made {
        let mut made = self.made.into_inner().unwrap_or_else(PoisonError::into_inner);
        for tree in listed.iter().filter(|tree| *tree != internal && !made.sealed.contains_key(*tree)) {
            made.differences.push(Difference::extra(tree));
        }
        made
    }
}
