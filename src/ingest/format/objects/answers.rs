//! Which list of a document holds the records, what stands around it, and whether the document is an error instead.
//!
//! Its job: tell an answer of an API, in which a list lies among page numbers and request ids, from a document that is a
//! record itself. Not its job: the cells of a record.
//! Invariant: each document gives its records or a fault; none is left out because its list is not there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::parts::{Fault, Source};
use crate::ingest::grammar::shown;

/// The path that stands for the documents themselves.
const TOP: &str = ".";

/// The records of one list and what holds for all of them.
pub(super) struct Group<'t> {
    /// The scalars of the objects around the list, by their path from the root, in the order of the document.
    pub(super) around: Vec<(String, &'t str)>,
    pub(super) records: Vec<&'t str>,
}

/// The records of a file and how they were found.
pub(super) struct Records<'t> {
    pub(super) groups: Vec<Group<'t>>,
    /// Where they are; empty where the documents are the records.
    pub(super) path: String,
    pub(super) detected: Vec<String>,
    /// How many there are by what the documents say.
    pub(super) declared: Option<u64>,
}

/// A list that documents have at one path.
struct List {
    path: String,
    /// How many documents have it.
    documents: usize,
    /// How many elements it has in all of them.
    elements: usize,
    /// Whether an element is something else than an object.
    has_others: bool,
}

/// The lists of all documents, in order of first appearance.
#[derive(Default)]
struct Lists {
    places: BTreeMap<String, usize>,
    all: Vec<List>,
    /// Objects in lists, in all of them together.
    objects: usize,
}

/// Finds the records of all documents of a file.
///
/// A list at the top is its elements, one document each. The documents are the records where a list or several of them
/// do not look like answers; else the records are the list of objects that has the most, the first of those with as many.
pub(super) fn find<'t>(source: &Source<'t>, declared: Option<&str>) -> Result<Records<'t>, Vec<Fault>> {
    let values = source.values().map_err(|fault| vec![fault])?;
    if values.is_empty() {
        return Err(vec![Fault {
            code: "file-empty",
            offset: 0,
            value: String::new(),
            message: "the file is empty: it holds no JSON".to_owned(),
            help: "fetch or export it again; a list without records is []",
        }]);
    }
    let is_one = values.len() == 1 && !values[0].starts_with('[');
    let mut documents = Vec::new();
    for value in values {
        match value.starts_with('[') {
            true => documents.extend(source.items(value).map_err(|fault| vec![fault])?),
            false => documents.push(value),
        }
    }
    let faults: Vec<Fault> = documents
        .iter()
        .filter(|document| !document.starts_with('{'))
        .map(|document| not_an_object(source, document))
        .collect();
    if !faults.is_empty() {
        return Err(faults);
    }
    let (lists, answers, errors) = look(source, &documents, is_one)?;
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut detected = Vec::new();
    let path = match declared.map(str::trim).filter(|path| !path.is_empty()) {
        Some(TOP) => String::new(),
        Some(path) => path.to_owned(),
        None => choose(source, &documents, &lists, is_one, answers, &mut detected)?,
    };
    let (groups, faults) = groups(source, &documents, &path);
    if !faults.is_empty() {
        return Err(faults);
    }
    let is_beside = |list: &&List| {
        let is_on_the_way =
            path.strip_prefix(&list.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        !path.is_empty() && !is_on_the_way && list.elements > 0
    };
    let beside = lists.all.iter().filter(is_beside);
    detected.extend(beside.map(|list| format!("list {} is not read ({})", list.path, list.elements)));
    let declared = totals(&groups, &mut detected);
    Ok(Records { groups, path, detected, declared })
}

/// All lists, how many documents look like answers, and those that are errors.
fn look<'t>(
    source: &Source<'t>,
    documents: &[&'t str],
    is_one: bool,
) -> Result<(Lists, usize, Vec<Fault>), Vec<Fault>> {
    let (mut lists, mut answers, mut faults, mut errors) = (Lists::default(), 0, Vec::new(), Vec::new());
    for document in documents {
        let before = lists.objects;
        let found = source.entries(document).and_then(|entries| {
            lists.add(source, document, &mut Vec::new())?;
            let (is_answer, has_id) = marks(source, &entries)?;
            answers += usize::from(is_answer);
            error(source, document, &entries, has_id, is_one)
        });
        match found {
            Ok(error) => errors.extend(error.filter(|_| lists.objects == before)),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok((lists, answers, errors)) } else { Err(faults) }
}

impl Lists {
    /// The lists of objects below an object, through objects alone: what lies in a list belongs to its elements.
    fn add<'t>(
        &mut self,
        source: &Source<'t>,
        object: &'t str,
        path: &mut Vec<Cow<'t, str>>,
    ) -> Result<(), Fault> {
        source.check_depth(object, path.len())?;
        for (key, value) in source.entries(object)? {
            let kind = value.as_bytes().first();
            if !matches!(kind, Some(b'{' | b'[')) {
                continue;
            }
            path.push(key);
            if kind == Some(&b'{') {
                self.add(source, value, path)?;
            } else {
                let items = source.items(value)?;
                let objects = items.iter().filter(|item| item.starts_with('{')).count();
                let all = &mut self.all;
                let place = *self.places.entry(path.join(".")).or_insert_with_key(|path| {
                    all.push(List { path: path.clone(), documents: 0, elements: 0, has_others: false });
                    all.len() - 1
                });
                all[place].documents += 1;
                all[place].elements += items.len();
                // One element that is no object is a fault of that element; a list without any is another kind of list.
                all[place].has_others |= objects == 0 && !items.is_empty();
                self.objects += objects;
            }
            path.pop();
        }
        Ok(())
    }

    /// The first list of those with the most records.
    fn most(&self, documents: usize, elements: usize) -> Option<&List> {
        let fits =
            |list: &&List| list.documents >= documents && list.elements >= elements && !list.has_others;
        self.all.iter().filter(fits).rev().max_by_key(|list| list.elements)
    }
}

/// The path where nobody says it.
fn choose<'t>(
    source: &Source<'t>,
    documents: &[&'t str],
    lists: &Lists,
    is_one: bool,
    answers: usize,
    detected: &mut Vec<String>,
) -> Result<String, Vec<Fault>> {
    let are_answers = !documents.is_empty() && answers == documents.len();
    let list = match (is_one, are_answers) {
        (true, _) => lists.most(1, usize::from(!are_answers)),
        // Prefer a list that all pages have; a page without it is a fault of its own.
        (false, true) => lists.most(documents.len(), 0).or_else(|| lists.most(1, 0)),
        (false, false) => None,
    };
    if let Some(list) = list {
        detected.push(format!("records at {} ({})", list.path, list.elements));
        return Ok(list.path.clone());
    }
    if is_one && (are_answers || lists.most(1, 0).is_some()) {
        let message = match are_answers {
            true => "the answer holds no list of records",
            false => "this is one record, or an answer with an empty list of records",
        };
        return Err(vec![Fault {
            code: "list-missing",
            offset: documents.first().map_or(0, |document| source.offset(document)),
            value: String::new(),
            message: message.to_owned(),
            help: "name the path of the list, such as Data.OrderList, or . where the document is the record",
        }]);
    }
    let kind = if is_one || documents.len() == 1 { "record" } else { "records" };
    detected.push(format!("{} {kind} at the top", documents.len()));
    Ok(String::new())
}

/// The records of each document at a path, and the documents that have none there.
fn groups<'t>(source: &Source<'t>, documents: &[&'t str], path: &str) -> (Vec<Group<'t>>, Vec<Fault>) {
    if path.is_empty() {
        return (vec![Group { around: Vec::new(), records: documents.to_vec() }], Vec::new());
    }
    let (mut groups, mut faults) = (Vec::new(), Vec::new());
    for document in documents {
        if let Err(fault) = descend(source, document, path, "^", Vec::new(), &mut groups) {
            faults.push(fault);
        }
    }
    let records = groups.iter().flat_map(|group| &group.records);
    faults.extend(records.filter(|r| !r.starts_with('{')).map(|record| not_an_object(source, record)));
    (groups, faults)
}

/// Follows a path through objects, and through each element of a list on the way.
fn descend<'t>(
    source: &Source<'t>,
    object: &'t str,
    path: &str,
    name: &str,
    mut around: Vec<(String, &'t str)>,
    groups: &mut Vec<Group<'t>>,
) -> Result<(), Fault> {
    let entries = source.entries(object)?;
    let rest = |key: &str| match path.strip_prefix(key)? {
        "" => Some(""),
        rest => rest.strip_prefix('.'),
    };
    // A key may hold dots itself; the longest that fits is meant.
    let next = entries
        .iter()
        .filter_map(|(key, value)| Some((key, *value, rest(key)?)))
        .max_by_key(|(key, _, _)| key.len());
    let Some((key, value, rest)) = next else {
        return Err(Fault {
            code: "list-missing",
            offset: source.offset(object),
            value: String::new(),
            message: format!("there is no list at {} here", shown(path)),
            help: "fetch this answer again, or correct the path of the list",
        });
    };
    for (other, value) in entries.iter().filter(|(other, _)| other != key) {
        scalars(source, value, &joined(name, other), 1, &mut around)?;
    }
    let name = joined(name, key);
    match (value.as_bytes().first(), rest) {
        (Some(b'n'), _) => groups.push(Group { around, records: Vec::new() }),
        (Some(b'['), "") => groups.push(Group { around, records: source.items(value)? }),
        // Converters from XML write a list of one as the one.
        (Some(b'{'), "") => groups.push(Group { around, records: vec![value] }),
        (Some(b'{'), rest) => descend(source, value, rest, &name, around, groups)?,
        (Some(b'['), rest) => {
            for item in source.items(value)? {
                match item.starts_with('{') {
                    true => descend(source, item, rest, &name, around.clone(), groups)?,
                    false => return Err(not_an_object(source, item)),
                }
            }
        }
        (Some(_) | None, _) => return Err(not_an_object(source, value)),
    }
    Ok(())
}

/// `^Response.Total` of `^Response` and `Total`.
fn joined(name: &str, key: &str) -> String {
    if name == "^" { format!("^{key}") } else { format!("{name}.{key}") }
}

fn scalars<'t>(
    source: &Source<'t>,
    value: &'t str,
    name: &str,
    depth: usize,
    around: &mut Vec<(String, &'t str)>,
) -> Result<(), Fault> {
    source.check_depth(value, depth)?;
    match value.as_bytes().first() {
        Some(b'{') => {
            for (key, value) in source.entries(value)? {
                scalars(source, value, &joined(name, &key), depth + 1, around)?;
            }
        }
        // Lists beside the records are named in `detected`, not repeated in each row.
        Some(b'[') => {}
        Some(_) | None => around.push((name.to_owned(), value)),
    }
    Ok(())
}

fn not_an_object(source: &Source<'_>, value: &str) -> Fault {
    Fault {
        code: "record-not-an-object",
        offset: source.offset(value),
        value: shown(value),
        message: "this is not an object with keys, so its values have no names".to_owned(),
        help: "export records as objects, one for each line or element",
    }
}

/// A key without what differs between vendors: `Request_id` is `requestid`.
fn plain(key: &str) -> String {
    key.chars().filter(|c| *c != '_' && *c != '-').flat_map(char::to_lowercase).collect()
}

type Entries<'t> = [(Cow<'t, str>, &'t str)];

/// The object that a document consists of, as in `{"Response": {…}}`, or nothing.
fn inner<'t>(source: &Source<'t>, entries: &Entries<'t>) -> Result<Vec<(Cow<'t, str>, &'t str)>, Fault> {
    match entries {
        [(key, inside)] if inside.starts_with('{') && plain(key) != "error" => source.entries(inside),
        _ => Ok(Vec::new()),
    }
}

/// The value under the first key that is one of some names.
fn under<'t>(entries: &Entries<'t>, names: &[&str]) -> Option<&'t str> {
    entries.iter().find(|(key, _)| names.contains(&plain(key).as_str())).map(|(_, value)| *value)
}

/// Whether an object has what answers have around their records, itself or in the one object it consists of, and whether
/// that is something that no record has.
fn marks<'t>(source: &Source<'t>, entries: &Entries<'t>) -> Result<(bool, bool), Fault> {
    const IDS: &[&str] = &["requestid", "hostid"];
    const OTHERS: &[&str] =
        &["success", "totalcount", "totalnum", "nexttoken", "nextlink", "pagesize", "pagenumber", "pagenum"];
    let inner = inner(source, entries)?;
    let has = |names| under(entries, names).or_else(|| under(&inner, names)).is_some();
    // Nothing but a list: a page without a word around it.
    let is_list = matches!(entries, [(_, inside)] if inside.starts_with('['));
    Ok((is_list || has(IDS) || has(OTHERS), has(IDS)))
}

/// The error that a document is, where it is one.
///
/// A record may have a field `Success` or `Code`; only what looks like an answer is taken at that word.
fn error<'t>(
    source: &Source<'t>,
    document: &'t str,
    entries: &Entries<'t>,
    has_id: bool,
    is_one: bool,
) -> Result<Option<Fault>, Fault> {
    const CODES: &[&str] = &["code", "errorcode", "errcode"];
    const MESSAGES: &[&str] = &["message", "errormessage", "errormsg", "errmsg", "msg"];
    let inner = inner(source, entries)?;
    let levels = [entries, &inner];
    let word = |entries: &Entries<'t>, names| match under(entries, names) {
        Some(value) if !value.starts_with(['{', '[', 'n']) => source.cell(value).map(Some),
        Some(_) | None => Ok(None),
    };
    let object =
        levels.iter().find_map(|level| under(level, &["error"]).filter(|inside| inside.starts_with('{')));
    let object = object.map_or(Ok(Vec::new()), |inside| source.entries(inside))?;
    for (level, is_certain) in [(object.as_slice(), true), (entries, false), (&inner, false)] {
        let (code, message) = (word(level, CODES)?, word(level, MESSAGES)?);
        let success = word(level, &["success"])?.map(|word| word.eq_ignore_ascii_case("true"));
        let is_fine =
            code.as_deref().is_some_and(|c| ["ok", "success", "200", "0"].contains(&plain(c).as_str()));
        let is_failure = success == Some(false);
        if !(is_failure || code.is_some() && message.is_some() && success.is_none() && !is_fine) {
            continue;
        }
        let is_alone = is_one && (is_failure || entries.len() <= 3);
        if !is_certain && !has_id && !is_alone {
            return Ok(None);
        }
        let said = match (&code, &message) {
            (Some(code), Some(message)) => format!("code {}, {}", shown(code), shown(message)),
            (Some(text), None) | (None, Some(text)) => shown(text),
            (None, None) => "without a reason".to_owned(),
        };
        return Ok(Some(Fault {
            code: "error-answer",
            offset: source.offset(document),
            value: code.unwrap_or_default().into_owned(),
            message: format!("this is an error answer of the API, not data: {said}"),
            help: "put right what it names and fetch it again; an error is not an empty month",
        }));
    }
    Ok(None)
}

/// How many records the documents say there are, if they agree.
///
/// Pages of one query each declare the total of the query; answers to several queries each declare their own.
fn totals(groups: &[Group<'_>], detected: &mut Vec<String>) -> Option<u64> {
    const NAMES: [&str; 6] = ["totalcount", "totalnum", "totalrecords", "totalrows", "totalresults", "total"];
    let of = |group: &Group<'_>| -> Option<(String, u64)> {
        let number = |(name, value): &(String, &str)| {
            let last = name.trim_start_matches('^').rsplit('.').next().unwrap_or_default();
            let rank = NAMES.iter().position(|known| *known == plain(last))?;
            Some((rank, last.to_owned(), value.trim_matches('"').parse::<u64>().ok()?))
        };
        let best = group.around.iter().filter_map(number).min_by_key(|(rank, _, _)| *rank);
        best.map(|(_, name, total)| (name, total))
    };
    let declared: Vec<(String, u64, u64)> = groups
        .iter()
        .filter_map(|group| of(group).map(|(name, total)| (name, total, group.records.len() as u64)))
        .collect();
    let (name, first, _) = declared.first()?;
    let held: u64 = groups.iter().map(|group| group.records.len() as u64).sum();
    if declared.len() == groups.len() && declared.iter().all(|(_, total, held)| total == held) {
        return Some(held);
    }
    let mut all: Vec<String> = declared.iter().map(|(_, total, _)| total.to_string()).collect();
    all.dedup();
    if all.len() > 1 || *first != held {
        detected.push(format!("declares {name} {}, holds {held} records", all.join(", then ")));
    }
    (all.len() == 1).then_some(*first)
}
