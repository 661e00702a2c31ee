//! Programs and libraries: what they are linked with, and what of them is there for debuggers.
//!
//! Of a large file only the parts that tell are kept: the start, the dynamic section, the section
//! table. Source: System V ABI, chapters 4 and 5; GNU `readelf -dS` shows the same.

use super::{Captured, Fact, Input, Interner, Owned, Package, Ranges, go, rust_audit};
use object::elf::{DT_NEEDED, DT_SONAME, ET_CORE, FileHeader32, FileHeader64};
use object::read::elf::{Dyn, FileHeader, ProgramHeader, SectionHeader};
use object::{Endianness, ReadRef};
use serde::{Deserialize, Serialize};

/// What of the start is kept: the dynamic strings of all but the largest C++ libraries.
const START: u64 = 4 << 20;
/// The names of sections stand just before their table, and before them what is not for running.
const BEFORE_TABLE: u64 = 1 << 20;

/// A program or library.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elf {
    /// Libraries that it is linked with (`DT_NEEDED`).
    pub needed: Vec<String>,
    /// What others link with it as (`DT_SONAME`).
    pub soname: String,
    /// Whether `needed` may lack something, because the strings were out of reach.
    pub partial: bool,
    /// It is a memory dump.
    pub core: bool,
    /// Machine, as the ELF header numbers it.
    pub machine: u16,
    /// Bytes of debug sections.
    pub debug_bytes: u64,
    /// Bytes of symbols that `strip` takes out.
    pub symbol_bytes: u64,
    /// What it was built from, as Go and `cargo auditable` leave in it: the program's own module or
    /// crate first, which owns the file, then those that own no bytes.
    pub packages: Vec<Package>,
}

/// Which parts tell.
pub(super) fn ranges(size: u64, start: &[u8]) -> Ranges {
    let mut ranges = vec![(0, size.min(START))];
    let number = |at: usize, length: usize| -> Option<u64> {
        let bytes = start.get(at..at + length)?;
        let big = start.get(5) == Some(&2);
        let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        Some(if big { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) })
    };
    let wide = start.get(4) == Some(&2);
    // e_shoff, e_shentsize, e_shnum; e_phoff, e_phentsize, e_phnum.
    let table = if wide { (number(40, 8), number(58, 2), number(60, 2)) } else { (number(32, 4), number(46, 2), number(48, 2)) };
    if let (Some(offset), Some(entry), Some(count)) = table {
        let end = offset.saturating_add(entry * count).min(size);
        ranges.push((offset.saturating_sub(BEFORE_TABLE).min(size), end));
    }
    let program = if wide { (number(32, 8), number(54, 2), number(56, 2)) } else { (number(28, 4), number(42, 2), number(44, 2)) };
    if let (Some(offset), Some(entry), Some(count)) = program {
        for header in 0..count.min(64) {
            let Some(at) = usize::try_from(offset.saturating_add(entry * header)).ok().filter(|at| *at < start.len()) else { break };
            let flags = number(at + if wide { 4 } else { 24 }, 4).unwrap_or(0);
            // PT_DYNAMIC; and PT_LOAD with PF_W, where Go says what it built.
            let most = match number(at, 4) {
                Some(2) => 1 << 20,
                Some(1) if flags & 2 != 0 => go::MOST,
                _ => continue,
            };
            let place = if wide { (number(at + 8, 8), number(at + 32, 8)) } else { (number(at + 4, 4), number(at + 16, 4)) };
            if let (Some(from), Some(length)) = place {
                ranges.push((from.min(size), from.saturating_add(length.min(most)).min(size)));
            }
        }
    }
    Ranges::of(ranges)
}

/// Parses; `None` for what has the magic and no more.
pub(super) fn parse(input: &Input<'_>, interner: &mut Interner<'_>) -> Option<Fact> {
    let content = input.content;
    let mut found = match content.start().get(4) {
        Some(1) => read::<FileHeader32<Endianness>>(content),
        Some(2) => read::<FileHeader64<Endianness>>(content),
        _ => None,
    };
    if let Some(main) = found.as_mut().and_then(|elf| elf.packages.first_mut()) {
        main.files = Owned::Below(vec![interner.path(input.path)]);
    }
    found.map(Fact::Elf)
}

fn read<H: FileHeader<Endian = Endianness>>(content: &Captured) -> Option<Elf> {
    let header = H::parse(content).ok()?;
    let endian = header.endian().ok()?;
    let mut elf = Elf { core: header.e_type(endian) == ET_CORE, machine: header.e_machine(endian).0, ..Elf::default() };
    if let Ok(segments) = header.program_headers(endian, content) {
        linkage(&mut elf, endian, content, segments);
        let writable = segments.iter().filter(|segment| {
            segment.p_type(endian) == object::elf::PT_LOAD && segment.p_flags(endian) & object::elf::PF_W != object::elf::ProgramFlags(0)
        });
        // Programs have one or two.
        elf.packages =
            go::packages(content, writable.take(4).map(|segment| (segment.p_offset(endian).into(), segment.p_filesz(endian).into())));
    }
    if let Ok(sections) = header.sections(endian, content) {
        // Only the first: to unpack thousands, which may all be the same bytes, would take hours.
        let mut audited = false;
        for section in sections.iter() {
            let name = sections.section_name(endian, section).unwrap_or_default();
            let size: u64 = section.sh_size(endian).into();
            if section.sh_type(endian) == object::elf::SHT_NOBITS || size > content.size() {
                continue;
            }
            if name.starts_with(b".debug_") || name.starts_with(b".zdebug_") {
                elf.debug_bytes += size;
            } else if name == b".symtab" || name == b".strtab" {
                elf.symbol_bytes += size;
            } else if name == b".dep-v0" && !std::mem::replace(&mut audited, true) && elf.packages.is_empty() {
                let data = content.at(section.sh_offset(endian).into(), size);
                elf.packages = data.and_then(rust_audit::packages).unwrap_or_default();
            }
        }
    }
    Some(elf)
}

fn linkage<P: ProgramHeader<Endian = Endianness>>(elf: &mut Elf, endian: Endianness, content: &Captured, segments: &[P]) {
    let Some(entries) = segments.iter().find_map(|segment| segment.dynamic(endian, content).transpose()) else { return };
    let Ok(entries) = entries else {
        elf.partial = true;
        return;
    };
    // The strings are given by their address in memory; the segments say where that is in the file.
    let address = entries.iter().find(|entry| entry.d_tag(endian) == object::elf::DT_STRTAB).map(|entry| entry.d_val(endian).into());
    let offset = address.and_then(|address: u64| {
        segments.iter().find_map(|segment| {
            let (start, length): (u64, u64) = (segment.p_vaddr(endian).into(), segment.p_filesz(endian).into());
            let inside = segment.p_type(endian) == object::elf::PT_LOAD && address >= start && address - start < length;
            inside.then(|| segment.p_offset(endian).into().saturating_add(address - start))
        })
    });
    let Some(strings) = offset.and_then(|offset: u64| content.from(offset)) else {
        elf.partial = true;
        return;
    };
    for entry in entries {
        let tag = entry.d_tag(endian);
        if tag != DT_NEEDED && tag != DT_SONAME {
            continue;
        }
        let at = usize::try_from(entry.d_val(endian).into()).unwrap_or(usize::MAX);
        let text = strings.get(at..).and_then(|rest| name(rest));
        match text {
            Some(text) if tag == DT_NEEDED && elf.needed.len() < 1000 => elf.needed.push(String::from_utf8_lossy(text).into_owned()),
            Some(text) if tag == DT_SONAME => elf.soname = String::from_utf8_lossy(text).into_owned(),
            _ => elf.partial = true,
        }
    }
}

/// A name up to its NUL; `None` where there is none within what names are long.
fn name(bytes: &[u8]) -> Option<&[u8]> {
    const LONGEST: usize = 256;
    bytes.iter().take(LONGEST).position(|byte| *byte == 0).map(|end| &bytes[..end])
}

impl<'c> ReadRef<'c> for &'c Captured {
    fn len(self) -> Result<u64, ()> {
        Ok(self.size())
    }

    fn read_bytes_at(self, offset: u64, size: u64) -> Result<&'c [u8], ()> {
        self.at(offset, size).ok_or(())
    }

    fn read_bytes_at_until(self, range: std::ops::Range<u64>, delimiter: u8) -> Result<&'c [u8], ()> {
        // Only names of sections are read so.
        if delimiter != 0 {
            return Err(());
        }
        self.from(range.start).and_then(name).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{fact, spelled};
    use crate::facts::{Ecosystem, go, rust_audit};

    /// A program of one writable segment and one section: 64-bit, little-endian.
    fn program(segment: &[u8], name: &str, section: &[u8]) -> Vec<u8> {
        let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        let names = format!("\0{name}\0");
        let place = 64 + 56 + 8 + segment.len();
        let table = place + section.len() + names.len();
        out.extend([64u64, table as u64].map(u64::to_le_bytes).concat());
        out.extend([0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 64, 0, 3, 0, 2, 0]);
        out.extend([1u32, 6].map(u32::to_le_bytes).concat());
        out.extend([128, 128, 128, segment.len() as u64, segment.len() as u64, 4096].map(u64::to_le_bytes).concat());
        out.extend([0; 8]);
        out.extend(segment);
        out.extend(section);
        out.extend(names.as_bytes());
        out.extend([0; 64]);
        for (name, kind, from, length) in [(1u32, 1u32, place, section.len()), (0, 3, place + section.len(), names.len())] {
            out.extend([name, kind].map(u32::to_le_bytes).concat());
            out.extend([0, 0, from as u64, length as u64, 0, 1, 0].map(u64::to_le_bytes).concat());
        }
        out
    }

    fn elf(content: &[u8]) -> (crate::paths::Paths, Elf) {
        let (paths, found) = fact("usr/bin/hello", content);
        let Ok(Some(Fact::Elf(elf))) = found else { panic!("{found:?}") };
        (paths, elf)
    }

    #[test]
    fn modules_in_a_program() {
        // So long that only parts of it are kept.
        let segment = [go::tests::info(go::tests::TEXT), vec![0; 9 << 20]].concat();
        let (paths, elf) = elf(&program(&segment, ".comment", b"GCC"));
        assert_eq!(elf.packages.len(), 5);
        assert_eq!(elf.packages[0].ecosystem, Ecosystem::Golang);
        assert_eq!(spelled(&paths, &elf.packages[0].files), ["/usr/bin/hello"]);
        assert_eq!(elf.packages[1].files, Owned::Listed(Vec::new()));
    }

    #[test]
    fn one_section_about_crates() {
        let sound = rust_audit::tests::section(rust_audit::tests::TEXT);
        let mut content = program(&[0; 16], ".dep-v0", &[b"no zlib".as_slice(), &sound].concat());
        // The section is there twice: damaged first, sound then.
        let place: u64 = 64 + 56 + 8 + 16;
        let table = content.len() - 128;
        let mut second = content[table..table + 64].to_vec();
        second[24..32].copy_from_slice(&(place + 7).to_le_bytes());
        second[32..40].copy_from_slice(&(sound.len() as u64).to_le_bytes());
        content.extend(second);
        content[60] = 4;
        assert_eq!(elf(&content).1.packages, []);
        // Without the first, the second is read.
        content[table..table + 4].fill(0);
        assert_eq!(elf(&content).1.packages.len(), 2);
    }

    #[test]
    fn crates_in_a_program() {
        let content = program(&vec![0; 9 << 20], ".dep-v0", &rust_audit::tests::section(rust_audit::tests::TEXT));
        let (paths, elf) = elf(&content);
        let names: Vec<_> = elf.packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["hello", "adler"]);
        assert_eq!(spelled(&paths, &elf.packages[0].files), ["/usr/bin/hello"]);
    }
}
