//! From the bytes of a text file to UTF-8.
//!
//! The order: a byte-order mark; every second byte zero (UTF-16 without a mark); valid UTF-8; the declared encoding; and only
//! for what is none of these, detection. Its invariant: every byte is decoded or the file is refused with the place of the
//! first one that cannot be; a replacement character is never put in its stead, and what was chosen is said.
//!
//! Evidence instead of trust, because a wrong encoding decodes without an error more often than not:
//! - A file that is UTF-8 but for a few bytes stays UTF-8 and is refused with their places, even where a legacy encoding is
//!   declared. Of GBK, CP949, Big5 and Shift_JIS text at most one character in four happens to be valid UTF-8, of Latin text
//!   hardly one; so four valid characters for each broken place speak for UTF-8, and one for each where the guess is an
//!   encoding of single bytes, in which nothing is ever wrong.
//! - A guess counts from [`ENOUGH_WORDS`] on. Below that it is wrong too often, silently (환불 in CP949 is 発災 in
//!   EUC-JP). Then the words are read in every encoding there is, and taken where one reading alone makes words of them
//!   (`readings`); else the guess is told with the refusal, to be declared.

mod readings;

use std::collections::BTreeSet;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, DecoderResult, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, REPLACEMENT, SHIFT_JIS, UTF_8,
    UTF_16BE, UTF_16LE, X_USER_DEFINED,
};

use super::{Declared, Problem, dialect};
use crate::diagnostic::visible;
use crate::ingest::scan;

/// How many different words with characters beyond ASCII make a guess count. Measured on 40,000 lists of two-letter names each
/// in GB18030, CP949, Big5, Shift_JIS, EUC-JP and windows-1252: of 1 word, 12 to 60 % of the guesses are wrong, of 5 up to
/// 3 %, of 9 up to 0.15 %, of 12 and more none of 79,000.
pub const ENOUGH_WORDS: usize = 12;
/// Valid characters beyond ASCII for each broken place that make a file broken UTF-8 rather than something else.
const UTF8_EVIDENCE: usize = 4;
/// How much of a file is looked at to detect its encoding, from the line of its first byte beyond ASCII on: 1 MiB. The rest
/// is decoded just as strictly.
const DETECTION_BYTES: usize = 1 << 20;
/// How much of a file is looked at for the zeros of UTF-16: 64 KiB.
const ZEROS_BYTES: usize = 64 << 10;

/// A text, and how it was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// UTF-8; the bytes themselves where they were that, with their byte-order mark.
    pub text: String,
    /// What was chosen and why, in words; nothing where that is what was declared.
    pub detected: Option<String>,
}

/// Decodes a text.
///
/// Shape: text that is UTF-8 already is not copied.
///
/// # Errors
/// - `encoding-unknown-label`: an encoding that is not read.
/// - `encoding-broken-utf8`: UTF-8 with broken bytes, followed by their places as [`scan::scan`] tells them.
/// - `encoding-does-not-fit`: the first bytes that the declared or detected encoding has no character for, with their offset,
///   line and field, and what the file looks like instead.
/// - `encoding-unknown`: not UTF-8, nothing declared, and nothing that may be taken for granted.
pub fn decode(bytes: Vec<u8>, layout: &Declared) -> Result<Decoded, Vec<Problem>> {
    let declared = layout.encoding.as_deref().map(named).transpose()?;
    if let Some((encoding, why)) = utf16(&bytes) {
        let mark = if why == MARK { 2 } else { 0 };
        let text = strict(&bytes, mark, encoding, &format!("is {}", encoding.name()), declared, layout)?;
        return Ok(Decoded { text, detected: chosen(encoding, why, declared) });
    }
    let is_marked = bytes.starts_with(b"\xEF\xBB\xBF");
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => match declared.filter(|encoding| !is_marked && wins_over_utf8(&text, encoding)) {
            Some(_) => text.into_bytes(),
            None => {
                let why = if is_marked { MARK } else { "its bytes are valid" };
                return Ok(Decoded { text, detected: chosen(UTF_8, why, declared) });
            }
        },
        Err(error) => error.into_bytes(),
    };
    let (guess, words) = guess(&bytes);
    let needed = if declared.is_none() && guess.is_single_byte() { 1 } else { UTF8_EVIDENCE };
    if is_marked || declared == Some(UTF_8) || is_broken_utf8(&bytes, needed) {
        return Err(broken_utf8(&bytes, layout));
    }
    if let Some(encoding) = declared {
        let said = format!("is declared as {}", shown(encoding));
        let text = strict(&bytes, 0, encoding, &said, declared, layout)?;
        return Ok(Decoded { text, detected: None });
    }
    if words.len() < ENOUGH_WORDS {
        let Some((encoding, words)) = readings::only(&bytes, guess) else {
            return Err(vec![unsettled(guess, &words)]);
        };
        let text = strict(&bytes, 0, encoding, &format!("looks like {}", shown(encoding)), declared, layout)?;
        let why = format!("in no other its words beyond ASCII are words, such as {}", quoted(&words));
        return Ok(Decoded { text, detected: chosen(encoding, &why, declared) });
    }
    let text = strict(&bytes, 0, guess, &format!("looks like {}", shown(guess)), declared, layout)?;
    let detected = chosen(guess, &format!("its words beyond ASCII, such as {}", quoted(&words)), declared);
    Ok(Decoded { text, detected })
}

const MARK: &str = "byte-order mark";

fn chosen(encoding: &'static Encoding, why: &str, declared: Option<&'static Encoding>) -> Option<String> {
    let said = match declared {
        Some(declared) if declared == encoding => return None,
        Some(declared) => format!(", not {} as declared", shown(declared)),
        None => String::new(),
    };
    Some(format!("encoding {} ({why}{said})", shown(encoding)))
}

/// The name of an encoding as people write it.
fn shown(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 { "GB18030" } else { encoding.name() }
}

fn quoted(words: &BTreeSet<String>) -> String {
    let few: Vec<String> = words.iter().take(3).map(|word| format!("`{}`", visible(word))).collect();
    few.join(", ")
}

/// The encoding of a label, those that Python and Windows have for code pages too.
fn named(label: &str) -> Result<&'static Encoding, Vec<Problem>> {
    let known: [(&str, &'static Encoding); 5] =
        [("utf-8-sig", UTF_8), ("cp936", GB18030), ("cp949", EUC_KR), ("cp950", BIG5), ("cp932", SHIFT_JIS)];
    let alias = known
        .iter()
        .find(|(alias, _)| alias.eq_ignore_ascii_case(label.trim()))
        .map(|(_, encoding)| *encoding);
    // The standard has them for browsers: one refuses everything, one invents characters, one is ASCII with escapes.
    let is_read = |encoding: &&Encoding| ![REPLACEMENT, X_USER_DEFINED, ISO_2022_JP].contains(encoding);
    alias.or_else(|| Encoding::for_label(label.as_bytes()).filter(is_read)).ok_or_else(|| {
        let message = format!("`{}` is not the name of an encoding that is read", visible(label));
        let help = format!("name one of the WHATWG encoding standard; {}", declare("gb18030"));
        vec![problem("encoding-unknown-label", message, help)]
    })
}

fn problem(code: &'static str, message: String, help: String) -> Problem {
    Problem { code, sheet: String::new(), line: 0, column: 0, value: String::new(), message, help }
}

/// UTF-16: a mark, or zeros in every second byte alone. A quarter of the characters of a table of any language are digits,
/// delimiters and line ends, while a file damaged with zeros has them at even and odd places.
fn utf16(bytes: &[u8]) -> Option<(&'static Encoding, &'static str)> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding != UTF_8).then_some((encoding, MARK));
    }
    let units = bytes[..bytes.len().min(ZEROS_BYTES)].as_chunks::<2>().0;
    let zeros = |place: usize| units.iter().filter(|unit| unit[place] == 0).count();
    let is_text = |zeros: usize, other: usize| zeros > 1 && zeros * 4 >= units.len() && other * 8 <= zeros;
    let (even, odd) = (zeros(0), zeros(1));
    match (is_text(odd, even), is_text(even, odd)) {
        (true, _) => Some((UTF_16LE, "every second byte is zero")),
        (_, true) => Some((UTF_16BE, "every second byte is zero")),
        (false, false) => None,
    }
}

/// Whether bytes that are UTF-8 are meant in a declared encoding of two bytes per character all the same: where they have
/// UTF-8 characters of two bytes only. Two short Chinese names in GBK can be that, Chinese in UTF-8 cannot.
fn wins_over_utf8(text: &str, encoding: &'static Encoding) -> bool {
    let is_wide = encoding.is_ascii_compatible() && !encoding.is_single_byte() && encoding != UTF_8;
    is_wide
        && !text.is_ascii()
        && text.chars().all(|character| character.len_utf8() < 3)
        && encoding.decode_without_bom_handling_and_without_replacement(text.as_bytes()).is_some()
}

fn is_broken_utf8(bytes: &[u8], valid_per_broken: usize) -> bool {
    let (mut valid, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    valid > 0 && broken > 0 && valid >= broken.saturating_mul(valid_per_broken)
}

fn broken_utf8(bytes: &[u8], layout: &Declared) -> Vec<Problem> {
    let broken = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    let s = if broken == 1 { "" } else { "s" };
    let message = format!("the file is UTF-8 with {broken} broken place{s}");
    let help = format!("export it again as UTF-8; where it is in another encoding, {}", declare("gb18030"));
    let mut all = vec![problem("encoding-broken-utf8", message, help)];
    let scanned = dialect::detect(bytes, layout).map(|dialect| scan::scan(bytes, dialect.marks));
    all.extend(scanned.ok().and_then(Result::err).map(told).unwrap_or_default());
    all
}

/// What a scan refuses as problems of a sheet.
pub(super) fn told(errors: Vec<scan::ScanError>) -> Vec<Problem> {
    let problem = |error: scan::ScanError| Problem {
        code: error.code,
        sheet: String::new(),
        line: error.line,
        column: error.column as u64,
        value: error.value,
        message: error.message,
        help: error.help,
    };
    errors.into_iter().map(problem).collect()
}

/// The encoding that the content speaks for most, and the words that do.
fn guess(bytes: &[u8]) -> (&'static Encoding, BTreeSet<String>) {
    let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len());
    // From the start of its line on: what stands before a letter is part of the evidence.
    let line = bytes[..first].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let rest = &bytes[line.max(first.saturating_sub(256))..];
    let sample = &rest[..rest.len().min(DETECTION_BYTES)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, sample.len() == rest.len());
    let guess = detector.guess(None, Utf8Detection::Deny);
    let (text, _) = guess.decode_without_bom_handling(sample);
    let words = text.split(|character: char| character.is_ascii() && !character.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_ascii()).map(str::to_owned).collect();
    // The same decoder; the wider name is true of both.
    (if guess == GBK { GB18030 } else { guess }, words)
}

fn unsettled(guess: &'static Encoding, words: &BTreeSet<String>) -> Problem {
    let message = format!(
        "the file is not UTF-8, and {} to tell what it is; as {} they read {}",
        match words.len() {
            1 => "1 word beyond ASCII is too little".to_owned(),
            count => format!("{count} different words beyond ASCII are too few"),
        },
        shown(guess),
        quoted(words)
    );
    let help = format!(
        "if these words are right, {}; else name its encoding there, or export it as UTF-8",
        declare(&label(guess))
    );
    problem("encoding-unknown", message, help)
}

/// What to write to say in which encoding a file is.
fn declare(label: &str) -> String {
    format!("write encoding = \"{label}\" in its [[source]], or try `tieout map FILE --encoding {label}`")
}

fn label(encoding: &'static Encoding) -> String {
    encoding.name().to_ascii_lowercase()
}

/// Decodes everything from a byte on, or says where it cannot; `said` is where the encoding comes from.
fn strict(
    bytes: &[u8],
    from: usize,
    encoding: &'static Encoding,
    said: &str,
    declared: Option<&'static Encoding>,
    layout: &Declared,
) -> Result<String, Vec<Problem>> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0);
    let mut text = String::with_capacity(room);
    let (result, read) = decoder.decode_to_string_without_replacement(&bytes[from..], &mut text, true);
    let read = from + read;
    let wrong = match result {
        DecoderResult::Malformed(length, behind) => {
            let end = read.saturating_sub(usize::from(behind));
            Some((text.len(), end.saturating_sub(usize::from(length))..end))
        }
        DecoderResult::InputEmpty | DecoderResult::OutputFull => {
            control(&text, encoding).map(|(at, character)| {
                let start = encoding.encode(&text[..at]).0.len();
                let length = encoding.encode(character.encode_utf8(&mut [0; 4])).0.len();
                (at, start..start + length)
            })
        }
    };
    let Some((at, wrong)) = wrong else {
        text.shrink_to_fit();
        return Ok(text);
    };
    let hex: Vec<String> =
        bytes.get(wrong.clone()).unwrap_or_default().iter().map(|b| format!("0x{b:02X}")).collect();
    let (hex, offset) = (hex.join(" "), wrong.start);
    // What follows is decoded for its delimiters and line ends only, to say the place.
    let whole = encoding.decode_without_bom_handling(&bytes[from..]).0;
    let place = |marks| scan::place_of(whole.as_bytes(), marks, at);
    let (line, column) = dialect::detect(whole.as_bytes(), layout).map_or((0, 0), |found| place(found.marks));
    let other = looks_like(bytes).filter(|other| *other != encoding && declared.is_some());
    let instead = other.map_or(String::new(), |other| format!("; it may be {}", shown(other)));
    let message =
        format!("the file {said}, which has no character for the bytes {hex} at offset {offset}{instead}");
    let help = match other {
        Some(other) => {
            format!("if that is what it is, {}; or export the file as UTF-8", declare(&label(other)))
        }
        None if encoding == UTF_16LE || encoding == UTF_16BE => "copy or export the file again".to_owned(),
        None => {
            format!("name the encoding that it is in: {}; or export the file as UTF-8", declare("gb18030"))
        }
    };
    let problem = problem("encoding-does-not-fit", message, help);
    Err(vec![Problem { line, column: column as u64, value: hex, ..problem }])
}

/// The first control character that no text has and only a wrong encoding makes: U+0080 to U+009F. UTF-16 and GB18030 can
/// write every character, so there it stands for itself.
fn control(text: &str, encoding: &'static Encoding) -> Option<(usize, char)> {
    let says_all = [UTF_16LE, UTF_16BE, GB18030, GBK].contains(&encoding);
    let is_control = |(_, character): &(usize, char)| ('\u{80}'..='\u{9F}').contains(character);
    if says_all { None } else { text.char_indices().find(is_control) }
}

/// What bytes look like, whatever is declared; nothing where they fit nothing.
fn looks_like(bytes: &[u8]) -> Option<&'static Encoding> {
    if is_broken_utf8(bytes, UTF8_EVIDENCE) {
        return Some(UTF_8);
    }
    let (guess, _) = guess(bytes);
    let text = guess.decode_without_bom_handling_and_without_replacement(bytes)?;
    control(&text, guess).is_none().then_some(guess)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{EUC_JP, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};
    use proptest::prelude::*;

    const CHINESE: &[&str] = &[
        "杭州", "云端", "科技", "公司", "腾讯", "上海", "华为", "张伟", "北京", "数据", "续费", "按量",
        "退款", "王芳", "阿里", "账期", "佣金", "客户", "名称", "产品", "地域", "华东", "金额", "状态",
        "已付", "备注", "合同", "李娜", "深圳", "广州",
    ];
    const KOREAN: &[&str] = &[
        "클라우드",
        "서울",
        "김철수",
        "환불",
        "데이터",
        "한국",
        "삼성",
        "신규",
        "합계",
        "고객",
        "금액",
        "부산",
        "청구",
        "계약",
        "이영희",
        "네트워크",
        "서비스",
        "주문",
        "상태",
        "완료",
        "지역",
        "비고",
        "할인",
        "제품",
        "날짜",
        "은행",
        "정산",
    ];
    const TRADITIONAL: &[&str] = &[
        "雲端",
        "科技",
        "台北",
        "退款",
        "王小明",
        "資料",
        "臺灣",
        "訂單",
        "客戶",
        "金額",
        "產品",
        "區域",
        "狀態",
        "備註",
        "合約",
        "優惠",
        "網路",
        "服務",
        "時間",
        "高雄",
        "付款",
        "名稱",
        "股份",
    ];
    const JAPANESE: &[&str] = &[
        "クラウド",
        "東京",
        "返金",
        "田中",
        "データ",
        "日本",
        "注文",
        "株式",
        "会社",
        "金額",
        "顧客",
        "製品",
        "地域",
        "状態",
        "完了",
        "備考",
        "契約",
        "割引",
        "サービス",
        "大阪",
        "請求",
        "時間",
        "支払",
        "ネット",
        "佐藤",
        "鈴木",
    ];
    const WESTERN: &[&str] = &[
        "Müller",
        "Größe",
        "Café",
        "Zürich",
        "naïve",
        "Señor",
        "Übersee",
        "Ärzte",
        "Société",
        "façade",
        "São",
        "Málaga",
        "Curaçao",
        "Ångström",
        "Smørrebrød",
        "Béla",
        "Köln",
        "Straße",
        "François",
        "Jürgen",
        "Núñez",
        "Lübeck",
        "£100",
    ];
    const POLISH: &[&str] = &[
        "Łódź",
        "Kraków",
        "Gdańsk",
        "spółka",
        "należność",
        "Wałęsa",
        "płatność",
        "usługa",
        "zwrot środków",
        "Śląsk",
        "Żywiec",
        "miesiąc",
        "Dąbrowa",
        "źródło",
        "odrębna",
        "Rzeszów",
        "Wrocław",
        "późno",
        "księga",
        "błąd",
    ];
    const RUSSIAN: &[&str] = &[
        "Москва",
        "облако",
        "возврат",
        "клиент",
        "сумма",
        "заказ",
        "статус",
        "оплачено",
        "Иванов",
        "договор",
        "сеть",
        "Казань",
        "услуга",
        "период",
        "партнер",
        "валюта",
        "отчет",
        "итого",
        "регион",
        "скидка",
        "счет",
    ];
    const LANGUAGES: [(&Encoding, &[&str]); 8] = [
        (GB18030, CHINESE),
        (EUC_KR, KOREAN),
        (BIG5, TRADITIONAL),
        (SHIFT_JIS, JAPANESE),
        (EUC_JP, JAPANESE),
        (WINDOWS_1252, WESTERN),
        (WINDOWS_1250, POLISH),
        (WINDOWS_1251, RUSSIAN),
    ];

    fn table(names: &[&str]) -> String {
        let row = |(at, name): (usize, &&str)| format!("ORD-{at},{name},10.00\n");
        format!("order_id,customer,amount\n{}", names.iter().enumerate().map(row).collect::<String>())
    }

    fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        let (bytes, _, is_lossy) = encoding.encode(text);
        assert!(!is_lossy, "{text}");
        bytes.into_owned()
    }

    fn utf16_bytes(text: &str, is_little: bool) -> Vec<u8> {
        let bytes = |unit: u16| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn declared(label: &str) -> Declared {
        Declared { encoding: Some(label.to_owned()), ..Declared::default() }
    }

    fn detected(bytes: Vec<u8>) -> (String, String) {
        let decoded = decode(bytes, &Declared::default()).unwrap();
        (decoded.text, decoded.detected.unwrap_or_default())
    }

    /// Goal: UTF-8 and UTF-16 are read with and without a mark, and it is said how they were known; trap 2.
    /// Method: one table with ASCII and Chinese, written in each way.
    #[test]
    fn unicode_is_known_by_its_mark_or_its_zeros() {
        let text = table(&["一二三科技", "Müller"]);
        assert_eq!(
            detected(text.clone().into()),
            (text.clone(), "encoding UTF-8 (its bytes are valid)".into())
        );
        let marked = format!("\u{FEFF}{text}");
        assert_eq!(detected(marked.clone().into()), (marked, "encoding UTF-8 (byte-order mark)".into()));
        for (is_little, name) in [(true, "UTF-16LE"), (false, "UTF-16BE")] {
            let bare = utf16_bytes(&text, is_little);
            assert_eq!(
                detected(bare),
                (text.clone(), format!("encoding {name} (every second byte is zero)"))
            );
            let marked = utf16_bytes(&format!("\u{FEFF}{text}"), is_little);
            assert_eq!(detected(marked), (text.clone(), format!("encoding {name} (byte-order mark)")));
        }
    }

    /// Goal: a name in a legacy encoding comes out right or the file is refused; never another name, and never U+FFFD.
    /// Method: 300 tables of 1 to 30 random names in each of eight encodings, the names of two letters that fool detectors
    /// among them; all tables with enough words but a few are read.
    #[test]
    fn a_guess_is_right_or_is_not_taken() {
        for (encoding, names) in LANGUAGES {
            let (mut read, mut enough, mut seed) = (0, 0, 7_u64);
            for _ in 0..300 {
                let mut next = |below: usize| {
                    seed =
                        seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (seed >> 33) as usize % below
                };
                let picked: Vec<&str> = (0..=next(30)).map(|_| names[next(names.len())]).collect();
                let text = table(&picked);
                enough += usize::from(picked.iter().collect::<BTreeSet<_>>().len() >= ENOUGH_WORDS);
                match decode(encoded(encoding, &text), &Declared::default()) {
                    Ok(decoded) => {
                        assert_eq!(decoded.text, text, "{}", encoding.name());
                        read += 1;
                    }
                    Err(problems) => assert!(problems[0].code.starts_with("encoding-"), "{problems:?}"),
                }
            }
            assert!(enough > 100 && read * 100 >= enough * 95, "{}: {read} of {enough}", encoding.name());
        }
    }

    /// Goal: GB18030 names and Windows-1252 names are read without a word, and what speaks for it is said.
    #[test]
    fn enough_words_settle_the_encoding() {
        let text = table(&CHINESE[..15]);
        let said = "encoding GB18030 (its words beyond ASCII, such as `上海`, `云端`, `公司`)";
        assert_eq!(detected(encoded(GB18030, &text)), (text, said.to_owned()));
        let text = table(&WESTERN[..15]);
        let said = "encoding windows-1252 (its words beyond ASCII, such as `Béla`, `Café`, `Curaçao`)";
        let all = WESTERN[..16].to_vec();
        assert_eq!(detected(encoded(WINDOWS_1252, &table(&all))), (table(&all), said.to_owned()));
        assert_eq!(
            decode(encoded(WINDOWS_1252, &text), &declared("cp1252")).unwrap(),
            Decoded { text, detected: None }
        );
    }

    /// Goal: too few words are refused with the guess, how they read under it, and what to declare.
    #[test]
    fn too_few_words_are_refused_with_what_they_may_be() {
        let problems = decode(encoded(GB18030, &table(&["杭州云"])), &Declared::default()).unwrap_err();
        assert_eq!(problems[0].code, "encoding-unknown");
        assert_eq!(
            problems[0].message,
            "the file is not UTF-8, and 1 word beyond ASCII is too little to tell what it is; as GB18030 they read \
             `杭州云`"
        );
        let help = "if these words are right, write encoding = \"gb18030\" in its [[source]], or try `tieout map FILE \
                    --encoding gb18030`; else name its encoding there, or export it as UTF-8";
        assert_eq!(problems[0].help, help);
    }

    /// Goal: a declared encoding that does not fit names the bytes, their offset, line and field, and the way out.
    /// Method: GB18030 declared as CP949 with a character that this does not have; windows-1252 with a byte that is none.
    #[test]
    fn a_declared_encoding_that_does_not_fit_is_refused_with_the_place() {
        let text = "order_id,customer\nORD-1,Acme\nORD-2,\u{4E02}云端\n";
        let problems = decode(encoded(GB18030, text), &declared("cp949")).unwrap_err();
        let Problem { code, line, column, ref value, ref message, ref help, .. } = problems[0];
        assert_eq!((code, line, column, &**value), ("encoding-does-not-fit", 3, 2, "0x81"), "{message}");
        assert!(message.contains("at offset 35"), "{message}");
        assert!(help.contains("encoding = \"gb18030\"") && help.contains("--encoding gb18030"), "{help}");

        let problems = decode(b"a,b\n\xFC,x\x81y\n".to_vec(), &declared("windows-1252")).unwrap_err();
        let Problem { code, line, column, ref message, .. } = problems[0];
        assert_eq!((code, line, column), ("encoding-does-not-fit", 2, 2));
        assert!(message.starts_with(
            "the file is declared as windows-1252, which has no character for the bytes 0x81 at offset 7"
        ));
    }

    /// Goal: UTF-8 with broken bytes is not taken for a legacy encoding, declared or not, and each place is named.
    /// Method: a Chinese name cut in its middle, as a column of limited bytes does.
    #[test]
    fn broken_utf8_stays_utf8() {
        let mut bytes = table(&CHINESE[..6]).into_bytes();
        let cut = bytes.iter().position(|byte| *byte >= 0x80).unwrap() + 1;
        bytes.remove(cut);
        for layout in [Declared::default(), declared("gb18030"), declared("utf-8")] {
            let problems = decode(bytes.clone(), &layout).unwrap_err();
            let codes: Vec<_> =
                problems.iter().map(|problem| (problem.code, problem.line, problem.column)).collect();
            assert_eq!(codes, [("encoding-broken-utf8", 0, 0), ("invalid-utf8", 2, 2)], "{layout:?}");
        }
    }

    /// Goal: bytes that are UTF-8 are read as that whatever is declared, and it is said; only two-byte text, which a short
    /// name in GBK can be by chance, follows the declaration.
    #[test]
    fn utf8_wins_over_a_declaration_that_it_refutes() {
        let text = table(&["杭州云端"]);
        let decoded = decode(text.clone().into(), &declared("gbk")).unwrap();
        let said = "encoding UTF-8 (its bytes are valid, not GBK as declared)".to_owned();
        assert_eq!(decoded, Decoded { text, detected: Some(said) });
        let text = table(&["状态"]);
        let bytes = encoded(GB18030, &text);
        assert!(str::from_utf8(&bytes).is_ok());
        assert_eq!(decode(bytes, &declared("GB18030")).unwrap(), Decoded { text, detected: None });
    }

    /// Goal: labels are those that people know; others are refused. Method: one of each kind.
    #[test]
    fn labels_are_the_known_ones() {
        for label in
            ["utf-8-sig", "CP949", "cp936", "ms932", "latin1", "windows-1252", "GB2312", "utf-16", " big5 "]
        {
            assert!(decode(b"a,b\n".to_vec(), &declared(label)).is_ok(), "{label}");
        }
        for label in ["", "utf-7", "replacement", "x-user-defined", "iso-2022-jp"] {
            let problems = decode(b"a,b\n".to_vec(), &declared(label)).unwrap_err();
            assert_eq!(problems[0].code, "encoding-unknown-label", "{label}");
        }
    }

    proptest! {
        /// Goal: no bytes make it panic under any declaration, and what is read has no character put in for a broken byte.
        #[test]
        fn any_bytes_are_read_or_refused(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            label in prop_oneof![
                Just(None), Just(Some("gb18030")), Just(Some("utf-16le")), Just(Some("cp949")), Just(Some("windows-1252"))
            ],
        ) {
            let layout = Declared { encoding: label.map(str::to_owned), ..Declared::default() };
            if let Ok(decoded) = decode(bytes.clone(), &layout) && str::from_utf8(&bytes).is_err() {
                // These can spell the character itself.
                let is_wide = decoded.detected.is_some_and(|said| said.contains("UTF-16"))
                    || matches!(label, Some("gb18030" | "utf-16le"));
                let is_clean = !decoded.text.contains(char::REPLACEMENT_CHARACTER);
                prop_assert!(is_wide || is_clean);
            }
        }
    }
}
