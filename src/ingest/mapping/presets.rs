//! Mappings that are shipped: one file per kind of extract whose columns a vendor documents.
//!
//! What is known of each extract, what is assumed, and what a project must add is in `docs/presets/`.

/// A preset: its name, what it reads, and its text, one or several `[[source]]`.
pub const PRESETS: &[(&str, &str, &str)] = &[
    (
        "alibaba-intl-reseller-bill",
        "Alibaba Cloud, international: monthly bill of a reseller",
        include_str!("presets/alibaba-intl-reseller-bill.toml"),
    ),
    (
        "alibaba-intl-enduser-bill",
        "Alibaba Cloud, international: monthly bill of its end users",
        include_str!("presets/alibaba-intl-enduser-bill.toml"),
    ),
    (
        "alibaba-agency-customer-orders",
        "Alibaba Cloud, China: orders of customers (GetCustomerOrderList)",
        include_str!("presets/alibaba-agency-customer-orders.toml"),
    ),
    (
        "alibaba-agency-subpartner-orders",
        "Alibaba Cloud, China: orders below partners (GetSubPartnerOrderList)",
        include_str!("presets/alibaba-agency-subpartner-orders.toml"),
    ),
    (
        "alibaba-intl-customer-orders",
        "Alibaba Cloud, international: orders of customers (GetCustomerOrders)",
        include_str!("presets/alibaba-intl-customer-orders.toml"),
    ),
    (
        "alibaba-commission-detail",
        "Alibaba Cloud: commission detail of a policy and month",
        include_str!("presets/alibaba-commission-detail.toml"),
    ),
    (
        "microsoft-earnings",
        "Microsoft Partner Center: earnings",
        include_str!("presets/microsoft-earnings.toml"),
    ),
    (
        "microsoft-payments",
        "Microsoft Partner Center: payments",
        include_str!("presets/microsoft-payments.toml"),
    ),
    (
        "huawei-incentives",
        "Huawei Cloud: incentive reconciliation",
        include_str!("presets/huawei-incentives.toml"),
    ),
    (
        "tencent-rebates",
        "Tencent Cloud: rebates by month (DescribeRebateInfosNew)",
        include_str!("presets/tencent-rebates.toml"),
    ),
];

/// The text of a preset.
pub fn preset(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, ..)| *known == name).map(|(.., text)| *text)
}
