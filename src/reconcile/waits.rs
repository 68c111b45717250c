//! How long a line may wait: up to when it is known what became of it.

use chrono::NaiveDate;
use ustr::Ustr;

use super::Reconciled;
use crate::model::record::Feed;

impl<'a> Reconciled<'a> {
    /// The feeds of rebates that are late or failed.
    pub fn stale_feeds(&self) -> Vec<&'a Feed> {
        let as_of = self.as_of().date();
        let is_rebate_feed = |f: &&Feed| f.kind.is_none_or(|kind| kind.contains("rebate"));
        self.snapshot.records.feeds.iter().filter(is_rebate_feed).filter(|f| f.is_stale(as_of)).collect()
    }

    /// The vendor site a line comes from: that of its order.
    pub fn site(&self, line: u32) -> Option<Ustr> {
        self.first_order(line)?.site
    }

    /// Up to which day a line waits for all we know: the as-of date, or the last good day of a feed that covers it and is
    /// among the `stale` ones. A line without a site may come from any feed.
    pub fn known_until(&self, line: u32, stale: &[&Feed]) -> NaiveDate {
        let as_of = self.as_of().date();
        if stale.is_empty() {
            return as_of;
        }
        let site = self.site(line);
        let covers = |feed: &&&Feed| feed.site.is_none() || site.is_none() || feed.site == site;
        stale.iter().filter(covers).filter_map(|feed| feed.last_as_of).min().unwrap_or(as_of)
    }

    /// The same, and not beyond the file that gave the line: what an extract does not cover any more keeps its last known
    /// lines, of which nothing new is known.
    pub fn followed_until(&self, line: u32, stale: &[&Feed]) -> NaiveDate {
        let file = self.snapshot.records.lines[line as usize].origin.source.file;
        let known = self.known_until(line, stale);
        self.snapshot.line_files.get(&file).map_or(known, |until| known.min(until.date()))
    }
}
