//! `plimsoll diff`: books that balance, changes that are told as they are, and forms that people and programs read.
//!
//! What is expected comes from the tars that the tests make, and from what `umoci` puts on disk.

mod support;

#[path = "diff/books.rs"]
mod books;
#[path = "diff/cases.rs"]
mod cases;
#[path = "diff/formats.rs"]
mod formats;
#[path = "diff/truth.rs"]
mod truth;

use serde_json::Value;
use support::{Entry, ImageSpec, Layer, Layout, json};

/// An image of layers with the instructions that made them.
fn image(layers: &[(&str, Vec<Entry>)]) -> Layout {
    let made: Vec<Layer> = layers.iter().map(|(_, entries)| Layer::new(entries)).collect();
    let lines: Vec<&str> = layers.iter().map(|(line, _)| *line).collect();
    Layout::of(&ImageSpec::new(&made).created_by(&lines))
}

/// The comparison, its books checked.
#[track_caller]
fn diff(old: &Layout, new: &Layout) -> Value {
    let found = json(&["diff", old.arg(), new.arg(), "--top", "0"], 0);
    books::assert_balanced(&found);
    found
}

fn file(path: &str, size: usize) -> Entry {
    // Content that differs from path to path.
    Entry::file(path, path.bytes().cycle().take(size).collect::<Vec<_>>())
}

fn signed(value: &Value, pointer: &str) -> i64 {
    value.pointer(pointer).and_then(Value::as_i64).unwrap_or_else(|| panic!("a number expected at {pointer}: {value:#}"))
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().expect("a list")
}
