//! `tieout close`: writes the close pack of a month, or seals it.

use std::path::PathBuf;

use super::{Shared, print};
use crate::audit::Made;
use crate::error::{Error, exit};
use crate::model::time::Month;
use crate::pipeline::pack::{self, Packed, Purpose};
use crate::pipeline::sealed;
use crate::publish::Staging;

/// Makes the pack and puts it into its folder.
///
/// # Errors
/// [`Error::Usage`] when the month has nothing to close, or the pack must not be sealed; those of a build.
pub(super) fn run(month: Month, is_seal: bool, reason: &str, shared: &Shared) -> Result<u8, Error> {
    let options = shared.writing();
    let progress = shared.progress();
    let mut problems = Vec::new();
    let made =
        pack::make(&options, month, Purpose { is_seal, reason, parent: None }, &*progress, &mut problems);
    drop(progress);
    let made = made.inspect_err(|_| print::problems(&problems, shared))?;
    let folder = if is_seal {
        seal(&made, reason, shared)?
    } else {
        shared.output.clone().unwrap_or_else(|| PathBuf::from("close")).join(month.to_string())
    };
    write(&made, &folder, shared)?;
    let code = if made.facts.checks.1 > 0 { exit::FINDINGS } else { exit::DONE };
    shared.trail.shows(&made.facts.snapshot, &made.record_set);
    let kept = shared.trail.keep(code, Made::Pack, made.manifest_sha256());
    print::packed(&made, &folder, &kept, shared);
    kept.warn(shared);
    Ok(kept.exit_code(code))
}

/// The folder in which a pack is sealed, if nothing speaks against it.
fn seal(made: &Packed, reason: &str, shared: &Shared) -> Result<PathBuf, Error> {
    let number = made.number;
    let name = sealed::name(made.month, number);
    if reason.trim().is_empty() {
        let month = made.month;
        if number > 1 {
            return Err(Error::Usage {
                message: format!("{month} is sealed already, and a sealed pack never changes"),
                help: format!(
                    "to replace it by another pack that names it, say why: tieout close {month} --seal --reason \"…\""
                ),
            });
        }
        let (all, failed, _) = made.facts.checks;
        if failed > 0 {
            return Err(Error::Usage {
                message: format!("{failed} of {all} checks fail"),
                help: format!(
                    "look at sheet 02 of the pack (tieout close {month}); to seal it all the same, say why: --reason \"…\""
                ),
            });
        }
    }
    Ok(shared.input.join(sealed::FOLDER).join(name))
}

fn write(made: &Packed, folder: &std::path::Path, shared: &Shared) -> Result<(), Error> {
    let staging = Staging::open(folder, shared.writing().home.as_deref())?;
    let site = staging.tree("")?;
    for (path, bytes) in &made.files {
        if path != crate::publish::manifest::MANIFEST && path != crate::publish::manifest::SUMS {
            site.add(path, bytes)?;
        }
    }
    staging.seal("", site, &made.sealing)?;
    staging.publish(&made.sealing, crate::publish::manifest::Check::Hashes)?;
    Ok(())
}
