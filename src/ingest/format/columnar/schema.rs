//! The schema in the footer of a Parquet file, looked at before the `parquet` crate makes a tree of it.
//!
//! Its job: groups that lie deep in each other, and numbers of children that are not there, which would end the process
//! rather than the file: the crate calls itself for each level, and makes room for the children that are stated. Not its
//! job: what a column is.
//! Invariant: what passes is read by the crate in the same way, byte for byte; so every field of the schema must have the
//! type that the format gives it, and none may be unknown.

use super::{Problem, damaged, problem, unsupported};
use crate::ingest::scan::MAX_COLUMNS;

/// How deep groups may lie in each other. Bills have none or one; a list is two.
const MAX_DEPTH: usize = 32;

/// What a field is made of, in the compact protocol of Thrift.
#[derive(Clone, Copy)]
enum Part {
    Bool,
    Byte,
    Number,
    Bytes,
    /// A choice of parts that have nothing in them.
    Choice,
}

/// The parts of the logical types that have any, by their number in the format.
const LOGICAL: [(u8, &[Part]); 7] = [
    (5, &[Part::Number, Part::Number]),
    (7, &[Part::Bool, Part::Choice]),
    (8, &[Part::Bool, Part::Choice]),
    (10, &[Part::Byte, Part::Bool]),
    (16, &[Part::Byte]),
    (17, &[Part::Bytes]),
    (18, &[Part::Bytes, Part::Number]),
];

const STRUCT: u8 = 12;

/// Refuses a footer whose schema cannot be made a tree of.
///
/// # Errors
/// `parquet-damaged`, `parquet-unsupported`, `too-many-columns`.
pub(super) fn check(footer: &[u8]) -> Result<(), Vec<Problem>> {
    let mut rest = Rest(footer);
    let Some(count) = rest.begin() else { return Err(damaged("its footer does not begin with a schema")) };
    // Children that are still to come, of each group that is not complete.
    let (mut open, mut columns) = (Vec::<usize>::new(), 0);
    for index in 0..count {
        let Some(children) = rest.element() else {
            return Err(damaged("its schema cannot be read"));
        };
        if index > 0 {
            while open.last() == Some(&0) {
                open.pop();
            }
            let Some(siblings) = open.last_mut() else {
                return Err(damaged("its schema has columns that are in no group"));
            };
            *siblings -= 1;
        }
        if children >= count - index {
            return Err(damaged("its schema says more columns than there are"));
        }
        if children == 0 {
            columns += 1;
        } else {
            // A group without another column to come is not waited for: it lies no less deep.
            open.push(children);
        }
        if open.len() > MAX_DEPTH + 1 {
            let help = "export it with a column for each value";
            return Err(unsupported(
                format!("its groups lie more than {MAX_DEPTH} deep in each other, which is not read here"),
                help,
            ));
        }
    }
    if columns > MAX_COLUMNS {
        let message = format!("the table has {columns} columns; at most {MAX_COLUMNS} are read");
        return Err(vec![problem("too-many-columns", message, "leave out the columns that nobody needs")]);
    }
    Ok(())
}

/// The bytes that are not read yet. Nothing comes out where they are not what is expected.
struct Rest<'b>(&'b [u8]);

impl Rest<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn number(&mut self) -> Option<i32> {
        let zigzag = u32::try_from(self.unsigned()?).ok()?;
        Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    /// The version, and how many elements the list behind it has: the fields that every footer begins with.
    fn begin(&mut self) -> Option<usize> {
        if self.byte()? != 0x15 {
            return None;
        }
        self.number()?;
        if self.byte()? != 0x19 {
            return None;
        }
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => usize::try_from(self.unsigned()?).ok()?,
            few => few.into(),
        };
        // An element has a name, so it has more than one byte.
        (head & 0xF == STRUCT && count <= self.0.len()).then_some(count)
    }

    /// The next field of a structure, by its number and its type; a type of 0 is the end.
    fn field(&mut self, last: &mut u8) -> Option<u8> {
        let head = self.byte()?;
        match (head >> 4, head & 0xF) {
            (_, 0) => Some(0),
            (0, _) => None,
            (step, kind) => {
                *last = last.checked_add(step)?;
                Some(kind)
            }
        }
    }

    /// One element: how many children it says it has.
    fn element(&mut self) -> Option<usize> {
        let (mut field, mut children) = (0, 0);
        loop {
            match (self.field(&mut field)?, field) {
                (0, _) => return usize::try_from(children).ok(),
                (5, 5) => children = self.number()?,
                (5, 1..=3 | 6..=9) => _ = self.number()?,
                (8, 4) => self.part(8, Part::Bytes)?,
                (STRUCT, 10) => self.logical()?,
                _ => return None,
            }
        }
    }

    /// A logical type: one structure, whose parts are those of its number.
    fn logical(&mut self) -> Option<()> {
        let mut number = 0;
        if self.field(&mut number)? != STRUCT {
            return None;
        }
        let parts = LOGICAL.iter().find(|(known, _)| *known == number).map_or(&[][..], |(_, parts)| *parts);
        let mut field = 0;
        loop {
            match self.field(&mut field)? {
                0 => break,
                kind => self.part(kind, *parts.get(usize::from(field).checked_sub(1)?)?)?,
            }
        }
        (self.byte()? == 0).then_some(())
    }

    fn part(&mut self, kind: u8, part: Part) -> Option<()> {
        match (part, kind) {
            (Part::Bool, 1 | 2) => Some(()),
            (Part::Byte, 3) => self.skip(1),
            (Part::Number, 5) => self.number().map(|_| ()),
            (Part::Bytes, 8) => {
                let length = self.unsigned()?;
                self.skip(usize::try_from(length).ok()?)
            }
            (Part::Choice, STRUCT) => {
                let (mut chosen, mut inner) = (0, 0);
                let is_empty = self.field(&mut chosen)? == STRUCT && self.field(&mut inner)? == 0;
                (is_empty && self.byte()? == 0).then_some(())
            }
            (Part::Bool | Part::Byte | Part::Number | Part::Bytes | Part::Choice, _) => None,
        }
    }
}
