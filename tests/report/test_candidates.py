from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from doxa.analysis.languages import OWN_AGAINST_REFERENCE
from doxa.report.candidates import KINDS, Case, Kind, Source, candidates
from doxa.report.words import Names

from .invented import BANK, evaluation_of

if TYPE_CHECKING:
    from collections.abc import Mapping

VIEW = {"model": "tiny-model", "elicitation": "logprobs", "wave": 7}
UNSTEERED = {"steering": "none", "language": "en", "target": "", "group": "", "reasoning": "off"}
ROW = {**VIEW, **UNSTEERED, "low": 0.01, "high": 0.05, "estimate": 0.03, "note": ""}


def source_of(
    frames: dict[str, pl.DataFrame], tables: Mapping[str, list[dict[str, Any]]] | None = None
) -> Source:
    made = {name: pl.DataFrame(rows) for name, rows in (tables or {}).items()}
    evaluation = evaluation_of(frames, tables=made)
    asked = pl.DataFrame([UNSTEERED])
    return Source(evaluation, frames["alignment"], frames["steering"], VIEW, asked, Names(BANK))


def made(source: Source) -> dict[str, tuple[Case, ...]]:
    return {kind.name: cases for kind, cases in candidates(source)}


def test_closeness_is_that_of_the_first_view(frames: dict[str, pl.DataFrame]) -> None:
    average, equal = made(source_of(frames))["closeness"]
    rows = frames["alignment"].filter(elicitation="logprobs", steering="none", language="en")
    assert average.name == "the average of the other countries"
    assert [average.short, equal.short] == ["Others’ average", "Equal shares"]
    assert average.estimate == pytest.approx(rows["gap"].mean())
    assert (average.low, average.high) == (
        pytest.approx(rows["gap_low"].mean()), pytest.approx(rows["gap_high"].mean())
    )  # fmt: skip
    assert average.over == "3 countries"
    assert equal.estimate == pytest.approx(rows["uniform_gap"].mean())


def test_steering_counts_only_the_country_it_names(frames: dict[str, pl.DataFrame]) -> None:
    examples, persona = made(source_of(frames))["steering"]
    named = frames["steering"].filter(pl.col("country") == pl.col("target"), elicitation="logprobs")
    assert persona.estimate == pytest.approx(named.filter(steering="persona")["estimate"].mean())
    assert (examples.name, examples.over) == ("examples", "1 case")


def test_models_are_told_from_the_first_ones_side(frames: dict[str, pl.DataFrame]) -> None:
    rows = [
        ROW | {"a": "tiny-model", "b": "one", "country": "JPN"},
        ROW | {"a": "other", "b": "tiny-model", "country": "JPN"},
        ROW | {"a": "other", "b": "one", "country": "JPN"},
    ]
    one, other = made(source_of(frames, {"differences": rows}))["models"]
    assert one == ("one", 0.03, 0.01, 0.05, "1 country", "")
    assert other == ("other", -0.03, -0.05, -0.01, "1 country", "")


def test_languages_spread_and_order_are_told_by_language(frames: dict[str, pl.DataFrame]) -> None:
    japanese, arabic = ROW | {"language": "ja"}, ROW | {"language": "ar"}
    found = made(
        source_of(
            frames,
            {
                "language_gains": [arabic, japanese, japanese | {"reasoning": "512"}],
                "shape": [
                    japanese | {"measure": "variance ratio"},
                    ROW | {"measure": "modal match"},
                ],
                "form_sensitivity": [ROW | {"measure": "gain when shown first"}],
            },
        )
    )
    assert [case.name for case in found["languages"]] == ["Arabic", "Japanese"]
    assert found["spread"] == (("Japanese", 0.03, 0.01, 0.05, "1 country", ""),)
    assert found["order"] == (("English", 0.03, 0.01, 0.05, "", ""),)


def test_the_own_language_is_the_mean_over_countries(frames: dict[str, pl.DataFrame]) -> None:
    row = ROW | {"measure": OWN_AGAINST_REFERENCE, "is_mean": False, "n_countries": 1}
    mean = row | {"is_mean": True, "n_countries": 3, "estimate": 0.02}
    (case,) = made(source_of(frames, {"own_language": [row, mean]}))["own language"]
    assert case == ("own language", 0.02, 0.01, 0.05, "3 countries", "Own language")


def test_thinking_is_told_without_steering(frames: dict[str, pl.DataFrame]) -> None:
    thought = frames["steering"].head(1).with_columns(
        steering=pl.lit("none"), target=pl.lit(""), reasoning=pl.lit("512"),
        elicitation=pl.lit("logprobs"),
    )  # fmt: skip
    both = frames | {"steering": pl.concat([frames["steering"], thought])}
    (case,) = made(source_of(both))["thinking"]
    assert case.name == "thinking, up to 512 tokens"
    assert case.estimate == thought["estimate"][0]


def test_countries_with_few_of_the_items_are_left_out(frames: dict[str, pl.DataFrame]) -> None:
    """India has 15 of 144 items in the published shares."""
    few = pl.when(country="JPN").then(5).otherwise("n_items").alias("n_items")
    source = source_of(frames | {"alignment": frames["alignment"].with_columns(few)})
    assert made(source)["closeness"][0].over == "2 countries"


def test_a_mean_without_intervals_has_none(frames: dict[str, pl.DataFrame]) -> None:
    bare = frames["alignment"].with_columns(gap_low=None, gap_high=None)
    case = made(source_of(frames | {"alignment": bare}))["closeness"][0]
    assert (case.low, case.high) == (None, None)
    assert case.over == "3 countries"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_words_stand_for_the_model_and_the_case(kind: Kind) -> None:
    for said in (kind.above, kind.below, kind.unsure):
        text = said.format(who="tiny", case="that")
        assert "tiny" in text
        assert not text.endswith(".")
    assert "cannot be told" in kind.unsure
