//! `[[audience]]`: which tables, columns and answers a further internal audience gets. What is not named is not there.

use serde::Deserialize;

use crate::error::Error;

/// The longest name of an audience, which is also its folder and its address.
const NAME_MAX: usize = 40;
/// Names that are taken: by the tree of all, by the trees of customers, and by what a server answers itself.
const TAKEN: [&str; 3] = ["internal", "customer", "404"];

/// What an audience may see.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name and the folder of its tree: `sales`.
    pub name: String,
    /// What its pages call it; empty: its name.
    #[serde(default)]
    pub title: String,
    /// The tables that it has pages of.
    pub tables: Vec<Grouping>,
    /// The columns of its rows.
    pub columns: Vec<Field>,
    /// The answers beside each row.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// What answers may name besides the values of the columns, as `audiences.html` calls it: `cancellation`.
    #[serde(default)]
    pub mentions: Vec<String>,
}

/// By what rows are put together: one page for each value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grouping {
    /// By the period in which they were earned.
    Months,
    /// By customer.
    Customers,
    /// By account of ours.
    Accounts,
    /// By rebate program.
    Programs,
    /// By campaign tag.
    Campaigns,
}

/// A column of rows: lines, and orders that no line names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The period in which it was earned.
    Month,
    /// The day by which a range of dates takes it.
    Date,
    /// The customer's name.
    CustomerName,
    /// The customer's id.
    Customer,
    /// Our account.
    Account,
    /// Our order, or the one that the vendor names.
    Order,
    /// The vendor's line.
    Line,
    /// The order's subscription.
    Subscription,
    /// The order's invoice.
    Invoice,
    /// The product code of the order, or of the line where it has none.
    Product,
    /// The category that the vendor used.
    Category,
    /// The region that the vendor used.
    Region,
    /// The program's name.
    Program,
    /// The campaign tag.
    Campaign,
    /// The status.
    Status,
    /// The title of what explains it.
    Explanation,
    /// The vendor's reason code.
    ReasonCode,
    /// The rate that the vendor used.
    Rate,
    /// Our own expectation.
    Expected,
    /// The vendor's calculated amount.
    Calculated,
    /// The sum of its adjustments.
    Adjustments,
    /// Calculated and adjustments together, where they count.
    Total,
    /// What the vendor says was paid.
    Paid,
    /// By when half of the lines like it are paid.
    PaidBy,
    /// The vendor's batch.
    Batch,
    /// The payout it was paid with.
    Payout,
}

/// Whose answer stands beside a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// State, amount, next date.
    Sales,
    /// Batch, condition, amounts.
    Finance,
    /// What is missing, what to confirm.
    Support,
    /// Neutral words.
    Customer,
}

impl Grouping {
    /// The folder of its pages.
    pub fn folder(self) -> &'static str {
        match self {
            Grouping::Months => "month",
            Grouping::Customers => "customer",
            Grouping::Accounts => "account",
            Grouping::Programs => "program",
            Grouping::Campaigns => "campaign",
        }
    }

    /// Its name in the configuration.
    fn name(self) -> &'static str {
        match self {
            Grouping::Months => "months",
            Grouping::Customers => "customers",
            Grouping::Accounts => "accounts",
            Grouping::Programs => "programs",
            Grouping::Campaigns => "campaigns",
        }
    }

    /// The column whose values its pages and addresses name.
    pub fn field(self) -> Field {
        match self {
            Grouping::Months => Field::Month,
            Grouping::Customers => Field::Customer,
            Grouping::Accounts => Field::Account,
            Grouping::Programs => Field::Program,
            Grouping::Campaigns => Field::Campaign,
        }
    }
}

impl Policy {
    /// Checks that the tree can be made as it is written.
    ///
    /// # Errors
    /// [`Error::Usage`] for a name that is no folder or is taken, for a table without its column, and for a value that is
    /// named twice.
    pub(super) fn check(&self) -> Result<(), Error> {
        let usage = |what: String, help: &str| {
            Err(Error::Usage {
                message: format!("`tieout.toml`: [[audience]] `{}` {what}", self.name),
                help: help.to_owned(),
            })
        };
        let is_name = |text: &str| {
            text.len() <= NAME_MAX
                && text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        if !is_name(&self.name) || TAKEN.contains(&self.name.as_str()) {
            return usage(
                "has a name that no tree can have".to_owned(),
                "write lower-case letters, digits and -, such as name = \"sales\"; `internal` and `customer` are taken",
            );
        }
        if self.tables.is_empty() || self.columns.is_empty() {
            return usage(
                "names no tables or no columns".to_owned(),
                "write for example tables = [\"months\"] and columns = [\"month\", \"status\", \"total\"]",
            );
        }
        if twice(&self.tables) || twice(&self.columns) || twice(&self.answers) || twice(&self.mentions) {
            return usage("names a value twice".to_owned(), "keep one of them");
        }
        // The address of a page is made of the value.
        if let Some(table) = self.tables.iter().find(|table| !self.columns.contains(&table.field())) {
            return usage(
                format!("has the table `{}` without its column", table.name()),
                "pages and addresses of a table name its values: add the column (months: month, customers: customer, accounts: \
                 account, programs: program, campaigns: campaign), or leave the table out",
            );
        }
        Ok(())
    }
}

fn twice<T: PartialEq>(values: &[T]) -> bool {
    values.iter().enumerate().any(|(place, value)| values[..place].contains(value))
}
