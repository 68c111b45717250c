//! Mappings that are shipped: one file per kind of extract that vendors document.

/// A preset: its name and its text, one or several `[[source]]`.
pub const PRESETS: &[(&str, &str)] = &[];

/// The text of a preset.
pub fn preset(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
