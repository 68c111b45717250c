//! Page views out of access logs in the combined format: which team saw a page on which day.
//!
//! A view counts when it is a GET that was answered with 200 or 304, of a page, by a user whom `users.csv` knows, and not by
//! a program. Addresses, users, agents and referrers are looked at and forgotten: nothing of them is kept, and no message
//! quotes a line. Source: domain 6, M4. The command that asks who saw which version of a page is the one exception: it is given
//! the names ([`views`]), prints what it is asked for and keeps nothing.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, FixedOffset, NaiveDate};
use ustr::Ustr;

use super::GivenFile;
use super::rows::{Listed, UNREADABLE, warning};
use crate::diagnostic::Diagnostic;
use crate::say;

/// Page views by day, team and page.
pub type Views = BTreeMap<(NaiveDate, Ustr, Option<Ustr>), u64>;

/// What the logs hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// Views that count; the page is the id of an article, nothing for every other page.
    pub views: Views,
    /// The first and the last day of any line.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Whether any line names a user.
    pub names_users: bool,
}

/// Words of agents that are programs: what crawlers, monitors and libraries call themselves.
const PROGRAMS: [&str; 16] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "curl",
    "wget",
    "python",
    "java/",
    "go-http",
    "httpclient",
    "okhttp",
    "monitor",
    "uptime",
    "pingdom",
    "headless",
    "libwww",
];

/// Why a well-formed line does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Out {
    Method,
    Answer,
    NotAPage,
    Program,
    NoUser,
    UnknownUser,
}

impl Out {
    fn in_words(self) -> &'static str {
        match self {
            Out::Method => say!("asks for no page (another method than GET)"),
            Out::Answer => say!("a redirect or an error"),
            Out::NotAPage => say!("not a page (style sheet, script, data file)"),
            Out::Program => say!("by a program"),
            Out::NoUser => say!("without a user name"),
            Out::UnknownUser => say!("by a user whom users.csv does not list"),
        }
    }
}

/// One view of a page, with the name that the web server wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// When it was sent, in the zone of the web server.
    pub time: DateTime<FixedOffset>,
    /// The user; empty where the server knew none.
    pub user: String,
    /// The user's team; nothing for a user whom `users.csv` does not list.
    pub team: Option<Ustr>,
    /// The page as it was asked for, without a leading `/`: `internal/order/ord2001.html`; of a folder, its index page.
    pub page: String,
    /// What stood behind the `?`: the scope of a query.
    pub query: String,
}

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
struct Line<'l> {
    user: &'l str,
    day: NaiveDate,
    time: &'l str,
    method: &'l str,
    path: &'l str,
    status: &'l str,
    agent: &'l str,
}

/// Adds the lines of a log; `teams` are those of the users, by their name in lower case.
pub(super) fn add(
    log: &mut Log,
    file: &mut GivenFile,
    bytes: &[u8],
    teams: &HashMap<String, Ustr>,
    problems: &mut Vec<Diagnostic>,
) {
    let path = file.path.clone();
    let mut list = Listed::new(&path);
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = String::from_utf8_lossy(line);
        if line.trim().is_empty() {
            continue;
        }
        file.read += 1;
        let Some(line) = parse(line.trim_end_matches('\r')) else {
            *file.left_out.entry(UNREADABLE).or_default() += 1;
            list.add(Diagnostic {
                line: u32::try_from(number + 1).unwrap_or(u32::MAX),
                ..warning(
                    "metrics-log-line",
                    &path,
                    say!("the line is not in the combined log format; it is left out").to_owned(),
                    say!("have the web server write: host ident user [time] \"request\" status size \"referer\" \"agent\""),
                )
            });
            continue;
        };
        let (first, last) = log.days.unwrap_or((line.day, line.day));
        log.days = Some((first.min(line.day), last.max(line.day)));
        log.names_users |= line.user != "-";
        match view(&line, teams) {
            Ok((team, article)) => {
                file.used += 1;
                *log.views.entry((line.day, team, article)).or_default() += 1;
            }
            Err(out) => *file.left_out.entry(out.in_words()).or_default() += 1,
        }
    }
    problems.extend(list.done());
}

/// Every view of a page by a person, also of one whom nobody knows, in the order of the log.
pub(super) fn views(file: &mut GivenFile, bytes: &[u8], teams: &HashMap<String, Ustr>) -> Vec<View> {
    let mut views = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        if line.trim().is_empty() {
            continue;
        }
        file.read += 1;
        let found = parse(line.trim_end_matches('\r')).ok_or(UNREADABLE).and_then(|line| {
            let time = DateTime::parse_from_str(line.time, "%d/%b/%Y:%H:%M:%S %z").map_err(|_| UNREADABLE)?;
            let page = page(&line).map_err(Out::in_words)?;
            let user = if line.user == "-" { "" } else { line.user };
            let index = if page.ends_with('/') { "index.html" } else { "" };
            let query = line.path.split_once('?').map_or("", |(_, query)| query);
            Ok(View {
                time,
                user: user.to_owned(),
                team: teams.get(&user.to_lowercase()).copied(),
                page: format!("{}{index}", page.trim_start_matches('/')),
                query: query.split('#').next().unwrap_or_default().to_owned(),
            })
        });
        match found {
            Ok(view) => {
                file.used += 1;
                views.push(view);
            }
            Err(reason) => *file.left_out.entry(reason).or_default() += 1,
        }
    }
    views
}

/// The team whose view a line is, and the article that it saw.
fn view(line: &Line<'_>, teams: &HashMap<String, Ustr>) -> Result<(Ustr, Option<Ustr>), Out> {
    let path = page(line)?;
    if line.user == "-" {
        return Err(Out::NoUser);
    }
    let team = teams.get(&line.user.to_lowercase()).ok_or(Out::UnknownUser)?;
    let article = path.strip_suffix(".html").and_then(|path| path.rsplit_once("/kb/")).map(|(_, id)| id);
    Ok((*team, article.filter(|id| !id.contains('/') && *id != "index").map(Ustr::from)))
}

/// The page that a person saw, without its query.
fn page<'l>(line: &Line<'l>) -> Result<&'l str, Out> {
    if line.method != "GET" {
        return Err(Out::Method);
    }
    if !matches!(line.status, "200" | "304") {
        return Err(Out::Answer);
    }
    let path = line.path.split(['?', '#']).next().unwrap_or_default();
    // A folder is answered with its index page.
    if !(path.ends_with(".html") || path.ends_with('/')) {
        return Err(Out::NotAPage);
    }
    let agent = line.agent.to_ascii_lowercase();
    if PROGRAMS.iter().any(|word| agent.contains(word)) {
        return Err(Out::Program);
    }
    Ok(path)
}

/// Takes a line of the combined format apart; `None` where it is none.
fn parse(line: &str) -> Option<Line<'_>> {
    let (before, rest) = line.split_once(" [")?;
    let (time, rest) = rest.split_once("] \"")?;
    let (_host, names) = before.split_once(' ')?;
    let (_ident, user) = names.split_once(' ')?;
    let (request, rest) = quoted(rest)?;
    let mut numbers = rest.split_whitespace();
    let status = numbers.next().filter(|status| status.len() == 3)?;
    let rest = rest.split_once('"').map(|(_, rest)| rest);
    // The short form of the format has neither.
    let agent = rest
        .and_then(quoted)
        .and_then(|(_, rest)| quoted(rest.split_once('"')?.1))
        .map_or("", |(agent, _)| agent);
    let mut words = request.split(' ');
    let (method, path) = (words.next()?, words.next().unwrap_or_default());
    let day = time.split_once(':').and_then(|(day, _)| NaiveDate::parse_from_str(day, "%d/%b/%Y").ok())?;
    Some(Line { user: if user.is_empty() { "-" } else { user }, day, time, method, path, status, agent })
}

/// What stands before the closing quote, and what behind it; a quote after a backslash closes nothing.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' if !is_escaped => return Some((&text[..at], &text[at + 1..])),
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn teams() -> HashMap<String, Ustr> {
        HashMap::from([("ann".to_owned(), Ustr::from("sales"))])
    }

    fn seen(request: &str, status: &str, user: &str, agent: &str) -> Result<(Ustr, Option<Ustr>), Out> {
        let line = format!(
            "192.0.2.1 - {user} [08/Jun/2026:23:59:59 +0000] \"{request}\" {status} 12 \"-\" \"{agent}\""
        );
        view(&parse(&line).unwrap(), &teams())
    }

    #[test]
    fn only_pages_that_a_known_person_saw_count() {
        // Goal: neither assets, errors, programs nor strangers make a team look busy. Method: one line for each rule, each a
        // view but for that rule.
        let (page, browser) = ("GET /internal/order/x.html HTTP/1.1", "Mozilla/5.0");
        assert_eq!(seen(page, "200", "ann", browser), Ok((Ustr::from("sales"), None)));
        assert_eq!(seen(page, "304", "Ann", browser), Ok((Ustr::from("sales"), None)));
        assert_eq!(seen("GET /internal/ HTTP/1.1", "200", "ann", browser), Ok((Ustr::from("sales"), None)));
        let article = seen("GET /a/kb/kb-rates.html?from=mail HTTP/2.0", "200", "ann", browser);
        assert_eq!(article, Ok((Ustr::from("sales"), Some(Ustr::from("kb-rates")))));
        assert_eq!(
            seen("GET /a/kb/index.html HTTP/2.0", "200", "ann", browser),
            Ok((Ustr::from("sales"), None))
        );
        assert_eq!(seen("HEAD /x.html HTTP/1.1", "200", "ann", browser), Err(Out::Method));
        for status in ["301", "302", "404", "500", "206"] {
            assert_eq!(seen(page, status, "ann", browser), Err(Out::Answer));
        }
        for path in ["/assets/site.css", "/data/lines.csv", "/x.html.txt"] {
            assert_eq!(seen(&format!("GET {path} HTTP/1.1"), "200", "ann", browser), Err(Out::NotAPage));
        }
        assert_eq!(seen(page, "200", "ann", "Googlebot/2.1"), Err(Out::Program));
        assert_eq!(seen(page, "200", "-", browser), Err(Out::NoUser));
        assert_eq!(seen(page, "200", "bob", browser), Err(Out::UnknownUser));
    }

    #[test]
    fn lines_are_taken_apart_or_refused() {
        // Goal: odd lines are counted, not misread. Method: a quote in the request, IPv6, the short format, and lines that are
        // cut off or something else.
        let line = parse(
            r#"::1 - ann lee [01/Jan/2026:00:00:00 +0800] "GET /a\"b.html HTTP/1.1" 200 - "-" "x \" y""#,
        );
        let line = line.unwrap();
        assert_eq!((line.user, line.path, line.agent), ("ann lee", "/a\\\"b.html", "x \\\" y"));
        assert_eq!(
            parse(r#"h - ann [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 5"#).unwrap().agent,
            ""
        );
        for wrong in [
            "",
            "nothing of the kind",
            r#"h - ann [01/Jan/2026:00:00:00 +0000] "GET / HT"#,
            r#"h - ann [2026-01-01] "GET / HTTP/1.1" 200 5 "-" "-""#,
            r#"h - ann [31/Feb/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-""#,
            r#"h - ann [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" twohundred 5 "-" "-""#,
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
