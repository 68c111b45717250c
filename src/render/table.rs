//! A table as markup. Tables are most of what a page shows, so they are written here: a template takes several times as
//! long for each cell.
//!
//! In a column of numbers the quiet words of a cell stand before the figure, so that the figures stay aligned, and in
//! an indented row before its status ("of which"). In a row's header and in a history they stand below the words,
//! elsewhere behind them. A first column of dates with icons is a history: the icons hang on a rail.
//!
//! Every amount is marked with its plain value, its column says what it measures, and a column or row that is known at
//! another snapshot than the page, or about a part of its scope, says so.

use std::fmt::Write;

use super::html::{is_id_like, push_enclosed, push_enclosed_words, push_link, push_words, shown};
use crate::report::table::{Cell, Column, Row, Table};
use crate::say;

/// Writes a table, or the sentence that stands for an empty one. `root` is the way from the page to the root.
pub(super) fn push_table(out: &mut String, table: &Table, root: &str) {
    if table.rows.is_empty() {
        out.push_str("<p class=\"empty muted\"");
        push_attribute(out, " id=\"", &table.id, "\"");
        let words = shown(Some(&table.empty)).unwrap_or_else(|| say!("There is nothing to list here."));
        push_enclosed(out, ">", words, "</p>");
        return;
    }
    let cards = table.layout == "cards";
    let looks: Vec<_> = table
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| Look::new(table, index, column, cards))
        .collect();
    let rail = looks.first().is_some_and(|first| first.date && first.icon);
    Writer { out, root, cards, rail, looks }.table(table);
}

/// What the cells of a column have in common.
#[derive(Default)]
struct Look {
    /// Their classes, as an attribute.
    class: String,
    /// What stands in their start tag behind the name.
    attributes: String,
    number: bool,
    date: bool,
    /// Whether one holds a bar, which has no words.
    bar: bool,
    /// Whether one of the bars has several segments.
    stacked: bool,
    /// Whether one holds a status, which says what it is without the column's name.
    icon: bool,
}

impl Look {
    fn new(table: &Table, index: usize, column: &Column, cards: bool) -> Look {
        let mut look =
            Look { number: column.kind == "number", date: column.kind == "date", ..Look::default() };
        for cell in table.rows.iter().filter_map(|row| row.cells.get(index)) {
            look.bar |= !cell.bar.is_empty();
            look.stacked |= cell.bar.len() > 1;
            look.icon |= cell.icon.is_some();
        }
        let classes = [
            (look.number, "n"),
            (look.date, "c-date"),
            (column.kind == "words", "c-words"),
            (look.bar, "barc"),
            (column.minor, "hide-s"),
        ];
        for (_, class) in classes.into_iter().filter(|(has, _)| *has) {
            look.class.push_str(if look.class.is_empty() { " class=\"" } else { " " });
            look.class.push_str(class);
        }
        if !look.class.is_empty() {
            look.class.push('"');
        }
        let (first, last) = (index == 0, index + 1 == table.columns.len());
        if first {
            look.attributes.push_str(" scope=\"row\"");
        }
        if cards {
            look.attributes.push_str(if first { " role=\"rowheader\"" } else { " role=\"cell\"" });
        }
        // Rows become boxes on a phone: the name of the column stands before each value.
        if cards && !look.icon && !look.bar && !first && !last {
            push_enclosed(&mut look.attributes, " data-l=\"", column.shown(), "\"");
        }
        look.attributes.push_str(&look.class);
        look
    }
}

struct Writer<'a> {
    out: &'a mut String,
    root: &'a str,
    /// Whether every part says its role, because the style takes it away when rows become boxes.
    cards: bool,
    rail: bool,
    looks: Vec<Look>,
}

impl Writer<'_> {
    fn table(&mut self, table: &Table) {
        self.out.push_str("<div class=\"tw\"");
        if table.layout == "wide" {
            let rest = "-caption\" tabindex=\"0\"";
            push_attribute(self.out, " role=\"region\" aria-labelledby=\"", &table.id, rest);
        }
        push_enclosed(self.out, "><table class=\"", table.layout, "");
        self.out.push_str(if table.sortable { " sortable" } else { "" });
        self.out.push_str(if self.rail { " rail\"" } else { "\"" });
        self.end_tag(" role=\"table\">");
        if !table.caption.is_empty() {
            self.out.push_str("<caption");
            push_attribute(self.out, " id=\"", &table.id, "-caption\"");
            push_enclosed_words(self.out, ">", &table.caption, "</caption>");
        }
        self.out.push_str("<thead");
        self.end_tag(" role=\"rowgroup\">");
        self.out.push_str("<tr");
        self.end_tag(" role=\"row\">");
        for (look, column) in self.looks.iter().zip(&table.columns) {
            self.out.push_str("<th scope=\"col\"");
            self.out.push_str(if self.cards { " role=\"columnheader\"" } else { "" });
            self.out.push_str(&look.class);
            push_attribute(self.out, " data-measure=\"", &column.measure, "\"");
            push_attribute(self.out, " data-scope=\"", &column.scope, "\"");
            push_attribute(self.out, " data-snapshot=\"", &column.snapshot, "\"");
            if look.bar {
                let label = shown(Some(column.shown())).unwrap_or_else(|| say!("Chart"));
                push_enclosed(self.out, "><span class=\"vh\">", label, "</span></th>");
            } else if table.sortable {
                push_enclosed(self.out, "><button type=\"button\">", column.shown(), "</button></th>");
            } else {
                push_enclosed(self.out, ">", column.shown(), "</th>");
            }
        }
        self.out.push_str("</tr></thead><tbody");
        self.rows(&table.rows);
        self.out.push_str("</tbody>");
        if !table.foot.is_empty() {
            self.out.push_str("<tfoot");
            self.rows(&table.foot);
            self.out.push_str("</tfoot>");
        }
        self.out.push_str("</table></div>");
    }

    /// Ends a start tag, `role` with its bracket.
    fn end_tag(&mut self, role: &str) {
        self.out.push_str(if self.cards { role } else { ">" });
    }

    fn rows(&mut self, rows: &[Row]) {
        self.end_tag(" role=\"rowgroup\">");
        for row in rows {
            self.out.push_str("<tr");
            push_attribute(self.out, " id=\"", &row.id, "\"");
            push_attribute(self.out, " class=\"", row.style, "\"");
            let snapshot = row.cells.first().and_then(|cell| cell.snapshot.as_deref());
            push_attribute(self.out, " data-snapshot=\"", snapshot.unwrap_or_default(), "\"");
            self.end_tag(" role=\"row\">");
            if row.style == "grp" {
                let count = self.looks.len().to_string();
                push_enclosed(self.out, "<th scope=\"colgroup\" colspan=\"", &count, "\"");
                self.end_tag(" role=\"rowheader\">");
                push_enclosed_words(self.out, "", row.cells.first().map_or("", |cell| &cell.text), "</th>");
            } else {
                for (index, cell) in row.cells.iter().enumerate() {
                    self.cell(row, index, cell);
                }
            }
            self.out.push_str("</tr>");
        }
    }

    fn cell(&mut self, row: &Row, index: usize, cell: &Cell) {
        let first = index == 0;
        let (number, stacked, attributes) = self
            .looks
            .get(index)
            .map_or((false, false, ""), |look| (look.number, look.stacked, &look.attributes));
        let out = &mut *self.out;
        out.push_str(if first { "<th" } else { "<td" });
        out.push_str(attributes);
        out.push('>');
        if cell.bar.is_empty() {
            let note = shown(cell.note.as_deref());
            let before = number || row.style == "ind" && shown(cell.icon).is_some();
            let below = self.rail || first;
            if before && let Some(note) = note {
                push_enclosed_words(out, "<span class=\"quiet\">", note, "</span> ");
            }
            let words =
                Words { root: self.root, dot: self.rail && first, bold: note.is_some() && below && !before };
            words.push(out, cell);
            match note {
                Some(note) if !before && below => {
                    push_enclosed_words(out, "<span class=\"nt\">", note, "</span>")
                }
                Some(note) if !before => push_enclosed_words(out, " <span class=\"quiet\">", note, "</span>"),
                Some(_) | None => {}
            }
        } else {
            push_bar(out, cell, stacked);
        }
        out.push_str(if first { "</th>" } else { "</td>" });
    }
}

/// How the words of a cell are shown.
struct Words<'a> {
    root: &'a str,
    /// Whether a status hangs as a dot on the rail.
    dot: bool,
    /// Whether plain words stand above a note.
    bold: bool,
}

impl Words<'_> {
    fn push(&self, out: &mut String, cell: &Cell) {
        let href = shown(cell.href.as_deref());
        if let Some(none) = shown(cell.none) {
            push_enclosed(out, "<span class=\"none\">–<span class=\"vh\"> ", none, "</span></span>");
        } else if let Some(icon) = shown(cell.icon) {
            if let (Some(href), false) = (href, self.dot) {
                push_link(out, self.root, href, false);
            }
            push_enclosed(
                out,
                if self.dot { "<span class=\"dot s-" } else { "<span class=\"st s-" },
                icon,
                "\">",
            );
            push_enclosed(out, "<svg aria-hidden=\"true\"><use href=\"#i-", icon, "\"/></svg>");
            if self.dot {
                push_enclosed_words(out, "</span>", &cell.text, "");
            } else {
                push_enclosed_words(out, "", &cell.text, "</span>");
                out.push_str(if href.is_some() { "</a>" } else { "" });
            }
        } else if let Some(href) = href {
            push_link(out, self.root, href, is_id_like(&cell.text));
            if cell.code {
                push_enclosed(out, "<bdi><code>", &cell.text, "</code></bdi></a>");
            } else {
                out.push_str("<bdi>");
                push_text(out, cell);
                out.push_str("</bdi></a>");
            }
        } else if cell.code {
            let start = if is_id_like(&cell.text) { "<code class=\"nw\">" } else { "<code>" };
            push_enclosed(out, start, &cell.text, "</code>");
        } else if self.bold {
            push_enclosed_words(out, "<b>", &cell.text, "</b>");
        } else {
            push_text(out, cell);
        }
    }
}

/// The words of a cell, an amount marked as the one that the cell knows.
fn push_text(out: &mut String, cell: &Cell) {
    match cell.amount {
        Some(amount) => {
            // Neither has a character that would need to be escaped.
            let written = write!(out, "<data value=\"{amount} {}\">{}</data>", amount.currency(), cell.text);
            debug_assert!(written.is_ok(), "a string takes every text");
        }
        None => push_words(out, &cell.text),
    }
}

/// One rect per segment. The figures stand beside it, so screen readers skip it.
fn push_bar(out: &mut String, cell: &Cell, stacked: bool) {
    out.push_str(
        "<svg class=\"wf\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
    );
    out.push_str(match stacked {
        true => "<rect class=\"a-track\" width=\"100\" height=\"10\"/>",
        false => "<rect class=\"a-track\" y=\"4.5\" width=\"100\" height=\"1\"/>",
    });
    for segment in &cell.bar {
        push_enclosed(out, "<rect class=\"a-", segment.fill, "\"");
        push_enclosed(out, " x=\"", &segment.x, "\"");
        push_enclosed(out, " width=\"", &segment.width, "\" height=\"10\"/>");
    }
    out.push_str("</svg>");
}

/// An attribute, left out when it is empty.
fn push_attribute(out: &mut String, before: &str, value: &str, after: &str) {
    if !value.is_empty() {
        push_enclosed(out, before, value, after);
    }
}

#[cfg(test)]
mod tests;
