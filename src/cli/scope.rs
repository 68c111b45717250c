//! The parts of a scope as options of a command.

use clap::Args;

use crate::history::Scope;
use crate::ingest::grammar;
use crate::model::money::Currency;
use crate::model::time::Month;

/// Which lines are meant; all of them when nothing is given. Ids in any spelling.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ScopeArgs {
    /// The earned period, such as 2026-05.
    #[arg(long, value_name = "MONTH", value_parser = month)]
    period: Option<Month>,
    /// The program ID.
    #[arg(long, value_name = "ID")]
    program: Option<String>,
    /// The campaign tag, such as 'Spring Growth'.
    #[arg(long, value_name = "TAG")]
    campaign: Option<String>,
    /// The customer ID.
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
    /// Our account ID.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The order ID.
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    /// The batch ID.
    #[arg(long, value_name = "ID")]
    batch: Option<String>,
    /// The payout ID.
    #[arg(long, value_name = "ID")]
    payout: Option<String>,
    /// The vendor's category.
    #[arg(long, value_name = "NAME")]
    category: Option<String>,
    /// The vendor's region.
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// The currency, such as USD.
    #[arg(long, value_name = "CODE", value_parser = currency)]
    currency: Option<Currency>,
}

fn month(text: &str) -> Result<Month, String> {
    let parts = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2);
    let month = parts.and_then(|(year, month)| Month::new(year.parse().ok()?, month.parse().ok()?));
    month.ok_or_else(|| format!("`{text}` is not a month; write it like 2026-05"))
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(&text.to_ascii_uppercase())
        .ok_or_else(|| format!("`{text}` is not the code of a currency; write it like USD"))
}

impl ScopeArgs {
    /// The scope that they ask for.
    pub(super) fn scope(&self) -> Scope {
        let id = |id: &Option<String>| Scope::part(&grammar::canonical(id.as_ref()?));
        let text = |text: &Option<String>| Scope::part(text.as_ref()?);
        Scope {
            period: self.period,
            program: id(&self.program),
            campaign: text(&self.campaign),
            customer: id(&self.customer),
            account: id(&self.account),
            order: id(&self.order),
            batch: id(&self.batch),
            payout: id(&self.payout),
            category: text(&self.category),
            region: text(&self.region),
            currency: self.currency,
        }
    }
}
