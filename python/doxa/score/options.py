"""Options that the scoring functions share, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from doxa import _core
from doxa.errors import InvalidArgumentError
from doxa.score.batch import Bootstrap, Method, Replicate, ResampleSource

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["METRICS", "bootstrap", "chosen_metrics", "thread_count"]

METRICS: tuple[str, ...] = tuple(row[0] for row in _core.metric_table())
"""Names of the metrics, as `score_batch` takes them."""

SOURCES: tuple[ResampleSource, ...] = get_args(ResampleSource)


def chosen_metrics(metrics: Sequence[str]) -> tuple[str, ...]:
    """Give the names of the metrics, of which there must be one."""
    names = (metrics,) if isinstance(metrics, str) else tuple(metrics)
    if not names:
        raise InvalidArgumentError(f"no metrics were asked for: take some of {', '.join(METRICS)}")
    return names


def thread_count(n_threads: int | None) -> int:
    """Give the number of threads, 0 for the default."""
    return 0 if n_threads is None else _at_least_one("n_threads", n_threads)


def bootstrap(
    resample: ResampleSource | Sequence[ResampleSource],
    method: Method | None,
    confidence: float,
    n_resamples: int,
    seed: int,
    threads: int,
    replicate: Replicate,
    *,
    independent_items: bool = True,
) -> Bootstrap:
    """Put the options of a bootstrap together.

    `independent_items` says whether the errors that respondents and replies bring are
    independent from item to item, as they are where each item is drawn by itself.
    """
    given = (resample,) if isinstance(resample, str) else tuple(resample)
    for source in given:
        if source not in SOURCES:
            raise InvalidArgumentError(f"resample {source!r} is none of {', '.join(SOURCES)}")
    sources = tuple(source for source in SOURCES if source in given)
    if not sources:
        raise InvalidArgumentError(f"resample is empty: name some of {', '.join(SOURCES)}")
    if not 0 < confidence < 1:
        raise InvalidArgumentError(f"confidence is {confidence}: give a number between 0 and 1")
    if not 0 <= seed < 2**64:
        raise InvalidArgumentError(f"seed is {seed}: give a number from 0 to 2**64 - 1")
    return Bootstrap(
        sources,
        _method(method, sources, independent_items),
        confidence,
        _at_least_one("n_resamples", n_resamples),
        seed,
        threads,
        replicate,
    )


def _method(
    method: Method | None, sources: tuple[ResampleSource, ...], independent_items: bool
) -> Method:
    by_item = sources == ("items",) or ("items" in sources and independent_items)
    if method is None:
        return "studentized" if by_item else "basic"
    if method not in get_args(Method):
        raise InvalidArgumentError(f"method {method!r} is none of {', '.join(get_args(Method))}")
    if method == "bca" and sources != ("items",):
        raise InvalidArgumentError('method "bca" is for items alone: pass method="basic"')
    if method == "studentized" and not by_item:
        raise InvalidArgumentError(
            'method "studentized" is for items that are drawn, with respondents drawn item by '
            'item: pass method="basic"'
        )
    if method == "delta" and sources != ("respondents",):
        raise InvalidArgumentError('method "delta" is for respondents alone')
    return method


def _at_least_one(name: str, value: int) -> int:
    if value < 1:
        raise InvalidArgumentError(f"{name} is {value}: give 1 or more")
    return value
