//! The bootstrap of respondents from their answers: all items share one draw of the sample.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::answers::Answers;
use super::design::Design;
use super::model_row::ModelRow;
use super::replicate::{DrawnShares, Replicator};
use super::shrink::{People, Shrinking, blocks, with_alignments};
use super::tally::Tally;
use super::tile::{TILE, TileValues};
use super::weights::Weights;
use crate::error::{Error, Problem, Side};
use crate::input::{Column, Labels, Scale};
use crate::machine::{Aligned, Executor, Isa, Watch, check_room, locked};
use crate::metric::Metric;
use crate::random::mix;

/// Model distributions to score against a sample, and the averages of their scores.
#[derive(Clone, Debug)]
pub struct ScoredModels<'a> {
    /// One distribution per row.
    pub model: Column<'a>,
    /// The scale of each row.
    pub scale: Scale<'a>,
    /// Group and item of each row.
    pub labels: Labels<'a>,
    /// The metrics.
    pub metrics: &'a [Metric],
}

/// What is resampled, and how many times.
#[derive(Clone, Copy, Debug)]
pub struct SampleDraws {
    /// Whether respondents are drawn.
    pub respondents: bool,
    /// Whether items are drawn.
    pub items: bool,
    /// Whether replicates of alignments are drawn towards equality: see `shrink`.
    pub shrunken: bool,
    /// Number of replicates.
    pub n_resamples: usize,
    /// Names the streams.
    pub seed: u64,
    /// Names the sample: another sample gets other draws.
    pub sample: u64,
}

/// Computes the replicates of every group's mean by every metric.
///
/// Returns `n_resamples` numbers for each group of each metric; NaN if a replicate has no answer to
/// any of a group's items.
///
/// # Errors
/// Answers, weights, labels or distributions that do not fit, [`Error::Memory`] or
/// [`Error::Interrupted`].
pub fn sample_replicates(
    answers: &Answers<'_>,
    design: &Design,
    models: &ScoredModels<'_>,
    draws: &SampleDraws,
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    let rows = models.rows(answers)?;
    let tally = Tally::new(answers, design.n_respondents(), executor)?;
    let n_items = models.labels.n_items;
    let item_draws = draws
        .items
        .then(|| Weights::draw(n_items, draws.n_resamples, draws.seed, executor));
    let weights = item_draws.transpose()?;
    let isa = executor.isa;
    let draw = |tile, watch: &Watch<'_>| {
        let multiplicities = if draws.respondents {
            design.draw(draws.seed, draws.sample, tile)
        } else {
            vec![Aligned([1; TILE]); design.n_respondents()]
        };
        watch.after(design.n_respondents() * TILE)?;
        let shares = tally.shares(isa, answers, &multiplicities, watch)?;
        let counted = counted(&tally, &shares, weights.as_ref(), tile);
        Ok(DrawnShares { shares, counted })
    };
    let n_groups = models.labels.n_groups;
    let replicator = Replicator::new(rows, tally.first_option.clone(), n_groups);
    let as_drawn = |metrics: &[Metric]| {
        replicator.replicates(metrics, draws.n_resamples, draw, None, executor)
    };
    if !draws.shrunken {
        return as_drawn(models.metrics);
    }
    let rows = replicator.rows();
    let once = vec![Aligned([1; TILE]); design.n_respondents()];
    let whole = tally.shares(isa, answers, &once, &executor.watch())?;
    let observed: Vec<f64> = whole.iter().map(|run| run[0]).collect();
    check_room(&[observed.len(), draws.n_resamples], size_of::<f64>())?;
    let drawn_tiles = Mutex::new(BTreeMap::new());
    executor.run(0..draws.n_resamples.div_ceil(TILE), |tile, watch| {
        let found = draw(tile, watch)?;
        locked(&drawn_tiles).insert(tile, found);
        Ok(())
    })?;
    let tiles: Vec<DrawnShares> = std::mem::take(&mut *locked(&drawn_tiles))
        .into_values()
        .collect();
    let samples: Vec<usize> = (0..n_items).collect();
    let names: Vec<u64> = (0..n_items as u64)
        .map(|item| mix(mix(draws.sample) ^ item))
        .collect();
    let people = People {
        samples: &samples,
        observed: &observed,
        tiles: &tiles,
        first_option: &tally.first_option,
        names: &names,
    };
    let shrinking = Shrinking::new(n_groups, draws.n_resamples, draws.seed)?;
    let groups = blocks(rows).into_iter().flat_map(|block| block.groups);
    executor.run(groups, |group, watch| {
        shrinking.fill(group.start, &rows[group], &people, None, watch)
    })?;
    with_alignments(&shrinking, models.metrics, as_drawn)
}

/// Computes the shares of every item's options in the sample itself, one item after another; NaN if
/// nobody answered.
///
/// # Errors
/// Answers or weights that do not fit, or [`Error::Interrupted`].
pub fn sample_shares(
    answers: &Answers<'_>,
    n_respondents: usize,
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    let tally = Tally::new(answers, n_respondents, executor)?;
    let once = vec![Aligned([1; TILE]); n_respondents];
    let shares = tally.shares(Isa::BASELINE, answers, &once, &executor.watch())?;
    Ok(shares.iter().map(|run| run[0]).collect())
}

impl ScoredModels<'_> {
    /// Sorts the rows by group, item and shares, so that sums do not depend on the order of the
    /// input.
    fn rows(&self, answers: &Answers<'_>) -> Result<Vec<ModelRow<'_>>, Error> {
        self.labels.check(self.model.rows())?;
        if self.labels.n_items != answers.options.len() {
            return Err(Error::argument(format!(
                "{} items are labelled and {} were answered: give the same items",
                self.labels.n_items,
                answers.options.len()
            )));
        }
        let (places, _) = self.labels.sorted_rows();
        let rows: Result<Vec<ModelRow<'_>>, Error> = places
            .iter()
            .map(|&place| self.row(place, answers))
            .collect();
        let mut rows = rows.map_err(|error| {
            // The error of the first bad row in input order, not in the order of groups.
            let mut in_order = places.clone();
            in_order.sort_unstable();
            let first = in_order
                .iter()
                .find_map(|&place| self.row(place, answers).err());
            first.unwrap_or(error)
        })?;
        for same in rows.chunk_by_mut(|a, b| (a.group, a.sample) == (b.group, b.sample)) {
            same.sort_by(|a, b| a.bits().cmp(b.bits()));
        }
        Ok(rows)
    }

    /// Checks one row, and joins it with its scale.
    fn row(&self, place: usize, answers: &Answers<'_>) -> Result<ModelRow<'_>, Error> {
        let at = Error::at(Side::Model, place);
        let item = self.labels.items[place] as usize;
        let shares = self.model.distribution(place).map_err(&at)?;
        if shares.len() != answers.options[item] {
            return Err(at(Problem::Length(shares.len(), answers.options[item])));
        }
        let names = (self.labels.groups[place] as usize, item, place);
        ModelRow::new(names, shares, &self.scale).map_err(at)
    }
}

/// Returns how often every item counts in each replicate: as often as it was drawn, if anyone
/// answered it. None if all count once.
fn counted(
    tally: &Tally,
    shares: &[TileValues],
    weights: Option<&Weights>,
    tile: usize,
) -> Option<Vec<TileValues>> {
    let firsts = &tally.first_option[..tally.first_option.len() - 1];
    let unanswered = |&first: &usize| shares[first].iter().any(|share| share.is_nan());
    if weights.is_none() && !firsts.iter().any(unanswered) {
        return None;
    }
    let of_item = |(item, &first): (usize, &usize)| {
        let mut out = weights.map_or(Aligned([1.0; TILE]), |w| w.tile(tile, item));
        for (weight, share) in out.iter_mut().zip(shares[first].iter()) {
            *weight = if share.is_nan() { 0.0 } else { *weight };
        }
        out
    };
    Some(firsts.iter().enumerate().map(of_item).collect())
}
