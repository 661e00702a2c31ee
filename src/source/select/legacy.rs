//! Archives from before `manifest.json` (Docker up to 1.9): `repositories` names the topmost
//! layer, and each layer's `json` names its parent. Source: Docker image specification v1.

use super::resolve::configured;
use super::{Candidate, Group, Origin, missing};
use crate::error::{Error, Result};
use crate::history::HistoryRow;
use crate::image::{Recipe, Wanted};
use crate::limits::Limits;
use crate::oci::{self, ImageConfig};
use crate::source::Store;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What `<id>/json` adds to an image configuration.
#[derive(Default, Deserialize)]
#[serde(default)]
struct V1 {
    parent: Option<String>,
    created: Option<String>,
    author: Option<String>,
    comment: Option<String>,
    container_config: Option<Container>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Container {
    cmd: Option<Vec<String>>,
}

pub(super) fn groups(repositories: &[u8]) -> Result<Vec<Group>> {
    let repositories: BTreeMap<String, BTreeMap<String, String>> = oci::parse(repositories, "repositories")?;
    let mut groups: Vec<Group> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (repository, tags) in repositories {
        for (tag, id) in tags {
            let name = format!("{repository}:{tag}");
            match seen.get(&id) {
                Some(group) => groups[*group].names.push(name),
                None => {
                    seen.insert(id.clone(), groups.len());
                    groups.push(Group { names: vec![name], candidates: vec![Candidate::new(None, Origin::Legacy(id))] });
                }
            }
        }
    }
    if groups.is_empty() {
        return Err(Error::malformed("repositories", "expected at least one tagged image, found none"));
    }
    Ok(groups)
}

/// Follows the parents down to the first layer. Nothing here names a layer by its content, so
/// there is nothing to verify it by.
pub(super) fn recipe(store: &Store, top: &str, limits: &Limits) -> Result<Recipe> {
    let mut recipe = None;
    let mut layers = Vec::new();
    let mut seen = HashSet::new();
    let mut next = Some(top.to_owned());
    while let Some(id) = next {
        if !seen.insert(id.clone()) || layers.len() as u64 >= limits.layers {
            return Err(Error::malformed("repositories", format_args!("the parents of layer `{}` do not end", top.escape_debug())));
        }
        let path = format!("{id}/json");
        let bytes = store.document(&path, limits.document)?.ok_or_else(|| missing(&path))?;
        if recipe.is_none() {
            recipe = Some(configured(&oci::parse::<ImageConfig>(&bytes, &path)?));
        }
        let v1: V1 = oci::parse(&bytes, &path)?;
        let command = v1.container_config.and_then(|container| container.cmd).unwrap_or_default();
        let row = HistoryRow {
            created: v1.created,
            created_by: Some(command.join(" ")),
            comment: v1.comment,
            author: v1.author,
            empty_layer: false,
        };
        layers.push((Wanted { path: format!("{id}/layer.tar"), ..Wanted::default() }, row));
        next = v1.parent.filter(|parent| !parent.is_empty());
    }
    let mut recipe = recipe.ok_or_else(|| missing(top))?;
    layers.reverse();
    (recipe.layers, recipe.history) = layers.into_iter().unzip();
    Ok(recipe)
}
