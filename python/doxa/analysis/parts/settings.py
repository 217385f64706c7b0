"""How tables are computed: one object in place of the same keywords everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from doxa.errors import InvalidArgumentError
from doxa.score.bootstrap import check_draws, resample_sources
from doxa.score.numbers import is_real, is_whole

if TYPE_CHECKING:
    from doxa.score import ResampleSource
    from doxa.survey import Microdata

__all__ = ["DEFAULTS", "BaselineKind", "Settings", "check_baseline"]

BaselineKind = Literal["leave_one_out", "pooled", "uniform", "nearest"]


def check_baseline(kind: BaselineKind) -> None:
    """Refuse a baseline of an unknown kind.

    Raises
    ------
    InvalidArgumentError
        The message names those that there are.
    """
    if kind not in get_args(BaselineKind):
        kinds = ", ".join(get_args(BaselineKind))
        raise InvalidArgumentError(f"baseline={kind!r}: name one of {kinds}")


@dataclass(frozen=True, slots=True, init=False)
class Settings:
    """How a table is computed: which answers enter, and how its intervals are made.

    Every table takes one. A table that has no use for a setting says so; most of them draw
    items again whatever `resample` is, and say so in their column `resampled`.

    Parameters
    ----------
    wave : int or None
        The survey's wave to compare with; None for every wave.
    exclude_items : iterable of str
        Items left out on both sides, such as those shown as examples; kept as a frozenset.
    resample : {"items", "respondents", "replies", "forms"} or several
        What the bootstrap draws again: which items were asked; who answered, as a multinomial of
        the effective number of respondents, item by item and in all countries at once; what the
        model replied, where replies were sampled; in which form each item was asked, where it was
        asked in several (`doxa.analysis.parts.forms`). By default items, and forms where an item
        has two units of them. Kept as a tuple.
    n_resamples : int
        Bootstrap replicates, from 1 to 10,000,000.
    confidence : float
        Of the intervals, in (0, 1).
    seed : int
        Fixes all draws; from 0 to 2**64 - 1.
    baseline : {"leave_one_out", "pooled", "uniform", "nearest"}
        What scores are read against, as in `doxa.analysis.baseline_distributions`.
    threshold : float
        A gap to the baseline of at most this size is called appropriate, at least 0.
    design_effect : float
        By what the effective numbers of respondents are divided, at least 1: for clustered samples
        whose files or tables do not tell the clusters. Default: 1, as if people had been drawn one
        by one; for national samples of interviews at home 1.5 to 2.5 is usual.

    respondents : Microdata, optional
        The people's answers one by one, as `doxa.survey.read_survey` gives them with the counts.
        If respondents are drawn, alone or with items, those of its populations are drawn as whole
        persons, which keeps the correlation of their answers; `note` says so.

    Raises
    ------
    InvalidArgumentError
        A value is out of its range.

    Examples
    --------
    >>> Settings(resample="respondents", n_resamples=200).resample
    ('respondents',)
    """

    wave: int | None
    exclude_items: frozenset[str]
    resample: tuple[ResampleSource, ...]
    n_resamples: int
    confidence: float
    seed: int
    baseline: BaselineKind
    threshold: float
    design_effect: float
    respondents: Microdata | None = field(compare=False, repr=False)

    def __init__(
        self,
        *,
        wave: int | None = 7,
        exclude_items: Iterable[str] = (),
        resample: ResampleSource | Iterable[ResampleSource] = ("items", "forms"),
        n_resamples: int = 1000,
        confidence: float = 0.95,
        seed: int = 0,
        baseline: BaselineKind = "leave_one_out",
        threshold: float = 0.02,
        design_effect: float = 1.0,
        respondents: Microdata | None = None,
    ) -> None:
        check_draws(n_resamples, confidence, seed)
        if not (wave is None or is_whole(wave)):
            raise InvalidArgumentError(f"wave={wave!r}: give a whole number, or None for all")
        if isinstance(exclude_items, str) or not isinstance(exclude_items, Iterable):
            raise InvalidArgumentError(f"exclude_items={exclude_items!r}: give a list of names")
        check_baseline(baseline)
        if not (is_real(threshold) and threshold >= 0):
            raise InvalidArgumentError(f"threshold={threshold!r}: give a number from 0 on")
        if not (is_real(design_effect) and 1 <= design_effect <= _LARGEST_EFFECT):
            raise InvalidArgumentError(
                f"design_effect={design_effect!r}: give a number from 1 to {_LARGEST_EFFECT}"
            )
        for name, value in (
            ("wave", wave),
            ("exclude_items", frozenset(exclude_items)),
            ("resample", resample_sources(resample)),
            ("n_resamples", n_resamples),
            ("confidence", confidence),
            ("seed", seed),
            ("baseline", baseline),
            ("threshold", threshold),
            ("design_effect", float(design_effect)),
            ("respondents", respondents),
        ):
            object.__setattr__(self, name, value)

    @property
    def draws(self) -> dict[str, Any]:
        """Number of replicates, confidence and seed, as keywords of `doxa.score`."""
        return {
            "n_resamples": self.n_resamples,
            "confidence": self.confidence,
            "seed": self.seed,
        }

    @property
    def resampled(self) -> str:
        """What is drawn again, for the column `resampled`."""
        return ", ".join(self.resample)

    def items_alone(self) -> Settings:
        """Give the same settings, but for a table that draws items alone."""
        return replace(self, resample=("items",))


_LARGEST_EFFECT: Final = 100

DEFAULTS: Final = Settings()
