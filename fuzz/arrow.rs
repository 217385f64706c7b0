//! Feeds arrays that no library would make through the Arrow C data interface to the core, under
//! AddressSanitizer: whatever they hold, the core returns scores in their range, or an error.
//!
//! Run `make fuzz`.

#![no_main]

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_buffer::Buffer;
use arrow_data::{ArrayData, ArrayDataBuilder};
use arrow_schema::{DataType, Field};
use doxa_core::input::{Batch, Column, Labels, Scale, list_rows, read_array};
use doxa_core::machine::{Executor, Isa};
use doxa_core::metric::{Metric, score};
use doxa_core::resample::{CountDraws, count_replicates};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Clone, Copy, Debug)]
enum List {
    Small,
    Large,
    Fixed(i32),
    Other,
}

/// An array of lists; only the lengths of its buffers are true.
#[derive(Arbitrary, Debug)]
struct Array {
    list: List,
    single: bool,
    offsets: Vec<i64>,
    values: Vec<f32>,
    /// Copies the values until the kernels have enough for a whole block.
    repeated: u8,
    start: u8,
    child_start: u8,
    far: Option<u64>,
    nulls: Option<Vec<u8>>,
    null_values: Option<Vec<u8>>,
}

impl Array {
    fn values(&self) -> Option<(DataType, ArrayData)> {
        let values: Vec<f32> = (0..=self.repeated % 16)
            .flat_map(|_| self.values.iter().copied())
            .collect();
        let start = usize::from(self.child_start).min(values.len());
        let rows = values.len() - start;
        let (kind, buffer) = if self.single {
            (DataType::Float32, Buffer::from_vec(values))
        } else {
            (
                DataType::Float64,
                Buffer::from_vec(values.into_iter().map(f64::from).collect()),
            )
        };
        let builder = ArrayData::builder(kind.clone())
            .len(rows)
            .offset(start)
            .add_buffer(buffer);
        Some((
            kind,
            with_nulls(builder, self.null_values.as_ref(), start + rows)?
                .build()
                .ok()?,
        ))
    }

    #[allow(clippy::cast_possible_truncation)]
    fn export(&self) -> Option<(FFI_ArrowArray, FFI_ArrowSchema)> {
        let (kind, child) = self.values()?;
        let field = Field::new("item", kind, true).into();
        let most = self.offsets.len().saturating_sub(1);
        let (list, rows, offsets) = match self.list {
            List::Small => {
                let offsets = self
                    .offsets
                    .iter()
                    .map(|&offset| offset as i32)
                    .collect::<Vec<_>>();
                (DataType::List(field), most, Some(Buffer::from_vec(offsets)))
            }
            List::Large => {
                let offsets = Buffer::from_vec(self.offsets.clone());
                (DataType::LargeList(field), most, Some(offsets))
            }
            List::Fixed(options) => {
                let rows = child.len() / usize::try_from(options).ok()?.max(1);
                (DataType::FixedSizeList(field, options), rows, None)
            }
            List::Other => (DataType::Struct(vec![field].into()), child.len(), None),
        };
        let start = usize::from(self.start).min(rows);
        let start_told = match (self.far, &list) {
            // Fixed lists have no offsets that the library reads before doxa checks the place.
            (Some(far), DataType::FixedSizeList(..)) if self.nulls.is_none() => {
                usize::try_from(far >> 1).ok()?
            }
            _ => start,
        };
        let mut builder = ArrayData::builder(list.clone())
            .len(rows - start)
            .offset(start_told)
            .add_child_data(child);
        if let Some(offsets) = offsets {
            builder = builder.add_buffer(offsets);
        }
        let builder = with_nulls(builder, self.nulls.as_ref(), rows)?;
        // SAFETY: the buffers are as long as the rows need. The test is that what they hold may
        // point anywhere; only the core reads through it.
        let array = unsafe { builder.build_unchecked() };
        let schema = FFI_ArrowSchema::try_from(&list).ok()?;
        Some((FFI_ArrowArray::new(&array), schema))
    }
}

/// Adds a bitmap of nulls, if there is one of the right length.
fn with_nulls(
    builder: ArrayDataBuilder,
    bits: Option<&Vec<u8>>,
    n: usize,
) -> Option<ArrayDataBuilder> {
    match bits {
        None => Some(builder),
        Some(bits) if bits.len() >= n.div_ceil(8) => {
            Some(builder.null_bit_buffer(Some(Buffer::from_vec(bits.clone()))))
        }
        Some(_) => None,
    }
}

fuzz_target!(|input: (Array, Option<Array>, bool)| {
    let (array, other, all) = input;
    let Some((model, schema)) = array.export() else {
        return;
    };
    let Ok(model) = read_array(model, &schema) else {
        return;
    };
    let Some((human, schema)) = other.as_ref().unwrap_or(&array).export() else {
        return;
    };
    let Ok(human) = read_array(human, &schema) else {
        return;
    };
    let (Ok(model), Ok(human)) = (list_rows(&model), list_rows(&human)) else {
        return;
    };
    let (model, human) = (Column::new(vec![model]), Column::new(vec![human]));
    let Ok(batch) = Batch::new(model, human, Scale::ORDINAL) else {
        return;
    };
    let metrics = if all {
        Metric::ALL
    } else {
        &[Metric::Alignment]
    };
    for isa in ["sse2", "avx2", "avx512"]
        .map(Isa::named)
        .into_iter()
        .flatten()
    {
        let executor = Executor {
            isa,
            ..Executor::single()
        };
        let Ok(scores) = score(&batch, metrics, executor) else {
            continue;
        };
        assert_eq!(scores.len(), batch.rows() * metrics.len());
        for (metric, scores) in metrics.iter().zip(scores.chunks(batch.rows().max(1))) {
            let known = metric.properties();
            let range = known.lowest - 1e-5..=known.highest + 1e-5;
            assert!(
                scores.iter().all(|score| range.contains(score)),
                "{scores:?}"
            );
        }
    }
    if batch.rows() > 99 {
        return;
    }
    let labels = vec![0; batch.rows()];
    let labels = Labels {
        groups: &labels,
        items: &labels,
        n_groups: 1,
        n_items: 1,
    };
    let sizes = vec![50.0; batch.rows()];
    let draws = CountDraws {
        shrunken: false,
        forms: None,
        items: true,
        respondents: Some(&sizes),
        replies: None,
        n_resamples: 3,
        seed: 0,
    };
    let _ = count_replicates(&batch, metrics, &labels, &draws, Executor::single());
});
