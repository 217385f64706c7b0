//! Pairs of distributions, from two columns.

use super::chunk::Chunk;
use super::column::Column;
use super::scale::{Kinds, Positions, Scale};
use crate::error::{Error, Problem, Side};

/// Pairs of distributions: row `i` of one side goes with row `i` of the other.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    /// The distributions that are scored.
    pub model: Column<'a>,
    /// The distributions that the model is scored against.
    pub human: Column<'a>,
    /// The scales of their options.
    pub scale: Scale<'a>,
}

/// Consecutive pairs that lie in one chunk on each side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    /// The first row, counted over the whole batch.
    pub first_row: usize,
    /// Number of rows.
    pub rows: usize,
    /// The chunk of the model's side.
    pub model: Chunk<'a>,
    /// The place of the first row in that chunk.
    pub model_row: usize,
    /// The chunk of the human side.
    pub human: Chunk<'a>,
    /// The place of the first row in that chunk.
    pub human_row: usize,
}

impl<'a> Batch<'a> {
    /// Joins two sides. The rows themselves are checked when they are read.
    ///
    /// # Errors
    /// The sides or the scale have different numbers of rows.
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

    /// Counts the pairs.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.model.rows()
    }

    /// Divides the pairs before the first null into runs of at most `size` within one chunk.
    pub(crate) fn segments(&self, size: usize) -> impl Iterator<Item = Segment<'a>> + Send + '_ {
        let rows = self.null().map_or(self.rows(), |(_, row, _)| row);
        let mut next = 0;
        std::iter::from_fn(move || {
            if next >= rows {
                return None;
            }
            let first_row = next;
            let (&model, model_row) = self.model.chunk_of(first_row);
            let (&human, human_row) = self.human.chunk_of(first_row);
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

    /// Finds the first null of both sides.
    fn null(&self) -> Option<(Side, usize, Problem)> {
        let model = self.model.null().map(|(row, why)| (Side::Model, row, why));
        let human = self.human.null().map(|(row, why)| (Side::Human, row, why));
        match (model, human) {
            (Some(model), Some(human)) => Some(if human.1 < model.1 { human } else { model }),
            (model, human) => model.or(human),
        }
    }

    /// Checks that no row is null or holds a null.
    pub(crate) fn check_nulls(&self) -> Result<(), Error> {
        match self.null() {
            None => Ok(()),
            Some((side, row, problem)) => Err(Error::Row { side, row, problem }),
        }
    }

    /// Checks that both rows of a pair are response distributions over the same options, with
    /// positions that fit.
    pub(crate) fn check_pair(&self, row: usize) -> Result<(), Error> {
        let in_model = Error::at(Side::Model, row);
        let model = self.model.distribution(row).map_err(&in_model)?;
        let human = self
            .human
            .distribution(row)
            .map_err(Error::at(Side::Human, row))?;
        if model.len() != human.len() {
            return Err(in_model(Problem::Length(model.len(), human.len())));
        }
        self.scale.of_row(row, model.len()).map_err(in_model)?;
        Ok(())
    }
}
