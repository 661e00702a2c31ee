//! Real registries on loopback: Debian's `docker-registry`, open, with passwords behind TLS, or
//! with tokens. What they hold was put there by skopeo, and what they were asked is in their log.

#![allow(dead_code, reason = "each test file compiles its own copy and uses a part of it")]
#![allow(unreachable_pub, reason = "a test crate has no outside")]

mod tokens;

use serde_json::json;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
#[allow(unused_imports, reason = "each test file compiles its own copy and uses a part of it")]
pub use tokens::{Asked, Terms, Tokens, Who};

/// Who may do everything, where a registry wants to know.
pub const USER: &str = "me";
/// The password, with a colon, as passwords may have.
pub const PASSWORD: &str = "pass:word";
/// What stands for the password at the token server.
pub const REFRESH_TOKEN: &str = "refresh+of/me=";
/// The bcrypt of [`PASSWORD`], by Apache's `htpasswd -nbB -C 5 me pass:word`.
const HTPASSWD: &str = "me:$2y$05$CvkYhgPOKkN6gvAUc9Eot.Yeed0WyB3KaNksp9EDfYMCtoRDLzIma\n";
/// How long anything may take before it counts as hanging.
const HANGING: Duration = Duration::from_secs(60);

/// Who may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everyone, over plain HTTP.
    Open,
    /// [`USER`] with [`PASSWORD`], over TLS.
    Basic,
    /// Whoever brings a token of [`Tokens`], over plain HTTP.
    Token,
}

/// One running registry, which ends with this value.
pub struct Registry {
    access: Access,
    folder: TempDir,
    server: Child,
    port: u16,
    tokens: Option<Tokens>,
}

/// A line of the registry's access log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// With its query.
    pub path: String,
    pub status: u16,
    /// Of the body that was sent.
    pub bytes: u64,
}

impl Registry {
    pub fn open() -> Self {
        Self::start(Access::Open)
    }

    pub fn basic() -> Self {
        Self::start(Access::Basic)
    }

    pub fn token() -> Self {
        Self::start(Access::Token)
    }

    /// Starts a registry and waits until it listens, on a port that the system chooses.
    pub fn start(access: Access) -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let at = |name: &str| folder.path().join(name);
        let tokens = (access == Access::Token).then(|| Tokens::start(folder.path()));
        // JSON is YAML.
        let mut configuration = json!({
            "version": "0.1",
            "log": { "level": "info", "accesslog": { "disabled": false } },
            "storage": { "filesystem": { "rootdirectory": at("data") }, "delete": { "enabled": true } },
            "http": { "addr": "127.0.0.1:0", "secret": "only for uploads in parts" },
        });
        if access == Access::Basic {
            std::fs::write(at("htpasswd"), HTPASSWD).expect("a file");
            certificates(folder.path());
            configuration["http"]["tls"] = json!({ "certificate": at("server.crt"), "key": at("server.key") });
            configuration["auth"] = json!({ "htpasswd": { "realm": "test", "path": at("htpasswd") } });
        }
        if let Some(tokens) = &tokens {
            configuration["auth"] = json!({ "token": tokens.configuration() });
        }
        std::fs::write(at("config.yml"), configuration.to_string()).expect("a file");
        let mut server = Command::new("docker-registry")
            .arg("serve")
            .arg(at("config.yml"))
            .env_clear()
            .stdin(Stdio::null())
            .stdout(File::create(at("access.log")).expect("a file"))
            .stderr(File::create(at("registry.log")).expect("a file"))
            .spawn()
            .expect("docker-registry is installed (see .ci/test)");
        let port = listening(&mut server, &at("registry.log"));
        Self { access, folder, server, port, tokens }
    }

    /// Host and port, as an image's name begins.
    pub fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// The image's whole name.
    pub fn name(&self, image: &str) -> String {
        format!("{}/{image}", self.host())
    }

    /// The certificate of the authority that has signed the registry's own.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority/ca.crt")
    }

    /// The token server; only of [`Access::Token`].
    pub fn tokens(&self) -> &Tokens {
        self.tokens.as_ref().expect("a registry with tokens")
    }

    /// Puts what skopeo calls `source` (`oci:DIR:NAME`, `oci-archive:FILE`) there as `image`.
    #[track_caller]
    pub fn push(&self, source: &str, image: &str) {
        let target = format!("docker://{}", self.name(image));
        self.skopeo("copy", "dest-", &["--all", source, &target]).expect("skopeo pushes");
    }

    /// Takes a blob out of the registry's storage, as a broken garbage collection would.
    pub fn lose(&self, digest: &str) {
        let hex = digest.strip_prefix("sha256:").expect("a digest");
        let blob = self.folder.path().join("data/docker/registry/v2/blobs/sha256").join(&hex[..2]).join(hex);
        std::fs::remove_dir_all(blob).expect("a blob");
    }

    /// What skopeo says to `skopeo COMMAND ARGUMENTS docker://IMAGE`, asked as [`USER`].
    #[track_caller]
    pub fn ask(&self, command: &str, arguments: &[&str], image: &str) -> String {
        let target = format!("docker://{}", self.name(image));
        self.skopeo(command, "", &[arguments, &[&target]].concat()).expect("skopeo reads")
    }

    /// Gets `image` with skopeo into the directory `target`, as skopeo's `dir:` has it.
    #[track_caller]
    pub fn pull(&self, image: &str, target: &Path) {
        let arguments = [format!("docker://{}", self.name(image)), format!("dir:{}", target.display())];
        self.skopeo("copy", "src-", &arguments.each_ref().map(String::as_str)).expect("skopeo pulls");
    }

    /// Runs skopeo as [`USER`]; its options for the registry begin with `side`. `Err` is its complaint.
    pub fn skopeo(&self, command: &str, side: &str, arguments: &[&str]) -> Result<String, String> {
        let credentials = [format!("--{side}creds"), format!("{USER}:{PASSWORD}")];
        let mut options = self.trust(side);
        if self.access != Access::Open {
            options.extend(credentials);
        }
        said(self.command(command).args(options).args(arguments))
    }

    /// Runs skopeo as nobody.
    pub fn skopeo_as_nobody(&self, command: &str, arguments: &[&str]) -> Result<String, String> {
        said(self.command(command).args(self.trust("")).arg("--no-creds").args(arguments))
    }

    /// Runs skopeo as `authfile` says.
    pub fn skopeo_with(&self, authfile: &Path, command: &str, arguments: &[&str]) -> Result<String, String> {
        said(self.command(command).args(self.trust("")).arg("--authfile").arg(authfile).args(arguments))
    }

    /// The file that `skopeo login` leaves.
    #[track_caller]
    pub fn login(&self) -> PathBuf {
        let authfile = self.folder.path().join("auth.json");
        let mut command = self.command("login");
        command.args(self.trust("")).arg("--authfile").arg(&authfile).args(["--username", USER, "--password", PASSWORD]).arg(self.host());
        said(&mut command).expect("skopeo logs in");
        authfile
    }

    fn command(&self, command: &str) -> Command {
        let mut skopeo = Command::new("skopeo");
        // Nothing that the user of this machine has logged in to.
        skopeo.env_clear().env("HOME", self.folder.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        skopeo.args(["--insecure-policy", "--command-timeout", "60s", command]).stdin(Stdio::null());
        skopeo
    }

    fn trust(&self, side: &str) -> Vec<String> {
        match self.access {
            Access::Basic => vec![format!("--{side}cert-dir"), self.folder.path().join("authority").display().to_string()],
            Access::Open | Access::Token => vec![format!("--{side}tls-verify=false")],
        }
    }

    /// What the registry was asked since it started, in the order of its answers' ends.
    ///
    /// A line is written when its answer is finished, which a client that has all bytes does not
    /// wait for: so the log is read until nothing more comes.
    pub fn requests(&self) -> Vec<Request> {
        let log = self.folder.path().join("access.log");
        let read = || std::fs::read_to_string(&log).expect("the registry's log");
        let mut text = read();
        loop {
            std::thread::sleep(Duration::from_millis(250));
            let next = read();
            if next == text {
                return text.lines().map(|line| Request::parse(line).unwrap_or_else(|| panic!("a line of a log: {line}"))).collect();
            }
            text = next;
        }
    }

    /// How often each blob was got from the registry since the first `past` requests, by digest.
    pub fn blobs(&self, past: usize) -> std::collections::BTreeMap<String, usize> {
        let mut times = std::collections::BTreeMap::new();
        for request in self.requests().into_iter().skip(past).filter(|request| request.method == "GET" && request.status < 300) {
            if let Some((_, digest)) = request.path.split_once("/blobs/sha256:") {
                *times.entry(format!("sha256:{digest}")).or_default() += 1;
            }
        }
        times
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Request {
    /// Parses a line of Apache's combined log format.
    fn parse(line: &str) -> Option<Self> {
        let mut quoted = line.split('"');
        let mut request = quoted.nth(1)?.split(' ');
        let mut answer = quoted.next()?.split_whitespace();
        Some(Self {
            method: request.next()?.to_owned(),
            path: request.next()?.to_owned(),
            status: answer.next()?.parse().ok()?,
            bytes: answer.next()?.parse().ok()?,
        })
    }
}

/// The port that a registry says it has got.
fn listening(server: &mut Child, log: &Path) -> u16 {
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(log).expect("the registry's log");
        let port = text.split("listening on 127.0.0.1:").nth(1).and_then(|rest| {
            let end = rest.find(|character: char| !character.is_ascii_digit())?;
            rest[..end].parse().ok()
        });
        if let Some(port) = port {
            return port;
        }
        let ended = server.try_wait().expect("a child");
        if ended.is_some() || start.elapsed() > HANGING {
            let _ = server.kill();
            let _ = server.wait();
            panic!("docker-registry does not listen ({ended:?}): {text}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// An authority (`authority/ca.crt`, where skopeo looks) and the registry's certificate by it.
fn certificates(folder: &Path) {
    std::fs::create_dir(folder.join("authority")).expect("a directory");
    let new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"];
    openssl(folder, &[&new[..], &["-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "authority/ca.crt"]].concat());
    let signed = ["-CA", "authority/ca.crt", "-CAkey", "ca.key", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.crt"];
    let names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"];
    openssl(folder, &[&new[..], &signed, &names].concat());
}

/// Runs openssl in `folder`.
fn openssl(folder: &Path, arguments: &[&str]) {
    said(Command::new("openssl").current_dir(folder).args(arguments).stdin(Stdio::null())).expect("openssl succeeds");
}

/// A program's standard output, or its complaint.
fn said(command: &mut Command) -> Result<String, String> {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?} is installed (see .ci/test): {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if status.success() { Ok(text(stdout)) } else { Err(text(stderr)) }
}
