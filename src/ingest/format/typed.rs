//! Which cells of a table were numbers and days in the file rather than text.
//!
//! Its job: remember that for a cell, so that marks declared for the texts of a source are not held against values that
//! had none. Not its job: what a cell means; its text is in the table like every other.

/// The cells of a table whose type in the file was a number or a day. Their text is plain: digits with a point, days in
/// ISO 8601.
///
/// Size: a bit for each cell at most, so an eighth of the bytes of the table; nothing for text files, which have no types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// For each column of the table the bits of its records; what is behind the last one is text.
    columns: Vec<Vec<u64>>,
}

impl Typed {
    /// Whether every cell is text.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Whether a cell was typed; a record and a column count from 0, the header's record too.
    pub fn has(&self, record: usize, column: usize) -> bool {
        let word = self.columns.get(column).and_then(|words| words.get(record / 64));
        word.is_some_and(|word| word >> (record % 64) & 1 == 1)
    }

    /// Remembers a cell.
    pub(super) fn put(&mut self, record: usize, column: usize) {
        if self.columns.len() <= column {
            self.columns.resize_with(column + 1, Vec::new);
        }
        let words = &mut self.columns[column];
        if words.len() <= record / 64 {
            words.resize(record / 64 + 1, 0);
        }
        words[record / 64] |= 1 << (record % 64);
    }
}

#[cfg(test)]
mod tests {
    use crate::ingest::format::{Declared, open};
    use crate::ingest::scan;

    #[test]
    fn a_number_is_remembered_where_it_stands() {
        // Goal: a mark is held against the cell that has it and no other, where rows are left out and columns come late, too.
        // Method: records of JSON over more than one word of bits, each third one empty, with a number by the number of the
        // record; what is typed is compared with what the cell shows.
        let record = |number: usize| match number % 3 {
            0 => "{\"a\": null}".to_owned(),
            _ if number.is_multiple_of(2) => format!("{{\"a\": \"t{number}\", \"b\": {number}}}"),
            _ => format!("{{\"b\": \"t{number}\", \"c\": {{\"d\": -{number}}}, \"e\": [1]}}"),
        };
        let records: Vec<String> = (1..200).map(record).collect();
        let text = format!("{{\"Page\": 7, \"Id\": \"t\", \"List\": [{}]}}", records.join(","));
        let sheet = open("a", text.into_bytes(), &Declared::default()).unwrap().remove(0);
        let found = scan::scan(sheet.text.as_bytes(), sheet.marks()).unwrap();
        let (mut decoder, mut count) = (found.decoder(&sheet.text), 0);
        for index in 0..found.len() {
            for (column, cell) in decoder.row(index).unwrap().iter().enumerate() {
                let is_number = cell.starts_with(|c: char| c == '-' || c.is_ascii_digit());
                assert_eq!(sheet.typed.has(index, column), is_number, "{index} {column} {cell}");
                count += usize::from(is_number);
            }
        }
        assert_eq!(count, 133 * 2, "each record that is not empty has one, and one stands around the list");
        assert!(open("a", b"a,b\n1,2\n".to_vec(), &Declared::default()).unwrap()[0].typed.is_empty());
    }
}
