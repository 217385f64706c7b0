"""Where labels of points can stand without touching each other, for a picture on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["PlacedLabel", "place_labels"]

_WIDE: Final = 0.56
"""The mean width of a letter, in heights of the type; names of countries are narrower."""
_APART: Final = 4.0
_POINT: Final = 3.5


class PlacedLabel(NamedTuple):
    """Where a label stands, in pixels, and which of its ends is there."""

    x: float
    y: float
    align: str


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def place_labels(
    points: Sequence[tuple[float, float]],
    labels: Sequence[tuple[str, float]],
    size: tuple[float, float],
    taken: Sequence[tuple[float, float, float, float]] = (),
) -> list[PlacedLabel | None]:
    """Place labels beside, above or below their points, the first ones first.

    Parameters
    ----------
    points : sequence of (float, float)
        In pixels from the upper left corner.
    labels : sequence of (str, float)
        The text of each point, and the height of its type in pixels.
    size : (float, float)
        Width and height of the picture, which labels do not leave.
    taken : sequence of (float, float, float, float)
        Left, top, right and bottom of further places that labels avoid.

    Returns
    -------
    list of PlacedLabel or None
        None for a point that no place is left for.

    Examples
    --------
    >>> place_labels([(20, 20), (22, 20)], [("Peru", 10), ("Chile", 10)], (100, 40))
    [PlacedLabel(x=26.0, y=20, align='left'), PlacedLabel(x=22, y=9.5, align='center')]
    """
    held = [_Box(*box) for box in taken]
    held += [_Box(x - _POINT, y - _POINT, x + _POINT, y + _POINT) for x, y in points]
    placed: list[PlacedLabel | None] = []
    for point, (text, height) in zip(points, labels, strict=True):
        for label, box in _choices(point, text, height):
            inside = box.left >= 0 and box.top >= 0
            inside = inside and box.right <= size[0] and box.bottom <= size[1]
            if inside and not any(box.meets(other) for other in held):
                held.append(box)
                placed.append(label)
                break
        else:
            placed.append(None)
    return placed


def _choices(
    point: tuple[float, float], text: str, height: float
) -> Iterator[tuple[PlacedLabel, _Box]]:
    x, y = point
    width, half = _WIDE * height * len(text), height / 2
    beside, above = _APART + 2, _APART + height / 2 + 1.5
    for dx, dy, align in (
        (beside, 0, "left"), (-beside, 0, "right"), (0, -above, "center"), (0, above, "center"),
        (beside - 2, -above + 3, "left"), (beside - 2, above - 3, "left"),
        (-beside + 2, -above + 3, "right"), (-beside + 2, above - 3, "right"),
    ):  # fmt: skip
        at = x + dx
        left = at if align == "left" else at - width if align == "right" else at - width / 2
        middle = y + dy
        box = _Box(left, middle - half, left + width, middle + half)
        yield PlacedLabel(at, middle, align), box
