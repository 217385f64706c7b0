//! The delta method: standard errors of group means under resampling of respondents, from the
//! metrics' derivatives, without replicates.
//!
//! The derivative of a metric with respect to the human share of an option is the influence on the
//! score of one more respondent who chose that option. The variance of this influence over
//! respondents, divided by their number, is the variance of the score (van der Vaart, Asymptotic
//! Statistics, 1998, chapter 3).

use crate::error::{Error, Side};
use crate::input::{Batch, Labels};
use crate::metric::{Metric, derivatives};

/// Computes the standard error of every group's mean by every metric.
///
/// Returns one number per group for each metric, one metric after another; NaN if a metric has no
/// derivative. `respondents` holds the effective number of respondents of each row.
///
/// Rows of a group with the same item and human distribution have the same respondents; other rows
/// are independent.
///
/// # Errors
/// The first row that is not a pair of response distributions, or labels and sizes that do not fit.
pub fn delta_errors(
    batch: &Batch<'_>,
    metrics: &[Metric],
    labels: &Labels<'_>,
    respondents: &[f64],
) -> Result<Vec<f64>, Error> {
    labels.check(batch.rows())?;
    if respondents.len() != batch.rows() {
        return Err(Error::argument(format!(
            "{} numbers of respondents for {} rows: give one per row",
            respondents.len(),
            batch.rows()
        )));
    }
    batch.check_nulls()?;
    let (rows, starts) = labels.sorted_rows();
    let mut out = Vec::with_capacity(metrics.len() * labels.n_groups);
    for &metric in metrics {
        for group in starts.windows(2) {
            out.push(group_error(
                batch,
                metric,
                labels,
                respondents,
                &rows[group[0]..group[1]],
            )?);
        }
    }
    Ok(out)
}

/// Computes the standard error of one group's mean from its rows, sorted by item.
#[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 rows")]
fn group_error(
    batch: &Batch<'_>,
    metric: Metric,
    labels: &Labels<'_>,
    respondents: &[f64],
    rows: &[usize],
) -> Result<f64, Error> {
    let has_value = |row: usize| metric.properties().on_nominal || !batch.scale.is_nominal(row);
    let rows: Vec<usize> = rows.iter().copied().filter(|&row| has_value(row)).collect();
    let mut variance = 0.0;
    for cell in rows.chunk_by(|&a, &b| labels.items[a] == labels.items[b]) {
        let mut samples: Vec<(Vec<f64>, f64, Vec<f64>)> = Vec::new();
        for &row in cell {
            batch.check_pair(row)?;
            let in_model = Error::at(Side::Model, row);
            let model = batch.model.row(row).map_err(&in_model)?;
            let human = batch.human.row(row).map_err(Error::at(Side::Human, row))?;
            let scale = batch.scale.of_row(row, model.len()).map_err(in_model)?;
            let slope = derivatives(metric, &model, &human, &scale);
            let sample = samples
                .iter_mut()
                .find(|(shares, n, _)| *shares == *human && *n == respondents[row]);
            match sample {
                Some((_, _, sum)) => sum.iter_mut().zip(&slope).for_each(|(sum, s)| *sum += s),
                None => samples.push((human.to_vec(), respondents[row], slope)),
            }
        }
        for (shares, n, slope) in &samples {
            variance += spread(shares, slope) / n;
        }
    }
    Ok(variance.sqrt() / rows.len() as f64)
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
