//! Typed facts become sentences. minijinja lives here and nowhere else.
//!
//! A sentence template is text that people in finance and support edit: it may name facts, test them and nothing more.
//! An unknown name, an absent fact that is printed, or an endless loop is an error that names the file, never a gap in
//! a sentence and never a broken page.

use std::collections::BTreeMap;

use minijinja::value::Value;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};

use crate::content::Content;
use crate::error::Error;
use crate::language;
use crate::mark;
use crate::model::status::Status;
use crate::reconcile::kinds::Kind;

/// Steps a template may take before it is stopped; a sentence takes fewer than a hundred.
const FUEL: u64 = 10_000;

const LETTER: &str = "claims/letter.md";

/// The facts a sentence may name. One that is not known is none: it can be tested, not printed.
pub const FACTS: [&str; 54] = [
    "account",
    "adjustment",
    "alt_program",
    "amount",
    "arithmetic",
    "base",
    "batch",
    "campaign",
    "cancellation",
    "candidates",
    "cap",
    "category",
    "condition",
    "customer",
    "date",
    "days",
    "deadline",
    "diff",
    "error",
    "expected",
    "expected_by",
    "file",
    "limit",
    "limit_basis",
    "line",
    "month",
    "net",
    "next_date",
    "order",
    "orders",
    "paid",
    "payout",
    "period",
    "program",
    "rate",
    "reason",
    "region",
    "row",
    "score",
    "sku",
    "source",
    "state",
    "status",
    "status_since",
    "suggestion",
    "variant",
    "vendor_account",
    "vendor_base",
    "vendor_category",
    "vendor_period",
    "vendor_rate",
    "vendor_region",
    "volume",
    "was",
];

/// The facts that a sentence for customers may name: nothing of mapping, rates, lines, payouts or other customers
/// (domain 4.6).
pub const CUSTOMER_FACTS: [&str; 9] = [
    "cancellation",
    "date",
    "expected_by",
    "month",
    "next_date",
    "order",
    "orders",
    "period",
    "vendor_period",
];

/// The facts that the letter of a claim may name.
pub const LETTER_FACTS: [&str; 17] = [
    "amount",
    "before",
    "claim",
    "clause",
    "currency",
    "date",
    "deadline",
    "document",
    "evidence_file",
    "file",
    "organization",
    "period",
    "program",
    "rows",
    "snapshot",
    "total",
    "what",
];

/// What a `variant` can be: a word that templates compare, and that is printed in the language of the site. So is the name
/// of a status.
const VARIANTS: [&str; 14] = [
    mark!("voucher not deducted"),
    mark!("list instead of net"),
    mark!("tax included"),
    mark!("tax deducted"),
    mark!("refund deducted"),
    mark!("partial coverage"),
    mark!("late line"),
    mark!("currency changed"),
    mark!("moved to another period"),
    mark!("no longer recognized"),
    mark!("amount changed"),
    mark!("line removed"),
    mark!("digits lost in a spreadsheet"),
    mark!("more taken back than refund times rate"),
];

/// A fact as it is printed.
fn printed(fact: &str) -> &str {
    let is_word = VARIANTS.contains(&fact) || Status::ALL.iter().any(|status| status.label() == fact);
    if is_word { language::label(fact) } else { fact }
}

/// Who a sentence is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Quick status, timeline, what to tell the customer.
    Sales,
    /// Batch, condition, amounts.
    Finance,
    /// What is missing, what to confirm.
    Support,
    /// Neutral words only.
    Customer,
}

impl Audience {
    /// All of them.
    pub const ALL: [Audience; 4] =
        [Audience::Sales, Audience::Finance, Audience::Support, Audience::Customer];

    /// The name in templates and data.
    pub fn name(self) -> &'static str {
        match self {
            Audience::Sales => "sales",
            Audience::Finance => "finance",
            Audience::Support => "support",
            Audience::Customer => "customer",
        }
    }
}

/// Every sentence template of the content, compiled.
pub struct Sentences {
    environment: Environment<'static>,
    fixes: BTreeMap<Kind, usize>,
    places: BTreeMap<String, String>,
}

/// The facts of one subject.
#[derive(Debug, Clone, Default)]
pub struct Facts(BTreeMap<&'static str, String>);

impl Facts {
    /// Sets a fact; nothing stays nothing.
    pub fn set(&mut self, name: &'static str, value: impl Into<Option<String>>) {
        let is_fact = FACTS.contains(&name) || LETTER_FACTS.contains(&name);
        debug_assert!(is_fact, "bug: `{name}` is not in a list of facts");
        if let Some(value) = value.into().filter(|v| !v.is_empty()) {
            self.0.insert(name, value);
        }
    }

    /// Adds the facts of a finding; they win over those of its subject.
    pub fn extend(&mut self, facts: &BTreeMap<&'static str, String>) {
        self.0.extend(facts.iter().map(|(name, value)| (*name, value.clone())));
    }

    /// A fact.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn values(&self, names: &[&'static str]) -> Value {
        let value = |name| self.0.get(name).map_or(Value::from(()), |value| Value::from(value.as_str()));
        Value::from_pairs(names.iter().map(|name| (*name, value(name))))
    }
}

impl Sentences {
    /// Compiles every template of the content.
    ///
    /// # Errors
    /// [`Error::Content`]: every template that cannot be compiled, names an unknown fact, or tells customers one that they
    /// may not see; with its file and line.
    pub fn new(content: &Content) -> Result<Sentences, Error> {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_formatter(|out, state, value| {
            if value.is_none() {
                return Err(minijinja::Error::new(
                    ErrorKind::UndefinedError,
                    "a fact that is not known here is printed; test it with {% if … %} first",
                ));
            }
            if let Some(fact) = value.as_str() {
                return out.write_str(printed(fact)).map_err(minijinja::Error::from);
            }
            minijinja::escape_formatter(out, state, value)
        });
        let mut sentences = Sentences { environment, fixes: BTreeMap::new(), places: BTreeMap::new() };
        let mut problems = Vec::new();
        for kind in Kind::ALL {
            let page = content.kind(*kind);
            for (audience, text) in Audience::ALL.iter().zip(page.explain.texts()) {
                sentences.add(
                    (&format!("discrepancies/{}.md explain.{}", kind.code(), audience.name()), content),
                    text,
                    &mut problems,
                );
            }
            for (number, text) in page.fix.iter().enumerate() {
                sentences.add(
                    (&format!("discrepancies/{}.md fix {}", kind.code(), number + 1), content),
                    text,
                    &mut problems,
                );
            }
            sentences.fixes.insert(*kind, page.fix.len());
        }
        for (status, page) in Status::ALL.iter().zip(&content.statuses) {
            for (audience, text) in Audience::ALL.iter().zip(page.explain.texts()) {
                sentences.add(
                    (&format!("statuses/{}.md explain.{}", status.slug(), audience.name()), content),
                    text,
                    &mut problems,
                );
            }
        }
        for (code, page) in &content.reasons {
            sentences.add(
                (&format!("reasons/{code}.md fix"), content),
                page.fix.as_deref().unwrap_or(""),
                &mut problems,
            );
        }
        for (key, text) in [("subject", &content.letter.subject), ("text", &content.letter.text)] {
            sentences.add((&format!("{LETTER} {key}"), content), text, &mut problems);
        }
        if problems.is_empty() { Ok(sentences) } else { Err(Error::Content { problems }) }
    }

    fn add(&mut self, (name, content): (&str, &Content), text: &str, problems: &mut Vec<String>) {
        let (file, key) = name.split_once(' ').unwrap_or((name, ""));
        let place = format!("`content/{file}`, line {}, {key}", content.line(name));
        self.places.insert(name.to_owned(), place.clone());
        if let Err(error) = self.environment.add_template_owned(name.to_owned(), text.to_owned()) {
            problems.push(format!("{place}: {error:#}"));
            return;
        }
        let Ok(template) = self.environment.get_template(name) else { return };
        let is_for_customers = key == format!("explain.{}", Audience::Customer.name());
        let mut named: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        named.sort();
        let known: &[&str] = if file == LETTER { &LETTER_FACTS } else { &FACTS };
        for fact in named {
            if !known.contains(&fact.as_str()) {
                let facts = known.join(", ");
                problems.push(format!("{place} names `{fact}`, which is no fact; the facts are {facts}"));
            } else if is_for_customers && !CUSTOMER_FACTS.contains(&fact.as_str()) {
                let facts = CUSTOMER_FACTS.join(", ");
                problems.push(format!("{place} tells customers `{fact}`; they may be told {facts}"));
            }
        }
    }

    /// The sentence of a kind for an audience; empty where the kind says nothing to it.
    ///
    /// # Errors
    /// [`Error::Content`] when the template prints a fact that is not known or does not end.
    pub fn explain(&self, kind: Kind, audience: Audience, facts: &Facts) -> Result<String, Error> {
        self.render(&format!("discrepancies/{}.md explain.{}", kind.code(), audience.name()), facts)
    }

    /// The sentence of a status for an audience; empty where it says nothing to it.
    ///
    /// # Errors
    /// As [`Sentences::explain`].
    pub fn explain_status(&self, status: Status, audience: Audience, facts: &Facts) -> Result<String, Error> {
        self.render(&format!("statuses/{}.md explain.{}", status.slug(), audience.name()), facts)
    }

    /// The steps of a kind.
    ///
    /// # Errors
    /// As [`Sentences::explain`].
    pub fn fixes(&self, kind: Kind, facts: &Facts) -> Result<Vec<String>, Error> {
        (1..=self.fixes.get(&kind).copied().unwrap_or(0))
            .map(|number| self.render(&format!("discrepancies/{}.md fix {number}", kind.code()), facts))
            .collect()
    }

    /// The recommended fix of a reason; empty where it has none or the facts do not suffice for it.
    pub fn reason_fix(&self, reason: &str, facts: &Facts) -> String {
        self.render(&format!("reasons/{reason}.md fix"), facts).unwrap_or_default()
    }

    /// Subject and text of the letter of a claim.
    ///
    /// # Errors
    /// As [`Sentences::explain`].
    pub fn letter(&self, facts: &Facts) -> Result<(String, String), Error> {
        let part = |key: &str| self.render_with(&format!("{LETTER} {key}"), facts, &LETTER_FACTS);
        Ok((part("subject")?, part("text")?))
    }

    fn render(&self, name: &str, facts: &Facts) -> Result<String, Error> {
        self.render_with(name, facts, &FACTS)
    }

    fn render_with(&self, name: &str, facts: &Facts, names: &[&'static str]) -> Result<String, Error> {
        let rendered = self.environment.get_template(name).and_then(|t| t.render(facts.values(names)));
        rendered.map(|text| text.trim().to_owned()).map_err(|error| {
            let place = self.places.get(name).map_or(name, String::as_str);
            Error::Content { problems: vec![format!("{place}: {error:#}")] }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn embedded() -> BTreeMap<String, String> {
        crate::embedded::content(Path::new("no such folder")).unwrap()
    }

    fn problems_with(path: &str, text: &str, other: &str) -> Vec<String> {
        let mut files = embedded();
        let changed = files[path].replace(text, other);
        assert_ne!(changed, files[path], "{path} holds `{text}`");
        files.insert(path.to_owned(), changed);
        match Sentences::new(&Content::read(&files).unwrap()) {
            Err(Error::Content { problems }) => problems,
            Err(other) => panic!("{other}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn a_broken_text_is_named_with_its_file_and_line() {
        // Goal: whoever edits a text finds the place (issue: answers per audience). Method: break one text in three ways;
        // the line is that of the text in its file.
        let path = "discrepancies/short-paid.md";
        let line = |text: &str| embedded()[path].lines().position(|l| l.contains(text)).unwrap() + 1;
        let sales = format!("`content/{path}`, line {}, explain.sales", line("sales = "));
        for (broken, reason) in
            [("{{ order or line", "syntax"), ("{{ dif }}", "names `dif`"), ("{% if diff %}", "unexpected")]
        {
            let problems = problems_with(path, "{{ order or line }}", broken);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].starts_with(&sales), "{problems:?}");
            assert!(problems[0].contains(reason), "{reason}: {problems:?}");
        }
        let fix = problems_with(path, "({{ deadline }})", "({{ dead }})");
        assert!(fix[0].starts_with(&format!("`content/{path}`, line {}, fix 2", line("fix = "))), "{fix:?}");
    }

    #[test]
    fn a_sentence_for_customers_names_nothing_internal() {
        // Goal: what a customer reads holds no line, rate, product code, payout, adjustment or reason of the vendor (domain
        // 4.6). Method: a fact that customers may not see is refused; and no sentence of ours uses an internal word.
        let path = "discrepancies/approved-unpaid.md";
        let told = problems_with(path, "Payment is approved and on its way.", "{{ payout }} is on its way.");
        assert!(told[0].contains("tells customers `payout`"), "{told:?}");

        let internal = [
            "sku",
            "tier",
            "rate ",
            "rates",
            "payout",
            "batch",
            "adjust",
            "mapping",
            "vendor",
            "line",
            "code",
            "quarantin",
            "claw",
            "dispute",
            "discrepanc",
            "exposure",
            "reserve",
            "accru",
        ];
        let content = Content::read(&embedded()).unwrap();
        let of_kinds = content.kinds.iter().map(|page| (&page.code, &page.explain.customer));
        let of_statuses = content.statuses.iter().map(|page| (&page.code, &page.explain.customer));
        for (code, text) in of_kinds.chain(of_statuses) {
            // Names of facts between braces are not read by anyone.
            let words = text.split("{").map(|part| part.rsplit('}').next().unwrap_or("")).collect::<String>();
            for word in internal {
                assert!(!words.to_lowercase().contains(word), "{code} tells customers `{word}`: {words}");
            }
        }
    }
}
