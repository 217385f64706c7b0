//! Conversion of arguments from Python.

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_data::ArrayData;
use numpy::ndarray::Axis;
use numpy::{PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PySequence, PyString, PyTuple};

use super::enter::InvalidDistributionError;
use crate::error::Error;
use crate::input::{
    Chunk, Column, Kinds, Labels, Offsets, Positions, Scale, Values, list_rows, read_array,
    read_stream,
};
use crate::machine::{Executor, contained};
use crate::metric::Metric;
use crate::resample::{Forms, Weights};

/// Rows in any accepted form; keeps their buffers alive while they are borrowed.
pub(super) enum RowsArgument<'py> {
    Double(PyReadonlyArray2<'py, f64>),
    Single(PyReadonlyArray2<'py, f32>),
    Ragged(PyReadonlyArray1<'py, f64>, PyReadonlyArray1<'py, i64>),
    Arrow(Vec<ArrayData>),
}

impl<'py> FromPyObject<'_, 'py> for RowsArgument<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(array) = object.cast::<PyArray2<f64>>() {
            return Ok(Self::Double(array.try_readonly()?));
        }
        if let Ok(array) = object.cast::<PyArray2<f32>>() {
            return Ok(Self::Single(array.try_readonly()?));
        }
        if object.is_instance_of::<PyTuple>() {
            let (values, offsets) = object.extract()?;
            return Ok(Self::Ragged(values, offsets));
        }
        contained(|| Ok(import(&object)))?.map(Self::Arrow)
    }
}

impl RowsArgument<'_> {
    /// Borrows the rows.
    pub(super) fn column(&self) -> Result<Column<'_>, Error> {
        let chunk = match self {
            Self::Double(array) => {
                let values = array.as_slice().map_err(|_| not_contiguous())?;
                Chunk::new(Values::F64(values), fixed(array.as_array().dim()))
            }
            Self::Single(array) => {
                let values = array.as_slice().map_err(|_| not_contiguous())?;
                Chunk::new(Values::F32(values), fixed(array.as_array().dim()))
            }
            Self::Ragged(values, offsets) => {
                Chunk::new(Values::F64(slice(values)?), Offsets::Large(slice(offsets)?))
            }
            Self::Arrow(chunks) => {
                let chunks: Result<Vec<_>, _> = chunks.iter().map(list_rows).collect();
                return Ok(Column::new(chunks?));
            }
        };
        Ok(Column::new(vec![chunk]))
    }
}

/// Divides values into rows of equal length.
fn fixed((rows, options): (usize, usize)) -> Offsets<'static> {
    Offsets::Fixed { rows, options }
}

/// Makes the error of an array that is not contiguous.
pub(super) fn not_contiguous() -> Error {
    Error::argument("an array is not contiguous: call numpy.ascontiguousarray first")
}

/// Borrows a vector.
pub(super) fn slice<'a, T: numpy::Element>(
    array: &'a PyReadonlyArray1<'_, T>,
) -> Result<&'a [T], Error> {
    array.as_slice().map_err(|_| not_contiguous())
}

/// Takes the chunks of an object that speaks Arrow's `PyCapsule` interface.
fn import(object: &Bound<'_, PyAny>) -> PyResult<Vec<ArrayData>> {
    if object.hasattr("__arrow_c_stream__")? {
        let capsule = object.call_method0("__arrow_c_stream__")?;
        let capsule = capsule.cast::<PyCapsule>()?;
        let pointer = capsule.pointer_checked(Some(c"arrow_array_stream"))?;
        // SAFETY: a capsule of this name points to a stream, which is moved out; the capsule
        // then holds a released one, as the interface asks.
        let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr().cast()) };
        return Ok(read_stream(stream)?);
    }
    if object.hasattr("__arrow_c_array__")? {
        let pair = object.call_method0("__arrow_c_array__")?;
        let (schema, array): (Bound<PyCapsule>, Bound<PyCapsule>) = pair.extract()?;
        let schema = schema.pointer_checked(Some(c"arrow_schema"))?;
        let array = array.pointer_checked(Some(c"arrow_array"))?;
        // SAFETY: capsules of these names point to such structures. The schema is borrowed
        // while its capsule lives; the array is moved out of its capsule.
        let (schema, array) = unsafe {
            (
                schema.cast::<FFI_ArrowSchema>().as_ref(),
                FFI_ArrowArray::from_raw(array.as_ptr().cast()),
            )
        };
        return Ok(vec![read_array(array, schema)?]);
    }
    Err(InvalidDistributionError::new_err(format!(
        "a {} holds no distributions: pass a 2-D float array, a list of 1-D arrays, \
         or an Arrow array of lists",
        object.get_type().name()?
    )))
}

/// The distributions of forms, the first form of each row, and the names of the rows' forms.
#[derive(FromPyObject)]
pub(super) struct FormsArgument<'py>(
    RowsArgument<'py>,
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray1<'py, u64>,
);

impl FormsArgument<'_> {
    /// Borrows the forms.
    pub(super) fn forms(&self) -> Result<Forms<'_>, Error> {
        Ok(Forms {
            shares: self.0.column()?,
            starts: slice(&self.1)?,
            names: slice(&self.2)?,
        })
    }
}

/// Which rows are nominal.
#[derive(FromPyObject)]
pub(super) enum NominalArgument<'py> {
    All(bool),
    Rows(PyReadonlyArray1<'py, bool>),
}

/// Positions of the options: one list for all rows, or values and offsets of a list for each.
#[derive(FromPyObject)]
pub(super) enum PositionsArgument<'py> {
    Shared(PyReadonlyArray1<'py, f64>),
    Rows(PyReadonlyArray1<'py, f64>, PyReadonlyArray1<'py, i64>),
}

/// Borrows the scales of the rows.
pub(super) fn scale<'a>(
    nominal: Option<&'a NominalArgument<'_>>,
    positions: Option<&'a PositionsArgument<'_>>,
) -> Result<Scale<'a>, Error> {
    let kinds = match nominal {
        None | Some(NominalArgument::All(false)) => Kinds::Ordinal,
        Some(NominalArgument::All(true)) => Kinds::Nominal,
        Some(NominalArgument::Rows(flags)) => Kinds::Rows(slice(flags)?),
    };
    let positions = match positions {
        None => Positions::Equal,
        Some(PositionsArgument::Shared(positions)) => Positions::Shared(slice(positions)?.into()),
        Some(PositionsArgument::Rows(values, offsets)) => {
            let (values, offsets) = (slice(values)?, slice(offsets)?);
            let chunk = Chunk::new(Values::F64(values), Offsets::Large(offsets));
            Positions::Rows(Column::new(vec![chunk]))
        }
    };
    Ok(Scale { kinds, positions })
}

/// Names of metrics.
pub(super) struct MetricsArgument(pub Vec<Metric>);

impl<'py> FromPyObject<'_, 'py> for MetricsArgument {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let names = object.cast::<PySequence>()?.to_tuple()?;
        let mut metrics = Vec::with_capacity(names.len());
        for name in names.iter_borrowed() {
            metrics.push(metric_named(name.cast::<PyString>()?.to_str()?)?);
        }
        Ok(Self(metrics))
    }
}

/// Finds the metric of that name.
pub(super) fn metric_named(name: &str) -> Result<Metric, Error> {
    Metric::named(name).ok_or_else(|| {
        let known: Vec<&str> = Metric::ALL
            .iter()
            .map(|metric| metric.properties().name)
            .collect();
        Error::argument(format!(
            "metric {name:?} is not one of {}",
            known.join(", ")
        ))
    })
}

/// Group and item of each row, with the numbers of groups and items.
#[derive(FromPyObject)]
pub(super) struct LabelsArgument<'py>(
    PyReadonlyArray1<'py, u32>,
    PyReadonlyArray1<'py, u32>,
    usize,
    usize,
);

impl LabelsArgument<'_> {
    /// Borrows the labels.
    pub(super) fn labels(&self) -> Result<Labels<'_>, Error> {
        Ok(Labels {
            groups: slice(&self.0)?,
            items: slice(&self.1)?,
            n_groups: self.2,
            n_items: self.3,
        })
    }
}

/// Borrows a vector, if there is one.
pub(super) fn optional<'a, T: numpy::Element>(
    array: Option<&'a PyReadonlyArray1<'_, T>>,
) -> Result<Option<&'a [T]>, Error> {
    array.map(slice).transpose()
}

/// Borrows the numbers of a matrix row by row, if there is one.
pub(super) fn optional_matrix<'a, T: numpy::Element>(
    array: Option<&'a PyReadonlyArray2<'_, T>>,
) -> Result<Option<&'a [T]>, Error> {
    array
        .map(|array| array.as_slice().map_err(|_| not_contiguous()))
        .transpose()
}

/// Borrows the rows of a matrix; the rows need not be adjacent in memory.
pub(super) fn lines<'a, T: numpy::Element>(
    matrix: &'a PyReadonlyArray2<'_, T>,
) -> Result<Vec<&'a [T]>, Error> {
    let line = |place| {
        let line = matrix.as_array().index_axis_move(Axis(0), place);
        line.to_slice().ok_or_else(not_contiguous)
    };
    (0..matrix.as_array().nrows()).map(line).collect()
}

/// Draws the weights of items, or uses the given ones.
pub(super) fn item_weights(
    n_items: usize,
    n_resamples: usize,
    seed: u64,
    given: Option<&[f64]>,
    executor: Executor<'_>,
) -> Result<Weights, Error> {
    match given {
        None => Weights::draw(n_items, n_resamples, seed, executor),
        Some(dense) => Weights::given(dense, n_items),
    }
}
