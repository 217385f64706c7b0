//! Intervals of group means when items are resampled.

use std::borrow::Cow;

use super::recipe::{Interval, Method, Recipe, acceleration};
use crate::error::Error;
use crate::machine::{Executor, Isa, multiversion};
use crate::resample::{Cells, Group, TASK_GROUPS, Weights, cell_sums, each_group, shared};

/// With fewer items, too many replicates draw only one item and have no studentised value.
const FEWEST_STUDENTIZED: usize = 5;

/// A variance within a replicate below this fraction of its mean square is rounding error: the
/// replicate drew only one value.
const NO_VARIANCE: f64 = 1e-13;

/// Computes the interval of every group's mean.
///
/// # Errors
/// [`Error::Memory`] or [`Error::Interrupted`].
pub fn item_intervals(
    cells: &Cells<'_>,
    weights: &Weights,
    recipe: &Recipe,
    executor: Executor<'_>,
) -> Result<Vec<Interval>, Error> {
    let mut out = vec![Interval::NONE; cells.n_groups()];
    let isa = executor.isa;
    let tasks = out.chunks_mut(TASK_GROUPS).enumerate();
    shared(cells, weights, executor)?.run(tasks, |(task, out), watch| {
        let first = task * TASK_GROUPS;
        let groups = first..first + out.len();
        if recipe.method == Method::Studentized {
            let finish = |number: usize, totals: &[f64], sums: &mut [f64]| {
                let group = cells.group(number);
                out[number - first] = studentized(&group, weights, totals, recipe, isa, sums);
            };
            each_group(cells, groups, weights, (isa, watch), deviations, finish)
        } else {
            let finish = |number: usize, _: &[f64], means: &mut [f64]| {
                let group = cells.group(number);
                let means = &mut means[..weights.n_resamples];
                out[number - first] = interval(&group, recipe, isa, means);
            };
            each_group(cells, groups, weights, (isa, watch), cell_sums, finish)
        }
    })?;
    Ok(out)
}

/// Returns the values from which the mean of a group and its standard error are computed:
/// deviations from the mean, their squares and, if items have several scores, the two other terms
/// of the variance of a ratio.
///
/// Deviations are averaged, not scores: the variance within a replicate would otherwise be a small
/// difference of two large numbers.
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

/// Tells whether every item has exactly one score.
#[allow(
    clippy::needless_bitwise_bool,
    reason = "without an early exit the compiler vectorises it"
)]
fn one_each(group: &Group<'_>) -> bool {
    group
        .counts
        .iter()
        .fold(true, |all, &count| all & (count == 1.0))
}

/// Computes the interval of one group from the replicates of its mean.
fn interval(group: &Group<'_>, recipe: &Recipe, isa: Isa, means: &mut [f64]) -> Interval {
    if group.items.len() < 2 {
        return Interval::NONE;
    }
    let acceleration = match recipe.method {
        // The sign changes: a higher score of an item gives a lower mean without it.
        Method::Bca if one_each(group) => -acceleration(isa, group.sums),
        Method::Bca => acceleration(isa, &group.without_each().collect::<Vec<f64>>()),
        _ => 0.0,
    };
    recipe.interval(isa, group.mean(), acceleration, means)
}

/// Computes the interval of one group from replicates of its mean, divided by their own standard
/// errors.
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
    let mut errors = vec![0.0; weights.n_resamples];
    if one_each(group) {
        errors_of_means(isa, shifts, run(0), totals, &mut errors);
    } else {
        let terms = [run(0), run(1), run(2)];
        errors_of_ratios(isa, shifts, terms, totals, &mut errors);
    }
    let own_error = own_error(group, estimate);
    recipe.studentized(isa, estimate, own_error, shifts, &errors)
}

multiversion! {
    /// Computes the standard error of each replicate of a mean of one score per item:
    /// Σ (x − x̄)² / n², under the root.
    fn errors_of_means(shifts: &[f64], squares: &[f64], totals: &[f64], out: &mut [f64])
        = errors_of_means_body;
}

#[inline(always)]
fn errors_of_means_body(shifts: &[f64], squares: &[f64], totals: &[f64], out: &mut [f64]) {
    let replicates = shifts.iter().zip(squares).zip(totals).zip(out);
    for (((&shift, &square), &total), out) in replicates {
        *out = error(square - shift * shift, square, total);
    }
}

multiversion! {
    /// Computes the standard error of each replicate of a ratio of sums, by the linearised variance.
    fn errors_of_ratios(shifts: &[f64], terms: [&[f64]; 3], totals: &[f64], out: &mut [f64])
        = errors_of_ratios_body;
}

#[inline(always)]
fn errors_of_ratios_body(
    shifts: &[f64],
    [squares, crossed, counts]: [&[f64]; 3],
    totals: &[f64],
    out: &mut [f64],
) {
    let terms = squares.iter().zip(crossed).zip(counts);
    let replicates = shifts.iter().zip(terms).zip(totals).zip(out);
    for (((&shift, ((&square, &crossed), &count)), &total), out) in replicates {
        let variance = square - 2.0 * shift * crossed + shift * shift * count;
        *out = error(variance, square, total);
    }
}

/// Computes a replicate's standard error; 0 if it drew only one value.
#[inline(always)]
fn error(variance: f64, square: f64, total: f64) -> f64 {
    let root = (variance * total).sqrt();
    if variance > NO_VARIANCE * square {
        root
    } else {
        0.0
    }
}

/// Computes the standard error of a group's mean, linearised like those of its replicates.
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
