"""What is due when the program ends, even where it ends without unwinding, as it does on Ctrl-C."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["do_what_is_due", "due_at_the_end"]

_due: Final[list[Callable[[], object]]] = []


@contextmanager
def due_at_the_end(do: Callable[[], object]) -> Iterator[None]:
    """Do something when a block ends, or when the program ends within it.

    Examples
    --------
    >>> with due_at_the_end(lambda: print("after")):
    ...     print("before")
    before
    after
    """
    _due.append(do)
    try:
        yield
    finally:
        _due.remove(do)
        do()


def do_what_is_due() -> None:
    """Do all that is due, the newest first, for a program that ends without unwinding."""
    for do in reversed(list(_due)):
        with suppress(Exception):
            do()
