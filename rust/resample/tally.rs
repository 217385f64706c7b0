//! The number of each answer in a drawn sample.
//!
//! The multiplicities of the respondents who gave an answer are added up, in blocks of respondents
//! that fit the L1 cache. The most frequent answer is not added up: it is the total minus the
//! others.

use super::answers::Answers;
use super::tally_kernels::{
    PART, PIECE, add_rows, add_weighted, divide_by_total, fill_modal, mark, to_doubles, weigh,
};
use super::tile::{Multiplicity, TILE, TileValues, ZERO};
use crate::error::Error;
use crate::machine::{Aligned, Executor, Isa, Watch};

/// Number of respondents whose multiplicities fit the L1 cache together.
const BLOCK: usize = 384;

/// Number of respondents whose weighted multiplicities in a part of the replicates fit the L1 cache.
const WEIGHTED_BLOCK: usize = 96;

/// Below this many answers a second thread costs more than it saves.
const SHARE_FROM: usize = 1 << 17;

/// Units of work of one answer in one tile.
const COST: usize = 8;

/// The respondents by item and answer.
pub(super) struct Tally {
    /// The start of the options of each item among all options, and the end of the last.
    pub first_option: Vec<usize>,
    items: Vec<AnswerLists>,
    /// Respondents of a block.
    block: usize,
}

/// The respondents by answer to one item: a list for each block and answer; the last list of a
/// block holds those without an answer.
#[derive(Default)]
struct AnswerLists {
    /// Respondents of each list, counted within their block.
    respondents: Vec<u16>,
    /// Where each list ends in `respondents`.
    ends: Vec<u32>,
    /// Lists of each block.
    n_lists: usize,
    /// The answer with the most respondents; it is not added up.
    modal: usize,
}

impl AnswerLists {
    /// Lists the respondents of an item, block by block.
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

    /// Lists the respondents of a block who gave an answer; the last list holds those without one.
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

    /// Returns one list.
    fn of(&self, block: usize, list: usize) -> &[u16] {
        let at = block * self.n_lists + list;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.respondents[start as usize..self.ends[at] as usize]
    }
}

impl Tally {
    /// Lists the respondents by answer.
    ///
    /// # Errors
    /// Answers or weights that do not fit, or [`Error::Interrupted`].
    pub fn new(
        answers: &Answers<'_>,
        n_respondents: usize,
        executor: Executor<'_>,
    ) -> Result<Self, Error> {
        let n_items = answers.options.len();
        answers.check_shape(n_respondents)?;
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
        tally.items.resize_with(n_items, AnswerLists::default);
        let executor = executor.for_work(n_respondents.saturating_mul(n_items), SHARE_FROM);
        let isa = executor.isa;
        executor.run(tally.items.iter_mut().enumerate(), |(item, lists), _| {
            answers.check_codes(item)?;
            *lists = AnswerLists::new(isa, answers.codes[item], answers.options[item], block);
            Ok(())
        })?;
        Ok(tally)
    }

    /// Computes the shares of every option of every item in every replicate; NaN if nobody
    /// answered.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub fn shares(
        &self,
        isa: Isa,
        answers: &Answers<'_>,
        drawn: &[Multiplicity],
        watch: &Watch<'_>,
    ) -> Result<Vec<TileValues>, Error> {
        let mut shares = match answers.weights {
            None => self.counts(isa, drawn, watch)?,
            Some(weights) => self.weighted_sums(isa, drawn, weights, watch)?,
        };
        for options in self.first_option.windows(2) {
            divide_by_total(isa, &mut shares[options[0]..options[1]]);
        }
        Ok(shares)
    }

    /// Returns each list of an item that is an option, with its place among all options.
    fn options(&self, item: usize) -> impl Iterator<Item = (usize, usize)> {
        (self.first_option[item]..self.first_option[item + 1]).enumerate()
    }

    /// Counts those who gave each answer.
    fn counts(
        &self,
        isa: Isa,
        drawn: &[Multiplicity],
        watch: &Watch<'_>,
    ) -> Result<Vec<TileValues>, Error> {
        let largest = drawn.iter().flat_map(|row| row.iter().copied()).max();
        let rows_per_byte = usize::from(u8::MAX / largest.unwrap_or(0).max(1));
        let mut counts = vec![Aligned([0_u32; TILE]); self.first_option[self.items.len()]];
        let mut missing = vec![Aligned([0_u32; TILE]); self.items.len()];
        let mut total = Aligned([0_u32; TILE]);
        let everyone: Vec<u16> = (0..).take(BLOCK).collect();
        for (block, drawn) in drawn.chunks(self.block).enumerate() {
            let everyone = &everyone[..drawn.len()];
            add_rows(isa, drawn, everyone, rows_per_byte, &mut total);
            for (item, lists) in self.items.iter().enumerate() {
                let unanswered = lists.n_lists - 1;
                let options = self.options(item).filter(|&(list, _)| list != lists.modal);
                for (list, option) in options {
                    let members = lists.of(block, list);
                    add_rows(isa, drawn, members, rows_per_byte, &mut counts[option]);
                }
                if lists.modal != unanswered {
                    let members = lists.of(block, unanswered);
                    add_rows(isa, drawn, members, rows_per_byte, &mut missing[item]);
                }
            }
            watch.after(drawn.len() * self.items.len() * COST)?;
        }
        let mut shares = vec![ZERO; counts.len()];
        for (item, lists) in self.items.iter().enumerate() {
            let options = self.first_option[item]..self.first_option[item + 1];
            let (counts, shares) = (&mut counts[options.clone()], &mut shares[options]);
            if lists.modal < counts.len() {
                fill_modal(isa, &total, &missing[item], lists.modal, counts);
            }
            to_doubles(isa, counts, shares);
        }
        Ok(shares)
    }

    /// Adds up the weights of those who gave each answer.
    fn weighted_sums(
        &self,
        isa: Isa,
        drawn: &[Multiplicity],
        weights: &[f64],
        watch: &Watch<'_>,
    ) -> Result<Vec<TileValues>, Error> {
        let mut sums = vec![ZERO; self.first_option[self.items.len()]];
        let mut weighted = vec![Aligned([0.0; PART]); WEIGHTED_BLOCK];
        let blocks = drawn.chunks(self.block).zip(weights.chunks(self.block));
        for (block, (drawn, weights)) in blocks.enumerate() {
            for part in 0..TILE / PART {
                weigh(isa, drawn, part, weights, &mut weighted);
                for (item, lists) in self.items.iter().enumerate() {
                    for (list, option) in self.options(item) {
                        let sums = &mut sums[option].as_chunks_mut().0[part];
                        add_weighted(isa, &weighted, lists.of(block, list), sums);
                    }
                }
            }
            watch.after(drawn.len() * self.items.len() * COST)?;
        }
        Ok(sums)
    }
}
