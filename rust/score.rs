//! Scores of a whole batch: rows into lanes, checks, metrics, one pass over the memory.

use crate::batch::{Batch, Chunk, Offsets, SUM_TOLERANCE, Segment, Values, bounds};
use crate::error::Error;
use crate::ground::Ground;
use crate::isa::{Isa, multiversion};
use crate::metric::{LANES, Lane, Metric, evaluate};
use crate::parallel::Executor;

/// Rows that one task takes on: small enough to share and to stop, large enough to amortise.
const TASK_ROWS: usize = 8192;

/// Below this many pairs a second thread costs more than it saves.
const SHARE_FROM: usize = 20_000;

/// Scores every pair of the batch by every metric.
///
/// The result holds one run of `batch.rows()` numbers per metric, in the order of `metrics`.
///
/// # Errors
/// The first row that is not a response distribution, or [`Error::Interrupted`].
pub fn score(
    batch: &Batch<'_>,
    metrics: &[Metric],
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    let rows = batch.rows();
    let mut out = vec![0.0; rows * metrics.len()];
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
    batch.check_nulls()?;
    Ok(out)
}

fn score_segment(
    batch: &Batch<'_>,
    segment: &Segment<'_>,
    metrics: &[Metric],
    isa: Isa,
    outputs: &mut [&mut [f64]],
) -> Result<(), Error> {
    let (mut model, mut human) = (Tile::default(), Tile::default());
    let mut ground = Ground::default();
    let mut scores = vec![[0.0; LANES]; metrics.len()];
    for start in (0..segment.rows).step_by(LANES) {
        let count = LANES.min(segment.rows - start);
        let row = segment.first_row + start;
        let sound = model.load(&segment.model, segment.model_row + start, count)
            && human.load(&segment.human, segment.human_row + start, count)
            && model.lengths == human.lengths
            && ground
                .set(isa, &batch.scale, row, &model.lengths, count)
                .is_ok()
            && settle(isa, &mut model.values, &model.lengths, count)
            && settle(isa, &mut human.values, &human.lengths, count);
        if !sound {
            for row in row..row + count {
                batch.check_pair(row)?;
            }
        }
        evaluate(
            isa,
            metrics,
            &model.values,
            &human.values,
            &ground,
            &mut scores,
        );
        for (output, scores) in outputs.iter_mut().zip(&scores) {
            output[start..start + count].copy_from_slice(&scores[..count]);
        }
    }
    Ok(())
}

/// One side of up to [`LANES`] pairs, turned so that lanes lie side by side.
#[derive(Default)]
struct Tile {
    values: Vec<Lane>,
    lengths: [usize; LANES],
}

impl Tile {
    /// Takes on rows of a chunk; false if some row cannot be read or has fewer than two options.
    fn load(&mut self, chunk: &Chunk<'_>, first_row: usize, count: usize) -> bool {
        match (chunk.values(), chunk.offsets()) {
            (Values::F64(values), offsets) => self.load_values(values, offsets, first_row, count),
            (Values::F32(values), offsets) => self.load_values(values, offsets, first_row, count),
        }
    }

    fn load_values<T: Copy + Into<f64>>(
        &mut self,
        values: &[T],
        offsets: Offsets<'_>,
        first: usize,
        count: usize,
    ) -> bool {
        match offsets {
            Offsets::Fixed { options, .. } => self.turn(values, count, |lane| {
                Some(((first + lane) * options, (first + lane + 1) * options))
            }),
            Offsets::Small(offsets) => {
                self.turn(values, count, |lane| bounds(offsets, first + lane))
            }
            Offsets::Large(offsets) => {
                self.turn(values, count, |lane| bounds(offsets, first + lane))
            }
        }
    }

    /// Copies rows into lanes. To keep the copying free of branches every row is read as if it
    /// were as long as the longest; [`settle`] blanks what does not belong to it.
    #[inline(always)]
    fn turn<T: Copy + Into<f64>>(
        &mut self,
        values: &[T],
        count: usize,
        bounds: impl Fn(usize) -> Option<(usize, usize)>,
    ) -> bool {
        let mut starts = [0; LANES];
        let mut sound = true;
        self.lengths = [2; LANES];
        for lane in 0..count {
            let (start, end) = bounds(lane).unwrap_or((0, 0));
            sound &= start + 2 <= end && end <= values.len();
            starts[lane] = start;
            self.lengths[lane] = end.saturating_sub(start);
        }
        if !sound {
            return false;
        }
        let longest = self.lengths.iter().copied().max().unwrap_or(0);
        self.values.resize(longest, [0.0; LANES]);
        for lane in 0..count {
            let start = starts[lane];
            let row = values
                .get(start..start + longest)
                .unwrap_or(&values[start..start + self.lengths[lane]]);
            for (&value, out) in row.iter().zip(&mut self.values) {
                out[lane] = value.into();
            }
        }
        true
    }
}

multiversion! {
    /// Blanks what lies beyond each row's end; whether the first `count` lanes are response
    /// distributions.
    fn settle(values: &mut [Lane], lengths: &[usize; LANES], count: usize) -> bool = settle_lanes;
}

#[inline(always)]
#[allow(
    clippy::cast_precision_loss,
    reason = "a row has far fewer than 2^52 options"
)]
fn settle_lanes(values: &mut [Lane], lengths: &[usize; LANES], count: usize) -> bool {
    let mut ends = [0.0; LANES];
    for l in 0..LANES {
        ends[l] = lengths[l] as f64;
    }
    let (mut sum, mut signs) = ([0.0; LANES], [0; LANES]);
    for (k, value) in values.iter_mut().enumerate() {
        let k = k as f64;
        for l in 0..LANES {
            value[l] = if k < ends[l] { value[l] } else { 0.0 };
            sum[l] += value[l];
            signs[l] |= value[l].to_bits();
        }
    }
    let mut sound = true;
    for l in 0..count {
        // A NaN or an infinity anywhere makes the sum fail; -0.0 is looked at again, closely.
        sound &= (sum[l] - 1.0).abs() <= SUM_TOLERANCE && signs[l] >> 63 == 0;
    }
    sound
}
