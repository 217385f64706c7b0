//! The metrics: what each is called, what is true of it, and how it is made from sums over the
//! options of a pair.

use crate::sums::Sums;

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

impl Metric {
    /// The metric of every pair, from its sums.
    #[inline(always)]
    pub(crate) fn fill<const N: usize>(self, s: &Sums<N>, out: &mut [f64; N]) {
        match self {
            Self::Alignment => each(out, |l| {
                1.0 - either(s.nominal[l], 0.5 * s.variation[l], s.area[l] / s.span[l])
            }),
            Self::Wasserstein => each(out, |l| {
                either(s.nominal[l], 0.5 * s.variation[l], s.area[l])
            }),
            Self::TotalVariation => each(out, |l| 0.5 * s.variation[l]),
            Self::JsDivergence => each(out, |l| s.shannon[l]),
            Self::JsDistance => each(out, |l| s.shannon[l].sqrt()),
            Self::KlDivergence => each(out, |l| s.leibler[l]),
            Self::Hellinger => each(out, |l| (0.5 * s.hellinger[l]).sqrt()),
            Self::RankedProbabilityScore => each(out, |l| {
                let along = s.squared_area[l] / s.span[l];
                either(s.nominal[l], 0.5 * s.squared_variation[l], along)
            }),
            Self::MeanDifference => each(out, |l| either(s.nominal[l], f64::NAN, s.shift[l])),
            Self::EntropyDifference => each(out, |l| s.entropy[l]),
            Self::ModeMatch => each(out, |l| s.mode[l]),
        }
    }
}

#[inline(always)]
fn either(nominal: bool, if_so: f64, otherwise: f64) -> f64 {
    if nominal { if_so } else { otherwise }
}

#[inline(always)]
fn each<const N: usize>(out: &mut [f64; N], value: impl Fn(usize) -> f64) {
    for l in 0..N {
        out[l] = value(l);
    }
}
