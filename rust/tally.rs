//! How many of a drawn sample gave each answer.
//!
//! Multiplicities are added up per answer, respondents in blocks that fit the first cache, 64
//! replicates to a cache line. The most frequent answer needs no adding: it is what the others
//! leave.

use crate::error::Error;
use crate::isa::{Aligned, Isa, multiversion};
use crate::parallel::Executor;
use crate::sample::{Multiplicity, TILE};

/// Codes from here on are missing answers.
pub const MISSING: u8 = 250;

/// Respondents whose multiplicities fit the first cache together.
const BLOCK: usize = 384;

/// Respondents whose weighted multiplicities do.
const WEIGHTED_BLOCK: usize = 48;

/// Answers that are looked at together: as many as there are bits to mark them.
const PIECE: usize = 64;

/// Below this many answers a second thread costs more than it saves.
const SHARE_FROM: usize = 1 << 17;

/// One number for every replicate of a tile.
pub(crate) type Run = Aligned<[f64; TILE]>;

/// A count for every replicate of a tile.
type Counts = Aligned<[u32; TILE]>;

pub(crate) const ZERO: Run = Aligned([0.0; TILE]);

/// Answers of a sample, options counted from 0.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// The answers to each item, one per respondent.
    pub codes: &'a [&'a [u8]],
    /// Number of options of each item.
    pub options: &'a [usize],
    /// Number of further codes of each item that are answers off its scale, if any item has
    /// them: they are left out like missing ones.
    pub off_scale: Option<&'a [usize]>,
    /// Weight of each respondent, if they differ.
    pub weights: Option<&'a [f64]>,
}

impl Answers<'_> {
    /// Refuses codes that are neither answers to an item nor missing ones.
    fn check(&self, item: usize, codes: &[u8]) -> Result<(), Error> {
        let options = self.options[item];
        let known = options + self.off_scale.map_or(0, |off| off[item]);
        let wrong = |&code: &u8| code < MISSING && usize::from(code) >= known;
        // Without an early end the first pass is vector code.
        if !codes.iter().fold(false, |any, code| any | wrong(code)) {
            return Ok(());
        }
        match codes.iter().position(wrong) {
            None => Ok(()),
            Some(at) => Err(Error::argument(format!(
                "answer {} of respondent {at} to item {item} is none of its {options} options: \
                 count options from 0 and missing answers from {MISSING} on",
                codes[at]
            ))),
        }
    }
}

/// Who gave which answer.
pub(crate) struct Tally {
    /// First option of each item among all options.
    pub first_option: Vec<usize>,
    items: Vec<Members>,
    block: usize,
}

/// Who gave which answer to one item: respondents by block and answer, those without an answer
/// last.
#[derive(Default)]
struct Members {
    /// Respondents of each list, counted within their block.
    respondents: Vec<u16>,
    /// Where each list ends in `respondents`.
    ends: Vec<u32>,
    n_lists: usize,
    /// The longest list over all blocks, which need not be added up.
    modal: usize,
}

impl Members {
    fn new(isa: Isa, codes: &[u8], options: usize, block: usize) -> Self {
        let mut found = Self {
            respondents: Vec::with_capacity(codes.len()),
            n_lists: options + 1,
            ..Self::default()
        };
        let mut sizes = vec![0; found.n_lists];
        for codes in codes.chunks(block) {
            for (list, size) in sizes.iter_mut().enumerate() {
                let before = found.respondents.len();
                found.list(isa, codes, list);
                *size += found.respondents.len() - before;
            }
        }
        let lists = 0..found.n_lists;
        found.modal = lists.max_by_key(|&list| sizes[list]).unwrap_or(0);
        found
    }

    /// Lists those of a block who gave an answer; the last list is of all who gave none.
    #[allow(clippy::cast_possible_truncation, reason = "a place within a block")]
    fn list(&mut self, isa: Isa, codes: &[u8], list: usize) {
        let highest = if list + 1 == self.n_lists {
            u8::MAX
        } else {
            list as u8
        };
        let (pieces, rest) = codes.as_chunks();
        let mut end = [0; PIECE];
        end[..rest.len()].copy_from_slice(rest);
        for (number, piece) in pieces.iter().chain([&end]).enumerate() {
            let mut marks = mark(isa, piece, list as u8, highest);
            if number == pieces.len() {
                marks &= (1 << rest.len()) - 1;
            }
            while marks != 0 {
                let at = number * PIECE + marks.trailing_zeros() as usize;
                self.respondents.push(at as u16);
                marks &= marks - 1;
            }
        }
        self.ends.push(self.respondents.len() as u32);
    }

    fn of(&self, block: usize, list: usize) -> &[u16] {
        let at = block * self.n_lists + list;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.respondents[start as usize..self.ends[at] as usize]
    }
}

impl Tally {
    pub fn new(
        answers: &Answers<'_>,
        n_respondents: usize,
        executor: Executor<'_>,
    ) -> Result<Self, Error> {
        let n_items = answers.options.len();
        if answers.codes.len() != n_items
            || answers
                .codes
                .iter()
                .any(|codes| codes.len() != n_respondents)
            || answers.off_scale.is_some_and(|off| off.len() != n_items)
        {
            return Err(Error::argument(format!(
                "{} columns of answers are not {n_respondents} respondents × {n_items} items",
                answers.codes.len()
            )));
        }
        check_weights(answers.weights, n_respondents)?;
        let mut tally = Self {
            first_option: vec![0],
            items: Vec::new(),
            block: if answers.weights.is_some() {
                WEIGHTED_BLOCK
            } else {
                BLOCK
            },
        };
        for options in answers.options {
            let last = tally.first_option[tally.first_option.len() - 1];
            tally.first_option.push(last + options);
        }
        let block = tally.block;
        tally.items.resize_with(n_items, Members::default);
        let executor = if n_respondents * n_items < SHARE_FROM {
            executor.limited(1)
        } else {
            executor
        };
        let isa = executor.isa;
        executor.run(tally.items.iter_mut().enumerate(), |(item, members)| {
            let codes = answers.codes[item];
            answers.check(item, codes)?;
            *members = Members::new(isa, codes, answers.options[item], block);
            Ok(())
        })?;
        Ok(tally)
    }

    /// Shares of every option of every item in every replicate; NaN where nobody answered.
    pub fn shares(&self, isa: Isa, answers: &Answers<'_>, drawn: &[Multiplicity]) -> Vec<Run> {
        let mut shares = match answers.weights {
            None => self.counts(isa, drawn),
            Some(weights) => self.weighted_sums(isa, drawn, weights),
        };
        for options in self.first_option.windows(2) {
            divide_by_total(isa, &mut shares[options[0]..options[1]]);
        }
        shares
    }

    /// The lists of an item that are options, each with its place among all options.
    fn options(&self, item: usize) -> impl Iterator<Item = (usize, usize)> {
        (self.first_option[item]..self.first_option[item + 1]).enumerate()
    }

    fn counts(&self, isa: Isa, drawn: &[Multiplicity]) -> Vec<Run> {
        let largest = drawn.iter().flat_map(|row| row.iter().copied()).max();
        let rows_per_byte = usize::from(u8::MAX / largest.unwrap_or(0).max(1));
        let mut counts = vec![Aligned([0_u32; TILE]); self.first_option[self.items.len()]];
        let mut missing = vec![Aligned([0_u32; TILE]); self.items.len()];
        let mut total = Aligned([0_u32; TILE]);
        let everyone: Vec<u16> = (0..).take(BLOCK).collect();
        for (block, drawn) in drawn.chunks(self.block).enumerate() {
            let everyone = &everyone[..drawn.len()];
            add_rows(isa, drawn, everyone, rows_per_byte, &mut total);
            for (item, members) in self.items.iter().enumerate() {
                let lists = members.n_lists - 1;
                let options = self
                    .options(item)
                    .filter(|&(list, _)| list != members.modal);
                for (list, option) in options {
                    let members = members.of(block, list);
                    add_rows(isa, drawn, members, rows_per_byte, &mut counts[option]);
                }
                if members.modal != lists {
                    let members = members.of(block, lists);
                    add_rows(isa, drawn, members, rows_per_byte, &mut missing[item]);
                }
            }
        }
        let mut shares = vec![ZERO; counts.len()];
        for (item, members) in self.items.iter().enumerate() {
            let options = self.first_option[item]..self.first_option[item + 1];
            let (counts, shares) = (&mut counts[options.clone()], &mut shares[options]);
            if members.modal < counts.len() {
                fill_modal(isa, &total, &missing[item], members.modal, counts);
            }
            to_doubles(isa, counts, shares);
        }
        shares
    }

    fn weighted_sums(&self, isa: Isa, drawn: &[Multiplicity], weights: &[f64]) -> Vec<Run> {
        let mut sums = vec![ZERO; self.first_option[self.items.len()]];
        let mut weighted = vec![ZERO; WEIGHTED_BLOCK];
        let blocks = drawn.chunks(self.block).zip(weights.chunks(self.block));
        for (block, (drawn, weights)) in blocks.enumerate() {
            weigh(isa, drawn, weights, &mut weighted);
            for (item, members) in self.items.iter().enumerate() {
                for (list, option) in self.options(item) {
                    add_weighted(isa, &weighted, members.of(block, list), &mut sums[option]);
                }
            }
        }
        sums
    }
}

fn check_weights(weights: Option<&[f64]>, n_respondents: usize) -> Result<(), Error> {
    let Some(weights) = weights else {
        return Ok(());
    };
    if weights.len() != n_respondents {
        let given = weights.len();
        return Err(Error::argument(format!(
            "{given} weights for {n_respondents} respondents: give one per respondent"
        )));
    }
    match weights.iter().position(|w| !w.is_finite() || *w < 0.0) {
        None => Ok(()),
        Some(at) => Err(Error::argument(format!(
            "weight {} of respondent {at} is negative or not finite",
            weights[at]
        ))),
    }
}

multiversion! {
    /// A bit for every code from the first to the last of some.
    fn mark(codes: &[u8; PIECE], first: u8, last: u8) -> u64 = mark_body;
}

#[inline(always)]
#[allow(
    clippy::needless_bitwise_bool,
    reason = "without branches it becomes vector code"
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
    /// Adds the multiplicities of some respondents. Up to `rows_per_byte` of them fit a byte.
    fn add_rows(
        drawn: &[Multiplicity],
        members: &[u16],
        rows_per_byte: usize,
        sums: &mut Counts,
    ) = add_rows_body;
}

#[inline(always)]
fn add_rows_body(drawn: &[Multiplicity], members: &[u16], rows_per_byte: usize, sums: &mut Counts) {
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
    /// Puts what all others leave of a total into the place of the modal answer.
    fn fill_modal(total: &Counts, missing: &Counts, modal: usize, counts: &mut [Counts])
        = fill_modal_body;
}

#[inline(always)]
fn fill_modal_body(total: &Counts, missing: &Counts, modal: usize, counts: &mut [Counts]) {
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
    fn to_doubles(counts: &[Counts], out: &mut [Run]) = to_doubles_body;
}

#[inline(always)]
fn to_doubles_body(counts: &[Counts], out: &mut [Run]) {
    for (out, count) in out.iter_mut().zip(counts) {
        for l in 0..TILE {
            out.0[l] = f64::from(count.0[l]);
        }
    }
}

multiversion! {
    /// Multiplicities times weights.
    fn weigh(drawn: &[Multiplicity], weights: &[f64], out: &mut [Run]) = weigh_body;
}

#[inline(always)]
fn weigh_body(drawn: &[Multiplicity], weights: &[f64], out: &mut [Run]) {
    for ((row, &weight), out) in drawn.iter().zip(weights).zip(out) {
        for l in 0..TILE {
            out.0[l] = weight * f64::from(row.0[l]);
        }
    }
}

multiversion! {
    /// Adds the weighted multiplicities of some respondents.
    fn add_weighted(weighted: &[Run], members: &[u16], sums: &mut Run) = add_weighted_body;
}

#[inline(always)]
fn add_weighted_body(weighted: &[Run], members: &[u16], sums: &mut Run) {
    /// Replicates whose sums stay in registers.
    const STRIP: usize = 32;
    for (strip, sums) in sums.as_chunks_mut::<STRIP>().0.iter_mut().enumerate() {
        let mut sum = *sums;
        for &member in members {
            let row = &weighted[usize::from(member)].0[strip * STRIP..][..STRIP];
            for l in 0..STRIP {
                sum[l] += row[l];
            }
        }
        *sums = sum;
    }
}

multiversion! {
    /// Divides each run by the sum of all.
    fn divide_by_total(sums: &mut [Run]) = divide_by_total_body;
}

#[inline(always)]
fn divide_by_total_body(sums: &mut [Run]) {
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
