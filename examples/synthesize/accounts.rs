//! Accounts are numbers: their region, currency and ids follow from them.

use crate::catalog::{REGIONS, Region, USD};

/// The region of an account is that of its number modulo twenty: three in four are billed in dollars, and the smallest
/// set of accounts already has every region.
const REGION_OF_SLOT: [usize; 20] = [0, 1, 0, 2, 0, 1, 3, 0, 1, 4, 0, 2, 0, 1, 5, 0, 3, 1, 2, 4];
/// One account in two hundred has no region, and is used by nothing but the orders that miss it.
pub(crate) const NO_REGION: (usize, usize) = (7, 200);

pub(crate) fn region_index(account: usize) -> usize {
    REGION_OF_SLOT[account % REGION_OF_SLOT.len()]
}

pub(crate) fn region_of(account: usize) -> &'static Region {
    &REGIONS[region_index(account)]
}

pub(crate) fn is_dollar(account: usize) -> bool {
    region_of(account).currency == USD
}

pub(crate) fn lacks_region(account: usize) -> bool {
    account % NO_REGION.1 == NO_REGION.0
}

pub(crate) fn account_number(account: usize) -> u64 {
    account as u64 + 100_001
}

/// Sixteen digits with the prefix; the last is never 0, so that no two ids agree in what a spreadsheet keeps.
pub(crate) fn vendor_account(account: usize) -> u64 {
    account_number(account) * 10 + 1 + account as u64 % 9
}
