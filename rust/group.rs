//! Scores gathered by group and item: the cells that a bootstrap of items resamples.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::isa::multiversion;
use crate::parallel::Executor;

/// The label of rows that belong to no group and are passed over.
pub const NO_GROUP: u32 = u32::MAX;

/// Which group and which item every row belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    /// Group of each row, below `n_groups`.
    pub groups: &'a [u32],
    /// Item of each row, below `n_items`.
    pub items: &'a [u32],
    /// Number of groups.
    pub n_groups: usize,
    /// Number of items that could be drawn.
    pub n_items: usize,
}

impl Labels<'_> {
    /// Checks that there is one label of each kind per row, and that all are in range.
    ///
    /// # Errors
    /// Says which number is wrong.
    pub fn check(&self, rows: usize) -> Result<(), Error> {
        for (name, labels, bound, no_label) in [
            ("group", self.groups, self.n_groups, Some(NO_GROUP)),
            ("item", self.items, self.n_items, None),
        ] {
            if labels.len() != rows {
                let given = labels.len();
                return Err(Error::argument(format!(
                    "{given} {name} labels for {rows} rows: give one per row"
                )));
            }
            let wrong = |label: u32| label as usize >= bound && Some(label) != no_label;
            // Without an early end the first pass is vector code.
            if !labels.iter().fold(false, |any, &label| any | wrong(label)) {
                continue;
            }
            if let Some(label) = labels.iter().find(|&&label| wrong(label)) {
                return Err(Error::argument(format!(
                    "{name} label {label} is not below {bound}"
                )));
            }
        }
        Ok(())
    }

    /// Rows in the order of groups, and within a group in the order of items; `starts[g]` is
    /// where group `g` begins.
    #[must_use]
    pub fn sorted_rows(&self) -> (Vec<usize>, Vec<usize>) {
        let mut starts = vec![0; self.n_groups + 1];
        for &group in self.groups.iter().filter(|&&group| group != NO_GROUP) {
            starts[group as usize + 1] += 1;
        }
        for group in 0..self.n_groups {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut rows = vec![0; starts[self.n_groups]];
        for (row, &group) in self.groups.iter().enumerate() {
            if group == NO_GROUP {
                continue;
            }
            let place = &mut next[group as usize];
            rows[*place] = row;
            *place += 1;
        }
        for group in 0..self.n_groups {
            let rows = &mut rows[starts[group]..starts[group + 1]];
            if !rows.is_sorted_by_key(|&row| self.items[row]) {
                rows.sort_by_key(|&row| self.items[row]);
            }
        }
        (rows, starts)
    }
}

/// For every group, its items in order with the sum and the number of their scores.
#[derive(Clone, Debug)]
pub struct Cells<'a> {
    starts: Vec<usize>,
    items: Cow<'a, [u32]>,
    sums: Cow<'a, [f64]>,
    counts: Counts,
    /// Number of items that could be drawn.
    pub n_items: usize,
}

/// How many scores the cells have.
#[derive(Clone, Debug)]
enum Counts {
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
    /// Gathers one metric's scores. NaN scores are no scores.
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
        for group in 0..labels.n_groups {
            let rows = &mut rows[row_starts[group]..row_starts[group + 1]];
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
            counts: Counts::Each(counts),
            n_items: labels.n_items,
        })
    }

    /// The cells of rows that come group by group and item by item, each a cell of its own.
    fn borrowed(scores: &'a [f64], labels: &Labels<'a>) -> Self {
        let starts: Vec<usize> = (0..=labels.n_groups)
            .map(|group| labels.groups.partition_point(|&of| (of as usize) < group))
            .collect();
        let largest = starts.windows(2).map(|pair| pair[1] - pair[0]).max();
        Self {
            starts,
            items: labels.items.into(),
            sums: scores.into(),
            counts: Counts::Ones(vec![1.0; largest.unwrap_or(0)]),
            n_items: labels.n_items,
        }
    }

    /// Number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are no groups.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells of one group.
    #[must_use]
    pub fn group(&self, group: usize) -> Group<'_> {
        let range = self.starts[group]..self.starts[group + 1];
        Group {
            items: &self.items[range.clone()],
            sums: &self.sums[range.clone()],
            counts: match &self.counts {
                Counts::Ones(ones) => &ones[..range.len()],
                Counts::Each(counts) => &counts[range],
            },
        }
    }
}

/// Whether rows have sound labels, come group by group and item by item, none of them twice, and
/// all have a score.
fn in_order(scores: &[f64], labels: &Labels<'_>, executor: Executor<'_>) -> Result<bool, Error> {
    /// Rows that one task looks at.
    const ROWS: usize = 1 << 16;
    let n = scores.len();
    if labels.groups.len() != n || labels.items.len() != n {
        return Ok(false);
    }
    let all = AtomicBool::new(true);
    let executor = if n < 4 * ROWS {
        executor.limited(1)
    } else {
        executor
    };
    executor.run((0..n).step_by(ROWS), |start| {
        // One row more, so that no step between two rows is missed.
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
    fn rising(groups: &[u32], items: &[u32], bounds: (usize, usize), scores: &[f64]) -> bool
        = rising_rows;
}

#[inline(always)]
#[allow(
    clippy::needless_bitwise_bool,
    reason = "without branches it becomes vector code"
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

/// Σ values, in strides: additions that do not wait for one another.
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

/// Sum and number of the scores that there are.
fn total(scores: impl Iterator<Item = f64>) -> (f64, f64) {
    scores
        .filter(|score| !score.is_nan())
        .fold((0.0, 0.0), |(sum, count), score| (sum + score, count + 1.0))
}

impl Group<'_> {
    /// Number of scores.
    #[must_use]
    pub fn total(&self) -> f64 {
        sum(self.counts)
    }

    /// Mean of the scores; NaN where there are none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        sum(self.sums) / self.total()
    }

    /// The mean with each item left out in turn.
    pub fn without_each(&self) -> impl Iterator<Item = f64> + '_ {
        let (sum, total) = (sum(self.sums), self.total());
        self.sums
            .iter()
            .zip(self.counts)
            .map(move |(&s, &n)| (sum - s) / (total - n))
    }
}
