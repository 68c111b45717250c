//! What the templates see of a page: the fields of [`Page`] and of its blocks under their own names, except that
//! running text, tables and charts are markup already.

use std::collections::BTreeMap;

use tera::{TeraResult, Value};

use super::chart::push_chart;
use super::html::{is_id_like, push_enclosed, push_enclosed_words, push_link, push_words, shown};
use super::standalone::Standalone;
use super::table::push_table;
use crate::report::page::{Block, Definition, Page, StatusPill, Text};

/// The page as the templates see it. `root` is the way from the page to the root.
pub(super) fn page(page: &Page, root: &str) -> TeraResult<Value> {
    let Page {
        path,
        title,
        description,
        nav,
        crumbs,
        heading,
        kind,
        scope,
        snapshot,
        periods,
        ticket,
        status,
        lead,
        facts,
        top,
        main,
        side,
        side_more,
        frame: _,
        scripts,
    } = page;
    let view = View { root };
    Ok(map([
        ("path", path.as_str().into()),
        ("title", title.as_str().into()),
        ("description", description.as_str().into()),
        ("nav", (*nav).into()),
        ("crumbs", Value::try_from_serializable(crumbs)?),
        ("heading", heading.as_str().into()),
        ("kind", (*kind).into()),
        ("scope", scope.as_str().into()),
        ("snapshot", snapshot.as_str().into()),
        ("periods", Value::try_from_serializable(periods)?),
        ("ticket", words(ticket)),
        ("status", status.as_ref().map_or_else(Value::none, pill)),
        ("lead", view.texts(lead)?),
        ("facts", each(facts, |fact| view.texts(fact))?),
        ("top", view.blocks(top)?),
        ("main", view.blocks(main)?),
        ("side", view.blocks(side)?),
        ("side_more", view.blocks(side_more)?),
        ("scripts", Value::try_from_serializable(scripts)?),
    ]))
}

/// What a document says beside its page, which has no address but its own places.
pub(super) fn document(page: &Page, document: &Standalone) -> TeraResult<Value> {
    let facts = document.facts_within(page);
    Ok(map([
        ("name", document.name.as_str().into()),
        ("numbered", document.is_numbered.into()),
        ("facts", View { root: "" }.definitions(&facts)?),
    ]))
}

struct View<'a> {
    root: &'a str,
}

impl View<'_> {
    fn blocks(&self, blocks: &[Block]) -> TeraResult<Value> {
        each(blocks, |block| self.block(block))
    }

    fn block(&self, block: &Block) -> TeraResult<Value> {
        Ok(match block {
            Block::Section { id, heading, actions, blocks } => map([
                ("block", "section".into()),
                ("id", id.as_str().into()),
                ("heading", heading.as_str().into()),
                ("actions", Value::try_from_serializable(actions)?),
                ("blocks", self.blocks(blocks)?),
            ]),
            Block::Pair { left, right } => {
                map([("block", "pair".into()), ("left", self.blocks(left)?), ("right", self.blocks(right)?)])
            }
            Block::Panel { heading, tone, blocks } => map([
                ("block", "panel".into()),
                ("heading", heading.as_str().into()),
                ("tone", (*tone).into()),
                ("blocks", self.blocks(blocks)?),
            ]),
            Block::Table(table) => {
                let mut out = String::with_capacity(4096);
                push_table(&mut out, table, self.root);
                map([("block", "table".into()), ("html", Value::safe_string(&out))])
            }
            Block::Chart(chart) => {
                let mut out = String::with_capacity(8192);
                push_chart(&mut out, chart, self.root);
                map([("block", "chart".into()), ("html", Value::safe_string(&out))])
            }
            Block::Paragraph { text } => map([("block", "paragraph".into()), ("text", self.texts(text)?)]),
            Block::Note { tone, text } => {
                map([("block", "note".into()), ("tone", (*tone).into()), ("text", self.texts(text)?)])
            }
            Block::Flow { steps } => {
                let steps = each(steps, |step| {
                    Ok(map([
                        ("label", step.label.as_str().into()),
                        ("measure", step.measure.into()),
                        ("value", step.value.as_str().into()),
                        ("whole", step.whole.as_str().into()),
                        ("cents", step.cents.as_str().into()),
                        ("bar", Value::try_from_serializable(&step.bar)?),
                        ("notes", each(&step.notes, |note| self.texts(std::slice::from_ref(note)))?),
                    ]))
                });
                map([("block", "flow".into()), ("steps", steps?)])
            }
            Block::Definitions { rows } => {
                map([("block", "definitions".into()), ("rows", self.definitions(rows)?)])
            }
            Block::Checks { summary, checks } => {
                let checks = each(checks, |check| {
                    Ok(map([("result", check.result.into()), ("text", self.texts(&check.text)?)]))
                });
                map([("block", "checks".into()), ("summary", words(summary)), ("checks", checks?)])
            }
            Block::List { ordered, items } => map([
                ("block", "list".into()),
                ("ordered", (*ordered).into()),
                ("items", each(items, |item| self.texts(item))?),
            ]),
            Block::Answers { answers } => {
                let answers = each(answers, |answer| {
                    Ok(map([
                        ("audience", answer.audience.into()),
                        ("id", answer.id.into()),
                        ("text", words(&answer.text)),
                    ]))
                });
                map([("block", "answers".into()), ("answers", answers?)])
            }
            Block::CopyBox { id, text } => {
                map([("block", "copy_box".into()), ("id", id.as_str().into()), ("text", words(text))])
            }
            Block::Bar { .. }
            | Block::Articles { .. }
            | Block::Roles { .. }
            | Block::Prose { .. }
            | Block::Ask { .. }
            | Block::Find
            | Block::Query { .. } => Value::try_from_serializable(block)?,
        })
    }

    fn definitions(&self, rows: &[Definition]) -> TeraResult<Value> {
        each(rows, |row| Ok(map([("name", row.name.as_str().into()), ("value", self.texts(&row.value)?)])))
    }

    /// Running text as markup. A link whose text looks like an id must not break at its hyphens.
    fn texts(&self, texts: &[Text]) -> TeraResult<Value> {
        let mut out = String::with_capacity(256);
        for Text { text, href, style } in texts {
            let href = shown(href.as_deref());
            if let Some(href) = href {
                push_link(&mut out, self.root, href, is_id_like(text));
                out.push_str("<bdi>");
            }
            match shown(*style) {
                None => push_words(&mut out, text),
                Some("b") => push_enclosed_words(&mut out, "<b class=\"num\">", text, "</b>"),
                Some("code") => push_enclosed(&mut out, "<code><bdi>", text, "</bdi></code>"),
                Some("quiet") => push_enclosed_words(&mut out, "<span class=\"quiet\">", text, "</span>"),
                Some(style) => {
                    return Err(tera::Error::message(format!("a text has an unknown style: {style}")));
                }
            }
            out.push_str(if href.is_some() { "</bdi></a>" } else { "" });
        }
        Ok(Value::safe_string(&out))
    }
}

/// Plain words as markup, with their amounts marked.
fn words(text: &str) -> Value {
    let mut out = String::with_capacity(text.len() + 64);
    push_words(&mut out, text);
    Value::safe_string(&out)
}

fn pill(status: &StatusPill) -> Value {
    map([
        ("slug", status.slug.into()),
        ("label", status.label.as_str().into()),
        ("amount", words(&status.amount)),
    ])
}

fn map<const N: usize>(fields: [(&'static str, Value); N]) -> Value {
    Value::from(BTreeMap::from(fields))
}

fn each<T>(items: &[T], value: impl Fn(&T) -> TeraResult<Value>) -> TeraResult<Value> {
    items.iter().map(value).collect::<TeraResult<Vec<_>>>().map(Value::from)
}
