//! Kernel: the same product as in `product.rs`, for many groups with the same items, without the
//! items that a replicate did not draw.
//!
//! A replicate draws 63 % of the items, and of finite values the other products are 0: leaving them
//! out changes no bit of a sum. Vectors hold groups here, not replicates, because replicates drew
//! different items. Every sum runs over the items in order, each product fused with its addition.

use super::tile::{STRIP, Strip};
use super::weights::{PANEL, Weights};
use crate::error::Error;
use crate::machine::{Aligned, Isa, Watch, multiversion};

/// Groups side by side: their sums and a weight fit the registers of AVX2.
pub(super) const SIDE_BY_SIDE: usize = 48;

/// With fewer groups, multiplying all items takes less time than carrying empty places along.
const FEWEST: usize = 28;

/// Strips of a panel; their sums stay in the L1 cache, with the values of a word's items.
const STRIPS: usize = PANEL / STRIP;

/// A value of every group.
type Groups = Aligned<[f64; SIDE_BY_SIDE]>;

const ZERO: Groups = Aligned([0.0; SIDE_BY_SIDE]);

/// The values of many groups, item by item.
pub(super) struct DrawnValues(Vec<Groups>);

impl DrawnValues {
    /// Puts up to [`SIDE_BY_SIDE`] runs of values side by side; each holds one value per item.
    ///
    /// Returns nothing if another kernel is faster, or a value is not finite.
    pub fn new(items: &[u32], n_items: usize, runs: &[impl AsRef<[f64]>]) -> Option<Self> {
        if runs.len() < FEWEST || 2 * items.len() < n_items {
            return None;
        }
        let mut values = vec![ZERO; n_items];
        let mut finite = true;
        for (group, run) in runs.iter().enumerate() {
            for (&item, &value) in items.iter().zip(run.as_ref()) {
                values[item as usize].0[group] = value;
                finite &= value.is_finite();
            }
        }
        finite.then_some(Self(values))
    }

    /// Computes Σ weights · values of every group, times the factor of each replicate.
    ///
    /// `out` gets the numbers of one group after another, `weights.stride()` apart.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub fn multiply(
        &self,
        weights: &Weights,
        isa: Isa,
        factors: &[f64],
        out: &mut [f64],
        watch: &Watch<'_>,
    ) -> Result<(), Error> {
        let factors = factors.as_chunks::<STRIP>().0;
        for (panel, factors) in factors.chunks(STRIPS).enumerate() {
            let mut sums = [[ZERO; STRIP]; STRIPS];
            for (word, values) in self.0.chunks(u64::BITS as usize).enumerate() {
                for (place, sums) in sums[..factors.len()].iter_mut().enumerate() {
                    let (weights, drawn) = weights.word(panel * STRIPS + place, word);
                    add_drawn(isa, values, weights, drawn, sums);
                }
                watch.after(values.len() * STRIPS * STRIP)?;
            }
            for (place, (sums, factors)) in sums.iter().zip(factors).enumerate() {
                let first = (panel * STRIPS + place) * STRIP;
                put(isa, sums, factors, weights.stride(), &mut out[first..]);
            }
        }
        Ok(())
    }
}

multiversion! {
    /// Adds weight × values of the items that each replicate of a strip drew; a bit of `drawn` is
    /// an item.
    fn add_drawn(
        values: &[Groups],
        weights: &[Strip],
        drawn: &[u64; STRIP],
        sums: &mut [Groups; STRIP],
    ) = add_drawn_body;
}

#[inline(always)]
fn add_drawn_body(
    values: &[Groups],
    weights: &[Strip],
    drawn: &[u64; STRIP],
    sums: &mut [Groups; STRIP],
) {
    for (replicate, sums) in sums.iter_mut().enumerate() {
        let mut left = drawn[replicate];
        let mut sum = sums.0;
        while left != 0 {
            let item = left.trailing_zeros() as usize;
            left &= left - 1;
            let weight = weights[item].0[replicate];
            let values = &values[item].0;
            for l in 0..SIDE_BY_SIDE {
                sum[l] = values[l].mul_add(weight, sum[l]);
            }
        }
        sums.0 = sum;
    }
}

multiversion! {
    /// Writes sums times factors; the numbers of two groups lie `stride` apart.
    fn put(sums: &[Groups; STRIP], factors: &[f64; STRIP], stride: usize, out: &mut [f64]) = put_body;
}

#[inline(always)]
fn put_body(sums: &[Groups; STRIP], factors: &[f64; STRIP], stride: usize, out: &mut [f64]) {
    for (group, out) in out.chunks_mut(stride).take(SIDE_BY_SIDE).enumerate() {
        for l in 0..STRIP {
            out[l] = sums[l].0[group] * factors[l];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Executor;
    use crate::random::{Source, Stream};
    use crate::resample::product::{ValueBlock, multiply_blocks, multiply_run};

    /// Random values of `groups` groups, some of them 0 or negative.
    fn random_runs(groups: usize, items: usize) -> Vec<Vec<f64>> {
        let mut stream = Stream::new(3, Source::Items, 0);
        let mut value = || (stream.uniform() - 0.3).clamp(-0.2, 0.6) + 0.2;
        (0..groups)
            .map(|_| (0..items).map(|_| value()).collect())
            .collect()
    }

    #[test]
    fn every_product_has_the_bits_of_one_group_at_a_time_on_every_instruction_set() {
        let executor = Executor::single();
        for (n_items, n_resamples) in [(130, 70), (64, 5), (3, 33)] {
            let weights = Weights::draw(n_items, n_resamples, 9, executor).unwrap();
            let items: Vec<u32> = (0..).take(n_items).filter(|item| item % 5 != 2).collect();
            let runs = random_runs(SIDE_BY_SIDE - 3, items.len());
            let factors: Vec<f64> = (1..)
                .take(weights.padded())
                .map(|n| 1.0 / f64::from(n))
                .collect();
            let (stride, watch) = (weights.stride(), executor.watch());
            for isa in ["sse2", "avx2", "avx512"]
                .map(Isa::named)
                .into_iter()
                .flatten()
            {
                let mut drawn = vec![0.0; SIDE_BY_SIDE * stride];
                let mut dense = drawn.clone();
                let values = DrawnValues::new(&items, n_items, &runs).unwrap();
                values
                    .multiply(&weights, isa, &factors, &mut drawn, &watch)
                    .unwrap();
                let blocks: Vec<_> = runs
                    .chunks(8)
                    .map(|runs| ValueBlock::new(&items, runs))
                    .collect();
                multiply_blocks(&weights, isa, &blocks, &factors, &mut dense, &watch).unwrap();
                for (group, run) in runs.iter().enumerate() {
                    let mut one = vec![0.0; weights.padded()];
                    multiply_run(&weights, isa, &items, run, &factors, &mut one, &watch).unwrap();
                    assert_eq!(&drawn[group * stride..][..one.len()], one);
                    assert_eq!(&dense[group * stride..][..one.len()], one);
                }
            }
        }
    }

    #[test]
    fn values_times_0_that_are_not_0_are_left_to_the_other_kernel() {
        let items: Vec<u32> = (0..9).collect();
        let mut runs = random_runs(FEWEST, items.len());
        assert!(DrawnValues::new(&items, 9, &runs).is_some());
        assert!(DrawnValues::new(&items, 9, &runs[1..]).is_none());
        runs[4][8] = f64::INFINITY;
        assert!(DrawnValues::new(&items, 9, &runs).is_none());
    }
}
