//! Scores of rows as they lie in memory: checks, sums over their options, metrics of those.

use crate::batch::{Batch, Chunk, Segment, Values};
use crate::error::{Error, Problem, Side};
use crate::isa::{Isa, multiversion};
use crate::metric::Metric;
use crate::row_sums::{Column, ROWS, Terms, any_sign};
use crate::sums::{Sums, Wanted};

/// Where rows begin, and where the last of them ends.
type Bounds = [i64; ROWS + 1];

/// Room for what is worked out of some rows, and the metrics that are wanted of them.
pub(crate) struct Rows<'a> {
    metrics: &'a [Metric],
    wanted: Wanted,
    model: Vec<f64>,
    human: Vec<f64>,
    terms: Terms,
    sums: Sums<ROWS>,
}

impl<'a> Rows<'a> {
    pub fn new(metrics: &'a [Metric]) -> Self {
        Self {
            metrics,
            wanted: Wanted::by(metrics),
            model: Vec::new(),
            human: Vec::new(),
            terms: Terms::default(),
            sums: Sums::ZERO,
        }
    }

    /// Scores up to [`ROWS`] rows of a segment from `start` on.
    pub fn score(
        &mut self,
        batch: &Batch<'_>,
        segment: &Segment<'_>,
        isa: Isa,
        start: usize,
        outputs: &mut [&mut [f64]],
    ) -> Result<(), Error> {
        let count = ROWS.min(segment.rows - start);
        let first_row = segment.first_row + start;
        let (mut bounds, mut human_bounds) = ([0; ROWS + 1], [0; ROWS + 1]);
        segment
            .model
            .bounds_of(segment.model_row + start, &mut bounds[..=count]);
        segment
            .human
            .bounds_of(segment.human_row + start, &mut human_bounds[..=count]);
        let fit = same_lengths(isa, &bounds, &human_bounds, count);
        let model = values(&segment.model, &bounds, count, &mut self.model);
        let human = values(&segment.human, &human_bounds, count, &mut self.human);
        let (true, Some(model), Some(human)) = (fit, model, human) else {
            return Err(first_problem(batch, first_row, count));
        };
        let ends = &mut bounds[..=count];
        let first = ends[0];
        for end in ends.iter_mut() {
            *end -= first;
        }

        let (sums, sides) = (&mut self.sums, (model, human));
        sums.set_kinds(&batch.scale.kinds, first_row, count);
        let positions = &batch.scale.positions;
        let placed = sums.add_rows(isa, positions, first_row, ends, sides, &self.wanted);
        let signs = any_sign(isa, model) | any_sign(isa, human);
        if !placed || signs || !sums.sound(count) {
            for row in first_row..first_row + count {
                batch.check_pair(row)?;
            }
        }
        sums.add_terms(isa, ends, sides, &self.wanted, &mut self.terms);
        for (&metric, out) in self.metrics.iter().zip(outputs) {
            let mut column = [0.0; ROWS];
            finish(isa, metric, sums, &mut column);
            out[start..start + count].copy_from_slice(&column[..count]);
        }
        Ok(())
    }
}

/// The values of some rows, as doubles; None where the bounds do not lie inside the chunk.
fn values<'v>(
    chunk: &Chunk<'v>,
    bounds: &Bounds,
    count: usize,
    room: &'v mut Vec<f64>,
) -> Option<&'v [f64]> {
    let start = usize::try_from(bounds[0]).ok()?;
    let end = usize::try_from(bounds[count]).ok()?;
    match chunk.values() {
        Values::F64(values) => values.get(start..end),
        Values::F32(values) => {
            room.clear();
            room.extend(
                values
                    .get(start..end)?
                    .iter()
                    .map(|&value| f64::from(value)),
            );
            Some(room)
        }
    }
}

/// The error of the first of some rows that do not lie in memory as they should.
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
    /// Whether every row has two options or more, and as many on either side.
    fn same_lengths(model: &Bounds, human: &Bounds, count: usize) -> bool = same_lengths_body;
}

#[inline(always)]
fn same_lengths_body(model: &Bounds, human: &Bounds, count: usize) -> bool {
    let mut fit = true;
    for row in 0..count {
        let length = model[row + 1].wrapping_sub(model[row]);
        fit &= length >= 2;
        fit &= length == human[row + 1].wrapping_sub(human[row]);
    }
    fit
}

multiversion! {
    /// A metric of every row, from its sums.
    fn finish(metric: Metric, sums: &Sums<ROWS>, out: &mut Column) = Metric::fill::<ROWS>;
}
