//! Replicates of many group means at once: scores of groups × items times weights of
//! items × replicates.
//!
//! The product is worked out in blocks of groups and strips of replicates whose sums stay in
//! registers; several blocks take their turn at a strip while its weights are in the first
//! cache. Every sum runs over the items in their order, without fused operations.

use crate::error::Error;
use crate::group::Group;
use crate::isa::{Aligned, Isa, multiversion};
use crate::lanes::LANES;
use crate::rng::{Source, Stream};

/// Groups whose sums are in registers of AVX-512 together.
pub const GROUP_BLOCK: usize = 2 * HALF;

/// Groups whose sums are in registers of AVX2 together.
const HALF: usize = 4;

/// As many replicates as an AVX-512 register holds sums.
const STRIP: usize = 8;

/// Replicates of which there are always whole multiples.
pub const PANEL: usize = LANES;

/// The weights of all items in one strip of replicates.
type Strip = [Aligned<[f64; STRIP]>];

/// How often each item was drawn in each replicate.
#[derive(Clone, Debug)]
pub struct Weights {
    /// `strips[strip * n_items + item][lane]`.
    strips: Vec<Aligned<[f64; STRIP]>>,
    /// Number of replicates.
    pub n_resamples: usize,
    n_items: usize,
}

impl Weights {
    /// Draws as many items as there are, with replacement, once for every replicate.
    #[must_use]
    pub fn draw(n_items: usize, n_resamples: usize, seed: u64) -> Self {
        let mut weights = Self::zero(n_items, n_resamples);
        for replicate in 0..n_resamples {
            let mut stream = Stream::new(seed, Source::Items, replicate as u64);
            for _ in 0..n_items {
                *weights.at(replicate, stream.below(n_items)) += 1.0;
            }
        }
        weights
    }

    /// Weights that were drawn elsewhere, one run of `n_items` per replicate.
    ///
    /// # Errors
    /// The weights are not whole runs, or one of them is negative or not finite.
    pub fn given(dense: &[f64], n_items: usize) -> Result<Self, Error> {
        if n_items == 0 || !dense.len().is_multiple_of(n_items) {
            return Err(Error::argument(
                "weights must be one run of items per replicate",
            ));
        }
        if let Some(weight) = dense.iter().find(|w| !w.is_finite() || **w < 0.0) {
            return Err(Error::argument(format!(
                "weight {weight} is negative or not finite: count how often an item was drawn"
            )));
        }
        let mut weights = Self::zero(n_items, dense.len() / n_items);
        for (replicate, run) in dense.chunks_exact(n_items).enumerate() {
            for (item, &weight) in run.iter().enumerate() {
                *weights.at(replicate, item) = weight;
            }
        }
        Ok(weights)
    }

    fn zero(n_items: usize, n_resamples: usize) -> Self {
        Self {
            strips: vec![
                Aligned([0.0; STRIP]);
                n_items * n_resamples.div_ceil(PANEL) * (PANEL / STRIP)
            ],
            n_resamples,
            n_items,
        }
    }

    fn at(&mut self, replicate: usize, item: usize) -> &mut f64 {
        &mut self.strips[replicate / STRIP * self.n_items + item][replicate % STRIP]
    }

    fn strip(&self, strip: usize) -> &Strip {
        &self.strips[strip * self.n_items..(strip + 1) * self.n_items]
    }

    /// The weights of one item in one panel of replicates.
    #[must_use]
    pub fn panel(&self, panel: usize, item: usize) -> [f64; PANEL] {
        let mut out = [0.0; PANEL];
        for (strip, out) in out.as_chunks_mut::<STRIP>().0.iter_mut().enumerate() {
            *out = *self.strip(panel * (PANEL / STRIP) + strip)[item];
        }
        out
    }

    /// Number of panels.
    #[must_use]
    pub fn n_panels(&self) -> usize {
        self.n_resamples.div_ceil(PANEL)
    }

    /// Number of replicates, rounded up to whole panels.
    #[must_use]
    pub fn padded(&self) -> usize {
        self.n_panels() * PANEL
    }

    /// How far apart the products of two members are. Not a power of two: then all of them would
    /// compete for the same lines of the first cache.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.padded() + STRIP
    }

    /// For every replicate, 1 / Σ weights · counts of a group's cells; infinite where a
    /// replicate drew none of them.
    #[must_use]
    pub fn inverse_totals(&self, isa: Isa, group: &Group<'_>) -> Vec<f64> {
        let once = vec![1.0; self.padded()];
        let mut totals = vec![0.0; GROUP_BLOCK * self.stride()];
        let block = Block::new(group.items, &[group.counts]);
        self.products_into(isa, &[block], &once, &mut totals);
        totals.truncate(self.padded());
        for total in &mut totals {
            *total = 1.0 / *total;
        }
        totals
    }

    /// Σ weights · values of every member of several blocks, times the factor of each replicate;
    /// one run of `padded()` numbers, `stride()` apart, for each of the [`GROUP_BLOCK`] places of a block.
    pub fn products_into(&self, isa: Isa, blocks: &[Block<'_>], factors: &[f64], out: &mut [f64]) {
        let stride = self.stride();
        for (strip, factors) in factors.as_chunks::<STRIP>().0.iter().enumerate() {
            for (block, out) in blocks.iter().zip(out.chunks_mut(GROUP_BLOCK * stride)) {
                let halves = [&block.halves[0][..], &block.halves[1][..]];
                let out = &mut out[strip * STRIP..];
                let strip = self.strip(strip);
                multiply(isa, block.items, halves, strip, factors, stride, out);
            }
        }
    }
}

/// Values of up to [`GROUP_BLOCK`] groups that have the same items, turned so that the groups
/// lie side by side.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    items: &'a [u32],
    halves: [Vec<[f64; HALF]>; 2],
}

impl<'a> Block<'a> {
    /// Puts up to [`GROUP_BLOCK`] runs of values side by side; each holds one value per item.
    #[must_use]
    pub fn new(items: &'a [u32], runs: &[impl AsRef<[f64]>]) -> Self {
        let (first, second) = runs.split_at(HALF.min(runs.len()));
        let halves = [first, second].map(|runs| {
            let mut values = vec![[0.0; HALF]; items.len()];
            for (member, run) in runs.iter().enumerate() {
                for (out, &value) in values.iter_mut().zip(run.as_ref()) {
                    out[member] = value;
                }
            }
            values
        });
        Self { items, halves }
    }
}

multiversion! {
    /// Σ over items of values × weights, times factors, for a block of groups and a strip of
    /// replicates; groups are `stride` numbers apart.
    fn multiply(
        items: &[u32],
        halves: [&[[f64; HALF]]; 2],
        strip: &Strip,
        factors: &[f64; STRIP],
        stride: usize,
        out: &mut [f64],
    ) = multiply_both, multiply_each, multiply_each;
}

/// Both halves at once: eight sums in flight, each in a register of AVX-512.
#[inline(always)]
fn multiply_both(
    items: &[u32],
    [first, second]: [&[[f64; HALF]]; 2],
    strip: &Strip,
    factors: &[f64; STRIP],
    stride: usize,
    out: &mut [f64],
) {
    let (mut some, mut others) = (Sums::ZERO, Sums::ZERO);
    for ((&item, first), second) in items.iter().zip(first).zip(second) {
        let weight = &strip[item as usize];
        some.add(first, weight);
        others.add(second, weight);
    }
    some.put(factors, stride, out);
    others.put(factors, stride, &mut out[HALF * stride..]);
}

/// One half after the other: eight sums in flight, each in a register of AVX2.
#[inline(always)]
fn multiply_each(
    items: &[u32],
    [first, second]: [&[[f64; HALF]]; 2],
    strip: &Strip,
    factors: &[f64; STRIP],
    stride: usize,
    out: &mut [f64],
) {
    multiply_half(items, first, strip).put(factors, stride, out);
    multiply_half(items, second, strip).put(factors, stride, &mut out[HALF * stride..]);
}

#[inline(always)]
fn multiply_half(items: &[u32], values: &[[f64; HALF]], strip: &Strip) -> Sums {
    let mut sums = Sums::ZERO;
    for (&item, value) in items.iter().zip(values) {
        sums.add(value, &strip[item as usize]);
    }
    sums
}

/// Sums of half a block. They have names because the compiler keeps names in registers and
/// arrays in memory.
struct Sums {
    a: Sum,
    b: Sum,
    c: Sum,
    d: Sum,
}

impl Sums {
    const ZERO: Self = Self {
        a: Sum::ZERO,
        b: Sum::ZERO,
        c: Sum::ZERO,
        d: Sum::ZERO,
    };

    #[inline(always)]
    fn add(&mut self, values: &[f64; HALF], weight: &[f64; STRIP]) {
        self.a.add(values[0], weight);
        self.b.add(values[1], weight);
        self.c.add(values[2], weight);
        self.d.add(values[3], weight);
    }

    #[inline(always)]
    fn put(self, factors: &[f64; STRIP], stride: usize, out: &mut [f64]) {
        for (member, sum) in [self.a, self.b, self.c, self.d].iter().enumerate() {
            let out = &mut out[member * stride..][..STRIP];
            for l in 0..STRIP {
                out[l] = sum.0[l] * factors[l];
            }
        }
    }
}

/// A sum of every replicate in a strip.
struct Sum([f64; STRIP]);

impl Sum {
    const ZERO: Self = Self([0.0; STRIP]);

    #[inline(always)]
    fn add(&mut self, value: f64, weight: &[f64; STRIP]) {
        for l in 0..STRIP {
            self.0[l] += value * weight[l];
        }
    }
}
