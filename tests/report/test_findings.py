"""Findings are ranked by how surprising and how sure they are, and claim no more than they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.report.candidates import Case
from doxa.report.findings import MOST, Finding, findings, sureness, surprise, widening

from .test_candidates import ROW, source_of

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER = st.floats(-0.9, 0.9, allow_subnormal=False)
WIDTH = st.floats(0.001, 0.5)
EFFECTS = st.lists(st.tuples(NUMBER, WIDTH), min_size=1, max_size=6)
LANGUAGES = ("ja", "es", "ar", "de", "fr", "ru")


def gains(effects: Sequence[tuple[float, float]]) -> list[dict[str, object]]:
    return [
        ROW | {"language": language, "estimate": value, "low": value - half, "high": value + half}
        for language, (value, half) in zip(LANGUAGES, effects, strict=False)
    ]


def told(effects: Sequence[tuple[float, float]], frames: dict[str, pl.DataFrame]) -> list[Finding]:
    return [*findings(source_of(frames, {"language_gains": gains(effects)}))]


@given(EFFECTS)
def test_nothing_unsure_is_told_as_sure(
    frames: dict[str, pl.DataFrame], effects: list[tuple[float, float]]
) -> None:
    found = told(effects, frames)
    for finding in found:
        (row,) = (row for row in finding.picture["rows"] if row["told"])
        expected = finding.picture["expected"]
        outside = row["low"] > expected or row["high"] < expected
        unsure = "cannot be told" in finding.headline
        assert unsure == (finding.sureness == 0)
        assert unsure or outside


@given(EFFECTS)
def test_every_sure_finding_comes_before_any_unsure_one(
    frames: dict[str, pl.DataFrame], effects: list[tuple[float, float]]
) -> None:
    found = told(effects, frames)
    products = [finding.surprise * finding.sureness for finding in found]
    assert products == sorted(products, reverse=True)
    assert len({finding.kind for finding in found}) == len(found) <= MOST


@given(EFFECTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    frames: dict[str, pl.DataFrame], effects: list[tuple[float, float]], random: object
) -> None:
    rows = gains(effects)
    shuffled = sorted(rows, key=lambda _: random.random())  # type: ignore[attr-defined]
    seed = random.randrange(99)  # type: ignore[attr-defined]
    mixed = {
        name: frame.sample(fraction=1, shuffle=True, seed=seed) for name, frame in frames.items()
    }
    assert findings(source_of(frames, {"language_gains": rows})) == findings(
        source_of(mixed, {"language_gains": shuffled})
    )


@given(NUMBER, WIDTH, st.floats(1, 4))
def test_sureness_falls_with_the_interval(value: float, half: float, widened: float) -> None:
    case = Case("x", value, value - half, value + half)
    assert 0 <= sureness(case, 0, widened) <= sureness(case, 0) <= 1
    assert (sureness(case, 0) > 0) == (round(1 - half / abs(value), 12) > 0 if value else False)
    assert sureness(Case("x", value, None, None), 0) == 0


@given(NUMBER, st.floats(0.01, 1))
def test_surprise_grows_with_the_distance(value: float, room: float) -> None:
    case = Case("x", value, None, None)
    assert 0 <= surprise(case, 0) <= surprise(case, 0, room) <= 1
    assert surprise(case, value) == 0


@given(st.integers(1, 500), st.floats(0.5, 0.999))
def test_the_choice_among_more_is_stricter(n: int, confidence: float) -> None:
    assert 1 <= widening(n, confidence) < widening(n + 1, confidence)


def test_words_say_what_the_interval_leaves(frames: dict[str, pl.DataFrame]) -> None:
    def said(value: float, half: float) -> str:
        (one,) = (one for one in told([(value, half)], frames) if one.kind == "languages")
        return f"{one.headline}. {' '.join(one.sentences)}"

    assert said(0.5, 0.01) == (
        "Asked in Japanese rather than English, tiny-model is closer to people. "
        "+0.500 [+0.490, +0.510], mean over 1 country. "
        "Its interval stays above 0 when it is widened for the choice among 5 numbers."
    )
    assert said(-0.5, 0.01).startswith(
        "Asked in Japanese rather than English, tiny-model is further from people."
    )
    assert said(0.5, 0.49).startswith("Whether asking in Japanese")
    assert said(0.5, 0.49).endswith(
        "but not when it is widened for the choice among 5 numbers: "
        "one of so many may lie there by chance."
    )


def test_a_number_whose_interval_holds_nothing_is_told_as_open(
    frames: dict[str, pl.DataFrame],
) -> None:
    open_gaps = frames["alignment"].with_columns(gap_low=pl.lit(-1.0), gap_high=pl.lit(1.0))
    alone = frames | {"alignment": open_gaps.drop("uniform_gap")}
    (first, *_) = findings(source_of(alone | {"steering": frames["steering"].clear()}))
    assert "cannot be told" in first.headline
    assert first.sentences[-1] == "Its interval holds 0."


def test_no_interval_is_said(frames: dict[str, pl.DataFrame]) -> None:
    row = ROW | {"language": "ja", "low": None, "high": None}
    bare = frames["alignment"].drop("gap", "uniform_gap")
    only = frames | {"alignment": bare, "steering": frames["steering"].clear()}
    (finding,) = findings(source_of(only, {"language_gains": [row]}))
    assert finding.sentences == ("+0.030, mean over 1 country.", "It has no interval.")


@pytest.mark.parametrize("n", [3, 9])
def test_a_picture_has_few_lines_and_the_one_that_is_told(
    frames: dict[str, pl.DataFrame], n: int
) -> None:
    rows = [ROW | {"language": f"x{i}", "estimate": 0.1 * i} for i in range(n)]
    for finding in findings(source_of(frames, {"language_gains": rows})):
        assert len(finding.picture["rows"]) <= 6
        assert sum(row["told"] for row in finding.picture["rows"]) == 1
