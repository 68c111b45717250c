//! The files that claim from a vendor: which columns they have. One mapping for all programs, and one of its own for a
//! program whose vendor wants another shape.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::Error;

macro_rules! fields {
    ($($field:ident $name:literal $doc:literal;)*) => {
        /// What a column of a claim file can hold.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Field {
            $(#[doc = $doc] $field,)*
        }

        impl Field {
            /// Every field with its name in the mapping.
            pub const ALL: &'static [(&'static str, Field)] = &[$(($name, Field::$field)),*];
        }
    };
}

fields! {
    Account "account" "Our account.";
    Adjustments "adjustments" "What the line was adjusted by.";
    Amount "amount" "What is claimed with this file.";
    Base "base" "What the rate applies to, by our own books.";
    Batch "batch" "The vendor's batch.";
    Calculated "calculated" "What the vendor calculated.";
    Category "category" "The vendor's category.";
    Claim "claim" "The name of this claim: that of its file.";
    ClaimedBefore "claimed_before" "What of the case was claimed before.";
    Clause "clause" "The clause of the program's document.";
    Currency "currency" "The currency of every amount but the base.";
    Customer "customer" "The customer's name.";
    Document "document" "The program's document.";
    Expected "expected" "What it should be by our own computation.";
    Invoice "invoice" "Our invoice.";
    InvoiceDate "invoice_date" "Its date.";
    Kind "kind" "The code of the kind of discrepancy.";
    LastDay "last_day" "The last day to claim.";
    Line "line" "The vendor's line.";
    Order "order" "Our order, or the one that the line names.";
    OrderLine "order_line" "The line of our order.";
    Paid "paid" "What was paid.";
    Payout "payout" "The payout.";
    Period "period" "The period.";
    Program "program" "The program.";
    ProgramName "program_name" "Its name.";
    Rate "rate" "The vendor's rate.";
    Reason "reason" "What the vendor is asked to review, in words.";
    Region "region" "The region of the order.";
    Sku "sku" "Our product.";
    Snapshot "snapshot" "The snapshot that it is known from.";
    Stake "at_stake" "All that is at stake in the case.";
    Status "status" "The vendor's status.";
    Subject "subject" "What the claim is about: the line, the order, the payout or the adjustment.";
    Subscription "subscription" "The subscription.";
    VendorAccount "vendor_account" "The account as the vendor names it.";
    VendorBase "vendor_base" "What the vendor's rate was applied to.";
    VendorSku "vendor_sku" "The product as the vendor names it.";
}

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A field of the row.
    Field(Field),
    /// The same text in every row.
    Text(String),
}

/// A column of a claim file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its header.
    pub header: String,
    /// What stands in it.
    pub source: Source,
}

/// The columns of the claim files of every program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimFiles {
    default: Vec<Column>,
    /// By the name of their file without its extension.
    of_program: BTreeMap<String, Vec<Column>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mapping {
    column: Vec<MappedColumn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappedColumn {
    header: String,
    field: Option<String>,
    text: Option<String>,
}

impl ClaimFiles {
    /// Reads mappings from texts by their file name, such as `default.toml`.
    ///
    /// # Errors
    /// [`Error::Content`]: every mapping that cannot be read, every column with no or two sources or with a field that does
    /// not exist, every header that is there twice, and a default that is missing.
    pub fn read(files: &BTreeMap<String, String>) -> Result<ClaimFiles, Error> {
        let mut all = ClaimFiles::default();
        let mut problems = Vec::new();
        for (path, text) in files {
            let columns = columns(text, &mut |problem| {
                problems.push(format!("`templates/claims/{path}`: {problem}"));
            });
            match path.strip_suffix(".toml").unwrap_or(path) {
                "default" => all.default = columns,
                program => {
                    all.of_program.insert(program.to_owned(), columns);
                }
            }
        }
        if problems.is_empty() && all.default.is_empty() {
            problems.push("`templates/claims/default.toml` is missing".to_owned());
        }
        if problems.is_empty() { Ok(all) } else { Err(Error::Content { problems }) }
    }

    /// The columns for a program: of the first mapping whose name `is_meant`, else the default.
    pub fn of(&self, is_meant: impl Fn(&str) -> bool) -> &[Column] {
        let own = self.of_program.iter().find(|(name, _)| is_meant(name));
        own.map_or(&self.default, |(_, columns)| columns)
    }
}

fn columns(text: &str, say: &mut dyn FnMut(String)) -> Vec<Column> {
    let mapping: Mapping = match toml::from_str(text) {
        Ok(mapping) => mapping,
        Err(error) => {
            let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or(""));
            say(format!("line {}: {}", before.matches('\n').count() + 1, error.message()));
            return Vec::new();
        }
    };
    if mapping.column.is_empty() {
        say("it has no column; write at least one `[[column]]`".to_owned());
    }
    let mut columns: Vec<Column> = Vec::new();
    for MappedColumn { header, field, text } in mapping.column {
        if header.trim().is_empty() || columns.iter().any(|column| column.header == header) {
            say(format!("the header `{header}` is empty or there twice"));
        }
        let source = match (field, text) {
            (None, Some(text)) => Source::Text(text),
            (Some(field), None) => match Field::ALL.iter().find(|(name, _)| *name == field) {
                Some((_, field)) => Source::Field(*field),
                None => {
                    let names: Vec<&str> = Field::ALL.iter().map(|(name, _)| *name).collect();
                    say(format!(
                        "column `{header}` names `{field}`, which is no field; the fields are {}",
                        names.join(", ")
                    ));
                    continue;
                }
            },
            (None, None) | (Some(_), Some(_)) => {
                say(format!("column `{header}` needs a `field` or a `text`, and one of them only"));
                continue;
            }
        };
        columns.push(Column { header, source });
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ClaimFiles, Vec<String>> {
        let files = BTreeMap::from([("default.toml".to_owned(), text.to_owned())]);
        ClaimFiles::read(&files).map_err(|error| {
            let Error::Content { problems } = error else { panic!("{error}") };
            problems
        })
    }

    #[test]
    fn every_problem_of_a_mapping_is_told_at_once() {
        // Goal: whoever writes a mapping learns which fields there are, and of all faults in one run. Method: one fault of
        // each kind in one file.
        let text = "[[column]]\nheader = 'A'\nfield = 'amonut'\n[[column]]\nheader = 'A'\ntext = ''\n[[column]]\nheader = 'B'\n\
                    [[column]]\nheader = 'A'\nfield = 'amount'\n";
        let problems = read(text).unwrap_err();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(
            problems[0].starts_with("`templates/claims/default.toml`: column `A` names `amonut`"),
            "{problems:?}"
        );
        assert!(problems[0].contains("the fields are account, adjustments, amount,"), "{problems:?}");
        assert!(problems[1].contains("`B` needs a `field` or a `text`"), "{problems:?}");
        assert!(problems[2].contains("`A` is empty or there twice"), "{problems:?}");
        for (broken, words) in
            [("", "missing field `column`"), ("column = []", "no column"), ("[[column]]\nx = 1", "line 2")]
        {
            let problems = read(broken).unwrap_err();
            assert!(problems[0].contains(words), "{broken}: {problems:?}");
        }
        assert!(ClaimFiles::read(&BTreeMap::new()).is_err());
    }

    #[test]
    fn a_program_has_its_own_columns_and_every_other_the_default() {
        let text = |header: &str| format!("[[column]]\nheader = '{header}'\ntext = 'x'\n");
        let files =
            BTreeMap::from([("default.toml".to_owned(), text("All")), ("CORE.toml".to_owned(), text("Own"))]);
        let files = ClaimFiles::read(&files).unwrap();
        assert_eq!(files.of(|name| name == "CORE")[0].header, "Own");
        assert_eq!(files.of(|name| name == "GROW")[0].header, "All");
    }
}
