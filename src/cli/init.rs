//! `tieout init [FOLDER]`: a new project, with the sample data, with files as a vendor gives them, or with headers only.
//!
//! Everything is planned first and written last, and nothing that exists is touched.

mod received;
mod reference;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{Format, Shared, print, snapshot};
use crate::embedded;
use crate::error::{Error, exit};
use crate::fs;
use crate::ingest::columns::FileKind;
use crate::model::time::AsOf;

pub(super) const EXAMPLES: &str = "Examples:
  tieout init my-rebates                        a project with the sample data; then: cd my-rebates && tieout build
  tieout init my-rebates --from downloads       your files, copied as they are, and a [[source]] for each of them
  tieout init my-rebates --from downloads --as-of 2026-06-18
  tieout init my-rebates --empty --as-of 2026-06-18   headers only, to fill in

Without --as-of, files are of the newest day that they state themselves, in their names or in what happened in them; the clock is
never asked. Nothing that exists is overwritten.";

/// Files that a project without any needs first.
const EXTRACTS: &[FileKind] = &[
    FileKind::Orders,
    FileKind::RebateLines,
    FileKind::Cancellations,
    FileKind::Adjustments,
    FileKind::Payouts,
];

const CONFIG: &str = "# The configuration of this project; every key may be left out (README).
organization = \"\"
time_zone = \"UTC\"  # in which days and periods end
";

/// Where the project is made, and of what.
#[derive(Debug, Clone, Args)]
pub(super) struct InitArgs {
    /// The folder of the project; it is made where it does not exist.
    #[arg(default_value = ".", value_name = "FOLDER")]
    folder: PathBuf,
    /// A folder with files as they were received: they are copied, and a source is proposed for each.
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// The day on which the files were known, such as 2026-06-18.
    #[arg(long, value_name = "ID", value_parser = snapshot)]
    as_of: Option<AsOf>,
    /// Without the sample: files with headers only.
    #[arg(long, conflicts_with = "from", requires = "as_of")]
    empty: bool,
}

/// What will be written, and what is to be said of it.
#[derive(Debug, Default)]
struct Plan {
    /// Paths below the folder of the project, and their bytes.
    files: Vec<(PathBuf, Vec<u8>)>,
    /// What was found out, for people.
    said: Vec<String>,
    /// What a person does next.
    next: Vec<String>,
    /// The snapshots that are there.
    snapshots: Vec<String>,
}

impl Plan {
    fn add(&mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) {
        self.files.push((path.into(), bytes.into()));
    }
}

/// Runs the command.
pub(super) fn run(args: &InitArgs, shared: &Shared) -> Result<u8, Error> {
    let plan = match &args.from {
        Some(from) => received::plan(from, args.as_of, shared)?,
        None if args.empty => empty(args.as_of, shared),
        None if args.as_of.is_some() => {
            return Err(Error::Usage {
                message: "the sample has its own days; `--as-of` is for --from and --empty".to_owned(),
                help: "leave --as-of out, or say with --from where your files are".to_owned(),
            });
        }
        None => sample(shared),
    };
    write(&args.folder, &plan)?;
    tell(&args.folder, &plan, shared);
    Ok(exit::DONE)
}

fn sample(shared: &Shared) -> Plan {
    let mut plan = Plan::default();
    plan.add(&shared.config, CONFIG);
    for (path, text) in embedded::sample() {
        plan.add(shared.input.join(path), *text);
        let folder = path.split('/').next().unwrap_or_default().to_owned();
        if AsOf::parse(&folder).is_some() && !plan.snapshots.contains(&folder) {
            plan.snapshots.push(folder);
        }
    }
    plan.next.push("tieout build, then open site/internal/index.html".to_owned());
    plan.next.push("tieout init ANOTHER --from DIR for a project of your own files".to_owned());
    plan
}

fn empty(as_of: Option<AsOf>, shared: &Shared) -> Plan {
    let mut plan = Plan::default();
    plan.add(&shared.config, CONFIG);
    let folder = as_of.map(|as_of| as_of.to_string()).unwrap_or_default();
    for kind in EXTRACTS {
        plan.add(shared.input.join(&folder).join(format!("{}.csv", kind.name())), reference::header(*kind));
    }
    for needed in reference::NEEDED {
        let kind = needed.kind;
        plan.add(
            shared.input.join("reference").join(format!("{}.csv", kind.name())),
            reference::header(kind),
        );
    }
    plan.snapshots.push(folder);
    plan.next.push("fill in the files; README, section Input, says what each column means".to_owned());
    plan.next.push("tieout check".to_owned());
    plan
}

/// Writes the files of a plan, unless something of what it writes exists.
fn write(folder: &Path, plan: &Plan) -> Result<(), Error> {
    let mut tops: Vec<PathBuf> = Vec::new();
    for (path, _) in &plan.files {
        let top = if path.is_absolute() { path.clone() } else { path.iter().take(1).collect() };
        if !tops.contains(&top) {
            tops.push(top);
        }
    }
    for top in tops {
        let target = folder.join(top);
        if fs::kind(&target)?.is_some() {
            return Err(Error::Usage {
                message: format!("`{}` exists already; nothing was written", target.display()),
                help: "name a folder without a project, such as `tieout init my-rebates`; a file for a project that exists \
                       goes into a folder of its input named by the day, and `tieout map FILE` proposes its source"
                    .to_owned(),
            });
        }
    }
    for (path, bytes) in &plan.files {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            fs::create_folders(parent)?;
        }
        fs::write_new(&target, bytes)?;
    }
    Ok(())
}

fn tell(folder: &Path, plan: &Plan, shared: &Shared) {
    if shared.format == Format::Json {
        let files: Vec<String> = plan.files.iter().map(|(path, _)| path.display().to_string()).collect();
        print::result(
            &json!({
                "schema": 1,
                "folder": folder.display().to_string(),
                "snapshots": plan.snapshots,
                "files": files,
                "said": plan.said,
                "next": plan.next,
            })
            .to_string(),
        );
        return;
    }
    if !shared.quiet {
        plan.said.iter().for_each(|line| print::say(line));
    }
    print::result(&format!(
        "{}: {} files, {}",
        folder.display(),
        plan.files.len(),
        plan.snapshots.join(", ")
    ));
    if folder != Path::new(".") {
        print::result(&format!("  next:  cd {}", folder.display()));
    }
    for step in &plan.next {
        print::result(&format!("  next:  {step}"));
    }
}
