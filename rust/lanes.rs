//! Distributions in *lanes*: `p[k][l]` is option `k` of the distribution in lane `l`.
//!
//! Lanes are replicates of a bootstrap or groups of a matrix; within a lane every sum runs over
//! the options in their order, so a result depends on its own pair and on nothing else. Shorter
//! distributions are padded with zeros.

use crate::ground::Ground;
use crate::isa::multiversion;
use crate::metric::Metric;
use crate::sums::{Sums, Wanted};
use crate::terms::{divergence_terms, entropy_term, hellinger_term};

/// How many distributions are worked on at once.
pub const LANES: usize = 32;

/// One number for each of the distributions that are worked on at once.
pub type Lane = [f64; LANES];

const ZERO: Lane = [0.0; LANES];

multiversion! {
    /// Computes every metric asked for, one lane array each, into `out`.
    pub fn evaluate(
        metrics: &[Metric],
        model: &[Lane],
        human: &[Lane],
        ground: &Ground,
        out: &mut [Lane],
    ) = evaluate_lanes;
}

#[inline(always)]
fn evaluate_lanes(
    metrics: &[Metric],
    model: &[Lane],
    human: &[Lane],
    ground: &Ground,
    out: &mut [Lane],
) {
    let wanted = Wanted::by(metrics);
    let mut sums = Sums {
        span: ground.span,
        nominal: ground.nominal,
        ..Sums::ZERO
    };
    let (ordinal, nominal) = (ground.has_ordinal(), ground.has_nominal());
    if wanted.area && ordinal {
        sums.area = along_scale(model, human, ground, f64::abs);
    }
    if wanted.squares && ordinal {
        sums.squared_area = along_scale(model, human, ground, |gap| gap * gap);
    }
    if wanted.variation || wanted.area && nominal {
        sums.variation = over_options(model, human, |p, q| (p - q).abs());
    }
    if wanted.squares && nominal {
        sums.squared_variation = over_options(model, human, |p, q| (p - q) * (p - q));
    }
    if wanted.divergences {
        (sums.shannon, sums.leibler) = divergences(model, human);
    }
    if wanted.hellinger {
        sums.hellinger = over_options(model, human, hellinger_term);
    }
    if wanted.entropy {
        sums.entropy = over_options(model, human, entropy_term);
    }
    if wanted.shift {
        sums.shift = shift(model, human, ground);
    }
    if wanted.modes {
        sums.mode = shared_modes(model, human);
    }
    for (&metric, out) in metrics.iter().zip(out) {
        metric.fill(&sums, out);
    }
}

/// Σ over options of a term.
#[inline(always)]
fn over_options(model: &[Lane], human: &[Lane], term: impl Fn(f64, f64) -> f64) -> Lane {
    let mut sum = ZERO;
    for (p, q) in model.iter().zip(human) {
        for l in 0..LANES {
            sum[l] += term(p[l], q[l]);
        }
    }
    sum
}

/// Σ φ(F − G) · Δx over the steps of the scale, F and G the cumulative shares.
#[inline(always)]
#[allow(
    clippy::cast_precision_loss,
    reason = "a row has far fewer than 2^52 options"
)]
fn along_scale(
    model: &[Lane],
    human: &[Lane],
    ground: &Ground,
    function: impl Fn(f64) -> f64,
) -> Lane {
    let (mut model_sum, mut human_sum, mut sum) = (ZERO, ZERO, ZERO);
    if ground.widths.is_empty() {
        for (k, (p, q)) in model.iter().zip(human).enumerate() {
            let k = k as f64;
            for l in 0..LANES {
                model_sum[l] += p[l];
                human_sum[l] += q[l];
                let term = function(model_sum[l] - human_sum[l]);
                sum[l] += if k < ground.span[l] { term } else { 0.0 };
            }
        }
    } else {
        for ((p, q), width) in model.iter().zip(human).zip(&ground.widths) {
            for l in 0..LANES {
                model_sum[l] += p[l];
                human_sum[l] += q[l];
                sum[l] += function(model_sum[l] - human_sum[l]) * width[l];
            }
        }
    }
    sum
}

/// Σ (p − q) x.
#[inline(always)]
#[allow(
    clippy::cast_precision_loss,
    reason = "a row has far fewer than 2^52 options"
)]
fn shift(model: &[Lane], human: &[Lane], ground: &Ground) -> Lane {
    let mut sum = ZERO;
    for (k, (p, q)) in model.iter().zip(human).enumerate() {
        let position = ground
            .positions
            .get(k)
            .copied()
            .unwrap_or([(k + 1) as f64; LANES]);
        for l in 0..LANES {
            sum[l] += (p[l] - q[l]) * position[l];
        }
    }
    sum
}

/// 1 where two distributions share a most likely option.
#[inline(always)]
fn shared_modes(model: &[Lane], human: &[Lane]) -> Lane {
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

/// Jensen–Shannon and Kullback–Leibler divergence in bits, from the same two logarithms.
#[inline(always)]
fn divergences(model: &[Lane], human: &[Lane]) -> (Lane, Lane) {
    let (mut shannon, mut leibler) = (ZERO, ZERO);
    for (p, q) in model.iter().zip(human) {
        for l in 0..LANES {
            let (js, kl) = divergence_terms(p[l], q[l]);
            shannon[l] += js;
            leibler[l] += kl;
        }
    }
    (shannon, leibler)
}
