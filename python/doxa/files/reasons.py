"""Saying in one line why a file could not be read or written."""

from __future__ import annotations

__all__ = ["reason"]


def reason(error: BaseException) -> str:
    """Say in one line why a file could not be read or written.

    Parameters
    ----------
    error : BaseException
        The exception. For an error of the operating system, its reason is returned; for any
        other, the first line of its text, because later lines advise programmers.

    Examples
    --------
    >>> reason(FileNotFoundError(2, "No such file or directory", "x.csv"))
    'no such file or directory'
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0]
