//! Instructions that install: in two stages, and without some of the packages they name.

use super::super::Ground;
use crate::facts::Fact;
use crate::index::{Fate, Placed};
use crate::text::escaped;
use std::collections::BTreeSet;

/// Each of these layers' RUN without these packages. One whose text does not name them installs what a file lists.
pub(super) fn without(ground: &Ground<'_>, layers: &[usize], names: &[&str]) -> Vec<String> {
    layers.iter().map(|layer| one(ground, *layer, names)).collect()
}

fn one(ground: &Ground<'_>, layer: usize, names: &[&str]) -> String {
    let place = ground.places(&[layer]);
    let text = ground.text(layer);
    let Some(commands) = text.strip_prefix("RUN ").filter(|text| !text.starts_with('[') && !text.contains(['|', ';', '#'])) else {
        return format!("# {place}: leave them out of what it copies or installs");
    };
    let mut left = Vec::new();
    let mut named = false;
    for command in commands.split("&&").map(str::trim) {
        match shortened(command, names) {
            None => left.push(command.to_owned()),
            Some(shorter) => {
                named = true;
                left.extend(shorter);
            }
        }
    }
    match (named, left.is_empty()) {
        (false, _) => format!("# {place}: leave them out of the file that `{text}` installs from"),
        (true, true) => format!("# {place} goes: {text}"),
        (true, false) => format!("RUN {}", left.join(" && ")),
    }
}

/// What is left of a command that installs: itself without these names, or no command where that leaves nothing to
/// install; `None` where it names none of them.
fn shortened(command: &str, names: &[&str]) -> Option<Vec<String>> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let verb = words.iter().position(|word| matches!(*word, "install" | "add"))?;
    // `pytest[testing]==9.0` and `"pytest>=9"` name pytest.
    let bare = |word: &str| {
        let word = word.trim_matches(['"', '\'']);
        word[..word.find(['[', '=', '<', '>', '~', '!', '@']).unwrap_or(word.len())].to_ascii_lowercase().replace('_', "-")
    };
    let gone = |word: &&&str| names.iter().any(|name| *name == bare(word));
    let (head, operands) = words.split_at(verb + 1);
    let kept: Vec<&str> = operands.iter().filter(|word| !gone(word)).copied().collect();
    if kept.len() == operands.len() {
        return None;
    }
    // Only flags are left: nothing to install.
    let empty = kept.iter().all(|word| word.starts_with('-'));
    Some(if empty { Vec::new() } else { vec![[head, &kept].concat().join(" ")] })
}

/// Both stages of a Debian image in outline: what to install in each, and what to copy where that is known. A build that
/// was not `lean` may be in need of what is only recommended.
pub(super) fn stages(ground: &Ground<'_>, build: &[&str], lean: bool, stay: &[&str]) -> Vec<String> {
    /// Packages that are named.
    const NAMED: usize = 12;
    let install = |names: &[&str], lean: bool| {
        let more = if names.len() > NAMED { " …" } else { "" };
        let names = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(" ");
        let lean = if lean { " --no-install-recommends" } else { "" };
        format!("RUN apt-get update && apt-get install -y{lean} {names}{more}")
    };
    let mut lines = vec!["FROM … AS build".to_owned()];
    lines.extend((!build.is_empty()).then(|| install(build, lean)));
    lines.push("# build here".to_owned());
    lines.push("FROM …".to_owned());
    if !stay.is_empty() {
        lines.push(format!("{} \\", install(stay, true)));
        lines.push(" && rm -rf /var/lib/apt/lists/*".to_owned());
    }
    let paths = ground.index.paths();
    let live = |placed: &Placed<'_>| placed.fate == Fate::Live && placed.layer >= ground.base;
    let venvs: BTreeSet<String> = (ground.index.facts())
        .filter(|(placed, fact)| matches!(fact, Fact::Venv { .. }) && live(placed))
        .map(|(placed, _)| format!("/{}", escaped(&paths.path(paths.parent(placed.node)))))
        .collect();
    lines.extend(venvs.iter().take(3).map(|venv| format!("COPY --from=build {venv} {venv}")));
    if venvs.is_empty() {
        lines.push("COPY --from=build …".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_out() {
        let left = |command: &str| shortened(command, &["pytest", "black"]).map(|left| left.join(" && "));
        assert_eq!(left("pip install --no-cache-dir \"pytest>=8\" flask"), Some("pip install --no-cache-dir flask".to_owned()));
        assert_eq!(left("pip install -r requirements.txt pytest[x]==8 black"), Some("pip install -r requirements.txt".to_owned()));
        assert_eq!(left("pip install --quiet pytest"), Some(String::new()));
        assert_eq!(left("pip install pytest-cov"), None);
        assert_eq!(left("make pytest"), None);
    }
}
