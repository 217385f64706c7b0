//! A batch of pairs of response distributions, borrowed from whoever holds the numbers.
//!
//! Rows lie one after another in a buffer of values, marked out by offsets as in Arrow's list
//! arrays; rows of equal length need no offsets. A side may come in several chunks. Nothing is
//! copied and nothing is trusted: every row is cut out by a checked slice when it is read.

use std::borrow::Cow;

use crate::error::{Error, Problem, Side};

/// How far a row's sum may be from 1.
pub const SUM_TOLERANCE: f64 = 1e-6;

/// The numbers of a chunk.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// Double precision.
    F64(&'a [f64]),
    /// Single precision; all arithmetic on them is in double precision.
    F32(&'a [f32]),
}

/// Where each row of a chunk begins and ends.
#[derive(Clone, Copy, Debug)]
pub enum Offsets<'a> {
    /// All rows have the same number of options.
    Fixed {
        /// Number of rows.
        rows: usize,
        /// Number of options of each.
        options: usize,
    },
    /// Row `i` is `offsets[i]..offsets[i + 1]`, 32 bits.
    Small(&'a [i32]),
    /// Row `i` is `offsets[i]..offsets[i + 1]`, 64 bits.
    Large(&'a [i64]),
}

/// A run of rows.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    values: Values<'a>,
    offsets: Offsets<'a>,
    /// The first row that is null or holds a null, if any, and which of the two.
    null: Option<(usize, Problem)>,
}

impl<'a> Chunk<'a> {
    /// A run of rows over borrowed buffers.
    #[must_use]
    pub fn new(values: Values<'a>, offsets: Offsets<'a>) -> Self {
        Self {
            values,
            offsets,
            null: None,
        }
    }

    /// The same rows, of which one is known to be null or to hold a null.
    #[must_use]
    pub fn with_null(self, null: Option<(usize, Problem)>) -> Self {
        Self { null, ..self }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self.offsets {
            Offsets::Fixed { rows, .. } => rows,
            Offsets::Small(offsets) => offsets.len().saturating_sub(1),
            Offsets::Large(offsets) => offsets.len().saturating_sub(1),
        }
    }

    /// The numbers.
    #[must_use]
    pub fn values(&self) -> Values<'a> {
        self.values
    }

    /// Where rows begin and end.
    #[must_use]
    pub fn offsets(&self) -> Offsets<'a> {
        self.offsets
    }

    /// Where a row begins and ends among the values, unless its offsets are negative.
    #[must_use]
    pub fn bounds(&self, row: usize) -> Option<(usize, usize)> {
        match self.offsets {
            Offsets::Fixed { options, .. } => Some((row * options, (row + 1) * options)),
            Offsets::Small(offsets) => bounds(offsets, row),
            Offsets::Large(offsets) => bounds(offsets, row),
        }
    }

    /// Puts where rows begin, and where the last of them ends, into `bounds`.
    #[allow(clippy::cast_possible_wrap, reason = "a place in memory fits 63 bits")]
    pub(crate) fn bounds_of(&self, first_row: usize, bounds: &mut [i64]) {
        let rows = first_row..first_row + bounds.len();
        match self.offsets {
            Offsets::Fixed { options, .. } => {
                for (row, bound) in rows.zip(bounds) {
                    *bound = (row * options) as i64;
                }
            }
            Offsets::Small(offsets) => {
                for (&offset, bound) in offsets[rows].iter().zip(bounds) {
                    *bound = offset.into();
                }
            }
            Offsets::Large(offsets) => bounds.copy_from_slice(&offsets[rows]),
        }
    }

    /// The values of one row as doubles.
    ///
    /// # Errors
    /// The offsets do not mark out a row inside the values.
    pub fn row(&self, row: usize) -> Result<Cow<'a, [f64]>, Problem> {
        let (start, end) = self.bounds(row).ok_or(Problem::Offsets)?;
        match self.values {
            Values::F64(values) => values.get(start..end).map(Cow::Borrowed),
            Values::F32(values) => values
                .get(start..end)
                .map(|row| row.iter().map(|&x| f64::from(x)).collect()),
        }
        .ok_or(Problem::Offsets)
    }
}

/// The bounds of a row, unless they are negative or absent.
#[inline(always)]
pub(crate) fn bounds<O: Copy + TryInto<usize>>(
    offsets: &[O],
    row: usize,
) -> Option<(usize, usize)> {
    match offsets.get(row..row + 2) {
        Some(&[start, end]) => Some((start.try_into().ok()?, end.try_into().ok()?)),
        _ => None,
    }
}

/// One side of a batch: chunks that follow one another.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    chunks: Vec<Chunk<'a>>,
    starts: Vec<usize>,
}

impl<'a> Column<'a> {
    /// A side made of chunks.
    #[must_use]
    pub fn new(chunks: Vec<Chunk<'a>>) -> Self {
        let mut starts = Vec::with_capacity(chunks.len() + 1);
        let mut total = 0;
        starts.push(0);
        for chunk in &chunks {
            total += chunk.rows();
            starts.push(total);
        }
        Self { chunks, starts }
    }

    /// Number of rows in all chunks.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// The chunks.
    #[must_use]
    pub fn chunks(&self) -> &[Chunk<'a>] {
        &self.chunks
    }

    /// The chunk that holds a row, and the row's place in it.
    fn place(&self, row: usize) -> (usize, usize) {
        let chunk = self.starts.partition_point(|&start| start <= row) - 1;
        (chunk, row - self.starts[chunk])
    }

    /// The values of one row as doubles.
    ///
    /// # Errors
    /// The offsets do not mark out a row inside the values.
    pub fn row(&self, row: usize) -> Result<Cow<'a, [f64]>, Problem> {
        let (chunk, row) = self.place(row);
        self.chunks[chunk].row(row)
    }

    /// The first row that is null or holds a null.
    fn null(&self) -> Option<(usize, Problem)> {
        self.chunks
            .iter()
            .zip(&self.starts)
            .find_map(|(chunk, start)| chunk.null.map(|(row, problem)| (start + row, problem)))
    }
}

/// Which rows are nominal.
#[derive(Clone, Copy, Debug)]
pub enum Kinds<'a> {
    /// None of them.
    Ordinal,
    /// All of them.
    Nominal,
    /// Those with `true`.
    Rows(&'a [bool]),
}

/// Where the options of ordinal rows lie.
#[derive(Clone, Debug)]
pub enum Positions<'a> {
    /// At 1, 2, …, K.
    Equal,
    /// At the same places in every row.
    Shared(Cow<'a, [f64]>),
    /// Row by row; an empty entry stands for 1, 2, …, K.
    Rows(Column<'a>),
}

impl Positions<'_> {
    /// The positions of one row with that many options.
    ///
    /// # Errors
    /// They are not one per option, or do not increase.
    pub fn of_row(&self, row: usize, options: usize) -> Result<Cow<'_, [f64]>, Problem> {
        let given: Cow<[f64]> = match self {
            Self::Equal => Cow::Borrowed(&[]),
            Self::Shared(positions) => Cow::Borrowed(positions),
            Self::Rows(column) => column.row(row)?,
        };
        if given.is_empty() && !matches!(self, Self::Shared(_)) {
            #[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 options")]
            return Ok((1..=options).map(|k| k as f64).collect());
        }
        if given.len() != options {
            return Err(Problem::PositionCount(options, given.len()));
        }
        let increasing = given.windows(2).all(|pair| pair[0] < pair[1]);
        if !increasing || !given.iter().all(|x| x.is_finite()) {
            return Err(Problem::PositionOrder);
        }
        Ok(given)
    }
}

/// What is known about the options of each row.
#[derive(Clone, Debug)]
pub struct Scale<'a> {
    /// Which rows are nominal.
    pub kinds: Kinds<'a>,
    /// Where the options of ordinal rows lie.
    pub positions: Positions<'a>,
}

impl Scale<'_> {
    /// Ordinal rows with options at 1, 2, …, K.
    pub const ORDINAL: Scale<'static> = Scale {
        kinds: Kinds::Ordinal,
        positions: Positions::Equal,
    };

    /// Whether a row is nominal.
    #[must_use]
    pub fn is_nominal(&self, row: usize) -> bool {
        match self.kinds {
            Kinds::Ordinal => false,
            Kinds::Nominal => true,
            Kinds::Rows(flags) => flags[row],
        }
    }
}

/// Pairs of distributions: row `i` of one side goes with row `i` of the other.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    /// The distributions that are scored.
    pub model: Column<'a>,
    /// The distributions they are scored against.
    pub human: Column<'a>,
    /// What is known about their options.
    pub scale: Scale<'a>,
}

/// Rows that lie in one chunk on either side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    /// The first row, counted over the whole batch.
    pub first_row: usize,
    pub rows: usize,
    pub model: Chunk<'a>,
    pub model_row: usize,
    pub human: Chunk<'a>,
    pub human_row: usize,
}

impl<'a> Batch<'a> {
    /// Puts two sides together.
    ///
    /// # Errors
    /// The sides or the scale have different numbers of rows. The rows themselves are checked
    /// when they are read.
    pub fn new(model: Column<'a>, human: Column<'a>, scale: Scale<'a>) -> Result<Self, Error> {
        let rows = model.rows();
        if rows != human.rows() {
            return Err(Error::RowCount {
                model: rows,
                human: human.rows(),
            });
        }
        if let Kinds::Rows(flags) = scale.kinds
            && flags.len() != rows
        {
            let given = flags.len();
            return Err(Error::argument(format!(
                "{given} scales for {rows} rows: give one scale, or one per row"
            )));
        }
        if let Positions::Rows(column) = &scale.positions
            && column.rows() != rows
        {
            let given = column.rows();
            return Err(Error::argument(format!(
                "{given} lists of positions for {rows} rows: give one list, or one per row"
            )));
        }
        Ok(Self {
            model,
            human,
            scale,
        })
    }

    /// Number of pairs.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.model.rows()
    }

    /// The pairs in runs of at most `size`, none of which crosses a chunk's end. Rows from the
    /// first null on are left out.
    pub(crate) fn segments(&self, size: usize) -> impl Iterator<Item = Segment<'a>> + Send + '_ {
        let rows = self.null().map_or(self.rows(), |(_, row, _)| row);
        let mut next = 0;
        std::iter::from_fn(move || {
            if next >= rows {
                return None;
            }
            let first_row = next;
            let (model, model_row) = self.model.place(first_row);
            let (human, human_row) = self.human.place(first_row);
            let (model, human) = (self.model.chunks[model], self.human.chunks[human]);
            let rows = size
                .min(rows - first_row)
                .min(model.rows() - model_row)
                .min(human.rows() - human_row);
            next += rows;
            Some(Segment {
                first_row,
                rows,
                model,
                model_row,
                human,
                human_row,
            })
        })
    }

    /// The first null of either side.
    fn null(&self) -> Option<(Side, usize, Problem)> {
        let model = self.model.null().map(|(row, why)| (Side::Model, row, why));
        let human = self.human.null().map(|(row, why)| (Side::Human, row, why));
        match (model, human) {
            (Some(model), Some(human)) => Some(if human.1 < model.1 { human } else { model }),
            (model, human) => model.or(human),
        }
    }

    /// The error that the first null is, if there is any.
    pub(crate) fn check_nulls(&self) -> Result<(), Error> {
        match self.null() {
            None => Ok(()),
            Some((side, row, problem)) => Err(Error::Row { side, row, problem }),
        }
    }

    /// The error of a pair that is no pair of response distributions.
    ///
    /// # Errors
    /// Says what is wrong with the pair.
    pub(crate) fn check_pair(&self, row: usize) -> Result<(), Error> {
        let human = self.human.row(row);
        let model = check(self.model.row(row)).map_err(at(Side::Model, row))?;
        let human = check(human).map_err(at(Side::Human, row))?;
        if model.len() != human.len() {
            let problem = Problem::Length(model.len(), human.len());
            return Err(at(Side::Model, row)(problem));
        }
        if !self.scale.is_nominal(row) {
            self.scale
                .positions
                .of_row(row, model.len())
                .map_err(at(Side::Model, row))?;
        }
        Ok(())
    }
}

fn at(side: Side, row: usize) -> impl Fn(Problem) -> Error {
    move |problem| Error::Row { side, row, problem }
}

/// The values, if they are a response distribution.
pub(crate) fn check(row: Result<Cow<'_, [f64]>, Problem>) -> Result<Cow<'_, [f64]>, Problem> {
    let row = row?;
    match row.len() {
        0 => return Err(Problem::Empty),
        1 => return Err(Problem::SingleOption),
        _ => {}
    }
    let mut sum = 0.0;
    for &value in row.iter() {
        if !value.is_finite() {
            return Err(Problem::NotFinite(value));
        }
        if value < 0.0 {
            return Err(Problem::Negative(value));
        }
        sum += value;
    }
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(Problem::Sum(sum));
    }
    Ok(row)
}
