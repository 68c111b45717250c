//! Which version was live at a moment, by the records of builds.

use super::chain::Chain;
use super::{Made, Moment};

/// A site that went live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// The number of its record.
    pub seq: u64,
    /// When it was recorded: right after it went live.
    pub time: Moment,
    /// The snapshot that it shows.
    pub snapshot: String,
    /// SHA-256 of its manifest.
    pub manifest: String,
}

/// The sites that went live, in the order of their records; only those in the default folder, or only those in a folder that
/// was named with `--output`.
pub fn sites(chain: &Chain, is_named: bool) -> Vec<Live> {
    let made = chain.entries.iter().map(|entry| &entry.record).filter(|record| record.made == Made::Site);
    made.filter(|record| record.arguments.contains_key("output") == is_named)
        .map(|record| Live {
            seq: record.seq,
            time: record.time,
            snapshot: record.snapshot.clone(),
            manifest: record.sha256.clone(),
        })
        .collect()
}

/// The site that was live at a moment: the last record that is not later; `None` before the first one.
///
/// The order is by number, so that a clock that went back does not bring an old site back.
pub fn live_at(sites: &[Live], moment: Moment) -> Option<&Live> {
    sites.iter().rfind(|site| site.time <= moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_site_before_a_moment_was_live() {
        // Goal: each view gets the version that was there, also around the second of a change and after a clock that went
        // back. Method: three sites, the third dated before the second; moments before, at and between them.
        let moment = |text: &str| Moment::parse(&format!("2026-06-18T{text}Z")).unwrap();
        let site =
            |seq, time| Live { seq, time: moment(time), snapshot: String::new(), manifest: String::new() };
        let sites = [site(1, "06:00:00"), site(4, "08:00:00"), site(5, "07:30:00")];
        let at = |time| live_at(&sites, moment(time)).map(|site| site.seq);
        assert_eq!(at("05:59:59"), None);
        assert_eq!(at("06:00:00"), Some(1));
        assert_eq!(at("07:29:59"), Some(1));
        assert_eq!(at("07:30:00"), Some(5));
        assert_eq!(at("09:00:00"), Some(5));
    }
}
