//! About a finding, or an edit.

use super::super::explorer::Explorer;
use super::super::found::List;
use super::Page;
use crate::render::style::Paint;
use crate::render::text::numbers;
use crate::text::escaped;

impl Explorer<'_> {
    pub(super) fn found_page(&self, page: &mut Page) {
        match self.found.list {
            List::Findings => self.finding_page(page),
            List::Edits => self.edit_page(page),
        }
    }

    fn finding_page(&self, page: &mut Page) {
        let Some((number, finding)) = self.found.finding(self.report) else {
            return page.text(Some(Paint::Dim), "the rules found nothing");
        };
        let found = &self.ground.analysis.findings.found[number];
        let rule = self.ground.analysis.findings.rule(found);
        page.text(Some(Paint::Strong), &finding.title);
        let base = if finding.base { ", in the base image" } else { "" };
        page.text(Some(Paint::Dim), &format!("{} · {}{base}", finding.rule, finding.level.name()));
        if let Some(reason) = &finding.allowed {
            page.field("allowed", None, reason);
        }
        page.gap();
        self.measures(page, &[("all", None, &finding.all), ("hidden", Some(Paint::Hidden), &finding.shadowed)]);
        page.gap();
        page.field("layers", None, &numbers(finding.layers.clone()));
        for layer in &finding.culprits {
            page.field("to blame", None, &self.layer_words(*layer));
        }
        page.gap();
        for (label, text) in [("why", &rule.why), ("fix", &rule.fix), ("not", &rule.not)] {
            for (at, line) in text.lines().enumerate() {
                page.field(if at == 0 { label } else { "" }, None, line);
            }
        }
        page.gap();
        for path in &finding.paths {
            let hidden = if path.live { "" } else { "  hidden" };
            page.field(&self.style.size(path.all.content_bytes, 0), None, &format!(" {}{hidden}", path.path.shown));
        }
    }

    fn edit_page(&self, page: &mut Page) {
        let Some(edit) = self.found.edit(self.report) else {
            return page.text(Some(Paint::Good), "nothing to change");
        };
        page.text(Some(Paint::Strong), &format!("{}. {}", edit.number, edit.title));
        page.text(Some(Paint::Dim), if edit.certain { "certain" } else { "check first whether the program needs it" });
        page.gap();
        self.measures(page, &[("saves", Some(Paint::Good), &edit.saves), ("alone", None, &edit.alone)]);
        page.gap();
        for layer in &edit.layers {
            page.field("change", None, &self.layer_words(*layer));
        }
        page.gap();
        for detail in &edit.details {
            page.text(None, detail);
        }
        if !edit.snippet.is_empty() {
            page.gap();
            // Lines that are to be typed are not broken.
            page.lines.extend(edit.snippet.iter().map(|line| (Some(Paint::Number), format!("  {}", escaped(line.as_bytes())))));
        }
        page.gap();
        page.field("clears", None, &edit.findings.join(", "));
    }
}
