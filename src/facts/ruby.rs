//! Installed Ruby gems. Sources: RubyGems' `Gem::Specification` and `Gem::StubSpecification` (the
//! `# stub:` line) and its guide "Gem locations" for what lies beside `specifications`.

use super::names::{clip, last, parent};
use super::{Ecosystem, Fact, Input, Interner, Owned, Package};

/// Whether installed gems have their specifications here.
pub(super) fn is_home(directory: &[u8]) -> bool {
    let above = if last(directory) == b"default" { parent(directory) } else { directory };
    last(above) == b"specifications"
}

/// `specifications/NAME-VERSION.gemspec`, as RubyGems writes it on installation.
pub(super) fn gemspec(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Option<Fact>, String> {
    let text = String::from_utf8_lossy(input.content.whole()?);
    let stem = last(input.path).strip_suffix(b".gemspec").unwrap_or_default();
    let full = String::from_utf8_lossy(stem);
    let Some((name, version)) = stub(&text, &full).or_else(|| cut(&full)) else { return Ok(None) };
    let mut package = Package { ecosystem: Ecosystem::Gem, name: clip(name), version: clip(version), ..Package::default() };
    for line in text.lines() {
        let line = line.trim();
        // RubyGems before 3.3 wrote all a second time, with those for development, for its forebears.
        if line == "else" {
            break;
        }
        let call = line.split_once(".add_runtime_dependency(%q<").or_else(|| line.split_once(".add_dependency(%q<"));
        if let Some((need, _)) = call.and_then(|(_, rest)| rest.split_once('>')) {
            package.depends.push(vec![clip(need)]);
        }
    }
    package.depends.sort_unstable();
    package.depends.dedup();
    let mut home = parent(input.path);
    if last(home) == b"default" {
        home = parent(home);
    }
    let home = parent(home);
    let beside = |place: &str| [home, b"/", place.as_bytes()].concat();
    let own = [beside(&format!("gems/{full}")), beside(&format!("cache/{full}.gem")), beside(&format!("doc/{full}")), input.path.to_vec()];
    package.files = Owned::Below(own.iter().map(|path| interner.path(path)).collect());
    Ok(Some(Fact::Packages(vec![package])))
}

/// `# stub: NAME VERSION PLATFORM REQUIRE_PATHS`, near the top; believed if it fits the file's name.
fn stub<'t>(text: &'t str, full: &str) -> Option<(&'t str, &'t str)> {
    let line = text.lines().take(4).find_map(|line| line.strip_prefix("# stub: "))?;
    let mut words = line.split(' ');
    let (name, version) = (words.next()?, words.next()?);
    let rest = full.strip_prefix(name)?.strip_prefix('-')?.strip_prefix(version)?;
    (rest.is_empty() || rest.starts_with('-')).then_some((name, version))
}

/// `NAME-VERSION[-PLATFORM]`: the last part that starts with a digit and has a point, or else the
/// last that starts with a digit; platforms such as `arm64-darwin-22` have numbers too.
fn cut(full: &str) -> Option<(&str, &str)> {
    let starts = full.match_indices('-').map(|(at, _)| at).filter(|at| full[at + 1..].starts_with(|next: char| next.is_ascii_digit()));
    let part = |at: usize| full[at + 1..].split('-').next().unwrap_or_default();
    let mut found = None;
    for at in starts {
        if found.is_none_or(|before| part(at).contains('.') || !part(before).contains('.')) {
            found = Some(at);
        }
    }
    found.map(|at| (&full[..at], part(at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{fact, spelled};

    #[test]
    fn names_are_cut_from_versions() {
        assert_eq!(cut("rake-13.0.6"), Some(("rake", "13.0.6")));
        assert_eq!(cut("nokogiri-1.15.4-x86_64-linux"), Some(("nokogiri", "1.15.4")));
        assert_eq!(cut("google-protobuf-3.24.3-arm64-darwin-22"), Some(("google-protobuf", "3.24.3")));
        assert_eq!(cut("net-http2-2-0.5.0.pre1"), Some(("net-http2-2", "0.5.0.pre1")));
        assert_eq!(cut("odd-7"), Some(("odd", "7")));
        assert_eq!(cut("nothing"), None);
    }

    #[test]
    fn specification_as_rubygems_writes_it() {
        let text = b"# -*- encoding: utf-8 -*-\n# stub: racc 1.7.1 x86_64-linux lib\n# stub: ext/racc/cparse/extconf.rb\n\n\
            Gem::Specification.new do |s|\n  s.name = \"racc\".freeze\n  s.version = \"1.7.1\"\n\n  s.specification_version = 4\n\n  \
            s.add_runtime_dependency(%q<stringio>.freeze, [\"~> 1.0\"])\n  s.add_dependency(%q<strscan>.freeze, [\">= 0\"])\n  \
            s.add_development_dependency(%q<rake>.freeze, [\">= 0\"])\n  s.add_dependency(%q<strscan>, [\">= 0\"])\n  \
            else\n  s.add_dependency(%q<rake>.freeze, [\">= 0\"])\n  end\nend\n";
        let (paths, found) = fact("usr/lib/ruby/gems/3.2.0/specifications/default/racc-1.7.1-x86_64-linux.gemspec", text);
        let Ok(Some(Fact::Packages(packages))) = found else { panic!("{found:?}") };
        assert_eq!((packages[0].name.as_str(), packages[0].version.as_str()), ("racc", "1.7.1"));
        assert_eq!(packages[0].depends, [["stringio"], ["strscan"]]);
        assert_eq!(
            spelled(&paths, &packages[0].files),
            [
                "/usr/lib/ruby/gems/3.2.0/gems/racc-1.7.1-x86_64-linux",
                "/usr/lib/ruby/gems/3.2.0/cache/racc-1.7.1-x86_64-linux.gem",
                "/usr/lib/ruby/gems/3.2.0/doc/racc-1.7.1-x86_64-linux",
                "/usr/lib/ruby/gems/3.2.0/specifications/default/racc-1.7.1-x86_64-linux.gemspec",
            ]
        );
    }
}
