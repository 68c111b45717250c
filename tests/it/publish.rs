//! Publishing as the rest of the program uses it. Faults in the middle of a call are unit tests of `publish`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use rayon::prelude::*;
use tieout::error::Error;
use tieout::fs::{Kind, list};
use tieout::publish::manifest::{Check, Facts, Fault, verify};
use tieout::publish::{Published, Staging};
use tieout::site::Site;

/// Path and content of every file and link.
type Tree = BTreeMap<PathBuf, Vec<u8>>;

fn tree(root: &Path) -> Tree {
    let content = |path: &Path, kind| match kind {
        Kind::File => Some(fs::read(path).unwrap()),
        Kind::Link => Some(fs::read_link(path).unwrap().into_os_string().into_encoded_bytes()),
        Kind::Folder | Kind::Other => None,
    };
    let found = list(root).unwrap();
    found
        .into_iter()
        .filter_map(|found| Some((content(&root.join(&found.path), found.kind)?, found.path)))
        .map(|(content, path)| (path, content))
        .collect()
}

/// A folder of its own; the site goes into `site`.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn site(&self) -> PathBuf {
        self.path("site")
    }

    fn build(&self, version: &str) -> Result<Published, Error> {
        build(&self.site(), version)
    }

    /// The names beside the site, sorted.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn build(target: &Path, version: &str) -> Result<Published, Error> {
    let staging = Staging::open(target, None)?;
    let site = staging.tree("internal")?;
    fill(&site, version)?;
    staging.seal("internal", site, &Facts::default())?;
    staging.publish(&Facts::default(), Check::Hashes)
}

fn fill(site: &Site, version: &str) -> Result<(), Error> {
    site.add("index.html", format!(r#"{version} <a href="order/a.html">a</a>"#).as_bytes())?;
    site.add("order/a.html", br#"<a href="../index.html?x=1#top">home</a>"#)?;
    site.add(&format!("data/{version}.csv"), b"a,b\n")
}

fn target_reason(result: Result<impl Sized, Error>) -> String {
    match result.err() {
        Some(Error::Target { reason, help, .. }) => {
            assert!(!help.is_empty());
            reason
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn first_publish_into_an_absent_or_empty_folder() {
    // Goal: a new site appears whole, with fixed modes. Method: build into nothing, below nothing, and an empty folder.
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    for target in ["site", "deep/er/site", "empty"] {
        let published = build(&place.path(target), "one").unwrap();
        assert_eq!((published.files, published.carried), (5, 0), "{target}");
        assert!(published.previous.is_none() && published.unfinished.is_none(), "{target}");
        let verified = verify(&place.path(target), Check::Hashes).unwrap().unwrap();
        assert_eq!(verified.faults, [], "{target}");
        for (path, mode) in [("", 0o755), ("internal/order", 0o755), ("internal/order/a.html", 0o644)] {
            assert_eq!(
                fs::metadata(place.path(target).join(path)).unwrap().mode() & 0o7777,
                mode,
                "{target} {path}"
            );
        }
    }
    assert_eq!(place.names(), ["deep", "empty", "site"]);
}

#[test]
fn a_note_in_an_empty_folder_stays() {
    // Goal: a repository may keep a note in the folder of the site; the first site and the second leave it alone.
    // Method: a folder with a note only; one more file beside the note, and the folder is somebody's.
    let place = Place::new();
    fs::create_dir(place.site()).unwrap();
    fs::write(place.site().join("README.md"), "output").unwrap();
    for version in ["one", "two"] {
        place.build(version).unwrap();
        assert_eq!(fs::read_to_string(place.site().join("README.md")).unwrap(), "output", "{version}");
    }
    let other = Place::new();
    fs::create_dir(other.site()).unwrap();
    fs::write(other.site().join("README.md"), "output").unwrap();
    fs::write(other.site().join("index.html"), "mine").unwrap();
    assert!(other.build("one").is_err());
    assert_eq!(fs::read_to_string(other.site().join("index.html")).unwrap(), "mine");
}

#[test]
fn second_publish_replaces_and_keeps_what_is_not_ours() {
    // Goal: the new site is live, the old one is kept, foreign files survive three builds. Method: files at the top, beside
    // our pages and in folders of their own, a link to a folder outside, and an odd name.
    let place = Place::new();
    place.build("one").unwrap();
    let first = tree(&place.site());
    fs::create_dir_all(place.site().join("own/deep")).unwrap();
    fs::set_permissions(place.site().join("own"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::create_dir(place.path("outside")).unwrap();
    fs::write(place.path("outside/file"), "outside").unwrap();
    let foreign = ["CNAME", "own/deep/notes.txt", "internal/order/x y.txt", "internal/data/\u{fc}.csv"];
    for path in foreign {
        fs::write(place.site().join(path), path).unwrap();
    }
    symlink("../outside", place.site().join("link")).unwrap();
    for version in ["two", "three", "four"] {
        let published = place.build(version).unwrap();
        assert_eq!((published.carried, published.previous), (5, Some(place.path(".prev-site"))));
        let now = tree(&place.site());
        for path in foreign {
            assert_eq!(now[Path::new(path)], path.as_bytes());
        }
        assert_eq!(now[Path::new("link")], b"../outside");
        assert!(now.contains_key(Path::new(&format!("internal/data/{version}.csv"))));
        assert_eq!(now.len(), first.len() + 5);
        if version == "two" {
            assert_eq!(tree(&place.path(".prev-site")), first);
        }
    }
    assert_eq!(fs::metadata(place.site().join("own")).unwrap().mode() & 0o7777, 0o700);
    assert_eq!(fs::read(place.path("outside/file")).unwrap(), b"outside");
    assert_eq!(place.names(), [".prev-site", "outside", "site"]);
    let faults = verify(&place.site(), Check::Hashes).unwrap().unwrap().faults;
    assert!(faults.len() == 5 && faults.iter().all(|(_, fault)| *fault == Fault::Extra), "{faults:?}");
}

#[test]
fn a_foreign_file_that_arrives_during_the_swap_is_carried_over_later() {
    // Goal: not even a file saved in the last moment is lost. Method: put it where such a file ends up, the previous site.
    let place = Place::new();
    place.build("one").unwrap();
    place.build("two").unwrap();
    fs::create_dir(place.path(".prev-site/own")).unwrap();
    fs::write(place.path(".prev-site/own/late.txt"), "late").unwrap();
    for version in ["three", "four"] {
        place.build(version).unwrap();
        assert_eq!(fs::read(place.site().join("own/late.txt")).unwrap(), b"late");
        assert!(!place.path(".prev-site/own/late.txt").exists());
    }
}

#[test]
fn a_name_that_the_new_site_needs_is_refused() {
    // Goal: a foreign file is never overwritten. Method: one in the place of a file, one of a folder, one below a file.
    for (path, version) in [("internal/data/two.csv", "two"), ("internal/data/t", "t.csv/x"), ("a/b", "-")] {
        let place = Place::new();
        place.build("one").unwrap();
        let file = place.site().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "mine").unwrap();
        let before = tree(&place.site());
        let staging = Staging::open(&place.site(), None).unwrap();
        let site = staging.tree("").unwrap();
        let taken = match version {
            "-" => "a".to_owned(),
            "t.csv/x" => "internal/data/t/x.csv".to_owned(),
            version => format!("internal/data/{version}.csv"),
        };
        site.add(&taken, b"ours").unwrap();
        staging.seal("", site, &Facts::default()).unwrap();
        let reason = target_reason(staging.publish(&Facts::default(), Check::Hashes));
        assert!(reason.contains(path), "{reason}");
        assert_eq!(tree(&place.site()), before);
        assert_eq!(place.names(), ["site"]);
    }
}

#[test]
fn targets_that_are_not_ours_are_refused_untouched() {
    // Goal: T9, nobody's work is lost. Method: each kind of target; the folder around it is the same afterwards.
    let place = Place::new();
    let make = |name: &str| {
        fs::create_dir(place.path(name)).unwrap();
        place.path(name)
    };
    let real = make("real");
    symlink(&real, place.path("link")).unwrap();
    fs::write(make("full").join("thesis.tex"), "years").unwrap();
    fs::write(make("other").join("manifest.json"), r#"{"name":"another program"}"#).unwrap();
    fs::write(make("newer").join("manifest.json"), r#"{"schema":99,"program":"tieout"}"#).unwrap();
    fs::create_dir(make("folders").join("inside")).unwrap();
    fs::write(place.path("file"), "text").unwrap();
    let home = make("home");
    let before = (tree(place.0.path()), place.names());
    for (target, expected) in [
        (place.path("link"), "symbolic link"),
        (place.path("full"), "not made by tieout"),
        (place.path("other"), "not made by tieout"),
        (place.path("newer"), "format 99"),
        (place.path("folders"), "not made by tieout"),
        (place.path("file"), "not a folder"),
        (home.clone(), "home folder"),
        (std::env::current_dir().unwrap(), "current folder"),
        (std::env::current_dir().unwrap().parent().unwrap().to_owned(), "current folder"),
        (PathBuf::from("/"), "no plain name"),
        (PathBuf::from("."), "no plain name"),
        (PathBuf::from(".."), "no plain name"),
        (PathBuf::from("/dev/shm"), "root of another file system"),
    ] {
        if target.ends_with("shm") && !target.exists() {
            continue;
        }
        let result = Staging::open(&target, Some(&home));
        let reason = target_reason(result);
        assert!(reason.contains(expected), "{}: {reason}", target.display());
    }
    assert_eq!((tree(place.0.path()), place.names()), before);
}

#[test]
fn names_of_ours_that_somebody_else_uses_are_refused_untouched() {
    // Goal: a folder is ours by its content, not by its name alone. Method: foreign files under our names.
    for name in [".stage-site", ".prev-site", ".swap-site"] {
        let place = Place::new();
        place.build("one").unwrap();
        fs::create_dir(place.path(name)).unwrap();
        fs::write(place.path(name).join("mine.txt"), "mine").unwrap();
        let before = tree(&place.site());
        let result = place.build("two");
        assert!(target_reason(result).contains("not made by tieout"));
        assert_eq!(tree(&place.site()), before);
        assert_eq!(fs::read(place.path(name).join("mine.txt")).unwrap(), b"mine");
    }
}

#[test]
fn two_builds_at_once() {
    // Goal: one wins, the other knows who. Method: open twice; the lock ends with its owner, and its file with it.
    let place = Place::new();
    place.build("one").unwrap();
    let first = Staging::open(&place.site(), None).unwrap();
    match Staging::open(&place.site(), None) {
        Err(Error::Busy { holder, .. }) => assert_eq!(holder, format!(" (process {})", std::process::id())),
        other => panic!("not busy: {other:?}"),
    }
    // Another target in the same folder is no conflict.
    build(&place.path("site2"), "one").unwrap();
    drop(first);
    place.build("two").unwrap();
    // A lock file that a dead process left does not hold anybody up.
    fs::write(place.path(".tieout-site.lock"), "4711\n").unwrap();
    place.build("three").unwrap();
    assert_eq!(place.names(), [".prev-site", "site", "site2"]);
}

#[test]
fn a_build_that_stops_in_the_middle_changes_nothing() {
    // Goal: the old site stays and nothing is left behind. Method: drop, duplicate path, dead link, unsealed tree.
    let place = Place::new();
    place.build("one").unwrap();
    let before = tree(&place.site());
    let stop = |how: &dyn Fn(&Staging, Site) -> Result<(), Error>| {
        let staging = Staging::open(&place.site(), None).unwrap();
        let site = staging.tree("internal").unwrap();
        fill(&site, "two").unwrap();
        how(&staging, site).and_then(|()| staging.publish(&Facts::default(), Check::Hashes))
    };
    let error = stop(&|_, site| site.add("order/a.html", b"again")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "internal check failed: two files of the site have the path `order/a.html`"
    );
    let error = stop(&|staging, site| {
        site.add("b.html", br#"<a href="gone.html">"#)?;
        staging.seal("internal", site, &Facts::default())
    });
    assert!(matches!(error, Err(Error::Content { .. })));
    assert!(matches!(stop(&|_, _| Ok(())), Err(Error::Identity(_))));
    drop(Staging::open(&place.site(), None).unwrap());
    assert_eq!(tree(&place.site()), before);
    assert_eq!(place.names(), ["site"]);
}

#[test]
fn a_file_that_is_not_what_was_written_stops_the_build() {
    // Goal: the pair assertion bites. Method: change, remove and add a file in the staging folder before publishing.
    type Damage = fn(&Path);
    let damages: [(Damage, &str); 4] = [
        (
            |stage| fs::write(stage.join("internal/data/two.csv"), "a;b\n").unwrap(),
            "`internal/data/two.csv` is changed",
        ),
        (
            |stage| fs::remove_file(stage.join("internal/index.html")).unwrap(),
            "`internal/index.html` is missing",
        ),
        (|stage| fs::write(stage.join("internal/new"), "").unwrap(), "`internal/new` is not of this site"),
        (
            |stage| fs::remove_file(stage.join("internal/SHA256SUMS")).unwrap(),
            "`internal/SHA256SUMS` is missing",
        ),
    ];
    for (damage, expected) in damages {
        let place = Place::new();
        place.build("one").unwrap();
        let before = tree(&place.site());
        let staging = Staging::open(&place.site(), None).unwrap();
        let site = staging.tree("internal").unwrap();
        fill(&site, "two").unwrap();
        staging.seal("internal", site, &Facts::default()).unwrap();
        damage(&place.path(".stage-site"));
        let error = staging.publish(&Facts::default(), Check::Hashes).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!((tree(&place.site()), place.names()), (before, vec!["site".to_owned()]));
    }
}

#[test]
fn leftovers_of_a_dead_build_are_cleared() {
    // Goal: nobody cleans up by hand, and no link is followed. Method: a staging folder as a kill leaves it, with a link.
    let place = Place::new();
    place.build("one").unwrap();
    fs::create_dir_all(place.path(".stage-site/internal/order")).unwrap();
    fs::write(place.path(".stage-site/.tieout-staging"), "").unwrap();
    fs::write(place.path(".stage-site/internal/order/half.html"), "<a hr").unwrap();
    fs::create_dir(place.path("outside")).unwrap();
    fs::write(place.path("outside/file"), "outside").unwrap();
    symlink("../../outside", place.path(".stage-site/internal/link")).unwrap();
    drop(Staging::open(&place.site(), None).unwrap());
    assert_eq!(place.names(), ["outside", "site"]);
    assert_eq!(fs::read(place.path("outside/file")).unwrap(), b"outside");
}

#[test]
fn a_link_planted_in_the_old_site_harms_nothing() {
    // Goal: T10. Method: one of our folders and one of our files become links to places outside.
    let place = Place::new();
    place.build("one").unwrap();
    fs::create_dir(place.path("outside")).unwrap();
    fs::write(place.path("outside/a.html"), "outside").unwrap();
    fs::remove_file(place.site().join("internal/index.html")).unwrap();
    symlink("../../outside/a.html", place.site().join("internal/index.html")).unwrap();
    place.build("two").unwrap();
    fs::remove_dir_all(place.path(".prev-site/internal/order")).unwrap();
    symlink("../../outside", place.path(".prev-site/internal/order")).unwrap();
    fs::remove_dir_all(place.site().join("internal/order")).unwrap();
    symlink("../../outside", place.site().join("internal/order")).unwrap();
    // A link is a file of somebody else, and the new site needs its name.
    let reason = target_reason(place.build("three"));
    assert!(reason.contains("internal/order"), "{reason}");
    fs::remove_file(place.site().join("internal/order")).unwrap();
    fs::remove_file(place.path(".prev-site/internal/order")).unwrap();
    place.build("three").unwrap();
    place.build("four").unwrap();
    assert_eq!(tree(&place.path("outside")).into_values().collect::<Vec<_>>(), [b"outside"]);
}

#[test]
fn unsafe_paths_are_refused() {
    // Goal: T7, nothing outside the tree and no name that another system reads differently. Method: table of spellings.
    let place = Place::new();
    let staging = Staging::open(&place.site(), None).unwrap();
    let site = staging.tree("internal").unwrap();
    let long = format!("{}.html", "a".repeat(251));
    for path in [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        "..",
        "../a",
        "a/../b",
        "a/./b",
        ".",
        ".htaccess",
        "a/.git/b",
        "a\\b",
        "a\0b",
        "a b",
        "a:b",
        "\u{e4}",
        "a.",
        "a./b",
        "%2e%2e/a",
        &long,
    ] {
        assert!(matches!(site.add(path, b""), Err(Error::Identity(_))), "{path:?}");
        assert!(path.is_empty() || staging.tree(path).is_err(), "{path:?}");
    }
    site.add("SHA256SUMS.sig", b"").unwrap();
    site.add("order/a_b-c.1.html", b"").unwrap();
    // On a Windows share these two are one file.
    assert!(matches!(site.add("order/A_b-c.1.html", b""), Err(Error::Identity(_))));
    assert_eq!(tree(&place.path(".stage-site")).len(), 3);
    // One tree inside another would be listed twice.
    assert!(
        staging.tree("internal/order").is_err()
            && staging.tree("internal").is_err()
            && staging.tree("").is_err()
    );
    assert!(staging.tree("internal-2").is_ok());
}

#[test]
fn all_dead_links_are_listed_with_their_page() {
    // Goal: one pass finds all. Method: a dead link of each kind among good ones.
    let site = Site::in_memory();
    site.add(
        "index.html",
        br##"<a href="order/a.html"> <a href="order/gone.html"> <a href="#top"> <a href="">"##,
    )
    .unwrap();
    site.add(
        "order/a.html",
        br#"<img src="../x.svg"> <a href="https://example.com"> <a href="../../up.html">"#,
    )
    .unwrap();
    site.add("order/b.html", br#"<form action="/query.html"> <a href="gone.html"> <a href="../order/">"#)
        .unwrap();
    site.add("notes.txt", br#"<a href="not-a-page.html">"#).unwrap();
    let Err(Error::Content { problems }) = site.finish() else { panic!("no dead links") };
    let expected = [
        "page `index.html` links to `order/gone.html`, which no page has",
        "page `order/a.html` links to `../../up.html`, which no page has",
        "page `order/a.html` links to `x.svg`, which no page has",
        "page `order/b.html` links to `/query.html`, which no page has",
        "page `order/b.html` links to `order/`, which no page has",
    ];
    assert_eq!(problems, expected);
}

#[test]
fn the_bytes_do_not_depend_on_the_order_or_the_threads() {
    // Goal: same inputs, same bytes. Method: 300 files forwards, backwards and in parallel.
    let manifests = |add: &dyn Fn(&Site)| {
        let site = Site::in_memory();
        add(&site);
        tieout::publish::manifest::seal(&site, &Facts::default()).unwrap();
        [site.bytes("manifest.json").unwrap(), site.bytes("SHA256SUMS").unwrap()]
    };
    let add =
        |site: &Site, n: u32| site.add(&format!("{}/{n}.html", n % 7), n.to_string().as_bytes()).unwrap();
    let forwards = manifests(&|site| (0..300).for_each(|n| add(site, n)));
    assert_eq!(forwards, manifests(&|site| (0..300).rev().for_each(|n| add(site, n))));
    assert_eq!(forwards, manifests(&|site| (0..300).into_par_iter().for_each(|n| add(site, n))));
}

#[test]
fn sha256sum_agrees() {
    // Goal: a tree can be checked without us. Method: the real `sha256sum`, in each tree and at the top; then one changed byte.
    if Command::new("sha256sum").arg("--version").output().is_err() {
        return;
    }
    let place = Place::new();
    place.build("one").unwrap();
    let check = |folder: &str| {
        let mut command = Command::new("sha256sum");
        command.args(["-c", "--strict", "--quiet", "SHA256SUMS"]).current_dir(place.site().join(folder));
        command.output().unwrap()
    };
    for folder in ["", "internal"] {
        let output = check(folder);
        assert!(output.status.success() && output.stdout.is_empty(), "{folder}: {output:?}");
    }
    fs::write(place.site().join("internal/order/a.html"), "x").unwrap();
    assert!(!check("internal").status.success());
    let faults = verify(&place.site(), Check::Hashes).unwrap().unwrap().faults;
    assert_eq!(faults, [("internal/order/a.html".to_owned(), Fault::Changed)]);
}
