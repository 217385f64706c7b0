//! Replicates of many group means at once: scores of groups × items times weights of
//! items × replicates.
//!
//! The product is worked out in blocks of groups and panels of replicates that stay in
//! registers. Every sum runs over the items in their order, without fused operations.

use crate::error::Error;
use crate::group::Group;
use crate::isa::{Isa, multiversion};
use crate::metric::LANES;
use crate::rng::{Source, Stream};

/// Groups that are worked on at once.
pub const GROUP_BLOCK: usize = 4;

/// Replicates that are worked on at once.
pub const PANEL: usize = LANES;

/// How often each item was drawn in each replicate.
#[derive(Clone, Debug)]
pub struct Weights {
    /// `panels[(panel * n_items + item) * PANEL + lane]`.
    panels: Vec<[f64; PANEL]>,
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
            panels: vec![[0.0; PANEL]; n_items * n_resamples.div_ceil(PANEL)],
            n_resamples,
            n_items,
        }
    }

    fn at(&mut self, replicate: usize, item: usize) -> &mut f64 {
        &mut self.panels[replicate / PANEL * self.n_items + item][replicate % PANEL]
    }

    /// The weights of all items in one panel of replicates.
    #[must_use]
    pub fn panel(&self, panel: usize) -> &[[f64; PANEL]] {
        &self.panels[panel * self.n_items..(panel + 1) * self.n_items]
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
        let mut totals = self.sums(isa, &Block::new(group.items, [group.counts; 1]));
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
        self.sums_into(isa, block, &mut sums);
        sums
    }

    /// The same, into a buffer of `GROUP_BLOCK * padded()` numbers.
    pub fn sums_into(&self, isa: Isa, block: &Block<'_>, sums: &mut [f64]) {
        for panel in 0..self.n_panels() {
            let weights = self.panel(panel);
            let product = multiply(isa, block.items, &block.values, weights);
            for (member, lanes) in product.iter().enumerate() {
                let start = member * self.padded() + panel * PANEL;
                sums[start..start + PANEL].copy_from_slice(lanes);
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
    /// Puts runs of values side by side; each run holds one value per item.
    #[must_use]
    pub fn new<const N: usize>(items: &'a [u32], runs: [&[f64]; N]) -> Self {
        let mut block = Self {
            items,
            values: Vec::new(),
        };
        block.fill(items, &runs);
        block
    }

    /// Takes on other runs, keeping the buffer.
    pub fn fill(&mut self, items: &'a [u32], runs: &[&[f64]]) {
        self.items = items;
        self.values.clear();
        self.values.resize(items.len(), [0.0; GROUP_BLOCK]);
        for (member, run) in runs.iter().enumerate() {
            for (out, &value) in self.values.iter_mut().zip(*run) {
                out[member] = value;
            }
        }
    }
}

multiversion! {
    /// Σ over items of values × weights, for a block of groups and a panel of replicates.
    fn multiply(
        items: &[u32],
        values: &[[f64; GROUP_BLOCK]],
        weights: &[[f64; PANEL]],
    ) -> [[f64; PANEL]; GROUP_BLOCK] = multiply_strips::<2>, multiply_strips::<1>, multiply_strips::<1>;
}

/// As many sums as an AVX-512 register holds.
const WIDTH: usize = 8;

/// Sums that lie in one register, or in a few smaller ones.
#[derive(Clone, Copy)]
struct Sums([f64; WIDTH]);

impl Sums {
    #[inline(always)]
    fn add(&mut self, value: f64, weight: &[f64; WIDTH]) {
        for l in 0..WIDTH {
            self.0[l] += value * weight[l];
        }
    }
}

/// The product, strip by strip. A strip's sums stay in registers: N × 4 of them, each under a
/// name of its own, because the compiler keeps names in registers and arrays in memory.
#[inline(always)]
fn multiply_strips<const N: usize>(
    items: &[u32],
    values: &[[f64; GROUP_BLOCK]],
    weights: &[[f64; PANEL]],
) -> [[f64; PANEL]; GROUP_BLOCK] {
    let mut out = [[0.0; PANEL]; GROUP_BLOCK];
    for strip in (0..PANEL / WIDTH).step_by(N) {
        let zero = [Sums([0.0; WIDTH]); N];
        let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
        for (&item, value) in items.iter().zip(values) {
            let weight = weights[item as usize].as_chunks::<WIDTH>().0;
            for n in 0..N {
                a[n].add(value[0], &weight[strip + n]);
                b[n].add(value[1], &weight[strip + n]);
                c[n].add(value[2], &weight[strip + n]);
                d[n].add(value[3], &weight[strip + n]);
            }
        }
        for (out, sums) in out.iter_mut().zip([a, b, c, d]) {
            for n in 0..N {
                out.as_chunks_mut::<WIDTH>().0[strip + n] = sums[n].0;
            }
        }
    }
    out
}
