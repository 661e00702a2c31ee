//! Prefix codes (RFC 1951, section 3.2.2) as tables, and the alphabets of deflate (3.2.5).

/// The longest code.
const LONGEST: usize = 15;
/// Symbols of the largest alphabet.
const SYMBOLS: usize = 288;

const LITERAL: u32 = 1 << 31;
/// Neither a literal nor a value.
const SPECIAL: u32 = 1 << 15;
const END: u32 = 1 << 14;
/// A symbol that may not be used.
const RESERVED: u32 = 1 << 13;

/// What a code stands for, and how long it is.
///
/// Bits 0 to 7: bits of the code and the extra bits after it; 0 where a longer code begins, or none.
/// Bits 8 to 11: bits of the code alone. Bits 16 to 30: the literal, or the least value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(pub(super) u32);

impl Entry {
    const LONG: Self = Self(SPECIAL);

    /// A symbol of the code that says how long the others are (3.2.7).
    const fn plain(symbol: u32) -> Self {
        Self(symbol << 16)
    }

    /// A literal, a length or the end of the block.
    const fn literal_or_length(symbol: u32) -> Self {
        Self(match symbol {
            0..=255 => LITERAL | symbol << 16,
            256 => SPECIAL | END,
            257..=264 => (symbol - 254) << 16,
            // From here on each four have one extra bit more than the four before.
            265..=284 => {
                let extra = (symbol - 261) / 4;
                (((4 + (symbol - 261) % 4) << extra) + 3) << 16 | extra
            }
            285 => 258 << 16,
            _ => SPECIAL | RESERVED,
        })
    }

    /// A distance. From symbol 4 on each pair has one extra bit more than the one before.
    const fn distance(symbol: u32) -> Self {
        Self(match symbol {
            0..=3 => (symbol + 1) << 16,
            4..=29 => {
                let extra = symbol / 2 - 1;
                (((2 + symbol % 2) << extra) + 1) << 16 | extra
            }
            _ => SPECIAL | RESERVED,
        })
    }

    fn with_code(self, bits: u32) -> Self {
        Self((self.0 + bits) | bits << 8)
    }

    #[inline]
    pub(super) fn is_literal(self) -> bool {
        self.0 & LITERAL != 0
    }

    #[inline]
    pub(super) fn is_special(self) -> bool {
        self.0 & SPECIAL != 0
    }

    pub(super) fn is_end(self) -> bool {
        self.0 & END != 0
    }

    pub(super) fn is_reserved(self) -> bool {
        self.0 & RESERVED != 0
    }

    /// Whether the code is longer than the table is wide, if there is one.
    pub(super) fn is_long(self) -> bool {
        self.bits() == 0
    }

    #[inline]
    pub(super) fn bits(self) -> u32 {
        self.0 & 0xff
    }

    #[inline]
    pub(super) fn base(self) -> usize {
        (self.0 >> 16) as usize
    }

    #[inline]
    pub(super) fn literal(self) -> u8 {
        (self.0 >> 16) as u8
    }
}

/// What the symbols of an alphabet stand for.
type Alphabet = [Entry; SYMBOLS];

/// What a constant function makes of all symbols.
macro_rules! alphabet {
    ($of:path) => {{
        let mut entries = [Entry::LONG; SYMBOLS];
        let mut symbol = 0;
        while symbol < SYMBOLS {
            entries[symbol] = $of(symbol as u32);
            symbol += 1;
        }
        entries
    }};
}

pub(super) static PLAIN: Alphabet = alphabet!(Entry::plain);
pub(super) static LITERALS_AND_LENGTHS: Alphabet = alphabet!(Entry::literal_or_length);
pub(super) static DISTANCES: Alphabet = alphabet!(Entry::distance);

/// A code. What is at most as long as a table of `SIZE` entries is wide is looked up at once; what
/// is longer is as rare as it is long, and found by its place in the order of all codes.
pub(super) struct Codes<const SIZE: usize> {
    table: [Entry; SIZE],
    alphabet: &'static Alphabet,
    /// Symbols in the order of their codes, behind those without one.
    sorted: [u16; SYMBOLS],
    /// For each length: the first code that is longer, filled up to 15 bits.
    ends: [u32; LONGEST + 1],
    /// For each length: what to add to a code for its place in `sorted`, wrapping.
    places: [u32; LONGEST + 1],
    longest: usize,
}

impl<const SIZE: usize> Codes<SIZE> {
    const BITS: usize = SIZE.ilog2() as usize;

    /// No code yet.
    pub(super) fn new(alphabet: &'static Alphabet) -> Self {
        Self { table: [Entry::LONG; SIZE], alphabet, sorted: [0; SYMBOLS], ends: [0; LONGEST + 1], places: [0; LONGEST + 1], longest: 0 }
    }

    /// Makes the code with these lengths, 0 for symbols without one; `false` if there is none, or
    /// bits are left that mean nothing. Only a lone code may leave them, as zlib has it.
    pub(super) fn build(&mut self, lengths: &[u8]) -> bool {
        // In turn, because an addition waits for the one before if that was to the same place.
        let mut in_turn = [[0_u16; LONGEST + 1]; 4];
        for (at, length) in lengths.iter().enumerate() {
            in_turn[at % 4][usize::from(*length) & LONGEST] += 1;
        }
        let counts: [u16; LONGEST + 1] = std::array::from_fn(|length| in_turn.iter().map(|counts| counts[length]).sum());
        let mut left = 1_i32;
        let mut starts = [0_u16; LONGEST + 2];
        starts[1] = counts[0];
        self.longest = 0;
        for length in 1..=LONGEST {
            left = left * 2 - i32::from(counts[length]);
            if left < 0 {
                return false;
            }
            starts[length + 1] = starts[length] + counts[length];
            if counts[length] > 0 {
                self.longest = length;
            }
        }
        if left > 0 && self.longest > 1 {
            return false;
        }
        let mut next = starts;
        for (symbol, length) in (0..).zip(lengths) {
            let place = &mut next[usize::from(*length) & LONGEST];
            self.sorted[usize::from(*place)] = symbol;
            *place += 1;
        }
        self.fill(&starts);
        true
    }

    /// Codes come with their highest bit first, all else with its lowest: a code of `n` bits stands
    /// at its bits turned round, and again after each 2^n entries.
    fn fill(&mut self, starts: &[u16; LONGEST + 2]) {
        self.table[0] = Entry::LONG;
        let mut code = 0_u32;
        for length in 1..=LONGEST {
            code <<= 1;
            let symbols = &self.sorted[usize::from(starts[length])..usize::from(starts[length + 1])];
            self.places[length] = u32::from(starts[length]).wrapping_sub(code);
            if length <= Self::BITS {
                let half = 1 << (length - 1);
                self.table.copy_within(..half, half);
                for (code, symbol) in (code..).zip(symbols) {
                    self.table[(code.reverse_bits() >> (32 - length)) as usize] = self.entry(*symbol, length);
                }
            }
            code += symbols.len() as u32;
            self.ends[length] = code << (LONGEST - length);
        }
    }

    fn entry(&self, symbol: u16, length: usize) -> Entry {
        self.alphabet[usize::from(symbol)].with_code(length as u32)
    }

    /// What the code at the beginning of `bits` stands for.
    #[inline]
    pub(super) fn get(&self, bits: u64) -> Entry {
        self.table[bits as usize % SIZE]
    }

    /// The same where [`Entry::is_long`]. `None` if no code begins like this.
    pub(super) fn long(&self, bits: u64) -> Option<Entry> {
        let bits = (bits as u32).reverse_bits() >> (32 - LONGEST);
        let length = (Self::BITS + 1..=self.longest).find(|length| bits < self.ends[*length])?;
        let place = (bits >> (LONGEST - length)).wrapping_add(self.places[length]);
        let symbol = self.sorted.get(place as usize)?;
        Some(self.entry(*symbol, length))
    }
}
