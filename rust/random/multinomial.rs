//! Multinomial draws of many replicates side by side, from the stream of each.
//!
//! An option has the same probability in every replicate, so candidates for its counts are made in
//! all of them at once. The draws are those that `binomial.rs` makes one after another.

use super::binomial::{INVERSION_BELOW, accepted, binomial};
use super::candidates::{ACCEPTED, EachLane, EachPlace, GROUP, LANES, REJECTED, candidates, judge};
use super::stream::Stream;
use crate::machine::Isa;

/// Draws `n` trials over `shares`, which add up to 1, from every stream.
///
/// Calls `put(option, counts)` for every option in turn.
#[allow(
    clippy::cast_precision_loss,
    reason = "samples have far fewer than 2^52 members"
)]
pub(crate) fn multinomials(
    isa: Isa,
    streams: &mut [Stream; LANES],
    n: u64,
    shares: &[f64],
    mut put: impl FnMut(usize, &EachLane),
) {
    let mut left = [n as f64; LANES];
    let mut mass: f64 = shares.iter().sum();
    let mut room = Drawing::ZERO;
    for (option, &share) in shares.iter().enumerate() {
        if option + 1 == shares.len() {
            put(option, &left);
            return;
        }
        let p = (share / mass).clamp(0.0, 1.0);
        let drawn = room.binomials(isa, streams, &left, p);
        put(option, drawn);
        for lane in 0..LANES {
            left[lane] -= drawn[lane];
        }
        mass = (mass - share).max(f64::MIN_POSITIVE);
    }
}

/// The replicates that are still drawing, side by side in groups.
struct Drawing {
    drawn: EachLane,
    lanes: [usize; LANES],
    groups: [Candidates; LANES / GROUP],
}

/// Candidates of some replicates.
#[derive(Clone, Copy)]
struct Candidates {
    n: EachPlace,
    words: [[u64; GROUP]; 2],
    uv: [EachPlace; 2],
    k: EachPlace,
    flags: [u64; GROUP],
}

impl Candidates {
    const ZERO: Self = Self {
        n: [0.0; GROUP],
        words: [[0; GROUP]; 2],
        uv: [[0.0; GROUP]; 2],
        k: [0.0; GROUP],
        flags: [0; GROUP],
    };
}

impl Drawing {
    const ZERO: Self = Self {
        drawn: [0.0; LANES],
        lanes: [0; LANES],
        groups: [Candidates::ZERO; LANES / GROUP],
    };

    /// Draws from the binomial distribution of `left` trials with probability `p`.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "whole numbers below 2^52"
    )]
    fn binomials(
        &mut self,
        isa: Isa,
        streams: &mut [Stream; LANES],
        left: &EachLane,
        p: f64,
    ) -> &EachLane {
        let smaller = if p > 0.5 { 1.0 - p } else { p };
        let mut active = 0;
        for lane in 0..LANES {
            if left[lane] * smaller < INVERSION_BELOW {
                self.drawn[lane] = binomial(&mut streams[lane], left[lane] as u64, p) as f64;
            } else {
                self.lanes[active] = lane;
                active += 1;
            }
        }
        while active > 0 {
            active = self.reject(isa, streams, left, smaller, active);
        }
        if p > 0.5 {
            for lane in 0..LANES {
                if left[lane] * smaller >= INVERSION_BELOW {
                    self.drawn[lane] = left[lane] - self.drawn[lane];
                }
            }
        }
        &self.drawn
    }

    /// Makes a candidate in each of the first `active` lanes; returns how many were rejected, and
    /// puts their lanes first.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "whole numbers below 2^52"
    )]
    fn reject(
        &mut self,
        isa: Isa,
        streams: &mut [Stream; LANES],
        left: &EachLane,
        p: f64,
        active: usize,
    ) -> usize {
        let Self {
            drawn,
            lanes,
            groups,
        } = self;
        Stream::refill(streams, &lanes[..active]);
        let mut doubtful = 0;
        for start in (0..active).step_by(GROUP) {
            let mut own = Candidates::ZERO;
            let count = GROUP.min(active - start);
            for place in 0..count {
                let lane = lanes[start + place];
                let stream = &mut streams[lane];
                own.words[0][place] = stream.next_word();
                own.words[1][place] = stream.next_word();
                own.n[place] = left[lane];
            }
            candidates(
                isa,
                p,
                &own.n,
                &own.words,
                &mut own.uv,
                &mut own.k,
                &mut own.flags,
            );
            for place in 0..count {
                let lane = lanes[start + place];
                drawn[lane] = own.k[place];
                lanes[doubtful] = lane;
                let (group, at) = (&mut groups[doubtful / GROUP], doubtful % GROUP);
                group.n[at] = own.n[place];
                group.uv[0][at] = own.uv[0][place];
                group.uv[1][at] = own.uv[1][place];
                doubtful += own.flags[place] as usize;
            }
        }
        let mut rejected = 0;
        for start in (0..doubtful).step_by(GROUP) {
            let group = &mut groups[start / GROUP];
            judge(isa, p, &group.n, &group.uv, &mut group.flags);
            for place in 0..GROUP.min(doubtful - start) {
                let lane = lanes[start + place];
                let (n, [u, v]) = (group.n[place], group.uv.map(|numbers| numbers[place]));
                let accepted = match group.flags[place] {
                    REJECTED => false,
                    ACCEPTED => true,
                    _ => accepted(n, p, u, v).is_some(),
                };
                lanes[rejected] = lane;
                rejected += usize::from(!accepted);
            }
        }
        rejected
    }
}

#[cfg(test)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts here are far below 2^52"
)]
mod tests {
    use proptest::prelude::*;

    use super::super::stream::Source;
    use super::*;

    fn streams(seed: u64) -> [Stream; LANES] {
        std::array::from_fn(|lane| Stream::new(seed, Source::Items, lane as u64))
    }

    /// Draws as `multinomials` does, one replicate and option after another.
    fn slow_twin(stream: &mut Stream, n: u64, shares: &[f64]) -> Vec<u64> {
        let (mut left, mut mass) = (n, shares.iter().sum::<f64>());
        let mut drawn = Vec::new();
        for &share in &shares[..shares.len() - 1] {
            let count = binomial(stream, left, (share / mass).clamp(0.0, 1.0));
            drawn.push(count);
            left -= count;
            mass = (mass - share).max(f64::MIN_POSITIVE);
        }
        drawn.push(left);
        drawn
    }

    fn check(seed: u64, n: u64, shares: &[f64]) {
        for name in ["avx512", "avx2", "sse2"] {
            let Ok(isa) = Isa::named(name) else { continue };
            let mut found = vec![[0.0; LANES]; shares.len()];
            let mut drawing = streams(seed);
            multinomials(isa, &mut drawing, n, shares, |option, counts| {
                found[option] = *counts;
            });
            let mut alone = streams(seed);
            for lane in 0..LANES {
                let expected = slow_twin(&mut alone[lane], n, shares);
                let counts: Vec<u64> = found.iter().map(|run| run[lane] as u64).collect();
                assert_eq!(counts, expected, "{name} {n} {shares:?}");
                assert_eq!(drawing[lane].next_word(), alone[lane].next_word());
            }
        }
    }

    proptest! {
        #[test]
        fn draws_are_those_of_a_slow_twin(
            seed: u64,
            size in 0..52_u32,
            part in 0.5..1.0_f64,
            weights in prop::collection::vec(prop_oneof![
                Just(0.0), 1e-9..1e-3_f64, 0.01..1.0_f64,
            ], 1..9),
        ) {
            let total: f64 = weights.iter().sum();
            let n = ((1_u64 << size) as f64 * part) as u64;
            if total > 0.0 {
                let shares: Vec<f64> = weights.iter().map(|w| w / total).collect();
                check(seed, n.max(1), &shares);
            }
        }
    }

    #[test]
    fn draws_add_up_and_options_without_a_share_are_not_drawn() {
        for n in [1, 7, 1500] {
            let mut total = [0.0; LANES];
            let shares = [0.2, 0.0, 0.5, 0.3];
            multinomials(
                Isa::detect(),
                &mut streams(3),
                n,
                &shares,
                |option, counts| {
                    for (total, count) in total.iter_mut().zip(counts) {
                        assert!(option != 1 || *count == 0.0);
                        *total += count;
                    }
                },
            );
            assert_eq!(total, [n as f64; LANES]);
        }
    }
}
