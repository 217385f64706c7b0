from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from doxa.questionnaire import QuestionBank
from doxa.report.findings import Finding, findings
from doxa.report.words import Names


def row(country: str, estimate: float, *, half: float = 0.02, **more: Any) -> dict[str, Any]:
    gap = estimate - 0.8
    return {
        "model": "m", "elicitation": "logprobs", "wave": 7, "group": "", "steering": "none",
        "reasoning": "off", "reference_reasoning": "off",
        "language": "en", "target": "", "country": country, "estimate": estimate,
        "low": estimate - half, "high": estimate + half, "ceiling": 0.98, "baseline": 0.8,
        "n_items": 40,
        "gap": gap, "gap_low": gap - half, "gap_high": gap + half,
        "verdict": "under" if gap < -0.02 else "appropriate" if gap <= 0.02 else "over",
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def names() -> Names:
    return Names(QuestionBank.load())


def found(
    rows: list[dict[str, Any]], names: Names, effects: list[dict[str, Any]] | None = None
) -> tuple[Finding, ...]:
    return findings(pl.DataFrame(rows), pl.DataFrame(effects) if effects else None, names)


def test_overlapping_intervals_are_said_to_overlap(names: Names) -> None:
    level, _ = found([row("JPN", 0.70), row("USA", 0.73)], names)
    assert level.headline == (
        "Without steering, countries and ways of asking reach an alignment between 0.70 and 0.73."
    )
    assert level.sentences == (
        "Asked in English, by the option probabilities: closest is United States "
        "0.730 [0.71, 0.75], furthest Japan 0.700 [0.68, 0.72]; their intervals overlap, so "
        "these countries are not told apart.",
    )


def test_a_country_with_few_of_the_items_is_not_called_the_furthest(names: Names) -> None:
    """India has 15 of 144 items in the published shares."""
    few = row("IND", 0.49, n_items=3, low=None, high=None)
    level, _ = found([row("JPN", 0.70, n_items=40), row("USA", 0.73, n_items=35), few], names)
    assert "furthest Japan" in level.sentences[0]
    assert level.sentences[-1] == "Not compared, with fewer than half of the items: India."
    assert "between 0.70 and 0.73" in level.headline


def test_separate_intervals_are_said_not_to_overlap(names: Names) -> None:
    level, _ = found([row("JPN", 0.60), row("USA", 0.73)], names)
    assert level.sentences[0].endswith("their intervals do not overlap.")


def test_no_intervals_tell_nothing_apart(names: Names) -> None:
    bare = {"low": None, "high": None, "gap_low": None, "gap_high": None}
    level, baseline = found([row("JPN", 0.6, **bare), row("USA", 0.9, **bare)], names)
    assert "not told apart" in level.sentences[0]
    assert not any("interval of the gap" in sentence for sentence in baseline.sentences)


def test_verdicts_are_counted(names: Names) -> None:
    rows = [row("JPN", 0.7), row("USA", 0.81), row("COL", 0.9), row("BGD", 0.9)]
    _, baseline = found(rows, names)
    assert baseline.headline == (
        "The model is further from the country than the baseline in 1, as close as the baseline "
        "in 1 and closer than the baseline in 2 of 4 comparisons."
    )
    assert (
        "below zero in 1 and wholly above zero in 2 of 4 comparisons; in the other 1"
        in (baseline.sentences[0])
    )


def test_several_models_are_named(names: Names) -> None:
    level, _ = found([row("JPN", 0.7), row("JPN", 0.8, model="other")], names)
    assert level.sentences[1] == (
        "Asked in English, other by the option probabilities: Japan 0.800 [0.78, 0.82]."
    )


def test_steering_counts_only_the_country_it_names(names: Names) -> None:
    persona = {"steering": "persona", "target": "JPN", "language": "ja"}
    effects = [
        row("JPN", 0.05, **persona),
        row("USA", -0.2, **persona),
        row("JPN", 0.01, **persona, model="other"),
    ]
    *_, steering = found([row("JPN", 0.7)], names, effects)
    assert steering.headline == (
        "Steering towards a country moves the model closer to it in 1 of 2 cases; in 1 the "
        "interval holds zero."
    )
    assert steering.sentences[0].endswith(
        "alignment with Japan changes by +0.050 [+0.030, +0.070], an interval without zero."
    )


def test_steering_without_effect_claims_none(names: Names) -> None:
    effect = row("JPN", 0.01, steering="persona", target="JPN")
    *_, steering = found([row("JPN", 0.7)], names, [effect])
    assert steering.headline.startswith("Steering towards a country shows no clear effect")


def test_long_lists_are_cut_and_counted(names: Names) -> None:
    rows = [row("JPN", 0.7, language=f"x{number}") for number in range(9)]
    level, _ = found(rows, names)
    assert len(level.sentences) == 7
    assert level.sentences[-1] == "The table holds 3 more."
