//! The bootstrap of respondents from their answers: one draw of a sample serves all items.

use crate::batch::{Column, Scale};
use crate::error::{Error, Problem, Side};
use crate::group::Labels;
use crate::isa::{Aligned, Isa};
use crate::matrix::Weights;
use crate::metric::Metric;
use crate::parallel::Executor;
use crate::replicate::{Drawn, Replicator, Row, times_drawn};
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
    let tally = Tally::new(answers, design.len(), executor)?;
    let weights = draws
        .items
        .then(|| Weights::draw(task.labels.n_items, draws.n_resamples, draws.seed));
    let isa = executor.isa;
    let draw = |tile| {
        let multiplicities = if draws.respondents {
            design.draw(draws.seed, draws.sample, tile)
        } else {
            vec![Aligned([1; TILE]); design.len()]
        };
        let shares = tally.shares(isa, answers, &multiplicities);
        let counted = counted(&tally, &shares, weights.as_ref(), tile);
        Drawn { shares, counted }
    };
    let first_option = tally.first_option.clone();
    Replicator::new(&task.scale, rows, first_option, task.labels.n_groups).replicates(
        task.metrics,
        draws.n_resamples,
        draw,
        None,
        executor,
    )
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
        let rows: Result<Vec<Row<'a>>, Error> = places
            .iter()
            .map(|&place| self.row(place, answers))
            .collect();
        let mut rows = rows.map_err(|error| {
            // The first in the order in which they were given, not in that of groups.
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

    fn row(&self, place: usize, answers: &Answers<'_>) -> Result<Row<'a>, Error> {
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
        let names = (self.labels.groups[place] as usize, item, place);
        Row::new(names, shares, &self.scale).map_err(at)
    }
}

/// How often every item counts in each replicate: as often as it was drawn, if anyone answered.
/// None if all count once.
fn counted(
    tally: &Tally,
    shares: &[Run],
    weights: Option<&Weights>,
    tile: usize,
) -> Option<Vec<Run>> {
    let firsts = &tally.first_option[..tally.first_option.len() - 1];
    let unanswered = |&first: &usize| shares[first].iter().any(|share| share.is_nan());
    if weights.is_none() && !firsts.iter().any(unanswered) {
        return None;
    }
    let of_item = |(item, &first): (usize, &usize)| {
        let mut out = weights.map_or(Aligned([1.0; TILE]), |w| times_drawn(w, tile, item));
        for (weight, share) in out.iter_mut().zip(shares[first].iter()) {
            *weight = if share.is_nan() { 0.0 } else { *weight };
        }
        out
    };
    Some(firsts.iter().enumerate().map(of_item).collect())
}
