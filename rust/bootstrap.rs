//! The bootstrap of items: every group sees the same draws, so groups can be compared.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::Error;
use crate::group::{Cells, Group};
use crate::interval::{Interval, Method, Recipe, acceleration};
use crate::isa::Isa;
use crate::matrix::{Block, GROUP_BLOCK, Weights};
use crate::parallel::Executor;

/// Groups that one task takes on.
const TASK_GROUPS: usize = 64;

/// Runs of values that are multiplied together: blocks of them take turns at a strip of weights.
const RUNS: usize = 4 * GROUP_BLOCK;

/// Below this many products a second thread costs more than it saves.
const SHARE_FROM: usize = 1 << 20;

/// With fewer items than this, too many replicates draw one item alone, and have no ratio.
const FEWEST_STUDENTIZED: usize = 5;

/// A variance within a replicate of less than this part of its mean square is rounding error:
/// the replicate drew one value alone.
const NO_VARIANCE: f64 = 1e-13;

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
        let groups = first..first + out.len();
        if recipe.method == Method::Studentized {
            each_group(
                cells,
                groups,
                weights,
                isa,
                deviations,
                |number, totals, sums| {
                    let group = cells.group(number);
                    out[number - first] = studentized(&group, weights, totals, recipe, isa, sums);
                },
            );
        } else {
            each_group(cells, groups, weights, isa, scores, |number, _, means| {
                let group = cells.group(number);
                let means = &mut means[..weights.n_resamples];
                out[number - first] = interval(&group, recipe, isa, means);
            });
        }
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
        let groups = first..first + out.len() / n;
        each_group(cells, groups, weights, isa, scores, |number, _, means| {
            out[(number - first) * n..][..n].copy_from_slice(&means[..n]);
        });
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

/// Calls `finish(group, inverse totals, means)` for every group, in order.
///
/// `runs` gives what of a group is to be averaged; `means` holds one run of `weights.stride()`
/// replicates for each of them, Σ weights · values / Σ weights · counts. Neighbouring groups
/// that have the same items are multiplied together, and share the totals.
fn each_group<'a>(
    cells: &'a Cells<'_>,
    groups: Range<usize>,
    weights: &Weights,
    isa: Isa,
    runs: impl Fn(&Group<'a>) -> Vec<Cow<'a, [f64]>>,
    mut finish: impl FnMut(usize, &[f64], &mut [f64]),
) {
    let stride = weights.stride();
    let mut means = vec![0.0; RUNS * stride];
    let mut totals = Vec::new();
    let mut totals_of: Option<Group<'_>> = None;
    let mut next = groups.start;
    while next < groups.end {
        let first = cells.group(next);
        if totals_of.is_none_or(|before| !same_cells(&before, &first)) {
            totals = weights.inverse_totals(isa, &first);
            totals_of = Some(first);
        }
        let mut together = runs(&first);
        let each = together.len();
        let alike = (next + 1..groups.end.min(next + RUNS / each))
            .map(|other| cells.group(other))
            .take_while(|other| same_cells(other, &first));
        for other in alike {
            together.extend(runs(&other));
        }
        let blocks: Vec<Block<'_>> = together
            .chunks(GROUP_BLOCK)
            .map(|runs| Block::new(first.items, runs))
            .collect();
        weights.products_into(isa, &blocks, &totals, &mut means);
        let members = together.len() / each;
        for (member, means) in means.chunks_mut(each * stride).take(members).enumerate() {
            finish(next + member, &totals, means);
        }
        next += members;
    }
}

fn same_cells(a: &Group<'_>, b: &Group<'_>) -> bool {
    a.items == b.items && a.counts == b.counts
}

/// What the mean of a group is made of.
fn scores<'a>(group: &Group<'a>) -> Vec<Cow<'a, [f64]>> {
    vec![group.sums.into()]
}

/// What the mean of a group and its standard error are made of: deviations from the mean,
/// their squares and, where items have several scores, what these add to a ratio's variance.
///
/// Deviations are multiplied rather than scores, so that the variance within a replicate does
/// not come out of the difference of two large numbers.
fn deviations<'a>(group: &Group<'a>) -> Vec<Cow<'a, [f64]>> {
    let estimate = group.mean();
    let cells = || group.sums.iter().zip(group.counts);
    let deviations: Vec<f64> = cells().map(|(sum, n)| sum - n * estimate).collect();
    let squares: Vec<f64> = deviations.iter().map(|d| d * d).collect();
    if one_each(group) {
        return vec![deviations.into(), squares.into()];
    }
    let crossed: Vec<f64> = cells().zip(&deviations).map(|((_, n), d)| n * d).collect();
    let counts: Vec<f64> = group.counts.iter().map(|n| n * n).collect();
    vec![
        deviations.into(),
        squares.into(),
        crossed.into(),
        counts.into(),
    ]
}

#[allow(
    clippy::needless_bitwise_bool,
    reason = "without an early end it becomes vector code"
)]
fn one_each(group: &Group<'_>) -> bool {
    // Without an early end this is vector code.
    group
        .counts
        .iter()
        .fold(true, |all, &count| all & (count == 1.0))
}

/// The interval of one group, from the replicates of its mean.
fn interval(group: &Group<'_>, recipe: &Recipe, isa: Isa, means: &mut [f64]) -> Interval {
    if group.items.len() < 2 {
        return Interval::NONE;
    }
    let acceleration = match recipe.method {
        // The mean without an item is the lower, the higher the item's score.
        Method::Bca if one_each(group) => -acceleration(isa, group.sums),
        Method::Bca => acceleration(isa, &group.without_each().collect::<Vec<f64>>()),
        _ => 0.0,
    };
    recipe.interval(isa, group.mean(), acceleration, means)
}

/// The interval of one group from replicates of its mean, divided by their own standard errors.
fn studentized(
    group: &Group<'_>,
    weights: &Weights,
    totals: &[f64],
    recipe: &Recipe,
    isa: Isa,
    means: &mut [f64],
) -> Interval {
    if group.items.len() < 2 {
        return Interval::NONE;
    }
    let (shifts, rest) = means.split_at_mut(weights.stride());
    let run = |number: usize| &rest[number * weights.stride()..][..weights.n_resamples];
    let shifts = &mut shifts[..weights.n_resamples];
    let estimate = group.mean();
    if group.items.len() < FEWEST_STUDENTIZED {
        let std_error = recipe.interval(isa, 0.0, 0.0, shifts).std_error;
        return Interval {
            std_error,
            ..Interval::NONE
        };
    }
    let several = !one_each(group);
    let squares = run(0);
    // Linearised variance of a ratio of sums; for one score per item Σ (x − x̄)² / n².
    let errors: Vec<f64> = (0..weights.n_resamples)
        .map(|b| {
            let shift = shifts[b];
            let variance = if several {
                squares[b] - 2.0 * shift * run(1)[b] + shift * shift * run(2)[b]
            } else {
                squares[b] - shift * shift
            };
            let varies = variance > NO_VARIANCE * squares[b];
            if varies {
                (variance * totals[b]).sqrt()
            } else {
                0.0
            }
        })
        .collect();
    let own_error = own_error(group, estimate);
    recipe.studentized(isa, estimate, own_error, shifts, &errors)
}

/// The standard error of a group's mean, linearised like those of its replicates.
fn own_error(group: &Group<'_>, estimate: f64) -> f64 {
    let deviation = |(sum, count): (&f64, &f64)| sum - count * estimate;
    let squares: f64 = group
        .sums
        .iter()
        .zip(group.counts)
        .map(deviation)
        .map(|d| d * d)
        .sum();
    squares.sqrt() / group.total()
}
