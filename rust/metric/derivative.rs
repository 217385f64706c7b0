//! Derivatives of the metrics with respect to the human shares, for the delta method.

use std::f64::consts::LOG2_E;

use super::table::Metric;
use super::terms::{ROOM, divergence_terms};
use crate::input::RowScale;

/// Computes the derivatives of a metric with respect to each human share, up to a constant that
/// is the same for all shares; NaN if the metric has no derivative.
#[allow(
    clippy::match_wildcard_for_single_variants,
    reason = "a new metric has no derivative until someone derives it"
)]
pub(crate) fn derivatives(
    metric: Metric,
    model: &[f64],
    human: &[f64],
    scale: &RowScale<'_>,
) -> Vec<f64> {
    let pairs = || model.iter().zip(human);
    let nominal = scale.nominal;
    let variation = || -> Vec<f64> { pairs().map(|(p, q)| 0.5 * sign(q - p)).collect() };
    match metric {
        Metric::Alignment if nominal => scaled(variation(), -1.0),
        Metric::Alignment => scaled(along_scale(model, human, scale, sign), -1.0 / scale.span),
        Metric::Wasserstein if nominal => variation(),
        Metric::Wasserstein => along_scale(model, human, scale, sign),
        Metric::TotalVariation => variation(),
        Metric::RankedProbabilityScore if nominal => pairs().map(|(p, q)| q - p).collect(),
        Metric::RankedProbabilityScore => scaled(
            along_scale(model, human, scale, |gap| 2.0 * gap),
            1.0 / scale.span,
        ),
        Metric::MeanDifference => (0..model.len()).map(|k| -scale.position(k)).collect(),
        Metric::JsDivergence => shannon(model, human),
        Metric::JsDistance => {
            let slope = shannon(model, human);
            let (mut terms, mut other) = (vec![0.0; model.len()], vec![0.0; model.len()]);
            let mut room = vec![0.0; ROOM * model.len()];
            divergence_terms::<false>((model, human), &mut room, &mut terms, &mut other, &mut []);
            let distance = terms.iter().sum::<f64>().sqrt();
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
        _ => vec![f64::NAN; model.len()],
    }
}

/// Computes the derivatives of the Jensen–Shannon divergence.
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

/// Computes the derivatives of a sum over steps of `width · φ(G − F)` from the `slope` of φ. A
/// share affects every step from its option on.
fn along_scale(
    model: &[f64],
    human: &[f64],
    scale: &RowScale<'_>,
    slope: impl Fn(f64) -> f64,
) -> Vec<f64> {
    let mut gap = 0.0;
    let mut steps: Vec<f64> = Vec::with_capacity(model.len());
    for k in 0..model.len() - 1 {
        gap += human[k] - model[k];
        steps.push(scale.width(k) * slope(gap));
    }
    let mut out = vec![0.0; model.len()];
    for k in (0..steps.len()).rev() {
        out[k] = out[k + 1] + steps[k];
    }
    out
}

/// Multiplies all values by a factor.
fn scaled(mut values: Vec<f64>, factor: f64) -> Vec<f64> {
    for value in &mut values {
        *value *= factor;
    }
    values
}

/// Returns −1, 0 or 1: at a kink the slopes on both sides cancel.
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}
