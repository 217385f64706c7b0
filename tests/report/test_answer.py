from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.questionnaire import QuestionBank
from doxa.report.answer import answer, answers, first_view
from doxa.report.tables import conditions_of
from doxa.report.words import Names

NAMES = Names(QuestionBank.load())
CODES = ["JPN", "USA", "COL", "MEX", "NGA", "DEU", "FRA"]


def rows(**columns: list[object]) -> pl.DataFrame:
    n = len(next(iter(columns.values())))
    given = {"country": CODES[:n], "n_items": [9] * n, "rank_low": range(1, n + 1)} | columns
    estimate = given["estimate"]
    beside = {name: [None] * n for name in ("uniform_gap_low", "gap_low", "gap_high")}
    return pl.DataFrame(
        {"low": [x - 0.02 for x in estimate], "high": [x + 0.02 for x in estimate]}
        | beside
        | given,
        strict=False,
    )


def test_one_country_that_no_other_reaches() -> None:
    text = answer(rows(estimate=[0.9, 0.8], gap_low=[0.01, 0], gap_high=[0.02, 0]), NAMES)
    assert text == (
        "Its answers come closest to those of people in Japan (alignment 0.900 [0.88, 0.92]); no "
        "other country is in reach. It is closer to them than the average of the other countries "
        "is."
    )


def test_one_of_several_models_is_named() -> None:
    table = rows(estimate=[0.9, 0.8])
    assert answer(table, NAMES, model="m").startswith("The answers of m come closest to those of")
    assert answer(table, NAMES, model="m", sound=False).startswith("The replies of m are no")


def test_countries_that_may_be_as_close_are_named() -> None:
    text = answer(rows(estimate=[0.8, 0.9, 0.7], rank_low=[1, 1, 3]), NAMES)
    assert "those of people in the United States (alignment 0.900" in text
    assert "; those in Japan may be as close." in text
    assert "Colombia" not in text


def test_many_are_counted() -> None:
    text = answer(rows(estimate=[0.9] * 6, rank_low=[1] * 5 + [6]), NAMES)
    assert text.startswith(
        "Whose opinions it comes closest to cannot be told: 5 of 6 countries may be first"
    )
    assert "all 6 countries" in answer(rows(estimate=[0.9] * 6, rank_low=[1] * 6), NAMES)


def test_no_better_than_equal_shares() -> None:
    table = rows(estimate=[0.9, 0.8], uniform_gap_low=[-0.1, 0.3], gap_high=[-0.1, 0.0],
                 gap_low=[-0.2, 0.0])  # fmt: skip
    text = answer(table, NAMES)
    assert "not shown to be closer to them than equal shares for every option" in text
    assert "and further than the average of the other countries" in text


def test_replies_without_an_opinion() -> None:
    text = answer(rows(estimate=[0.9]), NAMES, sound=False, verdict="no opinion: always the first")
    assert text == (
        "These replies are no opinion: always the first: whatever the map shows, it is not whose "
        "opinions the model expresses."
    )
    unsure = answer(rows(estimate=[0.9, 0.8]), NAMES, verdict="not judged: fewer than five items")
    assert unsure.endswith(
        "Whether these replies are an opinion is not judged: fewer than five items."
    )
    assert answer(rows(estimate=[0.9]).with_columns(estimate=None), NAMES).startswith("Nothing was")


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(1, 3), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2)),
        min_size=2,
        max_size=7,
    )
)
def test_it_claims_no_more_than_the_intervals_hold(
    drawn: list[tuple[float, int, float, float]],
) -> None:
    table = rows(
        estimate=[x[0] for x in drawn], rank_low=[x[1] for x in drawn],
        gap_low=[x[2] - 0.1 for x in drawn], gap_high=[x[2] + 0.1 for x in drawn],
        uniform_gap_low=[x[3] for x in drawn],
    )  # fmt: skip
    text = answer(table, NAMES)
    best = table.sort("estimate", descending=True, maintain_order=True).row(0, named=True)
    sole = table.filter(rank_low=1)["country"].to_list() == [best["country"]]
    assert ("no other country is in reach" in text) == sole
    assert NAMES.place(best["country"]) in text
    if "It is closer to them" in text:
        assert best["gap_low"] > 0
        assert best["uniform_gap_low"] > 0
    if "is closer to them than it is" in text:
        assert best["gap_high"] < 0


@pytest.fixture
def asked() -> pl.DataFrame:
    keys = [
        ("none", "en", ""),
        ("none", "ja", ""),
        ("persona", "en", "JPN"),
        ("persona", "en", "USA"),
    ]
    cells = [
        ("m", "logprobs", steering, language, target, "", "off", country, 7, 9, 0.5, 0.4, 0.6, 1)
        for steering, language, target in keys
        for country in ("JPN", "USA")
    ]
    names = ["model", "elicitation", "steering", "language", "target", "group", "reasoning",
             "country", "wave", "n_items", "estimate", "low", "high", "rank_low"]  # fmt: skip
    return pl.DataFrame(cells, schema=names, orient="row").with_columns(
        pl.lit(None, pl.Float64).alias(name) for name in ("uniform_gap_low", "gap_low", "gap_high")
    )


def verdicts(*sound: tuple[str, str, bool | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [("m", "logprobs", language, steering, "off", told, "no opinion", "")
         for steering, language, told in sound],
        schema={"model": pl.String, "elicitation": pl.String, "language": pl.String,
                "steering": pl.String, "reasoning": pl.String, "sound": pl.Boolean,
                "verdict": pl.String, "caution": pl.String},
        orient="row",
    )  # fmt: skip


def test_the_first_view_is_sound_and_in_english_if_it_can_be(asked: pl.DataFrame) -> None:
    conditions = conditions_of([asked], NAMES)
    view = first_view(asked, conditions, verdicts(("none", "en", True), ("none", "ja", True)))
    assert conditions[view["way"]].label == "No steering · English"
    view = first_view(asked, conditions, verdicts(("none", "en", False), ("none", "ja", True)))
    assert conditions[view["way"]].label == "No steering · Japanese"
    view = first_view(asked, conditions, verdicts(("none", "en", False), ("none", "ja", False)))
    assert conditions[view["way"]].steering == "persona"


def test_every_way_has_its_sentence(asked: pl.DataFrame) -> None:
    conditions = conditions_of([asked], NAMES)
    told = answers(asked, conditions, verdicts(("none", "en", False)), NAMES, "leave_one_out")
    assert set(told) == {f"m\nlogprobs\n7\n{way}" for way in range(4)}
    assert told["m\nlogprobs\n7\n0"].startswith("These replies are no opinion")


def test_the_closest_is_that_of_rank_1() -> None:
    """Ranks compare countries on the items that each has; scores do not."""
    text = answer(rows(estimate=[0.8, 0.81], rank=[1, 2]), NAMES)
    assert "people in Japan" in text
