//! Chance that is the same everywhere: a splitmix64 generator and the few draws made from it.

/// Splitmix64 (Steele, Lea, Flood 2014): tiny, fast, and good enough for test data.
pub struct Rng(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output function of splitmix64: spreads neighbouring numbers over the whole range, one to one.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Rng {
    /// One stream per purpose, so that a change in one (say, new texts) leaves the others as they were.
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

    /// A number from 0 to `end`, without `end`. The bias of `%` is far below anything visible here.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// As `below`, for seconds.
    pub fn seconds(&mut self, end: i64) -> i64 {
        (self.next() >> 1).cast_signed() % end.max(1)
    }

    /// A position in something of this length.
    pub fn index(&mut self, len: usize) -> usize {
        // 31 bits fit into usize wherever the standard library's files work; the fallback is never taken.
        usize::try_from(self.next() >> 33).unwrap_or(0) % len.max(1)
    }

    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.index(items.len())]
    }

    /// Up to `most` different items, in the order drawn.
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

    /// Waiting times: many short, a few very long, about `mean` on average.
    ///
    /// An exponential draw is -ln(u) · mean. For a random u the place of its first set bit and the bits
    /// behind that give -log2(u) to within a tenth, and 45 426 / 2^16 is ln 2: no floats needed.
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

/// An id that looks random, and still cannot be given twice: numbers are mapped one to one.
pub fn opaque_id(prefix: &str, number: u64, seed: u64) -> String {
    const BITS: u64 = (1 << 50) - 1; // ten digits of base 36 hold 51 bits
    // A product with an odd number and a xor with a shift are both reversible within the 50 bits.
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
