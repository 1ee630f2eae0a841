//! Random numbers that are the same on every machine: a splitmix64 generator and the distributions used here.

/// Splitmix64 (Steele, Lea, Flood 2014): small, fast, and sufficient for test data.
pub struct Rng(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output function of splitmix64: a bijection that spreads consecutive numbers over the whole range.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Rng {
    /// Each purpose has its own stream, so that a change in one, such as new texts, does not change the others.
    pub fn new(seed: u64, purpose: &str) -> Self {
        Self(
            purpose
                .bytes()
                .fold(mix(seed.wrapping_add(GOLDEN)), |state, byte| {
                    mix(state ^ u64::from(byte))
                }),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number from 0 to `end`, exclusive. The bias of `%` is negligible here.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Seconds from 0 to `end`, exclusive.
    pub fn seconds(&mut self, end: i64) -> i64 {
        (self.next() >> 1).cast_signed() % end.max(1)
    }

    /// An index into a sequence of this length.
    pub fn index(&mut self, len: usize) -> usize {
        // 31 bits fit into usize on every platform with files; the fallback is never used.
        usize::try_from(self.next() >> 33).unwrap_or(0) % len.max(1)
    }

    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.index(items.len())]
    }

    /// Up to `most` different items, in the order in which they are drawn.
    pub fn some_of(&mut self, items: &[&'static str], most: u64) -> Vec<&'static str> {
        let mut drawn = Vec::new();
        for _ in 0..self.below(most + 1) {
            let item = self.pick(items);
            if !drawn.contains(&item) {
                drawn.push(item);
            }
        }
        drawn
    }

    /// An exponentially distributed waiting time: many short, a few very long, about `mean` on average.
    ///
    /// The exponential value is -ln(u) · mean. The position of the first set bit of a random u and the bits
    /// after it give -log2(u) to within a tenth, and 45 426 / 2^16 is ln 2, so no floats are needed.
    pub fn waiting(&mut self, mean: i64) -> i64 {
        let bits = self.next() | 1;
        let zeros = bits.leading_zeros();
        let behind_first_bit = (bits << zeros << 1) >> 48;
        let log2_in_65536ths = i64::from(zeros + 1) * 65_536 - behind_first_bit.cast_signed();
        (mean * log2_in_65536ths * 45_426) >> 32
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }
}

/// An id that looks random but is unique: the mapping from numbers is one to one.
pub fn opaque_id(prefix: &str, number: u64, seed: u64) -> String {
    const BITS: u64 = (1 << 50) - 1; // ten digits of base 36 hold 51 bits
    // Multiplication by an odd number and xor with a shift are both reversible within the 50 bits.
    let mut value = (number ^ mix(seed)) & BITS;
    for _ in 0..2 {
        value = value.wrapping_mul(GOLDEN) & BITS;
        value ^= value >> 25;
    }
    let mut digits = [b'0'; 10];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"
            .get(usize::try_from(value % 36).unwrap_or(0))
            .copied()
            .unwrap_or(b'0');
        value /= 36;
    }
    digits.iter().fold(prefix.to_owned(), |mut id, digit| {
        id.push(char::from(*digit));
        id
    })
}
