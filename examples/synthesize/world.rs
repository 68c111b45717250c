//! The data set, decided: its size, its months, and which order is which exception.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::NEWEST;
use crate::chance::{Rng, Topic};
use crate::claim::PENDING_AFTER;
use crate::kinds::Kind;
use crate::programs::{GROWTH, Program, programs};
use crate::sale::Sale;

pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) accounts: usize,
    pub(crate) customers: usize,
    pub(crate) programs: Vec<Program>,
    /// First day of every month with orders, and of the running month.
    pub(crate) months: Vec<NaiveDate>,
    /// Order index at which each month starts, and the number of orders.
    pub(crate) starts: Vec<u64>,
    /// The orders that are not clean. Every other table would grow with the orders; this one with three in a hundred.
    pub(crate) exceptions: BTreeMap<u64, Kind>,
    /// Growth volume by account, one row per quarter.
    pub(crate) volumes: Vec<Vec<i64>>,
}

impl World {
    /// `before` is the snapshot before the newest, where there is one.
    pub(crate) fn new(seed: u64, orders: u64, month_count: usize, before: Option<NaiveDate>) -> Self {
        let this_month = NEWEST - Days::new(u64::from(NEWEST.day0()));
        let months: Vec<NaiveDate> =
            (0..=month_count as u32).rev().map(|back| this_month - Months::new(back)).collect();

        let seen_before = before.and_then(|day| {
            months[..month_count].iter().rposition(|month| last_day(*month) + Days::new(PENDING_AFTER) <= day)
        });

        let unclean = orders * 3 / 100;
        let kinds = Kind::ALL.len() as u64;
        let quota = |at: u64| unclean / kinds + u64::from(at < unclean % kinds);
        let running =
            Kind::ALL.iter().position(|kind| *kind == Kind::CurrentMonth).map_or(0, |at| quota(at as u64));

        // More business at the end of a quarter and of the year, less in summer.
        const SEASON: [u64; 12] = [90, 88, 108, 96, 98, 110, 94, 90, 106, 100, 112, 118];
        let weights: Vec<u64> = months[..month_count].iter().map(|m| SEASON[m.month0() as usize]).collect();
        let whole: u64 = weights.iter().sum();
        let mut starts: Vec<u64> = (0..=month_count)
            .map(|m| (orders - running) * weights[..m].iter().sum::<u64>() / whole)
            .collect();
        starts.push(orders);

        let mut exceptions = BTreeMap::new();
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            let allowed = kind.months(month_count, seen_before);
            let (low, high) = (starts[allowed.start], starts[allowed.end]);
            let wanted = quota(at as u64);
            for nth in 0..wanted {
                let (from, to) = (low + nth * (high - low) / wanted, low + (nth + 1) * (high - low) / wanted);
                if from == to {
                    continue;
                }
                let drawn = Rng::new(seed, Topic::Exception, (at as u64) << 48 | nth).within(from..to);
                // Taken by another kind: the next free order of the same months.
                let free = (drawn..high).chain(low..drawn).find(|index| !exceptions.contains_key(index));
                exceptions.extend(free.map(|index| (index, kind)));
            }
        }

        let accounts = (orders / 50).max(20) as usize;
        let mut world = Self {
            seed,
            accounts,
            customers: accounts / 3,
            programs: programs(months[0]),
            months,
            starts,
            exceptions,
            volumes: Vec::new(),
        };
        let mut volumes = vec![vec![0; accounts]; world.quarter(month_count) + 1];
        for sale in world.sales().filter(|sale| sale.program == GROWTH) {
            volumes[world.quarter(sale.month)][sale.account] += sale.base();
        }
        world.volumes = volumes;
        world
    }

    pub(crate) fn month_count(&self) -> usize {
        self.months.len() - 1
    }

    pub(crate) fn exceptions_by_kind(&self) -> BTreeMap<Kind, u64> {
        let mut counts = BTreeMap::new();
        for kind in self.exceptions.values() {
            *counts.entry(*kind).or_default() += 1;
        }
        counts
    }

    /// Calendar quarters since the first month's.
    pub(crate) fn quarter(&self, month: usize) -> usize {
        (self.months[0].month0() as usize % 3 + month) / 3
    }

    /// Last day of a month.
    pub(crate) fn end(&self, month: usize) -> NaiveDate {
        last_day(self.months[month])
    }

    pub(crate) fn sales(&self) -> impl Iterator<Item = Sale> + '_ {
        let mut exceptions = self.exceptions.iter().peekable();
        (0..self.months.len())
            .flat_map(|month| (self.starts[month]..self.starts[month + 1]).map(move |i| (month, i)))
            .map(move |(month, index)| {
                let kind = exceptions.next_if(|(at, _)| **at == index).map(|(_, kind)| *kind);
                self.sale(index, month, kind)
            })
    }
}

fn last_day(first_of_month: NaiveDate) -> NaiveDate {
    first_of_month + Months::new(1) - Days::new(1)
}
