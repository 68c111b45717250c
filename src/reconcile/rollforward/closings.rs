//! The books of every close, kept side by side: most entries are the same from one close to the next, and stand here once.

use serde::{Deserialize, Serialize};

use super::{Books, Entry};
use crate::model::time::AsOf;

/// The books of closes, in the order in which they were added.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Closings {
    closes: Vec<AsOf>,
    /// By place, then by the first close that has it.
    spans: Vec<Span>,
}

/// An entry and the closes that have it, by number: from the first, up to and without the last.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Span {
    entry: Entry,
    from: usize,
    until: Option<usize>,
}

impl Closings {
    /// The books of a close.
    pub fn at(&self, as_of: AsOf) -> Option<Books> {
        let number = self.closes.iter().position(|close| *close == as_of)?;
        let has = |span: &&Span| span.from <= number && span.until.is_none_or(|until| number < until);
        Some(Books::new(as_of, self.spans.iter().filter(has).map(|span| span.entry).collect()))
    }

    /// The same and the books of one more close.
    #[must_use]
    pub fn with(&self, books: &Books) -> Closings {
        let number = self.closes.len();
        let new = |entry: &Entry| Span { entry: *entry, from: number, until: None };
        let mut spans = Vec::with_capacity(self.spans.len());
        let mut entries = books.entries().iter().peekable();
        for span in &self.spans {
            while let Some(entry) = entries.next_if(|entry| entry.place(&span.entry).is_lt()) {
                spans.push(new(entry));
            }
            if span.until.is_some() {
                spans.push(*span);
                continue;
            }
            match entries.next_if(|entry| entry.place(&span.entry).is_eq()) {
                Some(entry) if *entry == span.entry => spans.push(*span),
                changed => {
                    spans.push(Span { until: Some(number), ..*span });
                    spans.extend(changed.map(new));
                }
            }
        }
        spans.extend(entries.map(new));
        let closes = self.closes.iter().copied().chain([books.as_of]).collect();
        Closings { closes, spans }
    }

    /// How many entries are kept.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.spans.len()
    }
}
