//! Instruction sets: one build for every x86-64 machine, using the widest vectors available.
//!
//! A kernel is written once, as plain loops over fixed-size arrays, and compiled once per
//! instruction set. Every instruction set gives the same bits, by two rules:
//!
//! - No kernel reorders a sum.
//! - A multiplication is fused with an addition by [`f64::mul_add`] on every path, or on none. It is
//!   exactly defined: where a processor has no such instruction, a function of the system computes
//!   the same bits, slowly. So it belongs into bodies of [`multiversion`] only: other code is
//!   compiled for every machine, and calls that function even where there is an instruction.
//!
//! All of AVX-512 and ARM64, and every processor with AVX2 but VIA's, have the instruction; a
//! processor without it counts as one without AVX2.

use crate::error::Error;

/// An instruction set that this machine is known to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Baseline,
    Avx2,
    Avx512,
}

impl Isa {
    /// The instruction set that every machine of this architecture has.
    pub const BASELINE: Self = Self(Level::Baseline);

    /// Finds the widest instruction set of this machine.
    #[must_use]
    pub fn detect() -> Self {
        Self(widest())
    }

    /// Finds the instruction set of that name.
    ///
    /// # Errors
    /// The name is not `sse2`, `avx2` or `avx512`, or this machine lacks it.
    pub fn named(name: &str) -> Result<Self, Error> {
        let level = match name {
            "sse2" => Level::Baseline,
            "avx2" => Level::Avx2,
            "avx512" => Level::Avx512,
            _ => {
                return Err(Error::argument(format!(
                    "DOXA_ISA={name} is not sse2, avx2 or avx512: unset it to use the widest"
                )));
            }
        };
        if level > widest() {
            return Err(Error::argument(format!(
                "DOXA_ISA={name}, but this machine lacks it: unset it to use the widest"
            )));
        }
        Ok(Self(level))
    }

    /// Its name, as `named` takes it; elsewhere than on x86-64 that of the architecture.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Level::Avx512 => "avx512",
            Level::Avx2 => "avx2",
            Level::Baseline if cfg!(target_arch = "x86_64") => "sse2",
            Level::Baseline => std::env::consts::ARCH,
        }
    }

    pub(crate) fn level(self) -> Level {
        self.0
    }
}

#[cfg(target_arch = "x86_64")]
fn widest() -> Level {
    if is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("fma")
    {
        Level::Avx512
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        Level::Avx2
    } else {
        Level::Baseline
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn widest() -> Level {
    Level::Baseline
}

/// Defines a function that runs `$body`, compiled for each instruction set.
///
/// The body is an `#[inline(always)]` function of the same arguments. If the number of registers
/// matters, give one body per instruction set, widest first; all must add in the same order.
macro_rules! multiversion {
    ($(#[$meta:meta])* $visibility:vis fn $name:ident($($argument:ident: $kind:ty),* $(,)?)
     $(-> $output:ty)? = $body:path;) => {
        crate::machine::isa::multiversion! {
            $(#[$meta])* $visibility fn $name($($argument: $kind),*) $(-> $output)?
            = $body, $body, $body;
        }
    };
    ($(#[$meta:meta])* $visibility:vis fn $name:ident($($argument:ident: $kind:ty),* $(,)?)
     $(-> $output:ty)? = $wide:path, $middle:path, $narrow:path;) => {
        $(#[$meta])*
        #[allow(clippy::too_many_arguments, reason = "kernels take their buffers one by one")]
        $visibility fn $name(isa: crate::machine::isa::Isa, $($argument: $kind),*) $(-> $output)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                fn avx512($($argument: $kind),*) $(-> $output)? { $wide($($argument),*) }
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($argument: $kind),*) $(-> $output)? { $middle($($argument),*) }
                match isa.level() {
                    // SAFETY: an `Isa` of this level exists only where its features were detected.
                    crate::machine::isa::Level::Avx512 => return unsafe { avx512($($argument),*) },
                    // SAFETY: as above.
                    crate::machine::isa::Level::Avx2 => return unsafe { avx2($($argument),*) },
                    crate::machine::isa::Level::Baseline => {}
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            let _ = isa;
            $narrow($($argument),*)
        }
    };
}
pub(crate) use multiversion;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    multiversion! {
        /// Computes a · b + c, rounded once.
        fn fused(a: &[f64; 8], b: &[f64; 8], c: &mut [f64; 8]) = fused_body;
    }

    #[inline(always)]
    fn fused_body(a: &[f64; 8], b: &[f64; 8], c: &mut [f64; 8]) {
        for l in 0..8 {
            c[l] = a[l].mul_add(b[l], c[l]);
        }
    }

    /// Returns a · b + c on every instruction set of this machine.
    fn on_all(a: [f64; 8], b: [f64; 8], c: [f64; 8]) -> Vec<[f64; 8]> {
        ["avx512", "avx2", "sse2"]
            .into_iter()
            .filter_map(|name| Isa::named(name).ok())
            .map(|isa| {
                let mut out = c;
                fused(isa, &a, &b, &mut out);
                out
            })
            .collect()
    }

    /// A number with any bits: subnormal, infinite and not a number among them.
    fn any_bits() -> impl Strategy<Value = f64> {
        any::<u64>().prop_map(f64::from_bits)
    }

    /// A whole number that a double holds.
    fn whole() -> impl Strategy<Value = i64> {
        -(1_i64 << 53)..1 << 53
    }

    proptest! {
        #[test]
        #[allow(clippy::cast_precision_loss, reason = "the reference rounds where it is cast")]
        fn a_fused_sum_is_rounded_once_on_every_path(
            factors in prop::array::uniform8((whole(), whole(), whole(), 0..60_u32)),
        ) {
            let column = |of: fn((i64, i64, i64, u32)) -> f64| factors.map(of);
            let exact = factors.map(|(a, b, c, shift)| {
                (i128::from(a) * i128::from(b) + (i128::from(c) << shift)) as f64
            });
            let last = column(|(_, _, c, shift)| c as f64 * (1_i64 << shift) as f64);
            for found in on_all(column(|f| f.0 as f64), column(|f| f.1 as f64), last) {
                prop_assert_eq!(found, exact);
            }
        }

        #[test]
        fn every_path_has_the_same_bits_for_any_numbers(
            a in prop::array::uniform8(any_bits()),
            b in prop::array::uniform8(any_bits()),
            near in prop::array::uniform8((any_bits(), any::<bool>())),
        ) {
            // Half of the sums nearly cancel.
            let c = std::array::from_fn(|l| if near[l].1 { -a[l] * b[l] } else { near[l].0 });
            let bits = |found: [f64; 8]| found.map(|x| if x.is_nan() { None } else { Some(x.to_bits()) });
            let found: Vec<_> = on_all(a, b, c).into_iter().map(bits).collect();
            for other in &found {
                prop_assert_eq!(other, &found[0]);
            }
        }
    }
}
