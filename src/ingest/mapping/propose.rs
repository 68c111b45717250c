//! What an unknown file seems to be, and the `[[source]]` that would read it: a proposal that a person confirms.
//!
//! Tables in, proposals out; nothing is read or written here. Not its job: to decide. Where two readings are left, both are
//! said and neither is taken. Its invariant: what is proposed was tried on every value with the code that will read it.

mod aside;
mod assign;
mod dates;
mod layout;
mod look;
mod marked;
mod names;
mod numbers;
mod rates;
mod spell;
mod table;
mod tried;
mod write;

use std::collections::BTreeSet;

use super::spec::Spec;
use super::{Mapping, header_key};
use crate::ingest::columns::absence;
use crate::ingest::columns::{FileKind, Value};
use crate::ingest::format::{Declared, Problem, Sheet};
use crate::model::status::Status;
pub use aside::{Declared as DeclaredRows, Turn};
pub use assign::By;
use assign::{Assigned, Kinds};
pub use look::{Look, Share};
pub use marked::Marked;
pub use table::Table;
pub use write::{one_line, quoted};

/// A file whose tables were opened.
pub struct Opened {
    /// Its name as it will be in a snapshot folder, with `/`.
    pub name: String,
    /// Its tables.
    pub sheets: Vec<Sheet>,
}

/// What is declared of the files.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// What they give; nothing: the kind that fits best.
    pub kind: Option<FileKind>,
    /// How their bytes were read.
    pub declared: Declared,
    /// Names of columns by which a header is known, beside those of the table of synonyms.
    pub names: Vec<String>,
    /// Names of sources that are taken.
    pub taken: BTreeSet<String>,
}

/// A table, and what is proposed for it.
#[derive(Debug)]
pub struct Seen {
    /// The files it is in.
    pub files: Vec<String>,
    /// What is in it.
    pub table: Table,
    /// What is proposed; nothing where no column is known.
    pub proposal: Option<Proposal>,
}

/// The source that is proposed for a table.
#[derive(Debug)]
pub struct Proposal {
    /// The canonical file that it gives.
    pub kind: FileKind,
    /// Whether the file has the canonical name, columns and spelling, and is read without a source.
    pub is_canonical: bool,
    /// The source, as it would be written.
    pub spec: Spec,
    /// The canonical columns that were found, in their order.
    pub columns: Vec<Chosen>,
    /// The columns of the file that stay evidence: their position, and why one with a known name is not used.
    pub evidence: Vec<(usize, Option<String>)>,
    /// What is not there, and what that makes impossible.
    pub missing: Vec<Missing>,
    /// Words of the status column, how often they are there, and what they might mean.
    pub statuses: Vec<(String, u64, Option<Status>)>,
    /// Rows that are no ordinary records, and the rules for them.
    pub marked: Vec<Marked>,
    /// Keys of the source that were found out, with the evidence.
    pub found_out: Vec<(&'static str, String)>,
    /// What is unsure about the whole file.
    pub doubts: Vec<String>,
    /// Keys that would settle a doubt, as lines of the block that are left out until a person decides.
    pub choices: Vec<String>,
    /// Columns with two readings, as lines below the columns that are left out until a person decides.
    pub column_choices: Vec<String>,
}

/// A canonical column that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The canonical column.
    pub column: usize,
    /// The column of the file.
    pub at: usize,
    /// Why it.
    pub by: By,
    /// Facts: how many cells are filled and read, and how.
    pub notes: Vec<String>,
    /// What a person should decide.
    pub doubts: Vec<String>,
}

/// A canonical column that was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The canonical column.
    pub column: usize,
    /// Whether its absence stops a run, unless the source says something in its place.
    pub is_required: bool,
    /// What cannot be said without it.
    pub without: &'static str,
}

/// Proposes a source for each table of some files; tables with the same columns share one.
///
/// # Errors
/// Every problem for which a table cannot be read, with the file.
pub fn propose(files: &[Opened], wish: &Wish) -> Result<Vec<Seen>, Vec<(String, Problem)>> {
    let mut taken = wish.taken.clone();
    let mut all = Vec::new();
    for (of, table) in tables(files, wish)? {
        let names: Vec<String> = of.iter().map(|file| file.name.clone()).collect();
        let is_one_of_several = of.iter().any(|file| file.sheets.len() > 1);
        let others: Vec<&str> = files
            .iter()
            .map(|f| f.name.as_str())
            .filter(|name| !names.iter().any(|own| own == name))
            .collect();
        let proposal = proposal((&names, &others), &table, wish, is_one_of_several, &taken);
        if let Some(proposal) = &proposal {
            taken.insert(proposal.spec.name.clone());
        }
        all.push(Seen { files: names, table, proposal });
    }
    Ok(all)
}

/// A table and the files it is in.
type Shared<'f> = (Vec<&'f Opened>, Table);

/// The tables of files, those with the same columns together.
fn tables<'f>(files: &'f [Opened], wish: &Wish) -> Result<Vec<Shared<'f>>, Vec<(String, Problem)>> {
    let (mut tables, mut problems): (Vec<Shared<'f>>, Vec<_>) = (Vec::new(), Vec::new());
    let known = table::known_names(&wish.names);
    for file in files {
        let mut found = Vec::new();
        for sheet in &file.sheets {
            match Table::of(sheet, &known) {
                Ok(table) => found.extend(table),
                Err(said) => problems.extend(said.into_iter().map(|problem| (file.name.clone(), problem))),
            }
        }
        if found.is_empty() && problems.is_empty() {
            problems.push((file.name.clone(), no_header()));
        }
        for table in found {
            match tables.iter_mut().find(|(_, known)| known.is_like(&table)) {
                Some((of, known)) => {
                    known.merge(&table);
                    if of.iter().all(|other| other.name != file.name) {
                        of.push(file);
                    }
                }
                None => tables.push((vec![file], table)),
            }
        }
    }
    if problems.is_empty() { Ok(tables) } else { Err(problems) }
}

fn no_header() -> Problem {
    Problem {
        code: "no-header",
        sheet: String::new(),
        line: 0,
        column: 0,
        value: String::new(),
        message: "the file is empty: it has no header".to_owned(),
        help: "export it again with its header row".to_owned(),
    }
}

fn proposal(
    (files, others): (&[String], &[&str]),
    table: &Table,
    wish: &Wish,
    is_one_of_several: bool,
    taken: &BTreeSet<String>,
) -> Option<Proposal> {
    let kinds: Vec<Kinds> = table.looks.iter().map(Kinds::of).collect();
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    let (assigned, or_kind) = match wish.kind {
        Some(kind) => (assign::assign(kind, table, &kinds), None),
        None => assign::kind_of(files.first()?, table, &kinds),
    };
    // Whoever says what a file of one table gives gets its source, with blanks where no column is known.
    let least = if wish.kind.is_some() && !is_one_of_several { 0 } else { 2 };
    if assigned.guesses.len() < least {
        return None;
    }
    let kind = assigned.kind;
    let patterns = names::patterns(&names, others);
    let member = match &table.members[..] {
        [_] => table.sheet.clone(),
        several => names::member(several),
    };
    let name = names::source(patterns.first()?, &member, kind, taken);
    let mut proposal = Proposal {
        kind,
        is_canonical: is_canonical(files, table, kind),
        spec: Spec { name, kind: kind.name().to_owned(), ..Spec::default() },
        columns: Vec::new(),
        evidence: Vec::new(),
        missing: Vec::new(),
        statuses: Vec::new(),
        marked: Vec::new(),
        found_out: Vec::new(),
        doubts: Vec::new(),
        choices: Vec::new(),
        column_choices: Vec::new(),
    };
    proposal.spec.files.0 = patterns;
    let declared = &wish.declared;
    let character = |byte: Option<u8>| byte.map(|byte| char::from(byte).to_string());
    proposal.spec.encoding = declared.encoding.clone();
    proposal.spec.delimiter = character(declared.delimiter);
    proposal.spec.quote = character(declared.quote);
    found_out(&mut proposal, table);
    proposal.spec.table = declared.table.clone().or_else(|| is_one_of_several.then_some(member));
    if let Some(other) = or_kind {
        proposal.doubts.push(format!("it could also be {}: say which with --kind", other.name()));
    }
    choose(&mut proposal, &assigned, table);
    spell::spell(&mut proposal, table, &kinds);
    tried::try_out(&mut proposal, table);
    marked::mark(&mut proposal, table, &kinds);
    missing(&mut proposal, &assigned, table);
    Some(proposal)
}

/// Writes down how the text was found to be laid out, where it was not declared: a shorter or plainer file of the same
/// source may not show it.
fn found_out(proposal: &mut Proposal, table: &Table) {
    let layout = table.layout.clone();
    let spec = &mut proposal.spec;
    for (key, own, found) in [
        ("encoding", &mut spec.encoding, layout.encoding),
        ("delimiter", &mut spec.delimiter, layout.delimiter),
        ("quote", &mut spec.quote, layout.quote),
    ] {
        if let (None, Some((value, why))) = (&own, found) {
            *own = Some(value);
            proposal.found_out.push((key, why));
        }
    }
}

/// Whether the file is read as it is.
fn is_canonical(files: &[String], table: &Table, kind: FileKind) -> bool {
    let is_named = files.iter().all(|file| file.strip_suffix(".csv") == Some(kind.name()));
    let has_required = kind
        .columns()
        .iter()
        .filter(|column| column.required)
        .all(|column| table.header.iter().any(|name| name.eq_ignore_ascii_case(column.name)));
    is_named && has_required && table.is_plain && table.header_row == 1
}

/// Takes the columns over that are clear enough.
fn choose(proposal: &mut Proposal, assigned: &Assigned, table: &Table) {
    for guess in &assigned.guesses {
        let name = &table.header[guess.at];
        let is_twice = table.header.iter().filter(|other| header_key(other) == header_key(name)).count() > 1;
        if is_twice {
            proposal.doubts.push(format!(
                "the column `{name}` is there more than once; rename one of the two, then add it to the source"
            ));
            continue;
        }
        let mut doubts = Vec::new();
        match guess.by {
            By::Name | By::Synonym => {}
            By::Beginning => doubts.push("only the beginning of its name is known for it".to_owned()),
            By::Values => doubts.push("taken by its values alone".to_owned()),
        }
        if !guess.or.is_empty() {
            let others: Vec<String> = guess.or.iter().map(|at| format!("`{}`", table.header[*at])).collect();
            doubts.push(format!("it could also be {}", others.join(" or ")));
        }
        let chosen = Chosen { column: guess.column, at: guess.at, by: guess.by, notes: Vec::new(), doubts };
        proposal.columns.push(chosen);
    }
}

fn missing(proposal: &mut Proposal, assigned: &Assigned, table: &Table) {
    let kind = proposal.kind;
    let used: Vec<usize> = proposal.columns.iter().map(|chosen| chosen.at).collect();
    for (at, name) in table.header.iter().enumerate().filter(|(at, _)| !used.contains(at)) {
        if proposal.evidence.iter().any(|(known, _)| *known == at) {
            continue;
        }
        let refused = assigned.refused.iter().find(|refused| refused.at == at).map(|refused| {
            let column = &kind.columns()[refused.column];
            let wanted = match column.value() {
                _ if column.name == "currency" => "codes of currencies",
                Value::Amount | Value::Number => "numbers",
                Value::Day => "days",
                Value::Month => "months",
                Value::Id => "ids",
                Value::Text => "texts",
            };
            format!("`{name}` could be {}, but its values are no {wanted}", column.name)
        });
        proposal.evidence.push((at, refused));
    }
    proposal.evidence.sort_unstable();
    let mapping = Mapping::new(&proposal.spec, "UTC").ok();
    for (number, column) in kind.columns().iter().enumerate() {
        if proposal.spec.columns.get(column.name).is_some_and(|form| form.0.value.as_deref() != Some("")) {
            continue;
        }
        let can_do_without = mapping.as_ref().is_some_and(|mapping| mapping.can_do_without(number));
        if let Some(without) = absence::without(kind, Some(number)) {
            let is_required = column.required && !can_do_without;
            proposal.missing.push(Missing { column: number, is_required, without });
        }
    }
    // What a required column lacks is said in its place: the rows are set aside until a person fills it in, and the run goes on.
    for missing in proposal.missing.iter().filter(|missing| missing.is_required) {
        let form = super::spec::Column { value: Some(String::new()), ..super::spec::Column::default() };
        let name = kind.columns()[missing.column].name.to_owned();
        proposal.spec.columns.insert(name, super::spec::ColumnForm(form));
    }
}

impl Seen {
    /// The different values of a canonical column as they will be read, sorted; those that are not read are left out.
    pub fn values(&self, column: usize) -> BTreeSet<String> {
        tried::values(self, column)
    }
}

impl Proposal {
    /// The lines that say how the files are laid out and how their amounts are written, whatever reads their columns.
    pub fn layout(&self) -> Vec<String> {
        write::layout(&self.spec, &self.found_out)
    }

    /// How a canonical column that the file was found to have is read, as a value of `[source.columns]`.
    pub fn reading(&self, column: usize) -> Option<String> {
        let chosen = self.columns.iter().find(|chosen| chosen.column == column)?;
        let form = self.spec.columns.get(self.kind.columns()[chosen.column].name)?;
        Some(write::reading(&form.0))
    }

    /// The block for `tieout.toml`, with comments for what is unsure.
    pub fn block(&self, table: &Table) -> String {
        write::block(self, table)
    }
}

/// Cells of a column that a mapping does not read for a canonical column: how many, and what is wrong with the first.
pub fn unread(mapping: &Mapping, column: usize, look: &Look) -> Option<(u64, String)> {
    tried::unread(mapping, column, look).map(|(count, error)| (count, error.message))
}

/// How many of the cells of a column are what: amounts, days, months, codes of currencies, ids. A text can be several.
pub fn shares(look: &Look) -> [(&'static str, Share); 5] {
    let kinds = Kinds::of(look);
    [
        ("amounts", kinds.numbers),
        ("days", kinds.days.read),
        ("months", kinds.months),
        ("currencies", kinds.currencies),
        ("ids", kinds.ids),
    ]
}

/// A number of things, in words: `1 row`, `3 rows`.
pub fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Days that the files state, as `YYYY-MM-DD` with where, oldest first: in their names, and in the columns that say when
/// something happened. The newest is the day on which the files were known, unless a person says another.
pub fn stated_days(seen: &[Seen]) -> Vec<(String, String)> {
    let names = seen.iter().flat_map(|seen| &seen.files);
    let mut days: Vec<(String, String)> = names
        .flat_map(|name| names::days(name).into_iter().map(move |day| (day, format!("the name of {name}"))))
        .collect();
    days.extend(seen.iter().flat_map(tried::newest_days));
    days.sort();
    days
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Headers and cells that are known, odd or hostile.
    fn texts() -> impl Strategy<Value = String> {
        let known = prop::sample::select(vec![
            "Order No",
            "order_id",
            "账期",
            "佣金金额",
            "Amount (cents)",
            "Currency",
            "State",
            "Policy",
            "Date",
            "UID",
            "Total",
            "合计",
            "REFUND",
            "Commission Rate (%)",
            "Base",
            "Commission",
            "15",
            "0.5",
            "31/05/2026",
            "04/05/2026",
            "05/31/2026",
            "2026-05-31 08:00",
            "202605",
            "2026年5月",
            "1,234",
            "1.234,50",
            "-$5.00",
            "USD",
            "NULL",
            "NA",
            "5.0E+15",
            "5569414254138830",
            "Paid",
            "8%",
            "",
            " ",
            "\u{202e}",
            "\u{feff}",
            "e\u{301}",
            "−5",
            "'",
        ]);
        prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{0,12}", 1 => any::<String>()]
    }

    #[derive(serde::Deserialize)]
    struct Document {
        source: Vec<Spec>,
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn whatever_a_file_holds_its_block_can_be_read(
            rows in prop::collection::vec(prop::collection::vec(texts(), 1..7), 1..9),
            name in "[a-zA-Z0-9_{}* .佣-]{1,20}",
            sheets in 1..3_usize,
        ) {
            // Goal: no file breaks the program or the configuration it is appended to. Method: tables of known, odd and
            // hostile texts; each block parses into the proposed source, which is one that can be applied.
            let mut writer = csv::Writer::from_writer(Vec::new());
            let width = rows.iter().map(Vec::len).max().unwrap_or(1);
            for row in &rows {
                let cells = (0..width).map(|at| row.get(at).map_or("", String::as_str));
                writer.write_record(cells).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let named = name.clone();
            let sheet = |number: usize| Sheet {
                name: if sheets == 1 { String::new() } else { format!("{named}\"{number}") },
                text: text.clone(),
                delimiter: b',',
                rows: None,
                left: 0,
                typed: Default::default(),
                declared_rows: None,
                detected: Vec::new(),
            };
            let sheets = (0..sheets).map(sheet).collect();
            let opened = [Opened { name, sheets }];
            let Ok(seen) = propose(&opened, &Wish::default()) else { return Ok(()) };
            for seen in &seen {
                let Some(proposal) = &seen.proposal else { continue };
                let block = proposal.block(&seen.table);
                let read: Document = toml::from_str(&block).map_err(|e| TestCaseError::fail(format!("{e}: {block}")))?;
                let [read] = &read.source[..] else { return Err(TestCaseError::fail(block)) };
                prop_assert_eq!(&read.columns, &proposal.spec.columns);
                prop_assert_eq!((&read.dates, &read.files, &read.statuses), (&proposal.spec.dates, &proposal.spec.files, &proposal.spec.statuses));
                prop_assert!(Mapping::new(read, "UTC").is_ok(), "{}", block);
                for other in proposal.marked.iter().filter_map(|marked| marked.other.as_ref()) {
                    prop_assert!(Mapping::new(other, "UTC").is_ok(), "{:?}", other);
                }
                for file in &seen.files {
                    prop_assert!(Mapping::new(read, "UTC").unwrap().takes(file).is_some(), "{} does not take {}", block, file);
                }
            }
        }
    }
}
