//! Files that the `parquet` crate writes in memory, and one of another writer, against tables written out by hand.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, GzipLevel};
use parquet::column::page::PageReader;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::file::metadata::{ColumnChunkMetaData, FileMetaData, ParquetMetaDataWriter};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use super::pages::Pages;
use super::*;

/// The values of a column that are there.
enum Values {
    Bool(Vec<bool>),
    Int(Vec<i32>),
    Long(Vec<i64>),
    Int96(Vec<[u32; 3]>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(Vec<Vec<u8>>),
    Fixed(Vec<Vec<u8>>),
}

fn text(values: &[&str]) -> Values {
    Values::Bytes(values.iter().map(|value| value.as_bytes().to_vec()).collect())
}

/// A column: its values, and for each row the level that says whether there is one (none for a required column).
type Filled = (Values, Option<Vec<i16>>);

fn file(schema: &str, properties: WriterProperties, groups: Vec<Vec<Filled>>) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(&format!("message rows {{ {schema} }}")).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    for columns in groups {
        let mut group = writer.next_row_group().unwrap();
        for (values, levels) in columns {
            let mut column = group.next_column().unwrap().unwrap();
            let levels = levels.as_deref();
            // A list would need its second levels; here each one has a single element.
            let repeated = levels.map(|levels| vec![0; levels.len()]);
            let repeated = repeated.as_deref();
            match values {
                Values::Bool(values) => column.typed::<BoolType>().write_batch(&values, levels, repeated),
                Values::Int(values) => column.typed::<Int32Type>().write_batch(&values, levels, repeated),
                Values::Long(values) => column.typed::<Int64Type>().write_batch(&values, levels, repeated),
                Values::Int96(values) => {
                    let values: Vec<Int96> =
                        values.into_iter().map(|data| Int96::from(data.to_vec())).collect();
                    column.typed::<Int96Type>().write_batch(&values, levels, repeated)
                }
                Values::Float(values) => column.typed::<FloatType>().write_batch(&values, levels, repeated),
                Values::Double(values) => column.typed::<DoubleType>().write_batch(&values, levels, repeated),
                Values::Bytes(values) => {
                    let values: Vec<ByteArray> = values.into_iter().map(ByteArray::from).collect();
                    column.typed::<ByteArrayType>().write_batch(&values, levels, repeated)
                }
                Values::Fixed(values) => {
                    let values: Vec<FixedLenByteArray> =
                        values.into_iter().map(FixedLenByteArray::from).collect();
                    column.typed::<FixedLenByteArrayType>().write_batch(&values, levels, repeated)
                }
            }
            .unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

fn plain() -> WriterProperties {
    WriterProperties::new()
}

fn sheet(bytes: Vec<u8>) -> Sheet {
    let mut sheets = read("bill", bytes, &Declared::default()).unwrap();
    assert_eq!((sheets.len(), sheets[0].name.as_str()), (1, "bill"));
    sheets.remove(0)
}

fn refused(bytes: Vec<u8>) -> Vec<(&'static str, u64, u64)> {
    let problems = read("bill", bytes, &Declared::default()).unwrap_err();
    for problem in &problems {
        assert!(!problem.message.is_empty() && !problem.help.is_empty() && problem.sheet == "bill");
    }
    problems.into_iter().map(|problem| (problem.code, problem.line, problem.column)).collect()
}

#[test]
fn every_type_has_its_exact_text() {
    // Goal: numbers, decimals, text, days and times come out as they are meant, a null is empty. Method: a column of each
    // type, new spelling and old, with extremes; the cells worked out by hand.
    let rows = [
        ("REQUIRED BOOLEAN a", Values::Bool(vec![true, false]), ["true", "false"]),
        ("REQUIRED INT32 a", Values::Int(vec![i32::MIN, 7]), ["-2147483648", "7"]),
        ("REQUIRED INT32 a (INTEGER(8,true))", Values::Int(vec![-128, 127]), ["-128", "127"]),
        ("REQUIRED INT32 a (UINT_32)", Values::Int(vec![-1, 0]), ["4294967295", "0"]),
        (
            "REQUIRED INT64 a",
            Values::Long(vec![5_569_414_254_138_836, i64::MIN]),
            ["5569414254138836", "-9223372036854775808"],
        ),
        ("REQUIRED INT64 a (INTEGER(64,false))", Values::Long(vec![-1, 1]), ["18446744073709551615", "1"]),
        ("REQUIRED INT32 a (DECIMAL(9,2))", Values::Int(vec![-5, 123_450]), ["-0.05", "1234.5"]),
        ("REQUIRED INT64 a (DECIMAL(18,0))", Values::Long(vec![1200, -1]), ["1200", "-1"]),
        (
            "REQUIRED FIXED_LEN_BYTE_ARRAY(9) a (DECIMAL(20,12))",
            Values::Fixed(vec![vec![0xFF; 9], vec![0, 0, 0, 0, 0, 0, 0, 1, 0]]),
            ["-0.000000000001", "0.000000000256"],
        ),
        (
            "REQUIRED BYTE_ARRAY a (DECIMAL(38,4))",
            Values::Bytes(vec![vec![0x80], [vec![0; 20], vec![0x27, 0x10]].concat()]),
            ["-0.0128", "1"],
        ),
        ("REQUIRED INT32 a (DATE)", Values::Int(vec![20_604, -1]), ["2026-05-31", "1969-12-31"]),
        (
            "REQUIRED INT32 a (DATE)",
            Values::Int(vec![0, i32::MAX]),
            ["1970-01-01", "2147483647 days since 1970-01-01"],
        ),
        (
            "REQUIRED INT64 a (TIMESTAMP(MILLIS,true))",
            Values::Long(vec![1_780_236_300_000, -1]),
            ["2026-05-31 14:05:00", "1969-12-31 23:59:59.999"],
        ),
        (
            "REQUIRED INT64 a (TIMESTAMP_MICROS)",
            Values::Long(vec![1_780_236_300_250_000, 1]),
            ["2026-05-31 14:05:00.25", "1970-01-01 00:00:00.000001"],
        ),
        (
            "REQUIRED INT64 a (TIMESTAMP(NANOS,false))",
            Values::Long(vec![1, 2_000_000_000]),
            ["1970-01-01 00:00:00.000000001", "1970-01-01 00:00:02"],
        ),
        (
            "REQUIRED INT64 a (TIMESTAMP_MILLIS)",
            Values::Long(vec![i64::MAX, 0]),
            ["9223372036854775.807 seconds since 1970-01-01", "1970-01-01 00:00:00"],
        ),
        (
            "REQUIRED INT96 a",
            Values::Int96(vec![[0, 0, 2_440_588], [1_000_000_000, 0, 2_440_589]]),
            ["1970-01-01 00:00:00", "1970-01-02 00:00:01"],
        ),
        ("REQUIRED INT32 a (TIME_MILLIS)", Values::Int(vec![50_700_000, 1]), ["14:05:00", "00:00:00.001"]),
        (
            "REQUIRED INT64 a (TIME(NANOS,true))",
            Values::Long(vec![1, 86_399_000_000_000]),
            ["00:00:00.000000001", "23:59:59"],
        ),
        ("REQUIRED FLOAT a", Values::Float(vec![0.1, 1234.5]), ["0.1", "1234.5"]),
        ("REQUIRED FLOAT a", Values::Float(vec![16_777_216.0, f32::NAN]), ["1.6777216E+7", "#NUM!"]),
        ("REQUIRED DOUBLE a", Values::Double(vec![8.25, -0.000_001]), ["8.25", "-0.000001"]),
        (
            "REQUIRED BYTE_ARRAY a (UTF8)",
            text(&["弹性计算, \"x\"\ny", "NULL"]),
            ["弹性计算, \"x\"\ny", "NULL"],
        ),
        ("REQUIRED BYTE_ARRAY a (ENUM)", text(&["BUY", " 0017\t"]), ["BUY", " 0017\t"]),
        ("REQUIRED BYTE_ARRAY a", text(&["slb", "é"]), ["slb", "é"]),
    ];
    for (schema, values, expected) in rows {
        let optional = format!("{};", schema.replace("REQUIRED", "OPTIONAL"));
        let found = sheet(file(&optional, plain(), vec![vec![(values, Some(vec![0, 1, 1]))]]));
        let mut reader = csv::Reader::from_reader(found.text.as_bytes());
        assert_eq!(reader.headers().unwrap(), &["a"][..]);
        let cells: Vec<String> = reader.records().map(|record| record.unwrap()[0].to_owned()).collect();
        assert_eq!(cells, expected, "{schema}");
        assert_eq!(found.rows, Some(vec![1, 2, 3]), "the first record is empty");
        let is_utc = ["TIMESTAMP_M", "MILLIS,true"].iter().any(|part| schema.contains(part))
            && schema.contains("STAMP");
        assert_eq!(
            found.detected.contains(&"the times of column `a` are UTC".to_owned()),
            is_utc,
            "{schema}"
        );
        assert!(found.detected.contains(&"1 of the rows are empty".to_owned()), "{:?}", found.detected);
    }
}

#[test]
fn structures_become_columns_and_lists_are_named() {
    // Goal: nothing is left out without a word. Method: a structure with an optional part, a list, a type without a text.
    let schema = "REQUIRED INT64 OrderId; OPTIONAL GROUP Price { OPTIONAL DOUBLE Amount; REQUIRED BYTE_ARRAY Currency (UTF8); }
        OPTIONAL GROUP Tags (LIST) { REPEATED GROUP list { REQUIRED INT32 element; } } REQUIRED FIXED_LEN_BYTE_ARRAY(2) Raw;";
    let columns = vec![
        (Values::Long(vec![1, 2, 3]), None),
        (Values::Double(vec![9.5]), Some(vec![2, 1, 0])),
        (text(&["USD", "EUR"]), Some(vec![1, 1, 0])),
        (Values::Int(vec![4, 5, 6]), Some(vec![2, 2, 2])),
        (Values::Fixed(vec![vec![1, 2]; 3]), None),
    ];
    let found = sheet(file(schema, plain(), vec![columns]));
    assert_eq!(found.text, "OrderId,Price.Amount,Price.Currency\n1,9.5,USD\n2,,EUR\n3,,\n");
    assert_eq!(
        found.detected,
        [
            "Parquet",
            "column `Tags.list.element` is not read: it is a list",
            "column `Raw` is not read: its type has no text"
        ]
    );
    let lists = file("REPEATED INT32 a;", plain(), vec![vec![(Values::Int(vec![1]), Some(vec![1]))]]);
    assert_eq!(refused(lists), [("columns-missing", 0, 0)]);
    let empty = sheet(file("REQUIRED INT32 a; REQUIRED INT32 b;", plain(), vec![]));
    assert_eq!((empty.text.as_str(), empty.rows), ("a,b\n", Some(vec![1])));
}

/// Three groups of rows, more than are decoded at a time, in text that repeats itself and in numbers.
fn bill(properties: WriterProperties) -> Vec<u8> {
    let group = |from: i64, rows: i64| {
        let all = || from..from + rows;
        let names = all().map(|n| format!("product {}", n % 7).into_bytes()).collect();
        let amounts = all().filter(|n| n % 3 != 0).collect();
        let levels = all().map(|n| i16::from(n % 3 != 0)).collect();
        vec![
            (Values::Long(all().collect()), None),
            (Values::Bytes(names), None),
            (Values::Long(amounts), Some(levels)),
        ]
    };
    let schema = "REQUIRED INT64 id; REQUIRED BYTE_ARRAY name (UTF8); OPTIONAL INT64 amount (DECIMAL(18,3));";
    file(schema, properties, vec![group(1, 2500), group(2501, 1), group(2502, 1024)])
}

#[test]
fn packing_and_pages_change_nothing() {
    // Goal: the same rows whatever the writer does. Method: three row groups under each packing, both kinds of pages, with
    // and without dictionaries, and small pages, against the rows counted out.
    let mut expected = "id,name,amount\n".to_owned();
    for n in 1..=3525 {
        let amount = if n % 3 == 0 { String::new() } else { decimal_text(n, 3) };
        expected += &format!("{n},product {},{amount}\n", n % 7);
    }
    let gzip = Compression::GZIP(GzipLevel::default());
    for packing in [Compression::UNCOMPRESSED, Compression::SNAPPY, gzip, Compression::LZ4_RAW] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for (is_dictionary, page) in [(true, 1 << 20), (false, 100)] {
                let properties = WriterProperties::builder()
                    .set_compression(packing)
                    .set_writer_version(version)
                    .set_dictionary_enabled(is_dictionary)
                    .set_data_page_row_count_limit(page)
                    .set_column_encoding("name".into(), Encoding::PLAIN);
                let found = sheet(bill(properties.build()));
                assert_eq!(found.text, expected, "{packing} {version:?} {is_dictionary}");
                assert_eq!(found.rows.unwrap().last(), Some(&3525));
            }
        }
    }
}

/// A number of units in plain text, by the division of whole numbers.
fn decimal_text(units: i128, scale: u32) -> String {
    let one = 10_u128.pow(scale);
    let (whole, mut rest) = (units.unsigned_abs() / one, units.unsigned_abs() % one);
    let mut text = format!("{}{whole}", if units < 0 { "-" } else { "" });
    if rest > 0 {
        text.push('.');
    }
    let mut unit = one / 10;
    while rest > 0 {
        text += &(rest / unit).to_string();
        (rest, unit) = (rest % unit, unit / 10);
    }
    text
}

#[test]
fn files_of_other_writers_are_read() {
    // Goal: Zstandard, which no crate here packs Parquet with, and another writer. Method: a file of pyarrow 26, made by
    // `pq.write_table(pa.table({"uid": ["1415740779475837", None, "x"] * 40, "amount": pa.array([Decimal("12.30"), None,
    // Decimal("-0.01")] * 40, pa.decimal128(20, 12)), "paid": pa.array([datetime(2026, 5, 31, 14, 5), None, None] * 40,
    // pa.timestamp("us", tz="UTC"))}), path, compression="zstd")`.
    let bytes = include_bytes!("../../../../tests/fixtures/formats/pyarrow-zstd.parquet").to_vec();
    assert!(looks_like(&bytes));
    let found = sheet(bytes);
    let rows = "1415740779475837,12.3,2026-05-31 14:05:00\nx,-0.01,\n".repeat(40);
    assert_eq!(found.text, format!("uid,amount,paid\n{rows}"));
    assert_eq!(found.rows.unwrap()[..4], [1, 1, 3, 4]);
    assert_eq!(found.detected, ["Parquet", "the times of column `paid` are UTC", "40 of the rows are empty"]);
}

#[test]
fn what_is_no_text_is_refused_with_its_place() {
    // Goal: no replacement characters, no lost bytes. Method: a bad cell of each kind; the rows and columns counted.
    let column = |values: Vec<Vec<u8>>| (Values::Bytes(values), None);
    let schema =
        "REQUIRED BYTE_ARRAY a (UTF8); REQUIRED BYTE_ARRAY b; REQUIRED BYTE_ARRAY c (DECIMAL(40,2));";
    let bad = file(
        schema,
        plain(),
        vec![
            vec![column(vec![b"x".to_vec()]), column(vec![b"y\0".to_vec()]), column(vec![vec![1; 17]])],
            vec![
                column(vec![vec![0xD6, 0xD0]]),
                column(vec![vec![b'x'; (1 << 20) + 1]]),
                column(vec![vec![]]),
            ],
        ],
    );
    let expected = [
        ("nul-byte", 1, 2),
        ("decimal-too-large", 1, 3),
        ("text-not-utf8", 2, 1),
        ("field-too-long", 2, 2),
        ("decimal-too-large", 2, 3),
    ];
    assert_eq!(refused(bad), expected);
    let many = file("REQUIRED BYTE_ARRAY a;", plain(), vec![vec![column(vec![vec![0xFF]; 3000])]]);
    let found = refused(many);
    assert_eq!(
        (found.len(), found[99], found[100]),
        (101, ("text-not-utf8", 100, 1), ("more-problems", 101, 0))
    );
}

/// A file whose footer is changed.
fn claiming(bytes: &[u8], rows: i64, size: i64) -> Vec<u8> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&Bytes::copy_from_slice(bytes)).unwrap();
    let mut groups = Vec::new();
    for group in metadata.row_groups() {
        let claim = |column: &ColumnChunkMetaData| {
            column.clone().into_builder().set_total_uncompressed_size(size).build().unwrap()
        };
        let columns = group.columns().iter().map(claim).collect();
        let builder = group.clone().into_builder().set_column_metadata(columns).set_num_rows(rows);
        groups.push(builder.build().unwrap());
    }
    let old = metadata.file_metadata();
    let file = FileMetaData::new(
        old.version(),
        rows * groups.len() as i64,
        None,
        None,
        old.schema_descr_ptr(),
        None,
    );
    let mut all = bytes[..bytes.len() - 8].to_vec();
    let metadata = ParquetMetaData::new(file, groups);
    ParquetMetaDataWriter::new(&mut all, &metadata).finish().unwrap();
    all
}

#[test]
fn sizes_are_checked_before_they_are_believed() {
    // Goal: no file takes more memory than there is. Method: a good file whose footer claims too much, too little and
    // nonsense; one with too many columns.
    let good = file("REQUIRED INT32 a;", plain(), vec![vec![(Values::Int(vec![1, 2]), None)]]);
    assert_eq!(sheet(claiming(&good, 2, 100)).text, "a\n1\n2\n");
    assert_eq!(refused(claiming(&good, 5_000_001, 100)), [("too-many-records", 0, 0)]);
    assert_eq!(refused(claiming(&good, 2, (512 << 20) + 1)), [("table-too-large", 0, 0)]);
    assert_eq!(refused(claiming(&good, 2, i64::MAX)), [("table-too-large", 0, 0)]);
    for (rows, size) in [(3, 100), (1, 100), (5_000_000, 100), (-1, 100), (2, -1)] {
        assert_eq!(refused(claiming(&good, rows, size)), [("parquet-damaged", 0, 0)], "{rows} {size}");
    }
    let names: Vec<String> = (0..4097).map(|n| format!("REQUIRED INT32 c{n};")).collect();
    let statistics = WriterProperties::builder().set_statistics_enabled(EnabledStatistics::None).build();
    let wide = file(&names.join(" "), statistics, vec![]);
    assert_eq!(refused(wide), [("too-many-columns", 0, 0)]);
    let few: Vec<String> = names[..41].to_vec();
    let columns = (0..41).map(|_| (Values::Int(vec![1]), None)).collect();
    assert_eq!(
        refused(claiming(&file(&few.join(" "), plain(), vec![columns]), 4_900_000, 9)),
        [("table-too-large", 0, 0)]
    );
}

#[test]
fn pages_unpack_within_their_allowance() {
    // Goal: a page that unpacks to far more than it says is refused before it fills the memory. Method: a million equal
    // characters, under each packing, with less room than they take and with as much.
    let value = vec![vec![b'x'; 1 << 20]];
    for packing in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::LZ4_RAW,
    ] {
        let properties =
            WriterProperties::builder().set_compression(packing).set_dictionary_enabled(false).build();
        let bytes = Bytes::from(file(
            "REQUIRED BYTE_ARRAY a;",
            properties,
            vec![vec![(Values::Bytes(value.clone()), None)]],
        ));
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&bytes).unwrap();
        let page = |room: usize| {
            let allowance = Arc::new(AtomicUsize::new(room));
            Pages::new(bytes.clone(), metadata.row_group(0).column(0), 1, allowance).unwrap().get_next_page()
        };
        assert!(page(1 << 16).is_err(), "{packing}");
        assert_eq!(page(2 << 20).unwrap().unwrap().buffer().len(), (1 << 20) + 4, "{packing}");
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    // Goal: each way in which a file is not what it should be has its own words. Method: one of each.
    let good = bill(plain());
    let footer = good.len() - 8;
    assert!(!looks_like(b"PK\x03\x04") && !looks_like(b"") && looks_like(b"PAR1"));
    assert_eq!(refused(good[..footer].to_vec()), [("parquet-cut-off", 0, 0)]);
    assert_eq!(refused(b"PAR1".to_vec()), [("parquet-cut-off", 0, 0)]);
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = good.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    assert_eq!(refused(with(footer + 4, b"PARE")), [("parquet-encrypted", 0, 0)]);
    assert_eq!(refused(with(footer, &[0xFF; 4])), [("table-too-large", 0, 0)]);
    assert_eq!(refused(with(footer, &[0, 0, 0x0F, 0])), [("parquet-damaged", 0, 0)]);
    // Of the page behind the magic, every byte counts: checksums and lengths.
    let text = |encoding| {
        let properties =
            WriterProperties::builder().set_dictionary_enabled(false).set_encoding(encoding).build();
        file("REQUIRED BYTE_ARRAY a;", properties, vec![vec![(text(&["x", "xy"]), None)]])
    };
    assert_eq!(sheet(text(Encoding::PLAIN)).text, "a\nx\nxy\n");
    assert_eq!(refused(text(Encoding::DELTA_BYTE_ARRAY)), [("parquet-unsupported", 0, 0)]);
    assert_eq!(refused(text(Encoding::DELTA_LENGTH_BYTE_ARRAY)), [("parquet-unsupported", 0, 0)]);
}

/// What `read` makes of bytes, whatever they are.
fn stays_up(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    match read("", bytes, &Declared::default()) {
        Ok(sheets) => {
            let records = csv::Reader::from_reader(sheets[0].text.as_bytes()).into_records();
            prop_assert_eq!(records.count() + 1, sheets[0].rows.as_ref().unwrap().len());
        }
        Err(problems) => prop_assert!(!problems.is_empty()),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Goal: decimals round trip exactly. Method: any number of units and any scale in each of the four ways to store
    /// them, against division by hand.
    #[test]
    fn decimals_are_exact(units in any::<i128>(), shift in 0_u32..127, scale in 0_u32..=9, fraction in 0_u32..=38) {
        let units = units >> shift;
        let (int, long) = (units as i32 % 1_000_000_000, units as i64 % 1_000_000_000_000_000_000);
        let bytes = units.to_be_bytes().to_vec();
        let lean = bytes[bytes.len().min(15).min((units ^ (units >> 127)).leading_zeros() as usize / 9)..].to_vec();
        let schema = format!(
            "REQUIRED INT32 a (DECIMAL(9,{scale})); REQUIRED INT64 b (DECIMAL(18,{scale}));
             REQUIRED BYTE_ARRAY c (DECIMAL(38,{fraction})); REQUIRED FIXED_LEN_BYTE_ARRAY(16) d (DECIMAL(38,{fraction}));"
        );
        let columns = vec![
            (Values::Int(vec![int]), None),
            (Values::Long(vec![long]), None),
            (Values::Bytes(vec![lean]), None),
            (Values::Fixed(vec![bytes]), None),
        ];
        let [a, b, c] = [(int.into(), scale), (long.into(), scale), (units, fraction)].map(|(n, s)| decimal_text(n, s));
        prop_assert_eq!(sheet(file(&schema, plain(), vec![columns])).text, format!("a,b,c,d\n{a},{b},{c},{c}\n"));
    }

    /// Goal: a double is an amount only where it can be no other one. Method: decimals of up to fifteen digits come back;
    /// of any other double comes a text with an exponent, which is that double.
    #[test]
    fn doubles_are_exact_or_no_amounts(units in -999_999_999_999_999_i64..=999_999_999_999_999, scale in 0_u32..=12, any in any::<f64>()) {
        let text = decimal_text(units.into(), scale);
        let double: f64 = text.parse().unwrap();
        let found = sheet(file("REQUIRED DOUBLE a;", plain(), vec![vec![(Values::Double(vec![double, any]), None)]])).text;
        let cells: Vec<&str> = found.lines().collect();
        prop_assert_eq!(cells[1], text);
        if any.is_finite() {
            prop_assert_eq!(cells[2].parse::<f64>().unwrap(), any);
            let digits = cells[2].bytes().filter(u8::is_ascii_digit).count();
            prop_assert!(cells[2].contains('E') || digits <= 15 + 15, "{}", cells[2]);
            prop_assert!(cells[2].contains('E') || any.abs() < 1e15, "{}", cells[2]);
        } else {
            prop_assert_eq!(cells[2], "#NUM!");
        }
    }

    /// Goal: no damage stops a run. Method: files of each packing, cut anywhere or with up to eight bytes changed, in the
    /// pages and in the footer.
    #[test]
    fn damaged_files_are_problems(
        packing in 0_usize..4,
        version in proptest::bool::ANY,
        cut in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        is_footer in proptest::bool::ANY,
    ) {
        let packing = [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(GzipLevel::default()), Compression::LZ4_RAW][packing];
        let version = if version { WriterVersion::PARQUET_1_0 } else { WriterVersion::PARQUET_2_0 };
        let properties = WriterProperties::builder().set_compression(packing).set_writer_version(version);
        let properties = properties.set_column_encoding("name".into(), Encoding::PLAIN).build();
        let columns = vec![
            (Values::Long((0..20).collect()), None),
            (text(&["x", "yy", ""].repeat(7)[..20]), None),
            (Values::Long((0..10).collect()), Some([0, 1].repeat(10))),
        ];
        let schema = "REQUIRED INT64 id; REQUIRED BYTE_ARRAY name (UTF8); OPTIONAL INT64 amount (DECIMAL(18,3));";
        let mut bytes = file(schema, properties, vec![columns]);
        stays_up(bytes[..cut.index(bytes.len())].to_vec())?;
        let from = if is_footer { bytes.len() / 2 } else { 4 };
        for (at, byte) in changes {
            let at = from + at.index(bytes.len() - from);
            bytes[at] = byte;
        }
        stays_up(bytes)?;
    }
}

/// A file without rows whose footer has these elements, each with its name and what it says of its children.
fn with_schema(elements: &[(&str, Option<i32>)]) -> Vec<u8> {
    let varint = |mut number: u32| {
        let mut bytes = Vec::new();
        while number > 0x7F {
            bytes.push((number & 0x7F) as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
        bytes
    };
    let zigzag = |number: i32| varint(((number << 1) ^ (number >> 31)).cast_unsigned());
    let mut footer = vec![0x15, 2, 0x19, 0xFC];
    footer.extend(varint(u32::try_from(elements.len()).unwrap()));
    for (name, children) in elements {
        let before: &[u8] = if children.is_some() { &[0x35, 0, 0x18] } else { &[0x15, 2, 0x25, 0, 0x18] };
        footer.extend_from_slice(before);
        footer.extend(varint(u32::try_from(name.len()).unwrap()));
        footer.extend_from_slice(name.as_bytes());
        if let Some(children) = children {
            footer.push(0x15);
            footer.extend(zigzag(*children));
        }
        footer.push(0);
    }
    // No row, no row group.
    footer.extend([0x16, 0, 0x19, 0x0C, 0]);
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    [b"PAR1", &footer[..], &length, b"PAR1"].concat()
}

#[test]
fn a_schema_that_would_end_the_process_is_refused() {
    // Goal: a footer of some kilobytes neither overflows the stack nor asks for memory that is not there; what is read stays
    // so. Method: schemas written byte by byte: groups in each other up to the limit, beyond it and 100,000 deep; groups that
    // say they have two thousand million children; children that are not there and columns that nobody has.
    let nested = |depth: usize| {
        let groups = std::iter::repeat_n(("g", Some(1)), depth);
        let all: Vec<_> = [("rows", Some(1))].into_iter().chain(groups).chain([("a", None)]).collect();
        with_schema(&all)
    };
    assert_eq!(sheet(nested(0)).text, "a\n");
    assert_eq!(sheet(nested(32)).text, format!("{}a\n", "g.".repeat(32)));
    for depth in [33, 1_000, 100_000] {
        assert_eq!(refused(nested(depth)), [("parquet-unsupported", 0, 0)], "{depth}");
    }
    let many = [("rows", Some(i32::MAX)), ("a", None)];
    let inner = [("rows", Some(1)), ("g", Some(i32::MAX)), ("a", None)];
    let beside = [("rows", Some(1)), ("a", None), ("b", None)];
    let fewer = [("rows", Some(2)), ("g", Some(1)), ("a", None)];
    let negative = [("rows", Some(1)), ("g", Some(-1)), ("a", None)];
    for schema in [&many[..], &inner, &beside, &fewer, &negative] {
        assert_eq!(refused(with_schema(schema)), [("parquet-damaged", 0, 0)], "{schema:?}");
    }
    let wide: Vec<_> =
        [("rows", Some(100_000))].into_iter().chain(std::iter::repeat_n(("", None), 100_000)).collect();
    assert_eq!(refused(with_schema(&wide)), [("too-many-columns", 0, 0)]);
    // A field of another type than the format's, which the crate would read as if it were of that one.
    let mut other = nested(2);
    let field = other.windows(2).position(|two| two == [0x15, 2]).unwrap() + 6;
    let children = other[field..].iter().position(|byte| *byte == 0x15).unwrap() + field;
    other[children] = 0x18;
    assert_eq!(refused(other), [("parquet-damaged", 0, 0)]);
}
