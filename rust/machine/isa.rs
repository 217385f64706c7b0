//! Instruction sets: one build for every x86-64 machine, using the widest vectors available.
//!
//! A kernel is written once, as plain loops over fixed-size arrays, and compiled once per
//! instruction set. No kernel fuses a multiplication with an addition or reorders a sum, so
//! every instruction set gives the same bits.

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
    {
        Level::Avx512
    } else if is_x86_feature_detected!("avx2") {
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
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2")]
                fn avx512($($argument: $kind),*) $(-> $output)? { $wide($($argument),*) }
                #[target_feature(enable = "avx2")]
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
