//! One page for browsers that holds all of itself: a treemap of the image, and everything the report says.
//!
//! It loads nothing and sends nothing: its policy allows the one script and the one style sheet in it, by their hashes.
//! What comes from an image is text everywhere. The template escapes what it is given, the data is JSON in which no markup
//! can end, and the script makes nodes, never markup. Without scripts the tables are there.

mod change;
mod data;
mod image;
mod link;
mod platforms;
mod whole;

pub use change::{ChangeTrees, change};
pub use image::{ImageTrees, image};
pub use platforms::{PlatformTrees, platforms};

use super::size::{self, Unit};
use crate::text::escaped;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, HtmlEscape, context, escape_formatter};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};

/// Dark where somebody chose it, or where the system is and nobody chose otherwise; never on paper.
const STYLE: &str = concat!(
    include_str!("html/page.css"),
    "@media screen { :root[data-theme=\"dark\"]:not(.paper) {\n",
    include_str!("html/dark.css"),
    "} }\n@media screen and (prefers-color-scheme: dark) { :root:not([data-theme=\"light\"], .paper) {\n",
    include_str!("html/dark.css"),
    "} }\n",
);
const PAGE: &str = include_str!("html/page.html");
const PARTS: &str = concat!(include_str!("html/parts.html"), include_str!("html/lists.html"));

/// The script's parts in their order: one block, so that they share their names with nobody.
const SCRIPTS: [&str; 15] = [
    include_str!("html/begin.js"),
    include_str!("html/size.js"),
    include_str!("html/trees.js"),
    include_str!("html/whole.js"),
    include_str!("html/squarify.js"),
    include_str!("html/state.js"),
    include_str!("html/map.js"),
    include_str!("html/draw.js"),
    include_str!("html/pointing.js"),
    include_str!("html/zoom.js"),
    include_str!("html/table.js"),
    include_str!("html/choose.js"),
    include_str!("html/match.js"),
    include_str!("html/find.js"),
    include_str!("html/page.js"),
];

/// A part of a hull or of a layer's bar.
#[derive(Debug, Serialize)]
struct Segment {
    kind: &'static str,
    name: &'static str,
    bytes: u64,
    share: String,
    /// In thousandths of the bar.
    x: u64,
    width: u64,
}

/// A heading of the page's parts.
#[derive(Debug, Serialize)]
struct Tab {
    id: &'static str,
    name: &'static str,
    count: Option<usize>,
}

/// Segments that fill `length` thousandths of a bar; what is there is seen, if only as a line.
fn segments(parts: &[(&'static str, &'static str, u64)], length: u64) -> Vec<Segment> {
    let total: u64 = parts.iter().map(|part| part.2).sum();
    let there: Vec<_> = parts.iter().filter(|part| part.2 > 0).collect();
    let mut x = 0;
    let one = |(at, (kind, name, bytes)): (usize, &&(&'static str, &'static str, u64))| {
        let exact = (u128::from(*bytes) * u128::from(length) / u128::from(total.max(1))) as u64;
        let rest = length.saturating_sub(x);
        let width = if at + 1 == there.len() { rest } else { exact.max(2).min(rest) };
        let segment = Segment { kind, name, bytes: *bytes, share: size::percent(*bytes, total), x, width };
        x += width;
        segment
    };
    there.iter().enumerate().map(one).collect()
}

/// Templates that know how sizes are written.
fn environment(unit: Unit) -> Environment<'static> {
    let mut environment = Environment::new();
    // Lines of tags alone leave no lines. It is of fixed settings, which are known to be valid.
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    // No text moves a cursor, hides or turns round what follows, wherever it comes from.
    environment.set_formatter(|out, state, value| match value.as_str().filter(|_| !value.is_safe()) {
        Some(text) => escape_formatter(out, state, &Value::from(escaped(text.as_bytes()))),
        None => escape_formatter(out, state, value),
    });
    environment.add_filter("said", |text: String| Value::from_safe_string(said(&text)));
    environment.add_filter("size", move |bytes: u64| size::size(bytes, unit));
    environment.add_filter("signed", move |bytes: i64| size::signed(bytes, unit));
    environment.add_filter("count", size::count);
    environment.add_filter("signed_count", |number: i64| match number {
        0 => "0".to_owned(),
        1.. => format!("+{}", size::count(number.unsigned_abs())),
        _ => format!("−{}", size::count(number.unsigned_abs())),
    });
    environment.add_filter("plural", |number: u64, one: String, many: String| size::plural(number, &one, &many));
    environment
}

/// Lines of a text, with what stands in backticks as code.
fn said(text: &str) -> String {
    let line = |line: &str| {
        let parts: Vec<String> = line.split('`').map(|part| HtmlEscape(&escaped(part.as_bytes())).to_string()).collect();
        // A backtick without its like is one.
        let pairs = parts.len() - 1 - (parts.len() - 1) % 2;
        let mut out = String::new();
        for (at, part) in parts.iter().enumerate() {
            out.push_str(match at {
                0 => "",
                at if at > pairs => "`",
                at if at % 2 == 1 => "<code>",
                _ => "</code>",
            });
            out.push_str(part);
        }
        out
    };
    text.lines().map(line).collect::<Vec<_>>().join("<br>")
}

/// A page of a body and its data; `title` is what it is called, `about` what it is of.
fn write(
    title: Option<&str>,
    about: &str,
    template: &str,
    body: &Value,
    data: &data::Data,
    unit: Unit,
    out: &mut dyn Write,
) -> io::Result<()> {
    let environment = environment(unit);
    let broken = |error: minijinja::Error| io::Error::other(format!("a template of the page: {error:#}"));
    let body = environment.render_str(&format!("{PARTS}{template}"), body).map_err(broken)?;
    let script = format!("\"use strict\";\n{{\n{}}}\n", SCRIPTS.concat());
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(&script),
        hash(STYLE),
    );
    let json = island(&serde_json::to_string(data)?);
    let page = context! {
        title => title.map_or_else(|| format!("{about} – plimsoll"), data::cut),
        given => title.map(data::cut),
        policy,
        version => env!("CARGO_PKG_VERSION"),
        style => Value::from_safe_string(STYLE.to_owned()),
        body => Value::from_safe_string(body),
        data => Value::from_safe_string(json),
        script => Value::from_safe_string(script),
    };
    let text = environment.render_str(PAGE, page).map_err(broken)?;
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")
}

/// JSON in which nothing can end the element that it is in, and that is a script's text as well.
fn island(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for sign in json.chars() {
        match sign {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            sign => text.push(sign),
        }
    }
    text
}

/// A value of ours for a template.
fn serialized(value: impl Serialize) -> Value {
    Value::from(Serde(value))
}

/// How the unit is called in the data.
fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Si => "si",
        Unit::Iec => "iec",
        Unit::Bytes => "bytes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_fill_their_bar() {
        let bar = segments(&[("base", "base", 1), ("own", "own", 0), ("hidden", "hidden", 999_999)], 1000);
        assert_eq!(
            bar.iter().map(|segment| (segment.kind, segment.x, segment.width)).collect::<Vec<_>>(),
            [("base", 0, 2), ("hidden", 2, 998)]
        );
        assert!(segments(&[("base", "base", 0)], 1000).is_empty());
    }

    #[test]
    fn only_backticks_are_markup() {
        assert_eq!(said("use `a <b>` & c\nd"), "use <code>a &lt;b&gt;</code> &amp; c<br>d");
        assert_eq!(said("a `b` c ` <d"), "a <code>b</code> c ` &lt;d");
        assert_eq!(said("x\u{202e}"), "x\\u{202e}");
    }

    #[test]
    fn no_island_ends_early() {
        let text = island(r#"{"a":"</script><!-- & \u2028"}"#);
        assert!(!text.contains(['<', '>', '&', '\u{2028}']));
        let back: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(back["a"], "</script><!-- & \u{2028}");
    }

    #[test]
    fn no_script_or_style_ends_early() {
        for text in SCRIPTS.iter().chain([&STYLE]) {
            assert!(!text.contains("</") && !text.contains("<!--") && !text.contains('\r'));
            assert!(!text.contains("innerHTML") && !text.contains("eval("));
        }
    }
}
