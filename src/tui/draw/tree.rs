//! The tree.

use super::super::comparison::Scope;
use super::super::details::mode;
use super::super::explorer::Explorer;
use super::super::keys::Pane;
use super::super::list::in_sight;
use super::super::rows::{Row, Shows};
use super::super::theme::Role;
use super::super::wrap::pieces;
use super::row as put;
use crate::index::Change;
use crate::layer::EntryKind;
use crate::render::size::{count, plural};

use crate::render::text::{cells, fit};
use crate::text::escaped;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;
use std::fmt::Write as _;

/// Deeper rows are not moved further to the right.
const DEEPEST: u16 = 24;
/// Cells of names that a tree must have room for, before it has room for more columns.
const NAME: usize = 18;

impl Explorer<'_> {
    pub(super) fn draw_tree(&mut self, buffer: &mut Buffer, area: Rect, number: usize) {
        let title = self.tree_title(number);
        let below = self.tree_state(number);
        let inner = self.frame(buffer, area, (Pane::Tree, number), &title, &below);
        let columns = self.columns(number, inner.width.into());
        put(buffer, inner, 0, vec![Span::styled(columns.heading, self.paint(Role::Dim))]);
        let body = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
        self.areas.push((Pane::Tree, number, body));
        let height = usize::from(body.height).max(1);
        let tree = &mut self.trees[number];
        tree.height = height;
        tree.top = in_sight(tree.top, tree.cursor, height, tree.rows.len());
        let tree = &self.trees[number];
        if tree.rows.is_empty() {
            let text =
                if tree.filter.is_some() { "Nothing matches: Esc drops the filter." } else { "Nothing: this layer changed no files." };
            let stacked = matches!(tree.scope(), Scope::Stacked(_));
            let text = if tree.filter.is_none() && tree.shows != Shows::ALL && (stacked || tree.shows != Shows::CHANGES) {
                "Nothing of what is shown: Ctrl+A, Ctrl+R, M and Ctrl+U show more."
            } else {
                text
            };
            put(buffer, body, 0, vec![Span::styled(text, self.paint(Role::Dim))]);
        }
        let shown: Vec<Row> = tree.rows.iter().skip(tree.top).take(height).copied().collect();
        let (top, cursor) = (tree.top, tree.cursor);
        let mut line = 0;
        for (at, row) in shown.into_iter().enumerate() {
            if line >= body.height {
                break;
            }
            let lines = self.tree_row(number, row, &columns.shown, body.width.into());
            for spans in lines {
                if line < body.height {
                    let place = put(buffer, body, line, spans);
                    if top + at == cursor && self.active == number {
                        self.chosen(buffer, place, Pane::Tree);
                    }
                }
                line += 1;
            }
        }
    }

    fn tree_title(&self, number: usize) -> String {
        let layer = self.layers.at + 1;
        let name = match self.trees[number].scope() {
            Scope::Layer(at) => format!("2 Tree: layer {layer} alone, {}", self.instruction(at)),
            Scope::Stacked(at) if at + 1 == self.ground.layers() => "2 Tree: the whole image".to_owned(),
            Scope::Stacked(_) => format!("2 Tree: the image up to layer {layer}"),
        };
        match &self.trees[number].filter {
            Some(filter) => format!("{name} · {}", filter.label),
            None => name,
        }
    }

    fn tree_state(&self, number: usize) -> String {
        let tree = &self.trees[number];
        let mut parts = Vec::new();
        if let Some(filter) = &tree.filter {
            parts.push(match tree.filtered() {
                100 => {
                    let total = tree.comparison.total();
                    let bytes = tree.measure.of(&total.size) + tree.measure.of(&total.hidden) + tree.measure.of(&total.hides);
                    format!("{}, {}", plural(filter.count as u64, "path matches", "paths match"), self.style.size(bytes, 0))
                }
                done => format!("filtering {done} %"),
            });
        }
        if let (Some(finding), Some((count, done))) = (&tree.finding, tree.found()) {
            let what = if done < 100 { format!("{done} %") } else { plural(count as u64, "hit", "hits") };
            parts.push(format!("/{} {what}", finding.text));
        }
        let missing = tree.shows.missing();
        if !missing.is_empty() {
            parts.push(format!("without {}", missing.join(", ")));
        }
        if !tree.hidden.is_empty() {
            parts.push(format!("{} left out", tree.hidden.len()));
        }
        if self.marks.len() > 0 {
            parts.push(format!("{} marked, {}", self.marks.len(), self.style.size(tree.measure.of(&self.marks.sum), 0)));
        }
        parts.push(tree.sort.words(tree.reversed));
        parts.push(format!("{}/{}", count((tree.cursor + 1).min(tree.rows.len()) as u64), count(tree.rows.len() as u64)));
        parts.join(" · ")
    }

    /// Which columns there is room for.
    fn columns(&self, number: usize, width: usize) -> Columns {
        let tree = &self.trees[number];
        let size = self.style.size_width();
        let layer = matches!(tree.scope(), Scope::Layer(_));
        let measure = tree.measure.name();
        let first = if layer { format!("{measure}, own") } else { measure.to_owned() };
        let mut list = vec![(Column::Size, first), (Column::Hidden, "hidden".to_owned())];
        if layer {
            list.push((Column::Hides, "hides".to_owned()));
        }
        let most = width.saturating_sub(NAME + 4) / (size + 1);
        list.truncate(most.max(1));
        let mut heading = String::from(" ");
        for (_, name) in &list {
            let _ = write!(heading, "{name:>size$} ");
        }
        let attributes = self.attributes && width > list.len() * (size + 1) + ATTRIBUTES + NAME;
        if attributes {
            let _ = write!(heading, "{:<ATTRIBUTES$} ", "mode       owner");
        }
        let signs: [&str; 3] = if layer {
            [" + added ~ changed = same content again - removed", " + added ~ changed = again - removed", " path"]
        } else {
            [" + since the base ~ changed = same content again - gone", " + new ~ changed = again - gone", " path"]
        };
        let room = width.saturating_sub(cells(&heading));
        // Half a legend is none.
        heading.push_str(signs.into_iter().find(|signs| cells(signs) <= room).unwrap_or_default());
        Columns { heading, shown: list.into_iter().map(|(column, _)| column).chain(attributes.then_some(Column::Attributes)).collect() }
    }

    fn tree_row(&self, number: usize, row: Row, columns: &[Column], width: usize) -> Vec<Vec<Span<'static>>> {
        let tree = &self.trees[number];
        let ground = &self.ground;
        let weight = tree.weight(ground, row.node);
        let placed = tree.comparison.entry(ground, row.node);
        let marked = if self.marks.has(row.node) { "*" } else { " " };
        let mut spans = vec![Span::styled(marked, self.paint(Role::Strong))];
        let known = self.report.image.pull_bytes.is_some() || tree.measure != super::super::Measure::Pull;
        // What is not known looks like nothing: the heading says which measure it is.
        let bytes = |measures| if known { tree.measure.of(measures) } else { 0 };
        for column in columns {
            spans.push(match column {
                Column::Size if bytes(&weight.size) > 0 => Span::raw(self.style.size(bytes(&weight.size), self.style.size_width())),
                Column::Size => self.part(0),
                Column::Hidden => self.part(bytes(&weight.hidden)),
                Column::Hides => self.part(bytes(&weight.hides)),
                Column::Attributes => {
                    let text = placed.as_ref().map(|placed| format!("{} {}:{}", mode(placed), placed.entry.uid, placed.entry.gid));
                    Span::styled(format!("{:<ATTRIBUTES$}", text.unwrap_or_default()), self.paint(Role::Dim))
                }
            });
            spans.push(Span::raw(" "));
        }
        let (sign, role) = match tree.comparison.change(row.node) {
            Some(Change::Added) => ('+', Role::Added),
            Some(Change::Changed) => ('~', Role::Changed),
            Some(Change::Metadata) => ('=', Role::Changed),
            Some(Change::Removed) => ('-', Role::Removed),
            Some(Change::Same) | None => (' ', Role::Text),
        };
        let directory = ground.is_directory(row.node);
        let arrow = match (directory, tree.is_open(row.node)) {
            (false, _) => ' ',
            (true, true) => '▾',
            (true, false) => '▸',
        };
        let indent = " ".repeat(usize::from(row.depth.min(DEEPEST)) * 2);
        let before = format!(" {sign} {indent}{arrow} ");
        let mut name = escaped(ground.paths().name(row.node));
        let link = placed.as_ref().filter(|placed| placed.entry.kind == EntryKind::Symlink).and_then(|placed| ground.index.link(placed));
        if directory && link.is_none() {
            name.push('/');
        } else if let Some(link) = link {
            name = format!("{name} → {}", escaped(link));
        }
        let used: usize = spans.iter().map(|span| cells(&span.content)).sum::<usize>() + cells(&before);
        let room = width.saturating_sub(used).max(4);
        spans.push(Span::styled(before, self.paint(role)));
        let style =
            if tree.is_found(row.node) { self.paint(role).add_modifier(self.paint(Role::Title).add_modifier) } else { self.paint(role) };
        if !self.wraps {
            spans.push(Span::styled(fit(&name, room), style));
            return vec![spans];
        }
        let mut pieces = pieces(&name, room).into_iter();
        spans.push(Span::styled(pieces.next().unwrap_or_default(), style));
        let more = pieces.map(|piece| vec![Span::raw(" ".repeat(used)), Span::styled(piece, style)]);
        std::iter::once(spans).chain(more).collect()
    }
}

/// Cells of mode and owner.
const ATTRIBUTES: usize = 24;

struct Columns {
    heading: String,
    shown: Vec<Column>,
}

#[derive(Clone, Copy)]
enum Column {
    Size,
    Hidden,
    Hides,
    Attributes,
}
