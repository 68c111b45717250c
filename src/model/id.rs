//! Identifiers: text from the first byte, never a number, compared by their canonical form.
//!
//! The canonical form (domain 2.1) is made in [`ingest::grammar`](crate::ingest::grammar); here it only has a type,
//! so that an account id cannot be passed where an order id is meant. Pages show the raw text as it was received.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ustr::Ustr;

/// An identifier of one kind of thing: equal, ordered and hashed by its canonical form only.
pub struct Id<K> {
    canonical: Ustr,
    raw: Ustr,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// An id of its canonical form and the text it was received as.
    pub fn new(canonical: &str, raw: &str) -> Id<K> {
        Id { canonical: Ustr::from(canonical), raw: Ustr::from(raw), kind: PhantomData }
    }

    /// The canonical form, by which ids are equal.
    pub fn canonical(self) -> &'static str {
        self.canonical.as_str()
    }

    /// The canonical form as a key among ids of several kinds.
    pub fn key(self) -> Ustr {
        self.canonical
    }

    /// The text as it was received.
    pub fn raw(self) -> &'static str {
        self.raw.as_str()
    }

    /// The same id told apart by its raw text: used where two raw ids of one side share a canonical form
    /// (domain 2.1, rule 4).
    pub fn by_raw(self) -> Id<K> {
        Id { canonical: self.raw, ..self }
    }

    /// The same text read as an id of another kind, such as an order reference that may name an invoice.
    pub fn cast<L>(self) -> Id<L> {
        Id { canonical: self.canonical, raw: self.raw, kind: PhantomData }
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.canonical, self.raw).serialize(serializer)
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (canonical, raw) = <(Ustr, Ustr)>::deserialize(deserializer)?;
        Ok(Id { canonical, raw, kind: PhantomData })
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl<K> Eq for Id<K> {}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Interned: one text, one address. Ustr's own hash is stored beside the text and would have to be fetched.
        state.write_usize(self.canonical.as_char_ptr().addr());
    }
}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.canonical().cmp(other.canonical())
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw())
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.raw())
    }
}

macro_rules! ids {
    ($($marker:ident $name:ident $doc:literal;)*) => {$(
        #[doc = concat!("Marks an id as ", $doc, ".")]
        pub enum $marker {}
        #[doc = concat!("Identifies ", $doc, ".")]
        pub type $name = Id<$marker>;
    )*};
}

ids! {
    OrderKind OrderId "an order of ours";
    AccountKind AccountId "a cloud account of a customer, ours or the vendor's";
    CustomerKind CustomerId "a customer";
    ResellerKind ResellerId "a reseller";
    InvoiceKind InvoiceId "an invoice";
    SubscriptionKind SubscriptionId "a subscription";
    SkuKind SkuId "a product, ours or the vendor's";
    ProgramKind ProgramId "a rebate program";
    BatchKind BatchId "a rebate batch of the vendor";
    LineKind LineId "a rebate line of the vendor";
    AdjustmentKind AdjustmentId "an adjustment";
    CancellationKind CancellationId "a cancellation record of ours";
    PayoutKind PayoutId "a payout";
    JournalKind JournalId "a journal of ours";
}
