//! `tieout serve`: build, serve on the loopback address, watch, rebuild, reload the browser.
//!
//! Nobody but this machine can reach it: it binds 127.0.0.1, answers only to its own names, and grants no other site
//! access. A failed build is printed and stands over the page in the browser; the last good site stays.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use notify::{RecursiveMode, Watcher};
use tokio::sync::watch;

use super::trail::Kept;
use super::{Shared, print};
use crate::audit::Made;
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::{Error, exit};
use crate::pipeline::{self, Outcome, Silent};
use crate::{fs, site};

/// Events that come within this time of each other belong to one save.
const QUIET: Duration = Duration::from_millis(60);

/// How long a page waits for the next version before it asks again.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// After the page has loaded, waits for the next version and reloads; what is wrong stands over the page until it is
/// right. A script tag works under the page's own policy, which forbids every other connection.
const RELOAD: &str = include_str!("serve/reload.js");

/// How many problems of the data a page shows; the terminal has all.
const SHOWN: usize = 20;

/// What the last build came to.
#[derive(Debug, Clone, Default)]
struct Built {
    /// Counts builds, so that a page knows whether it has seen this one.
    number: u64,
    /// Why there is no newer site, in words; empty where there is one.
    fault: String,
}

/// What is answered before there is any site.
const NO_SITE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>No site yet</title>\
<h1>No site yet</h1><p>The first build did not finish. What is wrong stands below and in the terminal; correct it, and this page \
becomes the site.</p>";

#[derive(Clone)]
struct Server {
    root: Arc<PathBuf>,
    port: u16,
    built: watch::Receiver<Built>,
}

/// Runs the command; it ends with the process.
pub(super) fn run(port: u16, shared: &Shared) -> Result<u8, Error> {
    shared.set_threads();
    let fault = build(shared, true);
    let (publish, built) = watch::channel(Built { number: 1, fault });
    let watching = shared.clone();
    std::thread::spawn(move || rebuild(&watching, &publish));
    let usage = |error: std::io::Error| Error::Usage {
        message: format!("cannot serve on 127.0.0.1:{port}: {error}"),
        help: "choose another port with --port, or 0 for any free one".to_owned(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(usage)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .await
            .map_err(usage)?;
        let port = listener.local_addr().map_err(usage)?.port();
        print::say(&format!("serving  http://127.0.0.1:{port}/  (this machine only; Ctrl-C ends it)"));
        let root = Arc::new(shared.site().join("internal"));
        let app = Router::new().fallback(answer).with_state(Server { root, port, built });
        axum::serve(listener, app).await.map_err(usage)?;
        Ok(exit::DONE)
    })
}

/// Watches what a site is made of and rebuilds after every burst of changes, for ever.
fn rebuild(shared: &Shared, built: &watch::Sender<Built>) {
    let (tell, changes) = mpsc::channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|e| !e.kind.is_access()) {
            let _ = tell.send(());
        }
    });
    let mut watcher = match watcher {
        Ok(watcher) => watcher,
        Err(error) => {
            print::say(&format!("warning: changes cannot be watched: {error}; restart after a change"));
            return;
        }
    };
    for path in [&shared.input, &shared.content, &shared.templates] {
        if path.is_dir()
            && let Err(error) = watcher.watch(path, RecursiveMode::Recursive)
        {
            print::say(&format!("warning: `{}` cannot be watched: {error}", path.display()));
        }
    }
    if shared.config.is_file() {
        let _ = watcher.watch(&shared.config, RecursiveMode::NonRecursive);
    }
    while changes.recv().is_ok() {
        while changes.recv_timeout(QUIET).is_ok() {}
        let fault = build(shared, false);
        built.send_modify(|built| *built = Built { number: built.number + 1, fault });
    }
}

/// Builds the site and says on the terminal what came of it; what is wrong, in words, where the last site stays.
fn build(shared: &Shared, is_first: bool) -> String {
    let mut problems = Vec::new();
    let error = match pipeline::build(&shared.writing(), &Silent, &mut problems) {
        Ok(outcome) if is_first => {
            print::problems(&problems, shared);
            let kept = record(&outcome, shared);
            print::built(&outcome, &kept, shared);
            kept.warn(shared);
            return String::new();
        }
        Ok(outcome) => {
            record(&outcome, shared).warn(shared);
            let time: Duration = outcome.timings.0.iter().map(|(_, time)| *time).sum();
            print::say(&format!("rebuilt  in {} ms", time.as_millis()));
            return String::new();
        }
        Err(error) => error,
    };
    print::problems(&problems, shared);
    print::error(&error, false);
    let fatal = problems.iter().filter(|problem| problem.severity == Severity::Fatal);
    let mut words: Vec<String> = fatal.take(SHOWN).map(Diagnostic::in_words).collect();
    words.push(error.to_string());
    words.extend(error.help());
    words.join("\n\n")
}

/// Records a site that went live, unless it is the one that was recorded before: saving a file without a change is no news.
fn record(outcome: &Outcome, shared: &Shared) -> Kept {
    shared.trail.shows(&outcome.summary.snapshot, &outcome.summary.record_set);
    shared.trail.keep_news(exit::DONE, Made::Site, outcome.published.manifest_sha256.clone())
}

/// A text as a script writes it. A line can end a script tag nowhere: these scripts are files of their own.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

async fn answer(State(server): State<Server>, method: Method, headers: HeaderMap, uri: Uri) -> Response {
    if !is_ours(&headers, server.port) {
        return plain(StatusCode::MISDIRECTED_REQUEST, "this server answers to 127.0.0.1 and localhost only");
    }
    if method != Method::GET && method != Method::HEAD {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "only reading is possible here");
    }
    match uri.path() {
        "/.tieout/reload.js" => {
            let Built { number, fault } = server.built.borrow().clone();
            let script =
                format!("window.tieoutServe={{version:{number},fault:{}}};\n{RELOAD}", quoted(&fault));
            file("text/javascript; charset=utf-8", StatusCode::OK, script.into_bytes())
        }
        "/.tieout/next.js" => next(server, uri.query().unwrap_or("")).await,
        path => {
            let path = path.to_owned();
            match tokio::task::spawn_blocking(move || page(&server.root, &path)).await {
                Ok(response) => response,
                Err(_) => {
                    plain(StatusCode::INTERNAL_SERVER_ERROR, "the page could not be read; reload to retry")
                }
            }
        }
    }
}

/// Only a browser that asked for this machine by name is answered: another site cannot read the preview through a name
/// of its own that resolves to this address.
fn is_ours(headers: &HeaderMap, port: u16) -> bool {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("");
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| host == *name || host == format!("{name}:{port}"))
}

/// Answers when there was a newer build than the one the page knows, or with nothing after a while: with a site the page is
/// loaded again, without one it says why.
async fn next(mut server: Server, query: &str) -> Response {
    let shown: u64 =
        query.split('&').find_map(|pair| pair.strip_prefix("v=")).and_then(|v| v.parse().ok()).unwrap_or(0);
    let newer = server.built.wait_for(|built| built.number > shown);
    let script = match tokio::time::timeout(LONGEST_WAIT, newer).await {
        Ok(Ok(built)) if built.fault.is_empty() => "location.reload();".to_owned(),
        Ok(Ok(built)) => format!("window.tieoutServe.show({},{});", built.number, quoted(&built.fault)),
        Ok(Err(_)) | Err(_) => String::new(),
    };
    file("text/javascript; charset=utf-8", StatusCode::OK, script.into_bytes())
}

fn page(root: &Path, path: &str) -> Response {
    let relative = path.trim_start_matches('/');
    let relative = if relative.is_empty() || relative.ends_with('/') {
        format!("{relative}index.html")
    } else {
        relative.to_owned()
    };
    // The same rule as for writing: only names that a site can have are ever looked up.
    let found =
        site::check_path(&relative).ok().and_then(|()| fs::read_within(root, Path::new(&relative)).ok());
    match found {
        Some(bytes) if relative.ends_with(".html") => {
            file(mime(&relative), StatusCode::OK, with_reload(bytes))
        }
        Some(bytes) => file(mime(&relative), StatusCode::OK, bytes),
        None => match fs::read_within(root, Path::new("404.html")) {
            Ok(bytes) => file(mime("404.html"), StatusCode::NOT_FOUND, bytes),
            // The page of a first build that fails: it says why, and becomes the site once there is one.
            Err(_) => file(mime("404.html"), StatusCode::SERVICE_UNAVAILABLE, with_reload(NO_SITE.into())),
        },
    }
}

fn with_reload(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.extend_from_slice(b"<script src=\"/.tieout/reload.js\" async></script>");
    bytes
}

fn mime(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "csv" => "text/csv; charset=utf-8",
        "ics" => "text/calendar; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    file("text/plain; charset=utf-8", status, text.into())
}

fn file(kind: &'static str, status: StatusCode, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, bytes).into_response()
}
