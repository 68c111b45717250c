//! The query: any scope of lines, and orders that no line names, added up and listed; for the page, the command and the
//! data files that the page loads.

mod answer;
pub mod data;
pub mod dates;
mod find;
mod index;
mod page;
mod receipt;
mod row_files;
pub mod rows;
pub mod scope;
mod spans;
pub mod summary;

pub use answer::{Answer, Empty};
pub use find::{FindIndex, Locations};
pub(super) use page::{of_month, of_scope, page, refresh};
pub use receipt::{Measure, Receipt, ReceiptProblem};
pub use spans::Span;
