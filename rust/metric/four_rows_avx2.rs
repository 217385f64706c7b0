//! Kernel: sums over the options of four rows side by side, on machines with AVX2 or more.
//!
//! The operations are exactly those of `row_sums.rs`, so the bits are the same. Options beyond the
//! end of a row are read as 0 and change no sum. The kernel uses intrinsics because the compiler
//! does not find the transposition.

use super::sums::{PairSums, ROWS};
use crate::machine::Isa;
#[cfg(target_arch = "x86_64")]
use crate::machine::Level;

/// Rows side by side in a register, and options transposed at once.
const WIDTH: usize = 4;

/// Where each row starts and how many options it has; rows beyond the last have none.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
struct Extents {
    starts: [i64; ROWS],
    lengths: [i64; ROWS],
    /// Groups of four rows.
    groups: usize,
}

impl Extents {
    /// Takes the bounds of some rows; None if they reach beyond `size` values.
    fn new(ends: &[i64], size: usize) -> Option<Self> {
        let rows = ends.len().checked_sub(1).filter(|&rows| rows <= ROWS)?;
        let (mut starts, mut lengths) = ([0; ROWS], [0; ROWS]);
        let mut sound = ends[0] >= 0 && usize::try_from(ends[rows]).is_ok_and(|end| end <= size);
        for row in 0..rows {
            starts[row] = ends[row];
            lengths[row] = ends[row + 1].wrapping_sub(ends[row]);
            sound &= ends[row] <= ends[row + 1];
        }
        sound.then_some(Self {
            starts,
            lengths,
            groups: rows.div_ceil(WIDTH),
        })
    }
}

/// Adds up the shares of ordinal rows with options at 1, 2, …, K, but for what only nominal rows
/// and shifts need. Returns false if this machine or these bounds are not fit for it.
pub(super) fn add_shares(
    isa: Isa,
    ends: &[i64],
    (model, human): (&[f64], &[f64]),
    sums: &mut PairSums<ROWS>,
) -> bool {
    let Some(lengths) = Extents::new(ends, model.len().min(human.len())) else {
        return false;
    };
    #[cfg(target_arch = "x86_64")]
    if isa.level() >= Level::Avx2 {
        // SAFETY: an `Isa` of this level exists only where its features were detected, and the
        // bounds of all rows lie within both sides.
        unsafe { avx2::add_shares(&lengths, model, human, sums) };
        return true;
    }
    let _ = (isa, lengths, sums);
    false
}

/// Adds up each row's terms of several kinds. Returns false as [`add_shares`] does.
pub(super) fn add_terms<const N: usize>(
    isa: Isa,
    ends: &[i64],
    terms: [&[f64]; N],
    out: &mut [&mut [f64; ROWS]; N],
) -> bool {
    let size = terms.iter().map(|terms| terms.len()).min().unwrap_or(0);
    let Some(lengths) = Extents::new(ends, size) else {
        return false;
    };
    #[cfg(target_arch = "x86_64")]
    if isa.level() >= Level::Avx2 {
        // SAFETY: as above.
        unsafe { avx2::add_terms(&lengths, terms, out) };
        return true;
    }
    let _ = (isa, lengths, out);
    false
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256d, __m256i, _mm256_add_epi64, _mm256_add_pd, _mm256_and_pd, _mm256_andnot_pd,
        _mm256_castsi256_pd, _mm256_cmpgt_epi64, _mm256_loadu_si256, _mm256_maskload_pd,
        _mm256_mul_pd, _mm256_permute2f128_pd, _mm256_set_epi64x, _mm256_set1_epi64x,
        _mm256_set1_pd, _mm256_setzero_pd, _mm256_setzero_si256, _mm256_storeu_pd, _mm256_sub_pd,
        _mm256_unpackhi_pd, _mm256_unpacklo_pd,
    };

    use super::{Extents, PairSums, ROWS, WIDTH};

    /// Four rows of one group.
    struct GroupOfRows<'a> {
        starts: &'a [i64; WIDTH],
        lengths: &'a [i64; WIDTH],
    }

    impl<'a> GroupOfRows<'a> {
        fn new(all: &'a Extents, group: usize) -> Self {
            Self {
                starts: &all.starts.as_chunks().0[group],
                lengths: &all.lengths.as_chunks().0[group],
            }
        }

        /// Counts the runs of four options that the longest row has.
        #[allow(clippy::cast_possible_wrap, reason = "4")]
        fn runs(&self) -> i64 {
            let longest = self.lengths.iter().fold(0, |longest, &n| longest.max(n));
            longest.div_euclid(WIDTH as i64) + i64::from(longest % WIDTH as i64 > 0)
        }

        /// Marks the options of a run that each row has.
        #[inline]
        #[target_feature(enable = "avx2")]
        #[allow(clippy::cast_possible_wrap, reason = "4")]
        fn masks(&self, run: i64) -> [__m256i; WIDTH] {
            let places = _mm256_set_epi64x(3, 2, 1, 0);
            self.lengths.map(|length| {
                _mm256_cmpgt_epi64(_mm256_set1_epi64x(length - run * WIDTH as i64), places)
            })
        }

        /// Transposes a run: one register for each of its four options.
        ///
        /// # Safety
        /// The rows lie within `values`.
        #[inline]
        #[target_feature(enable = "avx2")]
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_possible_wrap,
            clippy::cast_sign_loss,
            reason = "a place in memory"
        )]
        unsafe fn transposed(
            &self,
            values: &[f64],
            run: i64,
            masks: &[__m256i; WIDTH],
        ) -> [__m256d; WIDTH] {
            let load = |row: usize| {
                let first = (self.starts[row] + run * WIDTH as i64) as usize;
                // SAFETY: what is not masked is an option of a row, which lies within the values.
                unsafe { _mm256_maskload_pd(values.as_ptr().wrapping_add(first), masks[row]) }
            };
            let (a, b, c, d) = (load(0), load(1), load(2), load(3));
            let (even_low, odd_low) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
            let (even_high, odd_high) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
            [
                _mm256_permute2f128_pd::<0x20>(even_low, even_high),
                _mm256_permute2f128_pd::<0x20>(odd_low, odd_high),
                _mm256_permute2f128_pd::<0x31>(even_low, even_high),
                _mm256_permute2f128_pd::<0x31>(odd_low, odd_high),
            ]
        }
    }

    /// Adds up the shares of all rows.
    ///
    /// # Safety
    /// The rows lie within both sides.
    #[target_feature(enable = "avx2")]
    #[allow(
        clippy::cast_precision_loss,
        reason = "a row has far fewer than 2^52 options"
    )]
    pub(super) unsafe fn add_shares(
        all: &Extents,
        model: &[f64],
        human: &[f64],
        sums: &mut PairSums<ROWS>,
    ) {
        let (sign, zero) = (_mm256_set1_pd(-0.0), _mm256_setzero_pd());
        let next = _mm256_set1_epi64x(1);
        for group in 0..all.groups {
            let rows = GroupOfRows::new(all, group);
            // SAFETY: four integers are read, and there are four.
            let ends = unsafe { _mm256_loadu_si256(rows.lengths.as_ptr().cast()) };
            let mut option = _mm256_setzero_si256();
            let (mut p_sum, mut q_sum, mut gap) = (zero, zero, zero);
            let (mut area, mut squared_area, mut variation) = (zero, zero, zero);
            for run in 0..rows.runs() {
                let masks = rows.masks(run);
                // SAFETY: the caller's promise.
                let (p, q) = unsafe {
                    (
                        rows.transposed(model, run, &masks),
                        rows.transposed(human, run, &masks),
                    )
                };
                for (p, q) in p.into_iter().zip(q) {
                    // A step is added one option later, because the last option has no step.
                    let inside = _mm256_castsi256_pd(_mm256_cmpgt_epi64(ends, option));
                    let step = _mm256_and_pd(gap, inside);
                    area = _mm256_add_pd(area, _mm256_andnot_pd(sign, step));
                    squared_area = _mm256_add_pd(squared_area, _mm256_mul_pd(step, step));
                    p_sum = _mm256_add_pd(p_sum, p);
                    q_sum = _mm256_add_pd(q_sum, q);
                    gap = _mm256_sub_pd(p_sum, q_sum);
                    let difference = _mm256_andnot_pd(sign, _mm256_sub_pd(p, q));
                    variation = _mm256_add_pd(variation, difference);
                    option = _mm256_add_epi64(option, next);
                }
            }
            for (out, sum) in [
                (&mut sums.model, p_sum),
                (&mut sums.human, q_sum),
                (&mut sums.area, area),
                (&mut sums.squared_area, squared_area),
                (&mut sums.variation, variation),
            ] {
                store(sum, &mut out.as_chunks_mut().0[group]);
            }
            for (span, &length) in sums.span.as_chunks_mut::<WIDTH>().0[group]
                .iter_mut()
                .zip(rows.lengths)
            {
                *span = length as f64 - 1.0;
            }
        }
    }

    /// Adds up the terms of all rows.
    ///
    /// # Safety
    /// The rows lie within the terms of each kind.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn add_terms<const N: usize>(
        all: &Extents,
        terms: [&[f64]; N],
        out: &mut [&mut [f64; ROWS]; N],
    ) {
        for group in 0..all.groups {
            let rows = GroupOfRows::new(all, group);
            let mut sums = [_mm256_setzero_pd(); N];
            for run in 0..rows.runs() {
                let masks = rows.masks(run);
                for (terms, sum) in terms.iter().zip(&mut sums) {
                    // SAFETY: the caller's promise.
                    for term in unsafe { rows.transposed(terms, run, &masks) } {
                        *sum = _mm256_add_pd(*sum, term);
                    }
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                store(sum, &mut out.as_chunks_mut().0[group]);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn store(sums: __m256d, out: &mut [f64; WIDTH]) {
        // SAFETY: four doubles are written, and there is room for four.
        unsafe { _mm256_storeu_pd(out.as_mut_ptr(), sums) }
    }
}
