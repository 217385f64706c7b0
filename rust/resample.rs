//! The bootstrap from counts: respondents, replies and items, alone or together.
//!
//! A human row stands for a sample of known size, so a new sample is a multinomial draw; so
//! does a model row for its replies. Rows of one item with the same human distribution share
//! their draws, whichever groups they are in, so differences between groups are paired. A draw
//! is named by what it is drawn from and not by where that stands, so the order of rows and the
//! division of work leave every replicate as it is.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::batch::Batch;
use crate::binomial::multinomial;
use crate::error::{Error, Side};
use crate::group::{Labels, NO_GROUP};
use crate::isa::Aligned;
use crate::matrix::Weights;
use crate::metric::Metric;
use crate::parallel::Executor;
use crate::replicate::{Drawn, Replicator, Row, times_drawn};
use crate::rng::{Source, Stream, mix};
use crate::sample::TILE;
use crate::tally::Run;

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

/// People who answered an item: `n` of them, with these shares of its options.
struct Sample<'a> {
    item: usize,
    shares: Cow<'a, [f64]>,
    n: u64,
    /// Names its stream.
    name: u64,
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
    let n_replies = Plan::sizes("replies", plan.replies, batch.rows())?;
    let (samples, rows) = sampled_rows(batch, labels, plan)?;
    let mut first_option = vec![0];
    for sample in &samples {
        first_option.push(first_option[first_option.len() - 1] + sample.shares.len());
    }
    let weights = plan
        .items
        .then(|| Weights::draw(labels.n_items, plan.n_resamples, plan.seed));
    let drawn = |tile| Drawn {
        shares: samples
            .iter()
            .flat_map(|sample| {
                let source = Source::Respondents(sample.name);
                draw(&sample.shares, sample.n, source, plan.seed, tile)
            })
            .collect(),
        counted: weights.as_ref().map(|weights| {
            let times = |sample: &Sample<'_>| times_drawn(weights, tile, sample.item);
            samples.iter().map(times).collect()
        }),
    };
    let replies: Vec<(Cow<'_, [f64]>, u64, u64)> = rows
        .iter()
        .filter(|_| plan.replies.is_some())
        .map(|row| {
            let n = n_replies[row.place];
            let name = name(samples[row.sample].item, n, &row.shares);
            (row.shares.clone(), n, name)
        })
        .collect();
    let redraw = |tile, row: usize| {
        let (shares, n, name) = &replies[row];
        draw(shares, *n, Source::Replies(*name), plan.seed, tile)
    };
    Replicator::new(&batch.scale, rows, first_option, labels.n_groups).replicates(
        metrics,
        plan.n_resamples,
        drawn,
        plan.replies.is_some().then_some(&redraw),
        executor,
    )
}

/// Samples, and the rows in the order of groups, samples and shares: sums do not depend on the
/// order in which the rows were given.
fn sampled_rows<'a>(
    batch: &Batch<'a>,
    labels: &Labels<'_>,
    plan: &Plan<'_>,
) -> Result<(Vec<Sample<'a>>, Vec<Row<'a>>), Error> {
    let n_respondents = Plan::sizes("respondents", plan.respondents, batch.rows())?;
    batch.check_nulls()?;
    for row in (0..batch.rows()).filter(|&row| labels.groups[row] != NO_GROUP) {
        batch.check_pair(row)?;
    }
    let (places, _) = labels.sorted_rows();
    let mut numbers = HashMap::new();
    let (mut samples, mut rows) = (Vec::new(), Vec::with_capacity(places.len()));
    for row in places {
        let at = |side| move |problem| Error::Row { side, row, problem };
        let (item, group) = (labels.items[row] as usize, labels.groups[row] as usize);
        let shares = batch.human.row(row).map_err(at(Side::Human))?;
        let n = n_respondents.get(row).copied().unwrap_or(0);
        let name = name(item, n, &shares);
        let sample = *numbers.entry((item, name)).or_insert_with(|| {
            samples.push(Sample {
                item,
                shares,
                n,
                name,
            });
            samples.len() - 1
        });
        let model = batch.model.row(row).map_err(at(Side::Model))?;
        rows.push(Row::new((group, sample, row), model, &batch.scale).map_err(at(Side::Model))?);
    }
    rows.sort_by(|a, b| {
        let key = |row: &Row<'_>| {
            (
                row.group,
                samples[row.sample].item,
                samples[row.sample].name,
            )
        };
        key(a).cmp(&key(b)).then_with(|| a.bits().cmp(b.bits()))
    });
    Ok((samples, rows))
}

/// A name for a sample: its item, size and shares.
fn name(item: usize, size: u64, shares: &[f64]) -> u64 {
    let start = mix(mix(item as u64) ^ size);
    shares
        .iter()
        .fold(start, |hash, share| mix(hash ^ share.to_bits()))
}

/// Shares of a new sample of `n` members in every replicate of a tile; the shares themselves
/// where `n` is 0.
#[allow(
    clippy::cast_precision_loss,
    reason = "samples have far fewer than 2^52 members"
)]
fn draw(shares: &[f64], n: u64, source: Source, seed: u64, tile: usize) -> Vec<Run> {
    let mut out: Vec<Run> = shares.iter().map(|&share| Aligned([share; TILE])).collect();
    if n > 0 {
        for lane in 0..TILE {
            let mut stream = Stream::new(seed, source, (tile * TILE + lane) as u64);
            multinomial(&mut stream, n, shares, |option, count| {
                out[option][lane] = count as f64 / n as f64;
            });
        }
    }
    out
}
