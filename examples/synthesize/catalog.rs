//! What is sold and where: currencies, regions, products.

pub(crate) struct Currency {
    pub(crate) code: &'static str,
    pub(crate) digits: u32,
    /// Minor units per US cent, as a fraction: keeps orders of one size across currencies.
    pub(crate) per_cent: (i64, i64),
    /// US dollars per unit, for `fx.csv` only.
    pub(crate) closing_rate: &'static str,
}

pub(crate) const USD: usize = 0;
pub(crate) const EUR: usize = 1;
pub(crate) const CURRENCIES: [Currency; 4] = [
    Currency { code: "USD", digits: 2, per_cent: (1, 1), closing_rate: "" },
    Currency { code: "EUR", digits: 2, per_cent: (9, 10), closing_rate: "1.100000" },
    Currency { code: "JPY", digits: 0, per_cent: (3, 2), closing_rate: "0.006500" },
    Currency { code: "CNY", digits: 2, per_cent: (7, 1), closing_rate: "0.140000" },
];

pub(crate) struct Region {
    pub(crate) name: &'static str,
    pub(crate) site: &'static str,
    pub(crate) currency: usize,
}

pub(crate) const REGIONS: [Region; 6] = [
    Region { name: "ap-southeast-1", site: "intl", currency: USD },
    Region { name: "us-east-1", site: "intl", currency: USD },
    Region { name: "ap-south-1", site: "intl", currency: USD },
    Region { name: "eu-central-1", site: "intl", currency: EUR },
    Region { name: "ap-northeast-1", site: "intl", currency: 2 },
    Region { name: "cn-hangzhou", site: "cn", currency: 3 },
];

pub(crate) const COMPUTE: usize = 0;
pub(crate) const STORAGE: usize = 1;
pub(crate) const DATABASE: usize = 2;
pub(crate) const NETWORK: usize = 3;
pub(crate) const SECURITY: usize = 4;
pub(crate) const CATEGORIES: [&str; 5] = ["compute", "storage", "database", "network", "security"];
/// Own code, vendor's code, category; grouped by category.
pub(crate) const SKUS: [(&str, &str, usize); 30] = [
    ("ECS-C7", "ecs.c7", COMPUTE),
    ("ECS-C8", "ecs.c8", COMPUTE),
    ("ECS-G7", "ecs.g7", COMPUTE),
    ("ECS-G8", "ecs.g8", COMPUTE),
    ("ECS-R7", "ecs.r7", COMPUTE),
    ("ECS-T6", "ecs.t6", COMPUTE),
    ("FNC-STD", "functions.standard", COMPUTE),
    ("CTR-K8S", "containers.managed", COMPUTE),
    ("BAT-SPOT", "batch.spot", COMPUTE),
    ("OSS-STD", "oss.standard", STORAGE),
    ("OSS-IA", "oss.infrequent", STORAGE),
    ("OSS-ARC", "oss.archive", STORAGE),
    ("BLK-SSD", "block.ssd", STORAGE),
    ("BLK-HDD", "block.hdd", STORAGE),
    ("NAS-CAP", "nas.capacity", STORAGE),
    ("RDS-PG", "rds.pg", DATABASE),
    ("RDS-MY", "rds.mysql", DATABASE),
    ("RDS-MS", "rds.mssql", DATABASE),
    ("KVS-RED", "kv.redis", DATABASE),
    ("DOC-MGO", "document.mongo", DATABASE),
    ("DWH-COL", "warehouse.columnar", DATABASE),
    ("CDN-TRF", "cdn.traffic", NETWORK),
    ("SLB-APP", "slb.application", NETWORK),
    ("VPN-SITE", "vpn.site", NETWORK),
    ("NAT-GW", "nat.gateway", NETWORK),
    ("EIP-BW", "eip.bandwidth", NETWORK),
    ("SEC-WAF", "waf.enterprise", SECURITY),
    ("SEC-DDOS", "ddos.advanced", SECURITY),
    ("SEC-KMS", "kms.dedicated", SECURITY),
    ("SEC-HOST", "host.guard", SECURITY),
];
/// Sold, but in no product map.
pub(crate) const UNMAPPED_SKUS: [&str; 3] = ["GPU-X9", "AI-INF2", "QDB-S1"];
