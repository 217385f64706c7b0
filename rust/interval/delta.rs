//! The delta method: standard errors of group means under resampling of respondents, from the
//! metrics' derivatives, without replicates.
//!
//! The derivative of a metric with respect to the human share of an option is the influence on the
//! score of one more respondent who chose that option. The variance of this influence over
//! respondents, divided by their number, is the variance of the score (van der Vaart, Asymptotic
//! Statistics, 1998, chapter 3).

use crate::error::{Error, Side};
use crate::input::{Batch, Labels};
use crate::machine::{Executor, Watch};
use crate::metric::{Metric, derivatives};
use crate::resample::check_sizes;

/// Rows of one task, and a few more where a cell goes on.
const TASK_ROWS: usize = 1 << 12;

/// Below this many rows a second thread costs more than it saves.
const SHARE_FROM: usize = 1 << 13;

/// Units of work of one row.
const COST: usize = 64;

/// Computes the standard error of every group's mean by every metric.
///
/// Returns one number per group for each metric, one metric after another; NaN if a metric has no
/// derivative. `respondents` holds the effective number of respondents of each row.
///
/// Rows of a group with the same item and human distribution have the same respondents; other rows
/// are independent.
///
/// # Errors
/// The first row that is not a pair of response distributions, labels and sizes that do not fit,
/// or [`Error::Interrupted`].
pub fn delta_errors(
    batch: &Batch<'_>,
    metrics: &[Metric],
    labels: &Labels<'_>,
    respondents: &[f64],
    executor: Executor<'_>,
) -> Result<Vec<f64>, Error> {
    labels.check(batch.rows())?;
    check_sizes("respondents", respondents, batch.rows())?;
    batch.check_nulls()?;
    let (rows, starts) = labels.sorted_rows();
    let mut out = Vec::with_capacity(metrics.len() * labels.n_groups);
    for &metric in metrics {
        for group in starts.windows(2) {
            let rows = &rows[group[0]..group[1]];
            let scores = Scores {
                batch,
                metric,
                items: labels.items,
                respondents,
            };
            out.push(scores.error(rows, executor)?);
        }
    }
    Ok(out)
}

/// The scores by one metric, and the people behind them.
struct Scores<'a> {
    batch: &'a Batch<'a>,
    metric: Metric,
    items: &'a [u32],
    respondents: &'a [f64],
}

impl Scores<'_> {
    /// Computes the standard error of one group's mean from its rows, sorted by item.
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 rows")]
    fn error(&self, rows: &[usize], executor: Executor<'_>) -> Result<f64, Error> {
        let anywhere = self.metric.properties().on_nominal;
        let has_value = |row: &usize| anywhere || !self.batch.scale.is_nominal(*row);
        let rows: Vec<usize> = rows.iter().copied().filter(has_value).collect();
        let executor = executor.for_work(rows.len(), SHARE_FROM);
        let tasks: Vec<&[usize]> = self.tasks(&rows).collect();
        let mut variances = vec![Vec::new(); tasks.len()];
        executor.run(
            variances.iter_mut().zip(tasks),
            |(variances, rows), watch| {
                for cell in rows.chunk_by(|&a, &b| self.items[a] == self.items[b]) {
                    self.add_variances(cell, variances, watch)?;
                }
                Ok(())
            },
        )?;
        let variance: f64 = variances.iter().flatten().sum();
        Ok(variance.sqrt() / rows.len() as f64)
    }

    /// Divides rows into tasks; the rows of an item stay together.
    fn tasks<'r>(&self, mut rows: &'r [usize]) -> impl Iterator<Item = &'r [usize]> {
        std::iter::from_fn(move || {
            let last = *rows.get(TASK_ROWS.min(rows.len()).checked_sub(1)?)?;
            let same = |&&row: &&usize| self.items[row] == self.items[last];
            let end = TASK_ROWS.min(rows.len());
            let end = end + rows[end..].iter().take_while(same).count();
            rows.split_off(..end)
        })
    }

    /// Adds the variance of the sum of an item's scores, sample by sample.
    fn add_variances(
        &self,
        cell: &[usize],
        out: &mut Vec<f64>,
        watch: &Watch<'_>,
    ) -> Result<(), Error> {
        let mut samples: Vec<(Vec<f64>, f64, Vec<f64>)> = Vec::new();
        for &row in cell {
            self.batch.check_pair(row)?;
            let in_model = Error::at(Side::Model, row);
            let model = self.batch.model.row(row).map_err(&in_model)?;
            let human = self
                .batch
                .human
                .row(row)
                .map_err(Error::at(Side::Human, row))?;
            let scale = &self.batch.scale;
            let scale = scale.of_row(row, model.len()).map_err(in_model)?;
            let slope = derivatives(self.metric, &model, &human, &scale);
            let n = self.respondents[row];
            let known = samples
                .iter_mut()
                .find(|(shares, size, _)| *shares == *human && *size == n);
            match known {
                Some((_, _, sum)) => sum.iter_mut().zip(&slope).for_each(|(sum, s)| *sum += s),
                None => samples.push((human.to_vec(), n, slope)),
            }
            watch.after(COST * samples.len())?;
        }
        let variance = |(shares, n, slope): &(Vec<f64>, f64, Vec<f64>)| spread(shares, slope) / n;
        out.extend(samples.iter().map(variance));
        Ok(())
    }
}

/// Computes the variance of `values` under `shares`.
fn spread(shares: &[f64], values: &[f64]) -> f64 {
    let mean: f64 = shares.iter().zip(values).map(|(q, v)| q * v).sum();
    let square = |(q, v): (&f64, &f64)| {
        if *q > 0.0 {
            q * (v - mean) * (v - mean)
        } else {
            0.0
        }
    };
    shares.iter().zip(values).map(square).sum()
}
