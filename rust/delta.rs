//! The delta method: standard errors of group means under resampling of respondents, from the
//! metrics' derivatives instead of replicates.
//!
//! A metric's derivative with respect to the human share of option k says what one respondent
//! more on that option changes; the variance of that over respondents, divided by their number,
//! is the variance of the score (van der Vaart, Asymptotic Statistics, 1998, chapter 3).

use std::f64::consts::LOG2_E;

use crate::batch::Batch;
use crate::error::{Error, Side};
use crate::group::Labels;
use crate::metric::Metric;

/// Standard errors: one run of groups per metric; NaN where a metric has no derivative.
///
/// Rows of a group with the same item and human distribution share their respondents; others
/// are independent.
///
/// # Errors
/// The first row that is no pair of response distributions, or labels and sizes that do not fit.
pub fn std_errors(
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
            let at = |side| move |problem| Error::Row { side, row, problem };
            let model = batch.model.row(row).map_err(at(Side::Model))?;
            let human = batch.human.row(row).map_err(at(Side::Human))?;
            let positions = batch
                .scale
                .positions
                .of_row(row, model.len())
                .unwrap_or_default();
            let nominal = batch.scale.is_nominal(row);
            let slope = derivative(metric, &model, &human, &positions, nominal);
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

/// The variance of `values` under `shares`.
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

/// Derivatives of the metric with respect to each human share, up to a common constant.
pub(crate) fn derivative(
    metric: Metric,
    model: &[f64],
    human: &[f64],
    positions: &[f64],
    nominal: bool,
) -> Vec<f64> {
    let pairs = || model.iter().zip(human);
    let span = || positions[positions.len() - 1] - positions[0];
    let variation = || -> Vec<f64> { pairs().map(|(p, q)| 0.5 * sign(q - p)).collect() };
    match metric {
        Metric::Alignment if nominal => scaled(variation(), -1.0),
        Metric::Alignment => scaled(along_scale(model, human, positions, sign), -1.0 / span()),
        Metric::Wasserstein if nominal => variation(),
        Metric::Wasserstein => along_scale(model, human, positions, sign),
        Metric::TotalVariation => variation(),
        Metric::RankedProbabilityScore if nominal => pairs().map(|(p, q)| q - p).collect(),
        Metric::RankedProbabilityScore => scaled(
            along_scale(model, human, positions, |gap| 2.0 * gap),
            1.0 / span(),
        ),
        Metric::MeanDifference => positions.iter().map(|x| -x).collect(),
        Metric::JsDivergence => shannon(model, human),
        Metric::JsDistance => {
            let slope = shannon(model, human);
            let divergence = pairs().map(|(&p, &q)| crate::terms::divergence_terms(p, q).0);
            let distance = divergence.sum::<f64>().sqrt();
            scaled(slope, 0.5 / distance)
        }
        Metric::KlDivergence => {
            let slope = |(p, q): (&f64, &f64)| if *p > 0.0 { -p / q * LOG2_E } else { 0.0 };
            pairs().map(slope).collect()
        }
        Metric::Hellinger => {
            let overlap: f64 = pairs().map(|(p, q)| (p * q).sqrt()).sum();
            let distance = (1.0 - overlap).max(0.0).sqrt();
            let slope = |(p, q): (&f64, &f64)| if *q > 0.0 { (p / q).sqrt() } else { 0.0 };
            scaled(pairs().map(slope).collect(), -0.25 / distance)
        }
        Metric::EntropyDifference => {
            let slope = |&q: &f64| if q > 0.0 { libm::log2(q) } else { 0.0 };
            human.iter().map(slope).collect()
        }
        Metric::ModeMatch => vec![f64::NAN; model.len()],
    }
}

fn shannon(model: &[f64], human: &[f64]) -> Vec<f64> {
    let slope = |(p, q): (&f64, &f64)| {
        if *q > 0.0 {
            0.5 * libm::log2(2.0 * q / (p + q))
        } else {
            0.0
        }
    };
    model.iter().zip(human).map(slope).collect()
}

/// For a sum over steps of `width · φ(G − F)`: a share moves every step from its option on.
fn along_scale(
    model: &[f64],
    human: &[f64],
    positions: &[f64],
    slope: impl Fn(f64) -> f64,
) -> Vec<f64> {
    let mut gap = 0.0;
    let mut steps: Vec<f64> = Vec::with_capacity(model.len());
    for (k, width) in positions.windows(2).enumerate() {
        gap += human[k] - model[k];
        steps.push((width[1] - width[0]) * slope(gap));
    }
    let mut out = vec![0.0; model.len()];
    for k in (0..steps.len()).rev() {
        out[k] = out[k + 1] + steps[k];
    }
    out
}

fn scaled(mut values: Vec<f64>, factor: f64) -> Vec<f64> {
    for value in &mut values {
        *value *= factor;
    }
    values
}

/// −1, 0 or 1: at a kink the slopes on either side cancel.
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}
