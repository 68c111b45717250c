#![doc = include_str!("ARCHITECTURE.md")]

pub mod language;
pub mod model;

pub mod diagnostic;
pub mod error;

pub mod config;
pub mod content;
pub mod ingest;
pub mod normalize;
pub mod rules;

pub mod explain;
pub mod history;
pub mod metrics;
pub mod reconcile;

pub mod report;

pub mod audience;
pub mod audit;
pub mod embedded;
pub mod export;
pub mod fs;
pub mod hosting;
pub mod publish;
pub mod render;
pub mod site;
pub mod verify;

pub mod cli;
pub mod pipeline;
