//! Moments and quantiles of replicates, computed in few passes.
//!
//! Sums are strided partial sums; the order of additions is part of every result.

use super::normal;
use crate::machine::{Isa, multiversion};

/// Number of partial sums.
const STRIDE: usize = 16;

/// The results of one pass over replicates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overview {
    /// Their sum.
    pub sum: f64,
    /// How many lie below the estimate.
    pub below: f64,
    /// How many equal it.
    pub equal: f64,
}

multiversion! {
    /// Adds up the values, and counts those below and equal to an estimate.
    pub(super) fn overview(values: &[f64], estimate: f64) -> Overview = overview_body;
}

#[inline(always)]
fn overview_body(values: &[f64], estimate: f64) -> Overview {
    // As wide as the values, so that the comparisons' results are counted as they are.
    let (mut below, mut equal) = ([0_u64; STRIDE], [0_u64; STRIDE]);
    let sum = strided(values, |l, value| {
        below[l] += u64::from(value < estimate);
        equal[l] += u64::from(value == estimate);
        value
    });
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
    let total = |counts: [u64; STRIDE]| counts.iter().sum::<u64>() as f64;
    Overview {
        sum,
        below: total(below),
        equal: total(equal),
    }
}

multiversion! {
    /// Computes Σ (x − mean)².
    fn squares(values: &[f64], mean: f64) -> f64 = squares_strided;
}

#[inline(always)]
fn squares_strided(values: &[f64], mean: f64) -> f64 {
    strided(values, |_, value| (value - mean) * (value - mean))
}

multiversion! {
    /// Computes Σ (x − mean)² and Σ (x − mean)³.
    pub(super) fn powers(values: &[f64], mean: f64) -> (f64, f64) = powers_strided;
}

#[inline(always)]
fn powers_strided(values: &[f64], mean: f64) -> (f64, f64) {
    let mut cubes = [0.0; STRIDE];
    let squares = strided(values, |l, value| {
        let d = value - mean;
        cubes[l] += d * d * d;
        d * d
    });
    (squares, cubes.iter().sum())
}

/// Adds up `term(place within the stride, value)`.
#[inline(always)]
fn strided(values: &[f64], mut term: impl FnMut(usize, f64) -> f64) -> f64 {
    let mut sum = [0.0; STRIDE];
    let (strides, rest) = values.as_chunks::<STRIDE>();
    for stride in strides {
        for l in 0..STRIDE {
            sum[l] += term(l, stride[l]);
        }
    }
    for (l, &value) in rest.iter().enumerate() {
        sum[l] += term(l, value);
    }
    sum.iter().sum()
}

/// Mean and standard deviation of replicates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
}

impl Moments {
    /// Computes the moments from the replicates and their sum.
    #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
    pub fn new(isa: Isa, values: &[f64], sum: f64) -> Self {
        let n = values.len() as f64;
        let mean = sum / n;
        Self {
            mean,
            deviation: (squares(isa, values, mean) / (n - 1.0)).sqrt(),
        }
    }
}

/// Moves the values that are wanted to the front, in their order, and returns them.
pub(super) fn partition(values: &mut [f64], wanted: impl Fn(f64) -> bool) -> &mut [f64] {
    let mut kept = 0;
    for i in 0..values.len() {
        if wanted(values[i]) {
            values.swap(kept, i);
            kept += 1;
        }
    }
    &mut values[..kept]
}

/// Below this number of values, all values are searched.
const TAILS_FROM: usize = 200;

/// For tails larger than this, all values are searched.
const TAIL: f64 = 0.2;

/// Finds two quantiles; reorders the values.
///
/// Replicates are nearly normal, so a bound a little inside each quantile leaves only few values
/// beyond it. These are copied in one pass, and only they are searched. If a bound turns out to lie
/// outside its quantile, all values are searched.
#[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 replicates")]
pub(super) fn quantiles(
    isa: Isa,
    values: &mut [f64],
    lower: f64,
    upper: f64,
    moments: &Moments,
) -> (f64, f64) {
    if lower > upper {
        let (high, low) = quantiles(isa, values, upper, lower, moments);
        return (low, high);
    }
    let last = (values.len() - 1) as f64;
    if values.len() >= TAILS_FROM && lower < TAIL && upper > 1.0 - TAIL {
        let reach = |p: f64| moments.deviation * normal::approximate(1.3 * p + 0.016);
        let below = moments.mean + reach(lower);
        let above = moments.mean - reach(1.0 - upper);
        let (mut low, mut high) = outside(isa, values, below, above);
        let place = upper * last - (values.len() - high.len()) as f64;
        if lower * last + 1.0 < low.len() as f64 && place >= 0.0 {
            let (_, low) = order_statistic(&mut low, lower * last);
            return (low, order_statistic(&mut high, place).1);
        }
    }
    let (first, low) = order_statistic(values, lower * last);
    let (_, high) = order_statistic(&mut values[first..], upper * last - first as f64);
    (low, high)
}

/// Values that are compared together: as many as a word has bits to mark them.
const PIECE: usize = 64;

/// Copies the values below one bound, and those above another. The last piece is filled with NaN,
/// which is neither.
fn outside(isa: Isa, values: &[f64], below: f64, above: f64) -> (Vec<f64>, Vec<f64>) {
    let buffer = || Vec::with_capacity(values.len() / 8);
    let (mut low, mut high) = (buffer(), buffer());
    let mut take = |piece: &[f64; PIECE]| {
        let (lower, upper) = mark(isa, piece, below, above);
        push_marked(piece, lower, &mut low);
        push_marked(piece, upper, &mut high);
    };
    let (pieces, rest) = values.as_chunks();
    pieces.iter().for_each(&mut take);
    let mut last = [f64::NAN; PIECE];
    last[..rest.len()].copy_from_slice(rest);
    take(&last);
    (low, high)
}

/// Copies the values whose bits are set.
fn push_marked(piece: &[f64; PIECE], mut marks: u64, out: &mut Vec<f64>) {
    while marks != 0 {
        out.push(piece[marks.trailing_zeros() as usize]);
        marks &= marks - 1;
    }
}

multiversion! {
    /// Sets a bit for every value below one bound, and for every value above another.
    fn mark(piece: &[f64; PIECE], below: f64, above: f64) -> (u64, u64) = mark_piece;
}

#[inline(always)]
fn mark_piece(piece: &[f64; PIECE], below: f64, above: f64) -> (u64, u64) {
    let (mut lower, mut upper) = (0, 0);
    for (bit, &value) in piece.iter().enumerate() {
        lower |= u64::from(value < below) << bit;
        upper |= u64::from(value > above) << bit;
    }
    (lower, upper)
}

/// Finds the value at a place between two order statistics. Returns the lower of their ranks too;
/// values of lower rank end up before it.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place among the values"
)]
fn order_statistic(values: &mut [f64], place: f64) -> (usize, f64) {
    let rank = (place as usize).min(values.len() - 1);
    let (_, &mut low, above) = values.select_nth_unstable_by(rank, f64::total_cmp);
    let fraction = place - rank as f64;
    if above.is_empty() || fraction <= 0.0 {
        return (rank, low);
    }
    let high = above.iter().copied().fold(f64::INFINITY, f64::min);
    (rank, low + fraction * (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Source, Stream};

    /// The quantile as NumPy defines it, from sorted values.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place among the values"
    )]
    fn sorted_quantile(sorted: &[f64], p: f64) -> f64 {
        let place = p * (sorted.len() - 1) as f64;
        let rank = place as usize;
        let next = sorted[(rank + 1).min(sorted.len() - 1)];
        sorted[rank] + (place - rank as f64) * (next - sorted[rank])
    }

    #[test]
    fn quantiles_are_those_of_sorted_values_for_any_distribution() {
        let mut stream = Stream::new(5, Source::Items, 0);
        let shapes: [fn(f64) -> f64; 4] = [
            normal::normal_quantile,
            |u| (-u.ln()).powi(3),
            |u| (u * 4.0).floor(),
            |u| if u < 0.01 { -1e6 } else { u },
        ];
        for (shape, n) in shapes
            .into_iter()
            .flat_map(|s| [2, 7, 199, 200, 1000].map(|n| (s, n)))
        {
            let values: Vec<f64> = (0..n).map(|_| shape(stream.uniform())).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let isa = Isa::detect();
            let moments = Moments::new(isa, &values, overview(isa, &values, 0.0).sum);
            for (lower, upper) in [
                (0.025, 0.975),
                (0.0, 1.0),
                (0.3, 0.6),
                (0.001, 0.9),
                (0.9, 0.1),
            ] {
                let found = quantiles(isa, &mut values.clone(), lower, upper, &moments);
                let expected = (
                    sorted_quantile(&sorted, lower),
                    sorted_quantile(&sorted, upper),
                );
                assert!((found.0 - expected.0).abs() < 1e-12 * expected.0.abs().max(1.0));
                assert!((found.1 - expected.1).abs() < 1e-12 * expected.1.abs().max(1.0));
            }
        }
    }
}
