//! Names, instructions and platforms that are made to be taken for something else.

use super::readers::{github, gitlab, junit, markdown, openmetrics, sarif};
use super::support::{Entry, ImageSpec, Layer, Layout, named};
use super::{directory, text, within};

/// What stands in `created_by`: never to be seen where others read.
const SECRETS: [&str; 5] = ["s3cr3tValue1", "s3cr3tValue2", "s3cr3tValue3", "s3cr3tValue4", "s3cr3tValue5"];

/// Names of directories, each with an `.env` that holds a secret.
const NAMES: [&[u8]; 9] = [
    b"\x1b]52;c;aGk=\x07\x1b[31m\r\n::error::pwned",
    "\u{202e}gpj.exe\u{200b}\u{2066}\u{ffff}\u{fffe}".as_bytes(),
    b"caf\xe9\xff",
    b"<script>alert(1)<!-- plimsoll:check:x --><b onload=\"x\">",
    b"a|b`c``[x](javascript:alert) ![i](http:x) @team #1",
    b"=cmd|' C'!A0",
    b"]]>&amp;&#0;<![CDATA[",
    b"%0A::set-output name=x::y,file=z:1",
    b"\"} 1\nplimsoll_own_bytes{a=\"\\",
];

fn image() -> Layout {
    let entries: Vec<Entry> = NAMES
        .iter()
        .map(|name| Entry::file([b"app/", *name, b"/.env"].concat(), "API_TOKEN=abcdef0123456789\n"))
        .chain([Entry::file("var/lib/apt/lists/x", vec![7; 400_000]), Entry::file("gone/\n::warning::x", vec![1; 300_000])])
        .collect();
    let [one, two, three, four, five] = SECRETS;
    let lines = [
        format!("|1 API_TOKEN={one} /bin/sh -c apt-get update\n::error::x | `y` <!-- plimsoll:check:y --> https://me:{two}@h.example.com/"),
        format!("RUN rm -rf /gone; export DB_PASSWORD='{three}' && curl -H \"Authorization: Bearer {four}\" --password {five} x"),
    ];
    let layers = [Layer::new(&entries), Layer::new(&[Entry::whiteout("gone")])];
    let spec = ImageSpec::new(&layers).created_by(&[&lines[0], &lines[1]]).architecture("amd64\"} 1\n::error::<!--|`\u{202e}");
    let layout = Layout::new();
    let name = "app\n::error::\u{202e}|`<!-- x --><b>\"} 1:1";
    layout.index(&[named(layout.image(&spec), name)]);
    layout
}

const FORMATS: [&str; 7] = ["sarif", "junit", "gitlab", "github", "openmetrics", "markdown", "github-summary"];

/// Reads a format back by its own rules; what a person sees of it.
#[track_caller]
fn read(format: &str, found: &str) {
    match format {
        "sarif" => {
            assert!(sarif(found)["results"].as_array().expect("results").len() >= NAMES.len());
        }
        "junit" => assert!(junit(found).len() > NAMES.len()),
        "gitlab" => assert!(gitlab(found).len() >= NAMES.len()),
        "github" => assert_eq!(github(found).len(), 10),
        "openmetrics" => assert!(openmetrics(found).len() > 10),
        "markdown" => {
            assert!(found.len() <= 65_536);
            assert!(found.starts_with("<!-- plimsoll:") && markdown(found).contains("secret/dotenv"));
        }
        _ => assert!(markdown(found).contains("secret/dotenv") && !found.contains("<!--")),
    }
}

#[test]
fn every_format_stays_what_it_is() {
    let (image, place) = (image(), directory());
    let of_check: Vec<String> = FORMATS.iter().flat_map(|format| ["--output".to_owned(), format!("{format}=check.{format}")]).collect();
    let check = ["check", image.arg(), "--max-disk", "1kB", "--max-layers", "9", "--fail-on", "fail"];
    let outcome = within(place.path(), &[&check[..], &of_check.iter().map(String::as_str).collect::<Vec<_>>()].concat());
    outcome.assert_status(1);
    for format in FORMATS {
        read(format, &text(&place.path().join(format!("check.{format}"))));
    }
    for format in FORMATS.into_iter().filter(|format| *format != "junit") {
        let outcome = within(place.path(), &[image.arg(), "--format", format]);
        outcome.assert_status(0);
        read(format, &outcome.text());
    }
}

#[test]
fn secrets_are_not_shown_to_others() {
    let (image, place) = (image(), directory());
    let shown = |found: &str| SECRETS.iter().filter(|secret| found.contains(**secret)).count();
    let run = |args: &[&str]| {
        let outcome = within(place.path(), args);
        outcome.assert_status(0);
        outcome.text()
    };
    // They are there to be shown.
    let raw = run(&[image.arg(), "--format", "json"]);
    assert_eq!(shown(&raw), SECRETS.len(), "{raw}");
    let redacted = run(&[image.arg(), "--format", "json", "--redact"]);
    assert_eq!(shown(&redacted), 0, "{redacted}");
    assert!(redacted.contains("DB_PASSWORD='[redacted]'"), "{redacted}");
    assert_eq!(shown(&run(&[image.arg(), "--by", "instruction", "--format", "json", "--redact"])), 0);
    for format in FORMATS {
        let check = ["check", image.arg(), "--max-disk", "1kB", "--exit-zero", "--format", format];
        assert_eq!(shown(&run(&check)), 0, "check {format}");
        if format != "junit" {
            assert_eq!(shown(&run(&[image.arg(), "--format", format])), 0, "{format}");
        }
    }
    for format in ["markdown", "github-summary"] {
        let base = Layout::of(&ImageSpec::new(&[Layer::new(&[Entry::file("a", "b")])]));
        let found = run(&["diff", base.arg(), image.arg(), "--format", format]);
        assert_eq!(shown(&found), 0, "{found}");
        markdown(&found);
    }
    // Only a person can ask for them.
    assert!(shown(&run(&[image.arg(), "--format", "sarif", "--no-redact"])) > 0);
    assert!(shown(&run(&[image.arg(), "--format", "markdown", "--no-redact"])) > 0);
}
