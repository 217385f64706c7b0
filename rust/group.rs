//! Scores gathered by group and item: the cells that a bootstrap of items resamples.

use crate::error::Error;

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
        for (name, labels, bound) in [
            ("group", self.groups, self.n_groups),
            ("item", self.items, self.n_items),
        ] {
            if labels.len() != rows {
                let given = labels.len();
                return Err(Error::argument(format!(
                    "{given} {name} labels for {rows} rows: give one per row"
                )));
            }
            let wrong = |label: u32| label as usize >= bound && label != NO_GROUP;
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
pub struct Cells {
    starts: Vec<usize>,
    items: Vec<u32>,
    sums: Vec<f64>,
    counts: Vec<f64>,
    /// Number of items that could be drawn.
    pub n_items: usize,
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

impl Cells {
    /// Gathers one metric's scores. NaN scores are no scores.
    ///
    /// # Errors
    /// The labels do not fit the scores.
    pub fn new(scores: &[f64], labels: &Labels<'_>) -> Result<Self, Error> {
        labels.check(scores.len())?;
        if let Some(cells) = Self::in_order(scores, labels) {
            return Ok(cells);
        }
        let (mut rows, row_starts) = labels.sorted_rows();
        let mut cells = Self {
            starts: Vec::with_capacity(labels.n_groups + 1),
            items: Vec::with_capacity(scores.len()),
            sums: Vec::with_capacity(scores.len()),
            counts: Vec::with_capacity(scores.len()),
            n_items: labels.n_items,
        };
        cells.starts.push(0);
        for group in 0..labels.n_groups {
            let rows = &mut rows[row_starts[group]..row_starts[group + 1]];
            for cell in rows.chunk_by_mut(|&a, &b| labels.items[a] == labels.items[b]) {
                // Sorted, so that the sum does not depend on the order of the rows.
                cell.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
                cells.push(labels.items[cell[0]], cell.iter().map(|&row| scores[row]));
            }
            cells.starts.push(cells.items.len());
        }
        Ok(cells)
    }

    /// The cells of rows that come group by group and item by item, each a cell of its own.
    fn in_order(scores: &[f64], labels: &Labels<'_>) -> Option<Self> {
        let key = |row: usize| (labels.groups[row], labels.items[row]);
        let mut sound = true;
        for row in 1..scores.len() {
            sound &= key(row - 1) < key(row);
        }
        let beyond = labels.groups.last().is_some_and(|&group| group == NO_GROUP);
        if !sound || beyond || scores.iter().any(|score| score.is_nan()) {
            return None;
        }
        let starts = (0..=labels.n_groups)
            .map(|group| labels.groups.partition_point(|&of| (of as usize) < group))
            .collect();
        Some(Self {
            starts,
            items: labels.items.to_vec(),
            sums: scores.to_vec(),
            counts: vec![1.0; scores.len()],
            n_items: labels.n_items,
        })
    }

    fn push(&mut self, item: u32, scores: impl Iterator<Item = f64>) {
        let (mut sum, mut count) = (0.0, 0.0);
        for score in scores.filter(|score| !score.is_nan()) {
            sum += score;
            count += 1.0;
        }
        if count > 0.0 {
            self.items.push(item);
            self.sums.push(sum);
            self.counts.push(count);
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
            counts: &self.counts[range],
        }
    }
}

impl Group<'_> {
    /// Number of scores.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// Mean of the scores; NaN where there are none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sums.iter().sum::<f64>() / self.total()
    }

    /// The mean with each item left out in turn.
    pub fn without_each(&self) -> impl Iterator<Item = f64> + '_ {
        let (sum, total) = (self.sums.iter().sum::<f64>(), self.total());
        self.sums
            .iter()
            .zip(self.counts)
            .map(move |(&s, &n)| (sum - s) / (total - n))
    }
}
