//! The bootstrap of respondents from their answers: one draw of a sample serves all items.

use crate::batch::{Column, Scale};
use crate::error::{Error, Problem, Side};
use crate::ground::Ground;
use crate::group::{Labels, NO_GROUP};
use crate::isa::{Isa, multiversion};
use crate::matrix::Weights;
use crate::metric::{LANES, Lane, Metric, evaluate};
use crate::parallel::Executor;
use crate::sample::{Design, TILE};
use crate::tally::{Answers, Run, Tally};

/// Model distributions to score against the sample, and how to average them.
#[derive(Clone, Debug)]
pub struct Task<'a> {
    /// One distribution per row.
    pub model: Column<'a>,
    /// What is known about the options of each row.
    pub scale: Scale<'a>,
    /// Group and item of each row.
    pub labels: Labels<'a>,
    /// The metrics.
    pub metrics: &'a [Metric],
}

/// What is drawn again, and how often.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    /// Draw respondents.
    pub respondents: bool,
    /// Draw items.
    pub items: bool,
    /// Number of replicates.
    pub n_resamples: usize,
    /// Names the streams.
    pub seed: u64,
    /// Names the sample: another sample gets other draws.
    pub sample: u64,
}

/// Replicates of every group's mean: one run of `n_resamples` per metric and group.
///
/// # Errors
/// Answers, weights, labels or distributions that do not fit, or [`Error::Interrupted`].
pub fn replicates(
    answers: &Answers<'_>,
    design: &Design,
    task: &Task<'_>,
    draws: &Draws,
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    let rows = task.rows(answers)?;
    let tally = Tally::new(answers, design.len())?;
    let weights = draws
        .items
        .then(|| Weights::draw(task.labels.n_items, draws.n_resamples, draws.seed));
    let cells = task.metrics.len() * task.labels.n_groups;
    let mut tiles = vec![[0.0; TILE]; cells * draws.n_resamples.div_ceil(TILE)];
    let isa = executor.isa;
    executor.run(
        tiles.chunks_mut(cells.max(1)).enumerate(),
        |(number, out)| {
            let multiplicities = if draws.respondents {
                design.draw(draws.seed, draws.sample, number)
            } else {
                vec![[1; TILE]; design.len()]
            };
            let shares = tally.shares(isa, answers, &multiplicities);
            score_tile(
                isa,
                task,
                &rows,
                &tally,
                &shares,
                weights.as_ref(),
                number,
                out,
            );
            Ok(())
        },
    )?;
    let mut out = vec![0.0; cells * draws.n_resamples];
    for (cell, run) in out.chunks_mut(draws.n_resamples.max(1)).enumerate() {
        for (tile, out) in run.chunks_mut(TILE).enumerate() {
            out.copy_from_slice(&tiles[tile * cells + cell][..out.len()]);
        }
    }
    Ok(out)
}

/// The shares of every item in the sample itself, options one after another.
///
/// # Errors
/// Answers or weights that do not fit.
pub fn observed(answers: &Answers<'_>, n_respondents: usize) -> Result<Vec<f64>, Error> {
    let tally = Tally::new(answers, n_respondents)?;
    let once = vec![[1; TILE]; n_respondents];
    let shares = tally.shares(Isa::BASELINE, answers, &once);
    Ok(shares.iter().map(|run| run[0]).collect())
}

/// A row of the task, checked.
struct Row<'a> {
    group: usize,
    item: usize,
    place: usize,
    shares: std::borrow::Cow<'a, [f64]>,
    nominal: bool,
}

/// Rows in the order of items, then of groups, and their steps one after another, because they
/// are read again for every tile.
struct Rows<'a> {
    rows: Vec<Row<'a>>,
    /// Cumulative shares, and the part of the scale's span between one option and the next.
    steps: Vec<(f64, f64)>,
}

impl<'a> Task<'a> {
    fn rows(&self, answers: &Answers<'_>) -> Result<Rows<'a>, Error> {
        self.labels.check(self.model.rows())?;
        if self.labels.n_items != answers.options.len() {
            return Err(Error::argument(format!(
                "{} items are labelled and {} were answered: give the same items",
                self.labels.n_items,
                answers.options.len()
            )));
        }
        let mut rows = Vec::with_capacity(self.model.rows());
        for place in 0..self.model.rows() {
            if self.labels.groups[place] == NO_GROUP {
                continue;
            }
            let at = |problem| Error::Row {
                side: Side::Model,
                row: place,
                problem,
            };
            let item = self.labels.items[place] as usize;
            let shares = crate::batch::check(self.model.row(place)).map_err(at)?;
            if shares.len() != answers.options[item] {
                return Err(at(Problem::Length(shares.len(), answers.options[item])));
            }
            rows.push(Row {
                group: self.labels.groups[place] as usize,
                item,
                place,
                shares,
                nominal: self.scale.is_nominal(place),
            });
        }
        rows.sort_by_key(|row| (row.item, row.group));
        let mut steps = Vec::new();
        for row in &rows {
            let length = row.shares.len();
            let positions = self.scale.positions.of_row(row.place, length);
            let positions = match positions {
                Err(_) if row.nominal => (0..).map(f64::from).take(length).collect(),
                given => given.map_err(|problem| Error::Row {
                    side: Side::Model,
                    row: row.place,
                    problem,
                })?,
            };
            let span = positions[length - 1] - positions[0];
            let mut cumulative = 0.0;
            steps.extend(
                positions
                    .windows(2)
                    .zip(row.shares.iter())
                    .map(|(pair, share)| {
                        cumulative += share;
                        (cumulative, (pair[1] - pair[0]) / span)
                    }),
            );
        }
        Ok(Rows { rows, steps })
    }
}

/// Means of every metric and group over one tile of replicates.
#[allow(clippy::too_many_arguments, reason = "one call, from the task above")]
fn score_tile(
    isa: Isa,
    task: &Task<'_>,
    rows: &Rows<'_>,
    tally: &Tally,
    shares: &[Run],
    weights: Option<&Weights>,
    number: usize,
    out: &mut [Run],
) {
    let mut totals = vec![[0.0; TILE]; out.len()];
    let mut cumulative = Vec::new();
    let mut steps = &rows.steps[..];
    for item_rows in rows.rows.chunk_by(|a, b| a.item == b.item) {
        let item = item_rows[0].item;
        let human = &shares[tally.first_option[item]..tally.first_option[item + 1]];
        let weight = answered(human, item, weights, number);
        accumulate_shares(isa, human, &mut cumulative);
        for row in item_rows {
            let own_steps;
            (own_steps, steps) = steps.split_at(row.shares.len() - 1);
            for (m, &metric) in task.metrics.iter().enumerate() {
                if row.nominal && !metric.properties().on_nominal {
                    continue;
                }
                let cell = m * task.labels.n_groups + row.group;
                if metric == Metric::Alignment && !row.nominal {
                    add_alignment(isa, &cumulative, own_steps, &weight, &mut out[cell]);
                } else {
                    let score = score_halves(isa, task, row, metric, human);
                    add_scores(isa, &score, &weight, &mut out[cell]);
                }
                add_scores(isa, &[1.0; TILE], &weight, &mut totals[cell]);
            }
        }
    }
    for (sum, total) in out.iter_mut().zip(&totals) {
        for l in 0..TILE {
            sum[l] /= total[l];
        }
    }
}

/// How often an item counts in each replicate: as often as it was drawn, if anyone answered.
fn answered(human: &[Run], item: usize, weights: Option<&Weights>, number: usize) -> Run {
    let mut out = [1.0; TILE];
    if let Some(weights) = weights {
        for (half, out) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let panel = number * (TILE / LANES) + half;
            *out = if panel < weights.n_panels() {
                weights.panel(panel, item)
            } else {
                [0.0; LANES]
            };
        }
    }
    for (weight, share) in out.iter_mut().zip(&human[0]) {
        *weight = if share.is_nan() { 0.0 } else { *weight };
    }
    out
}

multiversion! {
    fn accumulate_shares(human: &[Run], cumulative: &mut Vec<Run>) = accumulate_shares_body;
}

#[inline(always)]
fn accumulate_shares_body(human: &[Run], cumulative: &mut Vec<Run>) {
    cumulative.clear();
    let mut sum = [0.0; TILE];
    for share in human {
        for l in 0..TILE {
            sum[l] += share[l];
        }
        cumulative.push(sum);
    }
}

multiversion! {
    /// Adds weight × alignment of one ordinal row.
    fn add_alignment(
        cumulative: &[Run],
        steps: &[(f64, f64)],
        weight: &Run,
        out: &mut Run,
    ) = add_alignment_body;
}

#[inline(always)]
fn add_alignment_body(cumulative: &[Run], steps: &[(f64, f64)], weight: &Run, out: &mut Run) {
    /// Replicates whose sums stay in registers.
    const STRIP: usize = 16;
    for strip in 0..TILE / STRIP {
        let lanes = strip * STRIP;
        let mut area = [0.0; STRIP];
        for (human, &(model, width)) in cumulative.iter().zip(steps) {
            for l in 0..STRIP {
                area[l] += (human[lanes + l] - model).abs() * width;
            }
        }
        for l in 0..STRIP {
            let weight = weight[lanes + l];
            let score = weight * (1.0 - area[l]);
            out[lanes + l] += if weight > 0.0 { score } else { 0.0 };
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
        out[l] += if weight[l] > 0.0 {
            weight[l] * score[l]
        } else {
            0.0
        };
    }
}

/// Any metric of one row in all replicates of a tile.
fn score_halves(isa: Isa, task: &Task<'_>, row: &Row<'_>, metric: Metric, human: &[Run]) -> Run {
    let model: Vec<Lane> = row.shares.iter().map(|&share| [share; LANES]).collect();
    let ground = Ground::of_row(&task.scale, row.place, row.shares.len()).unwrap_or_default();
    let mut out = [0.0; TILE];
    for (half, out) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let lanes = |run: &Run| run.as_chunks::<LANES>().0[half];
        let human: Vec<Lane> = human.iter().map(lanes).collect();
        evaluate(
            isa,
            &[metric],
            &model,
            &human,
            &ground,
            std::slice::from_mut(out),
        );
    }
    out
}
