//! The file of dive's rules.
//!
//! It is YAML, of which this reads the one shape that dive's documentation shows: `rules:` with scalars below it. A whole
//! YAML parser, with its anchors and tags, would be a large dependency for three numbers. What it does not read is an error,
//! never a rule that silently does not apply.

use super::{Rule, Written};
use crate::error::{Error, Result};

/// Reads dive's file; `name` names it in errors.
pub fn read(text: &str, name: &str) -> Result<Written> {
    let mut written = Written::default();
    // The indentation of what is below `rules:`.
    let mut inside: Option<usize> = None;
    let mut level: Option<usize> = None;
    for (number, line) in text.lines().enumerate() {
        let wrong = |why: &str| {
            let place = format!("{}:{}", name.escape_debug(), number + 1);
            Error::Usage(format!("{place}: {why}; expected `rules:` and below it lines such as `  lowestEfficiency: 0.95`"))
        };
        let content = uncommented(line);
        let indent = content.len() - content.trim_start_matches(' ').len();
        let content = content.trim_end();
        if content.trim().is_empty() || content == "---" || content == "..." {
            continue;
        }
        if content[indent..].starts_with('\t') {
            return Err(wrong("a tab indents nothing in YAML"));
        }
        if indent == 0 {
            let (key, value) = pair(content).ok_or_else(|| wrong("no key"))?;
            (inside, level) = (None, None);
            if key.eq_ignore_ascii_case("rules") {
                match value {
                    "" | "~" | "null" => inside = Some(0),
                    flow => {
                        let list = flow.strip_prefix('{').and_then(|flow| flow.strip_suffix('}'));
                        for item in list.ok_or_else(|| wrong("`rules` has no keys"))?.split(',').filter(|item| !item.trim().is_empty()) {
                            let (key, value) = pair(item.trim()).ok_or_else(|| wrong("no key"))?;
                            set(&mut written, key, value).map_err(|why| wrong(&why))?;
                        }
                    }
                }
            }
            continue;
        }
        if inside.is_none() {
            continue;
        }
        let first = *level.get_or_insert(indent);
        if indent < first {
            return Err(wrong("less indented than the rule above"));
        }
        // What is deeper belongs to a key that is not one of the rules.
        if indent == first {
            let (key, value) = pair(content.trim_start()).ok_or_else(|| wrong("no key"))?;
            set(&mut written, key, value).map_err(|why| wrong(&why))?;
        }
    }
    Ok(written)
}

/// A line without its comment.
fn uncommented(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, sign) in line.char_indices() {
        match (quote, sign) {
            (None, '#') if before.is_whitespace() => return &line[..at],
            (None, '"' | '\'') => quote = Some(sign),
            (Some(open), sign) if open == sign => quote = None,
            _ => {}
        }
        before = sign;
    }
    line
}

/// `key: value`, unquoted key.
fn pair(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(':')?;
    let fits = value.is_empty() || value.starts_with([' ', '\t']);
    let key = key.trim().trim_matches(['"', '\'']);
    (fits && !key.is_empty() && !key.contains(' ')).then_some((key, value.trim()))
}

/// Takes the value of a rule; other keys are not dive's.
fn set(written: &mut Written, key: &str, value: &str) -> Result<(), String> {
    let Some(number) = Rule::ALL.iter().position(|rule| rule.name().eq_ignore_ascii_case(key)) else { return Ok(()) };
    let quoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    if quoted.is_none()
        && value.starts_with(['"', '\'', '[', '{', '&', '*', '!', '|', '>', '-', '@', '`', '%'])
        && value.parse::<f64>().is_err()
    {
        return Err(format!("`{key}` is no plain value"));
    }
    written[number] = match (quoted, value) {
        (None, "" | "~" | "null") => None,
        // A number is a number however it is spelled: 1e7 is ten million.
        (None, number) if number.contains(['e', 'E']) => Some(number.parse::<f64>().map_or(number.to_owned(), |number| number.to_string())),
        (quoted, plain) => Some(quoted.unwrap_or(plain).to_owned()),
    };
    Ok(())
}
