//! Kernel: pairs side by side, in *lanes*. `p[k][l]` is option `k` of the distribution in lane
//! `l`, and all lanes have the same options.
//!
//! Lanes are replicates of a bootstrap, or rows of one item. Within a lane every sum runs over
//! the options in their order, so a result depends on its own pair and on nothing else.

use super::sums::{Needs, PairSums};
use super::table::Metric;
use super::terms::{ROOM, divergence_terms, entropy_term, hellinger_term};
use crate::input::RowScale;
use crate::machine::multiversion;

/// Number of pairs side by side.
pub(crate) const LANES: usize = 32;

/// One number for each of the pairs.
pub(crate) type Lanes = [f64; LANES];

const ZERO: Lanes = [0.0; LANES];

multiversion! {
    /// Computes some metrics of all lanes; `out` has one array for each metric.
    pub(crate) fn evaluate(
        metrics: &[Metric],
        model: &[Lanes],
        human: &[Lanes],
        scale: &RowScale<'_>,
        out: &mut [Lanes],
    ) = evaluate_body;
}

#[inline(always)]
fn evaluate_body(
    metrics: &[Metric],
    model: &[Lanes],
    human: &[Lanes],
    scale: &RowScale<'_>,
    out: &mut [Lanes],
) {
    let needs = Metric::needs_of(metrics);
    let mut sums = PairSums {
        span: [scale.span; LANES],
        nominal: [scale.nominal; LANES],
        ..PairSums::ZERO
    };
    let (area, squares) = (needs.has(Needs::AREA), needs.has(Needs::SQUARES));
    if area && !scale.nominal {
        sums.area = along_scale(model, human, scale, f64::abs);
    }
    if squares && !scale.nominal {
        sums.squared_area = along_scale(model, human, scale, |gap| gap * gap);
    }
    if needs.has(Needs::VARIATION) || area && scale.nominal {
        sums.variation = over_options(model, human, |p, q| (p - q).abs());
    }
    if squares && scale.nominal {
        sums.squared_variation = over_options(model, human, |p, q| (p - q) * (p - q));
    }
    if needs.has(Needs::DIVERGENCES) {
        (sums.shannon, sums.leibler) = divergences(model, human);
    }
    if needs.has(Needs::HELLINGER) {
        sums.hellinger = over_options(model, human, hellinger_term);
    }
    if needs.has(Needs::ENTROPY) {
        sums.entropy = over_options(model, human, entropy_term);
    }
    if needs.has(Needs::SHIFT) {
        sums.shift = shift(model, human, scale);
    }
    if needs.has(Needs::MODES) {
        sums.mode = shared_modes(model, human);
    }
    for (&metric, out) in metrics.iter().zip(out) {
        metric.fill(&sums, out);
    }
}

/// Adds up a term over the options.
#[inline(always)]
fn over_options(model: &[Lanes], human: &[Lanes], term: impl Fn(f64, f64) -> f64) -> Lanes {
    let mut sum = ZERO;
    for (p, q) in model.iter().zip(human) {
        for l in 0..LANES {
            sum[l] += term(p[l], q[l]);
        }
    }
    sum
}

/// Computes Σ φ(F − G) · Δx over the steps of the scale, F and G the cumulative shares.
#[inline(always)]
fn along_scale(
    model: &[Lanes],
    human: &[Lanes],
    scale: &RowScale<'_>,
    function: impl Fn(f64) -> f64,
) -> Lanes {
    match &scale.positions {
        None => over_steps(model, human, |_| 1.0, function),
        Some(x) => over_steps(model, human, |k| x[k + 1] - x[k], function),
    }
}

/// Computes the same sum from the width of each step.
#[inline(always)]
fn over_steps(
    model: &[Lanes],
    human: &[Lanes],
    width: impl Fn(usize) -> f64,
    function: impl Fn(f64) -> f64,
) -> Lanes {
    let (mut model_sum, mut human_sum, mut sum) = (ZERO, ZERO, ZERO);
    let steps = model.len() - 1;
    for (k, (p, q)) in model[..steps].iter().zip(human).enumerate() {
        let width = width(k);
        for l in 0..LANES {
            model_sum[l] += p[l];
            human_sum[l] += q[l];
            sum[l] += function(model_sum[l] - human_sum[l]) * width;
        }
    }
    sum
}

/// Computes Σ (p − q) x.
#[inline(always)]
fn shift(model: &[Lanes], human: &[Lanes], scale: &RowScale<'_>) -> Lanes {
    let mut sum = ZERO;
    for (k, (p, q)) in model.iter().zip(human).enumerate() {
        let position = scale.position(k);
        for l in 0..LANES {
            sum[l] += (p[l] - q[l]) * position;
        }
    }
    sum
}

/// Returns 1 if both sides share a most likely option, else 0.
#[inline(always)]
fn shared_modes(model: &[Lanes], human: &[Lanes]) -> Lanes {
    let (mut p_mode, mut q_mode, mut shared) = (ZERO, ZERO, ZERO);
    for (p, q) in model.iter().zip(human) {
        for l in 0..LANES {
            p_mode[l] = p_mode[l].max(p[l]);
            q_mode[l] = q_mode[l].max(q[l]);
        }
    }
    for (p, q) in model.iter().zip(human) {
        for l in 0..LANES {
            let both = p[l] == p_mode[l] && q[l] == q_mode[l];
            shared[l] = if both { 1.0 } else { shared[l] };
        }
    }
    shared
}

/// Computes the divergences of Jensen–Shannon and of Kullback–Leibler in bits, from the same two
/// logarithms.
#[inline(always)]
fn divergences(model: &[Lanes], human: &[Lanes]) -> (Lanes, Lanes) {
    let (mut shannon, mut leibler) = (ZERO, ZERO);
    let (mut js, mut kl, mut room) = (ZERO, ZERO, [0.0; ROOM * LANES]);
    for (p, q) in model.iter().zip(human) {
        divergence_terms::<false>((p, q), &mut room, &mut js, &mut kl, &mut []);
        for l in 0..LANES {
            shannon[l] += js[l];
            leibler[l] += kl[l];
        }
    }
    (shannon, leibler)
}
