//! Our own Markdown to HTML. The result is the only markup that templates do not escape, so whatever could carry a
//! script, load something or break the outline of a page is refused here, with the words to find it by.

use std::fmt::Write;

use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 100;

/// The HTML of an article's body: paragraphs, headings from `##` on, lists, quotes, code, tables, links, emphasis.
///
/// Markup in the text is shown as text. Headings may not start at `#`, which is the title of the page, nor leave out a
/// level. Links lead to `https:`, `http:` and `mailto:` addresses or to a place within the site.
///
/// # Errors
/// One sentence that names what cannot be shown: an image, a link with another scheme, a heading of the wrong level,
/// more than 1 MiB of text, or more than 100 levels of nesting.
pub fn to_html(markdown: &str) -> Result<String, String> {
    if markdown.len() > MAX_BYTES {
        return Err(format!("the text has {} bytes, more than {MAX_BYTES}", markdown.len()));
    }
    let mut page = Outline { depth: 0, heading: 1, table: Vec::new(), in_head: false, column: 0 };
    let mut events = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        events.push(page.checked(event)?);
    }
    let mut text = String::with_capacity(markdown.len() + markdown.len() / 2);
    html::push_html(&mut text, events.into_iter());
    Ok(text)
}

/// What was seen so far.
struct Outline {
    depth: usize,
    /// The level of the last heading.
    heading: usize,
    /// The alignments of the table's columns.
    table: Vec<Alignment>,
    in_head: bool,
    column: usize,
}

impl Outline {
    fn checked<'a>(&mut self, event: Event<'a>) -> Result<Event<'a>, String> {
        Ok(match event {
            Event::Start(tag) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(format!(
                        "lists, quotes or emphasis are nested more than {MAX_DEPTH} levels deep"
                    ));
                }
                self.opened(tag)?
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                self.closed(tag)
            }
            // Markup becomes text.
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            other @ (Event::Text(_)
            | Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Rule
            | Event::TaskListMarker(_)) => other,
        })
    }

    fn opened<'a>(&mut self, tag: Tag<'a>) -> Result<Event<'a>, String> {
        Ok(match tag {
            Tag::Heading { level, .. } => {
                self.heading(level)?;
                // Without the id and the classes that a heading can carry.
                Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() })
            }
            Tag::Link { link_type, dest_url, title, id } => {
                let dest_url = address(dest_url, link_type)?;
                Event::Start(Tag::Link { link_type, dest_url, title, id })
            }
            Tag::Image { dest_url, .. } => {
                return Err(format!("images are not shown: remove `![…]({})`", shown(&dest_url)));
            }
            // Written here rather than by the library: scoped headers, and classes in place of inline styles, which
            // the pages' policy forbids.
            Tag::Table(alignments) => {
                self.table = alignments;
                raw(r#"<div class="tw"><table>"#)
            }
            Tag::TableHead => {
                self.in_head = true;
                self.column = 0;
                raw("<thead><tr>")
            }
            Tag::TableRow => {
                self.column = 0;
                raw("<tr>")
            }
            Tag::TableCell => self.cell(),
            // A paragraph of markup is a paragraph of text.
            Tag::HtmlBlock => Event::Start(Tag::Paragraph),
            other @ (Tag::Paragraph
            | Tag::BlockQuote(_)
            | Tag::CodeBlock(_)
            | Tag::List(_)
            | Tag::Item
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_)) => Event::Start(other),
        })
    }

    fn closed<'a>(&mut self, tag: TagEnd) -> Event<'a> {
        match tag {
            TagEnd::Table => raw("</tbody></table></div>\n"),
            TagEnd::TableHead => {
                self.in_head = false;
                raw("</tr></thead><tbody>\n")
            }
            TagEnd::TableRow => raw("</tr>\n"),
            TagEnd::TableCell => raw(if self.in_head { "</th>" } else { "</td>" }),
            TagEnd::HtmlBlock => Event::End(TagEnd::Paragraph),
            other @ (TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::BlockQuote(_)
            | TagEnd::CodeBlock
            | TagEnd::List(_)
            | TagEnd::Item
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image
            | TagEnd::MetadataBlock(_)) => Event::End(other),
        }
    }

    fn heading(&mut self, level: HeadingLevel) -> Result<(), String> {
        let level = level as usize;
        let marks = "#".repeat(level);
        if level == 1 {
            return Err("a heading with one `#` is the title of the page: start with `##`".to_owned());
        }
        if level > self.heading + 1 {
            return Err(format!("a heading with `{marks}` follows one that is more than one level above it"));
        }
        self.heading = level;
        Ok(())
    }

    fn cell<'a>(&mut self) -> Event<'a> {
        let alignment = self.table.get(self.column).copied().unwrap_or(Alignment::None);
        self.column += 1;
        let mut text = if self.in_head { "<th scope=\"col\"" } else { "<td" }.to_owned();
        text.push_str(match alignment {
            Alignment::None | Alignment::Left | Alignment::Center => ">",
            Alignment::Right => " class=\"n\">",
        });
        Event::InlineHtml(text.into())
    }
}

fn raw<'a>(markup: &'static str) -> Event<'a> {
    Event::InlineHtml(markup.into())
}

/// Lets only addresses through that a browser reads as what they look like.
fn address<'a>(address: CowStr<'a>, link_type: LinkType) -> Result<CowStr<'a>, String> {
    let refused = |why: &str| Err(format!("the link `{}` {why}", shown(&address)));
    if link_type == LinkType::Email {
        // `<name@example.com>`; the library puts `mailto:` before it.
        return Ok(address);
    }
    // Browsers drop tabs and line ends inside an address and blanks before it, and read `\` as `/`.
    if address.chars().any(|c| c.is_control() || c == '\\') || address.starts_with(char::is_whitespace) {
        return refused("holds a control character, a backslash or a blank at its start");
    }
    if address.starts_with("//") {
        return refused("leaves the site without saying how: write `https:` before it");
    }
    let end = address.find(['/', '?', '#']).unwrap_or(address.len());
    if let Some(colon) = address[..end].find(':') {
        let scheme = address[..colon].to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https" | "mailto") {
            return refused("is neither https:, http: nor mailto:, nor a place within the site");
        }
    }
    Ok(address)
}

/// The text for a message: short, on one line, with invisible characters spelled out.
fn shown(text: &str) -> String {
    let mut short = String::new();
    for character in text.chars().take(80) {
        if character.is_control() {
            // Writing to a string cannot fail.
            let _ = write!(short, "{}", character.escape_default());
        } else {
            short.push(character);
        }
    }
    if text.chars().nth(80).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(markdown: &str) -> String {
        to_html(markdown).unwrap()
    }

    #[test]
    fn articles_become_plain_markup() {
        assert_eq!(
            html(
                "First *and* **second** `code`.\n\n## What to do\n\n1. One\n2. Two\n\n### Detail\n\n- a\n- b\n"
            ),
            "<p>First <em>and</em> <strong>second</strong> <code>code</code>.</p>\n<h2>What to do</h2>\n<ol>\n\
             <li>One</li>\n<li>Two</li>\n</ol>\n<h3>Detail</h3>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"
        );
        assert_eq!(html("> quoted\n\n---\n"), "<blockquote>\n<p>quoted</p>\n</blockquote>\n<hr />\n");
        assert_eq!(
            html("```csv\na,<b>\n```\n"),
            "<pre><code class=\"language-csv\">a,&lt;b&gt;\n</code></pre>\n"
        );
    }

    #[test]
    fn tables_have_scoped_headers_and_no_inline_style() {
        assert_eq!(
            html("| What | Days |\n|:--|--:|\n| `a` | 1 |\n"),
            "<div class=\"tw\"><table><thead><tr><th scope=\"col\">What</th><th scope=\"col\" class=\"n\">Days</th>\
             </tr></thead><tbody>\n<tr><td><code>a</code></td><td class=\"n\">1</td></tr>\n</tbody></table></div>\n"
        );
        assert!(!html("|a|\n|:-:|\n|b|\n").contains("style"));
    }

    #[test]
    fn markup_is_shown_as_text() {
        for hostile in [
            "<script>alert(1)</script>",
            "text <script>alert(1)</script> text",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)>",
            "<div\nonclick=\"x\">\n\ntext\n\n</div>",
            "<!-- --><iframe src=\"https://example.com\"></iframe>",
            "<style>*{display:none}</style>",
            "- <b onmouseover=alert(1)>x</b>",
            "|<script>a</script>|\n|-|\n|<i onclick=x>b</i>|\n",
            "```\"><script>alert(1)</script>\nx\n```",
            "`<script>`",
            "[x](https://example.com \"\\\"><script>alert(1)</script>\")",
            "## <script>alert(1)</script>",
            "## x {#\"onclick=alert(1) .c}",
            "<?php ?><![CDATA[<script>]]>",
        ] {
            let html = html(hostile).to_lowercase();
            for bad in
                ["<script", "<img", "<svg", "<div o", "<div\n", "<iframe", "<style", "<b ", "<i ", "<!", "<?"]
            {
                assert!(!html.contains(bad), "{hostile}: {html}");
            }
            for tag in html.split('<').skip(1).filter_map(|t| t.split('>').next()) {
                assert!(!tag.contains("onclick=") || tag.contains('"'), "{hostile}: {html}");
            }
        }
        assert_eq!(html("a <b>c</b>"), "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n");
        assert!(!html("## x {#id .c onclick=a}\n").contains("id="));
    }

    #[test]
    fn links_lead_to_pages_and_people_only() {
        for fine in [
            "[a](https://example.com/a?b=1&c=2#d)",
            "[a](http://example.com)",
            "[a](MAILTO:support@example.com)",
            "<https://example.com>",
            "<support@example.com>",
            "[a](../order/ord2001.html)",
            "[a](a-b.html#part:2)",
            "[a](?q=a:b)",
            "[a](#here)",
            "[a]()",
        ] {
            assert!(to_html(fine).is_ok(), "{fine}");
        }
        for refused in [
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](<java\tscript:alert(1)>)",
            "[a](<\u{1}javascript:alert(1)>)",
            "[a](< javascript:alert(1)>)",
            "[a](javascript&#58;alert(1))",
            "[a](javascript&colon;alert(1))",
            "[a](java&#9;script:alert(1))",
            "[a](vbscript:x)",
            "[a](data:text/html,x)",
            "[a](file:///etc/passwd)",
            "<javascript:alert(1)>",
            "[a][b]\n\n[b]: javascript:alert(1)",
            "[a](//example.com)",
            "[a](\\\\\\\\example.com)",
            "[a](:x)",
        ] {
            let error = to_html(refused).unwrap_err();
            assert!(error.starts_with("the link `"), "{refused}: {error}");
        }
        assert_eq!(
            to_html("[a](javascript:alert(1))").unwrap_err(),
            "the link `javascript:alert(1)` is neither https:, http: nor mailto:, nor a place within the site"
        );
        assert!(
            !to_html("<java\u{7}script:x> [a](<java&#10;script:alert(1)>)")
                .unwrap_err()
                .contains(['\n', '\u{7}'])
        );
    }

    #[test]
    fn images_are_refused() {
        for image in [
            "![x](https://example.com/x.png)",
            "![x](x.png)",
            "![x][y]\n\n[y]: x.png",
            "[![x](y.png)](z.html)",
        ] {
            assert!(to_html(image).unwrap_err().starts_with("images are not shown"), "{image}");
        }
    }

    #[test]
    fn headings_keep_the_outline() {
        assert!(to_html("# Title\n").unwrap_err().contains("start with `##`"));
        assert!(to_html("Title\n=====\n").unwrap_err().contains("start with `##`"));
        assert!(to_html("### Too deep\n").unwrap_err().contains("`###`"));
        assert!(to_html("## a\n\n#### b\n").unwrap_err().contains("`####`"));
        assert!(to_html("## a\n\n### b\n\n#### c\n\n## d\n").is_ok());
    }

    #[test]
    fn size_and_depth_have_limits() {
        assert!(to_html(&"a".repeat(MAX_BYTES)).is_ok());
        assert!(to_html(&"a".repeat(MAX_BYTES + 1)).unwrap_err().contains("more than 1048576"));
        assert!(to_html(&format!("{}x", "> ".repeat(MAX_DEPTH - 2))).is_ok());
        assert!(to_html(&format!("{}x", "> ".repeat(MAX_DEPTH + 1))).unwrap_err().contains("100 levels"));
    }

    #[test]
    fn bombs_end() {
        let size = 300_000;
        for bomb in [
            "> ".repeat(size / 2),
            "[".repeat(size),
            "*a ".repeat(size / 3),
            "![".repeat(size / 2),
            "<".repeat(size),
            "- ".repeat(size / 2),
            "`".repeat(size),
            "|".repeat(size),
            "[a](".repeat(size / 4),
            "_a__".repeat(size / 4),
        ] {
            // Whether refused or shown, without a panic, a deep stack or a quadratic wait.
            let _ = to_html(&bomb);
        }
    }
}
