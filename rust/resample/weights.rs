//! How often each item was drawn in each replicate.

use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr;

use super::tile::{STRIP, Strip, TILE, TileValues, ZERO};
use crate::error::Error;
use crate::machine::{Aligned, Executor, Watch, filled, reserved};
use crate::random::{Source, Stream};

/// Replicates are padded to multiples of this number.
pub(super) const PANEL: usize = 4 * STRIP;

/// Items that a word has bits for.
const WORD: usize = u64::BITS as usize;

/// Below this many draws a second thread costs more than it saves.
const SHARE_FROM: usize = 1 << 16;

/// Draws between two checks for an interruption.
const BLOCK: usize = 1 << 12;

/// How often each item was drawn in each replicate.
#[derive(Clone, Debug)]
pub struct Weights {
    /// `strips[strip * n_items + item][lane]`.
    strips: Vec<Strip>,
    /// `drawn[strip * words + word][lane]` has a bit for each of 64 items: its weight is not 0.
    drawn: Vec<[u64; STRIP]>,
    /// Number of replicates.
    pub n_resamples: usize,
    pub(super) n_items: usize,
}

impl Weights {
    /// Draws `n_items` items with replacement, once for every replicate.
    ///
    /// # Errors
    /// [`Error::Memory`] or [`Error::Interrupted`].
    pub fn draw(
        n_items: usize,
        n_resamples: usize,
        seed: u64,
        executor: Executor<'_>,
    ) -> Result<Self, Error> {
        let n_strips = strips_of(n_resamples);
        let mut strips = reserved(&[n_items, n_strips])?;
        let n = n_items * n_strips;
        let room = strips.spare_capacity_mut()[..n].chunks_mut(n_items.max(1));
        let executor = executor.for_work(n_items.saturating_mul(n_resamples), SHARE_FROM);
        executor.run(room.enumerate(), |(number, strip), watch| {
            let replicates = number * STRIP..n_resamples.min((number + 1) * STRIP);
            draw_strip(strip, replicates, seed, watch)
        })?;
        // SAFETY: every task has filled its strip, and the strips are all of the room.
        unsafe { strips.set_len(n) };
        Self::new(strips, n_items, n_resamples)
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
        let n_resamples = dense.len() / n_items;
        let mut strips = filled(Aligned([0.0; STRIP]), &[n_items, strips_of(n_resamples)])?;
        for (replicate, run) in dense.chunks_exact(n_items).enumerate() {
            let strip = &mut strips[replicate / STRIP * n_items..][..n_items];
            for (place, &weight) in strip.iter_mut().zip(run) {
                place[replicate % STRIP] = weight;
            }
        }
        Self::new(strips, n_items, n_resamples)
    }

    fn new(strips: Vec<Strip>, n_items: usize, n_resamples: usize) -> Result<Self, Error> {
        let words = n_items.div_ceil(WORD);
        let mut drawn = reserved(&[words, strips_of(n_resamples)])?;
        for strip in strips.chunks(n_items.max(1)) {
            drawn.extend(strip.chunks(WORD).map(drawn_bits));
        }
        Ok(Self {
            strips,
            drawn,
            n_resamples,
            n_items,
        })
    }

    /// Returns the weights of all items in one strip of replicates.
    pub(super) fn strip(&self, strip: usize) -> &[Strip] {
        &self.strips[strip * self.n_items..(strip + 1) * self.n_items]
    }

    /// Returns the weights of the items of one word in one strip of replicates, and a bit for each
    /// that is not 0.
    pub(super) fn word(&self, strip: usize, word: usize) -> (&[Strip], &[u64; STRIP]) {
        let first = word * WORD;
        let weights = &self.strip(strip)[first..self.n_items.min(first + WORD)];
        let words = self.n_items.div_ceil(WORD);
        (weights, &self.drawn[strip * words + word])
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

/// Counts the strips of some replicates, including the padding.
fn strips_of(n_resamples: usize) -> usize {
    n_resamples.div_ceil(PANEL).saturating_mul(PANEL / STRIP)
}

/// Sets a bit for each of up to 64 items whose weight is not 0, lane by lane.
fn drawn_bits(weights: &[Strip]) -> [u64; STRIP] {
    let mut drawn = [0; STRIP];
    for (item, weight) in weights.iter().enumerate() {
        for l in 0..STRIP {
            drawn[l] |= u64::from(weight[l] != 0.0) << item;
        }
    }
    drawn
}

/// Draws the replicates of one strip, and fills all of it: 0 beyond the last replicate.
fn draw_strip(
    room: &mut [MaybeUninit<Strip>],
    replicates: Range<usize>,
    seed: u64,
    watch: &Watch<'_>,
) -> Result<(), Error> {
    let n_items = room.len();
    // Memory is first touched here, by several threads, and not where it was allocated.
    for block in room.chunks_mut(BLOCK) {
        for place in &mut *block {
            place.write(Aligned([0.0; STRIP]));
        }
        watch.after(STRIP * block.len())?;
    }
    // SAFETY: the loop above has written every place.
    let strip = unsafe { &mut *(ptr::from_mut(room) as *mut [Strip]) };
    for (lane, replicate) in replicates.enumerate() {
        let mut stream = Stream::new(seed, Source::Items, replicate as u64);
        for start in (0..n_items).step_by(BLOCK) {
            let draws = BLOCK.min(n_items - start);
            for _ in 0..draws {
                strip[stream.below(n_items)][lane] += 1.0;
            }
            watch.after(4 * draws)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_fill_all_of_the_room_and_are_those_of_their_streams() {
        let (n_items, n_resamples) = (5, 11);
        let weights = Weights::draw(n_items, n_resamples, 7, Executor::single()).unwrap();
        for replicate in 0..weights.padded() {
            let mut expected = vec![0.0; n_items];
            if replicate < n_resamples {
                let mut stream = Stream::new(7, Source::Items, replicate as u64);
                (0..n_items).for_each(|_| expected[stream.below(n_items)] += 1.0);
            }
            let strip = weights.strip(replicate / STRIP);
            let drawn: Vec<f64> = strip.iter().map(|item| item[replicate % STRIP]).collect();
            assert_eq!(drawn, expected);
        }
    }
}
