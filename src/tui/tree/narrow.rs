//! Filters and searches: what rows are narrowed to, and what is looked for among them.

use super::super::comparison::Only;
use super::super::ground::Ground;
use super::super::matcher::{Pattern, Search};
use super::super::rows::{Found, Row, with_inside};
use super::{FILTERED, Filter, Finding, SCREEN, Tree};
use crate::edits::Removal;
use crate::paths::{NodeId, ROOT};

impl Tree {
    /// How many were found, and how far the search is, in percent.
    pub(in super::super) fn found(&self) -> Option<(usize, usize)> {
        let finding = self.finding.as_ref()?;
        let done = finding.search.as_ref().map_or(100, Search::percent);
        Some((finding.found.as_ref().map_or(0, |found| found.count), done))
    }

    /// How far the filter is, in percent.
    pub(in super::super) fn filtered(&self) -> usize {
        self.filter.as_ref().and_then(|filter| filter.search.as_ref()).map_or(100, Search::percent)
    }

    /// Narrows the rows to what a pattern matches; nothing typed is no filter.
    pub(in super::super) fn filter_by(&mut self, ground: &Ground<'_>, text: &str) -> Result<(), String> {
        if text.is_empty() {
            self.clear_filter(ground);
            return Ok(());
        }
        self.followed.clear();
        let pattern = Pattern::parse(text).map_err(|error| error.to_string())?;
        let search = Some(Search::new(pattern, ground));
        let typed = Some(text.to_owned());
        self.filter = Some(Filter { label: format!("filter {text}"), typed, search, matched: Vec::new(), entries: None, count: 0 });
        Ok(())
    }

    /// Narrows the rows to these entries.
    pub(in super::super) fn filter_these(&mut self, ground: &Ground<'_>, label: String, entries: Removal) {
        self.followed.clear();
        let mut matched = vec![false; ground.number.len()];
        let mut count = 0;
        for placed in entries.places().map(|place| ground.index.entry_at(place)).filter(|placed| !placed.entry.kind.is_marker()) {
            count += usize::from(!std::mem::replace(&mut matched[placed.node as usize], true));
        }
        self.filter = Some(Filter { label, typed: None, search: None, matched, entries: Some(entries), count });
        self.opened_for_filter(ground);
    }

    /// What is weighed: what passes the filter.
    pub(super) fn only(&self) -> Only {
        match self.filter.as_ref().filter(|filter| filter.search.is_none()) {
            None => Only::All,
            Some(Filter { entries: Some(entries), .. }) => Only::Entries(entries.clone()),
            Some(Filter { matched, .. }) => Only::Paths(matched.clone()),
        }
    }

    pub(super) fn weigh(&mut self, ground: &Ground<'_>) {
        let only = self.only();
        self.comparison.weigh(ground, only);
    }

    pub(in super::super) fn clear_filter(&mut self, ground: &Ground<'_>) {
        self.filter = None;
        self.weigh(ground);
        if let Some(open) = self.unfiltered.take() {
            self.open = open;
        }
        self.narrow(ground);
    }

    /// Looks for a part of a name; the cursor goes to the first, once it is found.
    pub(in super::super) fn find(&mut self, ground: &Ground<'_>, text: &str) -> Result<(), String> {
        self.followed.clear();
        let origin = self.finding.as_ref().map_or_else(|| self.node().unwrap_or(ROOT), |finding| finding.origin);
        let pattern = Pattern::parse(text).map_err(|error| error.to_string())?;
        let search = Some(Search::new(pattern, ground));
        self.finding = Some(Finding { text: text.to_owned(), search, matched: Vec::new(), found: None, origin });
        Ok(())
    }

    /// The next that was found, or the one before.
    pub(in super::super) fn go(&mut self, ground: &Ground<'_>, forward: bool) {
        let from = self.node().unwrap_or(ROOT);
        if let Some(node) = self.hit(ground, from, forward) {
            self.reveal(ground, node);
        }
    }

    pub(super) fn hit(&self, ground: &Ground<'_>, from: NodeId, forward: bool) -> Option<NodeId> {
        let found = self.finding.as_ref()?.found.as_ref()?;
        let order = self.order(ground);
        if forward { order.next(from, found) } else { order.previous(from, found) }
    }

    /// Goes on with what takes time; whether there is more, or something to be shown.
    pub(in super::super) fn work(&mut self, ground: &Ground<'_>) -> bool {
        let mut did = false;
        if let Some(search) = self.filter.as_mut().and_then(|filter| filter.search.as_mut()) {
            let Some(matched) = search.advance(ground) else { return true };
            if let Some(filter) = &mut self.filter {
                filter.search = None;
                filter.count = matched.iter().filter(|matched| **matched).count();
                filter.matched = with_inside(ground, matched);
            }
            self.opened_for_filter(ground);
            did = true;
        }
        if let Some(search) = self.finding.as_mut().and_then(|finding| finding.search.as_mut()) {
            let Some(matched) = search.advance(ground) else { return true };
            let mut origin = ROOT;
            if let Some(finding) = &mut self.finding {
                finding.search = None;
                finding.found = Some(Found::new(ground, &matched, &self.visible));
                finding.matched = matched;
                origin = finding.origin;
            }
            let here = Some(origin).filter(|origin| self.is_found(*origin));
            if let Some(node) = here.or_else(|| self.hit(ground, origin, true)) {
                self.reveal(ground, node);
            }
            did = true;
        }
        did
    }

    /// After a filter the first path that it is about is chosen.
    pub(super) fn opened_for_filter(&mut self, ground: &Ground<'_>) {
        self.weigh(ground);
        match &self.unfiltered {
            Some(open) => self.open.clone_from(open),
            None => self.unfiltered = Some(self.open.clone()),
        }
        self.narrow(ground);
        self.open_few(ground, FILTERED);
        let matched = |row: &Row| self.filter.as_ref().is_some_and(|filter| filter.matched.get(row.node as usize) == Some(&true));
        self.cursor = self.rows.iter().position(matched).unwrap_or(0);
    }

    /// Where there is little, all of it is shown at once.
    pub(super) fn open_few(&mut self, ground: &Ground<'_>, most: usize) {
        let few = self.visible.iter().filter(|visible| **visible).take(most + 1).count() <= most;
        if few {
            for node in &ground.directories {
                self.open[*node as usize] |= self.visible[*node as usize];
            }
            return self.lay(ground);
        }
        // Else one level after the other, as long as it fits a screen.
        while let below = self.order(ground).closed(&self.rows, &self.open)
            && !below.is_empty()
            && self.rows.len() + below.iter().map(|(_, count)| count).sum::<usize>() <= SCREEN
        {
            for (node, _) in below {
                self.open[node as usize] = true;
            }
            self.lay(ground);
        }
    }
}
