//! From samples that were drawn again to replicates of the means of groups, tile by tile.
//!
//! A sample is a number of people who answered an item; every row is scored against one. Whatever
//! draws the samples hands over their shares, one tile of replicates at a time.

use std::borrow::Cow;

use crate::alignments::Alignments;
use crate::batch::{Positions, Scale};
use crate::error::{Error, Problem};
use crate::ground::Ground;
use crate::isa::{Aligned, Isa, multiversion};
use crate::lanes::{LANES, Lane, evaluate};
use crate::matrix::Weights;
use crate::metric::Metric;
use crate::parallel::Executor;
use crate::sample::TILE;
use crate::tally::{Run, ZERO};

/// A model's shares of the options of an item, and the sample that they are scored against.
pub(crate) struct Row<'a> {
    pub group: usize,
    pub sample: usize,
    /// The row's place among those given, for its scale.
    pub place: usize,
    pub shares: Cow<'a, [f64]>,
    pub nominal: bool,
    pub factors: Factors,
}

/// What shares, or cumulative shares, are multiplied by to make steps of a scale one long.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Factors {
    /// The same for so many steps: equal ones, or ½ of every nominal share.
    Same(usize, f64),
    /// The part of the scale's span between one option and the next.
    Each(Vec<f64>),
}

impl<'a> Row<'a> {
    /// A row with its scale.
    ///
    /// # Errors
    /// Its positions are not one per option, or do not increase.
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 options")]
    pub fn new(
        (group, sample, place): (usize, usize, usize),
        shares: Cow<'a, [f64]>,
        scale: &Scale<'_>,
    ) -> Result<Self, Problem> {
        let (nominal, options) = (scale.is_nominal(place), shares.len());
        let factors = if nominal {
            Factors::Same(options, 0.5)
        } else if matches!(scale.positions, Positions::Equal) {
            Factors::Same(options - 1, 1.0 / (options - 1) as f64)
        } else {
            let positions = scale.positions.of_row(place, options)?;
            let span = positions[options - 1] - positions[0];
            let widths = positions.windows(2).map(|pair| pair[1] - pair[0]);
            Factors::Each(widths.map(|width| width / span).collect())
        };
        Ok(Self {
            group,
            sample,
            place,
            shares,
            nominal,
            factors,
        })
    }

    pub fn bits(&self) -> impl Iterator<Item = u64> {
        self.shares.iter().map(|share| share.to_bits())
    }
}

impl Factors {
    pub fn len(&self) -> usize {
        match self {
            Self::Same(steps, _) => *steps,
            Self::Each(factors) => factors.len(),
        }
    }

    pub fn of(&self, step: usize) -> f64 {
        match self {
            Self::Same(_, factor) => *factor,
            Self::Each(factors) => factors[step],
        }
    }
}

/// Rows in the order of groups, and the samples they are scored against.
pub(crate) struct Replicator<'a> {
    scale: &'a Scale<'a>,
    rows: Vec<Row<'a>>,
    /// Where the options of every sample begin, and where those of the last end.
    first_option: Vec<usize>,
    n_groups: usize,
}

/// What was drawn for one tile.
pub(crate) struct Drawn {
    /// Shares of all options of all samples; NaN where nobody answered.
    pub shares: Vec<Run>,
    /// How often every sample counts; once, if there is nothing here.
    pub counted: Option<Vec<Run>>,
}

/// Draws the shares of a row again: the number of a tile, and of a row.
pub(crate) type Redraw<'f> = &'f (dyn Fn(usize, usize) -> Vec<Run> + Sync);

impl<'a> Replicator<'a> {
    pub fn new(
        scale: &'a Scale<'a>,
        rows: Vec<Row<'a>>,
        first_option: Vec<usize>,
        n_groups: usize,
    ) -> Self {
        Self {
            scale,
            rows,
            first_option,
            n_groups,
        }
    }

    /// Replicates of every group's mean: one run of `n_resamples` per metric and group; NaN
    /// where a replicate drew nothing of a group.
    pub fn replicates(
        &self,
        metrics: &[Metric],
        n_resamples: usize,
        draw: impl Fn(usize) -> Drawn + Sync,
        redraw: Option<Redraw<'_>>,
        executor: Executor<'_>,
    ) -> Result<Vec<f64>, Error> {
        let alignments = Alignments::new(&self.rows, self.first_option.len() - 1);
        let cells = metrics.len() * self.n_groups;
        let mut tiles = vec![[f64::NAN; TILE]; cells * n_resamples.div_ceil(TILE)];
        let isa = executor.isa;
        // Where models stay as they are, alignments have a shorter way than the other metrics.
        let (short, long): (Vec<_>, Vec<_>) = (metrics.iter().copied().enumerate())
            .partition(|&(_, metric)| metric == Metric::Alignment && redraw.is_none());
        executor.run(
            tiles.chunks_mut(cells.max(1)).enumerate(),
            |(number, out)| {
                let drawn = draw(number);
                for &(place, _) in &short {
                    let out = &mut out[place * self.n_groups..][..self.n_groups];
                    let counted = drawn.counted.as_deref();
                    alignments.means(isa, &drawn.shares, &self.first_option, counted, out);
                }
                if !long.is_empty() {
                    self.score(isa, &long, number, &drawn, redraw, out)
                        .map_err(|problem| Error::argument(problem.to_string()))?;
                }
                Ok(())
            },
        )?;
        let mut out = vec![0.0; cells * n_resamples];
        for (cell, run) in out.chunks_mut(n_resamples.max(1)).enumerate() {
            for (tile, out) in run.chunks_mut(TILE).enumerate() {
                out.copy_from_slice(&tiles[tile * cells + cell][..out.len()]);
            }
        }
        Ok(out)
    }

    /// Means of some metrics in every group, row by row.
    fn score(
        &self,
        isa: Isa,
        metrics: &[(usize, Metric)],
        number: usize,
        drawn: &Drawn,
        redraw: Option<Redraw<'_>>,
        out: &mut [[f64; TILE]],
    ) -> Result<(), Problem> {
        let once = Aligned([1.0; TILE]);
        let kinds: Vec<Metric> = metrics.iter().map(|&(_, metric)| metric).collect();
        let (mut scores, mut next) = (vec![ZERO; metrics.len()], 0);
        for group in self.rows.chunk_by(|a, b| a.group == b.group) {
            let mut sums = vec![(ZERO, ZERO); metrics.len()];
            for row in group {
                let model = redraw.map_or_else(
                    || {
                        row.shares
                            .iter()
                            .map(|&share| Aligned([share; TILE]))
                            .collect()
                    },
                    |redraw| redraw(number, next),
                );
                next += 1;
                let options = self.first_option[row.sample]..self.first_option[row.sample + 1];
                let human = &drawn.shares[options];
                let ground = Ground::of_row(self.scale, row.place, row.shares.len())?;
                score_row(isa, &kinds, &ground, &model, human, &mut scores);
                let weight = drawn
                    .counted
                    .as_ref()
                    .map_or(&once, |counted| &counted[row.sample]);
                for ((metric, score), (sum, total)) in kinds.iter().zip(&scores).zip(&mut sums) {
                    if !row.nominal || metric.properties().on_nominal {
                        add_scores(isa, score, weight, sum);
                        add_scores(isa, &once, weight, total);
                    }
                }
            }
            for (&(place, _), (sum, total)) in metrics.iter().zip(&sums) {
                let out = &mut out[place * self.n_groups + group[0].group];
                for l in 0..TILE {
                    out[l] = sum[l] / total[l];
                }
            }
        }
        Ok(())
    }
}

/// How often an item was drawn in every replicate of a tile.
pub(crate) fn times_drawn(weights: &Weights, tile: usize, item: usize) -> Run {
    let mut out = ZERO;
    for (half, out) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let panel = tile * (TILE / LANES) + half;
        if panel < weights.n_panels() {
            *out = weights.panel(panel, item);
        }
    }
    out
}

/// Metrics of one row in all replicates of a tile.
fn score_row(
    isa: Isa,
    metrics: &[Metric],
    ground: &Ground,
    model: &[Run],
    human: &[Run],
    out: &mut [Run],
) {
    let mut scores = vec![[0.0; LANES]; metrics.len()];
    for half in 0..TILE / LANES {
        let lanes = |runs: &[Run]| -> Vec<Lane> {
            runs.iter()
                .map(|run| run.as_chunks::<LANES>().0[half])
                .collect()
        };
        evaluate(
            isa,
            metrics,
            &lanes(model),
            &lanes(human),
            ground,
            &mut scores,
        );
        for (out, scores) in out.iter_mut().zip(&scores) {
            out.as_chunks_mut::<LANES>().0[half] = *scores;
        }
    }
}

multiversion! {
    /// Adds weight × score, where the weight is not 0.
    fn add_scores(score: &Run, weight: &Run, out: &mut Run) = add_scores_body;
}

#[inline(always)]
fn add_scores_body(score: &Run, weight: &Run, out: &mut Run) {
    for l in 0..TILE {
        out.0[l] += if weight.0[l] > 0.0 {
            weight.0[l] * score.0[l]
        } else {
            0.0
        };
    }
}
