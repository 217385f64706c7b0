//! Kernel: sums over the options of pairs one after another, as they lie in memory.
//!
//! Terms are computed option by option across the ends of rows, without padding or transposing.
//! Sums run over the options in order, as in `lanes.rs`, so the bits are the same.

use super::four_rows_avx2;
use super::sums::{Needs, PairSums, ROWS};
use super::terms::{ROOM, divergence_terms, entropy_term, hellinger_term};
use crate::input::{Kinds, Positions, SUM_TOLERANCE};
use crate::machine::{Isa, multiversion};

/// Terms of all options of some rows; empty if no metric needs them.
#[derive(Default)]
pub(super) struct Terms {
    room: Vec<f64>,
    shannon: Vec<f64>,
    leibler: Vec<f64>,
    hellinger: Vec<f64>,
    entropy: Vec<f64>,
}

impl Terms {
    /// Makes room for the terms that are needed.
    fn resize(&mut self, needs: Needs, options: usize) {
        if needs.has(Needs::DIVERGENCES) {
            self.room.resize(ROOM * options, 0.0);
        }
        for (sum, terms) in [
            (Needs::DIVERGENCES, &mut self.shannon),
            (Needs::DIVERGENCES, &mut self.leibler),
            (Needs::HELLINGER, &mut self.hellinger),
            (Needs::ENTROPY, &mut self.entropy),
        ] {
            if needs.has(sum) {
                terms.resize(options, 0.0);
            }
        }
    }
}

impl PairSums<ROWS> {
    /// Records which of `count` rows are nominal.
    pub fn set_kinds(&mut self, kinds: &Kinds<'_>, first_row: usize, count: usize) {
        match kinds {
            Kinds::Ordinal => self.nominal = [false; ROWS],
            Kinds::Nominal => self.nominal = [true; ROWS],
            Kinds::Rows(flags) => {
                self.nominal[..count].copy_from_slice(&flags[first_row..first_row + count]);
            }
        }
    }

    /// Adds up the shares of every row; returns false if the positions of one do not fit.
    pub fn add_rows(
        &mut self,
        isa: Isa,
        positions: &Positions<'_>,
        first_row: usize,
        ends: &[i64],
        sides: (&[f64], &[f64]),
        needs: Needs,
    ) -> bool {
        if matches!(positions, Positions::Equal) {
            if needs.has(Needs::SHIFT) || self.nominal.contains(&true) {
                add_equal_rows(isa, ends, sides, self);
            } else if !four_rows_avx2::add_shares(isa, ends, sides, self) {
                add_equal_ordinal_rows(isa, ends, sides, self);
            }
            return true;
        }
        let mut placed = true;
        for row in 0..ends.len() - 1 {
            let (start, end) = bounds(ends, row);
            let sides = (&sides.0[start..end], &sides.1[start..end]);
            if self.nominal[row] {
                self.add_row::<true>(row, sides, |_| (1.0, 1.0));
                continue;
            }
            match positions.of_row(first_row + row, end - start) {
                Ok(Some(x)) => {
                    self.add_row::<true>(row, sides, |k| (x[k], x[k] - x[k.max(1) - 1]));
                    self.span[row] = x[end - start - 1] - x[0];
                }
                Ok(None) => self.add_equal_row::<true>(row, sides),
                Err(_) => placed = false,
            }
        }
        placed
    }

    /// Adds up one row with options at 1, 2, …, K.
    #[inline(always)]
    #[allow(
        clippy::cast_precision_loss,
        reason = "a row has far fewer than 2^52 options"
    )]
    fn add_equal_row<const ALL: bool>(&mut self, row: usize, sides: (&[f64], &[f64])) {
        self.add_row::<ALL>(row, sides, |k| ((k + 1) as f64, 1.0));
        self.span[row] = sides.0.len() as f64 - 1.0;
    }

    /// Adds up one row. `place` gives the position of an option, and its distance from the one
    /// before. Without `ALL`, the squared variation and the shift are left out.
    #[inline(always)]
    fn add_row<const ALL: bool>(
        &mut self,
        row: usize,
        (model, human): (&[f64], &[f64]),
        place: impl Fn(usize) -> (f64, f64),
    ) {
        let (mut p_sum, mut q_sum, mut gap) = (0.0, 0.0, 0.0_f64);
        let (mut area, mut squared_area) = (0.0, 0.0);
        let (mut variation, mut squared_variation, mut shift) = (0.0, 0.0, 0.0);
        for (k, (&p, &q)) in model.iter().zip(human).enumerate() {
            let (position, width) = place(k);
            // A step is added one option later, because the last option has no step.
            area += gap.abs() * width;
            squared_area += gap * gap * width;
            p_sum += p;
            q_sum += q;
            gap = p_sum - q_sum;
            let difference = p - q;
            variation += difference.abs();
            if ALL {
                squared_variation += difference * difference;
                shift += difference * position;
            }
        }
        self.model[row] = p_sum;
        self.human[row] = q_sum;
        self.area[row] = area;
        self.squared_area[row] = squared_area;
        self.variation[row] = variation;
        if ALL {
            self.squared_variation[row] = squared_variation;
            self.shift[row] = shift;
        }
    }

    /// Tells whether both sides of the first `count` rows add up to 1.
    pub fn sound(&self, count: usize) -> bool {
        let mut sound = true;
        for row in 0..count {
            // NaN and infinity make a sum fail.
            sound &= (self.model[row] - 1.0).abs() <= SUM_TOLERANCE;
            sound &= (self.human[row] - 1.0).abs() <= SUM_TOLERANCE;
        }
        sound
    }

    /// Adds up the terms that are needed.
    pub fn add_terms(
        &mut self,
        isa: Isa,
        ends: &[i64],
        sides: (&[f64], &[f64]),
        needs: Needs,
        terms: &mut Terms,
    ) {
        terms.resize(needs, sides.0.len());
        let (shannon, leibler) = (&mut self.shannon, &mut self.leibler);
        match (needs.has(Needs::DIVERGENCES), needs.has(Needs::HELLINGER)) {
            (true, true) => {
                divergences_and_hellingers(isa, sides, terms);
                let filled = [&terms.shannon[..], &terms.leibler, &terms.hellinger];
                sum_rows(
                    isa,
                    ends,
                    filled,
                    &mut [shannon, leibler, &mut self.hellinger],
                );
            }
            (true, false) => {
                divergences(isa, sides, terms);
                let filled = [&terms.shannon[..], &terms.leibler];
                sum_rows(isa, ends, filled, &mut [shannon, leibler]);
            }
            (false, true) => {
                hellingers(isa, sides, terms);
                sum_rows(isa, ends, [&terms.hellinger], &mut [&mut self.hellinger]);
            }
            (false, false) => {}
        }
        if needs.has(Needs::ENTROPY) {
            entropies(isa, sides, terms);
            sum_rows(isa, ends, [&terms.entropy], &mut [&mut self.entropy]);
        }
        if needs.has(Needs::MODES) {
            self.match_modes(ends, sides);
        }
    }

    /// Marks the rows whose sides share a most likely option.
    fn match_modes(&mut self, ends: &[i64], (model, human): (&[f64], &[f64])) {
        let largest = |row: &[f64]| row.iter().fold(0.0, |mode: f64, &p| mode.max(p));
        for row in 0..ends.len() - 1 {
            let (start, end) = bounds(ends, row);
            let (model, human) = (&model[start..end], &human[start..end]);
            let (p_mode, q_mode) = (largest(model), largest(human));
            let both = |(&p, &q): (&f64, &f64)| p == p_mode && q == q_mode;
            self.mode[row] = f64::from(u8::from(model.iter().zip(human).any(both)));
        }
    }
}

multiversion! {
    /// Tells whether a number is negative; -0.0 counts as negative.
    pub(super) fn any_sign(numbers: &[f64]) -> bool = any_sign_body;
}

#[inline(always)]
fn any_sign_body(numbers: &[f64]) -> bool {
    let mut bits = 0;
    for number in numbers {
        bits |= number.to_bits();
    }
    bits >> 63 != 0
}

/// Returns the start and the end of a row; the bounds were checked before.
#[inline(always)]
#[allow(
    clippy::cast_sign_loss,
    clippy::cast_possible_truncation,
    reason = "bounds of a slice"
)]
fn bounds(ends: &[i64], row: usize) -> (usize, usize) {
    (ends[row] as usize, ends[row + 1] as usize)
}

multiversion! {
    /// Adds up rows with options at 1, 2, …, K.
    fn add_equal_rows(ends: &[i64], sides: (&[f64], &[f64]), sums: &mut PairSums<ROWS>)
        = add_equal_rows_body::<true>;
}

multiversion! {
    /// Adds up the same rows without the sums that only nominal rows and shifts need.
    fn add_equal_ordinal_rows(ends: &[i64], sides: (&[f64], &[f64]), sums: &mut PairSums<ROWS>)
        = add_equal_rows_body::<false>;
}

#[inline(always)]
fn add_equal_rows_body<const ALL: bool>(
    ends: &[i64],
    (model, human): (&[f64], &[f64]),
    sums: &mut PairSums<ROWS>,
) {
    for row in 0..ends.len() - 1 {
        let (start, end) = bounds(ends, row);
        sums.add_equal_row::<ALL>(row, (&model[start..end], &human[start..end]));
    }
}

/// Adds up each row's terms, several kinds side by side.
fn sum_rows<const N: usize>(
    isa: Isa,
    ends: &[i64],
    terms: [&[f64]; N],
    out: &mut [&mut [f64; ROWS]; N],
) {
    if four_rows_avx2::add_terms(isa, ends, terms, out) {
        return;
    }
    for row in 0..ends.len() - 1 {
        let (start, end) = bounds(ends, row);
        let terms = terms.map(|terms| &terms[start..end]);
        let mut sums = [0.0; N];
        for k in 0..end - start {
            for n in 0..N {
                sums[n] += terms[n][k];
            }
        }
        for n in 0..N {
            out[n][row] = sums[n];
        }
    }
}

multiversion! {
    /// Computes the terms of the divergences of Jensen–Shannon and of Kullback–Leibler.
    fn divergences(sides: (&[f64], &[f64]), terms: &mut Terms) = fill_terms::<true, false>;
}

multiversion! {
    /// Computes the terms of the Hellinger distance.
    fn hellingers(sides: (&[f64], &[f64]), terms: &mut Terms) = fill_terms::<false, true>;
}

multiversion! {
    /// Computes the terms of all three.
    fn divergences_and_hellingers(sides: (&[f64], &[f64]), terms: &mut Terms)
        = fill_terms::<true, true>;
}

/// Computes the terms of all options.
#[inline(always)]
fn fill_terms<const DIVERGENCES: bool, const HELLINGER: bool>(
    (model, human): (&[f64], &[f64]),
    terms: &mut Terms,
) {
    let Terms {
        room,
        shannon,
        leibler,
        hellinger,
        ..
    } = terms;
    if DIVERGENCES {
        divergence_terms::<HELLINGER>((model, human), room, shannon, leibler, hellinger);
    } else if HELLINGER {
        for ((&p, &q), term) in model.iter().zip(human).zip(hellinger) {
            *term = hellinger_term(p, q);
        }
    }
}

multiversion! {
    /// Computes the terms of the difference of entropies.
    fn entropies(sides: (&[f64], &[f64]), terms: &mut Terms) = entropies_body;
}

#[inline(always)]
fn entropies_body((model, human): (&[f64], &[f64]), terms: &mut Terms) {
    for ((&p, &q), term) in model.iter().zip(human).zip(&mut terms.entropy) {
        *term = entropy_term(p, q);
    }
}
