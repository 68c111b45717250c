//! `tieout hosting`: the configuration of a server for the site.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Format, Shared, print};
use crate::embedded;
use crate::error::{Error, exit};
use crate::hosting::{self, Server};

pub(super) const EXAMPLES: &str = "Examples:
  tieout hosting nginx --logins logins.csv           who may read which tree, headers, caches: hosting/nginx/
  tieout hosting caddy --site site --output deploy   the same for Caddy, in deploy/caddy/

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

/// Where to.
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
