//! Scores of pairs as they lie in memory: checks, sums over options, and metrics of these sums.

use std::mem::MaybeUninit;

use super::row_sums::{Terms, any_sign};
use super::sums::{Needs, PairSums, ROWS};
use super::table::Metric;
use crate::error::{Error, Problem, Side};
use crate::input::{Batch, Chunk, Segment, Values};
use crate::machine::{Isa, multiversion};

/// A scorer of up to [`ROWS`] pairs at a time, which reuses its buffers.
pub(super) struct RowScorer<'a> {
    metrics: &'a [Metric],
    needs: Needs,
    model: Vec<f64>,
    human: Vec<f64>,
    terms: Terms,
    sums: PairSums<ROWS>,
}

impl<'a> RowScorer<'a> {
    /// Makes a scorer for some metrics.
    pub fn new(metrics: &'a [Metric]) -> Self {
        Self {
            metrics,
            needs: Metric::needs_of(metrics),
            model: Vec::new(),
            human: Vec::new(),
            terms: Terms::default(),
            sums: PairSums::ZERO,
        }
    }

    /// Scores up to [`ROWS`] pairs of a segment, from `start` on; writes all of their scores.
    ///
    /// # Errors
    /// The first row of these that is not a response distribution.
    pub fn score(
        &mut self,
        batch: &Batch<'_>,
        segment: &Segment<'_>,
        isa: Isa,
        start: usize,
        outputs: &mut [&mut [MaybeUninit<f64>]],
    ) -> Result<(), Error> {
        let count = ROWS.min(segment.rows - start);
        let first_row = segment.first_row + start;
        let (mut starts, mut human_starts) = ([0; ROWS + 1], [0; ROWS + 1]);
        segment
            .model
            .copy_starts(segment.model_row + start, &mut starts[..=count]);
        segment
            .human
            .copy_starts(segment.human_row + start, &mut human_starts[..=count]);
        let fit = same_lengths(isa, &starts, &human_starts, count);
        let model = values(&segment.model, &starts, count, &mut self.model);
        let human = values(&segment.human, &human_starts, count, &mut self.human);
        let (true, Some(model), Some(human)) = (fit, model, human) else {
            return Err(first_problem(batch, first_row, count));
        };
        let ends = &mut starts[..=count];
        let first = ends[0];
        for end in ends.iter_mut() {
            *end -= first;
        }

        let (sums, sides) = (&mut self.sums, (model, human));
        sums.set_kinds(&batch.scale.kinds, first_row, count);
        let positions = &batch.scale.positions;
        let placed = sums.add_rows(isa, positions, first_row, ends, sides, self.needs);
        let signs = any_sign(isa, model) | any_sign(isa, human);
        if !placed || signs || !sums.sound(count) {
            for row in first_row..first_row + count {
                batch.check_pair(row)?;
            }
        }
        sums.add_terms(isa, ends, sides, self.needs, &mut self.terms);
        for (&metric, out) in self.metrics.iter().zip(outputs) {
            let mut scores = [0.0; ROWS];
            fill(isa, metric, sums, &mut scores);
            for (out, score) in out[start..start + count].iter_mut().zip(scores) {
                out.write(score);
            }
        }
        Ok(())
    }
}

/// Returns the values of `count` rows as doubles; None if they do not lie inside the chunk.
fn values<'v>(
    chunk: &Chunk<'v>,
    starts: &[i64; ROWS + 1],
    count: usize,
    buffer: &'v mut Vec<f64>,
) -> Option<&'v [f64]> {
    let start = usize::try_from(starts[0]).ok()?;
    let end = usize::try_from(starts[count]).ok()?;
    match chunk.values() {
        Values::F64(values) => values.get(start..end),
        Values::F32(values) => {
            buffer.clear();
            buffer.extend(
                values
                    .get(start..end)?
                    .iter()
                    .map(|&value| f64::from(value)),
            );
            Some(buffer)
        }
    }
}

/// Returns the error of the first of `count` rows whose offsets are wrong.
fn first_problem(batch: &Batch<'_>, first_row: usize, count: usize) -> Error {
    (first_row..first_row + count)
        .find_map(|row| batch.check_pair(row).err())
        .unwrap_or(Error::Row {
            side: Side::Model,
            row: first_row,
            problem: Problem::Offsets,
        })
}

multiversion! {
    /// Tells whether every row has two options or more, and as many on both sides.
    fn same_lengths(model: &[i64; ROWS + 1], human: &[i64; ROWS + 1], count: usize) -> bool
        = same_lengths_body;
}

#[inline(always)]
fn same_lengths_body(model: &[i64; ROWS + 1], human: &[i64; ROWS + 1], count: usize) -> bool {
    let mut fit = true;
    for row in 0..count {
        let length = model[row + 1].wrapping_sub(model[row]);
        // offsets that fall may wrap around to a length that looks right
        fit &= model[row] < model[row + 1];
        fit &= length >= 2;
        fit &= length == human[row + 1].wrapping_sub(human[row]);
    }
    fit
}

multiversion! {
    /// Computes a metric of every row from its sums.
    fn fill(metric: Metric, sums: &PairSums<ROWS>, out: &mut [f64; ROWS]) = Metric::fill::<ROWS>;
}
