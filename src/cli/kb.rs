//! `tieout kb`: whether the knowledge base covers what happens, what in it is old, and a first draft where it has nothing.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Format, Shared, ask, print};
use crate::error::{Error, exit};
use crate::fs;
use crate::model::money::MoneyByCurrency;
use crate::reconcile::causes::Cause;
use crate::report::Report;
use crate::report::articles::{ArticleUse, Heading, REPEATED, REVIEW_DAYS, begin_with, name_of};

pub(super) const EXAMPLES: &str = "Examples:
  tieout kb coverage                                    articles with their cases now, and what has no article
  tieout kb stale                                       articles that want to be read again
  tieout kb new 'account-unmapped account ACC-909'      begin an article for a cause, as coverage names it
  tieout kb new 'account-unmapped account ACC-909' --id kb-acc-909 --owner Operations";

/// What is asked of the knowledge base.
#[derive(Debug, Clone, Subcommand)]
pub(super) enum KbCommand {
    /// Articles with their cases now; statuses, reasons and repeated causes without an article; articles that nothing needs.
    Coverage {
        #[command(flatten)]
        shared: Shared,
    },
    /// Articles whose last review is long ago, counted to the snapshot's date.
    Stale {
        #[command(flatten)]
        shared: Shared,
    },
    /// Begin an article for a repeated cause: a file in content/kb/ with its cases and what is known of it.
    New {
        /// The cause, as `tieout kb coverage` names it.
        cause: String,
        /// The id of the article; made of the cause when left out.
        #[arg(long, value_name = "ID", value_parser = id)]
        id: Option<String>,
        /// Who keeps the article up to date; the draft asks for it when left out.
        #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
        owner: Option<String>,
        #[command(flatten)]
        shared: Shared,
    },
}

impl KbCommand {
    pub(super) fn shared(&self) -> &Shared {
        match self {
            KbCommand::Coverage { shared } | KbCommand::Stale { shared } | KbCommand::New { shared, .. } => {
                shared
            }
        }
    }
}

fn id(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_id = text.starts_with("kb-") && text.len() > 3 && text.chars().all(is_plain);
    is_id.then(|| text.to_owned()).ok_or_else(|| {
        format!("`{text}` is not an id of an article; write kb- and then small letters, digits and -")
    })
}

/// Runs the command.
pub(super) fn run(command: &KbCommand) -> Result<u8, Error> {
    let shared = command.shared();
    ask(&shared.options(), shared, |report| match command {
        KbCommand::Coverage { .. } => Ok(coverage(report, shared)),
        KbCommand::Stale { .. } => Ok(stale(report, shared)),
        KbCommand::New { cause, id, owner, .. } => {
            begin(report, shared, cause, Heading { id: id.as_deref(), owner: owner.as_deref() })
        }
    })
}

fn amounts(sums: &MoneyByCurrency) -> String {
    sums.iter().map(|sum| sum.in_words()).collect::<Vec<_>>().join(" and ")
}

fn amounts_or_none(sums: &MoneyByCurrency) -> String {
    let words = amounts(sums);
    if words.is_empty() { "no amount".to_owned() } else { words }
}

/// Who keeps an article up to date.
fn owner(used: &ArticleUse<'_>) -> String {
    used.article.owner().map_or_else(|| "no owner".to_owned(), |owner| format!("owner {owner}"))
}

fn coverage(report: &Report<'_>, shared: &Shared) -> u8 {
    let articles = report.article_uses();
    let (words, causes) = (report.words_without_article(), report.causes_without_article());
    if shared.format == Format::Json {
        let words: Vec<Value> = words
            .iter()
            .map(|word| json!({"what": word.what, "code": word.code, "label": word.label, "lines": word.lines}))
            .collect();
        let document = json!({
            "schema": 1,
            "snapshot": report.reconciled.as_of().to_string(),
            "articles": articles.iter().map(in_json).collect::<Vec<_>>(),
            "words_without_article": words,
            "causes_without_article": causes.iter().map(|cause| cause_in_json(report, cause)).collect::<Vec<_>>(),
        });
        print::result(&document.to_string());
        return exit::DONE;
    }
    let used: Vec<&ArticleUse<'_>> = articles.iter().filter(|used| used.cases > 0).collect();
    print::result(&format!("articles      {}, {} with cases now", articles.len(), used.len()));
    for used in &used {
        let stale = if used.is_stale() { "  review overdue" } else { "" };
        print::result(&format!(
            "  {:>6}  {}  {}  {}{stale}",
            used.cases,
            used.article.id,
            amounts(&used.at_stake),
            owner(used)
        ));
    }
    let idle: Vec<&str> =
        articles.iter().filter(|used| used.cases == 0).map(|used| used.article.id.as_str()).collect();
    if !idle.is_empty() {
        print::result(&format!("without a case now: {}", idle.join(", ")));
    }
    print::result(&format!("\ncodes without an article      {}", words.len()));
    for word in &words {
        print::result(&format!("  {:>6}  {} {} ({})", word.lines, word.what, word.code, word.label));
    }
    print::result(&format!("\nrepeated causes without an article      {}", causes.len()));
    for cause in &causes {
        let seen = report.seen(cause).map_or_else(String::new, |(first, last)| {
            format!("; first seen {}, last seen {}", first.in_words(), last.in_words())
        });
        let (cases, orders) = (cause.cases.len(), cause.orders.len());
        let cases = format!("{cases} case{}", if cases == 1 { "" } else { "s" });
        let orders = format!("{orders} order{}", if orders == 1 { "" } else { "s" });
        print::result(&format!(
            "  {}  {cases}, {orders}, {}{seen}",
            name_of(cause),
            amounts_or_none(&cause.at_stake)
        ));
    }
    if let Some(cause) = causes.first() {
        print::result(&format!("\nbegin one with: {}", begin_with(cause)));
    }
    exit::DONE
}

fn stale(report: &Report<'_>, shared: &Shared) -> u8 {
    let mut old = report.article_uses();
    old.retain(ArticleUse::is_stale);
    if shared.format == Format::Json {
        let document = json!({
            "schema": 1,
            "snapshot": report.reconciled.as_of().to_string(),
            "review_days": REVIEW_DAYS,
            "articles": old.iter().map(in_json).collect::<Vec<_>>(),
        });
        print::result(&document.to_string());
    } else if old.is_empty() {
        print::result(&format!(
            "every article was reviewed within {REVIEW_DAYS} days of {}",
            report.reconciled.as_of()
        ));
    } else {
        for used in &old {
            let since = used.days.map_or_else(
                || format!("`{}` is no date; write it like 2026-06-18", used.article.reviewed),
                |days| format!("reviewed {}, {days} days before the snapshot", used.article.reviewed),
            );
            print::result(&format!(
                "{:>6} cases  {}  {since}; {}; {} acts",
                used.cases,
                used.article.id,
                owner(used),
                used.article.who
            ));
        }
        print::result(&format!(
            "\nread each, correct it, and set `reviewed` in {}/kb/ID.md to the day; `owner` there says who keeps it up to date",
            shared.content.display()
        ));
    }
    exit::DONE
}

fn in_json(used: &ArticleUse<'_>) -> Value {
    json!({
        "id": used.article.id,
        "title": used.article.title,
        "who": used.article.who,
        "owner": used.article.owner(),
        "reviewed": used.article.reviewed,
        "is_stale": used.is_stale(),
        "cases": used.cases,
        "at_stake": in_amounts(&used.at_stake),
        "kinds": used.kinds.iter().map(|(kind, _)| kind.code()).collect::<Vec<_>>(),
        "causes": used.article.causes,
    })
}

fn cause_in_json(report: &Report<'_>, cause: &Cause) -> Value {
    let (first, last) = report.seen(cause).unzip();
    json!({
        "cause": name_of(cause),
        "cases": cause.cases.len(),
        "orders": cause.orders.len(),
        "at_stake": in_amounts(&cause.at_stake),
        "first_seen": first.map(|day| day.to_string()),
        "last_seen": last.map(|day| day.to_string()),
    })
}

fn in_amounts(sums: &MoneyByCurrency) -> Value {
    sums.iter().map(|sum| (sum.currency().code().to_owned(), Value::from(sum.to_string()))).collect()
}

/// Writes the first draft of an article.
fn begin(report: &Report<'_>, shared: &Shared, name: &str, heading: Heading<'_>) -> Result<u8, Error> {
    let Some(cause) = report.causes.iter().find(|cause| name_of(cause) == name.trim()) else {
        let known: Vec<String> = report
            .causes_without_article()
            .into_iter()
            .take(5)
            .map(|cause| format!("'{}'", name_of(cause)))
            .collect();
        let help = if known.is_empty() {
            format!(
                "no cause without an article has {REPEATED} cases and more; `tieout kb coverage` lists what there is"
            )
        } else {
            format!("causes without an article are {}; `tieout kb coverage` lists all", known.join(", "))
        };
        return Err(Error::Usage {
            message: format!("no case of this snapshot has the cause `{name}`"),
            help,
        });
    };
    let draft = report.draft_article(cause, heading)?;
    let path = shared.content.join("kb").join(format!("{}.md", draft.id));
    if report.sources.content.articles.contains_key(&draft.id) || fs::kind(&path)?.is_some() {
        return Err(Error::Usage {
            message: format!("there is an article `{}` already", draft.id),
            help: format!(
                "add \"{}\" to its `causes`, or give the new one another name with --id",
                name_of(cause)
            ),
        });
    }
    fs::create_folders(&shared.content.join("kb"))?;
    fs::write_new(&path, draft.text.as_bytes())?;
    print::result(&path.display().to_string());
    print::say("replace what stands in < >, then build: the pages of these cases link to it");
    Ok(exit::DONE)
}
