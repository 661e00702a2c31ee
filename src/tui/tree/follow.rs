//! Links followed, and the way back.

use super::super::ground::Ground;
use super::super::links;
use super::Tree;
use crate::index::Change;
use crate::paths::ROOT;

impl Tree {
    /// From a link to what it names, as far as the tree has it; what is to be said of it, or why it leads nowhere.
    pub(in super::super) fn follow(&mut self, ground: &Ground<'_>) -> Result<String, String> {
        /// Links that are remembered.
        const FOLLOWED: usize = 100;
        let link = self.placed(ground).and_then(|placed| Some((placed.node, ground.index.link(&placed)?)));
        let (node, link) = link.ok_or_else(|| "it has no target".to_owned())?;
        let target = links::target(ground, self.scope().after(), node, link)?;
        let (to, gone) = (target.node, self.comparison.change(target.node) == Some(Change::Removed));
        match self.comparison.change(to) {
            _ if to == node => return Err("it names itself".to_owned()),
            // It may be that no layer lists it.
            None if to != ROOT => {
                let later = ground.versions.of(to).first().map(|place| format!("; layer {} brings it", place.layer + 1));
                return Err(format!("{} is not there{}", ground.shown(to), later.unwrap_or_default()));
            }
            _ => {}
        }
        let narrowed = self.filter.is_some();
        if self.followed.len() == FOLLOWED {
            self.followed.remove(0);
        }
        self.followed.push(node);
        if to == ROOT {
            self.step(isize::MIN / 2);
            return Ok("/ is all of this tree · Esc goes back to the link".to_owned());
        }
        self.reveal(ground, to);
        let notes = [
            (gone, "it is removed, the link leads nowhere"),
            (target.climbs, "above the root there is only the root"),
            (narrowed && self.filter.is_none(), "the filter is gone"),
        ];
        let path = ground.shown(to);
        let notes = notes.into_iter().filter(|(is_so, _)| *is_so).map(|(_, note)| note);
        let said: Vec<&str> = std::iter::once(path.as_str()).chain(notes).chain(["Esc goes back to the link"]).collect();
        Ok(said.join(" · "))
    }

    /// Back to the link that was followed last, if there is one.
    pub(in super::super) fn unfollow(&mut self, ground: &Ground<'_>) -> bool {
        let Some(node) = self.followed.pop() else { return false };
        self.reveal(ground, node);
        true
    }
}
