//! Arrow arrays from other libraries, through the Arrow C data interface.
//!
//! The interface requires that its pointers are trusted; the numbers behind them are checked.
//! Offsets are checked when a row is read (`chunk.rs`). So an array that a library built without
//! validation gives an error, not an access outside its buffers.

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_buffer::ArrowNativeType;
use arrow_data::ArrayData;
use arrow_schema::DataType;

use super::chunk::{Chunk, Offsets, Values};
use crate::error::{Error, Problem};

/// Takes every chunk out of a stream.
///
/// # Errors
/// The stream reports an error, or its type is unknown.
pub fn read_stream(mut stream: FFI_ArrowArrayStream) -> Result<Vec<ArrayData>, Error> {
    let (Some(get_schema), Some(get_next)) = (stream.get_schema, stream.get_next) else {
        return Err(Error::argument(
            "the Arrow stream has been consumed: pass the array again",
        ));
    };
    let failed = || Error::argument("the Arrow stream failed: rebuild the array");
    let mut schema = FFI_ArrowSchema::empty();
    // SAFETY: the callback belongs to this stream, which has not been released; both pointers
    // are to structures of the interface that live here.
    if unsafe { get_schema(&raw mut stream, &raw mut schema) } != 0 {
        return Err(failed());
    }
    let mut chunks = Vec::new();
    loop {
        let mut array = FFI_ArrowArray::empty();
        // SAFETY: as above.
        if unsafe { get_next(&raw mut stream, &raw mut array) } != 0 {
            return Err(failed());
        }
        if array.is_released() {
            return Ok(chunks);
        }
        chunks.push(read_array(array, &schema)?);
    }
}

/// Takes over one array.
///
/// # Errors
/// The array does not have the type that its schema says.
pub fn read_array(array: FFI_ArrowArray, schema: &FFI_ArrowSchema) -> Result<ArrayData, Error> {
    if array.is_released() {
        return Err(Error::argument(
            "the Arrow array has been consumed: pass the array again",
        ));
    }
    check_extent(&array)?;
    // SAFETY: array and schema come from one producer, who guarantees by the interface that they
    // fit.
    unsafe { from_ffi(array, schema) }
        .map_err(|error| Error::argument(format!("the Arrow array cannot be read: {error}")))
}

/// Checks that no place in an array, or in its children, lies beyond the largest that memory can
/// have, so that no later sum or product overflows.
fn check_extent(array: &FFI_ArrowArray) -> Result<(), Error> {
    /// No list has so many bytes for each of its members.
    const WIDEST: usize = 1 << 16;
    let end = array.offset().checked_add(array.len());
    if end.is_none_or(|end| end > isize::MAX as usize / WIDEST) {
        return Err(Error::argument(format!(
            "an Arrow array of {} values from {} on lies outside any memory: rebuild the array",
            array.len(),
            array.offset()
        )));
    }
    (0..array.num_children()).try_for_each(|child| check_extent(array.child(child)))
}

/// Reads an array of lists of floats as rows.
///
/// # Errors
/// The array has another type, or buffers that are too short or misaligned.
pub fn list_rows(array: &ArrayData) -> Result<Chunk<'_>, Error> {
    let wrong_type = || {
        Error::argument(format!(
            "an Arrow array of {} is not a list of floats: cast it to list of float64",
            array.data_type()
        ))
    };
    let Some(child) = array.child_data().first() else {
        return Err(wrong_type());
    };
    let start = array.offset();
    let (offsets, skipped) = match array.data_type() {
        DataType::LargeList(_) => {
            let offsets = buffer::<i64>(array, start, array.len() + 1)?;
            (Offsets::Large(offsets), None)
        }
        DataType::List(_) => {
            let offsets = buffer::<i32>(array, start, array.len() + 1)?;
            (Offsets::Small(offsets), None)
        }
        DataType::FixedSizeList(_, options) => {
            let options = usize::try_from(*options).map_err(|_| wrong_type())?;
            let rows = array.len();
            let end = (start + rows).checked_mul(options);
            if end.is_none_or(|end| end > child.len()) {
                return Err(too_short());
            }
            (Offsets::Fixed { rows, options }, Some(start * options))
        }
        _ => return Err(wrong_type()),
    };
    // Fixed-size lists have no offsets, so the values are cut at the start of the array.
    let skip = skipped.unwrap_or(0);
    let length = child.len().checked_sub(skip).ok_or_else(too_short)?;
    let values = match child.data_type() {
        DataType::Float64 => Values::F64(buffer(child, child.offset() + skip, length)?),
        DataType::Float32 => Values::F32(buffer(child, child.offset() + skip, length)?),
        _ => return Err(wrong_type()),
    };
    let chunk = Chunk::new(values, offsets);
    Ok(chunk.with_null(first_null(array, child, &chunk, skip)))
}

fn too_short() -> Error {
    Error::argument("an Arrow buffer is shorter than its array: rebuild the array")
}

/// Returns `length` numbers of the first buffer, beginning at `start`.
fn buffer<T: ArrowNativeType>(
    array: &ArrayData,
    start: usize,
    length: usize,
) -> Result<&[T], Error> {
    if length == 0 {
        return Ok(&[]);
    }
    let Some(buffer) = array.buffers().first() else {
        return Err(too_short());
    };
    if buffer.is_empty() && start == 0 && length == 1 {
        // By the interface, an array without rows may have no offsets.
        return Ok(&[]);
    }
    let aligned = buffer.as_ptr().addr().is_multiple_of(align_of::<T>());
    if !aligned || !buffer.len().is_multiple_of(size_of::<T>()) {
        return Err(Error::argument(
            "an Arrow buffer is misaligned: copy the array",
        ));
    }
    buffer
        .typed_data::<T>()
        .get(start..)
        .and_then(|numbers| numbers.get(..length))
        .ok_or_else(too_short)
}

/// Finds the first row that is null or holds a null.
fn first_null(
    array: &ArrayData,
    child: &ArrayData,
    chunk: &Chunk<'_>,
    skip: usize,
) -> Option<(usize, Problem)> {
    if array.null_count() == 0 && child.null_count() == 0 {
        return None;
    }
    (0..array.len()).find_map(|row| {
        if array.is_null(row) {
            return Some((row, Problem::Null));
        }
        let (start, end) = chunk.bounds(row)?;
        // Offsets may point anywhere, so a row is searched only as far as there are values.
        let end = end.saturating_add(skip).min(child.len());
        let inside = (start.saturating_add(skip)..end).any(|value| child.is_null(value));
        inside.then_some((row, Problem::NullValue))
    })
}
