//! How the container starts, as whom, and how it is asked whether it is well.

use super::look::{Look, SHELLS, Verdict, base_name, bytes, fail, list, not_applicable, pass};

/// Programs that start others and must be root for that.
const INITS: [&str; 7] = ["init", "systemd", "s6-svscan", "s6-overlay-init", "runit", "runsvdir", "supervisord"];

pub(super) fn user(look: &Look<'_>) -> Verdict {
    let Some(first) = look.started().next() else {
        return not_applicable("neither Entrypoint nor Cmd: a base for other images");
    };
    if SHELLS.contains(&base_name(first)) && look.started().count() == 1 {
        return not_applicable(format!("starts nothing but `{}`: a base for other images", base_name(first)));
    }
    if INITS.contains(&base_name(first)) {
        return not_applicable(format!("starts `{}`, which starts the services as their users", base_name(first)));
    }
    let user = look.config().user.trim();
    let advice = "create a user and set it by number: USER 10001:10001";
    match user.split(':').next().unwrap_or_default() {
        "" => fail("config.User is not set, so it is root", advice),
        "0" | "root" => fail(format!("config.User is `{user}`"), advice),
        name if name.bytes().all(|byte| byte.is_ascii_digit()) => pass(format!("config.User is `{user}`")),
        _ => pass(format!("config.User is `{user}` (Kubernetes can check only a number)")),
    }
}

pub(super) fn shell_form(look: &Look<'_>) -> Verdict {
    let config = look.config();
    let (field, words) = if config.entrypoint.is_empty() { ("config.Cmd", &config.cmd) } else { ("config.Entrypoint", &config.entrypoint) };
    let [program, rest @ ..] = words.as_slice() else {
        return not_applicable("neither Entrypoint nor Cmd");
    };
    // The command line itself is not shown: it may hold a password.
    // `bash -euo pipefail -c SCRIPT`: options, and what `-o` takes, come before.
    let of_o = |at: usize| at > 0 && rest[at - 1].starts_with('-') && rest[at - 1].ends_with('o');
    let options = rest.iter().enumerate().take_while(|(at, word)| word.starts_with('-') || of_o(*at));
    let takes = options.map(|(at, _)| at).find(|at| !rest[*at].starts_with("--") && rest[*at].ends_with('c') && !of_o(*at));
    let Some(takes) = takes.filter(|_| SHELLS.contains(&base_name(program))) else {
        return pass(format!("{field} starts `{}` itself", crate::text::escaped(base_name(program).as_bytes())));
    };
    let script = rest.get(takes + 1).map_or("", |script| script.as_str());
    let last = script.rsplit([';', '&', '\n']).map(str::trim).find(|part| !part.is_empty()).unwrap_or_default();
    if last.split_whitespace().next() == Some("exec") {
        return pass(format!("{field} is a shell's script that ends in `exec`"));
    }
    fail(
        format!("{field} is `{program} {} …`: the shell gets the signals, not the program", rest[takes]),
        format!("exec form: {} [\"program\", \"argument\"]", if field.ends_with("Cmd") { "CMD" } else { "ENTRYPOINT" }),
    )
}

/// Whether the health check is one: `NONE` switches off what the base has.
fn is_none(words: &[String]) -> bool {
    words.iter().find(|word| *word != "HEALTHCHECK").is_some_and(|word| word == "NONE")
}

pub(super) fn healthcheck(look: &Look<'_>) -> Verdict {
    let ports = look.config().exposed_ports.clone();
    match look.healthcheck() {
        Some(words) if is_none(&words) => not_applicable("HEALTHCHECK NONE switches it off"),
        Some(_) => pass(if look.config().healthcheck.test.is_empty() { "history has a HEALTHCHECK" } else { "config.Healthcheck is set" }),
        None if ports.is_empty() => not_applicable("config.ExposedPorts is empty: nothing to ask"),
        None => fail(
            format!("config.ExposedPorts has {}, config.Healthcheck is not set", list(&ports)),
            "HEALTHCHECK for Docker and Compose; Kubernetes needs probes instead and ignores it",
        ),
    }
}

/// Programs that fetch.
const FETCHERS: [&str; 2] = ["curl", "wget"];
/// Where programs are looked for when the image does not say.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

pub(super) fn healthcheck_tool(look: &Look<'_>) -> Verdict {
    let words = look.healthcheck().unwrap_or_default();
    if words.is_empty() || is_none(&words) {
        return not_applicable("no health check");
    }
    let Some((word, tool)) = words.iter().find_map(|word| FETCHERS.iter().find(|tool| base_name(word) == **tool).map(|tool| (word, *tool)))
    else {
        return pass("the health check calls neither curl nor wget");
    };
    let index = look.analysis.index;
    let path = look.config().variable("PATH").unwrap_or(PATH);
    let places: Vec<String> =
        if word.starts_with('/') { vec![word.clone()] } else { path.split(':').take(100).map(|part| format!("{part}/{tool}")).collect() };
    let advice = client(look);
    let Some(program) = places.iter().find_map(|place| index.find(place.as_bytes())) else {
        return fail(format!("the health check calls `{tool}`, which is not in the image"), advice);
    };
    let attribution = &look.analysis.attribution;
    let owner = attribution.owner(&program).filter(|id| attribution.package(*id).layer >= look.analysis.base.layers);
    let elsewhere = look.started().any(|word| word.split_whitespace().any(|word| base_name(word) == tool)) || look.script_mentions(tool);
    match owner {
        Some(id) if attribution.package(id).package.name == tool && attribution.package(id).asked != Some(false) && !elsewhere => fail(
            format!(
                "{} installs {tool} ({} without what it needs); only the health check is known to call it",
                look.place(attribution.package(id).layer),
                bytes(look.weight(&[id]))
            ),
            advice,
        )
        .at([attribution.package(id).layer]),
        Some(_) => pass(format!("the health check calls `{tool}`, which the image has for more than that")),
        None => pass(format!("the health check calls `{tool}`, which no own package brings")),
    }
}

/// A client that is there anyway.
fn client(look: &Look<'_>) -> &'static str {
    let starts = |program: &str| look.started().any(|word| base_name(word).starts_with(program));
    if look.is_python() {
        "use what is there: python -c \"import urllib.request as r; r.urlopen('http://localhost:PORT/health')\""
    } else if starts("node") || starts("npm") {
        "use what is there: node -e \"fetch('http://localhost:PORT/health').then(r => process.exit(r.ok ? 0 : 1))\""
    } else {
        "let the program check itself (PROGRAM --healthcheck), or probe it from outside"
    }
}
