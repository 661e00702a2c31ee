//! Numbers of edits, which stay when some of the edits are made.

use super::{Edit, EditKind, Plan};

/// What tells an edit from others, in the image and in what is left of it without some edits.
#[derive(Debug, Clone)]
pub struct EditName {
    /// Its number, from 1.
    pub number: usize,
    /// What kind of change it is.
    pub kind: EditKind,
    /// What to do, in one line.
    pub title: String,
    /// The layers whose instructions change.
    pub layers: Vec<usize>,
}

impl Plan {
    /// The edits as they are told apart.
    pub fn names(&self) -> Vec<EditName> {
        let name = |edit: &Edit| EditName { number: edit.number, kind: edit.kind, title: edit.title.clone(), layers: edit.layers.clone() };
        self.edits.iter().map(name).collect()
    }

    /// Gives edits the numbers of those that they were in another plan of the same image, as it was before some of them
    /// were made; what is new gets numbers beyond.
    pub(super) fn numbered_as(&mut self, known: &[EditName]) {
        let mut free: Vec<&EditName> = known.iter().collect();
        let mut next = known.iter().map(|name| name.number).max().unwrap_or(0);
        let mut found: Vec<Option<usize>> = vec![None; self.edits.len()];
        let same: [fn(&EditName, &Edit) -> bool; 2] = [
            |name, edit| name.kind == edit.kind && name.title == edit.title,
            |name, edit| name.kind == edit.kind && edit.kind != EditKind::Review && name.layers.first() == edit.layers.first(),
        ];
        for same in same {
            for (edit, number) in self.edits.iter().zip(&mut found).filter(|(_, number)| number.is_none()) {
                let at = free.iter().position(|name| same(name, edit));
                *number = at.map(|at| free.remove(at).number);
            }
        }
        for (edit, number) in self.edits.iter_mut().zip(found) {
            edit.number = number.unwrap_or_else(|| {
                next += 1;
                next
            });
        }
    }
}
