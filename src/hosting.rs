//! Configuration of a web server or a file store for a finished site: who may read which tree, headers, caches.
//!
//! A static site cannot ask who its reader is; what stands in front of it can. From the trees of a site and a list of logins
//! come the files that a server takes as they are. Each rule (which paths are one tree, which headers a page has, what may be
//! kept by a browser) stands once in `rules` and is written in the words of each server. The texts around them are files of
//! `templates/hosting/`, filled by `fill`.
//!
//! Invariants: logins and customers are data, so every value is escaped for the syntax it stands in; whoever has no grant gets
//! nothing; nothing is written into a tree, and no file that somebody changed is written over.

pub mod changed;
mod clouds;
mod fill;
mod logins;
mod rules;
mod servers;
mod trees;
mod write;

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::Error;

pub use logins::Grant;
pub use trees::Tree;
pub use write::{Written, write};

/// What a site can be put on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    /// nginx, with its own login or a proxy for single sign-on.
    Nginx,
    /// Caddy, the same.
    Caddy,
    /// Apache.
    Apache,
    /// A private bucket of S3 behind CloudFront.
    S3Cloudfront,
    /// A bucket of Alibaba Cloud OSS.
    Oss,
    /// Azure Static Web Apps.
    Azure,
    /// Pages of GitHub or GitLab.
    Pages,
}

impl Server {
    /// All of them, in the order in which help lists them.
    pub const ALL: [Server; 7] = [
        Server::Nginx,
        Server::Caddy,
        Server::Apache,
        Server::S3Cloudfront,
        Server::Oss,
        Server::Azure,
        Server::Pages,
    ];

    /// Its name in commands, and the folder of its files.
    pub fn name(self) -> &'static str {
        match self {
            Server::Nginx => "nginx",
            Server::Caddy => "caddy",
            Server::Apache => "apache",
            Server::S3Cloudfront => "s3-cloudfront",
            Server::Oss => "oss",
            Server::Azure => "azure",
            Server::Pages => "pages",
        }
    }

    /// Whether it is told who may read what.
    pub fn takes_logins(self) -> bool {
        self != Server::Pages
    }
}

/// The trees of a site and who may read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Sorted by folder.
    pub trees: Vec<Tree>,
    /// One for each login, sorted by its text.
    pub grants: Vec<Grant>,
}

/// A file to write for a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFile {
    /// Its name, or the path below the folder of the server.
    pub path: String,
    /// Its content.
    pub text: String,
    /// Whether a person completes it: one that was changed stays as it is.
    pub is_yours: bool,
}

/// The texts that are filled, by path below `templates/hosting/`.
pub type Texts = BTreeMap<String, String>;

/// The texts inside the program.
pub const DEFAULT_TEXTS: &[(&str, &str)] = &[
    ("apache/README.md", include_str!("../templates/hosting/apache/README.md")),
    ("apache/site.conf", include_str!("../templates/hosting/apache/site.conf")),
    ("apache/tieout.conf", include_str!("../templates/hosting/apache/tieout.conf")),
    ("azure/GetRoles.js", include_str!("../templates/hosting/azure/GetRoles.js")),
    ("azure/README.md", include_str!("../templates/hosting/azure/README.md")),
    ("caddy/Caddyfile", include_str!("../templates/hosting/caddy/Caddyfile")),
    ("caddy/README.md", include_str!("../templates/hosting/caddy/README.md")),
    ("caddy/login.caddy", include_str!("../templates/hosting/caddy/login.caddy")),
    ("caddy/tieout.caddy", include_str!("../templates/hosting/caddy/tieout.caddy")),
    ("nginx/README.md", include_str!("../templates/hosting/nginx/README.md")),
    ("nginx/http.conf", include_str!("../templates/hosting/nginx/http.conf")),
    ("nginx/login.conf", include_str!("../templates/hosting/nginx/login.conf")),
    ("nginx/server.conf", include_str!("../templates/hosting/nginx/server.conf")),
    ("nginx/site.conf", include_str!("../templates/hosting/nginx/site.conf")),
    ("oss/README.md", include_str!("../templates/hosting/oss/README.md")),
    ("pages/README.md", include_str!("../templates/hosting/pages/README.md")),
    ("pages/github.yml", include_str!("../templates/hosting/pages/github.yml")),
    ("pages/gitlab-ci.yml", include_str!("../templates/hosting/pages/gitlab-ci.yml")),
    ("s3-cloudfront/README.md", include_str!("../templates/hosting/s3-cloudfront/README.md")),
    ("s3-cloudfront/request.js", include_str!("../templates/hosting/s3-cloudfront/request.js")),
    ("s3-cloudfront/response.js", include_str!("../templates/hosting/s3-cloudfront/response.js")),
];

/// Reads what a site consists of and who may read it.
///
/// # Errors
/// [`Error::Usage`]: the folder holds no site, or the list of logins names what the site does not have; every such row is
/// named. [`Error::Content`]: a tree has no page to take the policy from. [`Error::Read`]: a file cannot be read.
pub fn plan(site: &Path, logins: Option<&Path>) -> Result<Plan, Error> {
    let trees = trees::read(site)?;
    let grants = match logins {
        Some(path) => logins::read(path, &trees)?,
        None => Vec::new(),
    };
    Ok(Plan { trees, grants })
}

/// The files of a server.
///
/// # Errors
/// [`Error::Usage`]: the server cannot hold what was planned. [`Error::Content`]: a text has a mark that nothing fills.
pub fn files(server: Server, plan: &Plan, texts: &Texts) -> Result<Vec<ServerFile>, Error> {
    let rules = rules::Rules::new(plan);
    match server {
        Server::Nginx => servers::nginx::files(plan, &rules, texts),
        Server::Caddy => servers::caddy::files(plan, &rules, texts),
        Server::Apache => servers::apache::files(plan, &rules, texts),
        Server::S3Cloudfront => clouds::cloudfront::files(plan, &rules, texts),
        Server::Oss => clouds::oss::files(plan, &rules, texts),
        Server::Azure => clouds::azure::files(plan, &rules, texts),
        Server::Pages => clouds::pages::files(plan, texts),
    }
}
