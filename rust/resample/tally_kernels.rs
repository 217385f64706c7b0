//! Kernels of the tally: multiplicities added up, 64 replicates to a cache line.

use super::tile::{Multiplicity, TILE, TileCounts, TileValues, ZERO};
use crate::machine::{Aligned, multiversion};

/// Codes that are compared together: as many as a word has bits to mark them.
pub(super) const PIECE: usize = 64;

/// Replicates of a tile whose sums stay in registers.
pub(super) const PART: usize = 32;

/// A number for each of these replicates.
pub(super) type Part = Aligned<[f64; PART]>;

multiversion! {
    /// Sets a bit for every code from `first` to `last`.
    pub(super) fn mark(codes: &[u8; PIECE], first: u8, last: u8) -> u64 = mark_body;
}

#[inline(always)]
#[allow(
    clippy::needless_bitwise_bool,
    reason = "without branches the compiler vectorises it"
)]
fn mark_body(codes: &[u8; PIECE], first: u8, last: u8) -> u64 {
    /// Multiplied by this, bytes of 0 and 1 leave their bits in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut flags = [0; PIECE];
    for l in 0..PIECE {
        flags[l] = u8::from((codes[l] >= first) & (codes[l] <= last));
    }
    let mut marks = 0;
    for (byte, flags) in flags.as_chunks().0.iter().enumerate() {
        marks |= (u64::from_le_bytes(*flags).wrapping_mul(GATHER) >> 56) << (8 * byte);
    }
    marks
}

multiversion! {
    /// Adds the multiplicities of some respondents; the sum of `rows_per_byte` of them fits a byte.
    pub(super) fn add_rows(
        drawn: &[Multiplicity],
        members: &[u16],
        rows_per_byte: usize,
        sums: &mut TileCounts,
    ) = add_rows_body;
}

#[inline(always)]
fn add_rows_body(
    drawn: &[Multiplicity],
    members: &[u16],
    rows_per_byte: usize,
    sums: &mut TileCounts,
) {
    for members in members.chunks(rows_per_byte) {
        let mut bytes = Aligned([0_u8; TILE]);
        for &member in members {
            let row = &drawn[usize::from(member)];
            for l in 0..TILE {
                bytes.0[l] += row.0[l];
            }
        }
        for l in 0..TILE {
            sums.0[l] += u32::from(bytes.0[l]);
        }
    }
}

multiversion! {
    /// Fills in the count of the modal answer: the total minus all others.
    pub(super) fn fill_modal(total: &TileCounts, missing: &TileCounts, modal: usize, counts: &mut [TileCounts])
        = fill_modal_body;
}

#[inline(always)]
fn fill_modal_body(
    total: &TileCounts,
    missing: &TileCounts,
    modal: usize,
    counts: &mut [TileCounts],
) {
    let mut rest = total.0;
    for l in 0..TILE {
        rest[l] -= missing.0[l];
    }
    for (list, count) in counts.iter().enumerate() {
        if list != modal {
            for l in 0..TILE {
                rest[l] -= count.0[l];
            }
        }
    }
    counts[modal].0 = rest;
}

multiversion! {
    /// Turns counts into doubles.
    pub(super) fn to_doubles(counts: &[TileCounts], out: &mut [TileValues]) = to_doubles_body;
}

#[inline(always)]
fn to_doubles_body(counts: &[TileCounts], out: &mut [TileValues]) {
    for (out, count) in out.iter_mut().zip(counts) {
        for l in 0..TILE {
            out.0[l] = f64::from(count.0[l]);
        }
    }
}

multiversion! {
    /// Multiplies multiplicities in a part of the replicates by weights.
    pub(super) fn weigh(drawn: &[Multiplicity], part: usize, weights: &[f64], out: &mut [Part])
        = weigh_body;
}

#[inline(always)]
fn weigh_body(drawn: &[Multiplicity], part: usize, weights: &[f64], out: &mut [Part]) {
    for ((row, &weight), out) in drawn.iter().zip(weights).zip(out) {
        let row = &row.as_chunks::<PART>().0[part];
        for l in 0..PART {
            out.0[l] = weight * f64::from(row[l]);
        }
    }
}

multiversion! {
    /// Adds the weighted multiplicities of some respondents.
    pub(super) fn add_weighted(weighted: &[Part], members: &[u16], sums: &mut [f64; PART])
        = add_weighted_body;
}

#[inline(always)]
fn add_weighted_body(weighted: &[Part], members: &[u16], sums: &mut [f64; PART]) {
    let mut sum = *sums;
    for &member in members {
        let row = &weighted[usize::from(member)];
        for l in 0..PART {
            sum[l] += row.0[l];
        }
    }
    *sums = sum;
}

multiversion! {
    /// Divides each sum by the total of all.
    pub(super) fn divide_by_total(sums: &mut [TileValues]) = divide_by_total_body;
}

#[inline(always)]
fn divide_by_total_body(sums: &mut [TileValues]) {
    let mut total = ZERO;
    for sum in sums.iter() {
        for l in 0..TILE {
            total.0[l] += sum.0[l];
        }
    }
    for sum in sums {
        for l in 0..TILE {
            sum.0[l] /= total.0[l];
        }
    }
}
