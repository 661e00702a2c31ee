//! Debian's package database. Sources: Debian Policy chapters 5 and 7, `dpkg(1)` "FILES",
//! `apt-get(8)`; distroless images keep one `status.d/NAME` for each package instead of `status`.

use super::{Ecosystem, Fact, Input, Interner, Owned, Package};

/// `var/lib/dpkg/status`, or one of `status.d`.
pub(super) fn status(input: &Input<'_>, _: &mut Interner<'_>) -> Result<Fact, String> {
    let text = String::from_utf8_lossy(input.content.whole()?);
    let mut packages = Vec::new();
    for paragraph in paragraphs(&text) {
        let mut package = Package { ecosystem: Ecosystem::Deb, files: Owned::Elsewhere, ..Package::default() };
        let mut installed = true;
        for (key, value) in paragraph {
            match key {
                "Package" => value.clone_into(&mut package.name),
                "Version" => value.clone_into(&mut package.version),
                "Architecture" => value.clone_into(&mut package.architecture),
                // `name (version)` where the version differs.
                "Source" => value.split(' ').next().unwrap_or_default().clone_into(&mut package.source),
                "Status" => installed = value.ends_with(" installed"),
                "Essential" => package.essential = value == "yes",
                "Depends" | "Pre-Depends" => package.depends.extend(relations(value)),
                "Recommends" => package.recommends.extend(relations(value)),
                "Provides" => package.provides.extend(relations(value).into_iter().flatten()),
                _ => {}
            }
        }
        if installed && !package.name.is_empty() {
            packages.push(package);
        }
    }
    Ok(Fact::Packages(packages))
}

/// `var/lib/dpkg/info/NAME.list`, a path a line; or `status.d/NAME.md5sums`, which has a checksum first.
pub(super) fn list(input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Fact, String> {
    let content = input.content.whole()?;
    let sums = input.path.ends_with(b".md5sums");
    let mut nodes = Vec::new();
    for line in content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let path = match line.iter().position(|byte| *byte == b' ') {
            Some(cut) if sums => line[cut..].trim_ascii_start(),
            _ => line,
        };
        // The root, which every package lists.
        if path != b"/." {
            nodes.push(interner.path(path));
        }
    }
    Ok(Fact::Files(nodes))
}

/// `var/lib/apt/extended_states`.
pub(super) fn extended_states(input: &Input<'_>) -> Result<Fact, String> {
    let text = String::from_utf8_lossy(input.content.whole()?);
    let mut automatic = Vec::new();
    for paragraph in paragraphs(&text) {
        let (mut name, mut auto) = ("", false);
        for (key, value) in paragraph {
            match key {
                "Package" => name = value,
                "Auto-Installed" => auto = value == "1",
                _ => {}
            }
        }
        if auto {
            automatic.push(name.to_owned());
        }
    }
    Ok(Fact::Automatic(automatic))
}

/// Paragraphs of `Key: value` lines; continuation lines, which no field here has, are left out.
fn paragraphs(text: &str) -> impl Iterator<Item = impl Iterator<Item = (&str, &str)>> {
    text.split("\n\n").map(|paragraph| {
        let lines = paragraph.lines().filter(|line| !line.starts_with([' ', '\t']));
        lines.filter_map(|line| line.split_once(':').map(|(key, value)| (key, value.trim())))
    })
}

/// `a (>= 1) | b:any, c [amd64]` as names: commas part needs, bars the alternatives for one.
fn relations(value: &str) -> Vec<Vec<String>> {
    let name = |text: &str| {
        let text = text.trim();
        text.split([' ', '(', '[', '<', ':']).next().unwrap_or_default().to_owned()
    };
    let needs = value.split(',').map(|need| need.split('|').map(name).filter(|name| !name.is_empty()).collect::<Vec<_>>());
    needs.filter(|need| !need.is_empty()).collect()
}
