//! Tars for the walker: checksums mended in what the fuzzer mutated, or members built one by one.

use arbitrary::{Result, Unstructured};

const BLOCK: usize = 512;

/// Gives every block that is, or looks like, a header the checksum that belongs to it: no fuzzer
/// finds it by chance.
pub fn mend(tar: &mut [u8]) {
    let mut next_header = 0;
    for at in (0..tar.len() / BLOCK).map(|number| number * BLOCK) {
        let block = &mut tar[at..at + BLOCK];
        let expected = at == next_header;
        if block.iter().all(|byte| *byte == 0) {
            next_header += if expected { BLOCK } else { 0 };
            continue;
        }
        if expected || block[257..262] == *b"ustar" {
            seal(block);
        }
        if expected {
            let body = if matches!(block[156], b'1'..=b'6') { 0 } else { octal(&block[124..136]) };
            next_header = at.saturating_add(BLOCK).saturating_add(body.next_multiple_of(BLOCK));
        }
    }
}

fn octal(field: &[u8]) -> usize {
    let digits = field.iter().skip_while(|byte| **byte == b' ').take_while(|byte| matches!(byte, b'0'..=b'7'));
    digits.fold(0, |value: usize, digit| (value << 3 | usize::from(digit - b'0')) & 0xff_ffff_ffff)
}

/// Writes the checksum.
pub fn seal(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
}

/// A tar whose members share few names, so that they meet: files, links, markers, extension
/// headers and sparse maps, most of them right and some not.
pub fn build(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<u8>> {
    let mut tar = Vec::new();
    for _ in 0..u.int_in_range(0..=most)? {
        if u.is_empty() {
            break;
        }
        member(u, &mut tar)?;
    }
    match u.int_in_range(0..=9)? {
        0 => {}
        1 => tar.resize(tar.len() + BLOCK, 0),
        2 => {
            tar.resize(tar.len() + 2 * BLOCK, 0);
            tar.extend_from_slice(&bytes(u, 700)?);
        }
        3 => {
            tar.resize(tar.len() + BLOCK, 0);
            member(u, &mut tar)?;
        }
        4 => tar.truncate(tar.len().saturating_sub(u.int_in_range(1..=600)?)),
        5 => tar.resize(tar.len() + 20 * BLOCK, 0),
        _ => tar.resize(tar.len() + 2 * BLOCK, 0),
    }
    Ok(tar)
}

fn member(u: &mut Unstructured<'_>, tar: &mut Vec<u8>) -> Result<()> {
    let path = path(u)?;
    let typeflag = *u.choose(b"0000055221113467S\0Zg")?;
    let link = if matches!(typeflag, b'1' | b'2') { self::path(u)? } else { Vec::new() };
    let body = vec![u.int_in_range(b'x'..=b'z')?; if matches!(typeflag, b'0' | b'7' | b'S' | b'Z' | 0) { size(u)? } else { 0 }];

    let mut pax = Vec::new();
    let mut name = path.clone();
    match u.int_in_range(0..=15)? {
        0 => extension(tar, b'L', &[&path[..], b"\0"].concat()),
        1 => extension(tar, b'K', &[&link[..], b"\0"].concat()),
        2 => {
            record(&mut pax, b"path", &path);
            name = b"short".to_vec();
        }
        3 => record(&mut pax, b"linkpath", &self::path(u)?),
        4 => extension(tar, b'g', b"20 comment=aaaaaaaa\n"),
        5 => odd_records(u, &mut pax)?,
        6 => {
            // Right but for what the fuzzer changes: pax 1.0.
            for (key, value) in [("major", "1"), ("minor", "0"), ("name", "sparse"), ("realsize", "100000")] {
                record(&mut pax, format!("GNU.sparse.{key}").as_bytes(), value.as_bytes());
            }
        }
        _ => {}
    }
    if !pax.is_empty() {
        extension(tar, b'x', &pax);
        if u.ratio(1, 8)? {
            // A pax size before another extension header is the member's, and not that header's.
            extension(tar, b'L', b"long\0");
        }
    }

    let mut body = body;
    if !pax.is_empty() && pax.windows(7).any(|window| window == b"major=1") {
        let map =
            u.choose(&["1\n0\n3\n", "2\n0\n1\n512\n9\n", "0\n", "x", "99999999999999999999\n", "9223372036854775808\n", "40\n1\n2\n"])?;
        let mut whole = map.as_bytes().to_vec();
        whole.resize(BLOCK * u.int_in_range(1..=2)?, if u.ratio(1, 4)? { b'1' } else { 0 });
        whole.extend_from_slice(&body);
        body = whole;
    }

    let mut block = [0; BLOCK];
    let name = &name[..name.len().min(100)];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(u.choose(&[b"0000644", b"0000755", b"0004755", b"7777777"])?.as_slice());
    number(&mut block[108..116], *u.choose(&[0, 0, 1000, 0o777_7777])?);
    number(&mut block[116..124], 0);
    number(&mut block[124..136], body.len() as u64);
    number(&mut block[136..148], *u.choose(&[0, 1_700_000_000])?);
    block[156] = typeflag;
    let link = &link[..link.len().min(100)];
    block[157..157 + link.len()].copy_from_slice(link);
    block[257..265].copy_from_slice(u.choose(&[b"ustar\x0000", b"ustar\x0000", b"ustar  \0", b"\0\0\0\0\0\0\0\0"])?.as_slice());
    if matches!(typeflag, b'3' | b'4') {
        number(&mut block[329..337], 1);
        number(&mut block[337..345], u.int_in_range(0..=3)?);
    }
    let mut more = false;
    match u.int_in_range(0..=31)? {
        0 => block[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        1 => block[124..136].fill(0xff),
        2 => block[136..148].fill(0xff),
        3 => block[345..350].copy_from_slice(b"dir/p"),
        4 => {
            let at = u.int_in_range(0..=BLOCK - 8)?;
            let random: [u8; 8] = u.arbitrary()?;
            block[at..at + 8].copy_from_slice(&random);
        }
        5..=8 if typeflag == b'S' => {
            number(&mut block[483..495], 1 << 20);
            block[482] = 1;
            more = true;
        }
        _ => {}
    }
    seal(&mut block);
    tar.extend_from_slice(&block);
    if more {
        let blocks = u.int_in_range(1..=3)?;
        for number in 1..=blocks {
            let mut map = [b'1'; BLOCK];
            map[504] = u8::from(number != blocks);
            tar.extend_from_slice(&map);
        }
    }
    tar.extend_from_slice(&body);
    let padding = body.len().wrapping_neg() % BLOCK;
    tar.resize(tar.len() + padding, 0);
    Ok(())
}

fn odd_records(u: &mut Unstructured<'_>, pax: &mut Vec<u8>) -> Result<()> {
    const KEYS: [&str; 12] = [
        "size",
        "uid",
        "mtime",
        "path",
        "linkpath",
        "GNU.sparse.major",
        "GNU.sparse.minor",
        "GNU.sparse.name",
        "GNU.sparse.size",
        "GNU.sparse.map",
        "GNU.sparse.offset",
        "comment",
    ];
    const VALUES: [&str; 12] = [
        "",
        "0",
        "1",
        "512",
        "1000",
        "9223372036854775807",
        "9223372036854775808",
        "-1",
        "-9223372036854775807.5",
        "1.5",
        "a/b",
        "0,1,2,3",
    ];
    for _ in 0..u.int_in_range(1..=4)? {
        let (key, value) = (*u.choose(&KEYS)?, *u.choose(&VALUES)?);
        record(pax, key.as_bytes(), value.as_bytes());
    }
    if u.ratio(1, 8)? {
        pax.extend_from_slice(&bytes(u, 40)?);
    }
    Ok(())
}

/// `LENGTH KEY=VALUE\n`, whose length counts itself.
fn record(pax: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while rest + length.to_string().len() != length {
        length += 1;
    }
    pax.extend_from_slice(format!("{length} ").as_bytes());
    pax.extend_from_slice(&[key, b"=", value, b"\n"].concat());
}

/// An extension header and its body.
fn extension(tar: &mut Vec<u8>, typeflag: u8, body: &[u8]) {
    tar.extend_from_slice(&header(b"././@LongLink", typeflag, body.len()));
    tar.extend_from_slice(body);
    let padding = body.len().wrapping_neg() % BLOCK;
    tar.resize(tar.len() + padding, 0);
}

/// A plain header.
pub fn header(name: &[u8], typeflag: u8, size: usize) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    number(&mut block[100..108], 0o644);
    number(&mut block[108..116], 0);
    number(&mut block[116..124], 0);
    number(&mut block[124..136], size as u64);
    number(&mut block[136..148], 0);
    block[156] = typeflag;
    block[257..265].copy_from_slice(b"ustar\x0000");
    seal(&mut block);
    block
}

/// A file with its header and padding.
pub fn file(tar: &mut Vec<u8>, name: &str, body: &[u8]) {
    tar.extend_from_slice(&header(name.as_bytes(), b'0', body.len()));
    tar.extend_from_slice(body);
    let padding = body.len().wrapping_neg() % BLOCK;
    tar.resize(tar.len() + padding, 0);
}

fn number(field: &mut [u8], value: u64) {
    let width = field.len() - 1;
    field[..width].copy_from_slice(format!("{value:0width$o}").as_bytes());
}

/// A few components out of few names.
fn path(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut path = Vec::new();
    for number in 0..u.int_in_range(1..=4)? {
        if number > 0 {
            path.push(b'/');
        }
        match u.int_in_range(0..=22)? {
            0..=3 => path.push(b'a'),
            4..=6 => path.push(b'b'),
            7..=9 => path.extend_from_slice(b"dir"),
            10 => path.extend_from_slice(b".wh.a"),
            11 => path.extend_from_slice(b".wh.b"),
            12 => path.extend_from_slice(b".wh.dir"),
            13 => path.extend_from_slice(b".wh..wh..opq"),
            14 => path.extend_from_slice(b".wh."),
            15 => path.extend_from_slice(b".wh..wh.plnk"),
            16 => path.extend_from_slice(b".."),
            17 => path.push(b'.'),
            18 => {}
            19 => path.extend_from_slice(&[b'n'; 110]),
            20 => path.extend_from_slice(b"\xff\x1b[2J\xe2\x80\xae"),
            21 => path.extend_from_slice(&bytes(u, 8)?),
            _ => path.push(b'c'),
        }
    }
    Ok(path)
}

fn size(u: &mut Unstructured<'_>) -> Result<usize> {
    Ok(*u.choose(&[0, 0, 1, 5, 5, 100, 511, 512, 513, 2000])?)
}

pub fn bytes(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<u8>> {
    let length = u.int_in_range(0..=most)?;
    Ok(u.bytes(length.min(u.len()))?.to_vec())
}
