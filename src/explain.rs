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
use crate::model::status::Status;
use crate::reconcile::kinds::Kind;

/// Steps a template may take before it is stopped; a sentence takes fewer than a hundred.
const FUEL: u64 = 10_000;

/// The facts a sentence may name. One that is not known is none: it can be tested, not printed.
pub const FACTS: [&str; 52] = [
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
    "file",
    "limit",
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
}

/// The facts of one subject.
#[derive(Debug, Clone, Default)]
pub struct Facts(BTreeMap<&'static str, String>);

impl Facts {
    /// Sets a fact; nothing stays nothing.
    pub fn set(&mut self, name: &'static str, value: impl Into<Option<String>>) {
        debug_assert!(FACTS.contains(&name), "bug: `{name}` is not in the list of facts");
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

    fn values(&self) -> Value {
        let value = |name| self.0.get(name).map_or(Value::from(()), |value| Value::from(value.as_str()));
        Value::from_pairs(FACTS.iter().map(|name| (*name, value(name))))
    }
}

impl Sentences {
    /// Compiles every template of the content.
    ///
    /// # Errors
    /// [`Error::Content`]: every template that cannot be compiled or names an unknown fact, with its file.
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
            minijinja::escape_formatter(out, state, value)
        });
        let mut sentences = Sentences { environment, fixes: BTreeMap::new() };
        let mut problems = Vec::new();
        for kind in Kind::ALL {
            let page = content.kind(*kind);
            for (audience, text) in Audience::ALL.iter().zip(page.explain.texts()) {
                sentences.add(
                    &format!("discrepancies/{}.md explain.{}", kind.code(), audience.name()),
                    text,
                    &mut problems,
                );
            }
            for (number, text) in page.fix.iter().enumerate() {
                sentences.add(
                    &format!("discrepancies/{}.md fix {}", kind.code(), number + 1),
                    text,
                    &mut problems,
                );
            }
            sentences.fixes.insert(*kind, page.fix.len());
        }
        for (status, page) in Status::ALL.iter().zip(&content.statuses) {
            for (audience, text) in Audience::ALL.iter().zip(page.explain.texts()) {
                sentences.add(
                    &format!("statuses/{}.md explain.{}", status.slug(), audience.name()),
                    text,
                    &mut problems,
                );
            }
        }
        for (code, page) in &content.reasons {
            sentences.add(
                &format!("reasons/{code}.md fix"),
                page.fix.as_deref().unwrap_or(""),
                &mut problems,
            );
        }
        if problems.is_empty() { Ok(sentences) } else { Err(Error::Content { problems }) }
    }

    fn add(&mut self, name: &str, text: &str, problems: &mut Vec<String>) {
        if let Err(error) = self.environment.add_template_owned(name.to_owned(), text.to_owned()) {
            problems.push(format!("`content/{name}`: {error:#}"));
            return;
        }
        let Ok(template) = self.environment.get_template(name) else { return };
        let mut unknown: Vec<String> = template
            .undeclared_variables(false)
            .into_iter()
            .filter(|n| !FACTS.contains(&n.as_str()))
            .collect();
        unknown.sort();
        for fact in unknown {
            problems.push(format!(
                "`content/{name}` names `{fact}`, which is no fact; the facts are {}",
                FACTS.join(", ")
            ));
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

    fn render(&self, name: &str, facts: &Facts) -> Result<String, Error> {
        let rendered = self.environment.get_template(name).and_then(|t| t.render(facts.values()));
        rendered
            .map(|text| text.trim().to_owned())
            .map_err(|error| Error::Content { problems: vec![format!("`content/{name}`: {error:#}")] })
    }
}
