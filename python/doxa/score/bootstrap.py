"""The options of a bootstrap: what to resample, how often, which intervals. Checked only here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from doxa.errors import InvalidArgumentError
from doxa.score.numbers import is_real, is_whole, whole_number

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
    "RowMeans",
    "check_draws",
    "default_method",
    "items_alone",
    "resample_sources",
]

ResampleSource = Literal["items", "respondents", "replies", "forms"]
Method = Literal["percentile", "basic", "bias_corrected", "bca", "studentized", "delta", "shrunken"]

_MOST_RESAMPLES = 10_000_000
"""Far beyond what an interval gains from; more would end in a want of memory."""

_HIGHEST_CONFIDENCE = 0.999999
"""Beyond it, not even that many replicates tell where an interval ends."""

Replicate: TypeAlias = Callable[["Labels", tuple[ResampleSource, ...], bool], "NDArray[np.float64]"]
"""From labels, sources, and whether alignments are shrunken, to replicates of group means, shape
(metrics, groups, n_resamples)."""

RowMeans: TypeAlias = Callable[["Labels", tuple[ResampleSource, ...]], "NDArray[np.float64]"]
"""From labels and sources to the mean of each row's replicates, shape (metrics, n)."""


def resample_sources(
    resample: ResampleSource | Iterable[ResampleSource],
) -> tuple[ResampleSource, ...]:
    """Check what to resample; return each source once, in a fixed order.

    Raises
    ------
    InvalidArgumentError
        A name is unknown, or no name is given.

    Examples
    --------
    >>> resample_sources(["respondents", "items"])
    ('items', 'respondents')
    """
    known: tuple[ResampleSource, ...] = get_args(ResampleSource)
    try:
        given = (resample,) if isinstance(resample, str) else tuple(resample)
    except TypeError:
        names = ", ".join(known)
        raise InvalidArgumentError(f"resample={resample!r}: name some of {names}") from None
    for source in given:
        if source not in known:
            raise InvalidArgumentError(f"resample={source!r}: name some of {', '.join(known)}")
    if not given:
        raise InvalidArgumentError(f"resample is empty: name some of {', '.join(known)}")
    return tuple(source for source in known if source in given)


def check_draws(n_resamples: int, confidence: float, seed: int) -> None:
    """Check the number of replicates, the confidence and the seed.

    Raises
    ------
    InvalidArgumentError
        One of them is out of range.
    """
    whole_number("n_resamples", n_resamples, 1, _MOST_RESAMPLES)
    if not (is_real(confidence) and 0 < confidence <= _HIGHEST_CONFIDENCE):
        raise InvalidArgumentError(
            f"confidence={confidence!r}: give a number above 0 and at most {_HIGHEST_CONFIDENCE}"
        )
    if not (is_whole(seed) and 0 <= seed < 2**64):
        raise InvalidArgumentError(f"seed={seed!r}: give a whole number from 0 to 2**64 - 1")


def items_alone(sources: tuple[ResampleSource, ...]) -> bool:
    """Tell whether only items are resampled: an item then keeps its score in every replicate."""
    return sources == ("items",)


def default_method(
    sources: tuple[ResampleSource, ...], *, independent_items: bool = True
) -> Method:
    """Choose the interval of a mean over items, by the table in `doxa.score.intervals`.

    Parameters
    ----------
    sources : tuple of {"items", "respondents", "replies", "forms"}
        What is resampled.
    independent_items : bool
        Whether the errors of the other sources are independent between items. They are
        if each item is resampled by itself. They are not if whole respondents are resampled;
        the spread of item scores then does not contain these errors.
    """
    by_item = items_alone(sources) or ("items" in sources and independent_items)
    if by_item:
        return "studentized"
    return "basic" if "forms" in sources else "shrunken"


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The checked options of a bootstrap, and the function that makes its replicates."""

    sources: tuple[ResampleSource, ...]
    method: Method
    confidence: float
    n_resamples: int
    seed: int
    threads: int
    replicate: Replicate
    delta_errors: NDArray[np.float64] | None = None
    row_means: RowMeans | None = None

    @property
    def by_item(self) -> bool:
        """Whether each item is corrected for bias by itself: see `doxa.score.intervals`."""
        return self.method == "studentized" and "forms" in self.sources

    @property
    def shrinks(self) -> bool:
        """Whether replicates of alignments are guesses at the truth: see `doxa.score.intervals`."""
        others = not items_alone(self.sources) and "forms" not in self.sources
        return others and self.method in {"shrunken", "studentized"}

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
            An option is out of range, or the method does not fit the sources.
        """
        sources = resample_sources(resample)
        check_draws(n_resamples, confidence, seed)
        usual = default_method(sources, independent_items=independent_items)
        chosen = usual if method is None else method
        if chosen not in get_args(Method):
            raise InvalidArgumentError(
                f"method={method!r}: name one of {', '.join(get_args(Method))}"
            )
        if chosen == "shrunken" and (items_alone(sources) or "forms" in sources):
            raise InvalidArgumentError(
                'method "shrunken" needs resampled respondents or replies, and no forms: pass '
                f'method="{usual}"'
            )
        if chosen == "bca" and not items_alone(sources):
            raise InvalidArgumentError('method "bca" is for items alone: pass method="basic"')
        if chosen == "studentized" and usual != "studentized":
            raise InvalidArgumentError(
                'method "studentized" needs resampled items, and respondents resampled item by '
                'item: pass method="basic"'
            )
        if chosen == "delta" and sources != ("respondents",):
            raise InvalidArgumentError('method "delta" is for respondents alone: name another')
        return cls(sources, chosen, confidence, n_resamples, seed, threads, replicate)
