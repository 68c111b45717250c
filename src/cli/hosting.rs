//! `tieout hosting`: the configuration of a server for the site, and what to upload.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{Format, Shared, print};
use crate::embedded;
use crate::error::{Error, exit};
use crate::hosting::changed::{self, Step};
use crate::hosting::{self, Server};
use crate::model::money::grouped;

pub(super) const EXAMPLES: &str = "Examples:
  tieout hosting nginx --logins logins.csv           who may read which tree, headers, caches: hosting/nginx/
  tieout hosting caddy --site site --output deploy   the same for Caddy, in deploy/caddy/
  tieout hosting changed live/manifest.json          what to upload and what to delete since then, in a safe order
  tieout hosting changed live --list pages           one step of it as a plain list: data, pages, index, manifest, delete

logins.csv has the columns login,audience,customer_id: a login of a customer reaches that customer's tree and nothing else.
It says who, never with which password.";

/// Where the files of a server come from.
#[derive(Debug, Clone, Args)]
pub(super) struct ServerArgs {
    /// The folder of the built site.
    #[arg(long, default_value = "site", value_name = "DIR")]
    site: PathBuf,
    /// Who may read what: a CSV file with the columns login,audience,customer_id.
    #[arg(long, default_value = "logins.csv", value_name = "FILE")]
    logins: PathBuf,
    #[command(flatten)]
    shared: Shared,
}

/// Where to, or what changed.
#[derive(Debug, Clone, Subcommand)]
pub(super) enum HostingCommand {
    /// Files for nginx: access by login, headers, caches.
    Nginx(ServerArgs),
    /// Files for Caddy.
    Caddy(ServerArgs),
    /// Files for Apache.
    Apache(ServerArgs),
    /// Files for a private bucket of S3 behind CloudFront.
    S3Cloudfront(ServerArgs),
    /// Files for Alibaba Cloud OSS; a login is the UID of a RAM user.
    Oss(ServerArgs),
    /// Files for Azure Static Web Apps; a login is the name of an account.
    Azure(ServerArgs),
    /// Files for GitHub or GitLab Pages, which cannot tell readers apart: internal trees only.
    Pages(ServerArgs),
    /// What to upload and what to delete since an older manifest, in a safe order; nothing is written.
    Changed {
        /// The manifest.json of the site that is live, or its folder; with the manifests of its trees in their folders.
        old_manifest: PathBuf,
        /// The folder of the new site, or of one tree.
        #[arg(long, default_value = "site", value_name = "DIR")]
        site: PathBuf,
        /// Print the paths of one step alone: data, pages, index, manifest or delete.
        #[arg(long, value_name = "STEP", value_parser = step)]
        list: Option<Step>,
        #[command(flatten)]
        shared: Shared,
    },
}

fn step(text: &str) -> Result<Step, String> {
    let names = || Step::ALL.map(Step::name).join(", ");
    Step::ALL
        .into_iter()
        .find(|step| step.name() == text)
        .ok_or_else(|| format!("`{text}` is not one of {}", names()))
}

impl HostingCommand {
    pub(super) fn shared(&self) -> &Shared {
        match self {
            HostingCommand::Nginx(args)
            | HostingCommand::Caddy(args)
            | HostingCommand::Apache(args)
            | HostingCommand::S3Cloudfront(args)
            | HostingCommand::Oss(args)
            | HostingCommand::Azure(args)
            | HostingCommand::Pages(args) => &args.shared,
            HostingCommand::Changed { shared, .. } => shared,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Those of [`hosting`].
pub(super) fn run(command: &HostingCommand) -> Result<u8, Error> {
    match command {
        HostingCommand::Nginx(args) => server(Server::Nginx, args),
        HostingCommand::Caddy(args) => server(Server::Caddy, args),
        HostingCommand::Apache(args) => server(Server::Apache, args),
        HostingCommand::S3Cloudfront(args) => server(Server::S3Cloudfront, args),
        HostingCommand::Oss(args) => server(Server::Oss, args),
        HostingCommand::Azure(args) => server(Server::Azure, args),
        HostingCommand::Pages(args) => server(Server::Pages, args),
        HostingCommand::Changed { old_manifest, site, list, shared } => {
            let changes = changed::changed(old_manifest, site)?;
            if shared.format == Format::Json {
                print::result(&document(&changes).to_string());
            } else if let Some(list) = list {
                let paths = changes.iter().filter_map(|tree| tree.steps.get(list)).flatten();
                paths.for_each(|path| print::result(path));
            } else {
                in_words(&changes);
            }
            Ok(exit::DONE)
        }
    }
}

fn server(server: Server, args: &ServerArgs) -> Result<u8, Error> {
    let shared = &args.shared;
    let logins = server.takes_logins().then_some(args.logins.as_path());
    let plan = hosting::plan(&args.site, logins)?;
    let files = hosting::files(server, &plan, &embedded::hosting_texts(&shared.templates)?)?;
    let folder = shared.output.clone().unwrap_or_else(|| PathBuf::from("hosting")).join(server.name());
    let written = hosting::write(&folder, &args.site, &files)?;
    let customers = plan.trees.iter().filter(|tree| tree.is_customer()).count();
    let unread: Vec<&str> = plan
        .trees
        .iter()
        .filter(|tree| !plan.grants.iter().any(|grant| grant.folders.contains(&tree.folder)))
        .map(|tree| tree.folder.as_str())
        .collect();
    if shared.format == Format::Json {
        let document = json!({
            "schema": 1,
            "server": server.name(),
            "folder": folder.display().to_string(),
            "written": written.written,
            "same": written.same,
            "kept": written.kept,
            "logins": plan.grants.len(),
            "trees": plan.trees.iter().map(|tree| tree.folder.as_str()).collect::<Vec<_>>(),
            "trees_without_login": unread,
        });
        print::result(&document.to_string());
        return Ok(exit::DONE);
    }
    print::result(&folder.display().to_string());
    let internal = plan.trees.len() - customers;
    print::say(&format!(
        "{} written, {} as they were; {} logins for {internal} internal trees and {customers} of customers",
        written.written.len(),
        written.same.len(),
        plan.grants.len()
    ));
    for path in &written.kept {
        print::say(&format!("{path} is yours and stays as you have it"));
    }
    if server.takes_logins() && !unread.is_empty() {
        const SHOWN: usize = 5;
        let more = unread.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let shown = unread.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
        print::say(&format!("no login reaches {shown}{more}"));
    }
    print::say(&format!("next: read {}", folder.join("README.md").display()));
    Ok(exit::DONE)
}

fn document(changes: &[changed::TreeChanges]) -> Value {
    let tree = |tree: &changed::TreeChanges| {
        let steps: Map<String, Value> = Step::ALL
            .into_iter()
            .map(|step| (step.name().to_owned(), json!(tree.steps.get(&step).cloned().unwrap_or_default())))
            .collect();
        json!({"folder": tree.folder, "steps": steps})
    };
    json!({
        "schema": 1,
        "order": Step::ALL.map(Step::name),
        "trees": changes.iter().map(tree).collect::<Vec<_>>(),
    })
}

/// Step by step over all trees, so that the lines can be followed from top to bottom.
fn in_words(changes: &[changed::TreeChanges]) {
    let mut counts = [0; 2];
    for step in Step::ALL {
        for path in changes.iter().filter_map(|tree| tree.steps.get(&step)).flatten() {
            let is_delete = step == Step::Delete;
            print::result(&format!("{} {path}", if is_delete { "delete" } else { "upload" }));
            counts[usize::from(is_delete)] += 1;
        }
    }
    let [upload, delete] = counts.map(|count: usize| grouped(&count.to_string()));
    print::say(&format!("{upload} to upload, {delete} to delete"));
}
