//! Calendars as iCalendar files (RFC 5545): every byte follows from the calendar, none from a clock or from chance.

use std::borrow::Cow;

use crate::report::calendar::{Calendar, Event};

/// Octets of a content line without its line break (RFC 5545, 3.1).
const OCTETS_MAX: usize = 75;
/// When the reminder rings: at nine in the morning, two days before.
const REMINDER: &str = "-P1DT15H";

/// A calendar as a file.
///
/// Shape: UTF-8, CRLF, lines folded at 75 octets and never inside a character; an event of a whole day each, with a
/// reminder two days before, that leaves the day free for other things.
pub fn calendar(calendar: &Calendar) -> Vec<u8> {
    let mut file = File(String::with_capacity(1024 * (calendar.events.len() + 1)));
    file.line("BEGIN", "VCALENDAR");
    file.line("VERSION", "2.0");
    file.line("PRODID", "-//tieout//deadlines//EN");
    file.line("CALSCALE", "GREGORIAN");
    file.line("METHOD", "PUBLISH");
    // What calendar programs show; the RFC has no property for it.
    file.text("X-WR-CALNAME", &calendar.name);
    file.text("X-WR-CALDESC", &calendar.description);
    for event in &calendar.events {
        file.event(calendar, event);
    }
    if calendar.events.is_empty() {
        // A calendar must hold something (RFC 5545, 3.6); a time zone is nothing that anybody sees.
        file.time_zone();
    }
    file.line("END", "VCALENDAR");
    file.0.into_bytes()
}

struct File(String);

impl File {
    fn event(&mut self, calendar: &Calendar, event: &Event) {
        self.line("BEGIN", "VEVENT");
        self.text("UID", &event.uid);
        self.line("DTSTAMP", &calendar.stamp);
        self.line("SEQUENCE", &calendar.revision.to_string());
        // Without an end, the event is the whole of that day (3.6.1).
        self.line("DTSTART;VALUE=DATE", &event.date.format("%Y%m%d").to_string());
        self.text("SUMMARY", &event.summary);
        self.text("DESCRIPTION", &event.description);
        if let Some(url) = &event.url {
            self.line("URL", &url.replace(char::is_control, ""));
        }
        self.line("TRANSP", "TRANSPARENT");
        self.line("BEGIN", "VALARM");
        self.line("ACTION", "DISPLAY");
        self.text("DESCRIPTION", &event.summary);
        self.line("TRIGGER", REMINDER);
        self.line("END", "VALARM");
        self.line("END", "VEVENT");
    }

    fn time_zone(&mut self) {
        self.line("BEGIN", "VTIMEZONE");
        self.line("TZID", "UTC");
        self.line("BEGIN", "STANDARD");
        self.line("DTSTART", "19700101T000000");
        self.line("TZOFFSETFROM", "+0000");
        self.line("TZOFFSETTO", "+0000");
        self.line("END", "STANDARD");
        self.line("END", "VTIMEZONE");
    }

    /// A property whose value is text.
    fn text(&mut self, name: &str, value: &str) {
        self.line(name, &escaped(value));
    }

    /// A content line, folded: each part but the first begins with a blank, which counts.
    fn line(&mut self, name: &str, value: &str) {
        let line = format!("{name}:{value}");
        let mut rest = line.as_str();
        let mut room = OCTETS_MAX;
        while rest.len() > room {
            let end = (0..=room).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            self.0.push_str(part);
            self.0.push_str("\r\n ");
            rest = after;
            room = OCTETS_MAX - 1;
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
    }
}

/// A value of type TEXT (3.3.11): backslash, semicolon, comma and line break escaped. Other control characters, which
/// may not occur, become the sign for an unreadable one.
fn escaped(value: &str) -> Cow<'_, str> {
    if !value.contains(|c: char| matches!(c, '\\' | ';' | ',') || c.is_control()) {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len() + 16);
    let mut letters = value.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            // One break, however it is written.
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' | '\n' => out.push_str("\\n"),
            '\t' => out.push('\t'),
            _ if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(name: &str, value: &str) -> Vec<String> {
        let mut file = File(String::new());
        file.line(name, value);
        let text = file.0.strip_suffix("\r\n").expect("a line ends with a line break").to_owned();
        text.split("\r\n").map(str::to_owned).collect()
    }

    /// What a reader makes of a folded line: the breaks and the blank after each are gone (3.1).
    fn unfolded(lines: &[String]) -> String {
        lines.iter().enumerate().map(|(n, line)| if n == 0 { line } else { &line[1..] }).collect()
    }

    #[test]
    fn a_line_is_folded_at_75_octets() {
        // 7 octets of name and colon leave 68.
        assert_eq!(lines("SUMMARY", &"x".repeat(67)).len(), 1);
        let just = lines("SUMMARY", &"x".repeat(68));
        assert_eq!(just.iter().map(String::len).collect::<Vec<_>>(), [75, 2]);
        assert_eq!(just[1], " x");
        let long = lines("SUMMARY", &"x".repeat(500));
        assert!(long.iter().all(|line| line.len() <= 75), "{long:?}");
        assert!(long[1..].iter().all(|line| line.starts_with(' ')));
        assert_eq!(unfolded(&long), format!("SUMMARY:{}", "x".repeat(500)));
    }

    #[test]
    fn a_fold_never_splits_a_character() {
        for letter in ["é", "订", "🧾", "a b"] {
            for start in 0..8 {
                let value = format!("{}{}", "-".repeat(start), letter.repeat(60));
                let folded = lines("SUMMARY", &value);
                assert!(folded.len() > 1 && folded.iter().all(|line| line.len() <= 75), "{folded:?}");
                assert_eq!(unfolded(&folded), format!("SUMMARY:{value}"));
            }
        }
    }

    #[test]
    fn text_is_escaped() {
        for (plain, written) in [
            ("plain: text", "plain: text"),
            ("a, b; c\\d", "a\\, b\\; c\\\\d"),
            ("one\ntwo\r\nthree\rfour", "one\\ntwo\\nthree\\nfour"),
            ("tab\there", "tab\there"),
            ("bell\u{7} and \u{85}", "bell\u{fffd} and \u{fffd}"),
            ("\\n", "\\\\n"),
        ] {
            assert_eq!(escaped(plain), written, "{plain:?}");
        }
    }

    #[test]
    fn a_file_is_a_pure_function_of_its_calendar() {
        let event = Event {
            uid: "confirm-l1-0a1b2c3d@tieout".to_owned(),
            date: "2026-06-20".parse().unwrap(),
            summary: "Confirm or dispute O-1: $80.00".to_owned(),
            description: "Core, May 2026.\nLine L-1.".to_owned(),
            url: Some("https://rebates.example.com/a,b;c".to_owned()),
        };
        let filled = Calendar {
            name: "Rebate deadlines".to_owned(),
            description: "As known.".to_owned(),
            stamp: "20260618T060000Z".to_owned(),
            revision: 2,
            events: vec![event],
        };
        let expected = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//tieout//deadlines//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "X-WR-CALNAME:Rebate deadlines",
            "X-WR-CALDESC:As known.",
            "BEGIN:VEVENT",
            "UID:confirm-l1-0a1b2c3d@tieout",
            "DTSTAMP:20260618T060000Z",
            "SEQUENCE:2",
            "DTSTART;VALUE=DATE:20260620",
            "SUMMARY:Confirm or dispute O-1: $80.00",
            "DESCRIPTION:Core\\, May 2026.\\nLine L-1.",
            "URL:https://rebates.example.com/a,b;c",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "DESCRIPTION:Confirm or dispute O-1: $80.00",
            "TRIGGER:-P1DT15H",
            "END:VALARM",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ];
        assert_eq!(String::from_utf8(calendar(&filled)).unwrap(), expected.join("\r\n"));
        let empty = String::from_utf8(calendar(&Calendar { events: Vec::new(), ..filled })).unwrap();
        assert!(empty.contains("\r\nBEGIN:VTIMEZONE\r\n") && !empty.contains("VEVENT"), "{empty}");
    }
}
