//! What a page shows: flat, serializable and already in words. Templates loop over it and print; they compute nothing.
//!
//! Every link is the address of a page from the root of the tree, such as `order/ord2001.html`; the template puts the
//! page's own way to the root in front. All text is plain text, escaped by the template; the one exception is
//! [`Block::Prose`], which holds HTML made from our Markdown.

use serde::Serialize;

use super::chart::Chart;
use super::table::Table;
pub use crate::model::money::amounts;

/// A page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Page {
    /// Its address from the root of the tree.
    pub path: String,
    /// The title of the window, without the name of the site.
    pub title: String,
    /// One plain sentence for the description of the page.
    pub description: String,
    /// The entry of the main navigation it belongs to, such as `overview`; empty for none.
    pub nav: &'static str,
    /// The way to it; the last entry is the page itself and has no link.
    pub crumbs: Vec<Link>,
    /// The heading.
    pub heading: String,
    /// What kind of thing it is, for screen readers: `order`. Empty for none.
    pub kind: &'static str,
    /// What its figures are about: `period=2026-05`, `order=ORD-2001`, `all`.
    pub scope: String,
    /// The snapshot at which they were known, where it is not the one of the frame; else empty.
    pub snapshot: String,
    /// The months to switch between; empty for none.
    pub periods: Vec<Link>,
    /// What "Copy for ticket" copies; empty for none.
    pub ticket: String,
    /// The status of the page's subject.
    pub status: Option<StatusPill>,
    /// The first sentence: it answers the page's question.
    pub lead: Vec<Text>,
    /// Short facts under the lead.
    pub facts: Vec<Vec<Text>>,
    /// Blocks over the whole width, above the columns.
    pub top: Vec<Block>,
    /// The main column.
    pub main: Vec<Block>,
    /// The side column beside the start of the main column: what to do. Both side columns empty: one column.
    pub side: Vec<Block>,
    /// The side column below it: checks and links.
    pub side_more: Vec<Block>,
    /// What the frame names instead of the shown snapshot: of a page that is made of what was known at another one.
    pub frame: Option<Frame>,
    /// The scripts that it loads beside the one of every page, by name and in the order in which they run: `kit`, `compare`.
    pub scripts: &'static [&'static str],
}

/// The snapshot that the frame of a page names.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    /// `2026-05-08`.
    pub snapshot: String,
    /// `8 May 2026`.
    pub as_of: String,
    /// The name of its set of inputs.
    pub record_set: String,
}

/// Text with at most one property.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Text {
    /// The words.
    pub text: String,
    /// Where it leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// `b`, `code`, `quiet`, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<&'static str>,
}

impl Text {
    /// Plain words.
    pub fn plain(text: impl Into<String>) -> Text {
        Text { text: text.into(), ..Text::default() }
    }

    /// Words that lead somewhere.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Text {
        Text { text: text.into(), href: Some(href.into()), style: None }
    }

    /// Emphasized, for amounts.
    pub fn strong(text: impl Into<String>) -> Text {
        Text { text: text.into(), style: Some("b"), href: None }
    }

    /// An identifier or a code, as received.
    pub fn code(text: impl Into<String>) -> Text {
        Text { text: text.into(), style: Some("code"), href: None }
    }

    /// Less important.
    pub fn quiet(text: impl Into<String>) -> Text {
        Text { text: text.into(), style: Some("quiet"), href: None }
    }
}

/// A link, or plain words where it leads nowhere.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Link {
    /// The words.
    pub text: String,
    /// The address; `None`: the place itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

impl Link {
    /// A link.
    pub fn to(text: impl Into<String>, href: impl Into<String>) -> Link {
        Link { text: text.into(), href: Some(href.into()) }
    }

    /// Where we are.
    pub fn here(text: impl Into<String>) -> Link {
        Link { text: text.into(), href: None }
    }
}

/// The status of a page's subject.
#[derive(Debug, Clone, Serialize)]
pub struct StatusPill {
    /// Icon, color class and page of the status: `under-review`.
    pub slug: &'static str,
    /// `Under Review`.
    pub label: String,
    /// `$2,230.00 paid`; empty when there is no amount.
    pub amount: String,
}

/// A part of a page.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// A ruled section with its heading.
    Section {
        /// Its anchor.
        id: String,
        /// The heading.
        heading: String,
        /// Links on the right of the heading, such as the download of its table.
        actions: Vec<Link>,
        /// What is in it.
        blocks: Vec<Block>,
    },
    /// Two columns, the left one wider.
    Pair {
        /// Left.
        left: Vec<Block>,
        /// Right.
        right: Vec<Block>,
    },
    /// A table.
    Table(Table),
    /// A chart with its figures as a table. It reaches the templates as markup only, so it is never serialized.
    #[serde(skip_serializing)]
    Chart(Box<Chart>),
    /// A paragraph.
    Paragraph {
        /// Its words.
        text: Vec<Text>,
    },
    /// One message with a colored edge; `tone` is a status slug or `ok`.
    Note {
        /// Color.
        tone: &'static str,
        /// Its words.
        text: Vec<Text>,
    },
    /// One sentence per audience, each with a copy button.
    Answers {
        /// The sentences.
        answers: Vec<Answer>,
    },
    /// Four measures on one scale.
    Flow {
        /// The steps.
        steps: Vec<FlowStep>,
    },
    /// One bar of several segments, decorative: the figures stand in the table below it.
    Bar {
        /// The segments, left to right.
        segments: Vec<Segment>,
    },
    /// Names and values.
    Definitions {
        /// The pairs.
        rows: Vec<Definition>,
    },
    /// Checks with a tick, a cross or a question mark.
    Checks {
        /// One sentence above them.
        summary: String,
        /// The checks.
        checks: Vec<Check>,
    },
    /// A box; `tone` is `ok`, `flag` or empty.
    Panel {
        /// Its heading.
        heading: String,
        /// Tick, flag or nothing before the heading.
        tone: &'static str,
        /// What is in it.
        blocks: Vec<Block>,
    },
    /// A list.
    List {
        /// Whether the order matters: steps.
        ordered: bool,
        /// The items.
        items: Vec<Vec<Text>>,
    },
    /// Text to copy, with its button.
    CopyBox {
        /// Anchor of the text; unique on the page.
        id: String,
        /// The text.
        text: String,
    },
    /// Articles with their summaries, to filter while typing.
    Articles {
        /// The articles.
        articles: Vec<Article>,
    },
    /// Columns of links, each with a heading and a question.
    Roles {
        /// The columns.
        roles: Vec<Role>,
    },
    /// HTML made from our own Markdown; the only markup that is not escaped.
    Prose {
        /// The markup.
        html: String,
    },
    /// A form whose address is the question, such as two snapshots and a scope; the page's script puts the answer below it.
    Ask {
        /// Its anchor, by which the script finds it.
        id: &'static str,
        /// What it asks for, for screen readers.
        label: &'static str,
        /// The words of its button.
        button: &'static str,
        /// The name of the set of data files that it is answered from.
        set: String,
        /// What it asks for.
        fields: Vec<Field>,
    },
    /// The box that takes any id, name or topic, and the one for a whole list; the page's script puts the answer below it.
    Find,
    /// The form that asks for a scope; the page's script puts the answer below it.
    Query {
        /// Ranges to choose from.
        presets: Vec<Preset>,
        /// What else it asks for.
        fields: Vec<Field>,
        /// The statuses to choose from.
        statuses: Vec<Choice>,
    },
}

/// A range of dates with a name.
#[derive(Debug, Clone, Serialize)]
pub struct Preset {
    /// Its code.
    pub value: &'static str,
    /// Its name.
    pub text: &'static str,
    /// First day, `2026-05-01`.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Whether it is chosen at first.
    pub is_chosen: bool,
}

/// A field of a form.
#[derive(Debug, Clone, Serialize)]
pub struct Field {
    /// Its name in the address: `period`.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// Quiet words behind the label; empty for none.
    pub hint: &'static str,
    /// What can be chosen; empty: free text, for which the script may offer names.
    pub choices: Vec<Choice>,
}

/// One of the values that a field can have.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Choice {
    /// The value in the address; empty: the field asks for nothing.
    pub value: String,
    /// The words.
    pub text: String,
    /// Whether it is chosen at first.
    pub is_chosen: bool,
}

/// One audience's sentence.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// `For sales`.
    pub audience: &'static str,
    /// Anchor of the sentence.
    pub id: &'static str,
    /// The sentence.
    pub text: String,
}

/// One measure of the flow from eligible to paid.
#[derive(Debug, Clone, Serialize)]
pub struct FlowStep {
    /// `Calculated so far`.
    pub label: String,
    /// The code of what it measures: `calculated-so-far`.
    pub measure: &'static str,
    /// The plain amount: `52730.40 USD`.
    pub value: String,
    /// `$52,730`, without the decimals.
    pub whole: String,
    /// `.40`, or empty.
    pub cents: String,
    /// The bar, in hundredths of the full width.
    pub bar: Segment,
    /// Lines below the amount.
    pub notes: Vec<Text>,
}

/// A part of a bar: percent of the width with two decimals, as text, so that it prints the same everywhere.
#[derive(Debug, Clone, Serialize)]
pub struct Segment {
    /// Where it starts.
    pub x: String,
    /// How wide it is.
    pub width: String,
    /// Fill class: `elig`, `pend`, `calc`, `review`, `appr`, `paid`, `rej`, `err`.
    pub fill: &'static str,
}

/// A name and its value.
#[derive(Debug, Clone, Serialize)]
pub struct Definition {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Vec<Text>,
}

/// A data check.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// `ok`, `bad` or `unknown`.
    pub result: &'static str,
    /// What was checked, as a finding: "Account mapping found".
    pub text: Vec<Text>,
}

/// An entry of a list of articles.
#[derive(Debug, Clone, Serialize)]
pub struct Article {
    /// Title and address.
    pub link: Link,
    /// One sentence.
    pub summary: String,
    /// More words to find it by.
    pub keywords: String,
}

/// A column of links.
#[derive(Debug, Clone, Serialize)]
pub struct Role {
    /// `Sales`.
    pub heading: String,
    /// The question it answers.
    pub question: String,
    /// The links.
    pub links: Vec<Link>,
}
