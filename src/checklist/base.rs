//! The base, stages, and what comes from the build context.

use super::look::{Look, Verdict, bytes, fail, list, not_applicable, pass};
use crate::facts::Fact;
use crate::history::Verb;
use crate::index::Index;
use crate::paths::{NodeId, ROOT};
use crate::render::size::plural;
use crate::rules::matches;
use std::collections::{BTreeMap, BTreeSet};

/// The reason why tool chains are in place.
fn excused(look: &Look<'_>) -> Option<&'static str> {
    let evidence = &look.analysis.evidence;
    if evidence.builds() {
        Some("the image's purpose is building")
    } else if evidence.compiles() {
        Some("something in the image compiles at run time")
    } else {
        None
    }
}

pub(super) fn full_variant(look: &Look<'_>) -> Verdict {
    let base = 0..look.analysis.base.layers;
    if base.is_empty() {
        return not_applicable("nothing tells where the base ends (--base says which it is)");
    }
    if look.own().is_empty() {
        return not_applicable("no layers beside the base's");
    }
    if let Some(why) = excused(look) {
        return not_applicable(why);
    }
    if look.build_packages(&base, false).is_empty() {
        return pass(format!("no compiler among the packages of the base ({})", look.places(&base.collect::<Vec<_>>())));
    }
    let mut tools = look.build_packages(&base, true);
    tools.sort_by_key(|id| (std::cmp::Reverse(look.weights[*id as usize].content_bytes), *id));
    let names: Vec<String> = tools.iter().map(|id| look.name(*id).to_owned()).collect();
    fail(
        format!("the base carries {}: {} for building", list(&names), bytes(look.weight(&tools))),
        "start the final stage from the base's slim variant; build in another stage, from this one",
    )
    .at(base)
}

pub(super) fn unpinned(look: &Look<'_>) -> Verdict {
    let base = &look.analysis.base;
    let Some(name) = base.name.as_deref().filter(|name| *name != "scratch") else {
        return not_applicable("neither annotations nor labels name the base");
    };
    // BuildKit attests a digest of every base, and says apart from it whether FROM had one.
    let provenance = look.analysis.index.image().provenance();
    let attested = provenance.and_then(|provenance| provenance.images.iter().find(|image| image.name == name && image.is_of(base)));
    let digest = match attested {
        Some(image) => image.pinned,
        None => base.digest.is_some() || name.contains("@sha256:") || name.contains("@sha512:"),
    };
    let last = name.split('@').next().unwrap_or(name).rsplit('/').next().unwrap_or(name);
    let tag = last.split_once(':').map(|(_, tag)| tag);
    let field = if attested.is_some() { "FROM in the build's provenance" } else { "org.opencontainers.image.base.name" };
    let advice = "FROM NAME:TAG@sha256:…, and let a bot raise it";
    match (tag, digest) {
        (Some("latest"), _) => fail(format!("{field} is `{name}`: what `latest` means changes"), advice),
        (None, false) => fail(format!("{field} is `{name}`, without tag and digest"), advice),
        (_, false) => fail(format!("{field} is `{name}`, and nothing has its digest"), advice),
        (_, true) => pass(format!("{field} is `{name}`, with a digest")),
    }
}

/// Files that a build reads and nothing needs afterwards.
const INPUTS: [&str; 18] = [
    "requirements*.txt",
    "poetry.lock",
    "uv.lock",
    "Pipfile.lock",
    "pyproject.toml",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "Cargo.lock",
    "go.sum",
    "pom.xml",
    "build.gradle*",
    "composer.lock",
    "Gemfile.lock",
    "*.c",
    "*.cpp",
    "*.o",
    "*.whl",
];

pub(super) fn single(look: &Look<'_>) -> Verdict {
    if let Some(why) = excused(look) {
        return not_applicable(why);
    }
    let own = look.own();
    if own.is_empty() {
        return not_applicable("no layers beside the base's");
    }
    let mut tools = look.build_packages(&own, false);
    tools.sort_by_key(|id| (std::cmp::Reverse(look.weights[*id as usize].content_bytes), *id));
    let Some(tool) = tools.first() else {
        return pass("no compiler among the packages of the image's own layers");
    };
    let packages = look.analysis.attribution.packages();
    let outputs: Vec<&crate::attribution::Installed<'_>> =
        packages.iter().filter(|one| one.layer >= own.start && one.is_live() && look.is_installed(one)).collect();
    let index = look.analysis.index;
    let unowned = |node: NodeId| index.at(node).is_some_and(|placed| look.analysis.attribution.owner(&placed).is_none());
    let program = index
        .facts()
        .find(|(placed, fact)| placed.layer >= own.start && matches!(fact, Fact::Elf(_) | Fact::Venv { .. }) && unowned(placed.node));
    let input = own.clone().flat_map(|layer| index.layer(layer)).find(|placed| {
        let name = index.paths().name(placed.node);
        look.analysis.attribution.owner(placed).is_none() && INPUTS.iter().any(|pattern| matches(pattern.as_bytes(), name))
    });
    let output = match (outputs.first(), program) {
        (Some(first), _) => Some((plural(outputs.len() as u64, "package", "packages"), first.layer)),
        (None, Some((placed, _))) => Some((format!("/{}", crate::text::escaped(&index.paths().path(placed.node))), placed.layer)),
        (None, None) => None,
    };
    let (Some(input), Some((output, made))) = (input, output) else {
        return pass("build tools, their inputs and what they made are not all in own layers");
    };
    let all = look.build_packages(&own, true);
    let at = packages[*tool as usize].layer;
    let names: Vec<String> = tools.iter().map(|id| look.name(*id).to_owned()).collect();
    fail(
        format!(
            "{} of {}, {} and {output} of {} ship together; compilers and headers alone are {}, `plimsoll plan` counts what only they need too",
            list(&names),
            look.place(at),
            crate::text::escaped(index.paths().name(input.node)),
            look.place(made),
            bytes(look.weight(&all))
        ),
        "build in a first stage, and COPY --from=build only the virtual environment or the program",
    )
    .at([at, input.layer, made])
}

/// What a build context has and an image hardly needs: patterns of names, and the line for `.dockerignore`.
const CONTEXT: [(&str, &str); 24] = [
    (".git", "**/.git"),
    (".hg", "**/.hg"),
    (".svn", "**/.svn"),
    ("node_modules", "**/node_modules"),
    (".venv", "**/.venv"),
    ("venv", "**/venv"),
    ("tests", "**/tests"),
    ("test", "**/test"),
    ("__tests__", "**/__tests__"),
    ("docs", "**/docs"),
    ("__pycache__", "**/__pycache__"),
    (".pytest_cache", "**/.pytest_cache"),
    (".mypy_cache", "**/.mypy_cache"),
    (".ruff_cache", "**/.ruff_cache"),
    (".tox", "**/.tox"),
    (".github", ".github"),
    (".gitlab", ".gitlab"),
    (".idea", ".idea"),
    (".vscode", ".vscode"),
    (".DS_Store", "**/.DS_Store"),
    ("htmlcov", "**/htmlcov"),
    (".env", "**/.env"),
    (".env.*", "**/.env.*"),
    ("*.log", "**/*.log"),
];

pub(super) fn copy_all(look: &Look<'_>) -> Verdict {
    let layers: Vec<usize> = look.own().filter(|layer| copies_all(look, *layer)).collect();
    if layers.is_empty() {
        return not_applicable("no own instruction copies the whole build context");
    }
    let index = look.analysis.index;
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    let mut at = BTreeSet::new();
    for layer in &layers {
        for placed in index.layer(*layer) {
            if let Some(line) = ignored(index, placed.node) {
                *found.entry(line).or_default() += placed.entry.content_bytes;
                at.insert(*layer);
            }
        }
    }
    found.retain(|_, sum| *sum > 0);
    if found.is_empty() {
        return pass(format!("the whole build context, copied by {}, is clean", look.places(&layers)));
    }
    let mut found: Vec<(&str, u64)> = found.into_iter().collect();
    found.sort_by_key(|(line, sum)| (std::cmp::Reverse(*sum), *line));
    let at: Vec<usize> = at.into_iter().collect();
    let names: Vec<String> = found.iter().map(|(line, sum)| format!("{} {}", line.trim_start_matches("**/"), bytes(*sum))).collect();
    let lines: Vec<&str> = found.iter().map(|(line, _)| *line).collect();
    fail(format!("{} brought {}", look.places(&at), names.join(", ")), format!("add to .dockerignore, one a line: {}", lines.join(", ")))
        .at(at)
}

/// Whether an instruction copies all of the build context.
fn copies_all(look: &Look<'_>, layer: usize) -> bool {
    let text = look.text(layer);
    let words: Vec<&str> =
        text.split([' ', '[', ']', '"', ',']).filter(|word| !word.is_empty()).skip(1).skip_while(|word| word.starts_with("--")).collect();
    let sources = &words[..words.len().saturating_sub(1)];
    matches!(look.verb(layer), Verb::Copy | Verb::Add)
        && !text.contains("--from=")
        && sources.iter().any(|word| matches!(*word, "." | "./" | "dir:…") || word.starts_with("dir:"))
}

/// The line for the outermost name on the way to a path that an image hardly needs.
fn ignored(index: &Index, node: NodeId) -> Option<&'static str> {
    let (mut at, mut line) = (node, None);
    while at != ROOT {
        let name = index.paths().name(at);
        let template =
            name.ends_with(b".example") || name.ends_with(b".sample") || name.ends_with(b".template") || name.ends_with(b".dist");
        let of_name = CONTEXT.iter().find(|(pattern, _)| !template && matches(pattern.as_bytes(), name)).map(|(_, line)| *line);
        line = of_name.or(line);
        at = index.paths().parent(at);
    }
    line
}
