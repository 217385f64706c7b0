//! From resampled samples to replicates of the means of groups, tile by tile.
//!
//! A sample is a number of people who answered an item; every row is scored against one sample. The
//! caller draws the samples, and passes their shares one tile of replicates at a time.

use super::alignments::Alignments;
use super::model_row::ModelRow;
use super::tile::{TILE, TileValues, ZERO};
use crate::error::Error;
use crate::input::RowScale;
use crate::machine::{Aligned, Executor, Isa, Watch, check_room, filled, multiversion};
use crate::metric::{LANES, Lanes, Metric, evaluate};

/// Units of work of one option in one replicate.
const COST: usize = 4;

/// Rows sorted by group, and the samples that they are scored against.
pub(super) struct Replicator<'a> {
    rows: Vec<ModelRow<'a>>,
    /// The start of the options of every sample, and the end of the last.
    first_option: Vec<usize>,
    n_groups: usize,
}

/// The draws of one tile.
pub(super) struct DrawnShares {
    /// Shares of all options of all samples; NaN if nobody answered.
    pub shares: Vec<TileValues>,
    /// How often every sample counts; None if all count once.
    pub counted: Option<Vec<TileValues>>,
}

/// A function that redraws the shares of a row, given the numbers of the tile and of the row.
pub(super) type Redraw<'f> = &'f (dyn Fn(usize, usize) -> Vec<TileValues> + Sync);

impl<'a> Replicator<'a> {
    /// Takes rows sorted by group.
    pub fn new(rows: Vec<ModelRow<'a>>, first_option: Vec<usize>, n_groups: usize) -> Self {
        Self {
            rows,
            first_option,
            n_groups,
        }
    }

    /// Returns the rows.
    pub fn rows(&self) -> &[ModelRow<'a>] {
        &self.rows
    }

    /// Computes the replicates of every group's mean by every metric.
    ///
    /// Returns `n_resamples` numbers for each group of each metric; NaN if a replicate drew nothing
    /// of a group. `draw` returns the samples of a tile, and `redraw`, if given, new shares of the
    /// models.
    ///
    /// # Errors
    /// [`Error::Memory`] or [`Error::Interrupted`].
    pub fn replicates(
        &self,
        metrics: &[Metric],
        n_resamples: usize,
        draw: impl Fn(usize, &Watch<'_>) -> Result<DrawnShares, Error> + Sync,
        redraw: Option<Redraw<'_>>,
        executor: Executor<'_>,
    ) -> Result<Vec<f64>, Error> {
        let alignments = Alignments::new(&self.rows, self.first_option.len() - 1);
        let cells = metrics.len() * self.n_groups;
        let n_tiles = n_resamples.div_ceil(TILE);
        let options = self.first_option[self.first_option.len() - 1];
        check_room(
            &[executor.threads.min(n_tiles), options, TILE],
            size_of::<f64>(),
        )?;
        let mut tiles = filled([0.0; TILE], &[metrics.len(), self.n_groups, n_tiles])?;
        let isa = executor.isa;
        // If models are not redrawn, alignments take the fast path.
        let (short, long): (Vec<_>, Vec<_>) = (metrics.iter().copied().enumerate())
            .partition(|&(_, metric)| metric == Metric::Alignment && redraw.is_none());
        executor.run(
            tiles.chunks_mut(cells.max(1)).enumerate(),
            |(number, out), watch| {
                out.fill([f64::NAN; TILE]);
                let drawn = draw(number, watch)?;
                for &(place, _) in &short {
                    let out = &mut out[place * self.n_groups..][..self.n_groups];
                    let counted = drawn.counted.as_deref();
                    alignments.means(isa, &drawn.shares, &self.first_option, counted, out);
                }
                if !long.is_empty() {
                    self.score((isa, watch), &long, number, &drawn, redraw, out)?;
                }
                watch.after(options * TILE)
            },
        )?;
        let mut out = filled(0.0, &[cells, n_resamples])?;
        let watch = executor.watch();
        for (cell, run) in out.chunks_mut(n_resamples.max(1)).enumerate() {
            watch.after(run.len())?;
            for (tile, out) in run.chunks_mut(TILE).enumerate() {
                out.copy_from_slice(&tiles[tile * cells + cell][..out.len()]);
            }
        }
        Ok(out)
    }

    /// Computes the mean over all replicates of every row's score by every metric; `draw` and
    /// `redraw` are those of [`Self::replicates`].
    ///
    /// Returns one number for each of `n_rows` rows of the input, for each metric; NaN for rows
    /// without a score.
    ///
    /// # Errors
    /// [`Error::Memory`] or [`Error::Interrupted`].
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
    pub fn row_means(
        &self,
        metrics: &[Metric],
        (n_rows, n_resamples): (usize, usize),
        draw: impl Fn(usize, &Watch<'_>) -> Result<DrawnShares, Error> + Sync,
        redraw: Option<Redraw<'_>>,
        executor: Executor<'_>,
    ) -> Result<Vec<f64>, Error> {
        let width = metrics.len() * self.rows.len();
        let mut sums = filled(0.0, &[n_resamples.div_ceil(TILE), width])?;
        let isa = executor.isa;
        executor.run(
            sums.chunks_mut(width.max(1)).enumerate(),
            |(number, out), watch| {
                let drawn = draw(number, watch)?;
                let lanes = TILE.min(n_resamples - number * TILE);
                let mut scores = vec![ZERO; metrics.len()];
                for place in 0..self.rows.len() {
                    self.score_row((isa, number), metrics, place, &drawn, redraw, &mut scores);
                    for (metric, scores) in scores.iter().enumerate() {
                        out[metric * self.rows.len() + place] = scores[..lanes].iter().sum();
                    }
                    watch.after(self.rows[place].shares.len() * TILE * COST)?;
                }
                Ok(())
            },
        )?;
        let mut out = filled(f64::NAN, &[metrics.len(), n_rows])?;
        for (number, metric) in metrics.iter().enumerate() {
            for (place, row) in self.rows.iter().enumerate() {
                if !row.scale.nominal || metric.properties().on_nominal {
                    let tiles = sums.chunks(width);
                    let sum: f64 = tiles
                        .map(|sums| sums[number * self.rows.len() + place])
                        .sum();
                    out[number * n_rows + row.place] = sum / n_resamples as f64;
                }
            }
        }
        Ok(out)
    }

    /// Computes the metrics of the row at a place in all replicates of a tile.
    fn score_row(
        &self,
        (isa, number): (Isa, usize),
        metrics: &[Metric],
        place: usize,
        drawn: &DrawnShares,
        redraw: Option<Redraw<'_>>,
        out: &mut [TileValues],
    ) {
        let row = &self.rows[place];
        let model = redraw.map_or_else(
            || {
                row.shares
                    .iter()
                    .map(|&share| Aligned([share; TILE]))
                    .collect()
            },
            |redraw| redraw(number, place),
        );
        let options = self.first_option[row.sample]..self.first_option[row.sample + 1];
        score_row(
            isa,
            metrics,
            &row.scale,
            &model,
            &drawn.shares[options],
            out,
        );
    }

    /// Computes the means of every group by some metrics, row by row. Each metric comes with its
    /// place among all.
    fn score(
        &self,
        (isa, watch): (Isa, &Watch<'_>),
        metrics: &[(usize, Metric)],
        number: usize,
        drawn: &DrawnShares,
        redraw: Option<Redraw<'_>>,
        out: &mut [[f64; TILE]],
    ) -> Result<(), Error> {
        let once = Aligned([1.0; TILE]);
        let kinds: Vec<Metric> = metrics.iter().map(|&(_, metric)| metric).collect();
        let (mut scores, mut next) = (vec![ZERO; metrics.len()], 0);
        for group in self.rows.chunk_by(|a, b| a.group == b.group) {
            let mut sums = vec![(ZERO, ZERO); metrics.len()];
            for row in group {
                self.score_row((isa, number), &kinds, next, drawn, redraw, &mut scores);
                next += 1;
                let weight = drawn
                    .counted
                    .as_ref()
                    .map_or(&once, |counted| &counted[row.sample]);
                for ((metric, score), (sum, total)) in kinds.iter().zip(&scores).zip(&mut sums) {
                    if !row.scale.nominal || metric.properties().on_nominal {
                        add_scores(isa, score, weight, sum);
                        add_scores(isa, &once, weight, total);
                    }
                }
                watch.after(row.shares.len() * TILE * COST)?;
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

/// Computes the metrics of one row in all replicates of a tile.
fn score_row(
    isa: Isa,
    metrics: &[Metric],
    scale: &RowScale<'_>,
    model: &[TileValues],
    human: &[TileValues],
    out: &mut [TileValues],
) {
    let mut scores = vec![[0.0; LANES]; metrics.len()];
    for half in 0..TILE / LANES {
        let lanes = |runs: &[TileValues]| -> Vec<Lanes> {
            runs.iter()
                .map(|run| run.as_chunks::<LANES>().0[half])
                .collect()
        };
        evaluate(
            isa,
            metrics,
            &lanes(model),
            &lanes(human),
            scale,
            &mut scores,
        );
        for (out, scores) in out.iter_mut().zip(&scores) {
            out.as_chunks_mut::<LANES>().0[half] = *scores;
        }
    }
}

multiversion! {
    /// Adds weight × score where the weight is not 0.
    fn add_scores(score: &TileValues, weight: &TileValues, out: &mut TileValues) = add_scores_body;
}

#[inline(always)]
fn add_scores_body(score: &TileValues, weight: &TileValues, out: &mut TileValues) {
    for l in 0..TILE {
        out.0[l] += if weight.0[l] > 0.0 {
            weight.0[l] * score.0[l]
        } else {
            0.0
        };
    }
}
