//! `packages`, and `files` of a package or a rule.

use crate::support::{Entry, layout_of, number, plimsoll, run};
use crate::{CURL, LIBC, LIBCURL, Sample};
use serde_json::Value;

fn list(image: &str, options: &[&str]) -> Vec<Value> {
    let outcome = run(&[&["packages", image, "--format", "json"], options].concat());
    outcome.assert_status(0);
    outcome.json().as_array().expect("a list").clone()
}

fn named<'v>(list: &'v [Value], name: &str) -> &'v Value {
    list.iter().find(|package| package["name"] == name).unwrap_or_else(|| panic!("{name} in {list:#?}"))
}

/// Exact bytes of each package, as the test wrote them: its files, its record, what was compiled of it.
#[test]
fn exact_bytes() {
    let sample = Sample::new();
    let layout = sample.layout();
    let all = list(layout.arg(), &["--all"]);
    assert_eq!(all.len(), 5, "{all:#?}");
    for (name, parts) in [
        // Nobody but libc claims the directory when its layer is made.
        ("libc6", &["libc.so.6", "libc6:amd64.list", "share/doc/"][..]),
        ("libcurl4", &["libcurl.so.4", "libcurl4:amd64.list"]),
        ("curl", &["bin/curl", "info/curl.list"]),
        ("six", &["six"]),
        ("@scope/tool", &["@scope/tool"]),
    ] {
        let package = named(&all, name);
        let (content, diff) = sample.weight(parts);
        assert_eq!((number(package, "/content_bytes"), number(package, "/diff_bytes")), (content, diff), "{name}");
    }
    assert_eq!(number(named(&all, "libc6"), "/content_bytes"), 20_000 + LIBC.len() as u64);
    assert_eq!(number(named(&all, "libcurl4"), "/content_bytes"), 7000 + LIBCURL.len() as u64);
}

/// What else is told of each.
#[test]
fn what_is_told() {
    let layout = Sample::new().layout();
    let all = list(layout.arg(), &["--all"]);
    let curl = named(&all, "curl");
    assert_eq!((number(curl, "/layer"), number(curl, "/removed")), (1, 3));
    assert_eq!(curl["shadowed"]["content_bytes"], curl["content_bytes"], "all of it is hidden");
    assert_eq!(curl["why"], "asked");
    let libcurl = named(&all, "libcurl4");
    assert_eq!((libcurl["why"].as_str(), &libcurl["chain"][0]), (Some("dependency"), &Value::from("curl")));
    assert_eq!(libcurl["source"], "curl");
    assert_eq!(libcurl["purl"], "pkg:deb/debian/libcurl4@7.88.1-10?arch=amd64&distro=debian-12&upstream=curl");
    let needed: Vec<&str> = curl["needs"]
        .as_array()
        .expect("needs")
        .iter()
        .map(|need| all[need.as_u64().expect("a number") as usize]["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(needed.iter().collect::<std::collections::BTreeSet<_>>(), ["libc6", "libcurl4"].iter().collect());
    assert_eq!(named(&all, "@scope/tool")["purl"], "pkg:npm/%40scope/tool@2.0.0");

    // By default what the finished image has, and what has content.
    let names = |options: &[&str]| {
        list(layout.arg(), options).iter().map(|package| package["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["libc6", "libcurl4", "six", "@scope/tool"]);
    assert_eq!(names(&["--ecosystem", "npm", "--ecosystem", "pypi"]), ["six", "@scope/tool"]);
    assert_eq!(names(&["--top", "2"]), ["libc6", "libcurl4"]);
}

/// One row a package, under as many names.
#[test]
fn csv() {
    let layout = Sample::new().layout();
    let text = run(&["packages", layout.arg(), "--all", "--format", "csv"]).text();
    let columns: Vec<usize> = text.lines().map(|line| line.split("\",\"").count()).collect();
    assert_eq!(columns.len(), 6);
    assert!(columns.iter().all(|count| *count == 24), "{columns:?}");
}

/// The table says where each came from and why, and fits the terminal at any width.
#[test]
fn the_table() {
    let layout = Sample::new().layout();
    let text = |columns: u32, options: &[&str]| {
        let output =
            plimsoll().args(["packages", layout.arg()]).args(options).env("COLUMNS", columns.to_string()).output().expect("it runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let wide = text(120, &["--all"]);
    for needed in ["deb:libcurl4 7.88.1-10", "needed by curl", "removed by layer 4", "unattributed", "total; 5 packages", "pull"] {
        assert!(wide.contains(needed), "{needed}: {wide}");
    }
    for columns in [60, 80, 120, 160] {
        for options in [&[][..], &["--bytes"], &["--all", "--iec"], &["--top", "1", "--ecosystem", "deb"]] {
            for line in text(columns, options).lines() {
                assert!(unicode_width::UnicodeWidthStr::width(line) <= columns as usize, "{options:?} at {columns}: {line}");
            }
        }
        for by in ["layer,directory", "ecosystem,package,layer,rule,instruction"] {
            let output = plimsoll().args([layout.arg(), "--by", by]).env("COLUMNS", columns.to_string()).output().expect("it runs");
            for line in String::from_utf8(output.stdout).expect("UTF-8").lines() {
                assert!(unicode_width::UnicodeWidthStr::width(line) <= columns as usize, "{by} at {columns}: {line}");
            }
        }
    }
}

/// Alpine's database, whose packages say who asked for them.
#[test]
fn alpine() {
    let installed =
        "P:musl\nV:1.2.4-r2\nA:x86_64\nF:lib\nR:libmusl.so\n\nP:zlib\nV:1.3-r0\nA:x86_64\no:zlib-src\nD:musl\nF:lib\nR:libz.so\n\n";
    let layout = layout_of(&[&[
        Entry::file("etc/os-release", "ID=alpine\nVERSION_ID=3.19.1\n"),
        Entry::file("lib/apk/db/installed", installed),
        Entry::file("etc/apk/world", "zlib\n"),
        Entry::file("lib/libmusl.so", [b'm'; 4000]),
        Entry::file("lib/libz.so", [b'z'; 3000]),
    ]]);
    let all = list(layout.arg(), &["--all"]);
    let (musl, zlib) = (named(&all, "musl"), named(&all, "zlib"));
    assert_eq!((number(musl, "/content_bytes"), number(zlib, "/content_bytes")), (4000, 3000));
    assert_eq!((musl["why"].as_str(), zlib["why"].as_str()), (Some("dependency"), Some("asked")));
    assert_eq!(zlib["purl"], "pkg:apk/alpine/zlib@1.3-r0?arch=x86_64&distro=alpine-3.19.1&upstream=zlib-src");
}

/// A database that cannot be read is a note; all its bytes are nobody's.
#[test]
fn an_unreadable_database_is_a_note() {
    let layout = layout_of(&[&[Entry::file("var/lib/rpm/rpmdb.sqlite", [b'x'; 8192]), Entry::file("usr/bin/tool", [b't'; 100])]]);
    assert!(list(layout.arg(), &["--all"]).is_empty());
    let outcome = run(&["packages", layout.arg(), "--bytes"]);
    outcome.assert_status(0);
    assert!(outcome.text().contains("8,292 B"), "{}", outcome.text());
    assert!(outcome.text().contains("rpmdb.sqlite"), "{}", outcome.text());
    run(&["packages", layout.arg(), "--format", "cyclonedx"]).assert_status(0);
}

/// Names that would move a cursor never reach the terminal as they are.
#[test]
fn hostile_names() {
    let evil = "a\u{1b}[31m\u{202e}\u{7}";
    let status = format!("Package: {evil}\nStatus: install ok installed\nVersion: 1\u{1b}]0;x\u{7}\nDepends: {evil}\n");
    let layout = layout_of(&[&[
        Entry::file("var/lib/dpkg/status", status),
        Entry::file(format!("var/lib/dpkg/info/{evil}.list"), "/x\n"),
        Entry::file("x", [b'x'; 100]),
        Entry::file(format!("d/{evil}/{evil}"), [b'y'; 100]),
        Entry::file("etc/os-release", format!("ID={evil}\nVERSION_ID=\u{1b}\n")),
    ]]);
    for options in [
        &["packages", layout.arg(), "--all"][..],
        &["packages", layout.arg(), "--format", "csv", "--all"],
        &["packages", layout.arg(), "--format", "json", "--all"],
        &["packages", layout.arg(), "--format", "cyclonedx"],
        &[layout.arg(), "--by", "package,directory"],
        &[layout.arg(), "--by", "package,directory", "--format", "csv"],
        &["files", layout.arg(), "--package", "deb:a\u{1b}[31m"],
    ] {
        let outcome = run(options);
        let shown = format!("{}{}", outcome.text(), outcome.stderr).replace("\r\n", "\n");
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{options:?}: {shown:?}");
    }
}

/// The same bytes for any number of threads.
#[test]
fn threads_make_no_difference() {
    let layout = Sample::new().layout();
    for options in [
        &["packages", layout.arg(), "--all", "--format", "json"][..],
        &["packages", layout.arg(), "--format", "cyclonedx"],
        &[layout.arg(), "--by", "ecosystem,package,layer", "--format", "json"],
    ] {
        let of = |threads: &str| run(&[options, &["--threads", threads]].concat()).stdout;
        assert_eq!(of("1"), of("2"), "{options:?}");
        assert_eq!(of("1"), of("1"));
    }
}

/// `files` of one package are the entries that it weighs by, those of a rule what the rule claims.
#[test]
fn files_of_a_package_and_of_a_rule() {
    let layout = Sample::new().layout();
    let files = |options: &[&str]| {
        let outcome = run(&[&["files", layout.arg(), "--format", "json"], options].concat());
        outcome.assert_status(0);
        outcome.json().as_array().expect("a list").clone()
    };
    let paths = |options: &[&str]| files(options).iter().map(|file| file["path"].as_str().expect("a path").to_owned()).collect::<Vec<_>>();
    assert_eq!(paths(&["--package", "deb:curl"]), ["/usr/bin/curl", "/var/lib/dpkg/info/curl.list"]);
    assert_eq!(paths(&["--package", "deb:curl", "--path", "*.list"]), ["/var/lib/dpkg/info/curl.list"]);
    let both = files(&["--package", "deb:curl", "--package", "npm:@scope/tool"]);
    let sum: u64 = both.iter().map(|file| number(file, "/content_bytes")).sum();
    assert_eq!(sum, 5000 + CURL.len() as u64 + Sample::new().weight(&["@scope/tool"]).0);
    let findings = run(&["findings", layout.arg(), "--all", "--format", "json"]).json();
    for finding in findings.as_array().expect("findings") {
        let rule = finding["rule"].as_str().expect("a rule");
        let sum: u64 = files(&["--rule", rule]).iter().map(|file| number(file, "/content_bytes")).sum();
        let all: u64 = findings
            .as_array()
            .expect("findings")
            .iter()
            .filter(|other| other["rule"] == rule)
            .map(|one| number(one, "/content_bytes"))
            .sum();
        assert_eq!(sum, all, "{rule}");
    }
    assert!(!findings.as_array().expect("findings").is_empty(), "some rule finds something here");
    for (options, status, words) in [
        (["--package", "deb:nope"], 3, "has no package `deb:nope`"),
        (["--package", "nope"], 2, "expected ECOSYSTEM:NAME"),
        (["--package", "x:nope"], 2, "expected one of deb, apk"),
        (["--rule", "nope/nope"], 2, "no rule is named `nope/nope`"),
    ] {
        let outcome = run(&[&["files", layout.arg()], &options[..]].concat());
        outcome.assert_status(status);
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    }
}

/// A package in CSV is written as `files --package` takes it: no spreadsheet takes a scope of npm for a formula, and no
/// script has to take an apostrophe off.
#[test]
fn packages_in_csv_are_names_to_use() {
    let layout = Sample::new().layout();
    let outcome = run(&["packages", layout.arg(), "--all", "--format", "csv"]);
    let text = outcome.text();
    let column = text.lines().next().expect("names").split(',').position(|name| name == "\"package\"").expect("a column");
    let names: Vec<&str> = text.lines().skip(1).map(|row| row.split("\",\"").nth(column).expect("a cell")).collect();
    assert!(names.contains(&"npm:@scope/tool") && names.contains(&"deb:libc6"), "{names:?}");
    assert!(names.iter().all(|name| !name.starts_with(['\'', '=', '+', '-', '@'])), "{names:?}");
    run(&["files", layout.arg(), "--package", "npm:@scope/tool"]).assert_status(0);
}
