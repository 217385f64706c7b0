//! The bootstrap from counts: respondents, replies and items, alone or together.
//!
//! A human row stands for a sample of known size, so a new sample is a multinomial draw; so
//! does a model row for its replies. Rows of one item with the same human distribution share
//! their draws, whichever groups they are in, so differences between groups are paired. A draw
//! is named by what it is drawn from and not by where that stands, so the order of rows and the
//! division of work leave every replicate as it is.

use std::borrow::Cow;

use crate::batch::{Batch, Scale};
use crate::binomial::multinomial;
use crate::error::{Error, Problem, Side};
use crate::ground::Ground;
use crate::group::{Labels, NO_GROUP};
use crate::isa::Isa;
use crate::matrix::Weights;
use crate::metric::{LANES, Lane, Metric, evaluate};
use crate::parallel::Executor;
use crate::rng::{Source, Stream, mix};

/// What is drawn again in every replicate.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// Draw items.
    pub items: bool,
    /// Draw respondents; their effective number behind each human row.
    pub respondents: Option<&'a [f64]>,
    /// Draw replies; their number behind each model row.
    pub replies: Option<&'a [f64]>,
    /// Number of replicates.
    pub n_resamples: usize,
    /// Names the streams.
    pub seed: u64,
}

impl Plan<'_> {
    /// The sample size behind each row, rounded to whole members.
    fn sizes(name: &str, sizes: Option<&[f64]>, rows: usize) -> Result<Vec<u64>, Error> {
        let Some(sizes) = sizes else {
            return Ok(Vec::new());
        };
        if sizes.len() != rows {
            return Err(Error::argument(format!(
                "{} numbers of {name} for {rows} rows: give one per row",
                sizes.len()
            )));
        }
        let whole = |(row, &size): (usize, &f64)| {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "in range by the test before"
            )]
            if size > 0.0 && size < 1e15 {
                Ok(size.round().max(1.0) as u64)
            } else {
                Err(Error::argument(format!(
                    "number of {name} of row {row} is {size}: give a number above 0"
                )))
            }
        };
        sizes.iter().enumerate().map(whole).collect()
    }
}

/// A row of the batch with all that a replicate needs of it.
struct Row<'a> {
    group: usize,
    item: usize,
    model: Cow<'a, [f64]>,
    human: Cow<'a, [f64]>,
    /// The row's place in the batch, for its scale.
    place: usize,
    /// A name for its scale.
    scale: u64,
    nominal: bool,
    n_respondents: u64,
    n_replies: u64,
    human_unit: u64,
    model_unit: u64,
}

impl Row<'_> {
    /// Rows in this order share draws with their neighbours and are summed in an order that
    /// does not depend on where they stood.
    fn rank(&self) -> (usize, u64, usize, u64) {
        (self.item, self.human_unit, self.group, self.model_unit)
    }

    fn same_sample(&self, other: &Self) -> bool {
        (self.item, self.human_unit) == (other.item, other.human_unit)
    }
}

/// Replicates of every group's mean: one run of `n_resamples` per metric and group; NaN where
/// a replicate drew nothing of a group.
///
/// # Errors
/// The first row that is no pair of response distributions, labels or sizes that do not fit,
/// or [`Error::Interrupted`].
pub fn replicates(
    batch: &Batch<'_>,
    metrics: &[Metric],
    labels: &Labels<'_>,
    plan: &Plan<'_>,
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    labels.check(batch.rows())?;
    let rows = sorted_rows(batch, labels, plan)?;
    let weights = plan
        .items
        .then(|| Weights::draw(labels.n_items, plan.n_resamples, plan.seed));
    let cells = metrics.len() * labels.n_groups;
    let mut tiles = vec![[0.0; LANES]; cells * plan.n_resamples.div_ceil(LANES)];
    let isa = executor.isa;
    executor.run(
        tiles.chunks_mut(cells.max(1)).enumerate(),
        |(number, sums)| {
            let n_groups = labels.n_groups;
            let tile = Tile {
                batch,
                rows: &rows,
                metrics,
                n_groups,
                plan,
                weights: weights.as_ref(),
                isa,
                number,
            };
            tile.replicate(sums)
                .map_err(|problem| Error::argument(problem.to_string()))
        },
    )?;
    let mut out = vec![0.0; cells * plan.n_resamples];
    for (cell, run) in out.chunks_mut(plan.n_resamples.max(1)).enumerate() {
        for (tile, out) in run.chunks_mut(LANES).enumerate() {
            out.copy_from_slice(&tiles[tile * cells + cell][..out.len()]);
        }
    }
    Ok(out)
}

fn sorted_rows<'a>(
    batch: &Batch<'a>,
    labels: &Labels<'_>,
    plan: &Plan<'_>,
) -> Result<Vec<Row<'a>>, Error> {
    let n_respondents = Plan::sizes("respondents", plan.respondents, batch.rows())?;
    let n_replies = Plan::sizes("replies", plan.replies, batch.rows())?;
    batch.check_nulls()?;
    let mut rows = Vec::with_capacity(batch.rows());
    for row in 0..batch.rows() {
        if labels.groups[row] == NO_GROUP {
            continue;
        }
        batch.check_pair(row)?;
        let at = |side| move |problem| Error::Row { side, row, problem };
        let model = batch.model.row(row).map_err(at(Side::Model))?;
        let human = batch.human.row(row).map_err(at(Side::Human))?;
        let n_respondents = n_respondents.get(row).copied().unwrap_or(0);
        let n_replies = n_replies.get(row).copied().unwrap_or(0);
        let item = labels.items[row] as usize;
        rows.push(Row {
            group: labels.groups[row] as usize,
            item,
            human_unit: unit(item, n_respondents, &human),
            model_unit: unit(item, n_replies, &model),
            place: row,
            scale: scale_name(&batch.scale, row, human.len()),
            nominal: batch.scale.is_nominal(row),
            n_respondents,
            n_replies,
            model,
            human,
        });
    }
    rows.sort_by_key(Row::rank);
    Ok(rows)
}

/// A name for a sample: its item, size and shares.
fn unit(item: usize, size: u64, shares: &[f64]) -> u64 {
    let start = mix(mix(item as u64) ^ size);
    shares
        .iter()
        .fold(start, |hash, share| mix(hash ^ share.to_bits()))
}

/// A name for how far apart a row's options lie.
fn scale_name(scale: &Scale<'_>, row: usize, options: usize) -> u64 {
    if scale.is_nominal(row) {
        return 0;
    }
    let positions = scale.positions.of_row(row, options).unwrap_or_default();
    positions.iter().fold(1, |hash, x| mix(hash ^ x.to_bits()))
}

/// One tile of replicates.
struct Tile<'a> {
    batch: &'a Batch<'a>,
    rows: &'a [Row<'a>],
    metrics: &'a [Metric],
    n_groups: usize,
    plan: &'a Plan<'a>,
    weights: Option<&'a Weights>,
    isa: Isa,
    number: usize,
}

impl Tile<'_> {
    /// Puts the mean of every metric and group into `sums`.
    fn replicate(&self, sums: &mut [Lane]) -> Result<(), Problem> {
        let mut totals = vec![[0.0; LANES]; sums.len()];
        let mut scores = vec![[0.0; LANES]; self.metrics.len()];
        let (mut model, mut human) = (Vec::new(), Vec::new());
        let mut ground = Ground::default();
        let mut last: Option<&Row<'_>> = None;
        for row in self.rows {
            if last.is_none_or(|last| !last.same_sample(row)) {
                let source = Source::Respondents(row.human_unit);
                self.draw(&row.human, row.n_respondents, source, &mut human);
            }
            if last
                .is_none_or(|last| (last.scale, last.human.len()) != (row.scale, row.human.len()))
            {
                ground = Ground::of_row(&self.batch.scale, row.place, row.human.len())?;
            }
            let source = Source::Replies(row.model_unit);
            self.draw(&row.model, row.n_replies, source, &mut model);
            evaluate(self.isa, self.metrics, &model, &human, &ground, &mut scores);
            self.add(row, &scores, sums, &mut totals);
            last = Some(row);
        }
        for (sum, total) in sums.iter_mut().zip(&totals) {
            for l in 0..LANES {
                sum[l] /= total[l];
            }
        }
        Ok(())
    }

    fn add(&self, row: &Row<'_>, scores: &[Lane], sums: &mut [Lane], totals: &mut [Lane]) {
        let weight = self
            .weights
            .map_or([1.0; LANES], |weights| weights.panel(self.number, row.item));
        for (m, (metric, score)) in self.metrics.iter().zip(scores).enumerate() {
            if row.nominal && !metric.properties().on_nominal {
                continue;
            }
            let cell = m * self.n_groups + row.group;
            let (sum, total) = (&mut sums[cell], &mut totals[cell]);
            for l in 0..LANES {
                // An item that was not drawn adds nothing, even where its score is infinite.
                sum[l] += if weight[l] > 0.0 {
                    weight[l] * score[l]
                } else {
                    0.0
                };
                total[l] += weight[l];
            }
        }
    }

    /// A new sample of `n` members for every lane; the shares themselves where `n` is 0.
    #[allow(
        clippy::cast_precision_loss,
        reason = "samples have far fewer than 2^52 members"
    )]
    fn draw(&self, shares: &[f64], n: u64, source: Source, out: &mut Vec<Lane>) {
        out.clear();
        out.extend(shares.iter().map(|&share| [share; LANES]));
        if n == 0 {
            return;
        }
        for lane in 0..LANES {
            let replicate = (self.number * LANES + lane) as u64;
            let mut stream = Stream::new(self.plan.seed, source, replicate);
            multinomial(&mut stream, n, shares, |option, count| {
                out[option][lane] = count as f64 / n as f64;
            });
        }
    }
}
