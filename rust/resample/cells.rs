//! Cells: scores by group and item, which the bootstrap of items averages.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::input::Labels;
use crate::machine::{Executor, multiversion};

/// The items of every group in their order, with the sum and the number of their scores.
#[derive(Clone, Debug)]
pub struct Cells<'a> {
    starts: Vec<usize>,
    items: Cow<'a, [u32]>,
    sums: Cow<'a, [f64]>,
    counts: ScoreCounts,
    /// Number of items that could be drawn.
    pub n_items: usize,
}

/// The number of scores of each cell.
#[derive(Clone, Debug)]
enum ScoreCounts {
    /// One each: as many ones as the largest group has cells.
    Ones(Vec<f64>),
    /// Cell by cell.
    Each(Vec<f64>),
}

/// The cells of one group.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// Items, in increasing order.
    pub items: &'a [u32],
    /// Sum of the scores of each item.
    pub sums: &'a [f64],
    /// Number of scores of each item.
    pub counts: &'a [f64],
}

impl<'a> Cells<'a> {
    /// Gathers the scores of one metric; those that are NaN are left out.
    ///
    /// # Errors
    /// The labels do not fit the scores, or [`Error::Interrupted`].
    pub fn new(
        scores: &'a [f64],
        labels: &Labels<'a>,
        executor: Executor<'_>,
    ) -> Result<Self, Error> {
        if in_order(scores, labels, executor)? {
            return Ok(Self::borrowed(scores, labels));
        }
        labels.check(scores.len())?;
        let (mut rows, row_starts) = labels.sorted_rows();
        let mut starts = Vec::with_capacity(labels.n_groups + 1);
        let mut items = Vec::with_capacity(scores.len());
        let mut sums = Vec::with_capacity(scores.len());
        let mut counts = Vec::with_capacity(scores.len());
        starts.push(0);
        let watch = executor.watch();
        for group in 0..labels.n_groups {
            let rows = &mut rows[row_starts[group]..row_starts[group + 1]];
            watch.after(rows.len())?;
            for cell in rows.chunk_by_mut(|&a, &b| labels.items[a] == labels.items[b]) {
                // Sorted, so that the sum does not depend on the order of the rows.
                cell.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
                let (sum, count) = total(cell.iter().map(|&row| scores[row]));
                if count > 0.0 {
                    items.push(labels.items[cell[0]]);
                    sums.push(sum);
                    counts.push(count);
                }
            }
            starts.push(items.len());
        }
        Ok(Self {
            starts,
            items: items.into(),
            sums: sums.into(),
            counts: ScoreCounts::Each(counts),
            n_items: labels.n_items,
        })
    }

    /// Borrows rows sorted by group and item; each row is a cell.
    fn borrowed(scores: &'a [f64], labels: &Labels<'a>) -> Self {
        let mut start = 0;
        let starts: Vec<usize> = (0..=labels.n_groups)
            .map(|group| {
                start += count_below(&labels.groups[start..], group);
                start
            })
            .collect();
        let largest = starts.windows(2).map(|pair| pair[1] - pair[0]).max();
        Self {
            starts,
            items: labels.items.into(),
            sums: scores.into(),
            counts: ScoreCounts::Ones(vec![1.0; largest.unwrap_or(0)]),
            n_items: labels.n_items,
        }
    }

    /// Counts the groups.
    #[must_use]
    pub fn n_groups(&self) -> usize {
        self.starts.len() - 1
    }

    /// Returns the cells of one group.
    #[must_use]
    pub fn group(&self, group: usize) -> Group<'_> {
        let range = self.starts[group]..self.starts[group + 1];
        Group {
            items: &self.items[range.clone()],
            sums: &self.sums[range.clone()],
            counts: match &self.counts {
                ScoreCounts::Ones(ones) => &ones[..range.len()],
                ScoreCounts::Each(counts) => &counts[range],
            },
        }
    }
}

/// Counts the labels below a group. They are sorted, and it is near: looking further and further
/// reads fewer of them than halving all.
fn count_below(groups: &[u32], group: usize) -> usize {
    let below = |&of: &u32| (of as usize) < group;
    let mut reach = 1;
    while groups.get(reach - 1).is_some_and(below) {
        reach *= 2;
    }
    let first = reach / 2;
    first + groups[first..groups.len().min(reach)].partition_point(below)
}

/// Tells whether rows have valid labels, are sorted by group and item without repeated items, and
/// all have a score.
fn in_order(scores: &[f64], labels: &Labels<'_>, executor: Executor<'_>) -> Result<bool, Error> {
    /// Rows of one task.
    const ROWS: usize = 1 << 16;
    let n = scores.len();
    if labels.groups.len() != n || labels.items.len() != n {
        return Ok(false);
    }
    let all = AtomicBool::new(true);
    let executor = executor.for_work(n, 4 * ROWS);
    executor.run((0..n).step_by(ROWS), |start, _| {
        // One more row, so that no step between two rows is missed.
        let (end, next) = (n.min(start + ROWS), n.min(start + ROWS + 1));
        let (groups, items) = (&labels.groups[start..next], &labels.items[start..next]);
        let bounds = (labels.n_groups, labels.n_items);
        if !rising(executor.isa, groups, items, bounds, &scores[start..end]) {
            all.store(false, Ordering::Relaxed);
        }
        Ok(())
    })?;
    Ok(all.into_inner())
}

multiversion! {
    /// Tells the same for some rows; `groups` and `items` hold one row more than `scores`.
    fn rising(groups: &[u32], items: &[u32], bounds: (usize, usize), scores: &[f64]) -> bool
        = rising_rows;
}

#[inline(always)]
#[allow(
    clippy::needless_bitwise_bool,
    reason = "without branches the compiler vectorises it"
)]
fn rising_rows(groups: &[u32], items: &[u32], bounds: (usize, usize), scores: &[f64]) -> bool {
    let bound = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
    let (n_groups, n_items) = (bound(bounds.0), bound(bounds.1));
    let (mut rising, mut sound) = (true, true);
    for (group, item) in groups.windows(2).zip(items.windows(2)) {
        rising &= (group[0] < group[1]) | ((group[0] == group[1]) & (item[0] < item[1]));
    }
    for (&group, &item) in groups.iter().zip(items) {
        sound &= (group < n_groups) & (item < n_items);
    }
    for score in scores {
        sound &= !score.is_nan();
    }
    rising & sound
}

/// Adds up values in strides: additions that do not wait for one another.
fn sum(values: &[f64]) -> f64 {
    const STRIDE: usize = 16;
    let mut sums = [0.0; STRIDE];
    let (strides, rest) = values.as_chunks::<STRIDE>();
    for stride in strides {
        for l in 0..STRIDE {
            sums[l] += stride[l];
        }
    }
    for (sum, value) in sums.iter_mut().zip(rest) {
        *sum += value;
    }
    sums.iter().sum()
}

/// Adds up and counts the scores that are not NaN.
fn total(scores: impl Iterator<Item = f64>) -> (f64, f64) {
    scores
        .filter(|score| !score.is_nan())
        .fold((0.0, 0.0), |(sum, count), score| (sum + score, count + 1.0))
}

impl Group<'_> {
    /// Counts the scores.
    #[must_use]
    pub fn total(&self) -> f64 {
        sum(self.counts)
    }

    /// Computes the mean of the scores; NaN without scores.
    #[must_use]
    pub fn mean(&self) -> f64 {
        sum(self.sums) / self.total()
    }

    /// Computes the mean with each item left out in turn.
    pub fn without_each(&self) -> impl Iterator<Item = f64> + '_ {
        let (sum, total) = (sum(self.sums), self.total());
        self.sums
            .iter()
            .zip(self.counts)
            .map(move |(&s, &n)| (sum - s) / (total - n))
    }
}
