//! Integration tests: one binary, one line per module.

mod publish;
