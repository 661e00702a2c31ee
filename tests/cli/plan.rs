//! `plimsoll plan`: lines to copy that are right, sums, and how edits go together.

use crate::demo;
use crate::support::{Entry, ImageSpec, Layer, Layout, file, json, number, run, testdata};
use serde_json::{Value, json};

/// An image of these instructions and files, above a base of one layer.
fn image(steps: &[(&str, Vec<Entry>)]) -> Layout {
    let base = ("/bin/sh -c #(nop) ADD file:0 in / ", vec![Entry::file("etc/os", "text")]);
    let all: Vec<&(&str, Vec<Entry>)> = std::iter::once(&base).chain(steps).collect();
    let layers: Vec<Layer> = all.iter().filter(|(_, entries)| !entries.is_empty()).map(|(_, entries)| Layer::new(entries)).collect();
    let mut history: Vec<Value> =
        all.iter().map(|(text, entries)| json!({"created_by": text, "empty_layer": entries.is_empty()})).collect();
    history.insert(1, json!({"created_by": "/bin/sh -c #(nop)  CMD [\"sh\"]", "empty_layer": true}));
    Layout::of(&ImageSpec::new(&layers).history(Value::Array(history)))
}

fn big(path: &str) -> Entry {
    Entry::file(path, vec![b'x'; 200_000])
}

/// The edits of an image.
fn edits(layout: &Layout) -> Vec<Value> {
    json(&[layout.arg()], 0)["edits"].as_array().expect("edits").clone()
}

fn snippet(edit: &Value) -> String {
    edit["snippet"].as_array().expect("lines").iter().map(|line| line.as_str().expect("text")).collect::<Vec<_>>().join("\n")
}

fn text(edit: &Value, name: &str) -> String {
    let list = edit[name].as_array().map(|list| list.iter().map(|line| line.as_str().expect("text")).collect::<Vec<_>>().join("\n"));
    list.unwrap_or_else(|| edit[name].as_str().expect("text").to_owned())
}

/// The plan ends with what its edits save together: the sums of the numbers that JSON has.
#[test]
fn a_plan_ends_with_its_sums() {
    let report = json(&[testdata("demo.tar")], 0);
    let plan = demo(&["plan", "demo.tar", "--bytes"], 120);
    let sum = |certain: bool, measure: &str| -> u64 {
        let edits = report["edits"].as_array().expect("edits").iter().filter(|edit| edit["certain"] == certain);
        edits.map(|edit| number(edit, measure)).sum()
    };
    let rows: Vec<String> = plan.lines().filter(|line| line.trim_start().starts_with("together")).map(str::to_owned).collect();
    assert_eq!(rows.len(), 2, "{plan}");
    for (row, certain) in rows.iter().zip([true, false]) {
        let digits: String = row.chars().filter(|c| !matches!(c, ',')).collect();
        for measure in ["/content_bytes", "/blob_bytes"] {
            assert!(digits.contains(&format!(" {} B", sum(certain, measure))), "{measure}: {row}");
        }
    }
    assert!(plan.contains("3, 10, 11"), "layers are parted by a comma and a blank: {plan}");
}

/// What is left keeps its number, so that a number means the same edit in every command.
#[test]
fn without_edits_the_others_keep_their_numbers() {
    let titles = |report: &Value| -> Vec<(u64, String)> {
        let edits = report["edits"].as_array().expect("edits").iter();
        edits.map(|edit| (number(edit, "/number"), text(edit, "title"))).collect()
    };
    let demo = testdata("demo.tar");
    let all = json(&[demo.as_os_str()], 0);
    let less = json(&[demo.as_os_str(), "--without".as_ref(), "1,2".as_ref()], 0);
    let expected: Vec<_> = titles(&all).into_iter().filter(|(number, _)| *number > 2).collect();
    assert_eq!(titles(&less), expected);
    assert_eq!(less["image"]["without"], json!(["edits 1 and 2"]));
    let twice = json(&[demo.as_os_str(), "--without".as_ref(), "1,1,certain,certain".as_ref()], 0);
    assert_eq!(twice["image"]["without"], json!(["edit 1", "certain edits"]));
    assert_eq!(less["notes"], all["notes"], "whiteouts of what is left out are not the image's oddities");
}

/// An older version of a package database that an edit leaves out still tells whose files its layer brought.
#[test]
fn without_an_older_database_packages_are_known() {
    let stanza = |name: &str| {
        let filler = "x".repeat(100_000);
        format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nDescription: {filler}\n\n")
    };
    let layout = image(&[
        (
            "RUN apt-get install -y gcc",
            vec![
                Entry::file("var/lib/dpkg/status", stanza("libc6") + &stanza("gcc")),
                Entry::file("var/lib/dpkg/info/gcc.list", "/usr/lib/gcc/cc1\n/usr/lib/gcc/lto1\n"),
                big("usr/lib/gcc/cc1"),
                big("usr/lib/gcc/lto1"),
            ],
        ),
        (
            "RUN apt-get purge -y gcc",
            vec![
                Entry::file("var/lib/dpkg/status", stanza("libc6")),
                Entry::whiteout("var/lib/dpkg/info/gcc.list"),
                Entry::whiteout("usr/lib/gcc"),
            ],
        ),
    ]);
    let all = json(&[layout.arg()], 0);
    let edits = all["edits"].as_array().expect("edits");
    let once = edits.iter().find(|edit| text(edit, "title").contains("status")).expect("an edit about the database");
    let less = json(&[layout.arg(), "--without", &once["number"].to_string()], 0);
    let expected: Vec<_> =
        edits.iter().filter(|edit| *edit != once).map(|edit| (&edit["number"], &edit["title"], &edit["alone"])).collect();
    let found: Vec<_> =
        less["edits"].as_array().expect("edits").iter().map(|edit| (&edit["number"], &edit["title"], &edit["alone"])).collect();
    assert_eq!(found, expected);
    let gcc = |report: &Value| {
        let list = report["packages"].as_array().expect("packages").iter();
        list.clone().find(|package| package["name"] == "gcc").expect("gcc is known").clone()
    };
    assert_eq!(gcc(&less), gcc(&all));
}

/// A path that is deleted later is deleted in the RUN that makes it, under its own name.
#[test]
fn what_is_deleted_later() {
    let layout = image(&[
        ("RUN make stuff", vec![big("opt/stuff/a"), big("opt/stuff/b"), Entry::file("opt/kept", "text")]),
        ("RUN use stuff", vec![Entry::file("opt/used", "text")]),
        ("RUN rm -rf /opt/stuff", vec![Entry::whiteout("opt/stuff")]),
    ]);
    let edits = edits(&layout);
    assert_eq!(edits.len(), 1, "{edits:?}");
    assert_eq!(text(&edits[0], "title"), "Delete /opt/stuff in the RUN that makes it");
    assert_eq!(snippet(&edits[0]), "RUN make stuff \\\n && rm -rf /opt/stuff\n# layer 4 need not delete it any more");
    assert!(text(&edits[0], "details").contains("If an instruction in between needs it"), "{edits:?}");
}

/// What is copied to be used once is mounted where it was copied to, so that the command is the same.
#[test]
fn what_is_copied_to_be_used() {
    let steps = |copy: &'static str, path: &str, user: &'static str| {
        let gone = path.rsplit_once('/').map_or(String::new(), |(directory, name)| format!("{directory}/.wh.{name}"));
        let gone = Entry::file(gone, "");
        edits(&image(&[(copy, vec![big(path)]), (user, vec![gone, Entry::file("srv/b", "text")])]))
    };
    let used = steps("COPY parts/data.tgz /tmp/ # buildkit", "tmp/data.tgz", "RUN tar xzf /tmp/data.tgz -C /srv && rm /tmp/data.tgz");
    assert_eq!(text(&used[0], "title"), "Mount instead of copying: data.tgz");
    assert_eq!(snippet(&used[0]), "RUN --mount=type=bind,source=parts/data.tgz,target=/tmp/data.tgz tar xzf /tmp/data.tgz -C /srv");
    let moved = steps("COPY big.bin /srv/a.bin # buildkit", "srv/a.bin", "RUN mv /srv/a.bin /srv/b.bin");
    assert_eq!(text(&moved[0], "title"), "Copy to where it is moved: a.bin");
    assert_eq!(snippet(&moved[0]), "# copy it to where `mv /srv/a.bin /srv/b.bin` puts it, which then goes");
}

/// Packages that need each other stay both, and one of them is installed by name.
#[test]
fn what_runs_is_installed_though_its_own_needs_need_it() {
    let stanza = |name: &str, depends: &str| {
        format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nDepends: {depends}\n\n")
    };
    let status = stanza("nodejs", "node-x") + &stanza("node-x", "nodejs") + &stanza("gcc", "cpp") + &stanza("cpp", "gcc");
    let edits = edits(&image(&[(
        "RUN apt-get update && apt-get install -y nodejs gcc",
        vec![
            Entry::file("var/lib/dpkg/status", status),
            Entry::file("var/lib/apt/extended_states", "Package: node-x\nAuto-Installed: 1\n\nPackage: cpp\nAuto-Installed: 1\n"),
            Entry::file("var/lib/dpkg/info/nodejs.list", "/usr/bin/node\n"),
            Entry::file("var/lib/dpkg/info/gcc.list", "/usr/lib/gcc/cc1\n"),
            big("usr/bin/node"),
            big("usr/lib/gcc/cc1"),
        ],
    )]));
    let snippet = snippet(&edits[0]);
    assert!(snippet.contains("install -y gcc\n"), "what was recommended may be what the build needs: {snippet}");
    assert!(snippet.contains("install -y --no-install-recommends nodejs \\\n"), "{snippet}");
}

/// Here-documents and arrays are in history as `BuildKit` writes them: the lines are those of the Dockerfile.
#[test]
fn here_documents_have_their_lines() {
    let dockerfile = "FROM x\nRUN <<EOF\nset -e\nhead -c 3000000 /dev/zero > /blob\nEOF\nRUN sh <<'EOF'\necho $HOME > /a\nEOF\n\
        RUN [\"/bin/sh\", \"-c\", \"echo a  b > /c\"]\nRUN [\"/bin/touch\", \"/x y\"]\nRUN rm /blob\n";
    let layout = image(&[
        ("RUN /bin/sh -c set -e\nhead -c 3000000 /dev/zero > /blob\n # buildkit", vec![big("blob")]),
        ("RUN /bin/sh -c sh <<'EOF'\necho $HOME > /a\nEOF # buildkit", vec![Entry::file("a", "text")]),
        ("RUN /bin/sh -c echo a  b > /c # buildkit", vec![Entry::file("c", "text")]),
        ("RUN /bin/touch /x y # buildkit", vec![Entry::file("x y", "")]),
        ("RUN /bin/sh -c rm /blob # buildkit", vec![Entry::whiteout("blob")]),
    ]);
    let (_dir, path) = file("Dockerfile", dockerfile.as_bytes());
    let report = json(&[layout.arg(), "--dockerfile", path.to_str().expect("plain")], 0);
    let lines: Vec<&Value> = report["layers"].as_array().expect("layers").iter().map(|layer| &layer["line"]).collect();
    assert_eq!(lines, [1, 2, 6, 9, 10, 11]);
    assert_eq!(snippet(&report["edits"][0]), "# as the last line of line 2:\nrm -rf /blob\n# line 11 need not delete it any more");
}

/// What the deleting instruction uses first cannot be deleted before it: the two are joined.
#[test]
fn what_is_used_before_it_is_deleted() {
    for user in ["tar xzf /opt/a.tgz -C /srv && rm /opt/a.tgz", "mv /opt/a.tgz /srv/b", "cd /opt && tar xzf a.tgz && rm a.tgz"] {
        let steps = |between: &'static str| {
            edits(&image(&[
                ("RUN curl -o /opt/a.tgz https://example.com/a.tgz", vec![big("opt/a.tgz")]),
                (between, vec![]),
                (&format!("RUN {user}"), vec![Entry::whiteout("opt/a.tgz"), Entry::file("srv/b", "text")]),
            ]))
        };
        let joined = steps("LABEL a=b");
        assert_eq!(text(&joined[0], "title"), "Join layers 2 and 3: delete /opt/a.tgz where it is made", "{user}");
        assert_eq!(snippet(&joined[0]), format!("RUN curl -o /opt/a.tgz https://example.com/a.tgz \\\n && {user}"));
        let apart = steps("ENV A=b");
        assert_eq!(text(&apart[0], "title"), "Make, use and delete /opt/a.tgz in one RUN", "{user}");
        assert_eq!(snippet(&apart[0]), "# layers 2 and 3: in one RUN");
    }
    // Lists that it fetches itself it goes on deleting.
    let lists = |name: &str| Entry::file(format!("var/lib/apt/lists/{name}"), vec![b'x'; 200_000]);
    let fetched = edits(&image(&[
        (
            "RUN apt-get update && apt-get install -y less",
            vec![lists("a"), Entry::file("etc/db", "old".repeat(1000)), Entry::file("usr/bin/less", "text")],
        ),
        (
            "RUN apt-get update && apt-get install -y file && rm -rf /var/lib/apt/lists/*",
            vec![Entry::whiteout("var/lib/apt/lists/a"), Entry::file("etc/db", "new".repeat(1000)), Entry::file("usr/bin/file", "text")],
        ),
    ]));
    assert!(snippet(&fetched[0]).ends_with("# layer 3 still deletes what it fetches itself"), "{fetched:?}");
    assert_eq!(number(&fetched[0], "/content_bytes"), 200_000, "what the lines do not mend, they do not save");
}

/// Where more paths are deleted than can be named, the command that deletes them is put where they are made.
#[test]
fn what_is_deleted_by_the_thousand() {
    let made: Vec<Entry> = (0..40).flat_map(|n| [big(&format!("srv/a/{n}.d.ts")), Entry::file(format!("srv/a/{n}.js"), "text")]).collect();
    let gone: Vec<Entry> = (0..40).map(|n| Entry::whiteout(&format!("srv/a/{n}.d.ts"))).collect();
    let edits = edits(&image(&[("RUN npm install", made), ("RUN find /srv -name '*.d.ts' -delete", gone)]));
    assert_eq!(text(&edits[0], "title"), "Join layers 2 and 3: delete 40 paths below /srv/a where they are made");
    assert_eq!(snippet(&edits[0]), "RUN npm install \\\n && find /srv -name '*.d.ts' -delete");
}

/// What no RUN made is not told to be cleaned up by one.
#[test]
fn what_another_instruction_makes() {
    let made = || vec![big("opt/stuff/a"), big("opt/stuff/b"), Entry::file("opt/kept", "text")];
    let gone = || ("RUN use /opt/stuff && rm -rf /opt/stuff", vec![Entry::whiteout("opt/stuff")]);
    for (by, snippets) in [
        ("umoci insert stuff /opt", "# layer 2 (`umoci insert stuff /opt`): without /opt/stuff\n# layer 3 need not delete it any more"),
        (
            "ADD https://example.com/stuff /opt/ # buildkit",
            "# instead of `ADD https://example.com/stuff /opt/`, fetch, use and delete it in one RUN",
        ),
        (
            "ADD stuff.tar.gz /opt/ # buildkit",
            "# layer 2 (`ADD stuff.tar.gz /opt/`): without /opt/stuff\n# layer 3 need not delete it any more",
        ),
        ("", "# layer 2: without /opt/stuff\n# layer 3 need not delete it any more"),
    ] {
        let edits = edits(&image(&[(by, made()), gone()]));
        assert_eq!(edits.len(), 1, "{by}: {edits:?}");
        assert_eq!(text(&edits[0], "title"), "Keep /opt/stuff out of layer 2", "{by}");
        assert_eq!(snippet(&edits[0]), snippets, "{by}");
        assert_eq!(text(&edits[0], "details"), "Deleting it later (layer 3) freed 0 bytes: it stays in layer 2, hidden.", "{by}");
    }
    let left = edits(&image(&[("umoci insert root /", vec![big("var/cache/apt/archives/a.deb"), Entry::file("opt/kept", "text")])]));
    assert_eq!(text(&left[0], "title"), "Keep /var/cache/apt out of layer 2");
    assert!(text(&left[0], "details").starts_with("It leaves behind: "), "{left:?}");
    let twice = edits(&image(&[
        ("umoci insert data /opt", vec![big("opt/data")]),
        ("RUN sed -i s/x/y/ /opt/data", vec![Entry::file("opt/data", vec![b'y'; 200_000])]),
    ]));
    assert_eq!(text(&twice[0], "title"), "Write /opt/data once: layers 2 and 3");
    assert_eq!(snippet(&twice[0]), "# layers 2 and 3: write it once");
}

/// What is written twice is joined where nothing comes between; else it is only said.
#[test]
fn what_is_written_twice() {
    let first = || vec![big("opt/data")];
    let again = || vec![Entry::file("opt/data", vec![b'y'; 200_000])];
    let joined = edits(&image(&[("RUN make data", first()), ("LABEL a=b", vec![]), ("RUN sed -i s/x/y/ /opt/data", again())]));
    assert_eq!(snippet(&joined[0]), "RUN make data \\\n && sed -i s/x/y/ /opt/data");
    let parted = edits(&image(&[("RUN make data", first()), ("ENV A=b", vec![]), ("RUN sed -i s/x/$A/ /opt/data", again())]));
    assert_eq!(snippet(&parted[0]), "# layers 2 and 3: write it once, in one RUN");
    let exec = edits(&image(&[("RUN make data", first()), ("RUN [\"sed\", \"-i\", \"s/x/y/\", \"/opt/data\"]", again())]));
    assert!(!snippet(&exec[0]).contains("&& ["), "the exec form is no shell command: {exec:?}");
}

/// Lines of `.dockerignore` are relative to the build context, not to where the files go.
#[test]
fn patterns_are_relative_to_the_context() {
    let files = || {
        vec![big("srv/data/dump"), big("srv/.git/objects/pack/p"), Entry::file("srv/.git/HEAD", "ref"), Entry::file("srv/app.py", "text")]
    };
    let gone = || ("RUN rm -rf /srv/data /srv/.git", vec![Entry::whiteout("srv/data"), Entry::whiteout("srv/.git")]);
    for (copy, expected) in [
        ("COPY . /srv", "data\n**/.git"),
        ("COPY code /srv/", "code/data\n**/.git"),
        ("COPY --chmod=755 ./code/ /srv/", "code/data\n**/.git"),
    ] {
        let edits = edits(&image(&[(copy, files()), gone()]));
        let lines = snippet(&edits[0]);
        let mut lines: Vec<&str> = lines.lines().collect();
        let mut expected: Vec<&str> = expected.lines().collect();
        lines.sort_unstable();
        expected.sort_unstable();
        assert_eq!(lines, expected, "{copy}");
    }
    let classic = edits(&image(&[("/bin/sh -c #(nop) COPY dir:0123 in /srv ", files()), gone()]));
    assert!(snippet(&classic[0]).starts_with("# before names without **/"), "{classic:?}");
}

/// The instructions that bring what a `chown` stores again are shown with the owner.
#[test]
fn chown_names_what_brings_the_files() {
    let owned = |path: &str| big(path).owner(10, 10);
    let layout = image(&[
        ("COPY app /srv/app", vec![big("srv/app/a")]),
        ("RUN make data", vec![big("srv/data")]),
        ("RUN chown -R app:app /srv", vec![owned("srv/app/a"), owned("srv/data")]),
    ]);
    let lines = snippet(&edits(&layout)[0]);
    assert_eq!(
        lines,
        "COPY --chown=app:app app /srv/app\n\
        # files that a RUN makes (layer 3): run it as that user, once there is one, or end it with `chown -R app:app` of what it makes"
    );
}

/// An instruction that only deletes goes when all that it deletes is never stored.
#[test]
fn an_instruction_that_only_deletes() {
    let layout = image(&[
        ("RUN make one", vec![big("opt/one")]),
        ("RUN make two", vec![Entry::file("opt/two", vec![b'x'; 150_000])]),
        ("RUN rm /opt/one /opt/two", vec![Entry::whiteout("opt/one"), Entry::whiteout("opt/two")]),
    ]);
    let said = |edits: &[Value]| edits.iter().map(|edit| text(edit, "details")).collect::<String>().contains("has nothing left to delete");
    assert!(text(&edits(&layout)[1], "details").contains("With edits 1 and 2 layer 4 has nothing left to delete, and goes."));
    // The base's file is still to be deleted.
    let more = image(&[
        ("RUN make one", vec![big("opt/one")]),
        ("RUN make two", vec![Entry::file("opt/two", vec![b'x'; 150_000])]),
        ("RUN rm /opt/one /opt/two /etc/os", vec![Entry::whiteout("opt/one"), Entry::whiteout("opt/two"), Entry::whiteout("etc/os")]),
    ]);
    assert!(!said(&edits(&more)));
}

/// The first screen's rows and the number of edits in its head agree, however small some edits are.
#[test]
fn small_edits_are_counted_in_the_table() {
    let layout = image(&[
        ("RUN make one", vec![Entry::file("opt/one", vec![b'x'; 60_000_000])]),
        ("RUN rm /opt/one", vec![Entry::whiteout("opt/one")]),
        ("COPY --chown=1:1 a b /srv/", vec![Entry::file("srv/.env", "API_KEY=3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c\n")]),
    ]);
    let view = run(&[layout.arg()]).text();
    assert!(view.contains("2 edits make it") && view.contains("1 more, smaller (plimsoll plan lists them)"), "{view}");
}

/// What is written is what the schema says.
#[test]
fn the_plan_keeps_its_schema() {
    let schema: Value = run(&["schema", "plan"]).json();
    let checker = jsonschema::validator_for(&schema).expect("a schema");
    let plan = run(&["plan", testdata("demo.tar").to_str().expect("UTF-8"), "--format", "json"]).json();
    checker.validate(&plan).expect("a plan of the published form");
    assert!(!checker.is_valid(&serde_json::json!({"schema": "1.0"})), "the schema asks for something");
}
