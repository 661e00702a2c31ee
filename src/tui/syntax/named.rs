//! Which language a file is written in: by its name, or by the program that its first line names.

use super::Language;
use super::languages::LANGUAGES;

/// Most of a first line that is looked at.
const FIRST: usize = 128;

/// The language of a file with this name and content, if it is one that has colours.
pub(in super::super) fn of(name: &[u8], content: &[u8]) -> Option<&'static Language> {
    let name = String::from_utf8_lossy(name).to_lowercase();
    let before = name.split('.').next().filter(|part| !part.is_empty());
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let has = |list: &[&str], wanted: Option<&str>| wanted.is_some_and(|wanted| list.contains(&wanted));
    let by = |is_one: &dyn Fn(&Language) -> bool| LANGUAGES.iter().find(|language| is_one(language));
    by(&|language| has(language.files, Some(&name)))
        .or_else(|| by(&|language| has(language.extensions, extension)))
        .or_else(|| by(&|language| has(language.files, before)))
        .or_else(|| {
            let program = interpreter(content)?;
            by(&|language| has(language.interpreters, Some(&program)))
        })
}

/// The program of a `#!` line, without its directory and version; behind `env` the one that it is to find.
fn interpreter(content: &[u8]) -> Option<String> {
    let line = content.strip_prefix(b"#!")?;
    let line = line[..line.len().min(FIRST)].split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let mut program = words.next()?;
    if program == "env" {
        program = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
    }
    Some(program.trim_end_matches(|sign: char| sign.is_ascii_digit() || sign == '.').to_owned())
}
