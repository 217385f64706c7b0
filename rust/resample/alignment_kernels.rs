//! Kernels of alignments: they compute steps, and sum them with those of several models at once.

use super::tile::{STRIP, Strip};
use crate::machine::multiversion;

/// Number of models whose sums fit the registers together.
pub(super) const GROUPS: usize = 4;

/// Rows whose steps are added up as one sum.
#[derive(Clone, Copy)]
pub(super) struct Span {
    /// Steps of all rows.
    pub n_steps: usize,
    /// Number of rows.
    pub n_rows: f64,
}

multiversion! {
    /// Adds shares to a sum, and writes the sum times a factor; 0 in place of NaN.
    pub(super) fn add_step(share: &[f64; STRIP], factor: f64, sum: &mut [f64; STRIP], out: &mut Strip)
        = add_step_body;
}

#[inline(always)]
fn add_step_body(share: &[f64; STRIP], factor: f64, sum: &mut [f64; STRIP], out: &mut Strip) {
    for l in 0..STRIP {
        sum[l] += share[l];
        let step = sum[l] * factor;
        out.0[l] = if step.is_nan() { 0.0 } else { step };
    }
}

multiversion! {
    /// Adds up the steps of every span, and adds the weights of its rows to a total.
    pub(super) fn sum_steps(
        spans: &[Span],
        steps: &[Strip],
        weights: &[Strip],
        sums: &mut [Strip],
        total: &mut Strip,
    ) = sum_steps_body;
}

#[inline(always)]
fn sum_steps_body(
    spans: &[Span],
    steps: &[Strip],
    weights: &[Strip],
    sums: &mut [Strip],
    total: &mut Strip,
) {
    let mut steps = steps.iter();
    for ((span, weight), out) in spans.iter().zip(weights).zip(sums) {
        let mut sum = [0.0; STRIP];
        for step in steps.by_ref().take(span.n_steps) {
            for l in 0..STRIP {
                sum[l] += step.0[l];
            }
        }
        out.0 = sum;
        for l in 0..STRIP {
            total.0[l] += weight.0[l] * span.n_rows;
        }
    }
}

multiversion! {
    /// Adds Σ over spans of weight × (number of rows − their distances) to the score of every model
    /// of a block. People and models are given by their steps, and by the sums of these over each
    /// span.
    pub(super) fn add_up(
        spans: &[Span],
        human: (&[Strip], &[Strip]),
        model: (&[[f64; GROUPS]], &[[f64; GROUPS]]),
        weights: &[Strip],
        scores: &mut [Strip; GROUPS],
    ) = add_up_body::<true>, add_up_body::<false>, add_up_body::<false>;
}

/// The sums are four variables, not an array: the compiler keeps variables in registers and arrays
/// in memory.
#[inline(always)]
fn add_up_body<const BITS: bool>(
    spans: &[Span],
    (human, human_sums): (&[Strip], &[Strip]),
    (model, model_sums): (&[[f64; GROUPS]], &[[f64; GROUPS]]),
    weights: &[Strip],
    scores: &mut [Strip; GROUPS],
) {
    let zero = || LargerSum::<BITS>([0.0; STRIP]);
    let mut start = 0;
    for (((span, human_sum), weight), model_sum) in
        spans.iter().zip(human_sums).zip(weights).zip(model_sums)
    {
        let (mut a, mut b, mut c, mut d) = (zero(), zero(), zero(), zero());
        let range = start..start + span.n_steps;
        for (human, model) in human[range.clone()].iter().zip(&model[range]) {
            a.add_larger(&human.0, model[0]);
            b.add_larger(&human.0, model[1]);
            c.add_larger(&human.0, model[2]);
            d.add_larger(&human.0, model[3]);
        }
        start += span.n_steps;
        let sums = [a, b, c, d];
        for g in 0..GROUPS {
            for l in 0..STRIP {
                let larger = sums[g].0[l];
                let distance = (larger - human_sum.0[l]) + (larger - model_sum[g]);
                scores[g].0[l] += weight.0[l] * (span.n_rows - distance);
            }
        }
    }
}

/// A sum of maxima in every replicate of a strip.
struct LargerSum<const BITS: bool>([f64; STRIP]);

impl<const BITS: bool> LargerSum<BITS> {
    /// Adds the larger of two non-negative numbers. With `BITS` they are compared as integers,
    /// which have the same order: AVX-512 can do this in parallel with additions.
    #[inline(always)]
    fn add_larger(&mut self, human: &[f64; STRIP], model: f64) {
        for l in 0..STRIP {
            let larger = if BITS {
                let bits = |number: f64| number.to_bits().cast_signed();
                f64::from_bits(bits(human[l]).max(bits(model)).cast_unsigned())
            } else if human[l] > model {
                human[l]
            } else {
                model
            };
            self.0[l] += larger;
        }
    }
}
