//! About a finding, an edit, or what dive says.

use super::super::explorer::Explorer;
use super::super::found::List;
use super::super::theme::Role;
use super::Page;
use crate::render::size::count;
use crate::render::text::numbers;
use crate::text::escaped;

impl Explorer<'_> {
    pub(super) fn found_page(&self, page: &mut Page) {
        match self.found.list {
            List::Findings => self.finding_page(page),
            List::Edits => self.edit_page(page),
            List::Dive => self.dive_page(page),
        }
    }

    fn finding_page(&self, page: &mut Page) {
        let Some((number, finding)) = self.found.finding(self.report) else {
            return page.text(Role::Dim, "the rules found nothing");
        };
        let found = &self.ground.analysis.findings.found[number];
        let rule = self.ground.analysis.findings.rule(found);
        page.text(Role::Strong, &finding.title);
        let base = if finding.base { ", in the base image" } else { "" };
        page.text(Role::Dim, &format!("{} · {}{base}", finding.rule, finding.level.name()));
        if let Some(reason) = &finding.allowed {
            page.field("allowed", Role::Text, reason);
        }
        page.gap();
        self.measures(page, &[("all", Role::Text, &finding.all), ("hidden", Role::Hidden, &finding.shadowed)]);
        page.gap();
        page.field("layers", Role::Text, &numbers(finding.layers.clone()));
        for layer in &finding.culprits {
            page.field("to blame", Role::Text, &self.layer_words(*layer));
        }
        page.gap();
        for (label, text) in [("why", &rule.why), ("fix", &rule.fix), ("not", &rule.not)] {
            for (at, line) in text.lines().enumerate() {
                page.field(if at == 0 { label } else { "" }, Role::Text, line);
            }
        }
        page.gap();
        for path in &finding.paths {
            let hidden = if path.live { "" } else { "  hidden" };
            page.field(&self.style.size(path.all.content_bytes, 0), Role::Text, &format!(" {}{hidden}", path.path.shown));
        }
    }

    fn edit_page(&self, page: &mut Page) {
        let Some(edit) = self.found.edit(self.report) else {
            return page.text(Role::Good, "nothing to change");
        };
        page.text(Role::Strong, &format!("{}. {}", edit.number, edit.title));
        page.text(Role::Dim, if edit.certain { "certain" } else { "check first whether the program needs it" });
        page.gap();
        self.measures(page, &[("saves", Role::Good, &edit.saves), ("alone", Role::Text, &edit.alone)]);
        page.gap();
        for layer in &edit.layers {
            page.field("change", Role::Text, &self.layer_words(*layer));
        }
        page.gap();
        for detail in &edit.details {
            page.text(Role::Text, detail);
        }
        if !edit.snippet.is_empty() {
            page.gap();
            // Lines that are to be typed are not broken.
            page.lines.extend(edit.snippet.iter().map(|line| (Role::Accent, format!("  {}", escaped(line.as_bytes())))));
        }
        page.gap();
        page.field("clears", Role::Text, &edit.findings.join(", "));
    }

    /// dive's numbers under the names that it has for them, and why plimsoll's own are others.
    fn dive_page(&self, page: &mut Page) {
        let Some(score) = &self.found.score else { return page.text(Role::Dim, "counting as dive does …") };
        let numbers = &score.numbers;
        page.text(Role::Strong, "dive's numbers for the image");
        page.text(Role::Dim, "as dive 0.13.1 prints them");
        page.gap();
        let bytes = |bytes: u64| format!("{} ({} bytes)", self.style.size(bytes, 0), count(bytes));
        page.named("Total Image size", Role::Text, &bytes(numbers.size_bytes));
        page.named("Potential wasted space", Role::Hidden, &bytes(numbers.wasted_bytes));
        page.named("Image efficiency score", Role::Text, &format!("{:.4} %", numbers.efficiency * 100.0));
        if let Some(wasted) = self.found.wasted() {
            page.gap();
            page.text(Role::Strong, &escaped(&wasted.file));
            page.named("Count", Role::Text, &wasted.count.to_string());
            page.named("Total Space", Role::Hidden, &bytes(wasted.size_bytes));
        }
        page.gap();
        let hidden = self.style.size(self.report.shadowed.all.content_bytes, 0);
        let why = "dive counts all copies of a path that is stored more than once, the one that can be seen too, and a deletion with all that \
            it deletes. What is stored and cannot be seen";
        page.text(Role::Dim, &format!("{why} is {hidden}: w shows it."));
    }
}
