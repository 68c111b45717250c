//! Answers in the shapes of three vendors, and what looks like one, against tables written out by hand.

use super::*;
use crate::ingest::scan::{Marks, scan};
use proptest::prelude::*;

fn sheet(text: &str) -> Sheet {
    let mut sheets = read("", text, &Declared::default()).unwrap();
    assert_eq!(sheets.len(), 1);
    sheets.remove(0)
}

fn at(path: &str, text: &str) -> Result<Vec<Sheet>, Vec<Problem>> {
    read("", text, &Declared { table: Some(path.to_owned()), ..Declared::default() })
}

fn codes(text: &str) -> Vec<(&'static str, u64, u64)> {
    let problems = read("a.json", text, &Declared::default()).unwrap_err();
    for problem in &problems {
        assert!(!problem.message.is_empty() && !problem.help.is_empty() && problem.sheet == "a.json");
    }
    problems.into_iter().map(|p| (p.code, p.line, p.column)).collect()
}

#[test]
fn an_answer_of_an_order_call_becomes_its_orders() {
    // Goal: the list of records is found two objects deep, what stands around it stays, nothing is rounded.
    // Method: an answer in the shape of formats 1.2 on known lines; the table written out by hand.
    let text = r#"{
  "RequestId": "A1B2",
  "Success": true,
  "Data": {"OrderList": {"Order": [
    {"OrderId": 236414227150922, "Price": {"Amount": 8.250000000000004, "Currency": "USD"}, "PaidAt": "2019-01-24 14:20:40"},

    {"OrderId": 236414227150923, "ProductName": "弹性计算, \"slb\"", "Price": {"Amount": 1e3},
     "RamAccounts": [ "a", {"b" : [1.0, null]} ], "PaymentStatus": null, "Item": "NULL", "Delegated": false}
  ]}},
  "TotalCount": 2
}
"#;
    let sheet = sheet(text);
    let expected = "OrderId,Price.Amount,Price.Currency,PaidAt,ProductName,RamAccounts,PaymentStatus,Item,Delegated,\
                    ^RequestId,^Success,^TotalCount\n\
                    236414227150922,8.250000000000004,USD,2019-01-24 14:20:40,,,,,,A1B2,true,2\n\
                    236414227150923,1e3,,,\"弹性计算, \"\"slb\"\"\",\"[\"\"a\"\",{\"\"b\"\":[1.0,null]}]\",,NULL,false,A1B2,true,2\n";
    assert_eq!(sheet.text, expected);
    assert_eq!(sheet.rows, Some(vec![5, 5, 7]));
    assert_eq!(sheet.detected, ["records at Data.OrderList.Order (2)"]);
    assert_eq!((sheet.name.as_str(), sheet.declared_rows), ("Data.OrderList.Order", Some(2)));
}

#[test]
fn pages_are_one_table_and_a_missing_page_is_said() {
    // Goal: several answers, on a line each or one behind the other, are one table with what stands around each on
    // its own rows; a total that no page makes up shows, and a record on a line with others has its number. Method: answers in
    // the shape of formats 3.2.
    let page = |month: &str, ids: &[u32], total: u32| {
        let ids: Vec<String> = ids.iter().map(|id| format!(r#"{{"Uin":"{id}","Amt":{id}00}}"#)).collect();
        let list = ids.join(",");
        format!(
            r#"{{"Response":{{"RebateInfoSet":[{list}],"Total":{total},"Month":"{month}","RequestId":"r"}}}}"#
        )
    };
    let two = format!("{}\r\n\r\n{}\r\n", page("2018-02", &[1, 2], 4), page("2018-02", &[3], 4));
    let found = sheet(&two);
    assert_eq!(
        found.text,
        "Uin,Amt,^Response.Total,^Response.Month,^Response.RequestId\n\
         1,100,4,2018-02,r\n2,200,4,2018-02,r\n3,300,4,2018-02,r\n"
    );
    assert_eq!(found.rows, Some(vec![1, 1, 2, 3]));
    assert_eq!(found.declared_rows, Some(4));
    assert_eq!(
        found.detected,
        [
            "records at Response.RebateInfoSet (3)",
            "declares Total 4, holds 3 records",
            "several records in one line, so that a record is named by its number"
        ]
    );
    // Two queries, each complete; the second one without a record.
    let each = page("2018-02", &[1, 2], 2) + &page("2018-03", &[], 0);
    assert_eq!(sheet(&each).declared_rows, Some(2));
    // An empty record is no row, so it is not missing either.
    assert_eq!(sheet(r#"{"Data":[{"a":1},{}],"TotalCount":2}"#).declared_rows, Some(1));
    // A list of pages is pages.
    let listed = format!("[{},{}]", page("2018-02", &[1, 2], 3), page("2018-02", &[3], 3));
    assert_eq!(sheet(&listed).text.lines().count(), 4);
    // Totals that contradict each other are not added up.
    let apart = page("2018-02", &[1, 2], 5) + &page("2018-03", &[3], 4);
    assert_eq!(sheet(&apart).declared_rows, None);
    assert!(sheet(&apart).detected.contains(&"declares Total 5, then 4, holds 3 records".to_owned()));
}

#[test]
fn json_lines_are_records_even_where_they_hold_lists() {
    // Goal: a line is a record, whatever lists are in it; keys may differ from line to line. Method: lines with
    // blank ones between them and each kind of line end.
    for end in ["\n", "\r\n", "\r"] {
        let text = format!(
            "{{\"id\":\"0017\",\"lines\":[{{\"sku\":1}},{{\"sku\":2}}]}}{end}{end}{{\"more\":true,\"id\":18}}{end}{{}}{end}"
        );
        let found = sheet(&text);
        assert_eq!(
            found.text, "id,lines,more\n0017,\"[{\"\"sku\"\":1},{\"\"sku\"\":2}]\",\n18,,true\n",
            "{end:?}"
        );
        assert_eq!(found.rows, Some(vec![1, 1, 3]));
        assert_eq!(found.detected, ["3 records at the top", "1 of the records are empty"]);
    }
    let list = r#"[{"id":1,"a":[ "x \" [ y\\" , 1.50 ,{ "b" : null } ]}]"#;
    assert_eq!(sheet(list).text, "id,a\n1,\"[\"\"x \\\"\" [ y\\\\\"\",1.50,{\"\"b\"\":null}]\"\n");
    assert_eq!(sheet("\u{feff}[{\"a\":1},{\"a\":2}]").text, "a\n1\n2\n");
    assert_eq!(sheet(r#"{"a":"x","b":{"c":-0.50}}"#).text, "a,b.c\nx,-0.50\n");
}

#[test]
fn a_declared_path_is_followed_and_nothing_else() {
    // Goal: the path decides, through lists too; `.` is the document. Method: the shape of formats 1.1, files by
    // month, with another list that has more elements.
    let text = r#"{"Data":[{"BillMonth":"202502","PartnerUid":1112332432,"FileList":[{"FileName":"a"},{"FileName":"b"}]},
{"BillMonth":"202503","PartnerUid":1112332432,"FileList":null}], "Codes":[{},{},{}], "Words":["x"]}"#;
    let found = at("Data.FileList", text).unwrap().remove(0);
    assert_eq!(
        found.text,
        "FileName,^Data.BillMonth,^Data.PartnerUid\na,202502,1112332432\nb,202502,1112332432\n"
    );
    assert_eq!(
        found.detected,
        [
            "list Codes is not read (3)",
            "list Words is not read (1)",
            "several records in one line, so that a record is named by its number"
        ]
    );
    assert_eq!(at("Data", text).unwrap()[0].text.lines().count(), 3);
    assert!(at(".", text).unwrap()[0].text.starts_with("Data,Codes,Words\n"));
    assert_eq!(at("Data.Files", text).unwrap_err()[0].code, "list-missing");
    assert_eq!(at("Words", text).unwrap_err()[0].code, "record-not-an-object");
    assert_eq!(at("a.b", r#"{"a.b":[{"x":1}],"a":{"b":[]}}"#).unwrap()[0].text, "x\n1\n");
    assert_eq!(at("a", r#"{"a":{"x":1}}"#).unwrap()[0].text, "x\n1\n");
}

#[test]
fn an_error_of_the_api_is_no_empty_month() {
    // Goal: an error answer is refused with its code and message; a record with such keys is not. Method: the shapes
    // of four vendors, and records that look alike.
    for (text, said) in [
        (
            r#"{"RequestId":"x","Success":false,"Code":"NoPermission","Message":"not authorized"}"#,
            "code `NoPermission`, `not authorized`",
        ),
        (
            r#"{"Response":{"Error":{"Code":"AuthFailure","Message":"expired"},"RequestId":"x"}}"#,
            "code `AuthFailure`, `expired`",
        ),
        (r#"{"error_code":"CBC.0100","error_msg":"bad"}"#, "code `CBC.0100`, `bad`"),
        (r#"{"error":{"code":401,"message":"expired"}}"#, "code `401`, `expired`"),
        (r#"{"Success":"false","Data":[],"TotalCount":0}"#, "without a reason"),
    ] {
        let problems = read("", text, &Declared::default()).unwrap_err();
        assert_eq!(problems[0].code, "error-answer", "{text}");
        assert!(problems[0].message.ends_with(said), "{}", problems[0].message);
    }
    // The third page is the error.
    let page = r#"{"RequestId":"x","Success":true,"Data":[{"a":1}]}"#;
    let error = r#"{"RequestId":"x","Success":false,"Code":"Throttling","Message":"slow down"}"#;
    assert_eq!(codes(&format!("{page}\n{page}\n {error}")), [("error-answer", 3, 2)]);
    let records = "{\"Code\":\"R1\",\"Message\":\"late\"}\n{\"Code\":\"R2\",\"Message\":\"void\"}\n";
    assert_eq!(sheet(records).text, "Code,Message\nR1,late\nR2,void\n");
    assert_eq!(sheet(&page.replace("true", "false")).text, "a,^RequestId,^Success\n1,x,false\n");
}

#[test]
fn an_empty_list_is_an_empty_sheet_and_no_list_is_not() {
    // Goal: no records, no list and a page without its list are three things. Method: each of them.
    for text in ["[]", r#"{"RequestId":"x","Data":{"List":[]},"TotalCount":0}"#, r#"{"Data":[]}"#] {
        let found = sheet(text);
        assert_eq!((found.text.as_str(), found.rows), ("", Some(Vec::new())), "{text}");
        assert!(found.detected[0].contains('0'), "{:?}", found.detected);
    }
    assert_eq!(codes(""), [("file-empty", 1, 1)]);
    assert_eq!(codes("{\"RequestId\":\"x\",\n\"Success\":true}"), [("list-missing", 1, 1)]);
    assert_eq!(codes(r#"{"OrderId":1,"Tags":[]}"#), [("list-missing", 1, 1)]);
    let pages = "{\"RequestId\":\"x\",\"Data\":[{\"a\":1}]}\n{\"RequestId\":\"y\"}";
    assert_eq!(codes(pages), [("list-missing", 2, 1)]);
    assert_eq!(codes("{\"RequestId\":\"x\",\"Data\":[{\"a\":1},\n null]}"), [("record-not-an-object", 2, 2)]);
    assert_eq!(codes("[1,\n2]"), [("record-not-an-object", 1, 2), ("record-not-an-object", 2, 1)]);
}

#[test]
fn what_other_readers_let_pass_is_refused_with_its_place() {
    // Goal: nothing is lost without a word: a key given twice (others take the last), half a character, a document
    // that was cut off, depth and width without end. Method: one of each, the place counted by hand.
    assert_eq!(codes("[{\"a\":1},\r\n{\"é\":\"é\",\"a\":1,\"a\":2}]"), [("key-given-twice", 2, 20)]);
    assert_eq!(codes("[{\"x\":{\"a\":1,\"\\u0061\":2}}]"), [("key-given-twice", 1, 23)]);
    assert_eq!(codes("[{\"p\":{\"q\":1},\"p.q\":2}]"), [("key-given-twice", 1, 21)]);
    assert_eq!(codes("[{\"a\":\n\"x\\ud83d\"}]"), [("half-character", 2, 1)]);
    assert_eq!(codes("[{\"\\udc00\":1}]")[0].0, "half-character");
    assert_eq!(codes("{\"Data\":[{\"a\":1},\n{\"a\":"), [("json-cut-off", 2, 6)]);
    assert_eq!(codes("[{\"a\":1}\n{\"a\":2}]"), [("json-syntax", 2, 1)]);
    assert_eq!(codes("[{\"a\":01}]"), [("json-syntax", 1, 8)]);
    assert_eq!(codes("[{\"a\":NaN}]").len(), 1);
    assert_eq!(codes("[{\"a\":\"x\ty\"}]")[0].0, "json-syntax");
    assert_eq!(codes("[{\"a\":\"x\\u0000\"}]"), [("nul-byte", 1, 7)]);
    let deep = |n: usize| format!("[{}1{}]", "{\"a\":".repeat(n), "}".repeat(n));
    assert!(read("", &deep(30), &Declared::default()).is_ok());
    assert_eq!(codes(&deep(40))[0].0, "too-deep");
    // A list is one cell, however deep it is.
    let lists = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(sheet(&format!("[{{\"a\":{lists}}}]")).text, format!("a\n{lists}\n"));
    let wide: Vec<String> = (0..5_000).map(|n| format!("{{\"k{n}\":1}}")).collect();
    assert_eq!(codes(&wide.join("\n")), [("too-many-columns", 4_097, 1)]);
    let keys: Vec<String> = (0..5_000).map(|n| format!("\"k{n}\":1")).collect();
    assert_eq!(codes(&format!("[{{{}}}]", keys.join(",")))[0].0, "too-many-columns");
    assert_eq!(codes(&format!("[{{\"a\":\"{}\"}}]", "x".repeat((1 << 20) + 1)))[0].0, "field-too-long");
    // All of them at once, in the order of the file, up to the hundredth.
    let many = "{\"a\":1,\"a\":2}\n".repeat(150);
    let found = codes(&many);
    assert_eq!(found.len(), 101);
    assert_eq!((found[0], found[99].1, found[100].0), (("key-given-twice", 1, 12), 100, "more-problems"));
}

#[test]
fn json_is_told_from_other_text() {
    // Goal: a document that was cut off is JSON too; delimited text with brackets is not. Method: one of each.
    for text in
        ["{}", " \r\n[{\"a\":1}]", "{\"a\":", "\u{feff}{\"a\":1}\n{\"a\":2}", "[", "{\"a\":\"\u{5f39}"]
    {
        assert!(sniff(text.as_bytes()), "{text}");
    }
    for text in ["", "a,b\n", "[Report] 1;2\n", "[1] of 2;x\n", "{a};b\n", "{\"a\" x", "\"{\"", "\u{7f}{"] {
        assert!(!sniff(text.as_bytes()), "{text}");
    }
    assert!(!sniff(b"{\"a\":\"\xff\"}"));
    let long = format!("[{}", "{\"a\":\"\u{5f39}\u{6027}\"},".repeat(10_000));
    assert!(sniff(long.as_bytes()));
}

/// A record as keys with the JSON of their values and the cells that follow.
type Record = Vec<(String, String, String)>;

fn value() -> impl Strategy<Value = (String, String)> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    prop_oneof![
        "[ -~é弹\n\"]{0,12}".prop_map(move |text| (quoted(&text), text)),
        "(-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,15})?([eE]-?[0-9]{1,3})?)".prop_map(|n| (n.clone(), n)),
        Just(("null".to_owned(), String::new())),
        any::<bool>().prop_map(|word| (word.to_string(), word.to_string())),
        proptest::collection::vec("[0-9]{1,3}", 0..4).prop_map(|list| {
            let list: Vec<String> = list.iter().map(|n| format!("1{n}")).collect();
            (format!("[ {} ]", list.join(" , ")), format!("[{}]", list.join(",")))
        }),
    ]
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let key = proptest::sample::subsequence(vec!["id", "Price", "x y", "名", "Tag", "e\"q"], 1..6);
    let record = (key, proptest::collection::vec(value(), 6)).prop_map(|(keys, values)| {
        let pairs = keys.into_iter().zip(values);
        pairs.map(|(key, (json, cell))| (key.to_owned(), json, cell)).collect::<Record>()
    });
    // Documents that are nothing but a list are pages of an answer, not records.
    let is_list = |record: &Record| matches!(&record[..], [(_, json, _)] if json.starts_with('['));
    proptest::collection::vec(record, 2..8)
        .prop_filter("pages of nothing but lists", move |records| !records.iter().all(is_list))
}

fn object(record: &[(String, String, String)], blank: &str) -> String {
    let pairs: Vec<String> = record
        .iter()
        .map(|(key, json, _)| format!("{}{blank}:{blank}{json}", serde_json::Value::from(key.as_str())))
        .collect();
    format!("{{{blank}{}{blank}}}", pairs.join(&format!("{blank},{blank}")))
}

/// The table by column name, the row of each record beside it.
fn table(sheet: &Sheet) -> Vec<(u32, std::collections::BTreeMap<String, String>)> {
    let rows = sheet.rows.clone().unwrap();
    let mut reader = csv::ReaderBuilder::new().from_reader(sheet.text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let cells = |record: csv::StringRecord| {
        let pairs = header.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned()));
        pairs.filter(|(_, cell)| !cell.is_empty()).collect()
    };
    let all: Vec<_> = reader.records().map(|record| cells(record.unwrap())).collect();
    assert_eq!(rows.len(), if sheet.text.is_empty() { 0 } else { all.len() + 1 });
    rows.into_iter().skip(1).zip(all).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Goal: what is written as JSON comes back cell by cell; the order of keys, blanks and the packing change
    /// nothing but lines. Method: the cells that the generator knows, against four spellings of the same records.
    #[test]
    fn records_come_back_whatever_their_spelling(records in records()) {
        let expected: Vec<_> = records
            .iter()
            .zip(1u32..)
            .map(|(record, line)| {
                let cells = record.iter().filter(|(_, _, cell)| !cell.is_empty());
                let cells = cells.map(|(key, _, cell)| (key.clone(), cell.clone()));
                (line, cells.collect::<std::collections::BTreeMap<_, _>>())
            })
            .filter(|(_, cells)| !cells.is_empty())
            .collect();
        let written = |blank: &str, is_reversed: bool, between: &str| {
            let all = records.iter().map(|record| {
                let mut record = record.clone();
                if is_reversed {
                    record.reverse();
                }
                object(&record, blank)
            });
            all.collect::<Vec<_>>().join(between)
        };
        let lines = sheet(&written("", false, "\n"));
        prop_assert_eq!(&table(&lines), &expected);
        let cells = |text: &str| -> Vec<_> { table(&sheet(text)).into_iter().map(|(_, cells)| cells).collect() };
        let expected: Vec<_> = expected.into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(&cells(&written(" \n", true, "\r")), &expected);
        prop_assert_eq!(&cells(&format!("[{}]", written("\t", true, ","))), &expected);
        prop_assert_eq!(&cells(&format!("{{\"Data\":[{}],\"Data2\":[]}}", written(" ", false, " ,\n"))), &expected);
    }

    /// Goal: no text makes it panic, and what it gives is read by the scan with a row for each record. Method:
    /// structural characters at random, and answers with a piece cut out or put in.
    #[test]
    fn no_text_makes_it_panic(
        soup in "[\\[\\]{}:,\"\\\\u0a1e.\\- \n\rnultrefs]{0,60}",
        cut in 0usize..200,
        drop in 0usize..8,
    ) {
        let answer = "{\"RequestId\":\"x\",\"Data\":{\"L\":[{\"a\":1,\"b\":{\"c\":\"\\ud83d\\ude00\"}},\n{\"a\":[{}]}]},\"TotalCount\":2}";
        let at = answer.floor_char_boundary(cut.min(answer.len()));
        let to = (at + drop).min(answer.len());
        let mutated = format!("{}{soup}{}", &answer[..at], &answer[to..]);
        let cut_off = &answer[..at];
        for text in [soup.as_str(), &mutated, cut_off] {
            let _ = sniff(text.as_bytes());
            for path in [None, Some("Data.L"), Some("Data"), Some("."), Some("..")] {
                let declared = Declared { table: path.map(str::to_owned), ..Declared::default() };
                match read("", text, &declared) {
                    Ok(sheets) => for sheet in sheets {
                        let scan = scan(sheet.text.as_bytes(), Marks::COMMA).unwrap();
                        prop_assert_eq!(scan.len(), sheet.rows.unwrap().len());
                    },
                    Err(problems) => {
                        prop_assert!(!problems.is_empty());
                        prop_assert!(problems.iter().all(|p| p.line > 0));
                    }
                }
            }
        }
    }
}
