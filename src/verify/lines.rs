//! Text by lines, and anything by bytes: where two versions part, with what stands around it.

use super::{Difference, What};

/// How much stands before and behind the first character that differs.
const BEFORE: usize = 24;
const BEHIND: usize = 40;

/// The differences of two texts, line by line. Where lines were added or removed, all between the first and the last line
/// that differ is one difference.
pub(super) fn compare(found: &str, expected: &str) -> Vec<Difference> {
    let (a, b): (Vec<&str>, Vec<&str>) = (found.split('\n').collect(), expected.split('\n').collect());
    let line = |at: usize, found: &str, expected: &str| {
        let (found, expected) = around(found, expected);
        Difference::new(at, format!("line {}", at + 1), What::Words, found, expected)
    };
    if a.len() == b.len() {
        let pairs = a.iter().zip(&b).enumerate().filter(|(_, (a, b))| a != b);
        return pairs.map(|(at, (a, b))| line(at, a, b)).collect();
    }
    let (from, ends) = parted(&a, &b);
    let (a, b) = (&a[from..a.len() - ends], &b[from..b.len() - ends]);
    let mut difference = line(from, a.first().unwrap_or(&""), b.first().unwrap_or(&""));
    difference.place = format!("from line {}: {} lines are there, {} should be", from + 1, a.len(), b.len());
    vec![difference]
}

/// The first byte at which two files differ.
pub(super) fn compare_bytes(found: &[u8], expected: &[u8]) -> Difference {
    let at = found.iter().zip(expected).take_while(|(a, b)| a == b).count();
    let line = found[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    let piece = |bytes: &[u8]| bytes[at..bytes.len().min(at + 16)].escape_ascii().to_string();
    let place = format!("line {line}, byte {}", at + 1);
    Difference::new(at, place, What::Words, piece(found), piece(expected))
}

/// How many items two lists begin with in common, and with how many they end.
pub(super) fn parted<T: PartialEq>(a: &[T], b: &[T]) -> (usize, usize) {
    let starts = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let rest = a.len().min(b.len()) - starts;
    let ends = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    (starts, ends)
}

/// What stands around the first character at which two texts differ.
pub(super) fn around(found: &str, expected: &str) -> (String, String) {
    let same = found.chars().zip(expected.chars()).take_while(|(a, b)| a == b).count();
    let piece = |text: &str| {
        let start = same.saturating_sub(BEFORE);
        let mut piece = String::from(if start > 0 { "…" } else { "" });
        let mut rest = text.chars().skip(start);
        piece.extend(rest.by_ref().take(same - start + BEHIND));
        piece.push_str(if rest.next().is_some() { "…" } else { "" });
        piece
    };
    (piece(found), piece(expected))
}
