//! Where in a file the screen is. A line that is broken into more rows than a screen has is gone through row by row.

use super::super::list::in_sight;
use super::super::wrap::{cells_to, rows_of, rows_to};
use super::{Viewer, hits};
use crate::render::text::cells;
use std::ops::Range;

/// What of a file is on the screen, beside the chosen line.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct Scroll {
    /// Rows of the chosen line above the screen, if the line is longer than the screen.
    pub(in super::super) part: usize,
    /// Rows of the first line above the screen.
    pub(in super::super) skip: usize,
    /// Columns that are left out on the left.
    pub(in super::super) aside: usize,
    /// Cells that the last screen had for text in a row.
    room: usize,
}

impl Viewer {
    /// Cells of the numbers of lines.
    pub(in super::super) fn digits(&self) -> usize {
        match &self.content {
            Some(Ok(content)) if !content.as_bytes => content.lines().len().to_string().len(),
            _ => 0,
        }
    }

    /// Rows of a line.
    fn rows(&self, line: usize) -> usize {
        self.lines().get(line).filter(|_| self.wraps).map_or(1, |text| rows_of(text, self.scroll.room))
    }

    /// The rows of the chosen line that are on the screen, and how many it has, where it is longer than the screen.
    pub(in super::super) fn rows_shown(&self) -> Option<(Range<usize>, usize)> {
        let rows = self.rows(self.cursor.at);
        (rows > self.cursor.height).then(|| (self.scroll.part..self.scroll.part + self.cursor.height, rows))
    }

    /// Rows of a line that may be above the screen before the last is on it.
    fn most(&self, line: usize) -> usize {
        self.rows(line).saturating_sub(self.cursor.height.max(1))
    }

    /// Moves by so many lines, and within those that are longer than the screen by rows.
    pub(in super::super) fn step(&mut self, by: isize) {
        let count = self.lines().len();
        let mut left = by.unsigned_abs();
        while left > 0 {
            let at = self.cursor.at;
            let within = if by > 0 { self.most(at).saturating_sub(self.scroll.part) } else { self.scroll.part };
            let here = left.min(within);
            self.scroll.part = self.scroll.part.saturating_add_signed(here.cast_signed() * by.signum());
            left -= here;
            let is_last = if by > 0 { at + 1 >= count } else { at == 0 };
            if left == 0 || is_last {
                return;
            }
            left -= 1;
            self.cursor.at = at.saturating_add_signed(by.signum());
            self.scroll.part = if by > 0 { 0 } else { self.most(self.cursor.at) };
        }
    }

    /// To the start, or to the end.
    pub(in super::super) fn go_to_end(&mut self, is_last: bool) {
        self.cursor.at = if is_last { self.lines().len().saturating_sub(1) } else { 0 };
        self.scroll.part = if is_last { self.most(self.cursor.at) } else { 0 };
    }

    /// Back to the first row and column of the chosen line: its rows are others now.
    pub(in super::super) fn unscroll(&mut self) {
        self.scroll = Scroll { room: self.scroll.room, ..Scroll::default() };
    }

    /// Sees to it that the chosen line is on a screen of `height` rows with `room` for text.
    pub(in super::super) fn keep_in_sight(&mut self, height: usize, room: usize) {
        let (at, top) = (self.cursor.at, self.cursor.top);
        let before = self.scroll.room;
        (self.cursor.height, self.scroll.room) = (height.max(1), room.max(1));
        if !self.wraps {
            self.cursor.top = in_sight(top, at, self.cursor.height, self.lines().len());
            (self.scroll.part, self.scroll.skip) = (0, 0);
            return;
        }
        if let Some(line) = self.lines().get(at).filter(|_| self.scroll.part > 0 && before != room) {
            // On a screen of another width the row that has what the first one had.
            self.scroll.part = row_at(line, room, rows_to(line, before, self.scroll.part));
        }
        self.scroll.part = self.scroll.part.min(self.most(at));
        let rows = self.rows(at);
        if at <= top || rows >= height {
            (self.cursor.top, self.scroll.skip) = (at, self.scroll.part);
            return;
        }
        // The lines before it that there is room for; of the first of them maybe only the end.
        let mut room = height - rows;
        for line in (top..at).rev() {
            let skip = if line == top { self.scroll.skip } else { 0 };
            let rows = self.rows(line).saturating_sub(skip);
            if rows > room {
                (self.cursor.top, self.scroll.skip) = if room == 0 { (line + 1, 0) } else { (line, skip + rows - room) };
                return;
            }
            room -= rows;
        }
    }

    /// What of the chosen line is on the screen.
    fn in_view(&self) -> Range<usize> {
        let Some(line) = self.lines().get(self.cursor.at) else { return 0..0 };
        let Scroll { part, aside, room, .. } = self.scroll;
        if self.wraps {
            rows_to(line, room, part)..rows_to(line, room, part + self.cursor.height)
        } else {
            cells_to(line, aside)..cells_to(line, aside + room)
        }
    }

    /// Brings a part of a line onto the screen.
    fn show(&mut self, line: usize, part: &Range<usize>) {
        if line != self.cursor.at {
            self.scroll.part = 0;
        }
        self.cursor.at = line;
        let view = self.in_view();
        if view.contains(&part.start) && (part.end <= view.end || part.start == view.start) {
            return;
        }
        let (room, height) = (self.scroll.room, self.cursor.height);
        let text = &self.lines()[line];
        if self.wraps {
            let row = row_at(text, room, part.start);
            self.scroll.part = if row < height { 0 } else { (row - height / 2).min(self.most(line)) };
        } else {
            let (start, end) = (cells(&text[..part.start]), cells(&text[..part.end]));
            self.scroll.aside = if end < room { 0 } else { start.saturating_sub(room / 2) };
        }
    }

    /// To what is looked for: where it is on the screen, nothing moves.
    pub(in super::super) fn look(&mut self) {
        let Some(wanted) = self.wanted() else { return };
        let start = self.in_view().start;
        let here = self.lines().get(self.cursor.at).and_then(|line| hits(line, &wanted).into_iter().find(|hit| hit.start >= start));
        match here {
            Some(hit) => self.show(self.cursor.at, &hit),
            None => self.go(true),
        }
    }

    /// To the next place that has what is looked for and is not on the screen, or the one before; past the end from the start.
    pub(in super::super) fn go(&mut self, forward: bool) {
        let Some(wanted) = self.wanted() else { return };
        let lines = self.lines();
        let (at, count, view) = (self.cursor.at, lines.len(), self.in_view());
        let hits_of = |line: usize| hits(&lines[line], &wanted);
        let beside = lines.get(at).map(|_| hits_of(at)).unwrap_or_default();
        let beside = if forward {
            beside.into_iter().find(|hit| hit.start >= view.end)
        } else {
            beside.into_iter().rev().find(|hit| hit.start < view.start)
        };
        let nth = |step: usize| (at + if forward { step } else { count - step }) % count.max(1);
        let next = || {
            let line = (1..=count).map(nth).find(|line| lines[*line].to_lowercase().contains(&wanted))?;
            let hits = hits_of(line);
            Some((line, if forward { hits.first() } else { hits.last() }?.clone()))
        };
        if let Some((line, hit)) = beside.map(|hit| (at, hit)).or_else(next) {
            self.show(line, &hit);
        }
    }

    /// What is looked for, in small letters.
    pub(in super::super) fn wanted(&self) -> Option<String> {
        self.looks_for.as_ref().map(|text| text.to_lowercase()).filter(|text| !text.is_empty())
    }
}

/// The row that has the sign at a place of a line.
fn row_at(text: &str, room: usize, place: usize) -> usize {
    let sign = text[place..].chars().next().map_or(0, char::len_utf8);
    rows_of(&text[..place + sign], room).saturating_sub(1)
}
