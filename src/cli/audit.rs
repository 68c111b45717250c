//! `tieout audit`: whether the log of what was run is whole, what is in it, and who saw which version of a page.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::Shared;
use super::trail::{place, section};
use crate::error::Error;
use crate::fs;

mod show;
mod verify;
mod views;

pub(super) const EXAMPLES: &str = "Examples:
  tieout audit verify                                  is every record as it was written, and in its place?
  tieout audit verify --head 3f0c…                     and is it the log whose last hash was kept elsewhere?
  tieout audit show --last 50                          who ran which scope when, and what came out
  tieout audit show --format csv > runs.csv
  tieout audit views --log access.log --page order/ord2001.html
                                                       which version of a page was seen, when, by which team

Every build, query, close, verify, explain and diff is recorded in audit.jsonl beside tieout.toml, and serve once for each site
that differs from the one before. `--as NAME`, or TIEOUT_ACTOR, says who runs a command; the account is recorded either way.";

/// What is asked of the audit log.
#[derive(Debug, Clone, Subcommand)]
pub(super) enum AuditCommand {
    /// Check the whole log: the first record that was altered, removed, inserted, moved or repeated; exit 10 when there is one.
    #[command(after_help = verify::EXAMPLES)]
    Verify {
        /// The log; the one of the project when left out.
        file: Option<PathBuf>,
        /// The last hash as it was at some time, kept elsewhere: finds an end that was cut off and a log that was written anew.
        #[arg(long, value_name = "HASH", value_parser = verify::head)]
        head: Option<String>,
        #[command(flatten)]
        shared: Shared,
    },
    /// The last records as a table: who ran which scope when, and what came out.
    #[command(after_help = show::EXAMPLES)]
    Show {
        /// The log; the one of the project when left out.
        file: Option<PathBuf>,
        /// How many records, from the end.
        #[arg(long, value_name = "N", default_value_t = 20)]
        last: usize,
        #[command(flatten)]
        shared: Shared,
    },
    /// Who saw which version of which page: an access log of the web server against the records of builds; nothing is written.
    #[command(after_help = views::EXAMPLES)]
    Views {
        #[command(flatten)]
        views: views::ViewsArgs,
        #[command(flatten)]
        shared: Shared,
    },
}

impl AuditCommand {
    pub(super) fn shared(&self) -> &Shared {
        match self {
            AuditCommand::Verify { shared, .. }
            | AuditCommand::Show { shared, .. }
            | AuditCommand::Views { shared, .. } => shared,
        }
    }

    /// Whether its result is a table.
    pub(super) fn is_table(&self) -> bool {
        match self {
            AuditCommand::Verify { .. } => false,
            AuditCommand::Show { .. } | AuditCommand::Views { .. } => true,
        }
    }
}

/// Runs the command.
pub(super) fn run(command: &AuditCommand) -> Result<u8, Error> {
    match command {
        AuditCommand::Verify { file, head, shared } => verify::run(file.as_deref(), head.as_deref(), shared),
        AuditCommand::Show { file, last, shared } => show::run(file.as_deref(), *last, shared),
        AuditCommand::Views { views, shared } => views::run(views, shared),
    }
}

/// The bytes of a log, and where it is.
fn read(file: Option<&Path>, shared: &Shared) -> Result<(PathBuf, Vec<u8>), Error> {
    let path = match file {
        Some(file) => file.to_owned(),
        None => place(shared, &section(shared)?.unwrap_or_default()),
    };
    if fs::kind(&path)?.is_none() {
        return Err(Error::NoInput {
            message: format!("there is no audit log `{}`", path.display()),
            help: "it is made by the first build or query; name another file, or --config with the tieout.toml beside it"
                .to_owned(),
        });
    }
    let bytes = fs::read(&path)?;
    Ok((path, bytes))
}
