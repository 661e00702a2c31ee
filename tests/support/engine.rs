//! Real engines, started for a test and ended with it: Docker's, Podman's and containerd.
//!
//! They need root, as engines do. Everything of theirs is in a temporary directory; the plain
//! storage driver keeps them from mounting there.

#![allow(dead_code, reason = "each test file compiles its own copy and uses a part of it")]
#![allow(unreachable_pub, reason = "a test crate has no outside")]

use crate::support::testdata;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A safety net: a start takes a second or two, more on a busy machine.
const START: Duration = Duration::from_secs(120);
const STOP: Duration = Duration::from_secs(30);

/// A server in a directory of its own.
pub struct Server {
    child: Child,
    directory: TempDir,
}

impl Server {
    /// Runs `program` with what `arguments` makes of the directory, and waits until `ready`.
    fn start(program: &str, arguments: impl Fn(&Path) -> Vec<String>, ready: impl Fn(&Path) -> bool) -> Self {
        assert!(is_root(), "`{program}` needs root, and so does this test: run it as root, or in a container of root's");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let log = std::fs::File::create(directory.path().join("log")).expect("a log");
        let child = Command::new(program)
            .args(arguments(directory.path()))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("`{program}` cannot be started ({error}): `.ci/test` installs it"));
        let mut server = Self { child, directory };
        let begun = Instant::now();
        while !ready(server.path()) {
            let ended = server.child.try_wait().expect("a child");
            assert!(ended.is_none() && begun.elapsed() < START, "`{program}` does not answer:\n{}", server.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Politely first: only then does dockerd end the containerd that it started.
        let _ = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < STOP {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
        let below = |line: &&str| Path::new(line.split(' ').nth(1).unwrap_or_default()).starts_with(self.directory.path());
        for line in mounts.lines().filter(below).collect::<Vec<_>>().into_iter().rev() {
            let _ = Command::new("umount").args(["-l", line.split(' ').nth(1).unwrap_or_default()]).status();
        }
    }
}

/// One engine for all tests that run at a time; the last one that has it ends it.
pub struct Shared<T>(Mutex<Weak<T>>);

impl<T> Shared<T> {
    pub const fn new() -> Self {
        Self(Mutex::new(Weak::new()))
    }

    pub fn get(&self, start: impl FnOnce() -> T) -> Arc<T> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.upgrade().unwrap_or_else(|| {
            let new = Arc::new(start());
            *known = Arc::downgrade(&new);
            new
        })
    }
}

/// Docker's engine with the demo image as `demo:1`, on a socket and on TCP with TLS.
pub struct Docker {
    server: Server,
    pub certificates: Certificates,
    pub port: u16,
}

impl Docker {
    pub fn start() -> Self {
        let certificates = Certificates::make();
        let port = free_port();
        let arguments = |at: &Path| {
            // The machine's own configuration is not for this engine.
            std::fs::write(at.join("none.json"), "{}").expect("a file");
            let at = at.display();
            let certificates = certificates.path().display();
            let mut arguments = vec![
                format!("--data-root={at}/data"),
                format!("--exec-root={at}/exec"),
                format!("--pidfile={at}/pid"),
                format!("--config-file={at}/none.json"),
                format!("--host=unix://{at}/engine.sock"),
                format!("--host=tcp://127.0.0.1:{port}"),
            ];
            arguments.extend(["ca", "cert", "key"].map(|file| {
                let server = if file == "ca" { "" } else { "server-" };
                format!("--tls{}={certificates}/{server}{file}.pem", if file == "ca" { "cacert" } else { file })
            }));
            arguments.extend(
                ["--tlsverify", "--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"].map(str::to_owned),
            );
            arguments
        };
        let server = Server::start("dockerd", arguments, |at| {
            at.join("engine.sock").exists()
                && docker_at(&at.join("engine.sock")).arg("version").output().is_ok_and(|out| out.status.success())
        });
        let docker = Self { server, certificates, port };
        let archive = demo_archive(docker.server.path());
        run(docker.docker().args(["load", "--input", plain_path(&archive)]));
        docker
    }

    pub fn socket(&self) -> PathBuf {
        self.server.path().join("engine.sock")
    }

    /// The command line of Docker, which says what is true.
    pub fn docker(&self) -> Command {
        docker_at(&self.socket())
    }
}

fn docker_at(socket: &Path) -> Command {
    let mut command = Command::new("docker");
    command.env_clear().env("PATH", path()).env("HOME", "/nonexistent").env("DOCKER_HOST", format!("unix://{}", socket.display()));
    command
}

/// Podman's service with the demo image as `demo:1`, on a socket.
pub struct Podman(Server);

impl Podman {
    pub fn start() -> Self {
        let service = |at: &Path| {
            let mut arguments = Self::global(at);
            arguments.extend(["system", "service", "--time=0"].map(str::to_owned));
            arguments.push(format!("unix://{}/engine.sock", at.display()));
            arguments
        };
        let podman = Self(Server::start("podman", service, |at| std::os::unix::net::UnixStream::connect(at.join("engine.sock")).is_ok()));
        let archive = demo_archive(podman.0.path());
        run(podman.podman().args(["load", "--input", plain_path(&archive)]));
        podman
    }

    fn global(at: &Path) -> Vec<String> {
        ["root", "runroot", "tmpdir"]
            .iter()
            .map(|name| format!("--{name}={}/{name}", at.display()))
            .chain(["--storage-driver=vfs".into()])
            .collect()
    }

    pub fn socket(&self) -> PathBuf {
        self.0.path().join("engine.sock")
    }

    /// The command line of Podman, on the same store and without the service.
    pub fn podman(&self) -> Command {
        let mut command = Command::new("podman");
        command.args(Self::global(self.0.path()));
        command
    }
}

/// Podman's program with a store of its own, and no service.
pub struct Unserved(TempDir);

impl Unserved {
    pub fn new() -> Self {
        assert!(is_root(), "podman needs root here, and so does this test");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let at = directory.path().display();
        let storage = format!("[storage]\ndriver = \"vfs\"\ngraphroot = \"{at}/root\"\nrunroot = \"{at}/run\"\n");
        std::fs::write(directory.path().join("storage.conf"), storage).expect("a file");
        Self(directory)
    }

    /// What leads podman to the store.
    pub fn variables(&self) -> [(String, String); 2] {
        let storage = self.0.path().join("storage.conf");
        [("PATH".to_owned(), path()), ("CONTAINERS_STORAGE_CONF".to_owned(), plain_path(&storage).to_owned())]
    }

    pub fn podman(&self) -> Command {
        let mut command = Command::new("podman");
        command.envs(self.variables());
        command
    }

    /// With the demo image as `demo:1`.
    pub fn with_demo() -> Self {
        let podman = Self::new();
        let archive = demo_archive(podman.0.path());
        run(podman.podman().args(["load", "--input", plain_path(&archive)]));
        podman
    }
}

/// containerd with the demo image as `docker.io/library/demo:1` in the namespace `trial`.
pub struct Containerd(Server);

impl Containerd {
    pub const NAMESPACE: &str = "trial";

    pub fn start() -> Self {
        let arguments = |at: &Path| {
            let at = at.display();
            let configuration = format!(
                "version = 2\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n[plugins.\"io.containerd.internal.v1.opt\"]\npath = \"{at}/opt\"\n"
            );
            std::fs::write(format!("{at}/config.toml"), configuration).expect("a file");
            vec![
                format!("--config={at}/config.toml"),
                format!("--root={at}/root"),
                format!("--state={at}/state"),
                format!("--address={at}/engine.sock"),
            ]
        };
        let ready = |at: &Path| {
            at.join("engine.sock").exists()
                && Command::new("ctr")
                    .args(["--address", plain_path(&at.join("engine.sock")), "version"])
                    .output()
                    .is_ok_and(|out| out.status.success())
        };
        let containerd = Self(Server::start("containerd", arguments, ready));
        let archive = demo_archive(containerd.0.path());
        run(containerd.ctr().args(["images", "import", "--no-unpack", plain_path(&archive)]));
        containerd
    }

    pub fn socket(&self) -> PathBuf {
        self.0.path().join("engine.sock")
    }

    pub fn ctr(&self) -> Command {
        let mut command = Command::new("ctr");
        command.args(["--address", plain_path(&self.socket()), "--namespace", Self::NAMESPACE]);
        command
    }
}

/// `testdata/demo.tar` as an archive that every engine loads.
fn demo_archive(directory: &Path) -> PathBuf {
    let to = directory.join("demo.tar");
    let from = format!("oci-archive:{}", testdata("demo.tar").display());
    run(Command::new("skopeo").args(["copy", "--quiet", &from, &format!("docker-archive:{}:demo:1", to.display())]));
    to
}

/// An authority, and a server's and a client's certificate of it; a second authority that is not
/// the server's.
pub struct Certificates(TempDir);

impl Certificates {
    fn make() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let script = r#"
            set -e
            authority() {
                openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout "$1-key.pem" -out "$1.pem" -subj "/CN=$1" \
                    -addext basicConstraints=critical,CA:TRUE
            }
            certificate() {
                openssl req -newkey rsa:2048 -nodes -keyout "$1key.pem" -out request.pem -subj "/CN=localhost"
                printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=%s\nbasicConstraints=CA:FALSE\n' "$2" > extensions
                openssl x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile extensions -out "$1cert.pem"
            }
            authority ca
            certificate server- serverAuth
            certificate '' clientAuth
            mkdir stranger && cd stranger && authority ca && cp ../cert.pem ../key.pem . && cd ..
            mkdir anonymous && cp ca.pem anonymous/
        "#;
        run(Command::new("sh").args(["-c", script]).current_dir(directory.path()));
        Self(directory)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// What `command` prints; it must succeed.
#[track_caller]
pub fn run(command: &mut Command) -> Vec<u8> {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}: `.ci/test` installs it"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A path of ours as an argument.
pub fn plain_path(path: &Path) -> &str {
    path.to_str().expect("temporary directories have plain names")
}

/// Where the programs of these tests are.
pub fn path() -> String {
    std::env::var("PATH").expect("a PATH")
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|data| data.uid() == 0)
}
