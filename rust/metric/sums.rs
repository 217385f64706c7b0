//! Sums over the options of some pairs, from which the metrics are made.

/// The sums that some metrics need: a bit for each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Needs(u16);

impl Needs {
    /// No sums.
    pub const NONE: Self = Self(0);
    /// The area between two cumulative distributions; the variation of nominal pairs.
    pub const AREA: Self = Self(1);
    /// The same area with squared differences.
    pub const SQUARES: Self = Self(1 << 1);
    /// The variation.
    pub const VARIATION: Self = Self(1 << 2);
    /// The difference of mean positions.
    pub const SHIFT: Self = Self(1 << 3);
    /// The divergences of Jensen–Shannon and of Kullback–Leibler.
    pub const DIVERGENCES: Self = Self(1 << 4);
    /// The squared differences of roots.
    pub const HELLINGER: Self = Self(1 << 5);
    /// The difference of entropies.
    pub const ENTROPY: Self = Self(1 << 6);
    /// Whether the two sides share a most likely option.
    pub const MODES: Self = Self(1 << 7);

    /// Joins two sets of sums.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Tells whether a sum is among them.
    pub const fn has(self, sum: Self) -> bool {
        self.0 & sum.0 != 0
    }
}

/// Rows whose sums are computed together: their terms stay in the L1 cache.
pub(super) const ROWS: usize = 64;

/// The sums of `N` pairs. Sums that no metric needs are undefined.
pub(super) struct PairSums<const N: usize> {
    /// Sum of the model's shares.
    pub model: [f64; N],
    /// Sum of the human shares.
    pub human: [f64; N],
    /// Σ |F − G| Δx, F and G the cumulative shares.
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
    /// Jensen–Shannon divergence in bits.
    pub shannon: [f64; N],
    /// Kullback–Leibler divergence in bits.
    pub leibler: [f64; N],
    /// Σ (√p − √q)².
    pub hellinger: [f64; N],
    /// Entropy of the model minus that of the humans, in bits.
    pub entropy: [f64; N],
    /// 1 where the two sides share a most likely option, else 0.
    pub mode: [f64; N],
    /// Whether the options have no order.
    pub nominal: [bool; N],
}

impl<const N: usize> PairSums<N> {
    /// Sums that are not computed yet.
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
