//! The bootstrap of items: all groups share the same draws, so differences are paired.

use std::borrow::Cow;
use std::ops::Range;

use super::cells::{Cells, Group};
use super::drawn_product::{DrawnValues, SIDE_BY_SIDE};
use super::product::{GROUP_BLOCK, ValueBlock, inverse_totals, multiply_blocks, multiply_run};
use super::weights::Weights;
use crate::error::Error;
use crate::machine::{Executor, Isa, Watch, check_room, filled};

/// Groups of one task.
pub(crate) const TASK_GROUPS: usize = 96;

/// Runs of values that are multiplied together.
const RUNS: usize = SIDE_BY_SIDE;

/// Units of work for each replicate that an interval is made from.
const FINISHING: usize = 8;

/// Below this many products a second thread costs more than it saves.
const SHARE_FROM: usize = 1 << 20;

/// Computes the replicates of every group's mean.
///
/// Returns `weights.n_resamples` numbers for each group, one group after another; NaN if a
/// replicate drew none of a group's items.
///
/// # Errors
/// [`Error::Memory`] or [`Error::Interrupted`].
pub fn item_replicates(
    cells: &Cells<'_>,
    weights: &Weights,
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    let n = weights.n_resamples;
    let mut out = filled(0.0, &[cells.n_groups(), n])?;
    let isa = executor.isa;
    let tasks = out.chunks_mut((TASK_GROUPS * n).max(1)).enumerate();
    shared(cells, weights, executor)?.run(tasks, |(task, out), watch| {
        let first = task * TASK_GROUPS;
        let groups = first..first + out.len() / n;
        let copy = |number: usize, _: &[f64], means: &mut [f64]| {
            out[(number - first) * n..][..n].copy_from_slice(&means[..n]);
        };
        each_group(cells, groups, weights, (isa, watch), cell_sums, copy)
    })?;
    Ok(out)
}

/// Limits small work to one thread, and checks that every thread has room for its replicates.
///
/// # Errors
/// [`Error::Memory`].
pub(crate) fn shared<'a>(
    cells: &Cells<'_>,
    weights: &Weights,
    executor: Executor<'a>,
) -> Result<Executor<'a>, Error> {
    let cells_of_all = cells.n_groups().saturating_mul(cells.n_items);
    let products = cells_of_all.saturating_mul(weights.n_resamples);
    let executor = executor.for_work(products, SHARE_FROM);
    let at_once = executor.threads.min(cells.n_groups().div_ceil(TASK_GROUPS));
    check_room(
        &[at_once, RUNS + GROUP_BLOCK, weights.stride()],
        size_of::<f64>(),
    )?;
    Ok(executor)
}

/// Calls `finish(group, inverse totals, means)` for some groups, in order.
///
/// `runs` gives the values of a group that are averaged, one run per cell. `means` holds
/// `weights.stride()` replicates for each run: Σ weights · values / Σ weights · counts.
/// Neighbouring groups with the same items are multiplied together, and share the totals.
///
/// # Errors
/// [`Error::Interrupted`].
pub(crate) fn each_group<'a>(
    cells: &'a Cells<'_>,
    groups: Range<usize>,
    weights: &Weights,
    (isa, watch): (Isa, &Watch<'_>),
    runs: impl Fn(&Group<'a>) -> Vec<Cow<'a, [f64]>>,
    mut finish: impl FnMut(usize, &[f64], &mut [f64]),
) -> Result<(), Error> {
    let stride = weights.stride();
    let mut means = vec![0.0; RUNS * stride];
    let mut totals = Vec::new();
    let mut totals_of: Option<Group<'_>> = None;
    let mut next = groups.start;
    while next < groups.end {
        let first = cells.group(next);
        if totals_of.is_none_or(|before| !same_cells(&before, &first)) {
            totals = inverse_totals(weights, isa, &first, watch)?;
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
        if let [run] = &together[..] {
            multiply_run(weights, isa, first.items, run, &totals, &mut means, watch)?;
        } else if let Some(values) = DrawnValues::new(first.items, weights.n_items, &together) {
            values.multiply(weights, isa, &totals, &mut means, watch)?;
        } else {
            let blocks: Vec<ValueBlock<'_>> = together
                .chunks(GROUP_BLOCK)
                .map(|runs| ValueBlock::new(first.items, runs))
                .collect();
            multiply_blocks(weights, isa, &blocks, &totals, &mut means, watch)?;
        }
        let members = together.len() / each;
        for (member, means) in means.chunks_mut(each * stride).take(members).enumerate() {
            finish(next + member, &totals, means);
            watch.after(FINISHING * stride)?;
        }
        next += members;
    }
    Ok(())
}

/// Tells whether two groups have the same items with the same numbers of scores.
fn same_cells(a: &Group<'_>, b: &Group<'_>) -> bool {
    a.items == b.items && a.counts == b.counts
}

/// Returns the values that a group's mean is computed from: the sums of its cells.
pub(crate) fn cell_sums<'a>(group: &Group<'a>) -> Vec<Cow<'a, [f64]>> {
    vec![group.sums.into()]
}
