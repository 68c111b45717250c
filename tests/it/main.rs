//! Integration tests: one binary, one line per module.

mod cli;
mod determinism;
mod golden;
mod input;
mod kinds;
mod publish;
mod support;
mod tidy;
mod worked_example;
