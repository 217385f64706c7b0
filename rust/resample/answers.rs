//! The answers of a sample of respondents, checked.

use crate::error::Error;

/// Codes from this one on are missing answers.
pub const MISSING: u8 = 250;

/// The answers of a sample; options are numbered from 0.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// The answers to each item, one per respondent.
    pub codes: &'a [&'a [u8]],
    /// Number of options of each item.
    pub options: &'a [usize],
    /// Number of off-scale codes of each item, which follow its options; None if no item has them.
    /// They are left out like missing answers.
    pub off_scale: Option<&'a [usize]>,
    /// Weight of each respondent, if they differ.
    pub weights: Option<&'a [f64]>,
}

impl Answers<'_> {
    /// Checks that there is one code per respondent and item, and one weight per respondent.
    pub(super) fn check_shape(&self, n_respondents: usize) -> Result<(), Error> {
        let n_items = self.options.len();
        if self.codes.len() != n_items
            || self.codes.iter().any(|codes| codes.len() != n_respondents)
            || self.off_scale.is_some_and(|off| off.len() != n_items)
        {
            return Err(Error::argument(format!(
                "{} columns of answers are not {n_respondents} respondents × {n_items} items",
                self.codes.len()
            )));
        }
        let most = usize::from(MISSING);
        if let Some(item) = self.options.iter().position(|n| !(2..=most).contains(n)) {
            return Err(Error::argument(format!(
                "item {item} has {} options: give 2 to {most}",
                self.options[item]
            )));
        }
        check_weights(self.weights, n_respondents)
    }

    /// Checks that the codes of an item are answers to it, or missing ones.
    pub(super) fn check_codes(&self, item: usize) -> Result<(), Error> {
        let codes = self.codes[item];
        let options = self.options[item];
        let known = options.saturating_add(self.off_scale.map_or(0, |off| off[item]));
        let wrong = |&code: &u8| code < MISSING && usize::from(code) >= known;
        // Without an early exit the compiler vectorises the first pass.
        if !codes.iter().fold(false, |any, code| any | wrong(code)) {
            return Ok(());
        }
        match codes.iter().position(wrong) {
            None => Ok(()),
            Some(at) => Err(Error::argument(format!(
                "answer {} of respondent {at} to item {item} is none of its {options} options: \
                 count options from 0 and missing answers from {MISSING} on",
                codes[at]
            ))),
        }
    }
}

/// Checks that there is one weight per respondent, none of them negative.
fn check_weights(weights: Option<&[f64]>, n_respondents: usize) -> Result<(), Error> {
    let Some(weights) = weights else {
        return Ok(());
    };
    if weights.len() != n_respondents {
        let given = weights.len();
        return Err(Error::argument(format!(
            "{given} weights for {n_respondents} respondents: give one per respondent"
        )));
    }
    match weights.iter().position(|w| !w.is_finite() || *w < 0.0) {
        None => Ok(()),
        Some(at) => Err(Error::argument(format!(
            "weight {} of respondent {at} is negative or not finite",
            weights[at]
        ))),
    }
}
