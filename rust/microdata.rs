//! The bootstrap of respondents from their answers: one draw of a sample serves all items.

use std::borrow::Cow;

use crate::alignments::Alignments;
use crate::batch::{Column, Positions, Scale};
use crate::error::{Error, Problem, Side};
use crate::ground::Ground;
use crate::group::Labels;
use crate::isa::{Aligned, Isa, multiversion};
use crate::matrix::Weights;
use crate::metric::{LANES, Lane, Metric, evaluate};
use crate::parallel::Executor;
use crate::sample::{Design, TILE};
use crate::tally::{Answers, Run, Tally, ZERO};

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
    let tally = Tally::new(answers, design.len(), executor)?;
    let weights = draws
        .items
        .then(|| Weights::draw(task.labels.n_items, draws.n_resamples, draws.seed));
    let alignments = Alignments::new(&rows, task.labels.n_items);
    let n_groups = task.labels.n_groups;
    let cells = task.metrics.len() * n_groups;
    let mut tiles = vec![[f64::NAN; TILE]; cells * draws.n_resamples.div_ceil(TILE)];
    let isa = executor.isa;
    executor.run(
        tiles.chunks_mut(cells.max(1)).enumerate(),
        |(number, out)| {
            let multiplicities = if draws.respondents {
                design.draw(draws.seed, draws.sample, number)
            } else {
                vec![Aligned([1; TILE]); design.len()]
            };
            let shares = tally.shares(isa, answers, &multiplicities);
            let counted = counted(&tally, &shares, weights.as_ref(), number);
            for (&metric, out) in task.metrics.iter().zip(out.chunks_mut(n_groups.max(1))) {
                if metric == Metric::Alignment {
                    alignments.means(isa, &shares, &tally.first_option, counted.as_deref(), out);
                } else {
                    let counted = counted.as_deref();
                    score_means(isa, task, &rows, metric, &tally, &shares, counted, out);
                }
            }
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
    let tally = Tally::new(answers, n_respondents, Executor::single())?;
    let once = vec![Aligned([1; TILE]); n_respondents];
    let shares = tally.shares(Isa::BASELINE, answers, &once);
    Ok(shares.iter().map(|run| run[0]).collect())
}

/// A row of the task, checked.
pub(crate) struct Row<'a> {
    pub group: usize,
    pub item: usize,
    place: usize,
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

impl<'a> Task<'a> {
    /// The rows in the order of groups, items and shares, wherever they stood.
    fn rows(&self, answers: &Answers<'_>) -> Result<Vec<Row<'a>>, Error> {
        self.labels.check(self.model.rows())?;
        if self.labels.n_items != answers.options.len() {
            return Err(Error::argument(format!(
                "{} items are labelled and {} were answered: give the same items",
                self.labels.n_items,
                answers.options.len()
            )));
        }
        let (places, _) = self.labels.sorted_rows();
        let mut rows = Vec::with_capacity(places.len());
        for place in places {
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
                nominal: self.scale.is_nominal(place),
                factors: self.factors(place, shares.len()).map_err(at)?,
                shares,
            });
        }
        for same in rows.chunk_by_mut(|a, b| (a.group, a.item) == (b.group, b.item)) {
            same.sort_by(|a, b| a.bits().cmp(b.bits()));
        }
        Ok(rows)
    }

    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 options")]
    fn factors(&self, place: usize, options: usize) -> Result<Factors, Problem> {
        if self.scale.is_nominal(place) {
            return Ok(Factors::Same(options, 0.5));
        }
        if matches!(self.scale.positions, Positions::Equal) {
            let steps = options - 1;
            return Ok(Factors::Same(steps, 1.0 / steps as f64));
        }
        let positions = self.scale.positions.of_row(place, options)?;
        let span = positions[options - 1] - positions[0];
        let widths = positions.windows(2).map(|pair| pair[1] - pair[0]);
        Ok(Factors::Each(widths.map(|width| width / span).collect()))
    }
}

impl Row<'_> {
    fn bits(&self) -> impl Iterator<Item = u64> {
        self.shares.iter().map(|share| share.to_bits())
    }
}

/// How often every item counts in each replicate: as often as it was drawn, if anyone answered.
/// None if all count once.
fn counted(
    tally: &Tally,
    shares: &[Run],
    weights: Option<&Weights>,
    number: usize,
) -> Option<Vec<Run>> {
    let first_shares = || {
        tally
            .first_option
            .split_last()
            .map_or(&[][..], |(_, firsts)| firsts)
    };
    let unanswered = |&first: &usize| shares[first].iter().any(|share| share.is_nan());
    if weights.is_none() && !first_shares().iter().any(unanswered) {
        return None;
    }
    let of_item = |(item, &first): (usize, &usize)| {
        let mut out = Aligned([1.0; TILE]);
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
        for (weight, share) in out.iter_mut().zip(shares[first].iter()) {
            *weight = if share.is_nan() { 0.0 } else { *weight };
        }
        out
    };
    Some(first_shares().iter().enumerate().map(of_item).collect())
}

/// Means of any metric in every group over one tile of replicates.
#[allow(clippy::too_many_arguments, reason = "one call, from the task above")]
fn score_means(
    isa: Isa,
    task: &Task<'_>,
    rows: &[Row<'_>],
    metric: Metric,
    tally: &Tally,
    shares: &[Run],
    counted: Option<&[Run]>,
    out: &mut [[f64; TILE]],
) {
    let once = Aligned([1.0; TILE]);
    let with_value = |row: &&Row<'_>| !row.nominal || metric.properties().on_nominal;
    for group in rows.chunk_by(|a, b| a.group == b.group) {
        let (mut sum, mut total) = (ZERO, ZERO);
        for row in group.iter().filter(with_value) {
            let human = &shares[tally.first_option[row.item]..tally.first_option[row.item + 1]];
            let weight = counted.map_or(&once, |counted| &counted[row.item]);
            let score = score_halves(isa, task, row, metric, human);
            add_scores(isa, &score, weight, &mut sum);
            add_scores(isa, &once, weight, &mut total);
        }
        let out = &mut out[group[0].group];
        for l in 0..TILE {
            out[l] = sum[l] / total[l];
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

/// Any metric of one row in all replicates of a tile.
fn score_halves(isa: Isa, task: &Task<'_>, row: &Row<'_>, metric: Metric, human: &[Run]) -> Run {
    let model: Vec<Lane> = row.shares.iter().map(|&share| [share; LANES]).collect();
    let ground = Ground::of_row(&task.scale, row.place, row.shares.len()).unwrap_or_default();
    let mut out = ZERO;
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
