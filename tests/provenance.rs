//! Lines and base image from what `BuildKit` attests of a build: real statements, and statements that are not.

mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use support::{Entry, ImageSpec, Layer, Layout, Outcome, digest, json as report, named, plimsoll, run, testdata};
use tempfile::TempDir;

const V02: &str = "https://slsa.dev/provenance/v0.2";
const METADATA: &str = "https://mobyproject.org/buildkit@v1#metadata";

fn fixture(name: &str) -> String {
    testdata("provenance").join(name).to_str().expect("plain names").to_owned()
}

/// An archive unpacked.
fn unpacked(archive: &Path) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    tar::Archive::new(fs::File::open(archive).expect("testdata")).unpack(dir.path()).expect("a plain archive");
    dir
}

/// The statement of an OCI layout, found by its text.
fn attested(layout: &Path) -> (PathBuf, Value) {
    let blobs = fs::read_dir(layout.join("blobs/sha256")).expect("a layout");
    let mut found = blobs.map(|blob| blob.expect("readable").path()).filter_map(|path| {
        let statement: Value = serde_json::from_slice(&fs::read(&path).expect("readable")).ok()?;
        statement["predicateType"].is_string().then_some((path, statement))
    });
    found.next().expect("a statement")
}

fn lines(report: &Value) -> Vec<Value> {
    report["layers"].as_array().expect("layers").iter().map(|layer| layer["lines"].clone()).collect()
}

fn notes(report: &Value) -> Vec<&str> {
    report["notes"].as_array().expect("notes").iter().filter_map(|note| note["code"].as_str()).collect()
}

/// What the Dockerfile of the fixtures asks for, layer by layer: first and last line, and how these begin. Two layers
/// are of the base, whose Dockerfile has two instructions.
const ASKED: [(u64, u64, &str, &str); 9] = [
    (7, 7, "FROM ${BASE}", "FROM ${BASE}"),
    (7, 7, "FROM ${BASE}", "FROM ${BASE}"),
    (10, 12, "COPY cfg/", "/etc/tiny/"),
    (13, 15, "RUN", "\"w\", \"/cache/a.bin\""),
    (16, 16, "COPY --from=builder", "COPY --from=builder"),
    (17, 17, "COPY --link", "COPY --link"),
    (18, 21, "COPY <<EOF", "EOF"),
    (22, 22, "RUN [\"/t\", \"rm\"", "RUN"),
    (23, 23, "WORKDIR", "WORKDIR"),
];

fn assert_asked(report: &Value) {
    let text = fs::read_to_string(fixture("Dockerfile")).expect("testdata");
    let text: Vec<&str> = text.lines().collect();
    let expected: Vec<Value> = ASKED.iter().map(|(start, end, ..)| json!([start, end])).collect();
    assert_eq!(lines(report), expected);
    for (layer, (start, end, first, last)) in report["layers"].as_array().expect("layers").iter().zip(ASKED) {
        assert!(text[start as usize - 1].trim_start().starts_with(first), "line {start}");
        assert!(text[end as usize - 1].trim_start().starts_with(last), "line {end}");
        assert_eq!(layer["line"], start);
        assert_eq!(layer["base"], start == 7);
    }
    assert_eq!(report["image"]["dockerfile"], "Dockerfile");
}

/// v0.2 and v1, as `BuildKit` wrote them, by every way in.
#[test]
fn real_statements_give_every_layer_its_lines() {
    for version in ["v0.2", "v1"] {
        let archive = fixture(&format!("{version}.tar"));
        let layout = unpacked(Path::new(&archive));
        let (_, statement) = attested(layout.path());
        assert_eq!(statement["predicateType"], format!("https://slsa.dev/provenance/{version}"));
        let predicate = &statement["predicate"];
        let used = if version == "v1" { &predicate["buildDefinition"]["resolvedDependencies"] } else { &predicate["materials"] };
        let pipe = Outcome::of(plimsoll().args(["-", "--format", "json"]).write_stdin(fs::read(&archive).expect("testdata")));
        for report in [report(&[&archive], 0), report(&[layout.path()], 0), pipe.json()] {
            assert_asked(&report);
            assert_eq!(report["image"]["lines_by"], "provenance");
            assert_eq!(notes(&report), [""; 0]);
            let base = &report["image"]["base"];
            assert_eq!((&base["layers"], &base["evidence"], &base["confidence"]), (&json!(2), &json!("provenance"), &json!("certain")));
            assert_eq!(base["name"], "fixture/base:1");
            assert_eq!(base["digest"], format!("sha256:{}", used[0]["digest"]["sha256"].as_str().expect("a digest")));
        }
    }
}

/// Edits say lines too, and so does the table; nobody has to name a file.
#[test]
fn edits_and_tables_say_lines() {
    let archive = fixture("v1.tar");
    let report = report(&[&archive], 0);
    let edit = &report["edits"][0];
    assert_eq!((&edit["line"], &edit["layers"]), (&json!(13), &json!([3, 7])));
    assert_eq!(edit["title"], "Delete /cache/a.bin in the RUN that makes it");
    assert_eq!(edit["details"][0], "Deleting it later (line 22) freed 0 bytes: it stays in line 13, hidden.");
    // A finding points to the instruction that is to blame, its first and last line.
    let finding = &report["findings"][0];
    assert_eq!((&finding["rule"], &finding["culprits"], &finding["lines"]), (&json!("layer/deleted"), &json!([3]), &json!([[13, 15]])));
    for width in ["80", "100", "120"] {
        let shown = Outcome::of(plimsoll().arg("v1.tar").current_dir(testdata("provenance")).env("COLUMNS", width));
        insta::assert_snapshot!(format!("view-{width}"), shown.text());
    }
}

#[test]
fn a_last_stage_from_scratch_has_no_base() {
    let report = report(&[fixture("scratch.tar")], 0);
    assert_eq!(lines(&report), [json!([5, 5]), json!([8, 8])], "Dockerfile.scratch: of the stage in the middle, and of the last");
    let base = &report["image"]["base"];
    assert_eq!((&base["layers"], &base["evidence"], &base["name"]), (&json!(0), &json!("provenance"), &Value::Null));
    assert_eq!(report["image"]["dockerfile"], "Dockerfile.scratch");
}

/// What every build attests: no steps, but the images that it used.
#[test]
fn the_small_mode_names_the_base_and_no_lines() {
    let report = report(&[fixture("min.tar")], 0);
    assert!(lines(&report).iter().all(Value::is_null));
    assert_eq!((&report["image"]["dockerfile"], &report["image"]["lines_by"]), (&Value::Null, &Value::Null));
    let base = &report["image"]["base"];
    assert_eq!((&base["layers"], &base["evidence"], &base["name"]), (&json!(2), &json!("history"), &json!("fixture/base:1")));
}

/// `BuildKit` finds the digest of every base; that FROM was pinned it says apart.
#[test]
fn a_base_is_pinned_by_its_from() {
    let unpinned = |args: &[&str]| {
        let all = report(&[&["checklist"], args].concat(), 0);
        all["checks"].as_array().expect("checks").iter().find(|check| check["id"] == "base/unpinned").expect("the check").clone()
    };
    for name in ["v1.tar", "min.tar"] {
        let check = unpinned(&[&fixture(name)]);
        assert_eq!(
            (&check["outcome"], check["evidence"].as_str()),
            (&json!("fail"), Some("FROM in the build's provenance is `fixture/base:1`, and nothing has its digest"),)
        );
    }
    let made = made();
    let mut statement = Made::statement(&made.digests(), [(2, 2), (4, 5), (6, 6)]);
    let base = digest(b"base");
    let uri = format!("pkg:docker/example/base@1?digest={base}&platform=linux%2Famd64");
    statement["predicate"]["materials"] = json!([{"uri": uri, "digest": {"sha256": &base[7..]}}]);
    let made = made.attested(statement.to_string().as_bytes());
    assert_eq!(unpinned(&[made.layout.arg()])["outcome"], "pass");
}

/// The index beside a `manifest.json`; where that is asked for there are no attestations.
#[test]
fn archives_of_docker_save() {
    let archive = testdata("archives/docker26-provenance.tar");
    let dockerfile = fs::read_to_string(testdata("archives/src/Dockerfile")).expect("testdata");
    let makes = |line: &&str| ["COPY", "RUN", "WORKDIR"].iter().any(|verb| line.starts_with(verb));
    let expected: Vec<Value> =
        (1..).zip(dockerfile.lines()).filter(|(_, line)| makes(line)).map(|(number, _)| json!([number, number])).collect();
    assert_eq!(expected.len(), 6);
    assert_eq!(lines(&report(&[&archive], 0)), expected);
    let forced = report(&["--source", "docker-archive", archive.to_str().expect("plain names")], 0);
    assert!(lines(&forced).iter().all(Value::is_null));
}

#[test]
fn a_saved_analysis_keeps_it() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let saved = dir.path().join("a.plimsoll");
    for name in ["v0.2.tar", "min.tar", "scratch.tar"] {
        let archive = fixture(name);
        run(&["save", &archive, "-o", saved.to_str().expect("plain names")]).assert_status(0);
        let (mut kept, mut read) = (report(&[&saved], 0), report(&[&archive], 0));
        kept["source"] = Value::Null;
        read["source"] = Value::Null;
        assert_eq!(kept, read);
    }
}

/// An image of its own making: a base of one layer and two steps.
struct Made {
    layout: Layout,
    image: Value,
    layers: Vec<Layer>,
}

/// ```text
/// # two steps
/// FROM example/base:1
///
/// RUN make \
///   install
/// COPY a /b
/// ```
const DOCKERFILE: &str = "IyB0d28gc3RlcHMKRlJPTSBleGFtcGxlL2Jhc2U6MQoKUlVOIG1ha2UgXAogIGluc3RhbGwKQ09QWSBhIC9iCg==";

fn made() -> Made {
    let layout = Layout::new();
    let layers: Vec<Layer> = ["base", "made", "b"].iter().map(|name| Layer::new(&[Entry::file(*name, vec![b'x'; 70_000])])).collect();
    let spec = ImageSpec::new(&layers).created_by(&[
        "ADD rootfs.tar / # buildkit",
        "RUN /bin/sh -c make install # buildkit",
        "COPY a /b # buildkit",
    ]);
    let image = layout.image(&spec);
    Made { layout, image, layers }
}

impl Made {
    fn digests(&self) -> Vec<String> {
        self.layers.iter().map(|layer| digest(&layer.blob)).collect()
    }

    /// A statement of these lines, about layers with these blobs.
    fn statement(blobs: &[String], lines: [(u64, u64); 3]) -> Value {
        let chain = |count: usize| json!([blobs[..count].iter().map(|digest| json!({"digest": digest})).collect::<Vec<_>>()]);
        let at = |(start, end)| json!({"locations": [{"ranges": [{"start": {"line": start}, "end": {"line": end}}]}]});
        let layers = json!({"step0:0": chain(1), "step1:0": chain(2), "step2:0": chain(3)});
        let source = json!({
            "infos": [{"filename": "Dockerfile.attested", "data": DOCKERFILE}],
            "locations": {"step0": at(lines[0]), "step1": at(lines[1]), "step2": at(lines[2])},
        });
        let base = format!("docker-image://docker.io/example/base:1@{}", digest(b"base"));
        let steps = json!([{"id": "step0", "op": {"Op": {"source": {"identifier": base}}}}, {"id": "step1"}, {"id": "step2"}]);
        json!({
            "_type": "https://in-toto.io/Statement/v0.1", "predicateType": V02,
            "predicate": {"buildConfig": {"llbDefinition": steps}, "metadata": {METADATA: {"source": source, "layers": layers}}},
        })
    }

    /// A descriptor of attestations about an image, with this statement in them.
    fn attestation(&self, about: &Value, statement: &[u8]) -> Value {
        let mut layer = self.layout.blob(statement, "application/vnd.in-toto+json");
        layer["annotations"] = json!({"in-toto.io/predicate-type": V02});
        let sbom = self.layout.blob(b"{}", "application/vnd.in-toto+json");
        let config = self.layout.blob(b"{}", support::CONFIG);
        let manifest = json!({"schemaVersion": 2, "mediaType": support::MANIFEST, "config": config, "layers": [sbom, layer]});
        let mut descriptor = self.layout.blob(manifest.to_string().as_bytes(), support::MANIFEST);
        descriptor["platform"] = json!({"architecture": "unknown", "os": "unknown"});
        descriptor["annotations"] =
            json!({"vnd.docker.reference.digest": about["digest"], "vnd.docker.reference.type": "attestation-manifest"});
        descriptor
    }

    /// The image with a statement beside it.
    fn attested(self, statement: &[u8]) -> Self {
        let attestation = self.attestation(&self.image, statement);
        // BuildKit writes it last; an index may have any order.
        self.layout.index(&[named(self.layout.nested(&[attestation, self.image.clone()]), "latest")]);
        self
    }

    fn honest() -> Self {
        let made = made();
        let statement = Self::statement(&made.digests(), [(2, 2), (4, 5), (6, 6)]);
        made.attested(statement.to_string().as_bytes())
    }
}

fn known(report: &Value) -> (&str, &str, Vec<Value>) {
    let image = &report["image"];
    (image["dockerfile"].as_str().unwrap_or("-"), image["lines_by"].as_str().unwrap_or("-"), lines(report))
}

/// What is named wins if it agrees; the provenance wins over what happens to be there.
#[test]
fn a_dockerfile_that_is_named_comes_first() {
    let made = Made::honest();
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mine = dir.path().join("Dockerfile");
    fs::write(&mine, "FROM example/base:1\n\n\nRUN make install\n\nCOPY a /b\n").expect("a new file");
    let json = |args: &[&str]| {
        let outcome = Outcome::of(plimsoll().arg(made.layout.arg()).args(args).args(["--format", "json"]).current_dir(dir.path()));
        outcome.assert_status(0);
        (outcome.json(), outcome.stderr)
    };
    let (nearby, warnings) = json(&[]);
    assert_eq!(known(&nearby), ("Dockerfile.attested", "provenance", vec![json!([2, 2]), json!([4, 5]), json!([6, 6])]));
    assert_eq!(warnings, "");
    let (named, _) = json(&["--dockerfile", "Dockerfile"]);
    assert_eq!(known(&named), ("Dockerfile", "named", vec![json!([1, 1]), json!([4, 4]), json!([6, 6])]));
    fs::write(&mine, "FROM example/base:1\nRUN something else\n").expect("a file");
    let (other, warnings) = json(&["--dockerfile", "Dockerfile"]);
    assert_eq!(known(&other), known(&nearby));
    assert!(warnings.contains("does not agree"), "{warnings}");
    // Even if it has the name of the one that is used.
    fs::rename(&mine, dir.path().join("Dockerfile.attested")).expect("a file");
    let (_, warnings) = json(&["--dockerfile", "Dockerfile.attested"]);
    assert!(warnings.contains("does not agree"), "{warnings}");
}

/// Blobs that were compressed anew, or whose times were rewritten.
#[test]
fn other_blobs_are_told_by_their_order_or_by_history() {
    let other: Vec<String> = ["x", "y", "z"].iter().map(|text| digest(text.as_bytes())).collect();
    let made = made();
    let made = made.attested(Made::statement(&other, [(2, 2), (4, 5), (6, 6)]).to_string().as_bytes());
    let told = report(&[made.layout.arg()], 0);
    assert_eq!(known(&told), ("Dockerfile.attested", "provenance-order", vec![json!([2, 2]), json!([4, 5]), json!([6, 6])]));
    assert_eq!(notes(&told), ["provenance-of-other-blobs"]);
    let base = &told["image"]["base"];
    assert_eq!((&base["layers"], &base["confidence"], &base["name"]), (&json!(1), &json!("likely"), &json!("example/base:1")));
    assert!(run(&[made.layout.arg()]).text().contains("lines: provenance (Dockerfile.attested, mode=max), by the order of its steps\n"));
    // Two steps could have left the last layer. The Dockerfile is told, and history has its instructions.
    let mut two = Made::statement(&other, [(2, 2), (4, 5), (6, 6)]);
    let chain = json!([other[..2].iter().chain([&digest(b"w")]).map(|digest| json!({"digest": digest})).collect::<Vec<_>>()]);
    two["predicate"]["metadata"][METADATA]["layers"]["step3:0"] = chain;
    let made = made_anew(&two);
    let told = report(&[made.layout.arg()], 0);
    assert_eq!(known(&told), ("Dockerfile.attested", "provenance-history", vec![json!([2, 2]), json!([4, 5]), json!([6, 6])]));
    assert_eq!(told["image"]["base"]["evidence"], "history");
}

fn made_anew(statement: &Value) -> Made {
    made().attested(statement.to_string().as_bytes())
}

/// Each platform has attestations of its own, and those of another image are none.
#[test]
fn attestations_are_of_one_image() {
    let made = made();
    let arm = made.layout.image(&ImageSpec::new(&made.layers).architecture("arm64").created_by(&["ADD a /", "RUN b", "RUN c"]));
    let of = |image: &Value, line: u64| {
        made.attestation(image, Made::statement(&made.digests(), [(1, 1), (line, line), (6, 6)]).to_string().as_bytes())
    };
    let stranger = json!({"digest": digest(b"another image")});
    made.layout.index(&[made.image.clone(), of(&stranger, 2), of(&arm, 3), arm.clone(), of(&made.image, 4), of(&made.image, 5)]);
    for (platform, line) in [("linux/amd64", 4), ("linux/arm64", 3)] {
        let report = report(&[made.layout.arg(), "--platform", platform], 0);
        assert_eq!(lines(&report)[1], json!([line, line]), "{platform}");
    }
    made.layout.index(&[made.image.clone(), of(&stranger, 2)]);
    let report = report(&[made.layout.arg()], 0);
    assert!(lines(&report).iter().all(Value::is_null));
    assert_eq!(notes(&report), [""; 0]);
}

/// Attestations are a gift: without them nothing is said.
#[test]
fn an_absent_attestation_is_nothing() {
    for absent in ["manifest", "statement"] {
        let made = Made::honest();
        let (path, statement) = attested(made.layout.path());
        match absent {
            "statement" => fs::remove_file(path).expect("a file"),
            _ => {
                let about = digest(statement.to_string().as_bytes());
                let manifests = fs::read_dir(made.layout.path().join("blobs/sha256")).expect("a layout");
                let mut manifests = manifests.map(|blob| blob.expect("readable").path());
                let names = |path: &PathBuf| String::from_utf8_lossy(&fs::read(path).expect("readable")).contains(&about);
                fs::remove_file(manifests.find(names).expect("the manifest of attestations")).expect("a file");
            }
        }
        let report = report(&[made.layout.arg()], 0);
        assert_eq!((known(&report).1, notes(&report)), ("-", Vec::new()), "{absent}");
        assert_eq!(report["complete"], true);
    }
}

/// Whatever is wrong with a statement is a note; the image is weighed all the same.
#[test]
fn a_bad_statement_ends_nothing() {
    let honest = report(&[Made::honest().layout.arg()], 0);
    let corrupt = || {
        let made = Made::honest();
        let (path, _) = attested(made.layout.path());
        let mut bytes = fs::read(&path).expect("readable");
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        fs::write(&path, bytes).expect("a file");
        made
    };
    let long = {
        let mut statement = Made::statement(&made().digests(), [(2, 2), (4, 5), (6, 6)]);
        statement["predicate"]["padding"] = " ".repeat(41 << 20).into();
        statement.to_string().into_bytes()
    };
    let cases = [
        (made().attested(b"\0rubbish"), "expected value"),
        (made().attested(br#"{"predicate":{"materials":7}}"#), "invalid type"),
        (made().attested(&[]), "EOF"),
        (made().attested(&long), "`attestation` of 41943040"),
        (corrupt(), "digest mismatch"),
    ];
    for (made, why) in cases {
        let pipe = Outcome::of(plimsoll().args(["-", "--format", "json"]).write_stdin(made.layout.archive()));
        for report in [report(&[made.layout.arg()], 0), pipe.json()] {
            assert_eq!(notes(&report), ["provenance-unreadable"], "{why}");
            let message = report["notes"][0]["message"].as_str().expect("text");
            assert!(message.contains(why), "{message}");
            assert_eq!((&report["totals"], known(&report).1), (&honest["totals"], "-"));
        }
    }
    let raised = made().attested(&long);
    let report = report(&[raised.layout.arg(), "--limit", "attestation=50000000"], 0);
    assert_eq!(known(&report).1, "provenance");
}

/// A pipe keeps a large statement until the index is there that names it, and drops what is no statement.
#[test]
fn a_large_statement_comes_through_a_pipe() {
    let mut statement = Made::statement(&made().digests(), [(2, 2), (4, 5), (6, 6)]);
    statement["predicate"]["padding"] = " ".repeat(20 << 20).into();
    // In the order of BuildKit's own: what it is comes before what it says.
    let text = statement.to_string();
    let (_, predicate) = text.split_once("\"predicate\":").expect("a statement");
    let predicate = predicate.rsplit_once(",\"predicateType\"").expect("keys are sorted").0;
    let text = format!(r#"{{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"{V02}","predicate":{predicate}}}"#);
    let made = made().attested(text.as_bytes());
    let pipe = |archive: Vec<u8>| Outcome::of(plimsoll().args(["-", "--format", "json"]).write_stdin(archive)).json();
    assert_eq!(known(&pipe(made.layout.archive())).1, "provenance");
    // But never in the place of documents that must be there.
    let room = format!("documents={}", text.len() + 100);
    let narrow = Outcome::of(plimsoll().args(["-", "--limit", &room, "--format", "json"]).write_stdin(made.layout.archive()));
    narrow.assert_status(0);
    let narrow = narrow.json();
    assert_eq!(notes(&narrow), ["provenance-unreadable"]);
    assert!(narrow["notes"][0]["message"].as_str().is_some_and(|message| message.contains("`documents` of 20")), "{}", narrow["notes"]);
}

/// Names out of a statement reach no terminal raw.
#[test]
fn names_are_escaped() {
    let mut statement = Made::statement(&made().digests(), [(2, 2), (4, 5), (6, 6)]);
    statement["predicate"]["metadata"][METADATA]["source"]["infos"][0]["filename"] = "a\u{1b}[31mb\nlines".into();
    statement["predicate"]["buildConfig"]["llbDefinition"][0]["op"]["Op"]["source"]["identifier"] =
        "docker-image://evil\u{1b}]0;x\u{7}\u{202e}".into();
    let made = made().attested(statement.to_string().as_bytes());
    let text = run(&[made.layout.arg()]).text();
    assert!(text.contains("lines: provenance (a\\x1b[31mb\\nlines, mode=max)"), "{text}");
    assert!(text.contains("base (evil\\x1b]0;x\\x07\\u{202e}): layer 1"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']));
}

/// A Dockerfile that agrees with history says where the base ends: what it did not make is the base's.
#[test]
fn a_dockerfile_that_is_named_tells_the_base() {
    let layers = ["a", "b", "c"].map(|name| Layer::new(&[Entry::file(name, name)]));
    let layout = Layout::of(&ImageSpec::new(&layers));
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("Dockerfile");
    let told = |text: &str, more: &[&str]| {
        fs::write(&file, text).expect("a file");
        let args = [&[layout.arg(), "--dockerfile", file.to_str().expect("plain"), "--format", "json"], more].concat();
        let outcome = Outcome::of(plimsoll().args(args));
        outcome.assert_status(0);
        let (report, warned) = (outcome.json(), outcome.stderr.contains("does not agree"));
        let base = &report["image"]["base"];
        (base["layers"].as_u64(), base["evidence"].as_str().map(str::to_owned), lines(&report), warned)
    };
    let by = Some("dockerfile".to_owned());
    let shared = "FROM example/base:1\nRUN step 2\n";
    assert_eq!(told(shared, &[]), (Some(2), by.clone(), vec![json!([1, 1]), json!([1, 1]), json!([2, 2])], false));
    let chain =
        "FROM scratch AS First\nRUN step 0\n\nFROM other AS unused\nRUN x\nFROM first AS second\nRUN step 1\nFROM second\nRUN step 2\n";
    assert_eq!(told(chain, &[]), (Some(0), by, vec![json!([2, 2]), json!([7, 7]), json!([9, 9])], false));
    for wrong in ["FROM scratch\nRUN step 2\n", "FROM x\nRUN step 1\n", "FROM x\nRUN step 0\nRUN step 0\nRUN step 1\nRUN step 2\n"] {
        let (_, evidence, lines, warned) = told(wrong, &[]);
        assert!(evidence.as_deref() != Some("dockerfile") && warned && lines == vec![Value::Null; 3], "{wrong}: {evidence:?} {lines:?}");
    }
    // A base that is given is certain.
    let given = told(shared, &["--base", layout.arg()]);
    assert_eq!((given.0, given.1.as_deref(), given.3), (Some(3), Some("common-layers"), true));
}
