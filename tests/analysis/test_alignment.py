from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.stats import wasserstein_distance

from analysis.made_models import blend, model_from
from doxa.analysis import Settings, baseline_distributions, country_alignment
from doxa.errors import NoDataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doxa.questionnaire import QuestionBank

COLUMNS = [
    "model", "elicitation", "language", "steering", "target", "group", "reasoning", "country",
    "wave", "n_items", "estimate", "low", "high", "std_error", "ceiling", "baseline", "gap",
    "gap_low", "gap_high", "verdict", "p_under", "p_appropriate", "p_over", "ceiling_share",
    "ceiling_share_low", "ceiling_share_high", "rank", "rank_low", "rank_high", "baseline_kind",
    "resampled", "note",
]  # fmt: skip


def slow_alignment(
    p: Sequence[float], q: Sequence[float], question: str, bank: QuestionBank
) -> float:
    scale = bank.items[question].scale
    if scale.kind == "nominal":
        return 1 - float(np.abs(np.subtract(p, q)).sum()) / 2
    x = np.array(scale.positions)
    return 1 - float(wasserstein_distance(x, x, p, q)) / float(x[-1] - x[0])


def test_it_agrees_with_scipy_item_by_item(human: pl.DataFrame, bank: QuestionBank) -> None:
    wave7 = human.filter(wave=7)
    model = blend(model_from(human, "USA"), 0.3)
    table = country_alignment(model, human, bank)
    assert set(COLUMNS) <= set(table.columns)
    assert table["country"].to_list() == ["BGD", "COL", "JPN", "USA"]
    others = dict(
        baseline_distributions(wave7, bank)
        .filter(country="JPN")
        .select("question", "baseline")
        .iter_rows()
    )  # fmt: skip
    answered = dict(model.select("question", "probabilities").iter_rows())
    japan = wave7.filter(country="JPN").select("question", "probabilities")
    scores = [slow_alignment(answered[q], p, q, bank) for q, p in japan.iter_rows()]
    baselines = [slow_alignment(others[q], p, q, bank) for q, p in japan.iter_rows()]
    row = table.filter(country="JPN").row(0, named=True)
    assert row["n_items"] == len(bank.items)
    assert row["estimate"] == pytest.approx(np.mean(scores), abs=1e-12)
    assert row["baseline"] == pytest.approx(np.mean(baselines), abs=1e-12)
    assert row["gap"] == pytest.approx(row["estimate"] - row["baseline"], abs=1e-12)
    assert row["std_error"] == pytest.approx(np.std(scores) / np.sqrt(len(scores)), rel=0.1)
    assert row["low"] < row["estimate"] < row["high"]
    assert row["gap_low"] < row["gap"] < row["gap_high"]
    assert row["ceiling_share"] == row["estimate"] / row["ceiling"]
    assert row["p_under"] + row["p_appropriate"] + row["p_over"] == pytest.approx(1.0)


def test_a_model_that_answers_as_a_country_reaches_one_for_it(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = country_alignment(model_from(human, "JPN"), human, bank)
    row = table.filter(country="JPN").row(0, named=True)
    assert row["estimate"] == pytest.approx(1.0, abs=1e-12)
    assert 0.98 < row["ceiling"] < 1.0
    assert row["verdict"] == "over"
    assert row["p_over"] == 1.0
    assert row["note"] == ""


def test_the_average_of_the_others_is_appropriate_by_definition(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    average = baseline_distributions(human.filter(wave=7), bank).filter(country="COL")
    model = model_from(human, "COL").drop("probabilities").join(
        average.select("question", probabilities="baseline"), on="question"
    )  # fmt: skip
    row = country_alignment(model, human, bank).filter(country="COL").row(0, named=True)
    assert row["gap"] == pytest.approx(0.0, abs=1e-12)
    assert (row["verdict"], row["p_appropriate"]) == ("appropriate", 1.0)


def test_a_poor_model_is_under(human: pl.DataFrame, bank: QuestionBank) -> None:
    flipped = model_from(human, "USA").with_columns(pl.col("probabilities").list.reverse())
    table = country_alignment(flipped, human, bank)
    assert table["verdict"].unique().to_list() == ["under"]
    assert (table["p_under"] > 0.99).all()


def test_rows_of_an_elicitation_use_the_same_items(human: pl.DataFrame, bank: QuestionBank) -> None:
    whole = model_from(human, "USA")
    model = pl.concat([
        whole.head(60),
        model_from(human, "USA", language="ja").tail(100),
        model_from(human, "USA", elicitation="logprobs"),
    ])  # fmt: skip
    table = country_alignment(model, human, bank)
    n_items = dict(table.select("elicitation", "n_items").unique().iter_rows())
    assert n_items == {"verbalized": 60 + 100 - 144, "logprobs": 144}
    loose = country_alignment(model, human, bank, common_items=False)
    n_items = dict(
        loose.filter(elicitation="verbalized").select("language", "n_items").unique().iter_rows()
    )
    assert n_items == {"en": 60, "ja": 100}


def test_excluded_items_leave_both_sides(human: pl.DataFrame, bank: QuestionBank) -> None:
    table = country_alignment(
        model_from(human, "USA"), human, bank, settings=Settings(exclude_items=["Q1", "Q60"])
    )
    assert table["n_items"].unique().to_list() == [142]


def test_every_wave_may_be_scored(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = model_from(human, "USA")
    table = country_alignment(model, human, bank, common_items=False, settings=Settings(wave=None))
    assert table.height == 10
    fielded = human.group_by("wave", "country").len().rows()
    assert {(w, c): n for w, c, n in table.select("wave", "country", "n_items").rows()} == {
        (w, c): n for w, c, n in fielded
    }


def test_results_depend_on_the_seed_and_not_on_order(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = model_from(human, "USA")
    table = country_alignment(model, human, bank)
    shuffled = country_alignment(model.reverse(), human.sample(fraction=1, shuffle=True), bank)
    assert shuffled.equals(table)
    assert not country_alignment(model, human, bank, settings=Settings(seed=1)).equals(table)


def test_a_lone_country_has_no_baseline_and_the_table_says_so(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    row = country_alignment(
        model_from(human, "USA"), human.filter(country="JPN"), bank
    ).row(0, named=True)  # fmt: skip
    for name in ("baseline", "gap", "gap_low", "gap_high", "verdict", "p_under", "p_over"):
        assert row[name] is None
    assert row["estimate"] is not None
    assert row["note"] == "no other country to compare with: no baseline"


def test_one_item_has_no_interval_and_the_table_says_so(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    table = country_alignment(model_from(human, "USA").head(1), human, bank)
    for row in table.iter_rows(named=True):
        assert row["n_items"] == 1
        for name in ("low", "high", "std_error", "gap_low", "gap_high", "p_appropriate"):
            assert row[name] is None
        assert row["gap"] is not None
        assert row["note"] == "one item: no interval"


def test_a_country_without_the_items_keeps_a_row_that_says_so(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = model_from(human, "USA").filter(question="Q90")
    partial = human.filter(~((pl.col("country") == "JPN") & (pl.col("question") == "Q90")))
    table = country_alignment(model, partial, bank)
    row = table.filter(country="JPN").row(0, named=True)
    assert (row["n_items"], row["estimate"], row["note"]) == (0, None, "no item in common")
    other = model_from(human, "USA", language="ja").filter(question="Q6")
    with pytest.raises(NoDataError, match=r"no item is shared by all ways .* \(1 items\) has the"):
        country_alignment(pl.concat([model, other]), partial, bank)


def test_a_country_with_few_items_costs_the_others_none_and_is_ranked_on_its_own(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    """India has 15 of the 144 items in the published shares."""
    few = human.filter((pl.col("country") != "BGD") | pl.col("question").is_in(["Q1", "Q2", "Q3"]))
    model = model_from(human, "USA")
    table = country_alignment(model, few, bank)
    assert dict(table.select("country", "n_items").iter_rows()) == {
        "BGD": 3, "COL": 144, "JPN": 144, "USA": 144,
    }  # fmt: skip


def test_a_rank_compares_a_country_with_the_others_on_its_own_items(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    """A country that was asked hard items only isn't last for that."""
    items = [f"Q{number}" for number in range(1, 7)]
    hard, easy = items[:3], items[3:]
    near = {"BGD": 0.3, "COL": 0.2, "JPN": 0.1, "USA": 0.0}

    def shares(country: str, question: str) -> list[float]:
        first = near[country] + (0.65 if question in easy else 0.0)
        return [first, 0.0, 0.0, 1.0 - first]

    people = human.filter(pl.col("question").is_in(items)).with_columns(
        probabilities=pl.struct("country", "question").map_elements(
            lambda row: shares(row["country"], row["question"]), pl.List(pl.Float64)
        )
    )
    model = model_from(people, "USA").with_columns(probabilities=pl.lit([1.0, 0.0, 0.0, 0.0]))
    some = people.filter((pl.col("country") != "BGD") | pl.col("question").is_in(hard))
    table = country_alignment(model, some, bank)
    by_country = {row["country"]: row for row in table.iter_rows(named=True)}
    assert min(by_country, key=lambda name: by_country[name]["estimate"]) == "BGD"
    assert {name: row["rank"] for name, row in by_country.items()} == {
        "BGD": 1, "COL": 2, "JPN": 3, "USA": 4,
    }  # fmt: skip
    assert by_country["BGD"]["rank_high"] == 1


def test_shares_without_respondents_have_no_ceiling(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    unknown = human.with_columns(n_effective=pl.lit(None, pl.Float64))
    row = country_alignment(model_from(human, "USA"), unknown, bank).row(0, named=True)
    assert row["ceiling"] is row["ceiling_share"] is None
    assert row["note"] == "number of respondents unknown: no ceiling"


def test_unknown_respondents_are_not_drawn_and_the_row_says_so(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    japan = pl.col("country") == "JPN"
    unknown = human.with_columns(n_effective=pl.when(~japan).then("n_effective"))
    model = model_from(human, "USA")
    both = Settings(n_resamples=50, resample=("items", "respondents"))
    table = country_alignment(model, unknown, bank, settings=both)
    rows = {row["country"]: row for row in table.iter_rows(named=True)}
    assert rows["JPN"]["resampled"] == "items"
    assert rows["COL"]["resampled"] == "items, respondents"
    items = country_alignment(model, human, bank, settings=Settings(n_resamples=50))
    alone = items.row(by_predicate=japan, named=True)
    assert rows["JPN"]["std_error"] == pytest.approx(alone["std_error"], rel=0.01)
    with pytest.raises(NoDataError, match="the number of respondents is unknown"):
        country_alignment(model, unknown, bank, settings=Settings(resample="respondents"))


def test_nothing_to_compare_is_an_error_that_says_what_is_missing(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = model_from(human, "USA")
    with pytest.raises(NoDataError, match=r"for wave 4 .* the survey has waves 5, 6, 7"):
        country_alignment(model, human, bank, settings=Settings(wave=4))
    with pytest.raises(NoDataError, match="no reply could be used"):
        country_alignment(model.clear(), human, bank)
    one, other = model.filter(question="Q1"), human.filter(question="Q2")
    with pytest.raises(NoDataError, match="the model answered Q1; the survey has Q2"):
        country_alignment(one, other, bank, common_items=False)


def test_a_steering_may_be_scored_for_its_target_alone(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = pl.concat([
        model_from(human, "USA"),
        model_from(human, "JPN", steering="persona", target="JPN"),
    ])  # fmt: skip
    whole = country_alignment(model, human, bank)
    table = country_alignment(model, human, bank, targets_only=True)
    kept = whole.filter((pl.col("target") == "") | (pl.col("target") == pl.col("country")))
    ranks = ("rank", "rank_low", "rank_high")
    # A matrix product of fewer rows may round its sums otherwise.
    assert_frame_equal(table.drop(ranks), kept.drop(ranks), rel_tol=1e-12, abs_tol=0)
    assert table.filter(target="")["rank"].to_list() == kept.filter(target="")["rank"].to_list()
    assert table.filter(target="JPN").select(ranks).row(0) == (None, None, None)


@pytest.mark.parametrize("resample", ["respondents", ("items", "respondents")])
def test_respondents_are_drawn_in_every_country(
    human: pl.DataFrame, bank: QuestionBank, resample: str
) -> None:
    settings = Settings(resample=resample, n_resamples=100)  # type: ignore[arg-type]
    table = country_alignment(model_from(human, "USA"), human, bank, settings=settings)
    assert table["resampled"].unique().to_list() == [settings.resampled]
    floats = table.select("low", "high", "gap_low", "gap_high", "p_over")
    assert not any(column.is_null().any() for column in floats)
    # An alignment is biased downwards if people are a sample; the interval corrects this.
    plain = country_alignment(model_from(human, "USA"), human, bank)
    middle = (table["low"] + table["high"]) / 2
    assert (middle > (plain["low"] + plain["high"]) / 2).sum() >= 3


def test_the_threshold_separates_the_verdicts(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = blend(model_from(human, "USA"), 0.3)
    for threshold in (0.0, 0.05, 1.0):
        settings = Settings(threshold=threshold, n_resamples=20)
        table = country_alignment(model, human, bank, settings=settings)
        for gap, verdict in table.select("gap", "verdict").iter_rows():
            side = "over" if gap > 0 else "under"
            assert verdict == ("appropriate" if abs(gap) <= threshold else side)


def test_no_number_is_nan(human: pl.DataFrame, bank: QuestionBank) -> None:
    table = country_alignment(model_from(human, "USA").head(1), human, bank)
    floats = table.select(pl.selectors.float())
    assert not any(column.is_nan().any() for column in floats)


def test_few_effective_respondents_are_noted(human: pl.DataFrame, bank: QuestionBank) -> None:
    echo = human.filter(country="JPN").select(
        "question", "codes", "probabilities", "off_scale_mass",
        model=pl.lit("echo"), elicitation=pl.lit("verbalized"), language=pl.lit("ja"),
        steering=pl.lit("none"), target=pl.lit(""), group=pl.lit(""),
        reasoning=pl.lit("off"), n_replies=1,
    )  # fmt: skip
    size = pl.when(country="JPN").then(29.0).when(country="USA").then(30.0)
    table = country_alignment(echo, human.with_columns(n_effective=size.otherwise(40.0)), bank)
    notes = dict(table.select("country", "note").rows())
    assert "fewer than 30 effective respondents" in notes["JPN"]
    assert "respondents" not in notes["USA"]
    mixed = pl.when((pl.col("country") == "JPN") & (pl.col("question") == "Q1")).then(29.0)
    table = country_alignment(echo, human.with_columns(n_effective=mixed.otherwise(40.0)), bank)
    (told,) = table.filter(country="JPN")["note"]
    n_items = table.filter(country="JPN")["n_items"].item()
    assert f"1 of {n_items} items: fewer than 30 effective respondents" in told


def test_a_country_beside_its_groups_has_one_row(human: pl.DataFrame, bank: QuestionBank) -> None:
    split = pl.concat([
        human.with_columns(sex=pl.lit(None, pl.String)),
        human.filter(country="JPN").with_columns(sex=pl.lit("female")),
    ])  # fmt: skip
    table = country_alignment(model_from(human, "USA"), split, bank)
    assert table.select("country", "sex").rows() == [
        ("BGD", None), ("COL", None), ("JPN", None), ("JPN", "female"), ("USA", None),
    ]  # fmt: skip
    assert table["n_items"].min() == 144


def test_a_bound_in_a_note_has_two_digits(human: pl.DataFrame, bank: QuestionBank) -> None:
    shares = human.filter(wave=7).with_columns(
        n=pl.lit(None, pl.Float64), rounding=pl.lit(0.00012345)
    )
    notes = country_alignment(model_from(human, "USA"), shares, bank)["note"]
    assert notes.str.contains(r"rounded: off by 0\.000[1-9]{1,2} at most").all()
