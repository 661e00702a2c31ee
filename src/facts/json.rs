//! JSON records that people and old tools wrote: a value of the wrong type counts as absent, a
//! list without end is cut. What is not asked for is skipped without being kept.

use super::names::clip;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Most elements of one list that are kept.
const MOST: usize = 200_000;

/// Reads a whole document, with or without a byte order mark.
pub(super) fn read<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    serde_json::from_slice(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content)).map_err(|error| error.to_string())
}

/// A value of whatever type.
#[derive(Debug, Default)]
pub(super) enum Loose {
    Text(String),
    /// The strings of a list, or the keys of an object.
    Names(Vec<String>),
    Flag(bool),
    #[default]
    Other,
}

impl Loose {
    /// The string; empty where it is none.
    pub(super) fn text(self) -> String {
        if let Self::Text(text) = self { text } else { String::new() }
    }

    /// The strings of the list, or the keys of the object.
    pub(super) fn names(self) -> Vec<String> {
        if let Self::Names(names) = self { names } else { Vec::new() }
    }

    /// Whether it is `true`.
    pub(super) fn flag(&self) -> bool {
        matches!(self, Self::Flag(true))
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose::Text(clip(text)))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Loose, E> {
        Ok(Loose::Flag(flag))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Loose, E> {
        Ok(Loose::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Loose, E> {
        Ok(Loose::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Loose, E> {
        Ok(Loose::Other)
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose, A::Error> {
        let mut names = Vec::new();
        while let Some(element) = list.next_element::<Loose>()? {
            if let (Loose::Text(text), true) = (element, names.len() < MOST) {
                names.push(text);
            }
        }
        Ok(Loose::Names(names))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        let mut names = Vec::new();
        while let Some((key, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
            if names.len() < MOST {
                names.push(clip(&key));
            }
        }
        Ok(Loose::Names(names))
    }
}

/// The values of a list or an object, with their keys where they have some.
#[derive(Debug)]
pub(super) struct Each<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Each<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Each<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EachVisitor(PhantomData))
    }
}

struct EachVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for EachVisitor<T> {
    type Value = Each<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Each<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element::<T>()? {
            if values.len() < MOST {
                values.push((String::new(), value));
            }
        }
        Ok(Each(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Each<T>, A::Error> {
        let mut values = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, T>()? {
            if values.len() < MOST {
                values.push((clip(&key), value));
            }
        }
        Ok(Each(values))
    }
}
