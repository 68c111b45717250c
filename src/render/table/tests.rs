use super::*;
use crate::report::page::Segment;

const HOSTILE: &str = "\"><b onx='1'>&\u{202e}\u{0}";
const ESCAPED: &str = "&quot;&gt;&lt;b onx=&#39;1&#39;&gt;&amp;\u{fffd}";

fn markup(table: &Table) -> String {
    let mut out = String::new();
    push_table(&mut out, table, "../");
    out
}

fn table(layout: &'static str, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Table {
    let rows = rows.into_iter().map(|cells| Row { cells, ..Row::default() }).collect();
    Table { layout, columns, rows, ..Table::default() }
}

/// A cell in the first column of words and one in the second.
fn twice(cell: Cell) -> String {
    let columns = vec![Column::text("A"), Column::text("B")];
    let html = markup(&table("tight", columns, vec![vec![cell.clone(), cell]]));
    let (_, rest) = html.split_once("<tbody><tr>").unwrap();
    rest.split_once("</tr></tbody>").unwrap().0.to_owned()
}

fn icon() -> Cell {
    Cell { icon: Some("paid"), ..Cell::text("Paid") }
}

fn bar(segments: usize) -> Cell {
    let segment = Segment { x: "1.00".to_owned(), width: "2.00".to_owned(), fill: "calc" };
    Cell { bar: vec![segment; segments], ..Cell::default() }
}

#[test]
fn each_feature_of_a_cell() {
    let none = Cell { none: Some("no date"), ..Cell::default() };
    let dash = "<span class=\"none\">–<span class=\"vh\"> no date</span></span>";
    let st = "<span class=\"st s-paid\"><svg aria-hidden=\"true\"><use href=\"#i-paid\"/></svg>Paid</span>";
    let led = Cell { href: Some("s.html".to_owned()), ..icon() };
    let coded = Cell { code: true, ..Cell::link("SO-1", "o.html") };
    let cases = [
        (Cell::text("x < y"), "x &lt; y".to_owned()),
        (Cell::empty(), String::new()),
        (none, dash.to_owned()),
        (icon(), st.to_owned()),
        (led, format!("<a href=\"../s.html\">{st}</a>")),
        (
            Cell::link("May 2026", "m.html"),
            "<a class=\"nw\" href=\"../m.html\"><bdi>May 2026</bdi></a>".to_owned(),
        ),
        (
            Cell::link("Boreal Logistics", "c.html"),
            "<a href=\"../c.html\"><bdi>Boreal Logistics</bdi></a>".to_owned(),
        ),
        (coded, "<a class=\"nw\" href=\"../o.html\"><bdi><code>SO-1</code></bdi></a>".to_owned()),
        (Cell::code("CMP-G7-8XL"), "<code class=\"nw\">CMP-G7-8XL</code>".to_owned()),
        (Cell::code("2026-06-12/rebate_lines.csv"), "<code>2026-06-12/rebate_lines.csv</code>".to_owned()),
    ];
    for (cell, words) in cases {
        assert_eq!(twice(cell), format!("<th scope=\"row\">{words}</th><td>{words}</td>"));
    }
}

#[test]
fn notes_stand_below_behind_or_before() {
    let quiet = "<span class=\"quiet\">n</span>";
    let plain = twice(Cell::text("x").with_note("n"));
    assert_eq!(
        plain,
        format!("<th scope=\"row\"><b>x</b><span class=\"nt\">n</span></th><td>x {quiet}</td>")
    );
    let (number, other) = (Column::number("A"), Column::text("B"));
    let mut t = table(
        "tight",
        vec![other, number],
        vec![vec![icon().with_note("n"), Cell::text("1").with_note("n")]],
    );
    assert!(markup(&t).contains(&format!(
        "</svg>Paid</span><span class=\"nt\">n</span></th><td class=\"n\">{quiet} 1</td>"
    )));
    t.rows[0].style = "ind";
    assert!(
        markup(&t)
            .contains(&format!("<tr class=\"ind\"><th scope=\"row\">{quiet} <span class=\"st s-paid\">"))
    );
    t.columns[0] = Column::date("A").minor();
    t.rows[0] = Row { id: "v1".to_owned(), style: "", cells: vec![icon(), Cell::text("1").with_note("n")] };
    let html = markup(&t);
    assert!(
        html.contains(
            "<table class=\"tight rail\"><thead><tr><th scope=\"col\" class=\"c-date hide-s\">A</th>"
        )
    );
    assert!(html.contains("<tr id=\"v1\"><th scope=\"row\" class=\"c-date hide-s\"><span class=\"dot s-paid\"><svg aria-hidden=\"true\"><use href=\"#i-paid\"/></svg></span>Paid</th>"));
}

#[test]
fn bars_have_a_track() {
    let columns = || vec![Column::text("A"), Column::text("")];
    let rects = "<rect class=\"a-calc\" x=\"1.00\" width=\"2.00\" height=\"10\"/>";
    let html = markup(&table("tight", columns(), vec![vec![Cell::text("x"), bar(1)]]));
    assert!(html.contains("<th scope=\"col\" class=\"barc\"><span class=\"vh\">Chart</span></th>"));
    let track = "<rect class=\"a-track\" y=\"4.5\" width=\"100\" height=\"1\"/>";
    assert!(html.contains(&format!("aria-hidden=\"true\">{track}{rects}</svg></td>")), "{html}");
    let html = markup(&table("tight", columns(), vec![vec![Cell::text("x"), bar(2)]]));
    let track = "<rect class=\"a-track\" width=\"100\" height=\"10\"/>";
    assert!(html.contains(&format!("{track}{rects}{rects}</svg></td>")), "{html}");
}

#[test]
fn cards_have_labels_roles_and_sums() {
    let columns =
        vec![Column::text("A"), Column::number("B"), Column::text("C"), Column::text("D"), Column::text("E")];
    let cells = |a: &str| vec![Cell::text(a), Cell::text("1"), icon(), bar(1), Cell::text("e")];
    let sum = Row { cells: vec![Cell::text("Total"), Cell::text("1")], ..Row::default() };
    let group = Row { style: "grp", cells: vec![Cell::text("Later")], ..Row::default() };
    let mut t = Table { foot: vec![sum], ..table("cards", columns, vec![cells("a")]) };
    t.rows.push(group);
    let html = markup(&t);
    assert!(html.starts_with("<div class=\"tw\"><table class=\"cards\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\"><th scope=\"col\" role=\"columnheader\">A</th><th scope=\"col\" role=\"columnheader\" class=\"n\">B</th>"), "{html}");
    assert!(html.contains("<tbody role=\"rowgroup\"><tr role=\"row\"><th scope=\"row\" role=\"rowheader\">a</th><td role=\"cell\" data-l=\"B\" class=\"n\">1</td><td role=\"cell\"><span class=\"st"), "{html}");
    assert!(
        html.contains("<td role=\"cell\" class=\"barc\"><svg class=\"wf\"")
            && html.contains("<td role=\"cell\">e</td></tr>"),
        "{html}"
    );
    assert!(html.contains("<tr class=\"grp\" role=\"row\"><th scope=\"colgroup\" colspan=\"5\" role=\"rowheader\">Later</th></tr></tbody>"), "{html}");
    assert!(html.ends_with("<tfoot role=\"rowgroup\"><tr role=\"row\"><th scope=\"row\" role=\"rowheader\">Total</th><td role=\"cell\" data-l=\"B\" class=\"n\">1</td></tr></tfoot></table></div>"), "{html}");
}

#[test]
fn wide_tables_scroll_and_empty_ones_say_so() {
    let mut t = table("wide", vec![Column::text("A")], vec![vec![Cell::text("a")]]);
    assert!(markup(&t).starts_with("<div class=\"tw\"><table class=\"wide\"><thead>"));
    (t.id, t.caption, t.sortable) = ("t".to_owned(), "In USD".to_owned(), true);
    assert!(markup(&t).starts_with("<div class=\"tw\" role=\"region\" aria-labelledby=\"t-caption\" tabindex=\"0\"><table class=\"wide sortable\"><caption id=\"t-caption\">In USD</caption><thead><tr><th scope=\"col\"><button type=\"button\">A</button></th>"));
    t.rows.clear();
    assert_eq!(markup(&t), "<p class=\"empty muted\" id=\"t\">There is nothing to list here.</p>");
    (t.id, t.empty) = (String::new(), "No line is late.".to_owned());
    assert_eq!(markup(&t), "<p class=\"empty muted\">No line is late.</p>");
}

#[test]
fn hostile_text_is_escaped_in_every_position() {
    let own = || HOSTILE.to_owned();
    let all = Cell { icon: Some(HOSTILE), note: Some(own()), ..Cell::link(HOSTILE, HOSTILE) };
    let segment = Segment { x: own(), width: own(), fill: HOSTILE };
    let cells = vec![
        all.clone(),
        Cell { icon: None, code: true, ..all.clone() },
        Cell { icon: None, href: None, ..all },
        Cell { none: Some(HOSTILE), ..Cell::code(HOSTILE) },
        Cell { bar: vec![segment], ..Cell::default() },
    ];
    let group = Row { style: "grp", cells: vec![Cell::text(HOSTILE)], id: own() };
    let rows = vec![Row { style: HOSTILE, id: own(), cells }, group];
    for (layout, sortable) in [("cards", false), ("wide", true), (HOSTILE, false)] {
        let columns = (0..5).map(|_| Column::text(HOSTILE)).collect();
        let foot = rows.clone();
        let t = Table {
            id: own(),
            caption: own(),
            layout,
            sortable,
            columns,
            rows: rows.clone(),
            foot,
            empty: own(),
        };
        for html in [markup(&t), markup(&Table { rows: Vec::new(), ..t })] {
            assert!(!html.contains("<b onx") && !html.contains(['\u{202e}', '\0']), "{html}");
            assert_eq!(html.matches("onx").count(), html.matches(ESCAPED).count(), "{html}");
        }
    }
}

#[test]
fn an_amount_says_what_it_is() {
    // Goal: a program that reads the page needs no words: the amount with its currency, what its column measures, of which
    // part, and when it was known. Method: a cell that is an amount, a change, and words that hold one, under a column of
    // another snapshot and in a row of another.
    let usd = crate::model::money::Currency::parse("USD").unwrap();
    let money = |minor| crate::model::money::Money::from_minor(minor, usd);
    let then = crate::model::time::AsOf::parse("2026-05-08").unwrap();
    let columns = vec![
        Column::text("Snapshot"),
        Column::money("Total rebate", "total").at(then),
        Column::money("Posted", "total").within("posted=2026-05"),
        Column::text("Why").of("reason"),
    ];
    let cells = vec![
        Cell::snapshot(then),
        Cell::money(money(-223_000)),
        Cell::change(money(4_500)),
        Cell::text("$1.00 of 2.00 is left"),
    ];
    let html = markup(&table("tight", columns, vec![cells]));
    for part in [
        "<th scope=\"col\" class=\"n\" data-measure=\"total\" data-snapshot=\"2026-05-08\">Total rebate</th>",
        "<th scope=\"col\" class=\"n\" data-measure=\"total\" data-scope=\"posted=2026-05\">Posted</th>",
        "<th scope=\"col\" data-measure=\"reason\">Why</th>",
        "<tr data-snapshot=\"2026-05-08\"><th scope=\"row\">8 May 2026</th>",
        "<td class=\"n\"><data value=\"-2230.00 USD\">−2,230.00</data></td>",
        "<td class=\"n\"><data value=\"45.00 USD\">+45.00</data></td>",
        "<td><data value=\"1.00 USD\">$1.00</data> of <data value=\"2.00\">2.00</data> is left</td>",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
}
