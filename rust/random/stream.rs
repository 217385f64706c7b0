//! Streams of random numbers that can be read independently, in any order.
//!
//! Philox 4x64-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011). A stream
//! is named by a seed, a source and a replicate; it gives the same words as
//! `numpy.random.Philox(key=[seed, source], counter=[0, 0, replicate, 0])`.

const MULTIPLIERS: [u64; 2] = [0xD2E7_470E_E14C_6C93, 0xCA5A_8263_9512_1157];
const KEY_STEPS: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B];
const ROUNDS: usize = 10;

/// Half the distance between neighbouring multiples of 2⁻⁵³.
const HALF_STEP: f64 = 0.5;

/// The purpose of a stream; streams of different sources never overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The items.
    Items,
    /// The answers of a sample of respondents to one item.
    Respondents(u64),
    /// The replies of a model to one item.
    Replies(u64),
    /// The respondents of a sample.
    Sample(u64),
    /// How far the differences of a sample, or of a group, are drawn towards zero.
    Shrinkage(u64),
    /// The forms in which an item was asked.
    Forms(u64),
}

impl Source {
    /// Returns the second word of the stream's key.
    #[must_use]
    pub fn key(self) -> u64 {
        let (kind, unit) = match self {
            Self::Items => return 0,
            Self::Respondents(unit) => (1, unit),
            Self::Replies(unit) => (2, unit),
            Self::Sample(unit) => (3, unit),
            Self::Shrinkage(unit) => (4, unit),
            Self::Forms(unit) => (5, unit),
        };
        mix(unit.wrapping_add(KEY_STEPS[0].wrapping_mul(kind)))
    }
}

/// Mixes the bits of a word: every input bit reaches every output bit (the finaliser of
/// `SplitMix64`).
#[must_use]
pub fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// A stream of random words.
#[derive(Clone, Debug)]
pub struct Stream {
    key: [u64; 2],
    counter: [u64; 4],
    block: [u64; 4],
    used: usize,
}

impl Stream {
    /// Begins the stream of a seed, a source and a replicate.
    #[must_use]
    pub fn new(seed: u64, source: Source, replicate: u64) -> Self {
        Self {
            key: [seed, source.key()],
            counter: [0, 0, replicate, 0],
            block: [0; 4],
            used: 4,
        }
    }

    /// Returns the next 64 random bits.
    #[inline]
    pub fn next_word(&mut self) -> u64 {
        if self.used == 4 {
            let mut block = [[0; 4]];
            self.fill(&mut block);
            [self.block] = block;
            self.used = 0;
        }
        let word = self.block[self.used];
        self.used += 1;
        word
    }

    /// Fills blocks with the next words, four each. Unread words of the current block are skipped.
    ///
    /// Never inlined: the rounds need all registers.
    #[inline(never)]
    pub fn fill(&mut self, blocks: &mut [[u64; 4]]) {
        for block in blocks {
            self.next_block();
            *block = philox(self.counter, self.key);
        }
    }

    /// Counts on to the next block.
    #[inline]
    fn next_block(&mut self) {
        self.counter[0] = self.counter[0].wrapping_add(1);
        if self.counter[0] == 0 {
            self.counter[1] = self.counter[1].wrapping_add(1);
        }
    }

    /// Makes the next words ready in those of some streams where all were read.
    ///
    /// Two streams at a time: in one alone, each round waits for the one before.
    pub fn refill(streams: &mut [Self], chosen: &[usize]) {
        let mut waiting = None;
        for &number in chosen {
            if streams[number].used < 4 {
                continue;
            }
            let Some(first) = waiting.replace(number) else {
                continue;
            };
            waiting = None;
            if let Ok([a, b]) = streams.get_disjoint_mut([first, number]) {
                a.next_block();
                b.next_block();
                [a.block, b.block] = philoxes([a.counter, b.counter], [a.key, b.key]);
                (a.used, b.used) = (0, 0);
            }
        }
    }

    /// Draws a number below `bound`, which may be at most 2³²; the bias is below `bound` · 2⁻⁶⁴.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "below a `usize`")]
    pub fn below(&mut self, bound: usize) -> usize {
        halves(self.next_word(), bound as u64).0 as usize
    }

    /// Draws a number strictly between 0 and 1.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        uniform(self.next_word())
    }
}

/// Makes a number strictly between 0 and 1 from a word.
#[inline(always)]
#[allow(clippy::cast_precision_loss, reason = "53 bits fit a double")]
pub(super) fn uniform(word: u64) -> f64 {
    ((word >> 11) as f64 + HALF_STEP) * (1.0 / 9_007_199_254_740_992.0)
}

/// Multiplies, and returns the upper and the lower half of the product.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "the halves of a product")]
fn halves(a: u64, b: u64) -> (u64, u64) {
    let product = u128::from(a) * u128::from(b);
    ((product >> 64) as u64, product as u64)
}

/// Calls `take(lane, number)` with `n` numbers below `bound` from each stream.
///
/// A word gives several numbers if they fit: each number is the whole part of a product with
/// `bound` (Lemire's multiplication), and the fraction gives the next one. The bias of each is
/// below 2⁻²¹. Streams take turns, so the same counter is rarely changed twice in a row.
#[inline]
pub fn each_below<const N: usize>(
    streams: &mut [Stream; N],
    bound: usize,
    n: usize,
    take: impl FnMut(usize, usize),
) {
    match choices_of_a_word(bound) {
        4 => choose::<N, 4>(streams, bound, n, take),
        3 => choose::<N, 3>(streams, bound, n, take),
        2 => choose::<N, 2>(streams, bound, n, take),
        _ => choose::<N, 1>(streams, bound, n, take),
    }
}

/// Draws as [`each_below`] does, `C` numbers from each word.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "below a `usize`")]
fn choose<const N: usize, const C: usize>(
    streams: &mut [Stream; N],
    bound: usize,
    n: usize,
    mut take: impl FnMut(usize, usize),
) {
    /// Blocks of a stream that are computed together.
    const BLOCKS: usize = 16;
    let (mut left, mut blocks) = (n, [[[0; 4]; BLOCKS]; N]);
    while left > 0 {
        for (stream, blocks) in streams.iter_mut().zip(&mut blocks) {
            stream.fill(blocks);
        }
        for place in 0..4 * BLOCKS {
            let wanted = left.min(C);
            for lane in 0..N {
                let mut rest = blocks[lane].as_flattened()[place];
                for choice in 0..C {
                    let (high, low) = halves(rest, bound as u64);
                    rest = low;
                    if choice < wanted {
                        take(lane, high as usize);
                    }
                }
            }
            left -= wanted;
        }
    }
}

/// Returns how many numbers below `bound` one word gives; at most four.
fn choices_of_a_word(bound: usize) -> usize {
    const SPACE: u128 = 1 << 43;
    let fits = |&choices: &u32| {
        (bound as u128)
            .checked_pow(choices)
            .is_some_and(|p| p <= SPACE)
    };
    (2..=4).rev().find(fits).unwrap_or(1) as usize
}

/// Computes the four words of one block.
#[inline]
fn philox(counter: [u64; 4], key: [u64; 2]) -> [u64; 4] {
    philoxes([counter], [key])[0]
}

/// Computes the words of some blocks side by side.
#[inline]
fn philoxes<const N: usize>(mut words: [[u64; 4]; N], mut keys: [[u64; 2]; N]) -> [[u64; 4]; N] {
    for _ in 0..ROUNDS {
        for (words, key) in words.iter_mut().zip(&mut keys) {
            let (high_0, low_0) = halves(MULTIPLIERS[0], words[0]);
            let (high_1, low_1) = halves(MULTIPLIERS[1], words[2]);
            *words = [
                high_1 ^ words[1] ^ key[0],
                low_1,
                high_0 ^ words[3] ^ key[1],
                low_0,
            ];
            key[0] = key[0].wrapping_add(KEY_STEPS[0]);
            key[1] = key[1].wrapping_add(KEY_STEPS[1]);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the authors' known-answer tests (Random123, `kat_vectors`).
    #[test]
    fn philox_gives_the_published_words() {
        let ones = u64::MAX;
        assert_eq!(
            philox([ones; 4], [ones; 2]),
            [
                0x87b0_92c3_013f_e90b,
                0x438c_3c67_be8d_0224,
                0x9cc7_d7c6_9cd7_77b6,
                0xa09c_aebf_594f_0ba0
            ]
        );
        assert_eq!(philox([0; 4], [0; 2])[0], 0x1655_4d9e_ca36_314c,);
    }

    #[test]
    fn draws_stay_below_their_bound() {
        let mut stream = Stream::new(7, Source::Items, 3);
        assert!((0..1000).all(|_| stream.below(3) < 3));
        assert!(
            (0..1000)
                .map(|_| stream.uniform())
                .all(|u| u > 0.0 && u < 1.0)
        );
    }
}
