//! Replicates of many group means at once: scores of groups × items times weights of
//! items × replicates.
//!
//! The product is worked out in blocks of groups and strips of replicates whose sums stay in
//! registers; several blocks take their turn at a strip while its weights are in the first
//! cache. Every sum runs over the items in their order, without fused operations.

use crate::error::Error;
use crate::group::Group;
use crate::isa::{Isa, multiversion};
use crate::metric::LANES;
use crate::rng::{Source, Stream};

/// Groups whose sums are in registers together.
pub const GROUP_BLOCK: usize = 4;

/// As many replicates as an AVX-512 register holds sums.
const STRIP: usize = 8;

/// Replicates of which there are always whole multiples.
pub const PANEL: usize = LANES;

/// The weights of all items in one strip of replicates.
type Strip = [[f64; STRIP]];

/// How often each item was drawn in each replicate.
#[derive(Clone, Debug)]
pub struct Weights {
    /// `strips[strip * n_items + item][lane]`.
    strips: Vec<[f64; STRIP]>,
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
            strips: vec![[0.0; STRIP]; n_items * n_resamples.div_ceil(PANEL) * (PANEL / STRIP)],
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
            *out = self.strip(panel * (PANEL / STRIP) + strip)[item];
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

    /// For every replicate, 1 / Σ weights · counts of a group's cells; infinite where a
    /// replicate drew none of them.
    #[must_use]
    pub fn inverse_totals(&self, isa: Isa, group: &Group<'_>) -> Vec<f64> {
        let mut totals = self.sums(isa, &Block::new(group.items, &[group.counts]));
        for total in &mut totals {
            *total = 1.0 / *total;
        }
        totals.truncate(self.padded());
        totals
    }

    /// Σ weights · values of every member of a block, one run of `padded()` per member.
    #[must_use]
    pub fn sums(&self, isa: Isa, block: &Block<'_>) -> Vec<f64> {
        let mut sums = vec![0.0; GROUP_BLOCK * self.padded()];
        self.sums_into(isa, std::slice::from_ref(block), &mut sums);
        sums
    }

    /// The same of several blocks, into a buffer of `GROUP_BLOCK * padded()` numbers for each.
    pub fn sums_into(&self, isa: Isa, blocks: &[Block<'_>], sums: &mut [f64]) {
        let padded = self.padded();
        for first in (0..padded).step_by(2 * STRIP) {
            let strip = first / STRIP;
            let strips = [self.strip(strip), self.strip(strip + 1)];
            for (block, sums) in blocks.iter().zip(sums.chunks_mut(GROUP_BLOCK * padded)) {
                let product = multiply(isa, block.items, &block.values, strips);
                for (member, lanes) in product.iter().enumerate() {
                    sums[member * padded + first..][..2 * STRIP]
                        .copy_from_slice(lanes.as_flattened());
                }
            }
        }
    }
}

/// Values of up to [`GROUP_BLOCK`] groups that have the same items, turned so that the groups
/// lie side by side.
#[derive(Clone, Debug)]
pub struct Block<'a> {
    items: &'a [u32],
    values: Vec<[f64; GROUP_BLOCK]>,
}

impl<'a> Block<'a> {
    /// Puts up to [`GROUP_BLOCK`] runs of values side by side; each holds one value per item.
    #[must_use]
    pub fn new(items: &'a [u32], runs: &[&[f64]]) -> Self {
        let mut values = vec![[0.0; GROUP_BLOCK]; items.len()];
        for (member, run) in runs.iter().enumerate() {
            for (out, &value) in values.iter_mut().zip(*run) {
                out[member] = value;
            }
        }
        Self { items, values }
    }
}

multiversion! {
    /// Σ over items of values × weights, for a block of groups and two strips of replicates.
    fn multiply(
        items: &[u32],
        values: &[[f64; GROUP_BLOCK]],
        strips: [&Strip; 2],
    ) -> [[[f64; STRIP]; 2]; GROUP_BLOCK] = multiply_both, multiply_each, multiply_each;
}

/// Both strips at once: eight sums in flight, each in a register of AVX-512.
#[inline(always)]
fn multiply_both(
    items: &[u32],
    values: &[[f64; GROUP_BLOCK]],
    strips: [&Strip; 2],
) -> [[[f64; STRIP]; 2]; GROUP_BLOCK] {
    multiply_strips(items, values, strips)
}

/// One strip after the other: eight sums in flight, each in half a strip's registers of AVX2.
#[inline(always)]
fn multiply_each(
    items: &[u32],
    values: &[[f64; GROUP_BLOCK]],
    [first, second]: [&Strip; 2],
) -> [[[f64; STRIP]; 2]; GROUP_BLOCK] {
    let first = multiply_strips(items, values, [first]);
    let second = multiply_strips(items, values, [second]);
    let mut out = [[[0.0; STRIP]; 2]; GROUP_BLOCK];
    for g in 0..GROUP_BLOCK {
        out[g] = [first[g][0], second[g][0]];
    }
    out
}

/// Sums that lie in one register, or in a few smaller ones.
#[derive(Clone, Copy)]
struct Sums([f64; STRIP]);

impl Sums {
    #[inline(always)]
    fn add(&mut self, value: f64, weight: &[f64; STRIP]) {
        for l in 0..STRIP {
            self.0[l] += value * weight[l];
        }
    }
}

/// The product. N × 4 sums have names of their own, because the compiler keeps names in
/// registers and arrays in memory.
#[inline(always)]
fn multiply_strips<const N: usize>(
    items: &[u32],
    values: &[[f64; GROUP_BLOCK]],
    strips: [&Strip; N],
) -> [[[f64; STRIP]; N]; GROUP_BLOCK] {
    let zero = [Sums([0.0; STRIP]); N];
    let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
    for (&item, value) in items.iter().zip(values) {
        for n in 0..N {
            let weight = &strips[n][item as usize];
            a[n].add(value[0], weight);
            b[n].add(value[1], weight);
            c[n].add(value[2], weight);
            d[n].add(value[3], weight);
        }
    }
    let mut out = [[[0.0; STRIP]; N]; GROUP_BLOCK];
    for (out, sums) in out.iter_mut().zip([a, b, c, d]) {
        for n in 0..N {
            out[n] = sums[n].0;
        }
    }
    out
}
