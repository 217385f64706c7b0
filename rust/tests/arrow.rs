//! Arrow arrays through the C data interface, sound and unsound. Run under a sanitizer by
//! `make sanitize`: an access outside a buffer would show.

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_buffer::Buffer;
use arrow_data::ArrayData;
use arrow_schema::{DataType, Field};
use doxa_core::input::{Batch, Column, Scale, list_rows, read_array};
use doxa_core::machine::{Executor, Isa};
use doxa_core::metric::{Metric, score};
use proptest::prelude::*;

/// A list array that was not validated.
#[derive(Clone, Debug)]
struct Array {
    offsets: Vec<i64>,
    values: Vec<f64>,
    wide: bool,
    single: bool,
    start: usize,
}

fn array() -> impl Strategy<Value = Array> {
    let offset = prop_oneof![4 => -2..40_i64, 1 => any::<i64>()];
    // Many arrays have rising offsets, so that the kernels run, not only the checks before them.
    let rising = prop::collection::vec(2..5_i64, 0..300).prop_map(|lengths| {
        let mut offsets = vec![0];
        for length in lengths {
            offsets.push(offsets[offsets.len() - 1] + length);
        }
        offsets
    });
    let offsets = prop_oneof![
        1 => prop::collection::vec(offset, 1..9),
        1 => rising,
    ];
    let value = prop_oneof![
        4 => Just(0.5),
        1 => any::<f64>(),
        1 => Just(f64::NAN),
        1 => Just(-0.0),
    ];
    let values = prop_oneof![
        prop::collection::vec(value, 0..60),
        Just(vec![0.25; 1300]),
        Just(vec![0.5; 601]),
    ];
    (offsets, values, any::<bool>(), any::<bool>(), 0_usize..4).prop_map(
        |(offsets, values, wide, single, start)| Array {
            offsets,
            values,
            wide,
            single,
            start,
        },
    )
}

impl Array {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "unsound offsets are wanted"
    )]
    fn export(&self) -> (FFI_ArrowArray, FFI_ArrowSchema) {
        // Exactly as long as needed, so that a read beyond them is an error.
        let (kind, values) = if self.single {
            let values: Vec<f32> = self.values.iter().map(|&value| value as f32).collect();
            (DataType::Float32, Buffer::from_vec(values))
        } else {
            (DataType::Float64, Buffer::from_vec(self.values.clone()))
        };
        let child = ArrayData::builder(kind.clone())
            .len(self.values.len())
            .add_buffer(values)
            .build()
            .unwrap();
        let field = Field::new("item", kind, true).into();
        let (list, offsets) = if self.wide {
            let offsets = Buffer::from_vec(self.offsets.clone());
            (DataType::LargeList(field), offsets)
        } else {
            let offsets: Vec<i32> = self.offsets.iter().map(|&offset| offset as i32).collect();
            (DataType::List(field), Buffer::from_vec(offsets))
        };
        let rows = self.offsets.len() - 1;
        let start = self.start.min(rows);
        let builder = ArrayData::builder(list.clone())
            .len(rows - start)
            .offset(start)
            .add_buffer(offsets)
            .add_child_data(child);
        // SAFETY: the buffer of offsets has one more than the rows. The test is that they may point
        // anywhere; only the crate reads through them.
        let array = unsafe { builder.build_unchecked() };
        let schema = FFI_ArrowSchema::try_from(&list).unwrap();
        (FFI_ArrowArray::new(&array), schema)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_offsets_lead_to_a_read_outside_the_values(
        array in array(), all in any::<bool>(), other in prop::option::of(array())
    ) {
        let (exported, schema) = array.export();
        let model = read_array(exported, &schema).unwrap();
        let (exported, schema) = other.unwrap_or(array).export();
        let human = read_array(exported, &schema).unwrap();
        let (Ok(model), Ok(human)) = (list_rows(&model), list_rows(&human)) else { return Ok(()) };
        let (model, human) = (Column::new(vec![model]), Column::new(vec![human]));
        let Ok(batch) = Batch::new(model, human, Scale::ORDINAL) else { return Ok(()) };
        let metrics = if all { Metric::ALL } else { &[Metric::Alignment] };
        for isa in ["sse2", "avx2", "avx512"].map(Isa::named).into_iter().flatten() {
            let executor = Executor { isa, ..Executor::single() };
            if let Ok(scores) = score(&batch, metrics, executor) {
                prop_assert_eq!(scores.len(), batch.rows() * metrics.len());
                prop_assert!(scores[..batch.rows()].iter().all(|score| score.is_finite()));
            }
        }
    }
}

#[test]
fn offsets_whose_lengths_wrap_around_are_refused() {
    let array = Array {
        offsets: vec![0, 3_268_088_521_998_150_195, -5_955_283_514_856_625_614, 0],
        values: vec![],
        wide: true,
        single: false,
        start: 0,
    };
    let sides = [(); 2].map(|()| {
        let (exported, schema) = array.export();
        read_array(exported, &schema).unwrap()
    });
    let [model, human] = sides
        .each_ref()
        .map(|side| Column::new(vec![list_rows(side).unwrap()]));
    let batch = Batch::new(model, human, Scale::ORDINAL).unwrap();
    for metrics in [&[Metric::Alignment] as &[Metric], Metric::ALL] {
        for isa in ["sse2", "avx2", "avx512"]
            .map(Isa::named)
            .into_iter()
            .flatten()
        {
            let executor = Executor {
                isa,
                ..Executor::single()
            };
            assert!(score(&batch, metrics, executor).is_err());
        }
    }
}

#[test]
fn rows_far_outside_the_values_are_not_searched_for_nulls() {
    let field = Field::new("item", DataType::Float64, true).into();
    let child = ArrayData::builder(DataType::Float64)
        .len(2)
        .add_buffer(Buffer::from_vec(vec![0.5, 0.5]))
        .null_bit_buffer(Some(Buffer::from_vec(vec![1_u8])))
        .build()
        .unwrap();
    let builder = ArrayData::builder(DataType::LargeList(field))
        .len(2)
        .add_buffer(Buffer::from_vec(vec![1_i64 << 56, 1 << 57, 1 << 57]))
        .add_child_data(child);
    // SAFETY: the buffer of offsets has one more than the rows; only the crate reads through them.
    let array = unsafe { builder.build_unchecked() };
    let rows = list_rows(&array).unwrap();
    assert!(Column::new(vec![rows]).distribution(0).is_err());
}

#[test]
fn what_was_consumed_or_lies_outside_any_memory_is_refused() {
    let list = DataType::FixedSizeList(Field::new("item", DataType::Float64, true).into(), 4);
    let schema = FFI_ArrowSchema::try_from(&list).unwrap();
    assert!(read_array(FFI_ArrowArray::empty(), &schema).is_err());
    for (offset, options) in [(1 << 62, 4), (1000, 4), (1 << 40, 1 << 30)] {
        let field = Field::new("item", DataType::Float64, true).into();
        let list = DataType::FixedSizeList(field, options);
        let child = ArrayData::builder(DataType::Float64)
            .len(8)
            .add_buffer(Buffer::from_vec(vec![0.25; 8]))
            .build()
            .unwrap();
        let builder = ArrayData::builder(list)
            .len(1)
            .offset(offset)
            .add_child_data(child);
        // SAFETY: an array of fixed lists has no buffer of its own.
        let array = unsafe { builder.build_unchecked() };
        assert!(list_rows(&array).is_err());
        assert!(read_array(FFI_ArrowArray::new(&array), &schema).is_err() || offset < 1 << 47);
    }
}
