use super::catalog::{Piece, pieces};
use super::*;

const DATES: &str = "[dates]\nday = \"{day}.{month}.{year}\"\nmonth = \"{month}/{year}\"\nmonth_name = \"M{month}\"\n\
    short_day = \"{day}.{month}.\"\ndays = \"{first}-{last}.{month}.{year}\"\nspan = \"{from}..{to}\"\nmoment = \"{day} {time}\"\n";

fn read(messages: &str) -> Result<(Language, Vec<Fault>), Vec<String>> {
    let text = format!("{DATES}[messages]\n{messages}");
    Language::read("xx", &[("content/messages/xx.toml".to_owned(), text)])
}

#[test]
fn a_sentence_is_read_as_format_reads_it() {
    let parts: Vec<Piece<'_>> = pieces("{a} of {{b}}, {c}").collect();
    let text = Piece::Text;
    assert_eq!(
        parts,
        [Piece::Value("a"), text(" of "), text("{"), text("b"), text("}"), text(", "), Piece::Value("c")]
    );
    assert_eq!(filled("{b}: {a}{b}", &[("a", &1), ("b", &"x")]), "x: 1x");
}

#[test]
fn a_text_is_said_in_the_language_of_the_thread_and_only_there() {
    // Goal: a tree of another language, made in the same process, changes no word of the others. Method: the same texts before,
    // within and after, within English again, and on another thread meanwhile.
    let (xx, _) = read(
        "\"Not explained\" = \"?\"\n\"{count} rows\" = \"{count} R\"\n\"As known at {as_of}\" = \"{as_of}!\"",
    )
    .unwrap();
    let as_of = 7;
    let all = || {
        let rows = [1, 2].map(|n: u32| counted(&n.to_string(), "row", "rows"));
        (say!("Not explained"), say!("As known at {as_of}", as_of), rows, say!("Every check"))
    };
    let english =
        ("Not explained", "As known at 7".to_owned(), ["1 row", "2 rows"].map(str::to_owned), "Every check");
    assert_eq!(all(), english);
    xx.within(|| {
        assert_eq!(all(), ("?", "7!".to_owned(), ["1 R", "2 R"].map(str::to_owned), "Every check"));
        assert_eq!(Language::ENGLISH.within(all), english);
        std::thread::scope(|scope| assert_eq!(scope.spawn(all).join().unwrap(), english));
        assert_eq!(Language::spoken().code(), "xx");
    });
    assert_eq!(all(), english);
    let caught = std::panic::catch_unwind(|| xx.within(|| panic!("a page fails")));
    assert!(caught.is_err() && Language::spoken().is_english());
}

#[test]
fn dates_have_the_forms_of_the_language() {
    use crate::model::time::{AsOf, Month, date_in_words, short_day};
    let (xx, _) = read("").unwrap();
    let as_of = AsOf::parse("2026-06-12T0600Z").unwrap();
    let may = Month::new(2026, 5).unwrap();
    let period = crate::model::time::Period { start: may.first_day(), end: as_of.date() };
    let all = || {
        [
            date_in_words(as_of.date()),
            as_of.in_words(),
            may.in_words(),
            may.name(),
            may.period().in_words(),
            period.in_words(),
            short_day(as_of.date()),
        ]
    };
    let own = ["12.6.2026", "12.6.2026 06:00", "5/2026", "M5", "1-31.5.2026", "1.5.2026..11.6.2026", "12.6."];
    assert_eq!(xx.within(all), own);
    let english = [
        "12 Jun 2026",
        "12 Jun 2026, 06:00 UTC",
        "May 2026",
        "May",
        "1–31 May 2026",
        "1 May 2026 to 11 Jun 2026",
        "12 Jun",
    ];
    assert_eq!(all(), english);
}

#[test]
fn what_is_wrong_with_a_catalog_is_said_with_its_file_and_key() {
    // Goal: whoever translates finds the place. Method: one mistake of each kind; a later text overrides a single message.
    let (_, faults) = read("\"Menus\" = \"x\"").unwrap();
    assert!(faults.contains(&Fault::Unknown { key: "Menus".to_owned() }));
    assert!(faults.iter().any(
        |fault| matches!(fault, Fault::Missing { key, place } if key == "Menu" && place.contains("base.html"))
    ));
    let problems = read("\"{count} rows\" = \"{n} R\"").unwrap_err();
    assert_eq!(
        problems,
        ["`content/messages/xx.toml`: \"{count} rows\": the placeholders {count}, {n} are not in both texts"]
    );
    let no_dates = Language::read("xx", &[("a.toml".to_owned(), "[messages]".to_owned())]).unwrap_err();
    assert!(no_dates[0].contains("`day` of `[dates]`"), "{no_dates:?}");
    assert!(read("Menu = 7").unwrap_err()[0].starts_with("`content/messages/xx.toml`"));
    let texts = [
        ("a", format!("{DATES}[messages]\nMenu = \"1\"\nQuery = \"1\"")),
        ("b", "[messages]\nMenu = \"2\"".to_owned()),
    ];
    let texts = texts.map(|(path, text)| (path.to_owned(), text));
    let (both, _) = Language::read("xx", &texts).unwrap();
    assert_eq!(both.within(|| (label("Menu"), label("Query"))), ("2", "1"));
}

#[test]
fn messages_are_found_wherever_the_program_says_them() {
    let place = |key: &str| known().iter().find(|(own, _)| *own == key).map(|(_, places)| *places);
    let of = |key: &str, file: &str| {
        assert!(place(key).is_some_and(|places| places.contains(file)), "{key}: {:?}", place(key))
    };
    // A macro, a constant, a header of a column, a counted thing, a template, a script, and a table of texts.
    of("{rows} set aside and in no total.", "src/report/health/sound.rs");
    of("Half of the tickets closed within", "src/report/health/resolution.rs");
    of("Highest severity", "src/report/scopes/tables.rs");
    of("{count} control totals", "src/report/health/sound.rs");
    of("Skip to content", "templates/base.html");
    of("Sorted by {label}, {isUp}", "src/render/assets/site.js");
    of("no rate: a wrong rate cannot be told from a wrong base", "src/ingest/columns/absence.rs");
    // With its escapes read: the text of a script has them without braces.
    of("Comparing …", "src/render/assets/compare.js");
    assert_eq!(place("Not a message"), None);
}
