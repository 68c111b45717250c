//! The dossier: a page of the site as one file for a ticket.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeSet;

use super::support::{Project, sample, text_of};

/// The amounts in a text, as they stand there.
fn figures(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_digit() || "$€¥−,.%".contains(c);
    let words = text.split(|c: char| !is_part(c)).map(|word| word.trim_matches(['.', ',', '%']));
    words
        .filter(|word| word.rsplit_once('.').is_some_and(|(_, cents)| cents.len() == 2))
        .map(str::to_owned)
        .collect()
}

/// The sections of a page by their anchors.
fn sections(html: &str) -> Vec<(String, String)> {
    let main = &html[html.find("<main").unwrap()..html.find("</main>").unwrap()];
    let parts = main.split("<section class=\"sec\" id=\"").skip(1);
    parts
        .map(|part| {
            let (id, rest) = part.split_once('"').unwrap();
            let mut words = rest[..rest.find("</section>").unwrap_or(rest.len())].to_owned();
            // The links beside a heading have no place in the file.
            if let Some(start) = words.find("<p class=\"act\">") {
                let end = start + words[start..].find("</p>").unwrap();
                words.replace_range(start..end, "");
            }
            let words = text_of(&format!("<section{words}"));
            (id.to_owned(), words)
        })
        .collect()
}

#[test]
fn a_dossier_is_the_page_of_its_subject_as_one_small_file() {
    // Goal: what is attached to a ticket says what the page says, to the letter and to the cent, and needs nothing else.
    // Method: the dossier of every order of the sample beside its page, section by section; a section that is cut says so.
    let (project, site) = (Project::sample(), sample());
    let pages: Vec<String> = site
        .tree
        .paths()
        .into_iter()
        .filter(|path| path.starts_with("order/") && path.ends_with(".html") && path != "order/index.html")
        .collect();
    assert!(pages.len() > 50);
    for path in pages.iter().map(String::as_str).chain(["account/acc2001.html", "batch/sg2605xyz.html"]) {
        let page = site.tree.read(path);
        let id = path.split_once('/').unwrap().1.trim_end_matches(".html");
        let dossier = project.run(&["explain", id, "--dossier"]).code(0).stdout;
        assert!(dossier.len() < 60_000, "{id}: {} bytes", dossier.len());
        assert!(!dossier.contains("http:") && !dossier.contains("https:"), "{id} leads out");
        assert!(!dossier.contains("<script") && !dossier.contains("src="), "{id} loads something");
        for href in dossier.split("href=\"").skip(1) {
            assert!(
                href.starts_with('#') || href.starts_with("data:image/svg+xml,"),
                "{id}: {}",
                &href[..40]
            );
        }
        let of_page = sections(&page);
        let mut seen = 0;
        for (anchor, words) in sections(&dossier) {
            let (_, own) = of_page.iter().find(|(other, _)| *other == anchor).unwrap();
            let is_cut = words.contains("more on the page in the site.");
            assert!(is_cut || words == *own, "{id} {anchor}:\n{words}\n{own}");
            seen += 1;
        }
        assert!(seen >= 2, "{id} has {seen} sections");
        let facts = dossier.find("docmeta").unwrap();
        let after = facts + dossier[facts..].find("</dl>").unwrap();
        let extra = figures(&text_of(&dossier[after..]));
        let all = figures(&text_of(&page));
        assert!(extra.is_subset(&all), "{id}: {:?}", extra.difference(&all));
        for words in ["2026-06-18", "Record set", "Made with tieout"] {
            assert!(dossier.contains(words), "{id} does not say {words}");
        }
    }
}

#[test]
fn a_dossier_names_what_it_rests_on_and_its_receipt_opens() {
    // Goal: whoever reads the file later can find its figure again. Method: the receipt in the dossier of an order, given
    // to `query`; an order without a line has no figure and no receipt.
    let project = Project::sample();
    let dossier = project.run(&["explain", "ord 2001", "--dossier"]).code(0).stdout;
    let words = text_of(&dossier);
    assert!(words.contains("Receipt, total $2,230.00"), "{words}");
    let code = words.split_whitespace().find(|word| word.starts_with("TO-")).unwrap();
    let opened = project.run(&["query", "--receipt", code]).code(0).stdout;
    assert!(opened.contains("$2,230.00") && opened.contains("ORD2001"), "{opened}");
    let style = &dossier[..dossier.find("</style>").unwrap()];
    assert!(style.contains("@top-left{content:\"Dossier of order ORD-2001\""));
    assert!(style.contains("Snapshot 2026-06-18 · record set "));
    let none = project.run(&["explain", "ORD-4018", "--dossier"]).code(0).stdout;
    assert!(!none.contains("Receipt"));
}

#[test]
fn a_dossier_is_found_by_any_spelling_and_an_unknown_id_is_an_error() {
    // Goal: the id as it stands in a ticket is enough. Method: spellings of an order, a line, an order that we do not have
    // and an account; an unknown id gives the error of `explain` without the option, to the letter.
    let project = Project::sample();
    for (id, heading) in [
        (" oRd/20.01 ", "ORD-2001"),
        ("l_2001", "ORD-2001"),
        ("ord8888", "ORD-8888"),
        ("acc 2001", "ACC-2001"),
        ("sg-2605-xyz", "SG-2605-XYZ"),
    ] {
        let html = project.run(&["explain", id, "--dossier"]).code(0).stdout;
        assert!(
            html.contains(&format!("<h1>{heading}")),
            "{id}: {}",
            &html[html.find("<h1>").unwrap()..][..60]
        );
    }
    let with = project.run(&["explain", "ORD-2999", "--dossier"]).code(2);
    let without = project.run(&["explain", "ORD-2999"]).code(2);
    assert_eq!((with.stderr, with.stdout), (without.stderr, String::new()));
    let json = project.run(&["explain", "ORD-2001", "--dossier", "--format", "json"]).code(2);
    assert!(json.stdout.contains("a dossier is one HTML file"), "{json:?}");
}
