//! The file that `dive --json` writes, byte for byte as Go's `encoding/json` indents and escapes it.
//!
//! [`Dive`] hands over what it has kept of its layers, its numbers and its references; nothing is counted here.

use super::go::{Attributes, Named};
use super::trees::ROOT;
use super::{Dive, LayerLabel};
use std::io::{self, BufWriter, Write};

/// A finished layer: what the JSON says of it.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) label: LayerLabel,
    pub(super) size: u64,
    pub(super) files: Vec<File>,
}

/// An element of a layer's `fileList`. Its path is kept as a number: the text is in [`Paths`](super::trees::Paths).
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: u32,
    pub(super) attributes: Attributes,
}

impl Dive {
    /// Writes what `dive --json` writes.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut json = BufWriter::with_capacity(1 << 16, out);
        self.write_layers(&mut json)?;
        self.write_image(&mut json)?;
        json.flush()
    }

    fn write_layers(&self, json: &mut impl Write) -> io::Result<()> {
        let mut steps = Vec::new();
        json.write_all(b"{\n  \"layer\": [")?;
        for (index, layer) in self.layers.iter().enumerate() {
            let command = &layer.label.command;
            json.write_all(if index == 0 { b"\n    {\n" } else { b",\n    {\n" })?;
            write!(json, "      \"index\": {index},\n      \"id\": ")?;
            write_string(json, [layer.label.id.as_bytes()])?;
            json.write_all(b",\n      \"digestId\": ")?;
            write_string(json, [layer.label.digest.as_bytes()])?;
            write!(json, ",\n      \"sizeBytes\": {},\n      \"command\": ", layer.size)?;
            write_string(json, [command.strip_prefix("/bin/sh -c ").unwrap_or(command).as_bytes()])?;
            json.write_all(b",\n      \"fileList\": [")?;
            for (number, file) in layer.files.iter().enumerate() {
                json.write_all(if number == 0 { b"\n        {\n" } else { b",\n        {\n" })?;
                self.write_file(json, file, &mut steps)?;
                json.write_all(b"\n        }")?;
            }
            json.write_all(if layer.files.is_empty() { b"]" } else { b"\n      ]" })?;
            json.write_all(b"\n    }")?;
        }
        json.write_all(if self.layers.is_empty() { b"],\n" } else { b"\n  ],\n" })
    }

    fn write_file(&self, json: &mut impl Write, file: &File, steps: &mut Vec<u32>) -> io::Result<()> {
        json.write_all(b"          \"path\": ")?;
        let separators: [&[u8]; 2] = match file.attributes.named {
            Named::No => [b"", b""],
            Named::Relative => [b"", b"/"],
            Named::Absolute => [b"/", b"/"],
        };
        // A parent that no entry named has no attributes in `dive`, its path included.
        let path = if file.attributes.named == Named::No { ROOT } else { file.path };
        let names = self.paths.names(path, steps).enumerate();
        write_string(json, names.flat_map(|(at, name)| [separators[usize::from(at > 0)], name]))?;
        write!(json, ",\n          \"typeFlag\": {},\n          \"linkName\": ", file.attributes.type_flag)?;
        write_string(json, [&*file.attributes.link_name])?;
        write!(
            json,
            ",\n          \"size\": {},\n          \"fileMode\": {},\n          \"uid\": {},\n          \"gid\": {},\n          \"isDir\": {}",
            file.attributes.size,
            file.attributes.mode,
            file.attributes.uid,
            file.attributes.gid,
            file.attributes.is_dir(),
        )
    }

    fn write_image(&self, json: &mut impl Write) -> io::Result<()> {
        let numbers = self.numbers();
        write!(
            json,
            "  \"image\": {{\n    \"sizeBytes\": {},\n    \"inefficientBytes\": {},\n    \"efficiencyScore\": ",
            numbers.size_bytes, numbers.wasted_bytes
        )?;
        // Go turns to exponents below 1e-6; digits and exponents are then those of Rust's `LowerExp`.
        if numbers.efficiency != 0.0 && numbers.efficiency.abs() < 1e-6 {
            write!(json, "{:e}", numbers.efficiency)?;
        } else {
            write!(json, "{}", numbers.efficiency)?;
        }
        json.write_all(b",\n    \"fileReference\": [")?;
        let references = self.references();
        for (number, reference) in references.iter().enumerate() {
            json.write_all(if number == 0 { b"\n" } else { b",\n" })?;
            write!(
                json,
                "      {{\n        \"count\": {},\n        \"sizeBytes\": {},\n        \"file\": ",
                reference.count, reference.size_bytes
            )?;
            write_string(json, [&*reference.file])?;
            json.write_all(b"\n      }")?;
        }
        json.write_all(if references.is_empty() { b"]" } else { b"\n    ]" })?;
        json.write_all(b"\n  }\n}")
    }
}

/// Writes a JSON string of all the parts in a row, escaped as Go escapes.
///
/// No character may be divided between two parts; those given here are divided at slashes.
fn write_string<'a>(json: &mut impl Write, parts: impl IntoIterator<Item = &'a [u8]>) -> io::Result<()> {
    json.write_all(b"\"")?;
    for part in parts {
        for chunk in part.utf8_chunks() {
            write_valid(json, chunk.valid())?;
            // Go writes one replacement character for each byte, not for each sequence.
            for _ in chunk.invalid() {
                json.write_all(b"\\ufffd")?;
            }
        }
    }
    json.write_all(b"\"")
}

fn write_valid(json: &mut impl Write, text: &str) -> io::Result<()> {
    let mut written = 0;
    let special = |character: char| matches!(character, '\0'..='\x1f' | '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    for (at, found) in text.match_indices(special) {
        json.write_all(&text.as_bytes()[written..at])?;
        written = at + found.len();
        match found {
            "\"" => json.write_all(b"\\\"")?,
            "\\" => json.write_all(b"\\\\")?,
            "\n" => json.write_all(b"\\n")?,
            "\r" => json.write_all(b"\\r")?,
            "\t" => json.write_all(b"\\t")?,
            "\x08" => json.write_all(b"\\b")?,
            "\x0c" => json.write_all(b"\\f")?,
            _ => {
                for character in found.chars() {
                    write!(json, "\\u{:04x}", u32::from(character))?;
                }
            }
        }
    }
    json.write_all(&text.as_bytes()[written..])
}
