//! Scores of a whole batch: rows into lanes, checks, metrics, one pass over the memory.

use crate::batch::{Batch, Chunk, Kinds, Positions, SUM_TOLERANCE, Segment, Values};
use crate::error::Error;
use crate::fast::{self, alignments};
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
    let mut turned = Turned::new(metrics);
    for start in (0..segment.rows).step_by(fast::ROWS) {
        let count = fast::ROWS.min(segment.rows - start);
        if let Some(fast) = &fast
            && fast.score(isa, start, &mut outputs[0][start..start + count])
        {
            continue;
        }
        turned.score(batch, segment, isa, start..start + count, outputs)?;
    }
    Ok(())
}

/// Pairs turned into lanes, and the scores of them.
struct Turned<'a> {
    metrics: &'a [Metric],
    model: Tile,
    human: Tile,
    ground: Ground,
    scores: Vec<Lane>,
}

impl<'a> Turned<'a> {
    fn new(metrics: &'a [Metric]) -> Self {
        Self {
            metrics,
            model: Tile::default(),
            human: Tile::default(),
            ground: Ground::default(),
            scores: vec![[0.0; LANES]; metrics.len()],
        }
    }

    fn score(
        &mut self,
        batch: &Batch<'_>,
        segment: &Segment<'_>,
        isa: Isa,
        rows: std::ops::Range<usize>,
        outputs: &mut [&mut [f64]],
    ) -> Result<(), Error> {
        let (model, human) = (&mut self.model, &mut self.human);
        for start in rows.clone().step_by(LANES) {
            let count = LANES.min(rows.end - start);
            let row = segment.first_row + start;
            let sound = model.load(isa, &segment.model, segment.model_row + start, count)
                && human.load(isa, &segment.human, segment.human_row + start, count)
                && model.lengths == human.lengths
                && self
                    .ground
                    .set(&batch.scale, row, &model.lengths, count)
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
                self.metrics,
                &model.values,
                &human.values,
                &self.ground,
                &mut self.scores,
            );
            for (output, scores) in outputs.iter_mut().zip(&self.scores) {
                output[start..start + count].copy_from_slice(&scores[..count]);
            }
        }
        Ok(())
    }
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

/// One side of up to [`LANES`] pairs, turned so that lanes lie side by side.
#[derive(Default)]
struct Tile {
    values: Vec<Lane>,
    lengths: [usize; LANES],
}

impl Tile {
    /// Takes on rows of a chunk; false if some row cannot be read or has fewer than two options.
    fn load(&mut self, isa: Isa, chunk: &Chunk<'_>, first_row: usize, count: usize) -> bool {
        let values = match chunk.values() {
            Values::F64(values) => values.len(),
            Values::F32(values) => values.len(),
        };
        let mut bounds = [0; LANES + 1];
        chunk.bounds_of(first_row, &mut bounds[..=count]);
        let Some(longest) = measure(isa, &bounds, count, values, &mut self.lengths) else {
            return false;
        };
        self.values.resize(longest, [0.0; LANES]);
        match chunk.values() {
            Values::F64(values) => turn(values, &bounds, count, &mut self.values),
            Values::F32(values) => turn(values, &bounds, count, &mut self.values),
        }
        true
    }
}

multiversion! {
    /// The lengths of rows and the largest of them, unless some row does not lie inside the
    /// values or has fewer than two options. Lanes from `count` on are taken to have two.
    fn measure(
        bounds: &[i64; LANES + 1],
        count: usize,
        values: usize,
        lengths: &mut [usize; LANES],
    ) -> Option<usize> = measure_lanes;
}

#[inline(always)]
#[allow(
    clippy::cast_sign_loss,
    clippy::cast_possible_truncation,
    reason = "checked on the way"
)]
fn measure_lanes(
    bounds: &[i64; LANES + 1],
    count: usize,
    values: usize,
    lengths: &mut [usize; LANES],
) -> Option<usize> {
    let (mut longest, mut sound) = (0, bounds[0] >= 0 && bounds[count] as usize <= values);
    for l in 0..LANES {
        let length = if l < count {
            bounds[l + 1].wrapping_sub(bounds[l])
        } else {
            2
        };
        // Bounds that rise from 0 to the number of values all lie between the two.
        sound &= length >= 2;
        longest = length.max(longest);
        lengths[l] = length as usize;
    }
    (sound && longest as usize <= values.max(2)).then_some(longest as usize)
}

/// Copies rows into lanes. To keep the copying free of branches every row is read as if it were
/// as long as the longest, if there are so many values; [`settle`] blanks what lies beyond.
///
/// Left out of the kernels on purpose: AVX-512 would scatter, which is slower than storing.
#[inline(never)]
#[allow(
    clippy::cast_sign_loss,
    clippy::cast_possible_truncation,
    reason = "bounds were measured"
)]
fn turn<T: Copy + Into<f64>>(
    values: &[T],
    bounds: &[i64; LANES + 1],
    count: usize,
    out: &mut [Lane],
) {
    for lane in 0..count.min(LANES) {
        let (start, end) = (bounds[lane] as usize, bounds[lane + 1] as usize);
        let row = values
            .get(start..start + out.len())
            .unwrap_or(&values[start..end]);
        for (out, &value) in out.iter_mut().zip(row) {
            out[lane] = value.into();
        }
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
