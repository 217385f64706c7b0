//! Kernel: means of many groups in many replicates at once, as the product of scores (groups ×
//! items) and weights (items × replicates).
//!
//! The product is computed in blocks of groups and strips of replicates whose sums stay in
//! registers. Several blocks take turns at a strip while its weights are in the L1 cache. Every sum
//! runs over the items in order, each product fused with its addition.

use super::cells::Group;
use super::tile::{STRIP, Strip};
use super::weights::{PANEL, Weights};
use crate::error::Error;
use crate::machine::{Isa, Watch, multiversion};

/// Strips of a panel.
const STRIPS: usize = PANEL / STRIP;

/// Groups whose sums fit the registers of AVX-512 together.
pub(super) const GROUP_BLOCK: usize = 2 * HALF;

/// Groups whose sums fit the registers of AVX2 together.
const HALF: usize = 4;

/// Computes 1 / Σ weights · counts of a group's cells for every replicate; infinite if a replicate
/// drew none of them.
///
/// # Errors
/// [`Error::Interrupted`].
pub(super) fn inverse_totals(
    weights: &Weights,
    isa: Isa,
    group: &Group<'_>,
    watch: &Watch<'_>,
) -> Result<Vec<f64>, Error> {
    let once = vec![1.0; weights.padded()];
    let mut totals = vec![0.0; weights.padded()];
    multiply_run(
        weights,
        isa,
        group.items,
        group.counts,
        &once,
        &mut totals,
        watch,
    )?;
    for total in &mut totals {
        *total = 1.0 / *total;
    }
    Ok(totals)
}

/// Computes Σ weights · values of one group, times the factor of each replicate.
///
/// # Errors
/// [`Error::Interrupted`].
pub(super) fn multiply_run(
    weights: &Weights,
    isa: Isa,
    items: &[u32],
    values: &[f64],
    factors: &[f64],
    out: &mut [f64],
    watch: &Watch<'_>,
) -> Result<(), Error> {
    let panels = factors.as_chunks::<PANEL>().0;
    let out = out.as_chunks_mut::<PANEL>().0;
    for (panel, (factors, out)) in panels.iter().zip(out).enumerate() {
        let strips = std::array::from_fn(|place| weights.strip(panel * STRIPS + place));
        multiply_one(isa, items, values, strips, factors, out);
        watch.after(items.len() * STRIPS)?;
    }
    Ok(())
}

/// Computes Σ weights · values of every group of several blocks, times the factor of each
/// replicate.
///
/// `out` gets `weights.padded()` numbers for each of the [`GROUP_BLOCK`] places of a block, and
/// the numbers of two places lie `weights.stride()` apart.
///
/// # Errors
/// [`Error::Interrupted`].
pub(super) fn multiply_blocks(
    weights: &Weights,
    isa: Isa,
    blocks: &[ValueBlock<'_>],
    factors: &[f64],
    out: &mut [f64],
    watch: &Watch<'_>,
) -> Result<(), Error> {
    let stride = weights.stride();
    for (strip, factors) in factors.as_chunks::<STRIP>().0.iter().enumerate() {
        for (block, out) in blocks.iter().zip(out.chunks_mut(GROUP_BLOCK * stride)) {
            let halves = [&block.halves[0][..], &block.halves[1][..]];
            let out = &mut out[strip * STRIP..];
            let strip = weights.strip(strip);
            multiply(isa, block.items, halves, strip, factors, stride, out);
            watch.after(block.items.len() * GROUP_BLOCK)?;
        }
    }
    Ok(())
}

/// Values of up to [`GROUP_BLOCK`] groups that have the same items, side by side.
pub(super) struct ValueBlock<'a> {
    items: &'a [u32],
    halves: [Vec<[f64; HALF]>; 2],
}

impl<'a> ValueBlock<'a> {
    /// Puts up to [`GROUP_BLOCK`] runs of values side by side; each holds one value per item.
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
    /// Computes Σ over items of values × weights, times factors, for a block of groups and a strip
    /// of replicates; the results of two groups lie `stride` numbers apart.
    fn multiply(
        items: &[u32],
        halves: [&[[f64; HALF]]; 2],
        strip: &[Strip],
        factors: &[f64; STRIP],
        stride: usize,
        out: &mut [f64],
    ) = multiply_both, multiply_each, multiply_each;
}

multiversion! {
    /// Computes Σ over items of values × weights, times factors, for one group and a panel of
    /// replicates.
    fn multiply_one(
        items: &[u32],
        values: &[f64],
        strips: [&[Strip]; STRIPS],
        factors: &[f64; PANEL],
        out: &mut [f64; PANEL],
    ) = multiply_one_body;
}

#[inline(always)]
fn multiply_one_body(
    items: &[u32],
    values: &[f64],
    strips: [&[Strip]; STRIPS],
    factors: &[f64; PANEL],
    out: &mut [f64; PANEL],
) {
    let mut sums = [0.0; PANEL];
    for (&item, &value) in items.iter().zip(values) {
        let weights = strips.map(|strip| &strip[item as usize]);
        for l in 0..PANEL {
            sums[l] = value.mul_add(weights[l / STRIP][l % STRIP], sums[l]);
        }
    }
    for l in 0..PANEL {
        out[l] = sums[l] * factors[l];
    }
}

/// Multiplies both halves at once: eight sums, each in a register of AVX-512.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
#[inline(always)]
fn multiply_both(
    items: &[u32],
    [first, second]: [&[[f64; HALF]]; 2],
    strip: &[Strip],
    factors: &[f64; STRIP],
    stride: usize,
    out: &mut [f64],
) {
    let (mut some, mut others) = (HalfSums::ZERO, HalfSums::ZERO);
    for ((&item, first), second) in items.iter().zip(first).zip(second) {
        let weight = &strip[item as usize];
        some.add(first, weight);
        others.add(second, weight);
    }
    some.put(factors, stride, out);
    others.put(factors, stride, &mut out[HALF * stride..]);
}

/// Multiplies one half after the other: eight sums, each in a register of AVX2.
#[inline(always)]
fn multiply_each(
    items: &[u32],
    [first, second]: [&[[f64; HALF]]; 2],
    strip: &[Strip],
    factors: &[f64; STRIP],
    stride: usize,
    out: &mut [f64],
) {
    multiply_half(items, first, strip).put(factors, stride, out);
    multiply_half(items, second, strip).put(factors, stride, &mut out[HALF * stride..]);
}

/// Multiplies one half.
#[inline(always)]
fn multiply_half(items: &[u32], values: &[[f64; HALF]], strip: &[Strip]) -> HalfSums {
    let mut sums = HalfSums::ZERO;
    for (&item, value) in items.iter().zip(values) {
        sums.add(value, &strip[item as usize]);
    }
    sums
}

/// The sums of half a block. They are fields, not an array: the compiler keeps fields in registers
/// and arrays in memory.
struct HalfSums {
    a: GroupSum,
    b: GroupSum,
    c: GroupSum,
    d: GroupSum,
}

impl HalfSums {
    const ZERO: Self = Self {
        a: GroupSum::ZERO,
        b: GroupSum::ZERO,
        c: GroupSum::ZERO,
        d: GroupSum::ZERO,
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

/// The sum of one group in every replicate of a strip.
struct GroupSum([f64; STRIP]);

impl GroupSum {
    const ZERO: Self = Self([0.0; STRIP]);

    #[inline(always)]
    fn add(&mut self, value: f64, weight: &[f64; STRIP]) {
        for l in 0..STRIP {
            self.0[l] = value.mul_add(weight[l], self.0[l]);
        }
    }
}
