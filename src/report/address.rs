//! Addresses of pages (contract, section 5): a pure function of an id's canonical form, so that any spelling leads to
//! the page without a look-up. `src/render/assets/site.js` computes the same; a test holds the two together.

use sha2::{Digest, Sha256};

use crate::ingest::grammar;
use crate::model::time::Month;

/// Longest slug that is kept whole.
const LONGEST: usize = 120;
/// How much of a longer one is kept before its checksum.
const KEPT: usize = 100;

/// The slug of an id, from its canonical form.
///
/// Shape: only `a-z`, `0-9`, `-` and `_`; every other byte of the UTF-8 text is `_` and two hex digits. Reserved device
/// and page names have their first character encoded; beyond 120 characters a checksum replaces the end.
pub fn of_id(canonical: &str) -> String {
    let mut slug = encode(&canonical.to_lowercase());
    if is_reserved(&slug) {
        let first = slug.as_bytes()[0];
        slug = format!("_{first:02x}{}", &slug[1..]);
    }
    if slug.len() > LONGEST {
        // Only ASCII occurs, so every byte is a character.
        slug = format!("{}--{}", &slug[..KEPT], checksum(canonical));
    }
    slug
}

/// The slug of an id as it was received.
pub fn of_raw_id(raw: &str) -> String {
    of_id(&grammar::canonical(raw))
}

/// The slug of a name: words stay apart. `Spring Growth` becomes `spring-growth`.
pub fn of_name(name: &str) -> String {
    let mut words = String::with_capacity(name.len());
    for c in name.to_lowercase().chars() {
        if c.is_alphanumeric() {
            words.push(c);
        } else if !words.is_empty() && !words.ends_with('-') {
            words.push('-');
        }
    }
    let words = words.trim_end_matches('-');
    if words.is_empty() { of_id(name) } else { of_id(words) }
}

/// The first 8 hex digits of SHA-256, which tell two names of one address apart.
pub fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// The page of a month.
pub fn of_month(month: Month) -> String {
    format!("period/{month}.html")
}

fn encode(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => slug.push(char::from(byte)),
            _ => slug.push_str(&format!("_{byte:02x}")),
        }
    }
    slug
}

fn is_reserved(slug: &str) -> bool {
    let is_port = |prefix| {
        slug.strip_prefix(prefix)
            .is_some_and(|n: &str| n.len() == 1 && matches!(n.as_bytes()[0], b'1'..=b'9'))
    };
    matches!(slug, "index" | "404" | "con" | "prn" | "aux" | "nul") || is_port("com") || is_port("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_spelling_of_an_id_has_one_address() {
        for (id, slug) in [
            ("ORD-2001", "ord2001"),
            ("ord 2001", "ord2001"),
            ("PO/2026 05#7", "po202605_237"),
            ("订单-0091", "_e8_ae_a2_e5_8d_950091"),
            ("../x", "x"),
            ("CON", "_63on"),
            ("com1", "_63om1"),
            ("com0", "com0"),
            ("a_b", "ab"),
        ] {
            assert_eq!(of_raw_id(id), slug, "{id}");
        }
        let long = "X".repeat(121);
        assert_eq!(of_raw_id(&long), format!("{}--{}", "x".repeat(100), checksum(&long)));
        assert_eq!(of_raw_id(&"x".repeat(120)).len(), 120);
    }

    #[test]
    fn names_keep_their_words_apart() {
        assert_eq!(of_name("Spring Growth"), "spring-growth");
        assert_eq!(of_name("  Q2 / New—Logo! "), "q2-new-logo");
        assert_eq!(of_name("!!"), "_21_21");
    }
}
