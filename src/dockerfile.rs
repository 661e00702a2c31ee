//! Lines of a Dockerfile, told from its instructions.
//!
//! A Dockerfile is kept as its instructions' lines and hashes: enough to find out whether it made an
//! image, by the image's history, and which line made which layer. Builders leave flags out of
//! history, and the classic one replaces what a COPY copies by a digest; both are allowed for.
//! Source: the Dockerfile reference ("Format", "Escape", "Here-Documents").

use crate::history::Verb;
use crate::image::Image;
use serde::{Deserialize, Serialize};

/// Lines of a Dockerfile, from 1, the last one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// The line that it begins on.
    pub start: u32,
    /// The line that it ends on.
    pub end: u32,
}

/// An instruction that may make a layer, or begins a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Where it is.
    pub lines: Lines,
    verb: u8,
    /// Hash of the instruction without flags.
    whole: u64,
    /// Hash of its last word: where a COPY puts what it copies.
    last: u64,
}

/// Instructions of one file: real ones have a hundredth.
const MOST: usize = 10_000;

const RUN: u8 = 0;
const COPY: u8 = 1;
const ADD: u8 = 2;
const WORKDIR: u8 = 3;
const FROM: u8 = 4;

/// The instructions of a Dockerfile that matter here.
pub fn parse(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((line, first)) = lines.next() {
        let mut instruction = first.trim().to_owned();
        if instruction.is_empty() || instruction.starts_with('#') {
            continue;
        }
        let mut end = line;
        while instruction.ends_with('\\') {
            instruction.pop();
            instruction.truncate(instruction.trim_end().len());
            // Comments and empty lines between continued lines are left out.
            let next = lines.by_ref().map(|(at, line)| (at, line.trim())).find(|(_, line)| !line.is_empty() && !line.starts_with('#'));
            let Some((at, next)) = next else { break };
            end = at;
            instruction.push(' ');
            instruction.push_str(next);
        }
        if let Some(word) = heredoc(&instruction)
            && let Some((at, _)) = lines.by_ref().find(|(_, line)| line.trim() == word)
        {
            end = at;
        }
        let (verb, body) = instruction.split_once(char::is_whitespace).unwrap_or((&instruction, ""));
        let verb = match verb.to_ascii_uppercase().as_str() {
            "RUN" => RUN,
            "COPY" => COPY,
            "ADD" => ADD,
            "WORKDIR" => WORKDIR,
            "FROM" => FROM,
            _ => continue,
        };
        if steps.len() == MOST {
            break;
        }
        steps.push(Step::new(Lines { start: line, end }, verb, body));
    }
    steps
}

/// The word that ends a here-document which the instruction opens.
fn heredoc(instruction: &str) -> Option<&str> {
    let (_, rest) = instruction.split_once("<<")?;
    let word = rest.trim_start_matches('-').split_whitespace().next()?.trim_matches(['"', '\'']);
    word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(word).filter(|word| !word.is_empty())
}

impl Step {
    fn new(lines: Lines, verb: u8, body: &str) -> Self {
        let words: Vec<&str> = body.split_whitespace().skip_while(|word| word.starts_with("--")).collect();
        let whole = crate::facts::word(words.join(" ").as_bytes());
        let last = words.last().map_or("", |word| word.trim_matches(['"', ']', ',']).trim_end_matches('/'));
        Self { lines, verb, whole, last: crate::facts::word(last.as_bytes()) }
    }

    /// Whether history's `other` is this instruction.
    fn made(&self, other: &Self) -> bool {
        self.verb == other.verb && (self.whole == other.whole || (matches!(self.verb, COPY | ADD | WORKDIR) && self.last == other.last))
    }
}

/// The lines that made each layer, if these instructions made the image's own layers; the first `base` layers are of
/// its base, which the last FROM brings.
pub fn lines(image: &Image, base: usize, steps: &[Step]) -> Option<Vec<Option<Lines>>> {
    let from = steps.iter().rev().find(|step| step.verb == FROM).map(|step| step.lines);
    let mut lines = vec![None; image.layers().len()];
    lines.iter_mut().take(base).for_each(|layer| *layer = from);
    let mut left = steps.iter().rev().take_while(|step| step.verb != FROM).collect::<Vec<_>>().into_iter().peekable();
    let mut found = 0;
    for (number, layer) in image.layers().iter().enumerate().skip(base).rev() {
        let made = layer.instruction()?;
        let verb = match made.verb {
            Verb::Run => RUN,
            Verb::Copy => COPY,
            Verb::Add => ADD,
            Verb::Workdir => WORKDIR,
            _ => return None,
        };
        let body = made.text.split_once(' ').map_or("", |(_, body)| body);
        let wanted = Step::new(Lines { start: 0, end: 0 }, verb, body);
        // A WORKDIR that exists already makes no layer.
        while left.peek().is_some_and(|step| step.verb == WORKDIR && !step.made(&wanted)) {
            left.next();
        }
        let step = left.next().filter(|step| step.made(&wanted))?;
        lines[number] = Some(step.lines);
        found += 1;
    }
    let rest = left.all(|step| step.verb == WORKDIR);
    (found > 0 && rest).then_some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_have_the_line_they_begin_on() {
        let steps =
            parse("# x\nFROM a AS b\nRUN one \\\n # no\n  two\n\nENV A=1\nRUN <<EOF\nRUN no\nEOF\nCOPY --from=b --chown=1 /x /y/\n");
        let seen: Vec<_> = steps.iter().map(|step| (step.lines.start, step.lines.end, step.verb)).collect();
        assert_eq!(seen, [(2, 2, FROM), (3, 5, RUN), (8, 10, RUN), (11, 11, COPY)]);
        let step = |verb, body| Step::new(Lines { start: 0, end: 0 }, verb, body);
        assert!(steps[1].made(&step(RUN, "one two")));
        assert!(steps[3].made(&step(COPY, "/x /y/")));
        assert!(steps[3].made(&step(COPY, "dir:… in /y")));
        assert!(!steps[1].made(&step(RUN, "one three")));
    }

    #[test]
    fn many_continued_lines_take_linear_time() {
        let start = std::time::Instant::now();
        assert_eq!(parse(&"RUN a\\\n".repeat(150_000)).len(), 1);
        assert!(start.elapsed() < std::time::Duration::from_secs(2), "{:?}", start.elapsed());
    }
}
