//! The one guard in front of every allocation whose size a caller's number decides.

use crate::error::Error;

/// Smaller allocations are not compared with the free memory.
const SMALL: usize = 1 << 26;

/// Makes a vector of equal values; its length is the product of `sizes`.
///
/// # Errors
/// [`Error::Memory`] if the machine has not that much memory left.
pub(crate) fn filled<T: Copy>(value: T, sizes: &[usize]) -> Result<Vec<T>, Error> {
    check_room(sizes, size_of::<T>())?;
    Ok(vec![value; sizes.iter().product()])
}

/// Makes an empty vector with room for as many values as the product of `sizes`.
///
/// # Errors
/// [`Error::Memory`] if the machine has not that much memory left.
pub(crate) fn reserved<T>(sizes: &[usize]) -> Result<Vec<T>, Error> {
    check_room(sizes, size_of::<T>())?;
    Ok(Vec::with_capacity(sizes.iter().product()))
}

/// Checks that memory is left for as many numbers of `width` bytes as the product of `sizes`.
///
/// # Errors
/// [`Error::Memory`] if the machine has not that much memory left.
pub fn check_room(sizes: &[usize], width: usize) -> Result<(), Error> {
    let product = |bytes: usize, &size: &usize| bytes.checked_mul(size);
    let fits = sizes.iter().try_fold(width, product).is_some_and(|bytes| {
        // The system may refuse less than is free; memory that it gives here is not touched.
        bytes < SMALL || (bytes <= free() && Vec::<u8>::new().try_reserve_exact(bytes).is_ok())
    });
    if fits {
        return Ok(());
    }
    #[allow(clippy::cast_precision_loss, reason = "told to three digits")]
    let needed = sizes.iter().map(|&size| size as f64).product::<f64>() * width as f64;
    Err(Error::Memory {
        needed,
        free: free(),
    })
}

/// Finds how many bytes the machine, or this process's share of it, has left; the largest number
/// where the system does not tell.
fn free() -> usize {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let number = |path: &str| read(path)?.trim().parse::<usize>().ok();
    let of_machine = read("/proc/meminfo").and_then(|text| available(&text));
    let of_group = |limit, used| Some(number(limit)?.saturating_sub(number(used)?));
    [
        of_machine,
        of_group("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        of_group(
            "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        ),
    ]
    .into_iter()
    .flatten()
    .min()
    .unwrap_or(usize::MAX)
}

/// Reads the available memory from the text that Linux gives, in bytes.
fn available(text: &str) -> Option<usize> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_machine_has_is_refused() {
        for sizes in [&[usize::MAX, 2][..], &[1 << 40, 1 << 10], &[1 << 50]] {
            let refused = filled(0.0, sizes).unwrap_err().to_string();
            assert!(refused.contains("B of memory"), "{refused}");
            assert!(!refused.contains('\n'));
        }
        assert_eq!(filled(1.0, &[2, 3]), Ok(vec![1.0; 6]));
    }

    #[test]
    fn free_memory_is_read_from_what_linux_tells() {
        let text = "MemTotal: 24 kB\nMemAvailable:    12 kB\n";
        assert_eq!(available(text), Some(12 << 10));
        assert_eq!(available("MemTotal: 24 kB\n"), None);
        assert!(free() > SMALL);
    }
}
