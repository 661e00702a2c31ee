//! Recipes: text that builds an image and says what the rules must find in it.
//!
//! A file is `testdata/rules/<tool>/<offence>.recipe`, named after a rule. Its first section is an
//! image in which that rule fires; more follow, each after a line `== title`. A section `== silent: why`
//! is an image in which the rule must hold back: each guard of a rule, and each path that looks like
//! its own and is not, has one. All built-in rules are applied to every section, and all that they
//! find must be expected, to the byte.
//!
//! ```text
//! # A comment: why this fires.
//! FROM debian:12                       the base: one layer, `ADD rootfs.tar /` and `CMD ["bash"]`
//! + usr/bin/apt 1000                   a file of so many bytes, made from its path and size
//! + etc/conf "text\n"                  a file with this content; \n \t \\ \" and \x7f are known
//! = tmp/copy usr/bin/apt               a file with the content of that path
//! d var/cache                          a directory
//! l usr/bin/sh dash                    a symbolic link
//! h a/b usr/bin/apt                    a hard link
//! RUN wget https://example.org/x.tgz   a layer made by this; likewise COPY, ADD and WORKDIR
//! + tmp/x.tgz 300000
//! chown tmp/x.tgz                      the file again, same content, another owner
//! - tmp/x.tgz                          a whiteout
//! ENV A=b                              also CMD, ENTRYPOINT, HEALTHCHECK, LABEL, USER
//! EXPECT layer/deleted 300000 hidden 300000
//! ```
//!
//! `FROM scratch` adds no layer. A base is only told from a layer above it, so it needs one. Lines for
//! packages write their databases too, at the end of the layer; words before the colon in any order:
//!
//! ```text
//! deb gcc 12.2-1 auto depends=cpp,libc6 recommends=x essential : usr/bin/gcc 1000, usr/lib/gcc/cc1 5000
//! undeb gcc
//! apk gcc 13.2-r0 world depends=so:x provides=so:y : usr/bin/gcc 1000
//! unapk gcc
//! pip requests 2.31.0 usr/lib/python3/dist-packages requires=idna asked : requests/api.py 100
//! npm srv/app left-pad 1.0.0 dev : index.js 100
//! ```
//!
//! A section ends with its expectations: `EXPECT nothing`, or for each finding
//! `EXPECT <rule> <content bytes> [hidden <bytes>] [base] [<level>]`, the level where it is not the
//! rule's own. After ` # ` any line but an instruction may have a remark.

#![allow(unreachable_pub, reason = "a test crate has no outside")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "short texts, read more easily so")]

#[path = "recipe/builder.rs"]
mod builder;

use crate::support::{ImageSpec, testdata};
use builder::Builder;
use serde_json::Value;
use std::path::Path;

/// One file.
#[derive(Debug)]
pub struct Recipe {
    /// The rule that it is about.
    pub rule: String,
    pub sections: Vec<Section>,
}

/// One image, and what must be found in it.
#[derive(Debug)]
pub struct Section {
    pub title: String,
    pub silent: bool,
    pub image: ImageSpec,
    /// Lines as [`found`] writes them, sorted.
    pub expected: Vec<String>,
}

/// All recipes, in the order of their names.
pub fn all() -> Vec<Recipe> {
    let root = testdata("rules");
    let mut recipes = Vec::new();
    for tool in sorted(&root).into_iter().filter(|path| path.is_dir()) {
        for file in sorted(&tool) {
            let rule = file.strip_prefix(&root).expect("below the root").with_extension("");
            let rule = rule.to_str().expect("rules have plain names").to_owned();
            assert!(file.extension().is_some_and(|ending| ending == "recipe"), "{} is no recipe", file.display());
            let text = std::fs::read_to_string(&file).expect("a readable recipe");
            recipes.push(Recipe::parse(rule, &text));
        }
    }
    recipes
}

fn sorted(directory: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable directory").path()).collect();
    paths.sort();
    paths
}

/// The findings of a report as `EXPECT` has them, sorted.
pub fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings");
    let mut lines: Vec<_> = findings
        .iter()
        .map(|finding| {
            let rule = finding["rule"].as_str().expect("a rule");
            let expected = Expected {
                bytes: finding["content_bytes"].as_u64().expect("bytes"),
                hidden: finding["shadowed"]["content_bytes"].as_u64().expect("hidden bytes"),
                base: finding["base"].as_bool().expect("whose"),
                level: finding["level"].as_str().expect("a level"),
            };
            expected.line(rule)
        })
        .collect();
    lines.sort();
    lines
}

struct Expected<'e> {
    bytes: u64,
    hidden: u64,
    base: bool,
    level: &'e str,
}

impl Expected<'_> {
    fn line(&self, rule: &str) -> String {
        let mut line = format!("{rule} {}", self.bytes);
        if self.hidden > 0 {
            line += &format!(" hidden {}", self.hidden);
        }
        if self.base {
            line += " base";
        }
        line + " " + self.level
    }
}

impl Recipe {
    fn parse(rule: String, text: &str) -> Self {
        let mut sections = Vec::new();
        let mut current = Builder::new("fires");
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(title) = line.strip_prefix("== ") {
                sections.push(current.finish(&rule));
                current = Builder::new(title);
            } else if let Err(why) = current.line(line) {
                panic!("testdata/rules/{rule}.recipe:{number}: {why}: {line}");
            }
        }
        sections.push(current.finish(&rule));
        Self { rule, sections }
    }
}
