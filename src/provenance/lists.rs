//! Lists as a statement has them, each kept in the least that is needed of it.

use super::chains::Chain;
use super::statement::StepId;
use crate::dockerfile::Lines;
use crate::oci::Digest;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// A line number beyond is nobody's.
const LINE: u64 = 10_000_000;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Position {
    line: u64,
}

/// A list that may have so many elements.
pub(super) struct List<T, const MOST: usize>(pub(super) Vec<T>);

/// An object whose keys are steps, with at most so many of them.
pub(super) struct Map<T, const MOST: usize>(pub(super) Vec<(StepId, T)>);

/// The first element of a list.
pub(super) struct First<T>(pub(super) Option<T>);

/// From the first line of some ranges to the last.
#[derive(Default)]
pub(super) struct Span(pub(super) Option<Lines>);

/// Descriptors of blobs, as their digests.
pub(super) struct Blobs(pub(super) Chain);

impl<T, const MOST: usize> Default for List<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MOST: usize> Default for Map<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for First<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// Makes an `R` of a list's elements, one by one.
trait FromList<'de>: Sized {
    fn from_list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error>;
}

struct ListVisitor<R>(PhantomData<R>);

impl<'de, R: FromList<'de>> Visitor<'de> for ListVisitor<R> {
    type Value = R;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<R, A::Error> {
        R::from_list(list)
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> FromList<'de> for List<T, MOST> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut all = Vec::new();
        while let Some(element) = list.next_element()? {
            if all.len() == MOST {
                return Err(A::Error::custom(format_args!("more than {MOST} elements")));
            }
            all.push(element);
        }
        Ok(Self(all))
    }
}

impl<'de, T: Deserialize<'de>> FromList<'de> for First<T> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let first = list.next_element()?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self(first))
    }
}

impl<'de> FromList<'de> for Span {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut span: Option<(u64, u64)> = None;
        while let Some(Range { start, end }) = list.next_element()? {
            let (start, end) = (start.line, end.line.max(start.line));
            if start > 0 {
                span = Some(span.map_or((start, end), |known| (known.0.min(start), known.1.max(end))));
            }
        }
        let lines = |(start, end): (u64, u64)| Lines { start: start as u32, end: end as u32 };
        Ok(Self(span.filter(|(_, end)| *end <= LINE).map(lines)))
    }
}

impl<'de> FromList<'de> for Blobs {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        #[derive(Deserialize)]
        struct Blob {
            digest: Digest,
        }
        // A digest is as long in the text: no list of them is much larger here than there.
        let mut chain = Chain::new();
        while let Some(Blob { digest }) = list.next_element()? {
            chain.push(digest);
        }
        Ok(Self(chain))
    }
}

/// Gives each kind of list its `Deserialize`.
macro_rules! lists {
    ($([$($generics:tt)*] $list:ty,)+) => {$(
        impl<'de, $($generics)*> Deserialize<'de> for $list {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_seq(ListVisitor(PhantomData))
            }
        }
    )+};
}

lists! {
    [T: Deserialize<'de>, const MOST: usize] List<T, MOST>,
    [T: Deserialize<'de>] First<T>,
    [] Span,
    [] Blobs,
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Map<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MapVisitor<T, const MOST: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for MapVisitor<T, MOST> {
            type Value = Map<T, MOST>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    if all.len() == MOST {
                        return Err(A::Error::custom(format_args!("more than {MOST} steps")));
                    }
                    all.push(entry);
                }
                Ok(Map(all))
            }
        }
        deserializer.deserialize_map(MapVisitor(PhantomData))
    }
}
