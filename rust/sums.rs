//! What the metrics of a pair are made from: sums over its options.

use crate::metric::Metric;

/// The sums that some metrics need.
#[allow(clippy::struct_excessive_bools, reason = "a list of things to do")]
#[derive(Default)]
pub(crate) struct Wanted {
    pub area: bool,
    pub squares: bool,
    pub variation: bool,
    pub shift: bool,
    pub divergences: bool,
    pub hellinger: bool,
    pub entropy: bool,
    pub modes: bool,
}

impl Wanted {
    #[inline(always)]
    pub fn by(metrics: &[Metric]) -> Self {
        let mut wanted = Self::default();
        for metric in metrics {
            match metric {
                Metric::Alignment | Metric::Wasserstein => wanted.area = true,
                Metric::TotalVariation => wanted.variation = true,
                Metric::JsDivergence | Metric::JsDistance | Metric::KlDivergence => {
                    wanted.divergences = true;
                }
                Metric::Hellinger => wanted.hellinger = true,
                Metric::RankedProbabilityScore => wanted.squares = true,
                Metric::MeanDifference => wanted.shift = true,
                Metric::EntropyDifference => wanted.entropy = true,
                Metric::ModeMatch => wanted.modes = true,
            }
        }
        wanted
    }
}

/// What the metrics of some pairs are made from; 0 where it is not wanted.
pub(crate) struct Sums<const N: usize> {
    /// Sum of the model's shares.
    pub model: [f64; N],
    /// Sum of the human shares.
    pub human: [f64; N],
    /// Σ |F − G| Δx.
    pub area: [f64; N],
    /// Σ (F − G)² Δx.
    pub squared_area: [f64; N],
    /// The distance from the first option to the last.
    pub span: [f64; N],
    /// Σ |p − q|.
    pub variation: [f64; N],
    /// Σ (p − q)².
    pub squared_variation: [f64; N],
    /// Σ (p − q) x.
    pub shift: [f64; N],
    pub shannon: [f64; N],
    pub leibler: [f64; N],
    pub hellinger: [f64; N],
    pub entropy: [f64; N],
    pub mode: [f64; N],
    pub nominal: [bool; N],
}

impl<const N: usize> Sums<N> {
    pub const ZERO: Self = Self {
        model: [0.0; N],
        human: [0.0; N],
        area: [0.0; N],
        squared_area: [0.0; N],
        span: [0.0; N],
        variation: [0.0; N],
        squared_variation: [0.0; N],
        shift: [0.0; N],
        shannon: [0.0; N],
        leibler: [0.0; N],
        hellinger: [0.0; N],
        entropy: [0.0; N],
        mode: [0.0; N],
        nominal: [false; N],
    };
}
