//! Queries: what a person may ask of the data, and what is published so that a browser can answer.

mod receipt;

pub use receipt::{Measure, Receipt, ReceiptProblem};
