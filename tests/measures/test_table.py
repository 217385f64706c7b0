from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from analysis.made_models import blend, model_from
from made_up import made_up_evaluation

from doxa.analysis import Settings, country_alignment
from doxa.errors import NoDataError
from doxa.measures import MAIN, chosen_measures, measure_table

if TYPE_CHECKING:
    from doxa.questionnaire import QuestionBank

FEW = Settings(n_resamples=60)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    e = made_up_evaluation()
    return measure_table(*e.sides, replies=e.replies, settings=e.settings)


def test_every_measure_has_rows_and_numbers_within_what_is_possible(table: pl.DataFrame) -> None:
    missing = set(chosen_measures("all")) - set(table["measure"])
    assert missing <= {"cronbach_alpha", "cronbach_alpha_people"}  # two countries there
    assert not any(column.is_nan().any() for column in table.select(pl.selectors.float()))
    assert table.filter(pl.col("low") > pl.col("high")).is_empty()
    within = {
        "opinionqa": (0, 1), "globalopinionqa": (0, 1), "worldvaluesbench": (0, 1), "pfs": (0, 1),
        "a_bias": (0, 1),
    }  # fmt: skip
    for name, (least, most) in within.items():
        part = table.filter(set=name)
        assert part["estimate"].drop_nulls().is_between(least, most + 1e-12).all()
    shares = table.filter(pl.col("measure").is_in(["support_collapse", "modal_collapse"]))
    assert shares["low"].drop_nulls().min() >= 0
    assert set(MAIN) <= set(table["measure"])


def test_rows_stand_in_the_order_of_the_registry(table: pl.DataFrame) -> None:
    order = {name: place for place, name in enumerate(chosen_measures("all"))}
    keys = table.columns[: table.columns.index("set")]
    places = table.with_columns(place=pl.col("measure").replace_strict(order))
    assert places.group_by(keys).agg(pl.col("place").is_sorted())["place"].all()
    assert table.columns[:7] == [
        "model", "elicitation", "language", "steering", "target", "group", "reasoning",
    ]  # fmt: skip


def test_representativeness_is_the_alignment_of_the_other_tables() -> None:
    e = made_up_evaluation()
    names = ["opinionqa_representativeness"]
    ours = measure_table(*e.sides, measures=names, by_country=True, settings=e.settings)
    theirs = country_alignment(*e.sides, targets_only=True, settings=e.settings)
    keys = [*ours.columns[:7], "survey", "wave", "country"]
    both = ours.join(theirs.filter(pl.col("n_items") > 0), on=keys, suffix="_theirs")
    assert both.height == ours.height
    for name in ("estimate", "low", "high", "n_items"):
        expected = both[f"{name}_theirs"].to_list()
        assert both[name].to_list() == pytest.approx(expected)


@pytest.mark.parametrize("resample", ["items", ("items", "respondents"), "respondents"])
def test_equal_shares_are_nothing_whatever_is_drawn(
    human: pl.DataFrame, bank: QuestionBank, resample: object
) -> None:
    flat = blend(model_from(human, "USA"), 1.0)
    settings = Settings(n_resamples=40, resample=resample)
    names = ["simbench", "subpop_gap_closed", "opinionqa_representativeness"]
    table = measure_table(flat, human, bank, measures=names, by_country=True, settings=settings)
    for measure in ("simbench", "subpop_gap_closed"):
        rows = table.filter(measure=measure)
        numbers = rows.select("estimate", "low", "high").to_numpy()
        assert numbers == pytest.approx(0 * numbers, abs=1e-9)
    drawn = table.filter(measure="opinionqa_representativeness")["resampled"].unique().to_list()
    assert drawn == [settings.resampled]


def test_a_model_that_is_the_people(human: pl.DataFrame, bank: QuestionBank) -> None:
    countries = ("BGD", "COL", "JPN", "USA")
    echo = pl.concat([model_from(human, c, steering="persona", target=c) for c in countries])
    table = measure_table(echo, human, bank, settings=FEW).filter(pl.col("at") == "")
    found = dict(table.select("measure", "estimate").iter_rows())
    ones = (
        "opinionqa_representativeness", "globalopinionqa_similarity", "pfs_accuracy",
        "pfs_adaptability", "pfs_structure", "pfs", "pfs_of_means", "sd_ratio", "entropy_ratio",
        "collision_ratio", "between_group_ratio", "within_group_ratio", "gap_inflation",
    )  # fmt: skip
    assert [found[name] for name in ones] == pytest.approx([1] * len(ones))
    assert found["simbench"] == pytest.approx(100)
    zeros = ("subpop_distance", "eta_squared_difference", "cramers_v_difference", "modal_collapse")
    assert [found[name] for name in zeros] == pytest.approx([0] * 4, abs=1e-12)
    assert found["subpop_gap_closed"] > 1  # closer than a sample of the people would be


def test_what_the_data_do_not_allow_is_told_or_left_out(
    human: pl.DataFrame, bank: QuestionBank
) -> None:
    model = model_from(human, "USA")
    every = measure_table(model, human, bank, settings=FEW)
    assert not set(every["set"]) & {"pfs", "groups", "reliability", "a_bias"}
    with pytest.raises(NoDataError, match="steer towards two or more targets"):
        measure_table(model, human, bank, measures="pfs", settings=FEW)
    with pytest.raises(NoDataError, match="single replies are not known"):
        measure_table(model, human, bank, measures="icc_oneway", settings=FEW)
    few = measure_table(
        model.head(3), human, bank, measures="simbench", by_country=True, settings=FEW
    )
    assert few["low"].null_count() == few.height
    assert "fewer than five items: no interval" in few["note"].to_list()


def test_the_seed_fixes_every_draw(human: pl.DataFrame, bank: QuestionBank) -> None:
    model = blend(model_from(human, "USA"), 0.3)
    names = ["simbench", "sd_ratio", "opinionqa_consistency"]
    tables = [measure_table(model, human, bank, measures=names, settings=FEW) for _ in range(2)]
    assert tables[0].equals(tables[1])


def test_forms_are_drawn_where_a_metric_is_averaged() -> None:
    e = made_up_evaluation()
    settings = Settings(n_resamples=30, resample=("items", "forms"))
    names = ["simbench", "sd_ratio"]
    table = measure_table(*e.sides, measures=names, settings=settings)
    drawn = dict(table.select("measure", "resampled").unique().iter_rows())
    assert drawn["simbench"] == "items, forms"
    assert drawn["sd_ratio"] == drawn["simbench_low_entropy"] == "items"
    notes = table.filter(measure="simbench")["note"]
    assert notes.str.contains("is not in the interval").any()
