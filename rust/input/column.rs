//! Rows in consecutive chunks, and the test that a row is a response distribution.

use std::borrow::Cow;

use super::chunk::Chunk;
use crate::error::Problem;

/// The largest allowed difference of a row's sum from 1.
pub(crate) const SUM_TOLERANCE: f64 = 1e-6;

/// Rows in chunks that follow one another.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    chunks: Vec<Chunk<'a>>,
    starts: Vec<usize>,
}

impl<'a> Column<'a> {
    /// Makes a column of consecutive chunks.
    #[must_use]
    pub fn new(chunks: Vec<Chunk<'a>>) -> Self {
        let mut starts = Vec::with_capacity(chunks.len() + 1);
        let mut total = 0;
        starts.push(0);
        for chunk in &chunks {
            total += chunk.rows();
            starts.push(total);
        }
        Self { chunks, starts }
    }

    /// Counts the rows of all chunks.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Finds the chunk that holds a row, and the row's place in it.
    pub(crate) fn chunk_of(&self, row: usize) -> (&Chunk<'a>, usize) {
        let chunk = self.starts.partition_point(|&start| start <= row) - 1;
        (&self.chunks[chunk], row - self.starts[chunk])
    }

    /// Returns the values of one row as doubles.
    ///
    /// # Errors
    /// The row's offsets point outside the values.
    pub fn row(&self, row: usize) -> Result<Cow<'a, [f64]>, Problem> {
        let (chunk, row) = self.chunk_of(row);
        chunk.row(row)
    }

    /// Returns the values of one row, if they are a response distribution.
    ///
    /// # Errors
    /// The reason why the row is not a response distribution.
    pub fn distribution(&self, row: usize) -> Result<Cow<'a, [f64]>, Problem> {
        let row = self.row(row)?;
        match row.len() {
            0 => return Err(Problem::Empty),
            1 => return Err(Problem::SingleOption),
            _ => {}
        }
        let mut sum = 0.0;
        for &value in row.iter() {
            if !value.is_finite() {
                return Err(Problem::NotFinite(value));
            }
            if value < 0.0 {
                return Err(Problem::Negative(value));
            }
            sum += value;
        }
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(Problem::Sum(sum));
        }
        Ok(row)
    }

    /// Finds the first row that is null or holds a null.
    pub(crate) fn null(&self) -> Option<(usize, Problem)> {
        self.chunks
            .iter()
            .zip(&self.starts)
            .find_map(|(chunk, start)| chunk.null().map(|(row, problem)| (start + row, problem)))
    }
}
