//! The page of a customer: from its page model and from nothing else.

use tera::{Context, Value};

use super::assets;
use super::html::{Renderer, failed};
use crate::audience::page::Page;
use crate::error::Error;

/// The template.
pub(super) const TEMPLATE: &str = "customer.html";
/// The address of the page in its tree.
pub const PAGE: &str = "index.html";

impl Renderer {
    /// The page of a customer, one file without script.
    ///
    /// # Errors
    /// [`Error::Content`] with tera's message when the template cannot show it.
    pub fn customer(&self, page: &Page<'_>) -> Result<String, Error> {
        let view = Value::try_from_serializable(page).map_err(|error| failed(TEMPLATE, PAGE, &error))?;
        let mut context = Context::new();
        context.insert_value("view", view);
        self.with_style(TEMPLATE, PAGE, assets::CUSTOMER_STYLE, context)
    }
}
