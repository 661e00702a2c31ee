//! Addresses of engines, as `DOCKER_HOST`, `CONTAINER_HOST` and contexts write them.
//!
//! The grammar is docker/cli's (`opts/hosts.go`, `cli/connhelper/ssh`), read strictly: parts of an
//! address end up in a program's arguments, and on another machine in its shell.

use crate::error::{Error, Result};
use std::fmt;
use std::path::PathBuf;

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A socket of this machine.
    Unix(PathBuf),
    /// HTTP over TCP.
    Tcp {
        /// Name or number of the machine, IPv6 without brackets.
        host: String,
        /// TCP port.
        port: u16,
        /// HTTPS with these files, else plain HTTP.
        tls: Option<TlsFiles>,
    },
    /// The engine's command line on another machine, over `ssh`.
    Ssh {
        /// `host` or `user@host`, as `ssh` takes it.
        destination: String,
        /// TCP port, if not what `ssh` has for the host.
        port: Option<u16>,
        /// The engine's socket on that machine, if not the default one.
        socket: Option<String>,
    },
    /// A named pipe of Windows.
    Pipe(String),
}

/// What proves a client and an engine to each other. All files are PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Authorities that the engine's certificate must come from; without them the system's.
    pub ca: Option<PathBuf>,
    /// The client's certificate.
    pub certificate: Option<PathBuf>,
    /// The key of the client's certificate.
    pub key: Option<PathBuf>,
    /// Whether the engine's certificate is checked; only what a user configured turns it off.
    pub verify: bool,
}

/// Ports of Docker's engine that are registered with IANA: `docker` and `docker-s`.
const PLAIN_PORT: u16 = 2375;
const TLS_PORT: u16 = 2376;

impl Address {
    /// Parses `unix://PATH`, `[tcp://]HOST[:PORT]`, `ssh://[USER@]HOST[:PORT][/SOCKET]` or
    /// `npipe://PIPE`; `tls` is what TCP is to be spoken with.
    pub fn parse(text: &str, tls: Option<TlsFiles>) -> Result<Self> {
        let found = match text.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Some(Self::Unix(PathBuf::from(path))),
            Some(("npipe", path)) if !path.is_empty() => Some(Self::Pipe(path.to_owned())),
            Some(("ssh", rest)) => ssh(rest),
            Some(("tcp", rest)) => tcp(rest, tls),
            Some(_) => None,
            None => tcp(text, tls),
        };
        found.filter(|_| !text.contains(char::is_control)).ok_or_else(|| {
            Error::Usage(format!(
                "the engine's address `{}`: expected unix:///PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]",
                text.escape_debug()
            ))
        })
    }
}

fn tcp(rest: &str, tls: Option<TlsFiles>) -> Option<Address> {
    let (host, port) = host_and_port(rest.strip_suffix('/').unwrap_or(rest))?;
    if host.is_empty() && port.is_none() {
        return None;
    }
    let default = if tls.is_some() { TLS_PORT } else { PLAIN_PORT };
    // docker/cli's default where only a port is given.
    let host = if host.is_empty() { "127.0.0.1" } else { host };
    Some(Address::Tcp { host: host.to_owned(), port: port.unwrap_or(default), tls })
}

fn ssh(rest: &str) -> Option<Address> {
    let (authority, socket) = match rest.find('/') {
        Some(at) => (&rest[..at], Some(&rest[at..]).filter(|path| *path != "/")),
        None => (rest, None),
    };
    let (user, place) = authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
    let (host, port) = host_and_port(place)?;
    let socket_is_plain = socket.is_none_or(|path| path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-@+".contains(&b)));
    if host.is_empty() || !user.is_none_or(is_word) || !socket_is_plain {
        return None;
    }
    let destination = user.map_or_else(|| host.to_owned(), |user| format!("{user}@{host}"));
    Some(Address::Ssh { destination, port, socket: socket.map(str::to_owned) })
}

/// `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`.
fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        // Link-local addresses name an interface after a percent sign, which URLs cannot.
        host.parse::<std::net::Ipv6Addr>().ok()?;
        (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
    } else {
        let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
        if !host.is_empty() && !is_word(host) {
            return None;
        }
        (host, port)
    };
    match port {
        None => Some((host, None)),
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => Some((host, Some(port.parse().ok().filter(|port| *port != 0)?))),
        Some(_) => None,
    }
}

/// Whether no program takes it for an option and no shell for more than a word.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+".contains(&b))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { host, port, .. } => write!(f, "tcp://{}:{port}", Bracketed(host)),
            Self::Ssh { destination, port, socket } => {
                let (user, host) = destination.rsplit_once('@').map_or((None, &**destination), |(user, host)| (Some(user), host));
                write!(f, "ssh://{}{}{}", user.unwrap_or(""), if user.is_some() { "@" } else { "" }, Bracketed(host))?;
                if let Some(port) = port {
                    write!(f, ":{port}")?;
                }
                f.write_str(socket.as_deref().unwrap_or(""))
            }
            Self::Pipe(path) => write!(f, "npipe://{path}"),
        }
    }
}

/// A host as URLs write it.
pub(super) struct Bracketed<'a>(pub(super) &'a str);

impl fmt::Display for Bracketed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(':') { write!(f, "[{}]", self.0) } else { f.write_str(self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16) -> Address {
        Address::Tcp { host: host.into(), port, tls: None }
    }

    fn ssh(destination: &str, port: Option<u16>, socket: Option<&str>) -> Address {
        Address::Ssh { destination: destination.into(), port, socket: socket.map(str::to_owned) }
    }

    #[test]
    fn every_form_is_understood_and_shown_as_written() {
        for (text, address) in [
            ("unix:///run/d.sock", Address::Unix("/run/d.sock".into())),
            ("tcp://build.example.com:2375", tcp("build.example.com", 2375)),
            ("tcp://[::1]:80", tcp("::1", 80)),
            ("ssh://build.example.com", ssh("build.example.com", None, None)),
            ("ssh://me@build.example.com:2222", ssh("me@build.example.com", Some(2222), None)),
            ("ssh://me@[fd00::1]/run/user/1000/podman/podman.sock", ssh("me@fd00::1", None, Some("/run/user/1000/podman/podman.sock"))),
            ("npipe:////./pipe/docker_engine", Address::Pipe("//./pipe/docker_engine".into())),
        ] {
            let parsed = Address::parse(text, None).expect(text);
            assert_eq!(parsed, address, "{text}");
            assert_eq!(parsed.to_string(), text);
        }
    }

    #[test]
    fn what_is_left_out_has_the_clients_defaults() {
        assert_eq!(Address::parse("tcp://h", None).expect("valid"), tcp("h", 2375));
        assert_eq!(Address::parse("tcp://:4000/", None).expect("valid"), tcp("127.0.0.1", 4000));
        assert_eq!(Address::parse("h:4000", None).expect("valid"), tcp("h", 4000));
        assert_eq!(Address::parse("ssh://h/", None).expect("valid"), ssh("h", None, None));
        let tls = TlsFiles { ca: None, certificate: None, key: None, verify: true };
        let Address::Tcp { port, .. } = Address::parse("tcp://h", Some(tls)).expect("valid") else { panic!("TCP") };
        assert_eq!(port, 2376);
    }

    #[test]
    fn nothing_passes_for_an_option_or_for_a_shells_words() {
        for text in [
            "ssh://-oProxyCommand=x",
            "ssh://-oProxyCommand=x@h",
            "ssh://a b",
            "ssh://h;id",
            "ssh://$(id)@h",
            "ssh://h\n",
            "ssh://user:secret@h",
            "ssh://",
            "ssh://h/run/x;id",
            "ssh://h/run/x y",
            "ssh://h:0",
            "ssh://h:99999",
            "ssh://h:+22",
            "ssh://[fe80::1%eth0]",
            "tcp://a@b:1",
            "tcp://h:1/path",
            "tcp://h?x",
            "tcp://h:2375#x",
            "unix://relative",
            "unix:///a\u{1b}b",
            "http://h",
            "fd://3",
            "tcp://",
            "",
        ] {
            let error = Address::parse(text, None).expect_err(text);
            assert_eq!(error.exit_code(), 2, "{text}");
            assert!(!error.to_string().contains(['\n', '\u{1b}']), "{error}");
        }
    }
}
