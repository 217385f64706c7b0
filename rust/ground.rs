//! How far apart the options of a row lie, in lanes.

use crate::batch::{Kinds, Positions, Scale};
use crate::error::Problem;
use crate::lanes::{LANES, Lane};

/// The ground distance of up to [`LANES`] rows.
#[derive(Clone, Debug)]
pub struct Ground {
    /// `widths[k]`: the distance from option `k` to the next, 0 from the last option on; empty
    /// where options lie at 1, 2, …, K.
    pub widths: Vec<Lane>,
    /// The position of each option, 0 beyond the last; empty where they are 1, 2, …, K.
    pub positions: Vec<Lane>,
    /// The distance from the first option to the last.
    pub span: Lane,
    /// Whether the options have no order.
    pub nominal: [bool; LANES],
    ordinal_lanes: bool,
    nominal_lanes: bool,
    lengths: [usize; LANES],
    settled: bool,
}

impl Default for Ground {
    fn default() -> Self {
        Self {
            widths: Vec::new(),
            positions: Vec::new(),
            span: [1.0; LANES],
            nominal: [false; LANES],
            ordinal_lanes: true,
            nominal_lanes: false,
            lengths: [0; LANES],
            settled: false,
        }
    }
}

impl Ground {
    pub(crate) fn has_nominal(&self) -> bool {
        self.nominal_lanes
    }

    pub(crate) fn has_ordinal(&self) -> bool {
        self.ordinal_lanes
    }

    /// The ground distance of one row, the same in every lane.
    ///
    /// # Errors
    /// The row's positions are not one per option or do not increase.
    pub fn of_row(scale: &Scale, row: usize, options: usize) -> Result<Self, Problem> {
        let mut ground = Self::default();
        ground.set_rows(scale, &[row; LANES], &[options; LANES])?;
        Ok(ground)
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "a row has far fewer than 2^52 options"
    )]
    fn set_rows(
        &mut self,
        scale: &Scale,
        rows: &[usize],
        lengths: &[usize; LANES],
    ) -> Result<(), Problem> {
        self.set_kinds(&scale.kinds, rows);
        self.settled = false;
        if matches!(scale.positions, Positions::Equal) {
            self.widths.clear();
            self.positions.clear();
            for (span, &length) in self.span.iter_mut().zip(lengths) {
                *span = length as f64 - 1.0;
            }
        } else {
            let longest = lengths.iter().copied().max().unwrap_or(0);
            self.widths.resize(longest, [0.0; LANES]);
            self.positions.resize(longest, [0.0; LANES]);
            self.set_given(&scale.positions, rows, lengths)?;
        }
        self.lengths = *lengths;
        self.settled = true;
        Ok(())
    }

    fn set_kinds(&mut self, kinds: &Kinds, rows: &[usize]) {
        self.nominal = [matches!(kinds, Kinds::Nominal); LANES];
        if let Kinds::Rows(flags) = kinds {
            for (nominal, &row) in self.nominal.iter_mut().zip(rows) {
                *nominal = flags[row];
            }
        }
        self.nominal_lanes = self.nominal[..rows.len()].contains(&true);
        self.ordinal_lanes = self.nominal[..rows.len()].contains(&false);
    }

    fn set_given(
        &mut self,
        positions: &Positions,
        rows: &[usize],
        lengths: &[usize; LANES],
    ) -> Result<(), Problem> {
        self.widths.fill([0.0; LANES]);
        self.positions.fill([0.0; LANES]);
        self.span = [1.0; LANES];
        for (lane, (&row, &length)) in rows.iter().zip(lengths).enumerate() {
            if self.nominal[lane] {
                continue;
            }
            let given = positions.of_row(row, length)?;
            for (k, &x) in given.iter().enumerate() {
                self.positions[k][lane] = x;
            }
            for (k, pair) in given.windows(2).enumerate() {
                self.widths[k][lane] = pair[1] - pair[0];
            }
            self.span[lane] = given[length - 1] - given[0];
        }
        Ok(())
    }
}
