//! Steps: shares of an item transformed so that alignments are sums of maxima on a scale of length
//! 1.

use super::alignment_kernels::add_step;
use super::model_row::ModelRow;
use super::tile::{STRIP, Strip};
use crate::input::RowScale;
use crate::machine::Isa;

/// The steps of an item.
///
/// A step of an ordinal scale is the cumulative share up to it, times the step's fraction of the
/// scale. A step of a nominal scale is half the share of its option.
#[derive(PartialEq)]
pub(super) struct ItemSteps {
    item: usize,
    nominal: bool,
    factors: StepFactors,
}

/// The factors of shares or cumulative shares.
#[derive(PartialEq)]
enum StepFactors {
    /// The same factor for a number of steps.
    Same(usize, f64),
    /// One factor per step.
    Each(Vec<f64>),
}

impl ItemSteps {
    /// Finds the steps of the item that a row belongs to.
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 options")]
    pub fn new(row: &ModelRow<'_>) -> Self {
        let options = row.shares.len();
        let factors = match &row.scale {
            RowScale { nominal: true, .. } => StepFactors::Same(options, 0.5),
            RowScale {
                positions: None, ..
            } => StepFactors::Same(options - 1, 1.0 / (options - 1) as f64),
            scale => StepFactors::Each(
                (0..options - 1)
                    .map(|step| scale.width(step) / scale.span)
                    .collect(),
            ),
        };
        Self {
            item: row.sample,
            nominal: row.scale.nominal,
            factors,
        }
    }

    /// Returns the number of the item.
    pub fn item(&self) -> usize {
        self.item
    }

    /// Counts the steps.
    pub fn len(&self) -> usize {
        match &self.factors {
            StepFactors::Same(steps, _) => *steps,
            StepFactors::Each(factors) => factors.len(),
        }
    }

    /// Returns the factor of the share, or cumulative share, of a step.
    pub fn factor(&self, step: usize) -> f64 {
        match &self.factors {
            StepFactors::Same(_, factor) => *factor,
            StepFactors::Each(factors) => factors[step],
        }
    }

    /// Computes the steps of one distribution.
    pub fn of_shares<'a>(&'a self, shares: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let mut sum = 0.0;
        let shares = shares[..self.len()].iter().enumerate();
        shares.map(move |(step, share)| {
            sum = if self.nominal { *share } else { sum + share };
            sum * self.factor(step)
        })
    }

    /// Computes the steps of a strip of replicates from the shares of each step; 0 if nobody
    /// answered.
    pub fn of_strips<'a>(
        &self,
        isa: Isa,
        share: impl Fn(usize) -> &'a [f64; STRIP],
        out: &mut [Strip],
    ) {
        let mut sum = [0.0; STRIP];
        for (step, out) in out.iter_mut().enumerate() {
            if self.nominal {
                sum = [0.0; STRIP];
            }
            add_step(isa, share(step), self.factor(step), &mut sum, out);
        }
    }
}
