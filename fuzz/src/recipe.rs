//! Images out of text like the recipes of `../testdata/rules`, read without failing: what a line does
//! not say is guessed, and a line that says nothing is left out.

use crate::{archive, compress, tar};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Most of one file, of one image's files, and of its layers.
const FILE: usize = 300_000;
const ALL: usize = 4 << 20;
const LAYERS: usize = 12;

/// How the archive is written.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Layers are compressed.
    pub gzip: bool,
    /// Each line counts this often, with the names of packages and files numbered.
    pub times: usize,
}

/// A docker-archive of the image that the text describes.
pub fn build(text: &str, form: Form) -> Vec<u8> {
    let mut image = Image { left: ALL, ..Image::default() };
    for line in text.lines() {
        for time in 0..form.times {
            image.line(&if time == 0 { line.to_owned() } else { line.replace('a', &format!("a{time}")) });
        }
    }
    image.close();
    let mut archive = Vec::new();
    let (mut paths, mut diff_ids) = (Vec::new(), Vec::new());
    for (number, mut layer) in image.layers.into_iter().enumerate() {
        layer.resize(layer.len() + 1024, 0);
        diff_ids.push(format!("sha256:{}", archive::hex(&layer)));
        paths.push(format!("{number}/layer.tar"));
        let blob = if form.gzip { compress::gzip(&layer, 1) } else { layer };
        tar::file(&mut archive, &paths[number], &blob);
    }
    let config = json!({
        "os": "linux",
        "architecture": "amd64",
        "config": image.config,
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": image.history,
    });
    tar::file(&mut archive, "config.json", config.to_string().as_bytes());
    tar::file(
        &mut archive,
        "manifest.json",
        json!([{ "Config": "config.json", "RepoTags": ["a:1"], "Layers": paths }]).to_string().as_bytes(),
    );
    archive.resize(archive.len() + 1024, 0);
    archive
}

#[derive(Default, Clone)]
struct Package {
    version: String,
    words: BTreeMap<String, String>,
    files: Vec<String>,
}

#[derive(Default)]
struct Image {
    layers: Vec<Vec<u8>>,
    history: Vec<Value>,
    config: BTreeMap<String, Value>,
    env: Vec<String>,
    debs: BTreeMap<String, Package>,
    apks: BTreeMap<String, Package>,
    npms: BTreeMap<(String, String), Package>,
    changed: BTreeSet<&'static str>,
    contents: BTreeMap<String, Vec<u8>>,
    left: usize,
}

impl Image {
    fn line(&mut self, line: &str) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        if verb.len() > 1 && verb.chars().all(char::is_uppercase) {
            return self.instruction(verb, rest.trim(), line.trim());
        }
        if self.layers.is_empty() {
            self.layers.push(Vec::new());
        }
        let rest = rest.split(" # ").next().unwrap_or_default().trim();
        let (path, more) = rest.split_once(' ').unwrap_or((rest, ""));
        match verb {
            "+" => {
                let (path, content) = file(rest);
                self.write(&path, content);
            }
            "=" => {
                let content = self.contents.get(more.trim()).cloned().unwrap_or_default();
                self.write(path, content);
            }
            "d" => self.push(&format!("{rest}/"), b'5', "", b"", 0),
            "l" => self.push(path, b'2', more, b"", 0),
            "h" => self.push(path, b'1', more, b"", 0),
            "-" => self.remove(rest),
            "o" => self.push(&format!("{rest}/.wh..wh..opq"), b'0', "", b"", 0),
            "chown" => {
                let content = self.contents.get(rest).cloned().unwrap_or_default();
                self.push(rest, b'0', "", &content, 1000);
            }
            "deb" | "apk" | "pip" | "npm" => self.install(verb, rest),
            "undeb" => {
                self.changed.insert("deb");
                for path in self.debs.remove(rest).unwrap_or_default().files {
                    self.remove(&path);
                }
                self.remove(&format!("var/lib/dpkg/info/{rest}.list"));
            }
            "unapk" => {
                self.changed.insert("apk");
                for path in self.apks.remove(rest).unwrap_or_default().files {
                    self.remove(&path);
                }
            }
            _ => {}
        }
    }

    fn instruction(&mut self, verb: &str, rest: &str, line: &str) {
        self.close();
        let exec = || serde_json::from_str::<Value>(rest).ok().filter(Value::is_array).unwrap_or_else(|| json!(["/bin/sh", "-c", rest]));
        let mut by = line.to_owned();
        let mut layer = false;
        match verb {
            "FROM" if rest == "scratch" => return,
            "FROM" => {
                self.config.insert("Cmd".into(), json!(["bash"]));
                self.row("ADD rootfs.tar / # buildkit", true);
                by = "CMD [\"bash\"]".into();
            }
            "RUN" | "COPY" | "ADD" | "WORKDIR" => {
                layer = true;
                by = if verb == "RUN" { format!("RUN /bin/sh -c {rest} # buildkit") } else { format!("{line} # buildkit") };
            }
            "ENV" => {
                self.env.push(rest.to_owned());
                self.config.insert("Env".into(), json!(self.env));
            }
            "LABEL" => {
                let (key, value) = rest.split_once('=').unwrap_or((rest, ""));
                self.config.insert("Labels".into(), json!({ key: value }));
            }
            "CMD" => drop(self.config.insert("Cmd".into(), exec())),
            "ENTRYPOINT" => drop(self.config.insert("Entrypoint".into(), exec())),
            "HEALTHCHECK" => drop(self.config.insert("Healthcheck".into(), json!({ "Test": ["CMD-SHELL", rest] }))),
            "USER" => drop(self.config.insert("User".into(), rest.into())),
            _ => {}
        }
        self.row(&by, layer);
    }

    fn row(&mut self, by: &str, layer: bool) {
        if layer && self.layers.len() >= LAYERS {
            return;
        }
        if layer {
            self.layers.push(Vec::new());
        }
        if self.history.len() < 100 {
            let row =
                json!({ "created": "2025-06-15T15:06:40Z", "created_by": by, "empty_layer": !layer, "comment": "buildkit.dockerfile.v0" });
            self.history.push(row);
        }
    }

    /// An entry. Names are cut by the header: long ones are what `tar_walker` is for.
    fn push(&mut self, path: &str, kind: u8, link: &str, content: &[u8], owner: u32) {
        let Some(left) = self.left.checked_sub(content.len() + 512) else { return };
        self.left = left;
        let layer = self.layers.last_mut().expect("made before");
        let mut block = tar::header(path.as_bytes(), kind, content.len());
        let link = &link.as_bytes()[..link.len().min(100)];
        block[157..157 + link.len()].copy_from_slice(link);
        if owner > 0 {
            block[108..115].copy_from_slice(b"0001750");
        }
        tar::seal(&mut block);
        layer.extend_from_slice(&block);
        layer.extend_from_slice(content);
        let padding = content.len().wrapping_neg() % 512;
        layer.resize(layer.len() + padding, 0);
    }

    fn write(&mut self, path: &str, content: Vec<u8>) {
        self.push(path, b'0', "", &content, 0);
        self.contents.insert(path.to_owned(), content);
    }

    fn remove(&mut self, path: &str) {
        let (directory, name) = path.rsplit_once('/').map_or((String::new(), path), |(directory, name)| (format!("{directory}/"), name));
        self.contents.remove(path);
        self.push(&format!("{directory}.wh.{name}"), b'0', "", b"", 0);
    }

    /// `deb NAME VERSION … : files`, and the like.
    fn install(&mut self, kind: &str, rest: &str) {
        let (head, files) = rest.split_once(" :").unwrap_or((rest, ""));
        let mut words = head.split_whitespace().map(str::to_owned);
        let mut next = || words.next().unwrap_or_default();
        let project = if kind == "npm" { next() } else { String::new() };
        let (name, version) = (next(), next());
        let site = if kind == "pip" { next() } else { String::new() };
        let words =
            words.map(|word| word.split_once('=').map_or((word.clone(), String::new()), |(key, value)| (key.to_owned(), value.to_owned())));
        let mut package = Package { version, words: words.collect(), files: Vec::new() };
        let below = match kind {
            "pip" => format!("{site}/"),
            "npm" => format!("{project}/node_modules/{name}/"),
            _ => String::new(),
        };
        for text in files.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            let (path, content) = file(text);
            let path = format!("{below}{path}");
            self.write(&path, content);
            package.files.push(path);
        }
        let list = |word: &str| -> Vec<String> {
            package.words.get(word).into_iter().flat_map(|list| list.split(',')).map(str::to_owned).collect()
        };
        match kind {
            "deb" => {
                let paths: String = package.files.iter().map(|path| format!("/{path}\n")).collect();
                self.write(&format!("var/lib/dpkg/info/{name}.list"), paths.into_bytes());
                self.debs.insert(name, package);
                self.changed.insert("deb");
            }
            "apk" => {
                self.apks.insert(name, package);
                self.changed.insert("apk");
            }
            "pip" => {
                let record: String =
                    package.files.iter().map(|path| format!("{},,\n", path.strip_prefix(&below).unwrap_or(path))).collect();
                let needs: String = list("requires").iter().map(|need| format!("Requires-Dist: {need}\n")).collect();
                let directory = format!("{below}{name}-{}.dist-info", package.version);
                self.write(&format!("{directory}/METADATA"), format!("Name: {name}\nVersion: {}\n{needs}", package.version).into_bytes());
                self.write(&format!("{directory}/RECORD"), record.into_bytes());
                if package.words.contains_key("asked") {
                    self.write(&format!("{directory}/REQUESTED"), Vec::new());
                }
            }
            _ => {
                let needs: BTreeMap<String, &str> = list("needs").into_iter().map(|need| (need, "*")).collect();
                let manifest = json!({ "name": name, "version": package.version, "dependencies": needs });
                self.write(&format!("{below}package.json"), manifest.to_string().into_bytes());
                self.npms.insert((project, name), package);
                self.changed.insert("npm");
            }
        }
    }

    /// Writes the databases that the layer changed.
    fn close(&mut self) {
        let changed = std::mem::take(&mut self.changed);
        if changed.contains("deb") {
            let (mut status, mut states) = (String::new(), String::new());
            for (name, package) in &self.debs {
                status += &format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {}\n", package.version);
                for (word, key) in [("depends", "Depends"), ("recommends", "Recommends"), ("provides", "Provides")] {
                    if let Some(list) = package.words.get(word) {
                        status += &format!("{key}: {}\n", list.replace(',', ", "));
                    }
                }
                if package.words.contains_key("essential") {
                    status += "Essential: yes\n";
                }
                status += "\n";
                if package.words.contains_key("auto") {
                    states += &format!("Package: {name}\nArchitecture: amd64\nAuto-Installed: 1\n\n");
                }
            }
            self.write("var/lib/dpkg/status", status.into_bytes());
            self.write("var/lib/apt/extended_states", states.into_bytes());
        }
        if changed.contains("apk") {
            let (mut installed, mut world) = (String::new(), String::new());
            for (name, package) in &self.apks {
                installed += &format!("P:{name}\nV:{}\n", package.version);
                for (word, key) in [("depends", "D"), ("provides", "p")] {
                    if let Some(list) = package.words.get(word) {
                        installed += &format!("{key}:{}\n", list.replace(',', " "));
                    }
                }
                for path in &package.files {
                    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
                    installed += &format!("F:{directory}\nR:{name}\n");
                }
                installed += "\n";
                if package.words.contains_key("world") {
                    world += &format!("{name}\n");
                }
            }
            self.write("lib/apk/db/installed", installed.into_bytes());
            self.write("etc/apk/world", world.into_bytes());
        }
        if changed.contains("npm") {
            let projects: BTreeSet<String> = self.npms.keys().map(|(project, _)| project.clone()).collect();
            for project in projects {
                let mut packages = BTreeMap::new();
                for ((_, name), package) in self.npms.iter().filter(|((of, _), _)| *of == project) {
                    let dev = package.words.contains_key("dev");
                    packages.insert(format!("node_modules/{name}"), json!({ "version": package.version, "dev": dev }));
                }
                let lock = json!({ "lockfileVersion": 3, "packages": packages });
                self.write(&format!("{project}/node_modules/.package-lock.json"), lock.to_string().into_bytes());
            }
        }
    }
}

/// `PATH SIZE` or `PATH "TEXT"`.
fn file(text: &str) -> (String, Vec<u8>) {
    let text = text.trim();
    let (path, what) = text.split_once(' ').unwrap_or((text, "0"));
    let what = what.trim();
    let content = match what.strip_prefix('"') {
        Some(quoted) => unescaped(quoted.strip_suffix('"').unwrap_or(quoted)),
        None => {
            let size = what.parse::<usize>().unwrap_or_default().min(FILE);
            path.bytes().chain(*b"\n").cycle().take(size).collect()
        }
    };
    (path.to_owned(), content)
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'x') => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                out.push(u8::from_str_radix(&digits, 16).unwrap_or_default());
            }
            other => out.extend(other),
        }
    }
    out
}
