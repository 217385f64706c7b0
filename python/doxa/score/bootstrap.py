"""A bootstrap: what it draws again, how often, and which intervals it makes; checked here alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from doxa.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from doxa.score.rows import Labels

__all__ = [
    "Bootstrap",
    "Method",
    "Replicate",
    "ResampleSource",
    "check_draws",
    "default_method",
    "is_whole",
    "items_alone",
    "resample_sources",
]

ResampleSource = Literal["items", "respondents", "replies"]
Method = Literal["percentile", "basic", "bias_corrected", "bca", "studentized", "delta"]

_MOST_RESAMPLES = 10_000_000
"""Far beyond what an interval gains from; more would end in a want of memory."""

Replicate: TypeAlias = Callable[["Labels", tuple[ResampleSource, ...]], "NDArray[np.float64]"]
"""Gives replicates of the means of groups: (metrics, groups, replicates)."""


def resample_sources(
    resample: ResampleSource | Iterable[ResampleSource],
) -> tuple[ResampleSource, ...]:
    """Check what is to be drawn again; one order, each named once.

    Raises
    ------
    InvalidArgumentError
        A name is unknown, or there is none.

    Examples
    --------
    >>> resample_sources(["respondents", "items"])
    ('items', 'respondents')
    """
    known: tuple[ResampleSource, ...] = get_args(ResampleSource)
    given = (resample,) if isinstance(resample, str) else tuple(resample)
    for source in given:
        if source not in known:
            raise InvalidArgumentError(f"resample={source!r}: name some of {', '.join(known)}")
    if not given:
        raise InvalidArgumentError(f"resample is empty: name some of {', '.join(known)}")
    return tuple(source for source in known if source in given)


def check_draws(n_resamples: int, confidence: float, seed: int) -> None:
    """Refuse a number of replicates, a confidence or a seed that cannot be.

    Raises
    ------
    InvalidArgumentError
        One of them is out of range.
    """
    if not (is_whole(n_resamples) and 1 <= n_resamples <= _MOST_RESAMPLES):
        raise InvalidArgumentError(
            f"n_resamples={n_resamples!r}: give a whole number from 1 to {_MOST_RESAMPLES:,}"
        )
    if not 0 < confidence < 1:
        raise InvalidArgumentError(f"confidence={confidence}: give a number between 0 and 1")
    if not (is_whole(seed) and 0 <= seed < 2**64):
        raise InvalidArgumentError(f"seed={seed!r}: give a whole number from 0 to 2**64 - 1")


def is_whole(value: object) -> bool:
    """Tell whether a value is a whole number, of Python or of NumPy; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def items_alone(sources: tuple[ResampleSource, ...]) -> bool:
    """Tell whether items are all that is drawn: a score of an item is then the same throughout."""
    return sources == ("items",)


def default_method(
    sources: tuple[ResampleSource, ...], *, independent_items: bool = True
) -> Method:
    """Choose the interval of a mean over items, as the table in `doxa.score.intervals` has it.

    Parameters
    ----------
    sources : tuple of {"items", "respondents", "replies"}
        What is drawn again.
    independent_items : bool
        Whether the errors that respondents and replies bring are independent from item to item,
        as they are where each item is drawn by itself. Where whole respondents are drawn they
        are not, and the scores of items do not show their spread.
    """
    by_item = items_alone(sources) or ("items" in sources and independent_items)
    return "studentized" if by_item else "basic"


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What is drawn again, how often, and what is made of it."""

    sources: tuple[ResampleSource, ...]
    method: Method
    confidence: float
    n_resamples: int
    seed: int
    threads: int
    replicate: Replicate
    delta_errors: NDArray[np.float64] | None = None

    @classmethod
    def of(
        cls,
        resample: ResampleSource | Iterable[ResampleSource],
        method: Method | None,
        *,
        confidence: float,
        n_resamples: int,
        seed: int,
        threads: int,
        replicate: Replicate,
        independent_items: bool = True,
    ) -> Bootstrap:
        """Check the options of a bootstrap; `independent_items` as in `default_method`.

        Raises
        ------
        InvalidArgumentError
            One is out of range, or the method does not fit what is drawn.
        """
        sources = resample_sources(resample)
        check_draws(n_resamples, confidence, seed)
        usual = default_method(sources, independent_items=independent_items)
        chosen = usual if method is None else method
        if chosen not in get_args(Method):
            raise InvalidArgumentError(
                f"method {method!r} is none of {', '.join(get_args(Method))}"
            )
        if chosen == "bca" and not items_alone(sources):
            raise InvalidArgumentError('method "bca" is for items alone: pass method="basic"')
        if chosen == "studentized" and usual != "studentized":
            raise InvalidArgumentError(
                'method "studentized" is for items that are drawn, with respondents drawn item by '
                'item: pass method="basic"'
            )
        if chosen == "delta" and sources != ("respondents",):
            raise InvalidArgumentError('method "delta" is for respondents alone')
        return cls(sources, chosen, confidence, n_resamples, seed, threads, replicate)
