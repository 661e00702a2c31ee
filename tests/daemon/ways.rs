//! How an engine is found and reached: variables, contexts, TLS, `ssh`.

use crate::engine::{Docker, path, plain_path, run};
use crate::{all, at, connect, docker, podman};
use plimsoll::daemon::{Address, Daemon, containerd_export, docker_endpoint, podman_endpoints};
use plimsoll::environment::Environment;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// The error of a connection that must fail.
#[track_caller]
fn refusal(environment: &Environment) -> String {
    let error = connect(environment).err().expect("no connection");
    assert_eq!(error.exit_code(), 4, "{error}");
    error.to_string()
}

/// An executable script.
fn script(directory: &Path, name: &str, text: &str) {
    let path = directory.join(name);
    fs::write(&path, format!("#!/bin/sh\n{text}")).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
}

#[test]
fn an_engine_that_does_not_run_is_told_from_one_that_does_not_listen() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let socket = directory.path().join("engine.sock");
    let absent = refusal(&at(&socket));
    let address = format!("asking Docker's engine at `unix://{}` (DOCKER_HOST): ", socket.display());
    assert_eq!(
        absent,
        format!("{address}no such socket; start the engine, or say where it listens: `--host`, DOCKER_HOST or `docker context use`")
    );
    drop(UnixListener::bind(&socket).expect("a socket"));
    let left = refusal(&at(&socket));
    assert!(left.starts_with(&format!("{address}connection refused; start the engine")), "{left}");
}

#[test]
fn the_default_socket_and_podmans_are_named_in_errors() {
    let endpoint = docker_endpoint(&Environment::default(), None).expect("a default");
    assert_eq!((endpoint.address.to_string().as_str(), endpoint.found_by.as_str()), ("unix:///var/run/docker.sock", "default socket"));
    let directory = tempfile::tempdir().expect("a temporary directory");
    let environment = Environment::of([("XDG_RUNTIME_DIR", plain_path(directory.path()))]);
    let endpoints = podman_endpoints(&environment, 12345).expect("valid");
    let error = Daemon::connect(&endpoints[0], &environment).err().expect("no service").to_string();
    let socket = directory.path().join("podman/podman.sock");
    assert!(
        error.starts_with(&format!("asking Podman's service at `unix://{}` (default socket): no such socket", socket.display())),
        "{error}"
    );
    assert!(error.contains("systemctl --user start podman.socket"), "{error}");
}

#[test]
fn an_option_comes_before_a_variable_and_that_before_a_context() {
    let environment = Environment::of([("DOCKER_HOST", "tcp://h:1"), ("DOCKER_CONTEXT", "absent")]);
    let endpoint = docker_endpoint(&environment, Some("unix:///o")).expect("valid");
    assert_eq!((endpoint.address, endpoint.found_by.as_str()), (Address::Unix("/o".into()), "`--host`"));
    assert_eq!(docker_endpoint(&environment, None).expect("valid").address.to_string(), "tcp://h:1");
    let environment = Environment::of([("DOCKER_CONTEXT", "absent"), ("HOME", "/nonexistent")]);
    let error = docker_endpoint(&environment, None).expect_err("no such context");
    assert_eq!(error.code(), "not-found");
    assert!(error.to_string().starts_with("context `absent`: no file `/nonexistent/.docker/contexts/meta/"), "{error}");
    // The name of the context that is none.
    let environment = Environment::of([("DOCKER_CONTEXT", "default"), ("HOME", "/nonexistent")]);
    assert_eq!(docker_endpoint(&environment, None).expect("a default").found_by, "default socket");
}

/// Docker's configuration with contexts that its own command line made.
struct Contexts {
    directory: TempDir,
}

impl Contexts {
    fn make(docker: &Docker) -> Self {
        let contexts = Self { directory: tempfile::tempdir().expect("a temporary directory") };
        let files = plain_path(docker.certificates.path()).to_owned();
        contexts.run(&["create", "local", "--docker", &format!("host=unix://{}", docker.socket().display())]);
        let remote = format!("host=tcp://127.0.0.1:{},ca={files}/ca.pem,cert={files}/cert.pem,key={files}/key.pem", docker.port);
        contexts.run(&["create", "remote", "--docker", &remote]);
        contexts.run(&["create", "careless", "--docker", &remote.replace(&format!("ca={files}/ca.pem"), "skip-tls-verify=true")]);
        contexts.run(&["create", "far", "--docker", "host=ssh://me@build.example.com:2222"]);
        contexts
    }

    fn run(&self, args: &[&str]) {
        run(Command::new("docker").arg("context").args(args).env_clear().env("PATH", path()).env("DOCKER_CONFIG", self.directory.path()));
    }

    fn environment(&self, more: &[(&str, &str)]) -> Environment {
        Environment::of([("DOCKER_CONFIG", plain_path(self.directory.path()))].into_iter().chain(more.iter().copied()))
    }
}

#[test]
fn contexts_are_read_as_docker_wrote_them() {
    let docker = docker();
    let contexts = Contexts::make(&docker);
    for name in ["local", "remote", "careless"] {
        let daemon = connect(&contexts.environment(&[("DOCKER_CONTEXT", name)])).expect(name);
        assert_eq!(daemon.endpoint().found_by, format!("context `{name}`"));
        assert!(daemon.image("demo:1").expect("an answer").is_some(), "{name}");
    }
    contexts.run(&["use", "remote"]);
    let current = docker_endpoint(&contexts.environment(&[]), None).expect("valid");
    assert_eq!(current.address.to_string(), format!("tcp://127.0.0.1:{}", docker.port));
    let other = docker_endpoint(&contexts.environment(&[("DOCKER_CONTEXT", "far")]), None).expect("valid");
    assert_eq!(other.address, Address::Ssh { destination: "me@build.example.com".into(), port: Some(2222), socket: None });
}

/// Variables for TLS with the files in `directory`.
fn tls(docker: &Docker, directory: &Path) -> Environment {
    Environment::of([
        ("DOCKER_HOST", format!("tcp://127.0.0.1:{}", docker.port)),
        ("DOCKER_TLS_VERIFY", "1".into()),
        ("DOCKER_CERT_PATH", plain_path(directory).into()),
    ])
}

#[test]
fn tls_proves_both_sides() {
    let docker = docker();
    let files = docker.certificates.path();
    let daemon = connect(&tls(&docker, files)).expect("an engine");
    let archive = all(daemon.save("demo:1", None).expect("an archive"));
    assert_eq!(archive.len(), run(docker.docker().args(["save", "demo:1"])).len());
    let stranger = refusal(&tls(&docker, &files.join("stranger")));
    assert!(stranger.contains("invalid peer certificate"), "the engine is not who it says: {stranger}");
    let anonymous = refusal(&tls(&docker, &files.join("anonymous")));
    assert!(
        anonymous.contains("CertificateRequired") || anonymous.contains("BadCertificate"),
        "the engine wants a certificate: {anonymous}"
    );
    let plain = Environment::of([("DOCKER_HOST", format!("tcp://127.0.0.1:{}", docker.port))]);
    assert!(refusal(&plain).contains("Client sent an HTTP request to an HTTPS server"), "{}", refusal(&plain));
    let missing = connect(&tls(&docker, &files.join("none"))).err().expect("no files");
    assert!(missing.to_string().starts_with(&format!("reading `{}/none/ca.pem` for TLS", files.display())), "{missing}");
}

/// A directory of programs in which `ssh` is a script, and what it needs around it.
struct Ssh {
    directory: TempDir,
}

impl Ssh {
    /// `then` is what follows when the script's arguments are the remote command.
    fn of(then: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for name in ["programs", "runtime"] {
            fs::create_dir(directory.path().join(name)).expect("a directory");
        }
        let log = directory.path().join("log");
        let text = format!("echo \"$@\" >>{}\nwhile [ \"$1\" != -- ]; do shift; done\nshift 2\n{then}\n", log.display());
        script(&directory.path().join("programs"), "ssh", &text);
        Self { directory }
    }

    fn environment(&self, variable: &str, host: &str) -> Environment {
        let programs = self.directory.path().join("programs");
        Environment::of([
            (variable, host.to_owned()),
            ("PATH", format!("{}:{}", programs.display(), path())),
            ("XDG_RUNTIME_DIR", plain_path(&self.directory.path().join("runtime")).to_owned()),
        ])
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).expect("a log")
    }

    /// Names left where the private socket was.
    fn left(&self) -> usize {
        fs::read_dir(self.directory.path().join("runtime")).expect("a directory").count()
    }
}

#[test]
fn over_ssh_docker_itself_reaches_its_engine() {
    let docker = docker();
    let ssh = Ssh::of(&format!("DOCKER_HOST=unix://{} exec \"$@\"", docker.socket().display()));
    let daemon = connect(&ssh.environment("DOCKER_HOST", "ssh://me@build.example.com:2222")).expect("an engine");
    assert_eq!(ssh.left(), 1, "one directory for the socket");
    let private = fs::read_dir(ssh.directory.path().join("runtime")).expect("a directory").next().expect("an entry").expect("readable");
    assert_eq!(private.metadata().expect("there").permissions().mode() & 0o777, 0o700);
    assert!(daemon.image("demo:1").expect("an answer").is_some());
    let stream = daemon.save("demo:1", None).expect("an archive");
    drop(daemon);
    let archive = all(stream);
    assert_eq!(archive.len(), run(docker.docker().args(["save", "demo:1"])).len(), "the stream outlives its client");
    assert_eq!(ssh.log(), "-p 2222 -o ConnectTimeout=30 -T -- me@build.example.com docker system dial-stdio\n", "one login serves all");
    assert_eq!(ssh.left(), 0, "nothing is left behind");
}

#[test]
fn over_ssh_a_stream_may_be_left_unread() {
    let docker = docker();
    let ssh = Ssh::of(
        &format!("echo $$ >>{{pid}}; DOCKER_HOST=unix://{} exec \"$@\"", docker.socket().display()).replace("{pid}", "\"${0%/*}/../pid\""),
    );
    let daemon = connect(&ssh.environment("DOCKER_HOST", "ssh://build.example.com")).expect("an engine");
    drop(daemon.save("demo:1", None).expect("an archive"));
    assert!(daemon.image("demo:1").expect("another connection").is_some());
    drop(daemon);
    assert_eq!(ssh.left(), 0);
    let pids = fs::read_to_string(ssh.directory.path().join("pid")).expect("a log");
    assert_eq!(pids.lines().count(), 2);
    for pid in pids.lines() {
        assert!(!Path::new("/proc").join(pid).exists(), "child {pid} has ended");
    }
}

#[test]
fn over_ssh_podman_itself_reaches_its_service() {
    let podman = podman();
    let ssh = Ssh::of("exec \"$@\"");
    let environment = ssh.environment("CONTAINER_HOST", &format!("ssh://build.example.com{}", podman.socket().display()));
    let endpoints = podman_endpoints(&environment, 0).expect("valid");
    let daemon = Daemon::connect(&endpoints[0], &environment).expect("a service");
    assert!(daemon.image("demo:1").expect("an answer").is_some());
    assert!(ssh.log().ends_with(&format!("podman --url unix://{} system dial-stdio\n", podman.socket().display())), "{}", ssh.log());
    // Where the address names no socket, Podman on that machine knows its own.
    let ssh = Ssh::of(&format!("CONTAINER_HOST=unix://{} exec \"$@\"", podman.socket().display()));
    let environment = ssh.environment("CONTAINER_HOST", "ssh://build.example.com");
    let endpoints = podman_endpoints(&environment, 0).expect("valid");
    assert!(Daemon::connect(&endpoints[0], &environment).expect("a service").image("demo:1").expect("an answer").is_some());
}

#[test]
fn what_ssh_says_is_in_the_error() {
    let ssh = Ssh::of("echo 'me@build.example.com: Permission denied (publickey).' >&2; exit 255");
    let error = refusal(&ssh.environment("DOCKER_HOST", "ssh://me@build.example.com"));
    assert!(error.starts_with("asking Docker's engine at `ssh://me@build.example.com` (DOCKER_HOST): "), "{error}");
    assert!(error.ends_with("`ssh` says: me@build.example.com: Permission denied (publickey)."), "{error}");
    assert_eq!(ssh.left(), 0);
    let nowhere = Environment::of([("DOCKER_HOST", "ssh://h"), ("PATH", plain_path(&ssh.directory.path().join("runtime")))]);
    assert_eq!(connect(&nowhere).err().expect("no program").to_string(), "the program `ssh` is not in PATH: install it");
}

#[test]
fn an_address_made_by_hand_is_checked_too() {
    let ssh = Ssh::of("exec \"$@\"");
    let environment = ssh.environment("DOCKER_HOST", "ssh://h");
    for destination in ["-oProxyCommand=touch x", "a b", "h;id", "h\n", ""] {
        let mut endpoint = docker_endpoint(&environment, None).expect("valid");
        endpoint.address = Address::Ssh { destination: destination.into(), port: None, socket: None };
        assert_eq!(Daemon::connect(&endpoint, &environment).err().expect(destination).exit_code(), 2, "{destination}");
    }
    assert!(!ssh.directory.path().join("log").exists(), "no program was run");
}

#[test]
fn nerdctl_comes_before_ctr_and_a_failure_is_told_at_the_end() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    script(directory.path(), "nerdctl", "echo \"$@\"; echo 'level=fatal\nno space' >&2; exit 7");
    script(directory.path(), "ctr", "exit 1");
    let environment =
        Environment::of([("PATH", format!("{}:{}", directory.path().display(), path())), ("CONTAINERD_NAMESPACE", "k8s.io".into())]);
    let platform = plimsoll::oci::Platform::parse("linux/arm64").expect("valid");
    let mut stream = containerd_export("app:1", Some(&platform), &environment).expect("a program");
    let mut text = String::new();
    let error = stream.read_to_string(&mut text).expect_err("a failure");
    assert_eq!(text, "--namespace k8s.io save --platform linux/arm64 app:1\n");
    assert_eq!(
        plimsoll::Error::io("reading")(error).to_string(),
        "exporting `app:1` from containerd's namespace `k8s.io` with `nerdctl`: exit status: 7: level=fatal; no space"
    );
    for (name, namespace) in [("--all", "k8s.io"), ("app", "--x"), ("app", "a/b"), ("a;b", "k8s.io")] {
        let environment = Environment::of([("PATH", path()), ("CONTAINERD_NAMESPACE", namespace.into())]);
        assert_eq!(containerd_export(name, None, &environment).err().expect(name).exit_code(), 2, "{name} {namespace}");
    }
}
