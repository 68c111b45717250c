//! `tieout audit views`: who saw which version of which page, out of an access log and the records of builds.
//!
//! The log is read, printed and forgotten: nothing of it is written anywhere. Names of people are printed only when they are
//! asked for.

use std::path::PathBuf;

use chrono::Utc;
use clap::Args;
use serde_json::{Value, json};

use super::show::{short, shown, warn_of};
use crate::audit::views::{Live, live_at, sites};
use crate::audit::{Moment, chain};
use crate::cli::{Format, Shared, print};
use crate::error::Error;
use crate::export;
use crate::metrics::{self, View};
use crate::report::table::{Cell, Column, Row, Table};

pub(super) const EXAMPLES: &str = "Examples:
  tieout audit views --log access.log                            every view of a page, with the version that was live
  tieout audit views --log access.log --page order/ord2001.html  of one page
  tieout audit views --log access.log --user ann --names         of one person, by name
  tieout audit views --log access.log.1.gz --log access.log --format csv > views.csv
  tieout audit views --log access.log --output /srv/rebates      of a site that is built with --output

The log is in the combined or common format of web servers, plain or packed with gzip; input/metrics/users.csv says whose team a
user is in. Times are in UTC. A view before the first record of a build is of a version that is not known.";

/// What stands where nothing is known.
const NOT_KNOWN: &str = "not known";

/// What these rows are not (reliability T17, requirement T-11).
const LIMITS: [&str; 2] = [
    "A row says that the page was sent to this user while that version was live; not that it was read. A page that a browser kept,",
    "or that was opened from a copy of the folder, is in no log. Within the second of a build it may be the version before.",
];

/// Which views are asked for.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct ViewsArgs {
    /// An access log of the web server; may be given several times.
    #[arg(long, value_name = "FILE", required = true)]
    log: Vec<PathBuf>,
    /// This page only, such as order/ord2001.html.
    #[arg(long, value_name = "PAGE")]
    page: Option<String>,
    /// This user only.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Print the names of users, not only their teams.
    #[arg(long)]
    names: bool,
    /// The audit log; the one of the project when left out.
    #[arg(long, value_name = "FILE")]
    audit_log: Option<PathBuf>,
}

/// A view with the version that was live.
struct Seen<'s> {
    time: Moment,
    view: View,
    live: Option<&'s Live>,
}

/// Runs the command.
pub(super) fn run(args: &ViewsArgs, shared: &Shared) -> Result<u8, Error> {
    let (_, bytes) = super::read(args.audit_log.as_deref(), shared)?;
    let chain = chain::check(&bytes, None);
    let is_named = shared.output.is_some();
    let sites = sites(&chain, is_named);
    let (teams, problems) = metrics::teams(&shared.input)?;
    print::problems(&problems, shared);
    let mut all: Vec<Seen<'_>> = Vec::new();
    for log in &args.log {
        let (views, file) = metrics::views(log, &teams)?;
        let left_out: Vec<String> =
            file.left_out.iter().map(|(reason, lines)| format!("{lines} {reason}")).collect();
        let left_out = if left_out.is_empty() {
            String::new()
        } else {
            format!("; not counted: {}", left_out.join(", "))
        };
        if !shared.quiet {
            print::say(&format!(
                "{}: {} lines, {} views of pages{left_out}",
                log.display(),
                file.read,
                file.used
            ));
        }
        let of_log = views.into_iter().filter(|view| is_wanted(view, args)).map(|view| {
            let time = Moment(view.time.with_timezone(&Utc));
            Seen { time, live: live_at(&sites, time), view }
        });
        all.extend(of_log);
    }
    all.sort_by_key(|seen| seen.time);
    match shared.format {
        Format::Json => {
            let rows: Vec<Value> = all.iter().map(|seen| in_json(seen, args.names)).collect();
            let document =
                json!({"schema": 1, "builds": sites.len(), "views": rows, "limits": LIMITS.join(" ")});
            print::result(&document.to_string());
        }
        Format::Csv => print::file(&export::csv::table(&table(&all, args.names))),
        Format::Human => tell(&all, args.names),
    }
    if sites.is_empty() && !all.is_empty() {
        let other = if is_named { "without --output" } else { "with --output DIR" };
        print::say(&format!(
            "note: the audit log has no such build; of sites that were built {other}, ask {other}"
        ));
    }
    Ok(warn_of(&chain))
}

fn is_wanted(view: &View, args: &ViewsArgs) -> bool {
    let is_page = args.page.as_ref().is_none_or(|page| {
        let page = page.trim_start_matches('/');
        view.page.strip_suffix(page).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    });
    let is_user = args.user.as_ref().is_none_or(|user| view.user.to_lowercase() == user.to_lowercase());
    is_page && is_user
}

fn team(view: &View) -> &str {
    match view.team {
        Some(team) => team.as_str(),
        None if view.user.is_empty() => "no user name",
        None => "not in users.csv",
    }
}

fn user(view: &View) -> &str {
    if view.user.is_empty() { NOT_KNOWN } else { &view.user }
}

/// Page and scope as they were asked for.
fn page(view: &View) -> String {
    if view.query.is_empty() { view.page.clone() } else { format!("{}?{}", view.page, view.query) }
}

fn tell(all: &[Seen<'_>], is_named: bool) {
    for seen in all {
        let who = if is_named {
            format!("{} ({})", shown(team(&seen.view)), shown(user(&seen.view)))
        } else {
            shown(team(&seen.view))
        };
        let live = seen.live.map_or_else(
            || format!("version {NOT_KNOWN}"),
            |live| {
                format!(
                    "snapshot {}  manifest {}  record {}",
                    shown(&live.snapshot),
                    short(&live.manifest),
                    live.seq
                )
            },
        );
        print::result(&format!("{}  {who:<20}  {}  {live}", seen.time, shown(&page(&seen.view))));
    }
    print::result(&format!("{} views", all.len()));
    LIMITS.iter().for_each(|words| print::say(words));
}

fn table(all: &[Seen<'_>], is_named: bool) -> Table {
    let user_column = is_named.then_some("User");
    let names = ["Time", "Team"].into_iter().chain(user_column);
    let names = names.chain(["Page", "Scope", "Snapshot", "Manifest", "Audit record"]);
    let row = |seen: &Seen<'_>| {
        let live = |of: &dyn Fn(&Live) -> String| seen.live.map_or_else(|| NOT_KNOWN.to_owned(), of);
        let user = is_named.then(|| user(&seen.view).to_owned());
        let cells = [seen.time.to_string(), team(&seen.view).to_owned()].into_iter().chain(user);
        let cells = cells.chain([
            seen.view.page.clone(),
            seen.view.query.clone(),
            live(&|live| live.snapshot.clone()),
            live(&|live| live.manifest.clone()),
            live(&|live| live.seq.to_string()),
        ]);
        Row { cells: cells.map(Cell::text).collect(), ..Row::default() }
    };
    Table {
        id: "views".to_owned(),
        columns: names.map(Column::text).collect(),
        rows: all.iter().map(row).collect(),
        ..Table::default()
    }
}

fn in_json(seen: &Seen<'_>, is_named: bool) -> Value {
    let mut row = json!({
        "time": seen.time.to_string(),
        "team": seen.view.team.map(|team| team.to_string()),
        "page": seen.view.page,
        "scope": seen.view.query,
        "snapshot": seen.live.map(|live| live.snapshot.clone()),
        "manifest_sha256": seen.live.map(|live| live.manifest.clone()),
        "record": seen.live.map(|live| live.seq),
    });
    if is_named && let Some(object) = row.as_object_mut() {
        object.insert("user".to_owned(), json!(seen.view.user));
    }
    row
}
