//! Package URLs: names of packages that other tools understand.
//!
//! Source: the package URL specification (ECMA-427) and its type definitions, `purl-spec/types`.

use crate::facts::{Ecosystem, OsRelease, Package};
use std::fmt::Write as _;

/// The package URL of a package; `system` is the distribution that system packages are of.
pub fn purl(package: &Package, system: Option<&OsRelease>) -> String {
    let parts = Parts::new(package, system);
    let mut text = format!("pkg:{}", package.ecosystem.name());
    for part in parts.namespace.split('/').filter(|part| !part.is_empty()) {
        let _ = write!(text, "/{}", encoded(part));
    }
    let _ = write!(text, "/{}", encoded(&parts.name));
    if !parts.version.is_empty() {
        let _ = write!(text, "@{}", encoded(&parts.version));
    }
    // Sorted by key, as the specification wants them.
    let filled = parts.qualifiers.iter().filter(|(_, value)| !value.is_empty());
    for (number, (key, value)) in filled.enumerate() {
        let _ = write!(text, "{}{key}={}", if number == 0 { '?' } else { '&' }, encoded(value));
    }
    text
}

/// Group and name, where an ecosystem's names have two parts: npm's scope, Maven's group, Composer's vendor.
pub fn split_name(ecosystem: Ecosystem, name: &str) -> (&str, &str) {
    let cut = match ecosystem {
        Ecosystem::Npm if name.starts_with('@') => name.split_once('/'),
        Ecosystem::Composer => name.split_once('/'),
        Ecosystem::Maven => name.split_once(':'),
        _ => None,
    };
    cut.filter(|(_, rest)| !rest.is_empty()).unwrap_or(("", name))
}

struct Parts {
    namespace: String,
    name: String,
    version: String,
    qualifiers: Vec<(&'static str, String)>,
}

impl Parts {
    fn new(package: &Package, system: Option<&OsRelease>) -> Self {
        let (group, name) = split_name(package.ecosystem, &package.name);
        let mut parts =
            Self { namespace: group.to_owned(), name: name.to_owned(), version: package.version.clone(), qualifiers: Vec::new() };
        match package.ecosystem {
            Ecosystem::Deb | Ecosystem::Apk | Ecosystem::Rpm => parts.system(package, system),
            Ecosystem::Pypi => parts.name = parts.name.to_lowercase().replace('_', "-"),
            Ecosystem::Npm | Ecosystem::Composer => {
                parts.namespace = parts.namespace.to_lowercase();
                parts.name = parts.name.to_lowercase();
            }
            Ecosystem::Golang => {
                let path = parts.name.to_lowercase();
                let (namespace, name) = path.rsplit_once('/').unwrap_or(("", &path));
                (parts.namespace, parts.name) = (namespace.to_owned(), name.to_owned());
            }
            Ecosystem::Gem | Ecosystem::Cargo | Ecosystem::Maven | Ecosystem::Conda => {}
        }
        parts
    }

    fn system(&mut self, package: &Package, system: Option<&OsRelease>) {
        let id = system.map(|system| system.id.to_lowercase());
        self.namespace = match (package.ecosystem, id) {
            // The specification's name for it.
            (_, Some(id)) if id == "rhel" => "redhat".to_owned(),
            (_, Some(id)) => id,
            (Ecosystem::Deb, None) => "debian".to_owned(),
            (Ecosystem::Apk, None) => "alpine".to_owned(),
            (_, None) => String::new(),
        };
        let mut epoch = String::new();
        if package.ecosystem == Ecosystem::Rpm {
            if let Some((number, rest)) = package.version.split_once(':') {
                (epoch, self.version) = (number.to_owned(), rest.to_owned());
            }
        } else {
            self.name = self.name.to_lowercase();
        }
        // What it was built from: vulnerabilities of Debian and Alpine are told of sources.
        let upstream = if package.ecosystem == Ecosystem::Rpm { String::new() } else { package.source.clone() };
        let distro = system.map(distro).unwrap_or_default();
        self.qualifiers = vec![("arch", package.architecture.clone()), ("distro", distro), ("epoch", epoch), ("upstream", upstream)];
    }
}

/// `debian-12`; by its code name where it has no version.
fn distro(system: &OsRelease) -> String {
    let version = if system.version_id.is_empty() { system.version_codename.as_deref().unwrap_or_default() } else { &system.version_id };
    if version.is_empty() { system.id.clone() } else { format!("{}-{version}", system.id) }
}

/// Everything but what URLs never reserve, and the colon, which the specification leaves as it is.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => out.push(byte as char),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ecosystem: Ecosystem, name: &str, version: &str) -> Package {
        Package { ecosystem, name: name.to_owned(), version: version.to_owned(), ..Package::default() }
    }

    /// Most are examples of the specification.
    #[test]
    fn as_the_specification_has_them() {
        for (ecosystem, name, version, expected) in [
            (Ecosystem::Npm, "@angular/animation", "12.3.1", "pkg:npm/%40angular/animation@12.3.1"),
            (Ecosystem::Npm, "foobar", "12.3.1", "pkg:npm/foobar@12.3.1"),
            (Ecosystem::Pypi, "Django_allauth", "12.23", "pkg:pypi/django-allauth@12.23"),
            (Ecosystem::Maven, "org.apache.xmlgraphics:batik-anim", "1.9.1", "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1"),
            (Ecosystem::Maven, "unknown", "1", "pkg:maven/unknown@1"),
            (Ecosystem::Golang, "github.com/Gorilla/Context", "v1.0", "pkg:golang/github.com/gorilla/context@v1.0"),
            (Ecosystem::Golang, "stdlib", "1.22.1", "pkg:golang/stdlib@1.22.1"),
            (Ecosystem::Cargo, "clap", "2.33.0", "pkg:cargo/clap@2.33.0"),
            (Ecosystem::Composer, "Laravel/laravel", "5.5.0", "pkg:composer/laravel/laravel@5.5.0"),
            (Ecosystem::Gem, "ruby-advisory-db-check", "0.12.4", "pkg:gem/ruby-advisory-db-check@0.12.4"),
            (Ecosystem::Conda, "zlib", "1.2.13", "pkg:conda/zlib@1.2.13"),
            (Ecosystem::Deb, "libstdc++6", "12.2.0-14+deb12u1", "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1"),
            (Ecosystem::Gem, "a/b?c#d\u{1b}", "", "pkg:gem/a%2Fb%3Fc%23d%1B"),
        ] {
            assert_eq!(purl(&of(ecosystem, name, version), None), expected);
        }
    }

    #[test]
    fn packages_of_distributions() {
        let system = |id: &str, version: &str| OsRelease { id: id.to_owned(), version_id: version.to_owned(), ..OsRelease::default() };
        let arch = |package: Package, arch: &str| Package { architecture: arch.to_owned(), ..package };
        let curl = arch(of(Ecosystem::Rpm, "curl", "1:7.50.3-1.fc25"), "i386");
        assert_eq!(purl(&curl, Some(&system("fedora", "25"))), "pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25&epoch=1");
        let dpkg = arch(of(Ecosystem::Deb, "libc6", "1:2.36-9"), "amd64");
        let dpkg = Package { source: "glibc".to_owned(), ..dpkg };
        assert_eq!(purl(&dpkg, Some(&system("debian", "12"))), "pkg:deb/debian/libc6@1:2.36-9?arch=amd64&distro=debian-12&upstream=glibc");
        let apk = arch(of(Ecosystem::Apk, "musl", "1.2.4-r2"), "x86_64");
        assert_eq!(purl(&apk, Some(&system("wolfi", ""))), "pkg:apk/wolfi/musl@1.2.4-r2?arch=x86_64&distro=wolfi");
        assert_eq!(purl(&apk, None), "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64");
    }
}
