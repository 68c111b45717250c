//! Commands, exit codes and what a person reads in the terminal. The only reader of environment and terminal.
//!
//! Results go to stdout, everything for people (progress, problems, summary) to stderr.

mod audit;
mod check;
mod close;
mod diff;
mod explain;
mod hosting;
mod init;
mod kb;
mod map;
mod print;
mod query;
mod scope;
mod serve;
mod trail;
mod verify;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::audit::Made;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, exit};
use crate::model::time::{AsOf, Month};
use crate::pipeline::{self, Cache, Loaded, Options, Progress, Silent, Summary, Timings};
use crate::reconcile::Severity;
use crate::report::Report;

const EXAMPLES: &str = "Examples:
  tieout init my-rebates             a new project with the sample data; --from DIR with your files
  tieout build                       build the sample or your own input into site/internal/
  tieout check --fail-on high        read and reconcile, write nothing; exit 10 on a finding of that severity
  tieout explain ORD-2001            the answer for one order, in four audiences' words
  tieout query --program CORE        any scope: the sum first, then the lines
  tieout diff 2026-06-17 2026-06-18  what changed between two snapshots, to the cent
  tieout close 2026-05               the close pack of a month: workbook, page, CSV files, checksums
  tieout verify                      is the site what its checksums say, and what its input gives?
  tieout kb coverage                 which articles help now, and what has none
  tieout map commission.xlsx         what an unknown file is, and the [[source]] that reads it
  tieout audit verify                is the log of builds, queries and packs whole? also: audit show, audit views
  tieout hosting nginx               a server's rules: who may read which tree; changed: what to upload
  tieout serve                       build, serve on this machine only, rebuild on every change

Exit codes: 0 done, 1 a bug, 2 usage or configuration, 3 input unusable, 4 publish failed, 5 another build is
running, 10 done with findings at or above --fail-on.";

/// The folder of the project in which builds keep what they know of earlier snapshots.
const CACHE: &str = ".tieout";

/// Turns a cloud reseller's rebate and order extracts into a static site: what was earned, why, and when it updates.
#[derive(Debug, Parser)]
#[command(name = "tieout", version, about, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read everything and write the whole site.
    #[command(after_help = "Example:\n  tieout build --input input --output site --snapshot 2026-06-17")]
    Build {
        #[command(flatten)]
        shared: Shared,
    },
    /// Read and reconcile, write nothing: problems, tie-outs, cases.
    #[command(
        after_help = "Examples:\n  tieout check --format json --rows\n  tieout check input/2026-06-18/orders.csv --kind orders\n  tieout check --with-fix aliases.csv          what a row of aliases.csv would change\n\nA file to try holds rows of one reference file, with its header: own_id,vendor_id,kind and so on. Its name says which (aliases.csv), else its columns do. A row takes the place of the rows of its key on its days, or is added."
    )]
    Check {
        /// Read this single file only.
        file: Option<PathBuf>,
        /// What the single file is, such as `orders`; by its name when left out.
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
        /// Add every row as it was understood (with --format json).
        #[arg(long)]
        rows: bool,
        /// Say what the rows of this reference file would change, and write nothing; may be given several times.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "kind"])]
        with_fix: Vec<PathBuf>,
        #[command(flatten)]
        shared: Shared,
    },
    /// The answer for one order, line, account or batch, in four audiences' words.
    #[command(
        after_help = "Examples:\n  tieout explain 'ord 2001'                          any spelling of the ID will do\n  tieout explain ORD-2001 --dossier > ORD-2001.html  one file for a ticket, also to print"
    )]
    Explain {
        /// The ID, in any spelling.
        id: String,
        /// Print one HTML file for a ticket: the page of the order, account or batch, with nothing that leads out of it.
        #[arg(long)]
        dossier: bool,
        #[command(flatten)]
        shared: Shared,
    },
    /// The money bridge between two snapshots: "it was $12,000 yesterday", and what changed.
    #[command(
        after_help = "Examples:\n  tieout diff 2026-06-17 2026-06-18\n  tieout diff 2026-06-17 2026-06-18 --program CORE --period 2026-05\n  tieout diff 2026-05-08 2026-06-18 --csv > changes.csv\n\nEvery difference is in exactly one class, and what is not explained is 0.00."
    )]
    Diff {
        /// One snapshot, such as 2026-06-17.
        #[arg(value_parser = snapshot)]
        a: AsOf,
        /// The other one, such as 2026-06-18.
        #[arg(value_parser = snapshot)]
        b: AsOf,
        /// Print every change as a row of CSV.
        #[arg(long)]
        csv: bool,
        #[command(flatten)]
        scope: scope::ScopeArgs,
        #[command(flatten)]
        shared: Shared,
    },
    /// Any scope of rebates: the sum first, then the lines; the same figures as the site's query page.
    #[command(after_help = query::EXAMPLES)]
    Query {
        #[command(flatten)]
        query: query::QueryArgs,
        #[command(flatten)]
        scope: scope::ScopeArgs,
        #[command(flatten)]
        shared: Shared,
    },
    /// The close pack of a period: workbook, print-ready page, CSV files, checksums.
    #[command(
        after_help = "Examples:\n  tieout close 2026-05                       write the pack into close/2026-05/\n  tieout close 2026-05 --seal                keep it in input/closes/2026-05/, never to be made again\n  tieout close 2026-05 --snapshot 2026-06-12 as known at another snapshot\n\nA closed month is made with the snapshot that periods.csv names. Exit code 10: a check of the pack fails."
    )]
    Close {
        /// The month, such as 2026-05.
        #[arg(value_parser = period)]
        period: Month,
        /// Keep the pack in the input folder: builds copy it and never make it again.
        #[arg(long)]
        seal: bool,
        /// Why it is sealed although a check fails, or why it replaces a sealed pack.
        #[arg(long, value_name = "TEXT", requires = "seal", default_value = "", hide_default_value = true)]
        reason: String,
        #[command(flatten)]
        shared: Shared,
    },
    /// Check a site: every checksum, then every figure made again from its input and compared; nothing is changed.
    #[command(after_help = verify::EXAMPLES)]
    Verify {
        /// A site, one tree of it (site/internal) or a close pack (close/2026-05); the folder of --output when left out.
        path: Option<PathBuf>,
        #[command(flatten)]
        shared: Shared,
    },
    /// Start a project: with the sample data, with files as a vendor gives them, or with headers only.
    #[command(after_help = init::EXAMPLES)]
    Init {
        #[command(flatten)]
        init: init::InitArgs,
        #[command(flatten)]
        shared: Shared,
    },
    /// Look at an unknown file: what it is, column by column, and the [[source]] that reads it; nothing is written.
    #[command(after_help = map::EXAMPLES)]
    Map {
        #[command(flatten)]
        map: map::MapArgs,
        #[command(flatten)]
        shared: Shared,
    },
    /// The knowledge base: what it covers, what is old, and a first draft of an article.
    #[command(after_help = kb::EXAMPLES)]
    Kb {
        #[command(subcommand)]
        command: kb::KbCommand,
    },
    /// The log of builds, queries and packs: is it whole, who ran what, and who saw which version.
    #[command(after_help = audit::EXAMPLES)]
    Audit {
        #[command(subcommand)]
        command: audit::AuditCommand,
    },
    /// Put the site on a server: who may read which tree, headers and caches as its configuration; and what to upload.
    #[command(after_help = hosting::EXAMPLES)]
    Hosting {
        #[command(subcommand)]
        command: hosting::HostingCommand,
    },
    /// Build, serve on this machine only, watch, rebuild and reload the browser.
    #[command(after_help = "Example:\n  tieout serve --port 8080")]
    Serve {
        /// The port on 127.0.0.1; 0 takes any free one.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        #[command(flatten)]
        shared: Shared,
    },
}

impl Command {
    /// What to say to `--format csv` where the result is no table.
    fn refuses_csv(&self) -> Option<Error> {
        let shared = match self {
            Command::Build { shared }
            | Command::Check { shared, .. }
            | Command::Close { shared, .. }
            | Command::Explain { shared, .. }
            | Command::Init { shared, .. }
            | Command::Map { shared, .. }
            | Command::Verify { shared, .. }
            | Command::Serve { shared, .. } => shared,
            Command::Kb { command } => command.shared(),
            Command::Hosting { command } => command.shared(),
            Command::Audit { command } if !command.is_table() => command.shared(),
            Command::Query { .. } | Command::Diff { .. } | Command::Audit { .. } => return None,
        };
        (shared.format == Format::Csv).then(|| Error::Usage {
            message: "`--format csv` is for query, diff, audit show and audit views".to_owned(),
            help: "use `--format json`, or the CSV files that `tieout build` writes into data/".to_owned(),
        })
    }
}

/// Options that every command has.
#[derive(Debug, Clone, Args)]
struct Shared {
    /// Folder with `reference/` and one folder per snapshot.
    #[arg(long, default_value = "input", value_name = "DIR")]
    input: PathBuf,
    /// Folder with statuses, reasons, discrepancies and articles; the built-in ones fill its gaps.
    #[arg(long, default_value = "content", value_name = "DIR")]
    content: PathBuf,
    /// Folder with page templates; the built-in ones fill its gaps.
    #[arg(long, default_value = "templates", value_name = "DIR")]
    templates: PathBuf,
    /// Configuration file; it may be missing.
    #[arg(long, default_value = "tieout.toml", value_name = "FILE")]
    config: PathBuf,
    /// Folder to publish into; `site` when left out, `close` for a close pack, `hosting` for a server's files.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The snapshot to show, such as 2026-06-17; the newest when left out.
    #[arg(long, value_name = "ID", value_parser = snapshot)]
    snapshot: Option<AsOf>,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Exit with 10 when a finding is at least this severe; rows that are missing by a declared total count as high.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    fail_on: Option<Severity>,
    /// Threads; all cores when left out. The result does not depend on it.
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Compute everything anew instead of using what is kept of earlier snapshots; the result is the same.
    #[arg(long)]
    no_cache: bool,
    /// Who runs this, for the audit log; TIEOUT_ACTOR when left out.
    #[arg(long = "as", value_name = "NAME", value_parser = trail::name)]
    declared: Option<String>,
    /// Say less: problems and errors only.
    #[arg(short, long)]
    quiet: bool,
    /// Say more: every stage with its time, every problem.
    #[arg(short, long)]
    verbose: bool,
    /// What is known of this run for the audit log.
    #[arg(skip)]
    trail: trail::Trail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[value(alias = "table")]
    Human,
    /// One JSON document on stdout.
    Json,
    /// A CSV file on stdout (query, diff, audit show, audit views).
    Csv,
}

fn period(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| format!("`{text}` is not a month; write it like 2026-05"))
}

fn snapshot(text: &str) -> Result<AsOf, String> {
    AsOf::parse(text).ok_or_else(|| {
        format!("`{text}` is not the name of a snapshot; write it like 2026-06-17 or 2026-06-17T0600Z")
    })
}

fn severity(text: &str) -> Result<Severity, String> {
    let names = || Severity::ALL.map(Severity::label).join(", ");
    Severity::ALL
        .into_iter()
        .find(|s| s.label() == text)
        .ok_or_else(|| format!("`{text}` is not one of {}", names()))
}

impl Shared {
    /// The folder of the site.
    fn site(&self) -> PathBuf {
        self.output.clone().unwrap_or_else(|| PathBuf::from("site"))
    }

    fn options(&self) -> Options {
        Options {
            input: self.input.clone(),
            content: self.content.clone(),
            templates: self.templates.clone(),
            config: self.config.clone(),
            output: self.site(),
            snapshot: self.snapshot,
            cache: if self.no_cache { Cache::Off } else { Cache::Read(PathBuf::from(CACHE)) },
            home: std::env::var_os("HOME").map(PathBuf::from),
            environment: |name| std::env::var(name).ok(),
        }
    }

    /// The options of a command that writes.
    fn writing(&self) -> Options {
        let cache = if self.no_cache { Cache::Off } else { Cache::Write(PathBuf::from(CACHE)) };
        Options { cache, ..self.options() }
    }

    fn set_threads(&self) {
        if let Some(jobs) = self.jobs {
            // It fails only when the pool exists already, which then serves as well.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global();
        }
    }

    fn progress(&self) -> Box<dyn Progress> {
        if self.quiet || !std::io::stderr().is_terminal() {
            Box::new(Silent)
        } else {
            Box::new(print::Bar::default())
        }
    }

    /// The exit code of a finished run.
    fn verdict(&self, summary: &Summary) -> u8 {
        let is_met = self.fail_on.zip(summary.severity).is_some_and(|(limit, found)| found >= limit);
        if is_met { exit::FINDINGS } else { exit::DONE }
    }
}

/// Runs the program on the arguments of the process.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::DONE });
        }
    };
    if let Some(error) = cli.command.refuses_csv() {
        print::error(&error, false);
        return ExitCode::from(error.exit_code());
    }
    if let Some((shared, Err(error))) = trail::begin(&cli.command) {
        print::error(&error, shared.format == Format::Json);
        return ExitCode::from(error.exit_code());
    }
    let (shared, result) = match &cli.command {
        Command::Build { shared } => (shared, build(shared)),
        Command::Check { file, kind, rows, with_fix, shared } => {
            shared.set_threads();
            let result = match file {
                Some(file) => check::single(file, kind.as_deref(), *rows, shared),
                None => check::all(*rows, with_fix, shared),
            };
            (shared, result)
        }
        Command::Explain { id, dossier, shared } => {
            shared.set_threads();
            (shared, if *dossier { explain::dossier(id, shared) } else { explain::run(id, shared) })
        }
        Command::Close { period, seal, reason, shared } => {
            shared.set_threads();
            (shared, close::run(*period, *seal, reason, shared))
        }
        Command::Diff { a, b, csv, scope, shared } => {
            shared.set_threads();
            (shared, diff::run(*a, *b, scope, *csv, shared))
        }
        Command::Query { query, scope, shared } => {
            shared.set_threads();
            (shared, query::run(query, scope, shared))
        }
        Command::Verify { path, shared } => {
            shared.set_threads();
            (shared, verify::run(path.as_deref(), shared))
        }
        Command::Init { init, shared } => {
            shared.set_threads();
            (shared, init::run(init, shared))
        }
        Command::Map { map, shared } => {
            shared.set_threads();
            (shared, map::run(map, shared))
        }
        Command::Kb { command } => {
            command.shared().set_threads();
            (command.shared(), kb::run(command))
        }
        Command::Audit { command } => (command.shared(), audit::run(command)),
        Command::Hosting { command } => {
            command.shared().set_threads();
            (command.shared(), hosting::run(command))
        }
        Command::Serve { port, shared } => {
            shared.set_threads();
            (shared, serve::run(*port, shared))
        }
    };
    let code = match result {
        Ok(code) => {
            shared.trail.end(code, print::printed_sha256(), shared);
            code
        }
        Err(error) => {
            print::error(&error, shared.format == Format::Json);
            shared.trail.end(error.exit_code(), None, shared);
            error.exit_code()
        }
    };
    ExitCode::from(code)
}

/// Asks something of the shown snapshot: reads, reconciles and arranges it, and says what is wrong with the data where that
/// stops the run.
///
/// # Errors
/// Those of [`pipeline::load`] and [`pipeline::stop_on_fatal`], and those of the question.
fn ask<T>(
    options: &Options,
    shared: &Shared,
    question: impl FnOnce(&Report<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    ask_loaded(options, shared, |report, _| question(report))
}

/// The same, of a question that also needs what was read.
fn ask_loaded<T>(
    options: &Options,
    shared: &Shared,
    question: impl FnOnce(&Report<'_>, &Loaded) -> Result<T, Error>,
) -> Result<T, Error> {
    ask_with(pipeline::load, options, shared, question)
}

/// Reads everything: with English words, or with those of the site.
type Load = fn(&Options, &mut Timings, &dyn Progress) -> Result<Loaded, Error>;

/// The same, answered in the language of what was read.
fn ask_with<T>(
    load: Load,
    options: &Options,
    shared: &Shared,
    question: impl FnOnce(&Report<'_>, &Loaded) -> Result<T, Error>,
) -> Result<T, Error> {
    let progress = shared.progress();
    let mut timings = Timings::default();
    let mut loaded = load(options, &mut timings, &*progress)?;
    loaded.language.within(|| {
        let mut known = pipeline::know(&mut loaded, &mut timings, &*progress);
        pipeline::stop_on_fatal(&known.diagnostics)
            .inspect_err(|_| print::problems(&known.diagnostics, shared))?;
        let shown = pipeline::shown(&loaded, &mut known);
        let report = pipeline::report(&loaded, &shown);
        shared.trail.shows(&report.reconciled.as_of().to_string(), pipeline::record_set_of(&report));
        drop(progress);
        question(&report, &loaded)
    })
}

fn build(shared: &Shared) -> Result<u8, Error> {
    shared.set_threads();
    let mut problems: Vec<Diagnostic> = Vec::new();
    let progress = shared.progress();
    let result = pipeline::build(&shared.writing(), &*progress, &mut problems);
    drop(progress);
    match result {
        Ok(outcome) => {
            print::problems(&problems, shared);
            let code = shared.verdict(&outcome.summary);
            shared.trail.shows(&outcome.summary.snapshot, &outcome.summary.record_set);
            let kept = shared.trail.keep(code, Made::Site, outcome.published.manifest_sha256.clone());
            print::built(&outcome, &kept, shared);
            kept.warn(shared);
            Ok(kept.exit_code(code))
        }
        Err(error) => {
            print::problems(&problems, shared);
            Err(error)
        }
    }
}
