//! A model's shares, and their scale.

use std::borrow::Cow;

use crate::error::Problem;
use crate::input::{RowScale, Scale};

/// A model's shares of the options of an item, and the sample that they are scored against.
pub(super) struct ModelRow<'a> {
    /// The group of the row.
    pub group: usize,
    /// The number of the sample.
    pub sample: usize,
    /// The place of the row in the input.
    pub place: usize,
    /// The shares.
    pub shares: Cow<'a, [f64]>,
    /// The scale of the options.
    pub scale: RowScale<'a>,
}

impl<'a> ModelRow<'a> {
    /// Makes a row, with the scale found by its place.
    ///
    /// # Errors
    /// The row is ordinal, and there is not one position per option, or they do not increase.
    pub fn new(
        (group, sample, place): (usize, usize, usize),
        shares: Cow<'a, [f64]>,
        scale: &'a Scale<'_>,
    ) -> Result<Self, Problem> {
        let scale = scale.of_row(place, shares.len())?;
        Ok(Self {
            group,
            sample,
            place,
            shares,
            scale,
        })
    }

    /// Returns the bits of the shares, by which rows of one sample are sorted.
    pub fn bits(&self) -> impl Iterator<Item = u64> {
        self.shares.iter().map(|share| share.to_bits())
    }
}
