//! What a registry asks for: the `WWW-Authenticate` header (RFC 9110, section 11.6.1).
//!
//! One header may hold several challenges, and commas stand between challenges as well as between
//! their parameters. The header is hostile: what cannot be read ends the list, what is too much is
//! left out, and nothing is an error.

/// Challenges kept of one answer; registries send one or two.
const CHALLENGES: usize = 16;
/// Parameters kept of one challenge; the token flow knows four.
const PARAMETERS: usize = 32;
/// Bytes of a header that are looked at.
const LENGTH: usize = 16 << 10;

/// One way to authenticate, as a registry offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// `basic`, `bearer`, …, in lower case.
    pub scheme: String,
    /// Names in lower case, and values without their quotes, in the order sent.
    pub parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The first parameter of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The challenges of one header, in the order sent.
pub fn parse(header: &str) -> Vec<Challenge> {
    let mut end = header.len().min(LENGTH);
    while !header.is_char_boundary(end) {
        end -= 1;
    }
    let mut text = Text { rest: &header[..end] };
    let mut challenges = Vec::new();
    while challenges.len() < CHALLENGES {
        text.separators();
        let Some(scheme) = text.token() else { break };
        let parameters = text.parameters();
        challenges.push(Challenge { scheme: scheme.to_ascii_lowercase(), parameters });
    }
    challenges
}

/// What is left of a header.
struct Text<'a> {
    rest: &'a str,
}

impl<'a> Text<'a> {
    fn parameters(&mut self) -> Vec<(String, String)> {
        let mut parameters = Vec::new();
        self.spaces();
        let mut first = true;
        loop {
            let before = self.rest;
            self.separators();
            match self.parameter() {
                Some((name, value)) => {
                    if parameters.len() < PARAMETERS {
                        parameters.push((name.to_ascii_lowercase(), value));
                    }
                }
                // `token68`, as in `Negotiate YII=`: credentials of a scheme that is not ours.
                None if first && before == self.rest && !self.rest.is_empty() => {
                    self.until(|c| c == ',');
                }
                None => {
                    self.rest = before;
                    return parameters;
                }
            }
            first = false;
        }
    }

    /// `name=value` or `name="value"`; nothing is consumed if it is something else.
    fn parameter(&mut self) -> Option<(&'a str, String)> {
        let before = self.rest;
        let found = self.token().and_then(|name| {
            self.spaces();
            self.rest = self.rest.strip_prefix('=')?;
            self.spaces();
            let value = if self.rest.starts_with('"') { self.quoted()? } else { self.bare()? };
            Some((name, value))
        });
        if found.is_none() {
            self.rest = before;
        }
        found
    }

    /// A quoted string, with its escapes undone. Without its end it is none.
    fn quoted(&mut self) -> Option<String> {
        let mut value = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Some(value);
                }
                '\\' => value.push(characters.next()?.1),
                other => value.push(other),
            }
        }
        None
    }

    /// A value without quotes. Some servers leave them away around URLs, which are no tokens, so all
    /// but separators is taken. `=` alone is the padding of a `token68`.
    fn bare(&mut self) -> Option<String> {
        let value = self.until(|c: char| c == ',' || c.is_ascii_whitespace());
        (!value.trim_matches('=').is_empty()).then(|| value.to_owned())
    }

    fn token(&mut self) -> Option<&'a str> {
        let token = self.until(|c: char| !(c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)));
        (!token.is_empty()).then_some(token)
    }

    fn until(&mut self, end: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = self.rest.split_at(self.rest.find(end).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn separators(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', ',']);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn shown(header: &str) -> String {
        let one = |challenge: &Challenge| {
            let parameters: Vec<_> = challenge.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{}[{}]", challenge.scheme, parameters.join("|"))
        };
        parse(header).iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn one_challenge() {
        // The example of the distribution specification's token flow.
        assert_eq!(
            shown(r#"Bearer realm="https://auth.example.com/token",service="registry.example.com",scope="repository:a/b:pull,push""#),
            "bearer[realm=https://auth.example.com/token|service=registry.example.com|scope=repository:a/b:pull,push]"
        );
        assert_eq!(shown("Basic realm=\"a \\\"b\\\" \\\\\""), "basic[realm=a \"b\" \\]");
        assert_eq!(shown("BASIC REALM=x"), "basic[realm=x]");
        assert_eq!(shown("Bearer realm = \"x\" , service\t=y"), "bearer[realm=x|service=y]");
        assert_eq!(
            shown("Bearer realm=https://auth.example.com/token?a=b,service=x"),
            "bearer[realm=https://auth.example.com/token?a=b|service=x]"
        );
    }

    #[test]
    fn several_challenges() {
        // RFC 9110, section 11.6.1: two challenges in one field.
        assert_eq!(
            shown(r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#),
            "basic[realm=simple] newauth[realm=apps|type=1|title=Login to \"apps\"]"
        );
        assert_eq!(shown("Negotiate, Basic realm=x"), "negotiate[] basic[realm=x]");
        assert_eq!(shown("Negotiate YIIabc+/==, Basic realm=x"), "negotiate[] basic[realm=x]");
        assert_eq!(shown("NTLM a=, Basic realm=x"), "ntlm[] basic[realm=x]");
        assert_eq!(shown(" , ,Basic ,, realm=x,, ,Bearer realm=y,"), "basic[realm=x] bearer[realm=y]");
    }

    #[test]
    fn what_cannot_be_read_ends_the_list() {
        for header in ["", ",", "=", "\"", "\"realm\"", "é", "  ", "=x, Basic realm=y"] {
            assert_eq!(shown(header), "", "{header:?}");
        }
        assert_eq!(shown("Bearer realm=\"x"), "bearer[]");
        assert_eq!(shown("Bearer realm=\"x\\"), "bearer[]");
        assert_eq!(shown("Bearer service=a, realm=\"x"), "bearer[service=a] realm[]");
        assert_eq!(shown("Bearer a=\"\",b=é"), "bearer[a=|b=é]");
    }

    #[test]
    fn hostile_lengths_are_cut() {
        let parameters: Vec<_> = (0..1000).map(|number| format!("p{number}=1")).collect();
        assert_eq!(parse(&format!("Bearer {}", parameters.join(",")))[0].parameters.len(), PARAMETERS);
        assert_eq!(parse(&"a,".repeat(1000)).len(), CHALLENGES);
        assert_eq!(parse(&format!("Bearer realm=\"{}\"", "é".repeat(LENGTH))), [Challenge { scheme: "bearer".into(), parameters: vec![] }]);
    }

    proptest! {
        #[test]
        fn what_is_written_by_the_grammar_is_read(
            written in vec(("[A-Za-z][A-Za-z0-9-]{0,8}", vec(("[a-z][a-z0-9_-]{0,8}", ".{0,20}"), 1..6)), 0..4),
            space in "[ \t]{0,2}",
        ) {
            let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            let one = |(scheme, parameters): &(String, Vec<(String, String)>)| {
                let parameters: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}{space}={space}{}", quoted(value))).collect();
                format!("{scheme} {}", parameters.join(&format!("{space},{space}")))
            };
            let header: Vec<_> = written.iter().map(one).collect();
            let expected: Vec<_> = written
                .iter()
                .map(|(scheme, parameters)| Challenge { scheme: scheme.to_ascii_lowercase(), parameters: parameters.clone() })
                .collect();
            prop_assert_eq!(parse(&header.join(&format!("{space},"))), expected);
        }

        #[test]
        fn nothing_makes_it_panic(header in r#"([A-Za-z]{0,3}[ =,"\\]{0,3}|.{0,3}){0,40}"#) {
            for challenge in parse(&header) {
                prop_assert!(!challenge.scheme.is_empty());
            }
        }
    }
}
