//! The people that some groups are scored against, in all replicates.

use crate::resample::model_row::ModelRow;
use crate::resample::replicate::DrawnShares;

/// The people that some groups are scored against, in all replicates.
pub(crate) struct People<'a> {
    /// The numbers of their samples, in increasing order.
    pub samples: &'a [usize],
    /// The shares of all options of all samples.
    pub observed: &'a [f64],
    /// The shares that were drawn, tile by tile.
    pub tiles: &'a [DrawnShares],
    /// The start of the options of every sample.
    pub first_option: &'a [usize],
    /// Names the streams of every sample.
    pub names: &'a [u64],
}

impl People<'_> {
    /// Finds the place of a row's sample.
    pub(super) fn place(&self, row: &ModelRow<'_>) -> usize {
        self.samples.partition_point(|&sample| sample < row.sample)
    }
}
