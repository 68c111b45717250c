//! A page that stands alone: the same blocks as in the site, with nothing that leads out of the file.
//!
//! What leads elsewhere becomes plain words before the page is rendered, so that no template and no writer of markup has to
//! think of it. A place within the document stays a link.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::html::printable;
use crate::report::chart::Chart;
use crate::report::page::{Answer, Block, Definition, Link, Page, Text};
use crate::report::table::{Row, Table};
use crate::say;

/// What a document says beside its page.
///
/// Its frame repeats `name` and `running` on every printed page, with the page's number; the template is
/// `templates/standalone.html`.
#[derive(Debug, Clone, Default)]
pub struct Standalone {
    /// What the document is: `Close pack CP-2026-05`.
    pub name: String,
    /// What else every printed page repeats, in this order: period, snapshot, id of the pack.
    pub running: Vec<String>,
    /// The facts in its head: document, snapshot, period.
    pub facts: Vec<Definition>,
    /// Whether its sections are numbered.
    pub is_numbered: bool,
}

impl Standalone {
    /// The rules of the style sheet for the margins of every printed page. `organization` may be empty.
    pub(super) fn margins(&self, organization: &str) -> String {
        const FONT: &str = r#"font:8pt system-ui,"Noto Sans",sans-serif;color:#555"#;
        let whose = match organization {
            "" => say!("Reseller rebates").to_owned(),
            organization => format!("{organization} · {}", say!("Reseller rebates")),
        };
        let running = if self.running.is_empty() { self.name.clone() } else { self.running.join(" · ") };
        format!(
            "@page{{@top-left{{content:\"{}\";{FONT}}}@top-right{{content:\"{}\";{FONT}}}@bottom-left{{content:\"{}\"}}}}",
            quoted(&self.name),
            quoted(&whose),
            quoted(&running)
        )
    }

    /// Its facts without what leads elsewhere; `here` are the places of the page.
    pub(super) fn facts_within(&self, page: &Page) -> Vec<Definition> {
        let inside = Inside::of(page);
        let mut facts = self.facts.clone();
        facts.iter_mut().for_each(|fact| inside.texts(&mut fact.value));
        facts
    }
}

/// The page without what leads elsewhere and without what only a script can answer.
///
/// # Errors
/// The name of a block that is a form: it has no place in a document.
pub(super) fn inside(page: &Page) -> Result<Page, &'static str> {
    let inside = Inside::of(page);
    let mut page = page.clone();
    page.crumbs.clear();
    page.periods.clear();
    page.ticket.clear();
    page.scripts = &[];
    inside.texts(&mut page.lead);
    page.facts.iter_mut().for_each(|fact| inside.texts(fact));
    for blocks in [&mut page.top, &mut page.main, &mut page.side, &mut page.side_more] {
        inside.blocks(blocks)?;
    }
    Ok(page)
}

/// The places of a document.
struct Inside {
    ids: BTreeSet<String>,
}

impl Inside {
    fn of(page: &Page) -> Inside {
        let mut ids = BTreeSet::new();
        for blocks in [&page.top, &page.main, &page.side, &page.side_more] {
            collect(blocks, &mut ids);
        }
        Inside { ids }
    }

    /// Keeps an address only where it is a place of the document.
    fn address(&self, href: &mut Option<String>) {
        let is_here =
            href.as_deref().and_then(|href| href.strip_prefix('#')).is_some_and(|id| self.ids.contains(id));
        if !is_here {
            *href = None;
        }
    }

    fn texts(&self, texts: &mut [Text]) {
        texts.iter_mut().for_each(|text| self.address(&mut text.href));
    }

    fn link(&self, link: &mut Link) {
        self.address(&mut link.href);
    }

    fn table(&self, table: &mut Table) {
        table.sortable = false;
        for cell in table.rows.iter_mut().chain(&mut table.foot).flat_map(|row: &mut Row| &mut row.cells) {
            self.address(&mut cell.href);
        }
    }

    fn chart(&self, chart: &mut Chart) {
        chart.positions.iter_mut().for_each(|position| self.address(&mut position.href));
        self.table(&mut chart.table);
    }

    fn blocks(&self, blocks: &mut [Block]) -> Result<(), &'static str> {
        for block in blocks {
            match block {
                Block::Section { actions, blocks, .. } => {
                    actions.clear();
                    self.blocks(blocks)?;
                }
                Block::Pair { left, right } => {
                    self.blocks(left)?;
                    self.blocks(right)?;
                }
                Block::Panel { blocks, .. } => self.blocks(blocks)?,
                Block::Table(table) => self.table(table),
                Block::Chart(chart) => self.chart(chart),
                Block::Paragraph { text } | Block::Note { text, .. } => self.texts(text),
                Block::Flow { steps } => steps.iter_mut().for_each(|step| self.texts(&mut step.notes)),
                Block::Definitions { rows } => rows.iter_mut().for_each(|row| self.texts(&mut row.value)),
                Block::Checks { checks, .. } => {
                    checks.iter_mut().for_each(|check| self.texts(&mut check.text));
                }
                Block::List { items, .. } => items.iter_mut().for_each(|item| self.texts(item)),
                Block::Roles { roles } => {
                    roles.iter_mut().flat_map(|role| &mut role.links).for_each(|link| self.link(link));
                }
                Block::Prose { html } => *html = without_links(html),
                Block::Answers { .. } | Block::Bar { .. } | Block::CopyBox { .. } => {}
                Block::Articles { .. } => return Err("articles"),
                Block::Ask { .. } => return Err("ask"),
                Block::Find => return Err("find"),
                Block::Query { .. } => return Err("query"),
            }
        }
        Ok(())
    }
}

/// Collects the ids that the blocks put into the markup.
fn collect(blocks: &[Block], ids: &mut BTreeSet<String>) {
    for block in blocks {
        match block {
            Block::Section { id, blocks, .. } => {
                ids.insert(id.clone());
                collect(blocks, ids);
            }
            Block::Pair { left, right } => {
                collect(left, ids);
                collect(right, ids);
            }
            Block::Panel { blocks, .. } => collect(blocks, ids),
            Block::Table(table) => ids.extend(table.rows.iter().map(|row| row.id.clone())),
            Block::Answers { answers } => {
                ids.extend(answers.iter().map(|answer: &Answer| answer.id.to_owned()))
            }
            Block::Chart(_)
            | Block::CopyBox { .. }
            | Block::Paragraph { .. }
            | Block::Note { .. }
            | Block::Flow { .. }
            | Block::Bar { .. }
            | Block::Definitions { .. }
            | Block::Checks { .. }
            | Block::List { .. }
            | Block::Articles { .. }
            | Block::Roles { .. }
            | Block::Prose { .. }
            | Block::Ask { .. }
            | Block::Find
            | Block::Query { .. } => {}
        }
    }
}

/// The markup of our own Markdown, which writes links in one way, without them.
fn without_links(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, link)) = rest.split_once("<a ") {
        out.push_str(before);
        rest = link.split_once('>').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.replace("</a>", "")
}

/// A text between the quotes of a style sheet. Whatever could end it, or the sheet, is written by its number.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in printable(text).chars() {
        if character.is_alphanumeric() || " ,.:·–−-_/#()".contains(character) || !character.is_ascii() {
            out.push(character);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\{:x} ", u32::from(character));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        // Goal: a name of a period or an organization stays inside the rule of a printed page. Method: texts that would end
        // the string, the rule, the sheet or the line.
        assert_eq!(quoted("Close pack CP-2026-05, 12 Jun 2026"), "Close pack CP-2026-05, 12 Jun 2026");
        assert_eq!(quoted("a\"b\\c"), "a\\22 b\\5c c");
        assert_eq!(quoted("</style>"), "\\3c /style\\3e ");
        assert_eq!(quoted("a;}\nb"), "a\\3b \\7d \\a b");
        assert_eq!(quoted("青禾\u{202e}科技"), "青禾科技");
    }

    #[test]
    fn prose_keeps_its_words_and_loses_its_links() {
        let html =
            "<p>See <a href=\"https://example.com/a?b=1\">the <em>terms</em></a> and <abbr>x</abbr>.</p>";
        assert_eq!(without_links(html), "<p>See the <em>terms</em> and <abbr>x</abbr>.</p>");
    }
}
