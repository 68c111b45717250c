//! Chance: a stream of numbers per row, so that no row depends on the row before it.

use std::ops::Range;

/// splitmix64: one stream per (seed, topic, index).
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64, topic: Topic, index: u64) -> Self {
        let mut outer = Self(seed ^ (topic as u64) << 56);
        let mut inner = Self(outer.next() ^ index);
        Self(inner.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    pub(crate) fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.below(range.end - range.start)
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Topic {
    Exception = 1,
    Order,
    Line,
    Batch,
}
