"""How tables are computed: one object in place of the same keywords everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from doxa.errors import InvalidArgumentError
from doxa.score import ResampleSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["BaselineKind", "Settings"]

BaselineKind = Literal["leave_one_out", "pooled", "uniform", "nearest"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a table is computed. A table uses the settings that concern it.

    Parameters
    ----------
    wave : int or None
        The survey's wave to compare with; None for every wave.
    exclude_items : iterable of str
        Items left out on both sides, such as those shown as examples; kept as a frozenset.
    resample : {"items", "respondents", "replies"} or several
        What the bootstrap draws again where a table can; the others draw items. The column
        `resampled` of a table says what was drawn. Kept as a tuple.
    n_resamples : int
        Bootstrap replicates, at least 1.
    confidence : float
        Of the intervals, in (0, 1).
    seed : int
        Fixes all draws, at least 0.
    baseline : {"leave_one_out", "pooled", "uniform", "nearest"}
        What scores are read against, as in `doxa.analysis.baseline_distributions`.
    threshold : float
        A gap to the baseline of at most this size is called appropriate, at least 0.

    Raises
    ------
    InvalidArgumentError
        A value is out of its range.

    Examples
    --------
    >>> Settings(resample="respondents", n_resamples=200).resample
    ('respondents',)
    """

    wave: int | None = 7
    exclude_items: Iterable[str] = frozenset()
    resample: ResampleSource | Sequence[ResampleSource] = ("items",)
    n_resamples: int = 1000
    confidence: float = 0.95
    seed: int = 0
    baseline: BaselineKind = "leave_one_out"
    threshold: float = 0.02

    def __post_init__(self) -> None:
        object.__setattr__(self, "exclude_items", frozenset(self.exclude_items))
        given = (self.resample,) if isinstance(self.resample, str) else tuple(self.resample)
        known: tuple[ResampleSource, ...] = get_args(ResampleSource)
        unknown = [source for source in given if source not in known]
        if unknown or not given:
            found = repr(unknown[0]) if unknown else "nothing"
            raise InvalidArgumentError(f"resample={found}: name some of {', '.join(known)}")
        object.__setattr__(self, "resample", tuple(s for s in known if s in given))
        if self.n_resamples < 1:
            raise InvalidArgumentError(f"n_resamples={self.n_resamples}: it must be 1 or more")
        if not 0 < self.confidence < 1:
            raise InvalidArgumentError(f"confidence={self.confidence}: it must lie between 0 and 1")
        if self.seed < 0:
            raise InvalidArgumentError(f"seed={self.seed}: it must be 0 or more")
        kinds = get_args(BaselineKind)
        if self.baseline not in kinds:
            raise InvalidArgumentError(
                f"baseline={self.baseline!r}: name one of {', '.join(kinds)}"
            )
        if not self.threshold >= 0:
            raise InvalidArgumentError(f"threshold={self.threshold}: it must be 0 or more")
