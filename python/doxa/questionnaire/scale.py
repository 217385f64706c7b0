"""Scales: the options of an item, and the distances between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from doxa.errors import QuestionnaireError

__all__ = ["Scale", "ScaleKind"]

ScaleKind = Literal["ordinal", "nominal"]


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of an item: its options, and the distances between them.

    Parameters
    ----------
    kind : {"ordinal", "nominal"}
        Whether the options have an order.
    codes : tuple of int
        The codes on the scale, in its order (for a nominal item, in the order listed).
    positions : tuple of float
        The position of each code of an ordinal item, strictly increasing; the distance between
        two options is the difference of their positions. Empty stands for 1, 2, …, K.
    off_scale : tuple of int
        Codes of answers that have no position, such as "hard to say". They are reported as
        off-scale mass and never enter a distance.

    Raises
    ------
    QuestionnaireError
        Fewer than two codes, repeated codes, or positions that do not increase.

    Examples
    --------
    >>> Scale("ordinal", codes=(1, 2, 3, 4)).positions
    (1.0, 2.0, 3.0, 4.0)
    >>> Scale("ordinal", codes=(1, 2, 3), off_scale=(0,)).all_codes
    (1, 2, 3, 0)
    """

    kind: ScaleKind
    codes: tuple[int, ...]
    positions: tuple[float, ...] = ()
    off_scale: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in ("ordinal", "nominal"):
            raise QuestionnaireError(f"scale kind {self.kind!r} is neither ordinal nor nominal")
        if len(self.codes) < 2:
            raise QuestionnaireError(f"a scale needs two codes or more, not {self.codes}")
        if len(set(self.all_codes)) != len(self.all_codes):
            raise QuestionnaireError(f"codes are repeated in {self.all_codes}")
        if self.positions:
            if self.kind == "nominal":
                raise QuestionnaireError("a nominal scale cannot have positions: leave them out")
            if len(self.positions) != len(self.codes):
                raise QuestionnaireError(
                    f"{len(self.positions)} positions for {len(self.codes)} codes: give one each"
                )
            if any(b <= a for a, b in zip(self.positions, self.positions[1:], strict=False)):
                raise QuestionnaireError(f"positions {self.positions} do not increase")
        else:
            steps = tuple(float(i) for i in range(1, len(self.codes) + 1))
            object.__setattr__(self, "positions", steps)

    @property
    def all_codes(self) -> tuple[int, ...]:
        """Codes on the scale, then codes off it."""
        return self.codes + self.off_scale
