//! The bootstrap of items: every group sees the same draws, so groups can be compared.

use crate::error::Error;
use crate::group::{Cells, Group};
use crate::interval::{Interval, Method, Recipe, acceleration};
use crate::isa::Isa;
use crate::matrix::{Block, GROUP_BLOCK, Weights};
use crate::parallel::Executor;

/// Groups that one task takes on.
const TASK_GROUPS: usize = 64;

/// Blocks of groups that take turns at a strip of weights.
const BLOCKS: usize = 4;

/// Below this many products a second thread costs more than it saves.
const SHARE_FROM: usize = 1 << 20;

/// The interval of every group's mean.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn intervals(
    cells: &Cells<'_>,
    weights: &Weights,
    recipe: &Recipe,
    executor: Executor<'_>,
) -> Result<Vec<Interval>, Error> {
    let mut out = vec![Interval::NONE; cells.len()];
    let isa = executor.isa;
    let tasks = out.chunks_mut(TASK_GROUPS).enumerate();
    shared(cells, weights, executor).run(tasks, |(task, out)| {
        let first = task * TASK_GROUPS;
        each_block(
            cells,
            first..first + out.len(),
            weights,
            isa,
            |group, totals, sums| {
                out[group - first] =
                    interval(&cells.group(group), weights, totals, recipe, isa, sums);
            },
        );
        Ok(())
    })?;
    Ok(out)
}

/// The replicates of every group's mean, one run of `weights.n_resamples` per group; NaN where
/// a replicate drew none of a group's items.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn replicates(
    cells: &Cells<'_>,
    weights: &Weights,
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    let n = weights.n_resamples;
    let mut out = vec![0.0; cells.len() * n];
    let isa = executor.isa;
    let tasks = out.chunks_mut(TASK_GROUPS * n.max(1)).enumerate();
    shared(cells, weights, executor).run(tasks, |(task, out)| {
        let first = task * TASK_GROUPS;
        each_block(
            cells,
            first..first + out.len() / n,
            weights,
            isa,
            |group, totals, sums| {
                let out = &mut out[(group - first) * n..][..n];
                for ((out, sum), inverse) in out.iter_mut().zip(sums).zip(totals) {
                    *out = *sum * inverse;
                }
            },
        );
        Ok(())
    })?;
    Ok(out)
}

fn shared<'a>(cells: &Cells<'_>, weights: &Weights, executor: Executor<'a>) -> Executor<'a> {
    let products = cells.len() * weights.n_resamples * cells.n_items;
    if products < SHARE_FROM {
        executor.limited(1)
    } else {
        executor
    }
}

/// Calls `finish(group, inverse totals, sums)` for every group, in order.
///
/// Neighbouring groups that have the same items are multiplied together, and share the totals.
fn each_block(
    cells: &Cells<'_>,
    groups: std::ops::Range<usize>,
    weights: &Weights,
    isa: Isa,
    mut finish: impl FnMut(usize, &[f64], &mut [f64]),
) {
    let padded = weights.padded();
    let mut sums = vec![0.0; BLOCKS * GROUP_BLOCK * padded];
    let mut totals = Vec::new();
    let mut totals_of = None;
    let mut group = groups.start;
    while group < groups.end {
        let first = cells.group(group);
        let alike = (group + 1..groups.end.min(group + BLOCKS * GROUP_BLOCK))
            .take_while(|&other| same_cells(&cells.group(other), &first))
            .count();
        let members: Vec<&[f64]> = (group..=group + alike)
            .map(|g| cells.group(g).sums)
            .collect();
        let blocks: Vec<Block<'_>> = members
            .chunks(GROUP_BLOCK)
            .map(|runs| Block::new(first.items, runs))
            .collect();
        weights.sums_into(isa, &blocks, &mut sums);
        if totals_of.is_none_or(|before| !same_cells(&cells.group(before), &first)) {
            totals = weights.inverse_totals(isa, &first);
            totals_of = Some(group);
        }
        for (member, sums) in sums.chunks_mut(padded).take(alike + 1).enumerate() {
            finish(group + member, &totals, &mut sums[..weights.n_resamples]);
        }
        group += alike + 1;
    }
}

fn same_cells(a: &Group<'_>, b: &Group<'_>) -> bool {
    a.items == b.items && a.counts == b.counts
}

/// With fewer items than this, too many replicates draw one item alone, and have no ratio.
const FEWEST_STUDENTIZED: usize = 5;

/// The interval of one group, from its replicated sums.
fn interval(
    group: &Group<'_>,
    weights: &Weights,
    totals: &[f64],
    recipe: &Recipe,
    isa: Isa,
    sums: &mut [f64],
) -> Interval {
    if group.items.len() < 2 {
        return Interval::NONE;
    }
    for (sum, inverse) in sums.iter_mut().zip(totals) {
        *sum *= inverse;
    }
    let means = sums;
    let estimate = group.mean();
    match recipe.method {
        Method::Studentized if group.items.len() < FEWEST_STUDENTIZED => Interval {
            std_error: recipe.interval(isa, estimate, 0.0, means).std_error,
            ..Interval::NONE
        },
        Method::Studentized => studentized(group, weights, totals, recipe, isa),
        Method::Bca => {
            let left_out: Vec<f64> = group.without_each().collect();
            recipe.interval(isa, estimate, acceleration(&left_out), means)
        }
        _ => recipe.interval(isa, estimate, 0.0, means),
    }
}

/// Replicates of the mean divided by their own standard errors.
///
/// Deviations from the estimate are multiplied rather than scores, so that the variance within
/// a replicate does not come out of the difference of two large numbers.
fn studentized(
    group: &Group<'_>,
    weights: &Weights,
    totals: &[f64],
    recipe: &Recipe,
    isa: Isa,
) -> Interval {
    let estimate = group.mean();
    let cells = || group.sums.iter().zip(group.counts);
    let deviations: Vec<f64> = cells().map(|(sum, count)| sum - count * estimate).collect();
    let squares: Vec<f64> = deviations.iter().map(|d| d * d).collect();
    let crossed: Vec<f64> = cells().zip(&deviations).map(|((_, n), d)| n * d).collect();
    let counts: Vec<f64> = group.counts.iter().map(|n| n * n).collect();
    let runs = [&deviations[..], &squares, &crossed, &counts];
    let sums = weights.sums(isa, &Block::new(group.items, &runs));
    let sum = |run: usize, replicate: usize| sums[run * weights.padded() + replicate];
    let n = weights.n_resamples;
    let mut shifts = vec![0.0; n];
    let mut errors = vec![0.0; n];
    for b in 0..n {
        let shift = sum(0, b) * totals[b];
        // Linearised variance of a ratio of sums; for one score per item Σ (x − x̄)² / n².
        let variance = sum(1, b) - 2.0 * shift * sum(2, b) + shift * shift * sum(3, b);
        shifts[b] = shift;
        errors[b] = variance.max(0.0).sqrt() * totals[b];
    }
    let own_error = squares.iter().sum::<f64>().sqrt() / group.total();
    recipe.studentized(isa, estimate, own_error, &mut shifts, &errors)
}
