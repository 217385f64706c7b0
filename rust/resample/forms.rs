//! The forms in which items were put to a model, drawn again.
//!
//! The distribution of a row is the mean of the shares of its n forms, divided by their sum. A
//! replicate takes n − 1 forms drawn with replacement: the variance of their mean is that of the
//! mean of n forms, where n draws would give (n − 1) / n of it (Rao & Wu, Resampling inference with
//! complex survey data, 1988). Rows of one item with the same forms share their draws, so
//! differences between them are paired.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::tile::{TILE, TileValues, ZERO};
use crate::error::{Error, Problem, Side};
use crate::input::{Batch, Column, Labels, NO_GROUP, SUM_TOLERANCE};
use crate::machine::{Watch, filled};
use crate::random::{Source, Stream, mix};

/// No row has more forms: they are counted in bytes.
const MOST_FORMS: usize = 256;

/// With so many forms or fewer, all draws that there are can be made in turn.
const FEW_FORMS: usize = 4;

/// Units of work of one draw.
const COST: usize = 8;

/// The forms behind each row.
#[derive(Clone, Debug)]
pub struct Forms<'a> {
    /// Their shares of the options, those of one row after those of another. What they lack of 1
    /// was off the scale.
    pub shares: Column<'a>,
    /// The first form of each row, and the end of the last.
    pub starts: &'a [i64],
    /// Names the forms of each row: rows of one item with one name and as many forms share draws.
    pub names: &'a [u64],
}

/// How often each form was drawn in each replicate.
pub(super) struct FormDraws<'a> {
    /// For each row of the input with two forms or more: the start of its counts, and its forms.
    rows: Vec<Option<(usize, Range<usize>)>>,
    shares: Vec<Cow<'a, [f64]>>,
    /// The counts of one form in all tiles, form after form, set after set.
    counts: Vec<u8>,
    n_tiles: usize,
}

impl<'a> FormDraws<'a> {
    /// Checks the forms of all rows, and draws them; without a seed, makes all possible draws in
    /// turn: see [`Forms::all_draws`].
    ///
    /// # Errors
    /// Forms that are no distributions or not those of their row, [`Error::Memory`] or
    /// [`Error::Interrupted`].
    pub fn new(
        forms: &'a Forms<'_>,
        batch: &Batch<'_>,
        labels: &Labels<'_>,
        (n_resamples, seed): (usize, Option<u64>),
        watch: &Watch<'_>,
    ) -> Result<Self, Error> {
        let ranges = forms.ranges(batch.rows())?;
        let shares: Result<Vec<_>, Error> = (0..forms.shares.rows())
            .map(|form| checked(&forms.shares, form).map_err(Error::at(Side::Form, form)))
            .collect();
        let shares = shares?;
        let n_tiles = n_resamples.div_ceil(TILE);
        let (mut sets, mut starts) = (Vec::new(), HashMap::new());
        let (mut rows, mut n_counts) = (vec![None; batch.rows()], 0);
        for (row, range) in ranges.into_iter().enumerate() {
            if labels.groups[row] == NO_GROUP || range.len() < 2 {
                continue;
            }
            check_mean(batch, row, &shares[range.clone()], range.start)?;
            let name = mix(mix(u64::from(labels.items[row])) ^ forms.names[row]);
            let start = *starts.entry((name, range.len())).or_insert_with(|| {
                sets.push((name, range.len()));
                n_counts += range.len();
                n_counts - range.len()
            });
            watch.after(range.len() * COST)?;
            rows[row] = Some((start, range));
        }
        let mut counts = filled(0, &[n_counts, n_tiles, TILE])?;
        let width = n_tiles * TILE;
        let mut rest = &mut counts[..];
        for (name, n) in sets {
            let set = rest.split_off_mut(..n * width).unwrap_or_default();
            for replicate in 0..n_resamples {
                let mut count = |form| set[form * width + replicate] += 1;
                if let Some(seed) = seed {
                    let mut stream = Stream::new(seed, Source::Forms(name), replicate as u64);
                    (1..n).for_each(|_| count(stream.below(n)));
                } else {
                    let mut rest = replicate;
                    for _ in 1..n {
                        count(rest % n);
                        rest /= n;
                    }
                }
            }
            watch.after(n_resamples * n * COST)?;
        }
        Ok(Self {
            rows,
            shares,
            counts,
            n_tiles,
        })
    }

    /// Joins the drawn forms of a row of the input in every replicate of a tile; None if the row has
    /// a single form.
    pub fn of_row(&self, row: usize, tile: usize) -> Option<Vec<TileValues>> {
        let (start, forms) = self.rows[row].clone()?;
        let mut out = vec![ZERO; self.shares[forms.start].len()];
        let mut total = ZERO;
        for (number, form) in forms.enumerate() {
            let first = ((start + number) * self.n_tiles + tile) * TILE;
            let counts = &self.counts[first..first + TILE];
            for (out, share) in out.iter_mut().zip(self.shares[form].iter()) {
                for ((out, total), &count) in out.iter_mut().zip(&mut *total).zip(counts) {
                    let drawn = share * f64::from(count);
                    *out += drawn;
                    *total += drawn;
                }
            }
        }
        for out in &mut out {
            for (out, total) in out.iter_mut().zip(total.iter()) {
                // beyond the last replicate nothing is drawn
                *out /= if *total > 0.0 { *total } else { 1.0 };
            }
        }
        Some(out)
    }
}

impl Forms<'_> {
    /// Returns how many replicates make every possible draw of every row equally often; None if they
    /// are many. Of n forms, n − 1 are drawn, in n ^ (n − 1) ways.
    #[allow(clippy::cast_possible_truncation, reason = "at most FEW_FORMS")]
    pub(super) fn all_draws(&self) -> Option<usize> {
        let mut replicates = 1;
        for pair in self.starts.windows(2) {
            let n = usize::try_from(pair[1].checked_sub(pair[0])?).ok()?;
            if n > FEW_FORMS {
                return None;
            }
            let ways = if n < 2 { 1 } else { n.pow(n as u32 - 1) };
            if replicates % ways > 0 {
                replicates *= if ways % replicates > 0 {
                    ways
                } else {
                    ways / replicates
                };
            }
        }
        Some(replicates)
    }

    /// Checks that every row has its forms, and returns where they lie.
    fn ranges(&self, rows: usize) -> Result<Vec<Range<usize>>, Error> {
        let ends = || self.starts.iter().map(|&start| usize::try_from(start));
        let ranges: Option<Vec<_>> = ends()
            .zip(ends().skip(1))
            .map(|pair| match pair {
                (Ok(start), Ok(end)) if start <= end && end <= self.shares.rows() => {
                    Some(start..end)
                }
                _ => None,
            })
            .collect();
        let ranges = ranges.filter(|ranges| ranges.len() == rows && self.names.len() == rows);
        let ranges = ranges.ok_or_else(|| {
            Error::argument(format!(
                "the forms are not those of {rows} rows: give a list per row"
            ))
        })?;
        match ranges.iter().position(|range| range.len() > MOST_FORMS) {
            None => Ok(ranges),
            Some(row) => Err(Error::argument(format!(
                "row {row} has {} forms: give at most {MOST_FORMS}",
                ranges[row].len()
            ))),
        }
    }
}

/// Returns the shares of a form, if they are not negative and add up to 1 or less.
fn checked<'a>(column: &Column<'a>, form: usize) -> Result<Cow<'a, [f64]>, Problem> {
    let shares = column.row(form)?;
    for &share in shares.iter() {
        if !share.is_finite() {
            return Err(Problem::NotFinite(share));
        }
        if share < 0.0 {
            return Err(Problem::Negative(share));
        }
    }
    let sum: f64 = shares.iter().sum();
    if sum > 0.0 && sum <= 1.0 + SUM_TOLERANCE {
        Ok(shares)
    } else {
        Err(Problem::FormSum(sum))
    }
}

/// Checks that a row is the mean of its forms.
fn check_mean(
    batch: &Batch<'_>,
    row: usize,
    forms: &[Cow<'_, [f64]>],
    first: usize,
) -> Result<(), Error> {
    let model = batch.model.row(row).map_err(Error::at(Side::Model, row))?;
    if let Some(form) = forms.iter().position(|form| form.len() != model.len()) {
        let problem = Problem::Length(forms[form].len(), model.len());
        return Err(Error::at(Side::Form, first + form)(problem));
    }
    let total: f64 = forms.iter().flat_map(|form| form.iter()).sum();
    for (option, share) in model.iter().enumerate() {
        let mean = forms.iter().map(|form| form[option]).sum::<f64>() / total;
        if (mean - share).abs() > SUM_TOLERANCE {
            return Err(Error::argument(format!(
                "model row {row} gives option {option} the share {share}, and its forms together \
                 {mean}: pass the mean of the forms"
            )));
        }
    }
    Ok(())
}
