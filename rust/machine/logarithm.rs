//! Base-2 logarithm without branches, so that the compiler vectorises a loop over it.
//!
//! The reduction and the polynomial are those of fdlibm's `log` (Sun Microsystems, 1993). Crates
//! with a vector logarithm choose their instruction set at compile time; in a wheel for all
//! machines this means SSE2.

use std::f64::consts::LOG2_E;

/// Bits of √½, the lower end of the reduced range.
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const ONE: u64 = 0x3ff0_0000_0000_0000;
/// 2⁵²: adding its bits turns a small integer into a float without a conversion instruction.
const TWO_52: f64 = 4_503_599_627_370_496.0;
/// 2⁵⁴ lifts every subnormal number into the normal range.
const LIFT: f64 = 18_014_398_509_481_984.0;

/// Computes log₂ x for 0 < x < 2⁹⁰⁰, within 2 units in the last place. For 0 the result is finite,
/// so 0 · log₂ 0 is 0.
#[inline(always)]
pub(crate) fn log2(x: f64) -> f64 {
    let bits = (x * LIFT).to_bits();
    let biased = bits.wrapping_add(ONE - SQRT_HALF) >> 52;
    let exponent = f64::from_bits(biased | TWO_52.to_bits()) - (TWO_52 + 1023.0 + 54.0);
    let mantissa = f64::from_bits(bits.wrapping_sub(biased << 52).wrapping_add(ONE));
    let f = mantissa - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = 1.531_383_769_920_937_3e-1_f64
        .mul_add(w, 2.222_219_843_214_978_4e-1)
        .mul_add(w, 3.999_999_999_940_942e-1);
    let even = 1.479_819_860_511_658_6e-1_f64
        .mul_add(w, 1.818_357_216_161_805e-1)
        .mul_add(w, 2.857_142_874_366_239e-1)
        .mul_add(w, 6.666_666_666_666_735e-1);
    let half_square = 0.5 * f * f;
    let tail = odd.mul_add(w, even * z);
    let natural = f - (-s).mul_add(half_square + tail, half_square);
    natural.mul_add(LOG2_E, exponent)
}
