//! Scales: which rows are nominal, and the positions of the options of the others.

use std::borrow::Cow;

use super::column::Column;
use crate::error::Problem;

/// Which rows are nominal.
#[derive(Clone, Copy, Debug)]
pub enum Kinds<'a> {
    /// None of them.
    Ordinal,
    /// All of them.
    Nominal,
    /// Those with `true`.
    Rows(&'a [bool]),
}

/// Positions of the options of ordinal rows.
#[derive(Clone, Debug)]
pub enum Positions<'a> {
    /// At 1, 2, …, K.
    Equal,
    /// At the same places in every row.
    Shared(Cow<'a, [f64]>),
    /// Row by row; an empty entry stands for 1, 2, …, K.
    Rows(Column<'a>),
}

/// The scales of all rows.
#[derive(Clone, Debug)]
pub struct Scale<'a> {
    /// Which rows are nominal.
    pub kinds: Kinds<'a>,
    /// Positions of the options of ordinal rows.
    pub positions: Positions<'a>,
}

/// The scale of one row.
#[derive(Clone, Debug)]
pub(crate) struct RowScale<'a> {
    /// Whether the options have no order.
    pub nominal: bool,
    /// Positions of ordinal options; None if they are 1, 2, …, K.
    pub positions: Option<Cow<'a, [f64]>>,
    /// The distance from the first ordinal option to the last.
    pub span: f64,
}

impl Positions<'_> {
    /// Returns the positions of one row with that many options; None if they are 1, 2, …, K.
    ///
    /// # Errors
    /// There is not one position per option, or they do not increase.
    pub(crate) fn of_row(
        &self,
        row: usize,
        options: usize,
    ) -> Result<Option<Cow<'_, [f64]>>, Problem> {
        let given: Cow<[f64]> = match self {
            Self::Equal => return Ok(None),
            Self::Shared(positions) => Cow::Borrowed(positions),
            Self::Rows(column) => {
                let given = column.row(row)?;
                if given.is_empty() {
                    return Ok(None);
                }
                given
            }
        };
        if given.len() != options {
            return Err(Problem::PositionCount(options, given.len()));
        }
        let increasing = given.windows(2).all(|pair| pair[0] < pair[1]);
        if !increasing || !given.iter().all(|x| x.is_finite()) {
            return Err(Problem::PositionOrder);
        }
        Ok(Some(given))
    }
}

impl Scale<'_> {
    /// Ordinal rows with options at 1, 2, …, K.
    pub const ORDINAL: Scale<'static> = Scale {
        kinds: Kinds::Ordinal,
        positions: Positions::Equal,
    };

    /// Tells whether a row is nominal.
    #[must_use]
    pub fn is_nominal(&self, row: usize) -> bool {
        match self.kinds {
            Kinds::Ordinal => false,
            Kinds::Nominal => true,
            Kinds::Rows(flags) => flags[row],
        }
    }

    /// Returns the scale of one row with that many options, two or more.
    ///
    /// # Errors
    /// The row is ordinal, and there is not one position per option, or they do not increase.
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 options")]
    pub(crate) fn of_row(&self, row: usize, options: usize) -> Result<RowScale<'_>, Problem> {
        let nominal = self.is_nominal(row);
        let positions = if nominal {
            None
        } else {
            self.positions.of_row(row, options)?
        };
        let span = match &positions {
            Some(positions) => positions[options - 1] - positions[0],
            None => (options - 1) as f64,
        };
        Ok(RowScale {
            nominal,
            positions,
            span,
        })
    }
}

impl RowScale<'_> {
    /// Returns the position of an option, counted from 0.
    #[inline(always)]
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 options")]
    pub fn position(&self, option: usize) -> f64 {
        match &self.positions {
            Some(positions) => positions[option],
            None => (option + 1) as f64,
        }
    }

    /// Returns the distance from an option to the next.
    #[inline(always)]
    pub fn width(&self, option: usize) -> f64 {
        match &self.positions {
            Some(positions) => positions[option + 1] - positions[option],
            None => 1.0,
        }
    }
}
