//! Lines of a Dockerfile, told from its instructions.
//!
//! A Dockerfile is kept as its instructions' lines and hashes: enough to find out whether it made an
//! image, by the image's history, and which line made which layer. Builders leave flags out of
//! history, and the classic one replaces what a COPY copies by a digest; both are allowed for.
//! Source: the Dockerfile reference ("Format", "Escape", "Here-Documents").

use crate::history::Verb;
use crate::image::{Image, Layer};
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
    /// Hash of the instruction without flags; of a FROM, of what it is from.
    whole: u64,
    /// Hash of its last word: where a COPY puts what it copies; of a FROM, its name as a stage.
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
        let mut script = String::new();
        if let Some(word) = heredoc(&instruction) {
            let alone = is_heredoc_alone(&instruction);
            for (at, line) in lines.by_ref() {
                let last = line.trim() == word;
                // What a shell is given as a file of its own is in history with the word that ends it.
                if !(last && alone) {
                    script.push(' ');
                    script.push_str(line);
                }
                if last {
                    end = at;
                    break;
                }
            }
            if alone && is_run(&instruction) {
                instruction.truncate(instruction.find("<<").unwrap_or(instruction.len()));
            }
        }
        if is_run(&instruction) {
            instruction.push_str(&script);
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

/// The instructions of a Dockerfile down to the end of one stage, by its name or its number from 0, as builders take
/// `--target`; `None` where there is no such stage.
pub fn stage(text: &str, target: &str) -> Option<Vec<Step>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_named = |step: &Step| {
        let lines = &lines[step.lines.start as usize - 1..step.lines.end as usize];
        let words: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).filter(|word| *word != "\\").collect();
        matches!(words[..], [.., word, name] if word.eq_ignore_ascii_case("as") && name.eq_ignore_ascii_case(target))
    };
    let mut steps = parse(text);
    let stages: Vec<usize> = (0..steps.len()).filter(|at| steps[*at].verb == FROM).collect();
    let chosen = stages.iter().position(|at| is_named(&steps[*at])).or_else(|| target.parse().ok())?;
    stages.get(chosen)?;
    if let Some(next) = stages.get(chosen + 1) {
        steps.truncate(*next);
    }
    Some(steps)
}

/// The word that ends a here-document which the instruction opens.
fn heredoc(instruction: &str) -> Option<&str> {
    let (_, rest) = instruction.split_once("<<")?;
    let word = rest.trim_start_matches('-').split_whitespace().next()?.trim_matches(['"', '\'']);
    word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(word).filter(|word| !word.is_empty())
}

fn is_run(instruction: &str) -> bool {
    instruction.split_whitespace().next().is_some_and(|verb| verb.eq_ignore_ascii_case("RUN"))
}

/// Whether a here-document is all that an instruction has, but for flags: then the shell runs its lines.
fn is_heredoc_alone(instruction: &str) -> bool {
    let mut words = instruction.split_whitespace().skip(1).skip_while(|word| word.starts_with("--"));
    words.next().is_some_and(|word| word.starts_with("<<")) && words.next().is_none()
}

impl Step {
    fn new(lines: Lines, verb: u8, body: &str) -> Self {
        let words: Vec<&str> = body.split_whitespace().skip_while(|word| word.starts_with("--")).collect();
        if verb == FROM {
            // Names of stages are the same in any case (Dockerfile reference, "FROM").
            let hash = |word: Option<&&str>| crate::facts::word(word.map_or_else(String::new, |word| word.to_ascii_lowercase()).as_bytes());
            let name =
                Some(&words[..]).filter(|words| matches!(words, [_, word, _] if word.eq_ignore_ascii_case("as"))).and_then(<[_]>::last);
            return Self { lines, verb, whole: hash(words.first()), last: hash(name) };
        }
        let text = words.join(" ");
        // History has the words of an array, and not its signs.
        let exec: Option<Vec<String>> =
            Some(&text).filter(|text| verb == RUN && text.starts_with('[')).and_then(|text| serde_json::from_str(text).ok());
        // A shell in front is taken for the one that a RUN has anyway.
        let text = exec.map_or(text, |words| words.join(" ").trim_start_matches("/bin/sh -c ").to_owned());
        let whole = crate::facts::word(text.split_whitespace().collect::<Vec<_>>().join(" ").as_bytes());
        let last = words.last().map_or("", |word| word.trim_matches(['"', ']', ',']).trim_end_matches('/'));
        Self { lines, verb, whole, last: crate::facts::word(last.as_bytes()) }
    }

    /// Whether history's `other` is this instruction.
    fn made(&self, other: &Self) -> bool {
        self.verb == other.verb && (self.whole == other.whole || (matches!(self.verb, COPY | ADD | WORKDIR) && self.last == other.last))
    }
}

/// What a Dockerfile made of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// How many of the first layers it did not make: those of the image it is built from.
    pub base: usize,
    /// The lines that made each layer; those of the FROM for the base's.
    pub lines: Vec<Option<Lines>>,
    /// It begins with `FROM scratch`.
    pub from_scratch: bool,
}

/// The last stage, and the stages that it is built on, from the last instruction to the first.
struct Chain<'s> {
    steps: Vec<&'s Step>,
    /// The FROM that brings another image.
    from: Option<&'s Step>,
}

impl<'s> Chain<'s> {
    fn of(mut steps: &'s [Step]) -> Self {
        let mut chain = Self { steps: Vec::new(), from: None };
        while let Some(at) = steps.iter().rposition(|step| step.verb == FROM) {
            let from = &steps[at];
            chain.steps.extend(steps[at + 1..].iter().rev());
            chain.from = Some(from);
            // A stage can only be built on one before it.
            let Some(parent) = steps[..at].iter().rposition(|step| step.verb == FROM && step.last == from.whole) else { break };
            let end = steps[parent + 1..at].iter().position(|step| step.verb == FROM).map_or(at, |next| parent + 1 + next);
            steps = &steps[..end];
        }
        chain
    }
}

/// What these instructions made, if they made the image's own layers; the first `base` layers are of its base. Without
/// `base` all that they did not make is.
pub fn made(image: &Image, base: Option<usize>, steps: &[Step]) -> Option<Made> {
    let chain = Chain::of(steps);
    let from_scratch = chain.from.is_some_and(|from| from.whole == crate::facts::word(b"scratch"));
    let mut lines = vec![None; image.layers().len()];
    let mut left = chain.steps.into_iter().peekable();
    let mut bottom = lines.len();
    for (number, layer) in image.layers().iter().enumerate().skip(base.unwrap_or(0)).rev() {
        let wanted = wanted(layer);
        // A WORKDIR that exists already makes no layer.
        while left.peek().is_some_and(|step| step.verb == WORKDIR && !wanted.as_ref().is_some_and(|wanted| step.made(wanted))) {
            left.next();
        }
        let Some(step) = left.next() else {
            if base.is_some() {
                return None;
            }
            break;
        };
        if !step.made(&wanted?) {
            return None;
        }
        lines[number] = Some(step.lines);
        bottom = number;
    }
    let found = bottom < lines.len() && left.all(|step| step.verb == WORKDIR);
    if !found || base.is_none() && from_scratch && bottom > 0 {
        return None;
    }
    lines.iter_mut().take(bottom).for_each(|layer| *layer = chain.from.map(|from| from.lines));
    Some(Made { base: bottom, lines, from_scratch })
}

/// The instruction that history has for a layer.
fn wanted(layer: &Layer) -> Option<Step> {
    let made = layer.instruction()?;
    let verb = match made.verb {
        Verb::Run => RUN,
        Verb::Copy => COPY,
        Verb::Add => ADD,
        Verb::Workdir => WORKDIR,
        _ => return None,
    };
    let body = made.text.split_once(' ').map_or("", |(_, body)| body);
    Some(Step::new(Lines { start: 0, end: 0 }, verb, body))
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
        assert!(steps[2].made(&step(RUN, "RUN no")), "history has the lines of a here-document");
    }

    #[test]
    fn here_documents_and_arrays_as_history_has_them() {
        let steps = parse(
            "RUN --network=none <<EOF\nset -e\n  one && two\nEOF\nRUN bash <<-'E' && three\n\tfour\nE\nRUN [\"/bin/a\", \"b  c\"]\nRUN five\n",
        );
        let step = |body| Step::new(Lines { start: 0, end: 0 }, RUN, body);
        assert!(steps[0].made(&step("set -e one && two")));
        assert!(steps[1].made(&step("bash <<-'E' && three four E")));
        assert!(steps[2].made(&step("/bin/a b c")) && steps[2].made(&step("[\"/bin/a\", \"b  c\"]")));
        assert!(steps[3].made(&step("five")));
        assert_eq!(steps.iter().map(|step| (step.lines.start, step.lines.end)).collect::<Vec<_>>(), [(1, 4), (5, 7), (8, 8), (9, 9)]);
    }

    #[test]
    fn stages_that_are_built_on_stages() {
        let chain = |text: &str| {
            let steps = parse(text);
            let chain = Chain::of(&steps);
            (chain.steps.iter().map(|step| step.lines.start).collect::<Vec<_>>(), chain.from.map(|from| from.lines.start))
        };
        assert_eq!(chain("FROM a AS One\nRUN x\nFROM b\nRUN y\nFROM one as two\nRUN z\n"), (vec![6, 2], Some(1)));
        assert_eq!(chain("FROM a AS b\nRUN x\nFROM c AS b\nRUN y\nFROM b\nRUN z\n"), (vec![6, 4], Some(3)));
        assert_eq!(chain("FROM a\nRUN x\nFROM a AS a\nRUN y\n"), (vec![4], Some(3)), "no stage is its own parent");
        assert_eq!(chain("RUN x\n"), (vec![], None));
    }

    #[test]
    fn a_stage_ends_where_the_next_begins() {
        let text = "ARG A=1\nFROM a AS Build\nRUN one\nFROM --platform=linux/amd64 \\\n  b as run\nRUN two\nFROM c\nRUN three\n";
        let ends = |target| stage(text, target).map(|steps| steps.last().expect("steps").lines.start);
        assert_eq!([ends("build"), ends("run"), ends("0"), ends("2")], [Some(3), Some(6), Some(3), Some(8)]);
        assert_eq!([ends("a"), ends("3"), ends("")], [None; 3]);
    }

    #[test]
    fn many_continued_lines_take_linear_time() {
        let start = std::time::Instant::now();
        assert_eq!(parse(&"RUN a\\\n".repeat(150_000)).len(), 1);
        assert!(start.elapsed() < std::time::Duration::from_secs(2), "{:?}", start.elapsed());
    }
}
