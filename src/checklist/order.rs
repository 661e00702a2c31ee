//! The order of instructions, and what is done in one that should be done in another.

use super::look::{Look, Verdict, bytes, fail, not_applicable, pass};
use crate::facts::Ecosystem;
use crate::history::Verb;
use crate::index::{Cause, Fate};
use crate::render::size::percent;
use std::collections::{BTreeMap, BTreeSet};

/// Endings of files that people write.
const SOURCES: [&str; 14] = [".py", ".js", ".ts", ".mjs", ".tsx", ".jsx", ".go", ".rs", ".rb", ".php", ".java", ".kt", ".cs", ".ex"];
/// Files with such an ending that say what to install.
const MANIFESTS: [&str; 3] = ["setup.py", ".pnp.cjs", "noxfile.py"];

/// Whether a layer brings source text from the build context.
fn has_source(look: &Look<'_>, layer: usize) -> bool {
    let text = look.text(layer);
    if !matches!(look.verb(layer), Verb::Copy | Verb::Add) || text.contains("--from=") {
        return false;
    }
    let index = look.analysis.index;
    index.layer(layer).any(|placed| {
        let name = index.paths().name(placed.node);
        placed.entry.content_bytes > 0
            && look.analysis.attribution.owner(&placed).is_none()
            && SOURCES.iter().any(|ending| name.ends_with(ending.as_bytes()))
            && !MANIFESTS.iter().any(|manifest| name == manifest.as_bytes())
    })
}

pub(super) fn dependencies(look: &Look<'_>) -> Verdict {
    // An application that installs itself is one package; dependencies are more.
    let installs = |layer: &usize| look.verb(*layer) == Verb::Run && look.brought(*layer) > 1;
    let installed: Vec<usize> = look.own().filter(installs).collect();
    let Some(last) = installed.last() else {
        return not_applicable("no own RUN installs packages of a language");
    };
    let Some(source) = look.own().find(|layer| has_source(look, *layer)) else {
        return not_applicable("no own instruction copies source text");
    };
    if source > *last {
        return pass(format!("dependencies come from {}, the source from {}", look.places(&installed), look.place(source)));
    }
    fail(
        format!("the source comes from {}, dependencies later from {}", look.place(source), look.place(*last)),
        "copy the lock file and install first: then a change to the source keeps the installed layer",
    )
    .at([source, *last])
}

/// Where package managers keep what they fetched.
const CACHES: [&str; 9] = [
    "var/lib/apt/lists/",
    "var/cache/apt/",
    "var/cache/apk/",
    "var/cache/dnf/",
    "var/cache/libdnf5/",
    "var/cache/yum/",
    "root/.cache/pip/",
    "root/.cache/uv/",
    "root/.npm/_cacache/",
];

pub(super) fn split_run(look: &Look<'_>) -> Verdict {
    let mut by_manager: BTreeMap<Ecosystem, BTreeSet<usize>> = BTreeMap::new();
    for installed in look.analysis.attribution.packages() {
        let counts = installed.ecosystem().is_system() || look.is_installed(installed);
        if counts && look.own().contains(&installed.layer) && look.verb(installed.layer) == Verb::Run {
            by_manager.entry(installed.ecosystem()).or_default().insert(installed.layer);
        }
    }
    let index = look.analysis.index;
    let mut late: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for placed in look.own().flat_map(|layer| index.layer(layer)) {
        if let Fate::Shadowed { by, cause: Cause::DeletedFile | Cause::DeletedDir | Cause::Opaque } = placed.fate
            && look.own().contains(&usize::from(by))
            && CACHES.iter().any(|cache| index.paths().path(placed.node).starts_with(cache.as_bytes()))
        {
            *late.entry((placed.layer, by.into())).or_default() += placed.entry.content_bytes;
        }
    }
    if let Some(((layer, by), sum)) = late.into_iter().max_by_key(|(_, sum)| *sum).filter(|(_, sum)| *sum > 0) {
        return fail(
            format!("{} deletes the package cache of {}: its {} stay in the image", look.place(by), look.place(layer), bytes(sum)),
            "clean up at the end of the RUN that installs, or use a cache mount",
        )
        .at([layer, by]);
    }
    let Some((manager, layers)) = by_manager.into_iter().max_by_key(|(_, layers)| layers.len()) else {
        return not_applicable("no own RUN installs packages");
    };
    let layers: Vec<usize> = layers.into_iter().collect();
    if layers.len() < 3 {
        return pass(format!("{} packages come from {}", manager.name(), look.places(&layers)));
    }
    let between = |hidden: &crate::index::Hidden| layers.contains(&hidden.payer) && layers.contains(&hidden.by);
    let sums = index.sums();
    let hidden: u64 = sums.hidden.iter().filter(|(hidden, _)| between(hidden)).map(|(_, all)| all.content_bytes).sum();
    fail(
        format!("{} packages come from {}, which hide {} of each other", manager.name(), look.places(&layers), bytes(hidden)),
        "join them: one RUN that installs all and cleans up",
    )
    .at(layers)
}

pub(super) fn chown(look: &Look<'_>) -> Verdict {
    /// Copies of fewer bytes are not worth a word.
    const LEAST: u64 = 64 << 10;
    let changes = |layer: &usize| {
        look.verb(*layer) == Verb::Run
            && look.text(*layer).split([' ', ';', '&', '|', '(']).any(|word| matches!(word, "chown" | "chmod" | "chgrp"))
    };
    let layers: Vec<usize> = look.own().filter(changes).collect();
    if layers.is_empty() {
        return not_applicable("no own RUN changes owner or mode");
    }
    let sums = look.analysis.index.sums();
    let copied = |layer: usize| -> u64 {
        let by = sums.hidden.iter().filter(|(hidden, _)| hidden.by == layer && hidden.cause == Cause::MetadataOnly);
        by.map(|(_, all)| all.content_bytes).sum()
    };
    let whole = |layer: usize| sums.layers[layer].total().content_bytes;
    let guilty: Vec<usize> =
        layers.iter().copied().filter(|layer| copied(*layer) >= LEAST && copied(*layer) * 2 >= whole(*layer)).collect();
    if guilty.is_empty() {
        return pass(format!("changes of owner or mode in {} store hardly anything again", look.places(&layers)));
    }
    let (again, all): (u64, u64) = (guilty.iter().map(|layer| copied(*layer)).sum(), guilty.iter().map(|layer| whole(*layer)).sum());
    fail(
        format!("{}: {} ({}) are files that were there already", look.places(&guilty), bytes(again), percent(again.min(all), all)),
        "COPY --chown=… --chmod=…, and create the user before the files",
    )
    .at(guilty)
}
