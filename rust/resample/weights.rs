//! How often each item was drawn in each replicate.

use super::tile::{STRIP, Strip, TILE, TileValues, ZERO};
use crate::error::Error;
use crate::machine::Aligned;
use crate::random::{Source, Stream};

/// Replicates are padded to multiples of this number.
const PANEL: usize = 4 * STRIP;

/// How often each item was drawn in each replicate.
#[derive(Clone, Debug)]
pub struct Weights {
    /// `strips[strip * n_items + item][lane]`.
    strips: Vec<Strip>,
    /// Number of replicates.
    pub n_resamples: usize,
    n_items: usize,
}

impl Weights {
    /// Draws `n_items` items with replacement, once for every replicate.
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

    /// Takes weights drawn elsewhere, `n_items` per replicate.
    ///
    /// # Errors
    /// The number of weights is not a multiple of `n_items`, or a weight is negative or not finite.
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
        let n_strips = n_resamples.div_ceil(PANEL) * (PANEL / STRIP);
        Self {
            strips: vec![Aligned([0.0; STRIP]); n_items * n_strips],
            n_resamples,
            n_items,
        }
    }

    fn at(&mut self, replicate: usize, item: usize) -> &mut f64 {
        &mut self.strips[replicate / STRIP * self.n_items + item][replicate % STRIP]
    }

    /// Returns the weights of all items in one strip of replicates.
    pub(super) fn strip(&self, strip: usize) -> &[Strip] {
        &self.strips[strip * self.n_items..(strip + 1) * self.n_items]
    }

    /// Returns the weights of one item in one tile of replicates; 0 beyond the last replicate.
    pub(super) fn tile(&self, tile: usize, item: usize) -> TileValues {
        let mut out = ZERO;
        let first = tile * (TILE / STRIP);
        for (strip, out) in out.as_chunks_mut::<STRIP>().0.iter_mut().enumerate() {
            if (first + strip) * STRIP < self.padded() {
                *out = *self.strip(first + strip)[item];
            }
        }
        out
    }

    /// Counts the replicates, including the padding.
    pub(crate) fn padded(&self) -> usize {
        self.n_resamples.div_ceil(PANEL) * PANEL
    }

    /// Returns the distance between the products of two groups. It is never a power of two, because
    /// all products would then compete for the same lines of the L1 cache.
    pub(crate) fn stride(&self) -> usize {
        self.padded() + STRIP
    }
}
