"""Numbers of groups and items: combined into contrasts, and taken by the items that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["by_items", "by_number", "combined"]


def combined(
    contrasts: Sequence[Mapping[int, float]], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the weighted sums of groups' numbers, item by item."""
    found = np.full((len(contrasts), values.shape[1]), np.nan)
    for number, contrast in enumerate(contrasts):
        found[number] = np.array(list(contrast.values())) @ values[list(contrast)]
    return found


def by_items(values: NDArray[np.float64]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.bool_]]]:
    """Yield the rows that have the same items, and which those are; no rows without any.

    By the number of items: the weights of as many are made once.
    """
    masks, which = np.unique(~np.isnan(values), axis=0, return_inverse=True)
    for number in np.argsort(masks.sum(axis=1), kind="stable"):
        if masks[number].any():
            yield np.flatnonzero(which.ravel() == number), masks[number]


def by_number(held: NDArray[np.bool_], apart: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
    """Yield the rows that have as many items, those set apart by themselves; none without any."""
    kinds, which = np.unique(np.stack([held.sum(axis=1), apart]), axis=1, return_inverse=True)
    for number in np.flatnonzero(kinds[0]):
        yield np.flatnonzero(which.ravel() == number)
