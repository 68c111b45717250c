//! Pages through templates. Every text is escaped in one place, `escape`; only our own Markdown goes through as
//! markup.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Display;

use serde::Serialize;
use sha2::{Digest, Sha256};
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use super::standalone::{self, Standalone};
use super::{assets, customer, view};
use crate::error::Error;
use crate::language;
use crate::report::page::{Frame, Page, amounts};

/// The templates built into the program, by their name in the folder `templates/`. A file there with the same name
/// takes the place of one of them.
pub const DEFAULT_TEMPLATES: &[(&str, &str)] = &[
    ("404.html", include_str!("../../templates/404.html")),
    ("base.html", include_str!("../../templates/base.html")),
    ("components.html", include_str!("../../templates/components.html")),
    (customer::TEMPLATE, include_str!("../../templates/customer.html")),
    ("page.html", include_str!("../../templates/page.html")),
    ("standalone.html", include_str!("../../templates/standalone.html")),
];

const PAGE: &str = "page.html";
const NOT_FOUND: &str = "404.html";
const STANDALONE: &str = "standalone.html";

/// Stands for the hash of the style until the style is known.
const NO_HASH: &str = "0000000000000000000000000000000000000000000=";

/// What every page says about the site.
#[derive(Debug, Clone, Serialize)]
pub struct SiteFacts {
    /// Whose site it is; empty when the configuration does not say.
    pub organization: String,
    /// The snapshot shown: `2026-06-12`.
    pub snapshot: String,
    /// Its as-of date in words: `12 Jun 2026, 06:00 UTC`.
    pub as_of: String,
    /// The language of every page: `en`, `zh-Hans`.
    pub lang: String,
    /// The version of the program.
    pub version: String,
    /// The hash of the inputs, in hex; pages show its first 12 digits.
    pub record_set: String,
    /// The address of the style sheet from the root of the tree.
    pub css: String,
    /// The address of the script from the root of the tree.
    pub js: String,
    /// The address of the messages of scripts; empty in English, which needs none.
    pub messages: String,
    /// The set of the first data file of the query, by which its page knows it.
    pub query: String,
    /// For whom the tree is, where it is not the one of all our people.
    pub audience: Option<AudienceFacts>,
    /// The addresses of the scripts of single pages, by the names in [`Page::scripts`].
    pub scripts: BTreeMap<&'static str, String>,
}

/// What every page of an audience's tree says of it.
#[derive(Debug, Clone, Serialize)]
pub struct AudienceFacts {
    /// What it is called.
    pub title: String,
    /// The main navigation.
    pub nav: Vec<NavFacts>,
}

/// An entry of the main navigation.
#[derive(Debug, Clone, Serialize)]
pub struct NavFacts {
    /// By which [`Page::nav`] names it.
    pub key: &'static str,
    /// Its words.
    pub text: &'static str,
    /// Its address from the root of the tree.
    pub href: String,
}

/// The compiled templates and what every page says. Pages can be rendered from several threads at once.
#[derive(Debug)]
pub struct Renderer {
    tera: Tera,
    /// The shown snapshot, which a page names where it names no other.
    frame: Value,
    organization: String,
}

impl Renderer {
    /// Compiles the templates: pairs of name and text, all of them, the defaults included.
    ///
    /// # Errors
    /// [`Error::Content`] with tera's message, which names file, line and column, when a template is broken; and when
    /// `page.html`, `404.html`, `standalone.html` or `customer.html` is missing.
    pub fn new(templates: &[(String, String)], site: &SiteFacts) -> Result<Renderer, Error> {
        let mut tera = Tera::default();
        // Whatever a file is called, its text is escaped.
        tera.autoescape_on([""]);
        tera.set_escape_fn(|text, out| escape(text, |part| out.write_all(part.as_bytes())));
        let broken = |error| Error::Content { problems: vec![format!("templates: {}", reasons(&error))] };
        tera.register_filter("say", said);
        let said: Vec<(&str, String)> =
            templates.iter().map(|(name, text)| (name.as_str(), with_texts(text))).collect();
        tera.add_raw_templates(said.iter().map(|(name, text)| (*name, text.as_str()))).map_err(broken)?;
        let problems: Vec<_> = [PAGE, NOT_FOUND, STANDALONE, customer::TEMPLATE]
            .into_iter()
            .filter(|name| !tera.contains_template(name))
            .map(|name| format!("templates/{name} is missing"))
            .collect();
        if !problems.is_empty() {
            return Err(Error::Content { problems });
        }
        let facts = Value::try_from_serializable(site).map_err(broken)?;
        tera.global_context().insert_value("site", facts);
        let frame = Frame {
            snapshot: site.snapshot.clone(),
            as_of: site.as_of.clone(),
            record_set: site.record_set.clone(),
        };
        let frame = Value::try_from_serializable(&frame).map_err(broken)?;
        Ok(Renderer { tera, frame, organization: site.organization.clone() })
    }

    /// The markup of a page.
    ///
    /// # Errors
    /// [`Error::Content`] with the page's address and tera's message when the templates cannot show the page.
    pub fn page(&self, page: &Page) -> Result<String, Error> {
        let root = root_of(&page.path);
        let value = view::page(page, &root).map_err(|error| failed(PAGE, &page.path, &error))?;
        let frame = self.frame_of(page).map_err(|error| failed(PAGE, &page.path, &error))?;
        self.render(&page.path, &root, value, frame)
    }

    fn frame_of(&self, page: &Page) -> TeraResult<Value> {
        page.frame.as_ref().map_or(Ok(self.frame.clone()), Value::try_from_serializable)
    }

    /// The markup of a page as a document of its own: one file with its style inside, no script, and nothing that leads
    /// out of it; what is a link on the page is plain text. Its blocks stand in the order top, side, main, further side.
    ///
    /// # Errors
    /// [`Error::Content`] as [`Renderer::page`], and for a page with a form, which a document cannot have.
    pub fn standalone(&self, page: &Page, document: &Standalone) -> Result<String, Error> {
        let broken = |error: tera::Error| failed(STANDALONE, &page.path, &error);
        let inside = standalone::inside(page).map_err(|block| {
            broken(tera::Error::message(format!("the block `{block}` has no place in a document")))
        })?;
        let style = [assets::STYLE.trim_end(), &document.margins(&self.organization)].join("\n");
        let mut context = Context::new();
        // Empty: whatever is still an address is a place of the document.
        context.insert_value("root", Value::from(""));
        context.insert_value("page", view::page(&inside, "").map_err(broken)?);
        context.insert_value("document", view::document(&inside, document).map_err(broken)?);
        context.insert_value("frame", self.frame_of(page).map_err(broken)?);
        self.with_style(STANDALONE, &page.path, &style, context)
    }

    /// A document with its style inside.
    pub(super) fn with_style(
        &self,
        template: &str,
        path: &str,
        style: &str,
        mut context: Context,
    ) -> Result<String, Error> {
        context.insert_value("style", Value::safe_string(style));
        context.insert_value("style_hash", Value::from(NO_HASH));
        let html = self.tera.render(template, &context).map_err(|error| failed(template, path, &error))?;
        // The style stands in the file, so its hash is known only now; the policy is the first to name it.
        let hash = base64(&Sha256::digest(style_of(&html).as_bytes()));
        Ok(html.replacen(NO_HASH, &hash, 1))
    }

    fn render(&self, path: &str, root: &str, page: Value, frame: Value) -> Result<String, Error> {
        let mut context = Context::new();
        context.insert_value("root", Value::from(root));
        context.insert_value("page", page);
        context.insert_value("frame", frame);
        self.tera.render(PAGE, &context).map_err(|error| failed(PAGE, path, &error))
    }

    /// The markup of `404.html`. It stands alone, with its style inside, because it may be served at any address.
    ///
    /// # Errors
    /// [`Error::Content`] with tera's message when the template cannot be rendered.
    pub fn not_found(&self) -> Result<String, Error> {
        let render = |hash: &str| {
            let mut context = Context::new();
            context.insert_value("style_hash", Value::from(hash));
            self.tera.render(NOT_FOUND, &context).map_err(|error| failed(NOT_FOUND, NOT_FOUND, &error))
        };
        // The hash depends on the style only, which does not depend on the hash.
        let draft = render("")?;
        render(&base64(&Sha256::digest(style_of(&draft).as_bytes())))
    }
}

/// A template with its fixed texts, `{{ "Menu" | say }}`, said already: they are the same on every page.
fn with_texts(template: &str) -> String {
    const START: &str = "{{ \"";
    const END: &str = "\" | say }}";
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, inner)) = rest.split_once(START) {
        out.push_str(before);
        match inner.split_once('"') {
            // What would be read as a tag is said by the filter.
            Some((text, _))
                if inner[text.len()..].starts_with(END) && !language::label(text).contains('{') =>
            {
                push_escaped(&mut out, language::label(text));
                rest = &inner[text.len() + END.len()..];
            }
            Some(_) | None => {
                out.push_str(START);
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A text of a template in the language of the site; placeholders are filled with the arguments of the same name.
fn said(text: &str, values: Kwargs, _: &State<'_>) -> TeraResult<String> {
    let values: Vec<(&str, String)> = language::placeholders(text)
        .map(|name| Ok((name, values.must_get::<String>(name)?)))
        .collect::<TeraResult<_>>()?;
    let values: Vec<(&str, &dyn Display)> =
        values.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    Ok(language::filled(language::label(text), &values))
}

/// The way from a page to the root of the tree. Never empty: behind `./` no address can be read as a scheme.
fn root_of(path: &str) -> String {
    match path.matches('/').count() {
        0 => "./".to_owned(),
        depth => "../".repeat(depth),
    }
}

pub(super) fn failed(template: &str, path: &str, error: &tera::Error) -> Error {
    let message = format!("templates/{template} cannot show {path}: {}", reasons(error).trim_end());
    Error::Content { problems: vec![message] }
}

/// The whole chain: tera puts what went wrong behind where it went wrong.
fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text.trim_end().to_owned()
}

/// What is between the style tags.
fn style_of(html: &str) -> &str {
    html.split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"))
        .map_or("", |(style, _)| style)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            if place <= chunk.len() {
                let digit = group >> (18 - 6 * place) & 63;
                text.push(char::from(DIGITS[digit as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// What a byte of text needs before it can stand in markup.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    Reference(&'static str),
    /// A control character, or the first byte of one: not allowed in HTML.
    Control,
    /// The first byte of the invisible characters that change the order in which text is read, and of others.
    PerhapsDirection,
}

const NEEDS: [Need; 256] = {
    let mut needs = [Need::Nothing; 256];
    let mut byte = 0;
    while byte < 0x20 {
        needs[byte] = Need::Control;
        byte += 1;
    }
    needs[b'\t' as usize] = Need::Nothing;
    needs[b'\n' as usize] = Need::Nothing;
    needs[b'\r' as usize] = Need::Nothing;
    needs[0x7f] = Need::Control;
    needs[b'&' as usize] = Need::Reference("&amp;");
    needs[b'<' as usize] = Need::Reference("&lt;");
    needs[b'>' as usize] = Need::Reference("&gt;");
    needs[b'"' as usize] = Need::Reference("&quot;");
    needs[b'\'' as usize] = Need::Reference("&#39;");
    needs[0xe2] = Need::PerhapsDirection;
    needs
};

/// Escapes text for element content and quoted attributes. Embeddings, overrides and isolates of the writing direction
/// are left out, so that no text can turn around what stands beside it; a control character becomes U+FFFD.
fn escape<E>(text: &str, mut write: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
    let bytes = text.as_bytes();
    let mut done = 0;
    for (index, byte) in bytes.iter().enumerate() {
        let (replacement, length) = match NEEDS[usize::from(*byte)] {
            Need::Nothing => continue,
            Need::Reference(reference) => (reference, 1),
            Need::Control => ("\u{fffd}", 1),
            Need::PerhapsDirection => match bytes.get(index + 1..index + 3) {
                // U+202A to U+202E, U+2066 to U+2069
                Some([0x80, 0xaa..=0xae] | [0x81, 0xa6..=0xa9]) => ("", 3),
                Some(_) | None => continue,
            },
        };
        write(&text[done..index])?;
        write(replacement)?;
        done = index + length;
    }
    write(&text[done..])
}

/// Appends a text, escaped.
pub(super) fn push_escaped(out: &mut String, text: &str) {
    let Ok(()) = escape(text, |part| {
        out.push_str(part);
        Ok::<(), Infallible>(())
    });
}

/// A text without what [`escape`] leaves out; nothing else is changed.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .filter(|character| !matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect()
}

/// Appends running text, escaped; each amount in it is marked, so that a program finds it and knows its currency.
pub(super) fn push_words(out: &mut String, text: &str) {
    let mut done = 0;
    for amount in amounts(text) {
        push_escaped(out, &text[done..amount.start]);
        push_amount(out, &amount.value, &text[amount.start..amount.end]);
        done = amount.end;
    }
    push_escaped(out, &text[done..]);
}

/// Appends an amount: what is shown, and the plain value.
pub(super) fn push_amount(out: &mut String, value: &str, shown: &str) {
    push_enclosed(out, "<data value=\"", value, "\">");
    push_escaped(out, shown);
    out.push_str("</data>");
}

/// Appends an attribute with the amounts of a text that can hold no markup, if it has any: `data-value="0.00 USD;480.00 USD"`.
pub(super) fn push_values(out: &mut String, text: &str) {
    let mut end = "";
    for amount in amounts(text) {
        push_enclosed(out, if end.is_empty() { " data-value=\"" } else { ";" }, &amount.value, "");
        end = "\"";
    }
    out.push_str(end);
}

/// Appends running text with its amounts, between two pieces of markup.
pub(super) fn push_enclosed_words(out: &mut String, before: &str, text: &str, after: &str) {
    out.push_str(before);
    push_words(out, text);
    out.push_str(after);
}

/// Appends a text, escaped, between two pieces of markup.
pub(super) fn push_enclosed(out: &mut String, before: &str, text: &str, after: &str) {
    out.push_str(before);
    push_escaped(out, text);
    out.push_str(after);
}

/// Appends the start tag of a link; one that must not break keeps its words on one line.
pub(super) fn push_link(out: &mut String, root: &str, href: &str, nowrap: bool) {
    out.push_str(if nowrap { "<a class=\"nw\" href=\"" } else { "<a href=\"" });
    out.push_str(root);
    push_enclosed(out, "", href, "\">");
}

/// Whether a text is so short that it can be kept on one line, as an id or a month should be.
pub(super) fn is_id_like(text: &str) -> bool {
    text.len() < 12 || text.len() < 25 && !text.contains(char::is_whitespace)
}

/// A text that says something.
pub(super) fn shown(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::assets;
    use crate::report::chart::{Chart, Position, Series};
    use crate::report::page::*;
    use crate::report::table::{Cell, Column, Row, Table};

    fn templates() -> Vec<(String, String)> {
        DEFAULT_TEMPLATES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    fn renderer() -> Renderer {
        Renderer::new(&templates(), &site()).unwrap()
    }

    fn site() -> SiteFacts {
        let assets = assets::all();
        SiteFacts {
            organization: "Meridian Cloud".to_owned(),
            snapshot: "2026-06-12".to_owned(),
            as_of: "12 Jun 2026, 06:00 UTC".to_owned(),
            lang: "en".to_owned(),
            version: "0.1.0".to_owned(),
            record_set: "cee407a286e0f00d".to_owned(),
            css: assets.css,
            js: assets.js,
            messages: String::new(),
            query: String::new(),
            audience: None,
            scripts: assets.scripts,
        }
    }

    #[test]
    fn fixed_texts_of_templates_are_said_before_they_are_compiled() {
        let template =
            "<p title=\"{{ \"Menu\" | say }}\">{{ \"a {b}\" | say(b=x) }}{{ \"it's\" | say }}{{ x }}</p>";
        let said = "<p title=\"Menu\">{{ \"a {b}\" | say(b=x) }}it&#39;s{{ x }}</p>";
        assert_eq!(with_texts(template), said);
    }

    fn rendered(page: &Page) -> String {
        renderer().page(page).unwrap()
    }

    fn section(id: &str, heading: &str, blocks: Vec<Block>) -> Block {
        Block::Section { id: id.to_owned(), heading: heading.to_owned(), actions: Vec::new(), blocks }
    }

    fn panel(heading: &str, tone: &'static str, blocks: Vec<Block>) -> Block {
        Block::Panel { heading: heading.to_owned(), tone, blocks }
    }

    fn paragraph(text: &str) -> Block {
        Block::Paragraph { text: vec![Text::plain(text)] }
    }

    fn segment(x: &str, width: &str, fill: &'static str) -> Segment {
        Segment { x: x.to_owned(), width: width.to_owned(), fill }
    }

    fn bar(x: &str, width: &str, fill: &'static str) -> Cell {
        Cell { bar: vec![segment(x, width, fill)], ..Cell::default() }
    }

    fn row(style: &'static str, cells: Vec<Cell>) -> Row {
        Row { style, id: String::new(), cells }
    }

    fn icon(slug: &'static str, text: &str) -> Cell {
        Cell { icon: Some(slug), ..Cell::text(text) }
    }

    fn no_amount() -> Cell {
        Cell { none: Some("no amount yet"), ..Cell::default() }
    }

    fn table(id: &str, caption: &str, layout: &'static str, columns: Vec<Column>, rows: Vec<Row>) -> Table {
        Table { id: id.to_owned(), caption: caption.to_owned(), layout, columns, rows, ..Table::default() }
    }

    /// All sections of the order page in the design.
    fn order_page() -> Page {
        let amounts = table(
            "amounts-table",
            "From calculated to paid. Amounts in USD.",
            "cards",
            vec![
                Column::text("Step"),
                Column::text("Chart"),
                Column::text("Reason and record"),
                Column::number("Amount"),
            ],
            vec![
                row(
                    "sub",
                    vec![
                        Cell::text("Calculated rebate"),
                        bar("0.00", "100.00", "calc"),
                        Cell::text("2 lines, see below"),
                        Cell::text("2,540.00"),
                    ],
                ),
                row(
                    "ind",
                    vec![
                        Cell::text("Adjustment, line 1"),
                        bar("87.80", "12.20", "review"),
                        Cell::text(
                            "Cancellation refund. Cancellation record CXL-8841, 28 May 2026: 1 of 6 instances \
                         cancelled, $3,100.00 refunded at 10%.",
                        ),
                        Cell::text("−310.00"),
                    ],
                ),
                row(
                    "sub",
                    vec![
                        Cell::text("Approved"),
                        bar("0.00", "87.80", "appr"),
                        Cell::text("Batch RB-2026-05-01"),
                        Cell::text("2,230.00"),
                    ],
                ),
                row(
                    "tot",
                    vec![
                        Cell::text("Paid rebate"),
                        bar("0.00", "87.80", "paid"),
                        Cell::text("Payout advice PA-2026-0612, 12 Jun 2026"),
                        Cell::text("2,230.00"),
                    ],
                ),
            ],
        );
        let why = table(
            "why-table",
            "Reason codes in plain words",
            "tight",
            vec![Column::text("What it means"), Column::text("What to do next")],
            vec![
                row(
                    "",
                    vec![Cell::text("Payout completed.").with_note("PAID_OUT"), Cell::text("Nothing to do.")],
                ),
                row(
                    "",
                    vec![
                        Cell::text("Cancellation refund.").with_note("ADJ_CANCEL_REFUND"),
                        Cell::text("Nothing to do. Attach the cancellation record to the reconciliation."),
                    ],
                ),
            ],
        );
        let line = |number: &str, sku: &str, category: &str, amounts: [Cell; 3]| {
            let mut cells = vec![
                Cell::text(number),
                Cell::code(sku),
                Cell::text(category),
                Cell::text("Frankfurt").with_note("eu-central-1"),
            ];
            cells.extend(amounts);
            row("", cells)
        };
        let mut lines = table(
            "lines-table",
            "In USD",
            "cards",
            vec![
                Column::text("Line"),
                Column::text("SKU"),
                Column::text("Category"),
                Column::text("Region"),
                Column::number("Calculated"),
                Column::number("Adjustment"),
                Column::number("Rebate"),
            ],
            vec![
                line(
                    "1",
                    "CMP-G7-8XL",
                    "Compute",
                    [Cell::text("2,110.00"), Cell::text("−310.00"), Cell::text("1,800.00")],
                ),
                line(
                    "2",
                    "STO-STD-TB",
                    "Object storage",
                    [Cell::text("430.00"), no_amount(), Cell::text("430.00")],
                ),
            ],
        );
        lines.foot = vec![row(
            "",
            vec![
                Cell::text("Total"),
                Cell::empty(),
                Cell::empty(),
                Cell::empty(),
                Cell::text("2,540.00"),
                Cell::text("−310.00"),
                Cell::text("2,230.00"),
            ],
        )];
        let mapped = |field: &str, ours: &str, theirs: &str, used: &str| {
            row("", vec![Cell::text(field), Cell::code(ours), Cell::code(theirs), Cell::text(used)])
        };
        let mapping = table(
            "mapping-table",
            "How our order was matched to the rebate extract",
            "cards",
            vec![
                Column::text("Field"),
                Column::text("In our orders"),
                Column::text("In the extract"),
                Column::text("Used as"),
            ],
            vec![
                mapped("Order ID", "SO-204419", "so204419", "SO-204419"),
                mapped("Account ID", "ACC-50418", "acc50418", "ACC-50418"),
                mapped("SKU", "CMP-G7-8XL", "cmp-g7-8xl", "SKU map row 31: Compute, 10%"),
                mapped("Region", "eu-central-1", "eu-central-1", "Frankfurt"),
                mapped(
                    "Program and contract",
                    "Core Partner",
                    "CP-2026",
                    "Core Rebate 2026, contract active",
                ),
            ],
        );
        let version =
            |id: &str, slug: &'static str, date: &str, status: &str, what: &str, amount: Cell| Row {
                style: "",
                id: id.to_owned(),
                cells: vec![icon(slug, date), Cell::text(status).with_note(what), amount, Cell::text(id)],
            };
        let history = table(
            "history-table",
            "Each row is a snapshot in which this order changed, newest first. Amounts in USD.",
            "tight",
            vec![
                Column::date("Snapshot"),
                Column::text("Status and what changed"),
                Column::number("Rebate"),
                Column::number("Record").minor(),
            ],
            vec![
                version(
                    "v6",
                    "paid",
                    "12 Jun 2026",
                    "Paid",
                    "Paid with payout advice PA-2026-0612",
                    Cell::text("2,230.00"),
                ),
                version(
                    "v5",
                    "approved",
                    "10 Jun 2026",
                    "Approved",
                    "Approved in batch RB-2026-05-01",
                    Cell::text("2,230.00"),
                ),
                version(
                    "v4",
                    "calculated",
                    "9 Jun 2026",
                    "Calculated",
                    "Adjustment −$310.00 for cancellation CXL-8841",
                    Cell::text("2,230.00"),
                ),
                version(
                    "v3",
                    "calculated",
                    "4 Jun 2026",
                    "Calculated",
                    "Amount determined",
                    Cell::text("2,540.00"),
                ),
                version(
                    "v2",
                    "in-calculation",
                    "2 Jun 2026",
                    "In Calculation",
                    "Billing closed for May; the rebate run started",
                    no_amount(),
                ),
                version(
                    "v1",
                    "pending-data",
                    "12 May 2026",
                    "Pending Data",
                    "First seen in the order extract",
                    no_amount(),
                ),
            ],
        );
        let found = |what: &str, file: &str, row_number: &str, checksum: &str| {
            row("", vec![Cell::text(what), Cell::code(file), Cell::text(row_number), Cell::code(checksum)])
        };
        let evidence = table(
            "evidence-table",
            "Where each value came from. Row 1 is the header. Checksums are the first 12 digits of SHA-256 of the \
             source row.",
            "cards",
            vec![
                Column::text("What"),
                Column::text("Source file"),
                Column::number("Row"),
                Column::text("Row checksum"),
            ],
            vec![
                found("Rebate line 1", "2026-06-12/rebate_lines.csv", "23", "b43efbb7db72"),
                found("Rebate line 2", "2026-06-12/rebate_lines.csv", "24", "c35ed1cf0220"),
                found("Order", "2026-06-12/orders.csv", "80", "b8547f375ba3"),
                found("Account", "reference/accounts.csv", "3", "031f5e2188c6"),
                found("Cancellation CXL-8841", "2026-06-12/cancellations.csv", "2", "597dfda5dbb6"),
                found("Payout advice PA-2026-0612", "2026-06-12/payouts.csv", "3", "b87698ed9410"),
            ],
        );
        let check = |text: &str| Check { result: "ok", text: vec![Text::plain(text)] };
        Page {
            path: "order/so204419.html".to_owned(),
            title: "SO-204419: Paid".to_owned(),
            description: "The May rebate for Boreal Logistics (Core Rebate 2026) is paid: $2,230.00.".to_owned(),
            nav: "",
            crumbs: vec![Link::to("Orders", "order/index.html"), Link::here("SO-204419")],
            heading: "SO-204419".to_owned(),
            kind: "order",
            scope: "order=SO-204419".to_owned(),
            snapshot: String::new(),
            periods: Vec::new(),
            ticket: "SO-204419 · Paid · $2,230.00 (calculated $2,540.00, adjustment −$310.00) · snapshot \
                     2026-06-12, record v6 · order/so204419.html"
                .to_owned(),
            status: Some(StatusPill {
                slug: "paid",
                label: "Paid".to_owned(),
                amount: "$2,230.00 paid".to_owned(),
            }),
            lead: Vec::new(),
            facts: vec![
                vec![
                    Text::link("Boreal Logistics", "customer/boreal-logistics.html"),
                    Text::plain(" (ACC-50418)"),
                ],
                vec![Text::link("Core Rebate 2026", "campaign/core-rebate-2026.html")],
                vec![Text::link("May 2026", "period/2026-05.html")],
                vec![Text::plain("Batch RB-2026-05-01")],
                vec![Text::plain("Paid since 12 Jun 2026")],
            ],
            top: vec![Block::Answers {
                answers: vec![
                    Answer {
                        audience: "For sales",
                        id: "sales",
                        text: "The May rebate for Boreal Logistics (Core Rebate 2026) is paid: $2,230.00, after a \
                               $310.00 cancellation refund was taken off $2,540.00."
                            .to_owned(),
                    },
                    Answer {
                        audience: "For finance",
                        id: "finance",
                        text: "Rebate batch RB-2026-05-01 paid $2,230.00 for order SO-204419: calculated $2,540.00, \
                               adjustment −$310.00 due to cancellation refund (record CXL-8841); payout advice \
                               PA-2026-0612."
                            .to_owned(),
                    },
                    Answer {
                        audience: "For support",
                        id: "support",
                        text: "Nothing is missing: cancellation CXL-8841 on 28 May 2026 reduced the rebate by \
                               $310.00, and the rest was paid on 12 June 2026."
                            .to_owned(),
                    },
                ],
            }],
            main: vec![
                section("amounts", "Amounts", vec![Block::Table(amounts)]),
                section("why", "Why it has this status", vec![Block::Table(why)]),
                section("lines", "Rebate lines on this order", vec![Block::Table(lines)]),
                section("mapping", "Mapping used", vec![Block::Table(mapping)]),
                section("boundaries", "Period boundaries", vec![Block::Definitions {
                    rows: vec![
                        Definition {
                            name: "Rebate period".to_owned(),
                            value: vec![Text::plain("1–31 May 2026, days end at 24:00 UTC+8")],
                        },
                        Definition {
                            name: "Billing date".to_owned(),
                            value: vec![Text::plain("11 May 2026, inside the period")],
                        },
                        Definition {
                            name: "Campaign window".to_owned(),
                            value: vec![Text::plain("1 Jan 2026 to 31 Dec 2026, inside the window")],
                        },
                    ],
                }]),
                section("history", "Status history", vec![Block::Table(history)]),
                Block::Section {
                    id: "evidence".to_owned(),
                    heading: "Evidence".to_owned(),
                    actions: vec![Link::to("All sources", "about.html")],
                    blocks: vec![Block::Table(evidence)],
                },
            ],
            side: vec![panel("Nothing to do", "ok", vec![paragraph("The payout is completed.")])],
            side_more: vec![
                panel("Data checks", "", vec![Block::Checks {
                    summary: "Nothing is missing.".to_owned(),
                    checks: vec![
                        check("Row is readable"),
                        check("Account mapping found"),
                        check("Region code present"),
                        check("SKU matched to a category"),
                        check("SKU eligible for the tier"),
                        check("Contract active in the window"),
                        check("Invoice confirmed"),
                    ],
                }]),
                panel("Knowledge base", "", vec![Block::List {
                    ordered: false,
                    items: vec![
                        vec![Text::link("Paid amount is lower than calculated", "kb/refund.html")],
                        vec![Text::link("What Paid means", "status/paid.html")],
                    ],
                }]),
                panel("This record", "", vec![Block::Definitions {
                    rows: vec![
                        Definition {
                            name: "Version".to_owned(),
                            value: vec![Text::plain("v6, changed 12 Jun 2026")],
                        },
                        Definition {
                            name: "Fingerprint".to_owned(),
                            value: vec![Text::code("559e4966fd74")],
                        },
                        Definition {
                            name: "Snapshot".to_owned(),
                            value: vec![Text::link("2026-06-12", "snapshot/2026-06-12.html")],
                        },
                    ],
                }]),
            ],
            frame: None,
            scripts: &[],
        }
    }

    const HOSTILE: &str = "\"><script>alert('1')</script>&\u{202e}\u{0}";
    const ESCAPED: &str = "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;\u{fffd}";

    /// One of each, with `text` wherever a text goes.
    fn every_block(text: &'static str) -> Vec<Block> {
        let words = || vec![Text::plain(text), Text::link(text, text), Text::code(text), Text::strong(text)];
        let link = || Link::to(text, text);
        let all = Cell { icon: Some(text), note: Some(text.to_owned()), ..Cell::link(text, text) };
        let code = Cell { code: true, ..Cell::text(text) };
        let cells = || {
            vec![
                all.clone(),
                code.clone(),
                Cell { none: Some(text), ..Cell::default() },
                bar(text, text, text),
            ]
        };
        let rows = vec![row(text, cells()), Row { id: text.to_owned(), ..row("", cells()) }];
        let columns =
            vec![Column::text(text), Column::number(text), Column::date(text).minor(), Column::text(text)];
        let each_layout = ["", "cards", "wide", "tight"].map(|layout| {
            let sortable = layout == "cards";
            Block::Table(Table {
                sortable,
                foot: rows.clone(),
                ..table(text, text, layout, columns.clone(), rows.clone())
            })
        });
        let choice = || Choice { value: text.to_owned(), text: text.to_owned(), is_chosen: true };
        let mut blocks = vec![
            Block::Paragraph { text: words() },
            Block::Note { tone: text, text: words() },
            Block::Answers { answers: vec![Answer { audience: text, id: text, text: text.to_owned() }] },
            Block::Flow {
                steps: vec![FlowStep {
                    label: text.to_owned(),
                    measure: text,
                    value: text.to_owned(),
                    whole: text.to_owned(),
                    cents: text.to_owned(),
                    bar: segment(text, text, text),
                    notes: words(),
                }],
            },
            Block::Bar { segments: vec![segment(text, text, text)] },
            Block::Definitions { rows: vec![Definition { name: text.to_owned(), value: words() }] },
            Block::Checks { summary: text.to_owned(), checks: vec![Check { result: text, text: words() }] },
            Block::List { ordered: true, items: vec![words()] },
            Block::List { ordered: false, items: vec![words()] },
            Block::CopyBox { id: text.to_owned(), text: text.to_owned() },
            Block::Articles {
                articles: vec![Article { link: link(), summary: text.to_owned(), keywords: text.to_owned() }],
            },
            Block::Roles {
                roles: vec![Role {
                    heading: text.to_owned(),
                    question: text.to_owned(),
                    links: vec![link()],
                }],
            },
            Block::Prose { html: "<h2>our own</h2>".to_owned() },
            Block::Ask {
                id: text,
                label: text,
                button: text,
                set: text.to_owned(),
                fields: vec![
                    Field { name: text, label: text, hint: text, choices: Vec::new() },
                    Field { name: text, label: text, hint: "", choices: vec![choice()] },
                ],
            },
            Block::Find,
            Block::Query {
                presets: vec![Preset {
                    value: text,
                    text,
                    from: text.to_owned(),
                    to: text.to_owned(),
                    is_chosen: true,
                }],
                fields: vec![
                    Field { name: text, label: text, hint: text, choices: Vec::new() },
                    Field { name: text, label: text, hint: "", choices: vec![choice()] },
                ],
                statuses: vec![choice()],
            },
            Block::Table(Table { empty: text.to_owned(), id: text.to_owned(), ..Table::default() }),
            Block::Chart(Box::new(Chart::stacked(text, text, text, vec![place(text)], layers(text)))),
            Block::Chart(Box::new(Chart::lines(text, text, text, vec![place(text)], layers(text)))),
        ];
        blocks.extend(each_layout);
        let inner = |tone| Block::Panel {
            heading: text.to_owned(),
            tone,
            blocks: vec![panel(text, "", vec![paragraph(text)])],
        };
        blocks.push(Block::Section {
            id: text.to_owned(),
            heading: text.to_owned(),
            actions: vec![link()],
            blocks: vec![Block::Pair {
                left: vec![inner("ok")],
                right: vec![inner("flag"), section(text, text, vec![inner("")])],
            }],
        });
        blocks
    }

    fn place(text: &'static str) -> Position {
        let words = text.to_owned();
        Position {
            label: words.clone(),
            group: words.clone(),
            name: words.clone(),
            href: Some(words),
            day: None,
            open: Some(text),
        }
    }

    fn layers(text: &'static str) -> Vec<Series> {
        vec![Series::new(text, text, [Some(3_usize)]), Series::new(text, text, [Some(2_usize)]).open()]
    }

    fn every_part(text: &'static str) -> Page {
        Page {
            path: "order/x.html".to_owned(),
            title: text.to_owned(),
            description: text.to_owned(),
            nav: "overview",
            crumbs: vec![Link::to(text, text), Link::here(text)],
            heading: text.to_owned(),
            kind: text,
            scope: text.to_owned(),
            snapshot: text.to_owned(),
            periods: vec![Link::to(text, text), Link::here(text)],
            ticket: text.to_owned(),
            status: Some(StatusPill { slug: text, label: text.to_owned(), amount: text.to_owned() }),
            lead: vec![Text::plain(text)],
            facts: vec![vec![Text::link(text, text)], vec![Text::quiet(text)]],
            top: every_block(text),
            main: every_block(text),
            side: every_block(text),
            side_more: every_block(text),
            frame: None,
            scripts: &[],
        }
    }

    /// Start tags with their attributes, in order.
    fn tags(html: &str) -> Vec<&str> {
        html.split('<')
            .skip(1)
            .filter(|t| !t.starts_with(['/', '!']))
            .map(|t| t.split('>').next().unwrap())
            .collect()
    }

    #[test]
    fn every_block_has_a_component() {
        // Exhaustive: a new variant stops the compiler here until it is in `every_block`.
        fn number(block: &Block) -> usize {
            match block {
                Block::Section { .. } => 0,
                Block::Pair { .. } => 1,
                Block::Table(_) => 2,
                Block::Paragraph { .. } => 3,
                Block::Note { .. } => 4,
                Block::Answers { .. } => 5,
                Block::Flow { .. } => 6,
                Block::Bar { .. } => 7,
                Block::Definitions { .. } => 8,
                Block::Checks { .. } => 9,
                Block::Panel { .. } => 10,
                Block::List { .. } => 11,
                Block::CopyBox { .. } => 12,
                Block::Articles { .. } => 13,
                Block::Roles { .. } => 14,
                Block::Prose { .. } => 15,
                Block::Chart(_) => 16,
                Block::Ask { .. } => 17,
                Block::Find => 18,
                Block::Query { .. } => 19,
            }
        }
        fn mark(blocks: &[Block], seen: &mut [bool; 20]) {
            for block in blocks {
                seen[number(block)] = true;
                if let Block::Section { blocks, .. } | Block::Panel { blocks, .. } = block {
                    mark(blocks, seen);
                }
                if let Block::Pair { left, right } = block {
                    mark(left, seen);
                    mark(right, seen);
                }
            }
        }
        let page = every_part("words");
        let mut seen = [false; 20];
        mark(&page.main, &mut seen);
        assert_eq!(seen, [true; 20]);
        let html = rendered(&page);
        for mark in [
            "<section class=\"sec\" id=\"words\" data-measure=\"words\">",
            "class=\"two\"",
            "<table",
            "<p>words",
            "class=\"note s-words\"",
            "class=\"answers\"",
            "class=\"flow\"",
            "class=\"stack\"",
            "<figure id=\"words\">",
            "class=\"kv\"",
            "class=\"ck s-words\"",
            "class=\"panel fix\"",
            "<ol><li>",
            "<ul><li>",
            "class=\"copybox\"",
            "class=\"kbl\"",
            "class=\"roles\"",
            "<h2>our own</h2>",
            "class=\"empty muted\"",
            "<option value=\"words\" selected>words</option>",
            "list=\"c-words-names\"",
            "#i-ok",
            "#i-flag",
        ] {
            assert!(html.contains(mark), "{mark}");
        }
    }

    #[test]
    fn an_unknown_block_fails() {
        let mut page = Value::try_from_serializable(&order_page()).unwrap().into_map().unwrap();
        let block = std::collections::BTreeMap::from([("block", "hologram")]);
        page.insert("main".into(), Value::from(vec![Value::try_from_serializable(&block).unwrap()]));
        let error = renderer()
            .render("order/x.html", "../", Value::from_serializable(&page), renderer().frame)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("order/x.html") && error.contains("no component for the block `hologram`"),
            "{error}"
        );
    }

    #[test]
    fn unknown_styles_and_tones_fail() {
        let text = Text { text: "x".to_owned(), style: Some("loud"), href: None };
        let page = Page { main: vec![Block::Paragraph { text: vec![text] }], ..order_page() };
        assert!(renderer().page(&page).is_err());
        let page = Page { main: vec![panel("x", "loud", Vec::new())], ..order_page() };
        assert!(renderer().page(&page).is_err());
    }

    #[test]
    fn a_page_names_its_own_scripts_in_the_order_in_which_they_run() {
        let assets = assets::all();
        let html = rendered(&Page { scripts: &["kit", "compare"], ..order_page() });
        let tag = |path: &str| format!("<script src=\"../{path}\" defer></script>");
        let all = [&assets.js, &assets.scripts["kit"], &assets.scripts["compare"]].map(|path| tag(path));
        assert!(html.contains(&(all.concat() + "</head>")), "{html}");
        assert!(!rendered(&order_page()).contains("assets/compare-"));
        assert!(renderer().page(&Page { scripts: &["kit", "unheard-of"], ..order_page() }).is_err());
    }

    #[test]
    fn hostile_text_stays_text() {
        let page = every_part(HOSTILE);
        let html = rendered(&page);
        assert!(html.contains(&format!("<title>{ESCAPED} · Reseller rebates</title>")));
        assert!(html.contains(&format!("<meta name=\"description\" content=\"{ESCAPED}\">")));
        assert!(html.contains(&format!("data-l=\"{ESCAPED}\"")));
        assert!(html.contains(&format!("data-k=\"{ESCAPED}\"")));
        let scripts: Vec<_> =
            tags(&html).into_iter().filter(|t| t.to_ascii_lowercase().starts_with("script")).collect();
        assert_eq!(scripts, [format!("script src=\"../{}\" defer", assets::all().js)]);
        assert!(!html.contains(['\u{202e}', '\0']));
        for tag in tags(&html) {
            let attributes = tag.split('"').step_by(2).collect::<String>();
            assert!(!attributes.contains(['\'', '&', ';']), "{tag}");
            for name in attributes.split_whitespace() {
                assert!(!name.starts_with("on") && !name.starts_with("style"), "{tag}");
            }
        }
    }

    #[test]
    fn no_address_is_read_as_a_scheme() {
        for path in ["index.html", "order/x.html", "a/b/c.html"] {
            for address in ["javascript:alert(1)", "data:text/html,x", "//example.com", "https://example.com"]
            {
                let mut page = every_part(address);
                path.clone_into(&mut page.path);
                page.status = None;
                let html = rendered(&page);
                for tag in tags(&html) {
                    let Some((_, rest)) = tag.split_once("href=\"") else { continue };
                    let here = rest.starts_with("./") || rest.starts_with("../") || rest.starts_with('#');
                    assert!(here || rest.starts_with("data:image/svg+xml,"), "{tag}");
                }
            }
        }
    }

    #[test]
    fn bidi_controls_and_control_characters_do_not_reach_the_page() {
        let escaped = |text: &str| {
            let mut out = String::new();
            push_escaped(&mut out, text);
            out
        };
        assert_eq!(escaped("a\u{202a}b\u{202e}c\u{2066}d\u{2069}e"), "abcde");
        assert_eq!(escaped("1 – 2 … “3” ‹4› \u{2029}€訂單"), "1 – 2 … “3” ‹4› \u{2029}€訂單");
        assert_eq!(escaped("a\u{1b}b\u{7f}\t\n"), "a\u{fffd}b\u{fffd}\t\n");
        assert_eq!(escaped("<>&\"'"), "&lt;&gt;&amp;&quot;&#39;");
        assert_eq!(escaped("\u{202e}"), "");
        assert_eq!(escaped(""), "");
    }

    #[test]
    fn headings_do_not_skip_a_level() {
        for page in [order_page(), every_part("words")] {
            let html = rendered(&page);
            let levels: Vec<u8> = tags(&html)
                .iter()
                .filter(|t| t.len() > 1 && t.starts_with('h') && t.as_bytes()[1].is_ascii_digit())
                .map(|t| t.as_bytes()[1] - b'0')
                .collect();
            assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
            assert_eq!(levels[0], 1);
            assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
        }
    }

    #[test]
    fn tags_are_balanced() {
        let every = every_part("words");
        for html in [rendered(&order_page()), rendered(&every), renderer().not_found().unwrap()] {
            let mut open = Vec::new();
            for part in html.split('<').skip(1) {
                let tag = part.split('>').next().unwrap();
                let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
                if tag.starts_with('!') || tag.ends_with('/') || ["meta", "link", "input"].contains(&name) {
                    continue;
                }
                if tag.starts_with('/') {
                    assert_eq!(open.pop(), Some(name), "closing {name}");
                } else {
                    open.push(name);
                }
            }
            assert!(open.is_empty(), "{open:?}");
        }
    }

    #[test]
    fn tables_keep_their_semantics() {
        let html = rendered(&order_page());
        assert!(html.contains(
            "<table class=\"cards\" role=\"table\"><caption id=\"amounts-table-caption\">From calculated to paid. Amounts in \
             USD.</caption><thead role=\"rowgroup\"><tr role=\"row\"><th scope=\"col\" role=\"columnheader\">Step</th>\
             <th scope=\"col\" role=\"columnheader\" class=\"barc\"><span class=\"vh\">Chart</span></th>"
        ));
        assert!(html.contains(
            "<tr class=\"ind\" role=\"row\"><th scope=\"row\" role=\"rowheader\">Adjustment, line 1</th>\
             <td role=\"cell\" class=\"barc\"><svg class=\"wf\""
        ));
        assert!(html.contains(
            "<td role=\"cell\" data-l=\"Adjustment\" class=\"n\"><span class=\"none\">–<span class=\"vh\"> no amount \
             yet</span></span></td>"
        ));
        assert!(html.contains(
            "<tfoot role=\"rowgroup\"><tr role=\"row\"><th scope=\"row\" role=\"rowheader\">Total</th>"
        ));
        assert!(html.contains("<table class=\"tight rail\">"));
        assert!(
            html.contains("<tr id=\"v6\"><th scope=\"row\" class=\"c-date\"><span class=\"dot s-paid\">")
        );
        assert!(html.contains("<td class=\"n hide-s\">v6</td>"));
        let mut headers = html.split("<th").skip(1).filter_map(|t| t.split_once('>'));
        assert!(headers.all(|(_, words)| !words.starts_with("</")), "a header without words");
    }

    #[test]
    fn quiet_words_stand_before_a_figure_and_behind_a_word() {
        let cells = vec![
            Cell::link("SO-204419", "order/so204419.html"),
            Cell::text("Frankfurt").with_note("eu-central-1"),
            Cell::text("1,975.00").with_note("est."),
        ];
        let columns = vec![Column::text("Order"), Column::text("Region"), Column::number("Amount")];
        let sorted = Table { sortable: true, ..table("t", "In USD", "wide", columns, vec![row("", cells)]) };
        let html = rendered(&Page { main: vec![Block::Table(sorted)], ..order_page() });
        assert!(html.contains("<div class=\"tw\" role=\"region\" aria-labelledby=\"t-caption\" tabindex=\"0\"><table class=\"wide sortable\">"));
        assert!(html.contains("<th scope=\"col\" class=\"n\"><button type=\"button\">Amount</button></th>"));
        assert!(html.contains("<a class=\"nw\" href=\"../order/so204419.html\"><bdi>SO-204419</bdi></a>"));
        assert!(html.contains("<td>Frankfurt <span class=\"quiet\">eu-central-1</span></td>"));
        assert!(html.contains(
            "<td class=\"n\"><span class=\"quiet\">est.</span> <data value=\"1975.00\">1,975.00</data></td>"
        ));
    }

    #[test]
    fn of_which_stands_before_the_status() {
        let which = Cell {
            href: Some("status/under-review.html".to_owned()),
            ..icon("under-review", "Under Review")
        };
        let table = table(
            "t",
            "c",
            "tight",
            vec![Column::text("Status")],
            vec![row("ind", vec![which.with_note("of which")])],
        );
        let html = rendered(&Page { main: vec![Block::Table(table)], ..order_page() });
        assert!(html.contains("<th scope=\"row\"><span class=\"quiet\">of which</span> <a href=\"../status/under-review.html\"><span class=\"st s-under-review\">"));
    }

    #[test]
    fn ids_of_the_frame_are_not_taken_twice() {
        let html = rendered(&order_page());
        let mut ids: Vec<_> =
            html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }

    #[test]
    fn a_group_row_spans_the_table_and_an_empty_table_says_so() {
        let columns = vec![Column::text("A"), Column::number("B")];
        let rows = vec![
            row("", vec![Cell::text("x"), Cell::text("1")]),
            row("grp", vec![Cell::text("Not in the total")]),
        ];
        let grouped = Block::Table(table("g", "c", "", columns.clone(), rows));
        let empty = Block::Table(Table {
            empty: "No line is late.".to_owned(),
            ..table("e", "c", "", columns, Vec::new())
        });
        let html = rendered(&Page { main: vec![grouped, empty], ..order_page() });
        assert!(
            html.contains(
                "<tr class=\"grp\"><th scope=\"colgroup\" colspan=\"2\">Not in the total</th></tr>"
            )
        );
        assert!(html.contains("<p class=\"empty muted\" id=\"e\">No line is late.</p>"));
    }

    #[test]
    fn the_frame_knows_where_it_is() {
        let frame = |path: &str, nav| {
            rendered(&Page {
                path: path.to_owned(),
                nav,
                title: "T".to_owned(),
                heading: "H".to_owned(),
                ..Page::default()
            })
        };
        let html = frame("kb/index.html", "kb");
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\" data-root=\"../\" data-snapshot=\"2026-06-12\">\n<head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\""));
        assert!(html.contains("<a href=\"../kb/index.html\" aria-current=\"page\">"));
        assert_eq!(html.matches("aria-current").count(), 1);
        assert!(frame("kb/a.html", "kb").contains("<a href=\"../kb/index.html\" aria-current=\"true\">"));
        assert!(frame("index.html", "overview").contains("data-root=\"./\""));
        assert!(frame("a/b/c.html", "").contains("data-root=\"../../\""));
        assert!(html.contains("<code>cee407a286e0</code>"));
        assert!(
            !html.contains("class=\"crumb\"") && !html.contains("class=\"cols\"") && !html.contains("style=")
        );
    }

    #[test]
    fn an_order_page_with_its_style_stays_small() {
        let size = rendered(&order_page()).len() + assets::all().files[0].bytes.len();
        assert!(size < 60_000, "{size} bytes");
    }

    #[test]
    fn not_found_allows_its_own_style_only() {
        let html = renderer().not_found().unwrap();
        let hash = base64(&Sha256::digest(style_of(&html).as_bytes()));
        assert!(style_of(&html).len() > 100);
        assert!(html.contains(&format!("default-src 'none'; style-src 'sha256-{hash}'")));
        assert!(!html.contains("<script") && !html.to_lowercase().contains("not found"));
        assert!(html.contains("order/ord2001.html"));
        assert_eq!(base64(b""), "");
        assert_eq!(base64(b"f"), "Zg==");
        assert_eq!(base64(b"fo"), "Zm8=");
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
    }

    fn is_form(block: &Block) -> bool {
        matches!(block, Block::Articles { .. } | Block::Ask { .. } | Block::Find | Block::Query { .. })
    }

    fn document(name: &str) -> Standalone {
        Standalone {
            name: name.to_owned(),
            running: vec![name.to_owned(), "May 2026".to_owned()],
            facts: vec![Definition { name: name.to_owned(), value: vec![Text::link(name, "index.html")] }],
            is_numbered: true,
        }
    }

    #[test]
    fn a_document_stands_alone() {
        // Goal: one file that loads nothing, runs nothing and leads nowhere, whatever is on its page, and whose policy
        // allows its own style only. Method: a page of every block, with links, hostile words and prose with an address.
        for words in ["words", HOSTILE] {
            let mut page = every_part(words);
            page.status =
                Some(StatusPill { slug: "paid", label: words.to_owned(), amount: words.to_owned() });
            for blocks in [&mut page.top, &mut page.main, &mut page.side, &mut page.side_more] {
                blocks.retain(|block| !is_form(block));
            }
            let prose = "<p>See <a href=\"https://example.com\">the terms</a>.</p>";
            page.main.push(Block::Prose { html: prose.to_owned() });
            page.main.push(Block::Paragraph {
                text: vec![Text::link("below", "#words"), Text::link("gone", "#gone")],
            });
            let html = renderer().standalone(&page, &document(words)).unwrap();
            assert!(html.contains("<p>See the terms.</p>"));
            let mut tags = tags(&html);
            tags.retain(|tag| !tag.starts_with("link rel=\"icon\" href=\"data:"));
            for tag in tags {
                let name = tag.split([' ', '/']).next().unwrap();
                assert!(
                    !["script", "link", "form", "button", "input", "iframe", "img"].contains(&name),
                    "{tag}"
                );
                let (_, address) = tag.split_once("href=\"").unwrap_or(("", "#"));
                assert!(address.starts_with('#'), "{tag}");
                assert!(!tag.contains("src=\"") && !tag.contains("style=\""), "{tag}");
            }
            assert_eq!(
                html.contains("href=\"#words\"><bdi>below"),
                words == "words",
                "a place of the document stays a link"
            );
            assert!(!html.contains("#gone") && !html.contains("script>"), "{words}");
            assert_eq!(html.matches("</style>").count(), 1);
            let hash = base64(&Sha256::digest(style_of(&html).as_bytes()));
            assert!(html.contains(&format!("default-src 'none'; style-src 'sha256-{hash}'; img-src data:")));
            assert!(!html.contains(NO_HASH));
        }
    }

    #[test]
    fn a_document_says_on_every_printed_page_what_it_is() {
        let page =
            Page { heading: "Close pack".to_owned(), title: "Close pack".to_owned(), ..Page::default() };
        let html = renderer().standalone(&page, &document("CP-2026-05")).unwrap();
        let style = style_of(&html);
        assert!(style.contains("@top-left{content:\"CP-2026-05\""));
        assert!(style.contains("@top-right{content:\"Meridian Cloud · Reseller rebates\""));
        assert!(style.contains("@bottom-left{content:\"CP-2026-05 · May 2026\""));
        assert!(style.contains("content:\"Page \" counter(page) \" of \" counter(pages)"));
        assert!(html.contains("<p class=\"quiet\">Meridian Cloud · Reseller rebates</p><h1>Close pack</h1>"));
        assert!(html.contains(
            "<dl class=\"kv docmeta\" data-measure=\"facts\"><dt>CP-2026-05</dt><dd>CP-2026-05</dd></dl>"
        ));
        assert!(html.contains("class=\"wrap doc numbered\""));
        // What the frame costs: an order of fifteen kilobytes stays below sixty.
        assert!(html.len() < 42_000, "{} bytes", html.len());
    }

    #[test]
    fn a_form_has_no_place_in_a_document() {
        let (forms, rest): (Vec<_>, Vec<_>) = every_block("words").into_iter().partition(is_form);
        assert_eq!(forms.len(), 4);
        for form in forms {
            let inner = vec![Block::Panel { heading: String::new(), tone: "", blocks: vec![form] }];
            let error = renderer().standalone(&Page { main: inner, ..Page::default() }, &document("x"));
            assert!(error.unwrap_err().to_string().contains("has no place in a document"));
        }
        assert!(renderer().standalone(&Page { main: rest, ..Page::default() }, &document("x")).is_ok());
    }

    #[test]
    fn a_broken_template_is_named() {
        let with = |name: &str, text: &str| {
            let mut all = templates();
            all.retain(|(n, _)| n != name);
            all.push((name.to_owned(), text.to_owned()));
            Renderer::new(&all, &site())
        };
        let error =
            with("page.html", "{% extends \"base.html\" %}\n{% block main %}{{ page. }}{% endblock %}")
                .unwrap_err();
        assert!(matches!(error, Error::Content { .. }));
        let message = error.to_string();
        assert!(message.contains("page.html:2"), "{message}");
        let message = with("page.html", "{{ <hologram /> }}").unwrap_err().to_string();
        assert!(message.contains("page.html") && message.contains("hologram"), "{message}");
        let message =
            with("page.html", "{{ page.nothing }}").unwrap().page(&order_page()).unwrap_err().to_string();
        assert!(message.contains("order/so204419.html") && message.contains("page.html"), "{message}");
        let mut all = templates();
        all.retain(|(name, _)| name != "404.html");
        let message = Renderer::new(&all, &site()).unwrap_err().to_string();
        assert!(message.contains("templates/404.html is missing"), "{message}");
    }

    #[test]
    fn a_template_of_any_name_is_escaped() {
        let mut all = templates();
        all.retain(|(name, _)| name != "page.html");
        all.push(("page.html".to_owned(), "{% include \"title.txt\" %}".to_owned()));
        all.push(("title.txt".to_owned(), "{{ page.title }}".to_owned()));
        let page = Page { title: HOSTILE.to_owned(), ..order_page() };
        assert_eq!(Renderer::new(&all, &site()).unwrap().page(&page).unwrap(), ESCAPED);
    }
}
