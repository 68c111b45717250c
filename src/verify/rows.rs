//! CSV files cell by cell.

use csv::{ReaderBuilder, StringRecord};

use super::lines::parted;
use super::{Difference, Mode, What, is_number};

fn read(text: &str) -> Vec<StringRecord> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    // A text has no byte that the reader could stumble over.
    reader.records().filter_map(Result::ok).collect()
}

/// How many cells below the header are plain numbers.
pub(super) fn count(text: &str) -> usize {
    read(text).iter().skip(1).flatten().filter(|cell| is_number(cell)).count()
}

/// The differences of two files: cells that are not the same, and rows that only one has. Rows are counted as a
/// spreadsheet does, the header being row 1.
pub(super) fn compare(found: &str, expected: &str, mode: Mode) -> Vec<Difference> {
    let (a, b) = (read(found), read(expected));
    let header = b.first().cloned().unwrap_or_default();
    let mut differences = Vec::new();
    // Where rows were added or removed, those between the first and the last one that differ are set beside each other.
    let (from, ends) = if a.len() == b.len() { (0, 0) } else { parted(&a, &b) };
    let (a, b) = (&a[from..a.len() - ends], &b[from..b.len() - ends]);
    for at in 0..a.len().max(b.len()) {
        let order = from + at;
        let name = |record: &StringRecord| match record.get(0) {
            Some(key) if !key.is_empty() => format!("row {} ({key})", order + 1),
            Some(_) | None => format!("row {}", order + 1),
        };
        match (a.get(at), b.get(at)) {
            (Some(a), Some(b)) => differences.extend(cells(order, &name(b), (a, b), &header, mode)),
            (Some(a), None) => differences.push(row(order, name(a), a, &StringRecord::new())),
            (None, Some(b)) => differences.push(row(order, name(b), &StringRecord::new(), b)),
            (None, None) => {}
        }
    }
    differences
}

fn row(order: usize, name: String, found: &StringRecord, expected: &StringRecord) -> Difference {
    let words = |record: &StringRecord| {
        if record.is_empty() { "no such row".to_owned() } else { record.iter().collect::<Vec<_>>().join(",") }
    };
    let has_numbers = found.iter().chain(expected).any(is_number);
    let what = if has_numbers { What::Figure } else { What::Words };
    Difference::new(order, name, what, words(found), words(expected))
}

fn cells(
    order: usize,
    row: &str,
    (a, b): (&StringRecord, &StringRecord),
    header: &StringRecord,
    mode: Mode,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    for at in 0..a.len().max(b.len()) {
        let (found, expected) = (a.get(at), b.get(at));
        if found == expected {
            continue;
        }
        let is_figure = found.is_some_and(is_number) || expected.is_some_and(is_number);
        if mode == Mode::Figures && (!is_figure || order == 0) {
            continue;
        }
        let column = match header.get(at) {
            Some(name) if !name.is_empty() => format!("column {name}"),
            Some(_) | None => format!("column {}", at + 1),
        };
        let words = |cell: Option<&str>| cell.unwrap_or("no such cell").to_owned();
        let what = if is_figure { What::Figure } else { What::Words };
        let place = format!("{row}, {column}");
        differences.push(Difference::new(order, place, what, words(found), words(expected)));
    }
    differences
}
