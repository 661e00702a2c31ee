//! A list of which one row is chosen.

/// Which row, and which is the first on the screen.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cursor {
    pub(super) at: usize,
    pub(super) top: usize,
    /// Rows that the last screen had room for.
    pub(super) height: usize,
}

impl Cursor {
    /// Moves by so many rows of `count`.
    pub(super) fn step(&mut self, by: isize, count: usize) {
        self.at = self.at.saturating_add_signed(by).min(count.saturating_sub(1));
    }

    /// Sees to it that the chosen row is on a screen of `height` rows.
    pub(super) fn keep_in_sight(&mut self, height: usize, count: usize) {
        self.height = height.max(1);
        self.top = in_sight(self.top, self.at, self.height, count);
    }
}

/// The first row of a screen that has the chosen one, near the one that was first.
pub(super) fn in_sight(top: usize, chosen: usize, height: usize, count: usize) -> usize {
    let lowest = chosen.saturating_sub(height.saturating_sub(1));
    top.clamp(lowest, chosen.max(lowest)).min(count.saturating_sub(height))
}
