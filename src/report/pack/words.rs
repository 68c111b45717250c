//! Sentences that several sheets and the printed page share.

use super::close::Close;
use crate::report::lists::capitalized;
use crate::report::rollforward::basis_words;

/// Where the opening balance comes from.
pub(super) fn basis(close: &Close<'_, '_>) -> String {
    format!("Opening: {}.", capitalized(&basis_words(close.rolled)))
}
