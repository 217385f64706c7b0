//! Mean scores of every group against every other, over the items that two groups share. The pairs
//! are not stored.

use super::lanes::{LANES, Lanes, evaluate};
use super::table::Metric;
use crate::error::{Error, Problem, Side};
use crate::input::{Column, Labels, Scale};
use crate::machine::{Executor, Isa, Watch, filled};

/// Units of work of one pair.
const COST: usize = 16;

/// Distributions with the group and the item of each.
#[derive(Clone, Debug)]
pub struct LabelledRows<'a> {
    /// One distribution per row.
    pub rows: Column<'a>,
    /// Group and item of each row.
    pub labels: Labels<'a>,
}

/// Computes the mean score of every group of `model` against every group of `human`.
///
/// Returns the scores against all human groups, one model group after another; NaN if two groups
/// share no item. The scales are those of the model's rows.
///
/// # Errors
/// The first row that is not a response distribution, rows of one item that differ in length,
/// labels that do not fit, or [`Error::Interrupted`].
pub fn pairwise_means(
    model: &LabelledRows<'_>,
    human: &LabelledRows<'_>,
    scale: &Scale<'_>,
    metric: Metric,
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    model.labels.check(model.rows.rows())?;
    human.labels.check(human.rows.rows())?;
    if model.labels.n_items != human.labels.n_items {
        return Err(Error::argument(
            "the two sides have different numbers of items: number the items alike",
        ));
    }
    let width = human.labels.n_groups;
    let mut out = filled(0.0, &[model.labels.n_groups, width])?;
    let opposite = human.in_lanes(&executor.watch())?;
    let (rows, starts) = model.labels.sorted_rows();
    let isa = executor.isa;
    executor.run(
        out.chunks_mut(width.max(1)).enumerate(),
        |(group, means), watch| {
            let mut counts = vec![0.0; means.len()];
            for &row in &rows[starts[group]..starts[group + 1]] {
                let opposite = &opposite[model.labels.items[row] as usize];
                add_row(isa, model, scale, metric, row, opposite, means, &mut counts)?;
                watch.after(means.len() * COST)?;
            }
            for (mean, count) in means.iter_mut().zip(&counts) {
                *mean /= count;
            }
            Ok(())
        },
    )?;
    Ok(out)
}

/// Up to [`LANES`] rows of one item, side by side.
struct RowsInLanes {
    values: Vec<Lanes>,
    groups: Vec<u32>,
}

impl LabelledRows<'_> {
    /// Puts the rows of every item into lanes.
    fn in_lanes(&self, watch: &Watch<'_>) -> Result<Vec<Vec<RowsInLanes>>, Error> {
        let mut rows_of: Vec<Vec<usize>> = vec![Vec::new(); self.labels.n_items];
        for (row, &item) in self.labels.items.iter().enumerate() {
            rows_of[item as usize].push(row);
        }
        rows_of
            .iter()
            .map(|rows| {
                watch.after(rows.len() * COST)?;
                rows.chunks(LANES)
                    .map(|rows| self.side_by_side(rows))
                    .collect()
            })
            .collect()
    }

    fn side_by_side(&self, rows: &[usize]) -> Result<RowsInLanes, Error> {
        let mut out = RowsInLanes {
            values: Vec::new(),
            groups: rows.iter().map(|&row| self.labels.groups[row]).collect(),
        };
        for (lane, &row) in rows.iter().enumerate() {
            let at = Error::at(Side::Human, row);
            let values = self.rows.distribution(row).map_err(&at)?;
            if lane == 0 {
                out.values.resize(values.len(), [0.0; LANES]);
            } else if values.len() != out.values.len() {
                return Err(at(Problem::Length(values.len(), out.values.len())));
            }
            for (out, &value) in out.values.iter_mut().zip(values.iter()) {
                out[lane] = value;
            }
        }
        Ok(out)
    }
}

/// Adds the scores of one model row against all human rows of its item to the sums of their
/// groups.
#[allow(clippy::too_many_arguments, reason = "one call, from the loop above")]
fn add_row(
    isa: Isa,
    model: &LabelledRows<'_>,
    scale: &Scale<'_>,
    metric: Metric,
    row: usize,
    opposite: &[RowsInLanes],
    sums: &mut [f64],
    counts: &mut [f64],
) -> Result<(), Error> {
    let at = Error::at(Side::Model, row);
    let values = model.rows.distribution(row).map_err(&at)?;
    let scale = scale.of_row(row, values.len()).map_err(&at)?;
    let lanes: Vec<Lanes> = values.iter().map(|&value| [value; LANES]).collect();
    let mut scores = [[0.0; LANES]];
    for human in opposite {
        if human.values.len() != lanes.len() {
            return Err(at(Problem::Length(lanes.len(), human.values.len())));
        }
        evaluate(isa, &[metric], &lanes, &human.values, &scale, &mut scores);
        for (&group, &score) in human.groups.iter().zip(&scores[0]) {
            if !score.is_nan() {
                sums[group as usize] += score;
                counts[group as usize] += 1.0;
            }
        }
    }
    Ok(())
}
