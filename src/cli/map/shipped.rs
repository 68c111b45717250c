//! Which shipped preset reads a table, which of its columns the table has, and the `[[source]]` that names it.

use serde_json::{Value, json};

use super::told;
use crate::cli::print;
use crate::config::Config;
use crate::diagnostic::visible;
use crate::error::Error;
use crate::ingest::columns::{FileKind, Value as Holds, absence, rebate_lines};
use crate::ingest::mapping::files::Parts;
use crate::ingest::mapping::propose::{self, Look, Seen, one_line};
use crate::ingest::mapping::view::Place;
use crate::ingest::mapping::{Mapping, header_key, presets};
use crate::model::status::Status;

/// So many headers that are no canonical names must agree before a preset is proposed.
const ENOUGH_HEADERS: usize = 4;
/// So many required columns that are missing show that a file is another one.
const SEVERAL: usize = 2;
/// The width of the names of columns.
const NAME: usize = 22;

/// A preset, held against a table.
#[derive(Debug)]
pub(in crate::cli) struct Fit {
    /// The name of the preset.
    pub(in crate::cli) name: &'static str,
    /// What it reads, in words.
    reads: &'static str,
    /// Which kind of file is wanted of it; nothing: all that it gives.
    kind: Option<FileKind>,
    /// Whether the patterns of the preset take the files, so that none are written.
    is_named: bool,
    /// What it gives, in its order.
    ways: Vec<Way>,
}

/// One file that a preset gives of a table.
#[derive(Debug)]
struct Way {
    mapping: Mapping,
    parts: Parts,
    /// Canonical columns that are there.
    found: Vec<usize>,
    /// Canonical columns that the preset looks for in vain.
    missing: Vec<usize>,
    /// Required ones without which rows are set aside: missing ones, and those that the preset leaves to the project.
    needs: Vec<usize>,
    /// Why the table is not what the preset reads, whatever else it has.
    against: Vec<String>,
}

/// The mappings of a preset; `with` are more lines of the source.
fn source(
    name: &str,
    kind: Option<FileKind>,
    files: &[String],
    with: &[String],
) -> Result<Vec<Mapping>, Error> {
    let mut text = format!("[[source]]\npreset = {}\n", json!(name));
    with.iter().for_each(|line| text.push_str(&format!("{line}\n")));
    text.extend(kind.map(|kind| format!("kind = \"{}\"\n", kind.name())));
    if !files.is_empty() {
        text.push_str(&format!("files = {}\n", json!(files)));
    }
    Config::parse(&text).and_then(|config| config.mappings())
}

/// The mappings of a preset, whatever their files are called.
///
/// # Errors
/// [`Error::Usage`] where there is no such preset, or it does not give the kind.
pub(super) fn mappings(name: &str, kind: Option<FileKind>) -> Result<Vec<Mapping>, Error> {
    let mappings = source(name, kind, &["*".to_owned()], &[]);
    if let Err(Error::Usage { message, .. }) = &mappings {
        return Err(Error::Usage {
            message: message.replace("`tieout.toml`: ", ""),
            help: "leave --preset out for a proposal by the names and values of the columns".to_owned(),
        });
    }
    mappings
}

fn headers(mapping: &Mapping, column: usize) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for name in mapping.reading(column).iter().flat_map(|reading| reading.names()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

impl Way {
    fn of(mapping: Mapping, seen: &Seen) -> Way {
        let header = &seen.table.header;
        let has = |name: &str| header.iter().any(|found| header_key(found) == header_key(name));
        let parts = seen.files.first().and_then(|file| mapping.takes(file)).unwrap_or_default();
        let columns = mapping.kind.columns();
        let is_there =
            |number: usize| mapping.reading(number).is_some_and(|r| r.place(header, &parts).is_some());
        let is_sought = |number: &usize| mapping.reading(*number).is_some();
        let (found, missing): (Vec<usize>, Vec<usize>) =
            (0..columns.len()).filter(is_sought).partition(|number| is_there(*number));
        let needs = (0..columns.len())
            .filter(|number| {
                columns[*number].required && !mapping.can_do_without(*number) && !found.contains(number)
            })
            .collect();
        let mut against: Vec<String> = Vec::new();
        for name in mapping.without.iter().filter(|name| has(name)) {
            against.push(format!("it has `{name}`, as another extract has that looks alike"));
        }
        for name in mapping.grain.iter().filter(|name| !has(name)) {
            against.push(format!("it has no `{name}`, by which rows are one record"));
        }
        for rule in mapping.row_rules().iter().filter(|rule| rule.place(header).is_none()) {
            let names: Vec<String> = rule.names().map(|name| format!("`{name}`")).collect();
            against.push(format!("it has no {}, by which rows are told apart", names.join(" or ")));
        }
        Way { parts, found, missing, needs, against, mapping }
    }

    /// The columns of the table that it reads.
    fn used<'s>(&'s self, seen: &'s Seen) -> impl Iterator<Item = usize> + 's {
        let of_columns = self.found.iter().filter_map(|number| {
            let place = self.mapping.reading(*number)?.place(&seen.table.header, &self.parts)?;
            Some(place.columns().to_vec())
        });
        let header = seen.table.header.iter().enumerate();
        let of_rules = header.filter(|(_, name)| {
            self.mapping
                .row_rules()
                .iter()
                .any(|rule| rule.names().any(|n| header_key(n) == header_key(name)))
        });
        of_columns.flatten().chain(of_rules.map(|(at, _)| at))
    }

    /// How a column that the preset leaves to the project is read, where names and values point to one.
    fn by_name(&self, number: usize, seen: &Seen) -> Option<String> {
        let proposal = seen.proposal.as_ref().filter(|proposal| proposal.kind == self.mapping.kind)?;
        proposal.reading(number).filter(|_| self.mapping.reading(number).is_none())
    }

    /// Columns that are sought by their header: how many are there, and of how many.
    fn share(&self) -> (usize, usize) {
        let by_header = |numbers: &[usize]| {
            numbers.iter().filter(|number| !headers(&self.mapping, **number).is_empty()).count()
        };
        let found = by_header(&self.found);
        (found, found + by_header(&self.missing))
    }

    /// Cells of a column that the preset cannot read, in words.
    fn unread(&self, number: usize, seen: &Seen) -> Option<(bool, String)> {
        let place = self.mapping.reading(number)?.place(&seen.table.header, &self.parts)?;
        let look = &seen.table.looks[place.column()?];
        let (count, why) = propose::unread(&self.mapping, number, look)?;
        let filled = look.filled().part;
        Some((count * 2 > filled, format!("{count} of {filled} cells not read: {why}")))
    }

    /// Whether the table is what the preset reads: nothing speaks against it, all that it needs is there but for the currency,
    /// most of what it seeks is, and its columns can be read.
    fn is_fit(&self, seen: &Seen) -> bool {
        let columns = self.mapping.kind.columns();
        let (found, of) = self.share();
        let own = self.used(seen).collect::<std::collections::BTreeSet<_>>();
        let is_canonical = |name: &str| {
            FileKind::ALL.iter().flat_map(|k| k.columns()).any(|c| header_key(c.name) == header_key(name))
        };
        let own = own.into_iter().filter(|at| !is_canonical(&seen.table.header[*at])).count();
        let is_read = |number: &usize| {
            !columns[*number].required || self.unread(*number, seen).is_none_or(|(is_most, _)| !is_most)
        };
        self.against.is_empty()
            // What the preset itself leaves to the project is no sign against it.
            && self.needs.iter().all(|number| self.mapping.reading(*number).is_none())
            && found * 4 >= of * 3
            && own >= ENOUGH_HEADERS
            && self.found.iter().all(is_read)
    }
}

impl Fit {
    fn of(name: &'static str, reads: &'static str, kind: Option<FileKind>, seen: &Seen) -> Option<Fit> {
        let with: Vec<String> = seen.proposal.iter().flat_map(|proposal| proposal.layout()).collect();
        let own = source(name, kind, &[], &with).ok()?;
        let takes = |mappings: &[Mapping]| {
            seen.files.iter().all(|file| mappings.iter().any(|mapping| mapping.takes(file).is_some()))
        };
        let is_named = takes(&own);
        let mappings = if is_named { own } else { source(name, kind, &files(seen), &with).ok()? };
        let ways = mappings.into_iter().map(|mapping| Way::of(mapping, seen)).collect();
        Some(Fit { name, reads, kind, is_named, ways })
    }

    /// Whether the table is what the preset reads.
    fn is_fit(&self, seen: &Seen) -> bool {
        // Refunds may be in no file of a month, so the first of what it gives decides.
        self.ways.first().is_some_and(|way| way.is_fit(seen))
    }

    /// How many of the columns that it seeks are there, and of how many.
    fn share(&self) -> (usize, usize) {
        self.ways.first().map_or((0, 0), Way::share)
    }

    /// How many points of its source a person confirms.
    pub(in crate::cli) fn points(&self, seen: &Seen) -> usize {
        self.needs(seen).len() + self.more(seen).len() + self.words(seen).len()
    }

    /// Required columns that the project must say, of all that the preset gives, as lines of the source: by the column that
    /// names and values point to, else blank.
    fn needs(&self, seen: &Seen) -> Vec<String> {
        let mut needs: Vec<(&str, String)> = Vec::new();
        for way in &self.ways {
            for number in &way.needs {
                let name = way.mapping.kind.columns()[*number].name;
                let line = match way.by_name(*number, seen) {
                    Some(reading) => {
                        format!("{name} = {reading}  # ? not in the preset; by its name and values")
                    }
                    None => {
                        let without = absence::without(way.mapping.kind, Some(*number)).unwrap_or("required");
                        format!("{name} = {{ value = \"\" }}  # ? {without}")
                    }
                };
                if needs.iter().all(|(known, _)| *known != name) {
                    needs.push((name, line));
                }
            }
        }
        needs.into_iter().map(|(_, line)| line).collect()
    }

    /// Columns of the table that nothing of the preset uses and that names and values point to: a person may add them, for the
    /// preset may leave them out on purpose, such as a voucher that is off its amount already.
    fn more(&self, seen: &Seen) -> Vec<(&'static str, String)> {
        let Some(proposal) = &seen.proposal else { return Vec::new() };
        let Some(way) = self.ways.iter().find(|way| way.mapping.kind == proposal.kind) else {
            return Vec::new();
        };
        let used: Vec<usize> = self.ways.iter().flat_map(|way| way.used(seen)).collect();
        let chosen = proposal.columns.iter().filter(|chosen| {
            !used.contains(&chosen.at)
                && !way.needs.contains(&chosen.column)
                && way.mapping.reading(chosen.column).is_none()
        });
        chosen
            .filter_map(|c| Some((proposal.kind.columns()[c.column].name, proposal.reading(c.column)?)))
            .collect()
    }

    /// Statuses of the table that the preset says nothing of, each with what it may mean: those of a program of one's own, or of a
    /// file whose words nobody has published.
    fn words<'s>(&self, seen: &'s Seen) -> Vec<(&'s str, Option<Status>)> {
        let Some(proposal) = &seen.proposal else { return Vec::new() };
        let of_status = proposal
            .columns
            .iter()
            .find(|chosen| proposal.kind == FileKind::RebateLines && chosen.column == rebate_lines::STATUS);
        let Some(chosen) = of_status else { return Vec::new() };
        let ways = self.ways.iter().filter(|way| way.mapping.kind == proposal.kind);
        let mut words = Vec::new();
        for way in ways {
            let Some(reading) = way.mapping.reading(chosen.column) else { continue };
            let place = reading.place(&seen.table.header, &way.parts);
            if place.and_then(|place| place.column()) != Some(chosen.at) {
                continue;
            }
            words.extend(proposal.statuses.iter().filter_map(|(word, _, status)| {
                let spelled = reading.spelled_as(word.as_str().into(), false).ok()?;
                let key = spelled.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
                (!way.mapping.statuses.contains_key(&*key)).then_some((word.as_str(), *status))
            }));
        }
        words
    }

    /// The source that names the preset, as it would be written.
    pub(in crate::cli) fn block(&self, seen: &Seen) -> String {
        let (found, of) = self.share();
        let name = seen.proposal.as_ref().map_or(self.name, |proposal| &proposal.spec.name);
        let mut lines = vec![
            format!(
                "# {}: the preset {}, of which {found} of {of} columns are there; confirm what is marked with ?",
                one_line(name),
                self.name
            ),
            "[[source]]".to_owned(),
            format!("name = {}", propose::quoted(name)),
        ];
        lines.extend(self.kind.map(|kind| format!("kind = \"{}\"", kind.name())));
        lines.push(format!("preset = \"{}\"", self.name));
        if !self.is_named {
            let files: Vec<String> = files(seen).iter().map(|file| propose::quoted(file)).collect();
            lines.push(format!("files = [{}]", files.join(", ")));
        }
        lines.extend(seen.proposal.iter().flat_map(|proposal| proposal.layout()));
        let needs = self.needs(seen);
        let more = self.more(seen);
        if !needs.is_empty() || !more.is_empty() {
            lines.push("[source.columns]".to_owned());
            lines.extend(needs);
            lines.extend(
                more.iter().map(|(name, reading)| {
                    format!("# {name} = {}  # ? not in the preset", one_line(reading))
                }),
            );
        }
        let words = self.words(seen);
        if !words.is_empty() {
            lines.push("[source.statuses]  # ? what the words mean; status_map.csv comes first".to_owned());
        }
        lines.extend(words.into_iter().map(|(word, status)| match status {
            Some(status) => format!("{} = {}", propose::quoted(word), propose::quoted(status.label())),
            None => format!("# {} = \"\"  # ? not known", propose::quoted(word)),
        }));
        lines.join("\n") + "\n"
    }

    /// Says which columns of the preset the table has, what is impossible without the others, and what of the table it leaves.
    pub(super) fn say(&self, seen: &Seen) {
        let (found, of) = self.share();
        print::say(&format!(
            "  the preset {} ({}): {found} of {of} columns are there",
            self.name, self.reads
        ));
        for way in &self.ways {
            way.say(seen);
        }
        for (name, reading) in self.more(seen) {
            print::say(&format!("    {name:<NAME$} ? not in the preset; perhaps {}", one_line(&reading)));
        }
        for (word, status) in self.words(seen) {
            let meaning =
                status.map_or("what it means is not known".to_owned(), |s| format!("perhaps {}", s.label()));
            print::say(&format!(
                "    {:<NAME$} ? `{}` is not in the preset; {meaning}",
                "status",
                visible(word)
            ));
        }
        let used: Vec<usize> = self.ways.iter().flat_map(|way| way.used(seen)).collect();
        let header = seen.table.header.iter().enumerate().filter(|(at, _)| !used.contains(at));
        let left: Vec<String> = header.map(|(_, name)| format!("`{}`", visible(name))).collect();
        if !left.is_empty() {
            print::say(&format!("    {:<NAME$} {}", "evidence only", left.join(", ")));
        }
    }

    /// Says where a table is not what the preset reads, and which preset fits better.
    ///
    /// Shape: whether it is hardly a file of this preset.
    pub(super) fn doubt(&self, seen: &Seen) -> bool {
        let Some(way) = self.ways.first() else { return false };
        let needs = way.needs.iter().filter(|number| way.mapping.reading(**number).is_some()).count();
        if way.against.is_empty() && needs < SEVERAL {
            return false;
        }
        print::say("  ? this is hardly a file of that preset");
        match best(seen, None).filter(|better| better.name != self.name) {
            Some(better) => {
                let (found, of) = better.share();
                print::say(&format!(
                    "  ? the preset {} fits better: {found} of {of} columns are there; try --preset {}",
                    better.name, better.name
                ));
            }
            None => {
                print::say("  ? no other preset fits; leave --preset out for a proposal by names and values")
            }
        }
        true
    }

    /// The same as data.
    pub(super) fn json(&self, seen: &Seen) -> Value {
        let ways = self.ways.iter().map(|way| {
            let name = |number: &usize| way.mapping.kind.columns()[*number].name;
            json!({
                "kind": way.mapping.kind.name(),
                "found": way.found.iter().map(name).collect::<Vec<_>>(),
                "missing": way.missing.iter().map(name).collect::<Vec<_>>(),
                "needs": way.needs.iter().map(name).collect::<Vec<_>>(),
                "against": way.against,
            })
        });
        json!({"name": self.name, "fits": self.is_fit(seen), "gives": ways.collect::<Vec<_>>()})
    }
}

impl Way {
    fn say(&self, seen: &Seen) {
        let kind = self.mapping.kind;
        print::say(&format!("    as {}:", kind.name()));
        for why in &self.against {
            print::say(&format!("    {:<NAME$} ? {}", "", one_line(why)));
        }
        for number in 0..kind.columns().len() {
            let name = kind.columns()[number].name;
            let line = |what: &str| print::say(&format!("    {name:<NAME$} {what}"));
            let need = if self.needs.contains(&number) { "  (required: fill it in)" } else { "" };
            let without = absence::without(kind, Some(number));
            let Some(reading) = self.mapping.reading(number) else {
                match self.by_name(number, seen).filter(|_| self.needs.contains(&number)) {
                    Some(reading) => {
                        line(&format!("? not in the preset; {} by its name and values", one_line(&reading)));
                    }
                    None if self.needs.contains(&number) => {
                        line(&format!("? not in the preset; {}{need}", without.unwrap_or("required")));
                    }
                    None => {}
                }
                continue;
            };
            let names: Vec<String> =
                headers(&self.mapping, number).iter().map(|name| format!("`{}`", visible(name))).collect();
            match reading.place(&seen.table.header, &self.parts) {
                None if names.is_empty() => {
                    let part = reading.part().unwrap_or_default();
                    line(&format!("missing: the name of the file has no {{{part}}}{need}"));
                }
                None => {
                    let without = without.map(|without| format!("; {without}")).unwrap_or_default();
                    line(&format!("missing: {}{without}{need}", names.join(" or ")));
                }
                Some(place) if place.columns().is_empty() => match reading.part() {
                    Some(part) => line(&format!("from the name of the file: {{{part}}}")),
                    None => line(&format!("always {}", visible(&place.text(|_| "")))),
                },
                Some(place) => {
                    let columns = place.columns().iter();
                    let mut found: Vec<String> = Vec::new();
                    for name in columns.map(|at| format!("`{}`", visible(&seen.table.header[*at]))) {
                        if !found.contains(&name) {
                            found.push(name);
                        }
                    }
                    let look = place.column().filter(|_| found.len() == 1).map(|at| &seen.table.looks[at]);
                    let values = look.map(|look| format!(": {}", told::values(look))).unwrap_or_default();
                    let between = match place {
                        Place::FirstOf(_) => ", where empty ",
                        Place::Joined(..) | Place::Constant(_) => " and ",
                    };
                    line(&format!("{}{values}", found.join(between)));
                    if kind.columns()[number].value() == Holds::Id && look.is_some_and(Look::is_cut_off) {
                        let damage =
                            "every long id ends in 0, as where a spreadsheet saved the file: export it again";
                        print::say(&format!("    {:<NAME$} ? {damage}", ""));
                    }
                    if let Some((_, what)) = self.unread(number, seen) {
                        print::say(&format!("    {:<NAME$} ? {}", "", one_line(&what)));
                    }
                }
            }
        }
    }
}

/// The blocks of tables, each with the preset that reads it: a preset that takes both of two files by their names is
/// written once, as one source reads both.
pub(in crate::cli) fn blocks<'s>(
    tables: impl Iterator<Item = (&'s Seen, Option<&'s Fit>)>,
) -> Vec<Option<String>> {
    let mut written: Vec<(&str, String)> = Vec::new();
    let mut all = Vec::new();
    for (seen, fit) in tables {
        let Some(fit) = fit else {
            all.push(seen.proposal.as_ref().map(|proposal| proposal.block(&seen.table)));
            continue;
        };
        let block = fit.block(seen);
        // What is said of the file, but for its name and for what is left to a person.
        let said = block.lines().filter(|line| !line.starts_with('#') && !line.starts_with("name = "));
        let body: String = said.collect::<Vec<_>>().join("\n");
        let is_again = fit.is_named && written.contains(&(fit.name, body.clone()));
        written.push((fit.name, body));
        all.push((!is_again).then_some(block));
    }
    all
}

/// The patterns of the files of a table.
fn files(seen: &Seen) -> Vec<String> {
    match &seen.proposal {
        Some(proposal) => proposal.spec.files.0.clone(),
        None => seen.files.iter().map(|name| name.replace(['{', '}'], "*")).collect(),
    }
}

/// Every header that a preset looks for.
pub(in crate::cli) fn headers_of_all() -> Vec<String> {
    let all = presets::PRESETS.iter().filter_map(|(name, ..)| mappings(name, None).ok()).flatten();
    all.flat_map(|mapping| mapping.names().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// A preset by its name, held against a table.
pub(super) fn named(name: &str, kind: Option<FileKind>, seen: &Seen) -> Option<Fit> {
    let (name, reads, _) = presets::PRESETS.iter().find(|(known, ..)| *known == name)?;
    Fit::of(name, reads, kind, seen)
}

/// The preset that reads a table: of those that fit, the one with the most of its columns.
pub(in crate::cli) fn best(seen: &Seen, kind: Option<FileKind>) -> Option<Fit> {
    let all = presets::PRESETS.iter().filter_map(|(name, reads, _)| Fit::of(name, reads, kind, seen));
    let fits = all.filter(|fit| fit.is_fit(seen));
    fits.max_by_key(|fit| (fit.share().0, std::cmp::Reverse(fit.name)))
}
