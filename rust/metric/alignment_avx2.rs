//! Kernel for the most common case: the alignment of ordinal rows of doubles with equal steps, on
//! machines with AVX2 or more.
//!
//! Reading, checking and scoring share one pass over four rows side by side, so memory is read
//! while sums are computed. The operations are exactly those of `row_sums.rs`, so the bits are the
//! same. The kernel uses intrinsics because the compiler does not find the transposition.

use std::mem::MaybeUninit;

use super::table::Metric;
use crate::input::{Batch, Kinds, Positions, Segment, Values};
use crate::machine::{Isa, Level};

/// Rows that are scored in one call.
pub(super) const CALL_ROWS: usize = 128;

/// The starts of the rows of one call, and the end of the last row.
type Bounds = [i64; CALL_ROWS + 1];

/// A segment of pairs that this kernel may score.
pub(super) struct EqualSteps<'a> {
    segment: &'a Segment<'a>,
    model: &'a [f64],
    human: &'a [f64],
}

impl<'a> EqualSteps<'a> {
    /// Accepts a segment if only alignments are wanted, of ordinal rows of doubles with equal
    /// steps, on a machine with AVX2.
    pub fn new(
        batch: &Batch<'_>,
        segment: &'a Segment<'_>,
        metrics: &[Metric],
        isa: Isa,
    ) -> Option<Self> {
        let plain = isa.level() >= Level::Avx2
            && matches!(batch.scale.kinds, Kinds::Ordinal)
            && matches!(batch.scale.positions, Positions::Equal)
            && *metrics == [Metric::Alignment];
        match (segment.model.values(), segment.human.values()) {
            (Values::F64(model), Values::F64(human)) if plain => Some(Self {
                segment,
                model,
                human,
            }),
            _ => None,
        }
    }

    /// Scores [`CALL_ROWS`] pairs from `start` on. Returns false, with undefined numbers in `out`,
    /// if `out` is shorter or a pair may not be one of response distributions.
    pub fn score(&self, isa: Isa, start: usize, out: &mut [MaybeUninit<f64>]) -> bool {
        let Ok(out) = out.try_into() else {
            return false;
        };
        let (mut model, mut human) = ([0; CALL_ROWS + 1], [0; CALL_ROWS + 1]);
        let segment = self.segment;
        segment
            .model
            .copy_starts(segment.model_row + start, &mut model);
        segment
            .human
            .copy_starts(segment.human_row + start, &mut human);
        alignments(isa, (self.model, &model), (self.human, &human), out)
    }
}

/// Computes the alignments of [`CALL_ROWS`] pairs. Returns false, with undefined numbers in `out`,
/// if a pair may not be one of response distributions.
fn alignments(
    isa: Isa,
    model: (&[f64], &Bounds),
    human: (&[f64], &Bounds),
    out: &mut [MaybeUninit<f64>; CALL_ROWS],
) -> bool {
    #[cfg(target_arch = "x86_64")]
    if isa.level() >= Level::Avx2 {
        // SAFETY: an `Isa` of this level exists only where its features were detected.
        return unsafe { avx2::alignments(model, human, out) };
    }
    let _ = (isa, model, human, out);
    false
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256d, __m256i, _CMP_LE_OQ, _MM_HINT_T0, _mm_prefetch, _mm256_add_epi64, _mm256_add_pd,
        _mm256_and_pd, _mm256_andnot_pd, _mm256_castsi256_pd, _mm256_cmp_pd, _mm256_cmpgt_epi64,
        _mm256_div_pd, _mm256_loadu_pd, _mm256_loadu_si256, _mm256_movemask_pd, _mm256_or_pd,
        _mm256_permute2f128_pd, _mm256_set1_epi64x, _mm256_set1_pd, _mm256_setzero_pd,
        _mm256_setzero_si256, _mm256_storeu_pd, _mm256_sub_epi64, _mm256_sub_pd,
        _mm256_unpackhi_pd, _mm256_unpacklo_pd,
    };

    use super::{Bounds, CALL_ROWS, MaybeUninit};
    use crate::input::SUM_TOLERANCE;

    /// Rows side by side in a register, and options transposed at once.
    const WIDTH: usize = 4;

    /// Options between what is read and what is asked for. A processor reads ahead too late by
    /// itself: it sees only as far as it guesses the lengths of rows.
    const AHEAD: usize = 256;

    /// Computes the alignments of all pairs of one call.
    #[target_feature(enable = "avx2")]
    pub(super) fn alignments(
        model: (&[f64], &Bounds),
        human: (&[f64], &Bounds),
        out: &mut [MaybeUninit<f64>; CALL_ROWS],
    ) -> bool {
        let Some(lengths) = lengths(model.1, human.1) else {
            return false;
        };
        let mut sound = true;
        for (group, out) in out.as_chunks_mut::<WIDTH>().0.iter_mut().enumerate() {
            let first = group * WIDTH;
            let lengths = &lengths.as_chunks::<WIDTH>().0[group];
            let longest = lengths.iter().fold(0, |longest, &n| longest.max(n));
            let (Some(model), Some(human)) = (
                FourRows::new(model, first, longest),
                FourRows::new(human, first, longest),
            ) else {
                return false;
            };
            sound &= align(&model, &human, lengths, out);
        }
        sound
    }

    /// Counts the options of each row; None if the sides differ or a row has fewer than two.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn lengths(model: &Bounds, human: &Bounds) -> Option<[i64; CALL_ROWS]> {
        let (mut lengths, mut sound) = ([0; CALL_ROWS], true);
        for row in 0..CALL_ROWS {
            lengths[row] = model[row + 1].wrapping_sub(model[row]);
            sound &= lengths[row] == human[row + 1].wrapping_sub(human[row]);
            sound &= lengths[row] >= 2;
        }
        sound.then_some(lengths)
    }

    /// Four rows, each cut into runs of four options, as many as the longest has.
    struct FourRows<'a> {
        rows: [&'a [[f64; WIDTH]]; WIDTH],
        runs: usize,
    }

    impl<'a> FourRows<'a> {
        /// Takes four rows; None if their runs reach beyond the values.
        #[inline(always)]
        fn new((values, bounds): (&'a [f64], &Bounds), first: usize, longest: i64) -> Option<Self> {
            let runs = usize::try_from(longest).ok()?.div_ceil(WIDTH);
            let mut rows = [[].as_slice(); WIDTH];
            for (row, &start) in rows.iter_mut().zip(&bounds[first..]) {
                let start = usize::try_from(start).ok()?;
                let end = start.checked_add(runs * WIDTH)?;
                *row = values.get(start..end)?.as_chunks().0;
            }
            Some(Self { rows, runs })
        }

        /// Transposes a run: one register for each of its four options.
        #[inline]
        #[target_feature(enable = "avx2")]
        fn transposed(&self, run: usize) -> [__m256d; WIDTH] {
            let (a, b) = (self.load(0, run), self.load(1, run));
            let (c, d) = (self.load(2, run), self.load(3, run));
            let (even_low, odd_low) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
            let (even_high, odd_high) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
            [
                _mm256_permute2f128_pd::<0x20>(even_low, even_high),
                _mm256_permute2f128_pd::<0x20>(odd_low, odd_high),
                _mm256_permute2f128_pd::<0x31>(even_low, even_high),
                _mm256_permute2f128_pd::<0x31>(odd_low, odd_high),
            ]
        }

        /// Loads four options of one row.
        #[inline]
        #[target_feature(enable = "avx2")]
        fn load(&self, row: usize, run: usize) -> __m256d {
            debug_assert!(run < self.rows[row].len());
            // SAFETY: every row has `runs` runs of four doubles, and `run` is below that; asking for
            // memory that is not there changes nothing.
            unsafe {
                let place = self.rows[row].get_unchecked(run).as_ptr();
                _mm_prefetch::<_MM_HINT_T0>(place.wrapping_add(AHEAD).cast());
                _mm256_loadu_pd(place)
            }
        }
    }

    /// Computes the alignments of four pairs; tells whether all sides are response distributions.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn align(
        model: &FourRows<'_>,
        human: &FourRows<'_>,
        lengths: &[i64; WIDTH],
        out: &mut [MaybeUninit<f64>; WIDTH],
    ) -> bool {
        let (sign, zero) = (_mm256_set1_pd(-0.0), _mm256_setzero_pd());
        // SAFETY: four integers are read, and there are four.
        let ends = unsafe { _mm256_loadu_si256(lengths.as_ptr().cast()) };
        let (mut option, next) = (_mm256_setzero_si256(), _mm256_set1_epi64x(1));
        let (mut p_sum, mut q_sum, mut area) = (zero, zero, zero);
        let (mut gap, mut signs) = (zero, zero);
        for run in 0..model.runs.min(human.runs) {
            for (p, q) in model.transposed(run).into_iter().zip(human.transposed(run)) {
                let inside = _mm256_castsi256_pd(_mm256_cmpgt_epi64(ends, option));
                let (p, q) = (_mm256_and_pd(p, inside), _mm256_and_pd(q, inside));
                // A step is added one option later, because the last option has no step.
                area = _mm256_add_pd(area, _mm256_and_pd(gap, inside));
                p_sum = _mm256_add_pd(p_sum, p);
                q_sum = _mm256_add_pd(q_sum, q);
                gap = _mm256_andnot_pd(sign, _mm256_sub_pd(p_sum, q_sum));
                signs = _mm256_or_pd(signs, _mm256_or_pd(p, q));
                option = _mm256_add_epi64(option, next);
            }
        }
        let scores = _mm256_sub_pd(
            _mm256_set1_pd(1.0),
            _mm256_div_pd(area, small(_mm256_sub_epi64(ends, next))),
        );
        // SAFETY: four doubles are written, and there is room for four.
        unsafe { _mm256_storeu_pd(out.as_mut_ptr().cast(), scores) };
        // NaN and infinity make a sum fail. -0.0 counts as negative here; the general path accepts
        // it.
        let sums = _mm256_and_pd(is_one(p_sum), is_one(q_sum));
        _mm256_movemask_pd(_mm256_andnot_pd(signs, sums)) == 0b1111
    }

    /// Turns integers from 0 to 2⁵² into doubles: puts them into the fraction of 2⁵² and subtracts
    /// 2⁵².
    #[inline]
    #[target_feature(enable = "avx2")]
    fn small(integers: __m256i) -> __m256d {
        let shift = _mm256_set1_pd(4_503_599_627_370_496.0);
        let shifted = _mm256_or_pd(_mm256_castsi256_pd(integers), shift);
        _mm256_sub_pd(shifted, shift)
    }

    /// Sets all bits for each sum that is close enough to 1.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn is_one(sum: __m256d) -> __m256d {
        let error = _mm256_sub_pd(sum, _mm256_set1_pd(1.0));
        let size = _mm256_andnot_pd(_mm256_set1_pd(-0.0), error);
        _mm256_cmp_pd::<_CMP_LE_OQ>(size, _mm256_set1_pd(SUM_TOLERANCE))
    }
}
