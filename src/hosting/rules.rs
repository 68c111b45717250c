//! The rules that every server is told in its own words: paths of trees, headers, caches, types.
//!
//! Paths are patterns in the part of the syntax of regular expressions that PCRE, RE2 and JavaScript share.

use super::{Plan, Tree};

/// The paths of customers' trees, below the site.
pub(super) const CUSTOMERS: &str = "customer/[0-9a-f]{32}";

/// Headers of every answer, besides the policy, cache and type.
pub(super) const HEADERS: [(&str, &str); 5] = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Robots-Tag", "noindex"),
];

/// Cache-Control of files whose name changes with their content.
pub(super) const FOR_GOOD: &str = "private, max-age=31536000, immutable";
/// Cache-Control of everything else: kept, and asked for again by its ETag. Every tree is behind a login, so all is private.
pub(super) const ASK_AGAIN: &str = "private, no-cache";
/// Cache-Control of refusals and errors.
pub(super) const NEVER: &str = "no-store";

/// The end of a name and its media type. Texts are UTF-8.
pub(super) const TYPES: [(&str, &str); 9] = [
    ("html", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("ics", "text/calendar; charset=utf-8"),
    ("txt", "text/plain; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
];
/// The type of what has another name, such as `SHA256SUMS`.
pub(super) const TYPE_OF_THE_REST: &str = "text/plain; charset=utf-8";

/// What a path means, in the order in which it is tried; the first that matches holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// A regular expression over the decoded path.
    pub(super) pattern: String,
    /// The value of the header.
    pub(super) value: String,
}

/// The rules of one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    /// The policy of paths with another one than [`Rules::policy`].
    pub(super) policies: Vec<Rule>,
    /// The Content-Security-Policy of everything else.
    pub(super) policy: String,
    /// The policy of answers that are no file of a tree.
    pub(super) policy_of_errors: String,
    /// One policy under which every page works; the pages' own ones, which are narrower, hold beside it.
    pub(super) policy_of_all: String,
    /// The pattern of files whose name changes with their content.
    pub(super) for_good: String,
}

impl Rules {
    pub(super) fn new(plan: &Plan) -> Rules {
        let mut groups: Vec<(&Tree, Vec<&str>)> = Vec::new();
        for tree in &plan.trees {
            let folder = if tree.is_customer() { CUSTOMERS } else { &tree.folder };
            let alike = |(first, _): &&mut (&Tree, Vec<&str>)| {
                first.policy == tree.policy && first.policy_of_missing == tree.policy_of_missing
            };
            match groups.iter_mut().find(alike) {
                Some((_, folders)) if folders.contains(&folder) => {}
                Some((_, folders)) => folders.push(folder),
                None => groups.push((tree, vec![folder])),
            }
        }
        let policy = groups.first().map_or_else(String::new, |(tree, _)| framed(&tree.policy));
        let mut policies = Vec::new();
        for (tree, folders) in &groups {
            let folders = alternatives(folders);
            let mut rule = |pattern: String, value: String| policies.push(Rule { pattern, value });
            rule(format!("^/{folders}/404\\.html$"), framed(&tree.policy_of_missing));
            // Close packs are pages like 404.html, each with a style sheet of its own, whose checksum only the page knows.
            rule(format!("^/{folders}/close/index\\.html$"), framed(&tree.policy));
            rule(format!("^/{folders}/close/.+\\.html$"), framed(&any_style(&tree.policy_of_missing)));
            if framed(&tree.policy) != policy {
                rule(format!("^/{folders}/"), framed(&tree.policy));
            }
        }
        let mut folders: Vec<&str> = groups.iter().flat_map(|(_, folders)| folders.iter().copied()).collect();
        folders.sort_unstable();
        folders.dedup();
        let trees = alternatives(&folders);
        let for_good = format!("^/{trees}/assets/[^/]+-[0-9a-f]{{8}}\\.(?:css|js)$");
        let policy_of_errors = framed("default-src 'none'; base-uri 'none'; form-action 'none'");
        let all: Vec<&str> = groups
            .iter()
            .flat_map(|(tree, _)| [tree.policy.as_str(), tree.policy_of_missing.as_str()])
            .collect();
        let policy_of_all = framed(&widest(&all));
        Rules { policies, policy, policy_of_errors, policy_of_all, for_good }
    }

    /// The pattern of what no reader ever gets, although it lies in a tree: names that begin with a point, and in customers'
    /// trees the list of who has which.
    pub(super) fn hidden() -> [String; 2] {
        ["/\\.".to_owned(), format!("^/{CUSTOMERS}/(?:.*/)?trees\\.csv$")]
    }
}

fn alternatives(folders: &[&str]) -> String {
    match folders {
        [one] => (*one).to_owned(),
        many => format!("(?:{})", many.join("|")),
    }
}

/// The policy that a page states in its head; `None` where it states none that a header can repeat.
pub(super) fn policy_of(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("<meta http-equiv=\"Content-Security-Policy\" content=\"")?;
    let (policy, _) = rest.split_once('"')?;
    let policy = policy.replace("&#39;", "'").replace("&#x27;", "'").replace("&amp;", "&");
    // What a header may hold, and what needs no escape but that of a quote in any syntax.
    let is_plain =
        |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'{' | b'}' | b'`' | b'@') || b == b' ';
    (!policy.is_empty() && policy.bytes().all(is_plain) && !policy.contains('$')).then_some(policy)
}

/// With what only a header can say: that no page is shown in a frame.
fn framed(policy: &str) -> String {
    let policy = policy.trim_end_matches([';', ' ']);
    format!("{policy}; frame-ancestors 'none'")
}

/// With any style sheet within the page.
fn any_style(policy: &str) -> String {
    let directive = |text: &str| match text.trim().split_once(' ') {
        Some(("style-src", _)) => "style-src 'unsafe-inline'".to_owned(),
        Some(_) | None => text.trim().to_owned(),
    };
    policy.split(';').map(directive).collect::<Vec<_>>().join("; ")
}

/// A policy that allows what any of these allows, and style sheets within the page whatever their checksum is.
fn widest(policies: &[&str]) -> String {
    let mut directives: Vec<(&str, Vec<&str>)> = Vec::new();
    for directive in policies.iter().flat_map(|policy| policy.split(';')) {
        let mut words = directive.split_whitespace();
        let Some(name) = words.next() else { continue };
        let at = directives.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            directives.push((name, Vec::new()));
            directives.len() - 1
        });
        let sources = &mut directives[at].1;
        words.for_each(|word| {
            if !sources.contains(&word) {
                sources.push(word);
            }
        });
    }
    // What falls back on nothing forbids only where every policy names it.
    let is_everywhere = |name: &str| {
        policies.iter().all(|policy| policy.split(';').any(|d| d.split_whitespace().next() == Some(name)))
    };
    directives.retain(|(name, _)| name.ends_with("-src") || is_everywhere(name));
    for (name, sources) in &mut directives {
        if *name == "style-src" {
            // Beside a checksum, a browser takes no notice of the word.
            sources.retain(|source| !source.starts_with("'sha256-"));
            sources.push("'unsafe-inline'");
        }
        if sources.len() > 1 {
            sources.retain(|source| *source != "'none'");
        }
    }
    let words = |(name, sources): &(&str, Vec<&str>)| format!("{name} {}", sources.join(" "));
    directives.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// A regular expression that matches the text and nothing else, between the anchors of the caller. What is no letter or digit
/// is written as its number, so that it means nothing in any syntax around it.
pub(super) fn exactly(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '.' => pattern.push_str("\\."),
            '@' | '-' | '_' => pattern.push(c),
            c if c.is_ascii_alphanumeric() || !c.is_ascii() => pattern.push(c),
            c => pattern.push_str(&format!("\\x{:02x}", u32::from(c))),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_a_header_is_the_one_of_the_page() {
        // Goal: header and page say the same. Method: heads as templates write them, and values that no header takes.
        let page = |policy: &str| {
            format!(
                "<head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\"></head>"
            )
        };
        assert_eq!(policy_of(&page("default-src 'none'")).unwrap(), "default-src 'none'");
        assert_eq!(policy_of(&page("style-src &#39;self&#39;")).unwrap(), "style-src 'self'");
        for policy in ["", "a\nb", "a\\b", "a$b", "a{b}", "ä"] {
            assert!(policy_of(&page(policy)).is_none(), "{policy}");
        }
        assert!(policy_of("<head></head>").is_none());
        assert_eq!(framed("a 'b';"), "a 'b'; frame-ancestors 'none'");
        assert_eq!(any_style("a 'b'; style-src 'sha256-x='; c"), "a 'b'; style-src 'unsafe-inline'; c");
        let page = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'";
        let alone =
            "default-src 'none'; style-src 'sha256-x='; img-src data:; base-uri 'none'; form-action 'none'";
        assert_eq!(
            widest(&[page, alone]),
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'"
        );
    }

    #[test]
    fn a_text_becomes_a_pattern_of_harmless_characters() {
        // Goal: no login can mean anything in a pattern or in the file around it. Method: every ASCII character that is seen.
        let all: String = (' '..='~').collect();
        let pattern = exactly(&all);
        let is_harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '\\' | '.' | '@' | '-' | '_');
        assert!(pattern.chars().all(is_harmless), "{pattern}");
        assert!(regex::Regex::new(&format!("^(?:{pattern})$")).unwrap().is_match(&all));
        assert_eq!(exactly("ana.b@example.com"), "ana\\.b@example\\.com");
        assert!(!regex::Regex::new(&format!("^{}$", exactly("a.b"))).unwrap().is_match("axb"));
        assert_eq!(exactly("Ü 王"), "Ü\\x20王");
    }
}
