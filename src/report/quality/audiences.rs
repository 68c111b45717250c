//! Who has a tree of its own, and that nothing in it is what its audience may not see.

use super::super::page::{Block, Text};
use super::super::scopes::{ScopeKey, ScopeKind};
use super::super::table::{Cell, Column, Row, Table};
use super::super::trees::{AudienceTree, KINDS, Proof};
use super::super::words::{from_overview, head, paragraph, section};
use super::super::{Made, Report, lists};
use crate::language::label;
use crate::say;

/// Its file.
const FILE: &str = "audiences.csv";
/// How many trees the page lists; the file has all of them.
const ROWS: usize = 200;

/// What gives an internal audience a tree of its own.
const AUDIENCE: &str = "[[audience]]\nname = \"sales\"\ntables = [\"months\", \"customers\"]\ncolumns = [\"month\", \
                        \"customer\", \"order\", \"status\", \"total\"]";

/// What switches the trees of customers on.
const CONFIGURATION: &str = "[customers]\nkey_file = \"customers.key\"";

/// What makes the secret.
const SECRET: &str = "openssl rand -hex 32 > customers.key && chmod 600 customers.key";

/// `audiences.html`.
pub(in crate::report) fn audiences(report: &Report<'_>) -> Made {
    let trees = &report.trees.trees;
    let audiences = &report.trees.audiences;
    let lead = match &report.trees.proof {
        None if audiences.is_empty() => {
            say!("Everything is in one tree, for our own people. No customer has pages of its own.")
                .to_owned()
        }
        None => say!("No customer has pages of its own.").to_owned(),
        Some(proof) => say!(
            "{trees} for customers. {values} were looked for in every byte of them, and none was found.",
            trees = lists::count_of(trees.len(), "tree", "trees"),
            values = lists::count_of(
                proof.values.values().sum(),
                "value that no customer may see",
                "values that no customer may see"
            ),
        ),
    };
    let mut page =
        head("audiences.html", "about", from_overview(), say!("Who can see what"), vec![Text::plain(lead)]);
    let Some(proof) = &report.trees.proof else {
        page.main = vec![
            section("customers", say!("Pages for customers"), switched_off()),
            section("internal", say!("Trees of internal audiences"), policies(audiences)),
        ];
        return page.into();
    };
    let table = table(report);
    let mut shown = table.clone();
    shown.rows.truncate(ROWS);
    let mut listed = vec![Block::Table(shown)];
    if trees.len() > ROWS {
        let more = say!("{count} more are in ", count = trees.len() - ROWS);
        listed.push(Block::Paragraph {
            text: vec![Text::plain(more), Text::link(say!("the file"), FILE), Text::plain(say!("."))],
        });
    }
    listed.push(paragraph(say!("A tree holds the sums of its customer by month and stage, and why something takes time, in neutral words. It is made \
         of these alone: no order, line, product, rate, program, code, adjustment, payout or other customer is given to \
         what writes it. Small sums are put together, and a sum moves when enough purchases have changed, so that neither one \
         page nor the difference of two gives a single purchase.")));
    page.main = vec![
        section("customers", say!("Trees of customers"), listed),
        section("proof", say!("What was looked for"), proof_blocks(proof)),
        section("internal", say!("Trees of internal audiences"), policies(audiences)),
        section("limits", say!("What this does not show"), limits()),
    ];
    Made { page, exports: vec![(FILE.to_owned(), table)] }
}

/// The trees of internal audiences: what each may see, and that nothing else is in it.
fn policies(trees: &[AudienceTree]) -> Vec<Block> {
    if trees.is_empty() {
        return vec![
            paragraph(say!(
                "Everybody who may read this tree sees everything. A team that may see less can have a tree of the tables, columns \
                 and answers that the configuration names, and of nothing else."
            )),
            Block::CopyBox { id: "audience-on".to_owned(), text: AUDIENCE.to_owned() },
        ];
    }
    let row = |tree: &AudienceTree| Row {
        cells: vec![
            Cell::text(tree.title.clone()),
            Cell::code(format!("{}/index.html", tree.name)),
            Cell::text(tree.tables.join(say!(", "))),
            columns(tree),
            Cell::count(tree.rows),
            Cell::count(tree.files),
            Cell::count(tree.proof.values.values().sum()),
            Cell::count(0),
        ],
        ..Row::default()
    };
    let table = Table {
        id: "audiences".to_owned(),
        caption: say!(
            "One tree for each audience. Everything that its columns do not show was looked for in every byte of it; one value \
             that is found stops the build, which then publishes nothing."
        )
        .to_owned(),
        layout: "wide",
        columns: vec![
            Column::text("Audience"),
            Column::text("Page in the site"),
            Column::words("Tables"),
            Column::words("Columns and answers"),
            Column::number("Rows"),
            Column::number("Files"),
            Column::number("Values looked for"),
            Column::number("Found"),
        ],
        rows: trees.iter().map(row).collect(),
        ..Table::default()
    };
    vec![
        Block::Table(table),
        paragraph(say!(
            "Amounts and dates are not looked for: the same sum can be two things. A column of amounts that is not named is not \
             read when such a page is made; an answer says what its template says."
        )),
    ]
}

fn columns(tree: &AudienceTree) -> Cell {
    let cell = Cell::text(tree.columns.join(say!(", ")));
    if tree.mentions.is_empty() {
        return cell;
    }
    let mentions: Vec<&str> = tree.mentions.iter().map(|kind| label(kind)).collect();
    cell.with_note(say!("Answers may name: {values}", values = mentions.join(say!(", "))))
}

fn switched_off() -> Vec<Block> {
    vec![
        paragraph(say!(
            "A customer can have a tree of its own: sums by month and stage, and why something takes time. It is made when the \
             configuration names the project's secret, with which the names of the folders are made."
        )),
        Block::CopyBox { id: "customers-on".to_owned(), text: CONFIGURATION.to_owned() },
        paragraph(say!(
            "Make the secret once, keep it outside every repository and site, and let only the user who builds read it."
        )),
        Block::CopyBox { id: "customers-secret".to_owned(), text: SECRET.to_owned() },
    ]
}

fn table(report: &Report<'_>) -> Table {
    let rows = report.trees.trees.iter().map(|tree| {
        let key = ScopeKey { kind: ScopeKind::Customer, id: tree.key };
        let amounts = if tree.is_current {
            say!("Of the newest snapshot")
        } else {
            say!("Some are held back, or of an earlier day")
        };
        Row {
            cells: vec![
                Cell::link(tree.name.clone(), report.scopes.path(&key)),
                Cell::code(tree.customer.clone()),
                Cell::code(format!("{}/index.html", tree.folder)),
                Cell::count(tree.files),
                Cell::count(usize::try_from(tree.bytes).unwrap_or(usize::MAX)),
                Cell::text(amounts),
            ],
            ..Row::default()
        }
    });
    Table {
        id: "trees".to_owned(),
        caption: say!("One tree for each customer. The folder cannot be guessed; who may read it, the web server decides.").to_owned(),
        layout: "wide",
        columns: vec![
            Column::text("Customer"),
            Column::text("ID"),
            Column::text("Page in the site"),
            Column::number("Files"),
            Column::number("Bytes"),
            Column::text("Amounts"),
        ],
        rows: rows.collect(),
        empty: say!("No order or line names a customer.").to_owned(),
        ..Table::default()
    }
}

fn proof_blocks(proof: &Proof) -> Vec<Block> {
    let all: usize = proof.values.values().sum();
    let row = |style, name: &str, count| Row {
        style,
        cells: vec![Cell::text(name.to_owned()), Cell::count(count), Cell::count(0)],
        id: String::new(),
    };
    let mut rows: Vec<Row> = proof.values.iter().map(|(kind, count)| row("", kind, *count)).collect();
    rows.iter_mut().for_each(|row| {
        if let Some(cell) = row.cells.first_mut() {
            let known = KINDS.into_iter().find(|kind| *kind == cell.text);
            cell.text = lists::capitalized(known.map_or(cell.text.as_str(), label));
        }
    });
    let table = Table {
        id: "values".to_owned(),
        caption: say!(
            "Values by what they are. One that is found stops the build, which then publishes nothing."
        )
        .to_owned(),
        layout: "tight",
        columns: vec![Column::text("What"), Column::number("Values"), Column::number("Found")],
        rows,
        foot: vec![row("tot", say!("All"), all)],
        ..Table::default()
    };
    vec![
        Block::Table(table),
        paragraph(say!(
            "Looked for in pages, files, lists of checksums and names of files, in any spelling: other case, other separators, \
             in two elements, as entities or escapes, in base64 or hexadecimal digits, within archives and images; and as a \
             SHA-256, SHA-1, MD5 or CRC-32 of the value or the beginning of one."
        )),
        paragraph(say!(
            "Not looked for: {short} too short to be told from chance, and {common} of the page itself. {runs} of digits were \
             compared with the hashes of all values.",
            short = lists::count_of(proof.short, "value that is", "values that are"),
            common = lists::count_of(proof.common, "value that is a word", "values that are words"),
            runs = lists::count_of(proof.runs, "run", "runs"),
        )),
    ]
}

fn limits() -> Vec<Block> {
    vec![paragraph(say!(
        "A tree is a folder of files. Who may open it, the web server decides, and whoever has opened it can keep and pass on \
         what it shows. A sum that was shown stays known when it is held back later. What earlier days showed is computed from the \
         input as it is now: where a mapping is corrected for days that were published, a sum can move by one line."
    ))]
}
