//! Group and item of each row.

use crate::error::Error;

/// The label of rows that belong to no group; they are skipped.
pub(crate) const NO_GROUP: u32 = u32::MAX;

/// Group and item of each row.
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
    /// Checks that every row has both labels, and that all are in range.
    ///
    /// # Errors
    /// A label is out of range, or the number of labels is wrong.
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
            // Without an early exit the compiler vectorises the first pass.
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

    /// Sorts rows by group, and within a group by item. Returns them with `starts`: group `g` is
    /// `starts[g]..starts[g + 1]`.
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
