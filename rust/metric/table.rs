//! The metrics: their names, their properties, the sums they need, and their formulas.

use super::sums::{Needs, PairSums};

/// The properties of a metric, for tests and readers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "a row of a table of properties"
)]
pub struct Properties {
    /// Its public name.
    pub name: &'static str,
    /// Its smallest possible value.
    pub lowest: f64,
    /// Its largest possible value; for positions 0 to 1 if it has the unit of positions.
    pub highest: f64,
    /// Its value for two equal distributions.
    pub identity: f64,
    /// Whether swapping the sides leaves its value unchanged.
    pub symmetric: bool,
    /// Whether swapping the sides changes its sign.
    pub antisymmetric: bool,
    /// Whether it depends on how far apart ordinal options lie.
    pub uses_distance: bool,
    /// Whether it has a value for nominal options.
    pub on_nominal: bool,
}

/// The default row: a symmetric distance from 0 to 1, also defined for nominal options.
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

/// Makes [`Metric`] from a table with one row for each metric: its description, its identifier,
/// the sums it needs, and its properties.
macro_rules! metrics {
    ($($(#[$description:meta])+ $metric:ident needs $sums:ident: $properties:expr;)+) => {
        /// A way to compare two response distributions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Metric {
            $($(#[$description])+ $metric,)+
        }

        impl Metric {
            /// Every metric.
            pub const ALL: &[Self] = &[$(Self::$metric),+];

            /// Returns the properties of the metric.
            #[must_use]
            pub const fn properties(self) -> Properties {
                match self {
                    $(Self::$metric => $properties,)+
                }
            }

            /// Returns the sums that the metric needs.
            const fn needs(self) -> Needs {
                match self {
                    $(Self::$metric => Needs::$sums,)+
                }
            }
        }
    };
}

metrics! {
    /// 1 − W₁ / largest distance between two options.
    Alignment needs AREA: Properties {
        name: "alignment",
        identity: 1.0,
        uses_distance: true,
        ..DISTANCE
    };
    /// W₁, in units of the positions; for nominal options the total variation.
    Wasserstein needs AREA: Properties {
        name: "wasserstein",
        uses_distance: true,
        ..DISTANCE
    };
    /// ½ Σ |p − q|.
    TotalVariation needs VARIATION: Properties {
        name: "total_variation",
        ..DISTANCE
    };
    /// Jensen–Shannon divergence in bits.
    JsDivergence needs DIVERGENCES: Properties {
        name: "js_divergence",
        ..DISTANCE
    };
    /// Its square root, a distance.
    JsDistance needs DIVERGENCES: Properties {
        name: "js_distance",
        ..DISTANCE
    };
    /// Kullback–Leibler divergence of the model from the human distribution, in bits.
    KlDivergence needs DIVERGENCES: Properties {
        name: "kl_divergence",
        highest: f64::INFINITY,
        symmetric: false,
        ..DISTANCE
    };
    /// √(½ Σ (√p − √q)²).
    Hellinger needs HELLINGER: Properties {
        name: "hellinger",
        ..DISTANCE
    };
    /// Σ (F − G)² Δx / (x_K − x₁); for nominal options ½ Σ (p − q)².
    RankedProbabilityScore needs SQUARES: Properties {
        name: "ranked_probability_score",
        uses_distance: true,
        ..DISTANCE
    };
    /// Mean position of the model minus that of the humans; NaN for nominal options.
    MeanDifference needs SHIFT: Properties {
        name: "mean_difference",
        lowest: -1.0,
        symmetric: false,
        antisymmetric: true,
        uses_distance: true,
        on_nominal: false,
        ..DISTANCE
    };
    /// Entropy of the model minus that of the humans, in bits.
    EntropyDifference needs ENTROPY: Properties {
        name: "entropy_difference",
        lowest: f64::NEG_INFINITY,
        highest: f64::INFINITY,
        symmetric: false,
        antisymmetric: true,
        ..DISTANCE
    };
    /// 1 where the two share a most likely option, else 0.
    ModeMatch needs MODES: Properties {
        name: "mode_match",
        identity: 1.0,
        ..DISTANCE
    };
}

impl Metric {
    /// Finds the metric of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|metric| metric.properties().name == name)
    }

    /// Returns the sums that some metrics need.
    #[inline(always)]
    pub(super) fn needs_of(metrics: &[Self]) -> Needs {
        metrics
            .iter()
            .fold(Needs::NONE, |needs, metric| needs.and(metric.needs()))
    }

    /// Computes the metric of every pair from its sums.
    #[inline(always)]
    pub(super) fn fill<const N: usize>(self, s: &PairSums<N>, out: &mut [f64; N]) {
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

/// Chooses between two computed numbers without a branch.
#[inline(always)]
fn either(nominal: bool, if_so: f64, otherwise: f64) -> f64 {
    if nominal { if_so } else { otherwise }
}

/// Fills an array with the value at each place.
#[inline(always)]
fn each<const N: usize>(out: &mut [f64; N], value: impl Fn(usize) -> f64) {
    for l in 0..N {
        out[l] = value(l);
    }
}
