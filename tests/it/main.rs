//! Integration tests: one binary, one line per module.

mod cache;
mod cli;
mod deadlines;
mod determinism;
mod engine;
mod engine_cases;
mod engine_cost;
mod engine_edges;
mod engine_files;
mod engine_oracle;
mod engine_world;
mod golden;
mod history;
mod input;
mod kinds;
mod order_page;
mod publish;
mod rate_tables;
mod reconciliation;
mod rollforward;
mod rules;
mod spells;
mod support;
mod survival;
mod tidy;
mod worked_example;
