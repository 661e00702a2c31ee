//! A rule explained: why, what to do, and what to do about it in one image.

use super::style::{Paint, Style};
use super::text::{cells, fit, fit_path, lines_of};
use crate::report::Report;
use crate::rules::Rule;
use crate::text::escaped;
use std::fmt::Write as _;

/// Patterns that are listed.
const PATTERNS: usize = 12;

/// What a rule is about.
pub fn rule(rule: &Rule, style: &Style) -> String {
    let mut text = String::new();
    let level = format!("level: {}", rule.level.name());
    let title = format!("{}   {}", rule.id, rule.title);
    let gap = style.width.saturating_sub(cells(&title) + cells(&level)).max(2);
    let _ =
        writeln!(text, "{}   {}{}{}\n", style.paint(Paint::Strong, &rule.id), rule.title, " ".repeat(gap), style.paint(Paint::Dim, &level));
    section(&mut text, style, "WHY", &rule.why);
    section(&mut text, style, "FIRES", &selection(rule));
    if !rule.unless.is_empty() {
        section(&mut text, style, "UNLESS", &guards(rule));
    }
    section(&mut text, style, "FIX", &rule.fix);
    if !rule.not.is_empty() {
        section(&mut text, style, "NOT", &rule.not);
    }
    if !rule.also.is_empty() {
        section(&mut text, style, "ALSO", &rule.also.join(" · "));
    }
    text
}

/// A paragraph with its heading beside it; lines that are indented already are kept as they are.
fn section(text: &mut String, style: &Style, heading: &str, body: &str) {
    let room = style.width.saturating_sub(10).max(20);
    let mut first = true;
    for line in body.lines() {
        // A command is to be copied: it is never cut.
        let lines = if line.starts_with("  ") { vec![escaped(line.as_bytes())] } else { lines_of(line, room) };
        for line in lines {
            let heading =
                if first { style.paint(Paint::Title, heading) + &" ".repeat(8usize.saturating_sub(heading.len())) } else { " ".repeat(8) };
            first = false;
            let _ = writeln!(text, "{}", format!("  {heading}{line}").trim_end());
        }
    }
}

fn selection(rule: &Rule) -> String {
    let select = &rule.select;
    let mut parts = Vec::new();
    let quoted = |list: &[String]| {
        let shown = if list.len() > PATTERNS + 1 { PATTERNS } else { list.len() };
        let more =
            if shown < list.len() { format!(" and {} more (plimsoll rules --format json)", list.len() - shown) } else { String::new() };
        format!("{}{more}", list.iter().take(shown).map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", "))
    };
    if !select.paths.is_empty() {
        parts.push(format!("on {} that a layer stores, live or hidden", quoted(&select.paths)));
    }
    if !select.except.is_empty() {
        parts.push(format!("not on {}", quoted(&select.except)));
    }
    if !select.packages.is_empty() {
        parts.push(format!("on files of the packages {} that an own layer installs", quoted(&select.packages)));
    }
    if !select.secrets.is_empty() {
        parts.push("on files whose content is one; a name alone is not enough".to_owned());
    }
    if !select.causes.is_empty() {
        let causes: Vec<&str> = select.causes.iter().map(|cause| cause.phrase()).collect();
        parts.push(format!("on hidden bytes: {}", causes.join(", or ")));
    }
    if !select.has.is_empty() {
        parts.push(format!("only if the directory has {}", quoted(&select.has)));
    }
    if !select.detector.is_empty() {
        parts.push(format!("on what the detector `{}` finds", select.detector));
    }
    if select.min_bytes > 0 {
        parts.push(format!("only files of {} bytes and more", super::size::count(select.min_bytes)));
    }
    match select.owned {
        Some(true) => parts.push("only files of packages".to_owned()),
        Some(false) => parts.push("not files of packages".to_owned()),
        None => {}
    }
    let mounts = if rule.fix.contains("type=cache") { " Cache mounts leave no bytes, so they never fire." } else { "" };
    format!("{}.{mounts}", parts.join("; "))
}

fn guards(rule: &Rule) -> String {
    let lines = rule.unless.iter().map(|guard| {
        let mut parts = Vec::new();
        let list = |what: &str, list: &[String]| format!("{what} {}", list.join(" or "));
        if guard.builds {
            parts.push("the image's purpose is building".to_owned());
        }
        if guard.compiles {
            parts.push("something in the image compiles at run time".to_owned());
        }
        for (what, words) in [
            ("the environment sets", &guard.env),
            ("the image runs", &guard.command),
            ("there is", &guard.file),
            ("there is the package", &guard.package),
            ("an instruction says", &guard.history),
            ("there is the label", &guard.label),
        ] {
            if !words.is_empty() {
                parts.push(list(what, words));
            }
        }
        if guard.env_path {
            parts.push("an environment variable names the path".to_owned());
        }
        let then = guard.then.map_or_else(String::new, |level| format!(" (then: {})", level.name()));
        format!("{}{then}", parts.join(" and "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What a rule found in an image, and what to change there.
pub fn in_image(rule: &Rule, report: &Report, style: &Style) -> String {
    let mut text = String::new();
    let name = report.image.names.first().map_or("(untagged)", String::as_str);
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule == rule.id).collect();
    let has_pull = report.image.pull_bytes.is_some();
    let pull = |bytes: u64| if has_pull { format!("pull {}", style.size(bytes, 0)) } else { "pull –".to_owned() };
    let _ = writeln!(text);
    if found.is_empty() {
        let _ = writeln!(text, "{}", fit(&format!("IN {name}: nothing found"), style.width));
        return text;
    }
    for finding in found {
        let whose = if finding.base { "  (the base image's: change the base, or choose another)" } else { "" };
        let line = format!("IN {name}    disk {}    {}{whose}", style.size(finding.all.content_bytes, 0), pull(finding.all.blob_bytes));
        let _ = writeln!(text, "{}", style.paint(Paint::Title, &fit(&line, style.width)));
        if let Some(reason) = &finding.allowed {
            let _ = writeln!(text, "  {}", fit(&format!("allowed: {reason}"), style.width.saturating_sub(2)));
        }
        for layer in &finding.layers {
            let layer = &report.layers[*layer];
            let place = layer.line.map_or_else(|| format!("layer {}", layer.index + 1), |line| format!("line {line}"));
            let made = layer.instruction.as_deref().unwrap_or("(history does not tell)");
            let _ =
                writeln!(text, "  {}  {}", style.paint(Paint::Number, &place), fit(made, style.width.saturating_sub(cells(&place) + 4)));
        }
        // Directories and empty files say nothing beside others.
        let weighty = |found: &&crate::report::FoundPath| found.all.content_bytes > 0 || finding.all.content_bytes == 0;
        let shown: Vec<_> = finding.paths.iter().filter(weighty).collect();
        for found in &shown {
            let state = if found.live { "live" } else { "hidden" };
            let room = style.width.saturating_sub(38).max(20);
            let _ = writeln!(
                text,
                "  {:>15}  {:<6}  {}",
                super::size::count(found.all.content_bytes),
                state,
                fit_path(&found.path.shown, room)
            );
        }
        let more = finding.all.entries.saturating_sub(shown.len() as u64);
        if more > 0 {
            let text_of = if more == 1 { "more entry" } else { "more entries" };
            let line = format!("  {:>15}  {text_of}: plimsoll files IMAGE --rule {}", super::size::count(more), rule.id);
            let _ = writeln!(text, "{}", fit(&line, style.width));
        }
    }
    if report.findings.iter().any(|finding| finding.rule == rule.id && finding.allowed.is_none() && !finding.base) {
        let line = format!("Allow it in plimsoll.toml: [[allow]] rule = \"{}\", reason = \"…\", expires = YYYY-MM-DD", rule.id);
        let _ = writeln!(text, "  {}", style.paint(Paint::Dim, &fit(&line, style.width.saturating_sub(2))));
    }
    let mut edits = report.edits.iter().filter(|edit| edit.findings.contains(&rule.id)).peekable();
    if edits.peek().is_some() {
        let _ = writeln!(text, "\n{}", style.paint(Paint::Title, "WHAT TO CHANGE, with the numbers of plimsoll plan"));
    }
    for edit in edits {
        let _ = writeln!(text);
        let sure = if edit.certain { "" } else { " (check first)" };
        for line in lines_of(
            &format!(
                "{}. {}{sure}: saves {}, {}",
                edit.number,
                edit.title,
                style.size(edit.saves.content_bytes, 0),
                pull(edit.saves.blob_bytes)
            ),
            style.width.saturating_sub(2),
        ) {
            let _ = writeln!(text, "  {line}");
        }
        for detail in &edit.details {
            for line in lines_of(detail, style.width.saturating_sub(5)) {
                let _ = writeln!(text, "     {}", style.paint(Paint::Dim, &line));
            }
        }
        for layer in edit.layers.iter().filter_map(|layer| report.layers.get(*layer)) {
            let place = layer.line.map_or_else(|| format!("layer {}", layer.index + 1), |line| line.to_string());
            let made = layer.instruction.as_deref().unwrap_or_default();
            let _ = writeln!(text, "   {place:>8} - {}", fit(made, style.width.saturating_sub(14)));
        }
        for line in &edit.snippet {
            let _ = writeln!(text, "   {:>8} + {}", "", escaped(line.as_bytes()));
        }
    }
    let _ = writeln!(text);
    text
}
