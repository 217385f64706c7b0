//! The common case in one step: the alignment of ordinal rows of doubles with equal steps.
//!
//! Reading, checking and scoring share one pass over a tile that never leaves the first cache.
//! The arithmetic is that of `metric.rs`, operation for operation, so the bits are the same.

use crate::batch::SUM_TOLERANCE;
use crate::isa::multiversion;
use crate::metric::{LANES, Lane};

/// The longest rows that are taken.
const OPTIONS: usize = 16;

/// Where [`LANES`] rows begin, and where the last of them ends.
pub(crate) type Bounds = [i64; LANES + 1];

/// Room for both sides of a tile.
pub(crate) type Scratch = [[Lane; OPTIONS]; 2];

/// A new room.
pub(crate) const SCRATCH: Scratch = [[[0.0; LANES]; OPTIONS]; 2];

multiversion! {
    /// Alignments of [`LANES`] pairs, if all of them are found to be response distributions of
    /// few enough options; otherwise nothing is known, and the rows want a closer look.
    pub(crate) fn alignments(
        model: &[f64],
        model_bounds: &Bounds,
        human: &[f64],
        human_bounds: &Bounds,
        scratch: &mut Scratch,
    ) -> Option<Lane> = alignments_lanes;
}

#[inline(always)]
#[allow(clippy::cast_precision_loss, reason = "a row has few options")]
fn alignments_lanes(
    model: &[f64],
    model_bounds: &Bounds,
    human: &[f64],
    human_bounds: &Bounds,
    scratch: &mut Scratch,
) -> Option<Lane> {
    let mut options = [0.0; LANES];
    let (mut longest, mut alike) = (0, true);
    for l in 0..LANES {
        let length = model_bounds[l + 1].wrapping_sub(model_bounds[l]);
        alike &= length == human_bounds[l + 1].wrapping_sub(human_bounds[l]) && length >= 2;
        longest = length.max(longest);
        options[l] = length as f64;
    }
    let longest = usize::try_from(longest).ok()?;
    if !alike || longest > OPTIONS {
        return None;
    }
    let [p, q] = scratch;
    turn(model, model_bounds, longest, p)?;
    turn(human, human_bounds, longest, q)?;
    let (mut p_sum, mut q_sum, mut area) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let mut signs = [0; LANES];
    for (k, (p, q)) in p.iter().zip(&*q).take(longest).enumerate() {
        let (k, next) = (k as f64, k as f64 + 1.0);
        for l in 0..LANES {
            let inside = k < options[l];
            let (p, q) = (
                if inside { p[l] } else { 0.0 },
                if inside { q[l] } else { 0.0 },
            );
            p_sum[l] += p;
            q_sum[l] += q;
            signs[l] |= p.to_bits() | q.to_bits();
            area[l] += if next < options[l] {
                (p_sum[l] - q_sum[l]).abs()
            } else {
                0.0
            };
        }
    }
    let (mut sound, mut out) = (true, [0.0; LANES]);
    for l in 0..LANES {
        // A NaN or an infinity anywhere makes a sum fail; -0.0 is looked at again, closely.
        sound &= (p_sum[l] - 1.0).abs() <= SUM_TOLERANCE
            && (q_sum[l] - 1.0).abs() <= SUM_TOLERANCE
            && signs[l] >> 63 == 0;
        out[l] = 1.0 - area[l] / (options[l] - 1.0);
    }
    sound.then_some(out)
}

/// Copies rows into lanes as if all were as long as the longest; what lies beyond a row's end
/// is blanked when it is used. None near the end of the values, where that cannot be.
///
/// Compiled apart from the kernel: there AVX-512 would scatter, which is slower than storing.
#[inline(never)]
fn turn(values: &[f64], bounds: &Bounds, longest: usize, out: &mut [Lane; OPTIONS]) -> Option<()> {
    for l in 0..LANES {
        let start = usize::try_from(bounds[l]).ok()?;
        let row = values.get(start..start.checked_add(longest)?)?;
        for (out, &value) in out.iter_mut().zip(row) {
            out[l] = value;
        }
    }
    Some(())
}
