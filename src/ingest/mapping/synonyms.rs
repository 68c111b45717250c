//! Under which headers extracts have the columns of the canonical files, in English and Chinese, and which words they have for
//! a status.
//!
//! Headers compare by [`header_key`](super::header_key): `Order ID`, `OrderId` and `order_id` are one and stand here once. The
//! first of a column is its most certain one. Source: `spec/formats.md`, sections 1 to 5; words of ERP exports.

use crate::ingest::columns::{
    FileKind, adjustments as a, cancellations as c, orders as o, payouts as p, rebate_lines as r,
};
use crate::model::status::Status;

/// A canonical column and the headers it is found under.
pub type Synonyms = (FileKind, usize, &'static [&'static str]);

/// Every synonym; the canonical names themselves are not repeated.
#[rustfmt::skip]
pub const SYNONYMS: &[Synonyms] = &[
    (FileKind::Orders, o::ORDER_ID, &["Order No", "Order Number", "订单号", "订单号/账单号", "订单编号", "订单ID", "Sales Order",
        "Sales Document", "PO Number", "Auftragsnummer", "Auftragsnr", "Auftrag", "Bestellnummer", "Bestellnr", "Purchase ID", "TransactionID", "交易ID"]),
    (FileKind::Orders, o::ACCOUNT_ID, &["Linked User ID", "Customer UID", "客户UID", "账号ID", "客户账号", "User ID", "UID",
        "Owner Account ID", "OwnerID", "使用者UIN", "ClientUin", "Uin", "Account No", "Account Number", "Account",
        "Customer No", "Customer Account", "Kundennummer", "Kundennr", "Kunde", "Konto", "Customer AWS Account Number", "CustomerBillableAccount",
        "end_user_account_id", "billing_account_id", "Customer ID"]),
    (FileKind::Orders, o::ORDER_DATE, &["Order Time", "Ordered at", "Ordered on", "下单时间", "订单创建时间", "创建时间", "CreatedAt",
        "CreateTime", "Purchase Date", "Transaction Time", "交易时间", "Consume Time", "消费时间", "UsageDate", "Document Date",
        "Auftragsdatum", "Bestelldatum", "Datum", "Date"]),
    (FileKind::Orders, o::SKU, &["Product Code", "产品Code", "产品代码", "商品Code", "商品代码", "Commodity Code", "Product Type Code",
        "SkuId", "Item Number", "Item No", "Material", "Material Number", "Artikelnummer", "Artikel", "Part Number",
        "OfferId", "Product ID", "ComponentCode", "Product", "产品", "产品名称", "Product Name"]),
    (FileKind::Orders, o::CURRENCY, &["Currency Code", "币种", "货币", "币别", "Cur", "Curr", "Währung", "PricingCurrency",
        "Transaction Currency"]),
    (FileKind::Orders, o::NET_AMOUNT, &["Net", "Net Value", "Pretax Cost", "PretaxAmount", "Amount Before Tax", "应付金额",
        "税前金额", "未税金额", "订单金额", "实付金额", "AmountDue", "SubTotal", "PretaxCharges", "Total Amount After Discount",
        "Nettobetrag", "Nettowert", "Extended Amount", "Extended Price", "customer_cost", "Cost", "Amount", "金额"]),
    (FileKind::Orders, o::RESELLER_ID, &["Reseller", "Partner ID", "MpnId", "PartnerUid", "伙伴ID", "伙伴UID", "代理商ID", "代理商",
        "ResellerMpnId", "Payer Account ID", "SubPartnerUid", "User ID", "Partner", "PID"]),
    (FileKind::Orders, o::SUBSCRIPTION_ID, &["Subscription", "Instance ID", "实例ID", "资源ID", "ResourceGuid",
        "Contract Number"]),
    (FileKind::Orders, o::INVOICE_ID, &["Invoice", "Invoice Number", "Invoice No", "发票号", "发票号码", "Rechnungsnummer", "Rechnungsnr",
        "Billing Document"]),
    (FileKind::Orders, o::INVOICE_DATE, &["Invoiced on", "Invoiced at", "开票日期", "发票日期", "Rechnungsdatum", "Billing Date"]),
    (FileKind::Orders, o::REGION, &["地域", "地区", "区域", "Zone", "Location", "Customer Country"]),
    (FileKind::Orders, o::SITE, &["站点"]),
    (FileKind::Orders, o::BILLING_MODEL, &["Charge Type", "Billing Mode", "计费模式", "计费方式", "付费方式", "消费类型",
        "Subscription Type", "PayMode"]),
    (FileKind::Orders, o::CONTRACT_TYPE, &["合同类型", "Agreement Type"]),
    (FileKind::Orders, o::CONTRACT_ACTIVATION_DATE, &["合同生效日期", "AgreementStartDate", "Contract Start",
        "Contract Start Date"]),
    (FileKind::Orders, o::CAMPAIGN, &["Campaign Tag", "Promotion", "PromotionID", "活动", "活动名称", "ActivityId"]),
    (FileKind::Orders, o::VOUCHER_AMOUNT, &["Voucher", "Voucher Deduction", "Coupon", "代金券抵扣", "优惠券抵扣",
        "DeductedByCoupons", "DeductedAmountByCoupons", "Gutschein"]),
    (FileKind::Orders, o::ORDER_STATUS, &["Status", "State", "订单状态", "PaymentStatus", "Auftragsstatus"]),
    (FileKind::Orders, o::ORDER_LINE, &["Line", "Line No", "Line Number", "Item", "Sub Order ID", "子订单号", "LineItemId",
        "Position", "RecordID", "DetailLineItemId"]),
    (FileKind::Orders, o::USAGE_FROM, &["Usage Start Time", "Service Start Time", "Billing Start Time", "ChargeStartDate",
        "使用开始时间", "账单开始时间", "usage_period_start_date"]),
    (FileKind::Orders, o::USAGE_TO, &["Usage End Time", "Service End Time", "Billing End Time", "ChargeEndDate", "使用结束时间",
        "账单结束时间", "usage_period_end_date"]),
    (FileKind::Orders, o::LIST_AMOUNT, &["Original Cost", "List Price", "Gross Amount", "PretaxGrossAmount", "官网价", "目录总价",
        "原价", "Price", "Bruttobetrag"]),
    (FileKind::Orders, o::TAX, &["Tax Amount", "TaxTotal", "税额", "税金", "VAT", "MwSt", "Steuer"]),
    (FileKind::Orders, o::CUSTOMER_ID, &["Customer", "Customer Number", "客户ID", "客户编号", "客户"]),
    (FileKind::Orders, o::QUANTITY, &["Qty", "数量", "BillableQuantity", "ConsumedQuantity", "Menge"]),
    (FileKind::Orders, o::CUSTOMER_CLASS, &["CustomerClassification", "客户分类", "ClientType"]),
    (FileKind::Orders, o::PAID_AMOUNT, &["Paid", "Payment Amount", "已付金额", "支付金额", "Bezahlt"]),
    (FileKind::Orders, o::PAYMENT_DATE, &["Payment Time", "Pay Time", "PaidAt", "Paid on", "支付时间", "付款时间", "Zahlungsdatum"]),
    (FileKind::RebateLines, r::LINE_ID, &["Line", "Line No", "earningId", "Record ID", "Incentive Bill ID", "激励账单ID",
        "billing_event_id", "明细ID", "Rebate ID", "Commission ID", "Claim ID"]),
    (FileKind::RebateLines, r::RESELLER_ID, &["Reseller", "Partner ID", "Partner Uid", "participantId", "伙伴ID", "伙伴UID",
        "代理商ID", "Partner", "PID", "to_account_id"]),
    (FileKind::RebateLines, r::PROGRAM_ID, &["Program", "Program Name", "Policy", "Policy Code", "CommissionPolicyName",
        "Incentive Program", "Rebate Program", "返佣政策", "政策名称", "政策", "激励项目", "激励方案", "方案", "Programm", "Scheme"]),
    (FileKind::RebateLines, r::BATCH_ID, &["Batch", "Statement ID", "Statement", "结算单号", "对账单号", "批次", "批次号"]),
    (FileKind::RebateLines, r::ORDER_REF, &["Order ID", "Order", "Order No", "Order Number", "订单号", "订单编号", "原订单号", "订单ID",
        "Auftragsnummer", "Bestellnummer", "transactionId", "transaction_reference_id", "Order Reference"]),
    (FileKind::RebateLines, r::ACCOUNT_REF, &["Customer UID", "客户UID", "Linked User ID", "User ID", "UID", "Account ID",
        "Account", "账号ID", "客户账号", "Uin", "ClientUin", "Customer Account", "customerTenantId", "CustomerNo",
        "end_user_account_id", "Kundennummer", "customerId"]),
    (FileKind::RebateLines, r::SKU_REF, &["Product Code", "产品代码", "产品Code", "商品代码", "Commodity", "Commodity Code", "SkuId",
        "SKU", "productId", "Product Type Code", "partNumber", "Code", "Product", "产品", "产品名称", "productName",
        "Artikelnummer"]),
    (FileKind::RebateLines, r::CATEGORY, &["Product Type", "产品类型", "产品分类", "类别", "Kategorie", "workload"]),
    (FileKind::RebateLines, r::REGION, &["地域", "地区", "区域", "Zone", "customerCountry"]),
    (FileKind::RebateLines, r::PERIOD, &["Month", "Billing Cycle", "BillMonth", "Rebate Month", "Settlement Period",
        "Reconciliation Period", "账期", "账单月份", "月份", "返佣月份", "结算月份", "SettleMonth", "Billable Month", "Monat",
        "Abrechnungsmonat", "earningDate"]),
    (FileKind::RebateLines, r::BASE_AMOUNT, &["Base", "Basis", "Basis Amount", "Eligible Amount", "Performance", "业绩金额",
        "评级业绩", "返佣账单金额", "返佣基数", "计佣金额", "transactionAmount", "MonthSales", "Bemessungsgrundlage"]),
    (FileKind::RebateLines, r::RATE, &["Rebate Rate", "Commission Rate", "佣金比例", "佣金率", "返佣比例", "返点", "earningRate", "Satz"]),
    (FileKind::RebateLines, r::CALCULATED_AMOUNT, &["Calculated", "Commission", "Commission Amount", "Rebate",
        "Rebate Amount", "Incentive", "Incentive Amount", "佣金金额", "佣金", "返佣金额", "激励金额", "返利金额", "earningAmount",
        "CalculatedRebateAmount", "Amt", "Provision", "Provisionsbetrag", "Bonus", "Amount", "金额"]),
    (FileKind::RebateLines, r::CURRENCY, &["Currency Code", "币种", "货币", "Cur", "Curr", "Währung", "transactionCurrency",
        "Earning Currency"]),
    (FileKind::RebateLines, r::STATUS, &["State", "Rebate Status", "Commission Status", "paymentStatus", "付款状态", "状态",
        "结算状态", "发放状态", "actionStatus"]),
    (FileKind::RebateLines, r::REASON_CODE, &["Reason", "ExceptionFlag", "Freezing Reason", "冻结原因", "原因", "备注原因",
        "declineReason", "Grund"]),
    (FileKind::RebateLines, r::STATUS_DATE, &["Status Time", "State day", "Since", "状态日期", "状态更新时间", "更新时间", "Last Updated",
        "calculationDate"]),
    (FileKind::RebateLines, r::APPROVED_DATE, &["Approved on", "Approval Date", "Approval day", "审批日期", "确认时间",
        "validationDate"]),
    (FileKind::RebateLines, r::PAID_AMOUNT, &["Paid", "已付金额", "实付金额", "发放金额", "earningAmountInLastPaymentCurrency",
        "Bezahlt"]),
    (FileKind::RebateLines, r::PAYOUT_ID, &["Payout", "paymentId", "付款单号", "申付单号", "Payout Request"]),
    (FileKind::RebateLines, r::PERIOD_PROCESSED, &["Processed Period", "Settlement Cycle", "结算周期", "处理月份"]),
    (FileKind::RebateLines, r::CONFIRM_BY, &["Confirm before", "Confirmation Deadline", "确认截止日期", "确认截止时间"]),
    (FileKind::RebateLines, r::EXPECTED_PAYMENT_DATE, &["Expected Payment", "Estimated Payment Month", "预计付款日期", "预计发放时间"]),
    (FileKind::RebateLines, r::LINE_TYPE, &["Type", "earningType", "Bill Type", "transactionType", "账单类型", "类型"]),
    (FileKind::RebateLines, r::INVOICE_REF, &["Invoice", "Invoice Number", "开票号", "发票号"]),
    (FileKind::Cancellations, c::CANCELLATION_ID, &["Cancellation", "Refund ID", "Refund No", "Refund Number", "退款单号",
        "退订单号", "Credit Note", "Stornonummer"]),
    (FileKind::Cancellations, c::ORDER_ID, &["Order No", "Order Number", "Order", "原订单号", "订单号", "RelatedOrderId",
        "Original Order", "Auftragsnummer"]),
    (FileKind::Cancellations, c::CANCEL_DATE, &["Refund Date", "Refund Time", "Refunded on", "Canceled on", "Cancelled on",
        "退款时间", "退款日期", "退订时间", "Stornodatum"]),
    (FileKind::Cancellations, c::REFUND_AMOUNT, &["Refund", "Refunded", "退款金额", "Erstattung", "Amount", "金额"]),
    (FileKind::Cancellations, c::CURRENCY, &["Currency Code", "币种", "货币", "Cur", "Curr", "Währung"]),
    (FileKind::Cancellations, c::KIND, &["Refund Type", "Type", "退款类型"]),
    (FileKind::Adjustments, a::ADJUSTMENT_ID, &["Adjustment", "Adjustment No", "调整单号", "调账单号"]),
    (FileKind::Adjustments, a::LINE_ID, &["Line", "earningId", "Rebate ID", "明细ID"]),
    (FileKind::Adjustments, a::AMOUNT, &["Adjustment Amount", "Adjusted", "调整金额", "调账金额", "扣除金额", "金额"]),
    (FileKind::Adjustments, a::CURRENCY, &["Currency Code", "币种", "货币", "Cur", "Curr", "Währung"]),
    (FileKind::Adjustments, a::REASON_CODE, &["Reason", "Adjustment Reason", "调整原因"]),
    (FileKind::Adjustments, a::REFERENCE, &["Ref", "参考号", "Credit Note"]),
    (FileKind::Adjustments, a::ADJUSTMENT_DATE, &["Adjusted on", "调整日期", "调整时间", "Date"]),
    (FileKind::Adjustments, a::PROGRAM_ID, &["Program", "Program Name", "Policy", "政策名称"]),
    (FileKind::Adjustments, a::PERIOD, &["Month", "Billing Cycle", "账期", "账单月份"]),
    (FileKind::Payouts, p::PAYOUT_ID, &["Payout", "Payment ID", "付款单号", "申付单号", "Payout Request", "Settlement ID"]),
    (FileKind::Payouts, p::PAID_DATE, &["Payment Date", "Paid on", "arrival_date", "Deposit Date", "付款日期", "到账日期", "支付日期",
        "Zahlungsdatum"]),
    (FileKind::Payouts, p::CURRENCY, &["Currency Code", "币种", "货币", "Cur", "Curr", "Währung"]),
    (FileKind::Payouts, p::AMOUNT, &["Total Payment", "Disbursed Amount", "Net Amount", "付款金额", "到账金额", "支付金额", "Betrag",
        "金额"]),
    (FileKind::Payouts, p::FORM, &["Payment Method", "付款方式", "Zahlungsart"]),
    (FileKind::Payouts, p::BANK_REF, &["Bank Reference", "bank_trace_id", "银行流水号", "Payer Reference ID"]),
];

/// Words in names of files that say what is in them; the first that occurs counts.
pub const FILE_WORDS: &[(&str, FileKind)] = &[
    ("cancel", FileKind::Cancellations),
    ("refund", FileKind::Cancellations),
    ("退款", FileKind::Cancellations),
    ("adjust", FileKind::Adjustments),
    ("调整", FileKind::Adjustments),
    ("payout", FileKind::Payouts),
    ("payment", FileKind::Payouts),
    ("付款", FileKind::Payouts),
    ("rebate", FileKind::RebateLines),
    ("commission", FileKind::RebateLines),
    ("earning", FileKind::RebateLines),
    ("incentive", FileKind::RebateLines),
    ("佣", FileKind::RebateLines),
    ("返利", FileKind::RebateLines),
    ("order", FileKind::Orders),
    ("订单", FileKind::Orders),
    ("bill", FileKind::Orders),
    ("账单", FileKind::Orders),
    ("statement", FileKind::Orders),
    ("usage", FileKind::Orders),
];

/// Words by which vendors call rows that take something back or set it right, in upper case; in English whole words
/// (formats 1.2, 1.5, 2.1, 8.7).
pub const TAKEN_BACK: &[&str] = &[
    "REFUND",
    "REFUNDED",
    "REFUNDS",
    "CREDIT",
    "REVERSAL",
    "CHARGEBACK",
    "CLAWBACK",
    "ADJUSTMENT",
    "ADJUST",
    "ADJUSTED",
    "STORNO",
    "GUTSCHRIFT",
    "退款",
    "退订",
    "调整",
    "调账",
    "冲正",
    "扣回",
];

/// More words for totals, in upper case. They are no totals by themselves: the sums of the records must say so too.
pub const TOTALS: &[&str] = &[
    "ZWISCHENSUMME",
    "TEILSUMME",
    "GESAMT",
    "GESAMTSUMME",
    "ENDSUMME",
    "SUB TOTAL",
    "本页合计",
    "累计",
    "總計",
    "小計",
    "소계",
];

/// Words at the end of a header that say that a rate is in percent, as headers are compared.
pub const PERCENT: &[&str] = &["INPERCENT", "PERCENT", "PERCENTAGE", "PCT", "INPROZENT", "PROZENT", "百分比"];

/// Words of headers that say that amounts count hundredths of their currency.
pub const CENTS: &[&str] = &["cents", "cent", "fen", "分", "pence"];

/// Headers whose amounts are documented to count hundredths (formats 3.2).
pub const IN_CENTS: &[&str] = &["Amt"];

/// What vendors call a status, where one word has one documented meaning (formats 6.3). A word that has two, such as
/// `Pending` or `Upcoming`, is not here.
pub const STATUS_WORDS: &[(Status, &[&str])] = &[
    (Status::PendingData, &["Pending Data", "Estimated", "预估", "Draft", "Interim"]),
    (Status::InCalculation, &["In Calculation", "Calculating", "ToCalculate", "计算中"]),
    (Status::Calculated, &["Calculated", "Unprocessed", "SystemCalculated", "待确认", "已计算"]),
    (
        Status::UnderReview,
        &["Under Review", "In Review", "Tax invoice under review", "申请处理中", "发票审核", "审核中"],
    ),
    (Status::Approved, &["Approved", "Confirmed", "待提交申请", "已确认", "已审批", "发放中", "支付中"]),
    (Status::Paid, &["Paid", "Sent", "发放成功", "已完成", "已支付", "已付款", "已发放"]),
    (Status::Rejected, &["Rejected", "Rejected during review", "Declined", "已驳回", "已拒绝"]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ingest::mapping::header_key;

    #[test]
    fn a_column_has_each_header_once() {
        // Goal: the table stays a table that people can extend. Method: keys of every column, against themselves and the
        // names of the columns; each column has one row.
        let mut rows = BTreeMap::new();
        for (kind, column, names) in SYNONYMS {
            assert!(!kind.is_reference());
            assert!(rows.insert((*kind, *column), ()).is_none(), "{} {column} twice", kind.name());
            let own = header_key(kind.columns()[*column].name).into_owned();
            let mut keys = vec![own];
            for name in *names {
                let key = header_key(name).into_owned();
                assert!(!key.is_empty(), "{name}");
                // Spellings that fold to one key are one header; a canonical name in another spelling is not repeated.
                keys.push(key);
            }
            let all = keys.len();
            keys.sort();
            keys.dedup();
            assert_eq!(keys.len(), all, "{} {}: {names:?}", kind.name(), kind.columns()[*column].name);
        }
    }

    #[test]
    fn a_status_word_has_one_meaning() {
        // Goal: no proposal says two things of one word. Method: every word once, in any case.
        let mut words: Vec<String> =
            STATUS_WORDS.iter().flat_map(|(_, words)| words.iter().map(|w| w.to_uppercase())).collect();
        let all = words.len();
        words.sort();
        words.dedup();
        assert_eq!(words.len(), all);
    }
}
