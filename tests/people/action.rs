//! `action.yml` run as a runner would: its own `run` line in bash, its environment from the inputs, a release served
//! from files, and a `gh` that writes down what it is asked.

use super::{file, text, yaml};
use crate::support::{plimsoll, testdata};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Writes down its arguments, one in brackets each; answers a question for comments with those that there are, newest
/// page last, and keeps the body that it is given.
const GH: &str = r#"#!/bin/bash
printf '[%s]' "$@" >> "$FAKE/gh.log"; echo >> "$FAKE/gh.log"
for argument; do
  case $argument in
    --paginate) cat "$FAKE/comments.json"; exit ;;
    body=@*) cp "${argument#body=@}" "$FAKE/body.md" ;;
  esac
done
exit "$(cat "$FAKE/gh.status" 2>/dev/null || echo 0)"
"#;

/// A plimsoll that writes down its arguments, and prints what would command a runner.
const RECORDER: &str = r#"#!/bin/bash
case $1 in man | completions) : > "${@: -1}" 2>/dev/null; exit ;; esac
printf '[%s]' "$@" >> "$FAKE/plimsoll.log"; echo >> "$FAKE/plimsoll.log"
echo '::add-path::/evil'; echo '::error::from the image' >&2
"#;

pub(super) struct Runner {
    pub(super) directory: TempDir,
    pub(super) system: (&'static str, &'static str),
    inputs: Vec<(&'static str, String)>,
}

/// What a run left behind.
pub(super) struct Ran {
    pub(super) status: Option<i32>,
    pub(super) log: String,
    outputs: String,
    pub(super) paths: String,
    summary: String,
}

impl Runner {
    /// A runner for which the version of this repository is released with `program` as its binary, for Linux.
    pub(super) fn new(program: &str) -> Self {
        let runner = Self { directory: tempfile::tempdir().expect("a directory"), system: ("Linux", "X64"), inputs: Vec::new() };
        fs::create_dir_all(runner.path("bin")).expect("a directory");
        runner.program("bin/gh", GH);
        runner.program("plimsoll", program);
        runner.release(&["x86_64-unknown-linux-musl"]);
        fs::write(runner.path("comments.json"), "[]").expect("written");
        runner
    }

    /// With the binary under test. It is linked, as it is large.
    fn real() -> Self {
        let binary = PathBuf::from(plimsoll().get_program());
        Self::new(&format!("#!/bin/bash\nexec '{}' \"$@\"\n", binary.display()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Another process writes it: a file that this one has open for writing, if only in a child of another thread, cannot be
    /// executed.
    fn program(&self, name: &str, script: &str) {
        let mut install = Command::new("install");
        install.args(["-m", "755", "/dev/stdin"]).arg(self.path(name)).stdin(Stdio::piped());
        let mut child = install.spawn().expect("install runs");
        child.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("written");
        assert!(child.wait().expect("it ends").success());
    }

    /// Releases the program for `targets`, packed and summed as release.yml does; the archives' names.
    pub(super) fn release(&self, targets: &[&str]) -> Vec<String> {
        let place = self.path("releases").join(concat!("v", env!("CARGO_PKG_VERSION")));
        let mut names = Vec::new();
        for target in targets {
            let mut command = Command::new("bash");
            command.arg(file(".github/package.sh")).arg(self.path("plimsoll")).arg(target).arg(&place).env("FAKE", self.directory.path());
            let output = command.output().expect("bash runs");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            names.push(String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned());
        }
        let sums = names.iter().fold(String::new(), |mut sums, name| {
            let digest = Sha256::digest(fs::read(place.join(name)).expect("an archive"));
            for byte in digest {
                write!(sums, "{byte:02x}").expect("a string takes all");
            }
            sums + "  " + name + "\n"
        });
        fs::write(place.join("SHA256SUMS"), sums).expect("written");
        names
    }

    pub(super) fn with(mut self, input: &'static str, value: impl Into<String>) -> Self {
        self.inputs.push((input, value.into()));
        self
    }

    /// The value of an expression of action.yml, which are few.
    fn expression(&self, action: &Value, expression: &str) -> String {
        if let Some(name) = expression.strip_prefix("inputs.") {
            let input = &action["inputs"][name];
            assert!(input.is_object(), "{name} is an input");
            let given = self.inputs.iter().rev().find(|(input, _)| *input == name).map(|(_, value)| value.clone());
            return given.unwrap_or_else(|| input["default"].as_str().unwrap_or_default().to_owned());
        }
        match expression {
            "github.event.pull_request.number" => "7".to_owned(),
            "github.server_url" => format!("file://{}", self.directory.path().display()),
            "github.action_repository || github.repository" => String::new(),
            other => panic!("unknown here: {other}"),
        }
    }

    pub(super) fn run(&self) -> Ran {
        let action = yaml("action.yml");
        let step = &action["runs"]["steps"][0];
        for name in ["output", "path", "summary"] {
            fs::write(self.path(name), "").expect("written");
        }
        let mut command = Command::new("bash");
        command.arg("-c").arg(step["run"].as_str().expect("a line")).env_clear();
        for (name, value) in step["env"].as_object().expect("variables") {
            let parts: Vec<&str> = value.as_str().expect("text").split("${{ ").collect();
            let value = parts[1..].iter().fold(parts[0].to_owned(), |done, part| {
                let (expression, rest) = part.split_once(" }}").expect("an expression");
                done + &self.expression(&action, expression) + rest
            });
            // The fake server is a directory, and has no repositories.
            command.env(name, value.replace("//releases/download", "/releases"));
        }
        let path = std::env::var("PATH").expect("a path");
        command.env("PATH", format!("{}:{path}", self.path("bin").display())).env("HOME", self.directory.path());
        command.env("GITHUB_ACTION_PATH", file("")).env("RUNNER_TEMP", self.directory.path()).env("FAKE", self.directory.path());
        command.env("RUNNER_OS", self.system.0).env("RUNNER_ARCH", self.system.1).env("GITHUB_REPOSITORY", "acme/app");
        command.env("GITHUB_OUTPUT", self.path("output")).env("GITHUB_PATH", self.path("path"));
        command.env("GITHUB_STEP_SUMMARY", self.path("summary")).current_dir(self.directory.path());
        let output = command.output().expect("bash runs");
        let log = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let [outputs, paths, summary] = ["output", "path", "summary"].map(|name| self.read(name));
        Ran { status: output.status.code(), log, outputs, paths, summary }
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}

fn demo() -> String {
    testdata("demo.tar").display().to_string()
}

fn budget(runner: &Runner, most: &str) {
    fs::write(runner.path("plimsoll.toml"), format!("[budget]\nmax_disk = \"{most}\"\n")).expect("written");
}

/// The verdict is the step's, unless it is only to be reported.
#[test]
fn budgets_decide() {
    for (most, fail, step, verdict) in [("20 MB", "true", 0, "pass"), ("1 MB", "true", 1, "FAIL"), ("1 MB", "false", 0, "FAIL")] {
        let runner = Runner::real().with("image", demo()).with("fail", fail);
        budget(&runner, most);
        let ran = runner.run();
        assert_eq!(ran.status, Some(step), "{most} {fail}: {}", ran.log);
        assert_eq!(ran.outputs, format!("status={step}\n"));
        assert!(ran.log.contains(verdict) && ran.summary.contains(verdict), "{}\n{}", ran.log, ran.summary);
        // Of the summary all but the heading is indented code.
        let shown = ran.summary.strip_prefix("### plimsoll\n\n").expect("a heading");
        assert!(shown.lines().all(|line| line.is_empty() || line.starts_with("    ")), "{shown}");
        let binary = Path::new(ran.paths.trim()).join("plimsoll");
        assert!(binary.is_file(), "later steps find {}", binary.display());
        assert!(!runner.path("gh.log").exists(), "no comparison, no comment");
    }
    // A configuration that is none stays one, though failing budgets are only reported.
    let runner = Runner::real().with("image", demo()).with("fail", "false").with("config", "absent.toml");
    assert_eq!(runner.run().status, Some(3));
}

/// One comment: written, then found again by its marker and written anew. What people wrote is left alone.
#[test]
fn one_comment_stays() {
    let old = testdata("archives/docker20-two-images.tar").display().to_string();
    let runner = Runner::real().with("image", demo()).with("base", old).with("key", "demo");
    budget(&runner, "20 MB");
    let ran = runner.run();
    assert_eq!(ran.status, Some(2), "several images to choose from: {}", ran.log);
    assert!(!runner.path("gh.log").exists());

    let runner = runner.with("base", demo());
    let ran = runner.run();
    assert_eq!(ran.status, Some(0), "{}", ran.log);
    let body = runner.read("body.md");
    assert!(body.starts_with("<!-- plimsoll:") && body.contains(":demo -->\n"), "{body}");
    assert!(ran.summary.ends_with(&body), "{}", ran.summary);
    let calls = runner.read("gh.log");
    let last = calls.lines().last().expect("a call");
    assert!(last.starts_with("[api][--silent][--method][POST][repos/acme/app/issues/7/comments]"), "{calls}");

    let marker = body.lines().next().expect("a marker");
    let comment = |id: u32, kind: &str, body: String| serde_json::json!({"id": id, "user": {"type": kind}, "body": body});
    let first = serde_json::json!([comment(1, "User", format!("{marker}\nmine")), comment(2, "Bot", format!("see {marker}"))]);
    let second = serde_json::json!([comment(3, "Bot", format!("{marker}\r\nbefore")), comment(4, "Bot", format!("{marker}\nlater"))]);
    // Pages follow each other, as `gh api --paginate` prints them.
    fs::write(runner.path("comments.json"), format!("{first}{second}")).expect("written");
    assert_eq!(runner.run().status, Some(0));
    let calls = runner.read("gh.log");
    let last = calls.lines().last().expect("a call");
    assert!(last.starts_with("[api][--silent][--method][PATCH][repos/acme/app/issues/comments/3][--field]"), "{calls}");

    // A fork's token may not write: that is told, and nothing fails.
    fs::write(runner.path("gh.status"), "1").expect("written");
    let ran = runner.run();
    assert_eq!(ran.status, Some(0));
    assert!(ran.log.contains("::warning title=plimsoll::"), "{}", ran.log);
    // No comment where none is wanted.
    let before = runner.read("gh.log");
    let runner = runner.with("comment", "false");
    assert_eq!(runner.run().status, Some(0));
    assert_eq!(runner.read("gh.log"), before);
}

/// What is not the released archive does not run.
#[test]
fn only_what_was_released_runs() {
    let place = concat!("releases/v", env!("CARGO_PKG_VERSION"));
    let runner = Runner::new(RECORDER).with("image", "image.tar");
    let good = runner.read(&format!("{place}/SHA256SUMS"));
    let flipped = if let Some(rest) = good.strip_prefix('0') { format!("1{rest}") } else { format!("0{}", &good[1..]) };
    for sums in [flipped, good.replace("plimsoll-", "plimsole-"), String::new()] {
        fs::write(runner.path(place).join("SHA256SUMS"), &sums).expect("written");
        let ran = runner.run();
        assert_eq!(ran.status, Some(3), "{sums}: {}", ran.log);
        assert!(ran.log.contains("expected SHA-256") && ran.paths.is_empty(), "{}", ran.log);
    }
    assert!(!runner.path("plimsoll.log").exists(), "nothing ran");
    fs::write(runner.path(place).join("SHA256SUMS"), good).expect("written");
    assert_eq!(runner.run().status, Some(0));
    for (version, status) in [("9.9.9", 4), ("latest", 2), ("../../0.1.0", 2)] {
        let ran = Runner::new(RECORDER).with("image", "image.tar").with("version", version).run();
        assert_eq!(ran.status, Some(status), "{version}: {}", ran.log);
        assert!(ran.log.contains("::error title=plimsoll::"), "{}", ran.log);
    }
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    assert_eq!(Runner::new(RECORDER).with("image", "image.tar").with("version", version).run().status, Some(0));
}

/// Inputs are data: nothing in them is a command, an option or another argument.
#[test]
fn inputs_are_data() {
    let image = "--help $(touch pwned) `touch pwned`\"; touch pwned; '\\";
    let runner = Runner::new(RECORDER).with("image", image).with("base", "old image*").with("config", "a b.toml").with("key", "$HOME");
    let runner = runner.with("profile", "--strict").with("baseline", "x;y").with("outputs", "sarif=out dir/$(x).sarif\njunit=j.xml\n");
    let ran = runner.run();
    assert_eq!(ran.status, Some(0), "{}", ran.log);
    let check = format!(
        "[check][--color][never][--config][a b.toml][--profile][--strict][--baseline][x;y]\
        [--output][sarif=out dir/$(x).sarif][--output][junit=j.xml][--output][table=-][--][{image}]"
    );
    let diff = format!("[diff][--format][markdown][--config][a b.toml][--profile][--strict][--key][$HOME][--][old image*][{image}]");
    assert_eq!(runner.read("plimsoll.log").lines().collect::<Vec<_>>(), [check, diff]);
    assert!(!runner.path("pwned").exists());
    assert!(ran.outputs.starts_with("sarif=out dir/$(x).sarif\nstatus=0\ncomment="), "{}", ran.outputs);
    let ran = Runner::new(RECORDER).with("image", "i").with("outputs", "sarif").run();
    assert_eq!(ran.status, Some(2), "{}", ran.log);
    assert_eq!(Runner::new(RECORDER).run().status, Some(2), "an image is needed");
    // No expression stands in a script, where it would be one.
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().expect("steps");
    assert!(steps.iter().all(|step| !step["run"].as_str().expect("a script").contains("${{")));
    assert!(!text(".github/action.sh").contains("${{"));
}

/// What an image holds is shown, and commands nobody: a runner takes no command between the two words.
#[test]
fn the_log_commands_nothing() {
    let ran = Runner::new(RECORDER).with("image", "image.tar").run();
    let lines: Vec<&str> = ran.log.lines().collect();
    let stop = lines.iter().position(|line| line.starts_with("::stop-commands::")).expect("commands are stopped");
    let word = lines[stop].trim_start_matches("::stop-commands::");
    assert!(word.len() == 32, "a word that nobody guesses: {word}");
    let go = lines.iter().position(|line| *line == format!("::{word}::")).expect("and taken again");
    for command in ["::add-path::/evil", "::error::from the image"] {
        let at = lines.iter().position(|line| *line == command).expect("it is shown");
        assert!(stop < at && at < go, "{}", ran.log);
        assert_eq!(ran.log.matches(command).count(), 1);
    }
}
