//! A fault of this crate ends in an error, and not in a panic that its caller has to catch.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::{Mutex, PoisonError};

use crate::error::Error;

/// Where the last panic happened, and its message.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// Keeps the place and the message of a panic for [`contained`], and prints nothing.
pub fn keep_panics() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let told = format!(
            "{}, at {}",
            message(panic.payload()),
            place.unwrap_or_default()
        );
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
    }));
}

/// Does work; a panic becomes an error.
///
/// # Errors
/// That of the work, or [`Error::Fault`].
pub fn contained<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let kept = LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
        let told = kept.unwrap_or_else(|| message(&*payload));
        Err(Error::Fault(told.replace('\n', " ")))
    })
}

/// Finds the message of a panic.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::executor::Executor;
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_of_one_line() {
        let fault = contained::<()>(|| panic!("lost\nand found")).unwrap_err();
        assert_eq!(fault, Error::Fault("lost and found".into()));
        assert_eq!(contained(|| Ok(1)), Ok(1));
    }

    #[test]
    fn so_does_a_panic_on_another_thread() {
        let executor = Executor {
            threads: 3,
            ..Executor::single()
        };
        let work = || executor.run(0..9, |task, _| panic!("task {task}"));
        assert!(matches!(contained(work), Err(Error::Fault(_))));
    }
}
