//! The vocabulary of the program: amounts, dates, identifiers, statuses and the records they make up.
//!
//! Nothing here reads a file, knows a template or a serialization format. A value of a type of this module is
//! already checked: text becomes one of them in [`normalize`](crate::normalize) or not at all.

pub mod booked;
pub mod id;
pub mod ledger;
pub mod money;
pub mod record;
pub mod reference;
pub mod signoff;
pub mod status;
pub mod time;
