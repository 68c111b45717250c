//! Finds the messages of the program in its sources: what `say!` says, what `mark!` marks, counted things, headers of
//! columns, and the texts of templates and scripts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The code of a table of all messages, each with the files that say it, in the order of files and places.
pub(crate) fn table(paths: &[PathBuf]) -> io::Result<String> {
    // By message: its number, and the files that say it.
    let mut all: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    for path in paths {
        let text = fs::read_to_string(path)?;
        let found = match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => of_rust(&text),
            Some("html") => of_template(&text),
            Some("js") => of_script(&text),
            _ => Vec::new(),
        };
        let place = place(path);
        for message in found {
            let number = all.len();
            let (_, places) = all.entry(message).or_insert((number, Vec::new()));
            if places.last() != Some(&place) {
                places.push(place.clone());
            }
        }
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, (number, _))| *number);
    let mut code = "const MESSAGES: &[(&str, &str)] = &[\n".to_owned();
    for (message, (_, places)) in all {
        code.push_str(&format!("    ({message:?}, {:?}),\n", places.join(" ")));
    }
    code.push_str("];\n");
    Ok(code)
}

fn place(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

/// Constructors of columns, whose first argument is a header.
const COLUMNS: [&str; 5] = ["text", "number", "date", "money", "share"];

fn of_rust(text: &str) -> Vec<String> {
    // The language's own module holds examples, and test modules stand at the foot of a file.
    let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let tokens = tokens(text);
    let word = |at: usize, word: &str| matches!(tokens.get(at), Some(Token::Word(own)) if own == word);
    let sign = |at: usize, sign: char| matches!(tokens.get(at), Some(Token::Sign(own)) if *own == sign);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let macro_text = (word(at, "say") || word(at, "mark")) && sign(at + 1, '!') && sign(at + 2, '(');
        let header = word(at, "Column")
            && sign(at + 1, ':')
            && sign(at + 2, ':')
            && COLUMNS.iter().any(|name| word(at + 3, name))
            && sign(at + 4, '(');
        if macro_text {
            found.extend(text_at(&tokens, at + 3));
        } else if header {
            found.extend(text_at(&tokens, at + 5));
        } else if word(at, "absences") && sign(at + 1, '!') {
            // A table of texts that a page says.
            let end = tokens[at..].iter().position(|token| *token == Token::Sign('}')).unwrap_or(0);
            found.extend(tokens[at..at + end].iter().filter_map(|token| match token {
                Token::Text(text) => Some(text.clone()),
                Token::Word(_) | Token::Sign(_) => None,
            }));
        } else if word(at, "count_of") && sign(at + 1, '(') {
            // The plural is the last text among the arguments.
            let mut depth = 0;
            let mut many = None;
            for token in &tokens[at + 1..] {
                match token {
                    Token::Sign('(' | '[' | '{') => depth += 1,
                    Token::Sign(')' | ']' | '}') => depth -= 1,
                    Token::Text(text) if depth == 1 => many = Some(text),
                    Token::Word(_) | Token::Text(_) | Token::Sign(_) => {}
                }
                if depth == 0 {
                    break;
                }
            }
            found.extend(many.map(|many| format!("{{count}} {many}")));
        }
    }
    found
}

fn text_at(tokens: &[Token], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(Token::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

/// Words, texts and signs of Rust source; comments and numbers are left out.
fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
        } else if rest.starts_with("r\"") || rest.starts_with("r#") {
            let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
            let body = &rest[1 + hashes..];
            let Some(body) = body.strip_prefix('"') else {
                rest = &rest[1..];
                continue;
            };
            let end = format!("\"{}", "#".repeat(hashes));
            let (text, after) = body.split_once(&end).unwrap_or((body, ""));
            tokens.push(Token::Text(text.to_owned()));
            rest = after;
        } else if let Some(body) = rest.strip_prefix('"') {
            let (text, after) = text(body, '"');
            tokens.push(Token::Text(text));
            rest = after;
        } else if first == '\'' {
            // A character, or the name of a lifetime.
            let inner = &rest[1..];
            let length = match inner.chars().next() {
                Some('\\') => inner[2..].find('\'').map(|at| at + 3),
                Some(c) => inner[c.len_utf8()..].starts_with('\'').then(|| c.len_utf8() + 1),
                None => None,
            };
            rest = &inner[length.unwrap_or(0)..];
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() && !first.is_ascii_digit() {
                tokens.push(Token::Sign(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    tokens
}

/// A quoted text from behind its first quote, and what follows its last one.
fn text(body: &str, quote: char) -> (String, &str) {
    let mut text = String::new();
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return (text, &body[at + c.len_utf8()..]);
        }
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            // A text that goes on in the next line, behind its indent.
            Some((_, '\n')) => {
                while chars.clone().next().is_some_and(|(_, c)| c.is_whitespace()) {
                    chars.next();
                }
            }
            Some((_, 'n')) => text.push('\n'),
            Some((_, 't')) => text.push('\t'),
            Some((_, 'u')) => {
                // `\u{2026}`, and `\u2026` in a script.
                let rest = chars.as_str();
                let (code, length) = match rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
                    Some((code, _)) => (code, code.len() + 2),
                    None => (rest.get(..4).unwrap_or(rest), 4),
                };
                text.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32));
                chars.by_ref().take(length).for_each(drop);
            }
            Some((_, other)) => text.push(other),
            None => {}
        }
    }
    (text, "")
}

/// `{{ "Menu" | say }}` and `label={"Copy" | say}`.
fn of_template(source: &str) -> Vec<String> {
    let parts: Vec<&str> = source.split("\" | say").collect();
    let (_, before) = parts.split_last().unwrap_or((&"", &[]));
    before.iter().filter_map(|part| part.rsplit_once('"')).map(|(_, text)| text.to_owned()).collect()
}

/// `tr('Copied')`, `tr('{count} rows', …)`, and the plural of `countOf(n, '…', '…')`.
fn of_script(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, call) in source.match_indices("countOf(") {
        // The count may be a call itself, but never holds a text.
        if let Some((_, rest)) = source[at + call.len()..].split_once('\'') {
            let (one, rest) = text(rest, '\'');
            if let (false, Some(many)) = (one.is_empty(), rest.strip_prefix(", '")) {
                found.push((at, format!("{{count}} {}", text(many, '\'').0)));
            }
        }
    }
    for (at, call) in source.match_indices("tr(") {
        let is_longer = source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        if let Some(body) = source[at + call.len()..].trim_start().strip_prefix('\'')
            && !is_longer
        {
            found.push((at, text(body, '\'').0));
        }
    }
    found.sort();
    found.into_iter().map(|(_, text)| text).collect()
}
