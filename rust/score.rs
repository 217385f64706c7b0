//! Scores of a whole batch: checks and metrics in one pass over the memory.

use crate::batch::{Batch, Kinds, Positions, Segment, Values};
use crate::error::Error;
use crate::fast::{self, alignments};
use crate::isa::Isa;
use crate::metric::Metric;
use crate::parallel::Executor;
use crate::row_sums::ROWS;
use crate::rows::Rows;

/// Rows that one task takes on: small enough to share and to stop, large enough to amortise.
const TASK_ROWS: usize = 8192;

/// Below this many pairs a second thread costs more than it saves.
const SHARE_FROM: usize = 20_000;

/// Scores every pair of the batch by every metric.
///
/// The result holds one run of `batch.rows()` numbers per metric, in the order of `metrics`.
///
/// # Errors
/// As [`score_into`].
pub fn score(
    batch: &Batch<'_>,
    metrics: &[Metric],
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    let mut out = vec![0.0; batch.rows() * metrics.len()];
    score_into(batch, metrics, executor, &mut out)?;
    Ok(out)
}

/// The same, into a buffer of `batch.rows() * metrics.len()` numbers.
///
/// # Errors
/// The first row that is not a response distribution, or [`Error::Interrupted`].
pub fn score_into(
    batch: &Batch<'_>,
    metrics: &[Metric],
    executor: Executor<'_>,
    out: &mut [f64],
) -> Result<(), Error> {
    let rows = batch.rows();
    let mut rest: Vec<&mut [f64]> = if rows == 0 {
        Vec::new()
    } else {
        out.chunks_mut(rows).collect()
    };
    let tasks = batch.segments(TASK_ROWS).map(move |segment| {
        let outputs: Vec<&mut [f64]> = rest
            .iter_mut()
            .map(|run| run.split_off_mut(..segment.rows).unwrap_or_default())
            .collect();
        (segment, outputs)
    });
    let executor = if rows < SHARE_FROM {
        executor.limited(1)
    } else {
        executor
    };
    let isa = executor.isa;
    executor.run(tasks, |(segment, mut outputs)| {
        score_segment(batch, &segment, metrics, isa, &mut outputs)
    })?;
    batch.check_nulls()
}

fn score_segment(
    batch: &Batch<'_>,
    segment: &Segment<'_>,
    metrics: &[Metric],
    isa: Isa,
    outputs: &mut [&mut [f64]],
) -> Result<(), Error> {
    let fast = Fast::of(batch, segment, metrics, isa);
    let mut rows = Rows::new(metrics);
    for start in (0..segment.rows).step_by(fast::ROWS) {
        let end = segment.rows.min(start + fast::ROWS);
        if let Some(fast) = &fast
            && fast.score(isa, start, &mut outputs[0][start..end])
        {
            continue;
        }
        for start in (start..end).step_by(ROWS) {
            rows.score(batch, segment, isa, start, outputs)?;
        }
    }
    Ok(())
}

/// A segment that may take the short way of `fast.rs`.
struct Fast<'a> {
    segment: &'a Segment<'a>,
    model: &'a [f64],
    human: &'a [f64],
}

impl<'a> Fast<'a> {
    fn of(
        batch: &Batch<'_>,
        segment: &'a Segment<'_>,
        metrics: &[Metric],
        isa: Isa,
    ) -> Option<Self> {
        let plain = fast::available(isa)
            && matches!(batch.scale.kinds, Kinds::Ordinal)
            && matches!(batch.scale.positions, Positions::Equal)
            && *metrics == [Metric::Alignment];
        match (segment.model.values(), segment.human.values()) {
            (Values::F64(model), Values::F64(human)) if plain => Some(Self {
                segment,
                model,
                human,
            }),
            _ => None,
        }
    }

    /// Scores the rows from `start` on; false if they want a closer look.
    fn score(&self, isa: Isa, start: usize, out: &mut [f64]) -> bool {
        let Ok(out) = out.try_into() else {
            return false;
        };
        let (mut model, mut human) = ([0; fast::ROWS + 1], [0; fast::ROWS + 1]);
        let segment = self.segment;
        segment
            .model
            .bounds_of(segment.model_row + start, &mut model);
        segment
            .human
            .bounds_of(segment.human_row + start, &mut human);
        alignments(isa, (self.model, &model), (self.human, &human), out)
    }
}
