//! How many of a drawn sample gave each answer.
//!
//! Multiplicities are added up per answer, respondents in blocks that fit the first cache, 64
//! replicates to a cache line. The most frequent answer needs no adding: it is what the others
//! leave.

use crate::error::Error;
use crate::isa::{Isa, multiversion};
use crate::sample::{Multiplicity, TILE};

/// Codes from here on are missing answers.
pub const MISSING: u8 = 250;

/// Respondents whose multiplicities fit the first cache together.
const BLOCK: usize = 384;

/// One number for every replicate of a tile.
pub(crate) type Run = [f64; TILE];

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
    fn check(&self, item: usize, codes: &[u8], first: usize) -> Result<(), Error> {
        let options = self.options[item];
        let known = options + self.off_scale.map_or(0, |off| off[item]);
        let wrong = |&code: &u8| code < MISSING && usize::from(code) >= known;
        match codes.iter().position(wrong) {
            None => Ok(()),
            Some(at) => Err(Error::argument(format!(
                "answer {} of respondent {} to item {item} is none of its {options} options: \
                 count options from 0 and missing answers from {MISSING} on",
                codes[at],
                first + at
            ))),
        }
    }
}

/// Who gave which answer: respondents by block, item and answer.
pub(crate) struct Tally {
    /// First option of each item among all options.
    pub first_option: Vec<usize>,
    /// Respondents of each list, counted within their block.
    members: Vec<u16>,
    /// `lists[block * n_lists + list]` is where a list begins in `members`; lists run over the
    /// options of all items and one "missing" per item.
    starts: Vec<usize>,
    n_lists: usize,
    /// The longest list of each item over all blocks, which is not added up.
    modal: Vec<usize>,
}

impl Tally {
    #[allow(clippy::cast_possible_truncation, reason = "a place within a block")]
    pub fn new(answers: &Answers<'_>, n_respondents: usize) -> Result<Self, Error> {
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
            first_option: Vec::with_capacity(n_items + 1),
            members: Vec::with_capacity(n_items * n_respondents),
            starts: vec![0],
            n_lists: answers.options.iter().map(|options| options + 1).sum(),
            modal: vec![0; n_items],
        };
        tally.first_option.push(0);
        for options in answers.options {
            let last = tally.first_option[tally.first_option.len() - 1];
            tally.first_option.push(last + options);
        }
        let mut frequency = vec![0_usize; tally.n_lists];
        for block in 0..n_respondents.div_ceil(BLOCK) {
            let respondents = block * BLOCK..n_respondents.min((block + 1) * BLOCK);
            let mut list = 0;
            for (item, &options) in answers.options.iter().enumerate() {
                let codes = &answers.codes[item][respondents.clone()];
                answers.check(item, codes, block * BLOCK)?;
                let list_of = |code: u8| usize::from(code).min(options);
                let mut next = vec![0; options + 1];
                for &code in codes {
                    next[list_of(code)] += 1;
                }
                let mut start = tally.members.len();
                for count in &mut next {
                    frequency[list] += *count;
                    start += std::mem::replace(count, start);
                    tally.starts.push(start);
                    list += 1;
                }
                tally.members.resize(start, 0);
                for (at, &code) in (0..).zip(codes) {
                    let place = &mut next[list_of(code)];
                    tally.members[*place] = at;
                    *place += 1;
                }
            }
        }
        for item in 0..n_items {
            let lists = tally.lists(item);
            tally.modal[item] = lists
                .clone()
                .max_by_key(|&l| frequency[l])
                .unwrap_or(lists.start);
        }
        Ok(tally)
    }

    /// The lists of an item: its options, then "missing".
    fn lists(&self, item: usize) -> std::ops::Range<usize> {
        self.first_option[item] + item..self.first_option[item + 1] + item + 1
    }

    fn members(&self, block: usize, list: usize) -> &[u16] {
        let at = block * self.n_lists + list;
        &self.members[self.starts[at]..self.starts[at + 1]]
    }

    /// Shares of every option of every item in every replicate; NaN where nobody answered.
    pub fn shares(&self, isa: Isa, answers: &Answers<'_>, drawn: &[Multiplicity]) -> Vec<Run> {
        let sums = match answers.weights {
            None => self.counts(isa, drawn),
            Some(weights) => self.weighted_sums(isa, drawn, weights),
        };
        let mut shares = Vec::with_capacity(sums.len());
        for item in 0..answers.options.len() {
            let lists = self.lists(item);
            divide_by_total(isa, &sums[lists.start..lists.end - 1], &mut shares);
        }
        shares
    }

    fn counts(&self, isa: Isa, drawn: &[Multiplicity]) -> Vec<Run> {
        let largest = drawn.iter().flatten().copied().max().unwrap_or(0).max(1);
        let rows_per_byte = usize::from(u8::MAX / largest);
        let mut counts = vec![[0_u32; TILE]; self.n_lists];
        let mut total = [0_u32; TILE];
        let everyone: Vec<u16> = (0..).take(BLOCK).collect();
        for (block, drawn) in drawn.chunks(BLOCK).enumerate() {
            add_rows(
                isa,
                drawn,
                &everyone[..drawn.len()],
                rows_per_byte,
                &mut total,
            );
            for (item, &modal) in self.modal.iter().enumerate() {
                for list in self.lists(item).filter(|&list| list != modal) {
                    let members = self.members(block, list);
                    add_rows(isa, drawn, members, rows_per_byte, &mut counts[list]);
                }
            }
        }
        for (item, &modal) in self.modal.iter().enumerate() {
            let mut rest = total;
            for list in self.lists(item).filter(|&list| list != modal) {
                for (rest, count) in rest.iter_mut().zip(&counts[list]) {
                    *rest -= count;
                }
            }
            counts[modal] = rest;
        }
        counts.iter().map(|run| run.map(f64::from)).collect()
    }

    fn weighted_sums(&self, isa: Isa, drawn: &[Multiplicity], weights: &[f64]) -> Vec<Run> {
        let mut sums = vec![[0.0; TILE]; self.n_lists];
        for (block, (drawn, weights)) in drawn.chunks(BLOCK).zip(weights.chunks(BLOCK)).enumerate()
        {
            for (list, sum) in sums.iter_mut().enumerate() {
                add_weighted(isa, drawn, weights, self.members(block, list), sum);
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
    /// Adds the multiplicities of some respondents. Up to `rows_per_byte` of them fit a byte.
    fn add_rows(
        drawn: &[Multiplicity],
        members: &[u16],
        rows_per_byte: usize,
        sums: &mut [u32; TILE],
    ) = add_rows_body;
}

#[inline(always)]
fn add_rows_body(
    drawn: &[Multiplicity],
    members: &[u16],
    rows_per_byte: usize,
    sums: &mut [u32; TILE],
) {
    for members in members.chunks(rows_per_byte) {
        let mut bytes = [0_u8; TILE];
        for &member in members {
            let row = &drawn[usize::from(member)];
            for l in 0..TILE {
                bytes[l] += row[l];
            }
        }
        for l in 0..TILE {
            sums[l] += u32::from(bytes[l]);
        }
    }
}

multiversion! {
    /// Adds the multiplicities of some respondents, times their weights.
    fn add_weighted(
        drawn: &[Multiplicity],
        weights: &[f64],
        members: &[u16],
        sums: &mut Run,
    ) = add_weighted_body;
}

#[inline(always)]
fn add_weighted_body(drawn: &[Multiplicity], weights: &[f64], members: &[u16], sums: &mut Run) {
    for &member in members {
        let (row, weight) = (&drawn[usize::from(member)], weights[usize::from(member)]);
        for l in 0..TILE {
            sums[l] += weight * f64::from(row[l]);
        }
    }
}

multiversion! {
    /// Appends each run divided by the sum of all.
    fn divide_by_total(sums: &[Run], shares: &mut Vec<Run>) = divide_by_total_body;
}

#[inline(always)]
fn divide_by_total_body(sums: &[Run], shares: &mut Vec<Run>) {
    let mut total = [0.0; TILE];
    for sum in sums {
        for l in 0..TILE {
            total[l] += sum[l];
        }
    }
    for sum in sums {
        let mut share = [0.0; TILE];
        for l in 0..TILE {
            share[l] = sum[l] / total[l];
        }
        shares.push(share);
    }
}
