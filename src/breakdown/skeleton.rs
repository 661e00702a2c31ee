//! A tree of groups and paths that is larger than anybody looks at, cut to a size that people do.
//!
//! First every place in the tree is weighed; then only the heaviest are kept, and what each kept place holds besides is
//! folded into one more below it. Nothing is lost: whatever is added later goes to a kept place or to a fold.

use crate::paths::{NodeId, ROOT};
use std::cmp::Reverse;
use std::collections::HashMap;

/// A place in the tree, as a number: a parent's is smaller than its children's.
pub(crate) type SlotId = u32;

/// The place of all.
pub(crate) const TOP: SlotId = 0;

/// How a place is reached from the one above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is the top.
    Top,
    /// By a group of the level.
    Group(u32),
    /// By a path's last component.
    Path(NodeId),
}

#[derive(Debug)]
struct Slot {
    parent: SlotId,
    step: Step,
    weight: u64,
    /// Whether there is something below.
    holds: bool,
}

/// The tree before it is cut.
#[derive(Debug)]
pub(crate) struct Skeleton {
    slots: Vec<Slot>,
    groups: HashMap<(SlotId, u32), SlotId>,
    paths: HashMap<(SlotId, NodeId), SlotId>,
}

impl Skeleton {
    pub(crate) fn new() -> Self {
        let top = Slot { parent: TOP, step: Step::Top, weight: 0, holds: false };
        Self { slots: vec![top], groups: HashMap::new(), paths: HashMap::new() }
    }

    /// The place of a group.
    pub(crate) fn group(&mut self, parent: SlotId, value: u32) -> SlotId {
        if let Some(known) = self.groups.get(&(parent, value)) {
            return *known;
        }
        let slot = self.push(parent, Step::Group(value));
        self.groups.insert((parent, value), slot);
        slot
    }

    /// The place of a path within a group; of the root directory it is the group's own.
    pub(crate) fn path(&mut self, group: SlotId, node: NodeId, directory: impl Fn(NodeId) -> NodeId) -> SlotId {
        let known = |paths: &HashMap<_, _>, node| if node == ROOT { Some(group) } else { paths.get(&(group, node)).copied() };
        if let Some(slot) = known(&self.paths, node) {
            return slot;
        }
        let mut missing = vec![node];
        let mut slot = loop {
            let above = directory(missing[missing.len() - 1]);
            match known(&self.paths, above) {
                Some(slot) => break slot,
                None => missing.push(above),
            }
        };
        for node in missing.into_iter().rev() {
            slot = self.push(slot, Step::Path(node));
            self.paths.insert((group, node), slot);
        }
        slot
    }

    fn push(&mut self, parent: SlotId, step: Step) -> SlotId {
        self.slots[parent as usize].holds = true;
        self.slots.push(Slot { parent, step, weight: 0, holds: false });
        (self.slots.len() - 1) as SlotId
    }

    /// Makes a place heavier, and all above it.
    pub(crate) fn weigh(&mut self, slot: SlotId, weight: u64) {
        let own = &mut self.slots[slot as usize].weight;
        *own = own.saturating_add(weight);
    }

    /// Keeps at most `most` places, the heaviest.
    pub(crate) fn cut(mut self, most: usize) -> Cut {
        for at in (1..self.slots.len()).rev() {
            let Slot { parent, weight, .. } = self.slots[at];
            let above = &mut self.slots[parent as usize].weight;
            *above = above.saturating_add(weight);
        }
        // Of equally heavy ones all or none: a choice among them would say nothing.
        let least = (self.slots.len() > most).then(|| {
            let mut weights: Vec<u64> = self.slots.iter().map(|slot| slot.weight).collect();
            *weights.select_nth_unstable_by_key(most, |weight| Reverse(*weight)).1
        });
        let kept = |slot: &Slot| slot.step == Step::Top || least.is_none_or(|least| slot.weight > least);
        let mut cut = Cut { kept: Vec::new(), target: Vec::with_capacity(self.slots.len()), gone: Vec::with_capacity(self.slots.len()) };
        // A place is never heavier than the one above it, so that what is kept is one tree.
        let mut nearest: Vec<u32> = Vec::with_capacity(self.slots.len());
        let mut folds: HashMap<u32, u32> = HashMap::new();
        for slot in &self.slots {
            let above = nearest.get(slot.parent as usize).copied();
            let is_kept = kept(slot);
            let own = match above {
                Some(above) if !is_kept => above,
                above => cut.push(above, slot.step, false),
            };
            nearest.push(own);
            let whole = is_kept && !slot.holds;
            let target = if whole { own } else { *folds.entry(own).or_insert_with(|| cut.push(Some(own), Step::Top, true)) };
            cut.target.push(target);
            cut.gone.push(!is_kept);
        }
        cut
    }
}

/// What is left of a tree, with a place for everything that went.
#[derive(Debug)]
pub(crate) struct Cut {
    /// A parent's number is smaller than its children's.
    pub(crate) kept: Vec<Kept>,
    /// For each place of the whole tree the one that takes what is its own.
    target: Vec<u32>,
    /// For each place of the whole tree whether it is no place of its own any more.
    gone: Vec<bool>,
}

/// A place that is left.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The place above; the top is its own.
    pub(crate) parent: u32,
    /// How it is reached.
    pub(crate) step: Step,
    /// Whether it stands for what is not listed below its parent.
    pub(crate) fold: bool,
}

impl Cut {
    fn push(&mut self, parent: Option<u32>, step: Step, fold: bool) -> u32 {
        self.kept.push(Kept { parent: parent.unwrap_or(0), step, fold });
        (self.kept.len() - 1) as u32
    }

    /// Whether a place of the whole tree is folded.
    pub(crate) fn is_gone(&self, slot: SlotId) -> bool {
        self.gone[slot as usize]
    }

    /// What takes the bytes of a place of the whole tree.
    pub(crate) fn target(&self, slot: SlotId) -> usize {
        self.target[slot as usize] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_stay_and_the_rest_is_folded() {
        // Paths 1 and 2 are below the root, 3 to 5 below 1.
        let directory = |node: NodeId| if node >= 3 { 1 } else { ROOT };
        let mut tree = Skeleton::new();
        let slots: Vec<SlotId> = [(3, 50), (4, 2), (5, 1), (2, 9)]
            .into_iter()
            .map(|(node, weight)| {
                let slot = tree.path(TOP, node, directory);
                tree.weigh(slot, weight);
                slot
            })
            .collect();
        let own = tree.path(TOP, 1, directory);
        let cut = tree.cut(4);
        let step = |slot| (cut.kept[cut.target(slot)].step, cut.kept[cut.target(slot)].fold);
        assert_eq!(step(slots[0]), (Step::Path(3), false));
        assert_eq!(step(slots[3]), (Step::Path(2), false));
        assert!(step(slots[1]).1 && step(slots[2]).1 && step(own).1, "small ones and the directory itself");
        assert_eq!(cut.target(slots[1]), cut.target(own), "one fold for a directory");
        let fold = &cut.kept[cut.target(slots[1])];
        assert_eq!(cut.kept[fold.parent as usize].step, Step::Path(1));
    }

    #[test]
    fn of_equal_ones_none_is_chosen() {
        let mut tree = Skeleton::new();
        for node in 1..=10 {
            let slot = tree.path(TOP, node, |_| ROOT);
            tree.weigh(slot, 7);
        }
        let cut = tree.cut(5);
        assert_eq!(cut.kept.len(), 2, "the top and one fold");
    }
}
