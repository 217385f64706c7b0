//! The bootstrap of items: all groups share the same draws, so differences are paired.

use std::borrow::Cow;
use std::ops::Range;

use super::cells::{Cells, Group};
use super::product::{GROUP_BLOCK, ValueBlock, inverse_totals, multiply_blocks};
use super::weights::Weights;
use crate::error::Error;
use crate::machine::{Executor, Isa};

/// Groups of one task.
pub(crate) const TASK_GROUPS: usize = 64;

/// Runs of values that are multiplied together; their blocks take turns at a strip of weights.
const RUNS: usize = 4 * GROUP_BLOCK;

/// Below this many products a second thread costs more than it saves.
const SHARE_FROM: usize = 1 << 20;

/// Computes the replicates of every group's mean.
///
/// Returns `weights.n_resamples` numbers for each group, one group after another; NaN if a
/// replicate drew none of a group's items.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn item_replicates(
    cells: &Cells<'_>,
    weights: &Weights,
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    let n = weights.n_resamples;
    let mut out = vec![0.0; cells.n_groups() * n];
    let isa = executor.isa;
    let tasks = out.chunks_mut(TASK_GROUPS * n.max(1)).enumerate();
    shared(cells, weights, executor).run(tasks, |(task, out)| {
        let first = task * TASK_GROUPS;
        let groups = first..first + out.len() / n;
        each_group(
            cells,
            groups,
            weights,
            isa,
            cell_sums,
            |number, _, means| {
                out[(number - first) * n..][..n].copy_from_slice(&means[..n]);
            },
        );
        Ok(())
    })?;
    Ok(out)
}

/// Limits small work to one thread.
pub(crate) fn shared<'a>(
    cells: &Cells<'_>,
    weights: &Weights,
    executor: Executor<'a>,
) -> Executor<'a> {
    let products = cells.n_groups() * weights.n_resamples * cells.n_items;
    executor.for_work(products, SHARE_FROM)
}

/// Calls `finish(group, inverse totals, means)` for some groups, in order.
///
/// `runs` gives the values of a group that are averaged, one run per cell. `means` holds
/// `weights.stride()` replicates for each run: Σ weights · values / Σ weights · counts.
/// Neighbouring groups with the same items are multiplied together, and share the totals.
pub(crate) fn each_group<'a>(
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
            totals = inverse_totals(weights, isa, &first);
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
        let blocks: Vec<ValueBlock<'_>> = together
            .chunks(GROUP_BLOCK)
            .map(|runs| ValueBlock::new(first.items, runs))
            .collect();
        multiply_blocks(weights, isa, &blocks, &totals, &mut means);
        let members = together.len() / each;
        for (member, means) in means.chunks_mut(each * stride).take(members).enumerate() {
            finish(next + member, &totals, means);
        }
        next += members;
    }
}

/// Tells whether two groups have the same items with the same numbers of scores.
fn same_cells(a: &Group<'_>, b: &Group<'_>) -> bool {
    a.items == b.items && a.counts == b.counts
}

/// Returns the values that a group's mean is computed from: the sums of its cells.
pub(crate) fn cell_sums<'a>(group: &Group<'a>) -> Vec<Cow<'a, [f64]>> {
    vec![group.sums.into()]
}
