"""The three findings that the page tells first, ranked by how surprising and how sure they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import fsum
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

from doxa.report.candidates import Case, Kind, candidates
from doxa.report.words import with_interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.report.candidates import Source

__all__ = ["Finding", "findings", "sureness", "surprise", "widening"]

MOST: Final = 3
_MOST_LINES: Final = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """A number that stands out, in words and as a small picture.

    Parameters
    ----------
    kind : str
        The question that it answers, as in `doxa.report.candidates.KINDS`.
    headline : str
        What was found, or that it cannot be told.
    sentences : tuple of str
        The number with its interval, and how sure it is.
    surprise, sureness : float
        As the functions of these names give them.
    section : str
        The section of the page that has more of it.
    picture : dict
        `unit`, `expected`, and `rows`: the cases of the same kind.
    """

    kind: str
    headline: str
    sentences: tuple[str, ...]
    surprise: float
    sureness: float
    section: str
    picture: dict[str, Any]


def surprise(case: Case, expected: float, room: float = 1.0) -> float:
    """Say how far a number lies from what it would be were nothing there.

    Parameters
    ----------
    case : Case
        The number.
    expected : float
        What it would be: 0 for a difference, 1 for a ratio.
    room : float
        What is counted as 1: for differences of alignment, the way from equal shares for every
        option to a second sample of the same people.

    Returns
    -------
    float
        In [0, 1].

    Examples
    --------
    >>> surprise(Case("Japanese", 0.03, 0.01, 0.05), expected=0, room=0.2)
    0.15
    """
    return min(1.0, round(abs(case.estimate - expected) / room, 12))


def sureness(case: Case, expected: float, widened: float = 1.0) -> float:
    """Say how much of that distance is left at the near end of the number's interval.

    Parameters
    ----------
    case : Case
        The number.
    expected : float
        What it would be were nothing there.
    widened : float
        How many times longer the interval is taken to be, as `widening` gives it.

    Returns
    -------
    float
        In [0, 1]: 0 where the interval holds `expected`, or is not known.

    Examples
    --------
    >>> sureness(Case("Japanese", 0.03, 0.015, 0.05), expected=0)
    0.5
    >>> sureness(Case("Japanese", 0.03, -0.01, 0.05), expected=0)
    0.0
    """
    distance = case.estimate - expected
    if case.low is None or case.high is None or distance == 0:
        return 0.0
    near = case.estimate - case.low if distance > 0 else case.high - case.estimate
    return max(0.0, round(1 - widened * near / abs(distance), 12))


def widening(n: int, confidence: float) -> float:
    """Say how many times longer intervals must be for all of n to hold at once (Bonferroni).

    Examples
    --------
    >>> widening(1, 0.95), round(widening(10, 0.95), 2)
    (1.0, 1.43)
    """
    tail = (1 - confidence) / 2
    normal = NormalDist()
    return normal.inv_cdf(1 - tail / n) / normal.inv_cdf(1 - tail)


def findings(source: Source) -> tuple[Finding, ...]:
    """Choose and write the findings.

    Of each kind of number the case with the largest product of surprise and sureness is taken, and
    of these the largest three: all are sure before any that is not.

    Parameters
    ----------
    source : Source
        The tables, and what the page shows first.
    """
    kinds = candidates(source)
    n = sum(len(cases) for _, cases in kinds)
    confidence = source.evaluation.settings.confidence
    wide = widening(max(n, 1), confidence)
    room = _room(source)

    def rank(kind: Kind, case: Case) -> tuple[float, float, float]:
        most = surprise(case, kind.expected, room if kind.of_alignment else 1.0)
        return (
            most * sureness(case, kind.expected, wide), most * sureness(case, kind.expected), most
        )  # fmt: skip

    leading = []
    for place, (kind, cases) in enumerate(kinds):
        first = max(cases, key=partial(rank, kind))
        sure, alone, _ = rank(kind, first)
        leading.append((-sure, -alone, place, kind, first, cases))
    leading.sort(key=lambda entry: entry[:3])
    return tuple(
        Finding(
            kind=kind.name,
            headline=_headline(kind, case, str(source.view["model"]), wide),
            sentences=tuple(_sentences(kind, case, wide, n)),
            surprise=surprise(case, kind.expected, room if kind.of_alignment else 1.0),
            sureness=sureness(case, kind.expected, wide),
            section=kind.section,
            picture=_picture(kind, case, cases),
        )
        for *_, kind, case, cases in leading[:MOST]
    )


def _room(source: Source) -> float:
    """Give the way from equal shares to a second sample, mean over the countries; 1 if unknown."""
    rows = source.of_view(source.alignment).drop_nulls(["ceiling", "uniform"])
    if rows.is_empty():
        return 1.0
    room = fsum((rows["ceiling"] - rows["uniform"]).to_list()) / rows.height
    return room if room > 0 else 1.0


def _headline(kind: Kind, case: Case, who: str, wide: float) -> str:
    if not sureness(case, kind.expected, wide):
        said = kind.unsure
    else:
        said = kind.above if case.estimate > kind.expected else kind.below
    return said.format(who=who, case=case.name)


def _sentences(kind: Kind, case: Case, wide: float, n: int) -> Iterator[str]:
    number = with_interval(case.estimate, case.low, case.high, signed=kind.expected == 0)
    yield f"{number}{f', mean over {case.over}' if case.over else ''}."
    side = "above" if case.estimate > kind.expected else "below"
    at = f"{side} {kind.expected:g}"
    among = f"when it is widened for the choice among {n} numbers"
    if case.low is None:
        yield "It has no interval."
    elif not sureness(case, kind.expected):
        yield f"Its interval holds {kind.expected:g}."
    elif n == 1:
        yield f"Its interval lies {at}."
    elif sureness(case, kind.expected, wide):
        yield f"Its interval stays {at} {among}."
    else:
        yield f"Its interval lies {at}, but not {among}: one of so many may lie there by chance."


def _picture(kind: Kind, told: Case, cases: tuple[Case, ...]) -> dict[str, Any]:
    """Give the rows of the small chart: the case that is told, and others of its kind."""
    others = [case for case in cases if case is not told][: _MOST_LINES - 1]
    shown = [case for case in cases if case is told or case in others]
    signed = kind.expected == 0
    return {
        "unit": kind.unit,
        "expected": kind.expected,
        "rows": [
            {
                "name": case.short or case.name, "order": place,
                "estimate": case.estimate, "low": case.low, "high": case.high,
                "told": case is told,
                "detail": f"{case.short or case.name}: "
                + with_interval(case.estimate, case.low, case.high, signed=signed),
            }
            for place, case in enumerate(shown)
        ],
    }  # fmt: skip
