//! The bootstrap from counts: respondents, replies, forms and items, alone or together.
//!
//! A human row stands for a sample of known size, so a new sample is a multinomial draw. A model
//! row stands for its replies in the same way. Rows of one item with the same human distribution
//! share their draws, also across groups, so differences between groups are paired. The stream of a
//! draw is named by the item, the size and the shares, so replicates do not depend on the order of
//! rows or the division of work.

use std::borrow::Cow;
use std::collections::HashMap;

use super::forms::{FormDraws, Forms};
use super::model_row::ModelRow;
use super::replicate::{DrawnShares, Redraw, Replicator};
use super::shrink::{Block, People, Shrinking, blocks, with_alignments};
use super::tile::{TILE, TileValues};
use super::weights::Weights;
use crate::error::{Error, Side};
use crate::input::{Batch, Labels, NO_GROUP};
use crate::machine::{Aligned, Executor, Isa, Watch, check_room};
use crate::metric::Metric;
use crate::random::{Source, Stream, mix, multinomials};

/// No sample has so many members.
const MOST_MEMBERS: f64 = 1e15;

/// Units of work of one option of a new sample in one replicate, or of a row.
const COST: usize = 16;

/// What is resampled, and how many times.
#[derive(Clone, Copy, Debug)]
pub struct CountDraws<'a> {
    /// Whether items are drawn.
    pub items: bool,
    /// The effective number of respondents behind each human row, if respondents are drawn.
    pub respondents: Option<&'a [f64]>,
    /// The number of replies behind each model row, if replies are drawn.
    pub replies: Option<&'a [f64]>,
    /// The forms behind each model row, if forms are drawn. The spread of forms contains that of
    /// their replies, so the replies of a row with two forms or more are not drawn besides.
    pub forms: Option<&'a Forms<'a>>,
    /// Whether replicates of alignments are drawn towards equality: see `shrink`.
    pub shrunken: bool,
    /// Number of replicates.
    pub n_resamples: usize,
    /// Names the streams.
    pub seed: u64,
}

/// The `n` people who answered an item, with their shares of its options.
struct ItemSample<'a> {
    item: usize,
    shares: Cow<'a, [f64]>,
    n: u64,
    /// Names its stream.
    name: u64,
}

/// Computes the replicates of every group's mean by every metric.
///
/// Returns `n_resamples` numbers for each group of each metric; NaN if a replicate drew nothing of
/// a group.
///
/// # Errors
/// The first row that is not a pair of response distributions, labels or sizes that do not fit,
/// [`Error::Memory`] or [`Error::Interrupted`].
pub fn count_replicates(
    batch: &Batch<'_>,
    metrics: &[Metric],
    labels: &Labels<'_>,
    draws: &CountDraws<'_>,
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    let n = draws.n_resamples;
    run(
        batch,
        labels,
        (draws, false),
        executor,
        |rows, samples, draw, redraw| {
            let all: Vec<usize> = (0..samples.len()).collect();
            let as_drawn = |metrics: &[Metric]| {
                let draw = |tile, watch: &Watch<'_>| draw(&all, tile, watch);
                rows.replicates(metrics, n, draw, redraw, executor)
            };
            if !draws.shrunken {
                return as_drawn(metrics);
            }
            let shrinking = Shrinking::new(labels.n_groups, n, draws.seed)?;
            executor.run(blocks(rows.rows()).into_iter(), |block, watch| {
                shrink(
                    &shrinking,
                    block,
                    rows.rows(),
                    samples,
                    (draw, redraw),
                    watch,
                )
            })?;
            with_alignments(&shrinking, metrics, as_drawn)
        },
    )
}

/// Draws the samples of one block in all replicates, and fills in its groups.
fn shrink(
    shrinking: &Shrinking,
    block: Block,
    rows: &[ModelRow<'_>],
    samples: &[ItemSample<'_>],
    (draw, redraw): (Draw<'_>, Option<Redraw<'_>>),
    watch: &Watch<'_>,
) -> Result<(), Error> {
    let chosen = || block.samples.iter().map(|&number| &samples[number]);
    let (mut starts, mut observed) = (vec![0], Vec::new());
    for sample in chosen() {
        observed.extend_from_slice(&sample.shares);
        starts.push(observed.len());
    }
    let n_resamples = shrinking.n_resamples();
    check_room(&[observed.len(), n_resamples], size_of::<f64>())?;
    let tiles: Result<Vec<_>, Error> = (0..n_resamples.div_ceil(TILE))
        .map(|tile| draw(&block.samples, tile, watch))
        .collect();
    let names: Vec<u64> = chosen().map(|sample| sample.name).collect();
    let people = People {
        samples: &block.samples,
        observed: &observed,
        tiles: &tiles?,
        first_option: &starts,
        names: &names,
    };
    for group in block.groups {
        shrinking.fill(group.start, &rows[group], &people, redraw, watch)?;
    }
    Ok(())
}

/// Computes the mean over all replicates of every row's score by every metric, without drawing
/// items. If forms alone are drawn, and few, all possible draws of them are made in turn: the mean
/// is then exact.
///
/// Returns one number for each row of each metric; NaN for rows of no group, or without a score.
///
/// # Errors
/// As [`count_replicates`].
pub fn count_row_means(
    batch: &Batch<'_>,
    metrics: &[Metric],
    labels: &Labels<'_>,
    draws: &CountDraws<'_>,
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    let alone = draws.respondents.is_none() && draws.replies.is_none();
    let all = draws.forms.filter(|_| alone).and_then(Forms::all_draws);
    let n_resamples = all.unwrap_or(draws.n_resamples);
    let draws = CountDraws {
        items: false,
        n_resamples,
        ..*draws
    };
    let sizes = (batch.rows(), n_resamples);
    run(
        batch,
        labels,
        (&draws, all.is_some()),
        executor,
        |rows, samples, draw, redraw| {
            let all: Vec<usize> = (0..samples.len()).collect();
            let draw = |tile, watch: &Watch<'_>| draw(&all, tile, watch);
            rows.row_means(metrics, sizes, draw, redraw, executor)
        },
    )
}

/// A function that draws some samples, named by their numbers, in the replicates of a tile.
type Draw<'f> = &'f (dyn Fn(&[usize], usize, &Watch<'_>) -> Result<DrawnShares, Error> + Sync);

/// Prepares all draws, and calls `compute` with the rows, a function that draws the samples of a
/// tile and, if models are drawn, one that draws a row's shares. With `in_turn`, all draws of forms
/// are made in turn.
fn run<T>(
    batch: &Batch<'_>,
    labels: &Labels<'_>,
    (draws, in_turn): (&CountDraws<'_>, bool),
    executor: Executor<'_>,
    compute: impl FnOnce(
        &Replicator<'_>,
        &[ItemSample<'_>],
        Draw<'_>,
        Option<Redraw<'_>>,
    ) -> Result<T, Error>,
) -> Result<T, Error> {
    labels.check(batch.rows())?;
    let n_replies = whole_sizes("replies", draws.replies, batch.rows())?;
    let (samples, rows) = sampled_rows(batch, labels, draws, &executor.watch())?;
    let mut first_option = vec![0];
    for sample in &samples {
        first_option.push(first_option[first_option.len() - 1] + sample.shares.len());
    }
    let (n_items, isa) = (labels.n_items, executor.isa);
    let item_draws = draws
        .items
        .then(|| Weights::draw(n_items, draws.n_resamples, draws.seed, executor));
    let weights = item_draws.transpose()?;
    let repeats = (draws.n_resamples, (!in_turn).then_some(draws.seed));
    let form_draws = draws
        .forms
        .map(|forms| FormDraws::new(forms, batch, labels, repeats, &executor.watch()));
    let forms = form_draws.transpose()?;
    let n_options = first_option[samples.len()];
    let draw = |chosen: &[usize], tile, watch: &Watch<'_>| {
        let mut shares = Vec::with_capacity(n_options);
        for sample in chosen.iter().map(|&number| &samples[number]) {
            let source = Source::Respondents(sample.name);
            let people = (&sample.shares[..], sample.n);
            shares.extend(draw_shares(isa, people, source, draws.seed, tile));
            watch.after(sample.shares.len() * TILE * COST)?;
        }
        let counted = weights.as_ref().map(|weights| {
            let times_drawn = |sample: &ItemSample<'_>| weights.tile(tile, sample.item);
            let chosen = chosen.iter().map(|&number| &samples[number]);
            chosen.map(times_drawn).collect()
        });
        Ok(DrawnShares { shares, counted })
    };
    let models = draws.replies.is_some() || draws.forms.is_some();
    let replies: Vec<(Cow<'_, [f64]>, u64, u64, usize)> = rows
        .iter()
        .filter(|_| models)
        .map(|row| {
            let n = n_replies.get(row.place).copied().unwrap_or(0);
            let name = name(samples[row.sample].item, n, &row.shares);
            (row.shares.clone(), n, name, row.place)
        })
        .collect();
    let redraw = |tile, row: usize| {
        let (shares, n, name, place) = &replies[row];
        let of_forms = forms.as_ref().and_then(|forms| forms.of_row(*place, tile));
        let source = Source::Replies(*name);
        of_forms.unwrap_or_else(|| draw_shares(isa, (shares, *n), source, draws.seed, tile))
    };
    let replicator = Replicator::new(rows, first_option, labels.n_groups);
    compute(&replicator, &samples, &draw, models.then_some(&redraw))
}

/// Checks that every row has a sample size.
///
/// # Errors
/// There is not one per row, or one is not a number above 0.
pub(crate) fn check_sizes(name: &str, sizes: &[f64], rows: usize) -> Result<(), Error> {
    if sizes.len() != rows {
        return Err(Error::argument(format!(
            "{} numbers of {name} for {rows} rows: give one per row",
            sizes.len()
        )));
    }
    match sizes.iter().position(|&n| !(n > 0.0 && n < MOST_MEMBERS)) {
        None => Ok(()),
        Some(row) => Err(Error::argument(format!(
            "number of {name} of row {row} is {}: give a number above 0 and below {MOST_MEMBERS:e}",
            sizes[row]
        ))),
    }
}

/// Rounds the sample size of each row to a whole number.
fn whole_sizes(name: &str, sizes: Option<&[f64]>, rows: usize) -> Result<Vec<u64>, Error> {
    let sizes = sizes.unwrap_or_default();
    if !sizes.is_empty() {
        check_sizes(name, sizes, rows)?;
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "in range by the check before"
    )]
    let whole = |size: &f64| size.round().max(1.0) as u64;
    Ok(sizes.iter().map(whole).collect())
}

/// Gathers the samples, and sorts the rows by group, sample and shares, so that sums do not depend
/// on the order of the input.
fn sampled_rows<'a>(
    batch: &'a Batch<'_>,
    labels: &Labels<'_>,
    draws: &CountDraws<'_>,
    watch: &Watch<'_>,
) -> Result<(Vec<ItemSample<'a>>, Vec<ModelRow<'a>>), Error> {
    let n_respondents = whole_sizes("respondents", draws.respondents, batch.rows())?;
    batch.check_nulls()?;
    for row in (0..batch.rows()).filter(|&row| labels.groups[row] != NO_GROUP) {
        batch.check_pair(row)?;
        watch.after(COST)?;
    }
    let (places, _) = labels.sorted_rows();
    let mut numbers = HashMap::new();
    let (mut samples, mut rows) = (Vec::new(), Vec::with_capacity(places.len()));
    for row in places {
        watch.after(2 * COST)?;
        let in_model = Error::at(Side::Model, row);
        let (item, group) = (labels.items[row] as usize, labels.groups[row] as usize);
        let shares = batch.human.row(row).map_err(Error::at(Side::Human, row))?;
        let n = n_respondents.get(row).copied().unwrap_or(0);
        let name = name(item, n, &shares);
        let sample = *numbers.entry((item, name)).or_insert_with(|| {
            samples.push(ItemSample {
                item,
                shares,
                n,
                name,
            });
            samples.len() - 1
        });
        let model = batch.model.row(row).map_err(&in_model)?;
        rows.push(ModelRow::new((group, sample, row), model, &batch.scale).map_err(in_model)?);
    }
    rows.sort_by(|a, b| {
        let key = |row: &ModelRow<'_>| {
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

/// Makes a name for a sample from its item, size and shares.
fn name(item: usize, size: u64, shares: &[f64]) -> u64 {
    let start = mix(mix(item as u64) ^ size);
    shares
        .iter()
        .fold(start, |hash, share| mix(hash ^ share.to_bits()))
}

/// Draws the shares of a new sample of `n` members in every replicate of a tile; returns the shares
/// themselves if `n` is 0.
#[allow(
    clippy::cast_precision_loss,
    reason = "samples have far fewer than 2^52 members"
)]
fn draw_shares(
    isa: Isa,
    (shares, n): (&[f64], u64),
    source: Source,
    seed: u64,
    tile: usize,
) -> Vec<TileValues> {
    let mut out: Vec<TileValues> = shares.iter().map(|&share| Aligned([share; TILE])).collect();
    if n > 0 {
        let mut streams =
            std::array::from_fn(|lane| Stream::new(seed, source, (tile * TILE + lane) as u64));
        multinomials(isa, &mut streams, n, shares, |option, counts| {
            for (out, count) in out[option].iter_mut().zip(counts) {
                *out = count / n as f64;
            }
        });
    }
    out
}
