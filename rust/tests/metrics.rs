//! Properties of every metric in the table, and the order in which errors and bits come.

use doxa_core::error::{Error, Problem, Side};
use doxa_core::input::{Batch, Chunk, Column, Kinds, Offsets, Positions, Scale, Values};
use doxa_core::machine::{Executor, Isa};
use doxa_core::metric::{Metric, score};
use proptest::prelude::*;

/// Shares of `size` options, some of them 0.
fn distribution(size: usize) -> impl Strategy<Value = Vec<f64>> {
    let weight = prop_oneof![1 => Just(0.0), 4 => 1e-9..1.0_f64];
    prop::collection::vec(weight, size)
        .prop_filter("some option has a share", |weights| {
            weights.iter().sum::<f64>() > 0.0
        })
        .prop_map(|weights| {
            let sum: f64 = weights.iter().sum();
            weights.iter().map(|weight| weight / sum).collect()
        })
}

/// A model, a human distribution, and positions from 0 to 1.
fn pair() -> impl Strategy<Value = (Vec<f64>, Vec<f64>, Vec<f64>)> {
    (2_usize..13).prop_flat_map(|size| {
        let steps = prop::collection::vec(0.1..1.0_f64, size - 1);
        (
            distribution(size),
            distribution(size),
            steps.prop_map(|steps| positions(&steps)),
        )
    })
}

fn positions(steps: &[f64]) -> Vec<f64> {
    let span: f64 = steps.iter().sum();
    let mut out = vec![0.0];
    for step in steps {
        out.push(out[out.len() - 1] + step / span);
    }
    out
}

fn rows(values: &[f64]) -> Column<'_> {
    let options = values.len();
    Column::new(vec![Chunk::new(
        Values::F64(values),
        Offsets::Fixed { rows: 1, options },
    )])
}

fn one(metric: Metric, p: &[f64], q: &[f64], positions: &[f64], kinds: Kinds<'_>) -> f64 {
    let positions = Positions::Shared(positions.into());
    let batch = Batch::new(rows(p), rows(q), Scale { kinds, positions }).unwrap();
    score(&batch, &[metric], Executor::single()).unwrap()[0]
}

fn ordinal(metric: Metric, p: &[f64], q: &[f64], positions: &[f64]) -> f64 {
    one(metric, p, q, positions, Kinds::Ordinal)
}

proptest! {
    #[test]
    fn values_stay_in_their_range((p, q, x) in pair()) {
        for &metric in Metric::ALL {
            let properties = metric.properties();
            let value = ordinal(metric, &p, &q, &x);
            prop_assert!(value >= properties.lowest - 1e-12, "{metric:?} {value}");
            prop_assert!(value <= properties.highest + 1e-12, "{metric:?} {value}");
        }
    }

    #[test]
    fn equal_distributions_have_the_value_of_identity((p, _, x) in pair()) {
        for &metric in Metric::ALL {
            prop_assert_eq!(ordinal(metric, &p, &p, &x), metric.properties().identity);
        }
    }

    #[test]
    fn swapping_the_sides_does_what_the_table_says((p, q, x) in pair()) {
        for &metric in Metric::ALL {
            let properties = metric.properties();
            let (forth, back) = (ordinal(metric, &p, &q, &x), ordinal(metric, &q, &p, &x));
            if properties.symmetric {
                prop_assert!((forth - back).abs() < 1e-13, "{metric:?}");
            } else if properties.antisymmetric {
                prop_assert!((forth + back).abs() < 1e-13, "{metric:?}");
            }
        }
    }

    #[test]
    fn relabelling_nominal_options_changes_nothing((p, q, x) in pair(), turn in 0_usize..12) {
        let turned = |row: &[f64]| {
            let mut row = row.to_vec();
            row.rotate_left(turn % p.len());
            row
        };
        for &metric in Metric::ALL {
            let before = one(metric, &p, &q, &x, Kinds::Nominal);
            let after = one(metric, &turned(&p), &turned(&q), &x, Kinds::Nominal);
            prop_assert_eq!(before.is_nan(), !metric.properties().on_nominal);
            let close = (before - after).abs() < 1e-12 * before.abs().max(1.0);
            prop_assert!(before.is_nan() || before == after || close, "{metric:?}");
        }
    }

    #[test]
    fn a_longer_shift_is_a_larger_distance(size in 3_usize..12, far in 2_usize..11) {
        let far = far.min(size - 1);
        let mass = |at: usize| (0..size).map(|k| f64::from(u8::from(k == at))).collect::<Vec<_>>();
        let x = positions(&vec![1.0; size - 1]);
        for metric in Metric::ALL.iter().copied().filter(|m| m.properties().uses_distance) {
            let near = ordinal(metric, &mass(far - 1), &mass(0), &x);
            let far = ordinal(metric, &mass(far), &mass(0), &x);
            let grows = if metric == Metric::Alignment { far < near } else { far > near };
            prop_assert!(grows, "{metric:?}: {near} then {far}");
        }
    }

    #[test]
    fn distances_along_a_mixture_add_up((p, q, x) in pair(), share in 0.0..1.0_f64) {
        let mixed: Vec<f64> = p.iter().zip(&q).map(|(p, q)| share * p + (1.0 - share) * q).collect();
        for metric in [Metric::Wasserstein, Metric::TotalVariation, Metric::MeanDifference] {
            let whole = ordinal(metric, &p, &q, &x);
            let parts = ordinal(metric, &p, &mixed, &x) + ordinal(metric, &mixed, &q, &x);
            prop_assert!((whole - parts).abs() < 1e-12, "{metric:?}");
        }
    }

    /// Alignment alone takes the fast path of `alignment_avx2.rs`, 128 rows at a time; with another
    /// metric it does not.
    #[test]
    fn the_fast_path_gives_the_same_bits(lengths in prop::collection::vec(2_usize..19, 128..300)) {
        let (p, offsets) = ragged(&lengths, 1);
        let (q, _) = ragged(&lengths, 2);
        let side = |values| Column::new(vec![Chunk::new(values, Offsets::Large(&offsets))]);
        let batch =
            Batch::new(side(Values::F64(&p)), side(Values::F64(&q)), Scale::ORDINAL).unwrap();
        for isa in ["sse2", "avx2", "avx512"].map(Isa::named).into_iter().flatten() {
            let executor = Executor { isa, ..Executor::single() };
            let alone = score(&batch, &[Metric::Alignment], executor).unwrap();
            let both = [Metric::Alignment, Metric::ModeMatch];
            prop_assert_eq!(&alone[..], &score(&batch, &both, executor).unwrap()[..lengths.len()]);
        }
    }

    /// `four_rows_avx2.rs` adds up four rows at once, of any lengths and in any number.
    #[test]
    fn sums_of_four_rows_at_once_have_the_same_bits(
        lengths in prop::collection::vec(2_usize..23, 1..140),
    ) {
        let (p, offsets) = ragged(&lengths, 1);
        let (q, _) = ragged(&lengths, 2);
        let side = |values| Column::new(vec![Chunk::new(values, Offsets::Large(&offsets))]);
        let batch =
            Batch::new(side(Values::F64(&p)), side(Values::F64(&q)), Scale::ORDINAL).unwrap();
        let on = |name: &str, metrics: &[Metric]| {
            let executor = Executor { isa: Isa::named(name).ok()?, ..Executor::single() };
            Some(score(&batch, metrics, executor).unwrap())
        };
        let without_shift: Vec<Metric> =
            Metric::ALL.iter().copied().filter(|&one| one != Metric::MeanDifference).collect();
        for metrics in [Metric::ALL, &without_shift, &[Metric::Hellinger, Metric::JsDistance]] {
            let slow = on("sse2", metrics);
            for name in ["avx2", "avx512"] {
                if let Some(found) = on(name, metrics) {
                    prop_assert_eq!(Some(&found), slow.as_ref());
                }
            }
        }
    }
}

/// Rows of the given lengths with shares that differ from row to row.
fn ragged(lengths: &[usize], salt: usize) -> (Vec<f64>, Vec<i64>) {
    let (mut values, mut offsets) = (Vec::new(), vec![0]);
    for (row, &length) in lengths.iter().enumerate() {
        let weight = |k: usize| u32::try_from((row * 7 + k * 13 + salt * 29) % 17 + 1).unwrap();
        let sum: u32 = (0..length).map(weight).sum();
        values.extend((0..length).map(|k| f64::from(weight(k)) / f64::from(sum)));
        offsets.push(i64::try_from(values.len()).unwrap());
    }
    (values, offsets)
}

#[test]
fn the_first_bad_row_is_reported_for_any_number_of_threads() {
    let lengths = vec![3; 60_000];
    let (mut p, offsets) = ragged(&lengths, 1);
    let (q, _) = ragged(&lengths, 2);
    p[3 * 31_234] = f64::NAN;
    p[3 * 50_000] = -1.0;
    let side = |values| Column::new(vec![Chunk::new(values, Offsets::Large(&offsets))]);
    let batch = Batch::new(side(Values::F64(&p)), side(Values::F64(&q)), Scale::ORDINAL).unwrap();
    for threads in [1, 2, 3, 7] {
        let executor = Executor {
            threads,
            ..Executor::single()
        };
        let Err(Error::Row { side, row, problem }) = score(&batch, &[Metric::Alignment], executor)
        else {
            panic!("a NaN went through");
        };
        assert_eq!((side, row), (Side::Model, 31_234));
        assert!(matches!(problem, Problem::NotFinite(_)));
    }
}

#[test]
fn an_interruption_ends_the_work() {
    let lengths = vec![4; 40_000];
    let (p, offsets) = ragged(&lengths, 1);
    let side = || Column::new(vec![Chunk::new(Values::F64(&p), Offsets::Large(&offsets))]);
    let batch = Batch::new(side(), side(), Scale::ORDINAL).unwrap();
    for threads in [1, 3] {
        let executor = Executor {
            threads,
            interrupted: &|| true,
            ..Executor::single()
        };
        let stopped = score(&batch, &[Metric::Alignment], executor);
        assert_eq!(stopped, Err(Error::Interrupted));
    }
}
