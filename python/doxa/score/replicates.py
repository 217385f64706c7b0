"""What makes the replicates of a batch: objects, not closures, so that a batch can be pickled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from doxa import _core
from doxa.score.bootstrap import items_alone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from doxa.score.bootstrap import ResampleSource
    from doxa.score.forms import Forms
    from doxa.score.rows import Labels

__all__ = ["CountReplicates", "MeanReplicates", "SampleReplicates"]


@dataclass(frozen=True, slots=True)
class CountReplicates:
    """Replicates of scores against human rows of which only the number of respondents is known."""

    rows: tuple[Any, Any]
    metrics: tuple[str, ...]
    values: NDArray[np.float64]
    """The score of each row by each metric."""
    sizes: dict[str, NDArray[np.float64] | None]
    draws: dict[str, Any]
    """`n_resamples`, `seed`, `threads`, and the scale of the rows."""
    forms: Forms | None = None

    def __call__(
        self, drawn: Labels, sources: tuple[ResampleSource, ...], shrunken: bool
    ) -> NDArray[np.float64]:
        """Draw what is named, shape (metrics, groups, n_resamples)."""
        if items_keep_scores(self.values, sources):
            return item_means(self.values, drawn, self.draws)
        return _core.count_replicates(
            *self.rows,
            self.metrics,
            drawn,
            draw_items="items" in sources,
            **self._others(sources),
            shrunken=shrunken,
        )

    def row_means(self, drawn: Labels, sources: tuple[ResampleSource, ...]) -> NDArray[np.float64]:
        """Average each row's replicates, shape (metrics, n); items are not drawn."""
        return _core.count_row_means(*self.rows, self.metrics, drawn, **self._others(sources))

    def _others(self, sources: tuple[ResampleSource, ...]) -> dict[str, Any]:
        return {
            "human_n": self.sizes["respondents"] if "respondents" in sources else None,
            "model_n": self.sizes["replies"] if "replies" in sources else None,
            "forms": self.forms if "forms" in sources else None,
            **self.draws,
        }


@dataclass(frozen=True, slots=True)
class SampleReplicates:
    """Replicates of scores against a sample of respondents."""

    rows: Any
    metrics: tuple[str, ...]
    values: NDArray[np.float64]
    """The score of each row by each metric."""
    answers: NDArray[np.uint8]
    options: Sequence[int]
    draws: dict[str, Any]
    """The sample's weights and design, `n_resamples`, `seed`, `threads`, the scale of the rows."""

    def __call__(
        self, drawn: Labels, sources: tuple[ResampleSource, ...], shrunken: bool
    ) -> NDArray[np.float64]:
        """Draw what is named, shape (metrics, groups, n_resamples)."""
        if items_keep_scores(self.values, sources):
            return item_means(self.values, drawn, self.draws)
        return _core.sample_replicates(
            self.rows,
            self.metrics,
            drawn,
            self.answers,
            self.options,
            draw_items="items" in sources,
            draw_respondents="respondents" in sources,
            shrunken=shrunken,
            **self.draws,
        )


@dataclass(frozen=True, slots=True)
class MeanReplicates:
    """Replicates of means of any numbers, when items are drawn."""

    values: NDArray[np.float64]
    draws: dict[str, Any]
    """`n_resamples`, `seed` and `threads`."""

    def __call__(
        self, drawn: Labels, _: tuple[ResampleSource, ...], __: bool
    ) -> NDArray[np.float64]:
        """Draw the items, shape (columns, groups, n_resamples)."""
        return item_means(self.values, drawn, self.draws)


def items_keep_scores(values: NDArray[np.float64], sources: tuple[ResampleSource, ...]) -> bool:
    """Tell whether replicates are weighted means of these scores, of which none is infinite.

    An infinite score counts only where its item is drawn: 0 times infinity is no number.
    """
    return items_alone(sources) and not np.isinf(values).any()


def item_means(
    values: NDArray[np.float64], drawn: Labels, draws: dict[str, Any]
) -> NDArray[np.float64]:
    """Draw the items, shape (rows of values, groups, n_resamples)."""
    options = {name: draws[name] for name in ("n_resamples", "seed", "threads")}
    return np.stack([_core.item_replicates(row, drawn, **options) for row in values])
