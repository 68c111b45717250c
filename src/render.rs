//! From pages to files: HTML from templates, HTML from our own Markdown, and the style sheet and script beside them.
//!
//! A page arrives as data ([`report::page`](crate::report::page)) and is escaped here, once, for every template;
//! nothing in this module reads an amount, a status or a date.

pub mod assets;
mod chart;
pub mod customer;
pub mod html;
pub mod markdown;
mod standalone;
mod table;
mod view;

pub use assets::{Asset, Assets};
pub use html::{AudienceFacts, DEFAULT_TEMPLATES, NavFacts, Renderer, SiteFacts};
pub use standalone::Standalone;
