//! The parts of a file's content that a parser asked for.

/// Byte ranges of a file, in order and apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// From the start up to `end`.
    pub(crate) fn whole(end: u64) -> Self {
        Self(vec![(0, end)])
    }

    /// From start to end, in any order, overlapping or not.
    pub(crate) fn of(mut ranges: Vec<(u64, u64)>) -> Self {
        ranges.retain(|(start, end)| start < end);
        ranges.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::new();
        for (start, end) in ranges {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        Self(merged)
    }

    /// The first of them, up to `most` bytes together.
    pub(crate) fn within(mut self, most: u64) -> Self {
        let mut left = most;
        for (start, end) in &mut self.0 {
            *end = (*end).min(start.saturating_add(left));
            left -= *end - *start;
        }
        self
    }

    /// How many bytes they are together.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.iter().map(|(start, end)| end - start).sum()
    }
}

/// Content in these ranges, filled as the file streams by.
#[derive(Debug, Default)]
pub(crate) struct Captured {
    /// Size of the whole file.
    size: u64,
    parts: Vec<(u64, Vec<u8>)>,
    ranges: Ranges,
}

impl Captured {
    /// A file that is at hand as a whole.
    pub(crate) fn complete(content: &[u8]) -> Self {
        Self { size: content.len() as u64, parts: vec![(0, content.to_vec())], ranges: Ranges::default() }
    }

    pub(crate) fn new(size: u64, ranges: Ranges) -> Self {
        let parts = ranges.0.iter().map(|(start, _)| (*start, Vec::new())).collect();
        Self { size, parts, ranges }
    }

    /// Takes what it wants of the bytes at `offset`.
    pub(crate) fn feed(&mut self, offset: u64, bytes: &[u8]) {
        let end = offset + bytes.len() as u64;
        for ((start, stop), (_, part)) in self.ranges.0.iter().zip(&mut self.parts) {
            let (from, to) = ((*start).max(offset), (*stop).min(end));
            if from < to {
                part.extend_from_slice(&bytes[(from - offset) as usize..(to - offset) as usize]);
            }
        }
    }

    /// Size of the whole file.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Bytes from the start, as far as they were kept.
    pub(crate) fn start(&self) -> &[u8] {
        self.parts.first().filter(|(start, _)| *start == 0).map_or(&[], |(_, part)| part)
    }

    /// The whole content; an error where the file is too large to be kept.
    pub(crate) fn whole(&self) -> Result<&[u8], String> {
        let start = self.start();
        if start.len() as u64 == self.size {
            return Ok(start);
        }
        Err(format!("{} bytes, of which only the first {} are read", self.size, start.len()))
    }

    /// `length` bytes at `offset`; `None` where they were not kept.
    pub(crate) fn at(&self, offset: u64, length: u64) -> Option<&[u8]> {
        let (start, part) = self.parts.iter().rev().find(|(start, _)| *start <= offset)?;
        let from = usize::try_from(offset - start).ok()?;
        let to = from.checked_add(usize::try_from(length).ok()?)?;
        part.get(from..to)
    }

    /// Everything that was kept from `offset` on, in one piece.
    pub(crate) fn from(&self, offset: u64) -> Option<&[u8]> {
        let (start, part) = self.parts.iter().rev().find(|(start, _)| *start <= offset)?;
        part.get(usize::try_from(offset - start).ok()?..)
    }
}
