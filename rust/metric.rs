//! The metrics: what each is called, what is true of it, and how it is computed.
//!
//! Distributions come in *lanes*: `p[k][l]` is option `k` of the distribution in lane `l`.
//! Lanes are rows of a batch, replicates of a bootstrap or groups of a matrix; the arithmetic
//! is the same. Within a lane every sum runs over the options in their order, so a result
//! depends on its own pair and on nothing else. Shorter distributions are padded with zeros.

use crate::ground::Ground;
use crate::isa::multiversion;
use crate::terms::{divergence_terms, entropy_term, hellinger_term};

/// How many distributions are worked on at once.
pub const LANES: usize = 32;

/// One number for each of the distributions that are worked on at once.
pub type Lane = [f64; LANES];

const ZERO: Lane = [0.0; LANES];

/// A way to compare two response distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// 1 − W₁ / largest distance between two options.
    Alignment,
    /// W₁, in units of the positions; for nominal options the total variation.
    Wasserstein,
    /// ½ Σ |p − q|.
    TotalVariation,
    /// Jensen–Shannon divergence in bits.
    JsDivergence,
    /// Its square root, a distance.
    JsDistance,
    /// Kullback–Leibler divergence of the model from the human distribution, in bits.
    KlDivergence,
    /// √(½ Σ (√p − √q)²).
    Hellinger,
    /// Σ (F − G)² Δx / (x_K − x₁); for nominal options ½ Σ (p − q)².
    RankedProbabilityScore,
    /// Mean position of the model minus that of the humans; NaN for nominal options.
    MeanDifference,
    /// Entropy of the model minus that of the humans, in bits.
    EntropyDifference,
    /// 1 where the two share a most likely option, else 0.
    ModeMatch,
}

/// What is true of a metric, for its tests and its readers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "a row of a table of properties"
)]
pub struct Properties {
    /// The name by which users ask for it.
    pub name: &'static str,
    /// Its smallest possible value.
    pub lowest: f64,
    /// Its largest possible value, for positions 0 to 1 where it has the unit of positions.
    pub highest: f64,
    /// Its value for two equal distributions.
    pub identity: f64,
    /// Whether swapping the sides leaves it as it is.
    pub symmetric: bool,
    /// Whether swapping the sides changes its sign.
    pub antisymmetric: bool,
    /// Whether it depends on how far apart ordinal options lie.
    pub uses_distance: bool,
    /// Whether it has a value for nominal options.
    pub on_nominal: bool,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 11] = [
        Self::Alignment,
        Self::Wasserstein,
        Self::TotalVariation,
        Self::JsDivergence,
        Self::JsDistance,
        Self::KlDivergence,
        Self::Hellinger,
        Self::RankedProbabilityScore,
        Self::MeanDifference,
        Self::EntropyDifference,
        Self::ModeMatch,
    ];

    /// The metric of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|metric| metric.properties().name == name)
    }

    /// What is true of the metric.
    #[must_use]
    pub const fn properties(self) -> Properties {
        /// A symmetric distance from 0 to 1 that any options have.
        const DISTANCE: Properties = Properties {
            name: "",
            lowest: 0.0,
            highest: 1.0,
            identity: 0.0,
            symmetric: true,
            antisymmetric: false,
            uses_distance: false,
            on_nominal: true,
        };
        match self {
            Self::Alignment => Properties {
                name: "alignment",
                identity: 1.0,
                uses_distance: true,
                ..DISTANCE
            },
            Self::Wasserstein => Properties {
                name: "wasserstein",
                uses_distance: true,
                ..DISTANCE
            },
            Self::TotalVariation => Properties {
                name: "total_variation",
                ..DISTANCE
            },
            Self::JsDivergence => Properties {
                name: "js_divergence",
                ..DISTANCE
            },
            Self::JsDistance => Properties {
                name: "js_distance",
                ..DISTANCE
            },
            Self::KlDivergence => Properties {
                name: "kl_divergence",
                highest: f64::INFINITY,
                symmetric: false,
                ..DISTANCE
            },
            Self::Hellinger => Properties {
                name: "hellinger",
                ..DISTANCE
            },
            Self::RankedProbabilityScore => Properties {
                name: "ranked_probability_score",
                uses_distance: true,
                ..DISTANCE
            },
            Self::MeanDifference => Properties {
                name: "mean_difference",
                lowest: -1.0,
                symmetric: false,
                antisymmetric: true,
                uses_distance: true,
                on_nominal: false,
                ..DISTANCE
            },
            Self::EntropyDifference => Properties {
                name: "entropy_difference",
                lowest: f64::NEG_INFINITY,
                highest: f64::INFINITY,
                symmetric: false,
                antisymmetric: true,
                ..DISTANCE
            },
            Self::ModeMatch => Properties {
                name: "mode_match",
                identity: 1.0,
                ..DISTANCE
            },
        }
    }
}

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
    let mut divergence = None;
    for (&metric, out) in metrics.iter().zip(out) {
        *out = match metric {
            Metric::Alignment => alignment(model, human, ground),
            Metric::Wasserstein => wasserstein(model, human, ground),
            Metric::TotalVariation => total_variation(model, human),
            Metric::JsDivergence => divergences(model, human, &mut divergence).0,
            Metric::JsDistance => map(divergences(model, human, &mut divergence).0, f64::sqrt),
            Metric::KlDivergence => divergences(model, human, &mut divergence).1,
            Metric::Hellinger => hellinger(model, human),
            Metric::RankedProbabilityScore => ranked_probability_score(model, human, ground),
            Metric::MeanDifference => mean_difference(model, human, ground),
            Metric::EntropyDifference => entropy_difference(model, human),
            Metric::ModeMatch => mode_match(model, human),
        };
    }
}

#[inline(always)]
fn map(lane: Lane, function: impl Fn(f64) -> f64) -> Lane {
    let mut out = ZERO;
    for l in 0..LANES {
        out[l] = function(lane[l]);
    }
    out
}

/// Puts the value for nominal options into the lanes that are nominal.
#[inline(always)]
fn replace_nominal(ordinal: Lane, nominal: Lane, ground: &Ground) -> Lane {
    let mut out = ordinal;
    for l in 0..LANES {
        out[l] = if ground.nominal[l] {
            nominal[l]
        } else {
            out[l]
        };
    }
    out
}

#[inline(always)]
fn alignment(model: &[Lane], human: &[Lane], ground: &Ground) -> Lane {
    let mut distance = ZERO;
    if ground.has_ordinal() {
        distance = transport(model, human, ground);
        for l in 0..LANES {
            distance[l] /= ground.span[l];
        }
    }
    if ground.has_nominal() {
        distance = replace_nominal(distance, total_variation(model, human), ground);
    }
    map(distance, |d| 1.0 - d)
}

#[inline(always)]
fn wasserstein(model: &[Lane], human: &[Lane], ground: &Ground) -> Lane {
    let mut distance = ZERO;
    if ground.has_ordinal() {
        distance = transport(model, human, ground);
    }
    if ground.has_nominal() {
        distance = replace_nominal(distance, total_variation(model, human), ground);
    }
    distance
}

/// W₁ between distributions on a line: the area between their cumulative shares.
#[inline(always)]
fn transport(model: &[Lane], human: &[Lane], ground: &Ground) -> Lane {
    along_scale(model, human, ground, f64::abs)
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

#[inline(always)]
fn ranked_probability_score(model: &[Lane], human: &[Lane], ground: &Ground) -> Lane {
    let mut score = ZERO;
    if ground.has_ordinal() {
        score = along_scale(model, human, ground, |gap| gap * gap);
        for l in 0..LANES {
            score[l] /= ground.span[l];
        }
    }
    if ground.has_nominal() {
        let mut squares = ZERO;
        for (p, q) in model.iter().zip(human) {
            for l in 0..LANES {
                let d = p[l] - q[l];
                squares[l] += d * d;
            }
        }
        score = replace_nominal(score, map(squares, |s| 0.5 * s), ground);
    }
    score
}

#[inline(always)]
fn total_variation(model: &[Lane], human: &[Lane]) -> Lane {
    let mut sum = ZERO;
    for (p, q) in model.iter().zip(human) {
        for l in 0..LANES {
            sum[l] += (p[l] - q[l]).abs();
        }
    }
    map(sum, |s| 0.5 * s)
}

#[inline(always)]
fn hellinger(model: &[Lane], human: &[Lane]) -> Lane {
    let mut sum = ZERO;
    for (p, q) in model.iter().zip(human) {
        for l in 0..LANES {
            sum[l] += hellinger_term(p[l], q[l]);
        }
    }
    map(sum, |s| (0.5 * s).sqrt())
}

#[inline(always)]
#[allow(
    clippy::cast_precision_loss,
    reason = "a row has far fewer than 2^52 options"
)]
fn mean_difference(model: &[Lane], human: &[Lane], ground: &Ground) -> Lane {
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
    replace_nominal(sum, [f64::NAN; LANES], ground)
}

#[inline(always)]
fn entropy_difference(model: &[Lane], human: &[Lane]) -> Lane {
    let mut sum = ZERO;
    for (p, q) in model.iter().zip(human) {
        for l in 0..LANES {
            sum[l] += entropy_term(p[l], q[l]);
        }
    }
    sum
}

#[inline(always)]
fn mode_match(model: &[Lane], human: &[Lane]) -> Lane {
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
fn divergences(model: &[Lane], human: &[Lane], done: &mut Option<(Lane, Lane)>) -> (Lane, Lane) {
    if let Some(divergences) = *done {
        return divergences;
    }
    let (mut shannon, mut leibler) = (ZERO, ZERO);
    for (p, q) in model.iter().zip(human) {
        for l in 0..LANES {
            let (js, kl) = divergence_terms(p[l], q[l]);
            shannon[l] += js;
            leibler[l] += kl;
        }
    }
    *done = Some((shannon, leibler));
    (shannon, leibler)
}
