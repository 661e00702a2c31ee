//! Arguments, exit statuses, help.

use crate::support::{Entry, ImageSpec, Layer, Layout, Outcome, layout_of, plimsoll, run, testdata};
use std::io::Read;
use std::process::Stdio;

const SUBCOMMANDS: [&str; 12] =
    ["build", "diff", "size", "files", "tree", "cat", "extract", "save", "cache", "schema", "completions", "man"];

/// 2 for what cannot be meant, with a word on what can.
#[test]
fn wrong_usage() {
    for (args, hint) in [
        (&[][..], "--help"),
        (&["--no-such-flag", "x.tar"], "--help"),
        (&["x.tar", "--format", "yaml"], "dive-json"),
        (&["x.tar", "--iec", "--bytes"], "--bytes"),
        (&["x.tar", "--verify", "--no-verify"], "--no-verify"),
        (&["files", "x.tar", "--min-size", "much"], "1.5MiB"),
        (&["files", "x.tar", "--cause", "rust"], "metadata_only"),
        (&["files", "x.tar", "--kind", "door"], "symlink"),
        (&["files", "x.tar", "--layer", "0"], "--layer"),
        (&["files", "x.tar", "--live", "--hidden"], "--hidden"),
        (&["x.tar", "--limit", "entries"], "NAME=VALUE"),
        (&["x.tar", "--limit", "doors=3"], "link-steps"),
        (&["x.tar", "--platform", ""], "os/arch"),
        (&["cat", "x.tar"], "<PATH>"),
        (&["diff", "x.tar"], "<NEW>"),
        (&["diff", "-", "-"], "one standard input"),
        (&["diff", "x.tar", "y.tar", "--format", "yaml"], "markdown"),
        (&["completions", "tcsh"], "fish"),
        (&["completions"], "plimsoll completions zsh"),
        (&["completions", "-o", "script"], "plimsoll completions powershell"),
        (&["x.tar", "--cache-size", "300"], "300 what? Write 300MB, or 300B"),
        (&["cache", "prune", "--max-size", "2"], "2 what? Write 2MB, or 2B"),
        (&["x.tar", "--output", "json"], "expected json=FILE, or --format json"),
        (&["files", "x.tar", "--output", "json"], "write `--format json`"),
        (&["x.tar", "--title", "X"], "add --format html"),
        (&["x.tar", "--format", "html", "--key", "X"], "add --format markdown"),
    ] {
        let outcome = run(args);
        outcome.assert_status(2);
        assert!(outcome.stderr.contains(hint), "{args:?} names {hint}: {}", outcome.stderr);
        assert!(outcome.stdout.is_empty(), "{args:?}: messages go to standard error");
    }
}

/// What may have been meant is told where the parser alone would lead astray.
#[test]
fn mistakes_of_first_days() {
    let demo = testdata("demo.tar");
    let demo = demo.to_str().expect("plain");
    for (args, status, hint) in [
        (&[][..], 2, "docker save app:latest | plimsoll -"),
        (&["chek", demo], 2, "near it is `check`"),
        (&[demo, demo], 2, "plimsoll diff OLD NEW"),
        (&[demo, "files"], 2, "plimsoll files IMAGE"),
        (&[demo, "--json", "x"], 2, "--format json"),
        (&[demo, "--ci"], 2, "plimsoll check IMAGE"),
        (&["explain", "apt"], 2, "apt/lists"),
        (&["files", demo, "--layer", "12"], 3, "the image has 11 layers"),
        (&[env!("CARGO_MANIFEST_DIR")], 3, "plimsoll build DIRECTORY"),
    ] {
        let outcome = run(args);
        outcome.assert_status(status);
        assert!(outcome.stderr.contains(hint), "{args:?} names {hint}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("as a value"), "{args:?}: {}", outcome.stderr);
    }
    // No image of this name is looked for.
    assert_eq!(run(&["help"]).text(), run(&["--help"]).text());
    assert_eq!(run(&["help", "check"]).text(), run(&["check", "--help"]).text());
    assert!(!run(&["man"]).text().contains("PLIMSOLL HELP"));
}

/// What is no archive is told by its name, plain or compressed as a whole, in a file or a pipe.
#[test]
fn what_is_no_archive_is_named() {
    use std::io::Write as _;
    let directory = tempfile::tempdir().expect("a directory");
    let text = b"No tar has these words at its start. ".repeat(100);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&text).expect("memory");
    for (name, bytes) in [("notes.txt", text.clone()), ("notes.gz", packed.finish().expect("memory"))] {
        std::fs::write(directory.path().join(name), bytes).expect("writable");
        for (command, typed) in
            [(None, name.to_owned()), (Some("cat"), format!("docker-archive:{name}")), (Some("tree"), format!("./{name}"))]
        {
            let path = (command == Some("cat")).then_some("/etc/os-release");
            let args: Vec<&str> = command.into_iter().chain([typed.as_str()]).chain(path).collect();
            let outcome = Outcome::of(plimsoll().current_dir(directory.path()).args(&args));
            outcome.assert_status(if name == "notes.gz" && path.is_some() { 2 } else { 3 });
            let expected = if outcome.status == Some(2) { "second pass".to_owned() } else { format!("{typed}: expected an image archive") };
            assert!(outcome.stderr.contains(&expected), "{args:?}: {}", outcome.stderr);
        }
    }
    let empty = directory.path().join("empty.tar");
    std::fs::write(&empty, [0; 1024]).expect("writable");
    let outcome = run(&[&empty]);
    outcome.assert_status(3);
    assert!(outcome.stderr.contains("empty.tar: expected an image: `manifest.json`"), "{}", outcome.stderr);
    let piped = Outcome::of(plimsoll().arg("-").write_stdin(text));
    piped.assert_status(3);
    assert!(piped.stderr.contains("standard input: expected an image archive"), "{}", piped.stderr);
}

/// Help shows what is a command's own before what all commands have.
#[test]
fn own_options_come_first() {
    for (command, own) in [
        ("check", "Budgets:"),
        ("tree", "--depth"),
        ("packages", "--ecosystem"),
        ("findings", "--all"),
        ("cat", "--layer"),
        ("extract", "--path"),
    ] {
        let help = run(&[command, "-h"]).text();
        let at = |text: &str| help.find(text).unwrap_or_else(|| panic!("{command}: {text}"));
        assert!(at(own) < at("--platform"), "{help}");
    }
}

/// 3 for what is not there, with the remedy.
#[test]
fn no_such_file() {
    for args in [&["no-such.tar"][..], &["files", "no-such.tar"], &["docker-archive:no-such.tar"], &["oci:no-such"]] {
        let outcome = run(args);
        outcome.assert_status(3);
        assert!(outcome.stderr.contains("no-such"), "{args:?}: {}", outcome.stderr);
        assert!(outcome.stdout.is_empty());
    }
    assert!(run(&["no-such.tar"]).stderr.contains("docker save"), "the remedy is named");
    let outcome = run(&["cat", testdata("demo.tar").to_str().expect("plain"), "/no/such"]);
    outcome.assert_status(3);
    assert!(outcome.stderr.contains("plimsoll files"), "{}", outcome.stderr);
}

/// What is asked for by name and is not there is no success, and the next step is told.
#[test]
fn nothing_of_that_name() {
    let lower = [Entry::file("kept", "text"), Entry::file("gone", "text"), Entry::symlink("dangling", "nowhere")];
    let layout = layout_of(&[&lower, &[Entry::whiteout("gone")]]);
    let kept = tempfile::tempdir().expect("a temporary directory");
    let target = kept.path().join("x");
    let target = target.to_str().expect("plain");
    for (args, hint) in [
        (&["extract", layout.arg(), target, "--path", "nosuch", "--path", "/a/*"][..], "no path matches `**/nosuch` or `a/*`"),
        (&["cat", layout.arg(), "/gone"], "layer 1 stores it: add `--layer 1`"),
        (&["cat", layout.arg(), "/dangling"], "`/dangling` is a link to `nowhere`, which leads to nothing in the image"),
        (&["cat", layout.arg(), "/nosuch"], "`plimsoll files IMAGE --path GLOB` finds paths"),
        (&["files", layout.arg(), "--package", "deb:nosuch"], "`plimsoll packages IMAGE --all --top 0` lists them"),
        (&["files", layout.arg(), "--layer", "3"], "no layer 3"),
    ] {
        let outcome = run(args);
        outcome.assert_status(3);
        assert!(outcome.stderr.contains(hint), "{args:?}: {}", outcome.stderr);
    }
    assert!(!std::path::Path::new(target).exists(), "nothing is made for nothing");
    run(&["extract", layout.arg(), target, "--path", "kept"]).assert_status(0);
}

/// 5 for an image of which a part was not read, unless that is allowed.
#[test]
fn incomplete() {
    let layers = [Layer::new(&[Entry::file("f", "text")]), Layer::new(&[Entry::file("g", "text")]).absent()];
    let layout = Layout::of(&ImageSpec::new(&layers));
    let outcome = run(&[layout.arg()]);
    outcome.assert_status(5);
    assert!(outcome.text().contains("INCOMPLETE"), "{}", outcome.text());
    run(&[layout.arg(), "--allow-incomplete"]).assert_status(0);
    // No command is silent about why.
    let image = layout.arg();
    for args in [
        &["files", image][..],
        &["tree", image],
        &["findings", image],
        &["plan", image],
        &["cat", image, "f"],
        &["explain", "apt/lists", image],
        &["save", image, "-o", "-"],
        &[image, "--format", "csv"],
    ] {
        let outcome = run(args);
        outcome.assert_status(5);
        assert!(
            outcome.stderr.contains("incomplete") && outcome.stderr.contains("layer 2: not in the source"),
            "{args:?}: {}",
            outcome.stderr
        );
    }
    run(&["tree", layout.arg(), "--allow-incomplete"]).assert_status(0);

    let demo = testdata("demo.tar");
    let limited = run(&[demo.to_str().expect("plain"), "--limit", "entries=10", "--allow-incomplete"]);
    limited.assert_status(5);
    assert!(
        format!("{}{}", limited.text(), limited.stderr).contains("--limit entries"),
        "the remedy: {}{}",
        limited.text(),
        limited.stderr
    );
}

/// A subcommand's name wins over a file of that name, which is written with a directory.
#[test]
fn a_subcommand_wins_over_a_file() {
    let kept = tempfile::tempdir().expect("a temporary directory");
    std::fs::copy(testdata("demo.tar"), kept.path().join("tree")).expect("a copy");
    plimsoll().current_dir(kept.path()).arg("tree").assert().code(2);
    plimsoll().current_dir(kept.path()).arg("./tree").assert().success();
    plimsoll().current_dir(kept.path()).args(["tree", "tree"]).assert().success();
}

/// Help in short and at length, for each command; the version.
#[test]
fn help_and_version() {
    let version = run(&["--version"]);
    assert_eq!(version.text().trim(), format!("plimsoll {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(run(&["-V"]).text(), version.text());
    let (short, long) = (run(&["-h"]).text(), run(&["--help"]).text());
    assert!(short.len() < long.len());
    for command in SUBCOMMANDS {
        assert!(long.contains(command), "{command}");
        let help = run(&[command, "--help"]);
        help.assert_status(0);
        assert!(help.text().contains("Usage: plimsoll"), "{}", help.text());
    }
    assert!(long.contains("Exit status: 0"), "{long}");
    assert!(long.lines().all(|line| line.chars().count() <= 100));
}

/// The long flags of the top level and of every subcommand.
fn flags() -> Vec<String> {
    let mut flags: Vec<String> = SUBCOMMANDS
        .iter()
        .map(|command| run(&[command, "-h"]).text())
        .chain([run(&["-h"]).text()])
        .flat_map(|help| {
            let words: Vec<_> = help.split([' ', ',', '\n', '[', ']', '`']).map(str::to_owned).collect();
            words.into_iter().filter(|word| word.starts_with("--") && word.len() > 3)
        })
        .collect();
    flags.sort();
    flags.dedup();
    assert!(flags.len() > 20, "{flags:?}");
    flags
}

/// Completions know the words that an option takes.
#[test]
fn completions_know_values() {
    let script = run(&["completions", "bash"]).text();
    for words in ["metadata_only overwritten deleted_file", "layer instruction package ecosystem rule directory", "deb apk"] {
        assert!(script.contains(words), "{words}");
    }
}

/// Completions know all commands and flags, whatever the shell.
#[test]
fn completions_know_every_subcommand_and_flag() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let outcome = run(&["completions", shell]);
        outcome.assert_status(0);
        let script = outcome.text();
        for command in SUBCOMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
        for flag in flags() {
            assert!(script.contains(flag.trim_start_matches('-')), "{shell}: {flag}");
        }
    }
}

/// So does the man page, but for second names of flags.
#[test]
fn the_man_page_names_every_subcommand_and_flag() {
    let outcome = run(&["man"]);
    outcome.assert_status(0);
    let page = outcome.text().replace("\\-", "-");
    assert!(page.contains(".TH plimsoll 1"), "{page}");
    for name in SUBCOMMANDS.map(str::to_owned).into_iter().chain(flags()).filter(|name| name != "--shadowed") {
        assert!(page.contains(&name), "{name}");
    }
}

/// What `--help` says at its end is in the man page too.
#[test]
fn the_man_page_has_the_closing_remarks() {
    let page = run(&["man"]).text().replace("\\-", "-").split_whitespace().collect::<Vec<_>>().join(" ");
    for heading in [".SH \"EXIT STATUS\"", ".SH LIMITS"] {
        assert!(page.contains(heading), "{heading}");
    }
    let mut remarks = 0;
    for command in ["plan", "findings", "checklist"] {
        let help = run(&[command, "--help"]).text();
        // The last paragraph, but for its first word: `troff` may write quotes its own way.
        let last = help.trim().rsplit("\n\n").next().expect("a paragraph").split_whitespace().collect::<Vec<_>>().join(" ");
        let plain: Vec<&str> = last.split(['`', '\'']).filter(|part| part.len() > 30).collect();
        for part in plain {
            assert!(page.contains(part), "{command}: {part}");
            remarks += 1;
        }
    }
    assert!(remarks >= 3);
}

/// A rule is explained in one image of several, as every other command takes it.
#[test]
fn explain_chooses_an_image() {
    let demo = testdata("demo.tar");
    let demo = demo.to_str().expect("plain");
    let told = run(&["explain", "vcs/git-dir", demo, "--platform", "linux/amd64", "--image", "demo/app:1"]);
    told.assert_status(0);
    assert!(told.text().contains("IN demo/app:1") && told.text().contains("plimsoll files IMAGE --rule vcs/git-dir"), "{}", told.text());
    run(&["explain", "vcs/git-dir", demo, "--platform", "plan9/mips"]).assert_status(3);
    run(&["explain", "vcs/git-dir", demo, "--limit", "entries=10"]).assert_status(5);
    run(&["explain", "vcs/git-dir"]).assert_status(0);
    assert!(run(&["explain", "chown/run"]).stderr.contains("plimsoll checklist"), "a check is told from a rule");
    assert!(run(&["explain", "apt/list"]).stderr.ends_with("near it is apt/lists\n"));
}

/// `| head -1` closes the pipe: no error, no panic, whatever was being written.
#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let image = layout_of(&[
        &(0..3000).map(|n| Entry::file(format!("file-{n}"), "x")).collect::<Vec<_>>(),
        &[Entry::file("big", vec![b'x'; 300_000])],
    ]);
    let image = image.arg();
    for args in [
        &[image][..],
        &[image, "--details"],
        &[image, "--format", "json"],
        &[image, "--format", "csv"],
        &[image, "--format", "dive-json"],
        &["files", image, "--top", "0"],
        &["files", image, "--format", "json"],
        &["files", image, "--format", "csv"],
        &["tree", image],
        &["tree", image, "--format", "json"],
        &["cat", image, "big"],
        &["schema"],
        &["man"],
        &["completions", "bash"],
    ] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .args(args)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        drop(child.stdout.take());
        let mut errors = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut errors).expect("UTF-8");
        assert!(child.wait().expect("it ends").success() && errors.is_empty(), "{args:?}: {errors}");
    }
}

/// `--output` writes the bytes that would have been printed, and prints nothing.
#[test]
fn output_to_a_file() {
    let demo = testdata("demo.tar");
    let demo = demo.to_str().expect("plain");
    let kept = tempfile::tempdir().expect("a temporary directory");
    let path = kept.path().join("out");
    for args in [
        &[demo][..],
        &[demo, "--format", "json"],
        &["files", demo],
        &["tree", demo, "--format", "csv"],
        &["diff", demo, demo, "--format", "markdown"],
        &["cat", demo, "etc/passwd"],
        &["schema"],
        &["plan", demo],
        &["baseline", demo],
        &["completions", "bash"],
    ] {
        let outcome = run(&[args, &["--output", path.to_str().expect("plain")]].concat());
        outcome.assert_status(0);
        assert!(outcome.stdout.is_empty(), "{args:?}");
        assert!(std::fs::read(&path).expect("written") == run(args).stdout, "{args:?}");
        assert!(run(&[args, &["-o", "-"]].concat()).stdout == run(args).stdout, "{args:?}: `-` is standard output");
    }
    run(&["save", demo, "-o", path.to_str().expect("plain")]).assert_status(0);
    assert!(run(&["save", demo, "-o", "-"]).stdout == std::fs::read(&path).expect("written"));
    // Where there is one format, it has an option of its own.
    let outcome = run(&["files", demo, "-o", "csv=files.csv"]);
    outcome.assert_status(2);
    assert!(outcome.stderr.contains("`--format csv --output files.csv`"), "{}", outcome.stderr);
    let nowhere = run(&[demo, "--output", "/no/such/directory/out"]);
    nowhere.assert_status(3);
    assert!(nowhere.stderr.contains("/no/such/directory/out"), "{}", nowhere.stderr);
}

/// `size` asks manifests alone, so it has no flag about layers.
#[test]
fn size_has_no_flags_that_do_nothing() {
    for flags in [&["--jobs", "2"][..], &["--no-toc"], &["--threads", "2"], &["--no-cache"]] {
        let outcome = run(&[&["size", "layout"], flags].concat());
        outcome.assert_status(2);
        assert!(outcome.stderr.contains(&format!("unexpected argument '{}'", flags[0])), "{}", outcome.stderr);
    }
}
