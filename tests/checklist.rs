//! `plimsoll checklist`: each check failing, passing and not applicable; secrets that are never printed.

mod support;

use serde_json::{Value, json};
use support::{Entry, ImageSpec, Layer, Layout, Outcome, json as report, plimsoll, run};

/// dpkg's database with these packages, each with one file of `size` bytes below /usr/lib.
fn debs(names: &[&str], size: usize) -> Vec<Entry> {
    let mut status = String::new();
    let mut entries = Vec::new();
    for name in names {
        status.push_str(&["Package: ", name, "\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n\n"].concat());
        let path = if matches!(*name, "curl" | "wget") { format!("/usr/bin/{name}") } else { format!("/usr/lib/{name}/x") };
        entries.push(Entry::file(format!("var/lib/dpkg/info/{name}.list"), format!("{path}\n")));
        entries.push(Entry::file(&path[1..], vec![b'p'; size]).mode(0o755));
    }
    entries.push(Entry::file("var/lib/dpkg/status", status));
    entries
}

/// Python distributions in site-packages.
fn pypi(names: &[&str]) -> Vec<Entry> {
    let one = |name: &&str| {
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n");
        Entry::file(format!("usr/lib/python3/site-packages/{name}-1.0.dist-info/METADATA"), metadata)
    };
    names.iter().map(one).collect()
}

fn file(path: &str, size: usize) -> Entry {
    Entry::file(path, vec![b'f'; size])
}

/// Layers with the instructions that made them, and the `config` object.
fn image(layers: &[(&str, Vec<Entry>)], config: Value) -> Layout {
    let made: Vec<Layer> = layers.iter().map(|(_, entries)| Layer::new(entries)).collect();
    let lines: Vec<&str> = layers.iter().map(|(line, _)| *line).collect();
    let mut spec = ImageSpec::new(&made).created_by(&lines);
    spec.config = config;
    Layout::of(&spec)
}

fn configured(config: Value) -> Layout {
    image(&[("COPY app /app # buildkit", vec![file("app", 1000)])], config)
}

fn layered(layers: &[(&str, Vec<Entry>)]) -> Layout {
    image(layers, json!({"Cmd": ["/app"]}))
}

/// The same with the first layer as a base that is given.
fn based(layers: &[(&str, Vec<Entry>)], config: Value) -> (Layout, Layout) {
    (image(layers, config.clone()), image(&layers[..1], config))
}

#[track_caller]
fn outcome(args: &[&str], id: &str) -> (String, Value) {
    let all = report(&[&["checklist"], args].concat(), 0);
    let check = all["checks"].as_array().expect("checks").iter().find(|check| check["id"] == id).expect("the check").clone();
    (check["outcome"].as_str().expect("an outcome").to_owned(), check)
}

/// The check's outcomes for images that fail, pass, and are not asked; evidence and advice are there where they must be.
#[track_caller]
fn expect(id: &str, cases: &[(&str, &Layout, &str)]) {
    for (expected, layout, evidence) in cases {
        assert_check(id, expected, &[layout.arg()], evidence);
    }
}

#[track_caller]
fn assert_check(id: &str, expected: &str, args: &[&str], evidence: &str) {
    let (found, check) = outcome(args, id);
    assert_eq!(found, expected, "{check}");
    assert!(check["evidence"].as_str().expect("evidence").contains(evidence), "{evidence}: {check}");
    assert_eq!(check["advice"].as_str().expect("advice").is_empty(), expected != "fail", "{check}");
    assert_eq!(check["level"], "info");
}

const NA: &str = "not-applicable";

#[test]
fn base_full_variant() {
    let own = ("COPY app /app # buildkit", vec![file("app", 9)]);
    let cmd = json!({"Cmd": ["/app"]});
    let full = based(&[("RUN base", debs(&["gcc-12", "libc6-dev", "libc6"], 5000)), own.clone()], cmd.clone());
    let slim = based(&[("RUN base", debs(&["libc6", "gcc-12-base"], 5000)), own.clone()], cmd);
    let builder = based(&[("RUN base", debs(&["gcc-12"], 5000)), own], json!({"Cmd": ["bash"], "Env": ["GCC_VERSION=12"]}));
    for (expected, (image, base), evidence) in
        [("fail", &full, "libc6-dev and gcc-12: 10.0 kB"), ("pass", &slim, "no compiler"), (NA, &builder, "building")]
    {
        assert_check("base/full-variant", expected, &[image.arg(), "--base", base.arg()], evidence);
    }
    expect("base/full-variant", &[(NA, &slim.0, "--base")]);
}

#[test]
fn base_unpinned() {
    let label = |name: &str, digest: bool| {
        let mut labels = json!({"org.opencontainers.image.base.name": name});
        if digest {
            labels["org.opencontainers.image.base.digest"] = format!("sha256:{}", "a".repeat(64)).into();
        }
        configured(json!({"Labels": labels}))
    };
    expect(
        "base/unpinned",
        &[
            ("fail", &label("docker.io/library/python:latest", true), "latest"),
            ("fail", &label("registry:5000/python", false), "without tag"),
            ("fail", &label("python:3.12-slim", false), "digest"),
            ("pass", &label("python:3.12-slim", true), "python:3.12-slim"),
            (NA, &configured(json!({})), "neither"),
        ],
    );
}

#[test]
fn stage_single() {
    let tools = ("RUN apt-get install -y gcc", debs(&["gcc", "libc6-dev"], 4000));
    let input = ("COPY requirements.txt / # buildkit", vec![file("requirements.txt", 10)]);
    let output = ("RUN pip install -r requirements.txt", pypi(&["fastapi", "pydantic"]));
    let jit = ("RUN pip install torch", pypi(&["torch"]));
    expect(
        "stage/single",
        &[
            (
                "fail",
                &layered(&[tools.clone(), input.clone(), output.clone()]),
                "gcc of layer 1, requirements.txt and 2 packages of layer 3",
            ),
            ("pass", &layered(&[input.clone(), output.clone()]), "no compiler"),
            ("pass", &layered(&[tools.clone(), output.clone()]), "not all"),
            (NA, &layered(&[tools, input, output, jit]), "at run time"),
        ],
    );
}

#[test]
fn stage_copy_all() {
    let dirty = vec![file("app/main.py", 10), file("app/.git/HEAD", 3000), file("app/tests/test_a.py", 200), file("app/.env", 7)];
    let clean = vec![file("app/main.py", 10), file("app/.env.example", 10)];
    let failing = layered(&[("COPY . /app # buildkit", dirty.clone())]);
    expect(
        "stage/copy-all",
        &[
            ("fail", &failing, ".git 3.00 kB, tests 200 B, .env 7 B"),
            ("pass", &layered(&[("COPY . /app # buildkit", clean)]), "clean"),
            (NA, &layered(&[("COPY app /app # buildkit", dirty)]), "no own instruction"),
        ],
    );
    assert_eq!(outcome(&[failing.arg()], "stage/copy-all").1["advice"], "add to .dockerignore, one a line: **/.git, **/tests, **/.env");
}

#[test]
fn order_of_dependencies() {
    let source = ("COPY . /app # buildkit", vec![file("app/main.py", 10), file("app/requirements.txt", 10)]);
    let install = ("RUN pip install -r requirements.txt", pypi(&["fastapi", "pydantic"]));
    let itself = ("RUN pip install --no-deps .", pypi(&["app"]));
    let id = "order/deps-after-source";
    let failing = layered(&[source.clone(), install.clone()]);
    expect(
        id,
        &[
            ("fail", &failing, "source comes from layer 1, dependencies later from layer 2"),
            ("pass", &layered(&[install.clone(), source.clone(), itself.clone()]), "dependencies come from layer 1"),
            (NA, &layered(&[source, itself]), "no own RUN"),
            (NA, &layered(&[install]), "no own instruction"),
        ],
    );
    assert_eq!(outcome(&[failing.arg()], id).1["layers"], json!([0, 1]));
}

#[test]
fn order_of_runs() {
    let three = [
        ("RUN apt-get install -y a", debs(&["a"], 10)),
        ("RUN apt-get install -y b", debs(&["a", "b"], 10)),
        ("RUN apt-get install -y c", debs(&["a", "b", "c"], 10)),
    ];
    let mut fetched = debs(&["a"], 10);
    fetched.push(file("var/lib/apt/lists/x", 5000));
    let late = [("RUN apt-get install -y a", fetched), ("RUN rm -rf /var/lib/apt/lists/*", vec![Entry::whiteout("var/lib/apt/lists/x")])];
    expect(
        "order/split-run",
        &[
            ("fail", &layered(&three), "deb packages come from layers 1–3"),
            ("fail", &layered(&late), "layer 2 deletes the package cache of layer 1: its 5.00 kB"),
            ("pass", &layered(&three[..2]), "layers 1, 2"),
            (NA, &configured(json!({})), "no own RUN"),
        ],
    );
}

#[test]
fn chown_in_a_run() {
    let copy = ("COPY app /app # buildkit", vec![file("app/x", 100_000)]);
    let again = ("RUN chown -R 1:1 /app", vec![file("app/x", 100_000).owner(1, 1)]);
    let harmless = ("RUN chmod 700 /tmp", vec![Entry::dir("tmp")]);
    expect(
        "chown/run",
        &[
            ("fail", &layered(&[copy.clone(), again]), "layer 2: 100 kB (100.0 %)"),
            ("pass", &layered(&[copy.clone(), harmless]), "layer 2"),
            (NA, &layered(&[copy]), "no own RUN"),
        ],
    );
}

#[test]
fn root_user() {
    let user = |user: &str| configured(json!({"User": user, "Cmd": ["/app"]}));
    expect(
        "config/root-user",
        &[
            ("fail", &user(""), "not set"),
            ("fail", &user("root:root"), "`root:root`"),
            ("fail", &user("0"), "`0`"),
            ("pass", &user("10001:10001"), "10001"),
            ("pass", &user("app"), "Kubernetes"),
            (NA, &configured(json!({})), "neither"),
            (NA, &configured(json!({"Cmd": ["/bin/bash"]})), "bash"),
            (NA, &configured(json!({"Entrypoint": ["/sbin/init"]})), "init"),
        ],
    );
}

#[test]
fn shell_form() {
    let secret = configured(json!({"Cmd": ["/bin/sh", "-c", "app --password=hunter2"]}));
    expect(
        "config/shell-form",
        &[
            ("fail", &secret, "config.Cmd is `/bin/sh -c …`"),
            ("fail", &configured(json!({"Entrypoint": ["bash", "-lc", "app"], "Cmd": ["x"]})), "config.Entrypoint"),
            ("pass", &configured(json!({"Cmd": ["/bin/sh", "-c", "migrate && exec app"]})), "exec"),
            ("fail", &configured(json!({"Cmd": ["/bin/bash", "-euo", "pipefail", "-c", "app"]})), "config.Cmd is `/bin/bash -c …`"),
            ("pass", &configured(json!({"Cmd": ["bash"]})), "`bash`"),
            ("pass", &configured(json!({"Cmd": ["bash", "run.sh", "-c", "x"]})), "`bash`"),
            ("pass", &configured(json!({"Entrypoint": ["/usr/bin/app"]})), "`app`"),
            (NA, &configured(json!({})), "neither"),
        ],
    );
}

#[test]
fn health_check() {
    let ports = json!({"8000/tcp": {}});
    let history = |line: &str| {
        let mut spec = ImageSpec::new(&[Layer::new(&[file("app", 10)])]);
        spec.config = json!({"ExposedPorts": {"8000/tcp": {}}});
        Layout::of(&spec.history(json!([{"created_by": "COPY app / # buildkit"}, {"created_by": line, "empty_layer": true}])))
    };
    expect(
        "config/no-healthcheck",
        &[
            ("fail", &configured(json!({"ExposedPorts": ports})), "8000/tcp"),
            ("pass", &configured(json!({"ExposedPorts": ports, "Healthcheck": {"Test": ["CMD", "/app", "ping"]}})), "config.Healthcheck"),
            (
                "pass",
                &history("HEALTHCHECK &{[\"CMD-SHELL\" \"curl -f http://localhost\"] \"0s\" \"0s\" \"0s\" \"0s\" '\\x00'}"),
                "history",
            ),
            (NA, &configured(json!({"ExposedPorts": ports, "Healthcheck": {"Test": ["NONE"]}})), "NONE"),
            (NA, &configured(json!({})), "ExposedPorts"),
        ],
    );
}

#[test]
fn health_checks_tool() {
    let check =
        json!({"Cmd": ["/app"], "Env": ["PATH=/usr/bin"], "Healthcheck": {"Test": ["CMD-SHELL", "curl -f http://localhost || exit 1"]}});
    let installed = [("RUN apt-get install -y curl", debs(&["curl"], 4000))];
    let mut scripted = debs(&["curl"], 4000);
    scripted.push(Entry::file("start.sh", "#!/bin/sh\ncurl http://x\nexec app\n").mode(0o755));
    expect(
        "config/healthcheck-tool",
        &[
            ("fail", &image(&installed, check.clone()), "layer 1 installs curl (4.01 kB"),
            ("fail", &configured(check.clone()), "not in the image"),
            ("pass", &image(&[("RUN apt-get install -y curl", scripted)], check.clone()), "more than that"),
            ("pass", &image(&[("RUN base", vec![file("usr/bin/curl", 10)])], check), "no own package"),
            ("pass", &configured(json!({"Healthcheck": {"Test": ["CMD", "/app", "ping"]}})), "neither"),
            (NA, &configured(json!({})), "no health check"),
        ],
    );
}

/// A value that must never be seen, under names and in forms that all give it away.
const SECRET: &str = "s3cr3t-Value-7";

#[test]
fn secrets_by_name_only() {
    let spec = |config: Value, rows: &[String]| {
        let mut spec = ImageSpec::new(&[Layer::new(&[file("app", 10)])]);
        spec.config = config;
        let first = json!({"created_by": rows.first().map_or("COPY app / # buildkit", String::as_str)});
        let rest = rows.iter().skip(1).map(|row| json!({"created_by": row, "empty_layer": true}));
        let history: Vec<Value> = std::iter::once(first).chain(rest).collect();
        Layout::of(&spec.history(history.into()))
    };
    let url = format!("postgres://app:{SECRET}@db/app");
    let token = format!("ghp_{}", "A1b2".repeat(9));
    let cases = [
        (spec(json!({"Env": [format!("DB_PASSWORD={SECRET}")]}), &[]), "ENV DB_PASSWORD"),
        (spec(json!({"Env": [format!("DSN={url}")]}), &[]), "ENV DSN"),
        (spec(json!({"Env": [format!("GIT={token}")]}), &[]), "ENV GIT"),
        (spec(json!({}), &[format!("RUN |2 NPM_TOKEN={SECRET} A=1 /bin/sh -c npm ci # buildkit")]), "ARG NPM_TOKEN"),
        (spec(json!({}), &["COPY a /".to_owned(), format!("ARG API_KEY=\"{SECRET} and more\"")]), "ARG API_KEY"),
        (spec(json!({}), &["COPY a /".to_owned(), format!("/bin/sh -c #(nop)  ENV MODE=x APP_SECRET={SECRET}")]), "ENV APP_SECRET"),
        (spec(json!({}), &["COPY a /".to_owned(), format!("ENV OLD_PASSWORD {SECRET}")]), "ENV OLD_PASSWORD"),
    ];
    for (layout, name) in &cases {
        expect("config/secret-env", &[("fail", layout, name)]);
        for format in ["table", "json", "csv"] {
            let outcome = run(&["checklist", layout.arg(), "--format", format]);
            let all = outcome.text() + &outcome.stderr;
            assert!(!all.contains(SECRET) && !all.contains("s3cr3t") && !all.contains("ghp_"), "{name} in {format}: {all}");
        }
    }
    let harmless = json!({"Env": [
        "API_TOKEN=", "API_KEY=changeme", "DB_PASSWORD=${DB_PASSWORD}", "GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305",
        "PASSWORD_FILE=/run/secrets/pw", "TLS_KEY=/etc/tls/key.pem", "NEXT_PUBLIC_API_KEY=pk", "URL=https://host/path"
    ]});
    expect("config/secret-env", &[("pass", &spec(harmless, &["COPY a /".to_owned(), "ARG NPM_TOKEN".to_owned()]), "no variable")]);
}

#[test]
fn python_environment() {
    let python =
        |env: &[&str], cmd: &[&str], entries: Vec<Entry>| image(&[("COPY app /app # buildkit", entries)], json!({"Env": env, "Cmd": cmd}));
    let compiled = || vec![file("app/__pycache__/m.cpython-312.pyc", 10)];
    let start = ["uvicorn", "main:app"];
    let both = ["PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1"];
    expect(
        "config/python-env",
        &[
            ("fail", &python(&[], &start, Vec::new()), "PYTHONUNBUFFERED"),
            ("fail", &python(&both, &start, compiled()), "/app/__pycache__/m.cpython-312.pyc"),
            ("pass", &python(&both, &start, Vec::new()), "PYTHONUNBUFFERED"),
            ("pass", &python(&["PYTHONUNBUFFERED=1"], &start, compiled()), "PYTHONUNBUFFERED"),
            ("pass", &python(&[], &["python3.12", "-u", "main.py"], Vec::new()), "-u"),
            (NA, &python(&[], &["/app"], Vec::new()), "Python"),
        ],
    );
}

#[test]
fn labels() {
    let named = |names: &[&str]| {
        let labels: serde_json::Map<String, Value> =
            names.iter().map(|name| (format!("org.opencontainers.image.{name}"), "x".into())).collect();
        configured(json!({"Labels": labels}))
    };
    expect(
        "config/no-labels",
        &[("fail", &named(&["source"]), "revision and version not set"), ("pass", &named(&["source", "revision", "version"]), "are set")],
    );
}

#[test]
fn size_target() {
    let big = |config: Value| image(&[("COPY app /app # buildkit", vec![file("app", 40_000)])], config);
    let python = big(json!({"Cmd": ["python3", "a.py"]}));
    let other = big(json!({"Cmd": ["/app"]}));
    expect("config/size-target", &[("pass", &python, "within 200 MB for a Python service"), (NA, &other, "no target")]);
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("c.toml");
    for (target, expected, evidence) in [
        ("\"30kB\"", "fail", "10.0 kB above the limit of 30.0 kB as configured"),
        ("40000", "pass", "within 40.0 kB"),
        ("{ good = \"10kB\", acceptable = \"20kB\", limit = \"50kB\" }", "fail", "above the acceptable size of 20.0 kB"),
        ("{ good = \"10kB\", acceptable = \"45kB\" }", "pass", "good is 10.0 kB"),
    ] {
        std::fs::write(&path, format!("[checklist]\nsize-target = {target}")).expect("a new file");
        assert_check("config/size-target", expected, &[other.arg(), "--config", path.to_str().expect("plain")], evidence);
    }
}

/// Configuration leaves checks out, raises them, and accepts a failure with a reason.
#[test]
fn levels_and_exceptions() {
    let layout = configured(json!({"Cmd": ["/app"]}));
    let directory = tempfile::tempdir().expect("a temporary directory");
    let text = "[levels]\n\"config/no-labels\" = \"off\"\n\"config/root-user\" = \"fail\"\n[[allow]]\nrule = \"config/root-user\"\nreason = \"needs port 80\"";
    std::fs::write(directory.path().join("plimsoll.toml"), text).expect("a new file");
    let outcome = Outcome::of(plimsoll().current_dir(directory.path()).args(["checklist", layout.arg(), "--format", "json"]));
    outcome.assert_status(0);
    let found = outcome.json();
    let checks = found["checks"].as_array().expect("checks");
    assert_eq!(checks.len(), 14);
    let root = checks.iter().find(|check| check["id"] == "config/root-user").expect("the check");
    assert_eq!((&root["outcome"], &root["level"], &root["allowed"]), (&json!("fail"), &json!("fail"), &json!("needs port 80")));
    assert_eq!(found["failed"], 0, "what is accepted is no failure");
    let table = Outcome::of(plimsoll().current_dir(directory.path()).args(["checklist", layout.arg()])).text();
    assert!(table.contains("allow  config/root-user") && table.contains("allowed: needs port 80"), "{table}");
}

/// The table fits, says its outcomes in words, and colours them only when asked.
#[test]
fn the_table() {
    let layout = layered(&[("COPY . /app # buildkit", vec![file("app/.git/HEAD", 3000)])]);
    for columns in [80, 100, 120] {
        let table = Outcome::of(plimsoll().env("COLUMNS", columns.to_string()).args(["checklist", layout.arg()])).text();
        assert!(table.lines().all(|line| line.chars().count() <= columns), "{table}");
        for word in
            [" FAIL   stage/copy-all", " pass   config/secret-env", " n/a    base/unpinned", "→ add to .dockerignore, one a line: **/.git"]
        {
            assert!(table.contains(word), "{word}: {table}");
        }
        assert!(!table.contains('\x1b'));
    }
    assert!(run(&["checklist", layout.arg(), "--color", "always"]).text().contains("\x1b[1;31mFAIL"));
}

/// What is written is what the schema says.
#[test]
fn the_json_keeps_its_schema() {
    let schema: Value = run(&["schema", "checklist"]).json();
    let checker = jsonschema::validator_for(&schema).expect("a schema");
    let layout = layered(&[("COPY . /app # buildkit", vec![file("app/.git/HEAD", 3000)])]);
    let found = report(&["checklist", layout.arg()], 0);
    let errors: Vec<String> = checker.iter_errors(&found).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(found["schema"], "1.0");
    let csv = run(&["checklist", layout.arg(), "--format", "csv"]).text();
    assert_eq!(csv.lines().count(), 16, "a heading and 15 checks: {csv}");
}
