//! Variables and labels.

use super::look::{Look, Verdict, fail, list, not_applicable, pass};
use crate::facts::is_secret_variable as leaks;
use crate::history::Verb;
use std::collections::BTreeSet;

/// `NAME=value NAME="a b"` or `NAME value`, as history has them.
fn pairs(body: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = body.trim_start();
    while let Some(equals) = rest.find('=') {
        let name = rest[..equals].trim();
        if name.contains(char::is_whitespace) {
            break;
        }
        let value = &rest[equals + 1..];
        let end = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(value.len(), |at| at + 2),
            _ => value.find(char::is_whitespace).unwrap_or(value.len()),
        };
        found.push((name, &value[..end]));
        rest = value[end..].trim_start();
    }
    // The old form, of one variable.
    if found.is_empty()
        && let Some((name, value)) = body.trim().split_once(char::is_whitespace)
    {
        found.push((name, value.trim()));
    }
    found
}

pub(super) fn secrets(look: &Look<'_>) -> Verdict {
    let mut found: BTreeSet<String> = BTreeSet::new();
    let mut add = |kind: &str, name: &str| {
        // A name of another form may be a part of a value.
        let plain =
            name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || byte == b'-');
        found.insert(format!("{kind} {}", if plain { name } else { "(an odd name)" }));
    };
    for (name, value) in look.config().env.iter().filter_map(|pair| pair.split_once('=')) {
        if leaks(name, value) {
            add("ENV", name);
        }
    }
    for row in &look.history {
        let kind = match row.verb {
            Verb::Env => "ENV",
            Verb::Arg => "ARG",
            _ => "",
        };
        if !kind.is_empty() {
            let body = row.text.split_once(' ').map_or("", |(_, body)| body);
            pairs(body).into_iter().filter(|(name, value)| leaks(name, value)).for_each(|(name, _)| add(kind, name));
        }
        row.build_args.iter().filter(|(name, value)| leaks(name, value)).for_each(|(name, _)| add("ARG", name));
    }
    if found.is_empty() {
        return pass("no variable of config.Env or history has a credential for a value");
    }
    let names: Vec<String> = found.into_iter().collect();
    fail(
        format!("{}: anyone who can pull the image can read it", names.join(", ")),
        "replace them; RUN --mount=type=secret for the build, the environment at run time",
    )
}

pub(super) fn python(look: &Look<'_>) -> Verdict {
    if !look.is_python() {
        return not_applicable("does not start a Python program");
    }
    let set = |name: &str| look.config().variable(name).is_some_and(|value| !value.is_empty());
    let unbuffered = set("PYTHONUNBUFFERED") || look.started().any(|word| word == "-u");
    if !unbuffered {
        return fail("config.Env has no PYTHONUNBUFFERED: what a crash printed last may be lost", "ENV PYTHONUNBUFFERED=1");
    }
    let on_purpose = look.history.iter().any(|row| row.text.contains("compileall") || row.text.contains("compile-bytecode"))
        || set("UV_COMPILE_BYTECODE");
    if set("PYTHONDONTWRITEBYTECODE") && !on_purpose {
        let index = look.analysis.index;
        let compiled = look.own().flat_map(|layer| index.layer(layer)).find(|placed| {
            let system =
                look.analysis.attribution.owner(placed).is_some_and(|id| look.analysis.attribution.package(id).ecosystem().is_system());
            !system && !placed.entry.kind.is_marker() && index.paths().name(placed.node).ends_with(b".pyc")
        });
        if let Some(placed) = compiled {
            return fail(
                format!(
                    "config.Env has PYTHONDONTWRITEBYTECODE, yet {} stores /{}",
                    look.place(placed.layer),
                    crate::text::escaped(&index.paths().path(placed.node))
                ),
                "pip install --no-compile, and __pycache__ in .dockerignore",
            )
            .at([placed.layer]);
        }
    }
    pass(if set("PYTHONUNBUFFERED") { "config.Env has PYTHONUNBUFFERED" } else { "started with `-u`" })
}

pub(super) fn labels(look: &Look<'_>) -> Verdict {
    const WANTED: [&str; 3] = ["source", "revision", "version"];
    let image = look.analysis.index.image();
    let has = |name: &&str| {
        let key = format!("org.opencontainers.image.{name}");
        image.config().label(&key).or(image.annotations.get(&key).map(String::as_str)).is_some_and(|value| !value.is_empty())
    };
    let (there, absent): (Vec<&str>, Vec<&str>) = WANTED.into_iter().partition(has);
    if absent.is_empty() {
        return pass(format!("org.opencontainers.image.{{{}}} are set", there.join(",")));
    }
    let absent: Vec<String> = absent.into_iter().map(str::to_owned).collect();
    fail(
        format!("org.opencontainers.image: {} not set in labels or annotations", list(&absent)),
        format!("docker build --label org.opencontainers.image.{}=…, or the build action's metadata", absent[0]),
    )
}
