//! The sample in Chinese: everything is said, in one language, and no figure is another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tieout::content::Content;
use tieout::embedded;
use tieout::language::{Language, known};

use super::support::{Project, Tree, repository, sample};

const ZH: &str = "language = \"zh\"\n";

fn chinese() -> (Project, Tree) {
    let project = Project::sample();
    project.write("tieout.toml", ZH);
    let tree = project.build();
    (project, tree)
}

/// What is English by decision: close packs, so that workbook, CSV files and page say the same.
fn is_pack(path: &str) -> bool {
    path.starts_with("close/") && path != "close/index.html" && !path.ends_with("addendum.html")
}

fn pages(tree: &Tree) -> Vec<String> {
    tree.paths().iter().filter(|path| path.ends_with(".html") && !is_pack(path)).cloned().collect()
}

/// The texts of a page between its tags, without code, script and style.
fn texts(html: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut hidden: Option<&str> = None;
    for part in html.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let name = tag.split([' ', '/']).next().unwrap_or("");
        match hidden {
            Some(own) if tag == format!("/{own}") => hidden = None,
            Some(_) => continue,
            None => hidden = ["code", "pre", "script", "style"].into_iter().find(|own| *own == name),
        }
        if hidden.is_none() && !text.trim().is_empty() {
            texts.push(text.trim().to_owned());
        }
        for attribute in ["aria-label=\"", "placeholder=\"", "data-l=\""] {
            if let Some((_, rest)) = tag.split_once(attribute) {
                texts.push(rest.split('"').next().unwrap_or("").to_owned());
            }
        }
    }
    texts
}

/// Three English words in a row, none of which is a code or a file: nobody's data, but a sentence.
fn is_sentence(text: &str) -> bool {
    let is_word = |word: &str| {
        let letters = word.trim_matches(|c: char| c.is_ascii_punctuation());
        letters.len() > 1 && letters.bytes().all(|b| b.is_ascii_lowercase()) && !word.contains(['_', '.'])
    };
    text.split(' ').collect::<Vec<_>>().windows(3).any(|words| words.iter().all(|word| is_word(word)))
}

#[test]
fn every_message_and_every_content_file_has_its_translation() {
    // Goal: a new text is not forgotten in Chinese, and a text that went leaves nothing behind. Method: the embedded catalog against
    // the messages that the build found in the sources, and the folder of translations against the content.
    let catalogs = embedded::messages(Path::new("no such folder"), "zh").unwrap();
    let (language, faults) = Language::read("zh", &catalogs).unwrap();
    assert!(faults.is_empty(), "{} of {}: {:#?}", faults.len(), known().len(), faults);
    assert_eq!((language.code(), language.lang()), ("zh", "zh-Hans"));
    let files = embedded::content(Path::new("no such folder")).unwrap();
    let (texts, untranslated) = Content::in_language(&files, "zh").unwrap();
    assert_eq!(untranslated, Vec::<String>::new());
    let content = Content::read(&texts).unwrap();
    assert!(tieout::explain::Sentences::new(&content).is_ok());
}

#[test]
fn the_pages_are_chinese_and_their_figures_the_same() {
    // Goal: one page, one language; amounts, ids, addresses and headers of files do not depend on it. Method: the sample in both
    // languages: the same files, the same marked amounts page by page, the same headers, and no English sentence. What is wrong
    // with a row is told as the terminal tells it, in English, on the page of rows set aside and where it is quoted.
    let english = sample();
    let (_project, chinese) = chinese();
    // What is found by words lies in more or fewer files.
    let names = |tree: &Tree| -> BTreeSet<String> {
        let is_of_words = |path: &&String| path.starts_with("assets/") || path.starts_with("query/data/find");
        tree.paths().iter().filter(|path| !is_of_words(path)).cloned().collect()
    };
    let (own, other) = (names(&chinese), names(&english.tree));
    assert!(own == other, "{:?}", own.symmetric_difference(&other).collect::<Vec<_>>());
    let amounts = |html: &str| -> BTreeMap<String, usize> {
        let mut all = BTreeMap::new();
        for part in html.split("<data value=\"").skip(1) {
            *all.entry(part.split('"').next().unwrap_or("").to_owned()).or_default() += 1;
        }
        all
    };
    let mut said = BTreeSet::new();
    for path in pages(&chinese) {
        let (own, other) = (chinese.read(&path), english.tree.read(&path));
        assert!(own.contains("<html lang=\"zh-Hans\""), "{path}");
        assert_eq!(amounts(&own), amounts(&other), "{path}");
        said.extend(texts(&own).into_iter().filter(|text| is_sentence(text)));
    }
    let told = |text: &String| {
        text.contains("is not a decimal amount")
            || text.contains("this row is left out of the totals")
            || text.starts_with("tieout ")
    };
    said.retain(|text| !told(text));
    assert!(said.is_empty(), "{said:#?}");
    for path in chinese.paths().iter().filter(|path| path.ends_with(".csv") && !path.starts_with("close/")) {
        let header = |tree: &Tree| tree.read(path).lines().next().unwrap_or("").to_owned();
        assert_eq!(header(&chinese), header(&english.tree), "{path}");
    }
    let overview = chinese.main("index.html");
    for words in ["2026年5月", "返利合计为", "$31,771.08", "已计算", "需要处理", "42 项差异"]
    {
        assert!(overview.contains(words), "{words}");
    }
}

#[test]
fn scripts_and_packs_have_their_language() {
    // Goal: what a script says is in the language of its page, and a close pack is English and the same whatever language the
    // site has, or a sealed one could not be made again. Method: the file of messages, where it is loaded, and the packs of both.
    let english = sample();
    let (_project, chinese) = chinese();
    let messages =
        |tree: &Tree| tree.paths().iter().find(|path| path.starts_with("assets/messages-")).cloned();
    assert_eq!(messages(&english.tree), None);
    let path = messages(&chinese).unwrap();
    assert!(chinese.read("query.html").contains(&format!("src=\"./{path}\"")));
    let script = chinese.read(&path);
    assert!(
        script.contains("\"Copied\": \"已复制\"") && script.contains("\"day\": \"{year}年{month}月{day}日\""),
        "{script}"
    );
    assert!(!script.contains("Enrolled"), "only what scripts say");
    for pack in ["close/2026-05/csv/04-roll-forward.csv", "close/2026-05/csv/09-reconciling-items.csv"] {
        if english.tree.paths().iter().any(|path| path == pack) {
            assert_eq!(chinese.read(pack), english.tree.read(pack), "{pack}");
        }
    }
    assert!(chinese.read("close/2026-05.html").contains("<html lang=\"en\""));
}

#[test]
fn a_check_lists_what_the_language_lacks() {
    // Goal: whoever translates sees what is missing, and a placeholder that is wrong stops a build instead of losing a value.
    // Method: own catalogs that override single messages; a language that only the project has; a language that nobody has.
    let project = Project::base();
    let lines = |project: &Project| -> Vec<String> {
        let run = project.run(&["check"]).code(0);
        run.stderr
            .lines()
            .filter(|line| line.contains("language") || line.contains(".toml"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(lines(&project), Vec::<String>::new(), "English lacks nothing");
    project.write("tieout.toml", ZH);
    assert_eq!(lines(&project), ["language zh: every message and every content file has its translation"]);
    let catalog = "content/messages/zh.toml";
    project.write(catalog, "[messages]\nMenu = \"目录\"\nMenus = \"x\"\n");
    assert!(lines(&project)[1].ends_with("content/messages/zh.toml: \"Menus\" is no message of tieout"));
    assert!(project.build().read("index.html").contains("目录"));
    project.write(catalog, "[messages]\n\"{count} rows\" = \"{n} 行\"\n");
    for command in ["check", "build"] {
        let run = project.run(&[command]);
        assert!(
            run.stderr
                .contains("`content/messages/zh.toml`: \"{count} rows\": the placeholders {count}, {n}"),
            "{}",
            run.stderr
        );
    }
    project.write("tieout.toml", "language = \"fr\"\n");
    let run = project.run(&["check"]);
    assert!(
        run.stderr.contains("the languages are en, zh; another one needs its messages"),
        "{}",
        run.stderr
    );
    let dates = embedded::messages(&repository().join("content"), "zh").unwrap().remove(0).1;
    let (head, _) = dates.split_once("[messages]").unwrap();
    project.write("content/messages/fr.toml", format!("{head}[messages]\nMenu = \"Carte\"\n"));
    let report = project.run(&["check", "--format", "json"]).code(0).json();
    assert_eq!(report["translations"]["language"], "fr");
    assert_eq!(report["translations"]["messages"].as_array().map(Vec::len), Some(known().len() - 1));
    let page = project.build().read("index.html");
    assert!(page.contains("Carte") && page.contains("Total rebate"), "what lacks a translation is English");
}
