//! About a path: what it is, who pays for it, who hides it, and how often it is stored.

use super::super::comparison::Scope;
use super::super::explorer::Explorer;
use super::super::theme::Role;
use super::Page;
use super::words::{mode, time};
use crate::index::{Fate, Placed};
use crate::layer::EntryKind;
use crate::paths::NodeId;
use crate::render::size::count;

use crate::render::text::numbers;
use crate::text::escaped;

/// Versions of one path that are listed.
const VERSIONS: usize = 20;

impl Explorer<'_> {
    pub(super) fn row_page(&self, page: &mut Page) {
        let tree = &self.trees[self.active];
        let Some(node) = tree.node() else {
            return page.text(Role::Dim, "no row is chosen");
        };
        page.text(Role::Strong, &self.ground.shown(node));
        let placed = tree.comparison.entry(&self.ground, node);
        if let Some(placed) = &placed {
            self.entry_fields(page, placed);
        } else {
            page.field("what", Role::Text, "a directory that no layer lists: what is in it implies it");
        }
        let weight = tree.weight(&self.ground, node);
        let directory = self.ground.is_directory(node);
        let stacked = matches!(tree.scope(), Scope::Stacked(_));
        if directory {
            page.gap();
            let hidden = ("hidden", Role::Hidden, &weight.hidden);
            if stacked {
                self.measures(page, &[("seen", Role::Text, &weight.size), hidden]);
            } else {
                self.measures(page, &[("stores", Role::Text, &weight.size), hidden, ("hides", Role::Hidden, &weight.hides)]);
            }
        }
        // A directory that each layer lists anew has no story, but where it is gone.
        let there = self.ground.versions.after(self.ground.index, node, self.ground.layers()).is_some();
        if let Some(placed) = placed.filter(|placed| placed.entry.kind != EntryKind::Directory || !there) {
            self.story(page, &placed);
        }
        self.versions(page, node);
    }

    /// What an entry is.
    fn entry_fields(&self, page: &mut Page, placed: &Placed<'_>) {
        let entry = placed.entry;
        let link = self.ground.index.link(placed).map(|link| format!(" → {}", escaped(link))).unwrap_or_default();
        page.field("what", Role::Text, &format!("{}{link}", entry.kind.name()));
        page.field("mode", Role::Text, &format!("{:04o} {}  owner {}:{}", entry.mode, mode(placed), entry.uid, entry.gid));
        page.field("time", Role::Text, &time(entry.mtime));
        let data = self.ground.index.data(placed);
        if entry.kind != EntryKind::Directory {
            page.gap();
            self.measures(page, &[("size", Role::Text, &data.entry.measures())]);
        }
        let logical = self.ground.index.image().changeset(self.ground.index.layer_at(data.layer)).map(|set| set.logical_bytes(data.number));
        if let Some(logical) = logical.filter(|logical| *logical != data.entry.content_bytes) {
            page.field("apparent", Role::Text, &format!("{} bytes: a sparse file", count(logical)));
        }
    }

    /// Who pays for it, who hides it, whose it is.
    fn story(&self, page: &mut Page, placed: &Placed<'_>) {
        page.gap();
        page.field("stored", Role::Text, &format!("by {}", self.layer_words(placed.layer)));
        match (placed.fate, placed.path_fate) {
            (Fate::Live, Fate::Live) => page.field("fate", Role::Good, "live: it is in the image's file system"),
            (Fate::Live, Fate::Shadowed { by, cause }) => {
                let text =
                    format!("its bytes live on under another name; this one: {}, by {}", cause.phrase(), self.layer_words(by.into()));
                page.field("fate", Role::Text, &text);
            }
            (Fate::Shadowed { by, cause }, _) => {
                let text = format!("{}, by {}", cause.phrase(), self.layer_words(by.into()));
                page.field("hidden", Role::Hidden, &text);
                if cause.blames_payer() {
                    page.field("", Role::Hidden, "the deletion frees nothing: the bytes stay in the layer that stores them");
                }
            }
        }
        let analysis = self.ground.analysis;
        if let Some(id) = analysis.attribution.owner(placed) {
            let package = analysis.attribution.package(id).package;
            page.field("package", Role::Text, &crate::breakdown::label(package));
        }
        if let Some(finding) = analysis.findings.of(placed) {
            let rule = analysis.findings.rule(finding);
            page.field("finding", Role::Warning, &format!("{} ({}): {}", rule.id, finding.level.name(), rule.title));
        }
    }

    /// All entries of a path, where there are several.
    fn versions(&self, page: &mut Page, node: NodeId) {
        let all = self.ground.versions.of(node);
        if all.len() < 2 {
            return;
        }
        page.gap();
        let listed = |place: &crate::index::Place| self.ground.index.entry_at(*place).entry.kind == EntryKind::Directory;
        if all.iter().all(listed) {
            // A layer lists the directories of what it has; that says nothing of what is in them.
            return page.field(
                "listed",
                Role::Text,
                &format!("by layers {}", numbers(all.iter().map(|place| place.layer as usize).collect())),
            );
        }
        page.text(Role::Title, &format!("stored {} times", all.len()));
        for place in all.iter().take(VERSIONS) {
            let placed = self.ground.index.entry_at(*place);
            let fate = match placed.fate {
                Fate::Live => "live".to_owned(),
                Fate::Shadowed { by, cause } => format!("hidden by {}: {}", by + 1, cause.phrase()),
            };
            let role = if placed.fate == Fate::Live { Role::Text } else { Role::Hidden };
            page.field(&format!("layer {}", placed.layer + 1), role, &format!("{}  {fate}", count(placed.entry.content_bytes)));
        }
        if all.len() > VERSIONS {
            page.text(Role::Dim, &format!("and {} more", all.len() - VERSIONS));
        }
    }
}
