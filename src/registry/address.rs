//! Hosts: as people write them, as URLs hold them, and how near they are.

use crate::error::{Error, Result};
use reqwest::Url;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A host, with a port where one was given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Address {
    /// In lower case, an IPv6 address in its brackets.
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

/// How near a host is, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// A name, or an address of the internet.
    Public,
    /// An address of a private network.
    Private,
    /// An address of this link: also where clouds keep the credentials of their machines.
    LinkLocal,
    /// This machine.
    Loopback,
}

impl Address {
    /// Parses `HOST[:PORT]` and nothing else: no user, no path.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::Usage(format!("host `{}`: expected HOST or HOST:PORT", text.escape_debug()));
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']');
        if !text.bytes().all(allowed) {
            return Err(wrong());
        }
        // `http`, so that a port 443 is kept: the URL drops a port that is its scheme's own.
        let plain = Url::parse(&format!("http://{text}/")).map_err(|_| wrong())?;
        let host = plain.host_str().ok_or_else(wrong)?.to_owned();
        let port = text.strip_suffix(":80").map_or(plain.port(), |_| Some(80));
        Ok(Self { host, port })
    }

    /// Where a URL leads; the port is always known.
    pub(super) fn of(url: &Url) -> Self {
        Self { host: url.host_str().unwrap_or_default().to_owned(), port: url.port_or_known_default() }
    }

    /// Whether this entry of a list means `other`: without a port it means all of the host's.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.host == other.host && (self.port.is_none() || self.port == other.port)
    }

    /// How near it is.
    pub(super) fn reach(&self) -> Reach {
        let host = self.host.trim_end_matches('.');
        if host == "localhost" || host.ends_with(".localhost") {
            return Reach::Loopback;
        }
        match host.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(IpAddr::V4(address)) => reach_v4(address),
            Ok(IpAddr::V6(address)) => reach_v6(address),
            Err(_) => Reach::Public,
        }
    }

    /// Whether the host is an address, not a name.
    pub(super) fn is_literal(&self) -> bool {
        self.host.starts_with('[') || self.host.parse::<Ipv4Addr>().is_ok()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    let [first, second, ..] = address.octets();
    match first {
        // 0.0.0.0 reaches this machine too.
        0 | 127 => Reach::Loopback,
        169 if second == 254 => Reach::LinkLocal,
        // Shared address space of carriers (RFC 6598): clouds use it inside.
        100 if second & 0xc0 == 64 => Reach::Private,
        _ if address.is_private() => Reach::Private,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let parts = address.segments();
    let v4 = || {
        let [.., a, b, c, d] = address.octets();
        reach_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Reach::Loopback,
        // IPv4 in other clothes: mapped, compatible, and translated by NAT64 (RFC 6052).
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => v4(),
        [first, ..] if first & 0xffc0 == 0xfe80 => Reach::LinkLocal,
        [first, ..] if first & 0xfe00 == 0xfc00 => Reach::Private,
        _ => Reach::Public,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        for (text, host, port) in [
            ("registry.example.com", "registry.example.com", None),
            ("Registry.Example.com:5000", "registry.example.com", Some(5000)),
            ("localhost:80", "localhost", Some(80)),
            ("localhost:443", "localhost", Some(443)),
            ("[::1]:5000", "[::1]", Some(5000)),
            ("[::1]", "[::1]", None),
        ] {
            let address = Address::parse(text).expect("a host");
            assert_eq!((address.host.as_str(), address.port), (host, port), "{text}");
        }
        for text in ["", "a/b", "user@host", "host?x", "host#x", "a b", "host:99999", "a\\b", "%61", "é", ":80", "http://x"] {
            assert!(Address::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_port_in_a_list_means_that_port_alone() {
        let address = |text| Address::parse(text).expect("a host");
        assert!(address("a.example.com").covers(&address("a.example.com:5000")));
        assert!(address("a.example.com:5000").covers(&address("a.example.com:5000")));
        assert!(!address("a.example.com:5000").covers(&address("a.example.com:5001")));
        assert!(!address("example.com").covers(&address("a.example.com")));
    }

    #[test]
    fn near_and_far() {
        for (text, reach) in [
            ("registry.example.com", Reach::Public),
            ("8.8.8.8", Reach::Public),
            ("172.32.0.1", Reach::Public),
            ("[2001:db8::1]", Reach::Public),
            ("10.1.2.3", Reach::Private),
            ("172.31.0.1:5000", Reach::Private),
            ("192.168.1.1", Reach::Private),
            ("100.100.100.200", Reach::Private),
            ("[fd00::1]", Reach::Private),
            ("[::ffff:10.0.0.1]", Reach::Private),
            ("169.254.169.254", Reach::LinkLocal),
            ("[fe80::1]", Reach::LinkLocal),
            ("[64:ff9b::a9fe:a9fe]", Reach::LinkLocal),
            ("127.0.0.53", Reach::Loopback),
            // What a URL makes of 127.0.0.1 as one number and in octal.
            ("2130706433", Reach::Loopback),
            ("0177.0.0.1", Reach::Loopback),
            ("0.0.0.0", Reach::Loopback),
            ("[::1]:5000", Reach::Loopback),
            ("[::]", Reach::Loopback),
            ("[::ffff:127.0.0.1]", Reach::Loopback),
            ("localhost:5000", Reach::Loopback),
            ("LOCALHOST.", Reach::Loopback),
            ("a.localhost", Reach::Loopback),
        ] {
            assert_eq!(Address::parse(text).expect("a host").reach(), reach, "{text}");
        }
    }
}
