//! From the lines of a section to an image.

use super::{Expected, Section};
use crate::support::{Entry, ImageSpec, Layer};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Done = Result<(), String>;

/// What is at a path.
#[derive(Debug, Clone)]
enum Thing {
    File(Vec<u8>),
    Symlink(String),
    Directory,
}

/// A package of one of the databases that are one file.
#[derive(Debug, Clone, Default)]
struct Package {
    version: String,
    words: BTreeMap<String, String>,
    files: Vec<(String, Vec<u8>)>,
}

impl Package {
    fn has(&self, word: &str) -> bool {
        self.words.contains_key(word)
    }

    /// The words of `name=a,b`, joined with `by`.
    fn list(&self, name: &str, by: &str) -> Option<String> {
        Some(self.words.get(name)?.split(',').collect::<Vec<_>>().join(by))
    }
}

/// A section while its lines are read.
pub struct Builder {
    title: String,
    layers: Vec<Vec<Entry>>,
    history: Vec<Value>,
    config: Value,
    files: BTreeMap<String, Thing>,
    debs: BTreeMap<String, Package>,
    apks: BTreeMap<String, Package>,
    /// Packages of npm by project and name.
    npms: BTreeMap<(String, String), Package>,
    /// Databases that the layer changed; projects of npm by their directory.
    changed: BTreeSet<String>,
    expected: Option<Vec<String>>,
}

impl Builder {
    pub fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            layers: Vec::new(),
            history: Vec::new(),
            config: json!({"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"]}),
            files: BTreeMap::new(),
            debs: BTreeMap::new(),
            apks: BTreeMap::new(),
            npms: BTreeMap::new(),
            changed: BTreeSet::new(),
            expected: None,
        }
    }

    pub fn finish(self, rule: &str) -> Section {
        let place = format!("testdata/rules/{rule}.recipe, section `{}`", self.title);
        let mut expected = self.expected.unwrap_or_else(|| panic!("{place}: no EXPECT"));
        expected.sort();
        assert!(!self.layers.is_empty(), "{place}: no layers");
        let layers: Vec<_> = self.layers.iter().map(|entries| Layer::new(entries)).collect();
        let mut image = ImageSpec::new(&layers).history(Value::Array(self.history));
        image.config = self.config;
        Section { silent: self.title.starts_with("silent"), title: self.title, image, expected }
    }

    pub fn line(&mut self, line: &str) -> Done {
        if line.trim().is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (verb, rest) = line.split_once(' ').ok_or("expected a word and what it is about")?;
        if verb.chars().all(char::is_uppercase) && verb != "EXPECT" {
            self.close_layer();
            return self.instruction(verb, rest.trim(), line.trim());
        }
        let rest = without_remark(rest);
        if verb != "EXPECT" && self.layers.is_empty() {
            return Err("expected an instruction first".into());
        }
        match verb {
            "+" => {
                let (path, content) = file(rest)?;
                self.write(&path, content);
            }
            "=" => {
                let (path, of) = rest.split_once(' ').ok_or("expected two paths")?;
                let content = self.content(of.trim())?;
                self.write(path, content);
            }
            "d" => {
                self.files.insert(rest.to_owned(), Thing::Directory);
                self.push(Entry::dir(rest));
            }
            "l" => {
                let (path, target) = rest.split_once(' ').ok_or("expected a path and a target")?;
                self.files.insert(path.to_owned(), Thing::Symlink(target.to_owned()));
                self.push(Entry::symlink(path, target));
            }
            "h" => {
                let (path, target) = rest.split_once(' ').ok_or("expected a path and a target")?;
                let content = self.content(target)?;
                self.files.insert(path.to_owned(), Thing::File(content));
                self.push(Entry::hardlink(path, target));
            }
            "-" => self.remove(rest)?,
            "chown" => match self.files.get(rest) {
                Some(Thing::File(content)) => self.push(Entry::file(rest, content).owner(1000, 1000)),
                Some(Thing::Symlink(target)) => self.push(Entry::symlink(rest, target).owner(1000, 1000)),
                Some(Thing::Directory) => self.push(Entry::dir(rest).owner(1000, 1000)),
                None => return Err("expected a path that is there".into()),
            },
            "deb" | "apk" | "pip" | "npm" => self.install(verb, rest)?,
            "undeb" => {
                let package = self.debs.remove(rest).ok_or("expected a package that is there")?;
                self.uninstall("deb", &package)?;
                self.remove(&format!("var/lib/dpkg/info/{rest}.list"))?;
            }
            "unapk" => {
                let package = self.apks.remove(rest).ok_or("expected a package that is there")?;
                self.uninstall("apk", &package)?;
            }
            "EXPECT" => self.expect(rest)?,
            _ => return Err("expected a word that recipes know".into()),
        }
        Ok(())
    }

    /// An instruction: a layer, or a change of the configuration.
    fn instruction(&mut self, verb: &str, rest: &str, line: &str) -> Done {
        let mut row = json!({"created": "2025-06-15T15:06:40Z", "comment": "buildkit.dockerfile.v0"});
        let exec = || serde_json::from_str::<Value>(rest).ok().filter(Value::is_array).unwrap_or_else(|| json!(["/bin/sh", "-c", rest]));
        let pair = || rest.split_once('=').map(|(key, value)| (key.to_owned(), value.trim_matches('"').to_owned()));
        let mut created_by = line.to_owned();
        let layer = matches!(verb, "RUN" | "COPY" | "ADD" | "WORKDIR");
        match verb {
            "FROM" if rest == "scratch" => return Ok(()),
            "FROM" => {
                self.config["Cmd"] = json!(["bash"]);
                self.layers.push(Vec::new());
                row["created_by"] = "ADD rootfs.tar / # buildkit".into();
                self.history.push(row.clone());
                created_by = "CMD [\"bash\"]".into();
            }
            "RUN" => created_by = format!("RUN /bin/sh -c {rest} # buildkit"),
            "COPY" | "ADD" => created_by += " # buildkit",
            "WORKDIR" => self.config["WorkingDir"] = rest.into(),
            "ENV" => {
                let (key, value) = pair().ok_or("expected NAME=VALUE")?;
                let env = self.config["Env"].as_array_mut().expect("made so");
                env.retain(|known| known.as_str().and_then(|known| known.split_once('=')).is_none_or(|(known, _)| known != key));
                env.push(format!("{key}={value}").into());
            }
            "LABEL" => {
                let (key, value) = pair().ok_or("expected NAME=VALUE")?;
                self.config["Labels"][key] = value.into();
            }
            "CMD" => self.config["Cmd"] = exec(),
            "ENTRYPOINT" => {
                self.config["Entrypoint"] = exec();
                // What the base would start is forgotten, as engines do.
                if self.config["Cmd"] == json!(["bash"]) {
                    self.config["Cmd"] = Value::Null;
                }
            }
            "HEALTHCHECK" => {
                let command = rest.strip_prefix("CMD ").ok_or("expected CMD")?.trim();
                let exec = serde_json::from_str::<Vec<String>>(command).ok();
                let test: Vec<_> = match exec {
                    Some(words) => std::iter::once("CMD".to_owned()).chain(words).collect(),
                    None => vec!["CMD-SHELL".into(), command.into()],
                };
                created_by = format!("HEALTHCHECK &{{{test:?} \"30s\" \"3s\" \"0s\" \"0s\" '\\x00'}}").replace("\", \"", "\" \"");
                self.config["Healthcheck"] = json!({"Test": test});
            }
            "USER" => self.config["User"] = rest.into(),
            _ => return Err("expected an instruction that recipes know".into()),
        }
        row["created_by"] = created_by.into();
        if layer {
            self.layers.push(Vec::new());
        } else {
            row["empty_layer"] = true.into();
        }
        self.history.push(row);
        Ok(())
    }

    fn expect(&mut self, rest: &str) -> Done {
        self.close_layer();
        let expected = self.expected.get_or_insert_default();
        if rest == "nothing" {
            return if expected.is_empty() { Ok(()) } else { Err("expected no other EXPECT".into()) };
        }
        let mut words = rest.split_whitespace();
        let rule = words.next().ok_or("expected a rule")?;
        let known = plimsoll::rules::built_in().iter().find(|known| known.id == rule).ok_or("expected a rule that there is")?;
        let bytes = |word: Option<&str>| word.and_then(|word| word.parse().ok()).ok_or("expected bytes");
        let mut line = Expected { bytes: bytes(words.next())?, hidden: 0, base: false, level: known.level.name() };
        while let Some(word) = words.next() {
            match word {
                "hidden" => line.hidden = bytes(words.next())?,
                "base" => line.base = true,
                "info" | "warn" | "fail" => line.level = word,
                _ => return Err(format!("expected `hidden`, `base` or a level, found `{word}`")),
            }
        }
        expected.push(line.line(rule));
        Ok(())
    }

    fn push(&mut self, entry: Entry) {
        self.layers.last_mut().expect("looked at before").push(entry);
    }

    fn write(&mut self, path: &str, content: Vec<u8>) {
        self.push(Entry::file(path, &content));
        self.files.insert(path.to_owned(), Thing::File(content));
    }

    fn content(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.files.get(path) {
            Some(Thing::File(content)) => Ok(content.clone()),
            _ => Err(format!("expected a file at `{path}`")),
        }
    }

    fn remove(&mut self, path: &str) -> Done {
        let below = format!("{path}/");
        let count = self.files.len();
        self.files.retain(|known, _| known != path && !known.starts_with(&below));
        if self.files.len() == count {
            return Err(format!("expected something at `{path}`"));
        }
        self.push(Entry::whiteout(path));
        Ok(())
    }

    /// `deb NAME VERSION … : files`, and the like.
    fn install(&mut self, kind: &str, rest: &str) -> Done {
        let (head, files) = rest.split_once(" :").unwrap_or((rest, ""));
        let mut words = head.split_whitespace().map(str::to_owned);
        let mut next = |what: &str| words.next().ok_or_else(|| format!("expected {what}"));
        let project = if kind == "npm" { next("a directory")? } else { String::new() };
        let name = next("a name")?;
        let version = next("a version")?;
        let site = if kind == "pip" { next("a directory")? } else { String::new() };
        let words = words.map(|word| match word.split_once('=') {
            Some((key, value)) => (key.to_owned(), value.to_owned()),
            None => (word, String::new()),
        });
        let mut package = Package { version, words: words.collect(), files: Vec::new() };
        let known = match kind {
            "deb" => &["auto", "depends", "recommends", "provides", "essential"][..],
            "apk" => &["world", "depends", "provides"],
            "pip" => &["requires", "asked"],
            _ => &["dev"],
        };
        if let Some(word) = package.words.keys().find(|word| !known.contains(&word.as_str())) {
            return Err(format!("expected one of {known:?}, found `{word}`"));
        }
        for text in files.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            package.files.push(file(text)?);
        }
        let below = match kind {
            "pip" => format!("{site}/"),
            "npm" => format!("{project}/node_modules/{name}/"),
            _ => String::new(),
        };
        for (path, content) in &package.files {
            self.write(&format!("{below}{path}"), content.clone());
        }
        match kind {
            "deb" => {
                let list: String =
                    std::iter::once("/.\n".to_owned()).chain(package.files.iter().map(|(path, _)| format!("/{path}\n"))).collect();
                self.write(&format!("var/lib/dpkg/info/{name}.list"), list.into_bytes());
                self.debs.insert(name, package);
                self.changed.insert("deb".into());
            }
            "apk" => {
                self.apks.insert(name, package);
                self.changed.insert("apk".into());
            }
            "pip" => self.record(&site, &name, &package),
            _ => {
                let json = json!({"name": name, "version": package.version});
                self.write(&format!("{below}package.json"), json.to_string().into_bytes());
                self.npms.insert((project.clone(), name), package);
                self.changed.insert(format!("npm {project}"));
            }
        }
        Ok(())
    }

    fn uninstall(&mut self, kind: &str, package: &Package) -> Done {
        for (path, _) in &package.files {
            if self.files.contains_key(path) {
                self.remove(path)?;
            }
        }
        self.changed.insert(kind.into());
        Ok(())
    }

    /// A `.dist-info` directory.
    fn record(&mut self, site: &str, name: &str, package: &Package) {
        let info = format!("{}-{}.dist-info", name.replace('-', "_"), package.version);
        let mut metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {}\n", package.version);
        for needed in package.list("requires", "\n").iter().flat_map(|list| list.lines()) {
            metadata += &format!("Requires-Dist: {needed}\n");
        }
        let mut record: String = package.files.iter().map(|(path, content)| format!("{path},,{}\n", content.len())).collect();
        for own in ["METADATA", "RECORD", "INSTALLER"] {
            record += &format!("{info}/{own},,\n");
        }
        if package.has("asked") {
            record += &format!("{info}/REQUESTED,,\n");
            self.write(&format!("{site}/{info}/REQUESTED"), Vec::new());
        }
        self.write(&format!("{site}/{info}/METADATA"), metadata.into_bytes());
        self.write(&format!("{site}/{info}/INSTALLER"), b"pip\n".to_vec());
        self.write(&format!("{site}/{info}/RECORD"), record.into_bytes());
    }

    /// Writes the databases that the layer changed.
    fn close_layer(&mut self) {
        for changed in std::mem::take(&mut self.changed) {
            match changed.as_str() {
                "deb" => {
                    let (mut status, mut states) = (String::new(), String::new());
                    for (name, package) in &self.debs {
                        status +=
                            &format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {}\n", package.version);
                        let fields = [("depends", "Depends"), ("recommends", "Recommends"), ("provides", "Provides")];
                        for (word, field) in fields {
                            status += &package.list(word, ", ").map_or(String::new(), |list| format!("{field}: {list}\n"));
                        }
                        status += if package.has("essential") { "Essential: yes\n\n" } else { "\n" };
                        if package.has("auto") {
                            states += &format!("Package: {name}\nArchitecture: amd64\nAuto-Installed: 1\n\n");
                        }
                    }
                    self.write("var/lib/dpkg/status", status.into_bytes());
                    self.write("var/lib/apt/extended_states", states.into_bytes());
                }
                "apk" => {
                    let (mut installed, mut world) = (String::new(), String::new());
                    for (name, package) in &self.apks {
                        installed += &format!("P:{name}\nV:{}\nA:x86_64\n", package.version);
                        for (word, letter) in [("depends", 'D'), ("provides", 'p')] {
                            installed += &package.list(word, " ").map_or(String::new(), |list| format!("{letter}:{list}\n"));
                        }
                        for (path, _) in &package.files {
                            let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
                            installed += &format!("F:{directory}\nR:{name}\n");
                        }
                        installed.push('\n');
                        if package.has("world") {
                            world += &format!("{name}\n");
                        }
                    }
                    self.write("lib/apk/db/installed", installed.into_bytes());
                    self.write("etc/apk/world", world.into_bytes());
                }
                npm => {
                    let project = npm.strip_prefix("npm ").expect("the only other").to_owned();
                    let mut packages = json!({});
                    for ((_, name), package) in self.npms.iter().filter(|((of, _), _)| *of == project) {
                        let mut entry = json!({"version": package.version});
                        if package.has("dev") {
                            entry["dev"] = true.into();
                        }
                        packages[format!("node_modules/{name}")] = entry;
                    }
                    let lock = json!({"name": "app", "lockfileVersion": 3, "requires": true, "packages": packages});
                    self.write(&format!("{project}/node_modules/.package-lock.json"), lock.to_string().into_bytes());
                }
            }
        }
    }
}

/// `PATH SIZE` or `PATH "CONTENT"`.
fn file(text: &str) -> Result<(String, Vec<u8>), String> {
    let (path, what) = text.split_once(' ').ok_or("expected a path and a size or content")?;
    let what = what.trim();
    let content = match what.strip_prefix('"') {
        Some(quoted) => unquoted(quoted.strip_suffix('"').ok_or("expected a closing quote")?)?,
        None => noise(path, what.parse().map_err(|_| format!("expected a size, found `{what}`"))?),
    };
    Ok((path.to_owned(), content))
}

fn unquoted(text: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let plain = match byte {
            b'\\' => match rest.next() {
                Some(b'n') => b'\n',
                Some(b't') => b'\t',
                Some(b'x') => {
                    let digits = [rest.next(), rest.next()].map(Option::unwrap_or_default);
                    let digits = std::str::from_utf8(&digits).map_err(|error| error.to_string())?;
                    u8::from_str_radix(digits, 16).map_err(|error| error.to_string())?
                }
                Some(other @ (b'\\' | b'"')) => other,
                _ => return Err("expected \\n, \\t, \\x, \\\\ or \\\"".into()),
            },
            other => other,
        };
        out.push(plain);
    }
    Ok(out)
}

/// Bytes that depend on path and size alone (xorshift), and look like nothing known.
fn noise(path: &str, size: usize) -> Vec<u8> {
    let mut state = path.bytes().fold(size as u64 | 1 << 63, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)) | 1;
    let mut out = Vec::with_capacity(size + 8);
    while out.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(size);
    if let Some(first) = out.first_mut() {
        *first = 0x01;
    }
    out
}

/// A line without what follows ` # ` outside quotes.
fn without_remark(line: &str) -> &str {
    let mut quoted = false;
    let bytes = line.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' if at == 0 || bytes[at - 1] != b'\\' => quoted = !quoted,
            b'#' if !quoted && at > 0 && bytes[at - 1] == b' ' => return line[..at].trim(),
            _ => {}
        }
    }
    line.trim()
}
