//! Scores of every pair of a batch: checks and metrics in one pass over the memory.

use std::mem::MaybeUninit;

use super::alignment_avx2::{CALL_ROWS, EqualSteps};
use super::rows::RowScorer;
use super::sums::ROWS;
use super::table::Metric;
use crate::error::Error;
use crate::input::{Batch, Segment};
use crate::machine::{Executor, Isa};

/// Rows of one task: few enough to divide work evenly and to stop soon, enough to outweigh the cost
/// of a task.
const TASK_ROWS: usize = 8192;

/// Below this many pairs a second thread costs more than it saves.
const SHARE_FROM: usize = 20_000;

/// Scores every pair of the batch by every metric.
///
/// Returns `batch.rows()` numbers for each metric, one metric after another.
///
/// # Errors
/// As [`score_into`].
pub fn score(
    batch: &Batch<'_>,
    metrics: &[Metric],
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    let size = batch.rows() * metrics.len();
    let mut out = Vec::with_capacity(size);
    score_into(
        batch,
        metrics,
        executor,
        &mut out.spare_capacity_mut()[..size],
    )?;
    // SAFETY: every number was written.
    unsafe { out.set_len(size) };
    Ok(out)
}

/// Scores as [`score`] does, into a buffer of `batch.rows() * metrics.len()` numbers; fills it.
///
/// # Errors
/// The first row that is not a response distribution, or [`Error::Interrupted`].
pub fn score_into(
    batch: &Batch<'_>,
    metrics: &[Metric],
    executor: Executor<'_>,
    out: &mut [MaybeUninit<f64>],
) -> Result<(), Error> {
    let rows = batch.rows();
    let mut rest: Vec<&mut [MaybeUninit<f64>]> = if rows == 0 {
        Vec::new()
    } else {
        out.chunks_mut(rows).collect()
    };
    let tasks = batch.segments(TASK_ROWS).map(move |segment| {
        let outputs: Vec<&mut [MaybeUninit<f64>]> = rest
            .iter_mut()
            .map(|run| run.split_off_mut(..segment.rows).unwrap_or_default())
            .collect();
        (segment, outputs)
    });
    let executor = executor.for_work(rows, SHARE_FROM);
    let isa = executor.isa;
    executor.run(tasks, |(segment, mut outputs), _| {
        score_segment(batch, &segment, metrics, isa, &mut outputs)
    })?;
    batch.check_nulls()
}

/// Scores the pairs of one segment.
fn score_segment(
    batch: &Batch<'_>,
    segment: &Segment<'_>,
    metrics: &[Metric],
    isa: Isa,
    outputs: &mut [&mut [MaybeUninit<f64>]],
) -> Result<(), Error> {
    let equal_steps = EqualSteps::new(batch, segment, metrics, isa);
    let mut scorer = RowScorer::new(metrics);
    for start in (0..segment.rows).step_by(CALL_ROWS) {
        let end = segment.rows.min(start + CALL_ROWS);
        if let Some(equal_steps) = &equal_steps
            && equal_steps.score(isa, start, &mut outputs[0][start..end])
        {
            continue;
        }
        for start in (start..end).step_by(ROWS) {
            scorer.score(batch, segment, isa, start, outputs)?;
        }
    }
    Ok(())
}
