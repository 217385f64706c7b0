//! A run of rows over borrowed buffers.

use std::borrow::Cow;

use crate::error::Problem;

/// The numbers of a chunk.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// Double precision.
    F64(&'a [f64]),
    /// Single precision; all arithmetic on them is in double precision.
    F32(&'a [f32]),
}

/// Where each row of a chunk begins and ends.
#[derive(Clone, Copy, Debug)]
pub enum Offsets<'a> {
    /// All rows have the same number of options.
    Fixed {
        /// Number of rows.
        rows: usize,
        /// Number of options of each.
        options: usize,
    },
    /// Row `i` is `offsets[i]..offsets[i + 1]`, 32 bits.
    Small(&'a [i32]),
    /// Row `i` is `offsets[i]..offsets[i + 1]`, 64 bits.
    Large(&'a [i64]),
}

/// A run of rows.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    values: Values<'a>,
    offsets: Offsets<'a>,
    null: Option<(usize, Problem)>,
}

impl<'a> Chunk<'a> {
    /// Makes a chunk from its numbers and offsets.
    #[must_use]
    pub fn new(values: Values<'a>, offsets: Offsets<'a>) -> Self {
        Self {
            values,
            offsets,
            null: None,
        }
    }

    /// Sets the first row that is null or holds a null, with the problem.
    #[must_use]
    pub fn with_null(self, null: Option<(usize, Problem)>) -> Self {
        Self { null, ..self }
    }

    /// Returns the first row that is null or holds a null, with the problem.
    pub(crate) fn null(&self) -> Option<(usize, Problem)> {
        self.null
    }

    /// Counts the rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self.offsets {
            Offsets::Fixed { rows, .. } => rows,
            Offsets::Small(offsets) => offsets.len().saturating_sub(1),
            Offsets::Large(offsets) => offsets.len().saturating_sub(1),
        }
    }

    /// Returns the numbers of all rows.
    pub(crate) fn values(&self) -> Values<'a> {
        self.values
    }

    /// Returns the bounds of a row among the values; None if its offsets are negative.
    pub(crate) fn bounds(&self, row: usize) -> Option<(usize, usize)> {
        match self.offsets {
            Offsets::Fixed { options, .. } => Some((row * options, (row + 1) * options)),
            Offsets::Small(offsets) => bounds(offsets, row),
            Offsets::Large(offsets) => bounds(offsets, row),
        }
    }

    /// Fills `starts` with the starts of the rows from `first_row` on. A row ends where the next
    /// begins, so the last number is the end of the last row.
    #[allow(clippy::cast_possible_wrap, reason = "a place in memory fits 63 bits")]
    pub(crate) fn copy_starts(&self, first_row: usize, starts: &mut [i64]) {
        let rows = first_row..first_row + starts.len();
        match self.offsets {
            Offsets::Fixed { options, .. } => {
                for (row, start) in rows.zip(starts) {
                    *start = (row * options) as i64;
                }
            }
            Offsets::Small(offsets) => {
                for (&offset, start) in offsets[rows].iter().zip(starts) {
                    *start = offset.into();
                }
            }
            Offsets::Large(offsets) => starts.copy_from_slice(&offsets[rows]),
        }
    }

    /// Returns the values of one row as doubles.
    ///
    /// # Errors
    /// The row's offsets point outside the values.
    pub fn row(&self, row: usize) -> Result<Cow<'a, [f64]>, Problem> {
        let (start, end) = self.bounds(row).ok_or(Problem::Offsets)?;
        match self.values {
            Values::F64(values) => values.get(start..end).map(Cow::Borrowed),
            Values::F32(values) => values
                .get(start..end)
                .map(|row| row.iter().map(|&x| f64::from(x)).collect()),
        }
        .ok_or(Problem::Offsets)
    }
}

/// Returns the bounds of a row; None if they are negative or absent.
#[inline(always)]
fn bounds<O: Copy + TryInto<usize>>(offsets: &[O], row: usize) -> Option<(usize, usize)> {
    match offsets.get(row..row + 2) {
        Some(&[start, end]) => Some((start.try_into().ok()?, end.try_into().ok()?)),
        _ => None,
    }
}
